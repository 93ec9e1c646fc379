//! What became of the checkpoints of a handle, for its statistics. Decides nothing.

use std::time::Instant;

use crate::id::Revision;
use crate::model::LogError;

/// What became of checkpoints.
#[derive(Clone, Debug, Default)]
pub(super) struct Report {
    pub(super) checkpoint: Revision,
    /// The time since the last one was written, if this handle has written one.
    pub(super) written: Option<Instant>,
    /// Why the last attempt failed, if it did.
    pub(super) trouble: Option<String>,
    /// Whether this handle has the rows.
    pub(super) is_owner: bool,
    /// That another process had the rows when they were needed.
    pub(super) busy: Option<LogError>,
    /// Why the rows were made again, if they were.
    pub(super) made_again: Option<String>,
}

impl Report {
    pub(super) fn was_made_again(&mut self, why: &str) {
        let what = format!("the rows were made again: {why}");
        log::warn!("{what}");
        self.made_again = Some(what);
    }
}
