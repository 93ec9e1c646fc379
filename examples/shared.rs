//! Shows that a change on one machine appears on another. Run it twice, on two machines or in two terminals, with a directory each:
//!
//! ```text
//! cargo run --features etcd --example shared -- http://127.0.0.1:2379 demo one.ri
//! cargo run --features etcd --example shared -- http://127.0.0.1:2379 demo other.ri plan/1 Transport Finance
//! ```
//!
//! The first prints each commit as it comes, until it is interrupted. The second makes one.

mod common;

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use common::{Out, Outcome, mistake};
use responsibility_index::{Etcd, Index, OpenOptions};

const USAGE: &str = "\
usage: shared ENDPOINT[,ENDPOINT...] PREFIX DIRECTORY [TASK LEAD [UNIT...]]

Opens an index that several machines share on the etcd servers at ENDPOINT, under PREFIX; DIRECTORY is this machine's own.
Without a task it prints commits as they come; with one it assigns the task, the first unit leads, and ends.

  shared http://127.0.0.1:2379 demo one.ri plan/1 Transport Finance";

fn main() -> ExitCode {
    common::main(USAGE, run)
}

fn run(arguments: &[&str], out: &mut Out) -> Outcome {
    let [endpoints, prefix, directory, edit @ ..] = arguments else {
        return Err(mistake("ENDPOINT, PREFIX or DIRECTORY is missing"));
    };
    if let [task] = edit {
        return Err(mistake(format!("LEAD of {task} is missing")));
    }
    let index = OpenOptions::new().shared(Etcd::new(endpoints.split(','), *prefix)).open(directory)?;
    let [task, units @ ..] = edit else { return follow(&index, out) };
    index.assign(task, units)?;
    Ok(writeln!(out, "revision {}: {task} is assigned", index.revision())?)
}

/// Prints each commit as it comes.
fn follow(index: &Index, out: &mut Out) -> Outcome {
    let mut shown = index.revision();
    writeln!(out, "revision {shown}; waiting for commits")?;
    loop {
        out.flush()?;
        let revision = index.wait_for(shown + 1, Duration::from_secs(1)).revision();
        for commit in index.commits(shown + 1..=revision)? {
            let commit = commit?;
            writeln!(out, "revision {}:", commit.revision())?;
            for task in commit.tasks() {
                let units = task.after.iter().flat_map(|standing| standing.units());
                let units: Vec<String> = units.map(|(unit, role)| format!("{unit} ({role})")).collect();
                writeln!(out, "  {}: {}", task.key, units.join(", "))?;
            }
        }
        shown = revision;
    }
}
