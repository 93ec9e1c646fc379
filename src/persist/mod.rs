//! States to rows and back: checkpoints, the log, opening, verification, salvage and backups. The only module that knows
//! what a row looks like; knows nothing of batches or of who waits for what.

mod backup;
mod checkpoint;
mod defect;
mod details;
mod fetch;
mod format;
#[cfg(any(test, feature = "testing"))]
pub(crate) mod fuzz;
mod log;
mod open;
mod reader;
mod salvage;
mod verify;

pub(crate) use self::backup::backup;
pub(crate) use self::checkpoint::{checkpoint, remove_leftovers, remove_unused_details, write_generation, write_rows};
pub(crate) use self::defect::Defect;
pub(crate) use self::details::StoredDetails;
pub(crate) use self::format::RowBytes;
pub(crate) use self::log::{commit_rows, details_rows, load_rows, number_of};
pub(crate) use self::open::{check_nothing_is_lost, open};
pub(crate) use self::salvage::{Salvaged, salvage};
pub(crate) use self::verify::{report, verify};
