//! One task as the view keeps it: its key, the numbers of its units in order, the number of its details.
//! Knows nothing of names or of other tasks.

use std::sync::Arc;

use crate::id::{DetailId, UnitId};
use crate::varint;

/// Bytes kept inside the record itself, so that one look-up touches one cache line.
const INLINE: usize = 62;

/// The packed bytes: key length, key, unit count, unit numbers, detail number. A task without units is unassigned.
#[derive(Clone)]
#[repr(align(64))]
pub(crate) struct Record(Packed);

#[derive(Clone)]
enum Packed {
    Here { len: u8, bytes: [u8; INLINE] },
    Elsewhere(Arc<[u8]>),
}

impl Default for Record {
    fn default() -> Record {
        Record(Packed::Here { len: 0, bytes: [0; INLINE] })
    }
}

impl Record {
    pub(crate) fn new(key: &str, units: &[UnitId], detail: DetailId) -> Record {
        let mut packed = Vec::with_capacity(INLINE + 2);
        varint::put(key.len() as u64, &mut packed);
        packed.extend_from_slice(key.as_bytes());
        varint::put(units.len() as u64, &mut packed);
        units.iter().for_each(|unit| varint::put(u64::from(*unit), &mut packed));
        varint::put(detail, &mut packed);
        let mut bytes = [0; INLINE];
        match bytes.get_mut(..packed.len()) {
            Some(room) => {
                room.copy_from_slice(&packed);
                Record(Packed::Here { len: packed.len() as u8, bytes })
            }
            None => Record(Packed::Elsewhere(packed.into())),
        }
    }

    #[inline]
    fn bytes(&self) -> &[u8] {
        match &self.0 {
            Packed::Here { len, bytes } => bytes.get(..usize::from(*len)).unwrap_or_default(),
            Packed::Elsewhere(bytes) => bytes,
        }
    }

    /// The key, and what is packed after it.
    #[inline]
    fn split(&self) -> (&[u8], &[u8]) {
        let mut rest = self.bytes();
        let len = varint::take(&mut rest).unwrap_or_default() as usize;
        rest.split_at_checked(len).unwrap_or_default()
    }

    #[inline]
    pub(crate) fn key_bytes(&self) -> &[u8] {
        self.split().0
    }

    #[inline]
    pub(crate) fn key(&self) -> &str {
        std::str::from_utf8(self.key_bytes()).unwrap_or_default()
    }

    /// The task's units, the lead first; none when it is unassigned.
    #[inline]
    pub(crate) fn units(&self) -> Units<'_> {
        let mut rest = self.split().1;
        let left = varint::take(&mut rest).unwrap_or_default() as usize;
        Units { rest, left }
    }

    pub(crate) fn is_assigned(&self) -> bool {
        self.units().left > 0
    }

    pub(crate) fn detail(&self) -> DetailId {
        let mut units = self.units();
        units.by_ref().for_each(drop);
        varint::take(&mut units.rest).unwrap_or_default()
    }

    /// Bytes it takes beside the record itself.
    pub(crate) fn bytes_elsewhere(&self) -> usize {
        match &self.0 {
            Packed::Here { .. } => 0,
            Packed::Elsewhere(bytes) => bytes.len() + 16,
        }
    }
}

/// Unit numbers, unpacked one by one.
#[derive(Clone, Debug)]
pub(crate) struct Units<'r> {
    rest: &'r [u8],
    left: usize,
}

impl Iterator for Units<'_> {
    type Item = UnitId;

    #[inline]
    fn next(&mut self) -> Option<UnitId> {
        self.left = self.left.checked_sub(1)?;
        varint::take_u32(&mut self.rest)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Units<'_> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_gives_back_what_it_was_made_of_inline_or_not() {
        let long = "k".repeat(500);
        for key in ["a", "fujian-2016/1/1/4/2", &long] {
            for units in [vec![], vec![0], vec![7, 0, 300, 1_000_000], (0..200).collect()] {
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
