//! Reassignments: durable and lazy, from one thread and from eight, and readers during them.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use crate::asked::Asked;
use crate::contender::Store;
use crate::data::{Reassignment, reassignments};
use crate::measure::{bytes_on_disk, median, settle, timed, turns};
use crate::reads::fresh_lead;
use crate::result::Result;
use crate::row::Row;
use crate::trial::{Stores, Trial};
use crate::{limits, pressure};

const SYNCED: usize = 200;
const THREADS: usize = 8;
const SYNCED_BY_EIGHT: usize = 50;
const LAZY: usize = 2_000;
/// Changes that a writer repeats while a reader is timed.
const REPEATED: usize = 100;

/// Seeds of the streams, so that no two phases make the same changes.
const SEED_SYNCED: u64 = 1_000;
const SEED_EIGHT: u64 = 2_000;
const SEED_LAZY: u64 = 3_000;
const SEED_LONG: u64 = 4_000;
const SEED_REPEATED: u64 = 5_000;

pub(crate) fn synced(trial: &mut Trial<'_>, stores: &Stores) -> Result<()> {
    for round in 0..trial.options.rounds {
        let begin = pressure::look();
        limits::append_synced(trial, round, SYNCED)?;
        limits::overwrite_zeroes(trial, round, SYNCED)?;
        each_store(trial, stores, round, "durable reassignments", |trial, at, store| {
            let changes = reassignments(trial.data, SEED_SYNCED + round as u64, SYNCED, 0, 1);
            let times = one_by_one(store, &changes)?;
            trial.samples.add(Row::Synced, at, median(times).unwrap_or_default());
            let begin = pressure::look();
            let seconds = from_threads(trial, store, round)?;
            trial.samples.add(Row::SyncedByEight, at, seconds / (THREADS * SYNCED_BY_EIGHT) as f64);
            let time = during_writes(trial, store, round)?;
            trial.samples.add(Row::FreshUnderSynced, at, time);
            trial.pressure.leave_out(begin);
            Ok(())
        })?;
        trial.pressure.add("durable", begin);
    }
    Ok(())
}

pub(crate) fn lazy(trial: &mut Trial<'_>, stores: &Stores) -> Result<()> {
    for round in 0..trial.options.rounds {
        let begin = pressure::look();
        limits::append(trial, round, Row::Lazy, LAZY)?;
        each_store(trial, stores, round, "lazy reassignments", |trial, at, store| {
            let changes = reassignments(trial.data, SEED_LAZY + round as u64, LAZY, 0, 1);
            let seconds = in_a_row(store, &changes)?;
            trial.samples.add(Row::Lazy, at, seconds / changes.len() as f64);
            let begin = pressure::look();
            let time = during_writes(trial, store, round)?;
            trial.samples.add(Row::FreshUnderLazy, at, time);
            trial.pressure.leave_out(begin);
            Ok(())
        })?;
        trial.pressure.add("lazy", begin);
    }
    Ok(())
}

/// Makes enough changes for checkpoints and compactions to take part.
pub(crate) fn long_run(trial: &mut Trial<'_>, stores: &Stores) -> Result<()> {
    let changes = reassignments(trial.data, SEED_LONG, trial.options.edits, 0, 1);
    let begin = pressure::look();
    limits::append(trial, 0, Row::LazyLong, changes.len())?;
    each_store(trial, stores, 0, "the long run of lazy reassignments", |trial, at, store| {
        let (times, seconds) = timed(|| one_by_one(store, &changes))?;
        trial.samples.add(Row::LazyLong, at, seconds / changes.len() as f64);
        trial.add_long_ones(at, &times);
        Ok(())
    })?;
    trial.pressure.add("long run", begin);
    Ok(())
}

/// Measures the disk after the long run and the runs before it.
pub(crate) fn disk(trial: &mut Trial<'_>) -> Result<()> {
    for at in 0..trial.contenders.len() {
        if trial.is_on_disk(at) {
            let bytes = bytes_on_disk(&trial.place(at))?;
            trial.samples.add(Row::DiskEdited, at, bytes as f64);
        }
    }
    Ok(())
}

fn each_store<'r>(
    trial: &mut Trial<'r>,
    stores: &Stores,
    round: usize,
    phase: &str,
    mut work: impl FnMut(&mut Trial<'r>, usize, &dyn Store) -> Result<()>,
) -> Result<()> {
    for at in turns(trial.contenders.len(), round) {
        if let Some(Some(store)) = stores.get(at).filter(|_| trial.is_on_disk(at)) {
            trial.say(phase, round, at);
            settle()?;
            work(trial, at, &**store)?;
        }
    }
    Ok(())
}

/// Returns the seconds of each change.
pub(crate) fn one_by_one(store: &dyn Store, changes: &[Reassignment<'_>]) -> Result<Vec<f64>> {
    let mut times = Vec::with_capacity(changes.len());
    store.write(&mut |writer| {
        for change in changes {
            times.push(timed(|| writer.set_lead(change.task, change.lead))?.1);
        }
        Ok(())
    })?;
    Ok(times)
}

/// Returns the seconds of all changes.
pub(crate) fn in_a_row(store: &dyn Store, changes: &[Reassignment<'_>]) -> Result<f64> {
    let mut seconds = 0.0;
    store.write(&mut |writer| {
        let all = || changes.iter().try_for_each(|change| writer.set_lead(change.task, change.lead));
        seconds = timed(all)?.1;
        Ok(())
    })?;
    Ok(seconds)
}

fn from_threads(trial: &Trial<'_>, store: &dyn Store, round: usize) -> Result<f64> {
    let stream = |thread| reassignments(trial.data, SEED_EIGHT + round as u64, SYNCED_BY_EIGHT, thread, THREADS);
    let streams: Vec<_> = (0..THREADS).map(stream).collect();
    let (_, seconds) = timed(|| {
        thread::scope(|scope| {
            let threads: Vec<_> =
                streams.iter().map(|changes| scope.spawn(move || in_a_row(store, changes).map(drop))).collect();
            threads.into_iter().try_for_each(|thread| thread.join().map_err(|_| "a writer panicked")?)
        })
    })?;
    Ok(seconds)
}

/// Returns the seconds for a lead from a new snapshot while another thread writes as fast as it can.
fn during_writes(trial: &Trial<'_>, store: &dyn Store, round: usize) -> Result<f64> {
    let asked = Asked::new(trial.data, round);
    let changes = reassignments(trial.data, SEED_REPEATED + round as u64, REPEATED, 0, 1);
    let (commits, enough) = (AtomicUsize::new(0), AtomicBool::new(false));
    thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let wrote = write_until(store, &changes, &commits, &enough);
            // Counted after a failure too, so that the reader does not wait for ever.
            commits.fetch_add(1, Ordering::Release);
            wrote
        });
        while commits.load(Ordering::Acquire) == 0 {
            thread::yield_now();
        }
        let time = fresh_lead(store, &asked.tasks);
        enough.store(true, Ordering::Release);
        writer.join().map_err(|_| "the writer panicked")??;
        time
    })
}

/// Gives the tasks other leads and then their loaded ones again, until told to stop. It ends with the loaded leads, so
/// that the number of repetitions does not change the result.
fn write_until(
    store: &dyn Store,
    changes: &[Reassignment<'_>],
    commits: &AtomicUsize,
    enough: &AtomicBool,
) -> Result<()> {
    store.write(&mut |writer| {
        while !enough.load(Ordering::Acquire) {
            let to = changes.iter().map(|change| (change.task, change.lead));
            let back = changes.iter().map(|change| (change.task, change.loaded));
            for (task, lead) in to.chain(back) {
                writer.set_lead(task, lead)?;
                commits.fetch_add(1, Ordering::Release);
            }
        }
        Ok(())
    })
}
