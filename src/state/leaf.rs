//! Up to 32 neighbouring records in one piece of memory: all their heads, then all their tails, then the revision of those
//! that have none of their own.
//!
//! Invariant: there are [`LEAF`] heads of one width, those past the last record empty; each head points to its own tail, and
//! the tails are in the order of the heads without gaps. The default leaf, which fills a branch up, has none.
//! Cost: changing a record copies the leaf, about 2 KiB, unless no other version shares it.

use std::ops::Range;
use std::sync::Arc;

use crate::id::Revision;

use super::record::{DEFAULT, PIECE, Piece, Record, TaskFacts, pack, set_tail_at, width_for};

/// The number of records in a leaf. A row of tasks has two leaves.
pub(crate) const LEAF: usize = 32;

/// The heads, and in pieces of the same size the bytes of the tails and of the default revision.
#[derive(Clone, Default)]
pub(crate) struct Leaf {
    pieces: Arc<[Piece]>,
    /// The number of pieces of a head.
    width: usize,
}

impl Leaf {
    #[inline]
    pub(crate) fn record(&self, at: usize) -> Option<Record<'_>> {
        let (heads, tails) = self.pieces.split_at_checked(LEAF * self.width)?;
        let head = heads.get(at * self.width..(at + 1) * self.width)?;
        Some(Record { head: head.as_flattened(), tail: tails.as_flattened() })
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
        let (before, width) = (self.place(at), self.width);
        let mut tail = Vec::with_capacity(before.len());
        let mut head = pack(facts, width, default, &mut tail);
        set_tail_at(head.as_flattened_mut(), before.start);
        let after = before.start..before.start + tail.len();
        if after.len() != before.len() {
            *self = self.with_room(at, before, tail.len());
        }
        let (heads, tails) = Arc::make_mut(&mut self.pieces).split_at_mut(LEAF * width);
        heads[at * width..(at + 1) * width].copy_from_slice(&head[..width]);
        tails.as_flattened_mut()[after].copy_from_slice(&tail);
    }

    /// The same leaf with room for a longer or shorter tail of one record. The tails after it move.
    #[expect(clippy::indexing_slicing, reason = "places are those of tails, and the tails of a leaf follow each other")]
    fn with_room(&self, at: usize, place: Range<usize>, room: usize) -> Leaf {
        let all_heads = LEAF * self.width;
        let (heads, tails) = self.pieces.split_at(all_heads);
        let tails = tails.as_flattened();
        let count = LEAF - self.records().rev().take_while(|record| record.key_bytes().is_empty()).count();
        let moved = &tails[place.end..self.place(count).start];
        let bytes = (place.start + room + moved.len() + DEFAULT).next_multiple_of(PIECE);
        let mut pieces = Vec::with_capacity(all_heads + bytes / PIECE);
        pieces.extend_from_slice(heads);
        pieces.resize(all_heads + bytes / PIECE, [0; PIECE]);
        let (heads, new) = pieces.split_at_mut(all_heads);
        for (head, record) in heads.chunks_mut(self.width).zip(self.records()).take(count).skip(at + 1) {
            set_tail_at(head.as_flattened_mut(), record.tail_at() - place.len() + room);
        }
        let new = new.as_flattened_mut();
        new[..place.start].copy_from_slice(&tails[..place.start]);
        new[place.start + room..][..moved.len()].copy_from_slice(moved);
        new[bytes - DEFAULT..].copy_from_slice(&tails[tails.len() - DEFAULT..]);
        Leaf { pieces: Arc::from(pieces), width: self.width }
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
        Arc::ptr_eq(&self.pieces, &other.pieces)
    }

    /// Bytes of memory it takes.
    pub(super) fn bytes(&self) -> usize {
        self.pieces.len() * PIECE + 16
    }
}

/// Packs the records of a leaf.
#[derive(Default)]
pub(super) struct Packer {
    heads: Vec<Piece>,
    tails: Vec<u8>,
    /// The width of the heads of the leaf, and its default revision: those that fit its first record.
    begun: Option<(usize, Revision)>,
}

impl Packer {
    pub(super) fn push(&mut self, facts: TaskFacts<'_>) {
        let (width, default) = *self.begun.get_or_insert_with(|| (width_for(facts.key.len()), facts.changed));
        let head = pack(facts, width, default, &mut self.tails);
        self.heads.extend(head.iter().take(width));
    }

    pub(super) fn push_record(&mut self, record: Record<'_>) {
        let begin = || (width_for(record.key_bytes().len()), record.changed());
        let (width, default) = *self.begun.get_or_insert_with(begin);
        let head = record.copy_to(width, default, &mut self.tails);
        self.heads.extend(head.iter().take(width));
    }

    pub(super) fn is_full(&self) -> bool {
        self.begun.is_some_and(|(width, _)| self.heads.len() == LEAF * width)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.heads.is_empty()
    }

    /// Makes a leaf of the records pushed, and begins the next one.
    pub(super) fn finish(&mut self) -> Leaf {
        let (width, default) = self.begun.take().map_or((1, 0), |begun| begun);
        self.heads.resize(LEAF * width, [0; PIECE]);
        self.tails.resize((self.tails.len() + DEFAULT).next_multiple_of(PIECE) - DEFAULT, 0);
        self.tails.extend_from_slice(&default.to_le_bytes());
        self.heads.extend_from_slice(self.tails.as_chunks().0);
        let leaf = Leaf { pieces: Arc::from(self.heads.as_slice()), width };
        self.heads.clear();
        self.tails.clear();
        leaf
    }
}
