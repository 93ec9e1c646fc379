//! Units that are reached from one step by step: through collectives, or through reforms.

use std::collections::HashSet;

use crate::id::UnitId;

/// All units that are reached from one, the nearest first, each once, without the unit itself.
pub(crate) fn reached<I: IntoIterator<Item = UnitId>>(unit: UnitId, step: impl Fn(UnitId) -> I) -> Vec<UnitId> {
    let (mut all, mut seen, mut next) = (vec![unit], HashSet::from([unit]), 0);
    while let Some(unit) = all.get(next).copied() {
        all.extend(step(unit).into_iter().filter(|unit| seen.insert(*unit)));
        next += 1;
    }
    all.split_off(1)
}
