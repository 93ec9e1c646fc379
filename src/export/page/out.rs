//! Text on its way into a writer, and what makes a text inert in HTML. Knows nothing of tasks.
//!
//! Every text of an index passes [`Out::text`] or [`Out::name`]: the five characters that mean something in HTML become
//! references, and characters that HTML does not allow become U+FFFD. A text with letters that run from right to left is
//! isolated, so that it does not reorder its neighbours.

use std::fmt::{self, Write as _};
use std::io::Write;

use crate::export::gather::Gather;
use crate::model::Result;
use crate::text::between;

/// A page on its way into a writer.
pub(super) struct Out<'w> {
    to: Gather<'w>,
}

impl<'w> Out<'w> {
    pub(super) fn new(to: &'w mut dyn Write) -> Out<'w> {
        Out { to: Gather::new(to, "write the page") }
    }

    /// Adds HTML as it is.
    pub(super) fn raw(&mut self, html: &str) {
        self.to.push(html.as_bytes());
    }

    /// Adds HTML with numbers in it; texts of an index go through [`text`](Out::text).
    pub(super) fn html(&mut self, html: fmt::Arguments<'_>) {
        let added = self.write_fmt(html);
        debug_assert!(added.is_ok(), "bytes are gathered without a failure");
    }

    /// Adds a text, for use between tags and between quotation marks.
    pub(super) fn text(&mut self, text: &str) {
        let mut from = 0;
        for (at, c) in text.char_indices() {
            let escaped = match c {
                '&' => "&amp;",
                '<' => "&lt;",
                '>' => "&gt;",
                '"' => "&quot;",
                '\'' => "&#39;",
                '\t' | '\n' | '\r' => " ",
                c if c.is_control() || is_noncharacter(c) => "&#65533;",
                _ => continue,
            };
            self.raw(between(text, from, at));
            self.raw(escaped);
            from = at + c.len_utf8();
        }
        self.raw(between(text, from, text.len()));
    }

    /// Adds a text between tags, isolated if it can run from right to left.
    pub(super) fn name(&mut self, name: &str) {
        if runs_from_right(name) {
            self.raw("<bdi>");
            self.text(name);
            self.raw("</bdi>");
        } else {
            self.text(name);
        }
    }

    /// Adds a name as the value of an id, or behind `#` in a link. Different names give different values.
    ///
    /// An id has no white space, and a link has only some marks. Browsers look for the part behind `#` also after they have
    /// decoded it, so that letters outside ASCII need no encoding; `%` does, lest it be decoded.
    pub(super) fn anchor(&mut self, kind: &str, name: &str) {
        self.raw(kind);
        let special = |c: char| {
            let is_mark =
                matches!(c, '"' | '#' | '%' | '<' | '>' | '[' | '\\' | ']' | '^' | '`' | '{' | '|' | '}' | '~');
            is_mark || c.is_ascii_whitespace() || is_noncharacter(c)
        };
        let mut rest = name;
        while let Some((before, c)) = rest.find(special).and_then(|at| Some((rest.get(..at)?, rest.get(at..)?))) {
            self.text(before);
            let mut after = c.chars();
            if let Some(c) = after.next() {
                self.html(format_args!("~{:02X}", u32::from(c)));
            }
            rest = after.as_str();
        }
        self.text(rest);
    }

    /// Writes what was gathered once it is enough.
    pub(super) fn spill(&mut self) -> Result<()> {
        self.to.spill()
    }

    /// Writes the rest. Returns the number of bytes of the whole page.
    pub(super) fn finish(self) -> Result<u64> {
        self.to.finish()
    }
}

impl fmt::Write for Out<'_> {
    fn write_str(&mut self, html: &str) -> fmt::Result {
        self.raw(html);
        Ok(())
    }
}

/// Whether Unicode reserves a character for programs: HTML does not allow it.
fn is_noncharacter(c: char) -> bool {
    let number = u32::from(c);
    (0xFDD0..=0xFDEF).contains(&number) || number & 0xFFFE == 0xFFFE
}

/// Whether a text has letters of a script that is written from right to left, or characters that set a direction.
fn runs_from_right(text: &str) -> bool {
    let sets_direction = |c: char| {
        matches!(c,
            '\u{0590}'..='\u{08FF}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}'
            | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFE}' | '\u{10800}'..='\u{10FFF}' | '\u{1E800}'..='\u{1EFFF}')
    };
    !text.is_ascii() && text.chars().any(sets_direction)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(add: impl FnOnce(&mut Out<'_>)) -> String {
        let mut bytes = Vec::new();
        let mut out = Out::new(&mut bytes);
        add(&mut out);
        assert_eq!(out.finish().unwrap(), bytes.len() as u64);
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_text_is_inert() {
        let text = written(|out| out.text("<script>\"a\" & 'b'\u{0}\u{85}\u{fdd0}\u{1ffff}\nc"));
        let expected = "&lt;script&gt;&quot;a&quot; &amp; &#39;b&#39;&#65533;&#65533;&#65533;&#65533; c";
        assert_eq!(text, expected);
    }

    #[test]
    fn a_name_that_runs_from_the_right_is_isolated() {
        assert_eq!(written(|out| out.name("a\u{202E}b")), "<bdi>a\u{202E}b</bdi>");
        assert_eq!(written(|out| out.name("\u{5D0}<")), "<bdi>\u{5D0}&lt;</bdi>");
        assert_eq!(written(|out| out.name("\u{7701}")), "\u{7701}");
    }

    #[test]
    fn different_names_have_different_anchors_without_white_space() {
        let anchors =
            ["a b", "a%20b", "a~20b", "<a>", "a\u{FFFE}&"].map(|name| written(|out| out.anchor("task:", name)));
        assert_eq!(anchors, ["task:a~20b", "task:a~2520b", "task:a~7E20b", "task:~3Ca~3E", "task:a~FFFE&amp;"]);
    }
}
