//! Processes of our own: the test program again, told by a variable what to do, with or without the shim.

use std::io::Read;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use crate::compiled::compiled;
use crate::work::{self, Bounds, Run};
use crate::{damage, device, kill, model, reopen};

const JOB: &str = "FAULTS_CHILD";
/// No process may take longer, whatever was done to its files.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);

/// Where harnesses keep their stores: in memory where there is such a place, since they sync much.
pub(crate) fn scratch() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory).unwrap() } else { tempfile::tempdir().unwrap() }
}

/// The entry of a child. Does nothing in a test run.
#[test]
fn child_process() {
    let Ok(job) = std::env::var(JOB) else { return };
    // The test harness has begun a line.
    println!();
    let words: Vec<&str> = job.split('\n').collect();
    let path = Path::new(words[1]);
    let mut numbers: Vec<u64> = words[2..].iter().map(|number| number.parse().unwrap()).collect();
    let done = match words[0] {
        "write" => {
            let run = Run::take(&mut numbers);
            work::write(path, &run, numbers.first().copied().unwrap_or_default()).map_err(|error| error.to_string())
        }
        "check" => check(path, &Run::take(&mut numbers), &pairs(&numbers)),
        "large" => reopen::write(path, numbers[0]),
        "reopen" => reopen::check(path, numbers[0], numbers[1]),
        "device" => device::child(path, numbers[0], numbers[1]),
        "repair" => kill::repair(path, &Run::take(&mut numbers)),
        "damage" => {
            let rows_only = numbers.remove(0) == 1;
            let run = Run::take(&mut numbers);
            damage::child(path, rows_only, &run, (numbers[0], numbers[1]), numbers[2] == 1)
        }
        other => Err(format!("no job is called {other}")),
    };
    match done {
        Ok(()) => std::process::exit(0),
        Err(why) => {
            println!("failed: {why}");
            std::process::exit(1);
        }
    }
}

fn pairs(numbers: &[u64]) -> Bounds {
    numbers.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect()
}

fn check(path: &Path, run: &Run, bounds: &Bounds) -> Result<(), String> {
    let index = work::options().open(path).map_err(|error| error.to_string())?;
    let made = model::check(&index, run, bounds)?;
    let troubles = index.stats().map_err(|error| error.to_string())?.troubles;
    println!("troubles {}", troubles.len());
    made.iter().enumerate().for_each(|(writer, n)| println!("ack {writer} {n}"));
    Ok(())
}

/// How a child is started.
#[derive(Clone, Default)]
pub(crate) struct Job {
    words: Vec<String>,
    variables: Vec<(&'static str, String)>,
}

impl Job {
    pub(crate) fn new(name: &str, path: &Path) -> Job {
        Job { words: vec![name.to_owned(), path.to_str().unwrap().to_owned()], variables: Vec::new() }
    }

    pub(crate) fn number(mut self, number: u64) -> Job {
        self.words.push(number.to_string());
        self
    }

    pub(crate) fn numbers(self, numbers: &[u64]) -> Job {
        numbers.iter().fold(self, |job, number| job.number(*number))
    }

    /// With the shim, for what is below `root`.
    pub(crate) fn under_shim(mut self, root: &Path) -> Job {
        let root = root.to_str().unwrap().to_owned();
        let shim = compiled("tests/faults/shim.rs").to_str().unwrap().to_owned();
        self.variables.extend([("LD_PRELOAD", shim), ("SHIM_ROOT", root)]);
        self
    }

    /// Writes down what it asks of the system. Syncs take longer than here, as they do on a device.
    pub(crate) fn traced(mut self, trace: &Path) -> Job {
        let trace = trace.to_str().unwrap().to_owned();
        self.variables.extend([("SHIM_TRACE", trace), ("SHIM_SYNC", "200".to_owned())]);
        self
    }

    pub(crate) fn with_fault(mut self, fault: String) -> Job {
        self.variables.push(("SHIM_FAULT", fault));
        self
    }

    /// The fault only meets calls on files whose path begins so.
    pub(crate) fn only_below(mut self, path: &Path) -> Job {
        self.variables.push(("SHIM_ONLY", path.to_str().unwrap().to_owned()));
        self
    }

    pub(crate) fn start(&self) -> Child {
        Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child::child_process", "--nocapture", "--test-threads=1"])
            .env(JOB, self.words.join("\n"))
            .envs(self.variables.iter().map(|(name, value)| (*name, value.as_str())))
            .env_remove("RUST_BACKTRACE")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// Runs it to its end.
    pub(crate) fn run(&self) -> Ended {
        self.run_within(DEADLINE)
    }

    pub(crate) fn run_within(&self, deadline: Duration) -> Ended {
        let mut child = self.start();
        let out = read_aside(child.stdout.take());
        let errors = read_aside(child.stderr.take());
        let began = Instant::now();
        let status = loop {
            match child.try_wait().unwrap() {
                Some(status) => break status.code(),
                None if began.elapsed() > deadline => {
                    println!("{}", stacks(child.id()));
                    child.kill().unwrap();
                    child.wait().unwrap();
                    break None;
                }
                None => std::thread::sleep(Duration::from_millis(2)),
            }
        };
        let in_time = began.elapsed() <= deadline;
        Ended { status, in_time, out: out.join().unwrap(), errors: errors.join().unwrap() }
    }
}

/// Where the threads of a process stand, as far as this machine can tell.
fn stacks(process: u32) -> String {
    let gdb =
        Command::new("gdb").args(["-p", &process.to_string(), "-batch", "-ex", "thread apply all bt 16"]).output();
    gdb.map_or_else(|error| error.to_string(), |told| String::from_utf8_lossy(&told.stdout).into_owned())
}

fn read_aside(from: Option<impl Read + Send + 'static>) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = from.unwrap().read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// How a child ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// None when it was killed by a signal.
    pub(crate) status: Option<i32>,
    pub(crate) in_time: bool,
    pub(crate) out: String,
    pub(crate) errors: String,
}

impl Ended {
    pub(crate) fn is_ok(&self) -> bool {
        self.status == Some(0)
    }

    /// Why it failed, by its own words or by its end.
    pub(crate) fn why(&self) -> String {
        let said = self.out.lines().find_map(|line| line.strip_prefix("failed: "));
        match said {
            _ if !self.in_time => {
                let last: Vec<&str> = self.out.lines().rev().take(3).collect();
                format!("it did not end in time after {last:?}; {}", self.errors)
            }
            Some(said) => said.to_owned(),
            None => format!("it ended with {:?}; {}", self.status, self.errors),
        }
    }
}

/// Opens an index in another process and holds it against what must be there. Returns what is, and what was not in
/// order.
pub(crate) fn check_apart(path: &Path, run: &Run, bounds: &Bounds) -> Result<(Vec<u64>, u32), String> {
    let bounds: Vec<u64> = bounds.iter().flat_map(|(least, most)| [*least, *most]).collect();
    let ended = Job::new("check", path).numbers(&run.numbers()).numbers(&bounds).run();
    if !ended.is_ok() {
        return Err(ended.why());
    }
    let number = |line: &str| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap();
    let found = ended.out.lines().filter(|line| line.starts_with("ack ")).map(number).collect();
    let troubles = ended.out.lines().filter(|line| line.starts_with("troubles ")).map(number).sum::<u64>();
    Ok((found, troubles as u32))
}

/// The lines a child says, as they come.
pub(crate) fn lines(out: ChildStdout) -> std::sync::mpsc::Receiver<String> {
    let (send, receive) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let lines = std::io::BufRead::lines(std::io::BufReader::new(out));
        lines.map_while(Result::ok).try_for_each(|line| send.send(line))
    });
    receive
}
