//! Compares rows with those that a state makes, byte by byte. Changes no row.

use std::sync::atomic::Ordering;

use crate::model::{Error, Result};
use crate::state::State;
use crate::verify::{Disagreement, Rule};

use super::super::format::keys::Key;
use super::super::format::{Parts, Row, encode};
use super::Rows;
use super::write::each_row_of;

/// Rows between two reports of progress.
const ROWS_PER_STEP: usize = 256;

impl Rows {
    /// Lists every row that is not the one that the state of the checkpoint makes. Calls `progress` now and then. If there is
    /// any, the next checkpoint begins the store again.
    pub(crate) fn compare(&self, state: &State, progress: &dyn Fn()) -> Result<Vec<Disagreement>> {
        let Some(layout) = &self.layout else { return Ok(Vec::new()) };
        let mut expected = encode(Row::Header, &layout.header)?;
        // Their runs begin where those of the checkpoint do.
        each_row_of(state, layout.header.generation, &layout.units, &layout.lists, &mut |_, rows| {
            expected.extend(rows);
            Ok(true)
        })?;
        let mut expected = expected.into_iter().peekable();
        let mut found = Vec::new();
        let mut rows = 0_usize;
        let scanned = self.store.scan(&[], &[0xFF], &mut |key, value| {
            rows += 1;
            if rows.is_multiple_of(ROWS_PER_STEP) {
                progress();
            }
            while let Some((missing, _)) = expected.next_if(|(next, _)| next.as_slice() < key) {
                found.push(finding(&missing, "it is missing"));
            }
            match expected.next_if(|(next, _)| next.as_slice() == key) {
                Some((_, right)) if right == value => {}
                Some(_) => found.push(finding(key, &why_wrong(key, value))),
                // Leftovers of an unfinished generation are removed by the next checkpoint.
                None if is_of_another_generation(key, layout.header.generation) => {}
                None => found.push(finding(key, "it is beyond the rows that the header counts")),
            }
            Ok(())
        });
        match scanned {
            Ok(()) => found.extend(expected.map(|(missing, _)| finding(&missing, "it is missing"))),
            Err(Error::Corrupt(why)) => {
                let (rule, key, what) = (Rule::RowsAreReadable, "rows".to_owned(), why.to_string());
                found.push(Disagreement { rule, key, what });
            }
            Err(other) => return Err(other),
        }
        self.doubtful.fetch_or(!found.is_empty(), Ordering::Relaxed);
        Ok(found)
    }
}

fn is_of_another_generation(key: &[u8], generation: u64) -> bool {
    Row::parse(key).is_some_and(|(row, _)| row.generation().is_some_and(|other| other != generation))
}

/// Why a row is not the right one: it can't be read, or says something else.
fn why_wrong(key: &[u8], value: &[u8]) -> String {
    let part_alone = Parts::check(key, value);
    part_alone.err().map_or_else(|| "it is not what the state makes".to_owned(), |error| error.why)
}

fn finding(key: &[u8], what: &str) -> Disagreement {
    let name = match Row::parse(key) {
        Some((row, 0)) => row.to_string(),
        Some((row, part)) => format!("{row}, part {part}"),
        None => format!("{:02x?}", Key::from(key)),
    };
    Disagreement { rule: Rule::RowsAreReadable, key: name, what: what.to_owned() }
}
