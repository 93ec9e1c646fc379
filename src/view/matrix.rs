//! The responsibility matrix: the numbers of tasks that each unit leads and supports in each section.

use std::collections::{BTreeMap, HashMap};

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
/// let matrix = index.view().matrix("plan/", 2);
/// assert_eq!(matrix.sections(), ["plan/1", "plan/2"]);
/// let cell = matrix.cell("Transport", "plan/1");
/// assert_eq!((cell.leads, cell.supports), (2, 0));
/// # Ok::<(), responsibility_index::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matrix {
    sections: Vec<String>,
    units: Vec<String>,
    /// By unit, then section; empty cells are left out.
    cells: BTreeMap<(usize, usize), Cell>,
}

/// One unit in one section.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// The number of tasks that it leads.
    pub leads: usize,
    /// The number of tasks that it supports.
    pub supports: usize,
}

impl Matrix {
    pub(super) fn of(tasks: &TaskSet, depth: usize) -> Matrix {
        let mut sections: Vec<String> = Vec::new();
        let mut places: HashMap<&str, usize> = HashMap::new();
        let mut counted: BTreeMap<(u32, usize), Cell> = BTreeMap::new();
        for task in tasks.tasks() {
            let section = section_of(task.key(), depth);
            let at = *places.entry(section).or_insert_with(|| {
                sections.push(section.to_owned());
                sections.len() - 1
            });
            for (place, unit) in task.record().units().enumerate() {
                let cell = counted.entry((unit, at)).or_default();
                *if place == 0 { &mut cell.leads } else { &mut cell.supports } += 1;
            }
        }
        let mut units: Vec<String> = Vec::new();
        let mut last = None;
        let mut cells = BTreeMap::new();
        for ((unit, section), cell) in counted {
            if last != Some(unit) {
                units.push(tasks.view().state().units.name(unit).to_owned());
                last = Some(unit);
            }
            cells.insert((units.len() - 1, section), cell);
        }
        Matrix { sections, units, cells }
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

    /// One cell, by canonical names; all zero where the unit has no task in the section.
    #[must_use]
    pub fn cell(&self, unit: &str, section: &str) -> Cell {
        let unit = self.units.iter().position(|name| name == unit);
        let section = self.sections.iter().position(|name| name == section);
        unit.zip(section).and_then(|at| self.cells.get(&at)).copied().unwrap_or_default()
    }

    /// Every cell that has a task: unit, section, counts; by unit, then by section.
    #[expect(clippy::indexing_slicing, reason = "cells have places in both lists")]
    pub fn cells(&self) -> impl Iterator<Item = (&str, &str, Cell)> {
        self.cells
            .iter()
            .map(|((unit, section), cell)| (self.units[*unit].as_str(), self.sections[*section].as_str(), *cell))
    }
}

/// The first `depth` parts of a key. Keys of one section need not be neighbours in key order: `a-b` comes between `a`
/// and `a/1`.
fn section_of(key: &str, depth: usize) -> &str {
    let end = key.match_indices('/').nth(depth.saturating_sub(1)).map_or(key.len(), |(at, _)| at);
    key.split_at(end).0
}
