//! How far a handle has read a log, what the end of a log means, and where entries are. Reads only.
//!
//! The end of the log is the end of the last whole append. Bytes after it are a *torn tail*, which the next append cuts,
//! or *damage*, which nobody cuts. They are damage if the revision that should follow was durable: by the mark, a base
//! or the caller's checkpoint, or because a later whole frame says so.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::directory::Directory;
use super::entry::Head;
use super::files::failed;
use super::frame::{HEAD, Seed, is_whole, peek};
use super::segment::{FIRST, Place, SECTOR, Segment, SegmentHeader, name};
use super::walk::{End, Expected, Step, Walk, Window, read_header};
use crate::id::Revision;
use crate::model::{LogError, Result};

/// A search in a segment begins at most so many bytes before the entry.
const SPARSE: u64 = 64 * 1024;

/// How far a log was read: up to the end of a whole append.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reach {
    pub(super) head: Head,
    /// Where the next frame begins.
    pub(super) end: Place,
    /// The salt of that segment.
    pub(super) salt: u64,
    /// Where the last frame begins; `None` if no frame was read.
    pub(super) last: Option<Place>,
    pub(super) expected: Expected,
}

/// Where and why a walk ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stop {
    end: End,
    place: Place,
    salt: u64,
}

impl Stop {
    /// Whether anything is right after the end of the log: bytes that are no frame, or frames of an append that has no
    /// last one.
    pub(super) fn is_torn(&self, reach: &Reach) -> bool {
        self.end != End::Blank || self.place > reach.end
    }
}

impl Reach {
    /// Before the first segment, which then need not exist.
    pub(super) fn before_first_segment(begin: Head) -> Reach {
        let end = Place { segment: 0, offset: FIRST };
        Reach { head: begin, end, salt: 0, last: None, expected: Expected::after(begin, 0) }
    }

    /// The beginning of a segment.
    pub(super) fn beginning_of(header: &SegmentHeader) -> Reach {
        let SegmentHeader { number, salt, revision, part, tag, previous } = *header;
        let expected = Expected { revision, part, previous: Some(previous), id: None, tag };
        let head = Head { revision: revision.saturating_sub(1), id: previous };
        Reach { head, end: Place { segment: number, offset: FIRST }, salt, last: None, expected }
    }

    /// Reads on over whole appends, and calls `each` for each entry in them with the place of its first frame.
    pub(super) fn advance(&mut self, directory: &Directory, each: &mut dyn FnMut(Head, Place)) -> Result<Stop> {
        let mut walk = Walk::new(directory, self.end, self.salt, self.expected)?;
        let mut start = None;
        let mut unfinished: Vec<(Head, Place)> = Vec::new();
        loop {
            let (frame, at) = match walk.step()? {
                Step::Frame(frame, at) => (frame, at),
                Step::End(end) => return Ok(Stop { end, place: walk.place(), salt: walk.salt() }),
            };
            let head = Head { revision: frame.revision, id: frame.id };
            let first = if frame.part == 0 { at } else { start.unwrap_or(at) };
            start = Some(first);
            if frame.last_of_entry {
                unfinished.push((head, first));
            }
            if frame.last_of_append {
                unfinished.drain(..).for_each(|(head, place)| each(head, place));
                let (end, salt, expected) = (walk.place(), walk.salt(), walk.expected());
                *self = Reach { head, end, salt, last: Some(at), expected };
            }
        }
    }

    /// Whether the last frame that was read is still in its place. Another handle may have cut it, after a failed sync
    /// had lost its bytes.
    pub(super) fn still_stands(&self, directory: &Directory) -> Result<bool> {
        let Some(last) = self.last else { return Ok(true) };
        let Some(segment) = directory.segment(last.segment)? else { return Ok(false) };
        let mut head = [0; HEAD];
        segment.file.read_at(&mut head, last.offset).map_err(|source| failed("read", &segment.path, &source))?;
        Ok(peek(&head).is_some_and(|frame| frame.id == self.head.id && frame.revision == self.head.revision))
    }

    /// Whether the last frame that was read is in its place, and nothing follows it in its segment: one read, for the
    /// usual append. False says nothing.
    pub(super) fn is_last(&self, directory: &Directory) -> Result<bool> {
        /// Bytes of the last frame and of the head of the next one, in the usual case.
        const MOST: u64 = 1024;
        let Some(last) = self.last.filter(|last| last.segment == self.end.segment) else { return Ok(false) };
        let length = self.end.offset - last.offset + HEAD as u64;
        let Some(segment) = directory.segment(last.segment)?.filter(|_| length <= MOST) else { return Ok(false) };
        let mut bytes = [0; MOST as usize];
        let Some(bytes) = bytes.get_mut(..length as usize) else { return Ok(false) };
        segment.file.read_at(bytes, last.offset).map_err(|source| failed("read", &segment.path, &source))?;
        let stands = peek(bytes).is_some_and(|frame| frame.id == self.head.id && frame.revision == self.head.revision);
        Ok(stands && bytes.iter().rev().take(HEAD).all(|byte| *byte == 0))
    }

    /// Fails if what follows the end of the log is damage. `durable` is the newest revision that is known to be durable.
    pub(super) fn refuse_damage(&self, directory: &Directory, stop: &Stop, durable: Revision) -> Result<()> {
        let revision = self.head.revision + 1;
        let later = later_segments(directory, stop.place.segment)?;
        let damaged = |why: &str| {
            let path = directory.join(&name(stop.place.segment.max(1)));
            LogError::Damaged { revision, path, why: format!("at byte {}: {why}", stop.place.offset) }.into()
        };
        if revision <= durable {
            return match (stop.end, later.is_empty()) {
                (End::Bad(why), _) => Err(damaged(&format!("it {why}"))),
                (End::Blank, false) => Err(damaged("the next segment is missing, or does not continue this one")),
                (End::Blank, true) => Err(LogError::Lost { durable, head: self.head.revision }.into()),
            };
        }
        if self.has_witness(directory, stop, &later)? {
            return Err(damaged("later entries say that it was durable"));
        }
        Ok(())
    }

    /// Whether a whole frame after the end says that the revision after the end was durable.
    fn has_witness(&self, directory: &Directory, stop: &Stop, later: &[Arc<Segment>]) -> Result<bool> {
        let revision = self.head.revision + 1;
        if let Some(segment) = directory.segment(stop.place.segment)?
            && says_durable(&segment, stop.salt, stop.place.offset, revision)?
        {
            return Ok(true);
        }
        for segment in later {
            if let Some(header) = read_header(segment)?
                && says_durable(segment, header.salt, FIRST, revision)?
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether anything but zeroes follows the end of the log: bytes that an append must cut before it writes there.
    pub(super) fn has_torn_tail(&self, directory: &Directory) -> Result<bool> {
        if !later_segments(directory, self.end.segment)?.is_empty() {
            return Ok(true);
        }
        let Some(segment) = directory.segment(self.end.segment)? else { return Ok(false) };
        has_bytes(&segment, self.end.offset)
    }
}

/// The segments after this one that are in use.
fn later_segments(directory: &Directory, number: u64) -> Result<Vec<Arc<Segment>>> {
    let mut later = Vec::new();
    for number in directory.numbers()?.into_iter().filter(|other| *other > number) {
        if let Some(segment) = directory.segment(number)?
            && has_bytes(&segment, 0)?
        {
            later.push(segment);
        }
    }
    Ok(later)
}

/// Whether a segment has anything but zeroes from `offset` on.
fn has_bytes(segment: &Segment, mut offset: u64) -> Result<bool> {
    let mut window = Window::default();
    loop {
        let bytes = window.at(&*segment.file, offset, SECTOR);
        let bytes = bytes.map_err(|source| failed("read", &segment.path, &source))?;
        if bytes.is_empty() {
            return Ok(false);
        }
        if bytes.iter().any(|byte| *byte != 0) {
            return Ok(true);
        }
        offset += bytes.len() as u64;
    }
}

/// Whether a whole frame at or after `offset` says that `revision` was durable. Where a frame begins is not known after
/// damage, so every multiple of 8 is tried.
fn says_durable(segment: &Segment, salt: u64, mut offset: u64, revision: Revision) -> Result<bool> {
    let read = |source| failed("read", &segment.path, &source);
    let mut window = Window::default();
    loop {
        let head = window.at(&*segment.file, offset, HEAD).map_err(read)?;
        if head.len() < HEAD {
            return Ok(false);
        }
        if let Some(frame) = peek(head).filter(|frame| frame.durable >= revision)
            && is_whole(window.at(&*segment.file, offset, frame.size()).map_err(read)?, Seed { salt, offset })
        {
            return Ok(true);
        }
        offset += 8;
    }
}

/// Where entries are: the first of each segment, and one in every 64 KiB that was read.
#[derive(Default)]
pub(super) struct Index {
    segments: BTreeMap<u64, Indexed>,
}

struct Indexed {
    header: SegmentHeader,
    /// Revisions and offsets of first frames.
    sparse: Vec<(Revision, u64)>,
}

impl Index {
    /// Reads the headers of the segments up to and with `last` that are not known yet, and forgets removed ones.
    pub(super) fn update(&mut self, directory: &Directory, last: u64) -> Result<()> {
        let numbers = directory.numbers()?;
        self.segments.retain(|number, _| numbers.binary_search(number).is_ok());
        for number in numbers.into_iter().filter(|number| *number <= last) {
            if self.segments.contains_key(&number) {
                continue;
            }
            let Some(segment) = directory.segment(number)? else { continue };
            if let Some(header) = read_header(&segment)? {
                self.segments.insert(number, Indexed { header, sparse: Vec::new() });
            }
        }
        Ok(())
    }

    pub(super) fn last(&self) -> u64 {
        self.segments.keys().next_back().copied().unwrap_or(0)
    }

    pub(super) fn add(&mut self, header: SegmentHeader) {
        self.segments.insert(header.number, Indexed { header, sparse: Vec::new() });
    }

    /// Notes where the first frame of an entry is.
    pub(super) fn note(&mut self, head: Head, place: Place) {
        let Some(segment) = self.segments.get_mut(&place.segment) else { return };
        let before = segment.sparse.last().map_or(FIRST, |(_, offset)| *offset);
        if place.offset >= before + SPARSE {
            segment.sparse.push((head.revision, place.offset));
        }
    }

    /// Forgets what is after the end of the log.
    pub(super) fn cut(&mut self, end: Place) {
        self.segments.retain(|number, _| *number <= end.segment);
        if let Some(segment) = self.segments.get_mut(&end.segment) {
            segment.sparse.retain(|(_, offset)| *offset < end.offset);
        }
    }

    /// The revision after which all entries are there; `None` if there are no segments.
    pub(super) fn oldest(&self) -> Option<Revision> {
        let first = &self.segments.values().next()?.header;
        Some(if first.part == 0 { first.revision.saturating_sub(1) } else { first.revision })
    }

    /// A place at or before the first frame of an entry, from which to walk.
    pub(super) fn find(&self, revision: Revision) -> Option<Reach> {
        let begins_before = |header: &SegmentHeader| (header.revision, header.part) <= (revision, 0);
        let segment = self.segments.values().rev().find(|segment| begins_before(&segment.header))?;
        let mut reach = Reach::beginning_of(&segment.header);
        let before = segment.sparse.partition_point(|(other, _)| *other <= revision);
        if let Some((revision, offset)) = before.checked_sub(1).and_then(|at| segment.sparse.get(at)) {
            reach.end.offset = *offset;
            reach.expected = Expected { revision: *revision, part: 0, previous: None, id: None, tag: 0 };
        }
        Some(reach)
    }

    /// The oldest segments that have no frame of an entry after `revision`, but never the newest segment.
    pub(super) fn whole_segments_up_to(&self, revision: Revision) -> Vec<u64> {
        let next = self.segments.values().skip(1).map(|segment| &segment.header);
        // The last entry with a frame in a segment is the one before the next segment, or the one that runs into it.
        let newest = next.map(|next| if next.part == 0 { next.revision - 1 } else { next.revision });
        let pairs = self.segments.keys().zip(newest);
        pairs.take_while(|(_, newest)| *newest <= revision).map(|(number, _)| *number).collect()
    }
}
