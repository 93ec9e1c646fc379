//! Opening: rows to a state, with the commits of the log after it.

use std::sync::Arc;

use crate::id::{Revision, TaskId};
use crate::model::{Corrupt, Error, Result, Role};
use crate::state::{PARALLEL_FROM, Records, Replay, Replayed, State, Tasks, Touched, UnitLists, Units};
use crate::store::Store;
use crate::threads::both;

use super::defect::Mode;
use super::format::rows::HeaderV1;
use super::format::{FormatError, Row};
use super::log::{collect, goes_on_after, put};
use super::reader::{self, Extent};

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
    let replay = Replay::new(units, header.revision, header.next_detail.max(1));
    let (checkpoint, generation) = (header.revision, header.generation);
    let goes_on = goes_on_after(&**store, checkpoint)?;
    let Joined { state, touched, changes } =
        Join { store: &**store, header, extent }.join(rows.records, replay, goes_on)?;
    let lost = match check_nothing_is_lost(&**store, state.revision) {
        Ok(()) => false,
        Err(Error::Corrupt(Corrupt::RolledBack { .. } | Corrupt::Mark { .. })) if accept_lost => true,
        Err(error) => return Err(error),
    };
    Ok(Opened { state, checkpoint, generation, touched, changes, lost })
}

/// Joins the rows of a checkpoint with each other and with the log.
struct Join<'s> {
    store: &'s dyn Store,
    header: HeaderV1,
    extent: Extent,
}

struct Joined {
    state: State,
    touched: Touched,
    changes: usize,
}

impl Join<'_> {
    /// Two threads: one makes the unit→task direction, the other reads it from its rows and makes the index of keys. If
    /// the log goes on, it is read while the index of keys is made, and both directions come after that.
    fn join(&self, records: Records, replay: Replay, goes_on: bool) -> Result<Joined> {
        let many = records.len() > PARALLEL_FROM;
        let make = || Tasks::of(records.clone());
        let (made, replay) = if goes_on {
            let (tasks, replay) = both(many, make, || collect(self.store, replay, None));
            (Some(tasks), replay?)
        } else {
            (None, collect(self.store, replay, None)?)
        };
        let (changes, units) = (replay.count(), replay.units());
        let (tasks, replayed, lists, mut by_task) = match made {
            None if replay.is_empty() => {
                let ((lists, mut tasks), by_task) =
                    both(many, || (self.lists(), make()), || UnitLists::of(&records, units));
                self.check_counts(&tasks)?;
                let replayed = put(replay, &mut tasks)?;
                (tasks, replayed, lists, by_task)
            }
            made => {
                let mut tasks = made.unwrap_or_else(make);
                // Records are changed in place where nobody else has them.
                drop(records);
                self.check_counts(&tasks)?;
                let replayed = put(replay, &mut tasks)?;
                let (lists, by_task) = both(many, || self.lists(), || UnitLists::of(tasks.records(), units));
                (tasks, replayed, lists, by_task)
            }
        };
        let Replayed { units, revision, next_detail, touched, toggles } = replayed;
        let mut lists = lists?;
        toggles.apply_to(&mut lists);
        check_directions(&units, &by_task, &lists)?;
        let state = State { revision, next_detail, ..State::join(units, tasks, &mut by_task) };
        Ok(Joined { state, touched, changes })
    }

    /// The unit→task rows. A strict reader returns all of them.
    fn lists(&self) -> Result<Vec<[Vec<TaskId>; 2]>> {
        let (lists, _) = reader::read_lists(self.store, Mode::Strict, &self.extent)?;
        debug_assert!(lists.iter().flatten().all(Option::is_some), "a strict reader fails at the first defect");
        Ok(lists.into_iter().map(|both| both.map(Option::unwrap_or_default)).collect())
    }

    fn check_counts(&self, tasks: &Tasks) -> Result<()> {
        let (counted, there) =
            ((u64::from(self.header.assigned), self.header.pairs), (tasks.assigned() as u64, self.extent.pairs));
        if counted == there {
            return Ok(());
        }
        let why = format!(
            "it counts {} assigned tasks and {} pairs of a task and a unit, there are {} and {}",
            counted.0, counted.1, there.0, there.1
        );
        Err(FormatError::new(Row::Header, why).into())
    }
}

/// Compares the unit→task rows with what the task→unit rows say.
fn check_directions(units: &Units, by_task: &UnitLists, lists: &[[Vec<TaskId>; 2]]) -> Result<()> {
    if lists.len() != units.len() {
        let why = format!("there are {} units, and lists of tasks of {}", units.len(), lists.len());
        return Err(Corrupt::Directions { why }.into());
    }
    for ((id, unit), lists) in units.iter().zip(lists) {
        for (role, list) in Role::BOTH.into_iter().zip(lists) {
            let by_task = by_task.ids(id, role);
            if list != by_task {
                let (name, by_task, by_unit) = (&unit.name, by_task.len(), list.len());
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
