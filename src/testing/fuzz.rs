//! Functions of arbitrary bytes that must not panic, one per reader of bytes, and a loop that feeds them mutated bytes.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::index::{Index, OpenOptions};
use crate::model::{Details, Result};
use crate::persist::fuzz;
use crate::verify::Rule;

use super::MemoryHome;

/// One thing that takes bytes.
pub type Target = fn(&[u8]);

/// All of them, by name.
pub const TARGETS: [(&str, Target); 5] =
    [("keys", keys), ("rows", rows), ("pieces", pieces), ("store", store), ("import", import)];

/// Reads a key.
pub fn keys(bytes: &[u8]) {
    fuzz::keys(bytes);
}

/// Reads one value as each kind of row; the first byte says which, or that it has a frame.
pub fn rows(bytes: &[u8]) {
    fuzz::rows(bytes);
}

/// Reads pieces of an entry, or of a base: each with two bytes of length before it.
pub fn pieces(bytes: &[u8]) {
    fuzz::pieces(bytes);
}

/// Opens an index over an empty log and rows of any content, each with a checksum that fits: a tag, two bytes of length,
/// the payload. It opens, with the rows or without them, and then its rows are those of its view.
pub fn store(bytes: &[u8]) {
    let index = must(home_of(bytes).open(&OpenOptions::new()));
    must(index.assign("plan/1", ["Transport"]));
    must(index.checkpoint());
    check(&index);
}

fn home_of(bytes: &[u8]) -> MemoryHome {
    let home = MemoryHome::new();
    for (key, value) in fuzz::rows_of(bytes) {
        home.tamper(&key, Some(value));
    }
    home
}

/// Whoever can make checksums fit can make rows that tell something else than the log. Then it is found; but both
/// directions agree, and the rows are those of the view.
fn check(index: &Index) {
    let findings = must(index.verify());
    let bad = findings.iter().find(|found| match found.rule {
        Rule::RowsAreReadable | Rule::DirectionsAgree => true,
        Rule::ViewAgrees => !found.what.contains("than the log makes"),
        _ => false,
    });
    assert_eq!(bad, None);
}

fn must<T>(result: Result<T>) -> T {
    result.unwrap_or_else(|error| unreachable!("{error}"))
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

/// The bytes to begin with: those that this crate writes.
#[must_use]
pub fn seeds() -> Vec<Vec<u8>> {
    let home = MemoryHome::new();
    let index = must(home.open(&OpenOptions::new()));
    for n in 0..5 {
        must(index.assign(&format!("plan/{n}"), ["Transport", "Finance", "Police"]));
    }
    must(index.add_alias("Transport", "T"));
    must(index.set_details("plan/1", Details::titled("one").source("notice", 3, 4).field("deadline", "2016")));
    must(index.unassign("plan/3"));
    must(index.rename_unit("Police", "the police"));
    must(index.checkpoint());
    let mut seeds = vec![export(&index)];
    seeds.extend(home.entries());
    let mut all = Vec::new();
    for (key, value) in home.rows() {
        let (payload, piece) = fuzz::seeds_of(&key, &value);
        for kind in 0..6 {
            seeds.push([&[kind], payload.as_slice()].concat());
        }
        seeds.push(key);
        all.extend(piece);
    }
    seeds.push(all);
    seeds
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
            0..30 => 0,
            30..60 => 1,
            60..90 => 2,
            90..95 => 3,
            _ => 4,
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
            3 => seeds.len() - 1,
            4 => 0,
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
        let index = home_of(all).open(&OpenOptions::new()).unwrap();
        assert_eq!((index.revision(), index.view().len()), (0, 4), "{:?}", index.stats().unwrap().troubles);
        let imported = Index::in_memory();
        imported.import(&mut seeds[0].as_slice()).unwrap();
        assert_eq!(imported.view().len(), 4);
    }
}
