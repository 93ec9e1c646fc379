//! The thread that watches a shared log for a copy, and whoever waits for it.
//!
//! The thread holds the copy only while it puts something into it, so a handle that is dropped ends it, within seconds.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use super::fetch::{Put, fetch, put, told};
use super::shared_log::SharedLog;
use super::values::Stored;
use crate::commit_log::entry::EntryId;
use crate::commit_log::file_log::FileLog;
use crate::model::Result;

/// How long the thread rests after a failure.
const REST: Duration = Duration::from_millis(500);

/// How often a machine tries to trim at most.
const BETWEEN_TRIMS: Duration = Duration::from_secs(30);

/// What the thread and the handle share.
pub(super) struct News {
    state: Mutex<State>,
    woken: Condvar,
}

#[derive(Default)]
struct State {
    /// How often there was news.
    count: u64,
    /// When the servers were last asked for the newest entry, and answered.
    heard: Option<Instant>,
    /// The last entry of an append of this handle that is under way: whoever appends puts it into the copy.
    own: Option<EntryId>,
    /// When this machine has last tried to trim.
    kept: Option<Instant>,
    is_followed: bool,
    is_closed: bool,
}

impl News {
    pub(super) fn new() -> News {
        News { state: Mutex::default(), woken: Condvar::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic in a holder left nothing half done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that the copy had everything at this time.
    pub(super) fn heard(&self, at: Instant) {
        let mut state = self.state();
        state.heard = state.heard.max(Some(at));
    }

    /// Notes the append of this handle that is under way.
    pub(super) fn appends(&self, last: Option<EntryId>) {
        self.state().own = last;
    }

    pub(super) fn last_heard(&self) -> Option<Instant> {
        self.state().heard
    }

    /// Whether this machine did not try to trim lately. From then on it did.
    pub(super) fn is_time_to_keep(&self) -> bool {
        let mut state = self.state();
        let is_time = state.kept.is_none_or(|at| at.elapsed() > BETWEEN_TRIMS);
        if is_time {
            state.kept = Some(Instant::now());
        }
        is_time
    }

    /// Wakes whoever waits.
    pub(super) fn tell(&self) {
        self.state().count += 1;
        self.woken.notify_all();
    }

    pub(super) fn count(&self) -> u64 {
        self.state().count
    }

    /// Waits until there was more news than this, or so long.
    pub(super) fn wait(&self, seen: u64, patience: Duration) {
        let waits = |state: &mut State| state.count == seen && !state.is_closed;
        drop(self.woken.wait_timeout_while(self.state(), patience, waits));
    }

    pub(super) fn is_closed(&self) -> bool {
        self.state().is_closed
    }

    pub(super) fn close(&self) {
        self.state().is_closed = true;
        self.woken.notify_all();
    }

    /// Starts the thread, if it was not started. Where none can be started, the head is read once per second all the same.
    pub(super) fn follow(self: &Arc<News>, shared: &Arc<SharedLog>, copy: &Arc<FileLog>) {
        {
            let mut state = self.state();
            if state.is_followed {
                return;
            }
            state.is_followed = true;
        }
        let (news, shared, copy) = (Arc::clone(self), Arc::clone(shared), Arc::downgrade(copy));
        let _ = thread::Builder::new().name("etcd".to_owned()).spawn(move || news.run(&shared, &copy));
    }

    fn run(&self, shared: &SharedLog, copy: &Weak<FileLog>) {
        while !self.is_closed() {
            let Some(held) = copy.upgrade() else { return };
            let fetched = fetch(shared, &held, Duration::ZERO);
            drop(held);
            let watched = fetched.and_then(|fetched| {
                self.heard(fetched.asked);
                self.tell();
                shared.watch(fetched.at + 1, &mut |appends| self.take(copy, appends))
            });
            if watched.is_err() && !self.is_closed() {
                let state = self.state();
                drop(self.woken.wait_timeout_while(state, REST, |state| !state.is_closed));
            }
        }
    }

    /// Puts news into the copy. False if the log must be read: something is missing, or is not told.
    fn take(&self, copy: &Weak<FileLog>, appends: Vec<Stored>) -> bool {
        if self.is_closed() {
            return false;
        }
        if appends.is_empty() {
            return true;
        }
        let own = self.state().own;
        if let ([append], Some(own)) = (&appends[..], own)
            && append.is(own)
        {
            // Two threads that put it there would wait for each other. Should the append fail, what follows shows a gap.
            return true;
        }
        let Some(held) = copy.upgrade() else { return false };
        let mut puts = appends.into_iter().map(|append| match told(append) {
            Some(entries) => put(&held, entries),
            None => Ok(Put::Gap),
        });
        let all: Result<bool> = puts.try_fold(true, |all, put| Ok(all && put? != Put::Gap));
        drop(puts);
        self.tell();
        all.is_ok_and(|all| all)
    }
}
