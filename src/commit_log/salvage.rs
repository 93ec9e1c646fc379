//! Reading a log that is damaged: every whole frame and every whole chunk of a base, and what lies between. Writes nothing.
//!
//! After damage a frame is looked for at each multiple of 8. The salt in the header of a segment is needed to tell a frame
//! from other bytes, so nothing of a segment without a header can be had. Nothing is said of how frames follow each
//! other, but by [`check`]. Cost: each byte is read once; after damage, a crc for each place that looks like a frame.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::base;
use super::directory::Directory;
use super::entry::{Head, PieceOf};
use super::files::SystemFiles;
use super::frame::{FrameHead, HEAD, Seed, is_whole, peek};
use super::opening::{Identity, open_mark};
use super::segment::{FIRST, Place, SECTOR, Segment, SegmentHeader, name};
use super::walk::{Expected, read_header};
use super::window::Window;
use crate::id::Revision;
use crate::model::{Error, LogError, Result};

/// A frame of a log that may be damaged.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SalvagedPiece<'p> {
    pub(crate) piece: PieceOf<'p>,
    /// Without a piece that has this, its append did not end.
    pub(crate) last_of_append: bool,
    /// A revision that was durable when the piece was written.
    pub(crate) durable: Revision,
}

/// Hands out every whole frame of every readable segment, in order of segments and places. Returns the defects.
///
/// # Errors
/// Those of the directory, and of `each`. Files that can't be read are defects.
pub(crate) fn salvage(path: &Path, each: &mut dyn FnMut(SalvagedPiece<'_>) -> Result<()>) -> Result<Vec<LogError>> {
    let directory = open(path)?;
    let mut defects = Vec::new();
    if let Err(error) = Identity::read(&directory) {
        defects.push(as_defect(error, 0, path));
    }
    let mut newest = 0;
    segments(&directory, None, &mut defects, &mut |frame, bytes, _| {
        newest = newest.max(frame.revision);
        let FrameHead { last_of_append, durable, .. } = *frame;
        each(SalvagedPiece { piece: frame.piece(bytes), last_of_append, durable })?;
        Ok(None)
    })?;
    let durable = salvaged_mark(path).unwrap_or_default();
    if durable > newest.max(base::revisions(&directory)?.last().copied().unwrap_or(0)) {
        defects.push(LogError::Lost { durable, head: newest });
    }
    Ok(defects)
}

/// The revision up to which a log was durable; `None` if what says so can't be read.
pub(crate) fn salvaged_mark(path: &Path) -> Option<Revision> {
    let directory = open(path).ok()?;
    let identity = Identity::read(&directory).ok()?;
    let mark = open_mark(&directory, false, identity.log).ok()?.read().ok()?;
    mark.map(|mark| mark.head.revision)
}

/// The revisions of the bases in the directory of a log, whole or not, in order.
pub(crate) fn salvaged_bases(path: &Path) -> Result<Vec<Revision>> {
    base::revisions(&open(path)?)
}

/// A base that may be damaged.
#[derive(Debug)]
pub(crate) struct SalvagedBase {
    /// The entry that the base follows, and its tag; `None` if that is damaged, and then no piece was handed out.
    pub(crate) head: Option<(Head, u64)>,
    /// None if the base is whole.
    pub(crate) defects: Vec<LogError>,
}

/// Hands out each whole piece of a base, as its tag and its bytes, in order.
///
/// # Errors
/// Those of `each`. A file that can't be read is a defect.
pub(crate) fn salvage_base(
    path: &Path,
    revision: Revision,
    each: &mut dyn FnMut(u64, &[u8]) -> Result<()>,
) -> Result<SalvagedBase> {
    let mut defects = Vec::new();
    let head = base::salvage(&open(path)?, revision, each, &mut defects)?;
    Ok(SalvagedBase { head, defects })
}

/// All defects of the segments up to the end of a log, and of its bases.
pub(super) fn check(directory: &Directory, end: Place, head: Head) -> Result<Vec<LogError>> {
    let mut defects = Vec::new();
    let (mut expected, mut oldest): (Option<Expected>, _) = (None, 0);
    segments(directory, Some(end), &mut defects, &mut |frame, _, follows_defect| {
        let fits = follows_defect || expected.is_none_or(|expected| expected.fits(frame));
        if expected.replace(Expected::next(frame)).is_none() && !follows_defect {
            oldest = frame.revision - u64::from(frame.part == 0);
        }
        Ok((!fits).then_some("is a frame that does not continue the one before"))
    })?;
    let next = expected.map_or(head.revision + 1, |expected| expected.revision);
    if next <= head.revision && defects.is_empty() {
        defects.push(LogError::Lost { durable: head.revision, head: next - 1 });
    }
    let bases = base::revisions(directory)?;
    if oldest > 0 && bases.last().is_none_or(|base| *base < oldest) {
        let why = "the segments or the base before it are missing".to_owned();
        defects.push(LogError::Damaged { revision: oldest, path: directory.path().to_owned(), why });
    }
    for revision in bases {
        base::salvage(directory, revision, &mut |_, _| Ok(()), &mut defects)?;
    }
    Ok(defects)
}

fn open(path: &Path) -> Result<Directory> {
    let directory = Directory::new(path.to_owned(), Arc::new(SystemFiles), false);
    directory.names().map(|_| directory)
}

/// Takes a whole frame, its bytes, and whether a defect was found right before it. Returns why it is a defect, if it is.
type EachFrame<'e> = dyn FnMut(&FrameHead, &[u8], bool) -> Result<Option<&'static str>> + 'e;

/// Reads segments in order, from the first to the end, or all.
fn segments(
    directory: &Directory,
    end: Option<Place>,
    defects: &mut Vec<LogError>,
    each: &mut EachFrame<'_>,
) -> Result<()> {
    let (mut before, mut next, mut known) = (None, 1, 0);
    for number in directory.numbers()?.into_iter().filter(|number| end.is_none_or(|end| *number <= end.segment)) {
        let path = directory.join(&name(number));
        let mut defect = |revision, why: &str| {
            defects.push(LogError::Damaged { revision, path: path.clone(), why: why.to_owned() });
        };
        if before.is_some_and(|before| number != before + 1) {
            defect(next, "a segment before it is missing");
        }
        before = Some(number);
        let header = directory.segment(number).and_then(|segment| {
            let Some(segment) = segment else { return Ok(None) };
            Ok(read_header(&segment)?.filter(|header| header.number == number).map(|header| (segment, header)))
        });
        match header {
            Ok(Some((segment, header))) => {
                let end = end.filter(|end| end.segment == number).map(|end| end.offset);
                let mut reader =
                    Reader { segment: &segment, header: &header, end, path: &path, next: header.revision, known };
                reader.read(defects, each)?;
                (next, known) = (reader.next, reader.known);
            }
            // Not in use yet.
            Ok(None) if end.is_none() && is_blank(directory, number) => {}
            Ok(None) => defect(next, "its header is damaged, so its frames can't be checked"),
            Err(error) => defects.push(as_defect(error, next, &path)),
        }
    }
    Ok(())
}

/// Whether a segment begins with zeroes or is empty.
fn is_blank(directory: &Directory, number: u64) -> bool {
    let mut sector = [0; SECTOR];
    let segment = directory.segment(number).ok().flatten();
    segment.is_none_or(|segment| segment.file.read_at(&mut sector, 0).is_ok() && sector.iter().all(|byte| *byte == 0))
}

fn as_defect(error: Error, revision: Revision, path: &Path) -> LogError {
    match error {
        Error::Log(defect) => defect,
        other => LogError::Damaged { revision, path: path.to_owned(), why: other.to_string() },
    }
}

/// Reads one segment.
struct Reader<'r> {
    segment: &'r Segment,
    header: &'r SegmentHeader,
    end: Option<u64>,
    path: &'r PathBuf,
    /// The revision that the next frame should have, or the one after.
    next: Revision,
    /// The number of defects up to the last frame.
    known: usize,
}

/// What is at a place in a segment.
enum At {
    Frame(FrameHead),
    Blank,
    Bad(String),
    End,
}

impl Reader<'_> {
    fn read(&mut self, defects: &mut Vec<LogError>, each: &mut EachFrame<'_>) -> Result<()> {
        let (mut offset, mut window) = (FIRST, Window::default());
        // Since where there is no frame, and why; nothing is said of zeroes that nothing follows.
        let mut gap: Option<(u64, Option<String>)> = None;
        loop {
            match self.at(&mut window, offset) {
                At::Frame(frame) => {
                    if let Some((start, why)) = gap.take() {
                        defects.push(self.damaged(start, why.as_deref().unwrap_or("is empty")));
                    }
                    let start = window.position(offset) + HEAD;
                    let bytes = window.get(start..start + frame.length as usize);
                    let follows_defect = defects.len() > self.known;
                    if let Some(why) = each(&frame, bytes, follows_defect)? {
                        defects.push(self.damaged(offset, why));
                    }
                    self.known = defects.len();
                    self.next = frame.revision + u64::from(frame.last_of_entry);
                    offset += frame.size() as u64;
                }
                At::Blank => {
                    gap.get_or_insert((offset, None));
                    offset += 8;
                }
                At::Bad(why) => {
                    gap.get_or_insert((offset, None)).1.get_or_insert(why);
                    offset += 8;
                }
                At::End => break,
            }
        }
        match gap {
            Some((start, Some(why))) => defects.push(self.damaged(start, &why)),
            Some((start, None)) if self.end.is_some() => defects.push(self.damaged(start, "is empty")),
            _ => {}
        }
        Ok(())
    }

    fn at(&self, window: &mut Window, offset: u64) -> At {
        if self.end.is_some_and(|end| offset >= end) {
            return At::End;
        }
        let seed = Seed { salt: self.header.salt, offset };
        let read = |source: std::io::Error| At::Bad(format!("can't be read: {source}"));
        let head = match window.at(&*self.segment.file, offset, HEAD) {
            Ok([]) => return At::End,
            Ok(head) => head,
            Err(source) => return read(source),
        };
        if head.iter().all(|byte| *byte == 0) {
            return At::Blank;
        }
        let Some(frame) = peek(head) else { return At::Bad("is no frame".to_owned()) };
        match window.at(&*self.segment.file, offset, frame.size()) {
            Ok(bytes) if bytes.len() == frame.size() && is_whole(bytes, seed) => At::Frame(frame),
            Ok(_) => At::Bad("is a damaged frame".to_owned()),
            Err(source) => read(source),
        }
    }

    fn damaged(&self, offset: u64, why: &str) -> LogError {
        let why = format!("at byte {offset}: it {why}");
        LogError::Damaged { revision: self.next, path: self.path.clone(), why }
    }
}
