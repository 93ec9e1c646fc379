//! A copy of a log, as a new log: its bases and entries with their ids, under a new log id. Others go on appending.
//!
//! The copy is no log until its file `id` is there, which is written last, when all else is durable. So its segments are
//! written piece by piece, and no append in it can be half there. Holds one piece, and a buffer of 1 MiB.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use super::append::{Unwritten, Writer};
use super::base;
use super::directory::Directory;
use super::entry::{EntryId, Head};
use super::files::failed;
use super::frame::FrameHead;
use super::handle::Handle;
use super::index::Index;
use super::mark::Mark;
use super::opening::{Identity, finish, open_mark, prepare};
use super::scan::frames;
use super::segment::{Place, Segment};
use crate::id::Revision;
use crate::model::{Error, LogError, Result};

/// Copies the entries that a handle shows, and the bases that they need, to a directory that does not exist or is empty.
/// Returns the id of the new log and its newest entry.
pub(super) fn copy(handle: &Handle, path: PathBuf) -> Result<(EntryId, Head)> {
    let source = &handle.directory;
    let target = source.at(path);
    prepare(&target)?;
    let (oldest, none_after) = {
        let inner = handle.inner();
        (handle.oldest(&inner), (inner.reach.head, inner.reach.expected.tag))
    };
    let (mut index, mut spares) = (Index::default(), Vec::new());
    let mut writer = Writer::new(&target, &mut index, handle.sizes, &mut spares);
    let mut begin = None;
    let mut written: Option<Arc<Segment>> = None;
    let head = frames(handle, oldest, &mut |frame, tag_before, piece| {
        if begin.is_none() {
            let head = Head { revision: frame.revision - 1, id: frame.previous };
            begin = Some((head, tag_before));
            writer.begin_after(tag_before);
        }
        // In the copy each entry is durable before the next one.
        let durable = frame.revision - 1;
        let frame = FrameHead { durable, last_of_append: frame.last_of_entry, ..*frame };
        let segment = put(&mut writer, &frame, piece)?;
        if let Some(full) = written.replace(segment.clone()).filter(|written| written.number != segment.number) {
            sync(&full)?;
        }
        Ok(ControlFlow::Continue(()))
    })?;
    writer.flush()?;
    let end = writer.place();
    written.as_deref().map_or(Ok(()), sync)?;
    spares.into_iter().try_for_each(|spare| target.remove_spare(spare))?;
    let (begin, tag) = begin.unwrap_or(none_after);
    copy_bases(source, &target, begin.revision, head.revision)?;
    let identity = Identity { log: EntryId::random()?, begin, tag };
    write_mark(&target, &identity, Mark { head, end })?;
    finish(&target, &identity)?;
    Ok((identity.log, head))
}

/// Writes a frame, in a new segment if it needs one. Returns the segment that it is in.
fn put(writer: &mut Writer<'_>, frame: &FrameHead, piece: &[u8]) -> Result<Arc<Segment>> {
    writer.prepare_spare(frame)?;
    match writer.put(frame, piece) {
        Ok(segment) => Ok(segment),
        Err(Unwritten::Failed(error) | Unwritten::Unsynced(error)) => Err(error),
        Err(Unwritten::NoSpare) => Err(super::entry::bug("a segment of a copy was removed while it was written")),
    }
}

fn sync(segment: &Segment) -> Result<()> {
    segment.file.sync_all().map_err(|source| failed("sync", &segment.path, &source))
}

/// Copies the bases of entries from `oldest` to `newest`. At least one is needed if the entries do not begin at 0.
fn copy_bases(source: &Directory, target: &Directory, oldest: Revision, newest: Revision) -> Result<()> {
    let mut needed = oldest > 0;
    for revision in base::revisions(source)?.into_iter().filter(|revision| (oldest..=newest).contains(revision)) {
        let copied = base::read_head(source, revision).and_then(|(head, tag)| {
            base::write_from(target, head, tag, &mut |put| {
                let each = &mut |tag, piece: &[u8]| put(tag, piece).map(ControlFlow::Continue);
                base::scan(source, revision, None, each).map(|_| ())
            })
        });
        match copied {
            Ok(()) => needed = false,
            // Another handle has put a newer base, and removed this one.
            Err(_) if !base::revisions(source)?.contains(&revision) => {}
            Err(error) => return Err(error),
        }
    }
    if needed { Err(LogError::Trimmed { asked: oldest, oldest: newest }.into()) } else { Ok(()) }
}

fn write_mark(target: &Directory, identity: &Identity, mark: Mark) -> Result<()> {
    if mark.end.segment == Place::BEFORE_FIRST.segment {
        return Ok(());
    }
    let marks = open_mark(target, true, identity.log)?;
    let written = marks.write(&mark).and_then(|()| marks.sync());
    written.map_err(|source| -> Error { failed("write", target.path(), &source) })
}
