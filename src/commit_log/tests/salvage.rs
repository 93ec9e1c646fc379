//! What is had from a damaged log, and that every defect is named.

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use super::help::{Scratch, all, cut, entries, fill};
use crate::commit_log::{
    Access, Base, CommitLog, FileLog, FileLogOptions, Payload, PieceOf, SalvagedBase, SalvagedPiece, salvage,
    salvage_base, salvaged_bases,
};
use crate::id::Revision;
use crate::model::{Error, LogError};

/// Revision, part and bytes of a piece.
type Whole = (Revision, u32, Vec<u8>);

/// The pieces that are handed out, and the revisions of the defects.
fn salvaged(scratch: &Scratch) -> (Vec<Whole>, Vec<Revision>) {
    let before = scratch.snapshot();
    let mut pieces = Vec::new();
    let defects =
        salvage(&scratch.path(), &mut |SalvagedPiece { piece, last_of_append, durable }: SalvagedPiece<'_>| {
            assert_eq!(piece.tag, piece.entry.revision);
            assert_eq!(piece.last, last_of_append);
            assert!(durable < piece.entry.revision && piece.previous != piece.entry.id);
            pieces.push((piece.entry.revision, piece.part, piece.bytes.to_vec()));
            Ok(())
        });
    assert!(scratch.snapshot() == before, "a salvage writes nothing");
    (pieces, revisions(&defects.unwrap()))
}

fn revisions(defects: &[LogError]) -> Vec<Revision> {
    let revision = |defect: &LogError| match defect {
        LogError::Damaged { revision, .. } => Some(*revision),
        // The mark says so where the newest entry is damaged.
        LogError::Lost { .. } => None,
        other => panic!("{other}"),
    };
    defects.iter().filter_map(revision).collect()
}

fn flip(path: &Path, byte: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[byte] ^= 0x20;
    fs::write(path, bytes).unwrap();
}

/// A log of five entries in three segments.
fn small() -> Scratch {
    let scratch = Scratch::new();
    fill(&scratch.open(Access::Synced), &[b"1", &[2; 700], b"3", &[4; 300], b"5"]);
    assert!(scratch.segment(3).exists() && !scratch.segment(4).exists());
    scratch
}

#[test]
fn all_of_a_whole_log_is_salvaged_without_its_id_and_mark_too() {
    let scratch = small();
    let (whole, defects) = salvaged(&scratch);
    let expected = [(1, 0, 1), (2, 0, 400), (2, 1, 300), (3, 0, 1), (4, 0, 300), (5, 0, 1)];
    assert_eq!(
        whole.iter().map(|(revision, part, bytes)| (*revision, *part, bytes.len())).collect::<Vec<_>>(),
        expected
    );
    assert!(defects.is_empty());
    fs::remove_file(scratch.mark()).unwrap();
    assert_eq!(salvaged(&scratch), (whole.clone(), vec![]));
    flip(&scratch.path().join("id"), 9);
    assert_eq!(salvaged(&scratch), (whole, vec![0]));
    assert!(salvage(&scratch.path().join("nowhere"), &mut |_| Ok(())).is_err());
}

#[test]
fn all_but_the_damaged_frame_is_salvaged() {
    let scratch = small();
    let files = scratch.snapshot();
    let (whole, _) = salvaged(&scratch);
    for (index, lost) in whole.iter().enumerate() {
        for byte in [0, 5, 9, 70] {
            scratch.restore(&files);
            let (path, at) = place(&scratch, index);
            flip(&path, at + byte);
            let (pieces, defects) = salvaged(&scratch);
            let left: Vec<_> = whole.iter().filter(|piece| *piece != lost).cloned().collect();
            assert_eq!((pieces, defects), (left, vec![lost.0]), "{index} {byte}");
        }
        // Zeroes in its place.
        scratch.restore(&files);
        let (path, at) = place(&scratch, index);
        let mut bytes = fs::read(&path).unwrap();
        bytes[at..at + 72 + lost.2.len()].fill(0);
        fs::write(&path, bytes).unwrap();
        assert!(!salvaged(&scratch).0.contains(lost));
    }
}

/// The segment and the offset of a frame of the small log.
fn place(scratch: &Scratch, index: usize) -> (std::path::PathBuf, usize) {
    let ends = |sizes: &[usize]| sizes.iter().map(|size| (72 + size).next_multiple_of(8)).sum::<usize>() + 4096;
    let (segment, sizes): (u64, &[usize]) =
        [(1, &[][..]), (1, &[1]), (2, &[]), (2, &[300]), (3, &[]), (3, &[300])][index];
    (scratch.segment(segment), ends(sizes))
}

#[test]
fn other_segments_are_salvaged_if_one_is_missing_or_has_no_header() {
    let scratch = small();
    let files = scratch.snapshot();
    let (whole, _) = salvaged(&scratch);
    let without = |first: usize, last: usize| [&whole[..first], &whole[last..]].concat();
    flip(&scratch.segment(2), 10);
    assert_eq!(salvaged(&scratch), (without(2, 4), vec![2]));
    fs::remove_file(scratch.segment(2)).unwrap();
    assert_eq!(salvaged(&scratch), (without(2, 4), vec![2]));
    scratch.restore(&files);
    fs::write(scratch.segment(2), vec![0; 5000]).unwrap();
    assert_eq!(salvaged(&scratch).0, without(2, 4));
    fs::remove_file(scratch.segment(2)).unwrap();
    fs::create_dir(scratch.segment(2)).unwrap();
    let defects = salvage(&scratch.path(), &mut |_| Ok(())).unwrap();
    assert_eq!(revisions(&defects), [2]);
}

/// A base of five pieces, and its file.
fn with_base() -> (Scratch, Vec<u8>, std::path::PathBuf) {
    let scratch = Scratch::new();
    let log = scratch.open(Access::Synced);
    let head = fill(&log, &[b"1", b"2"]);
    let mut payload = Payload::default();
    (0..5).for_each(|tag| payload.push(tag, vec![tag as u8; 40]));
    log.put_base(&Base { head, tag: 2, payload }).unwrap();
    drop(log);
    let path = scratch.path().join(format!("base-{:020}", 2));
    let whole = fs::read(&path).unwrap();
    (scratch, whole, path)
}

#[test]
fn all_but_the_damaged_piece_of_a_base_is_salvaged() {
    let (scratch, whole, path) = with_base();
    assert_eq!(salvaged_bases(&scratch.path()).unwrap(), [2]);
    for byte in 48..whole.len() {
        let mut bytes = whole.clone();
        bytes[byte] ^= 1;
        fs::write(&path, bytes).unwrap();
        let mut tags = Vec::new();
        let base = salvage_base(&scratch.path(), 2, &mut |tag, bytes| {
            assert_eq!(bytes, [tag as u8; 40]);
            tags.push(tag);
            Ok(())
        });
        let base: SalvagedBase = base.unwrap();
        let lost = (byte as u64 - 48) / 64;
        assert_eq!(tags, (0..5).filter(|tag| *tag != lost).collect::<Vec<_>>(), "{byte}");
        assert_eq!((base.head.unwrap().1, revisions(&base.defects)[0]), (2, 2), "{byte}");
    }
    fs::write(&path, &whole[..whole.len() - 1]).unwrap();
    assert_eq!(salvage_base(&scratch.path(), 2, &mut |_, _| Ok(())).unwrap().defects.len(), 1);
    fs::write(&path, &whole[1..]).unwrap();
    let base = salvage_base(&scratch.path(), 2, &mut |_, _| panic!("a piece")).unwrap();
    assert_eq!((base.head, base.defects.len()), (None, 1));
    assert_eq!(salvage_base(&scratch.path(), 7, &mut |_, _| Ok(())).unwrap().defects.len(), 1);
}

#[test]
fn a_copy_is_a_log_of_its_own_with_the_same_entries() {
    let scratch = small();
    let log = scratch.open(Access::Synced);
    let copy = |name: &str| {
        let path = scratch.directory.path().join(name);
        let (id, head) = super::super::copy(&log, &path).unwrap();
        let copy = FileLog::open(&path, super::help::options(Access::Synced)).unwrap();
        assert!(id == copy.id() && id != log.id() && copy.mark() == Some(head));
        assert_eq!(all(&copy, copy.oldest()), all(&log, copy.oldest()));
        assert_eq!(copy.check().unwrap(), []);
        assert!(
            !fs::read_dir(&path).unwrap().any(|file| file.unwrap().file_name().to_string_lossy().contains("spare"))
        );
        copy
    };
    copy("whole");
    let head = fill(&log, &[b"6"]);
    log.put_base(&Base { head, tag: 6, payload: cut(1, &[9; 900]) }).unwrap();
    fill(&log, &[b"7"]);
    assert!(copy("with a base that it does not need").bases().unwrap().is_empty());
    log.trim(6).unwrap();
    assert!(log.oldest() > 0);
    let trimmed = copy("trimmed");
    assert_eq!(trimmed.read_base(6).unwrap(), log.read_base(6).unwrap());
    let mut tags = Vec::new();
    let each = &mut |piece: PieceOf<'_>| {
        tags.push(piece.tag);
        Ok(ControlFlow::Continue(()))
    };
    trimmed.scan_tag(6, each).unwrap();
    assert_eq!(tags, [7]);
    assert_eq!(fill(&trimmed, &[&[1; 700]]).revision, 8);
    assert_eq!(copy("again").check().unwrap(), []);
    assert!(matches!(super::super::copy(&log, &scratch.path()).unwrap_err(), Error::Log(LogError::Exists { .. })));
}

#[test]
fn a_copy_of_an_empty_log_is_empty() {
    let scratch = Scratch::new();
    let path = scratch.directory.path().join("copy");
    super::super::copy(&scratch.open(Access::Synced), &path).unwrap();
    let copy = FileLog::open(&path, super::help::options(Access::Synced)).unwrap();
    assert_eq!(fill(&copy, &[b"1"]).revision, 1);
}

#[test]
fn a_check_of_a_whole_log_finds_nothing() {
    let scratch = small();
    let lazy = scratch.open(Access::Lazy);
    assert_eq!(lazy.check().unwrap(), []);
    let head = fill(&lazy, &[b"6"]);
    lazy.append(6, &entries(head, &[b"7"])).unwrap();
    assert_eq!(lazy.check().unwrap(), []);
    let head = fill(&lazy, &[b"8"]);
    lazy.put_base(&Base { head, tag: 8, payload: cut(1, b"base") }).unwrap();
    fill(&lazy, &[b"9"]);
    lazy.trim(8).unwrap();
    assert_eq!(lazy.check().unwrap(), []);
}

#[test]
fn a_check_finds_every_defect() {
    let scratch = small();
    let log = scratch.open(Access::Synced);
    let head = fill(&log, &[b"6"]);
    log.put_base(&Base { head, tag: 6, payload: cut(1, b"base") }).unwrap();
    let known = log.end().unwrap();
    drop(log);
    for index in [1, 3, 5] {
        let (path, at) = place(&scratch, index);
        flip(&path, at + 40);
    }
    flip(&scratch.path().join(format!("base-{:020}", 6)), 80);
    let options = FileLogOptions { known: Some(known), ..super::help::options(Access::Synced) };
    let log = FileLog::open(&scratch.path(), options).unwrap();
    assert_eq!(revisions(&log.check().unwrap()), [2, 3, 5, 6]);
    // Without them entry 2 is the first one, of which the beginning is missing.
    fs::remove_file(scratch.segment(1)).unwrap();
    fs::remove_file(scratch.path().join(format!("base-{:020}", 6))).unwrap();
    assert_eq!(revisions(&log.check().unwrap()), [3, 5, 2]);
}
