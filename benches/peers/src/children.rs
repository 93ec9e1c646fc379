//! Phases that need a process of their own: killing a writer, and measuring the memory of a contender.

use std::path::Path;
use std::time::Duration;

use crate::asked::Asked;
use crate::child::{Child, say};
use crate::contender::{Contender, Durability, Kind, Questions, Store};
use crate::data::{Data, Keys, reassignments};
use crate::loads::first_answer;
use crate::measure::{resident as memory, timed, turns};
use crate::result::Result;
use crate::row::Row;
use crate::trial::Trial;
use crate::writes::in_a_row;
use crate::{pressure, processes};

/// Edits after which the child reports; it then goes on until it is killed or has written `MOST`.
const EDITS: usize = 40_000;
const MOST: usize = 2_000_000;
/// Long enough for every contender to hand its buffers to the system.
const PAUSE: Duration = Duration::from_millis(400);
const SEED: u64 = 6_000;

/// Words of the command line for the work of a child.
const EDIT: &str = "edit";
const RESIDENT: &str = "resident";
/// What a child says that has written.
const WRITTEN: &str = "written";

/// Times openings after the writing process was killed.
pub(crate) fn killed(trial: &mut Trial<'_>) -> Result<()> {
    for round in 0..trial.options.rounds {
        let begin = pressure::look();
        for at in turns(trial.contenders.len(), round).filter(|at| trial.is_on_disk(*at)).collect::<Vec<_>>() {
            trial.say("open after kill", round, at);
            killed_once(trial, at)?;
        }
        trial.pressure.add("killed", begin);
    }
    Ok(())
}

fn killed_once(trial: &mut Trial<'_>, at: usize) -> Result<()> {
    let (clean, _) = open(trial, at)?;
    write_and_be_killed(trial, at)?;
    let (seconds, replayed) = open(trial, at)?;
    trial.samples.add(Row::OpenKilled, at, seconds);
    if let Some(replayed) = replayed.filter(|replayed| *replayed > 0) {
        trial.samples.add(Row::Replay, at, (seconds - clean).max(0.0) / replayed as f64);
    }
    Ok(())
}

/// Returns the seconds to open and to answer once, and the number of changes replayed. Closes the store.
fn open(trial: &Trial<'_>, at: usize) -> Result<(f64, Option<usize>)> {
    let (store, seconds) = timed(|| {
        let store = trial.contender(at)?.open(&trial.place(at), Durability::Lazy)?;
        first_answer(trial, &*store)?;
        Ok(store)
    })?;
    let replayed = store.replayed()?;
    store.close()?;
    Ok((seconds, replayed))
}

fn write_and_be_killed(trial: &Trial<'_>, at: usize) -> Result<()> {
    let mut child = Child::start(trial, at, EDIT)?;
    child.expect(WRITTEN)?;
    child.kill()
}

/// Measures a process that has one contender open and has asked it many questions.
pub(crate) fn resident(trial: &mut Trial<'_>) -> Result<()> {
    for at in 0..trial.contenders.len() {
        trial.say("memory", 0, at);
        let mut child = Child::start(trial, at, RESIDENT)?;
        let said = child.line()?;
        child.finish()?;
        let mut words = said.split(' ').map(str::parse::<f64>);
        let (Some(own), Some(mapped)) = (words.next(), words.next()) else { return Err("no figures".into()) };
        let (own, tasks) = (own?, trial.data.len() as f64);
        trial.samples.add(Row::ResidentOwn, at, own / tasks);
        trial.samples.add(Row::ResidentAll, at, (own + mapped?) / tasks);
    }
    Ok(())
}

/// Does the work of a child, named by the words after [`child::CHILD`](crate::child::CHILD).
pub(crate) fn serve(words: &[String], contenders: &[Box<dyn Contender>]) -> Result<()> {
    let [work, name, place, tasks, units, keys] = words else { return Err("a child needs six words".into()) };
    let mut contenders = contenders.iter().map(AsRef::as_ref);
    let contender = contenders.find(|contender| contender.name() == name).ok_or("no such contender")?;
    let data = Data::new(tasks.parse()?, units.parse()?, Keys::of(keys)?)?;
    let place = Path::new(place);
    match work.as_str() {
        EDIT => edit(contender, place, &data),
        RESIDENT => measure(contender, place, &data),
        processes::IDLE => processes::stay_idle(contender, place),
        processes::READ => processes::read(contender, place, &data),
        _ => Err("a child knows no such work".into()),
    }
}

fn edit(contender: &dyn Contender, place: &Path, data: &Data) -> Result<()> {
    let store = contender.open(place, Durability::Lazy)?;
    // Other changes in each process, since setting the present lead again changes nothing.
    let seed = SEED + u64::from(std::process::id());
    in_a_row(&*store, &reassignments(data, seed, EDITS, 0, 1))?;
    std::thread::sleep(PAUSE);
    say(WRITTEN)?;
    in_a_row(&*store, &reassignments(data, seed + 1, MOST, 0, 1)).map(drop)
}

fn measure(contender: &dyn Contender, place: &Path, data: &Data) -> Result<()> {
    let asked = Asked::new(data, 0);
    let before = memory()?;
    let store = match contender.kind() {
        Kind::Limit => contender.load(place, data)?,
        _ => contender.open(place, Durability::Synced)?,
    };
    ask_a_lot(&*store, &asked)?;
    let after = memory()?;
    say(&format!("{} {}", after.own.saturating_sub(before.own), after.mapped.saturating_sub(before.mapped)))
}

fn ask_a_lot(store: &dyn Store, asked: &Asked) -> Result<()> {
    store.read(&mut |reader| {
        reader.ask(Questions::Units(&asked.tasks))?;
        reader.ask(Questions::LedBy(&asked.busy_units)).map(drop)
    })
}
