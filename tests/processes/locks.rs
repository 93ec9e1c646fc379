//! Locks that another process holds: the error names it.

use std::time::{Duration, Instant};

use crate::agent::Agent;
use crate::process::scratch;

#[test]
fn a_commit_names_the_process_that_holds_the_append_lock_while_it_is_stopped() {
    let scratch = scratch();
    let path = scratch.path().join("plan.ri");
    let mut writer = Agent::with(&path, "synced");
    writer.must("assign a Transport");
    let mut holder = Agent::start();
    holder.must(&format!("flock {}", path.join("log/lock").display()));
    holder.0.signal("STOP");
    let began = Instant::now();
    let refused = writer.refused("assign a Finance");
    assert!(refused.contains("Busy") && refused.contains(&format!("Some({})", holder.0.id())), "{refused}");
    assert!(began.elapsed() < Duration::from_secs(20), "it took {:?}", began.elapsed());
    holder.0.signal("CONT");
    drop(holder);
    assert_eq!(writer.number("assign a Finance"), 2, "it goes on");
    assert_eq!(writer.must("verify"), "[]");
}

#[test]
fn a_guest_is_told_which_process_keeps_the_checkpoint() {
    let scratch = scratch();
    let path = scratch.path().join("plan.ri");
    let (mut owner, mut guest) = (Agent::with(&path, "synced"), Agent::with(&path, "synced"));
    guest.must("fill a 5 100");
    let id = format!("Some({})", owner.0.id());
    for call in ["checkpoint", "trim 3"] {
        let refused = guest.refused(call);
        assert!(refused.contains("Busy") && refused.contains(&id), "{call}: {refused}");
    }
    owner.number("fresh");
    owner.must("checkpoint");
    owner.must("trim 3");
    owner.0.end();
    guest.must("checkpoint");
    guest.must("trim 4");
}

#[test]
fn a_repair_is_told_which_process_has_the_index_open() {
    let scratch = scratch();
    let path = scratch.path().join("plan.ri");
    let (mut one, mut other) = (Agent::with(&path, "synced"), Agent::with(&path, "lazy"));
    one.must("assign a Transport");
    let mut mender = Agent::start();
    let refused = mender.refused(&format!("repair {}", path.display()));
    let ids = [one.0.id(), other.0.id()].map(|id| format!("Some({id})"));
    assert!(refused.contains("InUse") && ids.iter().any(|id| refused.contains(id)), "{refused}, not one of {ids:?}");
    assert_eq!(one.number("assign a Finance"), 2);
    assert_eq!(other.number("fresh"), 2);
    one.0.end();
    other.0.end();
    mender.must(&format!("repair {}", path.display()));
}
