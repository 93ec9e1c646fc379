//! Rows of cells on their way into a writer, as CSV or Markdown, and the trait of whatever takes rows. Knows nothing of
//! tasks.

use std::borrow::Cow;
use std::io::Write;

#[cfg(feature = "csv")]
use csv_core::{WriteResult, Writer, WriterBuilder};

use crate::export::gather::Gather;
use crate::model::Result;
use crate::table::{Format, markdown_text};

/// Takes the rows of a table.
pub(super) trait Sink {
    /// Writes a row. The first one is the header.
    fn row(&mut self, cells: &[Cow<'_, str>]) -> Result<()>;

    /// The text that a reader finds in a cell.
    fn as_read<'t>(&self, text: &'t str) -> Cow<'t, str>;
}

/// Rows on their way into a writer.
pub(crate) struct Cells<'w> {
    to: Gather<'w>,
    format: Format,
    #[cfg(feature = "csv")]
    guard: bool,
    #[cfg(feature = "csv")]
    csv: Writer,
    first: bool,
}

impl<'w> Cells<'w> {
    /// CSV, with or without a guard against formulas.
    #[cfg(feature = "csv")]
    pub(crate) fn csv(to: &'w mut dyn Write, guard: bool) -> Cells<'w> {
        Cells { guard, ..Cells::new(to, Format::Delimited(',')) }
    }

    pub(super) fn markdown(to: &'w mut dyn Write) -> Cells<'w> {
        Cells::new(to, Format::Markdown)
    }

    fn new(to: &'w mut dyn Write, format: Format) -> Cells<'w> {
        let to = Gather::new(to, "write the table");
        Cells {
            to,
            format,
            #[cfg(feature = "csv")]
            guard: false,
            #[cfg(feature = "csv")]
            csv: WriterBuilder::new().build(),
            first: true,
        }
    }

    pub(super) fn format(&self) -> Format {
        self.format
    }

    /// Adds a byte order mark.
    #[cfg(feature = "csv")]
    pub(super) fn byte_order_mark(&mut self) {
        self.to.push("\u{FEFF}".as_bytes());
    }

    /// Writes a row. In Markdown the first one is the header.
    pub(crate) fn row(&mut self, cells: &[Cow<'_, str>]) -> Result<()> {
        match self.format {
            Format::Markdown => self.markdown_row(cells),
            #[cfg(feature = "csv")]
            _ => self.csv_row(cells),
            #[cfg(not(feature = "csv"))]
            _ => self.markdown_row(cells),
        }
        self.first = false;
        self.to.spill()
    }

    #[cfg(feature = "csv")]
    fn csv_row(&mut self, cells: &[Cow<'_, str>]) {
        for (at, cell) in cells.iter().enumerate() {
            if at > 0 {
                self.put(|csv, _, out| with_input(csv.delimiter(out)), &[]);
            }
            if self.guard && is_formula(cell) {
                self.put(Writer::field, b"'");
            }
            self.put(Writer::field, cell.as_bytes());
        }
        self.put(|csv, _, out| with_input(csv.terminator(out)), &[]);
    }

    /// Calls the encoder until it has taken all input and has room for its output.
    #[cfg(feature = "csv")]
    #[expect(clippy::indexing_slicing, reason = "the encoder says how much it has read and written")]
    fn put(&mut self, step: impl Fn(&mut Writer, &[u8], &mut [u8]) -> (WriteResult, usize, usize), mut input: &[u8]) {
        let mut buffer = [0; 256];
        loop {
            let (result, read, written) = step(&mut self.csv, input, &mut buffer);
            input = &input[read..];
            self.to.push(&buffer[..written]);
            if result == WriteResult::InputEmpty {
                return;
            }
        }
    }

    fn markdown_row(&mut self, cells: &[Cow<'_, str>]) {
        self.to.push(b"|");
        for cell in cells {
            self.to.push(b" ");
            self.to.push(escaped(cell).as_bytes());
            self.to.push(b" |");
        }
        self.to.push(b"\n");
        if self.first {
            self.to.push(b"|");
            cells.iter().for_each(|_| self.to.push(b" --- |"));
            self.to.push(b"\n");
        }
    }

    pub(crate) fn finish(self) -> Result<()> {
        self.to.finish().map(drop)
    }
}

impl Sink for Cells<'_> {
    fn row(&mut self, cells: &[Cow<'_, str>]) -> Result<()> {
        Cells::row(self, cells)
    }

    fn as_read<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match self.format {
            Format::Markdown if text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b' ') => Cow::Borrowed(text),
            Format::Markdown => Cow::Owned(markdown_text(&escaped(text))),
            #[cfg(feature = "csv")]
            _ if self.guard && is_formula(text) => Cow::Owned(format!("'{text}")),
            _ => Cow::Borrowed(text),
        }
    }
}

#[cfg(feature = "csv")]
fn with_input((result, written): (WriteResult, usize)) -> (WriteResult, usize, usize) {
    (result, 0, written)
}

/// Whether a spreadsheet would compute a cell. The last four are the full-width forms of the first.
#[cfg(feature = "csv")]
fn is_formula(cell: &str) -> bool {
    cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\u{FF1D}', '\u{FF0B}', '\u{FF0D}', '\u{FF20}'])
}

/// The text of a cell of Markdown without meaning for Markdown: one line, marks behind backslashes.
fn escaped(text: &str) -> String {
    let mut cell = String::with_capacity(text.len() + 8);
    for c in text.trim_matches(['\r', '\n']).chars() {
        match c {
            '\n' => cell.push_str("<br>"),
            '\r' => {}
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '|' | '~' | '#' | '!' => cell.extend(['\\', c]),
            c if c.is_control() => cell.push(' '),
            c => cell.push(c),
        }
    }
    cell
}

#[cfg(feature = "csv")]
#[cfg(test)]
mod tests {
    use super::*;

    const CSV: Format = Format::Delimited(',');

    fn written(rows: &[&[&str]], format: Format, guard: bool) -> String {
        let mut bytes = Vec::new();
        let mut out = match format {
            Format::Markdown => Cells::markdown(&mut bytes),
            _ => Cells::csv(&mut bytes, guard),
        };
        for row in rows {
            out.row(&row.iter().map(|cell| Cow::Borrowed(*cell)).collect::<Vec<_>>()).unwrap();
        }
        out.finish().unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        let rows: &[&[&str]] = &[&["a", "b,\"c\""], &["", "=1+1"], &["d\ne", "-"]];
        assert_eq!(written(rows, CSV, false), "a,\"b,\"\"c\"\"\"\n,=1+1\n\"d\ne\",-\n");
        assert!(written(rows, CSV, true).contains(",'=1+1\n"));
        let long = "x".repeat(1_000);
        assert_eq!(written(&[&[&long, &long]], CSV, false), format!("{long},{long}\n"));
        let expected = "| a | b,\"c\" |\n| --- | --- |\n|  | =1+1 |\n| d<br>e | - |\n";
        assert_eq!(written(rows, Format::Markdown, false), expected);
        assert_eq!(
            written(&[&["<b>|*_[&\\"]], Format::Markdown, false).lines().next(),
            Some("| \\<b\\>\\|\\*\\_\\[\\&\\\\ |")
        );
    }
}
