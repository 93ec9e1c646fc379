//! Two pieces of work in parallel, and a thread for calls that may never return. Knows nothing of the work.
//!
//! Where no second thread can be started, two pieces of work are done on one.

use std::io;
use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, Sender, channel, sync_channel};
use std::thread;
use std::time::Duration;

/// Runs two functions and returns their results. If the work is `worth` a thread, `a` runs on a second one.
pub(crate) fn both<A: Send, B>(worth: bool, a: impl Fn() -> A + Sync, b: impl FnOnce() -> B) -> (A, B) {
    if !worth {
        return (a(), b());
    }
    thread::scope(|scope| {
        let second = thread::Builder::new().spawn_scoped(scope, &a);
        let b = b();
        let a = match second {
            Ok(second) => second.join().unwrap_or_else(|panic| resume_unwind(panic)),
            Err(_) => a(),
        };
        (a, b)
    })
}

type Job<T> = Box<dyn FnOnce(&mut T) + Send>;

/// A thread that owns a value and does one job after the other with it. Whoever waits for a job waits for a bounded
/// time: a thread that hangs is left behind. It ends, and drops the value, when the worker is dropped.
pub(crate) struct Worker<T> {
    jobs: Sender<Job<T>>,
}

/// A job that a worker does or will do.
pub(crate) struct Pending<R>(Receiver<R>);

impl<R> Pending<R> {
    /// The result; `None` if it does not come in time, or the job panicked.
    pub(crate) fn wait(self, patience: Duration) -> Option<R> {
        self.0.recv_timeout(patience).ok()
    }
}

impl<T: Send + 'static> Worker<T> {
    pub(crate) fn start(name: &str, mut value: T) -> io::Result<Worker<T>> {
        let (jobs, queue) = channel::<Job<T>>();
        let work = move || queue.into_iter().for_each(|job| job(&mut value));
        thread::Builder::new().name(name.to_owned()).spawn(work)?;
        Ok(Worker { jobs })
    }

    /// Gives the thread a job.
    pub(crate) fn begin<R: Send + 'static>(&self, job: impl FnOnce(&mut T) -> R + Send + 'static) -> Pending<R> {
        let (give, take) = sync_channel(1);
        // Where nobody waits any more, nobody needs the result; where the thread has ended, waiting ends at once.
        let job = move |value: &mut T| drop(give.send(job(value)));
        drop(self.jobs.send(Box::new(job)));
        Pending(take)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_are_done_on_one_thread_or_two() {
        for worth in [false, true] {
            let numbers: Vec<u32> = (0..100).collect();
            let (sum, len) = both(worth, || numbers.iter().sum::<u32>(), || numbers.len());
            assert_eq!((sum, len), (4_950, 100));
        }
    }

    #[test]
    fn a_worker_does_its_jobs_in_order_and_nobody_waits_for_one_that_hangs() {
        let worker = Worker::start("test", Vec::new()).unwrap();
        let first = worker.begin(|done: &mut Vec<u32>| done.push(1));
        let second = worker.begin(|done| {
            done.push(2);
            done.clone()
        });
        assert_eq!(second.wait(Duration::from_secs(10)), Some(vec![1, 2]));
        assert_eq!(first.wait(Duration::from_secs(10)), Some(()));
        let (end, hang) = channel::<()>();
        let hanging = worker.begin(move |_| hang.recv());
        assert!(hanging.wait(Duration::from_millis(10)).is_none());
        drop(end);
        assert_eq!(worker.begin(|done| done.len()).wait(Duration::from_secs(10)), Some(2));
    }
}
