//! Promises of pieces and scans, for the list of all promises; and what a scan of files costs others.

use std::ops::ControlFlow;

use super::help::{Scratch, Watched, all, cut, fill, head};
use crate::commit_log::{
    Access, Base, CommitLog, EachBasePiece, Entry, EntryId, FileLog, FileLogOptions, Head, MAX_PIECE, Payload, Piece,
    PieceOf,
};
use crate::model::{Error, InputError, LogError, Result};

/// A piece that was handed out, and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Handed {
    entry: Head,
    previous: EntryId,
    part: u32,
    last: bool,
    piece: Piece,
}

impl Handed {
    fn new(piece: PieceOf<'_>) -> Handed {
        let PieceOf { entry, previous, part, last, tag, bytes } = piece;
        Handed { entry, previous, part, last, piece: Piece { tag, bytes: bytes.to_vec() } }
    }
}

/// The pieces that entries have.
fn expected(entries: &[Entry]) -> Vec<Handed> {
    let of = |entry: &Entry| {
        let count = entry.payload.pieces().count() as u32;
        let (head, previous) = (entry.head(), entry.previous);
        let pieces = (0..).zip(entry.payload.pieces().cloned().collect::<Vec<_>>());
        pieces.map(move |(part, piece)| Handed { entry: head, previous, part, last: part + 1 == count, piece })
    };
    entries.iter().flat_map(of).collect()
}

fn scanned(log: &impl CommitLog, after: u64) -> Vec<Handed> {
    let mut handed = Vec::new();
    let each = &mut |piece: PieceOf<'_>| {
        handed.push(Handed::new(piece));
        Ok(ControlFlow::Continue(()))
    };
    assert_eq!(log.scan(after, each).unwrap(), log.read(after, 0).unwrap().head);
    handed
}

fn scanned_by_tag(log: &impl CommitLog, tag: u64, most: usize) -> Result<Vec<Handed>> {
    let mut handed = Vec::new();
    log.scan_tag(tag, &mut |piece| {
        handed.push(Handed::new(piece));
        Ok(if handed.len() < most { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    })?;
    Ok(handed)
}

/// Entries with pieces of these tags, over several small segments.
fn tagged(after: Head, tags: &[&[u64]]) -> Vec<Entry> {
    let mut head = after;
    let mut entries = Vec::new();
    for tags in tags {
        let mut payload = Payload::default();
        tags.iter().for_each(|tag| payload.push(*tag, vec![*tag as u8; 150]));
        entries.push(Entry::after(head, payload).unwrap());
        head = entries[entries.len() - 1].head();
    }
    entries
}

const TAGS: [&[u64]; 6] = [&[0, 0], &[3], &[3, 3, 4, 4, 9, 9, 9, 12], &[12], &[20, 21, 22, 22, 22], &[30]];

pub(super) fn pieces_come_back_as_they_were_cut(a: &impl CommitLog, b: &impl CommitLog) {
    let mut payload = Payload::default();
    for (tag, size) in [(0, 0), (0, 1), (1, 0), (2, 500), (2, MAX_PIECE), (7, 3), (7, 0)] {
        payload.push(tag, vec![size as u8; size]);
    }
    let entry = Entry::after(head(a), payload).unwrap();
    a.append(0, std::slice::from_ref(&entry)).unwrap();
    a.sync().unwrap();
    assert_eq!(all(b, 0), std::slice::from_ref(&entry));
    assert_eq!(entry.tag(), 7);
    let base = Base { head: entry.head(), tag: 7, payload: entry.payload };
    a.put_base(&base).unwrap();
    assert_eq!(b.read_base(1).unwrap(), base);
}

pub(super) fn pieces_that_are_too_long_or_none_are_refused(a: &impl CommitLog, _: &impl CommitLog) {
    let refused = |payload| {
        let error = a.append(0, &[Entry::after(Head::START, payload).unwrap()]).unwrap_err();
        assert!(matches!(error, Error::Bug { .. }), "{error}");
    };
    refused(Payload::of(0, vec![0; MAX_PIECE + 1]));
    refused(Payload::default());
    assert_eq!(head(a), Head::START);
    let at = fill(a, &[b"1"]);
    let base = Base { head: at, tag: 1, payload: Payload::of(0, vec![0; MAX_PIECE + 1]) };
    assert!(matches!(a.put_base(&base).unwrap_err(), Error::Bug { .. }));
    a.put_base(&Base { payload: Payload::default(), ..base }).unwrap();
}

pub(super) fn tags_never_fall_from_piece_to_piece(a: &impl CommitLog, _: &impl CommitLog) {
    let mut falling = Payload::of(7, [1]);
    falling.push(6, vec![2]);
    let entry = Entry::after(Head::START, falling.clone()).unwrap();
    assert!(matches!(a.append(0, &[entry]).unwrap_err(), Error::Bug { .. }));
    let head = fill(a, &[b"1"]);
    assert!(matches!(a.put_base(&Base { head, tag: 1, payload: falling }).unwrap_err(), Error::Bug { .. }));
}

pub(super) fn a_scan_hands_out_what_a_read_returns(a: &impl CommitLog, b: &impl CommitLog) {
    assert_eq!(scanned(a, 0), []);
    let written = tagged(Head::START, &TAGS);
    a.append(0, &written).unwrap();
    a.sync().unwrap();
    for after in 0..=7 {
        let left = written.get(after..).unwrap_or_default();
        assert_eq!(scanned(b, after as u64), expected(left), "{after}");
        assert_eq!(scanned(a, after as u64), expected(&all(a, after as u64)));
    }
}

pub(super) fn a_scan_ends_when_it_is_told_to(a: &impl CommitLog, _: &impl CommitLog) {
    a.append(0, &tagged(Head::START, &TAGS)).unwrap();
    a.sync().unwrap();
    for most in 1..=18 {
        let mut left = most;
        let each = &mut |_: PieceOf<'_>| {
            left -= 1;
            Ok(if left > 0 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
        };
        assert_eq!(a.scan(0, each).unwrap().revision, 6);
        assert_eq!(left, 0);
    }
    let failing = &mut |_: PieceOf<'_>| Err(InputError::Empty { what: "piece" }.into());
    assert!(matches!(a.scan(0, failing).unwrap_err(), Error::Input(_)));
    assert!(matches!(a.scan_tag(0, failing).unwrap_err(), Error::Input(_)));
}

pub(super) fn a_log_can_be_written_while_it_is_scanned(a: &impl CommitLog, b: &impl CommitLog) {
    fill(a, &[b"1", b"2"]);
    let mut count = 0;
    let shown = a.scan(0, &mut |_| {
        count += 1;
        assert_eq!(fill(a, &[b"x"]).revision, 1 + 2 * count);
        assert_eq!(fill(b, &[b"y"]).revision, 2 + 2 * count);
        Ok(ControlFlow::Continue(()))
    });
    assert_eq!((shown.unwrap().revision, count), (2, 2));
}

pub(super) fn a_scan_by_tag_begins_with_the_first_piece_above_it(a: &impl CommitLog, b: &impl CommitLog) {
    assert_eq!(scanned_by_tag(a, 0, 9).unwrap(), []);
    let written = tagged(Head::START, &TAGS);
    for entry in &written {
        a.append(entry.revision - 1, std::slice::from_ref(entry)).unwrap();
    }
    a.sync().unwrap();
    let pieces = expected(&written);
    for log in [a as &dyn CommitLogDyn, b] {
        for tag in 0..=31 {
            let above: Vec<_> = pieces.iter().filter(|handed| handed.piece.tag > tag).cloned().collect();
            assert_eq!(log.by_tag(tag, usize::MAX).unwrap(), above, "{tag}");
            assert_eq!(log.by_tag(tag, 1).unwrap(), above[..above.len().min(1)], "{tag}");
        }
    }
}

/// The same call on either of two kinds of logs.
trait CommitLogDyn {
    fn by_tag(&self, tag: u64, most: usize) -> Result<Vec<Handed>>;
}

impl<L: CommitLog> CommitLogDyn for L {
    fn by_tag(&self, tag: u64, most: usize) -> Result<Vec<Handed>> {
        scanned_by_tag(self, tag, most)
    }
}

pub(super) fn a_scan_by_tag_says_what_was_trimmed(a: &impl CommitLog, b: &impl CommitLog) {
    let written = tagged(Head::START, &TAGS);
    a.append(0, &written).unwrap();
    a.put_base(&Base { head: written[2].head(), tag: 12, payload: cut(0, b"base") }).unwrap();
    a.trim(3).unwrap();
    for log in [a as &dyn CommitLogDyn, b] {
        for tag in [12, 19, 20, 22, 29] {
            let above: Vec<_> = expected(&written).into_iter().filter(|handed| handed.piece.tag > tag).collect();
            assert_eq!(log.by_tag(tag, usize::MAX).unwrap(), above, "{tag}");
        }
        let error = log.by_tag(0, 1).unwrap_err();
        assert!(matches!(error, Error::Log(LogError::TagTrimmed { asked: 0, oldest: 1..=12 })), "{error}");
    }
}

pub(super) fn a_base_is_scanned_from_its_beginning_or_from_a_tag(a: &impl CommitLog, b: &impl CommitLog) {
    let head = fill(a, &[b"1"]);
    let mut payload = Payload::default();
    for (tag, size) in [(0, 3), (0, 500_000), (0, 0), (4, 70_000), (4, 2), (9, 5)] {
        payload.push(tag, vec![tag as u8; size]);
    }
    let pieces: Vec<Piece> = payload.pieces().cloned().collect();
    a.put_base(&Base { head, tag: 1, payload }).unwrap();
    let collect = |scan: &mut dyn FnMut(&mut EachBasePiece<'_>)| {
        let mut handed = Vec::new();
        scan(&mut |tag, bytes| {
            handed.push(Piece { tag, bytes: bytes.to_vec() });
            Ok(ControlFlow::Continue(()))
        });
        handed
    };
    assert_eq!(collect(&mut |each| assert_eq!(b.scan_base(1, each).unwrap(), (head, 1))), pieces);
    for (tag, from) in [(0, 3), (3, 3), (4, 5), (8, 5), (9, 6), (10, 6)] {
        let handed = collect(&mut |each| assert_eq!(b.scan_base_tag(1, tag, each).unwrap(), (head, 1)));
        assert_eq!(handed, pieces[from..], "{tag}");
    }
    let mut count = 0;
    let first_two = &mut |_: u64, _: &[u8]| {
        count += 1;
        Ok(if count < 2 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    };
    b.scan_base(1, first_two).unwrap();
    assert_eq!(count, 2);
}

#[test]
fn a_log_that_begins_with_a_base_has_the_pieces_after_its_tag() {
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("log");
    let head = Head { revision: 41, id: EntryId::random().unwrap() };
    let base = Base { head, tag: 5, payload: Payload::default() };
    let log = FileLog::create(&path, FileLogOptions::new(Access::Synced), Some(&base)).unwrap();
    for _ in 0..2 {
        assert!(scanned_by_tag(&log, 5, 1).is_ok());
        let error = scanned_by_tag(&log, 4, 1).unwrap_err();
        assert!(matches!(error, Error::Log(LogError::TagTrimmed { asked: 4, oldest: 5 })), "{error}");
        if log.sync().unwrap() == 41 {
            let falling = Entry::after(head, Payload::of(4, [1])).unwrap();
            assert!(matches!(log.append(41, &[falling]).unwrap_err(), Error::Bug { .. }));
            log.append(41, &[Entry::after(head, Payload::of(6, [1])).unwrap()]).unwrap();
            log.sync().unwrap();
        }
    }
    assert_eq!(scanned_by_tag(&log, 5, 1).unwrap()[0].piece.tag, 6);
}

/// A log of 8 MiB with pieces of 1,000 bytes, whose tags count them.
fn large(scratch: &Scratch, options: FileLogOptions) -> FileLog {
    let path = scratch.directory.path().join("large");
    let log = FileLog::create(&path, options, None).unwrap();
    let mut at = Head::START;
    for round in 0..80 {
        let mut payload = Payload::default();
        (1..=100).for_each(|n| payload.push(round * 100 + n, vec![round as u8; 1_000]));
        let entry = Entry::after(at, payload).unwrap();
        log.append(at.revision, std::slice::from_ref(&entry)).unwrap();
        at = entry.head();
    }
    log.close().unwrap();
    FileLog::open(&path, options).unwrap()
}

#[test]
fn a_piece_is_found_by_its_tag_without_reading_its_segment() {
    for segment_bytes in [64 << 20, 1 << 20] {
        let scratch = Scratch::new();
        let options = FileLogOptions { segment_bytes, ..FileLogOptions::new(Access::Synced) };
        drop(large(&scratch, options));
        let watched = Watched::default();
        let path = scratch.directory.path().join("large");
        let log = FileLog::open_in(std::sync::Arc::new(watched.clone()), &path, options).unwrap();
        assert_eq!(scanned(&log, 79).len(), 100);
        for tag in [0, 7_999, 4_321, 99, 100, 5] {
            watched.take_read();
            assert_eq!(scanned_by_tag(&log, tag, 1).unwrap()[0].piece.tag, tag + 1);
            let read = watched.take_read();
            assert!(read < 300_000, "{tag}: {read}");
        }
    }
}

#[test]
fn pieces_of_a_base_are_passed_without_reading_them() {
    let scratch = Scratch::new();
    let watched = Watched::default();
    let log = watched.open(&scratch, Access::Synced);
    let head = fill(&log, &[b"1"]);
    let mut payload = Payload::default();
    (0..10).for_each(|tag| payload.push(tag, vec![1; 900_000]));
    log.put_base(&Base { head, tag: 1, payload }).unwrap();
    watched.take_read();
    log.scan_base_tag(1, 9, &mut |_, _| Ok(ControlFlow::Break(()))).unwrap();
    let read = watched.take_read();
    assert!(read < 100_000, "{read}");
}

#[test]
fn a_scan_of_segments_that_a_trim_removes_meanwhile_says_so() {
    let scratch = Scratch::new();
    let log = scratch.open(Access::Synced);
    let at = fill(&log, &[&[1_u8; 400][..]; 9]);
    log.put_base(&Base { head: at, tag: 9, payload: Payload::default() }).unwrap();
    fill(&log, &[b"x"]);
    let other = scratch.open(Access::ReadOnly);
    let mut count = 0;
    let error = other.scan(0, &mut |_| {
        count += 1;
        if count == 1 {
            log.trim(9).unwrap();
        }
        Ok(ControlFlow::Continue(()))
    });
    match error {
        // All segments may have been open.
        Ok(head) => assert_eq!((head.revision, count), (10, 10)),
        Err(Error::Log(LogError::Trimmed { asked: 0, oldest })) => assert!(count as u64 <= oldest),
        Err(other) => panic!("{other}"),
    }
}
