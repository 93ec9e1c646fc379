//! The questions that a view answers.

use std::sync::Arc;

use crate::id::UnitId;
use crate::model::{Assignment, InputError, Result, Role, Standing, section_name};
use crate::state::Record;

use super::matrix::Matrix;
use super::snapshot::View;
use super::suggest::{suggest, unknown};
use super::task_ref::TaskRef;
use super::task_set::TaskSet;
use super::unit_ref::UnitRef;

impl View {
    /// The unit of a name, or an error that says when it was one, or suggests others.
    pub(crate) fn unit_id(&self, name: &str) -> Result<UnitId, InputError> {
        let newest = self.snapshot().newest.as_ref();
        let unknown = || suggest(unknown(name), self.state(), newest);
        self.state().units.find(name).ok_or_else(unknown)
    }

    pub(crate) fn task_of<'v>(&'v self, record: Record<'v>) -> TaskRef<'v> {
        TaskRef { snapshot: self.snapshot(), record }
    }

    /// A task, if it is known. One look-up, about as fast as that of a hash map.
    #[must_use]
    #[inline]
    pub fn task(&self, key: &str) -> Option<TaskRef<'_>> {
        let record = self.state().tasks.known_record(key)?;
        Some(TaskRef { snapshot: self.snapshot(), record })
    }

    /// The unit that leads a task; `None` when the task is vacant or not known.
    #[doc(alias = "owner")]
    #[doc(alias = "accountable")]
    #[doc(alias = "牵头单位")]
    #[must_use]
    #[inline]
    pub fn lead(&self, key: &str) -> Option<&str> {
        self.task(key)?.lead()
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
        state.tasks.known_records(keys, false, |record| {
            leads.push(record.and_then(Record::lead).map(|lead| state.units.name(lead)));
        });
        leads
    }

    /// Some tasks, in the order of the keys: [`task`](View::task) for many at once; `None` for those that are not known.
    /// Faster than one by one, as with [`leads`](View::leads), also for their units. Ask for some hundreds at a time, so that
    /// they are still in the processor's cache when they are looked at.
    ///
    /// ```
    /// use responsibility_index::Index;
    ///
    /// let index = Index::in_memory();
    /// index.assign("plan/1", ["Transport", "Finance"])?;
    /// let view = index.view();
    /// let [first, second] = view.tasks_for(&["plan/1", "plan/2"])[..] else { unreachable!() };
    /// assert!(first.unwrap().supporting().eq(["Finance"]) && second.is_none());
    /// # Ok::<(), responsibility_index::Error>(())
    /// ```
    #[must_use]
    pub fn tasks_for<K: AsRef<str>>(&self, keys: &[K]) -> Vec<Option<TaskRef<'_>>> {
        let (mut tasks, snapshot) = (Vec::with_capacity(keys.len()), self.snapshot());
        self.state().tasks.known_records(keys, true, |record| {
            tasks.push(record.map(|record| TaskRef { snapshot, record }));
        });
        tasks
    }

    /// The assignments of some tasks as owned values, in the order of the keys: [`assignment`](View::assignment) for
    /// many at once; `None` for a task that is vacant or not known. Copies the name of each unit.
    #[must_use]
    pub fn assignments_for<K: AsRef<str>>(&self, keys: &[K]) -> Vec<Option<Assignment>> {
        let (mut assignments, snapshot) = (Vec::with_capacity(keys.len()), self.snapshot());
        self.state().tasks.known_records(keys, true, |record| {
            assignments.push(record.and_then(|record| TaskRef { snapshot, record }.assignment()));
        });
        assignments
    }

    /// The supporting units of a task, in order; none when the task is not known.
    #[doc(alias = "配合单位")]
    pub fn supporting<'v>(&'v self, key: &str) -> impl Iterator<Item = &'v str> + use<'v> {
        self.task(key).into_iter().flat_map(|task| task.supporting())
    }

    /// The standing of a task, as an owned value; `None` when the task is not known. Copies the names of its units.
    ///
    /// ```
    /// use responsibility_index::{Index, Role, Standing};
    ///
    /// let index = Index::in_memory();
    /// index.assign("plan/1", ["Transport", "Finance"])?;
    /// index.batch().vacate("plan/1").commit()?;
    /// let view = index.view();
    /// assert_eq!(view.standing("plan/1"), Some(Standing::Vacant(vec![("Finance".to_owned(), Role::Support)])));
    /// assert!(view.vacant().keys().eq(["plan/1"]));
    /// assert_eq!(view.standing("plan/2"), None);
    /// # Ok::<(), responsibility_index::Error>(())
    /// ```
    #[must_use]
    pub fn standing(&self, key: &str) -> Option<Standing> {
        self.task(key).map(|task| task.standing())
    }

    /// The assignment of a task as an owned value; `None` when the task is vacant or not known. Copies the names of its
    /// units.
    #[doc(alias = "assignee")]
    #[doc(alias = "责任单位")]
    #[doc(alias = "lookup_subjects")]
    #[must_use]
    pub fn assignment(&self, key: &str) -> Option<Assignment> {
        self.task(key)?.assignment()
    }

    /// The role of a unit in a task; `None` when it has none, or the task is not known.
    ///
    /// ```
    /// use responsibility_index::{Index, Role};
    ///
    /// let index = Index::in_memory();
    /// index.assign("plan/1", ["Transport", "Finance"])?;
    /// index.batch().create_unit("Health", Default::default()).commit()?;
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

    /// The unit of a name, if there is one; for callers that need no suggestion of near names, which takes all units.
    pub(crate) fn find_unit(&self, name: &str) -> Option<UnitRef<'_>> {
        let id = self.state().units.find(name)?;
        Some(UnitRef { snapshot: self.snapshot(), id })
    }

    /// The unit with a number, if it exists.
    pub(crate) fn unit_of(&self, id: UnitId) -> Option<UnitRef<'_>> {
        self.state().units.get(id).map(|_| UnitRef { snapshot: self.snapshot(), id })
    }

    /// All units, also those that have [ended](UnitRef::ended), in the order in which they were created. Some
    /// nanoseconds per unit.
    pub fn units(&self) -> impl Iterator<Item = UnitRef<'_>> {
        self.state().units.iter().map(|(id, _)| UnitRef { snapshot: self.snapshot(), id })
    }

    /// The tasks that a unit leads. Listing the keys takes a few nanoseconds per key, or about 20 ns for any other set, if the
    /// tasks were added in key order and few tasks of the unit have changed since. A
    /// [bulk load](crate::Index::bulk_load) and [`compact`](crate::Index::compact) sort all keys.
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

    /// The tasks in which a unit has one of some roles. Each role after the first costs one union of two sets.
    ///
    /// ```
    /// use responsibility_index::{Assignment, Index, Role};
    ///
    /// let index = Index::in_memory();
    /// index.assign("plan/1", ["Transport", "Finance"])?;
    /// index.assign("plan/2", Assignment::led_by("Police")?.and(Role::CoLead, ["Transport"])?)?;
    /// let view = index.view();
    /// assert!(view.tasks_of("Transport", [Role::Lead, Role::CoLead])?.keys().eq(["plan/1", "plan/2"]));
    /// assert!(view.tasks_of("Transport", [Role::CoLead])?.keys().eq(["plan/2"]));
    /// # Ok::<(), responsibility_index::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`InputError::UnknownUnit`].
    pub fn tasks_of(&self, unit: &str, roles: impl IntoIterator<Item = Role>) -> Result<TaskSet> {
        let unit = self.unit_id(unit)?;
        let sets = roles.into_iter().map(|role| self.in_role(unit, role));
        Ok(sets.reduce(|all, set| all | set).unwrap_or_else(|| self.no_tasks()))
    }

    /// The tasks in which a unit has any role. Costs the union of its five sets.
    ///
    /// # Errors
    /// [`InputError::UnknownUnit`].
    pub fn involving(&self, unit: &str) -> Result<TaskSet> {
        self.tasks_of(unit, Role::ALL)
    }

    pub(super) fn in_role(&self, unit: UnitId, role: Role) -> TaskSet {
        let tasks = self.state().units.tasks(unit);
        debug_assert!(tasks.is_some(), "unit {unit} is there");
        let ids = tasks.map(|tasks| tasks.in_role(role).ids());
        TaskSet::new(self.clone(), ids.unwrap_or_default())
    }

    /// All known tasks, assigned or vacant. Makes one bitmap of them.
    #[must_use]
    pub fn tasks(&self) -> TaskSet {
        TaskSet::new(self.clone(), Arc::new(self.state().tasks.all()))
    }

    /// The tasks without a lead.
    #[must_use]
    pub fn vacant(&self) -> TaskSet {
        TaskSet::new(self.clone(), self.state().tasks.vacant_ids())
    }

    /// The units that no task names and that go on, in the order in which they were created. Walks the units.
    pub fn idle_units(&self) -> impl Iterator<Item = UnitRef<'_>> {
        let going_on = self.units().filter(|unit| unit.ended().is_none());
        going_on.filter(|unit| Role::ALL.into_iter().all(|role| unit.count(role) == 0))
    }

    /// The number of known tasks.
    #[must_use]
    pub fn len(&self) -> usize {
        self.state().tasks.known()
    }

    /// Whether no task is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The tasks whose keys begin with `prefix`; end it with the separator to get what is below a section.
    ///
    /// Costs two binary searches, and one comparison per task that came out of key order after the last
    /// [bulk load](crate::Index::bulk_load). A prefix that ends in a digit also costs one comparison per task below the part
    /// before the digits; end it with the separator to avoid that.
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

    /// The tasks of a section: the task whose key is `prefix`, if there is one, and those below it at a `/`. One `/` at
    /// its end makes no difference. The empty prefix is that of all tasks. Costs as much as [`under`](View::under), a
    /// look-up, and a union.
    ///
    /// ```
    /// use responsibility_index::Index;
    ///
    /// let index = Index::in_memory();
    /// for task in ["plan/1", "plan/1/1", "plan/10"] {
    ///     index.assign(task, ["Transport"])?;
    /// }
    /// assert!(index.view().section("plan/1")?.keys().eq(["plan/1", "plan/1/1"]));
    /// # Ok::<(), responsibility_index::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`InputError::DoubleSlash`].
    pub fn section(&self, prefix: &str) -> Result<TaskSet> {
        Ok(self.in_section(section_name(prefix)?))
    }

    /// The tasks of a section whose name has no `/` at its end; all tasks for an empty one.
    pub(crate) fn in_section(&self, name: &str) -> TaskSet {
        if name.is_empty() {
            return self.tasks();
        }
        let below = self.under(&format!("{name}/"));
        let itself = self.state().tasks.find_known(name).into_iter().collect();
        let itself = TaskSet::new(self.clone(), Arc::new(itself));
        below | itself
    }

    /// The units that lead some of these tasks, which are of this view, with the number of those tasks.
    pub(crate) fn leads_among(&self, tasks: &TaskSet) -> impl Iterator<Item = (UnitId, usize)> {
        let (all, any) = (tasks.len() == self.len(), !tasks.is_empty());
        let units = self.state().units.by_number().filter(move |(_, unit)| any && unit.is_some());
        units.filter_map(move |(unit, _)| {
            let led = self.state().units.tasks(unit)?.in_role(Role::Lead);
            let count = match led.len() {
                0 => 0,
                count if all => count,
                _ => tasks.ids().intersection_len(&led.ids()) as usize,
            };
            (count > 0).then_some((unit, count))
        })
    }

    /// The task with the longest key that is `key`, or its beginning up to a `/`: who answers for a path. One look-up per
    /// part of the key.
    ///
    /// ```
    /// use responsibility_index::Index;
    ///
    /// let index = Index::in_memory();
    /// index.assign("src", ["Core team"])?;
    /// index.assign("src/net", ["Network team"])?;
    /// let view = index.view();
    /// let owner = |path| view.nearest(path).and_then(|task| task.lead());
    /// assert_eq!(owner("src/net/tcp.rs"), Some("Network team"));
    /// assert_eq!(owner("src/main.rs"), Some("Core team"));
    /// assert_eq!(owner("README.md"), None);
    /// # Ok::<(), responsibility_index::Error>(())
    /// ```
    #[must_use]
    pub fn nearest(&self, key: &str) -> Option<TaskRef<'_>> {
        let ends = std::iter::once(key.len()).chain(key.rmatch_indices('/').map(|(at, _)| at));
        ends.filter_map(|end| self.task(key.split_at(end).0)).next()
    }

    /// The tasks with these keys. One look-up per key.
    ///
    /// # Errors
    /// [`InputError::UnknownTask`] for the first one that is not known.
    pub fn select<K: AsRef<str>>(&self, keys: impl IntoIterator<Item = K>) -> Result<TaskSet> {
        let id = |key: K| {
            let known = self.state().tasks.find_known(key.as_ref());
            known.ok_or_else(|| InputError::UnknownTask { task: key.as_ref().to_owned() })
        };
        let ids = keys.into_iter().map(id).collect::<Result<_, _>>()?;
        Ok(TaskSet::new(self.clone(), Arc::new(ids)))
    }

    /// No task: the beginning of a union.
    #[must_use]
    pub fn no_tasks(&self) -> TaskSet {
        TaskSet::new(self.clone(), Arc::default())
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
        let mut counts = vec![0_usize; self.state().units.numbered()];
        for id in self.involving(unit)?.ids().iter() {
            for member in self.state().tasks.record(id).into_iter().flat_map(Record::members) {
                counts[member.unit() as usize] += 1;
            }
        }
        let shared = self.units().map(|unit| (unit, counts[unit.id as usize]));
        let mut shared: Vec<_> = shared.filter(|(unit, count)| unit.id != asked && *count > 0).collect();
        shared.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        Ok(shared)
    }

    /// Counts the tasks of each unit, by role, in each section below `prefix`: the responsibility matrix as data.
    ///
    /// A section is a key cut after `depth` parts, counted from the last `/` of the prefix; 0 counts as 1. End the
    /// prefix with `/` to count the tasks of one section only. Walks the tasks below the prefix, about 0.8 µs each.
    #[must_use]
    pub fn matrix(&self, prefix: &str, depth: usize) -> Matrix {
        let base = prefix.rfind('/').map_or(0, |slash| slash + 1);
        Matrix::of(&self.under(prefix), base, depth)
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
