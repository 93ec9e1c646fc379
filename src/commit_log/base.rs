//! A base in a file: written aside, synced, renamed. Knows nothing of what is in it.
//!
//! Head, 48 bytes: magic, revision, id, tag, zeroes, crc. Then a chunk for each piece: a head of 24 bytes, and
//! the piece. The chunk after the last piece has a head only.
//!
//! | bytes | field of the head of a chunk |
//! | ---: | --- |
//! | 4 | crc of the other fields, seeded with the revision and id of the base |
//! | 4 | crc of the piece, seeded likewise |
//! | 4 | number of the chunk, counted from 0 |
//! | 4 | length of the piece; the largest number for the chunk after the last piece |
//! | 8 | tag of the piece |
//!
//! The head has a crc of its own, so that a search by tag passes a piece without reading it, and a salvage finds the next
//! chunk after a damaged piece. One piece is held at once. Cost of a search: a read of 4 KiB for each piece before it.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::directory::Directory;
use super::entry::{EachBasePiece, Head, MAX_PIECE, Payload, Piece};
use super::files::{LogFile, failed};
use super::frame::Fields;
use super::segment::SECTOR;
use super::window::Window;
use crate::id::Revision;
use crate::model::{Error, LogError, Result};

const PREFIX: &str = "base-";
const MAGIC: [u8; 8] = *b"ri-base2";
const HEAD: usize = 48;
const CHUNK_HEAD: usize = 24;
/// The length of the chunk after the last piece.
const END: u32 = u32::MAX;

/// The revisions of all bases in a directory, in order.
pub(super) fn revisions(directory: &Directory) -> Result<Vec<Revision>> {
    let names = directory.names()?;
    let mut revisions: Vec<Revision> = names.iter().filter_map(|name| revision(name)).collect();
    revisions.sort_unstable();
    Ok(revisions)
}

pub(super) fn name(revision: Revision) -> String {
    format!("{PREFIX}{revision:020}")
}

fn revision(name: &str) -> Option<Revision> {
    let revision = name.strip_prefix(PREFIX)?.parse().ok()?;
    (self::name(revision) == name).then_some(revision)
}

/// Takes the pieces that a base is written from.
pub(super) type Put<'p> = dyn FnMut(u64, &[u8]) -> Result<()> + 'p;

/// Writes the pieces of a payload as a base. When this returns it is durable.
pub(super) fn write(directory: &Directory, head: Head, tag: u64, payload: &Payload) -> Result<()> {
    write_from(directory, head, tag, &mut |put| payload.pieces().try_for_each(|Piece { tag, bytes }| put(*tag, bytes)))
}

/// Writes a base from pieces that come one by one. When this returns it is durable.
pub(super) fn write_from(
    directory: &Directory,
    head: Head,
    tag: u64,
    source: &mut dyn FnMut(&mut Put<'_>) -> Result<()>,
) -> Result<()> {
    let name = name(head.revision);
    directory.write_aside(&name, &mut |file| {
        let path = directory.join(&name);
        let mut offset = 0;
        let mut write = |bytes: &[u8]| {
            let at = offset;
            offset += bytes.len() as u64;
            file.write_at(bytes, at).map_err(|source| failed("write", &path, &source))
        };
        write(&encode_head(head, tag))?;
        let mut number = 0;
        let mut last = 0;
        let mut buffer = Vec::new();
        source(&mut |tag, bytes| {
            let chunk = Chunk { number, length: bytes.len() as u32, tag, crc: checksum(head, bytes) };
            (number, last) = (number + 1, tag);
            buffer.clear();
            buffer.extend(chunk.encode(head));
            buffer.extend(bytes);
            write(&buffer)
        })?;
        write(&Chunk { number, length: END, tag: last, crc: checksum(head, &[]) }.encode(head))
    })
}

/// Where in the log a base is, and its tag.
pub(super) fn read_head(directory: &Directory, revision: Revision) -> Result<(Head, u64)> {
    Reader::open(directory, revision).map(|reader| (reader.head, reader.tag))
}

/// Hands out the pieces of a base from the first one whose tag is above `tag`, or from the first one. Pieces before it are
/// passed without reading them.
pub(super) fn scan(
    directory: &Directory,
    revision: Revision,
    tag: Option<u64>,
    each: &mut EachBasePiece<'_>,
) -> Result<(Head, u64)> {
    let mut reader = Reader::open(directory, revision)?;
    while let Some(chunk) = reader.next_head()? {
        if tag.is_some_and(|tag| chunk.tag <= tag) {
            reader.skip(&chunk);
        } else if each(chunk.tag, reader.take(&chunk)?)?.is_break() {
            break;
        }
    }
    Ok((reader.head, reader.tag))
}

/// Hands out each whole piece of a base that may be damaged, and adds the defects. Returns the head of the base, and its
/// tag, if it is whole: without it no piece can be told from other bytes.
pub(super) fn salvage(
    directory: &Directory,
    revision: Revision,
    each: &mut dyn FnMut(u64, &[u8]) -> Result<()>,
    defects: &mut Vec<LogError>,
) -> Result<Option<(Head, u64)>> {
    let mut defect = |error: Error| match error {
        Error::Log(defect) => defects.push(defect),
        other => {
            defects.push(LogError::Damaged { revision, path: directory.join(&name(revision)), why: other.to_string() })
        }
    };
    let mut reader = match Reader::open(directory, revision) {
        Ok(reader) => reader,
        Err(error) => {
            defect(error);
            return Ok(None);
        }
    };
    loop {
        match reader.next_head() {
            Ok(Some(chunk)) => match reader.take(&chunk) {
                Ok(piece) => each(chunk.tag, piece)?,
                Err(error) => {
                    defect(error);
                    reader.skip(&chunk);
                }
            },
            Ok(None) => break,
            Err(error) => {
                defect(error);
                if !reader.seek() {
                    break;
                }
            }
        }
    }
    Ok(Some((reader.head, reader.tag)))
}

/// Fails if a base is damaged.
pub(super) fn check(directory: &Directory, revision: Revision) -> Result<()> {
    scan(directory, revision, None, &mut |_, _| Ok(ControlFlow::Continue(()))).map(|_| ())
}

/// The head of a chunk.
#[derive(Clone, Copy)]
struct Chunk {
    number: u32,
    length: u32,
    tag: u64,
    /// Of the piece.
    crc: u32,
}

impl Chunk {
    fn encode(&self, base: Head) -> [u8; CHUNK_HEAD] {
        let mut bytes = [0; CHUNK_HEAD];
        let fields = [self.crc, self.number, self.length].map(u32::to_le_bytes).concat();
        let fields = [fields, self.tag.to_le_bytes().to_vec()].concat();
        let all = [checksum(base, &fields).to_le_bytes().to_vec(), fields].concat();
        bytes.iter_mut().zip(all).for_each(|(byte, value)| *byte = value);
        bytes
    }

    fn decode(bytes: &[u8], base: Head) -> Option<Chunk> {
        let mut fields = Fields(bytes);
        let _crc = fields.u32()?;
        let (crc, number, length, tag) = (fields.u32()?, fields.u32()?, fields.u32()?, fields.u64()?);
        let chunk = Chunk { number, length, tag, crc };
        let possible = length == END || length as usize <= MAX_PIECE;
        (possible && bytes == chunk.encode(base)).then_some(chunk)
    }

    /// Bytes of the whole chunk.
    fn size(&self) -> u64 {
        CHUNK_HEAD as u64 + if self.length == END { 0 } else { u64::from(self.length) }
    }
}

/// Reads a base, chunk by chunk.
struct Reader<'d> {
    directory: &'d Directory,
    file: Arc<dyn LogFile>,
    head: Head,
    tag: u64,
    window: Window,
    offset: u64,
    number: u32,
}

impl<'d> Reader<'d> {
    fn open(directory: &'d Directory, revision: Revision) -> Result<Reader<'d>> {
        let damaged = |why| damaged(directory, revision, why);
        let file = directory.open_to_read(&name(revision))?.ok_or_else(|| damaged("the base is missing"))?;
        let mut bytes = [0; HEAD];
        let filled = file.read_at(&mut bytes, 0);
        let filled = filled.map_err(|source| failed("read", &directory.join(&name(revision)), &source))?;
        let decoded = decode_head(bytes.get(..filled).unwrap_or_default());
        let decoded = decoded.filter(|(head, _)| head.revision == revision);
        let (head, tag) = decoded.ok_or_else(|| damaged("the head of the base is damaged"))?;
        Ok(Reader { directory, file, head, tag, window: Window::default(), offset: HEAD as u64, number: 0 })
    }

    /// The head of the next chunk; `None` after the last piece.
    fn next_head(&mut self) -> Result<Option<Chunk>> {
        let base = self.head;
        let chunk = Chunk::decode(self.bytes(self.offset, CHUNK_HEAD)?, base);
        match chunk.filter(|chunk| chunk.number == self.number) {
            Some(chunk) if chunk.length == END => Ok(None),
            Some(chunk) => Ok(Some(chunk)),
            None => Err(self.damaged()),
        }
    }

    /// Looks for the next head of a chunk. False if there is none.
    fn seek(&mut self) -> bool {
        let base = self.head;
        let found = loop {
            match self.bytes(self.offset, CHUNK_HEAD) {
                Ok(bytes) if bytes.len() < CHUNK_HEAD => return false,
                Ok(bytes) => match Chunk::decode(bytes, base) {
                    Some(chunk) => break chunk,
                    None => self.offset += 1,
                },
                // A sector that can't be read.
                Err(_) => self.offset = (self.offset + 1).next_multiple_of(SECTOR as u64),
            }
        };
        self.number = found.number;
        true
    }

    fn skip(&mut self, chunk: &Chunk) {
        self.offset += chunk.size();
        self.number = self.number.wrapping_add(1);
        self.window.skip(chunk.size());
    }

    /// The piece of a chunk.
    fn take(&mut self, chunk: &Chunk) -> Result<&[u8]> {
        let (at, length, base) = (self.offset + CHUNK_HEAD as u64, chunk.length as usize, self.head);
        let piece = self.bytes(at, length)?;
        if piece.len() < length || checksum(base, piece) != chunk.crc {
            return Err(self.damaged());
        }
        self.offset += chunk.size();
        self.number = self.number.wrapping_add(1);
        self.bytes(at, length)
    }

    fn bytes(&mut self, offset: u64, length: usize) -> Result<&[u8]> {
        let (directory, revision) = (self.directory, self.head.revision);
        let bytes = self.window.at(&*self.file, offset, length);
        bytes.map_err(|source| failed("read", &directory.join(&name(revision)), &source))
    }

    fn damaged(&self) -> Error {
        damaged(self.directory, self.head.revision, &format!("the base is damaged at byte {}", self.offset))
    }
}

fn damaged(directory: &Directory, revision: Revision, why: &str) -> Error {
    LogError::Damaged { revision, path: directory.join(&name(revision)), why: why.to_owned() }.into()
}

fn encode_head(head: Head, tag: u64) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend(head.revision.to_le_bytes());
    bytes.extend(head.id.bytes());
    bytes.extend(tag.to_le_bytes());
    bytes.extend([0; 4]);
    bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
    bytes
}

fn decode_head(bytes: &[u8]) -> Option<(Head, u64)> {
    let mut fields = Fields(bytes.get(MAGIC.len()..)?);
    let head = Head { revision: fields.u64()?, id: fields.id()? };
    let tag = fields.u64()?;
    (bytes == encode_head(head, tag)).then_some((head, tag))
}

fn checksum(base: Head, bytes: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&base.revision.to_le_bytes());
    hasher.update(&base.id.bytes());
    hasher.update(bytes);
    hasher.finalize()
}
