//! The index that callers hold. Its methods delegate.

use std::sync::Arc;

use crate::edit::{Edits, Effect};
use crate::id::Revision;
use crate::model::{NamedUnits, Result, Standing};
use crate::view::View;

use super::batch::Batch;
use super::bulk_load::BulkLoad;
use super::options::UnknownUnits;
use super::plan::Plan;
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
/// assert_eq!(index.view().supported_by("Transport")?.keys().collect::<Vec<_>>(), ["plan/2"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Index {
    open: Arc<Open>,
}

/// Closes the index after its last handle. The thread that follows other processes shares what is inside until then.
struct Open {
    shared: Arc<Shared>,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.shared.close();
    }
}

impl Index {
    pub(super) fn new(shared: Shared) -> Index {
        Index { open: Arc::new(Open { shared: Arc::new(shared) }) }
    }

    /// What all its handles share.
    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.open.shared
    }
}

/// Reading. For several questions that belong together, take one [`View`].
impl Index {
    /// A snapshot of the index. Takes about 20 ns and no lock.
    #[must_use]
    pub fn view(&self) -> View {
        self.shared().view()
    }

    /// What naming an unknown unit does, as the index was [opened](crate::OpenOptions::unknown_units).
    #[must_use]
    pub fn unknown_units(&self) -> UnknownUnits {
        self.shared().settings().unknown_units
    }

    /// The number of commits so far.
    #[must_use]
    pub fn revision(&self) -> Revision {
        self.view().revision()
    }

    /// See [`View::lead`]. Takes a view for this question, and copies the name.
    #[must_use]
    pub fn lead(&self, task: &str) -> Option<String> {
        self.view().lead(task).map(str::to_owned)
    }

    /// See [`View::supporting`]. Takes a view for this question, and copies the names.
    #[must_use]
    pub fn supporting(&self, task: &str) -> Vec<String> {
        self.view().supporting(task).map(str::to_owned).collect()
    }
}

/// Writing. Other edits than these are those of a [`Batch`].
impl Index {
    /// Starts a batch of edits to be applied all or none.
    pub fn batch(&self) -> Batch<'_> {
        Batch::new(self.shared())
    }

    /// Applies edits that were made elsewhere, all or none: see [`Batch::commit`].
    ///
    /// # Errors
    /// See [`Batch::commit`].
    pub fn commit(&self, edits: Edits) -> Result<Effect> {
        self.shared().commit(&Arc::new(edits))
    }

    /// The changes that edits made elsewhere would make: see [`Batch::plan`].
    ///
    /// # Errors
    /// See [`Batch::plan`].
    pub fn plan(&self, edits: Edits) -> Result<Plan<'_>> {
        Plan::new(self.shared(), &Arc::new(edits))
    }

    /// Assigns a task: the first unit leads, the others support it. Returns its standing before. When nothing changes,
    /// nothing is written. Costs a [commit](Batch::commit): assign many tasks in one batch, or in a
    /// [bulk load](Index::bulk_load).
    ///
    /// ```
    /// use responsibility_index::Index;
    ///
    /// let index = Index::in_memory();
    /// assert_eq!(index.assign("plan/1", ["Transport", "Finance"])?, None);
    /// let before = index.assign("plan/1", ["Finance"])?.unwrap();
    /// assert_eq!(before.lead(), Some("Transport"));
    /// assert_eq!(index.revision(), 2);
    /// index.assign("plan/1", ["Finance"])?;
    /// assert_eq!(index.revision(), 2, "nothing changed");
    /// # Ok::<(), responsibility_index::Error>(())
    /// ```
    ///
    /// # Errors
    /// No unit, a unit twice, a key or name that is not valid; see [`Batch::commit`].
    pub fn assign(&self, task: &str, units: impl NamedUnits) -> Result<Option<Standing>> {
        let effect = self.batch().assign(task, units).commit()?;
        Ok(effect.before().standing(task))
    }

    /// Assigns a task only if it has the expected standing; `None` expects it not to be known.
    ///
    /// ```
    /// use responsibility_index::{Error, Index};
    ///
    /// let index = Index::in_memory();
    /// index.assign_if("plan/1", None, ["Transport"])?;
    /// let seen = index.view().standing("plan/1");
    ///
    /// index.assign("plan/1", ["Police"])?; // somebody else is quicker
    /// let refused = index.assign_if("plan/1", seen, ["Finance"]);
    /// assert!(matches!(refused, Err(Error::Conflict(_))));
    /// assert_eq!(index.lead("plan/1").as_deref(), Some("Police"));
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Conflict::Standing`](crate::error::Conflict::Standing) with the standing found; see [`Batch::commit`].
    pub fn assign_if(&self, task: &str, expected: Option<Standing>, units: impl NamedUnits) -> Result<()> {
        self.batch().only_if(task, expected).assign(task, units).commit().map(drop)
    }

    /// Forgets a task; see [`Batch::remove`]. Returns its standing before. Costs a [commit](Batch::commit).
    ///
    /// # Errors
    /// See [`Batch::commit`].
    pub fn remove(&self, task: &str) -> Result<Option<Standing>> {
        let effect = self.batch().remove(task).commit()?;
        Ok(effect.before().standing(task))
    }

    /// Starts a bulk load, which writes many tasks as one commit. See [`BulkLoad`].
    pub fn bulk_load(&self) -> BulkLoad<'_> {
        BulkLoad::new(self.shared())
    }
}

impl std::fmt::Debug for Index {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Index").field(&self.view()).finish()
    }
}
