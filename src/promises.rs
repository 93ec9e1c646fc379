//! # What is promised
//!
//! A commit that returned `Ok` is kept. This page says what that means for each choice of durability and each fault,
//! and how it was tested. There is nothing else in this module.
//!
//! ## Durability
//!
//! | | [`Durability::Synced`](crate::Durability::Synced) (the default) | [`Durability::Lazy`](crate::Durability::Lazy) |
//! | --- | --- | --- |
//! | when `commit` returns | the engine's file is synced to the device; callers that wait at the same time share one sync | it is in the engine's buffer |
//! | the process is killed | nothing acknowledged is lost, no batch is in part | up to the last fifth of a second may be lost; no batch is in part |
//! | the power fails | nothing acknowledged is lost, no batch is in part | what came after the last [`flush`](crate::Index::flush) may be lost, and on a device that reorders writes even rows from before it: keep a [backup](crate::Index::backup) |
//! | the last handle and view are dropped | as after a commit | everything is written and synced |
//!
//! A [bulk load](crate::Index::load) is synced in either case. What somebody saw after an opening stays, too: an
//! opening syncs what a killed process had written, before it hands it out.
//!
//! Two commits never become one and a half: a commit is one row of the log, or one change of the header.
//!
//! ## Faults
//!
//! | fault | what happens |
//! | --- | --- |
//! | killed at any time: while opening, writing, loading, or writing a checkpoint | the next opening has everything acknowledged |
//! | power failure at any time | the same; what was not synced may be lost sector by sector and name by name |
//! | no space, an I/O error, a short write, a device gone read-only | a typed error: [`OpenError::Io`](crate::error::OpenError::Io) or an [`EngineError`](crate::EngineError). View and rows stay at the revision before, or it is said to be [unknown](crate::EngineError::Unknown); then reads go on, writes are refused until the index is opened again, and that has everything acknowledged |
//! | the engine panics, or waits for a thread of its own that failed | the panic is caught and is an error (the process's panic hook still prints it); the wait is ended |
//! | files damaged, cut short, deleted, replaced by older ones or by those of another index | the index opens with all that it had, or [`Error::Corrupt`](crate::Error::Corrupt) or [`Error::Open`](crate::Error::Open) says why not |
//! | acknowledged commits are gone | [`Corrupt::RolledBack`](crate::error::Corrupt::RolledBack) with the revision expected and the one found. It opens to be [read only](crate::OpenOptions::read_only), or when that is [accepted](crate::OpenOptions::accept_lost_commits) |
//! | the file `DURABLE`, which tells that, is gone or damaged | [`Corrupt::Mark`](crate::error::Corrupt::Mark), and the same two ways on |
//! | a row is damaged | its checksum tells; the error, and [`verify`](crate::Index::verify), name the row. [`Index::repair`](crate::Index::repair) writes the rows of an open index again; [`OpenOptions::repair`](crate::OpenOptions::repair) opens what can't be opened with all that can be saved. Both report what could not be |
//! | the working directory changes, or the directory of the index is renamed, while the index is open | commits go on to the same index; another one of the same name is not touched |
//! | the files are deleted while the index is open | on Unix the next sync is an [`EngineError`](crate::EngineError); reads go on |
//! | a newer or unknown format, somebody else's directory, a symbolic link in place of the directory or a file of it, a named pipe, socket or device in place of a file | refused at once with its own error, and nothing is changed |
//!
//! An opening that fails may change the engine's files: the engine cuts off and overwrites what it can't read. A file
//! that is shorter than when it was last synced is tried on a copy first. Keep a copy of a damaged directory before you
//! try more than [`read_only`](crate::OpenOptions::read_only), which works on one.
//!
//! Such copies are made in the directory for temporary files (`TMPDIR`). A process that is killed leaves its copy there;
//! the next one that makes a copy removes those whose process is gone.
//!
//! ## How it was tested
//!
//! Each line is a harness in `tests/faults`. A small run of each is part of `cargo test`; the figures are of the full
//! tier, `cargo test --release --test faults -- --ignored --nocapture full_`, which takes about ten minutes on two
//! cores. `FAULTS_SEED` sets another seed; what failed comes again with the seed that it says.
//!
//! | harness | run | found |
//! | --- | --- | --- |
//! | `kill`: a child writes and acknowledges on its standard output, one thread or four, and is killed; another process opens the index, holds it against exactly what must be there, and verifies it | 1,000 cycles, 300 of them inside opening, 161 while a checkpoint was written, 300 with a lazy index | 0 acknowledged commits lost, 0 batches in part, 0 failed openings, 0 disagreements |
//! | `power`: every write, truncation, sync, creation, renaming and removal of a run is written down; at a random call the disk is made as it may be then: all calls in order, only what was synced, any sectors and names of what was not, any sectors and the first names; the index is opened and verified | 5,000 states of runs with one, two and four writers, with each of four seeds | the same four zeros |
//! | `device`: the n-th system call, n from 1 to 500, gets no space from there on, an error once, errors from there on, half a write, half a write and then no space, or a file system that is read-only from there on | 3,000 runs, twice | a typed error each time, 0 panics, 0 waits above 30 s, everything acknowledged is there when the device is mended |
//! | `damage`: bits flipped, ranges zeroed, files cut, deleted, swapped, replaced by those of an earlier or later index; opened read-only, opened, used, repaired | 1,000 stores with each of three seeds: a quarter opened whole, the others said why not, and a half could be repaired | 0 panics, 0 waits above 30 s, 0 wrong answers that nothing told of |
//! | `trace`: there is an `fsync` or `fdatasync` of the engine's file between the writes of each durable commit and its return; a new index is synced with all its names | in `cargo test` | red when the sync is taken out |
//! | `reopen`: a million tasks, killed in the middle of writing | 10 times, 700 to 5,800 commits after the load | opened in 0.7 to 1.8 s on two busy cores; correct, task by task |
//!
//! `tests/fuzz-rows` feeds what reads keys, rows, logs and whole stores with fitting checksums, and imports mutated
//! bytes: `cargo run --release --manifest-path tests/fuzz-rows/Cargo.toml -- 50000000 1` ran 50 million executions
//! without a panic, in 35 MB of memory. The same targets are there for `cargo fuzz`.
//!
//! `tests/damage_rows.rs` flips and takes away rows one by one, and checks what a repair restores and what it says it
//! can't. `tests/fixtures` keeps a directory of each released format, which `tests/fixture_format.rs` opens.
//!
//! ## Limits
//!
//! Keys, names, texts, details, aliases, the units of a task, and commits have limits (see [`assignment`](crate::assignment)
//! and [`InputError::TooLarge`](crate::InputError::TooLarge)), so that input from strangers can't exhaust memory. What
//! rows claim is bounded by what is there: a row of ten bytes that claims four billion tasks is refused. Text from
//! outside is escaped in messages.
//!
//! On Unix the directory is made for its owner alone (0700) and so are its files (0600).
//!
//! Dependencies: no known vulnerability in February 2025 and none since that we know of; three are no longer
//! maintained. `.ci/deny.toml` names each with its reason.
//!
//! ## What is not promised
//!
//! - **Encryption.** Rows are plain bytes on disk.
//! - **Tamper evidence.** Checksums tell damage from whole rows. Whoever can write the files can make them fit.
//! - **A device that lies** about what it synced. After an `fsync` that failed, some systems forget what they could not
//!   write and report success the next time; the index refuses to write on, but an opening on the same machine may
//!   find in memory what the device never got. Look at the device first.
//! - **Files swapped while the index is open**, or two processes that use one directory past its lock, as network file
//!   systems may let them.
//! - **What the engine can't read at all.** `repair` needs the engine to open its files. Keep backups.
//! - **Damage to the rows and to `DURABLE` at once** that hides what was lost, by putting both back to an older state:
//!   that is an older index.
