//! The lines of an export other than units, tasks and their details: members, ends of units, reforms, obligations, reports.
//!
//! A unit that gave its names away shares its name with others, or its name finds another unit. So such a unit has a label:
//! its name, and its place among the units of that name that gave theirs away.

use std::collections::HashMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::id::UnitId;
use crate::model::{Answer, Details, Due, UnitKind};
use crate::state::{self, Fact, ReportKey};
use crate::view::View;

/// A unit, as lines name it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Label {
    Name(String),
    /// One that gave its names away: its name, and its number among those of this name, counted from 1.
    Ended {
        ended: String,
        number: u32,
    },
}

impl AsRef<str> for Label {
    /// The name.
    fn as_ref(&self) -> &str {
        let (Label::Name(name) | Label::Ended { ended: name, .. }) = self;
        name
    }
}

/// A line, as it is written and read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub(crate) enum OrganisationLine {
    /// A unit that gave its names away.
    Ended {
        ended: String,
        number: u32,
        kind: UnitKind,
        day: Option<Date>,
    },
    Members {
        collective: Label,
        members: Vec<Label>,
    },
    /// The end of a unit that kept its names.
    End {
        unit: String,
        end: Option<Date>,
    },
    Reform {
        reform: ReformLine,
    },
    Obligation {
        obligation: Box<ObligationLine>,
    },
    Report {
        report: Box<ReportLine>,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReformLine {
    pub(crate) from: Vec<Label>,
    pub(crate) to: Vec<Label>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) day: Option<Date>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct ObligationLine {
    pub(crate) name: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) owed_by: Vec<OwedByLine>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) to: Option<Label>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) copies: Vec<Label>,
    pub(crate) due: Due,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) from: Option<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) until: Option<Date>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum OwedByLine {
    LeadsBelow(String),
    MembersOf(Label),
    Unit(Label),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReportLine {
    pub(crate) obligation: String,
    pub(crate) unit: Label,
    pub(crate) due: Date,
    pub(crate) answer: Answer,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) details: Option<Details>,
}

/// How lines name the units of a view.
pub(crate) struct Labels<'v> {
    view: &'v View,
    labels: HashMap<UnitId, Label>,
}

impl<'v> Labels<'v> {
    pub(crate) fn of(view: &'v View) -> Labels<'v> {
        let (mut labels, mut numbers) = (HashMap::new(), HashMap::new());
        for (id, unit) in view.state().units.iter() {
            let name = unit.name.to_string();
            let label = if unit.has_names() {
                Label::Name(name)
            } else {
                let number = numbers.entry(name.clone()).and_modify(|number| *number += 1).or_insert(1);
                Label::Ended { ended: name, number: *number }
            };
            labels.insert(id, label);
        }
        Labels { view, labels }
    }

    fn label(&self, unit: UnitId) -> Label {
        let label = self.labels.get(&unit);
        debug_assert!(label.is_some(), "facts name units that there are");
        label.cloned().unwrap_or_else(|| Label::Name(format!("unit {unit}")))
    }

    fn labels(&self, units: &[UnitId]) -> Vec<Label> {
        units.iter().map(|unit| self.label(*unit)).collect()
    }

    /// The lines before tasks: units that gave their names away, and members.
    pub(crate) fn first_lines(&self) -> Vec<OrganisationLine> {
        let (mut ended, mut members) = (Vec::new(), Vec::new());
        for (id, unit) in self.view.state().units.iter() {
            let label = self.label(id);
            if !unit.members().is_empty() {
                members.push((label.clone(), self.labels(unit.members())));
            }
            if let Label::Ended { ended: name, number } = label {
                ended.push((name, number, unit.kind, unit.ended.and_then(|ended| ended.day)));
            }
        }
        ended.sort_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
        members.sort();
        let ended = ended.into_iter();
        let ended = ended.map(|(ended, number, kind, day)| OrganisationLine::Ended { ended, number, kind, day });
        let members = members.into_iter();
        let members = members.map(|(collective, members)| OrganisationLine::Members { collective, members });
        ended.chain(members).collect()
    }

    /// The lines after tasks: ends of units, which tasks may still name, reforms, obligations and reports.
    pub(crate) fn last_lines(&self) -> Vec<OrganisationLine> {
        let units = self.view.state().units.iter();
        let ends = units.filter_map(|(_, unit)| {
            let ended = unit.ended.filter(|_| unit.has_names())?;
            Some((unit.name.to_string(), ended.day))
        });
        let mut ends: Vec<(String, Option<Date>)> = ends.collect();
        ends.sort();
        let mut lines: Vec<_> = ends.into_iter().map(|(unit, end)| OrganisationLine::End { unit, end }).collect();
        let mut reports = Vec::new();
        for fact in self.view.state().units.register().iter() {
            match &**fact {
                Fact::Lineage(_, lineage) => {
                    let (from, to) = (self.labels(&lineage.from), self.labels(&lineage.to));
                    lines.push(OrganisationLine::Reform { reform: ReformLine { from, to, day: lineage.day } });
                }
                Fact::Obligation(name, obligation) => {
                    let obligation = Box::new(self.obligation(name, obligation));
                    lines.push(OrganisationLine::Obligation { obligation });
                }
                Fact::Report(ReportKey { obligation, due, unit }, report) => {
                    let details = (*report.details != Details::default()).then(|| (*report.details).clone());
                    let (unit, answer) = (self.label(*unit), report.answer);
                    reports.push(ReportLine { obligation: obligation.to_string(), unit, due: *due, answer, details });
                }
            }
        }
        // Units of equal facts may have other numbers.
        reports.sort_by(|a, b| (&a.obligation, a.due, &a.unit).cmp(&(&b.obligation, b.due, &b.unit)));
        lines.extend(reports.into_iter().map(|report| OrganisationLine::Report { report: Box::new(report) }));
        lines
    }

    fn obligation(&self, name: &str, obligation: &state::Obligation) -> ObligationLine {
        let owed_by = obligation.owed_by.iter().map(|owed_by| match owed_by {
            state::OwedBy::LeadsBelow(prefix) => OwedByLine::LeadsBelow(prefix.to_string()),
            state::OwedBy::MembersOf(unit) => OwedByLine::MembersOf(self.label(*unit)),
            state::OwedBy::Unit(unit) => OwedByLine::Unit(self.label(*unit)),
        });
        ObligationLine {
            name: name.to_owned(),
            owed_by: owed_by.collect(),
            to: obligation.to.map(|unit| self.label(unit)),
            copies: self.labels(&obligation.copies),
            due: obligation.due.clone(),
            from: obligation.from,
            until: obligation.until,
        }
    }
}
