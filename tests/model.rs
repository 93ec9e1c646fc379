//! Random histories of all edits, batches, loads, checkpoints, reopenings and repairs, against a plain model.
//!
//! Some hundred short ones run by default. The full tier is ten thousand of two hundred steps:
//!
//! ```text
//! cargo test --release --test model -- --ignored
//! ```
//!
//! A failure prints its seed and the shortest history that fails. `MODEL_SEED=n` runs that one alone (with
//! `MODEL_STEPS` steps), `MODEL_FIRST=n` begins the full tier at another seed.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops at the first failure")]

mod common;

use common::history::{Setting, check};
use responsibility_index::Durability;

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|value| value.parse().unwrap())
}

/// The seed asked for, or all of these.
fn each_seed(seeds: std::ops::Range<u64>, steps: usize, check: impl Fn(u64, usize)) {
    match number("MODEL_SEED") {
        Some(seed) => check(seed, number("MODEL_STEPS").map_or(steps, |steps| steps as usize)),
        None => seeds.for_each(|seed| check(seed, steps)),
    }
}

#[test]
fn short_histories_in_memory_agree_with_the_model() {
    each_seed(0..160, 30, |seed, steps| {
        let compare_every = 1 + seed as usize % 4;
        check(seed, steps, Setting { compare_every, ..Setting::of(seed, false) });
    });
    // Long enough for units with many names, and tasks that change often.
    each_seed(240..260, 200, |seed, steps| {
        let compare_every = 10 + seed as usize % 4;
        check(seed, steps, Setting { compare_every, ..Setting::of(seed, false) });
    });
}

#[test]
fn short_histories_on_disk_agree_with_the_model() {
    each_seed(1_000..1_012, 30, |seed, steps| check(seed, steps, Setting::of(seed, true)));
}

#[test]
#[ignore = "takes minutes; run it in release"]
fn ten_thousand_long_histories_agree_with_the_model() {
    let first = number("MODEL_FIRST").unwrap_or(1_000_000);
    each_seed(first..first + 10_000, 200, |seed, steps| {
        let setting = Setting::of(seed, seed % 50 == 0);
        check(seed, steps, Setting { compare_every: 1 + seed as usize % 7, durability: Durability::Lazy, ..setting });
    });
}
