//! The role of a unit in a task, and the kind of a unit.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The part of a unit in a task.
#[doc(alias = "RACI")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The one unit that answers for the task.
    #[doc(alias = "accountable")]
    #[doc(alias = "牵头单位")]
    Lead,
    /// A unit that cooperates.
    #[doc(alias = "配合单位")]
    Support,
}

impl Role {
    pub(crate) const BOTH: [Role; 2] = [Role::Lead, Role::Support];
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Role::Lead => "lead",
            Role::Support => "support",
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
