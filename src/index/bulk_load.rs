//! Bulk loads: tasks are gathered, sorted by key, and committed as one entry of the log in blocks.

use std::collections::{HashMap, HashSet};
use std::time::Instant;

use foldhash::fast::RandomState;
use jiff::civil::Date;

use crate::commit_log::{Entry, Head};
use crate::edit::{UnitPlanner, bug};
use crate::export::{Fact, OrganisationLine};
use crate::id::{DetailId, Revision, UnitId};
use crate::model::{
    Conflict, Details, Error, InputError, MAX_UNITS_OF_A_TASK, NamedUnits, Note, Result, Role, UnitKind,
    check_task_key, check_text, clock,
};
use crate::order::{compare_keys, sort_by_keys};
use crate::persist::Commit;
use crate::state::{Change, Member, PARALLEL_FROM, State, TaskChange, TaskChanges, TaskImage, Unit, pack};
use crate::threads::both;
use crate::view::{View, with_suggestions};

use super::import_lines::Imported;
use super::planned::Planned;
use super::shared::Shared;

/// Gathers many tasks and commits them at once, all or none.
///
/// A loaded task replaces the task with the same key, including its details; [`Batch::assign`](crate::Batch::assign) keeps
/// details. Other tasks stay. Tasks may be added in any order, but no key twice. The load is one commit, always synced;
/// its checkpoint is written in the background.
///
/// ```
/// use responsibility_index::Index;
///
/// let index = Index::in_memory();
/// let mut load = index.bulk_load();
/// for n in 1..=1000 {
///     load.add(&format!("plan/{n}"), ["Transport", "Finance"])?;
/// }
/// let done = load.commit()?;
/// assert_eq!((done.tasks, done.revision), (1000, 1));
/// assert_eq!(index.view().led_by("Transport")?.len(), 1000);
/// # Ok::<(), responsibility_index::Error>(())
/// ```
#[must_use = "a load does nothing until it is committed"]
pub struct BulkLoad<'i> {
    shared: &'i Shared,
    /// The state when the load began, with the units of the load. Its numbers of units are used until the commit.
    units: UnitPlanner,
    /// The units named so far: a map is faster than the state, and a load asks for each name of each task.
    numbers: HashMap<Box<str>, UnitId, RandomState>,
    /// The number of units that ever were when the load began. Units keep their numbers.
    known: usize,
    /// The units of the task that is added, kept for its memory.
    named: Vec<Member>,
    /// The tasks, the last block open. Details are numbered from 1, by their places in `details`.
    blocks: Vec<TaskChanges>,
    count: usize,
    /// Whether each key so far comes after the one before.
    rising: bool,
    details: Vec<Details>,
    /// Lines about units in the load, in order.
    defined: Vec<Defined>,
    imported: Imported,
    is_import: bool,
    note: Note,
    day: Option<Date>,
}

/// A line of an import about units, in a load.
enum Defined {
    Unit { name: String, kind: UnitKind },
    Alias { unit: String, alias: String },
    Organisation(OrganisationLine),
}

impl Defined {
    fn apply(&self, units: &mut UnitPlanner, imported: &mut Imported) -> Result<()> {
        match self {
            Defined::Unit { name, kind } => units.define(name, *kind),
            Defined::Alias { unit, alias } => units.add_alias(unit, alias),
            Defined::Organisation(line) => imported.apply(line, units),
        }
    }
}

/// The result of a bulk load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Loaded {
    /// The number of tasks loaded.
    pub tasks: usize,
    /// The revision of the load.
    pub revision: Revision,
}

impl<'i> BulkLoad<'i> {
    pub(super) fn new(shared: &'i Shared) -> BulkLoad<'i> {
        let units = UnitPlanner::new(shared.view().state().clone(), shared.rules().create_units, None);
        let (numbers, named, blocks, details, defined, imported, note, day) = Default::default();
        let known = units.state.units.numbered();
        let (count, rising, is_import) = (0, true, false);
        BulkLoad {
            shared,
            units,
            known,
            numbers,
            named,
            blocks,
            count,
            rising,
            details,
            defined,
            imported,
            is_import,
            note,
            day,
        }
    }

    /// Sets the note of the load: why it is made, and by whom.
    pub fn note(&mut self, why: impl Into<String>, who: impl Into<String>) -> &mut Self {
        self.note = Note { why: why.into(), who: who.into() };
        self
    }

    /// Sets the day from which the load is in force: see [`Batch::in_force_from`](crate::Batch::in_force_from).
    pub fn in_force_from(&mut self, day: Date) -> &mut Self {
        self.day = Some(day);
        self
    }

    /// Adds a task with its units, given as for [`Batch::assign`](crate::Batch::assign).
    ///
    /// # Errors
    /// [`Error::Edit`] with the position of the task in the load. The load can go on without it.
    pub fn add(&mut self, task: &str, units: impl NamedUnits) -> Result<()> {
        self.add_units(task, true, |load, members| {
            units.each_unit(|name, role| load.add_member(task, name, role, members))
        })
    }

    /// Adds a task whose units `fill` gathers: with a lead, or a vacant one.
    fn add_units(
        &mut self,
        task: &str,
        needs_lead: bool,
        fill: impl FnOnce(&mut Self, &mut Vec<Member>) -> Result<()>,
    ) -> Result<()> {
        let position = self.count + 1;
        let mut members = std::mem::take(&mut self.named);
        members.clear();
        let checked = check_task_key(task).map_err(Error::from).and_then(|()| fill(self, &mut members));
        let checked = checked.and_then(|()| match needs_lead && members.is_empty() {
            true => Err(InputError::NoUnits { task: Some(task.to_owned()) }.into()),
            false => Ok(()),
        });
        if checked.is_ok() {
            self.push(task, &members);
        }
        self.named = members;
        checked.map_err(|error| self.at(position, task, error))
    }

    /// The error with the position of its task, and with names like an unknown one.
    fn at(&self, position: usize, task: &str, error: Error) -> Error {
        match with_suggestions(error, &self.units.state) {
            Error::Input(mistake) => Error::Edit { position, task: Some(task.to_owned()), mistake },
            other => other,
        }
    }

    /// Adds a task with its units and details; empty details are none.
    ///
    /// # Errors
    /// Those of [`add`](BulkLoad::add).
    pub fn add_with(&mut self, task: &str, units: impl NamedUnits, details: Details) -> Result<()> {
        let position = self.count + 1;
        details.check().map_err(|mistake| Error::Edit { position, task: Some(task.to_owned()), mistake })?;
        self.add(task, units)?;
        self.set_details_of_last(details)
    }

    fn set_details_of_last(&mut self, details: Details) -> Result<()> {
        let position = self.count;
        let task = || self.last_key().map(str::to_owned);
        details.check().map_err(|mistake| Error::Edit { position, task: task(), mistake })?;
        if let Some(block) = self.blocks.last_mut() {
            self.details.push(details);
            block.set_last_detail(self.details.len() as DetailId);
        }
        Ok(())
    }

    /// Adds one line of an import. Its tasks may name units that have ended.
    pub(super) fn add_fact(&mut self, fact: Fact) -> Result<()> {
        self.is_import = true;
        match fact {
            Fact::Unit { name, kind } => self.define(Defined::Unit { name, kind }),
            Fact::Alias { unit, alias } => self.define(Defined::Alias { unit, alias }),
            Fact::Task { task, standing } => self.add_units(&task, false, |load, members| {
                standing.units().try_for_each(|(name, role)| load.add_member(&task, name, role, members))
            }),
            Fact::Details { details } => self.set_details_of_last(details),
            Fact::Organisation(line) => self.define(Defined::Organisation(line)),
        }
    }

    fn define(&mut self, defined: Defined) -> Result<()> {
        defined
            .apply(&mut self.units, &mut self.imported)
            .map_err(|error| with_suggestions(error, &self.units.state))?;
        self.defined.push(defined);
        Ok(())
    }

    fn last_key(&self) -> Option<&str> {
        self.blocks.last()?.last().map(|task| task.key)
    }

    fn add_member(&mut self, task: &str, name: &str, role: Role, members: &mut Vec<Member>) -> Result<()> {
        let unit = self.unit(name)?;
        if members.iter().any(|member| member.unit() == unit) {
            return Err(self.named_twice(task, unit, name));
        }
        if members.len() == MAX_UNITS_OF_A_TASK {
            let (units, most) = (members.len() + 1, MAX_UNITS_OF_A_TASK);
            return Err(InputError::TooManyUnits { task: task.to_owned(), units, most }.into());
        }
        members.push(Member::new(unit, role));
        Ok(())
    }

    /// Adds a known task whose units are checked.
    fn push(&mut self, task: &str, members: &[Member]) {
        self.rising = self.rising && self.last_key().is_none_or(|last| compare_keys(last, task).is_lt());
        if self.blocks.last().is_none_or(TaskChanges::is_full) {
            self.blocks.push(TaskChanges::default());
        }
        if let Some(block) = self.blocks.last_mut() {
            // The revision is known when the load is settled.
            let is = Some(TaskImage { members, detail: 0 });
            let (was_changed, is_changed) = (0, 0);
            block.push(TaskChange { key: task, was: None, is, was_changed, is_changed, moved_from: None });
        }
        self.count += 1;
    }

    fn named_twice(&self, task: &str, unit: UnitId, name: &str) -> Error {
        let (task, unit) = (Some(task.to_owned()), self.units.state.units.name(unit).to_owned());
        InputError::UnitTwice { task, unit, written: name.to_owned() }.into()
    }

    fn unit(&mut self, name: &str) -> Result<UnitId> {
        if let Some(unit) = self.numbers.get(name) {
            return Ok(*unit);
        }
        let unit = if self.is_import { self.units.resolve_any(name) } else { self.units.resolve(name) }?;
        self.numbers.insert(name.into(), unit);
        Ok(unit)
    }

    /// Commits all tasks as one commit, all or none. Other commits wait while it is written, about 1 us per task. A task
    /// that is as the load has it, without details on either side, does not change; a load that changes nothing makes no
    /// commit.
    ///
    /// # Errors
    /// [`InputError::TaskTwice`]; [`InputError::UnitTwice`] and [`InputError::UnknownUnit`] where names have changed their
    /// units since the load began; an invalid note; [`Conflict::Revision`] where another process has committed meanwhile: load
    /// again; [`Error::Engine`] and [`Error::Log`]. Nothing is changed then, and the load is gone.
    pub fn commit(mut self) -> Result<Loaded> {
        check_text(&self.note.why)?;
        check_text(&self.note.who)?;
        let (shared, tasks) = (self.shared, self.count);
        shared.check_writable()?;
        // Sorted before others have to wait.
        self.blocks = self.sorted()?;
        let leader = shared.lead();
        let planned = on_the_newest(shared, &mut self);
        drop(leader);
        let view = planned.map_err(|error| with_suggestions(error, shared.view().state()))?;
        Ok(Loaded { tasks, revision: view.revision() })
    }

    /// The commit of the load on a view, which may have had other commits since the load began.
    fn plan(&mut self, before: &View, head: Head) -> Result<Planned> {
        let stamp = before.state().stamp.next(clock(), self.day)?;
        let mut units = UnitPlanner::new(before.state().clone(), self.shared.rules().create_units, stamp.day);
        let mut imported = Imported::default();
        self.defined.iter().try_for_each(|defined| defined.apply(&mut units, &mut imported))?;
        imported.finish(&mut units)?;
        let numbers = self.settle_units(&mut units)?;
        self.check_go_on(&units, &numbers)?;
        let mut blocks = std::mem::take(&mut self.blocks);
        self.check_distinct(&blocks, &numbers, &units.state)?;
        let details = self.number_details(units.state.next_detail);
        let revision = before.revision() + 1;
        for block in &mut blocks {
            block.renumber(|unit| at(&numbers, unit as usize), |detail| number_at(&details, detail), revision);
            if before.state().tasks.numbered() > 0 {
                *block = before.state().rebased(block);
            }
        }
        blocks.retain(|block| !block.is_empty());
        let mut changes = units.changes;
        if changes.is_empty() && blocks.is_empty() {
            return Ok(Planned::new(before.clone(), head));
        }
        changes.extend(blocks.into_iter().map(Change::Tasks));
        let given = details.into_iter().zip(std::mem::take(&mut self.details)).filter(|(number, _)| *number > 0);
        let given: Vec<(DetailId, Details)> = given.collect();
        let (note, loaded) = (self.note.clone(), Some(self.count as u64));
        let commit = Commit { revision, stamp, note, loaded, changes };
        let encode = || commit.encode(before.state().next_detail, &given);
        let rebuild = || before.state().rebuild(&commit.changes).map_err(bug);
        let (payload, rebuilt) = both(self.count > PARALLEL_FROM, encode, rebuild);
        let (mut state, touched) = rebuilt?;
        (state.revision, state.stamp) = (revision, stamp);
        let entry = Entry::after(head, payload?)?;
        Ok(Planned::one(before.with(state), head, entry, commit.changes, touched))
    }

    /// Numbers the units that the load names as the index does, which may have got other units since the load began.
    #[expect(clippy::indexing_slicing, reason = "tasks of the load name units of its own state")]
    fn settle_units(&self, units: &mut UnitPlanner) -> Result<Vec<UnitId>> {
        let mut named = vec![false; self.units.state.units.numbered()];
        for member in self.blocks.iter().flat_map(TaskChanges::members) {
            named[member.unit() as usize] = true;
        }
        // A unit that was removed since is created again, as one that a batch names.
        let settle = |((id, unit), named): ((UnitId, Option<&Unit>), bool)| match unit.filter(|_| named) {
            Some(unit) if id as usize >= self.known || units.state.units.get(id).is_none() => {
                units.resolve_any(&unit.name)
            }
            _ => Ok(id),
        };
        self.units.state.units.by_number().zip(named).map(settle).collect()
    }

    /// Refuses units that have ended since the load began.
    fn check_go_on(&self, newest: &UnitPlanner, numbers: &[UnitId]) -> Result<(), InputError> {
        let ended = newest.state.units.iter().filter(|(_, unit)| unit.ended.is_some()).map(|(unit, _)| unit);
        let ended: HashSet<UnitId> = ended.collect();
        if self.is_import || ended.is_empty() {
            return Ok(());
        }
        let members = self.blocks.iter().flat_map(TaskChanges::members);
        match members.map(|member| at(numbers, member.unit() as usize)).find(|unit| ended.contains(unit)) {
            Some(unit) => newest.check_goes_on(unit),
            None => Ok(()),
        }
    }

    /// The tasks in the order of their keys.
    fn sorted(&mut self) -> Result<Vec<TaskChanges>, InputError> {
        let blocks = std::mem::take(&mut self.blocks);
        if self.rising {
            return Ok(blocks);
        }
        let mut tasks: Vec<TaskChange<'_>> = blocks.iter().flat_map(TaskChanges::iter).collect();
        sort_by_keys(&mut tasks, |task| task.key);
        if let Some(task) = tasks.chunk_by(|a, b| a.key == b.key).filter(|same| same.len() > 1).flatten().next() {
            return Err(InputError::TaskTwice { task: task.key.to_owned() });
        }
        Ok(pack(tasks))
    }

    /// Two names may have become one unit since the load began.
    fn check_distinct(&self, blocks: &[TaskChanges], numbers: &[UnitId], state: &State) -> Result<(), InputError> {
        let distinct: HashSet<&UnitId> = numbers.iter().collect();
        if distinct.len() == numbers.len() {
            return Ok(());
        }
        for task in blocks.iter().flat_map(TaskChanges::iter) {
            let members = task.is.map_or(&[][..], |is| is.members);
            let mut seen = HashSet::new();
            let settled = members.iter().map(|member| at(numbers, member.unit() as usize));
            if let Some(twice) = settled.into_iter().find(|unit| !seen.insert(*unit)) {
                let unit = state.units.name(twice).to_owned();
                return Err(InputError::UnitTwice { task: Some(task.key.to_owned()), written: unit.clone(), unit });
            }
        }
        Ok(())
    }

    /// The numbers of the details, in the order in which they were given; 0 for empty ones, which are none.
    fn number_details(&self, mut next: DetailId) -> Vec<DetailId> {
        let number = |details: &Details| {
            if *details == Details::default() {
                return 0;
            }
            next += 1;
            next - 1
        };
        self.details.iter().map(number).collect()
    }
}

impl std::fmt::Debug for BulkLoad<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BulkLoad").field("tasks", &self.count).finish_non_exhaustive()
    }
}

/// Commits a load. The caller leads.
fn on_the_newest(shared: &Shared, load: &mut BulkLoad<'_>) -> Result<View> {
    let mut planned_on = None;
    let planned =
        shared.append_and_publish(Instant::now(), |view, head| match planned_on.replace(view.revision()) {
            None => load.plan(&view, head),
            // Its tasks are numbered for another view.
            Some(expected) => Err(Conflict::Revision { expected, found: view.revision() }.into()),
        })?;
    Ok(planned.view)
}

fn at(numbers: &[UnitId], place: usize) -> UnitId {
    let number = numbers.get(place);
    debug_assert!(number.is_some(), "each unit of the load has a number");
    number.map_or(0, |number| *number)
}

/// The number of the details with a place counted from 1; 0 for none.
fn number_at(details: &[DetailId], place: DetailId) -> DetailId {
    place.checked_sub(1).and_then(|place| details.get(place as usize)).map_or(0, |number| *number)
}
