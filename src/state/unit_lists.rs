//! The unit→task direction as plain lists, made from the task→unit direction: for each unit and role the numbers of the
//! tasks, in order.
//!
//! Cost: two passes over the records. The first one counts, so that the second one writes each list where it stays.

use crate::id::{TaskId, UnitId};
use crate::model::Role;

use super::member::Member;
use super::posting_list::PostingList;
use super::prefix_sum::exclusive_prefix_sum;
use super::record::Record;
use super::records::Records;
use super::unit_tasks::UnitTasks;

pub(crate) struct UnitLists {
    /// One list after the other: those of the first unit in the order of the roles, then those of the second one.
    ids: Vec<TaskId>,
    /// The place in them where each list ends.
    ends: Vec<usize>,
    /// The same lists as a state keeps them.
    postings: Vec<UnitTasks>,
}

impl UnitLists {
    /// Makes the lists of so many units, which the records do not exceed.
    #[expect(clippy::indexing_slicing, reason = "records name units below `units`; the counts make room for each task")]
    pub(crate) fn of(records: &Records, units: usize) -> UnitLists {
        let mut ends = vec![0; Role::ALL.len() * units];
        records.iter().for_each(|record| each_list(record, &mut |list| ends[list] += 1));
        // Filling a list moves its start to its end.
        let all = exclusive_prefix_sum(&mut ends);
        let mut ids = vec![0; all];
        (0..).zip(records.iter()).for_each(|(id, record)| {
            each_list(record, &mut |list| {
                ids[ends[list]] = id;
                ends[list] += 1;
            });
        });
        let mut lists = UnitLists { ids, ends, postings: Vec::new() };
        let postings =
            (0..units as UnitId).map(|unit| UnitTasks::new(|role| PostingList::from_sorted(lists.ids(unit, role))));
        lists.postings = postings.collect();
        lists
    }

    #[expect(clippy::indexing_slicing, reason = "callers ask for units that there are")]
    pub(crate) fn ids(&self, unit: UnitId, role: Role) -> &[TaskId] {
        let list = list(Member::new(unit, role));
        let from = list.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.ids[from..self.ends[list]]
    }

    /// The posting lists of all units.
    pub(crate) fn into_postings(self) -> Vec<UnitTasks> {
        self.postings
    }
}

fn list(member: Member) -> usize {
    Role::ALL.len() * member.unit() as usize + member.role().place()
}

/// Hands out the lists that a task belongs to.
#[inline]
fn each_list(record: Record<'_>, each: &mut impl FnMut(usize)) {
    record.members().for_each(|member| each(list(member)));
}
