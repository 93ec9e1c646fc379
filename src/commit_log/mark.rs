//! The mark: how far the log is durable, in a file `durable` of two slots. Knows nothing of segments.
//!
//! The two slots are in two sectors, so that writing one can't damage the other. The mark moves into the slot that is
//! invalid or older, and never back, so a write that is cut off leaves the mark before. It is written after a sync and
//! not synced itself: after a power failure it may be behind the log, never ahead of it.

use std::io;
use std::sync::Arc;

use super::entry::{EntryId, Head};
use super::files::LogFile;
use super::frame::Fields;
use super::segment::{Place, SECTOR};
use crate::id::Revision;

/// Log id, revision, entry id, segment, offset, crc.
const BYTES: usize = 60;
const SLOTS: [u64; 2] = [0, SECTOR as u64];

/// How far a log is durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    /// The newest durable entry.
    pub(super) head: Head,
    /// The end of its last frame.
    pub(super) end: Place,
}

impl Mark {
    pub(super) fn revision(mark: Option<Mark>) -> Revision {
        mark.map_or(0, |mark| mark.head.revision)
    }

    /// The one of the newer entry.
    pub(super) fn newer(a: Option<Mark>, b: Option<Mark>) -> Option<Mark> {
        if Mark::revision(a) >= Mark::revision(b) { a.or(b) } else { b }
    }

    fn encode(&self, log: EntryId) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(BYTES);
        bytes.extend(log.bytes());
        bytes.extend(self.head.revision.to_le_bytes());
        bytes.extend(self.head.id.bytes());
        bytes.extend(self.end.segment.to_le_bytes());
        bytes.extend(self.end.offset.to_le_bytes());
        bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
        bytes
    }

    /// `None` for bytes that are damaged, or of another log.
    fn decode(bytes: &[u8], log: EntryId) -> Option<Mark> {
        let mut fields = Fields(bytes);
        let _log = fields.id()?;
        let head = Head { revision: fields.u64()?, id: fields.id()? };
        let mark = Mark { head, end: Place { segment: fields.u64()?, offset: fields.u64()? } };
        (bytes.get(..BYTES)? == mark.encode(log)).then_some(mark)
    }
}

/// The file of the mark.
pub(super) struct MarkFile {
    /// `None` if there is none to read, and nothing is to be written.
    file: Option<Arc<dyn LogFile>>,
    /// Slots of another log count as invalid.
    log: EntryId,
}

impl MarkFile {
    /// Bytes of the file: both sectors.
    pub(super) const BYTES: usize = 2 * SECTOR;

    pub(super) fn new(file: Option<Arc<dyn LogFile>>, log: EntryId) -> MarkFile {
        MarkFile { file, log }
    }

    /// The newest valid mark. `None` if neither slot is valid: it is not known how far the log was durable.
    pub(super) fn read(&self) -> io::Result<Option<Mark>> {
        Ok(self.slots()?.into_iter().flatten().max_by_key(|mark| mark.head.revision))
    }

    /// Moves the mark. One that would move back is not written.
    pub(super) fn write(&self, mark: &Mark) -> io::Result<()> {
        let slots = self.slots()?;
        if slots.iter().flatten().any(|slot| slot.head.revision >= mark.head.revision) {
            return Ok(());
        }
        // An invalid slot counts as the oldest.
        let oldest = slots.into_iter().zip(SLOTS).min_by_key(|(slot, _)| slot.map(|slot| slot.head.revision));
        let Some((_, offset)) = oldest else { return Ok(()) };
        self.file()?.write_at(&mark.encode(self.log), offset)
    }

    pub(super) fn sync(&self) -> io::Result<()> {
        self.file()?.sync_data()
    }

    fn file(&self) -> io::Result<&dyn LogFile> {
        self.file.as_deref().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn slots(&self) -> io::Result<[Option<Mark>; 2]> {
        let mut bytes = [0; SECTOR + BYTES];
        let Some(file) = &self.file else { return Ok([None; 2]) };
        let filled = file.read_at(&mut bytes, 0)?;
        let slot = |offset: u64| Mark::decode(bytes.get(..filled)?.get(offset as usize..)?, self.log);
        Ok(SLOTS.map(slot))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commit_log::files::{Files, How, SystemFiles};

    fn mark(revision: Revision) -> Mark {
        let head = Head { revision, id: EntryId::from_bytes([revision as u8; 16]) };
        Mark { head, end: Place { segment: 1, offset: 100 * revision } }
    }

    fn file() -> (tempfile::TempDir, Arc<dyn LogFile>) {
        let scratch = tempfile::tempdir().unwrap();
        let file = SystemFiles.open(&scratch.path().join("durable"), How::CreateNew).unwrap();
        (scratch, file)
    }

    #[test]
    fn the_mark_moves_on_and_never_back() {
        let (_scratch, file) = file();
        let marks = MarkFile::new(Some(file), EntryId::random().unwrap());
        assert_eq!(marks.read().unwrap(), None);
        for (written, read) in [(1, 1), (2, 2), (5, 5), (4, 5), (5, 5), (6, 6)] {
            marks.write(&mark(written)).unwrap();
            assert_eq!(marks.read().unwrap(), Some(mark(read)));
        }
    }

    #[test]
    fn a_damaged_slot_leaves_the_other_and_is_the_next_to_be_written() {
        let (_scratch, file) = file();
        let marks = MarkFile::new(Some(file.clone()), EntryId::random().unwrap());
        marks.write(&mark(1)).unwrap();
        marks.write(&mark(2)).unwrap();
        let mut whole = vec![0; MarkFile::BYTES];
        file.read_at(&mut whole, 0).unwrap();
        for (slot, left) in [(0, 2), (1, 1)] {
            for bit in 0..BYTES * 8 {
                let mut bytes = whole.clone();
                bytes[slot * SECTOR + bit / 8] ^= 1 << (bit % 8);
                file.write_at(&bytes, 0).unwrap();
                assert_eq!(marks.read().unwrap(), Some(mark(left)), "slot {slot}, bit {bit}");
                marks.write(&mark(3)).unwrap();
                assert_eq!(marks.slots().unwrap().map(|mark| mark.unwrap().head.revision), [[3, 2], [1, 3]][slot]);
            }
        }
    }

    #[test]
    fn a_mark_of_another_log_counts_as_none() {
        let (_scratch, file) = file();
        MarkFile::new(Some(file.clone()), EntryId::random().unwrap()).write(&mark(1)).unwrap();
        assert_eq!(MarkFile::new(Some(file), EntryId::random().unwrap()).read().unwrap(), None);
    }
}
