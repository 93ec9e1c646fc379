//! The protocol of the log as a model: its rules, two processes, kills, power failures, failed syncs, no space, rot,
//! checkpoints, bases and trims. All states are explored. Each rule can be left out, which shows what it is good for.
//!
//! What is modelled is `src/commit_log`, step by step, and the decisions of `src/persist/open.rs`. The rules are in
//! `rules`, the promises that are held against every state too. `cargo test --release --test protocol -- --ignored
//! --nocapture` explores more and prints how much.
//!
//! Assumptions: a sector is written whole or not at all and spares its neighbours, but a frame may lie in two sectors.
//! A sync that fails leaves its sectors clean in memory, on disk or not, and is told to every descriptor that is open. A
//! sync of a directory that fails leaves its names to the next one.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first failure, and the model is of fixed sizes"
)]

mod disk;
mod explorer;
mod faults;
mod keeping;
mod model;
mod opening;
mod rules;
mod show;
mod state;
mod sync;
mod tests;
mod walk;
mod write;
