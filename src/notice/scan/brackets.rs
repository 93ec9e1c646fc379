//! Clauses in brackets, and brackets that nothing closes. Knows where brackets stand, not how units are written.

use super::{LONGEST_CLAUSE, LONGEST_SENTENCE, Scanner};
use crate::notice::clause::{self, Reading};
use crate::notice::findings::{FindingKind, Found};
use crate::notice::heading::marker_at;
use crate::notice::label;
use crate::notice::lead::says_a_part;
use crate::notice::lex::{Kind, Token};
use crate::notice::lexicon;
use crate::notice::members::Item;
use crate::notice::name;
use crate::notice::role;
use crate::notice::rule;
use crate::notice::text::Span;

/// How many marks a bracket can have, and how deep brackets nest in it.
const MOST_MARKS: usize = 1200;
const DEEPEST: usize = 6;

/// Clauses in brackets.
impl Scanner<'_> {
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
        let first = self.next;
        match self.close_of(first, token) {
            Some(close) => self.bracket(token, first, close),
            None => self.unclosed(token, first),
        }
    }

    /// The mark that closes a bracket. A bracket ends at the latest where the paragraph does; one that holds a label may
    /// go on over broken lines.
    pub(super) fn close_of(&self, first: usize, open: Token) -> Option<usize> {
        let start = self.text.get(open.end()..self.boundary(open.end() + 96)).unwrap_or("");
        let labelled = self.starts_with_label(open.end()) || label::at_start(start).is_some();
        let (mut depth, mut lines) = (1, 0);
        for (offset, token) in self.tokens.get(first..)?.iter().take(MOST_MARKS).enumerate() {
            match token.kind {
                Kind::Open if depth >= DEEPEST || labelled && self.starts_with_label(token.end()) => return None,
                Kind::Open => depth += 1,
                Kind::Close => depth -= 1,
                Kind::Newline => lines += 1,
                _ => {}
            }
            if depth == 0 {
                return Some(first + offset);
            }
            let over = token.at - open.at > LONGEST_CLAUSE || lines > if labelled { 3 } else { 0 };
            if over || token.kind == Kind::Newline && self.starts_block(token.end()) {
                return None;
            }
        }
        None
    }

    pub(super) fn starts_with_label(&self, at: usize) -> bool {
        let next = self.mark_at(at);
        let colon = self.tokens.get(next..).and_then(|t| t.iter().take(4).find(|t| t.kind == Kind::Colon));
        colon.is_some_and(|colon| self.label_from(at, colon.at).is_some())
    }

    /// The first mark at or behind a place; quick when it is near the next one.
    pub(super) fn mark_at(&self, at: usize) -> usize {
        let near = self.tokens.get(self.next..).unwrap_or(&[]).iter().take(8).position(|token| token.at >= at);
        match near {
            Some(near) if near > 0 || self.next == 0 || self.tokens.get(self.next - 1).is_none_or(|t| t.at < at) => {
                self.next + near
            }
            _ => self.tokens.partition_point(|token| token.at < at),
        }
    }

    /// The label that begins at a place and ends at a colon.
    pub(super) fn label_from(&self, at: usize, colon: usize) -> Option<label::Label> {
        if colon.saturating_sub(at) > 120 {
            return None;
        }
        let label = label::before(self.text, colon, at)?;
        let between = self.text.get(at..label.span.start)?;
        between.chars().all(|c| lexicon::is_edge(c) || lexicon::opens_label(c)).then_some(label)
    }

    /// Whether a heading or an empty line begins at a place.
    pub(super) fn starts_block(&self, at: usize) -> bool {
        let start = self.skip_space(at);
        self.text.get(start..).is_some_and(|rest| rest.starts_with('\n')) || marker_at(self.text, start).is_some()
    }

    pub(super) fn bracket(&mut self, open: Token, first: usize, close: usize) {
        let (Some(tokens), Some(end)) = (self.tokens.get(first..close), self.tokens.get(close).copied()) else {
            return;
        };
        let inside = Span::new(open.end(), end.at);
        let marked = tokens.iter().any(|t| matches!(t.kind, Kind::Colon | Kind::Lead | Kind::Duty));
        let piece = inside.of(self.text);
        if !marked && !role::may_end(piece) && label::at_start(piece).is_none() && !self.is_bare_place(open, end) {
            return;
        }
        let items = self.scan.items.len();
        let reading = clause::read(self.text, &mut self.known, tokens, inside, None, self.group, &mut self.scan.items);
        let span = Span::new(open.at, end.end());
        if self.accepts(&reading, items, false) || self.is_bare_list(&reading, items, open, end) {
            self.record(span, items, &reading);
            return;
        }
        self.scan.items.truncate(items);
        self.keep_everywhere(&reading);
        let rule = rule::is_order_piece(piece);
        let roles = tokens.iter().any(|t| matches!(t.kind, Kind::Lead | Kind::Duty));
        if !rule
            && reading.everywhere.is_none()
            && (reading.labelled || roles && inside.end - inside.start < LONGEST_SENTENCE)
        {
            self.scan.found.push(Found { kind: FindingKind::NotRead, span });
            self.go_to(span.end);
        }
    }

    /// Whether what was read is a clause. Without a label all units have to stand as such.
    pub(super) fn accepts(&self, reading: &Reading, items: usize, strict: bool) -> bool {
        let members = self.scan.items.get(items..).unwrap_or(&[]);
        if members.is_empty() || !says_a_part(reading) {
            return false;
        }
        let stand = |item: &&Item| item.stands;
        if reading.labelled {
            return !strict || members.iter().any(|item| stand(&item));
        }
        let standing = members.iter().filter(stand).count();
        reading.ignored.is_none()
            && if strict { standing == members.len() } else { 2 * standing >= members.len() && standing > 0 }
    }

    /// At the end of a paragraph, behind a whole sentence.
    pub(super) fn is_bare_place(&self, open: Token, close: Token) -> bool {
        let before = self.text.get(..open.at).unwrap_or("").chars().next_back();
        before.is_some_and(lexicon::is_full_stop) && self.ends_paragraph(close.end())
    }

    /// A bracket with nothing but bodies where a clause would stand.
    pub(super) fn is_bare_list(&self, reading: &Reading, items: usize, open: Token, close: Token) -> bool {
        let members = self.scan.items.get(items..).unwrap_or(&[]);
        let bodies = members.iter().all(|item| name::is_body(item.span.of(self.text)));
        !members.is_empty() && bodies && reading.ignored.is_none() && self.is_bare_place(open, close)
    }

    /// A bracket that nothing closes: a label makes it a clause up to the end of the line. One sentence is reported once.
    pub(super) fn unclosed(&mut self, open: Token, first: usize) {
        let labelled = self.starts_with_label(open.end());
        if !labelled && open.at < self.unclosed_until {
            return;
        }
        let ends = |t: &&Token| {
            matches!(t.kind, Kind::Newline | Kind::Stop)
                || labelled && t.kind == Kind::Open && self.starts_with_label(t.end())
        };
        let rest = self.tokens.get(first..).unwrap_or(&[]);
        let end = rest.iter().take(MOST_MARKS).find(ends).map(|t| t.at);
        let end = end.unwrap_or_else(|| rest.get(MOST_MARKS).map_or(self.text.len(), |t| t.at));
        let shown = Span::new(open.at, end.min(self.boundary(open.at + 90)));
        self.scan.found.push(Found { kind: FindingKind::UnclosedBracket, span: shown });
        self.unclosed_until = end;
        if labelled && end - open.at <= LONGEST_CLAUSE {
            self.labelled(open.end(), Span::new(open.at, end));
        }
    }

    pub(super) fn boundary(&self, at: usize) -> usize {
        let mut at = at.min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at += 1;
        }
        at
    }
}
