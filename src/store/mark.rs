//! The newest durable revision of an index, in a file outside the engine's own, so that a loss in the engine is
//! noticed. Knows nothing of the engine.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::files::private_file;
use crate::id::Revision;

/// Distance of the two slots of a mark: a sector, so that writing one can't damage the other.
const APART: usize = 512;
const SLOTS: usize = 2;
/// Three numbers and their checksum.
const BYTES: usize = 28;

/// One state of the mark, as a slot holds it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Mark {
    /// How many marks were written before. The valid slot with the higher number counts.
    turn: u64,
    /// The newest revision that was synced.
    pub(super) revision: Revision,
    /// The length of the engine's file at that time, in bytes.
    pub(super) length: u64,
}

impl Mark {
    fn to_bytes(self) -> Vec<u8> {
        let mut bytes = [self.turn, self.revision, self.length].map(u64::to_le_bytes).concat();
        let crc = crc32fast::hash(&bytes);
        bytes.extend(crc.to_le_bytes());
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Option<Mark> {
        let (turn, rest) = bytes.split_first_chunk::<8>()?;
        let (revision, rest) = rest.split_first_chunk::<8>()?;
        let (length, _) = rest.split_first_chunk::<8>()?;
        let [turn, revision, length] = [turn, revision, length].map(|number| u64::from_le_bytes(*number));
        let mark = Mark { turn, revision, length };
        (bytes.get(..BYTES)? == mark.to_bytes()).then_some(mark)
    }
}

/// The file of the mark.
///
/// It is written after each sync of the rows and not synced itself: after a power failure it may be behind the rows,
/// never ahead. The two slots are written in turn, so that one of them is valid whenever a write is cut off.
pub(super) struct DurableMark {
    path: PathBuf,
    /// Open for writing from the opening of the index on: a path may later lead to another index. `None` when the mark
    /// is not to be written, or the file was missing.
    file: Option<File>,
    /// The newest valid mark; `None` when neither slot is valid.
    last: Option<Mark>,
}

impl DurableMark {
    /// Creates the file with a mark of revision 0, and syncs it.
    pub(super) fn create(path: &Path) -> io::Result<()> {
        let mut file = private_file().create(true).truncate(true).open(path)?;
        file.write_all(&both_slots(Mark::default()))?;
        file.sync_all()
    }

    /// Opens the file for writing. A missing or damaged file is no error here; it is one of [`last`](Self::last).
    pub(super) fn open(path: &Path) -> io::Result<DurableMark> {
        DurableMark::open_with(path, private_file().read(true))
    }

    /// Reads the file and closes it. Fails to [`write`](Self::write) later on.
    pub(super) fn open_unchanged(path: &Path) -> io::Result<DurableMark> {
        let mark = DurableMark::open_with(path, File::options().read(true))?;
        Ok(DurableMark { file: None, ..mark })
    }

    fn open_with(path: &Path, options: &std::fs::OpenOptions) -> io::Result<DurableMark> {
        let (file, last) = match options.open(path) {
            Ok(file) => {
                let last = read(&file)?;
                (Some(file), last)
            }
            Err(error) if error.kind() == ErrorKind::NotFound => (None, None),
            Err(error) => return Err(error),
        };
        Ok(DurableMark { path: path.to_owned(), file, last })
    }

    /// The newest mark, or why there is none.
    pub(super) fn last(&self) -> Result<Mark, String> {
        self.last.ok_or_else(|| format!("{:?} is missing or damaged", self.path))
    }

    /// Writes the next mark.
    pub(super) fn write(&mut self, revision: Revision, length: u64) -> io::Result<()> {
        let turn = self.last.map_or(0, |last| last.turn.wrapping_add(1));
        let mark = Mark { turn, revision, length };
        let file = match &mut self.file {
            Some(file) => file,
            // A file that has appeared since the opening belongs to another index.
            missing => missing.insert(private_file().create_new(true).open(&self.path)?),
        };
        if self.last.is_some() {
            file.seek(SeekFrom::Start((turn as usize % SLOTS * APART) as u64))?;
            file.write_all(&mark.to_bytes())?;
        } else {
            file.seek(SeekFrom::Start(0))?;
            file.write_all(&both_slots(mark))?;
        }
        self.last = Some(mark);
        Ok(())
    }
}

/// The content of a file with the same mark in both slots.
fn both_slots(mark: Mark) -> Vec<u8> {
    let mut bytes = mark.to_bytes();
    bytes.resize(APART, 0);
    bytes.extend(mark.to_bytes());
    bytes.resize(APART * SLOTS, 0);
    bytes
}

fn read(file: &File) -> io::Result<Option<Mark>> {
    let mut bytes = Vec::new();
    file.take((APART * SLOTS) as u64).read_to_end(&mut bytes)?;
    let valid = bytes.chunks(APART).filter_map(Mark::from_bytes);
    Ok(valid.max_by_key(|mark| mark.turn))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_newest_of_two_marks_counts_and_one_damaged_leaves_the_other() {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("mark");
        DurableMark::create(&path).unwrap();
        let mut mark = DurableMark::open(&path).unwrap();
        for revision in [5, 6, 4] {
            mark.write(revision, 100 * revision).unwrap();
            let read = DurableMark::open(&path).unwrap().last().unwrap();
            assert_eq!((read.revision, read.length), (revision, 100 * revision));
        }
        let whole = fs::read(&path).unwrap();
        for (slot, other) in [(0, 4), (1, 6)] {
            for bit in 0..BYTES * 8 {
                let mut bytes = whole.clone();
                bytes[slot * APART + bit / 8] ^= 1 << (bit % 8);
                fs::write(&path, &bytes).unwrap();
                assert_eq!(DurableMark::open(&path).unwrap().last().unwrap().revision, other, "{slot} {bit}");
            }
        }
    }

    #[test]
    fn a_file_without_a_mark_says_so_until_one_is_written() {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("mark");
        for bytes in [None, Some(Vec::new()), Some(vec![0; APART * SLOTS]), Some(vec![7; 10_000])] {
            let _ = fs::remove_file(&path);
            if let Some(bytes) = bytes {
                fs::write(&path, bytes).unwrap();
            }
            let mut mark = DurableMark::open(&path).unwrap();
            assert!(mark.last().unwrap_err().contains("damaged"));
            mark.write(3, 30).unwrap();
            assert_eq!(DurableMark::open(&path).unwrap().last().unwrap().revision, 3);
        }
    }
}
