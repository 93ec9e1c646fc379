//! What failures of a commit mean for those who share it, and for later ones.

use crate::commit_log::Head;
use crate::model::{CommitId, EngineError, Error, LogError};

/// Whether a failure left nothing behind. After any other one only opening again tells.
pub(super) fn leaves_nothing(error: &Error) -> bool {
    match error {
        Error::Engine(error) => !matches!(error, EngineError::Unknown { .. } | EngineError::Stopped { .. }),
        Error::Log(error) => matches!(error, LogError::Busy { .. }),
        Error::Conflict(_) => true,
        _ => false,
    }
}

/// The error for whoever made this commit.
pub(super) fn of_own(error: Error, own: Head) -> Error {
    if error.is_unknown() { copy_of(&error, Some(own)) } else { error }
}

/// The error for one more of the callers that share a failure, whose own commit is this one.
pub(super) fn copy_of(error: &Error, own: Option<Head>) -> Error {
    match (error, own) {
        (Error::Engine(EngineError::Unknown { why, .. }), Some(Head { revision, id })) => {
            EngineError::Unknown { revision, id: Some(CommitId(id.bytes())), why: why.clone() }.into()
        }
        (Error::Engine(error), _) => error.clone().into(),
        (Error::Log(error), _) => error.clone().into(),
        (Error::Conflict(error), _) => error.clone().into(),
        (other, _) => EngineError::Failed { doing: "commit", why: other.to_string() }.into(),
    }
}
