//! Keeping an index: checkpoints, verification, repair, backups, trims, exports, sizes.

use std::io::{BufRead, Write};
use std::path::Path;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use crate::edit::bug;
use crate::export::{export, import};
use crate::id::Revision;
use crate::model::{EngineError, Error, OpenError, Result};
use crate::persist::{backup, extent, horizon, put_base, verify};
use crate::store::{RowsPlace, bytes_below};
use crate::verify::{Disagreement, Repair, Rule};

use super::bulk_load::Loaded;
use super::handle::Index;
use super::past::check_reached;
use super::planned::Planned;
use super::shared::Shared;

/// For how long what reads the whole log begins again while other processes trim it.
const TRIMS: Duration = Duration::from_secs(10);

/// The size of an index, and how its checkpoint is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// The number of commits so far.
    pub revision: Revision,
    /// The oldest revision that the log can go back to: 0 before the first trim, then the revision of a trim.
    pub horizon: Revision,
    /// The number of known tasks, assigned or vacant.
    pub tasks: usize,
    /// The number of units.
    pub units: usize,
    /// The number of pairs of a task and a unit.
    pub pairs: u64,
    /// The revision of the checkpoint: 0 before the first one, in memory, and in a process that has never kept it.
    pub checkpoint: Revision,
    /// The time since it was written, if this handle has written it.
    pub checkpoint_age: Option<Duration>,
    /// Changes in the log after the checkpoint.
    pub changes_since_checkpoint: usize,
    /// What is wrong and does not prevent work: rows that were made again or can't be used, a checkpoint that failed.
    pub troubles: Vec<String>,
    /// Tasks that came out of key order. A bulk load or [`compact`](Index::compact) sorts them in.
    pub out_of_order: usize,
    /// Bytes on disk, of the log and of the checkpoint.
    pub bytes_on_disk: u64,
    /// Bytes of memory that the newest view takes, about.
    pub bytes_in_memory: usize,
}

/// Keeping.
impl Index {
    /// Writes a checkpoint and waits for it: brings the rows of both directions up to the newest revision, so that the
    /// next opening has no log to replay. Happens by itself in the background; see
    /// [`OpenOptions::checkpoint_after`](crate::OpenOptions::checkpoint_after). In memory there is nothing to write.
    /// Above 256 rows that changed all are written: about 0.2 s for a million tasks, in a thread of its own.
    ///
    /// One process at a time keeps the checkpoint, the owner. Another one becomes the owner by this call if there is none.
    ///
    /// # Errors
    /// [`LogError::Busy`](crate::LogError::Busy) with the id of the owner, if that is another process.
    /// [`Error::Engine`](crate::Error::Engine) when it fails, or makes no progress for 10 seconds. Commits go on.
    pub fn checkpoint(&self) -> Result<()> {
        self.shared().checkpoint()
    }

    /// Sorts the tasks that came out of key order in among the others, and forgets the keys of tasks that were removed before
    /// the [horizon](Index::horizon). Changes no answer, and takes no revision. Costs about 0.4 us per task that there is; [`Stats::out_of_order`] says when it pays: sets of such
    /// tasks take longer to list.
    ///
    /// ```
    /// use responsibility_index::Index;
    ///
    /// let index = Index::in_memory();
    /// index.assign("plan/2", ["Transport"])?;
    /// index.assign("plan/1", ["Transport"])?;
    /// index.compact()?;
    /// assert_eq!(index.stats()?.out_of_order, 0);
    /// # Ok::<(), responsibility_index::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`EngineError::ReadOnly`].
    pub fn compact(&self) -> Result<()> {
        self.shared().compact()
    }

    /// Compares all that is kept twice and lists every disagreement; a whole index has none. Reads the whole log, makes
    /// the newest state of it again, writes a checkpoint and compares each row of it. While another process keeps the
    /// checkpoint, its rows are left to that process. Costs about 1 µs per task, and some per commit in the log;
    /// commits and views go on.
    ///
    /// ```
    /// use responsibility_index::Index;
    ///
    /// let index = Index::in_memory();
    /// index.assign("plan/1", ["Transport"])?;
    /// assert_eq!(index.verify()?, []);
    /// # Ok::<(), responsibility_index::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Engine`](crate::Error::Engine) when the device fails while the log is read. Rows and entries that can't be read
    /// are findings, not errors.
    pub fn verify(&self) -> Result<Vec<Disagreement>> {
        self.shared().verify()
    }

    /// Writes the checkpoint again if [`verify`](Index::verify) finds anything wrong, and verifies again. Reports which
    /// findings are gone and which remain. It does not repair the log: use
    /// [`OpenOptions::repair`](crate::OpenOptions::repair).
    ///
    /// # Errors
    /// [`Error::Engine`](crate::Error::Engine).
    pub fn repair(&self) -> Result<Repair> {
        self.shared().repair()
    }

    /// Copies the index to a new directory while it is in use: its log up to the newest revision, with the past and all
    /// details. Returns the revision. Only a trim waits meanwhile. An index in memory can be saved this way. The first
    /// opening of the copy makes its rows, about 1 us per task.
    ///
    /// The directory has its name only when it is whole and durable. A process that is killed before leaves one whose
    /// name ends in `.unfinished`; remove it.
    ///
    /// # Errors
    /// [`OpenError::Exists`](crate::error::OpenError::Exists), [`Error::Log`](crate::Error::Log) when the log is damaged,
    /// and those of the system.
    pub fn backup(&self, path: impl AsRef<Path>) -> Result<Revision> {
        self.shared().backup(path.as_ref())
    }

    /// The oldest revision that the log can go back to: 0 before the first [trim](Index::trim), then the revision of a
    /// trim. Looks at the directory of the log: some microseconds.
    ///
    /// # Errors
    /// Those of the device.
    pub fn horizon(&self) -> Result<Revision> {
        self.shared().horizon()
    }

    /// Forgets the commits up to a revision, and the details that were replaced before it. The log then begins with the
    /// state at that revision. Space is freed in whole files of 64 MiB, so a small log does not shrink. A revision
    /// below that of an earlier trim does nothing. Costs the writing of that state, about 0.5 µs per task; commits go
    /// on meanwhile.
    ///
    /// The log grows with every commit, about 200 bytes each, and keeps details that were replaced: this is the way to
    /// shrink it. Views that are held go on, but may find their details removed.
    ///
    /// ```
    /// use responsibility_index::Index;
    ///
    /// let index = Index::in_memory();
    /// index.assign("plan/1", ["Transport"])?;
    /// index.assign("plan/1", ["Finance"])?;
    /// index.trim(2)?;
    /// assert_eq!(index.horizon()?, 2);
    /// assert_eq!(index.lead("plan/1").as_deref(), Some("Finance"));
    /// # Ok::<(), responsibility_index::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`InputError::NoSuchRevision`](crate::InputError::NoSuchRevision); [`LogError::Busy`](crate::LogError::Busy) while
    /// another process keeps the checkpoint: trim there; [`Error::Log`](crate::Error::Log) when the log is damaged, and
    /// those of the device. Nothing is removed before the new beginning is durable.
    pub fn trim(&self, up_to: Revision) -> Result<()> {
        self.shared().trim(up_to)
    }

    /// Writes the newest view as JSON Lines, sorted, one fact per line, and returns its revision; see
    /// [`export`](crate::export) for the format. The past is not included. Costs about 0.5 µs per task, and the reading
    /// of details: those that are neighbours in the log are read in one pass. Commits go on meanwhile.
    ///
    /// ```
    /// use responsibility_index::Index;
    ///
    /// let index = Index::in_memory();
    /// index.assign("plan/1", ["Transport", "Finance"])?;
    /// let mut lines = Vec::new();
    /// index.export_jsonl(&mut lines)?;
    ///
    /// let other = Index::in_memory();
    /// other.import_jsonl(lines.as_slice())?;
    /// assert_eq!(other.view().assignment("plan/1"), index.view().assignment("plan/1"));
    /// # Ok::<(), responsibility_index::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io) when it can't be written, [`Error::Engine`](crate::Error::Engine) when details can't be
    /// read, [`Error::Corrupt`](crate::Error::Corrupt) and [`Error::Log`](crate::Error::Log) when they are damaged.
    pub fn export_jsonl(&self, mut out: impl Write) -> Result<Revision> {
        let view = self.view();
        export(&view, &mut out)?;
        Ok(view.revision())
    }

    /// Loads what [`export_jsonl`](Index::export_jsonl) wrote, in one commit, all or none. A task with the same key is
    /// replaced, with its details; a unit with the same name gets the kind of the line. Everything else in the index stays.
    /// Tasks may name units that have ended, as they did when they were exported. Costs about 1 µs per task; other commits
    /// wait for a part of that, as with a [bulk load](Index::bulk_load).
    ///
    /// # Errors
    /// [`InputError::BadLine`](crate::InputError::BadLine) for the first line that can't be used,
    /// [`Error::Io`](crate::Error::Io) when the lines can't be read, and those of [`BulkLoad::commit`](crate::BulkLoad::commit).
    pub fn import_jsonl(&self, mut lines: impl BufRead) -> Result<Loaded> {
        let mut load = self.bulk_load();
        import(&mut lines, &mut |fact| load.add_fact(fact))?;
        load.commit()
    }

    /// Makes all commits so far durable, where the index was opened with [`Durability::Lazy`](crate::Durability::Lazy).
    /// Costs one sync of the device.
    ///
    /// # Errors
    /// [`Error::Engine`](crate::Error::Engine). It is then unknown which commits are durable, and nothing more is written
    /// until the index is opened again.
    pub fn flush(&self) -> Result<()> {
        self.shared().flush()
    }

    /// The size of the index, on disk and in memory. Walks all records, and the files of the directory.
    ///
    /// # Errors
    /// Those of the device, when the size on disk can't be told.
    pub fn stats(&self) -> Result<Stats> {
        self.shared().stats()
    }
}

impl Shared {
    pub(super) fn checkpoint(&self) -> Result<()> {
        self.check_writable()?;
        match &self.checkpointer {
            Some(checkpointer) => checkpointer.checkpoint(),
            None if self.directory.is_none() => Ok(()),
            None => {
                let why = format!("the rows can't be used: {}", self.troubles.join("; "));
                Err(EngineError::Failed { doing: "write a checkpoint", why }.into())
            }
        }
    }

    pub(super) fn compact(&self) -> Result<()> {
        self.check_writable()?;
        let horizon = self.horizon()?;
        let _leader = self.lead();
        self.append_and_publish(Instant::now(), |view, head| {
            let (state, touched) = view.state().compacted(horizon).map_err(bug)?;
            Ok(Planned::none(view.with(state), head, touched))
        })
        .map(drop)
    }

    pub(super) fn verify(&self) -> Result<Vec<Disagreement>> {
        self.check_process()?;
        let mut found = {
            let _kept = self.past.read().unwrap_or_else(PoisonError::into_inner);
            self.verify_log()?
        };
        match &self.checkpointer {
            Some(checkpointer) => match checkpointer.compare() {
                Ok(rows) => found.extend(rows),
                Err(why) => found.push(rows_finding(why)),
            },
            // A reader has no rows, and an index in memory has none.
            None if self.settings.read_only || self.directory.is_none() => {}
            None => found.extend(self.troubles.iter().map(rows_finding)),
        }
        Ok(found)
    }

    /// Compares the newest view with the log.
    fn verify_log(&self) -> Result<Vec<Disagreement>> {
        let read = || {
            // The view may be older than a trim.
            let view = if self.view().revision() < self.horizon()? { self.fresh_view()? } else { self.view() };
            verify(&*self.log, &view)
        };
        self.read_whole(read, |found| found.as_ref().is_ok_and(Vec::is_empty))
    }

    pub(super) fn repair(&self) -> Result<Repair> {
        self.check_writable()?;
        let found = self.verify()?;
        self.repaired(Vec::new(), found)
    }

    /// Writes the rows again if any of them is wrong; reports what was found and what is left.
    pub(super) fn repaired(&self, troubles: Vec<String>, found: Vec<Disagreement>) -> Result<Repair> {
        let mut found: Vec<Disagreement> = troubles.iter().map(rows_finding).chain(found).collect();
        if let Some(checkpointer) = self.checkpointer.as_ref().filter(|_| !found.is_empty()) {
            checkpointer.write_again()?;
        }
        let lost = if found.is_empty() { Vec::new() } else { self.verify()? };
        found.retain(|finding| !lost.contains(finding));
        log::info!("an index was repaired: {} findings mended, {} left", found.len(), lost.len());
        Ok(Repair { restored: found, lost })
    }

    pub(super) fn backup(&self, path: &Path) -> Result<Revision> {
        self.check_process()?;
        let _kept = self.past.read().unwrap_or_else(PoisonError::into_inner);
        let revision = self.copy_log(path)?;
        // The copy may have a commit that is written and not yet published: whoever leads publishes it.
        drop(self.lead());
        Ok(revision)
    }

    /// Copies the log.
    fn copy_log(&self, path: &Path) -> Result<Revision> {
        let ends = |copied: &Result<_>| matches!(copied, Ok(_) | Err(Error::Open(OpenError::Exists { .. })));
        self.read_whole(|| backup(&*self.log, path), ends)
    }

    /// Reads the whole log: again from the newer beginning when another process has trimmed it meanwhile and the result is not
    /// one that stays.
    fn read_whole<T>(&self, read: impl Fn() -> Result<T>, stays: impl Fn(&Result<T>) -> bool) -> Result<T> {
        let start = Instant::now();
        loop {
            let before = extent(&*self.log)?;
            let result = read();
            if stays(&result) || extent(&*self.log)? == before || start.elapsed() > TRIMS {
                return result;
            }
        }
    }

    pub(super) fn horizon(&self) -> Result<Revision> {
        horizon(&*self.log)
    }

    pub(super) fn trim(&self, up_to: Revision) -> Result<()> {
        self.check_writable()?;
        check_reached(&self.view(), up_to)?;
        // Another trim may be further, and would remove what this one reads and writes.
        let _trims = self.past.write().unwrap_or_else(PoisonError::into_inner);
        if up_to <= self.horizon()? {
            return Ok(());
        }
        let _rows = self.lock_rows()?;
        // Another process may have trimmed further before it released the rows.
        if up_to <= self.horizon()? {
            return Ok(());
        }
        put_base(&*self.log, up_to)?;
        self.log.trim(up_to)
    }

    /// For what only one process may do at a time: the lock of the rows, unless this handle has it.
    fn lock_rows(&self) -> Result<Option<RowsPlace>> {
        let Some(directory) = self.directory.as_ref().filter(|_| !self.is_owner()) else { return Ok(None) };
        if let Some(place) = directory.lock_rows()? {
            return Ok(Some(place));
        }
        // This handle may be about to become the owner.
        if let Some(checkpointer) = &self.checkpointer {
            checkpointer.wait_for_take_over();
        }
        if self.is_owner() {
            return Ok(None);
        }
        directory.lock_rows()?.map(Some).ok_or_else(|| directory.rows_lock().busy().into())
    }

    /// Whether this handle keeps the checkpoint.
    pub(super) fn is_owner(&self) -> bool {
        self.checkpointer.as_ref().is_some_and(|checkpointer| checkpointer.report().is_owner)
    }

    pub(super) fn stats(&self) -> Result<Stats> {
        let view = self.view();
        let state = view.state();
        // Without rows there is nothing to report.
        let report = self.checkpointer.as_ref().map(|checkpointer| checkpointer.report()).unwrap_or_default();
        let bytes_on_disk = match &self.directory {
            Some(directory) => bytes_below(directory.path())?,
            None => 0,
        };
        Ok(Stats {
            revision: state.revision,
            horizon: self.horizon()?,
            tasks: state.tasks.known(),
            units: state.units.len(),
            pairs: state.units.pairs(),
            checkpoint: report.checkpoint,
            checkpoint_age: report.written.map(|written| written.elapsed()),
            changes_since_checkpoint: self.checkpointer.as_ref().map_or(0, |checkpointer| checkpointer.changes()),
            troubles: self.troubles.iter().cloned().chain(report.made_again).chain(report.trouble).collect(),
            out_of_order: state.tasks.out_of_order(),
            bytes_on_disk,
            bytes_in_memory: state.tasks.bytes() + state.units.bytes(),
        })
    }
}

fn rows_finding(what: impl ToString) -> Disagreement {
    Disagreement { rule: Rule::RowsAreReadable, key: "rows".to_owned(), what: what.to_string() }
}
