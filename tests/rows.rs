//! Rows that are damaged or gone: the log has everything, so no opening fails, no answer is wrong or missing, and every
//! damaged row is named. And the rows alone, without the log, have every assignment in both directions.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops at the first failure")]

mod common;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use common::{Numbers, keys};
use responsibility_index::testing::{self, MemoryHome};
use responsibility_index::verify::Disagreement;
use responsibility_index::{Details, Index, OpenOptions, UnitKind, View};

/// Three blocks of tasks, and several rows of units and of posting lists: units with and without tasks, aliases, details,
/// keys out of order, an unassigned task.
fn fill(index: &Index) {
    let mut load = index.bulk_load();
    let mut numbers = Numbers::new(7);
    let mut units: Vec<String> = (0..40).map(|n| format!("unit {n}")).collect();
    units.extend((0..40).map(|n| format!("{n} {}", "with a long name ".repeat(10).trim_end())));
    for n in 1..=600 {
        let first = numbers.below(80);
        let named = (0..10).map(|place| &units[(first + place * (1 + n % 7)) % 80]);
        load.add(&format!("plan/{}/{n}", "k".repeat(25 * (n % 3))), named).unwrap();
    }
    load.commit().unwrap();
    index.batch().add_alias("unit 3", "three").commit().unwrap();
    index.batch().create_unit("the joint conference", UnitKind::Collective).commit().unwrap();
    index.batch().set_details("plan//3", Details::titled("three")).commit().unwrap();
    index.assign("plan//6", ["unit 8", "unit 1", "three"]).unwrap();
    index.assign("late/1", ["unit 2"]).unwrap();
    index.batch().rename_unit("unit 4", "the fourth unit").commit().unwrap();
    index.remove("plan//9").unwrap();
}

fn fill_more(index: &Index) {
    index.assign("late/2", ["unit 3", "unit 2", "a new unit"]).unwrap();
    index.remove("plan//12").unwrap();
}

fn exported(index: &Index) -> String {
    let mut lines = Vec::new();
    index.export_jsonl(&mut lines).unwrap();
    String::from_utf8(lines).unwrap()
}

fn open(home: &MemoryHome) -> Index {
    home.open(&OpenOptions::new()).unwrap()
}

/// A home whose rows are a checkpoint of everything, or one that commits came after; with its export.
fn filled(entries_after: bool) -> (MemoryHome, String) {
    let home = MemoryHome::new();
    let index = open(&home);
    fill(&index);
    if !entries_after {
        fill_more(&index);
    }
    index.checkpoint().unwrap();
    if entries_after {
        fill_more(&index);
    }
    let left = home.after_power_loss().unwrap();
    for tag in *b"tup" {
        assert!(
            left.rows().iter().filter(|(key, _)| key[0] == tag).count() > 1,
            "there is another row to be exchanged"
        );
    }
    (left, exported(&index))
}

/// The name of a row in findings.
fn name_of(key: &[u8]) -> String {
    let part = u16::from_be_bytes(key[key.len() - 2..].try_into().unwrap());
    let number = || u32::from_be_bytes(key[9..13].try_into().unwrap());
    let row = match key[0] {
        b'h' => "header".to_owned(),
        b't' => format!("task block {}", number()),
        b'p' => format!("postings from list {} on", number()),
        b'u' => format!("units from {} on", number()),
        other => panic!("a row of kind {other}"),
    };
    if part > 0 { format!("{row}, part {part}") } else { row }
}

type Row = (Vec<u8>, Vec<u8>);

/// What can become of a row: flipped bits in four places, cut, empty, gone, the value of another one of its kind, noise.
fn damages(rows: &[Row], key: &[u8], value: &[u8]) -> Vec<Option<Vec<u8>>> {
    let flipped = [0, 3, value.len() / 2, value.len() - 1].map(|at| {
        let mut value = value.to_vec();
        value[at] ^= 0x10;
        Some(value)
    });
    let other = rows.iter().find(|(other, _)| other[0] == key[0] && other != key).map(|(_, value)| value.clone());
    let others = [Some(value[..value.len() - 1].to_vec()), Some(Vec::new()), None, Some(vec![9; 30])];
    flipped.into_iter().chain(others).chain(other.map(Some)).collect()
}

fn names(found: &[Disagreement], row: &str) -> bool {
    found.iter().any(|found| found.key == row || found.key.starts_with(&format!("{row} (")))
}

#[test]
fn an_index_opens_with_every_answer_whatever_became_of_a_row_and_says_so() {
    for entries_after in [false, true] {
        let (home, expected) = filled(entries_after);
        let rows = home.rows();
        for (place, (key, value)) in rows.iter().enumerate() {
            let damages = damages(&rows, key, value);
            // One damage of each row is also repaired, which takes longer.
            let repaired = place % damages.len();
            for (number, damage) in damages.into_iter().enumerate() {
                let copy = home.after_power_loss().unwrap();
                copy.tamper(key, damage.clone());
                let index = open(&copy);
                assert!(exported(&index) == expected, "{}: {damage:02x?}", name_of(key));
                let troubles = index.stats().unwrap().troubles;
                let is_told = || !troubles.is_empty() || names(&index.verify().unwrap(), &name_of(key));
                assert!(is_told(), "{}: {damage:02x?}", name_of(key));
                if number != repaired {
                    continue;
                }
                let repair = index.repair().unwrap();
                assert_eq!((repair.lost, index.verify().unwrap()), (vec![], vec![]));
                drop(index);
                let index = open(&copy);
                assert_eq!((index.stats().unwrap().troubles, index.verify().unwrap()), (vec![], vec![]));
                assert!(exported(&index) == expected);
            }
        }
    }
}

#[test]
fn an_index_whose_rows_are_all_gone_or_foreign_opens_with_every_answer() {
    let (home, expected) = filled(true);
    let other = MemoryHome::new();
    let index = open(&other);
    index.assign("another/1", ["another unit"]).unwrap();
    index.checkpoint().unwrap();
    for rows in [Vec::new(), vec![(b"neither".to_vec(), b"nor".to_vec())]] {
        home.remove_rows();
        rows.into_iter().for_each(|(key, value): Row| home.tamper(&key, Some(value)));
        let index = open(&home);
        assert!(exported(&index) == expected);
        assert!(!index.stats().unwrap().troubles.is_empty());
    }
}

/// An open index with a checkpoint of everything.
fn opened() -> (MemoryHome, Index, String) {
    let home = MemoryHome::new();
    let index = open(&home);
    fill(&index);
    fill_more(&index);
    index.checkpoint().unwrap();
    assert_eq!(index.verify().unwrap(), []);
    let expected = exported(&index);
    (home, index, expected)
}

#[test]
fn verify_names_each_row_that_was_damaged_while_the_index_is_open_and_repair_mends_it() {
    let (home, index, expected) = opened();
    for place in 0..home.rows().len() {
        for number in [place, place + 3, place + 6] {
            // A repair writes all rows again, under other keys.
            let rows = home.rows();
            let (key, value) = &rows[place];
            let damages = damages(&rows, key, value);
            let damage = damages[number % damages.len()].clone();
            home.tamper(key, damage);
            let found = index.verify().unwrap();
            assert!(names(&found, &name_of(key)), "{}: {found:?}", name_of(key));
            assert!(found.iter().all(|found| found.to_string().contains("every row can be read")), "{found:?}");
            assert!(exported(&index) == expected, "verify changes nothing");
            let repair = index.repair().unwrap();
            assert!(names(&repair.restored, &name_of(key)) && repair.lost.is_empty(), "{repair:?}");
            assert_eq!(index.verify().unwrap(), []);
        }
    }
    assert_eq!(index.revision(), open(&home).revision(), "a repair is no commit");
}

#[test]
fn verify_names_every_damaged_row_and_not_only_the_first() {
    let (home, index, expected) = opened();
    let rows = home.rows();
    for (key, value) in &rows {
        home.tamper(key, damages(&rows, key, value).swap_remove(3));
    }
    let found = index.verify().unwrap();
    for (key, _) in &rows {
        assert!(names(&found, &name_of(key)), "{} is not among {found:?}", name_of(key));
    }
    let repair = index.repair().unwrap();
    assert_eq!((repair.restored, repair.lost), (found, vec![]));
    assert_eq!(index.verify().unwrap(), []);
    drop(index);
    assert!(exported(&open(&home)) == expected);
}

#[test]
fn a_repair_begins_the_rows_again_and_leaves_none_that_it_did_not_write() {
    let (home, index, expected) = opened();
    home.tamper(&[1], Some(vec![2, 3]));
    assert_eq!(index.verify().unwrap().len(), 1);
    assert_eq!(index.repair().unwrap().lost, []);
    assert!(home.rows().iter().all(|(key, _)| key[..] != [1]));
    assert_eq!((index.verify().unwrap(), exported(&index)), (vec![], expected));
}

/// Rows of a load that was cut off were outside the counts of the header, and neither `verify` nor a repair saw them.
#[test]
fn rows_that_the_header_does_not_count_are_found_and_repaired() {
    let (home, index, expected) = opened();
    for tag in *b"utp" {
        let (key, value) = home.rows().into_iter().rfind(|(key, _)| key[0] == tag).unwrap();
        let beyond = [&key[..9], &900_u32.to_be_bytes(), &[0, 0]].concat();
        home.tamper(&beyond, Some(value));
        let found = index.verify().unwrap();
        assert!(names(&found, &name_of(&beyond)), "{found:?}");
        assert_eq!(index.repair().unwrap().lost, []);
        assert_eq!(index.verify().unwrap(), []);
    }
    drop(index);
    assert!(exported(&open(&home)) == expected);
}

/// An index on disk, closed, with its export.
fn on_disk(path: &Path) -> String {
    let index = Index::open(path).unwrap();
    fill(&index);
    index.checkpoint().unwrap();
    fill_more(&index);
    exported(&index)
}

fn files_of_rows(path: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(path.join("rows")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.is_file());
    files.sort();
    files
}

fn names_of_files(files: &[PathBuf]) -> Vec<String> {
    files.iter().map(|file| file.file_name().unwrap().to_string_lossy().into_owned()).collect()
}

fn assert_opens(path: &Path, expected: &str, what: &str) {
    for _ in 0..2 {
        let index = Index::open(path).unwrap_or_else(|error| panic!("{what}: {error}"));
        assert!(exported(&index) == expected, "{what}");
        assert_eq!(index.verify().unwrap(), [], "{what}");
    }
}

#[test]
fn files_of_rows_that_are_gone_cut_or_overwritten_while_closed_lose_nothing() {
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("plan.ri");
    let expected = on_disk(&path);
    let count = files_of_rows(&path).len();
    assert!(count >= 2, "{:?}", files_of_rows(&path));
    for place in 0..count {
        for damage in ["gone", "cut", "empty", "noise", "flipped"] {
            let Some(file) = files_of_rows(&path).get(place).cloned() else { continue };
            let bytes = fs::read(&file).unwrap();
            match damage {
                "gone" => fs::remove_file(&file).unwrap(),
                "cut" => fs::write(&file, &bytes[..bytes.len() / 2]).unwrap(),
                "empty" => fs::write(&file, []).unwrap(),
                "noise" => fs::write(&file, vec![0xA5; bytes.len()]).unwrap(),
                _ => {
                    let flipped = bytes.iter().enumerate().map(|(at, byte)| byte ^ u8::from(at % 97 == 0));
                    fs::write(&file, flipped.collect::<Vec<_>>()).unwrap();
                }
            }
            assert_opens(&path, &expected, &format!("{file:?} {damage}"));
        }
    }
    fs::remove_dir_all(path.join("rows")).unwrap();
    let index = Index::open(&path).unwrap();
    assert_eq!(index.stats().unwrap().troubles, ["the rows are missing"]);
    drop(index);
    assert_opens(&path, &expected, "all gone");
}

#[test]
fn files_of_rows_that_are_removed_while_open_lose_nothing() {
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("plan.ri");
    on_disk(&path);
    let mut removals: Vec<Option<String>> = names_of_files(&files_of_rows(&path)).into_iter().map(Some).collect();
    removals.push(None);
    for (n, name) in removals.iter().enumerate() {
        let index = Index::open(&path).unwrap();
        match name {
            // Names of snapshots change.
            Some(name) => drop(fs::remove_file(path.join("rows").join(name))),
            None => fs::remove_dir_all(path.join("rows")).unwrap(),
        }
        index.assign(&format!("while open/{n}"), ["unit 1", "unit 2"]).unwrap();
        index.checkpoint().unwrap();
        // sled does not notice what became of its other files.
        if name.as_deref().is_none_or(|name| name == "db") {
            assert!(index.stats().unwrap().troubles.iter().any(|trouble| trouble.contains("were made again")));
            assert_eq!(index.verify().unwrap(), []);
            // The rows that could not be used are kept to be looked at.
            let aside = path.join("rows-set-aside");
            assert!(name.is_none() || fs::read_dir(aside).unwrap().count() > 1);
        }
        index.assign(&format!("after/{n}"), ["unit 1"]).unwrap();
        let expected = exported(&index);
        drop(index);
        assert_opens(&path, &expected, &format!("{name:?}"));
    }
}

#[test]
fn an_older_copy_of_the_rows_opens_with_everything() {
    let scratch = tempfile::tempdir().unwrap();
    let (path, old) = (scratch.path().join("plan.ri"), scratch.path().join("old"));
    on_disk(&path);
    fs::rename(path.join("rows"), &old).unwrap();
    let index = Index::open(&path).unwrap();
    for n in 0..300 {
        index.assign(&format!("plan/new/{n}"), ["unit 1", &format!("new unit {}", n % 9)]).unwrap();
    }
    index.batch().rename_unit("unit 1", "the first unit").commit().unwrap();
    let expected = exported(&index);
    drop(index);
    fs::remove_dir_all(path.join("rows")).unwrap();
    fs::rename(&old, path.join("rows")).unwrap();
    let index = Index::open(&path).unwrap();
    assert!(index.stats().unwrap().changes_since_checkpoint >= 300, "the old rows are used");
    drop(index);
    assert_opens(&path, &expected, "old rows");
}

#[test]
fn rows_of_another_index_are_set_aside() {
    let scratch = tempfile::tempdir().unwrap();
    let (path, other) = (scratch.path().join("plan.ri"), scratch.path().join("other.ri"));
    let expected = on_disk(&path);
    Index::open(&other).unwrap().assign("another/1", ["another unit"]).unwrap();
    fs::remove_dir_all(path.join("rows")).unwrap();
    fs::rename(other.join("rows"), path.join("rows")).unwrap();
    let index = Index::open(&path).unwrap();
    assert!(!index.stats().unwrap().troubles.is_empty());
    assert!(path.join("rows-set-aside").exists());
    drop(index);
    assert_opens(&path, &expected, "rows of another index");
}

/// Each task with its units by the rows of tasks, and each unit with its tasks by its own rows.
type Tasks = Vec<(String, Vec<String>)>;
type Units = Vec<(String, Vec<String>, Vec<String>)>;

fn both_directions(view: &View) -> (Tasks, Units) {
    let units_of =
        |key: &str| view.assignment(key).map(|assignment| keys(assignment.units().map(|(unit, _)| unit))).unwrap();
    let tasks = view.tasks().tasks().map(|task| (task.key().to_owned(), units_of(task.key()))).collect();
    let of_unit =
        |name: &str| (name.to_owned(), keys(&view.led_by(name).unwrap()), keys(&view.supported_by(name).unwrap()));
    (tasks, view.units().map(|unit| of_unit(unit.name())).collect())
}

/// Reads the rows with the log out of reach.
fn rows_alone(path: &Path) -> View {
    fs::rename(path.join("log"), path.join("log.aside")).unwrap();
    let view = testing::rows_alone(path).unwrap().unwrap();
    fs::rename(path.join("log.aside"), path.join("log")).unwrap();
    view
}

#[test]
fn the_rows_of_a_closed_index_alone_give_every_assignment_in_both_directions() {
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("plan.ri");
    let index = Index::open(&path).unwrap();
    fill(&index);
    fill_more(&index);
    let (expected, revision) = (both_directions(&index.view()), index.revision());
    drop(index);
    let view = rows_alone(&path);
    assert_eq!((both_directions(&view), view.revision()), (expected, revision));
    assert!(view.details("plan//3").is_err(), "details are in the log only");
}

const CHILD: &str = "INDEX_FILLED_BY_A_CHILD";

/// The entry of a child: fills an index, says so after a while, and waits to be killed.
#[test]
#[ignore = "part of other tests"]
fn child_that_fills_an_index() {
    let Ok(path) = std::env::var(CHILD) else { return };
    let index = Index::open(path).unwrap();
    fill(&index);
    fill_more(&index);
    std::thread::sleep(Duration::from_secs(3));
    println!("\nchild: filled");
    std::io::stdout().flush().unwrap();
    std::thread::sleep(Duration::from_secs(60));
}

#[test]
fn three_seconds_after_the_last_commit_a_killed_process_leaves_rows_that_alone_give_every_assignment() {
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("plan.ri");
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "child_that_fills_an_index", "--ignored", "--nocapture"]).env(CHILD, &path);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.map(|line| line.unwrap()).any(|line| line == "child: filled"));
    child.kill().unwrap();
    child.wait().unwrap();

    let memory = Index::in_memory();
    fill(&memory);
    fill_more(&memory);
    let view = rows_alone(&path);
    assert_eq!((both_directions(&view), view.revision()), (both_directions(&memory.view()), memory.revision()));
    let index = Index::open(&path).unwrap();
    assert_eq!((index.stats().unwrap().changes_since_checkpoint, index.verify().unwrap()), (0, vec![]));
    assert_eq!(exported(&index), exported(&memory));
}

/// A power failure took the only row of posting lists while no unit had a task yet: all lists are empty then, and the row
/// was not missed before a verification.
#[test]
fn posting_lists_are_missed_also_where_all_of_them_are_empty() {
    let home = MemoryHome::new();
    let index = home.open(&OpenOptions::new()).unwrap();
    index.batch().create_unit("A", UnitKind::Body).commit().unwrap();
    index.checkpoint().unwrap();
    let home = home.after_power_loss().unwrap();
    let postings: Vec<Vec<u8>> = home.rows().into_iter().map(|(key, _)| key).filter(|key| key[0] == b'p').collect();
    assert_eq!(postings.len(), 1);
    postings.iter().for_each(|key| home.tamper(key, None));
    let index = home.open(&OpenOptions::new()).unwrap();
    let troubles = index.stats().unwrap().troubles;
    assert!(troubles.iter().any(|trouble| trouble.contains("0 posting lists")), "{troubles:?}");
    assert_eq!(index.repair().unwrap().lost, []);
    assert_eq!(index.verify().unwrap().len(), 0);
}
