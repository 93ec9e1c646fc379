//! The frozen structs behind the values, one for each row version. Knows nothing of views.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::assignment::{Details, Source, UnitKind};
use crate::id::{DetailId, Revision, TaskId, UnitId};

/// What a fold stands for. Written last, so that it is never ahead of the rows it counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct HeaderV1 {
    /// The generation of units, task blocks and postings that counts.
    pub(crate) generation: u32,
    /// The revision up to which they stand.
    pub(crate) revision: Revision,
    /// How many task numbers are taken, by assigned tasks and by keys that were once assigned.
    pub(crate) numbered: TaskId,
    /// How many tasks are assigned.
    pub(crate) assigned: TaskId,
    pub(crate) units: UnitId,
    /// How many pairs of a task and a unit there are: the sum over either direction.
    pub(crate) pairs: u64,
    pub(crate) next_detail: DetailId,
}

/// One unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct UnitV1 {
    pub(crate) name: String,
    pub(crate) aliases: Vec<String>,
    pub(crate) kind: KindV1,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum KindV1 {
    Body,
    Collective,
}

/// The task numbers of one unit in one role, packed by [`super::gaps`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PostingV1<'r> {
    pub(crate) packed: &'r [u8],
}

/// One commit: what the log keeps for good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CommitV1 {
    /// Milliseconds since 1970, UTC.
    pub(crate) time: u64,
    pub(crate) why: String,
    pub(crate) who: String,
    pub(crate) what: WhatV1,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum WhatV1 {
    /// Changes, each with its outcome, so that replaying them needs no decisions.
    Changes(Vec<ChangeV1>),
    /// A bulk load of so many tasks: they are in the fold of the same revision.
    Load(u64),
}

/// One change as it took effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ChangeV1 {
    /// A new unit; its number is the next one.
    AddUnit {
        name: String,
        kind: KindV1,
    },
    /// A unit took one more name.
    AddAlias {
        unit: UnitId,
        alias: String,
    },
    /// A unit gave up a name.
    RemoveAlias {
        unit: UnitId,
        alias: String,
    },
    /// A unit has another canonical name; the one before stays its alias.
    Rename {
        unit: UnitId,
        name: String,
    },
    SetKind {
        unit: UnitId,
        kind: KindV1,
    },
    /// A task's units after the commit, the lead first; none means unassigned. `detail` 0 means no details.
    Task {
        key: String,
        units: Vec<UnitId>,
        detail: DetailId,
    },
}

/// What is known of a task beside its assignment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DetailsV1 {
    title: String,
    text: String,
    source: Option<(String, u32, u32)>,
    fields: BTreeMap<String, String>,
}

impl From<&Details> for DetailsV1 {
    fn from(details: &Details) -> DetailsV1 {
        DetailsV1 {
            title: details.title.clone(),
            text: details.text.clone(),
            source: details.source.as_ref().map(|source| (source.document.clone(), source.line, source.column)),
            fields: details.fields.clone(),
        }
    }
}

impl From<DetailsV1> for Details {
    fn from(row: DetailsV1) -> Details {
        Details {
            title: row.title,
            text: row.text,
            source: row.source.map(|(document, line, column)| Source { document, line, column }),
            fields: row.fields,
        }
    }
}

impl From<UnitKind> for KindV1 {
    fn from(kind: UnitKind) -> KindV1 {
        match kind {
            UnitKind::Body => KindV1::Body,
            UnitKind::Collective => KindV1::Collective,
        }
    }
}

impl From<KindV1> for UnitKind {
    fn from(kind: KindV1) -> UnitKind {
        match kind {
            KindV1::Body => UnitKind::Body,
            KindV1::Collective => UnitKind::Collective,
        }
    }
}
