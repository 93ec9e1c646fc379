//! How far a handle has read a log, and what the end of a log means. Reads only.
//!
//! The end of the log is the end of the last whole append. Bytes after it are a *torn tail*, which the next append cuts,
//! or *damage*, which nobody cuts. They are damage if the revision that should follow was durable: by the mark, a base
//! or the caller's checkpoint, or because a later whole frame says so.

use std::cmp::Ordering;
use std::sync::Arc;

use super::directory::Directory;
use super::entry::{Entry, Head, Position, bug};
use super::files::failed;
use super::frame::{HEAD, Seed, is_whole, peek};
use super::index::Spot;
use super::segment::{FIRST, Place, SECTOR, Segment, SegmentHeader, name};
use super::walk::{End, Expected, Step, Walk, read_header};
use super::window::Window;
use crate::id::Revision;
use crate::model::{LogError, Result};

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

/// A piece that was read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    /// Its entry.
    pub(super) head: Head,
    pub(super) spot: Spot,
}

/// Where and why a walk ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stop {
    end: End,
    place: Place,
    salt: u64,
    /// Of the entry that is not whole.
    revision: Revision,
}

impl Stop {
    /// Whether anything is right after the end of the log: bytes that are no frame, or frames of an append that has no
    /// last one.
    pub(super) fn is_torn(&self, reach: &Reach) -> bool {
        self.end != End::Blank || self.place > reach.end
    }
}

impl Reach {
    /// Whether entries may be written here. False if others follow `from`.
    pub(super) fn takes(&self, from: Revision, entries: &[Entry]) -> Result<bool> {
        let planned_on = entries.first().map(|entry| entry.previous);
        match from.cmp(&self.head.revision) {
            Ordering::Less => Ok(false),
            Ordering::Equal if planned_on == Some(self.head.id) => {
                let tag = entries.first().map_or(0, |entry| entry.payload.first_tag());
                if tag < self.expected.tag { Err(bug("the tag is below that of the entry before")) } else { Ok(true) }
            }
            _ => Err(LogError::Forked { revision: from }.into()),
        }
    }

    /// Before the first segment, which then need not exist.
    pub(super) fn before_first_segment(begin: Head, tag: u64) -> Reach {
        let end = Place { segment: 0, offset: FIRST };
        Reach { head: begin, end, salt: 0, last: None, expected: Expected::after(begin, tag) }
    }

    /// The beginning of a segment.
    pub(super) fn beginning_of(header: &SegmentHeader) -> Reach {
        let SegmentHeader { number, salt, revision, previous, .. } = *header;
        let expected = Expected::first_of(header);
        let head = Head { revision: revision.saturating_sub(1), id: previous };
        Reach { head, end: Place { segment: number, offset: FIRST }, salt, last: None, expected }
    }

    /// Reads on over whole appends, and calls `each` for each piece in them.
    pub(super) fn advance(&mut self, directory: &Directory, each: &mut dyn FnMut(Seen) -> Result<()>) -> Result<Stop> {
        let mut walk = Walk::new(directory, self.end, self.salt, self.expected)?;
        let mut unfinished: Vec<Seen> = Vec::new();
        loop {
            let tag_before = walk.expected().tag;
            let (frame, place) = match walk.step()? {
                Step::Frame(frame, place) => (frame, place),
                Step::End(end) => {
                    let (place, salt, revision) = (walk.place(), walk.salt(), walk.expected().revision);
                    return Ok(Stop { end, place, salt, revision });
                }
            };
            let head = Head { revision: frame.revision, id: frame.id };
            unfinished
                .push(Seen { head, spot: Spot { place, revision: frame.revision, part: frame.part, tag_before } });
            if frame.last_of_append {
                unfinished.drain(..).try_for_each(&mut *each)?;
                let (end, salt, expected) = (walk.place(), walk.salt(), walk.expected());
                *self = Reach { head, end, salt, last: Some(place), expected };
            }
        }
    }

    /// The position of the end; the default if no frame was read.
    pub(super) fn position(&self) -> Position {
        let Some(last) = self.last else { return Position::default() };
        Position { segment: self.end.segment, salt: self.salt, last: last.offset, end: self.end.offset }
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
            let why = format!("at byte {}: {why}", stop.place.offset);
            LogError::Damaged { revision: stop.revision, path, why }.into()
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
