//! An embedded index of who is responsible for what: ACID, crash-safe, answered from memory.
//!
//! A plan lists tasks; each task names organisational units in order: the first **leads**, the others **support**.
//! [Other roles](Role) (RACI) and tasks without a lead are possible. The mappings of both directions, task→unit and unit→task,
//! are in sled at one revision, encoded with serde and bincode; a write-ahead log in front makes each commit durable and
//! keeps the past. Readers have snapshot isolation (MVCC), and never block. Pure Rust, no unsafe code, no server.
//!
//! ```
//! use responsibility_index::Index;
//!
//! # let directory = tempfile::tempdir()?;
//! # let path = directory.path().join("plan.ri");
//! let index = Index::open(path)?;
//! index.assign("plan/1/1", ["Transport", "Finance", "Police"])?; // the first leads
//! index.assign("plan/1/2", ["Finance", "Transport"])?;
//!
//! let view = index.view(); // a snapshot: taking it never blocks
//! assert_eq!(view.lead("plan/1/1"), Some("Transport"));
//! assert!(view.supporting("plan/1/1").eq(["Finance", "Police"]));
//!
//! let both = view.led_by("Transport")? & view.supported_by("Finance")?;
//! assert!(both.keys().eq(["plan/1/1"]));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Concepts
//!
//! ```text
//!   Edits, Batch ──plan()──▶ Plan: what would change            Index ──view()──▶ View at revision 7
//!        │                                                                          │ lead("plan/1/1")
//!        └──commit()──▶ log of commits: 1 2 3 4 5 6 7 ──▶ View                      │ led_by("Transport") ──▶ TaskSet
//!                         │         │                                               │ history("plan/1/1")
//!                    view_at(3)   follow(5) ──▶ each commit once                    ▼ details, from disk
//! ```
//!
//! - An [`Index`] is one handle for all threads; [`OpenOptions`] says how it opens. A [`Batch`] holds edits that are applied all or
//!   none; [`Edits`] are the same as a plain value. A [`Plan`] says what they would change, an [`Effect`] what they changed.
//!   A [`BulkLoad`] takes many tasks at once.
//! - A [`View`] is the whole index at one revision. A [`TaskSet`] is a set of tasks with `&`, `|` and `-`; [`view`] has the
//!   other answers.
//! - [`Assignment`], [`Standing`], [`Role`], [`Details`] are plain values; [`assignment`] has their limits.
//! - An [`Error`] is grouped by who has to act; [`error`] has the groups.
//!
//! # Pages
//!
//! | to learn | read |
//! | --- | --- |
//! | how to do something, in 26 tested recipes | [`cookbook`] |
//! | what survives which fault, and how that was tested; all limits | [`promises`] |
//! | what several processes, or with feature `etcd` several machines, can rely on | [`processes`], `shared` |
//! | how quick it is, and where another store is better | [`speed`] |
//! | how it works inside; the bytes on disk | [`design`], [`format`](mod@format) |
//!
//! # Modules
//!
//! - Documents in: [`document`] makes text of bytes; [`notice`] reads Chinese notices that divide work; [`table`] reads CSV,
//!   Markdown, HTML and charts such as RACI; [`import`] brings what was read into an index, with a preview.
//! - [`history`]: who led a task before, the index as it was, commits as they come. [`reform`]: units that merge, split, end, or
//!   hand over tasks. [`report`]: who owes a report, for which day, and who is late.
//! - [`export`]: JSON Lines, CSV and Markdown, and the responsibility matrix as an HTML page ([`View::page`]).
//! - [`verify`]: the findings of [`Index::verify`], which compares everything that the index stores twice.
//!
//! # Features
//!
//! | feature | default | adds |
//! | --- | --- | --- |
//! | `notice` | on | the reader of Chinese notices |
//! | `csv` | on | tables with separators: CSV, TSV |
//! | `xlsx` | off | spreadsheets, read and written; 21 crates |
//! | `etcd` | off | one index on several machines; 9 crates |
//! | `etcd-tls` | off | the same over TLS; 10 crates more |
//!
//! # Limits
//!
//! The whole index must fit in memory, about 110 bytes per task. A key has at most 512 bytes, a name 256, a text 1 MiB; a task
//! names at most 4,096 units, an index 2,097,152. A commit takes 64 MiB of edits; a bulk load has no such limit. The log keeps
//! every commit, about 200 bytes for an edit, until [`Index::trim`].
//!
//! # Events
//!
//! Through the crate `log`. Info: an index was opened or repaired, a document was imported, with counts. Warn: a slow sync, findings
//! at opening, a failed or repeated checkpoint, commits that are refused from here on. Debug: a checkpoint, and what the
//! findings are. No event above debug has a key or a name.

#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod assignment;
mod commit_log;
pub mod cookbook;
pub mod design;
pub mod document;
mod edit;
pub mod error;
pub mod export;
mod file_id;
pub mod format;
pub mod history;
mod id;
pub mod import;
mod index;
mod locks;
mod model;
pub mod notice;
mod order;
mod persist;
pub mod processes;
pub mod promises;
pub mod reform;
pub mod report;
#[cfg(feature = "etcd")]
pub mod shared;
pub mod speed;
mod state;
mod store;
pub mod table;
#[cfg(any(test, feature = "testing"))]
#[doc(hidden)]
pub mod testing;
mod text;
mod threads;
mod varint;
pub mod verify;
pub mod view;

pub use edit::{Edits, Effect, TaskChange, UnitChange};
pub use id::Revision;
#[cfg(feature = "etcd")]
pub use index::Etcd;
pub use index::{
    Batch, BulkLoad, Durability, Following, Index, Loaded, OpenOptions, Outcome, Plan, Stats, UnknownUnits,
};
pub use model::{
    Assignment, CommitId, Conflict, Corrupt, Details, EngineError, Error, InputError, LogError, Note, OpenError,
    Result, Role, Source, Standing, UnitKind,
};
pub use order::compare_keys;
#[doc(inline)]
pub use view::{Matrix, TaskRef, TaskSet, UnitRef, View};
