//! Versions to rows.

use crate::assignment::Role;
use crate::error::{EngineError, Result};
use crate::format::blocks::{BLOCK, BlockV1};
use crate::format::keys::{all_with, generation_range};
use crate::format::rows::{HeaderV1, PostingV1, UnitV1};
use crate::format::{Key, Row, RowBytes, encode, gaps};
use crate::id::UnitId;
use crate::store::{Changes, Outcome, Store};
use crate::threads::pipe;
use crate::view::{LEAF, MANY, Record, Version};

/// How many rows one commit writes where many commits make up a whole: the engine's memory grows with the batch.
const TOGETHER: usize = 256;

fn header(version: &Version, generation: u32) -> HeaderV1 {
    HeaderV1 {
        generation,
        revision: version.revision,
        numbered: version.tasks.numbered() as u32,
        assigned: version.tasks.assigned() as u32,
        units: version.units.len() as UnitId,
        pairs: version.units.pairs(),
        next_detail: version.next_detail,
    }
}

fn unit_row(version: &Version, generation: u32, unit: UnitId) -> Result<Vec<RowBytes>> {
    let Some(found) = version.units.get(unit) else { return Ok(Vec::new()) };
    let value = UnitV1 {
        name: found.name.to_string(),
        aliases: found.aliases.iter().map(|alias| alias.to_string()).collect(),
        kind: found.kind.into(),
    };
    Ok(encode(Row::Unit { generation, unit }, &value)?)
}

fn block_row(version: &Version, generation: u32, block: u32) -> Result<Vec<RowBytes>> {
    let first = block * BLOCK as u32;
    let records = (first..first + BLOCK as u32).map_while(|id| version.tasks.record(id));
    let numbered = version.tasks.numbered().saturating_sub(first as usize);
    let tasks = records.take(numbered).map(|record: Record<'_>| (record.key(), record.units(), record.detail()));
    Ok(encode(Row::Block { generation, block }, &BlockV1::pack(tasks))?)
}

/// No rows for a unit without tasks in that role.
fn posting_row(version: &Version, generation: u32, unit: UnitId, role: Role) -> Result<Vec<RowBytes>> {
    let Some(posting) = version.units.postings(unit).map(|postings| postings.of(role)).filter(|p| p.len() > 0) else {
        return Ok(Vec::new());
    };
    let packed = gaps::pack(posting.ids().iter());
    Ok(encode(Row::Posting { generation, unit, role }, &PostingV1 { packed: &packed })?)
}

/// Brings the rows of a generation from one version up to a later one of the same lineage, in one commit.
pub(crate) fn fold(store: &dyn Store, from: &Version, to: &Version, generation: u32) -> Result<()> {
    let mut changes = Changes::default();
    let mut replace = |row: Row, rows: Vec<RowBytes>| -> Result<()> {
        changes.delete.extend(surplus_parts(store, row, rows.len())?);
        changes.put.extend(rows);
        Ok(())
    };
    for unit in to.units.changed_units(&from.units) {
        replace(Row::Unit { generation, unit }, unit_row(to, generation, unit)?)?;
    }
    let mut blocks: Vec<u32> =
        to.tasks.changed_leaves(&from.tasks).iter().map(|leaf| (leaf * LEAF / BLOCK) as u32).collect();
    blocks.dedup();
    for block in blocks {
        replace(Row::Block { generation, block }, block_row(to, generation, block)?)?;
    }
    for (unit, role) in to.units.changed_postings(&from.units) {
        replace(Row::Posting { generation, unit, role }, posting_row(to, generation, unit, role)?)?;
    }
    changes.put.extend(encode(Row::Header, &header(to, generation))?);
    commit(store, &changes)
}

/// The keys of parts that a row has in the store past those it is to have.
fn surplus_parts(store: &dyn Store, row: Row, parts: usize) -> Result<Vec<Key>> {
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
        let put: Vec<RowBytes> = rows.by_ref().take(TOGETHER).collect();
        if put.is_empty() {
            return Ok(());
        }
        commit(store, &Changes { put, ..Changes::default() })?;
    }
}

/// Writes all of a version as a new generation, in small commits, and then, together with `switch`, the header that
/// makes it the one that counts. Durable when it returns.
pub(crate) fn write_generation(
    store: &dyn Store,
    version: &Version,
    generation: u32,
    mut switch: Changes,
) -> Result<()> {
    // The engine takes in rows while others are made.
    let many = version.tasks.numbered() > MANY;
    pipe(many, |give| generation_rows(version, generation, give), |changes| commit(store, &changes))?;
    // The rows must be safe before the header that names them.
    store.sync(switch.step.map_or(version.revision, |step| step.from))?;
    switch.put.extend(encode(Row::Header, &header(version, generation))?);
    commit(store, &switch)?;
    store.sync(version.revision)
}

/// Makes all rows of a generation but the header, and hands them out as small commits.
fn generation_rows(version: &Version, generation: u32, give: &mut dyn FnMut(Changes)) -> Result<()> {
    let mut changes = Changes::default();
    let mut add = |rows: Vec<RowBytes>| {
        changes.put.extend(rows);
        if changes.put.len() >= TOGETHER {
            give(std::mem::take(&mut changes));
        }
    };
    let units = 0..version.units.len() as UnitId;
    for unit in units.clone() {
        add(unit_row(version, generation, unit)?);
    }
    for block in 0..version.tasks.numbered().div_ceil(BLOCK) as u32 {
        add(block_row(version, generation, block)?);
    }
    for unit in units {
        for role in Role::BOTH {
            add(posting_row(version, generation, unit, role)?);
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
            Err(EngineError::Failed { doing: "fold", why }.into())
        }
    }
}

/// Deletes the rows of every generation but one: what an unfinished load, or one before this, left behind.
pub(crate) fn remove_leftovers(store: &dyn Store, generation: u32) -> Result<()> {
    for tag in [b'u', b't', b'p'] {
        let (all_from, all_to) = all_with(tag);
        let (from, to) = generation_range(tag, generation);
        remove_range(store, &all_from, &from)?;
        remove_range(store, &to, &all_to)?;
    }
    Ok(())
}

fn remove_range(store: &dyn Store, from: &[u8], to: &[u8]) -> Result<()> {
    let mut keys = Vec::new();
    store.scan(from, to, &mut |key, _| {
        keys.push(key.to_vec());
        Ok(())
    })?;
    for some in keys.chunks(TOGETHER) {
        commit(store, &Changes { step: None, put: Vec::new(), delete: some.to_vec() })?;
    }
    Ok(())
}
