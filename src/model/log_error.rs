//! Why the log of commits can't do what it was asked.

use std::path::PathBuf;
use std::time::Duration;

use crate::id::Revision;

/// Why the log of commits can't do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LogError {
    /// Commits that were durable can't be read: keep a copy of the directory, then repair the index.
    #[error(
        "revision {revision} is damaged in {path:?}: {why}; keep a copy of the index, then use OpenOptions::repair"
    )]
    Damaged {
        /// The first revision that can't be read.
        revision: Revision,
        /// The file.
        path: PathBuf,
        /// What is wrong, and where in the file.
        why: String,
    },
    /// The log ends before commits that were durable: somebody has shortened it, or put back an older copy.
    #[error("revision {durable} was durable but the log ends at {head}: {} commits are lost; look for a newer copy, or go on \
             without them with OpenOptions::accept_lost_commits", durable - head)]
    Lost {
        /// The newest revision that is known to have been durable.
        durable: Revision,
        /// The newest revision in the log.
        head: Revision,
    },
    /// The log has another commit of this revision than the one that was read before: open the index again.
    #[error("revision {revision} of the log is another commit than before; open the index again")]
    Forked {
        /// The revision.
        revision: Revision,
    },
    /// The directory has the log of another index: look which files were put there.
    #[error("{path:?} is log {found:?}; the index belongs to log {expected:?}")]
    OtherLog {
        /// The directory of the log.
        path: PathBuf,
        /// The id of the log that the index belongs to.
        expected: String,
        /// The id of the log found.
        found: String,
    },
    /// There is no shared log under the prefix, and the options say not to create one, or this machine has a copy of one: look
    /// at the address, and who has removed it.
    #[error("there is no shared index under {prefix:?}")]
    NoSharedLog {
        /// The prefix.
        prefix: String,
    },
    /// The copy that this machine has of a shared log can't be used, and no new one could be fetched.
    #[error("the copy of the shared log can't be used: {why}")]
    Copy {
        /// What is wrong.
        why: String,
    },
    /// The shared log has another format: a newer version of this crate has written it.
    #[error("the shared log under {prefix:?} has format {found:?}, which this version can't read")]
    OtherFormat {
        /// The prefix.
        prefix: String,
        /// The format.
        found: String,
    },
    /// The commits that were asked for were removed by a trim.
    #[error("the log was trimmed: commits after revision {asked} were asked for, those after {oldest} are kept")]
    Trimmed {
        /// The revision after which commits were asked for.
        asked: Revision,
        /// The oldest revision after which all commits are kept.
        oldest: Revision,
    },
    /// Details were searched by number in a part of the log that a trim has removed. Internal: calls of the index look into
    /// the full state with which a trimmed log begins, its base.
    #[error("the log was trimmed: what has a number above {asked} was asked for, what has one above {oldest} is kept")]
    TagTrimmed {
        /// The number above which was asked for.
        asked: u64,
        /// The number above which all is kept.
        oldest: u64,
    },
    /// A log can be trimmed up to its newest base only. Internal: a trim of the index writes the base first.
    #[error("the log can't be trimmed up to revision {asked}: its newest base is at {newest}")]
    NoBase {
        /// The revision up to which the log was to be trimmed.
        asked: Revision,
        /// The revision of the newest base; 0 if there is none.
        newest: Revision,
    },
    /// There is no log at the path.
    #[error(
        "there is no log at {path:?}; put it back, or go on with what the checkpoint has with \
             OpenOptions::accept_lost_commits"
    )]
    Missing {
        /// The path.
        path: PathBuf,
    },
    /// A log can't be created where there is one.
    #[error("there is a log at {path:?} already")]
    Exists {
        /// The path.
        path: PathBuf,
    },
    /// Another process, or another handle in this one, holds the lock for longer than the caller would wait.
    #[error("{path:?} is locked by {}, and was for {waited:?}; try again", holder(*process))]
    Busy {
        /// The file that is locked.
        path: PathBuf,
        /// How long the lock was waited for.
        waited: Duration,
        /// The process that holds the lock, where the system tells.
        process: Option<u32>,
    },
    /// The log was opened by the parent of this process, before `fork`: open the index in this process.
    #[error("{path:?} was opened by another process, before fork; open the index in this process")]
    OtherProcess {
        /// A file of the log.
        path: PathBuf,
    },
}

/// Who holds a lock, in words.
pub(super) fn holder(process: Option<u32>) -> String {
    process.map_or_else(|| "another process or handle".to_owned(), |process| format!("process {process}"))
}
