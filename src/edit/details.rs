//! Reads the details that a batch needs, before any lock is taken: this reads the disk.

use std::collections::HashMap;

use crate::id::DetailId;
use crate::model::{Details, Error, LogError, Result};
use crate::view::View;

use super::edits::{Edit, Edits};

/// Stored details by their numbers. Details, once written, never change, so they hold for every later state in which a task
/// has the same number.
#[derive(Default)]
pub(crate) struct StoredDetails(HashMap<DetailId, Details>);

impl StoredDetails {
    /// Reads the details of all tasks whose details a batch sets, changes or expects.
    pub(crate) fn read(view: &View, edits: &Edits) -> Result<StoredDetails> {
        let mut read = HashMap::new();
        for edit in &edits.list {
            let replaces = match edit {
                Edit::SetDetails { details, .. } if details.is_some() => true,
                Edit::SetPart { .. } | Edit::ExpectField { .. } => false,
                _ => continue,
            };
            let Some(task) = edit.task().and_then(|task| view.task(task)) else { continue };
            let id = task.record().detail();
            if read.contains_key(&id) {
                continue;
            }
            match task.details() {
                Ok(details) => read.extend(details.map(|details| (id, details))),
                // Details that are damaged or lost can be replaced.
                Err(Error::Corrupt(_) | Error::Log(LogError::Damaged { .. } | LogError::Trimmed { .. }))
                    if replaces => {}
                Err(other) => return Err(other),
            }
        }
        Ok(StoredDetails(read))
    }

    pub(super) fn get(&self, id: DetailId) -> Option<&Details> {
        self.0.get(&id)
    }
}
