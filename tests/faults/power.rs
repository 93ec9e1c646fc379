//! Power failures: from what a process asked of the system, every state is made in which the disk may be found, and
//! opened. Nothing acknowledged before the failure is lost, no batch is in part, the index agrees with itself, and the
//! next opening finds the same. Then a process goes on from one such state, and the power fails again.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use crate::child;
use crate::disk::{self, Disk, Found, Loss};
use crate::random::{Random, seed};
use crate::trace::{self, Call, Record};
use crate::work::{self, Bounds, Run, Told};

/// No opening and check may take longer.
const PATIENCE: Duration = Duration::from_secs(90);
/// Threads that open and check.
const CHECKERS: usize = 2;

#[derive(Debug, Default)]
struct Counts {
    states: u32,
    /// Steps that were acknowledged before the failures.
    acknowledged: u64,
    backups: u32,
    /// States in which the rows had to be made again.
    rows_made_again: u32,
}

/// A state to check.
struct State {
    path: PathBuf,
    what: String,
    bounds: Bounds,
    /// Steps of the backups that must be there.
    backups: Vec<u64>,
}

/// What checkers found.
#[derive(Default)]
struct Results {
    counts: Counts,
    failures: Vec<String>,
}

/// Which failures are tried.
#[derive(Clone, Copy)]
struct Failures {
    /// At random calls, with all kinds of losses in turn.
    random: u32,
    /// Losses of one call, out of all such losses at all calls.
    single: u32,
    /// How often a process goes on from one of the states.
    generations: u32,
}

fn fail_power(run: &Run, failures: Failures, harness: u64) -> Counts {
    let mut scratch = child::scratch();
    let mut random = Random::new(harness);
    let mut made = vec![0; run.writers as usize];
    let results = Mutex::new(Results::default());
    let root = scratch.path().join("traced");
    for generation in 0..failures.generations {
        let before = if root.exists() { disk::found_below(&root) } else { Found::new() };
        let calls = trace::record(scratch.path(), run);
        let trials = choose(&calls, &root, &before, failures, &mut random);
        let (send, receive) = sync_channel(CHECKERS);
        let receive = Mutex::new(receive);
        let next = std::thread::scope(|threads| {
            for _ in 0..CHECKERS {
                threads.spawn(|| check_all(run, &receive, &results));
            }
            let disk = Disk::of(&root, &before);
            let told = Told::having(&made);
            let mut number = 0;
            let next = make_states(&calls, disk, told, trials, &mut random, &mut |found, told, what| {
                number += 1;
                let path = scratch.path().join(format!("state-{generation}-{number}"));
                disk::write(found, &path);
                let bounds = told.after_power_failure(run);
                send.send(State { path, what, bounds, backups: told.backups.clone() }).unwrap();
            });
            drop(send);
            next
        });
        let failures = &results.lock().unwrap().failures;
        if !failures.is_empty() {
            scratch.disable_cleanup(true);
            panic!("seed {}, {run:?}, generation {generation}, in {scratch:?}: {failures:#?}", seed());
        }
        // A process goes on from there.
        fs::remove_dir_all(&root).unwrap();
        disk::write(&next, &root);
        let copy = scratch.path().join("copy");
        disk::write(&next, &copy);
        let every = vec![(0, u64::MAX); run.writers as usize];
        made = open(&copy.join("plan.ri"), run, &every).unwrap().0;
        fs::remove_dir_all(&copy).unwrap();
    }
    results.into_inner().unwrap().counts
}

/// After which calls the power fails, and what is lost.
type Trials = BTreeMap<usize, Vec<Option<Loss>>>;

fn choose(calls: &[Record], root: &Path, before: &Found, failures: Failures, random: &mut Random) -> Trials {
    let mut trials = Trials::new();
    for _ in 0..failures.random / failures.generations {
        trials.entry(random.index(calls.len() + 1)).or_default().push(None);
    }
    if failures.single > 0 {
        // At each call that changes something, each call that is not synced.
        let mut singles = Vec::new();
        let mut disk = Disk::of(root, before);
        for (at, record) in calls.iter().enumerate() {
            disk.call(record);
            let changes = !matches!(record.call, Call::Said(_) | Call::SyncBegins { .. } | Call::SyncEnds { .. });
            if changes {
                singles.extend(disk.may_be_lost().into_iter().map(|lost| (at + 1, Loss::One(lost))));
            }
        }
        println!("{} losses of one call are possible", singles.len());
        for _ in 0..(failures.single / failures.generations).min(singles.len() as u32) {
            let (at, loss) = singles.swap_remove(random.index(singles.len()));
            trials.entry(at).or_default().push(Some(loss));
        }
    }
    trials
}

/// Goes through the calls, and hands out each state. Returns one of them.
fn make_states(
    calls: &[Record],
    mut disk: Disk,
    mut told: Told,
    mut trials: Trials,
    random: &mut Random,
    each: &mut dyn FnMut(&Found, &Told, String),
) -> Found {
    let mut next = Found::new();
    let mut made = 0;
    for at in 0..=calls.len() {
        for loss in trials.remove(&at).unwrap_or_default() {
            let loss = loss.unwrap_or_else(|| any_loss(made, &disk, random));
            let found = disk.after(loss, random);
            made += 1;
            each(&found, &told, format!("power fails after call {at}, {loss:?} is lost"));
            if random.one_in(made) {
                next = found;
            }
        }
        if let Some(record) = calls.get(at) {
            match &record.call {
                Call::Said(line) => told.take(line),
                _ => disk.call(record),
            }
        }
    }
    next
}

/// Every kind of loss in turn.
fn any_loss(turn: u64, disk: &Disk, random: &mut Random) -> Loss {
    let may_be_lost = disk.may_be_lost();
    let one = if may_be_lost.is_empty() { 0 } else { *random.pick(&may_be_lost) };
    let kinds = [
        Loss::AnySector,
        Loss::One(one),
        Loss::Everything,
        Loss::LastNames,
        Loss::UpTo(one),
        Loss::AnySector,
        Loss::AllBut(one),
        Loss::Nothing,
    ];
    kinds[turn as usize % kinds.len()]
}

fn check_all(run: &Run, states: &Mutex<Receiver<State>>, results: &Mutex<Results>) {
    loop {
        let next = states.lock().unwrap().recv();
        let Ok(State { path, what, bounds, backups }) = next else { return };
        let (run, at, least) = (*run, path.clone(), bounds.iter().map(|(least, _)| least).sum::<u64>());
        let (send, receive) = sync_channel(1);
        std::thread::spawn(move || send.send(check(&at, &run, &bounds, &backups)));
        let checked = receive.recv_timeout(PATIENCE).unwrap_or_else(|_| Err("no answer in time".to_owned()));
        let mut results = results.lock().unwrap();
        match checked {
            Ok((backups, troubles)) => {
                let counts = &mut results.counts;
                counts.states += 1;
                counts.acknowledged += least;
                counts.backups += backups;
                counts.rows_made_again += u32::from(troubles);
                fs::remove_dir_all(&path).unwrap();
            }
            Err(why) => results.failures.push(format!("{path:?}: {what}: {why}")),
        }
    }
}

/// Opens it, holds it against the bounds, exports it.
fn open(path: &Path, run: &Run, bounds: &Bounds) -> Result<(Vec<u64>, Vec<u8>, bool), String> {
    let index = work::options().open(path).map_err(|error| error.to_string())?;
    let made = work::check(&index, run, bounds)?;
    let mut lines = Vec::new();
    index.export(&mut lines).map_err(|error| error.to_string())?;
    let troubles = index.stats().map_err(|error| error.to_string())?.troubles;
    Ok((made, lines, !troubles.is_empty()))
}

fn check(state: &Path, run: &Run, bounds: &Bounds, backups: &[u64]) -> Result<(u32, bool), String> {
    let path = state.join("plan.ri");
    let (made, lines, troubles) = open(&path, run, bounds)?;
    let exactly = made.iter().map(|made| (*made, *made)).collect();
    let (_, again, _) = open(&path, run, &exactly).map_err(|why| format!("the second opening: {why}"))?;
    if again != lines {
        return Err("the second opening gives another export".to_owned());
    }
    let backups = check_backups(state, run, backups)?;
    // It goes on from there.
    let index = work::options().open(&path).map_err(|error| error.to_string())?;
    index.assign("after/1", work::digits(1)).map_err(|error| error.to_string())?;
    Ok((backups, troubles))
}

/// A backup that has its name is whole, and one that is complete has its name. Two of them are looked at.
fn check_backups(state: &Path, run: &Run, complete: &[u64]) -> Result<u32, String> {
    let mut there: Vec<u64> = Vec::new();
    for entry in fs::read_dir(state).unwrap() {
        let name = entry.unwrap().file_name().to_str().unwrap().to_owned();
        there.extend(name.strip_prefix("backup-").and_then(|steps| steps.parse::<u64>().ok()));
    }
    if let Some(lost) = complete.iter().find(|steps| !there.contains(steps)) {
        return Err(format!("the backup of {lost} steps is gone"));
    }
    there.sort_unstable();
    for steps in there.iter().rev().take(2) {
        let path = state.join(work::backup(*steps));
        open(&path, run, &vec![(*steps, *steps)]).map_err(|why| format!("the backup of {steps} steps: {why}"))?;
    }
    Ok(there.len().min(2) as u32)
}

#[test]
fn a_power_failure_loses_nothing_acknowledged() {
    let run = Run { openings: 2, backups: true, ..Run::of(1, 35) };
    let counts = fail_power(&run, Failures { random: 24, single: 12, generations: 2 }, 2);
    assert!(counts.acknowledged > 0 && counts.backups > 0, "{counts:?}");
    let run = Run { lazy: true, ..Run::of(2, 30) };
    let counts = fail_power(&run, Failures { random: 16, single: 0, generations: 1 }, 3);
    assert!(counts.acknowledged > 0, "{counts:?}");
}

/// The engine of the rows reuses segments of writes that were never synced, so a load writes rows in small parts.
#[test]
fn a_power_failure_in_a_bulk_load_loses_nothing_acknowledged() {
    let run = Run { loads: 1, ..LOADS };
    let counts = fail_power(&run, Failures { random: 3, single: 3, generations: 1 }, 4);
    assert!(counts.acknowledged > 0, "{counts:?}");
}

const LOADS: Run = Run { loaded: 20_000, loads: 3, load_every: 6, ..Run::of(1, 7) };

#[test]
#[ignore = "the full tier: minutes"]
fn full_power() {
    let random = |states: u32| Failures { random: states, single: 0, generations: 2 };
    let mixed = |states: u32| Failures { random: states / 2, single: states / 2, generations: 2 };
    let runs = [
        (Run { openings: 2, backups: true, ..Run::of(1, 100) }, mixed(1_200)),
        (Run { openings: 2, ..Run::of(2, 100) }, random(700)),
        (Run::of(4, 100), mixed(800)),
        (Run { lazy: true, openings: 2, backups: true, ..Run::of(1, 100) }, mixed(800)),
        (Run { lazy: true, ..Run::of(3, 80) }, random(400)),
        (Run { load_every: 9, steps: 30, ..LOADS }, Failures { random: 300, single: 700, generations: 2 }),
        // The log gets further segments, which are removed again by trims.
        (Run { fill: 4, ..Run::of(1, 33) }, Failures { random: 50, single: 50, generations: 1 }),
    ];
    for (harness, (run, failures)) in (5..).zip(runs) {
        println!("{run:?}: {:?}", fail_power(&run, failures, harness));
    }
}
