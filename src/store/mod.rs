//! Where rows are durable: a narrow seam of bytes, and the engines behind it. Knows nothing of what rows mean.
//!
//! An engine keeps an ordered table of byte keys and values. The index asks four things of it and relies on no more
//! than what [`Store`] promises; the same list of promises is run against every engine.

mod copy;
mod directory;
mod files;
mod mark;
mod memory;
mod sled;
mod watch;

use crate::error::{Error, Result};
use crate::id::Revision;

pub(crate) use self::files::absolute;
pub use self::memory::{Fault, MemoryStore};
pub(crate) use self::sled::Access;
pub use self::sled::SledStore;

/// What one commit writes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// The revision that must be the store's newest, and the one that this commit makes it; `None` for rows that
    /// belong to no new revision (a fold).
    pub step: Option<Step>,
    /// Rows to write, replacing those under the same keys.
    pub put: Vec<(Vec<u8>, Vec<u8>)>,
    /// Keys of rows to delete; one that isn't there is no error.
    pub delete: Vec<Vec<u8>>,
}

/// From which revision to which a commit goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The revision the commit was planned on.
    pub from: Revision,
    /// The revision it makes.
    pub to: Revision,
}

/// How a commit ended, when the engine knows. What it doesn't know is an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Every change is written.
    Done,
    /// Nothing is written: another writer has moved the store past [`Step::from`].
    Refused,
}

/// What a scan hands its rows to: key and value.
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

    /// Hands `each` the rows from `from` up to but without `to`, in the order of their keys, until it returns an
    /// error. Rows that are committed meanwhile may be seen in part: ask only for what isn't being written.
    ///
    /// # Errors
    /// The error of `each`, or the engine's own.
    fn scan(&self, from: &[u8], to: &[u8], each: &mut EachRow<'_>) -> Result<()>;

    /// Writes all changes or none, also when the process is killed meanwhile. What it wrote is seen by `get` and
    /// `scan` at once, and is durable after the next [`sync`](Store::sync).
    ///
    /// # Errors
    /// [`EngineError::Failed`](crate::error::EngineError::Failed): nothing is written.
    /// [`EngineError::Unknown`](crate::error::EngineError::Unknown): opening anew tells.
    fn commit(&self, changes: &Changes) -> Result<Outcome>;

    /// Makes every commit so far survive power loss, in the order they were made. `newest` is the newest revision
    /// among them.
    ///
    /// # Errors
    /// The engine's own. The commits since the last sync may then be lost.
    fn sync(&self, newest: Revision) -> Result<()>;

    /// The newest revision that a [`sync`](Store::sync) was told of, also by an earlier process; 0 when not known.
    /// A store whose rows end before it has lost something.
    ///
    /// # Errors
    /// [`Corrupt::Mark`](crate::error::Corrupt::Mark) when it should be known and isn't, and what the system says.
    fn newest_durable(&self) -> Result<Revision>;

    /// Bytes the rows take on disk; 0 for an engine that has no disk.
    ///
    /// # Errors
    /// What the system says.
    fn bytes_on_disk(&self) -> Result<u64>;
}

pub(crate) fn failed(doing: &'static str, why: impl ToString) -> Error {
    Error::Engine(crate::error::EngineError::Failed { doing, why: why.to_string() })
}
