//! An index on several machines, on real etcd servers that the tests start. Each directory is a machine.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops at the first failure")]

mod child;
mod cluster;
mod cuts;
mod faults;
mod fleet;
#[path = "../processes/history.rs"]
mod history;
mod input;
mod machines;
#[path = "../processes/member.rs"]
mod member;
mod operation;
#[path = "../processes/print.rs"]
mod print;
#[allow(dead_code, reason = "other harnesses use the rest")]
#[path = "../processes/process.rs"]
mod process;
mod program;
mod proxy;
#[allow(dead_code, reason = "other harnesses use the rest")]
#[path = "../faults/random.rs"]
mod random;
#[path = "../processes/reads.rs"]
mod reads;
mod runs;
#[cfg(feature = "etcd-tls")]
mod tls;

use std::path::Path;
use std::time::Duration;

use responsibility_index::{Etcd, Index, OpenOptions, Result};

use cluster::Cluster;

/// More than anything takes here on a busy machine.
const LONG: Duration = Duration::from_secs(60);

/// The options of a machine.
fn shared(cluster: &Cluster, prefix: &str) -> OpenOptions {
    OpenOptions::new().shared(Etcd::new(cluster.endpoints(), prefix))
}

fn open(cluster: &Cluster, path: &Path) -> Result<Index> {
    shared(cluster, "plan").open(path)
}

/// Everything in an index, as it is written out.
fn export(index: &Index) -> String {
    let mut lines = Vec::new();
    index.export_jsonl(&mut lines).unwrap();
    String::from_utf8(lines).unwrap()
}

/// That machines have the same, and that each has in its rows and its log what it has in memory.
fn assert_same(machines: &[&Index]) {
    let newest = machines.iter().map(|index| index.fresh_view().unwrap().revision()).max().unwrap();
    for index in machines {
        assert_eq!(index.wait_for(newest, LONG).revision(), newest);
        assert_eq!(index.verify().unwrap(), []);
        assert_eq!(export(index), export(machines[0]));
    }
}

/// Adds one to the counter of a task, whoever else does so.
fn count(index: &Index, task: &str) -> Result<()> {
    loop {
        let view = index.view();
        let before = view.details(task)?.and_then(|details| details.fields.get("count").cloned());
        let next = before.as_ref().map_or(0, |count| count.parse::<u64>().unwrap()) + 1;
        let batch = index.batch().only_if_field(task, "count", before.as_deref());
        match batch.set_field(task, "count", next.to_string()).commit() {
            Err(error) if error.is_conflict() => {}
            done => return done.map(drop),
        }
    }
}

fn counted(index: &Index, task: &str) -> u64 {
    let details = index.fresh_view().unwrap().details(task).unwrap();
    details.and_then(|details| details.fields.get("count").map(|count| count.parse().unwrap())).unwrap_or(0)
}
