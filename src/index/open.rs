//! How an index is opened.

use std::path::Path;
use std::sync::Arc;

use crate::edit::Rules;
use crate::error::{Error, Result};
use crate::fold::{self, Bad, Damage, check_nothing_is_lost, salvage};
use crate::store::{Access, MemoryStore, SledStore, Store, absolute};
use crate::verify::Repair;
use crate::view::Version;

use super::Index;
use super::shared::Shared;

/// When a commit is durable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// When the call returns: it survives power loss. Callers that wait at the same time share one sync.
    #[default]
    Synced,
    /// Some time later, or when [`Index::flush`] returns. A killed process may lose the last fifth of a second. A power
    /// failure may lose more, and on a device that reorders writes even rows that were durable before: keep a
    /// [backup](Index::backup) of what you can't load again.
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
    read_only: bool,
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
            read_only: false,
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

    /// Opens the index to be read only, and changes nothing in its directory. Every commit is refused with
    /// [`EngineError::ReadOnly`](crate::EngineError::ReadOnly).
    ///
    /// The engine writes when it opens, so what is opened is a copy in the system's directory for temporary files. The
    /// view stays as the index was then; others may open it for writing meanwhile, but nobody may have it open for
    /// writing while the copy is made. An index that lost commits opens, too; [`Index::verify`] says so.
    #[must_use]
    pub fn read_only(mut self, read_only: bool) -> OpenOptions {
        self.read_only = read_only;
        self
    }

    /// Opens also when the unit→task rows are damaged or disagree with the task→unit rows, and writes them anew.
    #[must_use]
    pub fn rebuild_reverse(mut self, rebuild: bool) -> OpenOptions {
        self.damage.rebuild_reverse = rebuild;
        self
    }

    /// Opens also when the newest durable revisions are gone from the store, or when that can't be told, with what is
    /// left. From then on that counts as all there ever was.
    #[must_use]
    pub fn accept_lost_commits(mut self, accept: bool) -> OpenOptions {
        self.damage.accept_lost = accept;
        self
    }

    /// Opens the index in a directory.
    ///
    /// # Errors
    /// [`Error::Open`](crate::Error::Open) when it is not an index, is in use, or the system refuses;
    /// [`Error::Corrupt`](crate::Error::Corrupt) when its rows are damaged or commits are lost. The engine cuts off
    /// and overwrites what it can't read when it opens, so keep a copy of a damaged directory before you try more.
    pub fn open(&self, path: impl AsRef<Path>) -> Result<Index> {
        let path = &absolute(path.as_ref())?;
        if self.read_only {
            return self.open_store(Arc::new(SledStore::open_read_only(path)?));
        }
        if !self.damage.accept_lost && SledStore::is_cut_off(path) {
            self.try_on_a_copy(path)?;
        }
        self.open_store(Arc::new(SledStore::open_with(path, self.access())?))
    }

    /// Fails as an opening would, without changing anything.
    fn try_on_a_copy(&self, path: &Path) -> Result<()> {
        let copy: Arc<dyn Store> = Arc::new(SledStore::open_read_only(path)?);
        fold::open(&copy, self.damage).map(drop)
    }

    fn access(&self) -> Access {
        let lazy = self.durability == Durability::Lazy;
        Access { create: self.create, lazy, accept_lost: self.damage.accept_lost }
    }

    /// Opens an index over a store of your own. No two indexes may use one store at a time.
    ///
    /// # Errors
    /// [`Error::Corrupt`](crate::Error::Corrupt), and the store's own.
    pub fn open_store(&self, store: Arc<dyn Store>) -> Result<Index> {
        let damage = Damage { accept_lost: self.damage.accept_lost || self.read_only, ..self.damage };
        let (rules, durability) = (self.rules(), self.durability);
        let shared = Shared::open(store, rules, durability, self.fold_after, self.read_only, damage)?;
        Ok(Index { shared: Arc::new(shared) })
    }

    /// Opens an index that can't be opened otherwise with all that can be saved of it, and writes its rows anew.
    ///
    /// A log that is whole from its beginning, without a bulk load, gives everything. Else what can be read of the
    /// rows is completed from the log and the other direction. The report says what was restored and, by its key as
    /// far as it is known, what was not. Keep a copy of the directory before you try it.
    ///
    /// # Errors
    /// [`Error::Open`](crate::Error::Open), and [`Error::Corrupt`](crate::Error::Corrupt) when the engine can't make
    /// sense of its own files: then only a [backup](Index::backup) helps.
    pub fn repair(&self, path: impl AsRef<Path>) -> Result<(Index, Repair)> {
        let access = Access { create: false, accept_lost: true, ..self.access() };
        self.repair_store(Arc::new(SledStore::open_with(path.as_ref(), access)?))
    }

    /// The same for an index over a store of your own.
    ///
    /// # Errors
    /// The store's own.
    pub fn repair_store(&self, store: Arc<dyn Store>) -> Result<(Index, Repair)> {
        let mut salvaged = salvage(&store)?;
        let (mut bad, mut lost) = (std::mem::take(&mut salvaged.bad), std::mem::take(&mut salvaged.lost));
        if let Err(Error::Corrupt(corrupt)) = check_nothing_is_lost(&*store, salvaged.version.revision) {
            lost.push(Bad { key: "store".to_owned(), why: corrupt.to_string() });
        }
        // Before the rows are written anew, so that what the log can't give is not taken for restored.
        let shared = Shared::salvaged(store, salvaged, self.rules(), self.durability, self.fold_after)?;
        let still = shared.verify()?;
        bad.dedup();
        Ok((Index { shared: Arc::new(shared) }, Repair::of(bad, lost, still)))
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
