//! The interface of a contender: load, open, answer, change. Knows no particular contender.

use std::collections::HashMap;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::data::Data;
use crate::result::Result;
use crate::texts::Texts;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Lead,
    Support,
}

/// The failure that a commit must survive before its call returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Durability {
    /// Power loss.
    Synced,
    /// Nothing: it is synced some time later.
    Lazy,
}

/// The part of a contender in the comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Ours,
    /// A durable store with snapshots that one would pick instead.
    Peer,
    /// Durable, but without snapshots: compared in a column of its own.
    Rival,
    /// The limit of memory itself: neither disk nor snapshots.
    Limit,
}

/// One way to keep who is responsible for what.
pub(crate) trait Contender: Sync {
    fn name(&self) -> &'static str;

    fn kind(&self) -> Kind {
        Kind::Peer
    }

    /// Whether several processes can have one directory open, one of them writing.
    fn is_shared(&self) -> bool {
        false
    }

    /// Fills an empty directory. The result is durable.
    fn load(&self, at: &Path, data: &Data) -> Result<Box<dyn Store>>;

    /// Opens a directory that was loaded.
    fn open(&self, at: &Path, durability: Durability) -> Result<Box<dyn Store>>;
}

/// Work done with a reader.
pub(crate) type Reading<'w> = dyn FnMut(&mut dyn Ask) -> Result<()> + 'w;
/// Work done with a writer.
pub(crate) type Writing<'w> = dyn FnMut(&mut dyn Write) -> Result<()> + 'w;

/// A contender that is open. Any number of threads may read and write at once.
pub(crate) trait Store: Sync {
    /// Hands out a reader with a snapshot of its own.
    fn read(&self, work: &mut Reading<'_>) -> Result<()>;

    fn write(&self, work: &mut Writing<'_>) -> Result<()>;

    /// How many changes the opening had to replay, where the contender can tell.
    fn replayed(&self) -> Result<Option<usize>> {
        Ok(None)
    }

    /// Closes it as a tidy program would: everything durable, nothing left to be recovered.
    fn close(self: Box<Self>) -> Result<()>;
}

pub(crate) trait Write {
    /// Gives a task another lead, which is no unit of it; the former one leaves. One commit.
    fn set_lead(&mut self, task: &str, unit: &str) -> Result<()>;
}

/// Answers from one snapshot. Its methods are called in loops that are compiled for each contender.
pub(crate) trait Read {
    fn lead(&mut self, task: &str) -> Result<Option<&str>>;
    /// The lead of each task, in their order: one by one, for those that have no better way.
    #[inline]
    fn leads(&mut self, tasks: &[&str], mut each: impl FnMut(Option<&str>)) -> Result<()> {
        for task in tasks {
            each(self.lead(task)?);
        }
        Ok(())
    }
    /// The task's units in order, the lead first.
    fn units(&mut self, task: &str, each: impl FnMut(&str)) -> Result<()>;
    /// The units of each task, one task after the other: one by one, for those that have no better way.
    #[inline]
    fn units_of_many(&mut self, tasks: &[&str], mut each: impl FnMut(&str)) -> Result<()> {
        tasks.iter().try_for_each(|task| self.units(task, &mut each))
    }
    fn led_by(&mut self, unit: &str, each: impl FnMut(&str)) -> Result<()>;
    fn count(&mut self, unit: &str, role: Role) -> Result<u64>;
    /// The tasks that one unit leads and another supports.
    fn shared(&mut self, leads: &str, supports: &str, each: impl FnMut(&str)) -> Result<()>;
    /// How many these are: counted one by one, for those that have no better way.
    fn shared_count(&mut self, leads: &str, supports: &str) -> Result<u64> {
        let mut count = 0;
        self.shared(leads, supports, |_| count += 1)?;
        Ok(count)
    }
    /// Answers from the newest commit from here on.
    fn refresh(&mut self) -> Result<()>;
    /// The same, from one that has everything which any process acknowledged before the call: for those whose snapshots
    /// always have it.
    #[inline]
    fn catch_up(&mut self) -> Result<()> {
        self.refresh()
    }
    /// Answers from a newer commit, once there may be one: for those that nobody tells, after a pause.
    fn wait(&mut self, between: Duration) -> Result<()> {
        if !between.is_zero() {
            std::thread::sleep(between);
        }
        self.refresh()
    }
}

/// What a new snapshot has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Snapshot {
    /// What this process knows.
    Known,
    /// Everything that any process has acknowledged.
    Acknowledged,
}

/// How many tasks are asked for at once, as a program would that fills a page.
const BATCH: usize = 64;

/// A series of questions of one kind.
#[derive(Clone, Copy)]
pub(crate) enum Questions<'q> {
    /// Of tasks, also of such as are not there.
    Lead(&'q Texts),
    /// As `Lead`, `BATCH` at once.
    Leads(&'q Texts),
    Units(&'q Texts),
    /// The same, many tasks at once.
    UnitsOfMany(&'q Texts),
    LedBy(&'q Texts),
    /// In turn how many tasks each unit leads and how many each supports.
    Count(&'q Texts),
    /// Of each pair.
    Shared(&'q Texts),
    SharedCount(&'q Texts),
}

impl Questions<'_> {
    pub(crate) fn len(self) -> usize {
        match self {
            Questions::Shared(texts) | Questions::SharedCount(texts) => texts.len() / 2,
            Questions::Lead(texts)
            | Questions::Leads(texts)
            | Questions::Units(texts)
            | Questions::UnitsOfMany(texts)
            | Questions::LedBy(texts)
            | Questions::Count(texts) => texts.len(),
        }
    }
}

/// The answers to a series, added up: equal for contenders that agree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Texts handed out.
    pub(crate) texts: u64,
    sum: u64,
}

impl Tally {
    /// Touches the text and little more, so that what is timed is the contender.
    #[inline]
    fn add(&mut self, text: &str) {
        let end = text.as_bytes().last_chunk().map_or(0, |end| u64::from_le_bytes(*end));
        self.texts += 1;
        self.sum = self.sum.wrapping_add(end).wrapping_add(text.len() as u64);
    }

    /// Depends on the order too.
    #[inline]
    fn add_next(&mut self, text: &str) {
        self.sum = self.sum.rotate_left(1);
        self.add(text);
    }

    /// Depends on every byte; the order does not matter.
    fn add_whole(&mut self, text: &str) {
        let hash = text
            .bytes()
            .fold(0xCBF2_9CE4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3));
        self.texts += 1;
        self.sum = self.sum.wrapping_add(hash);
    }
}

/// [`Read`] as an object: whole series of questions instead of single ones.
pub(crate) trait Ask {
    /// Asks a series and adds up the answers.
    fn ask(&mut self, questions: Questions<'_>) -> Result<Tally>;

    /// As `ask`, but slower, looking at every byte of the lists.
    fn check(&mut self, questions: Questions<'_>) -> Result<Tally>;

    /// Asks for leads, each from a snapshot taken for it, until the time is up; how long each took.
    fn time_fresh_leads(&mut self, tasks: &Texts, snapshot: Snapshot, time: Duration) -> Result<Vec<Duration>>;

    /// Waits until a task has a lead, which another process gives it. A reader that nobody tells asks again after a pause.
    ///
    /// # Errors
    /// It does not come.
    fn wait_for_lead(&mut self, task: &str, lead: &str, between: Duration) -> Result<()>;
}

/// The longest that a lead is waited for; the clock is looked at once in so many questions.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK: usize = 1 << 10;

impl<R: Read> Ask for R {
    fn ask(&mut self, questions: Questions<'_>) -> Result<Tally> {
        let mut tally = Tally::default();
        match questions {
            Questions::Lead(tasks) => {
                for task in tasks.iter() {
                    add_lead(&mut tally, self.lead(task)?);
                }
            }
            Questions::Leads(tasks) => {
                tasks.in_batches(BATCH, |batch| self.leads(batch, |lead| add_lead(&mut tally, lead)))?;
            }
            Questions::Units(tasks) => {
                for task in tasks.iter() {
                    self.units(task, |unit| tally.add_next(unit))?;
                }
            }
            Questions::UnitsOfMany(tasks) => {
                tasks.in_batches(BATCH, |batch| self.units_of_many(batch, |unit| tally.add_next(unit)))?;
            }
            Questions::LedBy(units) => {
                for unit in units.iter() {
                    self.led_by(unit, |task| tally.add(task))?;
                }
            }
            Questions::Count(units) => {
                for (unit, role) in units.iter().zip([Role::Lead, Role::Support].into_iter().cycle()) {
                    tally.sum += self.count(unit, role)?;
                }
            }
            Questions::Shared(pairs) => {
                for (leads, supports) in pairs.pairs() {
                    self.shared(leads, supports, |task| tally.add(task))?;
                }
            }
            Questions::SharedCount(pairs) => {
                for (leads, supports) in pairs.pairs() {
                    tally.sum += self.shared_count(leads, supports)?;
                }
            }
        }
        Ok(tally)
    }

    fn check(&mut self, questions: Questions<'_>) -> Result<Tally> {
        let mut tally = Tally::default();
        match questions {
            Questions::LedBy(units) => {
                for unit in units.iter() {
                    self.led_by(unit, |task| tally.add_whole(task))?;
                }
            }
            Questions::Shared(pairs) => {
                for (leads, supports) in pairs.pairs() {
                    self.shared(leads, supports, |task| tally.add_whole(task))?;
                }
            }
            other => tally = self.ask(other)?,
        }
        Ok(tally)
    }

    fn time_fresh_leads(&mut self, tasks: &Texts, snapshot: Snapshot, time: Duration) -> Result<Vec<Duration>> {
        let mut times = Vec::with_capacity(1 << 20);
        let begin = Instant::now();
        for task in tasks.iter().cycle().take(times.capacity()) {
            let start = Instant::now();
            match snapshot {
                Snapshot::Known => self.refresh()?,
                Snapshot::Acknowledged => self.catch_up()?,
            }
            std::hint::black_box(self.lead(task)?);
            times.push(start.elapsed());
            if begin.elapsed() > time {
                break;
            }
        }
        Ok(times)
    }

    fn wait_for_lead(&mut self, task: &str, lead: &str, between: Duration) -> Result<()> {
        let begin = Instant::now();
        for asked in 1_usize.. {
            if self.lead(task)? == Some(lead) {
                break;
            }
            if asked.is_multiple_of(LOOK) && begin.elapsed() > PATIENCE {
                return Err(format!("{task} did not get the lead {lead}").into());
            }
            self.wait(between)?;
        }
        Ok(())
    }
}

#[inline]
fn add_lead(tally: &mut Tally, lead: Option<&str>) {
    match lead {
        Some(unit) => tally.add_next(unit),
        None => tally.sum = tally.sum.wrapping_add(1),
    }
}

/// Names of units as small numbers and back. Every contender but ours keeps one in memory, and its table on disk.
#[derive(Default)]
pub(crate) struct Dictionary {
    names: Vec<String>,
    numbers: HashMap<String, u16, foldhash::fast::RandomState>,
}

impl Dictionary {
    /// The number of a name, which gets one where it has none.
    pub(crate) fn add(&mut self, name: &str) -> u16 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = self.names.len() as u16;
        self.names.push(name.to_owned());
        self.numbers.insert(name.to_owned(), number);
        number
    }

    /// # Errors
    /// A name that was not added.
    pub(crate) fn number(&self, name: &str) -> Result<u16> {
        self.numbers.get(name).copied().ok_or_else(|| format!("no unit is called {name}").into())
    }

    pub(crate) fn name(&self, number: u16) -> &str {
        self.names.get(usize::from(number)).map_or("", String::as_str)
    }

    pub(crate) fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }
}

impl<S: AsRef<str>> FromIterator<S> for Dictionary {
    fn from_iter<I: IntoIterator<Item = S>>(names: I) -> Dictionary {
        let mut dictionary = Dictionary::default();
        for name in names {
            dictionary.add(name.as_ref());
        }
        dictionary
    }
}
