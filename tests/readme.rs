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
fn the_quickstart_prints_what_the_readme_says() {
    let directory = tempfile::tempdir().unwrap();
    let output = Command::new(example("quickstart")).current_dir(directory.path()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(file("README.md").contains(printed.trim_end()), "the README does not show:\n{printed}");
}
