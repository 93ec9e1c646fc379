//! Compares the details of a batch with the stored ones, before any lock is taken: this reads the disk.

use std::collections::HashSet;

use crate::id::DetailId;
use crate::model::{Error, LogError, Result};
use crate::view::View;

use super::edits::{Edit, Edits};

/// The edits that set the details which their task had already, by place in the batch and number of the details.
#[derive(Default)]
pub(crate) struct SameDetails(HashSet<(usize, DetailId)>);

impl SameDetails {
    /// Compares with the details in a view. Details, once written, never change, so the answer holds for later states in
    /// which the task has the details of the same number.
    pub(crate) fn find(view: &View, edits: &Edits) -> Result<SameDetails> {
        let mut same = HashSet::new();
        for (place, edit) in edits.list.iter().enumerate() {
            let Edit::SetDetails { task, details: Some(details) } = edit else { continue };
            let Some(task) = view.task(task) else { continue };
            match task.details() {
                Ok(Some(stored)) if stored == **details => drop(same.insert((place, task.record().detail()))),
                // Details that are damaged or lost can be replaced.
                Ok(_) | Err(Error::Corrupt(_) | Error::Log(LogError::Damaged { .. } | LogError::Trimmed { .. })) => {}
                Err(other) => return Err(other),
            }
        }
        Ok(SameDetails(same))
    }

    pub(super) fn has(&self, place: usize, stored: DetailId) -> bool {
        self.0.contains(&(place, stored))
    }
}
