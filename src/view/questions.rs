//! The questions that a view answers.

use std::sync::Arc;

use crate::id::UnitId;
use crate::model::{Assignment, Details, InputError, Result, Role};
use crate::state::Record;

use super::matrix::Matrix;
use super::snapshot::View;
use super::suggest::{suggest, unknown};
use super::task_ref::TaskRef;
use super::task_set::TaskSet;
use super::unit_ref::UnitRef;

impl View {
    /// The unit of a name, or an error that suggests others.
    fn unit_id(&self, name: &str) -> Result<UnitId, InputError> {
        self.state().units.find(name).ok_or_else(|| suggest(unknown(name), self.state()))
    }

    /// A task, if it is assigned. One look-up, about as fast as that of a hash map.
    #[must_use]
    #[inline]
    pub fn task(&self, key: &str) -> Option<TaskRef<'_>> {
        let record = self.state().tasks.assigned_record(key)?;
        Some(TaskRef { snapshot: self.snapshot(), record })
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

    /// The units that lead some tasks, in the order of the keys: [`lead`](View::lead) for many at once. Faster than one
    /// by one where the index is larger than the processor's cache, since loads from memory overlap.
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
        let state = self.state();
        state.tasks.assigned_records(keys, |record| {
            leads.push(record.map(|record| state.units.name(record.lead())));
        });
        leads
    }

    /// The supporting units of a task, in order; none when the task is not assigned.
    #[doc(alias = "配合单位")]
    pub fn supporting(&self, key: &str) -> impl Iterator<Item = &str> {
        self.task(key).into_iter().flat_map(|task| task.supporting())
    }

    /// The assignment of a task as an owned value; `None` when the task is not assigned.
    #[doc(alias = "assignee")]
    #[doc(alias = "责任单位")]
    #[doc(alias = "lookup_subjects")]
    #[must_use]
    pub fn assignment(&self, key: &str) -> Option<Assignment> {
        self.task(key).map(|task| task.assignment())
    }

    /// The role of a unit in a task; `None` when it has none, or the task is not assigned.
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
        let unit = self.unit_id(unit)?;
        Ok(self.task(key).and_then(|task| task.role_of(unit)))
    }

    /// A unit, by its name or an alias.
    ///
    /// # Errors
    /// [`InputError::UnknownUnit`], with names like it.
    pub fn unit(&self, name: &str) -> Result<UnitRef<'_>> {
        let id = self.unit_id(name)?;
        Ok(UnitRef { snapshot: self.snapshot(), id })
    }

    /// All units, in the order in which they were created.
    pub fn units(&self) -> impl Iterator<Item = UnitRef<'_>> {
        (0..self.state().units.len() as UnitId).map(|id| UnitRef { snapshot: self.snapshot(), id })
    }

    /// The tasks that a unit leads. Listing their keys costs some nanoseconds per key, other sets about 20. That holds
    /// while the tasks came in key order and few of the unit's tasks have changed since; a
    /// [bulk load](crate::Index::load), also an empty one, sorts all keys.
    ///
    /// # Errors
    /// [`InputError::UnknownUnit`].
    #[doc(alias = "ListObjects")]
    pub fn led_by(&self, unit: &str) -> Result<TaskSet> {
        let unit = self.unit_id(unit)?;
        Ok(self.in_role(unit, Role::Lead).with_keys_of(unit))
    }

    /// The tasks that a unit supports.
    ///
    /// # Errors
    /// [`InputError::UnknownUnit`].
    pub fn supported_by(&self, unit: &str) -> Result<TaskSet> {
        Ok(self.in_role(self.unit_id(unit)?, Role::Support))
    }

    /// The tasks that a unit leads or supports.
    ///
    /// # Errors
    /// [`InputError::UnknownUnit`].
    pub fn involving(&self, unit: &str) -> Result<TaskSet> {
        Ok(self.led_by(unit)? | self.supported_by(unit)?)
    }

    fn in_role(&self, unit: UnitId, role: Role) -> TaskSet {
        let tasks = self.state().units.tasks(unit);
        debug_assert!(tasks.is_some(), "unit {unit} is there");
        let ids = tasks.map(|tasks| tasks.in_role(role).ids());
        TaskSet::new(self.clone(), ids.unwrap_or_default())
    }

    /// All assigned tasks.
    #[must_use]
    pub fn tasks(&self) -> TaskSet {
        TaskSet::new(self.clone(), Arc::new(self.state().tasks.all()))
    }

    /// The number of assigned tasks.
    #[must_use]
    pub fn len(&self) -> usize {
        self.state().tasks.assigned()
    }

    /// Whether no task is assigned.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The tasks whose keys begin with `prefix`; end it with the separator to get what is below a section.
    ///
    /// Costs two binary searches, and a look at each task that came out of key order after the last
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
        TaskSet::new(self.clone(), Arc::new(self.state().tasks.under(prefix)))
    }

    /// The units that have tasks in common with a unit, in any roles, with the number of those tasks: the highest first,
    /// then in the order in which the units were created. Walks the unit's tasks.
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
    #[expect(clippy::indexing_slicing, reason = "records name units that there are")]
    pub fn shares_tasks_with(&self, unit: &str) -> Result<Vec<(UnitRef<'_>, usize)>> {
        let asked = self.unit_id(unit)?;
        let mut counts = vec![0_usize; self.state().units.len()];
        for id in self.involving(unit)?.ids().iter() {
            for unit in self.state().tasks.record(id).into_iter().flat_map(Record::units) {
                counts[unit as usize] += 1;
            }
        }
        let mut shared: Vec<_> =
            self.units().zip(counts).filter(|(unit, count)| unit.id != asked && *count > 0).collect();
        shared.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        Ok(shared)
    }

    /// The numbers of tasks that each unit leads and supports in each section below `prefix`: the responsibility matrix
    /// as data.
    ///
    /// A section is the first `depth` parts of a key, split at `/`. Walks the tasks below the prefix once.
    #[must_use]
    pub fn matrix(&self, prefix: &str, depth: usize) -> Matrix {
        Matrix::of(&self.under(prefix), depth)
    }

    /// The details of a task, read from disk; `None` when none were set, or the task is not assigned.
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
            .field("units", &self.state().units.len())
            .finish()
    }
}
