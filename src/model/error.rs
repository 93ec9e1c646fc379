//! What can go wrong, grouped by who has to act.

use std::path::PathBuf;
use std::time::Duration;

use super::assignment::Standing;
use super::commit_id::CommitId;
use super::input_error::InputError;
use super::log_error::{LogError, holder};
use crate::id::Revision;

/// The result of this crate's calls.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a call did not succeed. The call changed nothing, except after [`EngineError::Unknown`]: then the commit may be in
/// the index when it is opened again.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The caller's input: fix the call.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The caller's input in one edit of a batch, or in one task of a bulk load: fix it. No edit of the batch was applied; a
    /// bulk load can go on without the task.
    #[error("edit {position}: {mistake}")]
    Edit {
        /// Which edit of the batch or task of the load, counted from 1.
        position: usize,
        /// The task that it was to change, if it is an edit of a task.
        task: Option<String>,
        /// The mistake.
        mistake: InputError,
    },
    /// The caller's own writer or reader failed: look at it. The index goes on.
    #[error("can't {doing}: {cause}")]
    Io {
        /// The operation, as a verb.
        doing: &'static str,
        /// The error of the writer or reader.
        cause: std::io::Error,
    },
    /// Somebody else changed the index first: read again and decide again.
    #[error(transparent)]
    Conflict(#[from] Conflict),
    /// The directory can't be opened as an index: look at the path.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// Stored data is damaged: a row of the checkpoint, or details or an entry in the log. Keep a copy of the directory, then
    /// see [`OpenOptions`](crate::OpenOptions) for what can be read or rebuilt.
    #[error(transparent)]
    Corrupt(#[from] Corrupt),
    /// The storage engine or the device failed, or the index was opened read-only: look at the machine. Reads go on. After
    /// [`EngineError::Unknown`] writes are refused until the index is opened again; after [`EngineError::Failed`] they go on.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The log of commits is not what it was, or can't answer: see the variants for who has to act.
    #[error(transparent)]
    Log(#[from] LogError),
    /// A defect of this crate: please report it. Nothing was changed.
    #[error("{what}; this is a defect of responsibility-index, please report it")]
    Bug {
        /// The invariant that is broken.
        what: String,
    },
}

impl Error {
    /// The mistake in the caller's input, whether in a single edit or in one of several.
    ///
    /// ```
    /// use responsibility_index::{Index, InputError};
    ///
    /// let index = Index::in_memory();
    /// for edits in [index.batch().promote("plan/1"), index.batch().declare("plan/2").promote("plan/1")] {
    ///     let error = edits.commit().unwrap_err();
    ///     assert!(matches!(error.input(), Some(InputError::UnknownTask { task }) if task == "plan/1"));
    ///     assert!(!error.is_conflict());
    /// }
    /// ```
    #[must_use]
    pub fn input(&self) -> Option<&InputError> {
        match self {
            Error::Input(mistake) | Error::Edit { mistake, .. } => Some(mistake),
            _ => None,
        }
    }

    /// Whether another writer was first: read again and decide again.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        matches!(self, Error::Conflict(_))
    }

    /// Whether it is unknown if the commit is durable: open the index again to see.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        matches!(self, Error::Engine(EngineError::Unknown { .. }))
    }
}

/// Another writer was first.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Conflict {
    /// A task has another standing than expected.
    #[error("task {task:?} is {}, where it was expected to be {}", as_words(found), as_words(expected))]
    Standing {
        /// The task.
        task: String,
        /// The standing expected; `None` for a task that is not known.
        expected: Option<Standing>,
        /// The standing found.
        found: Option<Standing>,
    },
    /// A named field of a task's details has another value than expected.
    #[error("field {field:?} of task {task:?} is {}, where it was expected to be {}", quoted(found), quoted(expected))]
    Field {
        /// The task.
        task: String,
        /// The name of the field.
        field: String,
        /// The value expected; `None` for a task without the field.
        expected: Option<String>,
        /// The value found.
        found: Option<String>,
    },
    /// A commit can't be reverted, since something that it changed was changed again.
    #[error("revision {revision} can't be reverted: {what} was changed again{}", since.map_or_else(String::new, |since| format!(" by revision {since}")))]
    ChangedSince {
        /// The commit to be reverted.
        revision: Revision,
        /// The first task or unit, with its name.
        what: String,
        /// The revision that changed it again, where that is known. For an edit of the same batch it is that of the batch.
        since: Option<Revision>,
    },
    /// The index is not at the expected revision.
    #[error("the index is at revision {found}, not {expected}; take a new view and plan again")]
    Revision {
        /// The revision expected.
        expected: Revision,
        /// The revision found.
        found: Revision,
    },
    /// Other machines were first each time. Nothing was written: try again when they write less.
    #[error("other machines were first {tries} times in {waited:?}; try again")]
    Busy {
        /// How often the commit was planned and refused.
        tries: u32,
        /// For how long.
        waited: Duration,
    },
}

/// Why a directory can't be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Nothing is there and the options say not to create it.
    #[error("there is no index at {path:?}")]
    NotFound {
        /// The path.
        path: PathBuf,
    },
    /// The path is a file.
    #[error("{path:?} is a file; an index is a directory")]
    NotADirectory {
        /// The path.
        path: PathBuf,
    },
    /// The directory has something else in it.
    #[error("{path:?} is not an index: it holds {found:?} but no FORMAT file")]
    Foreign {
        /// The path.
        path: PathBuf,
        /// The name of one thing in it.
        found: String,
    },
    /// The FORMAT file is not of this crate.
    #[error("{path:?} does not name a format this crate knows: {found:?}")]
    UnknownFormat {
        /// The path of the FORMAT file.
        path: PathBuf,
        /// How it begins.
        found: String,
    },
    /// An older version of this crate wrote it, with rows that this version can't read.
    #[error("{path:?} has rows of an older layout: export it with the version that wrote it, and import it here")]
    Older {
        /// The path.
        path: PathBuf,
    },
    /// A newer version of this crate wrote it.
    #[error("{path:?} has format {found}; this version reads up to {supported}")]
    Newer {
        /// The path.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The newest this version reads.
        supported: u32,
    },
    /// Another process, or another handle in this one, has it open: it can't be repaired meanwhile. Or it repairs the index,
    /// so that nobody else can open it.
    #[error("{path:?} is in use by {}; close it there, then try again", holder(*process))]
    InUse {
        /// The path.
        path: PathBuf,
        /// A process that has it open, where the system tells.
        process: Option<u32>,
    },
    /// It is on a file system that several machines share. Several processes of one machine can open an index on a disk of
    /// that machine.
    #[error("{path:?} is on a file system of a network ({kind}), whose locks can't be relied on; use a local disk")]
    NetworkFileSystem {
        /// The path.
        path: PathBuf,
        /// The type of the file system, such as NFS.
        kind: &'static str,
    },
    /// A symbolic link in place of the directory, or of something in it. It is not followed: open its target, if that is
    /// what you mean.
    #[error("{path:?} is a symbolic link, which is not followed")]
    Symlink {
        /// The path of the link.
        path: PathBuf,
    },
    /// A named pipe, socket, device or directory in place of one of the index's files, or a file in place of a
    /// directory. It is not opened: that could wait for ever.
    #[error("{path:?} is {found}; an index has {expected} of that name")]
    WrongKind {
        /// The path.
        path: PathBuf,
        /// The kind found: "a named pipe", "a directory".
        found: &'static str,
        /// The kind expected: "a regular file" or "a directory".
        expected: &'static str,
    },
    /// It is an ordinary index, which can't be shared by several machines: export it, and import it into a shared one.
    #[error("{path:?} is an index of this machine alone; to share it, export it and import it into a new shared index")]
    NotShared {
        /// The path.
        path: PathBuf,
    },
    /// It is the local copy of an index that several machines share: open it with the address of that index.
    #[error("{path:?} is the local copy of a shared index; open it with OpenOptions::shared")]
    Shared {
        /// The path.
        path: PathBuf,
    },
    /// Something is where nothing may be: the target of a backup.
    #[error("{path:?} exists already")]
    Exists {
        /// The path.
        path: PathBuf,
    },
    /// The operating system refused: no permission, a read-only device, no space.
    #[error("can't {doing} {path:?}: {cause}")]
    Io {
        /// The operation, as a verb.
        doing: &'static str,
        /// On which path.
        path: PathBuf,
        /// The error of the system.
        cause: std::io::Error,
    },
}

/// Stored data is damaged: a row of the checkpoint, or details or an entry in the log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Corrupt {
    /// A row can't be read.
    #[error("row {key}: {why}")]
    Row {
        /// The row's key, in readable form.
        key: String,
        /// The defect.
        why: String,
    },
    /// The two directions disagree.
    #[error("the unit-to-task rows disagree with the task-to-unit rows: {why}")]
    Directions {
        /// Where.
        why: String,
    },
    /// The engine panicked over its own files. The panic was caught.
    #[error("the storage engine panicked: {why}")]
    Panic {
        /// The message.
        why: String,
    },
    /// The engine can't make sense of its own files.
    #[error("the storage engine can't read its files: {why}")]
    Engine {
        /// The message.
        why: String,
    },
}

/// The engine or the device failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// An operation failed: a commit, a read or a checkpoint. If it was a commit, nothing of it was written.
    #[error("the storage engine failed to {doing}: {why}")]
    Failed {
        /// The operation, as a verb.
        doing: &'static str,
        /// The message.
        why: String,
    },
    /// The commit may or may not be durable: opening the index again tells.
    #[error("it is unknown whether revision {revision} is durable: {why}")]
    Unknown {
        /// The newest revision in doubt: that of the caller's own commit, where the call was a commit.
        revision: Revision,
        /// The id of that commit, for [`Index::outcome`](crate::Index::outcome).
        id: Option<CommitId>,
        /// The message of the engine.
        why: String,
    },
    /// An earlier failure stopped all writing through this handle.
    #[error("writing stopped after an earlier failure ({why}); open the index again")]
    Stopped {
        /// The earlier failure.
        why: String,
    },
    /// The index was opened read-only.
    #[error("the index was opened read-only")]
    ReadOnly,
    /// No server of a shared index has answered. Nothing was written. Views go on, at the revision that this machine has.
    #[error("no server of the shared index answers ({}): {why}", endpoints.join(", "))]
    Unreachable {
        /// The servers that were tried.
        endpoints: Vec<String>,
        /// The last error.
        why: String,
    },
    /// The servers of a shared index were not heard for longer than
    /// [`OpenOptions::stale_after`](crate::OpenOptions) allows. Nothing was sent. It passes when they answer again.
    #[error("the servers of the shared index were not heard for {}, longer than {limit:?}", heard.map_or_else(|| "the time since it was opened".to_owned(), |heard| format!("{heard:?}")))]
    Stale {
        /// How long ago they were heard; `None` if not since the index was opened.
        heard: Option<Duration>,
        /// The limit.
        limit: Duration,
    },
    /// The servers of a shared index refuse this user. Nothing was written.
    #[error("the servers of the shared index refuse access: {why}")]
    Denied {
        /// The message of the server.
        why: String,
    },
    /// The database of the servers of a shared index has reached its quota. Nothing was written. Trim the index, compact and
    /// defragment the database, and disarm its alarm.
    #[error("the database of the shared index is full: {why}; trim, compact, defragment, then disarm the alarm")]
    Full {
        /// The message of the server.
        why: String,
    },
    /// A server of a shared index does not speak the interface that is needed: it is no etcd, it is older than 3.4, or its
    /// JSON gateway is turned off.
    #[error("{endpoint} has no JSON gateway of etcd 3.4 or newer: {why}")]
    NoGateway {
        /// The server.
        endpoint: String,
        /// What it answered.
        why: String,
    },
}

fn quoted(value: &Option<String>) -> String {
    value.as_ref().map_or_else(|| "not set".to_owned(), |value| format!("{value:?}"))
}

fn as_words(standing: &Option<Standing>) -> String {
    let units = |standing: &Standing| {
        let names = standing.units().map(|(unit, role)| format!("{unit:?} ({role})"));
        names.collect::<Vec<_>>().join(", ")
    };
    match standing {
        Some(assigned @ Standing::Assigned(_)) => format!("assigned to {}", units(assigned)),
        Some(Standing::Vacant(named)) if named.is_empty() => "vacant".to_owned(),
        Some(vacant) => format!("vacant with {}", units(vacant)),
        None => "unknown".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::assignment::Assignment;
    use super::*;

    #[test]
    fn messages_name_the_value_and_what_to_do() {
        let unknown =
            InputError::UnknownUnit { name: "发改委".into(), near: vec!["省发改委".into()], other_time: None };
        assert_eq!(unknown.to_string(), "no unit is called \"发改委\"; is it \"省发改委\"?");
        let twice = InputError::UnitTwice { task: Some("t".into()), unit: "A".into(), written: "B".into() };
        assert_eq!(twice.to_string(), "unit \"A\" is named twice for task \"t\" (the second time as \"B\")");
        let conflict =
            Conflict::Standing { task: "t".into(), expected: None, found: Assignment::new(["A"]).ok().map(Into::into) };
        assert_eq!(conflict.to_string(), "task \"t\" is assigned to \"A\" (lead), where it was expected to be unknown");
        let moved = Conflict::Revision { expected: 1, found: 12 }.to_string();
        assert_eq!(moved, "the index is at revision 12, not 1; take a new view and plan again");
        let nobody = |task: Option<&str>| InputError::NoUnits { task: task.map(str::to_owned) }.to_string();
        assert_eq!(nobody(None), "no unit is named: a task needs a lead");
        let expected = "no unit is named for task \"x/1\": a task needs a lead; Batch::declare makes a vacant task";
        assert_eq!(nobody(Some("x/1")), expected);
        let edit = Error::Edit { position: 3, task: None, mistake: InputError::Empty { what: "task key" } };
        assert_eq!(edit.to_string(), "edit 3: the task key is empty");
    }
}
