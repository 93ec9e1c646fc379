//! Connections that are cut or silent, for one machine at a time.

use std::thread;
use std::time::{Duration, Instant};

use responsibility_index::{EngineError, Error, Etcd, Index, OpenOptions};

use crate::cluster::Cluster;
use crate::fleet::{Fleet, SERVERS};
use crate::proxy::{Proxy, Traffic};
use crate::{LONG, assert_same, open};

/// A machine that knows some of the servers, and tries for so many milliseconds.
fn machine(endpoints: &[String], patience: u64, directory: &tempfile::TempDir) -> Index {
    let address = Etcd::new(endpoints, "plan").patience(Duration::from_millis(patience));
    OpenOptions::new().shared(address).open(directory.path()).unwrap()
}

#[test]
fn a_server_that_is_cut_off_from_the_others_tells_nothing_and_a_machine_that_asks_only_it_knows() {
    let Some(fleet) = Fleet::start() else { return };
    let directories = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let cut = (fleet.cluster.leader() + 1) % SERVERS;
    let mut others = fleet.cluster.endpoints();
    let pinned = machine(&[others.remove(cut)], 200, &directories[0]);
    let other = machine(&others, 20_000, &directories[1]);
    other.assign("plan/1", ["Transport"]).unwrap();
    assert_eq!(pinned.wait_for(1, LONG).revision(), 1);
    fleet.cut(cut, Traffic::Held);
    other.assign("plan/1", ["Finance"]).unwrap();
    let error = pinned.fresh_view().unwrap_err();
    assert!(matches!(error, Error::Engine(EngineError::Unreachable { .. })), "{error}");
    assert!(pinned.assign("plan/2", ["Finance"]).is_err());
    // Its view goes on, and it is told how old that may be.
    assert_eq!(pinned.lead("plan/1").as_deref(), Some("Transport"));
    let start = Instant::now();
    while pinned.following().unwrap().heard.unwrap() < Duration::from_secs(2) {
        assert!(start.elapsed() < LONG, "{:?}", pinned.following());
        thread::sleep(Duration::from_millis(20));
    }
    fleet.cut(cut, Traffic::Passes);
    fleet.cluster.wait_until_ready();
    assert_eq!(pinned.wait_for(2, LONG).lead("plan/1"), Some("Finance"));
    other.assign("plan/3", ["Transport"]).unwrap();
    assert_same(&[&pinned, &other]);
}

#[test]
fn a_machine_whose_connections_fall_silent_sees_commits_all_the_same() {
    let Some(cluster) = Cluster::start(1, &[]) else { return };
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let way = Proxy::start(cluster.port(0), false);
    let silent = machine(&[format!("http://127.0.0.1:{}", way.port)], 200, &a);
    let other = open(&cluster, b.path()).unwrap();
    for round in 1..=2 {
        other.assign("plan/1", [format!("Office {round}")]).unwrap();
        assert_eq!(silent.wait_for(2 * round - 1, LONG).revision(), 2 * round - 1);
        // Also the connection of the watch.
        way.silence();
        other.assign("plan/2", [format!("Office {round}")]).unwrap();
        assert_eq!(silent.wait_for(2 * round, LONG).revision(), 2 * round);
    }
    assert_same(&[&silent, &other]);
}

/// The request without an answer was done: sent again with the same ids, it is found.
#[test]
fn a_commit_whose_answers_are_lost_is_done_once() {
    let Some(cluster) = Cluster::start(1, &[]) else { return };
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let ways = [Proxy::start(cluster.port(0), false), Proxy::start(cluster.port(0), false)];
    let endpoints = ways.each_ref().map(|way| format!("http://127.0.0.1:{}", way.port));
    let one = machine(&endpoints, 3_000, &a);
    one.assign("plan/0", ["Transport"]).unwrap();
    for task in 1..=5 {
        // Whichever is asked first, the other one answers.
        let lost = &ways[task % 2];
        lost.set(Traffic::AnswersLost);
        one.assign_if(&format!("plan/{task}"), None, ["Transport"]).unwrap();
        lost.set(Traffic::Passes);
    }
    assert_eq!(one.revision(), 6);
    // No answer at all: the handle goes on, and the next commit tells.
    ways.iter().for_each(|way| way.set(Traffic::AnswersLost));
    assert!(one.assign("plan/6", ["Transport"]).unwrap_err().is_unknown());
    assert_eq!(one.lead("plan/6"), None, "it is not shown before it is known");
    ways.iter().for_each(|way| way.set(Traffic::Passes));
    one.assign("plan/7", ["Transport"]).unwrap();
    assert_eq!((one.revision(), one.lead("plan/6").as_deref()), (8, Some("Transport")));
    let new = open(&cluster, b.path()).unwrap();
    assert_eq!(new.revision(), 8, "nothing was done twice");
    assert_same(&[&one, &new]);
}

/// Once a commit kept the only lock across the network, and everything else of a machine waited for it.
#[test]
fn views_go_on_while_a_commit_waits_for_servers() {
    let Some(cluster) = Cluster::start(1, &[]) else { return };
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let way = Proxy::start(cluster.port(0), false);
    let one = machine(&[format!("http://127.0.0.1:{}", way.port)], 500, &a);
    let other = open(&cluster, b.path()).unwrap();
    one.assign("plan/0", ["Transport"]).unwrap();
    way.set(Traffic::Held);
    thread::scope(|scope| {
        let commits: Vec<_> = (1..=3)
            .map(|task| {
                scope.spawn({
                    let one = &one;
                    move || one.assign(&format!("plan/{task}"), ["Finance"])
                })
            })
            .collect();
        // All of them are asked for while no commit can end.
        let mut asked = 0;
        while commits.iter().any(|commit| !commit.is_finished()) {
            assert_eq!(one.lead("plan/0").as_deref(), Some("Transport"));
            assert_eq!(one.view().revision(), 1);
            assert_eq!(one.following().unwrap().revision, 1);
            assert_eq!(one.view_at(0).unwrap().len(), 0);
            asked += 1;
            thread::sleep(Duration::from_millis(10));
        }
        assert!(asked > 10, "{asked}");
        for commit in commits {
            let error = commit.join().unwrap().unwrap_err();
            let ends = error.is_unknown() || matches!(error, Error::Engine(EngineError::Unreachable { .. }));
            assert!(ends, "{error}");
        }
    });
    way.set(Traffic::Passes);
    other.assign("plan/4", ["Finance"]).unwrap();
    assert_eq!(one.wait_for(other.revision(), LONG).revision(), other.revision());
    assert_same(&[&one, &other]);
}

/// Sent again, the request was refused and its entry was not found: it was taken for one that was never done.
#[test]
fn a_commit_whose_answer_is_lost_and_whose_entry_is_trimmed_is_unknown() {
    let Some(cluster) = Cluster::start(1, &[]) else { return };
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let ways = [Proxy::start(cluster.port(0), false), Proxy::start(cluster.port(0), false)];
    let endpoints = ways.each_ref().map(|way| format!("http://127.0.0.1:{}", way.port));
    let one = machine(&endpoints, 60_000, &a);
    let other = open(&cluster, b.path()).unwrap();
    one.assign("plan/0", ["Transport"]).unwrap();
    // Whichever is asked first, no answer comes.
    ways.iter().for_each(|way| way.set(Traffic::AnswersHeld));
    thread::scope(|scope| {
        let commit = scope.spawn(|| one.assign_if("plan/1", None, ["Transport"]));
        assert_eq!(other.wait_for(2, LONG).lead("plan/1"), Some("Transport"));
        other.assign("plan/1", ["Finance"]).unwrap();
        other.trim(3).unwrap();
        // An answer that was held would tell.
        ways.iter().for_each(Proxy::silence);
        ways.iter().for_each(|way| way.set(Traffic::Passes));
        let error = commit.join().unwrap().unwrap_err();
        assert!(error.is_unknown(), "{error}");
    });
    assert_eq!(other.fresh_view().unwrap().revision(), 3);
}
