//! Several processes on one directory: they read, write and follow each other, and are killed, stopped and continued.
//!
//! `crowd`: eight processes at random work. The other modules: two or three processes that do what they are told, one
//! step at a time. The quick tier runs with all tests. The full tier is
//! `cargo test --release --test processes -- --ignored --nocapture full_crowd`; `CROWD_KILLS` sets the number of kills.
//! `FAULTS_SEED` decides what is done, though not when each process gets its turn.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly where something is not as it should be"
)]

mod agent;
mod child;
mod clocks;
mod crowd;
mod history;
mod locks;
mod member;
mod openings;
mod pairs;
mod places;
mod print;
mod process;
#[allow(dead_code, reason = "other harnesses use the rest")]
#[path = "../faults/random.rs"]
mod random;
mod reads;
mod take_over;
mod trims;
