//! The directory of an index on disk: what kind it is, who has it open. Knows nothing of rows or of the engine in its
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
    create_directories, create_private_directory, io_error, parent, private_file, refuse_unless_directory,
    refuse_unless_file, sync_directory,
};
use super::mark::DurableMark;
use crate::error::{OpenError, Result};

/// Says what the directory is, and is checked before the engine sees any of it: two versions of the engine open each
/// other's files as an empty database.
const FORMAT: &str = "FORMAT";
/// The same before it counts. It is there before the rows are and takes its real name when they are durable, so what
/// has rows and only this was never in use.
const NEW_FORMAT: &str = "FORMAT.new";
const LOCK: &str = "LOCK";
const DURABLE: &str = "DURABLE";
/// The engine's own subdirectory. Nothing of ours goes into it: the engine takes some names for its own.
const ROWS: &str = "rows";
/// The engine's directory for large values, the only directory in `rows`.
const BLOBS: &str = "blobs";

/// How often a lock is tried that somebody has.
const TRIES: u32 = 6;
const BETWEEN_TRIES: Duration = Duration::from_millis(20);

const MAGIC: &str = "responsibility-index";
const ENGINE: &str = "sled-0.34";
/// The newest format this version reads, and the one it writes.
const VERSION: u32 = 1;

/// One rung of the ladder: brings a directory from the format of its place, counted from 1, to the next.
type Rung = fn(&Path) -> Result<(), OpenError>;
/// There is a rung for every format but the newest.
const RUNGS: [Rung; VERSION as usize - 1] = [];

/// What a FORMAT file says.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Format {
    version: u32,
    /// Tells the rows of this index from those of any other.
    identity: String,
}

impl Format {
    fn new() -> Format {
        // The keys of a hasher are the randomness that the standard library has.
        let random = || RandomState::new().build_hasher().finish();
        Format { version: VERSION, identity: format!("{:016x}{:016x}", random(), random()) }
    }
}

/// An index directory, locked for this handle until it is dropped or released.
pub(super) struct Directory {
    path: PathBuf,
    /// Whether it was never in use.
    new: bool,
    format: Format,
    /// Held for its lock.
    lock: Option<File>,
}

impl Directory {
    /// Opens a directory, or creates it. What is not an index is not touched.
    pub(super) fn open(path: &Path, create: bool) -> Result<Directory> {
        if examine(path, create)?.is_none() {
            create_directories(path).map_err(|source| io_error("create", path, source))?;
        }
        let lock = lock(path)?;
        // Another process may have made the index, or anything else, before the lock was ours.
        let format = examine(path, create)?.flatten();
        let new = format.is_none();
        let format = format.unwrap_or_else(Format::new);
        let mut directory = Directory { path: path.to_owned(), new, format, lock: Some(lock) };
        match new {
            false => directory.upgrade(&RUNGS)?,
            true => directory.begin().map_err(|source| io_error("create an index in", path, source))?,
        }
        Ok(directory)
    }

    /// The same for a reader that changes nothing: nobody may have it open for writing meanwhile.
    pub(super) fn open_unchanged(path: &Path) -> Result<Directory> {
        let not_found = || OpenError::NotFound { path: path.to_owned() };
        let format = examine(path, false)?.flatten().ok_or_else(not_found)?;
        if format.version != VERSION {
            let found = format!("version {} needs an upgrade, which a reader may not make", format.version);
            return Err(OpenError::UnknownFormat { path: path.join(FORMAT), found }.into());
        }
        let lock = lock_shared(path)?;
        Ok(Directory { path: path.to_owned(), new: false, format, lock: Some(lock) })
    }

    /// Begins an index, or begins it again.
    fn begin(&self) -> io::Result<()> {
        self.write_new_format()?;
        // Anything else without it would be taken for somebody else's.
        sync_directory(&self.path)?;
        DurableMark::create(&self.path.join(DURABLE))?;
        sync_directory(&self.path)?;
        if self.rows().exists() {
            fs::remove_dir_all(self.rows())?;
        }
        create_private_directory(&self.rows())
    }

    /// Ends the creation of an index: from here on it is one.
    pub(super) fn finish(&self) -> io::Result<()> {
        sync_directory(&self.path)?;
        self.rename_new_format()?;
        sync_directory(parent(&self.path))
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

    /// Climbs from an older format to the newest, one rung after the other. Each rung leaves a whole directory.
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

    /// Gives up the lock.
    pub(super) fn release(&mut self) {
        self.lock = None;
    }

    /// What its rows are told by from those of any other index.
    pub(super) fn identity(&self) -> &str {
        &self.format.identity
    }

    pub(super) fn is_new(&self) -> bool {
        self.new
    }

    /// Where the engine keeps its files.
    pub(super) fn rows(&self) -> PathBuf {
        self.path.join(ROWS)
    }

    /// The file that says how far the index was durable.
    pub(super) fn mark(&self) -> Result<DurableMark> {
        let path = self.path.join(DURABLE);
        refuse_unless_file(&path)?;
        Ok(DurableMark::open(&path).map_err(|source| io_error("read", &path, source))?)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

/// Whether there is a directory, and of which format. An error if it is one that may not be opened.
fn examine(path: &Path, create: bool) -> Result<Option<Option<Format>>, OpenError> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return if create { Ok(None) } else { Err(OpenError::NotFound { path: path.to_owned() }) };
        }
        Err(source) => return Err(io_error("look at", path, source)),
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

/// The file may be anything, of any size.
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
        _ => Err(OpenError::UnknownFormat { path: path.join(FORMAT), found: text }),
    }
}

/// A directory without FORMAT may become an index only if nothing is in it but what a cut-off creation leaves.
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

/// A child process that another thread is starting has our descriptors for a moment, and with them a lock that was
/// given up: what is in use is looked at again for a while.
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
    fn a_rung_that_fails_leaves_the_format_it_stands_on() {
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
