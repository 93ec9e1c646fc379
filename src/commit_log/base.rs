//! A base in a file: written aside, synced, renamed. Knows nothing of what is in it.
//!
//! Head: magic, revision, id, tag, crc. Then chunks: length, crc (seeded with revision, id and position of the chunk),
//! bytes. The last chunk is empty. A chunk is at most 1 MiB, so that writing and checking hold no more at once.

use super::directory::Directory;
use super::entry::{Base, Head, Payload};
use super::files::{LogFile, failed};
use super::frame::{Fields, MAX_PAYLOAD};
use crate::id::Revision;
use crate::model::{LogError, Result};

const PREFIX: &str = "base-";
const MAGIC: [u8; 8] = *b"ri-base1";
const HEAD: usize = 44;
const CHUNK_HEAD: usize = 8;

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

/// Writes a base. When this returns it is durable.
pub(super) fn write(directory: &Directory, base: &Base) -> Result<()> {
    directory.write_aside(&name(base.head.revision), |file| {
        let mut offset = 0;
        let mut put = |bytes: &[u8]| {
            let at = offset;
            offset += bytes.len() as u64;
            file.write_at(bytes, at)
        };
        put(&encode_head(base.head, base.tag))?;
        let end = [&[][..]];
        let chunks = base.payload.pieces().flat_map(|piece| piece.chunks(MAX_PAYLOAD)).chain(end);
        for (position, chunk) in (0_u64..).zip(chunks) {
            let length = chunk.len() as u32;
            put(&[length.to_le_bytes(), checksum(base.head, position, chunk).to_le_bytes()].concat())?;
            put(chunk)?;
        }
        Ok(())
    })
}

/// Where in the log a base is, and its tag.
pub(super) fn read_head(directory: &Directory, revision: Revision) -> Result<(Head, u64)> {
    let file = open(directory, revision)?;
    let head = read_bytes(directory, revision, &*file, 0, HEAD)?;
    decode_head(&head)
        .filter(|(head, _)| head.revision == revision)
        .ok_or_else(|| damaged(directory, revision, "the head of the base is damaged"))
}

/// Reads a whole base.
pub(super) fn read(directory: &Directory, revision: Revision) -> Result<Base> {
    let mut payload = Payload::default();
    let (head, tag) = read_chunks(directory, revision, &mut |chunk| payload.push(chunk))?;
    Ok(Base { head, tag, payload })
}

/// Fails if a base is damaged.
pub(super) fn check(directory: &Directory, revision: Revision) -> Result<()> {
    read_chunks(directory, revision, &mut drop).map(|_| ())
}

fn read_chunks(directory: &Directory, revision: Revision, each: &mut dyn FnMut(Vec<u8>)) -> Result<(Head, u64)> {
    let (head, tag) = read_head(directory, revision)?;
    let file = open(directory, revision)?;
    let mut offset = HEAD as u64;
    for position in 0_u64.. {
        let bytes = read_bytes(directory, revision, &*file, offset, CHUNK_HEAD)?;
        let mut fields = Fields(&bytes);
        let fields = fields.u32().filter(|length| *length as usize <= MAX_PAYLOAD).zip(fields.u32());
        let Some((length, crc)) = fields else { break };
        let chunk = read_bytes(directory, revision, &*file, offset + CHUNK_HEAD as u64, length as usize)?;
        if chunk.len() < length as usize || checksum(head, position, &chunk) != crc {
            break;
        }
        if chunk.is_empty() {
            return Ok((head, tag));
        }
        offset += (CHUNK_HEAD + chunk.len()) as u64;
        each(chunk);
    }
    Err(damaged(directory, revision, &format!("the base is damaged at byte {offset}")))
}

fn open(directory: &Directory, revision: Revision) -> Result<std::sync::Arc<dyn LogFile>> {
    let missing = || damaged(directory, revision, "the base is missing");
    directory.open_to_read(&name(revision))?.ok_or_else(missing)
}

fn read_bytes(
    directory: &Directory,
    revision: Revision,
    file: &dyn LogFile,
    offset: u64,
    length: usize,
) -> Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    let filled = file.read_at(&mut bytes, offset);
    let filled = filled.map_err(|source| failed("read", &directory.join(&name(revision)), &source))?;
    bytes.truncate(filled);
    Ok(bytes)
}

fn damaged(directory: &Directory, revision: Revision, why: &str) -> crate::model::Error {
    LogError::Damaged { revision, path: directory.join(&name(revision)), why: why.to_owned() }.into()
}

fn encode_head(head: Head, tag: u64) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend(head.revision.to_le_bytes());
    bytes.extend(head.id.bytes());
    bytes.extend(tag.to_le_bytes());
    bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
    bytes
}

fn decode_head(bytes: &[u8]) -> Option<(Head, u64)> {
    let mut fields = Fields(bytes.get(MAGIC.len()..)?);
    let head = Head { revision: fields.u64()?, id: fields.id()? };
    let tag = fields.u64()?;
    (bytes == encode_head(head, tag)).then_some((head, tag))
}

fn checksum(base: Head, position: u64, chunk: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&base.revision.to_le_bytes());
    hasher.update(&base.id.bytes());
    hasher.update(&position.to_le_bytes());
    hasher.update(chunk);
    hasher.finalize()
}
