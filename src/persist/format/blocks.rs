//! Neighbouring tasks as one value, with front-coded keys: each key as its difference from the one before.

use std::borrow::Cow;

use serde::{Deserialize, Serialize, Serializer};

use super::units::{self, UNIT};
use crate::id::{DetailId, Revision, UnitId};

/// The tasks of one block: two leaves of records.
pub(crate) const BLOCK: usize = 64;

/// One task of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BlockTask<'t, U> {
    pub(crate) key: &'t str,
    /// The lead first; none for an unassigned task.
    pub(crate) units: U,
    pub(crate) detail: DetailId,
    /// The revision that last changed it.
    pub(crate) changed: Revision,
}

/// Up to [`BLOCK`] tasks: one list per property, in the order of the tasks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BlockV1<'r> {
    /// The number of bytes of its key that a task shares with the task before.
    shared: Vec<u16>,
    /// The number of further bytes of its key; and these bytes of all keys.
    rests: Vec<u16>,
    #[serde(borrow)]
    text: Cow<'r, str>,
    /// The number of its units; and the units of all tasks, packed by [`super::units`].
    counts: Vec<u16>,
    #[serde(borrow, serialize_with = "as_bytes")]
    units: Cow<'r, [u8]>,
    /// The numbers of the details; none when no task of the block has any.
    details: Vec<DetailId>,
    /// The revision that last changed most tasks; the places of the others, rising, each with the difference of its own.
    changed: Revision,
    others: Vec<(u16, i64)>,
}

/// Writes bytes in one piece. They are written one by one otherwise, with the same result.
fn as_bytes<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bytes(bytes)
}

impl BlockV1<'_> {
    /// Packs tasks.
    pub(crate) fn pack<'k>(
        tasks: impl Iterator<Item = BlockTask<'k, impl Iterator<Item = UnitId>>>,
    ) -> BlockV1<'static> {
        let list = || Vec::with_capacity(BLOCK);
        let (shared, rests, counts, details) = (list(), list(), list(), Vec::with_capacity(BLOCK));
        let mut block = BlockV1 { shared, rests, counts, details, ..BlockV1::default() };
        let mut revisions = Vec::with_capacity(BLOCK);
        let mut before = "";
        for BlockTask { key, units, detail, changed } in tasks {
            let (shared, rest) = key.split_at(shared_prefix(before, key));
            block.shared.push(shared.len() as u16);
            block.rests.push(rest.len() as u16);
            block.text.to_mut().push_str(rest);
            block.counts.push(units::pack(units, block.units.to_mut()) as u16);
            block.details.push(detail);
            revisions.push(changed);
            before = key;
        }
        block.changed = likely_majority(&revisions);
        let difference = |changed: &Revision| changed.wrapping_sub(block.changed).cast_signed();
        let others = (0..).zip(revisions.iter().map(difference)).filter(|(_, difference)| *difference != 0);
        block.others = others.collect();
        if block.details.iter().all(|detail| *detail == 0) {
            block.details.clear();
        }
        block
    }

    /// Hands out each task, or returns `None` where the lists do not fit together.
    pub(crate) fn unpack(&self, mut each: impl FnMut(BlockTask<'_, &[UnitId]>)) -> Option<()> {
        let (mut key, mut own) = (String::new(), Vec::new());
        let (mut text, mut units) = (&*self.text, &*self.units);
        let mut others = self.others.iter().peekable();
        let (tasks, details) = (self.shared.len(), self.details.len());
        if self.rests.len() != tasks || self.counts.len() != tasks || (details != 0 && details != tasks) {
            return None;
        }
        let details = self.details.iter().copied().chain(std::iter::repeat(0));
        let lists = self.shared.iter().zip(&self.rests).zip(&self.counts).zip(details);
        for (place, (((shared, rest), count), detail)) in (0..).zip(lists) {
            let shared = usize::from(*shared);
            if !key.is_char_boundary(shared) {
                return None;
            }
            key.truncate(shared);
            let (rest, more) = text.split_at_checked(usize::from(*rest))?;
            key.push_str(rest);
            text = more;
            let (packed, more) = units.split_at_checked(usize::from(*count) * UNIT)?;
            units = more;
            units::unpack(packed, &mut own)?;
            let difference = others.next_if(|(other, _)| *other == place).map_or(0, |(_, difference)| *difference);
            let changed = self.changed.wrapping_add_signed(difference);
            each(BlockTask { key: &key, units: &own, detail, changed });
        }
        (text.is_empty() && units.is_empty() && others.next().is_none()).then_some(())
    }
}

/// The revision of more than half of the tasks, if one is; else any of them. Each pair of different ones is struck out, and
/// a majority is left over.
fn likely_majority(revisions: &[Revision]) -> Revision {
    let (mut likely, mut left) = (0, 0);
    for revision in revisions {
        match left {
            0 => (likely, left) = (*revision, 1),
            _ if *revision == likely => left += 1,
            _ => left -= 1,
        }
    }
    likely
}

fn shared_prefix(a: &str, b: &str) -> usize {
    let mut same = a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count();
    while !b.is_char_boundary(same) {
        same -= 1;
    }
    same
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_come_back_also_where_keys_part_inside_a_character() {
        let tasks = [
            ("plan/1", vec![1, 2], 0, u64::MAX),
            ("plan/2", vec![], 7, 4),
            ("plan/省", vec![3], 0, 4),
            ("plan/眀", vec![3], 0, 3),
            ("plan/眀/1", vec![3], 0, 4),
        ];
        let block = BlockV1::pack(tasks.iter().map(|(key, units, detail, changed)| BlockTask {
            key,
            units: units.iter().copied(),
            detail: *detail,
            changed: *changed,
        }));
        assert_eq!((block.changed, block.others.as_slice()), (4, [(0, -5), (3, -1)].as_slice()));
        let mut back = Vec::new();
        block.unpack(|task| back.push((task.key.to_owned(), task.units.to_vec(), task.detail, task.changed))).unwrap();
        let back = back.iter().map(|(key, units, detail, changed)| (key.as_str(), units.clone(), *detail, *changed));
        assert!(back.eq(tasks));
    }

    #[test]
    fn lists_that_do_not_fit_together_are_refused() {
        let task = |key, detail| BlockTask { key, units: [1, 2].into_iter(), detail, changed: detail };
        let whole = BlockV1::pack([task("ab", 3), task("ac", 0), task("ad", 0)].into_iter());
        assert!(whole.unpack(|_| {}).is_some());
        let broken: [fn(&mut BlockV1<'_>); 10] = [
            |block| block.shared[1] = 3,
            |block| block.rests[1] = 2,
            |block| block.counts[0] = 4,
            |block| block.text.to_mut().push('d'),
            |block| block.units.to_mut().push(1),
            |block| block.units.to_mut()[2] |= 0x20,
            |block| block.others.push((9, 1)),
            |block| block.others.insert(0, (1, 1)),
            |block| block.details.truncate(1),
            |block| block.rests.truncate(1),
        ];
        for (number, break_it) in broken.iter().enumerate() {
            let mut block = whole.clone();
            break_it(&mut block);
            assert_eq!(block.unpack(|_| {}), None, "{number}");
        }
    }
}
