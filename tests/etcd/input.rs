//! Addresses, users, prefixes and directories that don't fit: each has its own error.

use std::time::Duration;

use responsibility_index::{EngineError, Error, Etcd, Index, LogError, OpenError, OpenOptions};

use crate::cluster::Cluster;
use crate::{open, shared};

fn refused(options: &OpenOptions) -> Error {
    options.open(tempfile::tempdir().unwrap().path()).unwrap_err()
}

#[test]
fn no_such_host_is_unreachable() {
    let short = Duration::from_millis(100);
    for endpoints in [vec!["http://127.0.0.1:1"], vec!["http://no-such-host.invalid:2379"], vec![]] {
        let error = refused(&OpenOptions::new().shared(Etcd::new(endpoints.clone(), "plan").patience(short)));
        assert!(matches!(error, Error::Engine(EngineError::Unreachable { .. })), "{endpoints:?}: {error}");
    }
}

/// The port of a server that answers every request with `status` and a body that no gateway sends.
fn server_that_answers(status: &'static str) -> u16 {
    use std::io::{BufRead, BufReader, Read, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let mut request = BufReader::new(connection.unwrap());
            // The whole request is read: closing a connection with unread bytes resets it, and the answer may be lost.
            let mut length = 0;
            for line in request.by_ref().lines().map_while(Result::ok).take_while(|line| !line.is_empty()) {
                if let Some((name, value)) = line.split_once(':')
                    && name.eq_ignore_ascii_case("content-length")
                {
                    length = value.trim().parse().unwrap();
                }
            }
            let mut body = vec![0; length];
            if request.read_exact(&mut body).is_ok() {
                let close = "content-length: 5\r\nconnection: close";
                let _ = write!(request.get_mut(), "HTTP/1.1 {status}\r\n{close}\r\n\r\nhello");
            }
        }
    });
    port
}

#[test]
fn a_server_that_is_no_etcd_has_no_gateway() {
    for status in ["404 Not Found", "200 OK"] {
        let endpoint = format!("http://127.0.0.1:{}", server_that_answers(status));
        let error = refused(&OpenOptions::new().shared(Etcd::new([endpoint], "plan")));
        assert!(matches!(error, Error::Engine(EngineError::NoGateway { .. })), "{status}: {error}");
    }
}

#[test]
fn a_wrong_password_and_a_missing_user_are_denied() {
    let Some(cluster) = Cluster::start(1, &[]) else { return };
    for (path, body) in [
        ("/v3/auth/user/add", r#"{"name":"root","password":"secret"}"#),
        ("/v3/auth/role/add", r#"{"name":"root"}"#),
        ("/v3/auth/user/grant", r#"{"user":"root","role":"root"}"#),
        ("/v3/auth/user/add", r#"{"name":"stranger","password":"secret"}"#),
        ("/v3/auth/enable", "{}"),
    ] {
        assert!(cluster.post(0, path, body).unwrap().contains("header"), "{path}");
    }
    let address = Etcd::new(cluster.endpoints(), "plan");
    let right = OpenOptions::new().shared(address.clone().user("root", "secret"));
    let directory = tempfile::tempdir().unwrap();
    let index = right.open(directory.path()).unwrap();
    index.assign("plan/1", ["Transport"]).unwrap();
    drop(index);
    for wrong in [address.clone().user("root", "wrong"), address.clone(), address.user("stranger", "secret")] {
        let options = OpenOptions::new().shared(wrong);
        for error in [refused(&options), options.open(directory.path()).unwrap_err()] {
            assert!(matches!(error, Error::Engine(EngineError::Denied { .. })), "{error}");
        }
    }
    assert_eq!(right.open(directory.path()).unwrap().lead("plan/1").as_deref(), Some("Transport"));
}

#[test]
fn a_prefix_of_another_index_is_refused() {
    let Some(cluster) = Cluster::start(1, &[]) else { return };
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    drop(shared(&cluster, "one").open(a.path()).unwrap());
    drop(shared(&cluster, "two").open(b.path()).unwrap());
    let error = shared(&cluster, "two").open(a.path()).unwrap_err();
    assert!(matches!(error, Error::Log(LogError::OtherLog { .. })), "{error}");
    // The directory has an index, so none is created under a prefix that has none.
    let error = shared(&cluster, "three").open(a.path()).unwrap_err();
    assert!(matches!(error, Error::Log(LogError::NoSharedLog { .. })), "{error}");
    let error = refused(&shared(&cluster, "three").create(false));
    assert!(
        matches!(error, Error::Open(OpenError::NotFound { .. }) | Error::Log(LogError::NoSharedLog { .. })),
        "{error}"
    );
}

#[test]
fn another_format_is_refused_at_the_opening_and_later() {
    let Some(cluster) = Cluster::start(1, &[]) else { return };
    let directory = tempfile::tempdir().unwrap();
    let index = open(&cluster, directory.path()).unwrap();
    index.assign("plan/1", ["Transport"]).unwrap();
    // "plan/format", with the value "responsibility-index etcd-9".
    let put = r#"{"key":"cGxhbi9mb3JtYXQ=","value":"cmVzcG9uc2liaWxpdHktaW5kZXggZXRjZC05"}"#;
    assert!(cluster.post(0, "/v3/kv/put", put).unwrap().contains("header"));
    // "plan/head" of that format, which begins with another number.
    let put = r#"{"key":"cGxhbi9oZWFk","value":"CQ=="}"#;
    assert!(cluster.post(0, "/v3/kv/put", put).unwrap().contains("header"));
    let error = index.assign("plan/2", ["Transport"]).unwrap_err();
    assert!(matches!(&error, Error::Log(LogError::OtherFormat { found, .. }) if found.ends_with("etcd-9")), "{error}");
    drop(index);
    for error in [refused(&shared(&cluster, "plan")), open(&cluster, directory.path()).unwrap_err()] {
        assert!(matches!(error, Error::Log(LogError::OtherFormat { .. })), "{error}");
    }
}

#[test]
fn a_shared_directory_and_one_of_this_machine_alone_are_not_taken_for_each_other() {
    let Some(cluster) = Cluster::start(1, &[]) else { return };
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    drop(open(&cluster, a.path()).unwrap());
    for error in [
        Index::open(a.path()).unwrap_err(),
        OpenOptions::new().read_only(true).open(a.path()).unwrap_err(),
        OpenOptions::new().repair(a.path()).unwrap_err(),
    ] {
        assert!(matches!(error, Error::Open(OpenError::Shared { .. })), "{error}");
    }
    drop(Index::open(b.path()).unwrap());
    let error = open(&cluster, b.path()).unwrap_err();
    assert!(matches!(error, Error::Open(OpenError::NotShared { .. })), "{error}");
    // A backup of a shared index is an index of this machine alone.
    let index = open(&cluster, a.path()).unwrap();
    index.assign("plan/1", ["Transport"]).unwrap();
    let copy = b.path().join("backup");
    index.backup(&copy).unwrap();
    assert_eq!(Index::open(&copy).unwrap().lead("plan/1").as_deref(), Some("Transport"));
}

#[test]
fn a_read_only_machine_follows_and_commits_nothing() {
    let Some(cluster) = Cluster::start(1, &[]) else { return };
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let one = open(&cluster, a.path()).unwrap();
    let reader = shared(&cluster, "plan").read_only(true).open(b.path()).unwrap();
    one.assign("plan/1", ["Transport"]).unwrap();
    assert_eq!(reader.wait_for(1, crate::LONG).lead("plan/1"), Some("Transport"));
    assert!(matches!(reader.assign("plan/2", ["x"]).unwrap_err(), Error::Engine(EngineError::ReadOnly)));
}
