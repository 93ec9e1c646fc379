//! Headings at the start of lines and within them. Knows where numbers stand; what they mean is the outline's matter.

use super::Scanner;
use crate::notice::findings::{FindingKind, Found};
use crate::notice::heading::{Marker, Style, marker_at, numeral_before};
use crate::notice::lex::{Kind, Token};
use crate::notice::lexicon::{self, is_space};
use crate::notice::outline::Oddity;
use crate::notice::text::Span;

/// Headings.
impl Scanner<'_> {
    pub(in crate::notice) fn heading(&mut self, marker: Marker) {
        let title = self.title(marker.span.end);
        let words = hash_of_start(title.of(self.text));
        for oddity in self.scan.outline.enter(marker, words) {
            let kind = match oddity {
                Oddity::Gap { expected } => FindingKind::NumberingGap { expected, found: marker.number },
                Oddity::Returns { first } => FindingKind::HeadingRepeated { first },
            };
            self.scan.found.push(Found { kind, span: Span::new(marker.span.start, title.end) });
        }
        if let Some(here) = self.scan.outline.here().and_then(|id| self.scan.outline.nodes.get_mut(id as usize))
            && here.title.is_empty()
        {
            here.title = title;
        }
        self.since = marker.span.end;
        self.clause_end = usize::MAX;
        self.start_sentence(marker.span.end);
        self.go_to(marker.span.end);
    }

    /// What stands behind a number, up to the end of the sentence or the line.
    pub(super) fn title(&self, at: usize) -> Span {
        let rest = self.text.get(at..).unwrap_or("");
        let mut end = rest.len();
        for (count, (offset, c)) in rest.char_indices().enumerate() {
            if c == '\n' || lexicon::is_stop(c) || count >= 60 {
                end = offset;
                break;
            }
        }
        Span::new(at, at + end).trim(self.text)
    }

    pub(super) fn inline_heading(&mut self, token: Token) {
        let start = match token.kind {
            Kind::Circled => Some(token.at),
            _ => numeral_before(self.text, token.at),
        };
        let marker = start.and_then(|start| marker_at(self.text, start)).filter(|m| m.span.end >= token.end());
        if let Some(marker) = marker.filter(|marker| self.is_inline_heading(*marker)) {
            self.end_sentence(marker.span.start, true);
            self.heading(marker);
        }
    }

    pub(super) fn is_inline_heading(&self, marker: Marker) -> bool {
        let start = marker.span.start;
        if start < self.since {
            return false;
        }
        let before = self.text.get(self.since..start).unwrap_or("");
        let expected = self.scan.outline.expects(marker.style, marker.number);
        if self.clause_end == self.since && before.chars().all(lexicon::is_edge) {
            return self.run_on || expected && self.scan.outline.is_open(marker.style);
        }
        if !self.run_on {
            return false;
        }
        let last = before.chars().rev().find(|c| !is_space(*c));
        let ended = last.is_none_or(|c| lexicon::is_stop(c) || lexicon::closes(c));
        let mention = last.is_some_and(|c| lexicon::BEFORE_MENTION.contains(c));
        let chained = self.sentence_start <= self.since && before.len() <= 180;
        match marker.style {
            Style::HanInBrackets => !mention && (ended || expected),
            Style::Han => ended || chained && self.chains(marker.span.end),
            _ => ended || expected && chained && before.len() < 120,
        }
    }

    /// Whether a heading of the next level follows before the sentence ends.
    pub(super) fn chains(&self, at: usize) -> bool {
        let rest = self.text.get(at..).unwrap_or("");
        let mut chars = rest.char_indices().take(60).take_while(|(_, c)| *c != '\n' && !lexicon::is_stop(*c));
        chars.any(|(offset, c)| {
            lexicon::opens(c)
                && marker_at(self.text, at + offset).is_some_and(|m| m.style == Style::HanInBrackets && m.number == 1)
        })
    }
}

/// A hash of the first letters: enough to know a heading again when other text follows it. Dates begin many headings.
fn hash_of_start(title: &str) -> u64 {
    use std::hash::{BuildHasher, Hasher};
    let mut hasher = foldhash::fast::FixedState::default().build_hasher();
    for c in title.chars().filter(|c| !is_space(*c) && !lexicon::is_of_date(*c)).take(6) {
        hasher.write_u32(u32::from(c));
    }
    hasher.finish()
}
