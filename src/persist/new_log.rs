//! New logs: of a new index, of one whose log is lost in part; and new bases.

use crate::commit_log::{Base, CommitLog, FileLog, FileLogOptions, Head, Original};
use crate::id::Revision;
use crate::model::Result;
use crate::state::State;
use crate::store::Directory;
use crate::verify::Repair;

use super::base::{base_of, each_details};
use super::open::{id_text, rows_state};
use super::rebuild::state_at;
use super::salvage::salvage;

/// Creates the log of a new index.
pub(crate) fn create(directory: &mut Directory, options: FileLogOptions) -> Result<()> {
    let name = directory.log_name().to_owned();
    let log = FileLog::create(&directory.log(), options, None)?;
    directory.set_log(&name, &id_text(log.id()))
}

/// Creates the copy of a shared log: that of a new index, or one in place of a copy that can't be used, which stays where it
/// is. With `create`, creates the shared log if there is none.
pub(crate) fn create_copy(
    directory: &mut Directory,
    options: FileLogOptions,
    original: &dyn Original,
    create: bool,
) -> Result<()> {
    let name = if directory.is_new() { directory.log_name().to_owned() } else { directory.free_log_name() };
    let id = original.create_copy(&directory.path().join(&name), options, create)?;
    directory.set_shared();
    directory.set_log(&name, &id_text(id))
}

/// Gives an index whose log is damaged, or ends too early, a new log that begins with what can be saved. The old one
/// stays where it is. Returns what was wrong, and what is lost.
pub(crate) fn start_new_log(directory: &mut Directory, options: FileLogOptions) -> Result<Repair> {
    let salvaged = salvage(&directory.log(), rows_state(directory)?)?;
    let name = directory.free_log_name();
    let log = FileLog::create(&directory.path().join(&name), options, salvaged.base.as_ref())?;
    let id = id_text(log.id());
    drop(log);
    directory.set_log(&name, &id)?;
    let restored = salvaged.found.into_iter().filter(|found| !salvaged.lost.contains(found)).collect();
    Ok(Repair { restored, lost: salvaged.lost })
}

/// The base of a state after an entry, with its details from the log.
pub(crate) fn base_from(log: &dyn CommitLog, state: &State, head: Head) -> Result<Base> {
    base_of(state, head, &mut |give| each_details(log, give))
}

/// Puts a base at a revision into a log.
pub(crate) fn put_base(log: &dyn CommitLog, revision: Revision) -> Result<()> {
    let (state, head): (State, Head) = state_at(log, revision)?;
    log.put_base(&base_from(log, &state, head)?)
}
