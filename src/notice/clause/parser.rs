//! The state of reading a clause, and the part of each unit.
//!
//! Invariant: the units before `pending` have their final part.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use crate::notice::lexicon::{self, Part};
use crate::notice::members::{Leftover, Listed, Mention};
use crate::notice::role::RoleWords;
use crate::notice::text::Span;

/// The meaning of a clause apart from its units.
#[derive(Debug, Default)]
pub(in crate::notice) struct Reading {
    /// Whether a label names units.
    pub(in crate::notice) labelled: bool,
    /// The meaning of all role words together.
    pub(in crate::notice) role_words: RoleWords,
    /// The time by which the task is due, as written.
    pub(in crate::notice) time: Option<Span>,
    /// The pieces that are no unit, rule or time.
    pub(in crate::notice) leftover: Leftover,
    /// Whether role words of a lead or of responsibility have no unit before them.
    pub(in crate::notice) unnamed: bool,
    /// The names of units that the clause adds to every later task.
    pub(in crate::notice) everywhere: Option<Span>,
    /// The number of groups of units, without the first.
    pub(in crate::notice) groups: u32,
}

/// Properties of a name: see [`Mention`].
#[derive(Clone, Copy, Debug)]
pub(in crate::notice) struct Plain {
    pub(super) open: bool,
    pub(super) whole: bool,
}

/// Pieces that were read before as one name and nothing else. A unit is named in four tasks on average.
pub(in crate::notice) type Known<'t> = HashMap<&'t str, Plain, FixedState>;

pub(super) struct ClauseParser<'a, 't> {
    pub(super) text: &'t str,
    pub(super) known: &'a mut Known<'t>,
    pub(super) mentions: &'a mut Vec<Mention>,
    /// The place of the first unit without a final part.
    pub(super) pending: usize,
    /// The part that the last label gives.
    pub(super) label: Option<Part>,
    /// Whether a unit leads by a label, a role word or "together with": then unmarked units support.
    pub(super) led: bool,
    /// Where the label is not known, so that its list is passed over: the place of its piece in the leftover.
    pub(super) passed: Option<usize>,
    /// The kind of list that the label begins.
    pub(super) listed: Listed,
    /// Whether a rule of order came: other parts of its sentence name nobody.
    pub(super) after_rule: bool,
    pub(super) group: u32,
    /// The commas since the label.
    pub(super) commas: u32,
    pub(super) reading: Reading,
}

impl ClauseParser<'_, '_> {
    /// Begins the list of a label.
    pub(super) fn enter(&mut self, part: Part, listed: Listed) {
        self.close();
        self.passed = None;
        self.listed = listed;
        self.label = Some(part);
        self.reading.labelled |= matches!(part, Part::Lead | Part::Support | Part::Unmarked);
        self.group += 1;
        self.commas = 0;
    }

    /// Gives the units since the last role words the part that these say. Under a label of leads or of responsible units,
    /// supporting units in a first group of their own keep the part of the label.
    pub(super) fn apply(&mut self, role_words: RoleWords) {
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
    pub(super) fn close(&mut self) {
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

    pub(super) fn ignore(&mut self, span: Span) {
        let mark = |c| lexicon::is_edge(c) || lexicon::opens(c) || lexicon::closes(c);
        if !span.of(self.text).chars().all(mark) {
            self.reading.leftover.ignored.push(span);
        }
    }
}
