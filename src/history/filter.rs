//! Which changes a follower gets.

use crate::id::UnitId;
use crate::state::{FactChange, Member, TaskChange, UnitChange};

/// A section of tasks, a unit, both, or neither: then everything passes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    /// The keys of the section begin with this.
    pub(super) under: Option<String>,
    pub(super) unit: Option<UnitId>,
}

impl Filter {
    /// Whether a task is in the section, and named the unit before or names it after.
    pub(super) fn passes(&self, task: &TaskChange<'_>) -> bool {
        let names = |members: &[Member], unit| members.iter().any(|member| member.unit() == unit);
        let sides = || [task.was, task.is].into_iter().flatten();
        self.under.as_ref().is_none_or(|under| task.key.starts_with(under.as_str()))
            && self.unit.is_none_or(|unit| sides().any(|side| names(side.members, unit)))
    }

    /// Whether the change of a unit passes: that of the unit, and that of a collective which it joins or leaves. No section
    /// has units.
    pub(super) fn passes_unit(&self, unit: &UnitChange) -> bool {
        let is_member = |own| [&unit.was, &unit.is].into_iter().flatten().any(|side| side.members.contains(&own));
        self.unit.is_none_or(|own| own == unit.unit || is_member(own))
    }

    /// Whether changes of a lineage event, an obligation or a report pass: those that name the unit.
    pub(super) fn passes_fact(&self, fact: &FactChange) -> bool {
        self.unit.is_none_or(|own| fact.names(own))
    }
}
