//! The past: histories of tasks, commits, views of older revisions and of days, undoing a commit.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops at the first failure")]

mod common;

use std::sync::Mutex;

use common::Home;
use jiff::Timestamp;
use jiff::civil::{Date, date};
use responsibility_index::error::{Conflict, LogError};
use responsibility_index::history::{Commit, Past};
use responsibility_index::{Details, Error, Index, InputError, OpenOptions, Role, UnitKind, View, testing};

fn exported(view: &View) -> String {
    let mut lines = Vec::new();
    testing::export(view, &mut lines).unwrap();
    String::from_utf8(lines).unwrap()
}

fn pasts(view: &View, task: &str) -> Vec<Past> {
    view.history(task).map(Result::unwrap).collect()
}

/// The revision and the standing of each item of a history.
fn told(view: &View, task: &str) -> Vec<(u64, String)> {
    let standing = |past: &Past| past.standing.as_ref().map_or_else(|| "none".to_owned(), ToString::to_string);
    pasts(view, task).iter().map(|past| (past.revision, standing(past))).collect()
}

fn commits(index: &Index) -> Vec<Commit> {
    index.commits(..).unwrap().map(Result::unwrap).collect()
}

/// Fourteen revisions, with loads in the middle that replace, repeat and bring back tasks.
fn fill(index: &Index) {
    index.assign("plan/1", ["Roads", "Finance"]).unwrap(); // 1
    index.assign("plan/2", ["Finance"]).unwrap(); // 2
    index.remove("plan/2").unwrap(); // 3
    let mut load = index.bulk_load(); // 4: replaces plan/1, brings plan/2 back, adds plan/3
    load.note("loaded", "registry").add("plan/1", ["Police", "Roads"]).unwrap();
    load.add("plan/2", ["Roads"]).unwrap();
    load.add_with("plan/3", ["Roads"], Details::titled("three")).unwrap();
    load.commit().unwrap();
    index.batch().rename_unit("Roads", "Transport").commit().unwrap(); // 5
    index.batch().set_lead("plan/1", "Transport", Some(Role::Support)).commit().unwrap(); // 6
    index.batch().remove_alias("Transport", "Roads").commit().unwrap(); // 7
    let mut load = index.bulk_load(); // 8: repeats plan/2, replaces plan/3
    load.add("plan/2", ["Transport"]).unwrap();
    load.add("plan/3", ["Finance"]).unwrap();
    load.commit().unwrap();
    index.batch().set_title("plan/3", "third").commit().unwrap(); // 9
    index.batch().vacate("plan/2").commit().unwrap(); // 10
    index.batch().create_unit("Joint", UnitKind::Collective).commit().unwrap(); // 11
    index.batch().remove("plan/3").commit().unwrap(); // 12
    index.batch().remove_unit("Joint").commit().unwrap(); // 13
    index.batch().assign("plan/4", ["Health"]).note("why", "who").commit().unwrap(); // 14
    assert_eq!(index.revision(), 14);
}

/// Checks an index that was filled: as it is, opened again from its rows, and opened from its log alone. Each time it is
/// another index, since the check may change it.
fn thrice(check: impl Fn(&Index)) {
    for (time, new) in (0..3).flat_map(|time| [(time, Home::memory as fn() -> Home), (time, Home::disk)]) {
        let home = new();
        let mut index = home.open(&OpenOptions::new()).unwrap();
        fill(&index);
        if time > 0 {
            drop(index);
            if time == 2 {
                remove_rows(&home);
            }
            index = home.open(&OpenOptions::new()).unwrap();
        }
        check(&index);
    }
}

fn remove_rows(home: &Home) {
    match home {
        Home::Memory(home) => home.remove_rows(),
        Home::Disk(directory) => std::fs::remove_dir_all(directory.path().join("index/rows")).unwrap(),
    }
}

#[test]
fn the_history_of_a_task_has_each_commit_that_changed_it_with_the_names_of_then() {
    thrice(|index| {
        let view = index.view();
        let history = |task| told(&view, task);
        let pair = |revision, text: &str| (revision, text.to_owned());
        assert_eq!(
            history("plan/1"),
            [
                pair(6, "lead Transport; supporting Police"),
                pair(4, "lead Police; supporting Roads"),
                pair(1, "lead Roads; supporting Finance")
            ]
            .map(|(revision, _)| (revision, index.view_at(revision).unwrap().standing("plan/1").unwrap().to_string()))
        );
        assert_eq!(pasts(&view, "plan/1")[1].standing.as_ref().unwrap().lead(), Some("Police"));
        let revisions = |task| history(task).into_iter().map(|(revision, _)| revision).collect::<Vec<_>>();
        assert_eq!(revisions("plan/2"), [10, 4, 3, 2], "a load that repeats a task changes nothing");
        assert_eq!(history("plan/2")[2], pair(3, "none"));
        assert_eq!(revisions("plan/3"), [12, 9, 8, 4], "a task that is removed has a history");
        assert_eq!(
            pasts(&view, "plan/3").iter().map(|past| past.details).collect::<Vec<_>>(),
            [true, true, true, true]
        );
        assert_eq!(revisions("plan/4"), [14]);
        assert!(pasts(&view, "plan/5").is_empty());
        let stamp = pasts(&view, "plan/1")[1].stamp.clone().unwrap();
        assert_eq!((stamp.note.why.as_str(), stamp.note.who.as_str(), stamp.day), ("loaded", "registry", None));
        // The history of an older view ends where the view does.
        let then = index.view_at(5).unwrap();
        assert_eq!(told(&then, "plan/1").len(), 2);
        assert!(then.task("plan/1").is_some_and(|task| task.changed() == 4));
    });
}

#[test]
fn commits_have_what_was_and_what_is_and_can_be_read_from_both_ends() {
    thrice(|index| {
        let all = commits(index);
        assert_eq!(all.iter().map(Commit::revision).collect::<Vec<_>>(), (1..=14).collect::<Vec<_>>());
        let back: Vec<Commit> = index.commits(..).unwrap().rev().map(Result::unwrap).collect();
        assert!(back.iter().rev().eq(&all));
        let mut both = index.commits(3..=9).unwrap();
        let mut order = Vec::new();
        while let Some(commit) = both.next() {
            order.push(commit.unwrap().revision());
            order.extend(both.next_back().map(|commit| commit.unwrap().revision()));
        }
        assert_eq!(order, [3, 9, 4, 8, 5, 7, 6]);
        assert_eq!(index.commits(13..100).unwrap().count(), 2, "what is not reached is not in it");
        assert_eq!((index.commits(20..).unwrap().count(), index.commits(5..5).unwrap().count()), (0, 0));
        let load = &all[3];
        assert_eq!((load.loaded(), load.note().why.as_str()), (Some(3), "loaded"));
        let changes: Vec<_> = load.tasks().collect();
        assert_eq!(changes.iter().map(|change| change.key).collect::<Vec<_>>(), ["plan/1", "plan/2", "plan/3"]);
        assert_eq!(changes[0].before.as_ref().unwrap().lead(), Some("Roads"));
        assert!(changes[1].before.is_none() && changes[2].details && !changes[1].details);
        let [rename] = &all[4].units()[..] else { panic!("{:?}", all[4]) };
        let (before, after) = (rename.before.as_ref().unwrap(), rename.after.as_ref().unwrap());
        assert_eq!((before.name.as_str(), after.name.as_str()), ("Roads", "Transport"));
        assert_eq!((after.aliases.as_slice(), after.kind), (["Roads".to_owned()].as_slice(), None));
        let [gone] = &all[12].units()[..] else { panic!("{:?}", all[12]) };
        assert_eq!(
            gone.before.as_ref().map(|unit| (unit.name.as_str(), unit.kind)),
            Some(("Joint", Some(UnitKind::Collective)))
        );
        assert!(gone.after.is_none());
    });
}

#[test]
fn an_older_view_is_a_view_like_any_other() {
    thrice(|index| {
        let names = |view: &View| view.units().map(|unit| unit.name().to_owned()).collect::<Vec<_>>();
        assert_eq!(exported(&index.view_at(0).unwrap()).lines().count(), 1);
        let then = index.view_at(4).unwrap();
        assert_eq!(names(&then), ["Roads", "Finance", "Police"]);
        assert_eq!(then.details("plan/3").unwrap().unwrap().title, "three");
        assert!(then.led_by("Roads").unwrap().keys().eq(["plan/2", "plan/3"]));
        assert_eq!(exported(&index.view_at(14).unwrap()), exported(&index.view()));
        // Sets of two revisions combine; the result is of the newer one.
        let stayed = then.led_by("Roads").unwrap() & index.view_at(9).unwrap().led_by("Transport").unwrap();
        assert!(stayed.keys().eq(["plan/2"]));
        let diff = index.view().diff(&then);
        assert_eq!(diff.tasks().map(|task| task.key).collect::<Vec<_>>(), ["plan/1", "plan/2", "plan/3", "plan/4"]);
        assert_eq!(diff.units().count(), 2, "one was renamed, one is new; one came and went");
        assert!(index.view().diff(&index.view()).is_empty());
        let changed = index.view();
        let mut changed: Vec<_> =
            changed.changed_since(9).unwrap().map(|(key, task)| (key.to_owned(), task.is_some())).collect();
        changed.sort();
        assert_eq!(changed, [("plan/2".into(), true), ("plan/3".into(), false), ("plan/4".into(), true)]);
        let Err(Error::Input(InputError::NoSuchRevision { asked: 15, newest: 14 })) = index.view_at(15) else {
            panic!()
        };
    });
}

#[test]
fn a_unit_asked_by_a_name_of_another_time_is_an_error_that_says_when() {
    thrice(|index| {
        let error = |view: &View, name: &str| view.led_by(name).unwrap_err().to_string();
        let then = index.view_at(4).unwrap();
        assert_eq!(
            error(&then, "Transport"),
            "no unit is called \"Transport\" at revision 4; unit \"Roads\" is called so from revision 5 on"
        );
        assert_eq!(
            error(&index.view(), "Roads"),
            "no unit is called \"Roads\" at revision 14; unit \"Transport\" was called so until revision 5"
        );
        assert_eq!(
            error(&index.view(), "Joint"),
            "no unit is called \"Joint\" at revision 14; a unit that it does not have was called so until revision 13"
        );
        assert_eq!(
            error(&then, "Health"),
            "no unit is called \"Health\" at revision 4; a unit that it does not have is called so later"
        );
        let unknown = index.assign("plan/1", ["Finance"]).and_then(|_| index.view().led_by("Financ").map(drop));
        assert!(unknown.unwrap_err().to_string().ends_with("is it \"Finance\"?"));
    });
}

#[test]
fn the_horizon_is_exact() {
    for home in [Home::memory(), Home::disk()] {
        let index = home.open(&OpenOptions::new()).unwrap();
        fill(&index);
        let at_six = exported(&index.view_at(6).unwrap());
        index.trim(6).unwrap();
        assert_eq!(index.horizon().unwrap(), 6);
        let trimmed = |error: Error| matches!(error, Error::Log(LogError::Trimmed { asked: 5, oldest: 6 }));
        assert!(trimmed(index.view_at(5).unwrap_err()));
        assert!(trimmed(index.commits(6..).map(drop).unwrap_err()));
        assert!(trimmed(index.follow(5).map(drop).unwrap_err()));
        assert!(trimmed(index.view().changed_since(5).map(drop).unwrap_err()));
        assert!(trimmed(index.batch().revert(6).commit().unwrap_err()));
        let at_horizon = index.view_at(6).unwrap();
        assert_eq!((exported(&at_horizon), at_horizon.revision()), (at_six.clone(), 6));
        assert_eq!(index.commits(..).unwrap().next().unwrap().unwrap().revision(), 7);
        assert_eq!(index.follow(6).unwrap().revision(), 6);
        assert!(index.view().changed_since(6).is_ok());
        assert!(index.view_at(7).is_ok());
        // A history ends with what was so at the horizon.
        let past = pasts(&index.view(), "plan/1");
        assert_eq!((past.len(), past[0].revision, past[0].stamp.is_none()), (1, 6, true));
        let past = pasts(&index.view(), "plan/2");
        assert_eq!(
            past.iter().map(|past| (past.revision, past.stamp.is_some())).collect::<Vec<_>>(),
            [(10, true), (4, false)]
        );
        drop(index);
        let index = home.open(&OpenOptions::new()).unwrap();
        assert_eq!(exported(&index.view_at(6).unwrap()), at_six);
        assert!(trimmed(index.view_at(5).unwrap_err()));
        index.trim(14).unwrap();
        assert_eq!(exported(&index.view_at(14).unwrap()), exported(&index.view()));
        assert!(index.batch().revert(14).commit().is_err() && index.commits(..).unwrap().next().is_none());
    }
}

#[test]
fn compacting_keeps_the_past_and_forgets_what_was_removed_before_the_horizon() {
    let index = Index::in_memory();
    fill(&index);
    let at_nine = exported(&index.view_at(9).unwrap());
    index.compact().unwrap();
    assert_eq!(exported(&index.view_at(9).unwrap()), at_nine);
    assert_eq!(pasts(&index.view(), "plan/3").len(), 4);
    index.trim(12).unwrap();
    index.compact().unwrap();
    assert_eq!(pasts(&index.view(), "plan/3"), []);
    assert_eq!(exported(&index.view_at(12).unwrap()), exported(&index.view_at(12).unwrap()));
}

#[test]
fn days_go_forward_and_are_asked_for() {
    thrice(|index| {
        let (first, second) = (date(2016, 3, 28), date(2018, 11, 5));
        let at = |day: Date| index.view_on(day).map(|view| view.revision());
        assert!(matches!(at(first).unwrap_err().input(), Some(InputError::NoSuchDay { first: None, .. })));
        let begin = index.revision();
        index.batch().assign("day/1", ["Roads"]).in_force_from(first).commit().unwrap();
        index.assign("day/1", ["Finance"]).unwrap();
        let mut load = index.bulk_load();
        load.in_force_from(second).add("day/2", ["Police"]).unwrap();
        load.commit().unwrap();
        index.batch().assign("day/1", ["Police"]).in_force_from(second).commit().unwrap();
        let back = index.batch().assign("day/1", ["Roads"]).in_force_from(first).commit().unwrap_err();
        assert!(
            matches!(back.input(), Some(InputError::DayGoesBack { given, newest }) if (*given, *newest) == (first, second))
        );
        assert_eq!(
            back.to_string(),
            "the day 2016-03-28 is before 2018-11-05, that of the newest commit: record earlier changes first, or this \
             one without a day"
        );
        assert!(index.batch().in_force_from(first).assign("day/9", ["Roads"]).plan().is_err());
        let mut load = index.bulk_load();
        load.in_force_from(first).add("day/3", ["Police"]).unwrap();
        assert!(load.commit().is_err());
        let newest = index.revision();
        assert_eq!(newest, begin + 4);
        assert_eq!(at(date(2016, 3, 27)).unwrap(), begin, "commits without a day are older than the first day");
        assert_eq!([first, date(2018, 11, 4)].map(|day| at(day).unwrap()), [begin + 2; 2]);
        assert_eq!([second, date(9999, 12, 31)].map(|day| at(day).unwrap()), [newest; 2]);
        assert_eq!(commits(index).last().unwrap().day(), Some(second));
        assert_eq!(pasts(&index.view(), "day/1")[1].stamp.as_ref().unwrap().day, Some(first));
    });
    let index = Index::in_memory();
    index.batch().assign("day/1", ["Roads"]).in_force_from(date(2016, 3, 28)).commit().unwrap();
    let before = index.view_on(date(2016, 3, 27)).unwrap_err();
    assert!(matches!(before.input(), Some(InputError::NoSuchDay { first: Some(_), .. })), "{before}");
    index.assign("day/1", ["Police"]).unwrap();
    index.trim(2).unwrap();
    assert!(matches!(index.view_on(date(2016, 3, 27)), Err(Error::Log(LogError::Trimmed { .. }))));
}

/// The clock is that of the process.
static CLOCK: Mutex<()> = Mutex::new(());

#[test]
fn a_clock_that_goes_back_gives_the_time_before() {
    let _clock = CLOCK.lock().unwrap_or_else(|broken| broken.into_inner());
    let index = Index::in_memory();
    let times = [5_000, 9_000, 2_000, 9_000, 20_000];
    for (n, time) in times.into_iter().enumerate() {
        testing::set_clock(time);
        index.assign(&format!("clock/{n}"), ["Roads"]).unwrap();
    }
    testing::set_clock(0);
    let seen: Vec<i64> = commits(&index).iter().map(|commit| commit.time().as_millisecond()).collect();
    assert_eq!(seen, [5_000, 9_000, 9_000, 9_000, 20_000]);
    let at = |millis| index.revision_at(Timestamp::from_millisecond(millis).unwrap());
    let found = [5_000, 8_999, 9_000, 19_999, 20_000, 99_000].map(|millis| at(millis).unwrap());
    assert_eq!(found, [1, 1, 4, 4, 5, 5]);
    assert_eq!(at(4_999).unwrap(), 0, "before the first commit");
    index.trim(4).unwrap();
    assert_eq!(at(9_000).unwrap(), 4);
    assert!(matches!(at(8_999), Err(Error::Log(LogError::Trimmed { asked: 3, oldest: 4 }))));
}

#[test]
fn a_commit_is_reverted_whole_or_refused_with_what_was_changed_again() {
    thrice(|index| {
        let before = |revision| exported(&index.view_at(revision - 1).unwrap());
        // The newest one, then the one before it, and so on: each made the newest change of what it changed.
        for revision in [14, 13, 12] {
            index.batch().revert(revision).commit().unwrap();
            assert_eq!(exported(&index.view()), before(revision), "revision {revision}");
        }
        // The unit that it created was removed since: the one that came back is another.
        let refused = index.batch().revert(11).commit();
        assert!(
            matches!(&refused, Err(Error::Conflict(Conflict::ChangedSince { since: Some(13), .. }))),
            "{refused:?}"
        );
        index.batch().remove_unit("Joint").commit().unwrap();
        index.batch().revert(10).commit().unwrap();
        assert_eq!(exported(&index.view()), before(10));
        assert!(matches!(
            index.batch().revert(8).commit().unwrap_err().input(),
            Some(InputError::LoadReverted { revision: 8 })
        ));
        let newest = index.revision();
        let refused = index.batch().revert(1).commit().unwrap_err();
        let Error::Conflict(Conflict::ChangedSince { revision: 1, what, since: None }) = refused else {
            panic!("{refused}")
        };
        assert_eq!((what.as_str(), index.revision()), ("unit \"Transport\"", newest), "nothing is done");
        let refused = index.batch().revert(6).remove("plan/1").revert(6).commit().unwrap_err();
        assert!(matches!(refused, Error::Conflict(Conflict::ChangedSince { since: Some(_), .. })), "{refused}");
        // A revert can be reverted.
        index.batch().note("again", "").revert(newest).commit().unwrap();
        assert!(matches!(index.batch().revert(0).commit(), Err(Error::Input(InputError::NoSuchRevision { .. }))));
        assert!(matches!(index.batch().revert(99).commit(), Err(Error::Input(InputError::NoSuchRevision { .. }))));
    });
}

#[test]
fn a_revert_of_units_follows_their_names() {
    let index = Index::in_memory();
    let revert = |revision| index.batch().revert(revision).commit();
    index.batch().assign("t/1", ["A", "B"]).create_unit("C", UnitKind::Body).commit().unwrap(); // 1
    index.batch().rename_unit("C", "D").rename_unit("D", "E").add_alias("E", "other").commit().unwrap(); // 2
    let at_one = exported(&index.view_at(1).unwrap());
    revert(2).unwrap();
    assert_eq!(exported(&index.view()), at_one);
    // A unit that was removed comes back under a number of its own, in tasks too.
    index.batch().withdraw("t/1", "B").remove_unit("B").commit().unwrap(); // 4
    revert(4).unwrap();
    assert_eq!(exported(&index.view()), at_one);
    // A name that somebody else has since is not taken away.
    index.batch().rename_unit("A", "X").remove_alias("X", "A").commit().unwrap(); // 6
    index.batch().create_unit("A", UnitKind::Body).commit().unwrap(); // 7
    assert!(matches!(revert(6).unwrap_err().input(), Some(InputError::NameTaken { name, .. }) if name == "A"));
    // A unit that tasks name since stays.
    index.batch().create_unit("new", UnitKind::Body).commit().unwrap(); // 8
    index.assign("t/2", ["new"]).unwrap(); // 9
    assert!(revert(8).unwrap().is_empty());
    // Edits before it in the same batch are not undone.
    let mixed = index.batch().set_title("t/2", "title").revert(9).commit();
    assert!(
        matches!(mixed, Err(Error::Edit { .. } | Error::Conflict(Conflict::ChangedSince { since: Some(10), .. }))),
        "{mixed:?}"
    );
    // A unit of then that is gone.
    index.assign("t/2", ["A"]).unwrap(); // 10
    index.batch().remove_unit("new").commit().unwrap(); // 11
    let gone = revert(10).unwrap_err();
    assert!(
        matches!(&gone, Error::Conflict(Conflict::ChangedSince { what, since: Some(11), .. }) if what == "unit \"new\""),
        "{gone}"
    );
}

#[test]
fn many_commits_are_taken_back_at_once() {
    let index = Index::in_memory();
    let mut load = index.bulk_load();
    for n in 0..3_000 {
        load.add(&format!("many/{n}"), [["A", "B", "C"][n % 3], "D"]).unwrap();
    }
    load.commit().unwrap();
    let mut exports = vec![(1, exported(&index.view()))];
    for n in 0..6_000_usize {
        let task = format!("many/{}", n * 7 % 3_100);
        match n % 11 {
            0 => drop(index.remove(&task).unwrap()),
            5 => drop(index.assign(&task, [["E", "F"][n % 2], "A"]).unwrap()),
            _ => drop(index.assign(&task, [["A", "B", "C", "D"][n % 4]]).unwrap()),
        }
        if [500, 2_000, 5_900].contains(&n) {
            exports.push((index.revision(), exported(&index.view())));
        }
    }
    for (revision, export) in exports {
        assert!(exported(&index.view_at(revision).unwrap()) == export, "revision {revision}");
    }
    let at: Vec<u64> = index.commits(..).unwrap().map(|commit| commit.unwrap().revision()).collect();
    assert!(at.iter().copied().eq(1..=index.revision()));
    assert!(index.commits(..).unwrap().rev().map(|commit| commit.unwrap().revision()).eq(at.into_iter().rev()));
}

/// A revert gave a task the number of details of then: a trim before it had removed them.
#[test]
fn details_that_a_revert_brings_back_survive_a_trim() {
    testing::set_segment_bytes(4096);
    for home in [Home::memory(), Home::disk()] {
        let index = home.open(&OpenOptions::new()).unwrap();
        let details = Details::titled("one").text("long ".repeat(2_000));
        index.batch().assign("p/1", ["A"]).set_details("p/1", details.clone()).commit().unwrap(); // 1
        index.batch().assign("p/2", ["A"]).set_details("p/2", details.clone()).commit().unwrap(); // 2
        index.remove("p/1").unwrap(); // 3
        index.batch().set_title("p/2", "two").commit().unwrap(); // 4
        index.batch().revert(3).commit().unwrap(); // 5
        index.batch().revert(4).commit().unwrap(); // 6
        for up_to in [4, 5, 6] {
            index.trim(up_to).unwrap();
            assert_eq!(index.view().details("p/1").unwrap().as_ref(), Some(&details), "trimmed at {up_to}");
            assert_eq!(index.view().details("p/2").unwrap().as_ref(), Some(&details));
            assert_eq!(index.verify().unwrap(), []);
        }
        drop(index);
        let index = home.open(&OpenOptions::new()).unwrap();
        assert_eq!(index.view().details("p/2").unwrap(), Some(details));
    }
    testing::set_segment_bytes(64 << 20);
}

#[test]
fn what_was_changed_and_changed_back_is_no_difference() {
    let index = Index::in_memory();
    index.assign("p/1", ["A"]).unwrap();
    let older = index.view();
    index.assign("p/1", ["B"]).unwrap();
    index.assign("p/1", ["A"]).unwrap();
    let diff = index.view().diff(&older);
    assert_eq!((diff.tasks().count(), diff.units().count()), (0, 1), "{diff:?}");
    assert_eq!(index.view().changed_since(1).unwrap().count(), 1);
}

#[test]
fn a_revert_frees_the_names_of_units_that_it_takes_back_and_keeps_what_others_changed() {
    let index = Index::in_memory();
    index.batch().create_unit("X", UnitKind::Body).assign("p/1", ["A"]).commit().unwrap(); // 1
    // Another unit of the same name, and a successor that takes the old name.
    let batch = index.batch().remove_unit("X").create_unit("X", UnitKind::Collective);
    batch.rename_unit("A", "B").remove_alias("B", "A").assign("p/2", ["A"]).commit().unwrap(); // 2
    let before = exported(&index.view_at(1).unwrap());
    index.batch().revert(2).commit().unwrap(); // 3
    assert_eq!(exported(&index.view()), before);
    // A created unit that was changed since stays.
    index.batch().create_unit("Y", UnitKind::Body).commit().unwrap(); // 4
    index.batch().rename_unit("Y", "Z").commit().unwrap(); // 5
    let refused = index.batch().revert(4).commit();
    assert!(
        matches!(&refused, Err(Error::Conflict(Conflict::ChangedSince { what, .. })) if what == "unit \"Z\""),
        "{refused:?}"
    );
    assert!(index.batch().add_alias("X", "XX").revert(3).commit().is_err());
    // A name of then that another unit has.
    index.batch().create_unit("V", UnitKind::Body).commit().unwrap(); // 6
    index.batch().remove_unit("V").commit().unwrap(); // 7
    index.batch().create_unit("V", UnitKind::Body).commit().unwrap(); // 8
    let taken = index.batch().revert(7).commit().unwrap_err();
    assert!(
        matches!(taken.input(), Some(InputError::NameTaken { name, owner }) if name == "V" && owner == "V"),
        "{taken}"
    );
    let place = index.batch().assign("p/3", ["A"]).revert(77).commit().unwrap_err();
    assert!(matches!(place, Error::Edit { position: 2, .. }), "{place}");
}

#[test]
fn a_view_of_a_day_has_no_later_day_beside_a_writer() {
    let index = Index::in_memory();
    let first = date(2020, 1, 1);
    index.batch().assign("p/1", ["A"]).in_force_from(first).commit().unwrap();
    let day = |n: i64| first.checked_add(jiff::Span::new().days(n)).unwrap();
    let done = std::sync::atomic::AtomicI64::new(0);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for n in 1..=2_000 {
                index.batch().assign("p/1", [["A", "B"][n as usize % 2]]).in_force_from(day(n)).commit().unwrap();
                done.store(n, std::sync::atomic::Ordering::SeqCst);
            }
        });
        while done.load(std::sync::atomic::Ordering::SeqCst) < 2_000 {
            let n = done.load(std::sync::atomic::Ordering::SeqCst);
            assert_eq!(index.view_on(day(n)).unwrap().revision() as i64, n + 1);
        }
    });
}

/// The head of a commit was looked for in its first piece only.
#[test]
fn a_commit_whose_note_takes_several_pieces_is_found_and_reverted() {
    for home in [Home::memory(), Home::disk()] {
        let index = home.open(&OpenOptions::new()).unwrap();
        let long = "long ".repeat(200_000);
        let batch = index.batch().note(long.clone(), long.clone()).in_force_from(date(2016, 3, 28));
        batch.assign("p/1", ["A"]).commit().unwrap(); // 1
        index.batch().in_force_from(date(2018, 11, 5)).assign("p/1", ["B"]).commit().unwrap(); // 2
        assert_eq!(index.view_on(date(2017, 1, 1)).unwrap().lead("p/1"), Some("A"));
        assert!(index.revision_at(commits(&index)[0].time()).unwrap() >= 1);
        assert_eq!(pasts(&index.view(), "p/1")[1].stamp.as_ref().unwrap().note.why, long);
        index.batch().revert(2).commit().unwrap();
        index.batch().note(long.clone(), long).assign("p/2", ["A"]).commit().unwrap(); // 4
        index.batch().revert(4).commit().unwrap();
        assert_eq!(index.view().standing("p/2"), None);
    }
}
