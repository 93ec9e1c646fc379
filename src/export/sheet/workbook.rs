//! Workbooks in the format of Excel 2007 and later (`.xlsx`): the only file that names the crate that writes them. Knows
//! nothing of tasks.
//!
//! Input: rows of cells. Output: the bytes of a file. Every cell is a string, so that nothing is a formula, a number, a day
//! or a link; empty cells are not written. The file has no time in it: the same rows give the same bytes.
//! Cost: all cells are in memory until the file is made.

use std::borrow::Cow;
use std::io::Write;

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, IgnoreError, Workbook, Worksheet, XlsxError};

use crate::export::colours::{self, Colours};
use crate::model::{Error, InputError, Result};
use crate::table::{MOST_UNPACKED, TEXTS_OF_WIDE};

use super::cells::Sink;
use super::options::Shape;

/// The most rows of a sheet, the header included: a limit of Excel.
pub(super) const MOST_ROWS: usize = 1_048_576;
/// The longest text of a cell, in units of UTF-16: a limit of Excel.
const MOST_UNITS: usize = 32_767;
/// The end of a text that was cut.
const CUT: char = '\u{2026}';
/// The bytes of XML around the text of a cell.
const AROUND: u64 = 48;
/// The height of a line, in points.
const LINE: u32 = 15;
/// A row is at most as high as so many lines: Excel has rows of at most 409 points.
const MOST_LINES: u32 = 20;
/// Columns of marks are at most so wide.
const NARROW: u32 = 5;
/// The number that Excel has for paper of the size A3.
const A3: u8 = 8;
/// A sheet of more columns is printed on pages side by side: marks would be too small to be read.
const MOST_COLUMNS_OF_PAGE: u16 = 60;
/// The background and text of a header.
const HEADER: Colours = ("#f2f4f6", "#1b1b1b");

/// A workbook while it is written.
pub(super) struct Book {
    book: Workbook,
    looks: Looks,
    /// The bytes of the file before it is packed, estimated.
    bytes: u64,
}

impl Book {
    pub(super) fn new() -> Result<Book> {
        let mut book = Workbook::new();
        // The first day that an archive can have.
        let day = ExcelDateTime::from_ymd(1980, 1, 1).map_err(defect)?;
        book.set_properties(&DocProperties::new().set_creation_datetime(&day));
        Ok(Book { book, looks: Looks::new(), bytes: 0 })
    }

    /// Adds a sheet, which `fill` gives its rows.
    pub(super) fn sheet<T>(
        &mut self,
        name: &str,
        shape: Shape,
        fill: impl FnOnce(&mut Sheet<'_>) -> Result<T>,
    ) -> Result<T> {
        let to = self.book.add_worksheet().set_name(name).map_err(defect)?;
        let mut sheet = Sheet {
            to,
            looks: &self.looks,
            shape,
            row: 0,
            columns: 0,
            widths: Vec::new(),
            key_width: 0,
            bytes: self.bytes,
        };
        let filled = fill(&mut sheet)?;
        sheet.end().map_err(defect)?;
        self.bytes = sheet.bytes;
        Ok(filled)
    }

    /// Makes the file and writes it. Nothing is written where it can't be made.
    pub(super) fn write(mut self, to: &mut dyn Write) -> Result<()> {
        let bytes = self.book.save_to_buffer().map_err(defect)?;
        let written = to.write_all(&bytes).and_then(|()| to.flush());
        written.map_err(|cause| Error::Io { doing: "write the workbook", cause })
    }
}

/// The formats of cells.
struct Looks {
    title: Format,
    unit_title: Format,
    text: Format,
    mark: Format,
    lead: Format,
    co_lead: Format,
    support: Format,
    consulted: Format,
    informed: Format,
}

impl Looks {
    fn new() -> Looks {
        // In cells of the format "text" nothing that is typed in becomes a number or a day.
        let plain = || Format::new().set_num_format("@").set_align(FormatAlign::Top);
        let mark = || plain().set_align(FormatAlign::Center);
        let coloured = |format: Format, (back, text): Colours| format.set_background_color(back).set_font_color(text);
        let title = coloured(plain(), HEADER).set_bold().set_text_wrap().set_align(FormatAlign::Bottom);
        Looks {
            unit_title: title.clone().set_rotation(90).set_align(FormatAlign::Center),
            title,
            text: plain().set_text_wrap(),
            lead: coloured(mark(), colours::LEAD).set_bold(),
            co_lead: coloured(mark(), colours::CO_LEAD),
            support: coloured(mark(), colours::SUPPORT),
            consulted: coloured(mark(), colours::CONSULTED),
            informed: coloured(mark(), colours::INFORMED),
            mark: mark(),
        }
    }

    /// The format of a mark, by its letter: a number is an order of supporting units.
    fn of_mark(&self, mark: &str) -> &Format {
        match mark.as_bytes() {
            b"L" => &self.lead,
            [b'L', ..] => &self.co_lead,
            [b'C', ..] => &self.consulted,
            [b'I', ..] => &self.informed,
            _ => &self.support,
        }
    }
}

/// A sheet while it is written.
pub(super) struct Sheet<'b> {
    to: &'b mut Worksheet,
    looks: &'b Looks,
    shape: Shape,
    /// The row to be written, from 0.
    row: u32,
    /// The columns of the header.
    columns: u16,
    /// The width of each column.
    widths: Vec<u32>,
    /// The widest key in the columns of a terminal.
    key_width: u32,
    bytes: u64,
}

impl Sheet<'_> {
    fn header(&mut self, cells: &[Cow<'_, str>]) -> Result<(), XlsxError> {
        self.columns = u16::try_from(cells.len()).map_err(|_| XlsxError::RowColumnLimitError)?;
        for column in 0..self.columns {
            let width = match (self.shape, column) {
                (Shape::Long, _) if column + 1 == self.columns => 12,
                (Shape::Long, _) if column + 2 == self.columns => 60,
                (Shape::Long, _) => 28,
                (Shape::Wide, 1) => 50,
                (Shape::Wide, 2) => 12,
                (Shape::Wide, _) => NARROW,
            };
            self.widths.push(width);
            self.to.set_column_width(column, width)?;
            self.to
                .set_column_format(column, if self.is_unit(column) { &self.looks.mark } else { &self.looks.text })?;
        }
        if self.shape == Shape::Wide {
            // Points: 6 per narrow letter. Longer names are wrapped.
            let longest = cells.iter().map(|cell| width_of(cell)).max();
            self.to.set_row_height(0, longest.map_or(60, |longest| (longest * 6).clamp(60, 180)))?;
        }
        Ok(())
    }

    /// Makes a row as high as its wrapped texts. Excel does that itself, other programs do not.
    fn height(&mut self, cells: &[Cow<'_, str>]) -> Result<(), XlsxError> {
        // The keys are as wide as their column, which is widened at the end.
        let texts = cells.iter().zip(&self.widths).skip(1).take_while(|(_, width)| **width > NARROW);
        let lines = texts.map(|(text, width)| lines_of(text, *width)).max();
        if let Some(lines) = lines.filter(|lines| *lines > 1) {
            self.to.set_row_height(self.row, LINE * lines.min(MOST_LINES))?;
        }
        Ok(())
    }

    fn is_unit(&self, column: u16) -> bool {
        self.shape == Shape::Wide && usize::from(column) >= TEXTS_OF_WIDE.len()
    }

    fn cell(&mut self, column: u16, text: String) -> Result<(), XlsxError> {
        let is_unit = self.is_unit(column);
        match (self.row, is_unit) {
            (0, true) => self.to.write_string_with_format(self.row, column, text, &self.looks.unit_title)?,
            (0, false) => self.to.write_string_with_format(self.row, column, text, &self.looks.title)?,
            (_, true) => {
                let look = self.looks.of_mark(&text);
                self.to.write_string_with_format(self.row, column, text, look)?
            }
            (_, false) => self.to.write_string(self.row, column, text)?,
        };
        Ok(())
    }

    /// Freezes the header, on paper, too, adds the filter, and widens the column of keys.
    fn end(&mut self) -> Result<(), XlsxError> {
        let (last_row, last_column) = (self.row.saturating_sub(1), self.columns.saturating_sub(1));
        self.to.set_freeze_panes(1, u16::from(self.shape == Shape::Wide))?;
        self.to.set_landscape().set_paper_size(A3).set_repeat_rows(0, 0)?;
        self.to.set_repeat_columns(0, 0)?;
        if self.columns <= MOST_COLUMNS_OF_PAGE {
            self.to.set_print_fit_to_pages(1, 0);
        }
        self.to.autofilter(0, 0, last_row, last_column)?;
        self.to.set_column_width(0, self.key_width.clamp(8, 40) + 2)?;
        // Marks are numbers in cells of text, which Excel would flag one by one.
        self.to.ignore_error_range(0, 0, last_row, last_column, IgnoreError::NumberStoredAsText)?;
        Ok(())
    }
}

impl Sink for Sheet<'_> {
    fn row(&mut self, cells: &[Cow<'_, str>]) -> Result<()> {
        if self.row == 0 {
            self.header(cells).map_err(defect)?;
        } else {
            self.height(cells).map_err(defect)?;
        }
        self.key_width = cells.first().map_or(0, |key| width_of(key)).max(self.key_width);
        for (column, cell) in (0..).zip(cells).filter(|(_, cell)| !cell.is_empty()) {
            let text = written(cell);
            self.bytes += AROUND + text.len() as u64;
            self.cell(column, text).map_err(defect)?;
        }
        if self.bytes > MOST_UNPACKED {
            let most = usize::try_from(MOST_UNPACKED).map_or(usize::MAX, |most| most);
            return Err(InputError::WorkbookTooLarge { what: "bytes", most }.into());
        }
        self.row += 1;
        Ok(())
    }

    fn as_read<'t>(&self, text: &'t str) -> Cow<'t, str> {
        held(text, MOST_UNITS)
    }
}

/// As much of a text as a cell can hold. A text that is cut ends with an ellipsis.
fn held(text: &str, most: usize) -> Cow<'_, str> {
    let text = without_false_escapes(text);
    // A unit of UTF-16 takes at least one byte of UTF-8.
    if text.len() <= most || text.encode_utf16().count() <= most {
        return text;
    }
    let mut units = CUT.len_utf16();
    let fits = |c: &char| {
        units += c.len_utf16();
        units <= most
    };
    Cow::Owned(text.chars().take_while(fits).chain([CUT]).collect())
}

/// A text without characters whose escape would be read with the text before it: a carriage return is written as `_x000D_`,
/// and behind `_x0041` its first sign would end another escape, that of a letter. They become spaces.
fn without_false_escapes(text: &str) -> Cow<'_, str> {
    let is_escaped = |c: char| c < ' ' && c != '\t' && c != '\n' || matches!(c, '\u{FFFE}' | '\u{FFFF}');
    let is_false = |(at, _): (usize, &str)| {
        let digits = text.get(at + 2..at + 6).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        digits.and_then(|_| text.get(at + 6..)).is_some_and(|rest| rest.starts_with(is_escaped))
    };
    if !text.match_indices("_x").any(is_false) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|c| if is_escaped(c) { ' ' } else { c }).collect())
}

/// A text as it is given to the crate that writes it. A text from `<r>` to `</r>` would be taken for markup; white space at
/// its end prevents that, and is not read.
fn written(text: &str) -> String {
    if text.starts_with("<r>") && text.ends_with("</r>") {
        let mut text = held(text, MOST_UNITS - 1).into_owned();
        text.push(' ');
        return text;
    }
    held(text, MOST_UNITS).into_owned()
}

/// The width of a text: letters outside Latin, Greek and Cyrillic scripts are taken for wide.
fn width_of(text: &str) -> u32 {
    text.chars().map(|c| if u32::from(c) < 0x1100 { 1 } else { 2 }).sum()
}

/// The lines that a text takes in a column.
fn lines_of(text: &str, width: u32) -> u32 {
    text.lines().map(|line| width_of(line).div_ceil(width).max(1)).sum()
}

/// Limits are checked before, so that an error of the crate is a defect of this one.
fn defect(error: XlsxError) -> Error {
    Error::Bug { what: format!("a workbook can't be made: {error}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_at_the_limit_and_between_characters() {
        let fits = "x".repeat(MOST_UNITS);
        assert_eq!(held(&fits, MOST_UNITS), fits);
        assert_eq!(held("ab\u{1F600}cd", 4), "ab\u{2026}");
        assert_eq!(held("ab\u{1F600}", 4), "ab\u{1F600}");
        assert_eq!(held("_x0041\r, _x0041_, _x004\r", 99), "_x0041 , _x0041_, _x004 ");
        assert_eq!(held("_x004\r\u{FFFF}_x0041\n", 99), "_x004\r\u{FFFF}_x0041\n");
        let markup = format!("<r>{}</r>", "x".repeat(MOST_UNITS - 7));
        assert!(written(&markup).ends_with("\u{2026} ") && written(&markup).encode_utf16().count() == MOST_UNITS);
    }

    #[test]
    fn a_workbook_that_becomes_too_large_to_be_read_is_refused() {
        let mut book = Book { bytes: MOST_UNPACKED - 2 * AROUND - 8, ..Book::new().unwrap() };
        let mut cells = 0;
        let error = book.sheet("x", Shape::Long, |sheet| {
            (0..3).try_for_each(|_| {
                sheet.row(&[Cow::Borrowed("four"), Cow::Borrowed("")])?;
                cells += 1;
                Ok(())
            })
        });
        let expected = InputError::WorkbookTooLarge { what: "bytes", most: 1 << 30 };
        assert_eq!((error.unwrap_err().input(), cells), (Some(&expected), 2));
    }
}
