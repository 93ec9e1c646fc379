//! Durable rows: the storage trait, which knows only bytes, and the engines that implement it. Knows nothing of what
//! rows mean.
//!
//! An engine keeps an ordered table of byte keys and values. The index relies on the promises of [`Store`] and on
//! nothing else; one list of tests runs these promises against every engine.

mod copy;
mod directory;
mod files;
mod mark;
mod memory;
mod sled;
mod watch;

use crate::id::Revision;
use crate::model::{Error, Result};

pub(crate) use self::files::absolute;
pub use self::memory::{Fault, MemoryStore};
pub(crate) use self::sled::Access;
pub use self::sled::SledStore;

/// The rows that one commit writes and deletes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// The revisions before and after the commit; `None` for rows that belong to no new revision (a checkpoint).
    pub step: Option<Step>,
    /// Rows to write, replacing those under the same keys.
    pub put: Vec<(Vec<u8>, Vec<u8>)>,
    /// Keys of rows to delete. A key without a row is no error.
    pub delete: Vec<Vec<u8>>,
}

/// The revisions before and after a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The revision that the commit was planned on. It must be the store's newest.
    pub from: Revision,
    /// The revision that the commit makes.
    pub to: Revision,
}

/// How a commit ended, when the engine knows. An unknown end is an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Every change is written.
    Done,
    /// Nothing is written: another writer has moved the store past [`Step::from`].
    Refused,
}

/// A function that takes the key and the value of each row of a scan.
pub type EachRow<'e> = dyn FnMut(&[u8], &[u8]) -> Result<()> + 'e;

/// An ordered table of bytes that commits all or none.
///
/// An engine need not offer transactions, snapshots, or waiting readers; the index needs none of them. One index
/// calls `commit` from one thread at a time, and `get`, `scan` and `sync` from any.
pub trait Store: Send + Sync {
    /// The value under a key, as of the last commit that returned [`Outcome::Done`] or later.
    ///
    /// # Errors
    /// [`Error::Engine`] or [`Error::Corrupt`] when the engine can't tell.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>>;

    /// Calls `each` for the rows from `from` up to but without `to`, in the order of their keys, until it returns an
    /// error. There are none if `from` is not below `to`. Of rows that are committed at the same time some may be seen
    /// and some not, so scan no range that is being written.
    ///
    /// # Errors
    /// The error of `each`, or the engine's own.
    fn scan(&self, from: &[u8], to: &[u8], each: &mut EachRow<'_>) -> Result<()>;

    /// Writes all changes or none, even if the process is killed. `get` and `scan` see the changes at once; they are
    /// durable after the next [`sync`](Store::sync).
    ///
    /// # Errors
    /// [`EngineError::Failed`](crate::model::EngineError::Failed): nothing is written.
    /// [`EngineError::Unknown`](crate::error::EngineError::Unknown): the next opening tells.
    fn commit(&self, changes: &Changes) -> Result<Outcome>;

    /// Makes every commit so far durable: it survives power loss. `newest` is the newest revision among them.
    ///
    /// # Errors
    /// The engine's own. The commits since the last sync may then be lost.
    fn sync(&self, newest: Revision) -> Result<()>;

    /// The newest revision that was passed to [`sync`](Store::sync), also by an earlier process; 0 before the first. A
    /// store whose rows end before that revision has lost commits.
    ///
    /// # Errors
    /// [`Corrupt::Mark`](crate::error::Corrupt::Mark) when the record of it is missing or damaged.
    fn newest_durable(&self) -> Result<Revision>;

    /// Size of the rows on disk, in bytes; 0 for an engine without a disk.
    ///
    /// # Errors
    /// [`Error::Engine`] when the system can't tell the size.
    fn bytes_on_disk(&self) -> Result<u64>;
}

pub(crate) fn failed(doing: &'static str, why: impl ToString) -> Error {
    Error::Engine(crate::model::EngineError::Failed { doing, why: why.to_string() })
}
