//! Obligations to report, reports, and reforms of units: values with names.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::details::Details;
use super::due::Due;
use super::input_error::InputError;
use super::limits::{check_obligation_name, section_name};

/// An obligation to report: who owes, to whom, and when.
///
/// ```
/// use jiff::civil::date;
/// use responsibility_index::report::{Due, Obligation};
///
/// let yearly = Obligation::new("plan/yearly", Due::yearly([(11, 30)]))
///     .leads_below("plan/")
///     .members_of("Cities")
///     .to("Government")
///     .copy("Office of the joint conference")
///     .from(date(2016, 3, 28));
/// assert_eq!(yearly.owed_by.len(), 2);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Obligation {
    /// Its name, by which it is asked for.
    pub name: String,
    /// The rules that say who owes, any number of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub owed_by: Vec<OwedBy>,
    /// The unit to which reports go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The units that get a copy.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub copies: Vec<String>,
    /// The due days.
    pub due: Due,
    /// Its first day. One that is due every year needs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    /// Its last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
}

/// A rule that says who owes a report.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum OwedBy {
    /// Each unit that leads a task of a section: the task with this key, and those below it. Of a collective that leads,
    /// its bodies.
    LeadsBelow(String),
    /// Each body of a collective.
    MembersOf(String),
    /// A unit by name.
    Unit(String),
}

impl Obligation {
    /// An obligation that nobody owes so far.
    #[must_use]
    pub fn new(name: impl Into<String>, due: Due) -> Obligation {
        let (owed_by, to, copies, from, until) = Default::default();
        Obligation { name: name.into(), owed_by, to, copies, due, from, until }
    }

    /// Each unit that leads a task of a section owes.
    #[must_use]
    pub fn leads_below(self, prefix: impl Into<String>) -> Obligation {
        self.owed_by(OwedBy::LeadsBelow(prefix.into()))
    }

    /// Each body of a collective owes.
    #[must_use]
    pub fn members_of(self, collective: impl Into<String>) -> Obligation {
        self.owed_by(OwedBy::MembersOf(collective.into()))
    }

    /// Some units owe.
    #[must_use]
    pub fn units<U: Into<String>>(self, units: impl IntoIterator<Item = U>) -> Obligation {
        units.into_iter().fold(self, |obligation, unit| obligation.owed_by(OwedBy::Unit(unit.into())))
    }

    fn owed_by(mut self, owed_by: OwedBy) -> Obligation {
        self.owed_by.push(owed_by);
        self
    }

    /// Sets the unit to which reports go.
    #[must_use]
    pub fn to(mut self, unit: impl Into<String>) -> Obligation {
        self.to = Some(unit.into());
        self
    }

    /// Adds a unit that gets a copy.
    #[must_use]
    pub fn copy(mut self, unit: impl Into<String>) -> Obligation {
        self.copies.push(unit.into());
        self
    }

    /// Sets the first day.
    #[must_use]
    pub fn from(mut self, day: Date) -> Obligation {
        self.from = Some(day);
        self
    }

    /// Sets the last day.
    #[must_use]
    pub fn until(mut self, day: Date) -> Obligation {
        self.until = Some(day);
        self
    }

    /// Checks everything but the units.
    pub(crate) fn check(&self) -> Result<(), InputError> {
        check_obligation_name(&self.name)?;
        self.due.check()?;
        for owed_by in &self.owed_by {
            if let OwedBy::LeadsBelow(prefix) = owed_by {
                section_name(prefix)?;
            }
        }
        if matches!(self.due, Due::Yearly(_)) && self.from.is_none() {
            return Err(InputError::NoFirstDay { obligation: self.name.clone() });
        }
        match self.from.zip(self.until).filter(|(from, until)| until < from) {
            Some((from, until)) => Err(InputError::EndsBefore { obligation: self.name.clone(), from, until }),
            None => Ok(()),
        }
    }
}

/// The answer of a unit to an obligation on a due day. There is one at most per unit and due day; a later one replaces it,
/// and the [history](crate::history) has both.
///
/// ```
/// use jiff::civil::date;
/// use responsibility_index::report::{Answer, Report};
///
/// let report = Report::new("plan/yearly", "Transport", date(2017, 11, 30), Answer::Received(date(2017, 11, 28)));
/// assert_eq!(report.details.title, "");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Report {
    /// The name of the obligation.
    pub obligation: String,
    /// The unit.
    pub unit: String,
    /// The due day.
    pub due: Date,
    /// The answer.
    pub answer: Answer,
    /// A title, a text, a link. Kept in memory: put long texts elsewhere.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub details: Details,
}

fn is_empty(details: &Details) -> bool {
    *details == Details::default()
}

impl Report {
    /// A report without details.
    #[must_use]
    pub fn new(obligation: impl Into<String>, unit: impl Into<String>, due: Date, answer: Answer) -> Report {
        Report { obligation: obligation.into(), unit: unit.into(), due, answer, details: Details::default() }
    }

    /// The same with details.
    #[must_use]
    pub fn details(self, details: Details) -> Report {
        Report { details, ..self }
    }
}

/// The answer to an obligation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Answer {
    /// It came on a day: late if that is after the due day.
    Received(Date),
    /// The unit need not report.
    Excused,
    /// The unit may report until a day.
    Extended(Date),
}

/// A reform as it is remembered: units and those that took their place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Lineage {
    /// The units before.
    pub from: Vec<String>,
    /// The units after; none where the others were abolished.
    pub to: Vec<String>,
    /// From which day on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<Date>,
}

/// A fact of an index other than its tasks and units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Fact {
    /// A reform.
    Lineage(Lineage),
    /// An obligation to report.
    Obligation(Obligation),
    /// A report.
    Report(Report),
}

/// The change of one fact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct FactChange {
    /// The fact before; `None` where it is new.
    pub before: Option<Fact>,
    /// The fact after; `None` where it is removed.
    pub after: Option<Fact>,
}
