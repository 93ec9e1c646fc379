//! Groups, reforms and reports of a large index. Prints the goal next to each figure.
//!
//! `cargo bench --bench organisation` takes a million tasks and 2,000 units; `-- TASKS` another number.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark stops at the first thing that goes wrong"
)]

use std::hint::black_box;
use std::time::Duration;

use common::{UNITS, synthetic};
use jiff::civil::date;
use responsibility_index::reform::Reform;
use responsibility_index::report::{Answer, Due, Obligation, Report};
use responsibility_index::{Durability, Index, OpenOptions};
use timing::{median, timed};

mod common;
#[path = "common/timing.rs"]
mod timing;

const ROUNDS: usize = 5;
/// Collectives of a unit in the question what it leads.
const GROUPS: usize = 10;
/// Members of a collective.
const MEMBERS: usize = 40;

fn main() {
    let tasks = std::env::args().skip(1).find_map(|argument| argument.parse::<usize>().ok()).unwrap_or(1_000_000);
    let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let index = OpenOptions::new().durability(Durability::Lazy).open(directory.path().join("units.ri")).unwrap();
    let mut load = index.bulk_load();
    for (key, units) in synthetic(tasks, UNITS, false) {
        load.add(&key, &units).unwrap();
    }
    load.commit().unwrap();
    let names: Vec<String> = index.view().units().map(|unit| unit.name().to_owned()).collect();
    println!("{tasks} tasks, {} units; medians of {ROUNDS}", names.len());
    groups(&index, &names);
    reports(&index, &names);
    renames(&index, &names);
    mergers(&index, &names);
}

fn row(what: impl AsRef<str>, figure: impl std::fmt::Debug, goal: impl AsRef<str>) {
    println!("{:<60} {figure:>9.1?}   goal: {}", what.as_ref(), goal.as_ref());
}

/// Collectives that lead and support tasks, and a unit that is in some of them.
fn groups(index: &Index, names: &[String]) {
    let mut batch = index.batch();
    for group in 0..GROUPS {
        let members = (0..MEMBERS).map(|member| names[(group * MEMBERS + member) % names.len()].clone());
        batch = batch.set_members(format!("group {group}"), members.chain([names[1_000].clone()]));
    }
    batch.commit().unwrap();
    let keys: Vec<String> = index.view().tasks().keys().take(100_000).map(str::to_owned).collect();
    let mut load = index.bulk_load();
    for (at, key) in keys.iter().enumerate() {
        let units = [format!("group {}", at % GROUPS), names[at % names.len()].clone()];
        load.add(key, if at % 2 == 0 { [&units[0], &units[1]] } else { [&units[1], &units[0]] }).unwrap();
    }
    load.commit().unwrap();
    let view = index.view();
    let ask = |what: &str, answer: &dyn Fn() -> usize| {
        let took = median((0..ROUNDS).map(|_| timed(|| black_box(answer())).1).collect());
        row(format!("{what}, per group"), took / GROUPS as u32, "20 µs");
    };
    ask("all that a unit leads", &|| view.all_led_by(&names[1_000]).unwrap().len());
    ask("all that a unit supports", &|| view.all_supported_by(&names[1_000]).unwrap().len());
    let took = median(
        (0..ROUNDS)
            .map(|_| timed(|| keys.iter().map(|key| view.task(key).unwrap().bodies().len()).sum::<usize>()).1)
            .collect(),
    );
    println!("{:<60} {:>9.1?}", "who answers for a task that names a group of 41", took / keys.len() as u32);
}

fn reports(index: &Index, names: &[String]) {
    let due = date(2016, 11, 30);
    let prefixes: Vec<String> = {
        let view = index.view();
        let first = view.tasks().keys().next().unwrap().to_owned();
        vec![String::new(), first.split('/').next().unwrap().to_owned(), first.rsplit_once('/').unwrap().0.to_owned()]
    };
    let mut batch = index.batch();
    for (number, prefix) in prefixes.iter().enumerate() {
        let obligation = Obligation::new(format!("o{number}"), Due::yearly([(11, 30)])).from(date(2016, 1, 1));
        batch = batch.set_obligation(obligation.leads_below(prefix.as_str()));
    }
    for name in names.iter().step_by(2) {
        batch = batch.report(Report::new("o0", name, due, Answer::Received(due)));
    }
    batch.commit().unwrap();
    let view = index.view();
    for (number, prefix) in prefixes.iter().enumerate() {
        let name = format!("o{number}");
        let count = view.owed(&name, due).unwrap().len();
        let took = median((0..ROUNDS).map(|_| timed(|| view.owed(&name, due).unwrap().len()).1).collect());
        let tasks = view.section(prefix).unwrap().len();
        row(format!("who owes: {count} units, a section of {tasks} tasks"), took, "5 ms");
    }
    let filed: Vec<Duration> = names
        .iter()
        .skip(1)
        .step_by(2)
        .take(200)
        .map(|name| {
            let batch = index.batch().report(Report::new("o0", name, due, Answer::Excused));
            timed(|| batch.commit().unwrap()).1
        })
        .collect();
    println!("{:<60} {:>9.1?}", "one report filed, not synced", median(filed));
}

fn renames(index: &Index, names: &[String]) {
    let took: Vec<Duration> = names[..100]
        .iter()
        .map(|name| {
            let batch = index.batch().reform(Reform::of([name.clone()]).becomes([format!("{name}, renamed")]));
            timed(|| batch.commit().unwrap()).1
        })
        .collect();
    row("a rename, not synced", median(took), "no task is touched");
}

/// Mergers of units with many tasks and with few.
fn mergers(index: &Index, names: &[String]) {
    for (from, what) in [(200, "large"), (600, "middle"), (1_500, "small")] {
        let mut per_task = Vec::new();
        let mut touched = 0;
        for round in 0..ROUNDS {
            let pair = &names[from + 2 * round..from + 2 * round + 2];
            let reform = Reform::of(pair.to_vec()).becomes([format!("merged {from} {round}")]);
            let batch = index.batch().reform(reform);
            let (done, took) = timed(|| batch.commit().unwrap());
            touched = done.tasks().count();
            per_task.push(took / touched as u32);
        }
        row(format!("a merger of two {what} units ({touched} tasks), per task"), median(per_task), "10 µs");
    }
}
