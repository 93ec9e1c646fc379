//! Checkpoints: a state to rows of both directions.

use crate::id::{DetailId, UnitId};
use crate::model::{EngineError, Result, Role};
use crate::state::{LEAF, PARALLEL_FROM, Part, Record, State, Touched};
use crate::store::{Changes, Outcome, Store};
use crate::threads::pipe;

use super::format::blocks::{BLOCK, BlockTask, BlockV1};
use super::format::keys::{all_with, generation_range};
use super::format::rows::{HeaderV1, PostingV1, UnitV1};
use super::format::{Key, Row, RowBytes, encode, gaps};

/// Rows per commit where many commits make up a whole: 256 rows are at most 1 MiB, and the engine's memory grows with
/// the batch.
const ROWS_PER_COMMIT: usize = 256;

fn header(state: &State, generation: u32) -> HeaderV1 {
    HeaderV1 {
        generation,
        revision: state.revision,
        numbered: state.tasks.numbered() as u32,
        assigned: state.tasks.assigned() as u32,
        units: state.units.len() as UnitId,
        pairs: state.units.pairs(),
        next_detail: state.next_detail,
    }
}

fn unit_row(state: &State, generation: u32, unit: UnitId) -> Result<Vec<RowBytes>> {
    let found = state.units.get(unit);
    debug_assert!(found.is_some(), "unit {unit} is there");
    let Some(found) = found else { return Ok(Vec::new()) };
    let value = UnitV1 {
        name: found.name.to_string(),
        aliases: found.aliases.iter().map(|alias| alias.to_string()).collect(),
        kind: found.kind.into(),
    };
    Ok(encode(Row::Unit { generation, unit }, &value)?)
}

fn block_row(state: &State, generation: u32, block: u32) -> Result<Vec<RowBytes>> {
    let first = block * BLOCK as u32;
    let records = (first..first + BLOCK as u32).map_while(|id| state.tasks.record(id));
    let numbered = state.tasks.numbered().saturating_sub(first as usize);
    let tasks = records.take(numbered).map(block_task);
    Ok(encode(Row::Block { generation, block }, &BlockV1::pack(tasks))?)
}

fn block_task<'r>(record: Record<'r>) -> BlockTask<'r, impl Iterator<Item = UnitId> + use<'r>> {
    let (key, units, detail, changed) = (record.key(), record.units(), record.detail(), record.changed());
    BlockTask { key, units, detail, changed }
}

/// A unit without tasks in a role has no row for it.
fn posting_row(state: &State, generation: u32, unit: UnitId, role: Role) -> Result<Vec<RowBytes>> {
    let Some(list) = state.units.tasks(unit).map(|tasks| tasks.in_role(role)).filter(|list| list.len() > 0) else {
        return Ok(Vec::new());
    };
    let packed = gaps::pack(list.ids().iter());
    Ok(encode(Row::Posting { generation, unit, role }, &PostingV1 { packed: &packed })?)
}

/// Brings the rows of a generation up to a state, in one commit, or writes a new generation where everything is touched.
/// Returns the generation that counts then.
pub(crate) fn checkpoint(store: &dyn Store, state: &State, touched: &mut Touched, generation: u32) -> Result<u32> {
    let Some(parts) = touched.parts() else {
        write_generation(store, state, generation + 1, Changes::default())?;
        remove_leftovers(store, generation + 1)?;
        return Ok(generation + 1);
    };
    let mut changes = Changes::default();
    let mut last_block = None;
    for part in parts {
        let (row, rows) = match *part {
            Part::Unit(unit) => (Row::Unit { generation, unit }, unit_row(state, generation, unit)?),
            Part::Leaf(leaf) => {
                let block = leaf * LEAF as u32 / BLOCK as u32;
                if last_block.replace(block) == Some(block) {
                    continue;
                }
                (Row::Block { generation, block }, block_row(state, generation, block)?)
            }
            Part::List(unit, role) => {
                (Row::Posting { generation, unit, role }, posting_row(state, generation, unit, role)?)
            }
        };
        changes.delete.extend(surplus_parts(store, row, rows.len())?);
        changes.put.extend(rows);
    }
    changes.put.extend(encode(Row::Header, &header(state, generation))?);
    commit(store, &changes)?;
    Ok(generation)
}

/// The keys of parts that a row has in the store and that its new value does not have.
fn surplus_parts(store: &dyn Store, row: Row, parts: usize) -> Result<Vec<Key>> {
    // A row has at most as many parts as 16 bits number.
    let Ok(first) = u16::try_from(parts) else { return Ok(Vec::new()) };
    let mut surplus = Vec::new();
    if store.get(&row.part(first))?.is_some() {
        store.scan(&row.part(first), &row.range().1, &mut |key, _| {
            surplus.push(key.to_vec());
            Ok(())
        })?;
    }
    Ok(surplus)
}

/// Writes rows in small commits: a killed process may leave some of them.
pub(crate) fn write_rows(store: &dyn Store, rows: Vec<RowBytes>) -> Result<()> {
    let mut rows = rows.into_iter();
    loop {
        let put: Vec<RowBytes> = rows.by_ref().take(ROWS_PER_COMMIT).collect();
        if put.is_empty() {
            return Ok(());
        }
        commit(store, &Changes { put, ..Changes::default() })?;
    }
}

/// Writes all of a state as a new generation, in small commits, and then, together with `switch`, the header that makes
/// it the one that counts. Durable when it returns.
pub(crate) fn write_generation(store: &dyn Store, state: &State, generation: u32, mut switch: Changes) -> Result<()> {
    // Rows of an attempt that failed would mix with these.
    for tag in [b'u', b't', b'p'] {
        let (from, to) = generation_range(tag, generation);
        remove_range(store, &from, &to)?;
    }
    // The engine writes rows while others are made.
    let many = state.tasks.numbered() > PARALLEL_FROM;
    pipe(many, |give| generation_rows(state, generation, give), |changes| commit(store, &changes))?;
    // The rows must be durable before the header that names them.
    store.sync(switch.step.map_or(state.revision, |step| step.from))?;
    switch.put.extend(encode(Row::Header, &header(state, generation))?);
    commit(store, &switch)?;
    store.sync(state.revision)
}

/// Makes all rows of a generation but the header, and hands them out as small commits.
fn generation_rows(state: &State, generation: u32, give: &mut dyn FnMut(Changes)) -> Result<()> {
    let mut changes = Changes::default();
    let mut add = |rows: Vec<RowBytes>| {
        changes.put.extend(rows);
        if changes.put.len() >= ROWS_PER_COMMIT {
            give(std::mem::take(&mut changes));
        }
    };
    let units = 0..state.units.len() as UnitId;
    for unit in units.clone() {
        add(unit_row(state, generation, unit)?);
    }
    for block in 0..state.tasks.numbered().div_ceil(BLOCK) as u32 {
        add(block_row(state, generation, block)?);
    }
    for unit in units {
        for role in Role::BOTH {
            add(posting_row(state, generation, unit, role)?);
        }
    }
    give(changes);
    Ok(())
}

fn commit(store: &dyn Store, changes: &Changes) -> Result<()> {
    match store.commit(changes)? {
        Outcome::Done => Ok(()),
        Outcome::Refused => {
            let why = "another writer has changed the store".to_owned();
            Err(EngineError::Failed { doing: "write a checkpoint", why }.into())
        }
    }
}

/// Deletes the rows of all generations but one: leftovers of an unfinished load, or of the generation before.
pub(crate) fn remove_leftovers(store: &dyn Store, generation: u32) -> Result<()> {
    for tag in [b'u', b't', b'p'] {
        let (all_from, all_to) = all_with(tag);
        let (from, to) = generation_range(tag, generation);
        remove_range(store, &all_from, &from)?;
        remove_range(store, &to, &all_to)?;
    }
    Ok(())
}

/// Deletes details from a number on: those of a load that was never committed.
pub(crate) fn remove_unused_details(store: &dyn Store, next: DetailId) -> Result<()> {
    remove_range(store, &Row::Details { id: next }.part(0), &all_with(b'd').1)
}

fn remove_range(store: &dyn Store, from: &[u8], to: &[u8]) -> Result<()> {
    let mut keys = Vec::new();
    store.scan(from, to, &mut |key, _| {
        keys.push(key.to_vec());
        Ok(())
    })?;
    for some in keys.chunks(ROWS_PER_COMMIT) {
        commit(store, &Changes { step: None, put: Vec::new(), delete: some.to_vec() })?;
    }
    Ok(())
}
