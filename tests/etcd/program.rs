//! The program that shows on one machine what another commits, as the README runs it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use crate::cluster::Cluster;

#[path = "../common/commands.rs"]
mod commands;

mod example {
    use std::path::{Path, PathBuf};
    use std::process::Command;

    /// An example, built with the features of this test: `cargo test --test etcd` builds no examples.
    pub(super) fn example(name: &str) -> PathBuf {
        let test = std::env::current_exe().unwrap();
        let profile = test.parent().and_then(Path::parent).unwrap();
        let feature = if cfg!(feature = "etcd-tls") { "etcd-tls" } else { "etcd" };
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--quiet", "--features", feature, "--example", name]);
        build.arg("--target-dir").arg(profile.parent().unwrap()).current_dir(env!("CARGO_MANIFEST_DIR"));
        if profile.ends_with("release") {
            build.arg("--release");
        }
        assert!(build.status().unwrap().success());
        profile.join("examples").join(name)
    }
}

/// Ends the program also when the test fails.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// The README's commands for several machines, on the servers of a test.
fn programs(cluster: &Cluster, directory: &std::path::Path) -> Vec<Command> {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let runs = commands::commands(&readme).into_iter().filter_map(|command| commands::parse(&command));
    let of_etcd = runs.filter(|run| run.features == "etcd").map(|mut run| {
        assert_eq!(run.arguments[0], "http://127.0.0.1:2379");
        run.arguments[0] = cluster.endpoints().join(",");
        run.command(directory)
    });
    of_etcd.collect()
}

#[test]
fn the_commands_of_the_readme_show_on_one_machine_what_another_commits() {
    let Some(cluster) = Cluster::start(1, &[]) else { return };
    let directory = tempfile::tempdir().unwrap();
    let [first, second] = &mut programs(&cluster, directory.path())[..] else { panic!("two commands") };
    let mut first = Running(first.stdout(Stdio::piped()).spawn().unwrap());
    let mut lines = BufReader::new(first.0.stdout.take().unwrap()).lines().map(|line| line.unwrap());
    assert_eq!(lines.next().unwrap(), "revision 0; waiting for commits");
    let output = second.output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "revision 1: plan/1 is assigned\n", "{output:?}");
    assert_eq!(lines.next().unwrap(), "revision 1:");
    assert_eq!(lines.next().unwrap(), "  plan/1: Transport (lead), Finance (support)");
}
