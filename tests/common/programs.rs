//! Runs the example programs.

#![allow(dead_code, reason = "each test uses a part")]

use std::process::Command;

use super::example::example;

pub(crate) const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// What an example prints for arguments, or its message.
pub(crate) fn run(name: &str, arguments: &str) -> Result<String, String> {
    let output = Command::new(example(name)).args(arguments.split_whitespace()).current_dir(ROOT).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

/// Holds that an example prints these lines.
#[track_caller]
pub(crate) fn answers(name: &str, arguments: &str, expected: &[&str]) {
    let printed = run(name, arguments).unwrap();
    assert_eq!(printed.lines().collect::<Vec<_>>(), expected, "{name} {arguments}");
}

/// Holds that an example fails with a message that begins so.
#[track_caller]
pub(crate) fn refuses(name: &str, arguments: &str, expected: &str) {
    let message = run(name, arguments).unwrap_err();
    assert!(message.starts_with(expected), "{name} {arguments}: {message}");
}
