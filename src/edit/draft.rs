//! A task while a batch is planned.

use std::borrow::Cow;

use crate::id::{DetailId, Revision, UnitId};
use crate::model::{Details, Role};
use crate::state::{Member, Record, State};

/// A task before the batch, and as its edits have left it so far.
pub(super) struct Draft<'p> {
    /// `None` where it was not known.
    pub(super) was: Option<(Vec<Member>, DetailId)>,
    /// The revision that last changed it, also one that removed it; 0 for a task without a record.
    pub(super) was_changed: Revision,
    pub(super) is_known: bool,
    /// In the order of their roles.
    pub(super) members: Vec<Member>,
    pub(super) details: DraftDetails<'p>,
    /// The key under which it was before the batch, where the batch moves it.
    pub(super) moved_from: Option<&'p str>,
}

impl<'p> Draft<'p> {
    /// A task as the batch finds it.
    pub(super) fn of(state: &State, task: &str) -> Draft<'p> {
        let record = state.tasks.find(task).and_then(|id| state.tasks.record(id));
        let was_changed = record.map_or(0, Record::changed);
        let record = record.filter(|record| record.is_known());
        let was = record.map(|record| (record.members().collect::<Vec<_>>(), record.detail()));
        Draft {
            is_known: record.is_some(),
            members: record.into_iter().flat_map(Record::members).collect(),
            details: DraftDetails::Stored(record.map_or(0, Record::detail)),
            was,
            was_changed,
            moved_from: None,
        }
    }

    /// Takes the units and the details away: the task is no longer known.
    pub(super) fn take(&mut self) -> (Vec<Member>, DraftDetails<'p>) {
        self.is_known = false;
        let details = std::mem::replace(&mut self.details, DraftDetails::Stored(0));
        (std::mem::take(&mut self.members), details)
    }

    /// Whether an edit so far has changed it.
    pub(super) fn is_changed(&self) -> bool {
        let details = match &self.details {
            DraftDetails::Stored(id) => *id != self.stored(),
            DraftDetails::Set(_) => true,
        };
        details || self.is_known != self.was.is_some() || self.was.as_ref().is_some_and(|(was, _)| *was != self.members)
    }

    /// The number of the details that it had, 0 for none.
    pub(super) fn stored(&self) -> DetailId {
        self.was.as_ref().map_or(0, |(_, detail)| *detail)
    }

    /// The unit that leads it.
    pub(super) fn lead(&self) -> Option<UnitId> {
        self.members.first().filter(|first| first.is_lead()).map(|lead| lead.unit())
    }

    pub(super) fn place_of(&self, unit: UnitId) -> Option<usize> {
        self.members.iter().position(|member| member.unit() == unit)
    }

    /// Adds a unit after those of its role.
    pub(super) fn add(&mut self, unit: UnitId, role: Role) {
        let at = self.members.partition_point(|member| member.role() <= role);
        self.members.insert(at, Member::new(unit, role));
    }

    /// Replaces the lead, who leaves the task, or takes another role in it before the units of that role.
    pub(super) fn set_lead(&mut self, unit: UnitId, former: Option<Role>) {
        let before = self.lead().filter(|lead| *lead != unit);
        self.members.retain(|member| member.unit() != unit && !member.is_lead());
        self.members.insert(0, Member::new(unit, Role::Lead));
        if let Some((before, role)) = before.zip(former) {
            let at = self.members.partition_point(|member| member.role() < role);
            self.members.insert(at, Member::new(before, role));
        }
    }
}

pub(super) enum DraftDetails<'p> {
    Stored(DetailId),
    /// As the edits so far have left them.
    Set(Cow<'p, Details>),
}
