//! Shows that a change on one machine appears on another. Run it twice, on two machines or in two terminals, with a directory each:
//!
//! ```text
//! cargo run --features etcd --example shared -- http://127.0.0.1:2379 demo one.ri
//! cargo run --features etcd --example shared -- http://127.0.0.1:2379 demo other.ri plan/1 Transport Finance
//! ```
//!
//! The first prints each commit as it comes, until it is interrupted. The second makes one.

use std::process::ExitCode;
use std::time::Duration;

use responsibility_index::{Etcd, Index, OpenOptions};

const USAGE: &str = "usage: shared ENDPOINT[,ENDPOINT]… PREFIX DIRECTORY [TASK UNIT…]";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [endpoints, prefix, directory, edit @ ..] = &arguments[..] else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let address = Etcd::new(endpoints.split(','), prefix.as_str());
    let opened = OpenOptions::new().shared(address).open(directory);
    let done = opened.and_then(|index| match edit {
        [] => follow(&index),
        [task, units @ ..] => {
            index.assign(task, units.iter().map(String::as_str).collect::<Vec<_>>())?;
            println!("revision {}: {task} is assigned", index.revision());
            Ok(())
        }
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Prints each commit as it comes.
fn follow(index: &Index) -> responsibility_index::Result<()> {
    let mut shown = index.revision();
    println!("revision {shown}; waiting for commits");
    loop {
        let revision = index.wait_for(shown + 1, Duration::from_secs(1)).revision();
        for commit in index.commits(shown + 1..=revision)? {
            let commit = commit?;
            println!("revision {}:", commit.revision());
            for task in commit.tasks() {
                let units = task.after.iter().flat_map(|standing| standing.units());
                let units: Vec<String> = units.map(|(unit, role)| format!("{unit} ({role})")).collect();
                println!("  {}: {}", task.key, units.join(", "));
            }
        }
        shown = revision;
    }
}
