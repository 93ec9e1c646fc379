//! What notices say, form by form. Each test is a text as somebody might write it, and what it means.

mod cases;
mod clauses;
mod deadlines;
mod findings;
mod headings;
mod leads;
mod names;
mod seeds;
mod shapes;
mod silence;
mod tables;

use responsibility_index::notice::{FindingKind, Notice, Reader, Task};

/// A task in one line: leads joined by `+`, then the supporting units, then the basis.
fn shown(task: Task<'_>) -> String {
    let leads: Vec<&str> = std::iter::once(task.lead()).chain(task.joint_leads()).collect();
    let supporting: Vec<&str> = task.supporting().collect();
    format!("{} | {} | {}", leads.join("+"), supporting.join(" "), task.basis())
}

/// Reads a text and compares its tasks, each in one line.
#[track_caller]
fn reads(text: &str, expected: &[&str]) {
    let notice = Notice::read(text);
    let tasks: Vec<String> = notice.tasks().map(shown).collect();
    let findings: Vec<String> = notice.findings().map(|finding| finding.to_string()).collect();
    assert_eq!(tasks, expected, "\n{text}\n{findings:#?}");
}

/// Reads `text` behind the words of a task, in full-width brackets.
#[track_caller]
fn clause(inside: &str, expected: &str) {
    reads(&format!("1.做好工作。（{inside}）\n"), &[expected]);
}

#[track_caller]
fn sections(text: &str, expected: &[&str]) {
    let notice = Notice::read(text);
    let sections = notice.tasks().map(|task| task.section().iter().map(u32::to_string).collect::<Vec<_>>().join("/"));
    assert_eq!(sections.collect::<Vec<_>>(), expected, "\n{text}");
}

/// The originals of the findings of one title.
fn found(text: &str, title: &str) -> Vec<String> {
    found_with(Reader::new(), text, title)
}

fn found_with(reader: Reader, text: &str, title: &str) -> Vec<String> {
    let notice = reader.read(text);
    notice.findings().filter(|f| f.kind().title() == title).map(|f| f.original().to_owned()).collect()
}

fn has(notice: &Notice<'_>, wanted: impl Fn(FindingKind) -> bool) -> bool {
    notice.findings().any(|finding| wanted(finding.kind()))
}
