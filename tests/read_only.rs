//! Read-only openings: they show what the log has, write nothing, and need no permission to.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops at the first failure")]

mod common;

use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use common::{keys, listing};
use responsibility_index::error::{EngineError, OpenError};
use responsibility_index::{Details, Error, Index, OpenOptions, Result};
use tempfile::TempDir;

/// An index with two commits, closed.
fn filled() -> (TempDir, PathBuf) {
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("plan.ri");
    let index = Index::open(&path).unwrap();
    index.batch().assign("plan/1", ["A", "B"]).set_details("plan/1", Details::titled("one")).commit().unwrap();
    index.assign("plan/2", ["B"]).unwrap();
    (scratch, path)
}

fn read(path: &Path) -> Result<Index> {
    OpenOptions::new().read_only(true).open(path)
}

fn assert_answers(reader: &Index) {
    assert_eq!((reader.revision(), reader.lead("plan/1").as_deref()), (2, Some("A")));
    assert_eq!(keys(&reader.view().involving("B").unwrap()), ["plan/1", "plan/2"]);
    assert_eq!(reader.view().details("plan/1").unwrap(), Some(Details::titled("one")));
}

#[test]
fn a_reader_answers_and_changes_nothing() {
    let (_scratch, path) = filled();
    let before = listing(&path);
    let reader = read(&path).unwrap();
    assert_answers(&reader);
    assert_eq!(reader.verify().unwrap(), []);
    assert_eq!(reader.stats().unwrap().troubles, [""; 0]);
    let mut lines = Vec::new();
    reader.export_jsonl(&mut lines).unwrap();
    drop(reader);
    assert!(listing(&path) == before);
}

#[test]
fn a_reader_refuses_every_write() {
    let (scratch, path) = filled();
    let before = listing(&path);
    let reader = read(&path).unwrap();
    let refused = |result: Result<()>| matches!(result, Err(Error::Engine(EngineError::ReadOnly)));
    assert!(refused(reader.assign("plan/9", ["A"]).map(drop)));
    assert!(refused(reader.batch().assign("plan/9", ["A"]).commit().map(drop)));
    assert!(refused(reader.bulk_load().commit().map(drop)));
    assert!(refused(reader.checkpoint()) && refused(reader.flush()) && refused(reader.trim(1)));
    assert!(refused(reader.repair().map(drop)));
    assert!(reader.batch().assign("plan/9", ["A"]).plan().is_ok(), "a plan writes nothing");
    // A backup is written somewhere else.
    let copy = scratch.path().join("copy.ri");
    assert_eq!(reader.backup(&copy).unwrap(), 2);
    assert_answers(&Index::open(&copy).unwrap());
    assert_answers(&reader);
    drop(reader);
    assert!(listing(&path) == before);
}

#[test]
fn a_reader_opens_beside_a_writer_and_follows_it() {
    let (_scratch, path) = filled();
    let reader = read(&path).unwrap();
    let writer = Index::open(&path).unwrap();
    let other = read(&path).unwrap();
    let then = reader.view();
    writer.batch().assign("plan/3", ["C"]).set_details("plan/1", Details::titled("new")).commit().unwrap();
    writer.checkpoint().unwrap();
    for reader in [&reader, &other] {
        assert_eq!(reader.wait_for(3, Duration::from_secs(20)).lead("plan/3"), Some("C"));
        assert_eq!(reader.view().details("plan/1").unwrap().unwrap().title, "new");
        assert_eq!(reader.fresh_view().unwrap().revision(), 3);
    }
    assert_eq!((then.revision(), then.lead("plan/3")), (2, None), "a view stays where it was");
    drop(writer);
    assert_eq!(read(&path).unwrap().lead("plan/3").as_deref(), Some("C"));
}

#[test]
fn a_reader_opens_an_index_whose_rows_are_lost_or_damaged() {
    let (_scratch, path) = filled();
    let rows = path.join("rows");
    for entry in fs::read_dir(&rows).unwrap().flatten().filter(|entry| entry.path().is_file()) {
        fs::write(entry.path(), [0xA5; 70_000]).unwrap();
    }
    let before = listing(&path);
    assert_answers(&read(&path).unwrap());
    assert!(listing(&path) == before);
    fs::remove_dir_all(&rows).unwrap();
    assert_answers(&read(&path).unwrap());
    assert!(!rows.exists());
}

#[test]
fn a_reader_does_not_create_an_index() {
    let scratch = tempfile::tempdir().unwrap();
    let missing = read(&scratch.path().join("none")).unwrap_err();
    assert!(matches!(missing, Error::Open(OpenError::NotFound { .. })), "{missing}");
    let empty = read(scratch.path()).unwrap_err();
    assert!(matches!(empty, Error::Open(OpenError::NotFound { .. })), "{empty}");
    assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 0);
}

const CHILD: &str = "INDEX_READ_BY_A_CHILD";

/// The entry of a child: opens the index, says how that went.
#[test]
#[ignore = "part of other tests"]
fn child_that_reads_an_index() {
    let Ok(job) = std::env::var(CHILD) else { return };
    let (how, path) = job.split_once(' ').unwrap();
    match OpenOptions::new().read_only(how == "read").open(path) {
        Ok(index) => println!("\nchild: {:?}", index.lead("plan/1")),
        Err(error) => println!("\nchild: {error:?}"),
    }
}

fn told(mut child: Child) -> String {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let told: Vec<String> = lines.filter_map(|line| line.unwrap().strip_prefix("child: ").map(str::to_owned)).collect();
    assert!(child.wait().unwrap().success());
    told[0].clone()
}

/// Permissions don't hold root back, so a child that is nobody reads.
#[test]
fn a_reader_needs_no_permission_to_write() {
    let (scratch, path) = filled();
    let allow = |at: &Path, mode: u32| fs::set_permissions(at, Permissions::from_mode(mode)).unwrap();
    allow(scratch.path(), 0o755);
    let files = listing(&path);
    for (name, content) in &files {
        allow(&path.join(name), if content.is_some() { 0o444 } else { 0o555 });
    }
    let child = |how: &str, nobody: bool| {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "child_that_reads_an_index", "--ignored", "--nocapture"]);
        command.env(CHILD, format!("{how} {}", path.display())).stdout(Stdio::piped());
        if nobody {
            command.uid(65_534);
        }
        command.spawn()
    };
    let as_nobody = |how: &str| told(child(how, true).or_else(|_| child(how, false)).unwrap());
    let (reader, writer) = (as_nobody("read"), as_nobody("write"));
    assert_eq!(reader, "Some(\"A\")");
    if writer == reader {
        println!("this user can't give up being allowed everything");
    } else {
        assert!(writer.contains("PermissionDenied"), "{writer}");
        assert!(listing(&path) == files);
    }
    files.iter().for_each(|(name, content)| allow(&path.join(name), if content.is_some() { 0o644 } else { 0o755 }));
}
