//! Processes of the harness: the test program again, told by a variable what to do. They are told more on their standard
//! input, answer line by line, and end when it ends.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError, channel};
use std::time::{Duration, Instant};

/// What a child is to do, line by line.
pub(crate) const JOB: &str = "PROCESSES_CHILD";
/// No answer may take longer: an append waits 10 seconds for its lock, and an opening a little more.
pub(crate) const DEADLINE: Duration = Duration::from_secs(40);
/// Lines of a process that are kept, to say what it was at.
const KEPT: usize = 12;

/// A directory for indexes: in memory where there is such a place, since a kill needs no device.
pub(crate) fn scratch() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory).unwrap() } else { tempfile::tempdir().unwrap() }
}

/// A process that this one started.
pub(crate) struct Process {
    child: Child,
    input: ChildStdin,
    lines: Receiver<String>,
    last: VecDeque<String>,
    ended: bool,
}

impl Process {
    pub(crate) fn start(job: &[&str]) -> Process {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child::child_process", "--nocapture", "--test-threads=1"])
            .env(JOB, job.join("\n"))
            .env_remove("RUST_BACKTRACE")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (input, out, errors) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (send, lines) = channel();
        let send_errors = send.clone();
        let read = BufReader::new(out.unwrap());
        std::thread::spawn(move || read.lines().map_while(Result::ok).try_for_each(|line| send.send(line)));
        let read = BufReader::new(errors.unwrap());
        let send_all = move || {
            let mut lines = read.lines().map_while(Result::ok);
            lines.try_for_each(|line| send_errors.send(format!("said: {line}")))
        };
        std::thread::spawn(send_all);
        Process { child, input: input.unwrap(), lines, last: VecDeque::new(), ended: false }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Tells it something. It may have ended.
    pub(crate) fn tell(&mut self, line: &str) {
        let _ = self.input.write_all(format!("{line}\n").as_bytes()).and_then(|()| self.input.flush());
    }

    fn keep(&mut self, line: String) -> String {
        self.last.push_back(line.clone());
        if self.last.len() > KEPT {
            self.last.pop_front();
        }
        line
    }

    /// The next line, if there is one by now. `Err` when it has ended.
    pub(crate) fn poll(&mut self) -> Result<Option<String>, ()> {
        match self.lines.try_recv() {
            Ok(line) => Ok(Some(self.keep(line))),
            Err(TryRecvError::Empty) => Ok(None),
            Err(TryRecvError::Disconnected) => Err(()),
        }
    }

    /// The next line that begins so; what follows it.
    pub(crate) fn wait_for(&mut self, begin: &str, patience: Duration) -> String {
        loop {
            match self.lines.recv_timeout(patience) {
                Ok(line) => {
                    let line = self.keep(line);
                    if let Some(rest) = line.strip_prefix(begin) {
                        return rest.trim().to_owned();
                    }
                }
                Err(RecvTimeoutError::Timeout) => panic!("process {} hangs after {:?}", self.id(), self.last),
                Err(RecvTimeoutError::Disconnected) => panic!("process {} ended after {:?}", self.id(), self.last),
            }
        }
    }

    /// Sends a signal by the program of the system.
    pub(crate) fn signal(&self, name: &str) {
        let status = Command::new("kill").args(["-s", name, &self.id().to_string()]).status().unwrap();
        assert!(status.success(), "kill -s {name} {}", self.id());
    }

    /// Kills it, and returns the lines that it had said.
    pub(crate) fn kill(&mut self) -> Vec<String> {
        let _ = self.child.kill();
        self.child.wait().unwrap();
        self.ended = true;
        self.lines.iter().collect()
    }

    /// Ends its input, and waits for its end. Returns the lines that were left.
    pub(crate) fn end(mut self) -> Vec<String> {
        self.tell("close");
        let mut lines = Vec::new();
        loop {
            match self.lines.recv_timeout(DEADLINE) {
                Ok(line) => lines.push(self.keep(line)),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("process {} does not end: {:?}", self.id(), self.last),
            }
        }
        let status = self.child.wait().unwrap();
        self.ended = true;
        assert!(status.success(), "process {} ended with {status}: {:?}", self.child.id(), self.last);
        lines
    }

    /// What it said last, and where it waits in the system.
    pub(crate) fn state(&self) -> String {
        let of = |name: &str| std::fs::read_to_string(format!("/proc/{}/{name}", self.id())).unwrap_or_default();
        let state = of("status").lines().find(|line| line.starts_with("State")).unwrap_or_default().to_owned();
        format!("process {}, {state}, {}: {:#?}", self.id(), of("wchan"), self.last)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if !self.ended {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// Processes that are asked together.
pub(crate) trait Group {
    /// The process with this number, counted from 0; `None` after the last one.
    fn process(&mut self, place: usize) -> Option<&mut Process>;

    /// Takes what a process says by itself.
    fn take(&mut self, place: usize, line: &str);

    fn fail(&mut self, why: &str) -> !;

    /// Tells all something, and waits for the answer of each. Whatever else they say is taken.
    fn ask(&mut self, line: &str, answer: &str) -> Vec<String> {
        let mut answers = Vec::new();
        while let Some(process) = self.process(answers.len()) {
            process.tell(line);
            answers.push(None);
        }
        let start = Instant::now();
        while answers.iter().any(Option::is_none) {
            if start.elapsed() > DEADLINE {
                self.fail(&format!("not all answer to {line:?}"));
            }
            for (place, found) in answers.iter_mut().enumerate() {
                while found.is_none() {
                    match self.process(place).unwrap().poll() {
                        Ok(Some(line)) if line.starts_with(answer) => *found = Some(line[answer.len()..].to_owned()),
                        Ok(Some(line)) => self.take(place, &line),
                        Ok(None) => break,
                        Err(()) => self.fail(&format!("process {place} ended by itself")),
                    }
                }
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        answers.into_iter().flatten().collect()
    }
}
