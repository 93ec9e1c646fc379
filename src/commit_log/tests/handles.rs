//! Several handles and processes on one log in files: what each shows, who is behind or forked, who waits.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use super::help::{Scratch, Watched, all, cut, entries, fill, options};
use crate::commit_log::files::{Files, How, SystemFiles};
use crate::commit_log::{Access, Appended, Base, CommitLog, Entry, FileLog, Head};
use crate::model::{EngineError, Error, LogError};

#[test]
fn a_lazy_handle_shows_what_is_written_and_a_synced_one_what_is_durable() {
    let scratch = Scratch::new();
    let (lazy, other) = (scratch.open(Access::Lazy), scratch.open(Access::Lazy));
    let reader = scratch.open(Access::ReadOnly);
    lazy.append(0, &entries(Head::START, &[b"1"])).unwrap();
    assert_eq!(all(&lazy, 0).len(), 1);
    assert_eq!(all(&other, 0).len(), 1);
    assert_eq!(all(&reader, 0).len(), 0);
    thread::sleep(Duration::from_millis(30));
    assert_eq!(all(&reader, 0).len(), 0, "a reader never syncs");
    lazy.sync().unwrap();
    assert_eq!(all(&reader, 0).len(), 1);
}

#[test]
fn a_synced_handle_syncs_what_others_leave_for_ten_milliseconds() {
    let scratch = Scratch::new();
    let (lazy, synced) = (scratch.open(Access::Lazy), scratch.open(Access::Synced));
    lazy.append(0, &entries(Head::START, &[b"1"])).unwrap();
    assert_eq!(all(&synced, 0).len(), 0);
    assert_eq!(synced.wait(0, Duration::from_secs(20)).unwrap().revision, 1);
    assert_eq!(all(&scratch.open(Access::ReadOnly), 0).len(), 1, "it is durable now");
}

#[test]
fn a_synced_opening_makes_all_durable_before_it_shows_it() {
    let scratch = Scratch::new();
    let (lazy, reader) = (scratch.open(Access::Lazy), scratch.open(Access::ReadOnly));
    lazy.append(0, &entries(Head::START, &[b"1"])).unwrap();
    assert_eq!(all(&scratch.open(Access::ReadOnly), 0).len(), 0);
    assert_eq!(all(&scratch.open(Access::Synced), 0).len(), 1);
    assert_eq!(all(&reader, 0).len(), 1);
}

#[test]
fn a_reader_writes_nothing() {
    let scratch = Scratch::new();
    let reader = scratch.open(Access::ReadOnly);
    let refused = |error| assert!(matches!(error, Error::Engine(EngineError::ReadOnly)), "{error}");
    refused(reader.append(0, &entries(Head::START, &[b"1"])).unwrap_err());
    refused(reader.sync().unwrap_err());
}

/// Loses the newest entry of a log, as a failed sync does whose pages were dropped.
fn lose_last(scratch: &Scratch, entry: &Entry) {
    let path = scratch.segment(1);
    let mut bytes = std::fs::read(&path).unwrap();
    let at = bytes.windows(16).position(|window| window == entry.id.bytes()).unwrap() - 16;
    bytes[at..].fill(0);
    let file = SystemFiles.open(&path, How::ReadWrite).unwrap();
    file.write_at(&bytes, 0).unwrap();
}

#[test]
fn a_handle_whose_newest_entry_is_gone_stops_as_forked() {
    for sync in [false, true] {
        let scratch = Scratch::new();
        let lazy = scratch.open(Access::Lazy);
        let lost = entries(fill(&lazy, &[b"1"]), &[b"lost"]);
        lazy.append(1, &lost).unwrap();
        lose_last(&scratch, &lost[0]);
        let other = scratch.open(Access::Synced);
        assert_eq!(fill(&other, &[b"2"]).revision, 2);
        let error = match sync {
            true => lazy.sync().unwrap_err(),
            false => lazy.append(2, &entries(lost[0].head(), &[b"3"])).unwrap_err(),
        };
        assert!(matches!(error, Error::Log(LogError::Forked { revision: 2 })), "{error}");
        let error = lazy.append(2, &entries(lost[0].head(), &[b"3"])).unwrap_err();
        assert!(matches!(error, Error::Engine(EngineError::Stopped { .. })), "{error}");
        assert_eq!(all(&other, 0).len(), 2);
    }
}

#[test]
fn a_lock_that_is_held_is_waited_for_and_then_busy() {
    let scratch = Scratch::new();
    let log = scratch.open(Access::Synced);
    let lock = SystemFiles.open(&scratch.path().join("lock"), How::ReadWrite).unwrap();
    assert!(lock.try_lock().unwrap());
    let entry = entries(Head::START, &[b"1"]);
    let error = log.append(0, &entry).unwrap_err();
    let Error::Log(LogError::Busy { path, process, .. }) = &error else { panic!("{error}") };
    assert!(path.ends_with("lock"), "{error}");
    assert_eq!(*process, cfg!(target_os = "linux").then(std::process::id));
    lock.unlock().unwrap();
    assert!(matches!(log.append(0, &entry).unwrap(), Appended::Done(_)));
}

#[test]
fn a_child_of_fork_writes_nothing_and_only_closes() {
    let scratch = Scratch::new();
    let watched = Watched::default();
    let mut log = watched.open(&scratch, Access::Synced);
    let head = fill(&log, &[b"1"]);
    log.append(1, &entries(head, &[b"2"])).unwrap();
    log.pretend_fork();
    watched.take();
    let base = Base { head, tag: 1, payload: cut(0, b"base") };
    let outcomes =
        [log.append(2, &entries(head, &[b"3"])).err(), log.sync().err(), log.put_base(&base).err(), log.trim(1).err()];
    for error in outcomes {
        assert!(matches!(error, Some(Error::Log(LogError::OtherProcess { .. }))), "{error:?}");
    }
    drop(log);
    assert_eq!(watched.take(), []);
}

#[test]
fn threads_that_share_a_handle_append_all_and_each_once() {
    let scratch = Scratch::new();
    let log = scratch.open(Access::Synced);
    thread::scope(|scope| {
        (0..4_u8).for_each(|thread| {
            drop(scope.spawn({
                let log = &log;
                move || append_in_turn(log, 25, &[thread; 60])
            }))
        });
    });
    assert_eq!(all(&log, 0).len(), 100);
}

/// Appends and syncs a payload so many times, after whatever others have appended.
fn append_in_turn(log: &FileLog, times: usize, payload: &[u8]) {
    let mut at = log.read(0, usize::MAX).unwrap().head;
    for _ in 0..times {
        loop {
            let entry = entries(at, &[payload]);
            match log.append(at.revision, &entry).unwrap() {
                Appended::Done(_) => {
                    at = entry[0].head();
                    break;
                }
                Appended::Behind(tail) => at = tail.entries.last().map_or(tail.head, Entry::head),
            }
        }
        assert!(log.sync().unwrap() >= at.revision);
        println!("durable {} {:?}", at.revision, at.id);
    }
}

const CHILD: &str = "COMMIT_LOG_TEST_CHILD";

#[test]
#[ignore = "a process that other tests start"]
fn child() {
    let path = std::env::var_os(CHILD).unwrap();
    let times = std::env::var("COMMIT_LOG_TEST_TIMES").unwrap().parse().unwrap();
    let log = FileLog::open(Path::new(&path), options(Access::Synced)).unwrap();
    append_in_turn(&log, times, &[200; 90]);
}

/// Starts a process that appends.
fn start(scratch: &Scratch, times: usize) -> Child {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["commit_log::tests::handles::child", "--exact", "--ignored", "--nocapture"]);
    child.env(CHILD, scratch.path()).env("COMMIT_LOG_TEST_TIMES", times.to_string());
    child.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
}

/// The entries that a process has said to be durable.
fn acknowledged(child: &mut Child) -> impl Iterator<Item = (u64, String)> + use<> {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    lines.filter_map(|line| {
        let (_, said) = line.split_once("durable ")?;
        let (revision, id) = said.split_once(' ')?;
        Some((revision.parse().ok()?, id.to_owned()))
    })
}

#[test]
fn processes_append_in_turn() {
    let scratch = Scratch::new();
    let mut children = [start(&scratch, 60), start(&scratch, 60)];
    let log = scratch.open(Access::Synced);
    append_in_turn(&log, 60, &[100; 30]);
    children.iter_mut().for_each(|child| assert!(child.read_and_wait()));
    log.sync().unwrap();
    let own = all(&log, 0).iter().filter(|entry| entry.payload.len() == 30).count();
    assert_eq!((own, all(&log, 0).len()), (60, 180));
    assert_eq!(all(&scratch.open(Access::Synced), 0), all(&log, 0));
}

#[test]
fn a_process_that_is_killed_loses_nothing_that_it_acknowledged_and_others_go_on() {
    let scratch = Scratch::new();
    let log = scratch.open(Access::Synced);
    for after in [3, 11, 40] {
        let mut child = start(&scratch, 100_000);
        let mut said: Vec<_> = Vec::new();
        let mut lines = acknowledged(&mut child);
        said.extend(lines.by_ref().take(after));
        append_in_turn(&log, 3, b"between");
        child.kill().unwrap();
        said.extend(lines);
        child.wait().unwrap();
        append_in_turn(&log, 3, b"after");
        assert!(said.len() >= after);
        for entries in [all(&log, 0), all(&scratch.open(Access::Synced), 0)] {
            for (revision, id) in &said {
                assert_eq!(format!("{:?}", entries[*revision as usize - 1].id), *id);
            }
        }
    }
}

trait Checked {
    fn read_and_wait(&mut self) -> bool;
}

impl Checked for Child {
    fn read_and_wait(&mut self) -> bool {
        // Its output is read, so that it never waits for a reader.
        acknowledged(self).count();
        self.wait().unwrap().success()
    }
}
