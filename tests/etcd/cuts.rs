//! Connections that are cut or silent, for one machine at a time.

use std::thread;
use std::time::{Duration, Instant};

use responsibility_index::{EngineError, Error, Etcd, Index, OpenOptions};

use crate::cluster::Cluster;
use crate::fleet::{Fleet, SERVERS};
use crate::proxy::{Proxy, Traffic};
use crate::{LONG, assert_same, open};

/// A machine that knows some of the servers.
fn machine(endpoints: Vec<String>, directory: &tempfile::TempDir) -> Index {
    let address = Etcd::new(endpoints, "plan").patience(Duration::from_millis(200));
    OpenOptions::new().shared(address).open(directory.path()).unwrap()
}

#[test]
fn a_server_that_is_cut_off_from_the_others_tells_nothing_and_a_machine_that_asks_only_it_knows() {
    let Some(fleet) = Fleet::start() else { return };
    let directories = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let cut = (fleet.cluster.leader() + 1) % SERVERS;
    let (mut others, mut pinned) = (fleet.cluster.endpoints(), Vec::new());
    pinned.push(others.remove(cut));
    let (pinned, other) = (machine(pinned, &directories[0]), machine(others, &directories[1]));
    other.assign("plan/1", ["Transport"]).unwrap();
    assert_eq!(pinned.fresh_view().unwrap().revision(), 1);
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
    let silent = machine(vec![format!("http://127.0.0.1:{}", way.port)], &a);
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
    let one = machine(endpoints.to_vec(), &a);
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
