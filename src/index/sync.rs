//! The locks of the group commit. A model checker compiles [`group_commit`](super::group_commit) with its own.

pub(super) use std::sync::{Condvar, Mutex, MutexGuard};
