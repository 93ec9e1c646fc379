//! Clusters of etcd on loopback, on free ports, in a temporary directory; killed when they are dropped.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// How long a cluster may take to elect a leader on a busy machine.
const START: Duration = Duration::from_secs(60);

pub(crate) struct Cluster {
    directory: TempDir,
    members: Vec<Member>,
    pub(crate) more: Vec<String>,
}

struct Member {
    client: u16,
    peer: u16,
    /// Where the other members reach it.
    advertised: u16,
    process: Option<Child>,
}

impl Cluster {
    /// Starts so many servers, with further options, in which `{client}` is the address of a server, and waits for their leader. `None` without etcd, unless the variable
    /// RI_REQUIRE_ETCD asks for it.
    pub(crate) fn start(count: usize, more: &[&str]) -> Option<Cluster> {
        Cluster::start_apart(count, more, |peer| peer)
    }

    /// The same, with members that reach each other at the ports that `advertise` makes of those where they listen.
    pub(crate) fn start_apart(count: usize, more: &[&str], mut advertise: impl FnMut(u16) -> u16) -> Option<Cluster> {
        let is_there = Command::new("etcd").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        if is_there.is_err() {
            assert!(std::env::var_os("RI_REQUIRE_ETCD").is_none(), "RI_REQUIRE_ETCD is set, and there is no etcd");
            println!("skipped: no etcd server; apt-get install etcd-server");
            return None;
        }
        let free = || TcpListener::bind("127.0.0.1:0").unwrap();
        // All are held until all are known, so that they differ.
        let held: Vec<_> = (0..count).map(|_| (free(), free())).collect();
        let port = |listener: &TcpListener| listener.local_addr().unwrap().port();
        let members = held.iter().map(|(client, peer)| (port(client), port(peer)));
        let members = members.map(|(client, peer)| {
            let advertised = advertise(peer);
            Member { client, peer, advertised, process: None }
        });
        let members = members.collect();
        drop(held);
        let more = more.iter().map(|option| (*option).to_owned()).collect();
        let mut cluster = Cluster { directory: tempfile::tempdir().unwrap(), members, more };
        (0..count).for_each(|member| cluster.run(member));
        cluster.wait_until_ready();
        Some(cluster)
    }

    /// The port at which a member answers clients.
    pub(crate) fn port(&self, member: usize) -> u16 {
        self.members[member].client
    }

    pub(crate) fn endpoints(&self) -> Vec<String> {
        self.members.iter().map(|member| format!("http://127.0.0.1:{}", member.client)).collect()
    }

    /// Starts a member that does not run.
    pub(crate) fn run(&mut self, member: usize) {
        let url = |port| format!("http://127.0.0.1:{port}");
        let all: Vec<_> =
            self.members.iter().enumerate().map(|(at, other)| format!("m{at}={}", url(other.advertised))).collect();
        let log = std::fs::File::create(self.directory.path().join(format!("m{member}.log"))).unwrap();
        let data = self.directory.path().join(format!("m{member}"));
        let this = &mut self.members[member];
        let mut command = Command::new("etcd");
        command.args(["--name", &format!("m{member}"), "--data-dir"]).arg(data);
        command.args(["--listen-client-urls", &url(this.client), "--advertise-client-urls", &url(this.client)]);
        command.args(["--listen-peer-urls", &url(this.peer), "--initial-advertise-peer-urls", &url(this.advertised)]);
        command.args(["--initial-cluster", &all.join(","), "--logger", "zap", "--log-level", "error"]);
        let more = self.more.iter().map(|option| option.replace("{client}", &url(this.client)));
        command.args(more).stdout(Stdio::null()).stderr(log);
        this.process = Some(command.spawn().unwrap());
    }

    /// Waits until a write is possible at every member that runs.
    pub(crate) fn wait_until_ready(&self) {
        let start = Instant::now();
        for member in 0..self.members.len() {
            while self.members[member].process.is_some() && !self.is_ready(member) {
                assert!(start.elapsed() < START, "etcd does not get ready: {}", self.log(member));
                thread::sleep(Duration::from_millis(50));
            }
        }
    }

    fn is_ready(&self, member: usize) -> bool {
        self.post(member, "/v3/kv/put", r#"{"key":"cmVhZHk=","value":""}"#)
            .is_ok_and(|answer| answer.contains("header"))
    }

    fn log(&self, member: usize) -> String {
        std::fs::read_to_string(self.directory.path().join(format!("m{member}.log"))).unwrap_or_default()
    }

    /// Asks a member something; returns headers and body.
    pub(crate) fn post(&self, member: usize, path: &str, body: &str) -> io::Result<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.members[member].client))?;
        stream.set_read_timeout(Some(Duration::from_secs(3)))?;
        write!(stream, "POST {path} HTTP/1.0\r\ncontent-length: {}\r\n\r\n{body}", body.len())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }

    /// A field of the status of a member, if it answers.
    pub(crate) fn status(&self, member: usize, field: &str) -> Option<String> {
        let answer = self.post(member, "/v3/maintenance/status", "{}").ok()?;
        answer.split(field).nth(1)?.split('"').nth(2).map(str::to_owned)
    }

    /// Forgets all old values at the newest revision of the servers, and waits until their place is free.
    pub(crate) fn compact(&self) {
        let revision = self.status(0, "revision").unwrap();
        // It is an error if it was done before.
        drop(self.post(0, "/v3/kv/compaction", &format!(r#"{{"revision":"{revision}","physical":true}}"#)));
    }

    /// Makes the file of a server as small as what is in it.
    pub(crate) fn defragment(&self, member: usize) {
        // A server that takes longer than the call goes on by itself.
        drop(self.post(member, "/v3/maintenance/defragment", "{}"));
    }

    /// The member that leads.
    pub(crate) fn leader(&self) -> usize {
        let start = Instant::now();
        loop {
            for member in (0..self.members.len()).filter(|member| self.members[*member].process.is_some()) {
                let id = self.status(member, "member_id");
                if id.is_some() && id == self.status(member, "leader") {
                    return member;
                }
            }
            assert!(start.elapsed() < START, "nobody leads");
            thread::sleep(Duration::from_millis(50));
        }
    }

    pub(crate) fn kill(&mut self, member: usize) {
        if let Some(mut process) = self.members[member].process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    /// Stops a member, or lets it go on: STOP or CONT.
    pub(crate) fn signal(&self, member: usize, signal: &str) {
        let process = self.members[member].process.as_ref().unwrap().id();
        assert!(Command::new("kill").args([&format!("-{signal}"), &process.to_string()]).status().unwrap().success());
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // SIGKILL also ends one that is stopped.
        (0..self.members.len()).for_each(|member| self.kill(member));
    }
}
