//! One task as the view keeps it: its key, the numbers of its units in order, the number of its details.
//! Knows nothing of names or of other tasks.
//!
//! A record has a head of 32 bytes and a tail. What most questions need is in the head, and two heads share a cache
//! line:
//!
//! | bytes of the head | |
//! | --- | --- |
//! | 0–2 | the lead |
//! | 3–5 | where the tail begins |
//! | 6–7 | how many units there are, 0 for none; the highest bit says that there are details |
//! | 8–9 | how long the key is |
//! | 10–31 | the key, or its beginning |
//!
//! The tail holds the key, if it is longer than that, three bytes for each supporting unit, and the number of the
//! details, if there are any. Numbers are little-endian.

use std::ops::Range;

use crate::id::{DetailId, UnitId};
use crate::varint;

/// Bytes of a head.
pub(super) const HEAD: usize = 32;
pub(super) type Head = [u8; HEAD];

/// Where in a head it stands where the tail begins, and where the key stands.
const TAIL: usize = 3;
const KEY: usize = 10;
/// Keys up to this length are in the head.
const SHORT: usize = HEAD - KEY;
/// Bytes of one unit number. A fixed width, since a length that varies costs the processor a wrong guess.
const UNIT: usize = 3;
const HAS_DETAIL: u16 = 1 << 15;
/// Numbers of units are below this.
pub(crate) const MAX_UNITS: usize = 1 << (8 * UNIT);

/// A record where it stands. `tail` is where the tails of this record and its neighbours are.
#[derive(Clone, Copy)]
pub(crate) struct Record<'r> {
    pub(super) head: &'r Head,
    pub(super) tail: &'r [u8],
}

/// A record by itself, not packed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OwnedRecord {
    pub(crate) key: String,
    pub(crate) units: Vec<UnitId>,
    pub(crate) detail: DetailId,
}

/// The head of a record whose tail begins at a place; the tail is appended to `tails`.
pub(super) fn pack(key: &str, units: &[UnitId], detail: DetailId, tails: &mut Vec<u8>) -> Head {
    let at = tails.len();
    let count = units.len() as u16 | if detail > 0 { HAS_DETAIL } else { 0 };
    if key.len() > SHORT {
        tails.extend_from_slice(key.as_bytes());
    }
    for unit in units.iter().skip(1) {
        let [a, b, c, _] = unit.to_le_bytes();
        tails.extend_from_slice(&[a, b, c]);
    }
    if detail > 0 {
        varint::put(detail, tails);
    }
    let [lead_0, lead_1, lead_2, _] = units.first().copied().unwrap_or_default().to_le_bytes();
    let ([count_0, count_1], [len_0, len_1]) = (count.to_le_bytes(), (key.len() as u16).to_le_bytes());
    let fixed: [u8; KEY] = [lead_0, lead_1, lead_2, 0, 0, 0, count_0, count_1, len_0, len_1];
    let mut head = [0; HEAD];
    let (before, room) = head.split_at_mut(KEY);
    before.copy_from_slice(&fixed);
    let begin = key.as_bytes().get(..SHORT).unwrap_or(key.as_bytes());
    if let Some(room) = room.get_mut(..begin.len()) {
        room.copy_from_slice(begin);
    }
    with_tail_at(head, at)
}

/// A head whose tail begins elsewhere.
pub(super) fn with_tail_at(mut head: Head, at: usize) -> Head {
    let [a, b, c, ..] = at.to_le_bytes();
    if let Some(place) = head.get_mut(TAIL..TAIL + 3) {
        place.copy_from_slice(&[a, b, c]);
    }
    head
}

impl<'r> Record<'r> {
    /// The first eight bytes as one number.
    #[inline]
    fn word(self) -> u64 {
        self.head.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
    }

    #[inline]
    fn key_len(self) -> usize {
        let [.., low, high] = self.head.first_chunk::<KEY>().copied().unwrap_or_default();
        usize::from(u16::from_le_bytes([low, high]))
    }

    #[inline]
    fn count(self) -> usize {
        usize::from((self.word() >> 48) as u16 & !HAS_DETAIL)
    }

    #[inline]
    fn tail_at(self) -> usize {
        (self.word() >> 24 & 0xFF_FFFF) as usize
    }

    /// Where the units are in the tails: after the key, if that is there.
    #[inline]
    fn units_at(self) -> usize {
        let key = self.key_len();
        self.tail_at() + if key > SHORT { key } else { 0 }
    }

    #[inline]
    pub(crate) fn key_bytes(self) -> &'r [u8] {
        let len = self.key_len();
        let short = self.head.get(KEY..).and_then(|key| key.get(..len));
        short.or_else(|| self.tail.get(self.tail_at()..)?.get(..len)).unwrap_or_default()
    }

    #[inline]
    pub(crate) fn key(self) -> &'r str {
        std::str::from_utf8(self.key_bytes()).unwrap_or_default()
    }

    /// Whether this is the record of a key, assigned or not.
    #[inline]
    pub(crate) fn has_key(self, key: &[u8]) -> bool {
        self.differs(key) == 0
    }

    /// Whether this is the record of a key, and assigned.
    #[inline]
    pub(crate) fn is_assigned_under(self, key: &[u8]) -> bool {
        self.differs(key) | u128::from(!self.is_assigned()) == 0
    }

    /// 0 if this is the key. All that has to arrive from memory goes into one number, so that the processor has one
    /// branch to guess: each that waits for memory keeps it from starting on the next look-up.
    #[inline]
    fn differs(self, key: &[u8]) -> u128 {
        let len = key.len();
        let here = self.head.get(KEY..).and_then(|bytes| bytes.get(..len)).unwrap_or_default();
        let differ = match len {
            8..16 => differ_8(here, key),
            16..=SHORT => differ_16(here, key),
            _ => u128::from(self.key_bytes() != key),
        };
        differ | (len ^ self.key_len()) as u128
    }

    #[inline]
    pub(crate) fn is_assigned(self) -> bool {
        self.count() > 0
    }

    /// The lead's number; 0 when the task is unassigned.
    #[inline]
    pub(crate) fn lead(self) -> UnitId {
        (self.word() & 0xFF_FFFF) as UnitId
    }

    /// The task's units, the lead first; none when it is unassigned.
    #[inline]
    pub(crate) fn units(self) -> impl Iterator<Item = UnitId> + 'r {
        self.is_assigned().then_some(self.lead()).into_iter().chain(self.supporting())
    }

    #[inline]
    pub(crate) fn supporting(self) -> Supporting<'r> {
        let bytes = self.count().saturating_sub(1) * UNIT;
        let packed = self.tail.get(self.units_at()..).and_then(|tail| tail.get(..bytes)).unwrap_or_default();
        Supporting(packed.as_chunks().0.iter())
    }

    pub(crate) fn detail(self) -> DetailId {
        self.take_detail().0
    }

    /// The number of the details, and where the tail ends, which is after it.
    fn take_detail(self) -> (DetailId, usize) {
        let at = self.units_at() + self.count().saturating_sub(1) * UNIT;
        if self.word() >> 48 & u64::from(HAS_DETAIL) == 0 {
            return (0, at);
        }
        let mut rest = self.tail.get(at..).unwrap_or_default();
        let detail = varint::take(&mut rest).unwrap_or_default();
        (detail, self.tail.len() - rest.len())
    }

    /// Its head for where its tail is copied to, at the end of others.
    pub(super) fn copy_to(self, tails: &mut Vec<u8>) -> Head {
        let head = with_tail_at(*self.head, tails.len());
        tails.extend_from_slice(self.tail.get(self.tail_range()).unwrap_or_default());
        head
    }

    /// Where its tail is among the tails.
    pub(super) fn tail_range(self) -> Range<usize> {
        self.tail_at()..self.take_detail().1
    }

    #[cfg(test)]
    pub(crate) fn to_owned(self) -> OwnedRecord {
        OwnedRecord { key: self.key().to_owned(), units: self.units().collect(), detail: self.detail() }
    }
}

/// The bits in which two slices of 8 to 16 bytes differ, in the first eight or the last eight.
#[inline]
fn differ_8(a: &[u8], b: &[u8]) -> u128 {
    let word = |bytes: Option<&[u8; 8]>| bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes));
    u128::from((word(a.first_chunk()) ^ word(b.first_chunk())) | (word(a.last_chunk()) ^ word(b.last_chunk())))
}

/// The same for 16 to 32 bytes.
#[inline]
fn differ_16(a: &[u8], b: &[u8]) -> u128 {
    let word = |bytes: Option<&[u8; 16]>| bytes.map_or(0, |bytes| u128::from_le_bytes(*bytes));
    (word(a.first_chunk()) ^ word(b.first_chunk())) | (word(a.last_chunk()) ^ word(b.last_chunk()))
}

/// Numbers of supporting units, in order.
#[derive(Clone, Debug)]
pub(crate) struct Supporting<'r>(std::slice::Iter<'r, [u8; UNIT]>);

impl Iterator for Supporting<'_> {
    type Item = UnitId;

    #[inline]
    fn next(&mut self) -> Option<UnitId> {
        self.0.next().map(|[a, b, c]| UnitId::from_le_bytes([*a, *b, *c, 0]))
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }

    #[inline]
    fn fold<B, F: FnMut(B, UnitId) -> B>(self, from: B, mut each: F) -> B {
        self.0.fold(from, |so_far, [a, b, c]| each(so_far, UnitId::from_le_bytes([*a, *b, *c, 0])))
    }
}

impl ExactSizeIterator for Supporting<'_> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_gives_back_what_it_was_made_of_whatever_stands_before_it() {
        let (short, long) = ("k".repeat(SHORT), "k".repeat(SHORT + 1));
        let longest = "k".repeat(512);
        for key in ["a", "fujian-2016/1/1/4/2", &short, &long, &longest] {
            for units in [vec![], vec![0], vec![7, 0, 300, 16_777_215], (0..4096).collect()] {
                for detail in [0, 1, u64::MAX] {
                    let mut tail = vec![9; 300_000];
                    let head = pack(key, &units, detail, &mut tail);
                    tail.extend([0xFF; 3]);
                    let record = Record { head: &head, tail: &tail };
                    assert_eq!(record.to_owned(), OwnedRecord { key: key.to_owned(), units: units.clone(), detail });
                    assert_eq!(record.lead(), units.first().copied().unwrap_or_default());
                    assert_eq!(record.is_assigned(), !units.is_empty());
                    assert!(record.has_key(key.as_bytes()));
                    assert_eq!(record.is_assigned_under(key.as_bytes()), !units.is_empty());
                }
            }
        }
    }

    #[test]
    fn a_key_that_differs_in_one_byte_or_in_length_is_another() {
        for len in 1..40 {
            let key = "k".repeat(len);
            let mut tail = Vec::new();
            let head = pack(&key, &[1, 2], 0, &mut tail);
            let record = Record { head: &head, tail: &tail };
            for at in 0..len {
                let mut other = key.clone().into_bytes();
                other[at] = b'j';
                assert!(!record.has_key(&other), "byte {at} of {len}");
            }
            assert!(!record.has_key("k".repeat(len + 1).as_bytes()));
            assert!(!record.has_key("k".repeat(len - 1).as_bytes()));
        }
    }
}
