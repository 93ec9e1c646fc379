//! A large vector that shares what did not change with the version before it. Knows nothing of what it holds.

use std::sync::Arc;

use super::chunks::Chunks;

/// Branches in one chunk of the upper level.
const WIDE: usize = 64;

/// A persistent vector. Cloning copies one pointer; changing an element copies one branch and two levels of pointers
/// above, unless this version owns them alone.
///
/// Copying pointers touches what they point to, to count the copy. What the elements point to is cold, so a branch has
/// few of them; branches are warm, and there may be more to a chunk. The root grows by one pointer for each
/// `FAN * WIDE` elements.
#[derive(Clone)]
pub(crate) struct Tree<T, const FAN: usize> {
    branches: Chunks<Option<Arc<[T; FAN]>>, WIDE>,
    len: usize,
}

impl<T, const FAN: usize> Default for Tree<T, FAN> {
    fn default() -> Self {
        Tree { branches: Chunks::default(), len: 0 }
    }
}

impl<T: Clone + Default, const FAN: usize> Tree<T, FAN> {
    #[inline]
    pub(crate) fn get(&self, at: usize) -> Option<&T> {
        self.branches.get(at / FAN)?.as_ref()?.get(at % FAN)
    }

    /// The element to change. What an older version shares is copied first.
    pub(crate) fn get_mut(&mut self, at: usize) -> Option<&mut T> {
        if at >= self.len {
            return None;
        }
        self.slot(at)
    }

    fn slot(&mut self, at: usize) -> Option<&mut T> {
        let branch = self.branches.get_mut(at / FAN)?;
        let branch = branch.get_or_insert_with(|| Arc::new(std::array::from_fn(|_| T::default())));
        Arc::make_mut(branch).get_mut(at % FAN)
    }

    /// Adds an element at the end.
    pub(crate) fn push(&mut self, value: T) {
        let at = self.len;
        if at == self.branches.len() * FAN {
            self.branches.push(None);
        }
        if let Some(slot) = self.slot(at) {
            *slot = value;
            self.len += 1;
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.branches.iter().flatten().flat_map(|branch| branch.iter()).take(self.len)
    }

    /// The places in branches that are not shared with `older`, in order. What is shared is skipped whole.
    pub(crate) fn changed(&self, older: &Self) -> impl Iterator<Item = usize> {
        let shared = |at: &usize| match (self.branches.get(*at), older.branches.get(*at)) {
            (Some(Some(branch)), Some(Some(old))) => Arc::ptr_eq(branch, old),
            _ => false,
        };
        let changed = self.branches.changed(&older.branches).filter(move |at| !shared(at));
        changed.flat_map(|at| at * FAN..(at + 1) * FAN).take_while(|at| *at < self.len)
    }
}

/// All branches are made before what is above them, so that neighbours in the tree are neighbours in memory.
impl<T: Clone + Default, const FAN: usize> FromIterator<T> for Tree<T, FAN> {
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
        Tree { branches: branches.into_iter().collect(), len }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Small = Tree<u32, 4>;

    #[test]
    fn it_holds_what_was_put_into_it() {
        let mut pushed = Small::default();
        (0..1_001).for_each(|n| pushed.push(n));
        let collected: Small = (0..1_001).collect();
        for tree in [&pushed, &collected] {
            assert_eq!(tree.len, 1_001);
            assert!(tree.iter().copied().eq(0..1_001));
            assert!((0..1_001).all(|n| tree.get(n as usize) == Some(&n)));
        }
        assert_eq!(pushed.get_mut(1_001), None);
    }

    #[test]
    fn a_change_leaves_the_older_version_alone_and_names_its_branch() {
        let old: Small = (0..1_000).collect();
        let mut new = old.clone();
        *new.get_mut(41).unwrap() = 7;
        new.push(1_000);
        assert_eq!((old.get(41), new.get(41)), (Some(&41), Some(&7)));
        assert!(old.iter().copied().eq(0..1_000));
        assert!(new.changed(&old).eq([40, 41, 42, 43, 1_000]));
        assert_eq!(new.changed(&Small::default()).count(), 1_001);
        assert_eq!(old.changed(&old).count(), 0);
    }
}
