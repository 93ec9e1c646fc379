//! Rounds, samples, medians, and figures of the system for files and memory. Knows no contender.

use std::collections::BTreeMap;
use std::fs;
use std::hint::black_box;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::pressure::Pressure;
use crate::result::Result;
use crate::row::Row;

/// Measured seconds or bytes: one value per row, contender and round.
#[derive(Default)]
pub(crate) struct Samples(BTreeMap<(Row, usize), Vec<f64>>);

impl Samples {
    pub(crate) fn add(&mut self, row: Row, contender: usize, value: f64) {
        self.0.entry((row, contender)).or_default().push(value);
    }

    pub(crate) fn median(&self, row: Row, contender: usize) -> Option<f64> {
        self.0.get(&(row, contender)).and_then(|values| median(values.clone()))
    }
}

pub(crate) fn median<T: PartialOrd + Copy>(mut values: Vec<T>) -> Option<T> {
    values.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
    values.get(values.len() / 2).copied()
}

/// Returns the least value that so many percent of all are not above.
pub(crate) fn percentile<T: PartialOrd + Copy>(mut values: Vec<T>, percent: usize) -> Option<T> {
    values.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
    values.get((values.len() * percent).div_ceil(100).saturating_sub(1)).copied()
}

/// Returns the order of the contenders in a round: over as many rounds as contenders each is first once.
pub(crate) fn turns(contenders: usize, round: usize) -> impl Iterator<Item = usize> {
    (0..contenders).map(move |turn| (turn + round) % contenders)
}

pub(crate) fn timed<T>(work: impl FnOnce() -> Result<T>) -> Result<(T, f64)> {
    let start = Instant::now();
    let result = work()?;
    Ok((result, start.elapsed().as_secs_f64()))
}

/// Returns the median time between two readings of the clock, which every time of a single call contains.
pub(crate) fn clock_cost() -> Duration {
    let looks = (0..100_001).map(|_| black_box(Instant::now()).elapsed()).collect();
    median(looks).unwrap_or_default()
}

/// Makes the system write out everything, so that no contender pays for the writes of another.
pub(crate) fn settle() -> Result<()> {
    let done = Command::new("sync").status()?;
    if done.success() { Ok(()) } else { Err("sync failed".into()) }
}

/// Returns the bytes that the files below a directory take on disk; holes are not counted.
pub(crate) fn bytes_on_disk(at: &Path) -> Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(at)? {
        let entry = entry?;
        let meta = entry.metadata()?;
        bytes += if meta.is_dir() { bytes_on_disk(&entry.path())? } else { meta.blocks() * 512 };
    }
    Ok(bytes)
}

/// The memory of this process in bytes: its own pages, and mapped pages of files.
#[derive(Clone, Copy)]
pub(crate) struct Resident {
    pub(crate) own: u64,
    pub(crate) mapped: u64,
}

pub(crate) fn resident() -> Result<Resident> {
    let status = fs::read_to_string("/proc/self/status")?;
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let kilobytes = line.and_then(|line| line.split_whitespace().next()).and_then(|word| word.parse::<u64>().ok());
        kilobytes.map(|kilobytes| kilobytes * 1024).ok_or_else(|| format!("no {name} in /proc/self/status"))
    };
    Ok(Resident { own: field("RssAnon:")?, mapped: field("RssFile:")? })
}

/// Returns the seconds that the threads of this process have had a processor. Those that have ended are left out.
pub(crate) fn processor_seconds() -> Result<f64> {
    let mut seconds = 0.0;
    for thread in fs::read_dir("/proc/self/task")? {
        let Ok(text) = fs::read_to_string(thread?.path().join("schedstat")) else { continue };
        let nanoseconds: f64 = text.split(' ').next().unwrap_or_default().parse()?;
        seconds += nanoseconds / 1e9;
    }
    Ok(seconds)
}

/// The machine that the figures were taken on.
pub(crate) struct Machine {
    pub(crate) lines: Vec<(&'static str, String)>,
}

impl Machine {
    pub(crate) fn new(scratch: &Path) -> Machine {
        let lines = vec![
            ("cpu", format!("{}, {} cores", first_field("/proc/cpuinfo", "model name"), cores())),
            ("memory", gigabytes(&first_field("/proc/meminfo", "MemTotal"))),
            ("kernel", read("/proc/sys/kernel/osrelease")),
            ("file system", file_system(scratch)),
            ("rustc", said("rustc", &["-V"])),
            ("date", said("date", &["-u", "+%Y-%m-%d %H:%M UTC"])),
            ("load before", load()),
        ];
        Machine { lines }
    }

    pub(crate) fn finished(&mut self, pressure: &Pressure) {
        self.lines.push(("load after", load()));
        self.lines.extend(pressure.facts());
    }
}

fn read(path: &str) -> String {
    fs::read_to_string(path).map_or_else(|_| "unknown".to_owned(), |text| text.trim().to_owned())
}

fn first_field(path: &str, name: &str) -> String {
    let text = read(path);
    let line = text.lines().find(|line| line.starts_with(name)).and_then(|line| line.split_once(':'));
    line.map_or_else(|| "unknown".to_owned(), |(_, value)| value.trim().to_owned())
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(0, std::num::NonZero::get)
}

fn gigabytes(kilobytes: &str) -> String {
    let number = kilobytes.split_whitespace().next().and_then(|word| word.parse::<f64>().ok());
    number.map_or_else(|| kilobytes.to_owned(), |kilobytes| format!("{:.1} GiB", kilobytes / f64::from(1 << 20)))
}

/// Load over one and over five minutes.
fn load() -> String {
    read("/proc/loadavg").split_whitespace().take(2).collect::<Vec<_>>().join(" ")
}

fn said(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    output.map_or_else(|_| "unknown".to_owned(), |output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The type of the file system that a path is on: the mount with the longest path above it.
fn file_system(at: &Path) -> String {
    let Ok(at) = at.canonicalize() else { return "unknown".to_owned() };
    let mounts = read("/proc/mounts");
    let above = mounts.lines().filter_map(|line| {
        let mut words = line.split(' ').skip(1);
        let (mount, kind) = (words.next()?, words.next()?);
        at.starts_with(mount).then_some((mount.len(), kind))
    });
    above.max_by_key(|(length, _)| *length).map_or_else(|| "unknown".to_owned(), |(_, kind)| kind.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_one_however_they_come() {
        assert_eq!(median(vec![5, 1, 9]), Some(5));
        assert_eq!(median(vec![2.0, 1.0, 3.0, 100.0]), Some(3.0));
        assert_eq!(median(Vec::<u8>::new()), None);
    }

    #[test]
    fn a_percentile_has_so_many_percent_at_or_below_it() {
        let values: Vec<u32> = (1..=200).rev().collect();
        assert_eq!(percentile(values.clone(), 99), Some(198));
        assert_eq!(percentile(values.clone(), 100), Some(200));
        assert_eq!(percentile(values, 1), Some(2));
        assert_eq!(percentile(Vec::<u32>::new(), 99), None);
    }

    #[test]
    fn work_takes_time_of_the_processor_and_sleep_takes_none() {
        let before = processor_seconds().unwrap();
        let begin = Instant::now();
        while begin.elapsed() < Duration::from_millis(100) {}
        assert!(processor_seconds().unwrap() > before);
    }

    #[test]
    fn in_as_many_rounds_as_contenders_each_is_first_once() {
        let mut first: Vec<usize> = (0..5).filter_map(|round| turns(5, round).next()).collect();
        first.sort_unstable();
        assert_eq!(first, [0, 1, 2, 3, 4]);
        assert_eq!(turns(3, 4).collect::<Vec<_>>(), [1, 2, 0]);
    }

    #[test]
    fn memory_that_is_touched_is_resident_and_own() {
        // Other tests of this process come and go, so only the least that must be there can be told.
        let block = black_box(vec![1_u8; 256 << 20]);
        let resident = resident().unwrap();
        assert!(resident.own >= 256 << 20 && resident.mapped > 0, "{}", resident.own);
        drop(block);
    }
}
