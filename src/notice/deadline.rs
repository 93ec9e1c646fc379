//! Deadlines as days: 2021年6月底前 "before the end of June 2021". Reads the first day of a text.

use std::iter::{Filter, Peekable};
use std::str::Chars;

use jiff::civil::Date;

use super::lexicon::{self, days, is_space, simplified};
use super::text::starts_with_any;

/// The time by which a task is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Deadline {
    /// A day.
    On(Date),
    /// A day of a year that the text does not name: month and day of the month.
    InYear(i8, i8),
    /// The task has no end: 长期 "long-term".
    WithoutEnd,
}

impl Deadline {
    /// Reads a deadline: 2021年6月底前 "before the end of June 2021", 12月31日前, 长期 "long-term", 2021-06-30, 2021/6/30. `None`
    /// for a text with several days or none.
    ///
    /// ```
    /// use jiff::civil::date;
    /// use responsibility_index::notice::Deadline;
    ///
    /// assert_eq!(Deadline::read("2021年6月底前"), Some(Deadline::On(date(2021, 6, 30))));
    /// assert_eq!(Deadline::read("2021.6.15"), Some(Deadline::On(date(2021, 6, 15))));
    /// assert_eq!(Deadline::read("Q3 or Q4"), None);
    /// ```
    #[must_use]
    pub fn read(text: &str) -> Option<Deadline> {
        match read(text) {
            Said::Deadline(deadline) => Some(deadline),
            Said::NoSuchDay | Said::Nothing => None,
        }
    }

    /// The day, with the year of a deadline that names none. `None` for a task without an end, and for 29 February of other
    /// years.
    #[must_use]
    pub fn day(&self, year: i16) -> Option<Date> {
        match *self {
            Deadline::On(day) => Some(day),
            Deadline::InYear(month, day) => Date::new(year, month, day).ok(),
            Deadline::WithoutEnd => None,
        }
    }
}

/// A number from here on before one of the marks is a year: 2021-06-30, 2021/6/30, 2021.6.30.
const FIRST_YEAR: i16 = 1_000;
const DATE_MARKS: [char; 3] = ['-', '/', '.'];

/// A text about a day, as it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    Deadline(Deadline),
    /// A day that no calendar has, such as 31 November.
    NoSuchDay,
    /// No day, or several.
    Nothing,
}

/// Reads a deadline. A text with several days is not read as one of them.
pub(super) fn read(text: &str) -> Said {
    if starts_with_any(text, &lexicon::days::WITHOUT_END).is_some() {
        return Said::Deadline(Deadline::WithoutEnd);
    }
    let mut letters = Letters::new(text);
    let said = letters.day();
    let is_only_one = !letters.0.any(|letter| lexicon::digit(letter).is_some());
    if is_only_one { said } else { Said::Nothing }
}

/// The characters of a text without spaces.
pub(super) struct Letters<'t>(Peekable<Kept<'t>>);

type Kept<'t> = Filter<Chars<'t>, fn(&char) -> bool>;

impl<'t> Letters<'t> {
    pub(super) fn new(text: &'t str) -> Letters<'t> {
        let is_letter: fn(&char) -> bool = |letter| !is_space(*letter);
        Letters(text.chars().filter(is_letter).peekable())
    }

    fn next_is(&mut self, wanted: impl Fn(char) -> bool) -> bool {
        self.0.next_if(|letter| wanted(simplified(*letter))).is_some()
    }

    fn number(&mut self) -> Option<i16> {
        let mut number: Option<i16> = None;
        while let Some(digit) = self.0.peek().and_then(|letter| lexicon::digit(*letter)) {
            self.0.next();
            let before = number.map_or(Some(0), |number| number.checked_mul(10))?;
            number = before.checked_add(digit as i16);
        }
        number
    }

    /// The day at the beginning.
    pub(super) fn day(&mut self) -> Said {
        let Some(first) = self.number() else { return Said::Nothing };
        if first >= FIRST_YEAR && self.next_is(|letter| DATE_MARKS.contains(&letter)) {
            let month = self.number();
            let day = if self.next_is(|letter| DATE_MARKS.contains(&letter)) { self.number() } else { None };
            return month.map_or(Said::Nothing, |month| said(Some(first), month, day));
        }
        let (year, month) = if self.next_is(|letter| letter == lexicon::YEAR) {
            // The word for the year may come twice.
            self.next_is(|letter| letter == lexicon::YEAR);
            if self.next_is(|letter| days::PERIOD_ENDS.contains(letter)) {
                return said(Some(first), 12, Some(31));
            }
            match self.number() {
                Some(month) => (Some(first), month),
                None => return Said::Nothing,
            }
        } else {
            (None, first)
        };
        if !self.next_is(|letter| letter == days::MONTH) {
            return Said::Nothing;
        }
        if self.next_is(|letter| days::PERIOD_ENDS.contains(letter)) {
            return said(year, month, None);
        }
        match self.number() {
            Some(day) if self.next_is(|letter| days::DAYS.contains(letter)) => said(year, month, Some(day)),
            Some(_) => Said::Nothing,
            None if self.next_is(|letter| letter == days::BEFORE) => Said::Nothing,
            // A month alone means its end.
            None => said(year, month, None),
        }
    }
}

/// A day, or the last one of the month.
fn said(year: Option<i16>, month: i16, day: Option<i16>) -> Said {
    // Where no year is named, 29 February may be meant.
    let of_year = year.unwrap_or(2_000);
    let first = i8::try_from(month).ok().and_then(|month| Date::new(of_year, month, 1).ok());
    let date = first.and_then(|first| match day {
        Some(day) => Date::new(of_year, first.month(), i8::try_from(day).ok()?).ok(),
        None => Some(first.last_of_month()),
    });
    match (date, year) {
        (Some(date), Some(_)) => Said::Deadline(Deadline::On(date)),
        (Some(date), None) => Said::Deadline(Deadline::InYear(date.month(), date.day())),
        (None, _) => Said::NoSuchDay,
    }
}
