//! One task as the view keeps it: its key, the numbers of its units in order, the number of its details.
//! Knows nothing of names or of other tasks.

use std::sync::Arc;

use crate::id::{DetailId, UnitId};
use crate::varint;

/// Bytes kept inside the record itself, so that one look-up touches one cache line.
const INLINE: usize = 55;
/// Bytes of one unit number. A fixed width, since a length that varies costs the processor a wrong guess.
const UNIT: usize = 3;
/// Numbers of units are below this.
pub(crate) const MAX_UNITS: usize = 1 << (8 * UNIT);

/// A key and its task: the lead, then in `body` the key, the supporting units and the number of the details.
#[derive(Clone)]
#[repr(align(64))]
pub(crate) struct Record {
    lead: UnitId,
    key: u16,
    /// How many units there are; none means that the task is unassigned.
    units: u16,
    body: Body,
}

#[derive(Clone)]
enum Body {
    Here([u8; INLINE]),
    Elsewhere(Arc<[u8]>),
}

impl Default for Record {
    fn default() -> Record {
        Record { lead: 0, key: 0, units: 0, body: Body::Here([0; INLINE]) }
    }
}

impl Record {
    pub(crate) fn new(key: &str, units: &[UnitId], detail: DetailId) -> Record {
        let mut packed = Vec::with_capacity(INLINE + 16);
        packed.extend_from_slice(key.as_bytes());
        for unit in units.iter().skip(1) {
            packed.extend(unit.to_le_bytes().iter().take(UNIT));
        }
        varint::put(detail, &mut packed);
        let mut bytes = [0; INLINE];
        let body = match bytes.get_mut(..packed.len()) {
            Some(room) => {
                room.copy_from_slice(&packed);
                Body::Here(bytes)
            }
            None => Body::Elsewhere(packed.into()),
        };
        let lead = units.first().copied().unwrap_or_default();
        Record { lead, key: key.len() as u16, units: units.len() as u16, body }
    }

    /// The key, and what is packed after it.
    #[inline]
    fn split(&self) -> (&[u8], &[u8]) {
        let bytes: &[u8] = match &self.body {
            Body::Here(bytes) => bytes,
            Body::Elsewhere(bytes) => bytes,
        };
        bytes.split_at_checked(usize::from(self.key)).unwrap_or_default()
    }

    #[inline]
    pub(crate) fn key_bytes(&self) -> &[u8] {
        self.split().0
    }

    /// Whether this is the record of a key, assigned or not.
    #[inline]
    pub(crate) fn has_key(&self, key: &[u8]) -> bool {
        self.differs(key) == 0
    }

    /// Whether this is the record of a key, and assigned.
    #[inline]
    pub(crate) fn is_assigned_under(&self, key: &[u8]) -> bool {
        self.differs(key) | u128::from(self.units == 0) == 0
    }

    /// 0 if this is the key. All that has to arrive from memory goes into one number, so that the processor has one
    /// branch to guess: each that waits for memory keeps it from starting on the next look-up.
    #[inline]
    fn differs(&self, key: &[u8]) -> u128 {
        let (Body::Here(bytes), len @ 8..=32) = (&self.body, key.len()) else {
            return u128::from(self.key_bytes() != key);
        };
        let bytes = bytes.get(..len).unwrap_or_default();
        let differ = if len <= 16 { differ_8(bytes, key) } else { differ_16(bytes, key) };
        differ | (len as u128 ^ u128::from(self.key))
    }

    #[inline]
    pub(crate) fn key(&self) -> &str {
        std::str::from_utf8(self.key_bytes()).unwrap_or_default()
    }

    #[inline]
    pub(crate) fn is_assigned(&self) -> bool {
        self.units > 0
    }

    /// The lead's number; 0 when the task is unassigned.
    #[inline]
    pub(crate) fn lead(&self) -> UnitId {
        self.lead
    }

    /// The task's units, the lead first; none when it is unassigned.
    #[inline]
    pub(crate) fn units(&self) -> impl Iterator<Item = UnitId> + '_ {
        self.is_assigned().then_some(self.lead).into_iter().chain(self.supporting())
    }

    #[inline]
    pub(crate) fn supporting(&self) -> Supporting<'_> {
        let count = usize::from(self.units.saturating_sub(1));
        Supporting { rest: self.split().1.get(..count * UNIT).unwrap_or_default() }
    }

    pub(crate) fn detail(&self) -> DetailId {
        let count = usize::from(self.units.saturating_sub(1));
        let mut rest = self.split().1.get(count * UNIT..).unwrap_or_default();
        varint::take(&mut rest).unwrap_or_default()
    }

    /// Bytes it takes beside the record itself.
    pub(crate) fn bytes_elsewhere(&self) -> usize {
        match &self.body {
            Body::Here(_) => 0,
            Body::Elsewhere(bytes) => bytes.len() + 16,
        }
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
pub(crate) struct Supporting<'r> {
    rest: &'r [u8],
}

impl Iterator for Supporting<'_> {
    type Item = UnitId;

    #[inline]
    fn next(&mut self) -> Option<UnitId> {
        let ([a, b, c], rest) = self.rest.split_first_chunk::<UNIT>()?;
        self.rest = rest;
        Some(UnitId::from_le_bytes([*a, *b, *c, 0]))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.rest.len() / UNIT;
        (left, Some(left))
    }
}

impl ExactSizeIterator for Supporting<'_> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_gives_back_what_it_was_made_of_inline_or_not() {
        let long = "k".repeat(500);
        for key in ["a", "fujian-2016/1/1/4/2", &long] {
            for units in [vec![], vec![0], vec![7, 0, 300, 16_777_215], (0..200).collect()] {
                let record = Record::new(key, &units, 99);
                assert_eq!(record.key(), key);
                assert!(record.units().eq(units.iter().copied()));
                assert_eq!((record.detail(), record.is_assigned()), (99, !units.is_empty()));
            }
        }
    }

    #[test]
    fn a_record_is_one_cache_line() {
        assert_eq!(std::mem::size_of::<Record>(), 64);
    }
}
