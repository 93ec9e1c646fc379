//! A segment: one file of frames, its name and its header. Knows nothing of what is in a frame.
//!
//! A segment is named by its number and is followed by the one with the next number. Its first sector is the header,
//! which is written when the first frame is; frames follow it. A segment that is empty, or begins with a sector of
//! zeroes, is not in use yet.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::entry::EntryId;
use super::files::{LogFile, failed};
use super::frame::Fields;
use crate::id::Revision;
use crate::model::Result;

/// What a device writes whole, or not at all, and without a change to its neighbours: 4 KiB on today's disks, of which
/// older ones write 512 bytes at once.
pub(super) const SECTOR: usize = 4096;
/// Where the first frame begins.
pub(super) const FIRST: u64 = SECTOR as u64;
const MAGIC: [u8; 8] = *b"ri-log-2";
const PREFIX: &str = "segment-";
const SPARE: &str = "spare-";
const BYTES: usize = 68;

/// A place in a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) segment: u64,
    pub(super) offset: u64,
}

/// An open segment.
pub(super) struct Segment {
    pub(super) number: u64,
    pub(super) path: PathBuf,
    pub(super) file: Arc<dyn LogFile>,
    /// Whether no bytes from before this descriptor are in doubt: a failed sync of another descriptor may have left
    /// bytes that look written and are not on disk, and no sync of this one would tell.
    pub(super) proven: AtomicBool,
}

impl Segment {
    /// Fails if the file has no name any more. For the newest segment, which no trim removes.
    pub(super) fn refuse_removed(&self) -> Result<()> {
        let failed = |source| failed("write to", &self.path, &source);
        if self.file.is_removed().map_err(failed)? {
            return Err(failed(io::Error::other("the file was removed while the log was open")));
        }
        Ok(())
    }
}

/// The beginning of a segment: where in the log it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SegmentHeader {
    pub(super) number: u64,
    /// Random for each use of the file, so that no frame of an earlier use is valid.
    pub(super) salt: u64,
    /// The entry that the first frame belongs to, and which of its frames that is.
    pub(super) revision: Revision,
    pub(super) part: u32,
    /// The tag of the piece before the first frame: the first piece with a higher tag is not before this segment.
    pub(super) tag_before: u64,
    /// The id of the entry before that entry.
    pub(super) previous: EntryId,
}

impl SegmentHeader {
    /// The first sector.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(SECTOR);
        bytes.extend(MAGIC);
        bytes.extend([self.number, self.salt, self.revision].map(u64::to_le_bytes).concat());
        bytes.extend(self.part.to_le_bytes());
        bytes.extend(self.tag_before.to_le_bytes());
        bytes.extend(self.previous.bytes());
        // Zero: further fields would come here.
        bytes.extend([0; 4]);
        bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
        bytes.resize(SECTOR, 0);
        bytes
    }

    /// The revision after which all entries are in this segment or later ones: its first entry may have begun before it.
    pub(super) fn oldest(&self) -> Revision {
        self.revision.saturating_sub(u64::from(self.part == 0))
    }

    pub(super) fn decode(bytes: &[u8]) -> Option<SegmentHeader> {
        let mut fields = Fields(bytes.get(MAGIC.len()..)?);
        let (number, salt, revision) = (fields.u64()?, fields.u64()?, fields.u64()?);
        let (part, tag_before, previous) = (fields.u32()?, fields.u64()?, fields.id()?);
        let header = SegmentHeader { number, salt, revision, part, tag_before, previous };
        (bytes.get(..BYTES)? == header.encode().get(..BYTES)?).then_some(header)
    }
}

pub(super) fn name(number: u64) -> String {
    format!("{PREFIX}{number:016x}")
}

/// The number in the name of a segment; `None` for any other file.
pub(super) fn number(name: &str) -> Option<u64> {
    let number = u64::from_str_radix(name.strip_prefix(PREFIX)?, 16).ok()?;
    // Segments are counted from 1.
    (number > 0 && self::name(number) == name).then_some(number)
}

/// The name of a file that is prepared to become a segment.
pub(super) fn spare_name(random: u64) -> String {
    format!("{SPARE}{random:016x}")
}

pub(super) fn is_spare(name: &str) -> bool {
    name.starts_with(SPARE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_with_any_bit_changed_is_no_header() {
        let previous = EntryId::from_bytes([3; 16]);
        let header = SegmentHeader { number: 1, salt: 2, revision: 3, part: 4, tag_before: 5, previous };
        let whole = header.encode();
        assert_eq!(SegmentHeader::decode(&whole), Some(header));
        for bit in 0..BYTES * 8 {
            let mut bytes = whole.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(SegmentHeader::decode(&bytes), None, "bit {bit}");
        }
        assert_eq!(SegmentHeader::decode(&[0; SECTOR]), None);
    }

    #[test]
    fn only_the_name_of_a_segment_has_a_number() {
        assert_eq!(number(&name(0xabc)), Some(0xabc));
        for other in ["segment-1", "segment-", "lock", "spare-0000000000000001", "segment-0000000000000ABC", &name(0)] {
            assert_eq!(number(other), None, "{other}");
        }
    }
}
