//! Brings the tasks of a document into a batch: names as the index has them, tasks matched with those of the index, changes
//! part by part.
//!
//! Cost: in proportion to the tasks of the document and those of the index under the prefix, whose details are read.

use std::borrow::Cow;
use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap, HashSet};

use crate::edit::Edit;
use crate::index::Batch;
use crate::model::{Details, Error, InputError, Result, Role, Said, Standing, UnitKind, check_task_key, folded};
use crate::view::View;

use super::aliases::Aliases;
use super::incoming::Incoming;
use super::matching::{Keyed, left_over, matched};
use super::reconcile::{ImportConflict, Pair};
use super::reformed::Reformed;
use super::refused::{Refusal, RefusedTask};
use super::source::{Stated, StatedUnit};

/// An import at work.
pub(super) struct Bringer<'a> {
    pub(super) view: &'a View,
    pub(super) prefix: &'a str,
    pub(super) document: &'a str,
    pub(super) aliases: &'a Aliases,
    /// Whether unknown units are created.
    pub(super) creates_units: bool,
    pub(super) remove_gone: bool,
    /// The tasks whose conflicts the document decides.
    pub(super) take: &'a HashSet<String>,
    /// The tasks that stay as they are.
    pub(super) left_alone: HashSet<String>,
    pub(super) reformed: Vec<Reformed>,
    pub(super) refused: Vec<RefusedTask>,
}

/// The batch of an import, and what it brings.
pub(super) struct Brought<'i> {
    pub(super) batch: Batch<'i>,
    /// The tasks of the index that the document does not have.
    pub(super) gone: Vec<String>,
    pub(super) conflicts: Vec<ImportConflict>,
}

/// A task of the index.
struct Existing {
    key: String,
    standing: Standing,
    details: Details,
}

impl Existing {
    /// The number of the text that the document gave it last, or else of the text that it has; 0 for none.
    fn text(&self) -> u64 {
        match &self.details.said {
            Some(said) => said.text,
            None => text_number(&self.details.text),
        }
    }
}

fn text_number(text: &str) -> u64 {
    if text.is_empty() { 0 } else { Said::number_of(text) }
}

impl Bringer<'_> {
    /// The tasks that the index can take, without those that are left alone. Notes the refused ones, and leaves their keys
    /// alone.
    pub(super) fn incoming(&mut self, stated: Vec<Stated<'_>>) -> Vec<Incoming> {
        let (mut incoming, mut lines) = (Vec::with_capacity(stated.len()), HashMap::new());
        for task in stated {
            if self.left_alone.contains(&task.key) {
                continue;
            }
            let mut reasons = Vec::new();
            if let Err(error) = check_task_key(&task.key) {
                reasons.push(error.into());
            }
            match lines.entry(task.key.clone()) {
                Entry::Occupied(first) => reasons.push(Refusal::KeyTwice { first: *first.get() }),
                Entry::Vacant(new) => drop(new.insert(task.line)),
            }
            let standing = self.standing(&task, &mut reasons);
            match standing.filter(|_| reasons.is_empty()) {
                Some((standing, names_ended)) => {
                    let taken = Incoming::of(&task, standing, names_ended);
                    match taken.details(self.document).check() {
                        Ok(()) => incoming.push(taken),
                        Err(error) => self.refused.push(RefusedTask::of(&task, vec![error.into()])),
                    }
                }
                None => self.refused.push(RefusedTask::of(&task, reasons)),
            }
        }
        self.left_alone.extend(self.refused.iter().map(|task| task.task.clone()));
        incoming
    }

    /// The units of a task under the names of the index, and whether one of them has ended. A unit that is named twice counts
    /// where it comes first; one that has ended is left out, and no other unit takes its place.
    fn standing(&mut self, task: &Stated<'_>, reasons: &mut Vec<Refusal>) -> Option<(Standing, bool)> {
        let keeps = self.view.task(&task.key).is_some();
        let (mut seen, mut any_ended) = (HashMap::new(), false);
        let mut names: Vec<(String, Role)> = Vec::with_capacity(task.units.len());
        for (written, role) in &task.units {
            let canonical = self.aliases.canonical(written);
            let name = match self.view.unit(canonical) {
                Ok(unit) if unit.ended().is_some() => {
                    self.reformed.push(Reformed::Ended {
                        task: task.key.clone(),
                        written: (*written).to_owned(),
                        successors: unit.successors().map(|unit| unit.name().to_owned()).collect(),
                        kept: keeps,
                    });
                    any_ended = true;
                    continue;
                }
                Ok(unit) => Cow::Borrowed(unit.name()),
                Err(Error::Input(unknown)) if !self.creates_units => {
                    reasons.push(unknown.into());
                    continue;
                }
                Err(_) => Cow::Borrowed(canonical),
            };
            match seen.entry(folded(&name).into_owned()) {
                Entry::Vacant(first) => {
                    first.insert(*written);
                    names.push((name.into_owned(), *role));
                }
                // The reader reports a name that is written twice.
                Entry::Occupied(first) if *first.get() == *written => {}
                Entry::Occupied(_) => self.reformed.push(Reformed::Merged {
                    task: task.key.clone(),
                    written: (*written).to_owned(),
                    unit: name.into_owned(),
                }),
            }
        }
        match standing(names) {
            Ok(standing) => Some((standing, any_ended)),
            Err(error) => {
                reasons.push(error.into());
                None
            }
        }
    }

    /// Adds collectives and other names of units that the tasks name to the batch. Returns it with the names that other
    /// units already have.
    pub(super) fn units<'i>(
        &self,
        mut batch: Batch<'i>,
        units: &[StatedUnit<'_>],
        tasks: &[Incoming],
    ) -> (Batch<'i>, Vec<String>) {
        let named: HashSet<&str> = tasks.iter().flat_map(|task| task.units().map(|(unit, _)| unit)).collect();
        let written: HashSet<&str> = units.iter().map(|unit| unit.name).collect();
        let (mut taken, mut done) = (Vec::new(), HashSet::new());
        let units: Vec<(&StatedUnit<'_>, &str)> = units
            .iter()
            .map(|unit| (unit, self.canonical(unit.name)))
            .filter(|(_, name)| named.contains(name))
            .collect();
        for (unit, name) in &units {
            if unit.kind == UnitKind::Collective && self.view.unit(name).is_err() && done.insert(*name) {
                batch = batch.create_unit(*name, UnitKind::Collective);
            }
        }
        // An alias needs its unit, which the batch would create only with the first task that names it.
        for (unit, name) in units {
            let free = |plate: &&str| !written.contains(*plate) && self.aliases.canonical(plate) == *plate;
            let plates = unit.two_names.into_iter().flat_map(|(first, second)| [first, second]).filter(free);
            for alias in self.aliases.spellings(name).chain(plates) {
                if !done.insert(alias) {
                    continue;
                }
                match self.view.unit(alias) {
                    Ok(owner) if owner.name() != name => taken.push(alias.to_owned()),
                    Ok(_) => {}
                    Err(_) => {
                        if self.view.unit(name).is_err() && done.insert(name) {
                            batch = batch.create_unit(name, unit.kind);
                        }
                        batch = batch.add_alias(name, alias);
                    }
                }
            }
        }
        (batch, taken)
    }

    /// The name under which the index has a unit or will have it.
    fn canonical<'n>(&'n self, name: &'n str) -> &'n str {
        let name = self.aliases.canonical(name);
        self.view.unit(name).map_or(name, |unit| unit.name())
    }

    /// Adds the tasks to the batch.
    pub(super) fn tasks<'i>(&self, mut batch: Batch<'i>, incoming: &[Incoming]) -> Result<Brought<'i>> {
        let (existing, mut conflicts) = (self.existing()?, Vec::new());
        let (places, gone) = places(incoming, &existing, self.remove_gone);
        let mut gives_way: BTreeSet<&str> = gone.iter().map(String::as_str).filter(|_| self.remove_gone).collect();
        for (task, place) in incoming.iter().zip(&places) {
            let key = &task.key;
            let Some(before) = place.and_then(|place| existing.get(place)) else {
                batch = put(batch, key, &task.standing).set_details(key, task.details(self.document));
                continue;
            };
            if before.key != *key {
                let replaces = gives_way.remove(key.as_str());
                batch = batch.with(Edit::MoveTask { from: before.key.clone(), to: key.clone(), replaces });
            }
            let (standing, details) = (&before.standing, &before.details);
            let (document, take) = (self.document, self.take.contains(key));
            let reconciled = Pair { view: self.view, incoming: task, standing, details, document, take }.reconcile();
            if let Some(standing) = &reconciled.standing {
                batch = put(batch, key, standing);
            }
            if reconciled.details != *details {
                batch = batch.set_details(key, reconciled.details);
            }
            conflicts.extend(reconciled.conflicts);
        }
        batch = gives_way.into_iter().fold(batch, |batch, key| batch.remove(key));
        Ok(Brought { batch, gone, conflicts })
    }

    /// The tasks under the prefix with their details, in key order.
    fn existing(&self) -> Result<Vec<Existing>> {
        let tasks = self.view.under(&format!("{}/", self.prefix));
        let tasks = tasks.tasks().filter(|task| !self.left_alone.contains(task.key()));
        let existing = tasks.map(|task| {
            let details = task.details()?.unwrap_or_default();
            Ok(Existing { key: task.key().to_owned(), standing: task.standing(), details })
        });
        existing.collect()
    }
}

/// A standing of names with their roles, in any order.
fn standing(mut names: Vec<(String, Role)>) -> std::result::Result<Standing, InputError> {
    names.sort_by_key(|(_, role)| *role);
    let mut names = names.into_iter().peekable();
    let lead = names.next_if(|(_, role)| *role == Role::Lead).map(|(name, _)| name);
    Standing::of(lead, names.map(|(name, role)| (role, vec![name])))
}

/// For each task of the document its place among those of the index; and the keys of those that it does not have. Where a
/// task that is gone keeps its key, none is moved there.
fn places(incoming: &[Incoming], existing: &[Existing], remove_gone: bool) -> (Vec<Option<usize>>, Vec<String>) {
    let document: Vec<Keyed<'_>> = incoming
        .iter()
        .map(|task| Keyed { key: &task.key, key_is_given: task.key_is_given, text: text_number(&task.text) })
        .collect();
    let index: Vec<Keyed<'_>> =
        existing.iter().map(|task| Keyed { key: &task.key, key_is_given: false, text: task.text() }).collect();
    let mut places = matched(&document, &index);
    let gone = left_over(&document, &index, &mut places, remove_gone);
    let keys = gone.into_iter().filter_map(|at| existing.get(at)).map(|task| task.key.clone());
    (places, keys.collect())
}

fn put<'i>(batch: Batch<'i>, key: &str, standing: &Standing) -> Batch<'i> {
    match standing {
        Standing::Assigned(assignment) => batch.assign(key, assignment.clone()),
        Standing::Vacant(units) => {
            let vacant = batch.remove(key).declare(key);
            units.iter().fold(vacant, |batch, (unit, role)| batch.add(key, unit, *role))
        }
    }
}
