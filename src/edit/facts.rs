//! The rules for lineage events, obligations and reports. Each change takes effect at once.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::Arc;

use jiff::civil::Date;

use super::members::heir_of;
use super::unit_planner::UnitPlanner;
use crate::id::UnitId;
use crate::model::{
    self, Error, InputError, MAX_UNITS_OF_AN_OBLIGATION, Result, are_same, check_obligation_name, section_name,
};
use crate::state::{Change, Fact, FactChange, FactKey, Lineage, Obligation, OwedBy, Report, ReportKey};
use crate::view::unknown_obligation;

/// The units before and after a reform, and its day.
pub(crate) type Event = (Vec<UnitId>, Vec<UnitId>, Option<Date>);

impl UnitPlanner {
    /// Puts a fact in the place of the one with its key.
    pub(super) fn put_fact(&mut self, fact: Fact) -> Result<()> {
        self.set_fact(fact.key(), Some(fact))
    }

    fn set_fact(&mut self, key: FactKey, is: Option<Fact>) -> Result<()> {
        let was = self.state.units.register().get(&key).cloned();
        let is = is.map(Arc::new);
        if was == is { Ok(()) } else { self.change_fact(FactChange { key, was, is }) }
    }

    /// Takes back a change of a fact; returns whether the fact is as the change left it.
    pub(super) fn take_back_fact(&mut self, change: &FactChange) -> bool {
        let is_as_then = self.state.units.register().get(&change.key) == change.is.as_ref();
        is_as_then && self.change_fact(change.inverse()).is_ok()
    }

    /// Whether a fact names units that exist, an obligation those that have their names.
    pub(super) fn may_be(&self, key: &FactKey) -> bool {
        let needs_names = matches!(key, FactKey::Obligation(_));
        let may_be_named = |unit: UnitId| {
            let unit = self.state.units.get(unit);
            unit.is_some_and(|unit| unit.has_names() || !needs_names)
        };
        !self.state.units.register().get(key).is_some_and(|fact| fact.names(|unit| !may_be_named(unit)))
    }

    /// The key of a fact in words.
    pub(super) fn key_in_words(&self, key: &FactKey) -> String {
        match key {
            FactKey::Lineage(_) => "a reform".to_owned(),
            FactKey::Obligation(name) => format!("obligation {name:?}"),
            FactKey::Report(ReportKey { obligation, due, unit }) => {
                let unit = self.state.units.get(*unit).map_or_else(|| unit.to_string(), |unit| unit.name.to_string());
                format!("the report of unit {unit:?} on {obligation:?} for {due}")
            }
        }
    }

    /// Records units and those that took their place. Moves no task, and ends no unit.
    pub(crate) fn add_event(&mut self, (from, to, day): Event) -> Result<()> {
        let lineage = Lineage { from, to, day, revision: self.state.revision + 1 };
        self.put_fact(Fact::Lineage(self.state.units.register().next_lineage(), lineage))
    }

    /// How often each reform is recorded.
    pub(crate) fn reforms(&self) -> HashMap<Event, usize> {
        let mut reforms = HashMap::new();
        for Lineage { from, to, day, .. } in self.state.units.register().lineage() {
            *reforms.entry((from.clone(), to.clone(), *day)).or_default() += 1;
        }
        reforms
    }

    pub(super) fn add_lineage_of(&mut self, from: &[String], to: &[String], day: Option<Date>) -> Result<()> {
        let mut known = |names: &[String]| self.each_once(names, |units, name| Ok(units.known(name)?));
        let event = (known(from)?, known(to)?, day);
        let bad = |why| Err(InputError::BadReform { sources: from.to_vec(), why }.into());
        if event.0.is_empty() {
            return bad("no unit is named");
        }
        if event.0.iter().any(|unit| event.1.contains(unit)) {
            return bad("a unit is its own predecessor");
        }
        let (from, to, day) = &event;
        let is = |other: &Lineage| (&other.from, &other.to, &other.day) == (from, to, day);
        if self.state.units.register().lineage().any(is) { Ok(()) } else { self.add_event(event) }
    }

    pub(crate) fn set_obligation(&mut self, obligation: &model::Obligation) -> Result<()> {
        obligation.check()?;
        let model::Obligation { name, owed_by, to, copies, due, from, until } = obligation;
        let before = self.state.units.register().obligation(name).map(|(_, before)| before.clone());
        let mut rules = Vec::with_capacity(owed_by.len());
        for owed_by in owed_by {
            rules.push(match owed_by {
                model::OwedBy::LeadsBelow(prefix) => OwedBy::LeadsBelow(section_name(prefix)?.into()),
                model::OwedBy::MembersOf(unit) => match self.named_before(&before, unit) {
                    Some(unit) => OwedBy::MembersOf(unit),
                    None => OwedBy::MembersOf(self.collective(unit)?),
                },
                model::OwedBy::Unit(unit) => OwedBy::Unit(self.resolve_for(&before, unit)?),
            });
        }
        let to = to.as_ref().map(|to| self.resolve_for(&before, to)).transpose()?;
        let copies = self.each_once(copies, |units, copy| units.resolve_for(&before, copy))?;
        let (owed_by, due, from, until) = (without_repetitions(rules), due.normal(), *from, *until);
        self.put_obligation(obligation, Obligation { owed_by, to, copies, due, from, until })
    }

    /// The unit of a name if an obligation names it, also one that has ended: so an obligation can be set again as it is.
    fn named_before(&self, before: &Option<Obligation>, name: &str) -> Option<UnitId> {
        let unit = self.state.units.find(name)?;
        before.as_ref().filter(|before| before.names(|named| named == unit)).map(|_| unit)
    }

    fn resolve_for(&mut self, before: &Option<Obligation>, name: &str) -> Result<UnitId> {
        self.named_before(before, name).map_or_else(|| self.resolve(name), Ok)
    }

    /// Puts an obligation with its units, if the value of it is valid.
    pub(crate) fn put_obligation(&mut self, checked: &model::Obligation, of_units: Obligation) -> Result<()> {
        checked.check()?;
        for units in [of_units.owed_by.len(), of_units.copies.len()] {
            if units > MAX_UNITS_OF_AN_OBLIGATION {
                let (of, most) = (format!("obligation {:?}", checked.name), MAX_UNITS_OF_AN_OBLIGATION);
                return Err(InputError::TooManyNamed { of, units, most }.into());
            }
        }
        self.put_fact(Fact::Obligation(checked.name.as_str().into(), of_units))
    }

    fn obligation(&self, name: &str) -> Result<&Obligation, InputError> {
        let found = self.state.units.register().obligation(name);
        found.map(|(_, obligation)| obligation).ok_or_else(|| unknown_obligation(name))
    }

    pub(super) fn remove_obligation(&mut self, name: &str) -> Result<()> {
        self.obligation(name)?;
        self.set_fact(FactKey::Obligation(name.into()), None)
    }

    pub(super) fn report(&mut self, report: &model::Report) -> Result<()> {
        let obligation = self.obligation(&report.obligation)?;
        if !obligation.is_due_on(report.due) {
            let nearest = obligation.nearest(report.due);
            let (obligation, given) = (report.obligation.clone(), report.due);
            return Err(InputError::NotADueDay { obligation, given, nearest }.into());
        }
        let unit = self.known(&report.unit)?;
        self.put_report(report, unit)
    }

    /// Puts a report of a unit, for whatever day.
    pub(crate) fn put_report(&mut self, report: &model::Report, unit: UnitId) -> Result<()> {
        check_obligation_name(&report.obligation)?;
        report.details.check()?;
        let key = ReportKey { obligation: report.obligation.as_str().into(), due: report.due, unit };
        let details = Arc::new(report.details.clone());
        self.put_fact(Fact::Report(key, Report { answer: report.answer, details }))
    }

    pub(super) fn withdraw_report(&mut self, obligation: &str, name: &str, due: Date) -> Result<()> {
        let unit = self.known(name)?;
        // Units that gave this name away may have reported, too.
        let others = self.state.units.iter().filter(|(_, unit)| !unit.has_names() && are_same(&unit.name, name));
        let units = std::iter::once(unit).chain(others.map(|(unit, _)| unit));
        let key = |unit| FactKey::Report(ReportKey { obligation: obligation.into(), due, unit });
        let found = units.map(key).find(|key| self.state.units.register().get(key).is_some());
        match found {
            Some(key) => self.set_fact(key, None),
            None => {
                let (obligation, unit) = (obligation.to_owned(), name.to_owned());
                Err(InputError::NoReport { obligation, unit, due }.into())
            }
        }
    }

    /// Puts the results of a reform in the places of units that end, in every obligation: all of them where a unit or the
    /// members of a collective owe, the only one where a unit gets reports. With several results or none those who get
    /// reports stay as they are.
    pub(super) fn replace_debtors(&mut self, ending: &[UnitId], results: &[UnitId]) -> Result<()> {
        let ends: HashSet<UnitId> = ending.iter().copied().collect();
        let heir = heir_of(results);
        let one = |unit: UnitId| heir.filter(|_| ends.contains(&unit)).map_or(unit, |heir| heir);
        let obligations = self.state.units.register().obligations();
        let concerned = obligations.filter(|(_, obligation)| obligation.names(|unit| ends.contains(&unit)));
        let mut changed = Vec::new();
        for (name, obligation) in concerned {
            let heirs = |unit: &UnitId| if ends.contains(unit) { results.to_vec() } else { vec![*unit] };
            let owed_by = obligation.owed_by.iter().flat_map(|owed_by| match owed_by {
                OwedBy::Unit(unit) => heirs(unit).into_iter().map(OwedBy::Unit).collect(),
                OwedBy::MembersOf(unit) => heirs(unit).into_iter().map(OwedBy::MembersOf).collect(),
                OwedBy::LeadsBelow(_) => vec![owed_by.clone()],
            });
            let (owed_by, to) = (without_repetitions(owed_by.collect()), obligation.to.map(one));
            let copies = without_repetitions(obligation.copies.iter().map(|copy| one(*copy)).collect());
            let new = Obligation { owed_by, to, copies, ..obligation.clone() };
            changed.push(Fact::Obligation(Arc::clone(name), new));
        }
        changed.into_iter().try_for_each(|fact| self.put_fact(fact))
    }

    /// The collective or the obligation that names a unit.
    pub(super) fn needed_by(&self, unit: UnitId) -> Option<String> {
        let units = &self.state.units;
        let group = units.groups(unit).first().map(|group| format!("collective {:?}", units.name(*group)));
        group.or_else(|| {
            let mut obligations = units.register().obligations();
            let (name, _) = obligations.find(|(_, obligation)| obligation.names(|named| named == unit))?;
            Some(format!("obligation {name:?}"))
        })
    }

    /// The first thing other than a task that names a unit: a collective, an obligation, a reform or a report.
    pub(super) fn named_by(&self, unit: UnitId) -> Option<String> {
        self.needed_by(unit).or_else(|| {
            let fact = self.state.units.register().iter().find(|fact| fact.names(|named| named == unit))?;
            Some(self.key_in_words(&fact.key()))
        })
    }

    fn change_fact(&mut self, change: FactChange) -> Result<()> {
        self.apply(Change::Fact(change)).map_err(|misfit| Error::Bug { what: misfit.to_string() })
    }
}

/// A list with later repetitions left out.
fn without_repetitions<T: Clone + Eq + Hash>(list: Vec<T>) -> Vec<T> {
    let mut seen = HashSet::new();
    list.into_iter().filter(|one| seen.insert(one.clone())).collect()
}
