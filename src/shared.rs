//! # Several machines
//!
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
//! // On another machine, which was told of the revision:
//! let view = index.wait_for(1, Duration::from_secs(5));
//! assert_eq!(view.lead("plan/1"), Some("Transport"));
//! # Ok::<(), responsibility_index::Error>(())
//! ```
//!
//! Only the log of commits is shared. The directory of a machine has a copy of the log and the checkpoint of this machine; both may be
//! lost and are fetched again. Several processes of one machine may open the same directory, as they may open one that is
//! not shared: see [`processes`](crate::processes).
//!
//! ## What is promised
//!
//! - **One history**, the same on every machine: revisions have no gap, and a cursor of one machine is good on another.
//! - **An acknowledged commit is durable** on a majority of the servers, and a refused one changes nothing. A commit whose
//!   answer is lost is sent again, with its id, until its outcome is known or the [patience](crate::Etcd::patience) is over. Then it is
//!   [`EngineError::Unknown`](crate::EngineError::Unknown): it is in the history or will never be, as the next commit of whatever machine
//!   settles. The handle goes on, and [`outcome`](crate::Index::outcome) tells how it ended. Callers that share a request do not wait for
//!   longer than the patience and one attempt at each server.
//! - **No lost update.** Edits of a machine that is behind are planned again on the newest state, with their conditions. A
//!   refusal, too, is judged on a state that is not older than the call, while the servers answer. When other machines are always
//!   first, a commit is tried for 10 seconds; then it is [`Conflict::Busy`](crate::Conflict::Busy).
//! - **Each machine goes forward.** The views of one handle never go back.
//! - **Reads wait for nobody.** A view is memory, and is behind by about a millisecond. [`fresh_view`](crate::Index::fresh_view) asks
//!   the servers, and has everything that was acknowledged on any machine before the call. [`following`](crate::Index::following) tells
//!   when the servers were last heard: a view may be older by so much. While they answer, that is about a second.
//! - **Without servers** views go on. Commits are [`EngineError::Unreachable`](crate::EngineError::Unreachable) when the patience is over,
//!   and `fresh_view` likewise; or at once, with [`stale_after`](crate::OpenOptions::stale_after). An index that this machine has can be opened; a new one can't.
//!
//! Times of commits are those of the machines' clocks. Where these differ, a commit gets the time of the one before it rather
//! than an earlier one. The order is that of revisions.
//!
//! ## What is not
//!
//! A history that the servers have lost can't be detected by a new machine. A machine that has seen more says so: it is
//! [`LogError::Lost`](crate::LogError::Lost) or [`LogError::Forked`](crate::LogError::Forked), and its directory still has what was lost: open it, and
//! export. All machines need the same version of the format; another one is refused ([`LogError::OtherFormat`](crate::LogError::OtherFormat)),
//! at every request.
//!
//! ## Costs
//!
//! Each commit is one request, which stores about 150 bytes for a small one. Callers of one machine that wait at the same time share a
//! request (group commit), so let a machine write through one handle. An idle machine sends one small request per second and keeps
//! one watch. Commits above 256 KiB are put in parts of 1 MiB, and named by a last small request: a bulk load of a million tasks is
//! 16 to 80 of them. They are held in memory as a whole while they are sent and fetched.
//! There is no other limit than that memory and the quota of etcd.
//!
//! Measured by `cargo bench --features etcd --bench shared`, with etcd 3.4.23, all servers and machines on one computer with two cores
//! and nothing else to do; medians of three runs. The proportions matter.
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
//! So a commit costs 1.3 bare puts on three servers, and 1.4 on one. The transaction that compares and puts two keys is most of that:
//! alone it costs 1.27 puts on one server.
//!
//! **The client** is `ureq`, on the JSON gateway of etcd: blocking, without a runtime, 9 crates (19 with TLS). `etcd-client` 0.17 speaks
//! gRPC, has 91 crates with a runtime, and needs `protoc` to build. On one server, in three interleaved rounds of 500 on a busy machine,
//! a put of 149 bytes took 0.40 to 0.61 ms with it and 0.57 to 0.86 ms with the gateway; reading 32 MiB took 0.07 to 0.14 s, and
//! 0.21 to 0.28 s. Most of a commit is the servers' agreement, and only new machines read much: the smaller client is worth that.
//!
//! ## Operation
//!
//! - **Versions.** etcd 3.4 or newer with its JSON gateway, which is on by default. The tests were run with 3.4.23 and 3.5.1. Watches of
//!   releases before September 2025 may lose events; then a commit is seen within a second, when the head is read. Servers of 3.5.0 to
//!   3.5.2 may come to differ when they are killed. Those of 3.5 before 3.5.7 refuse reads as well when they are full.
//! - **Size.** etcd holds the tail of the log and, after a trim, one base: about 300 bytes per small commit and 16 to 50 bytes per
//!   task. Its quota is 2 GiB unless set.
//! - **Trim.** When the commits there have more than 64 MiB, and more than the state there
//!   ([`Etcd::trim_after`](crate::Etcd::trim_after)), one machine puts the newest state there, and removes the commits before it but the
//!   newest 10,000. So the servers hold at most about twice the state, or 64 MiB and the state. Machines keep the commits that they
//!   have: [`Index::trim`](crate::Index::trim) on one of them removes those, too, of that machine. The machine holds a lease of 60 seconds
//!   meanwhile, and each of its requests compares it, so a machine that was stopped for longer does nothing more. Commits go on. A machine
//!   that was away for longer, and a new one, go on from that state, also while they run.
//! - **Compaction.** etcd keeps old values of keys until it is compacted: set `--auto-compaction-retention`, and defragment after a
//!   trim to make its files smaller.
//! - **Full.** At its quota the cluster refuses all writes ([`EngineError::Full`](crate::EngineError::Full)), and also the writes of a trim:
//!   raise the quota, disarm the alarm, trim, compact and defragment. Reads and openings go on.
//! - **Backup.** [`Index::backup`](crate::Index::backup) on any machine, or a snapshot of etcd. After etcd was set back to a snapshot, machines
//!   that have seen more refuse it, as above: export what is missing, then remove their directories.
//! - **Access.** [`Etcd::user`](crate::Etcd::user), with a role for the keys of the prefix; TLS with the feature `etcd-tls`.
//!
//! ## Faults
//!
//! `cargo test --release --features etcd --test etcd -- --ignored --nocapture full_faults` lets three machines, and sometimes a second
//! process of one of them, write and read at random on three servers, 200 times for three to four seconds. Meanwhile servers are
//! killed, stopped, or cut off from each other or from all: the leader, another one, or two of three; or they are compacted and
//! defragmented. At the same time a machine is killed, stopped or cut off, loses its directory, or loses the answers to what it asks.
//! Afterwards every acknowledged commit must be in the history, once and at its revision; what was refused must not be; what ended
//! unknown must be there before the next commit of the same machine, or never. A fresh view must have all that was acknowledged
//! before, no view may go back, and all machines and a new one must have the same.
//!
//! | | 200 runs, etcd 3.4.23, with trims | 200, without, longer faults | 200, without | 24, etcd 3.5.1 |
//! | --- | ---: | ---: | ---: | ---: |
//! | acknowledged commits | 45,093 | 52,684 | 40,444 | 4,932 |
//! | unknown outcomes | 137 | 71 | 36 | 8 |
//! | trims | 2,868 | – | – | – |
//! | acknowledged and lost, or done twice | 0 | 0 | 0 | 0 |
//! | machines that differ, views that went back, calls that hung | 0 | 0 | 0 | 0 |
//!
//! `tests/machines.rs` does the same without servers, deterministically: the log of each machine refuses, fails, loses answers, does
//! appends late, and is trimmed, in thousands of interleavings.
//!
//! ## Traps
//!
//! What a log on etcd can get wrong, and why this one does not.
//!
//! - **News of a watch is trusted.** Watches have lost events, and are silent at a server that is cut off. Here they are hints: revisions
//!   without a gap prove that nothing is missing, the newest revision is read once per second, and a watch without news is begun
//!   again after five seconds.
//! - **A server that is cut off tells the past.** Every read is confirmed by a majority. A machine that reaches no other server keeps its
//!   view and says how old that may be.
//! - **A request without an answer is done later.** It is sent again as it was. Whichever of both comes first, the comparison of the head
//!   refuses the other one, and the random id of the entry tells whose it is. Reading alone would not tell: the request may still come.
//! - **A revision decides what became of a commit.** Another machine may have it. Here the id of the entry decides, also for commits that share
//!   a request.
//! - **An entry is created where there is none.** After a trim, a machine that slept could create a revision of long ago. Here an append
//!   compares the head.
//! - **A call hangs.** Each request has a time-out of its own. A server that is silent for two seconds is given up for the next one; the one
//!   that has answered is asked first the next time.
//! - **A lock is held across the network.** Views wait for nobody. Only commits of the same machine and its following wait for a commit that
//!   is on its way, until it is answered or given up.
//! - **Machines that are behind try again at once**, and keep each other from getting on. Here they rest at random, longer each time,
//!   and a machine sends the commits of all its threads as one.
//! - **An index opens while others commit.** A head that has moved on is no damage: the opening reads on.
//! - **Machines write the same rows, or remove those of another one.** Rows are each machine's own. Whatever is too large for one value is put
//!   under an id that is new, and counts when a last request names it.
//! - **A commit is larger than a request may be.** It is put in parts of 1 MiB.
//! - **A compaction passes what is being read.** Nothing is read at an old revision of the servers. A watch that would begin at one begins with
//!   a read.
//! - **Deletes are writes.** A trim removes ranges, 10,000 revisions at once, and nothing else is kept per commit.
//! - **A trimmed log is taken for damage.** It begins with its base, here as in an index of one machine, for verification and backups as well.
//! - **A quota that is reached stops all writes**, also those of others in the same cluster. See above for what to do; the handle goes on.
//! - **Some commit pays for the checkpoint.** Each machine writes its own, in the background.
//! - **Clocks differ.** See above: times never fall.
//! - **A newer version writes what an older one can't read.** Every request compares the format.
//! - **A package starts a service where it is installed.** The tests start their own servers, on free ports and in temporary directories.
