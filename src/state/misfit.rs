//! Whether a change fits a state.

use super::change::TaskChange;
use super::record::Record;
use crate::id::{Revision, UnitId};

/// A change does not fit the state: what it gives as the state before differs from what the state has. A log is damaged then, or belongs to another
/// index.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Misfit(String);

impl Misfit {
    pub(super) fn new(why: String) -> Misfit {
        Misfit(why)
    }

    pub(super) fn broken_chain(key: &str) -> Misfit {
        Misfit(format!("two changes of task {key:?} do not follow each other"))
    }

    pub(super) fn no_such_unit(key: &str, unit: UnitId) -> Misfit {
        Misfit(format!("task {key:?} names unit {unit}, which does not exist"))
    }

    /// The same, with the commit that does not fit.
    pub(super) fn in_commit(self, revision: Revision) -> Misfit {
        Misfit(format!("revision {revision}: {self}"))
    }
}

/// Checks that a task is what a change says it was. The revision at which a task was removed is not compared: its key may
/// be forgotten.
pub(super) fn check_before(record: Option<Record<'_>>, task: TaskChange<'_>) -> Result<(), Misfit> {
    let fits = match (record, task.was) {
        (None, None) => true,
        (Some(record), Some(was)) => {
            record.detail() == was.detail
                && record.members().eq(was.members.iter().copied())
                && record.changed() == task.was_changed
        }
        _ => false,
    };
    if fits { Ok(()) } else { Err(Misfit::new(format!("task {:?} is not what it was when it was changed", task.key))) }
}

/// Checks that the units that a change gives a task have numbers below a bound: they exist, or were removed.
pub(super) fn check_numbers(task: TaskChange<'_>, numbered: usize) -> Result<(), Misfit> {
    let named = task.is.map_or(&[][..], |is| is.members);
    match named.iter().find(|member| member.unit() as usize >= numbered) {
        Some(member) => Err(Misfit::no_such_unit(task.key, member.unit())),
        None => Ok(()),
    }
}
