//! The environments, what became of the processes in them, and the check that follows each.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;
use std::time::Instant;

use crate::child::Writing;
use crate::process::{Effect, Ended, Job, Told};
use crate::steps::Size;
use crate::{clock, disk, fork, limits, places, stopped};

/// How many runs are made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Extent {
    /// A few, which take a second or two.
    Quick,
    Full,
}

/// Why a machine can't make an environment.
pub(crate) type Skipped = String;

/// One environment.
pub(crate) type Environment = (&'static str, fn(Extent) -> Result<Tally, Skipped>);

const ALL: [Environment; 12] = [
    ("no thread to be had", limits::threads),
    ("little memory", limits::memory),
    ("few open files", limits::files),
    ("a limit of file sizes", limits::file_size),
    ("a full disk", disk::full),
    ("a disk that is full for a while", disk::full_for_a_while),
    ("no file to be created", disk::no_more_names),
    ("a file system that is read-only", disk::read_only),
    ("a fork", fork::forks),
    ("another place", places::moves),
    ("a holder that is stopped", stopped::holder),
    ("a clock that is wrong", clock::wrong),
];

/// What became of the processes.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    runs: u64,
    unharmed: u64,
    refused: u64,
    killed: u64,
    not_started: u64,
    acknowledged: u64,
    notes: Vec<String>,
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Tally { runs, unharmed, refused, killed, not_started, acknowledged, notes } = self;
        write!(f, "{runs} runs: {unharmed} unharmed, {refused} refused, {killed} killed, {not_started} not started; ")?;
        write!(f, "{acknowledged} commits acknowledged, 0 lost")?;
        notes.iter().try_for_each(|note| write!(f, "; {note}"))
    }
}

impl Tally {
    /// Takes a process that ended, and checks its index under ordinary conditions.
    pub(crate) fn take(&mut self, what: &str, ended: &Ended, may_be_killed: bool, path: &Path, size: Size) {
        let effect = ended.effect(may_be_killed).unwrap_or_else(|why| panic!("{what}: {why}"));
        self.count(effect);
        self.acknowledged += check_after(what, &ended.told, path, size);
    }

    pub(crate) fn count(&mut self, effect: Effect) {
        self.runs += 1;
        *match effect {
            Effect::None => &mut self.unharmed,
            Effect::Refused => &mut self.refused,
            Effect::Killed => &mut self.killed,
            Effect::NotStarted => &mut self.not_started,
        } += 1;
    }

    pub(crate) fn note(&mut self, note: String) {
        self.notes.push(note);
    }

    /// Fails if the environment harmed no process: then it was none.
    pub(crate) fn has_harmed(self) -> Tally {
        assert!(self.refused + self.killed > 0, "nothing was hostile: {self}");
        self
    }

    /// The numbers, for a parent process.
    pub(crate) fn numbers(&self) -> String {
        let Tally { runs, unharmed, refused, killed, not_started, acknowledged, .. } = self;
        format!("{runs} {unharmed} {refused} {killed} {not_started} {acknowledged}")
    }

    pub(crate) fn of_numbers(numbers: &str) -> Tally {
        let numbers: Vec<u64> = numbers.split(' ').map(|number| number.parse().unwrap()).collect();
        let [runs, unharmed, refused, killed, not_started, acknowledged] = numbers[..] else { panic!("{numbers:?}") };
        Tally { runs, unharmed, refused, killed, not_started, acknowledged, notes: Vec::new() }
    }
}

/// Opens an index in a process under ordinary conditions, and holds it against what was told. Returns how many commits
/// it has.
pub(crate) fn check_after(what: &str, told: &Told, path: &Path, size: Size) -> u64 {
    let job = Job::new("check", path).number(told.acknowledged).number(told.tried).size(size);
    let ended = job.run();
    match ended.effect(false) {
        Ok(Effect::None) => ended.told.acknowledged,
        other => panic!("{what}, afterwards: {other:?}, {:?}, {:?}", ended.told, told),
    }
}

/// A directory of its own for an index.
pub(crate) struct Home {
    scratch: tempfile::TempDir,
}

impl Home {
    /// In memory where there is such a place, since syncs are many.
    pub(crate) fn new() -> Home {
        let memory = Path::new("/dev/shm");
        let scratch = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
        Home { scratch: scratch.unwrap() }
    }

    pub(crate) fn directory(&self) -> &Path {
        self.scratch.path()
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.scratch.path().join("plan.ri")
    }
}

/// The job that writes.
pub(crate) fn writes(path: &Path, writing: &Writing) -> Job {
    writing.numbers().into_iter().fold(Job::new("write", path), Job::number)
}

/// Writes some commits under ordinary conditions.
pub(crate) fn filled(path: &Path, commits: u64, size: Size) -> Told {
    let ended = writes(path, &Writing { size, ..Writing::new(commits) }).run();
    assert_eq!(ended.effect(false), Ok(Effect::None), "{ended:?}");
    Told::having(ended.told.acknowledged)
}

/// Runs one environment in part, and prints what became of it.
pub(crate) fn quick(run: fn(Extent) -> Result<Tally, Skipped>) {
    match run(Extent::Quick) {
        Ok(tally) => println!("{tally}"),
        Err(why) => println!("skipped: {why}"),
    }
}

/// Some of the processes only wait, so several environments are made at once.
#[test]
#[ignore = "the full tier: minutes"]
fn full_hostile() {
    const AT_ONCE: usize = 3;
    let left = Mutex::new(ALL.iter());
    thread::scope(|threads| {
        for _ in 0..AT_ONCE {
            threads.spawn(|| {
                while let Some((name, run)) = take(&left) {
                    let began = Instant::now();
                    match run(Extent::Full) {
                        Ok(tally) => println!("{name}: {tally}; {:.0} s", began.elapsed().as_secs_f64()),
                        Err(why) => println!("{name}: skipped: {why}"),
                    }
                }
            });
        }
    });
}

fn take<'e>(left: &Mutex<impl Iterator<Item = &'e Environment>>) -> Option<&'e Environment> {
    left.lock().unwrap().next()
}
