//! An index on several machines, on clusters of etcd on loopback: commits against bare puts, how late another machine has a
//! commit, machines that write together, and how long a new machine takes.
//!
//! ```text
//! cargo bench --features etcd --bench shared -- [NODES]
//! ```

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a measurement stops at the first failure"
)]

use std::thread;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use responsibility_index::{Etcd, Index, OpenOptions};

#[expect(dead_code, reason = "a measurement needs a part of it only")]
#[path = "../tests/etcd/cluster.rs"]
mod cluster;

use cluster::Cluster;

const COMMITS: u32 = 300;
const MACHINES: usize = 4;
const THREADS: usize = 8;
const TOGETHER: Duration = Duration::from_secs(5);
const TASKS: usize = 1_000_000;

fn main() {
    let asked: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    for nodes in if asked.is_empty() { vec![1, 3] } else { asked } {
        let Some(cluster) = Cluster::start(nodes, &[]) else { return };
        println!("{nodes} node(s)");
        commits(&cluster);
        together(&cluster);
        bootstrap(&cluster);
    }
}

fn open(cluster: &Cluster, prefix: &str, path: &std::path::Path) -> Index {
    let address = Etcd::new(cluster.endpoints(), prefix).trim_after(None);
    OpenOptions::new().shared(address).open(path).unwrap()
}

fn show(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |part: f64| times[((times.len() - 1) as f64 * part) as usize];
    println!("  {what:<46} p50 {:>9.2?}  p99 {:>9.2?}", at(0.5), at(0.99));
}

/// Puts of as many bytes as a commit stores, by the client that the index uses.
struct Puts {
    agent: ureq::Agent,
    server: String,
    value: String,
}

impl Puts {
    /// After the first commit under a prefix.
    fn like_commits_of(cluster: &Cluster, prefix: &str) -> Puts {
        let (agent, server) = (ureq::Agent::new_with_defaults(), cluster.endpoints()[0].clone());
        let (key, end) = (STANDARD.encode(format!("{prefix}/log/")), STANDARD.encode(format!("{prefix}/log0")));
        let body = format!(r#"{{"key":"{key}","range_end":"{end}","limit":"1"}}"#);
        let answer =
            agent.post(format!("{server}/v3/kv/range")).send(&body).unwrap().body_mut().read_to_string().unwrap();
        let value = answer.split(r#""value":""#).nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
        println!("  a commit stores {} bytes", STANDARD.decode(&value).unwrap().len());
        Puts { agent, server, value }
    }

    fn put(&self, number: u32) -> Duration {
        let (key, value) = (STANDARD.encode(format!("bare/log/{number:016x}")), &self.value);
        let start = Instant::now();
        let body = format!(r#"{{"key":"{key}","value":"{value}"}}"#);
        let request = self.agent.post(format!("{}/v3/kv/put", self.server)).header("content-type", "application/json");
        request.send(&body).unwrap().body_mut().read_to_vec().unwrap();
        start.elapsed()
    }
}

fn commits(cluster: &Cluster) {
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let one = open(cluster, "commits", a.path());
    one.assign("plan/first", ["Transport", "Finance"]).unwrap();
    let puts = Puts::like_commits_of(cluster, "commits");
    let (mut bare, mut took) = (Vec::new(), Vec::new());
    for number in 0..COMMITS {
        bare.push(puts.put(number));
        let start = Instant::now();
        one.assign(&format!("plan/{number}"), ["Transport", "Finance"]).unwrap();
        took.push(start.elapsed());
    }
    show("bare put, by turns with commits", bare);
    show("commit, one writer", took);
    let other = open(cluster, "commits", b.path());
    thread::sleep(Duration::from_secs(1));
    let (mut took, mut late, mut fresh) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..COMMITS {
        let start = Instant::now();
        one.assign(&format!("plan/{number}"), ["Finance"]).unwrap();
        took.push(start.elapsed());
        let (start, revision) = (Instant::now(), one.revision());
        assert!(other.wait_for(revision, Duration::from_secs(10)).revision() >= revision);
        late.push(start.elapsed());
        let start = Instant::now();
        other.fresh_view().unwrap();
        fresh.push(start.elapsed());
    }
    show("commit, while another machine follows", took);
    show("another machine has it, after acknowledgement", late);
    show("fresh view", fresh);
}

fn together(cluster: &Cluster) {
    let directories: Vec<_> = (0..MACHINES).map(|_| tempfile::tempdir().unwrap()).collect();
    let machines: Vec<_> = directories.iter().map(|at| open(cluster, "together", at.path())).collect();
    let start = Instant::now();
    let mut took: Vec<Duration> = Vec::new();
    thread::scope(|scope| {
        let mut threads = Vec::new();
        for (machine, index) in machines.iter().enumerate() {
            for thread in 0..THREADS {
                threads.push(scope.spawn(move || {
                    let mut took = Vec::new();
                    while start.elapsed() < TOGETHER {
                        let before = Instant::now();
                        index.assign(&format!("{machine}/{thread}/{}", took.len()), ["Transport"]).unwrap();
                        took.push(before.elapsed());
                    }
                    took
                }));
            }
        }
        threads.into_iter().for_each(|thread| took.extend(thread.join().unwrap()));
    });
    let rate = took.len() as f64 / start.elapsed().as_secs_f64();
    println!("  {MACHINES} machines with {THREADS} threads each: {rate:.0} commits per second");
    show("... each commit", took);
}

fn bootstrap(cluster: &Cluster) {
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let one = open(cluster, "bootstrap", a.path());
    let mut load = one.bulk_load();
    for task in 0..TASKS {
        load.add(&format!("plan/{task}"), ["Transport", "Finance"]).unwrap();
    }
    let start = Instant::now();
    load.commit().unwrap();
    println!("  load of {TASKS} tasks: {:.2?}", start.elapsed());
    let start = Instant::now();
    drop(open(cluster, "bootstrap", b.path()));
    println!("  new machine, from the log: {:.2?} (with its close)", start.elapsed());
    one.assign("plan/0", ["Finance"]).unwrap();
    let start = Instant::now();
    one.trim(2).unwrap();
    println!("  trim, with a base of {TASKS} tasks: {:.2?}", start.elapsed());
    let c = tempfile::tempdir().unwrap();
    let start = Instant::now();
    let new = open(cluster, "bootstrap", c.path());
    println!("  new machine, from the base: {:.2?}", start.elapsed());
    new.checkpoint().unwrap();
    drop(new);
    let start = Instant::now();
    let again = open(cluster, "bootstrap", c.path());
    println!("  the same machine again, from its own rows: {:.2?}", start.elapsed());
    assert_eq!(again.view().len(), TASKS);
}
