//! A log that several machines share, in etcd.
//!
//! *Input*: appends, reads and trims of any number of machines; servers that are killed, stopped or cut off, requests and answers that
//! are lost, late, or done twice; copies of the log on the machines that are lost. *Output*: one sequence of entries, the same on
//! every machine; each machine has a copy of it in files, from which it reads.
//!
//! Keys, after the prefix: `format` (name and version), `id` (of the log), `head` (revision and id of the newest entry),
//! `log/<last revision>` (the entries of one append), `oldest` (after which revision the entries are kept), `base` (the
//! state with which a new machine begins after a trim), `part/…` (what is larger than a value may be), `keeper` (who
//! trims).
//!
//! *Invariants*
//! 1. Whoever writes `log/…` writes `head` in the same transaction, which compares `head` with the entry that the append
//!    follows: one sequence, no gap. Ids are random, so no other head compares equal by chance.
//! 2. Every transaction compares `format` and `id`; that of an append compares `head`, which begins with the number of the format
//!    and is of one log alone: a machine never reads or writes another log. Another format gets another head in the same
//!    transaction.
//! 3. A copy gets entries in the order of the log, each append whole; an entry that does not follow the copy by its id is
//!    never put into it.
//! 4. `oldest` is at or below the revision of `base`.
//!
//! *Append*: one transaction. Refused, it returns what follows. Without an answer the same transaction is sent again, to
//! the next server: refused then, and the entry there is this one, it was done; another one, and it never will be. Only the
//! comparison closes the door: a request without an answer may be done late.
//!
//! *Follow*: read what is after the copy, then watch from the next revision of the servers on. News of a watch is put into
//! the copy if it fits, and otherwise read: watches of etcd have lost events. The head is read once per second besides,
//! because a watch that is cut off is silent.
//!
//! *Trim*: a tail that has outgrown its base is replaced by a new one, by one machine under a lease: see `keeper`.
//!
//! *Behind a trim*: a copy whose next entries were removed goes on after the base.
//!
//! *Cost*: one request per append and one per second and machine. No lock is held while a server is asked.

mod client;
mod etcd_log;
mod fetch;
mod keeper;
mod news;
mod options;
mod shared_log;
#[cfg(feature = "etcd-tls")]
mod tls;
mod values;
mod wire;

#[cfg(test)]
pub(crate) use self::etcd_log::EtcdLog;
pub use self::options::Etcd;
pub(crate) use self::shared_log::SharedLog;
