//! Tokens of a page for `page`: adapts the tokenizer, which knows the rules of HTML for tags, attributes, scripts, comments
//! and character references.
//!
//! The tokenizer gives text in chunks, which may end within a character. Chunks that the page has as they are become one
//! stretch of the page; any other chunk is a character reference that was decoded, or the end of a line.
//! Invariant: `position` is the byte of the page behind the chunk or tag that the tokenizer gives.

use std::convert::Infallible;
use std::ops::Range;

use html5gum::{Emitter, Error, State, Tokenizer};

use super::finding::Finding;
use super::page::Page;
use super::piece::Piece;
use super::rows::{Extent, MOST_COLUMNS, MOST_ROWS};
use super::tag::Tag;
use crate::text::between;

/// The longest character reference that a finding shows, in bytes.
const LONGEST_REFERENCE: usize = 32;

/// Reads a page. Returns its text with marks, and the findings.
pub(super) fn read(source: &str) -> (Piece, Vec<Finding>) {
    let mut page = Page::new(source);
    match Tokenizer::new_with_emitter(source, Tokens::new(source, &mut page)).finish() {
        Ok(()) => page.finish(),
        Err(never) => match never {},
    }
}

/// A name or a number in the page, as far as one of a known tag or attribute goes.
#[derive(Clone, Copy, Debug, Default)]
struct Word {
    bytes: [u8; 16],
    length: usize,
}

impl Word {
    fn add(&mut self, bytes: &[u8]) {
        let free = self.bytes.iter_mut().skip(self.length);
        free.zip(bytes).for_each(|(free, b)| *free = *b);
        self.length = self.length.saturating_add(bytes.len());
    }

    /// The word; empty if it is longer than any known one.
    fn get(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or(&[])
    }
}

struct Tokens<'p, 's> {
    source: &'s str,
    page: &'p mut Page<'s>,
    position: usize,
    /// A stretch of the page that is text and not yet given on.
    stretch: Range<usize>,
    /// A `&` in the stretch that begins no known character reference.
    ampersands: Vec<usize>,
    /// The `<` of the tag or comment that is open.
    open: Option<usize>,
    name: Word,
    is_end: bool,
    is_empty: bool,
    extent: Extent,
    attribute: Word,
    value: Word,
    /// The name of the last start tag, which ends scripts and the like.
    last: Word,
}

const ONE: Extent = Extent { columns: 1, rows: 1 };

impl<'p, 's> Tokens<'p, 's> {
    fn new(source: &'s str, page: &'p mut Page<'s>) -> Tokens<'p, 's> {
        Tokens {
            source,
            page,
            position: 0,
            stretch: 0..0,
            ampersands: Vec::new(),
            open: None,
            name: Word::default(),
            is_end: false,
            is_empty: false,
            extent: ONE,
            attribute: Word::default(),
            value: Word::default(),
            last: Word::default(),
        }
    }

    fn flush(&mut self) {
        let stretch = std::mem::replace(&mut self.stretch, self.position..self.position);
        // An empty one may be within a character.
        if !stretch.is_empty() {
            self.page.text(between(self.source, stretch.start, stretch.end), stretch.start, false);
        }
        for at in self.ampersands.drain(..) {
            let rest = between(self.source, at + 1, self.source.len()).as_bytes();
            let name = rest.iter().take(LONGEST_REFERENCE).position(|b| !b.is_ascii_alphanumeric());
            match name.and_then(|end| Some((end, rest.get(end)?))) {
                Some((0, b'#')) => self.page.unknown_reference(at..at + 2),
                Some((end @ 1.., b';')) => self.page.unknown_reference(at..at + end + 2),
                _ => {}
            }
        }
    }

    /// Adds text that the page has in another way.
    fn decoded(&mut self, bytes: &[u8]) {
        let from = self.stretch.end;
        self.flush();
        // The reference begins behind everything before it, and perhaps behind an empty tag, which the tokenizer drops.
        let start = match between(self.source, from, self.position).rfind('&') {
            Some(ampersand) => from + ampersand,
            // The end of a line.
            None => self.position.saturating_sub(1),
        };
        let text = std::str::from_utf8(bytes);
        debug_assert!(text.is_ok(), "a chunk at {from} is no part of the page");
        match text {
            Ok("\u{FFFD}") | Err(_) => self.page.unknown_reference(start..self.position),
            Ok(_) => {}
        }
        self.page.text(text.unwrap_or("\u{FFFD}"), start, true);
        // The tokenizer passes over the second character of a line end, which belongs to the first.
        let line_end = self.source.as_bytes().get(start..self.position + 1) == Some(b"\r\n");
        let end = self.position + usize::from(line_end);
        self.stretch = end..end;
    }

    fn end_attribute(&mut self) {
        let number = |most: usize| {
            let digits = self.value.get().trim_ascii_start();
            let digits = digits.split(|b| !b.is_ascii_digit()).next()?;
            std::str::from_utf8(digits).ok()?.parse().ok().map(|number: usize| number.min(most))
        };
        match self.attribute.get() {
            b"colspan" => self.extent.columns = number(MOST_COLUMNS).unwrap_or(1).max(1),
            // Zero rows are all to the end of the group.
            b"rowspan" => {
                self.extent.rows = number(MOST_ROWS).map_or(1, |rows| if rows == 0 { MOST_ROWS } else { rows })
            }
            _ => {}
        }
        (self.attribute, self.value) = Default::default();
    }

    /// Takes the end of the page if it is within the comment or declaration that is open.
    fn end_open(&mut self, is_closed: bool) {
        self.flush();
        if let Some(at) = self.open.take().filter(|_| self.position >= self.source.len() && !is_closed) {
            self.page.ends_within(at);
        }
    }

    fn written(&self) -> &'s str {
        self.open.map_or("", |open| between(self.source, open, self.position))
    }
}

impl Emitter for Tokens<'_, '_> {
    type Token = Infallible;

    fn move_position(&mut self, offset: isize) {
        self.position = self.position.saturating_add_signed(offset);
    }

    fn should_emit_errors(&mut self) -> bool {
        false
    }

    fn emit_error(&mut self, _error: Error) {}

    fn pop_token(&mut self) -> Option<Infallible> {
        None
    }

    fn emit_string(&mut self, bytes: &[u8]) {
        self.open = None;
        let start = self.position.saturating_sub(bytes.len());
        if self.source.as_bytes().get(start..self.position) != Some(bytes) {
            self.decoded(bytes);
            return;
        }
        if self.stretch.end != start {
            self.flush();
            self.stretch.start = start;
        }
        self.stretch.end = self.position;
        if bytes.first() == Some(&b'&') {
            self.ampersands.push(start);
        }
    }

    fn start_open_tag(&mut self) {
        self.open = Some(self.position.saturating_sub(1));
    }

    fn init_start_tag(&mut self) {
        (self.name, self.is_end, self.is_empty, self.extent) = (Word::default(), false, false, ONE);
        (self.attribute, self.value) = Default::default();
    }

    fn init_end_tag(&mut self) {
        self.init_start_tag();
        self.is_end = true;
    }

    fn push_tag_name(&mut self, bytes: &[u8]) {
        self.name.add(bytes);
    }

    fn init_attribute(&mut self) {
        self.end_attribute();
    }

    fn push_attribute_name(&mut self, bytes: &[u8]) {
        self.attribute.add(bytes);
    }

    fn push_attribute_value(&mut self, bytes: &[u8]) {
        self.value.add(bytes);
    }

    fn set_self_closing(&mut self) {
        self.is_empty = true;
    }

    fn emit_current_tag(&mut self) -> Option<State> {
        self.end_attribute();
        let at = self.open.take().unwrap_or(self.position);
        let stretch = self.position;
        self.flush();
        self.stretch = stretch..stretch;
        let name = self.name;
        let tag = Tag::of(name.get());
        if self.is_end {
            self.page.end(tag, name.get(), at);
            return None;
        }
        self.last = name;
        if tag == Tag::Hidden && self.is_empty {
            // As in pages of XHTML.
            return None;
        }
        self.page.start(tag, name.get(), at, self.extent);
        match name.get() {
            b"script" => Some(State::ScriptData),
            b"title" => Some(State::RcData),
            b"style" | b"noscript" | b"iframe" | b"noembed" | b"noframes" => Some(State::RawText),
            _ => None,
        }
    }

    fn current_is_appropriate_end_tag_token(&mut self) -> bool {
        self.is_end && self.last.length > 0 && self.last.get() == self.name.get()
    }

    fn init_comment(&mut self) {
        self.flush();
    }

    fn emit_current_comment(&mut self) {
        let written = self.written();
        let is_closed = match written.strip_prefix("<!--") {
            Some(_) => written.ends_with("-->") || written.ends_with("--!>"),
            None => written.ends_with('>'),
        };
        self.end_open(is_closed);
    }

    fn init_doctype(&mut self) {
        self.flush();
    }

    fn emit_current_doctype(&mut self) {
        let is_closed = self.written().ends_with('>');
        self.end_open(is_closed);
    }

    fn emit_eof(&mut self) {
        self.flush();
        // Text and the ends of tags clear it; an empty end tag leaves it.
        if let Some(at) = self.open.take().filter(|at| self.source.get(*at..) != Some("</>")) {
            self.page.ends_within(at);
        }
    }

    fn set_last_start_tag(&mut self, _name: Option<&[u8]>) {}
    fn set_force_quirks(&mut self) {}
    fn push_comment(&mut self, _bytes: &[u8]) {}
    fn push_doctype_name(&mut self, _bytes: &[u8]) {}
    fn set_doctype_public_identifier(&mut self, _bytes: &[u8]) {}
    fn set_doctype_system_identifier(&mut self, _bytes: &[u8]) {}
    fn push_doctype_public_identifier(&mut self, _bytes: &[u8]) {}
    fn push_doctype_system_identifier(&mut self, _bytes: &[u8]) {}
}
