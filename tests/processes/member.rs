//! A member of the crowd, from the child's side: commits and reads at random, and tells what it tried, what was
//! acknowledged, and what it saw.
//!
//! Lines: `try NOTE FACTS` before a commit and `ack NOTE REVISION DURABLE NANOSECONDS`, `none NOTE WHY` or `unknown NOTE` after
//! it; `fresh NANOSECONDS REVISION` with the time before the call; `past REVISION FINGERPRINT` of a view; `owner 0` or `owner 1`; `at
//! WHAT` before other calls; `failed: WHY` at the end of a process that saw what must not be.

use std::collections::VecDeque;
use std::io::BufRead;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use responsibility_index::{
    Details, Durability, EngineError, Error, Index, LogError, OpenError, OpenOptions, Revision, UnitKind, View, testing,
};

use crate::print::{assignments, fingerprint};
use crate::random::Random;

/// The task on which all members compete.
pub(crate) const SHARED: &str = "shared/count";
/// Digits of a counter.
const DIGITS: u32 = 6;
/// Tasks of each member.
const TASKS: u64 = 12;
/// Bytes of a segment: a trim then removes some.
const SEGMENT: u64 = 60_000;
/// Changes after which a checkpoint is due.
const CHECKPOINT: usize = 60;

/// How long servers of a shared index may not answer at the beginning and at the end.
const AWAY: Duration = Duration::from_secs(30);

/// Nanoseconds of the system's clock, which all processes share.
pub(crate) fn now() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos()
}

/// A number as units, one for each digit.
pub(crate) fn digits(number: u64) -> Vec<String> {
    (0..DIGITS).map(|place| format!("place-{place}-is-{}", number / 10_u64.pow(place) % 10)).collect()
}

/// The number whose digits a task has; 0 for a task that is not known.
pub(crate) fn count(view: &View, task: &str) -> u64 {
    let digits = view.task(task).into_iter().flat_map(|task| {
        task.units()
            .map(|(unit, _)| unit.name().rsplit('-').next().unwrap().parse::<u64>().unwrap())
            .collect::<Vec<_>>()
    });
    (0..).zip(digits).map(|(place, digit)| digit * 10_u64.pow(place)).sum()
}

/// Ends this process: it has seen what must not be.
pub(crate) fn fail(why: impl std::fmt::Display) -> ! {
    println!("failed: {why}");
    std::process::exit(1)
}

/// Whether the servers of a shared index do not answer. Nothing was done.
fn is_away(error: &Error) -> bool {
    matches!(error, Error::Engine(EngineError::Unreachable { .. }))
}

pub(crate) struct Member {
    pub(crate) index: Index,
    pub(crate) number: u64,
    pub(crate) synced: bool,
    /// Whether the log is on servers: then a commit may end unknown, and the index goes on.
    shared: bool,
    /// Whether a commit ended unknown, and none was done since.
    unsettled: bool,
    /// The begin of its notes, which no other process has.
    pub(crate) name: String,
    pub(crate) random: Random,
    pub(crate) next: u64,
    /// Its own counter, and how often its clerk was renamed.
    pub(crate) count: u64,
    pub(crate) renames: u64,
    /// The newest revision that it saw.
    pub(crate) seen: Revision,
    /// The title of the details that it set last.
    pub(crate) title: Option<String>,
    pub(crate) is_owner: bool,
    pub(crate) backups: String,
    pub(crate) held: VecDeque<View>,
}

/// `options` are those of the index but for its durability: `synced`, `lazy` or `shared`, which is synced.
pub(crate) fn run(words: &[&str], options: &OpenOptions) {
    let [path, number, life, durability, seed] = words else { panic!("{words:?}") };
    let commands = commands();
    testing::set_segment_bytes(SEGMENT);
    let shared = *durability == "shared";
    let synced = shared || *durability == "synced";
    let durability = if synced { Durability::Synced } else { Durability::Lazy };
    let began = now();
    println!("at open");
    let options = options.clone().durability(durability).checkpoint_after(CHECKPOINT);
    let index = loop {
        match options.open(path) {
            // Another process of this machine creates the copy, which takes as long as its servers do.
            Err(Error::Open(OpenError::InUse { .. })) if shared && now() - began < AWAY.as_nanos() => {}
            Err(error) if is_away(&error) && now() - began < AWAY.as_nanos() => {}
            opened => break opened.unwrap_or_else(|error| fail(format!("opening: {error:?}"))),
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    let view = index.view();
    // Without its servers a shared index is opened as it was.
    if !shared {
        println!("fresh {began} {}", view.revision());
    }
    let number: u64 = number.parse().unwrap();
    let renames = renames(&view, number);
    let mut member = Member {
        number,
        synced,
        shared,
        // Another life may have left a commit without an answer.
        unsettled: shared,
        name: format!("m{number}.{life}"),
        random: Random::new(seed.parse().unwrap()),
        next: 0,
        count: count(&view, &format!("m{number}/count")),
        renames: renames.unwrap_or_default(),
        seen: view.revision(),
        title: None,
        is_owner: false,
        backups: format!("{path}-backup-{number}-{life}"),
        held: VecDeque::new(),
        index,
    };
    if renames.is_none() && !shared {
        member.hire();
    }
    while commands.try_recv() == Err(TryRecvError::Empty) {
        member.step();
        std::thread::sleep(Duration::from_micros(member.random.below(2_000)));
    }
    println!("stopped");
    member.end(&commands);
}

/// How often the clerk of a member was renamed; `None` before it is hired.
fn renames(view: &View, number: u64) -> Option<u64> {
    let clerk = format!("clerk-{number}-");
    view.units().filter_map(|unit| unit.name().strip_prefix(&clerk)?.parse::<u64>().ok()).max()
}

/// The lines that the parent says. When the parent is gone, this process ends, too.
fn commands() -> Receiver<String> {
    let (send, commands) = channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            let _ = send.send(line);
        }
        std::process::exit(0);
    });
    commands
}

impl Member {
    /// After all have stopped: the newest revision, then the export at the last revision of all.
    fn end(self, commands: &Receiver<String>) {
        for command in commands {
            match command.split_once(' ').unwrap_or((&command, "")) {
                ("settle", _) => {
                    let start = Instant::now();
                    let view = loop {
                        match self.index.fresh_view() {
                            Err(error) if is_away(&error) && start.elapsed() < AWAY => {}
                            view => break view.unwrap_or_else(|error| fail(format!("settle: {error:?}"))),
                        }
                    };
                    println!("settled {}", view.revision());
                }
                ("final", revision) => {
                    let view = self.index.wait_for(revision.parse().unwrap(), Duration::from_secs(20));
                    println!("final {} {}", view.revision(), fingerprint(&view));
                }
                ("verify", _) => println!("verified {:?}", self.index.verify()),
                _ => return,
            }
        }
    }

    fn step(&mut self) {
        if self.unsettled {
            return self.settle();
        }
        match self.random.below(40) {
            0..=7 => self.compete(),
            8..=13 => self.batch(),
            14..=16 => drop(self.details()),
            17 => self.field(),
            18 => self.rename(),
            19..=20 => self.remove(),
            21..=24 => self.assign(),
            25..=26 => drop(self.fresh()),
            28 => self.wait(),
            29..=30 => self.past(),
            31..=32 => self.commits(),
            33..=34 => self.read(),
            35 if self.random.one_in(3) => self.allowed("checkpoint", Index::checkpoint),
            27 | 36 if self.is_owner || self.random.one_in(4) => self.trim(),
            37 if self.random.one_in(12) => self.backup(),
            38 if self.random.one_in(12) => self.verify(),
            39 if self.random.one_in(6) => self.allowed("compact", Index::compact),
            39 if !self.synced => self.allowed("flush", Index::flush),
            _ => {
                self.view();
            }
        }
        let is_owner = self.index.following().unwrap_or_else(|error| fail(format!("following: {error:?}"))).is_owner;
        if is_owner != self.is_owner {
            self.is_owner = is_owner;
            println!("owner {}", u8::from(is_owner));
        }
    }

    /// Commits until it is done: what ended unknown before is in the history by then, or never will be.
    fn settle(&mut self) {
        self.unsettled = !self.details();
        let view = self.index.view();
        self.count = count(&view, &format!("m{}/count", self.number));
        self.renames = renames(&view, self.number).unwrap_or_default();
    }

    /// The newest view, which is never older than one before.
    pub(crate) fn view(&mut self) -> View {
        let view = self.index.view();
        self.saw(view.revision(), "view");
        if self.random.one_in(20) {
            println!("past {} {}", view.revision(), assignments(&view));
        }
        view
    }

    pub(crate) fn saw(&mut self, revision: Revision, how: &str) {
        if revision < self.seen {
            fail(format!("{how} has revision {revision}, after {}", self.seen));
        }
        self.seen = revision;
    }

    pub(crate) fn fresh(&self) -> View {
        let began = now();
        let view = match self.index.fresh_view() {
            Ok(view) => view,
            Err(error) if is_away(&error) => {
                println!("away fresh");
                return self.index.view();
            }
            Err(error) => fail(format!("fresh_view: {error:?}")),
        };
        if view.revision() < self.seen {
            fail(format!("fresh_view has revision {}, after {}", view.revision(), self.seen));
        }
        println!("fresh {began} {}", view.revision());
        view
    }

    /// Commits, and tells of it. Returns whether it is done.
    fn commit(&mut self, facts: &str, edits: responsibility_index::Batch<'_>) -> bool {
        self.next += 1;
        let note = format!("{}.{}", self.name, self.next);
        println!("try {note} {facts}");
        match edits.note(note.clone(), "crowd").commit() {
            Ok(effect) if effect.is_empty() => fail(format!("{note} changed nothing")),
            Ok(effect) => {
                println!("ack {note} {} {} {}", effect.revision(), u8::from(self.synced), now());
                let shown = self.index.revision();
                if shown < effect.revision() {
                    fail(format!("{note} is revision {}, the view has {shown}", effect.revision()));
                }
                self.saw(shown, "the view after a commit");
                true
            }
            Err(Error::Conflict(_)) => {
                println!("none {note} conflict");
                false
            }
            Err(Error::Log(why @ LogError::Busy { .. })) => {
                println!("none {note} busy {why}");
                false
            }
            Err(error) if is_away(&error) => {
                println!("none {note} unreachable");
                false
            }
            Err(error) if self.shared && error.is_unknown() => {
                println!("unknown {note}");
                self.unsettled = true;
                false
            }
            Err(error) => fail(format!("{note}: {error:?}")),
        }
    }

    /// The next number of the shared counter, if nobody else is quicker.
    fn compete(&mut self) {
        let view = if self.random.one_in(2) { self.fresh() } else { self.view() };
        let seen = view.standing(SHARED);
        let value = count(&view, SHARED) + 1;
        let index = self.index.clone();
        let edits = index.batch().only_if(SHARED, seen).assign(SHARED, digits(value));
        self.commit(&format!("{SHARED}={}", digits(value).join("+")), edits);
    }

    fn task(&mut self) -> String {
        format!("m{}/t/{}", self.number, self.random.below(TASKS))
    }

    /// Its own counter and some tasks in one commit.
    fn batch(&mut self) {
        let counter = format!("m{}/count", self.number);
        let value = digits(self.count + 1);
        let mut facts = vec![format!("{counter}={}", value.join("+"))];
        let index = self.index.clone();
        let mut edits = index.batch().assign(counter, value);
        for task in 0..self.random.below(5) {
            let (task, unit) = (format!("m{}/b/{task}", self.number), format!("unit-{}", (self.count + 1) % 30));
            facts.push(format!("{task}={unit}"));
            edits = edits.assign(task, [unit]);
        }
        if self.commit(&facts.join(","), edits) {
            self.count += 1;
        }
    }

    /// Units that differ from those of the commit before.
    fn units(&self) -> [String; 2] {
        [format!("desk-{}-{}", self.number, self.next % 5), format!("unit-{}", self.next % 31)]
    }

    fn assign(&mut self) {
        let (task, units) = (self.task(), self.units());
        if self.index.view().task(&task).is_some_and(|task| task.lead() == Some(&units[0])) {
            return;
        }
        let index = self.index.clone();
        let facts = format!("{task}={}", units.join("+"));
        self.commit(&facts, index.batch().assign(task, &units));
    }

    fn remove(&mut self) {
        let task = self.task();
        if self.index.view().task(&task).is_some() {
            let index = self.index.clone();
            self.commit(&format!("{task}=-"), index.batch().remove(task.clone()));
        }
    }

    /// Details of which no two have the same text, some of them of several frames. Returns whether it is done.
    fn details(&mut self) -> bool {
        let bytes = if self.random.one_in(40) { 900_000 } else { 50 + self.random.below(3_000) };
        let title = format!("{}.{}", self.name, self.next + 1);
        let task = format!("m{}/details", self.number);
        let text = "x".repeat(bytes as usize);
        let details = Details::titled(title.clone()).text(text.clone()).field("again", text);
        let index = self.index.clone();
        let edits = index.batch().assign(task.clone(), self.units()).set_details(task.clone(), details);
        let done = self.commit(&format!("{task}={}", self.units().join("+")), edits);
        if done {
            self.title = Some(title);
        }
        done
    }

    /// A field of details that were set before: the others stay.
    fn field(&mut self) {
        let task = format!("m{}/details", self.number);
        if self.index.view().task(&task).is_none() {
            return;
        }
        let index = self.index.clone();
        let value = format!("{}.{}", self.name, self.next + 1);
        let edits = index.batch().set_field(task.clone(), "field", value);
        let units = index.view().task(&task).map(|task| task.units().map(|(unit, _)| unit.name().to_owned()).collect());
        let units: Vec<String> = units.unwrap_or_default();
        self.commit(&format!("{task}={}", units.join("+")), edits);
    }

    fn clerk(&self) -> String {
        format!("clerk-{}-{}", self.number, self.renames)
    }

    fn hire(&mut self) {
        let (index, clerk) = (self.index.clone(), self.clerk());
        self.commit(&format!("unit={clerk}"), index.batch().create_unit(clerk.clone(), UnitKind::Body));
    }

    fn rename(&mut self) {
        let before = self.clerk();
        if self.index.view().unit(&before).is_err() {
            return self.hire();
        }
        self.renames += 1;
        let (index, after) = (self.index.clone(), self.clerk());
        let edits = index.batch().rename_unit(before.clone(), after.clone()).remove_alias(after.clone(), before);
        if !self.commit(&format!("unit={after}"), edits) {
            self.renames -= 1;
        }
    }

    /// Calls that other processes may be in the way of.
    fn allowed(&mut self, what: &str, call: impl FnOnce(&Index) -> responsibility_index::Result<()>) {
        println!("at {what}");
        match call(&self.index) {
            Ok(()) => println!("done {what}"),
            Err(Error::Log(LogError::Busy { .. })) => println!("busy {what}"),
            Err(error) if is_away(&error) => println!("away {what}"),
            Err(error) => fail(format!("{what}: {error:?}")),
        }
    }

    fn trim(&mut self) {
        let revision = self.index.revision().saturating_sub(self.random.below(60));
        self.allowed("trim", |index| index.trim(revision));
    }
}
