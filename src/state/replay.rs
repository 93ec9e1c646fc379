//! Replays commits after a checkpoint, or takes back the newest ones: collects them first, so that each task is changed
//! once.
//!
//! Input: the units and the tasks of a state, and the commits after it in order, or those up to it, the newest first.
//! Output: the state after or before them, the parts that differ, and what differs in the posting lists. Invariant: the
//! result, task numbers included, or the error is the same as if the commits were applied, or taken back, one by one.
//! Cost: a look-up per change by key, and one per task by number; records that nobody shares are changed in place.

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;

use super::change::{Change, TaskChange, TaskImage, UnitChange, parts};
use super::member::Member;
use super::misfit::{Misfit, check_before, check_numbers};
use super::record::TaskFacts;
use super::tasks::Tasks;
use super::toggles::{Toggle, Toggles};
use super::touched::{Part, Touched};
use super::units::{Direction, Units};
use super::{State, without};
use crate::id::{DetailId, Revision, TaskId, UnitId};

/// Commits after a checkpoint. See the head of this file.
pub(crate) struct Replay {
    /// The units after the commits so far, without posting lists.
    units: Units,
    /// The units that commits have removed. A task that is named after that did not have them before.
    removed: HashSet<UnitId, RandomState>,
    revision: Revision,
    direction: Direction,
    next_detail: DetailId,
    /// The tasks that commits have named, in the order in which they were first named; and their places by key.
    tasks: Vec<Named>,
    by_key: HashMap<Box<str>, u32, RandomState>,
    /// The units that the tasks were given.
    given: Vec<Member>,
    touched: Touched,
    count: usize,
    /// Whether commits have changed facts.
    facts: bool,
}

/// A task that commits have named.
struct Named {
    /// The revision of the commit that named it first.
    since: Revision,
    was: Side,
    is: Side,
}

/// A task before or after the commits.
struct Side {
    is_known: bool,
    /// The place of its units among those given, and their number.
    at: usize,
    members: usize,
    detail: DetailId,
    changed: Revision,
}

impl Side {
    fn of(image: Option<TaskImage<'_>>, changed: Revision, given: &mut Vec<Member>) -> Side {
        let (members, detail) = parts(image);
        given.extend_from_slice(members);
        let (at, members) = (given.len() - members.len(), members.len());
        Side { is_known: image.is_some(), at, members, detail, changed }
    }

    #[expect(clippy::indexing_slicing, reason = "`of` wrote the place with the units")]
    fn image<'g>(&self, given: &'g [Member]) -> Option<TaskImage<'g>> {
        let members = &given[self.at..self.at + self.members];
        self.is_known.then_some(TaskImage { members, detail: self.detail })
    }
}

impl Named {
    /// All changes of the task as one.
    fn change<'n>(&self, key: &'n str, given: &'n [Member]) -> TaskChange<'n> {
        let (was, is) = (self.was.image(given), self.is.image(given));
        let (was_changed, is_changed) = (self.was.changed, self.is.changed);
        TaskChange { key, was, is, was_changed, is_changed, moved_from: None }
    }
}

/// What a replay makes of a checkpoint, without its tasks.
pub(crate) struct Replayed {
    pub(crate) units: Units,
    pub(crate) revision: Revision,
    pub(crate) next_detail: DetailId,
    /// The parts that differ from the checkpoint.
    pub(crate) touched: Touched,
    pub(crate) toggles: Toggles,
}

impl Replay {
    /// Begins with the units of a checkpoint, its revision, and its next details.
    pub(crate) fn new(units: Units, revision: Revision, next_detail: DetailId) -> Replay {
        let (removed, tasks, by_key, given, touched, facts) = Default::default();
        let direction = Direction::Forward;
        Replay { units, removed, revision, direction, next_detail, tasks, by_key, given, touched, count: 0, facts }
    }

    /// Begins with a state whose newest commits are taken back.
    pub(crate) fn back(state: &State) -> Replay {
        let direction = Direction::Back;
        Replay { direction, ..Replay::new(state.units.clone(), state.revision, state.next_detail) }
    }

    /// Adds the next commit. After an error the replay is of no use.
    pub(crate) fn add(&mut self, revision: Revision, changes: &[Change]) -> Result<(), Misfit> {
        let expected = match self.direction {
            Direction::Forward => self.revision.checked_add(1),
            Direction::Back => Some(self.revision),
        };
        if expected != Some(revision) {
            return Err(Misfit::new(format!("revision {revision} does not follow revision {}", self.revision)));
        }
        let mut removed = Vec::new();
        match self.direction {
            Direction::Forward => {
                changes.iter().try_for_each(|change| self.add_change(revision, change, &mut removed))?
            }
            Direction::Back => changes.iter().rev().try_for_each(|change| match change {
                Change::Unit(_) | Change::Fact(_) => self.add_change(revision, &change.inverse(), &mut removed),
                Change::Tasks(tasks) => tasks.iter().try_for_each(|task| self.add_task(revision, task.inverse())),
            })?,
        }
        // A commit may remove a unit before it takes it out of its tasks.
        self.removed.extend(removed);
        self.revision = if self.direction == Direction::Back { revision - 1 } else { revision };
        Ok(())
    }

    fn add_change(&mut self, revision: Revision, change: &Change, removed: &mut Vec<UnitId>) -> Result<(), Misfit> {
        match change {
            Change::Unit(unit) => {
                removed.extend(unit.is.is_none().then_some(unit.unit));
                self.add_unit(unit)
            }
            Change::Tasks(tasks) => tasks.iter().try_for_each(|task| self.add_task(revision, task)),
            Change::Fact(fact) => {
                self.units.apply_fact(fact)?;
                self.touched.add(Part::Facts(fact.key.bucket()));
                (self.facts, self.count) = (true, self.count + 1);
                Ok(())
            }
        }
    }

    fn add_unit(&mut self, change: &UnitChange) -> Result<(), Misfit> {
        self.units.apply(change, self.direction)?;
        self.touched.add(Part::Unit(change.unit));
        self.count += 1;
        Ok(())
    }

    fn add_task(&mut self, revision: Revision, task: TaskChange<'_>) -> Result<(), Misfit> {
        check_numbers(task, self.units.numbered())?;
        let was = task.was.map_or(&[][..], |was| was.members);
        if let Some(member) = was.iter().find(|member| self.removed.contains(&member.unit())) {
            return Err(Misfit::new(format!("unit {} was removed, and task {:?} named it", member.unit(), task.key)));
        }
        let is = |given: &mut Vec<Member>| Side::of(task.is, task.is_changed, given);
        let known = self.by_key.get(task.key).and_then(|at| self.tasks.get_mut(*at as usize));
        match known {
            Some(named) => {
                if !task.follows(&named.change(task.key, &self.given)) {
                    return Err(Misfit::broken_chain(task.key));
                }
                named.is = is(&mut self.given);
            }
            None => {
                let was = Side::of(task.was, task.was_changed, &mut self.given);
                self.by_key.insert(task.key.into(), self.tasks.len() as u32);
                self.tasks.push(Named { since: revision, was, is: is(&mut self.given) });
            }
        }
        let detail = task.is.map_or(0, |is| is.detail);
        self.next_detail = self.next_detail.max(detail.saturating_add(1));
        self.count += 1;
        Ok(())
    }

    /// The revision of the last commit.
    pub(crate) fn revision(&self) -> Revision {
        self.revision
    }

    /// The number of facts in the commits.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// Puts the last state of each task into the tasks of the checkpoint, which nobody shares. New tasks get the next
    /// numbers in the order in which they were first named. After an error the tasks are of no use.
    pub(crate) fn put_into(self, tasks: &mut Tasks) -> Result<Replayed, Misfit> {
        let Replay { units, given, mut touched, revision, next_detail, .. } = self;
        let found = |(key, at): (Box<str>, u32)| (tasks.find(&key), at, key);
        let mut keys: Vec<(Option<TaskId>, u32, Box<str>)> = self.by_key.into_iter().map(found).collect();
        // Known tasks as they lie in memory, then new ones as they were first named.
        keys.sort_unstable_by_key(|(found, at, _)| (found.is_none(), *found, *at));
        let (mut toggles, mut put) = (Vec::new(), Vec::with_capacity(keys.len()));
        for (found, at, key) in &keys {
            let (found, Some(named)) = (*found, self.tasks.get(*at as usize)) else { continue };
            let change = named.change(key, &given);
            units.check_names(key, change.is.iter().flat_map(|is| is.members).copied())?;
            let record = found.and_then(|id| tasks.record(id)).filter(|record| record.is_known());
            check_before(record, change).map_err(|misfit| misfit.in_commit(named.since))?;
            let ((was, _), (is, _)) = (parts(change.was), parts(change.is));
            let id = tasks.put(found, TaskFacts { key, image: change.is, changed: change.is_changed });
            toggles.extend(without(was, is).chain(without(is, was)).map(|member| Toggle::new(member, id)));
            put.push(id);
        }
        debug_assert!(put.is_sorted(), "new tasks have the highest numbers");
        put.iter().for_each(|id| touched.add(Part::leaf_of(*id)));
        if self.facts || !self.removed.is_empty() {
            units.check_all_facts()?;
        }
        if !self.removed.is_empty() {
            let known = tasks.records().iter().filter(|record| record.is_known());
            known.into_iter().try_for_each(|record| units.check_names(record.key(), record.members()))?;
        }
        let toggles = Toggles::of(toggles, units.numbered());
        toggles.lists().for_each(|(unit, role)| touched.add(Part::List(unit, role)));
        Ok(Replayed { units, revision, next_detail, touched, toggles })
    }
}
