//! Applies decided changes to a version. The one way in which a version changes: for a commit and for a replay alike.

use std::sync::Arc;

use crate::assignment::Role;
use crate::format::rows::ChangeV1;
use crate::id::UnitId;
use crate::view::{Record, Unit, Version};

/// Applies one change. An error says why it doesn't fit the version: the log is damaged then.
pub(crate) fn apply(version: &mut Version, change: &ChangeV1) -> Result<(), String> {
    match change {
        ChangeV1::AddUnit { name, kind } => {
            free(version, name)?;
            version.units.add(Unit { name: name.as_str().into(), aliases: Arc::default(), kind: (*kind).into() });
        }
        ChangeV1::AddAlias { unit, alias } => {
            free(version, alias)?;
            known(version, *unit)?;
            version.units.change(*unit, |unit| Arc::make_mut(&mut unit.aliases).push(alias.as_str().into()));
        }
        ChangeV1::RemoveAlias { unit, alias } => {
            known(version, *unit)?;
            version.units.change(*unit, |unit| Arc::make_mut(&mut unit.aliases).retain(|name| **name != **alias));
        }
        ChangeV1::Rename { unit, name } => {
            known(version, *unit)?;
            if version.units.find(name) != Some(*unit) {
                free(version, name)?;
            }
            version.units.change(*unit, |unit| {
                Arc::make_mut(&mut unit.aliases).retain(|alias| **alias != **name);
                let former = std::mem::replace(&mut unit.name, name.as_str().into());
                Arc::make_mut(&mut unit.aliases).push(former);
            });
        }
        ChangeV1::SetKind { unit, kind } => {
            known(version, *unit)?;
            version.units.change(*unit, |unit| unit.kind = (*kind).into());
        }
        ChangeV1::Task { key, units, detail } => {
            units.iter().try_for_each(|unit| known(version, *unit))?;
            set_task(version, key, units, *detail);
        }
    }
    Ok(())
}

fn free(version: &Version, name: &str) -> Result<(), String> {
    match version.units.find(name) {
        None => Ok(()),
        Some(owner) => Err(format!("the name {name:?} belongs to unit {owner}")),
    }
}

fn known(version: &Version, unit: UnitId) -> Result<(), String> {
    version.units.get(unit).map(drop).ok_or_else(|| format!("there is no unit {unit}"))
}

fn set_task(version: &mut Version, key: &str, units: &[UnitId], detail: u64) {
    let found = version.tasks.find(key);
    let record = found.and_then(|id| version.tasks.record(id));
    let before = roles(record.into_iter().flat_map(Record::units));
    let after = roles(units.iter().copied());
    let id = version.tasks.put(key, units, detail);
    for (unit, role) in before.iter().filter(|pair| after.binary_search(pair).is_err()) {
        version.units.toggle(*unit, *role, &version.tasks, id, false);
    }
    for (unit, role) in after.iter().filter(|pair| before.binary_search(pair).is_err()) {
        version.units.toggle(*unit, *role, &version.tasks, id, true);
    }
    version.next_detail = version.next_detail.max(detail.saturating_add(1));
}

/// Units with their roles, sorted.
fn roles(units: impl Iterator<Item = UnitId>) -> Vec<(UnitId, Role)> {
    let roles = std::iter::once(Role::Lead).chain(std::iter::repeat(Role::Support));
    let mut pairs: Vec<_> = units.zip(roles).collect();
    pairs.sort_unstable();
    pairs
}
