//! What can go wrong, grouped by who has to act: the caller, another writer, whoever keeps the path, the files, or the
//! machine.

pub use crate::model::{Conflict, Corrupt, EngineError, Error, InputError, LogError, OpenError, OtherTime, Result};
