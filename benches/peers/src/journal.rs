//! A journal file: frames of a length, a CRC-32 and a payload, appended one after the other. A frame is there whole or
//! not at all. Knows nothing of what the payloads say, but how texts and numbers are written in them.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;

use crate::result::Result;

/// Bytes of a length and of a checksum.
const HEAD: usize = 8;

pub(crate) struct Journal {
    /// None after a failed write: what then is in the file is not known.
    file: Option<File>,
    /// The frame that is being written, kept for its room.
    frame: Vec<u8>,
}

impl Journal {
    pub(crate) fn create(path: &Path) -> Result<Journal> {
        Ok(Journal { file: Some(OpenOptions::new().append(true).create_new(true).open(path)?), frame: Vec::new() })
    }

    /// Hands out the payload of each frame. What follows the last whole frame was never promised to anybody and is cut.
    pub(crate) fn open(path: &Path, mut each: impl FnMut(&[u8]) -> Result<()>) -> Result<Journal> {
        let bytes = std::fs::read(path)?;
        let mut rest = bytes.as_slice();
        while let Some((payload, after)) = whole_frame(rest) {
            each(payload)?;
            rest = after;
        }
        let file = OpenOptions::new().append(true).open(path)?;
        if !rest.is_empty() {
            file.set_len((bytes.len() - rest.len()) as u64)?;
            file.sync_all()?;
        }
        Ok(Journal { file: Some(file), frame: Vec::new() })
    }

    /// Appends a frame with what `payload` puts into it.
    pub(crate) fn append(&mut self, sync: bool, payload: impl FnOnce(&mut Vec<u8>) -> Result<()>) -> Result<()> {
        self.frame.clear();
        self.frame.extend([0; HEAD]);
        payload(&mut self.frame)?;
        if let Some((head, payload)) = self.frame.split_first_chunk_mut::<HEAD>() {
            let (length, checksum) = (u32::try_from(payload.len())?, crc32fast::hash(payload));
            *head = (u64::from(checksum) << 32 | u64::from(length)).to_le_bytes();
        }
        let mut file = self.file.take().ok_or("an earlier write to the journal failed")?;
        file.write_all(&self.frame)?;
        if sync {
            file.sync_data()?;
        }
        self.file = Some(file);
        Ok(())
    }

    pub(crate) fn sync(&mut self) -> Result<()> {
        let file = self.file.take().ok_or("an earlier write to the journal failed")?;
        file.sync_all()?;
        self.file = Some(file);
        Ok(())
    }
}

/// The payload of the first frame and what follows it; none where the frame is cut off or damaged.
fn whole_frame(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (head, rest) = bytes.split_first_chunk::<HEAD>()?;
    let head = u64::from_le_bytes(*head);
    let (payload, after) = rest.split_at_checked((head & u64::from(u32::MAX)) as usize)?;
    (u64::from(crc32fast::hash(payload)) == head >> 32).then_some((payload, after))
}

pub(crate) fn put_text(payload: &mut Vec<u8>, text: &str) -> Result<()> {
    payload.extend(u16::try_from(text.len())?.to_le_bytes());
    payload.extend(text.as_bytes());
    Ok(())
}

/// Takes a number of two bytes from the beginning.
pub(crate) fn take_number(payload: &mut &[u8]) -> Result<u16> {
    let (number, rest) = payload.split_first_chunk().ok_or("an entry of the journal is cut off")?;
    *payload = rest;
    Ok(u16::from_le_bytes(*number))
}

pub(crate) fn take_text<'p>(payload: &mut &'p [u8]) -> Result<&'p str> {
    let length = usize::from(take_number(payload)?);
    let (text, rest) = payload.split_at_checked(length).ok_or("an entry of the journal is cut off")?;
    *payload = rest;
    Ok(std::str::from_utf8(text)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payloads(path: &Path) -> Vec<Vec<u8>> {
        let mut found = Vec::new();
        Journal::open(path, |payload| {
            found.push(payload.to_vec());
            Ok(())
        })
        .unwrap();
        found
    }

    #[test]
    fn a_frame_that_is_cut_off_or_damaged_is_left_out_and_the_next_one_takes_its_place() {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("journal");
        let put = |journal: &mut Journal, byte: u8| {
            journal
                .append(true, |payload| {
                    payload.extend([byte; 20]);
                    Ok(())
                })
                .unwrap();
        };
        let mut journal = Journal::create(&path).unwrap();
        (1..=3).for_each(|byte| put(&mut journal, byte));
        let whole = std::fs::read(&path).unwrap();
        for length in 2 * 28..3 * 28 {
            std::fs::write(&path, &whole[..length]).unwrap();
            assert_eq!(payloads(&path), [[1; 20], [2; 20]]);
            let mut journal = Journal::open(&path, |_| Ok(())).unwrap();
            put(&mut journal, 9);
            assert_eq!(payloads(&path), [[1; 20], [2; 20], [9; 20]]);
        }
        let mut damaged = whole.clone();
        damaged[28 + 10] ^= 1;
        std::fs::write(&path, &damaged).unwrap();
        assert_eq!(payloads(&path), [[1; 20]]);
    }
}
