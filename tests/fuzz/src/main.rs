//! Reads many texts and checks what has to hold for each: `fuzz-notice COUNT [SEED] [FILE]`. Arbitrary bytes, random
//! pieces of the language, and mutated stretches of FILE (a notice) take turns. Stops at the first text that fails and
//! prints it.

#[path = "../invariant.rs"]
mod invariant;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use invariant::{Mutator, check};

/// No short text may take longer.
const LONGEST: Duration = Duration::from_secs(2);

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some(count) = arguments.first().and_then(|count| count.parse::<u64>().ok()) else {
        eprintln!("usage: fuzz-notice COUNT [SEED] [FILE]");
        return ExitCode::FAILURE;
    };
    let seed = arguments.get(1).and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let notice = match arguments.get(2).map(std::fs::read_to_string) {
        Some(Ok(text)) => text,
        Some(Err(error)) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
        None => include_str!("../../../seeds/fujian-2016.txt").to_owned(),
    };
    let start = Instant::now();
    let mut mutator = Mutator::new(seed);
    let (mut bytes, mut slowest) = (0, Duration::ZERO);
    for turn in 0..count {
        let text = match turn % 8 {
            0 => mutator.bytes(200),
            7 => mutator.mutated(&notice),
            _ => mutator.pieces(32),
        };
        let begun = Instant::now();
        if catch_unwind(AssertUnwindSafe(|| check(&text))).is_err() || begun.elapsed() > LONGEST {
            eprintln!("text {turn} of seed {seed} fails after {:?}:\n{text:?}", begun.elapsed());
            return ExitCode::FAILURE;
        }
        slowest = slowest.max(begun.elapsed());
        bytes += text.len();
    }
    println!("{count} texts, {bytes} bytes, seed {seed}: all hold; {:?}, the slowest {slowest:?}", start.elapsed());
    ExitCode::SUCCESS
}
