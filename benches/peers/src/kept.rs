//! Hash maps in memory that can be changed: tasks to units, and units to tasks by role. Knows no file and no lock.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use smallvec::SmallVec;

use crate::contender::{Dictionary, Role};
use crate::data::Data;
use crate::result::Result;

pub(crate) type Units = SmallVec<[u16; 8]>;

/// The units of a task, the lead first, and the place of its key in the list of its lead.
struct Task {
    units: Units,
    place: u32,
}

#[derive(Default)]
pub(crate) struct Kept {
    pub(crate) dictionary: Dictionary,
    tasks: HashMap<String, Task, RandomState>,
    /// Keys by the number of the unit and role, in no order.
    keys: Vec<[Vec<String>; 2]>,
}

impl Kept {
    pub(crate) fn with_capacity(tasks: usize) -> Kept {
        let tasks = HashMap::with_capacity_and_hasher(tasks, RandomState::default());
        Kept { tasks, ..Kept::default() }
    }

    /// The number of a unit, and whether it is a new one.
    pub(crate) fn add_unit(&mut self, name: &str) -> (u16, bool) {
        let number = self.dictionary.add(name);
        let new = usize::from(number) == self.keys.len();
        if new {
            self.keys.push(Default::default());
        }
        (number, new)
    }

    /// Adds a task that is not there yet.
    pub(crate) fn add_task(&mut self, key: &str, units: Units) -> Result<()> {
        let mut place = 0;
        for (at, unit) in units.iter().enumerate() {
            let [leads, supports] = self.keys.get_mut(usize::from(*unit)).ok_or("a unit without a name")?;
            if at == 0 {
                place = leads.len() as u32;
                leads.push(key.to_owned());
            } else {
                supports.push(key.to_owned());
            }
        }
        self.tasks.insert(key.to_owned(), Task { units, place });
        Ok(())
    }

    /// Whether a task is there with a lead, so that it can be given another one.
    pub(crate) fn has_lead(&self, key: &str) -> bool {
        self.lead(key).is_some()
    }

    /// Gives a task another lead. The last key of the former lead's list takes the place that is left there.
    pub(crate) fn set_lead(&mut self, key: &str, unit: u16) -> Result<()> {
        let place = self.leads(unit)?.len() as u32;
        let task = self.tasks.get_mut(key).ok_or("the task is not assigned")?;
        let lead = task.units.first_mut().ok_or("the task has no lead")?;
        if *lead == unit {
            return Ok(());
        }
        let old = std::mem::replace(lead, unit);
        let left = std::mem::replace(&mut task.place, place);
        let leads = self.leads(old)?;
        if leads.get(left as usize).is_none_or(|found| found != key) {
            return Err("a list and a task differ".into());
        }
        let owned = leads.swap_remove(left as usize);
        let moved = self.keys.get(usize::from(old)).and_then(|[leads, _]| leads.get(left as usize));
        if let Some(task) = moved.and_then(|moved| self.tasks.get_mut(moved)) {
            task.place = left;
        }
        self.leads(unit)?.push(owned);
        Ok(())
    }

    fn leads(&mut self, unit: u16) -> Result<&mut Vec<String>> {
        let [leads, _] = self.keys.get_mut(usize::from(unit)).ok_or("a unit without a name")?;
        Ok(leads)
    }

    #[inline]
    pub(crate) fn lead(&self, key: &str) -> Option<&str> {
        let lead = self.tasks.get(key).and_then(|task| task.units.first());
        lead.map(|unit| self.dictionary.name(*unit))
    }

    /// The names of a task's units, the lead first; none where the task is not there.
    #[inline]
    pub(crate) fn units(&self, key: &str) -> impl Iterator<Item = &str> {
        let units = self.tasks.get(key).map(|task| task.units.iter());
        units.into_iter().flatten().map(|unit| self.dictionary.name(*unit))
    }

    pub(crate) fn keys(&self, unit: &str, role: Role) -> Result<&[String]> {
        let number = usize::from(self.dictionary.number(unit)?);
        let [leads, supports] = self.keys.get(number).ok_or("a unit without lists")?;
        Ok(if role == Role::Lead { leads } else { supports })
    }

    /// Looks the keys of the shorter list up.
    pub(crate) fn shared<'k>(&'k self, leads: &str, supports: &str) -> Result<impl Iterator<Item = &'k str>> {
        let (lead, support) = (self.dictionary.number(leads)?, self.dictionary.number(supports)?);
        let (led, supported) = (self.keys(leads, Role::Lead)?, self.keys(supports, Role::Support)?);
        let shorter = if led.len() < supported.len() { led } else { supported };
        let in_both = move |key: &&str| {
            let units = self.tasks.get(*key).and_then(|task| task.units.split_first());
            units.is_some_and(|(first, others)| *first == lead && others.contains(&support))
        };
        Ok(shorter.iter().map(String::as_str).filter(in_both))
    }

    /// Adds all tasks; hands out each new unit's name before the first task that has it, and each task.
    pub(crate) fn fill(data: &Data, mut each: impl FnMut(Added<'_>) -> Result<()>) -> Result<Kept> {
        let mut kept = Kept::with_capacity(data.len());
        for (key, names) in data.tasks() {
            let mut units = Units::new();
            for name in names {
                let (number, new) = kept.add_unit(name);
                if new {
                    each(Added::Unit(name))?;
                }
                units.push(number);
            }
            each(Added::Task(key, &units))?;
            kept.add_task(key, units)?;
        }
        Ok(kept)
    }
}

/// What a load has added.
pub(crate) enum Added<'a> {
    Unit(&'a str),
    Task(&'a str, &'a [u16]),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Keys, reassignments};

    #[test]
    fn lists_and_tasks_agree_after_many_changes() {
        let data = Data::new(2_000, 64, Keys::Short).unwrap();
        let mut kept = Kept::fill(&data, |_| Ok(())).unwrap();
        for change in reassignments(&data, 5, 5_000, 0, 1) {
            let unit = kept.dictionary.number(change.lead).unwrap();
            kept.set_lead(change.task, unit).unwrap();
            kept.set_lead(change.task, unit).unwrap();
            assert_eq!(kept.lead(change.task), Some(change.lead));
        }
        let names: Vec<String> = kept.dictionary.names().map(str::to_owned).collect();
        let lists: Vec<_> = names.iter().map(|name| kept.keys(name, Role::Lead).unwrap()).collect();
        assert_eq!(lists.iter().map(|list| list.len()).sum::<usize>(), data.len());
        for (name, list) in names.iter().zip(lists) {
            assert!(list.iter().all(|key| kept.lead(key) == Some(name)));
            assert!((0..).zip(list).all(|(place, key)| kept.tasks[key].place == place));
        }
    }
}
