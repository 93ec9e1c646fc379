//! Findings as callers see them. Each is shown as one line of English: its place, its kind, the decision of the reader,
//! the original text.

use std::fmt;

use crate::model::Excerpt;

use super::finding_kind::{FindingKind, Found};
use super::model::Notice;
use super::rule::LeadRule;
use super::text::Span;
use super::yearly::Yearly;

/// A finding: a place in the text, its kind, the original text. Shown as one line of English.
#[derive(Clone, Copy)]
pub struct Finding<'n> {
    notice: &'n Notice<'n>,
    found: &'n Found,
}

impl Notice<'_> {
    /// The findings, in the order of the text.
    pub fn findings(&self) -> impl ExactSizeIterator<Item = Finding<'_>> {
        self.found.iter().map(|found| Finding { notice: self, found })
    }
}

impl<'n> Finding<'n> {
    /// The kind, with the decision of the reader.
    #[must_use]
    pub fn kind(&self) -> FindingKind {
        self.found.kind
    }

    /// The place in the text.
    #[must_use]
    pub fn span(&self) -> Span {
        self.found.span
    }

    /// The line, from 1.
    #[must_use]
    pub fn line(&self) -> u32 {
        self.notice.position(self.found.span.start).0
    }

    /// The column in characters, from 1.
    #[must_use]
    pub fn column(&self) -> u32 {
        self.notice.position(self.found.span.start).1
    }

    /// Whether a clause was not read as a task because its lead is not accepted.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        matches!(self.found.kind, FindingKind::LeadRefused { .. })
    }

    /// The text at that place.
    #[must_use]
    pub fn original(&self) -> &'n str {
        self.found.span.of(self.notice.text)
    }

    #[expect(clippy::indexing_slicing, reason = "findings hold places of units")]
    fn unit(&self, at: usize) -> &'n str {
        &self.notice.units[at].name
    }

    #[expect(clippy::indexing_slicing, reason = "findings hold places of reports")]
    fn yearly(&self, at: usize) -> &'n Yearly {
        &self.notice.yearly[at]
    }

    fn lead(&self, task: usize) -> &'n str {
        self.notice.found_task(task).lead()
    }

    fn place(&self, byte: usize) -> String {
        let (line, column) = self.notice.position(byte);
        format!("{line}:{column}")
    }

    fn task_place(&self, task: usize) -> String {
        self.place(self.notice.found_task(task).clause_span().start)
    }
}

impl fmt::Display for Finding<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, column) = self.notice.position(self.found.span.start);
        write!(f, "{line}:{column}: {}: {}", self.found.kind.title(), Decision(self))?;
        let original = self.original();
        if original.is_empty() { Ok(()) } else { write!(f, " [{}]", Excerpt(original)) }
    }
}

/// The decision of the reader.
struct Decision<'a, 'n>(&'a Finding<'n>);

impl fmt::Display for Decision<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let finding = self.0;
        match finding.found.kind {
            FindingKind::LeadByConvention { task } | FindingKind::LeadShared { task } => {
                write!(f, "{}, listed first, leads", finding.lead(task))
            }
            FindingKind::JointLeads { task } => {
                write!(f, "{} leads", finding.lead(task))?;
                let mut joint = finding.notice.found_task(task).joint_leads().enumerate();
                joint.try_for_each(|(at, unit)| write!(f, "{}{unit}", if at == 0 { ", jointly with " } else { ", " }))
            }
            FindingKind::LeadRefused { basis } => {
                write!(f, "a lead by {basis} is not accepted; the clause is not read as a task")
            }
            FindingKind::Collective { unit } => {
                write!(f, "{} is a group of bodies; kept as one unit", finding.unit(unit))
            }
            FindingKind::RuleFound { rule } => f.write_str(match rule {
                LeadRule::First => "the first-listed unit leads",
                LeadRule::BeforeComma => "the units before the first comma lead",
                LeadRule::Starred => "the units with a star lead",
                LeadRule::Type => "the units in bold type lead; plain text has no bold type, so the rule is not used",
            }),
            FindingKind::UnitsEverywhere { units, applied } => {
                let done = if applied { "added" } else { "not added" };
                write!(f, "units that support every later task: {units}; {done} to the tasks")
            }
            FindingKind::NumberingGap { expected, found } => write!(f, "expected heading {expected}, found {found}"),
            FindingKind::HeadingRepeated { first } => write!(f, "the same heading is at {}", finding.place(first)),
            FindingKind::HeadingWithoutTask => f.write_str("no clause follows below this heading"),
            FindingKind::TaskRepeated { earlier, .. } => {
                write!(
                    f,
                    "same text and units as the task at {}; kept as a task of its own",
                    finding.task_place(earlier)
                )
            }
            FindingKind::TaskWithOtherUnits { earlier, .. } => {
                write!(
                    f,
                    "same text as the task at {}, other units; kept as a task of its own",
                    finding.task_place(earlier)
                )
            }
            FindingKind::ClauseWithoutText { .. } => {
                f.write_str("no text before the clause; kept as a task without text")
            }
            FindingKind::UnclosedBracket => {
                f.write_str("no closing bracket; read up to the end of the line or sentence")
            }
            FindingKind::NotRead => f.write_str("no clear list of units; kept as text of a task"),
            FindingKind::PartIgnored => f.write_str("not the name of a unit; left out"),
            FindingKind::LineNotRead => {
                f.write_str("it speaks of responsibility or lists units, and no clause was read in it; no task has it")
            }
            FindingKind::TableNotRead => f.write_str(
                "looks like a table whose columns are separated by commas or spaces; separate them by tabs or bars",
            ),
            FindingKind::NoLead => f.write_str("only units that support somebody else are named; not read as a task"),
            FindingKind::LeadCellEmpty => f.write_str(
                "no lead in this row, perhaps for merged cells; not read as a task; repeat the lead in each row",
            ),
            FindingKind::DoubtfulName => f.write_str("does not end as names of units do; kept as a unit"),
            FindingKind::PersonSetAside => f.write_str("a person, not a unit; left out"),
            FindingKind::UnitTwice { unit, .. } => {
                write!(f, "{} is named again; kept once, at its first place", finding.unit(unit))
            }
            FindingKind::NameVariant { unit, other } => {
                write!(
                    f,
                    "{} may be another spelling of {}; kept as two units",
                    finding.unit(unit),
                    finding.unit(other)
                )
            }
            FindingKind::TwoNames { unit, second } => {
                let (first, second) = finding.unit(unit).split_at(second);
                write!(f, "{first} and {second} are kept as one unit")
            }
            FindingKind::NoSuchDay { .. } => f.write_str("no calendar has this day; kept as text"),
            FindingKind::YearlyReport { report } => {
                let Yearly { month, day, .. } = finding.yearly(report);
                write!(f, "due on {month:02}-{day:02} of every year; no obligation is set by itself")
            }
        }
    }
}

impl fmt::Debug for Finding<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Finding").field(&self.to_string()).finish()
    }
}
