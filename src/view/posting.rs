//! The tasks that one unit leads, or supports: a bitmap, perhaps their keys in a row, and a short list of changes.
//! Knows nothing of what the numbers stand for.

use std::sync::Arc;

use roaring::RoaringBitmap;

use crate::id::TaskId;

use super::keylist::{Change, KeyList, KeyListIter};

/// How many changes wait beside the bitmap before they are merged into it: so many, and one more for each `SHARE`
/// numbers in it, so that what a merge copies is paid for by as many changes.
const WAITING: usize = 32;
const SHARE: usize = 1_024;

/// A persistent set of task numbers. A change copies the short list; every so often it copies the bitmap.
#[derive(Clone, Default)]
pub(crate) struct Posting {
    base: Arc<RoaringBitmap>,
    /// The keys of the tasks in `base`, in the order of their numbers, where they are kept.
    keys: Option<Arc<KeyList>>,
    /// Sorted numbers whose membership is the opposite of what `base` says.
    toggled: Option<Arc<Vec<TaskId>>>,
    len: u32,
}

impl Posting {
    pub(crate) fn from_sorted(ids: &[TaskId]) -> Posting {
        let base =
            RoaringBitmap::from_sorted_iter(ids.iter().copied()).unwrap_or_else(|_| ids.iter().copied().collect());
        // A copy has no room for more: what grew has up to twice of what it needs.
        Posting { len: base.len() as u32, base: Arc::new(base.clone()), keys: None, toggled: None }
    }

    /// The same, keeping the keys of the tasks beside their numbers.
    pub(crate) fn with_keys(self, keys: KeyList) -> Posting {
        Posting { keys: Some(Arc::new(keys)), ..self }
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

    /// Puts a number in that isn't there, or takes one out that is. `key_of` tells the keys of tasks.
    pub(crate) fn toggle<'k>(&mut self, id: TaskId, present_after: bool, key_of: impl Fn(TaskId) -> &'k str) {
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
            let named = |change: Change<TaskId>| Change {
                place: change.place,
                listed: change.listed,
                key: if change.listed { "" } else { key_of(change.key) },
            };
            let changes: Vec<Change<&str>> = self.changes().into_iter().map(named).collect();
            self.keys = Some(Arc::new(keys.with(&changes)));
        }
        let base = Arc::make_mut(&mut self.base);
        self.toggled.take().iter().flat_map(|toggled| toggled.iter()).for_each(|id| flip(base, *id));
    }

    /// What was toggled, as changes to the list of keys.
    fn changes(&self) -> Vec<Change<TaskId>> {
        let change = |id: &TaskId| {
            let listed = self.base.contains(*id);
            Change { place: self.base.rank(*id) as usize - usize::from(listed), listed, key: *id }
        };
        self.toggled().iter().map(change).collect()
    }

    /// The numbers as one bitmap: shared when no change waits, else made anew.
    pub(crate) fn ids(&self) -> Arc<RoaringBitmap> {
        if self.toggled().is_empty() {
            return Arc::clone(&self.base);
        }
        let mut ids = RoaringBitmap::clone(&self.base);
        self.toggled().iter().for_each(|id| flip(&mut ids, *id));
        Arc::new(ids)
    }

    /// The keys of the tasks in the order of their numbers, if they are kept.
    pub(crate) fn keys(&self) -> Option<PostingKeys<'_>> {
        let (keys, mut changes) = (self.keys.as_ref()?.iter(), self.changes().into_iter());
        Some(PostingKeys { keys, place: 0, change: changes.next(), changes })
    }

    /// Whether nothing changed between two versions, told by what they share.
    pub(crate) fn is_same_as(&self, older: &Posting) -> bool {
        let toggled = match (&self.toggled, &older.toggled) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            (None, None) => true,
            _ => self.toggled().is_empty() && older.toggled().is_empty(),
        };
        toggled && Arc::ptr_eq(&self.base, &older.base)
    }

    /// About how many bytes of memory it takes.
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

/// The keys of a posting, as its list has them, and in place the numbers of tasks that wait to be put into it.
#[derive(Clone)]
pub(crate) struct PostingKeys<'p> {
    keys: KeyListIter<'p>,
    place: usize,
    /// The next change.
    change: Option<Change<TaskId>>,
    changes: std::vec::IntoIter<Change<TaskId>>,
}

/// A task of a posting: by its key, or by its number where the key is not in the list.
pub(crate) enum Listed<'p> {
    Key(&'p str),
    Number(TaskId),
}

impl<'p> Iterator for PostingKeys<'p> {
    type Item = Listed<'p>;

    #[inline]
    fn next(&mut self) -> Option<Listed<'p>> {
        while let Some(change) = self.change.filter(|change| change.place == self.place) {
            self.change = self.changes.next();
            if !change.listed {
                return Some(Listed::Number(change.key));
            }
            self.place += 1;
            self.keys.next();
        }
        self.place += 1;
        self.keys.next().map(Listed::Key)
    }

    #[inline]
    fn fold<B, F: FnMut(B, Listed<'p>) -> B>(mut self, from: B, mut each: F) -> B {
        let mut so_far = from;
        while self.change.is_some() {
            let Some(listed) = self.next() else { return so_far };
            so_far = each(so_far, listed);
        }
        self.keys.fold(so_far, |so_far, key| each(so_far, Listed::Key(key)))
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
        let mut posting = Posting::default().with_keys(KeyList::default());
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
        for (posting, model) in &versions {
            assert!(posting.ids().iter().eq(model.iter().copied()));
            assert_eq!(posting.len(), model.len());
            assert!((0..97).all(|id| posting.contains(id) == model.contains(&id)));
            let keys = posting.keys().unwrap().map(|listed| match listed {
                Listed::Key(key) => key,
                Listed::Number(id) => key_of(id),
            });
            assert!(keys.eq(model.iter().map(|id| key_of(*id))));
        }
    }
}
