//! Who owes which report. Walks units, not tasks.

use std::cell::OnceCell;
use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;

use crate::id::UnitId;
use crate::model::{Answer, InputError, Obligation, Report, Result, are_same};
use crate::state::{self, OwedBy, ReportKey};
use crate::view::{UnitRef, View, obligation_with, reached, report_with, suggest, unknown_obligation};

/// An obligation, borrowed from a [`View`].
#[derive(Clone, Copy)]
pub struct ObligationRef<'v> {
    view: &'v View,
    name: &'v str,
    obligation: &'v state::Obligation,
}

/// A report that a unit owes for a due day.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Owed<'v> {
    /// The obligation.
    pub obligation: &'v str,
    /// The unit.
    pub unit: UnitRef<'v>,
    /// Why it owes.
    pub why: Why<'v>,
    /// The due day.
    pub due: Date,
    /// The answer, if there is one.
    pub report: Option<Report>,
    /// Answers for the same day of units of which it took the place.
    pub earlier: Vec<Report>,
}

/// Why a unit owes a report. Of several reasons the first one of this list is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Why<'v> {
    /// The obligation names it.
    Named,
    /// It leads so many tasks of the sections of the obligation, by name or as a body of a collective that leads.
    Leads(usize),
    /// It is a body of this collective, which the obligation names.
    MemberOf(UnitRef<'v>),
}

impl Owed<'_> {
    /// Whether no report came and none is excused. A report that may come later is missing.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        !matches!(self.report.as_ref().map(|report| report.answer), Some(Answer::Received(_) | Answer::Excused))
    }

    /// The last day on which the report is in time: the due day, or the one to which it was extended.
    #[must_use]
    pub fn deadline(&self) -> Date {
        match self.report.as_ref().map(|report| report.answer) {
            Some(Answer::Extended(day)) => day,
            _ => self.due,
        }
    }

    /// Whether the report came after its due day.
    #[must_use]
    pub fn is_late(&self) -> bool {
        matches!(self.report.as_ref().map(|report| report.answer), Some(Answer::Received(day)) if day > self.due)
    }
}

impl<'v> ObligationRef<'v> {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &'v str {
        self.name
    }

    /// It as a value, with the names of the view.
    #[must_use]
    pub fn value(&self) -> Obligation {
        obligation_with(self.name, self.obligation, &|unit| name_of(self.view, unit))
    }

    /// Its due days from a day to another, both included, in order.
    pub fn days(&self, from: Date, to: Date) -> impl Iterator<Item = Date> + use<> {
        self.obligation.days(from, to)
    }

    /// The units that owe, each once, in the order in which they were created, with the reason.
    ///
    /// Costs one intersection of two sets per unit that leads a task: about 1 ms for 2,000 units.
    #[must_use]
    pub fn owed_by(&self) -> Vec<(UnitRef<'v>, Why<'v>)> {
        let unit = |id| self.view.unit_of(id);
        let debtors = self.debtors().into_iter();
        let why = |reason| match reason {
            Reason::Named => Some(Why::Named),
            Reason::Leads(tasks) => Some(Why::Leads(tasks)),
            Reason::MemberOf(collective) => unit(collective).map(Why::MemberOf),
        };
        debtors.filter_map(|(id, reason)| Some((unit(id)?, why(reason)?))).collect()
    }

    fn debtors(&self) -> BTreeMap<UnitId, Reason> {
        let mut debtors = BTreeMap::new();
        let mut add = |unit: UnitId, reason: Reason| match debtors.get_mut(&unit) {
            // What it leads as a member counts what it leads by name.
            Some(before @ Reason::Leads(_)) if matches!(reason, Reason::Leads(_)) => *before = reason,
            Some(before) => *before = (*before).min(reason),
            None => drop(debtors.insert(unit, reason)),
        };
        let mut sections = self.view.no_tasks();
        for owed_by in &self.obligation.owed_by {
            match owed_by {
                OwedBy::Unit(unit) => add(*unit, Reason::Named),
                OwedBy::MembersOf(collective) => {
                    let bodies = self.view.bodies_of(*collective);
                    bodies.into_iter().for_each(|body| add(body, Reason::MemberOf(*collective)));
                }
                OwedBy::LeadsBelow(prefix) => sections |= self.view.in_section(prefix),
            }
        }
        let mut collectives = Vec::new();
        for (unit, tasks) in self.view.leads_among(&sections) {
            match self.view.bodies_of(unit)[..] {
                [own] if own == unit => add(unit, Reason::Leads(tasks)),
                _ => collectives.push(unit),
            }
        }
        for (body, tasks) in self.view.led_by_bodies(&collectives, &sections) {
            add(body, Reason::Leads(tasks));
        }
        debtors
    }
}

/// Why a unit owes, the first reason first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Reason {
    Named,
    Leads(usize),
    MemberOf(UnitId),
}

/// To each unit those of which it took the place, step by step.
struct Ancestry(HashMap<UnitId, Vec<UnitId>>);

impl Ancestry {
    fn of(view: &View) -> Ancestry {
        let mut before: HashMap<UnitId, Vec<UnitId>> = HashMap::new();
        for event in view.state().units.register().lineage() {
            event.to.iter().for_each(|to| before.entry(*to).or_default().extend(&event.from));
        }
        Ancestry(before)
    }

    /// All units from which a unit comes, the nearest first.
    fn of_unit(&self, unit: UnitId) -> Vec<UnitId> {
        reached(unit, |unit| self.0.get(&unit).into_iter().flatten().copied())
    }
}

fn name_of(view: &View, unit: UnitId) -> String {
    view.state().units.name(unit).to_owned()
}

/// Obligations and reports. See [`report`](crate::report).
impl View {
    /// All obligations, by name.
    pub fn obligations(&self) -> impl Iterator<Item = ObligationRef<'_>> {
        let obligations = self.state().units.register().obligations();
        obligations.map(|(name, obligation)| ObligationRef { view: self, name, obligation })
    }

    /// An obligation by name.
    ///
    /// # Errors
    /// [`InputError::UnknownObligation`], with names like it.
    pub fn obligation(&self, name: &str) -> Result<ObligationRef<'_>> {
        match self.state().units.register().obligation(name) {
            Some((name, obligation)) => Ok(ObligationRef { view: self, name, obligation }),
            None => Err(suggest(unknown_obligation(name), self.state(), None).into()),
        }
    }

    /// Who owes a report for a due day, in the order in which the units were created, with what came. Costs as much as
    /// [`ObligationRef::owed_by`], and a look-up per unit.
    ///
    /// # Errors
    /// [`InputError::UnknownObligation`]; [`InputError::NotADueDay`] with the nearest due day.
    pub fn owed(&self, obligation: &str, due: Date) -> Result<Vec<Owed<'_>>> {
        let obligation = self.obligation(obligation)?;
        if !obligation.obligation.is_due_on(due) {
            let nearest = obligation.obligation.nearest(due);
            return Err(InputError::NotADueDay { obligation: obligation.name.to_owned(), given: due, nearest }.into());
        }
        Ok(self.owed_for(&obligation, &obligation.owed_by(), due, &OnceCell::new()))
    }

    fn owed_for<'v>(
        &'v self,
        obligation: &ObligationRef<'v>,
        debtors: &[(UnitRef<'v>, Why<'v>)],
        due: Date,
        ancestry: &OnceCell<Ancestry>,
    ) -> Vec<Owed<'v>> {
        let reports = self.reports_for(obligation.name, due);
        let ancestry = (!reports.is_empty()).then(|| ancestry.get_or_init(|| Ancestry::of(self)));
        let owed = debtors.iter().map(|(unit, why)| {
            let earlier = ancestry.map_or_else(Vec::new, |ancestry| ancestry.of_unit(unit.id));
            Owed {
                obligation: obligation.name,
                unit: *unit,
                why: *why,
                due,
                report: reports.get(&unit.id).cloned(),
                earlier: earlier.iter().filter_map(|before| reports.get(before).cloned()).collect(),
            }
        });
        owed.collect()
    }

    fn reports_for(&self, obligation: &str, due: Date) -> BTreeMap<UnitId, Report> {
        let reports = self.state().units.register().reports_for(obligation, due);
        reports.map(|(key, report)| (key.unit, self.report_of(key, report))).collect()
    }

    fn report_of(&self, key: &ReportKey, report: &state::Report) -> Report {
        report_with(key, report, &|unit| name_of(self, unit))
    }

    /// The reports for a due day of units that do not owe one. Costs as much as [`owed`](View::owed).
    ///
    /// # Errors
    /// Those of [`owed`](View::owed).
    pub fn unasked(&self, obligation: &str, due: Date) -> Result<Vec<Report>> {
        let mut reports = self.reports_for(obligation, due);
        for owed in self.owed(obligation, due)? {
            reports.remove(&owed.unit.id);
        }
        Ok(reports.into_values().collect())
    }

    /// All reports that were due before a day, with extensions, and have no answer: by obligation, then by due day. Who owes
    /// is asked of this view for all days. Costs [`ObligationRef::owed_by`] once per obligation, and a walk over its due days.
    #[must_use]
    pub fn overdue(&self, on: Date) -> Vec<Owed<'_>> {
        let (mut overdue, ancestry) = (Vec::new(), OnceCell::new());
        for obligation in self.obligations() {
            let mut debtors = None;
            for due in obligation.days(Date::MIN, on).filter(|due| *due < on) {
                let debtors = debtors.get_or_insert_with(|| obligation.owed_by());
                let owed = self.owed_for(&obligation, debtors, due, &ancestry);
                overdue.extend(owed.into_iter().filter(|owed| owed.is_missing() && owed.deadline() < on));
            }
        }
        overdue
    }

    /// The next due day of each obligation after a day, the nearest first. Walks the obligations.
    #[must_use]
    pub fn next_due(&self, after: Date) -> Vec<(&str, Date)> {
        let next = self.obligations().filter_map(|obligation| {
            let due = obligation.obligation.next_after(after)?;
            Some((obligation.name, due))
        });
        let mut next: Vec<_> = next.collect();
        next.sort_by_key(|(name, due)| (*due, *name));
        next
    }

    /// The reports of the unit that a name finds, and of units that gave this name away to it, by obligation and due day. Walks
    /// all reports.
    ///
    /// # Errors
    /// [`InputError::UnknownUnit`].
    pub fn reports_of(&self, unit: &str) -> Result<Vec<Report>> {
        let own = self.unit_id(unit)?;
        let units = &self.state().units;
        let gave_it = |id: UnitId| units.get(id).is_some_and(|other| !other.has_names() && are_same(&other.name, unit));
        let reports = units.register().reports().filter(|(key, _)| key.unit == own || gave_it(key.unit));
        Ok(reports.map(|(key, report)| self.report_of(key, report)).collect())
    }

    /// All reports, by obligation, due day and unit. Copies each.
    pub fn reports(&self) -> impl Iterator<Item = Report> {
        self.state().units.register().reports().map(|(key, report)| self.report_of(key, report))
    }
}

impl std::fmt::Debug for ObligationRef<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.value().fmt(f)
    }
}
