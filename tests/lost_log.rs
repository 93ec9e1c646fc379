//! Logs that are gone, cut, put back to an older copy, exchanged or damaged: nothing is lost in silence, and what is left
//! can be had.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops at the first failure")]

mod common;
#[path = "common/files.rs"]
mod files;

use std::fs;
use std::path::{Path, PathBuf};

use common::{keys, listing};
use files::copy;
use responsibility_index::error::LogError;
use responsibility_index::verify::{Repair, Rule};
use responsibility_index::{Details, Error, Index, OpenOptions};
use tempfile::TempDir;

struct Scratch {
    directory: TempDir,
}

impl Scratch {
    fn new() -> Scratch {
        Scratch { directory: tempfile::tempdir().unwrap() }
    }

    fn path(&self) -> PathBuf {
        self.directory.path().join("plan.ri")
    }

    fn join(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Exchanges a directory of the index for a copy of it.
    fn put_back(&self, name: &str, from: &str) {
        fs::remove_dir_all(self.path().join(name)).unwrap();
        copy(&self.join(from), &self.path().join(name));
    }

    /// Changes the bytes of the commit with this number in the log.
    fn damage(&self, log: &str, n: u64) {
        let marker = marker(n).into_bytes();
        let file = segment(&self.path().join(log));
        let mut bytes = fs::read(&file).unwrap();
        let at = bytes.windows(marker.len()).position(|window| window == marker).unwrap();
        bytes[at] ^= 0x20;
        fs::write(&file, bytes).unwrap();
    }
}

fn segment(log: &Path) -> PathBuf {
    let names = fs::read_dir(log).unwrap().map(|entry| entry.unwrap().path());
    let mut segments: Vec<_> =
        names.filter(|path| path.file_name().unwrap().to_string_lossy().starts_with("segment-")).collect();
    assert_eq!(segments.len(), 1, "{segments:?}");
    segments.remove(0)
}

/// Something that is in the entry of a commit and nowhere else.
fn marker(n: u64) -> String {
    format!("the marker of commit {n};")
}

/// Commit `n` makes revision `n`: a task, with details.
fn commit(index: &Index, n: u64) {
    let mut batch = index.batch();
    batch = batch.assign(format!("plan/{n}"), ["A", "B"]).set_details(format!("plan/{n}"), details(n));
    let plan = batch.note(marker(n), "somebody").commit().unwrap();
    assert_eq!(plan.revision(), n);
}

fn details(n: u64) -> Details {
    Details::titled(format!("title {n}"))
}

/// Commits from the revision of the index up to this one, and closes it.
fn fill(path: &Path, up_to: u64) {
    let index = Index::open(path).unwrap();
    (index.revision() + 1..=up_to).for_each(|n| commit(&index, n));
}

fn tasks(up_to: u64) -> Vec<String> {
    (1..=up_to).map(|n| format!("plan/{n}")).collect()
}

/// The assignments of these commits, in both directions.
fn assert_assignments(index: &Index, up_to: u64) {
    assert_eq!((index.revision(), keys(&index.view().tasks())), (up_to, tasks(up_to)));
    assert_eq!(
        (keys(&index.view().led_by("A").unwrap()), keys(&index.view().supported_by("B").unwrap())),
        (tasks(up_to), tasks(up_to))
    );
}

fn assert_whole(index: &Index, up_to: u64) {
    assert_assignments(index, up_to);
    (1..=up_to).for_each(|n| assert_eq!(index.view().details(&format!("plan/{n}")).unwrap(), Some(details(n)), "{n}"));
    assert_eq!(index.verify().unwrap(), []);
}

/// The error of the log with which an opening is refused. Nothing is changed by it.
fn refused(path: &Path) -> LogError {
    let before = listing(path);
    let error = Index::open(path).unwrap_err();
    let after = listing(path);
    for (name, content) in &before {
        let is_rows = name.starts_with("rows");
        assert!(is_rows || after.get(name) == Some(content), "{name} was changed by an opening that failed");
    }
    match error {
        Error::Log(error) => error,
        other => panic!("not about the log: {other:?}"),
    }
}

fn accept(path: &Path) -> Index {
    OpenOptions::new().accept_lost_commits(true).open(path).unwrap()
}

fn repair(path: &Path) -> (Index, Repair) {
    OpenOptions::new().repair(path).unwrap()
}

/// The index goes on from here, also when it is opened again in the usual way.
fn assert_goes_on(path: &Path, index: Index) {
    let n = index.revision() + 1;
    commit(&index, n);
    drop(index);
    let index = Index::open(path).unwrap();
    assert_assignments(&index, n);
    assert_eq!(index.stats().unwrap().troubles, [""; 0]);
    assert_eq!(index.view().details(&format!("plan/{n}")).unwrap(), Some(details(n)));
    assert_eq!(index.verify().unwrap(), []);
}

#[test]
fn a_log_that_is_gone_is_missing_and_all_assignments_are_kept_when_that_is_accepted() {
    let scratch = Scratch::new();
    fill(&scratch.path(), 6);
    fs::rename(scratch.path().join("log"), scratch.join("aside")).unwrap();
    assert!(matches!(refused(&scratch.path()), LogError::Missing { .. }));
    assert!(!scratch.path().join("log").exists(), "a refused opening creates nothing");
    let index = accept(&scratch.path());
    assert_assignments(&index, 6);
    assert_eq!(index.view().details("plan/3").unwrap(), None);
    let troubles = index.stats().unwrap().troubles;
    assert!(troubles.iter().any(|trouble| trouble.contains("plan/3") && trouble.contains("details")), "{troubles:?}");
    assert_goes_on(&scratch.path(), index);
}

#[test]
fn a_repair_of_an_index_without_a_log_lists_the_details_that_are_lost() {
    let scratch = Scratch::new();
    fill(&scratch.path(), 6);
    fs::remove_dir_all(scratch.path().join("log")).unwrap();
    let (index, repair) = repair(&scratch.path());
    assert_assignments(&index, 6);
    let lost: Vec<(Rule, &str)> = repair.lost.iter().map(|lost| (lost.rule, lost.key.as_str())).collect();
    let tasks = tasks(6);
    let details = tasks.iter().map(|key| (Rule::DetailsAreThere, key.as_str()));
    // The rows may be older than the log was.
    assert_eq!(lost, [(Rule::NothingIsLost, "log")].into_iter().chain(details).collect::<Vec<_>>());
    assert_goes_on(&scratch.path(), index);
}

#[test]
fn an_index_that_lost_its_log_and_its_rows_is_empty_only_when_that_is_accepted() {
    let scratch = Scratch::new();
    fill(&scratch.path(), 6);
    for name in ["log", "rows"] {
        fs::remove_dir_all(scratch.path().join(name)).unwrap();
    }
    assert!(matches!(refused(&scratch.path()), LogError::Missing { .. }));
    let index = accept(&scratch.path());
    assert_eq!((index.revision(), index.view().len()), (0, 0));
    assert_goes_on(&scratch.path(), index);
}

#[test]
fn an_older_copy_of_the_log_is_a_loss_and_what_rows_and_log_have_is_kept_when_that_is_accepted() {
    let scratch = Scratch::new();
    fill(&scratch.path(), 3);
    copy(&scratch.path().join("log"), &scratch.join("old"));
    fill(&scratch.path(), 6);
    scratch.put_back("log", "old");
    let error = refused(&scratch.path());
    assert!(matches!(error, LogError::Lost { durable: 6, head: 3 }), "{error}");
    assert!(error.to_string().contains("3 commits are lost"), "{error}");
    let old = listing(&scratch.path().join("log"));
    let index = accept(&scratch.path());
    // The rows have all assignments, the log the details of those before.
    assert_assignments(&index, 6);
    for n in 1..=6 {
        assert_eq!(index.view().details(&format!("plan/{n}")).unwrap(), (n <= 3).then(|| details(n)));
    }
    let troubles = index.stats().unwrap().troubles;
    assert!(troubles.iter().any(|trouble| trouble.contains("plan/5")), "{troubles:?}");
    assert!(listing(&scratch.path().join("log")) == old, "the old log is kept");
    assert_goes_on(&scratch.path(), index);
    assert!(listing(&scratch.path().join("log")) == old);
}

/// The log shortened behind the back of the mark.
fn truncate(log: &Path, before: u64) {
    let file = segment(log);
    let bytes = fs::read(&file).unwrap();
    let marker = marker(before).into_bytes();
    let at = bytes.windows(marker.len()).position(|window| window == marker).unwrap();
    // In the middle of the entry, near its beginning.
    fs::OpenOptions::new().write(true).open(file).unwrap().set_len(at as u64).unwrap();
}

#[test]
fn a_log_cut_below_its_mark_is_refused_and_what_is_left_is_kept_when_that_is_accepted() {
    for with_rows in [false, true] {
        let scratch = Scratch::new();
        fill(&scratch.path(), 6);
        truncate(&scratch.path().join("log"), 5);
        if !with_rows {
            fs::remove_dir_all(scratch.path().join("rows")).unwrap();
        }
        let error = refused(&scratch.path());
        assert!(matches!(error, LogError::Lost { .. } | LogError::Damaged { revision: 5, .. }), "{error}");
        let (index, repair) = repair(&scratch.path());
        assert_assignments(&index, if with_rows { 6 } else { 4 });
        for n in 1..=4 {
            assert_eq!(index.view().details(&format!("plan/{n}")).unwrap(), Some(details(n)));
        }
        if with_rows {
            assert!(repair.lost.iter().any(|lost| lost.key == "plan/6"), "{:?}", repair.lost);
        } else {
            assert!(repair.lost.iter().any(|lost| lost.rule == Rule::NothingIsLost), "{:?}", repair.lost);
        }
        assert_goes_on(&scratch.path(), index);
    }
}

#[test]
fn a_log_emptied_below_its_mark_is_lost_and_opens_when_that_is_accepted() {
    for repaired in [false, true] {
        let scratch = Scratch::new();
        fill(&scratch.path(), 6);
        fs::remove_file(segment(&scratch.path().join("log"))).unwrap();
        fs::remove_dir_all(scratch.path().join("rows")).unwrap();
        let error = refused(&scratch.path());
        assert!(matches!(error, LogError::Lost { durable: 6, head: 0 }), "{error}");
        let (index, lost) = if repaired {
            let (index, repair) = repair(&scratch.path());
            assert_eq!(repair.lost.iter().map(|lost| lost.rule).collect::<Vec<_>>(), [Rule::NothingIsLost]);
            (index, repair.lost.iter().map(ToString::to_string).collect())
        } else {
            let index = accept(&scratch.path());
            let troubles = index.stats().unwrap().troubles;
            (index, troubles)
        };
        assert_eq!((index.revision(), index.view().len()), (0, 0));
        let told = |lost: &String| lost.contains("6 commits are lost") || lost.contains("commits 1 to 6");
        assert!(lost.iter().any(told), "{lost:?}");
        assert_goes_on(&scratch.path(), index);
    }
}

#[test]
fn the_log_of_another_index_is_told_from_a_loss() {
    for commits in [2, 6, 9] {
        for with_rows in [true, false] {
            let scratch = Scratch::new();
            fill(&scratch.path(), 6);
            fill(&scratch.join("other.ri"), commits);
            copy(&scratch.join("other.ri").join("log"), &scratch.join("other"));
            scratch.put_back("log", "other");
            if !with_rows {
                fs::remove_dir_all(scratch.path().join("rows")).unwrap();
            }
            let error = refused(&scratch.path());
            assert!(matches!(error, LogError::OtherLog { .. }), "{commits}, rows: {with_rows}: {error}");
            // Accepting losses does not accept a foreign history.
            assert!(OpenOptions::new().accept_lost_commits(true).open(scratch.path()).is_err());
        }
    }
}

#[test]
fn a_missing_or_damaged_mark_takes_nothing() {
    let scratch = Scratch::new();
    fill(&scratch.path(), 3);
    let mark = scratch.path().join("log/durable");
    for damage in [None, Some(vec![1; 1024]), Some(Vec::new())] {
        match damage {
            None => fs::remove_file(&mark).unwrap(),
            Some(bytes) => fs::write(&mark, bytes).unwrap(),
        }
        assert_whole(&Index::open(scratch.path()).unwrap(), 3);
    }
}

#[test]
fn damage_below_the_checkpoint_opens_and_is_found_by_verify() {
    let scratch = Scratch::new();
    fill(&scratch.path(), 6);
    scratch.damage("log", 2);
    let index = Index::open(scratch.path()).unwrap();
    assert_assignments(&index, 6);
    let found = index.verify().unwrap();
    assert!(found.iter().any(|found| (found.rule, found.key.as_str()) == (Rule::LogIsWhole, "commit 2")), "{found:?}");
    assert_eq!(index.view().details("plan/1").unwrap(), Some(details(1)));
    assert!(index.view().details("plan/2").is_err(), "damaged details are an error and not none");
    // Those after the damage may be found only by a repair.
    assert!(index.view().details("plan/5").map_or(true, |found| found == Some(details(5))));
    // It goes on.
    commit(&index, 7);
    drop(index);
    let (index, repair) = repair(&scratch.path());
    assert_assignments(&index, 7);
    assert!(repair.restored.iter().any(|found| found.key == "commit 2"), "{repair:?}");
    assert_eq!(repair.lost.iter().map(|lost| lost.key.as_str()).collect::<Vec<_>>(), ["plan/2"]);
    for n in (1..=7).filter(|n| *n != 2) {
        assert_eq!(index.view().details(&format!("plan/{n}")).unwrap(), Some(details(n)));
    }
    assert_goes_on(&scratch.path(), index);
}

#[test]
fn damage_above_the_checkpoint_is_refused_with_its_revision_and_a_repair_saves_everything_before_it() {
    for checkpoint in [0, 3] {
        let scratch = Scratch::new();
        fill(&scratch.path(), 3);
        copy(&scratch.path().join("rows"), &scratch.join("old rows"));
        fill(&scratch.path(), 6);
        if checkpoint > 0 {
            scratch.put_back("rows", "old rows");
        } else {
            fs::remove_dir_all(scratch.path().join("rows")).unwrap();
        }
        scratch.damage("log", 5);
        let error = refused(&scratch.path());
        assert!(matches!(error, LogError::Damaged { revision: 5, .. }), "{error}");
        assert!(matches!(
            OpenOptions::new().accept_lost_commits(true).open(scratch.path()),
            Err(Error::Log(LogError::Damaged { .. }))
        ));
        let old = listing(&scratch.path().join("log"));
        let (index, repair) = repair(&scratch.path());
        assert_whole(&index, 4);
        assert!(repair.restored.iter().any(|found| found.key == "commit 5"), "{repair:?}");
        let lost: Vec<_> = repair.lost.iter().map(|lost| (lost.rule, lost.what.as_str())).collect();
        assert_eq!(lost, [(Rule::NothingIsLost, "commits 5 to 6 can't be applied")]);
        assert!(listing(&scratch.path().join("log")) == old, "the old log is kept");
        assert_goes_on(&scratch.path(), index);
    }
}

/// Rows that were written with the lost commits are newer than the new log.
#[test]
fn losses_that_were_accepted_once_stay_accepted_and_a_second_loss_is_another_one() {
    let scratch = Scratch::new();
    fill(&scratch.path(), 6);
    for (n, log) in [(1, "log"), (2, "log-2")] {
        fs::remove_file(segment(&scratch.path().join(log))).unwrap();
        fs::remove_dir_all(scratch.path().join("rows")).unwrap();
        assert!(matches!(refused(&scratch.path()), LogError::Lost { .. }));
        drop(accept(&scratch.path()));
        assert!(scratch.path().join(log).exists() && scratch.path().join(format!("log-{}", n + 1)).exists());
        fill(&scratch.path(), 4);
        assert_whole(&Index::open(scratch.path()).unwrap(), 4);
    }
}

#[test]
fn a_repair_of_a_whole_index_finds_nothing_and_keeps_the_log() {
    let scratch = Scratch::new();
    fill(&scratch.path(), 6);
    let (index, repair) = repair(&scratch.path());
    assert_eq!((repair.restored, repair.lost), (vec![], vec![]));
    assert_whole(&index, 6);
    assert!(!scratch.path().join("log-2").exists());
}
