//! Plans a batch: the state before and edits in, the state after and the changes between them out.
//!
//! Unit edits take effect at once; task edits gather in one draft per task, so that each task has one change.

use std::collections::{HashMap, HashSet};
use std::fmt;

use crate::id::{DetailId, Revision, UnitId};
use crate::model::{
    Assignment, Conflict, Details, Error, InputError, MAX_UNITS_OF_A_TASK, Result, check_task_key, check_text,
};
use crate::order::compare_keys;
use crate::state::{self, Change, Record, State, TaskImage, Touched, pack};
use crate::view::{UnitRef, View};

use super::details::SameDetails;
use super::edits::{Edit, Edits};
use super::unit_planner::{UnitPlanner, bug};

/// The rules of an index for its batches.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    /// Whether naming an unknown unit creates it.
    pub(crate) create_units: bool,
}

/// The changes that a batch makes, or would make.
#[derive(Clone)]
pub struct Plan {
    before: View,
    pub(crate) after: View,
    pub(crate) changes: Vec<Change>,
    /// New details, by their numbers.
    pub(crate) details: Vec<(DetailId, Details)>,
    pub(crate) touched: Touched,
}

/// The change of one task.
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
        self.changes.iter().flat_map(Change::tasks).map(|task| TaskChange {
            key: task.key,
            before: task.was.map(|was| assignment(self.before.state(), was.units)),
            after: task.is.map(|is| assignment(self.after.state(), is.units)),
            details: task.was.map_or(0, |was| was.detail) != task.is.map_or(0, |is| is.detail),
        })
    }

    /// The units that it creates, in order.
    pub fn new_units(&self) -> impl Iterator<Item = UnitRef<'_>> {
        self.after.units().skip(self.before.state().units.len())
    }
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plan").field("revision", &self.revision()).field("changes", &self.changes).finish()
    }
}

/// The assignment of units of a state, which are at least one.
fn assignment(state: &State, units: &[UnitId]) -> Assignment {
    let mut names = units.iter().map(|unit| state.units.name(*unit));
    debug_assert!(names.len() > 0, "an assigned task has a lead");
    let lead = names.next().unwrap_or_default();
    Assignment::from_trusted(lead, names)
}

/// Decides what the edits change in the view.
pub(crate) fn plan(view: &View, edits: &Edits, rules: Rules, same: &SameDetails) -> Result<Plan> {
    check_text(&edits.note.why)?;
    check_text(&edits.note.who)?;
    if let Some(expected) = edits.expected.filter(|expected| *expected != view.revision()) {
        return Err(Conflict::Revision { expected, found: view.revision() }.into());
    }
    let mut planner = Planner::new(view.state(), rules, same);
    for (place, edit) in edits.list.iter().enumerate() {
        planner.edit(place, edit).map_err(|error| match error {
            // In a batch of one edit the position says nothing.
            Error::Input(source) if edits.list.len() > 1 => Error::Edit { position: place + 1, source },
            other => other,
        })?;
    }
    planner.finish(view)
}

/// A task before the batch, and as its edits have left it so far.
struct Draft<'p> {
    was: Option<(Vec<UnitId>, DetailId)>,
    /// The revision that last changed it, also one that removed it; 0 for a task without a record.
    was_changed: Revision,
    units: Vec<UnitId>,
    details: DraftDetails<'p>,
}

enum DraftDetails<'p> {
    Stored(DetailId),
    /// Set by the edit at a place.
    Set(usize, &'p Details),
}

struct Planner<'p> {
    before: &'p State,
    /// The state before with the units of the batch. Its tasks are those before.
    units: UnitPlanner,
    drafts: HashMap<&'p str, Draft<'p>>,
    same: &'p SameDetails,
}

impl<'p> Planner<'p> {
    fn new(before: &'p State, rules: Rules, same: &'p SameDetails) -> Planner<'p> {
        let units = UnitPlanner::new(before.clone(), rules.create_units);
        Planner { before, units, drafts: HashMap::new(), same }
    }

    fn edit(&mut self, place: usize, edit: &'p Edit) -> Result<()> {
        match edit {
            Edit::Assign { task, units } => self.assign(task, units),
            Edit::SetLead { task, unit } => self.set_lead(task, unit),
            Edit::AddSupporting { task, unit } => self.add_supporting(task, unit),
            Edit::MoveSupporting { task, unit, place } => self.move_supporting(task, unit, *place),
            Edit::RemoveSupporting { task, unit } => self.take_supporting(task, unit).map(drop),
            Edit::Unassign { task } => {
                check_task_key(task)?;
                let draft = self.draft(task);
                (draft.units, draft.details) = (Vec::new(), DraftDetails::Stored(0));
                Ok(())
            }
            Edit::Expect { task, assignment } => self.expect(task, assignment.as_ref()),
            Edit::SetDetails { task, details } => self.set_details(place, task, details.as_deref()),
            Edit::CreateUnit { name, kind } => self.units.create_unit(name, *kind),
            Edit::AddAlias { unit, alias } => self.units.add_alias(unit, alias),
            Edit::RemoveAlias { unit, alias } => self.units.remove_alias(unit, alias),
            Edit::Rename { unit, name } => self.units.rename(unit, name),
            Edit::SetKind { unit, kind } => self.units.set_kind(unit, *kind),
        }
    }

    fn draft(&mut self, task: &'p str) -> &mut Draft<'p> {
        let before = self.before;
        self.drafts.entry(task).or_insert_with(|| {
            let record = before.tasks.find(task).and_then(|id| before.tasks.record(id));
            let was_changed = record.map_or(0, Record::changed);
            let record = record.filter(|record| record.is_assigned());
            let was = record.map(|record| (record.units().collect::<Vec<_>>(), record.detail()));
            Draft {
                units: record.into_iter().flat_map(Record::units).collect(),
                details: DraftDetails::Stored(record.map_or(0, Record::detail)),
                was,
                was_changed,
            }
        })
    }

    fn assigned(&mut self, task: &'p str) -> Result<&mut Draft<'p>, InputError> {
        check_task_key(task)?;
        let draft = self.draft(task);
        if draft.units.is_empty() {
            return Err(InputError::NotAssigned { task: task.to_owned() });
        }
        Ok(draft)
    }

    fn assign(&mut self, task: &'p str, names: &[String]) -> Result<()> {
        check_task_key(task)?;
        if names.is_empty() {
            return Err(InputError::NoUnits { task: Some(task.to_owned()) }.into());
        }
        check_number_of_units(task, names.len())?;
        let mut units = Vec::with_capacity(names.len());
        let mut seen = HashSet::new();
        for name in names {
            let unit = self.units.resolve(name)?;
            // Up to 16 units, looking through the list is faster than hashing.
            let twice = if names.len() > 16 { !seen.insert(unit) } else { units.contains(&unit) };
            if twice {
                return Err(self.named_twice(task, unit, name));
            }
            units.push(unit);
        }
        self.draft(task).units = units;
        Ok(())
    }

    fn named_twice(&self, task: &str, unit: UnitId, written: &str) -> Error {
        let unit = self.units.state.units.name(unit).to_owned();
        InputError::UnitTwice { task: Some(task.to_owned()), unit, written: written.to_owned() }.into()
    }

    fn set_lead(&mut self, task: &'p str, name: &str) -> Result<()> {
        self.assigned(task)?;
        let unit = self.units.resolve(name)?;
        let draft = self.draft(task);
        let supporting = draft.units.iter().skip(1).copied().filter(|other| *other != unit);
        draft.units = std::iter::once(unit).chain(supporting).collect();
        Ok(())
    }

    fn add_supporting(&mut self, task: &'p str, name: &str) -> Result<()> {
        self.assigned(task)?;
        let unit = self.units.resolve(name)?;
        if self.draft(task).units.contains(&unit) {
            return Err(self.named_twice(task, unit, name));
        }
        check_number_of_units(task, self.draft(task).units.len() + 1)?;
        self.draft(task).units.push(unit);
        Ok(())
    }

    fn take_supporting(&mut self, task: &'p str, name: &str) -> Result<UnitId> {
        self.assigned(task)?;
        let unit = self.units.known(name)?;
        let units = &mut self.draft(task).units;
        match units.iter().position(|other| *other == unit) {
            Some(place) if place > 0 => Ok(units.remove(place)),
            _ => Err(InputError::NotSupporting { task: task.to_owned(), unit: name.to_owned() }.into()),
        }
    }

    fn move_supporting(&mut self, task: &'p str, name: &str, place: usize) -> Result<()> {
        let unit = self.take_supporting(task, name)?;
        let units = &mut self.draft(task).units;
        let supporting = units.len();
        if place >= supporting {
            return Err(InputError::NoSuchPlace { task: task.to_owned(), place, supporting }.into());
        }
        units.insert(place + 1, unit);
        Ok(())
    }

    fn expect(&mut self, task: &'p str, expected: Option<&Assignment>) -> Result<()> {
        check_task_key(task)?;
        let units = self.draft(task).units.clone();
        // Names are compared by the units they mean, so that an alias or a rename does not matter.
        let names = expected.into_iter().flat_map(Assignment::units);
        if names.map(|name| self.units.state.units.find(name)).eq(units.iter().copied().map(Some)) {
            return Ok(());
        }
        let found = (!units.is_empty()).then(|| assignment(&self.units.state, &units));
        Err(Conflict::Assignment { task: task.to_owned(), expected: expected.cloned(), found }.into())
    }

    fn set_details(&mut self, place: usize, task: &'p str, details: Option<&'p Details>) -> Result<()> {
        details.map_or(Ok(()), Details::check)?;
        let details = details.filter(|details| **details != Details::default());
        self.assigned(task)?.details = match details {
            Some(details) => DraftDetails::Set(place, details),
            None => DraftDetails::Stored(0),
        };
        Ok(())
    }

    /// Turns the drafts into changes, in key order, so that new tasks are numbered in that order.
    fn finish(self, before: &View) -> Result<Plan> {
        let Planner { units, drafts, same, .. } = self;
        let UnitPlanner { state: mut with_units, mut changes, mut touched, .. } = units;
        let mut drafts: Vec<(&str, Draft<'_>)> = drafts.into_iter().collect();
        drafts.sort_unstable_by(|a, b| compare_keys(a.0, b.0));
        let is_changed = before.revision() + 1;
        let mut new_details = Vec::new();
        let mut changed = Vec::new();
        for (key, draft) in &drafts {
            let stored = draft.was.as_ref().map_or(0, |(_, detail)| *detail);
            let detail = match draft.details {
                DraftDetails::Stored(id) => id,
                DraftDetails::Set(place, _) if same.has(place, stored) => stored,
                DraftDetails::Set(_, details) => {
                    let id = with_units.next_detail;
                    with_units.next_detail += 1;
                    new_details.push((id, details.clone()));
                    id
                }
            };
            let was = draft.was.as_ref().map(|(units, detail)| TaskImage { units, detail: *detail });
            let is = (!draft.units.is_empty()).then_some(TaskImage { units: &draft.units, detail });
            if was != is {
                changed.push(state::TaskChange { key, was, is, was_changed: draft.was_changed, is_changed });
            }
        }
        let tasks: Vec<Change> = pack(changed).into_iter().map(Change::Tasks).collect();
        let (mut after, by_tasks) = with_units.apply(&tasks).map_err(bug)?;
        touched.merge(by_tasks);
        changes.extend(tasks);
        after.revision += u64::from(!changes.is_empty());
        Ok(Plan { before: before.clone(), after: before.with(after), changes, details: new_details, touched })
    }
}

fn check_number_of_units(task: &str, units: usize) -> Result<(), InputError> {
    if units > MAX_UNITS_OF_A_TASK {
        return Err(InputError::TooManyUnits { task: task.to_owned(), units, most: MAX_UNITS_OF_A_TASK });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::id::DetailId;
    use crate::view::ReadDetails;

    struct NoDetails;

    impl ReadDetails for NoDetails {
        fn read(&self, id: DetailId) -> Result<Details> {
            panic!("details {id} were read while edits were planned")
        }
    }

    fn planned(view: &View, list: Vec<Edit>) -> Result<Plan> {
        let edits = Edits { list, ..Edits::default() };
        plan(view, &edits, Rules { create_units: true }, &SameDetails::default())
    }

    /// Planning runs under the writer's lock: an unknown name used to be compared with all names there, and details to be
    /// read from disk.
    #[test]
    fn planning_neither_looks_for_near_names_nor_reads_details() {
        let empty = View::new(State::empty(), Arc::new(NoDetails));
        let details = Some(Box::new(Details::titled("title")));
        let assign = Edit::Assign { task: "t".to_owned(), units: vec!["Transport".to_owned()] };
        let set = Edit::SetDetails { task: "t".to_owned(), details };
        let view = planned(&empty, vec![assign, set.clone()]).unwrap().after;
        assert_eq!(planned(&view, vec![set]).unwrap().details.len(), 1);
        let unknown = Edit::Rename { unit: "Transprot".to_owned(), name: "Roads".to_owned() };
        match planned(&view, vec![unknown]).unwrap_err() {
            Error::Input(InputError::UnknownUnit { near, .. }) => assert_eq!(near, Vec::<String>::new()),
            other => panic!("{other:?}"),
        }
    }
}
