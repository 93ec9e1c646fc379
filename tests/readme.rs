//! What the README shows is what the repository has.

#![allow(clippy::unwrap_used, reason = "a test stops at the first thing that goes wrong")]

#[path = "common/example.rs"]
mod example;

use std::fs;
use std::path::Path;
use std::process::Command;

use example::example;

fn file(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

#[test]
fn the_quickstart_of_the_readme_is_the_example() {
    let example = file("examples/quickstart.rs");
    let code = &example[example.find("use responsibility_index").unwrap()..];
    assert!(file("README.md").contains(code), "README.md and examples/quickstart.rs differ");
}

#[test]
fn every_path_that_the_readme_names_is_there() {
    let readme = file("README.md");
    let links = readme.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let paths: Vec<&str> = links.filter(|link| !link.contains("://") && !link.starts_with('#')).collect();
    assert!(paths.len() > 3, "{paths:?}");
    for path in paths {
        assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(path).exists(), "{path}");
    }
}

#[test]
fn the_table_of_speed_is_the_same_in_the_readme_and_in_the_documentation() {
    assert!(file("README.md").contains(&file("src/speed/peers.md")));
}

#[test]
fn the_quickstart_prints_what_the_readme_says() {
    let directory = tempfile::tempdir().unwrap();
    let output = Command::new(example("quickstart")).current_dir(directory.path()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(file("README.md").contains(printed.trim_end()), "the README does not show:\n{printed}");
}

/// The commands of the README that run an example program: its features, its name, its arguments, and where its output goes.
fn commands() -> Vec<(String, String, Vec<String>, Option<String>)> {
    let readme = file("README.md");
    let lines = readme.lines().filter_map(|line| line.strip_prefix("cargo run --release "));
    let lines = lines.filter(|line| !line.starts_with("--manifest-path"));
    lines
        .map(|line| {
            let line = line.split("  ").next().unwrap();
            let (line, to) = line.split_once(" > ").map_or((line, None), |(line, to)| (line, Some(to.to_owned())));
            let mut words = line.split(' ').peekable();
            let features = words.next_if_eq(&"--features").and_then(|_| words.next()).unwrap_or_default().to_owned();
            assert_eq!(words.next(), Some("--example"), "{line}");
            let name = words.next().unwrap().to_owned();
            assert_eq!(words.next(), Some("--"), "{line}");
            (features, name, words.map(str::to_owned).collect(), to)
        })
        .collect()
}

/// In their order, since some need what one before has made. Those with servers have a test of their own.
#[cfg(unix)]
#[test]
fn every_program_of_the_readme_does_what_it_is_called_with() {
    let scratch = tempfile::tempdir().unwrap();
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds");
    std::os::unix::fs::symlink(seeds, scratch.path().join("seeds")).unwrap();
    let commands = commands();
    assert!(commands.len() > 20, "{commands:?}");
    for (features, name, arguments, to) in commands {
        if features == "etcd" || features == "xlsx" && !cfg!(feature = "xlsx") {
            continue;
        }
        let output = Command::new(example(&name)).args(&arguments).current_dir(scratch.path()).output().unwrap();
        assert!(output.status.success() && !output.stdout.is_empty(), "{name} {arguments:?}: {output:?}");
        if let Some(to) = to {
            fs::write(scratch.path().join(to), output.stdout).unwrap();
        }
    }
}
