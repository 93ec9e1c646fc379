//! The place of the rows of an index: the engine's subdirectory, locked for who has it, and set aside when the rows
//! can't be used. Knows nothing of the engine.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::files::{io_error, is_same_file, refuse_others_than_files, refuse_unless_directory, sync_parent};
use crate::model::Result;

/// The engine's directory for large values, the only directory among the rows.
const BLOBS: &str = "blobs";

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
        if !is_same_file(&self.lock, &self.lock_path).map_err(failed)? {
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
