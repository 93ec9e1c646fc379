//! The directory of an index on disk: its layout, its format, its locks. Knows nothing of rows, of the engine in its
//! subdirectory, or of what is in a log.
//!
//! | name | |
//! | --- | --- |
//! | `FORMAT` | kind and version of the directory, identity of the index, name and id of its log |
//! | `LOCK` | locked by all who have the index open, together; by who creates or repairs it, alone |
//! | `log` | the log; after lost commits were accepted, `log-2` and so on: `FORMAT` says which one counts |
//! | `rows` | the checkpoint, which may be lost |
//! | `rows.lock` | locked by the owner, who has the engine open |
//! | `rows-set-aside` | the newest rows that could not be used |
//! | `shortcut` | a state for those who open the index without the rows, which may be lost |

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::file_system::refuse_network;
use super::files::{
    absolute, create_directories, io_error, private_file, refuse_unless_file, sync_directory, sync_parent,
};
use super::format::{FORMAT, Format, LOCK, LOG, ROWS, ROWS_LOCK, ROWS_SET_ASIDE, RUNGS, VERSION, examine};
use super::place::{IndexPlace, RowsPlace};
use crate::locks;
use crate::model::{Error, LogError, OpenError, Result};

/// How often a lock is tried that is held, and for how long altogether: a child process that another thread is starting
/// shares our descriptors for a moment, and with them a lock that was already released.
const BETWEEN_TRIES: Duration = Duration::from_millis(20);
const LOCK_PATIENCE: Duration = Duration::from_millis(100);
/// How long an opening waits for a process that has the index alone: creating it takes some syncs of the device, a repair
/// may take much longer.
const OPENING_PATIENCE: Duration = Duration::from_secs(2);

/// How a directory is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// To read and write, together with others; with `create`, creates it if it is missing or empty.
    Write { create: bool },
    /// To read, together with others. Changes nothing.
    Read,
    /// To repair, alone.
    Alone,
}

/// An index directory, locked for this handle until it is dropped or released: alone while it is created or repaired, else
/// together with others.
#[derive(Debug)]
pub(crate) struct Directory {
    place: IndexPlace,
    /// Whether this opening creates the index.
    new: bool,
    format: Format,
    /// The file LOCK with its lock, until it is released.
    lock: Mutex<Option<File>>,
}

/// How a lock is tried.
type TryLock = fn(&File) -> Result<(), TryLockError>;

impl Directory {
    /// Opens a directory. Changes nothing in one that is not an index.
    pub(crate) fn open(path: &Path, how: Use) -> Result<Directory> {
        let path = absolute(path)?;
        match how {
            Use::Write { create } => Directory::open_to_write(path, create),
            Use::Read => Directory::open_to_read(path),
            Use::Alone => Directory::open_alone(path, false, LOCK_PATIENCE),
        }
    }

    fn open_to_write(path: PathBuf, create: bool) -> Result<Directory> {
        let start = Instant::now();
        loop {
            let opened = match examine(&path, create)?.flatten() {
                Some(format) if format.version == VERSION => Directory::open_shared(&path, create),
                // One that another process has completed meanwhile is opened together with it.
                _ => Directory::open_alone(path.clone(), create, LOCK_PATIENCE)
                    .map(|directory| directory.is_new().then_some(directory)),
            };
            match opened {
                Ok(Some(directory)) => return Ok(directory),
                // Another process creates, replaces or upgrades it.
                Ok(None) => {}
                Err(Error::Open(OpenError::InUse { .. })) if start.elapsed() < OPENING_PATIENCE => {}
                Err(other) => return Err(other),
            }
        }
    }

    /// `None` if it is not any more an index that needs no upgrade.
    fn open_shared(path: &Path, create: bool) -> Result<Option<Directory>> {
        refuse_network(path)?;
        let lock = lock(path, File::try_lock_shared, LOCK_PATIENCE)?;
        let format = examine(path, create)?.flatten().filter(|format| format.version == VERSION);
        format.map(|format| Directory::locked(path.to_owned(), format, lock)).transpose()
    }

    fn open_to_read(path: PathBuf) -> Result<Directory> {
        if examine(&path, false)?.flatten().is_none() {
            return Err(OpenError::NotFound { path }.into());
        }
        refuse_network(&path)?;
        let at = path.join(LOCK);
        let file = File::open(&at).map_err(|source| io_error("open", &at, source))?;
        let lock = locked(&path, file, File::try_lock_shared, LOCK_PATIENCE)?;
        let Some(format) = examine(&path, false)?.flatten() else { return Err(OpenError::NotFound { path }.into()) };
        if format.version != VERSION {
            let found = format!("version {} needs an upgrade, which a reader may not make", format.version);
            return Err(OpenError::UnknownFormat { path: path.join(FORMAT), found }.into());
        }
        Directory::locked(path, format, lock)
    }

    /// Creates, upgrades, or only opens it.
    fn open_alone(path: PathBuf, create: bool, patience: Duration) -> Result<Directory> {
        if examine(&path, create)?.is_none() {
            create_directories(&path).map_err(|source| io_error("create", &path, source))?;
        }
        refuse_network(&path)?;
        let lock = lock(&path, File::try_lock, patience)?;
        // Another process may have written to the directory before this one had the lock.
        match examine(&path, create)?.flatten() {
            Some(mut format) => {
                format.upgrade(&path, &RUNGS)?;
                Directory::locked(path, format, lock)
            }
            None => {
                let directory = Directory { new: true, ..Directory::locked(path, Format::new(), lock)? };
                let path = directory.path();
                directory.begin().map_err(|source| io_error("create an index in", path, source))?;
                Ok(directory)
            }
        }
    }

    fn locked(path: PathBuf, format: Format, lock: File) -> Result<Directory> {
        let place = IndexPlace::new(path, &lock)?;
        Ok(Directory { place, new: false, format, lock: Mutex::new(Some(lock)) })
    }

    /// Begins a new index, in place of what an unfinished creation left.
    fn begin(&self) -> io::Result<()> {
        self.format.prepare(self.path())?;
        // First, since a directory with any other file and without this one counts as foreign.
        sync_directory(self.path())?;
        for directory in [self.log(), self.rows()] {
            if directory.exists() {
                fs::remove_dir_all(directory)?;
            }
        }
        Ok(())
    }

    /// Completes the creation of an index, once its log is durable; or, of an index that there is, makes another log
    /// the one that counts. The log has this name in the directory.
    pub(crate) fn set_log(&mut self, name: &str, id: &str) -> Result<()> {
        let path = self.path().to_owned();
        self.format.log = (name.to_owned(), id.to_owned());
        let written = self.format.write(&path).and_then(|()| if self.new { sync_parent(&path) } else { Ok(()) });
        written.map_err(|source| io_error("write", &path.join(FORMAT), source))?;
        self.new = false;
        Ok(())
    }

    /// Notes, for the next writing of FORMAT, that its log is a copy of one that several machines share.
    pub(crate) fn set_shared(&mut self) {
        self.format.shared = true;
    }

    /// Whether its log is a copy of one that several machines share.
    pub(crate) fn is_shared(&self) -> bool {
        self.format.shared
    }

    /// Lets others open it, too, after it was opened alone.
    ///
    /// # Errors
    /// `InUse`: another process opened it alone in between, and may have changed which log counts.
    pub(crate) fn share(&self) -> Result<()> {
        self.release();
        // Others that wait to create it may have it alone for a moment each.
        let file = lock(self.path(), File::try_lock_shared, OPENING_PATIENCE)?;
        let is_same = examine(self.path(), false)?.flatten().as_ref() == Some(&self.format);
        if !is_same || !self.place.has_lock(&file) {
            return Err(OpenError::InUse { path: self.path().to_owned(), process: None }.into());
        }
        *self.lock.lock().unwrap_or_else(PoisonError::into_inner) = Some(file);
        Ok(())
    }

    /// Releases the lock.
    pub(crate) fn release(&self) {
        *self.lock.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Whether the path still leads to it: somebody may have moved, removed or replaced it.
    pub(crate) fn is_in_place(&self) -> bool {
        let lock = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        lock.is_some() && self.place.check("look for it").is_ok()
    }

    /// The random identity that distinguishes this index from any other.
    pub(crate) fn identity(&self) -> &str {
        &self.format.identity
    }

    /// Whether this opening creates the index.
    pub(crate) fn is_new(&self) -> bool {
        self.new
    }

    pub(crate) fn place(&self) -> &IndexPlace {
        &self.place
    }

    pub(crate) fn path(&self) -> &Path {
        self.place.path()
    }

    /// The log that counts.
    pub(crate) fn log(&self) -> PathBuf {
        self.path().join(&self.format.log.0)
    }

    /// The name of the log that counts.
    pub(crate) fn log_name(&self) -> &str {
        &self.format.log.0
    }

    /// The id of the log that counts.
    pub(crate) fn log_id(&self) -> &str {
        &self.format.log.1
    }

    /// A name for another log, which nothing has.
    pub(crate) fn free_log_name(&self) -> String {
        let (mut number, name) = (2_u32, |number| format!("{LOG}-{number}"));
        while fs::symlink_metadata(self.path().join(name(number))).is_ok() {
            number += 1;
        }
        name(number)
    }

    /// The subdirectory of the engine.
    pub(crate) fn rows(&self) -> PathBuf {
        self.path().join(ROWS)
    }

    /// Whether anybody has had rows open here.
    pub(crate) fn had_rows(&self) -> bool {
        self.path().join(ROWS_LOCK).exists()
    }

    /// Takes the lock of the rows; `None` if somebody else holds it.
    pub(crate) fn lock_rows(&self) -> Result<Option<RowsPlace>> {
        self.rows_lock().take()
    }

    /// The lock of the rows, for whoever may take it later.
    pub(crate) fn rows_lock(&self) -> RowsLock {
        RowsLock { index: self.place.clone() }
    }
}

/// The lock of the rows of an index. Its holder, the owner, has the engine open.
#[derive(Clone, Debug)]
pub(crate) struct RowsLock {
    index: IndexPlace,
}

impl RowsLock {
    fn file(&self) -> Result<(PathBuf, File), OpenError> {
        let at = self.index.path().join(ROWS_LOCK);
        refuse_unless_file(&at)?;
        let file = private_file().read(true).create(true).truncate(false).open(&at);
        let file = file.map_err(|source| io_error("open", &at, source))?;
        Ok((at, file))
    }

    /// Takes it; `None` if somebody else holds it. A handle of this process may be about to release it.
    ///
    /// # Errors
    /// Those of the system; also when the directory of the index was moved, since another one may have its path.
    pub(crate) fn take(&self) -> Result<Option<RowsPlace>> {
        self.index.check("lock the rows")?;
        let (at, file) = self.file()?;
        // The directory was not replaced before the file was opened.
        self.index.check("lock the rows")?;
        let is_ours = locks::holder(&file) == Some(std::process::id());
        let patience = if is_ours { LOCK_PATIENCE } else { Duration::ZERO };
        let path = self.index.path();
        match locked(path, file, File::try_lock, patience) {
            Ok(lock) => Ok(Some(RowsPlace::new(path.join(ROWS), path.join(ROWS_SET_ASIDE), (at, lock)))),
            Err(OpenError::InUse { .. }) => Ok(None),
            Err(other) => Err(other.into()),
        }
    }

    /// The error for who can't have it.
    pub(crate) fn busy(&self) -> LogError {
        let process = self.file().ok().and_then(|(_, file)| locks::holder(&file));
        LogError::Busy { path: self.index.path().join(ROWS_LOCK), waited: Duration::ZERO, process }
    }
}

fn lock(path: &Path, how: TryLock, patience: Duration) -> Result<File, OpenError> {
    let at = path.join(LOCK);
    let open = private_file().read(true).create(true).truncate(false).open(&at);
    let file = open.map_err(|source| io_error("open", &at, source))?;
    locked(path, file, how, patience)
}

/// Locks the file, with a bounded retry.
fn locked(path: &Path, file: File, lock: TryLock, patience: Duration) -> Result<File, OpenError> {
    let start = Instant::now();
    loop {
        match lock(&file) {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if start.elapsed() < patience => thread::sleep(BETWEEN_TRIES),
            Err(TryLockError::WouldBlock) => {
                return Err(OpenError::InUse { path: path.to_owned(), process: locks::holder(&file) });
            }
            Err(TryLockError::Error(source)) => return Err(io_error("lock", &path.join(LOCK), source)),
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first failure")]

    use super::{Directory, LOG, Path, ROWS_LOCK, Use, fs};

    fn create(path: &Path) -> Directory {
        let mut directory = Directory::open(path, Use::Write { create: true }).unwrap();
        directory.set_log(LOG, "0".repeat(32).as_str()).unwrap();
        directory.share().unwrap();
        directory
    }

    /// Once a guest whose directory had been replaced took the rows of the other index, and set them aside.
    #[test]
    fn the_rows_of_an_index_that_was_put_at_the_path_are_not_locked() {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("plan.ri");
        let first = create(&path);
        assert!(first.is_in_place() && first.lock_rows().unwrap().is_some());
        fs::rename(&path, scratch.path().join("moved")).unwrap();
        let moved = |directory: &Directory| directory.lock_rows().unwrap_err().to_string().contains("was moved");
        assert!(moved(&first) && !path.exists());
        let second = create(&path);
        assert!(moved(&first) && !first.is_in_place() && !path.join(ROWS_LOCK).exists());
        assert!(second.lock_rows().unwrap().is_some());
    }
}
