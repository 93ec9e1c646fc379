//! Rows that can't be used, and the choice between stopping at the first one and collecting them all.

use crate::model::{Corrupt, Error, Result};

use super::format::Row;

/// A row that can't be used, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Defect {
    pub(crate) key: String,
    pub(crate) why: String,
}

impl Defect {
    pub(crate) fn new(key: impl ToString, why: impl ToString) -> Defect {
        Defect { key: key.to_string(), why: why.to_string() }
    }

    /// The defect that an error tells of; an error that tells of something else is returned.
    pub(super) fn of(row: Row, error: Error) -> Result<Defect> {
        match error {
            Error::Corrupt(Corrupt::Row { key, why }) => Ok(Defect { key, why }),
            Error::Corrupt(other) => Ok(Defect::new(row, other)),
            other => Err(other),
        }
    }
}

/// How a reader treats rows that can't be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// The first defect is the error. Rows are read as the engine lists them.
    Strict,
    /// Defects are collected. Each row is read by itself, so that one that can't be read hides no other.
    Lenient,
}

/// Takes defects: the first one is the error, or all are kept.
#[derive(Debug)]
pub(crate) struct Defects {
    mode: Mode,
    pub(crate) list: Vec<Defect>,
}

impl Defects {
    pub(crate) fn new(mode: Mode) -> Defects {
        Defects { mode, list: Vec::new() }
    }

    pub(crate) fn mode(&self) -> Mode {
        self.mode
    }

    /// Keeps what was read of a row; `None` is a defect that was noted.
    pub(crate) fn keep<T>(&mut self, row: Row, read: Result<T>) -> Result<Option<T>> {
        match (read, self.mode) {
            (Ok(value), _) => Ok(Some(value)),
            (Err(error), Mode::Strict) => Err(error),
            (Err(error), Mode::Lenient) => {
                self.list.push(Defect::of(row, error)?);
                Ok(None)
            }
        }
    }
}
