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
use crate::model::{Error, LogError, Result};

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

#[test]
fn a_machine_that_is_behind_a_trim_goes_on_after_the_base() {
    let Some(server) = Server::start() else { return };
    let machines = [Machine::new(), Machine::new(), Machine::new()];
    let [one, other, empty] = machines.each_ref().map(|machine| machine.open(&server, "behind"));
    super::help::fill(&one, &[b"1", b"2"]);
    assert_eq!(other.0.newest().unwrap().revision, 2);
    // Another process of that machine, which has read as far.
    let path = machines[1].0.path().join("log");
    let second = FileLog::open(&path, options(Access::Lazy)).unwrap();
    let (before, _) = second.end().unwrap();
    let head = super::help::fill(&one, &[b"3", b"4", b"5"]);
    let tag = super::help::all(&one, 4)[0].tag();
    let base = Base { head, tag, payload: super::help::cut(tag, b"base") };
    one.put_base(&base).unwrap();
    one.trim(5).unwrap();
    let newest = super::help::fill(&one, &[b"6"]);
    for behind in [&other.0, &empty.0] {
        assert_eq!(behind.newest().unwrap(), newest);
        assert!(matches!(behind.read(4, 1), Err(Error::Log(LogError::Trimmed { asked: 4, oldest: 5 }))));
        assert_eq!(super::help::payloads(&super::help::all(behind, 5)), [b"6"]);
        assert_eq!(behind.read_base(5).unwrap(), base);
        assert_eq!(behind.check().unwrap(), []);
    }
    assert_eq!((before.revision, second.end().unwrap().0), (2, newest), "it follows");
    let newest = super::help::fill(&other, &[b"7"]);
    assert_eq!(one.end().unwrap().0, newest);
    assert_eq!(second.end().unwrap().0, newest);
    drop((other, second));
    let again = machines[1].open(&server, "behind");
    assert_eq!(super::help::payloads(&super::help::all(&again, 5)), [b"6", b"7"]);
    assert_eq!(again.oldest(), 5);
}

/// A post to the server with keys in base64.
fn edit(server: &Server, path: &str, fields: &[(&str, &str)]) -> String {
    use base64::Engine;
    let encoded = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    let fields: Vec<_> = fields.iter().map(|(name, text)| format!(r#""{name}":"{}""#, encoded(text))).collect();
    server.0.post(0, path, &format!("{{{}}}", fields.join(","))).unwrap()
}

#[test]
fn one_machine_at_a_time_replaces_the_beginning_and_one_that_has_lost_the_right_does_nothing() {
    let Some(server) = Server::start() else { return };
    let machines = [Machine::new(), Machine::new(), Machine::new()];
    let open = |machine: &Machine| {
        let address = Etcd::new(server.0.endpoints(), "keeper").trim_after(Some(1));
        let (shared, path) = (Arc::new(SharedLog::new(&address).unwrap()), machine.0.path().join("log"));
        shared.create_copy(&path, options(Access::Lazy), true).unwrap();
        EtcdLog::open(shared, FileLog::open(&path, options(Access::Lazy)).unwrap()).unwrap().0
    };
    let (one, other) = (open(&machines[0]), open(&machines[1]));
    let head = super::help::fill(&one, &[b"1", b"2", b"3"]);
    let tag = super::help::all(&one, 2)[0].tag();
    let base = Base { head, tag, payload: super::help::cut(tag, b"base") };
    let part = "keeper/part/base-0000000000000001-killed/00000000";
    edit(&server, "/v3/kv/put", &[("key", part), ("value", "left by one that was killed")]);
    let has = |key: &str| edit(&server, "/v3/kv/range", &[("key", key)]).contains("kvs");
    // While one makes a base, the other does not.
    let lost = one.renew_base(&mut || {
        assert!(!other.renew_base(&mut || panic!("it is not its turn")).unwrap());
        // As if this machine had been stopped for a minute.
        edit(&server, "/v3/kv/deleterange", &[("key", "keeper/keeper")]);
        Ok(base.clone())
    });
    assert!(matches!(lost, Err(Error::Log(LogError::Busy { .. }))), "{lost:?}");
    assert!(has(part) && !has("keeper/base") && !has("keeper/oldest"));
    other.newest().unwrap();
    assert!(other.is_base_due() && !other.is_base_due(), "it is tried now and then");
    assert!(other.renew_base(&mut || Ok(base.clone())).unwrap());
    assert!(!has(part) && has("keeper/base") && has("keeper/oldest") && !has("keeper/keeper"));
    assert!(!has(&format!("keeper/log/{:016x}", 3)), "the entries are in the base");
    // Whoever has the entries keeps them.
    assert_eq!(super::help::all(&one, 0).len(), 3);
    let new = open(&machines[2]);
    assert_eq!((new.oldest(), new.newest().unwrap()), (3, head));
    assert_eq!(new.read_base(3).unwrap(), base);
}
