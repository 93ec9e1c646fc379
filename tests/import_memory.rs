//! How much memory an import takes for one long line. Each import runs in a process of its own, whose peak is measured.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops at the first failure")]

use std::fs;
use std::io::{self, BufReader, Read};
use std::process::Command;

use responsibility_index::Index;

const CHILD: &str = "LINE_IMPORTED_BY_A_CHILD";
/// The bytes of the long line, a little under the longest that is read.
const LINE: u64 = 60 << 20;
/// The line itself, at most two texts of its length made from it, and what the process takes anyway.
const MOST_KIB: u64 = 200 << 10;

/// A text again and again, so that the import has the only copy of the line.
struct Again {
    text: &'static [u8],
    at: usize,
}

impl Read for Again {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        for byte in buffer.iter_mut() {
            *byte = self.text[self.at % self.text.len()];
            self.at += 1;
        }
        Ok(buffer.len())
    }
}

/// How a line begins, what it repeats, how it ends, and what its error says.
const CASES: [(&str, &str, &str, &str); 12] = [
    ("", "1,", "1", "not a JSON object"),
    ("[", "1,", "1]", "not a JSON object"),
    ("[", "\"x\",", "1]", "not a JSON object"),
    ("", "{},", "{}", "trailing characters"),
    (r#"{"task":"t","lead":"a","supporting":["#, "1,", "1]}", "expected a string"),
    (r#"{"task":"t","lead":"a","supporting":["#, "\"x\",", "1]}", "at most 4096 units"),
    (r#"{"task":"t","lead":"a","supporting":["#, "{},", "{}]}", "expected a string"),
    (r#"{"task":"t","details":{"fields":{"#, "\"x\":\"\",", "\"y\":\"\"}}}", "duplicate field"),
    (r#"{"task":"t","details":{"more":["#, "{},", "{}]}}", "unknown field"),
    (r#"{""#, "x", "\":1}", "unknown field"),
    (r#"{"task":"t","details":{"title":""#, "x", "\"}}", "do not follow the line of the task"),
    (r#"{"kind":"body","unit":""#, "\\n", "\"}", "at most 256 are allowed"),
];

#[test]
#[ignore = "part of another test"]
fn child_that_imports_a_line() {
    let Ok(case) = std::env::var(CHILD) else { return };
    let (begins, repeats, ends, _) = CASES[case.parse::<usize>().unwrap()];
    let before = format!("{{\"format\":\"responsibility-index\",\"version\":1}}\n{begins}");
    let long = Again { text: repeats.as_bytes(), at: 0 }.take(LINE / repeats.len() as u64 * repeats.len() as u64);
    let mut lines = BufReader::new(before.as_bytes().chain(long).chain(ends.as_bytes()));
    let error = Index::in_memory().import_jsonl(&mut lines).unwrap_err();
    println!("\nchild: {} {error}", peak_kib());
}

/// The most memory that this process has had.
fn peak_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    peak.trim().trim_end_matches(" kB").parse().unwrap()
}

/// A line of 60 MB of `1,` took 1,376 MB: serde keeps a line whole before it tries the kinds of an untagged enum.
#[test]
fn a_long_line_is_refused_in_bounded_memory_whatever_is_in_it() {
    for (case, (begins, repeats, ends, expected)) in CASES.iter().enumerate() {
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", "child_that_imports_a_line", "--ignored", "--nocapture"]);
        let output = child.env(CHILD, case.to_string()).output().unwrap();
        let output = String::from_utf8(output.stdout).unwrap();
        let told = output.lines().find_map(|line| line.strip_prefix("child: ")).unwrap();
        let (peak, message) = told.split_once(' ').unwrap();
        println!("{peak} KiB for {begins}{repeats}...{ends}: {message}");
        assert!(message.starts_with("line 2: ") && message.contains(expected) && message.len() < 400, "{message}");
        assert!(peak.parse::<u64>().unwrap() < MOST_KIB, "{peak} KiB for {begins}{repeats}...{ends}");
    }
}
