//! Two pieces of work in parallel, both at once or one that produces for the other; and a thread for calls that may
//! never return. Knows nothing of the work.
//!
//! Where no second thread can be started, two pieces of work are done on one.

use std::io;
use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, Sender, channel, sync_channel};
use std::thread;
use std::time::Duration;

/// How many pieces the producer of a pipe may be ahead of the consumer. Each is held in memory.
const AHEAD: usize = 8;

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

/// Produces pieces and consumes them in order, until either side fails. Returns the first error in the order of the
/// pieces. If the work is `worth` a thread, the producer runs on a second one.
pub(crate) fn pipe<T: Send, E: Send>(
    worth: bool,
    produce: impl Fn(&mut dyn FnMut(T)) -> Result<(), E> + Sync,
    mut consume: impl FnMut(T) -> Result<(), E>,
) -> Result<(), E> {
    if let Some(done) = worth.then(|| piped(&produce, &mut consume)).flatten() {
        return done;
    }
    let mut consumed = Ok(());
    let produced = produce(&mut |piece| {
        if consumed.is_ok() {
            consumed = consume(piece);
        }
    });
    consumed.and(produced)
}

/// A pipe on two threads; `None`, with nothing done, if no thread can be started.
fn piped<T: Send, E: Send>(
    produce: &(impl Fn(&mut dyn FnMut(T)) -> Result<(), E> + Sync),
    consume: &mut impl FnMut(T) -> Result<(), E>,
) -> Option<Result<(), E>> {
    thread::scope(|scope| {
        let (give, take) = sync_channel(AHEAD);
        // Sending fails after the consumer has failed. The rest is produced and dropped: the error is known by then.
        let producer = move || produce(&mut |piece| drop(give.send(piece)));
        let producer = thread::Builder::new().spawn_scoped(scope, producer).ok()?;
        let consumed = take.iter().try_for_each(consume);
        drop(take);
        let produced = producer.join().unwrap_or_else(|panic| resume_unwind(panic));
        Some(consumed.and(produced))
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
    fn all_that_is_produced_is_consumed_in_order_until_one_side_fails() {
        for worth in [false, true] {
            for (made, taken) in [(100, 100), (70, 100), (100, 30), (50, 50)] {
                let produce = |give: &mut dyn FnMut(u32)| {
                    (0..made).for_each(give);
                    if made < 100 { Err("produce") } else { Ok(()) }
                };
                let mut got = Vec::new();
                let consume = |n| {
                    got.push(n);
                    if n + 1 == taken { Err("consume") } else { Ok(()) }
                };
                let done = pipe(worth, produce, consume);
                assert!(got.iter().copied().eq(0..made.min(taken)));
                assert_eq!(done, if taken <= made { Err("consume") } else { Err("produce") });
            }
            let one = |give: &mut dyn FnMut(u32)| {
                give(1);
                Ok::<_, ()>(())
            };
            assert_eq!(pipe(worth, one, |_| Ok(())), Ok(()));
        }
    }

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
