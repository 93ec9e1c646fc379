//! The history of an index, and the feed of its changes: commits with old and new values.
//!
//! A log of commits records every change with its revision, its time, the [day](crate::Batch::in_force_from) from which it
//! is in force, and its [note](crate::Batch::note). From it come
//!
//! - the history of one task: [`View::history`](crate::View::history);
//! - commits, oldest or newest first: [`Index::commits`](crate::Index::commits);
//! - the whole index as it was: [`Index::view_at`](crate::Index::view_at), [`Index::view_on`](crate::Index::view_on);
//! - what differs between two views: [`View::diff`](crate::View::diff),
//!   [`View::changed_since`](crate::View::changed_since);
//! - a feed that misses no commit: [`Index::follow`](crate::Index::follow), [`Index::changed`](crate::Index::changed);
//! - commits as JSON Lines: [`Commit::write_lines`] and [`Lines`].
//!
//! The past has two clocks, and neither goes back. The *time* of a commit is that of the machine; if its clock went
//! back, the commit gets the time of the commit before it. The *day* is set by the caller. The order of commits is the
//! order of revisions.
//!
//! # Who led it before
//!
//! ```
//! use responsibility_index::Index;
//!
//! let index = Index::in_memory();
//! index.assign("plan/1", ["Roads", "Finance"])?;
//! index.batch().note("2018 reform", "cabinet").set_lead("plan/1", "Transport", None).commit()?;
//!
//! let view = index.view();
//! let past = view.history("plan/1").collect::<Result<Vec<_>, _>>()?;
//! let (newest, before) = (&past[0], &past[1]);
//! assert_eq!(newest.stamp.as_ref().map(|stamp| stamp.note.why.as_str()), Some("2018 reform"));
//! assert_eq!(before.standing.as_ref().and_then(|standing| standing.lead()), Some("Roads"));
//!
//! // The whole index as it was, and what has left a unit since.
//! let then = index.view_at(1)?;
//! let left = then.led_by("Roads")? - index.view().led_by("Roads")?;
//! assert!(left.keys().eq(["plan/1"]));
//! # Ok::<(), responsibility_index::Error>(())
//! ```
//!
//! # Undo a commit
//!
//! ```
//! use responsibility_index::{Conflict, Error, Index};
//!
//! let index = Index::in_memory();
//! index.assign("plan/1", ["Roads"])?;
//! let mistake = index.assign("plan/1", ["Police"]).map(|_| index.revision())?;
//! index.batch().note("not theirs", "registry").revert(mistake).commit()?;
//! assert_eq!(index.lead("plan/1").as_deref(), Some("Roads"));
//!
//! // A commit is not undone over a later change of the same task.
//! let refused = index.batch().revert(1).commit();
//! assert!(matches!(refused, Err(Error::Conflict(Conflict::ChangedSince { .. }))));
//! # Ok::<(), Error>(())
//! ```
//!
//! # Follow and resume
//!
//! ```
//! use std::time::Duration;
//! use responsibility_index::Index;
//!
//! let index = Index::in_memory();
//! index.assign("plan/1", ["Transport"])?;
//! let mut follower = index.follow(0)?;
//! let commit = follower.next_within(Duration::from_secs(1))?.expect("there is one");
//! assert_eq!(commit.tasks().map(|task| task.key.to_owned()).collect::<Vec<_>>(), ["plan/1"]);
//!
//! // Where to go on after a restart.
//! let cursor = follower.cursor().to_string();
//! index.assign("plan/2", ["Finance"])?;
//! let mut follower = index.resume(&cursor.parse()?)?;
//! assert_eq!(follower.next_within(Duration::ZERO)?.map(|commit| commit.revision()), Some(2));
//! # Ok::<(), responsibility_index::Error>(())
//! ```
//!
//! Below the [horizon](crate::Index::horizon) a follower gets [`LogError::Trimmed`](crate::LogError::Trimmed), never a
//! gap. Then take a new [`Index::view`](crate::Index::view), replace all derived data by it, and follow from its
//! revision.

mod commit;
mod commits;
mod cursor;
mod diff;
mod filter;
mod follower;
mod lines;
mod past;
mod published;

pub use self::commit::{Commit, End, UnitChange, UnitFacts};
pub use self::commits::Commits;
pub use self::cursor::Cursor;
pub use self::diff::Diff;
pub use self::follower::Follower;
pub use self::lines::Lines;
pub use self::past::{History, Past, Stamp};
pub use self::published::Changed;
pub(crate) use self::published::Published;

pub use crate::model::{Fact, FactChange, Lineage};
