//! Faults made on purpose: kills, power failures, failing devices, damaged files. Each harness has a quick tier that
//! runs with all tests and a full tier, `cargo test --release --test faults -- --ignored --nocapture full_`.
//!
//! Every run is decided by `FAULTS_SEED` (a number; 1 when it is not set) and says it when it fails.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails loudly where something is not as it should be"
)]

mod child;
mod compiled;
mod damage;
mod device;
mod disk;
#[path = "../common/files.rs"]
mod files;
mod kill;
mod model;
mod power;
mod random;
mod reopen;
mod trace;
mod work;
