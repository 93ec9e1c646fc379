//! # Several processes
//!
//! Any number of processes of one machine can open one directory, read, write, and see each other's commits. There is no
//! server: each process reads the log, and keeps its own view in memory. There is nothing else in this module.
//!
//! ```
//! use std::time::Duration;
//! use responsibility_index::Index;
//!
//! # let directory = tempfile::tempdir()?;
//! # let path = directory.path().join("plan.ri");
//! let service = Index::open(&path)?;
//! let other = Index::open(&path)?; // in another process, as a rule
//!
//! service.assign("plan/1", ["Transport"])?;
//! other.assign("plan/1", ["Transport", "Finance"])?; // planned on the commit of the service
//! assert_eq!(other.revision(), 2);
//!
//! // The service follows by itself. To have a commit that one was told of, wait for its revision.
//! let view = service.wait_for(2, Duration::from_secs(5));
//! assert_eq!(view.supporting("plan/1").collect::<Vec<_>>(), ["Finance"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! ## What is promised
//!
//! - **One history.** All processes append to one log, one at a time. Revisions have no gap, and a revision is the same commit
//!   in each process, with the same cursor.
//! - **No lost update.** A commit of a process that is behind is planned again on the newest state: a condition such as
//!   [`assign_if`](crate::Index::assign_if) or [`only_if_field`](crate::Batch::only_if_field) is checked there. A
//!   [`Plan`](crate::Plan) that was shown to somebody is refused if the index has changed since. While others are always
//!   first, a commit is tried for 10 seconds; then it is [`LogError::Busy`](crate::LogError::Busy), and nothing is written.
//! - **Each process goes forward.** The views of one handle never go back. A process may be behind another one:
//!   about 60 µs on Linux, up to 50 ms elsewhere, where the log is looked at now and then.
//! - **Reads wait for nobody.** A view is memory. [`fresh_view`](crate::Index::fresh_view) has everything that was acknowledged
//!   before the call; [`wait_for`](crate::Index::wait_for) has a given revision; [`following`](crate::Index::following)
//!   tells how far this handle is behind.
//! - **Durability is the writer's choice.** A handle with [`Durability::Synced`](crate::Durability::Synced) shows only what is
//!   durable, whoever wrote it. A handle with [`Durability::Lazy`](crate::Durability::Lazy) shows what is written. What a lazy process
//!   leaves not durable for 10 to 20 ms, a synced one that follows makes durable. A read-only handle waits for that.
//! - **A killed process** leaves at most an append that is not whole, which the next writer cuts. Its locks end with it.
//! - **A stopped process** (`SIGSTOP`, a debugger) that has the lock of the log makes others wait, at most 10 seconds per call; then
//!   they get [`LogError::Busy`](crate::LogError::Busy) with its process id. Views go on.
//! - **The feed and the past** are those of the log: a [`Follower`](crate::history::Follower) of one process gets the commits of
//!   all, and a cursor of one process is good in another.
//!
//! ## The owner
//!
//! One process keeps the checkpoint, the rows in sled: the *owner*, which has the lock `rows.lock`. The first process that opens
//! the index is it. The others are *guests*: they open from the log alone. So that they read a bounded amount, there is a
//! *shortcut*: a file with the state at a revision, from which on the log is read. A guest that has read more than
//! 16 MiB of the log leaves one; so does the owner, when the log after the last one has 16 MiB and twice the memory of the
//! state. A shortcut that is missing or damaged is none: the log has everything. Read-only handles use it, and write none.
//!
//! When the owner ends or is killed, a guest becomes the owner when a checkpoint is due, within some seconds; it writes all rows.
//! [`checkpoint`](crate::Index::checkpoint) and [`trim`](crate::Index::trim) are for the owner, or for a guest while there is
//! none; else they are [`LogError::Busy`](crate::LogError::Busy) with the owner's process id.
//! [`repair`](crate::OpenOptions::repair) and [`accept_lost_commits`](crate::OpenOptions::accept_lost_commits) need the index
//! for themselves: [`OpenError::InUse`](crate::error::OpenError::InUse) while anybody has it open.
//!
//! ## Costs
//!
//! | | |
//! | --- | --- |
//! | a process that has the index open and does nothing | a thread that sleeps; one look per second at the place of the directory |
//! | following | about 100 µs of a processor per commit that comes alone: the process is woken; some 10 µs each where many come at once |
//! | a durable commit while another process follows | 1.05 times one without, with 20,000 tasks; 1.1 times with a million |
//! | opening as a guest | two to two and a half times as long as the opening of the owner: 0.28 and 0.13 s for a million tasks. See `cargo bench --bench processes` |
//! | disk | the shortcut of a guest: some 15 to 50 bytes per task |
//! | memory | each process has its own view |
//!
//! On Linux each open index has one inotify instance, of which a user may have 128 as a rule; where there is none left, the
//! log is looked at every 1 to 50 ms.
//!
//! ## Limits
//!
//! One machine, a local disk: a file system that several machines share (NFS, SMB, Ceph and others) is refused by its name,
//! on Linux ([`OpenError::NetworkFileSystem`](crate::error::OpenError::NetworkFileSystem)). Containers may share a directory of their
//! machine; process ids in errors may then be missing. A handle whose directory was moved, removed or replaced stops within some
//! seconds: its commits are [`EngineError::Stopped`](crate::EngineError::Stopped), and nothing is written into what has taken the
//! place. All processes need the same version of the format; a newer one is refused by name.
