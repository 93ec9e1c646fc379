//! Threads that keep the index: checkpoints, verifications, repairs, trims, backups, exports.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use responsibility_index::error::LogError;
use responsibility_index::{Details, Error, Index, OpenOptions};

use crate::common::{Home, Numbers};
use crate::run::Run;
use crate::world::check;
use crate::writers::commit_inside;

pub(crate) fn checkpoints(run: &Run, _: usize, numbers: &mut Numbers) {
    match numbers.below(4) {
        0 => run.index.flush().unwrap(),
        1 => {
            let stats = run.index.stats().unwrap();
            assert!(stats.horizon <= stats.revision && stats.checkpoint <= run.index.revision());
            assert_eq!(stats.troubles, [""; 0]);
        }
        _ => run.index.checkpoint().unwrap(),
    }
}

pub(crate) fn verifies(run: &Run, _: usize, numbers: &mut Numbers) {
    if numbers.one_in(8) {
        let repaired = run.index.repair().unwrap();
        assert!(repaired.restored.is_empty() && repaired.lost.is_empty(), "{repaired:?}");
    } else {
        assert_eq!(run.index.verify().unwrap(), []);
    }
}

/// Trims at a revision not long ago. Two threads do.
pub(crate) fn trims(run: &Run, _: usize, numbers: &mut Numbers) {
    let up_to = run.index.revision().saturating_sub(numbers.below(100) as u64);
    run.index.trim(up_to).unwrap();
    assert!(run.index.horizon().unwrap() <= run.index.revision());
    std::thread::sleep(Duration::from_millis(numbers.below(50) as u64));
}

/// Makes a backup and looks at it.
pub(crate) fn backups(run: &Run, _: usize, numbers: &mut Numbers) {
    let path = run.scratch.path().join("backup");
    let before = run.index.revision();
    let revision = run.index.backup(&path).unwrap();
    assert!((before..=run.index.revision()).contains(&revision));
    let options = if numbers.one_in(2) { OpenOptions::new().read_only(true) } else { OpenOptions::new() };
    let copy = options.open(&path).unwrap();
    assert_eq!(copy.revision(), revision);
    check(&copy.view(), true);
    assert_eq!(copy.verify().unwrap(), []);
    drop(copy);
    std::fs::remove_dir_all(&path).unwrap();
}

/// Exports to a writer that commits now and then, and imports it elsewhere.
pub(crate) fn exports(run: &Run, thread: usize, _: &mut Numbers) {
    let mut out = Commits { run, thread, lines: Vec::new(), writes: 0 };
    match run.index.export_jsonl(&mut out) {
        Ok(_) => {}
        // A trim was quicker than the export of an older view.
        Err(Error::Log(LogError::Trimmed { .. })) => return run.count("trimmed exports"),
        Err(other) => panic!("{other}"),
    }
    let copy = Index::in_memory();
    copy.import_jsonl(&mut out.lines.as_slice()).unwrap();
    check(&copy.view(), true);
}

/// A writer that commits and asks the index.
struct Commits<'r> {
    run: &'r Run,
    thread: usize,
    lines: Vec<u8>,
    writes: usize,
}

impl Write for Commits<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writes += 1;
        if self.writes.is_multiple_of(2000) {
            commit_inside(self.run, self.thread);
        }
        self.lines.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Runs both over and over while commits are made, for half a second.
fn while_committed(home: &Home, one: impl Fn(&Index, u64) + Sync, other: impl Fn(&Index, u64) + Sync) {
    let index = home.open(&OpenOptions::new()).unwrap();
    let until = Instant::now() + Duration::from_millis(500);
    let rounds = || (0..).take_while(|_| Instant::now() < until);
    std::thread::scope(|scope| {
        for act in [&one as &(dyn Fn(&Index, u64) + Sync), &other] {
            let (index, rounds) = (&index, &rounds);
            scope.spawn(move || rounds().for_each(|round| act(index, round)));
        }
        for n in rounds() {
            let task = format!("t/{}", n % 200);
            index.batch().assign(&task, ["A"]).set_details(&task, Details::titled(n.to_string())).commit().unwrap();
        }
    });
    assert_eq!(index.verify().unwrap(), []);
}

fn trim(index: &Index, round: u64) {
    index.trim(index.revision().saturating_sub(round % 3)).unwrap();
}

#[test]
fn trims_at_the_same_time_disturb_each_other_in_nothing() {
    [Home::memory(), Home::disk()].iter().for_each(|home| while_committed(home, trim, trim));
}

#[test]
fn a_verification_finds_nothing_while_the_past_is_trimmed() {
    let verify = |index: &Index, _| assert_eq!(index.verify().unwrap(), []);
    [Home::memory(), Home::disk()].iter().for_each(|home| while_committed(home, trim, verify));
}

#[test]
fn a_backup_is_whole_although_the_past_is_trimmed_meanwhile() {
    let scratch = tempfile::tempdir().unwrap();
    let backup = |index: &Index, round: u64| {
        let path = scratch.path().join(round.to_string());
        let revision = index.backup(&path).unwrap();
        let copy = OpenOptions::new().read_only(true).open(&path).unwrap();
        assert_eq!((copy.revision(), copy.verify().unwrap()), (revision, Vec::new()));
        std::fs::remove_dir_all(path).unwrap();
    };
    [Home::memory(), Home::disk()].iter().for_each(|home| while_committed(home, trim, backup));
}

#[test]
fn details_are_read_while_the_past_is_trimmed() {
    let kept = Details::titled("kept");
    let read = |index: &Index, round: u64| {
        if round == 0 {
            index.batch().assign("kept", ["A"]).set_details("kept", kept.clone()).commit().unwrap();
        }
        (0..100).for_each(|_| assert_eq!(index.view().details("kept").unwrap().as_ref(), Some(&kept)));
    };
    [Home::memory(), Home::disk()].iter().for_each(|home| while_committed(home, trim, read));
}
