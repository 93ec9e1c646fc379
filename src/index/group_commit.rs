//! Group commit: callers put their requests into a queue. One caller at a time is the leader, and answers all that wait.
//! Knows nothing of the requests.

use std::sync::{Arc, PoisonError};

use super::sync::{Condvar, Mutex, MutexGuard};

/// What one caller wants, and the answer.
pub(super) struct Ticket<Q, A> {
    pub(super) question: Q,
    answer: Mutex<Option<A>>,
}

impl<Q, A> Ticket<Q, A> {
    pub(super) fn answer(&self, answer: A) {
        *lock(&self.answer) = Some(answer);
    }

    fn is_answered(&self) -> bool {
        lock(&self.answer).is_some()
    }
}

/// The tickets that wait, and who leads.
pub(super) struct Queue<Q, A> {
    state: Mutex<State<Q, A>>,
    ended: Condvar,
}

struct State<Q, A> {
    tickets: Vec<Arc<Ticket<Q, A>>>,
    /// Whether somebody leads.
    led: bool,
    /// The number of callers that wait for a leader to end.
    waiting: usize,
    /// The number of those of them who ask.
    asking: usize,
    /// Whether anybody who asks waited for the last leader to end.
    shared: bool,
}

/// The right to answer tickets and to change what all share. It ends when this is dropped, also by a panic.
pub(super) struct Leader<'q, Q, A> {
    queue: &'q Queue<Q, A>,
    taken: Vec<Arc<Ticket<Q, A>>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic in a holder left nothing half done.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<Q, A> Queue<Q, A> {
    pub(super) fn new() -> Queue<Q, A> {
        let state = State { tickets: Vec::new(), led: false, waiting: 0, asking: 0, shared: false };
        Queue { state: Mutex::new(state), ended: Condvar::new() }
    }

    /// Waits until nobody leads, and leads.
    pub(super) fn lead(&self) -> Leader<'_, Q, A> {
        let mut state = lock(&self.state);
        while state.led {
            state = self.wait(state);
        }
        state.led = true;
        Leader { queue: self, taken: Vec::new() }
    }

    /// Asks a question, and returns its answer: that of another caller who leads, or of `lead`, which answers all
    /// tickets that its leader takes. `None` if the leader ended without an answer.
    pub(super) fn ask(&self, question: Q, lead: impl FnOnce(&mut Leader<'_, Q, A>)) -> Option<A> {
        let ticket = Arc::new(Ticket { question, answer: Mutex::new(None) });
        let mut state = lock(&self.state);
        state.tickets.push(Arc::clone(&ticket));
        while state.led && !ticket.is_answered() {
            state.asking += 1;
            state = self.wait(state);
            state.asking -= 1;
        }
        let waits = state.tickets.iter().any(|other| Arc::ptr_eq(other, &ticket));
        if waits {
            state.led = true;
            drop(state);
            lead(&mut Leader { queue: self, taken: Vec::new() });
        } else {
            drop(state);
        }
        lock(&ticket.answer).take()
    }

    /// Whether somebody leads.
    pub(super) fn is_led(&self) -> bool {
        lock(&self.state).led
    }

    /// The number of callers that wait for a leader to end.
    #[cfg(any(test, feature = "testing"))]
    pub(super) fn waiting(&self) -> usize {
        lock(&self.state).waiting
    }

    fn wait<'s>(&'s self, mut state: MutexGuard<'s, State<Q, A>>) -> MutexGuard<'s, State<Q, A>> {
        state.waiting += 1;
        let mut state = self.ended.wait(state).unwrap_or_else(PoisonError::into_inner);
        state.waiting -= 1;
        state
    }
}

impl<Q, A> Leader<'_, Q, A> {
    /// Whether others are likely to come while it leads: some waited for the leader before it.
    pub(super) fn is_shared(&self) -> bool {
        lock(&self.queue.state).shared
    }

    /// The number of tickets that wait.
    pub(super) fn waiting(&self) -> usize {
        lock(&self.queue.state).tickets.len()
    }

    /// Takes all tickets that wait.
    pub(super) fn take(&mut self) -> &[Arc<Ticket<Q, A>>] {
        self.taken.append(&mut lock(&self.queue.state).tickets);
        &self.taken
    }
}

impl<Q, A> Drop for Leader<'_, Q, A> {
    fn drop(&mut self) {
        let waiting = {
            let mut state = lock(&self.queue.state);
            state.led = false;
            state.shared = state.asking > 0;
            state.waiting
        };
        // Waking is a system call, also when nobody waits.
        if waiting > 0 {
            self.queue.ended.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    const ASKERS: usize = 6;

    fn double(leader: &mut Leader<'_, usize, usize>) {
        leader.take().iter().for_each(|ticket| ticket.answer(2 * ticket.question));
    }

    /// Lets many ask while `first` leads. Returns how many of them led, and how many were answered.
    fn after(first: impl FnOnce(Leader<'_, usize, usize>)) -> (usize, usize) {
        let queue = Queue::new();
        let (led, answered, at_once) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
        thread::scope(|scope| {
            let leader = queue.lead();
            for question in 0..ASKERS {
                let (queue, led, answered, at_once) = (&queue, &led, &answered, &at_once);
                scope.spawn(move || {
                    let answer = queue.ask(question, |leader| {
                        assert_eq!(at_once.fetch_add(1, Ordering::SeqCst), 0, "one leads at a time");
                        led.fetch_add(1, Ordering::SeqCst);
                        double(leader);
                        at_once.fetch_sub(1, Ordering::SeqCst);
                    });
                    assert!(answer.is_none_or(|answer| answer == 2 * question));
                    answered.fetch_add(usize::from(answer.is_some()), Ordering::SeqCst);
                });
            }
            while lock(&queue.state).waiting < ASKERS {
                thread::yield_now();
            }
            first(leader);
        });
        drop(queue.lead());
        (led.into_inner(), answered.into_inner())
    }

    #[test]
    fn whoever_is_answered_does_not_lead() {
        assert_eq!(after(|mut leader| double(&mut leader)), (0, ASKERS));
    }

    #[test]
    fn one_of_those_who_wait_answers_all_when_the_leader_before_did_not_take_them() {
        assert_eq!(after(|leader| drop(leader)), (1, ASKERS));
    }

    #[test]
    fn nobody_waits_for_a_leader_that_panicked() {
        let panics = |leader: Leader<'_, usize, usize>, take: bool| {
            let panicked = catch_unwind(AssertUnwindSafe(move || {
                let mut leader = leader;
                if take {
                    leader.take();
                }
                panic!("as meant");
            }));
            assert!(panicked.is_err());
        };
        assert_eq!(after(|leader| panics(leader, false)), (1, ASKERS));
        assert_eq!(after(|leader| panics(leader, true)), (0, 0));
    }

    #[test]
    fn a_leader_after_one_that_others_waited_for_is_likely_to_be_shared() {
        let queue = Queue::<usize, usize>::new();
        assert!(!queue.lead().is_shared());
        thread::scope(|scope| {
            let leader = queue.lead();
            let waiter = scope.spawn(|| {
                let mut is_shared = false;
                queue.ask(1, |leader| is_shared = leader.is_shared());
                is_shared
            });
            while lock(&queue.state).waiting == 0 {
                thread::yield_now();
            }
            drop(leader);
            assert!(waiter.join().unwrap());
        });
        thread::scope(|scope| {
            let leader = queue.lead();
            let follows = scope.spawn(|| queue.lead().is_shared());
            while lock(&queue.state).waiting == 0 {
                thread::yield_now();
            }
            drop(leader);
            assert!(!follows.join().unwrap(), "it asks nothing");
        });
        assert!(!queue.lead().is_shared());
    }
}
