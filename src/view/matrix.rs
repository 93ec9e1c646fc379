//! The responsibility matrix: the numbers of tasks that each unit has, by role, in each section.

use std::collections::{BTreeMap, HashMap};
use std::ops::AddAssign;

use serde::Serialize;

use crate::model::Role;

use super::task_set::TaskSet;

/// The responsibility matrix as data. See [`View::matrix`](crate::View::matrix).
///
/// ```
/// use responsibility_index::Index;
///
/// let index = Index::in_memory();
/// index.assign("plan/1/1", ["Transport", "Finance"])?;
/// index.assign("plan/1/2", ["Transport"])?;
/// index.assign("plan/2/1", ["Finance", "Transport"])?;
///
/// let matrix = index.view().matrix("plan/", 1);
/// assert_eq!(matrix.sections(), ["plan/1", "plan/2"]);
/// let cell = matrix.cell("Transport", "plan/1");
/// assert_eq!((cell.leads, cell.supports), (2, 0));
/// assert_eq!((matrix.of_unit("Transport").supports, matrix.total().leads), (1, 3));
/// # Ok::<(), responsibility_index::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Matrix {
    sections: Vec<String>,
    units: Vec<String>,
    /// By unit, then section; empty cells are left out.
    cells: BTreeMap<(usize, usize), Cell>,
    /// The places of sections and of units.
    section_at: HashMap<String, usize>,
    unit_at: HashMap<String, usize>,
}

/// One unit in one section, or the sum of several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct Cell {
    /// The number of tasks that it leads.
    pub leads: usize,
    /// The number of tasks that it leads together with the lead.
    pub co_leads: usize,
    /// The number of tasks that it supports.
    pub supports: usize,
    /// The number of tasks in which it is consulted.
    pub consulted: usize,
    /// The number of tasks of which it is informed.
    pub informed: usize,
}

impl Cell {
    /// The number of tasks in a role.
    #[must_use]
    pub fn count(&self, role: Role) -> usize {
        match role {
            Role::Lead => self.leads,
            Role::CoLead => self.co_leads,
            Role::Support => self.supports,
            Role::Consulted => self.consulted,
            Role::Informed => self.informed,
        }
    }

    fn add(&mut self, role: Role) {
        *match role {
            Role::Lead => &mut self.leads,
            Role::CoLead => &mut self.co_leads,
            Role::Support => &mut self.supports,
            Role::Consulted => &mut self.consulted,
            Role::Informed => &mut self.informed,
        } += 1;
    }
}

impl AddAssign for Cell {
    fn add_assign(&mut self, other: Cell) {
        self.leads += other.leads;
        self.co_leads += other.co_leads;
        self.supports += other.supports;
        self.consulted += other.consulted;
        self.informed += other.informed;
    }
}

impl Matrix {
    /// Sections begin with the first `base` bytes of a key.
    pub(super) fn of(tasks: &TaskSet, base: usize, depth: usize) -> Matrix {
        let mut sections: Vec<String> = Vec::new();
        let mut section_at: HashMap<String, usize> = HashMap::new();
        let mut counted: BTreeMap<(u32, usize), Cell> = BTreeMap::new();
        for task in tasks.tasks() {
            let section = section_of(task.key(), base, depth);
            let at = match section_at.get(section) {
                Some(at) => *at,
                None => {
                    section_at.insert(section.to_owned(), sections.len());
                    sections.push(section.to_owned());
                    sections.len() - 1
                }
            };
            for member in task.record().members() {
                counted.entry((member.unit(), at)).or_default().add(member.role());
            }
        }
        let (mut units, mut unit_at) = (Vec::new(), HashMap::new());
        let mut last = None;
        let mut cells = BTreeMap::new();
        for ((unit, section), cell) in counted {
            if last != Some(unit) {
                let name = tasks.view().state().units.name(unit).to_owned();
                unit_at.insert(name.clone(), units.len());
                units.push(name);
                last = Some(unit);
            }
            cells.insert((units.len() - 1, section), cell);
        }
        Matrix { sections, units, cells, section_at, unit_at }
    }

    /// The sections, in the order of their first tasks.
    #[must_use]
    pub fn sections(&self) -> &[String] {
        &self.sections
    }

    /// The units that have a task in any of them, in the order in which they were created.
    #[must_use]
    pub fn units(&self) -> &[String] {
        &self.units
    }

    /// One cell, by canonical names; all zero where the unit has no task in the section. Two look-ups of names.
    #[must_use]
    pub fn cell(&self, unit: &str, section: &str) -> Cell {
        let place = self.unit_at.get(unit).copied().zip(self.section_at.get(section).copied());
        place.and_then(|place| self.cells.get(&place)).copied().unwrap_or_default()
    }

    /// Every cell that has a task: unit, section, counts; by unit, then by section. Empty cells cost nothing.
    #[expect(clippy::indexing_slicing, reason = "cells have places in both lists")]
    pub fn cells(&self) -> impl Iterator<Item = (&str, &str, Cell)> {
        self.cells
            .iter()
            .map(|((unit, section), cell)| (self.units[*unit].as_str(), self.sections[*section].as_str(), *cell))
    }

    /// The sum of a unit over all sections; all zero for one without a task. Walks its cells.
    #[must_use]
    pub fn of_unit(&self, unit: &str) -> Cell {
        let Some(at) = self.unit_at.get(unit) else { return Cell::default() };
        sum(self.cells.range((*at, 0)..(*at + 1, 0)).map(|(_, cell)| cell))
    }

    /// The sum of a section over all units; all zero for one without a task. Walks all cells.
    #[must_use]
    pub fn of_section(&self, section: &str) -> Cell {
        let Some(at) = self.section_at.get(section) else { return Cell::default() };
        sum(self.cells.iter().filter(|((_, section), _)| section == at).map(|(_, cell)| cell))
    }

    /// The sum of all cells. Its `leads` is the number of assigned tasks. Walks all cells.
    #[must_use]
    pub fn total(&self) -> Cell {
        sum(self.cells.values())
    }
}

fn sum<'c>(cells: impl Iterator<Item = &'c Cell>) -> Cell {
    cells.fold(Cell::default(), |mut sum, cell| {
        sum += *cell;
        sum
    })
}

/// The first `depth` parts of a key after its first `base` bytes, with these. Keys of one section need not be neighbours in
/// key order: `a-b` comes between `a` and `a/1`.
fn section_of(key: &str, base: usize, depth: usize) -> &str {
    let (_, rest) = key.split_at(base);
    let end = rest.match_indices('/').nth(depth.saturating_sub(1)).map_or(rest.len(), |(at, _)| at);
    key.split_at(base + end).0
}
