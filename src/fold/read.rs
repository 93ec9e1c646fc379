//! Rows to versions.

use std::sync::Arc;

use crate::assignment::{MAX_TASK_KEY, MAX_UNITS_OF_A_TASK, Role, check_task_key, check_unit_name};
use crate::edit::apply;
use crate::error::{Corrupt, Error, Result};
use crate::format::blocks::BlockV1;
use crate::format::keys::{all_with, generation_range};
use crate::format::rows::{ChangeV1, CommitV1, HeaderV1, PostingV1, UnitV1, WhatV1};
use crate::format::{FormatError, Parts, Row, decode, gaps};
use crate::id::{DetailId, Revision, TaskId, UnitId};
use crate::store::Store;
use crate::threads::pipe;
use crate::view::{ByUnit, MANY, MAX_UNITS, Records, RecordsBuilder, Unit, Units, Version};

/// What to do about rows that are damaged.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Damage {
    /// Make the unit→task rows anew from the task→unit ones, instead of refusing to open.
    pub(crate) rebuild_reverse: bool,
    /// Open what is left when durable revisions are gone.
    pub(crate) accept_lost: bool,
}

/// An index as its rows tell it.
pub(crate) struct Opened {
    pub(crate) version: Version,
    /// The version of the last fold.
    pub(crate) folded: Version,
    pub(crate) generation: u32,
    /// How many changes the log has after the last fold.
    pub(crate) unfolded: usize,
    /// Whether the unit→task rows were not usable and must be written anew.
    pub(crate) rebuilt: bool,
    /// Whether the store believes that another revision is durable, and must be told of this one.
    pub(crate) lost: bool,
}

/// Reads everything and puts the newest version together.
pub(crate) fn open(store: &Arc<dyn Store>, damage: Damage) -> Result<Opened> {
    let header = read_header(&**store)?;
    let mut folded = Version::empty(Arc::clone(store));
    folded.units = read_units(&**store, &header)?;
    let (records, pairs) = read_records(&**store, &header)?;
    let (postings, by_task) = folded.replace_tasks_beside(records, || read_postings(&**store, &header, pairs));
    folded.revision = header.revision;
    folded.next_detail = header.next_detail.max(1);
    check_counts(&header, &folded)?;
    let agreed = postings.and_then(|by_unit| check_directions(&folded.units, &by_task, &by_unit));
    let rebuilt = match agreed {
        Ok(()) => false,
        Err(_) if damage.rebuild_reverse => true,
        Err(error) => return Err(error),
    };
    let mut version = folded.clone();
    let unfolded = replay(&**store, &mut version, None)?;
    let lost = match check_nothing_is_lost(&**store, version.revision) {
        Ok(()) => false,
        Err(Error::Corrupt(Corrupt::RolledBack { .. } | Corrupt::Mark { .. })) if damage.accept_lost => true,
        Err(error) => return Err(error),
    };
    Ok(Opened { version, folded, generation: header.generation, unfolded, rebuilt, lost })
}

fn check_counts(header: &HeaderV1, version: &Version) -> Result<()> {
    let (assigned, pairs) = (version.tasks.assigned() as u64, version.units.pairs());
    if (u64::from(header.assigned), header.pairs) == (assigned, pairs) {
        return Ok(());
    }
    let why = format!(
        "it counts {} assigned tasks and {} pairs of a task and a unit, there are {assigned} and {pairs}",
        header.assigned, header.pairs
    );
    Err(FormatError::new(Row::Header, why).into())
}

/// Compares the newest revision found with the one that the store knows to have been durable.
pub(crate) fn check_nothing_is_lost(store: &dyn Store, found: Revision) -> Result<()> {
    let expected = store.newest_durable()?;
    if expected > found { Err(Corrupt::RolledBack { expected, found }.into()) } else { Ok(()) }
}

fn read_header(store: &dyn Store) -> Result<HeaderV1> {
    let mut header = HeaderV1::default();
    let (from, to) = Row::Header.range();
    each_row(store, &from, &to, &mut |row, payload| {
        header = decode_header(row, payload)?;
        Ok(())
    })?;
    Ok(header)
}

pub(super) fn decode_header(row: Row, payload: &[u8]) -> Result<HeaderV1> {
    let header: HeaderV1 = decode(row, payload)?;
    // Numbers are counted up from these.
    if header.revision == Revision::MAX || header.generation == u32::MAX || header.units as usize > MAX_UNITS {
        return Err(FormatError::new(row, "a number in it is out of bounds").into());
    }
    Ok(header)
}

/// Hands out whole rows of a range, in order.
fn each_row(store: &dyn Store, from: &[u8], to: &[u8], each: &mut dyn FnMut(Row, &[u8]) -> Result<()>) -> Result<()> {
    let mut parts = Parts::default();
    store.scan(from, to, &mut |key, value| match parts.add(key, value)? {
        Some((row, payload)) => each(row, payload),
        None => Ok(()),
    })?;
    Ok(parts.finish()?)
}

fn read_units(store: &dyn Store, header: &HeaderV1) -> Result<Units> {
    let mut units = Units::default();
    let (from, to) = generation_range(b'u', header.generation);
    each_row(store, &from, &to, &mut |row, payload| {
        expect_row(row, Row::Unit { generation: header.generation, unit: units.len() as UnitId })?;
        let unit = decode_unit(row, payload)?;
        let taken = std::iter::once(&unit.name).chain(unit.aliases.iter()).find(|name| units.find(name).is_some());
        if let Some(name) = taken {
            return Err(FormatError::new(row, format!("the name {name:?} belongs to another unit")).into());
        }
        units.add(unit);
        Ok(())
    })?;
    if units.len() != header.units as usize {
        let why = format!("it counts {} units, there are {}", header.units, units.len());
        return Err(FormatError::new(Row::Header, why).into());
    }
    Ok(units)
}

pub(super) fn decode_unit(row: Row, payload: &[u8]) -> Result<Unit> {
    let value: UnitV1 = decode(row, payload)?;
    let mut names = std::iter::once(&value.name).chain(&value.aliases);
    names.try_for_each(|name| check_unit_name(name)).map_err(|why| FormatError::new(row, why))?;
    Ok(Unit {
        name: value.name.as_str().into(),
        aliases: Arc::new(value.aliases.iter().map(|alias| alias.as_str().into()).collect()),
        kind: value.kind.into(),
    })
}

fn expect_row(found: Row, expected: Row) -> Result<()> {
    if found == expected { Ok(()) } else { Err(FormatError::new(expected, "it is missing").into()) }
}

/// The tasks, and how many pairs of a task and a unit they make.
fn read_records(store: &dyn Store, header: &HeaderV1) -> Result<(Records, u64)> {
    let (mut records, mut pairs, mut block) = (RecordsBuilder::default(), 0, 0);
    let (from, to) = generation_range(b't', header.generation);
    let decode_all = |rows: RowBatch| {
        rows.each(|row, payload| {
            expect_row(row, Row::Block { generation: header.generation, block })?;
            block += 1;
            decode_block(row, payload, header.units, &mut |key, units, detail| {
                pairs += units.len() as u64;
                records.push(key, units, detail);
            })
        })
    };
    // The engine reads rows while others are decoded.
    pipe(header.numbered as usize > MANY, |give| RowBatch::scan(store, &from, &to, give), decode_all)?;
    if records.len() != header.numbered as usize {
        let why = format!("it counts {} tasks, there are {}", header.numbered, records.len());
        return Err(FormatError::new(Row::Header, why).into());
    }
    Ok((records.finish(), pairs))
}

/// Some rows, copied out of the store.
#[derive(Default)]
struct RowBatch {
    /// Each with where its payload ends.
    rows: Vec<(Row, usize)>,
    payloads: Vec<u8>,
}

impl RowBatch {
    const ROWS: usize = 64;

    /// Hands out all rows of a range, in order.
    fn scan(store: &dyn Store, from: &[u8], to: &[u8], give: &mut dyn FnMut(RowBatch)) -> Result<()> {
        let mut batch = RowBatch::default();
        let scanned = each_row(store, from, to, &mut |row, payload| {
            batch.payloads.extend_from_slice(payload);
            batch.rows.push((row, batch.payloads.len()));
            if batch.rows.len() == RowBatch::ROWS {
                give(std::mem::take(&mut batch));
            }
            Ok(())
        });
        give(batch);
        scanned
    }

    fn each(&self, mut each: impl FnMut(Row, &[u8]) -> Result<()>) -> Result<()> {
        let mut from = 0;
        self.rows.iter().try_for_each(|(row, end)| {
            let payload = self.payloads.get(std::mem::replace(&mut from, *end)..*end);
            each(*row, payload.unwrap_or_default())
        })
    }
}

/// Hands out the records of a block.
pub(super) fn decode_block(
    row: Row,
    payload: &[u8],
    all_units: UnitId,
    each: &mut dyn FnMut(&str, &[UnitId], DetailId),
) -> Result<()> {
    let value: BlockV1<'_> = decode(row, payload)?;
    let mut wrong = None;
    let unpacked = value.unpack(|key, units, detail| {
        wrong = wrong.take().or_else(|| check_record(key, units, all_units).err());
        each(key, units, detail);
    });
    let wrong = if unpacked.is_none() { Some("its lists don't fit together".to_owned()) } else { wrong };
    wrong.map_or(Ok(()), |why| Err(FormatError::new(row, why).into()))
}

fn check_record(key: &str, units: &[UnitId], all_units: UnitId) -> Result<(), String> {
    if key.is_empty() || key.len() > MAX_TASK_KEY {
        return Err(format!("a key has {} bytes", key.len()));
    }
    if units.len() > MAX_UNITS_OF_A_TASK {
        return Err(format!("task {key:?} names {} units", units.len()));
    }
    match units.iter().find(|unit| **unit >= all_units) {
        Some(unit) => Err(format!("task {key:?} names unit {unit}, which is not there")),
        None => Ok(()),
    }
}

/// No more pairs of a task and a unit than `pairs` are made, whatever the rows claim: a short one can claim billions.
fn read_postings(store: &dyn Store, header: &HeaderV1, mut pairs: u64) -> Result<Vec<[Vec<TaskId>; 2]>> {
    let mut postings = vec![<[Vec<TaskId>; 2]>::default(); header.units as usize];
    let (from, to) = generation_range(b'p', header.generation);
    each_row(store, &from, &to, &mut |row, payload| {
        let Row::Posting { unit, role, .. } = row else { return Ok(()) };
        let ids = unpack_posting(row, payload, header.numbered, pairs)?;
        pairs -= ids.len() as u64;
        let Some([lead, support]) = postings.get_mut(unit as usize) else {
            return Err(FormatError::new(row, "there is no such unit").into());
        };
        match role {
            Role::Lead => *lead = ids,
            Role::Support => *support = ids,
        }
        Ok(())
    })?;
    Ok(postings)
}

pub(super) fn unpack_posting(row: Row, payload: &[u8], numbered: TaskId, most: u64) -> Result<Vec<TaskId>> {
    let value: PostingV1<'_> = decode(row, payload)?;
    let ids = gaps::unpack(value.packed, numbered as usize, most as usize);
    ids.ok_or_else(|| FormatError::new(row, "it names tasks that are not there").into())
}

/// Compares the unit→task rows with what the task→unit rows say.
fn check_directions(units: &Units, by_task: &ByUnit, by_unit: &[[Vec<TaskId>; 2]]) -> Result<()> {
    for ((id, unit), by_unit) in units.iter().zip(by_unit) {
        for (role, by_unit) in Role::BOTH.into_iter().zip(by_unit) {
            let by_task = by_task.ids(id, role);
            if by_task != by_unit {
                let (name, by_task, by_unit) = (&unit.name, by_task.len(), by_unit.len());
                let why =
                    format!("unit {name:?} has {by_unit} tasks as {role} by its own rows, {by_task} by the tasks'");
                return Err(Corrupt::Directions { why }.into());
            }
        }
    }
    Ok(())
}

/// Applies the log after a version, up to a revision or to its end. Returns how many changes there were.
pub(crate) fn replay(store: &dyn Store, version: &mut Version, until: Option<Revision>) -> Result<usize> {
    let mut count = 0;
    let from = Row::Log { revision: version.revision + 1 }.part(0);
    let (_, end) = all_with(b'l');
    let to = until.map_or(end, |until| Row::Log { revision: until + 1 }.part(0));
    each_row(store, &from, &to, &mut |row, payload| {
        expect_row(row, Row::Log { revision: version.revision + 1 })?;
        count += replay_one(row, payload, version)?;
        Ok(())
    })?;
    Ok(count)
}

/// Applies one commit. Returns how many changes there were.
fn replay_one(row: Row, payload: &[u8], version: &mut Version) -> Result<usize> {
    let commit: CommitV1 = decode(row, payload)?;
    let WhatV1::Changes(changes) = commit.what else {
        return Err(FormatError::new(row, "a bulk load stands after the fold it belongs to").into());
    };
    for change in &changes {
        let applied = check_change(change).and_then(|()| apply(version, change));
        applied.map_err(|why| FormatError::new(row, why))?;
    }
    version.revision += 1;
    Ok(changes.len())
}

/// Whether a change keeps the rules that need no version to be told.
pub(super) fn check_change(change: &ChangeV1) -> Result<(), String> {
    let checked = match change {
        ChangeV1::AddUnit { name, .. } | ChangeV1::Rename { name, .. } => check_unit_name(name),
        ChangeV1::AddAlias { alias, .. } | ChangeV1::RemoveAlias { alias, .. } => check_unit_name(alias),
        ChangeV1::SetKind { .. } => Ok(()),
        ChangeV1::Task { key, units, .. } => {
            let mut sorted = units.clone();
            sorted.sort_unstable();
            if units.len() > MAX_UNITS_OF_A_TASK || sorted.windows(2).any(|pair| pair.first() == pair.last()) {
                return Err(format!("task {key:?} names too many units, or one twice"));
            }
            check_task_key(key)
        }
    };
    checked.map_err(|why| why.to_string())
}
