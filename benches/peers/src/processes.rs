//! Two processes on one directory: the time until the other one sees a commit, its look-ups meanwhile, and what it costs
//! the one that writes. This process writes, a child reads. Knows no particular contender.

use std::path::Path;
use std::thread;
use std::time::{Duration, SystemTime};

use crate::asked::Asked;
use crate::child::{Child, say};
use crate::contender::{Ask, Contender, Durability, Kind, Questions, Snapshot, Store};
use crate::data::{Data, Numbers, Reassignment, reassignments};
use crate::measure::{median, percentile, processor_seconds, settle, timed, turns};
use crate::reads::{OTHERS, median_lead};
use crate::result::Result;
use crate::row::Row;
use crate::trial::Trial;
use crate::writes::one_by_one;
use crate::{loads, pressure};

/// Words of the command line for the work of a child.
pub(crate) const IDLE: &str = "idle";
pub(crate) const READ: &str = "read";

/// Lines that a child says.
const READY: &str = "ready";
/// The first words of lines that a child is told.
const WAIT: &str = "wait";
const KNOWN: &str = "known";
const ACKNOWLEDGED: &str = "acknowledged";

/// Commits of a series; of those without pauses, the first quarter is not timed.
const COMMITS: usize = 200;
/// Commits before the first series, not timed: after an opening SQLite's log grows up to 1,000 pages, and is overwritten
/// from then on.
const BEFORE: usize = 2 * COMMITS;
/// The least microseconds between two commits that are waited for, and the most that are added at random: without
/// these a reader that asks once per millisecond would ask at the same moment each time.
const PAUSE: u64 = 2_000;
const MORE: usize = 2_000;
/// How long a reader without notification sleeps between two questions, in microseconds.
const BETWEEN: u64 = 1_000;
/// Changes that the writer repeats while the reader is timed.
const REPEATED: usize = 100;

/// Seeds of the streams, so that no two series make the same changes.
const SEED_SYNCED: u64 = 8_000;
const SEED_SEEN: u64 = 9_000;
const SEED_PACED: u64 = 10_000;
const SEED_REPEATED: u64 = 11_000;

/// Loads the contenders once, for a run of these rows alone.
pub(crate) fn load(trial: &Trial<'_>) -> Result<()> {
    for at in 0..trial.contenders.len() {
        trial.say("load", 0, at);
        loads::load_once(trial, trial.data, at)?.0.close()?;
    }
    Ok(())
}

/// Measures every contender that two processes can have open.
pub(crate) fn two(trial: &mut Trial<'_>) -> Result<()> {
    for round in 0..trial.options.rounds {
        let begin = pressure::look();
        for at in turns(trial.contenders.len(), round).filter(|at| trial.is_shared(*at)).collect::<Vec<_>>() {
            trial.say("two processes", round, at);
            settle()?;
            let store = trial.contender(at)?.open(&trial.place(at), Durability::Synced)?;
            beside_an_idle_one(trial, round, at, &*store)?;
            let begin = pressure::look();
            beside_a_reader(trial, round, at, &*store)?;
            trial.pressure.leave_out(begin);
            store.close()?;
        }
        trial.pressure.add("processes", begin);
    }
    Ok(())
}

/// Times commits alone, twice with a process that does nothing, and alone again: a drift is in both.
fn beside_an_idle_one(trial: &mut Trial<'_>, round: usize, at: usize, store: &dyn Store) -> Result<()> {
    let changes = reassignments(trial.data, SEED_SYNCED + round as u64, BEFORE + 4 * COMMITS, 0, 1);
    let (before, changes) = changes.split_at(BEFORE);
    one_by_one(store, before)?;
    let mut series = changes.chunks(COMMITS).map(|changes| -> Result<Vec<f64>> {
        let mut times = one_by_one(store, changes)?;
        Ok(times.split_off(COMMITS / 4))
    });
    let mut next = || series.next().ok_or("no changes are left")?;
    let mut alone = next()?;
    let mut other = Child::start(trial, at, IDLE)?;
    other.expect(READY)?;
    let beside = [next()?, next()?].concat();
    other.finish()?;
    alone.extend(next()?);
    trial.samples.add(Row::SyncedAlone, at, median(alone).unwrap_or_default());
    trial.samples.add(Row::SyncedBesideIdle, at, median(beside).unwrap_or_default());
    Ok(())
}

fn beside_a_reader(trial: &mut Trial<'_>, round: usize, at: usize, store: &dyn Store) -> Result<()> {
    let mut other = Child::start(trial, at, READ)?;
    other.expect(READY)?;
    let seen = seen(trial, store, &mut other, SEED_SEEN + round as u64, 0)?;
    trial.samples.add(Row::SeenLate, at, percentile(seen.returned.clone(), 99).unwrap_or_default());
    trial.samples.add(Row::Seen, at, median(seen.returned).unwrap_or_default());
    trial.samples.add(Row::SeenWhole, at, median(seen.called).unwrap_or_default());
    trial.samples.add(Row::SeenCost, at, seen.cost);
    // A reader that is woken has no pause between questions.
    if trial.contender(at)?.kind() != Kind::Ours {
        let paced = self::seen(trial, store, &mut other, SEED_PACED + round as u64, BETWEEN)?;
        trial.samples.add(Row::SeenPaced, at, median(paced.returned).unwrap_or_default());
        trial.samples.add(Row::SeenPacedCost, at, paced.cost);
    }
    let changes = reassignments(trial.data, SEED_REPEATED + round as u64, REPEATED, 0, 1);
    let (known, commits) = leads(store, &mut other, KNOWN, round, &changes)?;
    let (acknowledged, _) = leads(store, &mut other, ACKNOWLEDGED, round, &changes)?;
    trial.samples.add(Row::OtherLead, at, known);
    trial.samples.add(Row::OtherLeadNewest, at, acknowledged);
    trial.samples.add(Row::SyncedBesideReader, at, commits);
    other.finish()
}

/// Seconds from the call and from the return of each commit until the other process saw it, and the seconds of a
/// processor that the other process took per second.
#[derive(Default)]
struct Seen {
    called: Vec<f64>,
    returned: Vec<f64>,
    cost: f64,
}

fn seen(trial: &Trial<'_>, store: &dyn Store, other: &mut Child, seed: u64, between: u64) -> Result<Seen> {
    let changes = reassignments(trial.data, seed, COMMITS, 0, 1);
    let (mut pauses, mut seen) = (Numbers::new(seed), Seen::default());
    other.tell(&format!("{WAIT} {seed} {between}"))?;
    store.write(&mut |writer| {
        for change in &changes {
            thread::sleep(Duration::from_micros(PAUSE + pauses.below(MORE) as u64));
            let called = now()?;
            writer.set_lead(change.task, change.lead)?;
            let returned = now()?;
            let at: u64 = other.line()?.parse()?;
            // The other one may see a commit before the call has returned here.
            let seconds = |from: u64| Duration::from_nanos(at.saturating_sub(from)).as_secs_f64();
            seen.called.push(seconds(called));
            seen.returned.push(seconds(returned));
        }
        Ok(())
    })?;
    seen.cost = other.line()?.parse()?;
    Ok(seen)
}

/// Nanoseconds of the clock that all processes of a machine share.
fn now() -> Result<u64> {
    Ok(u64::try_from(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_nanos())?)
}

/// Returns the seconds of a lead in the other process, and those of a commit here meanwhile.
fn leads(
    store: &dyn Store,
    other: &mut Child,
    snapshot: &str,
    round: usize,
    changes: &[Reassignment<'_>],
) -> Result<(f64, f64)> {
    other.tell(&format!("{snapshot} {round}"))?;
    other.expect(READY)?;
    let mut times = Vec::new();
    let lead = thread::scope(|scope| {
        let told = scope.spawn(|| other.line().map_err(|error| error.to_string()));
        store.write(&mut |writer| {
            let to = changes.iter().map(|change| (change.task, change.lead));
            let back = changes.iter().map(|change| (change.task, change.loaded));
            for (task, lead) in to.chain(back).cycle().take_while(|_| !told.is_finished()) {
                times.push(timed(|| writer.set_lead(task, lead))?.1);
            }
            Ok(())
        })?;
        told.join().map_err(|_| "the thread that waits for the child panicked")?.map_err(Into::into)
    });
    let lead: Result<String> = lead;
    Ok((lead?.parse()?, median(times).unwrap_or_default()))
}

/// The work of a child: has a contender open until its input ends.
pub(crate) fn stay_idle(contender: &dyn Contender, place: &Path) -> Result<()> {
    let _store = contender.open(place, Durability::Synced)?;
    say(READY)?;
    std::io::stdin().lines().try_for_each(|line| Ok(line.map(drop)?))
}

/// The work of a child: waits for commits and asks for leads, as it is told. It does not close the store, which is for the
/// process that writes.
pub(crate) fn read(contender: &dyn Contender, place: &Path, data: &Data) -> Result<()> {
    let store = contender.open(place, Durability::Synced)?;
    store.read(&mut |reader| {
        say(READY)?;
        for line in std::io::stdin().lines() {
            let line = line?;
            match line.split(' ').collect::<Vec<_>>().as_slice() {
                [WAIT, seed, between] => {
                    let changes = reassignments(data, seed.parse()?, COMMITS, 0, 1);
                    wait(reader, &changes, Duration::from_micros(between.parse()?))?;
                }
                [KNOWN, round] => ask(reader, data, round.parse()?, Snapshot::Known)?,
                [ACKNOWLEDGED, round] => ask(reader, data, round.parse()?, Snapshot::Acknowledged)?,
                _ => return Err(format!("a child can't do {line:?}").into()),
            }
        }
        Ok(())
    })
}

fn wait(reader: &mut dyn Ask, changes: &[Reassignment<'_>], between: Duration) -> Result<()> {
    let before = processor_seconds()?;
    let (_, passed) = timed(|| {
        changes.iter().try_for_each(|change| {
            reader.wait_for_lead(change.task, change.lead, between)?;
            say(&now()?.to_string())
        })
    })?;
    say(&((processor_seconds()? - before) / passed).to_string())
}

fn ask(reader: &mut dyn Ask, data: &Data, round: usize, snapshot: Snapshot) -> Result<()> {
    let (asked, others) = (Asked::new(data, round), Asked::new(data, OTHERS + round));
    reader.ask(Questions::Lead(&others.tasks))?;
    say(READY)?;
    say(&median_lead(reader, &asked.tasks, snapshot)?.to_string())
}
