//! The files of a log: how it is created, begins with a base, grows over segments and is trimmed.

use std::fs;
use std::time::{Duration, Instant};

use super::help::{Scratch, all, cut, entries, fill, head, options, payloads};
use crate::commit_log::segment::{SECTOR, SegmentHeader};
use crate::commit_log::{Access, Appended, Base, CommitLog, Entry, EntryId, FileLog, FileLogOptions, Head};
use crate::model::{Error, LogError};

#[test]
fn a_log_is_created_once_and_opened_where_it_is() {
    let scratch = Scratch::new();
    let create = || FileLog::create(&scratch.path(), options(Access::Synced), None).err();
    assert!(matches!(create(), Some(Error::Log(LogError::Exists { .. }))));
    fs::remove_file(scratch.path().join("id")).unwrap();
    assert!(matches!(scratch.try_open(Access::Synced).err(), Some(Error::Log(LogError::Missing { .. }))));
    // Without entries this is an unfinished creation.
    assert!(create().is_none());
    fill(&scratch.open(Access::Synced), &[b"1"]);
    fs::remove_file(scratch.path().join("id")).unwrap();
    assert!(matches!(create(), Some(Error::Log(LogError::Exists { .. }))), "entries are not written over");
}

#[test]
fn a_file_that_does_not_name_a_log_is_damaged() {
    let scratch = Scratch::new();
    let id = scratch.path().join("id");
    let whole = fs::read(&id).unwrap();
    for byte in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[byte] ^= 1;
        fs::write(&id, bytes).unwrap();
        let error = scratch.try_open(Access::Synced).err();
        assert!(matches!(error, Some(Error::Log(LogError::Damaged { .. }))), "{byte}: {error:?}");
    }
}

#[test]
fn a_log_that_begins_with_a_base_goes_on_after_it() {
    let scratch = Scratch::new();
    let path = scratch.directory.path().join("other");
    let head = Head { revision: 41, id: EntryId::random().unwrap() };
    let base = Base { head, tag: 5, payload: cut(5, &[1; 10]) };
    let log = FileLog::create(&path, options(Access::Synced), Some(&base)).unwrap();
    assert_eq!(log.sync().unwrap(), 41);
    assert!(matches!(log.append(41, &entries(head, &[b"42"])).unwrap(), Appended::Done(_)));
    log.close().unwrap();
    let log = FileLog::open(&path, options(Access::Synced)).unwrap();
    assert_eq!(payloads(&all(&log, 41)), [b"42"]);
    assert_eq!(log.read_base(41).unwrap(), base);
    let error = log.read(40, 0).unwrap_err();
    assert!(matches!(error, Error::Log(LogError::Trimmed { asked: 40, oldest: 41 })), "{error}");
    drop(log);
    fs::remove_file(path.join(format!("base-{:020}", 41))).unwrap();
    let error = FileLog::open(&path, options(Access::Synced)).err();
    assert!(matches!(error, Some(Error::Log(LogError::Damaged { revision: 41, .. }))), "{error:?}");
}

#[test]
fn a_log_grows_over_segments_and_is_read_from_any_revision() {
    let scratch = Scratch::new();
    let log = scratch.open(Access::Synced);
    let texts: Vec<Vec<u8>> = (0..60_u8).map(|n| vec![n; usize::from(n) * 20]).collect();
    let texts: Vec<&[u8]> = texts.iter().map(Vec::as_slice).collect();
    fill(&log, &texts);
    assert!(scratch.segment(30).exists());
    for log in [log, scratch.open(Access::Lazy), scratch.open(Access::ReadOnly)] {
        for after in 0..=60 {
            assert_eq!(payloads(&all(&log, after as u64)), texts[after..]);
        }
    }
}

#[test]
fn a_read_in_a_large_segment_finds_any_revision() {
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("log");
    let options = FileLogOptions::new(Access::Lazy);
    let log = FileLog::create(&path, options, None).unwrap();
    let mut at = Head::START;
    for _ in 0..40 {
        let many = entries(at, &[&[5_u8; 1_000][..]; 50]);
        log.append(at.revision, &many).unwrap();
        at = many[49].head();
    }
    let reopened = FileLog::open(&path, options).unwrap();
    for log in [&log, &reopened] {
        for after in (0..2_000).step_by(77) {
            let tail = log.read(after, 0).unwrap();
            assert_eq!(tail.entries[0].revision, after + 1);
        }
    }
}

#[test]
fn a_trim_removes_whole_segments_and_the_log_opens_after_it() {
    let scratch = Scratch::new();
    let log = scratch.open(Access::Synced);
    // An entry of many segments is removed when all of it is below the base.
    let first = fill(&log, &[b"1"]);
    log.append(1, &[Entry::after(first, cut(2, &[2; 3_000])).unwrap()]).unwrap();
    let head = fill(&log, &[b"3"]);
    log.put_base(&Base { head: all(&log, 0)[0].head(), tag: 1, payload: cut(0, &[1]) }).unwrap();
    log.put_base(&Base { head, tag: 3, payload: cut(0, &[3]) }).unwrap();
    fill(&log, &[&[4; 400], &[5; 400], &[6; 400]]);
    log.trim(1).unwrap();
    assert!(scratch.segment(1).exists(), "it has a frame of entry 2");
    assert_eq!(all(&log, 0).len(), 6);
    log.trim(3).unwrap();
    assert!(!scratch.segment(5).exists());
    assert_eq!(log.bases().unwrap(), [3]);
    drop(log);
    for access in [Access::Synced, Access::Lazy, Access::ReadOnly] {
        let log = scratch.open(access);
        assert_eq!(payloads(&all(&log, 3)), [[4; 400], [5; 400], [6; 400]]);
        assert!(matches!(log.read(1, 0).unwrap_err(), Error::Log(LogError::Trimmed { asked: 1, .. })));
    }
    fill(&scratch.open(Access::Synced), &[b"7"]);
    fs::remove_file(scratch.path().join(format!("base-{:020}", 3))).unwrap();
    let error = scratch.try_open(Access::Synced).err();
    assert!(matches!(error, Some(Error::Log(LogError::Damaged { .. }))), "{error:?}");
}

#[test]
fn nothing_but_the_files_of_the_log_is_left_after_closing() {
    let scratch = Scratch::new();
    let log = scratch.open(Access::Synced);
    fill(&log, &[&[1; 400], &[2; 400]]);
    log.close().unwrap();
    let names: Vec<_> = scratch.snapshot().into_iter().map(|(path, _)| path.file_name().unwrap().to_owned()).collect();
    let expected = ["durable", "id", "lock", "segment-0000000000000001", "segment-0000000000000002"];
    assert_eq!(names, expected);
}

#[test]
#[cfg(unix)]
fn a_named_pipe_in_place_of_a_file_is_refused_at_once() {
    let scratch = Scratch::new();
    fill(&scratch.open(Access::Synced), &[b"1"]);
    let files = scratch.snapshot();
    for (path, _) in &files {
        fs::remove_file(path).unwrap();
        let made = std::process::Command::new("mkfifo").arg(path).status().unwrap();
        assert!(made.success());
        let start = std::time::Instant::now();
        assert!(scratch.try_open(Access::Synced).is_err(), "{path:?}");
        assert!(start.elapsed() < Duration::from_secs(5));
        scratch.restore(&files);
    }
    assert_eq!(head(&scratch.open(Access::Synced)).revision, 1);
}

#[test]
fn a_file_with_the_number_before_the_first_segment_is_no_segment() {
    for content in [&[][..], &[0; 4096], &[7; 5000]] {
        let scratch = Scratch::new();
        fs::write(scratch.segment(0), content).unwrap();
        fill(&scratch.open(Access::Synced), &[b"one", b"two"]);
        assert_eq!(payloads(&all(&scratch.open(Access::Synced), 0)), [b"one", b"two"], "{} bytes", content.len());
    }
}

#[test]
fn a_sync_opens_only_segments_that_are_there() {
    let scratch = Scratch::new();
    fill(&scratch.open(Access::Synced), &[b"1"]);
    // As after a trim, with an old mark: the first segment is far after that of the mark.
    let far = 1 << 20;
    let mut bytes = fs::read(scratch.segment(1)).unwrap();
    let header = SegmentHeader { number: far, ..SegmentHeader::decode(&bytes).unwrap() };
    bytes[..SECTOR].copy_from_slice(&header.encode());
    fs::write(scratch.segment(far), bytes).unwrap();
    fs::remove_file(scratch.segment(1)).unwrap();
    let start = Instant::now();
    fill(&scratch.open(Access::Synced), &[b"2"]);
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    assert_eq!(payloads(&all(&scratch.open(Access::Synced), 0)), [b"1", b"2"]);
}
