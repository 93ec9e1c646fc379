//! Findings as callers see them: each is shown as one line of English with its place, the original text and what was
//! made of it. Finds nothing itself.

use std::fmt;

use super::finding_kind::{FindingKind, Found};
use super::model::Notice;
use super::rule::Order;
use super::text::Span;

/// One finding: where it stands, what stands there, what was made of it. Shown as one line of English.
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
    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> FindingKind {
        self.found.kind
    }

    /// Where it stands.
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

    /// Whether a clause is no task because its lead is not accepted.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        matches!(self.found.kind, FindingKind::LeadRefused { .. })
    }

    /// What stands there.
    #[must_use]
    pub fn original(&self) -> &'n str {
        self.found.span.of(self.notice.text)
    }

    fn unit(&self, at: usize) -> &'n str {
        self.notice.units.get(at).map_or("", |unit| &unit.name)
    }

    fn lead(&self, task: usize) -> &'n str {
        self.notice.task(task).map_or("", |task| task.lead())
    }

    fn place(&self, byte: usize) -> String {
        let (line, column) = self.notice.position(byte);
        format!("{line}:{column}")
    }

    fn task_place(&self, task: usize) -> String {
        self.notice.task(task).map_or_else(String::new, |task| self.place(task.clause_span().start))
    }
}

impl fmt::Display for Finding<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, column) = self.notice.position(self.found.span.start);
        write!(f, "{line}:{column}: {}: {}", self.found.kind.title(), Made(self))?;
        let original = self.original();
        if original.is_empty() { Ok(()) } else { write!(f, " [{}]", Short(original)) }
    }
}

/// What was made of it.
struct Made<'a, 'n>(&'a Finding<'n>);

impl fmt::Display for Made<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let finding = self.0;
        match finding.found.kind {
            FindingKind::LeadByConvention { task } | FindingKind::LeadShared { task } => {
                write!(f, "{}, listed first, leads", finding.lead(task))
            }
            FindingKind::JointLeads { task } => {
                write!(f, "{} leads", finding.lead(task))?;
                let joint = finding.notice.task(task).into_iter().flat_map(|task| task.joint_leads());
                joint
                    .enumerate()
                    .try_for_each(|(at, unit)| write!(f, "{}{unit}", if at == 0 { ", jointly with " } else { ", " }))
            }
            FindingKind::LeadRefused { basis } => write!(f, "a lead by {basis} is not accepted, so this is no task"),
            FindingKind::Collective { unit } => {
                write!(f, "{} stands for many bodies and is kept as one unit", finding.unit(unit))
            }
            FindingKind::RuleFound { order } => f.write_str(match order {
                Order::First => "the first-listed unit leads",
                Order::BeforeComma => "the units before the first comma lead",
                Order::Starred => "the units with a star lead",
                Order::Type => "the units in bold type lead; type is lost in plain text, so the rule is not used",
            }),
            FindingKind::UnitsEverywhere { units, applied } => {
                let done = if applied { "added to" } else { "not added to" };
                write!(f, "{units} to support every later task; {done} them")
            }
            FindingKind::NumberingGap { expected, found } => write!(f, "{expected} was to come, {found} came"),
            FindingKind::HeadingRepeated { first } => write!(f, "it stood at {} before", finding.place(first)),
            FindingKind::HeadingWithoutTask => f.write_str("no clause is under it"),
            FindingKind::TaskRepeated { earlier, .. } => {
                write!(f, "text and units as at {}; kept as a task of its own", finding.task_place(earlier))
            }
            FindingKind::TaskWithOtherUnits { earlier, .. } => {
                write!(f, "text as at {}, other units; kept as a task of its own", finding.task_place(earlier))
            }
            FindingKind::ClauseWithoutText { .. } => f.write_str("kept as a task without text"),
            FindingKind::UnclosedBracket => f.write_str("read up to the end of its line or sentence"),
            FindingKind::NotRead => f.write_str("left in the text"),
            FindingKind::PartIgnored => f.write_str("it names no unit and was left out"),
            FindingKind::UnitTwice { unit, .. } => write!(f, "{} is kept where it stands first", finding.unit(unit)),
            FindingKind::NameVariant { unit, other } => {
                write!(f, "{} may be {}; kept as two units", finding.unit(unit), finding.unit(other))
            }
            FindingKind::TwoNames { unit, second } => {
                let (first, second) = finding.unit(unit).split_at_checked(second).unwrap_or_default();
                write!(f, "{first} and {second} are kept as one unit")
            }
        }
    }
}

/// The start of a long original.
struct Short<'a>(&'a str);

impl fmt::Display for Short<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut last = ' ';
        for (count, c) in self.0.chars().map(|c| if c.is_control() { ' ' } else { c }).enumerate() {
            if count >= 60 {
                return f.write_str("...");
            }
            if c != ' ' || last != ' ' {
                write!(f, "{c}")?;
            }
            last = c;
        }
        Ok(())
    }
}

impl fmt::Debug for Finding<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Finding").field(&self.to_string()).finish()
    }
}
