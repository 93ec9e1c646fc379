//! A directory that is moved, removed or replaced while processes have it open: they notice, and write nothing elsewhere.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::agent::Agent;
use crate::process::scratch;

/// Within which time it is noticed: the place is looked at each second.
const SOON: Duration = Duration::from_secs(6);

fn files(path: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(path).unwrap().flatten() {
        if entry.file_type().unwrap().is_dir() {
            found.extend(files(&entry.path()));
        } else {
            found.insert(entry.path(), fs::read(entry.path()).unwrap());
        }
    }
    found
}

/// Nothing was written into a replacement: its files are those from `before`.
fn same(before: &BTreeMap<PathBuf, Vec<u8>>, after: &BTreeMap<PathBuf, Vec<u8>>) {
    let paths = before.keys().chain(after.keys().filter(|path| !before.contains_key(*path)));
    let other = paths.filter(|path| before.get(*path) != after.get(*path));
    let size = |files: &BTreeMap<PathBuf, Vec<u8>>, path: &PathBuf| files.get(path).map(Vec::len);
    let other: Vec<_> = other.map(|path| (path, size(before, path), size(after, path))).collect();
    assert!(other.is_empty(), "files of the replacement that are new, changed or gone, with their sizes: {other:?}");
}

/// Makes an index with two processes, does something to its directory, and checks that both notice.
fn check(displace: impl FnOnce(&Path), replaced: bool) {
    let scratch = scratch();
    let path = scratch.path().join("plan.ri");
    let (mut owner, mut guest) = (Agent::with(&path, "synced after=5"), Agent::with(&path, "lazy after=5"));
    owner.must("fill a 10 100");
    guest.must("fill b 10 100");
    displace(&path);
    let before = replaced.then(|| files(&path));
    for agent in [&mut owner, &mut guest] {
        agent.until("trouble", SOON, |trouble| trouble.contains("moved, removed or replaced"));
        let refused = agent.refused("assign a/1 Transport");
        assert!(refused.contains("Stopped"), "{refused}");
        // It may be refused in several ways, and must end.
        let _ = agent.ask("checkpoint");
        let _ = agent.ask("trim 15");
        let _ = agent.ask("verify");
        assert_eq!(agent.must("lead a/1"), "unit 9", "views go on");
    }
    owner.0.end();
    guest.0.end();
    if let Some(before) = before {
        same(&before, &files(&path));
        let mut other = Agent::with(&path, "synced");
        assert_eq!((other.number("revision"), other.must("verify").as_str()), (3, "[]"));
    } else {
        assert!(!path.exists(), "it was made again");
    }
}

fn replacement(path: &Path) {
    let mut other = Agent::with(path, "synced");
    other.must("fill other 3 100");
    other.0.end();
}

#[test]
fn processes_notice_that_their_directory_was_moved() {
    check(|path| fs::rename(path, path.with_extension("moved")).unwrap(), false);
}

#[test]
fn processes_notice_that_their_directory_was_removed() {
    check(|path| fs::remove_dir_all(path).unwrap(), false);
}

#[test]
fn processes_notice_that_their_directory_was_replaced_and_write_nothing_into_the_other_one() {
    let replace = |path: &Path| {
        fs::rename(path, path.with_extension("moved")).unwrap();
        replacement(path);
    };
    check(replace, true);
}

/// Once nobody looked while commits came without a pause.
#[test]
fn a_process_that_commits_without_a_pause_notices_that_its_directory_was_replaced() {
    let scratch = scratch();
    let path = scratch.path().join("plan.ri");
    let mut busy = Agent::with(&path, "lazy");
    busy.must("assign a Transport");
    busy.0.tell("spin a 8000");
    std::thread::sleep(Duration::from_millis(100));
    fs::rename(&path, path.with_extension("moved")).unwrap();
    replacement(&path);
    let before = files(&path);
    let refused = busy.answer().expect_err("all commits of 8 seconds were accepted");
    assert!(refused.contains("Stopped"), "{refused}");
    busy.0.end();
    same(&before, &files(&path));
}

/// With a log of more than 16 MiB an owner that checkpoints, and a guest that opens, write a file that helps guests.
#[test]
fn processes_with_a_long_log_write_nothing_into_a_replacement() {
    let scratch = scratch();
    let path = scratch.path().join("plan.ri");
    let mut owner = Agent::with(&path, "lazy after=1000000");
    owner.must("fill a 30 900000");
    fs::rename(&path, path.with_extension("moved")).unwrap();
    replacement(&path);
    let before = files(&path);
    let _ = owner.ask("checkpoint");
    owner.0.end();
    same(&before, &files(&path));
}
