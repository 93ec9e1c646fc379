//! Finding where a log ends when it is opened: from a position that the caller knows, or from the beginning. Reads only.
//!
//! Input: the mark, the bases, and perhaps an entry of a checkpoint with its position. Output: how far the log reaches,
//! or why it can't be opened. Cost: the frames after the known position are read; without one, or if nothing is there,
//! all frames. Of segments before the known position the headers only are read.

use super::base;
use super::directory::Directory;
use super::entry::{Head, Position};
use super::files::failed;
use super::frame::{HEAD, Seed, is_whole, peek};
use super::index::{Index, Spot};
use super::mark::Mark;
use super::opening::Identity;
use super::reach::{Reach, Seen};
use super::segment::{Place, Segment, name};
use super::walk::{End, Expected, Step, Walk, read_header};
use super::window::Window;
use crate::model::{LogError, Result};

/// How far a log reaches.
pub(super) struct Found {
    pub(super) reach: Reach,
    pub(super) index: Index,
    /// The newest entry that is known to be durable with its place: that of the mark or of the known position.
    pub(super) mark: Option<Mark>,
    /// The newest base; its entry was durable when it was written.
    pub(super) base: Option<Head>,
    /// Damage that does not keep the log from being opened: that of the known entry itself.
    pub(super) damage: Option<LogError>,
}

/// Finds the end of a log. For the holder of the append lock, who has read the mark before: then every entry up to the
/// mark was there already. `known` is an entry that the caller knows to have been durable.
pub(super) fn find_end(
    directory: &Directory,
    identity: &Identity,
    mark: Option<Mark>,
    known: Option<(Head, Position)>,
) -> Result<Found> {
    let bases = base::revisions(directory)?;
    let bases: Vec<Head> =
        bases.into_iter().map(|revision| Ok(base::read_head(directory, revision)?.0)).collect::<Result<_>>()?;
    let heads = mark.map(|mark| mark.head).into_iter().chain(bases.iter().copied()).chain(known.map(|known| known.0));
    let heads: Vec<Head> = heads.collect();
    let start = known.map(|(head, position)| start_after(directory, head, position)).transpose()?.flatten();
    let (mut reach, start, damage, mark) = match start {
        Some(Start { reach, spot, damage }) => {
            let found = Mark { head: reach.head, end: reach.end };
            (reach, Some(spot), damage, Mark::newer(mark, Some(found)))
        }
        None => (beginning(directory, identity, &bases)?, None, None, mark),
    };
    let mut forked = differing(&heads, reach.head);
    let mut index = Index::starting_at(start);
    // Headers of segments after the end are not known to be valid, and are removed below.
    index.update(directory, u64::MAX)?;
    let stop = reach.advance(directory, &mut |Seen { head, spot }| {
        index.note(spot);
        forked = forked.or(differing(&heads, head));
        Ok(())
    })?;
    if let Some(head) = forked {
        return Err(LogError::Forked { revision: head.revision }.into());
    }
    let durable = heads.iter().map(|head| head.revision).max().unwrap_or(0);
    reach.refuse_damage(directory, &stop, durable)?;
    index.cut(reach.end);
    Ok(Found { reach, index, mark, base: bases.last().copied(), damage })
}

/// The head, if another one is known with its revision.
fn differing(known: &[Head], head: Head) -> Option<Head> {
    known.iter().any(|known| known.revision == head.revision && known.id != head.id).then_some(head)
}

/// Where to go on after a known entry.
struct Start {
    reach: Reach,
    spot: Spot,
    /// That of the entry itself, if its last frame is damaged and can be passed.
    damage: Option<LogError>,
}

impl Start {
    /// `tag` is that of the entry, or a higher one.
    fn new(reach: Reach, tag: u64, damage: Option<LogError>) -> Start {
        let spot = Spot { place: reach.end, revision: reach.head.revision + 1, part: 0, tag_before: tag };
        Start { reach, spot, damage }
    }
}

/// Finds out what is in the place of a known entry. `None` if nothing is there: the log may end before.
fn start_after(directory: &Directory, known: Head, position: Position) -> Result<Option<Start>> {
    let Position { segment: number, salt, last, end } = position;
    let segment = if number == 0 { None } else { directory.segment(number)? };
    let Some(segment) = segment else { return Ok(None) };
    let Some(header) = read_header(&segment)?.filter(|header| header.number == number && header.salt == salt) else {
        return Ok(None);
    };
    let end = Place { segment: number, offset: end };
    let reach = |tag, last| Reach { head: known, end, salt, last, expected: Expected::after(known, tag) };
    match frame_at(&segment, Seed { salt, offset: last })? {
        Known::Blank => Ok(None),
        Known::Frame { head, tag, end: found } if head == known && found == end.offset => {
            Ok(Some(Start::new(reach(tag, Some(Place { offset: last, ..end })), tag, None)))
        }
        Known::Frame { .. } => Err(LogError::Forked { revision: known.revision }.into()),
        Known::Damaged => {
            let why = format!("at byte {last}: it is a damaged frame");
            let damage = LogError::Damaged { revision: known.revision, path: segment.path.clone(), why };
            let reach = reach(header.tag_before, None);
            let mut walk = Walk::new(directory, reach.end, salt, reach.expected)?;
            match walk.step()? {
                Step::Frame(next, _) => Ok(Some(Start::new(reach, next.tag, Some(damage)))),
                Step::End(End::Blank) => Ok(Some(Start::new(reach, u64::MAX, Some(damage)))),
                Step::End(End::Bad(_)) => Err(damage.into()),
            }
        }
    }
}

/// What is in the place of the last frame of a known entry.
enum Known {
    Blank,
    Damaged,
    Frame { head: Head, tag: u64, end: u64 },
}

fn frame_at(segment: &Segment, seed: Seed) -> Result<Known> {
    let read = |source| failed("read", &segment.path, &source);
    let mut window = Window::default();
    let head = window.at(&*segment.file, seed.offset, HEAD).map_err(read)?;
    if head.iter().all(|byte| *byte == 0) {
        return Ok(Known::Blank);
    }
    let Some(frame) = peek(head) else { return Ok(Known::Damaged) };
    let size = frame.size();
    let bytes = window.at(&*segment.file, seed.offset, size).map_err(read)?;
    if bytes.len() < size || !is_whole(bytes, seed) {
        return Ok(Known::Damaged);
    }
    let head = Head { revision: frame.revision, id: frame.id };
    Ok(Known::Frame { head, tag: frame.tag, end: seed.offset + size as u64 })
}

/// The reach before the first entry that is there.
fn beginning(directory: &Directory, identity: &Identity, bases: &[Head]) -> Result<Reach> {
    let begin = identity.begin;
    let first = directory.numbers()?.first().copied().filter(|number| *number > 1);
    let damaged = |revision, file: &str, why: &str| {
        let path = directory.join(file);
        LogError::Damaged { revision, path, why: why.to_owned() }.into()
    };
    let (reach, oldest) = match first {
        None => (Reach::before_first_segment(begin, identity.tag), begin.revision),
        Some(number) => {
            let segment = directory.segment(number)?;
            let header = segment.map(|segment| read_header(&segment)).transpose()?.flatten();
            let header = header.filter(|header| header.number == number);
            let header = header.ok_or_else(|| {
                let revision = bases.first().map_or(0, |base| base.revision);
                damaged(revision, &name(number), "the header of the first segment is damaged")
            })?;
            (Reach::beginning_of(&header), header.oldest())
        }
    };
    if oldest > 0 && bases.last().is_none_or(|base| base.revision < oldest) {
        let file = first.map_or_else(|| base::name(oldest), name);
        return Err(damaged(oldest, &file, "the segments or the base before it are missing"));
    }
    Ok(reach)
}
