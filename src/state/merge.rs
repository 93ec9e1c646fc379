//! Merges the tasks of a state with changes into records in key order.
//!
//! Input: tasks, changes in the order in which they were made, in any order of keys, and a revision. Output: the records of
//! all known tasks, and of those that were removed after the revision, sorted by key. Cost: a walk over the tasks; a sort of those that came out of key order, and of the
//! changes if their keys do not rise.

use std::iter::Peekable;

use crate::id::Revision;
use crate::order::{compare_keys, sort_by_keys};

use super::change::{Change, TaskChange};
use super::misfit::{Misfit, check_before};
use super::record::{Record, TaskFacts};
use super::records::{Records, RecordsBuilder};
use super::tasks::Tasks;
use super::units::Units;

pub(super) fn merge(
    tasks: &Tasks,
    units: &Units,
    changes: &[Change],
    forget_up_to: Revision,
) -> Result<Records, Misfit> {
    let changed = changes.iter().flat_map(Change::tasks);
    let kept = in_key_order(tasks, forget_up_to).into_iter().peekable();
    let mut merge = Merge { kept, units, merged: RecordsBuilder::default() };
    if rise(changes) {
        changed.map(|change| (change, change)).try_for_each(|(first, last)| merge.add(first, last))?;
    } else {
        let mut sorted: Vec<TaskChange<'_>> = changed.collect();
        // The changes of one task keep the order in which they were made.
        sort_by_keys(&mut sorted, |task| task.key);
        for same in sorted.chunk_by(|a, b| a.key == b.key) {
            follow(same)?;
            if let [first, ..] = same
                && let [.., last] = same
            {
                merge.add(*first, *last)?;
            }
        }
    }
    while let Some(kept) = merge.kept.next() {
        merge.keep(kept)?;
    }
    Ok(merge.merged.finish())
}

/// The tasks to keep, sorted by key.
fn in_key_order(tasks: &Tasks, forget_up_to: Revision) -> Vec<Record<'_>> {
    let is_kept = |record: &Record<'_>| record.is_known() || record.changed() > forget_up_to;
    let mut records: Vec<Record<'_>> = tasks.records().iter().filter(is_kept).collect();
    if tasks.out_of_order() > 0 {
        records.sort_by(|a, b| compare_keys(a.key(), b.key()));
    }
    records
}

fn rise(changes: &[Change]) -> bool {
    let mut keys = changes.iter().flat_map(Change::tasks).map(|task| task.key);
    let Some(mut last) = keys.next() else { return true };
    keys.all(|key| compare_keys(std::mem::replace(&mut last, key), key).is_lt())
}

/// Checks that each change of a task begins where the one before ended.
fn follow(changes: &[TaskChange<'_>]) -> Result<(), Misfit> {
    let broken = changes.windows(2).find(|pair| matches!(pair, [a, b] if !b.follows(a)));
    match broken.and_then(|pair| pair.first()) {
        Some(task) => Err(Misfit::broken_chain(task.key)),
        None => Ok(()),
    }
}

struct Merge<'b> {
    kept: Peekable<std::vec::IntoIter<Record<'b>>>,
    units: &'b Units,
    merged: RecordsBuilder,
}

impl Merge<'_> {
    /// Keeps a task that does not change.
    fn keep(&mut self, kept: Record<'_>) -> Result<(), Misfit> {
        self.units.check_names(kept.key(), kept.members())?;
        self.merged.push_record(kept);
        Ok(())
    }

    /// Adds a task as its last change left it. Tasks come in key order.
    fn add(&mut self, first: TaskChange<'_>, last: TaskChange<'_>) -> Result<(), Misfit> {
        while let Some(kept) = self.kept.next_if(|kept| compare_keys(kept.key(), last.key).is_lt()) {
            self.keep(kept)?;
        }
        let before = self.kept.next_if(|kept| kept.has_key(last.key.as_bytes()));
        check_before(before.filter(|record| record.is_known()), first)?;
        self.units.check_names(last.key, last.is.iter().flat_map(|is| is.members).copied())?;
        // A task that is taken back and never was before leaves nothing.
        if last.is.is_some() || last.is_changed > 0 {
            self.merged.push(TaskFacts { key: last.key, image: last.is, changed: last.is_changed });
        }
        Ok(())
    }
}
