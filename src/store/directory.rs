//! The directory of an index on disk: its layout, its format, its lock. Knows nothing of rows or of the engine in its
//! subdirectory.

use std::collections::hash_map::RandomState;
use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::hash::{BuildHasher, Hasher};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use super::files::{
    absolute, create_directories, create_private_directory, io_error, private_file, refuse_unless_directory,
    refuse_unless_file, sync_directory, sync_parent,
};
use super::mark::DurableMark;
use crate::model::{OpenError, Result};

/// Names the format and the engine. It is checked before the engine sees the directory: sled 0.34 and 1.0 open each
/// other's files as an empty database.
const FORMAT: &str = "FORMAT";
/// Temporary name of FORMAT, which is renamed once the rows are durable. A directory with only this file was never
/// finished, so it holds nothing that was acknowledged.
const NEW_FORMAT: &str = "FORMAT.new";
const LOCK: &str = "LOCK";
const DURABLE: &str = "DURABLE";
/// The engine's own subdirectory. We put no file of ours into it: the engine claims some names for itself.
const ROWS: &str = "rows";
/// The engine's directory for large values, the only directory in `rows`.
const BLOBS: &str = "blobs";

/// How often a lock is tried that is held: for 100 ms altogether.
const TRIES: u32 = 6;
const BETWEEN_TRIES: Duration = Duration::from_millis(20);

const MAGIC: &str = "responsibility-index";
const ENGINE: &str = "sled-0.34 rows-3";
/// The engine lines of rows in other layouts, which would be called damaged if they were read.
const OLDER_ENGINES: [&str; 2] = ["sled-0.34", "sled-0.34 rows-2"];
/// The newest format that this version reads, and the one that it writes.
const VERSION: u32 = 1;

/// An upgrade from one format to the next. The first rung upgrades format 1.
type Rung = fn(&Path) -> Result<(), OpenError>;
/// One rung for every format but the newest.
const RUNGS: [Rung; VERSION as usize - 1] = [];

/// The content of a FORMAT file.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Format {
    version: u32,
    /// Distinguishes the rows of this index from those of any other.
    identity: String,
}

impl Format {
    fn new() -> Format {
        // The keys of a hasher are the only random numbers in the standard library.
        let random = || RandomState::new().build_hasher().finish();
        Format { version: VERSION, identity: format!("{:016x}{:016x}", random(), random()) }
    }
}

/// An index directory, locked for this handle until it is dropped or released.
pub(super) struct Directory {
    /// Absolute: the working directory may change while the index is open.
    path: PathBuf,
    /// Whether this opening creates the index.
    new: bool,
    format: Format,
    /// The file LOCK with its lock, until it is released.
    lock: Option<File>,
}

impl Directory {
    /// Opens a directory, or creates it. Changes nothing in a directory that is not an index.
    pub(super) fn open(path: &Path, create: bool) -> Result<Directory> {
        let path = absolute(path)?;
        if examine(&path, create)?.is_none() {
            create_directories(&path).map_err(|source| io_error("create", &path, source))?;
        }
        let lock = lock(&path)?;
        // Another process may have written to the directory before this one had the lock.
        let format = examine(&path, create)?.flatten();
        let new = format.is_none();
        let format = format.unwrap_or_else(Format::new);
        let mut directory = Directory { path, new, format, lock: Some(lock) };
        match new {
            false => directory.upgrade(&RUNGS)?,
            true => directory.begin().map_err(|source| io_error("create an index in", &directory.path, source))?,
        }
        Ok(directory)
    }

    /// Opens a directory for a reader that changes nothing. Fails while it is open for writing.
    pub(super) fn open_unchanged(path: &Path) -> Result<Directory> {
        let path = absolute(path)?;
        let Some(format) = examine(&path, false)?.flatten() else { return Err(OpenError::NotFound { path }.into()) };
        if format.version != VERSION {
            let found = format!("version {} needs an upgrade, which a reader may not make", format.version);
            return Err(OpenError::UnknownFormat { path: path.join(FORMAT), found }.into());
        }
        let lock = lock_shared(&path)?;
        Ok(Directory { path, new: false, format, lock: Some(lock) })
    }

    /// Creates the files of a new index, in place of those that an unfinished creation left.
    fn begin(&self) -> io::Result<()> {
        self.write_new_format()?;
        // First, since a directory with any other file and without this one counts as foreign.
        sync_directory(&self.path)?;
        DurableMark::create(&self.path.join(DURABLE))?;
        sync_directory(&self.path)?;
        if self.rows().exists() {
            fs::remove_dir_all(self.rows())?;
        }
        create_private_directory(&self.rows())
    }

    /// Completes the creation of an index, once its rows are durable.
    pub(super) fn finish(&self) -> io::Result<()> {
        sync_directory(&self.path)?;
        self.rename_new_format()?;
        sync_parent(&self.path)
    }

    fn write_new_format(&self) -> io::Result<()> {
        let mut file = private_file().create(true).truncate(true).open(self.path.join(NEW_FORMAT))?;
        let Format { version, identity } = &self.format;
        file.write_all(format!("{MAGIC}\nengine {ENGINE}\nversion {version}\nidentity {identity}\n").as_bytes())?;
        file.sync_all()
    }

    fn rename_new_format(&self) -> io::Result<()> {
        fs::rename(self.path.join(NEW_FORMAT), self.path.join(FORMAT))?;
        sync_directory(&self.path)
    }

    /// Upgrades an older format to the newest, rung by rung. Each rung leaves a complete directory of its format.
    fn upgrade(&mut self, rungs: &[Rung]) -> Result<()> {
        for (version, rung) in (1..).zip(rungs) {
            if version < self.format.version {
                continue;
            }
            rung(&self.path)?;
            self.format.version = version + 1;
            let written = self.write_new_format().and_then(|()| self.rename_new_format());
            written.map_err(|source| io_error("upgrade", &self.path, source))?;
        }
        Ok(())
    }

    /// Releases the lock.
    pub(super) fn release(&mut self) {
        self.lock = None;
    }

    /// The random identity that distinguishes this index from any other.
    pub(super) fn identity(&self) -> &str {
        &self.format.identity
    }

    /// Whether this opening creates the index.
    pub(super) fn is_new(&self) -> bool {
        self.new
    }

    /// The subdirectory of the engine.
    pub(super) fn rows(&self) -> PathBuf {
        self.path.join(ROWS)
    }

    /// The mark of the newest durable revision, open for writing.
    pub(super) fn mark(&self) -> Result<DurableMark> {
        self.open_mark(DurableMark::open)
    }

    /// The mark of the newest durable revision as it is now, not to be written.
    pub(super) fn mark_unchanged(&self) -> Result<DurableMark> {
        self.open_mark(DurableMark::open_unchanged)
    }

    fn open_mark(&self, open: fn(&Path) -> io::Result<DurableMark>) -> Result<DurableMark> {
        let path = self.path.join(DURABLE);
        Ok(open(&path).map_err(|source| io_error("open", &path, source))?)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

/// Returns `None` where there is no directory, `Some(None)` for one that may become an index, and the format of an index.
/// Anything else is an error.
fn examine(path: &Path, create: bool) -> Result<Option<Option<Format>>, OpenError> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return if create { Ok(None) } else { Err(OpenError::NotFound { path: path.to_owned() }) };
        }
        Err(source) => return Err(io_error("access", path, source)),
        Ok(found) if found.is_symlink() => return Err(OpenError::Symlink { path: path.to_owned() }),
        Ok(found) if !found.is_dir() => return Err(OpenError::NotADirectory { path: path.to_owned() }),
        Ok(_) => {}
    }
    [FORMAT, NEW_FORMAT, LOCK, DURABLE].iter().try_for_each(|name| refuse_unless_file(&path.join(name)))?;
    examine_rows(&path.join(ROWS))?;
    match read_start(&path.join(FORMAT)) {
        Ok(format) => Ok(Some(Some(check_format(path, &format)?))),
        Err(error) if error.kind() == ErrorKind::NotFound => check_empty(path, create).map(|()| Some(None)),
        Err(source) => Err(io_error("read", &path.join(FORMAT), source)),
    }
}

/// Refuses everything in the engine's directory that is not a regular file, but `blobs`.
fn examine_rows(rows: &Path) -> Result<(), OpenError> {
    refuse_unless_directory(rows)?;
    let blobs = rows.join(BLOBS);
    refuse_unless_directory(&blobs)?;
    for directory in [rows, &blobs] {
        let entries = match fs::read_dir(directory) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(source) => return Err(io_error("list", directory, source)),
        };
        for entry in entries {
            let entry = entry.map_err(|source| io_error("list", directory, source))?.path();
            if entry != blobs {
                refuse_unless_file(&entry)?;
            }
        }
    }
    Ok(())
}

/// Reads the first 200 bytes: a foreign file may have any size.
fn read_start(path: &Path) -> io::Result<Vec<u8>> {
    let mut start = Vec::new();
    File::open(path)?.take(200).read_to_end(&mut start)?;
    Ok(start)
}

fn check_format(path: &Path, format: &[u8]) -> Result<Format, OpenError> {
    let text = String::from_utf8_lossy(format).into_owned();
    let mut lines = text.lines();
    let known = lines.next() == Some(MAGIC);
    let engine = lines.next().and_then(|line| line.strip_prefix("engine "));
    let version = lines.next().and_then(|line| line.strip_prefix("version ")).and_then(|number| number.parse().ok());
    let identity = lines.next().and_then(|line| line.strip_prefix("identity ")).filter(|identity| !identity.is_empty());
    match (known, engine, version, identity) {
        (true, _, Some(found), _) if found > VERSION => {
            Err(OpenError::Newer { path: path.to_owned(), found, supported: VERSION })
        }
        (true, Some(ENGINE), Some(version), Some(identity)) if version > 0 => {
            Ok(Format { version, identity: identity.to_owned() })
        }
        (true, Some(engine), ..) if OLDER_ENGINES.contains(&engine) => Err(OpenError::Older { path: path.to_owned() }),
        _ => Err(OpenError::UnknownFormat { path: path.join(FORMAT), found: text }),
    }
}

/// Accepts a directory without FORMAT that is empty or has only the files of an unfinished creation.
fn check_empty(path: &Path, create: bool) -> Result<(), OpenError> {
    let begun = path.join(NEW_FORMAT).exists();
    let entries = fs::read_dir(path).map_err(|source| io_error("list", path, source))?;
    for entry in entries {
        let name: OsString = entry.map_err(|source| io_error("list", path, source))?.file_name();
        let ours = name == LOCK || (begun && [NEW_FORMAT, DURABLE, ROWS].iter().any(|ours| name == *ours));
        if !ours {
            return Err(OpenError::Foreign { path: path.to_owned(), found: name.to_string_lossy().into_owned() });
        }
    }
    if create { Ok(()) } else { Err(OpenError::NotFound { path: path.to_owned() }) }
}

fn lock(path: &Path) -> Result<File, OpenError> {
    let at = path.join(LOCK);
    let open = private_file().read(true).create(true).truncate(false).open(&at);
    let file = open.map_err(|source| io_error("open", &at, source))?;
    locked(path, file, File::try_lock)
}

fn lock_shared(path: &Path) -> Result<File, OpenError> {
    let at = path.join(LOCK);
    let file = File::open(&at).map_err(|source| io_error("open", &at, source))?;
    locked(path, file, File::try_lock_shared)
}

/// Locks the file, with a bounded retry: a child process that another thread is starting shares our descriptors for a
/// moment, and with them a lock that was already released.
fn locked(path: &Path, file: File, lock: fn(&File) -> Result<(), TryLockError>) -> Result<File, OpenError> {
    let mut tries = 1;
    loop {
        match lock(&file) {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if tries < TRIES => thread::sleep(BETWEEN_TRIES),
            Err(TryLockError::WouldBlock) => return Err(OpenError::InUse { path: path.to_owned() }),
            Err(TryLockError::Error(source)) => return Err(io_error("lock", &path.join(LOCK), source)),
        }
        tries += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[test]
    fn an_older_format_climbs_every_rung_above_it_and_says_so_in_its_file() {
        static CLIMBED: AtomicU32 = AtomicU32::new(0);
        let scratch = tempfile::tempdir().unwrap();
        let mut directory = Directory::open(&scratch.path().join("plan.ri"), true).unwrap();
        directory.finish().unwrap();
        let identity = directory.identity().to_owned();
        let rungs: [Rung; 3] = [
            |_| panic!("format 1 is behind"),
            |path| {
                fs::write(path.join("two"), "").map_err(|source| io_error("write", path, source))?;
                CLIMBED.fetch_add(1, Ordering::Relaxed);
                Ok(())
            },
            |path| {
                assert!(fs::read_to_string(path.join(FORMAT)).unwrap().contains("version 3\n"));
                CLIMBED.fetch_add(1, Ordering::Relaxed);
                Ok(())
            },
        ];
        directory.format.version = 2;
        directory.upgrade(&rungs).unwrap();
        assert_eq!(CLIMBED.load(Ordering::Relaxed), 2);
        let format = fs::read_to_string(directory.path().join(FORMAT)).unwrap();
        assert!(format.ends_with(&format!("version 4\nidentity {identity}\n")), "{format}");
        directory.upgrade(&rungs).unwrap();
        assert_eq!(CLIMBED.load(Ordering::Relaxed), 2, "the newest format has nothing to climb");
    }

    #[test]
    fn no_two_indexes_are_the_same() {
        assert_ne!(Format::new(), Format::new());
    }

    #[test]
    fn a_rung_that_fails_leaves_the_format_before_it() {
        let scratch = tempfile::tempdir().unwrap();
        let mut directory = Directory::open(&scratch.path().join("plan.ri"), true).unwrap();
        directory.finish().unwrap();
        let identity = directory.identity().to_owned();
        let rungs: [Rung; 2] = [|_| Ok(()), |path| Err(io_error("upgrade", path, ErrorKind::StorageFull.into()))];
        assert!(directory.upgrade(&rungs).is_err());
        let format = fs::read_to_string(directory.path().join(FORMAT)).unwrap();
        assert!(format.ends_with(&format!("version 2\nidentity {identity}\n")), "{format}");
    }
}
