//! Lines that go on with the list of the labelled line before them, as pages and terminals break them.
//!
//! Input: the rest of a line behind its last mark. Output: whether the next line is of the same list: it begins with a
//! separator, ends a name, or is nothing but units and indented like the list. Cost: at most one line is looked at.

use super::scanner::{LONGEST_SENTENCE, Scanner};
use crate::notice::finding_kind::FindingKind;
use crate::notice::lexicon::{self, is_space};
use crate::notice::name;
use crate::notice::text::{Span, has_length};
use crate::notice::token::Token;

/// The longest name in bytes: 48 Chinese characters.
const LONGEST_NAME: usize = 144;
/// The indentation of a line that goes on may differ from the place of the list by so many columns.
const NEAR: usize = 4;

impl Scanner<'_> {
    /// Whether the list of a label goes on in the next line. `rest` is the text behind the last mark of the line, `label`
    /// the start of the label.
    pub(super) fn wraps(&self, rest: Span, label: usize, colon: Token) -> bool {
        let start = self.skip_space(rest.end + 1);
        if self.starts_block(rest.end + 1) {
            return false;
        }
        self.after(start).starts_with(lexicon::joins)
            || self.ends_name(rest, start)
            || self.is_list(start)
                && (self.is_alone(colon) || self.is_below(Span::new(rest.end + 1, start), label, colon))
    }

    /// Whether the first word of a line ends the name with which the line before ends.
    fn ends_name(&self, rest: Span, start: usize) -> bool {
        let tail = rest.trim_edges(self.text);
        let mark = |c: char| lexicon::is_edge(c) && !is_space(c) || lexicon::is_break(c);
        let line = self.between(start, self.boundary(start + LONGEST_NAME));
        let Some(end) = line.find(mark).or_else(|| (self.text.len() == start + line.len()).then_some(line.len()))
        else {
            return false;
        };
        let head = self.between(start, start + end);
        let open = !tail.is_empty() && tail.end - tail.start <= LONGEST_NAME && !name::is_whole(tail.of(self.text));
        open && !head.is_empty() && !name::is_body(head) && name::is_body(self.between(tail.start, start + end))
    }

    /// The line from a place on, at most [`LONGEST_SENTENCE`] bytes of it.
    fn line(&self, start: usize) -> &str {
        let near = self.between(start, self.boundary(start + LONGEST_SENTENCE));
        near.split_once(lexicon::is_break).map_or(near, |(line, _)| line)
    }

    /// Whether a line is nothing but units.
    fn is_list(&self, start: usize) -> bool {
        let line = self.line(start);
        let mut units = line.split(|c| lexicon::joins(c) || is_space(c) || lexicon::is_full_stop(c));
        let fits = |unit: &str| has_length(unit, 3) && name::is_whole(unit);
        let pair = line.contains(lexicon::is_colon);
        !pair
            && line.len() < LONGEST_SENTENCE
            && !line.trim().is_empty()
            && units.all(|unit| unit.is_empty() || fits(unit))
    }

    /// Whether a label is alone on its line: its list is in the lines below.
    fn is_alone(&self, colon: Token) -> bool {
        self.next_line(colon.end()).is_some()
    }

    /// Whether a line is indented like the list of a label.
    fn is_below(&self, indent: Span, label: usize, colon: Token) -> bool {
        let before = self.between(self.line_start.min(label), label);
        let list = columns(before) + columns(self.between(label, colon.end()));
        let indent = columns(indent.of(self.text));
        indent > columns(before) + NEAR && indent.abs_diff(list) <= NEAR
    }

    /// Reports the line behind a clause if it is nothing but units: it may go on with the list, or sign the text.
    pub(super) fn report_next_line(&mut self, end: usize) {
        let Some(next) = self.next_line(end) else { return };
        let start = self.skip_space(next);
        if self.is_list(start) {
            let line = Span::new(start, start + self.line(start).len());
            self.found(FindingKind::LineNotRead, line.trim(self.text));
        }
    }
}

/// The width of a text in columns: Chinese characters and marks take two.
fn columns(text: &str) -> usize {
    text.chars().map(|c| if c.len_utf8() > 2 { 2 } else { 1 }).sum()
}
