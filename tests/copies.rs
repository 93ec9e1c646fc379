//! Read-only openings work on copies in the directory for temporary files: what becomes of the copies, and which paths
//! errors name. Each reader is a process of its own, with a TMPDIR of its own.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops at the first failure")]

use std::fs::{self, File, FileTimes};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime};

use responsibility_index::{Index, OpenOptions};
use tempfile::TempDir;

const CHILD: &str = "INDEX_READ_BY_A_CHILD";

/// The entry of a child: opens the index, says how that went, waits for the end of its input.
#[test]
#[ignore = "part of other tests"]
fn child_that_reads_an_index() {
    let Ok(job) = std::env::var(CHILD) else { return };
    let (how, path) = job.split_once(' ').unwrap();
    match OpenOptions::new().read_only(how == "read").open(path) {
        Ok(_index) => {
            println!("\nchild: opened");
            std::io::stdin().read_line(&mut String::new()).unwrap();
        }
        Err(error) => println!("\nchild: {error}"),
    }
}

/// An index with 40 commits, and an empty directory for temporary files.
struct Scratch {
    directory: TempDir,
}

impl Scratch {
    fn new() -> Scratch {
        let scratch = Scratch { directory: tempfile::tempdir().unwrap() };
        fs::create_dir(scratch.temporary()).unwrap();
        let index = Index::open(scratch.index()).unwrap();
        (1..=40).for_each(|n| drop(index.assign(&format!("plan/{n}"), ["Transport"]).unwrap()));
        scratch
    }

    fn index(&self) -> PathBuf {
        self.directory.path().join("plan.ri")
    }

    fn temporary(&self) -> PathBuf {
        self.directory.path().join("temporary")
    }

    /// The names in the directory for temporary files.
    fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(self.temporary()).unwrap().map(|entry| entry.unwrap()).collect();
        names.sort_by_key(fs::DirEntry::file_name);
        names.iter().map(|entry| entry.file_name().into_string().unwrap()).collect()
    }

    /// A child that opens the index, and what it says of that.
    fn child(&self, how: &str, temporary: &Path) -> (Child, String) {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "child_that_reads_an_index", "--ignored", "--nocapture"]);
        command.env(CHILD, format!("{how} {}", self.index().display())).env("TMPDIR", temporary);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
        let mut told = lines.filter_map(|line| line.unwrap().strip_prefix("child: ").map(str::to_owned));
        let told = told.next().unwrap();
        (child, told)
    }

    fn reader(&self) -> Child {
        let (child, told) = self.child("read", &self.temporary());
        assert_eq!(told, "opened");
        child
    }
}

fn end(mut child: Child) {
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
}

/// Sets the time of the last change two hours back.
fn make_old(path: &Path) {
    let time = SystemTime::now() - Duration::from_secs(2 * 60 * 60);
    File::open(path).unwrap().set_times(FileTimes::new().set_modified(time)).unwrap();
}

/// Each reader that was killed left a copy of all rows in TMPDIR for ever.
#[test]
fn the_copy_of_a_killed_reader_is_removed_by_the_next_reader_and_that_of_a_living_one_is_not() {
    let scratch = Scratch::new();
    let mut killed = scratch.reader();
    let left = scratch.names();
    assert_eq!(left.len(), 1);
    killed.kill().unwrap();
    killed.wait().unwrap();
    assert_eq!(scratch.names(), left, "a killed process removes nothing");

    let first = scratch.reader();
    let alive = scratch.names();
    assert!(alive.len() == 1 && alive != left, "{left:?} {alive:?}");
    let second = scratch.reader();
    assert!(scratch.names().len() == 2 && scratch.names().contains(&alive[0]), "{:?}", scratch.names());
    end(first);
    end(second);
    assert_eq!(scratch.names(), [""; 0]);
}

#[test]
fn only_abandoned_copies_are_removed_from_the_directory_for_temporary_files() {
    let scratch = Scratch::new();
    let (temporary, elsewhere) = (scratch.temporary(), scratch.directory.path().join("elsewhere"));
    fs::create_dir(&elsewhere).unwrap();
    fs::write(elsewhere.join("kept"), "mine").unwrap();
    let directory = |name: &str| {
        let path = temporary.join(name);
        fs::create_dir(&path).unwrap();
        fs::write(path.join("some"), "thing").unwrap();
        path
    };
    // A copy whose reader was killed before it had made the lock, with a link in it that is not to be followed.
    let abandoned = directory("responsibility-index-1-0-18a0");
    symlink(&elsewhere, abandoned.join("link")).unwrap();
    make_old(&abandoned);
    // The lock of this one is free.
    fs::write(directory("responsibility-index-1-1-18a1").join("LOCK"), "").unwrap();
    // Everything else stays: too young, named by somebody else, a link, a file, a copy whose lock is no file.
    directory("responsibility-index-2-0-18a0");
    for name in ["responsibility-index-notes", "responsibility-index-2016-11-30-x", "other-1-0-18a0"] {
        let foreign = directory(name);
        fs::write(foreign.join("LOCK"), "").unwrap();
        make_old(&foreign);
    }
    symlink(&elsewhere, temporary.join("responsibility-index-3-0-18a0")).unwrap();
    fs::write(temporary.join("responsibility-index-4-0-18a0"), "").unwrap();
    make_old(&temporary.join("responsibility-index-4-0-18a0"));
    symlink(elsewhere.join("kept"), directory("responsibility-index-5-0-18a0").join("LOCK")).unwrap();

    let before = scratch.names();
    end(scratch.reader());
    let removed: Vec<String> = before.into_iter().filter(|name| !scratch.names().contains(name)).collect();
    assert_eq!(removed, ["responsibility-index-1-0-18a0", "responsibility-index-1-1-18a1"]);
    assert_eq!(fs::read_to_string(elsewhere.join("kept")).unwrap(), "mine");
}

/// An index whose file was shortened could not be opened where TMPDIR was not there: "can't create
/// .../responsibility-index-…: No such file", without a word of which index and why.
#[test]
fn a_copy_that_can_not_be_made_names_the_index_the_copy_and_the_reason() {
    let scratch = Scratch::new();
    let rows = scratch.index().join("rows");
    let missing = scratch.directory.path().join("missing");
    for how in ["read", "open"] {
        if how == "open" {
            // Shorter than when it was last synced, so that it is tried on a copy first.
            let db = File::options().write(true).open(rows.join("db")).unwrap();
            db.set_len(db.metadata().unwrap().len() / 2).unwrap();
        }
        let (child, told) = scratch.child(how, &missing);
        end(child);
        for part in [rows.to_str().unwrap(), missing.to_str().unwrap(), "can't copy", "No such file", "TMPDIR"] {
            assert!(told.contains(part), "{how}: {told:?} doesn't name {part:?}");
        }
    }
}
