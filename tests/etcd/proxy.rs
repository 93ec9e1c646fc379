//! Connections that can be cut without privileges: a thread between those who connect and a server on loopback.

use std::collections::HashMap;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// How often a connection on which nothing comes looks whether it is closed.
const LOOK: Duration = Duration::from_millis(50);

/// What becomes of the bytes of a connection. What is held goes on when it passes again, as after the end of a partition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Traffic {
    #[default]
    Passes,
    Held,
    /// Requests pass, and answers are held.
    AnswersHeld,
    /// Requests pass, and a connection is closed instead of an answer.
    AnswersLost,
    /// Connections are closed, also new ones.
    Closed,
}

/// Takes the place of a server. It ends when this is dropped.
pub(crate) struct Proxy {
    pub(crate) port: u16,
    rules: Arc<Rules>,
}

#[derive(Default)]
struct Rules {
    of_all: Mutex<Traffic>,
    /// For connections of members of a cluster, by their ids as in the headers of their requests.
    of: Mutex<HashMap<String, Traffic>>,
    /// The number of connections so far, and of those that hold what comes for ever.
    count: AtomicU64,
    silent: AtomicU64,
    is_over: AtomicBool,
}

/// A connection: its number, and the member that has opened it.
#[derive(Clone)]
struct Connection {
    number: u64,
    from: Option<String>,
}

impl Rules {
    fn traffic(&self, connection: &Connection) -> Traffic {
        if self.is_over.load(Ordering::Relaxed) {
            return Traffic::Closed;
        }
        if connection.number < self.silent.load(Ordering::Relaxed) {
            return Traffic::Held;
        }
        let all = *self.of_all.lock().unwrap();
        let of = self.of.lock().unwrap();
        connection
            .from
            .as_ref()
            .and_then(|from| of.get(from))
            .copied()
            .filter(|_| all == Traffic::Passes)
            .unwrap_or(all)
    }
}

/// Which way bytes go.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    There,
    Back,
}

impl Proxy {
    /// Takes the place of the server at a port. `between_members`: those who connect say in their first request who they are.
    pub(crate) fn start(server: u16, between_members: bool) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let rules = Arc::new(Rules::default());
        let shared = Arc::clone(&rules);
        thread::spawn(move || {
            for connection in listener.incoming() {
                if shared.is_over.load(Ordering::Relaxed) {
                    return;
                }
                let (Ok(connection), rules) = (connection, Arc::clone(&shared)) else { continue };
                // A connection that fails is closed.
                thread::spawn(move || drop(connect(connection, server, between_members, &rules)));
            }
        });
        Proxy { port, rules }
    }

    pub(crate) fn set(&self, traffic: Traffic) {
        *self.rules.of_all.lock().unwrap() = traffic;
    }

    /// Nothing comes on the connections that there are, for ever. New ones work.
    pub(crate) fn silence(&self) {
        self.rules.silent.store(self.rules.count.load(Ordering::Relaxed), Ordering::Relaxed);
    }

    /// For connections of one member.
    pub(crate) fn set_from(&self, member: &str, traffic: Traffic) {
        self.rules.of.lock().unwrap().insert(member.to_owned(), traffic);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.rules.is_over.store(true, Ordering::Relaxed);
        // Wakes the thread that accepts.
        drop(TcpStream::connect(("127.0.0.1", self.port)));
    }
}

fn connect(mut client: TcpStream, server: u16, between_members: bool, rules: &Arc<Rules>) -> io::Result<()> {
    let number = rules.count.fetch_add(1, Ordering::Relaxed);
    let begin = if between_members { head(&mut client)? } else { Vec::new() };
    let connection = Connection { number, from: sender(&begin) };
    let mut server = TcpStream::connect(("127.0.0.1", server))?;
    for stream in [&client, &server] {
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(LOOK))?;
    }
    let back = {
        let (from_server, to_client) = (server.try_clone()?, client.try_clone()?);
        let (rules, connection) = (Arc::clone(rules), connection.clone());
        move || pump(from_server, to_client, Way::Back, &rules, &connection)
    };
    thread::spawn(back);
    if wait_until_it_passes(Way::There, rules, &connection) {
        server.write_all(&begin)?;
    }
    pump(client, server, Way::There, rules, &connection);
    Ok(())
}

/// The head of a request.
fn head(client: &mut TcpStream) -> io::Result<Vec<u8>> {
    client.set_read_timeout(Some(Duration::from_secs(10)))?;
    let (mut bytes, mut more) = (Vec::new(), [0; 4096]);
    while !bytes.windows(4).any(|end| end == b"\r\n\r\n") {
        match client.read(&mut more)? {
            0 => return Err(ErrorKind::UnexpectedEof.into()),
            count => bytes.extend(&more[..count]),
        }
    }
    Ok(bytes)
}

/// The member that sends a request to another one.
fn sender(head: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(head);
    let value = head.lines().find_map(|line| line.strip_prefix("X-Server-From: "))?;
    Some(value.trim().to_owned())
}

/// False if the connection is closed instead.
fn wait_until_it_passes(way: Way, rules: &Rules, connection: &Connection) -> bool {
    loop {
        match rules.traffic(connection) {
            Traffic::Closed => return false,
            Traffic::AnswersLost if way == Way::Back => return false,
            Traffic::Held => {}
            Traffic::AnswersHeld if way == Way::Back => {}
            Traffic::Passes | Traffic::AnswersHeld | Traffic::AnswersLost => return true,
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// Hands on what comes until one of both sides ends.
fn pump(mut here: TcpStream, mut there: TcpStream, way: Way, rules: &Rules, connection: &Connection) {
    let mut bytes = [0; 16 << 10];
    loop {
        let count = match here.read(&mut bytes) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => 0,
            Err(_) => break,
        };
        let passes = if count == 0 {
            rules.traffic(connection) != Traffic::Closed
        } else {
            wait_until_it_passes(way, rules, connection)
        };
        if !passes || there.write_all(&bytes[..count]).is_err() {
            break;
        }
    }
    // They may be closed already.
    drop([here.shutdown(Shutdown::Both), there.shutdown(Shutdown::Both)]);
}

#[test]
fn bytes_are_handed_on_held_and_cut() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = Proxy::start(listener.local_addr().unwrap().port(), true);
    let connected = || {
        let mut client = TcpStream::connect(("127.0.0.1", proxy.port)).unwrap();
        client.write_all(b"GET /raft HTTP/1.1\r\nX-Server-From: 8e9e05c52164694d\r\n\r\n").unwrap();
        let (server, _) = listener.accept().unwrap();
        server.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
        (client, server)
    };
    let (mut client, mut server) = connected();
    let read = |from: &mut TcpStream| {
        let mut bytes = [0; 100];
        from.read(&mut bytes).map(|count| String::from_utf8_lossy(&bytes[..count]).into_owned())
    };
    assert!(read(&mut server).unwrap().starts_with("GET /raft"));
    proxy.set_from("another", Traffic::Closed);
    client.write_all(b"one").unwrap();
    assert_eq!(read(&mut server).unwrap(), "one");
    proxy.set_from("8e9e05c52164694d", Traffic::Held);
    client.write_all(b"two").unwrap();
    assert!(read(&mut server).is_err());
    proxy.set_from("8e9e05c52164694d", Traffic::AnswersHeld);
    server.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    assert_eq!(read(&mut server).unwrap(), "two");
    proxy.set_from("8e9e05c52164694d", Traffic::AnswersLost);
    client.write_all(b"three").unwrap();
    assert_eq!(read(&mut server).unwrap(), "three");
    server.write_all(b"answer").unwrap();
    assert_eq!(read(&mut client).unwrap_or_default(), "");
    proxy.set_from("8e9e05c52164694d", Traffic::Passes);
    let (mut client, mut server) = connected();
    assert!(read(&mut server).unwrap().starts_with("GET /raft"));
    proxy.set_from("8e9e05c52164694d", Traffic::Closed);
    assert_eq!(read(&mut server).unwrap_or_default(), "");
    assert_eq!(read(&mut client).unwrap_or_default(), "");
}
