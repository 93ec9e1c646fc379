//! For tests and fuzzers: functions of arbitrary bytes that decode rows and pieces and must not panic, and rows made of
//! bytes.

use std::path::Path;

use crate::commit_log::{EntryId, Head, MemoryLog, PieceOf};
use crate::model::Result;

use super::base::BaseReader;
use super::commit::CommitReader;
use super::format::blocks::BlockV1;
use super::format::facts::{FactV1, FactsV1};
use super::format::frame::split;
use super::format::rows::{DetailsV1, HeaderV1, RunV1, UnitV1};
use super::format::{Parts, Row, RowBytes, decode, encode, gaps};
use super::rows::unpack_block;
use super::salvage::salvage;

/// The generation of rows that are made of bytes.
const GENERATION: u64 = 7;

/// Reads a key.
pub(crate) fn keys(bytes: &[u8]) {
    if let Some((row, part)) = Row::parse(bytes) {
        assert_eq!(row.part(part), bytes, "a key is written in one way");
        let (from, to) = row.range();
        assert!(from.as_slice() <= bytes && bytes < to.as_slice());
    }
}

/// Reads one value as each kind of row; the first byte says which, or that it has a frame.
pub(crate) fn rows(bytes: &[u8]) {
    let Some((kind, payload)) = bytes.split_first() else { return };
    match kind % 7 {
        0 => again::<HeaderV1>(payload),
        1 => again::<UnitV1>(payload),
        2 => block(payload),
        3 => {
            let Ok(run) = decode::<RunV1<'_>>(Row::Header, payload) else { return };
            for ids in run.values.iter().filter_map(|list| gaps::unpack(list, usize::MAX, 100_000)) {
                assert_eq!(gaps::unpack(&gaps::pack(ids.iter().copied()), usize::MAX, ids.len()), Some(ids));
            }
        }
        4 => again::<DetailsV1>(payload),
        5 => facts(payload),
        _ => {
            let mut parts = Parts::default();
            let (key, value) = payload.split_at_checked(15).unwrap_or_default();
            let _ = parts.add(key, value);
        }
    }
}

/// Reads pieces of an entry, or of a base: each with two bytes of length before it.
pub(crate) fn pieces(mut bytes: &[u8]) {
    let (mut commit, mut base) = (CommitReader::default(), BaseReader::default());
    let mut part = 0;
    while let Some(([low, high], rest)) = bytes.split_first_chunk::<2>() {
        let length = usize::from(u16::from_le_bytes([*low, *high])).min(rest.len());
        let (piece, rest) = rest.split_at_checked(length).unwrap_or_default();
        bytes = rest;
        let head = Head { revision: 3, id: EntryId::from_bytes([1; 16]) };
        let last = rest.is_empty();
        let piece_of = PieceOf { entry: head, previous: EntryId::NONE, part, last, tag: 0, bytes: piece };
        if let Ok(Some(read)) = commit.add(&piece_of) {
            let payload = read.encode(1, &[]).unwrap_or_default();
            let mut again = CommitReader::default();
            let pieces = payload.pieces().count() as u32;
            for (part, piece) in (0..).zip(payload.pieces()) {
                let last = part + 1 == pieces;
                let piece_of =
                    PieceOf { entry: head, previous: EntryId::NONE, part, last, tag: 0, bytes: &piece.bytes };
                if let Some(second) = again.add(&piece_of).unwrap_or_else(|error| unreachable!("{error}")) {
                    assert_eq!(second, read);
                }
            }
        }
        let _ = base.add(piece);
        part += 1;
    }
    let _ = base.finish();
}

/// A log that begins with what a salvage of a log in files saves, as after a repair; `None` where that is nothing.
pub(crate) fn salvaged(log: &Path) -> Result<Option<MemoryLog>> {
    Ok(salvage(log, None)?.base.map(MemoryLog::with_base))
}

fn payload_of(rows: &[RowBytes]) -> Vec<u8> {
    rows.iter().flat_map(|(_, value)| value.iter().skip(7).copied()).collect()
}

/// A value that is decoded, encoded and decoded again is the same.
fn again<T: serde::Serialize + for<'d> serde::Deserialize<'d> + PartialEq + std::fmt::Debug>(payload: &[u8]) {
    let Ok(value) = decode::<T>(Row::Header, payload) else { return };
    let Ok(rows) = encode(Row::Header, &value) else { return };
    assert_eq!(decode::<T>(Row::Header, &payload_of(&rows)).ok(), Some(value));
}

fn facts(payload: &[u8]) {
    again::<FactsV1>(payload);
    let Ok(row) = decode::<FactsV1>(Row::Header, payload) else { return };
    for fact in row.facts.iter().filter_map(|fact| fact.fact().ok()) {
        assert_eq!(FactV1::of(&fact).fact(), Ok(fact));
    }
}

fn block(payload: &[u8]) {
    let Ok(block) = decode::<BlockV1<'_>>(Row::Header, payload) else { return };
    let _ = unpack_block(&block, 1 << 20, &mut |task| assert!(!task.key.is_empty()));
}

/// Numbers one after the other.
struct Counter(u32);

impl Counter {
    /// The next number, before which so many follow.
    fn next(&mut self, values: u32) -> u32 {
        let next = self.0;
        self.0 = next.saturating_add(values);
        next
    }
}

/// Rows with fitting checksums, made of arbitrary bytes: for each a tag, two bytes of length, the payload. Runs follow
/// each other.
pub(crate) fn rows_of(mut bytes: &[u8]) -> Vec<RowBytes> {
    let mut rows = Vec::new();
    let (mut units, mut blocks, mut lists) = (Counter(0), Counter(0), Counter(0));
    while let Some(([tag, low, high], rest)) = bytes.split_first_chunk::<3>() {
        let length = usize::from(u16::from_le_bytes([*low, *high])).min(rest.len());
        let (payload, rest) = rest.split_at_checked(length).unwrap_or_default();
        bytes = rest;
        let values = decode::<RunV1<'_>>(Row::Header, payload).map_or(1, |run| run.values.len() as u32);
        let generation = GENERATION;
        let row = match tag {
            b'u' => Row::Units { generation, first: units.next(values) },
            b't' => Row::Block { generation, block: blocks.next(1) },
            b'p' => Row::Postings { generation, first: lists.next(values) },
            b'x' => Row::Facts { generation, bucket: bucket_of(payload) },
            _ => Row::Header,
        };
        rows.extend(split(row, payload).unwrap_or_default());
    }
    rows
}

/// The bucket in which a row of facts is believed.
fn bucket_of(payload: &[u8]) -> u32 {
    let row = decode::<FactsV1>(Row::Header, payload).unwrap_or_default();
    row.facts.first().and_then(|fact| fact.fact().ok()).map_or(0, |fact| fact.key().bucket())
}

/// The payload of a row as [`rows`] takes it, and as a piece of what [`rows_of`] takes.
pub(crate) fn seeds_of(key: &[u8], value: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let mut payload = value.get(7..).unwrap_or_default().to_vec();
    if key.first() == Some(&b'h')
        && let Ok(header) = decode::<HeaderV1>(Row::Header, &payload)
    {
        // Of the log that is empty, so that the rows are believed.
        let header = HeaderV1 { generation: GENERATION, revision: 0, entry: [0; 16], position: [0; 32], ..header };
        payload = encode(Row::Header, &header).map_or(Vec::new(), |rows| payload_of(&rows));
    }
    let mut piece: Vec<u8> = key.first().copied().into_iter().chain((payload.len() as u16).to_le_bytes()).collect();
    piece.extend(&payload);
    (payload, piece)
}
