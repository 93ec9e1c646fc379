//! Batches of edits: what a caller asks for. Knows neither the store nor how views are published.

mod apply;
mod plan;

use crate::assignment::{Assignment, Details, Note, UnitKind};
use crate::error::Result;
use crate::id::Revision;

pub(crate) use self::apply::apply;
pub use self::plan::{Plan, TaskChange};
pub(crate) use self::plan::{Rules, check_room_for_alias, log_rows, plan, resolve};

/// One thing a caller asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Edit {
    Assign { task: String, units: Vec<String> },
    SetLead { task: String, unit: String },
    AddSupporting { task: String, unit: String },
    MoveSupporting { task: String, unit: String, place: usize },
    RemoveSupporting { task: String, unit: String },
    Unassign { task: String },
    Expect { task: String, assignment: Option<Assignment> },
    SetDetails { task: String, details: Option<Box<Details>> },
    CreateUnit { name: String, kind: UnitKind },
    AddAlias { unit: String, alias: String },
    RemoveAlias { unit: String, alias: String },
    Rename { unit: String, name: String },
    SetKind { unit: String, kind: UnitKind },
}

/// Everything a caller asks for at once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Edits {
    pub(crate) list: Vec<Edit>,
    pub(crate) note: Note,
    pub(crate) expected: Option<Revision>,
}

/// What carries out a batch: an index.
pub(crate) trait Target: Sync {
    fn plan(&self, edits: &Edits) -> Result<Plan>;
    fn commit(&self, edits: &Edits) -> Result<Plan>;
}

/// Edits that are applied all or none, in the order given.
///
/// A later edit sees the effect of an earlier one. The first that is not valid refuses the whole batch, with an error
/// that says which one it was. Get one from [`Index::batch`](crate::Index::batch).
///
/// ```
/// use responsibility_index::{Error, Index};
///
/// let index = Index::in_memory();
/// let done = index.batch()
///     .note("2018 reform", "office of the joint conference")
///     .assign("plan/1", ["Transport", "Finance"])
///     .set_lead("plan/1", "Finance")
///     .commit()?;
/// assert_eq!(done.revision(), 1);
/// assert_eq!(index.lead("plan/1").as_deref(), Some("Finance"));
///
/// let refused = index.batch().unassign("plan/1").set_lead("plan/2", "Finance").commit();
/// assert_eq!(refused.unwrap_err().to_string(), "edit 2: task \"plan/2\" is not assigned");
/// assert!(index.lead("plan/1").is_some(), "nothing of a refused batch is applied");
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct Batch<'i> {
    target: &'i dyn Target,
    edits: Edits,
}

impl<'i> Batch<'i> {
    pub(crate) fn new(target: &'i dyn Target) -> Batch<'i> {
        Batch { target, edits: Edits::default() }
    }

    fn push(&mut self, edit: Edit) -> &mut Self {
        self.edits.list.push(edit);
        self
    }

    /// Keeps with the commit why it is made, and by whom.
    pub fn note(&mut self, why: impl Into<String>, who: impl Into<String>) -> &mut Self {
        self.edits.note = Note { why: why.into(), who: who.into() };
        self
    }

    /// Commits only if the index is at this revision.
    pub fn at_revision(&mut self, revision: Revision) -> &mut Self {
        self.edits.expected = Some(revision);
        self
    }

    /// Assigns a task: the first unit leads, the others support it in this order. Replaces what was there; details
    /// stay. Units that aren't known are created, unless the index was opened to
    /// [reject them](crate::OpenOptions::unknown_units).
    pub fn assign<I>(&mut self, task: impl Into<String>, units: I) -> &mut Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        let units = units.into_iter().map(Into::into).collect();
        self.push(Edit::Assign { task: task.into(), units })
    }

    /// Gives an assigned task another lead. A unit that supported it until now moves up; the former lead leaves the
    /// task, so add it as supporting to keep it.
    pub fn set_lead(&mut self, task: impl Into<String>, unit: impl Into<String>) -> &mut Self {
        self.push(Edit::SetLead { task: task.into(), unit: unit.into() })
    }

    /// Adds a supporting unit at the end of an assigned task's list.
    pub fn add_supporting(&mut self, task: impl Into<String>, unit: impl Into<String>) -> &mut Self {
        self.push(Edit::AddSupporting { task: task.into(), unit: unit.into() })
    }

    /// Moves a supporting unit to another place among the supporting ones, counted from 0.
    pub fn move_supporting(&mut self, task: impl Into<String>, unit: impl Into<String>, place: usize) -> &mut Self {
        self.push(Edit::MoveSupporting { task: task.into(), unit: unit.into(), place })
    }

    /// Takes a supporting unit off a task.
    pub fn remove_supporting(&mut self, task: impl Into<String>, unit: impl Into<String>) -> &mut Self {
        self.push(Edit::RemoveSupporting { task: task.into(), unit: unit.into() })
    }

    /// Takes all units off a task, and its details with them. A task that isn't assigned stays so.
    pub fn unassign(&mut self, task: impl Into<String>) -> &mut Self {
        self.push(Edit::Unassign { task: task.into() })
    }

    /// Refuses the batch unless a task's assignment is this one, at this point of the batch.
    pub fn expect(&mut self, task: impl Into<String>, assignment: impl Into<Option<Assignment>>) -> &mut Self {
        self.push(Edit::Expect { task: task.into(), assignment: assignment.into() })
    }

    /// Sets what is known of an assigned task beside its assignment; `None` clears it.
    pub fn set_details(&mut self, task: impl Into<String>, details: impl Into<Option<Details>>) -> &mut Self {
        self.push(Edit::SetDetails { task: task.into(), details: details.into().map(Box::new) })
    }

    /// Creates a unit. One that has this very name and kind already is left as it is.
    pub fn create_unit(&mut self, name: impl Into<String>, kind: UnitKind) -> &mut Self {
        self.push(Edit::CreateUnit { name: name.into(), kind })
    }

    /// Gives a unit one more name. It is then found by that name wherever a name is taken.
    pub fn add_alias(&mut self, unit: impl Into<String>, alias: impl Into<String>) -> &mut Self {
        self.push(Edit::AddAlias { unit: unit.into(), alias: alias.into() })
    }

    /// Takes an alias away from a unit.
    pub fn remove_alias(&mut self, unit: impl Into<String>, alias: impl Into<String>) -> &mut Self {
        self.push(Edit::RemoveAlias { unit: unit.into(), alias: alias.into() })
    }

    /// Gives a unit another canonical name. The former one stays as an alias, so that older documents still resolve.
    pub fn rename_unit(&mut self, unit: impl Into<String>, name: impl Into<String>) -> &mut Self {
        self.push(Edit::Rename { unit: unit.into(), name: name.into() })
    }

    /// Says whether a unit is one body or a name for many.
    pub fn set_kind(&mut self, unit: impl Into<String>, kind: UnitKind) -> &mut Self {
        self.push(Edit::SetKind { unit: unit.into(), kind })
    }

    /// How many edits are in it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.edits.list.len()
    }

    /// Whether no edit is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.edits.list.is_empty()
    }

    /// What committing would change, without changing anything: a dry run.
    ///
    /// # Errors
    /// Those of [`commit`](Batch::commit), but for the engine's.
    pub fn plan(&self) -> Result<Plan> {
        self.target.plan(&self.edits)
    }

    /// Applies all edits, or none. Edits that change nothing take no revision.
    ///
    /// When it returns, the commit is as durable as the index was opened to make it, and every view taken from now on
    /// has it.
    ///
    /// # Errors
    /// [`Error::Edit`](crate::Error::Edit) for the first edit that is not valid, [`Error::Conflict`](crate::Error)
    /// for an expectation that isn't met, [`Error::Engine`](crate::Error::Engine) from the device.
    pub fn commit(&self) -> Result<Plan> {
        self.target.commit(&self.edits)
    }
}

impl std::fmt::Debug for Batch<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.edits.fmt(f)
    }
}
