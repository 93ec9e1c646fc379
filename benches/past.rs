//! The past and the feed of a large index: histories, older views, commits, followers. Prints the goal next to each figure.
//!
//! `cargo bench --bench past` takes a million tasks and 100,000 commits after their load; `-- TASKS COMMITS` other numbers.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark stops at the first thing that goes wrong"
)]

use std::hint::black_box;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use common::{UNITS, synthetic};
use responsibility_index::{Durability, Index, OpenOptions, View};
use timing::{median, timed};

mod common;
#[path = "common/timing.rs"]
mod timing;

/// Histories of tasks with so many commits are timed, if there are any.
const MOST_ITEMS: usize = 4;
const ROUNDS: usize = 5;
/// Threads that wait for the next commit.
const FOLLOWERS: usize = 100;

fn main() {
    let mut sizes = std::env::args().skip(1).filter_map(|argument| argument.parse::<usize>().ok());
    let tasks = sizes.next().unwrap_or(1_000_000);
    let commits = sizes.next().unwrap_or(tasks / 10);
    let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let path = directory.path().join("past.ri");
    let keys = fill(&path, tasks, commits);
    let clean = median((0..ROUNDS).map(|_| timed(|| open(&path, Durability::Lazy)).1).collect());
    println!("{tasks} tasks, {commits} commits of one change after their load; medians");
    println!("{:<56} {clean:>9.1?}", "a clean opening");
    let index = open(&path, Durability::Lazy);
    read_commits(&index, commits);
    histories(&index.view(), &keys);
    views(&index, commits as u64, clean);
    wake(&index, &keys);
    drop(index);
    waiting(&open(&path, Durability::Synced), &keys);
}

fn open(path: &Path, durability: Durability) -> Index {
    OpenOptions::new().durability(durability).open(path).unwrap()
}

/// A load, and commits that give random tasks other leads. Returns the keys.
fn fill(path: &Path, tasks: usize, commits: usize) -> Vec<String> {
    let plan = synthetic(tasks, UNITS, false);
    let index = open(path, Durability::Lazy);
    let mut load = index.bulk_load();
    plan.iter().for_each(|(key, units)| load.add(key, units).unwrap());
    load.commit().unwrap();
    let mut numbers = fastrand::Rng::with_seed(7);
    while index.revision() < commits as u64 + 1 {
        let (key, _) = &plan[numbers.usize(..tasks)];
        let unit = numbers.usize(..UNITS);
        index.batch().set_lead(key.as_str(), plan[unit].1[0].as_str(), None).commit().unwrap();
    }
    index.checkpoint().unwrap();
    plan.into_iter().map(|(key, _)| key).collect()
}

fn row(what: impl AsRef<str>, figure: impl std::fmt::Debug, goal: impl AsRef<str>) {
    println!("{:<56} {figure:>9.1?}   goal: {}", what.as_ref(), goal.as_ref());
}

fn read_commits(index: &Index, commits: usize) {
    let read = |newest_first: bool| {
        let (read, took) = timed(|| {
            // The load is not among them.
            let range = index.commits(2..).unwrap();
            let count = |commit: responsibility_index::Result<responsibility_index::history::Commit>| {
                commit.unwrap().tasks().count()
            };
            if newest_first { range.rev().map(count).sum::<usize>() } else { range.map(count).sum() }
        });
        assert_eq!(read, commits);
        (read as f64 / took.as_secs_f64()) as u64
    };
    for (newest_first, name) in [(false, "oldest first"), (true, "newest first")] {
        let mut rates: Vec<u64> = (0..ROUNDS).map(|_| read(newest_first)).collect();
        rates.sort_unstable();
        row(format!("commits read per second, {name}"), rates[ROUNDS / 2], "at least 250000");
    }
}

fn histories(view: &View, keys: &[String]) {
    let mut numbers = fastrand::Rng::with_seed(11);
    let mut times: Vec<Vec<Duration>> = vec![Vec::new(); MOST_ITEMS + 1];
    for _ in 0..60_000 {
        let key = &keys[numbers.usize(..keys.len())];
        let (items, took) = timed(|| view.history(key).inspect(|past| assert!(black_box(past).is_ok())).count());
        if items <= MOST_ITEMS {
            times[items].push(took);
        }
    }
    for (items, times) in times.into_iter().enumerate().filter(|(_, times)| times.len() > 10) {
        let goal = format!("{} µs", 25 + 20 * items);
        row(format!("history of a task with {items} commits"), median(times), goal);
    }
}

fn views(index: &Index, commits: u64, clean: Duration) {
    for back in [10, 1_000, 10_000, commits].into_iter().filter(|back| *back <= commits) {
        let revision = index.revision() - back;
        let took = median((0..ROUNDS).map(|_| timed(|| index.view_at(revision).unwrap()).1).collect());
        let goal = format!("{:.1?}", (Duration::from_micros(10) * back as u32).min(2 * clean));
        row(format!("view {back} commits back"), took, goal);
        println!("{:<56} {:>9.2?}", "  per commit", took / back as u32);
    }
}

/// The time from the return of a commit until a thread that waits for it has it.
fn wake(index: &Index, keys: &[String]) {
    let (ended, times) = (AtomicBool::new(false), std::sync::Mutex::new(Vec::new()));
    let got = thread::scope(|scope| {
        let mut follower = index.follow(index.revision()).unwrap();
        let (ended, times) = (&ended, &times);
        let waiter = scope.spawn(move || {
            let mut got = Vec::new();
            while !ended.load(Ordering::Relaxed) {
                got.extend(follower.next_within(Duration::from_millis(5)).unwrap().map(|_| Instant::now()));
            }
            got
        });
        for (n, key) in keys.iter().enumerate().take(1_000) {
            thread::sleep(Duration::from_micros(300));
            index.batch().set_lead(key.as_str(), format!("waker {}", n % 7), None).commit().unwrap();
            times.lock().unwrap().push(Instant::now());
        }
        thread::sleep(Duration::from_millis(20));
        ended.store(true, Ordering::Relaxed);
        waiter.join().unwrap()
    });
    let late = times.into_inner().unwrap().into_iter().zip(got).map(|(at, got)| got.saturating_duration_since(at));
    row("a follower has a commit after it returned", median(late.collect()), "100 µs");
}

/// Durable commits without followers and with many that wait, in turn.
fn waiting(index: &Index, keys: &[String]) {
    let mut numbers = fastrand::Rng::with_seed(13);
    // A program has other things to do between two commits: there the followers get theirs.
    let mut commit = || {
        thread::sleep(Duration::from_millis(5));
        let key = &keys[numbers.usize(..keys.len())];
        let unit = format!("waited {}", numbers.usize(..50));
        timed(|| index.batch().set_lead(key.as_str(), unit, None).commit().unwrap()).1
    };
    let (mut without, mut with) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        without.extend((0..100).map(|_| commit()));
        let ended = AtomicBool::new(false);
        thread::scope(|scope| {
            for _ in 0..FOLLOWERS {
                let mut follower = index.follow(index.revision()).unwrap();
                let ended = &ended;
                scope.spawn(move || {
                    while !ended.load(Ordering::Relaxed) {
                        black_box(follower.next_within(Duration::from_millis(20)).unwrap());
                    }
                });
            }
            with.extend((0..100).map(|_| commit()));
            ended.store(true, Ordering::Relaxed);
        });
    }
    let (without, with) = (median(without), median(with));
    row("a durable commit without followers", without, "–");
    row(format!("a durable commit with {FOLLOWERS} that wait"), with, format!("{:.1?}", without.mul_f64(1.1)));
}
