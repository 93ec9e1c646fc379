//! The sled engine: the one file that names it, and what its version 0.34.7 needs to keep the promises of [`Store`].

use std::fs::{self, File};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use super::directory::{Directory, DurableMark, io_error, sync_directory};
use super::{Changes, EachRow, Outcome, Store, failed};
use crate::error::{Corrupt, EngineError, Error, OpenError, Result};
use crate::id::Revision;

/// Pages kept in memory. Reads are answered from the view, so a small cache is enough.
const CACHE: u64 = 64 << 20;
/// Opening right after another handle was dropped may find the engine's own lock still held.
const TRIES: u32 = 50;
const BETWEEN_TRIES: Duration = Duration::from_millis(20);
/// How often the engine writes out its buffer by itself, where commits are not synced one by one.
const LAZY_FLUSH_MS: u64 = 200;

/// Rows in a directory on disk, kept by sled 0.34.
///
/// Beside the engine's own subdirectory `rows` there are `FORMAT` (what the directory is), `LOCK` (held while it is
/// open) and `DURABLE` (how far it was synced).
pub struct SledStore {
    // Before `directory`, so that the engine is closed before the lock is given up.
    rows: sled::Db,
    /// sled's `flush` asks the system to start writing and does not wait for the device; syncing its file does.
    file: File,
    mark: Mutex<DurableMark>,
    newest: Mutex<Option<Revision>>,
    directory: Directory,
}

impl std::fmt::Debug for SledStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SledStore").field("path", &self.directory.path()).finish_non_exhaustive()
    }
}

impl SledStore {
    /// Opens the directory at `path`, creating it where `create` says so. With `lazy`, the engine writes out its
    /// buffer now and then also without [`sync`](Store::sync).
    ///
    /// # Errors
    /// [`Error::Open`] when it is not an index, or can't be opened; [`Error::Corrupt`] when the engine can't read it.
    /// Nothing in it is changed then.
    pub fn open(path: impl AsRef<Path>, create: bool, lazy: bool) -> Result<SledStore> {
        let directory = Directory::open(path.as_ref(), create)?;
        let at = directory.rows();
        let new = !at.exists();
        let mut mark = directory.mark()?;
        let durable = mark.read().map_err(|source| io_error("read", directory.path(), source))?;
        if new && durable > 0 {
            return Err(Corrupt::RolledBack { durable, found: 0 }.into());
        }
        remove_unfinished_snapshots(&at)?;
        let rows = open_engine(&at, lazy)?;
        let io = |source| io_error("open", &at, source);
        let file = File::options().read(true).write(true).open(at.join("db")).map_err(io)?;
        if new {
            sync_creation(&at, directory.path(), &file).map_err(io)?;
        }
        Ok(SledStore { rows, file, mark: Mutex::new(mark), newest: Mutex::new(None), directory })
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

fn open_engine(at: &Path, lazy: bool) -> Result<sled::Db> {
    let config = sled::Config::new()
        .path(at)
        .mode(sled::Mode::LowSpace)
        .cache_capacity(CACHE)
        .flush_every_ms(lazy.then_some(LAZY_FLUSH_MS));
    let mut tries = 0;
    loop {
        // sled panics on some damaged files instead of returning an error.
        let opened = catch_unwind(AssertUnwindSafe(|| config.open()));
        tries += 1;
        match opened {
            Ok(Ok(rows)) => return Ok(rows),
            Ok(Err(sled::Error::Io(error))) if error.to_string().contains("lock") => {
                if tries == TRIES {
                    return Err(OpenError::InUse { path: at.to_owned() }.into());
                }
                thread::sleep(BETWEEN_TRIES);
            }
            Ok(Err(sled::Error::Io(source))) => return Err(io_error("open", at, source).into()),
            Ok(Err(other)) => return Err(Corrupt::Engine { why: other.to_string() }.into()),
            Err(panic) => return Err(Corrupt::Engine { why: panic_message(&*panic) }.into()),
        }
    }
}

fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("it panicked").to_owned()
}

fn sync_creation(rows: &Path, directory: &Path, file: &File) -> std::io::Result<()> {
    file.sync_all()?;
    let conf = rows.join("conf");
    if conf.exists() {
        File::open(conf)?.sync_all()?;
    }
    sync_directory(rows)?;
    sync_directory(directory)
}

fn engine_failed(doing: &'static str, error: sled::Error) -> Error {
    match error {
        sled::Error::Corruption { .. } => Corrupt::Engine { why: error.to_string() }.into(),
        other => failed(doing, other),
    }
}

impl SledStore {
    /// One row is written whole by itself: a batch of one costs two writes to the file, where a row alone waits in
    /// the engine's buffer for the next sync.
    fn write(&self, changes: &Changes) -> sled::Result<()> {
        if let ([(key, value)], []) = (changes.put.as_slice(), changes.delete.as_slice()) {
            return self.rows.insert(key, value.as_slice()).map(drop);
        }
        let mut batch = sled::Batch::default();
        changes.delete.iter().for_each(|key| batch.remove(key.as_slice()));
        changes.put.iter().for_each(|(key, value)| batch.insert(key.as_slice(), value.as_slice()));
        self.rows.apply_batch(batch)
    }
}

impl Store for SledStore {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>> {
        let found = self.rows.get(key).map_err(|error| engine_failed("read", error))?;
        Ok(found.map(|value| value.to_vec()))
    }

    fn scan(&self, from: &[u8], to: &[u8], each: &mut EachRow<'_>) -> Result<()> {
        if from >= to {
            return Ok(());
        }
        for row in self.rows.range(from..to) {
            let (key, value) = row.map_err(|error| engine_failed("read", error))?;
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
        let unknown = |error: sled::Error| EngineError::Unknown {
            revision: changes.step.map_or(0, |step| step.to),
            why: error.to_string(),
        };
        self.write(changes).map_err(unknown)?;
        if let Some(step) = changes.step {
            *newest = Some(step.to);
        }
        Ok(Outcome::Done)
    }

    fn sync(&self, newest: Revision) -> Result<()> {
        self.rows.flush().map_err(|error| engine_failed("sync", error))?;
        self.file.sync_data().map_err(|error| failed("sync", error))?;
        let mut mark = self.mark.lock().unwrap_or_else(PoisonError::into_inner);
        mark.write(newest).map_err(|error| failed("mark as durable", error))
    }

    fn newest_durable(&self) -> Result<Revision> {
        let mut mark = self.mark.lock().unwrap_or_else(PoisonError::into_inner);
        mark.read().map_err(|error| failed("read", error))
    }

    fn bytes_on_disk(&self) -> Result<u64> {
        self.rows.size_on_disk().map_err(|error| engine_failed("measure", error))
    }
}
