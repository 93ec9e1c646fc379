//! Everything that can still be read of the rows, and every row that can't. For checking and mending; an opening
//! wants whole rows and stops at the first that isn't.

use std::sync::Arc;

use crate::assignment::Role;
use crate::error::{Corrupt, Error, Result};
use crate::format::keys::{all_with, generation_range};
use crate::format::rows::{CommitV1, HeaderV1};
use crate::format::{FormatError, Parts, Row, decode};
use crate::id::{Revision, TaskId, UnitId};
use crate::store::Store;
use crate::view::{OwnedRecord, Unit};

use super::read::{check_change, decode_block, decode_header, decode_unit, unpack_posting};
use crate::format::blocks::BLOCK;
use crate::format::rows::WhatV1;

/// A row that can't be used, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bad {
    pub(crate) key: String,
    pub(crate) why: String,
}

impl Bad {
    fn new(key: impl ToString, why: impl ToString) -> Bad {
        Bad { key: key.to_string(), why: why.to_string() }
    }

    /// What the row is called by the error itself, if it says so.
    fn of(row: Row, error: Error) -> Result<Bad> {
        match error {
            Error::Corrupt(Corrupt::Row { key, why }) => Ok(Bad { key, why }),
            Error::Corrupt(other) => Ok(Bad::new(row, other)),
            other => Err(other),
        }
    }
}

/// The rows of the last fold as far as they can be read.
#[derive(Default)]
pub(crate) struct Survey {
    /// None when it is damaged; the default where there never was one.
    pub(crate) header: Option<HeaderV1>,
    /// The generation that was read.
    pub(crate) generation: u32,
    pub(crate) units: Vec<Option<Arc<Unit>>>,
    /// The tasks by their numbers.
    pub(crate) tasks: Vec<Option<OwnedRecord>>,
    /// The tasks of each unit, as lead and as support.
    pub(crate) postings: Vec<[Option<Vec<TaskId>>; 2]>,
    pub(crate) bad: Vec<Bad>,
}

/// How many rows are asked for by number where the engine can't list them.
const MOST_UNLISTED: u32 = 1 << 18;

/// Reads the rows of the last fold, each on its own, so that one that can't be read hides no other.
pub(crate) fn survey(store: &dyn Store) -> Result<Survey> {
    let mut survey = Survey::default();
    let header = survey.read(store, Row::Header, |payload| decode_header(Row::Header, payload))?;
    if header.is_none() && survey.bad.is_empty() && has_a_fold(store)? {
        survey.bad.push(Bad::new(Row::Header, "it is missing"));
    }
    let damaged = !survey.bad.is_empty();
    survey.generation = match &header {
        Some(header) => header.generation,
        None => likely_generation(store)?,
    };
    survey.header = header.or_else(|| (!damaged).then(HeaderV1::default));
    let (units, blocks) = survey.extent(store)?;
    survey.read_units(store, units)?;
    survey.read_blocks(store, units, blocks)?;
    survey.read_postings(store, units)?;
    Ok(survey)
}

impl Survey {
    /// How many units and blocks there should be: no more than the header says, nor than there are.
    fn extent(&mut self, store: &dyn Store) -> Result<(UnitId, u32)> {
        let (mut units, mut blocks) = (0, 0);
        let mut whole = true;
        for tag in [b'u', b't'] {
            let (from, to) = generation_range(tag, self.generation);
            whole &= keys(store, &from, &to, &mut |row| match row {
                Row::Unit { unit, .. } => units = units.max(unit.saturating_add(1)),
                Row::Block { block, .. } => blocks = blocks.max(block.saturating_add(1)),
                _ => {}
            })?;
        }
        let Some(header) = &self.header else { return Ok((units, blocks)) };
        let counted = (header.units, header.numbered.div_ceil(BLOCK as u32));
        if !whole {
            return Ok((counted.0.min(MOST_UNLISTED), counted.1.min(MOST_UNLISTED)));
        }
        if units < counted.0 || blocks < counted.1 {
            let why = format!("it counts {counted:?} units and task blocks, there are {units} and {blocks}");
            self.bad.push(Bad::new(Row::Header, why));
        }
        Ok((units.min(counted.0), blocks.min(counted.1)))
    }

    /// Reads a row and notes what is wrong with it. A row that isn't there is nothing wrong yet.
    fn read<T>(&mut self, store: &dyn Store, row: Row, decode: impl FnOnce(&[u8]) -> Result<T>) -> Result<Option<T>> {
        let read = read_whole(store, row).and_then(|payload| payload.map(|payload| decode(&payload)).transpose());
        match read {
            Ok(value) => Ok(value),
            Err(error) => {
                self.bad.push(Bad::of(row, error)?);
                Ok(None)
            }
        }
    }

    /// The same for a row that has to be there.
    fn need<T>(&mut self, store: &dyn Store, row: Row, decode: impl FnOnce(&[u8]) -> Result<T>) -> Result<Option<T>> {
        let before = self.bad.len();
        let value = self.read(store, row, decode)?;
        if value.is_none() && self.bad.len() == before {
            self.bad.push(Bad::new(row, "it is missing"));
        }
        Ok(value)
    }

    fn read_units(&mut self, store: &dyn Store, units: UnitId) -> Result<()> {
        for unit in 0..units {
            let row = Row::Unit { generation: self.generation, unit };
            let read = self.need(store, row, |payload| decode_unit(row, payload))?;
            self.units.push(read.map(Arc::new));
        }
        Ok(())
    }

    fn read_blocks(&mut self, store: &dyn Store, units: UnitId, blocks: u32) -> Result<()> {
        let numbered = self.header.as_ref().map(|header| header.numbered as usize);
        for block in 0..blocks {
            let row = Row::Block { generation: self.generation, block };
            let expected = numbered.map_or(BLOCK, |numbered| (numbered - block as usize * BLOCK).min(BLOCK));
            let last_of_unknown = numbered.is_none() && block + 1 == blocks;
            let read = self.need(store, row, |payload| {
                let mut records = Vec::new();
                decode_block(row, payload, units, &mut |key, units, detail| {
                    records.push(OwnedRecord { key: key.to_owned(), units: units.to_vec(), detail });
                })?;
                if records.len() != expected && !(last_of_unknown && records.len() <= BLOCK) {
                    let why = format!("it has {} tasks instead of {expected}", records.len());
                    return Err(FormatError::new(row, why).into());
                }
                Ok(records)
            })?;
            match read {
                Some(records) => self.tasks.extend(records.into_iter().map(Some)),
                None => self.tasks.extend(std::iter::repeat_n(None, expected)),
            }
        }
        Ok(())
    }

    fn read_postings(&mut self, store: &dyn Store, units: UnitId) -> Result<()> {
        let numbered = self.tasks.len() as TaskId;
        let mut left = self.header.as_ref().map_or(u64::from(numbered) * 4096, |header| header.pairs);
        for unit in 0..units {
            let mut both = [None, None];
            for (slot, role) in both.iter_mut().zip(Role::BOTH) {
                let row = Row::Posting { generation: self.generation, unit, role };
                let before = self.bad.len();
                let read = self.read(store, row, |payload| unpack_posting(row, payload, numbered, left))?;
                // No row means no tasks.
                *slot = if self.bad.len() > before { None } else { Some(read.unwrap_or_default()) };
                left -= slot.as_ref().map_or(0, |ids| ids.len() as u64);
            }
            self.postings.push(both);
        }
        Ok(())
    }
}

impl Survey {
    /// The numbers of the blocks whose tasks are not known.
    pub(crate) fn damaged_blocks(&self) -> impl Iterator<Item = u32> + '_ {
        (0..).zip(self.tasks.chunks(BLOCK)).filter(|(_, tasks)| tasks.iter().any(Option::is_none)).map(|(at, _)| at)
    }
}

/// A row's whole payload, part by part. None when it isn't there.
fn read_whole(store: &dyn Store, row: Row) -> Result<Option<Vec<u8>>> {
    let mut parts = Parts::default();
    for part in 0..=u16::MAX {
        let key = row.part(part);
        let Some(value) = store.get(&key)? else {
            return if part == 0 {
                Ok(None)
            } else {
                Err(FormatError::new(row, format!("part {part} is missing")).into())
            };
        };
        if let Some((_, payload)) = parts.add(&key, &value)? {
            return Ok(Some(payload.to_vec()));
        }
    }
    Err(FormatError::new(row, "it has no end").into())
}

/// Lists rows by their keys. False when the engine can't list them all.
fn keys(store: &dyn Store, from: &[u8], to: &[u8], each: &mut dyn FnMut(Row)) -> Result<bool> {
    let listed = store.scan(from, to, &mut |key, _| {
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

/// The generation that counts when the header can't say it: a new one is written after the old, and the old one is
/// removed from its beginning on.
fn likely_generation(store: &dyn Store) -> Result<u32> {
    let mut begun = Vec::new();
    let (from, to) = all_with(b'u');
    keys(store, &from, &to, &mut |row| {
        if let Row::Unit { generation, unit: 0 } = row {
            begun.push(generation);
        }
    })?;
    Ok(begun.first().copied().unwrap_or_default())
}

/// Whether there are rows that a header must speak of. An opening removes those that a load left unfinished.
fn has_a_fold(store: &dyn Store) -> Result<bool> {
    let mut any = false;
    for tag in [b'u', b't', b'p'] {
        let (from, to) = all_with(tag);
        keys(store, &from, &to, &mut |_| any = true)?;
    }
    Ok(any)
}

/// One row of the log.
pub(crate) enum Logged {
    Commit(Revision, CommitV1),
    Bad(Revision, Bad),
}

/// Hands out the log from its first revision to its last, with what is damaged or missing in its place. Returns the
/// last revision.
pub(crate) fn read_log(
    store: &dyn Store,
    last: Option<Revision>,
    each: &mut dyn FnMut(Logged) -> Result<()>,
) -> Result<Revision> {
    let mut next = 1;
    for revision in logged(store, last)? {
        if revision > next {
            each(missing(next, revision - 1))?;
        }
        next = revision.saturating_add(1);
        let row = Row::Log { revision };
        let read = read_whole(store, row).and_then(|payload| match payload {
            Some(payload) => read_commit(row, &payload),
            None => Err(FormatError::new(row, "it is missing").into()),
        });
        each(match read {
            Ok(commit) => Logged::Commit(revision, commit),
            Err(error) => Logged::Bad(revision, Bad::of(row, error)?),
        })?;
    }
    if let Some(last) = last.filter(|last| *last >= next) {
        each(missing(next, last))?;
    }
    Ok(last.unwrap_or(next - 1))
}

/// The revisions in the log, in order; where the engine can't list them, those that may be there.
fn logged(store: &dyn Store, last: Option<Revision>) -> Result<Vec<Revision>> {
    let mut revisions = Vec::new();
    let (from, to) = all_with(b'l');
    let whole = keys(store, &from, &to, &mut |row| match row {
        Row::Log { revision } if revision > 0 && last.is_none_or(|last| revision <= last) => revisions.push(revision),
        _ => {}
    })?;
    revisions.dedup();
    if !whole {
        let next = revisions.last().map_or(1, |revision| revision.saturating_add(1));
        let end = next.saturating_add(MOST_UNLISTED.into());
        revisions.extend(next..last.map_or(end, |last| end.min(last.saturating_add(1))));
    }
    Ok(revisions)
}

fn missing(from: Revision, to: Revision) -> Logged {
    let why = if from == to { "it is missing".to_owned() } else { format!("it is missing, up to log {to}") };
    Logged::Bad(to, Bad::new(Row::Log { revision: from }, why))
}

fn read_commit(row: Row, payload: &[u8]) -> Result<CommitV1> {
    let commit: CommitV1 = decode(row, payload)?;
    if let WhatV1::Changes(changes) = &commit.what {
        changes.iter().try_for_each(check_change).map_err(|why| FormatError::new(row, why))?;
    }
    Ok(commit)
}
