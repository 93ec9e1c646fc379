//! Group commit: one caller at a time makes commits durable and publishes them, while the others wait for the result.
//! Knows nothing of how that is done.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::id::Revision;

/// Makes one caller after the other the leader.
pub(super) struct Queue {
    state: Mutex<State>,
    ended: Condvar,
}

struct State {
    /// The newest revision that is settled: durable, if the index is, and published.
    settled: Revision,
    /// Whether somebody leads.
    led: bool,
    /// The number of callers that wait for a leader to end.
    waiting: usize,
    /// Whether anybody waited for the last leader to end.
    shared: bool,
}

/// The right to make commits durable and to publish them. It ends when this is dropped, also by a panic.
pub(super) struct Leader<'q>(&'q Queue);

impl Queue {
    pub(super) fn new(settled: Revision) -> Queue {
        Queue { state: Mutex::new(State { settled, led: false, waiting: 0, shared: false }), ended: Condvar::new() }
    }

    /// Waits until nobody leads, and leads.
    pub(super) fn lead(&self) -> Leader<'_> {
        let mut state = self.state();
        while state.led {
            state = self.wait(state);
        }
        state.led = true;
        Leader(self)
    }

    /// The same, or `None` as soon as a revision is settled by another leader.
    pub(super) fn lead_unless_settled(&self, revision: Revision) -> Option<Leader<'_>> {
        let mut state = self.state();
        while state.settled < revision {
            if !state.led {
                state.led = true;
                return Some(Leader(self));
            }
            state = self.wait(state);
        }
        None
    }

    fn wait<'s>(&'s self, mut state: MutexGuard<'s, State>) -> MutexGuard<'s, State> {
        state.waiting += 1;
        let mut state = self.ended.wait(state).unwrap_or_else(PoisonError::into_inner);
        state.waiting -= 1;
        state
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Leader<'_> {
    /// Whether others are likely to come while it leads: some waited for the leader before it.
    pub(super) fn is_shared(&self) -> bool {
        self.0.state().shared
    }

    /// Records that everything up to a revision is settled.
    pub(super) fn settle(&self, revision: Revision) {
        self.0.state().settled = revision;
    }
}

impl Drop for Leader<'_> {
    fn drop(&mut self) {
        let waiting = {
            let mut state = self.0.state();
            state.led = false;
            state.shared = state.waiting > 0;
            state.waiting
        };
        // Waking is a system call, also when nobody waits.
        if waiting > 0 {
            self.0.ended.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    const WAITERS: usize = 6;

    /// Lets many wait for a revision while `first` leads. Returns how many of them led.
    fn leaders_after(revision: Revision, first: impl FnOnce(Leader<'_>)) -> usize {
        let queue = Queue::new(0);
        let (had, at_once) = (AtomicUsize::new(0), AtomicUsize::new(0));
        thread::scope(|scope| {
            let leader = queue.lead();
            for _ in 0..WAITERS {
                scope.spawn(|| {
                    if let Some(leader) = queue.lead_unless_settled(revision) {
                        assert_eq!(at_once.fetch_add(1, Ordering::SeqCst), 0, "one leads at a time");
                        had.fetch_add(1, Ordering::SeqCst);
                        thread::yield_now();
                        at_once.fetch_sub(1, Ordering::SeqCst);
                        drop(leader);
                    }
                });
            }
            while queue.state().waiting < WAITERS {
                thread::yield_now();
            }
            first(leader);
        });
        drop(queue.lead());
        had.into_inner()
    }

    #[test]
    fn whoever_waits_for_a_revision_that_a_leader_settles_does_not_lead() {
        assert_eq!(leaders_after(5, |leader| leader.settle(5)), 0);
        assert_eq!(leaders_after(5, |leader| leader.settle(7)), 0);
    }

    #[test]
    fn whoever_waits_for_more_than_a_leader_settles_leads() {
        assert_eq!(leaders_after(5, |leader| leader.settle(4)), WAITERS);
        assert_eq!(leaders_after(5, |leader| drop(leader)), WAITERS);
    }

    #[test]
    fn a_leader_after_one_that_others_waited_for_is_likely_to_be_shared() {
        let queue = Queue::new(0);
        assert!(!queue.lead().is_shared());
        thread::scope(|scope| {
            let leader = queue.lead();
            let waiter = scope.spawn(|| queue.lead().is_shared());
            while queue.state().waiting == 0 {
                thread::yield_now();
            }
            drop(leader);
            assert!(waiter.join().unwrap());
        });
        assert!(!queue.lead().is_shared());
    }

    #[test]
    fn nobody_waits_for_a_leader_that_panicked() {
        let panics = |leader: Leader<'_>| {
            let panicked = catch_unwind(AssertUnwindSafe(move || {
                let _leader = leader;
                panic!("as meant");
            }));
            assert!(panicked.is_err());
        };
        assert_eq!(leaders_after(5, panics), WAITERS);
    }
}
