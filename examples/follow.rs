//! Prints the changes of an index as JSON Lines, one commit after the other: `follow DB`. Run it without arguments for the
//! options.
//!
//! The index may be open in other processes: `follow DB --wait` shows what they commit, as it comes. The last line names the
//! cursor to go on from, so that a program resumes where it stopped: `follow plan.ri --after "$(cat cursor)"`.

mod common;

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use common::{Options, Out, Outcome, mistake, unknown};
use responsibility_index::Index;
use responsibility_index::history::{Cursor, Follower};

const USAGE: &str = "\
usage: follow DB [--after CURSOR] [--wait] [--edit TASK LEAD [UNIT...]]

Prints the commits after a cursor, or all that are kept, as JSON Lines: follow plan.ri --wait

  --after CURSOR        go on after this commit
  --wait                do not end: print the commits of other processes as they come
  --edit TASK LEAD ...  assign a task first, the last of the options";

/// How long one wait for a commit takes: a follower that is stopped by its system ends with it.
const PATIENCE: Duration = Duration::from_secs(60);

fn main() -> ExitCode {
    common::main(USAGE, follow)
}

fn follow(arguments: &[&str], out: &mut Out) -> Outcome {
    let (database, options) = arguments.split_first().ok_or_else(|| mistake("DB is missing"))?;
    let (mut after, mut wait, mut edit) = (None, false, None);
    let mut options = Options::new(options);
    while let Some(option) = options.next() {
        match option {
            "--after" => after = Some(options.value(option)?.parse::<Cursor>()?),
            "--wait" => wait = true,
            "--edit" => match options.rest() {
                [task, units @ ..] if !units.is_empty() => edit = Some((task, units)),
                _ => return Err(mistake("--edit needs a task and its lead")),
            },
            other => return Err(unknown(other)),
        }
    }
    let index = common::open(database)?;
    let mut follower = match after {
        Some(cursor) => index.resume(&cursor)?,
        None => index.follow(index.horizon()?)?,
    };
    if let Some((task, units)) = edit {
        index.batch().note("edited by the example", "follow").assign(*task, units).commit()?;
    }
    print(&index, &mut follower, wait, out)
}

fn print(index: &Index, follower: &mut Follower, wait: bool, out: &mut Out) -> Outcome {
    follower.cursor().write_line(&mut *out)?;
    while wait || follower.revision() < index.revision() {
        // A reader gets whole commits as they come.
        out.flush()?;
        if let Some(commit) = follower.next_within(PATIENCE)? {
            commit.write_lines(&mut *out)?;
        }
    }
    Ok(writeln!(io::stderr(), "go on from {}", follower.cursor())?)
}
