//! Two machines with each other, while nothing fails.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use responsibility_index::{Details, Error, Index, LogError};

use crate::cluster::Cluster;
use crate::{LONG, assert_same, count, counted, export, open};

#[test]
fn machines_see_each_others_commits() {
    let Some(cluster) = Cluster::start(1, &[]) else { return };
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let one = open(&cluster, a.path()).unwrap();
    let other = open(&cluster, b.path()).unwrap();
    one.assign("plan/1", ["Transport", "Finance"]).unwrap();
    assert_eq!(other.fresh_view().unwrap().lead("plan/1"), Some("Transport"));
    other.batch().assign("plan/1", ["Finance"]).set_title("plan/1", "Roads").note("why", "who").commit().unwrap();
    // One follows by itself.
    let view = one.wait_for(2, LONG);
    assert_eq!(view.lead("plan/1"), Some("Finance"));
    assert_eq!(view.details("plan/1").unwrap().unwrap().title, "Roads");
    let past = one.view_at(1).unwrap();
    assert_eq!(past.lead("plan/1"), Some("Transport"));
    assert_same(&[&one, &other]);
    let following = one.following().unwrap();
    assert!(following.heard.is_some_and(|heard| heard < Duration::from_secs(20)), "{following:?}");
    assert_eq!(following.trouble, None);
}

#[test]
fn no_update_of_machines_that_write_the_same_is_lost() {
    let Some(cluster) = Cluster::start(1, &[]) else { return };
    let directories: Vec<_> = (0..3).map(|_| tempfile::tempdir().unwrap()).collect();
    let machines: Vec<_> = directories.iter().map(|at| open(&cluster, at.path()).unwrap()).collect();
    machines[0].assign("plan/1", ["Transport"]).unwrap();
    thread::scope(|scope| {
        for (number, index) in machines.iter().enumerate() {
            for thread in 0..2 {
                scope.spawn(move || {
                    for round in 0..15 {
                        count(index, "plan/1").unwrap();
                        index.assign(&format!("{number}/{thread}/{round}"), ["Finance"]).unwrap();
                    }
                });
            }
        }
    });
    assert_eq!(counted(&machines[1], "plan/1"), 90);
    assert_eq!(machines[2].fresh_view().unwrap().led_by("Finance").unwrap().len(), 90);
    let all: Vec<_> = machines.iter().collect();
    assert_same(&all);
    assert_eq!(machines[0].revision(), 1 + 90 + 90, "each commit has its own revision, and there are no others");
}

#[test]
fn a_machine_that_was_away_gets_what_it_missed() {
    let Some(cluster) = Cluster::start(1, &[]) else { return };
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let one = open(&cluster, a.path()).unwrap();
    let other = open(&cluster, b.path()).unwrap();
    other.assign("plan/0", ["Transport"]).unwrap();
    drop(other);
    for task in 1..200 {
        one.assign(&format!("plan/{task}"), ["Finance"]).unwrap();
    }
    let other = open(&cluster, b.path()).unwrap();
    assert_eq!(other.revision(), 200, "an opening fetches what is missing");
    assert!(other.stats().unwrap().troubles.is_empty());
    assert_same(&[&one, &other]);
}

#[test]
fn a_copy_that_is_lost_or_damaged_is_fetched_again() {
    let Some(cluster) = Cluster::start(1, &[]) else { return };
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let one = open(&cluster, a.path()).unwrap();
    for task in 0..50 {
        one.batch()
            .assign(format!("plan/{task}"), ["Finance"])
            .set_title(format!("plan/{task}"), "x")
            .commit()
            .unwrap();
    }
    drop(open(&cluster, b.path()).unwrap());
    let log = b.path().join("log");
    for damage in 0..3 {
        match damage {
            0 => fs::remove_dir_all(&log).unwrap(),
            1 => {
                // The end of the newest log, which the rows know to be durable.
                let newest = fs::read_dir(b.path()).unwrap().map(|entry| entry.unwrap().path());
                let newest = newest.filter(|path| path.join("id").exists()).max().unwrap();
                let segment = newest.join("segment-0000000000000001");
                let length = fs::metadata(&segment).unwrap().len();
                fs::OpenOptions::new().write(true).open(segment).unwrap().set_len(length / 2).unwrap();
            }
            _ => fs::remove_dir_all(b.path()).unwrap(),
        }
        let other = open(&cluster, b.path()).unwrap();
        assert_eq!(export(&other), export(&one), "{damage}");
        assert_eq!(other.verify().unwrap(), []);
        assert_eq!(other.stats().unwrap().troubles.is_empty(), damage == 2, "{:?}", other.stats().unwrap().troubles);
    }
}

#[test]
fn a_large_load_goes_in_parts() {
    let Some(cluster) = Cluster::start(1, &[]) else { return };
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let one = open(&cluster, a.path()).unwrap();
    let other = open(&cluster, b.path()).unwrap();
    let mut load = one.bulk_load();
    for task in 0..4_000 {
        let details = Details { title: format!("{task}"), text: format!("{task:0500}"), ..Details::default() };
        load.add_with(&format!("plan/{task}"), ["Transport", "Finance"], details).unwrap();
    }
    load.commit().unwrap();
    assert_eq!(other.wait_for(1, LONG).led_by("Transport").unwrap().len(), 4_000);
    other.assign("plan/1", ["Finance"]).unwrap();
    assert_same(&[&one, &other]);
}

#[test]
fn a_machine_that_was_away_over_a_trim_and_a_new_one_begin_with_the_base() {
    let Some(cluster) = Cluster::start(1, &[]) else { return };
    let directories: Vec<_> = (0..3).map(|_| tempfile::tempdir().unwrap()).collect();
    let one = open(&cluster, directories[0].path()).unwrap();
    drop(open(&cluster, directories[1].path()).unwrap());
    for task in 0..100 {
        one.batch()
            .assign(format!("plan/{task}"), ["Finance"])
            .set_title(format!("plan/{task}"), "x")
            .commit()
            .unwrap();
    }
    one.trim(60).unwrap();
    one.trim(80).unwrap();
    let away = open(&cluster, directories[1].path()).unwrap();
    let new = open(&cluster, directories[2].path()).unwrap();
    assert!(!away.stats().unwrap().troubles.is_empty());
    assert_eq!((away.horizon().unwrap(), new.horizon().unwrap()), (80, 80));
    new.assign("plan/1", ["Transport"]).unwrap();
    assert_same(&[&one, &away, &new]);
    assert_eq!(new.view().details("plan/5").unwrap().unwrap().title, "x");
}

#[test]
fn two_processes_of_a_machine_share_its_copy() {
    let Some(cluster) = Cluster::start(1, &[]) else { return };
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let owner = open(&cluster, a.path()).unwrap();
    let guest = open(&cluster, a.path()).unwrap();
    let other = open(&cluster, b.path()).unwrap();
    thread::scope(|scope| {
        for (number, index) in [&owner, &guest, &other].into_iter().enumerate() {
            scope.spawn(move || {
                for round in 0..30 {
                    index.assign(&format!("{number}/{round}"), ["Finance"]).unwrap();
                }
            });
        }
    });
    assert_eq!(owner.fresh_view().unwrap().revision(), 90);
    assert_same(&[&owner, &guest, &other]);
}

#[test]
fn another_machine_has_a_commit_soon_after_it_is_acknowledged() {
    let Some(cluster) = Cluster::start(1, &[]) else { return };
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let one = open(&cluster, a.path()).unwrap();
    let other = open(&cluster, b.path()).unwrap();
    // The watch has begun.
    thread::sleep(Duration::from_millis(500));
    let mut late = Vec::new();
    for task in 0..100 {
        one.assign(&format!("plan/{task}"), ["Finance"]).unwrap();
        let start = Instant::now();
        assert_eq!(other.wait_for(task + 1, LONG).revision(), task + 1);
        late.push(start.elapsed());
    }
    late.sort_unstable();
    // Without the watch it would take half a second.
    assert!(late[50] < Duration::from_millis(200), "{late:?}");
}

#[test]
fn a_machine_opens_while_others_commit() {
    let Some(cluster) = Cluster::start(1, &[]) else { return };
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let one = open(&cluster, a.path()).unwrap();
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            for task in 0.. {
                one.assign(&format!("plan/{task}"), ["Finance"]).unwrap();
                if is_over.load(Ordering::Relaxed) {
                    return;
                }
            }
        });
        for _ in 0..10 {
            let before = one.wait_for(one.revision() + 1, LONG).revision();
            let new = tempfile::tempdir().unwrap();
            for path in [new.path(), b.path()] {
                let opened = open(&cluster, path).unwrap();
                assert!(opened.revision() >= before);
                assert_eq!(opened.verify().unwrap(), []);
            }
        }
        is_over.store(true, Ordering::Relaxed);
    });
    assert_same(&[&one, &open(&cluster, b.path()).unwrap()]);
}

#[test]
fn machines_that_load_and_trim_at_the_same_time_do_not_mix_their_parts() {
    let Some(cluster) = Cluster::start(1, &[]) else { return };
    let directories: Vec<_> = (0..3).map(|_| tempfile::tempdir().unwrap()).collect();
    let machines: Vec<_> = directories[..2].iter().map(|at| open(&cluster, at.path()).unwrap()).collect();
    let load = |index: &Index, machine: usize| {
        let mut load = index.bulk_load();
        for task in 0..500 {
            let details = Details { text: format!("{machine}{task:0700}"), ..Details::default() };
            load.add_with(&format!("{machine}/{task}"), ["Transport", "Finance"], details).unwrap();
        }
        load.commit()
    };
    for round in 1..=2 {
        thread::scope(|scope| {
            for (machine, index) in machines.iter().enumerate() {
                scope.spawn(move || {
                    // A load is refused when another commit was first.
                    while let Err(error) = load(index, machine) {
                        assert!(error.is_conflict(), "{error}");
                    }
                });
            }
        });
        let newest = 2 * round;
        machines.iter().for_each(|index| assert_eq!(index.wait_for(newest, LONG).revision(), newest));
        thread::scope(|scope| {
            for (machine, index) in (0..).zip(&machines) {
                scope.spawn(move || {
                    // One machine at a time trims.
                    while let Err(error) = index.trim(newest - machine) {
                        assert!(matches!(error, Error::Log(LogError::Busy { .. })), "{error}");
                        thread::sleep(Duration::from_millis(5));
                    }
                });
            }
        });
        // A new machine reads the base that was put last.
        let new = tempfile::tempdir().unwrap();
        assert_eq!(export(&open(&cluster, new.path()).unwrap()), export(&machines[0]));
    }
    let new = open(&cluster, directories[2].path()).unwrap();
    assert_eq!(new.view().details("1/499").unwrap().unwrap().text, format!("1{:0700}", 499));
    assert_same(&[&machines[0], &machines[1], &new]);
}

/// Once a trim removed the parts of the append after it, too.
#[test]
fn a_trim_leaves_the_parts_of_the_append_after_it() {
    let Some(cluster) = Cluster::start(1, &[]) else { return };
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let index = open(&cluster, a.path()).unwrap();
    index.assign("plan/1", ["Transport"]).unwrap();
    let mut load = index.bulk_load();
    for task in 0..500 {
        let details = Details { text: "x".repeat(700), ..Details::default() };
        load.add_with(&format!("plan/{task}"), ["Finance"], details).unwrap();
    }
    load.commit().unwrap();
    index.trim(1).unwrap();
    assert_same(&[&index, &open(&cluster, b.path()).unwrap()]);
}
