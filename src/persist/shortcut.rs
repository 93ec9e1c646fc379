//! The shortcut: the state at one revision in a flat file, for those who open an index without its rows. Knows nothing of who
//! they are.
//!
//! Input: a state and its place in the log. Output: the same, or nothing. The file may be missing, damaged, or of another log
//! at any time: the log gives everything. It is never synced; checksums tell a torn file. Its entry was durable when it
//! was written.
//!
//! Head, 84 bytes: magic, id of the log, revision, entry id, position, crc. Then for each piece its length, its crc (seeded
//! with that of the head), and its bytes, which are items as in a base; then the largest length and a crc.
//! Cost: reading decodes tasks on two threads, about 0.15 us per task.

use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use crate::commit_log::{CommitLog, EntryId, Head, Position};
use crate::id::Revision;
use crate::model::{EngineError, Error, Result};
use crate::state::State;
use crate::store::{Directory, IndexPlace, create_private};

use super::base::{BaseReader, whole_state};
use super::rows::At;

const NAME: &str = "shortcut";
/// Before the name of one that is being written.
const UNFINISHED: &str = "shortcut-";
const MAGIC: [u8; 8] = *b"ri-short";
const HEAD: usize = 84;
/// The length of the piece after the last one.
const END: u32 = u32::MAX;

/// The log after the shortcut is this long at least before the next one is written: it is read in a quarter of a second.
const LEAST: u64 = 16 << 20;

/// The file, for one log.
#[derive(Clone, Debug)]
pub(crate) struct Shortcut {
    index: IndexPlace,
    path: PathBuf,
    log: EntryId,
}

/// A state and its place in the log.
pub(super) struct Found {
    pub(super) state: State,
    pub(super) head: Head,
    pub(super) position: Position,
}

impl Shortcut {
    pub(super) fn new(directory: &Directory, log: EntryId) -> Shortcut {
        Shortcut { index: directory.place().clone(), path: directory.path().join(NAME), log }
    }

    /// Reads it. `None` if there is none for this log.
    ///
    /// # Errors
    /// Why it can't be used.
    pub(super) fn read(&self) -> Result<Option<Found>, String> {
        let mut bytes = Vec::new();
        match File::open(&self.path).and_then(|mut file| file.read_to_end(&mut bytes)) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(format!("{:?}: {error}", self.path)),
        }
        let damaged = |why: &str| format!("{:?}: {why}", self.path);
        let (head, rest) = bytes.split_first_chunk::<HEAD>().ok_or_else(|| damaged("it is cut short"))?;
        let (at, seed) = decode_head(head).ok_or_else(|| damaged("its head is damaged"))?;
        if at.log != self.log {
            return Ok(None);
        }
        let pieces = pieces(rest, seed).ok_or_else(|| damaged("it is cut short or damaged"))?;
        let mut reader = BaseReader::default();
        let state = reader.add_all(&pieces).and_then(|()| reader.finish()).map_err(|why| damaged(&why))?;
        let state = State { revision: at.head.revision, ..state };
        Ok(Some(Found { state, head: at.head, position: at.position }))
    }

    /// The place of the state in it, if there is one for this log whose head can be read.
    fn place(&self) -> Option<Position> {
        let mut head = [0; HEAD];
        File::open(&self.path).ok()?.read_exact(&mut head).ok()?;
        decode_head(&head).filter(|(at, _)| at.log == self.log).map(|(at, _)| at.position)
    }

    /// Writes it again, if the log after it has 16 MiB and `more` bytes.
    pub(crate) fn renew(&self, log: &dyn CommitLog, state: &State, at: At, more: u64) -> Result<()> {
        // Without its place an entry can't be found.
        if at.position == Position::default() || at.position.bytes_since(self.place()) <= LEAST + more {
            return Ok(());
        }
        // Whoever reads it counts its entry as durable.
        log.sync_files()?;
        self.write(state, at)
    }

    fn failed(&self, cause: io::Error) -> Error {
        EngineError::Failed { doing: "write the shortcut of guests", why: format!("{:?}: {cause}", self.path) }.into()
    }

    fn write(&self, state: &State, at: At) -> Result<()> {
        let failed = |cause| self.failed(cause);
        self.index.check("write the shortcut of guests")?;
        self.remove_unfinished().map_err(failed)?;
        let aside = self.path.with_file_name(format!("{UNFINISHED}{:?}", EntryId::random()?));
        let written = self.write_to(&aside, state, at);
        // Another process that writes one has removed this one: its own is about as new.
        written.and_then(|()| unless_gone(fs::rename(&aside, &self.path)).map_err(failed))
    }

    fn write_to(&self, path: &Path, state: &State, at: At) -> Result<()> {
        let failed = |cause| self.failed(cause);
        let payload = whole_state(state)?;
        let mut out = BufWriter::new(create_private(path).map_err(failed)?);
        let (head, seed) = encode_head(at);
        let mut write = |bytes: &[u8]| out.write_all(bytes).map_err(failed);
        write(&head)?;
        for piece in payload.pieces() {
            // A piece has at most 1 MiB.
            write(&(piece.bytes.len() as u32).to_le_bytes())?;
            write(&checksum(seed, &piece.bytes).to_le_bytes())?;
            write(&piece.bytes)?;
        }
        write(&END.to_le_bytes())?;
        write(&checksum(seed, &[]).to_le_bytes())?;
        out.flush().map_err(failed)
    }

    /// Removes what killed processes have left. One that is writing finds its file gone, and writes none.
    fn remove_unfinished(&self) -> io::Result<()> {
        let Some(directory) = self.path.parent() else { return Ok(()) };
        for entry in fs::read_dir(directory)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
                // Another process may remove it, too, or give it its name.
                unless_gone(fs::remove_file(entry.path()))?;
            }
        }
        Ok(())
    }
}

/// A file that is gone is no failure.
fn unless_gone(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

fn encode_head(at: At) -> ([u8; HEAD], u32) {
    let mut head = [0; HEAD];
    let fields =
        [&MAGIC[..], &at.log.bytes(), &at.head.revision.to_le_bytes(), &at.head.id.bytes(), &at.position.to_bytes()];
    let bytes = fields.concat();
    let crc = crc32fast::hash(&bytes);
    head.iter_mut().zip(bytes.iter().chain(&crc.to_le_bytes())).for_each(|(to, from)| *to = *from);
    (head, crc)
}

fn decode_head(head: &[u8; HEAD]) -> Option<(At, u32)> {
    let mut rest = &head[..];
    let log = take(&mut rest, MAGIC.len()).and_then(|_| take(&mut rest, 16))?;
    let revision = Revision::from_le_bytes(take(&mut rest, 8)?.try_into().ok()?);
    let id = EntryId::from_bytes(take(&mut rest, 16)?.try_into().ok()?);
    let position = Position::from_bytes(take(&mut rest, 32)?.try_into().ok()?);
    let at = At { log: EntryId::from_bytes(log.try_into().ok()?), head: Head { revision, id }, position };
    let (expected, crc) = encode_head(at);
    (expected == *head).then_some((at, crc))
}

/// The first bytes of some, which are shortened by them.
fn take<'b>(bytes: &mut &'b [u8], length: usize) -> Option<&'b [u8]> {
    let (first, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(first)
}

/// All pieces, if they are whole.
fn pieces(mut bytes: &[u8], seed: u32) -> Option<Vec<&[u8]>> {
    let mut pieces = Vec::new();
    loop {
        let length = u32::from_le_bytes(take(&mut bytes, 4)?.try_into().ok()?);
        let crc = u32::from_le_bytes(take(&mut bytes, 4)?.try_into().ok()?);
        let piece = if length == END { &[] } else { take(&mut bytes, length as usize)? };
        if checksum(seed, piece) != crc {
            return None;
        }
        if length == END {
            return bytes.is_empty().then_some(pieces);
        }
        pieces.push(piece);
    }
}

fn checksum(seed: u32, bytes: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new_with_initial(seed);
    hasher.update(bytes);
    hasher.finalize()
}
