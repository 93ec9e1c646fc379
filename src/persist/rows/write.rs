//! A state to rows: changed in place where little changed, as a new generation otherwise.

use std::collections::BTreeSet;

use crate::commit_log::EntryId;
use crate::id::{TaskId, UnitId};
use crate::model::{Error, Result, Role};
use crate::state::{LEAF, Part, State, Touched};
use crate::store::Changes;

use super::super::format::blocks::{BLOCK, BlockV1};
use super::super::format::facts::by_bucket;
use super::super::format::frame::encode_into;
use super::super::format::keys::generation_range;
use super::super::format::rows::{HeaderV1, UnitV1};
use super::super::format::{Row, RowBytes, encode, gaps};
use super::runs::{Starts, pack, run_of, runs};
use super::{At, LISTS_PER_UNIT, Layout, Rows, Written};

/// The most rows and bytes that change in place: the engine's memory grows with the batch.
const MOST_ROWS: usize = 256;
const MOST_BYTES: usize = 256 << 10;
/// Rows of a new generation that are written and synced together. The engine writes over segments whose rows it only
/// believes to be durable elsewhere; with syncs after so few rows it was never seen to lose any.
const ROWS_PER_SYNC: usize = 48;
/// How often the store is begun again with no checkpoint written: an engine that panicked keeps its memory.
const MOST_BEGINNINGS: u32 = 3;

impl Rows {
    /// Brings the rows up to a state. `give_up` is asked now and then. Rows that the engine can't use, or that a comparison
    /// found wrong, are set aside, and all are written: after a power failure sled may open, and fail when it writes. After an error the rows are those
    /// of the checkpoint before, or can't be read.
    pub(crate) fn write(
        &mut self,
        state: &State,
        at: At,
        touched: &mut Touched,
        give_up: &dyn Fn() -> bool,
    ) -> Result<Written> {
        if std::mem::take(self.doubtful.get_mut()) {
            self.forget();
            self.store.begin_again()?;
        }
        let mut written = self.try_to_write(state, at, touched, give_up);
        if let Err(Error::Corrupt(why)) = &written
            && self.beginnings < MOST_BEGINNINGS
        {
            self.beginnings += 1;
            self.forget();
            let why = why.to_string();
            self.store.begin_again()?;
            written = self.write_generation(state, at, give_up);
            if let Ok(Written::Done) = written {
                written = Ok(Written::Again { why });
            }
        }
        if let Ok(Written::Done | Written::Again { .. }) = written {
            self.beginnings = 0;
        }
        written
    }

    fn try_to_write(
        &mut self,
        state: &State,
        at: At,
        touched: &mut Touched,
        give_up: &dyn Fn() -> bool,
    ) -> Result<Written> {
        if let (Some(layout), Some(parts)) = (&self.layout, touched.parts())
            && let Some(changed) = self.changed(layout, state, parts)?
        {
            return self.write_in_place(changed, state, at);
        }
        self.write_generation(state, at, give_up)
    }

    fn write_in_place(&mut self, mut changed: Changed, state: &State, at: At) -> Result<Written> {
        let Some(layout) = &mut self.layout else { return Ok(Written::GivenUp) };
        let header = header(state, at, layout.header.generation);
        changed.changes.put.extend(encode(Row::Header, &header)?);
        self.store.write(&changed.changes)?;
        self.store.sync()?;
        layout.header = header;
        layout.units.extend(changed.units);
        layout.lists.extend(changed.lists);
        Ok(Written::Done)
    }

    /// The rows that change; `None` if they are too many for one batch.
    fn changed(&self, layout: &Layout, state: &State, parts: &[Part]) -> Result<Option<Changed>> {
        let generation = layout.header.generation;
        let (mut units, mut lists, mut blocks) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        let mut buckets = BTreeSet::new();
        let (all_units, all_lists) = (units_of(state), lists_of(state));
        for part in parts {
            match *part {
                Part::Unit(unit) => {
                    units.insert(run_of(&layout.units, unit, all_units).start);
                    // Each unit has its lists, also empty ones.
                    if unit >= layout.header.units {
                        lists.insert(run_of(&layout.lists, list(unit, Role::Lead), all_lists).start);
                    }
                }
                Part::Leaf(leaf) => {
                    blocks.insert(leaf * LEAF as u32 / BLOCK as u32);
                }
                Part::List(unit, role) => {
                    lists.insert(run_of(&layout.lists, list(unit, role), all_lists).start);
                }
                Part::Facts(bucket) => {
                    buckets.insert(bucket);
                }
            }
            if units.len() + lists.len() + blocks.len() + buckets.len() > MOST_ROWS {
                return Ok(None);
            }
        }
        let mut changed = Changed::default();
        for block in blocks {
            let row = Row::Block { generation, block };
            changed.add(self, row, block_row(state, generation, block)?)?;
        }
        if !buckets.is_empty() {
            let mut facts = by_bucket(state.units.register().iter(), |bucket| buckets.contains(&bucket));
            for bucket in buckets {
                let row = Row::Facts { generation, bucket };
                // A bucket without facts has no row.
                let parts = facts.remove(&bucket).map(|facts| encode(row, &facts)).transpose()?;
                changed.add(self, row, parts.unwrap_or_default())?;
            }
        }
        for start in units {
            let run = run_of(&layout.units, start, all_units);
            pack(run, |first| Row::Units { generation, first }, |unit| unit_value(state, unit), &mut |first, rows| {
                changed.units.insert(first);
                changed.add(self, Row::Units { generation, first }, rows)
            })?;
        }
        for start in lists {
            let run = run_of(&layout.lists, start, all_lists);
            pack(
                run,
                |first| Row::Postings { generation, first },
                |list| list_value(state, list),
                &mut |first, rows| {
                    changed.lists.insert(first);
                    changed.add(self, Row::Postings { generation, first }, rows)
                },
            )?;
        }
        Ok((changed.rows <= MOST_ROWS && changed.bytes <= MOST_BYTES).then_some(changed))
    }

    /// The keys of parts that a row has in the store and that its new value does not have.
    fn surplus_parts(&self, row: Row, parts: usize, surplus: &mut Vec<Vec<u8>>) -> Result<()> {
        // A row has at most as many parts as 16 bits number.
        let Ok(first) = u16::try_from(parts) else { return Ok(()) };
        self.store.scan(&row.part(first), &row.range().1, &mut |key, _| {
            surplus.push(key.to_vec());
            Ok(())
        })
    }

    /// Writes all rows as a new generation, in small batches, and then the header that makes it the one that counts.
    fn write_generation(&mut self, state: &State, at: At, give_up: &dyn Fn() -> bool) -> Result<Written> {
        let before = self.layout.as_ref().map(|layout| layout.header.generation);
        if std::mem::replace(&mut self.leftovers, true) {
            self.remove_generations_but(before)?;
        }
        let generation = random_generation()?;
        let (first, mut units, mut lists) = (Starts::from([0]), Starts::new(), Starts::new());
        let mut batch = Changes::default();
        let mut given_up = false;
        let written = each_row_of(state, generation, &first, &first, &mut |row, rows| {
            match row {
                Row::Units { first, .. } => drop(units.insert(first)),
                Row::Postings { first, .. } => drop(lists.insert(first)),
                _ => {}
            }
            batch.put.extend(rows);
            if batch.put.len() < ROWS_PER_SYNC {
                return Ok(true);
            }
            self.store.write(&std::mem::take(&mut batch))?;
            self.store.sync()?;
            given_up = give_up();
            Ok(!given_up)
        });
        written?;
        if given_up {
            return Ok(Written::GivenUp);
        }
        self.store.write(&batch)?;
        self.store.sync()?;
        let header = header(state, at, generation);
        self.store.write(&Changes { put: encode(Row::Header, &header)?, ..Changes::default() })?;
        self.store.sync()?;
        self.layout = Some(Layout { header, units, lists });
        self.remove_generations_but(Some(generation))?;
        self.leftovers = false;
        Ok(Written::Done)
    }

    /// Removes the rows of all generations but one: of the one before, or of one that was never finished.
    fn remove_generations_but(&self, kept: Option<u64>) -> Result<()> {
        for tag in *b"ptux" {
            let mut ranges = vec![(vec![tag], vec![tag + 1])];
            if let Some(kept) = kept {
                let (from, to) = generation_range(tag, kept);
                ranges = vec![(vec![tag], from), (to, vec![tag + 1])];
            }
            for (from, to) in ranges {
                let mut keys = Vec::new();
                self.store.scan(&from, &to, &mut |key, _| {
                    keys.push(key.to_vec());
                    Ok(())
                })?;
                for some in keys.chunks(MOST_ROWS) {
                    self.store.write(&Changes { delete: some.to_vec(), ..Changes::default() })?;
                }
            }
        }
        Ok(())
    }
}

/// Rows that change in place.
#[derive(Default)]
struct Changed {
    changes: Changes,
    rows: usize,
    bytes: usize,
    /// Where runs begin that are written.
    units: Starts,
    lists: Starts,
}

impl Changed {
    fn add(&mut self, rows: &Rows, row: Row, parts: Vec<RowBytes>) -> Result<()> {
        self.rows += parts.len();
        self.bytes += parts.iter().map(|(key, value)| key.len() + value.len()).sum::<usize>();
        rows.surplus_parts(row, parts.len(), &mut self.changes.delete)?;
        self.changes.put.extend(parts);
        Ok(())
    }
}

/// Random, so that rows of an attempt that was never finished are never taken for those of another.
fn random_generation() -> Result<u64> {
    let [a, b, c, d, e, f, g, h, ..] = EntryId::random()?.bytes();
    Ok(u64::from_be_bytes([a, b, c, d, e, f, g, h]))
}

fn units_of(state: &State) -> u32 {
    state.units.numbered() as u32
}

fn lists_of(state: &State) -> u32 {
    units_of(state) * LISTS_PER_UNIT
}

fn list(unit: UnitId, role: Role) -> u32 {
    unit * LISTS_PER_UNIT + role.place() as u32
}

/// Makes all rows of a state but the header, each with its parts, until `each` returns false. Posting lists come first,
/// then tasks, units and facts: in the order of their keys. Runs begin at least where they are told to.
pub(super) fn each_row_of(
    state: &State,
    generation: u64,
    units: &Starts,
    lists: &Starts,
    each: &mut dyn FnMut(Row, Vec<RowBytes>) -> Result<bool>,
) -> Result<()> {
    let mut go_on = true;
    let mut give = |row: Row, rows: Vec<RowBytes>| -> Result<()> {
        go_on = each(row, rows)?;
        if go_on { Ok(()) } else { Err(enough()) }
    };
    let postings = |first| Row::Postings { generation, first };
    let unit_rows = |first| Row::Units { generation, first };
    let written = runs(lists, lists_of(state))
        .try_for_each(|run| {
            pack(run, postings, |list| list_value(state, list), &mut |first, rows| give(postings(first), rows))
        })
        .and_then(|()| {
            (0..state.tasks.numbered().div_ceil(BLOCK) as u32)
                .try_for_each(|block| give(Row::Block { generation, block }, block_row(state, generation, block)?))
        })
        .and_then(|()| {
            runs(units, units_of(state)).try_for_each(|run| {
                pack(run, unit_rows, |unit| unit_value(state, unit), &mut |first, rows| give(unit_rows(first), rows))
            })
        })
        .and_then(|()| {
            by_bucket(state.units.register().iter(), |_| true).into_iter().try_for_each(|(bucket, facts)| {
                let row = Row::Facts { generation, bucket };
                give(row, encode(row, &facts)?)
            })
        });
    match written {
        Err(_) if !go_on => Ok(()),
        other => other,
    }
}

/// Ends a walk early; never seen by a caller.
fn enough() -> Error {
    Error::Bug { what: "rows were made after the last one was taken".to_owned() }
}

fn header(state: &State, at: At, generation: u64) -> HeaderV1 {
    HeaderV1 {
        generation,
        log: at.log.bytes(),
        revision: at.head.revision,
        entry: at.head.id.bytes(),
        position: at.position.to_bytes(),
        stamp: state.stamp.into(),
        numbered: state.tasks.numbered() as TaskId,
        known: state.tasks.known() as TaskId,
        vacant: state.tasks.vacant() as TaskId,
        units: units_of(state),
        pairs: state.units.pairs(),
        facts: state.units.register().len() as u32,
        next_detail: state.next_detail,
    }
}

fn block_row(state: &State, generation: u64, block: u32) -> Result<Vec<RowBytes>> {
    let first = block * BLOCK as u32;
    let end = (first as usize + BLOCK).min(state.tasks.numbered()) as u32;
    let records = (first..end).map_while(|id| state.tasks.record(id));
    Ok(encode(Row::Block { generation, block }, &BlockV1::pack(records))?)
}

fn unit_value(state: &State, unit: UnitId) -> Result<Vec<u8>> {
    let slot = state.units.slot(unit).ok_or_else(|| Error::Bug { what: format!("unit {unit} is missing") })?;
    let mut bytes = Vec::new();
    encode_into(&UnitV1::from(slot), &mut bytes).map_err(|what| Error::Bug { what })?;
    Ok(bytes)
}

fn list_value(state: &State, list: u32) -> Result<Vec<u8>> {
    let role = Role::ALL.get((list % LISTS_PER_UNIT) as usize);
    let tasks = state.units.tasks(list / LISTS_PER_UNIT).zip(role).map(|(tasks, role)| tasks.in_role(*role));
    let tasks = tasks.ok_or_else(|| Error::Bug { what: format!("posting list {list} is missing") })?;
    Ok(gaps::pack(tasks.ids().iter()))
}
