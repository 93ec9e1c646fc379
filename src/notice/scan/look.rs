//! Looks ahead from a place without moving: labels, blocks, ends of paragraphs. Every look is bounded by a constant or
//! by the line.

use super::scanner::Scanner;
use crate::notice::heading::{Marker, marker_at};
use crate::notice::label;
use crate::notice::lexicon::{self, is_space};
use crate::notice::text::Span;
use crate::notice::token::{Kind, Token};
use crate::text::boundary;

/// No more bytes lie between the start of a label and its colon: 32 Chinese characters, labels spaced out and with a
/// remark behind them included.
const LONGEST_LABEL: usize = 120;
/// A label holds no more marks before its colon: a bracket with a remark has two, bold type four.
const MARKS_OF_LABEL: usize = 8;
/// The most marks of Markdown before the number of a heading, with blanks: `###### - **`.
const MOST_MARKUP: usize = 12;

impl<'a> Scanner<'a> {
    /// `at`, or the next boundary of a character behind it; at most the end of the text.
    pub(super) fn boundary(&self, at: usize) -> usize {
        boundary(self.text, at)
    }

    /// The next place on this line that isn't a blank.
    pub(super) fn skip_space(&self, at: usize) -> usize {
        let rest = self.after(at);
        at + rest.find(|c| !is_space(c) || lexicon::is_break(c)).unwrap_or(rest.len())
    }

    /// The start of the next line, if nothing but blanks are on this one from a place on.
    pub(super) fn next_line(&self, at: usize) -> Option<usize> {
        let next = self.after(self.skip_space(at)).strip_prefix(lexicon::is_break)?;
        Some(self.text.len() - next.len())
    }

    pub(super) fn ends_paragraph(&self, at: usize) -> bool {
        let start = self.skip_space(at);
        let rest = self.after(start);
        rest.is_empty() || rest.starts_with(lexicon::is_break) || self.run_on && marker_at(self.text, start).is_some()
    }

    /// Whether a heading or an empty line begins at a place.
    pub(super) fn starts_block(&self, at: usize) -> bool {
        self.next_line(at).is_some() || self.marker_of_line(at).is_some()
    }

    /// The number of a heading at the start of a line, behind blanks and the marks of Markdown for headings and lists.
    pub(super) fn marker_of_line(&self, at: usize) -> Option<Marker> {
        let start = self.skip_space(at);
        marker_at(self.text, start).or_else(|| {
            let marks = self.after(start).chars().take(MOST_MARKUP);
            let marks = marks.take_while(|c| lexicon::is_markup(*c) || matches!(c, '>' | '-' | '+' | ' '));
            let behind: usize = marks.map(char::len_utf8).sum();
            let marks = self.between(start, start + behind);
            let heading = marks.ends_with(' ') || marks.ends_with(lexicon::BOLD);
            heading.then(|| marker_at(self.text, start + behind))?
        })
    }

    pub(super) fn starts_with_label(&self, at: usize) -> bool {
        let colon = self.marks_from(at).iter().take(MARKS_OF_LABEL).find(|t| t.kind == Kind::Colon);
        colon.is_some_and(|colon| self.label_from(at, colon.at).is_some())
    }

    /// The marks at or behind a place.
    fn marks_from(&self, at: usize) -> &'a [Token] {
        let (past, rest) = self.tokens.split_at(self.next);
        // Nearly all places asked for are within a few marks of the next one: no search is needed for those.
        if past.last().is_none_or(|token| token.at < at)
            && let Some(near) = rest.iter().take(8).position(|token| token.at >= at)
        {
            return rest.split_at(near).1;
        }
        self.tokens.split_at(self.tokens.partition_point(|token| token.at < at)).1
    }

    /// The label that begins at a place and ends at a colon.
    pub(super) fn label_from(&self, at: usize, colon: usize) -> Option<label::Label> {
        if colon.saturating_sub(at) > LONGEST_LABEL {
            return None;
        }
        let label = label::before(self.text, colon, at)?;
        let between = self.between(at, label.span.start);
        between.chars().all(|c| lexicon::is_edge(c) || lexicon::opens_label(c)).then_some(label)
    }

    /// The end of the line on which the next mark is.
    pub(super) fn line_end(&self) -> usize {
        self.rest().iter().find(|t| t.kind == Kind::Newline).map_or(self.text.len(), |t| t.at)
    }

    /// The last 120 bytes of a sentence: role words end it, and no row of them is longer.
    pub(super) fn tail(&self, span: Span) -> Span {
        Span::new(self.boundary(span.end.saturating_sub(120).max(span.start)), span.end)
    }
}
