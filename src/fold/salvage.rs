//! Puts a version together from what damaged rows still say, and names what they don't say any more. Writes nothing.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write;
use std::sync::Arc;

use crate::edit::apply;
use crate::error::Result;
use crate::format::Row;
use crate::format::blocks::BLOCK;
use crate::format::rows::{ChangeV1, CommitV1, WhatV1};
use crate::id::{DetailId, Revision, TaskId, UnitId};
use crate::order::compare_keys;
use crate::store::Store;
use crate::view::{OwnedRecord, Unit, Version};

use super::survey::{Bad, Logged, Survey, read_log, survey};

/// What could be saved.
pub(crate) struct Salvaged {
    pub(crate) version: Version,
    /// The generation of the rows that were read.
    pub(crate) generation: u32,
    /// The rows that could not be read.
    pub(crate) bad: Vec<Bad>,
    /// What was in them and is not known any more.
    pub(crate) lost: Vec<Bad>,
}

/// Saves what the rows of both directions and the log can give.
///
/// A log that is whole from its beginning, without a bulk load, gives everything. Else the readable rows of the last
/// fold are completed from that part of the log before it that is whole, and the log after it is applied up to the
/// first commit that can't be: what stands after one is another state than the one it was decided on.
pub(crate) fn salvage(store: &Arc<dyn Store>) -> Result<Salvaged> {
    let survey = survey(&**store)?;
    let mut history = History::default();
    let last = read_log(&**store, None, &mut |logged| {
        history.add(logged);
        Ok(())
    })?;
    let folded = survey.header.as_ref().map_or(history.loaded, |header| header.revision);
    let newest = last.max(folded);
    let mut salvage = Salvage { version: Version::empty(Arc::clone(store)), lost: Vec::new() };
    if history.is_everything() && last >= folded {
        history.commits.values().for_each(|commit| salvage.apply_all(commit));
    } else {
        salvage.restore(&survey, &history, folded);
        salvage.replay(&history, folded, newest, survey.header.is_some());
    }
    salvage.version.revision = newest;
    salvage.version.next_detail = salvage.version.next_detail.max(highest_detail(&survey)).saturating_add(1);
    let bad = survey.bad.into_iter().chain(history.bad.into_values()).collect();
    Ok(Salvaged { version: salvage.version, generation: survey.generation, bad, lost: salvage.lost })
}

fn highest_detail(survey: &Survey) -> DetailId {
    let header = survey.header.as_ref().map_or(0, |header| header.next_detail);
    survey.tasks.iter().flatten().map(|record| record.detail).fold(header, DetailId::max)
}

/// The log, with what is damaged in it apart.
#[derive(Default)]
struct History {
    commits: BTreeMap<Revision, CommitV1>,
    bad: BTreeMap<Revision, Bad>,
    /// The revision of the last bulk load; what is loaded is not in the log.
    loaded: Revision,
}

impl History {
    fn add(&mut self, logged: Logged) {
        match logged {
            Logged::Commit(revision, commit) => {
                if matches!(commit.what, WhatV1::Load(_)) {
                    self.loaded = revision;
                }
                self.commits.insert(revision, commit);
            }
            Logged::Bad(revision, bad) => drop(self.bad.insert(revision, bad)),
        }
    }

    fn is_everything(&self) -> bool {
        self.loaded == 0 && self.bad.is_empty() && !self.commits.is_empty()
    }

    /// The changes up to a revision with nothing missing before it, back to what can't be known.
    fn whole_before(&self, revision: Revision) -> impl Iterator<Item = &ChangeV1> {
        let damaged = self.bad.range(..=revision).next_back().map_or(0, |(revision, _)| *revision);
        let from = damaged.max(self.loaded) + 1;
        let commits = (from <= revision).then(|| self.commits.range(from..=revision));
        commits.into_iter().flatten().flat_map(|(_, commit)| changes(commit))
    }
}

fn changes(commit: &CommitV1) -> &[ChangeV1] {
    match &commit.what {
        WhatV1::Changes(changes) => changes,
        WhatV1::Load(_) => &[],
    }
}

struct Salvage {
    version: Version,
    lost: Vec<Bad>,
}

impl Salvage {
    fn lose(&mut self, key: impl ToString, why: impl ToString) {
        self.lost.push(Bad { key: key.to_string(), why: why.to_string() });
    }

    /// Applies a commit as far as it fits.
    fn apply_all(&mut self, commit: &CommitV1) {
        changes(commit).iter().for_each(|change| drop(apply(&mut self.version, change)));
    }

    fn restore(&mut self, survey: &Survey, history: &History, folded: Revision) {
        self.restore_units(survey, history, folded);
        let records = self.restore_tasks(survey, history, folded);
        self.version.replace_tasks(records.iter().collect());
    }

    fn restore_units(&mut self, survey: &Survey, history: &History, folded: Revision) {
        let known = names_in_log(survey.units.len(), history.whole_before(folded));
        for (id, unit) in (0..).zip(&survey.units) {
            let row = Row::Unit { generation: survey.generation, unit: id };
            let unit = match (unit, known.get(&id)) {
                (Some(unit), _) => Unit::clone(unit),
                (None, Some(known)) if known.whole => known.unit.clone(),
                (None, known) => self.unit_in_doubt(row, id, known),
            };
            self.add_unit(row, unit, id);
        }
    }

    fn unit_in_doubt(&mut self, row: Row, id: UnitId, known: Option<&Known>) -> Unit {
        match known.filter(|known| !known.unit.name.is_empty()) {
            Some(known) => {
                let why = format!("unit {:?} may have had more aliases", known.unit.name);
                self.lose(row, why);
                known.unit.clone()
            }
            None => {
                let name = format!("unit {id}, its name is lost");
                self.lose(row, format!("its names are lost; it is called {name:?}"));
                Unit { name: name.into(), ..Unit::default() }
            }
        }
    }

    /// A name that two units have goes to the one that came first.
    fn add_unit(&mut self, row: Row, mut unit: Unit, id: UnitId) {
        if self.version.units.find(&unit.name).is_some() {
            self.lose(row, format!("its name {:?} belongs to another unit", unit.name));
            unit.name = format!("unit {id}, its name is lost").into();
        }
        let units = &self.version.units;
        let mut seen = HashSet::from([Arc::clone(&unit.name)]);
        Arc::make_mut(&mut unit.aliases).retain(|alias| units.find(alias).is_none() && seen.insert(Arc::clone(alias)));
        self.version.units.add(unit);
    }

    /// The records that can be read, and those that can't as the log has them, in key order.
    fn restore_tasks(&mut self, survey: &Survey, history: &History, folded: Revision) -> Vec<OwnedRecord> {
        let mut records = BTreeMap::new();
        for record in survey.tasks.iter().flatten() {
            if records.insert(record.key.clone(), record.clone()).is_some() {
                self.lose(&record.key, "it had two records; the later one is kept");
            }
        }
        if survey.tasks.iter().any(Option::is_none) {
            let restored = last_states(history.whole_before(folded), self.version.units.len());
            let restored: Vec<OwnedRecord> =
                restored.into_values().filter(|record| !records.contains_key(&record.key)).collect();
            self.lose_tasks(survey, &restored);
            records.extend(restored.into_iter().map(|record| (record.key.clone(), record)));
        }
        let mut records: Vec<OwnedRecord> = records.into_values().collect();
        records.sort_by(|a, b| compare_keys(&a.key, &b.key));
        records
    }

    /// Says what the units' own rows still know of tasks whose keys are lost.
    fn lose_tasks(&mut self, survey: &Survey, restored: &[OwnedRecord]) {
        let mut accounted: HashMap<Vec<UnitId>, usize> = HashMap::new();
        restored.iter().for_each(|record| *accounted.entry(by_number(record.units.iter().copied())).or_default() += 1);
        let mut in_blocks: BTreeMap<u32, usize> = BTreeMap::new();
        for (task, (lead, support)) in named_by_units(survey) {
            let units = by_number(lead.iter().chain(&support).copied());
            if let Some(count) = accounted.get_mut(&units).filter(|count| **count > 0) {
                *count -= 1;
                continue;
            }
            *in_blocks.entry(task / BLOCK as TaskId).or_default() += 1;
            let mut what = "its key is lost".to_owned();
            for (role, units) in [("led", lead), ("supported", support)] {
                for unit in units {
                    let _ = write!(what, "; {role} by {:?}", self.version.units.name(unit));
                }
            }
            self.lose(format!("task number {task}"), what);
        }
        let known = survey.postings.iter().flatten().all(Option::is_some);
        for block in survey.damaged_blocks() {
            let row = Row::Block { generation: survey.generation, block };
            match in_blocks.get(&block) {
                Some(count) => self.lose(row, format!("{count} of its tasks are lost with their keys")),
                None if !known => self.lose(row, "it can't be told whether tasks of it are lost"),
                None => {}
            }
        }
    }

    /// Applies the log after the fold, up to the first commit that can't be.
    fn replay(&mut self, history: &History, folded: Revision, newest: Revision, folds_are_known: bool) {
        for revision in folded + 1..=newest {
            let row = Row::Log { revision };
            let Some(commit) = history.commits.get(&revision) else {
                return self.lose(row, format!("its changes, and those up to revision {newest}, are not applied"));
            };
            for change in changes(commit) {
                let applied = apply(&mut self.version, change);
                // Where the header is lost, changes that it has are applied again; only those to units can't be twice.
                if let (Err(why), true) = (applied, folds_are_known || matches!(change, ChangeV1::Task { .. })) {
                    self.lose(row, format!("a change does not fit: {why}"));
                }
            }
        }
    }
}

fn by_number(units: impl Iterator<Item = UnitId>) -> Vec<UnitId> {
    let mut units: Vec<UnitId> = units.collect();
    // The lead stays first; the units' own rows don't know the order of the others.
    if let Some((_, support)) = units.split_first_mut() {
        support.sort_unstable();
    }
    units
}

/// For each task number without a record: the units that have it as lead, and as support.
fn named_by_units(survey: &Survey) -> BTreeMap<TaskId, (Vec<UnitId>, Vec<UnitId>)> {
    let mut named: BTreeMap<TaskId, (Vec<UnitId>, Vec<UnitId>)> = BTreeMap::new();
    let lost = |id: &TaskId| survey.tasks.get(*id as usize).is_some_and(Option::is_none);
    for (unit, [lead, support]) in (0..).zip(&survey.postings) {
        for id in lead.iter().flatten().copied().filter(lost) {
            named.entry(id).or_default().0.push(unit);
        }
        for id in support.iter().flatten().copied().filter(lost) {
            named.entry(id).or_default().1.push(unit);
        }
    }
    named
}

/// Each task's last state in some changes.
fn last_states<'c>(changes: impl Iterator<Item = &'c ChangeV1>, all_units: usize) -> BTreeMap<&'c str, OwnedRecord> {
    let mut states = BTreeMap::new();
    for change in changes {
        if let ChangeV1::Task { key, units, detail } = change
            && units.iter().all(|unit| (*unit as usize) < all_units)
        {
            states.insert(key.as_str(), OwnedRecord { key: key.clone(), units: units.clone(), detail: *detail });
        }
    }
    states
}

/// What the log knows of a unit.
#[derive(Default)]
struct Known {
    unit: Unit,
    /// Whether the log has it from its beginning.
    whole: bool,
}

/// What units are called after some changes, where there are `units` of them then. Units that the changes add have
/// the last numbers.
fn names_in_log<'c>(units: usize, changes: impl Iterator<Item = &'c ChangeV1>) -> HashMap<UnitId, Known> {
    let changes: Vec<&ChangeV1> = changes.collect();
    let added = changes.iter().filter(|change| matches!(change, ChangeV1::AddUnit { .. })).count();
    let mut next = units.saturating_sub(added) as UnitId;
    let mut known: HashMap<UnitId, Known> = HashMap::new();
    for change in changes {
        match change {
            ChangeV1::AddUnit { name, kind } => {
                let unit = Unit { name: name.as_str().into(), kind: (*kind).into(), ..Unit::default() };
                known.insert(next, Known { unit, whole: true });
                next += 1;
            }
            ChangeV1::AddAlias { unit, alias } => {
                let unit = &mut known.entry(*unit).or_default().unit;
                Arc::make_mut(&mut unit.aliases).push(alias.as_str().into());
            }
            ChangeV1::RemoveAlias { unit, alias } => {
                let unit = &mut known.entry(*unit).or_default().unit;
                Arc::make_mut(&mut unit.aliases).retain(|known| **known != **alias);
            }
            ChangeV1::Rename { unit, name } => {
                let unit = &mut known.entry(*unit).or_default().unit;
                let former = std::mem::replace(&mut unit.name, name.as_str().into());
                let aliases = Arc::make_mut(&mut unit.aliases);
                aliases.retain(|alias| **alias != **name);
                if !former.is_empty() {
                    aliases.push(former);
                }
            }
            ChangeV1::SetKind { unit, kind } => known.entry(*unit).or_default().unit.kind = (*kind).into(),
            ChangeV1::Task { .. } => {}
        }
    }
    known
}
