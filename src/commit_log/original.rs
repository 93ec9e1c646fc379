//! The log that a log in files is the copy of.

use std::path::Path;
use std::sync::Arc;

use super::CommitLog;
use super::entry::EntryId;
use super::file_log::{FileLog, FileLogOptions};
use crate::model::Result;

/// The log that a log in files is the copy of.
pub(crate) trait Original: Send + Sync {
    /// Creates a copy in a directory, with everything that the log has, and returns the id of the log. With
    /// `create`, creates the log if there is none.
    ///
    /// # Errors
    /// `Unreachable`, `Denied`, and others of the servers; `NoSharedLog`; those of the device.
    fn create_copy(&self, path: &Path, options: FileLogOptions, create: bool) -> Result<EntryId>;

    /// Opens the log with its copy, and fetches what the copy does not have. Without servers that answer, the copy is as it
    /// is; returns why.
    ///
    /// # Errors
    /// `Copy`: the copy can't be used. `OtherLog`, `OtherFormat`, `Forked`, `Lost`: the log is not the one of the copy.
    fn open(self: Arc<Self>, copy: FileLog) -> Result<(Arc<dyn CommitLog>, Option<String>)>;
}
