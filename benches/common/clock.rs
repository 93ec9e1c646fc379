//! Measures the time that calls have on a processor: on a machine that others use too, it says more than the time that
//! passes.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

/// From here on 10 ms are little.
const LONG: Duration = Duration::from_millis(200);

/// Measures the time on a processor, where the system tells it: others may use the machine, too.
pub(crate) struct Clock {
    start: Instant,
    thread: Option<Duration>,
    process: Option<Duration>,
}

impl Clock {
    pub(crate) fn start() -> Clock {
        Clock { process: time_of_process(), thread: time_of_thread(), start: Instant::now() }
    }

    /// Of all threads, in steps of 10 ms; if that is too coarse, of the thread that calls.
    pub(crate) fn elapsed(&self) -> Duration {
        let time = self.start.elapsed();
        let since = |before: Option<Duration>, now: Option<Duration>| Some(now? - before?);
        let thread = since(self.thread, time_of_thread());
        let process = since(self.process, time_of_process()).filter(|time| *time >= LONG);
        process.or(thread).unwrap_or(time)
    }
}

fn time_of_process() -> Option<Duration> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    let ticks = stat.rsplit(')').next()?.split_whitespace().skip(11).take(2).map(|ticks| ticks.parse::<u64>().ok());
    Some(Duration::from_millis(10 * ticks.sum::<Option<u64>>()?))
}

fn time_of_thread() -> Option<Duration> {
    // Makes the system count the time until now.
    thread::yield_now();
    let stat = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    stat.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}
