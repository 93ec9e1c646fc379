//! The table of refused tasks, which can be mended and imported.

use std::borrow::Cow;
use std::io::Write;

use crate::export::Cells;
use crate::model::{Result, Role};

use super::refused::{Refusal, RefusedTask};

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
