//! The id of a commit: a plain value.

use std::fmt;

/// The id of one attempt to commit: 16 random bytes, in hexadecimal digits when it is shown. Two attempts to commit the same
/// edits have different ids. See [`Index::outcome`](crate::Index::outcome).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct CommitId(pub(crate) [u8; 16]);

impl fmt::Display for CommitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for CommitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CommitId({self})")
    }
}
