//! A copy of a log as another one with the same entries. Knows nothing of where the log is kept.

use std::path::Path;

use super::entry::{Appended, EntryId, Head, bug};
use super::file_log::{FileLog, FileLogOptions};
use super::handle::Access;
use super::{CommitLog, READ_BYTES};
use crate::model::Result;

/// Makes a log in files, with an id of its own, of the entries that another log shows, and of the base with which it
/// begins. The other log may go on meanwhile. Returns its id and its newest entry; it is durable.
///
/// Cost: reads and writes everything; holds one entry in memory, in pieces.
pub(crate) fn copy(log: &dyn CommitLog, to: &Path) -> Result<(EntryId, Head)> {
    let (end, _) = log.end()?;
    let oldest = log.oldest();
    let bases = if oldest > 0 { log.bases()? } else { Vec::new() };
    let begin = bases.into_iter().find(|base| *base >= oldest).map(|base| log.read_base(base)).transpose()?;
    let copy = FileLog::create(to, FileLogOptions::new(Access::Lazy), begin.as_ref())?;
    let mut head = begin.map_or(Head::START, |base| base.head);
    while head.revision < end.revision {
        let mut entries = log.read(head.revision, READ_BYTES)?.entries;
        entries.retain(|entry| entry.revision <= end.revision);
        let Some(last) = entries.last().map(|entry| entry.head()) else {
            return Err(bug("a log does not show an entry that it has shown"));
        };
        match copy.append(head.revision, &entries)? {
            Appended::Done(_) => head = last,
            Appended::Behind(_) => return Err(bug("a copy has other entries than those that were written")),
        }
    }
    copy.close()?;
    Ok((copy.id(), head))
}
