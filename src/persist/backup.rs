//! A backup: a copy of an index as a new directory, made while the index is in use.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use crate::model::{OpenError, Result};
use crate::state::State;
use crate::store::{Changes, SledStore, Store, absolute};

use super::checkpoint::{write_generation, write_rows};
use super::format::{Parts, Row, RowBytes};

/// Rows that are read before they are written: at most 16 MiB.
const ROWS_IN_MEMORY: usize = 4096;

/// Writes a state, with the log up to it and all details, as a new index, which gets its name when it is whole and
/// durable.
pub(crate) fn backup(store: &dyn Store, state: &State, path: &Path) -> Result<()> {
    let path = &absolute(path)?;
    let unfinished = unfinished(path);
    for taken in [path, &unfinished] {
        if fs::symlink_metadata(taken).is_ok() {
            return Err(OpenError::Exists { path: taken.to_owned() }.into());
        }
    }
    let written = write(store, state, &unfinished).and_then(|()| SledStore::rename(&unfinished, path));
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

fn write(store: &dyn Store, state: &State, path: &Path) -> Result<()> {
    let copy = SledStore::open(path, true, false)?;
    let log = Row::Log { revision: 1 }.part(0)..Row::Log { revision: state.revision.saturating_add(1) }.part(0);
    let details = Row::Details { id: 1 }.part(0)..Row::Details { id: state.next_detail }.part(0);
    for range in [log, details] {
        copy_rows(store, &copy, &range.start, &range.end)?;
    }
    write_generation(&copy, state, 1, Changes::default())
}

/// Copies rows whose checksums agree.
fn copy_rows(from: &dyn Store, to: &dyn Store, start: &[u8], end: &[u8]) -> Result<()> {
    let mut parts = Parts::default();
    let mut rows: Vec<RowBytes> = Vec::new();
    from.scan(start, end, &mut |key, value| {
        parts.add(key, value)?;
        rows.push((key.to_vec(), value.to_vec()));
        if rows.len() < ROWS_IN_MEMORY { Ok(()) } else { write_rows(to, std::mem::take(&mut rows)) }
    })?;
    parts.finish()?;
    write_rows(to, rows)
}
