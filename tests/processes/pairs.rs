//! Two processes, one of them lazy: what each shows, and when.

use std::time::Duration;

use crate::agent::Agent;
use crate::process::scratch;

const SOON: Duration = Duration::from_secs(5);

#[test]
fn a_lazy_process_shows_at_once_what_another_lazy_one_has_written() {
    let scratch = scratch();
    let path = scratch.path().join("plan.ri");
    let (mut one, mut other) = (Agent::with(&path, "lazy"), Agent::with(&path, "lazy"));
    for n in 1..=50 {
        assert_eq!(one.number(&format!("assign a/{n} Transport")), n * 2 - 1);
        assert_eq!(other.number("fresh"), n * 2 - 1);
        assert_eq!(other.number(&format!("assign b/{n} Finance")), n * 2);
        assert_eq!(one.number("fresh"), n * 2);
    }
    assert_eq!(one.must("export"), other.must("export"));
}

/// A reader shows what is durable by the mark and syncs nothing, so it tells whether anybody has synced.
#[test]
fn a_synced_process_shows_what_a_lazy_one_has_written_only_after_it_is_durable_and_syncs_it_itself() {
    let scratch = scratch();
    let path = scratch.path().join("plan.ri");
    let mut lazy = Agent::with(&path, "lazy");
    lazy.must("assign a/1 Transport");
    lazy.must("flush");
    let mut reader = Agent::with(&path, "read");
    assert_eq!(reader.number("fresh"), 1);
    lazy.must("assign a/2 Transport");
    assert_eq!(lazy.number("fresh"), 2);
    std::thread::sleep(Duration::from_millis(100));
    assert_eq!(reader.number("fresh"), 1, "nobody has synced it");
    lazy.must("flush");
    reader.until("fresh", SOON, |revision| revision == "2");

    let mut synced = Agent::with(&path, "synced");
    for revision in 3..=12 {
        // Neither the writer nor anybody else but the synced process is there to sync.
        assert_eq!(lazy.number(&format!("assign a/{revision} Transport")), revision);
        lazy.0.signal("STOP");
        assert_eq!(synced.number(&format!("wait {revision} 5000")), revision);
        assert_eq!(reader.number("fresh"), revision, "it was shown before it was durable");
        lazy.0.signal("CONT");
    }
    assert_eq!(lazy.must("export"), synced.must("export"));
    assert_eq!(synced.must("verify"), "[]");
}

#[test]
fn a_fresh_view_of_a_synced_process_has_every_commit_of_another_synced_one() {
    let scratch = scratch();
    let path = scratch.path().join("plan.ri");
    let (mut one, mut other) = (Agent::with(&path, "synced"), Agent::with(&path, "synced"));
    for n in 1..=50 {
        let revision = one.number(&format!("assign a/{n} Transport"));
        assert_eq!(other.number("fresh"), revision);
        let revision = other.number(&format!("assign a/{n} Finance"));
        assert_eq!(one.number("fresh"), revision);
    }
    let owners = [one.must("owner"), other.must("owner")];
    assert_eq!(owners, ["true", "false"], "one process keeps the checkpoint");
}
