//! What a page shows: its tasks, the units that have a part in them, and how many parts each has.
//!
//! Input: tasks of a view. Output: columns, the units that lead most first, then those that support most. Cost: one pass
//! over the tasks and their units, and one sort of the units.

use std::cmp::Reverse;

use crate::id::UnitId;
use crate::model::Role;
use crate::view::{TaskRef, UnitRef, View};

/// The number of roles.
const ROLES: usize = Role::ALL.len();

/// How many tasks a unit has in each role.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Load([usize; ROLES]);

impl Load {
    #[expect(clippy::indexing_slicing, reason = "each role has a place among all roles")]
    pub(super) fn add(&mut self, role: Role) {
        self.0[role.place()] += 1;
    }

    pub(super) fn add_all(&mut self, other: &Load) {
        self.0.iter_mut().zip(other.0).for_each(|(count, more)| *count += more);
    }

    #[expect(clippy::indexing_slicing, reason = "each role has a place among all roles")]
    pub(super) fn of(&self, role: Role) -> usize {
        self.0[role.place()]
    }

    pub(super) fn leads(&self) -> usize {
        self.of(Role::Lead)
    }

    /// The tasks in roles other than lead.
    pub(super) fn others(&self) -> usize {
        self.total() - self.leads()
    }

    pub(super) fn total(&self) -> usize {
        self.0.iter().sum()
    }
}

/// A unit that has a part in a task of the page.
#[derive(Clone, Copy)]
pub(super) struct Column<'v> {
    pub(super) unit: UnitRef<'v>,
    pub(super) load: Load,
}

/// The columns of a page.
pub(super) struct Columns<'v> {
    pub(super) list: Vec<Column<'v>>,
    /// For each number of a unit its place in the list, plus 1; 0 for units without a part.
    places: Vec<u32>,
    /// All parts.
    pub(super) all: Load,
}

impl<'v> Columns<'v> {
    /// The units with these numbers and roles in tasks, each number below `numbered`.
    pub(super) fn of(
        numbered: usize,
        find: impl Fn(UnitId) -> Option<UnitRef<'v>>,
        parts: impl Iterator<Item = (UnitId, Role)>,
    ) -> Columns<'v> {
        let mut loads: Vec<Load> = vec![Load::default(); numbered];
        let mut all = Load::default();
        for (unit, role) in parts {
            debug_assert!((unit as usize) < loads.len(), "tasks name units that there are");
            if let Some(load) = loads.get_mut(unit as usize) {
                load.add(role);
                all.add(role);
            }
        }
        let mut list: Vec<Column<'v>> = Vec::new();
        for (unit, load) in (0..).zip(&loads).filter(|(_, load)| load.total() > 0) {
            list.extend(find(unit).map(|unit| Column { unit, load: *load }));
        }
        list.sort_by_key(|column| {
            let Load(counts) = column.load;
            (Reverse(column.load.leads()), Reverse(column.load.of(Role::Support)), Reverse(counts), column.unit.id)
        });
        let mut places = vec![0; loads.len()];
        for (place, column) in (1..).zip(&list) {
            if let Some(slot) = places.get_mut(column.unit.id as usize) {
                *slot = place;
            }
        }
        Columns { list, places, all }
    }

    /// The units of some tasks.
    pub(super) fn of_tasks(view: &'v View, tasks: &[TaskRef<'_>]) -> Columns<'v> {
        let members = tasks.iter().flat_map(|task| task.record().members());
        let parts = members.map(|member| (member.unit(), member.role()));
        Columns::of(view.state().units.numbered(), |unit| view.unit_of(unit), parts)
    }

    /// The place of a unit in the list.
    pub(super) fn place(&self, unit: UnitId) -> Option<usize> {
        (self.places.get(unit as usize).copied().unwrap_or(0) as usize).checked_sub(1)
    }

    /// Puts the parts of the units of a task into a row of cells, one for each column; the other cells become empty.
    pub(super) fn fill(&self, cells: &mut [Option<Part>], members: impl Iterator<Item = (UnitId, Role)>) {
        cells.fill(None);
        for (unit, part) in ranked(members) {
            if let Some(cell) = self.place(unit).and_then(|place| cells.get_mut(place)) {
                *cell = Some(part);
            }
        }
    }

    /// For each column how many of some tasks its unit has.
    pub(super) fn loads(&self, tasks: &[TaskRef<'_>]) -> Vec<Load> {
        let mut loads = vec![Load::default(); self.list.len()];
        for member in tasks.iter().flat_map(|task| task.record().members()) {
            if let Some(load) = self.place(member.unit()).and_then(|place| loads.get_mut(place)) {
                load.add(member.role());
            }
        }
        loads
    }

    /// The roles that any unit has, in their order. Lead and support always count.
    pub(super) fn roles(&self) -> impl Iterator<Item = Role> + '_ {
        let always = |role| matches!(role, Role::Lead | Role::Support);
        Role::ALL.into_iter().filter(move |role| always(*role) || self.all.of(*role) > 0)
    }
}

/// The role of a unit in a task, and its place among the units of that role, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) role: Role,
    pub(super) rank: usize,
}

/// The parts of units in the order in which a task lists them.
fn ranked(members: impl Iterator<Item = (UnitId, Role)>) -> impl Iterator<Item = (UnitId, Part)> {
    let mut seen = Load::default();
    members.map(move |(unit, role)| {
        seen.add(role);
        (unit, Part { role, rank: seen.of(role) })
    })
}
