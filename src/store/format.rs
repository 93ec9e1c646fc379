//! The file FORMAT of an index: what kind of directory it is, and which of its logs counts. Knows nothing of locks.

use std::collections::hash_map::RandomState;
use std::ffi::OsString;
use std::fs::{self, File};
use std::hash::{BuildHasher, Hasher};
use std::io::{self, ErrorKind, Read, Write};
use std::path::Path;

use super::files::{
    io_error, private_file, refuse_others_than_files, refuse_unless_directory, refuse_unless_file, sync_directory,
};
use crate::model::OpenError;

/// Names the format and the engine. It is checked before the engine sees the directory: sled 0.34 and 1.0 open each
/// other's files as an empty database.
pub(super) const FORMAT: &str = "FORMAT";
/// Temporary name of FORMAT, which is renamed once the log is durable. A directory with only this file was never
/// finished, so it holds nothing that was acknowledged.
const NEW_FORMAT: &str = "FORMAT.new";
pub(super) const LOCK: &str = "LOCK";
pub(super) const LOG: &str = "log";
/// The engine's own subdirectory. We put no file of ours into it: the engine claims some names for itself.
pub(super) const ROWS: &str = "rows";
pub(super) const ROWS_LOCK: &str = "rows.lock";
pub(super) const ROWS_SET_ASIDE: &str = "rows-set-aside";

const MAGIC: &str = "responsibility-index";
const ENGINE: &str = "sled-0.34 log-6";
/// The engine lines of older layouts, which would be called damaged if they were read.
const OLDER_ENGINES: [&str; 7] = [
    "sled-0.34",
    "sled-0.34 rows-2",
    "sled-0.34 log-1",
    "sled-0.34 log-2",
    "sled-0.34 log-3",
    "sled-0.34 log-4",
    "sled-0.34 log-5",
];
/// The line of an index whose log is a copy.
const SHARED: &str = "shared\n";
/// The newest format that this version reads, and the one that it writes.
pub(super) const VERSION: u32 = 1;

/// An upgrade from one format to the next. The first rung upgrades format 1.
pub(super) type Rung = fn(&Path) -> Result<(), OpenError>;
/// One rung for every format but the newest.
pub(super) const RUNGS: [Rung; VERSION as usize - 1] = [];

/// The content of a FORMAT file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Format {
    pub(super) version: u32,
    /// Distinguishes the rows of this index from those of any other.
    pub(super) identity: String,
    /// The name and the id of the log. The id is empty until the log is created.
    pub(super) log: (String, String),
    /// Whether the log is the copy of one that several machines share.
    pub(super) shared: bool,
}

impl Format {
    pub(super) fn new() -> Format {
        // The keys of a hasher are the only random numbers in the standard library.
        let random = || RandomState::new().build_hasher().finish();
        let identity = format!("{:016x}{:016x}", random(), random());
        Format { version: VERSION, identity, log: (LOG.to_owned(), String::new()), shared: false }
    }

    fn text(&self) -> String {
        let Format { version, identity, log: (log, id), shared } = self;
        let shared = if *shared { SHARED } else { "" };
        format!("{MAGIC}\nengine {ENGINE}\nversion {version}\nidentity {identity}\nlog {log} {id}\n{shared}")
    }

    /// Writes it under its temporary name.
    pub(super) fn prepare(&self, directory: &Path) -> io::Result<()> {
        let mut file = private_file().create(true).truncate(true).open(directory.join(NEW_FORMAT))?;
        file.write_all(self.text().as_bytes())?;
        file.sync_all()
    }

    /// Writes it in place of the one before.
    pub(super) fn write(&self, directory: &Path) -> io::Result<()> {
        self.prepare(directory)?;
        fs::rename(directory.join(NEW_FORMAT), directory.join(FORMAT))?;
        sync_directory(directory)
    }

    /// Upgrades an older format to the newest, rung by rung. Each rung leaves a complete directory of its format.
    pub(super) fn upgrade(&mut self, directory: &Path, rungs: &[Rung]) -> Result<(), OpenError> {
        for (version, rung) in (1..).zip(rungs) {
            if version < self.version {
                continue;
            }
            rung(directory)?;
            self.version = version + 1;
            self.write(directory).map_err(|source| io_error("upgrade", directory, source))?;
        }
        Ok(())
    }
}

/// Returns `None` where there is no directory, `Some(None)` for one that may become an index, and the format of an index.
/// Anything else is an error.
pub(super) fn examine(path: &Path, create: bool) -> Result<Option<Option<Format>>, OpenError> {
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
        Err(error) if error.kind() == ErrorKind::NotFound => match check_empty(path, create) {
            // Another process has completed its creation since FORMAT was looked for.
            Err(OpenError::Foreign { .. }) if path.join(FORMAT).exists() => examine(path, create),
            empty => empty.map(|()| Some(None)),
        },
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
    let shared = lines.next() == Some(SHARED.trim_end());
    match (known, engine, version, identity, log) {
        (true, _, Some(found), ..) if found > VERSION => {
            Err(OpenError::Newer { path: path.to_owned(), found, supported: VERSION })
        }
        (true, Some(ENGINE), Some(version), Some(identity), Some((log, id))) if version > 0 => {
            Ok(Format { version, identity: identity.to_owned(), log: (log.to_owned(), id.to_owned()), shared })
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
    let failed = |source| io_error("list", path, source);
    let names = fs::read_dir(path).map_err(failed)?.map(|entry| Ok(entry.map_err(failed)?.file_name()));
    let names: Vec<OsString> = names.collect::<Result<_, OpenError>>()?;
    // Looked for after the list was made: another process may begin meanwhile.
    let begun = path.join(NEW_FORMAT).exists();
    let is_ours = |name: &OsString| {
        name == LOCK || (begun && [NEW_FORMAT, LOG, ROWS, ROWS_LOCK].iter().any(|ours| name == *ours))
    };
    if let Some(foreign) = names.iter().find(|name| !is_ours(name)) {
        return Err(OpenError::Foreign { path: path.to_owned(), found: foreign.to_string_lossy().into_owned() });
    }
    if create { Ok(()) } else { Err(OpenError::NotFound { path: path.to_owned() }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[test]
    fn an_older_format_climbs_every_rung_above_it_and_says_so_in_its_file() {
        static CLIMBED: AtomicU32 = AtomicU32::new(0);
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path();
        let mut format = Format { version: 2, ..Format::new() };
        format.write(path).unwrap();
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
        format.upgrade(path, &rungs).unwrap();
        assert_eq!(CLIMBED.load(Ordering::Relaxed), 2);
        assert_eq!(format.version, 4);
        assert_eq!(fs::read_to_string(path.join(FORMAT)).unwrap(), format.text());
        format.upgrade(path, &rungs).unwrap();
        assert_eq!(CLIMBED.load(Ordering::Relaxed), 2, "the newest format has nothing to climb");
    }

    #[test]
    fn no_two_indexes_are_the_same() {
        assert_ne!(Format::new(), Format::new());
    }

    #[test]
    fn a_rung_that_fails_leaves_the_format_before_it() {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path();
        let mut format = Format { version: 2, ..Format::new() };
        format.write(path).unwrap();
        let rungs: [Rung; 2] = [|_| Ok(()), |path| Err(io_error("upgrade", path, ErrorKind::StorageFull.into()))];
        assert!(format.upgrade(path, &rungs).is_err());
        assert_eq!(format.version, 2);
        let written = fs::read_to_string(path.join(FORMAT)).unwrap();
        assert!(written.contains("version 2\n"), "{written}");
    }
}
