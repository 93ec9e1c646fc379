//! The tasks that one unit leads, or supports: a bitmap and a short list of changes to it.
//! Knows nothing of what the numbers stand for.

use std::sync::Arc;

use roaring::RoaringBitmap;

use crate::id::TaskId;

/// How many changes wait beside the bitmap before they are merged into it.
const WAITING: usize = 32;

/// A persistent set of task numbers. A change copies the short list; every so often it copies the bitmap.
#[derive(Clone, Default)]
pub(crate) struct Posting {
    base: Arc<RoaringBitmap>,
    /// Sorted numbers whose membership is the opposite of what `base` says.
    toggled: Option<Arc<Vec<TaskId>>>,
    len: u32,
}

impl Posting {
    pub(crate) fn from_sorted(ids: &[TaskId]) -> Posting {
        let base =
            RoaringBitmap::from_sorted_iter(ids.iter().copied()).unwrap_or_else(|_| ids.iter().copied().collect());
        // A copy has no room for more: what grew has up to twice of what it needs.
        Posting { len: base.len() as u32, base: Arc::new(base.clone()), toggled: None }
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

    /// Puts a number in that isn't there, or takes one out that is.
    pub(crate) fn toggle(&mut self, id: TaskId, present_after: bool) {
        self.len = if present_after { self.len + 1 } else { self.len.saturating_sub(1) };
        if self.toggled.is_none()
            && let Some(base) = Arc::get_mut(&mut self.base)
        {
            flip(base, id);
            return;
        }
        let waiting = Arc::make_mut(self.toggled.get_or_insert_default());
        match waiting.binary_search(&id) {
            Ok(at) => drop(waiting.remove(at)),
            Err(at) => waiting.insert(at, id),
        }
        if waiting.len() > WAITING {
            self.base = self.ids();
            self.toggled = None;
        }
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
        containers as usize + statistics.n_containers as usize * 32 + self.toggled().len() * 4
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
    fn a_thousand_toggles_leave_every_version_as_it_was() {
        let mut model = BTreeSet::new();
        let mut posting = Posting::default();
        let mut versions = Vec::new();
        for step in 0..1_000_u32 {
            let id = step.wrapping_mul(7_919) % 97;
            let present = model.insert(id);
            if !present {
                model.remove(&id);
            }
            posting.toggle(id, present);
            versions.push((posting.clone(), model.clone()));
        }
        for (posting, model) in &versions {
            assert!(posting.ids().iter().eq(model.iter().copied()));
            assert_eq!(posting.len(), model.len());
            assert!((0..97).all(|id| posting.contains(id) == model.contains(&id)));
        }
    }
}
