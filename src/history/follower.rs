//! Follows an index: each commit once, in order.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use crate::commit_log::{CommitLog, EntryId};
use crate::id::Revision;
use crate::model::{LogError, Result};
use crate::persist::{self, horizon, next_commits};

use super::commit::Commit;
use super::commits::AT_ONCE;
use super::cursor::Cursor;
use super::filter::Filter;
use super::published::{Changed, Published};

/// Gets each commit of an index once, in order, whole: a feed that misses nothing. Made by
/// [`Index::follow`](crate::Index::follow) and [`Index::resume`](crate::Index::resume).
///
/// It reads the log, up to what is published: with [`Durability::Synced`](crate::Durability::Synced) that is durable. With
/// [`Durability::Lazy`](crate::Durability::Lazy) a power failure may take back what a follower has seen. Nothing is kept for
/// a follower, so a slow one costs nothing and can't be too slow for a buffer, only for a
/// [trim](crate::Index::trim). After the last handle of the index was dropped no more commits come, and nothing wakes who
/// waits.
pub struct Follower {
    log: Arc<dyn CommitLog>,
    id: EntryId,
    published: Arc<Published>,
    revision: Revision,
    filter: Option<Arc<Filter>>,
    read: VecDeque<persist::Commit>,
    waiting: Option<Changed>,
}

impl Follower {
    pub(crate) fn new(
        log: Arc<dyn CommitLog>,
        id: EntryId,
        published: Arc<Published>,
        revision: Revision,
    ) -> Result<Follower> {
        let (filter, read, waiting) = Default::default();
        let follower = Follower { log, id, published, revision, filter, read, waiting };
        follower.check_horizon()?;
        Ok(follower)
    }

    /// Gets only changes of tasks whose keys begin with a prefix, as [`View::under`](crate::View::under) does. Changes of
    /// units, reforms, obligations and reports, which have no key, still come.
    #[must_use]
    pub fn under(mut self, prefix: &str) -> Follower {
        Arc::make_mut(self.filter.get_or_insert_default()).under = Some(prefix.to_owned());
        self
    }

    /// Gets only changes of a unit, and of tasks that named it before or name it after: what leaves the unit is seen, too.
    /// A unit keeps its identity when it is renamed; one that is created again after its removal is another one.
    ///
    /// # Errors
    /// [`InputError::UnknownUnit`](crate::InputError::UnknownUnit).
    pub fn naming(mut self, unit: &str) -> Result<Follower> {
        let unit = self.published.view().unit_id(unit)?;
        Arc::make_mut(self.filter.get_or_insert_default()).unit = Some(unit);
        Ok(self)
    }

    /// The next commit; `None` when none came in time. Commits without a change that passes the filters are passed
    /// over. Reads about 2 µs per commit; one that is waited for comes some 60 µs after it returned.
    ///
    /// # Errors
    /// [`LogError::Trimmed`](crate::LogError::Trimmed) when a trim removed commits that it did not get yet: take a new view,
    /// and follow from its revision. [`Error::Engine`](crate::Error::Engine), [`Error::Log`](crate::Error::Log) and
    /// [`Error::Corrupt`](crate::Error::Corrupt) when the log can't be read.
    pub fn next_within(&mut self, patience: Duration) -> Result<Option<Commit>> {
        let start = Instant::now();
        loop {
            if let Some(commit) = self.ready()? {
                return Ok(Some(commit));
            }
            let left = patience.saturating_sub(start.elapsed());
            if left.is_zero() {
                return Ok(None);
            }
            self.published.wait(self.revision, left);
        }
    }

    /// The next commit, for a stream of an async runtime: wakes the task when one may have come. A read of the log takes
    /// some microseconds and may wait for the disk.
    ///
    /// # Errors
    /// Those of [`next_within`](Follower::next_within).
    pub fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Result<Commit>> {
        loop {
            match self.ready() {
                Ok(Some(commit)) => return Poll::Ready(Ok(commit)),
                Ok(None) => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
            let new = || Changed::new(Arc::clone(&self.published), self.revision);
            let changed = self.waiting.get_or_insert_with(new);
            if Pin::new(changed).poll(context).is_pending() {
                return Poll::Pending;
            }
            self.waiting = None;
        }
    }

    /// The revision of the newest commit that it has got or passed over.
    #[must_use]
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// Where to [resume](crate::Index::resume) after a restart.
    #[must_use]
    pub fn cursor(&self) -> Cursor {
        Cursor::new(self.id, self.revision)
    }

    /// The next commit that passes, if it is published.
    fn ready(&mut self) -> Result<Option<Commit>> {
        loop {
            if self.read.is_empty() {
                let newest = self.published.revision();
                if newest <= self.revision {
                    return Ok(None);
                }
                self.check_horizon()?;
                self.read = next_commits(&*self.log, self.revision, newest, AT_ONCE)?;
            }
            let Some(commit) = self.read.pop_front() else { return Ok(None) };
            self.revision = commit.revision;
            let commit = Commit::stored(self.id, commit, self.published.view(), self.filter.clone());
            if !commit.is_filtered_out() {
                return Ok(Some(commit));
            }
        }
    }

    fn check_horizon(&self) -> Result<()> {
        let (asked, oldest) = (self.revision, horizon(&*self.log)?);
        if asked < oldest { Err(LogError::Trimmed { asked, oldest }.into()) } else { Ok(()) }
    }
}

impl std::fmt::Debug for Follower {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut debug = f.debug_struct("Follower");
        debug.field("cursor", &self.cursor()).field("filter", &self.filter).finish_non_exhaustive()
    }
}
