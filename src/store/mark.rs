//! How far an index was durable, kept beside the engine's files so that what the engine loses is noticed.
//! Knows nothing of the engine.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::files::private_file;
use crate::id::Revision;

/// The two places of a mark are a sector apart, so that writing one can't damage the other.
const APART: usize = 512;
const PLACES: usize = 2;
const BYTES: usize = 28;

/// What was durable at one time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Mark {
    /// How many marks were written before: the higher one of the two counts.
    turn: u64,
    /// The newest revision that was synced.
    pub(super) revision: Revision,
    /// How long the engine's file was then.
    pub(super) length: u64,
}

impl Mark {
    fn to_bytes(self) -> [u8; BYTES] {
        let mut bytes = [0; BYTES];
        let numbers = [self.turn, self.revision, self.length];
        let encoded = numbers.iter().flat_map(|number| number.to_le_bytes());
        bytes.iter_mut().zip(encoded).for_each(|(byte, value)| *byte = value);
        let crc = crc32fast::hash(bytes.get(..BYTES - 4).unwrap_or_default());
        bytes.iter_mut().skip(BYTES - 4).zip(crc.to_le_bytes()).for_each(|(byte, value)| *byte = value);
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

/// The file of the mark. It is written after each sync and not synced itself: after a power failure it may be behind,
/// never ahead. Its two places are written in turn, so that one is whole whenever the writing stops.
pub(super) struct DurableMark {
    path: PathBuf,
    file: Option<File>,
    /// None when neither place can be read.
    last: Option<Mark>,
}

impl DurableMark {
    /// Writes a mark that nothing is durable yet, itself durable.
    pub(super) fn create(path: &Path) -> io::Result<()> {
        let mut file = private_file().create(true).truncate(true).open(path)?;
        file.write_all(&whole(Mark::default()))?;
        file.sync_all()
    }

    /// Reads what is there, also when that is nothing. Changes nothing.
    pub(super) fn open(path: &Path) -> io::Result<DurableMark> {
        let last = match fs::File::open(path) {
            Ok(file) => read(file)?,
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        Ok(DurableMark { path: path.to_owned(), file: None, last })
    }

    /// The newest mark, or what is wrong with the file.
    pub(super) fn last(&self) -> Result<Mark, String> {
        self.last.ok_or_else(|| format!("{:?} is missing or damaged", self.path))
    }

    pub(super) fn write(&mut self, revision: Revision, length: u64) -> io::Result<()> {
        let mark = Mark { turn: self.last.map_or(0, |last| last.turn.wrapping_add(1)), revision, length };
        if self.file.is_none() {
            self.file = Some(private_file().create(true).truncate(false).open(&self.path)?);
        }
        let Some(file) = &mut self.file else { return Ok(()) };
        if self.last.is_some() {
            file.seek(SeekFrom::Start((mark.turn as usize % PLACES * APART) as u64))?;
            file.write_all(&mark.to_bytes())?;
        } else {
            file.seek(SeekFrom::Start(0))?;
            file.write_all(&whole(mark))?;
        }
        self.last = Some(mark);
        Ok(())
    }
}

/// Both places with the same mark.
fn whole(mark: Mark) -> Vec<u8> {
    let mut bytes = mark.to_bytes().to_vec();
    bytes.resize(APART, 0);
    bytes.extend(mark.to_bytes());
    bytes.resize(APART * PLACES, 0);
    bytes
}

fn read(file: File) -> io::Result<Option<Mark>> {
    let mut bytes = Vec::new();
    file.take((APART * PLACES) as u64).read_to_end(&mut bytes)?;
    let places = bytes.chunks(APART).filter_map(Mark::from_bytes);
    Ok(places.max_by_key(|mark| mark.turn))
}

#[cfg(test)]
mod tests {
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
        for (place, other) in [(0, 4), (1, 6)] {
            for bit in 0..BYTES * 8 {
                let mut bytes = whole.clone();
                bytes[place * APART + bit / 8] ^= 1 << (bit % 8);
                fs::write(&path, &bytes).unwrap();
                assert_eq!(DurableMark::open(&path).unwrap().last().unwrap().revision, other, "{place} {bit}");
            }
        }
    }

    #[test]
    fn a_file_without_a_mark_says_so_until_one_is_written() {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("mark");
        for bytes in [None, Some(Vec::new()), Some(vec![0; APART * PLACES]), Some(vec![7; 10_000])] {
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
