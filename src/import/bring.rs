//! Brings the tasks of a document into a batch: names as the index has them, tasks matched with those of the index, changes
//! part by part.
//!
//! Cost: in proportion to the tasks of the document and those of the index under the prefix, whose details are read.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap, HashSet};

use foldhash::fast::FixedState;

use crate::edit::Edit;
use crate::index::Batch;
use crate::model::{Details, Error, InputError, Result, Role, Said, Standing, UnitKind, check_task_key, folded};
use crate::view::{TaskRef, View};

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
    /// Names that no unit has, with the error that suggests near ones: a name can recur in each task.
    pub(super) unknown: HashMap<String, InputError>,
}

/// The batch of an import, and what it brings.
pub(super) struct Brought<'i> {
    pub(super) batch: Batch<'i>,
    /// The tasks of the index that the document does not have, in key order.
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
    pub(super) fn incoming(&mut self, stated: &[Stated<'_>]) -> Vec<Incoming> {
        let (mut incoming, mut lines) = (Vec::with_capacity(stated.len()), HashMap::with_capacity(stated.len()));
        for task in stated {
            if self.left_alone.contains(&task.key) {
                continue;
            }
            let mut reasons = Vec::new();
            if let Err(error) = check_task_key(&task.key) {
                reasons.push(error.into());
            }
            match lines.entry(task.key.as_str()) {
                Entry::Occupied(first) => reasons.push(Refusal::KeyTwice { first: *first.get() }),
                Entry::Vacant(new) => drop(new.insert(task.line)),
            }
            let standing = self.standing(task, &mut reasons);
            match standing.filter(|_| reasons.is_empty()) {
                Some((standing, names_ended)) => {
                    let taken = Incoming::of(task, self.document, standing, names_ended);
                    match taken.details.check() {
                        Ok(()) => incoming.push(taken),
                        Err(error) => self.refused.push(RefusedTask::of(task, vec![error.into()])),
                    }
                }
                None => self.refused.push(RefusedTask::of(task, reasons)),
            }
        }
        self.left_alone.extend(self.refused.iter().map(|task| task.task.clone()));
        incoming
    }

    /// The units of a task under the names of the index, and whether one of them has ended. A unit that is named twice counts
    /// where it comes first; one that has ended is left out, and no other unit takes its place.
    fn standing(&mut self, task: &Stated<'_>, reasons: &mut Vec<Refusal>) -> Option<(Standing, bool)> {
        let (view, aliases) = (self.view, self.aliases);
        let (mut seen, mut any_ended) = (HashMap::<_, _, FixedState>::default(), false);
        let mut names: Vec<(String, Role)> = Vec::with_capacity(task.units.len());
        for (written, role) in &task.units {
            let canonical = aliases.canonical(written);
            let name = match view.find_unit(canonical) {
                Some(unit) if unit.ended().is_some() => {
                    self.reformed.push(Reformed::Ended {
                        task: task.key.clone(),
                        written: (*written).to_owned(),
                        successors: unit.successors().map(|unit| unit.name().to_owned()).collect(),
                        kept: view.task(&task.key).is_some(),
                    });
                    any_ended = true;
                    continue;
                }
                Some(unit) => unit.name(),
                None if self.creates_units => canonical,
                None => {
                    reasons.push(self.unknown(canonical).into());
                    continue;
                }
            };
            match seen.entry(folded(name)) {
                Entry::Vacant(first) => {
                    first.insert(*written);
                    names.push((name.to_owned(), *role));
                }
                // The reader reports a name that is written twice.
                Entry::Occupied(first) if *first.get() == *written => {}
                Entry::Occupied(_) => self.reformed.push(Reformed::Merged {
                    task: task.key.clone(),
                    written: (*written).to_owned(),
                    unit: name.to_owned(),
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

    /// The error for a name that no unit has.
    fn unknown(&mut self, name: &str) -> InputError {
        if let Some(error) = self.unknown.get(name) {
            return error.clone();
        }
        let error = match self.view.unit(name) {
            Err(Error::Input(error)) => error,
            Ok(_) | Err(_) => InputError::UnknownUnit { name: name.to_owned(), near: Vec::new(), other_time: None },
        };
        self.unknown.insert(name.to_owned(), error.clone());
        error
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
            if unit.kind == UnitKind::Collective && self.view.find_unit(name).is_none() && done.insert(*name) {
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
                match self.view.find_unit(alias) {
                    Some(owner) if owner.name() != name => taken.push(alias.to_owned()),
                    Some(_) => {}
                    None => {
                        if self.view.find_unit(name).is_none() && done.insert(name) {
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
        self.view.find_unit(name).map_or(name, |unit| unit.name())
    }

    /// Adds the tasks to the batch.
    pub(super) fn tasks<'i>(&self, mut batch: Batch<'i>, incoming: Vec<Incoming>) -> Result<Brought<'i>> {
        let (existing, mut conflicts) = (self.existing()?, Vec::new());
        let (places, gone) = places(&incoming, &existing);
        let mut gives_way: BTreeSet<&str> = gone.iter().map(String::as_str).filter(|_| self.remove_gone).collect();
        if !self.remove_gone {
            let wanted: HashSet<&str> = incoming.iter().map(|task| task.key.as_str()).collect();
            let mut used = HashSet::new();
            for key in gone.iter().filter(|key| wanted.contains(key.as_str())) {
                let (from, to) = (key.clone(), self.set_aside(key, |key| wanted.contains(key) || used.contains(key)));
                used.insert(to.clone());
                batch = batch.with(Edit::MoveTask { from, to, replaces: false });
            }
        }
        for (task, place) in incoming.into_iter().zip(places) {
            let Some(place) = place else {
                batch = put(batch, &task.key, &task.standing).set_details(task.key, task.details);
                continue;
            };
            let (key, task) = (&task.key, &task);
            #[expect(clippy::indexing_slicing, reason = "the places are those of the tasks of the index")]
            let before = &existing[place];
            if before.key != *key {
                let replaces = gives_way.remove(key.as_str());
                batch = batch.with(Edit::MoveTask { from: before.key.clone(), to: key.clone(), replaces });
            }
            let (standing, details) = (&before.standing, &before.details);
            let take = self.take.contains(key);
            let reconciled = Pair { view: self.view, incoming: task, standing, details, take }.reconcile();
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

    /// A free key for a task that is gone and whose key another one takes: `plan/gone/3` for `plan/3`.
    fn set_aside(&self, key: &str, is_taken: impl Fn(&str) -> bool) -> String {
        let own = key.strip_prefix(self.prefix).and_then(|own| own.strip_prefix('/')).unwrap_or(key);
        let first = format!("{}/gone/{own}", self.prefix);
        let (mut free, mut count) = (first.clone(), 1_u64);
        while is_taken(&free) || self.view.task(&free).is_some() {
            count += 1;
            free = format!("{first}/{count}");
        }
        free
    }

    /// The tasks under the prefix with their details, in key order. A task can be without details.
    fn existing(&self) -> Result<Vec<Existing>> {
        let set = self.view.under(&format!("{}/", self.prefix));
        let tasks: Vec<TaskRef<'_>> = set.tasks().filter(|task| !self.left_alone.contains(task.key())).collect();
        let without = |task: &TaskRef<'_>| {
            let (key, standing) = (task.key().to_owned(), task.standing());
            Existing { key, standing, details: Details::default() }
        };
        let mut existing: Vec<Existing> = tasks.iter().map(without).collect();
        #[expect(clippy::indexing_slicing, reason = "the places are those of the tasks")]
        self.view.details_of(&tasks, &mut |place, details| existing[place].details = details)?;
        Ok(existing)
    }
}

/// A standing of names with their roles, in any order.
fn standing(mut names: Vec<(String, Role)>) -> std::result::Result<Standing, InputError> {
    names.sort_by_key(|(_, role)| *role);
    let mut names = names.into_iter().peekable();
    let lead = names.next_if(|(_, role)| *role == Role::Lead).map(|(name, _)| name);
    let mut others: Vec<(Role, Vec<String>)> = Vec::new();
    for (name, role) in names {
        match others.last_mut().filter(|(of, _)| *of == role) {
            Some((_, list)) => list.push(name),
            None => others.push((role, vec![name])),
        }
    }
    Standing::of(lead, others.into_iter())
}

/// For each task of the document its place among those of the index; and the keys of those that it does not have.
fn places(incoming: &[Incoming], existing: &[Existing]) -> (Vec<Option<usize>>, Vec<String>) {
    let document: Vec<Keyed<'_>> = incoming
        .iter()
        .map(|task| Keyed { key: &task.key, key_is_given: task.key_is_given, text: text_number(&task.details.text) })
        .collect();
    let index: Vec<Keyed<'_>> =
        existing.iter().map(|task| Keyed { key: &task.key, key_is_given: false, text: task.text() }).collect();
    let places = matched(&document, &index);
    let gone = left_over(index.len(), &places);
    #[expect(clippy::indexing_slicing, reason = "the places are those of the tasks of the index")]
    let keys = gone.into_iter().map(|at| existing[at].key.clone());
    (places, keys.collect())
}

fn put<'i>(batch: Batch<'i>, key: &str, standing: &Standing) -> Batch<'i> {
    match standing {
        Standing::Assigned(assignment) => batch.assign(key, assignment),
        Standing::Vacant(units) => {
            let vacant = batch.remove(key).declare(key);
            units.iter().fold(vacant, |batch, (unit, role)| batch.add(key, unit, *role))
        }
    }
}
