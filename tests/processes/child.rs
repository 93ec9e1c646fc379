//! What a process of the harness does.

use responsibility_index::OpenOptions;

use crate::process::JOB;
use crate::{agent, member};

/// The entry of a child. Does nothing in a test run.
#[test]
fn child_process() {
    let Ok(job) = std::env::var(JOB) else { return };
    // The test harness has begun a line.
    println!();
    let words: Vec<&str> = job.split('\n').collect();
    match words[0] {
        "agent" => agent::run(),
        "member" => member::run(&words[1..], &OpenOptions::new()),
        other => panic!("no job is called {other}"),
    }
    std::process::exit(0);
}
