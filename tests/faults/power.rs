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
use crate::model;
use crate::random::{Random, seed};
use crate::trace::{self, Call, Record};
use crate::work::{self, Bounds, Doing, Run, Told};

/// No opening and check may take longer.
const PATIENCE: Duration = Duration::from_secs(90);
/// Threads that open and check.
const CHECKERS: usize = 2;

#[derive(Debug, Default)]
struct Counts {
    states: u32,
    /// States by what the process was at when the power failed.
    doing: BTreeMap<Doing, u32>,
    /// While a segment, or a base, gets its name or loses it.
    naming_segments: u32,
    naming_bases: u32,
    /// Steps that were acknowledged before the failures.
    acknowledged: u64,
    backups: u32,
    /// States without a checkpoint that can be used: none was durable yet, or the log was trimmed after it.
    without_rows: u32,
    /// States with rows that can't be read.
    rows_made_again: u32,
}

impl Counts {
    fn in_loads(&self) -> u32 {
        self.doing.get(&Doing::Load).copied().unwrap_or_default()
    }

    fn add(&mut self, other: &Counts) {
        self.states += other.states;
        other.doing.iter().for_each(|(doing, states)| *self.doing.entry(*doing).or_default() += states);
        self.naming_segments += other.naming_segments;
        self.naming_bases += other.naming_bases;
        self.acknowledged += other.acknowledged;
        self.backups += other.backups;
        self.without_rows += other.without_rows;
        self.rows_made_again += other.rows_made_again;
    }
}

/// A state to check.
struct State {
    path: PathBuf,
    what: String,
    doing: Doing,
    naming_segments: bool,
    naming_bases: bool,
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
    /// Losses of all calls up to one, with later ones kept, out of all such losses at all calls.
    suffixes: u32,
    /// Whether only failures while something is loaded count.
    in_loads: bool,
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
            let next = make_states(&calls, disk, told, trials, &mut random, &mut |found, disk, told, what| {
                number += 1;
                let path = scratch.path().join(format!("state-{generation}-{number}"));
                disk::write(found, &path);
                let (bounds, backups, doing) = (told.after_power_failure(run), told.backups.clone(), told.doing);
                let [naming_segments, naming_bases] = ["segment-", "base-"].map(|kind| disk.is_naming(kind));
                send.send(State { path, what, doing, naming_segments, naming_bases, bounds, backups }).unwrap();
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
    // At each call that changes something, each call that is not synced.
    let (mut places, mut losses) = (Vec::new(), Vec::new());
    let mut disk = Disk::of(root, before);
    let mut told = Told::default();
    for (at, record) in calls.iter().enumerate() {
        match &record.call {
            Call::Said(line) => told.take(line),
            _ => disk.call(record),
        }
        if failures.in_loads && told.doing != Doing::Load {
            continue;
        }
        places.push(at + 1);
        let changes = !matches!(record.call, Call::Said(_) | Call::SyncBegins { .. } | Call::SyncEnds { .. });
        if changes {
            losses.extend(disk.may_be_lost().into_iter().map(|lost| (at + 1, lost)));
        }
    }
    let mut trials = Trials::new();
    for _ in 0..failures.random / failures.generations {
        trials.entry(*random.pick(&places)).or_default().push(None);
    }
    for (some, loss) in [(failures.single, Loss::One as fn(u64) -> Loss), (failures.suffixes, Loss::UpTo)] {
        let mut left = losses.clone();
        for _ in 0..(some / failures.generations).min(left.len() as u32) {
            let (at, lost) = left.swap_remove(random.index(left.len()));
            trials.entry(at).or_default().push(Some(loss(lost)));
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
    each: &mut dyn FnMut(&Found, &Disk, &Told, String),
) -> Found {
    let mut next = Found::new();
    let mut made = 0;
    for at in 0..=calls.len() {
        for loss in trials.remove(&at).unwrap_or_default() {
            let loss = loss.unwrap_or_else(|| any_loss(made, &disk, random));
            let found = disk.after(loss, random);
            made += 1;
            each(&found, &disk, &told, format!("power fails after call {at}, {loss:?} is lost"));
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
        Loss::AnyFile,
        Loss::AnySector,
        Loss::AllBut(one),
        Loss::Nothing,
    ];
    kinds[turn as usize % kinds.len()]
}

fn check_all(run: &Run, states: &Mutex<Receiver<State>>, results: &Mutex<Results>) {
    loop {
        let next = states.lock().unwrap().recv();
        let Ok(state) = next else { return };
        let State { path, what, doing, naming_segments, naming_bases, bounds, backups } = state;
        let (run, at, least) = (*run, path.clone(), bounds.iter().map(|(least, _)| least).sum::<u64>());
        let (send, receive) = sync_channel(1);
        std::thread::spawn(move || send.send(check(&at, &run, &bounds, &backups)));
        let checked = receive.recv_timeout(PATIENCE).unwrap_or_else(|_| Err("no answer in time".to_owned()));
        let mut results = results.lock().unwrap();
        match checked {
            Ok((backups, rows)) => {
                results.counts.add(&Counts {
                    states: 1,
                    doing: BTreeMap::from([(doing, 1)]),
                    naming_segments: u32::from(naming_segments),
                    naming_bases: u32::from(naming_bases),
                    acknowledged: least,
                    backups,
                    without_rows: u32::from(rows == FoundRows::None),
                    rows_made_again: u32::from(rows == FoundRows::Bad),
                });
                fs::remove_dir_all(&path).unwrap();
            }
            Err(why) => results.failures.push(format!("{path:?}: {what}, while {doing:?}: {why}")),
        }
    }
}

/// The rule of a verification that the engine could not serve.
const UNREADABLE: &str = "(rule: every row can be read)";

/// What an opening and a verification say of the rows.
#[derive(Clone, Copy, PartialEq)]
enum FoundRows {
    None,
    Whole,
    Bad,
}

/// Opens it, holds it against the bounds and what it was before, exports it.
fn open(path: &Path, run: &Run, bounds: &Bounds) -> Result<(Vec<u64>, Vec<u8>, FoundRows), String> {
    let index = work::options().open(path).map_err(|error| error.to_string())?;
    let troubles = index.stats().map_err(|error| error.to_string())?.troubles;
    let checked = model::check(&index, run, bounds);
    // The engine may be unable to read rows that an opening has no use for, such as those of a load that was not finished.
    // A verification says so, and a repair writes all of them again.
    let unreadable = checked.as_ref().err().filter(|why| why.contains(UNREADABLE)).cloned();
    let made = if unreadable.is_some() {
        index.repair().map_err(|error| format!("repair: {error}"))?;
        model::check(&index, run, bounds)?
    } else {
        checked?
    };
    model::check_past(&index, run, &made)?;
    let mut lines = Vec::new();
    index.export_jsonl(&mut lines).map_err(|error| error.to_string())?;
    // A mark that was never synced may be lost.
    let told = troubles.iter().chain(&unreadable);
    let of_rows: Vec<&String> = told.filter(|trouble| !trouble.contains("no mark")).collect();
    let is_usual = |trouble: &&String| *trouble == "the rows are missing" || trouble.starts_with("the log was trimmed");
    let rows = match &of_rows[..] {
        [] => FoundRows::Whole,
        [only] if is_usual(only) => FoundRows::None,
        others => {
            println!("{path:?}: {others:?}");
            FoundRows::Bad
        }
    };
    Ok((made, lines, rows))
}

fn check(state: &Path, run: &Run, bounds: &Bounds, backups: &[u64]) -> Result<(u32, FoundRows), String> {
    let path = state.join("plan.ri");
    let (made, lines, rows) = open(&path, run, bounds)?;
    let exactly = made.iter().map(|made| (*made, *made)).collect();
    let (_, again, _) = open(&path, run, &exactly).map_err(|why| format!("the second opening: {why}"))?;
    if again != lines {
        return Err("the second opening gives another export".to_owned());
    }
    let backups = check_backups(state, run, backups)?;
    // It goes on from there.
    let index = work::options().open(&path).map_err(|error| error.to_string())?;
    index.assign("after/1", work::digits(1)).map_err(|error| error.to_string())?;
    Ok((backups, rows))
}

/// A backup that has its name is whole, and one that is complete has its name. Two of them are looked at.
pub(crate) fn check_backups(state: &Path, run: &Run, complete: &[u64]) -> Result<u32, String> {
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
    let counts = fail_power(&run, Failures { single: 12, generations: 2, ..RANDOM }.times(24), 2);
    assert!(counts.acknowledged > 0 && counts.backups > 0, "{counts:?}");
    let run = Run { lazy: true, ..Run::of(2, 30) };
    let counts = fail_power(&run, RANDOM.times(16), 3);
    assert!(counts.acknowledged > 0, "{counts:?}");
}

/// Both append to one log, and either moves the mark. The owner of the rows ends without closing, and the other one takes
/// over.
#[test]
fn a_power_failure_under_two_processes_loses_nothing_acknowledged_by_either() {
    let counts = fail_power(&PROCESSES, Failures { single: 12, suffixes: 6, ..RANDOM }.times(18), 14);
    assert!(counts.acknowledged > 0, "{counts:?}");
}

/// Entries of many frames, further segments for each few steps, bases and removed segments.
#[test]
fn a_power_failure_in_a_log_of_many_segments_loses_nothing_acknowledged() {
    let run = Run { steps: 35, ..SEGMENTS };
    let counts = fail_power(&run, Failures { single: 12, suffixes: 8, generations: 2, ..RANDOM }.times(24), 11);
    assert!(counts.acknowledged > 0 && counts.naming_segments > 0, "{counts:?}");
    assert!(counts.rows_made_again <= 1, "{counts:?}");
}

/// The engine of the rows reuses segments of writes that were never synced, so a load writes rows in small parts.
#[test]
fn a_power_failure_in_a_bulk_load_loses_nothing_acknowledged() {
    let run = Run { loads: 1, ..LOADS };
    let counts = fail_power(&run, Failures { single: 3, in_loads: true, ..RANDOM }.times(3), 4);
    assert!(counts.acknowledged > 0 && counts.in_loads() == 6, "{counts:?}");
}

const RANDOM: Failures = Failures { random: 0, single: 0, suffixes: 0, in_loads: false, generations: 1 };
const LOADS: Run = Run { loaded: 20_000, loads: 3, load_every: 6, ..Run::of(1, 7) };
const PROCESSES: Run = Run { processes: 2, ..Run::of(2, 40) };
const SEGMENTS: Run = Run { openings: 2, fill: 20, large: 3, segment: 100, ..Run::of(1, 40) };

impl Failures {
    fn times(self, random: u32) -> Failures {
        Failures { random, ..self }
    }
}

#[test]
#[ignore = "the full tier: minutes"]
fn full_power() {
    let deep = Failures { generations: 3, ..RANDOM };
    let mixed = |states: u32| Failures { random: states / 2, single: states / 4, suffixes: states / 4, ..deep };
    let in_loads = Failures { random: 900, single: 1_800, suffixes: 450, in_loads: true, ..deep };
    let runs = [
        (Run { openings: 2, backups: true, ..Run::of(1, 100) }, mixed(1_500)),
        (Run { openings: 2, ..Run::of(2, 100) }, mixed(900)),
        (Run::of(4, 100), mixed(900)),
        (Run { lazy: true, openings: 2, backups: true, ..Run::of(1, 100) }, mixed(900)),
        (Run { lazy: true, ..Run::of(3, 80) }, mixed(600)),
        (SEGMENTS, mixed(900)),
        (Run { lazy: true, backups: true, ..SEGMENTS }, mixed(600)),
        (Run { backups: true, loads: 1, load_every: 9, steps: 31, ..LOADS }, mixed(600)),
        (Run { load_every: 3, steps: 13, ..LOADS }, in_loads),
    ];
    let mut all = Counts::default();
    for (harness, (run, failures)) in (5..).zip(runs) {
        let counts = fail_power(&run, failures, harness);
        println!("{run:?}: {counts:?}");
        all.add(&counts);
    }
    println!("all: {all:?}");
    assert!(all.states >= 10_000 && all.in_loads() >= 3_000, "{all:?}");
    // The engine of the rows is seldom unable to read what it wrote; then the log gives the rows.
    assert!(all.rows_made_again <= all.states / 500, "{all:?}");
}

#[test]
#[ignore = "the full tier: minutes"]
fn full_power_of_processes() {
    let mixed = |states: u32| Failures {
        random: states / 2,
        single: states / 4,
        suffixes: states / 4,
        generations: 3,
        ..RANDOM
    };
    let runs = [
        (Run { steps: 100, ..PROCESSES }, mixed(1_500)),
        (Run { writers: 4, openings: 2, ..PROCESSES }, mixed(900)),
        (Run { processes: 3, lazy: true, ..Run::of(3, 80) }, mixed(600)),
        (Run { processes: 2, writers: 2, ..SEGMENTS }, mixed(900)),
    ];
    let mut all = Counts::default();
    for (harness, (run, failures)) in (15..).zip(runs) {
        let counts = fail_power(&run, failures, harness);
        println!("{run:?}: {counts:?}");
        all.add(&counts);
    }
    println!("all: {all:?}");
    assert!(all.states >= 3_000 && all.acknowledged > 0, "{all:?}");
    assert!(all.rows_made_again <= all.states / 40, "{all:?}");
}
