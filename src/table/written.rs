//! Tells how the readers of this module take cells, for tables that are written: a writer can report what is not read
//! back as it was. Decides nothing.

use super::grid::Table;
use super::header;
use super::letters;
use super::lexicon::is_space;
use super::markdown;
use super::meaning::Meaning;
use super::names;
use super::place::Place;
use super::title;
use super::units::Units;

/// The sheet of a written workbook that has the long form. Its name is no section of a plan.
pub(crate) const TASKS_SHEET: &str = "tasks";
/// The sheet of a written workbook that has the wide form, of the same tasks.
#[cfg(feature = "xlsx")]
pub(crate) const MATRIX_SHEET: &str = "matrix";

/// The titles and meanings of the first columns of the wide form. The others are units.
pub(crate) const TEXTS_OF_WIDE: [(&str, Meaning); 3] =
    [("task", Meaning::Key), ("title", Meaning::Title), ("deadline", Meaning::Deadline)];

/// The names that a cell of units gives; `None` where the cell says more, such as a role.
pub(crate) fn names_in(cell: &str) -> Option<Vec<String>> {
    let mut notes = Vec::new();
    let (mut units, mut named) = (Units::default(), Vec::new());
    units.read(cell.trim_matches(is_space), false, &mut named, &mut notes);
    let plain = notes.is_empty() && named.iter().all(|named| named.part.is_none());
    plain.then(|| named.iter().map(|named| units.get(named.unit).name.to_string()).collect())
}

/// Whether a key, or the name of a unit in a header, is read as it is.
pub(crate) fn keeps_text(text: &str) -> bool {
    names::clean(text.trim_matches(is_space)) == text
}

/// The text that a cell gives in a column of titles or deadlines.
pub(crate) fn text_in(meaning: Meaning, cell: &str) -> &str {
    let text = cell.trim_matches(is_space);
    if meaning == Meaning::Deadline && letters::is_nothing(text) { "" } else { text }
}

/// Whether a row with these cells is read as the header of another table.
pub(crate) fn is_header(cells: &[&str]) -> bool {
    // Nearly all rows are told by their first cell.
    if cells.first().is_none_or(|first| title::read(first).is_none()) {
        return false;
    }
    let mut table = Table::new("");
    let row = cells.iter().try_for_each(|cell| table.push(cell, Place::default()));
    table.end_row();
    row.is_ok() && header::begins_table(table.row(0))
}

/// Whether a row of a chart with this cell alone is read as an explanation of marks.
pub(crate) fn reads_as_legend(text: &str) -> bool {
    letters::legend(text).is_some()
}

/// The text of a cell of Markdown.
pub(crate) fn markdown_text(cell: &str) -> String {
    markdown::plain(cell)
}
