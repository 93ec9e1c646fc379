//! Keeps the changes of commits, so that tests can undo them.

use std::sync::{Mutex, PoisonError};

use crate::state::Change;

/// Keeps nothing until it is told to.
#[derive(Default)]
pub(crate) struct Recorder(Mutex<Option<Vec<Vec<Change>>>>);

impl Recorder {
    pub(super) fn record(&self, changes: &[Change]) {
        if let Some(kept) = &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            kept.push(changes.to_vec());
        }
    }

    /// Returns the changes of all commits since the last call, the oldest first; from the first call on they are kept.
    pub(crate) fn take(&self) -> Vec<Vec<Change>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).replace(Vec::new()).unwrap_or_default()
    }
}
