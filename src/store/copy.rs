//! A private copy of the engine's files, for a reader that must not change them: the engine writes when it opens.
//! Knows nothing of what is in the files.
//!
//! A copy is a directory `responsibility-index-<process>-<count>-<time>` in the system's directory for temporary files.
//! Its file `LOCK` is locked by its process for as long as the copy is used, so a copy whose lock is free was left
//! behind by a process that was killed. Each new copy removes those first.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::files::{absolute, create_private_directory, private_file, refuse_unless_file};
use crate::model::OpenError;

const PREFIX: &str = "responsibility-index-";
const LOCK: &str = "LOCK";
/// Temporary name of LOCK until it is locked, so that a LOCK whose lock is free belongs to nobody.
const NEW_LOCK: &str = "LOCK.new";
const ROWS: &str = "rows";
/// The age from which a copy without LOCK counts as left behind: its process was killed before it had made the file.
const ABANDONED: Duration = Duration::from_secs(60 * 60);

/// A copy of the engine's files, removed when it is dropped.
pub(super) struct PrivateCopy {
    path: PathBuf,
    /// LOCK with its lock.
    _lock: File,
}

impl PrivateCopy {
    /// Copies the directory `original`. One that is not there gives an empty copy.
    pub(super) fn of(original: &Path) -> Result<PrivateCopy, OpenError> {
        let path = absolute(&std::env::temp_dir())?.join(unused_name());
        let failed = |source| copy_error(original, &path, source);
        create_private_directory(&path).map_err(failed)?;
        let lock = match create_lock(&path) {
            Ok(lock) => lock,
            Err(source) => {
                remove(&path);
                return Err(failed(source));
            }
        };
        let copy = PrivateCopy { path: path.clone(), _lock: lock };
        remove_abandoned(&path);
        if original.try_exists().map_err(failed)? {
            copy_directory(original, &copy.rows())?;
        } else {
            create_private_directory(&copy.rows()).map_err(failed)?;
        }
        Ok(copy)
    }

    /// The directory with the copied files.
    pub(super) fn rows(&self) -> PathBuf {
        self.path.join(ROWS)
    }
}

impl Drop for PrivateCopy {
    fn drop(&mut self) {
        remove(&self.path);
    }
}

/// Best effort: a copy that can't be removed is harmless, and the next reader tries again.
fn remove(path: &Path) {
    let _ = fs::remove_dir_all(path);
}

fn copy_error(path: &Path, to: &Path, source: io::Error) -> OpenError {
    OpenError::Copy { path: path.to_owned(), to: to.to_owned(), source }
}

/// A name that another process can hardly guess. If one does, creating the directory fails.
fn unused_name() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let time = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_nanos());
    format!("{PREFIX}{}-{count}-{time:x}", std::process::id())
}

/// Whether [`unused_name`] makes such names.
fn is_name_of_copy(name: &str) -> bool {
    let Some(numbers) = name.strip_prefix(PREFIX) else { return false };
    let numbers: Vec<&str> = numbers.split('-').collect();
    let [process, count, time] = numbers.as_slice() else { return false };
    process.parse::<u32>().is_ok() && count.parse::<u64>().is_ok() && u128::from_str_radix(time, 16).is_ok()
}

fn create_lock(copy: &Path) -> io::Result<File> {
    let new = copy.join(NEW_LOCK);
    let file = private_file().create_new(true).open(&new)?;
    match file.try_lock() {
        // A file system without locks has none for the readers that look for abandoned copies either: they keep it.
        Ok(()) | Err(TryLockError::Error(_)) => {}
        Err(TryLockError::WouldBlock) => return Err(io::ErrorKind::WouldBlock.into()),
    }
    fs::rename(new, copy.join(LOCK))?;
    Ok(file)
}

/// Removes the copies that killed processes left next to `own`. Best effort: no reader fails over it.
fn remove_abandoned(own: &Path) {
    let Some(entries) = own.parent().and_then(|temporary| fs::read_dir(temporary).ok()) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path != own && entry.file_name().to_str().is_some_and(is_name_of_copy) && is_directory_of_owner(&path, own) {
            remove_if_abandoned(&path);
        }
    }
}

/// Whether `path` is a directory, not a link to one, of the owner of `own`.
fn is_directory_of_owner(path: &Path, own: &Path) -> bool {
    let (Ok(found), Ok(own)) = (fs::symlink_metadata(path), fs::symlink_metadata(own)) else { return false };
    #[cfg(unix)]
    let same_owner = {
        use std::os::unix::fs::MetadataExt;
        found.uid() == own.uid()
    };
    // Elsewhere each user has a directory for temporary files of their own.
    #[cfg(not(unix))]
    let same_owner = own.is_dir();
    found.is_dir() && same_owner
}

fn remove_if_abandoned(copy: &Path) {
    let lock = copy.join(LOCK);
    match fs::symlink_metadata(&lock) {
        Ok(found) if found.is_file() => {
            let Ok(file) = File::open(&lock) else { return };
            if file.try_lock().is_ok() {
                // `file` still holds the lock, so no two readers remove a copy at the same time.
                remove(copy);
            }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound && is_older(copy, ABANDONED) => remove(copy),
        _ => {}
    }
}

fn is_older(path: &Path, age: Duration) -> bool {
    let modified = fs::symlink_metadata(path).and_then(|found| found.modified());
    modified.is_ok_and(|time| SystemTime::now().duration_since(time).is_ok_and(|since| since > age))
}

fn copy_directory(from: &Path, to: &Path) -> Result<(), OpenError> {
    let failed = |source| copy_error(from, to, source);
    create_private_directory(to).map_err(failed)?;
    for entry in fs::read_dir(from).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type().map_err(failed)?.is_dir() {
            copy_directory(&source, &target)?;
        } else {
            refuse_unless_file(&source)?;
            copy_file(&source, &target).map_err(|error| copy_error(&source, &target, error))?;
        }
    }
    Ok(())
}

fn copy_file(from: &Path, to: &Path) -> io::Result<()> {
    let mut target = private_file().create_new(true).open(to)?;
    io::copy(&mut File::open(from)?, &mut target).map(drop)
}
