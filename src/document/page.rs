//! Makes text of a page as its tags come.
//!
//! Input: text and tags of the page in order. Output: lines, each with the place in the page of its characters, and
//! findings. A block begins and ends a line, `<br>` ends one; tables are those of `rows`; scripts, styles, titles and the
//! like are left out. No tree is built: an end tag that is missing or out of place does no harm.
//! Cost: time and memory in proportion to the page.

use std::ops::Range;

use super::finding::{Finding, FindingKind};
use super::piece::Piece;
use super::places::Walker;
use super::rows::{Extent, Rows};
use super::tag::Tag;
use crate::text::{between, boundary};

/// The deepest table in tables.
const DEEPEST: usize = 64;
/// The bytes that a finding about the end of the page keeps.
const KEPT: usize = 80;
/// Copies of merged cells are free up to so many bytes, so that a small page has those that it asks for.
const FREE_COPIES: usize = 1 << 16;

/// An element that is left out.
#[derive(Clone, Debug)]
struct Hidden {
    name: Box<[u8]>,
    /// How many elements of the name are open.
    depth: usize,
    at: usize,
}

/// A text that is made of a page.
#[derive(Debug)]
pub(super) struct Page<'s> {
    source: &'s str,
    walker: Walker<'s>,
    out: Piece,
    tables: Vec<Rows>,
    /// Open tables beyond the deepest one.
    too_deep: usize,
    hidden: Option<Hidden>,
    /// Open elements whose white space counts.
    preformatted: usize,
    /// Whether a preformatted element has just begun: a line end there is not shown.
    at_start: bool,
    /// The bytes of copies that are left.
    budget: usize,
    /// Whether copies were left out.
    too_many: bool,
    found: Vec<Finding>,
    /// The place of the last finding, so that the next one is counted from there.
    finder: Walker<'s>,
}

impl<'s> Page<'s> {
    pub(super) fn new(source: &'s str) -> Page<'s> {
        Page {
            source,
            walker: Walker::new(source),
            out: Piece::default(),
            tables: Vec::new(),
            too_deep: 0,
            hidden: None,
            preformatted: 0,
            at_start: false,
            budget: source.len() + FREE_COPIES,
            too_many: false,
            found: Vec::new(),
            finder: Walker::new(source),
        }
    }

    /// The text, its marks and the findings.
    pub(super) fn finish(mut self) -> (Piece, Vec<Finding>) {
        while !self.tables.is_empty() {
            self.end_table(self.source.len());
        }
        if let Some(Hidden { at, .. }) = self.hidden.take() {
            self.found_to_end(FindingKind::UnclosedElement, at);
        }
        (self.out, self.found)
    }

    fn found(&mut self, kind: FindingKind, at: Range<usize>) {
        let (line, column) = match self.finder.has_passed(at.start) {
            // An element that the end of the page leaves open begins before other findings. There are two such findings.
            true => Walker::new(self.source).position(at.start),
            false => self.finder.position(at.start),
        };
        let original = between(self.source, at.start, at.end).into();
        self.found.push(Finding { kind, line, column, original });
    }

    /// Adds a finding about the page from a byte to its end.
    fn found_to_end(&mut self, kind: FindingKind, at: usize) {
        self.found(kind, at..boundary(self.source, at + KEPT));
    }

    /// Takes a character reference that is unknown.
    pub(super) fn unknown_reference(&mut self, at: Range<usize>) {
        if self.hidden.is_none() {
            self.found(FindingKind::UnknownReference, at);
        }
    }

    /// Adds text that begins at a byte of the page: a stretch of it, or a character reference that is decoded.
    pub(super) fn text(&mut self, text: &str, at: usize, is_decoded: bool) {
        if self.hidden.is_some() {
            return;
        }
        let Page { out, tables, walker, .. } = self;
        let (piece, in_cell) = match tables.last_mut().filter(|rows| rows.is_in_cell()) {
            Some(rows) => (&mut rows.text, true),
            None => (out, false),
        };
        if self.preformatted == 0 {
            piece.put(text, at, walker);
            if is_decoded {
                piece.jump();
            }
            return;
        }
        let at_start = std::mem::take(&mut self.at_start);
        let shown = if at_start { text.strip_prefix("\r\n").or(text.strip_prefix('\n')).unwrap_or(text) } else { text };
        piece.put_as_is(shown, at + (text.len() - shown.len()), in_cell, walker);
        if is_decoded {
            piece.jump();
        }
    }

    /// Takes a start tag. `name` is in lower case.
    pub(super) fn start(&mut self, tag: Tag, name: &[u8], at: usize, extent: Extent) {
        match &mut self.hidden {
            Some(hidden) if *hidden.name == *name => hidden.depth += 1,
            Some(_) => {}
            None => self.start_shown(tag, name, at, extent),
        }
    }

    fn start_shown(&mut self, tag: Tag, name: &[u8], at: usize, extent: Extent) {
        let in_table = !self.tables.is_empty() && self.too_deep == 0;
        match tag {
            Tag::Inline => {}
            Tag::Hidden => self.hidden = Some(Hidden { name: name.into(), depth: 1, at }),
            Tag::Break => self.piece().end_line(),
            Tag::Table => self.start_table(at),
            Tag::Row if in_table => {
                self.end_row(at);
                if let Some(rows) = self.tables.last_mut() {
                    rows.start_row();
                }
            }
            Tag::Rows if in_table => self.end_group(at),
            Tag::Cell if in_table => {
                if let Some(rows) = self.tables.last_mut() {
                    rows.start_cell(extent, &mut self.out);
                }
            }
            Tag::Preformatted => {
                self.piece().fresh_line();
                (self.preformatted, self.at_start) = (self.preformatted + 1, true);
            }
            Tag::Block | Tag::Row | Tag::Rows | Tag::Cell => self.piece().fresh_line(),
        }
    }

    /// Takes an end tag.
    pub(super) fn end(&mut self, tag: Tag, name: &[u8], at: usize) {
        if let Some(hidden) = &mut self.hidden {
            if *hidden.name == *name {
                hidden.depth -= 1;
                if hidden.depth == 0 {
                    self.hidden = None;
                }
            }
            return;
        }
        let in_table = !self.tables.is_empty() && self.too_deep == 0;
        match tag {
            Tag::Inline | Tag::Hidden => {}
            // As browsers do: `</br>` is a line break.
            Tag::Break => self.piece().end_line(),
            Tag::Table if self.too_deep > 0 => self.too_deep -= 1,
            Tag::Table => self.end_table(at),
            Tag::Row if in_table => self.end_row(at),
            Tag::Rows if in_table => self.end_group(at),
            Tag::Cell if in_table => {
                if let Some(rows) = self.tables.last_mut() {
                    rows.end_cell();
                }
            }
            Tag::Preformatted => {
                self.preformatted = self.preformatted.saturating_sub(1);
                self.piece().fresh_line();
            }
            Tag::Block | Tag::Row | Tag::Rows | Tag::Cell => self.piece().fresh_line(),
        }
    }

    /// Takes the end of the page, which is within a tag or a comment that begins at a byte.
    pub(super) fn ends_within(&mut self, at: usize) {
        self.found_to_end(FindingKind::UnclosedTag, at);
    }

    /// The text that grows: that of the open cell, or that of the page.
    fn piece(&mut self) -> &mut Piece {
        match self.tables.last_mut().filter(|rows| rows.is_in_cell()) {
            Some(rows) => &mut rows.text,
            None => &mut self.out,
        }
    }

    /// Begins a table. The tables around it are part of a layout, so that only the innermost one has text that waits for the
    /// end of its row.
    fn start_table(&mut self, at: usize) {
        if self.tables.len() >= DEEPEST {
            if self.too_deep == 0 {
                self.found(FindingKind::TableTooDeep, at..at + "<table".len());
            }
            self.too_deep += 1;
            return;
        }
        if let Some(outer) = self.tables.last_mut() {
            outer.lay_out(&mut self.out);
        }
        self.out.fresh_line();
        self.tables.push(Rows::default());
    }

    fn end_row(&mut self, at: usize) {
        let Some(rows) = self.tables.last_mut() else { return };
        let enough = rows.end_row(&mut self.out, &mut self.budget);
        if !enough && !std::mem::replace(&mut self.too_many, true) {
            self.found(FindingKind::TooManyCopies, at..at);
        }
    }

    fn end_group(&mut self, at: usize) {
        self.end_row(at);
        if let Some(rows) = self.tables.last_mut() {
            rows.end_group();
        }
    }

    fn end_table(&mut self, at: usize) {
        self.end_row(at);
        if self.tables.pop().is_some() {
            self.out.fresh_line();
        }
    }
}
