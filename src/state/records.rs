//! A persistent vector of packed task records, by task number. Knows nothing of how a number is found.
//!
//! Cost: changing a record copies its leaf and the pointers to it.

use crate::id::{DetailId, TaskId, UnitId};

use super::leaf::{LEAF, Leaf, Packer};
#[cfg(test)]
use super::record::OwnedRecord;
use super::record::Record;
use super::tree::Tree;

/// All records of one state.
#[derive(Clone, Default)]
pub(crate) struct Records {
    leaves: Tree<Leaf, 16>,
    len: usize,
}

impl Records {
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Returns a record. A number past the last one may return an empty record.
    #[inline]
    pub(crate) fn get(&self, id: TaskId) -> Option<Record<'_>> {
        let id = id as usize;
        self.leaves.get(id / LEAF)?.record(id % LEAF)
    }

    /// Replaces a record.
    pub(super) fn set(&mut self, id: TaskId, key: &str, units: &[UnitId], detail: DetailId) {
        let id = id as usize;
        let leaf = self.leaves.get_mut(id / LEAF);
        debug_assert!(leaf.is_some(), "there is a leaf for number {id}");
        if let Some(leaf) = leaf {
            leaf.set(id % LEAF, key, units, detail);
        }
    }

    /// Adds a record at the end and returns its number.
    pub(super) fn push(&mut self, key: &str, units: &[UnitId], detail: DetailId) -> TaskId {
        let id = self.len as TaskId;
        if self.len.is_multiple_of(LEAF) {
            let mut packer = Packer::default();
            packer.push(key, units, detail);
            self.leaves.push(packer.finish());
        } else {
            self.set(id, key, units, detail);
        }
        self.len += 1;
        id
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Record<'_>> {
        self.leaves.iter().flat_map(Leaf::records).take(self.len)
    }

    /// Whether two versions share a leaf.
    pub(super) fn shares_leaf(&self, other: &Records, leaf: usize) -> bool {
        self.leaves.get(leaf).zip(other.leaves.get(leaf)).is_some_and(|(leaf, other)| leaf.is(other))
    }

    /// Bytes of memory they take.
    pub(crate) fn bytes(&self) -> usize {
        self.leaves.iter().map(|leaf| leaf.bytes() + std::mem::size_of::<Leaf>()).sum()
    }
}

/// Makes records that come in the order of their numbers.
#[derive(Default)]
pub(crate) struct RecordsBuilder {
    leaves: Vec<Leaf>,
    open: Packer,
    len: usize,
}

impl RecordsBuilder {
    pub(crate) fn push(&mut self, key: &str, units: &[UnitId], detail: DetailId) {
        self.open.push(key, units, detail);
        self.pushed();
    }

    pub(crate) fn push_record(&mut self, record: Record<'_>) {
        self.open.push_record(record);
        self.pushed();
    }

    fn pushed(&mut self) {
        self.len += 1;
        if self.open.is_full() {
            self.leaves.push(self.open.finish());
        }
    }

    pub(crate) fn finish(mut self) -> Records {
        if !self.open.is_empty() {
            self.leaves.push(self.open.finish());
        }
        Records { leaves: self.leaves.into_iter().collect(), len: self.len }
    }
}

#[cfg(test)]
impl<'o> FromIterator<&'o OwnedRecord> for Records {
    fn from_iter<I: IntoIterator<Item = &'o OwnedRecord>>(owned: I) -> Records {
        let mut records = RecordsBuilder::default();
        owned.into_iter().for_each(|record| records.push(&record.key, &record.units, record.detail));
        records.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(n: u32) -> String {
        // Some keys do not fit into a head.
        format!("plan/{n}{}", "x".repeat(n as usize % 30))
    }

    #[test]
    fn records_are_as_pushed_or_set_last_and_older_versions_stay() {
        let mut records = Records::default();
        let mut model = Vec::new();
        for n in 0..1_000 {
            let units: Vec<UnitId> = (0..n % 9).collect();
            assert_eq!(records.push(&key(n), &units, u64::from(n % 3)), n);
            model.push(OwnedRecord { key: key(n), units, detail: u64::from(n % 3) });
        }
        let built: Records = model.iter().collect();
        let (old, old_model) = (records.clone(), model.clone());
        for n in (0..1_000).step_by(77) {
            let units: Vec<UnitId> = (n..n + 40).collect();
            records.set(n, &key(n), &units, 5);
            model[n as usize] = OwnedRecord { key: key(n), units, detail: 5 };
        }
        for (records, model) in [(&records, &model), (&old, &old_model), (&built, &old_model)] {
            assert_eq!(records.len(), 1_000);
            assert!(records.iter().map(Record::to_owned).eq(model.iter().cloned()));
            assert!((0..1_000).all(|n| records.get(n).unwrap().to_owned() == model[n as usize]));
        }
        let changed: Vec<usize> = (0..1_000).step_by(77).map(|n| n / LEAF).collect();
        assert!((0..32).all(|leaf| records.shares_leaf(&old, leaf) != changed.contains(&leaf)));
    }
}
