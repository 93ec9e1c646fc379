//! What was measured, how, and where another store is better. There is nothing else in this module.
//!
//! # How
//!
//! `cargo run --release --manifest-path benches/peers/Cargo.toml` loads the same tasks into this crate, SQLite, LMDB, redb,
//! fjall and hash maps with a journal. Every store runs at the same durability. SQLite and LMDB run with two data layouts, a
//! straightforward one and an expert's. All answers are checked against each other. The rounds are interleaved, and a figure
//! is the median of the rounds. The machine is a virtual one with two cores, so the ratios matter more than the times.
//! `benches/README.md` has the whole table, the machine, each goal, and the reason for each goal that was missed.
//!
//! # One million tasks
//!
//! 2,000 units, 3.5 units per task, keys of 16 bytes. SQLite and LMDB have the better figure of their two layouts.
//!
#![doc = include_str!("speed/peers.md")]
//!
//! # Where another store is better
//!
//! - Opening: SQLite and LMDB open in about a millisecond; this crate reads the checkpoint, 0.1 to 0.3 µs per task.
//! - Memory: this crate and the maps keep the whole index in memory, the others a cache.
//! - The processor time of a single commit: fjall takes about half. A commit here takes 16 to 30 µs: it makes the next state,
//!   writes the entry, and frees an older state.
//! - Single look-ups where nobody needs snapshots, history or sets: maps are faster.
//! - Bulk loads: LMDB with numbers and bitmaps takes a third less.
//!
//! # What operations cost
//!
//! | operation | cost |
//! | --- | --- |
//! | a view | about 20 ns |
//! | the lead of a task | one to two hash-map look-ups; half of that in batches of 64 |
//! | a count of a unit | kept, not computed |
//! | a set of tasks (`led_by`, `&`, `\|`, `-`) | bitmaps: microseconds for a hundred thousand tasks |
//! | a page of a list | a binary search, and its length |
//! | details of a task | one read of the log: 11 µs from the page cache, 70 µs if the commit set the details of many tasks |
//! | a matrix as data | 0.8 µs per task |
//! | a matrix as a page | 2 µs per task, 5 µs with titles |
//! | a durable commit | one `fdatasync`, which concurrent callers share |
//! | a lazy commit | 16 to 30 µs |
//! | a bulk load | about 1 µs per task |
//! | an item of a task's history | 13 to 16 µs; more where a bulk load replaced the task |
//! | a view of the past | 6 to 8 µs for each change since |
//! | a reform | about 4 µs per task that it touches; a rename touches none |
//! | a batch | about 4 µs per task that changes |
//! | who owes a report | about 1 ms for 2,000 units |
//! | the difference of two views | 4 ms per million tasks, plus the tasks that differ |
//! | a trim, a verification | 0.5 and 1 µs per task |
//! | JSON Lines out, in | 0.5 and 1.2 µs per task |
//! | reading a notice or table | about 20 ns per byte |
//! | opening | 0.1 to 0.3 µs per task, and 2 to 3 µs for each edit after the checkpoint |
//! | memory | about 110 bytes per task, with keys of 16 bytes |
//! | the log | about 200 bytes per edit, 20 bytes per task of a bulk load |
