//! The whole index at one revision, in memory and immutable. Answers every question; writes nothing.

mod by_unit;
mod chunks;
mod details;
mod keylist;
mod leaf;
mod matrix;
mod names;
mod posting;
mod record;
mod records;
mod set;
mod task;
mod tasks;
mod tree;
mod unit;
mod units;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::assignment::{Assignment, Details, Role, check_unit_name};
use crate::error::{InputError, Result};
use crate::id::{DetailId, Revision, UnitId};
use crate::store::Store;
use crate::threads::both;

pub(crate) use self::by_unit::ByUnit;
pub use self::matrix::{Cell, Matrix};
pub use self::set::{Keys, TaskRefs, TaskSet};
pub use self::task::{Supporting, TaskRef};
pub use self::unit::UnitRef;

pub(crate) use self::leaf::LEAF;
pub(crate) use self::record::{MAX_UNITS, OwnedRecord, Record};
pub(crate) use self::records::{Records, RecordsBuilder};
pub(crate) use self::tasks::Tasks;
pub(crate) use self::units::{Unit, Units};

/// From how many tasks on it pays to start a thread.
pub(crate) const MANY: usize = 10_000;

/// A snapshot of the whole index at one revision.
///
/// Taking one costs a few nanoseconds, cloning one costs as much, and reading it waits for nobody: a view never
/// changes, however long it is held. What it shares with newer views is in memory once. It reads details from the store,
/// so an index stays in use until the last view and the last [`TaskSet`] of it is dropped.
///
/// Costs are given for an index of `n` tasks and `u` units; none of them touches the disk but
/// [`details`](View::details).
///
/// ```
/// use responsibility_index::Index;
///
/// let index = Index::in_memory();
/// index.assign("plan/1", ["Transport", "Finance", "Police"])?;
/// index.assign("plan/2", ["Finance", "Transport"])?;
///
/// let view = index.view();
/// assert_eq!(view.lead("plan/1"), Some("Transport"));
/// assert!(view.supporting("plan/1").eq(["Finance", "Police"]));
///
/// let both = view.led_by("Transport")? & view.supported_by("Finance")?;
/// assert!(both.keys().eq(["plan/1"]));
///
/// index.unassign("plan/1")?;
/// assert_eq!(view.lead("plan/1"), Some("Transport"), "a view stays as it was");
/// assert_eq!(index.view().lead("plan/1"), None);
/// # Ok::<(), responsibility_index::Error>(())
/// ```
#[derive(Clone)]
pub struct View(pub(crate) Arc<Version>);

/// What a view is made of. Cloning it shares everything.
#[derive(Clone)]
pub(crate) struct Version {
    /// Task numbers mean the same in all versions of one lineage.
    pub(crate) lineage: u64,
    pub(crate) revision: Revision,
    pub(crate) next_detail: DetailId,
    pub(crate) tasks: Tasks,
    pub(crate) units: Units,
    /// Where details are read from, on demand.
    pub(crate) store: Arc<dyn Store>,
}

impl Version {
    pub(crate) fn empty(store: Arc<dyn Store>) -> Version {
        Version {
            lineage: new_lineage(),
            revision: 0,
            next_detail: 1,
            tasks: Tasks::default(),
            units: Units::default(),
            store,
        }
    }

    /// Replaces both directions: these tasks, and for each unit the tasks that name it.
    pub(crate) fn replace_tasks(&mut self, records: Records) {
        self.replace_tasks_beside(records, || ());
    }

    /// The same, with other work done meanwhile. Returns what that made, and the direction of the units as lists.
    pub(crate) fn replace_tasks_beside<T: Send>(
        &mut self,
        records: Records,
        other: impl Fn() -> T + Sync,
    ) -> (T, ByUnit) {
        let tasks = || (Tasks::of(records.clone()), other());
        let units = || {
            let mut by_unit = ByUnit::of(&records, self.units.len());
            (by_unit.postings(), by_unit)
        };
        let ((tasks, made), (postings, by_unit)) = both(records.len() > MANY, tasks, units);
        self.tasks = tasks;
        self.units.set_postings(postings);
        self.lineage = new_lineage();
        (made, by_unit)
    }

    /// Makes the unit→task direction anew from the task→unit one.
    pub(crate) fn rebuild_postings(&mut self) {
        let mut by_unit = ByUnit::of(self.tasks.records(), self.units.len());
        self.units.set_postings(by_unit.postings());
    }

    /// The unit of a name, or an error that suggests others.
    pub(crate) fn unit_id(&self, name: &str) -> Result<UnitId, InputError> {
        self.units.find(name).ok_or_else(|| match check_unit_name(name) {
            // How near the known names are to it would take long to say.
            Err(too_long @ InputError::TooLong { .. }) => too_long,
            _ => InputError::UnknownUnit { name: name.to_owned(), near: self.units.near(name) },
        })
    }
}

/// Turns the lengths of pieces that stand one after the other into the places where they begin. Returns their sum.
fn starts_of(lengths: &mut [usize]) -> usize {
    lengths.iter_mut().fold(0, |start, length| start + std::mem::replace(length, start))
}

pub(crate) fn new_lineage() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

impl View {
    pub(crate) fn new(version: Version) -> View {
        View(Arc::new(version))
    }

    /// How many commits this view has seen.
    #[must_use]
    pub fn revision(&self) -> Revision {
        self.0.revision
    }

    /// A task, if it is assigned. One look-up, about as long as that of a hash map.
    #[must_use]
    #[inline]
    pub fn task(&self, key: &str) -> Option<TaskRef<'_>> {
        let record = self.0.tasks.assigned_record(key)?;
        Some(TaskRef { version: &self.0, record })
    }

    /// The unit that leads a task; `None` when the task is not assigned.
    #[doc(alias = "owner")]
    #[doc(alias = "accountable")]
    #[doc(alias = "牵头单位")]
    #[must_use]
    #[inline]
    pub fn lead(&self, key: &str) -> Option<&str> {
        self.task(key).map(|task| task.lead())
    }

    /// The units that lead some tasks, in the order of the keys: [`lead`](View::lead) for many at once, which is quicker
    /// where the index is larger than the processor's cache, since what they wait for in memory arrives together.
    ///
    /// ```
    /// use responsibility_index::Index;
    ///
    /// let index = Index::in_memory();
    /// index.assign("plan/1", ["Transport", "Finance"])?;
    /// index.assign("plan/2", ["Police"])?;
    /// let view = index.view();
    /// assert_eq!(view.leads(&["plan/2", "plan/3", "plan/1"]), [Some("Police"), None, Some("Transport")]);
    /// # Ok::<(), responsibility_index::Error>(())
    /// ```
    #[must_use]
    pub fn leads<K: AsRef<str>>(&self, keys: &[K]) -> Vec<Option<&str>> {
        let mut leads = Vec::with_capacity(keys.len());
        let version = &*self.0;
        version.tasks.assigned_records(keys, |record| {
            leads.push(record.map(|record| version.units.name(record.lead())));
        });
        leads
    }

    /// The supporting units of a task, in order; nothing when the task is not assigned.
    #[doc(alias = "配合单位")]
    pub fn supporting(&self, key: &str) -> impl Iterator<Item = &str> {
        self.task(key).into_iter().flat_map(|task| task.supporting())
    }

    /// The whole assignment of a task as a value of its own; `None` when the task is not assigned.
    #[doc(alias = "assignee")]
    #[doc(alias = "责任单位")]
    #[doc(alias = "lookup_subjects")]
    #[must_use]
    pub fn assignment(&self, key: &str) -> Option<Assignment> {
        self.task(key).map(|task| task.assignment())
    }

    /// What a unit is to a task; `None` when it has no part in it, or the task is not assigned.
    ///
    /// ```
    /// use responsibility_index::{Index, Role};
    ///
    /// let index = Index::in_memory();
    /// index.assign("plan/1", ["Transport", "Finance"])?;
    /// index.create_unit("Health", Default::default())?;
    /// let view = index.view();
    /// assert_eq!(view.role("plan/1", "Finance")?, Some(Role::Support));
    /// assert_eq!(view.role("plan/1", "Health")?, None);
    /// assert!(view.role("plan/1", "Finanse").unwrap_err().to_string().contains("is it \"Finance\"?"));
    /// # Ok::<(), responsibility_index::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`InputError::UnknownUnit`].
    pub fn role(&self, key: &str, unit: &str) -> Result<Option<Role>> {
        let unit = self.0.unit_id(unit)?;
        Ok(self.task(key).and_then(|task| task.role_of(unit)))
    }

    /// A unit, by its name or an alias.
    ///
    /// # Errors
    /// [`InputError::UnknownUnit`], with names like it.
    pub fn unit(&self, name: &str) -> Result<UnitRef<'_>> {
        let id = self.0.unit_id(name)?;
        Ok(UnitRef { version: &self.0, id })
    }

    /// All units, in the order they came in.
    pub fn units(&self) -> impl Iterator<Item = UnitRef<'_>> {
        (0..self.0.units.len() as UnitId).map(|id| UnitRef { version: &self.0, id })
    }

    /// The tasks that a unit leads. Their keys stand in a row, so that listing them all takes some nanoseconds each,
    /// where other sets find each key by the task's number. That is so while the tasks came in key order; a
    /// [bulk load](crate::Index::load), also an empty one, sorts in the others.
    ///
    /// # Errors
    /// [`InputError::UnknownUnit`].
    #[doc(alias = "ListObjects")]
    pub fn led_by(&self, unit: &str) -> Result<TaskSet> {
        let unit = self.0.unit_id(unit)?;
        Ok(self.in_role(unit, Role::Lead).with_keys_of(unit))
    }

    /// The tasks that a unit supports.
    ///
    /// # Errors
    /// [`InputError::UnknownUnit`].
    pub fn supported_by(&self, unit: &str) -> Result<TaskSet> {
        Ok(self.in_role(self.0.unit_id(unit)?, Role::Support))
    }

    /// The tasks that a unit leads or supports.
    ///
    /// # Errors
    /// [`InputError::UnknownUnit`].
    pub fn involving(&self, unit: &str) -> Result<TaskSet> {
        Ok(self.led_by(unit)? | self.supported_by(unit)?)
    }

    fn in_role(&self, unit: UnitId, role: Role) -> TaskSet {
        let ids = self.0.units.postings(unit).map(|postings| postings.of(role).ids());
        TaskSet::new(self.clone(), ids.unwrap_or_default())
    }

    /// All assigned tasks.
    #[must_use]
    pub fn tasks(&self) -> TaskSet {
        TaskSet::new(self.clone(), Arc::new(self.0.tasks.all()))
    }

    /// How many tasks are assigned.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.tasks.assigned()
    }

    /// Whether no task is assigned.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The tasks whose keys begin with `prefix`; end it with the separator to get what is below a section.
    ///
    /// Costs two binary searches, and a look at each task that came out of key order since the last
    /// [bulk load](crate::Index::load).
    ///
    /// ```
    /// use responsibility_index::Index;
    ///
    /// let index = Index::in_memory();
    /// for task in ["plan/1/1", "plan/1/2", "plan/10/1"] {
    ///     index.assign(task, ["Transport"])?;
    /// }
    /// let view = index.view();
    /// assert!(view.under("plan/1/").keys().eq(["plan/1/1", "plan/1/2"]));
    /// assert_eq!((view.under("plan/1/") & view.led_by("Transport")?).len(), 2);
    /// # Ok::<(), responsibility_index::Error>(())
    /// ```
    #[must_use]
    pub fn under(&self, prefix: &str) -> TaskSet {
        TaskSet::new(self.clone(), Arc::new(self.0.tasks.under(prefix)))
    }

    /// The units that have tasks in common with a unit, in whatever roles, with how many: the most first, then as
    /// they came in. Walks the unit's tasks.
    ///
    /// ```
    /// use responsibility_index::Index;
    ///
    /// let index = Index::in_memory();
    /// index.assign("plan/1", ["Transport", "Finance", "Police"])?;
    /// index.assign("plan/2", ["Finance", "Transport"])?;
    /// let view = index.view();
    /// let shared = view.shares_tasks_with("Transport")?;
    /// let shared: Vec<(&str, usize)> = shared.iter().map(|(unit, tasks)| (unit.name(), *tasks)).collect();
    /// assert_eq!(shared, [("Finance", 2), ("Police", 1)]);
    /// # Ok::<(), responsibility_index::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`InputError::UnknownUnit`].
    pub fn shares_tasks_with(&self, unit: &str) -> Result<Vec<(UnitRef<'_>, usize)>> {
        let asked = self.0.unit_id(unit)?;
        let mut counts = vec![0_usize; self.0.units.len()];
        for id in self.involving(unit)?.ids().iter() {
            for unit in self.0.tasks.record(id).into_iter().flat_map(Record::units) {
                if let Some(count) = counts.get_mut(unit as usize) {
                    *count += 1;
                }
            }
        }
        let mut shared: Vec<_> =
            self.units().zip(counts).filter(|(unit, count)| unit.id != asked && *count > 0).collect();
        shared.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        Ok(shared)
    }

    /// How many tasks each unit leads and supports in each section below `prefix`: the responsibility matrix as data.
    ///
    /// A section is the first `depth` parts of a key, split at `/`. Walks the tasks below the prefix once.
    #[must_use]
    pub fn matrix(&self, prefix: &str, depth: usize) -> Matrix {
        Matrix::of(&self.under(prefix), depth)
    }

    /// What is known of a task beside its assignment, read from the store; `None` when nothing was set, or the task
    /// is not assigned.
    ///
    /// # Errors
    /// [`Error::Engine`](crate::Error::Engine) and [`Error::Corrupt`](crate::Error::Corrupt).
    pub fn details(&self, key: &str) -> Result<Option<Details>> {
        self.task(key).map_or(Ok(None), |task| task.details())
    }
}

impl std::fmt::Debug for View {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("View")
            .field("revision", &self.revision())
            .field("tasks", &self.len())
            .field("units", &self.0.units.len())
            .finish()
    }
}
