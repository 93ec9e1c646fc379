//! Damage and torn tails of a log in files: at every byte, cut at every length, and with marks and segments that do not
//! belong there.

use std::fs;
use std::path::PathBuf;

use super::help::{Scratch, all, entries, fill, head, payloads};
use crate::commit_log::mark::MarkFile;
use crate::commit_log::segment::FIRST;
use crate::commit_log::{Access, Base, CommitLog, FileLog, Payload};
use crate::id::Revision;
use crate::model::{Error, LogError};

type Files = Vec<(PathBuf, Vec<u8>)>;

const PAYLOADS: [&[u8]; 4] = [b"first", b"", b"the third", b"4"];

/// A log of four entries, of which the first `durable` are durable, and where the frames of each begin and end.
struct Small {
    scratch: Scratch,
    files: Files,
    ends: Vec<usize>,
}

fn small(durable: usize) -> Small {
    let scratch = Scratch::new();
    let synced = scratch.open(Access::Synced);
    PAYLOADS[..durable].iter().for_each(|payload| assert!(fill(&synced, &[payload]).revision > 0));
    drop(synced);
    let lazy = scratch.open(Access::Lazy);
    let mut at = lazy.read(0, usize::MAX).unwrap().head;
    for payload in &PAYLOADS[durable..] {
        let entry = entries(at, &[payload]);
        lazy.append(at.revision, &entry).unwrap();
        at = entry[0].head();
    }
    // Taken before the handle is dropped, which would sync.
    let files = scratch.snapshot();
    drop(lazy);
    let mut ends = vec![FIRST as usize];
    for payload in PAYLOADS {
        ends.push(ends[ends.len() - 1] + (72 + payload.len()).next_multiple_of(8));
    }
    Small { scratch, files, ends }
}

impl Small {
    /// Opens the log with its first segment changed, lazily. Checks that a refused opening changes nothing.
    fn open_with(&self, change: impl FnOnce(&mut Vec<u8>)) -> Result<FileLog, Error> {
        let mut files = self.files.clone();
        let segment = self.scratch.segment(1);
        change(&mut files.iter_mut().find(|(path, _)| *path == segment).unwrap().1);
        self.scratch.restore(&files);
        let opened = self.scratch.try_open(Access::Lazy);
        assert!(self.scratch.snapshot() == files, "an opening changed a file");
        opened
    }

    /// The revision whose frame has a byte.
    fn revision_at(&self, byte: usize) -> Revision {
        self.ends[1..].iter().filter(|end| **end <= byte).count() as Revision + 1
    }
}

/// Appends after what a log has, and checks that opening it again finds just that.
fn goes_on(scratch: &Scratch, log: FileLog, left: usize) {
    assert_eq!(head(&log).revision, left as Revision);
    fill(&log, &[b"after the cut"]);
    drop(log);
    let mut expected: Vec<&[u8]> = PAYLOADS[..left].to_vec();
    expected.push(b"after the cut");
    assert_eq!(payloads(&all(&scratch.open(Access::Synced), 0)), expected);
}

#[test]
fn damage_at_any_durable_byte_is_reported_with_its_revision_and_never_cut() {
    let log = small(4);
    for byte in (0..68).chain(log.ends[0]..log.ends[4]) {
        let error = log.open_with(|segment| segment[byte] ^= 0x10).err().unwrap_or_else(|| panic!("byte {byte}"));
        let expected = log.revision_at(byte);
        assert!(
            matches!(&error, Error::Log(LogError::Damaged { revision, path, .. })
                if *revision == expected && path.ends_with("segment-0000000000000001")),
            "byte {byte}: {error}"
        );
    }
}

#[test]
fn a_durable_log_cut_at_any_length_is_reported_and_never_cut_further() {
    let log = small(4);
    for length in 0..log.ends[4] {
        // The payload of the last frame ends before its padding.
        let error = log.open_with(|segment| segment.truncate(length)).err().unwrap_or_else(|| panic!("{length}"));
        let lost = match error {
            Error::Log(LogError::Damaged { revision, .. }) => revision,
            Error::Log(LogError::Lost { durable: 4, head }) => head + 1,
            other => panic!("{length}: {other}"),
        };
        assert_eq!(lost, log.revision_at(length), "{length}");
    }
}

#[test]
fn damage_after_the_mark_is_a_torn_tail_that_the_next_append_cuts() {
    let log = small(2);
    for byte in log.ends[2]..log.ends[4] {
        let opened = log.open_with(|segment| segment[byte] ^= 0x10).unwrap();
        goes_on(&log.scratch, opened, log.revision_at(byte) as usize - 1);
    }
}

#[test]
fn a_log_cut_after_the_mark_goes_on_from_its_last_whole_append() {
    let log = small(2);
    for length in log.ends[2]..log.ends[4] {
        let opened = log.open_with(|segment| segment.truncate(length)).unwrap();
        goes_on(&log.scratch, opened, log.revision_at(length) as usize - 1);
    }
}

#[test]
fn zeroes_in_place_of_a_sector_are_damage_up_to_the_mark_and_a_torn_tail_after_it() {
    for (durable, from, left) in [(4, 1, None), (2, 2, Some(2)), (2, 1, None)] {
        let log = small(durable);
        let opened = log.open_with(|segment| segment[log.ends[from]..log.ends[from + 1]].fill(0));
        match (opened, left) {
            (Ok(opened), Some(left)) => goes_on(&log.scratch, opened, left),
            (Err(Error::Log(LogError::Damaged { .. } | LogError::Lost { .. })), None) => {}
            (opened, _) => panic!("{durable} {from}: {:?}", opened.err()),
        }
    }
}

#[test]
fn without_a_mark_later_entries_tell_damage_from_a_torn_tail() {
    let log = small(4);
    let mark = log.scratch.mark();
    let files: Files = log.files.iter().filter(|(path, _)| *path != mark).cloned().collect();
    let log = Small { files, ..log };
    for (damaged, left) in [(1, None), (2, None), (3, None), (4, Some(3))] {
        let mut files = log.files.clone();
        let segment = log.scratch.segment(1);
        files.iter_mut().find(|(path, _)| *path == segment).unwrap().1[log.ends[damaged] - 1] ^= 1;
        log.scratch.restore(&files);
        match (log.scratch.try_open(Access::Lazy), left) {
            (Ok(opened), Some(left)) => {
                assert!(opened.mark_was_missing());
                goes_on(&log.scratch, opened, left);
            }
            (Err(Error::Log(LogError::Damaged { revision, .. })), None) => assert_eq!(revision, damaged as Revision),
            (opened, _) => panic!("{damaged}: {:?}", opened.err()),
        }
    }
}

#[test]
fn a_mark_that_is_damaged_or_of_another_log_counts_as_none() {
    let other = fs::read(small(3).scratch.mark()).unwrap();
    for bytes in [Vec::new(), vec![0; 8192], vec![7; 100_000], other] {
        let log = small(4);
        fs::write(log.scratch.mark(), bytes).unwrap();
        let opened = log.scratch.open(Access::Synced);
        assert!(opened.mark_was_missing());
        assert_eq!(payloads(&all(&opened, 0)), PAYLOADS);
        drop(opened);
        assert!(!log.scratch.open(Access::Synced).mark_was_missing());
    }
}

#[test]
fn an_older_mark_moves_on_and_a_newer_one_means_a_loss() {
    let scratch = Scratch::new();
    fill(&scratch.open(Access::Synced), &PAYLOADS[..2]);
    let older = scratch.snapshot();
    fill(&scratch.open(Access::Synced), &PAYLOADS[2..]);
    let newer = scratch.snapshot();
    let with_mark_of = |files: &Files, mark: &Files| -> Files {
        let mark = mark.iter().find(|(path, _)| path.ends_with("durable")).unwrap();
        files.iter().filter(|(path, _)| !path.ends_with("durable")).chain([mark]).cloned().collect()
    };
    scratch.restore(&with_mark_of(&newer, &older));
    assert_eq!(payloads(&all(&scratch.open(Access::Synced), 0)), PAYLOADS);
    scratch.restore(&with_mark_of(&older, &newer));
    let error = scratch.try_open(Access::Synced).err().unwrap();
    assert!(matches!(error, Error::Log(LogError::Lost { durable: 4, head: 2 })), "{error}");
}

#[test]
fn a_log_put_back_that_went_another_way_is_forked() {
    let scratch = Scratch::new();
    fill(&scratch.open(Access::Synced), &PAYLOADS[..2]);
    let before = scratch.snapshot();
    fill(&scratch.open(Access::Synced), &[b"one way"]);
    let mark = fs::read(scratch.mark()).unwrap();
    scratch.restore(&before);
    fill(&scratch.open(Access::Synced), &[b"another"]);
    fs::write(scratch.mark(), mark).unwrap();
    let error = scratch.try_open(Access::Synced).err().unwrap();
    assert!(matches!(error, Error::Log(LogError::Forked { revision: 3 })), "{error}");
}

#[test]
fn a_whole_frame_of_another_past_does_not_continue_the_log() {
    let log = small(1);
    let scratch = &log.scratch;
    let segment = scratch.segment(1);
    let bytes = |files: &Files| files.iter().find(|(path, _)| *path == segment).unwrap().1.clone();
    let with = |bytes: Vec<u8>| -> Files {
        let others = log.files.iter().filter(|(path, _)| *path != segment).cloned();
        others.chain([(segment.clone(), bytes)]).collect()
    };
    // The same segment with another second entry of the same size, before the third and fourth of the first past.
    let past = bytes(&log.files);
    scratch.restore(&with(past[..log.ends[1]].to_vec()));
    let lazy = scratch.open(Access::Lazy);
    let first = lazy.read(0, 0).unwrap().head;
    lazy.append(1, &entries(first, &[PAYLOADS[1]])).unwrap();
    let second = bytes(&scratch.snapshot());
    drop(lazy);
    scratch.restore(&with([&second[..log.ends[2]], &past[log.ends[2]..]].concat()));
    goes_on(scratch, scratch.open(Access::Lazy), 2);
}

#[test]
fn a_mark_with_damage_at_any_byte_of_a_slot_or_cut_at_any_length_takes_no_entry_away() {
    let scratch = Scratch::new();
    let log = scratch.open(Access::Synced);
    for payload in PAYLOADS {
        fill(&log, &[payload]);
    }
    drop(log);
    let files = scratch.snapshot();
    let whole = fs::read(scratch.mark()).unwrap();
    let slots = [0, MarkFile::BYTES / 2].map(|slot| slot..slot + 60);
    for byte in slots.into_iter().flatten() {
        let mut flipped = whole.clone();
        flipped[byte] ^= 0x10;
        for (damaged, cut) in [(&flipped[..], false), (&whole[..byte], true)] {
            fs::write(scratch.mark(), damaged).unwrap();
            let log = scratch.open(Access::Synced);
            assert_eq!(log.mark_was_missing(), cut && byte < 60, "byte {byte}");
            assert_eq!(payloads(&all(&log, 0)), PAYLOADS, "byte {byte}");
            drop(log);
            scratch.restore(&files);
        }
    }
}

#[test]
fn a_base_that_is_damaged_is_reported_and_nothing_is_trimmed_for_it() {
    let scratch = Scratch::new();
    let log = scratch.open(Access::Synced);
    let head = fill(&log, &[&[1; 300], &[2; 300]]);
    let mut payload = Payload::of(0, [9; 100]);
    (1..3).for_each(|tag| payload.push(tag, vec![tag as u8; 50]));
    log.put_base(&Base { head, tag: 2, payload }).unwrap();
    fill(&log, &[b"3"]);
    let path = scratch.path().join(format!("base-{:020}", 2));
    let whole = fs::read(&path).unwrap();
    // Head, three pieces with heads of their own, and the end.
    assert_eq!(whole.len(), 48 + (24 + 100) + 2 * (24 + 50) + 24);
    for byte in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[byte] ^= 0x40;
        for bytes in [bytes, whole[..byte].to_vec()] {
            fs::write(&path, bytes).unwrap();
            for error in [log.read_base(2).err(), log.trim(2).err()] {
                let damaged = matches!(error, Some(Error::Log(LogError::Damaged { revision: 2, .. })));
                assert!(damaged, "byte {byte}: {error:?}");
            }
            // A search passes pieces without reading them, and hands out none that is damaged.
            let found = log.scan_base_tag(2, 1, &mut |tag, piece| {
                assert!(tag == 2 && piece == [2; 50], "byte {byte}");
                Ok(std::ops::ControlFlow::Continue(()))
            });
            let passed = (72..172).contains(&byte) || (196..246).contains(&byte);
            assert!(passed || found.is_err(), "byte {byte}");
        }
    }
    fs::write(&path, whole).unwrap();
    log.trim(2).unwrap();
}
