//! Killed processes: nothing acknowledged is lost, no batch is in part, the index opens and agrees with itself.

use std::path::Path;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use crate::child::{self, DEADLINE, Job};
use crate::random::{Random, seed};
use crate::work::{self, Acknowledged};

/// When a writer is killed.
#[derive(Clone, Copy, Debug, PartialEq)]
enum When {
    Opening,
    Writing,
    Folding,
}

#[derive(Default, Debug)]
struct Counts {
    cycles: u32,
    in_open: u32,
    in_checkpoint: u32,
    acknowledged: u64,
    lazy: u32,
}

/// What a writer had said when it was killed.
#[derive(Default)]
struct Said {
    opened: bool,
    in_checkpoint: bool,
    acknowledged: u64,
}

/// How many cycles one store lives through.
const LIVES: u32 = 25;

fn kill_writers(cycles: u32, in_open: u32) -> Counts {
    let mut random = Random::new(1);
    let mut counts = Counts::default();
    let mut store = tempfile::tempdir().unwrap();
    let mut acknowledged = Acknowledged::new();
    let (mut writers, mut lazy) = (1, false);
    let mut opening = Duration::from_millis(20);
    while counts.cycles < cycles || counts.in_open < in_open {
        if counts.cycles % LIVES == 0 {
            store = tempfile::tempdir().unwrap();
            writers = *random.pick(&[1, 4]);
            lazy = random.one_in(4);
            acknowledged = vec![0; writers];
        }
        let path = store.path().join("plan.ri");
        let wants_open = counts.in_open < in_open && random.below(3) < 2;
        let when =
            if wants_open { When::Opening } else { *random.pick(&[When::Writing, When::Writing, When::Folding]) };
        let said = kill_one(&path, &mut acknowledged, when, lazy.into(), &mut random, &mut opening);
        counts.cycles += 1;
        counts.in_open += u32::from(!said.opened);
        counts.in_checkpoint += u32::from(said.in_checkpoint);
        counts.acknowledged += said.acknowledged;
        counts.lazy += u32::from(lazy);
        // Lazy commits may be kept without being asked for.
        let more = if lazy { u64::MAX / 2 } else { 1 };
        acknowledged = child::check_apart(&path, &acknowledged, more).unwrap_or_else(|why| {
            let (seed, cycle) = (seed(), counts.cycles);
            panic!("seed {seed}, cycle {cycle}, killed while {when:?}, {writers} writers, lazy: {lazy}: {why}")
        });
    }
    counts
}

/// Starts a writer, kills it, and takes down what it had acknowledged.
fn kill_one(
    path: &Path,
    acknowledged: &mut Acknowledged,
    when: When,
    lazy: u64,
    random: &mut Random,
    opening: &mut Duration,
) -> Said {
    let mut child = Job::new("write", path).numbers(&[acknowledged.len() as u64, 500_000, lazy]).start();
    let lines = child::lines(child.stdout.take().unwrap());
    let (trigger, within) = match when {
        When::Opening => ("opening", *opening),
        When::Writing => ("opened", Duration::from_millis(60)),
        When::Folding => ("checkpoint begins", Duration::from_millis(2)),
    };
    let mut said = Said::default();
    let mut take = |line: String| {
        said.opened |= line == "opened";
        said.in_checkpoint = (said.in_checkpoint || line == "checkpoint begins") && line != "checkpoint ends";
        said.acknowledged += u64::from(line.starts_with("ack"));
        work::acknowledge(acknowledged, &line);
        line
    };
    while take(lines.recv_timeout(DEADLINE).expect("a writer says what it does")) != trigger {}
    let kill_at = Instant::now() + within.mul_f64(random.below(1000) as f64 / 1000.0);
    loop {
        let left = kill_at.saturating_duration_since(Instant::now());
        match lines.recv_timeout(left) {
            Ok(line) => {
                if take(line) == "opened" && when == When::Opening {
                    // It was quicker than expected.
                    *opening = within.mul_f64(0.9);
                }
            }
            Err(RecvTimeoutError::Timeout) => break,
            Err(RecvTimeoutError::Disconnected) => panic!("a writer stopped by itself: {:?}", child.wait_with_output()),
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
    lines.iter().for_each(|line| drop(take(line)));
    if when == When::Opening && !said.opened {
        *opening = within.mul_f64(1.05);
    }
    said
}

#[test]
fn killed_writers_lose_nothing_acknowledged() {
    let counts = kill_writers(12, 4);
    assert!(counts.acknowledged > 0, "{counts:?}");
}

#[test]
#[ignore = "the full tier: minutes"]
fn full_kill() {
    let counts = kill_writers(1_000, 300);
    println!("{counts:?}");
    assert!(counts.in_open >= 300 && counts.in_checkpoint >= 50, "{counts:?}");
}
