//! An obligation to report: who owes, and on which days. Knows units by their numbers only.

use std::sync::Arc;

use jiff::civil::Date;

use crate::id::UnitId;
use crate::model::Due;

/// See [`crate::report::Obligation`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Obligation {
    pub(crate) owed_by: Vec<OwedBy>,
    pub(crate) to: Option<UnitId>,
    pub(crate) copies: Vec<UnitId>,
    pub(crate) due: Due,
    pub(crate) from: Option<Date>,
    pub(crate) until: Option<Date>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum OwedBy {
    LeadsBelow(Arc<str>),
    MembersOf(UnitId),
    Unit(UnitId),
}

impl Obligation {
    /// Whether it names a unit that has a property.
    pub(crate) fn names(&self, has: impl Fn(UnitId) -> bool) -> bool {
        let debtor = |owed_by: &OwedBy| match owed_by {
            OwedBy::LeadsBelow(_) => false,
            OwedBy::MembersOf(unit) | OwedBy::Unit(unit) => has(*unit),
        };
        self.owed_by.iter().any(debtor) || self.to.is_some_and(&has) || self.copies.iter().any(|copy| has(*copy))
    }

    /// Its due days from a day to another, both included, in order.
    pub(crate) fn days(&self, from: Date, to: Date) -> impl Iterator<Item = Date> + use<> {
        let from = self.from.map_or(from, |first| first.max(from));
        let to = self.until.map_or(to, |last| last.min(to));
        self.due.days(from, to)
    }

    pub(crate) fn is_due_on(&self, day: Date) -> bool {
        self.days(day, day).next().is_some()
    }

    /// The first due day after a day.
    pub(crate) fn next_after(&self, day: Date) -> Option<Date> {
        let next = self.from.map_or(day, |first| first.max(day));
        let to = match &self.due {
            // A day comes in every year.
            Due::Yearly(_) => Date::new(next.year().saturating_add(1), 12, 31).unwrap_or(Date::MAX),
            Due::On(_) => Date::MAX,
        };
        self.days(day, to).find(|due| *due > day)
    }

    /// The last due day before a day.
    fn last_before(&self, day: Date) -> Option<Date> {
        let last = self.until.map_or(day, |last| last.min(day));
        let from = match &self.due {
            Due::Yearly(_) => Date::new(last.year().saturating_sub(1), 1, 1).unwrap_or(Date::MIN),
            Due::On(_) => Date::MIN,
        };
        self.days(from, day).filter(|due| *due < day).last()
    }

    /// The due day that is nearest to a day; of two at the same distance the earlier one.
    pub(crate) fn nearest(&self, day: Date) -> Option<Date> {
        if self.is_due_on(day) {
            return Some(day);
        }
        let distance = |other: &Date| day.until(*other).map_or(i32::MAX, |span| span.get_days().abs());
        [self.last_before(day), self.next_after(day)].into_iter().flatten().min_by_key(distance)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn of(due: Due, from: Option<Date>, until: Option<Date>) -> Obligation {
        Obligation { owed_by: Vec::new(), to: None, copies: Vec::new(), due, from, until }
    }

    #[test]
    fn due_days_begin_and_end_with_the_obligation() {
        let yearly = of(Due::yearly([(11, 30)]), Some(date(2016, 3, 28)), Some(date(2019, 11, 30)));
        let all: Vec<Date> = yearly.days(Date::MIN, Date::MAX).collect();
        assert_eq!(all, [2016, 2017, 2018, 2019].map(|year| date(year, 11, 30)));
        assert_eq!(yearly.next_after(date(2000, 1, 1)), Some(date(2016, 11, 30)));
        assert_eq!(yearly.next_after(date(2016, 11, 30)), Some(date(2017, 11, 30)), "the day after a due day");
        assert_eq!(yearly.next_after(date(2019, 11, 30)), None);
        for (day, nearest) in [
            (date(2016, 11, 30), date(2016, 11, 30)),
            (date(2016, 3, 1), date(2016, 11, 30)),
            (date(2017, 3, 1), date(2016, 11, 30)),
            (date(2017, 12, 1), date(2017, 11, 30)),
            (date(1900, 1, 1), date(2016, 11, 30)),
            (date(2500, 1, 1), date(2019, 11, 30)),
        ] {
            assert_eq!(yearly.nearest(day), Some(nearest), "{day}");
        }
        let first_of_all = of(Due::yearly([(3, 28)]), Some(date(2016, 3, 28)), None);
        assert_eq!(first_of_all.next_after(date(2015, 5, 5)), Some(date(2016, 3, 28)), "the first day itself");
        assert_eq!(of(Due::on([date(2016, 1, 1)]), Some(date(2017, 1, 1)), None).nearest(date(2016, 1, 1)), None);
    }
}
