//! Readers under a writer see whole revisions only; a view held stays as it was; writers at the same time lose nothing.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops at the first failure")]

mod common;

use std::collections::BTreeSet;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use common::{Home, Numbers, keys};
use responsibility_index::error::Conflict;
use responsibility_index::{Assignment, Durability, Error, Index, OpenOptions, Role, View};

const TASKS: usize = 40;

fn key(n: usize) -> String {
    format!("t/{n}")
}

/// Forty tasks, half of them led by A and supported by B, half the other way round.
fn balanced(index: &Index) {
    let mut batch = index.batch();
    for n in 0..TASKS {
        batch = batch.assign(key(n), if n % 2 == 0 { ["A", "B"] } else { ["B", "A"] });
    }
    batch.commit().unwrap();
}

/// What every batch of [`swap`] keeps: in either direction half is led by each. Other tasks than these may be there.
fn assert_balanced(view: &View) {
    let tasks = view.under("t/");
    let (a, b) = (view.led_by("A").unwrap() & &tasks, view.led_by("B").unwrap() & &tasks);
    assert_eq!((tasks.len(), a.len(), b.len()), (TASKS, TASKS / 2, TASKS / 2), "revision {}", view.revision());
    assert_eq!(a, view.supported_by("B").unwrap() & &tasks);
    let led = tasks.tasks().filter(|task| task.lead() == Some("A")).count();
    assert_eq!(led, TASKS / 2, "the tasks say otherwise than the units at revision {}", view.revision());
    assert!(a.keys().all(|key| view.lead(key) == Some("A") && view.role(key, "B").unwrap() == Some(Role::Support)));
}

/// Gives one task of each lead to the other.
fn swap(index: &Index, numbers: &mut Numbers) {
    let view = index.view();
    let pick = |lead: &str, numbers: &mut Numbers| {
        let led = keys(&(view.led_by(lead).unwrap() & view.under("t/")));
        numbers.pick(&led).clone()
    };
    let (to_b, to_a) = (pick("A", numbers), pick("B", numbers));
    index.batch().assign(to_b, ["B", "A"]).assign(to_a, ["A", "B"]).commit().unwrap();
}

fn read_while(index: &Index, writing: &AtomicBool) -> usize {
    let mut last = 0;
    let mut reads = 0;
    loop {
        let going = writing.load(Ordering::Acquire);
        let view = index.view();
        assert!(view.revision() >= last, "the index went back from {last} to {}", view.revision());
        last = view.revision();
        assert_balanced(&view);
        reads += 1;
        if !going {
            return reads;
        }
    }
}

/// Says that the writing is over, also when it fails, so that the readers end.
struct Ends<'w>(&'w AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

#[test]
fn readers_see_whole_revisions_only_whatever_the_writer_does() {
    for home in [Home::memory(), Home::disk()] {
        let options = OpenOptions::new().checkpoint_after(25).durability(Durability::Lazy);
        let index = home.open(&options).unwrap();
        balanced(&index);
        let writing = AtomicBool::new(true);
        thread::scope(|scope| {
            let readers: Vec<_> = (0..3).map(|_| scope.spawn(|| read_while(&index, &writing))).collect();
            scope.spawn(|| {
                let _ends = Ends(&writing);
                let mut numbers = Numbers::new(1);
                for round in 0..150 {
                    swap(&index, &mut numbers);
                    match round % 50 {
                        10 => index.checkpoint().unwrap(),
                        20 => {
                            index.repair().unwrap();
                        }
                        30 => {
                            let mut load = index.bulk_load();
                            load.add(&format!("other/{round}"), ["A", "C"]).unwrap();
                            load.commit().unwrap();
                        }
                        40 => drop(index.batch().add_alias("C", format!("C{round}")).commit().unwrap()),
                        _ => {}
                    }
                }
            });
            let reads: usize = readers.into_iter().map(|reader| reader.join().unwrap()).sum();
            assert!(reads >= 3);
        });
        assert_balanced(&index.view());
        assert_eq!(index.verify().unwrap(), []);
    }
}

#[test]
fn the_index_can_be_verified_while_it_is_written() {
    let index = OpenOptions::new().checkpoint_after(7).in_memory();
    balanced(&index);
    let writing = AtomicBool::new(true);
    thread::scope(|scope| {
        scope.spawn(|| {
            while writing.load(Ordering::Acquire) {
                assert_eq!(index.verify().unwrap(), []);
            }
        });
        let _ends = Ends(&writing);
        let mut numbers = Numbers::new(2);
        (0..100).for_each(|_| swap(&index, &mut numbers));
    });
}

#[test]
fn a_view_that_is_held_stays_as_it_was() {
    let index = OpenOptions::new().checkpoint_after(10).in_memory();
    balanced(&index);
    let mut numbers = Numbers::new(3);
    let told = |view: &View| view.tasks().tasks().map(|task| format!("{task:?}")).collect::<Vec<_>>();
    let mut held = Vec::new();
    for round in 0..60 {
        swap(&index, &mut numbers);
        if round == 30 {
            index.batch().rename_unit("A", "Alpha").commit().unwrap();
            index.batch().rename_unit("Alpha", "A").commit().unwrap();
            index.compact().unwrap();
        }
        let view = index.view();
        let led = view.led_by("A").unwrap();
        held.push((told(&view), keys(&led), view, led));
    }
    index.batch().assign("t/0", ["Z"]).remove("t/1").rename_unit("A", "Omega").commit().unwrap();
    for (tasks, led_keys, view, led) in &held {
        assert_balanced(view);
        assert_eq!(&told(view), tasks);
        assert_eq!(&keys(led), led_keys);
        assert_eq!(view.unit("A").unwrap().name(), "A");
        assert!(view.unit("Z").is_err());
    }
}

#[test]
fn writers_at_the_same_time_lose_nothing() {
    const WRITERS: usize = 4;
    const EACH: usize = 25;
    for home in [Home::memory(), Home::disk()] {
        let index = home.open(&OpenOptions::new().checkpoint_after(30)).unwrap();
        let start = Barrier::new(WRITERS);
        let revisions: Vec<u64> = thread::scope(|scope| {
            let writers: Vec<_> = (0..WRITERS)
                .map(|writer| {
                    let (index, start) = (index.clone(), &start);
                    scope.spawn(move || {
                        start.wait();
                        let own = (0..EACH).map(|n| {
                            let key = format!("w/{writer}/{n}");
                            let done = index.batch().assign(&key, ["Shared", &format!("U{writer}")]).commit().unwrap();
                            // What is acknowledged is seen, by whoever looks.
                            assert!(index.revision() >= done.revision());
                            assert_eq!(index.lead(&key).as_deref(), Some("Shared"));
                            done.revision()
                        });
                        own.collect::<Vec<u64>>()
                    })
                })
                .collect();
            writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect()
        });
        let all = (WRITERS * EACH) as u64;
        assert_eq!(
            revisions.iter().copied().collect::<BTreeSet<_>>(),
            (1..=all).collect(),
            "each has its own revision"
        );
        drop(index);
        let index = home.open(&OpenOptions::new()).unwrap();
        assert_eq!((index.revision(), index.view().len() as u64), (all, all));
        assert_eq!(index.view().led_by("Shared").unwrap().len() as u64, all);
        assert_eq!(index.verify().unwrap(), []);
    }
}

#[test]
fn loads_and_batches_at_the_same_time_lose_nothing() {
    let index = OpenOptions::new().checkpoint_after(5).in_memory();
    thread::scope(|scope| {
        scope.spawn(|| {
            for n in 0..10 {
                let mut load = index.bulk_load();
                (0..5).for_each(|m| load.add(&format!("load/{n}/{m}"), ["L", "New in load", "S"]).unwrap());
                load.commit().unwrap();
            }
        });
        scope.spawn(|| {
            (0..60).for_each(|n| drop(index.assign(&format!("batch/{n}"), ["S", &format!("B{n}")]).unwrap()))
        });
    });
    assert_eq!((index.view().under("load/").len(), index.view().under("batch/").len()), (50, 60));
    assert_eq!((index.view().led_by("L").unwrap().len(), index.view().involving("S").unwrap().len()), (50, 110));
    assert_eq!((index.revision(), index.view().units().count()), (70, 63));
    assert_eq!(index.verify().unwrap(), []);
}

#[test]
fn compare_and_set_counts_right_under_contention() {
    const WRITERS: usize = 4;
    const EACH: usize = 20;
    let index = Index::in_memory();
    index.assign("counter", ["0"]).unwrap();
    let add_one = |index: &Index| loop {
        let stands = index.view().standing("counter").unwrap();
        let next = stands.lead().unwrap().parse::<usize>().unwrap() + 1;
        match index.assign_if("counter", Some(stands.clone()), [next.to_string()]) {
            Ok(()) => return,
            Err(Error::Conflict(Conflict::Standing { task, expected, found })) => {
                assert_eq!((task.as_str(), expected.as_ref()), ("counter", Some(&stands)));
                assert_ne!(found, Some(stands));
            }
            Err(other) => panic!("{other:?}"),
        }
    };
    thread::scope(|scope| {
        for _ in 0..WRITERS {
            scope.spawn(|| (0..EACH).for_each(|_| add_one(&index)));
        }
    });
    assert_eq!(index.lead("counter").unwrap(), (WRITERS * EACH).to_string());
    assert_eq!(index.revision(), (WRITERS * EACH + 1) as u64);
}

#[test]
fn of_many_who_claim_a_free_task_one_gets_it() {
    let index = Index::in_memory();
    let start = Barrier::new(6);
    let won: usize = thread::scope(|scope| {
        let claims: Vec<_> = (0..6)
            .map(|n| {
                let (index, start) = (&index, &start);
                scope.spawn(move || {
                    start.wait();
                    index.assign_if("prize", None, [format!("U{n}")]).is_ok()
                })
            })
            .collect();
        claims.into_iter().map(|claim| usize::from(claim.join().unwrap())).sum()
    });
    assert_eq!((won, index.revision()), (1, 1));
}

#[test]
fn a_commit_at_a_revision_is_the_only_one_made_on_it() {
    let index = Index::in_memory();
    let attempts = |writer: usize| {
        let mut won = 0;
        while won < 15 {
            let at = index.revision();
            let assignment = Assignment::new(["A"]).unwrap();
            let done = index.batch().at_revision(at).assign(format!("{writer}/{won}"), &assignment).commit();
            match done {
                Ok(plan) => {
                    assert_eq!(plan.revision(), at + 1);
                    won += 1;
                }
                Err(Error::Conflict(Conflict::Revision { expected, found })) => assert!(expected == at && found > at),
                Err(other) => panic!("{other:?}"),
            }
        }
    };
    thread::scope(|scope| {
        (0..3).for_each(|writer| drop(scope.spawn(move || attempts(writer))));
    });
    assert_eq!((index.revision(), index.view().len()), (45, 45));
}

#[test]
fn an_index_and_its_views_go_to_any_thread() {
    fn anywhere<T: Clone + Send + Sync + 'static>(_: &T) {}
    let index = Index::in_memory();
    anywhere(&index);
    anywhere(&index.view());
    anywhere(&index.view().tasks());
    fn movable<T: Send>(_: &T) {}
    movable(&index.batch());
    movable(&index.bulk_load());
}

/// Every fifth commit is refused: it names a unit twice, or expects what is not so.
#[test]
fn many_threads_that_commit_at_once_get_each_its_own_answer() {
    const THREADS: usize = 8;
    const EACH: usize = 200;
    for home in [Home::memory(), Home::disk()] {
        for durability in [Durability::Synced, Durability::Lazy] {
            let prefix = format!("{durability:?}");
            let index = home.open(&OpenOptions::new().durability(durability).checkpoint_after(100)).unwrap();
            let before = index.revision();
            let start = Barrier::new(THREADS);
            let commit = |thread: usize, n: usize| -> Option<u64> {
                let key = format!("{prefix}/{thread}/{n}");
                let lead = format!("T{thread}");
                let batch = index.batch();
                match n % 10 {
                    4 => {
                        let refused = batch.assign(&key, [&lead, "Shared", &lead]).commit().unwrap_err();
                        assert!(refused.to_string().contains(&key), "{refused}");
                    }
                    9 => {
                        let expected = Assignment::new(["Nobody"]).unwrap();
                        let refused =
                            batch.assign(&key, [&lead]).only_if("other", Some(expected.into())).commit().unwrap_err();
                        assert!(matches!(refused, Error::Conflict(_)), "{refused}");
                    }
                    _ => {
                        let plan = batch.assign(&key, [&lead, "Shared"]).commit().unwrap();
                        let told: Vec<_> = plan.tasks().map(|change| change.key.to_owned()).collect();
                        assert_eq!(told, [key.as_str()], "the answer is that of another caller");
                        assert_eq!(index.lead(&key).as_deref(), Some(lead.as_str()), "what is acknowledged is shown");
                        return Some(plan.revision());
                    }
                }
                assert_eq!(index.lead(&key), None);
                None
            };
            let revisions: BTreeSet<u64> = thread::scope(|scope| {
                let run = |thread: usize| {
                    start.wait();
                    let own: Vec<u64> = (0..EACH).filter_map(|n| commit(thread, n)).collect();
                    assert!(own.is_sorted());
                    own
                };
                let threads: Vec<_> = (0..THREADS).map(|thread| scope.spawn(move || run(thread))).collect();
                threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
            });
            let done = THREADS * EACH * 8 / 10;
            assert!(revisions.iter().copied().eq(before + 1..=before + done as u64), "revisions are contiguous");
            let check = |index: &Index| {
                let view = index.view();
                assert_eq!(view.revision(), before + done as u64);
                let expected = |thread: usize| {
                    let kept = (0..EACH).filter(|n| !matches!(n % 10, 4 | 9));
                    kept.map(|n| format!("{prefix}/{thread}/{n}")).collect::<Vec<_>>()
                };
                for thread in 0..THREADS {
                    let led = view.led_by(&format!("T{thread}")).unwrap() & view.under(&format!("{prefix}/"));
                    assert_eq!(keys(&led), expected(thread));
                }
                let shared = view.supported_by("Shared").unwrap() & view.under(&format!("{prefix}/"));
                assert_eq!(shared.len(), done);
                assert_eq!(index.verify().unwrap(), []);
            };
            check(&index);
            drop(index);
            check(&home.open(&OpenOptions::new()).unwrap());
        }
    }
}
