//! Rows to versions.

use std::sync::Arc;

use crate::assignment::Role;
use crate::edit::apply;
use crate::error::{Corrupt, Error, Result};
use crate::format::blocks::BlockV1;
use crate::format::keys::{all_with, generation_range};
use crate::format::rows::{CommitV1, HeaderV1, PostingV1, UnitV1, WhatV1};
use crate::format::{FormatError, Parts, Row, decode, gaps};
use crate::id::{Revision, TaskId, UnitId};
use crate::store::Store;
use crate::view::{Posting, Postings, Record, Unit, Units, Version};

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
}

/// Reads everything and puts the newest version together.
pub(crate) fn open(store: &Arc<dyn Store>, damage: Damage) -> Result<Opened> {
    let rows = read_rows(&**store)?;
    let mut folded = Version::empty(Arc::clone(store));
    folded.units = rows.units;
    folded.replace_tasks(rows.records.into_iter().collect());
    folded.revision = rows.header.revision;
    folded.next_detail = rows.header.next_detail.max(1);
    let agreed = rows.postings.and_then(|postings| check_directions(&folded.units, &postings));
    let rebuilt = match agreed {
        Ok(()) => false,
        Err(_) if damage.rebuild_reverse => true,
        Err(error) => return Err(error),
    };
    let mut version = folded.clone();
    let unfolded = replay(&**store, &mut version, None)?;
    let durable = store.newest_durable()?;
    if durable > version.revision && !damage.accept_lost {
        return Err(Corrupt::RolledBack { durable, found: version.revision }.into());
    }
    Ok(Opened { version, folded, generation: rows.header.generation, unfolded, rebuilt })
}

/// The rows of the last fold, as they are.
pub(crate) struct Rows {
    pub(crate) header: HeaderV1,
    pub(crate) units: Units,
    pub(crate) records: Vec<Record>,
    /// Or why the unit→task rows can't be read.
    pub(crate) postings: Result<Vec<Postings>>,
}

/// Reads the rows of the last fold.
pub(crate) fn read_rows(store: &dyn Store) -> Result<Rows> {
    let header = read_header(store)?;
    let units = read_units(store, &header)?;
    let records = read_records(store, &header)?;
    let postings = read_postings(store, &header);
    Ok(Rows { header, units, records, postings })
}

fn read_header(store: &dyn Store) -> Result<HeaderV1> {
    let mut header = HeaderV1::default();
    let (from, to) = Row::Header.range();
    each_row(store, &from, &to, &mut |row, payload| {
        header = decode(row, payload)?;
        Ok(())
    })?;
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
        let value: UnitV1 = decode(row, payload)?;
        let unit = Unit {
            name: value.name.as_str().into(),
            aliases: Arc::new(value.aliases.iter().map(|alias| alias.as_str().into()).collect()),
            kind: value.kind.into(),
        };
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

fn expect_row(found: Row, expected: Row) -> Result<()> {
    if found == expected { Ok(()) } else { Err(FormatError::new(expected, "it is missing").into()) }
}

fn read_records(store: &dyn Store, header: &HeaderV1) -> Result<Vec<Record>> {
    let mut records = Vec::with_capacity(header.numbered.min(1 << 24) as usize);
    let mut block = 0;
    let (from, to) = generation_range(b't', header.generation);
    each_row(store, &from, &to, &mut |row, payload| {
        expect_row(row, Row::Block { generation: header.generation, block })?;
        block += 1;
        let value: BlockV1<'_> = decode(row, payload)?;
        let mut unknown = None;
        let unpacked = value.unpack(|key, units, detail| {
            unknown = unknown.or(units.iter().find(|unit| **unit >= header.units).copied());
            records.push(Record::new(key, units, detail));
        });
        match (unpacked, unknown) {
            (None, _) => Err(FormatError::new(row, "its lists don't fit together").into()),
            (_, Some(unit)) => Err(FormatError::new(row, format!("it names unit {unit}, which is not there")).into()),
            _ => Ok(()),
        }
    })?;
    if records.len() != header.numbered as usize {
        let why = format!("it counts {} tasks, there are {}", header.numbered, records.len());
        return Err(FormatError::new(Row::Header, why).into());
    }
    Ok(records)
}

fn read_postings(store: &dyn Store, header: &HeaderV1) -> Result<Vec<Postings>> {
    let mut postings = vec![Postings::default(); header.units as usize];
    let (from, to) = generation_range(b'p', header.generation);
    each_row(store, &from, &to, &mut |row, payload| {
        let Row::Posting { unit, role, .. } = row else { return Ok(()) };
        let ids = unpack_posting(row, payload, header.numbered)?;
        let Some(slot) = postings.get_mut(unit as usize) else {
            return Err(FormatError::new(row, "there is no such unit").into());
        };
        match role {
            Role::Lead => slot.lead = Posting::from_sorted(&ids),
            Role::Support => slot.support = Posting::from_sorted(&ids),
        }
        Ok(())
    })?;
    Ok(postings)
}

fn unpack_posting(row: Row, payload: &[u8], numbered: TaskId) -> Result<Vec<TaskId>> {
    let value: PostingV1<'_> = decode(row, payload)?;
    let ids = gaps::unpack(value.packed, numbered as usize);
    ids.ok_or_else(|| FormatError::new(row, "it names a task that is not there").into())
}

/// Compares the unit→task rows with what the task→unit rows say.
fn check_directions(units: &Units, postings: &[Postings]) -> Result<()> {
    for (id, unit) in units.iter() {
        for role in [Role::Lead, Role::Support] {
            let by_task = units.postings(id).map(|postings| postings.of(role).ids()).unwrap_or_default();
            let by_unit = postings.get(id as usize).map(|postings| postings.of(role).ids()).unwrap_or_default();
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
        let commit: CommitV1 = decode(row, payload)?;
        let WhatV1::Changes(changes) = commit.what else {
            return Err(FormatError::new(row, "a bulk load stands after the fold it belongs to").into());
        };
        for change in &changes {
            apply(version, change).map_err(|why| Error::from(FormatError::new(row, why)))?;
        }
        count += changes.len();
        version.revision += 1;
        Ok(())
    })?;
    Ok(count)
}
