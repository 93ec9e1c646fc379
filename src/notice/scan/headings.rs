//! Headings at the start of lines and within them: tells whether a number is one of a heading, and enters it.

use super::scanner::Scanner;
use crate::notice::finding_kind::FindingKind;
use crate::notice::heading::{Marker, Style, marker_at, numeral_before};
use crate::notice::lexicon::{self, is_space};
use crate::notice::outline::Oddity;
use crate::notice::text::Span;
use crate::notice::token::{Kind, Token};

/// The longest title, in characters.
const LONGEST_TITLE: usize = 60;
/// Characters of a title that are enough to know it again when other text follows.
const KNOWN_BY: usize = 6;
/// A title between two headings of one line has no more bytes: 60 Chinese characters; before a number 40, since numbers
/// also stand in sentences.
const LONGEST_CHAINED: usize = 180;
const LONGEST_BEFORE_NUMBER: usize = 120;

impl Scanner<'_> {
    /// Enters a heading into the outline and goes on behind its number.
    pub(super) fn heading(&mut self, marker: Marker) {
        let title = self.title(Span::new(marker.span.end, self.text.len()));
        self.titled(marker, title);
    }

    /// Enters a heading with its title.
    pub(super) fn titled(&mut self, marker: Marker, title: Span) {
        let words = hash_of_start(title.of(self.text));
        for oddity in self.scan.outline.enter(marker, words) {
            let kind = match oddity {
                Oddity::Gap { expected } => FindingKind::NumberingGap { expected, found: marker.number },
                Oddity::Returns { first } => FindingKind::HeadingRepeated { first },
            };
            self.found(kind, Span::new(marker.span.start, title.end.max(marker.span.end)));
        }
        if let Some(here) = self.scan.outline.current()
            && here.title.is_empty()
        {
            here.title = title;
        }
        self.go_on(marker.span.end, false);
    }

    /// The words with which a piece of the text begins, up to the end of the sentence or the line.
    pub(super) fn title(&self, piece: Span) -> Span {
        let rest = piece.of(self.text);
        let ends = |(count, (_, c)): &(usize, (usize, char))| {
            lexicon::is_break(*c) || lexicon::is_stop(*c) || *count >= LONGEST_TITLE
        };
        let end = rest.char_indices().enumerate().find(ends).map_or(rest.len(), |(_, (offset, _))| offset);
        let title = Span::new(piece.start, piece.start + end).trim(self.text);
        title.trim_start_by(self.text, lexicon::is_markup).trim_end_by(self.text, lexicon::is_markup)
    }

    /// Enters the heading of whose number this is a mark, if it is one.
    pub(super) fn inline_heading(&mut self, token: Token) {
        let start = match token.kind {
            Kind::Circled | Kind::Order => Some(token.at),
            _ => numeral_before(self.text, token.at),
        };
        let marker = start.and_then(|start| marker_at(self.text, start)).filter(|m| m.span.end >= token.end());
        if let Some(marker) = marker.filter(|marker| self.is_inline_heading(*marker)) {
            self.end_sentence(marker.span.start, true);
            self.heading(marker);
        }
    }

    /// Whether a number within a line is one of a heading: it follows the end of a sentence or of a clause, or it is the
    /// number that comes next and little text is before it.
    pub(super) fn is_inline_heading(&mut self, marker: Marker) -> bool {
        let start = marker.span.start;
        if start < self.since {
            return false;
        }
        let before = self.between(self.since, start);
        let expected = self.scan.outline.expects(marker.style, marker.number);
        if self.behind_clause && self.follows_directly(start) {
            return self.run_on || expected && self.scan.outline.is_open(marker.style);
        }
        if !self.run_on {
            return false;
        }
        let last = before.chars().rev().find(|c| !is_space(*c));
        let ended = last.is_none_or(|c| lexicon::is_stop(c) || lexicon::closes(c));
        let mention = last.is_some_and(|c| lexicon::BEFORE_MENTION.contains(c));
        let chained = self.sentence_start == self.since && before.len() <= LONGEST_CHAINED;
        match marker.style {
            Style::HanInBrackets => !mention && (ended || expected),
            Style::Han => ended || chained && self.chains(marker.span.end),
            _ => ended || expected && chained && before.len() < LONGEST_BEFORE_NUMBER,
        }
    }

    /// Whether a heading of the next level follows before the sentence ends.
    fn chains(&self, at: usize) -> bool {
        let rest = self.after(at).char_indices().take(LONGEST_TITLE);
        let mut title = rest.take_while(|(_, c)| !lexicon::is_break(*c) && !lexicon::is_stop(*c));
        title.any(|(offset, c)| {
            lexicon::opens(c)
                && marker_at(self.text, at + offset).is_some_and(|m| m.style == Style::HanInBrackets && m.number == 1)
        })
    }
}

/// A hash of the first characters without dates, with which many headings begin.
fn hash_of_start(title: &str) -> u64 {
    use std::hash::{BuildHasher, Hasher};
    let mut hasher = foldhash::fast::FixedState::default().build_hasher();
    for c in title.chars().filter(|c| !is_space(*c) && !lexicon::is_of_date(*c)).take(KNOWN_BY) {
        hasher.write_u32(u32::from(c));
    }
    hasher.finish()
}
