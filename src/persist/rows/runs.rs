//! Runs of small values: how neighbouring values share rows. Knows nothing of what the values are.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::model::Result;

use super::super::format::rows::RunV1;
use super::super::format::{MAX_ROW, Row, RowBytes, encode};

/// The numbers of the first values of the runs. A run ends where the next one begins.
pub(super) type Starts = BTreeSet<u32>;

/// Bytes of a row that are not values: key, frame, and the number of values.
const OVERHEAD: usize = 32;
/// Bytes for the length of a value.
const LENGTH: usize = 3;

/// The run that a value is in.
pub(super) fn run_of(starts: &Starts, value: u32, end: u32) -> Range<u32> {
    let start = starts.range(..=value).next_back().map_or(0, |start| *start);
    let next = value.checked_add(1).and_then(|next| starts.range(next..).next());
    start..next.map_or(end, |next| *next)
}

/// All runs, up to the end of the values.
pub(super) fn runs(starts: &Starts, end: u32) -> impl Iterator<Item = Range<u32>> {
    let ends = starts.iter().skip(1).copied().chain([end]);
    starts.iter().copied().zip(ends).map(|(start, end)| start..end)
}

/// Packs values into as few rows as hold them, each up to 4 KiB; a larger value has a row of several parts.
pub(super) fn pack(
    values: Range<u32>,
    row: impl Fn(u32) -> Row,
    value: impl Fn(u32) -> Result<Vec<u8>>,
    each: &mut dyn FnMut(u32, Vec<RowBytes>) -> Result<()>,
) -> Result<()> {
    let (mut first, mut open, mut bytes): (u32, Vec<Vec<u8>>, usize) = (values.start, Vec::new(), 0);
    let mut close = |first: u32, open: &mut Vec<Vec<u8>>| -> Result<()> {
        let values = open.iter().map(Vec::as_slice).collect();
        each(first, encode(row(first), &RunV1 { values })?)?;
        open.clear();
        Ok(())
    };
    for number in values {
        let next = value(number)?;
        if !open.is_empty() && bytes + next.len() + LENGTH > MAX_ROW - OVERHEAD {
            close(first, &mut open)?;
            (first, bytes) = (number, 0);
        }
        bytes += next.len() + LENGTH;
        open.push(next);
    }
    if open.is_empty() { Ok(()) } else { close(first, &mut open) }
}
