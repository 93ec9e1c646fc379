//! Bulk loading: tasks are gathered, sorted and written as a fold, past the log.

use std::collections::HashMap;
use std::iter::Peekable;
use std::sync::Arc;
use std::vec;

use foldhash::fast::RandomState;

use crate::assignment::{Details, MAX_UNITS_OF_A_TASK, Note, UnitKind, check_task_key, check_text, check_unit_name};
use crate::edit::{check_room_for_alias, resolve};
use crate::error::{Error, InputError, Result};
use crate::export::Fact;
use crate::format::rows::{CommitV1, DetailsV1, WhatV1};
use crate::format::{Row, RowBytes, encode};
use crate::id::{DetailId, Revision, UnitId};
use crate::order::compare_keys;
use crate::view::{Record, Records, RecordsBuilder, Version, View};

use super::shared::{Replacement, Shared, now};

/// Gathers many tasks and commits them at once, all or none.
///
/// It keeps what the index has: a task that is loaded replaces the one with its key, others stay. Everything is sorted
/// by key on the way. The history has one entry for the whole load, with the number of its tasks.
///
/// ```
/// use responsibility_index::Index;
///
/// let index = Index::in_memory();
/// let mut load = index.load();
/// for n in 1..=1000 {
///     load.add(&format!("plan/{n}"), ["Transport", "Finance"])?;
/// }
/// let done = load.commit()?;
/// assert_eq!((done.tasks, done.revision), (1000, 1));
/// assert_eq!(index.led_by("Transport")?.len(), 1000);
/// # Ok::<(), responsibility_index::Error>(())
/// ```
pub struct Load<'i> {
    shared: &'i Shared,
    /// Where the units of the load get their numbers; those of the index are settled at the commit.
    names: Version,
    /// The units named so far: a plain map is asked more quickly than a version, and a load asks for each name.
    numbers: HashMap<Box<str>, UnitId, RandomState>,
    keys: String,
    units: Vec<UnitId>,
    tasks: Vec<Loading>,
    details: Vec<Details>,
    /// Changes to units that the load makes beside its tasks, in order.
    defined: Vec<Defined>,
    note: Note,
}

/// What a load says of units.
enum Defined {
    Unit { name: String, kind: UnitKind },
    Alias { unit: String, alias: String },
}

/// One task, as ranges of what the load has gathered. `details` is 0 for none, or one above a place.
struct Loading {
    key: (usize, u32),
    units: (usize, u32),
    details: usize,
}

/// What a bulk load did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Loaded {
    /// How many tasks were loaded.
    pub tasks: usize,
    /// The revision of the load.
    pub revision: Revision,
}

impl<'i> Load<'i> {
    pub(super) fn new(shared: &'i Shared) -> Load<'i> {
        let names = Version::clone(&shared.view().0);
        let (numbers, keys, units, tasks, details, defined) = Default::default();
        Load { shared, names, numbers, keys, units, tasks, details, defined, note: Note::default() }
    }

    /// Keeps with the load why it is made, and by whom.
    pub fn note(&mut self, why: impl Into<String>, who: impl Into<String>) -> &mut Self {
        self.note = Note { why: why.into(), who: who.into() };
        self
    }

    /// Adds a task with its units, the lead first.
    ///
    /// # Errors
    /// [`Error::Edit`] with the position of the task in the load; the load goes on without it if you do.
    pub fn add<I>(&mut self, task: &str, units: I) -> Result<()>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let position = self.tasks.len() + 1;
        let before = self.units.len();
        self.add_checked(task, units).map_err(|source| {
            self.units.truncate(before);
            Error::Edit { position, source }
        })
    }

    /// Adds a task with its units and details; details without anything in them are none.
    ///
    /// # Errors
    /// Those of [`add`](Load::add).
    pub fn add_with<I>(&mut self, task: &str, units: I, details: Details) -> Result<()>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let position = self.tasks.len() + 1;
        details.check().map_err(|source| Error::Edit { position, source })?;
        self.add(task, units)?;
        self.set_details_of_last(details)
    }

    fn set_details_of_last(&mut self, details: Details) -> Result<()> {
        let position = self.tasks.len();
        details.check().map_err(|source| Error::Edit { position, source })?;
        self.details.push(details);
        if let Some(task) = self.tasks.last_mut() {
            task.details = self.details.len();
        }
        Ok(())
    }

    /// Adds what one line of an import says.
    pub(super) fn add_fact(&mut self, fact: Fact) -> Result<()> {
        match fact {
            Fact::Unit { name, kind } => self.define(Defined::Unit { name, kind }),
            Fact::Alias { unit, alias } => self.define(Defined::Alias { unit, alias }),
            Fact::Task { task, units } => self.add(&task, units),
            Fact::Details { details } => self.set_details_of_last(details),
        }
    }

    fn define(&mut self, defined: Defined) -> Result<()> {
        defined.apply(&mut self.names)?;
        self.defined.push(defined);
        Ok(())
    }

    fn add_checked<I>(&mut self, task: &str, units: I) -> Result<(), InputError>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        check_task_key(task)?;
        let first = self.units.len();
        for name in units {
            let name = name.as_ref();
            let unit = self.unit(name)?;
            let named = self.units.get(first..).unwrap_or_default();
            if named.contains(&unit) {
                let (task, unit) = (Some(task.to_owned()), self.names.units.name(unit).to_owned());
                return Err(InputError::UnitTwice { task, unit, written: name.to_owned() });
            }
            if named.len() == MAX_UNITS_OF_A_TASK {
                let (units, most) = (named.len() + 1, MAX_UNITS_OF_A_TASK);
                return Err(InputError::TooManyUnits { task: task.to_owned(), units, most });
            }
            self.units.push(unit);
        }
        let count = self.units.len() - first;
        if count == 0 {
            return Err(InputError::NoUnits { task: Some(task.to_owned()) });
        }
        let key = (self.keys.len(), task.len() as u32);
        self.keys.push_str(task);
        self.tasks.push(Loading { key, units: (first, count as u32), details: 0 });
        Ok(())
    }

    fn unit(&mut self, name: &str) -> Result<UnitId, InputError> {
        if let Some(unit) = self.numbers.get(name) {
            return Ok(*unit);
        }
        let unit = resolve(&mut self.names, name, self.shared.rules.create_units, &mut Vec::new())?;
        self.numbers.insert(name.into(), unit);
        Ok(unit)
    }

    fn key(&self, task: &Loading) -> &str {
        let (from, len) = task.key;
        self.keys.get(from..from + len as usize).unwrap_or_default()
    }

    fn units_of(&self, task: &Loading) -> &[UnitId] {
        let (from, len) = task.units;
        self.units.get(from..from + len as usize).unwrap_or_default()
    }

    /// Sorts what was gathered, writes it and publishes it. A load of nothing sorts in the tasks that came out of key
    /// order, and is no commit.
    ///
    /// # Errors
    /// [`InputError::TaskTwice`], an invalid note, and those of the engine; nothing is changed then.
    pub fn commit(self) -> Result<Loaded> {
        check_text(&self.note.why)?;
        check_text(&self.note.who)?;
        let order = self.sorted()?;
        let shared = self.shared;
        let view = shared.replace(|before| self.version(before, &order))?;
        Ok(Loaded { tasks: order.len(), revision: view.revision() })
    }

    /// The places of the tasks in the order of their keys.
    fn sorted(&self) -> Result<Vec<&Loading>, InputError> {
        let mut order: Vec<&Loading> = self.tasks.iter().collect();
        let rising = |pair: &[&Loading]| match pair {
            [a, b] => compare_keys(self.key(a), self.key(b)).is_lt(),
            _ => true,
        };
        if order.windows(2).all(rising) {
            return Ok(order);
        }
        order.sort_by(|a, b| compare_keys(self.key(a), self.key(b)));
        match order.windows(2).find(|pair| !rising(pair)).and_then(|pair| pair.first()) {
            Some(task) => Err(InputError::TaskTwice { task: self.key(task).to_owned() }),
            None => Ok(order),
        }
    }

    /// What the index becomes.
    fn version(&self, before: &View, order: &[&Loading]) -> Result<Replacement> {
        let mut version = Version::clone(&before.0);
        self.defined.iter().try_for_each(|defined| defined.apply(&mut version))?;
        let numbers = self.settle_units(&mut version)?;
        let mut details = Vec::new();
        let (mut records, mut units) = (Merge::of(&before.0), Vec::new());
        for task in order {
            let detail = self.write_details(task, &mut version.next_detail, &mut details)?;
            let number = |unit: &UnitId| numbers.get(*unit as usize).copied().unwrap_or(*unit);
            units.clear();
            units.extend(self.units_of(task).iter().map(number));
            self.check_distinct(task, &units, &version)?;
            records.add(self.key(task), &units, detail);
        }
        version.replace_tasks(records.finish());
        if order.is_empty() && self.defined.is_empty() {
            return Ok(Replacement { version, details, log: None });
        }
        version.revision += 1;
        let commit = CommitV1 {
            time: now(),
            why: self.note.why.clone(),
            who: self.note.who.clone(),
            what: WhatV1::Load(order.len() as u64),
        };
        let log = Some(encode(Row::Log { revision: version.revision }, &commit)?);
        Ok(Replacement { version, details, log })
    }

    /// Gives the units that the load names their numbers in the index, which may have got others since it began.
    fn settle_units(&self, version: &mut Version) -> Result<Vec<UnitId>, InputError> {
        let mut named = vec![false; self.names.units.len()];
        for unit in &self.units {
            if let Some(named) = named.get_mut(*unit as usize) {
                *named = true;
            }
        }
        let create = self.shared.rules.create_units;
        let units = self.names.units.iter().zip(named);
        units
            .map(
                |((id, unit), named)| {
                    if named { resolve(version, &unit.name, create, &mut Vec::new()) } else { Ok(id) }
                },
            )
            .collect()
    }

    /// Two names may have become one unit since the load began.
    fn check_distinct(&self, task: &Loading, units: &[UnitId], version: &Version) -> Result<(), InputError> {
        if units == self.units_of(task) {
            return Ok(());
        }
        let mut sorted = units.to_vec();
        sorted.sort_unstable();
        let Some(twice) = sorted.windows(2).find(|pair| pair.first() == pair.last()).and_then(|pair| pair.first())
        else {
            return Ok(());
        };
        let unit = version.units.name(*twice).to_owned();
        Err(InputError::UnitTwice { task: Some(self.key(task).to_owned()), written: unit.clone(), unit })
    }

    fn write_details(&self, task: &Loading, next: &mut DetailId, rows: &mut Vec<RowBytes>) -> Result<DetailId> {
        let given = task.details.checked_sub(1).and_then(|place| self.details.get(place));
        let Some(details) = given.filter(|details| **details != Details::default()) else {
            return Ok(0);
        };
        let id = *next;
        *next += 1;
        rows.extend(encode(Row::Details { id }, &DetailsV1::from(details))?);
        Ok(id)
    }
}

impl Defined {
    fn apply(&self, version: &mut Version) -> Result<(), InputError> {
        match self {
            Defined::Unit { name, kind } => {
                let id = resolve(version, name, true, &mut Vec::new())?;
                if version.units.name(id) != name {
                    let owner = version.units.name(id).to_owned();
                    return Err(InputError::NameTaken { name: name.clone(), owner });
                }
                version.units.change(id, |unit| unit.kind = *kind);
            }
            Defined::Alias { unit, alias } => {
                check_unit_name(alias)?;
                let id = version.unit_id(unit)?;
                match version.units.find(alias) {
                    Some(owner) if owner != id => {
                        let owner = version.units.name(owner).to_owned();
                        return Err(InputError::NameTaken { name: alias.clone(), owner });
                    }
                    Some(_) => {}
                    None => {
                        check_room_for_alias(version, id)?;
                        version.units.change(id, |unit| Arc::make_mut(&mut unit.aliases).push(alias.as_str().into()));
                    }
                }
            }
        }
        Ok(())
    }
}

/// The index's tasks and the loaded ones, in key order; a loaded one replaces the other.
struct Merge<'b> {
    kept: Peekable<vec::IntoIter<Record<'b>>>,
    merged: RecordsBuilder,
}

impl<'b> Merge<'b> {
    fn of(version: &'b Version) -> Merge<'b> {
        let assigned = version.tasks.records().iter().filter(|record| record.is_assigned());
        let mut kept: Vec<Record<'_>> = assigned.collect();
        kept.sort_by(|a, b| compare_keys(a.key(), b.key()));
        Merge { kept: kept.into_iter().peekable(), merged: RecordsBuilder::default() }
    }

    /// Adds a loaded one. They come in key order.
    fn add(&mut self, key: &str, units: &[UnitId], detail: DetailId) {
        while let Some(kept) = self.kept.next_if(|kept| compare_keys(kept.key(), key).is_lt()) {
            self.merged.push_record(kept);
        }
        self.kept.next_if(|kept| kept.has_key(key.as_bytes()));
        self.merged.push(key, units, detail);
    }

    fn finish(mut self) -> Records {
        self.kept.for_each(|kept| self.merged.push_record(kept));
        self.merged.finish()
    }
}
