//! A batch of edits on its way into an index.

use std::sync::Arc;

use crate::edit::{Edit, Edits, Plan};
use crate::id::Revision;
use crate::model::{Assignment, Details, Note, Result, UnitKind};

use super::shared::Shared;

/// Edits that are applied all or none, in the order given.
///
/// A later edit sees the effect of an earlier one. The first invalid edit refuses the whole batch, with an error that
/// has its position. Made by [`Index::batch`](crate::Index::batch).
///
/// ```
/// use responsibility_index::{Error, Index};
///
/// let index = Index::in_memory();
/// let done = index.batch()
///     .note("2018 reform", "office of the joint conference")
///     .assign("plan/1", ["Transport", "Finance"])
///     .set_lead("plan/1", "Finance")
///     .commit()?;
/// assert_eq!(done.revision(), 1);
/// assert_eq!(index.lead("plan/1").as_deref(), Some("Finance"));
///
/// let refused = index.batch().unassign("plan/1").set_lead("plan/2", "Finance").commit();
/// assert_eq!(refused.unwrap_err().to_string(), "edit 2: task \"plan/2\" is not assigned");
/// assert!(index.lead("plan/1").is_some(), "nothing of a refused batch is applied");
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct Batch<'i> {
    shared: &'i Shared,
    edits: Arc<Edits>,
}

impl<'i> Batch<'i> {
    pub(super) fn new(shared: &'i Shared) -> Batch<'i> {
        Batch { shared, edits: Arc::default() }
    }

    /// Copies them if a commit has them.
    fn edits(&mut self) -> &mut Edits {
        Arc::make_mut(&mut self.edits)
    }

    fn push(&mut self, edit: Edit) -> &mut Self {
        self.edits().list.push(edit);
        self
    }

    /// Sets the note of the commit: why it is made, and by whom.
    pub fn note(&mut self, why: impl Into<String>, who: impl Into<String>) -> &mut Self {
        self.edits().note = Note { why: why.into(), who: who.into() };
        self
    }

    /// Commits only if the index is at this revision.
    pub fn at_revision(&mut self, revision: Revision) -> &mut Self {
        self.edits().expected = Some(revision);
        self
    }

    /// Assigns a task: the first unit leads, the others support it in this order. Replaces the units that it had; details
    /// stay. Unknown units are created, unless the index was opened to
    /// [reject them](crate::OpenOptions::unknown_units).
    pub fn assign<I>(&mut self, task: impl Into<String>, units: I) -> &mut Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        let units = units.into_iter().map(Into::into).collect();
        self.push(Edit::Assign { task: task.into(), units })
    }

    /// Gives an assigned task another lead. If that unit supported the task, it moves up. The former lead leaves the
    /// task: add it as a supporting unit to keep it.
    pub fn set_lead(&mut self, task: impl Into<String>, unit: impl Into<String>) -> &mut Self {
        self.push(Edit::SetLead { task: task.into(), unit: unit.into() })
    }

    /// Adds a supporting unit at the end of an assigned task's list.
    pub fn add_supporting(&mut self, task: impl Into<String>, unit: impl Into<String>) -> &mut Self {
        self.push(Edit::AddSupporting { task: task.into(), unit: unit.into() })
    }

    /// Moves a supporting unit to another place among the supporting ones, counted from 0.
    pub fn move_supporting(&mut self, task: impl Into<String>, unit: impl Into<String>, place: usize) -> &mut Self {
        self.push(Edit::MoveSupporting { task: task.into(), unit: unit.into(), place })
    }

    /// Removes a supporting unit from a task.
    pub fn remove_supporting(&mut self, task: impl Into<String>, unit: impl Into<String>) -> &mut Self {
        self.push(Edit::RemoveSupporting { task: task.into(), unit: unit.into() })
    }

    /// Removes all units and the details of a task. A task that is not assigned stays so.
    pub fn unassign(&mut self, task: impl Into<String>) -> &mut Self {
        self.push(Edit::Unassign { task: task.into() })
    }

    /// Refuses the batch unless the task has this assignment at this point of the batch; `None` for not assigned.
    pub fn expect(&mut self, task: impl Into<String>, assignment: impl Into<Option<Assignment>>) -> &mut Self {
        self.push(Edit::Expect { task: task.into(), assignment: assignment.into() })
    }

    /// Sets the details of an assigned task; `None` clears them.
    pub fn set_details(&mut self, task: impl Into<String>, details: impl Into<Option<Details>>) -> &mut Self {
        self.push(Edit::SetDetails { task: task.into(), details: details.into().map(Box::new) })
    }

    /// Creates a unit. A unit that has this name and kind already stays as it is.
    pub fn create_unit(&mut self, name: impl Into<String>, kind: UnitKind) -> &mut Self {
        self.push(Edit::CreateUnit { name: name.into(), kind })
    }

    /// Gives a unit one more name, by which it is then found everywhere.
    pub fn add_alias(&mut self, unit: impl Into<String>, alias: impl Into<String>) -> &mut Self {
        self.push(Edit::AddAlias { unit: unit.into(), alias: alias.into() })
    }

    /// Removes an alias of a unit.
    pub fn remove_alias(&mut self, unit: impl Into<String>, alias: impl Into<String>) -> &mut Self {
        self.push(Edit::RemoveAlias { unit: unit.into(), alias: alias.into() })
    }

    /// Gives a unit another canonical name. The former name becomes an alias, so that older documents still resolve.
    pub fn rename_unit(&mut self, unit: impl Into<String>, name: impl Into<String>) -> &mut Self {
        self.push(Edit::Rename { unit: unit.into(), name: name.into() })
    }

    /// Sets whether a unit is one body or a name for many.
    pub fn set_kind(&mut self, unit: impl Into<String>, kind: UnitKind) -> &mut Self {
        self.push(Edit::SetKind { unit: unit.into(), kind })
    }

    /// The number of edits in it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.edits.list.len()
    }

    /// Whether no edit is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.edits.list.is_empty()
    }

    /// Returns exactly the changes that a commit would make, and makes none: a dry run.
    ///
    /// # Errors
    /// Those of [`commit`](Batch::commit) but [`Error::Engine`](crate::Error::Engine).
    pub fn plan(&self) -> Result<Plan> {
        self.shared.plan(&self.edits)
    }

    /// Applies all edits, or none. Edits that change nothing take no revision.
    ///
    /// When it returns, the commit is as durable as the index was opened to make it, and all views taken afterwards have
    /// it.
    ///
    /// # Errors
    /// [`Error::Edit`](crate::Error::Edit) for the first invalid edit, [`Error::Conflict`](crate::Error) for an
    /// expectation that is not met, [`Error::Engine`](crate::Error::Engine) from the device.
    pub fn commit(&self) -> Result<Plan> {
        self.shared.commit(&self.edits)
    }
}

impl std::fmt::Debug for Batch<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.edits.fmt(f)
    }
}
