//! A persistent list of keys whose text lies in a row, so that reading all of them costs some nanoseconds per key.
//!
//! Invariant: a chunk has at most [`MOST`] keys and no chunk is empty.
//! Cost: an edit copies the chunks that it changes, and the pointers to all chunks.

use std::ops::Range;
use std::sync::Arc;

/// The most keys of a chunk: 120 keys of 512 bytes end below 65,536, so their ends fit into 16 bits.
const MOST: usize = 120;

/// A persistent list of keys. See the head of this file.
#[derive(Clone, Default)]
pub(crate) struct KeyList {
    chunks: Vec<Arc<Chunk>>,
}

/// Some keys: their text, and the place in it where each one ends.
#[derive(Default)]
struct Chunk {
    text: Box<str>,
    ends: Box<[u16]>,
}

/// One edit of a list: a key to be added, or one to be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ListEdit<'k> {
    /// The place of the key to leave out, or of the key before which one is added.
    pub(crate) place: usize,
    /// The key to add; `None` to leave one out.
    pub(crate) added: Option<&'k str>,
}

impl Chunk {
    /// The place in the text where a key begins.
    #[expect(clippy::indexing_slicing, reason = "keys are asked for up to the end of the chunk")]
    fn start(&self, key: usize) -> usize {
        key.checked_sub(1).map_or(0, |before| usize::from(self.ends[before]))
    }

    fn keys(&self) -> ChunkKeys<'_> {
        ChunkKeys { text: &self.text, from: 0, ends: self.ends.iter() }
    }
}

impl KeyList {
    pub(crate) fn iter(&self) -> KeyListIter<'_> {
        KeyListIter { open: ChunkKeys::default(), chunks: self.chunks.iter() }
    }

    /// The list after some edits, which are in the order of their places.
    pub(crate) fn with(&self, edits: &[ListEdit<'_>]) -> KeyList {
        let mut changed = KeyListBuilder {
            list: KeyList { chunks: Vec::with_capacity(self.chunks.len() + 1) },
            ..Default::default()
        };
        let (mut rest, mut start) = (edits, 0);
        for (number, chunk) in (1..).zip(&self.chunks) {
            let end = start + chunk.ends.len();
            let is_last = number == self.chunks.len();
            let (here, later) = rest.split_at(rest.partition_point(|edit| is_last || edit.place < end));
            rest = later;
            if here.is_empty() {
                changed.list.chunks.push(Arc::clone(chunk));
            } else {
                changed.push_merged(chunk, start, here);
            }
            start = end;
        }
        rest.iter().filter_map(|edit| edit.added).for_each(|key| changed.push(key));
        changed.finish()
    }

    /// Bytes of memory it takes, about.
    pub(crate) fn bytes(&self) -> usize {
        let of_chunk = |chunk: &Arc<Chunk>| chunk.text.len() + chunk.ends.len() * 2 + 72;
        self.chunks.iter().map(of_chunk).sum()
    }
}

/// Makes a list of keys that come in order.
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

    /// Adds the keys of a chunk that begins at a place, edited, in as few chunks as hold them, none of them small.
    fn push_merged(&mut self, chunk: &Chunk, start: usize, edits: &[ListEdit<'_>]) {
        let most = chunk.ends.len() + edits.len();
        let room = most.div_ceil(most.div_ceil(MOST));
        let mut from = 0;
        for edit in edits {
            let to = edit.place - start;
            self.put_some(chunk, from..to, room);
            from = to + usize::from(edit.added.is_none());
            if let Some(key) = edit.added {
                self.make_room(room);
                self.put(key);
            }
        }
        self.put_some(chunk, from..chunk.ends.len(), room);
        self.close();
    }

    /// Adds a range of the keys of a chunk to chunks of at most `room` keys.
    #[expect(clippy::indexing_slicing, reason = "ranges are inside the chunk, and its ends inside its text")]
    fn put_some(&mut self, chunk: &Chunk, mut range: Range<usize>, room: usize) {
        while !range.is_empty() {
            self.make_room(room);
            let to = range.end.min(range.start + room - self.ends.len());
            let (from, end) = (chunk.start(range.start), chunk.start(to));
            let here = self.text.len();
            self.text.push_str(&chunk.text[from..end]);
            let ends = &chunk.ends[range.start..to];
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
        if next.is_some() { next } else { self.next_chunk() }
    }

    /// Runs one loop per chunk instead of one step per key.
    #[inline]
    fn fold<B, F: FnMut(B, &'k str) -> B>(self, from: B, mut each: F) -> B {
        let so_far = self.open.fold(from, &mut each);
        self.chunks.fold(so_far, |so_far, chunk| chunk.keys().fold(so_far, &mut each))
    }
}

impl<'k> KeyListIter<'k> {
    #[cold]
    fn next_chunk(&mut self) -> Option<&'k str> {
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
    fn edits_of_every_kind_make_the_list_that_a_plain_one_becomes() {
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
            let edit = |(place, key): (&usize, &'_ String)| (*place, (!removes(*place)).then(|| key.clone()));
            let edits: Vec<(usize, Option<String>)> = places.iter().zip(&added).map(edit).collect();
            let mut next = model.clone();
            for (place, added) in edits.iter().rev() {
                match added {
                    None => drop(next.remove(*place)),
                    Some(key) => next.insert(*place, key.clone()),
                }
            }
            let edits: Vec<ListEdit<'_>> =
                edits.iter().map(|(place, added)| ListEdit { place: *place, added: added.as_deref() }).collect();
            keys = old.with(&edits);
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
        let with = list(&keys).with(&[ListEdit { place: 1_000, added: Some("last") }]);
        assert!(with.iter().eq(keys.iter().map(String::as_str).chain(["last"])));
    }
}
