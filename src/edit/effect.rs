//! What edits change, to be looked at. Decides nothing.

use std::collections::BTreeSet;
use std::fmt;

use crate::id::{DetailId, Revision, UnitId};
use crate::model::{Details, FactChange, Standing};
use crate::state::{Change, Member, State, Touched};
use crate::view::{TaskSet, UnitRef, View};

/// What edits have changed, or would change: the tasks and units that differ, and the views before and after.
#[derive(Clone)]
pub struct Effect {
    pub(super) before: View,
    pub(crate) after: View,
    pub(crate) changes: Vec<Change>,
    /// New details, by their numbers.
    pub(crate) details: Vec<(DetailId, Details)>,
    pub(crate) touched: Touched,
    /// The tasks in which reforms have put one unit in the places of several.
    pub(super) collapsed: BTreeSet<String>,
}

/// The change of one task.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TaskChange<'p> {
    /// The task's key.
    pub key: &'p str,
    /// Its standing before; `None` when it was not known.
    pub before: Option<Standing>,
    /// Its standing after; `None` when it is removed.
    pub after: Option<Standing>,
    /// Whether its details change.
    pub details: bool,
    /// The key under which it was before, where it is moved.
    pub moved_from: Option<&'p str>,
}

/// The change of one unit: of its names, its kind, its members, or whether it goes on or exists.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct UnitChange<'p> {
    /// The unit before; `None` when it is created.
    pub before: Option<UnitRef<'p>>,
    /// The unit after; `None` when it is removed.
    pub after: Option<UnitRef<'p>>,
}

impl Effect {
    /// Whether nothing changes. Edits without effect take no revision.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// The revision after it: the one before plus one, or the same when nothing changes.
    #[must_use]
    pub fn revision(&self) -> Revision {
        self.after.revision()
    }

    /// The view before.
    #[must_use]
    pub fn before(&self) -> &View {
        &self.before
    }

    /// The view after. Details that are not committed can't be read from it.
    #[must_use]
    pub fn after(&self) -> &View {
        &self.after
    }

    /// The tasks that change, in key order. Copies the names of each while it is asked for.
    pub fn tasks(&self) -> impl Iterator<Item = TaskChange<'_>> {
        task_changes(&self.before, &self.after, &self.changes)
    }

    /// The units that it creates, changes or removes, in the order in which they were created.
    pub fn units(&self) -> impl Iterator<Item = UnitChange<'_>> {
        unit_changes(&self.before, &self.after, &self.changes)
    }

    /// The lineage events, obligations and reports that change, with the names before and after.
    pub fn facts(&self) -> impl Iterator<Item = FactChange> {
        fact_changes(&self.before, &self.after, &self.changes)
    }

    /// The tasks in which a reform puts one unit in the places of several, so that places are lost, in key order.
    pub fn collapsed(&self) -> impl Iterator<Item = TaskChange<'_>> {
        self.tasks().filter(|task| self.collapsed.contains(task.key))
    }

    /// The tasks that name an ended unit after it: see [`View::undecided`].
    #[must_use]
    pub fn undecided(&self) -> TaskSet {
        self.after.undecided()
    }
}

/// The tasks in some changes from one view to another.
pub(crate) fn task_changes<'c>(
    before: &'c View,
    after: &'c View,
    changes: &'c [Change],
) -> impl Iterator<Item = TaskChange<'c>> {
    changes.iter().flat_map(Change::tasks).map(|task| TaskChange {
        key: task.key,
        before: task.was.map(|was| standing(before.state(), was.members)),
        after: task.is.map(|is| standing(after.state(), is.members)),
        details: task.changes_details(),
        moved_from: task.moved_from,
    })
}

/// The units that differ, of those in some changes from one view to another, by number.
pub(crate) fn unit_changes<'c>(
    before: &'c View,
    after: &'c View,
    changes: &[Change],
) -> impl Iterator<Item = UnitChange<'c>> + use<'c> {
    let changed = changes.iter().filter_map(|change| match change {
        Change::Unit(unit) => Some(unit.unit),
        Change::Tasks(_) | Change::Fact(_) => None,
    });
    let changed: BTreeSet<UnitId> = changed.collect();
    changed.into_iter().filter_map(|unit| {
        let differs = before.state().units.get(unit) != after.state().units.get(unit);
        differs.then(|| UnitChange { before: before.unit_of(unit), after: after.unit_of(unit) })
    })
}

/// The facts that differ, of those in some changes from one view to another, in the order of the changes.
pub(crate) fn fact_changes<'c>(
    before: &'c View,
    after: &'c View,
    changes: &'c [Change],
) -> impl Iterator<Item = FactChange> + 'c {
    let mut seen = BTreeSet::new();
    let changed = changes.iter().filter_map(move |change| match change {
        Change::Fact(fact) => seen.insert(&fact.key).then_some(&fact.key),
        Change::Tasks(_) | Change::Unit(_) => None,
    });
    changed.filter_map(|key| {
        let side = |view: &View| view.state().units.register().get(key).map(|fact| view.fact_of(fact));
        let (before, after) = (side(before), side(after));
        (before != after).then_some(FactChange { before, after })
    })
}

impl fmt::Debug for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tasks: Vec<TaskChange<'_>> = self.tasks().collect();
        let units: Vec<UnitChange<'_>> = self.units().collect();
        let facts: Vec<FactChange> = self.facts().collect();
        let mut effect = f.debug_struct("Effect");
        effect.field("revision", &self.revision()).field("tasks", &tasks).field("units", &units);
        effect.field("facts", &facts).finish()
    }
}

/// The standing of a task with these units.
pub(super) fn standing(state: &State, members: &[Member]) -> Standing {
    Standing::from_trusted(members.iter().map(|member| (state.units.name(member.unit()), member.role())))
}
