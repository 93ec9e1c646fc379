//! Reads HTML tables.
//!
//! Input: a text. Output: its tables, and the lines between them. Entities are decoded; `<br>` and blocks in a cell are
//! line breaks, other white space is one space. A cell that spans rows or columns is copied into each of them. A table
//! in a cell is left out, and a finding. Scripts and styles are no text.
//! Bounds: spans, cells, copies and depth are limited, so that memory is in proportion to the text, and 24 MB at most for
//! copies. Cost: one pass; a row costs at least as much as the columns that cells above it span.

use std::convert::Infallible;

use html5gum::{DefaultEmitter, Spanned, StartTag, Token, Tokenizer};

use super::error::TableError;
use super::finding_kind::{FindingKind, Found};
use super::grid::{MOST_CELLS, MOST_COLUMNS, Table};
use super::lexicon::is_space;
use super::place::{Place, Places};
use super::prose::{Line, Parts};

/// The most rows that one cell spans: the limit of the HTML standard.
const MOST_ROWS: usize = 65_534;
/// The most copies of merged cells in a table: 24 MB.
const MOST_COPIES: usize = 1 << 20;
/// The deepest table in a table.
const DEEPEST: usize = 64;

/// Whether a text has a table, or is a page.
pub(super) fn is_html(text: &str) -> bool {
    text.match_indices('<').any(|(at, _)| {
        let begins = |tag: &str| text.get(at..at + tag.len()).is_some_and(|there| there.eq_ignore_ascii_case(tag));
        begins("<table") || begins("<!doctype html") || begins("<html")
    })
}

pub(super) fn read(text: &str, parts: &mut Parts, found: &mut Vec<Found>) -> Result<(), TableError> {
    let mut emitter = DefaultEmitter::<usize>::new_with_span();
    emitter.naively_switch_states(true);
    let mut reader = Reader::new(text, parts, found);
    for token in Tokenizer::new_with_emitter(text, emitter) {
        let token: Result<Token<usize>, Infallible> = token;
        match token {
            Ok(Token::StartTag(tag)) => reader.start(&tag)?,
            Ok(Token::EndTag(tag)) => reader.end(&name(&tag.name), tag.span.start)?,
            Ok(Token::String(string)) => reader.string(&string),
            Ok(_) => {}
            Err(never) => match never {},
        }
    }
    reader.finish()
}

fn name(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).to_lowercase()
}

/// A piece of text that grows: a cell, or a line outside tables.
#[derive(Default)]
struct Piece {
    text: String,
    place: Option<Place>,
}

impl Piece {
    /// Adds text. White space is one space, except none at the start of a line.
    fn add(&mut self, string: &str, start: usize, places: &mut Places<'_>) {
        if self.place.is_none() {
            let spaces = string.len() - string.trim_start_matches(is_space).len();
            if spaces < string.len() {
                self.place = Some(places.of(start + spaces));
            }
        }
        for c in string.chars() {
            if !is_space(c) {
                self.text.push(c);
            } else if !(self.text.is_empty() || self.text.ends_with([' ', '\n'])) {
                self.text.push(' ');
            }
        }
    }

    fn break_line(&mut self) {
        self.text.truncate(self.text.trim_end_matches(' ').len());
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
    }
}

/// A cell that is open.
struct Open {
    piece: Piece,
    columns: usize,
    rows: usize,
    /// The place of the tag, for an empty cell.
    tag: Place,
}

struct Reader<'t, 'p> {
    places: Places<'t>,
    parts: &'p mut Parts,
    found: &'p mut Vec<Found>,
    /// How many tables are open.
    depth: usize,
    table: Table,
    copies: usize,
    /// For each column the rows below the last one that a cell of it still spans.
    spans: Vec<usize>,
    row: bool,
    cell: Option<Open>,
    /// The line outside tables, or the caption.
    line: Piece,
    heading: bool,
    /// The tag whose content is no text.
    hidden: Option<String>,
}

impl<'t, 'p> Reader<'t, 'p> {
    fn new(text: &'t str, parts: &'p mut Parts, found: &'p mut Vec<Found>) -> Reader<'t, 'p> {
        Reader {
            places: Places::new(text),
            parts,
            found,
            depth: 0,
            table: Table::default(),
            copies: 0,
            spans: Vec::new(),
            row: false,
            cell: None,
            line: Piece::default(),
            heading: false,
            hidden: None,
        }
    }

    fn start(&mut self, tag: &StartTag<usize>) -> Result<(), TableError> {
        let name = name(&tag.name);
        let at = tag.span.start;
        match name.as_str() {
            "table" => return self.start_table(at),
            "script" | "style" | "title" | "template" | "noscript" if !tag.self_closing => self.hidden = Some(name),
            _ if self.depth > 1 => {}
            "tr" if self.depth == 1 => {
                self.end_row()?;
                self.row = true;
            }
            "td" | "th" if self.depth == 1 => self.start_cell(tag)?,
            "thead" | "tbody" | "tfoot" if self.depth == 1 => {
                self.end_row()?;
                self.spans.clear();
            }
            "caption" if self.depth == 1 => self.break_line(),
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" if self.depth == 0 => {
                self.break_line();
                self.heading = true;
            }
            other if is_block(other) => self.break_line(),
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, name: &str, at: usize) -> Result<(), TableError> {
        if self.hidden.as_deref() == Some(name) {
            self.hidden = None;
        }
        match name {
            "table" if self.depth > 0 => {
                if self.depth == 1 {
                    self.places.of(at);
                    self.end_table()?;
                }
                self.depth -= 1;
            }
            _ if self.depth > 1 => {}
            "tr" if self.depth == 1 => self.end_row()?,
            "td" | "th" if self.depth == 1 => self.end_cell()?,
            "caption" if self.depth == 1 => {
                let text = std::mem::take(&mut self.line).text;
                self.table.set_title(text.trim_matches(is_space));
            }
            other if is_block(other) => self.break_line(),
            _ => {}
        }
        Ok(())
    }

    fn string(&mut self, string: &Spanned<html5gum::HtmlString, usize>) {
        if self.hidden.is_some() || self.depth > 1 {
            return;
        }
        let text = String::from_utf8_lossy(&string.value);
        match &mut self.cell {
            Some(cell) => cell.piece.add(&text, string.span.start, &mut self.places),
            None => self.line.add(&text, string.span.start, &mut self.places),
        }
    }

    fn start_table(&mut self, at: usize) -> Result<(), TableError> {
        let place = self.places.of(at);
        if self.depth >= DEEPEST {
            return Err(TableError::TooDeep { line: place.line, most: DEEPEST });
        }
        if self.depth == 0 {
            self.break_line();
            self.table = Table::new(std::mem::take(&mut self.parts.heading));
            (self.copies, self.row) = (0, false);
            self.spans.clear();
        } else if self.depth == 1 {
            self.found.push(Found::new(FindingKind::NestedTable, place, ""));
        }
        self.depth += 1;
        Ok(())
    }

    fn start_cell(&mut self, tag: &StartTag<usize>) -> Result<(), TableError> {
        self.end_cell()?;
        // Text between cells belongs to no cell.
        self.break_line();
        self.row = true;
        let place = self.places.of(tag.span.start);
        let span = |attribute: &[u8], most: usize| {
            let Some(value) = tag.attributes.get(attribute) else { return Ok(1) };
            let written = String::from_utf8_lossy(&value.value);
            let digits: String = written.trim().chars().take_while(char::is_ascii_digit).collect();
            if digits.is_empty() {
                return Ok(1);
            }
            digits.parse().ok().filter(|span| *span <= most).ok_or_else(|| {
                let span = digits.chars().take(20).collect();
                TableError::SpanTooLarge { line: place.line, span, most }
            })
        };
        let columns = span(b"colspan", MOST_COLUMNS)?.max(1);
        // A span of 0 rows is one to the end of the group of rows.
        let rows = match span(b"rowspan", MOST_ROWS)? {
            0 => MOST_ROWS,
            rows => rows,
        };
        self.cell = Some(Open { piece: Piece::default(), columns, rows, tag: place });
        Ok(())
    }

    /// Copies cells that span from above, up to the next free column.
    fn fill_from_above(&mut self, place: Place) -> Result<(), TableError> {
        while let Some(rows) = self.spans.get_mut(self.table.open_cells()).filter(|rows| **rows > 0) {
            *rows -= 1;
            self.table.push_copy_from_above(place)?;
            self.copied(place)?;
        }
        Ok(())
    }

    fn copied(&mut self, place: Place) -> Result<(), TableError> {
        self.copies += 1;
        if self.copies > MOST_COPIES || self.table.cell_count() > MOST_CELLS {
            return Err(TableError::TooManyCells { line: place.line, most: MOST_COPIES });
        }
        Ok(())
    }

    fn end_cell(&mut self) -> Result<(), TableError> {
        let Some(cell) = self.cell.take() else { return Ok(()) };
        let place = cell.piece.place.unwrap_or(cell.tag);
        self.fill_from_above(cell.tag)?;
        let first = self.table.open_cells();
        self.table.push(&cell.piece.text, place)?;
        for _ in 1..cell.columns {
            self.table.push_copy_from_left()?;
            self.copied(place)?;
        }
        if cell.rows > 1 {
            self.spans.resize(self.spans.len().max(first + cell.columns), 0);
            // The count includes this row.
            self.spans.iter_mut().skip(first).take(cell.columns).for_each(|rows| *rows = cell.rows - 1);
        }
        Ok(())
    }

    fn end_row(&mut self) -> Result<(), TableError> {
        self.end_cell()?;
        if !self.row {
            return Ok(());
        }
        self.row = false;
        let place = self.places.of(0);
        let spanned = self.spanned();
        while self.table.open_cells() < spanned {
            self.fill_from_above(place)?;
            if self.table.open_cells() < spanned {
                self.table.push("", place)?;
                self.copied(place)?;
            }
        }
        self.table.end_row();
        self.spans.truncate(self.spanned());
        Ok(())
    }

    /// The columns up to the last one that a cell from above spans.
    fn spanned(&self) -> usize {
        self.spans.iter().rposition(|rows| *rows > 0).map_or(0, |at| at + 1)
    }

    fn end_table(&mut self) -> Result<(), TableError> {
        self.end_row()?;
        self.parts.tables.push(std::mem::take(&mut self.table));
        Ok(())
    }

    /// Ends a line: in a cell, or outside tables.
    fn break_line(&mut self) {
        if let Some(cell) = &mut self.cell {
            cell.piece.break_line();
            return;
        }
        let line = std::mem::take(&mut self.line);
        let text = line.text.trim_matches(is_space);
        if let Some(place) = line.place.filter(|_| !text.is_empty()) {
            if self.heading {
                text.clone_into(&mut self.parts.heading);
            }
            self.parts.lines.push(Line { text: text.to_owned(), place });
        }
        self.heading = false;
    }

    fn finish(mut self) -> Result<(), TableError> {
        if self.depth > 0 {
            self.end_table()?;
        }
        self.break_line();
        if let Some(tag) = &self.hidden {
            // Nothing closes it: the rest of the text is in it.
            self.found.push(Found::new(FindingKind::NotRead, self.places.of(usize::MAX), &format!("<{tag}>")));
        }
        Ok(())
    }
}

/// Whether a tag begins or ends a line.
fn is_block(name: &str) -> bool {
    matches!(
        name,
        "br" | "p"
            | "div"
            | "li"
            | "ul"
            | "ol"
            | "dl"
            | "dt"
            | "dd"
            | "tr"
            | "hr"
            | "pre"
            | "blockquote"
            | "section"
            | "article"
            | "header"
            | "footer"
            | "main"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "body"
            | "form"
            | "figure"
            | "figcaption"
    )
}
