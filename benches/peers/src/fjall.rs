//! fjall, an LSM tree: a record of units for each task, and one key for each unit, role and task.

use std::path::Path;

use fjall::config::HashRatioPolicy;
use fjall::{Database, Keyspace, KeyspaceCreateOptions, PersistMode, Readable, Snapshot};

use crate::contender::{
    Contender, Dictionary, Durability, Read, Reading, Result, Role, Store, Write, Writing, interned, merge, pack,
    unit_prefix, unpack,
};
use crate::data::Data;

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
        let mut packed = Vec::new();
        let (dictionary, by_unit) = interned(data, |key, units| {
            pack(units, &mut packed);
            Ok(load.write(key, packed.as_slice())?)
        })?;
        load.finish()?;
        let mut load = self.tasks_of.start_ingestion()?;
        for (unit, lists) in (0..).zip(by_unit) {
            for (role, list) in [Role::Lead, Role::Support].into_iter().zip(lists) {
                for task in list {
                    load.write(tasks_of_key(unit, role, data.key(task as usize)), [])?;
                }
            }
        }
        load.finish()?;
        for (number, name) in (0_u16..).zip(dictionary.names()) {
            self.names.insert(number.to_be_bytes(), name)?;
        }
        self.database.persist(PersistMode::SyncAll)?;
        Ok(dictionary)
    }
}

fn tasks_of_key(unit: u16, role: Role, task: &str) -> Vec<u8> {
    [unit_prefix(unit, role).as_slice(), task.as_bytes()].concat()
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
    snapshot: Snapshot,
}

struct Key(fjall::UserKey, usize);

impl Key {
    fn text(&self) -> Result<&str> {
        Ok(std::str::from_utf8(self.0.get(self.1..).unwrap_or_default())?)
    }
}

impl AsRef<str> for Key {
    fn as_ref(&self) -> &str {
        self.text().unwrap_or_default()
    }
}

impl Reader<'_> {
    fn keys(&self, unit: &str, role: Role) -> Result<impl Iterator<Item = Result<Key>>> {
        let prefix = unit_prefix(self.dictionary.number(unit)?, role);
        let rows = self.snapshot.prefix(&self.tables.tasks_of, prefix);
        Ok(rows.map(move |row| Ok(Key(row.key()?, prefix.len()))))
    }
}

impl Read for Reader<'_> {
    fn lead(&mut self, task: &str) -> Result<Option<&str>> {
        let units = self.snapshot.get(&self.tables.units_of, task)?;
        Ok(units.and_then(|units| unpack(&units).next()).map(|unit| self.dictionary.name(unit)))
    }

    fn units(&mut self, task: &str, mut each: impl FnMut(&str)) -> Result<()> {
        if let Some(units) = self.snapshot.get(&self.tables.units_of, task)? {
            unpack(&units).for_each(|unit| each(self.dictionary.name(unit)));
        }
        Ok(())
    }

    fn led_by(&mut self, unit: &str, mut each: impl FnMut(&str)) -> Result<()> {
        for key in self.keys(unit, Role::Lead)? {
            each(key?.text()?);
        }
        Ok(())
    }

    fn count(&mut self, unit: &str, role: Role) -> Result<u64> {
        Ok(self.keys(unit, role)?.count() as u64)
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
        let new = self.dictionary.number(unit)?;
        let mut units: Vec<u16> = units_of.get(task)?.map(|units| unpack(&units).collect()).unwrap_or_default();
        let lead = units.first_mut().ok_or("the task is not assigned")?;
        let old = std::mem::replace(lead, new);
        let mut packed = Vec::new();
        pack(&units, &mut packed);
        let mut batch = database.batch().durability(*sync);
        batch.insert(units_of, task, packed);
        batch.remove(tasks_of, tasks_of_key(old, Role::Lead, task));
        batch.insert(tasks_of, tasks_of_key(new, Role::Lead, task), []);
        Ok(batch.commit()?)
    }
}
