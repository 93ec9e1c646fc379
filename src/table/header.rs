//! Finds the header of a table.
//!
//! Input: a table. Output: the rows of its header and a title for each column. The header is the row that the caller
//! tells, or that has the headers that the caller maps, or the row before the marks of a chart, or the first row with a
//! title of units. A title can be in the row above, over several columns. Cost: at most [`LOOKED_AT`] rows are searched.

use super::columns::Columns;
use super::grid::{Copied, Row, Table};
use super::meaning::Meaning;
use super::place::Place;
use super::title::{self, Sure};

/// The most rows that are searched for a header, and that tell what a column holds.
pub(super) const LOOKED_AT: usize = 200;

/// A longer first cell between rows is none of a header, in bytes.
const LONGEST_FIRST: usize = 60;

/// The header of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// Its first row.
    pub(super) first: usize,
    /// The first row behind it.
    pub(super) end: usize,
    pub(super) titles: Vec<(String, Place)>,
}

/// The cells of a row that have text and are no copies from the left.
pub(super) fn distinct(row: Row<'_>) -> usize {
    row.cells().filter(|cell| !cell.is_empty() && cell.copied() != Some(Copied::FromLeft)).count()
}

/// The header that the caller tells or maps.
pub(super) fn told(table: &Table, columns: &Columns) -> Option<Header> {
    if let Some(row) = columns.header_row() {
        let Some(row) = row.checked_sub(1) else { return Some(without(table)) };
        return Some(of_rows(table, row, row + 1));
    }
    if !columns.headers().is_empty() {
        let found = (0..table.rows().len().min(LOOKED_AT)).find(|at| {
            let row = table.row(*at);
            columns.headers().iter().all(|wanted| {
                let is_wanted =
                    |text: &str| columns.of_header(text).is_some() && super::columns::plain(text) == wanted.plain;
                row.cells().any(|cell| is_wanted(cell.text()))
            })
        });
        if let Some(row) = found {
            return Some(of_rows(table, row, row + 1));
        }
    }
    None
}

/// A header without titles, for as many columns as the first row has.
fn without(table: &Table) -> Header {
    let titles = table.row(0).cells().map(|cell| (String::new(), cell.place())).collect();
    Header { first: 0, end: 0, titles }
}

/// The first row, as a header.
pub(super) fn first_row(table: &Table) -> Header {
    of_rows(table, 0, 1)
}

/// The first row with a title of units, or of persons; where there is none, of a department or team in a row with a task.
pub(super) fn titled(table: &Table) -> Option<Header> {
    let rows = || (0..table.rows().len().min(LOOKED_AT)).filter(|at| distinct(table.row(*at)) > 1);
    let row = rows().find(|at| names_units(table.row(*at), Sure::Qualified)).or_else(|| {
        let has_task = |row: Row<'_>| {
            row.cells()
                .filter_map(|cell| title::read(cell.text()))
                .any(|title| matches!(title.meaning, Meaning::Task | Meaning::Title | Meaning::Key | Meaning::Number))
        };
        rows().find(|at| names_units(table.row(*at), Sure::Perhaps) && has_task(table.row(*at)))
    })?;
    let next = table.row(row + 1);
    let grouped = table.row(row).cells().any(|cell| cell.copied() == Some(Copied::FromLeft) || cell.is_empty());
    let end = if grouped && goes_on(next) { row + 2 } else { row + 1 };
    Some(of_rows(table, row, end))
}

/// Whether a row has a title of units that is at least so sure.
fn names_units(row: Row<'_>, sure: Sure) -> bool {
    row.cells()
        .filter_map(|cell| title::read(cell.text()))
        .any(|title| (title.meaning.tells_lead() || title.meaning == Meaning::Person) && title.sure <= sure)
}

/// Whether a row below a header is a part of it: all its own cells are titles, one of them of units.
fn goes_on(row: Row<'_>) -> bool {
    let own = || row.cells().filter(|cell| !cell.is_empty() && cell.copied().is_none());
    let titles = || own().map(|cell| title::read(cell.text()));
    own().count() > 0
        && titles().all(|title| title.is_some())
        && titles().flatten().any(|title| title.meaning.names_units())
}

/// Whether a row repeats a header.
pub(super) fn repeats(row: Row<'_>, header: &Header) -> bool {
    let mut titles = header.titles.iter();
    row.len() == header.titles.len()
        && row.cells().all(|cell| titles.next().is_some_and(|(title, _)| title == cell.text()))
}

/// Whether a row between rows is the header of another table: it has exact titles of a lead and of a task.
pub(super) fn begins_table(row: Row<'_>) -> bool {
    // Nearly all rows are told by their first cell.
    let Some(first) = row.cells().find(|cell| !cell.is_empty()) else { return false };
    let is_long = |text: &str| text.len() > LONGEST_FIRST || text.bytes().any(|b| b.is_ascii_digit());
    if is_long(first.text()) || title::read(first.text()).is_none() {
        return false;
    }
    // A letter alone is a mark of a chart.
    let words = || row.cells().map(|cell| cell.text()).filter(|text| text.len() > 1);
    let titles = || words().filter_map(title::read).filter(|title| title.sure == Sure::Exactly);
    let is_task = |meaning| matches!(meaning, Meaning::Task | Meaning::Title | Meaning::Key | Meaning::Number);
    distinct(row) > 1
        && titles().any(|title| title.meaning.tells_lead())
        && titles().any(|title| is_task(title.meaning))
        && 2 * titles().count() >= distinct(row)
}

/// The header in these rows: for each column the lowest title.
pub(super) fn of_rows(table: &Table, first: usize, end: usize) -> Header {
    let width = (first..end).map(|at| table.row(at).len()).fold(0, usize::max);
    let mut titles: Vec<(String, Place)> = Vec::with_capacity(width);
    for column in 0..width {
        let cells = || (first..end).rev().filter_map(|at| table.row(at).cell(column));
        let cell = cells().find(|cell| !cell.is_empty()).or_else(|| cells().next());
        debug_assert!(cell.is_some(), "column {column}: the widest row has a cell in each column");
        titles.extend(cell.map(|cell| (cell.text().to_owned(), cell.place())));
    }
    Header { first, end, titles }
}

/// A table of two columns whose titles are on the left, with a row for the titles and one for the cells.
pub(super) fn upright(table: &Table) -> Option<Table> {
    const MOST_ROWS: usize = 64;
    let rows = table.rows();
    if !(2..=MOST_ROWS).contains(&rows.len()) || rows.clone().any(|row| row.len() != 2) {
        return None;
    }
    let left = || rows.clone().filter_map(|row| row.cell(0)).map(|cell| title::read(cell.text()));
    let leads = left().flatten().filter(|title| title.meaning.tells_lead() && title.sure <= Sure::Qualified).count();
    let has_title_on_right = table.row(0).cell(1).is_some_and(|cell| title::read(cell.text()).is_some());
    if leads != 1 || has_title_on_right || 2 * left().flatten().count() <= rows.len() {
        return None;
    }
    let mut turned = Table::new(table.title());
    for column in 0..2 {
        for cell in rows.clone().filter_map(|row| row.cell(column)) {
            turned.push(cell.text(), cell.place()).ok()?;
        }
        turned.end_row();
    }
    Some(turned)
}
