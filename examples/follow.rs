//! Prints the changes of an index as JSON Lines, one commit after the other: `follow DB`. Run it without arguments for the
//! options.
//!
//! The index may be open in other processes: `follow DB --wait` shows what they commit, as it comes. The last line names the
//! cursor to go on from, so that a program resumes where it stopped: `follow plan.ri --after "$(cat cursor)"`.

use std::error::Error;
use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;
use std::time::Duration;

use responsibility_index::history::{Cursor, Follower};
use responsibility_index::{Index, OpenOptions};

const USAGE: &str = "\
usage: follow DB [--after CURSOR] [--wait] [--edit TASK LEAD [UNIT…]]

prints the commits after a cursor, or all that are kept, as JSON Lines

  --after CURSOR        go on after this commit
  --wait                do not end: print the commits of other processes as they come
  --edit TASK LEAD …    assign a task first, the last of the options";

/// How long one wait for a commit takes: a follower that is stopped by its system ends with it.
const PATIENCE: Duration = Duration::from_secs(60);

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match follow(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Whoever reads may stop before the end.
            let stopped = match error.downcast_ref() {
                Some(responsibility_index::Error::Io { cause, .. }) => cause.kind() == ErrorKind::BrokenPipe,
                _ => false,
            };
            if !stopped {
                eprintln!("follow: {error}");
            }
            ExitCode::FAILURE
        }
    }
}

fn follow(arguments: &[&str]) -> Result<(), Box<dyn Error>> {
    let (database, options) = arguments.split_first().ok_or(USAGE)?;
    let (mut after, mut wait, mut edit) = (None, false, None);
    let mut options = options.iter().copied();
    while let Some(option) = options.next() {
        match option {
            "--after" => after = Some(options.next().ok_or(USAGE)?.parse::<Cursor>()?),
            "--wait" => wait = true,
            "--edit" => edit = Some((options.next().ok_or(USAGE)?, options.by_ref().collect::<Vec<_>>())),
            other => return Err(format!("{other:?} is not an option\n\n{USAGE}").into()),
        }
    }
    let index = OpenOptions::new().create(false).open(database)?;
    let mut follower = match after {
        Some(cursor) => index.resume(&cursor)?,
        None => index.follow(index.horizon()?)?,
    };
    if let Some((task, units)) = edit {
        index.batch().note("edited by the example", "follow").assign(task, units).commit()?;
    }
    print(&index, &mut follower, wait)
}

fn print(index: &Index, follower: &mut Follower, wait: bool) -> Result<(), Box<dyn Error>> {
    let mut out = io::stdout().lock();
    follower.cursor().write_line(&mut out)?;
    while wait || follower.revision() < index.revision() {
        // A reader gets whole commits as they come.
        out.flush()?;
        if let Some(commit) = follower.next_within(PATIENCE)? {
            commit.write_lines(&mut out)?;
        }
    }
    eprintln!("go on from {}", follower.cursor());
    Ok(())
}
