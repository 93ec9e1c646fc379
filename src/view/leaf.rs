//! Up to 32 neighbouring records in one piece of memory: all their heads, then all their tails.
//! Knows nothing of how records are found.

use std::sync::Arc;

use crate::id::{DetailId, UnitId};

use super::record::{HEAD, Head, Record, pack, with_tail_at};

/// How many records a leaf holds. A fold writes two leaves as one block of rows.
pub(crate) const LEAF: usize = 32;

/// Heads of all records, those past the last one empty, and in the same pieces the bytes of the tails.
#[derive(Clone, Default)]
pub(crate) struct Leaf(Arc<[Head]>);

impl Leaf {
    #[inline]
    pub(crate) fn record(&self, at: usize) -> Option<Record<'_>> {
        let (heads, tails) = self.0.split_at_checked(LEAF)?;
        Some(Record { head: heads.get(at)?, tail: tails.as_flattened() })
    }

    /// All of them, and empty ones up to [`LEAF`].
    pub(super) fn records(&self) -> impl Iterator<Item = Record<'_>> {
        (0..LEAF).filter_map(|at| self.record(at))
    }

    /// Replaces a record: where it stands, if its tail takes as much room as before.
    pub(super) fn set(&mut self, at: usize, key: &str, units: &[UnitId], detail: DetailId) {
        let Some(place) = self.record(at).map(Record::tail_range) else { return };
        let mut tail = Vec::with_capacity(place.len());
        let head = pack(key, units, detail, &mut tail);
        if tail.len() != place.len() {
            *self = self.with(at, key, units, detail);
            return;
        }
        let Some((heads, tails)) = Arc::make_mut(&mut self.0).split_at_mut_checked(LEAF) else { return };
        heads.get_mut(at).into_iter().for_each(|slot| *slot = with_tail_at(head, place.start));
        tails.as_flattened_mut().get_mut(place).into_iter().for_each(|slot| slot.copy_from_slice(&tail));
    }

    /// The same leaf with one record replaced.
    fn with(&self, at: usize, key: &str, units: &[UnitId], detail: DetailId) -> Leaf {
        let mut packer = Packer::default();
        for place in 0..LEAF {
            match self.record(place).filter(|record| !record.key_bytes().is_empty()) {
                _ if place == at => packer.push(key, units, detail),
                Some(record) => packer.push_record(record),
                None => break,
            }
        }
        packer.finish()
    }

    pub(super) fn is(&self, other: &Leaf) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Bytes of memory it takes.
    pub(super) fn bytes(&self) -> usize {
        self.0.len() * HEAD + 16
    }
}

/// Packs the records of a leaf.
#[derive(Default)]
pub(super) struct Packer {
    heads: Vec<Head>,
    tails: Vec<u8>,
}

impl Packer {
    pub(super) fn push(&mut self, key: &str, units: &[UnitId], detail: DetailId) {
        let head = pack(key, units, detail, &mut self.tails);
        self.heads.push(head);
    }

    pub(super) fn push_record(&mut self, record: Record<'_>) {
        let head = record.copy_to(&mut self.tails);
        self.heads.push(head);
    }

    pub(super) fn is_full(&self) -> bool {
        self.heads.len() == LEAF
    }

    pub(super) fn is_empty(&self) -> bool {
        self.heads.is_empty()
    }

    /// A leaf of what was pushed; the next one begins.
    pub(super) fn finish(&mut self) -> Leaf {
        self.heads.resize(LEAF, [0; HEAD]);
        self.tails.resize(self.tails.len().next_multiple_of(HEAD), 0);
        self.heads.extend_from_slice(self.tails.as_chunks().0);
        let leaf = Leaf(Arc::from(self.heads.as_slice()));
        self.heads.clear();
        self.tails.clear();
        leaf
    }
}
