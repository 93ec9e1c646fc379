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
//! Times of commits are those of the machines' clocks, and may go back from one commit to the next. The order is that of revisions.
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
//! that others used as well (load 5 to 8): the proportions matter.
//!
//! | | one server | three servers |
//! | --- | ---: | ---: |
//! | a bare put by the same client, p50 | 0.39 ms | 0.77 ms |
//! | a commit, one writer, p50 / p99 | 1.2 / 4.9 ms | 1.6 / 5.2 ms |
//! | from the acknowledgement until another machine's view has it, p50 / p99 | 0 / 0.7 ms | 0 / 0.5 ms |
//! | `fresh_view`, p50 | 0.69 ms | 0.82 ms |
//! | 4 machines with 8 threads each, commits per second | 3,500 | 2,600 |
//! | each of these commits, p50 / p99 | 1.6 / 230 ms | 2.8 / 230 ms |
//! | a bulk load of 1M tasks | 0.76 s | 0.93 s |
//! | a new machine with 1M tasks: from the log / from a base | 0.61 / 0.31 s | 0.61 / 0.24 s |
//! | the same machine again, from its own directory | 0.19 s | 0.12 s |
//! | a trim that puts a base of 1M tasks | 0.83 s | 0.86 s |
//!
//! ## Operation
//!
//! - **Versions.** etcd 3.4 or newer with its JSON gateway, which is on by default. Watches of releases before September 2025 may lose
//!   events; then a commit is seen within a second, when the head is read.
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
