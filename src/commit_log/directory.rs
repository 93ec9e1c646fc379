//! The directory of a log: its files by name, the segments that are open. Knows nothing of their content.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};

use super::entry::random;
use super::files::{Files, How, LogFile, failed};
use super::segment::{SECTOR, Segment, is_spare, name, number, spare_name};
use crate::model::Result;

/// How many segments stay open: a process may often have no more than 1,024 files open.
const MOST_OPEN: usize = 64;

pub(super) struct Directory {
    path: PathBuf,
    files: Arc<dyn Files>,
    writable: bool,
    /// Segments stay open: a reader goes on with one that a trim has removed.
    open: Mutex<BTreeMap<u64, Arc<Segment>>>,
}

impl Directory {
    pub(super) fn new(path: PathBuf, files: Arc<dyn Files>, writable: bool) -> Directory {
        Directory { path, files, writable, open: Mutex::default() }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Opens a file to read, and to write where the handle may; `None` if there is none.
    pub(super) fn open(&self, name: &str) -> Result<Option<Arc<dyn LogFile>>> {
        self.open_as(name, self.how())
    }

    /// Creates a synced file of zeroes.
    pub(super) fn create(&self, name: &str, length: usize) -> Result<Arc<dyn LogFile>> {
        let path = self.join(name);
        let failed = |source| failed("create", &path, &source);
        let file = self.files.open(&path, How::CreateNew).map_err(failed)?;
        file.write_at(&vec![0; length], 0).and_then(|()| file.sync_all()).map_err(failed)?;
        Ok(file)
    }

    /// Opens a file to read; `None` if there is none.
    pub(super) fn open_to_read(&self, name: &str) -> Result<Option<Arc<dyn LogFile>>> {
        self.open_as(name, How::Read)
    }

    fn open_as(&self, name: &str, how: How) -> Result<Option<Arc<dyn LogFile>>> {
        let path = self.join(name);
        match self.files.open(&path, how) {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(source) => Err(failed("open", &path, &source)),
        }
    }

    /// The segment with a number; `None` if there is none. Segments are counted from 1: the place before the first one is
    /// in segment 0, which is never there, whatever files have its name.
    pub(super) fn segment(&self, number: u64) -> Result<Option<Arc<Segment>>> {
        if number == 0 {
            return Ok(None);
        }
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(segment) = open.get(&number) {
            return Ok(Some(segment.clone()));
        }
        let Some(file) = self.open(&name(number))? else { return Ok(None) };
        let path = self.join(&name(number));
        let segment = Arc::new(Segment { number, path, file, proven: AtomicBool::new(false) });
        // The oldest is the least asked for. One that is opened again is proven again.
        if open.len() >= MOST_OPEN {
            open.pop_first();
        }
        open.insert(number, segment.clone());
        Ok(Some(segment))
    }

    /// Whether a segment has been removed, or does not exist yet.
    pub(super) fn is_removed(&self, number: u64) -> Result<bool> {
        let path = self.join(&name(number));
        self.files.exists(&path).map(|exists| !exists).map_err(|source| failed("access", &path, &source))
    }

    fn how(&self) -> How {
        if self.writable { How::ReadWrite } else { How::Read }
    }

    /// The names of all files.
    pub(super) fn names(&self) -> Result<Vec<String>> {
        self.files.list(&self.path).map_err(|source| failed("list", &self.path, &source))
    }

    /// The numbers of all segments, in order.
    pub(super) fn numbers(&self) -> Result<Vec<u64>> {
        let mut numbers: Vec<u64> = self.names()?.iter().filter_map(|name| number(name)).collect();
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// Creates a file of zeroes, synced, that can become a segment. Not for callers that hold the append lock.
    pub(super) fn prepare_spare(&self) -> Result<Spare> {
        let name = spare_name(u64::from_le_bytes(random()?));
        Ok(Spare { file: self.create(&name, SECTOR)?, path: self.join(&name) })
    }

    /// Gives a spare the name of a segment that does not exist; the name is not durable yet. For the holder of the append
    /// lock. `None`, and the spare is gone, if its file was removed.
    pub(super) fn name_spare(&self, spare: Spare, number: u64) -> Result<Option<Arc<Segment>>> {
        let path = self.join(&name(number));
        match self.files.rename(&spare.path, &path) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(failed("rename", &path, &source)),
        }
        // Nothing was in it before this descriptor, so all errors of writing to it reach this descriptor.
        let segment = Arc::new(Segment { number, path, file: spare.file, proven: AtomicBool::new(true) });
        self.open.lock().unwrap_or_else(PoisonError::into_inner).insert(number, segment.clone());
        Ok(Some(segment))
    }

    /// Removes a segment. Handles that have it open go on reading it.
    pub(super) fn remove_segment(&self, number: u64) -> Result<()> {
        self.remove(&name(number))
    }

    /// Removes all spares but those of this handle. A handle whose spare is removed prepares another.
    pub(super) fn remove_spares(&self, own: &[Spare]) -> Result<()> {
        for name in self.names()?.iter().filter(|name| is_spare(name)) {
            if !own.iter().any(|spare| spare.path == self.join(name)) {
                self.remove(name)?;
            }
        }
        Ok(())
    }

    /// Removes a spare that was not needed.
    pub(super) fn remove_spare(&self, spare: Spare) -> Result<()> {
        match self.files.remove(&spare.path) {
            Err(source) if source.kind() != ErrorKind::NotFound => Err(failed("remove", &spare.path, &source)),
            _ => Ok(()),
        }
    }

    pub(super) fn remove(&self, name: &str) -> Result<()> {
        let path = self.join(name);
        match self.files.remove(&path) {
            Err(source) if source.kind() != ErrorKind::NotFound => Err(failed("remove", &path, &source)),
            _ => Ok(()),
        }
    }

    /// Writes a file aside, which then takes the name, all or nothing and durable.
    pub(super) fn write_aside(&self, name: &str, write: &mut dyn FnMut(&dyn LogFile) -> Result<()>) -> Result<()> {
        let (path, aside) = (self.join(name), self.join(&spare_name(u64::from_le_bytes(random()?))));
        let failed = |source| failed("write", &path, &source);
        let file = self.files.open(&aside, How::CreateNew).map_err(failed)?;
        let named = || file.sync_all().and_then(|()| self.files.rename(&aside, &path)).map_err(failed);
        if let Err(error) = write(&*file).and_then(|()| named()) {
            // Best effort: what is left of it is removed by the next trim.
            let _ = self.files.remove(&aside);
            return Err(error);
        }
        self.sync()
    }

    /// Makes the names durable.
    pub(super) fn sync(&self) -> Result<()> {
        self.files.sync_directory(&self.path).map_err(|source| failed("sync", &self.path, &source))
    }
}

/// A file that can become a segment.
pub(super) struct Spare {
    path: PathBuf,
    file: Arc<dyn LogFile>,
}
