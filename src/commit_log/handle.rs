//! The steps of one handle on a log in files: catching up, appending, syncing, reading. The protocol is in the header of
//! the module.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::HELP_AFTER;
use super::append::{self, Sizes, Unwritten};
use super::base;
use super::directory::{Directory, Spare};
use super::entry::{Entry, Head, Position};
use super::files::failed;
use super::index::Index;
use super::lock::AppendLock;
use super::mark::{Mark, MarkFile};
use super::opening::DURABLE;
use super::reach::{Reach, Stop};
use super::segment::SegmentHeader;
use super::sync::{Rewritten, Target};
use super::walk::read_header;
use crate::id::Revision;
use crate::model::{EngineError, Error, LogError, Result};

/// Zeroes are written so far ahead of the end of the log that a sync has no new length to record: 1 MiB is about 7,000
/// small commits, of which one waits a millisecond longer.
const ZEROES: usize = 1 << 20;

/// What a handle may do, and what it shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Appends, and shows only what is durable.
    Synced,
    /// Appends, and shows all that is written.
    Lazy,
    /// Appends nothing, and shows only what is durable.
    ReadOnly,
}

/// One handle: its files, and how far it has read.
pub(super) struct Handle {
    pub(super) directory: Directory,
    pub(super) lock: AppendLock,
    pub(super) marks: MarkFile,
    pub(super) access: Access,
    pub(super) sizes: Sizes,
    /// Held from the beginning of a sync until its end, or its failure, is known. Taken before the others.
    syncing: Mutex<()>,
    /// Taken before the append lock. Not held during a sync, but of a file that is prepared to become a segment.
    inner: Mutex<Inner>,
}

pub(super) struct Inner {
    pub(super) reach: Reach,
    pub(super) index: Index,
    /// As last read or written.
    pub(super) mark: Option<Mark>,
    pub(super) begin: Head,
    /// The tag of the last piece before that of the first entry.
    pub(super) begin_tag: u64,
    pub(super) base: Option<Head>,
    /// Whether nothing but zeroes follows the end of the log, as far as this handle is concerned.
    pub(super) clean: bool,
    /// Up to where zeroes were written ahead.
    pub(super) zeroed: u64,
    pub(super) spares: Vec<Spare>,
    /// The newest segment whose name this handle has made durable.
    pub(super) named: u64,
    /// Since when an entry of this revision, or a newer one, has been seen that is not durable.
    pub(super) waiting: Option<(Instant, Revision)>,
    /// Why nothing more is written through this handle.
    pub(super) stopped: Option<String>,
}

impl Handle {
    pub(super) fn new(
        (directory, lock, marks): (Directory, AppendLock, MarkFile),
        access: Access,
        sizes: Sizes,
        inner: Inner,
    ) -> Handle {
        Handle { directory, lock, marks, access, sizes, syncing: Mutex::default(), inner: Mutex::new(inner) }
    }

    pub(super) fn sync_mark(&self) -> Result<()> {
        let path = self.directory.join(DURABLE);
        self.marks.sync().map_err(|source| self.stop(&mut self.inner(), failed("sync", &path, &source)))
    }

    pub(super) fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Refuses to write through a handle that has stopped or may not write.
    pub(super) fn check_writable(&self, inner: &Inner) -> Result<()> {
        if self.access == Access::ReadOnly {
            return Err(EngineError::ReadOnly.into());
        }
        match &inner.stopped {
            Some(why) => Err(EngineError::Stopped { why: why.clone() }.into()),
            None => Ok(()),
        }
    }

    /// Stops all writing through this handle, for good. Returns the error for the caller.
    pub(super) fn stop(&self, inner: &mut Inner, error: Error) -> Error {
        inner.stopped.get_or_insert_with(|| error.to_string());
        error
    }

    /// Stops the handle: its newest entry is not in the log any more.
    fn forked(&self, inner: &mut Inner) -> Error {
        let revision = inner.reach.head.revision;
        self.stop(inner, LogError::Forked { revision }.into())
    }

    /// The same after a failed sync: what was written may or may not be durable.
    fn stop_unknown(&self, inner: &mut Inner, error: &Error) -> Error {
        let revision = inner.reach.head.revision;
        self.stop(inner, EngineError::Unknown { revision, id: None, why: error.to_string() }.into())
    }

    /// Reads what other handles have appended. Does not need the append lock: an append is seen when it is whole.
    /// Returns whether anything is right after the end of the log.
    pub(super) fn catch_up(&self, inner: &mut Inner) -> Result<bool> {
        let before = inner.reach.end;
        let mut stop = self.advance(inner)?;
        // A trim removes the oldest segment first. So if the one in which the walk ended is there, none after it was
        // removed, and the walk did not end too early.
        while self.directory.is_removed(inner.reach.end.segment.max(1))? && self.pass_trim(inner)? {
            stop = self.advance(inner)?;
        }
        if inner.reach.end.segment != before.segment {
            inner.zeroed = 0;
        }
        Ok(stop.is_torn(&inner.reach))
    }

    fn advance(&self, inner: &mut Inner) -> Result<Stop> {
        let Inner { reach, index, .. } = inner;
        reach.advance(&self.directory, &mut |seen| {
            if seen.spot.place.segment > index.last() {
                index.update(&self.directory, seen.spot.place.segment)?;
            }
            index.note(seen.spot);
            Ok(())
        })
    }

    /// Goes on at the first segment, if another handle has trimmed all that this one knew. The entries that this one
    /// knew must be those that were removed: the file is still open. Returns whether there is such a segment.
    fn pass_trim(&self, inner: &mut Inner) -> Result<bool> {
        let Some(first) = self.directory.numbers()?.first().copied() else { return Ok(false) };
        let Some(segment) = self.directory.segment(first)? else { return Ok(false) };
        let Some(header) = read_header(&segment)? else { return Ok(false) };
        if !inner.reach.still_stands(&self.directory)? {
            return Err(self.forked(inner));
        }
        inner.reach = Reach::beginning_of(&header);
        inner.index.update(&self.directory, first)?;
        Ok(true)
    }

    /// The same for the holder of the append lock, who then knows that its own entries are still in the log. `alone`:
    /// nobody else has added or removed anything since this handle did, so no segment has begun or gone.
    pub(super) fn catch_up_held(&self, inner: &mut Inner, alone: bool) -> Result<bool> {
        if alone && inner.reach.is_last(&self.directory)? {
            return Ok(false);
        }
        if !inner.reach.still_stands(&self.directory)? {
            return Err(self.forked(inner));
        }
        self.catch_up(inner)
    }

    /// Removes what follows the end of the log, unless it is damage.
    pub(super) fn cut(&self, inner: &mut Inner) -> Result<()> {
        if !inner.reach.has_torn_tail(&self.directory)? {
            return Ok(());
        }
        let mark = self.read_mark(inner)?;
        let stop = inner.reach.advance(&self.directory, &mut |_| Ok(()))?;
        inner.reach.refuse_damage(&self.directory, &stop, durable_head(mark, inner).revision)?;
        inner.zeroed = 0;
        append::cut(&self.directory, inner.reach.end).map_err(|error| self.stop(inner, error))
    }

    /// The newest mark that was ever seen: a mark that is damaged meanwhile takes nothing back.
    fn read_mark(&self, inner: &Inner) -> Result<Option<Mark>> {
        let mark = self.marks.read().map_err(|source| failed("read", &self.directory.join(DURABLE), &source))?;
        Ok(Mark::newer(mark, inner.mark))
    }

    /// Reads on, and returns the newest entry that this handle shows, and whether a sync is due.
    pub(super) fn refresh(&self, inner: &mut Inner) -> Result<(Head, bool)> {
        if self.access == Access::Lazy {
            self.catch_up(inner)?;
            return Ok((inner.reach.head, false));
        }
        // The mark first: then the entries up to it are there.
        inner.mark = self.read_mark(inner)?;
        self.catch_up(inner)?;
        let shown = durable_head(inner.mark, inner);
        if inner.reach.head.revision <= shown.revision {
            inner.waiting = None;
            return Ok((shown, false));
        }
        let seen = inner.waiting.filter(|(_, revision)| *revision > shown.revision);
        let (since, _) = *inner.waiting.insert(seen.unwrap_or_else(|| (Instant::now(), inner.reach.head.revision)));
        let may_sync = self.access == Access::Synced && inner.stopped.is_none();
        Ok((shown, may_sync && since.elapsed() >= HELP_AFTER))
    }

    /// The newest entry that this handle shows, after a sync if one is due, and whether one was.
    pub(super) fn shown(&self) -> Result<(MutexGuard<'_, Inner>, Head, bool)> {
        let mut inner = self.inner();
        let (mut head, due) = self.refresh(&mut inner)?;
        if due {
            drop(inner);
            self.sync()?;
            inner = self.inner();
            head = self.refresh(&mut inner)?.0;
        }
        Ok((inner, head, due))
    }

    /// The newest entry that is shown, and where it ends.
    pub(super) fn end(&self) -> Result<(Head, Position)> {
        let mut guard = self.inner();
        let inner = &mut *guard;
        let (shown, _) = self.refresh(inner)?;
        // Before an entry is shown that was read, the position is not needed and not known.
        let position = if shown == inner.reach.head { inner.reach.position() } else { Position::default() };
        Ok((shown, position))
    }

    /// Prepares spares without the append lock, since that syncs them.
    pub(super) fn prepare(&self, inner: &mut Inner, spares: usize) -> Result<()> {
        while inner.spares.len() < spares {
            let spare = self.directory.prepare_spare()?;
            inner.spares.push(spare);
        }
        Ok(())
    }

    /// Appends, if `from` is the end of the log. `None` if other entries follow it.
    pub(super) fn try_append(&self, from: Revision, entries: &[Entry]) -> Result<Option<Position>> {
        let mut guard = self.inner();
        let inner = &mut *guard;
        let mut spares = self.sizes.new_segments(inner.reach.end, entries);
        loop {
            self.check_writable(inner)?;
            self.prepare(inner, spares)?;
            let held = self.lock.take()?;
            let alone = held.is_last_writer()?;
            let torn = self.catch_up_held(inner, alone)?;
            if !inner.reach.takes(from, entries)? {
                return Ok(None);
            }
            if !alone {
                held.will_write()?;
            }
            if torn || !inner.clean {
                self.cut(inner)?;
                inner.clean = true;
            }
            spares = self.sizes.new_segments(inner.reach.end, entries);
            if inner.spares.len() < spares {
                continue;
            }
            match self.write(inner, entries) {
                Ok(()) => return Ok(Some(inner.reach.position())),
                // Another handle has removed a spare.
                Err(Unwritten::NoSpare) => self.undo(inner)?,
                Err(Unwritten::Failed(error)) => {
                    self.undo(inner)?;
                    return Err(error);
                }
                Err(Unwritten::Unsynced(error)) => {
                    self.undo(inner)?;
                    return Err(self.stop(inner, error));
                }
            }
        }
    }

    fn write(&self, inner: &mut Inner, entries: &[Entry]) -> Result<(), Unwritten> {
        let durable = durable_head(inner.mark, inner).revision;
        let Inner { reach, index, spares, .. } = inner;
        let before = reach.end.segment;
        *reach = append::write(&self.directory, reach, index, entries, durable, self.sizes, spares)?;
        if reach.end.segment != before {
            inner.zeroed = 0;
        }
        match self.access {
            Access::Synced if inner.reach.end.offset > inner.zeroed => self.write_zeroes(inner),
            // A sync looks for it after it has synced.
            Access::Lazy => {
                let segment = self.directory.segment(inner.reach.end.segment)?;
                segment.map_or(Ok(()), |segment| segment.refuse_removed()).map_err(Unwritten::Unsynced)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Writes zeroes after the end of the log. They only make the next syncs quicker, so a failure is none of the append;
    /// the sync that follows covers them.
    fn write_zeroes(&self, inner: &mut Inner) {
        let end = inner.reach.end;
        let length = (self.sizes.segment.saturating_sub(end.offset) as usize).min(ZEROES);
        if let Ok(Some(segment)) = self.directory.segment(end.segment)
            && segment.file.write_at(&vec![0; length], end.offset).is_ok()
        {
            inner.zeroed = end.offset + length as u64;
        }
    }

    /// Removes what a failed append has written. Where that fails, the handle stops; and if the last frame of the append
    /// is there, its outcome is unknown.
    fn undo(&self, inner: &mut Inner) -> Result<()> {
        (inner.clean, inner.zeroed) = (false, 0);
        inner.index.cut(inner.reach.end);
        let Err(error) = append::cut(&self.directory, inner.reach.end) else { return Ok(()) };
        let before = inner.reach.head;
        if self.catch_up(inner).is_ok() && inner.reach.head == before {
            self.stop(inner, error);
            return Ok(());
        }
        Err(self.stop_unknown(inner, &error))
    }

    /// The first half of a sync: what is to be synced, and the files.
    fn begin_sync(&self) -> Result<Option<Target>> {
        let mut guard = self.inner();
        let inner = &mut *guard;
        self.check_writable(inner)?;
        inner.mark = self.read_mark(inner)?;
        let from = inner.mark.map(|mark| mark.end);
        if inner.reach.head.revision <= durable_head(inner.mark, inner).revision {
            // Another handle may have made other entries durable in their place.
            return if inner.reach.still_stands(&self.directory)? { Ok(None) } else { Err(self.forked(inner)) };
        }
        let target = Target::new(&self.directory, &inner.reach, from)?;
        if target.needs_proof() {
            let held = self.lock.take()?;
            self.catch_up_held(inner, held.is_last_writer()?)?;
            let target = Target::new(&self.directory, &inner.reach, from)?;
            return match target.write_again(&self.directory, inner.mark, inner.begin)? {
                Rewritten::Done => Ok(Some(target)),
                Rewritten::Gone => Err(self.forked(inner)),
            };
        }
        Ok(Some(target))
    }

    /// The last step of a sync: moves the mark, if the target is still in the log.
    fn end_sync(&self, target: &Target) -> Result<()> {
        let mut guard = self.inner();
        let inner = &mut *guard;
        let held = self.lock.take()?;
        if !target.still_stands(&self.directory)? {
            return Err(self.forked(inner));
        }
        if let Err(source) = self.marks.write(&target.mark) {
            let error = failed("write", &self.directory.join(DURABLE), &source);
            return Err(self.stop_unknown(inner, &error));
        }
        drop(held);
        inner.named = inner.named.max(target.mark.end.segment);
        if Mark::revision(inner.mark) < target.mark.head.revision {
            inner.mark = Some(target.mark);
        }
        Ok(())
    }

    fn sync_files(&self, target: &Target) -> Result<()> {
        target.sync()?;
        if self.inner().named < target.mark.end.segment { self.directory.sync() } else { Ok(()) }
    }

    /// Forgets segments that another handle has removed: the first one goes first.
    pub(super) fn look_for_trim(&self, inner: &mut Inner) -> Result<()> {
        let Some(first) = inner.index.first().map(|first| first.number) else { return Ok(()) };
        if !self.directory.is_removed(first)? {
            return Ok(());
        }
        // The trim may have removed every segment that this handle knew.
        self.catch_up(inner)?;
        let last = inner.index.last();
        inner.index.update(&self.directory, last)
    }

    /// The revision after which all entries are there, as far as this handle has looked.
    pub(super) fn oldest(&self, inner: &Inner) -> Revision {
        let first = inner.index.first();
        first.map_or(inner.begin.revision, SegmentHeader::oldest)
    }

    /// The tag after which all pieces are there.
    pub(super) fn oldest_tag(&self, inner: &Inner) -> u64 {
        inner.index.first().map_or(inner.begin_tag, |first| first.tag_before)
    }

    /// Removes all bases but the one with which the log begins and the newest.
    pub(super) fn remove_superfluous_bases(&self, inner: &Inner) -> Result<()> {
        let bases = base::revisions(&self.directory)?;
        let oldest = self.oldest(inner);
        let begin = bases.iter().copied().find(|base| *base >= oldest);
        let newest = bases.last().copied();
        let superfluous = bases.iter().filter(|base| Some(**base) != begin && Some(**base) != newest);
        superfluous.copied().try_for_each(|revision| self.directory.remove(&base::name(revision)))
    }

    /// Makes all that this handle has written or seen durable; returns the newest durable revision.
    pub(super) fn sync(&self) -> Result<Revision> {
        self.lock.check_process()?;
        // After a sync that failed the next one through the same descriptor can succeed although bytes are lost. So it waits
        // until the failure has stopped the handle.
        let _syncing = self.syncing.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(target) = self.begin_sync()? {
            if let Err(error) = self.sync_files(&target) {
                return Err(self.stop_unknown(&mut self.inner(), &error));
            }
            self.end_sync(&target)?;
        }
        let inner = self.inner();
        Ok(durable_head(inner.mark, &inner).revision)
    }
}

/// The newest entry that is known to be durable: that of the mark, of the newest base, or the beginning.
fn durable_head(mark: Option<Mark>, inner: &Inner) -> Head {
    let heads = [Some(inner.begin), inner.base, mark.map(|mark| mark.head)];
    heads.into_iter().flatten().max_by_key(|head| head.revision).unwrap_or(inner.begin)
}
