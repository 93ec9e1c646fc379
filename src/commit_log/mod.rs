//! The log of commits: the sequence of entries that everything else is derived from. It knows nothing of what is in an
//! entry.
//!
//! [`CommitLog`] has the promises. [`FileLog`] keeps them in files, for several handles and processes; [`MemoryLog`]
//! without files; `EtcdLog` on etcd, for several machines; [`Adversary`] does its worst within them, for tests. One list of tests runs the promises against each.
//!
//! Terms: an *entry* is one commit. It is stored as *pieces* of at most 1 MiB, each in a *frame* with a checksum. A *segment*
//! is a file of frames. A *base* is the full state after some entry, also stored as pieces. The *mark* is the position up to
//! which the log is known to be durable. A *torn tail* is an append that did not finish. Each piece has a *tag*; tags never
//! decrease from one piece to the next. Entries are found by revision, pieces by tag. Only the calls for whole entries hold
//! more than one piece in memory.
//!
//! # The protocol of a log in files
//!
//! *Input*: appends, syncs, bases and trims of any number of handles in any number of processes of one machine, each of
//! which may be killed at any instruction; power failures, which keep any subset of the sectors that were written and
//! not synced; syncs that fail and lose what they were to write; damage. A sector is taken to be written whole or not at
//! all, and to spare its neighbours. *Output*: one sequence of entries, the same for every handle.
//!
//! Files: `id` (log id and where the log begins), `lock` (append lock, last writer), `durable` (mark), `segment-…` (frames), `base-…`
//! (bases), `spare-…` (files that wait for a name).
//!
//! *Invariants*
//! 1. An append exists when its last frame is whole in its place; before that, nothing of it does.
//! 2. The log ends where the last whole append ends, never where a file ends. Each frame chains to the one before by
//!    revision, number and the id of the entry before; ids are random, so no other bytes chain by chance.
//! 3. The mark is never ahead of what is on disk.
//! 4. Bytes at or below the mark never change, and no reader or opening changes any.
//!
//! *Append*: (1) take the lock; (2) check by id that the newest entry that this handle knows is still there; (3) read the
//! entries of other handles, and refuse the append if the caller did not know them; (4) if the lock file names another
//! handle as the last writer, write the number of this one; (5) cut a torn tail and sync the cut, since otherwise old bytes
//! could return and follow new ones; (6) write the frames; (7) release the lock. While the lock file has the number of this
//! handle, no other handle has added or removed a segment, so the directory need not be listed. Nothing else is synced but
//! the name of a new segment, whose file was prepared and synced before the lock was taken. Emptied segments are kept:
//! removing and creating a name could be reordered.
//!
//! *Sync*: (1) if a segment was opened and not created by this handle, take the lock and write the entries after the
//! mark, and the header, again: a sync that failed through another descriptor may have left them clean in memory and
//! not on disk, and no later sync would tell; (2) note the newest entry as target; (3) sync each segment from the mark's
//! to the target's, without any lock, so that others append meanwhile; and once the directory, if the target is in a
//! segment whose name this handle has not synced; (4) take the lock, and if the target is still there by id, move the
//! mark. Who waited is answered after that. A sync that fails stops the handle for good: what it wrote may be gone.
//!
//! *Damage or torn tail*: the bytes after the last complete append are damage if the next revision is known to have been
//! durable. The mark, a base, the caller's checkpoint or a later frame can tell: each frame has the revision that was
//! durable when it was written. Damage is reported and never cut. Otherwise the bytes are a torn tail, which nobody was
//! told of.
//!
//! *Opening* starts at the entry of the caller's checkpoint, if its position is given, else at the beginning. If that frame
//! is damaged but the next frame refers to its id, or there is no next frame, the opening succeeds and reports the damage.
//! If nothing is in its place, all frames are read, to tell how much was lost. Frames before it are read by scans, by
//! `check` and by a salvage.
//!
//! *Not detectable*: rot of entries that the newest sync made durable, or of the header of their segment, in the same
//! power failure that loses the mark: later frames, which would tell, are not there. The whole directory put back to an
//! older copy.
//!
//! # Why not an existing crate
//!
//! The promises that decide: several processes append to one log; an append says whether others were first; the log can
//! begin with a base and is enough by itself; it is known how far the log was durable, so a loss is told from a torn
//! tail; and no `unsafe` of ours. These are what docs.rs and the registry had in November 2026.
//!
//! - `raft-engine` 0.4.2 (of TiKV) is the most used. One process locks the directory and holds an index of all entries
//!   in memory; its garbage collection rewrites files. It brings protobuf and LZ4.
//! - `okaywal` 0.3.1 forbids `unsafe` and commits in groups. Checkpoints empty its log, so it is not a history, and one
//!   process owns it. Its own front page says not to use it in production.
//! - `commitlog` 0.2.0 has segments and an index, for one process. It has no append that compares, and no record of how
//!   far it was durable.
//! - `wal-db` 1.1.0 is a log for the storage engine of one process, with segments and group commit. Opening it truncates
//!   everything from the first damaged record on. `chunked-wal` 0.2.3 (used by `raft-log`) locks its directory for one
//!   process.
//! - `simple_wal` 0.3.0 is one file with a lock for one process; opening it cleans interrupted writes. `wal` 0.1.0 is
//!   empty.
//!
//! By their documentation none of them records how far it was durable, so none tells damage of durable entries from a
//! torn tail; `raft-engine` lets its caller choose which of the two to assume. Each would need the mark, the append
//! lock, the chain of ids and the bases around it, and its own recovery taken out.

#[cfg(any(test, feature = "testing"))]
mod adversary;
mod append;
mod base;
mod copy;
mod directory;
mod end;
mod entry;
#[cfg(feature = "etcd")]
mod etcd;
mod file_log;
mod files;
mod frame;
#[cfg(any(test, feature = "testing"))]
pub(crate) mod fuzz;
mod handle;
mod index;
mod lock;
mod mark;
mod memory_log;
mod opening;
mod original;
mod reach;
mod salvage;
mod scan;
mod segment;
#[cfg(feature = "etcd")]
mod skip;
mod sync;
#[cfg(test)]
mod tests;
mod walk;
mod watch;
mod window;

use std::time::{Duration, Instant};

use crate::id::Revision;
use crate::model::{LogError, Result};

#[cfg(any(test, feature = "testing"))]
pub(crate) use self::adversary::Adversary;
#[cfg(feature = "testing")]
pub(crate) use self::adversary::Call;
#[cfg(any(test, feature = "testing"))]
pub use self::adversary::Misfortune;
pub(crate) use self::copy::copy;
#[cfg(test)]
pub(crate) use self::entry::Piece;
pub(crate) use self::entry::{
    Appended, Base, EachBasePiece, EachPiece, Entry, EntryId, Head, MAX_PIECE, Payload, PieceOf, Position, Tail,
};
#[cfg(feature = "etcd")]
pub use self::etcd::Etcd;
#[cfg(feature = "etcd")]
pub(crate) use self::etcd::SharedLog;
#[cfg(any(test, feature = "testing"))]
pub(crate) use self::file_log::TEST_SEGMENT_BYTES;
pub(crate) use self::file_log::{FileLog, FileLogOptions};
pub(crate) use self::handle::Access;
pub(crate) use self::memory_log::MemoryLog;
pub(crate) use self::original::Original;
#[cfg(test)]
pub(crate) use self::salvage::SalvagedBase;
pub(crate) use self::salvage::{SalvagedPiece, salvage, salvage_base, salvaged_bases, salvaged_mark};

/// For how long a synced handle sees entries that are not durable before it syncs them itself: their writer, if it
/// lives, has mostly done so by then.
const HELP_AFTER: Duration = Duration::from_millis(10);
/// The most payload that a wait, or an append that is behind, returns: whoever wants more reads again.
const READ_BYTES: usize = 1 << 20;

/// A sequence of entries with contiguous revisions, to which several handles append.
///
/// A handle *shows* entries: those that its answers contain. Which these are is said by each implementation; a handle
/// never takes back what it has shown, unless it says so by [`LogError::Forked`](crate::model::LogError::Forked).
///
/// A call that fails has changed nothing, unless the error is
/// [`EngineError::Unknown`](crate::model::EngineError::Unknown). After that error the handle may refuse further writes;
/// reads go on.
pub(crate) trait CommitLog: Send + Sync {
    /// Appends entries, all or none, if `from` is the newest revision of the log and the first entry follows the entry
    /// of that revision by its id. Otherwise returns the entries after `from`, which may be fewer than there are.
    ///
    /// Done does not mean durable: that is what [`sync`](CommitLog::sync) is for. Nor does it mean shown: a handle that
    /// shows only what is durable shows the entries after a sync. Do not assume that `Behind` comes with entries: those
    /// of another writer may not be shown yet, or may be trimmed already; read again then. Each attempt needs entries with
    /// new ids.
    ///
    /// # Errors
    /// `Forked`: the log has another entry with revision `from`. `Failed`: nothing was written. `Unknown`: look for the
    /// ids of the entries. `Bug`: the entries are not a chain after `from`.
    fn append(&self, from: Revision, entries: &[Entry]) -> Result<Appended>;

    /// The entries after a revision that this handle shows: at least one if there is any, and then as many as have
    /// `most_bytes` of payload together.
    ///
    /// Do not assume that all entries are in the answer: compare with its head. What other handles append may be shown
    /// late; what this handle has appended and synced is shown.
    ///
    /// # Errors
    /// `Trimmed`: begin with a base. `Damaged`.
    fn read(&self, after: Revision, most_bytes: usize) -> Result<Tail>;

    /// Hands out each piece of the entries after a revision that this handle shows at the time of the call, in order, and
    /// returns the newest entry that it shows. No entry is held in memory, and no lock while `each` runs: it may take its
    /// time, and call this log.
    ///
    /// Pieces that were handed out before an error are what was written.
    ///
    /// # Errors
    /// Those of [`read`](CommitLog::read), and those of `each`.
    fn scan(&self, after: Revision, each: &mut EachPiece<'_>) -> Result<Head>;

    /// The same, from the first piece on whose tag is above `tag`. That may be inside an entry.
    ///
    /// # Errors
    /// `TagTrimmed`: pieces whose tag is above `tag` were removed by a trim, so look into a base. `Damaged`, and the errors
    /// of `each`.
    fn scan_tag(&self, tag: u64, each: &mut EachPiece<'_>) -> Result<()>;

    /// Waits until there is an entry after `after`, or so long. Returns the newest entry that this handle shows.
    ///
    /// The answer is a hint. It may come early, with nothing new, late, or repeat one that was given before. Ends early
    /// when the log is closed.
    ///
    /// # Errors
    /// Those of [`end`](CommitLog::end).
    fn wait(&self, after: Revision, patience: Duration) -> Result<Head>;

    /// The newest entry that this handle shows, and where it ends.
    ///
    /// # Errors
    /// `Damaged`, and those of the device.
    fn end(&self) -> Result<(Head, Position)>;

    /// The revision after which all entries are there.
    fn oldest(&self) -> Revision;

    /// Reads everything that can be read, and returns every defect.
    ///
    /// # Errors
    /// Those of the device. A file that can't be read is a defect.
    fn check(&self) -> Result<Vec<LogError>>;

    /// Makes everything durable and writes nothing more; reads go on.
    ///
    /// # Errors
    /// Those of [`sync`](CommitLog::sync).
    fn close(&self) -> Result<()>;

    /// Makes every entry durable that this handle has appended, or seen, before the call. Returns the newest durable
    /// revision: that of another handle may be newer.
    ///
    /// # Errors
    /// `Unknown`: it is not known which entries are durable, and the handle may stop.
    fn sync(&self) -> Result<Revision>;

    /// The revisions of all bases, oldest first.
    ///
    /// # Errors
    /// Those of the device.
    fn bases(&self) -> Result<Vec<Revision>>;

    /// Reads a base.
    ///
    /// # Errors
    /// `Damaged`.
    fn read_base(&self, revision: Revision) -> Result<Base>;

    /// Hands out each piece of a base, one at a time, and returns the entry that the base follows, and its tag.
    ///
    /// # Errors
    /// `Damaged`, after the pieces before the damage. Those of `each`.
    fn scan_base(&self, revision: Revision, each: &mut EachBasePiece<'_>) -> Result<(Head, u64)>;

    /// The same, from the first piece on whose tag is above `tag`. Those before it are passed without reading them.
    ///
    /// # Errors
    /// Those of [`scan_base`](CommitLog::scan_base).
    fn scan_base_tag(&self, revision: Revision, tag: u64, each: &mut EachBasePiece<'_>) -> Result<(Head, u64)>;

    /// Adds a base after an entry that is in the log, durable when this returns. It removes no entries. Kept are the base
    /// with which the log begins and the newest; those between are removed.
    ///
    /// # Errors
    /// `Forked`: the entry of that revision is another one. `Bug`: there is no such entry.
    fn put_base(&self, base: &Base) -> Result<()>;

    /// Allows the log to forget entries up to and with a revision, which must be at or below a base.
    ///
    /// Do not assume that they are gone: a log in files removes whole segments. Handles may go on reading what they have
    /// open.
    ///
    /// # Errors
    /// `NoBase`: put a base first.
    fn trim(&self, up_to: Revision) -> Result<()>;

    /// Shows all entries that were acknowledged before the call, by whatever handle, and returns the newest.
    ///
    /// # Errors
    /// Those of [`end`](CommitLog::end). Of a shared log: `Unreachable`, `Denied`, and others of the servers; `Forked`, `Lost`,
    /// `Trimmed`: the copy here does not fit any more.
    fn newest(&self) -> Result<Head> {
        self.end().map(|(head, _)| head)
    }

    /// Makes the files of this machine durable up to what is shown, so that what is derived from them is not ahead of them.
    ///
    /// # Errors
    /// Those of [`sync`](CommitLog::sync).
    fn sync_files(&self) -> Result<()> {
        self.sync().map(drop)
    }

    /// The same as [`append`](CommitLog::append) for a caller that has waited for so long already, of the
    /// [`patience`](CommitLog::patience) of the log.
    ///
    /// # Errors
    /// Those of [`append`](CommitLog::append).
    fn append_after(&self, _waited: Duration, from: Revision, entries: &[Entry]) -> Result<Appended> {
        self.append(from, entries)
    }

    /// For how long an append tries to reach the servers of a shared log; zero for a log that has none.
    fn patience(&self) -> Duration {
        Duration::ZERO
    }

    /// Whether the servers of a shared log keep more than they should, as far as this handle knows: then somebody should call
    /// [`renew_base`](CommitLog::renew_base).
    fn is_base_due(&self) -> bool {
        false
    }

    /// Replaces the beginning of a shared log by a base, which `make` makes, on the servers alone: what machines have stays.
    /// Returns false without a base if it is not due, or another machine does so.
    ///
    /// # Errors
    /// Those of `make` and of the servers; `Busy` if another machine has taken over meanwhile.
    fn renew_base(&self, _make: &mut dyn FnMut() -> Result<Base>) -> Result<bool> {
        Ok(false)
    }

    /// Whether several machines share the log, of which this one has a copy. Such a log makes an append durable before it is
    /// `Done`, and goes on after `Unknown`: whoever appends next settles how that append ended, and the next append of
    /// this handle meets it.
    fn is_shared(&self) -> bool {
        false
    }

    /// Since when it is not known whether a shared log has newer entries; `None` if its servers were never heard, and for a
    /// log that is not shared.
    fn heard(&self) -> Option<Instant> {
        None
    }
}
