//! An ownership catalog: `owners CODEOWNERS [QUESTION…]`. Reads a file of paths and their owners, and answers who owns
//! a path, what nobody owns, and what a team owns; also after one team is merged into another. Run it without
//! arguments for the list.
//!
//! A path is a task: its first owner leads, the others support. A path without an owner is a vacant task. Of the patterns
//! this example reads those that name a directory or a file from the root, and `*`.

mod common;

use std::io::Write;
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

fn run(arguments: &[&str], out: &mut Out) -> Outcome {
    let [file, rest @ ..] = arguments else { return Err(mistake("CODEOWNERS is missing")) };
    let text = text_of(file)?;
    let index = Index::in_memory();
    index.commit(read(&text).map_err(|error| format!("{file}: {error}"))?)?;
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
            let path = format!("{ROOT}/{}", path.trim_matches('/'));
            let task = view.nearest(&path).ok_or_else(|| format!("no line of {file} fits {path:?}"))?;
            let lead = task.lead().ok_or_else(|| format!("{} has no owner", shown(task.key())))?;
            writeln!(out, "{lead}  (by {})", shown(task.key()))?;
            task.supporting().try_for_each(|team| writeln!(out, "{team}"))?;
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

/// The edits that make a catalog. A later line for the same path counts.
fn read(text: &str) -> Result<Edits, String> {
    let mut edits = Edits::new().note("CODEOWNERS", "");
    for (at, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default();
        let mut words = line.split_whitespace();
        let Some(pattern) = words.next() else { continue };
        let path = match pattern {
            "*" => ROOT.to_owned(),
            path if path.contains('*') => {
                return Err(format!("line {}: the pattern {path:?} is not read here", at + 1));
            }
            path => format!("{ROOT}/{}", path.trim_matches('/')),
        };
        let owners: Vec<&str> = words.collect();
        edits = if owners.is_empty() { edits.remove(&path).declare(&path) } else { edits.assign(&path, owners) };
    }
    Ok(edits)
}

/// A path as people write it.
fn shown(key: &str) -> &str {
    key.strip_prefix(ROOT).filter(|path| !path.is_empty()).unwrap_or("*")
}
