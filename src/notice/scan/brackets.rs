//! Clauses in brackets, and brackets that nothing closes.

use super::scanner::{LONGEST_CLAUSE, LONGEST_SENTENCE, Scanner};
use crate::notice::clause::Reading;
use crate::notice::finding_kind::FindingKind;
use crate::notice::heading::marker_at;
use crate::notice::label;
use crate::notice::lexicon;
use crate::notice::name;
use crate::notice::role;
use crate::notice::rule;
use crate::notice::text::Span;
use crate::notice::token::{Kind, Token};

/// The most marks in a bracket: one for every five bytes of the longest clause.
const MOST_MARKS: usize = 1200;
/// The deepest nesting of brackets in a bracket.
const DEEPEST: usize = 6;
/// The most lines, besides the first, over which a bracket with a label can be broken.
const MOST_BREAKS: usize = 3;
/// A label is looked for in so many bytes behind an opening bracket: 32 Chinese characters.
const LABEL_IN_BRACKET: usize = 96;
/// The most bytes of an unclosed bracket that a finding shows: 30 Chinese characters.
const SHOWN: usize = 90;

impl<'a> Scanner<'a> {
    /// An opening bracket: the number of a heading, a clause, or a part of the text.
    pub(super) fn open(&mut self, token: Token) {
        if let Some(marker) = marker_at(self.text, token.at) {
            if self.is_inline_heading(marker) {
                self.end_sentence(marker.span.start, true);
                self.heading(marker);
            } else {
                self.go_to(marker.span.end);
            }
            return;
        }
        match self.inside(token) {
            Some((tokens, close)) => self.bracket(token, tokens, close),
            None => self.unclosed(token),
        }
    }

    /// The marks in a bracket, and the one that closes it. A bracket ends at the latest with its line; with a label in it
    /// it can be broken over a few lines, but not over a heading or an empty line.
    fn inside(&self, open: Token) -> Option<(&'a [Token], Token)> {
        let start = self.between(open.end(), self.boundary(open.end() + LABEL_IN_BRACKET));
        let labelled = self.starts_with_label(open.end()) || label::at_start(start).is_some();
        let most_breaks = if labelled { MOST_BREAKS } else { 0 };
        let (mut depth, mut breaks) = (1, 0);
        for (place, token) in self.rest().iter().take(MOST_MARKS).enumerate() {
            match token.kind {
                Kind::Open if depth >= DEEPEST || labelled && self.starts_with_label(token.end()) => return None,
                Kind::Open => depth += 1,
                Kind::Close => depth -= 1,
                Kind::Newline => breaks += 1,
                _ => {}
            }
            if depth == 0 {
                return Some((self.rest().split_at(place).0, *token));
            }
            let over = token.at - open.at > LONGEST_CLAUSE || breaks > most_breaks;
            if over || token.kind == Kind::Newline && self.starts_block(token.end()) {
                return None;
            }
        }
        None
    }

    /// Keeps a bracket as a clause if it is one. With a label or role words in it, it is reported if it is none.
    fn bracket(&mut self, open: Token, tokens: &[Token], close: Token) {
        let inside = Span::new(open.end(), close.at);
        let roles = tokens.iter().any(|t| matches!(t.kind, Kind::Lead | Kind::Duty));
        let marked = roles || tokens.iter().any(|t| t.kind == Kind::Colon);
        let piece = inside.of(self.text);
        if !marked && !role::may_end(piece) && label::at_start(piece).is_none() && !self.ends_text(open, close) {
            return;
        }
        let reading = self.read(tokens, inside);
        let span = Span::new(open.at, close.end());
        let accepted = self.accepts(&reading, false);
        if accepted || self.is_bare_list(&reading, open, close) {
            if !accepted {
                self.report_doubtful();
            }
            self.record(span, &reading);
            return;
        }
        self.keep_everywhere(&reading);
        let short = inside.end - inside.start < LONGEST_SENTENCE;
        let no_rule = reading.everywhere.is_none() && !rule::is_order_piece(piece);
        if no_rule && (reading.labelled || roles && short) {
            self.found(FindingKind::NotRead, span);
            self.go_to(span.end);
        }
    }

    /// Whether a bracket ends a paragraph behind a whole sentence.
    fn ends_text(&self, open: Token, close: Token) -> bool {
        let before = self.between(0, open.at).trim_end_matches(lexicon::closes_quote);
        before.ends_with(lexicon::is_full_stop) && self.ends_paragraph(close.end())
    }

    /// Whether the draft is a list of which at least half are bodies, in a place where a clause would be.
    fn is_bare_list(&self, reading: &Reading, open: Token, close: Token) -> bool {
        let bodies = self.draft.iter().filter(|mention| name::is_body(mention.span.of(self.text))).count();
        bodies > 0 && 2 * bodies >= self.draft.len() && reading.leftover.is_empty() && self.ends_text(open, close)
    }

    /// A bracket that nothing closes: with a label it is a clause up to the end of its line or sentence. The brackets of
    /// one sentence are reported once.
    fn unclosed(&mut self, open: Token) {
        let labelled = self.starts_with_label(open.end());
        if !labelled && open.at < self.unclosed_until {
            return;
        }
        let ends = |t: &&Token| {
            matches!(t.kind, Kind::Newline | Kind::Stop)
                || labelled && t.kind == Kind::Open && self.starts_with_label(t.end())
        };
        let rest = self.rest();
        let end = rest.iter().take(MOST_MARKS).find(ends).or_else(|| rest.get(MOST_MARKS));
        let end = end.map_or(self.text.len(), |t| t.at);
        self.found(FindingKind::UnclosedBracket, Span::new(open.at, end.min(self.boundary(open.at + SHOWN))));
        self.unclosed_until = end;
        if labelled && end - open.at <= LONGEST_CLAUSE {
            self.labelled(open.end(), Span::new(open.at, end));
        }
    }
}
