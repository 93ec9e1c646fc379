//! Questions to contenders that nobody changes meanwhile.

use std::time::Duration;

use crate::asked::{Asked, Texts};
use crate::contender::{Questions, Result, Store, Tally};
use crate::measure::{clock_cost, median, timed, turns};
use crate::run::{Run, Stores};
use crate::table::Row;

/// For how long leads are asked from new snapshots, each timed by itself.
const FRESH: Duration = Duration::from_millis(200);
/// Rounds from here on are asked first, untimed. They ask of other tasks: what was asked already may be in a cache.
const OTHERS: usize = 1 << 32;

pub(crate) fn reads(run: &mut Run<'_>, stores: &Stores) -> Result<()> {
    for round in 0..run.options.rounds {
        eprintln!("reads, round {} of {}", round + 1, run.options.rounds);
        let (asked, others) = (Asked::new(run.data, round), Asked::new(run.data, OTHERS + round));
        for ((row, questions), (_, before)) in rows(&asked).into_iter().zip(rows(&others)) {
            series(run, stores, round, row, before, questions)?;
        }
        for at in turns(run.contenders.len(), round).filter(|at| run.is_on_disk(*at)).collect::<Vec<_>>() {
            if let Some(Some(store)) = stores.get(at) {
                let time = fresh_lead(&**store, &asked.tasks)?;
                run.samples.add(Row::FreshIdle, at, time);
            }
        }
    }
    Ok(())
}

/// All that is asked, by the row that it is timed in.
pub(crate) fn rows(asked: &Asked) -> [(Row, Questions<'_>); 10] {
    [
        (Row::Lead, Questions::Lead(&asked.tasks)),
        (Row::Leads, Questions::Leads(&asked.tasks)),
        (Row::Units, Questions::Units(&asked.tasks)),
        (Row::Unknown, Questions::Lead(&asked.unknown)),
        (Row::LedByBusy, Questions::LedBy(&asked.busy_units)),
        (Row::LedByAny, Questions::LedBy(&asked.any_units)),
        (Row::LedBySmall, Questions::LedBy(&asked.small_units)),
        (Row::Count, Questions::Count(&asked.counts)),
        (Row::SharedCount, Questions::SharedCount(&asked.pairs)),
        (Row::Shared, Questions::Shared(&asked.pairs)),
    ]
}

fn series(
    run: &mut Run<'_>,
    stores: &Stores,
    round: usize,
    row: Row,
    before: Questions<'_>,
    questions: Questions<'_>,
) -> Result<()> {
    let mut first: Option<(usize, Tally)> = None;
    for at in turns(run.contenders.len(), round) {
        let Some(Some(store)) = stores.get(at) else { continue };
        let (tally, seconds) = ask(&**store, before, questions)?;
        let (other, expected) = *first.get_or_insert((at, tally));
        run.agree(&format!("{row:?}"), (other, expected), (at, tally))?;
        let each = match row {
            Row::LedByBusy | Row::LedByAny | Row::Shared => tally.texts as usize,
            _ => questions.len(),
        };
        run.samples.add(row, at, seconds / each.max(1) as f64);
    }
    Ok(())
}

/// The answers of one series and how long they took, without the making of the reader. It was asked others before, so
/// that it is timed as it is in steady use, not as it is after others have had the caches of the processor.
fn ask(store: &dyn Store, before: Questions<'_>, questions: Questions<'_>) -> Result<(Tally, f64)> {
    let mut answered = (Tally::default(), 0.0);
    store.read(&mut |reader| {
        reader.ask(before)?;
        answered = timed(|| reader.ask(questions))?;
        Ok(())
    })?;
    Ok(answered)
}

/// Seconds for a lead from a snapshot taken for it, in the median, less what looking at the clock costs.
pub(crate) fn fresh_lead(store: &dyn Store, tasks: &Texts) -> Result<f64> {
    let mut times = Vec::new();
    store.read(&mut |reader| {
        times = reader.time_fresh_leads(tasks, FRESH)?;
        Ok(())
    })?;
    let time = median(times).unwrap_or_default();
    Ok(time.saturating_sub(clock_cost()).as_secs_f64())
}
