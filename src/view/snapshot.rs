//! A state together with a reader of details: what all questions are asked of.

use std::sync::Arc;

use crate::id::{DetailId, Revision};
use crate::model::{Details, Result};
use crate::state::State;

/// Reads details, which are not in memory. Details, once written, never change.
pub(crate) trait ReadDetails: Send + Sync {
    /// The details under a number.
    ///
    /// # Errors
    /// `Error::Engine` when they can't be read, `Error::Corrupt` when they are damaged or missing.
    fn read(&self, id: DetailId) -> Result<Details>;
}

/// A snapshot of the whole index at one revision.
///
/// A view has snapshot isolation: taking or cloning one costs a few nanoseconds, reading it never blocks, and it never
/// changes, however long it is held. Parts that it shares with newer views are in memory once.
///
/// Only [`details`](View::details) reads the disk; everything else is answered from memory. A view can be used after the
/// last handle of the index was dropped; the directory is then free for another process. A trim may remove details that
/// only an older view has.
///
/// ```
/// use responsibility_index::Index;
///
/// let index = Index::in_memory();
/// index.assign("plan/1", ["Transport", "Finance", "Police"])?;
/// index.assign("plan/2", ["Finance", "Transport"])?;
///
/// let view = index.view();
/// assert_eq!(view.lead("plan/1"), Some("Transport"));
/// assert!(view.supporting("plan/1").eq(["Finance", "Police"]));
///
/// let both = view.led_by("Transport")? & view.supported_by("Finance")?;
/// assert!(both.keys().eq(["plan/1"]));
///
/// index.remove("plan/1")?;
/// assert_eq!(view.lead("plan/1"), Some("Transport"), "a view stays as it was");
/// assert_eq!(index.view().lead("plan/1"), None);
/// # Ok::<(), responsibility_index::Error>(())
/// ```
#[derive(Clone)]
pub struct View(Arc<Snapshot>);

/// The part of a view that its answers borrow from.
pub(crate) struct Snapshot {
    pub(super) state: State,
    pub(super) details: Arc<dyn ReadDetails>,
}

/// A state never changes, and the log that details are read from leaves nothing half done when a reader panics.
impl std::panic::RefUnwindSafe for Snapshot {}

impl View {
    pub(crate) fn new(state: State, details: Arc<dyn ReadDetails>) -> View {
        View(Arc::new(Snapshot { state, details }))
    }

    /// The view of another state of the same index.
    pub(crate) fn with(&self, state: State) -> View {
        View::new(state, Arc::clone(&self.0.details))
    }

    /// For an atomic pointer to the newest view.
    pub(crate) fn from_inner(inner: Arc<Snapshot>) -> View {
        View(inner)
    }

    pub(crate) fn into_inner(self) -> Arc<Snapshot> {
        self.0
    }

    #[inline]
    pub(crate) fn state(&self) -> &State {
        &self.0.state
    }

    #[inline]
    pub(super) fn snapshot(&self) -> &Snapshot {
        &self.0
    }

    /// The revision of this view: that of the newest commit in it.
    #[must_use]
    pub fn revision(&self) -> Revision {
        self.0.state.revision
    }
}
