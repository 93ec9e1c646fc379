//! Days, as rows and entries have them.

use jiff::civil::Date;

/// Year, month and day of the month.
pub(crate) type DayV1 = (i16, i8, i8);

pub(crate) fn day_row(day: Date) -> DayV1 {
    (day.year(), day.month(), day.day())
}

/// The day, if it is in the calendar.
pub(crate) fn day_of((year, month, day): DayV1) -> Result<Date, String> {
    Date::new(year, month, day).map_err(|why| why.to_string())
}
