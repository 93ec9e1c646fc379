//! What reads bytes that anybody may have written, each as one function of bytes that may not panic, and a loop that
//! feeds them mutated bytes. Not part of the crate's interface: for tests and for `tests/fuzz-rows`.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::assignment::{Details, Role};
use crate::error::{Error, Result};
use crate::format::blocks::BlockV1;
use crate::format::frame::split;
use crate::format::rows::{CommitV1, DetailsV1, HeaderV1, PostingV1, UnitV1};
use crate::format::{Parts, Row, decode, encode, gaps};
use crate::index::{Index, OpenOptions};
use crate::store::{MemoryStore, Store};
use crate::verify::Rule;

/// One thing that takes bytes.
pub type Target = fn(&[u8]);

/// All of them, by name.
pub const TARGETS: [(&str, Target); 4] = [("keys", keys), ("rows", rows), ("store", store), ("import", import)];

/// Reads a key.
pub fn keys(bytes: &[u8]) {
    if let Some((row, part)) = Row::parse(bytes) {
        assert_eq!(row.part(part), bytes, "a key is written in one way");
        let (from, to) = row.range();
        assert!(from.as_slice() <= bytes && bytes < to.as_slice());
    }
}

/// Reads one value as each kind of row; the first byte says which, or that it has a frame.
pub fn rows(bytes: &[u8]) {
    let Some((kind, payload)) = bytes.split_first() else { return };
    match kind % 7 {
        0 => again::<HeaderV1>(payload),
        1 => again::<UnitV1>(payload),
        2 => block(payload),
        3 => again::<CommitV1>(payload),
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

/// What was read is read again when it is written.
fn again<T: serde::Serialize + for<'d> serde::Deserialize<'d> + PartialEq + std::fmt::Debug>(payload: &[u8]) {
    let Ok(value) = decode::<T>(Row::Header, payload) else { return };
    let Ok(rows) = encode(Row::Header, &value) else { return };
    let payload: Vec<u8> = rows.iter().flat_map(|(_, value)| value.iter().skip(7).copied()).collect();
    assert_eq!(decode::<T>(Row::Header, &payload).ok(), Some(value));
}

fn block(payload: &[u8]) {
    let Ok(block) = decode::<BlockV1<'_>>(Row::Header, payload) else { return };
    let mut tasks = Vec::new();
    if block.unpack(|key, units, detail| tasks.push((key.to_owned(), units.to_vec(), detail))).is_some() {
        let packed = BlockV1::pack(tasks.iter().map(|(key, units, detail)| (&**key, units.iter().copied(), *detail)));
        let mut again = Vec::new();
        let unpacked = packed.unpack(|key, units, detail| again.push((key.to_owned(), units.to_vec(), detail)));
        // A key longer than any that is written does not fit its length.
        assert!(tasks.iter().any(|(key, _, _)| key.len() > 60_000) || (unpacked.is_some() && again == tasks));
    }
}

/// Opens an index over rows of any content, each with a checksum that fits: a tag, two bytes of length, the payload.
/// What opens agrees with itself, whatever it is.
pub fn store(bytes: &[u8]) {
    let store: Arc<dyn Store> = Arc::new(rows_of(bytes));
    let opened = OpenOptions::new().open_store(Arc::clone(&store));
    match opened {
        Ok(index) => check(&index),
        Err(Error::Corrupt(_)) => {
            let (index, repair) = must(OpenOptions::new().repair_store(store));
            let findings = must(index.verify());
            let untold: Vec<_> = findings.iter().filter(|finding| !repair.lost.contains(finding)).collect();
            assert!(untold.is_empty(), "{untold:?}");
        }
        Err(other) => must::<()>(Err(other)),
    }
}

/// Whoever can make checksums fit can make a log that tells something else than the rows, and tasks that break the
/// rules. Then it is found; but what was opened agrees with the rows, and the rows with each other.
fn check(index: &Index) {
    let findings = must(index.verify());
    let forged = findings.iter().any(|found| matches!(found.rule, Rule::KeysAreDistinct | Rule::AssignmentsAreWhole));
    let bad = findings.iter().find(|found| match found.rule {
        Rule::RowsAreReadable | Rule::DirectionsAgree => !forged,
        Rule::ViewAgrees => !forged && found.what.contains("the rows make"),
        _ => false,
    });
    assert_eq!(bad, None);
}

fn must<T>(result: Result<T>) -> T {
    result.unwrap_or_else(|error| unreachable!("{error}"))
}

fn rows_of(mut bytes: &[u8]) -> MemoryStore {
    let store = MemoryStore::new();
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
        for (key, value) in split(row, payload).unwrap_or_default() {
            store.tamper(&key, Some(value));
        }
    }
    store
}

/// Imports JSON Lines. What was imported is exported and imported again as it was.
pub fn import(bytes: &[u8]) {
    let index = Index::in_memory();
    if index.import(&mut &*bytes).is_ok() {
        let lines = export(&index);
        let again = Index::in_memory();
        must(again.import(&mut lines.as_slice()));
        assert_eq!(export(&again), lines);
        check(&index);
    }
}

fn export(index: &Index) -> Vec<u8> {
    let mut lines = Vec::new();
    must(index.export(&mut lines));
    lines
}

/// What bytes to begin with: those that this crate writes.
#[must_use]
pub fn seeds() -> Vec<Vec<u8>> {
    let store = Arc::new(MemoryStore::new());
    let index = must(OpenOptions::new().open_store(Arc::<MemoryStore>::clone(&store)));
    for n in 0..5 {
        must(index.assign(&format!("plan/{n}"), ["Transport", "Finance", "Police"]));
    }
    must(index.add_alias("Transport", "T"));
    must(index.set_details("plan/1", Details::titled("one").source("notice", 3, 4).field("deadline", "2016")));
    must(index.fold());
    must(index.unassign("plan/3"));
    must(index.rename_unit("Police", "the police"));
    let mut seeds = vec![export(&index)];
    let mut all = Vec::new();
    for (key, value) in store.rows() {
        let payload = &without_time(value.get(7..).unwrap_or_default(), &key);
        let tag = key.first().copied().unwrap_or_default();
        for kind in 0..7 {
            seeds.push([&[kind], payload.as_slice()].concat());
        }
        let payload = match Row::parse(&key) {
            Some((Row::Posting { unit, role, .. }, _)) => {
                [&[unit as u8 * 2 + u8::from(role == Role::Support)], payload.as_slice()].concat()
            }
            _ => payload.to_vec(),
        };
        seeds.push(key);
        all.extend([&[tag], &(payload.len() as u16).to_le_bytes()[..], &payload].concat());
    }
    seeds.push(all);
    seeds
}

/// The payload of a log row as if its commit had been made in 1970, so that the same seed makes the same bytes.
fn without_time(payload: &[u8], key: &[u8]) -> Vec<u8> {
    match (key.first(), decode::<CommitV1>(Row::Header, payload)) {
        (Some(b'l'), Ok(commit)) => {
            let rows = encode(Row::Header, &CommitV1 { time: 0, ..commit }).unwrap_or_default();
            rows.iter().flat_map(|(_, value)| value.iter().skip(7).copied()).collect()
        }
        _ => payload.to_vec(),
    }
}

/// How many executions each target got.
pub type Counts = Vec<(&'static str, u64)>;

/// A target that panicked, and over what.
pub type Panicked = (&'static str, Vec<u8>);

/// Feeds every target mutated seeds, `executions` in all. Returns how many each one got.
///
/// # Errors
/// The bytes over which a target panicked, and its name.
pub fn run(executions: u64, seed: u64) -> Result<Counts, Panicked> {
    let seeds = seeds();
    let mut random = Random(seed);
    let mut counts: Counts = TARGETS.iter().map(|(name, _)| (*name, 0)).collect();
    for _ in 0..executions {
        // Opening and importing takes a hundred times longer than reading a row.
        let at = match random.below(100) {
            0..45 => 0,
            45..90 => 1,
            90..95 => 2,
            _ => 3,
        };
        let Some(((name, target), count)) = TARGETS.get(at).zip(counts.get_mut(at)) else { continue };
        let bytes = random.mutated(&seeds, at);
        if catch_unwind(AssertUnwindSafe(|| target(&bytes))).is_err() {
            return Err((name, bytes));
        }
        count.1 += 1;
    }
    Ok(counts)
}

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed ^ (mixed >> 27)
    }

    fn below(&mut self, end: usize) -> usize {
        ((self.next() >> 11) % end.max(1) as u64) as usize
    }

    /// The targets that read much want the seeds that are for them.
    fn mutated(&mut self, seeds: &[Vec<u8>], target: usize) -> Vec<u8> {
        let at = match target {
            2 => seeds.len() - 1,
            3 => 0,
            _ => self.below(seeds.len()),
        };
        let mut bytes = seeds.get(at).cloned().unwrap_or_default();
        for _ in 0..=self.below(4) {
            self.mutate(&mut bytes, seeds);
        }
        bytes
    }

    fn mutate(&mut self, bytes: &mut Vec<u8>, seeds: &[Vec<u8>]) {
        let at = self.below(bytes.len() + 1);
        let value = match self.below(4) {
            0 => [0, 1, 0x7F, 0x80, 0xFF, 251, 252, 253].get(self.below(8)).copied().unwrap_or_default(),
            _ => self.next() as u8,
        };
        match self.below(6) {
            0 => bytes.insert(at, value),
            1 => bytes.truncate(at),
            2 => drop(bytes.drain(at..(at + 1 + self.below(8)).min(bytes.len()).max(at))),
            3 => {
                let other = seeds.get(self.below(seeds.len())).map(Vec::as_slice).unwrap_or_default();
                let from = self.below(other.len());
                let some: Vec<u8> = other.iter().skip(from).take(1 + self.below(32)).copied().collect();
                bytes.splice(at..at, some);
            }
            4 => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << self.below(8);
                }
            }
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = value;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_reads_bytes_takes_any() {
        for (name, target) in TARGETS {
            seeds().iter().for_each(|seed| target(seed));
            target(&[]);
            assert!(!name.is_empty());
        }
        let counts = run(20_000, 1).unwrap_or_else(|(name, bytes)| panic!("{name} panicked over {bytes:02x?}"));
        assert!(counts.iter().all(|(_, count)| *count > 500), "{counts:?}");
    }

    #[test]
    fn whole_seeds_are_read_as_what_they_are() {
        let seeds = seeds();
        let all = seeds.last().unwrap();
        let index = OpenOptions::new().open_store(Arc::new(rows_of(all))).unwrap();
        assert_eq!((index.revision(), index.view().len()), (9, 4));
        let imported = Index::in_memory();
        imported.import(&mut seeds[0].as_slice()).unwrap();
        assert_eq!(imported.view().len(), 4);
    }
}
