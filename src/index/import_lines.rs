//! Takes the lines of an export other than units, tasks and their details into a load.

use crate::edit::{Event, UnitPlanner};
use crate::export::{Label, ObligationLine, OrganisationLine, OwedByLine};
use crate::id::UnitId;
use crate::model::{InputError, Obligation, Report, Result, section_name};
use crate::state;

/// Carries out a line. `reforms` are those of the lines before: one that is there already is not recorded again.
pub(super) fn apply(line: &OrganisationLine, units: &mut UnitPlanner, reforms: &mut Vec<Event>) -> Result<()> {
    match line {
        OrganisationLine::Ended { ended, number, kind, day } => units.define_ended(ended, *number, *kind, *day),
        OrganisationLine::Members { collective, members } => {
            let (group, members) = (unit(collective, units)?, all(members, units)?);
            units.put_members(group, &members)
        }
        OrganisationLine::End { unit, end } => units.define_end(unit, *end),
        OrganisationLine::Reform { reform } => {
            let (from, to) = (all(&reform.from, units)?, all(&reform.to, units)?);
            let event = (from, to, reform.day);
            units.add_lineage_unless_there(&event, reforms.iter().filter(|other| **other == event).count())?;
            reforms.push(event);
            Ok(())
        }
        OrganisationLine::Obligation { obligation } => {
            let (checked, obligation) = parts(obligation, units)?;
            units.put_obligation(&checked, obligation)
        }
        OrganisationLine::Report { report } => {
            let own = unit(&report.unit, units)?;
            // The name of the unit is not looked at.
            let answered = Report::new(report.obligation.clone(), String::new(), report.due, report.answer);
            units.put_report(&answered.details(report.details.clone().unwrap_or_default()), own)
        }
    }
}

fn unit(label: &Label, units: &UnitPlanner) -> Result<UnitId, InputError> {
    match label {
        Label::Name(name) => units.known(name),
        Label::Ended { ended, number } => units.without_names(ended, *number),
    }
}

fn all(labels: &[Label], units: &UnitPlanner) -> Result<Vec<UnitId>, InputError> {
    let mut all = Vec::with_capacity(labels.len());
    for label in labels {
        let found = unit(label, units)?;
        if all.contains(&found) {
            let (Label::Name(written) | Label::Ended { ended: written, .. }) = label;
            return Err(units.twice(found, written));
        }
        all.push(found);
    }
    Ok(all)
}

/// An obligation without its units, to be checked, and with them.
fn parts(line: &ObligationLine, units: &UnitPlanner) -> Result<(Obligation, state::Obligation)> {
    let ObligationLine { name, owed_by, to, copies, due, from, until } = line;
    let mut checked = Obligation::new(name.clone(), due.clone());
    (checked.from, checked.until) = (*from, *until);
    let mut rules = Vec::with_capacity(owed_by.len());
    for owed_by in owed_by {
        rules.push(match owed_by {
            OwedByLine::LeadsBelow(prefix) => state::OwedBy::LeadsBelow(section_name(prefix)?.into()),
            OwedByLine::MembersOf(label) => state::OwedBy::MembersOf(unit(label, units)?),
            OwedByLine::Unit(label) => state::OwedBy::Unit(unit(label, units)?),
        });
    }
    let to = to.as_ref().map(|label| unit(label, units)).transpose()?;
    let (copies, due, from, until) = (all(copies, units)?, due.normal(), *from, *until);
    Ok((checked, state::Obligation { owed_by: rules, to, copies, due, from, until }))
}
