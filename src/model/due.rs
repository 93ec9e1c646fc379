//! Days on which a report is due. Civil days: no clock, no time zone.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::input_error::InputError;

/// The days on which something is due.
///
/// ```
/// use jiff::civil::date;
/// use responsibility_index::report::Due;
///
/// let yearly = Due::yearly([(11, 30)]);
/// let days: Vec<_> = yearly.days(date(2016, 3, 28), date(2018, 1, 1)).collect();
/// assert_eq!(days, [date(2016, 11, 30), date(2017, 11, 30)]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Due {
    /// Every year on these days: month and day of the month. A day past the end of the month is its last day: (2, 29) is
    /// 28 February in most years, (11, 31) is 30 November.
    Yearly(Vec<(i8, i8)>),
    /// Once on each of these days.
    On(Vec<Date>),
}

impl Due {
    /// Every year on these days, each a month and a day of it.
    #[must_use]
    pub fn yearly(days: impl IntoIterator<Item = (i8, i8)>) -> Due {
        Due::Yearly(days.into_iter().collect())
    }

    /// Once on each of these days.
    #[must_use]
    pub fn on(days: impl IntoIterator<Item = Date>) -> Due {
        Due::On(days.into_iter().collect())
    }

    /// The same with the days sorted, each once.
    pub(crate) fn normal(&self) -> Due {
        let mut due = self.clone();
        match &mut due {
            Due::Yearly(days) => {
                days.sort_unstable();
                days.dedup();
            }
            Due::On(days) => {
                days.sort_unstable();
                days.dedup();
            }
        }
        due
    }

    pub(crate) fn check(&self) -> Result<(), InputError> {
        match self {
            Due::Yearly(days) if days.is_empty() => Err(InputError::Empty { what: "list of due days" }),
            Due::On(days) if days.is_empty() => Err(InputError::Empty { what: "list of due days" }),
            Due::Yearly(days) => match days.iter().find(|(month, day)| day_of(2_000, *month, *day).is_none()) {
                Some((month, day)) => Err(InputError::NoSuchDayOfYear { month: *month, day: *day }),
                None => Ok(()),
            },
            Due::On(_) => Ok(()),
        }
    }

    /// The due days from a day to another, both included, in order, each once. Costs a step per year and day.
    pub fn days(&self, from: Date, to: Date) -> impl Iterator<Item = Date> + use<> {
        let mut days: Vec<Date> = match self {
            Due::Yearly(days) => {
                let years = from.year()..=to.year();
                years.flat_map(|year| days.iter().filter_map(move |(month, day)| day_of(year, *month, *day))).collect()
            }
            Due::On(days) => days.clone(),
        };
        days.retain(|day| (from..=to).contains(day));
        days.sort_unstable();
        days.dedup();
        days.into_iter()
    }
}

/// A day of a year, or the last day of the month if the month is shorter; `None` where no month has such a day.
fn day_of(year: i16, month: i8, day: i8) -> Option<Date> {
    if !(1..=31).contains(&day) {
        return None;
    }
    let first = Date::new(year, month, 1).ok()?;
    Date::new(year, month, day.min(first.days_in_month())).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_day_past_the_end_of_a_month_is_its_last_day_in_every_year() {
        for year in 1_800..2_200 {
            for (month, last) in [(1, 31), (2, if date(year, 1, 1).in_leap_year() { 29 } else { 28 }), (11, 30)] {
                for day in 29..=31 {
                    assert_eq!(
                        day_of(year, month, day),
                        Some(date(year, month, day.min(last))),
                        "{year}-{month}-{day}"
                    );
                }
            }
        }
        for (month, day) in [(0, 1), (13, 1), (1, 0), (1, 32), (-1, 5), (5, -1)] {
            assert_eq!(day_of(2016, month, day), None);
            assert!(Due::yearly([(month, day)]).check().is_err());
        }
        assert!(Due::yearly([]).check().is_err() && Due::on([]).check().is_err());
    }

    #[test]
    fn days_come_in_order_each_once_and_both_ends_belong_to_them() {
        let quarters = Due::yearly([(12, 1), (7, 1), (10, 1), (7, 1)]);
        let days = |due: &Due, from, to| due.days(from, to).collect::<Vec<_>>();
        assert_eq!(days(&quarters, date(2019, 7, 1), date(2019, 10, 1)), [date(2019, 7, 1), date(2019, 10, 1)]);
        assert_eq!(days(&quarters, date(2019, 7, 2), date(2019, 9, 30)), []);
        assert_eq!(
            days(&Due::yearly([(11, 30), (11, 31)]), date(2016, 1, 1), date(2016, 12, 31)),
            [date(2016, 11, 30)]
        );
        let once = Due::on([date(2021, 6, 30), date(2020, 12, 31)]);
        assert_eq!(days(&once, date(2000, 1, 1), date(2100, 1, 1)), [date(2020, 12, 31), date(2021, 6, 30)]);
        assert_eq!(days(&once, date(2022, 1, 1), date(2021, 1, 1)), []);
    }
}
