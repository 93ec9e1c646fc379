//! What all handles of an index share: the newest view, the one writer, the order in which commits become durable.
//!
//! A commit plans its edits on the newest written state, writes them to the log, waits for a sync that covers them, and
//! is published. Locks are taken in the order `checkpoint`, leader of the queue, `writer`, `recent`. Readers take none.
//! A commit gives `writer` back before it waits for the sync, so that others write meanwhile.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use arc_swap::ArcSwap;

use crate::edit::{Edits, Plan, Rules, SameDetails, plan};
use crate::id::Revision;
use crate::model::{Conflict, EngineError, Error, Result};
use crate::persist::{
    RowBytes, Salvaged, StoredDetails, check_nothing_is_lost, checkpoint, commit_rows, number_of, open,
    remove_leftovers, remove_unused_details, verify, write_generation, write_rows,
};
use crate::state::{Change, State, Touched};
use crate::store::{Changes, Outcome, Step, Store};
use crate::verify::{Disagreement, Repair};
use crate::view::{Snapshot, View, with_suggestions};

use super::group_commit::{Leader, Queue};
use super::options::{Durability, Settings};
#[cfg(any(test, feature = "testing"))]
use super::recorder::Recorder;

/// Past views that the writer holds, so that no reader is the one to free the memory that only a past view has.
const RECENT: usize = 4;

/// The size of an index.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// The number of commits so far.
    pub revision: Revision,
    /// Assigned tasks.
    pub tasks: usize,
    /// Units.
    pub units: usize,
    /// Pairs of a task and a unit.
    pub pairs: u64,
    /// Changes in the log after the last checkpoint.
    pub changes_since_checkpoint: usize,
    /// Tasks that came out of key order. A bulk load, also an empty one, sorts them in.
    pub out_of_order: usize,
    /// Bytes on disk.
    pub bytes_on_disk: u64,
    /// Bytes of memory that the newest view takes, about.
    pub bytes_in_memory: usize,
}

pub(crate) struct Shared {
    store: Arc<dyn Store>,
    settings: Settings,
    /// The view that readers get.
    published: ArcSwap<Snapshot>,
    writer: Mutex<Writer>,
    /// Durability and publication advance together, by one leader after the other.
    queue: Queue,
    recent: Mutex<VecDeque<View>>,
    checkpoint: Mutex<Checkpoint>,
    #[cfg(any(test, feature = "testing"))]
    recorder: Recorder,
}

/// Plans and writes commits, one after the other.
struct Writer {
    /// The newest state that is written, perhaps not yet durable.
    tip: View,
    /// The parts of the state that differ from the last checkpoint, and the number of changes after it.
    touched: Touched,
    changes: usize,
    /// Why nothing more is written through this handle.
    stopped: Option<String>,
}

/// The checkpoint that the rows have.
struct Checkpoint {
    revision: Revision,
    generation: u32,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic in a holder left nothing half done: values behind the locks are replaced whole.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    pub(super) fn open(store: Arc<dyn Store>, settings: Settings, accept_lost: bool) -> Result<Shared> {
        let opened = open(&store, accept_lost)?;
        if !settings.read_only {
            if opened.lost {
                store.sync(opened.state.revision)?;
            }
            remove_leftovers(&*store, opened.generation)?;
            remove_unused_details(&*store, opened.state.next_detail)?;
        }
        let mut shared = Shared::new(store, opened.state, settings);
        let writer = shared.writer.get_mut().unwrap_or_else(PoisonError::into_inner);
        (writer.touched, writer.changes) = (opened.touched, opened.changes);
        shared.checkpoint = Mutex::new(Checkpoint { revision: opened.checkpoint, generation: opened.generation });
        Ok(shared)
    }

    /// An index whose rows are written again from a salvaged state.
    pub(super) fn salvaged(store: Arc<dyn Store>, salvaged: Salvaged, settings: Settings) -> Result<Shared> {
        let mut shared = Shared::new(store, salvaged.state, settings);
        shared.checkpoint.get_mut().unwrap_or_else(PoisonError::into_inner).generation = salvaged.generation;
        shared.write_again()?;
        Ok(shared)
    }

    pub(super) fn new(store: Arc<dyn Store>, state: State, settings: Settings) -> Shared {
        let revision = state.revision;
        let view = View::new(state, Arc::new(StoredDetails(Arc::clone(&store))));
        Shared {
            store,
            settings,
            published: ArcSwap::new(view.clone().into_inner()),
            checkpoint: Mutex::new(Checkpoint { revision, generation: 0 }),
            queue: Queue::new(revision),
            recent: Mutex::new(VecDeque::new()),
            writer: Mutex::new(Writer { tip: view, touched: Touched::default(), changes: 0, stopped: None }),
            #[cfg(any(test, feature = "testing"))]
            recorder: Recorder::default(),
        }
    }

    pub(super) fn rules(&self) -> Rules {
        self.settings.rules()
    }

    pub(super) fn view(&self) -> View {
        View::from_inner(self.published.load_full())
    }

    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn recorder(&self) -> &Recorder {
        &self.recorder
    }

    /// The changes that the edits would make to the published state.
    pub(super) fn plan(&self, edits: &Edits) -> Result<Plan> {
        let view = self.view();
        let same = SameDetails::find(&view, edits)?;
        plan(&view, edits, self.rules(), &same).map_err(|error| with_suggestions(error, view.state()))
    }

    pub(super) fn commit(&self, edits: &Edits) -> Result<Plan> {
        let view = self.view();
        let same = SameDetails::find(&view, edits)?;
        let plan = self.write(edits, &same).map_err(|error| with_suggestions(error, view.state()))?;
        drop(view);
        // A commit that changes nothing waits, too: what it tells its caller must be durable, whoever wrote it.
        self.settle(plan.revision()).map_err(|error| match error {
            // It is written, so the failure of another caller's sync leaves it in doubt.
            Error::Engine(EngineError::Stopped { why }) if !plan.is_empty() => {
                EngineError::Unknown { revision: plan.revision(), why }.into()
            }
            other => other,
        })?;
        self.checkpoint_if_due();
        Ok(plan)
    }

    /// Plans and writes a commit, which is neither durable nor published yet.
    fn write(&self, edits: &Edits, same: &SameDetails) -> Result<Plan> {
        let mut writer = self.writer()?;
        let mut plan = plan(&writer.tip, edits, self.rules(), same)?;
        if plan.is_empty() {
            return Ok(plan);
        }
        let step = Step { from: writer.tip.revision(), to: plan.revision() };
        let put = commit_rows(plan.revision(), now(), &edits.note, &plan.changes, &plan.details)?;
        match self.store.commit(&Changes { step: Some(step), put, delete: Vec::new() }) {
            Ok(Outcome::Done) => {
                writer.changes += number_of(&plan.changes);
                writer.touched.merge(std::mem::take(&mut plan.touched));
                writer.tip = plan.after.clone();
                self.record(&plan.changes);
                Ok(plan)
            }
            Ok(Outcome::Refused) => Err(Conflict::Store { planned_on: step.from }.into()),
            Err(error) => {
                if !is_clean(&error) {
                    writer.stop(&error, self.view());
                }
                Err(error)
            }
        }
    }

    #[cfg(any(test, feature = "testing"))]
    fn record(&self, changes: &[Change]) {
        self.recorder.record(changes);
    }

    #[cfg(not(any(test, feature = "testing")))]
    fn record(&self, _: &[Change]) {}

    /// Makes everything up to a revision durable, if the index is, and publishes it. Callers that wait for the same sync
    /// share it. If that sync fails, every waiter gets the error.
    fn settle(&self, revision: Revision) -> Result<()> {
        match self.queue.lead_unless_settled(revision) {
            Some(leader) => {
                if self.settings.durability == Durability::Synced && leader.is_shared() {
                    self.gather();
                }
                self.settle_tip(&leader, self.settings.durability)
            }
            None => Ok(()),
        }
    }

    /// Yields until no new commit arrives, so that one sync covers more of them.
    fn gather(&self) {
        let newest = || lock(&self.writer).tip.revision();
        let mut before = newest();
        loop {
            thread::yield_now();
            match newest() {
                now if now == before => return,
                now => before = now,
            }
        }
    }

    /// Makes all commits durable, with any durability.
    pub(super) fn flush(&self) -> Result<()> {
        self.settle_tip(&self.queue.lead(), Durability::Synced)
    }

    /// Publishes the newest written state, which may have more commits than the caller's, once it is durable.
    fn settle_tip(&self, leader: &Leader<'_>, durability: Durability) -> Result<()> {
        let tip = {
            let writer = self.writer()?;
            writer.tip.clone()
        };
        if durability == Durability::Synced
            && let Err(error) = self.store.sync(tip.revision())
        {
            lock(&self.writer).stop(&error, self.view());
            return Err(EngineError::Unknown { revision: tip.revision(), why: error.to_string() }.into());
        }
        self.publish(leader, tip);
        Ok(())
    }

    /// The writer, if it may write.
    fn writer(&self) -> Result<MutexGuard<'_, Writer>> {
        if self.settings.read_only {
            return Err(EngineError::ReadOnly.into());
        }
        let writer = lock(&self.writer);
        match &writer.stopped {
            Some(why) => Err(EngineError::Stopped { why: why.clone() }.into()),
            None => Ok(writer),
        }
    }

    fn publish(&self, leader: &Leader<'_>, view: View) {
        let revision = view.revision();
        let before = View::from_inner(self.published.swap(view.into_inner()));
        let mut recent = lock(&self.recent);
        recent.push_back(before);
        if recent.len() > RECENT {
            recent.pop_front();
        }
        drop(recent);
        leader.settle(revision);
    }

    /// Writes a checkpoint when enough changes came after the last one and nobody else writes one.
    fn checkpoint_if_due(&self) {
        if lock(&self.writer).changes < self.settings.checkpoint_after {
            return;
        }
        let mut last = match self.checkpoint.try_lock() {
            Ok(last) => last,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return,
        };
        if let Err(error) = self.checkpoint_after(&mut last) {
            // The commit that led here is durable; the next one gets the error.
            lock(&self.writer).stop(&error, self.view());
        }
    }

    pub(super) fn checkpoint(&self) -> Result<()> {
        self.checkpoint_after(&mut lock(&self.checkpoint))
    }

    fn checkpoint_after(&self, last: &mut Checkpoint) -> Result<()> {
        // A new generation is synced on the way, which makes the tip durable: the same leader has to publish it.
        let mut leader = None;
        let (tip, mut touched, changes) = loop {
            let mut writer = self.writer()?;
            if writer.tip.revision() == last.revision {
                return Ok(());
            }
            if !writer.touched.is_everything() || leader.is_some() {
                break (writer.tip.clone(), std::mem::take(&mut writer.touched), std::mem::take(&mut writer.changes));
            }
            drop(writer);
            leader = Some(self.queue.lead());
        };
        match checkpoint(&*self.store, tip.state(), &mut touched, last.generation) {
            Ok(generation) => last.generation = generation,
            Err(error) => {
                let mut writer = lock(&self.writer);
                // After a new generation in part it is not known what the rows have, nor what is durable.
                if !is_clean(&error) || touched.is_everything() {
                    writer.stop(&error, self.view());
                }
                writer.touched.merge(touched);
                writer.changes += changes;
                return Err(error);
            }
        }
        self.settle_tip(&leader.unwrap_or_else(|| self.queue.lead()), self.settings.durability)?;
        last.revision = tip.revision();
        Ok(())
    }

    /// Replaces the whole index, as a new generation, by the state that `change` makes of the newest one.
    pub(super) fn replace(&self, change: impl FnOnce(&View) -> Result<Replacement>) -> Result<View> {
        let mut last = lock(&self.checkpoint);
        let leader = self.queue.lead();
        let mut writer = self.writer()?;
        let before = writer.tip.clone();
        let Replacement { state, details, log, changes } = change(&before)?;
        let step = log.as_ref().map(|_| Step { from: before.revision(), to: state.revision });
        let generation = last.generation + 1;
        let switch = Changes { step, put: log.unwrap_or_default(), delete: Vec::new() };
        let written =
            write_rows(&*self.store, details).and_then(|()| write_generation(&*self.store, &state, generation, switch));
        if let Err(error) = written {
            writer.stop(&error, self.view());
            return Err(error);
        }
        *last = Checkpoint { revision: state.revision, generation };
        let view = before.with(state);
        writer.tip = view.clone();
        (writer.touched, writer.changes) = (Touched::default(), 0);
        if step.is_some() {
            self.record(&changes);
        }
        self.publish(&leader, view.clone());
        // The index is whole without this; leftovers are removed by the next opening.
        if let Err(error) = remove_leftovers(&*self.store, generation) {
            writer.stop(&error, self.view());
        }
        Ok(view)
    }

    /// Writes all rows of both directions again from the newest state.
    fn write_again(&self) -> Result<()> {
        let again = |before: &View| {
            let (state, _) = before.state().rebuild(&[]).map_err(crate::edit::bug)?;
            Ok(Replacement { state, details: Vec::new(), log: None, changes: Vec::new() })
        };
        self.replace(again).map(drop)
    }

    pub(super) fn repair(&self) -> Result<Repair> {
        let found = self.verify()?;
        if !found.is_empty() {
            self.write_again()?;
        }
        let lost = self.verify()?;
        let restored = found.into_iter().filter(|finding| !lost.contains(finding)).collect();
        Ok(Repair { restored, lost })
    }

    pub(super) fn verify(&self) -> Result<Vec<Disagreement>> {
        // No checkpoint may change the rows meanwhile.
        let _checkpoint = lock(&self.checkpoint);
        let (view, durability) = {
            // Durability and publication advance together.
            let _leader = self.queue.lead();
            let view = self.view();
            let durability = check_nothing_is_lost(&*self.store, view.revision());
            (view, durability)
        };
        verify(&*self.store, &view, durability)
    }

    /// Hands the store and the newest view to `read`, while no checkpoint changes the rows.
    pub(super) fn with_store<T>(&self, read: impl FnOnce(&dyn Store, &View) -> Result<T>) -> Result<T> {
        let _checkpoint = lock(&self.checkpoint);
        read(&*self.store, &self.view())
    }

    pub(super) fn stats(&self) -> Result<Stats> {
        let view = self.view();
        let changes_since_checkpoint = lock(&self.writer).changes;
        let state = view.state();
        Ok(Stats {
            revision: state.revision,
            tasks: state.tasks.assigned(),
            units: state.units.len(),
            pairs: state.units.pairs(),
            changes_since_checkpoint,
            out_of_order: state.tasks.out_of_order(),
            bytes_on_disk: self.store.bytes_on_disk()?,
            bytes_in_memory: state.tasks.bytes() + state.units.bytes(),
        })
    }
}

/// The state that replaces a whole index.
pub(super) struct Replacement {
    pub(super) state: State,
    /// Rows of new details.
    pub(super) details: Vec<RowBytes>,
    /// The rows of the log, if this is a commit.
    pub(super) log: Option<Vec<RowBytes>>,
    pub(super) changes: Vec<Change>,
}

impl Writer {
    /// Writes nothing more. Commits that are not published are given up.
    fn stop(&mut self, error: &Error, published: View) {
        self.stopped.get_or_insert_with(|| error.to_string());
        self.tip = published;
    }
}

/// Whether a failure left nothing behind. After any other one only opening again tells.
fn is_clean(error: &Error) -> bool {
    matches!(error, Error::Engine(EngineError::Failed { .. }))
}

/// Milliseconds since 1970, UTC.
pub(super) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_millis() as u64)
}
