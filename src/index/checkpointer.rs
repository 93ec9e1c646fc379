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
use crate::id::Revision;
use crate::model::{EngineError, Error, Result};
use crate::persist::{At, Rows, RowsWorker, Since, Written};
use crate::state::{State, Touched};
use crate::verify::Disagreement;

/// For how long nothing must be committed before a checkpoint is due.
const IDLE: Duration = Duration::from_secs(2);
/// How long after a failure the next attempt is made, unless somebody asks for one.
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

/// What became of checkpoints.
#[derive(Clone, Debug, Default)]
pub(super) struct Report {
    pub(super) checkpoint: Revision,
    /// The time since the last one was written, if this handle has written one.
    pub(super) written: Option<Instant>,
    /// Why the last attempt failed, if it did.
    pub(super) trouble: Option<String>,
    /// Why the rows were made again, if they were.
    pub(super) made_again: Option<String>,
}

fn failed(why: impl ToString) -> Error {
    EngineError::Failed { doing: "write a checkpoint", why: why.to_string() }.into()
}

impl Checkpointer {
    /// Starts with a state, its place in the log, and how it differs from the rows.
    pub(super) fn start(
        worker: RowsWorker,
        log: Arc<dyn CommitLog>,
        state: State,
        at: At,
        since: Since,
        after: Option<usize>,
    ) -> Checkpointer {
        let report = Report { checkpoint: since.checkpoint, ..Report::default() };
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
            if let Some(rows) = rows {
                thread.run(rows, &*log);
            }
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
                return work.report.trouble.as_ref().map_or(Ok(()), |why| Err(failed(why)));
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

    /// Compares the rows of a checkpoint of the newest state with those that the state makes.
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

    /// Whether the rows are not those of the state. Commits that touch nothing leave the rows as they are.
    fn is_behind(&self) -> bool {
        !self.since.touched.is_empty()
    }

    fn has_many_changes(&self) -> bool {
        /// An opening replays about as many, 2 us each.
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

    fn run(&self, rows: &mut Rows, log: &dyn CommitLog) {
        let progress = || self.work().progress = Instant::now();
        loop {
            let mut work = self.wait_until_due();
            let (closing, asks) = (work.asked.close, work.asks);
            // Whoever asks while the rows are written means a newer state than is written.
            let compare = std::mem::take(&mut work.asked.compare);
            // Commits may come meanwhile: the rows are those of the state that was written.
            let (state, mut is_written) = (work.state.clone(), true);
            if work.is_behind() {
                let (at, since) = (work.at, std::mem::take(&mut work.since));
                drop(work);
                is_written = self.write(rows, log, &state, at, since);
                work = self.work();
            }
            work.served = asks;
            drop(work);
            self.ended.notify_all();
            for asked in compare {
                let result = if is_written {
                    rows.compare(&state, &progress)
                } else {
                    Err(failed("the rows could not be written"))
                };
                // Who asked may wait no more.
                let _ = asked.try_send(result);
            }
            if closing {
                return;
            }
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
        let written = log.sync().and_then(|_| rows.write(state, at, &mut since.touched, &give_up));
        let mut work = self.work();
        match written {
            Ok(written @ (Written::Done | Written::Again { .. })) => {
                work.report.checkpoint = at.head.revision;
                work.report.written = Some(Instant::now());
                work.report.trouble = None;
                if let Written::Again { why } = written {
                    let what = format!("the rows were made again: {why}");
                    log::warn!("{what}");
                    work.report.made_again = Some(what);
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
