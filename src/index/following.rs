//! Follows the commits of other processes, in a thread of its own. Knows nothing of edits.
//!
//! The thread waits for entries that are not published, takes the turn of a leader, applies them, and publishes. A commit
//! that finds itself behind does the same. Nothing is published that does not follow the newest view without a gap.
//! Cost: a thread that waits takes no time of the processor; one that its own process wakes, about a thousandth.

use std::sync::{Arc, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::commit_log::Position;
use crate::id::Revision;
use crate::model::{EngineError, Error, LogError, Result};
use crate::persist::{At, base_from, commits_of, newest, number_of};
use crate::state::{State, Touched};
use crate::view::View;

use super::handle::Index;
use super::shared::{Shared, lock};

/// How often a thread that waits looks whether its directory is still in its place.
const LOOK: Duration = Duration::from_secs(1);
/// How long the thread rests after it has published: where commits come one after the other, it takes some at once.
const PACE: Duration = Duration::from_micros(500);
/// How long the thread rests after its own process has woken it, or after a failure: a commit wakes it, too.
const REST: Duration = Duration::from_millis(5);
const REST_AFTER_FAILURE: Duration = Duration::from_secs(1);
/// The most bytes of entries that are read at once.
const READ_BYTES: usize = 1 << 20;
/// How long a leader that is behind waits for entries which are written and not shown yet.
const SHOWN_SOON: Duration = Duration::from_millis(10);

/// Why a handle stops whose directory is not in its place any more.
const DISPLACED: &str = "the directory of the index was moved, removed or replaced";

/// How far a handle is behind the log, which other processes may write to. Returned by [`Index::following`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Following {
    /// The revision of the newest view of this handle.
    pub revision: Revision,
    /// The newest revision in the log, as this handle [shows](crate::promises) it.
    pub newest: Revision,
    /// For how long it has been behind, if it is.
    pub behind_for: Option<Duration>,
    /// Why it can't follow, if it can't.
    pub trouble: Option<String>,
    /// Whether this handle keeps the checkpoint: it is the owner of the rows.
    pub is_owner: bool,
    /// How long ago the servers of a shared index have told which revision is the newest: a view may be older by this much,
    /// and not more. `None` if they have not answered since the index was opened. Zero where the log is on this machine.
    pub heard: Option<Duration>,
}

/// Other processes. See the [promises](crate::promises).
impl Index {
    /// Waits until this handle has a revision, or so long. Returns the newest view then, or the one that it has: compare its
    /// revision. A process that is told of a commit by another one waits so until its own answers have it.
    ///
    /// ```
    /// use std::time::Duration;
    /// use responsibility_index::Index;
    ///
    /// # let directory = tempfile::tempdir()?;
    /// # let path = directory.path().join("plan.ri");
    /// let one = Index::open(&path)?;
    /// let other = Index::open(&path)?; // in another process, as a rule
    /// one.assign("plan/1", ["Transport"])?;
    /// let view = other.wait_for(one.revision(), Duration::from_secs(5));
    /// assert_eq!(view.lead("plan/1"), Some("Transport"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn wait_for(&self, revision: Revision, patience: Duration) -> View {
        if let Some(before) = revision.checked_sub(1) {
            self.shared().published.wait(before, patience);
        }
        self.view()
    }

    /// A view that has every commit of whatever process that was acknowledged before the call. Costs some microseconds more
    /// than [`view`](Index::view), which may be behind by about 0.1 ms on Linux, 50 ms elsewhere. Commits of a process with
    /// [`Durability::Lazy`](crate::Durability::Lazy) are in it once they are durable, or if this handle is lazy, too.
    ///
    /// # Errors
    /// [`Error::Engine`](crate::Error::Engine), [`Error::Log`](crate::Error::Log) and
    /// [`Error::Corrupt`](crate::Error::Corrupt) when the log can't be read.
    pub fn fresh_view(&self) -> Result<View> {
        self.shared().fresh_view()
    }

    /// How far this handle is behind the log. Reads the log's end; why that fails, if it does, is the
    /// [`trouble`](Following::trouble).
    ///
    /// # Errors
    /// [`LogError::OtherProcess`] in a child of the process that opened the index.
    pub fn following(&self) -> Result<Following> {
        self.shared().following()
    }
}

/// Starts the thread; a handle that is read-only follows as well. Without one, commits and [`Index::fresh_view`] follow.
pub(super) fn start(shared: &Arc<Shared>) {
    let thread = Arc::clone(shared);
    if let Err(error) = thread::Builder::new().name("follow".to_owned()).spawn(move || thread.follow_others()) {
        lock(&shared.behind).trouble = Some(format!("no thread could be started: {error}"));
        log::warn!("an index does not follow other processes by itself: no thread could be started: {error}");
    }
}

impl Shared {
    fn follow_others(self: &Arc<Shared>) {
        let mut looked = Instant::now();
        while !self.is_closed() {
            let before = self.published.revision();
            let followed = self.follow_once(LOOK);
            if followed.is_ok() {
                // Servers that did not answer do again.
                lock(&self.behind).trouble = None;
            }
            match followed {
                Ok(true) => thread::sleep(PACE),
                // What it saw is published: it was a commit of this process, or nothing.
                Ok(false) if self.published.revision() > before => thread::sleep(REST),
                Ok(false) => {}
                Err(error) => {
                    lock(&self.behind).trouble = Some(error.to_string());
                    thread::sleep(REST_AFTER_FAILURE);
                }
            }
            // Also while commits come without a pause, and when the log can't be read because it was moved.
            if looked.elapsed() >= LOOK {
                looked = Instant::now();
                self.check_in_place();
                self.renew_base_if_due();
            }
        }
    }

    /// Waits for entries that are not published, or so long, and publishes them. Returns whether any was published.
    pub(crate) fn follow_once(&self, patience: Duration) -> Result<bool> {
        let head = self.log.wait(self.published.revision(), patience)?;
        self.follow_to(head.revision)
    }

    /// Replaces what the servers of a shared log keep by the newest state, if it has become too much, in a thread of its own.
    fn renew_base_if_due(self: &Arc<Shared>) {
        if self.settings().read_only || self.is_closed() || !self.log.is_base_due() {
            return;
        }
        let shared = Arc::clone(self);
        let renew = move || {
            // A trim by hand waits for this one, which reads what it would remove.
            let _kept = shared.past.read().unwrap_or_else(PoisonError::into_inner);
            let make = &mut || {
                let (view, at) = {
                    let _leader = shared.lead();
                    (shared.view(), shared.at())
                };
                base_from(&*shared.log, view.state(), at.head)
            };
            if let Err(error) = shared.log.renew_base(make) {
                log::warn!("the servers of a shared index keep what they should not: {error}");
            }
        };
        // Without a thread it is tried again later.
        drop(thread::Builder::new().name("keeper".to_owned()).spawn(renew));
    }

    /// Publishes entries up to a revision at least, unless the index is closed. Returns whether any was published.
    fn follow_to(&self, revision: Revision) -> Result<bool> {
        if revision <= self.published.revision() {
            return Ok(false);
        }
        // A commit of this process publishes it, and the next commit does not wait for this thread.
        if self.is_led() {
            self.published.wait(revision - 1, SHOWN_SOON);
            if revision <= self.published.revision() {
                return Ok(false);
            }
        }
        lock(&self.behind).since.get_or_insert_with(Instant::now);
        let _leader = self.lead();
        let mut followed = false;
        while !self.is_closed() && self.published.revision() < revision {
            self.follow()?;
            followed = true;
        }
        lock(&self.behind).since = None;
        Ok(followed)
    }

    /// Stops a handle whose directory is not in its place any more.
    fn check_in_place(&self) {
        if !self.is_closed() && self.directory.as_ref().is_some_and(|directory| !directory.is_in_place()) {
            self.stop(&DISPLACED);
            lock(&self.behind).displaced = true;
        }
    }

    pub(super) fn fresh_view(&self) -> Result<View> {
        self.check_process()?;
        self.check_not_stale()?;
        self.follow_to(self.log.newest()?.revision)?;
        Ok(self.view())
    }

    fn following(&self) -> Result<Following> {
        self.check_process()?;
        let end = self.log.end();
        let behind = lock(&self.behind);
        let revision = self.published.revision();
        let (newest, failed) = match end {
            Ok((head, _)) => (head.revision, None),
            Err(error) => (revision, Some(error.to_string())),
        };
        let trouble = if behind.displaced { Some(DISPLACED.to_owned()) } else { behind.trouble.clone().or(failed) };
        Ok(Following {
            revision,
            newest: newest.max(revision),
            behind_for: behind.since.filter(|_| newest > revision).map(|since| since.elapsed()),
            trouble,
            is_owner: self.is_owner(),
            heard: if self.log.is_shared() { self.log.heard().map(|at| at.elapsed()) } else { Some(Duration::ZERO) },
        })
    }

    /// For the leader: applies entries that are not published yet, and publishes them.
    pub(super) fn follow(&self) -> Result<()> {
        let (before, at) = (self.view(), self.at());
        let mut read = self.log.read(before.revision(), READ_BYTES);
        if read.as_ref().is_ok_and(|tail| tail.entries.is_empty()) {
            // They may be shown late.
            self.log.wait(before.revision(), SHOWN_SOON)?;
            read = self.log.read(before.revision(), READ_BYTES);
        }
        let tail = match read {
            Err(Error::Log(LogError::Trimmed { .. })) => return self.follow_from_base(&before, at),
            read => read?,
        };
        let (mut state, mut touched, mut facts, mut head) = (before.state().clone(), Touched::default(), 0, at.head);
        for (entry, commit) in commits_of(&tail)? {
            if commit.revision != state.revision + 1 {
                let what = format!("entry {} was read after revision {}", commit.revision, state.revision);
                return Err(Error::Bug { what });
            }
            let (next, parts) = state.apply(&commit.changes).map_err(crate::edit::bug)?;
            state = State { revision: commit.revision, stamp: commit.stamp, ..next };
            touched.merge(parts);
            facts += number_of(&commit.changes);
            head = entry;
            self.record(&commit.changes);
        }
        if head != at.head {
            self.publish_followed(before.with(state), At { head, ..at }, touched, facts)?;
        }
        Ok(())
    }

    /// Takes the state from a base: a trim of another process has removed entries that this one did not read yet.
    fn follow_from_base(&self, before: &View, at: At) -> Result<()> {
        let (state, head, _) = newest(&*self.log, None)?;
        if head.revision < before.revision() {
            let (durable, head) = (before.revision(), head.revision);
            return Err(
                EngineError::Failed { doing: "follow", why: LogError::Lost { durable, head }.to_string() }.into()
            );
        }
        let facts = state.tasks.known() + state.units.len();
        self.publish_followed(before.with(state), At { head, ..at }, Touched::everything(), facts)
    }

    fn publish_followed(&self, view: View, at: At, touched: Touched, facts: usize) -> Result<()> {
        let (end, position) = self.log.end()?;
        // Without its place a log is read from its beginning.
        let position = if end == at.head { position } else { Position::default() };
        self.advance(view, At { position, ..at }, touched, facts);
        Ok(())
    }
}
