//! A process that has the index open and is stopped: others open the index, or are told which process holds a lock; and it
//! goes on when it may.

use std::time::{Duration, Instant};

use crate::child::Writing;
use crate::environment::{Extent, Home, Skipped, Tally, filled, quick, writes};
use crate::process::{Effect, Job};
use crate::steps::Size;

/// How long an opening may take: it waits 10 seconds for the append lock, if the process is stopped while it has that.
const BOUND: Duration = Duration::from_secs(30);

pub(crate) fn holder(extent: Extent) -> Result<Tally, Skipped> {
    let mut tally = Tally::default();
    let cycles: u64 = if extent == Extent::Full { 20 } else { 1 };
    for cycle in 0..cycles {
        let home = Home::new();
        let told = filled(&home.path(), 15, Size::SMALL);
        let mut process = writes(&home.path(), &Writing::new(1_000_000)).start().knowing(&told);
        assert!(process.wait_until(|told| told.acknowledged > 20 + cycle), "{:?}", process.told);
        process.signal("STOP");
        for read_only in [0, 1] {
            let began = Instant::now();
            let other = Job::new("open", &home.path()).number(read_only).run();
            let effect = other.effect(false).unwrap_or_else(|why| panic!("{why}: {other:?}"));
            if effect == Effect::Refused {
                assert!(other.told.errors[0].contains("is locked by process"), "{other:?}");
            }
            assert!(began.elapsed() < BOUND, "it took {:?}", began.elapsed());
            tally.count(effect);
        }
        process.listen(Duration::from_millis(20));
        let stopped_at = process.told.acknowledged;
        process.listen(Duration::from_millis(20));
        assert_eq!(process.told.acknowledged, stopped_at, "it is not stopped");
        process.signal("CONT");
        assert!(process.wait_until(|told| told.acknowledged > stopped_at + 5), "{:?}", process.told);
        process.signal("STOP");
        process.signal("KILL");
        let ended = process.end();
        tally.take("a holder that was stopped, and killed later", &ended, true, &home.path(), Size::SMALL);
    }
    Ok(tally.has_harmed())
}

#[test]
fn others_open_the_index_while_a_process_that_has_it_is_stopped_and_it_goes_on_when_it_may() {
    quick(holder);
}
