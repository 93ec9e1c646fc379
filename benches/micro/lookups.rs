//! Single questions to a view of 100,000 tasks: `cargo bench --bench lookups`.

#![allow(missing_docs, reason = "criterion's macros make undocumented functions")]
#![allow(clippy::unwrap_used, reason = "a benchmark stops at the first thing that goes wrong")]

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use responsibility_index::{Index, View};

use common::{UNITS, synthetic};

#[path = "../common/mod.rs"]
mod common;

const TASKS: usize = 100_000;

fn filled() -> (View, Vec<String>) {
    let tasks = synthetic(TASKS, UNITS, false);
    let index = Index::in_memory();
    let mut load = index.bulk_load();
    tasks.iter().for_each(|(key, units)| load.add(key, units).unwrap());
    load.commit().unwrap();
    (index.view(), tasks.into_iter().map(|(key, _)| key).collect())
}

fn lookups(criterion: &mut Criterion) {
    let (view, keys) = filled();
    let mut numbers = fastrand::Rng::with_seed(7);
    let mut key = || keys.get(numbers.usize(..keys.len())).map_or("", String::as_str);
    let mut group = criterion.benchmark_group("task");
    group.bench_function("lead", |bench| {
        bench.iter_batched(&mut key, |key| view.lead(key).map(str::len), BatchSize::SmallInput);
    });
    let some: Vec<&str> = keys.iter().step_by(TASKS / 64).map(String::as_str).collect();
    group.bench_function("leads of 64", |bench| bench.iter(|| view.leads(black_box(&some)).len()));
    group.bench_function("units", |bench| {
        let all = |key| view.task(key).map(|task| task.units().map(|(unit, _)| unit.name().len()).sum::<usize>());
        bench.iter_batched(&mut key, all, BatchSize::SmallInput);
    });
    group.bench_function("miss", |bench| bench.iter(|| view.lead(black_box("plan-0/0/0/0")).is_some()));
    group.finish();

    let unit = format!("unit {}", UNITS / 10);
    let other = format!("unit {}", UNITS / 5);
    let led = view.led_by(&unit).unwrap().len();
    let mut group = criterion.benchmark_group("unit");
    group.bench_function("counts", |bench| bench.iter(|| view.unit(black_box(&unit)).unwrap().leads()));
    group.bench_function("led by A and supported by B", |bench| {
        bench.iter(|| (view.led_by(&unit).unwrap() & view.supported_by(&other).unwrap()).len());
    });
    group.throughput(Throughput::Elements(led as u64));
    group.bench_function("led by, with the text of keys", |bench| {
        bench.iter(|| view.led_by(&unit).unwrap().keys().map(str::len).sum::<usize>());
    });
    group.finish();

    let mut group = criterion.benchmark_group("plan");
    group.bench_function("under a section", |bench| bench.iter(|| view.under(black_box("plan-50/")).len()));
    group.bench_function("matrix of a plan", |bench| bench.iter(|| view.matrix(black_box("plan-50/"), 1)));
    group.finish();
}

criterion_group!(benches, lookups);
criterion_main!(benches);
