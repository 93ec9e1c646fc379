//! The values of a log: entries, their ids, the tail that a reader gets, and bases. Knows nothing of where they are kept.

use std::fmt;
use std::ops::ControlFlow;

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

/// The most bytes of a piece: what a reader must hold at once to check one.
pub(crate) const MAX_PIECE: usize = 1 << 20;
/// The bytes of a segment, as a rule: a trim removes parts of a log of some hundred MB.
pub(super) const SEGMENT_BYTES: u64 = 64 << 20;

/// A part of an entry or a base. A log returns the pieces as they were cut.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    /// A number of the caller's, at least that of the piece before. Pieces can be found by it.
    pub(crate) tag: u64,
    /// At most [`MAX_PIECE`].
    pub(crate) bytes: Vec<u8>,
}

impl fmt::Debug for Piece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes with tag {}", self.bytes.len(), self.tag)
    }
}

/// The pieces of an entry or a base, so that neither is ever one buffer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Payload {
    pieces: Vec<Piece>,
}

impl Payload {
    /// A payload of one piece.
    #[cfg(test)]
    pub(crate) fn of(tag: u64, bytes: impl Into<Vec<u8>>) -> Payload {
        let mut payload = Payload::default();
        payload.push(tag, bytes.into());
        payload
    }

    pub(crate) fn push(&mut self, tag: u64, bytes: Vec<u8>) {
        self.pieces.push(Piece { tag, bytes });
    }

    pub(crate) fn pieces(&self) -> impl Iterator<Item = &Piece> {
        self.pieces.iter()
    }

    /// The number of bytes of all pieces.
    pub(crate) fn len(&self) -> usize {
        self.pieces().map(|piece| piece.bytes.len()).sum()
    }

    /// The tag of the last piece; 0 if there is none.
    pub(crate) fn tag(&self) -> u64 {
        self.pieces.last().map_or(0, |piece| piece.tag)
    }

    /// The tag of the first piece; 0 if there is none.
    pub(crate) fn first_tag(&self) -> u64 {
        self.pieces.first().map_or(0, |piece| piece.tag)
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
    /// At least one piece.
    pub(crate) payload: Payload,
}

impl Entry {
    /// Makes an entry after `before`, with a new id.
    pub(crate) fn after(before: Head, payload: Payload) -> Result<Entry> {
        Ok(Entry { revision: before.revision + 1, id: EntryId::random()?, previous: before.id, payload })
    }

    /// The tag of its last piece.
    pub(crate) fn tag(&self) -> u64 {
        self.payload.tag()
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

/// A piece of an entry, as a scan hands it out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PieceOf<'p> {
    pub(crate) entry: Head,
    /// The id of the entry before.
    pub(crate) previous: EntryId,
    /// The number of the piece in its entry, counted from 0.
    pub(crate) part: u32,
    /// Whether it is the last piece of its entry.
    pub(crate) last: bool,
    pub(crate) tag: u64,
    pub(crate) bytes: &'p [u8],
}

/// Takes the pieces of entries, until it breaks or fails.
pub(crate) type EachPiece<'e> = dyn FnMut(PieceOf<'_>) -> Result<ControlFlow<()>> + 'e;

/// Takes the pieces of a base, each as its tag and its bytes, until it breaks or fails.
pub(crate) type EachBasePiece<'e> = dyn FnMut(u64, &[u8]) -> Result<ControlFlow<()>> + 'e;

/// The entries that a reader asked for, and how far it may read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tail {
    /// Contiguous, and the first is the one after the revision that was asked for. Empty if there is none.
    pub(crate) entries: Vec<Entry>,
    /// The newest entry that this handle shows. Further entries may follow those of this answer up to here.
    pub(crate) head: Head,
}

/// Where in the files of a log an entry ends, for an opening that begins there. Only the log that gave it, and copies of
/// its directory, can use it. In other logs it is always the default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Position {
    pub(super) segment: u64,
    pub(super) salt: u64,
    /// The offset of the last frame of the entry.
    pub(super) last: u64,
    /// The offset after that frame.
    pub(super) end: u64,
}

impl Position {
    /// About how many bytes of the log are between an earlier position, or its beginning, and this one.
    pub(crate) fn bytes_since(&self, earlier: Option<Position>) -> u64 {
        let earlier = earlier.map_or((1, 0), |earlier| (earlier.segment, earlier.end));
        let segments = self.segment.saturating_sub(earlier.0);
        (segments * SEGMENT_BYTES + self.end).saturating_sub(earlier.1)
    }

    pub(crate) fn to_bytes(self) -> [u8; 32] {
        let mut bytes = [0; 32];
        let fields = [self.segment, self.salt, self.last, self.end];
        bytes.chunks_exact_mut(8).zip(fields).for_each(|(chunk, field)| chunk.copy_from_slice(&field.to_le_bytes()));
        bytes
    }

    pub(crate) fn from_bytes(bytes: [u8; 32]) -> Position {
        let mut fields = bytes.as_chunks::<8>().0.iter().map(|field| u64::from_le_bytes(*field));
        // 32 bytes are four fields.
        let mut next = || fields.next().unwrap_or_default();
        Position { segment: next(), salt: next(), last: next(), end: next() }
    }
}

/// How an append ended. An append that failed is an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Appended {
    /// The entries are in the log, and the last one ends at this position. They are durable after the next
    /// [`sync`](super::CommitLog::sync).
    Done(Position),
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
    let mut tag = 0;
    for entry in entries {
        if entry.revision != before.revision + 1 || entry.previous != before.id {
            return Err(bug(&format!("entry {} does not follow entry {}", entry.revision, before.revision)));
        }
        if entry.id == before.id || entry.id == EntryId::NONE {
            return Err(bug(&format!("the id of entry {} is not new", entry.revision)));
        }
        if entry.payload.pieces().next().is_none() {
            return Err(bug(&format!("entry {} has no pieces", entry.revision)));
        }
        tag = check_pieces(&entry.payload, tag, &format!("entry {}", entry.revision))?;
        before = entry.head();
    }
    Ok(())
}

/// Refuses pieces that are too long, or whose tags fall. Returns the last tag.
pub(super) fn check_pieces(payload: &Payload, mut tag: u64, of: &str) -> Result<u64> {
    for piece in payload.pieces() {
        if piece.bytes.len() > MAX_PIECE {
            return Err(bug(&format!("a piece of {of} has {} bytes, more than {MAX_PIECE}", piece.bytes.len())));
        }
        if piece.tag < tag {
            return Err(bug(&format!("a tag of {of} is {}, below the one before, {tag}", piece.tag)));
        }
        tag = piece.tag;
    }
    Ok(tag)
}

/// Collects whole entries from the pieces of a scan: at least one, and then as many as have `most_bytes` together.
pub(super) struct Collector {
    most_bytes: usize,
    bytes: usize,
    unfinished: Option<Entry>,
    pub(super) entries: Vec<Entry>,
}

impl Collector {
    pub(super) fn new(most_bytes: usize) -> Collector {
        Collector { most_bytes, bytes: 0, unfinished: None, entries: Vec::new() }
    }

    /// Takes the next piece. Breaks when there are enough entries.
    pub(super) fn take(&mut self, piece: PieceOf<'_>) -> ControlFlow<()> {
        let Head { revision, id } = piece.entry;
        let start = || Entry { revision, id, previous: piece.previous, payload: Payload::default() };
        let entry = self.unfinished.get_or_insert_with(start);
        entry.payload.push(piece.tag, piece.bytes.to_vec());
        self.bytes += piece.bytes.len();
        if !piece.last {
            return ControlFlow::Continue(());
        }
        self.entries.extend(self.unfinished.take());
        if self.bytes >= self.most_bytes { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

pub(super) fn bug(what: &str) -> Error {
    Error::Bug { what: what.to_owned() }
}
