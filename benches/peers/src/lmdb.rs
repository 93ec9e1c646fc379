//! LMDB through heed: a record of units for each task, and a table with sorted duplicates from unit and role to keys.

use std::path::Path;

use heed::types::{Bytes, Str};
use heed::{CommitOrAbort, Database, DatabaseFlags, Env, EnvFlags, EnvOpenOptions, PutFlags, RoTxn, WithoutTls};

use crate::contender::{Contender, Dictionary, Durability, Reading, Store, Write, Writing};
use crate::data::Data;
use crate::key_value::{Interned, Prefix, Snapshot, reassigned};
use crate::result::Result;

/// Address space, not memory: the file grows as it is filled.
const MAP_SIZE: usize = 16 << 30;
/// The most tables that a layout has.
const TABLES: u32 = 4;

pub(crate) struct Lmdb;

impl Contender for Lmdb {
    fn name(&self) -> &'static str {
        "LMDB"
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

/// Opens an environment, for this layout and for the other one over LMDB. Nothing else writes to the scratch directory
/// while it is mapped.
#[expect(unsafe_code, reason = "mapping a file is unsafe whoever does it; the directory is the benchmark's own")]
pub(crate) fn open(at: &Path, durability: Durability) -> Result<Env<WithoutTls>> {
    let mut options = EnvOpenOptions::new().read_txn_without_tls();
    options.map_size(MAP_SIZE).max_dbs(TABLES);
    if durability == Durability::Lazy {
        unsafe { options.flags(EnvFlags::NO_SYNC) };
    }
    Ok(unsafe { options.open(at)? })
}

struct Tables<'e> {
    /// Number to name.
    names: Database<'e, Bytes, Str>,
    /// Task to packed units.
    units_of: Database<'e, Str, Bytes>,
    /// Unit and role to tasks.
    tasks_of: Database<'e, Bytes, Str>,
}

/// The tables, created where there are none.
fn tables(env: &Env<WithoutTls>) -> Result<Tables<'_>> {
    let opened = env.create_databases_and_commit(env.write_txn()?, |opener, write| -> Result<_, heed::Error> {
        let names = opener.database_options().types::<Bytes, Str>().name("names").create(write)?;
        let units_of = opener.database_options().types::<Str, Bytes>().name("units of").create(write)?;
        let mut options = opener.database_options().types::<Bytes, Str>();
        let tasks_of = options.flags(DatabaseFlags::DUP_SORT).name("tasks of").create(write)?;
        Ok(CommitOrAbort::<_, ()>::Commit((names, units_of, tasks_of)))
    })?;
    let (names, units_of, tasks_of) = opened.commit().ok_or("the tables were not created")?;
    Ok(Tables { names, units_of, tasks_of })
}

fn fill(env: &Env<WithoutTls>, data: &Data) -> Result<Dictionary> {
    let tables = tables(env)?;
    let mut write = env.write_txn()?;
    let interned = Interned::records(data, |key, record| {
        Ok(tables.units_of.put_with_flags(&mut write, PutFlags::APPEND, key, record)?)
    })?;
    interned.rows(data, |prefix, key| {
        Ok(tables.tasks_of.put_with_flags(&mut write, PutFlags::APPEND_DUP, &prefix, key)?)
    })?;
    for (number, name) in (0_u16..).zip(interned.dictionary.names()) {
        tables.names.put(&mut write, &number.to_be_bytes(), name)?;
    }
    write.commit()?;
    Ok(interned.dictionary)
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

/// Closes an environment with all its commits on disk.
pub(crate) fn close(env: Env<WithoutTls>) -> Result<()> {
    env.force_sync()?;
    env.prepare_for_closing().wait();
    Ok(())
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
}

impl Snapshot for Reader<'_> {
    fn dictionary(&self) -> &Dictionary {
        self.dictionary
    }

    fn record<T>(&self, task: &str, make: impl FnOnce(&[u8]) -> T) -> Result<T> {
        Ok(make(self.tables.units_of.get(self.snapshot()?, task)?.unwrap_or_default()))
    }

    fn keys(&self, prefix: Prefix) -> Result<impl Iterator<Item = Result<impl AsRef<str>>>> {
        let keys = self.tables.tasks_of.get_duplicates(self.snapshot()?, prefix.as_slice())?;
        Ok(keys.into_iter().flatten().map(|row| Ok(row?.1)))
    }

    fn count(&self, prefix: Prefix) -> Result<u64> {
        // No call counts duplicates, so they are walked; their text need not be looked at.
        let tasks_of = self.tables.tasks_of.remap_data_type::<Bytes>();
        let rows = tasks_of.get_duplicates(self.snapshot()?, prefix.as_slice())?;
        Ok(rows.map_or(0, Iterator::count) as u64)
    }

    fn renew(&mut self) -> Result<()> {
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
        let Tables { units_of, tasks_of, .. } = self.tables;
        let mut write = self.env.write_txn()?;
        let change = reassigned(units_of.get(&write, task)?.unwrap_or_default(), self.dictionary, unit)?;
        units_of.put(&mut write, task, &change.record)?;
        tasks_of.delete_one_duplicate(&mut write, &change.old, task)?;
        tasks_of.put(&mut write, &change.new, task)?;
        Ok(write.commit()?)
    }
}
