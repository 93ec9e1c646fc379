//! Takes back the changes of a commit, as part of a plan.
//!
//! Order: changes of units and facts, the newest first; then tasks. A unit that the commit created goes at its turn, so
//! that its names are free for older units, unless a task that the commit did not change names it. A unit that the commit
//! removed comes back with a new number.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use crate::id::{Revision, UnitId};
use crate::model::{Conflict, Error, InputError, Result};
use crate::state::{Change, FactChange, FactKey, Member, TaskChange, Unit, UnitChange};

use super::details::replaced_details;
use super::draft::DraftDetails;
use super::plan::Planner;

/// Numbers of removed units in a commit, and those with which the units come back.
#[derive(Default)]
struct Numbers(HashMap<UnitId, UnitId>);

impl Numbers {
    fn of(&self, unit: UnitId) -> UnitId {
        self.0.get(&unit).map_or(unit, |number| *number)
    }
}

impl<'p> Planner<'p> {
    pub(super) fn revert(&mut self, revision: Revision) -> Result<()> {
        let read = self.read;
        let changes = read.changes(revision).ok_or_else(|| Error::Bug { what: "a commit was not read".to_owned() })?;
        let tasks: HashSet<&str> = changes.iter().flat_map(Change::tasks).map(|task| task.key).collect();
        let (mut numbers, mut facts) = (Numbers::default(), Vec::new());
        for change in changes.iter().rev() {
            let unit = match change {
                Change::Unit(unit) => unit,
                Change::Fact(fact) => {
                    facts.push(self.revert_fact(revision, fact, &numbers)?);
                    continue;
                }
                Change::Tasks(_) => continue,
            };
            let number = numbers.of(unit.unit);
            let unit = UnitChange { unit: number, ..unit.renumbered(&|unit| numbers.of(unit)) };
            if unit.was.is_none() {
                self.revert_creation(revision, &unit, &tasks)?;
            } else {
                numbers.0.insert(number, self.revert_unit(revision, &unit)?);
            }
        }
        numbers.0.values().try_for_each(|unit| self.check_reverted(revision, *unit))?;
        if let Some(key) = facts.iter().find(|key| !self.units.may_be(key)) {
            return Err(changed_since(revision, self.units.key_in_words(key), None));
        }
        changes.iter().flat_map(Change::tasks).try_for_each(|task| self.revert_task(revision, task, &numbers))
    }

    /// Removes a unit that the commit created and that is as it was then, unless a task that the commit did not change names
    /// it.
    fn revert_creation(&mut self, revision: Revision, created: &UnitChange, tasks: &HashSet<&str>) -> Result<()> {
        let unit = self.unit_that_is_there(revision, created.unit)?;
        let is_as_created = UnitChange::between(created.unit, None, Some(unit)).is_some_and(|now| now.is == created.is);
        if !is_as_created {
            return Err(changed_since(revision, format!("unit {:?}", unit.name), None));
        }
        let is_named_by_others = self.tasks_of(created.unit).any(|task| !tasks.contains(task));
        let is_named = is_named_by_others || self.units.named_by(created.unit).is_some();
        if is_named { Ok(()) } else { self.units.remove(created.unit) }
    }

    fn revert_fact(&mut self, revision: Revision, fact: &FactChange, numbers: &Numbers) -> Result<FactKey> {
        let fact = fact.renumbered(&|unit| numbers.of(unit));
        if self.units.take_back_fact(&fact) {
            return Ok(fact.key);
        }
        Err(changed_since(revision, self.units.key_in_words(&fact.key), None))
    }

    /// Refuses a collective with members that have ended, and a member that has.
    fn check_reverted(&self, revision: Revision, id: UnitId) -> Result<()> {
        let units = &self.units.state.units;
        let strange = units.members(id).iter().copied().find(|member| units.has_ended(*member));
        let strange = strange.or_else(|| (units.has_ended(id) && !units.groups(id).is_empty()).then_some(id));
        match strange {
            Some(unit) => Err(changed_since(revision, format!("unit {:?}", units.name(unit)), None)),
            None => Ok(()),
        }
    }

    /// A unit, or the refusal to go on with one that was removed.
    fn unit_that_is_there(&self, revision: Revision, unit: UnitId) -> Result<&Unit> {
        let units = &self.units.state.units;
        let since = || units.slot(unit)?.former().last().map(|former| former.until);
        units.get(unit).ok_or_else(|| changed_since(revision, self.named_at(unit, revision), since()))
    }

    /// A unit with the name that it had after the commit, or before it.
    fn named_at(&self, unit: UnitId, revision: Revision) -> String {
        let name = self.units.state.units.name_around(unit, revision);
        name.map_or_else(|| format!("unit {unit}"), |name| format!("unit {name:?}"))
    }

    fn revert_unit(&mut self, revision: Revision, unit: &UnitChange) -> Result<UnitId> {
        let ends = unit.is.as_ref().is_some_and(|is| is.ended.is_some());
        let renames = unit.is.as_ref().is_some_and(|is| is.name.is_some() || !is.aliases.is_empty())
            || unit.was.as_ref().is_some_and(|was| !was.aliases.is_empty());
        let is_nameless = self.units.state.units.get(unit.unit).is_some_and(|now| !now.has_names());
        if is_nameless && renames && !ends {
            // Its names are those of another unit since.
            return Err(changed_since(revision, self.named_at(unit.unit, revision), None));
        }
        self.units.take_back(unit).map_err(|_| {
            let units = &self.units.state.units;
            let was = unit.was.iter().flat_map(|was| was.name.iter().chain(&was.aliases));
            let taken =
                was.filter_map(|name| Some((name, units.find(name).filter(|owner| *owner != unit.unit)?))).next();
            if let Some((name, owner)) = taken {
                return InputError::NameTaken { name: name.to_string(), owner: units.name(owner).to_owned() }.into();
            }
            changed_since(revision, self.named_at(unit.unit, revision), None)
        })
    }

    fn revert_task(&mut self, revision: Revision, task: TaskChange<'p>, numbers: &Numbers) -> Result<()> {
        let next = self.before.revision + 1;
        let draft = self.draft(task.key);
        let since = if draft.is_changed() { next } else { draft.was_changed };
        if since != revision {
            return Err(changed_since(revision, format!("task {:?}", task.key), Some(since)));
        }
        let renumbered = |member: &Member| member.of_unit(numbers.of(member.unit()));
        let members: Vec<Member> = task.was.map_or_else(Vec::new, |was| was.members.iter().map(renumbered).collect());
        for member in &members {
            let unit = self.unit_that_is_there(revision, member.unit())?;
            if !unit.has_names() {
                return Err(changed_since(revision, format!("unit {:?}", unit.name), None));
            }
        }
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

fn changed_since(revision: Revision, what: String, since: Option<Revision>) -> Error {
    Conflict::ChangedSince { revision, what, since }.into()
}
