//! Two pieces of work beside each other. Knows nothing of what they are.

use std::panic::resume_unwind;
use std::thread;

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
}
