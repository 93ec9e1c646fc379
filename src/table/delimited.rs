//! Reads text whose cells are separated by commas, semicolons, tabs or bars.
//!
//! Input: a text. Output: one table of all its lines that are not blank; lines without a separator are rows of one cell.
//! Quoted cells can hold separators and line breaks. A quote that nothing closes is text, and a finding: from there on
//! quotes mean nothing. Cost: one pass to guess the separator, of at most 64 KiB, and one or two to read.

use csv_core::{ReadFieldResult, ReaderBuilder};

use super::error::TableError;
use super::finding_kind::{FindingKind, Found};
use super::grid::Table;
use super::lexicon::is_space;
use super::place::Places;
use super::title;

/// The separators that are tried. Of two that fit equally, the first counts.
const SEPARATORS: [char; 4] = ['\t', ';', ',', '|'];
/// The most bytes and lines that are looked at for the separator.
const LOOKED_AT: usize = 64 << 10;
const MOST_LINES: usize = 200;

/// The separator of a text; `None` where no line has one.
pub(super) fn separator(text: &str) -> Option<char> {
    let mut end = text.len().min(LOOKED_AT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let start = text.get(..end).unwrap_or(text);
    let lines = || start.lines().filter(|line| !line.trim().is_empty()).take(MOST_LINES);
    let mut best: Option<((usize, usize, usize), char)> = None;
    for separator in SEPARATORS {
        if !start.contains(separator) {
            continue;
        }
        // A header counts most; then lines of as many cells as the widest; then the cells.
        let titles = lines().map(|line| titles_in(line, separator)).max().unwrap_or(0);
        let widest = lines().map(|line| cells_in(line, separator)).max().unwrap_or(0);
        let alike = lines().filter(|line| cells_in(line, separator) == widest).count();
        let score = (titles, alike * usize::from(widest > 1), widest);
        if best.is_none_or(|(other, _)| score > other) {
            best = Some((score, separator));
        }
    }
    best.map(|(_, separator)| separator)
}

/// The cells of a line. Separators within quotes count for nothing.
fn pieces(line: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    line.split(move |c| {
        quoted ^= c == '"';
        c == separator && !quoted
    })
}

fn cells_in(line: &str, separator: char) -> usize {
    pieces(line, separator).count()
}

/// The number of titles in a line with at least two cells, of which one can name units.
fn titles_in(line: &str, separator: char) -> usize {
    let titles = pieces(line, separator).take(64).filter_map(|piece| title::read(piece.trim_matches(['"', ' '])));
    let titles: Vec<_> = titles.collect();
    if titles.iter().any(|title| title.meaning.names_units()) && cells_in(line, separator) > 1 {
        titles.len()
    } else {
        0
    }
}

/// Reads a text with this separator, which is one byte.
pub(super) fn read(text: &str, separator: char, found: &mut Vec<Found>) -> Result<Table, TableError> {
    let mut table = Table::new("");
    let mut places = Places::new(text);
    let from = first_byte(text);
    if let Some(unclosed) = fields(text, from, separator, true, &mut table, &mut places)? {
        let place = places.of(unclosed);
        let rest = text.get(unclosed..).unwrap_or("");
        found.push(Found::new(FindingKind::UnclosedQuote, place, rest));
        fields(text, unclosed, separator, false, &mut table, &mut places)?;
    }
    Ok(table)
}

/// The first byte of the content: behind a byte order mark, and behind a first line that names the separator, as
/// spreadsheets write it.
fn first_byte(text: &str) -> usize {
    let mark = if text.starts_with('\u{FEFF}') { '\u{FEFF}'.len_utf8() } else { 0 };
    let line = text.get(mark..).and_then(|text| text.lines().next()).unwrap_or("");
    if line.len() == 5 && line.starts_with("sep=") { mark + line.len() } else { mark }
}

/// Reads cells from a byte on. Returns the start of the last cell if nothing closes its quote; it is not in the table.
fn fields(
    text: &str,
    from: usize,
    separator: char,
    quoting: bool,
    table: &mut Table,
    places: &mut Places<'_>,
) -> Result<Option<usize>, TableError> {
    let delimiter = u8::try_from(separator).unwrap_or(b',');
    let mut reader = ReaderBuilder::new().delimiter(delimiter).quoting(quoting).build();
    let bytes = text.as_bytes();
    let (mut at, mut start) = (from, from);
    let mut field = Vec::new();
    let mut buffer = [0; 1024];
    loop {
        let (result, read, written) = reader.read_field(bytes.get(at..).unwrap_or(&[]), &mut buffer);
        at += read;
        field.extend_from_slice(buffer.get(..written).unwrap_or(&[]));
        match result {
            ReadFieldResult::InputEmpty | ReadFieldResult::OutputFull => {}
            ReadFieldResult::End => return Ok(None),
            ReadFieldResult::Field { record_end } => {
                let raw = text.get(start..at).unwrap_or("");
                let first = table.open_cells() == 0;
                let skipped = if first { raw.len() - raw.trim_start_matches(['\r', '\n']).len() } else { 0 };
                let raw = raw.get(skipped..).unwrap_or("");
                if quoting
                    && at == bytes.len()
                    && raw.starts_with('"')
                    && raw.bytes().filter(|b| *b == b'"').count() % 2 == 1
                {
                    return Ok(Some(start + skipped));
                }
                let spaces = raw.len() - raw.trim_start_matches(|c| is_space(c) && c != '\n' || c == '"').len();
                let spaces = if spaces + usize::from(!record_end) >= raw.len() { 0 } else { spaces };
                let place = places.of(start + skipped + spaces);
                let cell = String::from_utf8_lossy(&field);
                if !(first && record_end && cell.trim_matches(is_space).is_empty()) {
                    table.push(&cell, place)?;
                }
                if record_end {
                    table.end_row();
                }
                field.clear();
                start = at;
            }
        }
    }
}
