//! The sled engine, version 0.34.7. The only file that names it; each workaround states the fact about that version
//! that it answers. Knows nothing of what rows mean.
//!
//! Two facts have no code of their own. sled keeps values that make a leaf larger than 128 KiB in files that it never
//! syncs, so no row is above 4 KiB. Its transactions hold a lock of the whole process, in which a `get` waits for ever,
//! so none are used.
//!
//! sled may wait for ever: over some damaged files when it opens, and for a write that failed in one of its threads. So
//! one thread does all that is done here, and nobody waits for it without a bound.

use std::any::Any;
use std::fs::{self, File};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Duration;

use super::files::{create_private_directory, io_error, is_deleted, make_private, sync_directory, sync_parent};
use super::{Changes, EachRow, RowsPlace, Store, failed};
use crate::model::{Corrupt, Error, OpenError, Result};

/// Bytes of pages kept in memory. Questions are answered from the view, so a small cache is enough.
const CACHE: u64 = 8 << 20;
/// sled releases its lock some time after its last handle was dropped, so an opening retries for one second.
const TRIES: u32 = 50;
const BETWEEN_TRIES: Duration = Duration::from_millis(20);

/// Rows in a directory on disk, kept by sled 0.34.
pub(crate) struct SledStore {
    /// The name of the one table: the identity of the index, so that the files of another index are not taken for those
    /// of this one.
    name: String,
    table: Option<sled::Tree>,
    files: Option<sled::Db>,
    /// The engine's file `db`, opened once more to sync it: on Linux sled's `flush` calls `sync_file_range`, which does
    /// not wait for the device.
    file: File,
    /// The first panic of sled. After one it is neither written to nor closed.
    panicked: OnceLock<String>,
    /// Keeps others out of the directory, until the engine is closed.
    place: Arc<RowsPlace>,
}

impl SledStore {
    /// Opens the rows in a place, which is created if it is missing.
    pub(crate) fn open(place: Arc<RowsPlace>, name: &str) -> Result<SledStore> {
        place.check()?;
        let path = place.path();
        if !path.exists() {
            let created = create_private_directory(path).and_then(|()| sync_parent(path));
            created.map_err(|source| io_error("create", path, source))?;
        }
        remove_unfinished_snapshots(path)?;
        let files = open_engine(path)?;
        let io = |source| io_error("open", path, source);
        let file = File::options().read(true).write(true).open(path.join("db")).map_err(io)?;
        let (name, files, panicked) = (name.to_owned(), Some(files), OnceLock::new());
        let mut store = SledStore { name, table: None, files, file, panicked, place: Arc::clone(&place) };
        store.open_table()?;
        make_all_private(path).map_err(io)?;
        sync_opening(path, &store.file).map_err(io)?;
        Ok(store)
    }

    fn open_table(&mut self) -> Result<()> {
        let table = self.name.as_str();
        let opened = self.call_files("open", |files| {
            let default = files.name();
            let others = files.tree_names().into_iter().any(|name| name != default && *name != *table.as_bytes());
            Ok(if others { None } else { Some(files.open_tree(table)?) })
        })?;
        self.table = Some(opened.ok_or_else(|| unusable("its files are those of another index"))?);
        Ok(())
    }

    fn call<T>(&self, doing: &'static str, call: impl FnOnce(&sled::Tree) -> sled::Result<T>) -> Result<T> {
        let Some(table) = &self.table else { return Err(closed()) };
        self.caught(doing, || call(table))
    }

    fn call_files<T>(&self, doing: &'static str, call: impl FnOnce(&sled::Db) -> sled::Result<T>) -> Result<T> {
        let Some(files) = &self.files else { return Err(closed()) };
        self.caught(doing, || call(files))
    }

    /// Calls sled, which panics over some damaged files and failed writes. A panic becomes an error.
    fn caught<T>(&self, doing: &'static str, call: impl FnOnce() -> sled::Result<T>) -> Result<T> {
        if let Some(why) = self.panicked.get() {
            return Err(Corrupt::Panic { why: why.clone() }.into());
        }
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

    /// sled writes its buffer when it is closed, and may panic over that.
    fn close(&mut self) {
        let open = (self.table.take(), self.files.take());
        if self.panicked.get().is_some() {
            // Closing could wait for ever for a thread that the panic ended. The process keeps the memory and the lock.
            std::mem::forget(open);
        } else {
            // Nobody is left to be told, and rows may be lost.
            let _ = catch_unwind(AssertUnwindSafe(|| drop(open)));
        }
    }
}

impl Drop for SledStore {
    fn drop(&mut self) {
        self.close();
    }
}

/// Removes unfinished snapshots: killed while it opens, sled can leave a file `snap.*.generating`, and then fails at
/// every later opening. sled renames a snapshot when it is complete, so a file of this name was never in use.
fn remove_unfinished_snapshots(rows: &Path) -> Result<()> {
    let list = |source| io_error("list", rows, source);
    for entry in fs::read_dir(rows).map_err(list)? {
        let path: PathBuf = entry.map_err(list)?.path();
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

fn open_engine(at: &Path) -> Result<sled::Db> {
    let config = sled::Config::new().path(at).mode(sled::Mode::LowSpace).cache_capacity(CACHE).flush_every_ms(None);
    for _ in 0..TRIES {
        // sled panics over some damaged files, and over a clock before 1970, instead of returning an error.
        match catch_unwind(AssertUnwindSafe(|| config.open())) {
            Ok(Ok(rows)) => return Ok(rows),
            Ok(Err(sled::Error::Io(error))) if error.to_string().contains("could not acquire lock") => {
                thread::sleep(BETWEEN_TRIES);
            }
            Ok(Err(sled::Error::Io(source))) => return Err(io_error("open", at, source).into()),
            Ok(Err(other)) => return Err(unusable(other)),
            Err(panic) => return Err(unusable(panic_message(&*panic))),
        }
    }
    Err(OpenError::InUse { path: at.to_owned(), process: None }.into())
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

fn unusable(why: impl ToString) -> Error {
    Corrupt::Engine { why: why.to_string() }.into()
}

fn closed() -> Error {
    unusable("it is closed")
}

fn engine_failed(doing: &'static str, error: sled::Error) -> Error {
    match error {
        // What sled calls a bug is, as far as seen, a page that its file does not have.
        sled::Error::Corruption { .. } | sled::Error::ReportableBug(_) => unusable(error),
        other => failed(doing, other),
    }
}

impl Store for SledStore {
    fn scan(&self, from: &[u8], to: &[u8], each: &mut EachRow<'_>) -> Result<()> {
        if from >= to {
            return Ok(());
        }
        let mut range = self.call("read", |rows| Ok(rows.range(from..to)))?;
        while let Some((key, value)) = self.call("read", |_| range.next().transpose())? {
            each(&key, &value)?;
        }
        Ok(())
    }

    fn write(&self, changes: &Changes) -> Result<()> {
        let mut batch = sled::Batch::default();
        changes.delete.iter().for_each(|key| batch.remove(key.as_slice()));
        changes.put.iter().for_each(|(key, value)| batch.insert(key.as_slice(), value.as_slice()));
        self.call("write", |rows| rows.apply_batch(batch))
    }

    fn sync(&self) -> Result<()> {
        self.call("sync", |rows| rows.flush())?;
        self.file.sync_data().map_err(|error| failed("sync", error))?;
        let file = self.file.metadata().map_err(|error| failed("measure", error))?;
        if is_deleted(&file) {
            return Err(unusable("its files were deleted while the index was open"));
        }
        Ok(())
    }

    fn begin_again(&mut self) -> Result<()> {
        self.close();
        self.place.set_aside()?;
        *self = SledStore::open(Arc::clone(&self.place), &self.name)?;
        Ok(())
    }
}
