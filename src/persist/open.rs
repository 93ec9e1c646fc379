//! Opening: rows to a state, then the log after it.

use std::sync::Arc;

use crate::id::Revision;
use crate::model::{Corrupt, Error, Result, Role};
use crate::state::{PARALLEL_FROM, State, Tasks, Touched, UnitLists, Units};
use crate::store::Store;
use crate::threads::both;

use super::defect::Mode;
use super::format::rows::HeaderV1;
use super::format::{FormatError, Row};
use super::log::replay;
use super::reader::{self, Lists};

/// An index as its rows and its log tell it.
pub(crate) struct Opened {
    pub(crate) state: State,
    /// The revision and the generation of the checkpoint.
    pub(crate) checkpoint: Revision,
    pub(crate) generation: u32,
    /// The parts of the state that the log changed after the checkpoint, and the number of those changes.
    pub(crate) touched: Touched,
    pub(crate) changes: usize,
    /// Whether the store believes that another revision is durable, and must be told of this one.
    pub(crate) lost: bool,
}

/// Reads everything and puts the newest state together. Lost commits are an error unless they are accepted.
pub(crate) fn open(store: &Arc<dyn Store>, accept_lost: bool) -> Result<Opened> {
    let rows = reader::read(&**store, Mode::Strict)?;
    let extent = rows.extent();
    let header = rows.header.ok_or_else(|| FormatError::new(Row::Header, "it is missing"))?;
    let units = Units::of(rows.units.into_iter().flatten().collect())
        .map_err(|(unit, why)| FormatError::new(Row::Unit { generation: header.generation, unit }, why))?;
    // Two threads: one makes the unit→task direction, the other reads it from its rows and makes the index of keys.
    let records = rows.records;
    let tasks = || (reader::read_lists(&**store, Mode::Strict, &extent), Tasks::of(records.clone()));
    let many = records.len() > PARALLEL_FROM;
    let ((lists, tasks), mut by_task) = both(many, tasks, || UnitLists::of(&records, units.len()));
    let mut state = State::join(units, tasks, &mut by_task);
    state.revision = header.revision;
    state.next_detail = header.next_detail.max(1);
    check_counts(&header, &state)?;
    check_directions(&state.units, &by_task, &lists?.0)?;
    // The replay changes records in place where nobody else has them.
    drop((by_task, records));
    let (state, touched, changes) = replay(&**store, state, None)?;
    let lost = match check_nothing_is_lost(&**store, state.revision) {
        Ok(()) => false,
        Err(Error::Corrupt(Corrupt::RolledBack { .. } | Corrupt::Mark { .. })) if accept_lost => true,
        Err(error) => return Err(error),
    };
    Ok(Opened { state, checkpoint: header.revision, generation: header.generation, touched, changes, lost })
}

fn check_counts(header: &HeaderV1, state: &State) -> Result<()> {
    let (assigned, pairs) = (state.tasks.assigned() as u64, state.units.pairs());
    if (u64::from(header.assigned), header.pairs) == (assigned, pairs) {
        return Ok(());
    }
    let why = format!(
        "it counts {} assigned tasks and {} pairs of a task and a unit, there are {assigned} and {pairs}",
        header.assigned, header.pairs
    );
    Err(FormatError::new(Row::Header, why).into())
}

/// Compares the unit→task rows with what the task→unit rows say.
fn check_directions(units: &Units, by_task: &UnitLists, lists: &Lists) -> Result<()> {
    for ((id, unit), lists) in units.iter().zip(lists) {
        for (role, list) in Role::BOTH.into_iter().zip(lists) {
            let by_task = by_task.ids(id, role);
            if list.as_deref() != Some(by_task) {
                let (name, by_task, by_unit) = (&unit.name, by_task.len(), list.as_ref().map_or(0, Vec::len));
                let why =
                    format!("unit {name:?} has {by_unit} tasks as {role} by its own rows, {by_task} by the tasks'");
                return Err(Corrupt::Directions { why }.into());
            }
        }
    }
    Ok(())
}

/// Compares the newest revision found with the one that the store knows to have been durable.
pub(crate) fn check_nothing_is_lost(store: &dyn Store, found: Revision) -> Result<()> {
    let expected = store.newest_durable()?;
    if expected > found { Err(Corrupt::RolledBack { expected, found }.into()) } else { Ok(()) }
}
