//! Rows on disk or in memory: the storage trait, which knows only bytes, the engines that implement it, and the
//! directory of an index. Knows nothing of what rows mean.
//!
//! Rows may be lost at any time, since the log has everything. So an engine owes little: what it returns was once
//! written, a write is whole or not there, and what was synced survives power loss.

mod directory;
mod file_system;
mod files;
mod format;
#[cfg(any(test, feature = "testing"))]
mod memory;
mod place;
#[cfg(test)]
mod promises;
mod sled;

use crate::model::{EngineError, Error, Result};

pub(crate) use self::directory::{Directory, RowsLock, Use};
pub(crate) use self::files::{absolute, bytes_below, create_private, rename};
#[cfg(any(test, feature = "testing"))]
pub use self::memory::Fault;
#[cfg(any(test, feature = "testing"))]
pub(crate) use self::memory::MemoryStore;
pub(crate) use self::place::{IndexPlace, RowsPlace};
pub(crate) use self::sled::SledStore;

/// Rows that are written and deleted together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    /// Rows to write, replacing those under the same keys.
    pub(crate) put: Vec<(Vec<u8>, Vec<u8>)>,
    /// Keys of rows to delete. A key without a row is no error.
    pub(crate) delete: Vec<Vec<u8>>,
}

/// A function that takes the key and the value of each row of a scan.
pub(crate) type EachRow<'e> = dyn FnMut(&[u8], &[u8]) -> Result<()> + 'e;

/// An ordered table of bytes that writes all or none.
///
/// After [`Error::Corrupt`] every call fails until [`begin_again`](Store::begin_again). Only one thread writes at a time. A
/// call may never return, so the store belongs to a thread of its own, and others wait for that thread with a time limit.
pub(crate) trait Store: Send + Sync {
    /// Calls `each` for the rows from `from` up to but without `to`, in the order of their keys, until it returns an
    /// error. There are none if `from` is not below `to`.
    ///
    /// # Errors
    /// The error of `each`, or the engine's own.
    fn scan(&self, from: &[u8], to: &[u8], each: &mut EachRow<'_>) -> Result<()>;

    /// Writes all changes or none, even if the process is killed. They are durable after the next [`sync`](Store::sync).
    ///
    /// # Errors
    /// The engine's own: it is then not known whether the changes are written.
    fn write(&self, changes: &Changes) -> Result<()>;

    /// Makes everything written so far durable: it survives power loss.
    ///
    /// # Errors
    /// The engine's own.
    fn sync(&self) -> Result<()>;

    /// Sets all rows aside and begins with none. For rows that the engine can't use.
    ///
    /// # Errors
    /// Those of the system. Each later call fails then, but for this one.
    fn begin_again(&mut self) -> Result<()>;
}

fn failed(doing: &'static str, why: impl ToString) -> Error {
    Error::Engine(EngineError::Failed { doing, why: why.to_string() })
}
