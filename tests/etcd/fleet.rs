//! A cluster of three servers whose connections can be cut: from each other, and from each machine by itself.

use std::thread;
use std::time::Duration;

use crate::cluster::Cluster;
use crate::proxy::{Proxy, Traffic};
use crate::random::Random;

pub(crate) const SERVERS: usize = 3;
/// Elections take half a second, not more, so that runs are short; a log of this length is replayed at a start.
const OPTIONS: [&str; 6] = ["--heartbeat-interval", "50", "--election-timeout", "500", "--snapshot-count", "5000"];

pub(crate) struct Fleet {
    pub(crate) cluster: Cluster,
    /// For each server where the others reach it.
    peers: Vec<Proxy>,
    /// The ids of the servers.
    ids: Vec<String>,
}

/// What befalls the servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    Nothing,
    KillLeader,
    KillFollower,
    StopLeader,
    StopFollower,
    /// From the other servers; machines reach it.
    CutLeader,
    CutFollower,
    /// From all.
    DarkLeader,
    KillTwo,
    StopTwo,
    CompactAll,
    DefragmentAll,
}

/// All of them, so that each comes as often as the others.
pub(crate) const FAULTS: [Fault; 12] = [
    Fault::KillLeader,
    Fault::CutLeader,
    Fault::StopLeader,
    Fault::KillTwo,
    Fault::DarkLeader,
    Fault::CompactAll,
    Fault::StopTwo,
    Fault::KillFollower,
    Fault::CutFollower,
    Fault::DefragmentAll,
    Fault::StopFollower,
    Fault::Nothing,
];

impl Fleet {
    pub(crate) fn start() -> Option<Fleet> {
        let mut peers = Vec::new();
        let cluster = Cluster::start_apart(SERVERS, &OPTIONS, |peer| {
            let proxy = Proxy::start(peer, true);
            let port = proxy.port;
            peers.push(proxy);
            port
        })?;
        let id = |member| format!("{:x}", cluster.status(member, "member_id").unwrap().parse::<u64>().unwrap());
        let ids = (0..SERVERS).map(id).collect();
        Some(Fleet { cluster, peers, ids })
    }

    /// Lets a fault begin. Returns the servers that it concerns.
    pub(crate) fn begin(&mut self, fault: Fault, traffic: Traffic, random: &mut Random) -> Vec<usize> {
        let leader = self.cluster.leader();
        let follower = (leader + 1 + random.index(SERVERS - 1)) % SERVERS;
        match fault {
            Fault::Nothing => vec![],
            Fault::KillLeader => self.each(&[leader], |fleet, server| fleet.cluster.kill(server)),
            Fault::KillFollower => self.each(&[follower], |fleet, server| fleet.cluster.kill(server)),
            Fault::KillTwo => self.each(&[leader, follower], |fleet, server| fleet.cluster.kill(server)),
            Fault::StopLeader => self.each(&[leader], |fleet, server| fleet.cluster.signal(server, "STOP")),
            Fault::StopFollower => self.each(&[follower], |fleet, server| fleet.cluster.signal(server, "STOP")),
            Fault::StopTwo => self.each(&[leader, follower], |fleet, server| fleet.cluster.signal(server, "STOP")),
            Fault::CutLeader | Fault::DarkLeader => self.each(&[leader], |fleet, server| fleet.cut(server, traffic)),
            Fault::CutFollower => self.each(&[follower], |fleet, server| fleet.cut(server, traffic)),
            Fault::CompactAll => {
                self.cluster.compact();
                vec![]
            }
            Fault::DefragmentAll => {
                (0..SERVERS).for_each(|server| self.cluster.defragment(server));
                vec![]
            }
        }
    }

    fn each(&mut self, servers: &[usize], act: impl Fn(&mut Fleet, usize)) -> Vec<usize> {
        servers.iter().for_each(|server| act(self, *server));
        servers.to_vec()
    }

    /// Ends a fault of servers, and waits until all can be written to.
    pub(crate) fn end(&mut self, fault: Fault, servers: &[usize]) {
        for server in servers {
            match fault {
                Fault::KillLeader | Fault::KillFollower | Fault::KillTwo => self.cluster.run(*server),
                Fault::StopLeader | Fault::StopFollower | Fault::StopTwo => self.cluster.signal(*server, "CONT"),
                _ => self.cut(*server, Traffic::Passes),
            }
        }
        self.cluster.wait_until_ready();
    }

    /// Cuts a server off from the others, or lets it reach them again.
    pub(crate) fn cut(&self, server: usize, traffic: Traffic) {
        for (place, peer) in self.peers.iter().enumerate() {
            if place == server { peer.set(traffic) } else { peer.set_from(&self.ids[server], traffic) }
        }
    }

    /// Removes all keys, so that runs stay short.
    pub(crate) fn empty(&self) {
        thread::sleep(Duration::from_millis(10));
        // All keys from "run" to "rvn".
        let all = r#"{"key":"cnVu","range_end":"cnZu"}"#;
        assert!(self.cluster.post(0, "/v3/kv/deleterange", all).unwrap().contains("deleted"));
        self.cluster.compact();
    }
}
