//! The operations on files that a log needs, as a seam for tests to fail or record them. Knows nothing of a log.

use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::file_id::FileId;
use crate::locks;
use crate::model::{EngineError, Error};

/// How a file is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    Read,
    ReadWrite,
    /// To read and write, and created for its owner only. Fails if anything has the name.
    CreateNew,
}

/// A file system. Each method does what the function of `std::fs` does that it is named after.
pub(super) trait Files: Send + Sync {
    /// Fails for anything but a regular file: opening a named pipe could wait for ever, and a symbolic link would make
    /// us write to the file that it names.
    fn open(&self, path: &Path, how: How) -> io::Result<Arc<dyn LogFile>>;
    fn exists(&self, path: &Path) -> io::Result<bool>;
    /// The names in a directory, those that are not Unicode left out.
    fn list(&self, directory: &Path) -> io::Result<Vec<String>>;
    fn create_directory(&self, path: &Path) -> io::Result<()>;
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Makes the names in a directory survive power loss.
    fn sync_directory(&self, path: &Path) -> io::Result<()>;
}

/// An open file, read and written at given places.
pub(super) trait LogFile: Send + Sync {
    /// Fills the buffer as far as the file goes; returns the number of bytes.
    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize>;
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()>;
    fn len(&self) -> io::Result<u64>;
    fn set_len(&self, len: u64) -> io::Result<()>;
    fn sync_data(&self) -> io::Result<()>;
    fn sync_all(&self) -> io::Result<()>;
    /// Whether the file has no name any more: what is written to it is gone when it is closed.
    fn is_removed(&self) -> io::Result<bool>;
    /// Takes the exclusive lock; false if it is held through another descriptor.
    fn try_lock(&self) -> io::Result<bool>;
    fn unlock(&self) -> io::Result<()>;
    /// The process that holds the lock, where the system tells.
    fn holder(&self) -> Option<u32>;
}

/// Adds what was tried, and on which path, to an error of the system.
pub(super) fn failed(doing: &'static str, path: &Path, source: &io::Error) -> Error {
    EngineError::Failed { doing, why: format!("{path:?}: {source}") }.into()
}

/// Files of one directory, as long as its path leads to it: somebody may rename it, and create another of that name.
/// What is open stays open; each use of a name fails then.
pub(super) struct Anchored {
    files: Arc<dyn Files>,
    path: PathBuf,
    directory: FileId,
}

impl Anchored {
    pub(super) fn new(files: Arc<dyn Files>, path: &Path) -> io::Result<Anchored> {
        Ok(Anchored { files, path: path.to_owned(), directory: FileId::of_metadata(&fs::metadata(path)?) })
    }

    fn files(&self) -> io::Result<&dyn Files> {
        match fs::metadata(&self.path) {
            Ok(found) if found.is_dir() && FileId::of_metadata(&found) == self.directory => Ok(&*self.files),
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Err(io::Error::other("the directory was moved or removed since it was opened; open the index again")),
        }
    }
}

impl Files for Anchored {
    fn open(&self, path: &Path, how: How) -> io::Result<Arc<dyn LogFile>> {
        self.files()?.open(path, how)
    }

    fn exists(&self, path: &Path) -> io::Result<bool> {
        self.files()?.exists(path)
    }

    fn list(&self, directory: &Path) -> io::Result<Vec<String>> {
        self.files()?.list(directory)
    }

    fn create_directory(&self, path: &Path) -> io::Result<()> {
        self.files()?.create_directory(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.files()?.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.files()?.remove(path)
    }

    fn sync_directory(&self, path: &Path) -> io::Result<()> {
        self.files()?.sync_directory(path)
    }
}

/// The file system of the operating system.
pub(super) struct SystemFiles;

impl Files for SystemFiles {
    fn open(&self, path: &Path, how: How) -> io::Result<Arc<dyn LogFile>> {
        match fs::symlink_metadata(path) {
            Ok(found) if !found.is_file() => return Err(io::Error::new(ErrorKind::InvalidInput, "not a regular file")),
            Err(error) if how != How::CreateNew => return Err(error),
            _ => {}
        }
        let mut options = File::options();
        options.read(true).write(how != How::Read).create_new(how == How::CreateNew);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        Ok(Arc::new(options.open(path)?))
    }

    fn exists(&self, path: &Path) -> io::Result<bool> {
        path.try_exists()
    }

    fn list(&self, directory: &Path) -> io::Result<Vec<String>> {
        let entries = fs::read_dir(directory)?.collect::<io::Result<Vec<_>>>()?;
        Ok(entries.into_iter().filter_map(|entry| entry.file_name().into_string().ok()).collect())
    }

    fn create_directory(&self, path: &Path) -> io::Result<()> {
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn sync_directory(&self, path: &Path) -> io::Result<()> {
        if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
    }
}

impl LogFile for File {
    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut filled = 0;
        while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match read_some(self, rest, offset + filled as u64) {
                Ok(0) => break,
                Ok(more) => filled += more,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(filled)
    }

    fn write_at(&self, mut bytes: &[u8], mut offset: u64) -> io::Result<()> {
        while !bytes.is_empty() {
            match write_some(self, bytes, offset) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(more) => {
                    offset += more as u64;
                    bytes = bytes.get(more..).unwrap_or_default();
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn len(&self) -> io::Result<u64> {
        self.metadata().map(|metadata| metadata.len())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        File::set_len(self, len)
    }

    fn sync_data(&self) -> io::Result<()> {
        File::sync_data(self)
    }

    fn sync_all(&self) -> io::Result<()> {
        File::sync_all(self)
    }

    #[cfg(unix)]
    fn is_removed(&self) -> io::Result<bool> {
        self.metadata().map(|found| std::os::unix::fs::MetadataExt::nlink(&found) == 0)
    }

    /// Elsewhere a file that is open keeps its name.
    #[cfg(not(unix))]
    fn is_removed(&self) -> io::Result<bool> {
        Ok(false)
    }

    fn try_lock(&self) -> io::Result<bool> {
        match File::try_lock(self) {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(source)) => Err(source),
        }
    }

    fn unlock(&self) -> io::Result<()> {
        File::unlock(self)
    }

    fn holder(&self) -> Option<u32> {
        locks::holder(self)
    }
}

#[cfg(unix)]
fn read_some(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, bytes, offset)
}

#[cfg(unix)]
fn write_some(file: &File, bytes: &[u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::write_at(file, bytes, offset)
}

#[cfg(windows)]
fn read_some(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, bytes, offset)
}

#[cfg(windows)]
fn write_some(file: &File, bytes: &[u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_write(file, bytes, offset)
}
