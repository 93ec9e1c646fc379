//! A number of a unit, with all that is known of its unit but its tasks.

use std::collections::HashSet;
use std::sync::Arc;

use super::unit::{FormerName, Unit};
use crate::id::UnitId;
use crate::model::UnitKind;

/// A number of a unit, with all that is known of it but its tasks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Slot {
    /// `None` for a unit that was removed.
    pub(crate) unit: Option<Unit>,
    /// The canonical names that it had, the oldest first. `None` for most units, which never had another one.
    pub(super) former: Option<Arc<Vec<FormerName>>>,
    /// The collectives of which it is a direct member, by number; `None` for none.
    groups: Option<Arc<Vec<UnitId>>>,
}

impl Slot {
    pub(crate) fn new(unit: Option<Unit>, former: Vec<FormerName>) -> Slot {
        Slot { unit, former: (!former.is_empty()).then(|| Arc::new(former)), groups: None }
    }

    /// The collectives of which it is a direct member, by number.
    pub(crate) fn groups(&self) -> &[UnitId] {
        self.groups.as_ref().map_or(&[], |groups| groups.as_slice())
    }

    pub(super) fn set_group(&mut self, group: UnitId, present_after: bool) {
        let mut groups = self.groups().to_vec();
        match groups.binary_search(&group) {
            Ok(at) if !present_after => drop(groups.remove(at)),
            Err(at) if present_after => groups.insert(at, group),
            _ => return,
        }
        self.groups = (!groups.is_empty()).then(|| Arc::new(groups));
    }

    pub(crate) fn former(&self) -> &[FormerName] {
        self.former.as_ref().map_or(&[], |former| former.as_slice())
    }
}

/// Gives each slot the collectives of which its unit is a member.
pub(super) fn set_groups(units: &mut [Slot]) -> Result<(), (UnitId, String)> {
    let members = |slot: &Slot| slot.unit.as_ref().map_or_else(Vec::new, |unit| unit.members().to_vec());
    let pairs: Vec<(UnitId, UnitId)> = (0..)
        .zip(units.iter())
        .flat_map(|(group, slot)| members(slot).into_iter().map(move |member| (group, member)))
        .collect();
    for (group, member) in pairs {
        match units.get_mut(member as usize).filter(|slot| slot.unit.is_some()) {
            Some(slot) => slot.set_group(group, true),
            None => return Err((group, format!("its member, unit {member}, does not exist"))),
        }
    }
    check_members(units)
}

/// Checks that members are those of collectives, each once, and that no collective is below itself; and that units that gave
/// their names away have no others.
fn check_members(units: &[Slot]) -> Result<(), (UnitId, String)> {
    let all = || (0..).zip(units).filter_map(|(id, slot)| Some((id, slot.unit.as_ref()?)));
    for (id, unit) in all() {
        if !unit.members().is_empty() && unit.kind != UnitKind::Collective {
            return Err((id, "it has members, and is no collective".to_owned()));
        }
        if !unit.has_names() && !unit.aliases.is_empty() {
            return Err((id, "it gave its name away, and has others".to_owned()));
        }
        let mut seen = HashSet::new();
        if !unit.members().iter().all(|member| seen.insert(member)) {
            return Err((id, "it has a member twice".to_owned()));
        }
    }
    // Units that are in no collective that is left are taken away, again and again.
    let mut left: Vec<usize> = units.iter().map(|slot| slot.groups().len()).collect();
    let mut open: Vec<UnitId> = (0..).zip(&left).filter(|(_, groups)| **groups == 0).map(|(id, _)| id).collect();
    while let Some(unit) = open.pop() {
        let unit = units.get(unit as usize).and_then(|slot| slot.unit.as_ref());
        for member in unit.map_or(&[][..], Unit::members) {
            if let Some(groups) = left.get_mut(*member as usize) {
                *groups = groups.saturating_sub(1);
                open.extend((*groups == 0).then_some(*member));
            }
        }
    }
    match (0..).zip(&left).find(|(_, groups)| **groups > 0) {
        Some((id, _)) => Err((id, "it is below itself".to_owned())),
        None => Ok(()),
    }
}
