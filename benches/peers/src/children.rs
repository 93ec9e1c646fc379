//! What needs a process of its own: being killed while writing, and how much memory a contender takes.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::asked::Asked;
use crate::contender::{Contender, Durability, Kind, Questions, Result, Store};
use crate::data::{Data, reassignments};
use crate::loads::first_answer;
use crate::measure::{resident as memory, timed, turns};
use crate::run::Run;
use crate::table::Row;
use crate::writes::in_a_row;

/// What the child has written when it says so; it goes on until it is killed, or has written `MOST`.
const EDITS: usize = 40_000;
const MOST: usize = 2_000_000;
/// Long enough for every contender to hand to the system what it buffers.
const PAUSE: Duration = Duration::from_millis(400);
const SEED: u64 = 6_000;

/// Words of the command line that make this process a child.
pub(crate) const CHILD: &str = "--child";
const EDIT: &str = "edit";
const RESIDENT: &str = "resident";

fn child(run: &Run<'_>, at: usize, work: &str) -> Result<Child> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args([CHILD, work, run.contender(at)?.name()]).arg(run.place(at));
    command.args([run.data.len().to_string(), run.data.units().to_string()]);
    Ok(command.stdout(Stdio::piped()).spawn()?)
}

fn line(child: &mut Child) -> Result<String> {
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().ok_or("the child has no output")?).read_line(&mut line)?;
    Ok(line.trim().to_owned())
}

/// Openings after the process that wrote was killed.
pub(crate) fn killed(run: &mut Run<'_>) -> Result<()> {
    for round in 0..run.options.rounds {
        for at in turns(run.contenders.len(), round).filter(|at| run.is_on_disk(*at)).collect::<Vec<_>>() {
            run.say("open after kill", round, at);
            killed_once(run, at)?;
        }
    }
    Ok(())
}

fn killed_once(run: &mut Run<'_>, at: usize) -> Result<()> {
    let (clean, _) = open(run, at)?;
    write_and_be_killed(run, at)?;
    let (seconds, replayed) = open(run, at)?;
    run.samples.add(Row::OpenKilled, at, seconds);
    if let Some(replayed) = replayed.filter(|replayed| *replayed > 0) {
        run.samples.add(Row::Replay, at, (seconds - clean).max(0.0) / replayed as f64);
    }
    Ok(())
}

/// Seconds to open and to answer once, and what was replayed meanwhile. Closes it again.
fn open(run: &Run<'_>, at: usize) -> Result<(f64, Option<usize>)> {
    let (store, seconds) = timed(|| {
        let store = run.contender(at)?.open(&run.place(at), Durability::Lazy)?;
        first_answer(run, &*store)?;
        Ok(store)
    })?;
    let replayed = store.replayed()?;
    store.close()?;
    Ok((seconds, replayed))
}

fn write_and_be_killed(run: &Run<'_>, at: usize) -> Result<()> {
    let mut child = child(run, at, EDIT)?;
    let said = line(&mut child);
    child.kill()?;
    child.wait()?;
    if said? == "written" { Ok(()) } else { Err("the child did not write".into()) }
}

/// Memory of a process that has one contender open and has asked it a lot.
pub(crate) fn resident(run: &mut Run<'_>) -> Result<()> {
    for at in 0..run.contenders.len() {
        run.say("memory", 0, at);
        let mut child = child(run, at, RESIDENT)?;
        let said = line(&mut child)?;
        if !child.wait()?.success() {
            return Err("the child that measures memory failed".into());
        }
        let mut words = said.split(' ').map(str::parse::<f64>);
        let (Some(own), Some(mapped)) = (words.next(), words.next()) else { return Err("no figures".into()) };
        let (own, tasks) = (own?, run.data.len() as f64);
        run.samples.add(Row::ResidentOwn, at, own / tasks);
        run.samples.add(Row::ResidentAll, at, (own + mapped?) / tasks);
    }
    Ok(())
}

/// What a child does, told by the words after `CHILD`.
pub(crate) fn serve(words: &[String], contenders: &[Box<dyn Contender>]) -> Result<()> {
    let [work, name, place, tasks, units] = words else { return Err("a child needs five words".into()) };
    let mut contenders = contenders.iter().map(AsRef::as_ref);
    let contender = contenders.find(|contender| contender.name() == name).ok_or("no such contender")?;
    let data = Data::new(tasks.parse()?, units.parse()?)?;
    match work.as_str() {
        EDIT => edit(contender, place, &data),
        RESIDENT => measure(contender, place, &data),
        _ => Err("a child knows no such work".into()),
    }
}

fn say(what: &str) -> Result<()> {
    let mut out = std::io::stdout();
    writeln!(out, "{what}")?;
    Ok(out.flush()?)
}

fn edit(contender: &dyn Contender, place: &str, data: &Data) -> Result<()> {
    let store = contender.open(place.as_ref(), Durability::Lazy)?;
    // Other changes in each process, since a change to what stands already is none.
    let seed = SEED + u64::from(std::process::id());
    in_a_row(&*store, &reassignments(data, seed, EDITS, 0, 1))?;
    std::thread::sleep(PAUSE);
    say("written")?;
    in_a_row(&*store, &reassignments(data, seed + 1, MOST, 0, 1)).map(drop)
}

fn measure(contender: &dyn Contender, place: &str, data: &Data) -> Result<()> {
    let asked = Asked::new(data, 0);
    let before = memory()?;
    let store = match contender.kind() {
        Kind::Limit => contender.load(place.as_ref(), data)?,
        _ => contender.open(place.as_ref(), Durability::Synced)?,
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
