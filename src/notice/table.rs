//! Reads tables: a header row that names columns, and rows of tasks. Knows cells, not how units are written in them.

use super::clause::{self, Reading};
use super::heading::{Marker, Style, marker_at};
use super::label;
use super::lex::Kind;
use super::lexicon::{self, Part};
use super::scan::Scanner;
use super::text::{Span, contains_any};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Number,
    Task,
    Units(Part),
    Other,
}

/// The columns of a table whose header has been read.
#[derive(Clone, Debug)]
pub(super) struct Table {
    columns: Vec<Column>,
}

/// A wider row is no row.
const MOST_CELLS: usize = 40;

impl Table {
    /// Reads the line that begins at `at` as a header or a row; `false` when it is neither.
    pub(super) fn line(table: &mut Option<Table>, scanner: &mut Scanner<'_>, at: usize) -> bool {
        let end = scanner.line_end();
        let cells = cells(scanner, Span::new(at, end));
        if cells.len() < 2 || cells.len() > MOST_CELLS {
            return false;
        }
        if let Some(header) = header(scanner.text, &cells) {
            *table = Some(header);
            scanner.after_row(end);
            return true;
        }
        let Some(table) = table else { return false };
        if cells.iter().all(|cell| cell.of(scanner.text).chars().all(|c| c == '-' || c == ':')) {
            scanner.after_row(end);
            return true;
        }
        table.row(scanner, &cells, end)
    }

    fn row(&self, scanner: &mut Scanner<'_>, cells: &[Span], end: usize) -> bool {
        let columns = || self.columns.iter().copied().zip(cells.iter().copied()).filter(|(_, cell)| !cell.is_empty());
        let units = |column: &Column| matches!(column, Column::Units(Part::Lead | Part::List | Part::Support));
        if !columns().any(|(column, _)| units(&column)) {
            return false;
        }
        let number = columns().find(|(column, _)| *column == Column::Number).map(|(_, cell)| cell);
        let tasks = columns().filter(|(column, _)| *column == Column::Task).map(|(_, cell)| cell);
        let Some(task) = tasks.reduce(|a, b| Span::new(a.start, b.end)) else { return false };
        let marker =
            number.and_then(|cell| number_of(scanner.text, cell)).or_else(|| marker_at(scanner.text, task.start));
        if let Some(marker) = marker {
            scanner.heading(marker);
        }
        let task = Span::new(marker.map_or(task.start, |m| m.span.end.max(task.start)), task.end).trim(scanner.text);
        let first = scanner.scan.items.len();
        let mut all = Reading { labelled: true, ..Reading::default() };
        let mut clause: Option<Span> = None;
        for (column, cell) in columns() {
            let Column::Units(part) = column else { continue };
            clause = Some(clause.map_or(cell, |clause| Span::new(clause.start, cell.end)));
            cell_units(scanner, cell, part, &mut all);
        }
        match clause {
            Some(clause) if scanner.scan.items.len() > first => {
                let last = scanner.scan.items.len();
                scanner.push(clause, task, (first, last), &all);
            }
            _ => scanner.scan.items.truncate(first),
        }
        scanner.after_row(end);
        true
    }
}

fn cell_units(scanner: &mut Scanner<'_>, cell: Span, part: Part, all: &mut Reading) {
    if part == Part::Time {
        all.time = Some(cell);
        return;
    }
    let first = scanner.tokens.partition_point(|t| t.at < cell.start);
    let last = scanner.tokens.partition_point(|t| t.at < cell.end);
    let group = scanner.next_group();
    let Some(tokens) = scanner.tokens.get(first..last) else { return };
    let reading =
        clause::read(scanner.text, &mut scanner.known, tokens, cell, Some(part), group, &mut scanner.scan.items);
    all.said.shared |= reading.said.shared;
    all.time = all.time.or(reading.time);
    for _ in 0..reading.groups {
        scanner.next_group();
    }
}

fn cells(scanner: &Scanner<'_>, line: Span) -> Vec<Span> {
    let mut cells = Vec::new();
    let mut at = line.start;
    let tokens = scanner.tokens.get(scanner.next..).unwrap_or(&[]);
    let separators = tokens.iter().take_while(|t| t.at < line.end).filter(|t| matches!(t.kind, Kind::Tab | Kind::Pipe));
    let mut piped = false;
    for token in separators.take(MOST_CELLS + 2) {
        piped |= token.kind == Kind::Pipe;
        cells.push(Span::new(at, token.at).trim(scanner.text));
        at = token.end();
    }
    cells.push(Span::new(at, line.end).trim(scanner.text));
    if piped {
        if cells.last().is_some_and(Span::is_empty) {
            cells.pop();
        }
        if cells.first().is_some_and(Span::is_empty) {
            cells.remove(0);
        }
    }
    cells
}

/// A row in which a cell is nothing but a label for units.
fn header(text: &str, cells: &[Span]) -> Option<Table> {
    let mut columns: Vec<Column> = cells.iter().map(|cell| column(cell.of(text))).collect();
    let named = |column: &Column| matches!(column, Column::Units(Part::Lead | Part::List | Part::Support));
    let first = columns.iter().position(named)?;
    if !columns.contains(&Column::Task)
        && let Some(task) = columns.iter_mut().take(first).rev().find(|c| **c == Column::Other)
    {
        *task = Column::Task;
    }
    Some(Table { columns })
}

fn column(cell: &str) -> Column {
    if cell.len() > 60 {
        return Column::Other;
    }
    match label::at_end(cell) {
        Some((part, 0)) => return Column::Units(part),
        Some((Part::Time, _)) => return Column::Units(Part::Time),
        _ => {}
    }
    if contains_any(cell, lexicon::NUMBER_COLUMNS) {
        Column::Number
    } else if contains_any(cell, lexicon::TASK_COLUMNS) {
        Column::Task
    } else {
        Column::Other
    }
}

/// The number in a cell of its own.
fn number_of(text: &str, cell: Span) -> Option<Marker> {
    if let Some(marker) = marker_at(text, cell.start) {
        return Some(marker);
    }
    let piece = cell.of(text);
    let number =
        piece.chars().try_fold(0_u32, |n, c| lexicon::digit(c).map(|d| n.saturating_mul(10).saturating_add(d)));
    let (style, number) = match number.filter(|n| *n > 0) {
        Some(number) => (Style::Number, number),
        None => (Style::Han, super::heading::han_number(piece).filter(|(_, len)| *len == piece.len())?.0),
    };
    Some(Marker { style, number, span: cell })
}
