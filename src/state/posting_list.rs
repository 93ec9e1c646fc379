//! The posting list of one unit in one role: a set of task numbers. Knows nothing of what the numbers mean.
//!
//! A short list is a sorted slice. A longer one is a bitmap with a few waiting changes. Both make a bitmap without waiting
//! changes, and the keys of their tasks in a row, when these are first asked for.
//!
//! Invariant: a list of at most [`FEW`] numbers is short unless it was longer before and has not been merged since. A number
//! is in a long list if it is in `base` or in `toggled`, but not in both; `toggled` is sorted; `keys` has the keys of the
//! slice, or of `base`, in the order of their numbers.
//! Cost: a change copies the short list, or the waiting changes; every `WAITING + len / SHARE` changes it copies bitmap and
//! keys.

use std::sync::{Arc, OnceLock};

use roaring::RoaringBitmap;

use crate::id::TaskId;

use super::key_list::{KeyList, KeyListBuilder, KeyListIter, ListEdit};

/// The most numbers of a short list: copying 256 bytes is cheaper than changing a bitmap, and half of the lists of a large
/// plan are shorter.
const FEW: usize = 64;
/// Changes are merged into the bitmap after `WAITING` of them, and one more per `SHARE` numbers in it, so that the
/// copying is amortised.
const WAITING: usize = 32;
const SHARE: usize = 1_024;

/// A persistent set of task numbers. Its length is here, so that counting does not wait for the list to come from memory.
#[derive(Clone, Default)]
pub(crate) enum PostingList {
    #[default]
    Empty,
    Few(u32, Arc<Few>),
    Many(u32, Arc<Many>),
}

/// A short list.
pub(crate) struct Few {
    /// Sorted.
    ids: Box<[TaskId]>,
    bitmap: OnceLock<Arc<RoaringBitmap>>,
    keys: OnceLock<Arc<KeyList>>,
}

/// A long list.
#[derive(Clone, Default)]
pub(crate) struct Many {
    base: Arc<RoaringBitmap>,
    toggled: Vec<TaskId>,
    keys: OnceLock<Arc<KeyList>>,
}

impl PostingList {
    pub(crate) fn from_sorted(ids: &[TaskId]) -> PostingList {
        match ids.len() {
            0 => PostingList::Empty,
            1..=FEW => {
                let few = Few { ids: ids.into(), bitmap: OnceLock::new(), keys: OnceLock::new() };
                PostingList::Few(ids.len() as u32, Arc::new(few))
            }
            _ => {
                // A bitmap that grew has up to twice the room that it needs; a copy has no spare room.
                let base = Arc::new(bitmap_of(ids).clone());
                PostingList::Many(ids.len() as u32, Arc::new(Many { base, ..Many::default() }))
            }
        }
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        match self {
            PostingList::Empty => 0,
            PostingList::Few(len, _) | PostingList::Many(len, _) => *len as usize,
        }
    }

    fn contains(&self, id: TaskId) -> bool {
        match self {
            PostingList::Empty => false,
            PostingList::Few(_, few) => few.ids.binary_search(&id).is_ok(),
            PostingList::Many(_, many) => many.base.contains(id) != many.toggled.binary_search(&id).is_ok(),
        }
    }

    /// Adds a number that is not in the list, or removes one that is. `key_of` returns the keys of tasks.
    pub(crate) fn toggle<'k>(&mut self, id: TaskId, present_after: bool, key_of: impl Fn(TaskId) -> &'k str) {
        debug_assert!(present_after || self.len() > 0, "there is something to remove");
        match self {
            PostingList::Empty => *self = PostingList::from_sorted(&[id]),
            PostingList::Few(_, few) => {
                let (before, after) = few.ids.split_at(few.ids.partition_point(|other| *other < id));
                let after = if present_after { after } else { after.split_first().map_or(after, |(_, after)| after) };
                let new = present_after.then_some(id);
                let ids: Vec<TaskId> = before.iter().copied().chain(new).chain(after.iter().copied()).collect();
                *self = PostingList::from_sorted(&ids);
            }
            PostingList::Many(len, many) => {
                *len = if present_after { *len + 1 } else { len.saturating_sub(1) };
                let many = Arc::make_mut(many);
                many.toggle(id);
                if many.toggled.len() > WAITING + *len as usize / SHARE {
                    many.merge(key_of);
                    if *len as usize <= FEW / 2 {
                        *self = PostingList::from_sorted(&many.base.iter().collect::<Vec<_>>());
                    }
                }
            }
        }
    }

    /// Adds those of some sorted numbers that are not in the list, and removes those that are. `key_of` returns the keys of
    /// tasks.
    pub(super) fn toggle_all<'k>(&mut self, sorted: &[TaskId], key_of: impl Fn(TaskId) -> &'k str) {
        /// A copy of a bitmap takes about as long as so many single changes.
        const ONE_BY_ONE: usize = 4;
        if sorted.len() <= ONE_BY_ONE {
            sorted.iter().for_each(|id| self.toggle(*id, !self.contains(*id), &key_of));
        } else {
            *self = self.toggled(sorted);
        }
    }

    fn toggled(&self, sorted: &[TaskId]) -> PostingList {
        let ids = &*self.ids() ^ &bitmap_of(sorted);
        match ids.len() {
            len if len <= FEW as u64 => PostingList::from_sorted(&ids.iter().collect::<Vec<_>>()),
            len => PostingList::Many(len as u32, Arc::new(Many { base: Arc::new(ids), ..Many::default() })),
        }
    }

    /// The numbers as one bitmap: shared, unless changes wait.
    pub(crate) fn ids(&self) -> Arc<RoaringBitmap> {
        match self {
            PostingList::Empty => Arc::default(),
            PostingList::Few(_, few) => Arc::clone(few.bitmap.get_or_init(|| Arc::new(bitmap_of(&few.ids)))),
            PostingList::Many(_, many) if many.toggled.is_empty() => Arc::clone(&many.base),
            PostingList::Many(_, many) => {
                let mut ids = RoaringBitmap::clone(&many.base);
                many.toggled.iter().for_each(|id| flip(&mut ids, *id));
                Arc::new(ids)
            }
        }
    }

    /// The keys of the tasks in the order of their numbers, if no change waits. The first call makes them with `key_of`.
    pub(crate) fn keys<'k>(&self, key_of: impl Fn(TaskId) -> &'k str) -> Option<KeyListIter<'_>> {
        let make = |ids: &mut dyn Iterator<Item = TaskId>| {
            let mut keys = KeyListBuilder::default();
            ids.for_each(|id| keys.push(key_of(id)));
            Arc::new(keys.finish())
        };
        match self {
            PostingList::Few(_, few) => Some(few.keys.get_or_init(|| make(&mut few.ids.iter().copied())).iter()),
            PostingList::Many(_, many) if many.toggled.is_empty() => {
                Some(many.keys.get_or_init(|| make(&mut many.base.iter())).iter())
            }
            PostingList::Empty | PostingList::Many(..) => None,
        }
    }

    /// Bytes of memory it takes besides its own, about.
    pub(crate) fn bytes(&self) -> usize {
        let keys = |keys: &OnceLock<Arc<KeyList>>| keys.get().map_or(0, |keys| keys.bytes());
        match self {
            PostingList::Empty => 0,
            PostingList::Few(_, few) => few.ids.len() * 4 + 64 + keys(&few.keys),
            PostingList::Many(_, many) => {
                let statistics = many.base.statistics();
                let containers = statistics.n_bytes_array_containers
                    + statistics.n_bytes_bitset_containers
                    + statistics.n_bytes_run_containers;
                let fixed = 120 + statistics.n_containers as usize * 32;
                containers as usize + fixed + keys(&many.keys) + many.toggled.len() * 4
            }
        }
    }
}

impl Many {
    fn toggle(&mut self, id: TaskId) {
        match self.toggled.binary_search(&id) {
            Ok(at) => drop(self.toggled.remove(at)),
            Err(at) => self.toggled.insert(at, id),
        }
    }

    fn merge<'k>(&mut self, key_of: impl Fn(TaskId) -> &'k str) {
        if let Some(keys) = self.keys.take() {
            let edit = |id: &TaskId| {
                let listed = self.base.contains(*id);
                let place = self.base.rank(*id) as usize - usize::from(listed);
                ListEdit { place, added: (!listed).then(|| key_of(*id)) }
            };
            let edits: Vec<ListEdit<'_>> = self.toggled.iter().map(edit).collect();
            self.keys = OnceLock::from(Arc::new(keys.with(&edits)));
        }
        let base = Arc::make_mut(&mut self.base);
        self.toggled.drain(..).for_each(|id| flip(base, id));
    }
}

fn bitmap_of(ids: &[TaskId]) -> RoaringBitmap {
    let bitmap = RoaringBitmap::from_sorted_iter(ids.iter().copied());
    debug_assert!(bitmap.is_ok(), "the numbers rise");
    bitmap.unwrap_or_else(|_| RoaringBitmap::from_iter(ids))
}

fn flip(ids: &mut RoaringBitmap, id: TaskId) {
    if !ids.remove(id) {
        ids.insert(id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// Numbers below 97 come and go every second step, others below `most` in between.
    fn check(most: u32, ask_every: u32) {
        let names: Vec<String> = (0..most).map(|id| format!("plan/{id}")).collect();
        let key_of = |id: TaskId| names[id as usize].as_str();
        let mut model = BTreeSet::new();
        let mut posting = PostingList::default();
        let mut versions = Vec::new();
        for step in 0..5_000_u32 {
            let id = step.wrapping_mul(7_919) % if step % 2 == 0 { 97.min(most) } else { most };
            let present = model.insert(id);
            if !present {
                model.remove(&id);
            }
            posting.toggle(id, present, key_of);
            if step % 11 == 0 {
                versions.push((posting.clone(), model.clone()));
            }
            if step % ask_every == 0 {
                let _ = posting.keys(key_of);
            }
        }
        let (mut listed, mut few) = (0, 0);
        for (posting, model) in &versions {
            assert!(posting.ids().iter().eq(model.iter().copied()));
            assert_eq!(posting.len(), model.len());
            assert!((0..most.min(97)).all(|id| posting.contains(id) == model.contains(&id)));
            assert!(
                posting.len() > FEW / 2
                    || matches!(posting, PostingList::Few(..) | PostingList::Empty)
                    || has_changes(posting)
            );
            few += usize::from(matches!(posting, PostingList::Few(..)));
            if let Some(keys) = posting.keys(key_of) {
                listed += 1;
                assert!(keys.eq(model.iter().map(|id| key_of(*id))));
            }
        }
        assert!(listed >= 5 && if most > 100 { few < 100 } else { few > 100 }, "{listed} {few}");
    }

    fn has_changes(posting: &PostingList) -> bool {
        matches!(posting, PostingList::Many(_, many) if !many.toggled.is_empty())
    }

    #[test]
    fn thousands_of_toggles_leave_every_version_as_it_was() {
        for most in [20, 97, 997] {
            [1, 13, 1_000].iter().for_each(|ask_every| check(most, *ask_every));
        }
    }

    #[test]
    fn many_numbers_are_toggled_at_once() {
        let mut random = fastrand::Rng::with_seed(5);
        let (mut posting, mut model) = (PostingList::default(), BTreeSet::new());
        for step in 0..200 {
            let sorted: BTreeSet<TaskId> =
                (0..random.u32(0..90)).map(|_| random.u32(0..[100, 70_000][step % 2])).collect();
            model = &model ^ &sorted;
            let older = posting.clone();
            let before: Vec<TaskId> = older.ids().iter().collect();
            posting.toggle_all(&sorted.into_iter().collect::<Vec<_>>(), |_| "");
            assert!(posting.ids().iter().eq(model.iter().copied()) && posting.len() == model.len());
            assert!(older.ids().iter().eq(before));
        }
    }

    #[test]
    fn a_list_grows_long_and_short_again() {
        let mut posting = PostingList::default();
        (0..1_000).for_each(|id| posting.toggle(id, true, |_| ""));
        assert!(matches!(posting, PostingList::Many(..)));
        let long = posting.clone();
        (0..995).for_each(|id| posting.toggle(id, false, |_| ""));
        assert!(posting.ids().iter().eq(995..1_000) && matches!(posting, PostingList::Few(..)));
        assert!(long.ids().iter().eq(0..1_000));
    }
}
