//! The numbers of tasks, units, details and revisions.

/// The number of a commit. A new index is at revision 0, and each commit that changes something adds 1.
pub type Revision = u64;

/// A task's number inside one index. A key keeps its number, also after its task was removed, until all tasks are numbered
/// again: by a bulk load, a very large batch, [`compact`](crate::Index::compact), or an opening.
pub(crate) type TaskId = u32;

/// A unit's number inside one index, in the order in which units were created.
pub(crate) type UnitId = u32;

/// The number of a task's details; 0 for none.
pub(crate) type DetailId = u64;
