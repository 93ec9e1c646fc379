//! Processes whose clocks differ: the times of commits never fall, and a moment has its revision.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::agent::Agent;
use crate::process::scratch;

const HOUR: u64 = 3_600_000;

#[test]
fn times_of_commits_never_fall_when_the_clocks_of_two_processes_differ_by_an_hour() {
    let scratch = scratch();
    let path = scratch.path().join("plan.ri");
    let (mut ahead, mut behind) = (Agent::with(&path, "synced"), Agent::with(&path, "lazy"));
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as u64;
    behind.must(&format!("clock {now}"));
    behind.must("assign a/1 Transport");
    ahead.must(&format!("clock {}", now + HOUR));
    ahead.must("assign a/2 Transport");
    behind.must(&format!("clock {}", now + 5));
    behind.must("assign a/3 Transport");
    ahead.must(&format!("clock {}", now + HOUR + 5));
    ahead.must("assign a/4 Transport");
    behind.number("fresh");
    for agent in [&mut ahead, &mut behind] {
        let stamps: Vec<u64> = (1..=4).map(|revision| agent.number(&format!("stamp {revision}"))).collect();
        assert_eq!(stamps, [now, now + HOUR, now + HOUR, now + HOUR + 5]);
        let at = [now - 1, now, now + 5, now + HOUR - 1, now + HOUR, now + HOUR + 4, now + HOUR + 5, now + 2 * HOUR];
        let revisions: Vec<u64> = at.iter().map(|time| agent.number(&format!("at {time}"))).collect();
        assert_eq!(revisions, [0, 1, 1, 1, 3, 3, 4, 4]);
    }
}
