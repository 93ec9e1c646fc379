//! Persistent maps in key order: sorted pieces behind shared pointers.
//!
//! Invariant: keys rise from piece to piece and inside each; no piece is empty or has more than `MOST` entries.
//! Cost: a clone copies one pointer. A look-up is two binary searches; a change copies the list of pieces and one piece,
//! unless no other version shares them.

use std::sync::Arc;

/// Entries per piece: copying a piece of small entries costs about as much as copying the pointers of a million entries.
const MOST: usize = if cfg!(test) { 4 } else { 512 };

/// Entries by rising keys.
type Piece<K, V> = Arc<Vec<(K, V)>>;

#[derive(Clone, Debug)]
pub(crate) struct SortedMap<K, V> {
    pieces: Arc<Vec<Piece<K, V>>>,
    len: usize,
}

impl<K, V> Default for SortedMap<K, V> {
    fn default() -> Self {
        SortedMap { pieces: Arc::default(), len: 0 }
    }
}

impl<K: Ord + Clone, V: Clone> SortedMap<K, V> {
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        let piece = self.pieces.get(self.piece_of(key))?;
        let at = piece.binary_search_by(|(other, _)| other.cmp(key)).ok()?;
        piece.get(at).map(|(_, value)| value)
    }

    /// The place of the piece that has a key, or would have it.
    fn piece_of(&self, key: &K) -> usize {
        let after = self.pieces.partition_point(|piece| piece.first().is_some_and(|(first, _)| first <= key));
        after.saturating_sub(1)
    }

    pub(crate) fn insert(&mut self, key: K, value: V) {
        let place = self.piece_of(&key);
        let pieces = Arc::make_mut(&mut self.pieces);
        let Some(piece) = pieces.get_mut(place) else {
            pieces.push(Arc::new(vec![(key, value)]));
            self.len += 1;
            return;
        };
        let entries = Arc::make_mut(piece);
        match entries.binary_search_by(|(other, _)| other.cmp(&key)) {
            Ok(at) => {
                if let Some(entry) = entries.get_mut(at) {
                    entry.1 = value;
                }
            }
            Err(at) => {
                entries.insert(at, (key, value));
                self.len += 1;
                if entries.len() > MOST {
                    let rest = entries.split_off(MOST / 2);
                    pieces.insert(place + 1, Arc::new(rest));
                }
            }
        }
    }

    pub(crate) fn remove(&mut self, key: &K) {
        let place = self.piece_of(key);
        let pieces = Arc::make_mut(&mut self.pieces);
        let Some(piece) = pieces.get_mut(place) else { return };
        let Ok(at) = piece.binary_search_by(|(other, _)| other.cmp(key)) else { return };
        let entries = Arc::make_mut(piece);
        entries.remove(at);
        self.len -= 1;
        if entries.is_empty() {
            pieces.remove(place);
        }
    }

    /// All entries, by rising keys.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.pieces.iter().flat_map(|piece| piece.iter()).map(|(key, value)| (key, value))
    }

    /// The entries from a key on, by rising keys.
    pub(crate) fn from<'m>(&'m self, key: &K) -> impl Iterator<Item = (&'m K, &'m V)> + use<'m, K, V> {
        let (_, pieces) = self.pieces.split_at(self.piece_of(key).min(self.pieces.len()));
        let before = pieces.first().map_or(0, |piece| piece.partition_point(|(other, _)| other < key));
        pieces.iter().flat_map(|piece| piece.iter()).skip(before).map(|(key, value)| (key, value))
    }

    /// The last entry before a key.
    pub(crate) fn before(&self, key: &K) -> Option<(&K, &V)> {
        let place = self.piece_of(key);
        let piece = self.pieces.get(place)?;
        let at = piece.partition_point(|(other, _)| other < key);
        let entry = match at.checked_sub(1) {
            Some(at) => piece.get(at),
            None => self.pieces.get(place.checked_sub(1)?).and_then(|piece| piece.last()),
        };
        entry.map(|(key, value)| (key, value))
    }

    /// Whether both are one map, which costs one comparison.
    pub(crate) fn is(&self, other: &SortedMap<K, V>) -> bool {
        Arc::ptr_eq(&self.pieces, &other.pieces)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn it_answers_as_a_tree_does_and_older_versions_stay() {
        let mut random = fastrand::Rng::with_seed(3);
        let (mut map, mut tree) = (SortedMap::default(), BTreeMap::new());
        let mut versions = Vec::new();
        for step in 0..3_000 {
            let key = random.u32(..60);
            if random.u8(..3) < 2 || tree.len() < 20 && step < 2_000 {
                map.insert(key, step);
                tree.insert(key, step);
            } else {
                map.remove(&key);
                tree.remove(&key);
            }
            assert_eq!(map.len(), tree.len());
            assert_eq!(map.get(&key), tree.get(&key));
            assert!(map.iter().eq(tree.iter()));
            assert!(map.from(&key).eq(tree.range(key..)));
            assert_eq!(map.before(&key), tree.range(..key).next_back());
            assert!(map.pieces.iter().all(|piece| (1..=MOST).contains(&piece.len())));
            if step % 300 == 0 {
                versions.push((map.clone(), tree.clone()));
            }
        }
        for (map, tree) in versions {
            assert!(map.iter().eq(tree.iter()));
        }
        (0..60).for_each(|key| map.remove(&key));
        assert_eq!((map.len(), map.pieces.len(), map.get(&1)), (0, 0, None));
    }
}
