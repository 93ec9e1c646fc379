//! The edits of a batch: what a caller asks for, as plain values.

use jiff::civil::Date;

use crate::id::Revision;
use crate::model::{Details, Note, Obligation, Report, Role, Standing, UnitKind};

use super::methods::edit_methods;
use super::reform::Reform;

/// One edit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Edit {
    Assign {
        task: String,
        units: Vec<(String, Role)>,
    },
    SetLead {
        task: String,
        unit: String,
        former: Option<Role>,
    },
    Promote {
        task: String,
    },
    Vacate {
        task: String,
    },
    Add {
        task: String,
        unit: String,
        role: Role,
    },
    SetRole {
        task: String,
        unit: String,
        role: Role,
    },
    MoveTo {
        task: String,
        unit: String,
        place: usize,
    },
    Withdraw {
        task: String,
        unit: String,
    },
    Declare {
        task: String,
    },
    Remove {
        task: String,
    },
    Expect {
        task: String,
        standing: Option<Standing>,
    },
    SetDetails {
        task: String,
        details: Option<Box<Details>>,
    },
    SetPart {
        task: String,
        part: DetailsPart,
    },
    ExpectField {
        task: String,
        field: String,
        value: Option<String>,
    },
    CreateUnit {
        name: String,
        kind: UnitKind,
    },
    AddAlias {
        unit: String,
        alias: String,
    },
    RemoveAlias {
        unit: String,
        alias: String,
    },
    Rename {
        unit: String,
        name: String,
    },
    SetKind {
        unit: String,
        kind: UnitKind,
    },
    RemoveUnit {
        unit: String,
    },
    /// `replaces` says that a task which has the new key gives way.
    MoveTask {
        from: String,
        to: String,
        replaces: bool,
    },
    MoveSection {
        from: String,
        to: String,
    },
    Reform {
        reform: Reform,
    },
    AddLineage {
        from: Vec<String>,
        to: Vec<String>,
        day: Option<Date>,
    },
    ReopenUnit {
        unit: String,
    },
    SetMembers {
        collective: String,
        members: Vec<String>,
    },
    AddMember {
        collective: String,
        member: String,
    },
    RemoveMember {
        collective: String,
        member: String,
    },
    SetObligation {
        obligation: Box<Obligation>,
    },
    RemoveObligation {
        name: String,
    },
    Report {
        report: Box<Report>,
    },
    WithdrawReport {
        obligation: String,
        unit: String,
        due: Date,
    },
    Revert {
        revision: Revision,
    },
}

impl Edit {
    /// The task that it is to change.
    pub(crate) fn task(&self) -> Option<&str> {
        match self {
            Edit::Assign { task, .. }
            | Edit::SetLead { task, .. }
            | Edit::Promote { task }
            | Edit::Vacate { task }
            | Edit::Add { task, .. }
            | Edit::SetRole { task, .. }
            | Edit::MoveTo { task, .. }
            | Edit::Withdraw { task, .. }
            | Edit::Declare { task }
            | Edit::Remove { task }
            | Edit::Expect { task, .. }
            | Edit::SetDetails { task, .. }
            | Edit::SetPart { task, .. }
            | Edit::MoveTask { from: task, .. }
            | Edit::ExpectField { task, .. } => Some(task),
            Edit::CreateUnit { .. }
            | Edit::AddAlias { .. }
            | Edit::RemoveAlias { .. }
            | Edit::Rename { .. }
            | Edit::SetKind { .. }
            | Edit::RemoveUnit { .. }
            | Edit::MoveSection { .. }
            | Edit::Reform { .. }
            | Edit::AddLineage { .. }
            | Edit::ReopenUnit { .. }
            | Edit::SetMembers { .. }
            | Edit::AddMember { .. }
            | Edit::RemoveMember { .. }
            | Edit::SetObligation { .. }
            | Edit::RemoveObligation { .. }
            | Edit::Report { .. }
            | Edit::WithdrawReport { .. }
            | Edit::Revert { .. } => None,
        }
    }
}

/// One part of details.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DetailsPart {
    Title(String),
    Text(String),
    /// A named field; `None` takes it out.
    Field(String, Option<String>),
}

impl DetailsPart {
    pub(crate) fn put_into(&self, details: &mut Details) {
        match self {
            DetailsPart::Title(title) => details.title.clone_from(title),
            DetailsPart::Text(text) => details.text.clone_from(text),
            DetailsPart::Field(name, Some(value)) => drop(details.fields.insert(name.clone(), value.clone())),
            DetailsPart::Field(name, None) => drop(details.fields.remove(name)),
        }
    }
}

/// Edits that are applied all or none, in the order given, with a note and an expectation: a plain value, which can be
/// stored, returned, and committed to an index by [`Index::commit`](crate::Index::commit).
///
/// A later edit sees the effect of an earlier one. The first invalid edit refuses all of them, with an error that has
/// its position. Adding one only stores it: what it costs comes when it is committed, see
/// [`Batch::commit`](crate::Batch::commit).
///
/// ```
/// use responsibility_index::{Edits, Index};
///
/// fn reform() -> Edits {
///     Edits::new().note("2018 reform", "cabinet").rename_unit("Roads", "Transport").vacate("plan/2")
/// }
///
/// let index = Index::in_memory();
/// index.commit(Edits::new().assign("plan/1", ["Roads"]).assign("plan/2", ["Roads", "Finance"]))?;
/// index.commit(reform())?;
/// assert_eq!(index.lead("plan/1").as_deref(), Some("Transport"));
/// assert_eq!(index.lead("plan/2"), None);
/// # Ok::<(), responsibility_index::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Edits {
    pub(crate) list: Vec<Edit>,
    pub(crate) note: Note,
    pub(crate) day: Option<Date>,
    pub(crate) expected: Option<Revision>,
}

impl Edits {
    /// No edits.
    pub fn new() -> Edits {
        Edits::default()
    }

    pub(crate) fn with(mut self, edit: Edit) -> Edits {
        self.list.push(edit);
        self
    }

    /// Sets the note of the commit: why it is made, and by whom.
    pub fn note(mut self, why: impl Into<String>, who: impl Into<String>) -> Edits {
        self.note = Note { why: why.into(), who: who.into() };
        self
    }

    /// Sets the day from which the commit is in force: see [`Batch::in_force_from`](crate::Batch::in_force_from).
    pub fn in_force_from(mut self, day: Date) -> Edits {
        self.day = Some(day);
        self
    }

    /// Lets them be committed only if the index is at this revision.
    pub fn at_revision(mut self, revision: Revision) -> Edits {
        self.expected = Some(revision);
        self
    }

    /// The number of edits.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there is no edit.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    edit_methods!();
}
