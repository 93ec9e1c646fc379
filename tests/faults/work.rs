//! What the harnesses do to an index, so simple that its whole state follows from how many steps each writer made:
//! whatever is found can be held against exactly what must be there.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::sync::Mutex;

use responsibility_index::{Details, Durability, Index, OpenOptions, Result, UnitKind, View};

/// Tasks that a writer uses in turn, each of them twice in one batch.
const SLOTS: u64 = 8;
/// Every so many steps a batch unassigns instead.
const UNASSIGN: u64 = 5;
/// Every so many steps a writer's clerk gets another name and kind.
const RENAME: u64 = 7;
/// Every so many steps the details are longer than a sector, and longer than a row of the checkpoint.
const LONG: u64 = 23;
/// The first writer writes a checkpoint each time after so many steps.
const CHECKPOINT: u64 = 11;
/// How many steps a writer of a lazy index makes before it asks for them to be durable.
const FLUSH: u64 = 20;
/// The first writer trims the log, and makes a backup, each time after so many steps.
const TRIM: u64 = 16;
const BACKUP: u64 = 30;

/// What writers do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Run {
    pub(crate) writers: u64,
    /// Of each writer, in each opening.
    pub(crate) steps: u64,
    /// How often the index is opened and closed.
    pub(crate) openings: u64,
    pub(crate) lazy: bool,
    /// The first writer loads so many tasks in bulk, so many times in a row, every so many steps.
    pub(crate) loaded: u64,
    pub(crate) loads: u64,
    pub(crate) load_every: u64,
    /// Whether the first writer makes backups next to the index. Only where it is alone.
    pub(crate) backups: bool,
    /// Megabytes of text with which each step fills the log, so that it gets further segments.
    pub(crate) fill: u64,
}

impl Run {
    pub(crate) const fn of(writers: u64, steps: u64) -> Run {
        let (openings, lazy, backups, fill) = (1, false, false, 0);
        Run { writers, steps, openings, lazy, loaded: 30, loads: 1, load_every: 37, backups, fill }
    }

    pub(crate) fn numbers(&self) -> Vec<u64> {
        let Run { writers, steps, openings, lazy, loaded, loads, load_every, backups, fill } = *self;
        vec![writers, steps, openings, lazy.into(), loaded, loads, load_every, backups.into(), fill]
    }

    /// Takes a run from the front of a list of numbers.
    pub(crate) fn take(numbers: &mut Vec<u64>) -> Run {
        let rest = numbers.split_off(9);
        let run = std::mem::replace(numbers, rest);
        Run {
            writers: run[0],
            steps: run[1],
            openings: run[2],
            lazy: run[3] == 1,
            loaded: run[4],
            loads: run[5],
            load_every: run[6],
            backups: run[7] == 1,
            fill: run[8],
        }
    }

    /// A number for each of the loads of a step, from 1 on; far ones share it.
    fn load_number(&self, n: u64, load: u64) -> u64 {
        (n * self.loads + load) % 50 + 1
    }
}

/// A number as an assignment: the unit of each of its digits.
pub(crate) fn digits(number: u64) -> Vec<String> {
    (0..6_u32).map(|place| format!("place {place} is {}", number / 10_u64.pow(place) % 10)).collect()
}

fn number<'u>(units: impl Iterator<Item = &'u str>) -> Result<u64, String> {
    let mut number = 0;
    for (place, unit) in units.enumerate() {
        let digit = unit.strip_prefix(&format!("place {place} is ")).and_then(|digit| digit.parse::<u64>().ok());
        number += digit.ok_or_else(|| format!("{unit} is no digit"))? * 10_u64.pow(place as u32);
    }
    Ok(number)
}

/// The units of a task that a load with this number assigns. No unit has more than 4,096 tasks of a load of 20,000: the
/// bitmaps that hold more are slow where debug assertions are on.
fn loaded_units(number: u64, task: u64) -> Vec<String> {
    vec![format!("load {number} part {}", task % 8), format!("part {}", task % 11), format!("place 9 is {}", task % 7)]
}

/// The number of the load that a view has, 0 for none.
fn load_of(view: &View) -> Result<u64, String> {
    let Some(task) = view.task("loaded/0") else { return Ok(0) };
    let number = task.lead().strip_prefix("load ").and_then(|lead| lead.strip_suffix(" part 0")?.parse().ok());
    number.ok_or_else(|| format!("{} is no part of a load", task.lead()))
}

pub(crate) fn options() -> OpenOptions {
    OpenOptions::new().checkpoint_after(40)
}

/// The number that a task is assigned to, 0 if it is not.
fn number_of(view: &View, task: &str) -> Result<u64, String> {
    let Some(task) = view.task(task) else { return Ok(0) };
    number(std::iter::once(task.lead()).chain(task.supporting()))
}

/// How many steps a writer has made.
pub(crate) fn steps(index: &Index, writer: u64) -> Result<u64, String> {
    number_of(&index.view(), &format!("w{writer}/steps"))
}

fn details(n: u64, fill: u64) -> Details {
    let long = if n.is_multiple_of(LONG) { 13_000 } else { n * 7_919 % 300 };
    let details = Details::titled(format!("step {n}")).text("x".repeat(long as usize));
    let fillers = (0..fill).map(|part| (format!("filler {part}"), "x".repeat(1_000_000)));
    fillers.fold(details, |details, (name, filler)| details.field(name, filler))
}

/// The name of a writer's clerk after so many renames.
fn clerk(writer: u64, renames: u64) -> String {
    format!("clerk {writer} by name {renames}")
}

fn kind(renames: u64) -> UnitKind {
    if renames.is_multiple_of(2) { UnitKind::Body } else { UnitKind::Collective }
}

/// Makes a writer's next step.
pub(crate) fn step(index: &Index, run: &Run, writer: u64, n: u64) -> Result<()> {
    if writer == 0 && n.is_multiple_of(run.load_every) {
        for load in 1..=run.loads {
            let number = run.load_number(n, load);
            let mut load = index.load();
            for task in 0..run.loaded {
                load.add(&format!("loaded/{task}"), loaded_units(number, task))?;
            }
            load.commit()?;
        }
    }
    let mut batch = index.batch();
    batch.assign(format!("w{writer}/steps"), digits(n)).set_details(format!("w{writer}/steps"), details(n, run.fill));
    for half in ["a", "b"] {
        let key = format!("w{writer}/{half}/{}", n % SLOTS);
        if n.is_multiple_of(UNASSIGN) {
            batch.unassign(key);
        } else {
            batch.assign(key.clone(), digits(n)).set_details(key, details(n, 0));
        }
    }
    let renames = n / RENAME;
    if n == 1 {
        batch.assign(format!("w{writer}/clerk"), [clerk(writer, 0)]);
    } else if n.is_multiple_of(RENAME) {
        batch
            .rename_unit(clerk(writer, renames - 1), clerk(writer, renames))
            .set_kind(clerk(writer, renames), kind(renames));
        if renames > 1 {
            batch.remove_alias(clerk(writer, renames), clerk(writer, renames - 2));
        }
    }
    batch.commit().map(drop)
}

/// Says something to the parent at once.
fn say(out: &Mutex<()>, line: &str) {
    let _lock = out.lock().unwrap();
    let mut stdout = std::io::stdout().lock();
    // The parent may have stopped listening.
    let _ = stdout.write_all(format!("{line}\n").as_bytes()).and_then(|()| stdout.flush());
}

/// Writes as a run says, and tells each step that is tried, done, and acknowledged as durable.
pub(crate) fn write(path: &Path, run: &Run) -> Result<()> {
    let out = &Mutex::new(());
    for _ in 0..run.openings {
        say(out, "opening");
        let durability = if run.lazy { Durability::Lazy } else { Durability::Synced };
        let index = &options().durability(durability).open(path)?;
        say(out, "opened");
        std::thread::scope(|threads| {
            let write = |writer| move || write_steps(path, index, run, writer, out);
            let running: Vec<_> = (0..run.writers).map(|writer| threads.spawn(write(writer))).collect();
            running.into_iter().try_for_each(|writer| writer.join().expect("a writer panicked"))
        })?;
        say(out, "closing");
    }
    Ok(())
}

fn write_steps(path: &Path, index: &Index, run: &Run, writer: u64, out: &Mutex<()>) -> Result<()> {
    let from = steps(index, writer).expect("a number");
    for n in from + 1..=from.saturating_add(run.steps) {
        say(out, &format!("try {writer} {n}"));
        step(index, run, writer, n)?;
        say(out, &format!("done {writer} {n}"));
        if run.lazy && n.is_multiple_of(FLUSH) {
            index.flush()?;
        }
        if !run.lazy || n.is_multiple_of(FLUSH) {
            say(out, &format!("ack {writer} {n}"));
        }
        if writer == 0 && n.is_multiple_of(CHECKPOINT) {
            say(out, "checkpoint begins");
            index.checkpoint()?;
            say(out, "checkpoint ends");
        }
        if writer == 0 && n.is_multiple_of(TRIM) {
            say(out, "trim begins");
            index.trim(index.revision().saturating_sub(n % 9))?;
            say(out, "trim ends");
        }
        if run.backups && n.is_multiple_of(BACKUP) {
            say(out, &format!("backup begins {n}"));
            index.backup(path.with_file_name(backup(n)))?;
            say(out, &format!("backup {n}"));
        }
    }
    Ok(())
}

/// The name of a backup after so many steps.
pub(crate) fn backup(n: u64) -> String {
    format!("backup-{n}")
}

/// What writers have told so far: of each one the last step.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    tried: Vec<u64>,
    done: Vec<u64>,
    durable: Vec<u64>,
    /// Backups that are complete, by the number of steps.
    pub(crate) backups: Vec<u64>,
}

/// Of each writer, how many steps must be there and how many may.
pub(crate) type Bounds = Vec<(u64, u64)>;

impl Told {
    /// Before the next opening of an index that has exactly this.
    pub(crate) fn having(steps: &[u64]) -> Told {
        Told { tried: steps.to_vec(), done: steps.to_vec(), durable: steps.to_vec(), backups: Vec::new() }
    }

    /// Takes one line of what [`write`] says.
    pub(crate) fn take(&mut self, line: &str) {
        let mut words = line.split(' ');
        let (what, numbers) = (words.next(), words.map_while(|word| word.parse::<u64>().ok()).collect::<Vec<_>>());
        let list = match what {
            Some("try") => &mut self.tried,
            Some("done") => &mut self.done,
            Some("ack") => &mut self.durable,
            Some("backup") => {
                self.backups.extend(numbers);
                return;
            }
            _ => return,
        };
        if let [writer, n] = numbers[..] {
            list.resize(list.len().max(writer as usize + 1), 0);
            list[writer as usize] = n;
        }
    }

    /// After the process was killed.
    pub(crate) fn after_kill(&self, run: &Run) -> Bounds {
        bounds(run, &self.done, &self.tried)
    }

    /// After the power failed.
    pub(crate) fn after_power_failure(&self, run: &Run) -> Bounds {
        bounds(run, &self.durable, &self.tried)
    }
}

fn bounds(run: &Run, least: &[u64], most: &[u64]) -> Bounds {
    let of = |list: &[u64], writer: u64| list.get(writer as usize).copied().unwrap_or_default();
    (0..run.writers).map(|writer| (of(least, writer), of(most, writer))).collect()
}

/// Holds an index against what must be there: so many steps of each writer, no batch in part, and nothing that
/// disagrees. Returns how many steps there are.
pub(crate) fn check(index: &Index, run: &Run, bounds: &Bounds) -> Result<Vec<u64>, String> {
    let made = check_view(index, run, bounds, true)?;
    match index.verify().map_err(|error| format!("verify: {error}"))?.first() {
        Some(finding) => Err(finding.to_string()),
        None => Ok(made),
    }
}

/// What a task must be.
struct Expected {
    units: Vec<String>,
    details: Option<Details>,
}

/// The same but for what a verification tells; without details where they may be lost.
pub(crate) fn check_view(index: &Index, run: &Run, bounds: &Bounds, with_details: bool) -> Result<Vec<u64>, String> {
    let view = index.view();
    let mut made = Vec::new();
    for (writer, (least, most)) in (0..).zip(bounds) {
        let n = number_of(&view, &format!("w{writer}/steps"))?;
        if !(*least..=*most).contains(&n) {
            return Err(format!("writer {writer} made {n} steps instead of {least} to {most}"));
        }
        made.push(n);
    }
    let mut expected = BTreeMap::new();
    for (writer, n) in (0..).zip(&made).filter(|(_, n)| **n > 0) {
        expect(&mut expected, run, writer, *n);
        check_clerk(&view, writer, *n / RENAME)?;
    }
    expect_loads(&mut expected, run, &view, made.first().copied().unwrap_or_default())?;
    check_tasks(&view, &expected, with_details)?;
    check_leads(&view, &expected)?;
    Ok(made)
}

/// The tasks of a writer after its first `made` steps.
fn expect(expected: &mut BTreeMap<String, Expected>, run: &Run, writer: u64, made: u64) {
    let mut put = |key: String, units, details| expected.insert(key, Expected { units, details });
    put(format!("w{writer}/steps"), digits(made), Some(details(made, run.fill)));
    put(format!("w{writer}/clerk"), vec![clerk(writer, made / RENAME)], None);
    for n in (1..=made).rev().take(SLOTS as usize).filter(|n| !n.is_multiple_of(UNASSIGN)) {
        for half in ["a", "b"] {
            put(format!("w{writer}/{half}/{}", n % SLOTS), digits(n), Some(details(n, 0)));
        }
    }
}

fn check_clerk(view: &View, writer: u64, renames: u64) -> Result<(), String> {
    let unit = view.unit(&clerk(writer, renames)).map_err(|error| error.to_string())?;
    let aliases: Vec<&str> = unit.aliases().collect();
    let former: Vec<String> = renames.checked_sub(1).map(|before| clerk(writer, before)).into_iter().collect();
    if unit.name() != clerk(writer, renames) || aliases != former || unit.kind() != kind(renames) {
        return Err(format!("after {renames} renames there is {unit:?}, {:?}, with {aliases:?}", unit.kind()));
    }
    Ok(())
}

/// The loaded tasks. A load comes before the step of its number, so it may be there without it.
fn expect_loads(expected: &mut BTreeMap<String, Expected>, run: &Run, view: &View, made: u64) -> Result<(), String> {
    if run.writers == 0 {
        return Ok(());
    }
    let before = made / run.load_every * run.load_every;
    let mut may = vec![if before == 0 { 0 } else { run.load_number(before, run.loads) }];
    if (made + 1).is_multiple_of(run.load_every) {
        may.extend((1..=run.loads).map(|load| run.load_number(made + 1, load)));
    }
    let found = load_of(view)?;
    if !may.contains(&found) {
        return Err(format!("after {made} steps load {found} is there instead of one of {may:?}"));
    }
    let tasks = if found == 0 { 0 } else { run.loaded };
    let of = |task: u64| (format!("loaded/{task}"), Expected { units: loaded_units(found, task), details: None });
    expected.extend((0..tasks).map(of));
    Ok(())
}

fn check_tasks(view: &View, expected: &BTreeMap<String, Expected>, with_details: bool) -> Result<(), String> {
    for (key, Expected { units, details }) in expected {
        let task = view.task(key).ok_or_else(|| format!("{key} is not assigned"))?;
        if !std::iter::once(task.lead()).chain(task.supporting()).eq(units) {
            return Err(format!("{task:?} instead of {units:?}"));
        }
        if with_details && !key.starts_with("loaded") {
            let found = task.details().map_err(|error| format!("details of {key}: {error}"))?;
            if found != *details {
                let title = |details: &Option<Details>| details.as_ref().map(|details| details.title.clone());
                return Err(format!("the details of {key} are {:?} instead of {:?}", title(&found), title(details)));
            }
        }
    }
    if view.len() != expected.len() {
        return Err(format!("there are {} tasks instead of {}", view.len(), expected.len()));
    }
    Ok(())
}

/// The other direction.
fn check_leads(view: &View, expected: &BTreeMap<String, Expected>) -> Result<(), String> {
    let mut leads: BTreeMap<&str, usize> = BTreeMap::new();
    for Expected { units, .. } in expected.values() {
        *leads.entry(&units[0]).or_default() += 1;
    }
    for unit in view.units() {
        let tasks = view.led_by(unit.name()).map_err(|error| error.to_string())?.len();
        if tasks != leads.get(unit.name()).copied().unwrap_or_default() {
            return Err(format!("{unit:?} leads {tasks} tasks"));
        }
    }
    Ok(())
}
