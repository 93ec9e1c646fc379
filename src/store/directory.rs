//! The directory of an index on disk: what kind it is, who has it open, how far it was durable.
//! Knows nothing of rows or of the engine in its subdirectory.

use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::error::{OpenError, Result};
use crate::id::Revision;

/// Says what the directory is, and is checked before the engine sees any of it: two versions of the engine open each
/// other's files as an empty database.
const FORMAT: &str = "FORMAT";
const LOCK: &str = "LOCK";
const DURABLE: &str = "DURABLE";
/// The engine's own subdirectory. Nothing of ours goes into it: the engine takes some names for its own.
const ROWS: &str = "rows";
const NEW_FORMAT: &str = "FORMAT.new";

const MAGIC: &str = "responsibility-index";
const ENGINE: &str = "sled-0.34";
const VERSION: u32 = 1;

/// An index directory, locked for this handle until it is dropped.
pub(super) struct Directory {
    path: PathBuf,
    /// Held for its lock.
    _lock: File,
}

impl Directory {
    /// Opens a directory, or creates it. What is not an index is not touched.
    pub(super) fn open(path: &Path, create: bool) -> Result<Directory> {
        let made = examine(path, create)?;
        if !made {
            fs::create_dir_all(path).map_err(|source| io_error("create", path, source))?;
        }
        let lock = lock(path)?;
        // Another process may have made the index, or anything else, before the lock was ours.
        examine(path, create)?;
        let directory = Directory { path: path.to_owned(), _lock: lock };
        if !path.join(FORMAT).exists() {
            directory.write_format().map_err(|source| io_error("create an index in", path, source))?;
        }
        Ok(directory)
    }

    fn write_format(&self) -> io::Result<()> {
        let new = self.path.join(NEW_FORMAT);
        let mut file = File::create(&new)?;
        write!(file, "{MAGIC}\nengine {ENGINE}\nversion {VERSION}\n")?;
        file.sync_all()?;
        fs::rename(&new, self.path.join(FORMAT))?;
        sync_directory(&self.path)?;
        self.path.parent().filter(|parent| !parent.as_os_str().is_empty()).map_or(Ok(()), sync_directory)
    }

    /// Where the engine keeps its files.
    pub(super) fn rows(&self) -> PathBuf {
        self.path.join(ROWS)
    }

    /// The file that says how far the index was durable.
    pub(super) fn mark(&self) -> Result<DurableMark> {
        let path = self.path.join(DURABLE);
        let open = File::options().read(true).write(true).create(true).truncate(false).open(&path);
        let file = open.map_err(|source| io_error("open", &path, source))?;
        Ok(DurableMark { file })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

/// Whether there is a directory. An error if it is one that may not be opened.
fn examine(path: &Path, create: bool) -> Result<bool, OpenError> {
    match fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return if create { Ok(false) } else { Err(OpenError::NotFound { path: path.to_owned() }) };
        }
        Err(source) => return Err(io_error("look at", path, source)),
        Ok(found) if !found.is_dir() => return Err(OpenError::NotADirectory { path: path.to_owned() }),
        Ok(_) => {}
    }
    match fs::read(path.join(FORMAT)) {
        Ok(format) => check_format(path, &format)?,
        Err(error) if error.kind() == ErrorKind::NotFound => check_empty(path, create)?,
        Err(source) => return Err(io_error("read", &path.join(FORMAT), source)),
    }
    Ok(true)
}

fn check_format(path: &Path, format: &[u8]) -> Result<(), OpenError> {
    let text = String::from_utf8_lossy(format.get(..format.len().min(200)).unwrap_or_default()).into_owned();
    let mut lines = text.lines();
    let known = lines.next() == Some(MAGIC);
    let engine = lines.next().and_then(|line| line.strip_prefix("engine "));
    let version = lines.next().and_then(|line| line.strip_prefix("version ")).and_then(|number| number.parse().ok());
    match (known, engine, version) {
        (true, _, Some(found)) if found > VERSION => {
            Err(OpenError::Newer { path: path.to_owned(), found, supported: VERSION })
        }
        (true, Some(ENGINE), Some(_)) => Ok(()),
        _ => Err(OpenError::UnknownFormat { path: path.join(FORMAT), found: text }),
    }
}

/// A directory without FORMAT may become an index only if nothing is in it but what a cut-off creation leaves.
fn check_empty(path: &Path, create: bool) -> Result<(), OpenError> {
    let entries = fs::read_dir(path).map_err(|source| io_error("list", path, source))?;
    for entry in entries {
        let name: OsString = entry.map_err(|source| io_error("list", path, source))?.file_name();
        if name != LOCK && name != NEW_FORMAT {
            return Err(OpenError::Foreign { path: path.to_owned(), found: name.to_string_lossy().into_owned() });
        }
    }
    if create { Ok(()) } else { Err(OpenError::NotFound { path: path.to_owned() }) }
}

fn lock(path: &Path) -> Result<File, OpenError> {
    let at = path.join(LOCK);
    let open = File::options().read(true).write(true).create(true).truncate(false).open(&at);
    let file = open.map_err(|source| io_error("open", &at, source))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse { path: path.to_owned() }),
        Err(TryLockError::Error(source)) => Err(io_error("lock", &at, source)),
    }
}

pub(super) fn io_error(doing: &'static str, path: &Path, source: io::Error) -> OpenError {
    OpenError::Io { doing, path: path.to_owned(), source }
}

/// Makes the entries of a directory survive power loss, where the system can.
pub(super) fn sync_directory(path: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
}

/// The newest revision that was synced, kept outside the engine so that what the engine forgets is noticed.
///
/// It is written after each sync and not synced itself: after a power failure it may be behind, never ahead.
pub(super) struct DurableMark {
    file: File,
}

impl DurableMark {
    pub(super) fn read(&mut self) -> io::Result<Revision> {
        let mut bytes = Vec::new();
        self.file.seek(SeekFrom::Start(0))?;
        self.file.read_to_end(&mut bytes)?;
        let whole =
            bytes.split_first_chunk::<8>().filter(|(revision, crc)| *crc == crc32fast::hash(*revision).to_le_bytes());
        Ok(whole.map_or(0, |(revision, _)| u64::from_le_bytes(*revision)))
    }

    pub(super) fn write(&mut self, revision: Revision) -> io::Result<()> {
        let mut bytes = revision.to_le_bytes().to_vec();
        bytes.extend_from_slice(&crc32fast::hash(&revision.to_le_bytes()).to_le_bytes());
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(&bytes)
    }
}
