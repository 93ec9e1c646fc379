//! Writing the frames of one append, over as many segments as they need. For the holder of the append lock, after what
//! followed the end of the log was cut. Knows nothing of marks or syncs.
//!
//! Cost: one write for all frames of a small append. A large one is written in buffers of 1 MiB.

use std::sync::Arc;

use super::directory::{Directory, Spare};
use super::entry::{Entry, Piece, bug, random};
use super::files::failed;
use super::frame::{self, FrameHead, Seed};
use super::index::{Index, Spot};
use super::reach::Reach;
use super::segment::{FIRST, Place, Segment, SegmentHeader};
use super::walk::Expected;
use crate::id::Revision;
use crate::model::{Error, Result};

/// Bytes that are collected before they are written.
const BUFFER: usize = 1 << 20;

/// The sizes of a log.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    /// The most bytes of a segment. One whose first frame is longer has that frame only.
    pub(super) segment: u64,
}

impl Sizes {
    /// Whether a frame fits into a segment after `offset`.
    fn fits(self, offset: u64, size: u64) -> bool {
        offset <= FIRST || offset + size <= self.segment
    }

    /// How many new segments an append needs.
    pub(super) fn new_segments(self, end: Place, entries: &[Entry]) -> usize {
        let mut offset = end.offset;
        let mut new = 0;
        for piece in entries.iter().flat_map(|entry| entry.payload.pieces()) {
            let size = frame::size(piece.bytes.len()) as u64;
            if (end.segment == 0 && new == 0) || !self.fits(offset, size) {
                (offset, new) = (FIRST, new + 1);
            }
            offset += size;
        }
        new
    }
}

/// Why an append was not written.
pub(super) enum Unwritten {
    /// A segment more is needed than there are spares. Nothing was written.
    NoSpare,
    Failed(Error),
    /// The name of a segment may not be durable.
    Unsynced(Error),
}

impl From<Error> for Unwritten {
    fn from(error: Error) -> Unwritten {
        Unwritten::Failed(error)
    }
}

/// Writes entries at the end of the log. Returns how far the log then reaches. After an error, frames without the last
/// one of the append may be there, so nothing of it exists.
pub(super) fn write(
    directory: &Directory,
    reach: &Reach,
    index: &mut Index,
    entries: &[Entry],
    durable: Revision,
    sizes: Sizes,
    spares: &mut Vec<Spare>,
) -> Result<Reach, Unwritten> {
    let segment = directory.segment(reach.end.segment)?;
    let (place, salt, tag) = (reach.end, reach.salt, reach.expected.tag);
    let mut writer =
        Writer { directory, index, sizes, spares, segment, place, salt, tag, buffer: Vec::new(), at: place.offset };
    let mut last = place;
    for (position, entry) in (1..).zip(entries) {
        let mut pieces = (0..).zip(entry.payload.pieces()).peekable();
        while let Some((part, Piece { tag, bytes })) = pieces.next() {
            let last_of_entry = pieces.peek().is_none();
            let last_of_append = last_of_entry && position == entries.len();
            let Entry { revision, id, previous, .. } = *entry;
            let (length, tag) = (bytes.len() as u32, *tag);
            let frame = FrameHead { length, revision, id, previous, tag, durable, part, last_of_entry, last_of_append };
            last = writer.put(&frame, bytes)?;
        }
    }
    writer.flush()?;
    let Some(head) = entries.last().map(Entry::head) else { return Err(bug("no entries are to be appended").into()) };
    let expected = Expected::after(head, writer.tag);
    Ok(Reach { head, end: writer.place, salt: writer.salt, last: Some(last), expected })
}

struct Writer<'w> {
    directory: &'w Directory,
    index: &'w mut Index,
    sizes: Sizes,
    spares: &'w mut Vec<Spare>,
    segment: Option<Arc<Segment>>,
    place: Place,
    salt: u64,
    /// Of the last piece.
    tag: u64,
    buffer: Vec<u8>,
    /// Where in the segment the buffer belongs.
    at: u64,
}

impl Writer<'_> {
    /// Puts one frame into the buffer; returns its place.
    fn put(&mut self, frame: &FrameHead, piece: &[u8]) -> Result<Place, Unwritten> {
        let size = frame.size() as u64;
        if self.segment.is_none() || !self.sizes.fits(self.place.offset, size) {
            self.begin_segment(frame)?;
        }
        if self.buffer.len() > BUFFER {
            self.flush()?;
        }
        let place = self.place;
        frame::encode(frame, piece, Seed { salt: self.salt, offset: place.offset }, &mut self.buffer);
        self.index.note(Spot { place, revision: frame.revision, part: frame.part, tag_before: self.tag });
        self.place.offset += size;
        self.tag = frame.tag;
        Ok(place)
    }

    fn begin_segment(&mut self, first: &FrameHead) -> Result<(), Unwritten> {
        self.flush()?;
        let number = self.place.segment + 1;
        // One that a cut has emptied is used again: it is never removed and never replaced.
        let segment = match self.directory.segment(number)? {
            Some(segment) => segment,
            None => {
                let spare = self.spares.pop().ok_or(Unwritten::NoSpare)?;
                self.directory.name_spare(spare, number)?.ok_or(Unwritten::NoSpare)?
            }
        };
        // Also of one that was there: who named it may have been killed before this sync.
        self.directory.sync().map_err(Unwritten::Unsynced)?;
        let salt = u64::from_le_bytes(random()?);
        let FrameHead { revision, part, previous, .. } = *first;
        let header = SegmentHeader { number, salt, revision, part, tag_before: self.tag, previous };
        self.index.add(header);
        (self.segment, self.salt, self.at) = (Some(segment), salt, 0);
        self.buffer = header.encode();
        self.place = Place { segment: number, offset: FIRST };
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        if let Some(segment) = self.segment.as_ref().filter(|_| !self.buffer.is_empty()) {
            let written = segment.file.write_at(&self.buffer, self.at);
            written.map_err(|source| failed("append to", &segment.path, &source))?;
        }
        self.buffer.clear();
        self.at = self.place.offset;
        Ok(())
    }
}

/// Removes what follows the end of the log, and makes that durable: truncates its segment and empties later ones.
pub(super) fn cut(directory: &Directory, end: Place) -> Result<()> {
    for number in directory.numbers()?.into_iter().filter(|number| *number >= end.segment) {
        let Some(segment) = directory.segment(number)? else { continue };
        let length = if number == end.segment { end.offset } else { 0 };
        let cut = segment.file.len().and_then(|now| if now > length { segment.file.set_len(length) } else { Ok(()) });
        cut.map_err(|source| failed("cut", &segment.path, &source))?;
        segment.file.sync_all().map_err(|source| failed("sync", &segment.path, &source))?;
    }
    Ok(())
}
