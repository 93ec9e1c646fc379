//! Operations on files that fail, and the order of those that do not.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::Duration;

use super::help::Operation::{SetLen, SyncAll, SyncData, SyncDirectory, Write};
use super::help::{Operation, Scratch, Watched, all, cut, entries, fill, payloads};
use crate::commit_log::files::{Files, How, SystemFiles};
use crate::commit_log::{Access, Appended, Base, CommitLog, Head};
use crate::model::{EngineError, Error, LogError};

/// A rule by which the n-th operation of a kind fails, and all others do not.
fn nth(kind: Operation, n: u32) -> impl Fn(Operation, &Path) -> io::Result<()> + Send + Sync + 'static {
    let left = AtomicU32::new(n);
    move |operation, _| match operation == kind && left.fetch_sub(1, Ordering::Relaxed) == 1 {
        true => Err(ErrorKind::StorageFull.into()),
        false => Ok(()),
    }
}

fn name(path: &Path) -> &str {
    path.file_name().unwrap().to_str().unwrap()
}

fn named(operations: &[(Operation, PathBuf)], kind: Operation) -> Vec<&str> {
    operations.iter().filter(|(operation, _)| *operation == kind).map(|(_, path)| name(path)).collect()
}

#[test]
fn a_sync_that_fails_stops_the_handle_for_good() {
    let scratch = Scratch::new();
    let watched = Watched::default();
    let log = watched.open(&scratch, Access::Synced);
    let at = fill(&log, &[b"1"]);
    log.append(1, &entries(at, &[b"2"])).unwrap();
    watched.fail(nth(SyncData, 1));
    let error = log.sync().unwrap_err();
    assert!(matches!(error, Error::Engine(EngineError::Unknown { revision: 2, .. })), "{error}");
    for error in [log.sync().unwrap_err(), log.append(2, &entries(at, &[b"3"])).unwrap_err()] {
        assert!(matches!(error, Error::Engine(EngineError::Stopped { .. }) | Error::Bug { .. }), "{error}");
    }
    assert_eq!(payloads(&all(&log, 0)), [b"1"], "what was durable is shown");
    watched.take();
    drop(log);
    assert_eq!(named(&watched.take(), SyncData), [""; 0], "nothing is synced when it is closed");
    assert_eq!(all(&scratch.open(Access::Synced), 0).len(), 2);
}

/// Some systems tell of lost bytes once: the next sync through the same descriptor succeeds.
#[test]
fn a_sync_that_came_while_another_one_failed_makes_nothing_durable() {
    let scratch = Scratch::new();
    let watched = Watched::default();
    let log = watched.open(&scratch, Access::Synced);
    let at = fill(&log, &[b"1"]);
    log.append(1, &entries(at, &[b"2"])).unwrap();
    let (begun, let_go, is_first) = (Barrier::new(2), Barrier::new(2), AtomicBool::new(true));
    let barriers = Arc::new((begun, let_go));
    let held = Arc::clone(&barriers);
    watched.fail(move |operation, _| {
        if operation == SyncData && is_first.swap(false, Ordering::Relaxed) {
            held.0.wait();
            held.1.wait();
            return Err(ErrorKind::Other.into());
        }
        Ok(())
    });
    let [first, second] = thread::scope(|scope| {
        let first = scope.spawn(|| log.sync());
        barriers.0.wait();
        let second = scope.spawn(|| log.sync());
        // Long enough for it to end if it does not wait; shorter makes the test weaker, not red.
        thread::sleep(Duration::from_millis(100));
        barriers.1.wait();
        [first, second].map(|sync| sync.join().unwrap().unwrap_err())
    });
    assert!(matches!(first, Error::Engine(EngineError::Unknown { revision: 2, .. })), "{first}");
    assert!(matches!(second, Error::Engine(EngineError::Stopped { .. })), "{second}");
    assert_eq!(payloads(&all(&log, 0)), [b"1"]);
}

#[test]
fn a_directory_that_is_not_synced_keeps_the_mark_where_it_is() {
    let scratch = Scratch::new();
    let watched = Watched::default();
    let log = watched.open(&scratch, Access::Synced);
    log.append(0, &entries(Head::START, &[b"1"])).unwrap();
    watched.fail(nth(SyncDirectory, 1));
    let error = log.sync().unwrap_err();
    assert!(matches!(error, Error::Engine(EngineError::Unknown { revision: 1, .. })), "{error}");
    assert_eq!(all(&scratch.open(Access::ReadOnly), 0).len(), 0);
}

#[test]
fn a_handle_that_opens_a_segment_writes_it_again_before_its_first_sync() {
    let scratch = Scratch::new();
    let lazy = scratch.open(Access::Lazy);
    let first = entries(fill(&lazy, &[b"1"]), &[b"2"]);
    lazy.append(1, &first).unwrap();
    let before = std::fs::read(scratch.segment(1)).unwrap();
    let watched = Watched::default();
    let synced = watched.open(&scratch, Access::Synced);
    let operations = watched.take();
    let first_sync = operations.iter().position(|(operation, _)| *operation == SyncData).unwrap();
    // The header, then what is after the mark.
    assert_eq!(named(&operations[..first_sync], Write), ["segment-0000000000000001"; 2]);
    assert_eq!(std::fs::read(scratch.segment(1)).unwrap(), before);
    fill(&synced, &[b"3"]);
    let written = watched.take();
    let segment = named(&written, Write).into_iter().filter(|name| name.starts_with("segment")).count();
    assert_eq!(segment, 2, "the frame, and zeroes: {written:?}");
}

#[test]
fn a_sync_covers_all_segments_and_the_directory_before_the_mark_moves() {
    let scratch = Scratch::new();
    let watched = Watched::default();
    let log = watched.open(&scratch, Access::Synced);
    watched.take();
    log.append(0, &entries(Head::START, &[&[1; 400], &[2; 400], &[3; 400]])).unwrap();
    let appended = watched.take();
    assert_eq!(named(&appended, SyncData), [""; 0], "an append syncs only new files and names");
    assert_eq!(named(&appended, SyncDirectory).len(), 3);
    log.sync().unwrap();
    let synced = watched.take();
    let segments = [1, 2, 3].map(|number| format!("segment-{number:016x}"));
    assert_eq!(named(&synced, SyncData), segments);
    assert_eq!(named(&synced, SyncDirectory), ["log"]);
    let last_sync = synced.iter().rposition(|(operation, _)| matches!(operation, SyncData | SyncDirectory)).unwrap();
    let mark = synced.iter().position(|(operation, path)| *operation == Write && name(path) == "durable").unwrap();
    assert!(last_sync < mark, "{synced:?}");
}

#[test]
fn a_small_append_is_one_write_and_a_sync_is_one_more() {
    let scratch = Scratch::new();
    let watched = Watched::default();
    let log = watched.open(&scratch, Access::Synced);
    fill(&log, &[b"1"]);
    let at = fill(&log, &[b"2"]);
    watched.take();
    log.append(2, &entries(at, &[b"3"])).unwrap();
    log.sync().unwrap();
    let operations = watched.take();
    assert_eq!(named(&operations, Write), ["segment-0000000000000001", "durable"]);
    assert_eq!(named(&operations, SyncData), ["segment-0000000000000001"]);
    assert_eq!(named(&operations, SyncDirectory), [""; 0]);
}

#[test]
fn the_mark_does_not_move_to_an_entry_that_was_lost_during_its_sync() {
    let scratch = Scratch::new();
    let watched = Watched::default();
    let log = watched.open(&scratch, Access::Synced);
    let at = fill(&log, &[b"1"]);
    log.append(1, &entries(at, &[b"2"])).unwrap();
    let segment = scratch.segment(1);
    watched.fail(move |operation, _| match operation {
        SyncData => SystemFiles.open(&segment, How::ReadWrite)?.write_at(&[0; 80], 4096 + 80),
        _ => Ok(()),
    });
    let error = log.sync().unwrap_err();
    assert!(matches!(error, Error::Log(LogError::Forked { revision: 2 })), "{error}");
    assert_eq!(payloads(&all(&scratch.open(Access::ReadOnly), 0)), [b"1"]);
}

#[test]
fn nobody_holds_the_append_lock_during_a_sync() {
    let scratch = Scratch::new();
    let watched = Watched::default();
    let log = watched.open(&scratch, Access::Synced);
    let lock = SystemFiles.open(&scratch.path().join("lock"), How::ReadWrite).unwrap();
    let held = Arc::new(AtomicBool::new(false));
    let seen = held.clone();
    watched.fail(move |operation, path| {
        let spare = path.file_name().unwrap().to_str().unwrap().starts_with("spare");
        if operation == SyncData || (operation == SyncAll && spare) {
            match lock.try_lock()? {
                true => lock.unlock()?,
                false => seen.store(true, Ordering::Relaxed),
            }
        }
        Ok(())
    });
    fill(&log, &[&[1; 400], &[2; 400], &[3; 1_000]]);
    assert!(!held.load(Ordering::Relaxed));
}

#[test]
fn a_spare_is_synced_before_it_is_named() {
    let scratch = Scratch::new();
    let watched = Watched::default();
    let log = watched.open(&scratch, Access::Synced);
    fill(&log, &[b"1"]);
    let operations = watched.take();
    let synced =
        operations.iter().position(|(operation, path)| *operation == SyncAll && name(path).starts_with("spare"));
    let directory = operations.iter().position(|(operation, _)| *operation == SyncDirectory);
    assert!(synced.unwrap() < directory.unwrap(), "{operations:?}");
}

#[test]
fn an_append_that_fails_at_any_write_leaves_nothing_of_it() {
    let large: [&[u8]; 3] = [b"2", &[3; 1_500], &[4; 300]];
    for n in 1.. {
        let scratch = Scratch::new();
        let watched = Watched::default();
        let log = watched.open(&scratch, Access::Synced);
        let at = fill(&log, &[b"1"]);
        let written = entries(at, &large);
        watched.fail(nth(Write, n));
        let outcome = log.append(1, &written);
        watched.fail(|_, _| Ok(()));
        match outcome {
            Ok(done) => {
                assert!(matches!(done, Appended::Done(_)));
                assert!(n > 4, "{n}");
                break;
            }
            Err(error) => {
                assert!(matches!(error, Error::Engine(EngineError::Failed { .. })), "{n}: {error}");
                assert_eq!(all(&scratch.open(Access::Lazy), 0).len(), 1, "{n}");
                fill(&log, &large);
                assert_eq!(all(&scratch.open(Access::Synced), 0).len(), 4, "{n}");
            }
        }
    }
}

#[test]
fn a_new_segment_whose_name_is_not_durable_stops_the_handle() {
    let scratch = Scratch::new();
    let watched = Watched::default();
    let log = watched.open(&scratch, Access::Synced);
    watched.fail(nth(SyncDirectory, 1));
    let entry = entries(Head::START, &[b"1"]);
    assert!(matches!(log.append(0, &entry), Err(Error::Engine(EngineError::Failed { .. }))));
    assert!(matches!(log.append(0, &entry), Err(Error::Engine(EngineError::Stopped { .. }))));
    assert_eq!(all(&scratch.open(Access::Lazy), 0), []);
}

#[test]
fn a_segment_that_another_handle_has_named_is_used_after_its_name_is_durable() {
    // A handle is killed right after it has named a segment. Another one writes over two segments, and the power fails:
    // the name of the first one was lost, that of the second was not, and the log could not be opened.
    let scratch = Scratch::new();
    std::fs::write(scratch.segment(1), [0; 4096]).unwrap();
    let watched = Watched::default();
    let log = watched.open(&scratch, Access::Lazy);
    watched.take();
    log.append(0, &entries(Head::START, &[b"1"])).unwrap();
    let operations = watched.take();
    let at = |kind, file| operations.iter().position(|(other, path)| (*other, name(path)) == (kind, file));
    let synced = at(SyncDirectory, "log");
    assert!(synced.is_some() && synced < at(Write, name(&scratch.segment(1))), "{operations:?}");
}

#[test]
fn a_failed_append_that_can_not_be_removed_stops_the_handle() {
    let scratch = Scratch::new();
    let watched = Watched::default();
    let log = watched.open(&scratch, Access::Synced);
    let at = fill(&log, &[b"1"]);
    watched.fail(|operation, _| match operation {
        Write | SetLen | SyncAll => Err(ErrorKind::StorageFull.into()),
        _ => Ok(()),
    });
    let entry = entries(at, &[b"2"]);
    assert!(matches!(log.append(1, &entry), Err(Error::Engine(EngineError::Failed { .. }))));
    assert!(matches!(log.append(1, &entry), Err(Error::Engine(EngineError::Stopped { .. }))));
    let other = scratch.open(Access::Synced);
    fill(&other, &[b"2"]);
    assert_eq!(payloads(&all(&other, 0)), [b"1", b"2"]);
}

#[test]
fn a_trim_removes_nothing_until_the_name_of_the_base_is_durable() {
    let scratch = Scratch::new();
    let watched = Watched::default();
    let log = watched.open(&scratch, Access::Synced);
    let head = fill(&log, &[&[1; 400], &[2; 400]]);
    log.put_base(&Base { head, tag: 2, payload: cut(0, &[1]) }).unwrap();
    watched.fail(nth(SyncDirectory, 1));
    assert!(log.trim(2).is_err());
    assert!(scratch.segment(1).exists());
    assert!(matches!(log.trim(2), Err(Error::Engine(EngineError::Stopped { .. }))));
}

#[test]
fn a_trim_syncs_the_segment_with_which_the_log_then_begins() {
    // After a trim the power fails before the newest segment was synced: without its header the log could not be opened.
    let scratch = Scratch::new();
    let watched = Watched::default();
    let log = watched.open(&scratch, Access::Lazy);
    let head = fill(&log, &[&[1; 400], &[2; 400]]);
    log.put_base(&Base { head, tag: 2, payload: cut(0, &[1]) }).unwrap();
    log.append(2, &entries(head, &[&[3; 400]])).unwrap();
    watched.fail(nth(SyncData, 1));
    assert!(log.trim(2).is_err());
    assert!(scratch.segment(1).exists() && scratch.segment(2).exists());
}

#[test]
fn a_torn_tail_that_can_not_be_cut_durably_stops_the_handle() {
    for kind in [SetLen, SyncAll] {
        let scratch = Scratch::new();
        fill(&scratch.open(Access::Synced), &[b"1"]);
        let mut bytes = std::fs::read(scratch.segment(1)).unwrap();
        bytes.truncate(4096 + 80);
        bytes.extend([1; 50]);
        std::fs::write(scratch.segment(1), &bytes).unwrap();
        let watched = Watched::default();
        let log = watched.open(&scratch, Access::Synced);
        let at = log.read(0, 0).unwrap().head;
        watched.fail(nth(kind, 1));
        assert!(log.append(1, &entries(at, &[b"2"])).is_err());
        let error = log.append(1, &entries(at, &[b"2"])).unwrap_err();
        assert!(matches!(error, Error::Engine(EngineError::Stopped { .. })), "{kind:?}: {error}");
    }
}

#[test]
fn a_torn_tail_is_cut_and_synced_before_anything_is_written_after_it() {
    let scratch = Scratch::new();
    fill(&scratch.open(Access::Synced), &[b"1"]);
    let mut bytes = std::fs::read(scratch.segment(1)).unwrap();
    bytes.truncate(4096 + 80);
    bytes.extend([1; 50]);
    std::fs::write(scratch.segment(1), &bytes).unwrap();
    let watched = Watched::default();
    let log = watched.open(&scratch, Access::Lazy);
    assert_eq!(std::fs::read(scratch.segment(1)).unwrap(), bytes, "an opening cuts nothing");
    watched.take();
    log.append(1, &entries(log.read(0, 0).unwrap().head, &[b"2"])).unwrap();
    let operations = watched.take();
    let kinds: Vec<Operation> =
        operations.iter().filter(|(_, path)| name(path) != "lock").map(|(kind, _)| *kind).collect();
    assert_eq!(kinds, [SetLen, SyncAll, Write]);
}

#[test]
fn a_lazy_handle_writes_no_zeroes_and_writes_at_the_end_of_the_log() {
    let scratch = Scratch::new();
    fill(&scratch.open(Access::Synced), &[b"1"]);
    let length = std::fs::metadata(scratch.segment(1)).unwrap().len();
    assert!(length > 4096 + 80, "zeroes were written ahead");
    let lazy = scratch.open(Access::Lazy);
    fill(&lazy, &[b"2"]);
    assert_eq!(std::fs::metadata(scratch.segment(1)).unwrap().len(), length);
    drop(lazy);
    let fresh = Scratch::new();
    fill(&fresh.open(Access::Lazy), &[b"1"]);
    assert_eq!(std::fs::metadata(fresh.segment(1)).unwrap().len(), 4096 + 80);
}

#[test]
fn a_base_is_synced_before_it_has_its_name_and_its_name_after() {
    let scratch = Scratch::new();
    let watched = Watched::default();
    let log = watched.open(&scratch, Access::Synced);
    let head = fill(&log, &[b"1"]);
    watched.take();
    log.put_base(&Base { head, tag: 1, payload: cut(0, &[1]) }).unwrap();
    let operations = watched.take();
    let kinds: Vec<Operation> = operations.iter().map(|(kind, _)| *kind).filter(|kind| *kind != Write).collect();
    // The lock is for the removal of bases that are not needed any more.
    assert_eq!(kinds, [SyncAll, SyncDirectory, Operation::Lock]);
    for kind in [Write, SyncAll, SyncDirectory] {
        let failing = Mutex::new(nth(kind, 1));
        watched.fail(move |operation, path| (failing.lock().unwrap())(operation, path));
        assert!(log.put_base(&Base { head, tag: 1, payload: cut(0, &[2; 50]) }).is_err(), "{kind:?}");
        assert!(log.read_base(1).is_ok());
    }
}
