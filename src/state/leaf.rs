//! Up to 32 neighbouring records in one piece of memory: all their heads, then all their tails, then the revision of those
//! that have none of their own.
//!
//! Invariant: there are [`LEAF`] heads, those past the last record empty; each head points to its own tail, and the tails
//! are in the order of the heads without gaps. The default leaf, which fills a branch up, has none.
//! Cost: changing a record copies the leaf, about 2 KiB, unless no other version shares it.

use std::ops::Range;
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
    pub(super) fn records(&self) -> impl DoubleEndedIterator<Item = Record<'_>> {
        (0..LEAF).filter_map(|at| self.record(at))
    }

    /// Replaces a record, or adds one after the last: in its place, if its tail keeps its length. The leaf keeps its
    /// default: that of most records.
    #[expect(
        clippy::indexing_slicing,
        reason = "a leaf that is changed has `LEAF` heads, each with a place in the tails"
    )]
    pub(super) fn set(&mut self, at: usize, facts: TaskFacts<'_>) {
        let default = self.record(at).map_or(0, Record::default_of_leaf);
        let before = self.place(at);
        let mut tail = Vec::with_capacity(before.len());
        let head = with_tail_at(pack(facts, default, &mut tail), before.start);
        let after = before.start..before.start + tail.len();
        if after.len() != before.len() {
            *self = self.with_room(at, before, tail.len());
        }
        let (heads, tails) = Arc::make_mut(&mut self.0).split_at_mut(LEAF);
        heads[at] = head;
        tails.as_flattened_mut()[after].copy_from_slice(&tail);
    }

    /// The same leaf with room for a longer or shorter tail of one record. The tails after it move.
    #[expect(clippy::indexing_slicing, reason = "places are those of tails, and the tails of a leaf follow each other")]
    fn with_room(&self, at: usize, place: Range<usize>, room: usize) -> Leaf {
        let (heads, tails) = self.0.split_at(LEAF);
        let tails = tails.as_flattened();
        let count = LEAF - self.records().rev().take_while(|record| record.key_bytes().is_empty()).count();
        let moved = &tails[place.end..self.place(count).start];
        let bytes = (place.start + room + moved.len() + DEFAULT).next_multiple_of(HEAD);
        let mut pieces = Vec::with_capacity(LEAF + bytes / HEAD);
        pieces.extend_from_slice(heads);
        pieces.resize(LEAF + bytes / HEAD, [0; HEAD]);
        let (heads, new) = pieces.split_at_mut(LEAF);
        for (head, record) in heads.iter_mut().zip(self.records()).take(count).skip(at + 1) {
            *head = with_tail_at(*head, record.tail_at() - place.len() + room);
        }
        let new = new.as_flattened_mut();
        new[..place.start].copy_from_slice(&tails[..place.start]);
        new[place.start + room..][..moved.len()].copy_from_slice(moved);
        new[bytes - DEFAULT..].copy_from_slice(&tails[tails.len() - DEFAULT..]);
        Leaf(Arc::from(pieces))
    }

    /// The range of a record's tail. A record after the last one has its place after all tails.
    fn place(&self, at: usize) -> Range<usize> {
        match self.record(at).filter(|record| !record.key_bytes().is_empty()) {
            Some(record) => record.tail_range(),
            None => {
                let before = at.checked_sub(1).and_then(|before| self.record(before));
                let end = before.map_or(0, |before| before.tail_range().end);
                end..end
            }
        }
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
    /// The default revision of the leaf: that of its first record.
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
