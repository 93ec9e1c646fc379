//! From a hash to the number of what has that name. Knows neither names nor what they name: the caller compares, and
//! tells the hash of a number again when a bucket is made anew.

use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::chunks::Chunks;
use super::starts_of;

/// Entries that are looked at together, in one cache line.
const LINE: usize = 12;
/// Lines of one bucket when it is made.
const LINES: usize = 64;
/// How many entries a bucket has on average before one more bucket is made.
const TARGET: usize = 480;

/// Up to twelve entries: a byte of each one's hash, 0 where there is room, and its number. They are filled from the
/// first on.
#[derive(Clone, Default)]
#[repr(align(64))]
struct Line {
    tags: [u8; LINE],
    numbers: [u32; LINE],
}

impl Line {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);

    /// Some bit of a place's byte for each tag that is this one, and seldom for one that isn't: the lowest for the
    /// first eight, the fifth for the others. All are compared at once, so that the processor has nothing to guess: a
    /// wrong guess costs more than the look-up.
    #[inline]
    fn with_tag(&self, tag: u8) -> u64 {
        let matches = |tags: u64| {
            let differ = tags ^ (Self::ONES * u64::from(tag));
            differ.wrapping_sub(Self::ONES) & !differ & (Self::ONES << 7)
        };
        let first = self.tags.first_chunk().map_or(0, |tags| u64::from_le_bytes(*tags));
        let last = self.tags.last_chunk().map_or(0, |tags| u32::from_le_bytes(*tags));
        matches(first) >> 7 | (matches(u64::from(last)) & 0xFFFF_FFFF) >> 3
    }

    #[inline]
    fn is_full(&self) -> bool {
        self.tags.last().is_some_and(|tag| *tag != 0)
    }

    /// The number under the first of these bits; some number when there is none.
    #[inline]
    fn number(&self, candidates: u64) -> Option<u32> {
        let bit = candidates.trailing_zeros() as usize;
        self.numbers.get(bit / 8 + bit % 8 * 2).copied()
    }

    #[inline]
    fn find<T>(&self, tag: u8, look_at: &mut impl FnMut(u32) -> Option<T>) -> Option<T> {
        let mut candidates = self.with_tag(tag);
        while candidates != 0 {
            let found = look_at(self.number(candidates)?);
            if found.is_some() {
                return found;
            }
            candidates &= candidates - 1;
        }
        None
    }
}

/// The hash of a name, of a task or a unit.
#[inline]
pub(super) fn hash(hasher: &RandomState, name: &[u8]) -> u64 {
    let mut hasher = hasher.build_hasher();
    hasher.write(name);
    hasher.finish()
}

/// The bits of a hash that place an entry. The tag, which is never 0, is kept beside its number.
///
/// The low bits choose the bucket, the ones below the tag the line.
#[derive(Clone, Copy)]
struct Hash {
    tag: u8,
    rest: u32,
}

impl Hash {
    #[inline]
    fn of(hash: u64) -> Hash {
        Hash { tag: ((hash >> 56) as u8).max(1), rest: hash as u32 & 0xFF_FFFF }
    }

    #[inline]
    fn line(self, lines: usize) -> usize {
        (self.rest as usize * lines) >> 24
    }
}

/// An entry stands in the first line after its own that had room, so a look-up ends at a line that has room.
#[derive(Clone, Default)]
struct Bucket {
    lines: Arc<[Line]>,
    used: usize,
}

/// A persistent hash index by linear hashing: it grows one bucket at a time, so nothing ever rehashes the whole.
#[derive(Clone, Default)]
pub(crate) struct Names {
    buckets: Chunks<Bucket, 64>,
    /// One below the number of buckets, rounded up to a power of two.
    mask: u32,
    len: usize,
}

impl Bucket {
    /// A bucket of entries, with room for one more.
    fn of(entries: &[(Hash, u32)]) -> Bucket {
        let mut lines = LINES;
        while !has_room(entries.len(), lines) {
            lines *= 2;
        }
        let mut lines: Vec<Line> = std::iter::repeat_n(Line::default(), lines).collect();
        entries.iter().for_each(|(hash, number)| place(&mut lines, *hash, *number));
        Bucket { lines: lines.into(), used: entries.len() }
    }

    fn entries(&self, hash_of: &impl Fn(u32) -> u64) -> Vec<(Hash, u32)> {
        let slots = self.lines.iter().flat_map(|line| line.tags.iter().zip(&line.numbers));
        let taken = slots.filter(|(tag, _)| **tag != 0);
        taken.map(|(_, number)| (Hash::of(hash_of(*number)), *number)).collect()
    }

    #[inline]
    fn find<T>(&self, hash: Hash, mut look_at: impl FnMut(u32) -> Option<T>) -> Option<T> {
        let at = hash.line(self.lines.len());
        let line = self.lines.get(at)?;
        let found = line.find(hash.tag, &mut look_at);
        if found.is_none() && line.is_full() { self.find_after(at, hash.tag, look_at) } else { found }
    }

    /// Looks into the lines after a full one.
    #[cold]
    fn find_after<T>(&self, at: usize, tag: u8, mut look_at: impl FnMut(u32) -> Option<T>) -> Option<T> {
        let (before, after) = self.lines.split_at_checked(at)?;
        for line in after.iter().skip(1).chain(before) {
            let found = line.find(tag, &mut look_at);
            if found.is_some() || !line.is_full() {
                return found;
            }
        }
        None
    }

    fn insert(&mut self, hash: Hash, number: u32, hash_of: &impl Fn(u32) -> u64) {
        if !has_room(self.used, self.lines.len()) {
            *self = Bucket::of(&self.entries(hash_of));
        }
        place(Arc::make_mut(&mut self.lines), hash, number);
        self.used += 1;
    }
}

/// Puts an entry into the first line from its own on that has room. One of them has.
fn place(lines: &mut [Line], hash: Hash, number: u32) {
    let (before, from) = lines.split_at_mut(hash.line(lines.len()));
    let Some(line) = from.iter_mut().chain(before).find(|line| !line.is_full()) else { return };
    if let Some((tag, slot)) = line.tags.iter_mut().zip(&mut line.numbers).find(|(tag, _)| **tag == 0) {
        (*tag, *slot) = (hash.tag, number);
    }
}

impl Names {
    /// An index of the numbers from 0 on, each under its hash. They are sorted by bucket first, so that each bucket is
    /// filled while it is in the processor's cache.
    pub(crate) fn of(hashes: &[u64]) -> Names {
        let buckets = hashes.len().div_ceil(TARGET).max(1);
        let mask = mask_for(buckets);
        let bucket = |hash: &u64| bucket_of(Hash::of(*hash), mask, buckets);
        let mut ends = vec![0; buckets];
        for hash in hashes {
            ends.get_mut(bucket(hash)).into_iter().for_each(|count| *count += 1);
        }
        // Filling a bucket moves the place where it begins to its end.
        starts_of(&mut ends);
        let mut sorted = vec![(Hash { tag: 0, rest: 0 }, 0); hashes.len()];
        for (number, hash) in (0..).zip(hashes) {
            if let Some(end) = ends.get_mut(bucket(hash)) {
                sorted.get_mut(*end).into_iter().for_each(|slot| *slot = (Hash::of(*hash), number));
                *end += 1;
            }
        }
        let starts = std::iter::once(0).chain(ends.iter().copied());
        let buckets = starts.zip(&ends).map(|(from, to)| Bucket::of(sorted.get(from..*to).unwrap_or_default()));
        Names { buckets: buckets.collect(), mask, len: hashes.len() }
    }

    #[inline]
    fn bucket_of(&self, hash: Hash) -> usize {
        bucket_of(hash, self.mask, self.buckets.len())
    }

    /// What `look_at` makes of the first number under this hash for which it makes something.
    #[inline]
    pub(crate) fn find<T>(&self, hash: u64, look_at: impl FnMut(u32) -> Option<T>) -> Option<T> {
        let hash = Hash::of(hash);
        self.buckets.get(self.bucket_of(hash))?.find(hash, look_at)
    }

    /// The number that is most likely under this hash, or any: a guess, which asks nothing of what is in memory before
    /// it goes on.
    #[inline]
    pub(crate) fn guess(&self, hash: u64) -> Option<u32> {
        let hash = Hash::of(hash);
        let bucket = self.buckets.get(self.bucket_of(hash))?;
        let line = bucket.lines.get(hash.line(bucket.lines.len()))?;
        line.number(line.with_tag(hash.tag))
    }

    /// Adds a number under its hash. The caller has made sure that it isn't there.
    pub(crate) fn insert(&mut self, hash: u64, number: u32, hash_of: impl Fn(u32) -> u64) {
        self.len += 1;
        if self.buckets.len() * TARGET < self.len {
            self.add_bucket(&hash_of);
        }
        let hash = Hash::of(hash);
        let at = self.bucket_of(hash);
        if let Some(bucket) = self.buckets.get_mut(at) {
            bucket.insert(hash, number, &hash_of);
        }
    }

    /// Takes away the number that stands under this hash.
    pub(crate) fn remove(&mut self, hash: u64, number: u32, hash_of: impl Fn(u32) -> u64) {
        let at = self.bucket_of(Hash::of(hash));
        let Some(bucket) = self.buckets.get_mut(at) else { return };
        let mut kept = bucket.entries(&hash_of);
        kept.retain(|(_, entry)| *entry != number);
        self.len -= bucket.used - kept.len();
        *bucket = Bucket::of(&kept);
    }

    /// About how many bytes of memory it takes.
    pub(crate) fn bytes(&self) -> usize {
        let line = std::mem::size_of::<Line>();
        self.buckets.iter().map(|bucket| bucket.lines.len() * line + std::mem::size_of::<Bucket>()).sum()
    }

    /// Adds a bucket and moves into it what belongs there from the one it splits.
    fn add_bucket(&mut self, hash_of: &impl Fn(u32) -> u64) {
        let new = self.buckets.push(Bucket::of(&[]));
        self.mask = mask_for(new + 1);
        let split = new - (new + 1).next_power_of_two() / 2;
        let Some(old) = self.buckets.get(split).filter(|_| new != split) else { return };
        let (moving, staying): (Vec<_>, Vec<_>) =
            old.entries(hash_of).into_iter().partition(|(hash, _)| self.bucket_of(*hash) == new);
        for (at, entries) in [(split, staying), (new, moving)] {
            if let Some(slot) = self.buckets.get_mut(at) {
                *slot = Bucket::of(&entries);
            }
        }
    }
}

/// Which of so many buckets has a hash: those past the end are not split off yet from the ones half as far.
#[inline]
fn bucket_of(hash: Hash, mask: u32, buckets: usize) -> usize {
    let at = (hash.rest & mask) as usize;
    if at < buckets { at } else { at & (mask >> 1) as usize }
}

fn mask_for(buckets: usize) -> u32 {
    (buckets.next_power_of_two() - 1) as u32
}

/// Whether one more entry leaves an eighth of the slots free.
fn has_room(used: usize, lines: usize) -> bool {
    (used + 1) * 8 <= lines * LINE * 7
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(n: u32) -> u64 {
        u64::from(n).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(23)
    }

    #[test]
    fn what_was_inserted_is_found_until_it_is_removed() {
        let mut names = Names::default();
        for n in 0..10_000 {
            names.insert(hash(n), n, hash);
        }
        let before = names.clone();
        for n in (0..10_000).step_by(3) {
            names.remove(hash(n), n, hash);
        }
        for n in 0..10_000 {
            assert_eq!(before.find(hash(n), |found| (found == n).then_some(n)), Some(n));
            assert_eq!(names.find(hash(n), |found| (found == n).then_some(n)), (n % 3 != 0).then_some(n));
        }
        assert_eq!(names.len, 6_666);
    }

    #[test]
    fn equal_hashes_are_told_apart_by_the_caller() {
        let mut names = Names::of(&[]);
        for n in 0..1_000 {
            names.insert(42, n, |_| 42);
        }
        assert_eq!(names.find(42, |n| (n == 777).then_some(n)), Some(777));
        assert_eq!(names.find(42, |n| (n == 1_000).then_some(n)), None);
        assert_eq!(names.find(43, Some), None);
    }
}
