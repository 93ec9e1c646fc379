//! A large vector that shares what did not change with the version before it. Knows nothing of what it holds.

use std::sync::Arc;

use super::chunks::Chunks;

/// Branches in one chunk of the upper levels.
const WIDE: usize = 64;

type Leaf<T, const LEAF: usize> = Arc<[T; LEAF]>;
type Branch<T, const LEAF: usize, const FAN: usize> = Arc<[Option<Leaf<T, LEAF>>; FAN]>;

/// A persistent vector. Cloning copies one pointer; changing an element copies one leaf, one branch and two levels of
/// pointers above, unless this version owns them alone.
///
/// Copying pointers touches what they point to, to count the copy. Leaves are cold, so a branch has few of them;
/// branches are warm, and there may be more to a chunk. The root grows by one pointer for each `LEAF * FAN * WIDE`
/// elements, so its copy stays small to tens of millions.
#[derive(Clone)]
pub(crate) struct Tree<T, const LEAF: usize, const FAN: usize> {
    branches: Chunks<Option<Branch<T, LEAF, FAN>>, WIDE>,
    len: usize,
}

impl<T, const LEAF: usize, const FAN: usize> Default for Tree<T, LEAF, FAN> {
    fn default() -> Self {
        Tree { branches: Chunks::default(), len: 0 }
    }
}

impl<T: Clone + Default, const LEAF: usize, const FAN: usize> Tree<T, LEAF, FAN> {
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    #[inline]
    pub(crate) fn get(&self, at: usize) -> Option<&T> {
        self.leaf(at / LEAF)?.get(at % LEAF)
    }

    #[inline]
    fn leaf(&self, leaf: usize) -> Option<&[T; LEAF]> {
        self.branches.get(leaf / FAN)?.as_ref()?.get(leaf % FAN)?.as_deref()
    }

    /// The element to change. What an older version shares is copied first.
    pub(crate) fn get_mut(&mut self, at: usize) -> Option<&mut T> {
        if at >= self.len {
            return None;
        }
        self.slot(at)
    }

    fn slot(&mut self, at: usize) -> Option<&mut T> {
        let leaf = at / LEAF;
        let branch = self.branches.get_mut(leaf / FAN)?;
        let branch = branch.get_or_insert_with(|| Arc::new(std::array::from_fn(|_| None)));
        let leaf = Arc::make_mut(branch).get_mut(leaf % FAN)?;
        let leaf = leaf.get_or_insert_with(|| Arc::new(std::array::from_fn(|_| T::default())));
        Arc::make_mut(leaf).get_mut(at % LEAF)
    }

    /// Adds an element at the end and returns its place.
    pub(crate) fn push(&mut self, value: T) -> usize {
        let at = self.len;
        if at == self.branches.len() * LEAF * FAN {
            self.branches.push(None);
        }
        if let Some(slot) = self.slot(at) {
            *slot = value;
            self.len += 1;
        }
        at
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        let leaves = self.len.div_ceil(LEAF);
        (0..leaves).filter_map(|leaf| self.leaf(leaf)).flatten().take(self.len)
    }

    /// The numbers of the leaves that are not shared with `older`, in order. What is shared is skipped whole.
    pub(crate) fn changed_leaves(&self, older: &Self) -> Vec<usize> {
        let mut changed = Vec::new();
        for at in self.branches.changed(&older.branches) {
            let old = older.branches.get(at).and_then(Option::as_ref);
            let Some(branch) = self.branches.get(at).and_then(Option::as_ref) else { continue };
            if old.is_some_and(|old| Arc::ptr_eq(old, branch)) {
                continue;
            }
            for (place, leaf) in branch.iter().enumerate() {
                let old = old.and_then(|branch| branch.get(place)).and_then(Option::as_ref);
                if leaf.as_ref().is_some_and(|leaf| !old.is_some_and(|old| Arc::ptr_eq(old, leaf))) {
                    changed.push(at * FAN + place);
                }
            }
        }
        changed
    }
}

/// Makes a tree of values as they come.
///
/// All leaves are made before all branches, and those before what is above, so that inner nodes are neighbours in
/// memory: they are touched by every look-up.
pub(crate) struct Builder<T, const LEAF: usize, const FAN: usize> {
    leaves: Vec<Leaf<T, LEAF>>,
    open: Vec<T>,
    len: usize,
}

impl<T, const LEAF: usize, const FAN: usize> Default for Builder<T, LEAF, FAN> {
    fn default() -> Self {
        Builder { leaves: Vec::new(), open: Vec::with_capacity(LEAF), len: 0 }
    }
}

impl<T: Clone + Default, const LEAF: usize, const FAN: usize> Builder<T, LEAF, FAN> {
    pub(crate) fn push(&mut self, value: T) {
        self.open.push(value);
        self.len += 1;
        if self.open.len() == LEAF {
            self.close_leaf();
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// A leaf of the open values, filled up with defaults.
    fn close_leaf(&mut self) {
        let mut values = self.open.drain(..);
        self.leaves.push(Arc::new(std::array::from_fn(|_| values.next().unwrap_or_default())));
    }

    pub(crate) fn finish(mut self) -> Tree<T, LEAF, FAN> {
        if !self.open.is_empty() {
            self.close_leaf();
        }
        let mut leaves = self.leaves.into_iter();
        let branches: Vec<_> = std::iter::from_fn(|| {
            let first = leaves.next()?;
            let mut branch: [Option<Leaf<T, LEAF>>; FAN] = std::array::from_fn(|_| None);
            branch
                .iter_mut()
                .zip(std::iter::once(first).chain(&mut leaves))
                .for_each(|(slot, leaf)| *slot = Some(leaf));
            Some(Some(Arc::new(branch)))
        })
        .collect();
        Tree { branches: branches.into_iter().collect(), len: self.len }
    }
}

impl<T: Clone + Default, const LEAF: usize, const FAN: usize> FromIterator<T> for Tree<T, LEAF, FAN> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let mut builder = Builder::default();
        values.into_iter().for_each(|value| builder.push(value));
        builder.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Small = Tree<u32, 4, 2>;

    #[test]
    fn it_holds_what_was_put_into_it() {
        let mut pushed = Small::default();
        for n in 0..1_000 {
            assert_eq!(pushed.push(n), n as usize);
        }
        let collected: Small = (0..1_000).collect();
        for tree in [&pushed, &collected] {
            assert_eq!(tree.len(), 1_000);
            assert!(tree.iter().copied().eq(0..1_000));
            assert!((0..1_000).all(|n| tree.get(n as usize) == Some(&n)));
        }
        assert_eq!(pushed.get_mut(1_000), None);
    }

    #[test]
    fn a_change_leaves_the_older_version_alone_and_names_its_leaf() {
        let old: Small = (0..1_000).collect();
        let mut new = old.clone();
        *new.get_mut(41).unwrap() = 7;
        new.push(1_000);
        assert_eq!((old.get(41), new.get(41)), (Some(&41), Some(&7)));
        assert_eq!((old.len(), new.len()), (1_000, 1_001));
        assert_eq!(new.changed_leaves(&old), [10, 250]);
        assert_eq!(new.changed_leaves(&Small::default()).len(), 251);
        assert_eq!(old.changed_leaves(&old), Vec::<usize>::new());
    }
}
