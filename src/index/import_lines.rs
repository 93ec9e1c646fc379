//! Takes the lines of an export other than units, tasks and their details into a load.

use std::collections::HashMap;

use crate::edit::{Event, UnitPlanner};
use crate::export::{Label, ObligationLine, OrganisationLine, OwedByLine};
use crate::id::UnitId;
use crate::model::{InputError, Obligation, Report, Result, section_name};
use crate::state;

/// The lines of one import that were carried out, as far as later ones need them.
#[derive(Default)]
pub(super) struct Imported {
    /// The members of collectives, which are set at the end, all at once: one by one they might be a circle.
    members: Vec<(UnitId, Vec<UnitId>)>,
    /// How often each reform is in the index and not among the lines so far. Made when first asked for.
    reforms: Option<HashMap<Event, usize>>,
    /// The units that gave their names away. Made when first asked for.
    without_names: Option<HashMap<String, Vec<UnitId>>>,
}

impl Imported {
    /// Carries out a line.
    pub(super) fn apply(&mut self, line: &OrganisationLine, units: &mut UnitPlanner) -> Result<()> {
        match line {
            OrganisationLine::Ended { ended, number, kind, day } => {
                let known = self.without_names(units).entry(ended.clone()).or_default();
                match (*number as usize).checked_sub(known.len() + 1) {
                    // There are as many in the index.
                    None => Ok(()),
                    Some(0) => {
                        known.push(units.define_ended(ended, *kind, *day)?);
                        Ok(())
                    }
                    Some(_) => Err(unknown(ended, *number).into()),
                }
            }
            OrganisationLine::Members { collective, members } => {
                let (group, members) = (self.unit(collective, units)?, self.all(members, units)?);
                units.check_collective(group)?;
                self.members.push((group, members));
                Ok(())
            }
            OrganisationLine::End { unit, end } => units.define_end(unit, *end),
            OrganisationLine::Reform { reform } => {
                let event = (self.all(&reform.from, units)?, self.all(&reform.to, units)?, reform.day);
                let there = self.reforms.get_or_insert_with(|| units.reforms()).get_mut(&event);
                match there.filter(|there| **there > 0) {
                    Some(there) => {
                        *there -= 1;
                        Ok(())
                    }
                    None => units.add_event(event),
                }
            }
            OrganisationLine::Obligation { obligation } => {
                let (checked, obligation) = self.obligation(obligation, units)?;
                units.put_obligation(&checked, obligation)
            }
            OrganisationLine::Report { report } => {
                let own = self.unit(&report.unit, units)?;
                // The name of the unit is not looked at.
                let answered = Report::new(report.obligation.clone(), String::new(), report.due, report.answer);
                let answered = match &report.details {
                    Some(details) => answered.details(details.clone()),
                    None => answered,
                };
                units.put_report(&answered, own)
            }
        }
    }

    /// Sets the members of the collectives of all lines.
    pub(super) fn finish(self, units: &mut UnitPlanner) -> Result<()> {
        self.members.iter().try_for_each(|(group, _)| units.put_members(*group, &[]))?;
        self.members.iter().try_for_each(|(group, members)| units.put_members(*group, members))
    }

    fn without_names(&mut self, units: &UnitPlanner) -> &mut HashMap<String, Vec<UnitId>> {
        self.without_names.get_or_insert_with(|| units.without_names())
    }

    fn unit(&mut self, label: &Label, units: &UnitPlanner) -> Result<UnitId, InputError> {
        match label {
            Label::Name(name) => units.known(name),
            Label::Ended { ended, number } => {
                let place = number.checked_sub(1).map(|place| place as usize);
                let found = self.without_names(units).get(ended).zip(place).and_then(|(units, place)| units.get(place));
                found.copied().ok_or_else(|| unknown(ended, *number))
            }
        }
    }

    fn all(&mut self, labels: &[Label], units: &mut UnitPlanner) -> Result<Vec<UnitId>> {
        units.each_once(labels, |units, label| Ok(self.unit(label, units)?))
    }

    /// An obligation without its units, to be checked, and with them.
    fn obligation(
        &mut self,
        line: &ObligationLine,
        units: &mut UnitPlanner,
    ) -> Result<(Obligation, state::Obligation)> {
        let ObligationLine { name, owed_by, to, copies, due, from, until } = line;
        let mut checked = Obligation::new(name.clone(), due.clone());
        (checked.from, checked.until) = (*from, *until);
        let mut rules = Vec::with_capacity(owed_by.len());
        for owed_by in owed_by {
            rules.push(match owed_by {
                OwedByLine::LeadsBelow(prefix) => state::OwedBy::LeadsBelow(section_name(prefix)?.into()),
                OwedByLine::MembersOf(label) => state::OwedBy::MembersOf(self.unit(label, units)?),
                OwedByLine::Unit(label) => state::OwedBy::Unit(self.unit(label, units)?),
            });
        }
        let to = to.as_ref().map(|label| self.unit(label, units)).transpose()?;
        let (copies, due, from, until) = (self.all(copies, units)?, due.normal(), *from, *until);
        Ok((checked, state::Obligation { owed_by: rules, to, copies, due, from, until }))
    }
}

fn unknown(name: &str, number: u32) -> InputError {
    InputError::UnknownUnit { name: format!("{name} ({number})"), near: Vec::new(), other_time: None }
}
