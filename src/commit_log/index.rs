//! Where pieces are: the first of each segment, and one in every 16 KiB that was read. Reads headers only.
//!
//! Cost: a walk from the place that is found reads at most 16 KiB and a piece before what was asked for, once that part
//! of the segment was read before; the first time, at most the segment. All places together take at most 2.5 MiB.

use std::collections::{BTreeMap, BTreeSet};

use super::directory::Directory;
use super::segment::{FIRST, Place, SegmentHeader};
use super::walk::{Expected, read_header};
use crate::id::Revision;
use crate::model::Result;

/// The least bytes between two places: some hundred entries of one edit, which take 15 us to pass.
const SPARSE: u64 = 16 * 1024;
/// The most places: 65,536 of 40 bytes, for 1 GiB of log.
const MOST_SPOTS: usize = 1 << 16;

/// Where the frame of a piece begins, and what is needed to walk on from there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    pub(super) place: Place,
    pub(super) revision: Revision,
    pub(super) part: u32,
    /// The tag of the piece before, or a higher one: a search for a tag may begin before this place without need.
    pub(super) tag_before: u64,
}

impl Spot {
    /// Whether it is far enough after another one, or in another segment.
    pub(super) fn is_far_from(&self, other: &Spot) -> bool {
        self.place.segment != other.place.segment || self.place.offset >= other.place.offset + SPARSE
    }

    pub(super) fn expected(&self) -> Expected {
        let Spot { revision, part, .. } = *self;
        Expected { revision, part, previous: None, id: None, tag: 0 }
    }

    fn first_of(header: &SegmentHeader) -> Spot {
        let SegmentHeader { number, revision, part, tag_before, .. } = *header;
        Spot { place: Place { segment: number, offset: FIRST }, revision, part, tag_before }
    }
}

/// Where pieces are.
#[derive(Default)]
pub(super) struct Index {
    segments: BTreeMap<u64, Indexed>,
    /// Where the handle began to read: what follows can be read though frames before it are damaged.
    start: Option<Spot>,
    /// Segments whose header can't be read: not in use yet, or damaged.
    unreadable: BTreeSet<u64>,
    /// The number of all spots.
    spots: usize,
    asked: u64,
}

struct Indexed {
    header: SegmentHeader,
    /// In order, each far from the one before.
    spots: Vec<Spot>,
    /// When it was last asked for.
    asked: u64,
}

impl Index {
    /// Reads the headers of the segments up to and with `last` that are not known yet, and forgets removed ones.
    pub(super) fn update(&mut self, directory: &Directory, last: u64) -> Result<()> {
        let numbers = directory.numbers()?;
        self.retain(|number| numbers.binary_search(&number).is_ok());
        self.start = self.start.filter(|start| numbers.binary_search(&start.place.segment).is_ok());
        self.unreadable.clear();
        for number in numbers.into_iter().filter(|number| *number <= last) {
            if self.segments.contains_key(&number) {
                continue;
            }
            let Some(segment) = directory.segment(number)? else { continue };
            match read_header(&segment)?.filter(|header| header.number == number) {
                Some(header) => self.add(header),
                None => drop(self.unreadable.insert(number)),
            }
        }
        Ok(())
    }

    /// Begins with no places but this one.
    pub(super) fn starting_at(start: Option<Spot>) -> Index {
        Index { start, ..Index::default() }
    }

    fn retain(&mut self, mut keep: impl FnMut(u64) -> bool) {
        self.segments.retain(|number, _| keep(*number));
        self.spots = self.segments.values().map(|segment| segment.spots.len()).sum();
    }

    pub(super) fn last(&self) -> u64 {
        self.segments.keys().next_back().copied().unwrap_or(0)
    }

    pub(super) fn add(&mut self, header: SegmentHeader) {
        let added = Indexed { header, spots: Vec::new(), asked: self.asked };
        let before = self.segments.insert(header.number, added);
        self.spots -= before.map_or(0, |before| before.spots.len());
    }

    /// Notes where a piece is, if no place near it is known.
    pub(super) fn note(&mut self, spot: Spot) {
        let Some(segment) = self.segments.get_mut(&spot.place.segment) else { return };
        let at = segment.spots.partition_point(|other| other.place.offset <= spot.place.offset);
        let first = Spot::first_of(&segment.header);
        let before = at.checked_sub(1).and_then(|before| segment.spots.get(before)).unwrap_or(&first);
        if spot.is_far_from(before) && segment.spots.get(at).is_none_or(|after| after.is_far_from(&spot)) {
            segment.spots.insert(at, spot);
            self.spots += 1;
            if self.spots > MOST_SPOTS {
                self.forget_one(spot.place.segment);
            }
        }
    }

    /// Forgets the places in the segment that was not asked for the longest, but not in `kept`.
    fn forget_one(&mut self, kept: u64) {
        let others = self.segments.iter_mut().filter(|(number, other)| **number != kept && !other.spots.is_empty());
        if let Some((_, segment)) = others.min_by_key(|(_, segment)| segment.asked) {
            self.spots -= segment.spots.len();
            segment.spots = Vec::new();
        }
    }

    /// Forgets what is after the end of the log.
    pub(super) fn cut(&mut self, end: Place) {
        if let Some(segment) = self.segments.get_mut(&end.segment) {
            segment.spots.retain(|spot| spot.place.offset < end.offset);
        }
        self.retain(|number| number <= end.segment);
    }

    /// The header of the first segment; `None` if there are no segments.
    pub(super) fn first(&self) -> Option<&SegmentHeader> {
        self.segments.values().next().map(|segment| &segment.header)
    }

    /// A segment before the first one with a header, which must be damaged.
    pub(super) fn damaged_first(&self) -> Option<u64> {
        let first = self.segments.keys().next()?;
        self.unreadable.first().filter(|number| *number < first).copied()
    }

    /// A place at or before the first piece of an entry, from which to walk.
    pub(super) fn find(&mut self, revision: Revision) -> Option<Spot> {
        self.find_where(|spot| (spot.revision, spot.part) <= (revision, 0))
    }

    /// A place at or before the first piece whose tag is above `tag`, from which to walk.
    pub(super) fn find_tag(&mut self, tag: u64) -> Option<Spot> {
        self.find_where(|spot| spot.tag_before <= tag)
    }

    /// The last place that is at or before what is looked for.
    fn find_where(&mut self, is_before: impl Fn(&Spot) -> bool) -> Option<Spot> {
        self.asked += 1;
        let asked = self.asked;
        let mut segments = self.segments.values_mut().rev();
        let segment = segments.find(|segment| is_before(&Spot::first_of(&segment.header)))?;
        segment.asked = asked;
        let before = segment.spots.partition_point(&is_before);
        let spot = before.checked_sub(1).and_then(|before| segment.spots.get(before)).copied();
        let spot = spot.unwrap_or_else(|| Spot::first_of(&segment.header));
        Some(self.start.filter(|start| is_before(start) && start.place > spot.place).unwrap_or(spot))
    }

    /// The oldest segments that have no frame of an entry after `revision`, but never the newest segment.
    pub(super) fn whole_segments_up_to(&self, revision: Revision) -> Vec<u64> {
        let next = self.segments.values().skip(1).map(|segment| &segment.header);
        let pairs = self.segments.keys().copied().zip(next);
        // The last entry with a frame in a segment is the one before the next segment, or the one that runs into it.
        // One whose header is damaged, and all after it, are left.
        let removable = |number: u64, next: &SegmentHeader| {
            next.oldest() <= revision && next.number == number + 1 && self.damaged_first().is_none()
        };
        pairs.take_while(|(number, next)| removable(*number, next)).map(|(number, _)| number).collect()
    }
}
