//! With the feature `etcd`, several machines share one index: each has a view in memory, answers from it, and follows the
//! others' commits. Agreement and durability are the work of [etcd](https://etcd.io). There is nothing else in this module.
//!
//! ```no_run
//! use std::time::Duration;
//! use responsibility_index::{Etcd, OpenOptions};
//!
//! let address = Etcd::new(["http://10.0.0.1:2379", "http://10.0.0.2:2379", "http://10.0.0.3:2379"], "plans/2026");
//! let index = OpenOptions::new().shared(address).open("/var/lib/plan.ri")?;
//! index.assign("plan/1", ["Transport", "Finance"])?; // durable on a majority of the servers
//!
//! // On another machine, which knows the revision:
//! let view = index.wait_for(1, Duration::from_secs(5));
//! assert_eq!(view.lead("plan/1"), Some("Transport"));
//! # Ok::<(), responsibility_index::Error>(())
//! ```
//!
//! Only the log of commits is shared. The directory of a machine holds a copy of the log and this machine's checkpoint; both may be
//! lost and are then fetched or made again. Several processes on one machine may open the same directory, just as with an index that
//! is not shared: see [`processes`](crate::processes).
//!
//! # What is promised
//!
//! - **One history**, the same on every machine: revisions have no gap, and a cursor from one machine is valid on another.
//! - **An acknowledged commit is durable** on a majority of the servers, and a refused one changes nothing. A commit whose answer is
//!   lost is sent again, with its id, until its outcome is known or the [patience](crate::Etcd::patience) is over. Then it fails with
//!   [`EngineError::Unknown`](crate::EngineError::Unknown): it is in the history or will never be; the next commit of any machine
//!   settles which. The handle goes on, and [`outcome`](crate::Index::outcome) tells how the commit ended. Callers that share a
//!   request wait at most for the patience plus one attempt at each server.
//! - **No lost update.** Edits of a machine that is behind are planned again on the newest state, with their conditions. While the
//!   servers answer, a refusal is also judged on a state that is not older than the call. If other machines always come first, a
//!   commit is retried for 10 seconds; then it fails with [`Conflict::Busy`](crate::Conflict::Busy).
//! - **Each machine moves forward.** The views of one handle never go back.
//! - **Reads never block.** A view is memory, and about a millisecond behind. [`fresh_view`](crate::Index::fresh_view) asks the
//!   servers, and has everything that was acknowledged on any machine before the call. [`following`](crate::Index::following) tells
//!   when the servers last answered: a view is at most that old. While they answer, that is about a second.
//! - **Without servers** views still answer. Commits and `fresh_view` fail with
//!   [`EngineError::Unreachable`](crate::EngineError::Unreachable) when the patience is over. With
//!   [`stale_after`](crate::OpenOptions::stale_after) they fail at once, with [`EngineError::Stale`](crate::EngineError::Stale), when
//!   the servers were not heard for that long. An index that this machine has can be opened; a new one can't.
//!
//! A commit has the time of the clock of its machine. If clocks differ, a commit never gets an earlier time than the commit before
//! it; it gets the same time. The order of commits is the order of revisions.
//!
//! # What is not promised
//!
//! A new machine can't detect a history that the servers have lost. A machine that has seen more reports it with
//! [`LogError::Lost`](crate::LogError::Lost) or [`LogError::Forked`](crate::LogError::Forked). Its directory still has what was lost:
//! open it and export. All machines need the same version of the format; another version is refused at every request
//! ([`LogError::OtherFormat`](crate::LogError::OtherFormat)).
//!
//! # Costs
//!
//! Each commit is one request, which stores about 150 bytes for a small commit. Callers on one machine that wait at the same time
//! share a request (group commit), so let a machine write through one handle. An idle machine sends one small request per second and
//! keeps one watch. A commit above 256 KiB is stored in parts of 1 MiB, which a small last request names: a bulk load of a million
//! tasks has 16 to 80 parts. They are held in memory as a whole while they are sent and fetched. There is no other limit than that
//! memory and the quota of etcd.
//!
//! Measured by `cargo bench --features etcd --bench shared`, with etcd 3.4.23, all servers and machines on one idle computer with two
//! cores; medians of three runs. The ratios matter more than the times.
//!
//! | | one server | three servers |
//! | --- | ---: | ---: |
//! | a bare put of as many bytes by the same client, by turns with commits, p50 | 0.53 ms | 0.93 ms |
//! | a commit, one writer, p50 / p99 | 0.76 / 2.0 ms | 1.19 / 2.4 ms |
//! | from the acknowledgement until another machine's view has it, p50 / p99 | 0.06 / 0.29 ms | 0.03 / 0.30 ms |
//! | `fresh_view`, p50 | 0.65 ms | 0.90 ms |
//! | 4 machines with 8 threads each, commits per second | 5,400 | 3,600 |
//! | each of these commits, p50 / p99 | 1.2 / 167 ms | 1.8 / 236 ms |
//! | a bulk load of 1M tasks | 0.60 s | 0.63 s |
//! | a new machine with 1M tasks: from the log / from a base | 0.43 / 0.18 s | 0.45 / 0.20 s |
//! | the same machine again, from its own directory | 0.09 s | 0.09 s |
//! | a trim that puts a base of 1M tasks | 0.68 s | 0.73 s |
//!
//! So a commit costs 1.3 bare puts on three servers, and 1.4 on one. Most of the difference is the transaction that compares and puts
//! two keys: alone it costs 1.27 puts on one server.
//!
//! **The client** is `ureq`, on the JSON gateway of etcd: blocking, without a runtime, 9 crates (19 with TLS). `etcd-client` 0.17
//! speaks gRPC, has 91 crates with a runtime, and needs `protoc` to build. On one server, in three interleaved rounds of 500 on a
//! busy machine, a put of 149 bytes took 0.40 to 0.61 ms with `etcd-client` and 0.57 to 0.86 ms with the gateway; reading 32 MiB took
//! 0.07 to 0.14 s and 0.21 to 0.28 s. Most of a commit's time is the servers' agreement, and only new machines read much, so the
//! smaller client is worth the difference.
//!
//! # Operation
//!
//! - **Versions.** etcd 3.4 or newer with its JSON gateway, which is on by default. The tests ran with 3.4.23 and 3.5.1. Watches of
//!   releases before September 2025 may lose events; a commit is then seen within a second, when the head is read. Servers of 3.5.0
//!   to 3.5.2 may diverge when they are killed. Servers of 3.5 before 3.5.7 refuse reads as well when they are full.
//! - **Size.** etcd holds the tail of the log and, after a trim, one base: about 300 bytes per small commit and 16 to 50 bytes per
//!   task. Its quota is 2 GiB unless set.
//! - **Trim.** When the commits on the servers exceed 64 MiB and also the size of the state there
//!   ([`Etcd::trim_after`](crate::Etcd::trim_after)), one machine stores the newest state there and removes the commits before it; of
//!   more than 20,000 it keeps the newest 10,000. So the servers hold at most about twice the state, or 64 MiB plus the state.
//!   Machines keep the commits that they have; [`Index::trim`](crate::Index::trim) on a machine also removes those of that machine.
//!   During a trim the machine holds a lease of 60 seconds, and each of its requests compares it, so a machine that was stopped for
//!   longer does nothing more. Commits go on. A machine that has missed removed commits, and a new one, continue from that state,
//!   even while running.
//! - **Compaction.** etcd keeps old values of keys until it is compacted: set `--auto-compaction-retention`, and defragment after a
//!   trim to make its files smaller.
//! - **Full.** At its quota the cluster refuses all writes ([`EngineError::Full`](crate::EngineError::Full)), including those of a
//!   trim: raise the quota, disarm the alarm, trim, compact and defragment. Reads and openings still work.
//! - **Backup.** [`Index::backup`](crate::Index::backup) on any machine, or a snapshot of etcd. After etcd was restored from a
//!   snapshot, machines that have seen more refuse it, as above: export what is missing, then remove their directories.
//! - **Access.** [`Etcd::user`](crate::Etcd::user), with a role for the keys of the prefix; TLS with the feature `etcd-tls`.
//!
//! # Faults
//!
//! `cargo test --release --features etcd --test etcd -- --ignored --nocapture full_faults` lets three machines, and sometimes a
//! second process on one of them, write and read at random on three servers, 200 times for three to four seconds. Meanwhile servers
//! (the leader, another one, or two of three) are killed, stopped, or cut off from each other or from everybody, or they are
//! compacted and defragmented. At the same time a machine is killed, stopped or cut off, loses its directory, or loses the answers to
//! its requests. Afterwards every acknowledged commit must be in the history, once and at its revision; no refused commit may be; a
//! commit with an unknown outcome must be there before the next commit of the same machine, or never. A fresh view must have all
//! commits acknowledged before it, no view may go back, and all machines and a new one must be equal.
//!
//! | | 200 runs, etcd 3.4.23, with trims | 200, without, longer faults | 200, without | 24, etcd 3.5.1 |
//! | --- | ---: | ---: | ---: | ---: |
//! | acknowledged commits | 48,335 | 52,684 | 40,444 | 4,932 |
//! | unknown outcomes | 171 | 71 | 36 | 8 |
//! | trims | 2,971 | – | – | – |
//! | acknowledged and lost, or done twice | 0 | 0 | 0 | 0 |
//! | machines that differ, views that went back, calls that hung | 0 | 0 | 0 | 0 |
//!
//! `tests/machines.rs` does the same without servers, deterministically: the log of each machine refuses, fails, loses answers,
//! delays appends, and is trimmed, in 100,000 interleavings (`full_machines`).
//!
//! # Traps
//!
//! Mistakes that a log on etcd can make, and how this one avoids them.
//!
//! - **Trusting the news of a watch.** Watches have lost events, and are silent at a server that is cut off. Here they are hints:
//!   revisions without a gap prove that nothing is missing, the newest revision is read once per second, and a watch without news is
//!   started again after five seconds.
//! - **Reading old data from a server that is cut off.** Every read is confirmed by a majority. A machine that reaches no other
//!   server keeps its view and says how old it may be.
//! - **A request without an answer that is carried out later.** It is sent again unchanged. Whichever of the two comes first, the
//!   comparison of the head refuses the other, and the random id of the entry tells whose it is. Reading alone would not tell: the
//!   request may still arrive.
//! - **Judging by the revision what became of a commit.** Another machine may have that revision. Here the id of the entry decides,
//!   also for commits that share a request.
//! - **Creating an entry where there is none.** After a trim, a machine that slept could create a revision of long ago. Here an
//!   append compares the head.
//! - **A call that hangs.** Each request has its own time-out. After two seconds of silence the next server is tried; the server that
//!   answered is asked first the next time.
//! - **Holding a lock across the network.** Views never block. Only commits and the following of the same machine wait for a commit
//!   under way, until it is answered or given up.
//! - **Machines that are behind and retry at once**, so that none gets ahead. Here they pause for random, growing times, and a
//!   machine sends the commits of all its threads as one.
//! - **Opening while others commit.** A head that has moved on is no damage: the opening reads on.
//! - **Machines that write the same rows, or remove those of another.** Each machine has its own rows. A value that is too large for
//!   one key is stored under a new id, and counts when a last request names it.
//! - **A commit larger than a request may be.** It is stored in parts of 1 MiB.
//! - **A compaction that passes what is being read.** Nothing is read at an old revision of the servers. A watch that would begin at
//!   one begins with a read.
//! - **Deletes are writes.** A trim removes ranges, 10,000 revisions at once, and the servers keep nothing else per commit.
//! - **Taking a trimmed log for damage.** A trimmed log begins with its base, as in an index of one machine; verification and backups
//!   know that as well.
//! - **A full quota stops all writes**, including those of others in the same cluster. See above for what to do; the handle goes on.
//! - **A commit that pays for the checkpoint.** Each machine writes its own, in the background.
//! - **Clocks that differ.** See above: times never go back.
//! - **A newer version that writes what an older one can't read.** Every request compares the format.
//! - **A package that starts a service when it is installed.** The tests start their own servers, on free ports and in temporary
//!   directories.
