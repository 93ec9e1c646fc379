//! Bulk loads, openings and single commits: `cargo bench --bench loads`.
//!
//! The durable rows write to the disk that holds the temporary directory of the system.

#![allow(missing_docs, reason = "criterion's macros make undocumented functions")]
#![allow(clippy::unwrap_used, reason = "a benchmark stops at the first thing that goes wrong")]

use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use responsibility_index::{Durability, Index, OpenOptions};

use common::{UNITS, synthetic};

#[path = "../common/mod.rs"]
mod common;

const TASKS: usize = 100_000;

fn fill(index: &Index, tasks: &[(String, Vec<String>)]) {
    let mut load = index.bulk_load();
    tasks.iter().for_each(|(key, units)| load.add(key, units).unwrap());
    load.commit().unwrap();
}

fn loads(criterion: &mut Criterion) {
    let tasks = synthetic(TASKS, UNITS, false);
    let mut group = criterion.benchmark_group("many");
    group.sample_size(10).measurement_time(Duration::from_secs(5)).throughput(Throughput::Elements(TASKS as u64));
    group.bench_function("load, durable", |bench| {
        bench.iter_with_large_drop(|| {
            let directory = tempfile::tempdir().unwrap();
            fill(&Index::open(directory.path().join("plan.ri")).unwrap(), &tasks);
            directory
        });
    });
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("plan.ri");
    fill(&Index::open(&path).unwrap(), &tasks);
    group.bench_function("open", |bench| bench.iter_with_large_drop(|| Index::open(&path).unwrap()));
    group.finish();
}

fn commits(criterion: &mut Criterion) {
    let tasks = synthetic(TASKS, UNITS, false);
    let mut group = criterion.benchmark_group("one");
    group.sample_size(50);
    for (name, durability) in [("reassignment, durable", Durability::Synced), ("reassignment, lazy", Durability::Lazy)]
    {
        let directory = tempfile::tempdir().unwrap();
        let index = OpenOptions::new().durability(durability).open(directory.path().join("plan.ri")).unwrap();
        fill(&index, &tasks);
        let mut numbers = fastrand::Rng::with_seed(99);
        group.bench_function(name, |bench| {
            bench.iter(|| {
                let (key, _) = tasks.get(numbers.usize(..tasks.len())).unwrap();
                let first = numbers.usize(..UNITS);
                index.assign(key, [format!("unit {first}"), format!("unit {}", (first + 1) % UNITS)]).unwrap()
            });
        });
    }
    group.finish();
}

criterion_group!(benches, loads, commits);
criterion_main!(benches);
