//! Decides who leads.
//!
//! Input: the units of a clause with their parts, and the rule of the text. Output: which of them lead, and why. A star
//! or a bracket at a unit decides before labels and role words, these before a split into responsible and supporting
//! units, this before the rule of the text; else the first unit leads. Cost: a few passes over the units.

use super::clause::Reading;
use super::lexicon::Part;
use super::members::Mention;
use super::rule::LeadRule;

/// The reason for the choice of a task's lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Basis {
    /// The text marks the lead: a label, a role word, a star, a split into lead and supporting units.
    Explicit,
    /// The text states a rule of order, and it picks the lead.
    Rule,
    /// Nothing tells the lead: the first-listed unit is taken.
    Convention,
    /// The units share the task by their duties and none is marked: the first-listed is taken.
    Shared,
}

impl Basis {
    /// Its name in lower case: `explicit`, `rule`, `convention`, `shared`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Basis::Explicit => "explicit",
            Basis::Rule => "rule",
            Basis::Convention => "convention",
            Basis::Shared => "shared",
        }
    }
}

impl std::fmt::Display for Basis {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// Fills `leads` with whether each of the units leads, and tells why. At least one does if there are any.
pub(super) fn decide(mentions: &[Mention], shared: bool, rule: Option<LeadRule>, leads: &mut Vec<bool>) -> Basis {
    leads.clear();
    if mentions.iter().any(|mention| mention.marked == Some(Part::Lead)) {
        leads.extend(mentions.iter().map(|mention| mention.marked == Some(Part::Lead)));
        return Basis::Explicit;
    }
    if mentions.iter().any(|mention| mention.own_part() == Part::Lead) {
        leads.extend(mentions.iter().map(|mention| mention.own_part() == Part::Lead));
        return Basis::Explicit;
    }
    let listed = mentions.iter().filter(|mention| mention.own_part() == Part::Unmarked).count();
    let split = listed > 0 && listed < mentions.len();
    let basis = match rule {
        Some(LeadRule::First) if !split || listed > 1 => Basis::Rule,
        Some(LeadRule::BeforeComma) if !split => Basis::Rule,
        _ if split => Basis::Explicit,
        _ if shared => Basis::Shared,
        _ => Basis::Convention,
    };
    let mut firsts = mentions.iter().map(|mention| listed == 0 || mention.own_part() == Part::Unmarked);
    let first = firsts.position(|first| first);
    leads.extend(mentions.iter().enumerate().map(|(at, mention)| match (basis, rule) {
        (Basis::Explicit, _) => mention.own_part() == Part::Unmarked,
        (Basis::Rule, Some(LeadRule::BeforeComma)) => mention.commas == 0,
        _ => Some(at) == first,
    }));
    // The words before the first comma can name no unit: then the first unit leads.
    if !leads.contains(&true) {
        leads.iter_mut().enumerate().for_each(|(at, lead)| *lead = Some(at) == first);
    }
    basis
}

/// Whether a clause without labels says who does what.
pub(super) fn says_a_part(reading: &Reading) -> bool {
    reading.labelled || !reading.role_words.nothing()
}
