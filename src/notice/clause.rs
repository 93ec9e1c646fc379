//! Reads the inside of a clause into units with their parts: labels, role words, stars, rules, times.
//!
//! Input: a piece of the text with its marks. Output: the units as written, added to a list, and a [`Reading`] of the rest.
//! The piece is cut at commas, stops and colons outside brackets. A label gives its part to the units behind it up to the
//! next label; role words give theirs to the units since the last role words, before the label does.
//! Invariant: the units before `pending` have their final part.
//! Cost: one pass over the marks; names that were read before are looked up.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::heading::{marker_at, numeral_before};
use super::label;
use super::lexicon::{self, Part};
use super::members::{self, Leftover, Listed, Mention, Place};
use super::name;
use super::role::{self, RoleWords};
use super::rule;
use super::text::{Span, between, contains_any, ends_with_any, find, starts_with, starts_with_any};
use super::token::{Kind, Token};

/// The longest list of units without a mark in it, in bytes: 80 Chinese characters.
const LONGEST_PART: usize = 240;

/// The longest label that is certainly followed by its colon, in bytes: two labels, or a label and a name, take more.
const SHORT_LABEL: usize = 24;

/// The meaning of a clause besides its units.
#[derive(Debug, Default)]
pub(super) struct Reading {
    /// Whether a label names units.
    pub(super) labelled: bool,
    /// The meaning of all role words together.
    pub(super) role_words: RoleWords,
    /// The time by which the task is due, as written.
    pub(super) time: Option<Span>,
    /// The pieces that are no unit, rule or time.
    pub(super) leftover: Leftover,
    /// Whether role words of a lead or of responsibility have no unit before them.
    pub(super) unnamed: bool,
    /// The names of units that the clause adds to every later task.
    pub(super) everywhere: Option<Span>,
    /// The number of groups of units, without the first.
    pub(super) groups: u32,
}

/// Properties of a name: see [`Mention`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Plain {
    open: bool,
    whole: bool,
}

/// Pieces that were read before as one name and nothing else. A unit is named in four tasks on average.
pub(super) type Known<'t> = HashMap<&'t str, Plain, FixedState>;

struct ClauseParser<'a, 't> {
    text: &'t str,
    known: &'a mut Known<'t>,
    mentions: &'a mut Vec<Mention>,
    /// The place of the first unit without a final part.
    pending: usize,
    /// The part that the last label gives.
    label: Option<Part>,
    /// Whether a unit leads by a label, a role word or "together with": then unmarked units support.
    led: bool,
    /// Whether the label is not known, so that its list is passed over; the place of both in the leftover.
    passed: Option<usize>,
    /// Whether the units are numbered.
    numbered: bool,
    /// The kind of list that the label begins.
    listed: Listed,
    /// Whether a rule of order came: other parts of its sentence name nobody.
    after_rule: bool,
    group: u32,
    /// The commas since the label.
    commas: u32,
    reading: Reading,
}

/// Reads `span`, whose marks are `tokens`. `label` is the part that a column gives, and the kind of its lists.
pub(super) fn read<'t>(
    text: &'t str,
    known: &mut Known<'t>,
    tokens: &[Token],
    span: Span,
    label: Option<(Part, Listed)>,
    group: u32,
    mentions: &mut Vec<Mention>,
) -> Reading {
    let pending = mentions.len();
    let reading = Reading { labelled: label.is_some(), ..Reading::default() };
    let (label, listed) = label.map_or((None, Listed::Units), |(part, listed)| (Some(part), listed));
    let mut parser = ClauseParser {
        text,
        known,
        mentions,
        pending,
        label,
        led: false,
        passed: None,
        numbered: false,
        listed,
        after_rule: false,
        group,
        commas: 0,
        reading,
    };
    parser.run(tokens, span);
    parser.close();
    parser.reading.groups = parser.group - group;
    parser.reading
}

/// Whether a mark is the first character of a word, not punctuation.
fn is_of_words(token: &Token) -> bool {
    matches!(token.kind, Kind::Lead | Kind::Duty)
}

impl ClauseParser<'_, '_> {
    fn run(&mut self, tokens: &[Token], span: Span) {
        let (mut at, mut depth, mut ordered) = (span.start, 0_usize, false);
        // A label with a colon is read at the colon.
        let mut marks = tokens.iter().filter(|token| !is_of_words(token));
        let colon = marks.next().is_some_and(|t| match t.kind {
            Kind::Colon => {
                let whole = || label::before(self.text, t.at, at).is_some_and(|label| label.span.start == at);
                t.at.saturating_sub(at) <= SHORT_LABEL || t.at - at <= 2 * SHORT_LABEL && whole()
            }
            Kind::Item => self.joins_labels(at, *t, marks.next()),
            _ => false,
        });
        if !colon && let Some((part, end)) = label::at_start(span.of(self.text)) {
            at = self.label_without_colon(span, part, end);
        }
        for (place, token) in tokens.iter().enumerate() {
            match token.kind {
                _ if token.at < at => continue,
                Kind::Item
                    if self.joins_labels(at, *token, tokens.iter().skip(place + 1).find(|t| !is_of_words(t))) =>
                {
                    continue;
                }
                Kind::Open => depth += 1,
                Kind::Close => depth = depth.saturating_sub(1),
                Kind::Order | Kind::Lead => ordered = true,
                Kind::Item | Kind::Comma | Kind::Semi | Kind::Stop | Kind::Colon if depth == 0 => {
                    let number = if token.kind == Kind::Item { self.item_number(at, *token) } else { None };
                    self.piece(Span::new(at, number.unwrap_or(token.at)), Some(token.kind), ordered);
                    ordered = false;
                    at = token.end();
                    if let Some(end) = self.everywhere(Span::new(at, span.end)) {
                        at = end;
                    }
                }
                Kind::Circled | Kind::Dot if depth == 0 => {
                    if let Some(start) = self.item_number(at, *token) {
                        self.piece(Span::new(at, start), Some(Kind::Item), ordered);
                        at = token.end();
                    }
                }
                _ => {}
            }
        }
        self.piece(Span::new(at, span.end), None, ordered);
    }

    /// Whether a mark joins two labels to one: "responsible unit, responsible person:".
    fn joins_labels(&self, at: usize, mark: Token, next: Option<&Token>) -> bool {
        let near = |next: &&Token| next.kind == Kind::Colon && at <= mark.at && next.at - at <= 2 * SHORT_LABEL;
        let Some(colon) = next.filter(near) else { return false };
        let both = [between(self.text, at, mark.at), between(self.text, mark.end(), colon.at)];
        both.iter().all(|label| label::alone(label).is_some())
    }

    /// The start of a number before a unit, if the mark at `token` is of one: "1. finance bureau 2. police". The list
    /// begins with the first number.
    fn item_number(&mut self, at: usize, token: Token) -> Option<usize> {
        let start = if token.kind == Kind::Circled { token.at } else { numeral_before(self.text, token.at)?.max(at) };
        let before = between(self.text, at, start).trim_matches(lexicon::is_edge);
        let first = || marker_at(self.text, start).is_some_and(|marker| marker.number == 1);
        self.numbered |= before.is_empty() && first();
        (self.numbered && (before.is_empty() || name::is_whole(before))).then_some(start)
    }

    /// Reads a label without a colon, whose end is `end` bytes behind the start of the clause: "responsible units" and
    /// then the names, with a space or nothing between. Returns the place from which to read on: the start, if a mark
    /// follows, which then decides.
    fn label_without_colon(&mut self, span: Span, part: Part, end: usize) -> usize {
        let after = between(self.text, span.start + end, span.end);
        let next = after.trim_start_matches(lexicon::is_space).chars().next();
        if next.is_none_or(|c| lexicon::is_stop(c) || lexicon::opens(c)) {
            return span.start;
        }
        let is = starts_with_any(after, &lexicon::IS_WORDS).unwrap_or(0);
        self.enter(part);
        span.start + end + is
    }

    /// The end of a sentence that adds units to every later task, if one begins here.
    fn everywhere(&mut self, rest: Span) -> Option<usize> {
        let piece = rest.of(self.text);
        let names = rule::everywhere(piece)?;
        self.reading.everywhere = Some(Span::new(rest.start + names.start, rest.start + names.end));
        self.after_rule = true;
        Some(rest.start + names.end)
    }

    fn piece(&mut self, span: Span, mark: Option<Kind>, ordered: bool) {
        let span = span.trim(self.text);
        if mark == Some(Kind::Colon) {
            self.colon(span);
            return;
        }
        if !span.is_empty() {
            self.part(span, ordered);
        }
        if matches!(mark, Some(Kind::Semi | Kind::Stop)) {
            self.passed = None;
        }
        if matches!(mark, Some(Kind::Comma | Kind::Semi | Kind::Stop)) {
            self.group += 1;
            self.commas += 1;
        }
    }

    fn colon(&mut self, span: Span) {
        let Some(label) = label::before(self.text, span.end, span.start) else {
            self.unknown_label(span);
            return;
        };
        let before = Span::new(span.start, label.span.start).trim_edges(self.text);
        if !before.is_empty() {
            self.part(before, false);
        }
        self.enter(label.part);
        let words = label.span.of(self.text);
        self.listed = Listed::behind(words);
    }

    /// Passes over a label that is not known and the list behind it. A unit before a colon is none, nor are words that say
    /// for whom the next units of the list are.
    fn unknown_label(&mut self, span: Span) {
        let mut span = span;
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

    /// Whether a part is of the list behind a label that is not known. The finding then has both.
    fn passes(&mut self, span: Span) -> bool {
        let Some(at) = self.passed else { return false };
        if self.leaves_label(span) {
            self.passed = None;
            return false;
        }
        if let Some(ignored) = self.reading.leftover.ignored.get_mut(at) {
            ignored.end = ignored.end.max(span.end);
        }
        true
    }

    fn enter(&mut self, part: Part) {
        self.close();
        self.passed = None;
        self.listed = Listed::Units;
        self.label = Some(part);
        self.reading.labelled |= matches!(part, Part::Lead | Part::Support | Part::Unmarked);
        self.group += 1;
        self.commas = 0;
    }

    fn part(&mut self, span: Span, ordered: bool) {
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
        let same = starts_with_any(piece, &lexicon::SAME_BELOW) == Some(piece.len());
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

    /// Gives the units since the last role words the part that these say. Under a label of leads or of responsible units,
    /// supporting units in a first group of their own keep the part of the label.
    fn apply(&mut self, role_words: RoleWords) {
        let part = role_words.part();
        let first_group = self.mentions.get(self.pending).map(|mention| mention.group);
        let labelled = self.label.filter(|label| matches!(label, Part::Lead | Part::Unmarked));
        let (led, pending) = (self.led, self.pending);
        for mention in self.mentions.iter_mut().skip(pending) {
            mention.part = match (part, labelled) {
                (Part::Support, Some(label)) if Some(mention.group) == first_group && mention.group != self.group => {
                    label
                }
                (Part::Unmarked, _) if led => Part::Support,
                (Part::Unmarked, label) => label.or(self.label).unwrap_or(Part::Unmarked),
                _ => part,
            };
        }
        self.led |= part == Part::Lead && self.mentions.len() > pending;
        self.reading.unnamed |= part != Part::Support && self.mentions.len() == pending;
        self.pending = self.mentions.len();
        let all = &mut self.reading.role_words;
        all.lead |= role_words.lead;
        all.support |= role_words.support;
        all.duty |= role_words.duty;
        all.shared |= role_words.shared;
    }

    /// Gives the units without role words behind them the part of their label.
    fn close(&mut self) {
        let rest = if self.led { Part::Support } else { Part::Unmarked };
        let part = match self.label {
            Some(part @ (Part::Lead | Part::Support)) => part,
            _ => rest,
        };
        let pending = self.pending;
        for mention in self.mentions.iter_mut().skip(pending) {
            mention.part = part;
        }
        self.led |= part == Part::Lead && self.mentions.len() > pending;
        self.pending = self.mentions.len();
    }

    fn ignore(&mut self, span: Span) {
        let mark = |c| lexicon::is_edge(c) || lexicon::opens(c) || lexicon::closes(c);
        if !span.of(self.text).chars().all(mark) {
            self.reading.leftover.ignored.push(span);
        }
    }
}
