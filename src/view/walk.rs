//! Walks over the tasks of a set in key order. Knows nothing of the algebra of sets.

use std::iter::FusedIterator;

use roaring::RoaringBitmap;

use crate::id::TaskId;
use crate::order::compare_keys;
use crate::state::{KeyListIter, Record, Tasks};

use super::snapshot::Snapshot;
use super::task_ref::TaskRef;

/// Records that are looked up together, so that their loads from memory overlap: those of one leaf.
const AHEAD: usize = 32;
/// A set with more late tasks than this walks the sorted list of all late tasks instead of sorting its own: sorting a
/// thousand takes a fraction of a millisecond.
pub(super) const SORTED_EACH_TIME: u64 = 1_000;

/// The keys of a [`TaskSet`](crate::TaskSet), in key order.
#[derive(Clone)]
pub struct Keys<'s>(pub(super) KeysFrom<'s>);

#[derive(Clone)]
pub(super) enum KeysFrom<'s> {
    List { keys: KeyListIter<'s>, left: usize },
    Walk(Box<Walk<'s>>),
}

impl<'s> Iterator for Keys<'s> {
    type Item = &'s str;

    #[inline]
    fn next(&mut self) -> Option<&'s str> {
        match &mut self.0 {
            KeysFrom::List { keys, left } => {
                *left = left.saturating_sub(1);
                keys.next()
            }
            KeysFrom::Walk(walk) => walk.next().map(Record::key),
        }
    }

    #[inline]
    fn fold<B, F: FnMut(B, &'s str) -> B>(self, from: B, mut each: F) -> B {
        match self.0 {
            KeysFrom::List { keys, .. } => keys.fold(from, each),
            KeysFrom::Walk(mut walk) => {
                let mut so_far = from;
                while let Some(record) = walk.next() {
                    so_far = each(so_far, record.key());
                }
                so_far
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match &self.0 {
            KeysFrom::List { left, .. } => (*left, Some(*left)),
            KeysFrom::Walk(walk) => walk.size_hint(),
        }
    }
}

impl FusedIterator for Keys<'_> {}

impl std::fmt::Debug for Keys<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys").field("left", &self.size_hint().0).finish_non_exhaustive()
    }
}

/// The tasks of a [`TaskSet`](crate::TaskSet), in key order.
#[derive(Clone)]
pub struct TaskRefs<'s>(pub(super) Walk<'s>);

impl<'s> Iterator for TaskRefs<'s> {
    type Item = TaskRef<'s>;

    #[inline]
    fn next(&mut self) -> Option<TaskRef<'s>> {
        let snapshot = self.0.snapshot;
        self.0.next().map(|record| TaskRef { snapshot, record })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl FusedIterator for TaskRefs<'_> {}

impl std::fmt::Debug for TaskRefs<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TaskRefs").field("left", &self.size_hint().0).finish_non_exhaustive()
    }
}

/// Merges the tasks that came in key order with the sorted others.
#[derive(Clone)]
pub(super) struct Walk<'s> {
    snapshot: &'s Snapshot,
    early: roaring::bitmap::Iter<'s>,
    /// Records looked up before they are needed, from `next` to `found`.
    ahead: [Option<Record<'s>>; AHEAD],
    next: usize,
    found: usize,
    late: Late<'s>,
    next_late: Option<Record<'s>>,
    /// At least so many are left, the next one included.
    late_left: usize,
    /// Whether units are listed with the tasks.
    with_units: bool,
}

/// The numbers of tasks that came out of key order, sorted by key.
#[derive(Clone)]
enum Late<'s> {
    /// Those of the set.
    Own(std::vec::IntoIter<TaskId>),
    /// Those of the view, and the numbers of the set.
    All(std::slice::Iter<'s, TaskId>, &'s RoaringBitmap),
}

impl<'s> Walk<'s> {
    /// A walk over the tasks of a set whose keys come after a key.
    pub(super) fn new(snapshot: &'s Snapshot, ids: &'s RoaringBitmap, after: Option<&str>) -> Walk<'s> {
        let tasks = &snapshot.state.tasks;
        let in_order = tasks.in_order();
        let from = after.map_or(0, |after| tasks.first_after(after));
        let late_tasks = ids.range_cardinality(in_order..);
        let late = match late_tasks {
            0..=SORTED_EACH_TIME => {
                let comes_after = |key: &str| after.is_none_or(|after| compare_keys(key, after).is_gt());
                Late::Own(sorted_late(tasks, ids, comes_after).into_iter())
            }
            _ => Late::All(after.map_or_else(|| tasks.late(), |after| tasks.late_after(after)).iter(), ids),
        };
        let early = ids.range(from..in_order.max(from));
        let late_left = if after.is_none() { late_tasks as usize } else { 0 };
        let mut walk = Walk {
            snapshot,
            early,
            ahead: [None; AHEAD],
            next: 0,
            found: 0,
            late,
            next_late: None,
            late_left,
            with_units: false,
        };
        walk.next_late = walk.take_late();
        walk
    }

    /// The same walk for a caller that lists the units of the tasks.
    pub(super) fn with_units(self) -> Walk<'s> {
        Walk { with_units: true, ..self }
    }

    #[inline]
    fn next(&mut self) -> Option<Record<'s>> {
        if self.next == self.found {
            self.look_ahead();
        }
        let early = self.ahead.get(self.next).copied().flatten().filter(|_| self.next < self.found);
        if self.next_late.is_some() && self.is_late_first(early) {
            let next = self.take_late();
            self.late_left = self.late_left.saturating_sub(1);
            return std::mem::replace(&mut self.next_late, next);
        }
        self.next += usize::from(early.is_some());
        early
    }

    #[cold]
    fn is_late_first(&self, early: Option<Record<'_>>) -> bool {
        early.zip(self.next_late).is_none_or(|(early, late)| compare_keys(late.key(), early.key()).is_lt())
    }

    #[cold]
    fn take_late(&mut self) -> Option<Record<'s>> {
        let id = match &mut self.late {
            Late::Own(ids) => ids.next(),
            Late::All(ids, set) => ids.find(|id| set.contains(**id)).copied(),
        };
        self.snapshot.state.tasks.record(id?)
    }

    fn look_ahead(&mut self) {
        (self.next, self.found) = (0, 0);
        let tasks = &self.snapshot.state.tasks;
        let records = self.early.by_ref().take(AHEAD).filter_map(|id| tasks.record(id));
        for (slot, record) in self.ahead.iter_mut().zip(records) {
            *slot = Some(record);
            self.found += 1;
        }
        // First all heads, then all units, if they are listed: the loads from memory of each pass overlap.
        let ahead = || self.ahead.iter().take(self.found).flatten();
        let is_assigned: usize = ahead().map(|record| usize::from(record.is_assigned())).sum();
        std::hint::black_box(is_assigned);
        if self.with_units {
            ahead().for_each(|record| record.touch());
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let early = self.early.len() + self.found - self.next;
        let next = usize::from(self.next_late.is_some());
        match &self.late {
            Late::Own(ids) => (early + next + ids.len(), Some(early + next + ids.len())),
            // How many of all late tasks are in the set is known only for a walk from the beginning.
            Late::All(..) if self.late_left > 0 => (early + self.late_left, Some(early + self.late_left)),
            Late::All(ids, _) => (early + next, Some(early + next + ids.len())),
        }
    }
}

/// The tasks of a set that came out of key order and whose keys pass, sorted by key.
pub(super) fn sorted_late(tasks: &Tasks, ids: &RoaringBitmap, passes: impl Fn(&str) -> bool) -> Vec<TaskId> {
    let late = ids.range(tasks.in_order()..).filter_map(|id| Some((tasks.record(id)?.key(), id)));
    let mut late: Vec<(&str, TaskId)> = late.filter(|(key, _)| passes(key)).collect();
    late.sort_unstable_by(|a, b| compare_keys(a.0, b.0));
    late.into_iter().map(|(_, id)| id).collect()
}
