//! Finds the lines that speak of responsibility and of which nothing was read.
//!
//! Input: the text, and the places of everything that was read or reported. Output: a finding for each other line with a
//! word such as "lead" or "responsible"; whether it is the header of a table whose columns are separated by commas or
//! spaces. Cost: one pass over the lines, besides sorting the places.

use crate::text::{between, boundary};

use super::cells;
use super::finding_kind::{FindingKind, Found};
use super::label;
use super::lexicon::{self, is_space};
use super::text::{Span, ends_with, places_of};

/// The most bytes of a line that a finding shows: 80 Chinese characters.
const SHOWN: usize = 240;
/// A longer line, in bytes (100 Chinese characters), is no header.
const LONGEST_HEADER: usize = 300;
/// The fewest columns of a table.
const FEWEST_COLUMNS: usize = 3;

/// The findings about lines that none of `read` touches.
pub(super) fn find_all(text: &str, mut read: Vec<Span>) -> Vec<Found> {
    read.sort_unstable_by_key(|span| span.start);
    let mut read = read.into_iter().peekable();
    let (mut start, mut read_to) = (0, 0);
    let mut found = Vec::new();
    for line in text.split_inclusive(lexicon::is_break) {
        let span = Span::new(start, start + line.len());
        while let Some(next) = read.next_if(|next| next.start < span.end) {
            read_to = read_to.max(next.end);
        }
        if read_to <= span.start && speaks(line) {
            let kind = if is_header(line) { FindingKind::TableNotRead } else { FindingKind::LineNotRead };
            let span = span.trim(text);
            let shown = Span::new(span.start, span.end.min(boundary(text, span.start + SHOWN)));
            found.push(Found { kind, span: shown });
        }
        start = span.end;
    }
    found
}

/// Whether a line has a word of responsibility, other than "limited liability" in the names of companies.
fn speaks(line: &str) -> bool {
    places_of(line, &lexicon::RESPONSIBILITY)
        .any(|word| ends_with(between(line, 0, word.start), lexicon::SAME_LIABILITY).is_none())
}

/// Whether a line is the header of a table without tabs and bars: at least three short cells, one of them a label, and
/// another one the title of a column.
fn is_header(line: &str) -> bool {
    if line.len() > LONGEST_HEADER || line.contains(|c| c == '\t' || lexicon::is_bar(c) || lexicon::is_full_stop(c)) {
        return false;
    }
    let by_commas = line.split(lexicon::is_clause_comma).map(str::trim);
    let by_spaces = line.split(is_space);
    has_titles(by_commas) || has_titles(by_spaces)
}

fn has_titles<'t>(cells: impl Iterator<Item = &'t str>) -> bool {
    let cells: Vec<&str> = cells.filter(|cell| !cell.is_empty()).collect();
    let labels = cells.iter().filter(|cell| label::alone(cell).is_some()).count();
    let others = cells.iter().filter(|cell| cells::names_column(cell)).count();
    cells.len() >= FEWEST_COLUMNS && labels > 0 && labels + others > 1
}
