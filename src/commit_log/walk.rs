//! A walk over the frames of a log, in order, over all its segments. It reads only; it does not judge the end.
//!
//! Input: a place where a frame begins, and what that frame must be. Output: each frame that is whole and continues the
//! one before, then why the next is not one. Invariant: the walk never passes a frame that does not chain by revision,
//! number, id and previous id. Cost: each byte is read and checked once; up to 256 KiB are held, or one frame.

use std::sync::Arc;

use super::directory::Directory;
use super::entry::{EntryId, Head};
use super::files::failed;
use super::frame::{FrameHead, HEAD, Seed, is_whole, peek};
use super::segment::{FIRST, Place, SECTOR, Segment, SegmentHeader};
use super::window::Window;
use crate::id::Revision;
use crate::model::Result;

/// What the next frame must be. `None` is not known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Expected {
    pub(super) revision: Revision,
    pub(super) part: u32,
    pub(super) previous: Option<EntryId>,
    /// Of an entry that has begun.
    pub(super) id: Option<EntryId>,
    /// At least: the tag of the piece before.
    pub(super) tag: u64,
}

impl Expected {
    /// The first frame of the entry after `head`.
    pub(super) fn after(head: Head, tag: u64) -> Expected {
        Expected { revision: head.revision + 1, part: 0, previous: Some(head.id), id: None, tag }
    }

    /// The first frame of a segment.
    pub(super) fn first_of(header: &SegmentHeader) -> Expected {
        let SegmentHeader { revision, part, tag_before: tag, previous, .. } = *header;
        Expected { revision, part, previous: Some(previous), id: None, tag }
    }

    pub(super) fn fits(&self, frame: &FrameHead) -> bool {
        frame.revision == self.revision
            && frame.part == self.part
            && self.previous.is_none_or(|previous| previous == frame.previous)
            && self.id.is_none_or(|id| id == frame.id)
            && frame.tag >= self.tag
    }

    fn begins(&self, segment: &SegmentHeader) -> bool {
        segment.revision == self.revision
            && segment.part == self.part
            && self.previous.is_none_or(|previous| previous == segment.previous)
            && segment.tag_before >= self.tag
    }

    /// The frame after this one.
    pub(super) fn next(frame: &FrameHead) -> Expected {
        if frame.last_of_entry {
            return Expected::after(Head { revision: frame.revision, id: frame.id }, frame.tag);
        }
        let (revision, part) = (frame.revision, frame.part + 1);
        Expected { revision, part, previous: Some(frame.previous), id: Some(frame.id), tag: frame.tag }
    }
}

pub(super) enum Step {
    Frame(FrameHead, Place),
    /// No frame continues the log.
    End(End),
}

/// What is in the place of the next frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Zeroes, or the end of the file.
    Blank,
    /// Bytes that are no frame, or one that does not belong here.
    Bad(&'static str),
}

pub(super) struct Walk<'d> {
    directory: &'d Directory,
    segment: Option<Arc<Segment>>,
    place: Place,
    salt: u64,
    expected: Expected,
    window: Window,
    /// The piece of the last frame, in the window.
    piece: std::ops::Range<usize>,
}

impl<'d> Walk<'d> {
    /// A walk from a place in a segment with this salt, or from before the first segment, which then need not exist.
    pub(super) fn new(directory: &'d Directory, place: Place, salt: u64, expected: Expected) -> Result<Walk<'d>> {
        let segment = directory.segment(place.segment)?;
        Ok(Walk { directory, segment, place, salt, expected, window: Window::default(), piece: 0..0 })
    }

    /// The place after the last frame.
    pub(super) fn place(&self) -> Place {
        self.place
    }

    pub(super) fn salt(&self) -> u64 {
        self.salt
    }

    pub(super) fn expected(&self) -> Expected {
        self.expected
    }

    /// The piece of the last frame.
    pub(super) fn piece(&self) -> &[u8] {
        self.window.get(self.piece.clone())
    }

    pub(super) fn step(&mut self) -> Result<Step> {
        loop {
            let end = match self.frame()? {
                Ok(frame) => {
                    let at = self.place;
                    self.place.offset += frame.size() as u64;
                    self.expected = Expected::next(&frame);
                    return Ok(Step::Frame(frame, at));
                }
                Err(end) => end,
            };
            if !self.enter_next()? {
                return Ok(Step::End(end));
            }
        }
    }

    fn frame(&mut self) -> Result<Result<FrameHead, End>> {
        let Some(segment) = self.segment.clone() else { return Ok(Err(End::Blank)) };
        let offset = self.place.offset;
        let read = |source| failed("read", &segment.path, &source);
        let head = self.window.at(&*segment.file, offset, HEAD).map_err(read)?;
        if head.iter().all(|byte| *byte == 0) {
            return Ok(Err(End::Blank));
        }
        let Some(frame) = peek(head) else { return Ok(Err(End::Bad("is no frame"))) };
        let bytes = self.window.at(&*segment.file, offset, frame.size()).map_err(read)?;
        if bytes.len() < frame.size() || !is_whole(bytes, Seed { salt: self.salt, offset }) {
            return Ok(Err(End::Bad("is a damaged frame")));
        }
        if !self.expected.fits(&frame) {
            return Ok(Err(End::Bad("is a frame that does not continue the log")));
        }
        let start = self.window.position(offset) + HEAD;
        self.piece = start..start + frame.length as usize;
        Ok(Ok(frame))
    }

    /// Goes on with the next segment, if it continues the log here.
    fn enter_next(&mut self) -> Result<bool> {
        let number = self.place.segment + 1;
        let Some(segment) = self.directory.segment(number)? else { return Ok(false) };
        let Some(header) = read_header(&segment)?.filter(|header| header.number == number) else { return Ok(false) };
        if !self.expected.begins(&header) {
            return Ok(false);
        }
        (self.place, self.salt) = (Place { segment: number, offset: FIRST }, header.salt);
        (self.segment, self.window) = (Some(segment), Window::default());
        Ok(true)
    }
}

/// The header of a segment; `None` if it is not in use or its header is damaged.
pub(super) fn read_header(segment: &Segment) -> Result<Option<SegmentHeader>> {
    let mut sector = vec![0; SECTOR];
    let filled = segment.file.read_at(&mut sector, 0).map_err(|source| failed("read", &segment.path, &source))?;
    Ok(SegmentHeader::decode(sector.get(..filled).unwrap_or_default()))
}
