//! The text outside tables: lines with their places. A plain value.

use super::grid::Table;
use super::place::Place;

/// A line outside tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its text, without white space at its ends.
    pub text: String,
    /// Its place.
    pub place: Place,
}

/// Tables and lines while a text is read, in its order.
#[derive(Debug, Default)]
pub(super) struct Parts {
    pub(super) tables: Vec<Table>,
    pub(super) lines: Vec<Line>,
    /// The last heading, which is the title of the next table.
    pub(super) heading: String,
}
