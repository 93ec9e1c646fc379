//! The tasks of each unit as plain lists, by what the tasks say: how the unit→task direction is made from the other.

use crate::assignment::Role;
use crate::id::{TaskId, UnitId};

use super::keylist::KeyListBuilder;
use super::posting::Posting;
use super::record::Record;
use super::records::Records;
use super::starts_of;
use super::units::Postings;

/// What each unit leads and supports, in the order of the tasks' numbers.
pub(crate) struct ByUnit {
    /// One list after the other: what the first unit leads, what it supports, what the second one leads.
    ids: Vec<TaskId>,
    /// Where in them each list ends.
    ends: Vec<usize>,
    /// The keys of what each unit leads.
    keys: Vec<KeyListBuilder>,
}

impl ByUnit {
    /// Counts first, so that each list is written where it stays.
    pub(crate) fn of(records: &Records, units: usize) -> ByUnit {
        let mut ends = vec![0; 2 * units];
        let mut count = |list| ends.get_mut(list).into_iter().for_each(|count| *count += 1);
        records.iter().for_each(|record| each_list(record, &mut count));
        // Filling a list moves the place where it begins to its end.
        let all = starts_of(&mut ends);
        let (mut ids, mut keys) = (vec![0; all], Vec::new());
        keys.resize_with(units, KeyListBuilder::default);
        (0..).zip(records.iter()).for_each(|(id, record)| {
            each_list(record, &mut |list| {
                let Some(end) = ends.get_mut(list) else { return };
                ids.get_mut(*end).into_iter().for_each(|slot| *slot = id);
                *end += 1;
            });
            if let Some(keys) = keys.get_mut(record.lead() as usize).filter(|_| record.is_assigned()) {
                keys.push(record.key());
            }
        });
        ByUnit { ids, ends, keys }
    }

    pub(crate) fn ids(&self, unit: UnitId, role: Role) -> &[TaskId] {
        let list = list(unit, role);
        let from = list.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or_default();
        self.ends.get(list).and_then(|end| self.ids.get(from..*end)).unwrap_or_default()
    }

    /// The lists as a version keeps them. The lists of keys move there.
    pub(super) fn postings(&mut self) -> Vec<Postings> {
        let keys = std::mem::take(&mut self.keys);
        let postings = (0..).zip(keys).map(|(unit, keys)| Postings {
            lead: Posting::from_sorted(self.ids(unit, Role::Lead)).with_keys(keys.finish()),
            support: Posting::from_sorted(self.ids(unit, Role::Support)),
        });
        postings.collect()
    }
}

fn list(unit: UnitId, role: Role) -> usize {
    2 * unit as usize + usize::from(role == Role::Support)
}

/// The lists that a task belongs to.
#[inline]
fn each_list(record: Record<'_>, each: &mut impl FnMut(usize)) {
    if record.is_assigned() {
        each(list(record.lead(), Role::Lead));
        record.supporting().for_each(|unit| each(list(unit, Role::Support)));
    }
}
