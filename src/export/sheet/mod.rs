//! The index as tables: CSV, Markdown and, with feature `xlsx`, workbooks, with a report of what is not read back from them.
//!
//! `rows` makes the rows, `cells` writes them as text, `workbook` as sheets, `loss` has what is reported, `write` and `xlsx`
//! have the calls.

mod cells;
mod loss;
mod options;
mod rows;
#[cfg(feature = "xlsx")]
mod workbook;
mod write;
#[cfg(feature = "xlsx")]
mod xlsx;

#[cfg(feature = "csv")]
pub(crate) use self::cells::Cells;
pub use self::loss::Loss;
pub use self::options::{Shape, TableOptions, TableReport};
