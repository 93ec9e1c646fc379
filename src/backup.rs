//! A copy of an index as a new directory, made while it is in use. Knows nothing of how commits are made.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{OpenError, Result};
use crate::fold::{write_generation, write_rows};
use crate::format::{Parts, Row, RowBytes};
use crate::store::{Changes, SledStore, Store};
use crate::view::View;

/// How many rows are read before they are written.
const TOGETHER: usize = 4096;

/// Writes what a view has, with the log up to it and all details, as a new index. It has its name only when it is
/// whole and durable.
pub(crate) fn backup(store: &dyn Store, view: &View, path: &Path) -> Result<()> {
    let unfinished = unfinished(path);
    for taken in [path, &unfinished] {
        if fs::symlink_metadata(taken).is_ok() {
            return Err(OpenError::Exists { path: taken.to_owned() }.into());
        }
    }
    let written = write(store, view, &unfinished).and_then(|()| SledStore::rename(&unfinished, path));
    if written.is_err() {
        // The error that is told is the one that came first.
        let _ = fs::remove_dir_all(&unfinished);
    }
    written
}

fn unfinished(path: &Path) -> PathBuf {
    let mut name: OsString = path.as_os_str().to_owned();
    name.push(".unfinished");
    name.into()
}

fn write(store: &dyn Store, view: &View, path: &Path) -> Result<()> {
    let copy = SledStore::open(path, true, false)?;
    let version = &*view.0;
    let log = Row::Log { revision: 1 }.part(0)..Row::Log { revision: version.revision.saturating_add(1) }.part(0);
    let details = Row::Details { id: 1 }.part(0)..Row::Details { id: version.next_detail }.part(0);
    for range in [log, details] {
        copy_rows(store, &copy, &range.start, &range.end)?;
    }
    write_generation(&copy, version, 1, Changes::default())
}

/// Copies rows as they are, once their checksums agree.
fn copy_rows(from: &dyn Store, to: &dyn Store, start: &[u8], end: &[u8]) -> Result<()> {
    let mut parts = Parts::default();
    let mut rows: Vec<RowBytes> = Vec::new();
    from.scan(start, end, &mut |key, value| {
        parts.add(key, value)?;
        rows.push((key.to_vec(), value.to_vec()));
        if rows.len() < TOGETHER { Ok(()) } else { write_rows(to, std::mem::take(&mut rows)) }
    })?;
    parts.finish()?;
    write_rows(to, rows)
}
