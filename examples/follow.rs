//! Prints the changes of an index as JSON Lines, one commit after the other: `follow DB [CURSOR]`.
//!
//! The last line names the cursor to go on from. A cursor file makes a program resume where it stopped:
//! `follow plan.ri "$(cat cursor)"`. With `--edit TASK UNIT…` it assigns a task first, and prints that, too: this program has
//! the index open, so it shows the changes that it makes itself.

use std::error::Error;
use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;
use std::time::Duration;

use responsibility_index::history::Follower;
use responsibility_index::{Index, OpenOptions};

const USAGE: &str = "\
usage: follow DB [CURSOR] [--edit TASK LEAD [UNIT…]]

prints the commits after a cursor, or all that are kept, as JSON Lines";

/// How long a commit is waited for: those of this program are there at once.
const PATIENCE: Duration = Duration::from_millis(100);

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
    let mut parts = arguments.splitn(2, |argument| *argument == "--edit");
    let (place, edit) = (parts.next().unwrap_or_default(), parts.next());
    let (database, cursor) = match place {
        [database] => (database, None),
        [database, cursor] => (database, Some(cursor.parse()?)),
        _ => return Err(USAGE.into()),
    };
    let index = OpenOptions::new().create(false).open(database)?;
    let mut follower = match cursor {
        Some(cursor) => index.resume(&cursor)?,
        None => index.follow(index.horizon()?)?,
    };
    match edit {
        None => {}
        Some([task, units @ ..]) if !units.is_empty() => {
            index.batch().note("edited by the example", "follow").assign(*task, units.iter().copied()).commit()?;
        }
        _ => return Err(USAGE.into()),
    }
    print(&index, &mut follower)
}

fn print(index: &Index, follower: &mut Follower) -> Result<(), Box<dyn Error>> {
    let mut out = io::stdout().lock();
    follower.cursor().write_line(&mut out)?;
    while follower.revision() < index.revision() {
        if let Some(commit) = follower.next_within(PATIENCE)? {
            commit.write_lines(&mut out)?;
            // A reader gets whole commits as they come.
            out.flush()?;
        }
    }
    eprintln!("go on from {}", follower.cursor());
    Ok(())
}
