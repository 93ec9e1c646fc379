//! What a process of the harness does: it is a machine.

use std::time::Duration;

use responsibility_index::{Etcd, OpenOptions};

use crate::member;
use crate::process::JOB;

/// The entry of a child. Does nothing in a test run.
#[test]
fn child_process() {
    let Ok(job) = std::env::var(JOB) else { return };
    // The test harness has begun a line.
    println!();
    let words: Vec<&str> = job.split('\n').collect();
    let [endpoints, prefix, patience, ref machine @ ..] = words[..] else { panic!("{words:?}") };
    let patience = Duration::from_millis(patience.parse().unwrap());
    let address = Etcd::new(endpoints.split(','), prefix).patience(patience);
    member::run(machine, &OpenOptions::new().shared(address));
    std::process::exit(0);
}
