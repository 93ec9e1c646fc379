//! A persistent vector of packed task records, by task number. Knows nothing of how a number is found.
//!
//! Cost: changing a record copies its leaf and the pointers to it.

use crate::id::TaskId;

use super::leaf::{LEAF, Leaf, Packer};
#[cfg(test)]
use super::record::OwnedRecord;
use super::record::{Record, TaskFacts};
use super::tree::DeepTree;

/// All records of one state.
#[derive(Clone, Default)]
pub(crate) struct Records {
    leaves: DeepTree<Leaf, 8>,
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
    pub(super) fn set(&mut self, id: TaskId, facts: TaskFacts<'_>) {
        let id = id as usize;
        let leaf = self.leaves.get_mut(id / LEAF);
        debug_assert!(leaf.is_some(), "there is a leaf for number {id}");
        if let Some(leaf) = leaf {
            leaf.set(id % LEAF, facts);
        }
    }

    /// Adds a record at the end and returns its number.
    pub(super) fn push(&mut self, facts: TaskFacts<'_>) -> TaskId {
        let id = self.len as TaskId;
        if self.len.is_multiple_of(LEAF) {
            let mut packer = Packer::default();
            packer.push(facts);
            self.leaves.push(packer.finish());
        } else {
            self.set(id, facts);
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
    pub(crate) fn push(&mut self, facts: TaskFacts<'_>) {
        self.open.push(facts);
        self.pushed();
    }

    pub(crate) fn push_record(&mut self, record: Record<'_>) {
        self.open.push_record(record);
        self.pushed();
    }

    /// Adds the records of another one. Those so far fill their leaves.
    pub(crate) fn append(&mut self, other: RecordsBuilder) {
        debug_assert!(self.open.is_empty(), "the last leaf is full");
        self.leaves.extend(other.leaves);
        self.open = other.open;
        self.len += other.len;
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
        owned.into_iter().for_each(|record| records.push(record.facts()));
        records.finish()
    }
}

#[cfg(test)]
mod tests {
    use fastrand::Rng;

    use super::super::change::TaskImage;
    use super::super::member::led;
    use super::*;
    use crate::id::UnitId;

    fn key(n: u32) -> String {
        // Some keys do not fit into a head.
        format!("plan/{n}{}", "x".repeat(n as usize % 67))
    }

    #[test]
    fn records_are_as_pushed_or_set_last_and_older_versions_stay() {
        let mut records = Records::default();
        let mut model = Vec::new();
        for n in 0..1_000 {
            let units: Vec<UnitId> = (0..n % 9).collect();
            let image = (n % 7 > 0).then(|| (led(&units), u64::from(n % 3)));
            let record = OwnedRecord { key: key(n), image, changed: u64::from(n / 50) };
            assert_eq!(records.push(record.facts()), n);
            model.push(record);
        }
        let built: Records = model.iter().collect();
        let (old, old_model) = (records.clone(), model.clone());
        for n in (0..1_000).step_by(77) {
            let units: Vec<UnitId> = (n..n + 40).collect();
            let record = OwnedRecord { key: key(n), image: Some((led(&units), 5)), changed: 1_000 };
            records.set(n, record.facts());
            model[n as usize] = record;
        }
        for (records, model) in [(&records, &model), (&old, &old_model), (&built, &old_model)] {
            assert_eq!(records.len(), 1_000);
            assert!(records.iter().map(Record::to_owned).eq(model.iter().cloned()));
            assert!((0..1_000).all(|n| records.get(n).unwrap().to_owned() == model[n as usize]));
        }
        let changed: Vec<usize> = (0..1_000).step_by(77).map(|n| n / LEAF).collect();
        assert!((0..32).all(|leaf| records.shares_leaf(&old, leaf) != changed.contains(&leaf)));
    }
    /// Leaves have other defaults, so records that move between them get a revision of their own, or lose it.
    #[test]
    fn pushed_set_and_copied_records_are_those_of_a_plain_list() {
        for seed in 0..40 {
            let mut random = Rng::with_seed(seed);
            let (mut records, mut model, mut revision) = (Records::default(), Vec::<OwnedRecord>::new(), 0);
            let mut older = Vec::new();
            for step in 0..300 {
                // Many neighbours with the same revision, as after a load, or each with its own.
                revision += u64::from(random.u32(0..1 + seed as u32 % 8) == 0);
                let at = random.u32(0..=model.len() as u32);
                let key = model.get(at as usize).map_or(key(at), |record| record.key.clone());
                let units: Vec<UnitId> = (0..random.u32(0..5)).collect();
                let image = (random.u32(0..5) > 0).then(|| (led(&units), random.u64(0..3)));
                let owned = OwnedRecord { key, image, changed: revision << random.u32(0..40) };
                match random.u32(0..8) {
                    0 => {
                        let mut copied = RecordsBuilder::default();
                        let kept = |at: usize| at % 11 != 3;
                        let all = records.iter().enumerate();
                        all.filter(|(at, _)| kept(*at)).for_each(|(_, record)| copied.push_record(record));
                        records = copied.finish();
                        let all = std::mem::take(&mut model).into_iter().enumerate();
                        model = all.filter(|(at, _)| kept(*at)).map(|(_, record)| record).collect();
                    }
                    1..4 if at < model.len() as u32 => {
                        records.set(at, owned.facts());
                        model[at as usize] = owned;
                    }
                    _ => {
                        records.push(owned.facts());
                        model.push(owned);
                    }
                }
                assert!(records.iter().map(Record::to_owned).eq(model.iter().cloned()), "seed {seed}, step {step}");
                if step % 60 == 0 {
                    older.push((records.clone(), model.clone()));
                }
            }
            assert!(older.iter().all(|(old, model)| old.iter().map(Record::to_owned).eq(model.iter().cloned())));
        }
    }

    #[test]
    fn a_load_takes_eight_bytes_per_leaf_for_its_revision() {
        let members = led(&[1, 2, 3]);
        let with = |key: usize, changed: fn(u64) -> u64| {
            let mut records = RecordsBuilder::default();
            for n in 0..3_200 {
                let key = format!("plan/{n:0>key$}");
                let image = Some(TaskImage { members: &members, detail: 0 });
                records.push(TaskFacts { key: &key, image, changed: changed(n) });
            }
            records.finish().bytes()
        };
        // Heads and tails of 32 tasks, 8 bytes of default, filled up to a multiple of 32; a pointer and counts of references.
        let bytes = |head: usize, tail: usize| 100 * ((32 * (head + tail) + 8_usize).next_multiple_of(32) + 40);
        for (key, head, tail) in [(4, 32, 0), (15, 32, 6), (25, 64, 0), (45, 64, 6), (60, 32, 65 + 6)] {
            assert_eq!(with(key, |_| 70_000), bytes(head, tail), "{key}");
        }
        assert!(with(4, |n| 70_000 + n) > with(4, |_| 70_000) + 3_200 * 2);
    }
}
