//! The numbers of tasks, units, details and revisions.

/// The number of commits of an index so far; every commit returns its own.
///
/// An empty index is at revision 0. A commit that changes nothing takes no revision.
pub type Revision = u64;

/// A task's number inside one index. A key keeps its number for good, also after it was removed.
pub(crate) type TaskId = u32;

/// A unit's number inside one index, in the order in which units were created.
pub(crate) type UnitId = u32;

/// The number of a task's details; 0 for none.
pub(crate) type DetailId = u64;
