//! Opening an index.

use std::iter;
use std::path::Path;
use std::sync::Arc;
#[cfg(feature = "etcd")]
use std::time::Duration;

#[cfg(feature = "testing")]
use crate::commit_log::CommitLog;
use crate::commit_log::{Access, FileLogOptions, MemoryLog, Original};
#[cfg(feature = "etcd")]
use crate::commit_log::{Etcd, SharedLog};
use crate::model::{Error, LogError, OpenError, Result};
use crate::persist::{self, Opened};
use crate::store::{Directory, Use, absolute};
use crate::verify::{Disagreement, Repair, Rule};

use super::following;
use super::handle::Index;
use super::options::{Durability, Settings, UnknownUnits};
use super::shared::{Shared, empty};

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
    #[cfg(feature = "etcd")]
    shared: Option<Etcd>,
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
        let settings =
            Settings { durability, unknown_units, checkpoint_after: None, read_only: false, stale_after: None };
        OpenOptions {
            create: true,
            accept_lost: false,
            settings,
            #[cfg(feature = "etcd")]
            shared: None,
        }
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

    /// The number of changes after which a checkpoint is due; a tenth of the tasks, and at least 50,000, unless set.
    /// Opening replays at most about as many, 3 us each. Checkpoints are written in the background, also two seconds
    /// after the last commit and when the index is closed.
    #[must_use]
    pub fn checkpoint_after(mut self, changes: usize) -> OpenOptions {
        self.settings.checkpoint_after = Some(changes.max(1));
        self
    }

    /// Opens the index read-only: changes nothing in its directory, and needs no permission to. Every commit is refused
    /// with [`EngineError::ReadOnly`](crate::EngineError::ReadOnly).
    ///
    /// The state is built from the log alone, because the engine of the checkpoint writes when it opens; from a
    /// [shortcut](crate::processes) on, if there is one. This takes about 2 us per commit and 1 us per bulk-loaded task. Other
    /// processes may write meanwhile: the handle follows them.
    #[must_use]
    pub fn read_only(mut self, read_only: bool) -> OpenOptions {
        self.settings.read_only = read_only;
        self
    }

    /// Opens the index even if durable commits are lost. It then gets a new log that begins with what is left. The old log
    /// stays in the directory and can be removed. Has no effect on a read-only opening.
    #[must_use]
    pub fn accept_lost_commits(mut self, accept: bool) -> OpenOptions {
        self.accept_lost = accept;
        self
    }

    /// Opens an index that several machines share: its log is at this address, and the directory has a copy of it and the
    /// checkpoint of this machine. Both may be lost: they are fetched again. See [`shared`](crate::shared) for what is
    /// promised.
    ///
    /// A new directory needs servers that answer. Another one is opened without them: the index is at the newest revision
    /// that this machine has, [`Stats::troubles`](crate::Stats) says so, and commits are
    /// [`EngineError::Unreachable`](crate::EngineError::Unreachable) until the servers answer again. The options
    /// [`durability`](OpenOptions::durability) and [`accept_lost_commits`](OpenOptions::accept_lost_commits) have no effect: each
    /// commit is durable on the servers. With [`read_only`](OpenOptions::read_only) commits are refused; the directory is
    /// written all the same.
    #[cfg(feature = "etcd")]
    #[must_use]
    pub fn shared(mut self, address: Etcd) -> OpenOptions {
        self.shared = Some(address);
        self
    }

    /// Refuses commits and fresh views at once, with [`EngineError::Stale`](crate::EngineError::Stale), when the servers of a shared
    /// index were not heard for so long. Otherwise each of them tries to reach the servers. Views go on in any case.
    #[cfg(feature = "etcd")]
    #[must_use]
    pub fn stale_after(mut self, limit: Duration) -> OpenOptions {
        self.settings.stale_after = Some(limit);
        self
    }

    /// Opens the index in a directory.
    ///
    /// The rows of the checkpoint are read, about 0.3 µs per task, and the log after it, about 3 µs per edit. Rows that
    /// are missing or damaged are set aside, and made again from the log; [`Stats::troubles`](crate::Stats) says so,
    /// and a warning of the crate `log`.
    ///
    /// # Errors
    /// [`Error::Open`] when it is not an index, is in use, or the system refuses; [`Error::Log`] when the log is damaged
    /// or commits are lost.
    pub fn open(&self, path: impl AsRef<Path>) -> Result<Index> {
        let path = &absolute(path.as_ref())?;
        if let Some(original) = self.original()? {
            return self.open_copy(path, &original);
        }
        if self.settings.read_only {
            let directory = Directory::open(path, Use::Read)?;
            refuse_copy(&directory)?;
            let opened = persist::open_log(&directory, self.log_options(), None)?;
            return Ok(self.index(opened, directory));
        }
        let mut directory = Directory::open(path, Use::Write { create: self.create })?;
        refuse_copy(&directory)?;
        if directory.is_new() {
            persist::create(&mut directory, self.log_options())?;
            directory.share()?;
        }
        match persist::open(&directory, self.log_options(), None) {
            Err(Error::Log(why @ (LogError::Lost { .. } | LogError::Missing { .. }))) if self.accept_lost => {
                drop(directory);
                self.open_without_lost(path, &why)
            }
            opened => Ok(self.index(opened?, directory)),
        }
    }

    /// The log that the directory has a copy of, if there is one.
    #[cfg(feature = "etcd")]
    fn original(&self) -> Result<Option<Arc<dyn Original>>> {
        self.shared.as_ref().map(|address| Ok(Arc::new(SharedLog::new(address)?) as Arc<dyn Original>)).transpose()
    }

    /// The log that the directory has a copy of, if there is one.
    #[cfg(not(feature = "etcd"))]
    #[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "with the feature etcd it does more")]
    fn original(&self) -> Result<Option<Arc<dyn Original>>> {
        Ok(None)
    }

    /// Opens an index whose log is a copy. A copy that can't be used is fetched again.
    fn open_copy(&self, path: &Path, original: &Arc<dyn Original>) -> Result<Index> {
        let mut directory = Directory::open(path, Use::Write { create: self.create })?;
        if directory.is_new() {
            persist::create_copy(&mut directory, self.log_options(), &**original, self.create)?;
            directory.share()?;
        }
        if !directory.is_shared() {
            return Err(OpenError::NotShared { path: path.to_owned() }.into());
        }
        let why = match persist::open(&directory, self.log_options(), Some(original)) {
            Err(Error::Log(why @ LogError::Copy { .. })) => why,
            opened => return Ok(self.index(opened?, directory)),
        };
        drop(directory);
        let mut directory = Directory::open(path, Use::Alone)?;
        // Another process may have done the same meanwhile.
        let opened = match persist::open(&directory, self.log_options(), Some(original)) {
            Err(Error::Log(LogError::Copy { .. })) => {
                persist::create_copy(&mut directory, self.log_options(), &**original, false)?;
                persist::open(&directory, self.log_options(), Some(original))
            }
            opened => opened,
        };
        let mut opened = opened?;
        opened.troubles.push(why.to_string());
        directory.share()?;
        Ok(self.index(opened, directory))
    }

    /// Gives the index a new log, which begins with what is left.
    fn open_without_lost(&self, path: &Path, why: &LogError) -> Result<Index> {
        let mut directory = Directory::open(path, Use::Alone)?;
        let mut lost = Vec::new();
        // Another process may have done the same meanwhile.
        let opened = match persist::open(&directory, self.log_options(), None) {
            Err(Error::Log(LogError::Lost { .. } | LogError::Missing { .. })) => {
                lost = persist::start_new_log(&mut directory, self.log_options())?.lost;
                persist::open(&directory, self.log_options(), None)
            }
            opened => opened,
        };
        let mut opened = opened?;
        opened.troubles.extend(iter::once(why.to_string()).chain(lost.iter().map(ToString::to_string)));
        directory.share()?;
        Ok(self.index(opened, directory))
    }

    fn index(&self, opened: Opened, directory: Directory) -> Index {
        let index = Index::new(Shared::new(opened, Some(directory), self.settings));
        let view = index.view();
        log::info!(
            "an index was opened: revision {}, {} tasks, {} units",
            view.revision(),
            view.len(),
            view.units().count()
        );
        following::start(index.shared());
        index
    }

    fn log_options(&self) -> FileLogOptions {
        #[cfg(feature = "etcd")]
        if self.shared.is_some() {
            // What is in the copy is durable on the servers.
            return FileLogOptions::new(Access::Lazy);
        }
        FileLogOptions::new(match (self.settings.read_only, self.settings.durability) {
            (true, _) => Access::ReadOnly,
            (false, Durability::Synced) => Access::Synced,
            (false, Durability::Lazy) => Access::Lazy,
        })
    }

    /// Opens a damaged index and saves what can be saved.
    ///
    /// A damaged checkpoint is written again from the log. If the log is damaged, the index gets a new log. It begins with
    /// the newest state that the old log or the checkpoint still gives, and has every detail that can be read. The old log
    /// stays in the directory. The report lists what was wrong, and what is lost. The copy of a shared log is fetched again. The options
    /// [`read_only`](OpenOptions::read_only) and [`create`](OpenOptions::create) are ignored.
    ///
    /// # Errors
    /// [`Error::Open`]; those of the device.
    pub fn repair(&self, path: impl AsRef<Path>) -> Result<(Index, Repair)> {
        let path = &absolute(path.as_ref())?;
        let options = OpenOptions { settings: Settings { read_only: false, ..self.settings }, ..self.clone() };
        if let Some(original) = options.original()? {
            let index = options.open_copy(path, &original)?;
            let repair = index.repair()?;
            return Ok((index, repair));
        }
        let mut directory = Directory::open(path, Use::Alone)?;
        refuse_copy(&directory)?;
        let refused = match persist::open(&directory, options.log_options(), None) {
            Ok(opened) => {
                let troubles = opened.troubles.clone();
                let index = options.index(opened, directory);
                let found = index.verify()?;
                if !found.iter().any(|finding| is_of_the_log(finding.rule)) {
                    let repair = index.shared().repaired(troubles, found)?;
                    index.shared().directory.as_ref().map_or(Ok(()), Directory::share)?;
                    return Ok((index, repair));
                }
                drop(index);
                directory = Directory::open(path, Use::Alone)?;
                None
            }
            Err(Error::Log(why)) => Some(why),
            Err(Error::Corrupt(_)) => None,
            Err(other) => return Err(other),
        };
        let repair = persist::start_new_log(&mut directory, options.log_options())?;
        let opened = persist::open(&directory, options.log_options(), None)?;
        directory.share()?;
        let index = options.index(opened, directory);
        let left = index.verify()?;
        let mut lost: Vec<Disagreement> = repair.lost.into_iter().chain(left).collect();
        if let Some(why @ LogError::Lost { durable, .. }) = refused
            && durable > index.view().revision()
            && !lost.iter().any(|lost| lost.rule == Rule::NothingIsLost)
        {
            lost.push(Disagreement { rule: Rule::NothingIsLost, key: "log".to_owned(), what: why.to_string() });
        }
        log::info!("an index was repaired: {} findings mended, {} left", repair.restored.len(), lost.len());
        Ok((index, Repair { restored: repair.restored, lost }))
    }

    /// Whether commits are synced some time later.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn is_lazy(&self) -> bool {
        self.settings.durability == Durability::Lazy
    }

    /// Opens an index over other sources than a directory.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn open_sources(&self, opened: persist::Opened) -> Index {
        Index::new(Shared::new(opened, None, self.settings))
    }

    /// Opens an index over a log in memory, of which it has read nothing. Nothing follows by itself.
    #[cfg(feature = "testing")]
    pub(crate) fn open_log(&self, log: Arc<dyn CommitLog>) -> Index {
        Index::new(Shared::new(empty(log), None, self.settings))
    }

    /// An empty index in memory. Its log is in memory too, and keeps every commit until it is
    /// [trimmed](Index::trim).
    #[must_use]
    pub fn in_memory(&self) -> Index {
        let log = MemoryLog::new();
        let log = if self.settings.durability == Durability::Lazy { log.lazy() } else { log };
        let opened = empty(Arc::new(log));
        Index::new(Shared::new(opened, None, Settings { read_only: false, ..self.settings }))
    }
}

/// Refuses a directory whose log is a copy: what is written to it would be in no other copy.
fn refuse_copy(directory: &Directory) -> Result<()> {
    if directory.is_shared() {
        return Err(OpenError::Shared { path: directory.path().to_owned() }.into());
    }
    Ok(())
}

/// Whether a new log is needed to mend it.
fn is_of_the_log(rule: Rule) -> bool {
    matches!(rule, Rule::LogIsWhole | Rule::NothingIsLost | Rule::DetailsAreThere)
}

/// Opening.
impl Index {
    /// Opens the index in a directory, creating it if there is none. See [`OpenOptions`] for other ways.
    ///
    /// # Errors
    /// [`Error::Open`] when the path is not an index, or is in use; [`Error::Log`] when its log is damaged. See
    /// [`OpenOptions::open`].
    pub fn open(path: impl AsRef<Path>) -> Result<Index> {
        OpenOptions::new().open(path)
    }

    /// An empty index in memory. It is gone when its last handle is.
    #[must_use]
    pub fn in_memory() -> Index {
        OpenOptions::new().in_memory()
    }
}
