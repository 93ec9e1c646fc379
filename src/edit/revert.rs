//! Takes back what a commit changed, as part of a plan.
//!
//! Order: units that it removed come back, with new numbers; other changes of units are taken back, the newest first; then
//! tasks; then the units that it created go, if no task names them.

use std::collections::HashMap;

use crate::id::{Revision, UnitId};
use crate::model::{Conflict, Error, Result};
use crate::state::{Change, Member, TaskChange, TaskImage, UnitChange};

use super::draft::DraftDetails;
use super::plan::Planner;

impl<'p> Planner<'p> {
    pub(super) fn revert(&mut self, revision: Revision) -> Result<()> {
        let read = self.read;
        let changes = read.changes(revision).ok_or_else(|| Error::Bug { what: "a commit was not read".to_owned() })?;
        let units = changes.iter().rev().filter_map(|change| match change {
            Change::Unit(unit) => Some(unit),
            Change::Tasks(_) => None,
        });
        let (mut created, mut numbers) = (Vec::new(), HashMap::new());
        for unit in units {
            let number = numbers.get(&unit.unit).map_or(unit.unit, |number| *number);
            if unit.was.is_none() {
                created.push(number);
            } else {
                let back = self.revert_unit(revision, &UnitChange { unit: number, ..unit.clone() })?;
                numbers.insert(unit.unit, back);
            }
        }
        changes.iter().flat_map(Change::tasks).try_for_each(|task| self.revert_task(revision, task, &numbers))?;
        for unit in created {
            self.check_is_there(revision, unit)?;
            if self.task_of(unit).is_none() {
                self.units.remove(unit)?;
            }
        }
        Ok(())
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
            let name = self.units.state.units.name_at(unit.unit, revision);
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
        let draft = self.draft(task.key);
        draft.is_known = task.was.is_some();
        draft.members = members;
        draft.details = DraftDetails::Stored(task.was.map_or(0, |was: TaskImage<'_>| was.detail));
        Ok(())
    }
}
