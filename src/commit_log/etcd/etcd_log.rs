//! A log that several machines share: the promises of a log, with a copy in files from which it reads.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::fetch::{Put, fetch, put};
use super::news::News;
use super::shared_log::{After, SharedLog, Written};
use crate::commit_log::entry::{
    Appended, Base, EachBasePiece, EachPiece, Entry, EntryId, Head, Position, Tail, bug, check, check_pieces, random,
};
use crate::commit_log::file_log::{FileLog, FileLogOptions};
use crate::commit_log::{CommitLog, Original, READ_BYTES};
use crate::id::Revision;
use crate::model::{EngineError, Error, LogError, Result};

/// How long an opening tries to reach the servers before it goes on with the copy.
const OPENING: Duration = Duration::from_secs(3);
/// After its first refusal an append rests for up to 1 ms, after each further one for up to twice as long, up to this:
/// machines that try again at once keep each other from getting on.
const LONGEST_REST: u32 = 64;

/// So many of the newest commits are kept before a base.
const KEPT: u64 = 10_000;
/// After an append was refused, so many ask for what they missed to come along with a refusal.
const CONTESTED: u32 = 16;

/// A handle on a shared log, with the copy of this machine. Others of this machine may use the copy, too.
pub(crate) struct EtcdLog {
    shared: Arc<SharedLog>,
    copy: Arc<FileLog>,
    news: Arc<News>,
    /// How often an append was refused since the last one that was not.
    refused: AtomicU32,
    /// For how many appends others are likely to be first.
    contested: AtomicU32,
}

impl Original for SharedLog {
    fn create_copy(&self, path: &Path, options: FileLogOptions, create: bool) -> Result<EntryId> {
        let id = self.find(create)?;
        let after = self.after(0, 1, self.patience)?;
        let begin = if after.oldest > 0 { self.base()? } else { None };
        let copy = FileLog::create_copy(path, options, id, begin.as_ref())?;
        // Rows that this machine has may be of any of the entries.
        fetch(self, &copy, self.patience)?;
        copy.close()?;
        Ok(id)
    }

    fn open(self: Arc<SharedLog>, copy: FileLog) -> Result<(Arc<dyn CommitLog>, Option<String>)> {
        let (log, trouble) = EtcdLog::open(self, copy)?;
        Ok((Arc::new(log), trouble))
    }
}

impl EtcdLog {
    /// Opens it with its copy, and fetches what the copy does not have. Without a server that answers, the copy is as it is;
    /// returns why.
    pub(crate) fn open(shared: Arc<SharedLog>, copy: FileLog) -> Result<(EtcdLog, Option<String>)> {
        shared.expect(copy.id())?;
        let (copy, news) = (Arc::new(copy), Arc::new(News::new()));
        let log = EtcdLog { shared, copy, news, refused: AtomicU32::new(0), contested: AtomicU32::new(0) };
        match log.fetch_within(OPENING.min(log.shared.patience)) {
            Ok(_) => Ok((log, None)),
            Err(Error::Engine(why @ EngineError::Unreachable { .. })) => {
                let revision = log.copy.end()?.0.revision;
                Ok((log, Some(format!("{why}; this machine is at revision {revision}"))))
            }
            Err(other) => Err(other),
        }
    }

    fn fetch(&self) -> Result<Head> {
        self.fetch_within(self.shared.patience)
    }

    fn fetch_within(&self, patience: Duration) -> Result<Head> {
        let fetched = fetch(&self.shared, &self.copy, patience)?;
        self.news.heard(fetched.asked);
        self.news.tell();
        Ok(fetched.head)
    }

    /// The last piece of the copy's newest entry has this tag or a lower one.
    fn check_tag(&self, from: Revision, entries: &[Entry]) -> Result<()> {
        let (head, tag) = self.copy.newest_tag();
        let first = entries.first().map_or(0, |entry| entry.payload.first_tag());
        if head.revision == from && first < tag {
            return Err(bug(&format!("a tag of entry {} is {first}, below the one before, {tag}", from + 1)));
        }
        Ok(())
    }

    /// Rests for a random time, the longer the more often appends were refused.
    fn rest(&self) -> Result<()> {
        let refused = self.refused.fetch_add(1, Ordering::Relaxed);
        let most = 1_u32.checked_shl(refused).unwrap_or(LONGEST_REST).min(LONGEST_REST);
        let part = f64::from(u16::from_le_bytes(random()?)) / f64::from(u16::MAX);
        thread::sleep(Duration::from_millis(u64::from(most)).mul_f64(part));
        Ok(())
    }

    /// After a refusal: brings the copy up to what came with it, and rests.
    fn behind(&self, from: Head, after: After) -> Result<Appended> {
        // Further back than the shared log goes, the copy may tell nothing either.
        let is_known = after.oldest <= from.revision;
        let (head, mut next) = (after.head, None);
        for append in after.appends {
            let entries = self.shared.entries(append)?;
            next = next.or_else(|| entries.iter().find(|entry| entry.revision == from.revision + 1).cloned());
            put(&self.copy, entries)?;
        }
        let fits = match next {
            Some(next) => next.previous == from.id,
            None => head == from,
        };
        if is_known && !fits {
            return Err(LogError::Forked { revision: from.revision }.into());
        }
        self.rest()?;
        if self.copy.end()?.0.revision < head.revision {
            self.fetch()?;
        }
        let tail = match self.copy.read(from.revision, READ_BYTES) {
            // The copy was trimmed past `from`: the caller is told so when it reads on.
            Err(Error::Log(LogError::Trimmed { .. })) => Tail { entries: Vec::new(), head: self.copy.end()?.0 },
            read => read?,
        };
        Ok(Appended::Behind(tail))
    }

    /// After an answer to an append.
    fn ended(&self, asked: Instant, from: Head, entries: &[Entry], written: Written) -> Result<Appended> {
        let after = match written {
            Written::Done => return self.done(asked, from, entries),
            Written::Behind(after) => after,
        };
        self.contested.store(CONTESTED, Ordering::Relaxed);
        self.behind(from, after)
    }

    /// Puts what is in the shared log into the copy. Nobody is woken: whoever appends knows it.
    fn done(&self, asked: Instant, from: Head, entries: &[Entry]) -> Result<Appended> {
        self.refused.store(0, Ordering::Relaxed);
        self.news.heard(asked);
        let revision = from.revision + entries.len() as u64;
        let put = put(&self.copy, entries.to_vec()).and_then(|put| {
            match put {
                Put::Done(Some(position)) => return Ok((revision, position)),
                Put::Done(None) => {}
                Put::Gap => drop(self.fetch()?),
            }
            self.copy.end().map(|(head, position)| (head.revision, position))
        });
        // It is in the shared log, and can't be shown here.
        let (head, position) = put.map_err(|why| EngineError::Unknown { revision, id: None, why: why.to_string() })?;
        // Where the position is not known, the log is read from its beginning.
        Ok(Appended::Done(if head == revision { position } else { Position::default() }))
    }
}

impl CommitLog for EtcdLog {
    fn append(&self, from: Revision, entries: &[Entry]) -> Result<Appended> {
        self.append_after(Duration::ZERO, from, entries)
    }

    fn patience(&self) -> Duration {
        self.shared.patience
    }

    fn append_after(&self, waited: Duration, from: Revision, entries: &[Entry]) -> Result<Appended> {
        check(from, entries)?;
        self.check_tag(from, entries)?;
        let previous = entries.first().map_or(EntryId::NONE, |entry| entry.previous);
        let from = Head { revision: from, id: previous };
        let asked = Instant::now();
        let patience = self.shared.patience.saturating_sub(waited);
        let less = |left: u32| left.checked_sub(1);
        let contested = self.contested.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_ok();
        self.news.appends(entries.last().map(|last| last.id));
        let written = self.shared.append(from, entries, (contested, patience));
        let ended = written.and_then(|written| self.ended(asked, from, entries, written));
        self.news.appends(None);
        ended
    }

    fn read(&self, after: Revision, most_bytes: usize) -> Result<Tail> {
        self.copy.read(after, most_bytes)
    }

    fn scan(&self, after: Revision, each: &mut EachPiece<'_>) -> Result<Head> {
        self.copy.scan(after, each)
    }

    fn scan_tag(&self, tag: u64, each: &mut EachPiece<'_>) -> Result<()> {
        self.copy.scan_tag(tag, each)
    }

    fn wait(&self, after: Revision, patience: Duration) -> Result<Head> {
        let start = Instant::now();
        self.news.follow(&self.shared, &self.copy);
        loop {
            let seen = self.news.count();
            let (head, _) = self.copy.end()?;
            if head.revision > after || self.news.is_closed() {
                return Ok(head);
            }
            let left = patience.saturating_sub(start.elapsed());
            if left.is_zero() {
                // Silence may be a watch that is cut off.
                return self.fetch_within(Duration::ZERO);
            }
            self.news.wait(seen, left);
        }
    }

    fn end(&self) -> Result<(Head, Position)> {
        self.copy.end()
    }

    fn oldest(&self) -> Revision {
        self.copy.oldest()
    }

    fn check(&self) -> Result<Vec<LogError>> {
        self.copy.check()
    }

    fn close(&self) -> Result<()> {
        self.news.close();
        self.copy.close()
    }

    /// What was appended is durable, and nothing is shown that is not.
    fn sync(&self) -> Result<Revision> {
        Ok(self.copy.newest_tag().0.revision)
    }

    fn bases(&self) -> Result<Vec<Revision>> {
        self.copy.bases()
    }

    fn read_base(&self, revision: Revision) -> Result<Base> {
        self.copy.read_base(revision)
    }

    fn scan_base(&self, revision: Revision, each: &mut EachBasePiece<'_>) -> Result<(Head, u64)> {
        self.copy.scan_base(revision, each)
    }

    fn scan_base_tag(&self, revision: Revision, tag: u64, each: &mut EachBasePiece<'_>) -> Result<(Head, u64)> {
        self.copy.scan_base_tag(revision, tag, each)
    }

    fn put_base(&self, base: &Base) -> Result<()> {
        check_pieces(&base.payload, 0, "the base")?;
        // The copy's horizon moves last: while another machine keeps the servers from it, the call can be made again.
        self.shared.put_base(base)?;
        self.copy.put_base(base)
    }

    fn trim(&self, up_to: Revision) -> Result<()> {
        let mut last = None;
        let before = up_to.checked_sub(1);
        if let Some(before) = before.filter(|before| *before >= self.copy.oldest()) {
            self.copy.scan(before, &mut |piece| {
                last = Some(piece.entry);
                Ok(ControlFlow::Break(()))
            })?;
        }
        let bases = self.copy.bases()?;
        if let Some(last) = last.filter(|last| last.revision == up_to && bases.iter().any(|base| *base >= up_to)) {
            self.shared.trim(last)?;
        }
        self.copy.trim(up_to)
    }

    fn is_base_due(&self) -> bool {
        let head = self.copy.newest_tag().0;
        let is_due = |limit| self.shared.tail(head.revision).0 >= limit;
        self.shared.trim_after.is_some_and(is_due) && self.news.is_time_to_keep()
    }

    fn renew_base(&self, make: &mut dyn FnMut() -> Result<Base>) -> Result<bool> {
        let Some(mut keeper) = self.shared.keeper()? else { return Ok(false) };
        // Another machine may have done it.
        let head = self.fetch()?;
        let (bytes, commits) = self.shared.tail(head.revision);
        let base_bytes = keeper.base()?.map_or(0, |base| base.parts.bytes);
        if self.shared.trim_after.is_none_or(|limit| bytes < limit.max(base_bytes)) {
            return Ok(false);
        }
        let base = make()?;
        keeper.put_base(&base)?;
        // Machines that are a little behind go on from the entries.
        let kept = if commits > 2 * KEPT { KEPT } else { 0 };
        let up_to = match base.head.revision - kept {
            revision if revision == base.head.revision => Some(base.head),
            revision => keeper.head_at(revision)?.filter(|head| head.revision <= base.head.revision),
        };
        keeper.trim(up_to.unwrap_or(base.head))?;
        Ok(true)
    }

    fn newest(&self) -> Result<Head> {
        self.fetch()
    }

    fn sync_files(&self) -> Result<()> {
        self.copy.sync().map(drop)
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn heard(&self) -> Option<Instant> {
        self.news.last_heard()
    }
}

impl Drop for EtcdLog {
    fn drop(&mut self) {
        self.news.close();
    }
}
