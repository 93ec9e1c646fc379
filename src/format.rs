//! The bytes on disk: an index is a directory. There is nothing else in this module.
//!
//! | name | content |
//! | --- | --- |
//! | `FORMAT` | kind and version of the directory, identity of the index, name and id of its log. It is read first; an unknown version is refused, and nothing is changed |
//! | `LOCK`, `rows.lock` | locks; empty |
//! | `log/` | the log: `id`, `lock`, the mark `durable`, segments, bases |
//! | `rows/` | the checkpoint, in the files of sled 0.34; may be lost |
//! | `rows-set-aside/` | the newest rows that could not be used |
//! | `shortcut` | a state, for processes that open the index without the rows; may be lost |
//!
//! A newer version of this crate opens every released format. A test opens a directory of each.
//!
//! # Frames of the log
//!
#![doc = include_str!("commit_log/frame.md")]
//!
//! Numbers are little-endian. The seed makes a frame invalid at any other place.
//!
//! # Rows of the checkpoint
//!
#![doc = include_str!("persist/format/rows.md")]
