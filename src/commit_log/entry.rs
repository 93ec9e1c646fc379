//! The values of a log: entries, their ids, the tail that a reader gets, and bases. Knows nothing of where they are kept.

use std::fmt;

use crate::id::Revision;
use crate::model::{EngineError, Error, Result};

/// The random identity of an entry or of a log: 16 bytes from the operating system.
///
/// Two attempts to append the same change have different ids, so an id tells forks, rollbacks and unknown outcomes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct EntryId([u8; 16]);

impl EntryId {
    /// The id before the first entry of a log that begins empty.
    pub(crate) const NONE: EntryId = EntryId([0; 16]);

    /// Makes a new id.
    pub(crate) fn random() -> Result<EntryId> {
        random().map(EntryId)
    }

    pub(crate) fn from_bytes(bytes: [u8; 16]) -> EntryId {
        EntryId(bytes)
    }

    pub(crate) fn bytes(self) -> [u8; 16] {
        self.0
    }
}

impl fmt::Debug for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Random bytes from the operating system.
pub(super) fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    match getrandom::fill(&mut bytes) {
        Ok(()) => Ok(bytes),
        Err(why) => Err(EngineError::Failed { doing: "get random bytes", why: why.to_string() }.into()),
    }
}

/// Bytes in pieces, so that a bulk load is never one buffer. Only the concatenation of the pieces has a meaning: a log
/// may return them cut differently.
#[derive(Clone, Default)]
pub(crate) struct Payload {
    pieces: Vec<Vec<u8>>,
}

impl Payload {
    pub(crate) fn push(&mut self, piece: Vec<u8>) {
        if !piece.is_empty() {
            self.pieces.push(piece);
        }
    }

    pub(crate) fn pieces(&self) -> impl Iterator<Item = &[u8]> {
        self.pieces.iter().map(Vec::as_slice)
    }

    /// The number of bytes.
    pub(crate) fn len(&self) -> usize {
        self.pieces().map(<[u8]>::len).sum()
    }

    /// All bytes in one buffer.
    pub(crate) fn to_vec(&self) -> Vec<u8> {
        self.pieces.concat()
    }

    /// Cuts the bytes into chunks of at most `most` bytes: at least one chunk, which is empty if there are no bytes.
    pub(super) fn chunks(&self, most: usize) -> impl Iterator<Item = &[u8]> {
        let empty = self.pieces.is_empty().then_some(&[][..]);
        empty.into_iter().chain(self.pieces().flat_map(move |piece| piece.chunks(most)))
    }
}

impl From<Vec<u8>> for Payload {
    fn from(piece: Vec<u8>) -> Payload {
        let mut payload = Payload::default();
        payload.push(piece);
        payload
    }
}

impl PartialEq for Payload {
    fn eq(&self, other: &Payload) -> bool {
        self.len() == other.len() && self.pieces().flatten().eq(other.pieces().flatten())
    }
}

impl Eq for Payload {}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.len())
    }
}

/// One commit as the log stores it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// One more than that of the entry before.
    pub(crate) revision: Revision,
    /// New for each attempt to append it.
    pub(crate) id: EntryId,
    /// The id of the entry before, or of the base with which the log begins, or [`EntryId::NONE`].
    pub(crate) previous: EntryId,
    /// A number of the caller's, at least that of the entry before. Entries can be found by it.
    pub(crate) tag: u64,
    pub(crate) payload: Payload,
}

impl Entry {
    /// Makes an entry after `before`, with a new id.
    pub(crate) fn after(before: Head, tag: u64, payload: impl Into<Payload>) -> Result<Entry> {
        let id = EntryId::random()?;
        Ok(Entry { revision: before.revision + 1, id, previous: before.id, tag, payload: payload.into() })
    }

    pub(crate) fn head(&self) -> Head {
        Head { revision: self.revision, id: self.id }
    }
}

/// A place in the sequence of entries: after the entry with this revision and id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) revision: Revision,
    pub(crate) id: EntryId,
}

impl Head {
    /// Before the first entry of a log that begins empty.
    pub(crate) const START: Head = Head { revision: 0, id: EntryId::NONE };
}

/// The entries that a reader asked for, and how far it may read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tail {
    /// Contiguous, and the first is the one after the revision that was asked for. Empty if there is none.
    pub(crate) entries: Vec<Entry>,
    /// The newest entry that this handle shows. Further entries may follow those of this answer up to here.
    pub(crate) head: Head,
}

/// How an append ended. An append that failed is an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Appended {
    /// The entries are in the log. They are durable after the next [`sync`](super::CommitLog::sync).
    Done,
    /// Nothing was written: other entries follow `from`, and these are the first of them.
    Behind(Tail),
}

/// The state at one revision, with which a log may begin. The log does not know what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Base {
    /// The entry after which the state is.
    pub(crate) head: Head,
    /// The tag of that entry.
    pub(crate) tag: u64,
    pub(crate) payload: Payload,
}

/// Refuses entries that are not a chain after `from`: a defect of the caller.
pub(super) fn check(from: Revision, entries: &[Entry]) -> Result<()> {
    let Some(first) = entries.first() else { return Err(bug("no entries are to be appended")) };
    let mut before = Head { revision: from, id: first.previous };
    let mut tag = first.tag;
    for entry in entries {
        if entry.revision != before.revision + 1 || entry.previous != before.id {
            return Err(bug(&format!("entry {} does not follow entry {}", entry.revision, before.revision)));
        }
        if entry.tag < tag {
            return Err(bug(&format!("the tag of entry {} is below that of the entry before", entry.revision)));
        }
        if entry.id == before.id || entry.id == EntryId::NONE {
            return Err(bug(&format!("the id of entry {} is not new", entry.revision)));
        }
        (before, tag) = (entry.head(), entry.tag);
    }
    Ok(())
}

pub(super) fn bug(what: &str) -> Error {
    Error::Bug { what: what.to_owned() }
}
