//! Limits of the system on one process: threads, memory, open files, sizes of files; from its start, or set while it
//! has an index open.

use std::os::linux::fs::MetadataExt;
use std::time::Duration;

use crate::child::Writing;
use crate::environment::{Extent, Home, Skipped, Tally, filled, quick, writes};
use crate::process::{Effect, Job, Process, Told, run};
use crate::steps::Size;

/// Enough commits that a checkpoint is due, and two bulk loads.
const WRITING: Writing = Writing::new(30);
const BEFORE: u64 = 15;

/// One limit of `prlimit`.
struct Limit {
    option: &'static str,
    /// Whether the system kills what passes it.
    kills: bool,
    /// The programs that start the process before its limit is set.
    under: Vec<String>,
    writing: Writing,
}

impl Limit {
    fn new(option: &'static str, extent: Extent) -> Limit {
        // So large that work is shared among threads.
        let large = Size { loaded: 20_000, text: 0 };
        let size = if extent == Extent::Full { large } else { Size::SMALL };
        Limit { option, kills: false, under: Vec::new(), writing: Writing { size, ..WRITING } }
    }

    fn job(&self, home: &Home, writing: &Writing) -> Job {
        let job = writes(&home.path(), writing).under(self.under.iter().map(String::as_str));
        // Where memory is short, a thread gets no arena, and glibc maps a page for each of its small pieces: for minutes.
        job.with("MALLOC_ARENA_MAX", "1")
    }

    /// The index is new, or has some commits.
    fn home(&self, has_commits: bool) -> (Home, Told) {
        let home = Home::new();
        let told = if has_commits { filled(&home.path(), BEFORE, self.writing.size) } else { Told::default() };
        if !self.under.is_empty() {
            run("chmod", ["-R", "a+rwX", home.directory().to_str().unwrap()]).unwrap();
        }
        (home, told)
    }

    /// A process that has the limit from its start.
    fn set_from_the_start(&self, tally: &mut Tally, most: u64, has_commits: bool) {
        let (home, told) = self.home(has_commits);
        let option = format!("{}={most}:{most}", self.option);
        let ended = self.job(&home, &self.writing).under(["prlimit", &option]).start().knowing(&told).end();
        let what = format!("{option} from the start, index with {} commits", told.acknowledged);
        tally.take(&what, &ended, self.kills, &home.path(), self.writing.size);
    }

    /// A process that gets the limit while it writes. `most` sees the process.
    fn set_while_open(&self, tally: &mut Tally, most: impl Fn(&Process) -> u64) {
        let (home, told) = self.home(true);
        let writing = Writing { pace: 2, ..self.writing };
        let mut process = self.job(&home, &writing).start().knowing(&told);
        assert!(process.wait_until(|told| told.acknowledged >= BEFORE + 3), "{:?}", process.told);
        let most = most(&process);
        let option = format!("{}={most}:{most}", self.option);
        let words = ["prlimit", "--pid", &process.id(), &option].map(str::to_owned);
        let words: Vec<String> = self.under.iter().cloned().chain(words).collect();
        run(&words[0], words[1..].iter().map(String::as_str)).unwrap();
        let ended = process.end();
        tally.take(&format!("{option} while open"), &ended, self.kills, &home.path(), self.writing.size);
    }
}

fn need(program: &str) -> Result<(), Skipped> {
    run(program, ["--version"]).map(drop)
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").unwrap().st_uid() == 0
}

/// A limit of threads counts all of a user's, and none of root's. So the process runs as a user that nobody else is.
pub(crate) fn threads(extent: Extent) -> Result<Tally, Skipped> {
    need("prlimit")?;
    let mut limit = Limit::new("--nproc", extent);
    let mut tally = Tally::default();
    // This user may have any number of threads already.
    let mut most: Vec<u64> = vec![1];
    if is_root() {
        need("setpriv")?;
        let user = (100_000 + std::process::id()).to_string();
        limit.under = ["setpriv", "--reuid", &user, "--regid", &user, "--clear-groups"].map(str::to_owned).to_vec();
        let (home, told) = limit.home(false);
        let ended = limit.job(&home, &limit.writing).start().knowing(&told).end();
        if ended.effect(false)? != Effect::None {
            return Err(format!("another user can't run this program: {}", ended.errors));
        }
        most = if extent == Extent::Full { (1..=9).collect() } else { vec![1, 2] };
    }
    for most in most {
        let has_commits: &[bool] = if extent == Extent::Full { &[false, true] } else { &[true] };
        has_commits.iter().for_each(|has_commits| limit.set_from_the_start(&mut tally, most, *has_commits));
    }
    limit.set_while_open(&mut tally, |_| 1);
    Ok(tally.has_harmed())
}

pub(crate) fn memory(extent: Extent) -> Result<Tally, Skipped> {
    need("prlimit")?;
    let mut limit = Limit { kills: true, ..Limit::new("--as", extent) };
    limit.writing.size.loaded = if extent == Extent::Full { 50_000 } else { 5_000 };
    let mut tally = Tally::default();
    let megabytes: Vec<u64> =
        if extent == Extent::Full { (2..=40).map(|n| n * 8).chain([400, 600, 800]).collect() } else { vec![120] };
    for most in megabytes {
        limit.set_from_the_start(&mut tally, most << 20, most.is_multiple_of(16));
    }
    let more: &[u64] = if extent == Extent::Full { &[0, 1, 2, 4, 8, 16, 32, 64, 128] } else { &[1] };
    for more in more {
        limit.set_while_open(&mut tally, |process| mapped(process) + (more << 20));
    }
    Ok(tally.has_harmed())
}

/// The bytes of address space that a process has.
fn mapped(process: &Process) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmSize:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10
}

pub(crate) fn files(extent: Extent) -> Result<Tally, Skipped> {
    need("prlimit")?;
    let mut limit = Limit::new("--nofile", extent);
    let mut tally = Tally::default();
    let most: Vec<u64> = if extent == Extent::Full { (4..=26).collect() } else { vec![6, 9, 12] };
    for most in most {
        let has_commits: &[bool] = if extent == Extent::Full { &[false, true] } else { &[true] };
        has_commits.iter().for_each(|has_commits| limit.set_from_the_start(&mut tally, most, *has_commits));
    }
    limit.set_while_open(&mut tally, |_| 3);
    if extent == Extent::Full {
        // The log needs another file.
        limit.writing = Writing { size: Size { text: 900_000, ..Size::SMALL }, ..Writing::new(120) };
        limit.set_while_open(&mut tally, |_| 3);
    }
    Ok(tally.has_harmed())
}

/// What passes the limit is killed by SIGXFSZ, unless the process ignores that: then the write fails.
pub(crate) fn file_size(extent: Extent) -> Result<Tally, Skipped> {
    need("prlimit")?;
    let mut tally = Tally::default();
    for kills in [true, false] {
        let mut limit = Limit { kills, ..Limit::new("--fsize", extent) };
        limit.writing.size.text = 20_000;
        if !kills {
            limit.under = ["sh", "-c", "trap '' XFSZ; exec \"$@\"", "sh"].map(str::to_owned).to_vec();
        }
        let kilobytes: Vec<u64> =
            if extent == Extent::Full { (0..=12).map(|n| (1 << n) >> 1).collect() } else { vec![0, 128] };
        for most in &kilobytes {
            limit.set_from_the_start(&mut tally, most << 10, *most != 1);
            if extent == Extent::Full {
                limit.set_while_open(&mut tally, |_| most << 10);
            }
        }
    }
    Ok(tally.has_harmed())
}

#[test]
fn no_thread_to_be_had_is_an_error_or_costs_only_checkpoints() {
    quick(threads);
}

#[test]
fn little_memory_loses_nothing_acknowledged() {
    quick(memory);
}

#[test]
fn few_open_files_are_an_error_and_lose_nothing_acknowledged() {
    quick(files);
}

#[test]
fn a_limit_of_file_sizes_loses_nothing_acknowledged() {
    quick(file_size);
}

/// Otherwise no test here would notice a hang.
#[test]
fn a_process_that_hangs_is_ended_and_blamed() {
    let home = Home::new();
    let ended = Job::new("hang", &home.path()).within(Duration::from_millis(300)).run();
    assert!(ended.effect(true).unwrap_err().contains("did not end in time"));
}
