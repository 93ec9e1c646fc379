//! What the leader of a group of commits does: plans all of them in order on the newest state, appends them in one call, makes
//! them durable with one sync, publishes them, and answers. Knows nothing of how a leader is found.

use std::iter;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use crate::commit_log::{Appended, Entry, Head};
use crate::model::{Conflict, Error, LogError, Result};
use crate::persist::At;
use crate::store::Directory;
use crate::view::View;

use super::failures::{copy_of, leaves_nothing, of_own};
use super::options::Durability;
use super::planned::Planned;
use super::shared::{Leading, Shared};

/// For how long a leader plans again while others are always first.
const CONTEST: Duration = Duration::from_secs(10);

impl Shared {
    /// Answers all callers that wait.
    pub(super) fn lead_group(&self, leader: &mut Leading<'_>) {
        if self.settings.durability == Durability::Synced && leader.is_shared() {
            gather(leader);
        }
        let group: Vec<_> = leader.take().to_vec();
        let mut failed: Vec<Option<Error>> = group.iter().map(|_| None).collect();
        let mut attempts = Vec::new();
        let since = group.iter().map(|ticket| ticket.question.since).min().unwrap_or_else(Instant::now);
        // Each of them has been checked otherwise; the leader before may have stopped the handle.
        let committed = self.check_goes_on().and_then(|()| {
            self.append_and_publish(since, |view, head| {
                let mut planned = Planned::new(view, head);
                attempts.clear();
                for (ticket, failed) in group.iter().zip(&mut failed) {
                    let effect = match failed {
                        Some(_) => None,
                        None => planned.add(&ticket.question, self.rules()).map_err(|error| *failed = Some(error)).ok(),
                    };
                    let effect = effect.flatten();
                    let is_new = effect.as_ref().is_some_and(|effect| !effect.is_empty());
                    attempts.push(planned.entries.last().filter(|_| is_new).map(Entry::head));
                    planned.effects.push(effect);
                }
                Ok(planned)
            })
        });
        match committed {
            Ok(planned) => {
                for ((ticket, effect), failed) in group.iter().zip(planned.effects).zip(failed) {
                    ticket.answer(failed.map_or(Ok(effect), Err));
                }
            }
            Err(error) => {
                let attempts = attempts.into_iter().chain(iter::repeat(None));
                for ((ticket, failed), attempt) in group.iter().zip(failed).zip(attempts) {
                    ticket.answer(Err(failed.unwrap_or_else(|| copy_of(&error, attempt))));
                }
            }
        }
    }

    /// For the leader, on behalf of callers that have waited since `start`: appends what `plan` makes of the newest state and
    /// its place in the log, makes it durable if the index is, and publishes it. Plans again if others were first.
    pub(super) fn append_and_publish(
        &self,
        start: Instant,
        mut plan: impl FnMut(View, Head) -> Result<Planned>,
    ) -> Result<Planned> {
        let mut tries = 0;
        loop {
            tries += 1;
            let (before, at) = (self.view(), self.at());
            let mut planned = plan(before.clone(), at.head)?;
            let Some(last) = planned.entries.last().map(Entry::head) else {
                if !planned.touched.is_empty() {
                    self.settle(&mut planned, at)?;
                }
                return Ok(planned);
            };
            match self.log.append_after(start.elapsed(), before.revision(), &planned.entries) {
                Ok(Appended::Done(position)) => {
                    planned.entries = Vec::new();
                    let settled = self.settle(&mut planned, At { head: last, position, ..at });
                    return settled.map(|()| planned).map_err(|error| of_own(error, last));
                }
                Ok(Appended::Behind(_)) if start.elapsed() < CONTEST => self.follow()?,
                Ok(Appended::Behind(_)) if self.log.is_shared() => {
                    return Err(Conflict::Busy { tries, waited: start.elapsed() }.into());
                }
                Ok(Appended::Behind(_)) => {
                    let path = self.directory.as_ref().map_or_else(PathBuf::new, Directory::log);
                    return Err(LogError::Busy { path, waited: CONTEST, process: None }.into());
                }
                Err(error) => {
                    if !leaves_nothing(&error) && !self.goes_on_after(&error) {
                        self.stop(&error);
                    }
                    return Err(of_own(error, last));
                }
            }
        }
    }

    /// Whether the next append tells how one with this error ended: so it is with a log that several machines share.
    fn goes_on_after(&self, error: &Error) -> bool {
        self.log.is_shared() && error.is_unknown()
    }

    /// Makes what was appended durable, and publishes it.
    fn settle(&self, planned: &mut Planned, at: At) -> Result<()> {
        if self.settings.durability == Durability::Synced || planned.sync {
            self.sync(at.head.revision)?;
        }
        planned.changes.iter().for_each(|changes| self.record(changes));
        self.advance(planned.view.clone(), at, std::mem::take(&mut planned.touched), planned.facts);
        Ok(())
    }
}

/// Yields until no more callers arrive, so that one sync covers more of them.
fn gather(leader: &Leading<'_>) {
    let mut before = leader.waiting();
    loop {
        thread::yield_now();
        match leader.waiting() {
            now if now == before => return,
            now => before = now,
        }
    }
}
