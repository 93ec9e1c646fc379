//! A thread that notices calls that do not return, and then calls a function that may end them. Knows nothing of what
//! is called.
//!
//! Input: the begin and the end of each call. Whenever `patience` passes with a call under way and none begun or ended,
//! the thread pokes: it calls the function. While no call is under way it is parked, so a call costs two atomic
//! additions and one swap. All atomics are `SeqCst`: a call that begins while the thread decides to park either sees
//! `asleep` and wakes it, or is seen by it.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle, Thread};
use std::time::Duration;

/// A thread that watches calls, until it is stopped.
pub(super) struct Watch {
    calls: Arc<Calls>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Calls {
    begun: AtomicU64,
    ended: AtomicU64,
    asleep: AtomicBool,
    closing: AtomicBool,
}

impl Watch {
    /// Starts the thread. It calls `poke` each time that `patience` passes while a call does not return.
    pub(super) fn start(patience: Duration, poke: impl Fn() + Send + 'static) -> io::Result<Watch> {
        let calls = Arc::new(Calls::default());
        let watched = Arc::clone(&calls);
        let thread =
            thread::Builder::new().name("watch index".to_owned()).spawn(move || watched.watch(patience, poke))?;
        Ok(Watch { calls, thread: Some(thread) })
    }

    /// Makes a watched call.
    pub(super) fn during<T>(&self, call: impl FnOnce() -> T) -> T {
        let _end = self.calls.begin(self.thread.as_ref().map(JoinHandle::thread));
        call()
    }

    /// Stops the thread, waiting for at most `patience`. False if it did not end, since its own call of `poke` hangs; it
    /// is then abandoned.
    pub(super) fn stop(&mut self, patience: Duration) -> bool {
        let Some(thread) = self.thread.take() else { return true };
        self.calls.closing.store(true, Ordering::SeqCst);
        thread.thread().unpark();
        for _ in 0..100 {
            if thread.is_finished() {
                return thread.join().is_ok();
            }
            thread::sleep(patience / 100);
        }
        false
    }
}

/// Counts the end of a call when dropped, also of a call that panics.
struct End<'c>(&'c Calls);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.ended.fetch_add(1, Ordering::SeqCst);
    }
}

impl Calls {
    fn begin(&self, thread: Option<&Thread>) -> End<'_> {
        self.begun.fetch_add(1, Ordering::SeqCst);
        if self.asleep.swap(false, Ordering::SeqCst)
            && let Some(thread) = thread
        {
            thread.unpark();
        }
        End(self)
    }

    fn watch(&self, patience: Duration, poke: impl Fn()) {
        let mut before = (0, 0);
        while !self.closing.load(Ordering::SeqCst) {
            let ended = self.ended.load(Ordering::SeqCst);
            let begun = self.begun.load(Ordering::SeqCst);
            if begun > ended && before == (begun, ended) {
                poke();
            }
            if begun > ended || before != (begun, ended) {
                before = (begun, ended);
                thread::park_timeout(patience);
                continue;
            }
            self.asleep.store(true, Ordering::SeqCst);
            if self.begun.load(Ordering::SeqCst) == begun && !self.closing.load(Ordering::SeqCst) {
                thread::park();
            }
            self.asleep.store(false, Ordering::SeqCst);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;
    use std::time::Instant;

    const PATIENCE: Duration = Duration::from_millis(20);

    #[test]
    fn a_call_that_hangs_is_poked_until_it_ends() {
        let (poke, poked) = mpsc::channel();
        let mut watch = Watch::start(PATIENCE, move || poke.send(()).unwrap_or_default()).unwrap();
        for _ in 0..3 {
            watch.during(|| poked.recv_timeout(Duration::from_secs(10)).unwrap());
            while poked.try_recv().is_ok() {}
            // Asleep by then.
            thread::sleep(PATIENCE * 5);
        }
        assert!(watch.stop(Duration::from_secs(10)));
    }

    #[test]
    fn calls_that_come_and_go_are_left_alone() {
        let (poke, poked) = mpsc::channel();
        let mut watch = Watch::start(Duration::from_secs(100), move || poke.send(()).unwrap_or_default()).unwrap();
        (0..1_000).for_each(|_| watch.during(|| {}));
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| watch.during(|| panic!("as meant"))));
        assert!(panicked.is_err());
        let began = Instant::now();
        assert!(watch.stop(Duration::from_secs(10)), "it does not wait for its patience to end");
        assert!(began.elapsed() < Duration::from_secs(10) && poked.try_recv().is_err());
    }
}
