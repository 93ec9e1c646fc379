//! A process that does what it is told, one call of the crate for each line of its standard input, and answers with one
//! line.

use std::fmt::Debug;
use std::fs::File;
use std::io::BufRead;
use std::path::Path;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use responsibility_index::{Details, Durability, Index, OpenOptions, View, testing};

use crate::print::{assignments, fingerprint};
use crate::process::{DEADLINE, Process};

/// The agent from the parent's side.
pub(crate) struct Agent(pub(crate) Process);

impl Agent {
    pub(crate) fn start() -> Agent {
        Agent(Process::start(&["agent"]))
    }

    /// One that has an index open.
    pub(crate) fn with(path: &Path, how: &str) -> Agent {
        let mut agent = Agent::start();
        agent.must(&format!("open {how} {}", path.display()));
        agent
    }

    /// The answer, or the error.
    pub(crate) fn ask(&mut self, line: &str) -> Result<String, String> {
        self.0.tell(line);
        self.answer()
    }

    /// The answer to what was told before.
    pub(crate) fn answer(&mut self) -> Result<String, String> {
        let answer = self.0.wait_for("answer ", DEADLINE);
        match answer.split_once(' ').unwrap_or((&answer, "")) {
            ("ok", rest) => Ok(rest.to_owned()),
            (_, rest) => Err(rest.to_owned()),
        }
    }

    pub(crate) fn must(&mut self, line: &str) -> String {
        self.ask(line).unwrap_or_else(|why| panic!("{line}: {why}"))
    }

    pub(crate) fn number(&mut self, line: &str) -> u64 {
        self.must(line).parse().unwrap()
    }

    /// The error of what must be refused.
    pub(crate) fn refused(&mut self, line: &str) -> String {
        self.ask(line).expect_err(line)
    }

    /// Asks until the answer is as wanted. Returns how long that took.
    pub(crate) fn until(&mut self, line: &str, patience: Duration, is_so: impl Fn(&str) -> bool) -> Duration {
        let start = Instant::now();
        loop {
            let answer = self.must(line);
            if is_so(&answer) {
                return start.elapsed();
            }
            assert!(start.elapsed() < patience, "{line} is still {answer}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

#[derive(Default)]
struct Held {
    index: Option<Index>,
    view: Option<View>,
    file: Option<File>,
}

/// The child's side.
pub(crate) fn run() {
    let mut held = Held::default();
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        let words: Vec<&str> = line.split(' ').collect();
        if words[0] == "close" {
            break;
        }
        let answer = match held.run(&words) {
            Ok(answer) => format!("answer ok {answer}"),
            Err(error) => format!("answer error {error}").replace('\n', " "),
        };
        println!("{answer}");
    }
}

fn told(error: impl Debug) -> String {
    format!("{error:?}")
}

/// Options as words: `lazy`, `read`, `after=N`, `segment=N`.
fn options(words: &[&str]) -> OpenOptions {
    words.iter().fold(OpenOptions::new(), |options, word| match word.split_once('=').unwrap_or((word, "")) {
        ("lazy", _) => options.durability(Durability::Lazy),
        ("synced", _) => options,
        ("read", _) => options.read_only(true),
        ("after", changes) => options.checkpoint_after(changes.parse().unwrap()),
        ("segment", bytes) => {
            testing::set_segment_bytes(bytes.parse().unwrap());
            options
        }
        other => panic!("no option is called {other:?}"),
    })
}

impl Held {
    fn run(&mut self, words: &[&str]) -> Result<String, String> {
        if let ["open", how @ .., path] = words {
            self.index = Some(options(how).open(path).map_err(told)?);
            return Ok(String::new());
        }
        if let ["repair", path] = words {
            return OpenOptions::new().repair(path).map(|_| String::new()).map_err(told);
        }
        match words {
            ["flock", path] => {
                let file = File::open(path).map_err(told)?;
                file.lock().map_err(told)?;
                self.file = Some(file);
                return Ok(String::new());
            }
            ["clock", millis] => {
                testing::set_clock(millis.parse().unwrap());
                return Ok(String::new());
            }
            ["drop"] => {
                self.index = None;
                return Ok(String::new());
            }
            _ => {}
        }
        let index = self.index.as_ref().expect("an open index");
        let ok = |()| String::new();
        match words {
            ["assign", key, units @ ..] => {
                let committed = index.batch().assign(*key, units).commit();
                committed.map(|effect| effect.revision().to_string())
            }
            ["field", task, field, value] => {
                let committed = index.batch().set_field(*task, *field, *value).commit();
                committed.map(|effect| effect.revision().to_string())
            }
            ["fill", key, commits, bytes] => fill(index, key, commits.parse().unwrap(), bytes.parse().unwrap()),
            ["tasks", key, tasks] => {
                let mut load = index.bulk_load();
                let add = |task: u32| load.add(&format!("{key}/{task}"), [format!("unit {}", task % 7)]);
                (0..tasks.parse::<u32>().unwrap()).try_for_each(add).and_then(|()| load.commit()).map(|_| String::new())
            }
            ["spin", key, millis] => spin(index, key, Duration::from_millis(millis.parse().unwrap())),
            ["revision"] => Ok(index.revision().to_string()),
            ["fresh"] => index.fresh_view().map(|view| view.revision().to_string()),
            ["wait", revision, millis] => {
                let patience = Duration::from_millis(millis.parse().unwrap());
                Ok(index.wait_for(revision.parse().unwrap(), patience).revision().to_string())
            }
            ["lead", key] => Ok(index.lead(key).unwrap_or_default()),
            ["owner"] => index.following().map(|following| following.is_owner.to_string()),
            ["trouble"] => index.following().map(|following| following.trouble.unwrap_or_default()),
            ["troubles"] => index.stats().map(|stats| format!("{:?}", stats.troubles)),
            ["log"] => Ok(index.cursor().log_id()),
            ["horizon"] => index.horizon().map(|horizon| horizon.to_string()),
            ["flush"] => index.flush().map(ok),
            ["checkpoint"] => index.checkpoint().map(ok),
            ["trim", revision] => index.trim(revision.parse().unwrap()).map(ok),
            ["backup", path] => index.backup(path).map(|revision| revision.to_string()),
            ["trims", key, millis] => trims(index, key, Duration::from_millis(millis.parse().unwrap())),
            ["verify"] => index.verify().map(|found| format!("{found:?}")),
            ["export"] => Ok(fingerprint(&index.view()).to_string()),
            ["assignments"] => Ok(assignments(&index.view()).to_string()),
            ["hold"] => {
                self.view = Some(index.view());
                Ok(String::new())
            }
            ["held", key] => self.view.as_ref().expect("a held view").details(key).map(|found| format!("{found:?}")),
            ["stamp", revision] => {
                let revision: u64 = revision.parse().unwrap();
                let commit =
                    index.commits(revision..=revision).map_err(told)?.next().expect("a commit").map_err(told)?;
                Ok(commit.time().as_millisecond().to_string())
            }
            ["at", millis] => {
                let time = Timestamp::from_millisecond(millis.parse().unwrap()).unwrap();
                index.revision_at(time).map(|revision| revision.to_string())
            }
            _ => panic!("no call is {words:?}"),
        }
        .map_err(told)
    }
}

/// Makes so many commits with details of so many bytes, always of the same eight tasks.
fn fill(index: &Index, key: &str, commits: u64, bytes: usize) -> responsibility_index::Result<String> {
    for n in 1..=commits {
        let task = format!("{key}/{}", n % 8);
        let details = Details::titled(format!("step {n}")).text("x".repeat(bytes));
        index.batch().assign(task.clone(), [format!("unit {}", n % 10)]).set_details(task, details).commit()?;
    }
    Ok(index.revision().to_string())
}

/// Commits and trims in turn for a time.
fn trims(index: &Index, key: &str, time: Duration) -> responsibility_index::Result<String> {
    let start = Instant::now();
    while start.elapsed() < time {
        fill(index, key, 10, 5_000)?;
        index.trim(index.revision() - 1)?;
    }
    Ok(index.revision().to_string())
}

/// Commits without a pause for a time. A refusal ends it.
fn spin(index: &Index, key: &str, time: Duration) -> responsibility_index::Result<String> {
    let start = Instant::now();
    for n in 0.. {
        if start.elapsed() > time {
            break;
        }
        index.batch().assign(key, [format!("unit {}", n % 10)]).commit()?;
    }
    Ok(index.revision().to_string())
}
