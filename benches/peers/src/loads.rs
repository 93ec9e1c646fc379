//! Bulk loads, openings of what was loaded, and its size on disk.

use std::fs;

use crate::asked::Texts;
use crate::contender::{Durability, Questions, Result, Store};
use crate::measure::{bytes_on_disk, settle, timed, turns};
use crate::run::{Run, Stores};
use crate::table::Row;

/// Loads every contender in every round. What stays in memory is handed back from the last one.
pub(crate) fn load(run: &mut Run<'_>) -> Result<Stores> {
    let mut kept = Stores::new();
    kept.resize_with(run.contenders.len(), || None);
    for round in 0..run.options.rounds {
        for at in turns(run.contenders.len(), round) {
            run.say("load", round, at);
            let place = run.place(at);
            if place.exists() {
                fs::remove_dir_all(&place)?;
            }
            fs::create_dir(&place)?;
            if let Some(slot) = kept.get_mut(at) {
                *slot = None;
            }
            settle()?;
            let (store, seconds) = timed(|| run.contender(at)?.load(&place, run.data))?;
            run.samples.add(Row::Load, at, seconds);
            if run.is_on_disk(at) {
                store.close()?;
                run.samples.add(Row::DiskLoaded, at, bytes_on_disk(&place)? as f64);
            } else if let Some(slot) = kept.get_mut(at) {
                *slot = Some(store);
            }
        }
    }
    Ok(kept)
}

/// Opens what was loaded and asks one question, since some do at the first what others do while opening.
pub(crate) fn open_clean(run: &mut Run<'_>) -> Result<()> {
    for round in 0..run.options.rounds {
        for at in turns(run.contenders.len(), round).filter(|at| run.is_on_disk(*at)).collect::<Vec<_>>() {
            run.say("open", round, at);
            let seconds = open_once(run, at)?;
            run.samples.add(Row::OpenClean, at, seconds);
        }
    }
    Ok(())
}

fn open_once(run: &Run<'_>, at: usize) -> Result<f64> {
    let (store, seconds) = timed(|| {
        let store = run.contender(at)?.open(&run.place(at), Durability::Synced)?;
        first_answer(run, &*store)?;
        Ok(store)
    })?;
    store.close()?;
    Ok(seconds)
}

pub(crate) fn first_answer(run: &Run<'_>, store: &dyn Store) -> Result<()> {
    let asked = Texts::from_iter([run.data.key(run.data.len() / 2)]);
    store.read(&mut |reader| {
        let tally = reader.ask(Questions::Lead(&asked))?;
        if tally.texts == 1 { Ok(()) } else { Err("a task was not found after opening".into()) }
    })
}
