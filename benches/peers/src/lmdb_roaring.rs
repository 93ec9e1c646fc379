//! LMDB through heed as an expert would lay it out by hand: numbers for tasks and units, a bitmap for each unit and role.

use std::path::Path;

use heed::byteorder::NativeEndian;
use heed::types::{Bytes, Str, U32};
use heed::{CommitOrAbort, Database, Env, IntegerComparator, PutFlags, RoTxn, WithoutTls};
use roaring::RoaringBitmap;

use crate::bitmaps::Bitmaps;
use crate::contender::{Contender, Dictionary, Durability, Read, Reading, Role, Store, Write, Writing};
use crate::data::Data;
use crate::key_blocks::{KeyBlocks, Table};
use crate::key_value::{Interned, prefix, reassigned, units};
use crate::lmdb::{close, open};
use crate::result::Result;

/// The name of its column, which goals are measured against.
pub(crate) const NAME: &str = "LMDB + numbers + roaring";

pub(crate) struct LmdbRoaring;

impl Contender for LmdbRoaring {
    fn name(&self) -> &'static str {
        NAME
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn load(&self, at: &Path, data: &Data) -> Result<Box<dyn Store>> {
        let env = open(at, Durability::Synced)?;
        let dictionary = fill(&env, data)?;
        Ok(Box::new(Opened { env, dictionary }))
    }

    fn open(&self, at: &Path, durability: Durability) -> Result<Box<dyn Store>> {
        let env = open(at, durability)?;
        let dictionary = {
            let tables = tables(&env)?;
            let read = env.read_txn()?;
            let names = tables.names.iter(&read)?.map(|row| row.map(|(_, name)| name));
            names.collect::<Result<Dictionary, _>>()?
        };
        Ok(Box::new(Opened { env, dictionary }))
    }
}

#[derive(Clone, Copy)]
struct Tables<'e> {
    /// Number to name of a unit.
    names: Database<'e, U32<NativeEndian>, Str, IntegerComparator>,
    /// Key of a task to its number and its packed units: one look-up for either.
    tasks: Database<'e, Str, Bytes>,
    keys: KeyBlocks<'e>,
    bitmaps: Bitmaps<'e>,
}

/// The tables, created where there are none.
fn tables(env: &Env<WithoutTls>) -> Result<Tables<'_>> {
    let opened = env.create_databases_and_commit(env.write_txn()?, |opener, write| -> Result<_, heed::Error> {
        let by_number = || opener.database_options().key_comparator::<IntegerComparator>();
        let names = by_number().types::<U32<NativeEndian>, Str>().name("names").create(write)?;
        let tasks = opener.database_options().types::<Str, Bytes>().name("tasks").create(write)?;
        let keys: Table<'_> = by_number().types::<U32<NativeEndian>, Bytes>().name("keys").create(write)?;
        let bitmaps = opener.database_options().types::<Bytes, Bytes>().name("bitmaps").create(write)?;
        Ok(CommitOrAbort::<_, ()>::Commit((names, tasks, keys, bitmaps)))
    })?;
    let (names, tasks, keys, bitmaps) = opened.commit().ok_or("the tables were not created")?;
    Ok(Tables { names, tasks, keys: KeyBlocks(keys), bitmaps: Bitmaps(bitmaps) })
}

fn fill(env: &Env<WithoutTls>, data: &Data) -> Result<Dictionary> {
    let tables = tables(env)?;
    let mut write = env.write_txn()?;
    let (mut number, mut row) = (0_u32, Vec::new());
    let interned = Interned::records(data, |key, record| {
        row.clear();
        row.extend(number.to_le_bytes());
        row.extend(record);
        number += 1;
        Ok(tables.tasks.put_with_flags(&mut write, PutFlags::APPEND, key, &row)?)
    })?;
    tables.keys.fill(&mut write, interned.keys(data))?;
    interned.lists(|prefix, numbers| tables.bitmaps.append(&mut write, prefix, numbers))?;
    for (number, name) in (0..).zip(interned.dictionary.names()) {
        tables.names.put(&mut write, &number, name)?;
    }
    write.commit()?;
    Ok(interned.dictionary)
}

/// The number of a task and its packed units.
fn number_and_units(row: &[u8]) -> Result<(u32, &[u8])> {
    let (number, units) = row.split_first_chunk().ok_or("a task without a number")?;
    Ok((u32::from_le_bytes(*number), units))
}

struct Opened {
    env: Env<WithoutTls>,
    dictionary: Dictionary,
}

impl Store for Opened {
    fn read(&self, work: &mut Reading<'_>) -> Result<()> {
        let Opened { env, dictionary } = self;
        work(&mut Reader { env, dictionary, tables: tables(env)?, snapshot: Some(env.read_txn()?) })
    }

    fn write(&self, work: &mut Writing<'_>) -> Result<()> {
        let Opened { env, dictionary } = self;
        work(&mut Writer { env, dictionary, tables: tables(env)? })
    }

    fn close(self: Box<Self>) -> Result<()> {
        close(self.env)
    }
}

struct Reader<'s> {
    env: &'s Env<WithoutTls>,
    dictionary: &'s Dictionary,
    tables: Tables<'s>,
    snapshot: Option<RoTxn<'s, WithoutTls>>,
}

impl Reader<'_> {
    fn snapshot(&self) -> Result<&RoTxn<'_, WithoutTls>> {
        Ok(self.snapshot.as_ref().ok_or("no snapshot")?)
    }

    fn units_of(&self, task: &str) -> Result<Option<&[u8]>> {
        let row = self.tables.tasks.get(self.snapshot()?, task)?;
        Ok(row.map(number_and_units).transpose()?.map(|(_, units)| units))
    }

    fn tasks(&self, unit: &str, role: Role) -> Result<RoaringBitmap> {
        self.tables.bitmaps.get(self.snapshot()?, prefix(self.dictionary.number(unit)?, role))
    }
}

impl Read for Reader<'_> {
    fn lead(&mut self, task: &str) -> Result<Option<&str>> {
        let lead = self.units_of(task)?.and_then(|record| units(record).next());
        Ok(lead.map(|unit| self.dictionary.name(unit)))
    }

    fn units(&mut self, task: &str, mut each: impl FnMut(&str)) -> Result<()> {
        if let Some(record) = self.units_of(task)? {
            units(record).for_each(|unit| each(self.dictionary.name(unit)));
        }
        Ok(())
    }

    fn led_by(&mut self, unit: &str, each: impl FnMut(&str)) -> Result<()> {
        self.tables.keys.each(self.snapshot()?, &self.tasks(unit, Role::Lead)?, each)
    }

    fn count(&mut self, unit: &str, role: Role) -> Result<u64> {
        let prefix = prefix(self.dictionary.number(unit)?, role);
        Ok(u64::from(self.tables.bitmaps.count(self.snapshot()?, prefix)?))
    }

    fn shared(&mut self, leads: &str, supports: &str, each: impl FnMut(&str)) -> Result<()> {
        let both = self.tasks(leads, Role::Lead)? & self.tasks(supports, Role::Support)?;
        self.tables.keys.each(self.snapshot()?, &both, each)
    }

    fn shared_count(&mut self, leads: &str, supports: &str) -> Result<u64> {
        Ok(self.tasks(leads, Role::Lead)?.intersection_len(&self.tasks(supports, Role::Support)?))
    }

    fn refresh(&mut self) -> Result<()> {
        // The old one first, so that its place in the table of readers is taken again.
        self.snapshot = None;
        self.snapshot = Some(self.env.read_txn()?);
        Ok(())
    }
}

struct Writer<'s> {
    env: &'s Env<WithoutTls>,
    dictionary: &'s Dictionary,
    tables: Tables<'s>,
}

impl Write for Writer<'_> {
    fn set_lead(&mut self, task: &str, unit: &str) -> Result<()> {
        let Tables { tasks, bitmaps, .. } = self.tables;
        let mut write = self.env.write_txn()?;
        let (number, record) = number_and_units(tasks.get(&write, task)?.ok_or("the task is not assigned")?)?;
        let change = reassigned(record, self.dictionary, unit)?;
        tasks.put(&mut write, task, &[number.to_le_bytes().as_slice(), &change.record].concat())?;
        bitmaps.remove(&mut write, change.old, number)?;
        bitmaps.insert(&mut write, change.new, number)?;
        Ok(write.commit()?)
    }
}
