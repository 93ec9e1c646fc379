//! A persistent vector in two levels: a root of pointers to chunks of a fixed number of elements.
//!
//! Invariant: the chunks hold `len` elements; the slots after the last one hold the default value.
//! Cost: a clone copies one pointer. Changing an element copies its chunk and the root, unless no other version shares
//! them, so this is for few elements, or for elements that seldom change.

use std::sync::Arc;

#[derive(Clone)]
pub(crate) struct Chunks<T, const CHUNK: usize> {
    chunks: Arc<[Arc<[T; CHUNK]>]>,
    len: usize,
}

impl<T, const CHUNK: usize> Default for Chunks<T, CHUNK> {
    fn default() -> Self {
        Chunks { chunks: Arc::from([]), len: 0 }
    }
}

impl<T: Clone + Default, const CHUNK: usize> Chunks<T, CHUNK> {
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Returns an element. A place past the last one may return the default value.
    #[inline]
    pub(crate) fn get(&self, at: usize) -> Option<&T> {
        self.chunks.get(at / CHUNK)?.get(at % CHUNK)
    }

    /// Returns the element for changing it. A chunk shared with another version is copied first.
    pub(crate) fn get_mut(&mut self, at: usize) -> Option<&mut T> {
        if at < self.len { Some(self.slot(at)) } else { None }
    }

    /// Returns a slot at a place that the chunks have room for.
    #[expect(clippy::indexing_slicing, reason = "callers pass a place that the chunks have room for")]
    pub(super) fn slot(&mut self, at: usize) -> &mut T {
        let chunk = &mut Arc::make_mut(&mut self.chunks)[at / CHUNK];
        &mut Arc::make_mut(chunk)[at % CHUNK]
    }

    /// Adds an element at the end and returns its place.
    pub(crate) fn push(&mut self, value: T) -> usize {
        let at = self.len;
        if at == self.chunks.len() * CHUNK {
            let fresh = Arc::new(std::array::from_fn(|_| T::default()));
            self.chunks = self.chunks.iter().cloned().chain([fresh]).collect();
        }
        *self.slot(at) = value;
        self.len += 1;
        at
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.chunks.iter().flat_map(|chunk| chunk.iter()).take(self.len)
    }
}

impl<T: Clone + Default, const CHUNK: usize> FromIterator<T> for Chunks<T, CHUNK> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let mut len = 0;
        let mut values = values.into_iter().inspect(|_| len += 1).peekable();
        let mut chunks = Vec::new();
        while values.peek().is_some() {
            // The last chunk is filled up with defaults.
            chunks.push(Arc::new(std::array::from_fn(|_| values.next().unwrap_or_default())));
        }
        drop(values);
        Chunks { chunks: chunks.into(), len }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_leaves_the_older_version_alone() {
        let mut old = Chunks::<u32, 4>::default();
        (0..10).for_each(|n| {
            old.push(n);
        });
        assert!(old.iter().copied().eq(0..10));
        assert!((0..10).collect::<Chunks<u32, 4>>().iter().eq(old.iter()));
        let mut new = old.clone();
        *new.get_mut(5).unwrap() = 50;
        new.push(10);
        assert_eq!((old.get(5), new.get(5), old.len(), new.len()), (Some(&5), Some(&50), 10, 11));
        assert_eq!(new.get_mut(11), None);
    }
}
