//! How the crate works inside, for readers who want to judge or change it. There is nothing else in this module.
//!
//! # The shape
//!
//! ```text
//!  notice, table ─▶ import ─▶ Edits ─▶ plan(state, edits) ─▶ changes ─▶ append to the log ─▶ durable
//!                                                                        │ done     │ behind: apply what is missing,
//!                                                                        ▼          ▼ plan the waiting edits again
//!                                                        apply to the state ─▶ publish a View (atomic swap)
//!                                                                        │
//!                                    checkpointer, a background thread ─▶ rows of both directions in sled
//!
//!  open     rows ─▶ state ─▶ entries after them ─▶ View         read    Index::view() ─▶ View ─▶ answer (memory only)
//!  follow   entries after my revision (another process, another machine) ─▶ apply ─▶ publish
//!  past     newest state ─▶ undo entries, newest first ─▶ View at that revision
//! ```
//!
//! The **log of commits is the one source of truth**. Everything else is derived from it: the state in memory, the rows in
//! sled, the past, the feed, and what other processes and machines see. The log alone can reproduce every state back to the
//! horizon, identical byte for byte when exported. The rows may be lost; they only make opening fast.
//!
//! A **state** is the whole index at one revision, purely in memory. It never changes: applying changes gives the next state,
//! which shares all unchanged parts. So a snapshot is a pointer, and readers and writers never wait for each other (MVCC). A
//! few changes copy the paths to what they touch, 6 to 7 µs for one task; many changes build records and lists in one pass.
//!
//! A **change** holds the old and the new value. The same object is planned, written, applied, undone and shown.
//!
//! # Vocabulary
//!
//! | word | meaning |
//! | --- | --- |
//! | task | something to be done, named by a key that the caller chooses; *assigned* (exactly one lead) or *vacant* |
//! | unit | an organisational unit: one name, up to 1,024 aliases; a *body*, or a *collective* with members |
//! | assignment, standing | the units of a task in order, each with one role; a standing may have no lead |
//! | role | lead, co-lead, support, consulted, informed |
//! | change | one fact of a commit: its old and its new value |
//! | commit | changes that are applied together or not at all, with revision, time, optional day, who and why |
//! | revision | the number of commits so far |
//! | log, entry | the sequence of commits; one commit as it is stored |
//! | base | the state at one revision, with which a log can begin |
//! | horizon | the oldest revision that the log can go back to |
//! | state, view | the whole index at one revision; a caller's handle on it, with details and history |
//! | checkpoint | the state at one revision, as rows of both directions in sled |
//! | owner, guest | the process that keeps the checkpoint; any other that has the index open |
//!
//! # Layers
//!
//! Modules use only the modules below them. A test reads the `use` lines and checks this, also inside folders.
//!
//! ```text
//!  index       Index, batches, bulk load, group commit, following, checkpointer
//!  import      documents into edits        export     JSON Lines, CSV, Markdown, page, workbook
//!  history     commits, past, feed         report     who owes, who is late
//!  ─────────────────────────────────────────────────────────────────────────────────────────────
//!  edit        state + edits → changes     persist    state ⇄ rows, changes ⇄ entries; open, salvage, verify
//!  view        questions only
//!  state       apply, undo, diff; records, hash index, posting lists
//!  ─────────────────────────────────────────────────────────────────────────────────────────────
//!  commit_log  the log, in files, in memory, on etcd    store   sled    notice, table, document   text → tasks
//!  model       plain values, limits, errors
//! ```
//!
//! # Locks
//!
//! In the order in which they are taken: a thread that holds a lock takes only locks further down the table.
//!
//! | lock | held | purpose |
//! | --- | --- | --- |
//! | `LOCK`, a file | while the index is open, shared; exclusively for creation and repair | controls who may use the directory |
//! | trims and the past, a read-write lock of a handle | for writing by a trim; for reading by older views, backups, verification | keeps a trim from removing what others read |
//! | `rows.lock`, a file | while a process keeps the rows; by a trim of a handle that does not | ensures one owner |
//! | leader of the group commit | per group of commits | planning, appending, syncing, publishing: one thread at a time |
//! | mutex of the syncs of a handle | per sync of the log | keeps a sync from following a failed one, after which the system may report success for lost bytes |
//! | mutex of the log's handle | per append and per look at the end; not during a sync or while entries are read | guards how far this handle has read |
//! | `log/lock`, a file | per append: about 10 µs; a few ms for a cut or a new segment | ensures one writer of the log among processes |
//! | mutexes of the queue, the checkpointer, the waiters | for a few instructions | guard their own fields |
//!
//! A view takes none of them. Waiting for `log/lock` ends after ten seconds with `Busy` and the process id of the holder;
//! nobody waits for `rows.lock`. One thread calls the engine, and every wait for that thread is bounded. While etcd is asked,
//! a commit holds the leadership of its handle, and a trim the first three locks; views need none of them.
//!
//! # Why these numbers
//!
//! | number | reason |
//! | --- | --- |
//! | 256 tasks per block of the rows | a changed task rewrites its block, a few KiB; smaller blocks mean more rows, and a row costs sled 9 µs whatever its size |
//! | 4 KiB per row | large rows make sled's leaves exceed 128 KiB, and those go to side files that it never syncs |
//! | 32 tasks per leaf of the state | a changed task copies its leaf, about 2 KiB |
//! | 12 slots per line of the hash index | 12 tags of one byte and 12 numbers of four bytes fill a cache line of 64 bytes; 8 slots would need more lines |
//! | 16 keys looked up together | about as many loads from memory as a processor has in flight |
//! | 21 bits of a unit's number, 3 of its role | a member of a task is three bytes: 2,097,152 units |
//! | 64 task numbers in a short list | copying 256 bytes is cheaper than changing a bitmap, and half of the lists of a large plan are shorter |
//! | an eighth of the tasks, and 4,096: above both, a commit builds the directions instead of changing them | building costs 0.4 µs per task of the index, changing 3.6 µs per changed task |
//! | 64 MiB per segment | a trim frees whole files; 64 MiB are some 300,000 edits |
//! | 64 MiB of edits per commit, 1 MiB per frame | bound the memory of a reader; loads go block by block |
//! | 16 KiB between places of the log's index | about a hundred entries, which take 15 µs to skip |
//! | 1 MiB of zeroes ahead of the log's end | a sync then has no new length to record; they last for some 7,000 small commits, one of which waits a millisecond longer |
//! | 50,000 changes, or a tenth of the tasks if that is more; 2 s without a commit | a checkpoint is then due: an opening replays at most about as many changes, 3 µs each |
//! | 256 rows or 256 KiB | a larger checkpoint is written as a new generation, 48 rows per sync: sled's memory grows with a batch, and sled overwrites what it wrongly takes for durable |
//! | 10 ms | then a synced handle syncs what others left unsynced |
//! | 16 MiB of log after a base or shortcut | some 80,000 edits, read in a quarter of a second |
//!
//! # What sled 0.34.7 does
//!
//! Each fact was observed, and the checkpoint accounts for it.
//!
//! | fact | consequence |
//! | --- | --- |
//! | `flush` calls `sync_file_range` on Linux, which does not wait for the device | we sync the file `db` through a descriptor of our own |
//! | killed while it opens, it leaves `snap.*.generating`, and every later opening fails | such files are removed first, under our lock |
//! | a leaf above 128 KiB goes to `blobs/`, which it never syncs | no row above 4 KiB |
//! | a damaged tail is rolled back in silence, or panics | panics are caught; header and counts are compared; the log makes the rows again |
//! | memory grows with a batch; segments are used again before our sync | small batches, synced one by one |
//! | a transaction holds a lock of the whole process | none is used |
//! | an opening just after a close may fail | our own lock, then a bounded retry |
//! | 0.34 and 1.0-alpha open each other's files as an empty database | `FORMAT` is checked before sled sees the directory |
//! | after a full disk it returns errors until it is opened again; a failed write may wake nobody | waits are bounded; the index goes on without rows |
//! | a clock before 1970 makes it panic | the panic is caught and reported |
//!
//! # On other pages
//!
//! [`promises`](crate::promises) lists what survives which fault; [`format`](mod@crate::format) the bytes on disk;
//! [`processes`](crate::processes) what processes can rely on; [`speed`](crate::speed) what was measured.
