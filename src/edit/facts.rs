//! The rules for lineage events, obligations and reports. Each change takes effect at once.

use std::sync::Arc;

use jiff::civil::Date;

use super::moves::Moves;
use super::unit_planner::UnitPlanner;
use crate::id::UnitId;
use crate::model::{self, Error, InputError, Result, check_obligation_name, section_name};
use crate::state::{Change, Fact, FactChange, FactKey, Lineage, Obligation, OwedBy, Report, ReportKey};
use crate::view::unknown_obligation;

/// The units before and after a reform, and its day.
pub(crate) type Event = (Vec<UnitId>, Vec<UnitId>, Option<Date>);

impl UnitPlanner {
    /// Puts a fact in the place of the one with its key.
    fn put_fact(&mut self, fact: Fact) -> Result<()> {
        self.set_fact(fact.key(), Some(fact))
    }

    fn set_fact(&mut self, key: FactKey, is: Option<Fact>) -> Result<()> {
        let was = self.state.units.register().get(&key).cloned();
        let is = is.map(Arc::new);
        if was == is { Ok(()) } else { self.change_fact(FactChange { key, was, is }) }
    }

    /// Takes back a change of a fact; refuses if the fact was changed since.
    pub(super) fn take_back_fact(&mut self, change: &FactChange) -> bool {
        let is_as_then = self.state.units.register().get(&change.key) == change.is.as_ref();
        is_as_then && self.change_fact(change.inverse()).is_ok()
    }

    /// Records units and those that took their place. Moves no task, and ends no unit.
    pub(super) fn add_event(&mut self, from: Vec<UnitId>, to: Vec<UnitId>) -> Result<()> {
        self.add_lineage(from, to, self.day)
    }

    fn add_lineage(&mut self, from: Vec<UnitId>, to: Vec<UnitId>, day: Option<Date>) -> Result<()> {
        let lineage = Lineage { from, to, day, revision: self.state.revision + 1 };
        self.put_fact(Fact::Lineage(self.state.units.register().next_lineage(), lineage))
    }

    /// Records an event unless it is there: not counting so many that are like it.
    pub(crate) fn add_lineage_unless_there(&mut self, event: &Event, not_counting: usize) -> Result<()> {
        let (from, to, day) = event;
        let is = |other: &&Lineage| (&other.from, &other.to, &other.day) == (from, to, day);
        let there = self.state.units.register().lineage().filter(is).count();
        if there > not_counting { Ok(()) } else { self.add_lineage(from.clone(), to.clone(), *day) }
    }

    pub(super) fn add_lineage_of(&mut self, from: &[String], to: &[String], day: Option<Date>) -> Result<()> {
        let event = (self.known_units(from)?, self.known_units(to)?, day);
        let bad = |why| Err(InputError::BadReform { sources: from.to_vec(), why }.into());
        if event.0.is_empty() {
            return bad("no unit is named");
        }
        if event.0.iter().any(|unit| event.1.contains(unit)) {
            return bad("a unit is its own predecessor");
        }
        self.add_lineage_unless_there(&event, 0)
    }

    pub(crate) fn set_obligation(&mut self, obligation: &model::Obligation) -> Result<()> {
        obligation.check()?;
        let model::Obligation { owed_by, to, copies, due, from, until, .. } = obligation;
        let mut rules = Vec::with_capacity(owed_by.len());
        for owed_by in owed_by {
            rules.push(match owed_by {
                model::OwedBy::LeadsBelow(prefix) => OwedBy::LeadsBelow(section_name(prefix)?.into()),
                model::OwedBy::MembersOf(unit) => OwedBy::MembersOf(self.collective(unit)?),
                model::OwedBy::Unit(unit) => OwedBy::Unit(self.resolve(unit)?),
            });
        }
        let to = to.as_ref().map(|to| self.resolve(to)).transpose()?;
        let mut units = Vec::with_capacity(copies.len());
        for copy in copies {
            let unit = self.resolve(copy)?;
            if units.contains(&unit) {
                return Err(self.twice(unit, copy).into());
            }
            units.push(unit);
        }
        let (due, from, until) = (due.normal(), *from, *until);
        let of_units = Obligation { owed_by: rules, to, copies: units, due, from, until };
        self.put_obligation(obligation, of_units)
    }

    /// Puts an obligation with its units, if the value of it is valid.
    pub(crate) fn put_obligation(&mut self, checked: &model::Obligation, of_units: Obligation) -> Result<()> {
        checked.check()?;
        self.put_fact(Fact::Obligation(checked.name.as_str().into(), of_units))
    }

    fn obligation(&self, name: &str) -> Result<&Obligation, InputError> {
        self.state.units.register().obligation(name).ok_or_else(|| unknown_obligation(name))
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

    pub(super) fn withdraw_report(&mut self, obligation: &str, unit: &str, due: Date) -> Result<()> {
        self.obligation(obligation)?;
        let key = FactKey::Report(ReportKey { obligation: obligation.into(), due, unit: self.known(unit)? });
        if self.state.units.register().get(&key).is_none() {
            let (obligation, unit) = (obligation.to_owned(), unit.to_owned());
            return Err(InputError::NoReport { obligation, unit, due }.into());
        }
        self.set_fact(key, None)
    }

    /// Puts the results of a reform in the places of units that end, in every obligation: all of them where a unit owes, the
    /// only one where a unit gets reports. With several results or none those who get reports stay as they are.
    pub(super) fn replace_debtors(&mut self, ending: &[UnitId], results: &[UnitId]) -> Result<()> {
        let ends = |unit: &UnitId| ending.contains(unit);
        let heir = if let [heir] = results { Some(*heir) } else { None };
        let one = |unit: UnitId| heir.filter(|_| ends(&unit)).unwrap_or(unit);
        let mut changed = Vec::new();
        for (name, obligation) in self.state.units.register().obligations() {
            let mut new = obligation.clone();
            new.owed_by.clear();
            for owed_by in &obligation.owed_by {
                let heirs: Vec<OwedBy> = match owed_by {
                    OwedBy::Unit(unit) if ends(unit) => results.iter().copied().map(OwedBy::Unit).collect(),
                    OwedBy::MembersOf(unit) => vec![OwedBy::MembersOf(one(*unit))],
                    other => vec![other.clone()],
                };
                heirs.into_iter().for_each(|heir| {
                    if !new.owed_by.contains(&heir) {
                        new.owed_by.push(heir);
                    }
                });
            }
            new.to = new.to.map(one);
            new.copies = Vec::new();
            for copy in obligation.copies.iter().map(|copy| one(*copy)) {
                if !new.copies.contains(&copy) {
                    new.copies.push(copy);
                }
            }
            if new != *obligation {
                changed.push((Arc::clone(name), new));
            }
        }
        changed.into_iter().try_for_each(|(name, new)| self.put_fact(Fact::Obligation(name, new)))
    }

    /// Lets obligations about a task that moves, or about sections that get another name, go along.
    pub(super) fn move_obligations(&mut self, moves: &Moves<'_>) -> Result<()> {
        let moved = |name: &Arc<str>| -> Option<Arc<str>> {
            let task = moves.tasks.iter().find(|task| *task.from == **name).map(|task| task.to.as_str().into());
            task.or_else(|| {
                moves.sections.iter().find_map(|(from, to)| {
                    let rest = name.strip_prefix(from).filter(|rest| rest.is_empty() || rest.starts_with('/'))?;
                    Some(format!("{to}{rest}").into())
                })
            })
        };
        let mut changed = Vec::new();
        for (name, obligation) in self.state.units.register().obligations() {
            let mut new = obligation.clone();
            for owed_by in &mut new.owed_by {
                if let OwedBy::LeadsBelow(section) = owed_by
                    && let Some(to) = moved(section)
                {
                    *section = to;
                }
            }
            if new != *obligation {
                changed.push(Fact::Obligation(Arc::clone(name), new));
            }
        }
        changed.into_iter().try_for_each(|fact| self.put_fact(fact))
    }

    /// The first thing other than a task that names a unit: a collective, a reform, an obligation or a report.
    pub(super) fn named_by(&self, unit: UnitId) -> Option<String> {
        let units = &self.state.units;
        let group = units.groups(unit).first().map(|group| format!("collective {:?}", units.name(*group)));
        group.or_else(|| {
            let fact = units.register().iter().find(|fact| fact.units().contains(&unit))?;
            Some(match &**fact {
                Fact::Lineage(..) => "a reform".to_owned(),
                Fact::Obligation(..) => fact.key().to_string(),
                Fact::Report(ReportKey { obligation, due, .. }, _) => format!("a report on {obligation:?} for {due}"),
            })
        })
    }

    fn change_fact(&mut self, change: FactChange) -> Result<()> {
        self.apply(Change::Fact(change)).map_err(|misfit| Error::Bug { what: misfit.to_string() })
    }
}
