//! Bytes on their way into a writer: they are gathered, so that a writer is called seldom.

use std::io::Write;

use crate::model::{Error, Result};

/// Bytes that are gathered before they are written.
const GATHERED: usize = 64 << 10;

/// A writer with the bytes that wait for it.
pub(super) struct Gather<'w> {
    to: &'w mut dyn Write,
    /// What is written, for errors.
    doing: &'static str,
    bytes: Vec<u8>,
    written: u64,
}

impl<'w> Gather<'w> {
    pub(super) fn new(to: &'w mut dyn Write, doing: &'static str) -> Gather<'w> {
        Gather { to, doing, bytes: Vec::with_capacity(GATHERED + GATHERED / 4), written: 0 }
    }

    /// Adds bytes.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Writes what was gathered once it is enough.
    pub(super) fn spill(&mut self) -> Result<()> {
        if self.bytes.len() < GATHERED { Ok(()) } else { self.write() }
    }

    fn write(&mut self) -> Result<()> {
        self.to.write_all(&self.bytes).map_err(|cause| Error::Io { doing: self.doing, cause })?;
        self.written += self.bytes.len() as u64;
        self.bytes.clear();
        Ok(())
    }

    /// Writes the rest. Returns the number of all bytes.
    pub(super) fn finish(mut self) -> Result<u64> {
        self.write()?;
        self.to.flush().map_err(|cause| Error::Io { doing: self.doing, cause })?;
        Ok(self.written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_writer_is_an_error() {
        struct Full;
        impl Write for Full {
            fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
                Err(std::io::ErrorKind::StorageFull.into())
            }
            fn flush(&mut self) -> std::io::Result<()> {
                Ok(())
            }
        }
        let mut full = Full;
        let mut out = Gather::new(&mut full, "write the page");
        out.push(&[b'x'; GATHERED]);
        assert!(matches!(out.spill().unwrap_err(), Error::Io { doing: "write the page", .. }));
    }
}
