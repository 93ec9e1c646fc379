//! Imports a notice into an index. The tasks of the notice become a batch, whose changes can be seen before they are made.
//!
//! ```
//! use responsibility_index::Index;
//! use responsibility_index::import::Import;
//! use responsibility_index::notice::Notice;
//!
//! // "1. Roads. Repair them. (Responsible: the city's science bureau, finance bureau)"
//! let notice = Notice::read("1.道路。修好道路。（责任单位：市科技局、财政局）");
//! let index = Index::in_memory();
//!
//! let plan = Import::new(&index, &notice, "roads").document("roads.txt").plan()?;
//! assert_eq!(plan.added().count(), 1); // nothing is written yet
//! plan.commit()?;
//! assert_eq!(index.lead("roads/1/1").as_deref(), Some("市科技局"));
//!
//! let again = Import::new(&index, &notice, "roads").document("roads.txt").plan()?;
//! assert!(again.is_empty());
//! # Ok::<(), responsibility_index::import::ImportError>(())
//! ```
//!
//! # A second time
//!
//! An import keeps what others wrote. It compares what the document says with what it said when it was imported last
//! ([`Details::said`](crate::Details)), part by part: units, title, text, each field. A part that the document changed comes
//! into the index; any other stays as the index has it. Where the document and somebody else have changed the same part in
//! different ways, the index keeps its part, and [`ImportEffect::conflicts`] shows both until somebody decides.
//!
//! Tasks are found by their texts, so that an item inserted in front is one added task: the others
//! [move](crate::Batch::move_task) to their new keys with their details, their history and the fields of others.

mod aliases;
mod document;
mod error;
mod incoming;
mod matching;
mod plan;
mod reconcile;
mod reformed;

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::civil::Date;

use crate::edit::Edit;
use crate::index::{Batch, Index};
use crate::model::{Details, Error, InputError, Role, Said, Standing, UnitKind, folded, section_name};
use crate::notice::{Deadline, Notice, Task, Unit};
use crate::view::View;

pub use self::aliases::{AliasError, Aliases};
pub use self::document::text_of;
pub use self::error::ImportError;
pub use self::plan::{ImportEffect, ImportPlan};
pub use self::reconcile::{ImportConflict, Part};
pub use self::reformed::Reformed;

use self::incoming::Incoming;
use self::matching::{Keyed, matched};
use self::reconcile::Pair;

/// A notice on its way into an index. See the [module](self).
#[derive(Clone, Debug)]
#[must_use = "an import does nothing until it is committed"]
pub struct Import<'i, 'n> {
    index: &'i Index,
    notice: &'n Notice<'n>,
    prefix: String,
    document: String,
    aliases: Aliases,
    remove_gone: bool,
    except: HashSet<String>,
    take: HashSet<String>,
    year: Option<i16>,
    note: Option<(String, String)>,
}

impl<'i, 'n> Import<'i, 'n> {
    /// An import under a prefix, with or without a `/` at its end. The key of a task is the prefix, the numbers of its
    /// headings and its place under the last of them: `prefix/1/1/4/2`.
    pub fn new(index: &'i Index, notice: &'n Notice<'n>, prefix: impl Into<String>) -> Import<'i, 'n> {
        let prefix: String = prefix.into();
        let prefix = prefix.strip_suffix('/').map_or(prefix.as_str(), |prefix| prefix).to_owned();
        let document = prefix.clone();
        let (except, take) = Default::default();
        Import {
            index,
            notice,
            prefix,
            document,
            aliases: Aliases::default(),
            remove_gone: false,
            except,
            take,
            year: None,
            note: None,
        }
    }

    /// Sets the document that the sources of the tasks name. Without it they name the prefix.
    pub fn document(mut self, document: impl Into<String>) -> Self {
        self.document = document.into();
        self
    }

    /// Replaces other spellings of units by their canonical names, and keeps them in the index as aliases.
    pub fn aliases(mut self, aliases: Aliases) -> Self {
        self.aliases = aliases;
        self
    }

    /// Sets whether the import removes tasks that the index has under the prefix and the notice does not have. If not,
    /// they are only reported.
    pub fn remove_gone(mut self, remove: bool) -> Self {
        self.remove_gone = remove;
        self
    }

    /// Leaves some tasks alone, those of the document and those of the index.
    pub fn except<K: Into<String>>(mut self, keys: impl IntoIterator<Item = K>) -> Self {
        self.except.extend(keys.into_iter().map(Into::into));
        self
    }

    /// Lets the document decide the [conflicts](ImportEffect::conflicts) of some tasks.
    pub fn take<K: Into<String>>(mut self, keys: impl IntoIterator<Item = K>) -> Self {
        self.take.extend(keys.into_iter().map(Into::into));
        self
    }

    /// Sets the year of deadlines that name none. Without it they are kept as written, without a day.
    pub fn year(mut self, year: i16) -> Self {
        self.year = Some(year);
        self
    }

    /// Sets the reason and the author of the commit.
    pub fn note(mut self, why: impl Into<String>, who: impl Into<String>) -> Self {
        self.note = Some((why.into(), who.into()));
        self
    }

    /// The changes that the import would make. Nothing is changed; committing the plan makes exactly these changes.
    ///
    /// # Errors
    /// [`ImportError::NoClause`] when the notice has no task; [`ImportError::Index`] for a prefix that is empty or ends with
    /// more than one `/`, and when the index refuses the batch.
    pub fn plan(&self) -> Result<ImportPlan<'i>, ImportError> {
        check_prefix(&self.prefix).map_err(Error::from)?;
        if self.notice.tasks().len() == 0 {
            let not_accepted = self.notice.findings().filter(|finding| finding.is_refusal()).count();
            return Err(ImportError::NoClause { document: self.document.clone(), not_accepted });
        }
        let view = self.index.view();
        let mut batch = self.index.batch();
        if let Some((why, who)) = &self.note {
            batch = batch.note(why, who);
        }
        let (batch, taken) = self.units(batch, &view);
        let Brought { batch, tasks, gone, conflicts, reformed } = self.tasks(batch, &view)?;
        let plan = batch.at_revision(view.revision()).plan()?;
        let ((pending, effect), removes_gone) = (plan.split(), self.remove_gone);
        let effect = ImportEffect { effect, tasks, gone, removes_gone, taken, conflicts, reformed };
        Ok(ImportPlan { pending, effect })
    }

    /// Plans and commits.
    ///
    /// # Errors
    /// Those of [`plan`](Import::plan) and of [`ImportPlan::commit`].
    pub fn commit(&self) -> Result<ImportEffect, ImportError> {
        self.plan()?.commit()
    }

    /// Adds collectives and other names of units to the batch. Returns it with the names that other units already have.
    fn units(&self, mut batch: Batch<'i>, view: &View) -> (Batch<'i>, Vec<String>) {
        let mut taken = Vec::new();
        let mut done = HashSet::new();
        for unit in self.notice.units() {
            let name = self.canonical(unit.name(), view);
            if unit.kind() == UnitKind::Collective && view.unit(&name).is_err() && done.insert(name.clone()) {
                batch = batch.create_unit(&name, UnitKind::Collective);
            }
        }
        // An alias needs its unit, which the batch would create only with the first task that names it.
        for unit in self.notice.units() {
            let name = self.canonical(unit.name(), view);
            for alias in self.other_names(&unit, &name) {
                if !done.insert(alias.clone()) {
                    continue;
                }
                match view.unit(&alias) {
                    Ok(owner) if owner.name() != name => taken.push(alias),
                    Ok(_) => {}
                    Err(_) => {
                        if view.unit(&name).is_err() && done.insert(name.clone()) {
                            batch = batch.create_unit(&name, unit.kind());
                        }
                        batch = batch.add_alias(&name, alias);
                    }
                }
            }
        }
        (batch, taken)
    }

    /// The spellings from the table; and the two names of a unit with two, if no unit of the notice has one of them alone.
    fn other_names(&self, unit: &Unit<'_>, name: &str) -> Vec<String> {
        let free = |plate: &str| {
            self.notice.units().all(|other| other.name() != plate) && self.aliases.canonical(plate) == plate
        };
        let plates = unit.two_names().into_iter().flat_map(|(first, second)| [first, second]);
        let plates = plates.filter(|plate| free(plate)).map(str::to_owned);
        self.aliases.spellings(name).map(str::to_owned).chain(plates).collect()
    }

    /// The name under which the index has a unit or will have it.
    fn canonical(&self, name: &str, view: &View) -> String {
        let name = self.aliases.canonical(name);
        view.unit(name).map_or(name, |unit| unit.name()).to_owned()
    }

    /// Adds the tasks to the batch.
    fn tasks(&self, mut batch: Batch<'i>, view: &View) -> Result<Brought<'i>, Error> {
        let (mut incoming, mut reformed, mut conflicts) = (Vec::new(), Vec::new(), Vec::new());
        for task in self.notice.tasks() {
            let key = task.key(&self.prefix);
            if !self.except.contains(&key) {
                incoming.push(self.incoming(task, key, view, &mut reformed)?);
            }
        }
        let existing = self.existing(view)?;
        let (places, gone) = places(&incoming, &existing, self.remove_gone);
        let mut gives_way: HashSet<&str> = gone.iter().map(String::as_str).filter(|_| self.remove_gone).collect();
        for (task, place) in incoming.iter().zip(&places) {
            let key = &task.key;
            let Some(before) = place.and_then(|place| existing.get(place)) else {
                batch = put(batch, key, &task.standing).set_details(key, task.details(&self.document));
                continue;
            };
            if before.key != *key {
                let replaces = gives_way.remove(key.as_str());
                batch = batch.with(Edit::MoveTask { from: before.key.clone(), to: key.clone(), replaces });
            }
            let (standing, details, document) = (&before.standing, &before.details, self.document.as_str());
            let take = self.take.contains(key);
            let reconciled = Pair { view, incoming: task, standing, details, document, take }.reconcile();
            if let Some(standing) = &reconciled.standing {
                batch = put(batch, key, standing);
            }
            if reconciled.details != *details {
                batch = batch.set_details(key, reconciled.details);
            }
            conflicts.extend(reconciled.conflicts);
        }
        batch = gives_way.into_iter().fold(batch, |batch, key| batch.remove(key));
        Ok(Brought { batch, tasks: incoming.len(), gone, conflicts, reformed })
    }

    /// The tasks under the prefix with their details, in key order.
    fn existing(&self, view: &View) -> Result<Vec<Existing>, Error> {
        let tasks = view.under(&format!("{}/", self.prefix));
        let tasks = tasks.tasks().filter(|task| !self.except.contains(task.key()));
        let existing = tasks.map(|task| {
            let details = task.details()?.unwrap_or_default();
            Ok(Existing { key: task.key().to_owned(), standing: task.standing(), details })
        });
        existing.collect()
    }

    fn incoming(
        &self,
        task: Task<'n>,
        key: String,
        view: &View,
        reformed: &mut Vec<Reformed>,
    ) -> Result<Incoming, InputError> {
        let keeps = view.task(&key).is_some();
        let (standing, names_ended) = self.standing(task, &key, keeps, view, reformed)?;
        let (title, text) = (shortened(task.title()).to_owned(), task.text().to_owned());
        let (line, column, fields) = (task.line(), task.column(), self.fields(task));
        Ok(Incoming { key, standing, title, text, line, column, fields, names_ended })
    }

    /// The units of a task under the names of the index, and whether one of them has ended. A unit that is named twice counts
    /// where it comes first; one that has ended is left out, and no other unit takes its place.
    fn standing(
        &self,
        task: Task<'n>,
        key: &str,
        keeps: bool,
        view: &View,
        reformed: &mut Vec<Reformed>,
    ) -> Result<(Standing, bool), InputError> {
        let (mut seen, mut any_ended) = (HashMap::new(), false);
        let mut names = |units: &mut dyn Iterator<Item = &'n str>| {
            let mut names = Vec::new();
            for written in units {
                let name = self.canonical(written, view);
                let unit = view.unit(&name).ok().filter(|unit| unit.ended().is_some());
                let task = || key.to_owned();
                if let Some(ended) = unit {
                    let successors = ended.successors().map(|unit| unit.name().to_owned()).collect();
                    reformed.push(Reformed::Ended {
                        task: task(),
                        written: written.to_owned(),
                        successors,
                        kept: keeps,
                    });
                    any_ended = true;
                    continue;
                }
                match seen.entry(folded(&name).into_owned()) {
                    Entry::Vacant(first) => {
                        first.insert(written);
                        names.push(name);
                    }
                    // The notice reports a name that is written twice.
                    Entry::Occupied(first) if *first.get() == written => {}
                    Entry::Occupied(_) => {
                        reformed.push(Reformed::Merged { task: task(), written: written.to_owned(), unit: name });
                    }
                }
            }
            names
        };
        let lead = names(&mut std::iter::once(task.lead()));
        let (co_leads, supporting) = (names(&mut task.joint_leads()), names(&mut task.supporting()));
        let others = [(Role::CoLead, co_leads), (Role::Support, supporting)];
        Ok((Standing::of(lead.into_iter().next(), others.into_iter())?, any_ended))
    }

    /// The fields that the notice sets.
    fn fields(&self, task: Task<'_>) -> BTreeMap<String, String> {
        let due = self.due(task).map(|due| due.to_string());
        let fields = [
            ("clause", Some(task.clause())),
            ("basis", Some(task.basis().name())),
            ("heading", Some(task.heading())),
            ("deadline", task.deadline()),
            ("due", due.as_deref()),
        ];
        let given = fields.into_iter().filter_map(|(name, value)| Some((name, value.filter(|v| !v.is_empty())?)));
        given.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    /// The day of the deadline, as far as the year is known.
    fn due(&self, task: Task<'_>) -> Option<Date> {
        match (task.due()?, self.year) {
            (deadline, Some(year)) => deadline.day(year),
            (Deadline::On(day), None) => Some(day),
            (_, None) => None,
        }
    }
}

/// The batch of an import, and what it brings.
struct Brought<'i> {
    batch: Batch<'i>,
    /// The number of tasks of the document.
    tasks: usize,
    gone: Vec<String>,
    conflicts: Vec<ImportConflict>,
    reformed: Vec<Reformed>,
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

/// For each task of the document its place among those of the index; and the keys of those that it does not have. Where a
/// task that is gone keeps its key, none is moved there.
fn places(incoming: &[Incoming], existing: &[Existing], remove_gone: bool) -> (Vec<Option<usize>>, Vec<String>) {
    let document: Vec<Keyed<'_>> =
        incoming.iter().map(|task| Keyed { key: &task.key, text: text_number(&task.text) }).collect();
    let index: Vec<Keyed<'_>> = existing.iter().map(|task| Keyed { key: &task.key, text: task.text() }).collect();
    let mut places = matched(&document, &index);
    let gone = |places: &[Option<usize>]| {
        let there: HashSet<usize> = places.iter().flatten().copied().collect();
        (0..existing.len()).filter(|at| !there.contains(at)).collect::<Vec<_>>()
    };
    loop {
        let left: HashMap<&str, usize> =
            gone(&places).into_iter().filter_map(|at| Some((existing.get(at)?.key.as_str(), at))).collect();
        let mut blocked = false;
        for (task, place) in incoming.iter().zip(&mut places).filter(|_| !remove_gone) {
            let moves = place.is_some_and(|at| existing.get(at).is_some_and(|before| before.key != task.key));
            if let Some(own) = left.get(task.key.as_str()).filter(|_| moves) {
                (*place, blocked) = (Some(*own), true);
            }
        }
        if !blocked {
            let keys = gone(&places).into_iter().filter_map(|at| existing.get(at)).map(|task| task.key.clone());
            let keys = keys.collect();
            return (places, keys);
        }
    }
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

fn check_prefix(prefix: &str) -> Result<(), InputError> {
    section_name(&format!("{prefix}/"))?;
    if prefix.is_empty() { Err(InputError::Empty { what: "prefix" }) } else { Ok(()) }
}

/// The longest title of an imported task, in characters. A longer first sentence is cut; the text has all of it.
const LONGEST_TITLE: usize = 120;

fn shortened(title: &str) -> &str {
    title.char_indices().nth(LONGEST_TITLE).map_or(title, |(at, _)| title.split_at(at).0)
}
