//! All tasks of one state: found by key, walked by number, listed in the order of keys. Knows nothing of unit names.
//!
//! Invariant: within one numbering (`State::numbering`) a key keeps its number, also after its task was removed. So older
//! task sets stay valid, and a task that is created again gets its old number. The keys of the numbers below `in_order`
//! are in key order.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use foldhash::fast::RandomState;
use roaring::RoaringBitmap;

use super::hash_index::{HashIndex, hash};
use super::posting_list::PostingList;
use super::record::{Record, TaskFacts};
use super::records::Records;
use crate::id::{Revision, TaskId};
use crate::order::compare_bytes;

/// Keys that are looked up together: 16 look-ups keep as many loads from memory under way as the processor has.
const TOGETHER: usize = 16;

/// Buckets of 64 lines, 4 KiB, with 480 keys on average, 64 to a chunk: a million tasks have 2,000 buckets and 33 chunks.
const CHUNK: usize = 64;
const LINES: usize = 64;

/// The tasks of one state. See the head of this file.
#[derive(Clone, Default)]
pub(crate) struct Tasks {
    records: Records,
    index: HashIndex<CHUNK, LINES>,
    hasher: RandomState,
    /// The numbers of keys whose tasks were removed, and of known tasks without a lead.
    removed: PostingList,
    vacant: PostingList,
    in_order: TaskId,
    late: LateOrder,
}

/// The numbers from `in_order` on, sorted by key: made when first asked for, from what an older state knew.
#[derive(Default)]
struct LateOrder {
    known: Arc<SortedIds>,
    complete: OnceLock<Arc<SortedIds>>,
}

/// Numbers below `end`, sorted by key.
#[derive(Default)]
struct SortedIds {
    ids: Vec<TaskId>,
    end: TaskId,
}

impl Clone for LateOrder {
    fn clone(&self) -> LateOrder {
        let known = self.complete.get().unwrap_or(&self.known);
        LateOrder { known: Arc::clone(known), complete: OnceLock::new() }
    }
}

impl Tasks {
    /// Makes the tasks of records whose keys are distinct.
    pub(crate) fn of(records: Records) -> Tasks {
        let hasher = RandomState::default();
        let mut hashes = Vec::with_capacity(records.len());
        let (mut removed, mut vacant) = (Vec::new(), Vec::new());
        let mut in_order = 0;
        let mut last: &[u8] = &[];
        (0..).zip(records.iter()).for_each(|(id, record)| {
            let key = record.key_bytes();
            hashes.push(hash(&hasher, key));
            if !record.is_assigned() {
                if record.is_known() { &mut vacant } else { &mut removed }.push(id);
            }
            if in_order == id && (id == 0 || compare_bytes(last, key).is_lt()) {
                in_order = id + 1;
                last = key;
            }
        });
        let (removed, vacant) = (PostingList::from_sorted(&removed), PostingList::from_sorted(&vacant));
        let index = HashIndex::of(&hashes);
        Tasks { records, index, hasher, removed, vacant, in_order, late: LateOrder::default() }
    }

    /// How many keys have a number, also those of removed tasks.
    pub(crate) fn numbered(&self) -> usize {
        self.records.len()
    }

    /// How many tasks are known.
    pub(crate) fn known(&self) -> usize {
        self.records.len() - self.removed.len()
    }

    /// How many tasks are known and have no lead.
    pub(crate) fn vacant(&self) -> usize {
        self.vacant.len()
    }

    /// How many tasks came out of key order.
    pub(crate) fn out_of_order(&self) -> usize {
        self.records.len() - self.in_order as usize
    }

    /// The number of a key, also of a task that was removed.
    #[inline]
    pub(crate) fn find(&self, key: &str) -> Option<TaskId> {
        let key = key.as_bytes();
        self.index.find(hash(&self.hasher, key), |id| match self.record(id) {
            Some(record) if record.has_key(key) => Some(id),
            _ => None,
        })
    }

    /// The number of a key, if its task is known.
    pub(crate) fn find_known(&self, key: &str) -> Option<TaskId> {
        self.find(key).filter(|id| self.record(*id).is_some_and(Record::is_known))
    }

    /// The record of a key, if its task is known.
    #[inline]
    pub(crate) fn known_record(&self, key: &str) -> Option<Record<'_>> {
        self.known_under(hash(&self.hasher, key.as_bytes()), key.as_bytes())
    }

    #[inline]
    fn known_under(&self, hash: u64, key: &[u8]) -> Option<Record<'_>> {
        self.index.find(hash, |id| match self.record(id) {
            Some(record) if record.is_known_under(key) => Some(record),
            _ => None,
        })
    }

    /// The same for many keys, in their order. Each step is taken for [`TOGETHER`] of them before the next one, so that
    /// their loads from memory overlap; those of their units too, if they are asked for.
    pub(crate) fn known_records<'t, K: AsRef<str>>(
        &'t self,
        keys: &[K],
        with_units: bool,
        mut each: impl FnMut(Option<Record<'t>>),
    ) {
        let (mut hashes, mut guesses) = ([0; TOGETHER], [None; TOGETHER]);
        for keys in keys.chunks(TOGETHER) {
            let keys = || keys.iter().map(|key| key.as_ref().as_bytes());
            hashes.iter_mut().zip(keys()).for_each(|(slot, key)| *slot = hash(&self.hasher, key));
            let ids = hashes.map(|hash| self.index.guess(hash));
            for (slot, id) in guesses.iter_mut().zip(ids) {
                *slot = id.and_then(|id| self.record(id));
                std::hint::black_box(slot.is_some_and(Record::is_known));
            }
            if with_units {
                guesses.iter().flatten().for_each(|record| record.touch());
            }
            for ((key, hash), guess) in keys().zip(hashes).zip(guesses) {
                let right = guess.filter(|record| record.is_known_under(key));
                each(right.or_else(|| self.known_under(hash, key)));
            }
        }
    }

    #[inline]
    pub(crate) fn record(&self, id: TaskId) -> Option<Record<'_>> {
        self.records.get(id)
    }

    /// The key of a number that there is.
    pub(crate) fn key(&self, id: TaskId) -> &str {
        let record = self.record(id);
        debug_assert!(record.is_some(), "task {id} is there");
        record.map_or("", Record::key)
    }

    pub(crate) fn records(&self) -> &Records {
        &self.records
    }

    /// The revision that last changed a task, also one that removed it; 0 for a key that has no record.
    pub(crate) fn changed(&self, key: &str) -> Revision {
        self.find(key).and_then(|id| self.record(id)).map_or(0, Record::changed)
    }

    /// Whether there are records of removed tasks.
    pub(super) fn has_removed(&self) -> bool {
        self.removed.len() > 0
    }

    /// Sets the facts of a task whose number the caller has looked up. Returns its number.
    pub(super) fn put(&mut self, found: Option<TaskId>, facts: TaskFacts<'_>) -> TaskId {
        let Some(id) = found else {
            return self.add(facts);
        };
        let was = self.record(id).map(Standing::of);
        self.count(id, was, Standing::after(facts));
        self.records.set(id, facts);
        id
    }

    /// Moves a number between the lists of removed and of vacant tasks.
    fn count(&mut self, id: TaskId, was: Option<Standing>, is: Standing) {
        for (list, standing) in [(&mut self.removed, Standing::Removed), (&mut self.vacant, Standing::Vacant)] {
            if (was == Some(standing)) != (is == standing) {
                list.toggle(id, is == standing, |_| "");
            }
        }
    }

    fn add(&mut self, facts: TaskFacts<'_>) -> TaskId {
        let key = facts.key;
        let last = self.records.len().checked_sub(1).and_then(|last| self.record(last as TaskId));
        let follows = last.is_none_or(|last| compare_bytes(last.key_bytes(), key.as_bytes()).is_lt());
        let id = self.records.push(facts);
        if self.in_order == id && follows {
            self.in_order = id + 1;
        }
        if self.late.complete.get().is_some() {
            // It lacks the new number.
            self.late = self.late.clone();
        }
        self.count(id, None, Standing::after(facts));
        let (hasher, records) = (&self.hasher, &self.records);
        let hash_of = |id| hash(hasher, key_bytes(records, id));
        self.index.insert(hash(hasher, key.as_bytes()), id, hash_of);
        id
    }

    /// The numbers of all known tasks.
    pub(crate) fn all(&self) -> RoaringBitmap {
        self.only_known(0..self.records.len() as TaskId)
    }

    /// The numbers of the known tasks without a lead.
    pub(crate) fn vacant_ids(&self) -> Arc<RoaringBitmap> {
        self.vacant.ids()
    }

    /// Those of some numbers whose tasks are known.
    pub(crate) fn known_among(&self, ids: &RoaringBitmap) -> RoaringBitmap {
        ids - &*self.removed.ids()
    }

    fn only_known(&self, range: Range<TaskId>) -> RoaringBitmap {
        let mut ids = RoaringBitmap::new();
        ids.insert_range(range);
        self.known_among(&ids)
    }

    /// The numbers of the known tasks whose keys begin with `prefix`: a binary search among those in key order,
    /// a look at each of the others.
    pub(crate) fn under(&self, prefix: &str) -> RoaringBitmap {
        let prefix = prefix.as_bytes();
        // A prefix that ends in a digit is not one range of the key order (`a1` and `a10`, but `a2` between): the
        // part before the digits is.
        let digits = prefix.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
        let (stem, _) = prefix.split_at(prefix.len() - digits);
        let from = self.first(0..self.in_order, |key| compare_bytes(key, stem).is_ge());
        let to = self.first(from..self.in_order, |key| !key.starts_with(stem));
        let mut ids = if digits == 0 {
            self.only_known(from..to)
        } else {
            (from..to).filter(|id| self.begins_with(*id, prefix)).collect()
        };
        let late = self.in_order..self.records.len() as TaskId;
        ids.extend(late.filter(|id| self.begins_with(*id, prefix)));
        ids
    }

    fn begins_with(&self, id: TaskId, prefix: &[u8]) -> bool {
        self.record(id).is_some_and(|record| record.is_known() && record.key_bytes().starts_with(prefix))
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

    /// The first number, among those in key order, whose key is `key` or comes after it.
    pub(crate) fn first_at(&self, key: &str) -> TaskId {
        self.first(0..self.in_order, |other| compare_bytes(other, key.as_bytes()).is_ge())
    }

    /// The first number whose key came out of key order.
    pub(crate) fn in_order(&self) -> TaskId {
        self.in_order
    }

    /// The numbers of the keys that came out of key order, sorted by key. The first call on a state sorts those that no
    /// older state has sorted.
    pub(crate) fn late(&self) -> &[TaskId] {
        &self.late.complete.get_or_init(|| self.sort_late()).ids
    }

    /// Those of them whose keys come before `key`.
    pub(crate) fn late_before(&self, key: &str) -> &[TaskId] {
        let late = self.late();
        let before = |id: &TaskId| compare_bytes(key_bytes(&self.records, *id), key.as_bytes()).is_lt();
        late.split_at(late.partition_point(before)).0
    }

    /// Those of them whose keys come after `key`.
    pub(crate) fn late_after(&self, key: &str) -> &[TaskId] {
        let late = self.late();
        let before = |id: &TaskId| compare_bytes(key_bytes(&self.records, *id), key.as_bytes()).is_le();
        late.split_at(late.partition_point(before)).1
    }

    fn sort_late(&self) -> Arc<SortedIds> {
        let known = &self.late.known;
        let end = self.records.len() as TaskId;
        if known.end == end {
            return Arc::clone(known);
        }
        let key = |id: TaskId| key_bytes(&self.records, id);
        let fresh = known.end.max(self.in_order)..end;
        let mut fresh: Vec<(&[u8], TaskId)> = fresh.map(|id| (key(id), id)).collect();
        fresh.sort_unstable_by(|a, b| compare_bytes(a.0, b.0));
        let mut ids = Vec::with_capacity(known.ids.len() + fresh.len());
        let mut rest = known.ids.as_slice();
        for (fresh_key, id) in fresh {
            let (before, after) = rest.split_at(rest.partition_point(|id| compare_bytes(key(*id), fresh_key).is_lt()));
            ids.extend_from_slice(before);
            ids.push(id);
            rest = after;
        }
        ids.extend_from_slice(rest);
        Arc::new(SortedIds { ids, end })
    }

    /// Bytes of memory the tasks take, about.
    pub(crate) fn bytes(&self) -> usize {
        self.records.bytes() + self.index.bytes()
    }
}

/// The standing of a key that has a number.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Removed,
    Vacant,
    Assigned,
}

impl Standing {
    fn of(record: Record<'_>) -> Standing {
        match (record.is_known(), record.is_assigned()) {
            (false, _) => Standing::Removed,
            (true, false) => Standing::Vacant,
            (true, true) => Standing::Assigned,
        }
    }

    fn after(facts: TaskFacts<'_>) -> Standing {
        match facts.image.map(|image| image.members.first().is_some_and(|first| first.is_lead())) {
            None => Standing::Removed,
            Some(false) => Standing::Vacant,
            Some(true) => Standing::Assigned,
        }
    }
}

fn key_bytes(records: &Records, id: TaskId) -> &[u8] {
    let record = records.get(id);
    debug_assert!(record.is_some(), "number {id} has a record");
    record.map_or(&[], Record::key_bytes)
}

#[cfg(test)]
mod tests {
    use super::super::change::TaskImage;
    use super::super::member::led;
    use super::super::record::OwnedRecord;
    use super::*;
    use crate::id::UnitId;

    fn put(tasks: &mut Tasks, key: &str, units: &[UnitId]) {
        set(tasks, key, Some(&led(units)));
    }

    fn set(tasks: &mut Tasks, key: &str, members: Option<&[super::super::member::Member]>) {
        let image = members.map(|members| TaskImage { members, detail: 0 });
        tasks.put(tasks.find(key), TaskFacts { key, image, changed: 1 });
    }

    fn keys_under(tasks: &Tasks, prefix: &str) -> Vec<String> {
        tasks.under(prefix).iter().map(|id| tasks.record(id).unwrap().key().to_owned()).collect()
    }

    #[test]
    fn a_prefix_finds_tasks_in_order_and_late_ones_alike() {
        let mut tasks = Tasks::default();
        for key in ["a/1/1", "a/1/2", "a/2", "a/10", "b", "a/1/3", "a/3"] {
            put(&mut tasks, key, &[0]);
        }
        assert_eq!(tasks.out_of_order(), 2);
        assert_eq!(keys_under(&tasks, "a/1/"), ["a/1/1", "a/1/2", "a/1/3"]);
        assert_eq!(keys_under(&tasks, "a/1"), ["a/1/1", "a/1/2", "a/10", "a/1/3"]);
        assert_eq!(keys_under(&tasks, "").len(), 7);
        assert!(keys_under(&tasks, "c").is_empty());
        set(&mut tasks, "a/1/2", None);
        assert_eq!(keys_under(&tasks, "a/1/"), ["a/1/1", "a/1/3"]);
        assert_eq!((tasks.known(), tasks.numbered(), tasks.all().len()), (6, 7, 6));
        put(&mut tasks, "a/1/1", &[]);
        assert_eq!(keys_under(&tasks, "a/1/"), ["a/1/1", "a/1/3"], "a vacant task is known");
        assert_eq!((tasks.known(), tasks.vacant(), tasks.vacant_ids().len()), (6, 1, 1));
        set(&mut tasks, "a/1/1", None);
        assert_eq!((tasks.known(), tasks.vacant()), (5, 0));
        put(&mut tasks, "a/1/1", &[3]);
        assert_eq!((tasks.known(), tasks.vacant()), (6, 0));
    }

    #[test]
    fn tasks_made_of_records_are_those_put_one_by_one() {
        let keys = ["x/1", "x/2", "x/10", "w", "y"];
        let mut one_by_one = Tasks::default();
        for key in keys {
            put(&mut one_by_one, key, &[1, 2]);
        }
        let owned = keys.map(|key| OwnedRecord { key: key.to_owned(), image: Some((led(&[1, 2]), 0)), changed: 1 });
        let made = Tasks::of(owned.iter().collect());
        for tasks in [&one_by_one, &made] {
            assert_eq!(tasks.in_order(), 3);
            assert_eq!(tasks.find("w"), Some(3));
            assert_eq!(tasks.find("v"), None);
            assert_eq!((tasks.first_after("x/2"), tasks.first_after("x/3"), tasks.first_after("z")), (2, 2, 3));
        }
    }

    #[test]
    fn late_keys_are_sorted_once_and_later_ones_merged_in() {
        let mut tasks = Tasks::default();
        let mut model = Vec::new();
        for n in [5, 900, 3, 70, 4, 1, 60, 2, 800, 6] {
            put(&mut tasks, &format!("t/{n}"), &[0]);
            if n != 5 && n != 900 {
                model.push(n);
                model.sort_unstable();
            }
            let older = tasks.clone();
            let keys: Vec<&str> = tasks.late().iter().map(|id| tasks.record(*id).unwrap().key()).collect();
            assert_eq!(keys, model.iter().map(|n| format!("t/{n}")).collect::<Vec<_>>());
            assert_eq!(tasks.late_after("t/4").len(), model.iter().filter(|n| **n > 4).count());
            assert_eq!(older.late(), tasks.late());
        }
    }
}
