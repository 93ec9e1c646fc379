//! How a commit ended whose outcome was unknown.

use std::ops::ControlFlow;

use crate::id::Revision;
use crate::model::{CommitId, Result};

use super::handle::Index;

/// How a commit ended: see [`Index::outcome`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is in the history.
    Committed,
    /// Another commit has its revision: it never will be in the history.
    Refused,
    /// The history does not reach its revision yet. A request under way may still make it; the next commit, of whatever
    /// machine, settles it.
    Open,
}

impl Index {
    /// How a commit ended that was [`EngineError::Unknown`](crate::EngineError::Unknown), with the revision and the id of that
    /// error. Asks for the newest revision, as [`fresh_view`](Index::fresh_view) does, and reads one commit.
    ///
    /// ```no_run
    /// use responsibility_index::{EngineError, Error, Index, Outcome};
    ///
    /// # let index = Index::in_memory();
    /// match index.assign("plan/1", ["Transport"]) {
    ///     Err(Error::Engine(EngineError::Unknown { revision, id: Some(id), .. })) => {
    ///         if index.outcome(revision, id)? == Outcome::Committed {
    ///             println!("it is revision {revision}");
    ///         }
    ///     }
    ///     other => drop(other?),
    /// }
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// [`LogError::Trimmed`](crate::LogError::Trimmed) when that part of the history was removed; those of
    /// [`fresh_view`](Index::fresh_view).
    pub fn outcome(&self, revision: Revision, id: CommitId) -> Result<Outcome> {
        let shared = self.shared();
        shared.check_process()?;
        if shared.log.newest()?.revision < revision {
            return Ok(Outcome::Open);
        }
        let mut found = None;
        shared.log.scan(revision.saturating_sub(1), &mut |piece| {
            found = Some(piece.entry);
            Ok(ControlFlow::Break(()))
        })?;
        Ok(match found {
            Some(entry) if entry.revision == revision && entry.id.bytes() == id.0 => Outcome::Committed,
            Some(entry) if entry.revision == revision => Outcome::Refused,
            _ => Outcome::Open,
        })
    }
}
