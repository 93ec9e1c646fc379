//! A vector that shares what did not change with the version before it: three levels of chunks, copied on write.
//! Knows nothing of what it holds.

use std::sync::Arc;

type Leaf<T, const LEAF: usize> = Arc<[T; LEAF]>;
type Branch<T, const LEAF: usize, const FAN: usize> = Arc<[Option<Leaf<T, LEAF>>; FAN]>;
type Limb<T, const LEAF: usize, const FAN: usize> = Arc<[Option<Branch<T, LEAF, FAN>>; FAN]>;

/// A persistent vector. Cloning copies one pointer; changing an element copies one leaf, one branch and one limb,
/// unless this version owns them alone.
///
/// The root grows by one pointer for each `LEAF * FAN * FAN` elements, so its copy stays small to tens of millions.
#[derive(Clone)]
pub(crate) struct Tree<T, const LEAF: usize, const FAN: usize> {
    root: Arc<[Limb<T, LEAF, FAN>]>,
    len: usize,
}

impl<T: Clone + Default, const LEAF: usize, const FAN: usize> Default for Tree<T, LEAF, FAN> {
    fn default() -> Self {
        Tree { root: Arc::from([]), len: 0 }
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
        let limb = self.root.get(leaf / (FAN * FAN))?;
        let branch = limb.get(leaf / FAN % FAN)?.as_ref()?;
        branch.get(leaf % FAN)?.as_deref()
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
        let limb = Arc::make_mut(&mut self.root).get_mut(leaf / (FAN * FAN))?;
        let branch = Arc::make_mut(limb).get_mut(leaf / FAN % FAN)?;
        let branch = branch.get_or_insert_with(|| Arc::new(std::array::from_fn(|_| None)));
        let leaf = Arc::make_mut(branch).get_mut(leaf % FAN)?;
        let leaf = leaf.get_or_insert_with(|| Arc::new(std::array::from_fn(|_| T::default())));
        Arc::make_mut(leaf).get_mut(at % LEAF)
    }

    /// Adds an element at the end and returns its place.
    pub(crate) fn push(&mut self, value: T) -> usize {
        let at = self.len;
        if at == self.root.len() * LEAF * FAN * FAN {
            let grown = self.root.iter().cloned().chain([Arc::new(std::array::from_fn(|_| None))]);
            self.root = grown.collect();
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
        for (i, limb) in self.root.iter().enumerate() {
            let old_limb = older.root.get(i);
            if old_limb.is_some_and(|old| Arc::ptr_eq(old, limb)) {
                continue;
            }
            for (j, branch) in limb.iter().enumerate() {
                let old_branch = old_limb.and_then(|limb| limb.get(j)).and_then(Option::as_ref);
                let Some(branch) = branch else { continue };
                if old_branch.is_some_and(|old| Arc::ptr_eq(old, branch)) {
                    continue;
                }
                for (k, leaf) in branch.iter().enumerate() {
                    let old_leaf = old_branch.and_then(|branch| branch.get(k)).and_then(Option::as_ref);
                    if leaf.as_ref().is_some_and(|leaf| !old_leaf.is_some_and(|old| Arc::ptr_eq(old, leaf))) {
                        changed.push((i * FAN + j) * FAN + k);
                    }
                }
            }
        }
        changed
    }
}

impl<T: Clone + Default, const LEAF: usize, const FAN: usize> FromIterator<T> for Tree<T, LEAF, FAN> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let mut tree = Tree::default();
        let mut values = values.into_iter();
        let mut limbs: Vec<Limb<T, LEAF, FAN>> = Vec::new();
        let mut take_leaf = || -> Option<Leaf<T, LEAF>> {
            let first = values.next()?;
            tree.len += 1;
            let mut leaf = std::array::from_fn(|_| T::default());
            let mut slots = leaf.iter_mut();
            if let Some(slot) = slots.next() {
                *slot = first;
            }
            for (slot, value) in slots.zip(&mut values) {
                *slot = value;
                tree.len += 1;
            }
            Some(Arc::new(leaf))
        };
        loop {
            let limb: [Option<Branch<T, LEAF, FAN>>; FAN] = std::array::from_fn(|_| {
                let branch: [Option<Leaf<T, LEAF>>; FAN] = std::array::from_fn(|_| take_leaf());
                branch.first().is_some_and(Option::is_some).then(|| Arc::new(branch))
            });
            if !limb.first().is_some_and(Option::is_some) {
                break;
            }
            limbs.push(Arc::new(limb));
        }
        tree.root = limbs.into();
        tree
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Small = Tree<u32, 4, 2>;

    #[test]
    fn it_holds_what_was_put_into_it() {
        let mut pushed = Small::default();
        for n in 0..100 {
            assert_eq!(pushed.push(n), n as usize);
        }
        let collected: Small = (0..100).collect();
        for tree in [&pushed, &collected] {
            assert_eq!(tree.len(), 100);
            assert!(tree.iter().copied().eq(0..100));
            assert!((0..100).all(|n| tree.get(n as usize) == Some(&n)));
        }
        assert_eq!(pushed.get_mut(100), None);
    }

    #[test]
    fn a_change_leaves_the_older_version_alone_and_names_its_leaf() {
        let old: Small = (0..100).collect();
        let mut new = old.clone();
        *new.get_mut(41).unwrap() = 7;
        new.push(100);
        assert_eq!((old.get(41), new.get(41)), (Some(&41), Some(&7)));
        assert_eq!((old.len(), new.len()), (100, 101));
        assert_eq!(new.changed_leaves(&old), [10, 25]);
        assert_eq!(old.changed_leaves(&old), Vec::<usize>::new());
    }
}
