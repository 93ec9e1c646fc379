//! Bulk loads, openings of what was loaded, and its size on disk.

use std::fs;

use crate::asked::Asked;
use crate::contender::{Durability, Questions, Store};
use crate::data::Data;
use crate::measure::{bytes_on_disk, settle, timed, turns};
use crate::pressure;
use crate::reads::Expected;
use crate::result::Result;
use crate::row::Row;
use crate::texts::Texts;
use crate::trial::{Stores, Trial};

/// Loads every contender in every round, first with the keys in no order, then in theirs, which is what stays. Returns
/// those of the last round that keep everything in memory.
pub(crate) fn load(trial: &mut Trial<'_>) -> Result<Stores> {
    let mixed = trial.data.in_no_order();
    let mut kept = Stores::new();
    kept.resize_with(trial.contenders.len(), || None);
    for round in 0..trial.options.rounds {
        let begin = pressure::look();
        unsorted(trial, &mixed, round)?;
        for at in turns(trial.contenders.len(), round) {
            trial.say("load", round, at);
            if let Some(slot) = kept.get_mut(at) {
                *slot = None;
            }
            let (store, seconds) = load_once(trial, trial.data, at)?;
            trial.samples.add(Row::Load, at, seconds);
            if trial.is_on_disk(at) {
                let (_, closing) = timed(|| store.close())?;
                trial.samples.add(Row::LoadTidy, at, seconds + closing);
                trial.samples.add(Row::DiskLoaded, at, bytes_on_disk(&trial.place(at))? as f64);
            } else if let Some(slot) = kept.get_mut(at) {
                *slot = Some(store);
            }
        }
        trial.pressure.add("load", begin);
    }
    Ok(kept)
}

/// Loads every contender with the keys in no order and compares what they then answer.
fn unsorted(trial: &mut Trial<'_>, mixed: &Data, round: usize) -> Result<()> {
    let asked = Asked::new(trial.data, round);
    let mut expected = Expected::default();
    for at in turns(trial.contenders.len(), round) {
        trial.say("load, keys in no order", round, at);
        let (store, seconds) = load_once(trial, mixed, at)?;
        trial.samples.add(Row::LoadUnsorted, at, seconds);
        expected.check(trial, (at, &*store), &asked, "after a load with keys in no order")?;
        store.close()?;
    }
    Ok(())
}

/// Loads a contender into an empty directory.
pub(crate) fn load_once(trial: &Trial<'_>, data: &Data, at: usize) -> Result<(Box<dyn Store>, f64)> {
    let place = trial.place(at);
    if place.exists() {
        fs::remove_dir_all(&place)?;
    }
    fs::create_dir(&place)?;
    settle()?;
    timed(|| trial.contender(at)?.load(&place, data))
}

/// Opens each loaded contender and asks one question, since some defer work of opening to the first question.
pub(crate) fn open_clean(trial: &mut Trial<'_>) -> Result<()> {
    for round in 0..trial.options.rounds {
        let begin = pressure::look();
        for at in turns(trial.contenders.len(), round).filter(|at| trial.is_on_disk(*at)).collect::<Vec<_>>() {
            trial.say("open", round, at);
            let seconds = open_once(trial, at)?;
            trial.samples.add(Row::OpenClean, at, seconds);
        }
        trial.pressure.add("open", begin);
    }
    Ok(())
}

fn open_once(trial: &Trial<'_>, at: usize) -> Result<f64> {
    let (store, seconds) = timed(|| {
        let store = trial.contender(at)?.open(&trial.place(at), Durability::Synced)?;
        first_answer(trial, &*store)?;
        Ok(store)
    })?;
    store.close()?;
    Ok(seconds)
}

pub(crate) fn first_answer(trial: &Trial<'_>, store: &dyn Store) -> Result<()> {
    let asked = Texts::from_iter([trial.data.key(trial.data.len() / 2)]);
    store.read(&mut |reader| {
        let tally = reader.ask(Questions::Lead(&asked))?;
        if tally.texts == 1 { Ok(()) } else { Err("a task was not found after opening".into()) }
    })
}
