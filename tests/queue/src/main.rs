//! The queue of the group commit, `src/index/group_commit.rs`, under a model checker: two or three threads in every order
//! that their locks allow.
//!
//! `cargo run --release --manifest-path tests/queue/Cargo.toml` prints how many orders each model has, in about ten
//! seconds; with the name of a model it checks that one. A waiter that nobody wakes is reported as a deadlock.
//! `LOOM_LOG=trace` and `LOOM_LOCATION=1` show the order that failed.

#[allow(dead_code, reason = "no model asks everything")]
#[path = "../../../src/index/group_commit.rs"]
mod group_commit;
mod models;

/// The locks that the queue uses, which the model checker watches.
mod sync {
    pub(super) use loom::sync::{Condvar, Mutex, MutexGuard};
}

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

fn main() -> ExitCode {
    let only = std::env::args().nth(1);
    let models = models::ALL.iter().filter(|model| only.as_ref().is_none_or(|only| *only == model.name));
    let mut checked = 0;
    for model in models {
        let (start, orders) = (Instant::now(), Arc::new(AtomicUsize::new(0)));
        let builder = loom::model::Builder::new();
        let counted = Arc::clone(&orders);
        let run = model.run;
        // A model that fails panics, and the process ends with an error.
        builder.check(move || {
            counted.fetch_add(1, Ordering::Relaxed);
            run();
        });
        println!("{}: {} orders in {:.1?}", model.name, orders.load(Ordering::Relaxed), start.elapsed());
        checked += 1;
    }
    if checked == 0 {
        eprintln!("no model has this name");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
