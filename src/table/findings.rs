//! Findings as callers see them. Each is shown as one line of English: its place, its kind, the decision of the reader,
//! the original text.

use std::fmt;

use crate::model::{Excerpt, OneLine};

use super::finding_kind::{FindingKind, Found};
use super::model::{Rows, TableTask};
use super::place::Place;

/// A finding: a place, its kind, the original text. Shown as one line of English.
#[derive(Clone, Copy)]
pub struct Finding<'r> {
    rows: &'r Rows,
    found: &'r Found,
}

impl Rows {
    /// The findings, in the order of their places.
    pub fn findings(&self) -> impl ExactSizeIterator<Item = Finding<'_>> {
        self.found.iter().map(|found| Finding { rows: self, found })
    }
}

impl<'r> Finding<'r> {
    /// The kind, with the decision of the reader.
    #[must_use]
    pub fn kind(&self) -> &'r FindingKind {
        &self.found.kind
    }

    /// The line, from 1.
    #[must_use]
    pub fn line(&self) -> u32 {
        self.found.place.line
    }

    /// The column in characters, from 1.
    #[must_use]
    pub fn column(&self) -> u32 {
        self.found.place.column
    }

    /// The place.
    #[must_use]
    pub fn place(&self) -> Place {
        self.found.place
    }

    /// The text at that place, at most its first 240 characters.
    #[must_use]
    pub fn original(&self) -> &'r str {
        &self.found.original
    }

    /// The task that a finding names.
    fn task(&self, at: usize) -> TableTask<'r> {
        #[expect(clippy::indexing_slicing, reason = "a finding names a task of its rows")]
        let entry = &self.rows.tasks[at];
        TableTask { rows: self.rows, entry, at }
    }

    fn lead(&self, task: usize) -> &'r str {
        let lead = self.task(task).lead();
        debug_assert!(lead.is_some(), "a finding of a lead at task {task}, which has none");
        lead.unwrap_or("nobody")
    }

    /// "A leads, jointly with B, C".
    fn leads(&self, task: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} leads", OneLine(self.lead(task)))?;
        let joint = self.task(task).in_role(crate::model::Role::CoLead);
        for (at, unit) in joint.enumerate() {
            write!(f, "{}{}", if at == 0 { ", jointly with " } else { ", " }, OneLine(unit))?;
        }
        Ok(())
    }

    /// "the task is vacant; 2 other units are kept".
    fn vacant(&self, task: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the task is vacant")?;
        match self.task(task).standing().units().count() {
            0 => Ok(()),
            1 => f.write_str("; its other unit is kept and does not lead"),
            units => write!(f, "; its {units} other units are kept and do not lead"),
        }
    }
}

impl fmt::Display for Finding<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.found.place, self.found.kind.title(), Decision(self))?;
        let original = self.original();
        if original.is_empty() { Ok(()) } else { write!(f, " [{}]", Excerpt(original)) }
    }
}

/// The decision of the reader.
struct Decision<'a, 'r>(&'a Finding<'r>);

impl fmt::Display for Decision<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let finding = self.0;
        match finding.kind() {
            FindingKind::NotRead => f.write_str("it belongs to no task"),
            FindingKind::NoLeadColumn { rows } => {
                write!(f, "no header names a lead or responsible unit; {rows} rows are not read")
            }
            FindingKind::ColumnNotRead { cells } => write!(f, "no task takes it; cells with text: {cells}"),
            FindingKind::PersonsLeftOut { cells } => {
                write!(f, "other columns name the units; persons are left out; cells with text: {cells}")
            }
            FindingKind::HeaderTwice { meaning, both: true } => {
                write!(f, "another column means {meaning}, too; the units of both are taken, in order")
            }
            FindingKind::HeaderTwice { meaning, both: false } => {
                write!(f, "another column means {meaning}, too; this one is not read")
            }
            FindingKind::ColumnTakenAsLead => f.write_str("no other column names units; its units are responsible"),
            FindingKind::HeaderAgain => f.write_str("the header of the rows below"),
            FindingKind::SectionRow => f.write_str("the section of the rows below"),
            FindingKind::SectionWithoutTask => f.write_str("no task follows before the next section or the end"),
            FindingKind::RowLength { expected, found } => {
                write!(f, "the header has {expected} cells, the row {found}; cells are taken from the left")
            }
            FindingKind::CellWithoutHeader => f.write_str("no header is over it; left out"),
            FindingKind::RowWithoutTask { .. } => f.write_str("kept as a task without a title"),
            FindingKind::RowMerged { .. } => f.write_str("its units are added to the task above"),
            FindingKind::LeadEmpty { task } | FindingKind::NoneAccountable { task } => finding.vacant(*task, f),
            FindingKind::LeadByConvention { task } => {
                write!(f, "{}, listed first, leads", OneLine(finding.lead(*task)))
            }
            FindingKind::JointLeads { task } | FindingKind::TwoAccountable { task } => finding.leads(*task, f),
            FindingKind::ResponsibleLead => {
                f.write_str("no unit is accountable anywhere; where one unit is responsible, it leads")
            }
            FindingKind::UnitWithoutTask => f.write_str("no row has a mark of it; an import does not create it"),
            FindingKind::UnknownMark => f.write_str("the unit gets no role by it"),
            FindingKind::TextAtMark => f.write_str("the mark is read; the text is left out"),
            FindingKind::NoLegend { lead, others: 0 } => write!(f, "{lead} is taken for the lead"),
            FindingKind::NoLegend { lead, .. } => {
                write!(f, "{lead} is taken for the lead, the other marks for support")
            }
            FindingKind::DriverLeads => f.write_str("D leads, A leads jointly, C is consulted, I is informed"),
            FindingKind::Legend { marks } => write!(f, "it explains {marks} marks"),
            FindingKind::UnitTwice { kept, .. } => write!(f, "kept once, as {kept}"),
            FindingKind::NoName { why } => write!(f, "{why}; left out"),
            FindingKind::AndOthers => f.write_str("the others are not named; left out"),
            FindingKind::PersonsAtUnit => f.write_str("left out"),
            FindingKind::ToBeNamed => f.write_str("no unit is taken from it"),
            FindingKind::Collective => f.write_str("a group of bodies; kept as one unit"),
            FindingKind::KeyTwice { task } => {
                let key = OneLine(finding.task(*task).own_key());
                write!(f, "an earlier task has this key; this one gets {key}")
            }
            FindingKind::KeyNotTaken { task, why } => {
                write!(f, "{why}; this task gets {}", OneLine(finding.task(*task).own_key()))
            }
            FindingKind::DeadlineWithoutDay { cells } => write!(f, "kept as text; cells of this form: {cells}"),
            FindingKind::NoRow => f.write_str("nothing is below the header"),
            FindingKind::NestedTable => f.write_str("not read; the cell keeps its other text"),
            FindingKind::UnclosedQuote => f.write_str("from here on quotes are text"),
            FindingKind::Upright => f.write_str("read as one task"),
        }
    }
}

impl fmt::Debug for Finding<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Finding").field(&self.to_string()).finish()
    }
}
