//! Commits of a range of revisions, from either end.

use std::collections::VecDeque;
use std::iter::FusedIterator;
use std::sync::Arc;

use crate::commit_log::{CommitLog, EntryId};
use crate::id::Revision;
use crate::model::Result;
use crate::persist::{self, newest_commits, next_commits};
use crate::view::View;

use super::commit::Commit;

/// Commits that are read from the log at once.
pub(super) const AT_ONCE: u64 = 256;

/// The commits of a range, oldest first; from the back, newest first. Made by [`Index::commits`](crate::Index::commits).
///
/// # Errors of items
/// [`Error::Engine`](crate::Error::Engine), [`Error::Log`](crate::Error::Log) and [`Error::Corrupt`](crate::Error::Corrupt)
/// when the log can't be read. Nothing follows an error.
pub struct Commits {
    log: Arc<dyn CommitLog>,
    id: EntryId,
    /// Names the units. It is not older than the range.
    view: View,
    /// The revision before the next commit from the front, and that of the next one from the back.
    after: Revision,
    until: Revision,
    front: VecDeque<persist::Commit>,
    back: VecDeque<persist::Commit>,
}

impl Commits {
    /// The commits after a revision and up to another one.
    pub(crate) fn new(log: Arc<dyn CommitLog>, id: EntryId, view: View, after: Revision, until: Revision) -> Commits {
        let (front, back) = Default::default();
        Commits { log, id, view, after, until, front, back }
    }

    fn forward(&mut self) -> Result<Option<persist::Commit>> {
        if self.after >= self.until {
            return Ok(None);
        }
        if self.front.is_empty() {
            self.front = next_commits(&*self.log, self.after, self.until, AT_ONCE)?;
        }
        let next = self.front.pop_front();
        self.after = next.as_ref().map_or(self.until, |next| next.revision);
        Ok(next)
    }

    fn backward(&mut self) -> Result<Option<persist::Commit>> {
        if self.after >= self.until {
            return Ok(None);
        }
        if self.back.is_empty() {
            let after = self.after.max(self.until.saturating_sub(AT_ONCE));
            self.back = newest_commits(&*self.log, after, self.until)?;
        }
        let next = self.back.pop_back();
        self.until = next.as_ref().map_or(self.after, |next| next.revision - 1);
        Ok(next)
    }

    fn item(&mut self, next: Result<Option<persist::Commit>>) -> Option<Result<Commit>> {
        match next {
            Ok(next) => next.map(|commit| Ok(Commit::stored(self.id, commit, self.view.clone(), None))),
            Err(error) => {
                self.after = self.until;
                Some(Err(error))
            }
        }
    }
}

impl Iterator for Commits {
    type Item = Result<Commit>;

    fn next(&mut self) -> Option<Result<Commit>> {
        let next = self.forward();
        self.item(next)
    }
}

impl DoubleEndedIterator for Commits {
    fn next_back(&mut self) -> Option<Result<Commit>> {
        let next = self.backward();
        self.item(next)
    }
}

impl FusedIterator for Commits {}

impl std::fmt::Debug for Commits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Commits").field("after", &self.after).field("until", &self.until).finish_non_exhaustive()
    }
}
