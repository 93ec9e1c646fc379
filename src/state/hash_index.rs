//! From a hash to numbers, by linear hashing: the index grows by one bucket at a time, so nothing rehashes the whole.
//!
//! Input: the hash of a key, and a function that tells whether a number is the one sought. Output: that number. The
//! index stores numbers and one byte of each hash, no keys: the caller compares keys, and computes hashes again when a
//! bucket is split or grows.
//!
//! Invariant: an entry is in the first line at or after its own (cyclically, inside its bucket) that had room when it
//! came, and a line is filled from its first slot on. So a look-up ends at the first line with room.
//! Cost: a look-up reads one cache line of the index in nearly all cases. An insertion or removal copies one bucket of
//! `LINES` lines, `CHUNK` pointers to buckets and the root, which has a pointer per `CHUNK` buckets, unless no other
//! version shares them.

use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::chunks::Chunks;
use super::prefix_sum::exclusive_prefix_sum;

/// Slots of a line: 12 tags of one byte and 12 numbers of four fill a cache line of 64 bytes with 4 to spare.
const SLOTS: usize = 12;

/// Up to twelve entries: a byte of each one's hash, 0 in a free slot, and its number.
#[derive(Clone, Default)]
#[repr(align(64))]
struct Line {
    tags: [u8; SLOTS],
    numbers: [u32; SLOTS],
}

impl Line {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);

    /// A mask of the slots whose tag may equal `tag`: bit `8 * i` for slots 0 to 7, bit `8 * i + 4` for slots 8 to 11.
    /// False positives are rare, false negatives impossible. All tags are compared at once, without a branch: a
    /// mispredicted branch costs more than the look-up.
    #[inline]
    fn with_tag(&self, tag: u8) -> u64 {
        let matches = |tags: u64| {
            let differ = tags ^ (Self::ONES * u64::from(tag));
            differ.wrapping_sub(Self::ONES) & !differ & (Self::ONES << 7)
        };
        let [a, b, c, d, e, f, g, h, i, j, k, l] = self.tags;
        let first = u64::from_le_bytes([a, b, c, d, e, f, g, h]);
        let last = u32::from_le_bytes([i, j, k, l]);
        matches(first) >> 7 | (matches(u64::from(last)) & 0xFFFF_FFFF) >> 3
    }

    #[inline]
    fn is_full(&self) -> bool {
        let [.., last] = self.tags;
        last != 0
    }

    /// The number in the first slot of a mask; any number when the mask is empty.
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

    fn slot_of(&self, number: u32) -> Option<usize> {
        self.tags.iter().zip(&self.numbers).position(|(tag, other)| *tag != 0 && *other == number)
    }

    /// Frees a slot by moving the last entry into it.
    fn free(&mut self, slot: usize) {
        let last = self.tags.iter().take_while(|tag| **tag != 0).count() - 1;
        self.tags.swap(slot, last);
        self.numbers.swap(slot, last);
        self.tags.iter_mut().skip(last).take(1).for_each(|tag| *tag = 0);
    }
}

/// The hash of a name of a task or a unit.
#[inline]
pub(super) fn hash(hasher: &RandomState, name: &[u8]) -> u64 {
    let mut hasher = hasher.build_hasher();
    hasher.write(name);
    hasher.finish()
}

/// The bits of a hash that place an entry: the low ones choose the bucket, the ones below the tag the line. The tag is
/// never 0.
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

#[derive(Clone, Default)]
struct Bucket<const LINES: usize> {
    lines: Arc<[Line]>,
    used: usize,
}

/// A persistent hash index. See the head of this file. A fresh bucket has `LINES` lines.
#[derive(Clone, Default)]
pub(crate) struct HashIndex<const CHUNK: usize, const LINES: usize> {
    buckets: Chunks<Bucket<LINES>, CHUNK>,
    /// One below the number of buckets, rounded up to a power of two.
    mask: u32,
    len: usize,
}

impl<const LINES: usize> Bucket<LINES> {
    /// Makes a bucket of entries, with room for one more.
    fn of(entries: &[(Hash, u32)]) -> Self {
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
        let (before, from) = self.lines.split_at(at);
        for line in from.iter().skip(1).chain(before) {
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

    /// Takes an entry away, and tells whether it was there. Entries in lines after a full line may belong before it, so
    /// such a bucket is made again.
    fn remove(&mut self, hash: Hash, number: u32, hash_of: &impl Fn(u32) -> u64) -> bool {
        let line = hash.line(self.lines.len());
        match self.lines.get(line).and_then(|line| Some((line.slot_of(number)?, line.is_full()))) {
            Some((slot, false)) => {
                if let Some(line) = Arc::make_mut(&mut self.lines).get_mut(line) {
                    line.free(slot);
                }
                self.used -= 1;
                true
            }
            _ => {
                let mut kept = self.entries(hash_of);
                kept.retain(|(_, entry)| *entry != number);
                let found = kept.len() < self.used;
                *self = Bucket::of(&kept);
                found
            }
        }
    }
}

/// Puts an entry into the first line from its own on that has room.
fn place(lines: &mut [Line], hash: Hash, number: u32) {
    let (before, from) = lines.split_at_mut(hash.line(lines.len()));
    let free = from.iter_mut().chain(before).find(|line| !line.is_full());
    let slot = free.and_then(|line| line.tags.iter_mut().zip(&mut line.numbers).find(|(tag, _)| **tag == 0));
    debug_assert!(slot.is_some(), "a bucket has an eighth of its slots free");
    if let Some((tag, slot)) = slot {
        (*tag, *slot) = (hash.tag, number);
    }
}

impl<const CHUNK: usize, const LINES: usize> HashIndex<CHUNK, LINES> {
    /// Entries per bucket, on average, above which a bucket is added: 62 % of the slots of a fresh bucket.
    const ENTRIES_PER_BUCKET: usize = LINES * SLOTS * 5 / 8;

    /// Makes an index of the numbers from 0 on, each under its hash. They are sorted by bucket first, so that each
    /// bucket is filled while it is in the processor's cache.
    #[expect(clippy::indexing_slicing, reason = "buckets are below their number, places below the sum of the counts")]
    pub(crate) fn of(hashes: &[u64]) -> Self {
        let buckets = hashes.len().div_ceil(Self::ENTRIES_PER_BUCKET).max(1);
        let mask = mask_for(buckets);
        let bucket = |hash: &u64| bucket_of(Hash::of(*hash), mask, buckets);
        let mut ends = vec![0; buckets];
        for hash in hashes {
            ends[bucket(hash)] += 1;
        }
        // Filling a bucket moves its start to its end.
        exclusive_prefix_sum(&mut ends);
        let mut sorted = vec![(Hash { tag: 0, rest: 0 }, 0); hashes.len()];
        for (number, hash) in (0..).zip(hashes) {
            let end = &mut ends[bucket(hash)];
            sorted[*end] = (Hash::of(*hash), number);
            *end += 1;
        }
        let starts = std::iter::once(0).chain(ends.iter().copied());
        let buckets = starts.zip(&ends).map(|(from, to)| Bucket::of(&sorted[from..*to]));
        HashIndex { buckets: buckets.collect(), mask, len: hashes.len() }
    }

    #[inline]
    fn bucket_of(&self, hash: Hash) -> usize {
        bucket_of(hash, self.mask, self.buckets.len())
    }

    /// The first value that `look_at` returns for a number under this hash.
    #[inline]
    pub(crate) fn find<T>(&self, hash: u64, look_at: impl FnMut(u32) -> Option<T>) -> Option<T> {
        let hash = Hash::of(hash);
        self.buckets.get(self.bucket_of(hash))?.find(hash, look_at)
    }

    /// The number that is most likely under this hash, or any number: a guess, made without waiting for memory.
    #[inline]
    pub(crate) fn guess(&self, hash: u64) -> Option<u32> {
        let hash = Hash::of(hash);
        let bucket = self.buckets.get(self.bucket_of(hash))?;
        let line = bucket.lines.get(hash.line(bucket.lines.len()))?;
        line.number(line.with_tag(hash.tag))
    }

    /// Adds a number under its hash. The caller has made sure that it is not there.
    pub(crate) fn insert(&mut self, hash: u64, number: u32, hash_of: impl Fn(u32) -> u64) {
        self.len += 1;
        if self.buckets.len() * Self::ENTRIES_PER_BUCKET < self.len {
            self.add_bucket(&hash_of);
        }
        let hash = Hash::of(hash);
        let at = self.bucket_of(hash);
        let bucket = self.buckets.get_mut(at);
        debug_assert!(bucket.is_some(), "an index that is not empty has buckets");
        if let Some(bucket) = bucket {
            bucket.insert(hash, number, &hash_of);
        }
    }

    /// Takes away a number under its hash.
    pub(crate) fn remove(&mut self, hash: u64, number: u32, hash_of: impl Fn(u32) -> u64) {
        let hash = Hash::of(hash);
        let at = self.bucket_of(hash);
        let removed = self.buckets.get_mut(at).is_some_and(|bucket| bucket.remove(hash, number, &hash_of));
        debug_assert!(removed, "number {number} is under its hash");
        self.len -= usize::from(removed);
    }

    /// Bytes of memory it takes, about.
    pub(crate) fn bytes(&self) -> usize {
        let line = std::mem::size_of::<Line>();
        self.buckets.iter().map(|bucket| bucket.lines.len() * line + std::mem::size_of::<Bucket<LINES>>()).sum()
    }

    /// Adds a bucket and moves into it the entries that belong there from the bucket that it splits: the one whose
    /// number lacks the highest bit.
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

/// The bucket of a hash. A bucket that is not split off yet is part of the one without its highest bit.
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
    (used + 1) * 8 <= lines * SLOTS * 7
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(n: u32) -> u64 {
        u64::from(n).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(23)
    }

    #[test]
    fn inserted_numbers_are_found_until_they_are_removed() {
        let mut names = HashIndex::<4, 8>::default();
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
        let mut names = HashIndex::<64, 64>::of(&[]);
        for n in 0..1_000 {
            names.insert(42, n, |_| 42);
        }
        assert_eq!(names.find(42, |n| (n == 777).then_some(n)), Some(777));
        assert_eq!(names.find(42, |n| (n == 1_000).then_some(n)), None);
        assert_eq!(names.find(43, Some), None);
        names.remove(42, 777, |_| 42);
        assert_eq!(names.find(42, |n| (n == 777).then_some(n)), None);
        assert!((0..1_000).filter(|n| *n != 777).all(|n| names.find(42, |m| (m == n).then_some(m)) == Some(n)));
    }
}
