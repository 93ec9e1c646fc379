//! The tasks of each unit as plain lists, by what the tasks say: how the unit→task direction is made from the other.

use crate::assignment::Role;
use crate::id::{TaskId, UnitId};

use super::keylist::KeyListBuilder;
use super::posting::Posting;
use super::records::Records;
use super::units::Postings;

/// What each unit leads and supports, in the order of the tasks' numbers.
pub(crate) struct ByUnit(Vec<Lists>);

#[derive(Default)]
struct Lists {
    lead: Vec<TaskId>,
    support: Vec<TaskId>,
    keys: KeyListBuilder,
}

impl ByUnit {
    pub(crate) fn of(records: &Records, units: usize) -> ByUnit {
        let mut lists: Vec<Lists> = Vec::new();
        lists.resize_with(units, Lists::default);
        for (id, record) in (0..).zip(records.iter()).filter(|(_, record)| record.is_assigned()) {
            if let Some(lists) = lists.get_mut(record.lead() as usize) {
                lists.lead.push(id);
                lists.keys.push(record.key());
            }
            for unit in record.supporting() {
                lists.get_mut(unit as usize).into_iter().for_each(|lists| lists.support.push(id));
            }
        }
        ByUnit(lists)
    }

    pub(crate) fn ids(&self, unit: UnitId, role: Role) -> &[TaskId] {
        match (self.0.get(unit as usize), role) {
            (Some(lists), Role::Lead) => &lists.lead,
            (Some(lists), Role::Support) => &lists.support,
            (None, _) => &[],
        }
    }

    /// The lists as a version keeps them. The lists of keys move there.
    pub(super) fn postings(&mut self) -> Vec<Postings> {
        let postings = self.0.iter_mut().map(|lists| Postings {
            lead: Posting::from_sorted(&lists.lead).with_keys(std::mem::take(&mut lists.keys).finish()),
            support: Posting::from_sorted(&lists.support),
        });
        postings.collect()
    }
}
