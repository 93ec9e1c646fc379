//! Sentences that are clauses, look like clauses, or speak of every later task. Knows whole sentences only.

use super::{LONGEST_SENTENCE, Scanner};
use crate::notice::clause;
use crate::notice::findings::{FindingKind, Found};
use crate::notice::lex::{Kind, Token};
use crate::notice::lexicon::{self, fold};
use crate::notice::name;
use crate::notice::role;
use crate::notice::rule;
use crate::notice::text::{Span, starts_with_any};

/// Sentences.
impl Scanner<'_> {
    /// At the end of a sentence: is it a clause of its own, or does it only look like one?
    pub(super) fn end_sentence(&mut self, end: usize, last: bool) {
        let start = self.sentence_start.max(self.since);
        let role_at = self.role_at.take().filter(|at| *at >= start);
        let span = Span::new(start, end).trim(self.text);
        let piece = span.of(self.text);
        if span.end - span.start > LONGEST_SENTENCE || role_at.is_none() && !role::may_end(piece) {
            return;
        }
        let ends = role_at.is_some() || !role::strip(self.text, self.tail(span)).1.nothing();
        if last && ends && self.sentence_clause(span) {
            return;
        }
        if let Some(role_at) = role_at.filter(|at| self.looks_like_a_clause(*at, start)) {
            let from = self.boundary(role_at.saturating_sub(60).max(span.start));
            let to = self.boundary(role_at + 60).min(span.end);
            self.scan.found.push(Found { kind: FindingKind::NotRead, span: Span::new(from, to) });
        }
    }

    /// The end of a sentence.
    pub(super) fn tail(&self, span: Span) -> Span {
        Span::new(self.boundary(span.end.saturating_sub(120).max(span.start)), span.end)
    }

    /// A sentence of units and role words, or the last parts of one.
    pub(super) fn sentence_clause(&mut self, span: Span) -> bool {
        let first = self.tokens.partition_point(|t| t.at < span.start);
        let last = self.tokens.partition_point(|t| t.at < span.end);
        let tokens = self.tokens.get(first..last).unwrap_or(&[]);
        let mut depth = 0_usize;
        let mut starts = vec![span.start];
        for token in tokens {
            match token.kind {
                Kind::Open => depth += 1,
                Kind::Close => depth = depth.saturating_sub(1),
                Kind::Comma | Kind::Semi if depth == 0 => starts.push(token.end()),
                _ => {}
            }
        }
        let skip = starts.len().saturating_sub(6);
        let whole = self.stands_alone(span);
        for (at, start) in starts.into_iter().enumerate().skip(skip) {
            let from = tokens.partition_point(|t| t.at < start);
            let part = Span::new(start, span.end);
            if self.try_sentence(part, tokens.get(from..).unwrap_or(&[]), at == 0 && whole) {
                return true;
            }
        }
        false
    }

    /// Whether a sentence is a line of its own.
    pub(super) fn stands_alone(&self, span: Span) -> bool {
        self.text.get(self.line_start..span.start).is_some_and(|s| s.chars().all(lexicon::is_edge))
    }

    pub(super) fn try_sentence(&mut self, span: Span, tokens: &[Token], whole: bool) -> bool {
        let span = span.trim_edges(self.text);
        let items = self.scan.items.len();
        let reading = clause::read(self.text, &mut self.known, tokens, span, None, self.group, &mut self.scan.items);
        let members = self.scan.items.get(items..).unwrap_or(&[]);
        let bodies = members.iter().any(|item| !name::is_collective(item.span.of(self.text)));
        let marked = reading.said.lead || whole && reading.said.duty || members.len() > 1 && reading.said.duty;
        if bodies && marked && !reading.labelled && self.accepts(&reading, items, true) {
            self.record(span, items, &reading);
            return true;
        }
        self.scan.items.truncate(items);
        false
    }

    /// A body and a role word, with more behind: "the bureau is responsible for ...".
    pub(super) fn looks_like_a_clause(&self, role_at: usize, start: usize) -> bool {
        let from = self.boundary(role_at.saturating_sub(45).max(start));
        let before = self.text.get(from..role_at).unwrap_or("");
        let tail = before.rsplit(lexicon::is_edge).next().unwrap_or("");
        let behind = self.text.get(role_at..).unwrap_or("");
        let verb = starts_with_any(behind, lexicon::PROSE_VERBS).is_some();
        verb && name::ending(tail).is_some() && !tail.chars().any(|c| fold(c) == lexicon::EACH)
    }

    /// A sentence outside clauses that adds units to every later task.
    pub(super) fn everywhere(&mut self) {
        let start = self.sentence_start.max(self.since);
        let end = self.tokens.get(self.next.saturating_sub(1)).map_or(start, |t| t.at);
        let sentence = Span::new(start, end.min(self.boundary(start + LONGEST_SENTENCE))).trim_edges(self.text);
        if let Some(names) = rule::everywhere(sentence.of(self.text)) {
            self.scan.everywhere.push(Span::new(sentence.start + names.start, sentence.start + names.end));
        }
    }
}
