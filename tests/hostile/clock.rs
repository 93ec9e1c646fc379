//! A clock of the day that is before 1970, runs back, or is far ahead. The shim answers for it.

use std::process::Command;

use crate::child::Writing;
use crate::compiled::compiled;
use crate::environment::{Extent, Home, Skipped, Tally, filled, quick, writes};
use crate::process::{Effect, SHIM, Told};
use crate::steps::Size;

/// The second that the first reading says, and how many seconds later each further one is.
const CLOCKS: [(i64, i64); 7] = [
    (-86_400, 1),
    (20, -1),
    (1_700_000_000, -3_600),
    (0, 0),
    (-1 << 40, 1),
    (1 << 40, 1),
    (1_700_000_000, 86_400 * 365),
];

pub(crate) fn wrong(extent: Extent) -> Result<Tally, Skipped> {
    shim_answers();
    let mut tally = Tally::default();
    let clocks = if extent == Extent::Full { &CLOCKS[..] } else { &CLOCKS[..3] };
    for (at, step) in clocks {
        for has_commits in [false, true] {
            if extent == Extent::Quick && !has_commits {
                continue;
            }
            let home = Home::new();
            let told = if has_commits { filled(&home.path(), 15, Size::SMALL) } else { Told::default() };
            let writing = Writing::new(60);
            let job = writes(&home.path(), &writing).under_shim();
            let ended = job.with("SHIM_CLOCK", format!("{at}:{step}")).start().knowing(&told).end();
            let what = format!("a clock that begins at {at} and goes by {step}");
            let effect = ended.effect(false);
            assert!(matches!(effect, Ok(Effect::None | Effect::Refused)), "{what}: {effect:?}");
            assert_eq!(ended.told.acknowledged, told.acknowledged + writing.commits, "{what}: {ended:?}");
            tally.take(&what, &ended, false, &home.path(), writing.size);
        }
    }
    Ok(tally)
}

/// Otherwise nothing would be tested here.
fn shim_answers() {
    let date =
        Command::new("date").arg("+%s").env("LD_PRELOAD", compiled(SHIM)).env("SHIM_CLOCK", "1000000:5").output();
    let Ok(date) = date else { return };
    let said: i64 = String::from_utf8_lossy(&date.stdout).trim().parse().unwrap();
    assert!((1_000_000..1_000_100).contains(&said), "the clock says {said}");
}

#[test]
fn a_clock_before_1970_or_one_that_runs_back_refuses_no_commit() {
    quick(wrong);
}
