//! One large index compared with plain hash maps in one run: load, reopen, look-ups, small commits, bytes.
//!
//! `cargo bench --bench million` takes a million tasks and 2,000 units; `-- TASKS --units N --keys long` takes other numbers,
//! and keys of some 40 bytes instead of some 16. Every figure is the median of
//! rounds in which the index and the maps take turns. The maps keep nothing on disk and give no snapshots: they are a
//! limit to compare with, not an alternative.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark stops at the first thing that goes wrong"
)]

use std::collections::HashMap;
use std::hint::black_box;
use std::time::Duration;

use foldhash::fast::RandomState;
use responsibility_index::{Durability, Index, OpenOptions, View};

use common::{UNITS, synthetic};
use timing::{median, timed};

mod common;
#[path = "common/timing.rs"]
mod timing;

const ROUNDS: usize = 7;
const LOOKUPS: usize = 200_000;

/// The code a user would write without the crate: both directions by hand, units as numbers.
#[derive(Default)]
struct Maps {
    names: Vec<String>,
    numbers: HashMap<String, u32, RandomState>,
    units_of: HashMap<String, Vec<u32>, RandomState>,
    led_by: HashMap<u32, Vec<String>, RandomState>,
    supported_by: HashMap<u32, Vec<String>, RandomState>,
}

impl Maps {
    fn number(&mut self, name: &str) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = self.names.len() as u32;
        self.names.push(name.to_owned());
        self.numbers.insert(name.to_owned(), number);
        number
    }

    fn fill(tasks: &[(String, Vec<String>)]) -> Maps {
        let mut maps = Maps::default();
        for (key, names) in tasks {
            let units: Vec<u32> = names.iter().map(|name| maps.number(name)).collect();
            for (place, unit) in units.iter().enumerate() {
                let of = if place == 0 { &mut maps.led_by } else { &mut maps.supported_by };
                of.entry(*unit).or_default().push(key.clone());
            }
            maps.units_of.insert(key.clone(), units);
        }
        maps
    }

    fn lead(&self, key: &str) -> &str {
        &self.names[self.units_of[key][0] as usize]
    }
}

/// Fills a map from tasks to units only: the least that answers "who leads".
fn fill_forward_only(tasks: &[(String, Vec<String>)]) -> HashMap<String, Vec<String>, RandomState> {
    tasks.iter().cloned().collect()
}

fn each(time: Duration, count: usize) -> f64 {
    time.as_nanos() as f64 / count.max(1) as f64
}

fn row(label: &str, index: f64, maps: f64, unit: &str) {
    println!("{label:<44} {index:>10.1} {maps:>10.1} {unit:<6} {:>6.2}", index / maps);
}

/// Times several ways to do the same, in turn, in every round.
fn in_turn<const N: usize>(mut ways: [&mut dyn FnMut(); N]) -> [Duration; N] {
    let mut times: [Vec<Duration>; N] = std::array::from_fn(|_| Vec::new());
    for _ in 0..ROUNDS {
        for (way, times) in ways.iter_mut().zip(&mut times) {
            times.push(timed(way).1);
        }
    }
    times.map(median)
}

fn load(path: &std::path::Path, tasks: &[(String, Vec<String>)]) -> Index {
    let index = Index::open(path).unwrap();
    let mut load = index.bulk_load();
    for (key, units) in tasks {
        load.add(key, units).unwrap();
    }
    load.commit().unwrap();
    index
}

fn lookups(view: &View, maps: &Maps, tasks: &[(String, Vec<String>)]) {
    let mut numbers = fastrand::Rng::with_seed(7);
    let asked: Vec<&str> = (0..LOOKUPS).map(|_| tasks[numbers.usize(..tasks.len())].0.as_str()).collect();
    let [ours, theirs] = in_turn([
        &mut || {
            asked.iter().for_each(|key| {
                black_box(view.lead(key));
            })
        },
        &mut || {
            asked.iter().for_each(|key| {
                black_box(maps.lead(key));
            })
        },
    ]);
    row("lead of a task", each(ours, LOOKUPS), each(theirs, LOOKUPS), "ns");
    let leads_of_maps = each(theirs, LOOKUPS);

    let [ours, theirs] = in_turn([
        &mut || {
            for key in &asked {
                for (unit, _) in view.task(key).unwrap().units() {
                    black_box(unit.name());
                }
            }
        },
        &mut || {
            for key in &asked {
                for unit in &maps.units_of[*key] {
                    black_box(maps.names[*unit as usize].as_str());
                }
            }
        },
    ]);
    row("all units of a task", each(ours, LOOKUPS), each(theirs, LOOKUPS), "ns");

    let [ours] = in_turn([&mut || {
        for keys in asked.chunks(64) {
            view.leads(keys).into_iter().for_each(|lead| {
                black_box(lead);
            });
        }
    }]);
    row("lead, 64 at once; the map one by one", each(ours, LOOKUPS), leads_of_maps, "ns");
    let [ours] = in_turn([&mut || {
        for keys in asked.chunks(64) {
            for task in view.tasks_for(keys) {
                for (unit, _) in task.unwrap().units() {
                    black_box(unit.name());
                }
            }
        }
    }]);
    row("all units, 64 at once; the map one by one", each(ours, LOOKUPS), each(theirs, LOOKUPS), "ns");
}

fn by_unit(view: &View, maps: &Maps, units: usize) {
    let names: Vec<String> = (0..units).step_by(40).take(50).map(|unit| format!("unit {unit}")).collect();
    let keys: usize = names.iter().map(|name| view.unit(name).unwrap().leads()).sum();
    let [ours, theirs] = in_turn([
        &mut || {
            for name in &names {
                view.led_by(name).unwrap().keys().for_each(|key| {
                    black_box(key);
                });
            }
        },
        &mut || {
            for name in &names {
                maps.led_by[&maps.numbers[name]].iter().for_each(|key| {
                    black_box(key.as_str());
                });
            }
        },
    ]);
    row("tasks led by a unit, per key", each(ours, keys), each(theirs, keys), "ns");

    let [ours, theirs] = in_turn([
        &mut || {
            names.iter().for_each(|name| {
                black_box(view.unit(name).unwrap().leads());
            })
        },
        &mut || {
            names.iter().for_each(|name| {
                black_box(maps.led_by[&maps.numbers[name]].len());
            })
        },
    ]);
    row("how many a unit leads", each(ours, names.len()), each(theirs, names.len()), "ns");

    let pairs: Vec<(&String, &String)> = names.iter().zip(names.iter().skip(1)).collect();
    let [ours, theirs] = in_turn([
        &mut || {
            for (a, b) in &pairs {
                black_box((view.led_by(a).unwrap() & view.supported_by(b).unwrap()).len());
            }
        },
        &mut || {
            for (a, b) in &pairs {
                let b = maps.numbers[*b];
                let led = &maps.led_by[&maps.numbers[*a]];
                black_box(led.iter().filter(|key| maps.units_of[*key][1..].contains(&b)).count());
            }
        },
    ]);
    row("led by A and supported by B, count", each(ours, pairs.len()) / 1e3, each(theirs, pairs.len()) / 1e3, "us");
}

/// The cost of small commits in memory alone, without a disk.
fn small_commits(tasks: &[(String, Vec<String>)], all_units: usize) -> Duration {
    let index = OpenOptions::new().durability(Durability::Lazy).checkpoint_after(usize::MAX).in_memory();
    let mut load = index.bulk_load();
    for (key, units) in tasks {
        load.add(key, units).unwrap();
    }
    load.commit().unwrap();
    let mut numbers = fastrand::Rng::with_seed(99);
    let mut times = Vec::new();
    for n in 0..3_000 {
        let (key, units) = &tasks[numbers.usize(..tasks.len())];
        let lead = format!("unit {}", numbers.usize(..all_units));
        let units: Vec<&str> = std::iter::once(lead.as_str())
            .chain(units.iter().map(String::as_str).filter(|unit| *unit != lead))
            .collect();
        let (_, time) = timed(|| index.assign(key, units).unwrap());
        // The first commits work on the compact memory of a fresh load.
        if n >= 1_000 {
            times.push(time);
        }
    }
    median(times)
}

fn durable_commits(
    index: &Index,
    tasks: &[(String, Vec<String>)],
    directory: &std::path::Path,
) -> (Duration, Duration) {
    use std::io::Write;
    let mut numbers = fastrand::Rng::with_seed(5);
    let mut file = std::fs::File::create(directory.join("append")).unwrap();
    let (mut ours, mut appends) = (Vec::new(), Vec::new());
    for _ in 0..200 {
        let (key, units) = &tasks[numbers.usize(..tasks.len())];
        let lead = format!("unit {}", numbers.usize(..UNITS));
        let units: Vec<&str> = std::iter::once(lead.as_str())
            .chain(units.iter().map(String::as_str).filter(|unit| *unit != lead))
            .collect();
        ours.push(timed(|| index.assign(key, units).unwrap()).1);
        appends.push(
            timed(|| {
                file.write_all(&[7; 64]).unwrap();
                file.sync_data().unwrap();
            })
            .1,
        );
    }
    (median(ours), median(appends))
}

fn main() {
    let (mut tasks, mut units, mut long_keys) = (1_000_000, UNITS, false);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--units" => units = arguments.next().and_then(|units| units.parse().ok()).unwrap(),
            "--keys" => long_keys = arguments.next().is_some_and(|keys| keys == "long"),
            other => tasks = other.parse().unwrap_or(tasks),
        }
    }
    let directory = tempfile::tempdir().unwrap();
    let tasks = synthetic(tasks, units, long_keys);
    let pairs: usize = tasks.iter().map(|(_, units)| units.len()).sum();
    println!(
        "{} tasks, {units} units, {:.2} units per task, {} bytes per key; medians\n",
        tasks.len(),
        pairs as f64 / tasks.len() as f64,
        tasks.iter().map(|(key, _)| key.len()).sum::<usize>() / tasks.len()
    );
    println!("{:<44} {:>10} {:>10} {:<6} {:>6}", "", "index", "maps", "", "ratio");

    let mut loads: [Vec<Duration>; 3] = Default::default();
    for round in 0..3 {
        let path = directory.path().join(format!("{round}.ri"));
        loads[0].push(timed(|| drop(load(&path, &tasks))).1);
        loads[1].push(timed(|| drop(black_box(Maps::fill(&tasks)))).1);
        loads[2].push(timed(|| drop(black_box(fill_forward_only(&tasks)))).1);
    }
    let [ours, maps, forward] = loads.map(median);
    row("load, durable; maps of both directions", ours.as_secs_f64() * 1e3, maps.as_secs_f64() * 1e3, "ms");
    row("the same; HashMap<String, Vec<String>> alone", ours.as_secs_f64() * 1e3, forward.as_secs_f64() * 1e3, "ms");

    let path = directory.path().join("0.ri");
    let mut opens = Vec::new();
    for _ in 0..3 {
        opens.push(timed(|| drop(Index::open(&path).unwrap())).1);
    }
    println!("{:<44} {:>10.1} {:>10} ms", "open", median(opens).as_secs_f64() * 1e3, "");

    let index = Index::open(&path).unwrap();
    let maps = Maps::fill(&tasks);
    lookups(&index.view(), &maps, &tasks);
    by_unit(&index.view(), &maps, units);

    let (ours, append) = durable_commits(&index, &tasks, directory.path());
    row("durable reassign; append and sync of a file", each(ours, 1_000), each(append, 1_000), "us");
    let (large, small) = (small_commits(&tasks, units), small_commits(&tasks[..tasks.len().min(10_000)], units));
    row("commit of one change, no disk; at 10k tasks", each(large, 1_000), each(small, 1_000), "us");

    let stats = index.stats().unwrap();
    println!(
        "\non disk {:.1} MB; in memory {} bytes per task",
        stats.bytes_on_disk as f64 / 1e6,
        stats.bytes_in_memory / tasks.len()
    );
}
