//! Rows to records, units and posting lists. The first row that can't be used is the error.
//!
//! No more is believed than there is: a short row can't claim billions of tasks.

use std::ops::Range;

use crate::commit_log::EntryId;
use crate::id::{Revision, TaskId, UnitId};
use crate::model::{MAX_TASK_KEY, MAX_UNITS_OF_A_TASK, Result, Role, check_unit_name};
use crate::state::{
    Fact, FormerName, MAX_UNITS, Member, PARALLEL_FROM, PairSum, Records, RecordsBuilder, Slot, TaskFacts, Unit,
    are_in_order,
};
use crate::threads::both;

use super::super::format::blocks::{BLOCK, BlockV1};
use super::super::format::facts::FactsV1;
use super::super::format::frame::decode_bytes;
use super::super::format::keys::generation_range;
use super::super::format::members::named_twice;
use super::super::format::rows::{EndedV1, HeaderV1, NamedV1, RunV1, UnitV1};
use super::super::format::{FormatError, Parts, Row, decode, gaps};
use super::runs::Starts;
use super::{LISTS_PER_UNIT, Layout, Rows};

/// The rows of a checkpoint but the posting lists.
pub(crate) struct ReadRows {
    pub(crate) header: HeaderV1,
    /// By number.
    pub(crate) units: Vec<Slot>,
    pub(crate) facts: Vec<Fact>,
    pub(crate) records: Records,
    /// The pairs of a task and a unit in the records.
    pub(crate) pairs: PairSum,
}

/// The task numbers of each unit, one list per role.
pub(crate) type RowLists = Vec<[Vec<TaskId>; Role::ALL.len()]>;

impl Rows {
    /// Reads the checkpoint; `None` if there is none.
    pub(crate) fn read(&mut self) -> Result<Option<ReadRows>> {
        self.forget();
        let Some(header) = self.read_header()? else { return Ok(None) };
        let (units, starts) = self.read_units(&header)?;
        let facts = self.read_facts(&header)?;
        let (records, pairs) = self.read_blocks(&header)?;
        if (pairs.pairs, records.len()) != (header.pairs, header.numbered as usize) {
            let why = format!(
                "it counts {} tasks and {} pairs of a task and a unit, there are {} and {}",
                header.numbered,
                header.pairs,
                records.len(),
                pairs.pairs
            );
            return Err(FormatError::new(Row::Header, why).into());
        }
        self.layout = Some(Layout { header: header.clone(), units: starts, lists: Starts::new() });
        Ok(Some(ReadRows { header, units, facts, records, pairs }))
    }

    /// The revision of the checkpoint, if it is one of this log; else 0.
    pub(crate) fn checkpoint_of(&self, log: EntryId) -> Result<Revision> {
        let header = self.read_header()?.filter(|header| EntryId::from_bytes(header.log) == log);
        Ok(header.map_or(0, |header| header.revision))
    }

    /// Whether there is no row, of whatever generation.
    pub(crate) fn is_empty(&self) -> Result<bool> {
        let mut empty = true;
        self.store.scan(&[], &[0xFF], &mut |_, _| {
            empty = false;
            Ok(())
        })?;
        Ok(empty)
    }

    /// Hands out the whole rows of a range, in key order.
    fn scan(&self, range: &(Vec<u8>, Vec<u8>), each: &mut dyn FnMut(Row, &[u8]) -> Result<()>) -> Result<()> {
        let mut parts = Parts::default();
        self.store.scan(&range.0, &range.1, &mut |key, value| match parts.add(key, value)? {
            Some((row, payload)) => each(row, payload),
            None => Ok(()),
        })?;
        Ok(parts.finish()?)
    }

    fn read_header(&self) -> Result<Option<HeaderV1>> {
        let mut found = None;
        self.scan(&Row::Header.range(), &mut |row, payload| {
            let header: HeaderV1 = decode(row, payload)?;
            if header.units as usize > MAX_UNITS {
                return Err(FormatError::new(row, "a number in it is out of bounds").into());
            }
            found = Some(header);
            Ok(())
        })?;
        Ok(found)
    }

    /// Hands out the values of runs, which must be contiguous. Returns where runs begin.
    fn read_runs(&self, tag: u8, header: &HeaderV1, each: &mut dyn FnMut(Row, &[u8]) -> Result<()>) -> Result<Starts> {
        let (mut starts, mut next) = (Starts::new(), 0);
        self.scan(&generation_range(tag, header.generation), &mut |row, payload| {
            let (Row::Units { first, .. } | Row::Postings { first, .. }) = row else { return Ok(()) };
            if first != next {
                return Err(FormatError::new(row, format!("the row from {next} on is missing")).into());
            }
            let run: RunV1<'_> = decode(row, payload)?;
            next += run.values.len() as u32;
            starts.insert(first);
            run.values.into_iter().try_for_each(|value| each(row, value))
        })?;
        Ok(starts)
    }

    fn read_units(&self, header: &HeaderV1) -> Result<(Vec<Slot>, Starts)> {
        let mut units = Vec::new();
        let starts = self.read_runs(b'u', header, &mut |row, value| {
            units.push(decode_unit(row, value)?);
            Ok(())
        })?;
        if units.len() != header.units as usize {
            let why = format!("it counts {} units, there are {}", header.units, units.len());
            return Err(FormatError::new(Row::Header, why).into());
        }
        Ok((units, starts))
    }

    fn read_facts(&self, header: &HeaderV1) -> Result<Vec<Fact>> {
        let mut facts = Vec::new();
        self.scan(&generation_range(b'x', header.generation), &mut |row, payload| {
            let found: FactsV1 = decode(row, payload)?;
            for fact in &found.facts {
                let fact = fact.fact().map_err(|why| FormatError::new(row, why))?;
                let key = fact.key();
                if row != (Row::Facts { generation: header.generation, bucket: key.bucket() }) {
                    return Err(FormatError::new(row, format!("{key} is in another row")).into());
                }
                facts.push(fact);
            }
            Ok(())
        })?;
        if facts.len() != header.facts as usize {
            let why = format!("it counts {} facts, there are {}", header.facts, facts.len());
            return Err(FormatError::new(Row::Header, why).into());
        }
        Ok(facts)
    }

    /// Reads all blocks: each half on a thread of its own where there are many.
    fn read_blocks(&self, header: &HeaderV1) -> Result<(Records, PairSum)> {
        let blocks = (header.numbered as usize).div_ceil(BLOCK) as u32;
        let (half, worth) = (blocks / 2, header.numbered as usize > PARALLEL_FROM);
        let first =
            || self.read_half(header, 0..half, Row::Block { generation: header.generation, block: half }.part(0));
        let second = || self.read_half(header, half..blocks, generation_range(b't', header.generation).1);
        let (first, second) = both(worth, first, second);
        let ((mut records, mut pairs), (more, more_pairs)) = (first?, second?);
        records.append(more);
        pairs.merge(more_pairs);
        Ok((records.finish(), pairs))
    }

    /// Reads a range of blocks, and refuses others before the key at which the range ends.
    fn read_half(&self, header: &HeaderV1, blocks: Range<u32>, end: Vec<u8>) -> Result<(RecordsBuilder, PairSum)> {
        let (mut records, mut pairs, mut next) = (RecordsBuilder::default(), PairSum::default(), blocks.start);
        let row = |block| Row::Block { generation: header.generation, block };
        let missing = |block| FormatError::new(row(block), "it is missing");
        self.scan(&(row(blocks.start).part(0), end), &mut |found, payload| {
            if found != row(next) {
                return Err(missing(next).into());
            }
            let first = next as usize * BLOCK;
            next += 1;
            let size = (header.numbered as usize).saturating_sub(first).min(BLOCK);
            let mut id = first as TaskId;
            decode_block(found, payload, header.units, size, &mut |task| {
                task.image.iter().flat_map(|image| image.members).for_each(|member| pairs.add(*member, id));
                id += 1;
                records.push(task);
            })
        })?;
        if next < blocks.end { Err(missing(next).into()) } else { Ok((records, pairs)) }
    }

    /// Reads the posting lists, with their pairs. They have no more than the records, whatever they claim.
    pub(crate) fn read_lists(&mut self, header: &HeaderV1, most: PairSum) -> Result<(RowLists, PairSum)> {
        let (mut flat, mut left) = (Vec::new(), most.pairs);
        let starts = self.read_runs(b'p', header, &mut |row, value| {
            let list = gaps::unpack(value, header.numbered as usize, left as usize)
                .ok_or_else(|| FormatError::new(row, "it names tasks that are not there"))?;
            left -= list.len() as u64;
            flat.push(list);
            Ok(())
        })?;
        // Each unit has its lists, also empty ones.
        let all = (header.units * LISTS_PER_UNIT) as usize;
        if flat.len() != all {
            let why =
                format!("it counts {} units, there are {} posting lists instead of {all}", header.units, flat.len());
            return Err(FormatError::new(Row::Header, why).into());
        }
        if let Some(layout) = &mut self.layout {
            layout.lists = starts;
        }
        let (mut lists, mut pairs) = (RowLists::with_capacity(header.units as usize), PairSum::default());
        for (unit, flat) in (0..).zip(flat.as_chunks_mut().0) {
            for (role, list) in Role::ALL.into_iter().zip(flat.iter()) {
                list.iter().for_each(|task| pairs.add(Member::new(unit, role), *task));
            }
            lists.push(std::mem::take(flat));
        }
        Ok((lists, pairs))
    }
}

fn decode_unit(row: Row, value: &[u8]) -> Result<Slot> {
    let (unit, used): (UnitV1, usize) = decode_bytes(value).map_err(|why| FormatError::new(row, why))?;
    if used != value.len() {
        return Err(FormatError::new(row, "a unit has bytes left over").into());
    }
    slot_from(&unit).map_err(|why| FormatError::new(row, why).into())
}

/// The unit of a row or a base, if its names are valid.
pub(crate) fn slot_from(unit: &UnitV1) -> Result<Slot, String> {
    let named = unit.unit.iter().flat_map(|unit| std::iter::once(&unit.name).chain(&unit.aliases));
    let mut names = named.chain(unit.former.iter().map(|(name, _)| name));
    names.try_for_each(|name| check_unit_name(name)).map_err(|why| why.to_string())?;
    if !unit.former.is_sorted_by_key(|(_, until)| *until) {
        return Err("the former names of a unit are not in order".to_owned());
    }
    let named = |unit: &NamedV1| {
        let aliases = unit.aliases.iter().map(|alias| alias.as_str().into()).collect();
        let ended = unit.ended.map(EndedV1::ended).transpose()?;
        Ok::<_, String>(Unit::new(unit.name.as_str().into(), aliases, unit.kind.into()).with(&unit.members, ended))
    };
    let former = unit.former.iter().map(|(name, until)| FormerName { name: name.as_str().into(), until: *until });
    Ok(Slot::new(unit.unit.as_ref().map(named).transpose()?, former.collect()))
}

fn decode_block(
    row: Row,
    payload: &[u8],
    units: UnitId,
    size: usize,
    each: &mut dyn FnMut(TaskFacts<'_>),
) -> Result<()> {
    let block: BlockV1<'_> = decode(row, payload)?;
    let tasks = unpack_block(&block, units, each).map_err(|why| FormatError::new(row, why))?;
    if tasks != size {
        return Err(FormatError::new(row, format!("it has {tasks} tasks instead of {size}")).into());
    }
    Ok(())
}

/// Hands out the tasks of a block of a row or a base, if they keep the rules; returns their number.
pub(crate) fn unpack_block(
    block: &BlockV1<'_>,
    units: UnitId,
    each: &mut dyn FnMut(TaskFacts<'_>),
) -> Result<usize, String> {
    let mut wrong = None;
    let unpacked =
        block.unpack(|task| match check_task(task.key, task.image.map_or(&[], |image| image.members), units) {
            Ok(()) => each(task),
            Err(why) => drop(wrong.get_or_insert(why)),
        });
    match (unpacked, wrong) {
        (None, _) => Err("its lists don't fit together".to_owned()),
        (Some(()), Some(why)) => Err(why),
        (Some(()), None) => Ok(block.len()),
    }
}

/// Checks the rules that hold for every task, with units below `all`.
pub(crate) fn check_task(key: &str, members: &[Member], all: UnitId) -> Result<(), String> {
    if key.is_empty() || key.len() > MAX_TASK_KEY {
        return Err(format!("a key has {} bytes", key.len()));
    }
    if members.len() > MAX_UNITS_OF_A_TASK {
        return Err(format!("task {key:?} names {} units", members.len()));
    }
    if let Some(member) = members.iter().find(|member| member.unit() >= all) {
        return Err(format!("task {key:?} names unit {}, which does not exist", member.unit()));
    }
    if !are_in_order(members) {
        return Err(format!("the units of task {key:?} are not in the order of their roles"));
    }
    if named_twice(members).is_some() { Err(format!("task {key:?} names a unit twice")) } else { Ok(()) }
}
