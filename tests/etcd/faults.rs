//! Servers and machines that fail.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use responsibility_index::{EngineError, Error, Etcd, Index, LogError, OpenOptions};

use crate::cluster::Cluster;
use crate::{LONG, assert_same, count, counted, open, shared};

/// The options of a machine that does not try for long.
fn hasty(cluster: &Cluster) -> OpenOptions {
    OpenOptions::new().shared(Etcd::new(cluster.endpoints(), "plan").patience(Duration::from_secs(1)))
}

fn is_unreachable(error: &Error) -> bool {
    matches!(error, Error::Engine(EngineError::Unreachable { .. }))
}

/// Lets two machines count while a member of the cluster fails and comes back: nothing acknowledged is lost, and what was
/// not acknowledged was done at most once.
fn count_while(cluster: &mut Cluster, fail: impl FnOnce(&mut Cluster)) {
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (one, other) = (open(cluster, a.path()).unwrap(), open(cluster, b.path()).unwrap());
    one.assign("counter", ["Transport"]).unwrap();
    let done = AtomicBool::new(false);
    let write = |index: &Index| {
        let (mut acknowledged, mut unknown, mut last) = (0, 0, 0);
        while !done.load(Ordering::Relaxed) {
            match count(index, "counter") {
                Ok(()) => acknowledged += 1,
                Err(error) if error.is_unknown() => unknown += 1,
                Err(error) => assert!(is_unreachable(&error), "{error}"),
            }
            let now = index.revision();
            assert!(now >= last, "a view went back");
            last = now;
        }
        (acknowledged, unknown)
    };
    let (acknowledged, unknown) = thread::scope(|scope| {
        let writers = [scope.spawn(|| write(&one)), scope.spawn(|| write(&other))];
        thread::sleep(Duration::from_secs(1));
        fail(cluster);
        thread::sleep(Duration::from_secs(1));
        done.store(true, Ordering::Relaxed);
        let all = writers.map(|writer| writer.join().unwrap());
        all.iter().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
    });
    let found = counted(&one, "counter");
    assert!((acknowledged..=acknowledged + unknown).contains(&found), "{found}, {acknowledged}, {unknown}");
    assert!(acknowledged > 10, "{acknowledged}");
    assert_same(&[&one, &other]);
}

#[test]
fn nothing_is_lost_when_the_leader_is_killed_or_stopped() {
    let Some(mut cluster) = Cluster::start(3, &[]) else { return };
    count_while(&mut cluster, |cluster| {
        let leader = cluster.leader();
        cluster.kill(leader);
        thread::sleep(Duration::from_secs(3));
        cluster.run(leader);
        cluster.wait_until_ready();
    });
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    // A member that is stopped, not killed, and each member the one that is asked first.
    let (one, other) = (open(&cluster, a.path()).unwrap(), open(&cluster, b.path()).unwrap());
    let leader = cluster.leader();
    cluster.signal(leader, "STOP");
    let start = Instant::now();
    one.assign("stopped/1", ["Finance"]).unwrap();
    assert_eq!(other.wait_for(one.revision(), LONG).lead("stopped/1"), Some("Finance"));
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
    cluster.signal(leader, "CONT");
    cluster.wait_until_ready();
    other.assign("stopped/2", ["Finance"]).unwrap();
    assert_same(&[&one, &other]);
}

#[test]
fn without_a_majority_commits_fail_and_views_go_on() {
    let Some(mut cluster) = Cluster::start(3, &[]) else { return };
    let directory = tempfile::tempdir().unwrap();
    let index = hasty(&cluster).open(directory.path()).unwrap();
    index.assign("plan/1", ["Transport"]).unwrap();
    cluster.kill(0);
    cluster.kill(1);
    let start = Instant::now();
    let error = index.assign("plan/2", ["Finance"]).unwrap_err();
    // A member without a majority has taken the request, and may do it later.
    assert!(error.is_unknown() || is_unreachable(&error), "{error}");
    let error = index.fresh_view().unwrap_err();
    assert!(is_unreachable(&error), "{error}");
    assert!(start.elapsed() < Duration::from_secs(40), "{:?}", start.elapsed());
    assert_eq!(index.lead("plan/1").as_deref(), Some("Transport"));
    let following = index.following().unwrap();
    assert!(following.heard.is_some_and(|heard| heard > Duration::from_secs(1)), "{following:?}");
    cluster.run(0);
    cluster.run(1);
    cluster.wait_until_ready();
    // The handle goes on; the outcome of the commit before is settled by this one.
    let start = Instant::now();
    while let Err(error) = index.assign("plan/3", ["Finance"]) {
        assert!(error.is_unknown() || is_unreachable(&error), "{error}");
        assert!(start.elapsed() < LONG);
    }
    let view = index.fresh_view().unwrap();
    assert!([2, 3].contains(&view.revision()));
    assert_eq!(view.lead("plan/3"), Some("Finance"));
    assert_eq!(index.verify().unwrap(), []);
}

#[test]
fn a_machine_opens_without_servers_and_goes_on_when_they_are_back() {
    let Some(mut cluster) = Cluster::start(1, &[]) else { return };
    let (a, new) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let index = open(&cluster, a.path()).unwrap();
    index.assign("plan/1", ["Transport"]).unwrap();
    drop(index);
    cluster.kill(0);
    assert!(is_unreachable(&hasty(&cluster).open(new.path()).unwrap_err()));
    let index = hasty(&cluster).open(a.path()).unwrap();
    assert_eq!(index.lead("plan/1").as_deref(), Some("Transport"));
    let troubles = index.stats().unwrap().troubles;
    assert!(troubles.iter().any(|trouble| trouble.contains("at revision 1")), "{troubles:?}");
    assert!(is_unreachable(&index.assign("plan/2", ["Finance"]).unwrap_err()));
    assert_eq!(index.following().unwrap().heard, None);
    cluster.run(0);
    cluster.wait_until_ready();
    index.assign("plan/2", ["Finance"]).unwrap();
    let start = Instant::now();
    while index.following().unwrap().trouble.is_some() {
        assert!(start.elapsed() < LONG, "{:?}", index.following());
        thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(index.fresh_view().unwrap().revision(), 2);
}

#[test]
fn servers_that_are_silent_for_too_long_are_not_asked() {
    let Some(mut cluster) = Cluster::start(1, &[]) else { return };
    let directory = tempfile::tempdir().unwrap();
    let index = shared(&cluster, "plan").stale_after(Duration::from_secs(3)).open(directory.path()).unwrap();
    index.assign("plan/1", ["Transport"]).unwrap();
    cluster.kill(0);
    thread::sleep(Duration::from_secs(4));
    let start = Instant::now();
    for error in [index.assign("plan/2", ["x"]).unwrap_err(), index.fresh_view().unwrap_err()] {
        assert!(matches!(error, Error::Engine(EngineError::Stale { .. })), "{error}");
    }
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
    assert_eq!(index.lead("plan/1").as_deref(), Some("Transport"));
    cluster.run(0);
    cluster.wait_until_ready();
    let start = Instant::now();
    while index.assign("plan/2", ["Finance"]).is_err() {
        assert!(start.elapsed() < LONG);
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_full_database_refuses_commits_and_reads_go_on() {
    let Some(cluster) = Cluster::start(1, &["--quota-backend-bytes", "2097152"]) else { return };
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let index = open(&cluster, a.path()).unwrap();
    index.assign("plan/0", ["Transport"]).unwrap();
    let long = "x".repeat(60_000);
    let error = loop {
        let task = index.revision();
        assert!(task < 200, "the quota was not noticed");
        if let Err(error) =
            index.batch().declare(format!("plan/{task}")).set_text(format!("plan/{task}"), &long).commit()
        {
            break error;
        }
    };
    assert!(matches!(error, Error::Engine(EngineError::Full { .. })), "{error}");
    let revision = index.revision();
    assert_eq!(index.fresh_view().unwrap().revision(), revision);
    let error = index.assign("plan/1", ["Finance"]).unwrap_err();
    assert!(matches!(error, Error::Engine(EngineError::Full { .. })), "the handle goes on: {error}");
    assert_eq!(open(&cluster, b.path()).unwrap().revision(), revision, "a new machine can still begin");
}

#[test]
fn a_prefix_that_was_emptied_is_noticed() {
    let Some(cluster) = Cluster::start(1, &[]) else { return };
    let directory = tempfile::tempdir().unwrap();
    let index = shared(&cluster, "plan").open(directory.path()).unwrap();
    index.assign("plan/1", ["Transport"]).unwrap();
    // All keys from "plan/" to "plan0".
    let all = r#"{"key":"cGxhbi8=","range_end":"cGxhbjA="}"#;
    assert!(cluster.post(0, "/v3/kv/deleterange", all).unwrap().contains("deleted"));
    let error = index.assign("plan/2", ["Transport"]).unwrap_err();
    assert!(matches!(error, Error::Log(LogError::NoSharedLog { .. })), "{error}");
    assert_eq!(index.lead("plan/1").as_deref(), Some("Transport"));
}
