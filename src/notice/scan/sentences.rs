//! Sentences that are clauses, look like clauses, or speak of every later task.

use super::scanner::{LONGEST_SENTENCE, Scanner};
use crate::notice::finding_kind::FindingKind;
use crate::notice::lexicon::{self, is_space, simplified};
use crate::notice::name;
use crate::notice::role;
use crate::notice::rule;
use crate::notice::text::{Span, starts_with_any};
use crate::notice::token::{Kind, Token, within};

/// A clause at the end of a sentence is looked for in no more than its last parts between commas: each try reads it.
const MOST_PARTS: usize = 6;
/// Bytes (20 Chinese characters) shown on each side of a role word that was not read as one.
const SHOWN_AROUND: usize = 60;
/// A body before a role word is looked for in so many bytes (15 Chinese characters).
const BODY_BEFORE_ROLE: usize = 45;

impl Scanner<'_> {
    /// Keeps the sentence that ends here if it is a clause of its own, reports it if it only looks like one. `last` says
    /// that its paragraph ends here as well.
    pub(super) fn end_sentence(&mut self, end: usize, last: bool) {
        let start = self.sentence_start;
        let role_at = self.role_at.take();
        debug_assert!(role_at.is_none_or(|at| at >= start), "the role word belongs to another sentence");
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
            let from = self.boundary(role_at.saturating_sub(SHOWN_AROUND).max(span.start));
            let to = self.boundary(role_at + SHOWN_AROUND).min(span.end);
            self.found(FindingKind::NotRead, Span::new(from, to));
        }
    }

    /// Keeps a sentence of units and role words, or the last parts of one, as a clause.
    fn sentence_clause(&mut self, span: Span) -> bool {
        let tokens = within(self.tokens, span.start, span.end);
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
        let skip = starts.len().saturating_sub(MOST_PARTS);
        let line = self.begins_line(span.start);
        let whole = line || self.follows_text(span);
        starts.into_iter().enumerate().skip(skip).any(|(at, start)| {
            let part = Span::new(start, span.end);
            self.part_clause(part, within(tokens, start, span.end), at == 0 && whole, at == 0 && line)
        })
    }

    /// Whether a sentence follows another one that no clause governs yet.
    fn follows_text(&mut self, span: Span) -> bool {
        let before = self.between(self.since, span.start);
        !self.follows_directly(span.start) && before.trim_end_matches(is_space).ends_with(lexicon::is_full_stop)
    }

    /// Keeps a part of a sentence, up to its end, as a clause. `whole` says that it is a sentence for itself, in which
    /// "is responsible" is enough for one unit; `line` that it is a line of its own. In a line, or with "by division
    /// of duties", some of the names may be doubtful.
    fn part_clause(&mut self, span: Span, tokens: &[Token], whole: bool, line: bool) -> bool {
        let span = span.trim_edges(self.text);
        let reading = self.read(tokens, span);
        let bodies = self.draft.iter().any(|mention| !name::is_collective(mention.span.of(self.text)));
        let duty = reading.role_words.duty && (whole || self.draft.len() > 1);
        let says = bodies && (reading.role_words.lead || duty) && !reading.labelled && !self.only_supports(&reading);
        let list = reading.leftover.persons.is_empty() && (line || whole && reading.role_words.shared);
        let doubtful = || list && self.accepts(&reading, false) && self.is_mostly_whole();
        let clause = says && (self.accepts(&reading, true) || doubtful());
        if clause {
            self.report_doubtful();
            self.record(span, &reading);
        }
        clause
    }

    /// Whether a body precedes a role word that has an object: "the bureau is responsible for ...".
    fn looks_like_a_clause(&self, role_at: usize, start: usize) -> bool {
        let from = self.boundary(role_at.saturating_sub(BODY_BEFORE_ROLE).max(start));
        let before = self.between(from, role_at);
        let tail = before.rsplit_once(lexicon::is_edge).map_or(before, |(_, tail)| tail);
        let verb = starts_with_any(self.after(role_at), &lexicon::PROSE_VERBS).is_some();
        verb && name::ending(tail).is_some() && !tail.chars().any(|c| simplified(c) == lexicon::EACH)
    }

    /// Notes the units that a sentence outside clauses, of which this is a mark, adds to every later task.
    pub(super) fn everywhere(&mut self, mark: Token) {
        let start = self.sentence_start;
        let end = mark.at.min(self.boundary(start + LONGEST_SENTENCE));
        let sentence = Span::new(start, end).trim_edges(self.text);
        if let Some(names) = rule::everywhere(sentence.of(self.text)) {
            self.scan.everywhere.push(Span::new(sentence.start + names.start, sentence.start + names.end));
        }
    }
}
