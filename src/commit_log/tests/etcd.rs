//! Shared logs on a real server, for the promises of every log.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::help::options;
use crate::commit_log::etcd::EtcdLog;
use crate::commit_log::{
    Access, Appended, Base, CommitLog, EachBasePiece, EachPiece, Entry, Etcd, FileLog, Head, Original, Position,
    SharedLog, Tail,
};
use crate::id::Revision;
use crate::model::{LogError, Result};

#[expect(dead_code, reason = "these tests need a part of it only")]
#[path = "../../../tests/etcd/cluster.rs"]
mod cluster;

use cluster::Cluster;

pub(super) struct Server(Cluster);

impl Server {
    pub(super) fn start() -> Option<Server> {
        Cluster::start(1, &[]).map(Server)
    }

    pub(super) fn shared(&self, prefix: &str) -> Arc<SharedLog> {
        Arc::new(SharedLog::new(&Etcd::new(self.0.endpoints(), prefix)).unwrap())
    }

    #[expect(clippy::unused_self, reason = "it says of what")]
    pub(super) fn is_for_one_machine(&self, promise: &str) -> bool {
        println!("one machine: {promise}");
        true
    }

    /// Each machine has its own bases, and one that is behind a trim needs a new copy.
    #[expect(clippy::unused_self, reason = "it says of what")]
    pub(super) fn is_for_two_machines(&self, promise: &str) -> bool {
        let of_copies =
            promise.starts_with("a_base_is") || promise.starts_with("pieces_come_back") || promise.contains("trim");
        let is = !of_copies;
        if is {
            println!("two machines: {promise}");
        }
        is
    }
}

/// A machine with its directory.
pub(super) struct Machine(TempDir);

impl Machine {
    pub(super) fn new() -> Machine {
        Machine(tempfile::tempdir().unwrap())
    }

    pub(super) fn open(&self, server: &Server, prefix: &str) -> Looking {
        let (shared, path) = (server.shared(prefix), self.0.path().join("log"));
        if !path.exists() {
            shared.create_copy(&path, options(Access::Lazy), true).unwrap();
        }
        let copy = FileLog::open(&path, options(Access::Lazy)).unwrap();
        let (log, trouble) = EtcdLog::open(shared, copy).unwrap();
        assert_eq!(trouble, None);
        Looking(log)
    }
}

/// A shared log that fetches what is newest before each answer: the promises speak of what is shown, and another
/// machine's entries are shown late.
pub(super) struct Looking(EtcdLog);

impl Looking {
    fn look(&self) -> Result<&EtcdLog> {
        self.0.newest()?;
        Ok(&self.0)
    }
}

impl CommitLog for Looking {
    fn append(&self, from: Revision, entries: &[Entry]) -> Result<Appended> {
        self.0.append(from, entries)
    }

    fn read(&self, after: Revision, most_bytes: usize) -> Result<Tail> {
        self.look()?.read(after, most_bytes)
    }

    fn scan(&self, after: Revision, each: &mut EachPiece<'_>) -> Result<Head> {
        self.look()?.scan(after, each)
    }

    fn scan_tag(&self, tag: u64, each: &mut EachPiece<'_>) -> Result<()> {
        self.look()?.scan_tag(tag, each)
    }

    fn wait(&self, after: Revision, patience: Duration) -> Result<Head> {
        self.0.wait(after, patience)
    }

    fn end(&self) -> Result<(Head, Position)> {
        self.look()?.end()
    }

    fn oldest(&self) -> Revision {
        self.0.oldest()
    }

    fn check(&self) -> Result<Vec<LogError>> {
        self.0.check()
    }

    fn close(&self) -> Result<()> {
        self.0.close()
    }

    fn sync(&self) -> Result<Revision> {
        self.look()?.sync()
    }

    fn bases(&self) -> Result<Vec<Revision>> {
        self.0.bases()
    }

    fn read_base(&self, revision: Revision) -> Result<Base> {
        self.0.read_base(revision)
    }

    fn scan_base(&self, revision: Revision, each: &mut EachBasePiece<'_>) -> Result<(Head, u64)> {
        self.0.scan_base(revision, each)
    }

    fn scan_base_tag(&self, revision: Revision, tag: u64, each: &mut EachBasePiece<'_>) -> Result<(Head, u64)> {
        self.0.scan_base_tag(revision, tag, each)
    }

    fn put_base(&self, base: &Base) -> Result<()> {
        self.look()?.put_base(base)
    }

    fn trim(&self, up_to: Revision) -> Result<()> {
        self.0.trim(up_to)
    }
}

#[test]
fn a_wait_is_woken_by_another_machine_at_once() {
    let Some(server) = Server::start() else { return };
    let machines = [Machine::new(), Machine::new()];
    let [one, other] = machines.each_ref().map(|machine| machine.open(&server, "wake"));
    for round in 0..20 {
        std::thread::scope(|scope| {
            let waits = scope.spawn(|| {
                while other.0.wait(round, Duration::from_secs(20)).unwrap().revision <= round {}
                Instant::now()
            });
            // The watch has begun.
            std::thread::sleep(Duration::from_millis(if round == 0 { 500 } else { 20 }));
            super::help::fill(&one.0, &[b"x"]);
            let done = Instant::now();
            let woken = waits.join().unwrap().saturating_duration_since(done);
            assert!(woken < Duration::from_millis(900), "round {round}: woken after {woken:?}");
        });
    }
}
