//! Brings the entries of a shared log into a copy on this machine.

use std::time::{Duration, Instant};

use super::shared_log::{FEW, SharedLog};
use super::values::Stored;
use crate::commit_log::CommitLog;
use crate::commit_log::entry::{Appended, Entry, Head, Position};
use crate::commit_log::file_log::FileLog;
use crate::id::Revision;
use crate::model::{EngineError, LogError, Result};

/// The most appends that are asked for at once.
const MANY: usize = 2_000;
/// So many bytes of entries are asked for at once, as far as the answers before tell.
const BYTES: usize = 1 << 20;

/// What became of entries that were to be put into a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Put {
    /// They are in it; where they end, if this call has put them there.
    Done(Option<Position>),
    /// Entries before them are missing.
    Gap,
}

/// Puts the entries of an append into a copy, unless they are there.
pub(super) fn put(copy: &FileLog, mut entries: Vec<Entry>) -> Result<Put> {
    // As far as this handle has read; an append finds out whether others of this machine were first.
    let mut head = copy.newest_tag().0;
    loop {
        if let Some(known) = entries.iter().find(|entry| entry.revision == head.revision)
            && known.id != head.id
        {
            return Err(LogError::Forked { revision: head.revision }.into());
        }
        entries.retain(|entry| entry.revision > head.revision);
        let Some(first) = entries.first() else { return Ok(Put::Done(None)) };
        if first.revision == head.revision + 1
            && let Appended::Done(position) = copy.append(head.revision, &entries)?
        {
            return Ok(Put::Done(Some(position)));
        }
        let newest = copy.end()?.0;
        if newest == head {
            return Ok(Put::Gap);
        }
        head = newest;
    }
}

/// The servers have told what is newest.
pub(super) struct Fetched {
    pub(super) head: Head,
    /// The revision of the servers.
    pub(super) at: u64,
    /// When they were asked.
    pub(super) asked: Instant,
}

/// Fetches what a copy does not have.
pub(super) fn fetch(shared: &SharedLog, copy: &FileLog, patience: Duration) -> Result<Fetched> {
    let mut limit = FEW;
    loop {
        let asked = Instant::now();
        let (head, _) = copy.end()?;
        let after = shared.after(head.revision, limit, patience)?;
        if after.oldest > head.revision {
            skip(shared, copy, head.revision)?;
            continue;
        }
        if after.head.revision < head.revision {
            return Err(LogError::Lost { durable: head.revision, head: after.head.revision }.into());
        }
        if after.head.revision == head.revision && after.head.id != head.id {
            return Err(LogError::Forked { revision: head.revision }.into());
        }
        let (more, at, newest, count) = (after.more, after.at, after.head, after.appends.len());
        let mut bytes = 0;
        for append in after.appends {
            let entries = shared.entries(append)?;
            bytes += entries.iter().map(|entry| entry.payload.len()).sum::<usize>();
            if put(copy, entries)? == Put::Gap {
                let why = format!("the entries after revision {} are missing", copy.end()?.0.revision);
                return Err(EngineError::Failed { doing: "fetch entries", why }.into());
            }
        }
        if !more {
            return Ok(Fetched { head: newest, at, asked });
        }
        limit = (BYTES / (bytes / count.max(1)).max(1)).clamp(FEW, MANY);
    }
}

/// Lets a copy that is behind a trim go on after the base.
fn skip(shared: &SharedLog, copy: &FileLog, from: Revision) -> Result<()> {
    let Some(base) = shared.base()? else {
        return Err(LogError::NoBase { asked: from, newest: 0 }.into());
    };
    if base.head.revision <= from {
        return Err(LogError::NoBase { asked: from, newest: base.head.revision }.into());
    }
    copy.skip_to(&base)
}

/// The entries of an append that a watch has told of, if they are in it.
pub(super) fn told(append: Stored) -> Option<Vec<Entry>> {
    match append {
        Stored::Here(entries) => Some(entries),
        Stored::Apart { .. } => None,
    }
}
