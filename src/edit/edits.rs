//! The edits of a batch: what a caller asks for, as plain values.

use crate::id::Revision;
use crate::model::{Assignment, Details, Note, UnitKind};

/// One edit.
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

/// The edits of one batch, with its note and its expectation.
#[derive(Clone, Debug, Default)]
pub(crate) struct Edits {
    pub(crate) list: Vec<Edit>,
    pub(crate) note: Note,
    pub(crate) expected: Option<Revision>,
}
