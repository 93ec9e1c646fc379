//! For tests and fuzzers: a function of arbitrary bytes that reads them as a frame or the header of a segment, and logs
//! made of bytes: in memory, and in files with fitting checksums.

use std::fs;
use std::io;
use std::ops::ControlFlow;
use std::path::Path;

use super::base;
use super::entry::{Base, Entry, EntryId, Head, Payload};
use super::frame::{self, FrameHead, HEAD, Seed, is_whole, peek};
use super::memory_log::MemoryLog;
use super::opening::{DURABLE, ID, LOCK};
use super::segment::{self, FIRST, SECTOR, SegmentHeader};
use super::{Appended, CommitLog};
use crate::model::Result;

/// Bytes of an identity, of a slot of the mark and of the header of a segment, and in each the place of the checksum
/// of all before it.
const IDENTITY_CRC: usize = 56;
const SLOT: usize = 60;
const HEADER: usize = 68;
/// Bytes of the head of a base, and of that of a chunk.
const BASE: usize = 48;
const CHUNK: usize = 24;

/// Reads a frame, or the header of a segment, after its checksum was made to fit. What is read is written as it was.
pub(crate) fn frames(bytes: &[u8]) {
    let Some((kind, rest)) = bytes.split_first() else { return };
    let mut bytes = rest.to_vec();
    if kind % 8 == 0 {
        bytes.resize(HEADER, 0);
        mend(&mut bytes, HEADER - 4);
        if let Some(header) = SegmentHeader::decode(&bytes) {
            assert_eq!(header.encode().get(..HEADER), Some(bytes.as_slice()));
        }
        return;
    }
    let Some(head) = peek(&bytes) else { return };
    bytes.resize(head.size(), 0);
    let seed = Seed { salt: 7, offset: FIRST };
    let piece = bytes.get(HEAD..HEAD + head.length as usize).unwrap_or_default();
    let mut again = Vec::new();
    frame::encode(&head, piece, seed, &mut again);
    assert!(is_whole(&again, seed) && peek(&again) == Some(head));
    bytes.splice(..4, again.get(..4).unwrap_or_default().iter().copied());
    // Only what fills it up to its size may differ.
    let end = HEAD + head.length as usize;
    assert_eq!(again.get(..end), bytes.get(..end));
}

/// A log in memory made of arbitrary bytes: for each piece `b` of the base with which the log begins, `e` of a new
/// entry, or else of the entry before; how much its tag rises; two bytes of length; its bytes.
pub(crate) fn log_of(mut bytes: &[u8]) -> MemoryLog {
    let (mut base, mut tag) = (Payload::default(), 0);
    let mut payloads: Vec<Payload> = Vec::new();
    while let Some(([kind, rise, low, high], rest)) = bytes.split_first_chunk::<4>() {
        let length = usize::from(u16::from_le_bytes([*low, *high])).min(rest.len());
        let (piece, rest) = rest.split_at_checked(length).unwrap_or_default();
        bytes = rest;
        tag += u64::from(*rise);
        match (kind, payloads.last_mut()) {
            (b'b', None) => base.push(tag, piece.to_vec()),
            (b'e', _) | (_, None) => {
                payloads.push(Payload::default());
                payloads.last_mut().into_iter().for_each(|entry| entry.push(tag, piece.to_vec()));
            }
            (_, Some(entry)) => entry.push(tag, piece.to_vec()),
        }
    }
    let mut head = Head::START;
    let log = if base.pieces().next().is_none() {
        MemoryLog::new()
    } else {
        head = Head { revision: 5, id: EntryId::from_bytes([5; 16]) };
        MemoryLog::with_base(Base { head, tag: base.tag(), payload: base })
    };
    for payload in payloads {
        let id = EntryId::from_bytes(u128::from(head.revision + 100).to_le_bytes());
        let entry = Entry { revision: head.revision + 1, id, previous: head.id, payload };
        let appended = log.append(head.revision, std::slice::from_ref(&entry));
        assert!(matches!(appended, Ok(Appended::Done(_))), "{appended:?}");
        head = entry.head();
    }
    let _ = log.sync();
    log
}

/// The newest base and all entries after it, as [`log_of`] takes them.
pub(crate) fn bytes_of(log: &dyn CommitLog) -> Result<Vec<u8>> {
    let (mut bytes, mut tag) = (Vec::new(), 0);
    let mut add = |kind: u8, piece_tag: u64, piece: &[u8]| {
        let rise = piece_tag.saturating_sub(tag).min(u64::from(u8::MAX)) as u8;
        tag += u64::from(rise);
        bytes.extend([kind, rise]);
        bytes.extend((piece.len() as u16).to_le_bytes());
        bytes.extend(piece);
        Ok(ControlFlow::Continue(()))
    };
    let base = log.bases()?.last().copied();
    if let Some(base) = base {
        log.scan_base(base, &mut |tag, piece| add(b'b', tag, piece))?;
    }
    log.scan(base.unwrap_or(0), &mut |piece| add(if piece.part == 0 { b'e' } else { b'f' }, piece.tag, piece.bytes))?;
    Ok(bytes)
}

/// Writes the files of a log, made of arbitrary bytes, into a directory: for each a tag, four bytes of length, its
/// content without zeroes that follow from its format. The first byte is the number of the one frame, or chunk of a base,
/// whose checksum is left as it is; all others fit.
pub(crate) fn write_files(bytes: &[u8], directory: &Path) -> io::Result<()> {
    let Some((spared, mut bytes)) = bytes.split_first() else { return Ok(()) };
    let mut spared = *spared;
    while let Some(([tag, length @ ..], rest)) = bytes.split_first_chunk::<5>() {
        let length = (u32::from_le_bytes(*length) as usize).min(rest.len());
        let (content, rest) = rest.split_at_checked(length).unwrap_or_default();
        bytes = rest;
        let mut content = content.to_vec();
        let name = match tag {
            b'i' => {
                mend(&mut content, IDENTITY_CRC);
                ID.to_owned()
            }
            // Its checksums are left as they are: a mark that fits and says something else than the log sends the next
            // sync to another place. A mark that does not fit counts as none.
            b'd' => {
                let second = content.split_off(SLOT.min(content.len()));
                content.resize(SECTOR, 0);
                content.extend(second);
                content.resize(2 * SECTOR, 0);
                DURABLE.to_owned()
            }
            b'b' => {
                mend_base(&mut content, &mut spared);
                base::name(number_at(&content, 8))
            }
            _ => {
                content = segment(content, &mut spared);
                segment::name(number_at(&content, 8))
            }
        };
        fs::write(directory.join(name), content)?;
    }
    fs::write(directory.join(LOCK), [])
}

/// The files of a log, as [`write_files`] takes them.
pub(crate) fn files_of(directory: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = vec![u8::MAX];
    let names = fs::read_dir(directory)?.map(|file| Ok(file?.file_name().to_string_lossy().into_owned()));
    let mut names = names.collect::<io::Result<Vec<String>>>()?;
    names.sort();
    for name in names {
        let content = fs::read(directory.join(&name))?;
        let part = |from: usize, to: usize| content.get(from..to.min(content.len())).unwrap_or_default();
        let (tag, content) = match name.as_str() {
            ID => (b'i', content.clone()),
            DURABLE => (b'd', [part(0, SLOT), part(SECTOR, SECTOR + SLOT)].concat()),
            _ if name.starts_with("base-") => (b'b', content.clone()),
            _ if segment::number(&name).is_some() => {
                let mut content = [part(0, HEADER), part(SECTOR, usize::MAX)].concat();
                // Zeroes were written ahead.
                let used = content.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
                content.truncate(used.next_multiple_of(8).min(content.len()));
                (b's', content)
            }
            _ => continue,
        };
        bytes.push(tag);
        bytes.extend((content.len() as u32).to_le_bytes());
        bytes.extend(content);
    }
    Ok(bytes)
}

/// The frames and the headers of segments in what [`files_of`] returns, as [`frames`] takes them.
pub(crate) fn frames_of(files: &[u8]) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    let mut files = files.get(1..).unwrap_or_default();
    while let Some(([tag, length @ ..], rest)) = files.split_first_chunk::<5>() {
        let (content, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize).unwrap_or_default();
        files = rest;
        if let (b's', Some((header, mut frames))) = (tag, content.split_at_checked(HEADER)) {
            found.push([&[0], header].concat());
            while let Some(head) = peek(frames) {
                let (frame, rest) = frames.split_at(head.size().min(frames.len()));
                found.push([&[1], frame].concat());
                frames = rest;
            }
        }
    }
    found
}

/// Makes the checksum at a place fit what is before it.
fn mend(bytes: &mut [u8], at: usize) {
    if let Some((before, crc)) = bytes.split_at_mut_checked(at) {
        let right = crc32fast::hash(before).to_le_bytes();
        crc.iter_mut().zip(right).for_each(|(byte, right)| *byte = right);
    }
}

/// Whether this checksum is made to fit: all are but one.
fn is_mended(spared: &mut u8) -> bool {
    let before = *spared;
    // The largest number is never reached, and spares none.
    *spared = if before == u8::MAX { before } else { before.checked_sub(1).unwrap_or(u8::MAX) };
    before != 0
}

fn number_at(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..).and_then(|bytes| bytes.first_chunk()).map_or(0, |number| u64::from_le_bytes(*number))
}

/// A segment whose header is a sector, and whose checksums fit.
fn segment(mut content: Vec<u8>, spared: &mut u8) -> Vec<u8> {
    let mut frames = content.split_off(content.len().min(HEADER));
    content.resize(SECTOR, 0);
    mend(&mut content, HEADER - 4);
    let salt = number_at(&content, 16);
    let mut at = 0;
    while let Some(head) = frames.get(at..).and_then(peek) {
        let end = at + head.size();
        // What fills the last frame up to its size is not in the bytes.
        if end > frames.len() + 8 {
            break;
        }
        frames.resize(frames.len().max(end), 0);
        if is_mended(spared) {
            mend_frame(&head, frames.get_mut(at..end).unwrap_or_default(), Seed { salt, offset: FIRST + at as u64 });
        }
        at = end;
    }
    content.append(&mut frames);
    content
}

fn mend_frame(head: &FrameHead, bytes: &mut [u8], seed: Seed) {
    let mut right = Vec::new();
    frame::encode(head, bytes.get(HEAD..HEAD + head.length as usize).unwrap_or_default(), seed, &mut right);
    bytes.iter_mut().zip(right).for_each(|(byte, right)| *byte = right);
}

/// Makes the checksums of a base fit: of its head, and of each chunk.
fn mend_base(bytes: &mut [u8], spared: &mut u8) {
    mend(bytes.get_mut(..BASE).unwrap_or_default(), BASE - 4);
    let Some((head, mut rest)) = bytes.split_at_mut_checked(BASE) else { return };
    // The revision and the id of the base.
    let seed = head.get(8..32).unwrap_or_default();
    let crc = |bytes: &[u8]| {
        let mut hasher = crc32fast::Hasher::new();
        hasher.update(seed);
        hasher.update(bytes);
        hasher.finalize().to_le_bytes()
    };
    while let Some((chunk, after)) = rest.split_at_mut_checked(CHUNK) {
        let length =
            chunk.get(12..).and_then(|bytes| bytes.first_chunk()).map_or(0, |bytes| u32::from_le_bytes(*bytes));
        let length = if length == u32::MAX { 0 } else { length as usize };
        let (piece, after) = after.split_at_mut(length.min(after.len()));
        if is_mended(spared) {
            chunk.iter_mut().skip(4).zip(crc(piece)).for_each(|(byte, right)| *byte = right);
            let right = crc(chunk.get(4..).unwrap_or_default());
            chunk.iter_mut().zip(right).for_each(|(byte, right)| *byte = right);
        }
        rest = after;
    }
}
