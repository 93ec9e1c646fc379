//! redb: a record of units for each task, and a multimap from unit and role to keys.

use std::path::Path;

use redb::{
    AccessGuard, Database, Durability as Sync, MultimapTableDefinition, ReadOnlyMultimapTable, ReadOnlyTable,
    ReadableDatabase, ReadableTable, TableDefinition,
};

use crate::contender::{
    Contender, Dictionary, Durability, Read, Reading, Result, Role, Store, Write, Writing, interned, merge, pack,
    unit_prefix, unpack,
};
use crate::data::Data;

/// Number to name.
const NAMES: TableDefinition<'_, u16, &str> = TableDefinition::new("names");
/// Task to packed units.
const UNITS_OF: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("units of");
/// Unit and role to tasks.
const TASKS_OF: MultimapTableDefinition<'_, [u8; 3], &str> = MultimapTableDefinition::new("tasks of");
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
    let dictionary = {
        let mut units_of = write.open_table(UNITS_OF)?;
        let mut tasks_of = write.open_multimap_table(TASKS_OF)?;
        let mut names = write.open_table(NAMES)?;
        let mut packed = Vec::new();
        let (dictionary, by_unit) = interned(data, |key, units| {
            pack(units, &mut packed);
            units_of.insert(key, packed.as_slice())?;
            Ok(())
        })?;
        for (unit, lists) in (0..).zip(by_unit) {
            for (role, list) in [Role::Lead, Role::Support].into_iter().zip(lists) {
                for task in list {
                    tasks_of.insert(unit_prefix(unit, role), data.key(task as usize))?;
                }
            }
        }
        for (number, name) in (0..).zip(dictionary.names()) {
            names.insert(number, name)?;
        }
        dictionary
    };
    write.commit()?;
    Ok(dictionary)
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
    tasks_of: ReadOnlyMultimapTable<[u8; 3], &'static str>,
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

impl Reader<'_> {
    fn keys(&self, unit: &str, role: Role) -> Result<impl Iterator<Item = Result<Key<'static>>>> {
        let keys = self.tables.tasks_of.get(unit_prefix(self.dictionary.number(unit)?, role))?;
        Ok(keys.map(|key| Ok(Key(key?))))
    }
}

impl Read for Reader<'_> {
    fn lead(&mut self, task: &str) -> Result<Option<&str>> {
        let units = self.tables.units_of.get(task)?;
        Ok(units.and_then(|units| unpack(units.value()).next()).map(|unit| self.dictionary.name(unit)))
    }

    fn units(&mut self, task: &str, mut each: impl FnMut(&str)) -> Result<()> {
        if let Some(units) = self.tables.units_of.get(task)? {
            unpack(units.value()).for_each(|unit| each(self.dictionary.name(unit)));
        }
        Ok(())
    }

    fn led_by(&mut self, unit: &str, mut each: impl FnMut(&str)) -> Result<()> {
        for key in self.keys(unit, Role::Lead)? {
            each(key?.as_ref());
        }
        Ok(())
    }

    fn count(&mut self, unit: &str, role: Role) -> Result<u64> {
        Ok(self.tables.tasks_of.get(unit_prefix(self.dictionary.number(unit)?, role))?.len())
    }

    fn shared(&mut self, leads: &str, supports: &str, each: impl FnMut(&str)) -> Result<()> {
        merge(self.keys(leads, Role::Lead)?, self.keys(supports, Role::Support)?, each)
    }

    fn shared_count(&mut self, leads: &str, supports: &str) -> Result<u64> {
        let mut count = 0;
        self.shared(leads, supports, |_| count += 1)?;
        Ok(count)
    }

    fn refresh(&mut self) -> Result<()> {
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
        let new = self.store.dictionary.number(unit)?;
        let mut write = self.store.database.begin_write()?;
        write.set_durability(self.durability())?;
        {
            let mut units_of = write.open_table(UNITS_OF)?;
            let mut tasks_of = write.open_multimap_table(TASKS_OF)?;
            let mut units: Vec<u16> =
                units_of.get(task)?.map(|units| unpack(units.value()).collect()).unwrap_or_default();
            let lead = units.first_mut().ok_or("the task is not assigned")?;
            let old = std::mem::replace(lead, new);
            let mut packed = Vec::new();
            pack(&units, &mut packed);
            units_of.insert(task, packed.as_slice())?;
            tasks_of.remove(unit_prefix(old, Role::Lead), task)?;
            tasks_of.insert(unit_prefix(new, Role::Lead), task)?;
        }
        Ok(write.commit()?)
    }
}
