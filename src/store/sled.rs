//! The sled engine, version 0.34.7. The only file that names it; each workaround states the fact about that version
//! that it answers. Knows nothing of what rows mean.
//!
//! Two facts have no code of their own. sled keeps values that make a leaf larger than 128 KiB in files that it never
//! syncs, so no row is above 4 KiB. Its transactions hold a lock of the whole process, in which a `get` waits for ever,
//! so none are used.

use std::any::Any;
use std::fs::{self, File};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use super::copy::PrivateCopy;
use super::directory::Directory;
use super::files::{
    absolute, create_private_directory, io_error, is_deleted, make_private, sync_directory, sync_parent,
};
use super::mark::DurableMark;
use super::watch::Watch;
use super::{Changes, EachRow, Outcome, Store, failed};
use crate::id::Revision;
use crate::model::{Corrupt, EngineError, Error, OpenError, Result};

/// Bytes of pages kept in memory. Questions are answered from the view, so a small cache is enough.
const CACHE: u64 = 8 << 20;
/// sled releases its lock some time after its last handle was dropped, so an opening retries for one second.
const TRIES: u32 = 50;
const BETWEEN_TRIES: Duration = Duration::from_millis(20);
/// How often sled writes out its buffer by itself, where commits are not synced one by one.
const LAZY_FLUSH_MS: u64 = 200;
/// How long a call of sled may take before the watch calls `flush` as well.
const PATIENCE: Duration = Duration::from_secs(1);
/// Damaged files can make sled's opening wait for ever, so an opening has at least this time, and more for a long file:
/// sled reads it at far more than 10 MiB per second.
const OPEN_AT_LEAST: Duration = Duration::from_secs(20);
const OPEN_BYTES_PER_SECOND: u64 = 10 << 20;

/// Rows in a directory on disk, kept by sled 0.34.
///
/// The directory has the engine's own subdirectory `rows` and the files `FORMAT` (kind and version of the directory),
/// `LOCK` (locked while it is open) and `DURABLE` (the newest revision that was synced).
pub struct SledStore {
    rows: Engine,
    /// The engine's file `db`, opened once more to sync it: on Linux sled's `flush` calls `sync_file_range`, which does
    /// not wait for the device.
    file: File,
    mark: Mutex<DurableMark>,
    /// The newest revision committed through this handle.
    newest: Mutex<Option<Revision>>,
    /// The files of a read-only store. Declared after `rows`, so that it is removed after they are closed.
    copy: Option<PrivateCopy>,
    directory: Directory,
}

impl std::fmt::Debug for SledStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SledStore").field("path", &self.directory.path()).finish_non_exhaustive()
    }
}

/// Options to open a directory.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Access {
    /// Create it where there is none.
    pub(crate) create: bool,
    /// Let the engine write out its buffer five times per second also without [`sync`](Store::sync).
    pub(crate) lazy: bool,
    /// Start with no rows where rows are lost.
    pub(crate) accept_lost: bool,
}

impl SledStore {
    /// Opens the directory at `path`; with `create`, creates it if it is missing. With `lazy`, the engine writes out its
    /// buffer five times per second also without [`sync`](Store::sync).
    ///
    /// # Errors
    /// [`Error::Open`] when it is not an index or can't be opened; [`Error::Corrupt`] when the engine can't read it.
    pub fn open(path: impl AsRef<Path>, create: bool, lazy: bool) -> Result<SledStore> {
        SledStore::open_with(path.as_ref(), Access { create, lazy, accept_lost: false })
    }

    pub(crate) fn open_with(path: &Path, access: Access) -> Result<SledStore> {
        let directory = Directory::open(path, access.create)?;
        let at = directory.rows();
        let mark = directory.mark()?;
        if !at.exists() {
            check_nothing_was_durable(&mark, access)?;
            create_private_directory(&at).map_err(|source| io_error("create", &at, source))?;
        }
        remove_unfinished_snapshots(&at)?;
        SledStore::start(directory, mark, None, access)
    }

    /// Opens the directory at `path` and changes nothing in it. The store is a copy of the rows as they are now, in the
    /// system's directory for temporary files, and refuses every commit.
    ///
    /// # Errors
    /// Those of [`open`](SledStore::open), and [`OpenError::Copy`] when the rows can't be copied.
    pub fn open_read_only(path: impl AsRef<Path>) -> Result<SledStore> {
        let mut directory = Directory::open_unchanged(path.as_ref())?;
        let mark = directory.mark_unchanged()?;
        let copy = PrivateCopy::of(&directory.rows())?;
        directory.release();
        remove_unfinished_snapshots(&copy.rows())?;
        SledStore::start(directory, mark, Some(copy), Access::default())
    }

    fn start(directory: Directory, mark: DurableMark, copy: Option<PrivateCopy>, access: Access) -> Result<SledStore> {
        let Access { lazy, accept_lost, .. } = access;
        // Errors name the path that the caller knows, not that of a copy.
        let named = directory.rows();
        let at = copy.as_ref().map_or_else(|| named.clone(), PrivateCopy::rows);
        let mut rows = Engine::open(&at, &named, lazy)?;
        let may_be_empty = directory.is_new() || copy.is_some() || accept_lost;
        rows.open_table(directory.identity(), &mark, may_be_empty)?;
        let io = |source| io_error("open", &named, source);
        let file = File::options().read(true).write(true).open(at.join("db")).map_err(io)?;
        make_all_private(&at).map_err(io)?;
        if copy.is_none() {
            sync_opening(&at, &file).map_err(io)?;
        }
        if directory.is_new() {
            directory.finish().map_err(io)?;
        }
        let (mark, newest) = (Mutex::new(mark), Mutex::new(None));
        Ok(SledStore { rows, file, mark, newest, copy, directory })
    }

    /// Renames a closed directory, and makes the new name durable.
    pub(crate) fn rename(from: &Path, to: &Path) -> Result<()> {
        let to = absolute(to)?;
        fs::rename(from, &to).and_then(|()| sync_parent(&to)).map_err(|source| io_error("rename", from, source).into())
    }

    /// Whether the rows at `path` are shorter than when they were last synced. Then opening is better tried on a copy
    /// first: sled cuts off and overwrites a tail that it can't read. It may also be a harmless shrinking.
    ///
    /// False for a directory that can't be examined: opening it reports why.
    pub(crate) fn is_cut_off(path: &Path) -> bool {
        let examined = Directory::open_unchanged(path).and_then(|directory| {
            let mark = directory.mark_unchanged()?.last();
            let file = fs::metadata(directory.rows().join("db"));
            Ok(file.is_ok_and(|file| mark.is_ok_and(|mark| mark.length > file.len())))
        });
        examined.unwrap_or(false)
    }

    /// Calls the engine to write, unless this store is read-only or the engine has panicked.
    fn write<T>(&self, doing: &'static str, call: impl FnOnce(&sled::Tree) -> sled::Result<T>) -> Result<T> {
        match self.rows.panicked.get() {
            _ if self.copy.is_some() => Err(EngineError::ReadOnly.into()),
            Some(why) => Err(failed(doing, format!("it panicked before: {why}"))),
            None => self.rows.watch.during(|| self.rows.call(doing, call)),
        }
    }

    fn mark(&self) -> MutexGuard<'_, DurableMark> {
        self.mark.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// sled with one table. The name of the table is the identity of the index, so that the files of another index are not
/// taken for those of this one.
struct Engine {
    table: Option<sled::Tree>,
    files: Option<sled::Db>,
    watch: Watch,
    /// The first panic of sled. After one it is neither written to nor closed.
    panicked: OnceLock<String>,
}

impl Engine {
    /// Opens the files in `at`. Errors name the path `named`.
    fn open(at: &Path, named: &Path, lazy: bool) -> Result<Engine> {
        let files = open_engine(at, named, lazy)?;
        // When a write fails in one of sled's threads, sled may wake no caller that waits for it. A second `flush` meets
        // the failure, too, and wakes them all.
        let again = files.clone();
        let watch = Watch::start(PATIENCE, move || drop(catch_unwind(AssertUnwindSafe(|| again.flush()))));
        let watch = watch.map_err(|source| io_error("start a thread for", named, source))?;
        Ok(Engine { table: None, files: Some(files), watch, panicked: OnceLock::new() })
    }

    /// Opens the table. sled rolls damaged files back without an error, even to an empty table, so a missing table is
    /// created only if it may be empty.
    fn open_table(&mut self, identity: &str, mark: &DurableMark, may_be_empty: bool) -> Result<()> {
        let names = self.call_files("open", |files| {
            let default = files.name();
            Ok(files.tree_names().into_iter().filter(|name| *name != default).collect::<Vec<_>>())
        })?;
        if !names.iter().all(|name| **name == *identity.as_bytes()) {
            return Err(Corrupt::Engine { why: "its files are those of another index".to_owned() }.into());
        }
        if names.is_empty() && !may_be_empty {
            return Err(match mark.last() {
                Ok(mark) if mark.revision > 0 => Corrupt::RolledBack { expected: mark.revision, found: 0 },
                _ => Corrupt::Engine { why: "its files are empty".to_owned() },
            }
            .into());
        }
        let open = |files: &sled::Db| {
            let table = files.open_tree(identity)?;
            files.flush().map(|_| table)
        };
        let table = self.watch.during(|| self.call_files("open", open))?;
        self.table = Some(table);
        Ok(())
    }

    fn call<T>(&self, doing: &'static str, call: impl FnOnce(&sled::Tree) -> sled::Result<T>) -> Result<T> {
        let Some(table) = &self.table else { return Err(failed(doing, "it is closed")) };
        self.caught(doing, || call(table))
    }

    fn call_files<T>(&self, doing: &'static str, call: impl FnOnce(&sled::Db) -> sled::Result<T>) -> Result<T> {
        let Some(files) = &self.files else { return Err(failed(doing, "it is closed")) };
        self.caught(doing, || call(files))
    }

    /// Calls sled, which panics over some damaged files and failed writes. A panic becomes an error.
    fn caught<T>(&self, doing: &'static str, call: impl FnOnce() -> sled::Result<T>) -> Result<T> {
        match catch_unwind(AssertUnwindSafe(call)) {
            Ok(result) => result.map_err(|error| engine_failed(doing, error)),
            Err(panic) => {
                let why = panic_message(&*panic);
                // The first panic is kept.
                let _ = self.panicked.set(why.clone());
                Err(Corrupt::Panic { why }.into())
            }
        }
    }
}

/// sled writes its buffer when it is closed, and may panic over that, or wait for ever for a write that failed.
impl Drop for Engine {
    fn drop(&mut self) {
        if self.panicked.get().is_none() {
            // Nobody is left to be told. Synced commits are durable already, lazy ones may be lost by their promise.
            let _ = self.watch.during(|| self.call_files("close", |files| files.flush()));
        }
        let watched = self.watch.stop(PATIENCE);
        let open = (self.table.take(), self.files.take());
        if self.panicked.get().is_some() || !watched {
            // Closing could wait for ever for a thread that the panic ended. The process keeps the memory and the lock.
            std::mem::forget(open);
        } else {
            let _ = catch_unwind(AssertUnwindSafe(|| drop(open)));
        }
    }
}

fn check_nothing_was_durable(mark: &DurableMark, access: Access) -> Result<()> {
    match mark.last() {
        _ if access.accept_lost => Ok(()),
        Ok(mark) if mark.revision == 0 => Ok(()),
        Ok(mark) => Err(Corrupt::RolledBack { expected: mark.revision, found: 0 }.into()),
        Err(why) => Err(Corrupt::Mark { why }.into()),
    }
}

/// Removes unfinished snapshots: killed while it opens, sled can leave a file `snap.*.generating`, and then fails at
/// every later opening. sled renames a snapshot when it is complete, so a file of this name was never in use.
fn remove_unfinished_snapshots(rows: &Path) -> Result<()> {
    let list = |source| io_error("list", rows, source);
    for entry in fs::read_dir(rows).map_err(list)? {
        let path = entry.map_err(list)?.path();
        let name = path.file_name().map(|name| name.to_string_lossy());
        if name.is_some_and(|name| name.starts_with("snap.") && name.ends_with(".generating")) {
            fs::remove_file(&path).map_err(|source| io_error("remove", &path, source))?;
        }
    }
    Ok(())
}

/// sled creates its files with the permissions that the process's mask leaves.
fn make_all_private(rows: &Path) -> std::io::Result<()> {
    fs::read_dir(rows)?.try_for_each(|entry| make_private(&entry?.path()))
}

fn open_engine(at: &Path, named: &Path, lazy: bool) -> Result<sled::Db> {
    let config = sled::Config::new()
        .path(at)
        .mode(sled::Mode::LowSpace)
        .cache_capacity(CACHE)
        .flush_every_ms(lazy.then_some(LAZY_FLUSH_MS));
    for _ in 0..TRIES {
        match open_in_time(&config, at, named)? {
            Ok(rows) => return Ok(rows),
            Err(sled::Error::Io(error)) if error.to_string().contains("could not acquire lock") => {
                thread::sleep(BETWEEN_TRIES);
            }
            Err(sled::Error::Io(source)) => return Err(io_error("open", named, source).into()),
            Err(other) => return Err(Corrupt::Engine { why: other.to_string() }.into()),
        }
    }
    Err(OpenError::InUse { path: named.to_owned() }.into())
}

/// Opens sled in a thread that is abandoned when the opening takes too long: over some damaged files it waits for ever.
fn open_in_time(config: &sled::Config, at: &Path, named: &Path) -> Result<sled::Result<sled::Db>> {
    let db = at.join("db");
    // A new store has no file yet.
    let length =
        if db.exists() { fs::metadata(&db).map_err(|source| io_error("measure", named, source))?.len() } else { 0 };
    let most = OPEN_AT_LEAST + Duration::from_secs(length / OPEN_BYTES_PER_SECOND);
    let (send, receive) = mpsc::sync_channel(1);
    let config = config.clone();
    // sled panics over some damaged files, and over a clock before 1970, instead of returning an error.
    let open = move || drop(send.send(catch_unwind(AssertUnwindSafe(|| config.open()))));
    let thread = thread::Builder::new().name("open index".to_owned()).spawn(open);
    thread.map_err(|source| io_error("start a thread to open", named, source))?;
    match receive.recv_timeout(most) {
        Ok(Ok(opened)) => Ok(opened),
        Ok(Err(panic)) => Err(Corrupt::Engine { why: panic_message(&*panic) }.into()),
        Err(_) => Err(Corrupt::Engine { why: format!("reading them did not end in {most:?}") }.into()),
    }
}

fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("it panicked with no message").escape_debug().to_string()
}

/// Makes durable what this opening has read. sled syncs neither its file `conf` nor the directory of its files, and `db`
/// may end with writes of a killed process that were never synced.
fn sync_opening(rows: &Path, file: &File) -> std::io::Result<()> {
    file.sync_all()?;
    File::open(rows.join("conf"))?.sync_all()?;
    sync_directory(rows)
}

fn engine_failed(doing: &'static str, error: sled::Error) -> Error {
    match error {
        sled::Error::Corruption { .. } => Corrupt::Engine { why: error.to_string() }.into(),
        other => failed(doing, other),
    }
}

/// Writes rows all or none. sled writes a batch to the file at once, with a record before it; a single row is atomic
/// without a batch and stays in sled's buffer until the next sync, which saves two writes per commit.
fn write(rows: &sled::Tree, changes: &Changes) -> sled::Result<()> {
    if let ([(key, value)], []) = (changes.put.as_slice(), changes.delete.as_slice()) {
        return rows.insert(key, value.as_slice()).map(drop);
    }
    let mut batch = sled::Batch::default();
    changes.delete.iter().for_each(|key| batch.remove(key.as_slice()));
    changes.put.iter().for_each(|(key, value)| batch.insert(key.as_slice(), value.as_slice()));
    rows.apply_batch(batch)
}

impl Store for SledStore {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>> {
        self.rows.call("read", |rows| Ok(rows.get(key)?.map(|value| value.to_vec())))
    }

    fn scan(&self, from: &[u8], to: &[u8], each: &mut EachRow<'_>) -> Result<()> {
        if from >= to {
            return Ok(());
        }
        let mut range = self.rows.call("read", |rows| Ok(rows.range(from..to)))?;
        while let Some((key, value)) = self.rows.call("read", |_| range.next().transpose())? {
            each(&key, &value)?;
        }
        Ok(())
    }

    fn commit(&self, changes: &Changes) -> Result<Outcome> {
        let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        if let (Some(step), Some(newest)) = (changes.step, *newest)
            && step.from != newest
        {
            return Ok(Outcome::Refused);
        }
        let written = self.write("commit", |rows| write(rows, changes));
        written.map_err(|error| match error {
            Error::Engine(EngineError::ReadOnly) => error,
            other => {
                // Rows of no new revision leave the newest one in doubt: that of this handle, or of the last sync.
                let synced = || self.mark().last().map_or(0, |mark| mark.revision);
                let revision = changes.step.map(|step| step.to).or(*newest).unwrap_or_else(synced);
                EngineError::Unknown { revision, why: other.to_string() }.into()
            }
        })?;
        if let Some(step) = changes.step {
            *newest = Some(step.to);
        }
        Ok(Outcome::Done)
    }

    fn sync(&self, newest: Revision) -> Result<()> {
        self.write("sync", |rows| rows.flush())?;
        self.file.sync_data().map_err(|error| failed("sync", error))?;
        let file = self.file.metadata().map_err(|error| failed("measure", error))?;
        if is_deleted(&file) {
            return Err(failed("sync", "the files of the index were deleted while it was open"));
        }
        self.mark().write(newest, file.len()).map_err(|error| failed("mark as durable", error))
    }

    fn newest_durable(&self) -> Result<Revision> {
        let last = self.mark().last().map_err(|why| Corrupt::Mark { why })?;
        Ok(last.revision)
    }

    fn bytes_on_disk(&self) -> Result<u64> {
        self.rows.call_files("measure", |files| files.size_on_disk())
    }
}
