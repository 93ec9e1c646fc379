//! The keys of some tasks, one after the other in memory, so that reading them all is quick. Knows nothing of numbers.

use std::ops::Range;
use std::sync::Arc;

/// How many keys a chunk holds at most: as many as have ends that fit into 16 bits, however long they are.
const MOST: usize = 120;

/// A persistent list of keys. Changing it copies the chunks that change, and the pointers to all.
#[derive(Clone, Default)]
pub(crate) struct KeyList {
    chunks: Vec<Arc<Chunk>>,
}

/// Some keys: their text, and where in it each one ends.
#[derive(Default)]
struct Chunk {
    text: Box<str>,
    ends: Box<[u16]>,
}

/// One difference to a list: a key that is not in it, or that is to be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Change<K> {
    /// The place in the list, of the key to leave out or of the one to put another before.
    pub(crate) place: usize,
    /// Whether it is in the list.
    pub(crate) listed: bool,
    pub(crate) key: K,
}

impl Chunk {
    /// Where in the text a key begins.
    fn start(&self, key: usize) -> usize {
        key.checked_sub(1).and_then(|before| self.ends.get(before)).copied().map_or(0, usize::from)
    }

    fn keys(&self) -> ChunkKeys<'_> {
        ChunkKeys { text: &self.text, from: 0, ends: self.ends.iter() }
    }
}

impl KeyList {
    pub(crate) fn iter(&self) -> KeyListIter<'_> {
        KeyListIter { open: ChunkKeys::default(), chunks: self.chunks.iter() }
    }

    /// The list with some changes, which are in the order of their places.
    pub(crate) fn with(&self, changes: &[Change<&str>]) -> KeyList {
        let mut changed = KeyListBuilder {
            list: KeyList { chunks: Vec::with_capacity(self.chunks.len() + 1) },
            ..Default::default()
        };
        let (mut rest, mut start) = (changes, 0);
        for (number, chunk) in (1..).zip(&self.chunks) {
            let end = start + chunk.ends.len();
            let is_last = number == self.chunks.len();
            let (here, later) = rest.split_at(rest.partition_point(|change| is_last || change.place < end));
            rest = later;
            if here.is_empty() {
                changed.list.chunks.push(Arc::clone(chunk));
            } else {
                changed.push_merged(chunk, start, here);
            }
            start = end;
        }
        rest.iter().for_each(|change| changed.push(change.key));
        changed.finish()
    }

    /// About how many bytes of memory it takes.
    pub(crate) fn bytes(&self) -> usize {
        let of_chunk = |chunk: &Arc<Chunk>| chunk.text.len() + chunk.ends.len() * 2 + 72;
        self.chunks.iter().map(of_chunk).sum()
    }
}

/// Makes a list of keys as they come.
#[derive(Default)]
pub(crate) struct KeyListBuilder {
    list: KeyList,
    text: String,
    ends: Vec<u16>,
}

impl KeyListBuilder {
    pub(crate) fn push(&mut self, key: &str) {
        self.make_room(MOST);
        self.put(key);
    }

    /// Adds the keys of a chunk that begins at a place, with changes among them and after them, in as few chunks as
    /// hold them, none of which is small.
    fn push_merged(&mut self, chunk: &Chunk, start: usize, changes: &[Change<&str>]) {
        let most = chunk.ends.len() + changes.len();
        let room = most.div_ceil(most.div_ceil(MOST));
        let mut from = 0;
        for change in changes {
            let to = change.place - start;
            self.put_some(chunk, from..to, room);
            from = to + usize::from(change.listed);
            if !change.listed {
                self.make_room(room);
                self.put(change.key);
            }
        }
        self.put_some(chunk, from..chunk.ends.len(), room);
        self.close();
    }

    /// Adds a range of the keys of a chunk to chunks of so many keys.
    fn put_some(&mut self, chunk: &Chunk, mut range: Range<usize>, room: usize) {
        while !range.is_empty() {
            self.make_room(room);
            let to = range.end.min(range.start + room - self.ends.len());
            let (from, end) = (chunk.start(range.start), chunk.start(to));
            let here = self.text.len();
            self.text.push_str(chunk.text.get(from..end).unwrap_or_default());
            let ends = chunk.ends.get(range.start..to).unwrap_or_default();
            self.ends.extend(ends.iter().map(|end| (usize::from(*end) - from + here) as u16));
            range.start = to;
        }
    }

    fn make_room(&mut self, room: usize) {
        if self.ends.len() >= room {
            self.close();
        }
    }

    fn put(&mut self, key: &str) {
        self.text.push_str(key);
        self.ends.push(self.text.len() as u16);
    }

    fn close(&mut self) {
        if self.ends.is_empty() {
            return;
        }
        let chunk = Chunk { text: self.text.as_str().into(), ends: self.ends.as_slice().into() };
        self.list.chunks.push(Arc::new(chunk));
        self.text.clear();
        self.ends.clear();
    }

    pub(crate) fn finish(mut self) -> KeyList {
        self.close();
        self.list
    }
}

#[derive(Clone, Default)]
struct ChunkKeys<'k> {
    text: &'k str,
    from: usize,
    ends: std::slice::Iter<'k, u16>,
}

impl<'k> Iterator for ChunkKeys<'k> {
    type Item = &'k str;

    #[inline]
    fn next(&mut self) -> Option<&'k str> {
        let end = usize::from(*self.ends.next()?);
        let from = std::mem::replace(&mut self.from, end);
        self.text.get(from..end)
    }
}

/// All keys of a list.
#[derive(Clone)]
pub(crate) struct KeyListIter<'k> {
    open: ChunkKeys<'k>,
    chunks: std::slice::Iter<'k, Arc<Chunk>>,
}

impl<'k> Iterator for KeyListIter<'k> {
    type Item = &'k str;

    #[inline]
    fn next(&mut self) -> Option<&'k str> {
        let next = self.open.next();
        if next.is_some() { next } else { self.next_of_another() }
    }

    /// A loop a chunk instead of a step a key.
    #[inline]
    fn fold<B, F: FnMut(B, &'k str) -> B>(self, from: B, mut each: F) -> B {
        let so_far = self.open.fold(from, &mut each);
        self.chunks.fold(so_far, |so_far, chunk| chunk.keys().fold(so_far, &mut each))
    }
}

impl<'k> KeyListIter<'k> {
    #[cold]
    fn next_of_another(&mut self) -> Option<&'k str> {
        self.open = self.chunks.next()?.keys();
        self.open.next()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(keys: &[String]) -> KeyList {
        let mut builder = KeyListBuilder::default();
        keys.iter().for_each(|key| builder.push(key));
        builder.finish()
    }

    #[test]
    fn changes_of_every_kind_make_the_list_that_a_plain_one_becomes() {
        let mut model: Vec<String> = Vec::new();
        let mut keys = KeyList::default();
        for step in 0_usize..400 {
            let before = model.clone();
            let old = keys.clone();
            let count = step % 40 + 1;
            let mut places: Vec<usize> = (0..count).map(|n| (n * 7_919 + step * 31) % (model.len() + 1)).collect();
            places.sort_unstable();
            places.dedup();
            let removes = |place: usize| (place * 13 + step).is_multiple_of(3) && place < model.len();
            let added: Vec<String> = places.iter().map(|place| format!("{step}/{place}")).collect();
            let changes: Vec<Change<&str>> = places
                .iter()
                .zip(&added)
                .map(|(place, key)| Change { place: *place, listed: removes(*place), key: key.as_str() })
                .collect();
            let mut next = model.clone();
            for change in changes.iter().rev() {
                match change.listed {
                    true => drop(next.remove(change.place)),
                    false => next.insert(change.place, change.key.to_owned()),
                }
            }
            keys = old.with(&changes);
            model = next;
            assert!(keys.iter().eq(model.iter()), "step {step}");
            assert!(old.iter().eq(before.iter()), "step {step}");
        }
        assert!(model.len() > 500);
        let most = model.len() / (MOST / 2 - 1) + 1;
        assert!(keys.chunks.len() <= most * 2, "{} chunks for {} keys", keys.chunks.len(), model.len());
    }

    #[test]
    fn keys_of_any_length_come_back() {
        let keys: Vec<String> = (0..1_000).map(|n| "省".repeat(n % 171)).collect();
        assert!(list(&keys).iter().eq(keys.iter()));
        let with = list(&keys).with(&[Change { place: 1_000, listed: false, key: "last" }]);
        assert!(with.iter().eq(keys.iter().map(String::as_str).chain(["last"])));
    }
}
