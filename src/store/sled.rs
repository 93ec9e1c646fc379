//! The sled engine: the one file that names it, and what its version 0.34.7 needs to keep the promises of [`Store`].

use std::any::Any;
use std::fs::{self, File};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use super::copy::PrivateCopy;
use super::directory::Directory;
use super::files::{create_private_directory, io_error, make_private, sync_directory, sync_parent};
use super::mark::DurableMark;
use super::watch::Watch;
use super::{Changes, EachRow, Outcome, Store, failed};
use crate::error::{Corrupt, EngineError, Error, OpenError, Result};
use crate::id::Revision;

/// Pages kept in memory. Reads are answered from the view, so a small cache is enough.
const CACHE: u64 = 8 << 20;
/// Opening right after another handle was dropped may find the engine's own lock still held.
const TRIES: u32 = 50;
const BETWEEN_TRIES: Duration = Duration::from_millis(20);
/// How often the engine writes out its buffer by itself, where commits are not synced one by one.
const LAZY_FLUSH_MS: u64 = 200;
/// How long the engine may take over a write before it is asked again.
const PATIENCE: Duration = Duration::from_secs(1);
/// The engine reads its log when it opens. Damaged files can make it wait for ever instead.
const OPEN_AT_LEAST: Duration = Duration::from_secs(20);
const OPEN_BYTES_A_SECOND: u64 = 10 << 20;

/// Rows in a directory on disk, kept by sled 0.34.
///
/// Beside the engine's own subdirectory `rows` there are `FORMAT` (what the directory is), `LOCK` (held while it is
/// open) and `DURABLE` (how far it was synced).
pub struct SledStore {
    rows: Engine,
    /// sled's `flush` asks the system to start writing and does not wait for the device; syncing its file does.
    file: File,
    mark: Mutex<DurableMark>,
    newest: Mutex<Option<Revision>>,
    /// Where the rows are when nothing may be written. After `rows`, which are closed before they are removed.
    copy: Option<PrivateCopy>,
    directory: Directory,
}

impl std::fmt::Debug for SledStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SledStore").field("path", &self.directory.path()).finish_non_exhaustive()
    }
}

/// How a directory is to be opened.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Access {
    /// Create it where there is none.
    pub(crate) create: bool,
    /// Let the engine write out its buffer now and then also without [`sync`](Store::sync).
    pub(crate) lazy: bool,
    /// Start with no rows where there were some.
    pub(crate) accept_lost: bool,
}

impl SledStore {
    /// Opens the directory at `path`, creating it where `create` says so. With `lazy`, the engine writes out its
    /// buffer now and then also without [`sync`](Store::sync).
    ///
    /// # Errors
    /// [`Error::Open`] when it is not an index, or can't be opened; [`Error::Corrupt`] when the engine can't read it.
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

    /// Opens the directory at `path` and changes nothing in it: what is opened is a copy, in the system's directory
    /// for temporary files, of how the rows are now. It refuses every commit.
    ///
    /// # Errors
    /// Those of [`open`](SledStore::open).
    pub fn open_read_only(path: impl AsRef<Path>) -> Result<SledStore> {
        let mut directory = Directory::open_unchanged(path.as_ref())?;
        let mark = directory.mark()?;
        let copy = PrivateCopy::of(&directory.rows())?;
        directory.release();
        remove_unfinished_snapshots(&copy.rows())?;
        SledStore::start(directory, mark, Some(copy), Access::default())
    }

    fn start(directory: Directory, mark: DurableMark, copy: Option<PrivateCopy>, access: Access) -> Result<SledStore> {
        let Access { lazy, accept_lost, .. } = access;
        let at = copy.as_ref().map_or_else(|| directory.rows(), PrivateCopy::rows);
        let mut rows = Engine::open(&at, lazy)?;
        let may_be_empty = directory.is_new() || copy.is_some() || accept_lost;
        rows.open_table(directory.identity(), &mark, may_be_empty)?;
        let io = |source| io_error("open", &at, source);
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

    /// Gives a closed directory another name, and makes that durable.
    pub(crate) fn rename(from: &Path, to: &Path) -> Result<()> {
        fs::rename(from, to).and_then(|()| sync_parent(to)).map_err(|source| io_error("rename", from, source).into())
    }

    /// Whether the rows at `path` are shorter than when they were last synced, so that opening them is better tried
    /// on a copy first: the engine cuts off and overwrites what it can't read. It may be a harmless shrinking, too.
    pub(crate) fn is_cut_off(path: &Path) -> bool {
        let there = Directory::open_unchanged(path).and_then(|directory| {
            let mark = directory.mark()?.last();
            let file = fs::metadata(directory.rows().join("db"));
            Ok(file.is_ok_and(|file| mark.is_ok_and(|mark| mark.length > file.len())))
        });
        there.unwrap_or(false)
    }

    /// Calls the engine to write.
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

/// The engine, and in it the table of the index. Its name is the identity of the index, so that the files of another
/// one are not taken for its own.
struct Engine {
    table: Option<sled::Tree>,
    files: Option<sled::Db>,
    watch: Watch,
    /// The first panic of the engine. It may not write again, nor be closed.
    panicked: OnceLock<String>,
}

impl Engine {
    fn open(at: &Path, lazy: bool) -> Result<Engine> {
        let files = open_engine(at, lazy)?;
        // A write that fails in one of the engine's threads may wake nobody who waits for it. Another one that asks
        // for the same meets the failure, and wakes them all.
        let again = files.clone();
        let watch = Watch::start(PATIENCE, move || drop(catch_unwind(AssertUnwindSafe(|| again.flush()))));
        let watch = watch.map_err(|source| io_error("start a thread for", at, source))?;
        Ok(Engine { table: None, files: Some(files), watch, panicked: OnceLock::new() })
    }

    /// Opens the table. Where the engine lost it, it is made again only if it may be empty.
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

    /// Calls the engine. A panic in it, which is how it takes some damage, becomes an error like any other.
    fn caught<T>(&self, doing: &'static str, call: impl FnOnce() -> sled::Result<T>) -> Result<T> {
        match catch_unwind(AssertUnwindSafe(call)) {
            Ok(result) => result.map_err(|error| engine_failed(doing, error)),
            Err(panic) => {
                let why = panic_message(&*panic);
                let _ = self.panicked.set(why.clone());
                Err(Corrupt::Panic { why }.into())
            }
        }
    }
}

/// The engine writes what is left when it is closed, and may panic over it, or wait for ever.
impl Drop for Engine {
    fn drop(&mut self) {
        if self.panicked.get().is_none() {
            let _ = self.watch.during(|| self.call_files("close", |files| files.flush()));
        }
        let watched = self.watch.stop(PATIENCE);
        let open = (self.table.take(), self.files.take());
        if self.panicked.get().is_some() || !watched {
            // Closing it could wait for ever for what the panic cut short.
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

/// Killed while it opens, sled can leave a snapshot half made, and then refuses to open ever after. The finished
/// snapshot takes its name by a rename, so one that still has this name was never in use.
fn remove_unfinished_snapshots(rows: &Path) -> Result<()> {
    let Ok(entries) = fs::read_dir(rows) else { return Ok(()) };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with("snap.") && name.ends_with(".generating") {
            fs::remove_file(entry.path()).map_err(|source| io_error("remove", &entry.path(), source))?;
        }
    }
    Ok(())
}

/// sled makes its files readable for everybody that the process's mask lets in.
fn make_all_private(rows: &Path) -> std::io::Result<()> {
    fs::read_dir(rows)?.flatten().try_for_each(|entry| make_private(&entry.path()))
}

fn open_engine(at: &Path, lazy: bool) -> Result<sled::Db> {
    let config = sled::Config::new()
        .path(at)
        .mode(sled::Mode::LowSpace)
        .cache_capacity(CACHE)
        .flush_every_ms(lazy.then_some(LAZY_FLUSH_MS));
    for _ in 0..TRIES {
        match open_in_time(&config, at)? {
            Ok(rows) => return Ok(rows),
            Err(sled::Error::Io(error)) if error.to_string().contains("could not acquire lock") => {
                thread::sleep(BETWEEN_TRIES);
            }
            Err(sled::Error::Io(source)) => return Err(io_error("open", at, source).into()),
            Err(other) => return Err(Corrupt::Engine { why: other.to_string() }.into()),
        }
    }
    Err(OpenError::InUse { path: at.to_owned() }.into())
}

/// Opens in a thread that can be left behind.
fn open_in_time(config: &sled::Config, at: &Path) -> Result<sled::Result<sled::Db>> {
    let length = fs::metadata(at.join("db")).map_or(0, |found| found.len());
    let most = OPEN_AT_LEAST + Duration::from_secs(length / OPEN_BYTES_A_SECOND);
    let (send, receive) = mpsc::sync_channel(1);
    let config = config.clone();
    // sled panics on some damaged files instead of returning an error.
    let open = move || drop(send.send(catch_unwind(AssertUnwindSafe(|| config.open()))));
    let thread = thread::Builder::new().name("open index".to_owned()).spawn(open);
    thread.map_err(|source| io_error("start a thread to open", at, source))?;
    match receive.recv_timeout(most) {
        Ok(Ok(opened)) => Ok(opened),
        Ok(Err(panic)) => Err(Corrupt::Engine { why: panic_message(&*panic) }.into()),
        Err(_) => Err(Corrupt::Engine { why: format!("reading them did not end in {most:?}") }.into()),
    }
}

fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("it panicked").escape_debug().to_string()
}

/// sled syncs neither its settings nor the directories that name its files. What a killed process had not synced may
/// have been read by this opening, and is built upon from here on.
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

/// One row is written whole by itself: a batch of one costs two writes to the file, where a row alone waits in the
/// engine's buffer for the next sync.
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
                let revision = changes.step.map_or(newest.unwrap_or_default(), |step| step.to);
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
        let length = self.file.metadata().map_err(|error| failed("measure", error))?.len();
        self.mark().write(newest, length).map_err(|error| failed("mark as durable", error))
    }

    fn newest_durable(&self) -> Result<Revision> {
        let last = self.mark().last().map_err(|why| Corrupt::Mark { why })?;
        Ok(last.revision)
    }

    fn bytes_on_disk(&self) -> Result<u64> {
        self.rows.call_files("measure", |files| files.size_on_disk())
    }
}
