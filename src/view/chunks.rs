//! A vector in two levels that shares what did not change with the version before it. Knows nothing of what it holds.

use std::sync::Arc;

/// A persistent vector of chunks. Cloning copies one pointer; changing an element copies its chunk and the pointers to
/// all chunks, unless this version owns them alone: for few elements, or ones that seldom change.
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

    #[inline]
    pub(crate) fn get(&self, at: usize) -> Option<&T> {
        self.chunks.get(at / CHUNK)?.get(at % CHUNK)
    }

    /// The element to change. What an older version shares is copied first.
    pub(crate) fn get_mut(&mut self, at: usize) -> Option<&mut T> {
        if at >= self.len {
            return None;
        }
        self.slot(at)
    }

    fn slot(&mut self, at: usize) -> Option<&mut T> {
        let chunk = Arc::make_mut(&mut self.chunks).get_mut(at / CHUNK)?;
        Arc::make_mut(chunk).get_mut(at % CHUNK)
    }

    /// Adds an element at the end and returns its place.
    pub(crate) fn push(&mut self, value: T) -> usize {
        let at = self.len;
        if at == self.chunks.len() * CHUNK {
            let fresh = Arc::new(std::array::from_fn(|_| T::default()));
            self.chunks = self.chunks.iter().cloned().chain([fresh]).collect();
        }
        if let Some(slot) = self.slot(at) {
            *slot = value;
            self.len += 1;
        }
        at
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.chunks.iter().flat_map(|chunk| chunk.iter()).take(self.len)
    }

    /// The places in chunks that are not shared with `older`, in order.
    pub(crate) fn changed(&self, older: &Self) -> impl Iterator<Item = usize> {
        let shared = |at: usize, chunk| older.chunks.get(at).is_some_and(|old| Arc::ptr_eq(old, chunk));
        let changed = self.chunks.iter().enumerate().filter(move |(at, chunk)| !shared(*at, chunk));
        changed.flat_map(|(at, _)| at * CHUNK..(at + 1) * CHUNK).take_while(|at| *at < self.len)
    }
}

impl<T: Clone + Default, const CHUNK: usize> FromIterator<T> for Chunks<T, CHUNK> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let mut len = 0;
        let mut values = values.into_iter().inspect(|_| len += 1).peekable();
        let mut chunks = Vec::new();
        while values.peek().is_some() {
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
    fn a_change_leaves_the_older_version_alone_and_names_its_chunk() {
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
        assert_eq!(new.changed(&old).collect::<Vec<_>>(), [4, 5, 6, 7, 8, 9, 10]);
        assert_eq!(new.get_mut(11), None);
    }
}
