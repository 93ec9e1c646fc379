//! Up to 32 neighbouring records in one piece of memory: all their heads, then all their tails, then the revision of those
//! that have none of their own.
//!
//! Invariant: there are [`LEAF`] heads, those past the last record empty, and each head points to its own tail. The
//! default leaf, which fills a branch up, has none.
//! Cost: changing a record copies the leaf, about 2 KiB, unless no other version shares it.

use std::sync::Arc;

use crate::id::Revision;

use super::record::{DEFAULT, HEAD, Head, Record, TaskFacts, pack, with_tail_at};

/// The number of records in a leaf. A row of tasks has two leaves.
pub(crate) const LEAF: usize = 32;

/// The heads, and in pieces of the same size the bytes of the tails and of the default revision.
#[derive(Clone, Default)]
pub(crate) struct Leaf(Arc<[Head]>);

impl Leaf {
    #[inline]
    pub(crate) fn record(&self, at: usize) -> Option<Record<'_>> {
        let (heads, tails) = self.0.split_at_checked(LEAF)?;
        Some(Record { head: heads.get(at)?, tail: tails.as_flattened() })
    }

    /// All records, and empty ones up to [`LEAF`].
    pub(super) fn records(&self) -> impl Iterator<Item = Record<'_>> {
        (0..LEAF).filter_map(|at| self.record(at))
    }

    /// Replaces a record, or adds one after the last: in its place, if its tail keeps its length.
    #[expect(
        clippy::indexing_slicing,
        reason = "a leaf that is changed has `LEAF` heads, each with a place in the tails"
    )]
    pub(super) fn set(&mut self, at: usize, facts: TaskFacts<'_>) {
        let record = self.record(at);
        let (place, default) = record.map_or((0..0, 0), |record| (record.tail_range(), record.default_of_leaf()));
        let mut tail = Vec::with_capacity(place.len());
        let head = pack(facts, default, &mut tail);
        if tail.len() != place.len() {
            *self = self.with(at, facts, default);
            return;
        }
        let (heads, tails) = Arc::make_mut(&mut self.0).split_at_mut(LEAF);
        heads[at] = with_tail_at(head, place.start);
        tails.as_flattened_mut()[place].copy_from_slice(&tail);
    }

    /// The same leaf with one record replaced, or added after the last one. It keeps its default: that of most records.
    fn with(&self, at: usize, facts: TaskFacts<'_>, default: Revision) -> Leaf {
        let mut packer = Packer { default: Some(default), ..Packer::default() };
        for (place, record) in self.records().enumerate() {
            match record.key_bytes() {
                _ if place == at => packer.push(facts),
                [] => break,
                _ => packer.push_record(record),
            }
        }
        packer.finish()
    }

    /// Whether two versions share this leaf.
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
    /// The default revision of the leaf: that of its first record, unless the leaf had one.
    default: Option<Revision>,
}

impl Packer {
    pub(super) fn push(&mut self, facts: TaskFacts<'_>) {
        let default = *self.default.get_or_insert(facts.changed);
        let head = pack(facts, default, &mut self.tails);
        self.heads.push(head);
    }

    pub(super) fn push_record(&mut self, record: Record<'_>) {
        let default = *self.default.get_or_insert_with(|| record.changed());
        let head = record.copy_to(default, &mut self.tails);
        self.heads.push(head);
    }

    pub(super) fn is_full(&self) -> bool {
        self.heads.len() == LEAF
    }

    pub(super) fn is_empty(&self) -> bool {
        self.heads.is_empty()
    }

    /// Makes a leaf of the records pushed, and begins the next one.
    pub(super) fn finish(&mut self) -> Leaf {
        self.heads.resize(LEAF, [0; HEAD]);
        self.tails.resize((self.tails.len() + DEFAULT).next_multiple_of(HEAD) - DEFAULT, 0);
        self.tails.extend_from_slice(&self.default.take().unwrap_or_default().to_le_bytes());
        self.heads.extend_from_slice(self.tails.as_chunks().0);
        let leaf = Leaf(Arc::from(self.heads.as_slice()));
        self.heads.clear();
        self.tails.clear();
        leaf
    }
}
