//! The frozen structs behind the values, one per row version.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::{DetailId, Revision, TaskId, UnitId};
use crate::model::{Details, Source, UnitKind};

/// The checkpoint that the rows make up. Written last, so that it is never ahead of the rows that it counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct HeaderV1 {
    /// The generation of units, task blocks and postings that counts.
    pub(crate) generation: u32,
    /// The revision of the checkpoint.
    pub(crate) revision: Revision,
    /// The number of keys that have a number: of assigned tasks, and of those that were once assigned.
    pub(crate) numbered: TaskId,
    /// The number of assigned tasks.
    pub(crate) assigned: TaskId,
    pub(crate) units: UnitId,
    /// The number of pairs of a task and a unit: the sum over either direction.
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

/// One commit in the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CommitV1<'r> {
    /// Milliseconds since 1970, UTC.
    pub(crate) time: u64,
    pub(crate) why: &'r str,
    pub(crate) who: &'r str,
    #[serde(borrow)]
    pub(crate) what: WhatV1<'r>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum WhatV1<'r> {
    #[serde(borrow)]
    Changes(Vec<ChangeV1<'r>>),
    /// A bulk load of so many tasks, which are in the checkpoint of the same revision.
    Load(u64),
}

/// One change, with what was and what is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ChangeV1<'r> {
    Task {
        key: &'r str,
        #[serde(borrow)]
        was: Option<TaskV1<'r>>,
        #[serde(borrow)]
        is: Option<TaskV1<'r>>,
        /// The revision that had changed the task last; 0 for none. That of this change is the row's.
        was_changed: Revision,
    },
    /// The facts that differ; all of them where the unit comes or goes.
    Unit {
        unit: UnitId,
        #[serde(borrow)]
        was: Option<UnitFactsV1<'r>>,
        #[serde(borrow)]
        is: Option<UnitFactsV1<'r>>,
        /// The place among the aliases where those of `was` give way to those of `is`.
        at: u32,
    },
}

/// An assigned task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TaskV1<'r> {
    /// The lead, then the supporting units in order, packed by [`super::units`].
    #[serde(borrow)]
    pub(crate) units: Cow<'r, [u8]>,
    /// 0 for no details.
    pub(crate) detail: DetailId,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct UnitFactsV1<'r> {
    #[serde(borrow)]
    pub(crate) name: Option<&'r str>,
    pub(crate) kind: Option<KindV1>,
    #[serde(borrow)]
    pub(crate) aliases: Vec<&'r str>,
}

/// The details of a task.
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
