//! Scans of the entries that a handle shows: from an entry on, or from a tag on. Holds one piece at a time.
//!
//! The mutex of the handle is held to look up where to begin, and for a moment to note places that were passed; not
//! while frames are read or handed out. So a slow reader delays no commit. A segment that a trim removes meanwhile ends
//! the scan with `Trimmed`, unless it is open already.

use std::ops::ControlFlow;

use super::entry::{EachPiece, Head};
use super::frame::FrameHead;
use super::handle::{Handle, Inner};
use super::index::Spot;
use super::segment::name;
use super::walk::{End, Step, Walk, read_header};
use crate::id::Revision;
use crate::model::{Error, LogError, Result};

/// Places that are noted at once: those of 8 MiB.
const NOTED_AT_ONCE: usize = 128;

/// Hands out the pieces of the entries after a revision. Returns the newest entry that the handle shows.
pub(super) fn scan(handle: &Handle, after: Revision, each: &mut EachPiece<'_>) -> Result<Head> {
    let find = |inner: &mut Inner| {
        let oldest = handle.oldest(inner);
        if after < oldest {
            refuse_damaged_first(handle, inner, after.saturating_add(1))?;
            return Err(LogError::Trimmed { asked: after, oldest }.into());
        }
        Ok(inner.index.find(after.saturating_add(1)))
    };
    let (head, start) = begin(handle, find)?;
    if let Some(start) = start.filter(|_| after < head.revision) {
        let trimmed = |inner: &Inner| LogError::Trimmed { asked: after, oldest: handle.oldest(inner) };
        walk(handle, start, head, &trimmed, &mut |frame, walk| {
            if frame.revision > after { each(frame.piece(walk.piece())) } else { Ok(ControlFlow::Continue(())) }
        })?;
    }
    Ok(head)
}

/// Hands out the pieces of entries from the first one on whose tag is above `tag`.
pub(super) fn scan_tag(handle: &Handle, tag: u64, each: &mut EachPiece<'_>) -> Result<()> {
    let find = |inner: &mut Inner| {
        let oldest = handle.oldest_tag(inner);
        if tag < oldest {
            refuse_damaged_first(handle, inner, 0)?;
            return Err(LogError::TagTrimmed { asked: tag, oldest }.into());
        }
        Ok(inner.index.find_tag(tag))
    };
    let (head, start) = begin(handle, find)?;
    let Some(start) = start else { return Ok(()) };
    let trimmed = |inner: &Inner| LogError::TagTrimmed { asked: tag, oldest: handle.oldest_tag(inner) };
    walk(handle, start, head, &trimmed, &mut |frame, walk| {
        if frame.tag > tag { each(frame.piece(walk.piece())) } else { Ok(ControlFlow::Continue(())) }
    })
}

/// Fails if the first segment is there but its header is damaged: then it is not known which entries it has.
fn refuse_damaged_first(handle: &Handle, inner: &Inner, revision: Revision) -> Result<()> {
    let Some(number) = inner.index.damaged_first() else { return Ok(()) };
    let (path, why) = (handle.directory.join(&name(number)), "its header is damaged".to_owned());
    Err(LogError::Damaged { revision, path, why }.into())
}

/// The newest entry that the handle shows, and what is found in its index.
fn begin<T>(handle: &Handle, find: impl Fn(&mut Inner) -> Result<T>) -> Result<(Head, T)> {
    let (mut inner, head, _) = handle.shown()?;
    Ok((head, find(&mut inner)?))
}

/// Walks over the frames from a place up to the end of an entry.
fn walk(
    handle: &Handle,
    start: Spot,
    head: Head,
    trimmed: &dyn Fn(&Inner) -> LogError,
    each: &mut dyn FnMut(&FrameHead, &Walk<'_>) -> Result<ControlFlow<()>>,
) -> Result<()> {
    let segment = handle.directory.segment(start.place.segment)?;
    // The file may have been used again since its header was read.
    let header = segment.map(|segment| read_header(&segment)).transpose()?.flatten();
    let Some(header) = header else { return Err(gone(handle, start.place.segment, start.revision, None, trimmed)?) };
    let mut walk = Walk::new(&handle.directory, start.place, header.salt, start.expected())?;
    let mut notes = Notes { handle, last: start, spots: Vec::new() };
    while walk.expected().revision <= head.revision {
        let tag_before = walk.expected().tag;
        let (frame, place) = match walk.step()? {
            Step::Frame(frame, place) => (frame, place),
            Step::End(end) => {
                let (place, revision) = (walk.place(), walk.expected().revision);
                return Err(gone(handle, place.segment, revision, Some((place.offset, end)), trimmed)?);
            }
        };
        notes.add(Spot { place, revision: frame.revision, part: frame.part, tag_before });
        if each(&frame, &walk)?.is_break() {
            break;
        }
    }
    Ok(())
}

/// Places that were passed, for the index of the handle.
struct Notes<'h> {
    handle: &'h Handle,
    last: Spot,
    spots: Vec<Spot>,
}

impl Notes<'_> {
    fn add(&mut self, spot: Spot) {
        if spot.is_far_from(&self.last) {
            self.last = spot;
            self.spots.push(spot);
            if self.spots.len() >= NOTED_AT_ONCE {
                self.flush();
            }
        }
    }

    fn flush(&mut self) {
        if !self.spots.is_empty() {
            let mut inner = self.handle.inner();
            self.spots.drain(..).for_each(|spot| inner.index.note(spot));
        }
    }
}

impl Drop for Notes<'_> {
    fn drop(&mut self) {
        self.flush();
    }
}

/// Why the next frame of the entries that are shown is not there: another handle has trimmed them, or damage.
fn gone(
    handle: &Handle,
    segment: u64,
    revision: Revision,
    end: Option<(u64, End)>,
    trimmed: &dyn Fn(&Inner) -> LogError,
) -> Result<Error> {
    let mut guard = handle.inner();
    let inner = &mut *guard;
    handle.catch_up(inner)?;
    let last = inner.index.last();
    inner.index.update(&handle.directory, last)?;
    if revision <= handle.oldest(inner) {
        return Ok(trimmed(inner).into());
    }
    let why = match end {
        None => "the segment is missing, or its header is damaged".to_owned(),
        Some((offset, End::Blank)) => format!("at byte {offset}: it is empty"),
        Some((offset, End::Bad(why))) => format!("at byte {offset}: it {why}"),
    };
    Ok(LogError::Damaged { revision, path: handle.directory.join(&name(segment)), why }.into())
}
