//! The facts of a state other than tasks and units: lineage events, obligations and reports, each under its key.
//!
//! Invariant: the units that a fact names exist. Knows units by their numbers only.

use std::fmt;
use std::sync::Arc;

use jiff::civil::Date;

use super::obligation::{Obligation, OwedBy};
use super::sorted_map::SortedMap;
use crate::id::{Revision, UnitId};
use crate::model::{Answer, Details};

/// Rows of facts: a checkpoint writes those again in which a fact differs.
const BUCKETS: u32 = 1_024;

/// The key of a fact.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum FactKey {
    /// Events are numbered in the order of their commits.
    Lineage(u32),
    Obligation(Arc<str>),
    Report(ReportKey),
}

/// The obligation, the due day and the unit of a report.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ReportKey {
    pub(crate) obligation: Arc<str>,
    pub(crate) due: Date,
    pub(crate) unit: UnitId,
}

impl FactKey {
    /// The row of the fact: a hash of the key, which is part of the format.
    pub(crate) fn bucket(&self) -> u32 {
        let mut hash = Fnv(0xcbf2_9ce4_8422_2325);
        match self {
            FactKey::Lineage(number) => hash.add(&number.to_le_bytes()),
            FactKey::Obligation(name) => hash.add(name.as_bytes()),
            FactKey::Report(ReportKey { obligation, due, unit }) => {
                hash.add(obligation.as_bytes());
                hash.add(&due.year().to_le_bytes());
                hash.add(&[due.month() as u8, due.day() as u8]);
                hash.add(&unit.to_le_bytes());
            }
        }
        (hash.0 >> 32) as u32 % BUCKETS
    }
}

/// The hash of Fowler, Noll and Vo, variant 1a.
struct Fnv(u64);

impl Fnv {
    fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
        }
    }
}

/// A fact with its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fact {
    Lineage(u32, Lineage),
    Obligation(Arc<str>, Obligation),
    Report(ReportKey, Report),
}

/// A reform: the units before it and after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lineage {
    pub(crate) from: Vec<UnitId>,
    pub(crate) to: Vec<UnitId>,
    pub(crate) day: Option<Date>,
    /// That of the commit.
    pub(crate) revision: Revision,
}

/// See [`crate::report::Report`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Report {
    pub(crate) answer: Answer,
    pub(crate) details: Arc<Details>,
}

impl Fact {
    pub(crate) fn key(&self) -> FactKey {
        match self {
            Fact::Lineage(number, _) => FactKey::Lineage(*number),
            Fact::Obligation(name, _) => FactKey::Obligation(Arc::clone(name)),
            Fact::Report(key, _) => FactKey::Report(key.clone()),
        }
    }

    /// Whether it names a unit that has a property.
    pub(crate) fn names(&self, has: impl Fn(UnitId) -> bool) -> bool {
        match self {
            Fact::Lineage(_, lineage) => lineage.from.iter().chain(&lineage.to).any(|unit| has(*unit)),
            Fact::Obligation(_, obligation) => obligation.names(has),
            Fact::Report(key, _) => has(key.unit),
        }
    }

    fn units_mut(&mut self) -> Vec<&mut UnitId> {
        match self {
            Fact::Lineage(_, lineage) => lineage.from.iter_mut().chain(&mut lineage.to).collect(),
            Fact::Obligation(_, obligation) => {
                let owed_by = obligation.owed_by.iter_mut().filter_map(|owed_by| match owed_by {
                    OwedBy::LeadsBelow(_) => None,
                    OwedBy::MembersOf(unit) | OwedBy::Unit(unit) => Some(unit),
                });
                owed_by.chain(&mut obligation.to).chain(&mut obligation.copies).collect()
            }
            Fact::Report(key, _) => vec![&mut key.unit],
        }
    }
}

impl fmt::Display for FactKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FactKey::Lineage(number) => write!(f, "reform {number}"),
            FactKey::Obligation(name) => write!(f, "obligation {name:?}"),
            FactKey::Report(ReportKey { obligation, due, unit }) => {
                write!(f, "the report of unit {unit} on {obligation:?} for {due}")
            }
        }
    }
}

/// One fact before and after; `None` where it is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FactChange {
    pub(crate) key: FactKey,
    pub(crate) was: Option<Arc<Fact>>,
    pub(crate) is: Option<Arc<Fact>>,
}

impl FactChange {
    /// The change that takes this one back.
    pub(crate) fn inverse(&self) -> FactChange {
        FactChange { key: self.key.clone(), was: self.is.clone(), is: self.was.clone() }
    }

    /// The same with other numbers of the units.
    pub(crate) fn renumbered(&self, number: &impl Fn(UnitId) -> UnitId) -> FactChange {
        let side = |fact: &Option<Arc<Fact>>| {
            fact.as_ref().map(|fact| {
                let mut fact = (**fact).clone();
                fact.units_mut().into_iter().for_each(|unit| *unit = number(*unit));
                Arc::new(fact)
            })
        };
        let (was, is) = (side(&self.was), side(&self.is));
        let key = was.as_ref().or(is.as_ref()).map_or_else(|| self.key.clone(), |fact| fact.key());
        FactChange { key, was, is }
    }

    /// Whether the fact names a unit, before or after.
    pub(crate) fn names(&self, unit: UnitId) -> bool {
        [&self.was, &self.is].into_iter().flatten().any(|fact| fact.names(|named| named == unit))
    }
}

type Facts = SortedMap<FactKey, Arc<Fact>>;

/// All facts. See the head of this file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Register {
    /// Lineage events and obligations.
    plans: Facts,
    /// By themselves, so that a view can have those of another one.
    reports: Facts,
}

impl Register {
    pub(crate) fn len(&self) -> usize {
        self.plans.len() + self.reports.len()
    }

    fn facts(&self, key: &FactKey) -> &Facts {
        if matches!(key, FactKey::Report(_)) { &self.reports } else { &self.plans }
    }

    fn facts_mut(&mut self, key: &FactKey) -> &mut Facts {
        if matches!(key, FactKey::Report(_)) { &mut self.reports } else { &mut self.plans }
    }

    pub(crate) fn get(&self, key: &FactKey) -> Option<&Arc<Fact>> {
        self.facts(key).get(key)
    }

    /// All facts, by rising keys.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<Fact>> {
        self.plans.iter().chain(self.reports.iter()).map(|(_, fact)| fact)
    }

    /// The facts of the kind of a key, from that key on.
    fn from<'r>(&'r self, key: &FactKey) -> impl Iterator<Item = (&'r FactKey, &'r Arc<Fact>)> + use<'r> {
        self.facts(key).from(key)
    }

    /// The lineage events, the oldest first.
    pub(crate) fn lineage(&self) -> impl Iterator<Item = &Lineage> {
        self.from(&FactKey::Lineage(0)).map_while(|(_, fact)| match &**fact {
            Fact::Lineage(_, lineage) => Some(lineage),
            Fact::Obligation(..) | Fact::Report(..) => None,
        })
    }

    /// The number of the next lineage event.
    pub(crate) fn next_lineage(&self) -> u32 {
        // Obligations come after lineage events.
        match self.plans.before(&FactKey::Obligation("".into())) {
            Some((FactKey::Lineage(last), _)) => last + 1,
            _ => 0,
        }
    }

    pub(crate) fn obligation(&self, name: &str) -> Option<(&Arc<str>, &Obligation)> {
        match &**self.get(&FactKey::Obligation(name.into()))? {
            Fact::Obligation(name, obligation) => Some((name, obligation)),
            Fact::Lineage(..) | Fact::Report(..) => None,
        }
    }

    /// The obligations, by name.
    pub(crate) fn obligations(&self) -> impl Iterator<Item = (&Arc<str>, &Obligation)> {
        self.from(&FactKey::Obligation("".into())).filter_map(|(_, fact)| match &**fact {
            Fact::Obligation(name, obligation) => Some((name, obligation)),
            Fact::Lineage(..) | Fact::Report(..) => None,
        })
    }

    /// All reports, by obligation, due day and unit.
    pub(crate) fn reports(&self) -> impl Iterator<Item = (&ReportKey, &Report)> {
        self.reports.iter().filter_map(report)
    }

    /// The reports for a due day, by unit.
    pub(crate) fn reports_for(&self, obligation: &str, due: Date) -> impl Iterator<Item = (&ReportKey, &Report)> {
        let name: Arc<str> = obligation.into();
        let first = FactKey::Report(ReportKey { obligation: Arc::clone(&name), due, unit: 0 });
        let from = self.from(&first).filter_map(report);
        from.take_while(move |(key, _)| key.obligation == name && key.due == due)
    }

    /// The same with the reports of another register, but for those of units that do not exist here.
    pub(crate) fn with_reports_of(&self, other: &Register, exists: impl Fn(UnitId) -> bool) -> Register {
        let strange: Vec<&ReportKey> = other.reports().map(|(key, _)| key).filter(|key| !exists(key.unit)).collect();
        let mut reports = other.reports.clone();
        strange.into_iter().for_each(|key| reports.remove(&FactKey::Report(key.clone())));
        Register { plans: self.plans.clone(), reports }
    }

    /// Carries out a change, or leaves everything as it is where the change does not fit. The units that the fact names are
    /// checked by [`check`](Register::check).
    pub(super) fn apply(&mut self, change: &FactChange) -> Result<(), String> {
        let FactChange { key, was, is } = change;
        if !was.iter().chain(is).all(|fact| fact.key() == *key) || was.is_none() && is.is_none() {
            return Err(format!("{key} is changed to something else"));
        }
        if self.get(key) != was.as_ref() {
            return Err(format!("{key} is not what it was when it was changed"));
        }
        match is {
            Some(is) => self.facts_mut(key).insert(key.clone(), Arc::clone(is)),
            None => self.facts_mut(key).remove(key),
        }
        Ok(())
    }

    /// Adds a fact; returns whether it is the first one with its key.
    pub(super) fn add(&mut self, fact: Fact) -> bool {
        let key = fact.key();
        let is_first = self.get(&key).is_none();
        if is_first {
            self.facts_mut(&key).insert(key, Arc::new(fact));
        }
        is_first
    }

    /// Checks that the units of a fact exist.
    pub(super) fn check(fact: &Fact, exists: impl Fn(UnitId) -> bool) -> Result<(), String> {
        let is_wrong = fact.names(|unit| !exists(unit));
        if is_wrong { Err(format!("{} names a unit that does not exist", fact.key())) } else { Ok(()) }
    }

    /// Checks that the units of all facts exist.
    pub(super) fn check_all(&self, exists: impl Fn(UnitId) -> bool) -> Result<(), String> {
        self.iter().try_for_each(|fact| Register::check(fact, &exists))
    }

    /// The changes from this register to another.
    pub(super) fn diff(&self, other: &Register) -> Vec<FactChange> {
        let mut changes = Vec::new();
        for (from, to) in [(&self.plans, &other.plans), (&self.reports, &other.reports)] {
            if from.is(to) {
                continue;
            }
            let change = |key: &FactKey, was: Option<&Arc<Fact>>, is: Option<&Arc<Fact>>| {
                (was != is).then(|| FactChange { key: key.clone(), was: was.cloned(), is: is.cloned() })
            };
            changes.extend(from.iter().filter_map(|(key, was)| change(key, Some(was), to.get(key))));
            let new = to.iter().filter(|(key, _)| from.get(key).is_none());
            changes.extend(new.filter_map(|(key, is)| change(key, None, Some(is))));
        }
        changes
    }

    /// Bytes of memory, about.
    pub(super) fn bytes(&self) -> usize {
        self.len() * (std::mem::size_of::<(FactKey, Arc<Fact>)>() + std::mem::size_of::<Fact>())
    }
}

fn report<'r>((_, fact): (&'r FactKey, &'r Arc<Fact>)) -> Option<(&'r ReportKey, &'r Report)> {
    match &**fact {
        Fact::Report(key, report) => Some((key, report)),
        Fact::Lineage(..) | Fact::Obligation(..) => None,
    }
}
