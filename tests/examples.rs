//! The example programs answer as their usage says, and say what is wrong.

#![allow(clippy::unwrap_used, reason = "a test stops at the first failure")]

#[path = "common/example.rs"]
mod example;

use std::path::Path;
use std::process::Command;

use example::example;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// What an example prints for arguments, or its message.
fn run(name: &str, arguments: &str) -> Result<String, String> {
    let output = Command::new(example(name)).args(arguments.split_whitespace()).current_dir(ROOT).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

#[track_caller]
fn answers(name: &str, arguments: &str, expected: &[&str]) {
    let printed = run(name, arguments).unwrap();
    assert_eq!(printed.lines().collect::<Vec<_>>(), expected, "{name} {arguments}");
}

#[track_caller]
fn refuses(name: &str, arguments: &str, expected: &str) {
    let message = run(name, arguments).unwrap_err();
    assert!(message.starts_with(expected), "{name} {arguments}: {message}");
}

#[test]
fn owners_finds_who_owns_a_path_also_after_a_merger() {
    let owners = |question: &str| format!("seeds/codeowners.txt {question}");
    answers("owners", &owners("of /src/net/tls/handshake.rs"), &["@security  (by /src/net/tls)", "@network"]);
    answers("owners", &owners("of /src/net/http.rs"), &["@network  (by /src/net)"]);
    answers("owners", &owners("of /Makefile"), &["@core  (by *)"]);
    answers("owners", &owners("vacant"), &["/src/generated"]);
    answers("owners", &owners("by @core"), &["leads     *", "supports  /docs"]);
    let merged = owners("--merge @network @security by @network");
    answers("owners", &merged, &["leads     /src/net", "leads     /src/net/tls"]);
    refuses("owners", &owners("of /src/generated/api.rs"), "owners: /src/generated has no owner");
    refuses("owners", &owners("by @cor"), "owners: no unit is called \"@cor\"; is it \"@core\"?");
    refuses("owners", "none.txt vacant", "owners: none.txt: ");
    refuses("owners", &owners("who"), "owners: \"who\" is not a question");
}

#[test]
fn raci_answers_from_a_chart_and_writes_it_again() {
    let chart = std::fs::read_to_string(Path::new(ROOT).join("seeds/raci.csv")).unwrap();
    let written = run("raci", "seeds/raci.csv csv").unwrap();
    let scratch = tempfile::tempdir().unwrap();
    let copy = scratch.path().join("copy.csv");
    std::fs::write(&copy, &written).unwrap();
    let again = run("raci", &format!("{} csv", copy.display())).unwrap();
    assert_eq!((again.as_str(), written.lines().count()), (written.as_str(), chart.lines().count()));
    assert!(run("raci", "seeds/raci.csv markdown").unwrap().lines().all(|line| line.starts_with('|')));
    std::fs::write(&copy, chart.replace(",A", ",X")).unwrap();
    refuses("raci", &format!("{} idle", copy.display()), &format!("raci: {}: line 2", copy.display()));
}
