//! Imports documents into an index: notices and tables. The tasks of a document become a batch, whose changes can be
//! previewed.
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
//! An import keeps what others wrote. It compares the document with its last import
//! ([`Details::said`](crate::Details)), part by part: units, title, text, each field. A part that changed in the
//! document is changed in the index; any other part stays as it is in the index. Where the document and somebody else
//! have changed the same part in different ways, the index keeps its part, and [`ImportEffect::conflicts`] shows both
//! until somebody decides.
//!
//! Tasks are found by their texts, so that an item inserted in front is one added task: the others
//! [move](crate::Batch::move_task) to their new keys with their details, their history and the fields of others. A key that
//! a table gives is the identity of its task; such tasks are found by their keys.
//!
//! A task that the document does not have any more is [gone](ImportEffect::gone). It is kept, unless
//! [`remove_gone`](Import::remove_gone) removes it. Where another task moves to its key, it is
//! [set aside](ImportEffect::set_aside): `roads/3` becomes `roads/gone/3`.
//!
//! # Refused tasks
//!
//! A task that the index can't accept is refused, for example one with a unit that is unknown under
//! [`UnknownUnits::Reject`]. By default nothing is imported then, and the error lists all refused tasks with their
//! reasons. [`leave_out_refused`](Import::leave_out_refused) imports the others; [`write_refused`] writes the refused
//! ones as a table, to be corrected and imported.

mod aliases;
mod bring;
mod document;
mod error;
mod incoming;
mod matching;
mod plan;
mod reconcile;
mod reformed;
mod refused;
mod report;
mod source;
#[cfg(feature = "csv")]
mod written;

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::index::{Index, UnknownUnits};
use crate::model::{Error, InputError, section_name};
use crate::view::View;

pub use self::aliases::{AliasError, Aliases};
pub use self::document::text_of;
pub use self::error::ImportError;
pub use self::plan::{ImportEffect, ImportPlan};
pub use self::reconcile::{ImportConflict, Part};
pub use self::reformed::Reformed;
pub use self::refused::{Refusal, RefusedTask};
pub use self::source::ImportSource;
#[cfg(feature = "csv")]
pub use self::written::write_refused;

use self::bring::{Bringer, Brought};
use self::source::Stated;

/// A document on its way into an index. See the [module](self).
#[derive(Clone, Debug)]
#[must_use = "an import does nothing until it is committed"]
pub struct Import<'i, 'd> {
    index: &'i Index,
    source: ImportSource<'d>,
    prefix: String,
    document: String,
    aliases: Aliases,
    remove_gone: bool,
    leave_out_refused: bool,
    except: HashSet<String>,
    take: HashSet<String>,
    year: Option<i16>,
    note: Option<(String, String)>,
}

impl<'i, 'd> Import<'i, 'd> {
    /// An import of a notice, or of the rows of tables, under a prefix, with or without a `/` at its end. The key of a task
    /// of a notice is the prefix, the numbers of its headings and its place under the last of them: `prefix/1/1/4/2`; that
    /// of a row is the prefix and its key or number: `prefix/7`.
    pub fn new(index: &'i Index, source: impl Into<ImportSource<'d>>, prefix: impl Into<String>) -> Import<'i, 'd> {
        let prefix: String = prefix.into();
        let prefix = prefix.strip_suffix('/').map_or(prefix.as_str(), |prefix| prefix).to_owned();
        let document = prefix.clone();
        let (except, take) = Default::default();
        Import {
            index,
            source: source.into(),
            prefix,
            document,
            aliases: Aliases::default(),
            remove_gone: false,
            leave_out_refused: false,
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

    /// Sets whether the import removes tasks that the index has under the prefix and the document does not have. If not,
    /// they are kept and reported; one whose key another task takes is [set aside](ImportEffect::set_aside).
    pub fn remove_gone(mut self, remove: bool) -> Self {
        self.remove_gone = remove;
        self
    }

    /// Sets whether tasks that the index can't take are left out, and shown by [`ImportEffect::refused`]. If not, they are
    /// an error. A task that is left out is not gone: the index keeps its task of this key as it is.
    pub fn leave_out_refused(mut self, leave_out: bool) -> Self {
        self.leave_out_refused = leave_out;
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

    /// The changes that the import would make. Nothing is changed; committing the plan makes exactly these changes. Costs
    /// some 10 µs per task, and reads the details of the tasks under the prefix, each part of the log once.
    ///
    /// # Errors
    /// [`ImportError::NoTask`] when the document has no task; [`ImportError::Refused`] for tasks that the index can't take;
    /// [`ImportError::Index`] for a prefix that is empty or ends with more than one `/`, and when the index refuses the
    /// batch.
    pub fn plan(&self) -> Result<ImportPlan<'i>, ImportError> {
        check_prefix(&self.prefix).map_err(Error::from)?;
        let stated = self.source.tasks(&self.prefix, self.year);
        let document = || self.document.clone();
        if stated.is_empty() {
            let (part, not_accepted) = (self.source.part(), self.source.not_accepted());
            return Err(ImportError::NoTask { document: document(), part, not_accepted });
        }
        let (view, tasks) = (self.index.view(), stated.len());
        let mut bringer = Bringer {
            view: &view,
            prefix: &self.prefix,
            document: &self.document,
            aliases: &self.aliases,
            creates_units: self.index.unknown_units() == UnknownUnits::Create,
            remove_gone: self.remove_gone,
            take: &self.take,
            left_alone: self.except.clone(),
            reformed: Vec::new(),
            refused: Vec::new(),
            unknown: HashMap::new(),
        };
        let incoming = bringer.incoming(&stated);
        let not_found = self.not_found(&view, &stated);
        if !bringer.refused.is_empty() && !self.leave_out_refused {
            return Err(ImportError::Refused { document: document(), tasks, refused: bringer.refused });
        }
        let mut batch = self.index.batch();
        if let Some((why, who)) = &self.note {
            batch = batch.note(why, who);
        }
        let (batch, taken) = bringer.units(batch, &self.source.units(), &incoming);
        let count = incoming.len();
        let Brought { batch, gone, conflicts } = bringer.tasks(batch, incoming)?;
        let plan = batch.at_revision(view.revision()).plan()?;
        let ((pending, effect), removes_gone) = (plan.split(), self.remove_gone);
        let Bringer { reformed, refused, .. } = bringer;
        let tasks = count;
        let effect = ImportEffect { effect, tasks, gone, removes_gone, taken, conflicts, reformed, refused, not_found };
        Ok(ImportPlan { pending, effect })
    }

    /// The keys to be taken or left alone that no task has, in their order.
    fn not_found(&self, view: &View, stated: &[Stated<'_>]) -> Vec<String> {
        if self.take.is_empty() && self.except.is_empty() {
            return Vec::new();
        }
        let stated: HashSet<&str> = stated.iter().map(|task| task.key.as_str()).collect();
        let is_nowhere = |key: &&String| !stated.contains(key.as_str()) && view.task(key).is_none();
        let keys: BTreeSet<&String> = self.take.union(&self.except).filter(is_nowhere).collect();
        keys.into_iter().cloned().collect()
    }

    /// Plans and commits.
    ///
    /// # Errors
    /// Those of [`plan`](Import::plan) and of [`ImportPlan::commit`].
    pub fn commit(&self) -> Result<ImportEffect, ImportError> {
        self.plan()?.commit()
    }
}

fn check_prefix(prefix: &str) -> Result<(), InputError> {
    section_name(&format!("{prefix}/"))?;
    if prefix.is_empty() { Err(InputError::Empty { what: "prefix" }) } else { Ok(()) }
}
