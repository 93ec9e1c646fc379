//! One packed task: its key, the numbers of its units in order, the number of its details, the revision that last changed
//! it. Knows no names and no other task.
//!
//! A record has a head and a tail. A narrow head has 32 bytes, so that two share a cache line; a wide one has 64, for keys
//! that a narrow one has no room for. All heads of a leaf have the same width. The head answers most questions:
//!
//! | bytes of the head | |
//! | --- | --- |
//! | 0–2 | the number of the lead plus 1; 0 without a lead |
//! | 3–5 | the place of the tail |
//! | 6–7 | the number of other units; bit 15 says that there are details, bit 14 that the tail has `changed`, bit 13 that the task is known |
//! | 8–9 | the length of the key |
//! | 10–31 or 10–63 | the key, or its beginning; and after the key the other units, if there is room for all of them |
//!
//! A unit takes three bytes with its role. The tail holds the key, if the head has no room for it, the other units, if the
//! head has none for them, the number of the details, if there are any, and `changed`, if it is not the default of the leaf.
//! Numbers are little-endian. The default of the leaf is in the last eight bytes of all its tails.

use std::ops::Range;

use crate::id::{DetailId, Revision, UnitId};
use crate::model::Role;
use crate::varint;

use super::change::{TaskImage, parts};
use super::member::Member;

/// Bytes of a narrow head. A wide one has two pieces.
pub(super) const PIECE: usize = 32;
pub(super) type Piece = [u8; PIECE];
/// A head that was just packed; a narrow one has its first piece.
pub(super) type Head = [Piece; 2];

/// Places in a head: of the tail's place, and of the key.
const TAIL: usize = 3;
const KEY: usize = 10;
/// Keys up to these lengths are in a narrow head, and in a wide one.
const SHORT: usize = PIECE - KEY;
const LONG: usize = 2 * PIECE - KEY;
const HAS_DETAIL: u16 = 1 << 15;
const HAS_CHANGED: u16 = 1 << 14;
const IS_KNOWN: u16 = 1 << 13;
const COUNT: u16 = IS_KNOWN - 1;
/// Bytes of the default revision of a leaf, after all tails.
pub(super) const DEFAULT: usize = 8;

/// A record in its leaf. `tail` has the tails of this record and of its neighbours, and the default of the leaf.
#[derive(Clone, Copy)]
pub(crate) struct Record<'r> {
    pub(super) head: &'r [u8],
    pub(super) tail: &'r [u8],
}

/// A record that is not packed.
#[cfg(test)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OwnedRecord {
    pub(crate) key: String,
    /// `None` for a task that was removed.
    pub(crate) image: Option<(Vec<Member>, DetailId)>,
    pub(crate) changed: Revision,
}

/// The facts of a record.
#[derive(Clone, Copy)]
pub(crate) struct TaskFacts<'f> {
    pub(crate) key: &'f str,
    /// `None` for a task that was removed.
    pub(crate) image: Option<TaskImage<'f>>,
    /// The revision of the commit that last changed the task: its creation and its removal count.
    pub(crate) changed: Revision,
}

/// The number of pieces of the heads of a leaf whose first key has this length. Keys that are neighbours are alike.
pub(super) fn width_for(key: usize) -> usize {
    if (SHORT + 1..=LONG).contains(&key) { 2 } else { 1 }
}

/// Returns the head of a record and appends its tail to `tails`, for a leaf with heads of this width and this default
/// revision.
pub(super) fn pack(facts: TaskFacts<'_>, width: usize, default: Revision, tails: &mut Vec<u8>) -> Head {
    let TaskFacts { key, image, changed } = facts;
    let (members, detail) = parts(image);
    debug_assert!(key.len() <= usize::from(u16::MAX) && members.len() <= usize::from(COUNT));
    let at = tails.len();
    let (lead, others) = match members.split_first() {
        Some((lead, others)) if lead.is_lead() => (lead.unit() + 1, others),
        _ => (0, members),
    };
    let flags = if detail > 0 { HAS_DETAIL } else { 0 }
        | if changed == default { 0 } else { HAS_CHANGED }
        | if image.is_some() { IS_KNOWN } else { 0 };
    let count = others.len() as u16 | flags;
    let room = width * PIECE - KEY;
    let units = others.iter().flat_map(|member| member.to_bytes());
    let has_room_for_units = key.len() + others.len() * Member::BYTES <= room;
    if key.len() > room {
        tails.extend_from_slice(key.as_bytes());
    }
    if !has_room_for_units {
        tails.extend(units.clone());
    }
    if detail > 0 {
        varint::put(detail, tails);
    }
    if changed != default {
        varint::put(changed, tails);
    }
    let [lead_0, lead_1, lead_2, _] = lead.to_le_bytes();
    let ([count_0, count_1], [len_0, len_1]) = (count.to_le_bytes(), (key.len() as u16).to_le_bytes());
    let fixed: [u8; KEY] = [lead_0, lead_1, lead_2, 0, 0, 0, count_0, count_1, len_0, len_1];
    let mut head = Head::default();
    let beginning = key.bytes().chain(units.filter(|_| has_room_for_units)).take(room);
    head.as_flattened_mut().iter_mut().zip(fixed.into_iter().chain(beginning)).for_each(|(slot, byte)| *slot = byte);
    set_tail_at(head.as_flattened_mut(), at);
    head
}

/// Gives a head another place of its tail.
pub(super) fn set_tail_at(head: &mut [u8], at: usize) {
    let bytes = at.to_le_bytes();
    head.iter_mut().skip(TAIL).take(3).zip(bytes).for_each(|(slot, byte)| *slot = byte);
}

#[cfg(test)]
impl OwnedRecord {
    pub(crate) fn facts(&self) -> TaskFacts<'_> {
        let image = self.image.as_ref().map(|(members, detail)| TaskImage { members, detail: *detail });
        TaskFacts { key: &self.key, image, changed: self.changed }
    }
}

#[expect(clippy::indexing_slicing, reason = "lengths and places were written by `pack` together with the bytes")]
impl<'r> Record<'r> {
    /// The first eight bytes as one number.
    #[inline]
    fn word(self) -> u64 {
        let word = self.head.first_chunk();
        debug_assert!(word.is_some(), "a head has at least one piece");
        word.map_or(0, |word| u64::from_le_bytes(*word))
    }

    /// The bytes that a head of this width has for a key.
    #[inline]
    fn room(self) -> usize {
        self.head.len() - KEY
    }

    #[inline]
    fn key_len(self) -> usize {
        usize::from(u16::from_le_bytes([self.head[KEY - 2], self.head[KEY - 1]]))
    }

    /// The number of units other than the lead.
    #[inline]
    fn count(self) -> usize {
        usize::from(self.counts() & COUNT)
    }

    #[inline]
    fn counts(self) -> u16 {
        (self.word() >> 48) as u16
    }

    #[inline]
    pub(super) fn tail_at(self) -> usize {
        (self.word() >> 24 & 0xFF_FFFF) as usize
    }

    /// Whether the head has the other units.
    #[inline]
    fn has_units_in_head(self) -> bool {
        self.key_len() + self.count() * Member::BYTES <= self.room()
    }

    /// The place in the tails after the key, if the tail has it.
    #[inline]
    fn key_end(self) -> usize {
        let key = self.key_len();
        self.tail_at() + if key > self.room() { key } else { 0 }
    }

    #[inline]
    pub(crate) fn key_bytes(self) -> &'r [u8] {
        let len = self.key_len();
        if len <= self.room() { &self.head[KEY..KEY + len] } else { &self.tail[self.tail_at()..][..len] }
    }

    #[inline]
    pub(crate) fn key(self) -> &'r str {
        let key = std::str::from_utf8(self.key_bytes());
        debug_assert!(key.is_ok(), "a record is packed from text");
        key.unwrap_or_default()
    }

    /// Whether this is the record of a key, also of a task that was removed.
    #[inline]
    pub(crate) fn has_key(self, key: &[u8]) -> bool {
        self.mismatch(key) == 0
    }

    /// Whether this is the record of a key, and the task is known.
    #[inline]
    pub(crate) fn is_known_under(self, key: &[u8]) -> bool {
        self.mismatch(key) | u128::from(!self.counts() & IS_KNOWN) == 0
    }

    /// Returns 0 if the record has this key. Compares without branching on loaded data: a mispredicted branch would
    /// stall the next look-up.
    #[inline]
    fn mismatch(self, key: &[u8]) -> u128 {
        let len = key.len();
        let differ = match len {
            8..16 => differ_8(&self.head[KEY..KEY + len], key),
            16..=SHORT => differ_16(&self.head[KEY..KEY + len], key),
            23..=32 if self.room() == LONG => differ_16(&self.head[KEY..KEY + len], key),
            33..=LONG if self.room() == LONG => differ_32(&self.head[KEY..KEY + len], key),
            _ => u128::from(self.key_bytes() != key),
        };
        differ | (len ^ self.key_len()) as u128
    }

    /// Whether the task is known, with a lead or without one.
    #[inline]
    pub(crate) fn is_known(self) -> bool {
        self.counts() & IS_KNOWN != 0
    }

    /// Whether the task has a lead.
    #[inline]
    pub(crate) fn is_assigned(self) -> bool {
        self.word() & 0xFF_FFFF != 0
    }

    /// The lead's number.
    #[inline]
    pub(crate) fn lead(self) -> Option<UnitId> {
        ((self.word() & 0xFF_FFFF) as UnitId).checked_sub(1)
    }

    /// The task's units with their roles, the lead first; none when it was removed.
    #[inline]
    pub(crate) fn members(self) -> impl Iterator<Item = Member> + Clone + use<'r> {
        self.lead().map(|lead| Member::new(lead, Role::Lead)).into_iter().chain(self.others())
    }

    /// The units but the lead, in the order of their roles.
    #[inline]
    pub(crate) fn others(self) -> Others<'r> {
        let bytes =
            if self.has_units_in_head() { &self.head[KEY + self.key_len()..] } else { &self.tail[self.key_end()..] };
        Others(bytes[..self.count() * Member::BYTES].as_chunks().0.iter())
    }

    /// Loads its head and the first of its other units from memory, ahead of their use: loads of several records overlap.
    #[inline]
    pub(crate) fn touch(self) {
        std::hint::black_box(self.others().next().is_some_and(|first| first.unit() > 0));
    }

    /// The units in a role other than lead, in order. One comparison where all others have that role.
    #[inline]
    pub(crate) fn in_role(self, role: Role) -> Others<'r> {
        let all = self.others().0.as_slice();
        let role_of = |bytes: Option<&[u8; Member::BYTES]>| bytes.map(|bytes| Member::from_trusted(*bytes).role());
        if (role_of(all.first()), role_of(all.last())) == (Some(role), Some(role)) {
            return Others(all.iter());
        }
        let from = all.partition_point(|bytes| Member::from_trusted(*bytes).role() < role);
        let to = all.partition_point(|bytes| Member::from_trusted(*bytes).role() <= role);
        Others(all[from..to].iter())
    }

    pub(crate) fn detail(self) -> DetailId {
        self.take(HAS_DETAIL, self.units_end()).unwrap_or_default().0
    }

    /// The revision of the commit that last changed the task: its creation and its removal count.
    pub(crate) fn changed(self) -> Revision {
        self.take(HAS_CHANGED, self.detail_end()).map_or_else(|| self.default_of_leaf(), |(changed, _)| changed)
    }

    /// The revision of all records of the leaf that have none of their own.
    pub(super) fn default_of_leaf(self) -> Revision {
        let default = self.tail.last_chunk::<DEFAULT>();
        debug_assert!(default.is_some(), "the tails of a leaf end with its default");
        default.map_or(0, |default| Revision::from_le_bytes(*default))
    }

    fn units_end(self) -> usize {
        self.key_end() + if self.has_units_in_head() { 0 } else { self.count() * Member::BYTES }
    }

    fn detail_end(self) -> usize {
        let units = self.units_end();
        self.take(HAS_DETAIL, units).map_or(units, |(_, end)| end)
    }

    /// The number at a place in the tails, if the head promises it, and where it ends.
    #[inline]
    fn take(self, promise: u16, at: usize) -> Option<(u64, usize)> {
        if self.counts() & promise == 0 {
            return None;
        }
        let mut rest = &self.tail[at..];
        let number = varint::take(&mut rest);
        debug_assert!(number.is_some(), "the tail has each number that the head promises");
        number.map(|number| (number, self.tail.len() - rest.len()))
    }

    /// Appends the tail to those of a leaf with heads of this width and this default, and returns the head for its new
    /// place.
    pub(super) fn copy_to(self, width: usize, default: Revision, tails: &mut Vec<u8>) -> Head {
        let (at, end, changed) = (tails.len(), self.detail_end(), self.changed());
        if self.head.len() != width * PIECE {
            let members: Vec<Member> = self.members().collect();
            let image = self.is_known().then(|| TaskImage { members: &members, detail: self.detail() });
            return pack(TaskFacts { key: self.key(), image, changed }, width, default, tails);
        }
        tails.extend_from_slice(&self.tail[self.tail_at()..end]);
        let mut copy = Head::default();
        let head = copy.as_flattened_mut();
        head[..self.head.len()].copy_from_slice(self.head);
        set_tail_at(head, at);
        let [_, flag] = HAS_CHANGED.to_le_bytes();
        if changed == default {
            head[KEY - 3] &= !flag;
        } else {
            head[KEY - 3] |= flag;
            varint::put(changed, tails);
        }
        copy
    }

    /// The range of its tail among the tails.
    pub(super) fn tail_range(self) -> Range<usize> {
        let end = self.detail_end();
        self.tail_at()..self.take(HAS_CHANGED, end).map_or(end, |(_, end)| end)
    }

    #[cfg(test)]
    pub(crate) fn to_owned(self) -> OwnedRecord {
        let image = self.is_known().then(|| (self.members().collect(), self.detail()));
        OwnedRecord { key: self.key().to_owned(), image, changed: self.changed() }
    }
}

/// The bits in which two slices of 8 to 16 bytes differ, in the first eight or the last eight.
#[inline]
fn differ_8(a: &[u8], b: &[u8]) -> u128 {
    let word = |bytes: Option<&[u8; 8]>| {
        debug_assert!(bytes.is_some(), "a slice of at least eight bytes");
        bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes))
    };
    u128::from((word(a.first_chunk()) ^ word(b.first_chunk())) | (word(a.last_chunk()) ^ word(b.last_chunk())))
}

/// The same for 16 to 32 bytes.
#[inline]
fn differ_16(a: &[u8], b: &[u8]) -> u128 {
    let word = |bytes: Option<&[u8; 16]>| {
        debug_assert!(bytes.is_some(), "a slice of at least sixteen bytes");
        bytes.map_or(0, |bytes| u128::from_le_bytes(*bytes))
    };
    (word(a.first_chunk()) ^ word(b.first_chunk())) | (word(a.last_chunk()) ^ word(b.last_chunk()))
}

/// The same for 32 to 64 bytes.
#[inline]
fn differ_32(a: &[u8], b: &[u8]) -> u128 {
    let halves = |bytes: &[u8]| (bytes.first_chunk::<32>().copied(), bytes.last_chunk::<32>().copied());
    let ((a_first, a_last), (b_first, b_last)) = (halves(a), halves(b));
    let differ = |a: Option<[u8; 32]>, b: Option<[u8; 32]>| {
        debug_assert!(a.is_some() && b.is_some(), "slices of at least 32 bytes");
        a.zip(b).map_or(1, |(a, b)| differ_16(&a, &b))
    };
    differ(a_first, b_first) | differ(a_last, b_last)
}

/// Units of a task other than its lead, in order.
#[derive(Clone, Debug)]
pub(crate) struct Others<'r>(std::slice::Iter<'r, [u8; Member::BYTES]>);

impl Iterator for Others<'_> {
    type Item = Member;

    #[inline]
    fn next(&mut self) -> Option<Member> {
        self.0.next().map(|bytes| Member::from_trusted(*bytes))
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }

    #[inline]
    fn fold<B, F: FnMut(B, Member) -> B>(self, from: B, mut each: F) -> B {
        self.0.fold(from, |so_far, bytes| each(so_far, Member::from_trusted(*bytes)))
    }
}

impl ExactSizeIterator for Others<'_> {}

#[cfg(test)]
mod tests {
    use super::super::member::{MAX_UNITS, led};
    use super::*;

    #[test]
    fn a_record_gives_back_what_it_was_made_of_whatever_stands_before_it() {
        let (short, long) = ("k".repeat(SHORT), "k".repeat(SHORT + 1));
        let longest = "k".repeat(512);
        let most = MAX_UNITS as UnitId - 1;
        // Without a lead, and with other roles.
        let many: Vec<Member> = (1..4096).map(|n| Member::new(n, Role::ALL[1 + n as usize / 1024])).collect();
        let (widest, wider) = ("k".repeat(LONG), "k".repeat(LONG + 1));
        let keys = ["a", "fujian-2016/1/1/4/2", &short, &long, &widest, &wider, &longest];
        for (key, width) in keys.into_iter().flat_map(|key| [(key, 1), (key, 2)]) {
            for image in [None, Some(vec![]), Some(led(&[0])), Some(led(&[7, 0, 300, most])), Some(many.clone())] {
                for (detail, changed) in [(0, 5), (1, 0), (u64::MAX, 5), (0, u64::MAX)] {
                    let mut tail = vec![9; 300_000];
                    let image = image.clone().map(|members| (members, detail));
                    let owned = OwnedRecord { key: key.to_owned(), image, changed };
                    let head = pack(owned.facts(), width, 5, &mut tail);
                    tail.extend([0xFF; 3]);
                    tail.extend(5_u64.to_le_bytes());
                    let record = Record { head: head[..width].as_flattened(), tail: &tail };
                    for (other, default) in [(1, 5), (2, 5), (1, 6), (2, 6)] {
                        let mut tail = vec![9; 10];
                        let head = record.copy_to(other, default, &mut tail);
                        tail.extend(default.to_le_bytes());
                        let copy = Record { head: head[..other].as_flattened(), tail: &tail };
                        assert_eq!(copy.to_owned(), owned);
                    }
                    assert_eq!(record.to_owned(), owned);
                    let members = owned.image.as_ref().map_or(&[][..], |(members, _)| members);
                    let lead = members.first().filter(|first| first.is_lead());
                    assert_eq!(record.lead(), lead.map(|lead| lead.unit()));
                    assert_eq!(record.is_assigned(), lead.is_some());
                    for role in Role::ALL.into_iter().skip(1) {
                        assert!(record.in_role(role).eq(members.iter().copied().filter(|m| m.role() == role)));
                    }
                    assert!(record.has_key(key.as_bytes()));
                    assert_eq!(record.is_known_under(key.as_bytes()), owned.image.is_some());
                }
            }
        }
    }

    #[test]
    fn a_key_that_differs_in_one_byte_or_in_length_is_another() {
        for (len, width) in (1..70).flat_map(|len| [(len, 1), (len, 2)]) {
            let key = "k".repeat(len);
            let mut tail = Vec::new();
            let members = led(&[1, 2]);
            let image = Some(TaskImage { members: &members, detail: 0 });
            let head = pack(TaskFacts { key: &key, image, changed: 1 }, width, 1, &mut tail);
            tail.extend(1_u64.to_le_bytes());
            let record = Record { head: head[..width].as_flattened(), tail: &tail };
            assert!(record.has_key(key.as_bytes()));
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
