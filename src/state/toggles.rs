//! The difference between the posting lists of two states with the same task numbers: the tasks that come into a list or
//! leave it. Knows nothing of why.

use crate::id::{TaskId, UnitId};
use crate::model::Role;

/// A task that comes into the list of a unit in a role, or leaves it.
type Toggle = (UnitId, Role, TaskId);

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

    fn by_list(&self) -> impl Iterator<Item = &[Toggle]> {
        self.toggles.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1))
    }

    /// The lists that differ, in order.
    pub(crate) fn lists(&self) -> impl Iterator<Item = (UnitId, Role)> {
        self.by_list().filter_map(|list| list.first()).map(|(unit, role, _)| (*unit, *role))
    }

    /// Turns the sorted lists of each unit before, led and supported, into those after. New units get lists. The lists of
    /// removed units go; they are empty if the lists before were right.
    pub(crate) fn apply_to(&self, lists: &mut Vec<[Vec<TaskId>; 2]>) {
        lists.resize_with(lists.len().max(self.units), Default::default);
        for toggles in self.by_list() {
            let Some((unit, role, _)) = toggles.first() else { continue };
            let both = lists.get_mut(*unit as usize);
            if let Some(list) = both.and_then(|both| both.get_mut(usize::from(*role == Role::Support))) {
                *list = toggled(list, toggles);
            }
        }
        debug_assert!(lists.iter().skip(self.units).flatten().all(Vec::is_empty), "a removed unit has no tasks");
        lists.truncate(self.units);
    }
}

/// The numbers that are in one of both and not in the other.
fn toggled(list: &[TaskId], toggles: &[Toggle]) -> Vec<TaskId> {
    let mut after = Vec::with_capacity(list.len() + toggles.len());
    let mut rest = list;
    for (_, _, task) in toggles {
        let (before, from) = rest.split_at(rest.partition_point(|id| id < task));
        after.extend_from_slice(before);
        match from.split_first() {
            Some((first, more)) if first == task => rest = more,
            _ => {
                after.push(*task);
                rest = from;
            }
        }
    }
    after.extend_from_slice(rest);
    after
}
