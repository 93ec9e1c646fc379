//! Reads many texts and checks what has to hold for each: `fuzz-notice COUNT [SEED] [FILE]`. Arbitrary bytes, random
//! pieces of the language, lines of cells, and mutated stretches of FILE (a notice) take turns. Stops at the first text
//! that fails and prints it. `fuzz-notice hostile BYTES` times texts that are made to be slow.

#[path = "../invariant.rs"]
mod invariant;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use invariant::{Mutator, check};
use responsibility_index::notice::Notice;

/// No short text may take longer.
const LONGEST: Duration = Duration::from_secs(2);

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [mode, bytes] = arguments.as_slice()
        && mode == "hostile"
    {
        return hostile(bytes.parse().unwrap_or(100_000));
    }
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
            6 => mutator.lines(20),
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

/// Nanoseconds a byte for each text and for one four times as long: about the same when time is in proportion.
fn hostile(bytes: usize) -> ExitCode {
    let cost = |text: &str| {
        let begun = Instant::now();
        let notice = Notice::read(text);
        let cost = begun.elapsed().as_nanos() / text.len().max(1) as u128;
        (cost, notice.tasks().len(), notice.findings().len())
    };
    for (short, long) in invariant::hostile(bytes).iter().zip(invariant::hostile(4 * bytes)) {
        let (a, b) = (cost(short), cost(&long));
        let start: String = short.chars().take(12).collect();
        println!("{:>6} {:>6} ns a byte  {:>7} tasks {:>7} findings  {start:?}", a.0, b.0, b.1, b.2);
    }
    ExitCode::SUCCESS
}
