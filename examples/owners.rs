//! An ownership catalog: `owners CODEOWNERS [QUESTION…]`. Reads a file of paths and their owners, and answers who owns
//! a path, what nobody owns, and what a team owns; also after one team is merged into another. Run it without
//! arguments for the list.
//!
//! A path is a task: its first owner leads, the others support. A path without an owner is a vacant task. A line counts for
//! all paths that it fits, also those of lines before it. Of the patterns this example reads those that name a directory or
//! a file from the root, and `*`. The others it lists on the standard error, and says where one of them may be the answer.

mod common;

use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;

use common::{Out, Outcome, mistake, text_of};
use responsibility_index::reform::Reform;
use responsibility_index::{Edits, Index, Role};

const USAGE: &str = "\
usage: owners CODEOWNERS [--merge TEAM INTO] QUESTION

Answers who owns a path, with --merge as if one team were part of another: owners CODEOWNERS of src/lib.rs

questions
  of PATH     who owns a path
  by TEAM     what a team owns, alone or with others
  vacant      what has no owner
  teams       all teams, with how many paths each leads and supports";

/// The key of the pattern `*`, which every path is below.
const ROOT: &str = ".";

fn main() -> ExitCode {
    common::main(USAGE, run)
}

/// The lines of a file, by path and by what is not read.
#[derive(Default)]
struct Catalog<'t> {
    lines: Vec<Line<'t>>,
    unread: Vec<Unread<'t>>,
}

struct Line<'t> {
    number: usize,
    key: String,
    owners: Vec<&'t str>,
}

/// A line that is not read.
struct Unread<'t> {
    number: usize,
    pattern: &'t str,
    why: &'static str,
}

fn run(arguments: &[&str], out: &mut Out) -> Outcome {
    let [file, rest @ ..] = arguments else { return Err(mistake("CODEOWNERS is missing")) };
    let text = text_of(file)?;
    let catalog = Catalog::read(&text);
    let mut err = io::stderr().lock();
    catalog
        .unread
        .iter()
        .try_for_each(|line| writeln!(err, "{file}:{}: {}: {}", line.number, line.pattern, line.why))?;
    if !catalog.unread.is_empty() {
        writeln!(err, "{file}: lines that were not read: {}; the answer is without them", catalog.unread.len())?;
    }
    let index = Index::in_memory();
    index.commit(catalog.edits()).map_err(|error| format!("{file}: {error}"))?;
    let question = match rest {
        ["--merge"] | ["--merge", _] => return Err(mistake("--merge needs two teams")),
        ["--merge", team, into, question @ ..] => {
            // The place that comes first is kept, and no team is named twice.
            index.batch().reform(Reform::of([*team]).becomes([*into])).commit()?;
            question
        }
        question => question,
    };
    let view = index.view();
    match question {
        [] => return Err(mistake("QUESTION is missing")),
        ["of", path] => {
            let path = path.trim_matches('/');
            let task = view.nearest(&format!("{ROOT}/{path}"));
            let line = task.map_or(0, |task| catalog.line_of(task.key()));
            let notes: Vec<String> =
                catalog.may_fit(path, line).map(|unread| format!("{unread} is not read and may own it")).collect();
            let with_notes = |what: String| [&[what][..], &notes].concat().join("; ");
            let task = task.ok_or_else(|| with_notes(format!("no line of {file} fits {path:?}")))?;
            let lead = task.lead().ok_or_else(|| with_notes(format!("{} has no owner", shown(task.key()))))?;
            writeln!(out, "{lead}  (by {})", shown(task.key()))?;
            task.supporting().try_for_each(|team| writeln!(out, "{team}"))?;
            notes.iter().try_for_each(|note| writeln!(out, "note: {note}"))?;
        }
        ["by", team] => {
            for task in view.involving(team)?.tasks() {
                let role = view
                    .role(task.key(), team)?
                    .map_or("", |role| if role == Role::Lead { "leads" } else { "supports" });
                writeln!(out, "{role:<8}  {}", shown(task.key()))?;
            }
        }
        ["vacant"] => view.vacant().keys().try_for_each(|path| writeln!(out, "{}", shown(path)))?,
        ["teams"] => {
            for team in view.units().filter(|team| team.ended().is_none()) {
                let also: Vec<&str> = team.aliases().collect();
                let also = if also.is_empty() { String::new() } else { format!(" (also {})", also.join(", ")) };
                writeln!(out, "{:>3} {:>3}  {}{also}", team.leads(), team.supports(), team.name())?;
            }
        }
        _ => return Err(mistake(format!("{:?} is not a question", question.join(" ")))),
    }
    Ok(())
}

impl<'t> Catalog<'t> {
    fn read(text: &'t str) -> Catalog<'t> {
        let mut catalog = Catalog::default();
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.split('#').next().unwrap_or(line);
            let mut words = line.split_whitespace();
            let Some(pattern) = words.next() else { continue };
            match key_of(pattern) {
                Ok(key) => {
                    // The last line that fits a path counts, so this one hides those below it.
                    let below = format!("{key}/");
                    catalog.lines.retain(|line| line.key != key && !line.key.starts_with(&below));
                    catalog.lines.push(Line { number, key, owners: words.collect() });
                }
                Err(why) => catalog.unread.push(Unread { number, pattern, why }),
            }
        }
        catalog
    }

    fn edits(&self) -> Edits {
        self.lines.iter().fold(Edits::new().note("CODEOWNERS", ""), |edits, line| match line.owners[..] {
            [] => edits.declare(&line.key),
            _ => edits.assign(&line.key, line.owners.iter().copied()),
        })
    }

    fn line_of(&self, key: &str) -> usize {
        self.lines.iter().find(|line| line.key == key).map_or(0, |line| line.number)
    }

    /// The lines after one that are not read and may fit a path.
    fn may_fit(&self, path: &str, after: usize) -> impl Iterator<Item = &Unread<'t>> {
        self.unread.iter().filter(move |line| line.number > after && line.may_fit(path))
    }
}

impl Unread<'_> {
    /// Whether the pattern may fit a path. In doubt it does.
    fn may_fit(&self, path: &str) -> bool {
        if self.pattern.contains(['[', ']', '!', '\\']) {
            return true;
        }
        match self.pattern.trim_end_matches('/').rsplit_once('/') {
            // A pattern without a directory fits names at any depth.
            None => path.split('/').any(|name| fits(self.pattern.trim_end_matches('/').as_bytes(), name.as_bytes())),
            Some((directory, _)) => {
                let plain =
                    directory.split('/').filter(|part| !part.is_empty()).take_while(|part| !part.contains(['*', '?']));
                plain.zip(path.split('/')).all(|(part, name)| part == name)
            }
        }
    }
}

impl fmt::Display for Unread<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} ({})", self.number, self.pattern)
    }
}

/// Whether a name fits a pattern in which `*` is any characters and `?` is one byte or, in doubt, several.
fn fits(pattern: &[u8], name: &[u8]) -> bool {
    match (pattern, name) {
        ([], []) => true,
        ([b'*', pattern @ ..], _) => (0..=name.len()).any(|at| fits(pattern, name.get(at..).unwrap_or(&[]))),
        ([b'?', rest @ ..], [_, name @ ..]) => fits(rest, name) || fits(pattern, name),
        ([a, pattern @ ..], [b, name @ ..]) => a == b && fits(pattern, name),
        _ => false,
    }
}

/// The key of the paths that a pattern fits, or why it is not read.
fn key_of(pattern: &str) -> Result<String, &'static str> {
    if pattern == "*" {
        return Ok(ROOT.to_owned());
    }
    if pattern.starts_with('[') || pattern.starts_with("^[") {
        return Err("a section is not read, nor the owners that it gives to lines without any");
    }
    if pattern.contains(['*', '?', '[', ']', '!', '\\']) {
        return Err("a pattern is not read, only a path from the root and *");
    }
    if !pattern.trim_end_matches('/').contains('/') {
        return Err("a name at any depth is not read, only a path from the root: begin it with / if that is meant");
    }
    Ok(format!("{ROOT}/{}", pattern.trim_matches('/')))
}

/// A path as people write it.
fn shown(key: &str) -> &str {
    key.strip_prefix(ROOT).filter(|path| !path.is_empty()).unwrap_or("*")
}
