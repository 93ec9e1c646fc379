//! Damaged files: whatever was done to them, an index opens with what it had, or says that it can't.

use std::fs;
use std::path::{Path, PathBuf};

use responsibility_index::error::Corrupt;
use responsibility_index::verify::Rule;
use responsibility_index::{Error, Index, OpenOptions};

use crate::child::{self, Job};
use crate::files::copy;
use crate::random::{Random, seed};
use crate::work::{self, Acknowledged};

/// What a run made of a damaged store.
const OUTCOMES: [&str; 4] = ["whole", "refused", "rolled back", "mended"];

/// Opens a damaged store in every way there is. A wrong answer, a panic or an error that is not typed fails it.
pub(crate) fn child(path: &Path, more: u64, made: &Acknowledged) -> Result<(), String> {
    let reader = OpenOptions::new().read_only(true).open(path);
    look(reader, made, more, true)?;
    let opened = work::options().open(path);
    let refused = opened.is_err();
    look(opened, made, more, false)?;
    if refused {
        mend(path)?;
    }
    Ok(())
}

fn look(opened: Result<Index, Error>, made: &Acknowledged, more: u64, reader: bool) -> Result<(), String> {
    match opened {
        Err(Error::Corrupt(Corrupt::RolledBack { .. })) => println!("outcome: rolled back"),
        Err(Error::Corrupt(_) | Error::Open(_)) => println!("outcome: refused"),
        Err(other) => return Err(format!("not an error of the files: {other:?}")),
        Ok(index) => {
            let findings = index.verify().map_err(|error| format!("verify: {error}"))?;
            // A reader opens what lost commits, and says so.
            if !(reader && findings.iter().any(|finding| finding.rule == Rule::NothingIsLost)) {
                work::check_view(&index, made, more)?;
                println!("outcome: whole");
            }
            if !reader {
                use_it(&index)?;
            }
        }
    }
    Ok(())
}

/// Errors may come of damage that an opening doesn't meet; panics and hangs may not.
fn use_it(index: &Index) -> Result<(), String> {
    for n in 0..5 {
        if let Err(error) = index.assign(&format!("after/{n}"), work::digits(n)) {
            return expected(error);
        }
    }
    index.checkpoint().or_else(expected_unit)?;
    index.flush().or_else(expected_unit)
}

fn expected_unit(error: Error) -> Result<(), String> {
    expected(error)
}

fn expected(error: Error) -> Result<(), String> {
    match error {
        Error::Corrupt(_) | Error::Engine(_) => Ok(()),
        other => Err(format!("not an error of the files: {other:?}")),
    }
}

fn mend(path: &Path) -> Result<(), String> {
    match work::options().repair(path) {
        Err(Error::Corrupt(_) | Error::Open(_) | Error::Engine(_)) => Ok(()),
        Err(other) => Err(format!("repair: not an error of the files: {other:?}")),
        Ok((index, repair)) => {
            let findings = index.verify().map_err(|error| format!("verify after a repair: {error}"))?;
            if let Some(finding) = findings.iter().find(|finding| !repair.lost.contains(finding)) {
                return Err(format!("a repair left {finding} and did not say so"));
            }
            use_it(&index)?;
            println!("outcome: mended");
            Ok(())
        }
    }
}

/// Writers make a store. The files of its younger self are kept, to be swapped in.
fn make_stores(scratch: &Path, random: &mut Random) -> Vec<(PathBuf, Acknowledged)> {
    let mut stores = Vec::new();
    for (at, steps) in [30, 90, 200].into_iter().enumerate() {
        let path = scratch.join(format!("whole-{at}"));
        fs::create_dir(&path).unwrap();
        let steps = steps + random.below(20);
        let ended = Job::new("write", &path.join("plan.ri")).numbers(&[1, steps, 0]).run();
        assert!(ended.is_ok(), "{}", ended.why());
        stores.push((path, vec![steps]));
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

/// Does one thing to the files of a store and says what.
fn damage(store: &Path, others: &Path, random: &mut Random) -> String {
    let files = files(store);
    // The engine's file is most of it.
    let db = files.iter().find(|file| file.ends_with("rows/db")).filter(|_| random.one_in(2));
    let file = db.unwrap_or_else(|| random.pick(&files));
    let mut bytes = fs::read(file).unwrap();
    let at = random.index(bytes.len().max(1));
    let what = match random.below(6) {
        0 | 1 => {
            let flips = 1 + random.below(8);
            for _ in 0..flips {
                let at = random.index(bytes.len());
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
            fs::remove_file(file).unwrap();
            return format!("{file:?} deleted");
        }
        _ => return swap(file, &files, others, random),
    };
    fs::write(file, bytes).unwrap();
    format!("{file:?}: {what}")
}

fn swap(file: &Path, files: &[PathBuf], others: &Path, random: &mut Random) -> String {
    if random.one_in(2) {
        let other = random.pick(files);
        let (a, b) = (fs::read(file).unwrap(), fs::read(other).unwrap());
        fs::write(file, b).unwrap();
        fs::write(other, a).unwrap();
        return format!("{file:?} and {other:?} swapped");
    }
    let others = self::files(others);
    let same = others.iter().find(|other| other.file_name() == file.file_name());
    let other = same.unwrap_or_else(|| random.pick(&others));
    fs::copy(other, file).unwrap();
    format!("{file:?} replaced by {other:?}")
}

fn damage_stores(stores: u32) -> [u32; OUTCOMES.len()] {
    let scratch = child::scratch();
    let mut random = Random::new(8);
    let whole = make_stores(scratch.path(), &mut random);
    let mut outcomes = [0; OUTCOMES.len()];
    for n in 0..stores {
        let (source, made) = random.pick(&whole).clone();
        let other = random.pick(&whole).0.clone();
        let store = scratch.path().join("damaged");
        copy(&source, &store);
        let mut what = vec![damage(&store, &other, &mut random)];
        if random.one_in(8) {
            what.push(damage(&store, &other, &mut random));
        }
        let ended = Job::new("damage", &store.join("plan.ri")).number(0).numbers(&made).run();
        assert!(ended.is_ok(), "seed {}, store {n}, {what:?}: {}", seed(), ended.why());
        for (count, outcome) in outcomes.iter_mut().zip(OUTCOMES) {
            *count += u32::from(ended.out.contains(&format!("outcome: {outcome}")));
        }
        fs::remove_dir_all(&store).unwrap();
    }
    outcomes
}

#[test]
fn damaged_files_are_an_error_or_make_no_difference() {
    let outcomes = damage_stores(30);
    assert!(outcomes.iter().take(3).all(|count| *count > 0), "{OUTCOMES:?}: {outcomes:?}");
}

#[test]
#[ignore = "the full tier: minutes"]
fn full_damage() {
    println!(
        "of 1000 stores, by what came of them (one store can count twice): {OUTCOMES:?} {:?}",
        damage_stores(1_000)
    );
}
