//! What all handles of an index share: the log, the newest view, the order of commits.
//!
//! One caller at a time is the leader of the group commit. It plans the edits of all waiting callers against the newest
//! state, appends them to the log in one call, syncs once, publishes the new state and notifies the checkpointer. Readers
//! take no lock.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};
use std::time::{Duration, Instant};

use crate::commit_log::{CommitLog, EntryId, Head, Position};
use crate::edit::{Edits, Effect, Rules, StoredDetails, plan};
use crate::history::Published;
use crate::id::Revision;
use crate::model::{Conflict, EngineError, Error, LogError, Result, clock};
use crate::persist::{At, LogReader, Opened, RowsWorker};
use crate::state::{Change, State, Touched};
use crate::store::Directory;
use crate::view::{View, with_suggestions};

use super::checkpointer::Checkpointer;
use super::group_commit::{Leader, Queue};
use super::options::Settings;
use super::planned::{Answer, Wanted};
#[cfg(any(test, feature = "testing"))]
use super::recorder::Recorder;

/// Past views that are held, so that no reader is the one to free the memory that only a past view has.
const RECENT: usize = 4;
/// A sync that takes so long is reported.
const SLOW_SYNC: Duration = Duration::from_secs(1);
/// Servers that have answered within this time do so now, as a rule.
const RECENTLY: Duration = Duration::from_secs(5);

pub(super) type Leading<'q> = Leader<'q, Wanted, Answer>;

pub(crate) struct Shared {
    pub(super) log: Arc<dyn CommitLog>,
    pub(super) settings: Settings,
    /// The view that readers get, and on which the next commits are planned.
    pub(super) published: Arc<Published>,
    queue: Queue<Wanted, Answer>,
    /// The place of the newest state in the log. Changed by the leader.
    at: Mutex<At>,
    /// Why nothing more is written through this handle.
    stopped: OnceLock<String>,
    recent: Mutex<VecDeque<View>>,
    /// Held while the past is trimmed; shared by those who read all of the log.
    pub(super) past: RwLock<()>,
    /// `None` where there are no rows: in memory, or where they can't be used.
    pub(super) checkpointer: Option<Checkpointer>,
    /// What was wrong when the index was opened and did not prevent that.
    pub(super) troubles: Vec<String>,
    /// Locked until the index is closed. `None` in memory.
    pub(super) directory: Option<Directory>,
    /// The process that opened it: a child of `fork` has no threads and must not write.
    process: u32,
    closed: AtomicBool,
    /// How following others goes.
    pub(super) behind: Mutex<Behind>,
    #[cfg(any(test, feature = "testing"))]
    recorder: Recorder,
}

/// How following other processes goes.
#[derive(Debug, Default)]
pub(super) struct Behind {
    /// When entries were first seen that are not published.
    pub(super) since: Option<Instant>,
    /// Why they can't be read.
    pub(super) trouble: Option<String>,
    /// Whether the directory was found not to be in its place any more. It stays so.
    pub(super) displaced: bool,
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic in a holder left nothing half done: values behind the locks are replaced whole.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A panic leaves nothing half done: values behind the locks are replaced whole, and a leader that panics ends its turn.
impl std::panic::RefUnwindSafe for Shared {}

impl Shared {
    pub(super) fn new(opened: Opened, directory: Option<Directory>, settings: Settings) -> Shared {
        let Opened { state, log, at, rows, take_over, shortcut, since, mut troubles } = opened;
        // A guest has a thread for the rows, too, and no rows in it.
        let worker = match (rows, &take_over) {
            (None, Some(_)) => RowsWorker::start("rows", None).map_err(|why| troubles.push(why.to_string())).ok(),
            (rows, _) => rows,
        };
        if !troubles.is_empty() {
            log::warn!("an index was opened with {} findings: see its statistics", troubles.len());
        }
        // A finding can have keys and names.
        for trouble in &troubles {
            log::debug!("an index was opened although {trouble}");
        }
        let view = View::new(state.clone(), Arc::new(LogReader(Arc::clone(&log))));
        let checkpointer = worker.map(|worker| {
            let after = settings.checkpoint_after;
            Checkpointer::start(worker, (take_over, shortcut), Arc::clone(&log), (state, at, since), after)
        });
        Shared {
            log,
            settings,
            published: Arc::new(Published::new(view)),
            queue: Queue::new(),
            at: Mutex::new(at),
            stopped: OnceLock::new(),
            recent: Mutex::new(VecDeque::new()),
            past: RwLock::default(),
            checkpointer,
            troubles,
            directory,
            process: std::process::id(),
            closed: AtomicBool::new(false),
            behind: Mutex::default(),
            #[cfg(any(test, feature = "testing"))]
            recorder: Recorder::default(),
        }
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.settings
    }

    pub(super) fn rules(&self) -> Rules {
        self.settings.rules()
    }

    pub(super) fn view(&self) -> View {
        self.published.view()
    }

    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn recorder(&self) -> &Recorder {
        &self.recorder
    }

    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn log(&self) -> &dyn CommitLog {
        &*self.log
    }

    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn waiting(&self) -> usize {
        self.queue.waiting()
    }

    #[cfg(any(test, feature = "testing"))]
    pub(super) fn record(&self, changes: &[Change]) {
        self.recorder.record(changes);
    }

    #[cfg(not(any(test, feature = "testing")))]
    pub(super) fn record(&self, _: &[Change]) {}

    /// The changes that the edits would make to the published state.
    pub(super) fn plan(&self, edits: &Edits) -> Result<Effect> {
        let view = self.view();
        let read = StoredDetails::read(&view, edits)?;
        let planned = plan(&view, edits, self.rules(), &read, clock());
        let planned = planned.map_err(|error| with_suggestions(error, view.state()))?;
        planned.ok_or_else(|| Error::Bug { what: "details were not read".to_owned() })
    }

    pub(super) fn commit(&self, edits: &Arc<Edits>) -> Result<Effect> {
        self.check_writable()?;
        let (since, mut has_looked) = (Instant::now(), false);
        loop {
            let planned_on = self.view().revision();
            let read = self.read_details(edits)?;
            let wanted = Wanted { edits: Arc::clone(edits), read, since };
            let committed = self.queue.ask(wanted, |leader| self.lead_group(leader));
            let committed = committed.ok_or_else(|| Error::Bug { what: "a group of commits ended early".to_owned() });
            match committed.flatten() {
                Ok(Some(effect)) => return Ok(effect),
                // Another commit was first, so one of both gets on.
                Ok(None) => {}
                // Nothing was written, and another caller of the group had no more patience.
                Err(Error::Engine(EngineError::Unreachable { .. })) if since.elapsed() < self.log.patience() => {}
                Err(error) => {
                    // With other machines, a refusal is judged on a state that is not older than the call.
                    if !std::mem::replace(&mut has_looked, true)
                        && self.may_be_refused_by_the_past(&error)
                        && self.fresh_view().is_ok_and(|view| view.revision() > planned_on)
                    {
                        continue;
                    }
                    return Err(with_suggestions(error, self.view().state()));
                }
            }
        }
    }

    /// Reads the details that edits need. A trim of another process may have removed those of a view that it is ahead of.
    fn read_details(&self, edits: &Edits) -> Result<StoredDetails> {
        let view = self.view();
        match StoredDetails::read(&view, edits) {
            Err(Error::Log(LogError::Trimmed { .. })) if self.directory.is_some() || self.log.is_shared() => {
                StoredDetails::read(&self.fresh_view()?, edits)
            }
            read => read,
        }
    }

    /// Whether edits were refused because of a state that may be older than what another machine has acknowledged. Servers that
    /// do not answer can't tell.
    fn may_be_refused_by_the_past(&self, error: &Error) -> bool {
        let by_state = match error {
            Error::Input(_) | Error::Edit { .. } => true,
            Error::Conflict(conflict) => !matches!(conflict, Conflict::Busy { .. }),
            _ => false,
        };
        by_state && self.log.heard().is_some_and(|at| at.elapsed() < RECENTLY)
    }

    /// Refuses to write through a handle that may not, or that has stopped.
    pub(super) fn check_writable(&self) -> Result<()> {
        self.check_process()?;
        if self.settings.read_only {
            return Err(EngineError::ReadOnly.into());
        }
        self.check_not_stale()?;
        self.check_goes_on()
    }

    /// Refuses what needs servers that were silent for too long.
    pub(super) fn check_not_stale(&self) -> Result<()> {
        let Some(limit) = self.settings.stale_after.filter(|_| self.log.is_shared()) else { return Ok(()) };
        let heard = self.log.heard().map(|at| at.elapsed());
        if heard.is_some_and(|heard| heard <= limit) { Ok(()) } else { Err(EngineError::Stale { heard, limit }.into()) }
    }

    /// Refuses to write through a handle that has stopped.
    pub(super) fn check_goes_on(&self) -> Result<()> {
        match self.stopped.get() {
            Some(why) => Err(EngineError::Stopped { why: why.clone() }.into()),
            None => Ok(()),
        }
    }

    /// Refuses a child of the process that opened the index.
    pub(super) fn check_process(&self) -> Result<()> {
        if self.process == std::process::id() {
            return Ok(());
        }
        Err(LogError::OtherProcess { path: self.path() }.into())
    }

    /// The id of the log.
    pub(super) fn log_id(&self) -> EntryId {
        self.at().log
    }

    /// The place of the newest state in the log.
    pub(super) fn at(&self) -> At {
        *lock(&self.at)
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// The directory, for errors; an index in memory has none.
    fn path(&self) -> PathBuf {
        self.directory.as_ref().map_or_else(PathBuf::new, |directory| directory.path().to_owned())
    }

    /// Writes nothing more through this handle.
    pub(super) fn stop(&self, why: &impl ToString) {
        let why = why.to_string();
        // The first reason is kept.
        if self.stopped.set(why.clone()).is_ok() {
            log::warn!("an index refuses commits from here on: {why}");
        }
    }

    /// Whether somebody leads.
    pub(super) fn is_led(&self) -> bool {
        self.queue.is_led()
    }

    /// Waits until nobody else leads.
    pub(super) fn lead(&self) -> Leading<'_> {
        self.queue.lead()
    }

    /// Publishes the newest view, and tells the checkpointer how it differs from the one before.
    pub(super) fn advance(&self, view: View, at: At, touched: Touched, facts: usize) {
        *lock(&self.at) = at;
        self.publish(view.clone());
        if let Some(checkpointer) = &self.checkpointer {
            checkpointer.note(view.state(), at, touched, facts);
        }
        drop(view);
        self.published.wake();
    }

    pub(super) fn sync(&self, revision: Revision) -> Result<()> {
        let began = Instant::now();
        let synced = self.log.sync();
        let took = began.elapsed();
        if took >= SLOW_SYNC {
            log::warn!("a sync of the log took {} ms", took.as_millis());
        }
        let synced = synced.map_err(|error| {
            self.stop(&error);
            EngineError::Unknown { revision, id: None, why: error.to_string() }
        });
        Ok(synced.map(drop)?)
    }

    fn publish(&self, view: View) {
        let before = self.published.publish(view);
        let mut recent = lock(&self.recent);
        recent.push_back(before);
        let freed = if recent.len() > RECENT { recent.pop_front() } else { None };
        drop(recent);
        drop(freed);
    }

    /// Makes all commits durable, with any durability.
    pub(super) fn flush(&self) -> Result<()> {
        self.check_writable()?;
        let _leader = self.queue.lead();
        self.sync(self.view().revision())
    }

    /// Writes a last checkpoint, closes log and rows, and releases the directory. Views go on reading details.
    pub(super) fn close(&self) {
        if self.closed.swap(true, Ordering::AcqRel) || self.check_process().is_err() {
            return;
        }
        // The thread that follows may be about to publish.
        let _leader = self.queue.lead();
        if let Some(checkpointer) = &self.checkpointer {
            checkpointer.close();
        }
        if !self.settings.read_only
            && let Err(error) = self.log.close()
        {
            log::warn!("an index was closed, but its log may not be durable: {error}");
        }
        if let Some(directory) = &self.directory {
            directory.release();
        }
    }
}

/// The state of an index in memory.
pub(super) fn empty(log: Arc<dyn CommitLog>) -> Opened {
    // Where the system has no random bytes, commits fail as well.
    let id = EntryId::random().map_or(EntryId::NONE, |id| id);
    let at = At { log: id, head: Head::START, position: Position::default() };
    Opened::new(State::empty(), log, at, Vec::new())
}
