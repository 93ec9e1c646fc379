//! The values of a shared log as bytes: its head, the entries of an append, a base. Knows nothing of where they are kept.
//!
//! All numbers are little-endian. Each value but `head` and `oldest` begins with a crc of the rest.
//!
//! | value | bytes |
//! | --- | --- |
//! | head | number of the format 1, revision 8, id of the entry 16, or of the log before the first entry |
//! | oldest | revision 8, id of the entry 16 |
//! | append | crc 4, kind 1; *here*: entries; *apart*: first revision 8, id of the last entry 16, parts |
//! | entry | revision 8, id 16, previous id 16, pieces 4; then for each piece: tag 8, length 4, bytes |
//! | base | crc 4, revision 8, id of the entry 16, tag 8, parts |
//! | parts | number of parts 4, bytes 8, crc of all bytes 4, path to the end of the value |
//!
//! What is apart is cut into parts of 1 MiB: etcd takes requests of 1.5 MiB.

use crate::commit_log::entry::{Entry, EntryId, Head, MAX_PIECE, Payload};
use crate::commit_log::frame::Fields;
use crate::id::Revision;

/// The name and version of all of this.
pub(super) const FORMAT: &[u8] = b"responsibility-index etcd-1";
/// Entries of so many bytes are stored in one value: an answer has some of them.
pub(super) const MOST_HERE: usize = 256 << 10;
/// The bytes of a part.
pub(super) const PART: usize = 1 << 20;
/// The number of the format in each head: a transaction that compares the head compares the format with it.
const FORMAT_NUMBER: u8 = 1;
const HERE: u8 = 0;
const APART: u8 = 1;

pub(super) fn head(head: Head) -> Vec<u8> {
    [&head.revision.to_le_bytes()[..], &head.id.bytes()].concat()
}

pub(super) fn read_head(bytes: &[u8]) -> Option<Head> {
    let mut fields = Fields(bytes);
    let head = Head { revision: fields.u64()?, id: fields.id()? };
    fields.0.is_empty().then_some(head)
}

/// The value of the key `head`. It is of this log alone: ids of entries are random, and before the first entry it has the id
/// of the log.
pub(super) fn newest(head: Head, log: EntryId) -> Vec<u8> {
    let id = if head == Head::START { log } else { head.id };
    [&[FORMAT_NUMBER][..], &self::head(Head { id, ..head })].concat()
}

pub(super) fn read_newest(bytes: &[u8], log: EntryId) -> Option<Head> {
    let (number, rest) = bytes.split_first()?;
    let head = read_head(rest).filter(|_| *number == FORMAT_NUMBER)?;
    Some(if head.revision == 0 && head.id == log { Head::START } else { head })
}

/// Bytes that are kept in parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Parts {
    /// Where. It begins with the kind and the revision, so that a trim finds those of older appends, also those of appends that
    /// were never made.
    pub(super) path: String,
    pub(super) count: u32,
    pub(super) bytes: u64,
    pub(super) crc: u32,
}

impl Parts {
    /// Before the paths of bases, and after them.
    pub(super) const BASES: &str = "base-";
    pub(super) const BASES_END: &str = "base-~";

    /// The parts of an append that ends with this entry.
    pub(super) fn of_append(last: Head, bytes: &[u8]) -> Parts {
        Parts::new(format!("{}-{:?}", Parts::path(last.revision), last.id), bytes)
    }

    /// The parts of a base. The id is new.
    pub(super) fn of_base(revision: Revision, id: EntryId, bytes: &[u8]) -> Parts {
        Parts::new(format!("base-{revision:016x}-{id:?}"), bytes)
    }

    fn new(path: String, bytes: &[u8]) -> Parts {
        let count = bytes.len().div_ceil(PART) as u32;
        Parts { path, count, bytes: bytes.len() as u64, crc: crc32fast::hash(bytes) }
    }

    /// How the paths of appends begin that end with this revision.
    pub(super) fn path(revision: Revision) -> String {
        format!("append-{revision:016x}")
    }

    fn encode(&self) -> Vec<u8> {
        let (count, bytes, crc) = (self.count.to_le_bytes(), self.bytes.to_le_bytes(), self.crc.to_le_bytes());
        [&count[..], &bytes, &crc, self.path.as_bytes()].concat()
    }

    /// The path is the rest of a value.
    fn decode(mut fields: Fields<'_>) -> Option<Parts> {
        let (count, bytes, crc) = (fields.u32()?, fields.u64()?, fields.u32()?);
        Some(Parts { path: String::from_utf8(fields.0.to_vec()).ok()?, count, bytes, crc })
    }

    /// Whether these are the bytes.
    pub(super) fn are(&self, bytes: &[u8]) -> bool {
        bytes.len() as u64 == self.bytes && crc32fast::hash(bytes) == self.crc
    }
}

/// The value of an append.
#[derive(Clone)]
pub(super) enum Stored {
    Here(Vec<Entry>),
    Apart { first: Revision, last: EntryId, parts: Parts },
}

impl Stored {
    pub(super) fn decode(bytes: &[u8]) -> Option<Stored> {
        let mut fields = checked(bytes)?;
        match fields.take()? {
            [HERE] => entries(fields.0).map(Stored::Here),
            [APART] => Some(Stored::Apart { first: fields.u64()?, last: fields.id()?, parts: Parts::decode(fields)? }),
            _ => None,
        }
    }

    /// Whether it ends with the entry of this id.
    pub(super) fn is(&self, last: EntryId) -> bool {
        match self {
            Stored::Here(entries) => entries.last().is_some_and(|entry| entry.id == last),
            Stored::Apart { last: found, .. } => *found == last,
        }
    }

    /// Its last entry, if it is in it.
    pub(super) fn last(&self) -> Option<Head> {
        match self {
            Stored::Here(entries) => entries.last().map(Entry::head),
            Stored::Apart { .. } => None,
        }
    }

    /// The revision of its first entry.
    pub(super) fn first(&self) -> Revision {
        match self {
            Stored::Here(entries) => entries.first().map_or(0, |entry| entry.revision),
            Stored::Apart { first, .. } => *first,
        }
    }
}

/// The value of an append whose entries are in it.
pub(super) fn here(entries: &[u8]) -> Vec<u8> {
    with_crc(&[&[HERE], entries])
}

/// The value of an append whose entries are in parts.
pub(super) fn apart(first: Revision, last: EntryId, parts: &Parts) -> Vec<u8> {
    with_crc(&[&[APART], &first.to_le_bytes(), &last.bytes(), &parts.encode()])
}

/// A base that is kept in parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StoredBase {
    pub(super) head: Head,
    pub(super) tag: u64,
    pub(super) parts: Parts,
}

impl StoredBase {
    pub(super) fn encode(&self) -> Vec<u8> {
        with_crc(&[&head(self.head), &self.tag.to_le_bytes(), &self.parts.encode()])
    }

    pub(super) fn decode(bytes: &[u8]) -> Option<StoredBase> {
        let mut fields = checked(bytes)?;
        let head = Head { revision: fields.u64()?, id: fields.id()? };
        let tag = fields.u64()?;
        Some(StoredBase { head, tag, parts: Parts::decode(fields)? })
    }
}

fn with_crc(fields: &[&[u8]]) -> Vec<u8> {
    let rest = fields.concat();
    [&crc32fast::hash(&rest).to_le_bytes()[..], &rest].concat()
}

fn checked(bytes: &[u8]) -> Option<Fields<'_>> {
    let mut fields = Fields(bytes);
    let crc = fields.u32()?;
    (crc32fast::hash(fields.0) == crc).then_some(fields)
}

/// Entries as bytes.
pub(super) fn encode(entries: &[Entry]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for Entry { revision, id, previous, payload } in entries {
        bytes.extend(revision.to_le_bytes());
        bytes.extend(id.bytes());
        bytes.extend(previous.bytes());
        encode_payload(payload, &mut bytes);
    }
    bytes
}

pub(super) fn encode_payload(payload: &Payload, bytes: &mut Vec<u8>) {
    bytes.extend((payload.pieces().count() as u32).to_le_bytes());
    for piece in payload.pieces() {
        bytes.extend(piece.tag.to_le_bytes());
        bytes.extend((piece.bytes.len() as u32).to_le_bytes());
        bytes.extend(&piece.bytes);
    }
}

/// Entries of bytes; `None` if they are not a chain of entries.
pub(super) fn entries(bytes: &[u8]) -> Option<Vec<Entry>> {
    let mut fields = Fields(bytes);
    let mut entries: Vec<Entry> = Vec::new();
    while !fields.0.is_empty() {
        let (revision, id, previous) = (fields.u64()?, fields.id()?, fields.id()?);
        if entries.last().is_some_and(|last| last.revision + 1 != revision || last.id != previous) {
            return None;
        }
        entries.push(Entry { revision, id, previous, payload: read_payload(&mut fields)? });
    }
    Some(entries).filter(|entries| !entries.is_empty())
}

pub(super) fn payload(bytes: &[u8]) -> Option<Payload> {
    let mut fields = Fields(bytes);
    let payload = read_payload(&mut fields)?;
    fields.0.is_empty().then_some(payload)
}

fn read_payload(fields: &mut Fields<'_>) -> Option<Payload> {
    let mut payload = Payload::default();
    for _ in 0..fields.u32()? {
        let (tag, length) = (fields.u64()?, fields.u32()? as usize);
        let (piece, rest) = fields.0.split_at_checked(length).filter(|_| length <= MAX_PIECE)?;
        payload.push(tag, piece.to_vec());
        fields.0 = rest;
    }
    Some(payload)
}

#[cfg(test)]
mod tests {
    use super::{Parts, Stored, StoredBase, apart, encode, entries, head, here, newest, read_head, read_newest};
    use crate::commit_log::entry::{Entry, EntryId, Head, Payload};

    fn some() -> Vec<Entry> {
        let first = Entry::after(Head::START, Payload::of(3, b"one".to_vec())).unwrap();
        let mut payload = Payload::of(3, []);
        payload.push(9, vec![7; 5_000]);
        let second = Entry::after(first.head(), payload).unwrap();
        vec![first, second]
    }

    #[test]
    fn values_are_read_as_they_were_written() {
        let written = some();
        let bytes = encode(&written);
        assert_eq!(entries(&bytes).as_ref(), Some(&written));
        let last = written[1].head();
        assert_eq!(read_head(&head(last)), Some(last));
        let log = EntryId::random().unwrap();
        for place in [Head::START, last] {
            assert_eq!(read_newest(&newest(place, log), log), Some(place));
        }
        assert_ne!(newest(Head::START, log), newest(Head::START, last.id), "it is of one log alone");
        let Some(Stored::Here(read)) = Stored::decode(&here(&bytes)) else { panic!("not here") };
        assert_eq!(read, written);
        let parts = Parts::of_append(last, &bytes);
        let stored = Stored::decode(&apart(1, last.id, &parts)).unwrap();
        assert!(stored.is(last.id) && stored.first() == 1 && parts.are(&bytes));
        let base = StoredBase { head: last, tag: 9, parts };
        assert_eq!(StoredBase::decode(&base.encode()), Some(base));
    }

    #[test]
    fn damaged_values_are_none() {
        let value = here(&encode(&some()));
        for at in (0..value.len()).step_by(7) {
            let mut damaged = value.clone();
            damaged[at] ^= 1;
            assert!(Stored::decode(&damaged).is_none(), "byte {at}");
            assert!(Stored::decode(&value[..at]).is_none(), "{at} bytes");
        }
        let mut gap = some();
        gap[1].previous = EntryId::NONE;
        assert!(entries(&encode(&gap)).is_none());
    }
}
