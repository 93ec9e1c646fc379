//! Logs in scratch directories, entries, and files that fail on purpose.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use std::{fs, io};

use tempfile::TempDir;

use crate::commit_log::files::{Files, How, LogFile, SystemFiles};
use crate::commit_log::{Access, Appended, CommitLog, Entry, FileLog, FileLogOptions, Head, Payload};
use crate::id::Revision;
use crate::model::Error;

/// A segment of a few small entries.
pub(super) const TINY: u64 = 4096 + 600;

pub(super) fn options(access: Access) -> FileLogOptions {
    FileLogOptions { segment_bytes: TINY, patience: Duration::from_millis(200), ..FileLogOptions::new(access) }
}

/// A log in files, which several handles open.
pub(super) struct Scratch {
    pub(super) directory: TempDir,
}

impl Scratch {
    /// Creates an empty log.
    pub(super) fn new() -> Scratch {
        let scratch = Scratch { directory: tempfile::tempdir().unwrap() };
        FileLog::create(&scratch.path(), options(Access::Synced), None).unwrap().close().unwrap();
        scratch
    }

    pub(super) fn path(&self) -> PathBuf {
        self.directory.path().join("log")
    }

    pub(super) fn open(&self, access: Access) -> FileLog {
        self.try_open(access).unwrap()
    }

    pub(super) fn try_open(&self, access: Access) -> Result<FileLog, Error> {
        FileLog::open(&self.path(), options(access))
    }

    pub(super) fn segment(&self, number: u64) -> PathBuf {
        self.path().join(format!("segment-{number:016x}"))
    }

    pub(super) fn mark(&self) -> PathBuf {
        self.path().join("durable")
    }

    /// The files of the log with their content.
    pub(super) fn snapshot(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let files = fs::read_dir(self.path()).unwrap().map(|file| file.unwrap().path());
        let mut files: Vec<_> = files.map(|path| (path.clone(), fs::read(&path).unwrap())).collect();
        files.sort();
        files
    }

    /// Puts files back as they were, and removes others.
    pub(super) fn restore(&self, files: &[(PathBuf, Vec<u8>)]) {
        for file in fs::read_dir(self.path()).unwrap() {
            fs::remove_file(file.unwrap().path()).unwrap();
        }
        files.iter().for_each(|(path, bytes)| fs::write(path, bytes).unwrap());
    }
}

/// The head of all entries of a log, shown or not.
pub(super) fn head(log: &impl CommitLog) -> Head {
    log.sync().unwrap();
    log.end().unwrap().0
}

/// A payload of pieces that fit into a tiny segment, at least one, all with one tag.
pub(super) fn cut(tag: u64, bytes: &[u8]) -> Payload {
    let mut payload = Payload::of(tag, &bytes[..bytes.len().min(400)]);
    bytes.chunks(400).skip(1).for_each(|piece| payload.push(tag, piece.to_vec()));
    payload
}

/// Entries after a head with these payloads; the tag of each is its revision.
pub(super) fn entries(after: Head, payloads: &[&[u8]]) -> Vec<Entry> {
    let mut head = after;
    let mut entries = Vec::new();
    for payload in payloads {
        let entry = Entry::after(head, cut(head.revision + 1, payload)).unwrap();
        head = entry.head();
        entries.push(entry);
    }
    entries
}

/// Appends payloads after the end of a log, one append each, and syncs. Returns the new head.
pub(super) fn fill(log: &impl CommitLog, payloads: &[&[u8]]) -> Head {
    let mut at = head(log);
    for payload in payloads {
        let entries = entries(at, &[payload]);
        assert!(matches!(log.append(at.revision, &entries).unwrap(), Appended::Done(_)));
        at = entries[0].head();
    }
    log.sync().unwrap();
    at
}

/// All entries after a revision that a log shows.
pub(super) fn all(log: &impl CommitLog, after: Revision) -> Vec<Entry> {
    log.read(after, usize::MAX).unwrap().entries
}

pub(super) fn payloads(entries: &[Entry]) -> Vec<Vec<u8>> {
    entries.iter().map(|entry| bytes(&entry.payload)).collect()
}

/// The bytes of all pieces.
pub(super) fn bytes(payload: &Payload) -> Vec<u8> {
    payload.pieces().flat_map(|piece| piece.bytes.clone()).collect()
}

/// What an operation on a file is about to do, and on which file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    Write,
    SyncData,
    SyncAll,
    SyncDirectory,
    SetLen,
    Lock,
}

/// The operations so far.
type Operations = Arc<Mutex<Vec<(Operation, PathBuf)>>>;
type Rule = Arc<dyn Fn(Operation, &Path) -> io::Result<()> + Send + Sync>;

/// The files of the system, each operation of which is recorded, and fails if a rule says so.
#[derive(Clone, Default)]
pub(super) struct Watched {
    rule: Arc<Mutex<Option<Rule>>>,
    operations: Operations,
    /// Bytes that were read from files.
    read: Arc<AtomicUsize>,
    /// The paths of open files, which a rename changes.
    paths: Arc<Mutex<Vec<Arc<Mutex<PathBuf>>>>>,
}

impl Watched {
    pub(super) fn fail(&self, rule: impl Fn(Operation, &Path) -> io::Result<()> + Send + Sync + 'static) {
        *self.rule.lock().unwrap() = Some(Arc::new(rule));
    }

    /// The operations since the last call.
    pub(super) fn take(&self) -> Vec<(Operation, PathBuf)> {
        std::mem::take(&mut self.operations.lock().unwrap())
    }

    /// The number of bytes read since the last call.
    pub(super) fn take_read(&self) -> usize {
        self.read.swap(0, Ordering::Relaxed)
    }

    pub(super) fn open(&self, scratch: &Scratch, access: Access) -> FileLog {
        FileLog::open_in(Arc::new(self.clone()), &scratch.path(), options(access)).unwrap()
    }

    fn will(&self, operation: Operation, path: &Path) -> io::Result<()> {
        self.operations.lock().unwrap().push((operation, path.to_owned()));
        // A rule may wait, and others operate meanwhile.
        let rule = self.rule.lock().unwrap().clone();
        rule.map_or(Ok(()), |rule| rule(operation, path))
    }
}

impl Files for Watched {
    fn open(&self, path: &Path, how: How) -> io::Result<Arc<dyn LogFile>> {
        let (file, path) = (SystemFiles.open(path, how)?, Arc::new(Mutex::new(path.to_owned())));
        self.paths.lock().unwrap().push(path.clone());
        Ok(Arc::new(WatchedFile { file, path, watched: self.clone() }))
    }

    fn exists(&self, path: &Path) -> io::Result<bool> {
        SystemFiles.exists(path)
    }

    fn list(&self, directory: &Path) -> io::Result<Vec<String>> {
        SystemFiles.list(directory)
    }

    fn create_directory(&self, path: &Path) -> io::Result<()> {
        SystemFiles.create_directory(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        SystemFiles.rename(from, to)?;
        for path in self.paths.lock().unwrap().iter() {
            let mut path = path.lock().unwrap();
            if *path == from {
                to.clone_into(&mut path);
            }
        }
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        SystemFiles.remove(path)
    }

    fn sync_directory(&self, path: &Path) -> io::Result<()> {
        self.will(Operation::SyncDirectory, path)?;
        SystemFiles.sync_directory(path)
    }
}

struct WatchedFile {
    file: Arc<dyn LogFile>,
    path: Arc<Mutex<PathBuf>>,
    watched: Watched,
}

impl WatchedFile {
    fn will(&self, operation: Operation) -> io::Result<()> {
        let path = self.path.lock().unwrap().clone();
        self.watched.will(operation, &path)
    }
}

impl LogFile for WatchedFile {
    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        let filled = self.file.read_at(bytes, offset)?;
        self.watched.read.fetch_add(filled, Ordering::Relaxed);
        Ok(filled)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        if let Err(error) = self.will(Operation::Write) {
            // A write that fails has mostly written something.
            self.file.write_at(&bytes[..bytes.len() / 2], offset)?;
            return Err(error);
        }
        self.file.write_at(bytes, offset)
    }

    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.will(Operation::SetLen)?;
        self.file.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.will(Operation::SyncData)?;
        self.file.sync_data()
    }

    fn is_removed(&self) -> io::Result<bool> {
        self.file.is_removed()
    }

    fn sync_all(&self) -> io::Result<()> {
        self.will(Operation::SyncAll)?;
        self.file.sync_all()
    }

    fn try_lock(&self) -> io::Result<bool> {
        self.will(Operation::Lock)?;
        self.file.try_lock()
    }

    fn unlock(&self) -> io::Result<()> {
        self.file.unlock()
    }

    fn holder(&self) -> Option<u32> {
        self.file.holder()
    }
}
