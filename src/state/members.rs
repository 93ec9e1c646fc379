//! The rules for members of collectives and for units that gave their names away, which every change of a unit keeps.
//!
//! Cost: a walk over what is below the members that a change adds, and a look at the members that it has.

use std::collections::HashSet;

use super::change::UnitChange;
use super::misfit::Misfit;
use super::units::Units;
use crate::id::UnitId;
use crate::model::UnitKind;

impl Units {
    /// Checks that a change gives members, each once, to a collective that is not below them, and that it removes no member
    /// of another one.
    pub(super) fn check_members(&self, change: &UnitChange) -> Result<(), Misfit> {
        let (unit, refused) = (change.unit, |why: String| Err(Misfit::new(why)));
        let Some(is) = &change.is else {
            let is_member = !self.groups(unit).is_empty();
            return if is_member { refused(format!("unit {unit} is removed, and is a member")) } else { Ok(()) };
        };
        let lost = change.was.as_ref().map_or(0, |was| was.members.len());
        let kept = self.members(unit).len().saturating_sub(lost);
        let kind = is.kind.or(self.get(unit).map(|old| old.kind));
        if kept + is.members.len() > 0 && kind != Some(UnitKind::Collective) {
            return refused(format!("unit {unit} has members, and is no collective"));
        }
        if let Some(member) = is.members.iter().find(|member| self.get(**member).is_none()) {
            return refused(format!("unit {member}, a member of unit {unit}, does not exist"));
        }
        let is_new = |member: &UnitId| !change.was.as_ref().is_some_and(|was| was.members.contains(member));
        let mut new = is.members.iter().filter(|member| is_new(member));
        if new.clone().any(|member| self.groups(*member).contains(&unit)) {
            return refused(format!("unit {unit} has a member twice"));
        }
        match new.find(|member| self.path(**member, unit).is_some()) {
            Some(member) => refused(format!("unit {unit} is below its member, unit {member}")),
            None => Ok(()),
        }
    }

    /// Checks that a unit which gives its name away, or gave it, keeps no other name and gets none.
    pub(super) fn check_nameless(&self, change: &UnitChange, has_names: bool) -> Result<(), Misfit> {
        let Some(is) = &change.is else { return Ok(()) };
        let old = self.get(change.unit).map_or(0, |old| old.aliases.len());
        let lost = change.was.as_ref().map_or(0, |was| was.aliases.len());
        if change.has_names_after(has_names) || old + is.aliases.len() == lost {
            return Ok(());
        }
        Err(Misfit::new(format!("unit {} gave its name away, and has others", change.unit)))
    }

    /// The way from a unit down through members to another one, both included.
    pub(crate) fn path(&self, from: UnitId, to: UnitId) -> Option<Vec<UnitId>> {
        // Each unit below with the place of the one above it, in the order in which they were found.
        let mut found: Vec<(UnitId, Option<usize>)> = vec![(from, None)];
        let (mut seen, mut next) = (HashSet::from([from]), 0);
        while let Some((unit, _)) = found.get(next).copied() {
            if unit == to {
                let mut path = Vec::new();
                let mut at = Some(next);
                while let Some((unit, above)) = at.and_then(|at| found.get(at)) {
                    path.push(*unit);
                    at = *above;
                }
                path.reverse();
                return Some(path);
            }
            let members = self.members(unit).iter();
            found.extend(members.filter(|member| seen.insert(**member)).map(|member| (*member, Some(next))));
            next += 1;
        }
        None
    }
}
