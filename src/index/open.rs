//! Opening an index.

use std::path::Path;
use std::sync::Arc;

use crate::model::{Error, Result};
use crate::persist::{self, Defect, check_nothing_is_lost, report, salvage};
use crate::state::State;
use crate::store::{Access, MemoryStore, SledStore, Store, absolute};
use crate::verify::Repair;

use super::handle::Index;
use super::options::{Durability, Settings, UnknownUnits};
use super::shared::Shared;

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
    accept_lost: bool,
    settings: Settings,
}

impl Default for OpenOptions {
    fn default() -> OpenOptions {
        OpenOptions::new()
    }
}

impl OpenOptions {
    /// Create the index if there is none; sync every commit; create units that are named.
    #[must_use]
    pub fn new() -> OpenOptions {
        let (durability, unknown_units) = Default::default();
        let settings = Settings { durability, unknown_units, checkpoint_after: 50_000, read_only: false };
        OpenOptions { create: true, accept_lost: false, settings }
    }

    /// Whether a missing or empty directory becomes a new index.
    #[must_use]
    pub fn create(mut self, create: bool) -> OpenOptions {
        self.create = create;
        self
    }

    /// When commits are durable.
    #[must_use]
    pub fn durability(mut self, durability: Durability) -> OpenOptions {
        self.settings.durability = durability;
        self
    }

    /// How an edit that assigns treats unknown unit names.
    #[must_use]
    pub fn unknown_units(mut self, unknown: UnknownUnits) -> OpenOptions {
        self.settings.unknown_units = unknown;
        self
    }

    /// The number of changes in the log after which a commit also writes a checkpoint; 50,000 unless set. Opening
    /// replays at most about as many, a few microseconds each. A checkpoint rewrites the rows that the changes touch, in
    /// the call that reaches the bound.
    #[must_use]
    pub fn checkpoint_after(mut self, changes: usize) -> OpenOptions {
        self.settings.checkpoint_after = changes.max(1);
        self
    }

    /// Opens the index read-only, and changes nothing in its directory. Every commit is refused with
    /// [`EngineError::ReadOnly`](crate::EngineError::ReadOnly).
    ///
    /// The engine writes when it opens, so a copy in the system's directory for temporary files is opened. The view stays
    /// as the index was then; others may open it for writing meanwhile, but nobody may have it open for writing while the
    /// copy is made. An index that lost commits opens, too; [`Index::verify`] reports it.
    #[must_use]
    pub fn read_only(mut self, read_only: bool) -> OpenOptions {
        self.settings.read_only = read_only;
        self
    }

    /// Opens also when durable commits are lost, or when it can't be told whether any are, with what is left. From then
    /// on that counts as the whole index.
    #[must_use]
    pub fn accept_lost_commits(mut self, accept: bool) -> OpenOptions {
        self.accept_lost = accept;
        self
    }

    /// Opens the index in a directory.
    ///
    /// # Errors
    /// [`Error::Open`](crate::Error::Open) when it is not an index, is in use, or the system refuses;
    /// [`Error::Corrupt`](crate::Error::Corrupt) when its rows are damaged or commits are lost. The engine cuts off and
    /// overwrites files that it can't read when it opens, so keep a copy of a damaged directory before you try more.
    pub fn open(&self, path: impl AsRef<Path>) -> Result<Index> {
        let path = &absolute(path.as_ref())?;
        if self.settings.read_only {
            return self.open_store(Arc::new(SledStore::open_read_only(path)?));
        }
        if !self.accept_lost && SledStore::is_cut_off(path) {
            self.try_on_a_copy(path)?;
        }
        self.open_store(Arc::new(SledStore::open_with(path, self.access())?))
    }

    /// Fails as an opening would, without changing anything.
    fn try_on_a_copy(&self, path: &Path) -> Result<()> {
        let copy: Arc<dyn Store> = Arc::new(SledStore::open_read_only(path)?);
        persist::open(&copy, false).map(drop)
    }

    fn access(&self) -> Access {
        let lazy = self.settings.durability == Durability::Lazy;
        Access { create: self.create, lazy, accept_lost: self.accept_lost }
    }

    /// Opens an index over a store of your own. No two indexes may use one store at a time.
    ///
    /// # Errors
    /// [`Error::Corrupt`](crate::Error::Corrupt), and the store's own.
    pub fn open_store(&self, store: Arc<dyn Store>) -> Result<Index> {
        let accept_lost = self.accept_lost || self.settings.read_only;
        Ok(Index::new(Shared::open(store, self.settings, accept_lost)?))
    }

    /// Opens a damaged index with all that can be saved of it, and writes its rows again.
    ///
    /// A log that is whole from its beginning, without a bulk load, gives everything. Otherwise the readable rows of
    /// either direction are completed from the log. The report lists what was restored and, by its key as far as it is
    /// known, what was not. Keep a copy of the directory before you try it.
    ///
    /// # Errors
    /// [`Error::Open`](crate::Error::Open), and [`Error::Corrupt`](crate::Error::Corrupt) when the engine can't read its
    /// own files: then only a [backup](Index::backup) helps.
    pub fn repair(&self, path: impl AsRef<Path>) -> Result<(Index, Repair)> {
        let access = Access { create: false, accept_lost: true, ..self.access() };
        self.repair_store(Arc::new(SledStore::open_with(path.as_ref(), access)?))
    }

    /// The same for an index over a store of your own.
    ///
    /// # Errors
    /// The store's own.
    pub fn repair_store(&self, store: Arc<dyn Store>) -> Result<(Index, Repair)> {
        let mut salvaged = salvage(&*store)?;
        let (mut defects, mut unrecovered) =
            (std::mem::take(&mut salvaged.defects), std::mem::take(&mut salvaged.unrecovered));
        // Told before the rows are written again, which makes the salvaged revision the durable one.
        if let Err(Error::Corrupt(corrupt)) = check_nothing_is_lost(&*store, salvaged.state.revision) {
            unrecovered.push(Defect::new("store", corrupt));
        }
        let shared = Shared::salvaged(store, salvaged, Settings { read_only: false, ..self.settings })?;
        let remaining = shared.verify()?;
        defects.dedup();
        Ok((Index::new(shared), report(defects, unrecovered, remaining)))
    }

    /// An empty index in memory.
    #[must_use]
    pub fn in_memory(&self) -> Index {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        Index::new(Shared::new(store, State::empty(), Settings { read_only: false, ..self.settings }))
    }
}

/// Opening.
impl Index {
    /// Opens the index in a directory, creating it if there is none. See [`OpenOptions`] for other ways.
    ///
    /// # Errors
    /// [`Error::Open`](crate::Error::Open) when the path is not an index, or is in use;
    /// [`Error::Corrupt`](crate::Error::Corrupt) when its rows are damaged. See [`OpenOptions::open`].
    pub fn open(path: impl AsRef<Path>) -> Result<Index> {
        OpenOptions::new().open(path)
    }

    /// An empty index in memory. It is gone when its last handle is.
    #[must_use]
    pub fn in_memory() -> Index {
        OpenOptions::new().in_memory()
    }
}
