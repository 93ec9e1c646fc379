//! Any number of processes on one machine can open one directory, read, write, and see each other's commits. There is no
//! server: each process reads the log, and keeps its own view in memory. There is nothing else in this module.
//!
//! ```
//! use std::time::Duration;
//! use responsibility_index::Index;
//!
//! # let directory = tempfile::tempdir()?;
//! # let path = directory.path().join("plan.ri");
//! let service = Index::open(&path)?;
//! let other = Index::open(&path)?; // usually in another process
//!
//! service.assign("plan/1", ["Transport"])?;
//! other.assign("plan/1", ["Transport", "Finance"])?; // planned on the commit of the service
//! assert_eq!(other.revision(), 2);
//!
//! // The service follows by itself. To see a commit that another process announced, wait for its revision.
//! let view = service.wait_for(2, Duration::from_secs(5));
//! assert_eq!(view.supporting("plan/1").collect::<Vec<_>>(), ["Finance"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is promised
//!
//! - **One history.** All processes append to one log, one at a time. Revisions have no gap, and a revision is the same
//!   commit in each process, with the same cursor.
//! - **No lost update.** A commit of a process that is behind is planned again on the newest state, and a condition such as
//!   [`assign_if`](crate::Index::assign_if) or [`only_if_field`](crate::Batch::only_if_field) is checked against that state.
//!   A [`Plan`](crate::Plan) that was shown to somebody is refused if the index has changed since. If others always come
//!   first, a commit is retried for 10 seconds; then it fails with [`LogError::Busy`](crate::LogError::Busy), and nothing is
//!   written.
//! - **Each process moves forward.** The views of one handle never go back. A process may be behind another one by about 0.1
//!   ms on Linux, and by up to 50 ms elsewhere, where the log is polled.
//! - **Reads never block.** A view is memory. [`fresh_view`](crate::Index::fresh_view) has everything that was acknowledged
//!   before the call; [`wait_for`](crate::Index::wait_for) has a given revision; [`following`](crate::Index::following) tells
//!   how far this handle is behind.
//! - **Durability is the writer's choice.** A handle with [`Durability::Synced`](crate::Durability::Synced) shows only what
//!   is durable, whoever wrote it. A handle with [`Durability::Lazy`](crate::Durability::Lazy) shows what is written. If a
//!   lazy process leaves a commit unsynced for 10 to 20 ms, a synced process that follows syncs it. A read-only handle waits
//!   until one does.
//! - **A killed process** leaves at most one incomplete append, which the next writer cuts off. Its locks end with it.
//! - **A stopped process** (`SIGSTOP`, a debugger) that holds the lock of the log makes others wait, at most 10 seconds per
//!   call; then they get [`LogError::Busy`](crate::LogError::Busy) with its process id. Views still answer.
//! - **The feed and the history** come from the log: a [`Follower`](crate::history::Follower) in one process gets the commits
//!   of all processes, and a cursor from one process is valid in another.
//!
//! # The owner
//!
//! One process, the *owner*, keeps the checkpoint, the rows in sled, and holds the lock `rows.lock`. It is the first process
//! that opens the index. The others are *guests*: they open the index from the log alone. A *shortcut* bounds what they read:
//! it is a file with the state at a revision, and guests read the log from there on. A guest that has read more than 16 MiB
//! of the log writes a new one. So does the owner when the log after the last one exceeds 16 MiB plus twice the memory of the
//! state. If a shortcut is missing or damaged nothing is lost: the log has everything. Read-only handles use it, but write
//! none.
//!
//! When the owner ends or is killed, a guest becomes the owner within a few seconds, when a checkpoint is due, and writes all
//! rows. [`checkpoint`](crate::Index::checkpoint) and [`trim`](crate::Index::trim) are for the owner, or for a guest while
//! there is no owner; otherwise they fail with [`LogError::Busy`](crate::LogError::Busy) and the owner's process id.
//! [`repair`](crate::OpenOptions::repair) and [`accept_lost_commits`](crate::OpenOptions::accept_lost_commits) need the index
//! for themselves: they fail with [`OpenError::InUse`](crate::error::OpenError::InUse) while anybody has it open.
//!
//! # Costs
//!
//! | | |
//! | --- | --- |
//! | a process that has the index open and does nothing | a thread that sleeps; once per second it checks that the directory is still in its place |
//! | following | about 100 µs of processor time for a single commit, which wakes the process; about 10 µs each when many come at once |
//! | a durable commit while another process follows | 1.05 times one without, with 20,000 tasks; 1.1 times with a million |
//! | opening as a guest | two to two and a half times as long as the opening of the owner: 0.28 and 0.13 s for a million tasks. See `cargo bench --bench processes` |
//! | disk | the shortcut of a guest: 15 to 50 bytes per task |
//! | memory | each process has its own view |
//!
//! On Linux each open index uses one inotify instance; a user usually has 128. When none is left, the log is polled every 1
//! to 50 ms.
//!
//! # Limits
//!
//! One machine and a local disk. On Linux a file system that several machines share (NFS, SMB, Ceph and others) is refused by
//! its type ([`OpenError::NetworkFileSystem`](crate::error::OpenError::NetworkFileSystem)). Containers may share a directory
//! of their machine; process ids may then be missing from errors. A handle whose directory was moved, removed or replaced
//! stops within a few seconds: its commits fail with [`EngineError::Stopped`](crate::EngineError::Stopped), and nothing is
//! written to the directory that took its place. All processes need the same version of the format; a newer one is refused
//! with its number.
