//! What all handles of an index share: the newest view, the one writer, the order in which commits become durable.
//!
//! Locks are taken in the order `folds`, a turn, `writer`, `recent`. Readers take none. A commit gives `writer` back
//! before it waits for a turn, so that others write while one syncs.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use arc_swap::ArcSwap;

use crate::edit::{Edits, Plan, Rules, Target, log_rows, plan};
use crate::error::{Conflict, EngineError, Error, Result};
use crate::fold::{self, Damage, Salvaged, fold, remove_leftovers, write_generation, write_rows};
use crate::format::RowBytes;
use crate::id::Revision;
use crate::store::{Changes, Outcome, Step, Store};
use crate::verify::{Disagreement, Repair, verify};
use crate::view::{Version, View, new_lineage};

use super::open::Durability;
use super::turns::{Turn, Turns};

/// How many past views the writer holds, so that no reader is the one to free what a view alone has.
const RECENT: usize = 4;

/// How large an index is.
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
    /// Changes in the log that are not folded.
    pub unfolded: usize,
    /// Tasks that came out of key order; a bulk load, also an empty one, sorts them in.
    pub out_of_order: usize,
    /// Bytes on disk.
    pub bytes_on_disk: u64,
    /// About how many bytes the newest view takes in memory.
    pub bytes_in_memory: usize,
}

pub(crate) struct Shared {
    store: Arc<dyn Store>,
    pub(super) rules: Rules,
    durability: Durability,
    fold_after: usize,
    read_only: bool,
    /// What readers see.
    published: ArcSwap<Version>,
    writer: Mutex<Writer>,
    /// What is durable and what is published move together, in the turn of one caller after the other.
    turns: Turns,
    recent: Mutex<VecDeque<View>>,
    folds: Mutex<Folds>,
}

/// Plans and writes commits, one after the other.
struct Writer {
    /// The newest version that is written, perhaps not yet durable.
    tip: View,
    /// Changes in the log after the last fold.
    unfolded: usize,
    /// Why nothing more is written through this handle.
    stopped: Option<String>,
}

/// What the rows of the last fold say.
struct Folds {
    base: View,
    generation: u32,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic in a holder left nothing half done: what is behind the locks is replaced whole.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    pub(super) fn open(
        store: Arc<dyn Store>,
        rules: Rules,
        durability: Durability,
        fold_after: usize,
        read_only: bool,
        damage: Damage,
    ) -> Result<Shared> {
        let opened = fold::open(&store, damage)?;
        if !read_only {
            if opened.lost {
                store.sync(opened.version.revision)?;
            }
            remove_leftovers(&*store, opened.generation)?;
        }
        let mut shared = Shared::new(store, opened.version, rules, durability, fold_after);
        shared.read_only = read_only;
        shared.writer.get_mut().unwrap_or_else(PoisonError::into_inner).unfolded = opened.unfolded;
        let folds = Folds { base: View::new(opened.folded), generation: opened.generation };
        shared.folds = Mutex::new(folds);
        if opened.rebuilt && !read_only {
            shared.write_anew()?;
        }
        Ok(shared)
    }

    /// An index whose rows are made anew from a version that was put together from what is left of them.
    pub(super) fn salvaged(
        store: Arc<dyn Store>,
        salvaged: Salvaged,
        rules: Rules,
        durability: Durability,
        fold_after: usize,
    ) -> Result<Shared> {
        let mut shared = Shared::new(store, salvaged.version, rules, durability, fold_after);
        shared.folds.get_mut().unwrap_or_else(PoisonError::into_inner).generation = salvaged.generation;
        shared.write_anew()?;
        Ok(shared)
    }

    pub(super) fn new(
        store: Arc<dyn Store>,
        version: Version,
        rules: Rules,
        durability: Durability,
        fold_after: usize,
    ) -> Shared {
        let turns = Turns::new(version.revision);
        let view = View::new(version);
        Shared {
            store,
            rules,
            durability,
            fold_after,
            read_only: false,
            published: ArcSwap::new(Arc::clone(&view.0)),
            folds: Mutex::new(Folds { base: view.clone(), generation: 0 }),
            turns,
            recent: Mutex::new(VecDeque::new()),
            writer: Mutex::new(Writer { tip: view, unfolded: 0, stopped: None }),
        }
    }

    pub(super) fn view(&self) -> View {
        View(self.published.load_full())
    }

    /// Makes everything up to a revision durable, and publishes it. Whoever waits for the same sync shares it. After
    /// one that failed, each of them takes a turn and learns that nothing more is written.
    fn settle(&self, revision: Revision) -> Result<()> {
        match self.turns.take_unless_settled(revision) {
            Some(turn) => {
                if self.durability == Durability::Synced && turn.is_shared() {
                    self.gather();
                }
                self.settle_tip(&turn, self.durability)
            }
            None => Ok(()),
        }
    }

    /// Lets others write what one sync can then make durable together, as long as that brings more. They come back
    /// from the turn before in ones and twos.
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

    /// Makes durable what is not yet, whatever the index was opened for.
    pub(super) fn flush(&self) -> Result<()> {
        self.settle_tip(&self.turns.take(), Durability::Synced)
    }

    fn settle_tip(&self, turn: &Turn<'_>, durability: Durability) -> Result<()> {
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
        self.publish(turn, tip);
        Ok(())
    }

    /// The writer, if it may write.
    fn writer(&self) -> Result<MutexGuard<'_, Writer>> {
        if self.read_only {
            return Err(EngineError::ReadOnly.into());
        }
        let writer = lock(&self.writer);
        match &writer.stopped {
            Some(why) => Err(EngineError::Stopped { why: why.clone() }.into()),
            None => Ok(writer),
        }
    }

    fn publish(&self, turn: &Turn<'_>, view: View) {
        let revision = view.revision();
        let before = View(self.published.swap(view.0));
        let mut recent = lock(&self.recent);
        recent.push_back(before);
        if recent.len() > RECENT {
            recent.pop_front();
        }
        drop(recent);
        turn.settle(revision);
    }

    /// Plans and writes a commit. It is not durable and not published yet.
    fn write(&self, edits: &Edits) -> Result<Plan> {
        let mut writer = self.writer()?;
        let plan = plan(&writer.tip, edits, self.rules)?;
        if plan.is_empty() {
            return Ok(plan);
        }
        let step = Step { from: writer.tip.revision(), to: plan.revision() };
        let put = log_rows(&plan, now(), &edits.note)?;
        match self.store.commit(&Changes { step: Some(step), put, delete: Vec::new() }) {
            Ok(Outcome::Done) => {
                writer.unfolded += plan.changes.len();
                writer.tip = plan.after.clone();
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

    /// Folds when the log has grown past its bound and nobody is at it.
    fn fold_if_due(&self) {
        if lock(&self.writer).unfolded < self.fold_after {
            return;
        }
        let mut folds = match self.folds.try_lock() {
            Ok(folds) => folds,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return,
        };
        if let Err(error) = self.fold_locked(&mut folds) {
            // The commit that came here is durable; it is the next one that has to know.
            lock(&self.writer).stop(&error, self.view());
        }
    }

    pub(super) fn fold(&self) -> Result<()> {
        self.fold_locked(&mut lock(&self.folds))
    }

    fn fold_locked(&self, folds: &mut Folds) -> Result<()> {
        let (tip, unfolded) = {
            let writer = self.writer()?;
            (writer.tip.clone(), writer.unfolded)
        };
        if tip.revision() == folds.base.revision() {
            return Ok(());
        }
        if let Err(error) = fold(&*self.store, &folds.base.0, &tip.0, folds.generation) {
            if !is_clean(&error) {
                lock(&self.writer).stop(&error, self.view());
            }
            return Err(error);
        }
        self.settle_tip(&self.turns.take(), self.durability)?;
        folds.base = tip;
        lock(&self.writer).unfolded -= unfolded;
        Ok(())
    }

    /// Replaces the whole index by what `change` makes of it, as a new generation.
    pub(super) fn replace(&self, change: impl FnOnce(&View) -> Result<Replacement>) -> Result<View> {
        let mut folds = lock(&self.folds);
        let turn = self.turns.take();
        let mut writer = self.writer()?;
        let before = writer.tip.clone();
        let Replacement { version, details, log } = change(&before)?;
        let step = log.as_ref().map(|_| Step { from: before.revision(), to: version.revision });
        let generation = folds.generation + 1;
        let switch = Changes { step, put: log.unwrap_or_default(), delete: Vec::new() };
        let written = write_rows(&*self.store, details)
            .and_then(|()| write_generation(&*self.store, &version, generation, switch));
        if let Err(error) = written {
            writer.stop(&error, self.view());
            return Err(error);
        }
        let view = View::new(version);
        *folds = Folds { base: view.clone(), generation };
        writer.tip = view.clone();
        writer.unfolded = 0;
        self.publish(&turn, view.clone());
        // The index is whole without this; what stays is removed by the next opening.
        if let Err(error) = remove_leftovers(&*self.store, generation) {
            writer.stop(&error, self.view());
        }
        Ok(view)
    }

    /// Writes all rows of both directions anew, from what the view has.
    fn write_anew(&self) -> Result<()> {
        let rebuild = |before: &View| {
            let mut version = Version::clone(&before.0);
            version.rebuild_postings();
            version.lineage = new_lineage();
            Ok(Replacement { version, details: Vec::new(), log: None })
        };
        self.replace(rebuild).map(drop)
    }

    pub(super) fn repair(&self) -> Result<Repair> {
        let found = self.verify()?;
        if !found.is_empty() {
            self.write_anew()?;
        }
        let lost = self.verify()?;
        let restored = found.into_iter().filter(|finding| !lost.contains(finding)).collect();
        Ok(Repair { restored, lost })
    }

    pub(super) fn verify(&self) -> Result<Vec<Disagreement>> {
        // No fold may change the rows meanwhile.
        let _folds = lock(&self.folds);
        let (view, lost) = {
            // What is durable and what is published move together.
            let _turn = self.turns.take();
            let view = self.view();
            let lost = fold::check_nothing_is_lost(&*self.store, view.revision());
            (view, lost)
        };
        verify(&*self.store, &view, lost)
    }

    /// Hands a view, and the store it stands in, to `read`, while no fold changes the rows.
    pub(super) fn with_store<T>(&self, read: impl FnOnce(&dyn Store, &View) -> Result<T>) -> Result<T> {
        let _folds = lock(&self.folds);
        read(&*self.store, &self.view())
    }

    pub(super) fn stats(&self) -> Result<Stats> {
        let view = self.view();
        let unfolded = lock(&self.writer).unfolded;
        let version = &*view.0;
        Ok(Stats {
            revision: version.revision,
            tasks: version.tasks.assigned(),
            units: version.units.len(),
            pairs: version.units.pairs(),
            unfolded,
            out_of_order: version.tasks.out_of_order(),
            bytes_on_disk: self.store.bytes_on_disk()?,
            bytes_in_memory: version.tasks.bytes() + version.units.bytes(),
        })
    }
}

/// What an index becomes when it is replaced as a whole.
pub(super) struct Replacement {
    pub(super) version: Version,
    /// Rows of new details.
    pub(super) details: Vec<RowBytes>,
    /// The rows in the log, when it is a commit.
    pub(super) log: Option<Vec<RowBytes>>,
}

impl Target for Shared {
    fn plan(&self, edits: &Edits) -> Result<Plan> {
        plan(&self.view(), edits, self.rules)
    }

    fn commit(&self, edits: &Edits) -> Result<Plan> {
        let plan = self.write(edits)?;
        // Also when nothing changed: what the caller is told must be durable, whoever wrote it.
        self.settle(plan.revision()).map_err(|error| match error {
            // It is written, so another's failure leaves it in doubt.
            Error::Engine(EngineError::Stopped { why }) if !plan.is_empty() => {
                EngineError::Unknown { revision: plan.revision(), why }.into()
            }
            other => other,
        })?;
        self.fold_if_due();
        Ok(plan)
    }
}

impl Writer {
    /// Writes nothing more. What was not published is given up.
    fn stop(&mut self, error: &Error, published: View) {
        self.stopped.get_or_insert_with(|| error.to_string());
        self.tip = published;
    }
}

/// Whether a failure left nothing behind; any other is settled by opening anew.
fn is_clean(error: &Error) -> bool {
    matches!(error, Error::Engine(EngineError::Failed { .. }))
}

/// Milliseconds since 1970, UTC.
pub(super) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_millis() as u64)
}
