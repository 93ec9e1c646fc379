//! The newest view, and who waits for a newer one. Knows nothing of how commits are made.
//!
//! Invariant: a thread or a future that waits for a revision is woken after that revision is published. A publisher first
//! stores the revision and then looks whether anybody waits; a waiter first says that it waits and then looks at the
//! revision, so one of both sees the other.
//! Cost: a publisher wakes one thread; each woken thread wakes the next one. Where nobody waits, publishing costs one store
//! and one load more.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;

use crate::id::Revision;
use crate::view::{Snapshot, View};

/// The newest view of an index. See the head of this file.
pub(crate) struct Published {
    newest: ArcSwap<Snapshot>,
    revision: AtomicU64,
    /// The number of threads and futures that wait.
    waiting: AtomicUsize,
    waiters: Mutex<Waiters>,
    wake: Condvar,
}

#[derive(Default)]
struct Waiters {
    /// Counts what was published while somebody waited.
    generation: u64,
    threads: usize,
    /// The threads that have not seen the newest generation.
    behind: usize,
    next_future: u64,
    futures: BTreeMap<u64, Waker>,
}

impl Published {
    pub(crate) fn new(view: View) -> Published {
        let (revision, newest) = (AtomicU64::new(view.revision()), ArcSwap::new(view.into_inner()));
        Published { newest, revision, waiting: AtomicUsize::new(0), waiters: Mutex::default(), wake: Condvar::new() }
    }

    pub(crate) fn view(&self) -> View {
        View::from_inner(self.newest.load_full())
    }

    pub(crate) fn revision(&self) -> Revision {
        self.revision.load(Ordering::SeqCst)
    }

    /// Publishes a newer view, and returns the one before. Who waits for it is woken by [`wake`](Published::wake).
    pub(crate) fn publish(&self, view: View) -> View {
        let revision = view.revision();
        let before = self.newest.swap(view.into_inner());
        self.revision.store(revision, Ordering::SeqCst);
        View::from_inner(before)
    }

    /// Wakes who waits. The threads that are woken compete with the one that calls, so this is the last thing it does.
    pub(crate) fn wake(&self) {
        if self.waiting.load(Ordering::SeqCst) > 0 {
            let futures = {
                let mut waiters = self.waiters();
                waiters.generation += 1;
                waiters.behind = waiters.threads;
                if waiters.behind > 0 {
                    self.wake.notify_one();
                }
                std::mem::take(&mut waiters.futures)
            };
            self.waiting.fetch_sub(futures.len(), Ordering::SeqCst);
            futures.into_values().for_each(Waker::wake);
        }
    }

    fn waiters(&self) -> MutexGuard<'_, Waiters> {
        // A panic in a holder left nothing half done.
        self.waiters.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until a revision above `after` is published, or for so long.
    pub(crate) fn wait(&self, after: Revision, patience: Duration) {
        let start = Instant::now();
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let mut waiters = self.waiters();
        waiters.threads += 1;
        let mut seen = waiters.generation;
        while self.revision() <= after {
            let Some(left) = patience.checked_sub(start.elapsed()).filter(|left| !left.is_zero()) else { break };
            (waiters, _) = self.wake.wait_timeout(waiters, left).unwrap_or_else(PoisonError::into_inner);
            if seen != waiters.generation {
                seen = waiters.generation;
                waiters.behind = waiters.behind.saturating_sub(1);
            }
            if waiters.behind > 0 {
                self.wake.notify_one();
            }
        }
        if seen != waiters.generation {
            waiters.behind = waiters.behind.saturating_sub(1);
        }
        waiters.threads -= 1;
        drop(waiters);
        self.waiting.fetch_sub(1, Ordering::SeqCst);
    }

    /// Registers a future under its number, or under a new one. Returns the number; `None` if a revision above `after` was
    /// published.
    fn register(&self, number: Option<u64>, after: Revision, waker: &Waker) -> Option<u64> {
        let mut waiters = self.waiters();
        let number = number.unwrap_or(waiters.next_future);
        waiters.next_future = waiters.next_future.max(number + 1);
        if waiters.futures.insert(number, waker.clone()).is_none() {
            self.waiting.fetch_add(1, Ordering::SeqCst);
        }
        if self.revision() <= after {
            return Some(number);
        }
        self.forget(&mut waiters, number);
        None
    }

    fn forget(&self, waiters: &mut Waiters, number: u64) {
        if waiters.futures.remove(&number).is_some() {
            self.waiting.fetch_sub(1, Ordering::SeqCst);
        }
    }
}

/// A future that is ready when the index has a revision above a given one, with the newest revision. It needs no runtime.
/// Made by [`Index::changed`](crate::Index::changed).
#[must_use = "a future does nothing until it is polled"]
pub struct Changed {
    published: Arc<Published>,
    after: Revision,
    number: Option<u64>,
}

impl Changed {
    pub(crate) fn new(published: Arc<Published>, after: Revision) -> Changed {
        Changed { published, after, number: None }
    }
}

impl Future for Changed {
    type Output = Revision;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Revision> {
        let newest = self.published.revision();
        if newest > self.after {
            return Poll::Ready(newest);
        }
        self.number = self.published.register(self.number, self.after, context.waker());
        if self.number.is_some() { Poll::Pending } else { Poll::Ready(self.published.revision()) }
    }
}

impl Drop for Changed {
    fn drop(&mut self) {
        if let Some(number) = self.number {
            self.published.forget(&mut self.published.waiters(), number);
        }
    }
}

impl std::fmt::Debug for Changed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Changed").field("after", &self.after).finish_non_exhaustive()
    }
}
