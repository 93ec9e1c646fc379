//! The difference between the posting lists of two states with the same task numbers: the tasks that come into a list or
//! leave it. Knows nothing of why.

use crate::id::{TaskId, UnitId};
use crate::model::Role;

use super::member::Member;

/// A task that comes into the list of a unit in a role, or leaves it: the unit, 3 bits for its role, the task. One number
/// sorts twice as fast as three.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Toggle(u64);

impl Toggle {
    pub(super) fn new(member: Member, task: TaskId) -> Toggle {
        Toggle(u64::from(member.unit()) << 35 | (member.role().place() as u64) << 32 | u64::from(task))
    }

    /// The unit, and the place of its role among all.
    fn list(self) -> (UnitId, usize) {
        ((self.0 >> 35) as UnitId, (self.0 >> 32 & 7) as usize)
    }

    fn task(self) -> TaskId {
        self.0 as TaskId
    }
}

/// The difference between the posting lists of two states.
#[derive(Debug)]
pub(crate) struct Toggles {
    /// Sorted and distinct.
    toggles: Vec<Toggle>,
    /// The number of units after.
    units: usize,
}

impl Toggles {
    /// Takes toggles that are distinct, and the number of units after.
    pub(super) fn of(mut toggles: Vec<Toggle>, units: usize) -> Toggles {
        toggles.sort_unstable();
        Toggles { toggles, units }
    }

    /// The lists that differ, in order, each with the tasks that come into it or leave it, in order.
    pub(super) fn tasks(&self) -> impl Iterator<Item = (UnitId, Role, Vec<TaskId>)> {
        self.by_list().filter_map(|((unit, place), toggles)| {
            Some((unit, *Role::ALL.get(place)?, toggles.iter().map(|toggle| toggle.task()).collect()))
        })
    }

    /// The lists that differ, in order, each with its toggles.
    fn by_list(&self) -> impl Iterator<Item = ((UnitId, usize), &[Toggle])> {
        let lists = self.toggles.chunk_by(|a, b| a.list() == b.list());
        lists.filter_map(|toggles| Some((toggles.first()?.list(), toggles)))
    }

    /// The lists that differ, in order.
    pub(crate) fn lists(&self) -> impl Iterator<Item = (UnitId, Role)> {
        self.by_list().filter_map(|((unit, place), _)| Some((unit, *Role::ALL.get(place)?)))
    }

    /// Turns the sorted lists of each unit before, one per role, into those after. New units get lists.
    pub(crate) fn apply_to(&self, lists: &mut Vec<[Vec<TaskId>; Role::ALL.len()]>) {
        lists.resize_with(lists.len().max(self.units), Default::default);
        // Each list after takes the memory of the one before it: fresh memory costs more than the merge.
        let mut spare = Vec::new();
        for ((unit, place), toggles) in self.by_list() {
            let of_unit = lists.get_mut(unit as usize);
            if let Some(list) = of_unit.and_then(|of_unit| of_unit.get_mut(place)) {
                toggle(list, toggles, &mut spare);
                std::mem::swap(list, &mut spare);
            }
        }
    }
}

/// Sets `after` to the numbers that are in one of both and not in the other.
fn toggle(list: &[TaskId], toggles: &[Toggle], after: &mut Vec<TaskId>) {
    after.clear();
    after.reserve(list.len() + toggles.len());
    let mut rest = list.iter().copied().peekable();
    for task in toggles.iter().map(|toggle| toggle.task()) {
        after.extend(std::iter::from_fn(|| rest.next_if(|id| *id < task)));
        if rest.next_if_eq(&task).is_none() {
            after.push(task);
        }
    }
    after.extend(rest);
}
