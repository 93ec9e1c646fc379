//! An embedded index of who is responsible for what.
//!
//! A plan lists tasks; each task names units in order: the first leads, the others support. [Other roles](Role) and tasks
//! without a lead (vacant tasks) are optional. A log of commits makes every change durable. Questions are answered from
//! memory, in both directions: from a task to its units, and from a unit to its tasks.
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
//! # Where things are
//!
//! - [`Index`] opens, writes and keeps; [`OpenOptions`] says how. A [`Batch`] holds edits that are applied all or none;
//!   [`Edits`] are the same as a plain value. A [`Plan`] says what they would change, an [`Effect`] what they changed. A
//!   [`BulkLoad`] takes many tasks at once.
//! - A [`View`] answers questions about one revision; [`view`] has the types of the answers. A [`TaskSet`] is a set of
//!   tasks with `&`, `|` and `-`.
//! - [`Assignment`], [`Role`], [`Details`] are plain values; [`assignment`] has their limits.
//! - [`Error`] is grouped by who has to act; [`error`] has the groups.
//! - [`document`] makes text of the bytes of a document: plain text or a web page, in UTF-8, GB18030 or UTF-16.
//! - [`notice`] reads documents that assign tasks. It is text in, values out, and knows nothing of the index.
//! - [`table`] does the same for tables: CSV, Markdown, HTML; columns of roles, and charts such as RACI.
//! - [`import`] brings what was read into an index, with a dry run first.
//! - [`history`] has the past and the feed: who led a task before, the whole index as it was, commits as they come.
//! - [`reform`] changes the organisation: units that merge, split, end, or hand over tasks. Collectives have members, who
//!   share what the collective leads and supports: [`View::all_led_by`].
//! - [`report`] knows who owes a report, for which day, and who is late.
//! - [`export`] is the way out: JSON Lines, CSV and Markdown tables, the responsibility matrix as an HTML page:
//!   [`View::page`].
//! - [`cookbook`] has short answers to "how do I …", each a tested program.
//! - [`promises`] says what survives which fault, and how that was tested; [`processes`] what several processes on one index
//!   can rely on.
//! - Events of the crate `log`. Info: an index was opened or repaired, a document was imported, with counts. Warn: a slow
//!   sync, findings at opening, a failed or repeated checkpoint, commits that are refused from here on. Debug: a checkpoint,
//!   and what the findings are. No event above debug has a key or a name.
//! - [`verify`] has the findings of [`Index::verify`], which compares everything that the index stores twice.

#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod assignment;
mod commit_log;
pub mod cookbook;
pub mod document;
mod edit;
pub mod error;
pub mod export;
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
pub use view::{Matrix, TaskRef, TaskSet, UnitRef, View};
