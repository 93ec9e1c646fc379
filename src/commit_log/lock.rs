//! The append lock: one handle at a time changes the files of a log, over all processes. Knows nothing of the files.
//!
//! The lock belongs to the open file, which a child of `fork` shares with its parent. The child must not release it, so
//! it only closes the file.
//!
//! The file holds the *last writer*: a random number of the handle that last added or removed anything, which it writes
//! before it does so. A handle that finds its own number knows that nobody else has, without a look at any name. The
//! number need not survive a power failure, since no handle does.

use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::entry::random;
use super::files::{LogFile, failed};
use crate::model::{LogError, Result};

/// The first and the longest wait between two tries: an append takes about 10 us, a cut or a new segment some ms.
const FIRST_WAIT: Duration = Duration::from_micros(10);
const LONGEST_WAIT: Duration = Duration::from_millis(1);

pub(super) struct AppendLock {
    file: Arc<dyn LogFile>,
    path: PathBuf,
    /// The process that opened the file.
    process: u32,
    /// How long to wait for the lock.
    patience: Duration,
    /// The number of this handle.
    writer: [u8; 8],
}

/// The lock while it is held.
pub(super) struct Held<'l> {
    lock: &'l AppendLock,
}

impl AppendLock {
    pub(super) fn new(file: Arc<dyn LogFile>, path: PathBuf, patience: Duration) -> Result<AppendLock> {
        Ok(AppendLock { file, path, process: std::process::id(), patience, writer: random()? })
    }

    /// Takes the lock. Two threads with the same handle would both get it: the caller holds a mutex of its own. It has
    /// checked the process before that.
    pub(super) fn take(&self) -> Result<Held<'_>> {
        let (start, mut wait) = (Instant::now(), FIRST_WAIT);
        loop {
            match self.file.try_lock() {
                Ok(true) => return Ok(Held { lock: self }),
                Ok(false) if start.elapsed() < self.patience => thread::sleep(wait),
                Ok(false) => {
                    let (path, process) = (self.path.clone(), self.file.holder());
                    return Err(LogError::Busy { path, waited: self.patience, process }.into());
                }
                Err(source) => return Err(failed("lock", &self.path, &source)),
            }
            wait = LONGEST_WAIT.min(wait * 2);
        }
    }

    /// Makes the handle believe that it is in a child of its process.
    #[cfg(test)]
    pub(super) fn pretend_fork(&mut self) {
        self.process = self.process.wrapping_add(1);
    }

    /// Refuses a child of the process that opened the log.
    pub(super) fn check_process(&self) -> Result<()> {
        if self.process == std::process::id() {
            return Ok(());
        }
        Err(LogError::OtherProcess { path: self.path.clone() }.into())
    }
}

impl Held<'_> {
    /// Whether nobody else has added or removed anything since this handle did.
    pub(super) fn is_last_writer(&self) -> Result<bool> {
        let mut writer = [0; 8];
        let filled =
            self.lock.file.read_at(&mut writer, 0).map_err(|source| failed("read", &self.lock.path, &source))?;
        Ok(filled == writer.len() && writer == self.lock.writer)
    }

    /// Tells other handles that this one will add or remove something.
    pub(super) fn will_write(&self) -> Result<()> {
        let written = self.lock.file.write_at(&self.lock.writer, 0);
        written.map_err(|source| failed("write", &self.lock.path, &source))
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        // It was taken in this process: no caller's code, which could fork, runs while it is held. A lock that can't be
        // released is released when the file is closed; until then others get `Busy`.
        let _ = self.lock.file.unlock();
    }
}
