//! States to rows and changes to entries, and back: checkpoints, opening, verification, salvage and backups. The only
//! module that knows what is in a row or in an entry; knows nothing of batches or of who waits for what.

mod backup;
mod base;
mod commit;
mod details;
mod format;
#[cfg(any(test, feature = "testing"))]
pub(crate) mod fuzz;
mod new_log;
mod open;
mod past;
mod rebuild;
mod rows;
mod salvage;
mod shortcut;
mod take_over;
mod verify;

pub(crate) use self::backup::backup;
pub(crate) use self::commit::{Commit, commits_of, number_of};
pub(crate) use self::details::LogReader;
pub(crate) use self::new_log::{base_from, create, create_copy, put_base, start_new_log};
pub(crate) use self::open::{Opened, RowsWorker, Since, open, open_log};
#[cfg(any(test, feature = "testing"))]
pub(crate) use self::open::{Sources, rows_state};
pub(crate) use self::past::{horizon, newest_commits, next_commits, revision_where, rewind, stamp_at};
#[cfg(any(test, feature = "testing"))]
pub(crate) use self::rebuild::state_at;
pub(crate) use self::rebuild::{extent, newest};
pub(crate) use self::rows::{At, Rows, Written};
pub(crate) use self::shortcut::Shortcut;
pub(crate) use self::take_over::{TakeOver, TakenRows};
pub(crate) use self::verify::verify;
