//! A log in files, for several handles and processes: opening, closing, and the promises. The protocol is in the header
//! of the module.

use std::io::ErrorKind;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use super::append::Sizes;
use super::base;
use super::directory::Directory;
use super::end::find_end;
use super::entry::{
    Appended, Base, Collector, EachBasePiece, EachPiece, Entry, EntryId, Head, Payload, Position, SEGMENT_BYTES, Tail,
    bug, check, check_pieces,
};
use super::files::{Anchored, Files, SystemFiles, failed};
use super::handle::{Access, Handle, Inner};
use super::lock::AppendLock;
use super::opening::{DURABLE, Identity, LOCK, create, open_mark};
use super::watch::Watch;
use super::{CommitLog, HELP_AFTER, READ_BYTES, salvage, scan};
use crate::id::Revision;
use crate::model::{Error, LogError, Result};

/// How a log is opened.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FileLogOptions {
    pub(crate) access: Access,
    /// The most bytes of a segment.
    pub(crate) segment_bytes: u64,
    /// How long to wait for the append lock.
    pub(crate) patience: Duration,
    /// The entry of a checkpoint of the caller's, which was durable, and where it ends: the log is read from there on.
    pub(crate) known: Option<(Head, Position)>,
}

impl FileLogOptions {
    /// Segments of 64 MiB, so that a trim removes parts of a log of some hundred MB; 10 s for the lock, since a bulk
    /// load of a million tasks holds it for one.
    pub(crate) fn new(access: Access) -> FileLogOptions {
        FileLogOptions { access, segment_bytes: segment_bytes(), patience: Duration::from_secs(10), known: None }
    }
}

/// How often those look for news whom the system does not tell.
const BETWEEN_LOOKS: Duration = Duration::from_millis(1);

#[cfg(not(any(test, feature = "testing")))]
fn segment_bytes() -> u64 {
    SEGMENT_BYTES
}

#[cfg(any(test, feature = "testing"))]
fn segment_bytes() -> u64 {
    TEST_SEGMENT_BYTES.load(std::sync::atomic::Ordering::Relaxed)
}

/// The most bytes of a segment of logs that this process opens from now on.
#[cfg(any(test, feature = "testing"))]
pub(crate) static TEST_SEGMENT_BYTES: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(SEGMENT_BYTES);

/// One handle on a log in files. Dropping it makes everything durable, as [`close`](FileLog::close) does.
pub(crate) struct FileLog {
    handle: Handle,
    id: EntryId,
    mark_was_missing: bool,
    damage: Option<LogError>,
    /// Made for the first who waits.
    watch: OnceLock<Watch>,
    /// Held by who waits for the watch.
    told: Mutex<()>,
    closed: AtomicBool,
}

impl FileLog {
    /// Creates a log, empty or with the base with which it begins, and opens it.
    pub(crate) fn create(path: &Path, options: FileLogOptions, begin: Option<&Base>) -> Result<FileLog> {
        FileLog::create_in(Arc::new(SystemFiles), path, options, begin)
    }

    /// Creates the copy of a log that has this id on other machines, too.
    #[cfg(feature = "etcd")]
    pub(crate) fn create_copy(
        path: &Path,
        options: FileLogOptions,
        id: EntryId,
        begin: Option<&Base>,
    ) -> Result<FileLog> {
        let files = Arc::new(SystemFiles);
        create(&Directory::new(absolute(path)?, files.clone(), true), &*files, id, begin)?;
        FileLog::open_in(files, path, options)
    }

    /// Opens a log.
    pub(crate) fn open(path: &Path, options: FileLogOptions) -> Result<FileLog> {
        FileLog::open_in(Arc::new(SystemFiles), path, options)
    }

    pub(super) fn create_in(
        files: Arc<dyn Files>,
        path: &Path,
        options: FileLogOptions,
        begin: Option<&Base>,
    ) -> Result<FileLog> {
        create(&Directory::new(absolute(path)?, files.clone(), true), &*files, EntryId::random()?, begin)?;
        FileLog::open_in(files, path, options)
    }

    pub(super) fn open_in(files: Arc<dyn Files>, path: &Path, options: FileLogOptions) -> Result<FileLog> {
        let FileLogOptions { access, segment_bytes, patience, known } = options;
        let path = absolute(path)?;
        let files = match Anchored::new(files, &path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Err(LogError::Missing { path }.into()),
            Err(source) => return Err(failed("open", &path, &source)),
            Ok(files) => Arc::new(files),
        };
        let directory = Directory::new(path, files, access != Access::ReadOnly);
        let identity = Identity::read(&directory)?;
        let marks = open_mark(&directory, access != Access::ReadOnly, identity.log)?;
        let missing = || LogError::Missing { path: directory.join(LOCK) };
        let lock = AppendLock::new(directory.open(LOCK)?.ok_or_else(missing)?, directory.join(LOCK), patience)?;
        let mark = marks.read().map_err(|source| failed("read", &directory.join(DURABLE), &source))?;
        let found = {
            let _held = lock.take()?;
            find_end(&directory, &identity, mark, known)?
        };
        let inner = Inner {
            reach: found.reach,
            index: found.index,
            mark: found.mark,
            begin: identity.begin,
            begin_tag: identity.tag,
            base: found.base,
            clean: false,
            zeroed: 0,
            spares: Vec::new(),
            named: 0,
            waiting: None,
            stopped: None,
        };
        let sizes = Sizes { segment: segment_bytes };
        let mark_was_missing = mark.is_none();
        let handle = Handle::new((directory, lock, marks), access, sizes, inner);
        if access == Access::Synced {
            handle.sync()?;
        }
        if access != Access::ReadOnly {
            handle.sync_mark()?;
        }
        let (watch, told, closed) = Default::default();
        Ok(FileLog { handle, id: identity.log, mark_was_missing, damage: found.damage, watch, told, closed })
    }

    #[cfg(test)]
    pub(super) fn pretend_fork(&mut self) {
        self.handle.lock.pretend_fork();
    }

    /// Whether the mark was missing or damaged when the log was opened: then it could not be told whether the newest
    /// entries were lost.
    pub(crate) fn mark_was_missing(&self) -> bool {
        self.mark_was_missing
    }

    /// Damage of the known entry's last frame, which was passed since its position was known.
    pub(crate) fn damage(&self) -> Option<&LogError> {
        self.damage.as_ref()
    }

    /// The id of a log, without reading anything else of it.
    ///
    /// # Errors
    /// `Missing`. `Damaged`: it does not name a log.
    pub(crate) fn id_of(path: &Path) -> Result<EntryId> {
        Identity::read(&Directory::new(absolute(path)?, Arc::new(SystemFiles), false)).map(|identity| identity.log)
    }

    /// The id of the log.
    pub(crate) fn id(&self) -> EntryId {
        self.id
    }

    /// The newest entry that this handle has read, and its tag.
    #[cfg(feature = "etcd")]
    pub(super) fn newest_tag(&self) -> (Head, u64) {
        let reach = self.handle.inner().reach;
        (reach.head, reach.expected.tag)
    }

    /// For a copy that does not have what the log has removed: goes on after a base, unless it has its entry or a newer one.
    #[cfg(feature = "etcd")]
    pub(super) fn skip_to(&self, base: &Base) -> Result<()> {
        self.handle.lock.check_process()?;
        check_pieces(&base.payload, 0, "the base")?;
        self.handle.skip_to(base)
    }

    /// The newest entry that this handle knows to be durable from the mark or a known position; `None` if it knows none.
    #[cfg(test)]
    pub(crate) fn mark(&self) -> Option<Head> {
        self.handle.inner().mark.map(|mark| mark.head)
    }

    /// What the first entry followed when the log was created. After a trim the log begins with its first base.
    #[cfg(test)]
    pub(crate) fn begin(&self) -> Head {
        self.handle.inner().begin
    }

    /// A handle that shows only what is durable has to be told of the mark alone, as a rule.
    fn new_watch(&self) -> Watch {
        let directory = &self.handle.directory;
        let mark = directory.join(DURABLE);
        Watch::new(directory.path(), (self.handle.access != Access::Lazy).then_some(&*mark))
    }

    fn finish(&self) -> Result<()> {
        if self.handle.access == Access::ReadOnly {
            return Ok(());
        }
        self.handle.lock.check_process()?;
        self.handle.sync()?;
        self.handle.sync_mark()?;
        std::mem::take(&mut self.handle.inner().spares)
            .into_iter()
            .try_for_each(|spare| self.handle.directory.remove_spare(spare))
    }
}

impl CommitLog for FileLog {
    fn append(&self, from: Revision, entries: &[Entry]) -> Result<Appended> {
        self.handle.lock.check_process()?;
        check(from, entries)?;
        if let Some(position) = self.handle.try_append(from, entries)? {
            return Ok(Appended::Done(position));
        }
        // A caller can go on only from entries that it is shown.
        if self.handle.access == Access::Synced {
            self.sync()?;
        }
        let tail = match self.read(from, READ_BYTES) {
            // Another handle has trimmed the log past `from`: the caller is told so when it reads on.
            Err(Error::Log(LogError::Trimmed { .. })) => Tail { entries: Vec::new(), head: self.end()?.0 },
            read => read?,
        };
        Ok(Appended::Behind(tail))
    }

    fn read(&self, after: Revision, most_bytes: usize) -> Result<Tail> {
        let mut collector = Collector::new(most_bytes);
        let head = self.scan(after, &mut |piece| Ok(collector.take(piece)))?;
        Ok(Tail { entries: collector.entries, head })
    }

    fn scan(&self, after: Revision, each: &mut EachPiece<'_>) -> Result<Head> {
        scan::scan(&self.handle, after, each)
    }

    fn scan_tag(&self, tag: u64, each: &mut EachPiece<'_>) -> Result<()> {
        scan::scan_tag(&self.handle, tag, each)
    }

    fn wait(&self, after: Revision, patience: Duration) -> Result<Head> {
        let start = Instant::now();
        // The system tells one thread of changes; others look now and then.
        let told = self.told.try_lock();
        let watch = self.watch.get_or_init(|| self.new_watch());
        let mut was_told = true;
        loop {
            let (inner, shown, has_helped) = self.handle.shown()?;
            let is_pending = inner.reach.head.revision > shown.revision;
            drop(inner);
            let left = patience.saturating_sub(start.elapsed());
            let is_news = shown.revision > after;
            if is_news || left.is_zero() || self.closed.load(Ordering::Acquire) {
                watch.found();
                if told.is_ok() && is_news && !has_helped {
                    watch.narrow();
                }
                return Ok(shown);
            }
            if told.is_err() {
                thread::sleep(left.min(BETWEEN_LOOKS));
            } else if (has_helped || is_pending && !was_told) && watch.widen() {
                // What was written before the watch was wider was not told.
            } else {
                // Nothing tells that it is time to help.
                was_told = watch.wait(if is_pending { left.min(HELP_AFTER) } else { left });
            }
        }
    }

    fn end(&self) -> Result<(Head, Position)> {
        self.handle.end()
    }

    fn oldest(&self) -> Revision {
        let inner = &mut *self.handle.inner();
        // Where that fails, who reads on from there is told why.
        let _ = self.handle.look_for_trim(inner);
        self.handle.oldest(inner)
    }

    fn check(&self) -> Result<Vec<LogError>> {
        let reach = self.handle.inner().reach;
        salvage::check(&self.handle.directory, reach.end, reach.head)
    }

    /// Dropping the log does the same, but can't report an error.
    fn close(&self) -> Result<()> {
        self.closed.store(true, Ordering::Release);
        if let Some(watch) = self.watch.get() {
            watch.wake();
        }
        self.finish()?;
        self.handle.inner().stopped.get_or_insert_with(|| "it is closed".to_owned());
        Ok(())
    }

    fn sync(&self) -> Result<Revision> {
        self.handle.lock.check_process()?;
        self.handle.sync()
    }

    fn bases(&self) -> Result<Vec<Revision>> {
        base::revisions(&self.handle.directory)
    }

    fn read_base(&self, revision: Revision) -> Result<Base> {
        let mut payload = Payload::default();
        let (head, tag) = self.scan_base(revision, &mut |tag, bytes| {
            payload.push(tag, bytes.to_vec());
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(Base { head, tag, payload })
    }

    fn scan_base(&self, revision: Revision, each: &mut EachBasePiece<'_>) -> Result<(Head, u64)> {
        base::scan(&self.handle.directory, revision, None, each)
    }

    fn scan_base_tag(&self, revision: Revision, tag: u64, each: &mut EachBasePiece<'_>) -> Result<(Head, u64)> {
        base::scan(&self.handle.directory, revision, Some(tag), each)
    }

    fn put_base(&self, new: &Base) -> Result<()> {
        let revision = new.head.revision;
        check_pieces(&new.payload, 0, "the base")?;
        if self.sync()? < revision {
            return Err(bug("a base of entries that are not in the log"));
        }
        let before = revision.checked_sub(1).ok_or_else(|| bug("a base at revision 0 is the empty log"))?;
        let mut entry = None;
        self.scan(before, &mut |piece| {
            entry = Some(piece.entry);
            Ok(ControlFlow::Break(()))
        })?;
        if entry != Some(new.head) {
            return Err(LogError::Forked { revision }.into());
        }
        base::write(&self.handle.directory, new.head, new.tag, &new.payload)?;
        let mut inner = self.handle.inner();
        inner.base = inner.base.into_iter().chain([new.head]).max_by_key(|head| head.revision);
        // Who opens the log has the lock while it reads the heads of all bases.
        let _held = self.handle.lock.take()?;
        self.handle.remove_superfluous_bases(&inner)
    }

    fn trim(&self, up_to: Revision) -> Result<()> {
        self.handle.lock.check_process()?;
        let bases = base::revisions(&self.handle.directory)?;
        let newest = bases.last().copied().unwrap_or(0);
        let Some(begin) = bases.into_iter().find(|base| *base >= up_to) else {
            return Err(LogError::NoBase { asked: up_to, newest }.into());
        };
        // It replaces what is removed.
        base::check(&self.handle.directory, begin)?;
        // So that the mark is in the newest segment, or near it.
        self.handle.sync()?;
        let mut guard = self.handle.inner();
        let inner = &mut *guard;
        self.handle.check_writable(inner)?;
        let held = self.handle.lock.take()?;
        self.handle.catch_up_held(inner, held.is_last_writer()?)?;
        held.will_write()?;
        inner.index.update(&self.handle.directory, inner.reach.end.segment)?;
        let mut removable = inner.index.whole_segments_up_to(up_to);
        // The segment with which the log then begins must have a header that is durable.
        let marked = inner.mark.map_or(0, |mark| mark.end.segment);
        removable.retain(|number| *number < marked);
        if !removable.is_empty() {
            // The name of the base must be durable first.
            self.handle.directory.sync().map_err(|error| self.handle.stop(inner, error))?;
        }
        for number in removable {
            // One by one, so that after a power failure the segments that are left are contiguous.
            let removed = self.handle.directory.remove_segment(number).and_then(|()| self.handle.directory.sync());
            removed.map_err(|error| self.handle.stop(inner, error))?;
        }
        inner.index.update(&self.handle.directory, inner.reach.end.segment)?;
        self.handle.remove_superfluous_bases(inner)?;
        self.handle.directory.remove_spares(&inner.spares)
    }
}

impl Drop for FileLog {
    fn drop(&mut self) {
        // A child of `fork` only closes: what is to be synced is its parent's, and a mutex that a thread of its parent
        // held would never be released.
        if self.handle.lock.check_process().is_ok() && self.handle.inner().stopped.is_none() {
            // Nobody is left to report an error to: `close` does.
            let _ = self.finish();
        }
    }
}

/// The absolute form of a path, so that a later change of the working directory does not change its meaning.
fn absolute(path: &Path) -> Result<PathBuf> {
    std::path::absolute(path).map_err(|source| failed("resolve", path, &source))
}
