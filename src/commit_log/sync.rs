//! What a sync of a log covers, and writing bytes again that an earlier failed sync left in doubt.
//!
//! After a failed `fdatasync` the system may count bytes as written that are not on disk, and no later sync tells. So
//! before the first sync through a descriptor the bytes that are not known to be durable are written again.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::directory::Directory;
use super::entry::{Head, bug};
use super::files::failed;
use super::mark::Mark;
use super::reach::Reach;
use super::segment::{FIRST, Place, Segment};
use super::walk::{Expected, read_header};
use crate::model::Result;

/// Bytes that are read and written again at once.
const CHUNK: usize = 1 << 20;

/// So many segments are looked for by their numbers: without a list of all names.
const FEW: u64 = 16;

/// How far a sync goes.
pub(super) struct Target {
    /// The mark after the sync.
    pub(super) mark: Mark,
    reach: Reach,
    /// The segments from the mark's to the target's.
    segments: Vec<Arc<Segment>>,
}

pub(super) enum Rewritten {
    Done,
    /// The target is not in the log any more.
    Gone,
}

impl Target {
    /// A sync up to the end of a reach. `from` is the place of the mark, if there is one.
    pub(super) fn new(directory: &Directory, reach: &Reach, from: Option<Place>) -> Result<Target> {
        let first = match from {
            Some(place) => place.segment,
            None => directory.numbers()?.first().copied().unwrap_or(reach.end.segment),
        };
        let range = first..=reach.end.segment;
        // After a trim an old mark may be in a segment that is far before the first one.
        let numbers: Vec<u64> = if reach.end.segment.saturating_sub(first) < FEW {
            range.collect()
        } else {
            directory.numbers()?.into_iter().filter(|number| range.contains(number)).collect()
        };
        let mut segments = Vec::new();
        for number in numbers {
            segments.extend(directory.segment(number)?);
        }
        Ok(Target { mark: Mark { head: reach.head, end: reach.end }, reach: *reach, segments })
    }

    pub(super) fn needs_proof(&self) -> bool {
        self.segments.iter().any(|segment| !segment.proven.load(Ordering::Acquire))
    }

    pub(super) fn still_stands(&self, directory: &Directory) -> Result<bool> {
        self.reach.still_stands(directory)
    }

    pub(super) fn sync(&self) -> Result<()> {
        for segment in &self.segments {
            segment.file.sync_data().map_err(|source| failed("sync", &segment.path, &source))?;
        }
        self.segments.last().map_or(Ok(()), |newest| newest.refuse_removed())
    }

    /// Checks the entries after the mark, and writes their bytes and the headers again. For the holder of the append
    /// lock.
    pub(super) fn write_again(&self, directory: &Directory, mark: Option<Mark>, begin: Head) -> Result<Rewritten> {
        let mut reach = self.start(directory, mark, begin)?;
        let from = reach.end;
        reach.advance(directory, &mut |_| Ok(()))?;
        if reach.head != self.mark.head || reach.end != self.mark.end {
            return Ok(Rewritten::Gone);
        }
        for segment in self.segments.iter().filter(|segment| !segment.proven.load(Ordering::Acquire)) {
            let start = if segment.number == from.segment { from.offset } else { FIRST };
            let end = if segment.number == self.mark.end.segment { Some(self.mark.end.offset) } else { None };
            copy(segment, 0, Some(FIRST))?;
            copy(segment, start, end)?;
            segment.proven.store(true, Ordering::Release);
        }
        Ok(Rewritten::Done)
    }

    /// The end of the mark, or the beginning of the first segment if there is no mark in a segment.
    fn start(&self, directory: &Directory, mark: Option<Mark>, begin: Head) -> Result<Reach> {
        if let Some(mark) = mark
            && let Some(segment) = directory.segment(mark.end.segment)?
            && let Some(header) = read_header(&segment)?
        {
            let (head, expected) = (mark.head, Expected::after(mark.head, 0));
            return Ok(Reach { head, end: mark.end, salt: header.salt, last: None, expected });
        }
        match self.segments.first() {
            Some(first) if first.number > 1 => {
                let header = read_header(first)?.ok_or_else(|| bug("the first segment has no header"))?;
                Ok(Reach::beginning_of(&header))
            }
            _ => Ok(Reach::before_first_segment(begin, 0)),
        }
    }
}

/// Writes bytes again as they are.
fn copy(segment: &Segment, mut offset: u64, end: Option<u64>) -> Result<()> {
    let mut bytes = vec![0; CHUNK];
    loop {
        let most = end.map_or(CHUNK, |end| (end.saturating_sub(offset) as usize).min(CHUNK));
        let Some(buffer) = bytes.get_mut(..most).filter(|buffer| !buffer.is_empty()) else { return Ok(()) };
        let filled = segment.file.read_at(buffer, offset).map_err(|source| failed("read", &segment.path, &source))?;
        let Some(filled) = buffer.get(..filled).filter(|filled| !filled.is_empty()) else { return Ok(()) };
        segment.file.write_at(filled, offset).map_err(|source| failed("write", &segment.path, &source))?;
        offset += filled.len() as u64;
    }
}
