//! Questions to contenders while nothing writes.

use std::time::Duration;

use crate::asked::Asked;
use crate::contender::{Ask, Questions, Snapshot, Store, Tally};
use crate::measure::{clock_cost, median, timed, turns};
use crate::pressure;
use crate::result::Result;
use crate::row::Row;
use crate::texts::Texts;
use crate::trial::{Stores, Trial};

/// How long leads are asked from new snapshots, each timed by itself.
const FRESH: Duration = Duration::from_millis(200);
/// Rounds from here on are asked first, untimed. They name other tasks, since earlier answers may be in a cache.
pub(crate) const OTHERS: usize = 1 << 32;

pub(crate) fn reads(trial: &mut Trial<'_>, stores: &Stores) -> Result<()> {
    for round in 0..trial.options.rounds {
        let begin = pressure::look();
        eprintln!("reads, round {} of {}", round + 1, trial.options.rounds);
        let (asked, others) = (Asked::new(trial.data, round), Asked::new(trial.data, OTHERS + round));
        for ((row, questions), (_, before)) in rows(&asked).into_iter().zip(rows(&others)) {
            series(trial, stores, round, row, before, questions)?;
        }
        for at in turns(trial.contenders.len(), round).filter(|at| trial.is_on_disk(*at)).collect::<Vec<_>>() {
            if let Some(Some(store)) = stores.get(at) {
                let time = fresh_lead(&**store, &asked.tasks)?;
                trial.samples.add(Row::FreshIdle, at, time);
            }
        }
        trial.pressure.add("reads", begin);
    }
    Ok(())
}

/// Returns all series of questions, each with the row that it is timed in.
pub(crate) fn rows(asked: &Asked) -> [(Row, Questions<'_>); 11] {
    [
        (Row::Lead, Questions::Lead(&asked.tasks)),
        (Row::Leads, Questions::Leads(&asked.tasks)),
        (Row::Units, Questions::Units(&asked.tasks)),
        (Row::UnitsOfMany, Questions::UnitsOfMany(&asked.tasks)),
        (Row::Unknown, Questions::Lead(&asked.unknown)),
        (Row::LedByBusy, Questions::LedBy(&asked.busy_units)),
        (Row::LedByAny, Questions::LedBy(&asked.any_units)),
        (Row::LedBySmall, Questions::LedBy(&asked.small_units)),
        (Row::Count, Questions::Count(&asked.counts)),
        (Row::SharedCount, Questions::SharedCount(&asked.pairs)),
        (Row::Shared, Questions::Shared(&asked.pairs)),
    ]
}

/// The answers of one contender to all series, that the others are compared with.
#[derive(Default)]
pub(crate) struct Expected(Option<(usize, Vec<Tally>)>);

impl Expected {
    /// Asks a contender all series, untimed, looking at every byte of the lists; the first one says what is expected.
    ///
    /// # Errors
    /// An answer that differs from that of the first.
    pub(crate) fn check(
        &mut self,
        trial: &Trial<'_>,
        (at, store): (usize, &dyn Store),
        asked: &Asked,
        when: &str,
    ) -> Result<()> {
        let mut tallies = Vec::new();
        store.read(&mut |reader| {
            for (_, questions) in rows(asked) {
                tallies.push(reader.check(questions)?);
            }
            Ok(())
        })?;
        let (other, expected) = self.0.get_or_insert_with(|| (at, tallies.clone()));
        for (((row, _), one), tally) in rows(asked).iter().zip(expected).zip(tallies) {
            trial.agree(&format!("{row:?}, {when}"), (*other, *one), (at, tally))?;
        }
        Ok(())
    }
}

fn series(
    trial: &mut Trial<'_>,
    stores: &Stores,
    round: usize,
    row: Row,
    before: Questions<'_>,
    questions: Questions<'_>,
) -> Result<()> {
    let mut first: Option<(usize, Tally)> = None;
    for at in turns(trial.contenders.len(), round) {
        let Some(Some(store)) = stores.get(at) else { continue };
        let (tally, seconds) = ask(&**store, before, questions)?;
        let (other, expected) = *first.get_or_insert((at, tally));
        trial.agree(&format!("{row:?}"), (other, expected), (at, tally))?;
        let each = match row {
            Row::LedByBusy | Row::LedByAny | Row::Shared => tally.texts as usize,
            _ => questions.len(),
        };
        trial.samples.add(row, at, seconds / each.max(1) as f64);
    }
    Ok(())
}

/// Returns the answers of one series and the seconds they took, without creating the reader. Other questions come
/// first, so that the time is that of steady use, not that after another contender has filled the processor's caches.
fn ask(store: &dyn Store, before: Questions<'_>, questions: Questions<'_>) -> Result<(Tally, f64)> {
    let mut answered = (Tally::default(), 0.0);
    store.read(&mut |reader| {
        reader.ask(before)?;
        answered = timed(|| reader.ask(questions))?;
        Ok(())
    })?;
    Ok(answered)
}

/// Returns the median seconds for a lead from a snapshot taken for it, less the cost of reading the clock.
pub(crate) fn fresh_lead(store: &dyn Store, tasks: &Texts) -> Result<f64> {
    let mut time = 0.0;
    store.read(&mut |reader| {
        time = median_lead(reader, tasks, Snapshot::Known)?;
        Ok(())
    })?;
    Ok(time)
}

/// The same with a reader that is there already.
pub(crate) fn median_lead(reader: &mut dyn Ask, tasks: &Texts, snapshot: Snapshot) -> Result<f64> {
    let time = median(reader.time_fresh_leads(tasks, snapshot, FRESH)?).unwrap_or_default();
    Ok(time.saturating_sub(clock_cost()).as_secs_f64())
}
