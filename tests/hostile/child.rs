//! What a process of the harness does: it writes, or checks, and says each step on its standard output.

use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use responsibility_index::{EngineError, Error, Index, OpenOptions};

use crate::process::JOB;
use crate::steps::{self, Size, Trouble};
use crate::{disk, fork, places};

/// The entry of a child. Does nothing in a test run.
#[test]
fn child_process() {
    let Ok(job) = std::env::var(JOB) else { return };
    // The test harness has begun a line.
    say("");
    say("began");
    let words: Vec<&str> = job.split('\n').collect();
    let path = Path::new(words[1]);
    let numbers: Vec<u64> = words[2..].iter().map(|number| number.parse().unwrap()).collect();
    let done = match words[0] {
        "write" => Writing::of(&numbers).write(path),
        "check" => check(path, &numbers),
        "open" => open(path, numbers[0] == 1),
        "hang" => loop {
            std::thread::park();
        },
        "fork" => fork::child(path, numbers[0]),
        "chdir" => places::child(path),
        "disk" => disk::child(path, numbers[0]),
        other => Err(format!("no job is called {other}")),
    };
    match done {
        Ok(()) => std::process::exit(0),
        Err(why) => {
            say(&format!("failed: {}", why.replace('\n', " ")));
            std::process::exit(1);
        }
    }
}

/// Says a line to the parent, which may have stopped listening.
pub(crate) fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(format!("{line}\n").as_bytes()).and_then(|()| out.flush());
}

pub(crate) fn options() -> OpenOptions {
    OpenOptions::new().checkpoint_after(40)
}

/// Says an error; fails if it is none that an environment may cause.
pub(crate) fn typed(doing: &str, error: &Error) -> Result<(), String> {
    match error {
        Error::Open(_) | Error::Engine(_) | Error::Corrupt(_) | Error::Log(_) => {
            say(&format!("said {doing}: {error}"));
            Ok(())
        }
        other => Err(format!("{doing}: no error of the environment: {other:?}")),
    }
}

/// The same for what may also have given a wrong answer.
fn judged(doing: &str, result: Result<(), Trouble>) -> Result<(), String> {
    match result {
        Ok(()) => Ok(()),
        Err(Trouble::Refused(error)) => typed(doing, &error),
        Err(Trouble::Wrong(what)) => Err(format!("{doing}: {what}")),
    }
}

/// How a child writes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Writing {
    pub(crate) commits: u64,
    pub(crate) size: Size,
    /// How often a commit is tried again after it was refused.
    pub(crate) tries: u64,
    /// Milliseconds before each commit, and ten times as many before one is tried again.
    pub(crate) pace: u64,
    /// Whether views, details and exports must be answered all the time.
    pub(crate) reads_go_on: bool,
    /// Whether it opens the index once more when it is done.
    pub(crate) reopens: bool,
}

impl Writing {
    pub(crate) const fn new(commits: u64) -> Writing {
        Writing { commits, size: Size::SMALL, tries: 2, pace: 0, reads_go_on: false, reopens: true }
    }

    pub(crate) fn numbers(&self) -> [u64; 7] {
        let Writing { commits, size, tries, pace, reads_go_on, reopens } = *self;
        [commits, size.loaded, size.text, tries, pace, reads_go_on.into(), reopens.into()]
    }

    fn of(numbers: &[u64]) -> Writing {
        let size = Size { loaded: numbers[1], text: numbers[2] };
        let (tries, pace, reads_go_on, reopens) = (numbers[3], numbers[4], numbers[5] == 1, numbers[6] == 1);
        Writing { commits: numbers[0], size, tries, pace, reads_go_on, reopens }
    }

    fn write(&self, path: &Path) -> Result<(), String> {
        let began = Instant::now();
        let index = match options().open(path) {
            Ok(index) => index,
            Err(error) => return typed("open", &error),
        };
        say("opened");
        // Whoever asks an engine that hangs for something waits some seconds, each time.
        let engine_hangs = began.elapsed() > Duration::from_secs(10);
        let most = self.commit_all(&index)?;
        let at = index.revision()..=most;
        self.read(&index, index.revision())?;
        if !engine_hangs {
            judged("checkpoint", index.checkpoint().map_err(Trouble::from))?;
            judged("verify", steps::verify(&index, true))?;
        }
        drop(index);
        say("closed");
        if engine_hangs || !self.reopens {
            return Ok(());
        }
        let again = options().open(path).map_err(Trouble::from);
        judged("open again", again.and_then(|index| steps::check_view(&index, at, self.size).map(drop)))
    }

    /// Makes the commits. Returns the newest of which it is not known that it was not made.
    pub(crate) fn commit_all(&self, index: &Index) -> Result<u64, String> {
        let last = index.revision() + self.commits;
        let mut tries = 0;
        while index.revision() < last {
            let n = index.revision() + 1;
            std::thread::sleep(Duration::from_millis(if tries > 0 { 10 * self.pace } else { self.pace }));
            say(&format!("try {n}"));
            match steps::make(index, n, self.size) {
                Ok(()) => {
                    say(&format!("ack {n}"));
                    tries = 0;
                    continue;
                }
                Err(Error::Engine(EngineError::Stopped { .. })) => return Ok(n),
                Err(error) => typed("commit", &error)?,
            }
            if index.revision() != n - 1 {
                return Err(format!("a refused commit left revision {}", index.revision()));
            }
            if tries == 0 {
                self.read(index, n - 1)?;
            }
            if tries == self.tries {
                return Ok(n);
            }
            tries += 1;
        }
        Ok(last)
    }

    /// Reads everything at a revision.
    fn read(&self, index: &Index, at: u64) -> Result<(), String> {
        let seen = steps::check_view(index, at..=at, self.size).map(drop);
        let told = index.export_jsonl(&mut Vec::new()).map(drop).map_err(Trouble::from);
        for result in [seen, told] {
            if let (true, Err(trouble)) = (self.reads_go_on, &result) {
                return Err(format!("reading at revision {at}: {trouble}"));
            }
            judged("read", result)?;
        }
        Ok(())
    }
}

/// Opens an index under ordinary conditions and holds it against what must be there, twice.
fn check(path: &Path, numbers: &[u64]) -> Result<(), String> {
    let mut at = numbers[0]..=numbers[1];
    let size = Size { loaded: numbers[2], text: numbers[3] };
    for _ in 0..2 {
        let index = options().open(path).map_err(|error| format!("the next opening: {error}"))?;
        let made = steps::check_view(&index, at, size).map_err(|trouble| trouble.to_string())?;
        steps::verify(&index, false).map_err(|trouble| format!("verify: {trouble}"))?;
        at = made..=made;
        say(&format!("ack {made}"));
        index
            .stats()
            .map_err(|error| error.to_string())?
            .troubles
            .iter()
            .for_each(|why| say(&format!("trouble {why}")));
    }
    Ok(())
}

/// Opens an index, says how that ended, and leaves it.
fn open(path: &Path, read_only: bool) -> Result<(), String> {
    match options().create(false).read_only(read_only).open(path) {
        Ok(index) => say(&format!("revision {}", index.revision())),
        Err(error) => return typed("open", &error),
    }
    Ok(())
}
