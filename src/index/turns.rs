//! Who makes commits durable and publishes them: one at a time, while the others wait for what that brings. Knows
//! nothing of how it is done.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::id::Revision;

/// Hands out turns, one at a time.
pub(super) struct Turns {
    state: Mutex<State>,
    ended: Condvar,
}

struct State {
    /// The newest revision that is settled.
    settled: Revision,
    taken: bool,
    /// How many wait for a turn to end.
    waiting: usize,
    /// Whether anybody waited for the last one to end.
    shared: bool,
}

/// The right to make commits durable and to publish them. It ends when this is dropped, also by a panic.
pub(super) struct Turn<'t>(&'t Turns);

impl Turns {
    pub(super) fn new(settled: Revision) -> Turns {
        Turns { state: Mutex::new(State { settled, taken: false, waiting: 0, shared: false }), ended: Condvar::new() }
    }

    /// A turn, as soon as nobody has one.
    pub(super) fn take(&self) -> Turn<'_> {
        let mut state = self.state();
        while state.taken {
            state = self.wait(state);
        }
        state.taken = true;
        Turn(self)
    }

    /// The same, unless a revision is settled or the turn of another settles it: whoever waits at the same time
    /// shares that turn.
    pub(super) fn take_unless_settled(&self, revision: Revision) -> Option<Turn<'_>> {
        let mut state = self.state();
        while state.settled < revision {
            if !state.taken {
                state.taken = true;
                return Some(Turn(self));
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

impl Turn<'_> {
    /// Whether others are likely to come while it lasts: some waited for the one before it to end.
    pub(super) fn is_shared(&self) -> bool {
        self.0.state().shared
    }

    /// Says that everything up to a revision is settled.
    pub(super) fn settle(&self, revision: Revision) {
        self.0.state().settled = revision;
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let waiting = {
            let mut state = self.0.state();
            state.taken = false;
            state.shared = state.waiting > 0;
            state.waiting
        };
        // Waking is a call of the system, also when nobody is there to wake.
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

    /// Lets many wait for a revision in the turn that `first` ends. Gives how many of them had a turn of their own.
    fn turns_after(revision: Revision, first: impl FnOnce(Turn<'_>)) -> usize {
        let turns = Turns::new(0);
        let (had, at_once) = (AtomicUsize::new(0), AtomicUsize::new(0));
        thread::scope(|scope| {
            let turn = turns.take();
            for _ in 0..WAITERS {
                scope.spawn(|| {
                    if let Some(turn) = turns.take_unless_settled(revision) {
                        assert_eq!(at_once.fetch_add(1, Ordering::SeqCst), 0, "one has a turn at a time");
                        had.fetch_add(1, Ordering::SeqCst);
                        thread::yield_now();
                        at_once.fetch_sub(1, Ordering::SeqCst);
                        drop(turn);
                    }
                });
            }
            while turns.state().waiting < WAITERS {
                thread::yield_now();
            }
            first(turn);
        });
        drop(turns.take());
        had.into_inner()
    }

    #[test]
    fn whoever_waits_for_what_a_turn_settles_needs_none() {
        assert_eq!(turns_after(5, |turn| turn.settle(5)), 0);
        assert_eq!(turns_after(5, |turn| turn.settle(7)), 0);
    }

    #[test]
    fn whoever_waits_for_more_than_a_turn_settles_has_one() {
        assert_eq!(turns_after(5, |turn| turn.settle(4)), WAITERS);
        assert_eq!(turns_after(5, |turn| drop(turn)), WAITERS);
    }

    #[test]
    fn a_turn_after_one_that_others_waited_for_is_likely_to_be_shared() {
        let turns = Turns::new(0);
        assert!(!turns.take().is_shared());
        thread::scope(|scope| {
            let turn = turns.take();
            let waiter = scope.spawn(|| turns.take().is_shared());
            while turns.state().waiting == 0 {
                thread::yield_now();
            }
            drop(turn);
            assert!(waiter.join().unwrap());
        });
        assert!(!turns.take().is_shared());
    }

    #[test]
    fn nobody_waits_for_a_turn_that_ended_in_a_panic() {
        let panics = |turn: Turn<'_>| {
            let panicked = catch_unwind(AssertUnwindSafe(move || {
                let _turn = turn;
                panic!("as meant");
            }));
            assert!(panicked.is_err());
        };
        assert_eq!(turns_after(5, panics), WAITERS);
    }
}
