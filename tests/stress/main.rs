//! Everything at once on one index: writers, bulk loads, imports, checkpoints, verifications, repairs, trims, backups,
//! exports, readers, and callers whose iterators, readers and writers panic, ask the index or commit. Every view is held
//! against what all commits keep (`world`); `callbacks` looks at each callback by itself.
//!
//! The full tier runs for two minutes and prints what was done:
//! `cargo test --release --test stress -- --ignored --nocapture full_stress`. `STRESS_SEED` sets another seed.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops at the first failure")]

mod callbacks;
#[path = "../common/mod.rs"]
mod common;
mod keepers;
mod panics;
mod readers;
mod run;
mod world;
mod writers;

use std::time::Duration;

use common::Home;
use responsibility_index::Durability;

fn seed() -> u64 {
    std::env::var("STRESS_SEED").map_or(1, |seed| seed.parse().unwrap())
}

#[test]
fn everything_at_once_breaks_nothing_in_memory() {
    run::stress(&Home::memory(), Durability::Synced, seed(), Duration::from_secs(1));
}

#[test]
fn everything_at_once_breaks_nothing_on_disk() {
    run::stress(&Home::disk(), Durability::Synced, seed(), Duration::from_secs(1));
}

#[test]
fn everything_at_once_breaks_nothing_with_a_lazy_index() {
    run::stress(&Home::disk(), Durability::Lazy, seed(), Duration::from_secs(1));
}

#[test]
#[ignore = "two minutes"]
fn full_stress() {
    let homes = [
        (Home::memory as fn() -> Home, Durability::Synced),
        (Home::disk, Durability::Synced),
        (Home::disk, Durability::Lazy),
    ];
    for (round, (home, durability)) in homes.into_iter().cycle().take(12).enumerate() {
        let counts = run::stress(&home(), durability, seed() + round as u64, Duration::from_secs(10));
        println!("{durability:?}, round {round}: {counts:?}");
    }
}
