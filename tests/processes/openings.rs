//! Processes that open, and create, one directory at once.

use std::time::Duration;

use crate::agent::Agent;
use crate::process::scratch;
use crate::random::{Random, seed};

const PROCESSES: u64 = 16;

/// Lets all open the same missing directory at once, and kills one of them in the middle if asked to.
fn race(random: &mut Random, kill: bool) {
    let scratch = scratch();
    let path = scratch.path().join("plan.ri");
    let mut agents: Vec<Agent> = (0..PROCESSES).map(|_| Agent::start()).collect();
    // Each has begun when it answers.
    agents.iter_mut().for_each(|agent| drop(agent.must("clock 0")));
    let lazy = random.one_in(2);
    for (number, agent) in agents.iter_mut().enumerate() {
        let how = if lazy && number % 2 == 1 { "lazy" } else { "synced" };
        agent.0.tell(&format!("open {how} {}", path.display()));
    }
    if kill {
        std::thread::sleep(Duration::from_micros(random.below(15_000)));
        agents.remove(random.index(agents.len())).0.kill();
    }
    for agent in &mut agents {
        agent.answer().unwrap_or_else(|why| panic!("seed {}: {why}", seed()));
    }
    let logs: Vec<String> = agents.iter_mut().map(|agent| agent.must("log")).collect();
    assert!(logs.iter().all(|log| *log == logs[0]), "they made several logs: {logs:?}");
    for (number, agent) in agents.iter_mut().enumerate() {
        agent.0.tell(&format!("assign a/{number} Transport"));
    }
    let mut revisions: Vec<u64> = agents.iter_mut().map(|agent| agent.answer().unwrap().parse().unwrap()).collect();
    revisions.sort_unstable();
    assert_eq!(revisions, (1..=agents.len() as u64).collect::<Vec<_>>());
    let owners = agents.iter_mut().filter_map(|agent| (agent.must("owner") == "true").then_some(())).count();
    assert!(owners == 1 || kill && owners == 0, "there are {owners} owners");
    let last = agents.len().to_string();
    for agent in &mut agents {
        agent.until("fresh", Duration::from_secs(5), |revision| revision == last);
    }
    let exports: Vec<String> = agents.iter_mut().map(|agent| agent.must("export")).collect();
    assert!(exports.iter().all(|export| *export == exports[0]), "{exports:?}");
    assert_eq!(agents[0].must("verify"), "[]");
    agents.into_iter().for_each(|agent| drop(agent.0.end()));
    let mut after = Agent::with(&path, "synced");
    assert_eq!((after.must("export"), after.must("verify")), (exports[0].clone(), "[]".to_owned()));
    assert_eq!(after.must("troubles"), "[]");
}

#[test]
fn sixteen_processes_that_create_one_index_at_once_share_it() {
    race(&mut Random::new(0x16), false);
}

#[test]
fn processes_that_create_one_index_at_once_share_it_although_one_is_killed() {
    let mut random = Random::new(0x17);
    (0..2).for_each(|_| race(&mut random, true));
}

#[test]
#[ignore = "the full tier: minutes"]
fn full_openings() {
    let mut random = Random::new(0x18);
    for turn in 0..150 {
        race(&mut random, turn % 4 > 0);
    }
}
