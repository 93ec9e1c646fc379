//! The place of an index, at which another one may be put while it is open; and that of its rows: the engine's
//! subdirectory, locked for who has it, and set aside when the rows can't be used. Knows nothing of the engine.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::files::{io_error, refuse_others_than_files, refuse_unless_directory, sync_parent};
use super::format::LOCK;
use crate::file_id::FileId;
use crate::model::Result;

/// The engine's directory for large values, the only directory among the rows.
const BLOBS: &str = "blobs";

/// Where an index is: a path, and what tells its index from another one there.
#[derive(Clone, Debug)]
pub(crate) struct IndexPlace {
    /// Absolute: the working directory may change while the index is open.
    path: PathBuf,
    /// Which file LOCK is.
    lock: FileId,
}

impl IndexPlace {
    pub(super) fn new(path: PathBuf, lock: &File) -> Result<IndexPlace> {
        let lock = FileId::of(lock).map_err(|source| io_error("read", &path.join(LOCK), source))?;
        Ok(IndexPlace { path, lock })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether a file is the LOCK of this index.
    pub(super) fn has_lock(&self, file: &File) -> bool {
        FileId::of(file).is_ok_and(|file| file == self.lock)
    }

    /// Refuses to go on if somebody has moved, removed or replaced the directory. For as long as the index is open.
    ///
    /// # Errors
    /// `Failed` if it was; those of the system.
    pub(crate) fn check(&self, doing: &'static str) -> Result<()> {
        let at = self.path.join(LOCK);
        match self.lock.is_at(&at).map_err(|source| io_error("read", &at, source))? {
            true => Ok(()),
            false => Err(super::failed(doing, "the directory of the index was moved")),
        }
    }
}

/// Where the rows are. Only its holder opens, moves or removes them.
#[derive(Debug)]
pub(crate) struct RowsPlace {
    rows: PathBuf,
    aside: PathBuf,
    lock_path: PathBuf,
    lock: File,
}

impl RowsPlace {
    pub(super) fn new(rows: PathBuf, aside: PathBuf, (lock_path, lock): (PathBuf, File)) -> RowsPlace {
        RowsPlace { rows, aside, lock_path, lock }
    }

    pub(super) fn path(&self) -> &Path {
        &self.rows
    }

    /// Refuses rows that are something else than regular files: opening them might wait for ever.
    pub(crate) fn check(&self) -> Result<()> {
        refuse_unless_directory(&self.rows)?;
        let blobs = self.rows.join(BLOBS);
        refuse_unless_directory(&blobs)?;
        refuse_others_than_files(&self.rows, Some(&blobs))?;
        Ok(refuse_others_than_files(&blobs, None)?)
    }

    /// Moves rows that can't be used out of the way. Those that were set aside before are removed.
    ///
    /// # Errors
    /// Those of the system; also when the directory of the index was moved, since another one may have its path.
    pub(crate) fn set_aside(&self) -> Result<()> {
        let failed = |source| io_error("set aside", &self.rows, source);
        if !FileId::of(&self.lock).and_then(|lock| lock.is_at(&self.lock_path)).map_err(failed)? {
            return Err(super::failed("set the rows aside", "the directory of the index was moved"));
        }
        match fs::symlink_metadata(&self.aside) {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(source) => return Err(failed(source).into()),
            Ok(found) if found.is_dir() => fs::remove_dir_all(&self.aside).map_err(failed)?,
            Ok(_) => fs::remove_file(&self.aside).map_err(failed)?,
        }
        match fs::rename(&self.rows, &self.aside) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(source) => Err(failed(source).into()),
            Ok(()) => Ok(sync_parent(&self.rows).map_err(failed)?),
        }
    }
}
