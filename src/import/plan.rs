//! The changes of an import, to be seen before they are made.

use std::collections::HashSet;
use std::ops::Deref;

use crate::edit::{Effect, TaskChange};
use crate::id::Revision;
use crate::index::Pending;

use super::error::ImportError;
use super::reconcile::ImportConflict;
use super::reformed::Reformed;
use super::refused::RefusedTask;

/// An import with the [`ImportEffect`] that it would have: a dry run that can be carried out.
#[derive(Clone)]
#[must_use = "a plan changes nothing until it is committed"]
pub struct ImportPlan<'i> {
    pub(super) pending: Pending<'i>,
    pub(super) effect: ImportEffect,
}

impl ImportPlan<'_> {
    /// Carries out exactly this plan, or nothing. Costs a [commit](crate::Batch::commit), some 10 µs per
    /// task that changes.
    ///
    /// # Errors
    /// [`Conflict::Revision`](crate::Conflict::Revision) when the index has changed since it was planned; those of
    /// [`Batch::commit`](crate::Batch::commit).
    pub fn commit(self) -> Result<ImportEffect, ImportError> {
        let effect = ImportEffect { effect: self.pending.commit()?, ..self.effect };
        let (added, refused) = (effect.added().count(), effect.refused.len());
        log::info!("a document was imported: {} tasks, {added} added, {refused} refused", effect.tasks);
        Ok(effect)
    }
}

impl Deref for ImportPlan<'_> {
    type Target = ImportEffect;

    fn deref(&self) -> &ImportEffect {
        &self.effect
    }
}

impl std::fmt::Debug for ImportPlan<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.effect.fmt(f)
    }
}

/// What importing a document has changed, or would change.
#[derive(Clone)]
pub struct ImportEffect {
    pub(super) effect: Effect,
    /// The number of tasks of the document.
    pub(super) tasks: usize,
    /// Tasks under the prefix that the document does not have, in key order.
    pub(super) gone: Vec<String>,
    pub(super) removes_gone: bool,
    /// Other spellings that are names of other units of the index.
    pub(super) taken: Vec<String>,
    pub(super) conflicts: Vec<ImportConflict>,
    pub(super) reformed: Vec<Reformed>,
    pub(super) refused: Vec<RefusedTask>,
    /// Keys to be taken or left alone that no task has.
    pub(super) not_found: Vec<String>,
}

impl ImportEffect {
    /// Whether nothing changes. Such an import takes no revision.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.effect.is_empty()
    }

    /// The number of tasks of the document.
    #[must_use]
    pub fn tasks(&self) -> usize {
        self.tasks
    }

    /// The tasks that the index does not have yet. A key that a moved task has left may get another one.
    pub fn added(&self) -> impl Iterator<Item = TaskChange<'_>> {
        let left = self.left();
        let not_moved = self.effect.tasks().filter(|change| change.moved_from.is_none() && change.after.is_some());
        not_moved.filter(move |change| change.before.is_none() || left.contains(change.key))
    }

    /// The tasks whose units change, with the units before and after; those that are [moved](ImportEffect::moved), too.
    pub fn reassigned(&self) -> impl Iterator<Item = TaskChange<'_>> {
        self.kept().chain(self.moved()).filter(|change| change.before != change.after)
    }

    /// The tasks that keep their units and change their text, place or other details.
    pub fn reworded(&self) -> impl Iterator<Item = TaskChange<'_>> {
        self.kept().filter(|change| change.before == change.after && change.details)
    }

    /// The changes of tasks that keep their keys.
    fn kept(&self) -> impl Iterator<Item = TaskChange<'_>> {
        let left = self.left();
        let there = self.effect.tasks().filter(|change| change.before.is_some() && change.after.is_some());
        there.filter(move |change| change.moved_from.is_none() && !left.contains(change.key))
    }

    /// The keys that tasks leave.
    fn left(&self) -> HashSet<&str> {
        self.effect.tasks().filter_map(|change| change.moved_from).collect()
    }

    /// The number of tasks of the document that stay as they are.
    #[must_use]
    pub fn unchanged(&self) -> usize {
        let sets_aside = self.sets_aside();
        let changed = self.effect.tasks().filter(|change| change.after.is_some() && !sets_aside(change));
        self.tasks - changed.count()
    }

    /// The tasks that the index has under the prefix and the document does not have, by the keys that they had, in key order.
    #[must_use]
    pub fn gone(&self) -> &[String] {
        &self.gone
    }

    /// Whether the import removes the tasks that are [gone](ImportEffect::gone).
    #[must_use]
    pub fn removes_gone(&self) -> bool {
        self.removes_gone
    }

    /// The tasks that are [gone](ImportEffect::gone), are kept, and get another key, since a task of the document takes theirs:
    /// a row below a deleted one. `plan/3` becomes `plan/gone/3`.
    pub fn set_aside(&self) -> impl Iterator<Item = TaskChange<'_>> {
        self.all_moved().filter(self.sets_aside())
    }

    /// Whether a change sets a task aside: nothing else moves one that the document does not have.
    fn sets_aside(&self) -> impl Fn(&TaskChange<'_>) -> bool {
        let gone: HashSet<&str> = self.gone.iter().map(String::as_str).collect();
        move |change| change.moved_from.is_some_and(|from| gone.contains(from))
    }

    /// The keys given to [`take`](super::Import::take) and [`except`](super::Import::except) that neither the document nor the
    /// index has, in their order.
    #[must_use]
    pub fn not_found(&self) -> &[String] {
        &self.not_found
    }

    /// The other spellings that were not kept, since other units of the index have these names.
    #[must_use]
    pub fn names_taken(&self) -> &[String] {
        &self.taken
    }

    /// The tasks that the index had under another key, with the units that they had there: a list that was renumbered.
    pub fn moved(&self) -> impl Iterator<Item = TaskChange<'_>> {
        let sets_aside = self.sets_aside();
        self.all_moved().filter(move |change| !sets_aside(change))
    }

    fn all_moved(&self) -> impl Iterator<Item = TaskChange<'_>> {
        self.effect.tasks().filter_map(|change| {
            let from = self.effect.before().task(change.moved_from?);
            Some(TaskChange { before: from.map(|task| task.standing()), ..change })
        })
    }

    /// The parts that both the document and somebody else have changed since the last import. The index keeps its part, until
    /// [`Import::take`](super::Import::take) lets the document decide, or both agree.
    #[must_use]
    pub fn conflicts(&self) -> &[ImportConflict] {
        &self.conflicts
    }

    /// The names in clauses that reforms have made one unit with another, or ended.
    #[must_use]
    pub fn reformed(&self) -> &[Reformed] {
        &self.reformed
    }

    /// The tasks that were left out, since the index can't take them: see
    /// [`leave_out_refused`](super::Import::leave_out_refused).
    #[must_use]
    pub fn refused(&self) -> &[RefusedTask] {
        &self.refused
    }

    /// All changes of the index.
    #[must_use]
    pub fn changes(&self) -> &Effect {
        &self.effect
    }

    /// The revision after the import.
    #[must_use]
    pub fn revision(&self) -> Revision {
        self.effect.revision()
    }
}

impl std::fmt::Debug for ImportEffect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ImportEffect")
            .field("added", &self.added().collect::<Vec<_>>())
            .field("reassigned", &self.reassigned().collect::<Vec<_>>())
            .field("reworded", &self.reworded().map(|change| change.key).collect::<Vec<_>>())
            .field("unchanged", &self.unchanged())
            .field("gone", &self.gone)
            .field("set_aside", &self.set_aside().collect::<Vec<_>>())
            .field("not_found", &self.not_found)
            .field("removes_gone", &self.removes_gone)
            .field("names_taken", &self.taken)
            .field("conflicts", &self.conflicts)
            .field("reformed", &self.reformed)
            .field("refused", &self.refused)
            .finish()
    }
}
