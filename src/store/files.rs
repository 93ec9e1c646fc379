//! Files and directories for one owner: made private, synced, refused when they are something else, and errors that
//! name their path. Knows nothing of an index.

use std::fs::{self, File, FileType};
use std::io::{self, ErrorKind};
use std::path::Path;

use crate::error::OpenError;

pub(super) fn io_error(doing: &'static str, path: &Path, source: io::Error) -> OpenError {
    OpenError::Io { doing, path: path.to_owned(), source }
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

/// For a file that only its owner may read.
pub(super) fn private_file() -> fs::OpenOptions {
    let mut options = File::options();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Creates one directory that only its owner may enter.
pub(super) fn create_private_directory(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Takes the rights of others away from what the engine made.
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

/// Creates a directory and those above it, and makes their entries survive power loss.
pub(super) fn create_directories(path: &Path) -> io::Result<()> {
    let missing: Vec<&Path> = path.ancestors().skip(1).take_while(|above| !above.exists()).collect();
    fs::create_dir_all(parent(path))?;
    match create_private_directory(path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    missing
        .into_iter()
        .filter(|above| !above.as_os_str().is_empty())
        .try_for_each(|above| sync_directory(parent(above)))
}

pub(super) fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes the entries of a directory survive power loss, where the system can.
pub(super) fn sync_directory(path: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
}

/// The same for the directory that has `path` in it.
pub(super) fn sync_parent(path: &Path) -> io::Result<()> {
    sync_directory(parent(path))
}
