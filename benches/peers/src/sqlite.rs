//! SQLite through rusqlite, and the layout that one writes first: one table of pairs without row numbers, and an index
//! over each role that covers its query. Knows of another layout only its statements.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rusqlite::{CachedStatement, Connection, Transaction};

use crate::contender::{Contender, Dictionary, Durability, Read, Reading, Role, Store, Write, Writing};
use crate::data::Data;
use crate::key_value::units;
use crate::result::Result;

/// The statements of a layout. Tasks are asked for by key, units by number.
pub(crate) struct Layout {
    /// The name of the contender.
    pub(crate) name: &'static str,
    pub(crate) tables: &'static str,
    /// Made after the rows, which is quicker than keeping them up.
    pub(crate) indexes: &'static str,
    /// The number of a task's lead.
    pub(crate) lead: &'static str,
    /// The numbers of a task's units, a row each; or one row of the lead and the others, two bytes each.
    pub(crate) units: &'static str,
    pub(crate) led_by: &'static str,
    pub(crate) count_led: &'static str,
    pub(crate) count_supported: &'static str,
    pub(crate) shared: &'static str,
    pub(crate) shared_count: &'static str,
    pub(crate) set_lead: &'static str,
    /// Adds all tasks to the tables.
    pub(crate) fill: fn(&Transaction<'_>, &Data) -> Result<Dictionary>,
}

pub(crate) const PAIRS: Layout = Layout {
    name: "SQLite",
    tables: "
        CREATE TABLE unit (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
        CREATE TABLE assignment (
            task TEXT NOT NULL, place INTEGER NOT NULL, unit INTEGER NOT NULL, PRIMARY KEY (task, place)
        ) WITHOUT ROWID;",
    // Both cover their queries.
    indexes: "
        CREATE INDEX led ON assignment (unit, task) WHERE place = 0;
        CREATE INDEX supported ON assignment (unit, task) WHERE place > 0;",
    lead: "SELECT unit FROM assignment WHERE task = ?1 AND place = 0",
    units: "SELECT unit FROM assignment WHERE task = ?1 ORDER BY place",
    led_by: "SELECT task FROM assignment WHERE unit = ?1 AND place = 0 ORDER BY task",
    count_led: "SELECT count(*) FROM assignment WHERE unit = ?1 AND place = 0",
    count_supported: "SELECT count(*) FROM assignment WHERE unit = ?1 AND place > 0",
    shared: "
        SELECT a.task FROM assignment a WHERE a.unit = ?1 AND a.place = 0
        AND EXISTS (SELECT 1 FROM assignment b WHERE b.unit = ?2 AND b.place > 0 AND b.task = a.task)",
    shared_count: "
        SELECT count(*) FROM assignment a WHERE a.unit = ?1 AND a.place = 0
        AND EXISTS (SELECT 1 FROM assignment b WHERE b.unit = ?2 AND b.place > 0 AND b.task = a.task)",
    set_lead: "UPDATE assignment SET unit = ?2 WHERE task = ?1 AND place = 0",
    fill: fill_pairs,
};

/// Tasks are inserted in the order of their keys, so that each row is put behind the last.
fn fill_pairs(transaction: &Transaction<'_>, data: &Data) -> Result<Dictionary> {
    let mut dictionary = Dictionary::default();
    let mut insert = transaction.prepare("INSERT INTO assignment (task, place, unit) VALUES (?1, ?2, ?3)")?;
    for task in data.key_order() {
        for (place, unit) in (0..).zip(data.units_of(task as usize)) {
            insert.execute((data.key(task as usize), place, dictionary.add(unit)))?;
        }
    }
    let mut insert = transaction.prepare("INSERT INTO unit (id, name) VALUES (?1, ?2)")?;
    for (number, name) in (0..).zip(dictionary.names()) {
        insert.execute((number, name))?;
    }
    Ok(dictionary)
}

pub(crate) struct Sqlite(pub(crate) &'static Layout);

impl Contender for Sqlite {
    fn name(&self) -> &'static str {
        self.0.name
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn load(&self, at: &Path, data: &Data) -> Result<Box<dyn Store>> {
        let path = at.join("sqlite");
        let mut connection = connect(&path, Durability::Synced)?;
        let dictionary = fill(self.0, &mut connection, data)?;
        let pool = Mutex::new(vec![connection]);
        Ok(Box::new(Opened { layout: self.0, path, durability: Durability::Synced, dictionary, pool }))
    }

    fn open(&self, at: &Path, durability: Durability) -> Result<Box<dyn Store>> {
        let path = at.join("sqlite");
        let connection = connect(&path, durability)?;
        let dictionary = {
            let mut names = connection.prepare("SELECT name FROM unit ORDER BY id")?;
            let names = names.query_map([], |row| row.get::<_, String>(0))?;
            names.collect::<Result<Dictionary, _>>()?
        };
        let pool = Mutex::new(vec![connection]);
        Ok(Box::new(Opened { layout: self.0, path, durability, dictionary, pool }))
    }
}

fn connect(path: &Path, durability: Durability) -> Result<Connection> {
    let connection = Connection::open(path)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // NORMAL leaves out the sync at a commit and keeps the one before the log is written back.
    connection.pragma_update(None, "synchronous", if durability == Durability::Synced { "FULL" } else { "NORMAL" })?;
    connection.pragma_update(None, "mmap_size", 8_i64 << 30)?;
    connection.pragma_update(None, "cache_size", -(256 << 10))?;
    connection.busy_timeout(std::time::Duration::from_secs(60))?;
    Ok(connection)
}

fn fill(layout: &Layout, connection: &mut Connection, data: &Data) -> Result<Dictionary> {
    let transaction = connection.transaction()?;
    transaction.execute_batch(layout.tables)?;
    let dictionary = (layout.fill)(&transaction, data)?;
    transaction.execute_batch(layout.indexes)?;
    transaction.commit()?;
    Ok(dictionary)
}

struct Opened {
    layout: &'static Layout,
    path: PathBuf,
    durability: Durability,
    dictionary: Dictionary,
    /// Connections that nobody uses; each thread takes one of its own.
    pool: Mutex<Vec<Connection>>,
}

impl Opened {
    fn with_connection(&self, work: impl FnOnce(&Connection) -> Result<()>) -> Result<()> {
        let free = self.pool.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = free.map_or_else(|| connect(&self.path, self.durability), Ok)?;
        work(&connection)?;
        self.pool.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        Ok(())
    }
}

impl Store for Opened {
    fn read(&self, work: &mut Reading<'_>) -> Result<()> {
        self.with_connection(|connection| {
            let mut reader = Reader::new(self.layout, connection, &self.dictionary)?;
            connection.execute_batch("BEGIN")?;
            work(&mut reader)?;
            reader.refresh()
        })
    }

    fn write(&self, work: &mut Writing<'_>) -> Result<()> {
        self.with_connection(|connection| {
            work(&mut Writer {
                set_lead: connection.prepare_cached(self.layout.set_lead)?,
                dictionary: &self.dictionary,
            })
        })
    }

    fn close(self: Box<Self>) -> Result<()> {
        // The last connection to close writes the log back.
        for connection in self.pool.into_inner().unwrap_or_else(PoisonError::into_inner) {
            connection.close().map_err(|(_, error)| error)?;
        }
        Ok(())
    }
}

struct Reader<'c> {
    connection: &'c Connection,
    dictionary: &'c Dictionary,
    lead: CachedStatement<'c>,
    units: CachedStatement<'c>,
    led_by: CachedStatement<'c>,
    count_led: CachedStatement<'c>,
    count_supported: CachedStatement<'c>,
    shared: CachedStatement<'c>,
    shared_count: CachedStatement<'c>,
}

impl<'c> Reader<'c> {
    fn new(layout: &Layout, connection: &'c Connection, dictionary: &'c Dictionary) -> Result<Reader<'c>> {
        Ok(Reader {
            connection,
            dictionary,
            lead: connection.prepare_cached(layout.lead)?,
            units: connection.prepare_cached(layout.units)?,
            led_by: connection.prepare_cached(layout.led_by)?,
            count_led: connection.prepare_cached(layout.count_led)?,
            count_supported: connection.prepare_cached(layout.count_supported)?,
            shared: connection.prepare_cached(layout.shared)?,
            shared_count: connection.prepare_cached(layout.shared_count)?,
        })
    }
}

impl Read for Reader<'_> {
    fn lead(&mut self, task: &str) -> Result<Option<&str>> {
        let mut rows = self.lead.query([task])?;
        let unit: Option<u16> = rows.next()?.map(|row| row.get(0)).transpose()?;
        Ok(unit.map(|unit| self.dictionary.name(unit)))
    }

    fn units(&mut self, task: &str, mut each: impl FnMut(&str)) -> Result<()> {
        let mut rows = self.units.query([task])?;
        while let Some(row) = rows.next()? {
            each(self.dictionary.name(row.get(0)?));
            if row.as_ref().column_count() > 1 {
                units(row.get_ref(1)?.as_blob()?).for_each(|unit| each(self.dictionary.name(unit)));
            }
        }
        Ok(())
    }

    fn led_by(&mut self, unit: &str, mut each: impl FnMut(&str)) -> Result<()> {
        let mut rows = self.led_by.query([self.dictionary.number(unit)?])?;
        while let Some(row) = rows.next()? {
            each(row.get_ref(0)?.as_str()?);
        }
        Ok(())
    }

    fn count(&mut self, unit: &str, role: Role) -> Result<u64> {
        let count = if role == Role::Lead { &mut self.count_led } else { &mut self.count_supported };
        Ok(count.query_row([self.dictionary.number(unit)?], |row| row.get::<_, i64>(0))?.unsigned_abs())
    }

    fn shared(&mut self, leads: &str, supports: &str, mut each: impl FnMut(&str)) -> Result<()> {
        let mut rows = self.shared.query([self.dictionary.number(leads)?, self.dictionary.number(supports)?])?;
        while let Some(row) = rows.next()? {
            each(row.get_ref(0)?.as_str()?);
        }
        Ok(())
    }

    fn shared_count(&mut self, leads: &str, supports: &str) -> Result<u64> {
        let units = [self.dictionary.number(leads)?, self.dictionary.number(supports)?];
        Ok(self.shared_count.query_row(units, |row| row.get::<_, i64>(0))?.unsigned_abs())
    }

    /// Ends the transaction that held the snapshot. From here on every question has one of its own.
    fn refresh(&mut self) -> Result<()> {
        if !self.connection.is_autocommit() {
            self.connection.execute_batch("COMMIT")?;
        }
        Ok(())
    }
}

struct Writer<'c> {
    set_lead: CachedStatement<'c>,
    dictionary: &'c Dictionary,
}

impl Write for Writer<'_> {
    fn set_lead(&mut self, task: &str, unit: &str) -> Result<()> {
        self.set_lead.execute((task, self.dictionary.number(unit)?))?;
        Ok(())
    }
}
