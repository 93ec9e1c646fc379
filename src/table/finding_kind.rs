//! The kinds of findings, and a finding as the reader collects it. Plain values; `findings` words them.

use crate::model::{InputError, Role};
use crate::text::first_chars;

use super::meaning::Meaning;
use super::place::Place;

/// The kind of a finding, with the decision of the reader. `task` is a place in [`Rows::tasks`](super::Rows::tasks).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FindingKind {
    /// A line outside tables, or a row, with a word of responsibility, or a row before the header or without a column.
    NotRead,
    /// A table of so many rows in which no column tells the lead.
    NoLeadColumn {
        /// Its rows.
        rows: usize,
    },
    /// A column whose header has no known meaning, or one that no task takes.
    ColumnNotRead {
        /// Its cells that are not empty.
        cells: usize,
    },
    /// A column of persons in a table with columns of units.
    PersonsLeftOut {
        /// Its cells that are not empty.
        cells: usize,
    },
    /// A second header of one meaning: the units of both columns are taken, or the first column counts.
    HeaderTwice {
        /// The meaning.
        meaning: Meaning,
        /// Whether the cells of both columns are taken.
        both: bool,
    },
    /// The only column that can tell the lead has a header that does not say so.
    ColumnTakenAsLead,
    /// The header again, between rows.
    HeaderAgain,
    /// A row that names a section.
    SectionRow,
    /// A section without a task.
    SectionWithoutTask,
    /// A row with more or fewer cells than the header.
    RowLength {
        /// The cells of the header.
        expected: usize,
        /// The cells of the row.
        found: usize,
    },
    /// A cell beyond the last column.
    CellWithoutHeader,
    /// A row with units that names no task.
    RowWithoutTask {
        /// The task.
        task: usize,
    },
    /// A row whose task and lead are copies of those above: its units are added to the task above.
    RowMerged {
        /// The task.
        task: usize,
    },
    /// A task whose lead cell is empty or names nobody: it is vacant, whoever supports it.
    LeadEmpty {
        /// The task.
        task: usize,
    },
    /// No lead is marked: the first-listed unit was taken.
    LeadByConvention {
        /// The task.
        task: usize,
    },
    /// Several units lead: the first leads, the others lead jointly.
    JointLeads {
        /// The task.
        task: usize,
    },
    /// A row of a chart in which several units are accountable: the first leads, the others lead jointly.
    TwoAccountable {
        /// The task.
        task: usize,
    },
    /// A row of a chart in which nobody is accountable: the task is vacant.
    NoneAccountable {
        /// The task.
        task: usize,
    },
    /// A chart in which nobody is accountable anywhere: in rows with one responsible unit, it leads.
    ResponsibleLead,
    /// A unit of a chart without a mark in any row. It is one of [`Rows::units`](super::Rows::units).
    UnitWithoutTask,
    /// A mark of a chart that has no meaning.
    UnknownMark,
    /// A mark with more text behind it, which is left out.
    TextAtMark,
    /// A chart with marks that neither a legend nor the caller explains: the strongest leads, the others support.
    NoLegend {
        /// The mark that leads.
        lead: char,
        /// The number of other such marks.
        others: usize,
    },
    /// A chart of drivers and approvers: the driver leads, the approver leads jointly, contributors are consulted.
    DriverLeads,
    /// A line that explains the marks.
    Legend {
        /// The marks that it explains.
        marks: usize,
    },
    /// A unit that a row names twice.
    UnitTwice {
        /// The task.
        task: usize,
        /// The role in which it is kept.
        kept: Role,
    },
    /// A name that no unit can have: too long, or with a control character.
    NoName {
        /// The reason.
        why: Box<InputError>,
    },
    /// "And others" behind a name.
    AndOthers,
    /// Persons in brackets or behind a slash, in a column of units.
    PersonsAtUnit,
    /// A cell that says that its unit is still to be named.
    ToBeNamed,
    /// A name for many bodies.
    Collective,
    /// A key that an earlier row has: this row gets another.
    KeyTwice {
        /// The task.
        task: usize,
    },
    /// A key or number that no task can have: too long, or with a control character. The row gets another.
    KeyNotTaken {
        /// The task.
        task: usize,
        /// The reason.
        why: Box<InputError>,
    },
    /// A deadline that is no day, kept as text. Cells of one form, such as 15.02.2027 and 1.3.2027, or April 2027 and May
    /// 2027, are one finding, at the first of them.
    DeadlineWithoutDay {
        /// The cells of this form.
        cells: usize,
    },
    /// A table whose header is its last row.
    NoRow,
    /// A table in a cell of another.
    NestedTable,
    /// A quote that nothing closes: it is text.
    UnclosedQuote,
    /// A table of two columns whose titles are on the left.
    Upright,
}

impl FindingKind {
    /// A title for all findings of the kind.
    #[must_use]
    pub fn title(&self) -> &'static str {
        match self {
            FindingKind::NotRead => "not read",
            FindingKind::NoLeadColumn { .. } => "no lead column",
            FindingKind::ColumnNotRead { .. } => "column not read",
            FindingKind::PersonsLeftOut { .. } => "column of persons",
            FindingKind::HeaderTwice { .. } => "two headers of one meaning",
            FindingKind::ColumnTakenAsLead => "column taken for the lead",
            FindingKind::HeaderAgain => "header repeated",
            FindingKind::SectionRow => "section",
            FindingKind::SectionWithoutTask => "section without a task",
            FindingKind::RowLength { .. } => "ragged row",
            FindingKind::CellWithoutHeader => "cell without a header",
            FindingKind::RowWithoutTask { .. } => "row without a task",
            FindingKind::RowMerged { .. } => "merged rows",
            FindingKind::LeadEmpty { .. } => "no lead",
            FindingKind::LeadByConvention { .. } => "lead by convention",
            FindingKind::JointLeads { .. } => "joint leads",
            FindingKind::TwoAccountable { .. } => "two accountable",
            FindingKind::NoneAccountable { .. } => "none accountable",
            FindingKind::ResponsibleLead => "chart without accountable units",
            FindingKind::UnitWithoutTask => "unit without a task",
            FindingKind::UnknownMark => "unknown mark",
            FindingKind::TextAtMark => "text at a mark",
            FindingKind::NoLegend { .. } => "marks without a legend",
            FindingKind::DriverLeads => "chart of drivers and approvers",
            FindingKind::Legend { .. } => "legend",
            FindingKind::UnitTwice { .. } => "unit named twice",
            FindingKind::NoName { .. } => "not the name of a unit",
            FindingKind::AndOthers => "and others",
            FindingKind::PersonsAtUnit => "persons at a unit",
            FindingKind::ToBeNamed => "unit to be named",
            FindingKind::Collective => "collective",
            FindingKind::KeyTwice { .. } => "key repeated",
            FindingKind::KeyNotTaken { .. } => "key not taken",
            FindingKind::DeadlineWithoutDay { .. } => "deadline without a day",
            FindingKind::NoRow => "no row",
            FindingKind::NestedTable => "table in a cell",
            FindingKind::UnclosedQuote => "unclosed quote",
            FindingKind::Upright => "titles on the left",
        }
    }
}

/// The most characters of an original that a finding keeps.
const KEPT: usize = 240;

/// A finding as the reader collects it.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) kind: FindingKind,
    pub(super) place: Place,
    pub(super) original: Box<str>,
}

impl Found {
    pub(super) fn new(kind: FindingKind, place: Place, original: &str) -> Found {
        let (kept, _) = first_chars(original, KEPT);
        Found { kind, place, original: kept.into() }
    }
}
