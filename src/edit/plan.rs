//! Decides what a batch changes: a view and edits in, a plan or an error out. Writes nothing.

use std::collections::{HashMap, HashSet};
use std::fmt;

use crate::assignment::{
    Assignment, Details, MAX_ALIASES, MAX_UNITS_OF_A_TASK, Note, UnitKind, check_task_key, check_text, check_unit_name,
};
use crate::error::{Conflict, Error, InputError, Result};
use crate::format::rows::{ChangeV1, CommitV1, DetailsV1, WhatV1};
use crate::format::{MAX_PAYLOAD, Row, RowBytes, encode};
use crate::id::{DetailId, Revision, UnitId};
use crate::order::compare_keys;
use crate::view::{MAX_UNITS, Record, TaskRef, UnitRef, Version, View};

use super::apply::apply;
use super::{Edit, Edits};

/// What an index allows its batches.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    /// Whether naming a unit that isn't known creates it.
    pub(crate) create_units: bool,
}

/// What a batch changes, or would change.
#[derive(Clone)]
pub struct Plan {
    before: View,
    pub(crate) after: View,
    pub(crate) changes: Vec<ChangeV1>,
    pub(crate) details: Vec<(DetailId, Details)>,
}

/// What becomes of one task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskChange<'p> {
    /// The task's key.
    pub key: &'p str,
    /// Its assignment before; `None` when it was not assigned.
    pub before: Option<Assignment>,
    /// Its assignment after; `None` when it is unassigned.
    pub after: Option<Assignment>,
    /// Whether its details change.
    pub details: bool,
}

impl Plan {
    /// Whether nothing changes. Such a batch takes no revision.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// The revision after it: the one before plus one, or the same when nothing changes.
    #[must_use]
    pub fn revision(&self) -> Revision {
        self.after.revision()
    }

    /// The view it starts from.
    #[must_use]
    pub fn before(&self) -> &View {
        &self.before
    }

    /// The tasks that change, in key order.
    pub fn tasks(&self) -> impl Iterator<Item = TaskChange<'_>> {
        self.changes.iter().filter_map(|change| match change {
            ChangeV1::Task { key, .. } => Some(self.change_of(key)),
            _ => None,
        })
    }

    fn change_of<'p>(&'p self, key: &'p str) -> TaskChange<'p> {
        let detail = |task: Option<TaskRef<'_>>| task.map_or(0, |task| task.record().detail());
        TaskChange {
            key,
            before: self.before.assignment(key),
            after: self.after.assignment(key),
            details: detail(self.before.task(key)) != detail(self.after.task(key)),
        }
    }

    /// The units that it creates, in the order they come in.
    pub fn new_units(&self) -> impl Iterator<Item = UnitRef<'_>> {
        self.after.units().skip(self.before.0.units.len())
    }
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plan").field("revision", &self.revision()).field("changes", &self.changes).finish()
    }
}

/// Decides what the edits change in the view.
pub(crate) fn plan(view: &View, edits: &Edits, rules: Rules) -> Result<Plan> {
    check_text(&edits.note.why)?;
    check_text(&edits.note.who)?;
    if let Some(expected) = edits.expected.filter(|expected| *expected != view.revision()) {
        return Err(Conflict::Revision { expected, found: view.revision() }.into());
    }
    let mut planner = Planner::new(view, rules);
    for (place, edit) in (1..).zip(&edits.list) {
        planner.edit(edit).map_err(|error| match error {
            // A single edit needs no place to be found by.
            Error::Input(source) if edits.list.len() > 1 => Error::Edit { position: place, source },
            other => other,
        })?;
    }
    planner.finish()
}

/// The log row of a commit and the rows of its new details.
pub(crate) fn log_rows(plan: &Plan, time: u64, note: &Note) -> Result<Vec<RowBytes>> {
    let row = Row::Log { revision: plan.revision() };
    let what = WhatV1::Changes(plan.changes.clone());
    let commit = CommitV1 { time, why: note.why.clone(), who: note.who.clone(), what };
    let mut rows = encode(row, &commit)?;
    for (id, details) in &plan.details {
        rows.extend(encode(Row::Details { id: *id }, &DetailsV1::from(details))?);
    }
    let bytes: usize = rows.iter().map(|(_, value)| value.len()).sum();
    if bytes > MAX_PAYLOAD {
        return Err(InputError::TooLarge { bytes, most: MAX_PAYLOAD }.into());
    }
    Ok(rows)
}

/// The unit of a name; with `create`, a new one where there is none. A new one is reported through `created`.
pub(crate) fn resolve(
    version: &mut Version,
    name: &str,
    create: bool,
    created: &mut Vec<ChangeV1>,
) -> Result<UnitId, InputError> {
    if let Some(unit) = version.units.find(name) {
        return Ok(unit);
    }
    check_unit_name(name)?;
    if create { add_unit(version, name, UnitKind::Body, created) } else { version.unit_id(name) }
}

/// Whether a unit can take one more alias.
pub(crate) fn check_room_for_alias(version: &Version, unit: UnitId) -> Result<(), InputError> {
    if version.units.get(unit).is_some_and(|unit| unit.aliases.len() >= MAX_ALIASES) {
        return Err(InputError::TooManyAliases { unit: version.units.name(unit).to_owned(), most: MAX_ALIASES });
    }
    Ok(())
}

/// Adds a unit under a valid name that is free.
fn add_unit(
    version: &mut Version,
    name: &str,
    kind: UnitKind,
    created: &mut Vec<ChangeV1>,
) -> Result<UnitId, InputError> {
    let unit = version.units.len();
    if unit >= MAX_UNITS {
        return Err(InputError::IndexFull { name: name.to_owned(), most: MAX_UNITS });
    }
    let change = ChangeV1::AddUnit { name: name.to_owned(), kind: kind.into() };
    if apply(version, &change).is_ok() {
        created.push(change);
    }
    Ok(unit as UnitId)
}

/// A task as the batch has left it so far.
struct Draft {
    units: Vec<UnitId>,
    details: DraftDetails,
}

enum DraftDetails {
    Stored(DetailId),
    New(Details),
}

struct Planner<'p> {
    base: &'p View,
    rules: Rules,
    /// The base with the units of the batch; tasks wait in `drafts`.
    version: Version,
    drafts: HashMap<&'p str, Draft>,
    changes: Vec<ChangeV1>,
}

impl<'p> Planner<'p> {
    fn new(base: &'p View, rules: Rules) -> Planner<'p> {
        Planner { base, rules, version: Version::clone(&base.0), drafts: HashMap::new(), changes: Vec::new() }
    }

    fn edit(&mut self, edit: &'p Edit) -> Result<()> {
        match edit {
            Edit::Assign { task, units } => self.assign(task, units)?,
            Edit::SetLead { task, unit } => self.set_lead(task, unit)?,
            Edit::AddSupporting { task, unit } => self.add_supporting(task, unit)?,
            Edit::MoveSupporting { task, unit, place } => self.move_supporting(task, unit, *place)?,
            Edit::RemoveSupporting { task, unit } => drop(self.take_supporting(task, unit)?),
            Edit::Unassign { task } => {
                check_task_key(task)?;
                *self.draft(task) = Draft { units: Vec::new(), details: DraftDetails::Stored(0) };
            }
            Edit::Expect { task, assignment } => self.expect(task, assignment.as_ref())?,
            Edit::SetDetails { task, details } => self.set_details(task, details.as_deref())?,
            Edit::CreateUnit { name, kind } => self.create_unit(name, *kind)?,
            Edit::AddAlias { unit, alias } => self.add_alias(unit, alias)?,
            Edit::RemoveAlias { unit, alias } => self.remove_alias(unit, alias)?,
            Edit::Rename { unit, name } => self.rename(unit, name)?,
            Edit::SetKind { unit, kind } => self.set_kind(unit, *kind)?,
        }
        Ok(())
    }

    fn draft(&mut self, task: &'p str) -> &mut Draft {
        let base = self.base;
        self.drafts.entry(task).or_insert_with(|| {
            let record = base.task(task).map(|task| task.record());
            Draft {
                units: record.into_iter().flat_map(Record::units).collect(),
                details: DraftDetails::Stored(record.map_or(0, Record::detail)),
            }
        })
    }

    fn assigned(&mut self, task: &'p str) -> Result<&mut Draft, InputError> {
        check_task_key(task)?;
        let draft = self.draft(task);
        if draft.units.is_empty() {
            return Err(InputError::NotAssigned { task: task.to_owned() });
        }
        Ok(draft)
    }

    fn resolve(&mut self, name: &str) -> Result<UnitId, InputError> {
        resolve(&mut self.version, name, self.rules.create_units, &mut self.changes)
    }

    fn assign(&mut self, task: &'p str, names: &[String]) -> Result<(), InputError> {
        check_task_key(task)?;
        if names.is_empty() {
            return Err(InputError::NoUnits { task: Some(task.to_owned()) });
        }
        if names.len() > MAX_UNITS_OF_A_TASK {
            let (task, units) = (task.to_owned(), names.len());
            return Err(InputError::TooManyUnits { task, units, most: MAX_UNITS_OF_A_TASK });
        }
        let mut units = Vec::with_capacity(names.len());
        let mut seen = HashSet::new();
        for name in names {
            let unit = self.resolve(name)?;
            // A set only pays off for long lists.
            let twice = if names.len() > 16 { !seen.insert(unit) } else { units.contains(&unit) };
            if twice {
                return Err(self.named_twice(task, unit, name));
            }
            units.push(unit);
        }
        self.draft(task).units = units;
        Ok(())
    }

    fn named_twice(&self, task: &str, unit: UnitId, written: &str) -> InputError {
        let unit = self.version.units.name(unit).to_owned();
        InputError::UnitTwice { task: Some(task.to_owned()), unit, written: written.to_owned() }
    }

    fn set_lead(&mut self, task: &'p str, name: &str) -> Result<(), InputError> {
        self.assigned(task)?;
        let unit = self.resolve(name)?;
        let draft = self.draft(task);
        let supporting = draft.units.iter().skip(1).copied().filter(|other| *other != unit);
        draft.units = std::iter::once(unit).chain(supporting).collect();
        Ok(())
    }

    fn add_supporting(&mut self, task: &'p str, name: &str) -> Result<(), InputError> {
        self.assigned(task)?;
        let unit = self.resolve(name)?;
        if self.draft(task).units.contains(&unit) {
            return Err(self.named_twice(task, unit, name));
        }
        let units = self.draft(task).units.len() + 1;
        if units > MAX_UNITS_OF_A_TASK {
            return Err(InputError::TooManyUnits { task: task.to_owned(), units, most: MAX_UNITS_OF_A_TASK });
        }
        self.draft(task).units.push(unit);
        Ok(())
    }

    fn take_supporting(&mut self, task: &'p str, name: &str) -> Result<UnitId, InputError> {
        self.assigned(task)?;
        let unit = self.version.unit_id(name)?;
        let units = &mut self.draft(task).units;
        match units.iter().position(|other| *other == unit) {
            Some(place) if place > 0 => Ok(units.remove(place)),
            _ => Err(InputError::NotSupporting { task: task.to_owned(), unit: name.to_owned() }),
        }
    }

    fn move_supporting(&mut self, task: &'p str, name: &str, place: usize) -> Result<(), InputError> {
        let unit = self.take_supporting(task, name)?;
        let units = &mut self.draft(task).units;
        let supporting = units.len();
        if place >= supporting {
            return Err(InputError::NoSuchPlace { task: task.to_owned(), place, supporting });
        }
        units.insert(place + 1, unit);
        Ok(())
    }

    fn expect(&mut self, task: &'p str, expected: Option<&Assignment>) -> Result<()> {
        check_task_key(task)?;
        let units = self.draft(task).units.clone();
        // Names are compared by the units they stand for, so that an alias or a rename does not matter.
        let wanted: Option<Vec<Option<UnitId>>> =
            expected.map(|assignment| assignment.units().map(|name| self.version.units.find(name)).collect());
        if wanted.unwrap_or_default().into_iter().eq(units.iter().copied().map(Some)) {
            return Ok(());
        }
        let mut names = units.iter().map(|unit| self.version.units.name(*unit));
        let found = names.next().map(|lead| Assignment::from_trusted(lead, names));
        Err(Conflict::Assignment { task: task.to_owned(), expected: expected.cloned(), found }.into())
    }

    fn set_details(&mut self, task: &'p str, details: Option<&Details>) -> Result<(), InputError> {
        details.map_or(Ok(()), Details::check)?;
        let details = details.filter(|details| **details != Details::default());
        self.assigned(task)?.details = match details {
            Some(details) => DraftDetails::New(details.clone()),
            None => DraftDetails::Stored(0),
        };
        Ok(())
    }

    /// Makes a change to units at once, so that later edits see it.
    fn change(&mut self, change: ChangeV1) {
        if apply(&mut self.version, &change).is_ok() {
            self.changes.push(change);
        }
    }

    fn create_unit(&mut self, name: &str, kind: UnitKind) -> Result<(), InputError> {
        check_unit_name(name)?;
        let Some(owner) = self.version.units.find(name) else {
            return add_unit(&mut self.version, name, kind, &mut self.changes).map(drop);
        };
        match self.version.units.get(owner) {
            Some(unit) if *unit.name != *name => Err(self.taken(name, owner)),
            Some(unit) if unit.kind != kind => Err(InputError::OtherKind { unit: name.to_owned(), kind: unit.kind }),
            _ => Ok(()),
        }
    }

    fn taken(&self, name: &str, owner: UnitId) -> InputError {
        InputError::NameTaken { name: name.to_owned(), owner: self.version.units.name(owner).to_owned() }
    }

    fn add_alias(&mut self, unit: &str, alias: &str) -> Result<(), InputError> {
        check_unit_name(alias)?;
        let unit = self.version.unit_id(unit)?;
        match self.version.units.find(alias) {
            Some(owner) if owner == unit => Ok(()),
            Some(owner) => Err(self.taken(alias, owner)),
            None => {
                check_room_for_alias(&self.version, unit)?;
                self.change(ChangeV1::AddAlias { unit, alias: alias.to_owned() });
                Ok(())
            }
        }
    }

    fn remove_alias(&mut self, unit: &str, alias: &str) -> Result<(), InputError> {
        let id = self.version.unit_id(unit)?;
        let is_alias = |unit: &crate::view::Unit| unit.aliases.iter().any(|known| **known == *alias);
        if !self.version.units.get(id).is_some_and(is_alias) {
            return Err(InputError::NotAnAlias { name: alias.to_owned(), unit: unit.to_owned() });
        }
        self.change(ChangeV1::RemoveAlias { unit: id, alias: alias.to_owned() });
        Ok(())
    }

    fn rename(&mut self, unit: &str, name: &str) -> Result<(), InputError> {
        check_unit_name(name)?;
        let unit = self.version.unit_id(unit)?;
        match self.version.units.find(name) {
            Some(owner) if owner != unit => Err(self.taken(name, owner)),
            _ if self.version.units.name(unit) == name => Ok(()),
            _ => {
                check_room_for_alias(&self.version, unit)?;
                self.change(ChangeV1::Rename { unit, name: name.to_owned() });
                Ok(())
            }
        }
    }

    fn set_kind(&mut self, unit: &str, kind: UnitKind) -> Result<(), InputError> {
        let unit = self.version.unit_id(unit)?;
        if self.version.units.get(unit).is_some_and(|unit| unit.kind != kind) {
            self.change(ChangeV1::SetKind { unit, kind: kind.into() });
        }
        Ok(())
    }

    /// Turns what is left of the drafts into changes, in key order, so that new tasks come in that order.
    fn finish(mut self) -> Result<Plan> {
        let mut drafts: Vec<(&str, Draft)> = self.drafts.drain().collect();
        drafts.sort_unstable_by(|a, b| compare_keys(a.0, b.0));
        let mut new_details = Vec::new();
        for (key, draft) in drafts {
            let before = self.base.task(key);
            let detail = match draft.details {
                DraftDetails::Stored(id) => id,
                DraftDetails::New(details) => match before.filter(|task| task.record().detail() != 0) {
                    Some(task) if task.details()?.as_ref() == Some(&details) => task.record().detail(),
                    _ => {
                        let id = self.version.next_detail;
                        self.version.next_detail += 1;
                        new_details.push((id, details));
                        id
                    }
                },
            };
            let stands = before.map_or(draft.units.is_empty(), |task| {
                task.record().detail() == detail && task.record().units().eq(draft.units.iter().copied())
            });
            if !stands {
                self.change(ChangeV1::Task { key: key.to_owned(), units: draft.units, detail });
            }
        }
        if !self.changes.is_empty() {
            self.version.revision += 1;
        }
        let (before, after) = (self.base.clone(), View::new(self.version));
        Ok(Plan { before, after, changes: self.changes, details: new_details })
    }
}
