//! Notices a call that doesn't come back, and pokes. Knows nothing of what is called.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle, Thread};
use std::time::Duration;

/// A thread that pokes when a call is under way and none has ended for a while. It sleeps while there are no calls.
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
    /// Pokes each time that `patience` passes without an end.
    pub(super) fn start(patience: Duration, poke: impl Fn() + Send + 'static) -> io::Result<Watch> {
        let calls = Arc::new(Calls::default());
        let watched = Arc::clone(&calls);
        let thread =
            thread::Builder::new().name("watch index".to_owned()).spawn(move || watched.watch(patience, poke))?;
        Ok(Watch { calls, thread: Some(thread) })
    }

    /// Makes a call under watch.
    pub(super) fn during<T>(&self, call: impl FnOnce() -> T) -> T {
        let _end = self.calls.begin(self.thread.as_ref().map(JoinHandle::thread));
        call()
    }

    /// Stops watching. False when the thread hangs in its own poke, and is left behind.
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

/// Counts the end of a call, also of one that panics.
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
