//! Servers that are reached over TLS, with a certificate that `openssl` makes.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use responsibility_index::{EngineError, Error, Etcd, OpenOptions};

use crate::cluster::Cluster;

fn openssl(at: &Path, arguments: &str) -> bool {
    let run = Command::new("openssl").current_dir(at).args(arguments.split_whitespace()).output();
    run.is_ok_and(|output| output.status.success())
}

#[test]
fn a_certificate_of_the_given_authority_is_accepted_and_no_other() {
    let scratch = tempfile::tempdir().unwrap();
    let at = scratch.path();
    fs::write(at.join("names"), "subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n").unwrap();
    let make = [
        "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=ca",
        "req -x509 -newkey rsa:2048 -nodes -keyout other.key -out other.pem -days 2 -subj /CN=other",
        "req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=server",
        "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out server.pem",
    ];
    if !make.iter().all(|arguments| openssl(at, arguments)) {
        println!("skipped: no openssl");
        return;
    }
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let file = |name: &str| at.join(name).to_str().unwrap().to_owned();
    let urls = format!("{{client}},https://127.0.0.1:{port}");
    let (certificate, key) = (file("server.pem"), file("server.key"));
    let options = ["--listen-client-urls", &urls, "--cert-file", &certificate, "--key-file", &key];
    let Some(_cluster) = Cluster::start(1, &options) else { return };
    let address = Etcd::new([format!("https://127.0.0.1:{port}")], "plan").patience(Duration::from_millis(100));
    let directory = tempfile::tempdir().unwrap();
    let trusted = address.clone().authority(fs::read(at.join("ca.pem")).unwrap());
    let index = OpenOptions::new().shared(trusted).open(directory.path()).unwrap();
    index.assign("plan/1", ["Transport"]).unwrap();
    assert_eq!(index.fresh_view().unwrap().lead("plan/1"), Some("Transport"));
    for other in [address.clone().authority(fs::read(at.join("other.pem")).unwrap()), address] {
        let error = OpenOptions::new().shared(other).open(tempfile::tempdir().unwrap().path()).unwrap_err();
        assert!(matches!(error, Error::Engine(EngineError::Unreachable { .. })), "{error}");
    }
}
