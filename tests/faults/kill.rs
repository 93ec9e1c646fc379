//! Killed processes: nothing acknowledged is lost, no batch is in part, the index opens and agrees with itself. Some are
//! killed at a time, others at a call of the system: in a rotation, a base, a trim, a backup, a repair.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use crate::child::{self, DEADLINE, Job};
use crate::files::copy;
use crate::model;
use crate::power::check_backups;
use crate::random::{Random, seed};
use crate::work::{self, Doing, Run, Told};

/// When a writer is killed.
#[derive(Clone, Copy, Debug, PartialEq)]
enum When {
    /// Some time after it began to do this.
    At(Doing),
    /// At some call on a file of the log, or after half of a write.
    Call { half: bool },
}

#[derive(Default, Debug)]
struct Counts {
    cycles: u32,
    /// By what the writer was at.
    doing: BTreeMap<Doing, u32>,
    /// While a new segment, or a base, had no name yet.
    in_rotation: u32,
    in_base: u32,
    /// Cycles of a lazy index.
    lazy: u32,
    /// Steps that had returned.
    done: u64,
    backups: u32,
    /// Openings that had to make the rows again.
    rows_made_again: u32,
}

impl Counts {
    fn of(&self, doing: Doing) -> u32 {
        self.doing.get(&doing).copied().unwrap_or_default()
    }
}

/// How many cycles one store lives through.
const LIVES: u32 = 25;
/// Calls on files of the log that one opening makes at most, about, until it is killed.
const CALLS: u64 = 1_500;
const SEGMENTS: Run = Run { fill: 3, large: 1, segment: 60, ..Run::of(1, 0) };

fn kill_writers(cycles: u32, in_open: u32) -> Counts {
    let mut random = Random::new(1);
    let mut counts = Counts::default();
    let mut store = tempfile::tempdir().unwrap();
    let (mut made, mut run) = (Vec::new(), Run::of(1, 0));
    let mut opening = Duration::from_millis(20);
    while counts.cycles < cycles || counts.of(Doing::Opening) < in_open {
        if counts.cycles % LIVES == 0 {
            store = tempfile::tempdir().unwrap();
            let writers = *random.pick(&[1, 4]);
            run = Run { writers, lazy: random.one_in(3), backups: writers == 1, ..SEGMENTS };
            made = vec![0; run.writers as usize];
        }
        let path = store.path().join("plan.ri");
        let when = choose(&run, counts.of(Doing::Opening) < in_open, &mut random);
        // Closed and opened again until it is killed.
        let steps = if when == When::At(Doing::Closing) { 3 + random.below(60) } else { 500_000 };
        let run = Run { steps, openings: u64::MAX, ..run };
        let unnamed = unnamed(&path);
        let told = kill_one(&path, &run, &made, when, &mut random, &mut opening);
        counts.cycles += 1;
        *counts.doing.entry(told.doing).or_default() += 1;
        if self::unnamed(&path).difference(&unnamed).next().is_some() {
            let count = if told.doing == Doing::Trim { &mut counts.in_base } else { &mut counts.in_rotation };
            *count += 1;
        }
        counts.lazy += u32::from(run.lazy);
        let bounds = told.after_kill(&run);
        counts.done += bounds.iter().zip(&made).map(|((least, _), made)| least - made).sum::<u64>();
        let checked = child::check_apart(&path, &run, &bounds)
            .and_then(|found| Ok((found, check_backups(store.path(), &run, &told.backups)?)));
        store.disable_cleanup(checked.is_err());
        let ((found, troubles), backups) = checked.unwrap_or_else(|why| {
            let (seed, cycle) = (seed(), counts.cycles);
            panic!("seed {seed}, cycle {cycle}, killed {when:?}, {run:?}: {why}; kept in {store:?}")
        });
        counts.rows_made_again += u32::from(troubles > 0);
        counts.backups += backups;
        made = found;
    }
    counts
}

fn choose(run: &Run, opening_is_wanted: bool, random: &mut Random) -> When {
    if opening_is_wanted && random.one_in(3) {
        return When::At(Doing::Opening);
    }
    let mut others = vec![
        When::At(Doing::Writing),
        When::At(Doing::Checkpoint),
        When::At(Doing::Trim),
        When::At(Doing::Closing),
        When::Call { half: false },
        When::Call { half: true },
        When::Call { half: false },
    ];
    others.extend(run.backups.then_some(When::At(Doing::Backup)));
    *random.pick(&others)
}

/// Files of the log that wait for a name.
fn unnamed(path: &Path) -> BTreeSet<String> {
    let names = fs::read_dir(path.join("log")).into_iter().flatten().flatten();
    let names = names.map(|entry| entry.file_name().into_string().unwrap());
    names.filter(|name| name.starts_with("spare-")).collect()
}

/// Starts a writer, kills it, and takes down what it had told.
fn kill_one(path: &Path, run: &Run, made: &[u64], when: When, random: &mut Random, opening: &mut Duration) -> Told {
    let job = Job::new("write", path).numbers(&run.numbers());
    let (job, begin, within) = match when {
        When::Call { half } => {
            let fault = format!("{}:{}", if half { "kill-half" } else { "kill" }, 1 + random.below(CALLS));
            let job = job.under_shim(path.parent().unwrap()).with_fault(fault).only_below(&path.join("log/"));
            (job, None, Duration::ZERO)
        }
        When::At(Doing::Opening) => (job, Some(Doing::Opening), *opening),
        When::At(Doing::Writing) => (job, Some(Doing::Writing), Duration::from_millis(60)),
        When::At(Doing::Backup) => (job, Some(Doing::Backup), Duration::from_millis(8)),
        When::At(doing) => (job, Some(doing), Duration::from_millis(2)),
    };
    let mut child = job.start();
    let lines = child::lines(child.stdout.take().unwrap());
    let mut told = Told::having(made);
    if let Some(begin) = begin {
        loop {
            let Ok(line) = lines.recv_timeout(DEADLINE) else {
                let _ = child.kill();
                panic!("a writer said no more after {told:?}: {:?}", child.wait_with_output())
            };
            told.take(&line);
            if told.doing == begin && (begin != Doing::Opening || line == "opening") {
                break;
            }
        }
    }
    let patience = if begin.is_some() { within.mul_f64(random.below(1000) as f64 / 1000.0) } else { 2 * DEADLINE };
    let kill_at = Instant::now() + patience;
    loop {
        match lines.recv_timeout(kill_at.saturating_duration_since(Instant::now())) {
            Ok(line) => {
                told.take(&line);
                if line == "opened" && when == When::At(Doing::Opening) {
                    // It was quicker than expected.
                    *opening = within.mul_f64(0.9);
                }
            }
            Err(RecvTimeoutError::Timeout) => {
                assert!(begin.is_some(), "a writer made no {CALLS} calls: {told:?}");
                break;
            }
            Err(RecvTimeoutError::Disconnected) if begin.is_none() => break,
            Err(RecvTimeoutError::Disconnected) => panic!("a writer stopped by itself: {:?}", child.wait_with_output()),
        }
    }
    let _ = child.kill();
    let status = child.wait().unwrap();
    assert_eq!(status.code(), None, "a writer ended by itself");
    lines.iter().for_each(|line| told.take(&line));
    if when == When::At(Doing::Opening) && told.doing == Doing::Opening {
        *opening = within.mul_f64(1.05);
    }
    told
}

/// Repairs a store, and says what it then has.
pub(crate) fn repair(path: &Path, run: &Run) -> Result<(), String> {
    run.set_segment_bytes();
    let (index, repair) = work::options().repair(path).map_err(|error| error.to_string())?;
    let findings = index.verify().map_err(|error| error.to_string())?;
    if let Some(finding) = findings.iter().find(|finding| !repair.lost.contains(finding)) {
        return Err(format!("a repair left {finding} and did not say so"));
    }
    let made = model::check_view(&index.view(), run, &vec![(0, u64::MAX)], false)?;
    println!("made {}", made[0]);
    Ok(())
}

/// Kills repairs of several damaged stores, and repairs them then. Returns how many were killed.
fn kill_repairs(kills: u32) -> u32 {
    let mut random = Random::new(21);
    let scratch = child::scratch();
    let whole = scratch.path().join("whole.ri");
    let run = Run { steps: 60, ..SEGMENTS };
    let ended = Job::new("write", &whole).numbers(&run.numbers()).run();
    assert!(ended.is_ok(), "{}", ended.why());
    let made = |ended: &child::Ended| {
        let said = ended.out.lines().find_map(|line| line.strip_prefix("made ")?.parse::<u64>().ok());
        said.unwrap_or_else(|| panic!("{}", ended.why()))
    };
    let (mut killed, mut calls) = (0, 600);
    for turn in 0.. {
        let damaged = scratch.path().join("damaged.ri");
        copy(&whole, &damaged);
        damage(&damaged, turn % 4);
        let (path, job) =
            (scratch.path().join("killed.ri"), |path: &Path| Job::new("repair", path).numbers(&run.numbers()));
        copy(&damaged, &path);
        let expected = made(&job(&damaged).run());
        let kind = if random.one_in(2) { "kill" } else { "kill-half" };
        let n = 1 + random.below(calls);
        let ended = job(&path).under_shim(scratch.path()).with_fault(format!("{kind}:{n}")).run();
        match ended.status {
            None => killed += 1,
            // It was over before.
            Some(_) => calls = calls * 9 / 10,
        }
        let again = job(&path).run();
        assert_eq!(made(&again), expected, "seed {}, damage {}, {kind} at call {n}: {}", seed(), turn % 4, again.out);
        [damaged, path].iter().for_each(|path| fs::remove_dir_all(path).unwrap());
        if killed == kills {
            break;
        }
    }
    killed
}

/// Damages the log, with the rows there and without them, or the rows alone.
fn damage(path: &Path, kind: u32) {
    let segments = || {
        let files = fs::read_dir(path.join("log")).unwrap().map(|file| file.unwrap().path());
        let mut segments: Vec<_> =
            files.filter(|file| file.file_name().unwrap().to_str().unwrap().starts_with("segment-")).collect();
        segments.sort();
        segments
    };
    if kind % 2 == 1 {
        fs::remove_dir_all(path.join("rows")).unwrap();
    }
    let segments = segments();
    let middle = &segments[segments.len() / 2];
    match kind {
        0 | 1 => {
            let mut bytes = fs::read(middle).unwrap();
            bytes[5_000] ^= 1;
            fs::write(middle, bytes).unwrap();
        }
        2 => fs::remove_file(middle).unwrap(),
        _ => {}
    }
}

#[test]
fn killed_writers_lose_nothing_acknowledged() {
    let counts = kill_writers(16, 4);
    assert!(counts.done > 0, "{counts:?}");
}

#[test]
fn a_killed_repair_loses_no_more_than_one_that_ends() {
    assert_eq!(kill_repairs(4), 4);
}

#[test]
#[ignore = "the full tier: minutes"]
fn full_kill() {
    let counts = kill_writers(1_000, 250);
    println!("{counts:?}");
    println!("{} repairs were killed", kill_repairs(200));
    let least =
        [(Doing::Opening, 250), (Doing::Checkpoint, 50), (Doing::Trim, 30), (Doing::Backup, 20), (Doing::Closing, 30)];
    assert!(least.iter().all(|(doing, least)| counts.of(*doing) >= *least), "{counts:?}");
    assert!(counts.in_rotation >= 30 && counts.in_base >= 10 && counts.lazy >= 100, "{counts:?}");
}
