//! Reforms of units: their ends, and who took their place.

use std::collections::HashSet;

use jiff::civil::Date;

use crate::id::{Revision, UnitId};
use crate::model::{self, OwedBy};
use crate::state::{self, Fact, Lineage, Report, ReportKey};

use super::reached::reached;
use super::snapshot::View;
use super::unit_ref::UnitRef;

/// The end of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ended {
    /// The revision of its reform.
    pub revision: Revision,
    /// The day from which the reform is in force, if it had one.
    pub day: Option<Date>,
}

impl<'v> UnitRef<'v> {
    /// Whether the unit has ended, and when. An ended unit can be asked for and not be assigned.
    #[must_use]
    pub fn ended(&self) -> Option<Ended> {
        let ended = self.snapshot.state.units.get(self.id)?.ended?;
        Some(Ended { revision: ended.revision, day: ended.day })
    }

    /// The canonical names that it had, the oldest first, each with the revision that took it away. Those that documents
    /// may still use are [aliases](UnitRef::aliases).
    pub fn former_names(&self) -> impl Iterator<Item = (&'v str, Revision)> + use<'v> {
        let slot = self.snapshot.state.units.slot(self.id);
        slot.into_iter().flat_map(|slot| slot.former()).map(|former| (&*former.name, former.until))
    }

    fn events(&self) -> impl Iterator<Item = &'v Lineage> + use<'v> {
        self.snapshot.state.units.register().lineage()
    }

    /// The units of which it took the place, in the order of the reforms. A unit that was renamed is the same unit: see
    /// [`former_names`](UnitRef::former_names). Walks the reforms of the index.
    pub fn predecessors(&self) -> impl Iterator<Item = UnitRef<'v>> + use<'v> {
        self.step(|event| (&event.to, &event.from))
    }

    /// The units that took its place. Walks the reforms of the index.
    pub fn successors(&self) -> impl Iterator<Item = UnitRef<'v>> + use<'v> {
        self.step(|event| (&event.from, &event.to))
    }

    fn step(&self, sides: fn(&Lineage) -> (&Vec<UnitId>, &Vec<UnitId>)) -> impl Iterator<Item = UnitRef<'v>> + use<'v> {
        let (snapshot, own, mut seen) = (self.snapshot, self.id, HashSet::from([self.id]));
        let events = self.events().filter(move |event| sides(event).0.contains(&own));
        let others = events.flat_map(move |event| sides(event).1.iter().copied());
        others.filter(move |unit| seen.insert(*unit)).map(move |id| UnitRef { snapshot, id })
    }

    /// All units from which it comes, step by step through the reforms, the nearest first, each once. Walks the reforms
    /// once per unit that is found.
    #[must_use]
    pub fn ancestors(&self) -> Vec<UnitRef<'v>> {
        self.all(|unit| unit.predecessors())
    }

    /// All units that came of it, step by step through the reforms, the nearest first, each once. Walks the reforms
    /// once per unit that is found.
    #[must_use]
    pub fn descendants(&self) -> Vec<UnitRef<'v>> {
        self.all(|unit| unit.successors())
    }

    fn all<I: Iterator<Item = UnitRef<'v>>>(&self, step: impl Fn(UnitRef<'v>) -> I) -> Vec<UnitRef<'v>> {
        let snapshot = self.snapshot;
        let unit = |id| UnitRef { snapshot, id };
        reached(self.id, |id| step(unit(id)).map(|next| next.id)).into_iter().map(unit).collect()
    }
}

impl View {
    /// The reforms of the index, the oldest first. Copies the names of each.
    pub fn reforms(&self) -> impl Iterator<Item = model::Lineage> {
        self.state().units.register().lineage().map(|event| lineage(event, &|unit| self.name_of(unit)))
    }

    fn name_of(&self, unit: UnitId) -> String {
        self.state().units.name(unit).to_owned()
    }

    /// A fact with the names of this view.
    pub(crate) fn fact_of(&self, fact: &Fact) -> model::Fact {
        fact_with(fact, &|unit| self.name_of(unit))
    }
}

fn lineage(event: &Lineage, name: &dyn Fn(UnitId) -> String) -> model::Lineage {
    let names = |units: &[UnitId]| units.iter().map(|unit| name(*unit)).collect();
    model::Lineage { from: names(&event.from), to: names(&event.to), day: event.day }
}

/// A fact with the names of its units.
pub(crate) fn fact_with(fact: &Fact, name: &dyn Fn(UnitId) -> String) -> model::Fact {
    match fact {
        Fact::Lineage(_, event) => model::Fact::Lineage(lineage(event, name)),
        Fact::Obligation(own, obligation) => model::Fact::Obligation(obligation_with(own, obligation, name)),
        Fact::Report(key, report) => model::Fact::Report(report_with(key, report, name)),
    }
}

pub(crate) fn report_with(key: &ReportKey, report: &Report, name: &dyn Fn(UnitId) -> String) -> model::Report {
    let ReportKey { obligation, due, unit } = key;
    let answered = model::Report::new(&**obligation, name(*unit), *due, report.answer);
    answered.details((*report.details).clone())
}

pub(crate) fn obligation_with(
    own: &str,
    obligation: &state::Obligation,
    name: &dyn Fn(UnitId) -> String,
) -> model::Obligation {
    let owed_by = obligation.owed_by.iter().map(|owed_by| match owed_by {
        state::OwedBy::LeadsBelow(prefix) => OwedBy::LeadsBelow(prefix.to_string()),
        state::OwedBy::MembersOf(unit) => OwedBy::MembersOf(name(*unit)),
        state::OwedBy::Unit(unit) => OwedBy::Unit(name(*unit)),
    });
    model::Obligation {
        name: own.to_owned(),
        owed_by: owed_by.collect(),
        to: obligation.to.map(name),
        copies: obligation.copies.iter().map(|copy| name(*copy)).collect(),
        due: obligation.due.clone(),
        from: obligation.from,
        until: obligation.until,
    }
}
