//! Files and directories for one owner: made private, synced, refused when they are something else, and errors that
//! name their path. Knows nothing of an index.

use std::fs::{self, File, FileType};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::model::OpenError;

/// The absolute form of a path, so that a later change of the working directory does not change its meaning. Symbolic
/// links are not resolved.
pub(crate) fn absolute(path: &Path) -> Result<PathBuf, OpenError> {
    std::path::absolute(path).map_err(|source| io_error("resolve", path, source))
}

pub(crate) fn io_error(doing: &'static str, path: &Path, source: io::Error) -> OpenError {
    OpenError::Io { doing, path: path.to_owned(), cause: source }
}

/// Refuses whatever is at `path` and is not a regular file. Nothing at all is accepted.
///
/// To be called before a file is opened: opening a named pipe waits for its other end, perhaps for ever, opening a
/// device may act on it, and a symbolic link would make us write to the file that it names.
pub(super) fn refuse_unless_file(path: &Path) -> Result<(), OpenError> {
    refuse_unless(path, FileType::is_file, "a regular file")
}

/// The same for a directory.
pub(super) fn refuse_unless_directory(path: &Path) -> Result<(), OpenError> {
    refuse_unless(path, FileType::is_dir, "a directory")
}

/// Refuses everything in a directory, if there is one, that is not a regular file.
pub(super) fn refuse_others_than_files(directory: &Path, but: Option<&Path>) -> Result<(), OpenError> {
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(source) => return Err(io_error("list", directory, source)),
    };
    for entry in entries {
        let entry = entry.map_err(|source| io_error("list", directory, source))?.path();
        if Some(&*entry) != but {
            refuse_unless_file(&entry)?;
        }
    }
    Ok(())
}

fn refuse_unless(path: &Path, good: fn(&FileType) -> bool, expected: &'static str) -> Result<(), OpenError> {
    let kind = match fs::symlink_metadata(path) {
        Ok(found) => found.file_type(),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(source) => return Err(io_error("access", path, source)),
    };
    match kind {
        kind if kind.is_symlink() => Err(OpenError::Symlink { path: path.to_owned() }),
        kind if good(&kind) => Ok(()),
        kind => Err(OpenError::WrongKind { path: path.to_owned(), found: name_of(kind), expected }),
    }
}

fn name_of(kind: FileType) -> &'static str {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        let special = [
            (kind.is_fifo(), "a named pipe"),
            (kind.is_socket(), "a socket"),
            (kind.is_block_device() || kind.is_char_device(), "a device"),
        ];
        if let Some((_, name)) = special.iter().find(|(is, _)| *is) {
            return name;
        }
    }
    match kind {
        kind if kind.is_dir() => "a directory",
        kind if kind.is_file() => "a regular file",
        _ => "a special file",
    }
}

/// Options to write a file, and to create it readable for its owner only.
pub(super) fn private_file() -> fs::OpenOptions {
    let mut options = File::options();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Creates a file for its owner only. Fails if anything has the name.
pub(crate) fn create_private(path: &Path) -> io::Result<File> {
    private_file().create_new(true).open(path)
}

/// Creates one directory that only its owner may enter.
pub(super) fn create_private_directory(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Takes the permissions of group and others away.
pub(super) fn make_private(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mut permissions = fs::symlink_metadata(path)?.permissions();
        if permissions.mode() & 0o077 != 0 {
            permissions.set_mode(permissions.mode() & 0o700);
            fs::set_permissions(path, permissions)?;
        }
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// Whether an open file has no name any more. What is written to such a file is gone when it is closed.
pub(super) fn is_deleted(file: &fs::Metadata) -> bool {
    #[cfg(unix)]
    {
        std::os::unix::fs::MetadataExt::nlink(file) == 0
    }
    #[cfg(not(unix))]
    {
        let _ = file;
        false
    }
}

/// Creates a private directory and those above it, and makes their names survive power loss.
pub(super) fn create_directories(path: &Path) -> io::Result<()> {
    let missing: Vec<&Path> = path.ancestors().skip(1).take_while(|above| !above.exists()).collect();
    fs::create_dir_all(parent(path))?;
    match create_private_directory(path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    missing.into_iter().try_for_each(sync_parent)
}

/// The directory above an absolute path; the root is above itself.
fn parent(path: &Path) -> &Path {
    path.parent().unwrap_or(path)
}

/// Makes the names in a directory survive power loss, where the system can.
pub(super) fn sync_directory(path: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
}

/// Renames a directory, and makes the new name durable.
pub(crate) fn rename(from: &Path, to: &Path) -> Result<(), OpenError> {
    fs::rename(from, to).and_then(|()| sync_parent(to)).map_err(|source| io_error("rename", from, source))
}

/// The bytes of all files in a directory and those below it; 0 for what is not there.
pub(crate) fn bytes_below(path: &Path) -> Result<u64, OpenError> {
    let failed = |source| io_error("measure", path, source);
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(0),
        Err(source) => return Err(failed(source)),
    };
    let mut bytes = 0;
    for entry in entries {
        let entry = entry.map_err(failed)?;
        // A file may be removed meanwhile.
        bytes += match entry.metadata() {
            Ok(found) if found.is_dir() => bytes_below(&entry.path())?,
            Ok(found) => found.len(),
            Err(error) if error.kind() == ErrorKind::NotFound => 0,
            Err(source) => return Err(failed(source)),
        };
    }
    Ok(bytes)
}

/// Makes the name of an absolute path survive power loss.
pub(super) fn sync_parent(path: &Path) -> io::Result<()> {
    sync_directory(parent(path))
}
