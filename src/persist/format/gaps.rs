//! Sorted task numbers as gaps and runs. Knows nothing of whose they are.

use crate::id::TaskId;
use crate::varint;

/// Packs rising numbers: for each run of neighbours the gap before it, and its length where it is above one.
///
/// The lowest bit of a gap says whether a length follows.
pub(crate) fn pack(ids: impl IntoIterator<Item = TaskId>) -> Vec<u8> {
    let mut packed = Vec::new();
    let mut next = 0;
    let mut ids = ids.into_iter().peekable();
    while let Some(first) = ids.next() {
        let mut last = first;
        while let Some(neighbour) = ids.next_if(|id| last.checked_add(1) == Some(*id)) {
            last = neighbour;
        }
        let gap = u64::from(first).wrapping_sub(next);
        let more = u64::from(last - first);
        varint::put(gap << 1 | u64::from(more > 0), &mut packed);
        if more > 0 {
            varint::put(more, &mut packed);
        }
        next = u64::from(last) + 1;
    }
    packed
}

/// Unpacks what [`pack`] made, or `None` when it is cut off, a number is not below `end`, or there are more than `most`.
pub(crate) fn unpack(mut packed: &[u8], end: usize, most: usize) -> Option<Vec<TaskId>> {
    let end = end as u64;
    let mut ids = Vec::new();
    let mut next: u64 = 0;
    while !packed.is_empty() {
        let gap = varint::take(&mut packed)?;
        let more = if gap & 1 == 1 { varint::take(&mut packed)? } else { 0 };
        let first = next.checked_add(gap >> 1)?;
        next = first.checked_add(more)?.checked_add(1)?;
        if next > end || more >= (most - ids.len()) as u64 {
            return None;
        }
        if more == 0 {
            ids.push(first as TaskId);
        } else {
            ids.extend((first..next).map(|id| id as TaskId));
        }
    }
    Some(ids)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back() {
        let cases: [&[TaskId]; 6] =
            [&[], &[0], &[5], &[0, 1, 2, 9, 11, 12], &[u32::MAX - 1, u32::MAX], &[3, 1_000, 1_000_000]];
        for ids in cases {
            let packed = pack(ids.iter().copied());
            assert_eq!(unpack(&packed, 1 << 32, ids.len()).as_deref(), Some(ids));
        }
        assert_eq!(pack(0..1_000_000).len(), 4);
    }

    #[test]
    fn a_number_past_the_end_too_many_of_them_or_a_cut_run_is_refused() {
        let packed = pack([1, 2, 3]);
        assert_eq!(unpack(&packed, 3, 3), None);
        assert_eq!(unpack(&packed, 4, 2), None);
        assert_eq!(unpack(&packed[..1], 10, 10), None);
        assert_eq!(unpack(&[0xFF; 9], usize::MAX, 10), None);
    }
}
