//! Bytes of a file that are read together: less for a reader of one small entry, more for a reader of all.

use std::ops::Range;

use super::files::LogFile;

/// Bytes of a file that were read together.
#[derive(Default)]
pub(super) struct Window {
    start: u64,
    bytes: Vec<u8>,
    /// How much was read last: a follower reads one small entry, an opening all.
    chunk: usize,
}

impl Window {
    const SMALLEST: usize = 4096;
    const LARGEST: usize = 256 * 1024;

    /// The bytes from `offset` on, fewer than `length` at the end of the file.
    pub(super) fn at(&mut self, file: &dyn LogFile, offset: u64, length: usize) -> std::io::Result<&[u8]> {
        let end = offset + length as u64;
        if offset < self.start || end > self.start + self.bytes.len() as u64 {
            self.chunk = (self.chunk * 4).clamp(Window::SMALLEST, Window::LARGEST);
            self.start = offset;
            self.bytes.resize(self.chunk.max(length), 0);
            let filled = file.read_at(&mut self.bytes, offset)?;
            self.bytes.truncate(filled);
        }
        let start = self.position(offset);
        Ok(self.bytes.get(start..self.bytes.len().min(start + length)).unwrap_or_default())
    }

    /// The place of an offset in the bytes that were returned last.
    pub(super) fn position(&self, offset: u64) -> usize {
        (offset - self.start) as usize
    }

    /// Bytes by their places.
    pub(super) fn get(&self, places: Range<usize>) -> &[u8] {
        self.bytes.get(places).unwrap_or_default()
    }

    /// Tells that bytes are passed without reading them. After many the next read is a small one.
    pub(super) fn skip(&mut self, bytes: u64) {
        if bytes >= Window::SMALLEST as u64 {
            self.chunk = 0;
        }
    }
}
