//! Insides of the crate, for its own tests and fuzzers. Not part of the interface: anything here may change.

mod fill;
pub mod fuzz;
mod gate;
mod home;
#[cfg(feature = "testing")]
mod machines;

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::commit_log::{MemoryLog, TEST_SEGMENT_BYTES};
use crate::export;
use crate::id::Revision;
use crate::index::Index;
use crate::model::{Error, Result, TEST_CLOCK};
use crate::order::compare_keys;
use crate::persist::{LogReader, rows_state, state_at};
use crate::state::{Change, State, TaskChange, TaskImage};
use crate::store::{Directory, Use};
use crate::view::View;

pub use self::home::{Fault, MemoryHome, Misfortune, SyncEnd};
#[cfg(feature = "testing")]
pub use self::machines::{MemoryMachine, MemoryMachines};

/// The changes of one commit or bulk load.
#[derive(Clone, Debug)]
pub struct Commit(Vec<Change>);

/// Returns the commits and bulk loads since the last call, the oldest first. They are kept from the first call on.
#[must_use]
pub fn commits(index: &Index) -> Vec<Commit> {
    index.shared().recorder().take().into_iter().map(Commit).collect()
}

/// The view before a commit, made from a view after it.
///
/// # Errors
/// [`Error::Bug`] when the commit does not fit the view.
pub fn undo(view: &View, commit: &Commit) -> Result<View> {
    let state = view.state().undo(&commit.0).map_err(|misfit| Error::Bug { what: misfit.to_string() })?;
    Ok(view.with(State { revision: view.revision() - 1, ..state }))
}

/// The view after a commit, made from a view before it.
///
/// # Errors
/// [`Error::Bug`] when the commit does not fit the view.
pub fn redo(view: &View, commit: &Commit) -> Result<View> {
    let applied = view.state().apply(&commit.0);
    let (state, _) = applied.map_err(|misfit| Error::Bug { what: misfit.to_string() })?;
    Ok(view.with(State { revision: view.revision() + 1, ..state }))
}

/// Checks the difference between the views before and after a commit: its tasks are those of the commit, its units are
/// among those of the commit, and the difference the other way round is its inverse.
///
/// # Errors
/// [`Error::Bug`] with the first check that fails.
pub fn check_difference(before: &View, after: &View, commit: &Commit) -> Result<()> {
    let there = before.state().diff(after.state());
    let back = after.state().diff(before.state());
    let check = |holds: bool, what: &str| if holds { Ok(()) } else { Err(Error::Bug { what: what.to_owned() }) };
    let mut tasks: Vec<TaskChange<'_>> = commit.0.iter().flat_map(Change::tasks).collect();
    tasks.sort_by(|a, b| compare_keys(a.key, b.key));
    let differ = there.iter().flat_map(Change::tasks).map(facts);
    check(differ.eq(tasks.into_iter().map(facts)), "the difference has other tasks than the commit")?;
    check(units(&there).is_subset(&units(&commit.0)), "the difference has a unit that the commit does not have")?;
    let inverse: Vec<Change> = back.iter().map(Change::inverse).collect();
    check(there.iter().all(|change| inverse.contains(change)), "the differences are not inverses")?;
    check(there.len() == inverse.len(), "the differences have not the same length")
}

type Side<'c> = Option<(TaskImage<'c>, Revision)>;

/// What a change says of a task. The revision of a removal may be forgotten.
fn facts(task: TaskChange<'_>) -> (&str, Side<'_>, Side<'_>) {
    (task.key, task.was.zip(Some(task.was_changed)), task.is.zip(Some(task.is_changed)))
}

fn units(changes: &[Change]) -> BTreeSet<u32> {
    let unit = |change: &Change| if let Change::Unit(unit) = change { Some(unit.unit) } else { None };
    changes.iter().filter_map(unit).collect()
}

/// Writes a view as [`Index::export_jsonl`] writes the newest one.
///
/// # Errors
/// Those of [`Index::export_jsonl`].
pub fn export(view: &View, out: &mut dyn Write) -> Result<()> {
    export::export(view, out)
}

/// The view at a revision, made from the log alone.
///
/// # Errors
/// [`Error::Log`] when the log was trimmed past it, or is damaged; [`Error::Bug`] when it ends before.
pub fn view_at(index: &Index, revision: Revision) -> Result<View> {
    let (state, head) = state_at(index.shared().log(), revision)?;
    if (state.revision, head.revision) != (revision, revision) {
        return Err(Error::Bug { what: format!("the log gives revision {} of {revision}", state.revision) });
    }
    Ok(index.view().with(state))
}

/// The number of callers that wait for others who commit.
#[must_use]
pub fn waiting(index: &Index) -> usize {
    index.shared().waiting()
}

/// The view that the rows of a closed index make, without any of its log; it has no details. `None` if there is no
/// checkpoint that can be read.
///
/// # Errors
/// Those of opening the directory.
pub fn rows_alone(path: &Path) -> Result<Option<View>> {
    let directory = Directory::open(path, Use::Write { create: false })?;
    let no_details = || Arc::new(LogReader(Arc::new(MemoryLog::new())));
    Ok(rows_state(&directory)?.map(|(state, _)| View::new(state, no_details())))
}

/// Sets the time that commits of this process get, in milliseconds since 1970; 0 for that of the system.
pub fn set_clock(millis: u64) {
    TEST_CLOCK.store(millis, Ordering::Relaxed);
}

/// Sets the most bytes of a segment of the log, for every index that this process opens from now on: with small segments
/// a short test goes through many. One whose first frame is longer has that frame only.
pub fn set_segment_bytes(bytes: u64) {
    TEST_SEGMENT_BYTES.store(bytes, Ordering::Relaxed);
}
