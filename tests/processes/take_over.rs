//! An owner that is killed, also in the middle of a checkpoint: a guest becomes the owner, and its rows are whole.

use std::path::Path;
use std::time::Duration;

use responsibility_index::testing;

use crate::agent::Agent;
use crate::print::assignments;
use crate::process::scratch;
use crate::random::{Random, seed};

/// The longest time in us until an owner is killed: a checkpoint takes longer, but for the quickest machines.
const LONGEST: u64 = 15_000;
/// Tasks of the index: their rows are some hundred, so a checkpoint of all takes a while.
const TASKS: u32 = 4_000;

/// Closes the last process, and compares its answers with those of the rows alone.
fn check_rows(path: &Path, mut last: Agent) {
    assert_eq!(last.must("verify"), "[]", "seed {}", seed());
    let (revision, expected) = (last.number("revision"), last.must("assignments"));
    last.0.end();
    let rows = testing::rows_alone(path).unwrap().expect("a checkpoint");
    assert_eq!((rows.revision(), assignments(&rows).to_string()), (revision, expected), "seed {}", seed());
}

/// Kills owners some time after they began a checkpoint; returns how many had not ended it.
fn kill_owners(rounds: u64) -> u64 {
    let mut random = Random::new(0x7A);
    let mut interrupted = 0;
    for round in 0..rounds {
        let scratch = scratch();
        let path = scratch.path().join("plan.ri");
        let mut owner = Agent::with(&path, "synced after=1000000");
        owner.must(&format!("tasks t {TASKS}"));
        if random.one_in(2) {
            owner.must("checkpoint");
            owner.must(&format!("tasks u {TASKS}"));
        }
        let mut guest = Agent::with(&path, "synced after=1000000");
        assert_eq!((owner.must("owner"), guest.must("owner")), ("true".to_owned(), "false".to_owned()));
        guest.must(&format!("assign more/{round} Transport"));
        owner.number("fresh");
        owner.0.tell("checkpoint");
        std::thread::sleep(Duration::from_micros(random.below(LONGEST)));
        interrupted += u64::from(!owner.0.kill().iter().any(|line| line.starts_with("answer ok")));
        guest.must("assign more Finance");
        guest.must("checkpoint");
        assert_eq!(guest.must("owner"), "true");
        check_rows(&path, guest);
    }
    interrupted
}

#[test]
fn a_guest_takes_over_from_an_owner_that_was_killed_in_a_checkpoint_and_its_rows_are_whole() {
    let interrupted = kill_owners(6);
    assert!(interrupted > 0, "no checkpoint was interrupted");
}

#[test]
#[ignore = "the full tier: minutes"]
fn full_take_over() {
    println!("{} checkpoints of 200 were interrupted", kill_owners(200));
}

/// The rows are those of another process, or there are none, also where the state has not changed since the opening.
#[test]
fn a_guest_that_has_changed_nothing_writes_all_rows_when_it_takes_over() {
    let scratch = scratch();
    let path = scratch.path().join("plan.ri");
    let mut owner = Agent::with(&path, "synced after=1000000");
    owner.must("fill a 5 100");
    let mut guest = Agent::with(&path, "synced after=1000000");
    owner.0.kill();
    guest.must("checkpoint");
    assert_eq!(guest.must("owner"), "true");
    check_rows(&path, guest);
}

/// Once such a trim was refused, because of the process that asked for it.
#[test]
fn a_guest_can_trim_while_it_takes_over() {
    for _ in 0..5 {
        let scratch = scratch();
        let path = scratch.path().join("plan.ri");
        let mut owner = Agent::with(&path, "synced after=1000000");
        owner.must("fill a 20 100");
        let mut guest = Agent::with(&path, "synced after=1");
        owner.0.kill();
        guest.must("assign b Transport");
        guest.must("trim 10");
        assert_eq!(guest.must("horizon"), "10");
        check_rows(&path, guest);
    }
}

#[test]
fn a_guest_takes_over_by_itself_when_a_checkpoint_is_due() {
    let scratch = scratch();
    let path = scratch.path().join("plan.ri");
    let mut owner = Agent::with(&path, "synced after=1000000");
    let mut guest = Agent::with(&path, "synced after=20");
    owner.must("fill a 5 100");
    owner.0.kill();
    assert_eq!(guest.must("owner"), "false");
    guest.must("fill b 30 100");
    guest.until("owner", Duration::from_secs(15), |owner| owner == "true");
    assert_eq!(guest.must("troubles"), "[]");
    check_rows(&path, guest);
}
