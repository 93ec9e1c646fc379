//! A commit that returned `Ok` is kept. This page says what that means for each durability mode and each fault, what grows,
//! and how it was tested. There is nothing else in this module.
//!
//! # Where data are stored
//!
//! The **log** is the one source of truth: every commit is an entry in the files of `log/`, with its time, its note, and the
//! old and new value of each change. Details are only there. The **checkpoint** is derived from it: the rows of both
//! directions, task→unit and unit→task, in sled in `rows/`, written in the background. It makes opening fast, and may be
//! lost: the log can reproduce it.
//!
//! # Durability
//!
//! | | [`Durability::Synced`](crate::Durability::Synced) (the default) | [`Durability::Lazy`](crate::Durability::Lazy) |
//! | --- | --- | --- |
//! | when `commit` returns | the log is synced to the device (`fdatasync`); callers that wait at the same time share one sync (group commit) | it is in the operating system's memory |
//! | the process is killed, also by `kill -9` | nothing acknowledged is lost, no batch is incomplete | the same |
//! | the power fails | nothing acknowledged is lost, no batch is incomplete | commits since the last [`flush`](crate::Index::flush) may be lost, the newest first; nothing before it |
//! | the last handle is dropped | as after a commit | everything is synced |
//!
//! A [bulk load](crate::Index::bulk_load) is synced in either case. A synced index shows only what is durable, even just
//! after opening: it first syncs what a killed process has written.
//!
//! A commit is in the log completely or not at all. It is written in one or more frames with checksums, and counts only when
//! all of them are in the file.
//!
//! # Faults
//!
//! | fault | what happens |
//! | --- | --- |
//! | killed at any time: while opening, writing, loading, trimming, writing a checkpoint, closing | the next opening has everything acknowledged |
//! | power failure at any time | the same; each sector and each file name that was not synced may be lost by itself |
//! | no space, an I/O error, a short write, a device gone read-only | a typed error: [`OpenError::Io`](crate::error::OpenError::Io) or an [`EngineError`](crate::EngineError). The view stays at the revision before. [`EngineError::Unknown`](crate::EngineError::Unknown) means that the commit may or may not be durable: reads, details, exports and backups then go on, and writes are refused until the index is opened again; it then has every acknowledged commit |
//! | `rows/` or any file in it is deleted, damaged, cut short, replaced by an older copy or by that of another index, also while the index is open | nothing is lost. The opening, or the next checkpoint that meets it, sets the rows aside as `rows-set-aside`, and all rows are written again from the log; [`Stats::troubles`](crate::Stats) and a warning of the crate `log` report it |
//! | the engine of the rows panics, fails, or never returns | its rows are set aside and written again, up to three times; after that, or if it hangs, commits go on without checkpoints. This is reported in the same way. Every wait for the engine is bounded |
//! | an entry of the log that was durable is damaged | [`LogError::Damaged`](crate::error::LogError::Damaged) with its revision; if the rows contain its effect, the index opens with everything, and [`verify`](crate::Index::verify) reports the damage |
//! | the log ends before a durable commit, or is gone | [`LogError::Lost`](crate::error::LogError::Lost) or [`LogError::Missing`](crate::error::LogError::Missing). The index opens with what is left if [`accept_lost_commits`](crate::OpenOptions::accept_lost_commits) is set. If the log is gone, what is left is the assignments of the checkpoint, without details and history |
//! | the log is another one, or has another commit where one was known | [`LogError::OtherLog`](crate::error::LogError::OtherLog), [`LogError::Forked`](crate::error::LogError::Forked) |
//! | the directory of the index is moved, removed or replaced while the index is open | within some seconds commits are refused ([`EngineError::Stopped`](crate::EngineError::Stopped)), and [`following`](crate::Index::following) says why; another index of the same name is not touched. A change of the working directory does not matter |
//! | the process forks | the child may read views; its commits are refused with [`LogError::OtherProcess`](crate::error::LogError::OtherProcess), and it changes nothing when it ends |
//! | a newer, older or unknown format, somebody else's directory, a symbolic link in place of the directory or a file of the log, a named pipe, socket or device in place of a file | opening fails at once with a specific error, and nothing is changed |
//!
//! [`OpenOptions::repair`](crate::OpenOptions::repair) gives an index with a damaged log a new log, which begins with the
//! newest state that can be saved, and reports what is lost. The old log stays in the directory.
//!
//! Two faults can't be detected. (1) `rows/` and `log/` are both replaced by older copies: the index is then an older one.
//! (2) One power failure both loses the mark (the file `log/durable`, which says how far the log is durable) and damages
//! commits of the newest sync: they are taken for an unfinished append and dropped. For a synced index that is the newest
//! commit or group of commits, for a lazy one all commits since the last flush.
//!
//! # What grows
//!
//! The log grows with every commit, by about 200 bytes per edit and 20 bytes per task of a bulk load, and keeps details that
//! were replaced. [`Index::trim`](crate::Index::trim) removes the history before a revision;
//! [`Stats::bytes_on_disk`](crate::Stats) gives the size. Opening does not read the log before the checkpoint, so its length
//! costs only space. Opening without rows reads all of it. Opening read-only, or while another process keeps the rows, reads
//! it from the [shortcut](crate::processes) on.
//!
//! # How it was tested
//!
//! Each row is a test harness that was written without knowledge of the code. A short run of each is part of `cargo test`;
//! the figures are from the full run. A failure prints its seed, and the seed repeats it (`FAULTS_SEED`).
//!
//! `cargo test --release --test faults -- --ignored --nocapture full_kill` (or `full_power`, `full_damage`, `full_device`):
//!
//! | harness | run | found |
//! | --- | --- | --- |
//! | `kill`: a child writes and acknowledges on its standard output, one thread or four, and is killed at any time, at the n-th call of the system, or after half a write; another process opens the index, holds it against exactly what must be there, also at revisions before, and verifies it | 1,000 cycles: 250 in an opening, 100 in a checkpoint, 140 in a trim, 91 in a closing, 56 in a backup, 84 in a rotation, 31 while a base is written, 250 with a lazy index; and 200 killed repairs; 23,942 commits acknowledged; 335 s | 0 acknowledged commits lost, 0 batches in part, 0 failed openings, 0 disagreements |
//! | `power`: every write, truncation, sync, creation, renaming and removal of a run is written down, of the log and of the rows, a sync from its beginning; the disk is made as it may be after a power failure: all calls in order, only what was synced, one unsynced write lost, all after one lost, any sectors and names of what was not synced; the index is opened, held against what was acknowledged and attempted and against a model, verified, and opened again | 10,050 states, 3,300 of them while loads of 20,000 tasks are written three times in a row, of runs with one to four writers, synced and lazy, with details, entries of many frames over many segments, edits of units, checkpoints, backups, trims, closings, and failures after failures | 0 acknowledged commits lost, 0 invented, 0 batches in part, 0 failed openings. In 15 states the engine could not read its rows, and in some it could read but not write them: they were made again from the log, at the opening, by the next checkpoint or by a repair |
//! | `power` of processes (`full_power_of_processes`): the same with two or three processes that write to one index, synced and lazy; the calls of all are written down in their order, the owner of the rows ends without closing and another one takes over | 3,900 states of 4 runs, three failures after one another in each; 84 s | 0 acknowledged commits lost, 0 failed openings, 0 disagreements. In 34 states the rows were made again from the log |
//! | `device`: for each kind of file, the n-th call gets no space from there on, an error once, errors from there on, half a write, half a write and then no space, or a file system that is read-only from there on; and the same for all files, and for the rows | 3,036 runs; 161 s | a typed error each time, 0 panics, 0 waits above 30 s, everything acknowledged is there when the device is mended; rows that fail prevent no opening and no commit |
//! | `damage`: bits flipped, ranges zeroed, files cut, deleted, exchanged, doubled, replaced by those of an earlier or later index, in the log, its mark and its bases, and in the rows; either of log and rows put back whole; opened read-only, opened, used, repaired | 5,000 stores: 3,873 opened whole, 1,436 made their rows again, 1,296 said why not, of which 1,171 were mended by a repair and 535 opened with accepted losses; 121 s | 0 panics, 0 waits above 30 s, 0 wrong answers that nothing told of |
//! | `trace`: there is an `fdatasync` of the log between the write of each durable commit and its return, and the mark moves after it; no commit waits for the rows; a new index is synced with all its names | in `cargo test` | red when the sync is taken out |
//! | `reopen`: a large index, killed in the middle of writing | in `cargo test` | correct, task by task |
//!
//! | other command | run | found |
//! | --- | --- | --- |
//! | `cargo test --release --test hostile -- --ignored --nocapture full_hostile`: no thread to be had, little memory, few open files, limits of file sizes, a full disk, one that is full for a while, no inodes, a file system that becomes read-only, `fork`, other working directories and renames, a holder that is stopped, a clock before 1970, set back, far ahead | 313 runs in 12 environments, 11,515 commits acknowledged; 190 s | an error, or the effect of a kill; 0 acknowledged commits lost, 0 hangs; the next opening whole |
//! | `cargo test --release --test processes -- --ignored --nocapture full`: eight processes on one directory that commit, read, trim, verify and back up at random, while some are killed or stopped, the owner too; take-overs from killed owners; sixteen processes that create one index at once | 1,023 kills (394 of owners), 270 stops, 254,104 commits acknowledged; 200 take-overs, 59 in a checkpoint; 150 creations; 242 s for all | 0 acknowledged commits lost, 0 invented, 0 hangs, equal exports; each new owner's rows whole |
//! | `cargo test --release --test protocol -- --ignored --nocapture full`: the protocol of the log and the table of openings as a model, explored to the end: kills, power failures, failed syncs, rotation, rot, trims, bases, two processes | 76 million states; 98 s | 0 violations; each of 26 rules left out is a violation, alone or with the one that covers for it |
//! | `cargo test --release --test model -- --ignored`: histories of all edits against a plain model, every revision undone, and made again from the log | 10,000 histories of 200 steps | 0 differences |
//! | `cargo test --test stress -- --ignored full_stress`: writers, readers, checkpoints, loads, trims, verifications, backups, exports and imports at once; panics and commits in the caller's iterators, readers and writers | 398,993 commits, 54,486 panics, 32,010 views compared; 124 s | 0 wrong answers, 0 hangs |
//! | `cargo run --release --manifest-path tests/queue/Cargo.toml`: the queue of the group commit with two and three callers, in every order | 9 models, up to 21,506 orders each | 0 failures |
//! | `cargo run --release --manifest-path tests/fuzz-rows/Cargo.toml -- 1000000 1`: keys, rows, pieces and frames of the log, entries, bases, files of whole logs, whole stores with fitting checksums, and imports | 67.5 million executions | 0 panics, at most 31 MB of memory |
//! | `cargo bench --bench scale`: cost against size in doubling steps, so that a square shows | 16 rows | no square |
//!
//! `tests/rows.rs` damages, removes and swaps rows one by one, removes whole files, and checks that nothing is lost;
//! `tests/lost_log.rs` does the same with the log. `tests/fixtures` keeps a directory of each released format, which
//! `tests/fixture_format.rs` opens.
//!
//! # Limits
//!
//! Keys, names, texts, details, aliases, the units of a task, and commits have limits (see [`assignment`](crate::assignment)
//! and [`InputError::TooLarge`](crate::InputError::TooLarge)), so that input from strangers can't exhaust memory. A count in
//! a row is checked against the bytes that follow: a row of ten bytes that claims four billion tasks is refused. An index has
//! at most 2,097,152 units, removed ones included. Text from outside is escaped in messages.
//!
//! On Unix only the owner can read the directory (mode 0700) and its files (0600).
//!
//! Dependencies: the advisories of August 2026 list no vulnerability in them; three are unmaintained. `.ci/deny.toml` names
//! each with its reason.
//!
//! # What is not promised
//!
//! - **Encryption.** Log and rows are plain bytes on disk.
//! - **Tamper evidence.** Checksums tell damaged rows from intact ones. Anyone who can write the files can make the checksums
//!   fit.
//! - **A device that lies** about what it synced. After a failed `fsync`, some systems forget what they could not write and
//!   report success the next time. The index refuses further writes, but an opening on the same machine may find data in
//!   memory that never reached the device. Check the device first.
//! - **Files swapped while the index is open**, or processes on several machines that use one directory, which a network file
//!   system of an unknown type may allow.
