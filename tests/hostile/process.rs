//! Processes of the harness: the test program again, told by a variable what to do, under limits that other programs
//! set. Each is bounded in time, and ended with all that it started.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::compiled::compiled;
use crate::steps::Size;

pub(crate) const JOB: &str = "HOSTILE_CHILD";
/// Its source, from the root of the crate.
pub(crate) const SHIM: &str = "tests/hostile/shim.rs";
/// No process may take longer, whatever its environment.
pub(crate) const DEADLINE: Duration = Duration::from_secs(60);

/// How a process is started.
#[derive(Clone)]
pub(crate) struct Job {
    words: Vec<String>,
    /// The programs that start it, each with its options, the first one first.
    wrapper: Vec<String>,
    variables: Vec<(&'static str, String)>,
    deadline: Duration,
}

impl Job {
    pub(crate) fn new(name: &str, path: &Path) -> Job {
        let words = vec![name.to_owned(), path.to_str().unwrap().to_owned()];
        Job { words, wrapper: Vec::new(), variables: Vec::new(), deadline: DEADLINE }
    }

    pub(crate) fn number(mut self, number: u64) -> Job {
        self.words.push(number.to_string());
        self
    }

    pub(crate) fn size(self, size: Size) -> Job {
        self.number(size.loaded).number(size.text)
    }

    /// Lets a program start it, which ends by becoming it.
    pub(crate) fn under<'w>(mut self, words: impl IntoIterator<Item = &'w str>) -> Job {
        self.wrapper.extend(words.into_iter().map(str::to_owned));
        self
    }

    pub(crate) fn with(mut self, variable: &'static str, value: impl Into<String>) -> Job {
        self.variables.push((variable, value.into()));
        self
    }

    /// With the shim of this harness.
    pub(crate) fn under_shim(self) -> Job {
        self.with("LD_PRELOAD", compiled(SHIM).to_str().unwrap())
    }

    pub(crate) fn within(self, deadline: Duration) -> Job {
        Job { deadline, ..self }
    }

    pub(crate) fn start(&self) -> Process {
        let this = std::env::current_exe().unwrap();
        let mut words = self.wrapper.iter().map(String::as_str).chain([this.to_str().unwrap()]);
        let mut command = Command::new(words.next().unwrap());
        command
            .args(words)
            .args(["--exact", "child::child_process", "--nocapture", "--test-threads=1"])
            .env(JOB, self.words.join("\n"))
            .envs(self.variables.iter().map(|(name, value)| (*name, value.as_str())))
            .env_remove("RUST_BACKTRACE")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        // A process that itself starts some keeps them in its own group: all end with it.
        let leads = std::env::var_os(JOB).is_none();
        if leads {
            command.process_group(0);
        }
        let mut child = command.spawn().unwrap();
        let (send, lines) = channel();
        let out = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || out.lines().map_while(Result::ok).try_for_each(|line| send.send(line)));
        let mut errors = child.stderr.take().unwrap();
        let errors = std::thread::spawn(move || {
            let mut bytes = Vec::new();
            let _ = errors.read_to_end(&mut bytes);
            String::from_utf8_lossy(&bytes).into_owned()
        });
        let ends = Instant::now() + self.deadline;
        Process { child, leads, lines, errors: Some(errors), ends, told: Told::default(), ended: false }
    }

    /// Runs it to its end.
    pub(crate) fn run(&self) -> Ended {
        self.start().end()
    }
}

/// The lines of a process so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    /// Whether it began at all.
    pub(crate) began: bool,
    pub(crate) opened: bool,
    /// The newest commit that was tried.
    pub(crate) tried: u64,
    /// The newest commit that was acknowledged.
    pub(crate) acknowledged: u64,
    /// Errors of the crate's types.
    pub(crate) errors: Vec<String>,
    pub(crate) failed: Option<String>,
    /// All other lines.
    pub(crate) lines: Vec<String>,
}

impl Told {
    /// About an index with so many commits.
    pub(crate) fn having(commits: u64) -> Told {
        Told { tried: commits, acknowledged: commits, ..Told::default() }
    }

    fn take(&mut self, line: String) {
        match line.split_once(' ').unwrap_or((&line, "")) {
            ("began", _) => self.began = true,
            ("opened", _) => self.opened = true,
            ("try", n) => self.tried = self.tried.max(n.parse().unwrap()),
            ("ack", n) => self.acknowledged = n.parse().unwrap(),
            ("said", error) => self.errors.push(error.to_owned()),
            ("failed:", why) => self.failed = Some(why.to_owned()),
            _ => self.lines.push(line),
        }
    }
}

/// A process that runs.
pub(crate) struct Process {
    child: Child,
    /// Whether it leads a group of processes.
    leads: bool,
    lines: Receiver<String>,
    errors: Option<JoinHandle<String>>,
    ends: Instant,
    pub(crate) told: Told,
    ended: bool,
}

impl Process {
    pub(crate) fn id(&self) -> String {
        self.child.id().to_string()
    }

    /// Notes what is known of the index before it says anything.
    pub(crate) fn knowing(mut self, told: &Told) -> Process {
        (self.told.tried, self.told.acknowledged) = (told.tried, told.acknowledged);
        self
    }

    /// Reads lines until they tell so; false if it ended first or its time did.
    pub(crate) fn wait_until(&mut self, mut is_so: impl FnMut(&Told) -> bool) -> bool {
        while !is_so(&self.told) {
            let Ok(line) = self.lines.recv_timeout(self.ends.saturating_duration_since(Instant::now())) else {
                return false;
            };
            self.told.take(line);
        }
        true
    }

    /// Reads the lines of a time.
    pub(crate) fn listen(&mut self, time: Duration) {
        let until = Instant::now() + time;
        while let Ok(line) = self.lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
            self.told.take(line);
        }
    }

    pub(crate) fn signal(&self, name: &str) {
        run("kill", ["-s", name, &self.id()]).unwrap();
    }

    /// Waits for its end.
    pub(crate) fn end(mut self) -> Ended {
        let in_time = loop {
            match self.lines.recv_timeout(self.ends.saturating_duration_since(Instant::now())) {
                Ok(line) => self.told.take(line),
                Err(RecvTimeoutError::Disconnected) => break true,
                Err(RecvTimeoutError::Timeout) => break false,
            }
        };
        if !in_time {
            println!("{}", stacks(&self.id()));
            self.kill();
        }
        let status = self.child.wait().unwrap();
        self.ended = true;
        let errors = self.errors.take().unwrap().join().unwrap();
        Ended { code: status.code(), signal: status.signal(), in_time, told: self.told.clone(), errors }
    }

    fn kill(&mut self) {
        if self.leads {
            // It may have ended meanwhile.
            let _ = run("kill", ["-s", "KILL", "--", &format!("-{}", self.id())]);
        }
        let _ = self.child.kill();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if !self.ended {
            self.kill();
            let _ = self.child.wait();
        }
    }
}

/// Where the threads of a process wait, as far as this machine can tell.
fn stacks(process: &str) -> String {
    run("gdb", ["-p", process, "-batch", "-ex", "thread apply all bt 16"]).unwrap_or_else(|why| why)
}

/// How a process ended.
#[derive(Debug)]
pub(crate) struct Ended {
    code: Option<i32>,
    signal: Option<i32>,
    in_time: bool,
    pub(crate) told: Told,
    pub(crate) errors: String,
}

/// What an environment did to a process.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Effect {
    /// Nothing: all was done.
    None,
    /// Something was refused by an error of the crate's types.
    Refused,
    /// The system ended it.
    Killed,
    /// The process did not begin.
    NotStarted,
}

impl Ended {
    /// Fails if it did anything else than what may be. `may_be_killed` where the system kills what passes a limit.
    pub(crate) fn effect(&self, may_be_killed: bool) -> Result<Effect, String> {
        let tail: Vec<&str> = self.errors.lines().rev().take(6).collect();
        match (self.code, self.signal) {
            _ if !self.in_time => Err(format!("it did not end in time; {:?}; {}", self.told, self.errors)),
            _ if self.told.failed.is_some() => Err(self.told.failed.clone().unwrap()),
            _ if !self.told.began => Ok(Effect::NotStarted),
            (Some(0), _) if self.told.errors.is_empty() => Ok(Effect::None),
            (Some(0), _) => Ok(Effect::Refused),
            (None, Some(_)) if may_be_killed => Ok(Effect::Killed),
            (code, signal) => Err(format!("it ended with code {code:?}, signal {signal:?}; {tail:?}")),
        }
    }
}

/// Runs a program of the system to its end. Fails if there is none, or it fails.
pub(crate) fn run<'w>(program: &str, words: impl IntoIterator<Item = &'w str>) -> Result<String, String> {
    let ran = Command::new(program).args(words).stdin(Stdio::null()).output();
    let ran = ran.map_err(|error| format!("{program}: {error}"))?;
    if ran.status.success() {
        return Ok(String::from_utf8_lossy(&ran.stdout).into_owned());
    }
    Err(format!("{program}: {}", String::from_utf8_lossy(&ran.stderr).trim()))
}
