//! Reads text whose cells are separated by commas, semicolons, tabs or bars.
//!
//! Input: a text. Output: one table of all its lines that are not blank; lines without a separator are rows of one cell.
//! Quoted cells can hold separators and line breaks. A quote that nothing closes is text, and a finding: from there on
//! quotes mean nothing. Cost: one pass to guess the separator, of at most 64 KiB, and one or two to read.

use csv_core::{ReadFieldResult, Reader, ReaderBuilder};

use crate::text::{between, boundary};

use super::error::TableError;
use super::finding_kind::{FindingKind, Found};
use super::grid::Table;
use super::lexicon::is_space;
use super::place::{Place, Places};
use super::title;

/// The separators that are tried. Of two that fit equally, the first counts.
const SEPARATORS: [char; 4] = ['\t', ';', ',', '|'];
/// The most bytes and lines that are looked at for the separator.
const LOOKED_AT: usize = 64 << 10;
const MOST_LINES: usize = 200;

/// The separator of a text; `None` where no line has one.
pub(super) fn separator(text: &str) -> Option<char> {
    let start = between(text, 0, boundary(text, LOOKED_AT));
    let lines = || start.lines().filter(|line| !line.trim().is_empty()).take(MOST_LINES);
    let mut best: Option<((usize, usize, usize), char)> = None;
    for separator in SEPARATORS {
        if !start.contains(separator) {
            continue;
        }
        // A header counts most; then lines of as many cells as the widest; then the cells.
        // All lines can be blank.
        let titles = lines().map(|line| titles_in(line, separator)).fold(0, usize::max);
        let widest = lines().map(|line| cells_in(line, separator)).fold(0, usize::max);
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
pub(super) fn read(text: &str, separator: u8, found: &mut Vec<Found>) -> Result<Table, TableError> {
    let mut table = Table::new("");
    table.reserve(text.len());
    let mut places = Places::new(text);
    let from = first_byte(text);
    let reader = ReaderBuilder::new().delimiter(separator).build();
    let (table_of, places) = (&mut table, &mut places);
    let mut fields = Fields { text, separator, quoting: true, table: table_of, places, reader, cell: Vec::new() };
    if let Some(unclosed) = fields.read(from)? {
        let place = fields.places.of(unclosed);
        found.push(Found::new(FindingKind::UnclosedQuote, place, between(text, unclosed, text.len())));
        fields.quoting = false;
        fields.read(unclosed)?;
    }
    Ok(table)
}

/// The first byte of the content: behind a byte order mark, and behind a first line that names the separator, as
/// spreadsheets write it.
fn first_byte(text: &str) -> usize {
    let content = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let named = content.lines().next().filter(|line| line.len() == 5 && line.starts_with("sep="));
    text.len() - content.len() + named.map_or(0, str::len)
}

/// Reads cells into a table.
struct Fields<'f, 't> {
    text: &'t str,
    separator: u8,
    /// Whether a quote at the start of a cell begins a quoted cell.
    quoting: bool,
    table: &'f mut Table,
    places: &'f mut Places<'t>,
    /// The reader of quoted cells, and the text of the last one.
    reader: Reader,
    cell: Vec<u8>,
}

/// The end of a cell.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Separator,
    Newline,
    Return,
    Text,
}

impl Fields<'_, '_> {
    /// Reads the cells from a byte on. Returns the start of the last cell if nothing closes its quote; it is not in the
    /// table.
    fn read(&mut self, from: usize) -> Result<Option<usize>, TableError> {
        let bytes = self.text.as_bytes();
        let mut at = from;
        // Whether a separator is before the next cell.
        let mut within = false;
        loop {
            #[expect(clippy::indexing_slicing, reason = "no cell ends behind the text")]
            let rest = &bytes[at..];
            if !within {
                // Lines without any cell are none, nor is a break of two characters two.
                let breaks = rest.iter().take_while(|b| matches!(b, b'\n' | b'\r')).count();
                at += breaks;
                if breaks == rest.len() {
                    return Ok(None);
                }
            }
            let end = if self.quoting && bytes.get(at) == Some(&b'"') {
                let Some((next, end)) = self.quoted(at)? else { return Ok(Some(at)) };
                at = next;
                end
            } else {
                let (next, end) = self.plain(at)?;
                at = next;
                end
            };
            within = end == End::Separator;
            if !within {
                self.table.end_row();
            }
        }
    }

    /// Reads a cell without quotes. Returns the byte behind its end.
    fn plain(&mut self, start: usize) -> Result<(usize, End), TableError> {
        #[expect(clippy::indexing_slicing, reason = "no cell starts behind the text")]
        let rest = &self.text.as_bytes()[start..];
        let separator = self.separator;
        let length = rest.iter().position(|b| *b == separator || matches!(b, b'\n' | b'\r'));
        let end = match length.and_then(|length| rest.get(length)) {
            Some(b'\n') => End::Newline,
            Some(b'\r') => End::Return,
            Some(_) => End::Separator,
            None => End::Text,
        };
        let stop = start + length.unwrap_or(rest.len());
        let cell = between(self.text, start, stop);
        let spaces = cell.len() - cell.trim_start_matches(|c| is_space(c) || c == '"').len();
        // The place of a cell without text is that of its start, but for one at the end of a line.
        let spaces = if spaces == cell.len() && end != End::Newline { 0 } else { spaces };
        let place = self.places.of(start + spaces);
        self.push(cell, place, end)?;
        Ok((stop + usize::from(end != End::Text), end))
    }

    /// Reads a cell whose first byte is a quote. `None` where nothing closes it.
    fn quoted(&mut self, start: usize) -> Result<Option<(usize, End)>, TableError> {
        let bytes = self.text.as_bytes();
        self.reader.reset();
        self.cell.clear();
        let (mut at, mut buffer) = (start, [0; 1024]);
        let record_end = loop {
            #[expect(clippy::indexing_slicing, reason = "the reader reads no byte behind the text")]
            let (result, read, written) = self.reader.read_field(&bytes[at..], &mut buffer);
            at += read;
            #[expect(clippy::indexing_slicing, reason = "the reader writes no byte behind the buffer")]
            self.cell.extend_from_slice(&buffer[..written]);
            match result {
                ReadFieldResult::InputEmpty | ReadFieldResult::OutputFull => {}
                // A quote begins a cell.
                ReadFieldResult::End => break true,
                ReadFieldResult::Field { record_end } => break record_end,
            }
        };
        let raw = between(self.text, start, at);
        if at == bytes.len() && raw.bytes().filter(|b| *b == b'"').count() % 2 == 1 {
            return Ok(None);
        }
        let end = match raw.bytes().next_back() {
            _ if !record_end => End::Separator,
            Some(b'\n') => End::Newline,
            Some(b'\r') => End::Return,
            _ => End::Text,
        };
        let spaces = raw.len() - raw.trim_start_matches(|c| is_space(c) && c != '\n' || c == '"').len();
        let spaces = if spaces + usize::from(!record_end) >= raw.len() { 0 } else { spaces };
        let place = self.places.of(start + spaces);
        let cell = std::mem::take(&mut self.cell);
        self.push(&String::from_utf8_lossy(&cell), place, end)?;
        self.cell = cell;
        Ok(Some((at, end)))
    }

    /// Adds a cell. A line with one cell that is blank is none.
    fn push(&mut self, cell: &str, place: Place, end: End) -> Result<(), TableError> {
        let is_line = self.table.open_cells() == 0 && end != End::Separator;
        if is_line && cell.trim_matches(is_space).is_empty() { Ok(()) } else { self.table.push(cell, place) }
    }
}
