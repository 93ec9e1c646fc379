//! A batch of edits on its way into an index.

use std::sync::Arc;

use jiff::civil::Date;

use crate::edit::{Edit, Edits, Effect, edit_methods};
use crate::id::Revision;
use crate::model::Result;

use super::plan::Plan;
use super::shared::Shared;

/// [`Edits`] on their way into an index, with the same methods to add more. It can be built in a chain, bound and
/// returned.
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
///     .set_lead("plan/1", "Finance", None)
///     .commit()?;
/// assert_eq!(done.revision(), 1);
/// assert_eq!(index.lead("plan/1").as_deref(), Some("Finance"));
///
/// let refused = index.batch().remove("plan/1").set_lead("plan/2", "Finance", None).commit();
/// assert_eq!(refused.unwrap_err().to_string(), "edit 2: there is no task \"plan/2\"");
/// assert!(index.lead("plan/1").is_some(), "nothing of a refused batch is applied");
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
#[must_use = "a batch does nothing until it is committed"]
pub struct Batch<'i> {
    shared: &'i Shared,
    edits: Arc<Edits>,
}

impl<'i> Batch<'i> {
    pub(super) fn new(shared: &'i Shared) -> Batch<'i> {
        Batch { shared, edits: Arc::default() }
    }

    /// Changes the edits, which are copied if a commit has them.
    fn change(mut self, change: impl FnOnce(Edits) -> Edits) -> Self {
        let edits = Arc::make_mut(&mut self.edits);
        *edits = change(std::mem::take(edits));
        self
    }

    pub(crate) fn with(self, edit: Edit) -> Self {
        self.change(|edits| edits.with(edit))
    }

    /// Sets the note of the commit: why it is made, and by whom.
    pub fn note(self, why: impl Into<String>, who: impl Into<String>) -> Self {
        self.change(|edits| edits.note(why, who))
    }

    /// Sets the day from which the commit is in force, as a notice or a reform says it. A commit without one is in force
    /// from the day of the commit before it. Days don't go back: record changes in the order in which they come into
    /// force. [`Index::view_on`](crate::Index::view_on) asks for the index on a day.
    ///
    /// ```
    /// use jiff::civil::date;
    /// use responsibility_index::{Error, Index, InputError};
    ///
    /// let index = Index::in_memory();
    /// index.batch().assign("plan/1", ["Transport"]).in_force_from(date(2016, 3, 28)).commit()?;
    /// let late = index.batch().assign("plan/1", ["Finance"]).in_force_from(date(2015, 1, 1)).commit();
    /// assert!(matches!(late.unwrap_err().input(), Some(InputError::DayGoesBack { .. })));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn in_force_from(self, day: Date) -> Self {
        self.change(|edits| edits.in_force_from(day))
    }

    /// Commits only if the index is at this revision.
    pub fn at_revision(self, revision: Revision) -> Self {
        self.change(|edits| edits.at_revision(revision))
    }

    edit_methods!();

    /// The number of edits in it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.edits.len()
    }

    /// Whether no edit is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// Returns exactly the changes that a commit would make, and makes none: a dry run. Costs some microseconds per
    /// task that changes, and no lock: commits go on meanwhile.
    ///
    /// # Errors
    /// Those of [`commit`](Batch::commit); [`Error::Engine`](crate::Error::Engine) only when details can't be read.
    pub fn plan(&self) -> Result<Plan<'i>> {
        Plan::new(self.shared, &self.edits)
    }

    /// Applies all edits, or none. Edits that change nothing take no revision.
    ///
    /// When it returns, the commit is as durable as the index was opened to make it, and all views taken afterwards have
    /// it.
    ///
    /// Costs one sync of the device, which callers that wait at the same time share (none with
    /// [`Durability::Lazy`](crate::Durability::Lazy)), and 16 to 30 µs of processor time; about 4 µs for each further
    /// task that changes.
    ///
    /// # Errors
    /// [`Error::Edit`](crate::Error::Edit) for the first invalid edit; [`Error::Input`](crate::Error::Input) if the batch has one
    /// edit, or if the note is too long or the commit too large; [`Error::Conflict`](crate::Error::Conflict) for an expectation
    /// that is not met; [`Error::Engine`](crate::Error::Engine), [`Error::Log`](crate::Error::Log) and
    /// [`Error::Corrupt`](crate::Error::Corrupt) when the log can't be written or details can't be read. See also
    /// [`Error::input`](crate::Error::input).
    pub fn commit(&self) -> Result<Effect> {
        self.shared.commit(&self.edits)
    }
}

impl std::fmt::Debug for Batch<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.edits.fmt(f)
    }
}
