//! The posting list of one unit in one role: a bitmap of task numbers, perhaps the keys of those tasks in a row, and a
//! short list of waiting changes. Knows nothing of what the numbers mean.
//!
//! Invariant: a number is in the list if it is in `base` or in `toggled`, but not in both; `toggled` is sorted; `keys`
//! has the keys of `base` in the order of their numbers.
//! Cost: a change copies the short list; every `WAITING + len / SHARE` changes it copies bitmap and keys.

use std::sync::Arc;

use roaring::RoaringBitmap;

use crate::id::TaskId;

use super::key_list::{KeyList, KeyListIter, ListEdit};

/// Changes are merged into the bitmap after `WAITING` of them, and one more per `SHARE` numbers in it, so that the
/// copying is amortised.
const WAITING: usize = 32;
const SHARE: usize = 1_024;

/// A persistent set of task numbers.
#[derive(Clone, Default)]
pub(crate) struct PostingList {
    base: Arc<RoaringBitmap>,
    keys: Option<Arc<KeyList>>,
    toggled: Option<Arc<Vec<TaskId>>>,
    len: u32,
}

impl PostingList {
    pub(crate) fn from_sorted(ids: &[TaskId]) -> PostingList {
        if ids.is_empty() {
            return PostingList::default();
        }
        let base = RoaringBitmap::from_sorted_iter(ids.iter().copied());
        debug_assert!(base.is_ok(), "the numbers rise");
        let base = base.unwrap_or_else(|_| RoaringBitmap::from_iter(ids));
        // A bitmap that grew has up to twice the room that it needs; a copy has no spare room.
        PostingList { len: base.len() as u32, base: Arc::new(base.clone()), keys: None, toggled: None }
    }

    /// Keeps the keys of the tasks with their numbers.
    pub(crate) fn with_keys(self, keys: KeyList) -> PostingList {
        PostingList { keys: Some(Arc::new(keys)), ..self }
    }

    pub(crate) fn len(&self) -> usize {
        self.len as usize
    }

    fn toggled(&self) -> &[TaskId] {
        self.toggled.as_ref().map_or(&[], |toggled| toggled)
    }

    #[cfg(test)]
    pub(crate) fn contains(&self, id: TaskId) -> bool {
        self.base.contains(id) != self.toggled().binary_search(&id).is_ok()
    }

    /// Adds a number that is not in the list, or removes one that is. `key_of` returns the keys of tasks.
    pub(crate) fn toggle<'k>(&mut self, id: TaskId, present_after: bool, key_of: impl Fn(TaskId) -> &'k str) {
        debug_assert!(present_after || self.len > 0, "there is something to remove");
        self.len = if present_after { self.len + 1 } else { self.len.saturating_sub(1) };
        let waiting = Arc::make_mut(self.toggled.get_or_insert_default());
        match waiting.binary_search(&id) {
            Ok(at) => drop(waiting.remove(at)),
            Err(at) => waiting.insert(at, id),
        }
        if waiting.len() > WAITING + self.len() / SHARE {
            self.merge(key_of);
        }
    }

    fn merge<'k>(&mut self, key_of: impl Fn(TaskId) -> &'k str) {
        if let Some(keys) = &self.keys {
            let edit = |id: &TaskId| {
                let listed = self.base.contains(*id);
                let place = self.base.rank(*id) as usize - usize::from(listed);
                ListEdit { place, added: (!listed).then(|| key_of(*id)) }
            };
            let edits: Vec<ListEdit<'_>> = self.toggled().iter().map(edit).collect();
            self.keys = Some(Arc::new(keys.with(&edits)));
        }
        let base = Arc::make_mut(&mut self.base);
        self.toggled.take().iter().flat_map(|toggled| toggled.iter()).for_each(|id| flip(base, *id));
    }

    /// The numbers as one bitmap: shared when no change waits, else made for the call.
    pub(crate) fn ids(&self) -> Arc<RoaringBitmap> {
        if self.toggled().is_empty() {
            return Arc::clone(&self.base);
        }
        let mut ids = RoaringBitmap::clone(&self.base);
        self.toggled().iter().for_each(|id| flip(&mut ids, *id));
        Arc::new(ids)
    }

    /// The keys of the tasks in the order of their numbers, if they are kept and no change waits.
    pub(crate) fn keys(&self) -> Option<KeyListIter<'_>> {
        self.toggled().is_empty().then(|| Some(self.keys.as_ref()?.iter())).flatten()
    }

    /// Bytes of memory it takes, about.
    pub(crate) fn bytes(&self) -> usize {
        let statistics = self.base.statistics();
        let containers = statistics.n_bytes_array_containers
            + statistics.n_bytes_bitset_containers
            + statistics.n_bytes_run_containers;
        let keys = self.keys.as_ref().map_or(0, |keys| keys.bytes());
        containers as usize + statistics.n_containers as usize * 32 + keys + self.toggled().len() * 4
    }
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

    #[test]
    fn thousands_of_toggles_leave_every_version_as_it_was() {
        let names: Vec<String> = (0..997).map(|id| format!("plan/{id}")).collect();
        let key_of = |id: TaskId| names[id as usize].as_str();
        let mut model = BTreeSet::new();
        let mut posting = PostingList::default().with_keys(KeyList::default());
        let mut versions = Vec::new();
        for step in 0..5_000_u32 {
            let id = step.wrapping_mul(7_919) % if step % 2 == 0 { 97 } else { 997 };
            let present = model.insert(id);
            if !present {
                model.remove(&id);
            }
            posting.toggle(id, present, key_of);
            if step % 11 == 0 {
                versions.push((posting.clone(), model.clone()));
            }
        }
        let mut merged = 0;
        for (posting, model) in &versions {
            assert!(posting.ids().iter().eq(model.iter().copied()));
            assert_eq!(posting.len(), model.len());
            assert!((0..97).all(|id| posting.contains(id) == model.contains(&id)));
            assert_eq!(posting.keys().is_some(), posting.toggled().is_empty());
            if let Some(keys) = posting.keys() {
                merged += 1;
                assert!(keys.eq(model.iter().map(|id| key_of(*id))));
            }
        }
        assert!(merged >= 5, "{merged}");
    }
}
