//! Compares what is kept twice: the rows of both directions with each other, the counts, the log, and the view.
//! Changes nothing.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use crate::assignment::Role;
use crate::edit::apply;
use crate::error::{Corrupt, Error, Result};
use crate::fold::{Bad, Logged, Survey, read_log, replay, survey};
use crate::format::Row;
use crate::format::rows::{ChangeV1, CommitV1, WhatV1};
use crate::id::{Revision, TaskId, UnitId};
use crate::store::Store;
use crate::view::{OwnedRecord, Record, Unit, Version, View};

/// A rule of the index that something breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// Every row can be read.
    RowsAreReadable,
    /// A task has one lead, and a unit stands in it once.
    AssignmentsAreWhole,
    /// A key has one record.
    KeysAreDistinct,
    /// What a task says of its units, the units say of the task.
    DirectionsAgree,
    /// The header counts what is there.
    CountsAgree,
    /// The log has every revision, and what it says fits what the rows say.
    LogIsWhole,
    /// The view is what the rows and the log make.
    ViewAgrees,
    /// Details that a task points to are there.
    DetailsAreThere,
    /// The store ends at the newest revision that was durable, or after it.
    NothingIsLost,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Rule::RowsAreReadable => "every row can be read",
            Rule::AssignmentsAreWhole => "a task has one lead and names a unit once",
            Rule::KeysAreDistinct => "a task key has one record",
            Rule::DirectionsAgree => "task-to-unit and unit-to-task rows agree",
            Rule::CountsAgree => "the header counts what is there",
            Rule::LogIsWhole => "the log is whole",
            Rule::ViewAgrees => "the view is what the rows and the log make",
            Rule::DetailsAreThere => "details that a task points to are there",
            Rule::NothingIsLost => "what was durable is there",
        })
    }
}

/// One thing that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disagreement {
    /// The rule.
    pub rule: Rule,
    /// The row, task or unit where it is broken.
    pub key: String,
    /// How.
    pub what: String,
}

impl Disagreement {
    fn unreadable(bad: Bad) -> Disagreement {
        Disagreement { rule: Rule::RowsAreReadable, key: bad.key, what: bad.why }
    }
}

impl fmt::Display for Disagreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} (rule: {})", self.key.escape_debug(), self.what.escape_debug(), self.rule)
    }
}

/// What a repair did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Repair {
    /// What was wrong and is right again.
    pub restored: Vec<Disagreement>,
    /// What could not be restored, each with its key as far as it is known.
    pub lost: Vec<Disagreement>,
}

impl Repair {
    /// What was found unreadable before, what of it could not be restored, and what is wrong still.
    pub(crate) fn of(bad: Vec<Bad>, lost: Vec<Bad>, still: Vec<Disagreement>) -> Repair {
        let mut lost: Vec<Disagreement> = lost.into_iter().map(Disagreement::unreadable).collect();
        lost.extend(still);
        let found = bad.into_iter().map(Disagreement::unreadable);
        let restored = found.filter(|finding| !lost.iter().any(|lost| lost.key == finding.key)).collect();
        Repair { restored, lost }
    }
}

/// Lists every disagreement, in the store up to a view's revision, and of the store with the view. `lost` is whether
/// something durable was gone when the view was taken.
pub(crate) fn verify(store: &dyn Store, view: &View, lost: Result<()>) -> Result<Vec<Disagreement>> {
    let mut findings = Findings::default();
    let survey = survey(store)?;
    let readable = survey.bad.is_empty();
    findings.list.extend(survey.bad.iter().cloned().map(Disagreement::unreadable));
    findings.tasks(survey.tasks.iter().flatten());
    findings.directions(&survey);
    let folded = survey.header.as_ref().map_or(0, |header| header.revision);
    let log_is_readable = findings.log(store, folded, view)?;
    if readable {
        findings.rows(survey, store, view, log_is_readable)?;
    }
    findings.details(view)?;
    match lost {
        Ok(()) => {}
        Err(Error::Corrupt(corrupt)) => findings.add(Rule::NothingIsLost, "store", corrupt),
        Err(other) => return Err(other),
    }
    Ok(findings.list)
}

#[derive(Default)]
struct Findings {
    list: Vec<Disagreement>,
}

impl Findings {
    fn add(&mut self, rule: Rule, key: impl ToString, what: impl ToString) {
        self.list.push(Disagreement { rule, key: key.to_string(), what: what.to_string() });
    }

    fn tasks<'r>(&mut self, records: impl Iterator<Item = &'r OwnedRecord>) {
        let mut keys = HashSet::new();
        for record in records {
            let mut units = record.units.clone();
            let named = units.len();
            units.sort_unstable();
            units.dedup();
            if units.len() < named {
                self.add(Rule::AssignmentsAreWhole, &record.key, "a unit stands in it twice");
            }
            if !keys.insert(&record.key) {
                self.add(Rule::KeysAreDistinct, &record.key, "it has two records");
            }
        }
    }

    /// Compares the two directions as far as both can be read.
    fn directions(&mut self, survey: &Survey) {
        let mut by_task = vec![[HashSet::new(), HashSet::new()]; survey.postings.len()];
        for (id, record) in (0..).zip(&survey.tasks) {
            let Some(record) = record else { continue };
            let places = std::iter::once(0).chain(std::iter::repeat(1));
            for (unit, place) in record.units.iter().zip(places) {
                if let Some(ids) = by_task.get_mut(*unit as usize).and_then(|both| both.get_mut(place)) {
                    ids.insert(id);
                }
            }
        }
        for ((unit, by_task), by_unit) in survey.units.iter().zip(by_task).zip(&survey.postings) {
            for ((role, by_task), by_unit) in Role::BOTH.into_iter().zip(by_task).zip(by_unit) {
                let (Some(unit), Some(by_unit)) = (unit, by_unit) else { continue };
                self.direction(survey, &unit.name, role, &by_task, by_unit);
            }
        }
    }

    fn direction(&mut self, survey: &Survey, unit: &str, role: Role, by_task: &HashSet<TaskId>, by_unit: &[TaskId]) {
        let key = |task: TaskId| Some(survey.tasks.get(task as usize)?.as_ref()?.key.clone());
        let own: HashSet<TaskId> = by_unit.iter().copied().collect();
        let mut only_by_task: Vec<TaskId> = by_task.difference(&own).copied().collect();
        only_by_task.sort_unstable();
        for task in only_by_task.into_iter().filter_map(key) {
            self.add(
                Rule::DirectionsAgree,
                unit,
                format!("task {task:?} names it as {role}, its own rows don't have it"),
            );
        }
        // What stands in a block that can't be read is not told apart from what agrees.
        let only_by_unit = by_unit.iter().filter(|task| !by_task.contains(task));
        for task in only_by_unit.filter_map(|task| key(*task)) {
            self.add(
                Rule::DirectionsAgree,
                unit,
                format!("its own rows have task {task:?} as {role}, which names it not so"),
            );
        }
    }

    /// Reads the whole log, and where it tells everything, compares what it makes with the view. Tells whether all of
    /// it after the last fold can be read.
    fn log(&mut self, store: &dyn Store, folded: Revision, view: &View) -> Result<bool> {
        let mut whole = Some(Version::empty(Arc::clone(&view.0.store)));
        let mut after_fold = true;
        read_log(store, Some(view.revision()), &mut |logged| {
            match logged {
                Logged::Commit(revision, commit) => {
                    self.commit(revision, &commit, folded, view);
                    match whole.as_mut().map(|version| apply_all(version, &commit)) {
                        Some(Ok(true)) | None => {}
                        Some(Ok(false)) => whole = None,
                        Some(Err(why)) => {
                            whole = None;
                            self.add(Rule::LogIsWhole, Row::Log { revision }, why);
                        }
                    }
                }
                Logged::Bad(revision, bad) => {
                    after_fold &= revision <= folded;
                    whole = None;
                    self.add(Rule::LogIsWhole, bad.key, bad.why);
                }
            }
            Ok(())
        })?;
        if let Some(version) = whole {
            self.views(&version, &view.0, "the log makes");
        }
        Ok(after_fold)
    }

    fn commit(&mut self, revision: Revision, commit: &CommitV1, folded: Revision, view: &View) {
        let row = Row::Log { revision };
        let WhatV1::Changes(changes) = &commit.what else {
            if revision > folded {
                self.add(Rule::LogIsWhole, row, "a bulk load stands after the fold it belongs to");
            }
            return;
        };
        let units = view.0.units.len();
        let named = changes.iter().flat_map(|change| match change {
            ChangeV1::Task { units, .. } => units.as_slice(),
            ChangeV1::AddAlias { unit, .. }
            | ChangeV1::RemoveAlias { unit, .. }
            | ChangeV1::Rename { unit, .. }
            | ChangeV1::SetKind { unit, .. } => std::slice::from_ref(unit),
            ChangeV1::AddUnit { .. } => &[],
        });
        if let Some(unit) = named.into_iter().find(|unit| **unit as usize >= units) {
            self.add(Rule::LogIsWhole, row, format!("it names unit {unit}, which is not there"));
        }
    }

    /// Puts the version of the rows together, as an opening does, and compares it with the view.
    fn rows(&mut self, survey: Survey, store: &dyn Store, view: &View, log_is_readable: bool) -> Result<()> {
        let Some(header) = survey.header else { return Ok(()) };
        let mut version = Version::empty(Arc::clone(&view.0.store));
        for unit in survey.units.iter().flatten() {
            version.units.add(Unit::clone(unit));
        }
        version.replace_tasks(survey.tasks.iter().flatten().collect());
        version.revision = header.revision;
        for (what, counted, there) in [
            ("assigned tasks", u64::from(header.assigned), version.tasks.assigned() as u64),
            ("pairs of a task and a unit", header.pairs, version.units.pairs()),
        ] {
            if counted != there {
                self.add(Rule::CountsAgree, Row::Header, format!("it counts {counted} {what}, there are {there}"));
            }
        }
        if log_is_readable && version.revision <= view.revision() {
            self.replayed(version, store, view)?;
        }
        Ok(())
    }

    fn replayed(&mut self, mut version: Version, store: &dyn Store, view: &View) -> Result<()> {
        match replay(store, &mut version, Some(view.revision())) {
            Ok(_) => self.views(&version, &view.0, "the rows make"),
            Err(Error::Corrupt(Corrupt::Row { key, why })) => self.add(Rule::LogIsWhole, key, why),
            Err(Error::Corrupt(corrupt)) => self.add(Rule::LogIsWhole, "log", corrupt),
            Err(other) => return Err(other),
        }
        Ok(())
    }

    /// Compares two versions task by task and unit by unit, without relying on their numbers for tasks.
    fn views(&mut self, stored: &Version, view: &Version, source: &str) {
        for record in stored.tasks.records().iter().filter(|record| record.is_assigned()) {
            let seen = view.tasks.assigned_record(record.key());
            let same = seen.is_some_and(|seen| seen.units().eq(record.units()) && seen.detail() == record.detail());
            if !same {
                self.add(Rule::ViewAgrees, record.key(), format!("the view has not the assignment that {source}"));
            }
        }
        self.numbers("tasks", stored.tasks.assigned(), view.tasks.assigned(), source);
        self.numbers("units", stored.units.len(), view.units.len(), source);
        for (id, unit) in stored.units.iter() {
            if view.units.get(id) != Some(unit) {
                self.add(Rule::ViewAgrees, &unit.name, format!("the view has not the unit that {source}"));
            }
            self.postings(id, &unit.name, stored, view, source);
        }
    }

    fn numbers(&mut self, what: &str, stored: usize, view: usize, source: &str) {
        if stored != view {
            self.add(Rule::ViewAgrees, format!("number of {what}"), format!("the view has {view}, {source} {stored}"));
        }
    }

    fn postings(&mut self, unit: UnitId, name: &str, stored: &Version, view: &Version, source: &str) {
        fn keys(version: &Version, unit: UnitId, role: Role) -> HashSet<&[u8]> {
            let ids = version.units.postings(unit).map(|postings| postings.of(role).ids()).unwrap_or_default();
            ids.iter().filter_map(|id| version.tasks.record(id)).map(Record::key_bytes).collect()
        }
        for role in Role::BOTH {
            if keys(stored, unit, role) != keys(view, unit, role) {
                let what = format!("the view has not the tasks of the unit as {role} that {source}");
                self.add(Rule::ViewAgrees, name, what);
            }
        }
    }

    fn details(&mut self, view: &View) -> Result<()> {
        for task in view.tasks().tasks() {
            match task.details() {
                Ok(_) => {}
                Err(Error::Corrupt(corrupt)) => self.add(Rule::DetailsAreThere, task.key(), corrupt),
                Err(other) => return Err(other),
            }
        }
        Ok(())
    }
}

/// Applies a commit to what the log before it made. False when the log doesn't say what it did.
fn apply_all(version: &mut Version, commit: &CommitV1) -> Result<bool, String> {
    let WhatV1::Changes(changes) = &commit.what else { return Ok(false) };
    changes.iter().try_for_each(|change| apply(version, change))?;
    Ok(true)
}
