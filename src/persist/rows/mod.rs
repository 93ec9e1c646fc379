//! The checkpoint: the rows of both directions in a store, as they were at one revision of a log.
//!
//! Invariant: the rows that the header names are those of one state, after any crash. Rows that change in place are
//! written in one batch with the header; a new generation is durable before the header that names it is written.
//! The rows may be lost at any time: the log gives the state again.

mod compare;
mod read;
mod runs;
mod write;

use std::sync::atomic::AtomicBool;

use crate::commit_log::{EntryId, Head, Position};
use crate::model::Role;
use crate::store::Store;

use super::format::rows::HeaderV1;
use runs::Starts;

pub(crate) use read::{ReadRows, RowLists, check_task, slot_from, unpack_block};

/// A place in a log: after an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct At {
    pub(crate) log: EntryId,
    pub(crate) head: Head,
    pub(crate) position: Position,
}

/// The rows of one index.
pub(crate) struct Rows {
    store: Box<dyn Store>,
    /// The checkpoint; `None` before the first one.
    layout: Option<Layout>,
    /// Whether there may be rows of other generations.
    leftovers: bool,
    /// Whether a comparison has found wrong rows: the engine may have lost its way to them, and lose it to new ones.
    doubtful: AtomicBool,
    /// How often the store was begun again since the last checkpoint that was written.
    beginnings: u32,
}

/// What the rows of a checkpoint are, and where its runs begin.
struct Layout {
    header: HeaderV1,
    units: Starts,
    lists: Starts,
}

/// How writing a checkpoint ended. A failure is an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    Done,
    /// It is done, to rows that were begun again.
    Again {
        why: String,
    },
    /// It was given up; the rows are those of the checkpoint before.
    GivenUp,
}

impl Rows {
    /// The rows in a store, which have not been read yet.
    pub(crate) fn new(store: Box<dyn Store>) -> Rows {
        Rows { store, layout: None, leftovers: true, doubtful: AtomicBool::new(false), beginnings: 0 }
    }

    /// Forgets the checkpoint: the next one writes all rows.
    pub(crate) fn forget(&mut self) {
        (self.layout, self.leftovers) = (None, true);
    }
}

/// Posting lists of a unit: one per role, in the order of the roles.
const LISTS_PER_UNIT: u32 = Role::ALL.len() as u32;
