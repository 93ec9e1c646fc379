//! Neighbouring tasks as one value, with front-coded keys: each key as its difference from the one before.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::id::{DetailId, Revision};
use crate::state::{Record, TaskFacts, TaskImage};

use super::members;

/// The tasks of one block: eight leaves of records. A row costs the engine 9 us whatever its size.
pub(crate) const BLOCK: usize = 256;

/// Keys, each as what it shares with the key before and what is different.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KeysV1<'r> {
    /// The number of bytes that a key shares with the key before.
    shared: Vec<u16>,
    /// The number of further bytes; and these bytes of all keys.
    rests: Vec<u16>,
    #[serde(borrow)]
    text: Cow<'r, str>,
}

impl KeysV1<'_> {
    pub(crate) fn len(&self) -> usize {
        self.shared.len()
    }

    /// Hands out each key, or returns `None` where the lists do not fit together.
    pub(crate) fn each(&self, each: &mut dyn FnMut(&str)) -> Option<()> {
        if self.rests.len() != self.shared.len() {
            return None;
        }
        let (mut key, mut text) = (String::new(), &*self.text);
        for (shared, rest) in self.shared.iter().zip(&self.rests) {
            let shared = usize::from(*shared);
            if !key.is_char_boundary(shared) {
                return None;
            }
            key.truncate(shared);
            let (rest, more) = text.split_at_checked(usize::from(*rest))?;
            key.push_str(rest);
            text = more;
            each(&key);
        }
        text.is_empty().then_some(())
    }
}

/// Packs keys.
pub(crate) struct Keys<'k> {
    packed: KeysV1<'static>,
    before: &'k str,
}

impl<'k> Keys<'k> {
    /// With room for a number of keys.
    pub(crate) fn with_capacity(keys: usize) -> Keys<'k> {
        let (shared, rests) = (Vec::with_capacity(keys), Vec::with_capacity(keys));
        Keys { packed: KeysV1 { shared, rests, text: Cow::default() }, before: "" }
    }

    pub(crate) fn push(&mut self, key: &'k str) {
        let (shared, rest) = key.split_at(shared_prefix(self.before, key));
        self.packed.shared.push(shared.len() as u16);
        self.packed.rests.push(rest.len() as u16);
        self.packed.text.to_mut().push_str(rest);
        self.before = key;
    }

    pub(crate) fn finish(self) -> KeysV1<'static> {
        self.packed
    }
}

fn shared_prefix(a: &str, b: &str) -> usize {
    let mut same = a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count();
    while !b.is_char_boundary(same) {
        same -= 1;
    }
    same
}

/// Up to [`BLOCK`] tasks: one list per property, in the order of the tasks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BlockV1<'r> {
    #[serde(borrow)]
    keys: KeysV1<'r>,
    /// The number of units of each task plus 1, 0 for a removed one; and the units of all tasks, as [`members`] packs them.
    counts: Vec<u16>,
    #[serde(borrow)]
    units: Cow<'r, [u8]>,
    /// The numbers of the details; none when no task of the block has any.
    details: Vec<DetailId>,
    /// The revision that changed most of the tasks last.
    changed: Revision,
    /// The other tasks, by their places in the block, and the revisions that changed them.
    other: Vec<(u16, Revision)>,
}

impl BlockV1<'_> {
    pub(crate) fn pack<'k>(records: impl Iterator<Item = Record<'k>>) -> BlockV1<'static> {
        let mut keys = Keys::with_capacity(BLOCK);
        let mut block = BlockV1::default();
        let mut changed = Vec::with_capacity(BLOCK);
        for record in records {
            keys.push(record.key());
            let members = record.is_known().then(|| record.members());
            block.counts.push(members::pack(members, block.units.to_mut()));
            block.details.push(record.detail());
            changed.push(record.changed());
        }
        if block.details.iter().all(|detail| *detail == 0) {
            block.details.clear();
        }
        block.keys = keys.finish();
        block.changed = most_frequent(&changed);
        let others = (0..).zip(changed).filter(|(_, changed)| *changed != block.changed);
        block.other = others.collect();
        block
    }

    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }

    /// Hands out each task, or returns `None` where the lists do not fit together.
    pub(crate) fn unpack(&self, mut each: impl FnMut(TaskFacts<'_>)) -> Option<()> {
        let (tasks, details) = (self.keys.len(), self.details.len());
        if self.counts.len() != tasks || (details != 0 && details != tasks) {
            return None;
        }
        let mut packed = &*self.units;
        let mut details = self.details.iter().copied();
        let mut other = self.other.iter().copied().peekable();
        let mut counts = (0..).zip(&self.counts);
        let (mut members, mut fits) = (Vec::new(), true);
        self.keys.each(&mut |key| {
            let Some((at, count)) = counts.next().filter(|_| fits) else { return };
            let known = members::take(*count, &mut packed, &mut members);
            fits &= known.is_some();
            let changed = other.next_if(|(place, _)| *place == at).map_or(self.changed, |(_, changed)| changed);
            let detail = details.next().map_or(0, |detail| detail);
            if let Some(known) = known.filter(|_| fits) {
                let image = known.then_some(TaskImage { members: &members, detail });
                each(TaskFacts { key, image, changed });
            }
        })?;
        (fits && packed.is_empty() && other.peek().is_none()).then_some(())
    }
}

/// The number that a list has most often; 0 for an empty one.
fn most_frequent(numbers: &[Revision]) -> Revision {
    let Some(first) = numbers.first() else { return 0 };
    if numbers.iter().all(|number| number == first) {
        return *first;
    }
    let mut sorted = numbers.to_vec();
    sorted.sort_unstable();
    let longest = sorted.chunk_by(|a, b| a == b).max_by_key(|same| same.len());
    longest.and_then(|same| same.first()).map_or(0, |number| *number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Role;
    use crate::state::{Member, Records, RecordsBuilder};

    type Task<'t> = (&'t str, Option<(Vec<Member>, DetailId)>, Revision);

    fn records(tasks: &[Task<'_>]) -> Records {
        let mut records = RecordsBuilder::default();
        tasks.iter().for_each(|(key, image, changed)| {
            let image = image.as_ref().map(|(members, detail)| TaskImage { members, detail: *detail });
            records.push(TaskFacts { key, image, changed: *changed })
        });
        records.finish()
    }

    fn pair() -> Vec<Member> {
        vec![Member::new(1, Role::Lead), Member::new(2, Role::Support)]
    }

    #[test]
    fn tasks_come_back_also_where_keys_part_inside_a_character() {
        let tasks = [
            ("plan/1", Some((pair(), 0)), 5),
            ("plan/2", None, 9),
            ("plan/3", Some((Vec::new(), 7)), 5),
            ("plan/省", Some((vec![Member::new(3, Role::Informed)], 0)), 5),
            ("plan/眀", Some((pair(), 0)), 5),
        ];
        let block = BlockV1::pack(records(&tasks).iter());
        let mut back = Vec::new();
        let unpacked = block.unpack(|task| {
            let image = task.image.map(|image| (image.members.to_vec(), image.detail));
            back.push((task.key.to_owned(), image, task.changed));
        });
        unpacked.unwrap();
        assert!(back.iter().map(|(key, image, changed)| (key.as_str(), image.clone(), *changed)).eq(tasks));
        assert_eq!((block.changed, block.other.len()), (5, 1));
    }

    #[test]
    fn lists_that_do_not_fit_together_are_refused() {
        let whole = BlockV1::pack(records(&[("ab", Some((pair(), 3)), 1), ("ac", Some((pair(), 0)), 2)]).iter());
        assert!(whole.unpack(|_| {}).is_some());
        let broken: [fn(&mut BlockV1<'_>); 10] = [
            |block| block.keys.shared[1] = 3,
            |block| block.keys.rests[1] = 2,
            |block| block.counts[0] = 4,
            |block| block.keys.text.to_mut().push('d'),
            |block| block.units.to_mut().push(1),
            |block| block.details.truncate(1),
            |block| block.keys.rests.truncate(1),
            |block| block.units.to_mut()[5] = 0xE0,
            |block| block.other.push((7, 1)),
            |block| block.counts.truncate(1),
        ];
        for (number, break_it) in broken.iter().enumerate() {
            let mut block = whole.clone();
            break_it(&mut block);
            assert_eq!(block.unpack(|_| {}), None, "{number}");
        }
    }
}
