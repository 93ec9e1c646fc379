//! What the harnesses do to an index, so simple that its whole state follows from how many steps each writer made. What
//! an index must then be is in `model`.

use std::io::Write;
use std::path::Path;
use std::sync::Mutex;

use jiff::ToSpan;
use jiff::civil::date;
use responsibility_index::reform::Reform;
use responsibility_index::report::{Answer, Due, Obligation, Report};
use responsibility_index::{
    Conflict, Details, Durability, Error, Index, LogError, OpenOptions, Result, UnitKind, testing,
};

use crate::model;

/// Tasks that a writer uses in turn, each of them twice in one batch.
pub(crate) const SLOTS: u64 = 8;
/// Every so many steps a batch unassigns instead.
pub(crate) const UNASSIGN: u64 = 5;
/// Every so many steps a writer's clerk gets another name and kind.
pub(crate) const RENAME: u64 = 7;
/// Every so many steps a writer's desk is reformed: it and a helper become the next desk.
pub(crate) const REFORM: u64 = 19;
/// Every so many steps a writer's file moves on: the task gets another key.
pub(crate) const MOVE: u64 = 4;
/// Every so many steps the details are longer than a sector, and longer than a row of the checkpoint.
const LONG: u64 = 23;
/// The first writer of each process writes a checkpoint each time after so many steps.
const CHECKPOINT: u64 = 11;
/// Every so many steps the details have several megabytes, so that one commit has many frames.
const LARGE: u64 = 13;
/// How many steps a writer of a lazy index makes before it asks for them to be durable.
const FLUSH: u64 = 20;
/// The same for a trim of the log, and for a backup of the first writer.
const TRIM: u64 = 16;
const BACKUP: u64 = 30;

/// What writers do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Run {
    pub(crate) writers: u64,
    /// Processes that share the writers out. Those but the last make fewer steps, and the first ends without closing.
    pub(crate) processes: u64,
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
    /// Thousands of bytes of text in the details of each step.
    pub(crate) fill: u64,
    /// Megabytes of text in the details of some steps.
    pub(crate) large: u64,
    /// Thousands of bytes of a segment of the log, so that steps begin further ones; 0 for the usual size.
    pub(crate) segment: u64,
}

impl Run {
    pub(crate) const fn of(writers: u64, steps: u64) -> Run {
        let (openings, lazy, backups) = (1, false, false);
        let (processes, fill, large, segment) = (1, 0, 0, 0);
        Run {
            writers,
            processes,
            steps,
            openings,
            lazy,
            loaded: 30,
            loads: 1,
            load_every: 37,
            backups,
            fill,
            large,
            segment,
        }
    }

    pub(crate) fn numbers(&self) -> Vec<u64> {
        let Run { writers, processes, steps, openings, lazy, loaded, loads, load_every, .. } = *self;
        let Run { backups, fill, large, segment, .. } = *self;
        let (lazy, backups) = (lazy.into(), backups.into());
        vec![writers, processes, steps, openings, lazy, loaded, loads, load_every, backups, fill, large, segment]
    }

    /// Takes a run from the front of a list of numbers.
    pub(crate) fn take(numbers: &mut Vec<u64>) -> Run {
        let rest = numbers.split_off(12);
        let run = std::mem::replace(numbers, rest);
        let &[writers, processes, steps, openings, lazy, loaded, loads, load_every, backups, fill, large, segment] =
            &run[..]
        else {
            panic!("{run:?} is no run")
        };
        let (lazy, backups) = (lazy == 1, backups == 1);
        Run { writers, processes, steps, openings, lazy, loaded, loads, load_every, backups, fill, large, segment }
    }

    /// Lets this process write logs as the run says.
    pub(crate) fn set_segment_bytes(&self) {
        if self.segment > 0 {
            testing::set_segment_bytes(self.segment * 1_000);
        }
    }

    /// A number for each of the loads of a step, from 1 on; far ones share it.
    pub(crate) fn load_number(&self, n: u64, load: u64) -> u64 {
        (n * self.loads + load) % 50 + 1
    }
}

/// A number as an assignment: the unit of each of its digits.
pub(crate) fn digits(number: u64) -> Vec<String> {
    (0..6_u32).map(|place| format!("place {place} is {}", number / 10_u64.pow(place) % 10)).collect()
}

/// A task that is assigned and removed after a failure, to see whether the index goes on.
pub(crate) const MORE: &str = "more";

/// The units of a task that a load with this number assigns. No unit has more than 4,096 tasks of a load of 20,000: the
/// bitmaps that hold more are slow where debug assertions are on.
pub(crate) fn loaded_units(number: u64, task: u64) -> Vec<String> {
    vec![format!("load {number} part {}", task % 8), format!("part {}", task % 11), format!("place 9 is {}", task % 7)]
}

pub(crate) fn options() -> OpenOptions {
    OpenOptions::new().checkpoint_after(40)
}

/// The details of a step, of which no two have the same text.
pub(crate) fn details(run: &Run, n: u64) -> Details {
    let long = if n.is_multiple_of(LONG) { 13_000 } else { n * 7_919 % 300 };
    let details = Details::titled(format!("step {n}")).text(text(n, long));
    let details = if run.fill > 0 { details.field("fill", text(n, run.fill * 1_000)) } else { details };
    let parts = if n.is_multiple_of(LARGE) { run.large } else { 0 };
    (0..parts).fold(details, |details, part| details.field(format!("part {part}"), text(n + part, 1_000_000)))
}

/// Details that are small in any run.
pub(crate) fn small_details(n: u64) -> Details {
    details(&Run::of(1, 0), n)
}

fn text(n: u64, bytes: u64) -> String {
    let bytes = bytes as usize;
    let mut text = format!("{n} and so on, ").repeat(bytes / 8 + 1);
    text.truncate(bytes);
    text
}

/// The name of a writer's clerk after so many renames.
pub(crate) fn clerk(writer: u64, renames: u64) -> String {
    format!("clerk {writer} by name {renames}")
}

pub(crate) fn kind(renames: u64) -> UnitKind {
    if renames.is_multiple_of(2) { UnitKind::Body } else { UnitKind::Collective }
}

/// The collective of a writer, and its members after so many steps.
pub(crate) fn panel(writer: u64) -> String {
    format!("panel {writer}")
}

pub(crate) fn members(writer: u64, n: u64) -> Vec<String> {
    (0..=n % 3).map(|member| format!("member {member} of {writer}")).collect()
}

/// The obligation of a writer, on which its panel reports each step.
pub(crate) fn obligation(writer: u64) -> String {
    format!("obligation {writer}")
}

pub(crate) fn report(writer: u64, n: u64) -> Report {
    let due = date(2016, 11, 30);
    let days = i32::try_from(n).unwrap();
    let received = Answer::Received(due.checked_add(days.days()).unwrap());
    Report::new(obligation(writer), panel(writer), due, received).details(Details::titled(format!("step {n}")))
}

/// The desk of a writer after so many reforms.
pub(crate) fn desk(writer: u64, reforms: u64) -> String {
    format!("desk {writer} after {reforms}")
}

/// The key of a writer's file after so many moves. Its units and details are those of the first step.
pub(crate) fn file(writer: u64, moves: u64) -> String {
    format!("w{writer}/file/{moves}")
}

pub(crate) fn keeper(writer: u64) -> String {
    format!("keeper {writer}")
}

/// Loads in bulk what comes before a step of the first writer.
pub(crate) fn load(index: &Index, run: &Run, n: u64) -> Result<()> {
    for load in 1..=run.loads {
        let number = run.load_number(n, load);
        // A load is refused where another process has committed while it was planned.
        while let Err(refused) = load_once(index, run, number) {
            if run.processes == 1 || !matches!(refused, Error::Conflict(Conflict::Revision { .. })) {
                return Err(refused);
            }
        }
    }
    Ok(())
}

fn load_once(index: &Index, run: &Run, number: u64) -> Result<()> {
    let mut load = index.bulk_load();
    for task in 0..run.loaded {
        load.add(&format!("loaded/{task}"), loaded_units(number, task))?;
    }
    load.commit().map(drop)
}

/// Makes a writer's next step.
pub(crate) fn step(index: &Index, run: &Run, writer: u64, n: u64) -> Result<()> {
    let mut batch = index.batch();
    batch =
        batch.assign(format!("w{writer}/steps"), digits(n)).set_details(format!("w{writer}/steps"), details(run, n));
    for half in ["a", "b"] {
        let key = format!("w{writer}/{half}/{}", n % SLOTS);
        if n.is_multiple_of(UNASSIGN) {
            batch = batch.remove(key);
        } else {
            batch = batch.assign(key.clone(), digits(n)).set_details(key, small_details(n));
        }
    }
    let renames = n / RENAME;
    if n == 1 {
        batch = batch.assign(format!("w{writer}/clerk"), [clerk(writer, 0)]);
    } else if n.is_multiple_of(RENAME) {
        batch = batch
            .rename_unit(clerk(writer, renames - 1), clerk(writer, renames))
            .set_kind(clerk(writer, renames), kind(renames));
        if renames > 1 {
            batch = batch.remove_alias(clerk(writer, renames), clerk(writer, renames - 2));
        }
    }
    if n == 1 {
        batch = batch.assign(file(writer, 0), [keeper(writer)]).set_details(file(writer, 0), small_details(1));
    } else if n.is_multiple_of(MOVE) {
        batch = batch.move_task(file(writer, n / MOVE - 1), file(writer, n / MOVE));
    }
    batch = batch.set_members(panel(writer), members(writer, n));
    if n == 1 {
        let due = Due::on([date(2016, 11, 30)]);
        batch = batch.set_obligation(Obligation::new(obligation(writer), due).units([panel(writer)]));
        batch = batch.create_unit(desk(writer, 0), UnitKind::Body);
    }
    batch = batch.report(report(writer, n));
    if n.is_multiple_of(REFORM) {
        let (before, helper) = (desk(writer, n / REFORM - 1), format!("helper {}", desk(writer, n / REFORM)));
        let reform = Reform::of([before, helper.clone()]).becomes([desk(writer, n / REFORM)]);
        batch = batch.create_unit(helper, UnitKind::Body).reform(reform);
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

/// Writes as a run says, and tells each step that is tried, done, and acknowledged as durable. Does the part of one of the
/// processes, counted from 0.
pub(crate) fn write(path: &Path, run: &Run, process: u64) -> Result<()> {
    run.set_segment_bytes();
    let out = &Mutex::new(());
    // While the others go on, one of them becomes the owner.
    let run = &Run { steps: run.steps * (process + 1) / run.processes, ..*run };
    for opening in 1..=run.openings {
        say(out, "opening");
        let durability = if run.lazy { Durability::Lazy } else { Durability::Synced };
        let index = &options().durability(durability).open(path)?;
        say(out, "opened");
        std::thread::scope(|threads| {
            let write = |writer| move || write_steps(path, index, run, writer, out);
            let writers = (0..run.writers).filter(|writer| writer % run.processes == process);
            let running: Vec<_> = writers.map(|writer| threads.spawn(write(writer))).collect();
            running.into_iter().try_for_each(|writer| writer.join().expect("a writer panicked"))
        })?;
        if run.processes > 1 && process == 0 && opening == run.openings {
            // As a kill does.
            std::process::exit(0);
        }
        say(out, "closing");
    }
    Ok(())
}

/// Waits until each process has made a step, so that they write at the same time.
fn wait_for_others(index: &Index, run: &Run) -> Result<()> {
    let start = std::time::Instant::now();
    while (0..run.processes).any(|process| model::steps(&index.view(), process) == Ok(0)) {
        assert!(start.elapsed().as_secs() < 20, "another process has made no step");
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    Ok(())
}

/// What only the owner of the rows can do may be refused while another process is it.
fn unless_busy(run: &Run, done: Result<()>) -> Result<()> {
    match done {
        Err(Error::Log(LogError::Busy { .. })) if run.processes > 1 => Ok(()),
        done => done,
    }
}

fn write_steps(path: &Path, index: &Index, run: &Run, writer: u64, out: &Mutex<()>) -> Result<()> {
    let from = model::steps(&index.view(), writer).expect("a number");
    for n in from + 1..=from.saturating_add(run.steps) {
        say(out, &format!("try {writer} {n}"));
        if writer == 0 && n.is_multiple_of(run.load_every) {
            say(out, "load begins");
            load(index, run, n)?;
            if run.loads > 1 {
                // The rows of a load are written in the background.
                index.checkpoint()?;
            }
            say(out, "load ends");
        }
        step(index, run, writer, n)?;
        say(out, &format!("done {writer} {n}"));
        if n == 1 {
            wait_for_others(index, run)?;
        }
        if run.lazy && n.is_multiple_of(FLUSH) {
            index.flush()?;
        }
        if !run.lazy || n.is_multiple_of(FLUSH) {
            say(out, &format!("ack {writer} {n}"));
        }
        if writer < run.processes && n.is_multiple_of(CHECKPOINT) {
            say(out, "checkpoint begins");
            unless_busy(run, index.checkpoint())?;
            say(out, "checkpoint ends");
        }
        if writer < run.processes && n.is_multiple_of(TRIM) {
            say(out, "trim begins");
            unless_busy(run, index.trim(index.revision().saturating_sub(n % 9)))?;
            say(out, "trim ends");
        }
        if run.backups && n.is_multiple_of(BACKUP) {
            let target = path.with_file_name(backup(n));
            // One that a failure interrupted. A whole one may have outlived a step of a lazy index.
            let _ = std::fs::remove_dir_all(target.with_extension("unfinished"));
            if !target.exists() {
                say(out, "backup begins");
                index.backup(target)?;
                say(out, &format!("backup {n}"));
                say(out, "backup ends");
            }
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
    /// What the first writer is at.
    pub(crate) doing: Doing,
}

/// What a process is at, by its last words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Doing {
    #[default]
    Opening,
    Writing,
    Load,
    Checkpoint,
    Trim,
    Backup,
    Closing,
}

impl Doing {
    fn take(&mut self, line: &str) {
        *self = match line {
            "opening" => Doing::Opening,
            "load begins" => Doing::Load,
            "checkpoint begins" => Doing::Checkpoint,
            "trim begins" => Doing::Trim,
            "backup begins" => Doing::Backup,
            "closing" => Doing::Closing,
            "opened" | "load ends" | "checkpoint ends" | "trim ends" | "backup ends" => Doing::Writing,
            _ => return,
        };
    }
}

/// Of each writer, how many steps must be there and how many may.
pub(crate) type Bounds = Vec<(u64, u64)>;

impl Told {
    /// Before the next opening of an index that has exactly this.
    pub(crate) fn having(steps: &[u64]) -> Told {
        Told { tried: steps.to_vec(), done: steps.to_vec(), durable: steps.to_vec(), ..Told::default() }
    }

    /// Takes one line of what [`write`] says.
    pub(crate) fn take(&mut self, line: &str) {
        self.doing.take(line);
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
