//! Writes checkpoints, in a thread of its own: commits never wait for the rows. Knows nothing of edits.
//!
//! A checkpoint is due after so many changes, two seconds after the last commit, when somebody asks for one, and at the
//! end. The log is made durable up to its revision before it is written. One that fails is reported, and the parts that
//! it was to write stay due. The thread may hang in the engine, so whoever waits for it waits for a bounded time.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::commit_log::CommitLog;
use crate::model::{EngineError, Error, Result};
use crate::persist::{At, Rows, RowsWorker, Shortcut, Since, TakeOver, TakenRows, Written};
use crate::state::{State, Touched};
use crate::verify::Disagreement;

use super::checkpoints::Report;

/// For how long nothing must be committed before a checkpoint is due.
const IDLE: Duration = Duration::from_secs(2);
/// How long after a failure the next attempt is made, unless somebody asks for one. A guest looks for free rows more often.
const RETRY: Duration = Duration::from_secs(10);
/// How long whoever asks for a checkpoint waits without any progress of it.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long the end of an index waits for its last checkpoint, and then for the thread.
const AT_THE_END: Duration = Duration::from_secs(1);

/// The thread and what it shares with the index.
pub(super) struct Checkpointer {
    shared: Arc<Shared>,
    /// Dropping it ends the thread after its last job.
    _worker: RowsWorker,
}

struct Shared {
    work: Mutex<Work>,
    /// Wakes the thread.
    wake: Condvar,
    /// Wakes whoever waits for the thread.
    ended: Condvar,
    /// Tells the thread to end a checkpoint that it writes.
    give_up: AtomicBool,
}

struct Work {
    /// The newest state, and its place in the log.
    state: State,
    at: At,
    /// How the state differs from the rows.
    since: Since,
    /// The number of changes after which a checkpoint is due; `None` for the usual.
    after: Option<usize>,
    last_change: Instant,
    retry_at: Option<Instant>,
    asked: Asked,
    /// Whether the thread waits without an end.
    parked: bool,
    /// Whether the thread looks if it can have the rows.
    taking_over: bool,
    report: Report,
    /// The last step of a checkpoint under way.
    progress: Instant,
    /// How often somebody asked for a checkpoint, and how many of them the thread has served.
    asks: u64,
    served: u64,
    ended: bool,
}

#[derive(Default)]
struct Asked {
    /// Who waits for a comparison of the rows with the state.
    compare: Vec<SyncSender<Result<Vec<Disagreement>>>>,
    close: bool,
}

fn failed(why: impl ToString) -> Error {
    EngineError::Failed { doing: "write a checkpoint", why: why.to_string() }.into()
}

impl Checkpointer {
    /// Starts with a state, its place in the log, and how it differs from the rows. `take_over` makes a guest the owner.
    pub(super) fn start(
        worker: RowsWorker,
        (take_over, shortcut): (Option<TakeOver>, Option<Shortcut>),
        log: Arc<dyn CommitLog>,
        (state, at, since): (State, At, Since),
        after: Option<usize>,
    ) -> Checkpointer {
        let report = Report { checkpoint: since.checkpoint, is_owner: take_over.is_none(), ..Report::default() };
        let now = Instant::now();
        let work = Work {
            state,
            at,
            since,
            after,
            last_change: now,
            retry_at: None,
            asked: Asked::default(),
            parked: false,
            taking_over: false,
            report,
            progress: now,
            asks: 0,
            served: 0,
            ended: false,
        };
        let (wake, ended, give_up) = Default::default();
        let shared = Arc::new(Shared { work: Mutex::new(work), wake, ended, give_up });
        let thread = Arc::clone(&shared);
        drop(worker.begin(move |rows: &mut Option<Rows>| {
            let _ended = Ended(&thread);
            thread.run(rows, (take_over.as_ref(), shortcut.as_ref()), &*log);
            // Closes the engine before the end is told.
            *rows = None;
        }));
        Checkpointer { shared, _worker: worker }
    }

    /// Notes that the newest state is another one, which differs so from the one before.
    pub(super) fn note(&self, state: &State, at: At, touched: Touched, changes: usize) {
        let mut work = self.shared.work();
        // Freed after the lock is released.
        let before = std::mem::replace(&mut work.state, state.clone());
        work.at = at;
        work.since.touched.merge(touched);
        work.since.changes += changes;
        work.last_change = Instant::now();
        if std::mem::take(&mut work.parked) || work.has_many_changes() {
            self.shared.wake.notify_all();
        }
        drop(work);
        drop(before);
    }

    /// Writes a checkpoint of the newest state, and waits for it.
    pub(super) fn checkpoint(&self) -> Result<()> {
        self.ask_for_checkpoint(false)
    }

    /// The same, with all rows written again.
    pub(super) fn write_again(&self) -> Result<()> {
        self.ask_for_checkpoint(true)
    }

    fn ask_for_checkpoint(&self, again: bool) -> Result<()> {
        let mut work = self.shared.work();
        if again {
            work.since.touched.merge(Touched::everything());
        }
        work.asks += 1;
        work.progress = Instant::now();
        let ask = work.asks;
        self.shared.wake.notify_all();
        loop {
            if work.served >= ask {
                return match (&work.report.busy, &work.report.trouble) {
                    (Some(busy), _) => Err(busy.clone().into()),
                    (None, Some(why)) => Err(failed(why)),
                    (None, None) => Ok(()),
                };
            }
            if work.ended {
                return Err(failed("the rows are closed"));
            }
            let Some(left) = PATIENCE.checked_sub(work.progress.elapsed()) else {
                return Err(failed(format!("no row was written for {PATIENCE:?}")));
            };
            work = self.shared.ended.wait_timeout(work, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Compares the rows of a checkpoint of the newest state with those that the state makes. A guest leaves that to the
    /// owner.
    pub(super) fn compare(&self) -> Result<Vec<Disagreement>> {
        let (give, take) = sync_channel(1);
        {
            let mut work = self.shared.work();
            if work.ended {
                return Err(failed("the rows are closed"));
            }
            work.asked.compare.push(give);
            work.progress = Instant::now();
        }
        self.shared.wake.notify_all();
        loop {
            match take.recv_timeout(PATIENCE) {
                Ok(compared) => return compared,
                Err(RecvTimeoutError::Timeout) if self.shared.work().progress.elapsed() < PATIENCE => {}
                Err(_) => return Err(failed(format!("no row was read or written for {PATIENCE:?}"))),
            }
        }
    }

    /// Waits until this handle is the owner or not, if it is about to take over. Bounded.
    pub(super) fn wait_for_take_over(&self) {
        let work = self.shared.work();
        let waited = self.shared.ended.wait_timeout_while(work, PATIENCE, |work| work.taking_over && !work.ended);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }

    pub(super) fn report(&self) -> Report {
        self.shared.work().report.clone()
    }

    /// The number of changes since the checkpoint.
    pub(super) fn changes(&self) -> usize {
        self.shared.work().since.changes
    }

    /// Writes a last checkpoint and closes the rows, in a bounded time. What is not done then is left to the next
    /// opening.
    pub(super) fn close(&self) {
        let work = {
            let mut work = self.shared.work();
            work.asked.close = true;
            self.shared.wake.notify_all();
            self.shared.wait_for_end(work)
        };
        if !work.ended {
            self.shared.give_up.store(true, Ordering::Release);
            drop(self.shared.wait_for_end(work));
        }
    }
}

/// Tells that the thread has ended, also by a panic.
struct Ended<'s>(&'s Shared);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        let mut work = self.0.work();
        work.ended = true;
        work.asked.compare.clear();
        drop(work);
        self.0.ended.notify_all();
    }
}

impl Work {
    fn is_due(&self) -> bool {
        if self.asks > self.served || self.asked.close || !self.asked.compare.is_empty() {
            return true;
        }
        let waits = self.retry_at.is_some_and(|at| Instant::now() < at);
        !waits && self.is_behind() && (self.has_many_changes() || self.last_change.elapsed() >= IDLE)
    }

    /// What a guest does with the rows that it could open: it becomes the owner, unless they are those of its state and
    /// nobody asked for more. It tries again later when another process has them.
    fn taken(
        &mut self,
        opened: Result<Option<TakenRows>>,
        at: At,
        is_asked: bool,
        take_over: Option<&TakeOver>,
    ) -> Option<Rows> {
        self.report.busy = None;
        self.retry_at = Some(Instant::now() + RETRY);
        match opened {
            Ok(Some(TakenRows { checkpoint, .. })) if checkpoint == at.head.revision && self.at == at && !is_asked => {
                self.report.checkpoint = checkpoint;
                self.since = Since { checkpoint, ..Since::default() };
            }
            // The entries up to the checkpoint have not been followed yet.
            Ok(Some(TakenRows { checkpoint, .. })) if checkpoint > self.at.head.revision => {}
            Ok(Some(TakenRows { rows, checkpoint, trouble })) => {
                (self.report.is_owner, self.report.checkpoint, self.retry_at) = (true, checkpoint, None);
                if let Some(why) = trouble {
                    self.report.was_made_again(&why);
                }
                // The tasks have other numbers in the rows.
                self.since.touched = Touched::everything();
                return Some(rows);
            }
            Ok(None) => {
                self.retry_at = Some(Instant::now() + IDLE);
                self.report.busy = take_over.filter(|_| is_asked).map(TakeOver::busy);
            }
            Err(error) => {
                log::warn!("the rows of the index can't be used: {error}");
                self.report.trouble = Some(error.to_string());
            }
        }
        None
    }

    /// Whether the rows are not those of the state. Commits that touch nothing leave the rows as they are.
    fn is_behind(&self) -> bool {
        !self.since.touched.is_empty()
    }

    fn has_many_changes(&self) -> bool {
        /// An opening replays about as many, 3 us each.
        const USUAL: usize = 50_000;
        self.since.changes >= self.after.unwrap_or_else(|| USUAL.max(self.state.tasks.known() / 10))
    }
}

impl Shared {
    fn work(&self) -> MutexGuard<'_, Work> {
        // A panic in a holder left nothing half done.
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait_for_end<'w>(&'w self, work: MutexGuard<'w, Work>) -> MutexGuard<'w, Work> {
        let waited = self.ended.wait_timeout_while(work, AT_THE_END, |work| !work.ended);
        waited.unwrap_or_else(PoisonError::into_inner).0
    }

    fn run(
        &self,
        rows: &mut Option<Rows>,
        (take_over, shortcut): (Option<&TakeOver>, Option<&Shortcut>),
        log: &dyn CommitLog,
    ) {
        loop {
            let mut work = self.wait_until_due();
            let (closing, asks) = (work.asked.close, work.asks);
            // Whoever asks while the rows are written means a newer state than is written.
            let compare = std::mem::take(&mut work.asked.compare);
            // A guest that closes leaves the rows to the owner.
            if rows.is_none() && !closing {
                let (at, is_asked) = (work.at, asks > work.served || !compare.is_empty());
                work.taking_over = true;
                drop(work);
                let opened = take_over.map_or(Ok(None), TakeOver::open);
                work = self.work();
                *rows = work.taken(opened, at, is_asked, take_over);
                work.taking_over = false;
                self.ended.notify_all();
            }
            let written = rows.as_mut().map(|rows| self.bring_up_to(rows, shortcut, log, work));
            self.work().served = asks;
            self.ended.notify_all();
            for asked in compare {
                let result = match (&*rows, &written) {
                    (Some(rows), Some(Some(state))) => rows.compare(state, &|| self.work().progress = Instant::now()),
                    (Some(_), _) => Err(failed("the rows could not be written")),
                    (None, _) => Ok(Vec::new()),
                };
                // Who asked may wait no more.
                let _ = asked.try_send(result);
            }
            if closing {
                return;
            }
        }
    }

    /// Writes a checkpoint of the newest state, if the rows are behind. Returns the state; `None` if that failed.
    fn bring_up_to(
        &self,
        rows: &mut Rows,
        shortcut: Option<&Shortcut>,
        log: &dyn CommitLog,
        mut work: MutexGuard<'_, Work>,
    ) -> Option<State> {
        // Commits may come meanwhile: the rows are those of the state that was written.
        let state = work.state.clone();
        if work.is_behind() {
            let (at, since) = (work.at, std::mem::take(&mut work.since));
            drop(work);
            if !self.write(rows, log, &state, at, since) {
                return None;
            }
            self.renew_shortcut(shortcut, log, &state, at);
        }
        Some(state)
    }

    /// So that who opens the index without the rows reads a bounded part of the log.
    fn renew_shortcut(&self, shortcut: Option<&Shortcut>, log: &dyn CommitLog, state: &State, at: At) {
        let memory = (state.tasks.bytes() + state.units.bytes()) as u64;
        if let Some(Err(error)) = shortcut.map(|shortcut| shortcut.renew(log, state, at, 2 * memory)) {
            log::warn!("{error}");
            self.work().report.trouble = Some(error.to_string());
        }
    }

    fn wait_until_due(&self) -> MutexGuard<'_, Work> {
        let mut work = self.work();
        while !work.is_due() {
            if work.is_behind() {
                let idle_at = work.last_change + IDLE;
                let at = work.retry_at.map_or(idle_at, |retry_at| retry_at.max(idle_at));
                let left = at.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
                work = self.wake.wait_timeout(work, left).unwrap_or_else(PoisonError::into_inner).0;
            } else {
                work.parked = true;
                work = self.wake.wait(work).unwrap_or_else(PoisonError::into_inner);
                work.parked = false;
            }
        }
        work
    }

    /// Writes a checkpoint; returns whether it is done.
    fn write(&self, rows: &mut Rows, log: &dyn CommitLog, state: &State, at: At, mut since: Since) -> bool {
        let give_up = || {
            self.work().progress = Instant::now();
            self.give_up.load(Ordering::Acquire)
        };
        let written = log.sync_files().and_then(|()| rows.write(state, at, &mut since.touched, &give_up));
        let mut work = self.work();
        match written {
            Ok(written @ (Written::Done | Written::Again { .. })) => {
                log::debug!("a checkpoint of revision {} was written", at.head.revision);
                work.report.checkpoint = at.head.revision;
                work.report.written = Some(Instant::now());
                work.report.trouble = None;
                if let Written::Again { why } = written {
                    work.report.was_made_again(&why);
                }
                work.retry_at = None;
                return true;
            }
            Ok(Written::GivenUp) => {}
            Err(error) => {
                log::warn!("the checkpoint of revision {} was not written: {error}", at.head.revision);
                since.touched = Touched::everything();
                work.report.trouble = Some(error.to_string());
                work.retry_at = Some(Instant::now() + RETRY);
            }
        }
        work.since.touched.merge(since.touched);
        work.since.changes += since.changes;
        false
    }
}
