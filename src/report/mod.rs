//! Reports that fall due: who owes one, for which day, and whose is missing.
//!
//! An [`Obligation`] says who owes a report, to whom, and on which days. Who that is follows from the index itself: the units
//! that lead tasks, the members of a collective. A [`Report`] is the answer of a unit for a due day. Both are changed in
//! [batches](crate::Batch::set_obligation), so they have history, and a reform moves obligations with the units.
//!
//! Days are civil days: there is no clock and no time zone. The caller says what day it is. A due day itself is in time.
//!
//! ```
//! use jiff::civil::date;
//! use responsibility_index::Index;
//! use responsibility_index::report::{Answer, Due, Obligation, Report};
//!
//! let index = Index::in_memory();
//! index.assign("plan/1", ["Transport", "Finance"])?;
//! index.assign("plan/2", ["Police"])?;
//! let yearly = Obligation::new("plan/yearly", Due::yearly([(11, 30)]))
//!     .leads_below("plan/")
//!     .to("Government")
//!     .from(date(2016, 3, 28));
//! let due = date(2016, 11, 30);
//! index.batch()
//!     .set_obligation(yearly)
//!     .report(Report::new("plan/yearly", "Transport", due, Answer::Received(date(2016, 11, 28))))
//!     .commit()?;
//!
//! let view = index.view();
//! let missing = view.owed("plan/yearly", due)?.into_iter().filter(|owed| owed.report.is_none());
//! assert_eq!(missing.map(|owed| owed.unit.name()).collect::<Vec<_>>(), ["Police"]);
//! assert!(view.overdue(due).is_empty(), "the due day is in time");
//! assert_eq!(view.overdue(date(2016, 12, 1)).len(), 1);
//! assert_eq!(view.next_due(date(2016, 12, 1)), [("plan/yearly", date(2017, 11, 30))]);
//! # Ok::<(), responsibility_index::Error>(())
//! ```
//!
//! # Who owed it then
//!
//! Who owes depends on the view. For the debtors of a day in the past take the view of that day, with the reports of today:
//! `index.view_on(due)?.with_reports_of(&index.view()).owed("plan/yearly", due)?`.
//!
//! A unit that was merged before the due day does not owe; its successor does, and [`Owed::earlier`] has what predecessors
//! filed for that day. A unit that has ended and still leads undecided tasks owes.

mod owed;

pub use self::owed::{ObligationRef, Owed, Why};
pub use crate::model::{Answer, Due, Obligation, OwedBy, Report};
