//! The text between two marks of a clause: units, a time, a rule of order, a remark.

use super::parser::{ClauseParser, Plain};
use crate::notice::label;
use crate::notice::lexicon::{self, Part};
use crate::notice::members::{self, Listed, Mention, Place};
use crate::notice::name;
use crate::notice::role::{self, RoleWords};
use crate::notice::rule;
use crate::notice::text::{Span, contains_any, find, is_any, starts_with};
use crate::text::between;

/// The longest list of units without a mark in it, in bytes: 80 Chinese characters.
const LONGEST_PART: usize = 240;

impl ClauseParser<'_, '_> {
    pub(super) fn part(&mut self, span: Span, ordered: bool) {
        if self.passes(span) {
            return;
        }
        let piece = span.of(self.text);
        let names = self.listed == Listed::Units
            && !matches!(self.label, Some(Part::Time | Part::Aside))
            && !self.after_rule
            && !ordered;
        let known = if names && !self.follows_open() { self.known.get(piece) } else { None };
        if let Some(Plain { open, whole }) = known.copied() {
            let (group, commas) = (self.group, self.commas);
            self.mentions.push(Mention { span, part: Part::Unmarked, marked: None, group, commas, open, whole });
        } else if span.end - span.start > LONGEST_PART {
            self.ignore(span);
        } else if self.is_note(piece, ordered) || self.is_time(span) {
            // It names nobody.
        } else if let Some(with) = find(piece, lexicon::TOGETHER_WITH) {
            self.together(span, with);
        } else {
            self.units(span);
        }
    }

    /// Whether a part is of the list behind a label that is not known. One finding then shows both.
    #[expect(clippy::indexing_slicing, reason = "`passed` is a place in the leftover, from which nothing is removed")]
    fn passes(&mut self, span: Span) -> bool {
        let Some(at) = self.passed else { return false };
        if self.leaves_label(span) {
            self.passed = None;
            return false;
        }
        let label = &mut self.reading.leftover.ignored[at];
        label.end = label.end.max(span.end);
        true
    }

    /// Whether the last unit of this group may go on with the next part.
    fn follows_open(&self) -> bool {
        self.mentions.last().is_some_and(|last| last.open && last.group == self.group)
    }

    /// Whether a part is text of a rule, a remark or a label alone.
    fn is_note(&mut self, piece: &str, ordered: bool) -> bool {
        if (ordered || self.after_rule) && rule::is_order_piece(piece) {
            self.after_rule = true;
            return true;
        }
        let rest = self.after_rule && contains_any(piece, &lexicon::RULE_REST);
        let same = is_any(piece, &lexicon::SAME_BELOW);
        rest || same || label::at_end(piece).is_some_and(|(_, start)| start == 0)
    }

    /// Whether a part is a time, behind its label or without one, or follows a label of persons. A time is noted; one that
    /// follows another one extends it.
    fn is_time(&mut self, span: Span) -> bool {
        let piece = span.of(self.text);
        let aside = match self.label {
            Some(Part::Time) => true,
            Some(Part::Aside) => return !self.leaves_label(span),
            _ => members::is_time(piece),
        };
        if !aside || self.label == Some(Part::Time) && self.leaves_label(span) {
            return false;
        }
        let goes_on = |time: &Span| {
            let near = between(self.text, time.end, span.start).chars().all(lexicon::is_edge);
            self.label == Some(Part::Time) || near
        };
        let start = self.reading.time.filter(goes_on).map_or(span.start, |time| time.start);
        self.reading.time = Some(Span::new(start, span.end));
        true
    }

    /// Whether a part behind the label of a time or of persons is a list of units again: it has role words.
    fn leaves_label(&mut self, span: Span) -> bool {
        let piece = span.of(self.text);
        if !role::may_end(piece) || members::is_time(piece) {
            return false;
        }
        let (rest, role_words) = role::strip(self.text, span);
        let leaves = !role_words.nothing() && name::is_body(rest.of(self.text));
        if leaves {
            self.label = None;
        }
        leaves
    }

    fn units(&mut self, span: Span) {
        let (rest, role_words) = match role::may_end(span.of(self.text)) {
            true => role::strip(self.text, span),
            false => (span, RoleWords::default()),
        };
        let before = self.mentions.len();
        let place = Place { group: self.group, commas: self.commas, listed: self.listed };
        members::split(self.text, rest, place, self.mentions, &mut self.reading.leftover);
        if self.listed == Listed::Units {
            self.remember(span, before);
        }
        if !role_words.nothing() {
            self.apply(role_words);
        }
    }

    /// Remembers a part that was read as one name and nothing else, if it would be so in every clause. `before` is the
    /// number of units before it.
    fn remember(&mut self, span: Span, before: usize) {
        let (piece, count) = (span.of(self.text), self.mentions.len());
        if let Some(name) = self.mentions.last().filter(|name| count == before + 1 && name.span == span)
            && name.marked.is_none()
            && !members::may_continue(piece)
        {
            self.known.insert(piece, Plain { open: name.open, whole: name.whole });
        }
    }

    /// "A together with B": A leads.
    fn together(&mut self, span: Span, with: Span) {
        let left = Span::new(span.start, span.start + with.start).trim_edges(self.text);
        let right = Span::new(span.start + with.end, span.end).trim_edges(self.text);
        if !left.is_empty() {
            self.units(left);
        }
        let lead = RoleWords { lead: true, ..RoleWords::default() };
        if self.mentions.len() > self.pending {
            self.apply(lead);
        }
        self.led = true;
        self.group += 1;
        self.reading.role_words.lead = true;
        if !right.is_empty() && starts_with(right.of(self.text), lexicon::TOGETHER_WITH).is_none() {
            self.units(right);
        }
    }
}
