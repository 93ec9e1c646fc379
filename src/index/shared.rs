//! What all handles of an index share: the log, the newest view, the order of commits.
//!
//! One caller at a time is the leader of the group commit. It plans the edits of all waiting callers against the newest
//! state, appends them to the log in one call, syncs once, publishes the new state and notifies the checkpointer. Readers
//! take no lock.

use std::collections::VecDeque;
use std::iter;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};
use std::thread;
use std::time::{Duration, Instant};

use crate::commit_log::{Appended, CommitLog, Entry, EntryId, Head, Position};
use crate::edit::{Edits, Effect, Rules, StoredDetails, plan};
use crate::history::Published;
use crate::id::Revision;
use crate::model::{Conflict, EngineError, Error, LogError, Result, clock};
use crate::persist::{At, LogReader, Opened, RowsWorker};
use crate::state::{Change, State, Touched};
use crate::store::Directory;
use crate::view::{View, with_suggestions};

use super::checkpointer::Checkpointer;
use super::failures::{copy_of, leaves_nothing, of_own};
use super::group_commit::{Leader, Queue};
use super::options::{Durability, Settings};
use super::planned::{Answer, Planned, Wanted};
#[cfg(any(test, feature = "testing"))]
use super::recorder::Recorder;

/// Past views that are held, so that no reader is the one to free the memory that only a past view has.
const RECENT: usize = 4;
/// For how long a leader plans again while others are always first.
const CONTEST: Duration = Duration::from_secs(10);
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
    fn check_goes_on(&self) -> Result<()> {
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

    /// Answers all callers that wait.
    fn lead_group(&self, leader: &mut Leading<'_>) {
        if self.settings.durability == Durability::Synced && leader.is_shared() {
            gather(leader);
        }
        let group: Vec<_> = leader.take().to_vec();
        let mut failed: Vec<Option<Error>> = group.iter().map(|_| None).collect();
        let mut attempts = Vec::new();
        let since = group.iter().map(|ticket| ticket.question.since).min().unwrap_or_else(Instant::now);
        // Each of them has been checked otherwise; the leader before may have stopped the handle.
        let committed = self.check_goes_on().and_then(|()| {
            self.append_and_publish(since, |view, head| {
                let mut planned = Planned::new(view, head);
                attempts.clear();
                for (ticket, failed) in group.iter().zip(&mut failed) {
                    let effect = match failed {
                        Some(_) => None,
                        None => planned.add(&ticket.question, self.rules()).map_err(|error| *failed = Some(error)).ok(),
                    };
                    let is_new =
                        effect.as_ref().is_some_and(|effect| effect.as_ref().is_some_and(|effect| !effect.is_empty()));
                    attempts.push(planned.entries.last().filter(|_| is_new).map(Entry::head));
                    planned.effects.push(effect.flatten());
                }
                Ok(planned)
            })
        });
        match committed {
            Ok(planned) => {
                for ((ticket, effect), failed) in group.iter().zip(planned.effects).zip(failed) {
                    ticket.answer(failed.map_or(Ok(effect), Err));
                }
            }
            Err(error) => {
                let attempts = attempts.into_iter().chain(iter::repeat(None));
                for ((ticket, failed), attempt) in group.iter().zip(failed).zip(attempts) {
                    ticket.answer(Err(failed.unwrap_or_else(|| copy_of(&error, attempt))));
                }
            }
        }
    }

    /// For the leader, on behalf of callers that have waited since `start`: appends what `plan` makes of the newest state and its place in the log, makes it durable if the
    /// index is, and publishes it. Plans again if others were first.
    pub(super) fn append_and_publish(
        &self,
        start: Instant,
        mut plan: impl FnMut(View, Head) -> Result<Planned>,
    ) -> Result<Planned> {
        let mut tries = 0;
        loop {
            tries += 1;
            let (before, at) = (self.view(), *lock(&self.at));
            let mut planned = plan(before.clone(), at.head)?;
            let Some(last) = planned.entries.last().map(Entry::head) else {
                if !planned.touched.is_empty() {
                    self.settle(&mut planned, at)?;
                }
                return Ok(planned);
            };
            match self.log.append_after(start.elapsed(), before.revision(), &planned.entries) {
                Ok(Appended::Done(position)) => {
                    planned.entries = Vec::new();
                    let settled = self.settle(&mut planned, At { head: last, position, ..at });
                    return settled.map(|()| planned).map_err(|error| of_own(error, last));
                }
                Ok(Appended::Behind(_)) if start.elapsed() < CONTEST => self.follow()?,
                Ok(Appended::Behind(_)) if self.log.is_shared() => {
                    return Err(Conflict::Busy { tries, waited: start.elapsed() }.into());
                }
                Ok(Appended::Behind(_)) => {
                    let path = self.directory.as_ref().map_or_else(PathBuf::new, Directory::log);
                    return Err(LogError::Busy { path, waited: CONTEST, process: None }.into());
                }
                Err(error) => {
                    if !leaves_nothing(&error) && !self.goes_on_after(&error) {
                        self.stop(&error);
                    }
                    return Err(of_own(error, last));
                }
            }
        }
    }

    /// Whether the next append tells how one with this error ended: so it is with a log that several machines share.
    fn goes_on_after(&self, error: &Error) -> bool {
        self.log.is_shared() && error.is_unknown()
    }

    /// Makes what was appended durable, and publishes it.
    fn settle(&self, planned: &mut Planned, at: At) -> Result<()> {
        if self.settings.durability == Durability::Synced || planned.sync {
            self.sync(at.head.revision)?;
        }
        planned.changes.iter().for_each(|changes| self.record(changes));
        self.advance(planned.view.clone(), at, std::mem::take(&mut planned.touched), planned.facts);
        Ok(())
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

    fn sync(&self, revision: Revision) -> Result<()> {
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

/// Yields until no more callers arrive, so that one sync covers more of them.
fn gather(leader: &Leading<'_>) {
    let mut before = leader.waiting();
    loop {
        thread::yield_now();
        match leader.waiting() {
            now if now == before => return,
            now => before = now,
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
