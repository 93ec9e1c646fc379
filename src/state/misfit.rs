//! Whether a change fits a state.

use super::change::TaskChange;
use super::member::Member;
use super::record::Record;
use crate::id::Revision;

/// A change does not fit the state: what it says that was is not what is. A log is damaged then, or belongs to another
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

/// Checks that the units that a change gives a task exist.
pub(super) fn check_units(task: TaskChange<'_>, units: usize) -> Result<(), Misfit> {
    let named = task.is.map_or(&[][..], |is| is.members);
    check_names(task.key, named.iter().copied(), units)
}

/// Checks that the units of a task exist.
pub(super) fn check_names(key: &str, mut named: impl Iterator<Item = Member>, units: usize) -> Result<(), Misfit> {
    match named.find(|member| member.unit() as usize >= units) {
        Some(member) => Err(Misfit::new(format!("task {key:?} names unit {}, which does not exist", member.unit()))),
        None => Ok(()),
    }
}
