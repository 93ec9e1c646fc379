//! A process that a trim has left behind: it goes on from the base.

use std::time::Duration;

use crate::agent::Agent;
use crate::process::scratch;

/// An owner and a guest that missed a trim of several segments while it was stopped. Nothing has continued it yet.
fn left_behind(path: &std::path::Path) -> (Agent, Agent) {
    let how = "synced segment=20000 after=50";
    let (mut owner, mut guest) = (Agent::with(path, how), Agent::with(path, how));
    owner.must("fill a 20 500");
    guest.until("fresh", Duration::from_secs(5), |revision| revision == "20");
    guest.must("hold");
    guest.0.signal("STOP");
    let segments = || std::fs::read_dir(path.join("log")).unwrap().flatten().map(|file| file.file_name()).collect();
    let first = |names: Vec<std::ffi::OsString>| {
        let names = names.into_iter().map(|name| name.into_string().unwrap());
        names.filter(|name| name.starts_with("segment-")).min().unwrap()
    };
    let before = first(segments());
    let revision: u64 = owner.must("fill a 200 500").parse().unwrap();
    owner.must(&format!("trim {}", revision - 3));
    assert!(first(segments()) > before, "the trim removed no segment");
    (owner, guest)
}

#[test]
fn a_process_that_a_trim_left_behind_follows_from_the_base() {
    let scratch = scratch();
    let path = scratch.path().join("plan.ri");
    let (mut owner, mut guest) = left_behind(&path);
    guest.0.signal("CONT");
    let revision = owner.must("revision");
    guest.until("revision", Duration::from_secs(5), |found| found == revision);
    assert_eq!(guest.must("export"), owner.must("export"));
    assert_eq!(guest.must("verify"), "[]");
    let held = guest.refused("held a/3");
    assert!(held.contains("Trimmed"), "{held}");
    let next = guest.number("assign a/1 Finance");
    assert_eq!(owner.number("fresh"), next);
    owner.must("fill a 10 500");
    guest.until("fresh", Duration::from_secs(5), |found| found == (next + 10).to_string());
    assert_eq!(guest.must("export"), owner.must("export"));
    assert_eq!(owner.must("verify"), "[]");
    owner.must("checkpoint");
    owner.0.end();
    guest.must("assign a/2 Finance");
    guest.must("checkpoint");
    assert_eq!(guest.must("verify"), "[]");
    guest.0.end();
}

/// Once such a commit was refused, and the process could write no more.
#[test]
fn a_process_that_a_trim_left_behind_can_commit_at_once() {
    for call in ["assign a/1 Finance", "field a/1 seen again"] {
        let scratch = scratch();
        let path = scratch.path().join("plan.ri");
        let (mut owner, mut guest) = left_behind(&path);
        let revision = owner.number("revision");
        // It is in its input when the process goes on.
        guest.0.tell(call);
        guest.0.signal("CONT");
        assert_eq!(guest.answer(), Ok((revision + 1).to_string()), "{call}");
        assert_eq!(owner.number("fresh"), revision + 1);
        assert_eq!(guest.must("export"), owner.must("export"));
    }
}

/// Once it was refused as if the commits that were removed had been asked for.
#[test]
fn a_backup_is_whole_while_another_process_trims() {
    let scratch = scratch();
    let path = scratch.path().join("plan.ri");
    let how = "lazy segment=20000";
    let (mut owner, mut guest) = (Agent::with(&path, how), Agent::with(&path, how));
    owner.must("fill a 20 5000");
    owner.0.tell("trims a 3000");
    let copy = |n: u64| scratch.path().join(format!("copy-{n}.ri"));
    let revisions: Vec<u64> = (0..60).map(|n| guest.number(&format!("backup {}", copy(n).display()))).collect();
    owner.answer().unwrap();
    for (n, revision) in (0..).zip(revisions).step_by(20) {
        let mut copy = Agent::with(&copy(n), "synced");
        assert_eq!((copy.number("revision"), copy.must("verify").as_str()), (revision, "[]"));
        copy.0.end();
    }
}

/// Once what helps an opening without the checkpoint was taken for the beginning of the log.
#[test]
fn the_past_is_there_in_every_process_until_somebody_trims_however_long_the_log_is() {
    let scratch = scratch();
    let path = scratch.path().join("plan.ri");
    let mut owner = Agent::with(&path, "lazy");
    owner.must("fill a 30 900000");
    owner.must("checkpoint");
    let mut guest = Agent::with(&path, "lazy");
    for agent in [&mut owner, &mut guest] {
        assert_eq!(agent.must("horizon"), "0");
        agent.number("stamp 1");
    }
}
