//! The whole index at one revision, in memory: tasks, units, and the posting lists of both directions.
//!
//! A state never changes. [`State::apply`] returns the next one, which shares with it all that the changes did not
//! touch; [`State::undo`] returns the one before; [`State::diff`] returns the changes from one state to another. Nothing
//! else changes or compares states. This module does no I/O and knows neither rows nor views.

mod change;
mod chunks;
mod diff;
mod hash_index;
mod key_list;
mod leaf;
mod member;
mod members;
mod merge;
mod misfit;
mod names;
mod obligation;
mod pair_sum;
mod posting_list;
mod prefix_sum;
mod record;
mod records;
mod register;
mod replay;
mod rewind;
mod slot;
mod sorted_map;
mod tasks;
#[cfg(test)]
mod tests;
mod toggles;
mod touched;
mod tree;
mod unit;
mod unit_lists;
mod unit_tasks;
mod units;

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};

use foldhash::fast::RandomState;

use crate::id::{DetailId, Revision, TaskId, UnitId};
use crate::model::{Role, Stamp};
use crate::threads::both;

pub(crate) use self::change::{Change, TaskChange, TaskChanges, TaskImage, UnitChange, UnitFacts, pack};
pub(crate) use self::key_list::KeyListIter;
pub(crate) use self::leaf::LEAF;
pub(crate) use self::member::{MAX_UNITS, Member, are_in_order};
pub(crate) use self::misfit::Misfit;
pub(crate) use self::obligation::{Obligation, OwedBy};
pub(crate) use self::pair_sum::PairSum;
pub(crate) use self::posting_list::PostingList;
pub(crate) use self::record::{Others, Record, TaskFacts};
pub(crate) use self::records::{Records, RecordsBuilder};
pub(crate) use self::register::{Fact, FactChange, FactKey, Lineage, Report, ReportKey};
pub(crate) use self::replay::{Replay, Replayed};
pub(crate) use self::slot::Slot;
pub(crate) use self::tasks::Tasks;
pub(crate) use self::touched::{Part, Touched};
pub(crate) use self::unit::{Ended, FormerName, Unit};
pub(crate) use self::unit_lists::UnitLists;
pub(crate) use self::unit_tasks::UnitTasks;
pub(crate) use self::units::{Direction, Units};

use self::change::parts;
use self::misfit::{check_before, check_numbers};

/// Tasks from which on a second thread pays: starting one costs about as much as decoding 10,000 tasks.
pub(crate) const PARALLEL_FROM: usize = 10_000;
/// Both directions are made from all records, instead of changed in place, from so many changed tasks on, if they are
/// more than one of `REBUILD_SHARE`. Making costs 0.4 us per task that there is, changing 3.6 us per task that changes.
const REBUILD_FROM: usize = if cfg!(test) { 16 } else { 4_096 };
const REBUILD_SHARE: usize = 8;

/// The whole index at one revision. Cloning it shares everything.
#[derive(Clone)]
pub(crate) struct State {
    /// States with the same numbering use the same task numbers.
    pub(crate) numbering: u64,
    pub(crate) revision: Revision,
    /// That of the newest commit.
    pub(crate) stamp: Stamp,
    pub(crate) next_detail: DetailId,
    pub(crate) tasks: Tasks,
    pub(crate) units: Units,
}

impl State {
    pub(crate) fn empty() -> State {
        let (tasks, units) = Default::default();
        State { numbering: new_numbering(), revision: 0, stamp: Stamp::default(), next_detail: 1, tasks, units }
    }

    /// Makes a state at revision 0 of units and of records with distinct keys that name no other units.
    pub(crate) fn of(units: Units, records: Records) -> State {
        let (tasks, lists) = (|| Tasks::of(records.clone()), || UnitLists::of(&records, units.numbered()));
        let (tasks, lists) = both(records.len() > PARALLEL_FROM, tasks, lists);
        State::join(units, tasks, lists.into_postings())
    }

    /// Joins units, tasks that name no others, and the posting lists of the units, which have the same pairs.
    pub(crate) fn join(mut units: Units, tasks: Tasks, postings: Vec<UnitTasks>) -> State {
        units.set_lists(postings);
        State { tasks, units, ..State::empty() }
    }

    /// The state after the changes, with the same revision, and the parts that differ. Nothing is returned where one of
    /// them does not fit.
    ///
    /// A few changes copy what they touch; many make both directions from all records, sorted by key.
    pub(crate) fn apply(&self, changes: &[Change]) -> Result<(State, Touched), Misfit> {
        self.go(changes, Direction::Forward)
    }

    fn go(&self, changes: &[Change], direction: Direction) -> Result<(State, Touched), Misfit> {
        let tasks: usize = changes.iter().map(|change| change.tasks().count()).sum();
        if tasks >= REBUILD_FROM && tasks > self.tasks.numbered() / REBUILD_SHARE {
            return self.rebuilt(changes, direction, 0);
        }
        let (mut next, mut touched) = (self.clone(), Touched::default());
        changes.iter().try_for_each(|change| next.carry_out(change, direction, &mut touched))?;
        // A commit may remove a unit before it takes it out of its tasks.
        next.check_units(changes)?;
        Ok((next, touched))
    }

    /// Checks that the tasks and the facts name units that exist, after changes.
    fn check_units(&self, changes: &[Change]) -> Result<(), Misfit> {
        changes.iter().try_for_each(|change| match change {
            Change::Unit(unit) => {
                self.units.check_tasks(unit.unit)?;
                if unit.is.is_some() { Ok(()) } else { self.units.check_all_facts() }
            }
            Change::Fact(fact) => self.units.check_fact(fact),
            Change::Tasks(_) if self.units.len() == self.units.numbered() => Ok(()),
            Change::Tasks(tasks) => {
                let known = tasks.iter().filter_map(|task| self.tasks.known_record(task.key));
                known.into_iter().try_for_each(|record| self.units.check_names(record.key(), record.members()))
            }
        })
    }

    /// The state after the changes, with both directions made from all records and tasks numbered in key order.
    pub(crate) fn rebuild(&self, changes: &[Change]) -> Result<(State, Touched), Misfit> {
        self.rebuilt(changes, Direction::Forward, 0)
    }

    /// The same facts, with tasks numbered in key order, and without the keys that were removed up to a revision.
    pub(crate) fn compacted(&self, forget_up_to: Revision) -> Result<(State, Touched), Misfit> {
        self.rebuilt(&[], Direction::Forward, forget_up_to)
    }

    fn rebuilt(
        &self,
        changes: &[Change],
        direction: Direction,
        forget_up_to: Revision,
    ) -> Result<(State, Touched), Misfit> {
        let mut units = self.units.clone();
        // The merged tasks are checked for units that are removed.
        units.clear_lists();
        for change in changes {
            match change {
                Change::Unit(unit) => units.apply(unit, direction)?,
                Change::Fact(fact) => units.apply_fact(fact)?,
                Change::Tasks(_) => {}
            }
        }
        units.check_all_facts()?;
        let records = merge::merge(&self.tasks, &units, changes, forget_up_to)?;
        let next = State::of(units, records);
        let details = changes.iter().flat_map(Change::tasks).filter_map(|task| task.is).map(|is| is.detail);
        let next_detail = details.fold(self.next_detail, |next, detail| next.max(detail.saturating_add(1)));
        Ok((State { revision: self.revision, stamp: self.stamp, next_detail, ..next }, Touched::everything()))
    }

    /// Carries out one change. Where it does not fit, a part of it may be carried out: drop the state then.
    pub(crate) fn apply_in_place(&mut self, change: &Change, touched: &mut Touched) -> Result<(), Misfit> {
        self.carry_out(change, Direction::Forward, touched)
    }

    fn carry_out(&mut self, change: &Change, direction: Direction, touched: &mut Touched) -> Result<(), Misfit> {
        match change {
            Change::Unit(unit) => {
                self.units.apply(unit, direction)?;
                touched.add(Part::Unit(unit.unit));
                Ok(())
            }
            Change::Fact(fact) => {
                self.units.apply_fact(fact)?;
                touched.add(Part::Facts(fact.key.bucket()));
                Ok(())
            }
            Change::Tasks(tasks) => tasks.iter().try_for_each(|task| self.set_task(task, touched)),
        }
    }

    fn set_task(&mut self, task: TaskChange<'_>, touched: &mut Touched) -> Result<(), Misfit> {
        let found = self.tasks.find(task.key);
        let record = found.and_then(|id| self.tasks.record(id)).filter(|record| record.is_known());
        check_before(record, task)?;
        check_numbers(task, self.units.numbered())?;
        let ((was, _), (is, detail)) = (parts(task.was), parts(task.is));
        let id = self.tasks.put(found, TaskFacts { key: task.key, image: task.is, changed: task.is_changed });
        touched.add(Part::leaf_of(id));
        for member in without(was, is) {
            self.toggle(member, id, false, touched);
        }
        for member in without(is, was) {
            self.toggle(member, id, true, touched);
        }
        self.next_detail = self.next_detail.max(detail.saturating_add(1));
        Ok(())
    }

    fn toggle(&mut self, member: Member, task: TaskId, present_after: bool, touched: &mut Touched) {
        self.units.toggle(member, &self.tasks, task, present_after);
        touched.add(Part::List(member.unit(), member.role()));
    }

    /// The state before the changes, with the same revision. It has the same export as the state they were applied to.
    pub(crate) fn undo(&self, changes: &[Change]) -> Result<State, Misfit> {
        let inverse: Vec<Change> = changes.iter().rev().map(Change::inverse).collect();
        self.go(&inverse, Direction::Back).map(|(state, _)| state)
    }

    /// The same task changes, with this state as the state before them. Those that would change nothing are left out.
    pub(crate) fn rebased(&self, tasks: &TaskChanges) -> TaskChanges {
        let keys: Vec<&str> = tasks.iter().map(|task| task.key).collect();
        let (mut changes, mut members, mut rebased) = (tasks.iter(), Vec::new(), TaskChanges::default());
        self.tasks.known_records(&keys, true, |record| {
            let Some(task) = changes.next() else { return };
            members.clear();
            members.extend(record.into_iter().flat_map(Record::members));
            let was = record.map(|record| TaskImage { members: &members, detail: record.detail() });
            if was == task.is {
                return;
            }
            let was_changed = match record {
                Some(record) => record.changed(),
                None if self.tasks.has_removed() => self.tasks.changed(task.key),
                None => 0,
            };
            rebased.push(TaskChange { was, was_changed, ..task });
        });
        rebased
    }

    /// The changes from this state to another, to be read: units by number, then tasks in key order.
    pub(crate) fn diff(&self, other: &State) -> Vec<Change> {
        let mut changes = diff::units(&self.units, &other.units);
        let same_numbers = self.numbering == other.numbering;
        changes.extend(diff::tasks(&self.tasks, &other.tasks, same_numbers));
        changes
    }

    /// Where the posting lists are not those that the tasks make: each unit and role, with how.
    pub(crate) fn disagreements(&self) -> Vec<(UnitId, Role, String)> {
        let lists = UnitLists::of(self.tasks.records(), self.units.numbered());
        let mut found = Vec::new();
        for (unit, _) in self.units.by_number() {
            for role in Role::ALL {
                let by_task = lists.ids(unit, role);
                let list = self.units.tasks(unit).map(|tasks| tasks.in_role(role));
                let same = list
                    .is_some_and(|list| list.len() == by_task.len() && list.ids().iter().eq(by_task.iter().copied()));
                if !same {
                    let own = list.map_or(0, PostingList::len);
                    found.push((
                        unit,
                        role,
                        format!("it lists {own} tasks, the tasks name it {} times", by_task.len()),
                    ));
                }
            }
        }
        found
    }
}

/// The members of a list that another list does not have.
fn without<'m>(members: &'m [Member], others: &'m [Member]) -> impl Iterator<Item = Member> + 'm {
    /// Up to 16 units, looking through the list is faster than hashing.
    const FEW: usize = if cfg!(test) { 2 } else { 16 };
    let many: Option<HashSet<_, RandomState>> = (others.len() > FEW).then(|| others.iter().collect());
    members.iter().copied().filter(move |member| match &many {
        Some(others) => !others.contains(member),
        None => !others.contains(member),
    })
}

fn new_numbering() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}
