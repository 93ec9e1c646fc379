//! Two pieces of work beside each other. Knows nothing of what they are.

use std::panic::resume_unwind;
use std::sync::mpsc::sync_channel;
use std::thread;

/// How many pieces one side of a pipe may be ahead of the other.
const AHEAD: usize = 8;

/// Runs both and returns what they made: on two threads if that is `worth` starting one, and one can be had.
pub(crate) fn both<A: Send, B>(worth: bool, a: impl Fn() -> A + Sync, b: impl FnOnce() -> B) -> (A, B) {
    if !worth {
        return (a(), b());
    }
    thread::scope(|scope| {
        let beside = thread::Builder::new().spawn_scoped(scope, &a);
        let b = b();
        let a = match beside {
            Ok(beside) => beside.join().unwrap_or_else(|panic| resume_unwind(panic)),
            Err(_) => a(),
        };
        (a, b)
    })
}

/// Consumes what is produced, in order, until either fails: on two threads if that is `worth` starting one, and one
/// can be had. The first failure is returned, in the order of the pieces.
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

/// None when there is no thread to be had; nothing is done then.
fn piped<T: Send, E: Send>(
    produce: &(impl Fn(&mut dyn FnMut(T)) -> Result<(), E> + Sync),
    consume: &mut impl FnMut(T) -> Result<(), E>,
) -> Option<Result<(), E>> {
    thread::scope(|scope| {
        let (give, take) = sync_channel(AHEAD);
        // Nobody takes any more after a failure; what is left to produce then goes nowhere.
        let beside = move || produce(&mut |piece| drop(give.send(piece)));
        let beside = thread::Builder::new().spawn_scoped(scope, beside).ok()?;
        let consumed = take.iter().try_for_each(consume);
        drop(take);
        let produced = beside.join().unwrap_or_else(|panic| resume_unwind(panic));
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
