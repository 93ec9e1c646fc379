//! A large index, killed in the middle of writing, opens quickly and is what was acknowledged.

use std::path::Path;
use std::time::{Duration, Instant};

use responsibility_index::Index;

use crate::child::{self, Job};
use crate::model;
use crate::random::Random;
use crate::work;

/// Loads `tasks` tasks of two to five units among two thousand, then writes until it is killed.
pub(crate) fn write(path: &Path, tasks: u64) -> Result<(), String> {
    let failed = |error: responsibility_index::Error| error.to_string();
    let index = Index::open(path).map_err(failed)?;
    let mut load = index.bulk_load();
    for n in 0..tasks {
        load.add(&key(n), units(n)).map_err(failed)?;
    }
    load.commit().map_err(failed)?;
    println!("loaded");
    for n in 1.. {
        let units = units(n * 7);
        index
            .batch()
            .assign("w0/steps", work::digits(n))
            .assign(key(n * 13 % tasks), units)
            .commit()
            .map_err(failed)?;
        println!("ack 0 {n}");
    }
    Ok(())
}

fn key(n: u64) -> String {
    format!("plan/{}/{}/{}", n / 10_000, n / 100 % 100, n % 100)
}

fn units(n: u64) -> Vec<String> {
    (0..2 + n % 4).map(|place| format!("unit {}", (n * 31 + place * 401) % 2_000)).collect()
}

/// Opens it, says how long that took, and holds it against what was acknowledged.
pub(crate) fn check(path: &Path, tasks: u64, acknowledged: u64) -> Result<(), String> {
    let began = Instant::now();
    let index = Index::open(path).map_err(|error| error.to_string())?;
    println!("opened in {}", began.elapsed().as_millis());
    let made = model::steps(&index.view(), 0)?;
    if made < acknowledged || made > acknowledged + 1 {
        return Err(format!("{made} steps were made, of which {acknowledged} were acknowledged"));
    }
    let mut changed = std::collections::HashMap::new();
    changed.extend((1..=made).map(|n| (n * 13 % tasks, n * 7)));
    let view = index.view();
    for n in 0..tasks {
        let expected = units(changed.get(&n).copied().unwrap_or(n));
        let task = view.task(&key(n)).ok_or_else(|| format!("{} is gone", key(n)))?;
        if !task.lead().into_iter().chain(task.supporting()).eq(&expected) {
            return Err(format!("{task:?} instead of {expected:?}"));
        }
    }
    if view.len() as u64 != tasks + u64::from(made > 0) {
        return Err(format!("there are {} tasks", view.len()));
    }
    index.verify().map_err(|error| error.to_string())?.first().map_or(Ok(()), |finding| Err(finding.to_string()))
}

fn acknowledge(acknowledged: &mut u64, line: &str) {
    if let Some(n) = line.strip_prefix("ack 0 ") {
        *acknowledged = n.parse().unwrap();
    }
}

fn kill_and_reopen(tasks: u64, most: Duration) -> (u64, u64) {
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("large.ri");
    let mut random = Random::new(9);
    let mut child = Job::new("large", &path).number(tasks).start();
    let lines = child::lines(child.stdout.take().unwrap());
    let mut acknowledged = 0;
    let mut loaded = false;
    while !loaded {
        loaded = lines.recv_timeout(Duration::from_secs(120)).unwrap() == "loaded";
    }
    let kill_at = Instant::now() + most.mul_f64(0.5 + random.below(1000) as f64 / 2000.0);
    while let Ok(line) = lines.recv_timeout(kill_at.saturating_duration_since(Instant::now())) {
        acknowledge(&mut acknowledged, &line);
    }
    child.kill().unwrap();
    child.wait().unwrap();
    lines.iter().for_each(|line| acknowledge(&mut acknowledged, &line));
    let ended = Job::new("reopen", &path).number(tasks).number(acknowledged);
    // Comparing everything takes much longer than opening.
    let ended = ended.run_within(Duration::from_secs(300));
    assert!(ended.is_ok(), "{}", ended.why());
    let took = ended.out.lines().find_map(|line| line.strip_prefix("opened in ")).unwrap();
    (acknowledged, took.parse().unwrap())
}

#[test]
fn a_large_index_killed_in_the_middle_of_writing_is_what_was_acknowledged() {
    let (acknowledged, _) = kill_and_reopen(20_000, Duration::from_millis(300));
    assert!(acknowledged > 0);
}

#[test]
#[ignore = "the full tier: minutes"]
fn full_reopen() {
    for _ in 0..5 {
        let (acknowledged, took) = kill_and_reopen(1_000_000, Duration::from_secs(4));
        println!("1M tasks, {acknowledged} commits after the load, killed: opened in {took} ms");
    }
}
