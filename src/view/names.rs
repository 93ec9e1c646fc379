//! From a hash to the number of what has that name. Knows neither names nor what they name: the caller compares.

use std::sync::Arc;

use super::tree::Tree;

/// Slots of one bucket when the index is made: 512 bytes, of which a look-up touches one cache line.
const SLOTS: usize = 64;
/// How many entries a bucket has on average before one more bucket is made.
const TARGET: usize = 32;

/// A slot is 0, or the entry's tag above its number plus one.
#[derive(Clone, Default)]
struct Bucket(Arc<[u64]>);

/// A persistent hash index by linear hashing: it grows one bucket at a time, so nothing ever rehashes the whole.
///
/// Only 32 bits of a hash are kept, as the tag. The low bits choose the bucket, the high ones the first slot to
/// look at, and all of them spare comparing most names that differ.
#[derive(Clone, Default)]
pub(crate) struct Names {
    buckets: Tree<Bucket, 32, 16>,
    len: usize,
}

fn tag_of(hash: u64) -> u32 {
    (hash >> 32) as u32 ^ hash as u32
}

fn slot_of(tag: u32, number: u32) -> u64 {
    (u64::from(tag) << 32) | (u64::from(number) + 1)
}

impl Bucket {
    fn of_size(slots: usize) -> Bucket {
        Bucket(std::iter::repeat_n(0, slots).collect())
    }

    fn first_place(&self, tag: u32) -> usize {
        // The top bits, as many as the bucket has slots for.
        ((u64::from(tag) * self.0.len() as u64) >> 32) as usize
    }

    fn entries(&self) -> impl Iterator<Item = u64> {
        self.0.iter().copied().filter(|slot| *slot != 0)
    }

    #[inline]
    fn find(&self, tag: u32, mut is_it: impl FnMut(u32) -> bool) -> Option<u32> {
        let (before, after) = self.0.split_at_checked(self.first_place(tag))?;
        for slot in after.iter().chain(before) {
            if *slot == 0 {
                return None;
            }
            if (*slot >> 32) as u32 == tag {
                let number = (*slot as u32).wrapping_sub(1);
                if is_it(number) {
                    return Some(number);
                }
            }
        }
        None
    }

    fn insert(&mut self, slot: u64) {
        if (self.entries().count() + 1) * 8 > self.0.len() * 7 {
            let mut larger = Bucket::of_size((self.0.len() * 2).max(SLOTS));
            self.entries().for_each(|slot| larger.place(slot));
            *self = larger;
        }
        self.place(slot);
    }

    fn place(&mut self, slot: u64) {
        let first = self.first_place((slot >> 32) as u32);
        let (before, after) = Arc::make_mut(&mut self.0).split_at_mut(first);
        if let Some(free) = after.iter_mut().chain(before).find(|slot| **slot == 0) {
            *free = slot;
        }
    }
}

impl Names {
    /// An index with room for so many entries.
    pub(crate) fn with_room_for(entries: usize) -> Names {
        let buckets = entries.div_ceil(TARGET).max(1);
        Names { buckets: (0..buckets).map(|_| Bucket::of_size(SLOTS)).collect(), len: 0 }
    }

    fn bucket_of(&self, tag: u32) -> usize {
        let buckets = self.buckets.len().max(1);
        let round = buckets.next_power_of_two();
        let at = tag as usize & (round - 1);
        if at < buckets { at } else { at & (round / 2 - 1) }
    }

    /// The number with this hash for which `is_it` holds.
    #[inline]
    pub(crate) fn find(&self, hash: u64, is_it: impl FnMut(u32) -> bool) -> Option<u32> {
        let tag = tag_of(hash);
        self.buckets.get(self.bucket_of(tag))?.find(tag, is_it)
    }

    /// Adds a number under a hash. The caller has made sure that it isn't there.
    pub(crate) fn insert(&mut self, hash: u64, number: u32) {
        self.len += 1;
        if self.buckets.len() * TARGET < self.len {
            self.add_bucket();
        }
        let tag = tag_of(hash);
        let at = self.bucket_of(tag);
        if let Some(bucket) = self.buckets.get_mut(at) {
            bucket.insert(slot_of(tag, number));
        }
    }

    /// Takes away the number that stands under this hash.
    pub(crate) fn remove(&mut self, hash: u64, number: u32) {
        let tag = tag_of(hash);
        let at = self.bucket_of(tag);
        let Some(bucket) = self.buckets.get_mut(at) else { return };
        let kept: Vec<u64> = bucket.entries().filter(|slot| *slot != slot_of(tag, number)).collect();
        self.len -= bucket.entries().count() - kept.len();
        *bucket = filled(kept);
    }

    /// About how many bytes of memory it takes.
    pub(crate) fn bytes(&self) -> usize {
        self.buckets.iter().map(|bucket| bucket.0.len() * 8 + 32).sum()
    }

    /// Adds a bucket and moves into it what belongs there from the one it splits.
    fn add_bucket(&mut self) {
        let new = self.buckets.push(Bucket::of_size(SLOTS));
        let split = new - (new + 1).next_power_of_two() / 2;
        if new == split {
            return;
        }
        let Some(old) = self.buckets.get(split) else { return };
        let entries: Vec<u64> = old.entries().collect();
        let (moving, staying) = entries.into_iter().partition(|slot| self.bucket_of((slot >> 32) as u32) == new);
        for (at, entries) in [(split, staying), (new, moving)] {
            if let Some(bucket) = self.buckets.get_mut(at) {
                *bucket = filled(entries);
            }
        }
    }
}

fn filled(entries: Vec<u64>) -> Bucket {
    let mut bucket = Bucket::of_size(SLOTS);
    entries.into_iter().for_each(|slot| bucket.insert(slot));
    bucket
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
            names.insert(hash(n), n);
        }
        let before = names.clone();
        for n in (0..10_000).step_by(3) {
            names.remove(hash(n), n);
        }
        for n in 0..10_000 {
            assert_eq!(before.find(hash(n), |found| found == n), Some(n));
            assert_eq!(names.find(hash(n), |found| found == n), (n % 3 != 0).then_some(n));
        }
        assert_eq!(names.len, 6_666);
    }

    #[test]
    fn equal_hashes_are_told_apart_by_the_caller() {
        let mut names = Names::with_room_for(1);
        for n in 0..1_000 {
            names.insert(42, n);
        }
        assert_eq!(names.find(42, |n| n == 777), Some(777));
        assert_eq!(names.find(42, |n| n == 1_000), None);
        assert_eq!(names.find(43, |_| true), None);
    }
}
