//! A deterministic model of machines that share a log: every interleaving of a seed is the same again. Appends are refused,
//! fail, lose their answers or are done late; wake-ups are dropped and repeated; the log is trimmed; other machines commit
//! between the planning of a commit and its append; machines begin again with nothing.
//!
//! Checked: what was acknowledged is in the history, once, at its revision; what was refused is not; what ended unknown is
//! there at most once; a fresh view has all that was acknowledged; no view goes back, and no time of a commit, though the
//! machines' clocks differ; in the end all have the same.
//!
//! The full tier is `cargo test --release --test machines -- --ignored --nocapture full_machines`; `MACHINES_RUNS` sets the number
//! of interleavings, `FAULTS_SEED` the seed.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops at the first failure")]

#[allow(dead_code, reason = "other harnesses use the rest")]
#[path = "faults/random.rs"]
mod random;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Mutex};
use std::thread;

use jiff::Timestamp;
use responsibility_index::testing::{MemoryMachine, MemoryMachines, Misfortune, export, set_clock};
use responsibility_index::{Details, EngineError, Error, Index, LogError, OpenOptions, Result, Revision, View};

use random::{Random, seed};

/// Steps of an interleaving.
const STEPS: u64 = 24;
const COUNTER: &str = "counter";

/// How a commit ended.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Outcome {
    Done(Revision),
    Refused,
    Unknown,
}

/// What one commit does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Assigns a task of its own.
    Assign,
    /// Adds one to the counter, if nobody else did meanwhile.
    Count,
    /// Loads tasks.
    Load,
    /// Commits a plan, if nobody else committed meanwhile.
    Plan,
}

const KINDS: [Kind; 6] = [Kind::Assign, Kind::Assign, Kind::Count, Kind::Count, Kind::Load, Kind::Plan];

const STRIKES: [Misfortune; 5] =
    [Misfortune::Refuse, Misfortune::Fail, Misfortune::LoseAnswer, Misfortune::ApplyLate, Misfortune::Trim];

const WAKES: [Misfortune; 4] = [Misfortune::DropWake, Misfortune::WakeEarly, Misfortune::RepeatWake, Misfortune::Trim];

/// The commits of a machine, with their outcomes. Each has a note of its own.
type Outcomes = Arc<Mutex<Vec<(String, Outcome)>>>;

/// The value of the counter as it was written, so far as a view has it.
fn counted(view: &View) -> Result<Option<String>> {
    Ok(view.details(COUNTER)?.and_then(|details| details.fields.get("count").cloned()))
}

/// Makes a commit. `None` if it has to be made on a newer view: a trim has removed what it needs.
fn commit(index: &Index, kind: Kind, note: &str) -> Option<Outcome> {
    let task = format!("task/{note}");
    let done = match kind {
        Kind::Assign => {
            let batch = index.batch().assign(task, ["Transport"]).note(note, "model");
            batch.commit().map(|effect| effect.revision())
        }
        Kind::Count => {
            let before = match counted(&index.view()) {
                Err(Error::Log(LogError::Trimmed { .. })) => return None,
                before => before.unwrap(),
            };
            let next = before.as_ref().map_or(0, |count| count.parse::<u64>().unwrap()) + 1;
            let batch = index.batch().declare(COUNTER).only_if_field(COUNTER, "count", before.as_deref());
            let batch = batch.set_field(COUNTER, "count", next.to_string()).assign(task, ["Finance"]);
            batch.note(note, "model").commit().map(|effect| effect.revision())
        }
        Kind::Load => {
            let mut load = index.bulk_load();
            load.note(note, "model");
            for number in 0..3 {
                load.add_with(&format!("{task}/{number}"), ["Police"], Details::titled(note)).unwrap();
            }
            load.commit().map(|loaded| loaded.revision)
        }
        Kind::Plan => {
            let plan = index.batch().assign(task, ["Police"]).note(note, "model").plan();
            plan.and_then(|plan| plan.commit()).map(|effect| effect.revision())
        }
    };
    Some(match done {
        Ok(revision) => Outcome::Done(revision),
        Err(error) if error.is_unknown() => Outcome::Unknown,
        Err(Error::Conflict(_) | Error::Engine(EngineError::Failed { .. })) => Outcome::Refused,
        Err(error) => panic!("{note}: {error:?}"),
    })
}

fn lines(view: &View) -> Vec<u8> {
    let mut lines = Vec::new();
    export(view, &mut lines).unwrap();
    lines
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    done: u64,
    refused: u64,
    unknown: u64,
    /// Of those that ended unknown.
    in_the_history: u64,
    trims: u64,
}

struct World {
    number: u64,
    log: MemoryMachines,
    options: OpenOptions,
    machines: Vec<MemoryMachine>,
    /// The newest revision that each machine has shown.
    seen: Vec<Revision>,
    /// A machine that meets no misfortune and reads after every step.
    witness: MemoryMachine,
    /// The notes of all commits, by revision.
    history: BTreeMap<Revision, String>,
    outcomes: Outcomes,
    /// The time of the newest commit.
    newest: Timestamp,
    random: Random,
    next: u64,
    trims: u64,
}

impl World {
    fn new(number: u64) -> World {
        let (log, options) = (MemoryMachines::new(), OpenOptions::new());
        let mut random = Random::new(0x0AD7_0000_0000 + number);
        let machines: Vec<_> = (0..2 + random.below(3)).map(|_| log.open(&options)).collect();
        let (seen, witness) = (vec![0; machines.len()], log.open(&options));
        let (history, outcomes) = Default::default();
        World {
            number,
            log,
            options,
            machines,
            seen,
            witness,
            history,
            outcomes,
            newest: Timestamp::MIN,
            random,
            next: 0,
            trims: 0,
        }
    }

    fn step(&mut self) {
        let place = self.random.index(self.machines.len());
        match self.random.below(16) {
            0..=8 => self.commit(place),
            9..=11 => self.follow(place),
            12 => self.look(place),
            13 => self.trim(place),
            14 => {
                self.machines[place].apply_late();
            }
            _ => {
                // What its requests did to the log, they do: whoever sent them is gone.
                while self.random.one_in(2) && self.machines[place].apply_late() {}
                (self.machines[place], self.seen[place]) = (self.log.open(&self.options), 0);
            }
        }
        // What was not met in this step is not to come in another one.
        self.machines.iter().for_each(MemoryMachine::calm);
        self.witness();
        for (machine, seen) in self.machines.iter().zip(&mut self.seen) {
            let revision = machine.index().revision();
            assert!(revision >= *seen, "a view went back from {seen} to {revision}");
            *seen = revision;
        }
    }

    fn note(&mut self) -> String {
        self.next += 1;
        format!("{}", self.next)
    }

    fn commit(&mut self, place: usize) {
        let (note, kind) = (self.note(), *self.random.pick(&KINDS));
        // The clocks of machines differ.
        set_clock(1_700_000_000_000 + self.random.below(100_000));
        for _ in 0..self.random.below(3) {
            self.machines[place].misfortune(*self.random.pick(&STRIKES));
        }
        self.interrupt(place);
        if let Some(outcome) = commit(self.machines[place].index(), kind, &note) {
            self.outcomes.lock().unwrap().push((note, outcome));
        }
    }

    /// Lets another machine come between the planning of a commit and its append.
    fn interrupt(&mut self, place: usize) {
        let other = (place + 1 + self.random.index(self.machines.len() - 1)) % self.machines.len();
        let (machine, outcomes) = (self.machines[other].clone(), Arc::clone(&self.outcomes));
        match self.random.below(6) {
            0..=1 => {
                let (note, kind) = (self.note(), *self.random.pick(&KINDS));
                if self.random.one_in(3) {
                    machine.misfortune(*self.random.pick(&STRIKES));
                }
                self.machines[place].before_append(move || {
                    if let Some(outcome) = commit(machine.index(), kind, &note) {
                        outcomes.lock().unwrap().push((note, outcome));
                    }
                });
            }
            2 => self.machines[place].before_append(move || {
                machine.apply_late();
            }),
            _ => {}
        }
    }

    fn follow(&mut self, place: usize) {
        for _ in 0..self.random.below(3) {
            self.machines[place].misfortune(*self.random.pick(&WAKES));
        }
        self.machines[place].follow().unwrap();
    }

    /// A fresh view has all that was acknowledged before.
    fn look(&mut self, place: usize) {
        let fresh = self.machines[place].index().fresh_view().unwrap();
        for (note, outcome) in &*self.outcomes.lock().unwrap() {
            assert!(!matches!(outcome, Outcome::Done(revision) if *revision > fresh.revision()), "{note} is not shown");
        }
        assert_eq!(lines(&fresh), lines(&self.witness.index().view()));
    }

    fn trim(&mut self, place: usize) {
        let index = self.machines[place].index();
        let revision = index.revision().saturating_sub(self.random.below(6));
        index.trim(revision).unwrap();
        self.trims += 1;
    }

    /// Reads what the step has added to the history.
    fn witness(&mut self) {
        let before = self.witness.index().revision();
        let view = self.witness.index().fresh_view().unwrap();
        if view.revision() == before {
            return;
        }
        for commit in self.witness.index().commits(before + 1..).unwrap() {
            let commit = commit.unwrap();
            self.history.insert(commit.revision(), commit.note().why.clone());
            assert!(
                commit.time() >= self.newest,
                "the time of revision {} is before {}",
                commit.revision(),
                self.newest
            );
            self.newest = commit.time();
        }
        assert_eq!(self.history.len() as u64, view.revision(), "a revision is missing");
    }

    /// Lets the misfortunes end, and checks what is left.
    fn end(mut self) -> Counts {
        for place in 0..self.machines.len() {
            while self.random.one_in(2) && self.machines[place].apply_late() {}
            let note = self.note();
            let outcome = commit(self.machines[place].index(), Kind::Assign, &note).unwrap();
            assert!(matches!(outcome, Outcome::Done(_)), "{outcome:?}");
            self.outcomes.lock().unwrap().push((note, outcome));
            // Too late: the commit above has settled it.
            while self.machines[place].apply_late() {}
            self.witness();
        }
        let view = self.witness.index().view();
        for machine in &self.machines {
            assert_eq!(lines(&machine.index().fresh_view().unwrap()), lines(&view));
            if self.number.is_multiple_of(16) {
                assert_eq!(machine.index().verify().unwrap(), []);
            }
        }
        let mut counts = Counts { trims: self.trims, ..Counts::default() };
        let mut found = BTreeMap::new();
        for (revision, note) in &self.history {
            assert_eq!(found.insert(note.clone(), *revision), None, "{note} is in the history twice");
            let task = format!("task/{note}");
            let is = view.task(&task).is_some() || view.task(&format!("{task}/2")).is_some();
            assert!(is, "{note} is in the history, and its task is not there");
        }
        for (note, outcome) in self.outcomes.lock().unwrap().drain(..) {
            let in_the_history = found.remove(&note);
            match outcome {
                Outcome::Done(revision) => {
                    assert_eq!(in_the_history, Some(revision), "{note} was acknowledged");
                    counts.done += 1;
                }
                Outcome::Refused => {
                    assert_eq!(in_the_history, None, "{note} was refused");
                    counts.refused += 1;
                }
                Outcome::Unknown => {
                    counts.unknown += 1;
                    counts.in_the_history += u64::from(in_the_history.is_some());
                }
            }
        }
        assert_eq!(found, BTreeMap::new(), "nobody has made them");
        let steps = view.tasks().tasks().filter(|task| task.lead() == Some("Finance")).count() as u64;
        assert_eq!(counted(&view).unwrap().map_or(0, |count| count.parse().unwrap()), steps, "each step counted one");
        counts
    }
}

/// Runs one interleaving.
fn interleave(number: u64) -> Counts {
    let run = || {
        let mut world = World::new(number);
        (0..STEPS).for_each(|_| world.step());
        world.end()
    };
    std::panic::catch_unwind(run).unwrap_or_else(|_| panic!("interleaving {number}, seed {}", seed()))
}

/// Runs interleavings with these numbers, on two processors.
fn run(numbers: Range<u64>) {
    let count = numbers.end - numbers.start;
    let half = |odd| numbers.clone().filter(|number| number % 2 == odd).map(interleave).fold(Counts::default(), add);
    let sum = thread::scope(|scope| {
        let other = scope.spawn(|| half(1));
        add(half(0), other.join().unwrap())
    });
    println!("{count} interleavings: {sum:?}");
    // Both outcomes of what ended unknown are met.
    assert!(sum.done > count && sum.in_the_history > 0 && sum.in_the_history < sum.unknown, "{sum:?}");
}

fn add(one: Counts, other: Counts) -> Counts {
    Counts {
        done: one.done + other.done,
        refused: one.refused + other.refused,
        unknown: one.unknown + other.unknown,
        in_the_history: one.in_the_history + other.in_the_history,
        trims: one.trims + other.trims,
    }
}

#[test]
fn machines_agree_whatever_befalls_their_appends_and_wakes() {
    run(0..2_000);
}

#[test]
#[ignore = "the full tier: minutes"]
fn full_machines() {
    let runs = std::env::var("MACHINES_RUNS").map_or(100_000, |runs| runs.parse().unwrap());
    run(1_000_000..1_000_000 + runs);
}
