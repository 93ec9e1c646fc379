//! The index: the handles that callers hold, and what all handles of an index share.

mod batch;
mod bulk_load;
mod checkpointer;
mod checkpoints;
mod failures;
mod following;
mod group_commit;
mod handle;
mod import_lines;
mod keeping;
mod leading;
mod open;
mod options;
mod outcome;
mod past;
mod plan;
mod planned;
#[cfg(any(test, feature = "testing"))]
mod recorder;
mod shared;
mod sync;

pub use self::batch::Batch;
pub use self::bulk_load::{BulkLoad, Loaded};
pub use self::following::Following;
pub use self::handle::Index;
pub use self::keeping::Stats;
pub use self::open::OpenOptions;
pub use self::options::{Durability, UnknownUnits};
pub use self::outcome::Outcome;
pub(crate) use self::plan::Pending;
pub use self::plan::Plan;
#[cfg(feature = "etcd")]
pub use crate::commit_log::Etcd;
