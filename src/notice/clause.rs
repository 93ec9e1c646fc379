//! Reads the inside of a clause into units with their parts: labels, role words, stars, rules, times.
//! Knows one clause, not the text around it, and leaves names as they are written.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::label;
use super::lexicon::{self, Part};
use super::members::{self, Item};
use super::role::{self, Said};
use super::rule;
use super::text::{Span, find, starts_with, starts_with_any};
use super::token::{Kind, Token};

/// No list of units is longer, in bytes, without a mark in it.
const LONGEST_PART: usize = 240;

/// Two labels, or a label and a name, take more bytes.
const SHORT_LABEL: usize = 24;

/// What the inside of a clause says. Its units are the last ones of the list it was read into.
#[derive(Debug, Default)]
pub(super) struct Reading {
    /// A label named units.
    pub(super) labelled: bool,
    /// What all role words together say.
    pub(super) said: Said,
    /// When it is to be done, as written.
    pub(super) time: Option<Span>,
    /// Pieces that are no units, rules or times.
    pub(super) ignored: Option<Span>,
    /// Units that every later task has as well.
    pub(super) everywhere: Option<Span>,
    /// How many groups of units there are beside the first.
    pub(super) groups: u32,
}

/// What is known of a name: see [`Item`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Plain {
    open: bool,
    stands: bool,
}

/// Pieces that were read before as one name and nothing else: most names come many times.
pub(super) type Known<'t> = HashMap<&'t str, Plain, FixedState>;

struct Reader<'a, 't> {
    text: &'t str,
    known: &'a mut Known<'t>,
    items: &'a mut Vec<Item>,
    /// The first unit whose part is not decided.
    pending: usize,
    label: Option<Part>,
    led: bool,
    after_rule: bool,
    group: u32,
    commas: u32,
    reading: Reading,
}

/// Reads `span`, whose marks are `tokens`. `label` is the part that a column gives.
pub(super) fn read<'t>(
    text: &'t str,
    known: &mut Known<'t>,
    tokens: &[Token],
    span: Span,
    label: Option<Part>,
    group: u32,
    items: &mut Vec<Item>,
) -> Reading {
    let pending = items.len();
    let reading = Reading { labelled: label.is_some(), ..Reading::default() };
    let mut reader =
        Reader { text, known, items, pending, label, led: false, after_rule: false, group, commas: 0, reading };
    reader.run(tokens, span);
    reader.close();
    reader.reading.groups = reader.group - group;
    reader.reading
}

impl Reader<'_, '_> {
    fn run(&mut self, tokens: &[Token], span: Span) {
        let (mut at, mut depth, mut ordered) = (span.start, 0_usize, false);
        // A label and its colon, straight at the start, are read at the colon.
        let colon = tokens.first().is_some_and(|t| t.kind == Kind::Colon && t.at.saturating_sub(at) <= SHORT_LABEL);
        if !colon && let Some((part, end)) = label::at_start(span.of(self.text)) {
            at = self.label_without_colon(span, part, end);
        }
        for token in tokens {
            match token.kind {
                _ if token.at < at => continue,
                Kind::Open => depth += 1,
                Kind::Close => depth = depth.saturating_sub(1),
                Kind::Order | Kind::Lead => ordered = true,
                Kind::Item | Kind::Comma | Kind::Semi | Kind::Stop | Kind::Colon if depth == 0 => {
                    self.piece(Span::new(at, token.at), Some(token.kind), ordered);
                    ordered = false;
                    at = token.end();
                    if let Some(end) = self.everywhere(Span::new(at, span.end)) {
                        at = end;
                    }
                }
                _ => {}
            }
        }
        self.piece(Span::new(at, span.end), None, ordered);
    }

    /// "responsible units" and then the names, with a space or nothing between. Where a colon follows, it is left to it.
    fn label_without_colon(&mut self, span: Span, part: Part, end: usize) -> usize {
        let after = span.of(self.text).get(end..).unwrap_or("");
        let next = after.trim_start_matches(lexicon::is_space).chars().next();
        if next.is_none_or(|c| lexicon::is_stop(c) || lexicon::opens(c)) {
            return span.start;
        }
        let is = starts_with_any(after, &lexicon::IS_WORDS).unwrap_or(0);
        self.enter(part);
        span.start + end + is
    }

    /// A sentence that adds units to every later task, if one begins here; where it ends.
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
        if matches!(mark, Some(Kind::Comma | Kind::Semi | Kind::Stop)) {
            self.group += 1;
            self.commas += 1;
        }
    }

    fn colon(&mut self, span: Span) {
        let Some(label) = label::before(self.text, span.end, span.start) else {
            self.ignore(span);
            return;
        };
        let before = Span::new(span.start, label.span.start).trim_edges(self.text);
        if !before.is_empty() {
            self.part(before, false);
        }
        self.enter(label.part);
    }

    fn enter(&mut self, part: Part) {
        self.close();
        self.label = Some(part);
        self.reading.labelled |= matches!(part, Part::Lead | Part::Support | Part::List);
        self.group += 1;
        self.commas = 0;
    }

    fn part(&mut self, span: Span, ordered: bool) {
        let piece = span.of(self.text);
        let names = !matches!(self.label, Some(Part::Time | Part::Aside)) && !self.after_rule && !ordered;
        let known = if names && !self.follows_open() { self.known.get(piece) } else { None };
        if let Some(Plain { open, stands }) = known.copied() {
            let (group, commas) = (self.group, self.commas);
            self.items.push(Item { span, part: Part::List, marked: None, group, commas, open, stands });
        } else if span.end - span.start > LONGEST_PART {
            self.ignore(span);
        } else if self.is_note(piece, ordered) || self.is_time(span) {
            // Names nobody.
        } else if let Some(with) = find(piece, lexicon::TOGETHER_WITH) {
            self.together(span, with);
        } else {
            self.units(span);
        }
    }

    /// Whether the unit before in this group may go on.
    fn follows_open(&self) -> bool {
        self.items.last().is_some_and(|last| last.open && last.group == self.group)
    }

    /// Rule text and remarks.
    fn is_note(&mut self, piece: &str, ordered: bool) -> bool {
        if (ordered || self.after_rule) && rule::is_order_piece(piece) {
            self.after_rule = true;
            return true;
        }
        let rest = self.after_rule && super::text::contains_any(piece, &lexicon::RULE_REST);
        let same = starts_with_any(piece, &lexicon::SAME_BELOW) == Some(piece.len());
        rest || same || label::at_end(piece).is_some_and(|(_, start)| start == 0)
    }

    /// A time, behind its label or without one; and what follows a label of persons.
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
            let between = self.text.get(time.end..span.start).unwrap_or("x");
            self.label == Some(Part::Time) || between.chars().all(lexicon::is_edge)
        };
        let start = self.reading.time.filter(goes_on).map_or(span.start, |time| time.start);
        self.reading.time = Some(Span::new(start, span.end));
        true
    }

    /// Behind a time or a person, a part with role words is a list of units again.
    fn leaves_label(&mut self, span: Span) -> bool {
        let piece = span.of(self.text);
        if !role::may_end(piece) || members::is_time(piece) {
            return false;
        }
        let (rest, said) = role::strip(self.text, span);
        let leaves = !said.nothing() && super::name::is_body(rest.of(self.text));
        if leaves {
            self.label = None;
        }
        leaves
    }

    fn units(&mut self, span: Span) {
        let (rest, said) = match role::may_end(span.of(self.text)) {
            true => role::strip(self.text, span),
            false => (span, Said::default()),
        };
        let before = self.items.len();
        match members::split(self.text, rest, self.group, self.commas, self.items) {
            Some(ignored) => self.ignore(ignored),
            None if self.is_plain(span, before) => {
                if let Some(Item { open, stands, .. }) = self.items.last().copied() {
                    self.known.insert(span.of(self.text), Plain { open, stands });
                }
            }
            None => {}
        }
        if !said.nothing() {
            self.apply(said);
        }
    }

    /// Whether a part was read as one name and nothing else, and would be wherever it stands.
    fn is_plain(&self, span: Span, before: usize) -> bool {
        let one = self.items.get(before..).is_some_and(|new| {
            matches!(new, [item] if item.span.start == span.start && item.span.end == span.end && item.marked.is_none())
        });
        one && !members::may_continue(span.of(self.text))
    }

    /// "A together with B": A leads.
    fn together(&mut self, span: Span, with: Span) {
        let left = Span::new(span.start, span.start + with.start).trim_edges(self.text);
        let right = Span::new(span.start + with.end, span.end).trim_edges(self.text);
        if !left.is_empty() {
            self.units(left);
        }
        let lead = Said { lead: true, ..Said::default() };
        if self.items.len() > self.pending {
            self.apply(lead);
        }
        self.led = true;
        self.group += 1;
        self.reading.said.lead = true;
        if !right.is_empty() && starts_with(right.of(self.text), lexicon::TOGETHER_WITH).is_none() {
            self.units(right);
        }
    }

    /// Gives the units since the last role word their part.
    fn apply(&mut self, said: Said) {
        let part = said.part();
        let first_group = self.items.get(self.pending).map(|item| item.group);
        let labelled = self.label.filter(|label| matches!(label, Part::Lead | Part::List));
        let (led, pending) = (self.led, self.pending);
        for item in self.items.iter_mut().skip(pending) {
            item.part = match (part, labelled) {
                (Part::Support, Some(label)) if Some(item.group) == first_group && item.group != self.group => label,
                (Part::List, _) if led => Part::Support,
                (Part::List, label) => label.or(self.label).unwrap_or(Part::List),
                _ => part,
            };
        }
        self.led |= part == Part::Lead;
        self.pending = self.items.len();
        let all = &mut self.reading.said;
        all.lead |= said.lead;
        all.support |= said.support;
        all.duty |= said.duty;
        all.shared |= said.shared;
    }

    /// Units without role words behind them have the part of their label.
    fn close(&mut self) {
        let rest = if self.led { Part::Support } else { Part::List };
        let part = match self.label {
            Some(part @ (Part::Lead | Part::Support)) => part,
            _ => rest,
        };
        let pending = self.pending;
        for item in self.items.iter_mut().skip(pending) {
            item.part = part;
        }
        self.led |= part == Part::Lead && self.items.len() > pending;
        self.pending = self.items.len();
    }

    fn ignore(&mut self, span: Span) {
        let mark = |c| lexicon::is_edge(c) || lexicon::opens(c) || lexicon::closes(c);
        if !span.of(self.text).chars().all(mark) {
            self.reading.ignored.get_or_insert(span);
        }
    }
}
