//! One packed task: its key, the numbers of its units in order, the number of its details, the revision that last changed
//! it. Knows no names and no other task.
//!
//! A record has a head of 32 bytes and a tail. The head answers most questions, and two heads share a cache line:
//!
//! | bytes of the head | |
//! | --- | --- |
//! | 0–2 | the number of the lead plus 1; 0 without a lead |
//! | 3–5 | the place of the tail |
//! | 6–7 | the number of other units; bit 15 says that there are details, bit 14 that the tail has `changed`, bit 13 that the task is known |
//! | 8–9 | the length of the key |
//! | 10–31 | the key, or its beginning |
//!
//! The tail holds the key, if it is longer than that, three bytes for each other unit with its role, the number of the
//! details, if there are any, and `changed`, if it is not the default of the leaf. Numbers are little-endian. The default of the leaf
//! is in the last eight bytes of all its tails.

use std::ops::Range;

use crate::id::{DetailId, Revision, UnitId};
use crate::model::Role;
use crate::varint;

use super::change::{TaskImage, parts};
use super::member::Member;

/// Bytes of a head.
pub(super) const HEAD: usize = 32;
pub(super) type Head = [u8; HEAD];

/// Places in a head: of the tail's place, and of the key.
const TAIL: usize = 3;
const KEY: usize = 10;
/// Keys up to this length are in the head.
const SHORT: usize = HEAD - KEY;
const HAS_DETAIL: u16 = 1 << 15;
const HAS_CHANGED: u16 = 1 << 14;
const IS_KNOWN: u16 = 1 << 13;
const COUNT: u16 = IS_KNOWN - 1;
/// Bytes of the default revision of a leaf, after all tails.
pub(super) const DEFAULT: usize = 8;

/// A record in its leaf. `tail` has the tails of this record and of its neighbours, and the default of the leaf.
#[derive(Clone, Copy)]
pub(crate) struct Record<'r> {
    pub(super) head: &'r Head,
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

/// Returns the head of a record and appends its tail to `tails`, for a leaf with this default revision.
pub(super) fn pack(facts: TaskFacts<'_>, default: Revision, tails: &mut Vec<u8>) -> Head {
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
    if key.len() > SHORT {
        tails.extend_from_slice(key.as_bytes());
    }
    others.iter().for_each(|member| tails.extend_from_slice(&member.to_bytes()));
    if detail > 0 {
        varint::put(detail, tails);
    }
    if changed != default {
        varint::put(changed, tails);
    }
    let [lead_0, lead_1, lead_2, _] = lead.to_le_bytes();
    let ([count_0, count_1], [len_0, len_1]) = (count.to_le_bytes(), (key.len() as u16).to_le_bytes());
    let fixed: [u8; KEY] = [lead_0, lead_1, lead_2, 0, 0, 0, count_0, count_1, len_0, len_1];
    let mut head = [0; HEAD];
    let beginning = key.bytes().take(SHORT);
    head.iter_mut().zip(fixed.into_iter().chain(beginning)).for_each(|(slot, byte)| *slot = byte);
    with_tail_at(head, at)
}

/// Returns the head with another place of its tail.
pub(super) fn with_tail_at(mut head: Head, at: usize) -> Head {
    let bytes = at.to_le_bytes();
    head.iter_mut().skip(TAIL).take(3).zip(bytes).for_each(|(slot, byte)| *slot = byte);
    head
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
        let [a, b, c, d, e, f, g, h, ..] = *self.head;
        u64::from_le_bytes([a, b, c, d, e, f, g, h])
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

    /// The place of the other units in the tails: after the key, if the tail has it.
    #[inline]
    fn units_at(self) -> usize {
        let key = self.key_len();
        self.tail_at() + if key > SHORT { key } else { 0 }
    }

    #[inline]
    pub(crate) fn key_bytes(self) -> &'r [u8] {
        let len = self.key_len();
        if len <= SHORT { &self.head[KEY..KEY + len] } else { &self.tail[self.tail_at()..][..len] }
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
        let packed = &self.tail[self.units_at()..][..self.count() * Member::BYTES];
        Others(packed.as_chunks().0.iter())
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
        self.units_at() + self.count() * Member::BYTES
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

    /// Appends the tail to those of a leaf with this default, and returns the head for its new place.
    pub(super) fn copy_to(self, default: Revision, tails: &mut Vec<u8>) -> Head {
        let (at, end, changed) = (tails.len(), self.detail_end(), self.changed());
        tails.extend_from_slice(&self.tail[self.tail_at()..end]);
        let mut head = with_tail_at(*self.head, at);
        let [_, flag] = HAS_CHANGED.to_le_bytes();
        if changed == default {
            head[KEY - 3] &= !flag;
        } else {
            head[KEY - 3] |= flag;
            varint::put(changed, tails);
        }
        head
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
        for key in ["a", "fujian-2016/1/1/4/2", &short, &long, &longest] {
            for image in [None, Some(vec![]), Some(led(&[0])), Some(led(&[7, 0, 300, most])), Some(many.clone())] {
                for (detail, changed) in [(0, 5), (1, 0), (u64::MAX, 5), (0, u64::MAX)] {
                    let mut tail = vec![9; 300_000];
                    let image = image.clone().map(|members| (members, detail));
                    let owned = OwnedRecord { key: key.to_owned(), image, changed };
                    let head = pack(owned.facts(), 5, &mut tail);
                    tail.extend([0xFF; 3]);
                    tail.extend(5_u64.to_le_bytes());
                    let record = Record { head: &head, tail: &tail };
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
        for len in 1..40 {
            let key = "k".repeat(len);
            let mut tail = Vec::new();
            let members = led(&[1, 2]);
            let image = Some(TaskImage { members: &members, detail: 0 });
            let head = pack(TaskFacts { key: &key, image, changed: 1 }, 1, &mut tail);
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
