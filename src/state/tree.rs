//! Persistent vectors for many elements: an upper vector of pointers to branches of `FAN` elements.
//!
//! Invariant: every place below `len` is in a branch that exists; the slots after the last element hold the default
//! value.
//! Cost: a clone copies one pointer. Changing an element copies its branch and a path of the upper vector, unless no
//! other version shares them. Copying a pointer counts a reference in the memory it points to, so a path should have
//! few pointers. Elements are cold in the processor's cache, so a branch has few of them.

use std::marker::PhantomData;
use std::sync::Arc;

use super::chunks::Chunks;

/// Elements that share one allocation.
type Branch<T, const FAN: usize> = Option<Arc<[T; FAN]>>;

/// Four levels: a root with one pointer per `FAN * 256` elements, chunks and branches of 16 pointers, branches of elements.
/// A change counts few references: the root stays in the processor's cache, and below it there are 32 and those of a branch.
pub(crate) type DeepTree<T, const FAN: usize> =
    Branched<T, Branched<Branch<T, FAN>, Chunks<Branch<Branch<T, FAN>, 16>, 16>, 16>, FAN>;

/// The upper vector of another.
pub(crate) trait Upper<T>: Clone + Default + FromIterator<T> {
    fn len(&self) -> usize;
    fn get(&self, at: usize) -> Option<&T>;
    /// Returns the slot of an element that there is.
    fn slot(&mut self, at: usize) -> &mut T;
    fn push(&mut self, value: T);
    fn iter<'t>(&'t self) -> impl Iterator<Item = &'t T>
    where
        T: 't;
}

impl<T: Clone + Default, const CHUNK: usize> Upper<T> for Chunks<T, CHUNK> {
    #[inline]
    fn len(&self) -> usize {
        self.len()
    }

    #[inline]
    fn get(&self, at: usize) -> Option<&T> {
        self.get(at)
    }

    fn slot(&mut self, at: usize) -> &mut T {
        self.slot(at)
    }

    fn push(&mut self, value: T) {
        self.push(value);
    }

    fn iter<'t>(&'t self) -> impl Iterator<Item = &'t T>
    where
        T: 't,
    {
        self.iter()
    }
}

impl<T: Clone + Default, U: Upper<Branch<T, FAN>>, const FAN: usize> Upper<T> for Branched<T, U, FAN> {
    #[inline]
    fn len(&self) -> usize {
        self.len()
    }

    #[inline]
    fn get(&self, at: usize) -> Option<&T> {
        self.get(at)
    }

    fn slot(&mut self, at: usize) -> &mut T {
        self.slot(at)
    }

    fn push(&mut self, value: T) {
        self.push(value);
    }

    fn iter<'t>(&'t self) -> impl Iterator<Item = &'t T>
    where
        T: 't,
    {
        self.iter()
    }
}

/// A persistent vector. See the head of this file.
#[derive(Clone)]
pub(crate) struct Branched<T, U, const FAN: usize> {
    branches: U,
    len: usize,
    elements: PhantomData<T>,
}

impl<T, U: Default, const FAN: usize> Default for Branched<T, U, FAN> {
    fn default() -> Self {
        Branched { branches: U::default(), len: 0, elements: PhantomData }
    }
}

impl<T: Clone + Default, U: Upper<Branch<T, FAN>>, const FAN: usize> Branched<T, U, FAN> {
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Returns an element. A place past the last one may return the default value.
    #[inline]
    pub(crate) fn get(&self, at: usize) -> Option<&T> {
        self.branches.get(at / FAN)?.as_ref()?.get(at % FAN)
    }

    /// Returns the element for changing it. A branch shared with another version is copied first.
    pub(crate) fn get_mut(&mut self, at: usize) -> Option<&mut T> {
        if at < self.len { Some(self.slot(at)) } else { None }
    }

    #[expect(clippy::indexing_slicing, reason = "a remainder of `FAN` is a place in a branch of `FAN` elements")]
    fn slot(&mut self, at: usize) -> &mut T {
        let branch = self.branches.slot(at / FAN);
        let branch = branch.get_or_insert_with(|| Arc::new(std::array::from_fn(|_| T::default())));
        &mut Arc::make_mut(branch)[at % FAN]
    }

    /// Adds an element at the end and returns its place.
    pub(crate) fn push(&mut self, value: T) -> usize {
        let at = self.len;
        if at == self.branches.len() * FAN {
            self.branches.push(None);
        }
        *self.slot(at) = value;
        self.len += 1;
        at
    }

    /// Takes the last element off. Its slot has the default value again.
    pub(crate) fn pop(&mut self) -> Option<T> {
        let last = self.len.checked_sub(1)?;
        let value = self.get_mut(last).map(std::mem::take);
        self.len = last;
        value
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.branches.iter().flatten().flat_map(|branch| branch.iter()).take(self.len)
    }
}

/// All branches are made before the levels above them, so that neighbours in the tree are neighbours in memory.
impl<T: Clone + Default, U: Upper<Branch<T, FAN>>, const FAN: usize> FromIterator<T> for Branched<T, U, FAN> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let (mut values, mut len) = (values.into_iter(), 0);
        let branches: Vec<_> = std::iter::from_fn(|| {
            let first = values.next()?;
            let mut branch: [T; FAN] = std::array::from_fn(|_| T::default());
            for (slot, value) in branch.iter_mut().zip(std::iter::once(first).chain(&mut values)) {
                *slot = value;
                len += 1;
            }
            Some(Some(Arc::new(branch)))
        })
        .collect();
        Branched { branches: branches.into_iter().collect(), len, elements: PhantomData }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Small = DeepTree<u32, 2>;

    #[test]
    fn it_holds_what_was_put_into_it() {
        let mut pushed = Small::default();
        (0..1_001).for_each(|n| assert_eq!(pushed.push(n), n as usize));
        let collected: Small = (0..1_001).collect();
        for tree in [&pushed, &collected] {
            assert_eq!(tree.len(), 1_001);
            assert!(tree.iter().copied().eq(0..1_001));
            assert!((0..1_001).all(|n| tree.get(n as usize) == Some(&n)));
        }
        assert_eq!(pushed.get_mut(1_001), None);
    }

    #[test]
    fn a_change_leaves_the_older_version_alone() {
        let old: Small = (0..1_000).collect();
        let mut new = old.clone();
        *new.get_mut(41).unwrap() = 7;
        new.push(1_000);
        assert_eq!((old.get(41), new.get(41)), (Some(&41), Some(&7)));
        assert!(old.iter().copied().eq(0..1_000));
        assert_eq!((new.pop(), new.pop(), new.len()), (Some(1_000), Some(999), 999));
        new.push(5);
        assert_eq!((new.get(999), old.get(999)), (Some(&5), Some(&999)));
    }
}
