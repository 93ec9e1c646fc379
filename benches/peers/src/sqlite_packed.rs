//! The layout that an expert would give SQLite: a row for each task with the lead and the other units packed, a table
//! from units to the tasks they support, and the counts in the table of unit names, kept by a trigger.

use rusqlite::Transaction;

use crate::contender::{Dictionary, Role};
use crate::data::Data;
use crate::key_value::Interned;
use crate::result::Result;
use crate::sqlite::Layout;

pub(crate) const PACKED: Layout = Layout {
    name: "SQLite packed",
    tables: "
        CREATE TABLE unit (
            id INTEGER PRIMARY KEY, name TEXT NOT NULL, leads INTEGER NOT NULL, supports INTEGER NOT NULL
        );
        CREATE TABLE task (key TEXT NOT NULL PRIMARY KEY, lead INTEGER NOT NULL, others BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE supported (unit INTEGER NOT NULL, task TEXT NOT NULL, PRIMARY KEY (unit, task)) WITHOUT ROWID;",
    // The index contains the key, since the table has no row numbers, and so covers its queries.
    indexes: "
        CREATE INDEX led ON task (lead);
        CREATE TRIGGER led_by_another AFTER UPDATE OF lead ON task BEGIN
            UPDATE unit SET leads = leads - 1 WHERE id = old.lead;
            UPDATE unit SET leads = leads + 1 WHERE id = new.lead;
        END;",
    lead: "SELECT lead FROM task WHERE key = ?1",
    units: "SELECT lead, others FROM task WHERE key = ?1",
    led_by: "SELECT key FROM task WHERE lead = ?1 ORDER BY key",
    count_led: "SELECT leads FROM unit WHERE id = ?1",
    count_supported: "SELECT supports FROM unit WHERE id = ?1",
    // Both lists come in the order of their keys, so that they are merged; a look-up in one for each key of the other
    // takes half as long again. Without the limit the inner order is left out, and with it the merge.
    shared: "SELECT key FROM task WHERE lead = ?1 INTERSECT SELECT task FROM supported WHERE unit = ?2 ORDER BY 1",
    shared_count: "
        SELECT count(*) FROM (
            SELECT key FROM task WHERE lead = ?1 INTERSECT SELECT task FROM supported WHERE unit = ?2
            ORDER BY 1 LIMIT -1
        )",
    set_lead: "UPDATE task SET lead = ?2 WHERE key = ?1",
    fill,
};

/// All rows are inserted in the order of their keys, so that each is put behind the last.
fn fill(transaction: &Transaction<'_>, data: &Data) -> Result<Dictionary> {
    let mut insert = transaction.prepare("INSERT INTO task (key, lead, others) VALUES (?1, ?2, ?3)")?;
    let interned = Interned::records(data, |key, record| {
        let (lead, others) = record.split_first_chunk().ok_or("a task without units")?;
        insert.execute((key, u16::from_le_bytes(*lead), others))?;
        Ok(())
    })?;
    let mut insert = transaction.prepare("INSERT INTO supported (unit, task) VALUES (?1, ?2)")?;
    interned.rows(data, |[high, low, role], key| {
        if role == Role::Support as u8 {
            insert.execute((u16::from_be_bytes([high, low]), key))?;
        }
        Ok(())
    })?;
    let mut insert = transaction.prepare("INSERT INTO unit (id, name, leads, supports) VALUES (?1, ?2, ?3, ?4)")?;
    for ((number, name), [leads, supports]) in (0..).zip(interned.dictionary.names()).zip(interned.counts()) {
        insert.execute((number, name, leads, supports))?;
    }
    drop(insert);
    Ok(interned.dictionary)
}
