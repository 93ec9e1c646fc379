//! The index as tables: CSV and Markdown, with a report of what is not read back from them.
//!
//! `rows` makes the rows, `cells` writes them in a format, `write` has the calls.

mod cells;
mod options;
mod rows;
mod write;

pub(crate) use self::cells::Cells;
pub use self::options::{Loss, Shape, TableOptions, TableReport};
