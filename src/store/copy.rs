//! A private copy of the engine's files, for a reader that must not change them: the engine writes when it opens.
//! Knows nothing of what is in the files.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use super::files::{create_private_directory, io_error, private_file, refuse_unless_file};
use crate::error::OpenError;

/// A copy in the system's directory for temporary files, removed when it is dropped.
pub(super) struct PrivateCopy {
    path: PathBuf,
}

impl PrivateCopy {
    pub(super) fn of(original: &Path) -> Result<PrivateCopy, OpenError> {
        let path = unused_name();
        create_private_directory(&path).map_err(|source| io_error("create", &path, source))?;
        let copy = PrivateCopy { path };
        let rows = copy.rows();
        if original.exists() {
            copy_directory(original, &rows)?;
        } else {
            create_private_directory(&rows).map_err(|source| io_error("create", &rows, source))?;
        }
        Ok(copy)
    }

    pub(super) fn rows(&self) -> PathBuf {
        self.path.join("rows")
    }
}

impl Drop for PrivateCopy {
    fn drop(&mut self) {
        // What can't be removed is only in the way of nothing.
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// Creating a directory fails where anything has its name already, so a guessed name gains nobody anything.
fn unused_name() -> PathBuf {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let time = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_nanos());
    std::env::temp_dir().join(format!("responsibility-index-{}-{count}-{time:x}", std::process::id()))
}

fn copy_directory(from: &Path, to: &Path) -> Result<(), OpenError> {
    create_private_directory(to).map_err(|source| io_error("create", to, source))?;
    let failed = |source| io_error("copy", from, source);
    for entry in fs::read_dir(from).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type().map_err(failed)?.is_dir() {
            copy_directory(&source, &target)?;
        } else {
            refuse_unless_file(&source)?;
            copy_file(&source, &target).map_err(|error| io_error("copy", &source, error))?;
        }
    }
    Ok(())
}

fn copy_file(from: &Path, to: &Path) -> io::Result<()> {
    let mut target = private_file().create_new(true).open(to)?;
    io::copy(&mut File::open(from)?, &mut target).map(drop)
}
