//! Reads the details and the past commits that a batch needs, before any lock is taken: this reads the disk.

use std::collections::{HashMap, HashSet};

use crate::id::{DetailId, Revision};
use crate::model::{Details, Error, InputError, LogError, Result};
use crate::state::{Change, TaskChange};
use crate::view::View;

use super::edits::{Edit, Edits};
use super::moves::Moves;

/// Stored details by their numbers. Details, once written, never change, so they hold for every later state in which a task
/// has the same number.
#[derive(Default)]
pub(crate) struct StoredDetails {
    details: HashMap<DetailId, Details>,
    /// Those that are damaged or lost, and to be replaced.
    lost: HashSet<DetailId>,
    /// The commits that the batch reverts.
    commits: HashMap<Revision, Vec<Change>>,
}

impl StoredDetails {
    /// Reads the details of all tasks whose details a batch sets, changes or expects.
    pub(crate) fn read(view: &View, edits: &Edits) -> Result<StoredDetails> {
        let (mut read, mut lost, mut commits) = (HashMap::new(), HashSet::new(), HashMap::new());
        // Moves that can't be are refused when the batch is planned.
        let moves = Moves::of(edits, view).unwrap_or_default();
        let origins = moves.origins();
        for (position, edit) in (1..).zip(&edits.list) {
            if let Edit::Revert { revision } = edit {
                let changes = changes_of(view, *revision).map_err(|error| match error {
                    Error::Input(mistake) if edits.list.len() > 1 => Error::Edit { position, task: None, mistake },
                    other => other,
                })?;
                // They are written again: a trim may remove those that no task has.
                for id in changes.iter().flat_map(Change::tasks).filter_map(|task| replaced_details(&task)) {
                    read.insert(id, view.log().details(id)?);
                }
                commits.insert(*revision, changes);
            }
            let replaces = match edit {
                Edit::SetDetails { .. } => true,
                Edit::SetPart { .. } | Edit::ExpectField { .. } => false,
                _ => continue,
            };
            let before = edit.task().map(|task| origins.get(task).map_or(task, |from| from));
            let Some(task) = before.and_then(|task| view.task(task)) else { continue };
            let id = task.record().detail();
            if read.contains_key(&id) {
                continue;
            }
            match task.details() {
                Ok(details) => read.extend(details.map(|details| (id, details))),
                // Details that are damaged or lost can be replaced.
                Err(Error::Corrupt(_) | Error::Log(LogError::Damaged { .. } | LogError::Trimmed { .. }))
                    if replaces =>
                {
                    lost.insert(id);
                }
                Err(other) => return Err(other),
            }
        }
        Ok(StoredDetails { details: read, lost, commits })
    }

    /// Whether details were found to be damaged or lost.
    pub(super) fn are_lost(&self, id: DetailId) -> bool {
        self.lost.contains(&id)
    }

    pub(super) fn get(&self, id: DetailId) -> Option<&Details> {
        self.details.get(&id)
    }

    /// The changes of a commit that the batch reverts.
    pub(super) fn changes(&self, revision: Revision) -> Option<&[Change]> {
        self.commits.get(&revision).map(Vec::as_slice)
    }
}

/// The details that a change took from a task.
pub(super) fn replaced_details(task: &TaskChange<'_>) -> Option<DetailId> {
    let [was, is] = task.details();
    (was > 0 && was != is).then_some(was)
}

/// The changes of a commit to be reverted.
fn changes_of(view: &View, revision: Revision) -> Result<Vec<Change>> {
    let newest = view.revision();
    if revision == 0 || revision > newest {
        return Err(InputError::NoSuchRevision { asked: revision, newest }.into());
    }
    let oldest = view.log().horizon()?;
    if revision <= oldest {
        return Err(LogError::Trimmed { asked: revision - 1, oldest }.into());
    }
    view.log().changes(revision)?.ok_or_else(|| InputError::LoadReverted { revision }.into())
}
