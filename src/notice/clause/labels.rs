//! Labels in a clause: known ones, with a colon or without one, and those that are not known.

use super::parser::ClauseParser;
use crate::notice::label;
use crate::notice::lexicon::{self, Part};
use crate::notice::members::Listed;
use crate::notice::name;
use crate::notice::role;
use crate::notice::text::{Span, ends_with_any, starts_with_any};
use crate::notice::token::{Kind, Token};
use crate::text::between;

/// The longest label that is certainly followed by its colon, in bytes: two labels, or a label and a name, take more.
const SHORT_LABEL: usize = 24;

/// The marks that are punctuation, not the first character of a word.
pub(super) fn punctuation(tokens: &[Token]) -> impl Iterator<Item = &Token> {
    tokens.iter().filter(|token| !matches!(token.kind, Kind::Lead | Kind::Duty))
}

impl ClauseParser<'_, '_> {
    /// Whether a label with its colon is at `at`, where the clause begins: it is read at the colon.
    pub(super) fn begins_with_colon(&self, tokens: &[Token], at: usize) -> bool {
        let mut marks = punctuation(tokens);
        marks.next().is_some_and(|mark| match mark.kind {
            Kind::Colon => {
                let whole = || label::before(self.text, mark.at, at).is_some_and(|label| label.span.start == at);
                let length = mark.at.saturating_sub(at);
                length <= SHORT_LABEL || length <= 2 * SHORT_LABEL && whole()
            }
            Kind::Item => self.joins_labels(at, *mark, marks.next()),
            _ => false,
        })
    }

    /// Whether a mark joins two labels to one: "responsible unit, responsible person:".
    pub(super) fn joins_labels(&self, at: usize, mark: Token, next: Option<&Token>) -> bool {
        let near = |next: &&Token| next.kind == Kind::Colon && at <= mark.at && next.at - at <= 2 * SHORT_LABEL;
        let Some(colon) = next.filter(near) else { return false };
        let both = [between(self.text, at, mark.at), between(self.text, mark.end(), colon.at)];
        both.iter().all(|label| label::alone(label).is_some())
    }

    /// Reads a label without a colon, whose end is `end` bytes behind the start of the clause: "responsible units" and
    /// then the names, with a space or nothing between. Returns the place from which to read on: the start, if a mark
    /// follows, which then decides.
    pub(super) fn label_without_colon(&mut self, span: Span, part: Part, end: usize) -> usize {
        let after = between(self.text, span.start + end, span.end);
        let next = after.trim_start_matches(lexicon::is_space).chars().next();
        if next.is_none_or(|c| lexicon::is_stop(c) || lexicon::opens(c)) {
            return span.start;
        }
        let is = starts_with_any(after, &lexicon::IS_WORDS).unwrap_or(0);
        self.enter(part, Listed::Units);
        span.start + end + is
    }

    pub(super) fn colon(&mut self, span: Span) {
        let Some(label) = label::before(self.text, span.end, span.start) else {
            self.unknown_label(span);
            return;
        };
        let before = Span::new(span.start, label.span.start).trim_edges(self.text);
        if !before.is_empty() {
            self.part(before, false);
        }
        self.enter(label.part, Listed::behind(label.span.of(self.text)));
    }

    /// Passes over a label that is not known, and its list. The name of a unit before a colon is no such label, nor are
    /// words that say for whom the next units of the list are.
    fn unknown_label(&mut self, mut span: Span) {
        if let Some((unit, _)) = span.of(self.text).rsplit_once(lexicon::is_space)
            && name::is_whole(unit.trim_matches(lexicon::is_edge))
        {
            self.part(Span::new(span.start, span.start + unit.len()).trim(self.text), false);
            span = Span::new(span.start + unit.len(), span.end).trim(self.text);
        }
        let piece = span.of(self.text);
        if piece.is_empty() {
            return;
        }
        let (unit, role_words) = role::strip(self.text, span);
        // "Overseeing department:" ends like the name of a body.
        let label = ends_with_any(piece, &lexicon::LABEL_NOUNS).is_some();
        if !label && name::is_body(unit.of(self.text)) && self.passed.is_none() {
            self.part(span, false);
            if !role_words.nothing() {
                return;
            }
        }
        self.ignore(span);
        if ends_with_any(piece, &lexicon::SUBLABELS).is_none() {
            self.passed = self.reading.leftover.ignored.len().checked_sub(1);
        }
    }
}
