//! The frozen structs behind the values, one per row version.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::{DetailId, Revision, TaskId, UnitId};
use crate::model::{Details, Role, Said, Source, Stamp, UnitKind};
use crate::state::{Ended, Slot, Unit};

use super::days::{DayV1, day_of, day_row};

/// The checkpoint that the rows make up. Written last, so that it is never ahead of the rows that it counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct HeaderV1 {
    /// The generation of units, task blocks and postings that counts.
    pub(crate) generation: u64,
    /// The log whose state the rows are: its id, and the revision, the id and the place of its last entry in them.
    pub(crate) log: [u8; 16],
    pub(crate) revision: Revision,
    pub(crate) entry: [u8; 16],
    pub(crate) position: [u8; 32],
    /// Of that entry.
    pub(crate) stamp: StampV1,
    /// The number of keys that have a number: of known tasks, and of removed ones.
    pub(crate) numbered: TaskId,
    /// The number of known tasks, and of those without a lead.
    pub(crate) known: TaskId,
    pub(crate) vacant: TaskId,
    pub(crate) units: UnitId,
    /// The number of pairs of a task and a unit: the sum over either direction.
    pub(crate) pairs: u64,
    /// The number of facts in the rows of facts.
    pub(crate) facts: u32,
    pub(crate) next_detail: DetailId,
}

/// Neighbouring small values that share a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RunV1<'r> {
    #[serde(borrow)]
    pub(crate) values: Vec<&'r [u8]>,
}

/// One number of a unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct UnitV1 {
    /// None for a unit that was removed.
    pub(crate) unit: Option<NamedV1>,
    /// The canonical names that it had, each with the revision that took it away.
    pub(crate) former: Vec<(String, Revision)>,
}

/// The names, the kind and the members of a unit, and its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct NamedV1 {
    pub(crate) name: String,
    pub(crate) aliases: Vec<String>,
    pub(crate) kind: KindV1,
    pub(crate) members: Vec<UnitId>,
    pub(crate) ended: Option<EndedV1>,
}

/// The end of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct EndedV1 {
    revision: Revision,
    day: Option<DayV1>,
    /// Whether its names are those of another unit.
    gave_names: bool,
}

impl From<Ended> for EndedV1 {
    fn from(ended: Ended) -> EndedV1 {
        let Ended { revision, day, gave_names } = ended;
        EndedV1 { revision, day: day.map(day_row), gave_names }
    }
}

impl EndedV1 {
    /// The end, if its day is in the calendar.
    pub(crate) fn ended(self) -> Result<Ended, String> {
        let EndedV1 { revision, day, gave_names } = self;
        Ok(Ended { revision, day: day.map(day_of).transpose()?, gave_names })
    }
}

/// A time and a day: milliseconds since 1970, UTC; year, month and day of the month.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StampV1 {
    time: u64,
    day: Option<DayV1>,
}

impl From<Stamp> for StampV1 {
    fn from(stamp: Stamp) -> StampV1 {
        StampV1 { time: stamp.millis(), day: stamp.day.map(day_row) }
    }
}

impl StampV1 {
    /// The stamp, if its time and its day are in the calendar.
    pub(crate) fn stamp(self) -> Result<Stamp, String> {
        let day = self.day.map(day_of).transpose()?;
        Stamp::new(self.time, day).ok_or_else(|| format!("the time {} is not in the calendar", self.time))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum KindV1 {
    Body,
    Collective,
}

/// The details of a task or of a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DetailsV1 {
    title: String,
    text: String,
    source: Option<(String, u32, u32)>,
    fields: BTreeMap<String, String>,
    said: Option<SaidV1>,
}

/// What a document said of a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SaidV1 {
    units: Vec<(String, RoleV1)>,
    title: String,
    text: u64,
    fields: BTreeMap<String, String>,
}

impl DetailsV1 {
    pub(crate) fn is_empty(&self) -> bool {
        self.title.is_empty()
            && self.text.is_empty()
            && self.source.is_none()
            && self.fields.is_empty()
            && self.said.is_none()
    }
}

impl From<&Details> for DetailsV1 {
    fn from(details: &Details) -> DetailsV1 {
        DetailsV1 {
            title: details.title.clone(),
            text: details.text.clone(),
            source: details.source.as_ref().map(|source| (source.document.clone(), source.line, source.column)),
            fields: details.fields.clone(),
            said: details.said.as_deref().map(|said| SaidV1 {
                units: said.units.iter().map(|(unit, role)| (unit.clone(), (*role).into())).collect(),
                title: said.title.clone(),
                text: said.text,
                fields: said.fields.clone(),
            }),
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
            said: row.said.map(|said| {
                let SaidV1 { units, title, text, fields } = said;
                let units = units.into_iter().map(|(unit, role)| (unit, role.into())).collect();
                Box::new(Said { units, title, text, fields })
            }),
        }
    }
}

impl From<&Slot> for UnitV1 {
    fn from(slot: &Slot) -> UnitV1 {
        let named = |unit: &Unit| NamedV1 {
            name: unit.name.to_string(),
            aliases: unit.aliases.iter().map(|alias| alias.to_string()).collect(),
            kind: unit.kind.into(),
            members: unit.members().to_vec(),
            ended: unit.ended.map(Into::into),
        };
        let former = slot.former().iter().map(|former| (former.name.to_string(), former.until));
        UnitV1 { unit: slot.unit.as_ref().map(named), former: former.collect() }
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

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum RoleV1 {
    Lead,
    CoLead,
    Support,
    Consulted,
    Informed,
}

impl From<Role> for RoleV1 {
    fn from(role: Role) -> RoleV1 {
        match role {
            Role::Lead => RoleV1::Lead,
            Role::CoLead => RoleV1::CoLead,
            Role::Support => RoleV1::Support,
            Role::Consulted => RoleV1::Consulted,
            Role::Informed => RoleV1::Informed,
        }
    }
}

impl From<RoleV1> for Role {
    fn from(role: RoleV1) -> Role {
        match role {
            RoleV1::Lead => Role::Lead,
            RoleV1::CoLead => Role::CoLead,
            RoleV1::Support => Role::Support,
            RoleV1::Consulted => Role::Consulted,
            RoleV1::Informed => Role::Informed,
        }
    }
}
