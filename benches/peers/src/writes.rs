//! Reassignments: durable and lazy, from one thread and from eight, and readers beside them.

use std::fs::File;
use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use crate::asked::Asked;
use crate::contender::{Kind, Result, Store};
use crate::data::{Reassignment, reassignments};
use crate::measure::{bytes_on_disk, median, settle, timed, turns};
use crate::reads::fresh_lead;
use crate::run::{Run, Stores};
use crate::table::Row;

const SYNCED: usize = 200;
const THREADS: usize = 8;
const SYNCED_BY_EIGHT: usize = 50;
const LAZY: usize = 2_000;
/// What a writer beside a reader changes, over and over.
const BESIDE: usize = 100;
/// About as long as a small row in a log.
const RECORD: [u8; 64] = [7; 64];

/// Seeds of the streams, so that no two phases make the same changes.
const SEED_SYNCED: u64 = 1_000;
const SEED_EIGHT: u64 = 2_000;
const SEED_LAZY: u64 = 3_000;
const SEED_LONG: u64 = 4_000;
const SEED_BESIDE: u64 = 5_000;

pub(crate) fn synced(run: &mut Run<'_>, stores: &Stores) -> Result<()> {
    for round in 0..run.options.rounds {
        append(run, round, Row::Synced, SYNCED, true)?;
        each_store(run, stores, round, "durable reassignments", |run, at, store| {
            let changes = reassignments(run.data, SEED_SYNCED + round as u64, SYNCED, 0, 1);
            let times = one_by_one(store, &changes)?;
            run.samples.add(Row::Synced, at, median(times).unwrap_or_default());
            let seconds = from_threads(run, store, round)?;
            run.samples.add(Row::SyncedByEight, at, seconds / (THREADS * SYNCED_BY_EIGHT) as f64);
            let time = beside_a_writer(run, store, round)?;
            run.samples.add(Row::FreshUnderSynced, at, time);
            Ok(())
        })?;
    }
    Ok(())
}

pub(crate) fn lazy(run: &mut Run<'_>, stores: &Stores) -> Result<()> {
    for round in 0..run.options.rounds {
        append(run, round, Row::Lazy, LAZY, false)?;
        each_store(run, stores, round, "lazy reassignments", |run, at, store| {
            let changes = reassignments(run.data, SEED_LAZY + round as u64, LAZY, 0, 1);
            let seconds = in_a_row(store, &changes)?;
            run.samples.add(Row::Lazy, at, seconds / changes.len() as f64);
            let time = beside_a_writer(run, store, round)?;
            run.samples.add(Row::FreshUnderLazy, at, time);
            Ok(())
        })?;
    }
    Ok(())
}

/// Long enough for checkpoints, compactions and folds to be in it.
pub(crate) fn long_run(run: &mut Run<'_>, stores: &Stores) -> Result<()> {
    let changes = reassignments(run.data, SEED_LONG, run.options.edits, 0, 1);
    each_store(run, stores, 0, "the long run of lazy reassignments", |run, at, store| {
        let seconds = in_a_row(store, &changes)?;
        run.samples.add(Row::LazyLong, at, seconds / changes.len() as f64);
        Ok(())
    })
}

/// What the long run and those before it have left on disk.
pub(crate) fn disk(run: &mut Run<'_>) -> Result<()> {
    for at in 0..run.contenders.len() {
        if run.is_on_disk(at) {
            let bytes = bytes_on_disk(&run.place(at))?;
            run.samples.add(Row::DiskEdited, at, bytes as f64);
        }
    }
    Ok(())
}

fn each_store<'r>(
    run: &mut Run<'r>,
    stores: &Stores,
    round: usize,
    what: &str,
    mut work: impl FnMut(&mut Run<'r>, usize, &dyn Store) -> Result<()>,
) -> Result<()> {
    for at in turns(run.contenders.len(), round) {
        if let Some(Some(store)) = stores.get(at).filter(|_| run.is_on_disk(at)) {
            run.say(what, round, at);
            settle()?;
            work(run, at, &**store)?;
        }
    }
    Ok(())
}

/// The limit of a durable commit: a record appended to a file, and the file synced.
fn append(run: &mut Run<'_>, round: usize, row: Row, records: usize, sync: bool) -> Result<()> {
    let Some(limit) = run.contenders.iter().position(|contender| contender.kind() == Kind::Limit) else {
        return Ok(());
    };
    run.say("appends", round, limit);
    settle()?;
    let mut file = File::create(run.scratch.join("appended"))?;
    let mut times = Vec::with_capacity(records);
    let (_, seconds) = timed(|| {
        for _ in 0..records {
            times.push(timed(|| append_record(&mut file, sync))?.1);
        }
        Ok(())
    })?;
    let each = if sync { median(times).unwrap_or_default() } else { seconds / records as f64 };
    run.samples.add(row, limit, each);
    Ok(())
}

fn append_record(file: &mut File, sync: bool) -> Result<()> {
    file.write_all(&RECORD)?;
    if sync {
        file.sync_data()?;
    }
    Ok(())
}

/// Seconds for each change.
fn one_by_one(store: &dyn Store, changes: &[Reassignment<'_>]) -> Result<Vec<f64>> {
    let mut times = Vec::with_capacity(changes.len());
    store.write(&mut |writer| {
        for change in changes {
            times.push(timed(|| writer.set_lead(change.task, change.lead))?.1);
        }
        Ok(())
    })?;
    Ok(times)
}

/// Seconds for all changes.
pub(crate) fn in_a_row(store: &dyn Store, changes: &[Reassignment<'_>]) -> Result<f64> {
    let mut seconds = 0.0;
    store.write(&mut |writer| {
        let all = || changes.iter().try_for_each(|change| writer.set_lead(change.task, change.lead));
        seconds = timed(all)?.1;
        Ok(())
    })?;
    Ok(seconds)
}

fn from_threads(run: &Run<'_>, store: &dyn Store, round: usize) -> Result<f64> {
    let stream = |thread| reassignments(run.data, SEED_EIGHT + round as u64, SYNCED_BY_EIGHT, thread, THREADS);
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

/// Seconds for a lead from a new snapshot while another thread writes as fast as it can.
fn beside_a_writer(run: &Run<'_>, store: &dyn Store, round: usize) -> Result<f64> {
    let asked = Asked::new(run.data, round);
    let changes = reassignments(run.data, SEED_BESIDE + round as u64, BESIDE, 0, 1);
    let (commits, enough) = (AtomicUsize::new(0), AtomicBool::new(false));
    thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let wrote = write_until(store, &changes, &commits, &enough);
            // Also when it failed, so that the reader does not wait for it.
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

/// Gives the tasks other leads and then those that they were loaded with, as long as it may. It ends with the latter,
/// so that how often does not matter to what stands.
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
