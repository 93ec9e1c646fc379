//! The directory of an index on disk: its layout, its format, its locks. Knows nothing of rows, of the engine in its
//! subdirectory, or of what is in a log.
//!
//! | name | |
//! | --- | --- |
//! | `FORMAT` | kind and version of the directory, identity of the index, name and id of its log |
//! | `LOCK` | locked by who has the index open |
//! | `log` | the log; after lost commits were accepted, `log-2` and so on: `FORMAT` says which one counts |
//! | `rows` | the checkpoint, which may be lost |
//! | `rows.lock` | locked by who has the engine open |
//! | `rows-set-aside` | the newest rows that could not be used |

use std::collections::hash_map::RandomState;
use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::hash::{BuildHasher, Hasher};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use super::files::{
    absolute, create_directories, io_error, private_file, refuse_others_than_files, refuse_unless_directory,
    refuse_unless_file, sync_directory, sync_parent,
};
use super::place::RowsPlace;
use crate::model::{OpenError, Result};

/// Names the format and the engine. It is checked before the engine sees the directory: sled 0.34 and 1.0 open each
/// other's files as an empty database.
const FORMAT: &str = "FORMAT";
/// Temporary name of FORMAT, which is renamed once the log is durable. A directory with only this file was never
/// finished, so it holds nothing that was acknowledged.
const NEW_FORMAT: &str = "FORMAT.new";
const LOCK: &str = "LOCK";
const LOG: &str = "log";
/// The engine's own subdirectory. We put no file of ours into it: the engine claims some names for itself.
const ROWS: &str = "rows";
const ROWS_LOCK: &str = "rows.lock";
const ROWS_SET_ASIDE: &str = "rows-set-aside";

/// How often a lock is tried that is held, and for how long altogether: a child process that another thread is starting
/// shares our descriptors for a moment, and with them a lock that was already released.
const BETWEEN_TRIES: Duration = Duration::from_millis(20);
const LOCK_PATIENCE: Duration = Duration::from_millis(100);

const MAGIC: &str = "responsibility-index";
const ENGINE: &str = "sled-0.34 log-6";
/// The engine lines of older layouts, which would be called damaged if they were read.
const OLDER_ENGINES: [&str; 6] =
    ["sled-0.34", "sled-0.34 rows-2", "sled-0.34 log-1", "sled-0.34 log-2", "sled-0.34 log-3", "sled-0.34 log-4"];
/// The newest format that this version reads, and the one that it writes.
const VERSION: u32 = 1;

/// An upgrade from one format to the next. The first rung upgrades format 1.
type Rung = fn(&Path) -> Result<(), OpenError>;
/// One rung for every format but the newest.
const RUNGS: [Rung; VERSION as usize - 1] = [];

/// How a directory is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// To read and write; with `create`, creates it if it is missing or empty.
    Write { create: bool },
    /// To read, while nobody writes. Changes nothing.
    Read,
}

/// The content of a FORMAT file.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Format {
    version: u32,
    /// Distinguishes the rows of this index from those of any other.
    identity: String,
    /// The name and the id of the log. The id is empty until the log is created.
    log: (String, String),
}

impl Format {
    fn new() -> Format {
        // The keys of a hasher are the only random numbers in the standard library.
        let random = || RandomState::new().build_hasher().finish();
        let identity = format!("{:016x}{:016x}", random(), random());
        Format { version: VERSION, identity, log: (LOG.to_owned(), String::new()) }
    }

    fn text(&self) -> String {
        let Format { version, identity, log: (log, id) } = self;
        format!("{MAGIC}\nengine {ENGINE}\nversion {version}\nidentity {identity}\nlog {log} {id}\n")
    }
}

/// An index directory, locked for this handle until it is dropped or released.
#[derive(Debug)]
pub(crate) struct Directory {
    /// Absolute: the working directory may change while the index is open.
    path: PathBuf,
    /// Whether this opening creates the index.
    new: bool,
    format: Format,
    /// The file LOCK with its lock, until it is released.
    lock: Option<File>,
}

impl Directory {
    /// Opens a directory. Changes nothing in one that is not an index.
    pub(crate) fn open(path: &Path, how: Use) -> Result<Directory> {
        let path = absolute(path)?;
        match how {
            Use::Write { create } => Directory::open_to_write(path, create),
            Use::Read => Directory::open_to_read(path),
        }
    }

    fn open_to_write(path: PathBuf, create: bool) -> Result<Directory> {
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

    fn open_to_read(path: PathBuf) -> Result<Directory> {
        let Some(format) = examine(&path, false)?.flatten() else { return Err(OpenError::NotFound { path }.into()) };
        if format.version != VERSION {
            let found = format!("version {} needs an upgrade, which a reader may not make", format.version);
            return Err(OpenError::UnknownFormat { path: path.join(FORMAT), found }.into());
        }
        let lock = lock_shared(&path)?;
        Ok(Directory { path, new: false, format, lock: Some(lock) })
    }

    /// Begins a new index, in place of what an unfinished creation left.
    fn begin(&self) -> io::Result<()> {
        self.write_new_format()?;
        // First, since a directory with any other file and without this one counts as foreign.
        sync_directory(&self.path)?;
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
        let path = self.path.clone();
        self.format.log = (name.to_owned(), id.to_owned());
        let written = self.write_new_format().and_then(|()| self.rename_new_format());
        let written = written.and_then(|()| if self.new { sync_parent(&path) } else { Ok(()) });
        written.map_err(|source| io_error("write", &path.join(FORMAT), source))?;
        self.new = false;
        Ok(())
    }

    fn write_new_format(&self) -> io::Result<()> {
        let mut file = private_file().create(true).truncate(true).open(self.path.join(NEW_FORMAT))?;
        file.write_all(self.format.text().as_bytes())?;
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
    pub(crate) fn release(&mut self) {
        self.lock = None;
    }

    /// The random identity that distinguishes this index from any other.
    pub(crate) fn identity(&self) -> &str {
        &self.format.identity
    }

    /// Whether this opening creates the index.
    pub(crate) fn is_new(&self) -> bool {
        self.new
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The log that counts.
    pub(crate) fn log(&self) -> PathBuf {
        self.path.join(&self.format.log.0)
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
        while fs::symlink_metadata(self.path.join(name(number))).is_ok() {
            number += 1;
        }
        name(number)
    }

    /// The subdirectory of the engine.
    pub(crate) fn rows(&self) -> PathBuf {
        self.path.join(ROWS)
    }

    /// Whether anybody has had rows open here.
    pub(crate) fn had_rows(&self) -> bool {
        self.path.join(ROWS_LOCK).exists()
    }

    /// Takes the lock of the rows; `None` if somebody else holds it all that time.
    pub(crate) fn lock_rows(&self, patience: Duration) -> Result<Option<RowsPlace>> {
        let at = self.path.join(ROWS_LOCK);
        refuse_unless_file(&at)?;
        let open = private_file().read(true).create(true).truncate(false).open(&at);
        let file = open.map_err(|source| io_error("open", &at, source))?;
        match locked(&self.path, file, File::try_lock, patience) {
            Ok(lock) => Ok(Some(RowsPlace::new(self.rows(), self.path.join(ROWS_SET_ASIDE), (at, lock)))),
            Err(OpenError::InUse { .. }) => Ok(None),
            Err(other) => Err(other.into()),
        }
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
    [FORMAT, NEW_FORMAT, LOCK].iter().try_for_each(|name| refuse_unless_file(&path.join(name)))?;
    match read_start(&path.join(FORMAT)) {
        Ok(format) => {
            let format = check_format(path, &format)?;
            let log = path.join(&format.log.0);
            refuse_unless_directory(&log)?;
            refuse_others_than_files(&log, None)?;
            Ok(Some(Some(format)))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => check_empty(path, create).map(|()| Some(None)),
        Err(source) => Err(io_error("read", &path.join(FORMAT), source)),
    }
}

/// Reads the first 400 bytes: a foreign file may have any size.
fn read_start(path: &Path) -> io::Result<Vec<u8>> {
    let mut start = Vec::new();
    File::open(path)?.take(400).read_to_end(&mut start)?;
    Ok(start)
}

fn check_format(path: &Path, format: &[u8]) -> Result<Format, OpenError> {
    let text = String::from_utf8_lossy(format).into_owned();
    let mut lines = text.lines();
    let known = lines.next() == Some(MAGIC);
    let engine = lines.next().and_then(|line| line.strip_prefix("engine "));
    let version = lines.next().and_then(|line| line.strip_prefix("version ")).and_then(|number| number.parse().ok());
    let identity = lines.next().and_then(|line| line.strip_prefix("identity ")).filter(|identity| !identity.is_empty());
    let log = lines.next().and_then(|line| line.strip_prefix("log ")).and_then(|log| log.split_once(' '));
    let log = log.filter(|(name, _)| is_name_of_log(name));
    match (known, engine, version, identity, log) {
        (true, _, Some(found), ..) if found > VERSION => {
            Err(OpenError::Newer { path: path.to_owned(), found, supported: VERSION })
        }
        (true, Some(ENGINE), Some(version), Some(identity), Some((log, id))) if version > 0 => {
            Ok(Format { version, identity: identity.to_owned(), log: (log.to_owned(), id.to_owned()) })
        }
        (true, Some(engine), ..) if OLDER_ENGINES.contains(&engine) => Err(OpenError::Older { path: path.to_owned() }),
        _ => Err(OpenError::UnknownFormat { path: path.join(FORMAT), found: text }),
    }
}

/// Nothing that leads out of the directory.
fn is_name_of_log(name: &str) -> bool {
    name == LOG || name.strip_prefix("log-").is_some_and(|number| number.parse::<u32>().is_ok())
}

/// Accepts a directory without FORMAT that is empty or has only the files of an unfinished creation.
fn check_empty(path: &Path, create: bool) -> Result<(), OpenError> {
    let begun = path.join(NEW_FORMAT).exists();
    let entries = fs::read_dir(path).map_err(|source| io_error("list", path, source))?;
    for entry in entries {
        let name: OsString = entry.map_err(|source| io_error("list", path, source))?.file_name();
        let ours = name == LOCK || (begun && [NEW_FORMAT, LOG, ROWS, ROWS_LOCK].iter().any(|ours| name == *ours));
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
    locked(path, file, File::try_lock, LOCK_PATIENCE)
}

fn lock_shared(path: &Path) -> Result<File, OpenError> {
    let at = path.join(LOCK);
    let file = File::open(&at).map_err(|source| io_error("open", &at, source))?;
    locked(path, file, File::try_lock_shared, LOCK_PATIENCE)
}

/// Locks the file, with a bounded retry.
fn locked(
    path: &Path,
    file: File,
    lock: fn(&File) -> Result<(), TryLockError>,
    patience: Duration,
) -> Result<File, OpenError> {
    let start = Instant::now();
    loop {
        match lock(&file) {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if start.elapsed() < patience => thread::sleep(BETWEEN_TRIES),
            Err(TryLockError::WouldBlock) => return Err(OpenError::InUse { path: path.to_owned() }),
            Err(TryLockError::Error(source)) => return Err(io_error("lock", &path.join(LOCK), source)),
        }
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
        let mut directory = Directory::open(&scratch.path().join("plan.ri"), Use::Write { create: true }).unwrap();
        directory.set_log("log", "1f").unwrap();
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
        assert!(format.ends_with(&format!("version 4\nidentity {identity}\nlog log 1f\n")), "{format}");
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
        let mut directory = Directory::open(&scratch.path().join("plan.ri"), Use::Write { create: true }).unwrap();
        directory.set_log("log", "1f").unwrap();
        let identity = directory.identity().to_owned();
        let rungs: [Rung; 2] = [|_| Ok(()), |path| Err(io_error("upgrade", path, ErrorKind::StorageFull.into()))];
        assert!(directory.upgrade(&rungs).is_err());
        let format = fs::read_to_string(directory.path().join(FORMAT)).unwrap();
        assert!(format.ends_with(&format!("version 2\nidentity {identity}\nlog log 1f\n")), "{format}");
    }
}
