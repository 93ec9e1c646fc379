//! What tells one file or directory from another, whatever its name is. Knows nothing of what it is for.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::Path;

/// Tells a file from all others, for as long as it is open. Where the system can't tell, open files can't be moved either.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileId(#[cfg(unix)] (u64, u64));

impl FileId {
    #[cfg(unix)]
    pub(crate) fn of_metadata(metadata: &fs::Metadata) -> FileId {
        use std::os::unix::fs::MetadataExt;
        FileId((metadata.dev(), metadata.ino()))
    }

    #[cfg(not(unix))]
    pub(crate) fn of_metadata(_: &fs::Metadata) -> FileId {
        FileId()
    }

    pub(crate) fn of(file: &File) -> io::Result<FileId> {
        Ok(FileId::of_metadata(&file.metadata()?))
    }

    /// Whether the path is a name of the file.
    pub(crate) fn is_at(self, path: &Path) -> io::Result<bool> {
        match fs::symlink_metadata(path) {
            Ok(named) => Ok(FileId::of_metadata(&named) == self),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }
}
