//! The kinds of findings. Plain values; `findings` words them.

use super::lead::Basis;
use super::rule::LeadRule;
use super::text::Span;

/// The kind of a finding, with the decision of the reader. `task` and `unit` are places in
/// [`Notice::tasks`](super::Notice::tasks) and [`Notice::units`](super::Notice::units); `first` is the byte at which the
/// earlier heading begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the fields are described above, for all kinds at once")]
pub enum FindingKind {
    /// No lead is marked: the first-listed unit was taken.
    LeadByConvention { task: usize },
    /// The units share the task and no lead is marked: the first-listed unit was taken.
    LeadShared { task: usize },
    /// Several leads are marked: the first leads, the others are kept as joint leads.
    JointLeads { task: usize },
    /// A lead of this basis is not accepted: the clause is no task.
    LeadRefused { basis: Basis },
    /// A unit that is a collective of many bodies.
    Collective { unit: usize },
    /// A rule that tells the lead.
    RuleFound { rule: LeadRule },
    /// Units that the text adds to every later task.
    UnitsEverywhere { units: usize, applied: bool },
    /// A heading with another number than the next one.
    NumberingGap { expected: u32, found: u32 },
    /// A heading that the text already has.
    HeadingRepeated { first: usize },
    /// A heading without a task below it.
    HeadingWithoutTask,
    /// A task with the text and the units of an earlier one.
    TaskRepeated { task: usize, earlier: usize },
    /// A task with the text of an earlier one and other units.
    TaskWithOtherUnits { task: usize, earlier: usize },
    /// A clause with no text before it.
    ClauseWithoutText { task: usize },
    /// A bracket that nothing closes.
    UnclosedBracket,
    /// A piece of text that looks like a clause and was not read as one.
    NotRead,
    /// A piece of a clause that names no unit.
    PartIgnored,
    /// A line or a cell that speaks of responsibility and of which nothing was read.
    LineNotRead,
    /// The header of a table whose columns are separated by commas or spaces, which is not read.
    TableNotRead,
    /// Supporting units without a lead: not read as a task.
    NoLead,
    /// A row of a table without a lead, perhaps for merged cells: not read as a task.
    LeadCellEmpty,
    /// A name that does not end as names of units do: kept as a unit.
    DoubtfulName,
    /// A person, by name or title: not kept as a unit.
    PersonSetAside,
    /// A unit that a clause names twice.
    UnitTwice { task: usize, unit: usize },
    /// A name that may be another spelling of an earlier one.
    NameVariant { unit: usize, other: usize },
    /// Two names of one body without a separator.
    TwoNames { unit: usize, second: usize },
    /// A deadline on a day that no calendar has.
    NoSuchDay { task: usize },
    /// A sentence that asks for a report every year: a place in [`Notice::yearly_reports`](super::Notice::yearly_reports).
    YearlyReport { report: usize },
}

impl FindingKind {
    /// A title for all findings of the kind.
    #[must_use]
    pub fn title(&self) -> &'static str {
        match self {
            FindingKind::LeadByConvention { .. } => "lead by convention",
            FindingKind::LeadShared { .. } => "lead of a shared task",
            FindingKind::JointLeads { .. } => "joint leads",
            FindingKind::LeadRefused { .. } => "lead not accepted",
            FindingKind::Collective { .. } => "collective",
            FindingKind::RuleFound { .. } => "rule",
            FindingKind::UnitsEverywhere { .. } => "units of every later task",
            FindingKind::NumberingGap { .. } => "gap in the numbering",
            FindingKind::HeadingRepeated { .. } => "heading repeated",
            FindingKind::HeadingWithoutTask => "heading without a task",
            FindingKind::TaskRepeated { .. } => "the same task twice",
            FindingKind::TaskWithOtherUnits { .. } => "the same task with other units",
            FindingKind::ClauseWithoutText { .. } => "clause without a task text",
            FindingKind::UnclosedBracket => "unclosed bracket",
            FindingKind::NotRead => "not read as a clause",
            FindingKind::PartIgnored => "part of a clause not read",
            FindingKind::LineNotRead => "line not read",
            FindingKind::TableNotRead => "table not read",
            FindingKind::NoLead => "no lead named",
            FindingKind::LeadCellEmpty => "lead cell empty",
            FindingKind::DoubtfulName => "perhaps no unit",
            FindingKind::PersonSetAside => "person set aside",
            FindingKind::UnitTwice { .. } => "unit named twice",
            FindingKind::NameVariant { .. } => "perhaps another spelling",
            FindingKind::TwoNames { .. } => "two names of one body",
            FindingKind::NoSuchDay { .. } => "deadline not read as a day",
            FindingKind::YearlyReport { .. } => "report every year",
        }
    }
}

/// A finding as the notice stores it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    pub(super) kind: FindingKind,
    pub(super) span: Span,
}
