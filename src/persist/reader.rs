//! The one reader of the rows of a checkpoint, under opening, `verify` and salvage: strict, or collecting defects.
//!
//! The header says which generation counts and how many rows it has. No more is believed than there is: counts are
//! bounded by the rows that exist, and a short row can't claim billions of tasks.

use std::ops::RangeInclusive;

use crate::id::{Revision, TaskId, UnitId};
use crate::model::{MAX_TASK_KEY, MAX_UNITS_OF_A_TASK, Result, Role, check_unit_name};
use crate::state::{MAX_UNITS, PARALLEL_FROM, Records, RecordsBuilder, TaskFacts, Unit};
use crate::store::Store;

use super::defect::{Defect, Defects, Mode};
use super::fetch::{fetch, list};
use super::format::blocks::{BLOCK, BlockTask, BlockV1};
use super::format::keys::{all_with, generation_range};
use super::format::rows::{HeaderV1, PostingV1, UnitV1};
use super::format::units::names_one_twice;
use super::format::{FormatError, Row, decode, gaps};

/// The most rows of one kind that are asked for by number where the engine can't list them.
const MOST_UNLISTED: u32 = 1 << 18;

/// The most rows past the last one that is there which a header is believed to have counted.
const MOST_MISSING: u32 = 1 << 10;

/// The rows of a checkpoint but the posting lists. A strict reader returns all of them.
pub(super) struct Rows {
    /// `None` when it is damaged; the default where there never was a checkpoint.
    pub(super) header: Option<HeaderV1>,
    /// The generation that was read.
    pub(super) generation: u32,
    pub(super) units: Vec<Option<Unit>>,
    /// The tasks by their numbers; empty records for those of lost blocks.
    pub(super) records: Records,
    pub(super) lost_blocks: Vec<u32>,
    /// The number of pairs of a task and a unit in the records.
    pub(super) pairs: u64,
    pub(super) defects: Vec<Defect>,
}

impl Rows {
    /// Whether the record of a task number is lost.
    pub(super) fn is_lost(&self, task: TaskId) -> bool {
        self.lost_blocks.binary_search(&(task / BLOCK as TaskId)).is_ok()
    }
}

/// The task numbers that each unit leads and supports; `None` for a list that can't be read.
pub(super) type Lists = Vec<[Option<Vec<TaskId>>; 2]>;

pub(super) fn read(store: &dyn Store, mode: Mode) -> Result<Rows> {
    let mut defects = Defects::new(mode);
    let header = read_header(store, &mut defects)?;
    let generation = match &header {
        Some(header) => header.generation,
        None => likely_generation(store)?,
    };
    let (units, blocks) = match (mode, &header) {
        (Mode::Strict, Some(header)) => (header.units, header.numbered.div_ceil(BLOCK as u32)),
        _ => extent(store, header.as_ref(), generation, &mut defects)?,
    };
    let (units, unit_count) = (read_units(store, generation, units, &mut defects)?, units);
    let mut rows = Rows {
        header,
        generation,
        units,
        records: Records::default(),
        lost_blocks: Vec::new(),
        pairs: 0,
        defects: Vec::new(),
    };
    rows.read_blocks(store, unit_count, blocks, &mut defects)?;
    rows.defects = defects.list;
    Ok(rows)
}

fn read_header(store: &dyn Store, defects: &mut Defects) -> Result<Option<HeaderV1>> {
    let (mut header, mode) = (None, defects.mode());
    fetch(store, mode, false, &Row::Header.range(), std::iter::once(Row::Header), |row, fetched| {
        let read = fetched.and_then(|payload| match payload {
            Some(payload) => decode_header(row, payload),
            // Leftovers of a load that never ended are removed by the opening that finds them.
            None if mode == Mode::Lenient && has_a_checkpoint(store)? => {
                Err(FormatError::new(row, "it is missing").into())
            }
            None => Ok(HeaderV1::default()),
        });
        header = defects.keep(row, read)?;
        Ok(())
    })?;
    Ok(header)
}

fn decode_header(row: Row, payload: &[u8]) -> Result<HeaderV1> {
    let header: HeaderV1 = decode(row, payload)?;
    // Numbers are counted up from these.
    if header.revision == Revision::MAX || header.generation == u32::MAX || header.units as usize > MAX_UNITS {
        return Err(FormatError::new(row, "a number in it is out of bounds").into());
    }
    Ok(header)
}

/// Whether there are rows that a header must count.
fn has_a_checkpoint(store: &dyn Store) -> Result<bool> {
    let mut any = false;
    for tag in [b'u', b't', b'p'] {
        list(store, &all_with(tag), &mut |_| any = true)?;
    }
    Ok(any)
}

/// The generation that counts when the header can't say it. A new one is written after the old, and the old one is
/// removed from its beginning on, so it is the first one that begins.
fn likely_generation(store: &dyn Store) -> Result<u32> {
    let mut begun = Vec::new();
    list(store, &all_with(b'u'), &mut |row| {
        if let Row::Unit { generation, unit: 0 } = row {
            begun.push(generation);
        }
    })?;
    if begun.is_empty() {
        for tag in [b'u', b't', b'p'] {
            list(store, &all_with(tag), &mut |row| match row {
                Row::Unit { generation, .. } | Row::Block { generation, .. } | Row::Posting { generation, .. } => {
                    begun.push(generation);
                }
                _ => {}
            })?;
        }
    }
    Ok(begun.first().map_or(0, |generation| *generation))
}

/// The numbers of units and blocks to be read: those that the header counts, or those that there are.
fn extent(
    store: &dyn Store,
    header: Option<&HeaderV1>,
    generation: u32,
    defects: &mut Defects,
) -> Result<(UnitId, u32)> {
    let (mut units, mut blocks) = (0, 0);
    let mut all = true;
    for tag in [b'u', b't'] {
        all &= list(store, &generation_range(tag, generation), &mut |row| match row {
            Row::Unit { unit, .. } => units = units.max(unit.saturating_add(1)),
            Row::Block { block, .. } => blocks = blocks.max(block.saturating_add(1)),
            _ => {}
        })?;
    }
    let Some(header) = header else { return Ok((units, blocks)) };
    let counted = (header.units, header.numbered.div_ceil(BLOCK as u32));
    if !all {
        return Ok((counted.0.min(MOST_UNLISTED), counted.1.min(MOST_UNLISTED)));
    }
    if units < counted.0 || blocks < counted.1 {
        let why = format!("it counts {counted:?} units and task blocks, there are {units} and {blocks}");
        defects.keep(Row::Header, Err::<(), _>(FormatError::new(Row::Header, why).into()))?;
    }
    // A header whose checksum fits is believed, up to what a damaged index may lack.
    Ok((counted.0.min(units.saturating_add(MOST_MISSING)), counted.1.min(blocks.saturating_add(MOST_MISSING))))
}

fn needed(row: Row, payload: Option<&[u8]>) -> Result<&[u8]> {
    Ok(payload.ok_or_else(|| FormatError::new(row, "it is missing"))?)
}

fn read_units(store: &dyn Store, generation: u32, count: UnitId, defects: &mut Defects) -> Result<Vec<Option<Unit>>> {
    let mut units = Vec::new();
    let expected = (0..count).map(|unit| Row::Unit { generation, unit });
    fetch(store, defects.mode(), false, &generation_range(b'u', generation), expected, |row, fetched| {
        let counted = matches!(row, Row::Unit { unit, .. } if unit < count);
        let read = fetched.and_then(|payload| decode_unit(row, needed(row, payload)?));
        let unit = defects.keep(row, read)?;
        if counted {
            units.push(unit);
        }
        Ok(())
    })?;
    Ok(units)
}

fn decode_unit(row: Row, payload: &[u8]) -> Result<Unit> {
    let value: UnitV1 = decode(row, payload)?;
    let mut names = std::iter::once(&value.name).chain(&value.aliases);
    names.try_for_each(|name| check_unit_name(name)).map_err(|why| FormatError::new(row, why))?;
    let aliases = value.aliases.iter().map(|alias| alias.as_str().into()).collect();
    Ok(Unit::new(value.name.as_str().into(), aliases, value.kind.into()))
}

impl Rows {
    fn read_blocks(&mut self, store: &dyn Store, units: UnitId, blocks: u32, defects: &mut Defects) -> Result<()> {
        let (generation, mode) = (self.generation, defects.mode());
        let numbered = self.header.as_ref().map(|header| header.numbered as usize);
        let bounds = Bounds { units, revision: self.header.as_ref().map_or(Revision::MAX, |header| header.revision) };
        let mut records = RecordsBuilder::default();
        let many = blocks as usize * BLOCK > PARALLEL_FROM;
        let expected = (0..blocks).map(|block| Row::Block { generation, block });
        fetch(store, mode, many, &generation_range(b't', generation), expected, |row, fetched| {
            let Row::Block { block, .. } = row else { return Ok(()) };
            if block >= blocks {
                return defects.keep(row, fetched.map(drop)).map(drop);
            }
            let size = numbered.map_or(BLOCK, |numbered| (numbered - block as usize * BLOCK).min(BLOCK));
            let least = if numbered.is_none() && block + 1 == blocks { 1 } else { size };
            let read = fetched.and_then(|payload| {
                let payload = needed(row, payload)?;
                if mode == Mode::Lenient {
                    // Nothing of a damaged block is kept.
                    decode_block(row, payload, bounds, least..=size, &mut |_| {})?;
                }
                decode_block(row, payload, bounds, least..=size, &mut |BlockTask { key, units, detail, changed }| {
                    self.pairs += units.len() as u64;
                    records.push(TaskFacts { key, units, detail, changed });
                })
            });
            if defects.keep(row, read)?.is_none() {
                self.lost_blocks.push(block);
                let none = TaskFacts { key: "", units: &[], detail: 0, changed: 0 };
                (0..size).for_each(|_| records.push(none));
            }
            Ok(())
        })?;
        self.records = records.finish();
        Ok(())
    }
}

/// What the tasks of a block may name: units below a number, and no revision after that of the checkpoint.
#[derive(Clone, Copy)]
struct Bounds {
    units: UnitId,
    revision: Revision,
}

/// Hands out the tasks of a block.
fn decode_block(
    row: Row,
    payload: &[u8],
    bounds: Bounds,
    size: RangeInclusive<usize>,
    each: &mut dyn FnMut(BlockTask<'_, &[UnitId]>),
) -> Result<()> {
    let value: BlockV1<'_> = decode(row, payload)?;
    let (mut wrong, mut count) = (None, 0);
    let unpacked = value.unpack(|task| {
        wrong = wrong.take().or_else(|| check_task(task, bounds).err());
        count += 1;
        each(task);
    });
    let wrong = match (unpacked, wrong) {
        (None, _) => Some("its lists don't fit together".to_owned()),
        (Some(()), None) if !size.contains(&count) => Some(format!("it has {count} tasks instead of {}", size.end())),
        (Some(()), wrong) => wrong,
    };
    wrong.map_or(Ok(()), |why| Err(FormatError::new(row, why).into()))
}

fn check_task(task: BlockTask<'_, &[UnitId]>, bounds: Bounds) -> Result<(), String> {
    let BlockTask { key, units, changed, .. } = task;
    if key.is_empty() || key.len() > MAX_TASK_KEY {
        return Err(format!("a key has {} bytes", key.len()));
    }
    if units.len() > MAX_UNITS_OF_A_TASK {
        return Err(format!("task {key:?} names {} units", units.len()));
    }
    if let Some(unit) = units.iter().find(|unit| **unit >= bounds.units) {
        return Err(format!("task {key:?} names unit {unit}, which does not exist"));
    }
    if changed > bounds.revision {
        return Err(format!("task {key:?} was changed at revision {changed}, after the checkpoint"));
    }
    if names_one_twice(units) { Err(format!("task {key:?} names a unit twice")) } else { Ok(()) }
}

/// Reads the posting lists that belong to the other rows. They have no more pairs than those, whatever they claim.
pub(super) fn read_lists(store: &dyn Store, mode: Mode, rows: &Extent) -> Result<(Lists, Vec<Defect>)> {
    let mut defects = Defects::new(mode);
    let Extent { generation, units, numbered, mut pairs } = *rows;
    let mut lists: Lists = Vec::with_capacity(units as usize);
    let expected = (0..units).flat_map(|unit| Role::BOTH.map(|role| Row::Posting { generation, unit, role }));
    fetch(store, mode, false, &generation_range(b'p', generation), expected, |row, fetched| {
        // A list without a row is empty.
        let read = fetched.and_then(|payload| match payload {
            Some(payload) => unpack_list(row, payload, numbered, pairs),
            None => Ok(Vec::new()),
        });
        let list = defects.keep(row, read)?;
        if matches!(row, Row::Posting { unit, .. } if unit >= units) {
            return Ok(());
        }
        pairs -= list.as_ref().map_or(0, |list| list.len() as u64);
        match (row, lists.last_mut()) {
            (Row::Posting { role: Role::Support, .. }, Some([_, support])) => *support = list,
            _ => lists.push([list, None]),
        }
        Ok(())
    })?;
    Ok((lists, defects.list))
}

/// The bounds of posting lists.
#[derive(Clone, Copy)]
pub(super) struct Extent {
    pub(super) generation: u32,
    pub(super) units: UnitId,
    pub(super) numbered: TaskId,
    pub(super) pairs: u64,
}

impl Rows {
    pub(super) fn extent(&self) -> Extent {
        let (units, numbered) = (self.units.len() as UnitId, self.records.len() as TaskId);
        // Where blocks are lost the header may know, or else each task has its most units.
        let most = u64::from(numbered) * MAX_UNITS_OF_A_TASK as u64;
        let pairs = match &self.header {
            _ if self.lost_blocks.is_empty() => self.pairs,
            Some(header) => header.pairs,
            None => most,
        };
        Extent { generation: self.generation, units, numbered, pairs }
    }
}

fn unpack_list(row: Row, payload: &[u8], numbered: TaskId, most: u64) -> Result<Vec<TaskId>> {
    let value: PostingV1<'_> = decode(row, payload)?;
    let ids = gaps::unpack(value.packed, numbered as usize, most as usize);
    ids.ok_or_else(|| FormatError::new(row, "it names tasks that are not there").into())
}

#[cfg(test)]
mod tests {
    use super::super::format::encode;
    use super::*;
    use crate::model::UnitKind;
    use crate::store::MemoryStore;

    /// The checksum of such a block fits, so that only what is in it tells.
    #[test]
    fn nothing_is_kept_of_a_block_that_is_wrong_in_its_middle() {
        let store = MemoryStore::new();
        let task = |(key, unit)| BlockTask { key, units: std::iter::once(unit), detail: 0, changed: 0 };
        let block = BlockV1::pack([("a", 0), ("b", 7), ("c", 0)].into_iter().map(task));
        let unit = UnitV1 { name: "A".to_owned(), aliases: Vec::new(), kind: UnitKind::Body.into() };
        let header = HeaderV1 { numbered: 3, assigned: 3, units: 1, pairs: 3, ..HeaderV1::default() };
        let rows = [
            encode(Row::Header, &header).unwrap(),
            encode(Row::Unit { generation: 0, unit: 0 }, &unit).unwrap(),
            encode(Row::Block { generation: 0, block: 0 }, &block).unwrap(),
        ];
        rows.into_iter().flatten().for_each(|(key, value)| store.tamper(&key, Some(value)));
        assert!(read(&store, Mode::Strict).is_err());
        let rows = read(&store, Mode::Lenient).unwrap();
        assert_eq!((rows.records.iter().count(), rows.lost_blocks, rows.pairs), (3, vec![0], 0));
        assert!(rows.records.iter().all(|record| record.key().is_empty()));
        assert!(rows.defects[0].why.contains("names unit 7"), "{:?}", rows.defects);
    }
}
