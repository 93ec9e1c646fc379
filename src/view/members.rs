//! Members of collectives: who answers for a task that names one, and what a unit leads or supports through one.
//!
//! By name goes before by membership: a unit that a task names has that role there and no other one. Members are those of
//! the view; nothing is copied into tasks.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use roaring::{MultiOps, RoaringBitmap};

use crate::id::UnitId;
use crate::model::{Result, Role};
use crate::state::Units;

use super::reached::reached;
use super::snapshot::View;
use super::task_ref::TaskRef;
use super::task_set::TaskSet;
use super::unit_ref::UnitRef;

/// A unit that answers for a task: a body, or a collective without members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Body<'v> {
    /// The unit.
    pub unit: UnitRef<'v>,
    /// Its role.
    pub role: Role,
    /// The collective that the task names; `None` where it names the unit itself.
    pub through: Option<UnitRef<'v>>,
}

/// Tasks of a unit with the collective through which it has them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Through<'v> {
    /// The collective that the tasks name; `None` for those that name the unit itself.
    pub collective: Option<UnitRef<'v>>,
    /// The tasks.
    pub tasks: TaskSet,
}

/// The bodies of a collective, through others too, each once, in order: those without members below it. A unit without
/// members is its own body.
fn bodies(units: &Units, unit: UnitId) -> Vec<UnitId> {
    let (mut bodies, mut seen, mut open) = (Vec::new(), HashSet::new(), vec![unit]);
    while let Some(unit) = open.pop() {
        if seen.insert(unit) {
            let members = units.members(unit);
            if members.is_empty() {
                bodies.push(unit);
            }
            open.extend(members.iter().rev());
        }
    }
    bodies
}

/// The collectives that a unit is in, through others too: the nearest first.
fn groups(units: &Units, unit: UnitId) -> Vec<UnitId> {
    reached(unit, |unit| units.groups(unit).iter().copied())
}

fn union(sets: Vec<TaskSet>) -> RoaringBitmap {
    sets.iter().map(TaskSet::ids).union()
}

impl<'v> UnitRef<'v> {
    /// The members of a collective, in order: bodies and collectives. None for a body.
    pub fn members(&self) -> impl Iterator<Item = UnitRef<'v>> + use<'v> {
        let snapshot = self.snapshot;
        let members = snapshot.state.units.members(self.id);
        members.iter().map(move |member| UnitRef { snapshot, id: *member })
    }

    /// The bodies of a collective, through its members too, each once, in order. A unit without members is its own
    /// body. Walks the members below it.
    #[must_use]
    pub fn bodies(&self) -> Vec<UnitRef<'v>> {
        let snapshot = self.snapshot;
        bodies(&snapshot.state.units, self.id).into_iter().map(|id| UnitRef { snapshot, id }).collect()
    }
}

impl<'v> TaskRef<'v> {
    /// The units that answer for the task: for each collective that it names, the bodies in it that it does not name. In
    /// the order of the roles; a body in two collectives has the stronger role, or the first place.
    ///
    /// ```
    /// use responsibility_index::{Index, Role};
    ///
    /// let index = Index::in_memory();
    /// index.batch().set_members("Joint conference", ["Science", "Finance", "Police"]).commit()?;
    /// index.assign("plan/1", ["Science", "Joint conference"])?;
    /// let view = index.view();
    /// let bodies = view.task("plan/1").unwrap().bodies();
    /// let bodies: Vec<_> = bodies.iter().map(|body| (body.unit.name(), body.role)).collect();
    /// assert_eq!(bodies, [("Science", Role::Lead), ("Finance", Role::Support), ("Police", Role::Support)]);
    /// # Ok::<(), responsibility_index::Error>(())
    /// ```
    #[must_use]
    pub fn bodies(&self) -> Vec<Body<'v>> {
        let snapshot = self.snapshot;
        let unit = |id| UnitRef { snapshot, id };
        let mut taken: HashSet<UnitId> = self.record().members().map(|member| member.unit()).collect();
        let mut all = Vec::new();
        for member in self.record().members() {
            let (named, role) = (member.unit(), member.role());
            for id in bodies(&snapshot.state.units, named) {
                if id == named {
                    all.push(Body { unit: unit(id), role, through: None });
                } else if taken.insert(id) {
                    all.push(Body { unit: unit(id), role, through: Some(unit(named)) });
                }
            }
        }
        all
    }
}

impl View {
    /// The collectives that a unit is in, also through others: the nearest first. One step per collective.
    ///
    /// # Errors
    /// [`InputError::UnknownUnit`](crate::InputError::UnknownUnit).
    pub fn groups_of(&self, unit: &str) -> Result<Vec<UnitRef<'_>>> {
        let unit = self.unit_id(unit)?;
        Ok(groups(&self.state().units, unit).into_iter().filter_map(|group| self.unit_of(group)).collect())
    }

    /// The tasks that a unit leads, by name or as a member of a collective that leads. Costs some set operations per
    /// collective.
    ///
    /// ```
    /// use responsibility_index::Index;
    ///
    /// let index = Index::in_memory();
    /// index.batch().set_members("Cities", ["Fuzhou", "Xiamen"]).commit()?;
    /// index.assign("plan/1", ["Cities"])?;
    /// index.assign("plan/2", ["Fuzhou", "Cities"])?;
    /// let view = index.view();
    /// assert!(view.led_by("Fuzhou")?.keys().eq(["plan/2"]));
    /// assert!(view.all_led_by("Fuzhou")?.keys().eq(["plan/1", "plan/2"]));
    /// assert!(view.all_supported_by("Xiamen")?.keys().eq(["plan/2"]));
    /// # Ok::<(), responsibility_index::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`InputError::UnknownUnit`](crate::InputError::UnknownUnit).
    pub fn all_led_by(&self, unit: &str) -> Result<TaskSet> {
        self.all_in_role(unit, Role::Lead)
    }

    /// The tasks that a unit supports, by name or as a member of a collective that supports, without those that it
    /// leads. Costs as much as [`all_led_by`](View::all_led_by).
    ///
    /// # Errors
    /// [`InputError::UnknownUnit`](crate::InputError::UnknownUnit).
    pub fn all_supported_by(&self, unit: &str) -> Result<TaskSet> {
        self.all_in_role(unit, Role::Support)
    }

    fn all_in_role(&self, unit: &str, role: Role) -> Result<TaskSet> {
        let unit = self.unit_id(unit)?;
        Ok(TaskSet::new(self.clone(), Arc::new(self.all_ids_in_role(unit, role))))
    }

    fn all_ids_in_role(&self, unit: UnitId, role: Role) -> RoaringBitmap {
        let own = self.in_role(unit, role);
        let groups = groups(&self.state().units, unit);
        if groups.is_empty() {
            return own.ids().clone();
        }
        let of_groups = |roles: &mut dyn Iterator<Item = Role>| {
            let sets = roles.flat_map(|role| groups.iter().map(move |group| self.in_role(*group, role)));
            union(sets.collect())
        };
        let stronger = of_groups(&mut Role::ALL.into_iter().take_while(|stronger| *stronger < role));
        let through = of_groups(&mut std::iter::once(role)) - stronger - self.ids_of(unit);
        through | own.ids()
    }

    /// How many of these tasks, which are of this view, each body leads that is in one of the collectives, by name or as
    /// a member; bodies that lead none are left out. The collectives are all that lead one of the tasks.
    pub(crate) fn led_by_bodies(&self, collectives: &[UnitId], tasks: &TaskSet) -> BTreeMap<UnitId, usize> {
        let units = &self.state().units;
        let led: HashMap<UnitId, RoaringBitmap> =
            collectives.iter().map(|unit| (*unit, self.in_role(*unit, Role::Lead).ids() & tasks.ids())).collect();
        let bodies: BTreeSet<UnitId> = collectives.iter().flat_map(|unit| bodies(units, *unit)).collect();
        // Members of one collective are often in the same others.
        let mut united: HashMap<Vec<UnitId>, RoaringBitmap> = HashMap::new();
        let counts = bodies.into_iter().map(|body| {
            let leading = groups(units, body).into_iter().filter(|group| led.contains_key(group)).collect();
            let through = united
                .entry(leading)
                .or_insert_with_key(|leading| leading.iter().filter_map(|group| led.get(group)).union());
            // By name goes before by membership, and a unit has one role in a task.
            let in_role = |role, tasks: &RoaringBitmap| self.in_role(body, role).ids().intersection_len(tasks);
            let named: u64 = Role::ALL.into_iter().map(|role| in_role(role, through)).sum();
            (body, (in_role(Role::Lead, tasks.ids()) + through.len() - named) as usize)
        });
        counts.filter(|(_, count)| *count > 0).collect()
    }

    /// The tasks in which a unit has a role, by where it comes from: those that name it, then those of each collective that
    /// it is in. Each task is in one of the sets; empty ones are left out. Costs some set operations per collective.
    ///
    /// ```
    /// use responsibility_index::{Index, Role};
    ///
    /// let index = Index::in_memory();
    /// index.batch().set_members("Cities", ["Fuzhou", "Xiamen"]).commit()?;
    /// index.assign("plan/1", ["Cities"])?;
    /// let view = index.view();
    /// let through = view.tasks_through("Fuzhou", Role::Lead)?;
    /// assert_eq!(through[0].collective.map(|unit| unit.name()), Some("Cities"));
    /// # Ok::<(), responsibility_index::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`InputError::UnknownUnit`](crate::InputError::UnknownUnit).
    pub fn tasks_through(&self, unit: &str, role: Role) -> Result<Vec<Through<'_>>> {
        let unit = self.unit_id(unit)?;
        let own = Through { collective: None, tasks: self.in_role(unit, role) };
        let groups = groups(&self.state().units, unit);
        let mut through = vec![own];
        if !groups.is_empty() {
            // Where it is named, and where a collective gives it a stronger role.
            let mut taken = self.in_any_role(unit);
            for stronger in Role::ALL.into_iter().take_while(|stronger| *stronger < role) {
                groups.iter().for_each(|group| taken |= self.in_role(*group, stronger));
            }
            for group in groups {
                let tasks = self.in_role(group, role) - &taken;
                taken |= &tasks;
                through.push(Through { collective: self.unit_of(group), tasks });
            }
        }
        through.retain(|through| !through.tasks.is_empty());
        Ok(through)
    }

    fn in_any_role(&self, unit: UnitId) -> TaskSet {
        TaskSet::new(self.clone(), Arc::new(self.ids_of(unit)))
    }

    /// The numbers of the tasks that name a unit.
    fn ids_of(&self, unit: UnitId) -> RoaringBitmap {
        union(Role::ALL.into_iter().map(|role| self.in_role(unit, role)).collect())
    }

    /// The tasks that name a unit which has ended: a reform has left them undecided. Walks the units.
    #[must_use]
    pub fn undecided(&self) -> TaskSet {
        let ended = self.state().units.iter().filter(|(_, unit)| unit.ended.is_some());
        ended.fold(self.no_tasks(), |all, (unit, _)| all | self.in_any_role(unit))
    }

    pub(crate) fn bodies_of(&self, unit: UnitId) -> Vec<UnitId> {
        bodies(&self.state().units, unit)
    }

    /// The view with the reports of another view of the same index. See [`report`](crate::report). Walks the reports.
    ///
    /// Reports of units that this view does not have are left out.
    #[must_use]
    pub fn with_reports_of(&self, other: &View) -> View {
        let mut state = self.state().clone();
        state.units = state.units.with_reports_of(&other.state().units);
        self.with(state)
    }
}
