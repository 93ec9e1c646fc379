//! The feed: followers, cursors, futures, and commits as lines.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops at the first failure")]

mod common;

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::{Duration, Instant};

use common::Home;
use responsibility_index::error::LogError;
use responsibility_index::history::{Commit, Cursor, Follower, Lines};
use responsibility_index::{Details, Error, Index, InputError, OpenOptions, Role, UnitKind};

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(60);

fn rest(follower: &mut Follower) -> Vec<Commit> {
    std::iter::from_fn(|| follower.next_within(Duration::ZERO).unwrap()).collect()
}

fn revisions(commits: &[Commit]) -> Vec<u64> {
    commits.iter().map(Commit::revision).collect()
}

#[test]
fn every_follower_of_eight_writers_gets_each_commit_once_in_order() {
    const WRITERS: usize = 8;
    const EACH: usize = 60;
    for home in [Home::memory(), Home::disk()] {
        let index = home.open(&OpenOptions::new()).unwrap();
        let all = (WRITERS * EACH) as u64;
        thread::scope(|scope| {
            for writer in 0..WRITERS {
                let index = index.clone();
                scope.spawn(move || {
                    for n in 0..EACH {
                        if n == 30 {
                            let mut load = index.bulk_load();
                            load.add(&format!("load/{writer}"), ["A", "B"]).unwrap();
                            load.commit().unwrap();
                        } else {
                            index.assign(&format!("task/{writer}/{n}"), ["A"]).unwrap();
                        }
                    }
                });
            }
            let followers: Vec<_> = (0..4)
                .map(|_| {
                    let mut follower = index.follow(0).unwrap();
                    scope.spawn(move || {
                        let mut got = Vec::new();
                        while got.len() < all as usize {
                            got.push(follower.next_within(PATIENCE).unwrap().expect("it comes in time").revision());
                        }
                        assert_eq!(follower.revision(), all);
                        got
                    })
                })
                .collect();
            for follower in followers {
                assert!(follower.join().unwrap().into_iter().eq(1..=all));
            }
        });
        // Whoever begins later gets the rest.
        for after in (0..=all).step_by(17) {
            assert!(revisions(&rest(&mut index.follow(after).unwrap())).into_iter().eq(after + 1..=all));
        }
        assert!(matches!(index.follow(all + 1), Err(Error::Input(InputError::NoSuchRevision { .. }))));
    }
}

#[test]
fn filters_pass_what_leaves_and_what_comes_and_move_on_over_the_rest() {
    let index = Index::in_memory();
    index.assign("a/1", ["Roads", "Finance"]).unwrap(); // 1
    index.assign("a/2", ["Police"]).unwrap(); // 2
    index.assign("b/1", ["Roads"]).unwrap(); // 3
    index.assign("a/1", ["Police", "Finance"]).unwrap(); // 4: leaves Roads
    index.batch().add("a/2", "Roads", Role::Consulted).assign("b/2", ["Police"]).commit().unwrap(); // 5
    index.batch().rename_unit("Roads", "Transport").commit().unwrap(); // 6
    index.batch().create_unit("Health", UnitKind::Body).commit().unwrap(); // 7
    index.remove("a/2").unwrap(); // 8
    let keys = |commits: &[Commit]| {
        let keys = commits.iter().flat_map(|commit| commit.tasks().map(|task| task.key.to_owned()).collect::<Vec<_>>());
        keys.collect::<Vec<_>>()
    };
    let mut named = index.follow(0).unwrap().naming("Roads").unwrap();
    let commits = rest(&mut named);
    assert_eq!((revisions(&commits), named.revision()), (vec![1, 3, 4, 5, 6, 8], 8));
    assert_eq!(keys(&commits), ["a/1", "b/1", "a/1", "a/2", "a/2"], "of commit 5 only what names it");
    assert_eq!(commits[4].units()[0].after.as_ref().unwrap().name, "Transport");
    let mut under = index.follow(0).unwrap().under("b/");
    let commits = rest(&mut under);
    assert_eq!(
        (revisions(&commits), keys(&commits)),
        (vec![1, 2, 3, 5, 6, 7], vec!["b/1".to_owned(), "b/2".to_owned()])
    );
    assert_eq!(commits[0].units().len(), 2, "units are in no section: they come, without the tasks");
    let mut both = index.follow(0).unwrap().under("a/").naming("Transport").unwrap();
    assert_eq!(revisions(&rest(&mut both)), [1, 4, 5, 6, 8]);
    assert!(matches!(index.follow(0).unwrap().naming("nobody"), Err(Error::Input(InputError::UnknownUnit { .. }))));
}

#[test]
fn a_trim_under_a_follower_is_an_error_and_never_a_gap() {
    for home in [Home::memory(), Home::disk()] {
        let index = home.open(&OpenOptions::new()).unwrap();
        (0..600).for_each(|n| drop(index.assign(&format!("t/{n}"), ["A"]).unwrap()));
        let mut ahead = index.follow(590).unwrap();
        let mut behind = index.follow(0).unwrap();
        assert_eq!(behind.next_within(Duration::ZERO).unwrap().unwrap().revision(), 1);
        index.trim(580).unwrap();
        assert!(revisions(&rest(&mut ahead)).into_iter().eq(591..=600));
        // What it has read already it still hands out.
        let mut last = 1;
        let error = loop {
            match behind.next_within(Duration::ZERO) {
                Ok(Some(commit)) => {
                    assert_eq!(commit.revision(), last + 1);
                    last += 1;
                }
                Ok(None) => panic!("it ended at {last}"),
                Err(error) => break error,
            }
        };
        assert!(matches!(error, Error::Log(LogError::Trimmed { asked, oldest: 580 }) if asked == last), "{error}");
        let again = index.follow(index.view().revision()).unwrap();
        assert_eq!(again.revision(), 600);
    }
}

#[test]
fn a_cursor_resumes_in_its_own_history_only() {
    let (home, scratch) = (Home::disk(), tempfile::tempdir().unwrap());
    let index = home.open(&OpenOptions::new()).unwrap();
    index.assign("t/1", ["A"]).unwrap();
    index.assign("t/2", ["A"]).unwrap();
    let mut follower = index.follow(0).unwrap();
    let first = follower.next_within(Duration::ZERO).unwrap().unwrap();
    assert_eq!((first.cursor(), follower.cursor().revision()), (follower.cursor(), 1));
    let cursor: Cursor = follower.cursor().to_string().parse().unwrap();
    let copy = scratch.path().join("copy.ri");
    index.backup(&copy).unwrap();
    drop((follower, index));
    let index = home.open(&OpenOptions::new()).unwrap();
    assert_eq!(revisions(&rest(&mut index.resume(&cursor).unwrap())), [2]);
    assert_eq!(index.cursor().revision(), 2);
    let copy = Index::open(&copy).unwrap();
    let error = copy.resume(&cursor).unwrap_err();
    let Some(InputError::OtherHistory { given, expected }) = error.input() else { panic!("{error}") };
    assert_eq!((given, expected), (&index.cursor().log_id(), &copy.cursor().log_id()));
    assert!(Index::in_memory().resume(&cursor).is_err());
    assert_ne!(Index::in_memory().cursor().log_id(), Index::in_memory().cursor().log_id());
    let ahead: Cursor = format!("{}-7", index.cursor().log_id()).parse().unwrap();
    assert!(matches!(index.resume(&ahead), Err(Error::Input(InputError::NoSuchRevision { asked: 7, newest: 2 }))));
}

/// A waker that counts.
#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn a_future_is_woken_by_the_commit_that_it_waits_for() {
    let index = Index::in_memory();
    let count = Arc::new(Count::default());
    let waker = Waker::from(Arc::clone(&count));
    let mut context = Context::from_waker(&waker);
    let mut changed = pin!(index.changed(0));
    assert!(changed.as_mut().poll(&mut context).is_pending());
    drop(index.changed(0));
    index.assign("t/1", ["A"]).unwrap();
    assert_eq!(count.0.load(Ordering::SeqCst), 1);
    assert_eq!(changed.as_mut().poll(&mut context), Poll::Ready(1));
    // One that waits for a later revision is woken, and waits on.
    let mut later = pin!(index.changed(2));
    assert!(later.as_mut().poll(&mut context).is_pending());
    index.assign("t/2", ["A"]).unwrap();
    assert!(later.as_mut().poll(&mut context).is_pending());
    index.assign("t/3", ["A"]).unwrap();
    assert_eq!((count.0.load(Ordering::SeqCst), later.as_mut().poll(&mut context)), (3, Poll::Ready(3)));
    // A follower as a stream.
    let mut follower = index.follow(2).unwrap();
    let Poll::Ready(Ok(commit)) = follower.poll_next(&mut context) else { panic!() };
    assert_eq!(commit.revision(), 3);
    assert!(follower.poll_next(&mut context).is_pending());
    index.assign("t/4", ["A"]).unwrap();
    assert_eq!(count.0.load(Ordering::SeqCst), 4);
    assert!(matches!(follower.poll_next(&mut context), Poll::Ready(Ok(commit)) if commit.revision() == 4));
    // Nobody is woken who has gone.
    drop(follower);
    index.assign("t/5", ["A"]).unwrap();
    assert_eq!(count.0.load(Ordering::SeqCst), 4);
}

#[test]
fn all_who_wait_are_woken_and_those_who_wait_for_more_wait_on() {
    let index = Index::in_memory();
    let done = AtomicUsize::new(0);
    let ended = AtomicBool::new(false);
    thread::scope(|scope| {
        for waiter in 0..60 {
            let mut follower = index.follow(0).unwrap();
            let (done, ended) = (&done, &ended);
            scope.spawn(move || {
                for _ in 0..=waiter % 3 {
                    assert!(follower.next_within(PATIENCE).unwrap().is_some());
                }
                // Those who leave do not keep the others from being woken.
                if waiter % 3 == 2 {
                    while !ended.load(Ordering::SeqCst) {
                        let _ = follower.next_within(Duration::from_micros(200)).unwrap();
                    }
                }
                done.fetch_add(1, Ordering::SeqCst);
            });
        }
        let start = Instant::now();
        for n in 0..200 {
            index.assign(&format!("t/{n}"), ["A"]).unwrap();
            thread::sleep(Duration::from_micros(300));
        }
        while done.load(Ordering::SeqCst) < 40 {
            assert!(start.elapsed() < PATIENCE, "{} of 40", done.load(Ordering::SeqCst));
            thread::yield_now();
        }
        ended.store(true, Ordering::SeqCst);
    });
    assert_eq!(done.into_inner(), 60);
}

/// A feed with every kind of line.
fn feed(index: &Index) -> Vec<u8> {
    let mut lines = Vec::new();
    index.follow(0).unwrap().cursor().write_line(&mut lines).unwrap();
    for commit in index.commits(..).unwrap() {
        commit.unwrap().write_lines(&mut lines).unwrap();
    }
    lines
}

fn filled() -> Index {
    let index = Index::in_memory();
    index.batch().note("first \"plan\"", "省政府").assign("计划/1", ["Roads", "Finance"]).commit().unwrap();
    let day = jiff::civil::date(2018, 11, 5);
    index.batch().in_force_from(day).rename_unit("Roads", "Transport").commit().unwrap();
    let mut load = index.bulk_load();
    load.add_with("计划/2", ["Police"], Details::titled("two")).unwrap();
    load.add("计划/1", ["Finance"]).unwrap();
    load.commit().unwrap();
    index.batch().vacate("计划/1").remove("计划/2").declare("计划/3").commit().unwrap();
    index.batch().remove_unit("Transport").commit().unwrap();
    index
}

#[test]
fn lines_are_read_back_as_the_commits_that_were_written() {
    let index = filled();
    let lines = feed(&index);
    let text = String::from_utf8(lines.clone()).unwrap();
    let second = text.lines().nth(1).unwrap();
    assert!(second.starts_with("{\"commit\":1,\"time\":\""), "{second}");
    assert!(text.contains(r#""day":"2018-11-05""#) && text.contains(r#""loaded":2"#), "{text}");
    assert!(
        text.contains(r#"{"unit":{"before":{"name":"Transport","kind":"body","aliases":["Roads"]},"after":null}}"#),
        "{text}"
    );
    let mut reader = Lines::new(lines.as_slice()).unwrap();
    let read: Vec<Commit> = reader.by_ref().map(Result::unwrap).collect();
    let written: Vec<Commit> = index.commits(..).unwrap().map(Result::unwrap).collect();
    assert_eq!(read, written);
    assert_eq!(reader.cursor(), index.cursor());
    let mut again = Vec::new();
    index.follow(0).unwrap().cursor().write_line(&mut again).unwrap();
    read.iter().for_each(|commit| commit.write_lines(&mut again).unwrap());
    assert_eq!(String::from_utf8(again).unwrap(), text);
}

#[test]
fn lines_that_are_cut_short_or_damaged_are_refused_with_their_number_after_the_whole_commits() {
    let lines = feed(&filled());
    let whole: Vec<Commit> = Lines::new(lines.as_slice()).unwrap().map(Result::unwrap).collect();
    let mut cut_at_commit = 0;
    for end in 0..lines.len() {
        let read = Lines::new(&lines[..end]).map(|lines| lines.collect::<Vec<_>>());
        let Ok(mut read) = read else {
            assert!(end <= lines.iter().position(|byte| *byte == b'\n').unwrap());
            continue;
        };
        let bad = read.pop_if(|last| last.is_err());
        cut_at_commit += usize::from(bad.is_none());
        assert!(read.iter().zip(&whole).all(|(read, whole)| read.as_ref().unwrap() == whole), "cut at {end}");
        if let Some(Err(error)) = bad {
            assert!(matches!(error.input(), Some(InputError::BadLine { line: 2.., .. })), "{error}");
        }
    }
    assert_eq!(cut_at_commit, whole.len(), "before each commit");
    let text = String::from_utf8(lines).unwrap();
    for (from, to, line) in [
        ("\"version\":1", "\"version\":2", 1),
        ("responsibility-index-log", "responsibility-index", 1),
        ("{\"commit\":2", "{\"commit\":1", 6),
        ("\"changes\":1", "\"changes\":9", 7),
        ("{\"task\":\"计划/1\"", "{\"tusk\":\"计划/1\"", 5),
        ("\"lead\":\"Roads\"", "\"lead\":\"Roads\",\"supporting\":[\"Roads\"]", 5),
    ] {
        let damaged = text.replacen(from, to, 1);
        assert_ne!(damaged, text, "{from}");
        let error = match Lines::new(damaged.as_bytes()) {
            Err(error) => error,
            Ok(lines) => lines.filter_map(Result::err).next().unwrap_or_else(|| panic!("{to} is read")),
        };
        assert!(matches!(error.input(), Some(InputError::BadLine { line: at, .. }) if *at >= line), "{error}");
    }
    let first = text.lines().next().unwrap();
    let head = "{\"commit\":1,\"time\":\"2018-11-05T02:10:00Z\",\"changes\":1}";
    for (line, why) in [
        ("{}", "a change is that of a task, of a unit or of a fact"),
        ("{\"task\":\"x\"}", "a task has no standing before and none after"),
        ("{\"task\":\"\",\"after\":{\"lead\":\"A\"}}", "the task key is empty"),
        ("{\"unit\":{\"before\":null,\"after\":null}}", "a unit is there neither before nor after"),
        (
            "{\"unit\":{\"after\":{\"name\":\"A\"}},\"task\":\"x\"}",
            "a change is that of a task, of a unit or of a fact",
        ),
        ("{\"fact\":{\"before\":null,\"after\":null}}", "a fact is there neither before nor after"),
        ("{\"fact\":{\"after\":{\"report\":1}}}", "invalid type: integer `1`"),
        ("{\"tusk\":1}", "unknown field `tusk`"),
        ("{tusk}", "it is not JSON: key must be a string at byte 2"),
    ] {
        let feed = format!("{first}\n{head}\n{line}\n");
        let error = Lines::new(feed.as_bytes()).unwrap().next().unwrap().unwrap_err().to_string();
        assert!(error.starts_with(&format!("line 3: {why}")) && !error.contains("at line 1"), "{error}");
    }
    assert!(Lines::new(&b""[..]).is_err() && Lines::new(&b"\xFF\n"[..]).is_err());
}
