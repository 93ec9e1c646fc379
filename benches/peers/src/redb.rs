//! redb: a record of units for each task, and a multimap from unit and role to keys.

use std::path::Path;

use redb::{
    AccessGuard, Database, Durability as Sync, MultimapTableDefinition, ReadOnlyMultimapTable, ReadOnlyTable,
    ReadableDatabase, ReadableTable, TableDefinition,
};

use crate::contender::{Contender, Dictionary, Durability, Reading, Store, Write, Writing};
use crate::data::Data;
use crate::key_value::{Interned, Prefix, Snapshot, reassigned};
use crate::result::Result;

/// Number to name.
const NAMES: TableDefinition<'_, u16, &str> = TableDefinition::new("names");
/// Task to packed units.
const UNITS_OF: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("units of");
/// Unit and role to tasks.
const TASKS_OF: MultimapTableDefinition<'_, Prefix, &str> = MultimapTableDefinition::new("tasks of");
/// Lazy commits can't be undone by a crash only if one of them is durable now and then; it also frees their pages.
const DURABLE_EVERY: u32 = 1_000;
/// Room for everything, so that nothing is read from the file twice.
const CACHE: usize = 4 << 30;

pub(crate) struct Redb;

impl Contender for Redb {
    fn name(&self) -> &'static str {
        "redb"
    }

    fn load(&self, at: &Path, data: &Data) -> Result<Box<dyn Store>> {
        let database = Database::builder().set_cache_size(CACHE).create(at.join("redb"))?;
        let dictionary = fill(&database, data)?;
        Ok(Box::new(Opened { database, dictionary, durability: Durability::Synced }))
    }

    fn open(&self, at: &Path, durability: Durability) -> Result<Box<dyn Store>> {
        let database = Database::builder().set_cache_size(CACHE).open(at.join("redb"))?;
        let names = database.begin_read()?.open_table(NAMES)?;
        let names = names.range::<u16>(..)?.map(|row| row.map(|(_, name)| name.value().to_owned()));
        let dictionary = names.collect::<Result<Dictionary, _>>()?;
        Ok(Box::new(Opened { database, dictionary, durability }))
    }
}

fn fill(database: &Database, data: &Data) -> Result<Dictionary> {
    let write = database.begin_write()?;
    let interned = {
        let mut units_of = write.open_table(UNITS_OF)?;
        let mut tasks_of = write.open_multimap_table(TASKS_OF)?;
        let mut names = write.open_table(NAMES)?;
        let interned = Interned::records(data, |key, record| Ok(units_of.insert(key, record).map(drop)?))?;
        interned.rows(data, |prefix, key| Ok(tasks_of.insert(prefix, key).map(drop)?))?;
        for (number, name) in (0..).zip(interned.dictionary.names()) {
            names.insert(number, name)?;
        }
        interned
    };
    write.commit()?;
    Ok(interned.dictionary)
}

struct Opened {
    database: Database,
    dictionary: Dictionary,
    durability: Durability,
}

impl Store for Opened {
    fn read(&self, work: &mut Reading<'_>) -> Result<()> {
        let Opened { database, dictionary, .. } = self;
        work(&mut Reader { database, dictionary, tables: Tables::open(database)? })
    }

    fn write(&self, work: &mut Writing<'_>) -> Result<()> {
        work(&mut Writer { store: self, commits: 0 })
    }

    fn close(self: Box<Self>) -> Result<()> {
        self.database.begin_write()?.commit()?;
        Ok(self.database.close()?)
    }
}

struct Tables {
    units_of: ReadOnlyTable<&'static str, &'static [u8]>,
    tasks_of: ReadOnlyMultimapTable<Prefix, &'static str>,
}

impl Tables {
    fn open(database: &Database) -> Result<Tables> {
        let read = database.begin_read()?;
        Ok(Tables { units_of: read.open_table(UNITS_OF)?, tasks_of: read.open_multimap_table(TASKS_OF)? })
    }
}

struct Reader<'s> {
    database: &'s Database,
    dictionary: &'s Dictionary,
    tables: Tables,
}

struct Key<'k>(AccessGuard<'k, &'static str>);

impl AsRef<str> for Key<'_> {
    fn as_ref(&self) -> &str {
        self.0.value()
    }
}

impl Snapshot for Reader<'_> {
    fn dictionary(&self) -> &Dictionary {
        self.dictionary
    }

    fn record<T>(&self, task: &str, make: impl FnOnce(&[u8]) -> T) -> Result<T> {
        let record = self.tables.units_of.get(task)?;
        Ok(make(record.as_ref().map_or(&[], AccessGuard::value)))
    }

    fn keys(&self, prefix: Prefix) -> Result<impl Iterator<Item = Result<impl AsRef<str>>>> {
        Ok(self.tables.tasks_of.get(prefix)?.map(|key| Ok(Key(key?))))
    }

    fn count(&self, prefix: Prefix) -> Result<u64> {
        Ok(self.tables.tasks_of.get(prefix)?.len())
    }

    fn renew(&mut self) -> Result<()> {
        self.tables = Tables::open(self.database)?;
        Ok(())
    }
}

struct Writer<'s> {
    store: &'s Opened,
    commits: u32,
}

impl Writer<'_> {
    fn durability(&mut self) -> Sync {
        self.commits += 1;
        let lazy = self.store.durability == Durability::Lazy && !self.commits.is_multiple_of(DURABLE_EVERY);
        if lazy { Sync::None } else { Sync::Immediate }
    }
}

impl Write for Writer<'_> {
    fn set_lead(&mut self, task: &str, unit: &str) -> Result<()> {
        let mut write = self.store.database.begin_write()?;
        write.set_durability(self.durability())?;
        {
            let mut units_of = write.open_table(UNITS_OF)?;
            let mut tasks_of = write.open_multimap_table(TASKS_OF)?;
            let change = {
                let record = units_of.get(task)?;
                reassigned(record.as_ref().map_or(&[], AccessGuard::value), &self.store.dictionary, unit)?
            };
            units_of.insert(task, change.record.as_slice())?;
            tasks_of.remove(change.old, task)?;
            tasks_of.insert(change.new, task)?;
        }
        Ok(write.commit()?)
    }
}
