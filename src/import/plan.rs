//! What an import changes, seen before it is done. Holds a batch and its plan; decides nothing.

use crate::edit::{Batch, Plan, TaskChange};
use crate::id::Revision;

use super::error::ImportError;

/// What importing a notice changes, or has changed.
#[derive(Clone)]
pub struct ImportPlan<'i> {
    pub(super) batch: Batch<'i>,
    pub(super) plan: Plan,
    pub(super) tasks: usize,
    pub(super) gone: Vec<String>,
    pub(super) unassigns_gone: bool,
    pub(super) taken: Vec<String>,
}

impl<'i> ImportPlan<'i> {
    /// Whether nothing changes. Committing it takes no revision.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.plan.is_empty()
    }

    /// How many tasks the notice has.
    #[must_use]
    pub fn tasks(&self) -> usize {
        self.tasks
    }

    /// Tasks that the index doesn't have yet.
    pub fn added(&self) -> impl Iterator<Item = TaskChange<'_>> {
        self.plan.tasks().filter(|change| change.before.is_none())
    }

    /// Tasks whose units change, with those before and after.
    pub fn reassigned(&self) -> impl Iterator<Item = TaskChange<'_>> {
        self.plan.tasks().filter(|c| c.before.is_some() && c.after.is_some() && c.before != c.after)
    }

    /// Tasks that keep their units and change their text, place or other details.
    pub fn reworded(&self) -> impl Iterator<Item = TaskChange<'_>> {
        self.plan.tasks().filter(|c| c.before.is_some() && c.before == c.after && c.details)
    }

    /// How many tasks of the notice stay as they are.
    #[must_use]
    pub fn unchanged(&self) -> usize {
        self.tasks - self.plan.tasks().filter(|change| change.after.is_some()).count()
    }

    /// Tasks that the index has under the prefix and the notice hasn't.
    #[must_use]
    pub fn gone(&self) -> &[String] {
        &self.gone
    }

    /// Whether those are unassigned by this plan.
    #[must_use]
    pub fn unassigns_gone(&self) -> bool {
        self.unassigns_gone
    }

    /// Other spellings that were not kept: units of the index have these names.
    #[must_use]
    pub fn names_taken(&self) -> &[String] {
        &self.taken
    }

    /// All that changes in the index.
    #[must_use]
    pub fn changes(&self) -> &Plan {
        &self.plan
    }

    /// The revision after it.
    #[must_use]
    pub fn revision(&self) -> Revision {
        self.plan.revision()
    }

    /// Carries out exactly this plan, or nothing.
    ///
    /// # Errors
    /// [`Conflict::Revision`](crate::error::Conflict::Revision) when the index has changed since it was planned; those
    /// of [`Batch::commit`].
    pub fn commit(self) -> Result<ImportPlan<'i>, ImportError> {
        let plan = self.batch.commit()?;
        Ok(ImportPlan { plan, ..self })
    }
}

impl std::fmt::Debug for ImportPlan<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ImportPlan")
            .field("added", &self.added().collect::<Vec<_>>())
            .field("reassigned", &self.reassigned().collect::<Vec<_>>())
            .field("reworded", &self.reworded().map(|change| change.key).collect::<Vec<_>>())
            .field("unchanged", &self.unchanged())
            .field("gone", &self.gone)
            .field("unassigns_gone", &self.unassigns_gone)
            .field("names_taken", &self.taken)
            .finish()
    }
}
