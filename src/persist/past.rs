//! The past in a log: single commits, what they did to a task, and the state at an older revision.
//!
//! Cost: a commit is found by reading at most 64 KiB before it, once that part of the log was read before. A state is made
//! from a newer one, by taking back the commits between.

use std::collections::VecDeque;
use std::ops::ControlFlow;

use crate::commit_log::CommitLog;
use crate::id::Revision;
use crate::model::{Error, LogError, Result, Stamp};
use crate::state::{Change, Misfit, Replay, State};
use crate::view::TaskAt;

use super::base::stamp_of_base;
use super::commit::{Commit, TaskReader, head_of, name, number_of};
use super::format::FormatError;
use super::format::items::Items;
use super::rebuild::{APPLY_FROM, each_commit};

/// So many commits are read at once when the newest ones are taken back, so that they stay in the processor's cache; or
/// those with so many facts together.
const READ_AT_ONCE: u64 = 512;
const FACTS_AT_ONCE: usize = 1 << 20;

/// The state at an older revision, not below the horizon: the commits after it are taken back, the newest first.
pub(crate) fn rewind(log: &dyn CommitLog, newest: &State, until: Revision, horizon: Revision) -> Result<State> {
    let mut rewind = Rewind { state: newest.clone(), collected: None };
    let (mut end, mut stamp) = (newest.revision, None);
    while end > until {
        let after = until.max(end.saturating_sub(READ_AT_ONCE));
        // The stamp is in the commit of that revision, unless a base has taken its place.
        let after = if after == until && until > horizon { until - 1 } else { after };
        for commit in newest_commits(log, after, end)?.into_iter().rev() {
            if commit.revision == until {
                stamp = Some(commit.stamp);
                break;
            }
            end = commit.revision - 1;
            rewind.take_back(&commit).map_err(|misfit| FormatError::new(name(commit.revision), misfit))?;
        }
    }
    rewind.take_back_collected().map_err(|misfit| FormatError::new(name(until + 1), misfit))?;
    let stamp = stamp.map_or_else(|| stamp_at(log, until), Ok)?;
    Ok(State { stamp, ..rewind.state })
}

/// The newest commits after a revision and up to another one, at least one: all of them, unless they have too many facts to
/// be held.
pub(crate) fn newest_commits(log: &dyn CommitLog, after: Revision, until: Revision) -> Result<VecDeque<Commit>> {
    let (mut commits, mut facts) = (VecDeque::new(), 0);
    each_commit(log, after, &mut |_, commit| {
        let is_last = commit.revision >= until;
        facts += number_of(&commit.changes);
        commits.push_back(commit);
        while facts > FACTS_AT_ONCE && commits.len() > 1 {
            facts -= commits.pop_front().map_or(0, |commit| number_of(&commit.changes));
        }
        Ok(if is_last { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    })?;
    match commits.back() {
        Some(last) if last.revision == until => Ok(commits),
        _ => Err(FormatError::new(name(until), "it is not in the log").into()),
    }
}

/// Takes back the newest commits of a state, one after the other.
struct Rewind {
    state: State,
    /// Commits that are not taken back yet.
    collected: Option<Replay>,
}

impl Rewind {
    fn take_back(&mut self, commit: &Commit) -> Result<(), Misfit> {
        if number_of(&commit.changes) >= APPLY_FROM {
            self.take_back_collected()?;
            let state = self.state.undo(&commit.changes)?;
            self.state = State { revision: commit.revision - 1, ..state };
            return Ok(());
        }
        self.collected.get_or_insert_with(|| Replay::back(&self.state)).add(commit.revision, &commit.changes)
    }

    fn take_back_collected(&mut self) -> Result<(), Misfit> {
        let Some(collected) = self.collected.take() else { return Ok(()) };
        self.state = self.state.rewound(collected)?;
        Ok(())
    }
}

/// The stamp of the commit of a revision, or of a base there.
pub(crate) fn stamp_at(log: &dyn CommitLog, revision: Revision) -> Result<Stamp> {
    if revision == 0 {
        return Ok(Stamp::default());
    }
    match head_at(log, revision) {
        Err(Error::Log(LogError::Trimmed { .. })) => stamp_of_base(log, revision),
        found => found.map(|(stamp, _)| stamp),
    }
}

/// The stamp of a commit, and whether it is a bulk load.
fn head_at(log: &dyn CommitLog, revision: Revision) -> Result<(Stamp, bool)> {
    let (mut items, mut head) = (Items::default(), None);
    log.scan(revision.saturating_sub(1), &mut |piece| {
        if piece.entry.revision == revision {
            // A long note takes more than one piece.
            let first = items.first(piece.bytes, head_of);
            head = first.map_err(|why| FormatError::new(name(revision), why))?;
            if head.is_none() {
                return Ok(ControlFlow::Continue(()));
            }
        }
        Ok(ControlFlow::Break(()))
    })?;
    head.ok_or_else(|| FormatError::new(name(revision), "it is not in the log").into())
}

/// The changes of a commit; `None` for a bulk load.
pub(super) fn changes_of(log: &dyn CommitLog, revision: Revision) -> Result<Option<Vec<Change>>> {
    let (_, is_load) = head_at(log, revision)?;
    if is_load {
        return Ok(None);
    }
    let commit = newest_commits(log, revision.saturating_sub(1), revision)?.pop_back();
    Ok(commit.map(|commit| commit.changes))
}

/// Finds the change of a task in a commit.
pub(super) fn task_at(log: &dyn CommitLog, revision: Revision, key: &str) -> Result<TaskAt> {
    let mut reader = TaskReader::new(key);
    log.scan(revision.saturating_sub(1), &mut |piece| {
        if piece.entry.revision != revision {
            return Ok(ControlFlow::Break(()));
        }
        reader.add(&piece)
    })?;
    let missing = || FormatError::new(name(revision), format!("it does not change task {key:?}")).into();
    reader.finish().ok_or_else(missing)
}

/// The oldest revision that a log goes back to: that of its newest base, which a trim has put there, or with which the log
/// began. Entries before it may still be in its files, which are removed whole.
pub(crate) fn horizon(log: &dyn CommitLog) -> Result<Revision> {
    Ok(log.bases()?.last().copied().unwrap_or(log.oldest()))
}

/// The first commits after a revision, in order: at most so many, and at least one if there is one up to `until`.
pub(crate) fn next_commits(
    log: &dyn CommitLog,
    after: Revision,
    until: Revision,
    most: u64,
) -> Result<VecDeque<Commit>> {
    let (mut commits, mut facts) = (VecDeque::new(), 0);
    if after >= until {
        return Ok(commits);
    }
    each_commit(log, after, &mut |_, commit| {
        let revision = commit.revision;
        facts += number_of(&commit.changes);
        commits.push_back(commit);
        let is_enough = revision >= until || commits.len() as u64 >= most || facts > FACTS_AT_ONCE;
        Ok(if is_enough { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    })?;
    if commits.is_empty() {
        return Err(FormatError::new(name(after + 1), "it is not in the log").into());
    }
    Ok(commits)
}

/// The newest revision from `from` to `to` whose stamp has a property that all stamps before it have too; `None` if that of
/// `from` does not have it. Costs one read of the log per halving.
pub(crate) fn revision_where(
    log: &dyn CommitLog,
    (from, to): (Revision, Revision),
    has: impl Fn(Stamp) -> bool,
) -> Result<Option<Revision>> {
    if !has(stamp_at(log, from)?) {
        return Ok(None);
    }
    let (mut with, mut without) = (from, to + 1);
    while with + 1 < without {
        let middle = with + (without - with) / 2;
        if has(stamp_at(log, middle)?) {
            with = middle;
        } else {
            without = middle;
        }
    }
    Ok(Some(with))
}
