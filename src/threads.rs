//! Two pieces of work in parallel: both at once, or one that produces for the other. Knows nothing of the work.
//!
//! Where no thread can be started, the same work is done on one.

use std::panic::resume_unwind;
use std::sync::mpsc::sync_channel;
use std::thread;

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
}
