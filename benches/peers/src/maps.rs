//! Plain hash maps in memory: what the look-ups would cost with no disk, no snapshots and no changes.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::marker::PhantomData;
use std::path::Path;

use smallvec::SmallVec;

use crate::contender::{Contender, Dictionary, Durability, Kind, Read, Reading, Role, Store, Writing};
use crate::data::Data;
use crate::result::Result;

/// With a hasher of choice: the quick one is the limit, the default one is what people write first.
pub(crate) struct Maps<S> {
    name: &'static str,
    hasher: PhantomData<fn() -> S>,
}

impl<S> Maps<S> {
    pub(crate) const fn new(name: &'static str) -> Maps<S> {
        Maps { name, hasher: PhantomData }
    }
}

impl<S: BuildHasher + Default + Send + Sync + 'static> Contender for Maps<S> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn kind(&self) -> Kind {
        Kind::Limit
    }

    fn load(&self, _: &Path, data: &Data) -> Result<Box<dyn Store>> {
        Ok(Box::new(Filled::<S>::new(data)))
    }

    fn open(&self, _: &Path, _: Durability) -> Result<Box<dyn Store>> {
        Err("maps keep nothing that could be opened".into())
    }
}

struct Filled<S> {
    dictionary: Dictionary,
    units_of: HashMap<String, SmallVec<[u16; 8]>, S>,
    /// Keys by role.
    tasks_of: HashMap<String, [Vec<String>; 2], S>,
}

impl<S: BuildHasher + Default> Filled<S> {
    fn new(data: &Data) -> Filled<S> {
        let mut dictionary = Dictionary::default();
        let mut units_of = HashMap::with_capacity_and_hasher(data.len(), S::default());
        let mut tasks_of: HashMap<String, [Vec<String>; 2], S> = HashMap::default();
        for (key, units) in data.tasks() {
            let mut numbers = SmallVec::new();
            for (place, unit) in units.enumerate() {
                numbers.push(dictionary.add(unit));
                // Entries take the key by value; most units are known.
                if !tasks_of.contains_key(unit) {
                    tasks_of.insert(unit.to_owned(), Default::default());
                }
                if let Some([leads, supports]) = tasks_of.get_mut(unit) {
                    if place == 0 { leads.push(key.to_owned()) } else { supports.push(key.to_owned()) }
                }
            }
            units_of.insert(key.to_owned(), numbers);
        }
        Filled { dictionary, units_of, tasks_of }
    }

    fn tasks(&self, unit: &str, role: Role) -> Result<&[String]> {
        let [leads, supports] = self.tasks_of.get(unit).ok_or_else(|| format!("no unit is called {unit}"))?;
        Ok(if role == Role::Lead { leads } else { supports })
    }

    /// Probes the other direction with the shorter list.
    fn shared<'s>(&'s self, leads: &str, supports: &str) -> Result<impl Iterator<Item = &'s str>> {
        let (lead, support) = (self.dictionary.number(leads)?, self.dictionary.number(supports)?);
        let (led, supported) = (self.tasks(leads, Role::Lead)?, self.tasks(supports, Role::Support)?);
        let shorter = if led.len() < supported.len() { led } else { supported };
        let in_both = move |key: &&str| {
            self.units_of
                .get(*key)
                .and_then(|units| units.split_first())
                .is_some_and(|(first, others)| *first == lead && others.contains(&support))
        };
        Ok(shorter.iter().map(String::as_str).filter(in_both))
    }
}

impl<S: BuildHasher + Default + Send + Sync> Store for Filled<S> {
    fn read(&self, work: &mut Reading<'_>) -> Result<()> {
        work(&mut Reader(self))
    }

    fn write(&self, _: &mut Writing<'_>) -> Result<()> {
        Err("maps are not changed".into())
    }

    fn close(self: Box<Self>) -> Result<()> {
        Ok(())
    }
}

struct Reader<'s, S>(&'s Filled<S>);

impl<S: BuildHasher + Default> Read for Reader<'_, S> {
    #[inline]
    fn lead(&mut self, task: &str) -> Result<Option<&str>> {
        let lead = self.0.units_of.get(task).and_then(|units| units.first());
        Ok(lead.map(|unit| self.0.dictionary.name(*unit)))
    }

    #[inline]
    fn units(&mut self, task: &str, mut each: impl FnMut(&str)) -> Result<()> {
        if let Some(units) = self.0.units_of.get(task) {
            units.iter().for_each(|unit| each(self.0.dictionary.name(*unit)));
        }
        Ok(())
    }

    fn led_by(&mut self, unit: &str, mut each: impl FnMut(&str)) -> Result<()> {
        self.0.tasks(unit, Role::Lead)?.iter().for_each(|key| each(key));
        Ok(())
    }

    fn count(&mut self, unit: &str, role: Role) -> Result<u64> {
        Ok(self.0.tasks(unit, role)?.len() as u64)
    }

    fn shared(&mut self, leads: &str, supports: &str, each: impl FnMut(&str)) -> Result<()> {
        self.0.shared(leads, supports)?.for_each(each);
        Ok(())
    }

    fn shared_count(&mut self, leads: &str, supports: &str) -> Result<u64> {
        Ok(self.0.shared(leads, supports)?.count() as u64)
    }

    #[inline]
    fn refresh(&mut self) -> Result<()> {
        Ok(())
    }
}
