//! The responsibility matrix as an HTML page: one file without scripts, which loads nothing.
//!
//! Input: the tasks of a section, or a plan. Output: HTML that a browser shows, prints and reads aloud; see
//! [`View::page`](crate::View::page). `layout` counts, `sections` groups, `table`, `grid` and `change` draw, `out` makes
//! texts inert.

mod change;
mod frame;
mod grid;
mod layout;
mod options;
mod out;
mod sections;
mod style;
mod table;
mod texts;
mod write;

pub use self::options::{PageForm, PageOptions, PageReport};
