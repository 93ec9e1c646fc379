//! Fetches rows that are expected, in order, each whole or with the reason why it is not. Knows no values.

use std::collections::HashSet;

use crate::model::{Error, Result};
use crate::store::Store;
use crate::threads::pipe;

use super::defect::Mode;
use super::format::{FormatError, Parts, Row};

/// The payload of a row, `None` for a missing row, or why it can't be read.
pub(super) type Fetched<'p> = Result<Option<&'p [u8]>>;

/// Why a row beyond those of a checkpoint is a defect.
const NOT_COUNTED: &str = "it is beyond the rows that the header counts";

/// Rows that wait between the thread that reads and the one that decodes.
const BATCH: usize = 64;

/// Some rows, copied out of the store.
#[derive(Default)]
struct Batch {
    /// Each with the end of its payload, or why it has none.
    rows: Vec<(Row, Result<Option<usize>>)>,
    payloads: Vec<u8>,
}

impl Batch {
    fn push(&mut self, row: Row, fetched: Fetched<'_>) {
        let end = fetched.map(|payload| {
            payload.map(|payload| {
                self.payloads.extend_from_slice(payload);
                self.payloads.len()
            })
        });
        self.rows.push((row, end));
    }

    #[expect(clippy::indexing_slicing, reason = "`push` wrote each end with the payload that it ends")]
    fn each(self, each: &mut impl FnMut(Row, Fetched<'_>) -> Result<()>) -> Result<()> {
        let mut from = 0;
        self.rows.into_iter().try_for_each(|(row, end)| {
            let end = end.map(|end| end.map(|end| &self.payloads[std::mem::replace(&mut from, end)..end]));
            each(row, end)
        })
    }
}

/// Hands `each` every expected row of a range, in key order. On two threads where there are `many`: one waits for the
/// engine while the other decodes.
pub(super) fn fetch(
    store: &dyn Store,
    mode: Mode,
    many: bool,
    range: &(Vec<u8>, Vec<u8>),
    expected: impl Iterator<Item = Row> + Clone + Sync,
    mut each: impl FnMut(Row, Fetched<'_>) -> Result<()>,
) -> Result<()> {
    let produce = |give: &mut dyn FnMut(Batch)| {
        let mut batch = Batch::default();
        let mut push = |row: Row, fetched: Fetched<'_>| {
            batch.push(row, fetched);
            if batch.rows.len() == BATCH {
                give(std::mem::take(&mut batch));
            }
        };
        let done = match mode {
            Mode::Strict => scan(store, range, expected.clone(), &mut push),
            Mode::Lenient => {
                for row in expected.clone() {
                    match whole(store, row) {
                        Ok(payload) => push(row, Ok(payload.as_deref())),
                        Err(error) => push(row, Err(error)),
                    }
                }
                surplus(store, range, expected.clone(), &mut push)
            }
        };
        give(batch);
        done
    };
    pipe(many, produce, |batch: Batch| batch.each(&mut each))
}

/// Hands out expected rows as the engine lists them.
fn scan(
    store: &dyn Store,
    range: &(Vec<u8>, Vec<u8>),
    expected: impl Iterator<Item = Row>,
    give: &mut dyn FnMut(Row, Fetched<'_>),
) -> Result<()> {
    let mut expected = expected.peekable();
    each_row(store, range, &mut |row, payload| {
        while let Some(missing) = expected.next_if(|next| *next < row) {
            give(missing, Ok(None));
        }
        match expected.next_if(|next| *next == row) {
            Some(_) => give(row, Ok(Some(payload))),
            None => give(row, Err(FormatError::new(row, NOT_COUNTED).into())),
        }
        Ok(())
    })?;
    expected.for_each(|missing| give(missing, Ok(None)));
    Ok(())
}

/// Hands out the rows of a range that are not expected, as defects.
fn surplus(
    store: &dyn Store,
    range: &(Vec<u8>, Vec<u8>),
    expected: impl Iterator<Item = Row>,
    give: &mut dyn FnMut(Row, Fetched<'_>),
) -> Result<()> {
    let expected: HashSet<Row> = expected.collect();
    let mut last = None;
    list(store, range, &mut |row| {
        if !expected.contains(&row) && last.replace(row) != Some(row) {
            give(row, Err(FormatError::new(row, NOT_COUNTED).into()));
        }
    })
    .map(drop)
}

/// Hands out the whole rows of a range, in key order.
pub(super) fn each_row(
    store: &dyn Store,
    range: &(Vec<u8>, Vec<u8>),
    each: &mut dyn FnMut(Row, &[u8]) -> Result<()>,
) -> Result<()> {
    let mut parts = Parts::default();
    store.scan(&range.0, &range.1, &mut |key, value| match parts.add(key, value)? {
        Some((row, payload)) => each(row, payload),
        None => Ok(()),
    })?;
    Ok(parts.finish()?)
}

/// The payload of one row, read part by part; `None` when it is missing.
pub(super) fn whole(store: &dyn Store, row: Row) -> Result<Option<Vec<u8>>> {
    let mut parts = Parts::default();
    for part in 0..=u16::MAX {
        let key = row.part(part);
        let Some(value) = store.get(&key)? else {
            let missing = FormatError::new(row, format!("part {part} is missing"));
            return if part == 0 { Ok(None) } else { Err(missing.into()) };
        };
        if let Some((_, payload)) = parts.add(&key, &value)? {
            return Ok(Some(payload.to_vec()));
        }
    }
    Err(FormatError::new(row, "it has no end").into())
}

/// Lists the rows of a range by their keys. Returns whether the engine could list them all.
pub(super) fn list(store: &dyn Store, range: &(Vec<u8>, Vec<u8>), each: &mut dyn FnMut(Row)) -> Result<bool> {
    let listed = store.scan(&range.0, &range.1, &mut |key, _| {
        if let Some((row, _)) = Row::parse(key) {
            each(row);
        }
        Ok(())
    });
    match listed {
        Err(Error::Corrupt(_)) => Ok(false),
        other => other.map(|()| true),
    }
}
