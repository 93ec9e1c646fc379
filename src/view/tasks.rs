//! All tasks of one version: found by key, walked by number, listed in the order of keys.
//! Knows nothing of unit names.

use std::ops::Range;

use foldhash::fast::RandomState;
use roaring::RoaringBitmap;

use super::names::{Names, hash};
use super::posting::Posting;
use super::record::Record;
use super::records::Records;
use crate::id::{DetailId, TaskId, UnitId};
use crate::order::compare_bytes;

/// How many keys are looked up together.
const TOGETHER: usize = 16;

/// The tasks of one version.
///
/// A key keeps its number for good, also when its task is unassigned: the numbers of older task sets stay true, and
/// a task that returns has its old place.
#[derive(Clone, Default)]
pub(crate) struct Tasks {
    records: Records,
    names: Names,
    hasher: RandomState,
    unassigned: Posting,
    /// Keys of the numbers below this one stand in key order; later ones came as they came.
    in_order: TaskId,
}

impl Tasks {
    /// Makes the tasks of records whose keys are distinct.
    pub(crate) fn of(records: Records) -> Tasks {
        let hasher = RandomState::default();
        let mut hashes = Vec::with_capacity(records.len());
        let mut unassigned = Vec::new();
        let mut in_order = 0;
        let mut last: &[u8] = &[];
        (0..).zip(records.iter()).for_each(|(id, record)| {
            let key = record.key_bytes();
            hashes.push(hash(&hasher, key));
            if !record.is_assigned() {
                unassigned.push(id);
            }
            if in_order == id && (id == 0 || compare_bytes(last, key).is_lt()) {
                in_order = id + 1;
                last = key;
            }
        });
        let unassigned = Posting::from_sorted(&unassigned);
        let names = Names::of(&hashes);
        Tasks { records, names, hasher, unassigned, in_order }
    }

    /// How many keys have a number, assigned or not.
    pub(crate) fn numbered(&self) -> usize {
        self.records.len()
    }

    pub(crate) fn assigned(&self) -> usize {
        self.records.len() - self.unassigned.len()
    }

    /// How many tasks came out of key order.
    pub(crate) fn out_of_order(&self) -> usize {
        self.records.len() - self.in_order as usize
    }

    /// The number of a key, also while its task is unassigned.
    #[inline]
    pub(crate) fn find(&self, key: &str) -> Option<TaskId> {
        let key = key.as_bytes();
        self.names.find(hash(&self.hasher, key), |id| match self.record(id) {
            Some(record) if record.has_key(key) => Some(id),
            _ => None,
        })
    }

    /// The record of a key, if its task is assigned.
    #[inline]
    pub(crate) fn assigned_record(&self, key: &str) -> Option<Record<'_>> {
        self.assigned_under(hash(&self.hasher, key.as_bytes()), key.as_bytes())
    }

    #[inline]
    fn assigned_under(&self, hash: u64, key: &[u8]) -> Option<Record<'_>> {
        self.names.find(hash, |id| match self.record(id) {
            Some(record) if record.is_assigned_under(key) => Some(record),
            _ => None,
        })
    }

    /// The same for many keys, in their order. Each step is taken for some of them before the next one, so that their
    /// memory arrives together.
    pub(crate) fn assigned_records<'t, K: AsRef<str>>(&'t self, keys: &[K], mut each: impl FnMut(Option<Record<'t>>)) {
        let (mut hashes, mut guesses) = ([0; TOGETHER], [None; TOGETHER]);
        for keys in keys.chunks(TOGETHER) {
            let keys = || keys.iter().map(|key| key.as_ref().as_bytes());
            hashes.iter_mut().zip(keys()).for_each(|(slot, key)| *slot = hash(&self.hasher, key));
            let ids = hashes.map(|hash| self.names.guess(hash));
            for (slot, id) in guesses.iter_mut().zip(ids) {
                *slot = id.and_then(|id| self.record(id));
                std::hint::black_box(slot.is_some_and(Record::is_assigned));
            }
            for ((key, hash), guess) in keys().zip(hashes).zip(guesses) {
                let right = guess.filter(|record| record.is_assigned_under(key));
                each(right.or_else(|| self.assigned_under(hash, key)));
            }
        }
    }

    #[inline]
    pub(crate) fn record(&self, id: TaskId) -> Option<Record<'_>> {
        self.records.get(id)
    }

    pub(crate) fn records(&self) -> &Records {
        &self.records
    }

    /// Sets a task's units and details; no units means that it is unassigned. Returns its number.
    pub(crate) fn put(&mut self, key: &str, units: &[UnitId], detail: DetailId) -> TaskId {
        let Some(id) = self.find(key) else {
            return self.add(key, units, detail);
        };
        let was_assigned = self.record(id).is_some_and(Record::is_assigned);
        if was_assigned == units.is_empty() {
            self.unassigned.toggle(id, was_assigned, |_| "");
        }
        self.records.set(id, key, units, detail);
        id
    }

    fn add(&mut self, key: &str, units: &[UnitId], detail: DetailId) -> TaskId {
        let last = self.records.len().checked_sub(1).and_then(|last| self.record(last as TaskId));
        let follows = last.is_none_or(|last| compare_bytes(last.key_bytes(), key.as_bytes()).is_lt());
        let id = self.records.push(key, units, detail);
        if self.in_order == id && follows {
            self.in_order = id + 1;
        }
        if units.is_empty() {
            self.unassigned.toggle(id, true, |_| "");
        }
        let (hasher, records) = (&self.hasher, &self.records);
        let hash_of = |id| hash(hasher, records.get(id).map_or(&[], Record::key_bytes));
        self.names.insert(hash(hasher, key.as_bytes()), id, hash_of);
        id
    }

    /// The numbers of all assigned tasks.
    pub(crate) fn all(&self) -> RoaringBitmap {
        self.only_assigned(0..self.records.len() as TaskId)
    }

    /// Those of some numbers whose tasks are assigned.
    pub(crate) fn assigned_among(&self, ids: &RoaringBitmap) -> RoaringBitmap {
        ids - &*self.unassigned.ids()
    }

    fn only_assigned(&self, range: Range<TaskId>) -> RoaringBitmap {
        let mut ids = RoaringBitmap::new();
        ids.insert_range(range);
        self.assigned_among(&ids)
    }

    /// The numbers of the assigned tasks whose keys begin with `prefix`: a binary search among those in key order,
    /// a look at each of the others.
    pub(crate) fn under(&self, prefix: &str) -> RoaringBitmap {
        let prefix = prefix.as_bytes();
        // A prefix that ends in a digit is not one range of the key order (`a1` and `a10`, but `a2` between): the
        // part before the digits is.
        let digits = prefix.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
        let stem = prefix.get(..prefix.len() - digits).unwrap_or_default();
        let from = self.first(0..self.in_order, |key| compare_bytes(key, stem).is_ge());
        let to = self.first(from..self.in_order, |key| !key.starts_with(stem));
        let mut ids = if digits == 0 {
            self.only_assigned(from..to)
        } else {
            (from..to).filter(|id| self.begins_with(*id, prefix)).collect()
        };
        let late = self.in_order..self.records.len() as TaskId;
        ids.extend(late.filter(|id| self.begins_with(*id, prefix)));
        ids
    }

    fn begins_with(&self, id: TaskId, prefix: &[u8]) -> bool {
        self.record(id).is_some_and(|record| record.is_assigned() && record.key_bytes().starts_with(prefix))
    }

    /// The first number of the range whose key has the property, where all keys after such a one have it too.
    fn first(&self, range: Range<TaskId>, has: impl Fn(&[u8]) -> bool) -> TaskId {
        let (mut from, mut to) = (range.start, range.end);
        while from < to {
            let middle = from + (to - from) / 2;
            if self.record(middle).is_some_and(|record| has(record.key_bytes())) {
                to = middle;
            } else {
                from = middle + 1;
            }
        }
        from
    }

    /// The first number, among those in key order, whose key comes after `key`.
    pub(crate) fn first_after(&self, key: &str) -> TaskId {
        self.first(0..self.in_order, |other| compare_bytes(other, key.as_bytes()).is_gt())
    }

    /// The numbers from which on keys came as they came.
    pub(crate) fn in_order(&self) -> TaskId {
        self.in_order
    }

    /// The numbers of the leaves that changed since an older version.
    pub(crate) fn changed_leaves(&self, older: &Tasks) -> Vec<usize> {
        self.records.changed_leaves(&older.records)
    }

    /// About how many bytes of memory the tasks take.
    pub(crate) fn bytes(&self) -> usize {
        self.records.bytes() + self.names.bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::super::record::OwnedRecord;
    use super::*;

    fn keys_under(tasks: &Tasks, prefix: &str) -> Vec<String> {
        tasks.under(prefix).iter().map(|id| tasks.record(id).unwrap().key().to_owned()).collect()
    }

    #[test]
    fn a_prefix_finds_tasks_in_order_and_late_ones_alike() {
        let mut tasks = Tasks::default();
        for key in ["a/1/1", "a/1/2", "a/2", "a/10", "b", "a/1/3", "a/3"] {
            tasks.put(key, &[0], 0);
        }
        assert_eq!(tasks.out_of_order(), 2);
        assert_eq!(keys_under(&tasks, "a/1/"), ["a/1/1", "a/1/2", "a/1/3"]);
        assert_eq!(keys_under(&tasks, "a/1"), ["a/1/1", "a/1/2", "a/10", "a/1/3"]);
        assert_eq!(keys_under(&tasks, "").len(), 7);
        assert!(keys_under(&tasks, "c").is_empty());
        tasks.put("a/1/2", &[], 0);
        assert_eq!(keys_under(&tasks, "a/1/"), ["a/1/1", "a/1/3"]);
        assert_eq!((tasks.assigned(), tasks.numbered(), tasks.all().len()), (6, 7, 6));
    }

    #[test]
    fn tasks_made_of_records_are_those_put_one_by_one() {
        let keys = ["x/1", "x/2", "x/10", "w", "y"];
        let mut put = Tasks::default();
        for key in keys {
            put.put(key, &[1, 2], 0);
        }
        let owned = keys.map(|key| OwnedRecord { key: key.to_owned(), units: vec![1, 2], detail: 0 });
        let made = Tasks::of(owned.iter().collect());
        for tasks in [&put, &made] {
            assert_eq!(tasks.in_order(), 3);
            assert_eq!(tasks.find("w"), Some(3));
            assert_eq!(tasks.find("v"), None);
            assert_eq!((tasks.first_after("x/2"), tasks.first_after("x/3"), tasks.first_after("z")), (2, 2, 3));
        }
    }
}
