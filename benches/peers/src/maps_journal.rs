//! Maps in memory with a journal file: what a program writes whose data fits into memory and must not be lost. There are
//! no snapshots: readers and writers take turns, and the journal grows with every commit.

use std::fs::{self, File};
use std::path::Path;
use std::sync::{Mutex, PoisonError, RwLock, RwLockReadGuard};

use crate::contender::{Contender, Durability, Kind, Read, Reading, Role, Store, Write, Writing};
use crate::data::Data;
use crate::journal::{Journal, put_text, take_number, take_text};
use crate::kept::{Added, Kept, Units};
use crate::result::Result;

/// Bytes of a load that go into one frame.
const FRAME: usize = 64 << 10;

/// The first byte of an entry: a unit's name, which gets the next number; a task with its units; a task's new lead.
const UNIT: u8 = 0;
const TASK: u8 = 1;
const LEAD: u8 = 2;

pub(crate) struct MapsJournal;

impl Contender for MapsJournal {
    fn name(&self) -> &'static str {
        "maps + journal"
    }

    fn kind(&self) -> Kind {
        Kind::Rival
    }

    /// The file gets its name when all of it is on disk, so that a load is there whole or not at all.
    fn load(&self, at: &Path, data: &Data) -> Result<Box<dyn Store>> {
        let unfinished = at.join("journal.unfinished");
        let mut journal = Journal::create(&unfinished)?;
        let mut entries = Vec::with_capacity(2 * FRAME);
        let kept = Kept::fill(data, |added| {
            put_added(&mut entries, added)?;
            if entries.len() >= FRAME {
                append(&mut journal, &mut entries)?;
            }
            Ok(())
        })?;
        append(&mut journal, &mut entries)?;
        journal.sync()?;
        fs::rename(&unfinished, at.join("journal"))?;
        File::open(at)?.sync_all()?;
        Ok(Box::new(Opened { kept: RwLock::new(kept), journal: Mutex::new(journal), sync: true }))
    }

    fn open(&self, at: &Path, durability: Durability) -> Result<Box<dyn Store>> {
        let mut kept = Kept::default();
        let journal = Journal::open(&at.join("journal"), |entries| replay(&mut kept, entries))?;
        let sync = durability == Durability::Synced;
        Ok(Box::new(Opened { kept: RwLock::new(kept), journal: Mutex::new(journal), sync }))
    }
}

fn put_added(entries: &mut Vec<u8>, added: Added<'_>) -> Result<()> {
    match added {
        Added::Unit(name) => {
            entries.push(UNIT);
            put_text(entries, name)
        }
        Added::Task(key, units) => {
            entries.push(TASK);
            put_text(entries, key)?;
            entries.extend(u16::try_from(units.len())?.to_le_bytes());
            entries.extend(units.iter().flat_map(|unit| unit.to_le_bytes()));
            Ok(())
        }
    }
}

/// Moves the entries so far into a frame.
fn append(journal: &mut Journal, entries: &mut Vec<u8>) -> Result<()> {
    journal.append(false, |payload| {
        payload.append(entries);
        Ok(())
    })
}

fn replay(kept: &mut Kept, mut entries: &[u8]) -> Result<()> {
    while let Some((kind, rest)) = entries.split_first() {
        entries = rest;
        let text = take_text(&mut entries)?;
        match *kind {
            UNIT => _ = kept.add_unit(text),
            TASK => {
                let count = take_number(&mut entries)?;
                let units: Result<Units> = (0..count).map(|_| take_number(&mut entries)).collect();
                kept.add_task(text, units?)?;
            }
            LEAD => kept.set_lead(text, take_number(&mut entries)?)?,
            other => return Err(format!("the journal has an entry of the kind {other}").into()),
        }
    }
    Ok(())
}

struct Opened {
    kept: RwLock<Kept>,
    /// Locked through a whole commit, before the maps.
    journal: Mutex<Journal>,
    sync: bool,
}

impl Opened {
    fn kept(&self) -> RwLockReadGuard<'_, Kept> {
        self.kept.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for Opened {
    fn read(&self, work: &mut Reading<'_>) -> Result<()> {
        work(&mut Reader { store: self, kept: Some(self.kept()) })
    }

    fn write(&self, work: &mut Writing<'_>) -> Result<()> {
        work(&mut Writer(self))
    }

    fn close(self: Box<Self>) -> Result<()> {
        self.journal.into_inner().unwrap_or_else(PoisonError::into_inner).sync()
    }
}

/// Holds the lock of the maps, so that nothing changes until `refresh`. A writer waits meanwhile.
struct Reader<'s> {
    store: &'s Opened,
    kept: Option<RwLockReadGuard<'s, Kept>>,
}

impl Reader<'_> {
    #[inline]
    fn kept(&self) -> Result<&Kept> {
        Ok(self.kept.as_deref().ok_or("the maps are not locked")?)
    }
}

impl Read for Reader<'_> {
    #[inline]
    fn lead(&mut self, task: &str) -> Result<Option<&str>> {
        Ok(self.kept()?.lead(task))
    }

    #[inline]
    fn units(&mut self, task: &str, each: impl FnMut(&str)) -> Result<()> {
        self.kept()?.units(task).for_each(each);
        Ok(())
    }

    fn led_by(&mut self, unit: &str, mut each: impl FnMut(&str)) -> Result<()> {
        self.kept()?.keys(unit, Role::Lead)?.iter().for_each(|key| each(key));
        Ok(())
    }

    fn count(&mut self, unit: &str, role: Role) -> Result<u64> {
        Ok(self.kept()?.keys(unit, role)?.len() as u64)
    }

    fn shared(&mut self, leads: &str, supports: &str, each: impl FnMut(&str)) -> Result<()> {
        self.kept()?.shared(leads, supports)?.for_each(each);
        Ok(())
    }

    fn shared_count(&mut self, leads: &str, supports: &str) -> Result<u64> {
        Ok(self.kept()?.shared(leads, supports)?.count() as u64)
    }

    #[inline]
    fn refresh(&mut self) -> Result<()> {
        // The old lock first: to lock twice would wait for ever where a writer waits between.
        self.kept = None;
        self.kept = Some(self.store.kept());
        Ok(())
    }
}

struct Writer<'s>(&'s Opened);

impl Write for Writer<'_> {
    /// The maps change when the journal has the change. Readers wait for the change of the maps, not for the disk.
    fn set_lead(&mut self, task: &str, unit: &str) -> Result<()> {
        let Opened { kept, journal, sync } = self.0;
        let mut journal = journal.lock().unwrap_or_else(PoisonError::into_inner);
        let number = {
            let kept = self.0.kept();
            if !kept.has_lead(task) {
                return Err("the task is not assigned".into());
            }
            kept.dictionary.number(unit)?
        };
        journal.append(*sync, |entries| {
            entries.push(LEAD);
            put_text(entries, task)?;
            entries.extend(number.to_le_bytes());
            Ok(())
        })?;
        kept.write().unwrap_or_else(PoisonError::into_inner).set_lead(task, number)
    }
}
