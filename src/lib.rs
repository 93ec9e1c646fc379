//! An embedded index of who is responsible for what: ACID, crash-safe, answered from memory.
//!
//! A plan lists tasks. Each task names organisational units in order: the first **leads**, the others **support**.
//! A task can have [other roles](Role) (RACI), or no lead. The mappings task→unit and unit→task are stored in sled at one
//! revision, encoded with serde and bincode. A write-ahead log makes commits durable and keeps the history. Readers have
//! snapshot isolation (MVCC) and never block. Pure Rust, no unsafe code, no server.
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
//! Batch ──plan()──▶ Plan: what would change
//!   │
//!   └─commit()─▶ log of commits: 1 2 3 4 5 6 7 ──▶ View at revision 7
//!                    │       │                      │ lead("plan/1/1")
//!               view_at(3)   follow(5): 6, 7, …     │ led_by("Transport") ──▶ TaskSet
//!                                                   │ history("plan/1/1")
//!                                                   ▼ details, from disk
//! ```
//!
//! - An [`Index`] is one handle for all threads; [`OpenOptions`] sets how it is opened. A [`Batch`] holds edits that are applied
//!   together or not at all; [`Edits`] are the same as a plain value. A [`Plan`] shows what they would change, an [`Effect`] what
//!   they changed. A [`BulkLoad`] takes many tasks at once.
//! - A [`View`] is the whole index at one revision. A [`TaskSet`] is a set of tasks with `&`, `|` and `-`; [`view`] has the
//!   other types of answers.
//! - [`Assignment`], [`Standing`], [`Role`] and [`Details`] are plain values; [`assignment`] has their limits.
//! - The variants of [`Error`] are grouped by who has to act; [`error`] has the type of each group.
//!
//! # Pages
//!
//! | to learn | read |
//! | --- | --- |
//! | how to do something, in 26 tested recipes | [`cookbook`] |
//! | what survives which fault, and how that was tested; what grows | [`promises`] |
//! | what several processes can rely on; or, with the feature `etcd`, several machines | [`processes`]; `shared` |
//! | how fast it is, and where another store is better | [`speed`] |
//! | how it works inside; the bytes on disk | [`design`]; [`format`](mod@format) |
//!
//! # Modules
//!
//! - Reading documents: [`document`] decodes bytes to text; [`notice`] parses Chinese notices that divide work; [`table`] parses
//!   CSV, Markdown, HTML and charts such as RACI; [`import`] writes the result into an index, with a preview.
//! - [`history`]: who led a task before, the index at an earlier time, a feed of commits. [`reform`]: units that merge, split,
//!   end, or hand over tasks. [`report`]: who owes a report, for which day, and who is late.
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
//! | `etcd-tls` | off | the same over TLS; 10 crates more, one of which (`ring`) needs a C compiler |
//!
//! # Limits
//!
//! The whole index must fit in memory: about 110 bytes per task with keys of 16 bytes. A key has at most 512 bytes, a name 256, a
//! text 1 MiB, the details of a task 8 MiB. A task names at most 4,096 units. An index has at most 2,097,152 units, removed ones
//! included. A commit takes at most 64 MiB of edits, a bulk load any amount. The log keeps every commit, about 200 bytes per edit,
//! until [`Index::trim`] removes it.
//!
//! # Events
//!
//! The crate reports events through the crate `log`. Info: an index was opened or repaired, a document was imported, with counts.
//! Warn: a sync was slow, an opening had findings, a checkpoint failed or was written again, following or closing failed, the
//! index refuses commits. Debug: a checkpoint was written, each finding. No event above debug contains a key or a name.

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
