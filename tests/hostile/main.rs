//! Hostile environments: too few threads, files, bytes of memory or of disk, a file system that becomes read-only, a
//! fork, a directory that moves, a holder that is stopped, a clock that runs back.
//!
//! Each run is a process of its own, which writes and acknowledges until the environment ends it. Then: an error of the
//! crate's types or the effect of a kill; everything acknowledged is there at the next opening under ordinary
//! conditions; `verify` finds nothing; nobody waited longer than a minute. A few runs of each environment are part of
//! `cargo test`. All of them print a line per environment:
//! `cargo test --release --test hostile -- --ignored --nocapture full_hostile`. What a machine can't do is skipped, and
//! the line says why.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly where something is not as it should be"
)]

mod child;
mod clock;
#[path = "../faults/compiled.rs"]
mod compiled;
mod disk;
mod environment;
#[path = "../common/files.rs"]
mod files;
mod fork;
mod limits;
mod places;
mod process;
mod steps;
mod stopped;
