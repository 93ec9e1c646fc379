//! What tables say, form by form. Each test is a table as somebody might write it, and what it means.

#![allow(clippy::unwrap_used, reason = "a test stops at the first failure")]

mod findings;
mod formats;
mod hostile;
mod long;
mod plan;
mod wide;

use responsibility_index::table::{Finding, Reader, Rows, TableTask};

/// A task in one line: its title, then its units.
fn shown(task: TableTask<'_>) -> String {
    format!("{}: {}", task.title(), task.standing())
}

fn lines(rows: &Rows) -> Vec<String> {
    rows.tasks().map(shown).collect()
}

/// Reads a text and compares its tasks, each in one line.
#[track_caller]
fn reads(text: &str, expected: &[&str]) {
    reads_with(&Reader::new(), text, expected);
}

#[track_caller]
fn reads_with(reader: &Reader, text: &str, expected: &[&str]) {
    let rows = reader.read(text).unwrap();
    let findings: Vec<String> = rows.findings().map(|finding| finding.to_string()).collect();
    assert_eq!(lines(&rows), expected, "\n{text}\n{findings:#?}");
}

/// The findings of a text, each as the line that people see.
fn findings(text: &str) -> Vec<String> {
    Rows::read(text).unwrap().findings().map(|finding| finding.to_string()).collect()
}

/// Compares all findings of a text: each has to start so.
#[track_caller]
fn finds(text: &str, expected: &[&str]) {
    let found = findings(text);
    let same =
        found.len() == expected.len() && found.iter().zip(expected).all(|(found, start)| found.starts_with(start));
    assert!(same, "\n{text}\n{found:#?}\nexpected {expected:#?}");
}

fn titles(rows: &Rows) -> Vec<&'static str> {
    rows.findings().map(|finding: Finding<'_>| finding.kind().title()).collect()
}
