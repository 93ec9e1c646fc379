//! The past of an index and its feed: the methods of the index, which delegate to `history` and `persist`.

use std::ops::{Bound, RangeBounds};
use std::sync::{Arc, PoisonError};

use jiff::Timestamp;
use jiff::civil::Date;

use crate::history::{Changed, Commits, Cursor, Follower};
use crate::id::Revision;
use crate::model::{InputError, LogError, Result};
use crate::persist::{horizon, revision_where, rewind, stamp_at};
use crate::view::View;

use super::handle::Index;
use super::shared::Shared;

/// The past. See [`history`](crate::history).
impl Index {
    /// The index as it was after the commit of a revision: a [`View`] like any other, with the names, aliases and details
    /// of then. Revision 0 is the empty index. Sets of tasks of two revisions can be combined.
    ///
    /// The commits since then are taken back: 6 to 8 µs per change.
    ///
    /// ```
    /// use responsibility_index::Index;
    ///
    /// let index = Index::in_memory();
    /// index.assign("plan/1", ["Roads"])?;
    /// index.batch().rename_unit("Roads", "Transport").commit()?;
    /// let then = index.view_at(1)?;
    /// assert_eq!(then.lead("plan/1"), Some("Roads"));
    /// let error = then.led_by("Transport").unwrap_err().to_string();
    /// assert!(error.ends_with("unit \"Roads\" is called so from revision 2 on"), "{error}");
    /// # Ok::<(), responsibility_index::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`InputError::NoSuchRevision`] for one that is not reached; [`LogError::Trimmed`] below the
    /// [horizon](Index::horizon); [`Error::Engine`](crate::Error::Engine), [`Error::Log`](crate::Error::Log) and
    /// [`Error::Corrupt`](crate::Error::Corrupt) when the log can't be read.
    pub fn view_at(&self, revision: Revision) -> Result<View> {
        self.shared().view_at(revision)
    }

    /// The index as it was in force on a day: after the newest commit whose day is not later. The days are those of
    /// [`Batch::in_force_from`](crate::Batch::in_force_from); commits before the first of them are older than any day.
    ///
    /// ```
    /// use jiff::civil::date;
    /// use responsibility_index::Index;
    ///
    /// let index = Index::in_memory();
    /// index.batch().assign("plan/1", ["Roads"]).in_force_from(date(2016, 3, 28)).commit()?;
    /// index.batch().assign("plan/1", ["Transport"]).in_force_from(date(2018, 11, 5)).commit()?;
    /// assert_eq!(index.view_on(date(2017, 6, 1))?.lead("plan/1"), Some("Roads"));
    /// # Ok::<(), responsibility_index::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`InputError::NoSuchDay`] where no commit has a day, and before the day of the first commit; [`LogError::Trimmed`]
    /// when the commit is below the horizon; those of [`view_at`](Index::view_at).
    pub fn view_on(&self, day: Date) -> Result<View> {
        self.shared().view_on(day)
    }

    /// The newest revision at a moment, by the clocks of the machines that made the commits: 0 before the first commit. Reads
    /// the log some 17 times for 100,000 commits.
    ///
    /// # Errors
    /// [`LogError::Trimmed`] before the [horizon](Index::horizon), and those of reading the log.
    pub fn revision_at(&self, time: Timestamp) -> Result<Revision> {
        self.shared().revision_at(time)
    }

    /// The commits of a range of revisions, oldest first; with `.rev()` newest first. Revisions that are not reached
    /// are not in it. They are read while they are asked for, some 2 µs each.
    ///
    /// ```
    /// use responsibility_index::Index;
    ///
    /// let index = Index::in_memory();
    /// index.batch().note("first plan", "registry").assign("plan/1", ["Transport"]).commit()?;
    /// index.assign("plan/2", ["Finance"])?;
    /// let newest = index.commits(..)?.next_back().transpose()?.unwrap();
    /// assert_eq!(newest.revision(), 2);
    /// let first = index.commits(1..=1)?.next().transpose()?.unwrap();
    /// assert_eq!(first.note().why, "first plan");
    /// # Ok::<(), responsibility_index::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`LogError::Trimmed`] if the range begins below the first commit after the [horizon](Index::horizon). `..` begins
    /// there.
    pub fn commits(&self, range: impl RangeBounds<Revision>) -> Result<Commits> {
        let after = match range.start_bound() {
            Bound::Unbounded => None,
            Bound::Included(first) => Some(first.saturating_sub(1)),
            Bound::Excluded(before) => Some(*before),
        };
        let until = match range.end_bound() {
            Bound::Unbounded => Revision::MAX,
            Bound::Included(last) => *last,
            Bound::Excluded(end) => end.saturating_sub(1),
        };
        self.shared().commits(after, until)
    }
}

/// The feed. See [`history`](crate::history).
impl Index {
    /// Follows the index: the commits after a revision, each once, in order, and those to come. Costs little;
    /// each commit that is there then takes about 2 µs.
    ///
    /// # Errors
    /// [`LogError::Trimmed`] below the [horizon](Index::horizon): take a [`view`](Index::view), and follow from its
    /// revision. [`InputError::NoSuchRevision`].
    pub fn follow(&self, after: Revision) -> Result<Follower> {
        self.shared().follow_after(after)
    }

    /// Follows the index from a cursor of an earlier [`Follower`] or [`Commit`](crate::history::Commit).
    ///
    /// # Errors
    /// [`InputError::OtherHistory`] for a cursor of another log; those of [`follow`](Index::follow).
    pub fn resume(&self, cursor: &Cursor) -> Result<Follower> {
        let expected = self.cursor();
        if cursor.log() != expected.log() {
            return Err(InputError::OtherHistory { given: cursor.log_id(), expected: expected.log_id() }.into());
        }
        self.follow(cursor.revision())
    }

    /// A future that is ready when the index has a newer revision than the given one, with the newest. It uses nothing but
    /// the standard library: any runtime can await it.
    pub fn changed(&self, after: Revision) -> Changed {
        Changed::new(Arc::clone(&self.shared().published), after)
    }

    /// The place of the newest commit: the id of the log, and the revision.
    #[must_use]
    pub fn cursor(&self) -> Cursor {
        Cursor::new(self.shared().log_id(), self.revision())
    }
}

impl Shared {
    fn view_at(&self, revision: Revision) -> Result<View> {
        self.check_process()?;
        self.older(self.view(), revision)
    }

    /// The view of a revision, made from a newer one.
    fn older(&self, view: View, revision: Revision) -> Result<View> {
        check_reached(&view, revision)?;
        // A trim waits meanwhile.
        let _kept = self.past.read().unwrap_or_else(PoisonError::into_inner);
        let oldest = horizon(&*self.log)?;
        match revision {
            _ if revision == view.revision() => Ok(view),
            _ if revision < oldest => Err(LogError::Trimmed { asked: revision, oldest }.into()),
            _ => Ok(view.with_older(rewind(&*self.log, view.state(), revision, oldest)?)),
        }
    }

    fn view_on(&self, day: Date) -> Result<View> {
        self.check_process()?;
        let view = self.view();
        let no_such_day = |first| InputError::NoSuchDay { asked: day, first }.into();
        let Some(newest) = view.state().stamp.day else { return Err(no_such_day(None)) };
        if day >= newest {
            return Ok(view);
        }
        let (oldest, revision) = (self.horizon()?, view.revision());
        match revision_where(&*self.log, (oldest, revision), |stamp| stamp.day.is_none_or(|other| other <= day))? {
            Some(0) => Err(no_such_day(stamp_at(&*self.log, 1)?.day)),
            Some(found) => self.older(view, found),
            None => Err(LogError::Trimmed { asked: oldest.saturating_sub(1), oldest }.into()),
        }
    }

    fn revision_at(&self, time: Timestamp) -> Result<Revision> {
        self.check_process()?;
        let (oldest, newest) = (self.horizon()?, self.view().revision());
        let found = revision_where(&*self.log, (oldest, newest), |stamp| stamp.time() <= time)?;
        match found {
            Some(revision) => Ok(revision),
            // Before 1970, which is the time of no commit.
            None if oldest == 0 => Ok(0),
            None => Err(LogError::Trimmed { asked: oldest.saturating_sub(1), oldest }.into()),
        }
    }

    fn commits(&self, after: Option<Revision>, until: Revision) -> Result<Commits> {
        self.check_process()?;
        let (view, oldest) = (self.view(), self.horizon()?);
        let after = after.unwrap_or(oldest);
        if after < oldest {
            return Err(LogError::Trimmed { asked: after, oldest }.into());
        }
        let until = until.min(view.revision());
        Ok(Commits::new(Arc::clone(&self.log), self.log_id(), view, after, until))
    }

    fn follow_after(&self, after: Revision) -> Result<Follower> {
        self.check_process()?;
        check_reached(&self.view(), after)?;
        Follower::new(Arc::clone(&self.log), self.log_id(), Arc::clone(&self.published), after)
    }
}

/// Refuses a revision above that of a view.
pub(super) fn check_reached(view: &View, asked: Revision) -> Result<(), InputError> {
    let newest = view.revision();
    if asked > newest { Err(InputError::NoSuchRevision { asked, newest }) } else { Ok(()) }
}
