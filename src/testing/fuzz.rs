//! Functions of arbitrary bytes that must not panic, one per reader of bytes, and a loop that feeds them mutated bytes.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::civil::Date;

use crate::commit_log::{Access, CommitLog, EntryId, FileLog, FileLogOptions, fuzz as log_fuzz};
use crate::history::{Commit, Cursor, Lines};
use crate::index::{Index, OpenOptions};
use crate::model::{Details, Error, Result};
use crate::persist::{Sources, fuzz};
use crate::verify::{Disagreement, Rule};
use crate::view::View;

use super::MemoryHome;
use super::fill::fill;

/// One thing that takes bytes.
pub type Target = fn(&[u8]);

/// All of them, by name.
pub const TARGETS: [(&str, Target); 9] = [
    ("keys", keys),
    ("rows", rows),
    ("pieces", pieces),
    ("frames", frames),
    ("entries", entries),
    ("files", files),
    ("store", store),
    ("import", import),
    ("feed", feed),
];

/// How many of ten thousand executions each target gets. To open an index takes forty times longer than to read a row,
/// and files take longest, 0.5 ms.
const SHARES: [usize; 9] = [2800, 2900, 2500, 1300, 250, 10, 70, 70, 100];

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

/// Reads a frame, or the header of a segment; the first byte says which.
pub fn frames(bytes: &[u8]) {
    log_fuzz::frames(bytes);
}

/// Opens an index over a log of any base and entries, and changes it. It is refused with an error of its data, or works.
pub fn entries(bytes: &[u8]) {
    let log = log_fuzz::log_of(bytes);
    use_log(&mut || Ok(Arc::new(log.clone())));
}

/// Reads the files of a log, with fitting checksums: without writing, by a salvage, and as an index that is changed. Each
/// refuses it with an error of its data, or works.
pub fn files(bytes: &[u8]) {
    let scratch = Scratch::new();
    must_io(log_fuzz::write_files(bytes, &scratch.0));
    if let Some(log) = not_a_bug(open_files(&scratch.0, Access::ReadOnly)) {
        let _ = not_a_bug(open_over(log));
    }
    if let Some(Some(log)) = not_a_bug(fuzz::salvaged(&scratch.0)) {
        let _ = check_log(&must(open_over(Arc::new(log))));
    }
    use_log(&mut || open_files(&scratch.0, Access::Synced));
}

fn open_files(path: &Path, access: Access) -> Result<Arc<dyn CommitLog>> {
    // Segments of a few entries.
    let options = FileLogOptions { segment_bytes: 4096 + 1000, ..FileLogOptions::new(access) };
    Ok(Arc::new(FileLog::open(path, options)?))
}

/// An index over a log, without rows.
fn open_over(log: Arc<dyn CommitLog>) -> Result<Index> {
    let patience = Duration::from_secs(20);
    let sources = Sources { log, id: EntryId::NONE, found: None, had_rows: false, patience };
    Ok(OpenOptions::new().open_sources(sources.open(|_| None, Vec::new())?))
}

/// If an index opens over a log, it agrees with it. After a commit, and after a trim, it opens as it was, or not at all:
/// the header of a segment, say, may hide that the next one tells a lie.
fn use_log(open: &mut dyn FnMut() -> Result<Arc<dyn CommitLog>>) {
    let opened = |log: Result<Arc<dyn CommitLog>>| not_a_bug(log.and_then(open_over));
    let Some(index) = opened(open()) else { return };
    if !check_log(&index) {
        return;
    }
    walk_past(&index);
    for step in 0..2 {
        let done = match step {
            // Whoever makes entries can make their tags not fit their numbers of details, so this may be refused.
            0 => index
                .batch()
                .assign("plan/1", ["Transport"])
                .set_details("plan/1", Details::titled("t"))
                .commit()
                .is_ok(),
            _ => index.trim(index.revision()).is_ok(),
        };
        let (revision, lines) = (index.revision(), try_export(&index));
        let Some(again) = opened(open()) else { return };
        assert_eq!((again.revision(), try_export(&again)), (revision, lines), "step {step}, done: {done}");
        assert!(check_log(&again));
    }
}

/// The past is there, or an error of the data says why not.
fn walk_past(index: &Index) {
    let view = index.view();
    for commit in not_a_bug(index.commits(..)).into_iter().flatten() {
        let Some(commit) = not_a_bug(commit) else { break };
        let mut lines = Vec::new();
        must(Cursor::new(commit.cursor().log(), commit.revision() - 1).write_line(&mut lines));
        must(commit.write_lines(&mut lines));
        assert_eq!(must(Lines::new(lines.as_slice())).next().map(must), Some(commit));
    }
    for revision in (0..=index.revision()).rev().take(6) {
        if let Some(view) = not_a_bug(index.view_at(revision)) {
            let _ = not_a_bug(crate::export::export(&view, &mut Vec::new()));
        }
    }
    walk_organisation(&view);
    for task in view.tasks().keys().take(6) {
        let _ = not_a_bug(view.history(task).collect::<Result<Vec<_>>>());
    }
    let _ = not_a_bug(index.batch().revert(index.revision()).plan());
}

/// Members may be in a circle, and units may name each other as successors: each walk ends.
fn walk_organisation(view: &View) {
    for unit in view.units().take(6) {
        let _ = (unit.bodies(), unit.ancestors(), unit.descendants());
        let _ = not_a_bug(view.all_led_by(unit.name()));
    }
    let _ = (view.undecided().len(), view.reports().count());
    for obligation in view.obligations().take(6) {
        let (day, later) = (Date::constant(2016, 1, 1), Date::constant(2017, 1, 1));
        obligation.days(day, later).for_each(|due| drop(not_a_bug(view.owed(obligation.name(), due))));
    }
}

/// Both directions agree. Whoever can make checksums fit can make a base that names a task twice, so that the view is
/// not what the log makes; that is found, and returned.
fn check_log(index: &Index) -> bool {
    let findings = must(index.verify());
    let differs = |found: &&Disagreement| found.rule == Rule::ViewAgrees && found.what.contains("than the log makes");
    let bad = |found: &&Disagreement| found.rule == Rule::ViewAgrees && !differs(found);
    assert_eq!(findings.iter().find(bad), None);
    !findings.iter().any(|found| differs(&found))
}

/// The bytes of an export; `None` if details can't be read.
fn try_export(index: &Index) -> Option<Vec<u8>> {
    let mut lines = Vec::new();
    not_a_bug(index.export_jsonl(&mut lines)).map(|_| lines)
}

/// `None` for an error of the data, which is one that a damaged index may have.
fn not_a_bug<T>(result: Result<T>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(Error::Bug { what }) => unreachable!("{what}"),
        Err(_) => None,
    }
}

fn must_io<T>(result: std::io::Result<T>) -> T {
    result.unwrap_or_else(|error| unreachable!("{error}"))
}

/// A directory that is removed at the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Scratch {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("responsibility-index-fuzz-{}-{number}", std::process::id()));
        must_io(fs::create_dir_all(&path));
        Scratch(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What is left of it is in the system's directory of temporary files.
        let _ = fs::remove_dir_all(&self.0);
    }
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
        Rule::RowsAreReadable => true,
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
    if index.import_jsonl(&mut &*bytes).is_ok() {
        let lines = export(&index);
        let again = Index::in_memory();
        must(again.import_jsonl(&mut lines.as_slice()));
        assert_eq!(export(&again), lines);
        check(&index);
    }
}

/// Reads a feed. What was read is written and read again as it was.
pub fn feed(bytes: &[u8]) {
    let Ok(lines) = Lines::new(bytes) else { return };
    let mut again = Vec::new();
    must(lines.cursor().write_line(&mut again));
    let read: Vec<Commit> = lines.map_while(Result::ok).collect();
    read.iter().for_each(|commit| must(commit.write_lines(&mut again)));
    assert_eq!(must(must(Lines::new(again.as_slice())).collect::<Result<Vec<_>>>()), read);
}

fn written_feed(index: &Index) -> Vec<u8> {
    let mut lines = Vec::new();
    must(must(index.follow(0)).cursor().write_line(&mut lines));
    must(index.commits(..)).for_each(|commit| must(must(commit).write_lines(&mut lines)));
    lines
}

fn export(index: &Index) -> Vec<u8> {
    let mut lines = Vec::new();
    must(index.export_jsonl(&mut lines));
    lines
}

/// The bytes to begin with: those that this crate writes.
struct Seeds {
    /// Keys, rows, frames and entries.
    parts: Vec<Vec<u8>>,
    /// For the target of this name.
    wholes: Vec<(&'static str, Vec<u8>)>,
}

impl Seeds {
    fn new() -> Seeds {
        let home = MemoryHome::new();
        let index = must(home.open(&OpenOptions::new()));
        must(fill(&index));
        must(index.checkpoint());
        let mut seeds =
            Seeds { parts: home.entries(), wholes: vec![("import", export(&index)), ("feed", written_feed(&index))] };
        let mut all = Vec::new();
        for (key, value) in home.rows() {
            let (payload, piece) = fuzz::seeds_of(&key, &value);
            seeds.parts.extend((0..7).map(|kind| [&[kind], payload.as_slice()].concat()));
            seeds.parts.push(key);
            all.extend(piece);
        }
        seeds.wholes.push(("store", all));
        seeds.add_logs();
        seeds
    }

    /// A log that begins empty, and then with a base: as files, as entries, and its frames.
    fn add_logs(&mut self) {
        let scratch = Scratch::new();
        let path = scratch.0.join("log");
        let options = FileLogOptions { segment_bytes: 4096 + 1000, ..FileLogOptions::new(Access::Synced) };
        must(must(FileLog::create(&path, options, None)).close());
        for trimmed in [false, true] {
            let log = must(open_files(&path, Access::Synced));
            let index = must(open_over(Arc::clone(&log)));
            if trimmed {
                must(index.trim(index.revision() - 3));
            } else {
                must(fill(&index));
            }
            self.wholes.push(("entries", must(log_fuzz::bytes_of(&*log))));
            drop(index);
            let files = must_io(log_fuzz::files_of(&path));
            self.parts.extend(log_fuzz::frames_of(&files));
            self.wholes.push(("files", files));
        }
    }

    /// Some seed for a target.
    fn pick(&self, target: &str, random: &mut Random) -> &[u8] {
        let own: Vec<&[u8]> = self.wholes.iter().filter(|(name, _)| *name == target).map(|(_, seed)| &**seed).collect();
        match own.get(random.below(own.len())) {
            Some(seed) => seed,
            None => self.parts.get(random.below(self.parts.len())).map(Vec::as_slice).unwrap_or_default(),
        }
    }

    /// Any seed.
    fn any(&self, random: &mut Random) -> &[u8] {
        let at = random.below(self.parts.len() + self.wholes.len());
        let whole = || self.wholes.get(at - self.parts.len()).map(|(_, seed)| seed);
        self.parts.get(at).or_else(whole).map(Vec::as_slice).unwrap_or_default()
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
    let seeds = Seeds::new();
    let mut random = Random(seed);
    let mut counts: Counts = TARGETS.iter().map(|(name, _)| (*name, 0)).collect();
    for _ in 0..executions {
        let mut place = random.below(SHARES.iter().sum());
        let beyond = |share: &&usize| {
            let beyond = place >= **share;
            place -= if beyond { **share } else { 0 };
            beyond
        };
        let at = SHARES.iter().take_while(beyond).count();
        let Some(((name, target), count)) = TARGETS.get(at).zip(counts.get_mut(at)) else { continue };
        let bytes = random.mutated(&seeds, name);
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

    fn mutated(&mut self, seeds: &Seeds, target: &str) -> Vec<u8> {
        let mut bytes = seeds.pick(target, self).to_vec();
        for _ in 0..=self.below(4) {
            self.mutate(&mut bytes, seeds);
        }
        bytes
    }

    fn mutate(&mut self, bytes: &mut Vec<u8>, seeds: &Seeds) {
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
                let other = seeds.any(self);
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
        let seeds = Seeds::new();
        for (name, target) in TARGETS {
            let own = seeds.wholes.iter().filter(|(whole, _)| *whole == name).map(|(_, seed)| seed);
            seeds.parts.iter().chain(own).for_each(|seed| {
                if seed.len() < 100 || name != "files" {
                    target(seed)
                }
            });
            target(&[]);
        }
        let counts = run(20_000, 1).unwrap_or_else(|(name, bytes)| panic!("{name} panicked over {bytes:02x?}"));
        assert!(counts.iter().all(|(_, count)| *count > 5), "{counts:?}");
    }

    fn wholes<'s>(seeds: &'s Seeds, target: &str) -> Vec<&'s [u8]> {
        seeds.wholes.iter().filter(|(name, _)| *name == target).map(|(_, seed)| seed.as_slice()).collect()
    }

    #[test]
    fn whole_seeds_are_read_as_what_they_are() {
        let seeds = Seeds::new();
        let index = home_of(wholes(&seeds, "store")[0]).open(&OpenOptions::new()).unwrap();
        assert_eq!((index.revision(), index.view().len()), (0, 4), "{:?}", index.stats().unwrap().troubles);
        let imported = Index::in_memory();
        imported.import_jsonl(&mut wholes(&seeds, "import")[0]).unwrap();
        assert_eq!(imported.view().len(), 4);
        for seed in wholes(&seeds, "entries") {
            let index = open_over(Arc::new(log_fuzz::log_of(seed))).unwrap();
            assert_eq!((index.view().len(), index.verify().unwrap()), (4, Vec::new()));
            assert_eq!(export(&index), wholes(&seeds, "import")[0]);
        }
        for seed in wholes(&seeds, "files") {
            let scratch = Scratch::new();
            log_fuzz::write_files(seed, &scratch.0).unwrap();
            let salvaged = fuzz::salvaged(&scratch.0).unwrap().unwrap();
            for log in [open_files(&scratch.0, Access::Synced).unwrap(), Arc::new(salvaged)] {
                let index = open_over(log).unwrap();
                assert_eq!((index.revision(), index.verify().unwrap()), (13, Vec::new()));
                assert_eq!(export(&index), wholes(&seeds, "import")[0]);
            }
        }
    }

    #[test]
    fn checksums_of_a_log_that_is_made_of_bytes_fit() {
        let seeds = Seeds::new();
        for seed in wholes(&seeds, "files") {
            // A key in the first entry, or in the base; then the checksum of its frame or chunk is the one that is left.
            for (spared, fits) in [(u8::MAX, true), (0, false)] {
                let mut seed = seed.to_vec();
                seed[0] = spared;
                let at = seed.windows(4).position(|four| four == b"plan").unwrap();
                seed[at] ^= 1;
                let scratch = Scratch::new();
                log_fuzz::write_files(&seed, &scratch.0).unwrap();
                let checked = open_files(&scratch.0, Access::ReadOnly).and_then(|log| log.check());
                let found = checked.map(|found| found.len());
                assert_eq!(found.as_ref().is_ok_and(|found| *found == 0), fits, "{found:?}");
            }
        }
    }
}
