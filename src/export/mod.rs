//! The way out of an index: JSON Lines and back, tables, and a page to look at. Knows nothing of rows.
//!
//! | for | call | loses |
//! | --- | --- | --- |
//! | another index, comparing, keeping | [`Index::export_jsonl`](crate::Index::export_jsonl) | the past |
//! | spreadsheets and documents | [`View::csv`](crate::View::csv), [`View::markdown`](crate::View::markdown), with feature `xlsx` `View::xlsx` | see there, and [`TableReport`] |
//! | people: screen, paper, links | [`View::page`](crate::View::page), [`View::pages`](crate::View::pages) | it is not read back |
//! | people, before a commit | [`Effect::page`](crate::Effect::page) | it is not read back |
//!
//! # JSON Lines
//!
//! The first line names the format. Then come the units in the order of their names, each followed by its aliases, and
//! the tasks in the order of their keys, each followed by its details if it has any:
//!
//! ```json
//! {"format":"responsibility-index","version":1}
//! {"unit":"Finance","kind":"body"}
//! {"unit":"Finance","alias":"Treasury"}
//! {"unit":"Transport","kind":"body"}
//! {"task":"plan/1","lead":"Transport","supporting":["Finance"],"informed":["Health"]}
//! {"task":"plan/1","details":{"title":"Bridges","text":"","fields":{"deadline":"2016-11-30"}}}
//! {"task":"plan/2","lead":null}
//! ```
//!
//! A task has a list for each role that units have in it: `co-leads`, `supporting`, `consulted`, `informed`. The lead of a
//! vacant task is `null`.
//!
//! Units whose names other units took over are listed after all other units, by a name and a number that distinguishes
//! those of the same name. The members of collectives follow the units. At the end come the ends of units, which tasks
//! may still name, then reforms, obligations and reports:
//!
//! ```json
//! {"ended":"Roads","number":1,"kind":"body","day":"2018-11-05"}
//! {"collective":"Cities","members":["Fuzhou","Xiamen"]}
//! {"unit":"Works","end":"2018-11-05"}
//! {"reform":{"from":[{"ended":"Roads","number":1}],"to":["Transport"],"day":"2018-11-05"}}
//! {"obligation":{"name":"plan/yearly","owed-by":[{"leads-below":"plan"}],"to":"Government","due":{"yearly":[[11,30]]},"from":"2016-03-28"}}
//! {"report":{"obligation":"plan/yearly","unit":"Transport","due":"2018-11-30","answer":{"received":"2018-11-28"}}}
//! ```
//!
//! The same facts give the same bytes. So two exports can be compared line by line, and an export that is imported into an
//! empty index is exported again unchanged. An import takes tasks in any order; the line of details must follow the line of
//! its task, and a line has at most 64 MiB. Past commits and revision numbers are not included: use a
//! [backup](crate::Index::backup).

mod asked;
mod colours;
mod gather;
mod lines;
mod organisation;
mod page;
mod sheet;

pub(crate) use self::lines::{Fact, export, import};
pub(crate) use self::organisation::{Label, ObligationLine, OrganisationLine, OwedByLine};
pub use self::page::{PageForm, PageOptions, PageReport};
#[cfg(feature = "csv")]
pub(crate) use self::sheet::Cells;
pub use self::sheet::{Loss, Shape, TableOptions, TableReport};
