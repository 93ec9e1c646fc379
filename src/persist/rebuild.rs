//! The state at a revision, from the log alone: from a base, or from nothing, and the entries after it.

use std::ops::ControlFlow;

use crate::commit_log::{CommitLog, Head, Position};
use crate::id::Revision;
use crate::model::{Error, LogError, Result, Stamp};
use crate::state::{Misfit, Replay, Replayed, State, UnitLists};

use super::base::state_of_base;
use super::commit::{Commit, CommitReader, name, number_of};
use super::format::FormatError;

/// So many facts in one commit are applied at once; those of smaller commits are collected, so that a task which changes
/// often is changed once.
pub(super) const APPLY_FROM: usize = 4_096;

/// Applies commits to a state, one after the other.
pub(crate) struct Rebuild {
    state: State,
    /// Commits that are not in it yet, and the stamp of the last one.
    collected: Option<(Replay, Stamp)>,
}

impl Rebuild {
    pub(crate) fn new(state: State) -> Rebuild {
        Rebuild { state, collected: None }
    }

    /// The revision so far.
    pub(crate) fn revision(&self) -> Revision {
        self.collected.as_ref().map_or(self.state.revision, |(replay, _)| replay.revision())
    }

    pub(crate) fn add(&mut self, commit: &Commit) -> Result<(), Misfit> {
        if number_of(&commit.changes) >= APPLY_FROM {
            self.apply_collected()?;
            let (state, _) = self.state.apply(&commit.changes)?;
            self.state = State { revision: commit.revision, stamp: commit.stamp, ..state };
            return Ok(());
        }
        let state = &self.state;
        let new = || (Replay::new(state.units.without_lists(), state.revision, state.next_detail), state.stamp);
        let (replay, stamp) = self.collected.get_or_insert_with(new);
        *stamp = commit.stamp;
        replay.add(commit.revision, &commit.changes)
    }

    fn apply_collected(&mut self) -> Result<(), Misfit> {
        let Some((collected, stamp)) = self.collected.take() else { return Ok(()) };
        let mut tasks = std::mem::take(&mut self.state.tasks);
        let replayed = collected.put_into(&mut tasks)?;
        let lists = UnitLists::of(tasks.records(), replayed.units.numbered());
        let Replayed { units, revision, next_detail, .. } = replayed;
        let state = State::join(units, tasks, lists.into_postings());
        self.state = State { revision, stamp, next_detail, ..state };
        Ok(())
    }

    pub(crate) fn finish(mut self) -> Result<State, Misfit> {
        self.apply_collected()?;
        Ok(self.state)
    }
}

/// The state at a revision, or at the newest one that the log shows if that is older; with its entry.
pub(crate) fn state_at(log: &dyn CommitLog, until: Revision) -> Result<(State, Head)> {
    let (state, head) = start(log, until)?;
    state_after(log, state, head, until)
}

/// The state at a revision, or at the newest one that the log shows if that is older, made from an older one; with its entry.
fn state_after(log: &dyn CommitLog, state: State, mut head: Head, until: Revision) -> Result<(State, Head)> {
    let mut rebuild = Rebuild::new(state);
    if until > head.revision {
        let after = head.revision;
        each_commit(log, after, &mut |entry, commit| {
            rebuild.add(&commit).map_err(|misfit| FormatError::new(name(commit.revision), misfit))?;
            head = entry;
            Ok(if commit.revision >= until { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        })?;
    }
    let revision = rebuild.revision();
    let state = rebuild.finish().map_err(|misfit| FormatError::new(name(revision), misfit))?;
    Ok((state, head))
}

/// What a trim changes: where the log begins, as far as this handle knows, and the bases. A trim puts a base, then removes
/// segments, then other bases; who reads meanwhile may fail after any of these.
pub(crate) fn extent(log: &dyn CommitLog) -> Result<(Revision, Vec<Revision>)> {
    Ok((log.oldest(), log.bases()?))
}

/// How often the newest state is made again at most, while other processes trim the log.
const TRIMS: usize = 100;

/// The state at the end of a log, and its place there; made from an older one, if one is known. A trim of another process
/// may remove what is being read: then the state is made again.
pub(crate) fn newest(log: &dyn CommitLog, mut older: Option<(State, Head)>) -> Result<(State, Head, Position)> {
    let mut trims = 0;
    loop {
        let before = extent(log)?;
        let (end, position) = log.end()?;
        let made = match older.take() {
            Some((state, at)) => newer_state(log, state, at, end),
            None => newest_state(log, end),
        };
        match made {
            Err(_) if trims < TRIMS && extent(log)? != before => trims += 1,
            made => return Ok((made?, end, position)),
        }
    }
}

/// The state at the end of a log, made from an older one. Where a trim has removed the entries between, it is made of a base.
fn newer_state(log: &dyn CommitLog, state: State, at: Head, end: Head) -> Result<State> {
    match state_after(log, state, at, end.revision) {
        Err(Error::Log(LogError::Trimmed { .. })) => newest_state(log, end),
        made => made.and_then(|(state, reached)| check_reached(state, reached, end)),
    }
}

/// The state at the end of a log.
pub(super) fn newest_state(log: &dyn CommitLog, head: Head) -> Result<State> {
    let (state, reached) = state_at(log, head.revision)?;
    check_reached(state, reached, head)
}

fn check_reached(state: State, reached: Head, end: Head) -> Result<State> {
    if reached == end {
        return Ok(state);
    }
    let why = format!("its entries lead to revision {}, it ends at {}", reached.revision, end.revision);
    Err(FormatError::new("log", why).into())
}

/// The newest base up to a revision that can be read, or the empty state where the log begins with that.
fn start(log: &dyn CommitLog, until: Revision) -> Result<(State, Head)> {
    let begin = log.oldest();
    let mut failed = None;
    for base in log.bases()?.into_iter().rev().filter(|base| (begin..=until).contains(base)) {
        match state_of_base(log, base) {
            Ok(start) => return Ok(start),
            Err(error) => drop(failed.get_or_insert(error)),
        }
    }
    match failed {
        _ if begin == 0 => Ok((State::empty(), Head::START)),
        Some(error) => Err(error),
        None => Err(LogError::Trimmed { asked: until, oldest: begin }.into()),
    }
}

/// Hands out the commits after a revision.
pub(crate) fn each_commit(
    log: &dyn CommitLog,
    after: Revision,
    each: &mut dyn FnMut(Head, Commit) -> Result<ControlFlow<()>>,
) -> Result<()> {
    let mut reader = CommitReader::default();
    let mut next = after + 1;
    log.scan(after, &mut |piece| {
        let Some(commit) = reader.add(&piece)? else { return Ok(ControlFlow::Continue(())) };
        if commit.revision != next {
            return Err(Error::Bug { what: format!("entry {next} was not read before entry {}", commit.revision) });
        }
        next += 1;
        each(piece.entry, commit)
    })
    .map(drop)
}
