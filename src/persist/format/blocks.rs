//! Neighbouring tasks as one value, with front-coded keys: each key as its difference from the one before.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::id::{DetailId, UnitId};

/// The tasks of one block: two leaves of records.
pub(crate) const BLOCK: usize = 64;

/// Up to [`BLOCK`] tasks: one list per property, in the order of the tasks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BlockV1<'r> {
    /// The number of bytes of its key that a task shares with the task before.
    shared: Vec<u16>,
    /// The number of further bytes of its key; and these bytes of all keys.
    rests: Vec<u16>,
    #[serde(borrow)]
    text: Cow<'r, str>,
    /// The number of its units; and the units of all tasks.
    counts: Vec<u16>,
    units: Vec<UnitId>,
    /// The numbers of the details; none when no task of the block has any.
    details: Vec<DetailId>,
}

impl BlockV1<'_> {
    /// Packs tasks, given as key, units and details number.
    pub(crate) fn pack<'k>(
        tasks: impl Iterator<Item = (&'k str, impl Iterator<Item = UnitId>, DetailId)>,
    ) -> BlockV1<'static> {
        let list = || Vec::with_capacity(BLOCK);
        let (shared, rests, counts, details) = (list(), list(), list(), Vec::with_capacity(BLOCK));
        let mut block = BlockV1 { shared, rests, counts, details, ..BlockV1::default() };
        let mut before = "";
        for (key, units, detail) in tasks {
            let (shared, rest) = key.split_at(shared_prefix(before, key));
            block.shared.push(shared.len() as u16);
            block.rests.push(rest.len() as u16);
            block.text.to_mut().push_str(rest);
            let first = block.units.len();
            block.units.extend(units);
            block.counts.push((block.units.len() - first) as u16);
            block.details.push(detail);
            before = key;
        }
        if block.details.iter().all(|detail| *detail == 0) {
            block.details.clear();
        }
        block
    }

    /// Hands out each task, or returns `None` where the lists do not fit together.
    pub(crate) fn unpack(&self, mut each: impl FnMut(&str, &[UnitId], DetailId)) -> Option<()> {
        let mut key = String::new();
        let (mut text, mut units) = (&*self.text, self.units.as_slice());
        let (tasks, details) = (self.shared.len(), self.details.len());
        if self.rests.len() != tasks || self.counts.len() != tasks || (details != 0 && details != tasks) {
            return None;
        }
        let details = self.details.iter().copied().chain(std::iter::repeat(0));
        for (((shared, rest), count), detail) in self.shared.iter().zip(&self.rests).zip(&self.counts).zip(details) {
            let shared = usize::from(*shared);
            if !key.is_char_boundary(shared) {
                return None;
            }
            key.truncate(shared);
            let (rest, more) = text.split_at_checked(usize::from(*rest))?;
            key.push_str(rest);
            text = more;
            let (own, more) = units.split_at_checked(usize::from(*count))?;
            units = more;
            each(&key, own, detail);
        }
        (text.is_empty() && units.is_empty()).then_some(())
    }
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
        let tasks =
            [("plan/1", vec![1, 2], 0), ("plan/2", vec![], 7), ("plan/省", vec![3], 0), ("plan/眀", vec![3], 0)];
        let block = BlockV1::pack(tasks.iter().map(|(key, units, detail)| (*key, units.iter().copied(), *detail)));
        let mut back = Vec::new();
        block.unpack(|key, units, detail| back.push((key.to_owned(), units.to_vec(), detail))).unwrap();
        assert!(back.iter().map(|(key, units, detail)| (key.as_str(), units.clone(), *detail)).eq(tasks));
    }

    #[test]
    fn lists_that_do_not_fit_together_are_refused() {
        let whole = BlockV1::pack([("ab", [1_u32, 2].into_iter(), 3), ("ac", [1, 2].into_iter(), 0)].into_iter());
        assert!(whole.unpack(|_, _, _| {}).is_some());
        let broken: [fn(&mut BlockV1<'_>); 7] = [
            |block| block.shared[1] = 3,
            |block| block.rests[1] = 2,
            |block| block.counts[0] = 4,
            |block| block.text.to_mut().push('d'),
            |block| block.units.push(1),
            |block| block.details.truncate(1),
            |block| block.rests.truncate(1),
        ];
        for (number, break_it) in broken.iter().enumerate() {
            let mut block = whole.clone();
            break_it(&mut block);
            assert_eq!(block.unpack(|_, _, _| {}), None, "{number}");
        }
    }
}
