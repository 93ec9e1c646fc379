//! How an index is opened.

use std::path::Path;
use std::sync::Arc;

use crate::edit::Rules;
use crate::error::Result;
use crate::fold::Damage;
use crate::store::{MemoryStore, SledStore, Store};
use crate::view::Version;

use super::Index;
use super::shared::Shared;

/// When a commit is durable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// When the call returns: it survives power loss. Callers that wait at the same time share one sync.
    #[default]
    Synced,
    /// Some time later. A killed process may lose the last fifth of a second. A power failure may lose more, and on a
    /// device that reorders writes even rows that were durable before: keep a copy of what you can't load again.
    Lazy,
}

/// What becomes of a unit name that isn't known, in an edit that assigns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnknownUnits {
    /// The unit is created.
    #[default]
    Create,
    /// The edit is refused, with names like it.
    Reject,
}

/// How to open an index.
///
/// ```
/// use responsibility_index::{OpenOptions, UnknownUnits};
///
/// let index = OpenOptions::new().unknown_units(UnknownUnits::Reject).in_memory();
/// let error = index.assign("plan/1", ["Transport"]).unwrap_err();
/// assert_eq!(error.to_string(), "no unit is called \"Transport\"");
/// ```
#[derive(Clone, Debug)]
pub struct OpenOptions {
    create: bool,
    durability: Durability,
    unknown_units: UnknownUnits,
    fold_after: usize,
    damage: Damage,
}

impl Default for OpenOptions {
    fn default() -> OpenOptions {
        OpenOptions::new()
    }
}

impl OpenOptions {
    /// Create it if there is none; sync every commit; create units as they are named.
    #[must_use]
    pub fn new() -> OpenOptions {
        OpenOptions {
            create: true,
            durability: Durability::default(),
            unknown_units: UnknownUnits::default(),
            fold_after: 50_000,
            damage: Damage::default(),
        }
    }

    /// Whether a directory that isn't there, or is empty, becomes a new index.
    #[must_use]
    pub fn create(mut self, create: bool) -> OpenOptions {
        self.create = create;
        self
    }

    /// When commits are durable.
    #[must_use]
    pub fn durability(mut self, durability: Durability) -> OpenOptions {
        self.durability = durability;
        self
    }

    /// What becomes of unit names that aren't known.
    #[must_use]
    pub fn unknown_units(mut self, unknown: UnknownUnits) -> OpenOptions {
        self.unknown_units = unknown;
        self
    }

    /// After how many changes in the log a commit also folds them. Opening replays at most about as many, a few
    /// microseconds each; a fold rewrites the blocks they touch, in the call that reaches the bound.
    #[must_use]
    pub fn fold_after(mut self, changes: usize) -> OpenOptions {
        self.fold_after = changes.max(1);
        self
    }

    /// Opens also when the unit→task rows are damaged or disagree with the task→unit rows, and writes them anew.
    #[must_use]
    pub fn rebuild_reverse(mut self, rebuild: bool) -> OpenOptions {
        self.damage.rebuild_reverse = rebuild;
        self
    }

    /// Opens also when the newest durable revisions are gone from the store, with what is left.
    #[must_use]
    pub fn accept_lost_commits(mut self, accept: bool) -> OpenOptions {
        self.damage.accept_lost = accept;
        self
    }

    /// Opens the index in a directory.
    ///
    /// # Errors
    /// [`Error::Open`](crate::Error::Open) and [`Error::Corrupt`](crate::Error::Corrupt); nothing is changed then.
    pub fn open(&self, path: impl AsRef<Path>) -> Result<Index> {
        let lazy = self.durability == Durability::Lazy;
        self.open_store(Arc::new(SledStore::open(path, self.create, lazy)?))
    }

    /// Opens an index over a store of your own. No two indexes may use one store at a time.
    ///
    /// # Errors
    /// [`Error::Corrupt`](crate::Error::Corrupt), and the store's own.
    pub fn open_store(&self, store: Arc<dyn Store>) -> Result<Index> {
        let shared = Shared::open(store, self.rules(), self.durability, self.fold_after, self.damage)?;
        Ok(Index { shared: Arc::new(shared) })
    }

    /// An empty index in memory.
    #[must_use]
    pub fn in_memory(&self) -> Index {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let empty = Version::empty(Arc::clone(&store));
        let shared = Shared::new(store, empty, self.rules(), self.durability, self.fold_after);
        Index { shared: Arc::new(shared) }
    }

    fn rules(&self) -> Rules {
        Rules { create_units: self.unknown_units == UnknownUnits::Create }
    }
}
