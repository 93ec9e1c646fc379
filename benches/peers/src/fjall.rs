//! fjall, an LSM tree: a record of units for each task, and one key for each unit, role and task.

use std::path::Path;

use fjall::config::HashRatioPolicy;
use fjall::{Database, Keyspace, KeyspaceCreateOptions, PersistMode, Readable};

use crate::contender::{Contender, Dictionary, Durability, Reading, Store, Write, Writing};
use crate::data::Data;
use crate::key_value::{Interned, Prefix, Snapshot, reassigned};
use crate::result::Result;

/// Room for everything, so that no block is read or decompressed twice.
const CACHE: u64 = 4 << 30;
/// What its documentation recommends where single keys are looked up.
const HASH_RATIO: f32 = 0.75;

pub(crate) struct Fjall;

impl Contender for Fjall {
    fn name(&self) -> &'static str {
        "fjall"
    }

    fn load(&self, at: &Path, data: &Data) -> Result<Box<dyn Store>> {
        let tables = Tables::open(at, Durability::Synced)?;
        let dictionary = tables.fill(data)?;
        Ok(Box::new(Opened { tables, dictionary }))
    }

    fn open(&self, at: &Path, durability: Durability) -> Result<Box<dyn Store>> {
        let tables = Tables::open(at, durability)?;
        let names = tables.names.iter().map(|row| Ok(String::from_utf8(row.value()?.to_vec())?));
        let dictionary = names.collect::<Result<Dictionary>>()?;
        Ok(Box::new(Opened { tables, dictionary }))
    }
}

struct Tables {
    database: Database,
    /// What is asked of a commit.
    sync: Option<PersistMode>,
    /// Number to name.
    names: Keyspace,
    /// Task to packed units.
    units_of: Keyspace,
    /// Unit, role and task, to nothing.
    tasks_of: Keyspace,
}

impl Tables {
    fn open(at: &Path, durability: Durability) -> Result<Tables> {
        let database = Database::builder(at).cache_size(CACHE).open()?;
        let single = || KeyspaceCreateOptions::default().data_block_hash_ratio_policy(HashRatioPolicy::all(HASH_RATIO));
        Ok(Tables {
            names: database.keyspace("names", KeyspaceCreateOptions::default)?,
            units_of: database.keyspace("units-of", single)?,
            tasks_of: database.keyspace("tasks-of", KeyspaceCreateOptions::default)?,
            sync: Some(if durability == Durability::Synced { PersistMode::SyncData } else { PersistMode::Buffer }),
            database,
        })
    }

    fn fill(&self, data: &Data) -> Result<Dictionary> {
        let mut load = self.units_of.start_ingestion()?;
        let interned = Interned::records(data, |key, record| Ok(load.write(key, record)?))?;
        load.finish()?;
        let mut load = self.tasks_of.start_ingestion()?;
        interned.rows(data, |prefix, key| Ok(load.write(tasks_of_key(prefix, key), [])?))?;
        load.finish()?;
        for (number, name) in (0_u16..).zip(interned.dictionary.names()) {
            self.names.insert(number.to_be_bytes(), name)?;
        }
        self.database.persist(PersistMode::SyncAll)?;
        Ok(interned.dictionary)
    }
}

fn tasks_of_key(prefix: Prefix, task: &str) -> Vec<u8> {
    [prefix.as_slice(), task.as_bytes()].concat()
}

struct Opened {
    tables: Tables,
    dictionary: Dictionary,
}

impl Store for Opened {
    fn read(&self, work: &mut Reading<'_>) -> Result<()> {
        let Opened { tables, dictionary } = self;
        work(&mut Reader { tables, dictionary, snapshot: tables.database.snapshot() })
    }

    fn write(&self, work: &mut Writing<'_>) -> Result<()> {
        work(&mut Writer { tables: &self.tables, dictionary: &self.dictionary })
    }

    fn close(self: Box<Self>) -> Result<()> {
        // What is still in memory becomes tables, so that no journal is left to be replayed.
        for keyspace in [&self.tables.names, &self.tables.units_of, &self.tables.tasks_of] {
            keyspace.rotate_memtable_and_wait()?;
        }
        Ok(self.tables.database.persist(PersistMode::SyncAll)?)
    }
}

struct Reader<'s> {
    tables: &'s Tables,
    dictionary: &'s Dictionary,
    snapshot: fjall::Snapshot,
}

struct Key(fjall::UserKey, usize);

impl AsRef<str> for Key {
    fn as_ref(&self) -> &str {
        std::str::from_utf8(self.0.get(self.1..).unwrap_or_default()).unwrap_or_default()
    }
}

impl Snapshot for Reader<'_> {
    fn dictionary(&self) -> &Dictionary {
        self.dictionary
    }

    fn record<T>(&self, task: &str, make: impl FnOnce(&[u8]) -> T) -> Result<T> {
        let record = self.snapshot.get(&self.tables.units_of, task)?;
        Ok(make(record.as_deref().unwrap_or_default()))
    }

    fn keys(&self, prefix: Prefix) -> Result<impl Iterator<Item = Result<impl AsRef<str>>>> {
        let rows = self.snapshot.prefix(&self.tables.tasks_of, prefix);
        Ok(rows.map(move |row| Ok(Key(row.key()?, prefix.len()))))
    }

    fn count(&self, prefix: Prefix) -> Result<u64> {
        self.keys(prefix)?.try_fold(0, |count, key| key.map(|_| count + 1))
    }

    fn renew(&mut self) -> Result<()> {
        self.snapshot = self.tables.database.snapshot();
        Ok(())
    }
}

struct Writer<'s> {
    tables: &'s Tables,
    dictionary: &'s Dictionary,
}

impl Write for Writer<'_> {
    /// Reads before it writes, in two steps; the benchmark has no two threads write the same task.
    fn set_lead(&mut self, task: &str, unit: &str) -> Result<()> {
        let Tables { database, units_of, tasks_of, sync, .. } = self.tables;
        let change = reassigned(&units_of.get(task)?.unwrap_or_default(), self.dictionary, unit)?;
        let mut batch = database.batch().durability(*sync);
        batch.insert(units_of, task, change.record);
        batch.remove(tasks_of, tasks_of_key(change.old, task));
        batch.insert(tasks_of, tasks_of_key(change.new, task), []);
        Ok(batch.commit()?)
    }
}
