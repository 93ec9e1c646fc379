//! When a commit was made, and from which day it is in force.

use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use jiff::civil::Date;

use super::input_error::InputError;

/// The time and the day of a commit. Neither goes back from one commit to the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stamp {
    /// Milliseconds since 1970, UTC.
    time: u64,
    /// The day from which it is in force; `None` where no commit so far has one.
    pub(crate) day: Option<Date>,
}

impl Stamp {
    /// A stamp of stored values; `None` for a time that no calendar has.
    pub(crate) fn new(time: u64, day: Option<Date>) -> Option<Stamp> {
        timestamp(time).map(|_| Stamp { time, day })
    }

    /// The stamp of a commit after one with this stamp. A clock that went back gives the time of the commit before; a
    /// commit without a day is in force from that day.
    ///
    /// # Errors
    /// `DayGoesBack`.
    pub(crate) fn next(self, clock: u64, day: Option<Date>) -> Result<Stamp, InputError> {
        if let Some((given, newest)) = day.zip(self.day).filter(|(given, newest)| given < newest) {
            return Err(InputError::DayGoesBack { given, newest });
        }
        let clock = timestamp(clock).map_or(self.time, |_| clock);
        Ok(Stamp { time: self.time.max(clock), day: day.or(self.day) })
    }

    /// Milliseconds since 1970, UTC.
    pub(crate) fn millis(self) -> u64 {
        self.time
    }

    pub(crate) fn time(self) -> Timestamp {
        let time = timestamp(self.time);
        debug_assert!(time.is_some(), "a stamp has a time of the calendar");
        time.map_or(Timestamp::UNIX_EPOCH, |time| time)
    }
}

fn timestamp(millis: u64) -> Option<Timestamp> {
    Timestamp::from_millisecond(i64::try_from(millis).ok()?).ok()
}

/// A time that tests set instead of that of the system; 0 for none.
#[cfg(any(test, feature = "testing"))]
pub(crate) static TEST_CLOCK: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);

/// Milliseconds since 1970 by the system's clock; 0 before that.
pub(crate) fn clock() -> u64 {
    #[cfg(any(test, feature = "testing"))]
    if let time @ 1.. = TEST_CLOCK.load(std::sync::atomic::Ordering::Relaxed) {
        return time;
    }
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_millis() as u64)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn neither_time_nor_day_goes_back() {
        let day = date(2018, 11, 5);
        let first = Stamp::default().next(5_000, Some(day)).unwrap();
        assert_eq!((first.millis(), first.day), (5_000, Some(day)));
        let second = first.next(4_000, None).unwrap();
        assert_eq!((second.millis(), second.day), (5_000, Some(day)));
        assert_eq!(second.next(u64::MAX, None).unwrap().millis(), 5_000, "a clock after the end of the calendar");
        assert_eq!(second.time(), Timestamp::from_second(5).unwrap());
        assert_eq!(Stamp::new(u64::MAX, None), None);
        assert!(second.next(6_000, Some(date(2018, 11, 4))).is_err());
    }
}
