//! Decides who leads: marked leads first, then the rule of the text, then the first-listed. Knows parts, not names.

use super::clause::Reading;
use super::lexicon::Part;
use super::members::Item;
use super::rule::Order;

/// On what the choice of a task's lead rests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Basis {
    /// The text marks the lead: a label, a role word, a star, a split into lead and supporting units.
    Explicit,
    /// The text states a rule of order, and it picks the lead.
    Rule,
    /// Nothing is said: the first-listed unit is taken.
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

/// Which members of a clause lead: `leads[i]` says it of the i-th. At least one does when there is a member.
pub(super) fn decide(items: &[Item], shared: bool, rule: Option<Order>, leads: &mut Vec<bool>) -> Basis {
    leads.clear();
    let part = |item: &Item| item.marked.unwrap_or(item.part);
    if items.iter().any(|item| item.marked == Some(Part::Lead)) {
        leads.extend(items.iter().map(|item| item.marked == Some(Part::Lead)));
        return Basis::Explicit;
    }
    if items.iter().any(|item| part(item) == Part::Lead) {
        leads.extend(items.iter().map(|item| part(item) == Part::Lead));
        return Basis::Explicit;
    }
    let listed = items.iter().filter(|item| part(item) == Part::List).count();
    let split = listed > 0 && listed < items.len();
    let basis = match rule {
        Some(Order::First) if !split || listed > 1 => Basis::Rule,
        Some(Order::BeforeComma) if !split => Basis::Rule,
        _ if split => Basis::Explicit,
        _ if shared => Basis::Shared,
        _ => Basis::Convention,
    };
    let first = items.iter().position(|item| listed == 0 || part(item) == Part::List).unwrap_or(0);
    leads.extend(items.iter().enumerate().map(|(at, item)| match (basis, rule) {
        (Basis::Explicit, _) => part(item) == Part::List,
        (Basis::Rule, Some(Order::BeforeComma)) => item.commas == 0,
        _ => at == first,
    }));
    if !leads.contains(&true)
        && let Some(lead) = leads.get_mut(first)
    {
        *lead = true;
    }
    basis
}

/// Whether a clause without labels says who does what.
pub(super) fn says_a_part(reading: &Reading) -> bool {
    reading.labelled || !reading.said.nothing()
}
