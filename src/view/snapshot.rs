//! A state together with a reader of details: what all questions are asked of.

use std::sync::Arc;

use crate::id::{DetailId, Revision};
use crate::model::{Details, Note, Result, Stamp};
use crate::state::{Change, Member, State, Units};

/// Reads what is not in memory: details and the past. What was written once never changes.
pub(crate) trait ReadLog: Send + Sync {
    /// The details under a number.
    ///
    /// # Errors
    /// `Error::Engine` when they can't be read, `Error::Corrupt` when they are damaged or missing.
    fn details(&self, id: DetailId) -> Result<Details>;

    /// Hands out the details under some numbers, which rise: [`details`](ReadLog::details) for many at once.
    ///
    /// # Errors
    /// Those of [`details`](ReadLog::details), for any of them. Some may have been handed out before.
    fn details_of(&self, ids: &[DetailId], each: &mut dyn FnMut(DetailId, Details)) -> Result<()> {
        for id in ids {
            each(*id, self.details(*id)?);
        }
        Ok(())
    }

    /// The change of a task in a commit.
    ///
    /// # Errors
    /// `Error::Engine` and `Error::Log` when it can't be read, `Error::Corrupt` when it does not change the task.
    fn task_at(&self, revision: Revision, key: &str) -> Result<TaskAt>;

    /// The changes of a commit; `None` for a bulk load.
    ///
    /// # Errors
    /// `Error::Engine`, `Error::Log` and `Error::Corrupt` when it can't be read.
    fn changes(&self, revision: Revision) -> Result<Option<Vec<Change>>>;

    /// The oldest revision that the log goes back to.
    ///
    /// # Errors
    /// Those of the device.
    fn horizon(&self) -> Result<Revision>;
}

/// A commit, and the task before it.
pub(crate) struct TaskAt {
    pub(crate) stamp: Stamp,
    pub(crate) note: Note,
    /// The units and the details; `None` where the task was not known.
    pub(crate) was: Option<(Vec<Member>, DetailId)>,
    /// The revision of the change before; 0 if there was none.
    pub(crate) was_changed: Revision,
    /// The key under which it was before the commit, where the commit moved it.
    pub(crate) moved_from: Option<String>,
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
/// # Costs
///
/// | question | cost |
/// | --- | --- |
/// | of a task: its lead, units, role, standing | one look-up of its key, as in a hash map, and some nanoseconds per unit |
/// | of many tasks at once: [`leads`](View::leads), [`tasks_for`](View::tasks_for) | less than half of that each, where the index is larger than the processor's cache |
/// | of a unit: its counts | one look-up of its name; counts are kept |
/// | the set of a unit in one role | the same, and the first time after a change the changes since; then a pointer |
/// | of two sets: `&`, `\|`, `-`, `^` | bitmaps: microseconds for a hundred thousand tasks |
/// | an unknown name | a comparison with all names, 0.4 µs each, for the suggestion in the error |
///
/// Methods that cost more say so.
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
    pub(super) log: Arc<dyn ReadLog>,
    /// The units of the newest state, in a view of the past: they tell which names came later.
    pub(super) newest: Option<Units>,
}

/// A state never changes, and the log that details are read from leaves nothing half done when a reader panics.
impl std::panic::RefUnwindSafe for Snapshot {}

impl View {
    pub(crate) fn new(state: State, log: Arc<dyn ReadLog>) -> View {
        View(Arc::new(Snapshot { state, log, newest: None }))
    }

    /// The view of another state of the same index.
    pub(crate) fn with(&self, state: State) -> View {
        View::new(state, Arc::clone(&self.0.log))
    }

    /// The view of an older state of the same index.
    pub(crate) fn with_older(&self, state: State) -> View {
        let newest = self.0.newest.as_ref().unwrap_or(&self.0.state.units);
        View(Arc::new(Snapshot { state, log: Arc::clone(&self.0.log), newest: Some(newest.clone()) }))
    }

    /// The log that it reads from.
    pub(crate) fn log(&self) -> &dyn ReadLog {
        &*self.0.log
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
