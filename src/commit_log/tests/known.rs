//! Opening a log at the position of an entry that the caller knows: what is read, and what is said if it is not there.

use std::fs;
use std::ops::ControlFlow;
use std::sync::Arc;

use super::help::{Scratch, Watched, all, entries, head, options, payloads};
use crate::commit_log::{Access, Appended, CommitLog, Entry, FileLog, FileLogOptions, Head, Position};
use crate::model::{Error, LogError};

type Known = (Head, Position);

/// Appends payloads, one append each, and returns each entry with its position.
fn append(log: &FileLog, payloads: &[&[u8]]) -> Vec<Known> {
    let mut at = head(log);
    let mut known = Vec::new();
    for payload in payloads {
        let entry = entries(at, &[payload]);
        at = entry[0].head();
        let Appended::Done(position) = log.append(at.revision - 1, &entry).unwrap() else { panic!("behind") };
        known.push((at, position));
    }
    log.sync().unwrap();
    known
}

fn open(scratch: &Scratch, known: Known) -> Result<FileLog, Error> {
    FileLog::open(&scratch.path(), FileLogOptions { known: Some(known), ..options(Access::Lazy) })
}

/// Changes the bytes of a segment.
fn change(scratch: &Scratch, number: u64, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(scratch.segment(number)).unwrap();
    change(&mut bytes);
    fs::write(scratch.segment(number), bytes).unwrap();
}

const PAYLOADS: [&[u8]; 7] = [b"1", &[2; 1_000], b"3", b"", &[5; 400], &[6; 700], b"7"];

#[test]
fn a_log_opens_at_the_position_of_any_entry() {
    let scratch = Scratch::new();
    let log = scratch.open(Access::Synced);
    let known = append(&log, &PAYLOADS);
    for (_, position) in &known {
        assert_eq!(Position::from_bytes(position.to_bytes()), *position);
    }
    assert_eq!(log.end().unwrap(), known[known.len() - 1]);
    let before = all(&log, 0);
    let id = log.id();
    drop(log);
    for known in known {
        let log = open(&scratch, known).unwrap();
        assert_eq!((all(&log, 0), log.damage(), log.oldest()), (before.clone(), None, 0));
        assert_eq!(log.id(), id);
        assert_eq!(log.mark(), before.last().map(Entry::head));
    }
    let log = open(&scratch, (Head::START, Position::default())).unwrap();
    assert_eq!((all(&log, 0), log.begin()), (before, Head::START));
}

#[test]
fn appends_go_on_after_an_opening_at_a_position() {
    let scratch = Scratch::new();
    let mut known = append(&scratch.open(Access::Synced), &PAYLOADS[..3]);
    for payload in &PAYLOADS[3..] {
        let log = open(&scratch, known[known.len() - 1]).unwrap();
        known.extend(append(&log, &[payload]));
    }
    assert_eq!(payloads(&all(&scratch.open(Access::Synced), 0)), PAYLOADS);
}

#[test]
fn frames_before_a_known_position_are_not_read_at_opening() {
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("log");
    let options = FileLogOptions { segment_bytes: 1 << 20, ..FileLogOptions::new(Access::Lazy) };
    let log = FileLog::create(&path, options, None).unwrap();
    let known = append(&log, &[&[1_u8; 200_000][..]; 30]);
    log.close().unwrap();
    let watched = Watched::default();
    let options = FileLogOptions { known: Some(known[28]), ..options };
    let log = FileLog::open_in(Arc::new(watched.clone()), &path, options).unwrap();
    let read = watched.take_read();
    assert!(read < 1 << 20, "{read}");
    for after in [0, 17, 28] {
        assert_eq!(log.read(after, 0).unwrap().entries[0].revision, after + 1);
    }
}

#[test]
fn an_entry_that_is_not_where_it_was_is_lost_or_forked() {
    let scratch = Scratch::new();
    append(&scratch.open(Access::Synced), &PAYLOADS[..2]);
    let before = scratch.snapshot();
    let known = append(&scratch.open(Access::Synced), &PAYLOADS[2..]);
    // An older copy was put back: the place is blank, or its segment is missing.
    for known in &known {
        scratch.restore(&before);
        let error = open(&scratch, *known).err().unwrap();
        let durable = known.0.revision;
        assert!(matches!(error, Error::Log(LogError::Lost { durable: d, head: 2 }) if d == durable), "{error}");
    }
    // It went another way, with entries of the same sizes.
    append(&scratch.open(Access::Synced), &PAYLOADS[2..]);
    for known in &known {
        let error = open(&scratch, *known).err().unwrap();
        assert!(matches!(error, Error::Log(LogError::Forked { .. })), "{error}");
    }
}

#[test]
fn damage_of_the_known_entry_is_passed_and_reported() {
    let scratch = Scratch::new();
    let known = append(&scratch.open(Access::Synced), &PAYLOADS[..5]);
    let whole = scratch.snapshot();
    for (index, known) in known.iter().enumerate() {
        for byte in [0, 8, 40, 70] {
            scratch.restore(&whole);
            change(&scratch, known.1.segment, |bytes| bytes[known.1.last as usize + byte] ^= 1);
            let log = open(&scratch, *known).unwrap();
            let revision = known.0.revision;
            assert!(matches!(log.damage(), Some(LogError::Damaged { revision: r, .. }) if *r == revision));
            assert_eq!(payloads(&all(&log, revision)), PAYLOADS[index + 1..5]);
            let error = log.read(revision - 1, 0).unwrap_err();
            assert!(matches!(error, Error::Log(LogError::Damaged { revision: r, .. }) if r == revision), "{error}");
            append(&log, &[b"after"]);
            drop(log);
            let log = FileLog::open(&scratch.path(), FileLogOptions { known: Some(*known), ..options(Access::Synced) });
            assert_eq!(payloads(&all(&log.unwrap(), 5)), [b"after"]);
        }
    }
}

#[test]
fn damage_of_the_known_entry_and_the_next_one_is_an_error() {
    let scratch = Scratch::new();
    let known = append(&scratch.open(Access::Synced), &[b"1", b"2", b"3", b"4"]);
    for index in [1, 2] {
        change(&scratch, 1, |bytes| bytes[known[index].1.last as usize + 9] ^= 1);
    }
    let error = open(&scratch, known[1]).err().unwrap();
    assert!(matches!(error, Error::Log(LogError::Damaged { revision: 2, .. })), "{error}");
}

#[test]
fn damage_after_the_known_entry_is_an_error_and_before_it_is_found_by_reads() {
    let scratch = Scratch::new();
    let known = append(&scratch.open(Access::Synced), &[b"1", b"2", b"3", b"4"]);
    change(&scratch, 1, |bytes| bytes[known[2].1.last as usize + 9] ^= 1);
    let error = open(&scratch, known[1]).err().unwrap();
    assert!(matches!(error, Error::Log(LogError::Damaged { revision: 3, .. })), "{error}");
    let log = open(&scratch, known[3]).unwrap();
    append(&log, &[b"5"]);
    assert_eq!((all(&log, 4).len(), log.damage()), (1, None));
    let mut tags = Vec::new();
    log.scan_tag(4, &mut |piece| {
        tags.push(piece.tag);
        Ok(ControlFlow::Continue(()))
    })
    .unwrap();
    assert_eq!(tags, [5]);
    let error = log.read(1, usize::MAX).unwrap_err();
    assert!(matches!(error, Error::Log(LogError::Damaged { revision: 3, .. })), "{error}");
}

#[test]
fn a_torn_tail_after_the_known_entry_is_cut_by_the_next_append() {
    let scratch = Scratch::new();
    let known = append(&scratch.open(Access::Synced), &[b"1", b"2"]);
    change(&scratch, 1, |bytes| bytes[known[1].1.end as usize..][..20].fill(7));
    let log = open(&scratch, known[1]).unwrap();
    append(&log, &[b"3"]);
    assert_eq!(payloads(&all(&scratch.open(Access::Synced), 0)), [b"1", b"2", b"3"]);
}

#[test]
fn damage_names_the_first_entry_that_is_not_whole() {
    let scratch = Scratch::new();
    let log = scratch.open(Access::Synced);
    let written = entries(Head::START, &[b"1", b"2", b"3", b"4"]);
    log.append(0, &written).unwrap();
    drop(log);
    change(&scratch, 1, |bytes| bytes[4096 + 2 * 80 + 9] ^= 1);
    let error = scratch.try_open(Access::Lazy).err().unwrap();
    assert!(matches!(error, Error::Log(LogError::Damaged { revision: 3, .. })), "{error}");
}

#[test]
fn a_damaged_header_of_the_first_segment_is_damage_and_no_trim() {
    let scratch = Scratch::new();
    let known = append(&scratch.open(Access::Synced), &PAYLOADS);
    change(&scratch, 1, |bytes| bytes[20] ^= 1);
    let log = open(&scratch, known[6]).unwrap();
    for error in [log.read(0, 0).unwrap_err(), log.scan_tag(0, &mut |_| panic!("a piece")).unwrap_err()] {
        assert!(matches!(error, Error::Log(LogError::Damaged { .. })), "{error}");
    }
}
