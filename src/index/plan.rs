//! Edits with what they would change.

use std::ops::Deref;
use std::sync::Arc;

use crate::edit::{Edits, Effect};
use crate::id::Revision;
use crate::model::Result;

use super::shared::Shared;

/// Edits with the [`Effect`] that they would have: a dry run that can be carried out. Made by
/// [`Batch::plan`](crate::Batch::plan).
///
/// ```
/// use responsibility_index::{Error, Index, Role};
///
/// let index = Index::in_memory();
/// index.assign("plan/1", ["Transport", "Finance"])?;
/// let plan = index.batch().set_lead("plan/1", "Finance", Some(Role::Support)).plan()?;
/// for task in plan.tasks() {
///     println!("{}: {:?} -> {:?}", task.key, task.before, task.after);
/// }
/// assert_eq!(plan.after().lead("plan/1"), Some("Finance"));
/// assert_eq!(index.lead("plan/1").as_deref(), Some("Transport"), "nothing is changed");
/// plan.commit()?;
/// assert_eq!(index.lead("plan/1").as_deref(), Some("Finance"));
///
/// // A plan holds for the revision for which it was made.
/// let stale = index.batch().remove("plan/1").plan()?;
/// index.assign("plan/2", ["Police"])?;
/// assert!(stale.commit().unwrap_err().is_conflict());
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
#[must_use = "a plan changes nothing until it is committed"]
pub struct Plan<'i> {
    pending: Pending<'i>,
    effect: Effect,
}

/// Edits that hold for one revision.
#[derive(Clone)]
pub(crate) struct Pending<'i> {
    shared: &'i Shared,
    edits: Arc<Edits>,
    revision: Revision,
}

impl Pending<'_> {
    /// Commits the edits if the index is at their revision. They are copied only if a batch still has them.
    pub(crate) fn commit(mut self) -> Result<Effect> {
        Arc::make_mut(&mut self.edits).expected = Some(self.revision);
        self.shared.commit(&self.edits)
    }
}

impl<'i> Plan<'i> {
    pub(super) fn new(shared: &'i Shared, edits: &Arc<Edits>) -> Result<Plan<'i>> {
        let effect = shared.plan(edits)?;
        let revision = effect.before().revision();
        Ok(Plan { pending: Pending { shared, edits: Arc::clone(edits), revision }, effect })
    }

    /// What committing it would change.
    #[must_use]
    pub fn effect(&self) -> &Effect {
        &self.effect
    }

    /// The edits, and their effect by itself.
    pub(crate) fn split(self) -> (Pending<'i>, Effect) {
        (self.pending, self.effect)
    }

    /// Makes exactly these changes, or none. Costs as much as [`Batch::commit`](crate::Batch::commit).
    ///
    /// # Errors
    /// [`Conflict::Revision`](crate::Conflict::Revision) when the index has changed since it was planned, and those of
    /// [`Batch::commit`](crate::Batch::commit).
    pub fn commit(self) -> Result<Effect> {
        self.pending.commit()
    }
}

impl Deref for Plan<'_> {
    type Target = Effect;

    fn deref(&self) -> &Effect {
        &self.effect
    }
}

impl std::fmt::Debug for Plan<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.effect.fmt(f)
    }
}
