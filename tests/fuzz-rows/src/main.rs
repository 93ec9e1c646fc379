//! Mutated bytes without a fuzzer's help: `cargo run --release -- EXECUTIONS SEED`. Fails over the first panic, or when
//! the process has taken more than 256 MB.

use std::process::ExitCode;
use std::time::Instant;

use responsibility_index::testing::fuzz;

/// How many executions there are between two lines that say how far it is.
const STEP: u64 = 1_000_000;
const MOST_MEGABYTES: u64 = 256;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse::<u64>());
    let (Some(Ok(executions)), Some(Ok(seed))) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: fuzz-rows EXECUTIONS SEED");
        return ExitCode::FAILURE;
    };
    let began = Instant::now();
    let mut totals: Vec<(&str, u64)> = Vec::new();
    let mut done = 0;
    while done < executions {
        let now = STEP.min(executions - done);
        match fuzz::run(now, seed.wrapping_add(done)) {
            Err((name, bytes)) => {
                eprintln!("{name} panicked over {bytes:?} (seed {seed}, after {done} executions)");
                return ExitCode::FAILURE;
            }
            Ok(counts) if totals.is_empty() => totals = counts,
            Ok(counts) => totals.iter_mut().zip(counts).for_each(|(total, count)| total.1 += count.1),
        }
        done += now;
        println!("{done} executions, {totals:?}, {:?} MB, {:.0?}", megabytes(), began.elapsed());
    }
    if megabytes().is_some_and(|most| most > MOST_MEGABYTES) {
        eprintln!("the process has taken more than {MOST_MEGABYTES} MB");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// The most memory that the process has had, where the system tells.
fn megabytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse::<u64>().ok().map(|kilobytes| kilobytes / 1024)
}
