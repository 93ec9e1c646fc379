//! What those who operate the servers do: compaction, defragmentation, a quota that is reached and freed.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use responsibility_index::{EngineError, Error, Etcd, Index, OpenOptions};

use crate::cluster::Cluster;
use crate::proxy::{Proxy, Traffic};
use crate::{LONG, assert_same, export, open};

#[test]
fn a_machine_that_was_away_over_a_trim_and_a_compaction_begins_with_the_base() {
    let Some(cluster) = Cluster::start(1, &[]) else { return };
    let directories: Vec<_> = (0..3).map(|_| tempfile::tempdir().unwrap()).collect();
    let one = open(&cluster, directories[0].path()).unwrap();
    let away = open(&cluster, directories[1].path()).unwrap();
    for task in 0..40 {
        one.assign(&format!("plan/{task}"), ["Finance"]).unwrap();
    }
    assert_eq!(away.wait_for(40, LONG).revision(), 40);
    drop(away);
    // Away over a compaction alone: all entries are there.
    cluster.compact();
    let away = open(&cluster, directories[1].path()).unwrap();
    assert_eq!((away.revision(), away.stats().unwrap().troubles), (40, vec![]));
    drop(away);
    for task in 0..100 {
        one.assign(&format!("plan/{task}"), ["Transport"]).unwrap();
    }
    one.trim(120).unwrap();
    cluster.compact();
    cluster.defragment(0);
    let away = open(&cluster, directories[1].path()).unwrap();
    let new = open(&cluster, directories[2].path()).unwrap();
    assert_eq!((away.horizon().unwrap(), new.horizon().unwrap()), (120, 120));
    away.assign("plan/1", ["Finance"]).unwrap();
    assert_same(&[&one, &away, &new]);
    assert_eq!(new.revision(), 141);
    // A trimmed log is no damage, neither here nor in a backup.
    let backup = directories[2].path().join("backup");
    new.backup(&backup).unwrap();
    let backup = Index::open(&backup).unwrap();
    assert_eq!((backup.verify().unwrap(), export(&backup)), (vec![], export(&one)));
}

#[test]
fn commits_and_watches_go_on_while_the_servers_are_compacted_and_defragmented() {
    let Some(cluster) = Cluster::start(1, &[]) else { return };
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let way = Proxy::start(cluster.port(0), false);
    let address = Etcd::new([format!("http://127.0.0.1:{}", way.port)], "plan");
    let one = OpenOptions::new().shared(address).open(a.path()).unwrap();
    let other = open(&cluster, b.path()).unwrap();
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            for round in 0.. {
                if is_over.load(Ordering::Relaxed) {
                    return;
                }
                cluster.compact();
                if round % 8 == 0 {
                    cluster.defragment(0);
                }
                thread::sleep(Duration::from_millis(2));
            }
        });
        for task in 1..=200 {
            other.assign(&format!("plan/{task}"), ["Finance"]).unwrap();
            // Its watch begins again, perhaps at a revision of the servers that is compacted by then.
            if task % 10 == 0 {
                way.set(Traffic::Closed);
                thread::sleep(Duration::from_millis(60));
                way.set(Traffic::Passes);
            }
            if task % 10 == 9 {
                assert_eq!(one.wait_for(task, LONG).revision(), task);
            }
        }
        is_over.store(true, Ordering::Relaxed);
    });
    assert_eq!(one.wait_for(200, LONG).revision(), 200);
    one.assign("plan/0", ["Finance"]).unwrap();
    assert_same(&[&one, &other]);
    let start = Instant::now();
    while one.following().unwrap().trouble.is_some() {
        assert!(start.elapsed() < LONG, "{:?}", one.following());
        thread::sleep(Duration::from_millis(20));
    }
}

/// Restarts the only server with another quota, and disarms its alarm.
fn restart(cluster: &mut Cluster, quota: &str) {
    cluster.kill(0);
    cluster.more = vec!["--quota-backend-bytes".to_owned(), quota.to_owned()];
    cluster.run(0);
    let start = Instant::now();
    let disarmed = || {
        let member = cluster.status(0, "member_id")?;
        let disarm = format!(r#"{{"action":"DEACTIVATE","memberID":"{member}","alarm":"NOSPACE"}}"#);
        cluster.post(0, "/v3/maintenance/alarm", &disarm).ok().filter(|answer| answer.contains(" 200 "))
    };
    while disarmed().is_none() {
        assert!(start.elapsed() < LONG, "the alarm can't be disarmed");
        thread::sleep(Duration::from_millis(50));
    }
    cluster.wait_until_ready();
}

#[test]
fn a_full_database_is_freed_as_the_page_says_and_commits_go_on() {
    let small = "2097152";
    let Some(mut cluster) = Cluster::start(1, &["--quota-backend-bytes", small]) else { return };
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let one = open(&cluster, a.path()).unwrap();
    let other = open(&cluster, b.path()).unwrap();
    let long = "x".repeat(60_000);
    let write = || {
        let task = "plan/long";
        one.batch().declare(task).set_text(task, format!("{} {long}", one.revision())).commit()
    };
    for _ in 0..3 {
        let before = one.revision();
        let error = loop {
            assert!(one.revision() < before + 200, "the quota was not noticed");
            if let Err(error) = write() {
                break error;
            }
        };
        assert!(matches!(error, Error::Engine(EngineError::Full { .. })), "{error}");
        // A server that gets full while it does a request does it, and refuses all the same.
        let full = one.revision();
        assert_eq!(other.fresh_view().unwrap().revision(), full, "what was refused was not done");
        assert!(full > before + 5, "there is room again");
        restart(&mut cluster, "16777216");
        one.trim(full).unwrap();
        cluster.compact();
        cluster.defragment(0);
        restart(&mut cluster, small);
    }
    write().unwrap();
    assert_eq!(other.wait_for(one.revision(), LONG).revision(), one.revision());
    assert_same(&[&one, &other]);
}
