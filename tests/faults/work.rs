//! What the harnesses do to an index, so simple that its whole state follows from how many steps each writer made:
//! whatever is found can be held against exactly what must be there.

use std::io::Write;
use std::path::Path;
use std::sync::Mutex;

use responsibility_index::{Assignment, Durability, Index, OpenOptions};

/// Tasks that a writer uses in turn, each of them twice in one batch.
const SLOTS: u64 = 8;
/// Every so many steps a batch unassigns instead.
const UNASSIGN: u64 = 5;
/// Every so many steps the first writer loads some tasks in bulk.
const LOAD: u64 = 37;
const LOADED: u64 = 30;
/// The first writer writes a checkpoint each time after so many steps.
const CHECKPOINT: u64 = 11;

/// A number as an assignment: the unit of each of its digits.
pub(crate) fn digits(number: u64) -> Vec<String> {
    (0..6_u32).map(|place| format!("place {place} is {}", number / 10_u64.pow(place) % 10)).collect()
}

fn number(assignment: &Assignment) -> Result<u64, String> {
    let mut number = 0;
    for (place, unit) in assignment.units().enumerate() {
        let digit = unit.strip_prefix(&format!("place {place} is ")).and_then(|digit| digit.parse::<u64>().ok());
        number += digit.ok_or_else(|| format!("{assignment} is no number"))? * 10_u64.pow(place as u32);
    }
    Ok(number)
}

pub(crate) fn options() -> OpenOptions {
    OpenOptions::new().checkpoint_after(40)
}

/// How many steps a writer has made.
pub(crate) fn steps(index: &Index, writer: usize) -> Result<u64, String> {
    index.assignment(&format!("w{writer}/steps")).map_or(Ok(0), |found| number(&found))
}

/// Makes a writer's next step.
pub(crate) fn step(index: &Index, writer: usize, n: u64) -> responsibility_index::Result<()> {
    if writer == 0 && n.is_multiple_of(LOAD) {
        let mut load = index.load();
        for task in 0..LOADED {
            load.add(&format!("loaded/{task}"), digits(n))?;
        }
        load.commit()?;
    }
    let mut batch = index.batch();
    batch.assign(format!("w{writer}/steps"), digits(n));
    for half in ["a", "b"] {
        let key = format!("w{writer}/{half}/{}", n % SLOTS);
        if n.is_multiple_of(UNASSIGN) {
            batch.unassign(key)
        } else {
            batch.assign(key, digits(n))
        };
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

/// How many steps a writer of a lazy index makes before it asks for them to be durable.
const FLUSH: u64 = 20;

/// Writes until `most` steps are made by each writer, and says each one that is acknowledged as durable.
pub(crate) fn write(path: &Path, writers: usize, most: u64, lazy: bool) -> responsibility_index::Result<()> {
    let out = Mutex::new(());
    say(&out, "opening");
    let durability = if lazy { Durability::Lazy } else { Durability::Synced };
    let index = options().durability(durability).open(path)?;
    say(&out, "opened");
    std::thread::scope(|threads| {
        let running: Vec<_> = (0..writers)
            .map(|writer| {
                let (index, out) = (&index, &out);
                threads.spawn(move || -> responsibility_index::Result<()> {
                    let from = steps(index, writer).expect("a number");
                    for n in from + 1..=from + most {
                        step(index, writer, n)?;
                        if lazy && n % FLUSH == 0 {
                            index.flush()?;
                        }
                        if !lazy || n % FLUSH == 0 {
                            say(out, &format!("ack {writer} {n}"));
                        }
                        if writer == 0 && n % CHECKPOINT == 0 {
                            say(out, "checkpoint begins");
                            index.checkpoint()?;
                            say(out, "checkpoint ends");
                        }
                    }
                    Ok(())
                })
            })
            .collect();
        running.into_iter().try_for_each(|writer| writer.join().expect("a writer panicked"))
    })
}

/// The last step of each writer that was acknowledged.
pub(crate) type Acknowledged = Vec<u64>;

/// Takes one line of what [`write`] says.
pub(crate) fn acknowledge(acknowledged: &mut Acknowledged, line: &str) {
    if let Some((writer, n)) = line.strip_prefix("ack ").and_then(|ack| ack.split_once(' ')) {
        let (writer, n): (usize, u64) = (writer.parse().unwrap(), n.parse().unwrap());
        acknowledged.resize(acknowledged.len().max(writer + 1), 0);
        acknowledged[writer] = n;
    }
}

/// Holds an index against what must be there: everything acknowledged, at most `more` steps after it, no batch in
/// part, and nothing that disagrees.
pub(crate) fn check(index: &Index, acknowledged: &Acknowledged, more: u64) -> Result<(), String> {
    check_view(index, acknowledged, more)?;
    match index.verify().map_err(|error| error.to_string())?.first() {
        Some(finding) => Err(finding.to_string()),
        None => Ok(()),
    }
}

/// The same but for what only the rows tell.
pub(crate) fn check_view(index: &Index, acknowledged: &Acknowledged, more: u64) -> Result<(), String> {
    let mut tasks = 0;
    for (writer, acknowledged) in acknowledged.iter().enumerate() {
        let made = steps(index, writer)?;
        if made < *acknowledged || made > acknowledged + more {
            return Err(format!("writer {writer} made {made} steps, of which {acknowledged} were acknowledged"));
        }
        tasks += usize::from(made > 0) + check_slots(index, writer, made)?;
        if writer == 0 {
            tasks += check_loaded(index, made)?;
        }
    }
    if index.view().len() != tasks {
        return Err(format!("there are {} tasks instead of {tasks}", index.view().len()));
    }
    Ok(())
}

fn check_slots(index: &Index, writer: usize, made: u64) -> Result<usize, String> {
    let mut tasks = 0;
    for slot in 0..SLOTS {
        let last = (1..=made).rev().take(SLOTS as usize).find(|n| n % SLOTS == slot);
        let expected = last.filter(|n| n % UNASSIGN != 0);
        for half in ["a", "b"] {
            let found =
                index.assignment(&format!("w{writer}/{half}/{slot}")).map(|found| number(&found)).transpose()?;
            if found != expected {
                return Err(format!("w{writer}/{half}/{slot} is {found:?} instead of {expected:?} after {made} steps"));
            }
            tasks += usize::from(expected.is_some());
        }
    }
    Ok(tasks)
}

fn check_loaded(index: &Index, made: u64) -> Result<usize, String> {
    let before = made / LOAD * LOAD;
    // A load comes before the step of its number, so it may be there without it.
    let coming = if (made + 1).is_multiple_of(LOAD) { made + 1 } else { before };
    let loads = |task| index.assignment(&format!("loaded/{task}")).map_or(Ok(0), |found| number(&found));
    let found = (0..LOADED).map(loads).collect::<Result<Vec<u64>, String>>()?;
    if ![before, coming].contains(&found[0]) || found.iter().any(|other| *other != found[0]) {
        return Err(format!("after {made} steps the loads are {found:?}"));
    }
    Ok(if found[0] == 0 { 0 } else { LOADED as usize })
}
