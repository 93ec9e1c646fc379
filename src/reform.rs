//! Reforms of organisations: units are renamed, merged, split, abolished, or hand over tasks.
//!
//! **Identity.** A unit that goes on under another name is *renamed*: it is the same unit, and no task changes. A unit that is
//! replaced is *reformed*: it ends, and its successors are recorded. A [`Reform`] of one unit that becomes one new name is a
//! rename, and done as one.
//!
//! # Rules
//!
//! 1. *Places.* In each task the place of a source goes to its results; later places of the same unit drop, and the first
//!    place keeps the strongest role. The order of all others is kept. Several results at the place of a lead: the first
//!    leads, the others support; elsewhere all take the role of the place. So a task that was assigned stays assigned.
//! 2. *One result* gets everything. Of *several*, a result gets what a [rule](Reform::give) gives it, or what it had: a source
//!    that is also a result goes on and keeps what no rule gives away. *No result*: the sources are abolished; rules give
//!    their tasks away, or [drop](Reform::drop_support) them from tasks that they do not lead.
//! 3. A task that no rule decides refuses the reform, unless it [leaves them undecided](Reform::leave_undecided). Then the
//!    ended unit keeps its place, and [`View::undecided`](crate::View::undecided) lists the task until somebody decides.
//! 4. *Names.* The names of sources that end become aliases of a single result, so that older documents are still
//!    understood. With several results or none they stay with the ended unit, which can be asked for and not be assigned
//!    ([`InputError::UnitEnded`](crate::InputError::UnitEnded)). So a second reform of one source in a batch is one of its
//!    single successor, and an error where there are several or none. A result may take the name of an ended unit that nothing
//!    names, or a name that another unit had before: names do come back.
//! 5. In collectives the results take the places of sources that end. A collective that is the only result gets the members
//!    of the collectives that end. In [obligations](crate::report) the results owe instead; a recipient changes where there is
//!    one result.
//! 6. A reform that ends a unit or creates one is recorded: [`UnitRef::predecessors`](crate::UnitRef::predecessors),
//!    [`UnitRef::successors`](crate::UnitRef::successors), [`View::reforms`](crate::View::reforms).
//!
//! A reform is one edit of a batch. So it can be planned first, it applies with all other edits of the batch or not at all,
//! and [`revert`](crate::Batch::revert) takes it back. Later edits of the batch see its effect. A rule that has no task of
//! its sources changes nothing and is no error: [`Effect::tasks`](crate::Effect::tasks) of the plan shows it.
//!
//! ```
//! use jiff::civil::date;
//! use responsibility_index::Index;
//! use responsibility_index::reform::Reform;
//!
//! let index = Index::in_memory();
//! index.assign("plan/1", ["Works", "Finance"])?;
//! index.assign("plan/2", ["Finance", "Works"])?;
//! let split = Reform::of(["Works"]).becomes(["Roads", "Railways"]).give("plan/1", ["Roads"]);
//! let refused = index.batch().reform(split.clone()).commit().unwrap_err();
//! assert!(refused.to_string().contains("no rule says who takes over 1 of its tasks, such as plan/2"));
//!
//! let done = index.batch()
//!     .note("2018 reform", "cabinet")
//!     .in_force_from(date(2018, 11, 5))
//!     .reform(split.rest("Railways"))
//!     .commit()?;
//! let view = index.view();
//! assert_eq!(view.lead("plan/1"), Some("Roads"));
//! assert!(view.supporting("plan/2").eq(["Railways"]));
//! let works = view.unit("Works")?;
//! assert_eq!(works.ended().and_then(|ended| ended.day), Some(date(2018, 11, 5)));
//! assert_eq!(works.successors().map(|unit| unit.name()).collect::<Vec<_>>(), ["Roads", "Railways"]);
//!
//! index.batch().revert(done.revision()).commit()?;
//! assert_eq!(index.lead("plan/1").as_deref(), Some("Works"));
//! # Ok::<(), responsibility_index::Error>(())
//! ```
//!
//! **Import of an older document after a reform.** Names of one unit in a task count once, at the first place; the import
//! [says so](crate::import).

pub use crate::edit::{Reform, Tasks};
