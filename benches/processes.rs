//! Two processes on one index: how soon a commit is seen, what a guest costs the writer, how long a guest takes to open.
//! Prints the goal next to each figure.
//!
//! `cargo bench --bench processes` takes a million tasks and 2,000 units; `-- TASKS` another number. The second process is this
//! program, too.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark stops at the first thing that goes wrong"
)]

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use common::{UNITS, synthetic};
use responsibility_index::{Durability, Index, OpenOptions};
use timing::{median, timed};

mod common;
#[path = "common/timing.rs"]
mod timing;

const ROUNDS: usize = 5;
const COMMITS: usize = 400;
/// Set for the second process: what it does, and the directory.
const CHILD: &str = "INDEX_OF_A_BENCHMARK";

fn main() {
    if let Ok(job) = std::env::var(CHILD) {
        let (what, path) = job.split_once(' ').unwrap();
        return if what == "reader" { read(Path::new(path)) } else { stay_idle(Path::new(path)) };
    }
    let tasks = std::env::args().skip(1).find_map(|argument| argument.parse::<usize>().ok()).unwrap_or(1_000_000);
    let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let path = directory.path().join("plan.ri");
    load(&path, tasks);
    println!("{tasks} tasks, {UNITS} units; medians of {ROUNDS} rounds, or of {COMMITS} commits");
    open(&path);
    seen(&path);
    commit_beside_a_guest(&path);
}

fn row(what: &str, figure: Duration, goal: &str) {
    println!("{what:<60} {figure:>9.1?}   goal: {goal}");
}

fn load(path: &Path, tasks: usize) {
    let index = Index::open(path).unwrap();
    let mut load = index.bulk_load();
    for (key, units) in synthetic(tasks, UNITS, false) {
        load.add(&key, &units).unwrap();
    }
    load.commit().unwrap();
    index.checkpoint().unwrap();
}

/// The opening of the owner, which reads the checkpoint, and of a guest, which reads the log, or a state that another guest
/// has left.
fn open(path: &Path) {
    let owner = (0..ROUNDS).map(|_| timed(|| Index::open(path).unwrap()).1).collect();
    let (mut other, _stdin) = child("idle", path);
    assert!(BufReader::new(other.stdout.take().unwrap()).lines().next().is_some());
    let first = timed(|| Index::open(path).unwrap()).1;
    let guest = (0..ROUNDS).map(|_| timed(|| Index::open(path).unwrap()).1).collect();
    let _ = other.kill();
    other.wait().unwrap();
    let (owner, guest) = (median(owner), median(guest));
    row("open as the owner", owner, "-");
    row("open as the first guest after a load", first, "-");
    let ratio = guest.as_secs_f64() / owner.as_secs_f64();
    row("open as a guest", guest, &format!("1.5 times the owner's; {ratio:.2}"));
}

/// Commits with pauses, while a process follows: the time from the end of a commit until the other process has it.
fn seen(path: &Path) {
    for durability in [Durability::Synced, Durability::Lazy] {
        let index = OpenOptions::new().durability(durability).open(path).unwrap();
        let (mut reader, _stdin) = child("reader", path);
        let mut lines = BufReader::new(reader.stdout.take().unwrap()).lines().map(|line| line.unwrap());
        assert_eq!(lines.find(|line| line.starts_with("at ")).unwrap(), format!("at {}", index.revision()));
        let mut delays = Vec::new();
        for n in 0..COMMITS {
            index.assign(&format!("seen/{n}"), [format!("unit {durability:?}")]).unwrap();
            let acknowledged = now();
            let line = lines.next().unwrap();
            let seen: u128 = line.strip_prefix("seen ").unwrap().parse().unwrap();
            // It may see the commit before this process does.
            delays.push(Duration::from_nanos(u64::try_from(seen.saturating_sub(acknowledged)).unwrap()));
            thread::sleep(Duration::from_millis(2));
        }
        delays.sort_unstable();
        let what = format!("seen by another process, {durability:?}");
        let goal = if durability == Durability::Synced { "1 ms" } else { "- (the reader syncs after 10 ms)" };
        row(&format!("{what}, median"), delays[COMMITS / 2], goal);
        row(&format!("{what}, 99 of 100"), delays[COMMITS * 99 / 100], "-");
        let _ = reader.kill();
        reader.wait().unwrap();
    }
}

/// Durable and lazy commits, alone and with a process that has the index open and does nothing, in turns.
fn commit_beside_a_guest(path: &Path) {
    for durability in [Durability::Synced, Durability::Lazy] {
        let index = OpenOptions::new().durability(durability).open(path).unwrap();
        let (mut alone, mut beside) = (Vec::new(), Vec::new());
        for round in 0..ROUNDS {
            alone.extend(commits(&index, round));
            let (mut guest, _stdin) = child("idle", path);
            let told = BufReader::new(guest.stdout.take().unwrap()).lines().find_map(|line| line.ok());
            assert!(told.is_some());
            beside.extend(commits(&index, round));
            let _ = guest.kill();
            guest.wait().unwrap();
        }
        let (alone, beside) = (median(alone), median(beside));
        let ratio = beside.as_secs_f64() / alone.as_secs_f64();
        row(&format!("commit alone, {durability:?}"), alone, "-");
        row(&format!("commit with an idle guest, {durability:?}"), beside, &format!("1.05 times; {ratio:.2}"));
    }
}

fn commits(index: &Index, round: usize) -> Vec<Duration> {
    let one = |n: usize| {
        // Each changes something, whatever was before.
        timed(|| index.assign(&format!("beside/{}", n % 50), [format!("unit {}", round * COMMITS + n)]).unwrap()).1
    };
    (0..COMMITS).map(one).collect()
}

fn now() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos()
}

fn child(what: &str, path: &Path) -> (Child, ChildStdin) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    let job = format!("{what} {}", path.display());
    let mut child = command.env(CHILD, job).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let stdin = child.stdin.take().unwrap();
    (child, stdin)
}

/// The second process: says when it has each commit.
fn read(path: &Path) {
    let index = OpenOptions::new().create(false).open(path).unwrap();
    let mut out = std::io::stdout().lock();
    let mut next = index.revision() + 1;
    writeln!(out, "at {}", next - 1).unwrap();
    loop {
        let view = index.wait_for(next, Duration::from_secs(60));
        let seen = now();
        if view.revision() < next {
            return;
        }
        for _ in next..=view.revision() {
            writeln!(out, "seen {seen}").unwrap();
        }
        next = view.revision() + 1;
    }
}

/// The second process: does nothing until its parent ends.
fn stay_idle(path: &Path) {
    let index = OpenOptions::new().create(false).open(path).unwrap();
    println!("at {}", index.revision());
    let mut line = String::new();
    let _ = std::io::stdin().read_line(&mut line);
    drop(index);
}
