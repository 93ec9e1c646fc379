//! The role of a unit in a task, and the kind of a unit.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The part of a unit in a task, in the order in which roles are listed.
///
/// The letters of a RACI chart: the lead is accountable (A), support is responsible for doing the work (R), and consulted
/// and informed units are C and I. A co-lead has no letter: it leads together with the lead.
#[doc(alias = "RACI")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The one unit that answers for the task.
    #[doc(alias = "accountable")]
    #[doc(alias = "牵头单位")]
    Lead,
    /// A unit that leads together with the lead.
    CoLead,
    /// A unit that cooperates.
    #[doc(alias = "responsible")]
    #[doc(alias = "配合单位")]
    Support,
    /// A unit that is asked for its opinion.
    Consulted,
    /// A unit that is told.
    Informed,
}

impl Role {
    /// All roles, in their order.
    pub const ALL: [Role; 5] = [Role::Lead, Role::CoLead, Role::Support, Role::Consulted, Role::Informed];

    /// The place of the role in [`ALL`](Role::ALL).
    pub(crate) fn place(self) -> usize {
        self as usize
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Role::Lead => "lead",
            Role::CoLead => "co-lead",
            Role::Support => "support",
            Role::Consulted => "consulted",
            Role::Informed => "informed",
        })
    }
}

/// Whether a unit is one body or a name for many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnitKind {
    /// One body: a department, a team, a company.
    #[default]
    Body,
    /// A name for several bodies, such as "the member units of the joint conference".
    Collective,
}

impl fmt::Display for UnitKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            UnitKind::Body => "body",
            UnitKind::Collective => "collective",
        })
    }
}
