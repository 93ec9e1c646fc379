//! Damage and torn tails of a log of many segments, with entries of many frames: at the bytes of headers and frames, and
//! with segments that are missing, exchanged or copied.

use std::fs;
use std::path::PathBuf;

use super::help::{Scratch, all, cut, entries, fill, payloads};
use crate::commit_log::frame::{HEAD, peek};
use crate::commit_log::segment::FIRST;
use crate::commit_log::{Access, Base, CommitLog, Entry, Head};
use crate::id::Revision;
use crate::model::{Error, LogError};

/// A durable log over several segments: an entry of many frames between small ones.
fn long() -> (Scratch, usize) {
    let scratch = Scratch::new();
    let log = scratch.open(Access::Synced);
    fill(&log, &[b"1", &[2; 2_000], b"3", &[4; 300], &[5; 300]]);
    drop(log);
    let segments = (1..).take_while(|number| scratch.segment(*number).exists()).count();
    assert!(segments > 4);
    (scratch, segments)
}

/// Bytes of each segment, with the revision that they belong to: those of the header, that of its first frame; of each
/// frame its head, and of its piece some and the last.
fn bytes_of_segments(scratch: &Scratch) -> Vec<(PathBuf, usize, Revision)> {
    let mut all = Vec::new();
    for number in (1..).take_while(|number| scratch.segment(*number).exists()) {
        let path = scratch.segment(number);
        let bytes = fs::read(&path).unwrap();
        let mut at = FIRST as usize;
        while let Some(frame) = bytes.get(at..).and_then(peek) {
            if at == FIRST as usize {
                all.extend((0..68).map(|byte| (path.clone(), byte, frame.revision)));
            }
            let end = at + frame.size();
            let some = (at..end).filter(|byte| *byte < at + HEAD || byte % 32 == 0 || byte + 1 == end);
            all.extend(some.map(|byte| (path.clone(), byte, frame.revision)));
            at = end;
        }
    }
    all
}

#[test]
fn damage_at_any_byte_of_a_durable_log_of_many_segments_is_reported_with_its_revision() {
    let (scratch, _) = long();
    let files = scratch.snapshot();
    let bytes = bytes_of_segments(&scratch);
    assert!(bytes.len() > 1_000 && bytes.iter().any(|(_, _, revision)| *revision == 5));
    for (path, byte, expected) in bytes {
        let whole = fs::read(&path).unwrap();
        let mut flipped = whole.clone();
        flipped[byte] ^= 0x10;
        for damaged in [&flipped[..], &whole[..byte]].into_iter().take(if byte % 4 == 0 { 2 } else { 1 }) {
            fs::write(&path, damaged).unwrap();
            let revision = match scratch.try_open(Access::ReadOnly).err() {
                Some(Error::Log(LogError::Damaged { revision, .. })) => revision,
                Some(Error::Log(LogError::Lost { durable: 5, head })) => head + 1,
                other => panic!("byte {byte} of {path:?}: {other:?}"),
            };
            assert_eq!(revision, expected, "byte {byte} of {path:?}");
        }
        fs::write(&path, whole).unwrap();
    }
    assert!(scratch.snapshot() == files);
    assert_eq!(all(&scratch.open(Access::Synced), 0).len(), 5);
}

#[test]
fn an_append_with_damage_at_any_byte_of_it_does_not_exist() {
    let scratch = Scratch::new();
    let first = fill(&scratch.open(Access::Synced), &[b"first"]);
    let lazy = scratch.open(Access::Lazy);
    lazy.append(1, &entries(first, &[&[1; 1_500], b"third", &[2; 900]])).unwrap();
    let files = scratch.snapshot();
    drop(lazy);
    scratch.restore(&files);
    for (path, byte, _) in bytes_of_segments(&scratch).into_iter().filter(|(_, _, revision)| *revision > 1) {
        let whole = files.iter().find(|(other, _)| *other == path).unwrap().1.clone();
        let mut flipped = whole.clone();
        flipped[byte] ^= 0x10;
        for damaged in [&flipped[..], &whole[..byte]].into_iter().take(if byte % 4 == 0 { 2 } else { 1 }) {
            fs::write(&path, damaged).unwrap();
            let log = scratch.open(Access::Lazy);
            assert_eq!(payloads(&all(&log, 0)), [b"first"], "byte {byte} of {path:?}");
            if byte % 64 == 0 {
                fill(&log, &[&[3; 700]]);
                drop(log);
                assert_eq!(payloads(&all(&scratch.open(Access::Lazy), 0)), [b"first".to_vec(), vec![3; 700]]);
                scratch.restore(&files);
            }
        }
        fs::write(&path, whole).unwrap();
    }
}

/// A log that begins with a base, and its segments.
fn trimmed() -> (Scratch, Vec<u64>) {
    let (scratch, segments) = long();
    let log = scratch.open(Access::Synced);
    let head = all(&log, 0)[1].head();
    log.put_base(&Base { head, tag: 2, payload: cut(0, &[9; 100]) }).unwrap();
    log.trim(2).unwrap();
    drop(log);
    let left: Vec<u64> = (1..=segments as u64).filter(|number| scratch.segment(*number).exists()).collect();
    assert!(left.len() > 1 && left.len() < segments);
    (scratch, left)
}

#[test]
fn a_segment_that_is_missing_swapped_or_emptied_is_damage() {
    let (scratch, segments) = long();
    exchange(&scratch, &(1..=segments as u64).collect::<Vec<_>>());
    let (scratch, segments) = trimmed();
    exchange(&scratch, &segments);
}

/// Takes away, empties, swaps and copies segments, all of which must be noticed.
fn exchange(scratch: &Scratch, segments: &[u64]) {
    let files = scratch.snapshot();
    let refused = |what: &str| {
        let error = scratch.try_open(Access::Lazy).err().unwrap_or_else(|| panic!("{what}"));
        let expected = matches!(error, Error::Log(LogError::Damaged { .. } | LogError::Lost { .. }));
        assert!(expected, "{what}: {error}");
        scratch.restore(&files);
    };
    for &number in segments {
        fs::remove_file(scratch.segment(number)).unwrap();
        refused(&format!("{number} is missing"));
        fs::write(scratch.segment(number), b"").unwrap();
        refused(&format!("{number} is empty"));
        for &other in segments.iter().filter(|other| **other < number) {
            fs::rename(scratch.segment(number), scratch.path().join("aside")).unwrap();
            fs::rename(scratch.segment(other), scratch.segment(number)).unwrap();
            fs::rename(scratch.path().join("aside"), scratch.segment(other)).unwrap();
            refused(&format!("{other} and {number} are swapped"));
            fs::copy(scratch.segment(other), scratch.segment(number)).unwrap();
            refused(&format!("{number} is a copy of {other}"));
            fs::copy(scratch.segment(number), scratch.segment(other)).unwrap();
            refused(&format!("{other} is a copy of {number}"));
        }
    }
}

#[test]
fn a_copy_of_a_segment_after_the_last_is_emptied_by_the_next_append() {
    let (scratch, segments) = long();
    let next = scratch.segment(segments as u64 + 1);
    fs::copy(scratch.segment(2), &next).unwrap();
    let log = scratch.open(Access::Synced);
    assert!(fs::metadata(&next).unwrap().len() > 0);
    fill(&log, &[b"6"]);
    assert_eq!(fs::metadata(&next).unwrap().len(), 0);
    fill(&log, &[&[7; 400], &[8; 400]]);
    drop(log);
    assert_eq!(all(&scratch.open(Access::Synced), 0).len(), 8);
}

#[test]
fn an_append_without_its_last_frame_does_not_exist() {
    let scratch = Scratch::new();
    let log = scratch.open(Access::Lazy);
    let first = Entry::after(Head::START, cut(0, b"first")).unwrap();
    log.append(0, std::slice::from_ref(&first)).unwrap();
    let files_before = scratch.snapshot();
    let second = Entry::after(first.head(), cut(0, &[1; 1_500])).unwrap();
    let third = Entry::after(second.head(), cut(0, b"third")).unwrap();
    log.append(1, &[second, third]).unwrap();
    let files = scratch.snapshot();
    drop(log);
    let last = files.iter().rev().find(|(path, _)| path.to_string_lossy().contains("segment")).unwrap();
    let segments = files.len() - files_before.len() + 1;
    assert!(segments > 2, "{segments}");
    for length in FIRST as usize..last.1.len() {
        let mut files = files.clone();
        files.iter_mut().find(|(path, _)| *path == last.0).unwrap().1.truncate(length);
        scratch.restore(&files);
        let log = scratch.open(Access::Lazy);
        assert_eq!(payloads(&all(&log, 0)), [b"first"], "{length}");
        if length % 16 == 0 {
            fill(&log, &[&[3; 700]]);
            drop(log);
            assert_eq!(payloads(&all(&scratch.open(Access::Lazy), 0)), [b"first".to_vec(), vec![3; 700]]);
        }
    }
}
