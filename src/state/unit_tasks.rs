//! The posting lists of one unit, one per role. Knows nothing of names.

use std::sync::{Arc, LazyLock};

use super::posting_list::PostingList;
use crate::id::TaskId;
use crate::model::Role;

/// The posting lists of one unit.
#[derive(Clone, Default)]
pub(crate) struct UnitTasks {
    lead: PostingList,
    support: PostingList,
    /// The lists of the other roles; `None` where all of them are empty, as those of most units are.
    other: Option<Arc<OtherLists>>,
}

/// The tasks that a unit co-leads, is consulted in, is informed of.
#[derive(Clone, Default)]
struct OtherLists {
    co_lead: PostingList,
    consulted: PostingList,
    informed: PostingList,
}

impl UnitTasks {
    /// Takes the list of each role.
    pub(super) fn new(list: impl Fn(Role) -> PostingList) -> UnitTasks {
        let other = OtherLists {
            co_lead: list(Role::CoLead),
            consulted: list(Role::Consulted),
            informed: list(Role::Informed),
        };
        let are_empty = [&other.co_lead, &other.consulted, &other.informed].iter().all(|list| list.len() == 0);
        UnitTasks { lead: list(Role::Lead), support: list(Role::Support), other: (!are_empty).then(|| Arc::new(other)) }
    }

    /// Takes the sorted numbers of each role.
    pub(crate) fn of(lists: &[Vec<TaskId>; Role::ALL.len()]) -> UnitTasks {
        UnitTasks::new(|role| lists.get(role.place()).map_or(PostingList::Empty, |ids| PostingList::from_sorted(ids)))
    }

    /// The list of a role; `None` for an empty one that is not kept.
    fn kept(&self, role: Role) -> Option<&PostingList> {
        match role {
            Role::Lead => Some(&self.lead),
            Role::CoLead => self.other.as_ref().map(|other| &other.co_lead),
            Role::Support => Some(&self.support),
            Role::Consulted => self.other.as_ref().map(|other| &other.consulted),
            Role::Informed => self.other.as_ref().map(|other| &other.informed),
        }
    }

    pub(crate) fn in_role(&self, role: Role) -> &PostingList {
        static EMPTY: LazyLock<PostingList> = LazyLock::new(PostingList::default);
        self.kept(role).map_or(&*EMPTY, |list| list)
    }

    pub(super) fn in_role_mut(&mut self, role: Role) -> &mut PostingList {
        match role {
            Role::Lead => &mut self.lead,
            Role::CoLead => &mut self.other().co_lead,
            Role::Support => &mut self.support,
            Role::Consulted => &mut self.other().consulted,
            Role::Informed => &mut self.other().informed,
        }
    }

    fn other(&mut self) -> &mut OtherLists {
        Arc::make_mut(self.other.get_or_insert_default())
    }

    /// All lists that are kept.
    pub(crate) fn lists(&self) -> impl Iterator<Item = &PostingList> {
        Role::ALL.into_iter().filter_map(|role| self.kept(role))
    }
}
