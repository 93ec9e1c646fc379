//! The choices of whoever opens an index.

use std::time::Duration;

use crate::edit::Rules;

/// When a commit is durable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// When the call returns: it survives power loss. Callers that wait at the same time share one sync (group commit).
    #[default]
    Synced,
    /// Some time later, or when [`Index::flush`](crate::Index::flush) returns. It survives the end of the process, also
    /// by `kill -9`. A power failure may lose the newest commits, but none that was flushed.
    Lazy,
}

/// How an edit that assigns treats an unknown unit name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnknownUnits {
    /// It creates the unit.
    #[default]
    Create,
    /// It is refused, with near names.
    Reject,
}

/// How an index behaves.
#[derive(Clone, Copy, Debug)]
pub(super) struct Settings {
    pub(super) durability: Durability,
    pub(super) unknown_units: UnknownUnits,
    /// The number of changes after which a checkpoint is due; `None` for the usual.
    pub(super) checkpoint_after: Option<usize>,
    pub(super) read_only: bool,
    /// For how long the servers of a shared log may be silent before commits and fresh views are refused.
    pub(super) stale_after: Option<Duration>,
}

impl Settings {
    pub(super) fn rules(&self) -> Rules {
        Rules { create_units: self.unknown_units == UnknownUnits::Create }
    }
}
