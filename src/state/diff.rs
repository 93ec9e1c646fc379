//! The changes from one state to another.
//!
//! Cost: a look at every unit and task; tasks that two states with the same numbers share are skipped 32 at a time.

use crate::id::{TaskId, UnitId};
use crate::order::compare_keys;

use super::change::{Change, TaskChange, TaskImage, UnitChange, pack};
use super::leaf::LEAF;
use super::member::Member;
use super::record::Record;
use super::tasks::Tasks;
use super::units::Units;

pub(super) fn units(from: &Units, to: &Units) -> Vec<Change> {
    let between = |unit: UnitId| UnitChange::between(unit, from.get(unit), to.get(unit)).map(Change::Unit);
    let units = (0..from.numbered().max(to.numbered()) as UnitId).filter_map(between);
    units.chain(from.register().diff(to.register()).into_iter().map(Change::Fact)).collect()
}

/// A known task of one state.
struct Task<'t> {
    record: Record<'t>,
    members: Vec<Member>,
}

impl<'t> Task<'t> {
    fn of(record: Option<Record<'t>>) -> Option<Task<'t>> {
        record.filter(|record| record.is_known()).map(|record| Task { record, members: record.members().collect() })
    }

    fn image(&self) -> TaskImage<'_> {
        TaskImage { members: &self.members, detail: self.record.detail() }
    }

    fn is(&self, other: &Task<'_>) -> bool {
        self.image() == other.image() && self.record.changed() == other.record.changed()
    }
}

pub(super) fn tasks(from: &Tasks, to: &Tasks, same_numbers: bool) -> Vec<Change> {
    let shared = |id: TaskId| same_numbers && from.records().shares_leaf(to.records(), id as usize / LEAF);
    let ids = |tasks: &Tasks| (0..tasks.numbered() as TaskId).filter(|id| !shared(*id)).collect::<Vec<_>>();
    let mut differ: Vec<(Option<Task<'_>>, Option<Task<'_>>)> = Vec::new();
    for id in ids(from) {
        let Some(was) = Task::of(from.record(id)) else { continue };
        let is = Task::of(to.known_record(was.record.key()));
        if is.as_ref().is_none_or(|is| !is.is(&was)) {
            differ.push((Some(was), is));
        }
    }
    for id in ids(to) {
        let is = Task::of(to.record(id)).filter(|is| from.known_record(is.record.key()).is_none());
        differ.extend(is.map(|is| (None, Some(is))));
    }
    let mut changes: Vec<TaskChange<'_>> = Vec::with_capacity(differ.len());
    for (was, is) in &differ {
        let Some(either) = was.as_ref().or(is.as_ref()) else { continue };
        let key = either.record.key();
        let changed = |task: &Option<Task<'_>>, tasks: &Tasks| {
            task.as_ref().map_or_else(|| tasks.changed(key), |task| task.record.changed())
        };
        let (was_changed, is_changed) = (changed(was, from), changed(is, to));
        let (was, is) = (was.as_ref().map(Task::image), is.as_ref().map(Task::image));
        changes.push(TaskChange { key, was, is, was_changed, is_changed, moved_from: None });
    }
    changes.sort_by(|a, b| compare_keys(a.key, b.key));
    pack(changes).into_iter().map(Change::Tasks).collect()
}
