//! Damaged files: whatever was done to them, an index opens with what it had, or says that it can't. Where only rows
//! are damaged it opens with everything.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use responsibility_index::verify::Rule;
use responsibility_index::{Error, Index, OpenOptions};

use crate::child::{self, Job};
use crate::files::copy;
use crate::model;
use crate::random::{Random, seed};
use crate::work::{self, Run};

/// What a run made of a damaged store.
const OUTCOMES: [&str; 5] = ["whole", "rows made again", "refused", "accepted", "mended"];

/// With many segments, one or two bases, and entries of many frames.
const RUN: Run = Run { load_every: 25, fill: 3, large: 1, segment: 60, ..Run::of(1, 0) };

/// Opens a damaged store in every way there is. A wrong answer, a panic or an error that is not typed fails it. So many
/// steps were made, and so many may be there since they are in files that were put there. A reader may be behind where
/// the mark is gone.
pub(crate) fn child(
    path: &Path,
    rows_only: bool,
    run: &Run,
    (made, most): (u64, u64),
    reader_may_be_behind: bool,
) -> Result<(), String> {
    run.set_segment_bytes();
    let reader = OpenOptions::new().read_only(true).open(path);
    let least = if reader_may_be_behind { 0 } else { made };
    look(reader, run, (least, most), true, rows_only).map_err(|why| format!("read only: {why}"))?;
    let scratch = tempfile::tempdir().unwrap();
    copy(path, &scratch.path().join("plan.ri"));
    let opened = work::options().open(path);
    let refused = opened.is_err();
    look(opened, run, (made, most), false, rows_only)?;
    if refused {
        mend(path, run, (made, most))?;
        accept(&scratch.path().join("plan.ri"), run, (made, most))?;
    }
    Ok(())
}

fn look(
    opened: Result<Index, Error>,
    run: &Run,
    steps: (u64, u64),
    reader: bool,
    rows_only: bool,
) -> Result<(), String> {
    match opened {
        Err(error) if rows_only => Err(format!("damaged rows prevent an opening: {error}")),
        Err(Error::Corrupt(_) | Error::Open(_) | Error::Log(_)) => {
            println!("outcome: refused");
            Ok(())
        }
        Err(other) => Err(format!("not an error of the files: {other:?}")),
        Ok(index) => {
            let troubles = index.stats().map_err(|error| error.to_string())?.troubles;
            let findings = index.verify().map_err(|error| format!("verify: {error}"))?;
            // Details may be damaged where the opening didn't look; then they are reported.
            let tells = |rule| findings.iter().any(|found| found.rule == rule);
            let log_is_whole = !tells(Rule::LogIsWhole) && !tells(Rule::DetailsAreThere);
            model::check_view(&index.view(), run, &vec![steps], log_is_whole)?;
            if rows_only && let Some(finding) = findings.first() {
                return Err(format!("after damage of rows only: {finding}"));
            }
            println!("outcome: {}", if troubles.is_empty() { "whole" } else { "rows made again" });
            if !reader {
                use_it(&index)?;
            }
            Ok(())
        }
    }
}

/// Errors may come of damage that an opening doesn't meet; panics and hangs may not.
fn use_it(index: &Index) -> Result<(), String> {
    for n in 0..5 {
        if let Err(error) = index.assign(&format!("after/{n}"), work::digits(n)) {
            return expected(error);
        }
    }
    index.checkpoint().or_else(expected)?;
    index.flush().or_else(expected)
}

fn expected(error: Error) -> Result<(), String> {
    match error {
        Error::Corrupt(_) | Error::Engine(_) | Error::Log(_) => Ok(()),
        other => Err(format!("not an error of the files: {other:?}")),
    }
}

/// A repair gives the newest state that can be saved, and says so where that is not the newest of all.
fn mend(path: &Path, run: &Run, (made, most): (u64, u64)) -> Result<(), String> {
    match work::options().repair(path) {
        Err(Error::Corrupt(_) | Error::Open(_) | Error::Log(_)) => Ok(()),
        Err(other) => Err(format!("repair: not an error of the files: {other:?}")),
        Ok((index, repair)) => {
            let findings = index.verify().map_err(|error| format!("verify after a repair: {error}"))?;
            if let Some(finding) = findings.iter().find(|finding| !repair.lost.contains(finding)) {
                return Err(format!("a repair left {finding} and did not say so"));
            }
            let lost = |rule| repair.lost.iter().any(|lost| lost.rule == rule);
            let least = if lost(Rule::NothingIsLost) { 0 } else { made };
            let with_details = repair.lost.is_empty();
            let checked = model::check_view(&index.view(), run, &vec![(least, most)], with_details);
            checked.map_err(|why| format!("after a repair that reports {:?}: {why}", repair.lost))?;
            use_it(&index)?;
            println!("outcome: mended");
            Ok(())
        }
    }
}

/// Accepted losses give an older state, whole in itself.
fn accept(path: &Path, run: &Run, (_, most): (u64, u64)) -> Result<(), String> {
    match work::options().accept_lost_commits(true).open(path) {
        Err(Error::Corrupt(_) | Error::Open(_) | Error::Log(_)) => Ok(()),
        Err(other) => Err(format!("accepting losses: not an error of the files: {other:?}")),
        Ok(index) => {
            model::check_view(&index.view(), run, &vec![(0, most)], false)
                .map_err(|why| format!("accepting losses: {why}"))?;
            println!("outcome: accepted");
            Ok(())
        }
    }
}

/// One index at three times, and how many steps were made then: a store and its younger selves.
fn make_stores(scratch: &Path, random: &mut Random) -> Vec<(PathBuf, u64)> {
    let growing = scratch.join("growing");
    fs::create_dir(&growing).unwrap();
    let (mut stores, mut made) = (Vec::new(), 0);
    for (at, steps) in [30, 60, 90].into_iter().enumerate() {
        let steps = steps + random.below(20);
        let run = Run { steps, ..RUN };
        let ended = Job::new("write", &growing.join("plan.ri")).numbers(&run.numbers()).run();
        assert!(ended.is_ok(), "{}", ended.why());
        made += steps;
        let path = scratch.join(format!("whole-{at}"));
        copy(&growing, &path);
        stores.push((path, made));
    }
    stores
}

fn files(path: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(path).unwrap().flatten() {
        if entry.file_type().unwrap().is_dir() { found.extend(files(&entry.path())) } else { found.push(entry.path()) }
    }
    found.sort();
    found
}

/// What was done to the files of a store.
#[derive(Debug, Default)]
struct Damage {
    what: Vec<String>,
    touched: Vec<PathBuf>,
    /// The steps of the newest store that a file was taken from.
    most: u64,
    from_later: bool,
    /// The steps of an older store that the whole log was taken from.
    older_log: Option<u64>,
}

impl Damage {
    /// Does one thing to the files of a store.
    fn add(&mut self, store: &Path, others: &[(PathBuf, u64)], made: u64, random: &mut Random) {
        match random.below(10) {
            0 => self.put_back("log", store, others, made, random),
            1 => self.put_back("rows", store, others, made, random),
            2 => self.exchange_segments(store, random),
            _ => self.add_to_file(store, others, made, random),
        }
    }

    /// The whole log, or all rows, of another time.
    fn put_back(&mut self, part: &str, store: &Path, others: &[(PathBuf, u64)], made: u64, random: &mut Random) {
        let (other, steps) = random.pick(others);
        let to = store.join("plan.ri").join(part);
        let _ = fs::remove_dir_all(&to);
        copy(&other.join("plan.ri").join(part), &to);
        self.touched.extend(files(&to));
        self.most = self.most.max(*steps);
        self.from_later |= *steps > made;
        if part == "log" && *steps < made {
            self.older_log = Some(*steps);
        }
        self.what.push(format!("{part} of {steps} steps instead of {made}"));
    }

    /// Two segments swapped, or one a copy of another one, or missing.
    fn exchange_segments(&mut self, store: &Path, random: &mut Random) {
        let is_segment = |file: &PathBuf| file.file_name().unwrap().to_string_lossy().starts_with("segment-");
        let segments: Vec<PathBuf> = files(store).into_iter().filter(is_segment).collect();
        if segments.is_empty() {
            return;
        }
        let (one, other) = (random.pick(&segments), random.pick(&segments));
        let contents = (fs::read(one).unwrap(), fs::read(other).unwrap());
        let what = match random.below(3) {
            0 => {
                fs::write(one, contents.1).unwrap();
                fs::write(other, contents.0).unwrap();
                "swapped"
            }
            1 => {
                fs::write(one, contents.1).unwrap();
                "a copy of the other"
            }
            _ => {
                fs::remove_file(one).unwrap();
                "missing, not the other"
            }
        };
        self.touched.push(one.clone());
        self.what.push(format!("{one:?} and {other:?}: {what}"));
    }

    fn add_to_file(&mut self, store: &Path, others: &[(PathBuf, u64)], made: u64, random: &mut Random) {
        let all = files(store);
        let parts = ["log", "rows"]
            .map(|part| all.iter().filter(|file| file.parent().unwrap().ends_with(part)).cloned().collect::<Vec<_>>());
        // Most of what is kept is in two files.
        let named = |name: &str| {
            let is_named = |file: &&PathBuf| file.file_name().unwrap().to_string_lossy().starts_with(name);
            all.iter().filter(is_named).cloned().collect::<Vec<_>>()
        };
        let some = match random.below(8) {
            0 | 1 => named("db"),
            2 => parts[1].clone(),
            3 => named("segment-"),
            4 => named("base-"),
            5 => named("durable"),
            6 => parts[0].clone(),
            _ => all.clone(),
        };
        let file = random.pick(if some.is_empty() { &all } else { &some }).clone();
        self.touched.push(file.clone());
        let Ok(mut bytes) = fs::read(&file) else { return };
        let at = random.index(bytes.len().max(1));
        let what = match random.below(7) {
            0 | 1 => {
                let flips = 1 + random.below(8);
                for _ in 0..flips {
                    // Much of a segment is zeroes ahead of its end.
                    let used = bytes.iter().rposition(|byte| *byte != 0).map_or(bytes.len(), |last| last + 1);
                    let at = random.index(used);
                    if let Some(byte) = bytes.get_mut(at) {
                        *byte ^= 1 << random.below(8);
                    }
                }
                format!("{flips} bits flipped")
            }
            2 => {
                let len = 1 + random.index(8192);
                bytes.iter_mut().skip(at).take(len).for_each(|byte| *byte = 0);
                format!("{len} bytes from {at} zeroed")
            }
            3 => {
                bytes.truncate(at);
                format!("cut to {at} bytes")
            }
            4 => {
                fs::remove_file(&file).unwrap();
                self.what.push(format!("{file:?} deleted"));
                return;
            }
            5 => {
                let other = random.pick(&all);
                let Ok(content) = fs::read(other) else { return };
                fs::write(&file, content).unwrap();
                fs::write(other, bytes).unwrap();
                self.touched.push(other.clone());
                self.what.push(format!("{file:?} and {other:?} swapped"));
                return;
            }
            _ => {
                let (other, steps) = random.pick(others);
                let others = files(other);
                let same = others.iter().find(|other| other.file_name() == file.file_name());
                let other = same.unwrap_or_else(|| random.pick(&others));
                fs::copy(other, &file).unwrap();
                self.most = self.most.max(*steps);
                self.from_later |= *steps > made;
                self.what.push(format!("{file:?} replaced by {other:?}"));
                return;
            }
        };
        fs::write(&file, bytes).unwrap();
        self.what.push(format!("{file:?}: {what}"));
    }

    /// Whether only rows were damaged, and not replaced by those of a later time, which tell that the log is behind.
    fn is_of_rows(&self) -> bool {
        let is_of_rows = |file: &PathBuf| file.parent().unwrap().ends_with("rows") || file.ends_with("rows.lock");
        self.touched.iter().all(is_of_rows) && !self.from_later
    }

    /// A reader has only the mark to tell that the log is a shorter one.
    fn hides_losses_from_readers(&self) -> bool {
        self.touched.iter().any(|file| file.ends_with("durable") || file.ends_with("id"))
    }

    /// How many steps must be there. Nothing tells that the log is an older one, or has lost its end, where the rows and
    /// the mark tell nothing.
    fn least(&self, made: u64) -> u64 {
        let touches = |part: &str| self.touched.iter().any(|file| file.to_string_lossy().contains(part));
        let (rows, mark, segments) = (touches("plan.ri/rows"), touches("log/durable"), touches("log/segment-"));
        match self.older_log {
            Some(older) if rows => made.min(older),
            _ if rows && mark && segments => 0,
            _ => made,
        }
    }
}

/// Children that open damaged stores at once.
const AT_ONCE: usize = 2;

fn damage_stores(stores: u32, harness: u64) -> [u32; OUTCOMES.len()] {
    let mut scratch = child::scratch();
    let mut random = Random::new(harness);
    let whole = make_stores(scratch.path(), &mut random);
    let results = Mutex::new(([0; OUTCOMES.len()], Vec::new()));
    let numbers = Mutex::new((0..stores, random));
    let work = || {
        loop {
            let (store, made, damage, n) = {
                let (numbers, random) = &mut *numbers.lock().unwrap();
                let Some(n) = numbers.next() else { return };
                let (source, made) = random.pick(&whole).clone();
                let store = scratch.path().join(format!("damaged-{n}"));
                copy(&source, &store);
                let mut damage = Damage { most: made, ..Damage::default() };
                damage.add(&store, &whole, made, random);
                if random.one_in(8) {
                    damage.add(&store, &whole, made, random);
                }
                (store, made, damage, n)
            };
            let job = Job::new("damage", &store.join("plan.ri")).numbers(&[u64::from(damage.is_of_rows())]);
            let hides = u64::from(damage.hides_losses_from_readers());
            let ended = job.numbers(&RUN.numbers()).numbers(&[damage.least(made), damage.most, hides]).run();
            let (outcomes, failures) = &mut *results.lock().unwrap();
            for (count, outcome) in outcomes.iter_mut().zip(OUTCOMES) {
                *count += u32::from(ended.out.contains(&format!("outcome: {outcome}\n")));
            }
            if ended.is_ok() {
                fs::remove_dir_all(&store).unwrap();
            } else {
                failures.push(format!("store {n} of {made} steps, {damage:?}: {}", ended.why()));
            }
        }
    };
    std::thread::scope(|threads| (0..AT_ONCE).for_each(|_| drop(threads.spawn(work))));
    let (outcomes, failures) = results.into_inner().unwrap();
    if !failures.is_empty() {
        scratch.disable_cleanup(true);
        panic!("seed {}, in {scratch:?}: {failures:#?}", seed());
    }
    outcomes
}

#[test]
fn damaged_files_are_an_error_or_make_no_difference() {
    let outcomes = damage_stores(30, 8);
    assert!(outcomes.iter().take(3).all(|count| *count > 0), "{OUTCOMES:?}: {outcomes:?}");
}

/// Where the mark is gone, too, nothing says how many commits a damaged segment had.
#[test]
fn a_repair_says_when_it_can_not_be_told_what_is_lost() {
    let scratch = child::scratch();
    let path = scratch.path().join("plan.ri");
    let index = Index::open(&path).unwrap();
    (1..=6).for_each(|n| drop(index.assign(&format!("t/{n}"), ["A"]).unwrap()));
    index.trim(3).unwrap();
    drop(index);
    fs::remove_dir_all(path.join("rows")).unwrap();
    fs::remove_file(path.join("log/durable")).unwrap();
    fs::write(path.join("log/segment-0000000000000001"), "something else").unwrap();
    let (index, repair) = OpenOptions::new().repair(&path).unwrap();
    assert_eq!(index.view().len(), 3);
    assert!(repair.lost.iter().any(|lost| lost.rule == Rule::NothingIsLost), "{repair:?}");
}

/// A trim that is killed may leave the base with which the log began before.
#[test]
fn details_are_found_where_an_interrupted_trim_left_an_older_base() {
    let scratch = child::scratch();
    let path = scratch.path().join("plan.ri");
    let run = Run { segment: 10, fill: 4, ..Run::of(1, 20) };
    run.set_segment_bytes();
    let index = Index::open(&path).unwrap();
    let base = |revision: u64| path.join(format!("log/base-{revision:020}"));
    (1..=10).for_each(|n| work::step(&index, &run, 0, n).unwrap());
    index.trim(9).unwrap();
    let older = fs::read(base(9)).unwrap();
    (11..=20).for_each(|n| work::step(&index, &run, 0, n).unwrap());
    index.trim(20).unwrap();
    assert!(!base(9).exists());
    fs::write(base(9), older).unwrap();
    drop(index);
    assert_eq!(model::check(&Index::open(&path).unwrap(), &run, &vec![(20, 20)]), Ok(vec![20]));
}

#[test]
#[ignore = "the full tier: minutes"]
fn full_damage() {
    let outcomes = damage_stores(5_000, 8);
    println!("of 5000 stores, by what came of them (one store can count twice): {OUTCOMES:?} {outcomes:?}");
}
