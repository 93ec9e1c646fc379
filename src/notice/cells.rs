//! Changes the marks of cells that break lines or that are pairs of a label and its value to marks with that meaning,
//! which all later steps know.
//!
//! Input: a text and its marks. Output: a line end within a quoted cell separates units; in a line of a form, "responsible
//! unit, tab, units", the mark behind a label is a colon and the one behind a value ends a part.
//! Cost: one pass over the marks; a quoted cell and a line have a bounded number of them.

use crate::text::between;

use super::label;
use super::lexicon;
use super::name;
use super::text::{Span, contains_any};
use super::token::{Kind, Token};

/// The longest quoted cell that breaks lines, in bytes: 1000 Chinese characters.
const LONGEST_CELL: usize = 3000;
/// The most cells of a line of a form: four pairs.
const MOST_CELLS: usize = 8;
/// The longest label of a form, in bytes: 20 Chinese characters.
const LONGEST_LABEL: usize = 60;

/// Changes the marks of all lines with cells.
pub(super) fn mark(text: &str, tokens: &mut [Token]) {
    join_quoted(text, tokens);
    let mut start = 0;
    let lines = tokens.chunk_by_mut(|token, _| token.kind != Kind::Newline);
    for line in lines {
        let end = line.last().filter(|token| token.kind == Kind::Newline).map_or(text.len(), |token| token.at);
        pair(text, Span::new(start, end), line);
        start = line.last().map_or(text.len(), Token::end);
    }
}

/// Makes the line ends within quoted cells separate units.
#[expect(clippy::indexing_slicing, reason = "`at` and `first` are places in `tokens`, and `first` is before `at`")]
fn join_quoted(text: &str, tokens: &mut [Token]) {
    // The place in `tokens` of the mark behind which a quoted cell begins, and where that cell begins.
    let mut open: Option<(usize, usize)> = None;
    for at in 0..tokens.len() {
        let token = tokens[at];
        if !matches!(token.kind, Kind::Tab | Kind::Newline) {
            continue;
        }
        if let Some((first, start)) = open {
            let cell = between(text, start, token.at).trim_end_matches(['\r', ' ']);
            if cell.len() > 1 && cell.ends_with('"') {
                let inside = &mut tokens[first + 1..at];
                inside.iter_mut().filter(|t| t.kind == Kind::Newline).for_each(|t| t.kind = Kind::Item);
                open = None;
            } else if token.kind == Kind::Tab || token.end() - start > LONGEST_CELL {
                open = None;
            }
        }
        if open.is_none() && between(text, token.end(), text.len()).starts_with('"') {
            open = Some((at, token.end()));
        }
    }
}

/// Changes the marks of a line whose cells are labels and values by turns.
fn pair(text: &str, line: Span, tokens: &mut [Token]) {
    let is_mark = |token: &Token| matches!(token.kind, Kind::Tab | Kind::Pipe);
    if !tokens.iter().any(is_mark) {
        return;
    }
    let mut cells: Vec<Span> = Vec::new();
    let mut at = line.start;
    for token in tokens.iter().filter(|token| is_mark(token)).take(MOST_CELLS + 2) {
        cells.push(Span::new(at, token.at));
        at = token.end();
    }
    cells.push(Span::new(at, line.end));
    let filled: Vec<&str> = cells.iter().map(|cell| cell.trim(text).of(text)).filter(|cell| !cell.is_empty()).collect();
    let pairs = filled.chunks(2).all(|pair| matches!(pair, [label, value] if is_label(label) && !is_title(value)));
    if filled.is_empty() || filled.len() > MOST_CELLS || !pairs {
        return;
    }
    let mut values = 0;
    for (token, cell) in tokens.iter_mut().filter(|token| is_mark(token)).zip(cells) {
        if cell.trim(text).is_empty() {
            // A mark around the line, or one of several in a row. A star without a name has no meaning, so that all later
            // steps pass over it.
            token.kind = Kind::Star;
        } else {
            token.kind = if values % 2 == 0 { Kind::Colon } else { Kind::Semi };
            values += 1;
        }
    }
}

fn is_label(cell: &str) -> bool {
    cell.len() <= LONGEST_LABEL && label::alone(cell).is_some()
}

/// Whether a cell is the title of a column rather than a value.
fn is_title(cell: &str) -> bool {
    cell.len() <= LONGEST_LABEL && (label::alone(cell).is_some() || names_column(cell) && !name::is_body(cell))
}

/// Whether a text has a word with which tables name the column of the tasks or of their numbers.
pub(super) fn names_column(cell: &str) -> bool {
    contains_any(cell, &lexicon::TASK_COLUMNS) || contains_any(cell, &lexicon::NUMBER_COLUMNS)
}
