//! The responsibility index. Readers hold a view; the rest is its public methods.

use std::path::Path;
use std::time::Duration;

use responsibility_index::{Durability as OurDurability, Index, OpenOptions, View};

use crate::contender::{Contender, Durability, Kind, Read, Reading, Role, Store, Write, Writing};
use crate::data::Data;
use crate::result::Result;

pub(crate) struct Ours;

/// How long a reader sleeps that nothing wakes.
const PATIENCE: Duration = Duration::from_millis(100);

impl Contender for Ours {
    fn name(&self) -> &'static str {
        "this crate"
    }

    fn kind(&self) -> Kind {
        Kind::Ours
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn load(&self, at: &Path, data: &Data) -> Result<Box<dyn Store>> {
        let index = Index::open(at)?;
        let mut load = index.bulk_load();
        for (key, units) in data.tasks() {
            load.add(key, units)?;
        }
        load.commit()?;
        Ok(Box::new(Opened(index)))
    }

    fn open(&self, at: &Path, durability: Durability) -> Result<Box<dyn Store>> {
        let durability = match durability {
            Durability::Synced => OurDurability::Synced,
            Durability::Lazy => OurDurability::Lazy,
        };
        Ok(Box::new(Opened(OpenOptions::new().create(false).durability(durability).open(at)?)))
    }
}

struct Opened(Index);

impl Store for Opened {
    fn read(&self, work: &mut Reading<'_>) -> Result<()> {
        work(&mut Reader { index: &self.0, view: self.0.view() })
    }

    fn write(&self, work: &mut Writing<'_>) -> Result<()> {
        work(&mut Writer(&self.0))
    }

    fn replayed(&self) -> Result<Option<usize>> {
        Ok(Some(self.0.stats()?.changes_since_checkpoint))
    }

    fn close(self: Box<Self>) -> Result<()> {
        Ok(self.0.checkpoint()?)
    }
}

struct Reader<'s> {
    index: &'s Index,
    view: View,
}

impl Read for Reader<'_> {
    #[inline]
    fn lead(&mut self, task: &str) -> Result<Option<&str>> {
        Ok(self.view.lead(task))
    }

    #[inline]
    fn leads(&mut self, tasks: &[&str], mut each: impl FnMut(Option<&str>)) -> Result<()> {
        for lead in self.view.leads(tasks) {
            each(lead);
        }
        Ok(())
    }

    #[inline]
    fn units(&mut self, task: &str, mut each: impl FnMut(&str)) -> Result<()> {
        if let Some(task) = self.view.task(task) {
            task.units().for_each(|(unit, _)| each(unit.name()));
        }
        Ok(())
    }

    #[inline]
    fn units_of_many(&mut self, tasks: &[&str], mut each: impl FnMut(&str)) -> Result<()> {
        for task in self.view.tasks_for(tasks).into_iter().flatten() {
            task.units().for_each(|(unit, _)| each(unit.name()));
        }
        Ok(())
    }

    fn led_by(&mut self, unit: &str, each: impl FnMut(&str)) -> Result<()> {
        self.view.led_by(unit)?.keys().for_each(each);
        Ok(())
    }

    fn count(&mut self, unit: &str, role: Role) -> Result<u64> {
        let unit = self.view.unit(unit)?;
        Ok(match role {
            Role::Lead => unit.leads(),
            Role::Support => unit.supports(),
        } as u64)
    }

    fn shared(&mut self, leads: &str, supports: &str, each: impl FnMut(&str)) -> Result<()> {
        (self.view.led_by(leads)? & self.view.supported_by(supports)?).keys().for_each(each);
        Ok(())
    }

    fn shared_count(&mut self, leads: &str, supports: &str) -> Result<u64> {
        Ok((self.view.led_by(leads)? & self.view.supported_by(supports)?).len() as u64)
    }

    #[inline]
    fn refresh(&mut self) -> Result<()> {
        self.view = self.index.view();
        Ok(())
    }

    #[inline]
    fn catch_up(&mut self) -> Result<()> {
        self.view = self.index.fresh_view()?;
        Ok(())
    }

    fn wait(&mut self, _: Duration) -> Result<()> {
        self.view = self.index.wait_for(self.view.revision() + 1, PATIENCE);
        Ok(())
    }
}

struct Writer<'s>(&'s Index);

impl Write for Writer<'_> {
    fn set_lead(&mut self, task: &str, unit: &str) -> Result<()> {
        self.0.batch().set_lead(task, unit, None).commit()?;
        Ok(())
    }
}
