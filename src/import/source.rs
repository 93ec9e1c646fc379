//! The documents that an import takes, and what they state in one form: notices and tables look alike from here on.

use std::borrow::Cow;

use jiff::civil::Date;

use crate::model::{Role, UnitKind};
use crate::notice::Deadline;
#[cfg(feature = "notice")]
use crate::notice::{Notice, Task};
use crate::table::{Rows, TableTask};

/// A document that was read, on its way into an index. A reference to a notice or to rows converts into it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum ImportSource<'d> {
    /// A notice.
    #[cfg(feature = "notice")]
    Notice(&'d Notice<'d>),
    /// The rows of tables.
    Rows(&'d Rows),
}

#[cfg(feature = "notice")]
impl<'d> From<&'d Notice<'d>> for ImportSource<'d> {
    fn from(notice: &'d Notice<'d>) -> ImportSource<'d> {
        ImportSource::Notice(notice)
    }
}

impl<'d> From<&'d Rows> for ImportSource<'d> {
    fn from(rows: &'d Rows) -> ImportSource<'d> {
        ImportSource::Rows(rows)
    }
}

/// A task as a document states it.
pub(super) struct Stated<'d> {
    pub(super) key: String,
    /// Whether the key is the identity of the task, not its place in the document.
    pub(super) key_is_given: bool,
    /// The units as written, the lead first.
    pub(super) units: Vec<(&'d str, Role)>,
    pub(super) title: &'d str,
    pub(super) text: &'d str,
    pub(super) line: u32,
    pub(super) column: u32,
    /// The fields that the document sets.
    pub(super) fields: Vec<(&'static str, Cow<'d, str>)>,
}

/// A unit as a document names it.
pub(super) struct StatedUnit<'d> {
    pub(super) name: &'d str,
    pub(super) kind: UnitKind,
    /// The two names of one body that are written as one.
    pub(super) two_names: Option<(&'d str, &'d str)>,
}

impl<'d> ImportSource<'d> {
    pub(super) fn tasks(self, prefix: &str, year: Option<i16>) -> Vec<Stated<'d>> {
        match self {
            #[cfg(feature = "notice")]
            ImportSource::Notice(notice) => notice.tasks().map(|task| of_notice(task, prefix, year)).collect(),
            ImportSource::Rows(rows) => rows.tasks().map(|task| of_table(task, prefix, year)).collect(),
        }
    }

    pub(super) fn units(self) -> Vec<StatedUnit<'d>> {
        match self {
            #[cfg(feature = "notice")]
            ImportSource::Notice(notice) => {
                let units = notice.units();
                units
                    .map(|unit| StatedUnit { name: unit.name(), kind: unit.kind(), two_names: unit.two_names() })
                    .collect()
            }
            ImportSource::Rows(rows) => {
                rows.units().map(|(name, kind)| StatedUnit { name, kind, two_names: None }).collect()
            }
        }
    }

    /// The part of a document that is a task.
    pub(super) fn part(self) -> &'static str {
        match self {
            #[cfg(feature = "notice")]
            ImportSource::Notice(_) => "clause",
            ImportSource::Rows(_) => "row",
        }
    }

    /// The number of clauses that were not accepted as tasks.
    pub(super) fn not_accepted(self) -> usize {
        match self {
            #[cfg(feature = "notice")]
            ImportSource::Notice(notice) => notice.findings().filter(|finding| finding.is_refusal()).count(),
            ImportSource::Rows(_) => 0,
        }
    }
}

#[cfg(feature = "notice")]
fn of_notice<'d>(task: Task<'d>, prefix: &str, year: Option<i16>) -> Stated<'d> {
    let units = std::iter::once((task.lead(), Role::Lead))
        .chain(task.joint_leads().map(|unit| (unit, Role::CoLead)))
        .chain(task.supporting().map(|unit| (unit, Role::Support)));
    Stated {
        key: task.key(prefix),
        key_is_given: false,
        units: units.collect(),
        title: task.title(),
        text: task.text(),
        line: task.line(),
        column: task.column(),
        fields: fields([
            ("clause", Some(task.clause())),
            ("basis", Some(task.basis().name())),
            ("heading", Some(task.heading())),
            ("deadline", task.deadline()),
        ])
        .chain(due(task.due(), year))
        .collect(),
    }
}

fn of_table<'d>(task: TableTask<'d>, prefix: &str, year: Option<i16>) -> Stated<'d> {
    Stated {
        key: task.key(prefix).into_owned(),
        key_is_given: task.has_key(),
        units: task.standing().units().collect(),
        title: task.title(),
        text: task.text(),
        line: task.line(),
        column: task.column(),
        fields: fields([
            ("basis", Some(task.basis().name())),
            ("heading", Some(task.section())),
            ("deadline", task.deadline()),
        ])
        .chain(due(task.due(), year))
        .collect(),
    }
}

fn fields<'d, const N: usize>(
    fields: [(&'static str, Option<&'d str>); N],
) -> impl Iterator<Item = (&'static str, Cow<'d, str>)> {
    fields.into_iter().filter_map(|(name, value)| Some((name, Cow::Borrowed(value.filter(|value| !value.is_empty())?))))
}

/// The day of a deadline, as far as the year is known.
fn due<'d>(deadline: Option<Deadline>, year: Option<i16>) -> Option<(&'static str, Cow<'d, str>)> {
    let day: Date = match (deadline?, year) {
        (deadline, Some(year)) => deadline.day(year)?,
        (Deadline::On(day), None) => day,
        (_, None) => return None,
    };
    Some(("due", Cow::Owned(day.to_string())))
}
