//! Neighbouring tasks as one value: each key as what differs from the one before. Knows nothing of views.

use serde::{Deserialize, Serialize};

use crate::id::{DetailId, UnitId};

/// How many tasks stand in one block.
pub(crate) const BLOCK: usize = 64;

/// Up to [`BLOCK`] tasks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BlockV1<'r> {
    #[serde(borrow)]
    tasks: Vec<TaskV1<'r>>,
}

/// One task. It shares the first `shared` bytes of its key with the task before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct TaskV1<'r> {
    shared: u16,
    rest: &'r str,
    units: Vec<UnitId>,
    detail: DetailId,
}

impl<'r> BlockV1<'r> {
    /// Packs tasks, given as key, units and details number.
    pub(crate) fn pack(tasks: impl Iterator<Item = (&'r str, Vec<UnitId>, DetailId)>) -> BlockV1<'r> {
        let mut before = "";
        let tasks = tasks.map(|(key, units, detail)| {
            let (shared, rest) = key.split_at(shared_prefix(before, key));
            before = key;
            TaskV1 { shared: shared.len() as u16, rest, units, detail }
        });
        BlockV1 { tasks: tasks.collect() }
    }

    /// Hands out each task, or stops with `None` where a key can't be put together.
    pub(crate) fn unpack(&self, mut each: impl FnMut(&str, &[UnitId], DetailId)) -> Option<()> {
        let mut key = String::new();
        for task in &self.tasks {
            let shared = usize::from(task.shared);
            if !key.is_char_boundary(shared) {
                return None;
            }
            key.truncate(shared);
            key.push_str(task.rest);
            each(&key, &task.units, task.detail);
        }
        Some(())
    }
}

fn shared_prefix(a: &str, b: &str) -> usize {
    let same = a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count();
    (0..=same).rev().find(|at| b.is_char_boundary(*at)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_come_back_also_where_keys_part_inside_a_character() {
        let tasks =
            [("plan/1", vec![1, 2], 0), ("plan/2", vec![], 7), ("plan/省", vec![3], 0), ("plan/眀", vec![3], 0)];
        let block = BlockV1::pack(tasks.iter().map(|(key, units, detail)| (*key, units.clone(), *detail)));
        let mut back = Vec::new();
        block.unpack(|key, units, detail| back.push((key.to_owned(), units.to_vec(), detail))).unwrap();
        assert!(back.iter().map(|(key, units, detail)| (key.as_str(), units.clone(), *detail)).eq(tasks));
    }

    #[test]
    fn a_prefix_that_is_not_there_is_refused() {
        let block = BlockV1 { tasks: vec![TaskV1 { shared: 1, rest: "a", units: vec![], detail: 0 }] };
        assert_eq!(block.unpack(|_, _, _| {}), None);
    }
}
