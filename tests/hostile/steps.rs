//! The commits of the harness, so simple that the whole index follows from their number.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use responsibility_index::verify::Rule;
use responsibility_index::{Details, Error, Index, Result};

/// Every so many commits is a bulk load.
const LOAD: u64 = 12;
/// Every so many commits forgets a task, the one so many commits before.
const FORGET: u64 = 5;
const BEFORE: u64 = 2;
const UNITS: u64 = 9;
/// Every so many commits has details that are longer than a row of the checkpoint.
const LONG: u64 = 7;

/// How large the commits are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    /// The number of tasks in a bulk load.
    pub(crate) loaded: u64,
    /// Bytes of details in each commit that is no load, apart from a few hundred.
    pub(crate) text: u64,
}

impl Size {
    pub(crate) const SMALL: Size = Size { loaded: 200, text: 0 };
}

fn units(n: u64) -> Vec<String> {
    (0..3).map(|place| format!("unit {}", (n + place * place) % UNITS)).collect()
}

fn details(n: u64, size: Size) -> Details {
    let long = if n.is_multiple_of(LONG) { 13_000 } else { n * 37 % 300 };
    Details::titled(format!("step {n}")).text("x".repeat((long + size.text) as usize))
}

fn key(n: u64) -> String {
    format!("task/{n}")
}

/// Makes the n-th commit.
pub(crate) fn make(index: &Index, n: u64, size: Size) -> Result<()> {
    if n.is_multiple_of(LOAD) {
        let mut load = index.bulk_load();
        load.add(&key(n), units(n))?;
        (0..size.loaded).try_for_each(|i| load.add(&format!("loaded/{i}"), units(n + i)).map(drop))?;
        return load.commit().map(drop);
    }
    let mut batch = index.batch();
    batch = batch.assign(key(n), units(n)).set_details(key(n), details(n, size));
    if n.is_multiple_of(FORGET) {
        batch = batch.remove(key(n - BEFORE));
    }
    batch.commit().map(drop)
}

/// The tasks after so many commits, each with its units and its details.
fn expected(made: u64, size: Size) -> BTreeMap<String, (Vec<String>, Option<Details>)> {
    let mut tasks = BTreeMap::new();
    for n in 1..=made {
        let forgotten = (n + BEFORE).is_multiple_of(FORGET) && n + BEFORE <= made && !(n + BEFORE).is_multiple_of(LOAD);
        if !forgotten {
            tasks.insert(key(n), (units(n), (!n.is_multiple_of(LOAD)).then(|| details(n, size))));
        }
    }
    let load = made / LOAD * LOAD;
    let loaded = if load == 0 { 0 } else { size.loaded };
    tasks.extend((0..loaded).map(|i| (format!("loaded/{i}"), (units(load + i), None))));
    tasks
}

/// Why an index could not be found to be as it must be.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// A call was refused.
    Refused(Error),
    /// An answer is wrong.
    Wrong(String),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Trouble {
        Trouble::Refused(error)
    }
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Trouble::Refused(error) => error.fmt(f),
            Trouble::Wrong(what) => f.write_str(what),
        }
    }
}

fn wrong<T>(what: String) -> std::result::Result<T, Trouble> {
    Err(Trouble::Wrong(what))
}

/// Holds the view and all details against the commits that must and may be there. Returns their number.
pub(crate) fn check_view(index: &Index, at: RangeInclusive<u64>, size: Size) -> std::result::Result<u64, Trouble> {
    let view = index.view();
    let made = view.revision();
    if !at.contains(&made) {
        return wrong(format!("there are {made} commits instead of {at:?}"));
    }
    let expected = expected(made, size);
    let mut leads: BTreeMap<&str, usize> = BTreeMap::new();
    for (key, (units, details)) in &expected {
        let Some(task) = view.task(key) else { return wrong(format!("after {made} commits {key} is gone")) };
        if !task.lead().into_iter().chain(task.supporting()).eq(units) {
            return wrong(format!("after {made} commits {task:?} instead of {units:?}"));
        }
        if task.details()? != *details {
            return wrong(format!("after {made} commits the details of {key} are others"));
        }
        *leads.entry(&units[0]).or_default() += 1;
    }
    if view.len() != expected.len() {
        return wrong(format!("after {made} commits there are {} tasks instead of {}", view.len(), expected.len()));
    }
    for unit in view.units() {
        let tasks = view.led_by(unit.name())?.len();
        if tasks != leads.get(unit.name()).copied().unwrap_or_default() {
            return wrong(format!("after {made} commits {unit:?} leads {tasks} tasks"));
        }
    }
    Ok(made)
}

/// Verifies an index; `rows_may_fail` where the environment prevents reading the rows.
pub(crate) fn verify(index: &Index, rows_may_fail: bool) -> std::result::Result<(), Trouble> {
    let found = index.verify()?;
    let finding = found.iter().find(|found| !rows_may_fail || found.rule != Rule::RowsAreReadable);
    finding.map_or(Ok(()), |finding| wrong(finding.to_string()))
}
