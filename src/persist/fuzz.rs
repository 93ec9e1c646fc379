//! For tests and fuzzers: functions of arbitrary bytes that decode rows and must not panic, and rows made of bytes.

use std::collections::BTreeMap;

use crate::id::UnitId;
use crate::model::Role;

use super::format::blocks::{BlockTask, BlockV1};
use super::format::frame::split;
use super::format::rows::{CommitV1, DetailsV1, HeaderV1, PostingV1, UnitV1};
use super::format::{Parts, Row, RowBytes, decode, encode, gaps};

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
        3 => commit(payload),
        4 => again::<DetailsV1>(payload),
        5 => {
            if let Some(ids) = decode::<PostingV1<'_>>(Row::Header, payload)
                .ok()
                .and_then(|posting| gaps::unpack(posting.packed, usize::MAX, 100_000))
            {
                assert_eq!(gaps::unpack(&gaps::pack(ids.iter().copied()), usize::MAX, ids.len()), Some(ids));
            }
        }
        _ => {
            let mut parts = Parts::default();
            let (key, value) = payload.split_at_checked(13).unwrap_or_default();
            let _ = parts.add(key, value);
        }
    }
}

fn payload_of(rows: &[RowBytes]) -> Vec<u8> {
    rows.iter().flat_map(|(_, value)| value.iter().skip(7).copied()).collect()
}

fn commit(payload: &[u8]) {
    let Ok(value) = decode::<CommitV1<'_>>(Row::Header, payload) else { return };
    let Ok(rows) = encode(Row::Header, &value) else { return };
    assert_eq!(decode::<CommitV1<'_>>(Row::Header, &payload_of(&rows)).ok(), Some(value));
}

/// A value that is decoded, encoded and decoded again is the same.
fn again<T: serde::Serialize + for<'d> serde::Deserialize<'d> + PartialEq + std::fmt::Debug>(payload: &[u8]) {
    let Ok(value) = decode::<T>(Row::Header, payload) else { return };
    let Ok(rows) = encode(Row::Header, &value) else { return };
    assert_eq!(decode::<T>(Row::Header, &payload_of(&rows)).ok(), Some(value));
}

fn block(payload: &[u8]) {
    let Ok(block) = decode::<BlockV1<'_>>(Row::Header, payload) else { return };
    let mut tasks = Vec::new();
    let owned = |task: BlockTask<'_, &[UnitId]>| (task.key.to_owned(), task.units.to_vec(), task.detail, task.changed);
    if block.unpack(|task| tasks.push(owned(task))).is_some() {
        let packed = BlockV1::pack(tasks.iter().map(|(key, units, detail, changed)| BlockTask {
            key,
            units: units.iter().copied(),
            detail: *detail,
            changed: *changed,
        }));
        let mut again = Vec::new();
        let unpacked = packed.unpack(|task| again.push(owned(task)));
        // A key longer than any that is written does not fit its length.
        assert!(tasks.iter().any(|(key, ..)| key.len() > 60_000) || (unpacked.is_some() && again == tasks));
    }
}

/// Rows with fitting checksums, made of arbitrary bytes: for each a tag, two bytes of length, the payload.
pub(crate) fn rows_of(mut bytes: &[u8]) -> Vec<RowBytes> {
    let mut rows = Vec::new();
    let mut counts: BTreeMap<u8, u32> = BTreeMap::new();
    while let Some(([tag, low, high], rest)) = bytes.split_first_chunk::<3>() {
        let len = usize::from(u16::from_le_bytes([*low, *high])).min(rest.len());
        let (payload, rest) = rest.split_at_checked(len).unwrap_or_default();
        bytes = rest;
        let count = counts.entry(*tag).or_default();
        let n = *count;
        *count += 1;
        // Units have no row for a role in which they have no tasks, so the payload says whose it is.
        let (whose, payload) = match payload.split_first() {
            Some((whose, rest)) if *tag == b'p' => (u32::from(*whose), rest),
            _ => (0, payload),
        };
        let role = Role::BOTH.get(whose as usize % 2).copied().unwrap_or(Role::Lead);
        let row = match tag {
            b'h' => Row::Header,
            b'l' => Row::Log { revision: u64::from(n) + 1 },
            b'u' => Row::Unit { generation: 0, unit: n },
            b't' => Row::Block { generation: 0, block: n },
            b'p' => Row::Posting { generation: 0, unit: whose / 2, role },
            _ => Row::Details { id: u64::from(n) + 1 },
        };
        rows.extend(split(row, payload).unwrap_or_default());
    }
    rows
}

/// The payload of a row as [`rows`] takes it, and as a piece of what [`rows_of`] takes.
pub(crate) fn seeds_of(key: &[u8], value: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let payload = without_time(value.get(7..).unwrap_or_default(), key);
    let whose = match Row::parse(key) {
        Some((Row::Posting { unit, role, .. }, _)) => Some(unit as u8 * 2 + u8::from(role == Role::Support)),
        _ => None,
    };
    let len = payload.len() + usize::from(whose.is_some());
    let mut piece: Vec<u8> = key.first().copied().into_iter().chain((len as u16).to_le_bytes()).collect();
    piece.extend(whose.into_iter().chain(payload.iter().copied()));
    (payload, piece)
}

/// The payload of a log row as if its commit had been made in 1970, so that the same seed makes the same bytes.
fn without_time(payload: &[u8], key: &[u8]) -> Vec<u8> {
    match (key.first(), decode::<CommitV1<'_>>(Row::Header, payload)) {
        (Some(b'l'), Ok(commit)) => {
            let rows = encode(Row::Header, &CommitV1 { time: 0, ..commit }).unwrap_or_default();
            payload_of(&rows)
        }
        _ => payload.to_vec(),
    }
}
