//! Takes back the changes of a commit, as part of a plan.
//!
//! Order: changes of units, the newest first; then tasks. A unit that the commit created goes at its turn, so that its names
//! are free for older units, unless a task that the commit did not change names it. A unit that the commit removed comes
//! back with a new number.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use crate::id::{Revision, UnitId};
use crate::model::{Conflict, Error, InputError, Result};
use crate::state::{Change, Member, Record, TaskChange, UnitChange};

use super::details::replaced_details;
use super::draft::DraftDetails;
use super::plan::Planner;

impl<'p> Planner<'p> {
    pub(super) fn revert(&mut self, revision: Revision) -> Result<()> {
        let read = self.read;
        let changes = read.changes(revision).ok_or_else(|| Error::Bug { what: "a commit was not read".to_owned() })?;
        let tasks: HashSet<&str> = changes.iter().flat_map(Change::tasks).map(|task| task.key).collect();
        let units = changes.iter().rev().filter_map(|change| match change {
            Change::Unit(unit) => Some(unit),
            Change::Tasks(_) => None,
        });
        // Numbers of the commit, and those of the units that come back for them.
        let mut numbers = HashMap::new();
        for unit in units {
            let number = numbers.get(&unit.unit).map_or(unit.unit, |number| *number);
            let unit = UnitChange { unit: number, ..unit.clone() };
            if unit.was.is_none() {
                self.revert_creation(revision, &unit, &tasks)?;
            } else {
                numbers.insert(number, self.revert_unit(revision, &unit)?);
            }
        }
        changes.iter().flat_map(Change::tasks).try_for_each(|task| self.revert_task(revision, task, &numbers))
    }

    /// Removes a unit that the commit created and that is as it was then.
    fn revert_creation(&mut self, revision: Revision, created: &UnitChange, tasks: &HashSet<&str>) -> Result<()> {
        self.check_is_there(revision, created.unit)?;
        let unit = self.units.state.units.get(created.unit);
        let is_as_created = unit.zip(created.is.as_ref()).is_some_and(|(unit, is)| {
            is.name.as_ref() == Some(&unit.name) && is.kind == Some(unit.kind) && is.aliases == *unit.aliases
        });
        if !is_as_created {
            let what = unit.map_or_else(String::new, |unit| format!("unit {:?}", unit.name));
            return Err(Conflict::ChangedSince { revision, what, since: None }.into());
        }
        if self.is_named_outside(created.unit, tasks) { Ok(()) } else { self.units.remove(created.unit) }
    }

    /// Whether a task that is not among these names a unit.
    fn is_named_outside(&self, unit: UnitId, tasks: &HashSet<&str>) -> bool {
        let lists = self.before.units.tasks(unit).into_iter().flat_map(|lists| lists.lists());
        let before = lists.flat_map(|list| list.ids().iter().collect::<Vec<_>>());
        let mut before = before.filter_map(|task| self.before.tasks.record(task)).map(Record::key);
        let mut drafts = self.drafts.iter().filter(|(key, _)| !tasks.contains(*key));
        before.any(|key| !tasks.contains(key) && !self.drafts.contains_key(key))
            || drafts.any(|(_, draft)| draft.place_of(unit).is_some())
    }

    /// Refuses to go on with a unit that was removed.
    fn check_is_there(&self, revision: Revision, unit: UnitId) -> Result<()> {
        let slot = self.units.state.units.slot(unit);
        if slot.is_some_and(|slot| slot.unit.is_some()) {
            return Ok(());
        }
        let former = slot.and_then(|slot| slot.former().last());
        let what = former.map_or_else(|| format!("unit {unit}"), |former| format!("unit {:?}", former.name));
        Err(Conflict::ChangedSince { revision, what, since: former.map(|former| former.until) }.into())
    }

    fn revert_unit(&mut self, revision: Revision, unit: &UnitChange) -> Result<UnitId> {
        self.units.take_back(unit).map_err(|_| {
            let units = &self.units.state.units;
            let was = unit.was.iter().flat_map(|was| was.name.iter().chain(&was.aliases));
            let taken =
                was.filter_map(|name| Some((name, units.find(name).filter(|owner| *owner != unit.unit)?))).next();
            if let Some((name, owner)) = taken {
                return InputError::NameTaken { name: name.to_string(), owner: units.name(owner).to_owned() }.into();
            }
            let name = units.name_at(unit.unit, revision).or_else(|| units.name_at(unit.unit, revision - 1));
            let what = name.map_or_else(|| format!("unit {}", unit.unit), |name| format!("unit {name:?}"));
            Conflict::ChangedSince { revision, what, since: None }.into()
        })
    }

    fn revert_task(
        &mut self,
        revision: Revision,
        task: TaskChange<'p>,
        numbers: &HashMap<UnitId, UnitId>,
    ) -> Result<()> {
        let next = self.before.revision + 1;
        let draft = self.draft(task.key);
        let since = if draft.is_changed() { next } else { draft.was_changed };
        if since != revision {
            let what = format!("task {:?}", task.key);
            return Err(Conflict::ChangedSince { revision, what, since: Some(since) }.into());
        }
        let renumbered = |member: &Member| {
            let number = numbers.get(&member.unit()).map_or(member.unit(), |number| *number);
            member.of_unit(number)
        };
        let members: Vec<Member> = task.was.map_or_else(Vec::new, |was| was.members.iter().map(renumbered).collect());
        members.iter().try_for_each(|member| self.check_is_there(revision, member.unit()))?;
        let read = self.read;
        let draft = self.draft(task.key);
        draft.is_known = task.was.is_some();
        draft.members = members;
        draft.details = match replaced_details(&task) {
            Some(id) => {
                let details = read.get(id).ok_or_else(|| Error::Bug { what: "details were not read".to_owned() })?;
                DraftDetails::Set(Cow::Borrowed(details))
            }
            None => DraftDetails::Stored(task.was.map_or(0, |was| was.detail)),
        };
        Ok(())
    }
}
