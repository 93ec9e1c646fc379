//! The numbers that stand for tasks, units and revisions. Knows nothing of what they stand for.

/// The number of commits an index has taken so far; every commit returns its own.
///
/// An empty index stands at revision 0. A commit that changes nothing takes no revision.
pub type Revision = u64;

/// A task's number inside one index. A key keeps its number for good, also while it is unassigned.
pub(crate) type TaskId = u32;

/// A unit's number inside one index, in the order units came in.
pub(crate) type UnitId = u32;

/// The number under which a task's details are stored; 0 means there are none.
pub(crate) type DetailId = u64;
