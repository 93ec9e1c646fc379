//! The columns of a table: splits a line into cells and reads a header. Pure functions of text and marks.

use crate::notice::heading::{Marker, Style, han_number, marker_at};
use crate::notice::label;
use crate::notice::lexicon::{self, Part};
use crate::notice::members::Listed;
use crate::notice::text::{Span, contains_any};
use crate::notice::token::{Kind, Token};

/// The content of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Number,
    Task,
    Units(Part, Listed),
    /// Neither of these: it is not read.
    Other,
}

impl Column {
    /// Whether it names responsible units.
    pub(super) fn names_units(self) -> bool {
        matches!(self, Column::Units(Part::Lead | Part::Unmarked | Part::Support, _))
    }
}

/// The columns that a header names.
#[derive(Clone, Debug)]
pub(super) struct Table {
    columns: Vec<Column>,
    /// The header, until a row of it comes: a header without rows is not read.
    pub(super) header: Option<Span>,
}

/// A line of more cells is no row.
const MOST_CELLS: usize = 40;
/// A longer cell, in bytes (20 Chinese characters), is no title of a column.
const LONGEST_TITLE: usize = 60;

/// The cells of a line whose marks begin with `tokens`; `None` when it isn't a row of a table.
pub(super) fn cells(text: &str, tokens: &[Token], line: Span) -> Option<Vec<Span>> {
    let mut cells = Vec::new();
    let mut at = line.start;
    let separators = tokens.iter().take_while(|t| t.at < line.end).filter(|t| matches!(t.kind, Kind::Tab | Kind::Pipe));
    let mut piped = false;
    for token in separators.take(MOST_CELLS + 2) {
        piped |= token.kind == Kind::Pipe;
        cells.push(Span::new(at, token.at).trim(text));
        at = token.end();
    }
    cells.push(Span::new(at, line.end).trim(text));
    if piped {
        // Bars can be around a row as well as within it.
        if cells.last().is_some_and(Span::is_empty) {
            cells.pop();
        }
        if cells.first().is_some_and(Span::is_empty) {
            cells.remove(0);
        }
    }
    (2..=MOST_CELLS).contains(&cells.len()).then_some(cells)
}

/// Whether a row does nothing but separate the header from the rows below: `| --- | :-: |`.
pub(super) fn is_rule(text: &str, cells: &[Span]) -> bool {
    cells.iter().all(|cell| cell.of(text).chars().all(|c| c == '-' || c == ':'))
}

impl Table {
    /// Reads a header, which is a line: a row in which a cell is nothing but a label for units. Without a column for tasks the last
    /// unnamed one before the first column of units is it.
    pub(super) fn header(text: &str, line: Span, cells: &[Span]) -> Option<Table> {
        let mut columns: Vec<Column> = cells.iter().map(|cell| column(cell.of(text))).collect();
        let first = columns.iter().position(|column| column.names_units())?;
        if !columns.contains(&Column::Task)
            && let Some(task) = columns.iter_mut().take(first).rev().find(|c| **c == Column::Other)
        {
            *task = Column::Task;
        }
        Some(Table { columns, header: Some(line) })
    }

    /// The text of the task in a row, which can be in several cells.
    pub(super) fn task_of(&self, cells: &[Span]) -> Option<Span> {
        let tasks = self.columns_of(cells).filter(|(column, _)| *column == Column::Task).map(|(_, cell)| cell);
        tasks.reduce(|a, b| Span::new(a.start, b.end))
    }

    /// The cells of a row that aren't empty, with their columns.
    pub(super) fn columns_of(&self, cells: &[Span]) -> impl Iterator<Item = (Column, Span)> + Clone {
        self.columns.iter().copied().zip(cells.iter().copied()).filter(|(_, cell)| !cell.is_empty())
    }
}

fn column(cell: &str) -> Column {
    if cell.len() > LONGEST_TITLE {
        return Column::Other;
    }
    if let Some(part) = label::alone(cell) {
        return Column::Units(part, Listed::behind(cell));
    }
    if let Some((Part::Time, _)) = label::at_end(cell) {
        return Column::Units(Part::Time, Listed::Units);
    }
    if contains_any(cell, &lexicon::NUMBER_COLUMNS) {
        Column::Number
    } else if contains_any(cell, &lexicon::TASK_COLUMNS) {
        Column::Task
    } else {
        Column::Other
    }
}

/// The number in a cell of its own.
pub(super) fn number_of(text: &str, cell: Span) -> Option<Marker> {
    if let Some(marker) = marker_at(text, cell.start) {
        return Some(marker);
    }
    let piece = cell.of(text);
    let add = |n: u32, c| n.checked_mul(10)?.checked_add(lexicon::digit(c)?);
    // The number of a heading has a next one.
    let number = piece.chars().try_fold(0, add).filter(|n| (1..u32::MAX).contains(n));
    let (style, number) = match number {
        Some(number) => (Style::Number, number),
        None => (Style::Han, han_number(piece).filter(|(_, after)| after.is_empty())?.0),
    };
    Some(Marker { style, number, span: cell })
}
