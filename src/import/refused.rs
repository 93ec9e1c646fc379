//! Tasks of a document that the index can't take, and the table of them that can be mended and imported.

use std::borrow::Cow;
use std::io::Write;

use crate::export::Cells;
use crate::model::{InputError, Result, Role};

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

/// Writes refused tasks as a table in CSV, which [`table`](crate::table) reads: key, task, a column per role, deadline, line
/// and reason. Units of one cell are separated by semicolons.
///
/// # Errors
/// [`Error::Io`](crate::Error::Io) when the writer fails.
pub fn write_refused(refused: &[RefusedTask], mut out: impl Write) -> Result<()> {
    let mut cells = Cells::csv(&mut out, false);
    let roles = Role::ALL.map(|role| role.to_string());
    let titles =
        ["key", "task"].into_iter().chain(roles.iter().map(String::as_str)).chain(["deadline", "line", "reason"]);
    cells.row(&titles.map(Cow::Borrowed).collect::<Vec<_>>())?;
    for task in refused {
        let of_role = |role: Role| {
            let units = task.units.iter().filter(|(_, of)| *of == role).map(|(unit, _)| unit.as_str());
            Cow::Owned(units.collect::<Vec<_>>().join("; "))
        };
        let reasons = task.reasons.iter().map(Refusal::to_string).collect::<Vec<_>>().join("; ");
        let row =
            [Cow::Borrowed(task.task.as_str()), Cow::Borrowed(&task.title)].into_iter().chain(Role::ALL.map(of_role));
        let end = [Cow::Borrowed(task.deadline.as_str()), Cow::Owned(task.line.to_string()), Cow::Owned(reasons)];
        cells.row(&row.chain(end).collect::<Vec<_>>())?;
    }
    cells.finish()
}
