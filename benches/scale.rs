//! Cost against size in doubling steps, so that a square shows: its cost grows fourfold where the size doubles.
//!
//! `cargo bench --bench scale` takes about a minute; `cargo bench --bench scale -- late-keys` only the rows whose name
//! begins so. Each line of the table is one operation at one size, with the factor from half the size. An operation that
//! does not depend on the size has 1, a linear one 2. A factor above 3 is marked: if it comes again, something is a
//! square. A cost is the mean of some calls, or that of one long call.

#![allow(clippy::unwrap_used, reason = "a benchmark stops at the first thing that goes wrong")]

#[path = "common/clock.rs"]
mod clock;

use std::fmt;
use std::fs;
use std::hint::black_box;
use std::io::{self, BufReader, Read};
use std::process::Command;
use std::time::Duration;

use clock::Clock;
use responsibility_index::{Details, Durability, Index, OpenOptions, Role, TaskSet, UnitKind};

const CHILD: &str = "SCALE_LINE_OF_A_CHILD";
const ROUNDS: usize = 101;
/// From here on a factor between neighbours is marked.
const SQUARE: f64 = 3.0;
/// The most aliases that a unit can have, and the most units of a task, are a little more.
const ALIASES: [usize; 4] = [127, 254, 508, 1_016];
const UNITS_OF_A_TASK: [usize; 4] = [511, 1_022, 2_044, 4_088];
const UNITS: [usize; 4] = [25_000, 50_000, 100_000, 200_000];
const KEYS: [usize; 4] = [12_500, 25_000, 50_000, 100_000];

enum Cost {
    Time(Duration),
    Bytes(u64),
}

impl Cost {
    fn number(&self) -> f64 {
        match self {
            Cost::Time(time) => time.as_secs_f64(),
            Cost::Bytes(bytes) => *bytes as f64,
        }
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Cost::Time(time) => format!("{:.1} us", time.as_secs_f64() * 1e6),
            Cost::Bytes(bytes) => format!("{:.1} kB", *bytes as f64 / 1e3),
        };
        f.pad(&text)
    }
}

/// Prints the operations of the rows that were asked for.
struct Table {
    filter: Option<String>,
}

impl Table {
    fn row(&self, name: &str, operation: &str, sizes: &[usize], mut cost: impl FnMut(usize) -> Cost) {
        if self.filter.as_ref().is_some_and(|filter| !name.starts_with(filter.as_str())) {
            return;
        }
        let operation = format!("{name}: {operation}");
        let mut half: Option<Cost> = None;
        for size in sizes {
            let cost = cost(*size);
            let factor = half.map(|half| cost.number() / half.number());
            let text = factor.map_or(String::new(), |factor| format!("{factor:.2}"));
            let mark = if factor.is_some_and(|factor| factor > SQUARE) { "  a square?" } else { "" };
            println!("{operation:<58} {size:>10} {cost:>16} {text:>16}{mark}");
            half = Some(cost);
        }
    }
}

/// The mean time of a call, which gets the number of its round.
fn mean(rounds: usize, mut call: impl FnMut(usize)) -> Cost {
    let start = Clock::start();
    (0..rounds).for_each(&mut call);
    Cost::Time(start.elapsed() / rounds as u32)
}

/// The time of one call.
fn once(call: impl FnOnce()) -> Cost {
    let start = Clock::start();
    call();
    Cost::Time(start.elapsed())
}

/// An index in memory without checkpoints, which its commits would write now and then.
fn empty() -> Index {
    OpenOptions::new().checkpoint_after(usize::MAX).in_memory()
}

/// An index on disk, in a directory that goes with it.
struct OnDisk {
    scratch: tempfile::TempDir,
    index: Index,
}

impl OnDisk {
    fn new() -> OnDisk {
        let scratch = tempfile::tempdir().unwrap();
        let options = OpenOptions::new().durability(Durability::Lazy).checkpoint_after(usize::MAX);
        let index = options.open(scratch.path().join("scale.ri")).unwrap();
        OnDisk { scratch, index }
    }

    fn bytes(&self) -> Cost {
        Cost::Bytes(self.index.stats().unwrap().bytes_on_disk)
    }

    /// The time in which it opens from its log alone.
    fn open_again(self) -> Cost {
        let OnDisk { scratch, index } = self;
        drop(index);
        let path = scratch.path().join("scale.ri");
        once(|| drop(OpenOptions::new().read_only(true).open(path).unwrap()))
    }
}

fn kind(round: usize) -> UnitKind {
    if round.is_multiple_of(2) { UnitKind::Collective } else { UnitKind::Body }
}

fn add_aliases(index: &Index, aliases: usize) {
    let mut batch = index.batch();
    batch = batch.create_unit("unit", UnitKind::Body);
    for n in 0..aliases {
        batch = batch.add_alias("unit", format!("alias {n}"));
    }
    batch.commit().unwrap();
}

fn aliases(table: &Table) {
    let name = "aliases";
    table.row(name, "one kind, by aliases of the unit", &ALIASES, |size| {
        let index = empty();
        add_aliases(&index, size);
        mean(ROUNDS, |n| drop(index.batch().set_kind("unit", kind(n)).commit().unwrap()))
    });
    table.row(name, "a batch that adds them", &ALIASES, |size| mean(9, |_| add_aliases(&empty(), size)));
    table.row(name, "a batch of 500 given and taken back, by aliases", &ALIASES, |size| {
        let index = empty();
        add_aliases(&index, size);
        mean(9, |_| {
            let mut batch = index.batch();
            for _ in 0..500 {
                batch = batch.add_alias("unit", "another").remove_alias("unit", "another");
            }
            drop(batch.commit().unwrap());
        })
    });
    table.row(name, "opening a log with 300 kinds, by aliases", &ALIASES, |size| {
        let disk = OnDisk::new();
        add_aliases(&disk.index, size);
        (0..300).for_each(|n| drop(disk.index.batch().set_kind("unit", kind(n)).commit().unwrap()));
        disk.open_again()
    });
}

/// An index with so many units, each leading one task.
fn with_units(units: usize) -> Index {
    let index = empty();
    let mut load = index.bulk_load();
    (0..units).for_each(|n| load.add(&format!("task/{n}"), [format!("unit {n}")]).unwrap());
    load.commit().unwrap();
    index
}

fn unknown_names(table: &Table) {
    let name = "unknown-names";
    for length in [250, 8] {
        let unknown = "name".repeat(length / 4);
        table.row(name, &format!("a question, {length} bytes, by units"), &UNITS, |size| {
            let index = with_units(size);
            mean(9, |_| drop(black_box(index.view().led_by(&unknown).unwrap_err())))
        });
        table.row(name, &format!("a refused edit, {length} bytes, by units"), &UNITS, |size| {
            let index = with_units(size);
            mean(9, |_| drop(black_box(index.batch().add_alias(&unknown, "alias").commit().unwrap_err())))
        });
    }
}

/// An index with so many tasks, each key before all keys that came before it, led by one unit.
fn with_late_keys(keys: usize) -> Index {
    let index = empty();
    let mut batch = index.batch();
    for n in (0..keys).rev() {
        batch = batch.assign(format!("task/{n}"), ["unit"]);
        if batch.len() == 1_000 {
            batch.commit().unwrap();
            batch = index.batch();
        }
    }
    batch.commit().unwrap();
    index
}

fn all_pages(set: &TaskSet) -> usize {
    let (mut last, mut seen) = (String::new(), 0);
    loop {
        let page: Vec<&str> = set.keys_after(&last).take(100).collect();
        seen += page.len();
        match page.last() {
            Some(key) => last = (*key).to_owned(),
            None => return seen,
        }
    }
}

fn late_keys(table: &Table) {
    let name = "late-keys";
    table.row(name, "the first key of a set, by late keys", &KEYS, |size| {
        let set = with_late_keys(size).view().led_by("unit").unwrap();
        mean(ROUNDS, |_| assert!(black_box(set.keys().next()).is_some()))
    });
    table.row(name, "all pages of 100", &KEYS, |size| {
        let set = with_late_keys(size).view().led_by("unit").unwrap();
        once(|| assert_eq!(all_pages(&set), size))
    });
    table.row(name, "tasks below a prefix, by late keys", &KEYS, |size| {
        let index = with_late_keys(size);
        mean(ROUNDS, |_| drop(black_box(index.view().under("task/12"))))
    });
    table.row(name, "a late key after them", &KEYS, |size| {
        let index = with_late_keys(size);
        mean(ROUNDS, |n| drop(index.assign(&format!("s/{}", ROUNDS - n), ["unit"]).unwrap()))
    });
}

fn details(n: usize) -> Details {
    Details::titled(format!("title {n}")).text("x".repeat(20_000))
}

/// An index on disk, in which the details of one task were replaced so many times.
fn with_replaced_details(times: usize) -> OnDisk {
    let disk = OnDisk::new();
    disk.index.assign("task", ["unit"]).unwrap();
    (0..times).for_each(|n| drop(disk.index.batch().set_details("task", details(n)).commit().unwrap()));
    disk
}

/// Two assignments that are never the same one after the other.
fn pair(n: usize) -> [&'static str; 2] {
    if n.is_multiple_of(2) { ["a", "b"] } else { ["b", "a"] }
}

/// An index on disk with so many small commits.
fn with_commits(commits: usize) -> OnDisk {
    const TASKS: usize = 1_000;
    let disk = OnDisk::new();
    for n in 0..commits {
        disk.index.assign(&format!("task/{}", n % TASKS), pair(n / TASKS)).unwrap();
    }
    disk
}

fn history(table: &Table) {
    let name = "history";
    // A trim leaves what is in the newest file, up to 64 MiB.
    let times = [4_500, 9_000, 18_000];
    table.row(name, "on disk after details of 20 kB were replaced", &times, |size| with_replaced_details(size).bytes());
    table.row(name, "the same after a trim", &times, |size| {
        let disk = with_replaced_details(size);
        disk.index.trim(disk.index.revision()).unwrap();
        disk.bytes()
    });
    table.row(name, "the trim, by replaced details", &times, |size| {
        let disk = with_replaced_details(size);
        once(|| disk.index.trim(disk.index.revision()).unwrap())
    });
    let commits = [10_000, 20_000, 40_000, 80_000];
    table.row(name, "a lazy commit, by commits of the log", &commits, |size| {
        let disk = with_commits(size);
        mean(ROUNDS, |n| drop(disk.index.assign("another", pair(n)).unwrap()))
    });
    table.row(name, "a verification, by commits of the log", &commits, |size| {
        let disk = with_commits(size);
        once(|| assert!(disk.index.verify().unwrap().is_empty()))
    });
    table.row(name, "in memory after keys were assigned and forgotten", &commits, |size| {
        let index = empty();
        for n in 0..size {
            index.assign(&format!("task/{n}"), ["unit"]).unwrap();
            index.remove(&format!("task/{n}")).unwrap();
        }
        Cost::Bytes(index.stats().unwrap().bytes_in_memory as u64)
    });
    table.row(name, "aliases given and taken back, a commit each", &commits, |size| {
        let index = empty();
        index.batch().create_unit("unit", UnitKind::Body).commit().unwrap();
        once(|| {
            for n in 0..size {
                index.batch().add_alias("unit", format!("alias {n}")).commit().unwrap();
                index.batch().remove_alias("unit", format!("alias {n}")).commit().unwrap();
            }
        })
    });
}

fn units(table: &Table) {
    let name = "units";
    table.row(name, "one alias, by units of the index", &UNITS, |size| {
        let index = with_units(size);
        mean(ROUNDS, |n| {
            index.batch().add_alias(format!("unit {}", n * size / ROUNDS), format!("alias {n}")).commit().unwrap();
        })
    });
    table.row(name, "one reassignment, by units of the index", &UNITS, |size| {
        let index = with_units(size);
        mean(ROUNDS, |n| {
            index.batch().set_lead("task/1", format!("unit {}", n * 7_919 % size), None).commit().unwrap();
        })
    });
    table.row(name, "a batch of new units", &UNITS, |size| {
        let index = empty();
        let mut batch = index.batch();
        for n in 0..size {
            batch = batch.create_unit(format!("unit {n}"), UnitKind::Body);
        }
        once(|| drop(batch.commit().unwrap()))
    });
    table.row(name, "one more supporting unit, by units of the task", &UNITS_OF_A_TASK, |size| {
        let index = empty();
        index.assign("task", (0..size).map(|n| format!("unit {n}"))).unwrap();
        mean(7, |n| drop(index.batch().add("task", format!("another {n}"), Role::Support).commit().unwrap()))
    });
    table.row(name, "opening a log with 100 moves, by units of the task", &UNITS_OF_A_TASK, |size| {
        let disk = OnDisk::new();
        disk.index.assign("task", (0..size).map(|n| format!("unit {n}"))).unwrap();
        (0..100).for_each(|n| drop(disk.index.batch().move_to("task", "unit 5", 4 + n % 2 * 2).commit().unwrap()));
        disk.open_again()
    });
    table.row(name, "supporting units of a task, one batch", &UNITS_OF_A_TASK, |size| {
        let index = empty();
        index.assign("task", ["lead"]).unwrap();
        let mut batch = index.batch();
        for n in 0..size {
            batch = batch.add("task", format!("unit {n}"), Role::Support);
        }
        once(|| drop(batch.commit().unwrap()))
    });
    table.row(name, "compacting, by tasks", &UNITS, |size| {
        let index = with_units(size);
        once(|| index.compact().unwrap())
    });
}

/// A text again and again, so that the import has the only copy of the line.
struct Again {
    text: &'static [u8],
    at: usize,
}

impl Read for Again {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        for (byte, text) in buffer.iter_mut().zip(self.text.iter().cycle().skip(self.at % self.text.len())) {
            *byte = *text;
        }
        self.at += buffer.len();
        Ok(buffer.len())
    }
}

/// How a long line begins, and what it repeats.
const LINES: [(&str, &str, &str); 3] = [
    ("numbers", "", "1,"),
    ("units of a task", r#"{"task":"t","lead":"a","supporting":["#, "\"x\","),
    ("fields of details", r#"{"task":"t","details":{"fields":{"#, "\"x\":\"\","),
];

fn import(begins: &str, repeats: &'static str, bytes: usize) {
    let before = format!("{{\"format\":\"responsibility-index\",\"version\":1}}\n{begins}");
    let long = Again { text: repeats.as_bytes(), at: 0 }.take(bytes as u64);
    let mut lines = BufReader::new(before.as_bytes().chain(long));
    drop(black_box(empty().import_jsonl(&mut lines).unwrap_err()));
}

/// The most memory that a process of its own has at once while it imports such a line; `None` where the system has no such
/// figure.
fn peak(line: usize, bytes: usize) -> Option<Cost> {
    let this = std::env::current_exe().ok()?;
    let child = Command::new(this).env(CHILD, format!("{line} {bytes}")).output().ok()?;
    String::from_utf8_lossy(&child.stdout).trim().parse().ok().map(Cost::Bytes)
}

/// What that process does.
fn import_and_say_peak(numbers: &str) {
    let (line, bytes) = numbers.split_once(' ').unwrap();
    let (_, begins, repeats) = LINES.get(line.parse::<usize>().unwrap()).unwrap();
    import(begins, repeats, bytes.parse().unwrap());
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
    if let Some(kib) = peak.and_then(|kib| kib.parse::<u64>().ok()) {
        println!("{}", kib << 10);
    }
}

fn long_line(table: &Table) {
    let name = "long-line";
    let bytes = [7_500_000, 15_000_000, 30_000_000, 60_000_000];
    for (line, (what, begins, repeats)) in LINES.iter().enumerate() {
        table.row(name, &format!("reading one of {what}"), &bytes, |size| once(|| import(begins, repeats, size)));
        if peak(line, 1).is_some() {
            let operation = format!("a process that reads one of {what}");
            table.row(name, &operation, &bytes, |size| peak(line, size).unwrap());
        }
    }
}

fn main() {
    if let Ok(numbers) = std::env::var(CHILD) {
        return import_and_say_peak(&numbers);
    }
    // Cargo adds `--bench`.
    let table = Table { filter: std::env::args().skip(1).find(|word| !word.starts_with("--")) };
    println!("{:<58} {:>10} {:>16} {:>16}", "row", "size", "cost", "to the half size");
    aliases(&table);
    unknown_names(&table);
    late_keys(&table);
    history(&table);
    units(&table);
    long_line(&table);
}
