//! Tasks of a document that the index can't take.

use crate::model::{InputError, Role};

use super::source::Stated;

/// A task of a document that the index can't take. Nothing of it is imported.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RefusedTask {
    /// Its key.
    pub task: String,
    /// Its line in the document, from 1.
    pub line: u32,
    /// Its column in characters, from 1.
    pub column: u32,
    /// The units as written, the lead first.
    pub units: Vec<(String, Role)>,
    /// Its title.
    pub title: String,
    /// The time by which it is due, as written; empty where there is none.
    pub deadline: String,
    /// The reasons.
    pub reasons: Vec<Refusal>,
}

/// The reason why a task is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// A value that the index does not take: an unknown unit, a name or text that is too long.
    #[error(transparent)]
    Input(#[from] InputError),
    /// Another task of the document has this key.
    #[error("the task on line {first} has this key already")]
    KeyTwice {
        /// The line of the other task.
        first: u32,
    },
}

impl RefusedTask {
    pub(super) fn of(stated: &Stated<'_>, reasons: Vec<Refusal>) -> RefusedTask {
        let deadline = stated.fields.iter().find(|(name, _)| *name == "deadline");
        RefusedTask {
            task: stated.key.clone(),
            line: stated.line,
            column: stated.column,
            units: stated.units.iter().map(|(unit, role)| ((*unit).to_owned(), *role)).collect(),
            title: stated.title.to_owned(),
            deadline: deadline.map_or_else(String::new, |(_, value)| value.clone().into_owned()),
            reasons,
        }
    }
}

impl std::fmt::Display for RefusedTask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}: {}: ", self.line, self.column, self.task)?;
        self.reasons.iter().enumerate().try_for_each(|(at, reason)| {
            if at > 0 {
                f.write_str("; ")?;
            }
            write!(f, "{reason}")
        })
    }
}
