//! Tasks that get other keys. All moves of a batch happen at once, before its other edits.
//!
//! Input: the edits and the view before them. Output: the moves of single tasks, each key once on either side. Cost: a
//! look-up per task that moves.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::edits::{Edit, Edits};
use super::unit_planner::UnitPlanner;
use crate::model::{InputError, Result, check_task_key, section_name};
use crate::state::{Fact, OwedBy};
use crate::view::View;

/// The move of one task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Move {
    pub(super) from: String,
    pub(super) to: String,
    /// Whether a task that has the new key gives way.
    replaces: bool,
}

/// A section whose name changes: what is below it goes along.
pub(super) type Section<'e> = (&'e str, &'e str);

/// All moves of a batch.
#[derive(Default)]
pub(super) struct Moves<'e> {
    pub(super) tasks: Vec<Move>,
    pub(super) sections: Vec<Section<'e>>,
}

impl<'e> Moves<'e> {
    /// The moves, or the place of the first edit that can't be, and why.
    pub(super) fn of(edits: &'e Edits, view: &View) -> Result<Moves<'e>, (usize, InputError)> {
        let mut moves = Moves::default();
        // The place of the edit of each move.
        let mut places = Vec::new();
        for (place, edit) in edits.list.iter().enumerate() {
            match edit {
                Edit::MoveTask { from, to, replaces } => moves.add(from.clone(), to.clone(), *replaces),
                Edit::MoveSection { from, to } => moves.add_section(from, to, view).map_err(|error| (place, error))?,
                _ => {}
            }
            places.resize(moves.tasks.len(), place);
        }
        moves.check(view).map_err(|(at, error)| (places.get(at).map_or(0, |place| *place), error))?;
        Ok(moves)
    }

    fn add(&mut self, from: String, to: String, replaces: bool) {
        if from != to {
            self.tasks.push(Move { from, to, replaces });
        }
    }

    fn add_section(&mut self, from: &'e str, to: &'e str, view: &View) -> Result<(), InputError> {
        let (from, to) = (section_name(from)?, section_name(to)?);
        let tasks = view.in_section(from);
        if tasks.is_empty() {
            return Err(InputError::UnknownTask { task: from.to_owned() });
        }
        for key in &tasks {
            let rest = key.strip_prefix(from).map_or(key, |rest| rest);
            self.add(key.to_owned(), format!("{to}{rest}"), false);
        }
        self.sections.push((from, to));
        Ok(())
    }

    fn check(&self, view: &View) -> Result<(), (usize, InputError)> {
        let froms: HashSet<&str> = self.tasks.iter().map(|task| task.from.as_str()).collect();
        let (mut left, mut taken) = (HashSet::new(), HashSet::new());
        for (at, Move { from, to, replaces }) in self.tasks.iter().enumerate() {
            let failed = |error| Err((at, error));
            if view.task(from).is_none() {
                return failed(InputError::UnknownTask { task: from.clone() });
            }
            if let Err(error) = check_task_key(to) {
                return failed(error);
            }
            if !left.insert(from) {
                return failed(InputError::MovedTwice { task: from.clone() });
            }
            let is_free = *replaces || view.task(to).is_none() || froms.contains(to.as_str());
            if !is_free || !taken.insert(to) {
                return failed(InputError::KeyTaken { task: to.clone() });
            }
        }
        Ok(())
    }

    /// The keys under which tasks were, by their new ones.
    pub(super) fn origins(&self) -> HashMap<&str, &str> {
        self.tasks.iter().map(|task| (task.to.as_str(), task.from.as_str())).collect()
    }
}

impl UnitPlanner {
    /// Lets obligations about a task that moves, or about sections that get another name, go along.
    pub(super) fn move_obligations(&mut self, moves: &Moves<'_>) -> Result<()> {
        let tasks: HashMap<&str, &str> = moves.tasks.iter().map(|task| (&*task.from, &*task.to)).collect();
        let moved = |name: &Arc<str>| -> Option<Arc<str>> {
            let task = tasks.get(&**name).map(|to| (*to).into());
            task.or_else(|| {
                moves.sections.iter().find_map(|(from, to)| {
                    let rest = name.strip_prefix(from).filter(|rest| rest.is_empty() || rest.starts_with('/'))?;
                    Some(format!("{to}{rest}").into())
                })
            })
        };
        let mut changed = Vec::new();
        for (name, obligation) in self.state.units.register().obligations() {
            let mut new = obligation.clone();
            for owed_by in &mut new.owed_by {
                if let OwedBy::LeadsBelow(section) = owed_by
                    && let Some(to) = moved(section)
                {
                    *section = to;
                }
            }
            if new != *obligation {
                changed.push(Fact::Obligation(Arc::clone(name), new));
            }
        }
        changed.into_iter().try_for_each(|fact| self.put_fact(fact))
    }
}
