//! What failures of a commit mean for those who share it, and for later ones.

use crate::model::{EngineError, Error, LogError};

/// Whether a failure left nothing behind. After any other one only opening again tells.
pub(super) fn leaves_nothing(error: &Error) -> bool {
    match error {
        Error::Engine(error) => !matches!(error, EngineError::Unknown { .. } | EngineError::Stopped { .. }),
        Error::Log(error) => matches!(error, LogError::Busy { .. }),
        Error::Conflict(_) => true,
        _ => false,
    }
}

/// The error for one more of the callers that share a failure.
pub(super) fn copy_of(error: &Error) -> Error {
    match error {
        Error::Engine(error) => error.clone().into(),
        Error::Log(error) => error.clone().into(),
        Error::Conflict(error) => error.clone().into(),
        other => EngineError::Failed { doing: "commit", why: other.to_string() }.into(),
    }
}
