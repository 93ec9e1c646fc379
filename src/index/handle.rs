//! The index that callers hold. Its methods delegate.

use std::sync::Arc;

use crate::id::Revision;
use crate::model::{Assignment, Details, Result, Role, UnitKind};
use crate::view::{TaskSet, View};

use super::batch::Batch;
use super::bulk_load::Load;
use super::shared::Shared;

/// Who is responsible for what: tasks with their units, asked from both sides.
///
/// An index is a directory on disk, or lives in memory. Cloning it gives another handle to the same index; all of them
/// can be used from any thread. Reads are answered from a [`View`] in memory and never block; writes are serialised and
/// are durable when they return.
///
/// ```
/// use responsibility_index::Index;
///
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("plan.ri");
/// let index = Index::open(path)?;
/// index.assign("plan/1", ["Transport", "Finance", "Police"])?;   // the first leads
/// index.assign("plan/2", ["Finance", "Transport"])?;
///
/// assert_eq!(index.lead("plan/1").as_deref(), Some("Transport"));
/// assert_eq!(index.supported_by("Transport")?.keys().collect::<Vec<_>>(), ["plan/2"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Index {
    shared: Arc<Shared>,
}

impl Index {
    pub(super) fn new(shared: Shared) -> Index {
        Index { shared: Arc::new(shared) }
    }

    /// What all its handles share.
    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }
}

/// Reading. For several questions that belong together, take one [`View`].
impl Index {
    /// A snapshot of the index.
    #[must_use]
    pub fn view(&self) -> View {
        self.shared.view()
    }

    /// The number of commits so far.
    #[must_use]
    pub fn revision(&self) -> Revision {
        self.view().revision()
    }

    /// See [`View::lead`].
    #[must_use]
    pub fn lead(&self, task: &str) -> Option<String> {
        self.view().lead(task).map(str::to_owned)
    }

    /// See [`View::supporting`].
    #[must_use]
    pub fn supporting(&self, task: &str) -> Vec<String> {
        self.view().supporting(task).map(str::to_owned).collect()
    }

    /// See [`View::assignment`].
    #[must_use]
    pub fn assignment(&self, task: &str) -> Option<Assignment> {
        self.view().assignment(task)
    }

    /// See [`View::role`].
    ///
    /// # Errors
    /// [`InputError::UnknownUnit`](crate::InputError::UnknownUnit).
    pub fn role(&self, task: &str, unit: &str) -> Result<Option<Role>> {
        self.view().role(task, unit)
    }

    /// See [`View::led_by`].
    ///
    /// # Errors
    /// [`InputError::UnknownUnit`](crate::InputError::UnknownUnit).
    pub fn led_by(&self, unit: &str) -> Result<TaskSet> {
        self.view().led_by(unit)
    }

    /// See [`View::supported_by`].
    ///
    /// # Errors
    /// [`InputError::UnknownUnit`](crate::InputError::UnknownUnit).
    pub fn supported_by(&self, unit: &str) -> Result<TaskSet> {
        self.view().supported_by(unit)
    }

    /// See [`View::involving`].
    ///
    /// # Errors
    /// [`InputError::UnknownUnit`](crate::InputError::UnknownUnit).
    pub fn involving(&self, unit: &str) -> Result<TaskSet> {
        self.view().involving(unit)
    }

    /// See [`View::under`].
    #[must_use]
    pub fn under(&self, prefix: &str) -> TaskSet {
        self.view().under(prefix)
    }

    /// See [`View::details`].
    ///
    /// # Errors
    /// [`Error::Engine`](crate::Error::Engine) and [`Error::Corrupt`](crate::Error::Corrupt).
    pub fn details(&self, task: &str) -> Result<Option<Details>> {
        self.view().details(task)
    }
}

/// Writing. Each of these methods but `batch` and `load` is a [`Batch`] of one edit, with the errors and the durability of
/// [`Batch::commit`].
impl Index {
    /// Starts a batch of edits to be applied all or none.
    #[must_use]
    pub fn batch(&self) -> Batch<'_> {
        Batch::new(&self.shared)
    }

    /// Assigns a task: the first unit leads, the others support it. Returns the assignment it replaces. When nothing
    /// changes, nothing is written.
    ///
    /// ```
    /// use responsibility_index::Index;
    ///
    /// let index = Index::in_memory();
    /// assert_eq!(index.assign("plan/1", ["Transport", "Finance"])?, None);
    /// let before = index.assign("plan/1", ["Finance"])?.unwrap();
    /// assert_eq!(before.lead(), "Transport");
    /// assert_eq!(index.revision(), 2);
    /// index.assign("plan/1", ["Finance"])?;
    /// assert_eq!(index.revision(), 2, "nothing changed");
    /// # Ok::<(), responsibility_index::Error>(())
    /// ```
    ///
    /// # Errors
    /// No unit, a unit twice, a key or name that is not valid; see [`Batch::commit`].
    pub fn assign<I>(&self, task: &str, units: I) -> Result<Option<Assignment>>
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        let plan = self.batch().assign(task, units).commit()?;
        Ok(plan.before().assignment(task))
    }

    /// Assigns a task only if its assignment is the expected one; `None` expects it not to be assigned.
    ///
    /// ```
    /// use responsibility_index::{Error, Index};
    ///
    /// let index = Index::in_memory();
    /// index.assign_if("plan/1", None, ["Transport"])?;
    /// let seen = index.assignment("plan/1");
    ///
    /// index.assign("plan/1", ["Police"])?; // somebody else is quicker
    /// let refused = index.assign_if("plan/1", seen.as_ref(), ["Finance"]);
    /// assert!(matches!(refused, Err(Error::Conflict(_))));
    /// assert_eq!(index.lead("plan/1").as_deref(), Some("Police"));
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Conflict::Assignment`](crate::error::Conflict::Assignment) with the assignment found; see [`Batch::commit`].
    pub fn assign_if<I>(&self, task: &str, expected: Option<&Assignment>, units: I) -> Result<()>
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.batch().expect(task, expected.cloned()).assign(task, units).commit().map(drop)
    }

    /// See [`Batch::unassign`]. Returns the assignment that the task had.
    ///
    /// # Errors
    /// See [`Batch::commit`].
    pub fn unassign(&self, task: &str) -> Result<Option<Assignment>> {
        let plan = self.batch().unassign(task).commit()?;
        Ok(plan.before().assignment(task))
    }

    /// See [`Batch::set_lead`].
    ///
    /// # Errors
    /// See [`Batch::commit`].
    pub fn set_lead(&self, task: &str, unit: &str) -> Result<()> {
        self.batch().set_lead(task, unit).commit().map(drop)
    }

    /// See [`Batch::add_supporting`].
    ///
    /// # Errors
    /// See [`Batch::commit`].
    pub fn add_supporting(&self, task: &str, unit: &str) -> Result<()> {
        self.batch().add_supporting(task, unit).commit().map(drop)
    }

    /// See [`Batch::move_supporting`].
    ///
    /// # Errors
    /// See [`Batch::commit`].
    pub fn move_supporting(&self, task: &str, unit: &str, place: usize) -> Result<()> {
        self.batch().move_supporting(task, unit, place).commit().map(drop)
    }

    /// See [`Batch::remove_supporting`].
    ///
    /// # Errors
    /// See [`Batch::commit`].
    pub fn remove_supporting(&self, task: &str, unit: &str) -> Result<()> {
        self.batch().remove_supporting(task, unit).commit().map(drop)
    }

    /// See [`Batch::set_details`].
    ///
    /// # Errors
    /// See [`Batch::commit`].
    pub fn set_details(&self, task: &str, details: impl Into<Option<Details>>) -> Result<()> {
        self.batch().set_details(task, details).commit().map(drop)
    }

    /// See [`Batch::create_unit`].
    ///
    /// # Errors
    /// See [`Batch::commit`].
    pub fn create_unit(&self, name: &str, kind: UnitKind) -> Result<()> {
        self.batch().create_unit(name, kind).commit().map(drop)
    }

    /// See [`Batch::add_alias`].
    ///
    /// ```
    /// use responsibility_index::Index;
    ///
    /// let index = Index::in_memory();
    /// index.assign("plan/1", ["Ministry of Transport"])?;
    /// index.add_alias("Ministry of Transport", "Transport")?;
    /// assert_eq!(index.led_by("Transport")?.len(), 1);
    /// # Ok::<(), responsibility_index::Error>(())
    /// ```
    ///
    /// # Errors
    /// See [`Batch::commit`].
    pub fn add_alias(&self, unit: &str, alias: &str) -> Result<()> {
        self.batch().add_alias(unit, alias).commit().map(drop)
    }

    /// See [`Batch::remove_alias`].
    ///
    /// # Errors
    /// See [`Batch::commit`].
    pub fn remove_alias(&self, unit: &str, alias: &str) -> Result<()> {
        self.batch().remove_alias(unit, alias).commit().map(drop)
    }

    /// See [`Batch::rename_unit`].
    ///
    /// ```
    /// use responsibility_index::Index;
    ///
    /// let index = Index::in_memory();
    /// index.assign("plan/1", ["Economy and Informatics"])?;
    /// index.rename_unit("Economy and Informatics", "Industry")?;
    /// assert_eq!(index.lead("plan/1").as_deref(), Some("Industry"));
    /// assert_eq!(index.led_by("Economy and Informatics")?.len(), 1, "the former name still resolves");
    /// # Ok::<(), responsibility_index::Error>(())
    /// ```
    ///
    /// # Errors
    /// See [`Batch::commit`].
    pub fn rename_unit(&self, unit: &str, name: &str) -> Result<()> {
        self.batch().rename_unit(unit, name).commit().map(drop)
    }

    /// See [`Batch::set_kind`].
    ///
    /// # Errors
    /// See [`Batch::commit`].
    pub fn set_kind(&self, unit: &str, kind: UnitKind) -> Result<()> {
        self.batch().set_kind(unit, kind).commit().map(drop)
    }

    /// Starts a bulk load: many tasks at once, sorted and written as a checkpoint.
    #[must_use]
    pub fn load(&self) -> Load<'_> {
        Load::new(&self.shared)
    }
}

impl std::fmt::Debug for Index {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Index").field(&self.view()).finish()
    }
}
