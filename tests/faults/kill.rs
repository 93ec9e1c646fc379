//! Killed processes: nothing acknowledged is lost, no batch is in part, the index opens and agrees with itself.

use std::path::Path;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use crate::child::{self, DEADLINE, Job};
use crate::random::{Random, seed};
use crate::work::{Run, Told};

/// When a writer is killed.
#[derive(Clone, Copy, Debug, PartialEq)]
enum When {
    Opening,
    Writing,
    /// While a checkpoint is written that was asked for; others are written in the background all the time.
    Checkpoint,
    Trim,
    Closing,
}

#[derive(Default, Debug)]
struct Counts {
    cycles: u32,
    in_open: u32,
    in_checkpoint: u32,
    in_trim: u32,
    in_close: u32,
    /// Cycles of a lazy index.
    lazy: u32,
    /// Steps that had returned.
    done: u64,
    /// Openings that had to make the rows again.
    rows_made_again: u32,
}

/// What a writer was at when it was killed, by its last words.
#[derive(Default)]
struct Last {
    opened: bool,
    in_checkpoint: bool,
    in_trim: bool,
    closing: bool,
    done: u64,
}

impl Last {
    fn take(&mut self, line: &str) {
        match line {
            "opening" => (self.opened, self.closing) = (false, false),
            "opened" => self.opened = true,
            "closing" => self.closing = true,
            "checkpoint begins" | "checkpoint ends" => self.in_checkpoint = line.ends_with("begins"),
            "trim begins" | "trim ends" => self.in_trim = line.ends_with("begins"),
            _ => self.done += u64::from(line.starts_with("done ")),
        }
    }
}

/// How many cycles one store lives through.
const LIVES: u32 = 25;

fn kill_writers(cycles: u32, in_open: u32) -> Counts {
    let mut random = Random::new(1);
    let mut counts = Counts::default();
    let mut store = tempfile::tempdir().unwrap();
    let (mut made, mut run) = (Vec::new(), Run::of(1, 0));
    let mut opening = Duration::from_millis(20);
    while counts.cycles < cycles || counts.in_open < in_open {
        if counts.cycles % LIVES == 0 {
            store = tempfile::tempdir().unwrap();
            run = Run { lazy: random.one_in(3), ..Run::of(*random.pick(&[1, 4]), 0) };
            made = vec![0; run.writers as usize];
        }
        let path = store.path().join("plan.ri");
        let wants_open = counts.in_open < in_open && random.one_in(2);
        let others = [When::Writing, When::Writing, When::Checkpoint, When::Trim, When::Closing];
        let when = if wants_open { When::Opening } else { *random.pick(&others) };
        // Closed and opened again until it is killed.
        let steps = if when == When::Closing { 3 + random.below(60) } else { 500_000 };
        let run = Run { steps, openings: u64::MAX, ..run };
        let (last, told) = kill_one(&path, &run, &made, when, &mut random, &mut opening);
        counts.cycles += 1;
        counts.in_open += u32::from(!last.opened);
        counts.in_checkpoint += u32::from(last.in_checkpoint);
        counts.in_trim += u32::from(last.in_trim);
        counts.in_close += u32::from(last.opened && last.closing);
        counts.lazy += u32::from(run.lazy);
        counts.done += last.done;
        let bounds = told.after_kill(&run);
        let checked = child::check_apart(&path, &run, &bounds);
        store.disable_cleanup(checked.is_err());
        let (found, troubles) = checked.unwrap_or_else(|why| {
            let (seed, cycle) = (seed(), counts.cycles);
            panic!("seed {seed}, cycle {cycle}, killed while {when:?}, {run:?}: {why}; kept in {store:?}")
        });
        counts.rows_made_again += u32::from(troubles > 0);
        made = found;
    }
    counts
}

/// Starts a writer, kills it, and takes down what it had told.
fn kill_one(
    path: &Path,
    run: &Run,
    made: &[u64],
    when: When,
    random: &mut Random,
    opening: &mut Duration,
) -> (Last, Told) {
    let mut child = Job::new("write", path).numbers(&run.numbers()).start();
    let lines = child::lines(child.stdout.take().unwrap());
    let (trigger, within) = match when {
        When::Opening => ("opening", *opening),
        When::Writing => ("opened", Duration::from_millis(60)),
        When::Checkpoint => ("checkpoint begins", Duration::from_millis(2)),
        When::Trim => ("trim begins", Duration::from_millis(2)),
        When::Closing => ("closing", Duration::from_millis(2)),
    };
    let (mut last, mut told) = (Last::default(), Told::having(made));
    let mut take = |line: String| {
        last.take(&line);
        told.take(&line);
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
    if when == When::Opening && !last.opened {
        *opening = within.mul_f64(1.05);
    }
    (last, told)
}

#[test]
fn killed_writers_lose_nothing_acknowledged() {
    let counts = kill_writers(12, 4);
    assert!(counts.done > 0, "{counts:?}");
}

#[test]
#[ignore = "the full tier: minutes"]
fn full_kill() {
    let counts = kill_writers(1_000, 300);
    println!("{counts:?}");
    assert!(counts.in_open >= 300 && counts.in_checkpoint >= 50 && counts.lazy >= 100, "{counts:?}");
    assert!(counts.in_trim >= 20 && counts.in_close >= 30, "{counts:?}");
}
