//! The working directory, which is global to a process, and the name of an index change while the index is open.
//!
//! Its own test binary, since a test that changes the working directory changes it for every thread.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first failure")]

#[path = "common/files.rs"]
mod files;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use files::copy;
use responsibility_index::error::LogError;
use responsibility_index::{Error, Index, OpenOptions};

/// A scratch directory as the working directory, for one test at a time.
struct Work {
    scratch: tempfile::TempDir,
    before: PathBuf,
    _turn: MutexGuard<'static, ()>,
}

impl Work {
    fn new() -> Work {
        static TURN: Mutex<()> = Mutex::new(());
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let work = Work { scratch: tempfile::tempdir().unwrap(), before: env::current_dir().unwrap(), _turn: turn };
        ["here", "there"].iter().for_each(|name| fs::create_dir(work.path(name)).unwrap());
        env::set_current_dir(work.path("here")).unwrap();
        work
    }

    fn path(&self, name: &str) -> PathBuf {
        self.scratch.path().join(name)
    }

    fn go_there(&self) {
        env::set_current_dir(self.path("there")).unwrap();
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        env::set_current_dir(&self.before).unwrap();
    }
}

/// A closed index with so many tasks.
fn closed(path: &Path, tasks: u32) {
    let index = Index::open(path).unwrap();
    (1..=tasks).for_each(|n| drop(index.assign(&format!("plan/{n}"), ["Transport"]).unwrap()));
}

fn revision(path: &Path) -> u64 {
    OpenOptions::new().create(false).open(path).unwrap().revision()
}

/// A daemon opened `plan.ri`, changed to `/`, and its first commit failed: the file with the durable revision was opened
/// by its relative path at the first sync.
#[test]
fn an_index_opened_by_a_relative_path_commits_after_the_working_directory_changed() {
    let work = Work::new();
    let index = Index::open("plan.ri").unwrap();
    work.go_there();
    index.assign("plan/1", ["Transport"]).unwrap();
    index.assign("plan/2", ["Transport"]).unwrap();
    drop(index);
    assert_eq!(revision(&work.path("here/plan.ri")), 2);
    assert_eq!(fs::read_dir(work.path("there")).unwrap().count(), 0);
}

/// The new working directory held another `plan.ri`. Commits to the open index returned `Ok` and wrote the mark of the
/// other one, which then refused to open: it seemed to have lost 50 commits.
#[test]
fn another_index_of_the_same_name_in_the_new_working_directory_stays_untouched() {
    let work = Work::new();
    closed(&work.path("there/plan.ri"), 1);
    let index = Index::open("plan.ri").unwrap();
    work.go_there();
    for n in 0..50 {
        index.assign(&format!("plan/{n}"), ["Finance"]).unwrap();
    }
    drop(index);
    assert_eq!(revision(&work.path("there/plan.ri")), 1);
    assert_eq!(revision(&work.path("here/plan.ri")), 50);
    // The mark went to its own index: the loss of that one's log is noticed.
    fs::write(work.path("here/plan.ri/log/segment-0000000000000001"), []).unwrap();
    let lost = Index::open(work.path("here/plan.ri")).unwrap_err();
    assert!(matches!(lost, Error::Log(LogError::Lost { durable: 50, .. })), "{lost}");
}

/// The same failure as with a changed working directory.
#[test]
fn an_index_whose_directory_is_renamed_commits_to_the_renamed_one() {
    let work = Work::new();
    let (old, new) = (work.path("plan.ri"), work.path("renamed.ri"));
    let index = Index::open(&old).unwrap();
    index.assign("plan/0", ["Finance"]).unwrap();
    fs::rename(&old, &new).unwrap();
    closed(&old, 1);
    for n in 1..5 {
        index.assign(&format!("plan/{n}"), ["Finance"]).unwrap();
    }
    drop(index);
    assert_eq!((revision(&old), revision(&new)), (1, 5));
}

/// A log makes its files when it needs them: it must not make them in a directory that is another one.
#[test]
fn an_index_that_needs_a_new_file_after_its_directory_was_renamed_refuses_to_commit() {
    let work = Work::new();
    let (old, new) = (work.path("plan.ri"), work.path("renamed.ri"));
    let index = Index::open(&old).unwrap();
    fs::rename(&old, &new).unwrap();
    closed(&old, 1);
    let error = index.assign("plan/0", ["Finance"]).unwrap_err();
    assert!(matches!(error, Error::Engine(_)) && error.to_string().contains("was moved or removed"), "{error}");
    drop(index);
    assert_eq!((revision(&old), revision(&new)), (1, 0));
}

#[test]
fn readers_repairs_and_backups_keep_to_the_directory_that_their_relative_path_named() {
    let work = Work::new();
    closed(&work.path("here/plan.ri"), 3);
    copy(&work.path("here/plan.ri"), &work.path("here/damaged.ri"));
    let reader = OpenOptions::new().read_only(true).open("plan.ri").unwrap();
    let (repaired, _) = OpenOptions::new().repair("damaged.ri").unwrap();
    repaired.backup("copy.ri").unwrap();
    let backup = Index::open("copy.ri").unwrap();
    work.go_there();
    assert_eq!((reader.revision(), reader.verify().unwrap()), (3, vec![]));
    repaired.assign("plan/4", ["Finance"]).unwrap();
    backup.assign("plan/4", ["Finance"]).unwrap();
    drop((reader, repaired, backup));
    for (name, expected) in [("plan.ri", 3), ("damaged.ri", 4), ("copy.ri", 4)] {
        assert_eq!(revision(&work.path("here").join(name)), expected, "{name}");
    }
    assert_eq!(fs::read_dir(work.path("there")).unwrap().count(), 0);
}

/// Errors tell the whole path: a relative one says little in the log of a daemon.
#[test]
fn an_error_names_the_whole_path() {
    let _work = Work::new();
    for options in [OpenOptions::new().create(false), OpenOptions::new().read_only(true)] {
        let error = options.open("none.ri").unwrap_err().to_string();
        let whole = env::current_dir().unwrap().join("none.ri");
        assert!(error.contains(whole.to_str().unwrap()), "{error}");
    }
    assert!(matches!(Index::open(""), Err(Error::Open(_))));
}
