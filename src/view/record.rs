//! One task as the view keeps it: its key, the numbers of its units in order, the number of its details.
//! Knows nothing of names or of other tasks.

use std::sync::Arc;

use crate::id::{DetailId, UnitId};
use crate::varint;

/// Bytes kept inside the record itself, so that one look-up touches one cache line.
const INLINE: usize = 48;
/// Keys up to this length are inside the record, whatever else is not.
const SHORT: usize = 32;
/// Bytes of one unit number. A fixed width, since a length that varies costs the processor a wrong guess.
const UNIT: usize = 3;
/// Numbers of units are below this.
pub(crate) const MAX_UNITS: usize = 1 << (8 * UNIT);

/// A key and its task: the lead, and packed into bytes the key, the supporting units and the number of the details.
#[derive(Clone, Default)]
#[repr(align(64))]
pub(crate) struct Record {
    lead: UnitId,
    key: u16,
    /// How many units there are; none means that the task is unassigned.
    units: u16,
    /// All packed bytes, when there are more than fit here. Two steps away, so that the way there is one word.
    elsewhere: Option<Arc<Box<[u8]>>>,
    here: Here,
}

/// As many of the packed bytes as fit. Keys are checked to be text a word at a time where they start at one.
#[derive(Clone)]
#[repr(align(8))]
struct Here([u8; INLINE]);

impl Default for Here {
    fn default() -> Here {
        Here([0; INLINE])
    }
}

impl Record {
    pub(crate) fn new(key: &str, units: &[UnitId], detail: DetailId) -> Record {
        let mut record = Record { lead: units.first().copied().unwrap_or_default(), ..Record::default() };
        (record.key, record.units) = (key.len() as u16, units.len() as u16);
        let supporting = units.iter().skip(1).flat_map(|unit| unit.to_le_bytes().into_iter().take(UNIT));
        let mut number = Vec::new();
        if detail > 0 {
            varint::put(detail, &mut number);
        }
        let len = key.len() + units.len().saturating_sub(1) * UNIT + number.len();
        let short = record.here.0.split_at_mut_checked(key.len()).filter(|_| len <= INLINE);
        match short {
            Some((room, rest)) => {
                room.copy_from_slice(key.as_bytes());
                rest.iter_mut().zip(supporting.chain(number)).for_each(|(slot, byte)| *slot = byte);
            }
            None => {
                let packed: Box<[u8]> = key.bytes().chain(supporting).chain(number).collect();
                record.here.0.iter_mut().zip(&packed).for_each(|(slot, byte)| *slot = *byte);
                record.elsewhere = Some(Arc::new(packed));
            }
        }
        record
    }

    /// The key, and what is packed after it.
    #[inline]
    fn split(&self) -> (&[u8], &[u8]) {
        self.packed().split_at_checked(usize::from(self.key)).unwrap_or_default()
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
        let len = key.len();
        let bytes = self.here.0.get(..len).unwrap_or_default();
        let differ = match len {
            8..=16 => differ_8(bytes, key),
            17..=SHORT => differ_16(bytes, key),
            _ => u128::from(self.key_bytes() != key),
        };
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
    fn packed(&self) -> &[u8] {
        match &self.elsewhere {
            None => &self.here.0,
            Some(bytes) => bytes,
        }
    }

    #[inline]
    pub(crate) fn supporting(&self) -> Supporting<'_> {
        let from = usize::from(self.key);
        let to = from + usize::from(self.units.saturating_sub(1)) * UNIT;
        Supporting(self.packed().get(from..to).unwrap_or_default().as_chunks().0.iter())
    }

    pub(crate) fn detail(&self) -> DetailId {
        let count = usize::from(self.units.saturating_sub(1));
        let mut rest = self.split().1.get(count * UNIT..).unwrap_or_default();
        varint::take(&mut rest).unwrap_or_default()
    }

    /// Bytes it takes beside the record itself.
    pub(crate) fn bytes_elsewhere(&self) -> usize {
        self.elsewhere.as_ref().map_or(0, |bytes| bytes.len() + 48)
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
