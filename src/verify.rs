//! Compares what is kept twice: the rows of both directions with each other, the counts, the log, and the view.
//! Changes nothing.

use std::collections::HashSet;
use std::fmt;

use crate::assignment::Role;
use crate::error::{Error, Result};
use crate::fold::{Rows, read_rows, replay};
use crate::format::Row;
use crate::id::{TaskId, UnitId};
use crate::store::Store;
use crate::view::{Postings, Record, Version, View};

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
    /// The log has every revision after the last fold, and fits it.
    LogIsWhole,
    /// The view is what the rows and the log make.
    ViewAgrees,
    /// Details that a task points to are there.
    DetailsAreThere,
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

impl fmt::Display for Disagreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} (rule: {})", self.key, self.what, self.rule)
    }
}

/// Lists every disagreement, in the store up to a view's revision, and of the store with the view.
pub(crate) fn verify(store: &dyn Store, view: &View) -> Result<Vec<Disagreement>> {
    let mut found = Findings::default();
    match read_rows(store) {
        Ok(rows) => found.check(store, rows, view)?,
        Err(Error::Corrupt(corrupt)) => found.add(Rule::RowsAreReadable, "rows", corrupt),
        Err(other) => return Err(other),
    }
    found.details(view)?;
    Ok(found.list)
}

#[derive(Default)]
struct Findings {
    list: Vec<Disagreement>,
}

impl Findings {
    fn add(&mut self, rule: Rule, key: impl ToString, what: impl ToString) {
        self.list.push(Disagreement { rule, key: key.to_string(), what: what.to_string() });
    }

    fn check(&mut self, store: &dyn Store, rows: Rows, view: &View) -> Result<()> {
        let mut version = Version::clone(&view.0);
        version.units = rows.units;
        self.tasks(&rows.records);
        version.replace_tasks(rows.records.into_iter().collect());
        version.revision = rows.header.revision;
        match rows.postings {
            Ok(postings) => self.directions(&version, &postings),
            Err(Error::Corrupt(corrupt)) => self.add(Rule::DirectionsAgree, "unit-to-task rows", corrupt),
            Err(other) => return Err(other),
        }
        let pairs = version.units.pairs();
        for (what, counted, there) in [
            ("assigned tasks", u64::from(rows.header.assigned), version.tasks.assigned() as u64),
            ("pairs of a task and a unit", rows.header.pairs, pairs),
        ] {
            if counted != there {
                self.add(Rule::CountsAgree, Row::Header, format!("it counts {counted} {what}, there are {there}"));
            }
        }
        match replay(store, &mut version, Some(view.revision())) {
            Ok(_) if version.revision != view.revision() => {
                let what = format!("it ends at revision {}, the view is at {}", version.revision, view.revision());
                self.add(Rule::LogIsWhole, "log", what);
            }
            Ok(_) => self.views(&version, &view.0),
            Err(Error::Corrupt(corrupt)) => self.add(Rule::LogIsWhole, "log", corrupt),
            Err(other) => return Err(other),
        }
        Ok(())
    }

    fn tasks(&mut self, records: &[Record]) {
        let mut keys = HashSet::with_capacity(records.len());
        for record in records {
            let mut units: Vec<UnitId> = record.units().collect();
            let named = units.len();
            units.sort_unstable();
            units.dedup();
            if units.len() < named {
                self.add(Rule::AssignmentsAreWhole, record.key(), "a unit stands in it twice");
            }
            if !keys.insert(record.key_bytes()) {
                self.add(Rule::KeysAreDistinct, record.key(), "it has two records");
            }
        }
    }

    fn directions(&mut self, by_task: &Version, by_unit: &[Postings]) {
        for (id, unit) in by_task.units.iter() {
            for role in [Role::Lead, Role::Support] {
                let tasks = by_task.units.postings(id).map(|postings| postings.of(role).ids()).unwrap_or_default();
                let own = by_unit.get(id as usize).map(|postings| postings.of(role).ids()).unwrap_or_default();
                let key = |task: TaskId| by_task.tasks.record(task).map_or("", Record::key).to_owned();
                for task in (&*tasks - &*own).iter().map(key) {
                    let what = format!("task {task:?} names it as {role}, its own rows don't have the task");
                    self.add(Rule::DirectionsAgree, &unit.name, what);
                }
                for task in (&*own - &*tasks).iter().map(key) {
                    let what = format!("its own rows have task {task:?} as {role}, the task doesn't name it so");
                    self.add(Rule::DirectionsAgree, &unit.name, what);
                }
            }
        }
    }

    /// Compares two versions task by task and unit by unit, without relying on their numbers for tasks.
    fn views(&mut self, stored: &Version, view: &Version) {
        for record in stored.tasks.records().iter().filter(|record| record.is_assigned()) {
            let seen = view.tasks.assigned_record(record.key());
            let same = seen.is_some_and(|seen| seen.units().eq(record.units()) && seen.detail() == record.detail());
            if !same {
                self.add(Rule::ViewAgrees, record.key(), "the view has another assignment, or none");
            }
        }
        if stored.tasks.assigned() != view.tasks.assigned() {
            let what = format!("the view has {}, the store {}", view.tasks.assigned(), stored.tasks.assigned());
            self.add(Rule::ViewAgrees, "number of tasks", what);
        }
        for (id, unit) in stored.units.iter() {
            if view.units.get(id) != Some(unit) {
                self.add(Rule::ViewAgrees, &unit.name, "the view calls the unit something else, or doesn't have it");
            }
            self.postings(id, &unit.name, stored, view);
        }
        if stored.units.len() != view.units.len() {
            let what = format!("the view has {}, the store {}", view.units.len(), stored.units.len());
            self.add(Rule::ViewAgrees, "number of units", what);
        }
    }

    fn postings(&mut self, unit: UnitId, name: &str, stored: &Version, view: &Version) {
        for role in [Role::Lead, Role::Support] {
            let keys = |version: &Version| -> HashSet<Vec<u8>> {
                let ids = version.units.postings(unit).map(|postings| postings.of(role).ids()).unwrap_or_default();
                ids.iter().filter_map(|id| version.tasks.record(id)).map(|record| record.key_bytes().to_vec()).collect()
            };
            if keys(stored) != keys(view) {
                self.add(Rule::ViewAgrees, name, format!("the view has other tasks that the unit has as {role}"));
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
