//! A backup: the log of an index in a new directory, made while the index is in use. Its first opening makes the rows.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use crate::commit_log::{self, CommitLog};
use crate::id::Revision;
use crate::model::{OpenError, Result};
use crate::store::{Directory, Use, absolute, rename};

use super::open::id_text;

/// Writes the log as a new index, which gets its name when it is whole and durable. Returns its revision.
pub(crate) fn backup(log: &dyn CommitLog, path: &Path) -> Result<Revision> {
    let path = &absolute(path)?;
    let unfinished = unfinished(path);
    for taken in [path, &unfinished] {
        if fs::symlink_metadata(taken).is_ok() {
            return Err(OpenError::Exists { path: taken.to_owned() }.into());
        }
    }
    let written = write(log, &unfinished).and_then(|revision| {
        rename(&unfinished, path)?;
        Ok(revision)
    });
    if written.is_err() {
        // The first error is returned; a leftover directory is named in the documentation.
        let _ = fs::remove_dir_all(&unfinished);
    }
    written
}

fn unfinished(path: &Path) -> PathBuf {
    let mut name: OsString = path.as_os_str().to_owned();
    name.push(".unfinished");
    name.into()
}

fn write(log: &dyn CommitLog, path: &Path) -> Result<Revision> {
    let mut copy = Directory::open(path, Use::Write { create: true })?;
    let name = copy.log_name().to_owned();
    let (id, head) = commit_log::copy(log, &copy.log())?;
    copy.set_log(&name, &id_text(id))?;
    Ok(head.revision)
}
