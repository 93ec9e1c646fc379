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

mod aliases;
mod document;
mod error;
mod plan;
mod reformed;

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use jiff::civil::Date;

use crate::index::{Batch, Index};
use crate::model::{Details, Error, InputError, Role, Standing, UnitKind, folded, section_name};
use crate::notice::{Deadline, Notice, Task, Unit};
use crate::view::View;

pub use self::aliases::{AliasError, Aliases};
pub use self::document::text_of;
pub use self::error::ImportError;
pub use self::plan::{ImportEffect, ImportPlan};
pub use self::reformed::Reformed;

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
        Import {
            index,
            notice,
            prefix,
            document,
            aliases: Aliases::default(),
            remove_gone: false,
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
        let (mut batch, keys, reformed) = self.tasks(batch, &view).map_err(Error::from)?;
        let gone = self.gone(&view, &keys);
        if self.remove_gone {
            for key in &gone {
                batch = batch.remove(key);
            }
        }
        let plan = batch.at_revision(view.revision()).plan()?;
        let ((pending, effect), tasks, removes_gone) = (plan.split(), keys.len(), self.remove_gone);
        Ok(ImportPlan { pending, effect: ImportEffect { effect, tasks, gone, removes_gone, taken, reformed } })
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

    /// Adds the tasks to the batch. Returns it with their keys, and with the names that reforms have changed.
    fn tasks(&self, mut batch: Batch<'i>, view: &View) -> Result<(Batch<'i>, Vec<String>, Vec<Reformed>), InputError> {
        let (mut keys, mut reformed) = (Vec::with_capacity(self.notice.tasks().len()), Vec::new());
        for task in self.notice.tasks() {
            let key = task.key(&self.prefix);
            if let Some(standing) = self.standing(task, &key, view, &mut reformed)? {
                batch = match standing {
                    Standing::Assigned(assignment) => batch.assign(&key, assignment),
                    Standing::Vacant(units) => {
                        let vacant = batch.remove(&key).declare(&key);
                        units.into_iter().fold(vacant, |batch, (unit, role)| batch.add(&key, unit, role))
                    }
                };
            }
            batch = batch.set_details(&key, self.details(task));
            keys.push(key);
        }
        Ok((batch, keys, reformed))
    }

    /// The units of a task under the names of the index; `None` where the task keeps those that it has. A unit that is
    /// named twice counts where it comes first; one that has ended is left out, and no other unit takes its place.
    fn standing(
        &self,
        task: Task<'n>,
        key: &str,
        view: &View,
        reformed: &mut Vec<Reformed>,
    ) -> Result<Option<Standing>, InputError> {
        let keeps = view.task(key).is_some();
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
        if any_ended && keeps {
            return Ok(None);
        }
        let others = [(Role::CoLead, co_leads), (Role::Support, supporting)];
        Standing::of(lead.into_iter().next(), others.into_iter()).map(Some)
    }

    fn details(&self, task: Task<'_>) -> Details {
        let details = Details::titled(shortened(task.title()))
            .text(task.text())
            .source(&self.document, task.line(), task.column())
            .field("clause", task.clause())
            .field("basis", task.basis().name());
        let fields = [("heading", Some(task.heading())), ("deadline", task.deadline())];
        let given = fields.into_iter().filter_map(|(name, value)| Some((name, value.filter(|v| !v.is_empty())?)));
        let details = given.fold(details, |details, (name, value)| details.field(name, value));
        match self.due(task) {
            Some(due) => details.field("due", due.to_string()),
            None => details,
        }
    }

    /// The day of the deadline, as far as the year is known.
    fn due(&self, task: Task<'_>) -> Option<Date> {
        match (task.due()?, self.year) {
            (deadline, Some(year)) => deadline.day(year),
            (Deadline::On(day), None) => Some(day),
            (_, None) => None,
        }
    }

    /// The tasks under the prefix that the notice does not have.
    fn gone(&self, view: &View, keys: &[String]) -> Vec<String> {
        let keys: HashSet<&str> = keys.iter().map(String::as_str).collect();
        let there = view.under(&format!("{}/", self.prefix));
        there.keys().filter(|key| !keys.contains(key)).map(str::to_owned).collect()
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
