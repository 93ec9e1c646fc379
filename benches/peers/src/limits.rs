//! The limits of a commit: a record written to a file and nothing else. Knows no contender but the column of the limit.

use std::fs::File;
use std::io::{Seek, Write};

use crate::contender::Kind;
use crate::measure::{median, settle, timed};
use crate::result::Result;
use crate::row::Row;
use crate::trial::Trial;

/// About the length of a commit in a log.
const RECORD: [u8; 100] = [7; 100];
/// Bytes that are written and synced ahead: room for ten thousand records, so that no measured sync has a size or a block to
/// add to the file.
const ZEROES: usize = 1 << 20;

/// Measures records appended to a file and not synced.
pub(crate) fn append(trial: &mut Trial<'_>, round: usize, row: Row, records: usize) -> Result<()> {
    let Some(limit) = column(trial, "appends", round)? else { return Ok(()) };
    let mut file = File::create(trial.scratch.join("appended"))?;
    let (times, seconds) = timed(|| write(&mut file, records, false))?;
    if row == Row::LazyLong {
        trial.add_long_ones(limit, &times);
    }
    trial.samples.add(row, limit, seconds / records as f64);
    Ok(())
}

/// Measures records appended to a file, which is synced after each.
pub(crate) fn append_synced(trial: &mut Trial<'_>, round: usize, records: usize) -> Result<()> {
    let Some(limit) = column(trial, "synced appends", round)? else { return Ok(()) };
    let times = write(&mut File::create(trial.scratch.join("appended"))?, records, true)?;
    trial.samples.add(Row::Synced, limit, median(times).unwrap_or_default());
    Ok(())
}

/// Measures records written over zeroes that were synced ahead; the file is synced after each.
pub(crate) fn overwrite_zeroes(trial: &mut Trial<'_>, round: usize, records: usize) -> Result<()> {
    let Some(limit) = column(trial, "synced writes over zeroes", round)? else { return Ok(()) };
    if records * RECORD.len() > ZEROES {
        return Err(format!("{records} records do not fit into the zeroes").into());
    }
    let mut file = File::create(trial.scratch.join("zeroes"))?;
    file.write_all(&vec![0; ZEROES])?;
    file.sync_all()?;
    file.rewind()?;
    let times = write(&mut file, records, true)?;
    trial.samples.add(Row::SyncedZeroes, limit, median(times).unwrap_or_default());
    Ok(())
}

/// The column of the limit, where the run has one.
fn column(trial: &Trial<'_>, phase: &str, round: usize) -> Result<Option<usize>> {
    let limit = trial.contenders.iter().position(|contender| contender.kind() == Kind::Limit);
    if let Some(limit) = limit {
        trial.say(phase, round, limit);
        settle()?;
    }
    Ok(limit)
}

/// Returns the seconds of each record.
fn write(file: &mut File, records: usize, sync: bool) -> Result<Vec<f64>> {
    let mut times = Vec::with_capacity(records);
    for _ in 0..records {
        let one = || {
            file.write_all(&RECORD)?;
            if sync {
                file.sync_data()?;
            }
            Ok(())
        };
        times.push(timed(one)?.1);
    }
    Ok(times)
}
