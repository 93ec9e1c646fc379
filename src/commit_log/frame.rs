//! A frame: one piece of one entry, in a segment. Encoding and decoding; knows nothing of files.
//!
//! The fields of a frame, in their order:
//!
#![doc = include_str!("frame.md")]
//!
//! Numbers are little-endian. The seed makes a frame invalid in any other place: one of an earlier use of the file, or
//! copied from another segment. Frames begin at multiples of 8, so that a search for whole frames after a bad one tries
//! an eighth of the places.

use super::entry::{EntryId, Head, MAX_PIECE, PieceOf};
use crate::id::Revision;

/// Bytes before the piece.
pub(super) const HEAD: usize = 72;
const ALIGN: usize = 8;
const LAST_OF_ENTRY: u32 = 1;
const LAST_OF_APPEND: u32 = 2;

/// What a frame says about itself, but for its piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FrameHead {
    pub(super) length: u32,
    pub(super) revision: Revision,
    pub(super) id: EntryId,
    pub(super) previous: EntryId,
    pub(super) tag: u64,
    pub(super) durable: Revision,
    pub(super) part: u32,
    pub(super) last_of_entry: bool,
    /// Without a frame that has this, nothing of its append exists.
    pub(super) last_of_append: bool,
}

impl FrameHead {
    /// The piece of its entry that the frame has.
    pub(super) fn piece<'p>(&self, bytes: &'p [u8]) -> PieceOf<'p> {
        let FrameHead { revision, id, previous, part, last_of_entry: last, tag, .. } = *self;
        PieceOf { entry: Head { revision, id }, previous, part, last, tag, bytes }
    }

    /// Bytes of the whole frame.
    pub(super) fn size(&self) -> usize {
        size(self.length as usize)
    }
}

/// Where a frame is: the seed of its crc.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seed {
    pub(super) salt: u64,
    pub(super) offset: u64,
}

/// Bytes of a frame with a piece of `length` bytes.
pub(super) fn size(length: usize) -> usize {
    (HEAD + length).next_multiple_of(ALIGN)
}

/// Appends a frame. `head.length` must be the length of the piece.
pub(super) fn encode(head: &FrameHead, piece: &[u8], seed: Seed, out: &mut Vec<u8>) {
    debug_assert_eq!(head.length as usize, piece.len());
    let start = out.len();
    let flags = u32::from(head.last_of_entry) * LAST_OF_ENTRY + u32::from(head.last_of_append) * LAST_OF_APPEND;
    out.extend([0; 4]);
    out.extend(head.length.to_le_bytes());
    out.extend(head.revision.to_le_bytes());
    out.extend(head.id.bytes());
    out.extend(head.previous.bytes());
    out.extend(head.tag.to_le_bytes());
    out.extend(head.durable.to_le_bytes());
    out.extend(head.part.to_le_bytes());
    out.extend(flags.to_le_bytes());
    out.extend(piece);
    out.resize(start + size(piece.len()), 0);
    if let Some((crc, rest)) = out.get_mut(start..).and_then(|frame| frame.split_first_chunk_mut::<4>()) {
        *crc = checksum(seed, rest).to_le_bytes();
    }
}

/// Reads the head of a frame without checking the crc. `None` if no frame can begin so.
pub(super) fn peek(bytes: &[u8]) -> Option<FrameHead> {
    let mut fields = Fields(bytes.get(4..HEAD)?);
    let length = fields.u32()?;
    let (revision, id, previous) = (fields.u64()?, fields.id()?, fields.id()?);
    let (tag, durable, part, flags) = (fields.u64()?, fields.u64()?, fields.u32()?, fields.u32()?);
    let last_of_entry = flags & LAST_OF_ENTRY != 0;
    let last_of_append = flags & LAST_OF_APPEND != 0;
    let possible = length as usize <= MAX_PIECE
        && flags <= LAST_OF_ENTRY + LAST_OF_APPEND
        && (last_of_entry || !last_of_append)
        && durable < revision
        && id != EntryId::NONE;
    possible.then_some(FrameHead { length, revision, id, previous, tag, durable, part, last_of_entry, last_of_append })
}

/// Whether `bytes` are a whole frame in this place.
pub(super) fn is_whole(bytes: &[u8], seed: Seed) -> bool {
    bytes.split_first_chunk::<4>().is_some_and(|(crc, rest)| u32::from_le_bytes(*crc) == checksum(seed, rest))
}

fn checksum(seed: Seed, bytes: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&seed.salt.to_le_bytes());
    hasher.update(&seed.offset.to_le_bytes());
    hasher.update(bytes);
    hasher.finalize()
}

/// Little-endian fields, read one after the other.
pub(super) struct Fields<'b>(pub(super) &'b [u8]);

impl Fields<'_> {
    pub(super) fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (field, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*field)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }

    pub(super) fn id(&mut self) -> Option<EntryId> {
        self.take().map(EntryId::from_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEED: Seed = Seed { salt: 7, offset: 4096 };

    fn frame(payload: &[u8]) -> (FrameHead, Vec<u8>) {
        let (id, previous) = (EntryId::from_bytes([1; 16]), EntryId::from_bytes([2; 16]));
        let length = payload.len() as u32;
        let (last_of_entry, last_of_append) = (true, true);
        let head =
            FrameHead { length, revision: 9, id, previous, tag: 3, durable: 8, part: 0, last_of_entry, last_of_append };
        let mut bytes = Vec::new();
        encode(&head, payload, SEED, &mut bytes);
        (head, bytes)
    }

    #[test]
    fn a_frame_is_read_as_it_was_written() {
        for length in [0, 1, 7, 8, 1000] {
            let (head, bytes) = frame(&vec![5; length]);
            assert_eq!(peek(&bytes), Some(head));
            assert_eq!(bytes.len(), head.size());
            assert!(bytes.len().is_multiple_of(ALIGN) && is_whole(&bytes, SEED));
        }
    }

    #[test]
    fn a_frame_with_any_bit_changed_is_not_whole() {
        let (_, whole) = frame(b"payload");
        for bit in 0..whole.len() * 8 {
            let mut bytes = whole.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert!(!is_whole(&bytes, SEED), "bit {bit}");
        }
    }

    #[test]
    fn a_frame_is_not_whole_in_another_place() {
        let (_, bytes) = frame(b"payload");
        assert!(!is_whole(&bytes, Seed { salt: 8, ..SEED }) && !is_whole(&bytes, Seed { offset: 4104, ..SEED }));
    }

    #[test]
    fn zeroes_are_no_frame() {
        assert_eq!(peek(&[0; HEAD]), None);
    }
}
