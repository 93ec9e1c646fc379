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

use std::collections::HashSet;

use crate::index::{Batch, Index};
use crate::model::{Details, UnitKind};
use crate::notice::{Notice, Task, Unit};
use crate::view::View;

pub use self::aliases::{AliasError, Aliases};
pub use self::document::text_of;
pub use self::error::ImportError;
pub use self::plan::ImportPlan;

/// A notice on its way into an index. See the [module](self).
#[derive(Clone, Debug)]
pub struct Import<'a> {
    index: &'a Index,
    notice: &'a Notice<'a>,
    prefix: String,
    document: String,
    aliases: Aliases,
    unassign_gone: bool,
    note: Option<(String, String)>,
}

impl<'a> Import<'a> {
    /// An import under a prefix. The key of a task is the prefix, the numbers of its headings and its place under the
    /// last of them: `prefix/1/1/4/2`.
    #[must_use]
    pub fn new(index: &'a Index, notice: &'a Notice<'a>, prefix: impl Into<String>) -> Import<'a> {
        let prefix = prefix.into();
        let document = prefix.clone();
        Import { index, notice, prefix, document, aliases: Aliases::default(), unassign_gone: false, note: None }
    }

    /// Sets the document that the sources of the tasks name. Without it they name the prefix.
    #[must_use]
    pub fn document(mut self, document: impl Into<String>) -> Self {
        self.document = document.into();
        self
    }

    /// Replaces other spellings of units by their canonical names, and keeps them in the index as aliases.
    #[must_use]
    pub fn aliases(mut self, aliases: Aliases) -> Self {
        self.aliases = aliases;
        self
    }

    /// Sets whether the import unassigns tasks that the index has under the prefix and the notice does not have. If not,
    /// they are only reported.
    #[must_use]
    pub fn unassign_gone(mut self, unassign: bool) -> Self {
        self.unassign_gone = unassign;
        self
    }

    /// Sets the reason and the author of the commit.
    #[must_use]
    pub fn note(mut self, why: impl Into<String>, who: impl Into<String>) -> Self {
        self.note = Some((why.into(), who.into()));
        self
    }

    /// The changes that the import would make. Nothing is changed; committing the plan makes exactly these changes.
    ///
    /// # Errors
    /// [`ImportError::NoClause`] when the notice has no task; [`ImportError::Index`] when the index refuses the batch.
    pub fn plan(&self) -> Result<ImportPlan<'a>, ImportError> {
        if self.notice.tasks().len() == 0 {
            let not_accepted = self.notice.findings().filter(|finding| finding.is_refusal()).count();
            return Err(ImportError::NoClause { document: self.document.clone(), not_accepted });
        }
        let view = self.index.view();
        let mut batch = self.index.batch();
        if let Some((why, who)) = &self.note {
            batch.note(why, who);
        }
        let taken = self.units(&mut batch, &view);
        let keys = self.tasks(&mut batch, &view);
        let gone = self.gone(&view, &keys);
        if self.unassign_gone {
            for key in &gone {
                batch.unassign(key);
            }
        }
        batch.at_revision(view.revision());
        let plan = batch.plan()?;
        let (tasks, unassigns_gone) = (keys.len(), self.unassign_gone);
        Ok(ImportPlan { batch, plan, tasks, gone, unassigns_gone, taken })
    }

    /// Plans and commits.
    ///
    /// # Errors
    /// Those of [`plan`](Import::plan) and of [`ImportPlan::commit`].
    pub fn commit(&self) -> Result<ImportPlan<'a>, ImportError> {
        self.plan()?.commit()
    }

    /// Adds collectives and other names of units to the batch. Returns the names that other units already have.
    fn units(&self, batch: &mut Batch<'a>, view: &View) -> Vec<String> {
        let mut taken = Vec::new();
        let mut done = HashSet::new();
        for unit in self.notice.units() {
            let name = self.canonical(unit.name(), view);
            if unit.kind() == UnitKind::Collective && view.unit(&name).is_err() && done.insert(name.clone()) {
                batch.create_unit(&name, UnitKind::Collective);
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
                            batch.create_unit(&name, unit.kind());
                        }
                        batch.add_alias(&name, alias);
                    }
                }
            }
        }
        taken
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

    /// Adds the tasks to the batch. Returns their keys.
    fn tasks(&self, batch: &mut Batch<'a>, view: &View) -> Vec<String> {
        let mut keys = Vec::with_capacity(self.notice.tasks().len());
        for task in self.notice.tasks() {
            let key = task.key(&self.prefix);
            let mut seen = HashSet::new();
            let units = task.units().map(|unit| self.canonical(unit, view));
            batch.assign(&key, units.filter(|unit| seen.insert(unit.clone())).collect::<Vec<_>>());
            batch.set_details(&key, self.details(task));
            keys.push(key);
        }
        keys
    }

    fn details(&self, task: Task<'_>) -> Details {
        let details = Details::titled(shortened(task.title()))
            .text(task.text())
            .source(&self.document, task.line(), task.column())
            .field("clause", task.clause())
            .field("basis", task.basis().name());
        let joint = task.joint_leads().collect::<Vec<_>>().join(", ");
        let fields =
            [("heading", Some(task.heading())), ("deadline", task.deadline()), ("joint leads", Some(joint.as_str()))];
        let given = fields.into_iter().filter_map(|(name, value)| Some((name, value.filter(|v| !v.is_empty())?)));
        given.fold(details, |details, (name, value)| details.field(name, value))
    }

    /// The tasks under the prefix that the notice does not have.
    fn gone(&self, view: &View, keys: &[String]) -> Vec<String> {
        let keys: HashSet<&str> = keys.iter().map(String::as_str).collect();
        let there = view.under(&format!("{}/", self.prefix));
        there.keys().filter(|key| !keys.contains(key)).map(str::to_owned).collect()
    }
}

/// The longest title of an imported task, in characters. A longer first sentence is cut; the text has all of it.
const LONGEST_TITLE: usize = 120;

fn shortened(title: &str) -> &str {
    title.char_indices().nth(LONGEST_TITLE).map_or(title, |(at, _)| title.split_at(at).0)
}
