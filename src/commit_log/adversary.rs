//! A log that does its worst within its promises, for tests of callers: it refuses, fails, loses answers, applies late,
//! wakes too early or not at all, and trims. Wraps any log.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::CommitLog;
use super::entry::{Appended, Base, EachBasePiece, EachPiece, Entry, Head, Position, Tail};
use crate::id::Revision;
use crate::model::{EngineError, Error, LogError, Result};

/// One misfortune. It strikes the next call that it concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misfortune {
    /// An append is refused, as if another writer had been first. The tail may be empty: the other entries may come
    /// only later.
    Refuse,
    /// An append fails with nothing written.
    Fail,
    /// An append is done, and the answer is lost.
    LoseAnswer,
    /// The answer of an append is lost, and it is done before the next call, if it then still fits. With several machines it
    /// is done when the test says so.
    ApplyLate,
    /// A sync fails; it is not known what is durable.
    FailSync,
    /// A wait ends at its time with nothing, whatever has come.
    DropWake,
    /// A wait ends at once, perhaps with nothing.
    WakeEarly,
    /// A wait returns what the wait before it returned.
    RepeatWake,
    /// The log is trimmed up to its newest base, if it has one, before a read, scan or wait.
    Trim,
}

/// A call of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    Append,
    Read,
    Wait,
    Sync,
}

impl Misfortune {
    fn concerns(self, call: Call) -> bool {
        match self {
            Misfortune::Refuse | Misfortune::Fail | Misfortune::LoseAnswer | Misfortune::ApplyLate => {
                call == Call::Append
            }
            Misfortune::FailSync => call == Call::Sync,
            Misfortune::DropWake | Misfortune::WakeEarly | Misfortune::RepeatWake => call == Call::Wait,
            Misfortune::Trim => matches!(call, Call::Read | Call::Wait),
        }
    }
}

/// A log with misfortunes to come. Without any it does what the log in it does.
pub(crate) struct Adversary<L> {
    log: L,
    /// Called before each call, which fails if it does.
    before: Box<Before>,
    /// Whether it is the log of several machines: it goes on after `Unknown`, and nothing in it takes time.
    is_shared: bool,
    state: Mutex<State>,
}

type Before = dyn Fn(Call) -> Result<()> + Send + Sync;

#[derive(Default)]
struct State {
    to_come: VecDeque<Misfortune>,
    /// Appends without an answer that are to be done.
    late: VecDeque<(Revision, Vec<Entry>)>,
    last_wake: Option<Head>,
    /// The newest revision that was to be appended.
    newest: Revision,
}

impl<L: CommitLog> Adversary<L> {
    #[cfg(test)]
    pub(crate) fn new(log: L) -> Adversary<L> {
        Adversary::before_sync(log, || Ok(()))
    }

    /// A log that calls a function before each sync.
    pub(crate) fn before_sync(log: L, call: impl Fn() -> Result<()> + Send + Sync + 'static) -> Adversary<L> {
        let before = move |which| if which == Call::Sync { call() } else { Ok(()) };
        Adversary { log, before: Box::new(before), is_shared: false, state: Mutex::default() }
    }

    /// A log that several machines share. Calls a function before each call.
    #[cfg(feature = "testing")]
    pub(crate) fn of_machines(log: L, before: impl Fn(Call) -> Result<()> + Send + Sync + 'static) -> Adversary<L> {
        Adversary { log, before: Box::new(before), is_shared: true, state: Mutex::default() }
    }

    /// Adds a misfortune after those that are to come.
    pub(crate) fn add(&self, misfortune: Misfortune) {
        self.with(|state| state.to_come.push_back(misfortune));
    }

    /// Forgets the misfortunes that are to come.
    #[cfg(feature = "testing")]
    pub(crate) fn calm(&self) {
        self.with(|state| state.to_come.clear());
    }

    /// Does the oldest append that is late, if it still fits. Returns whether there was one.
    pub(crate) fn apply_late(&self) -> bool {
        let late = self.with(|state| state.late.pop_front());
        // Where it does not fit any more, nobody will hear of it again.
        late.map(|(from, entries)| drop(self.log.append(from, &entries))).is_some()
    }

    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Applies what is late, then takes the first misfortune that concerns a call.
    fn strike(&self, call: Call) -> Result<Option<Misfortune>> {
        while !self.is_shared && self.apply_late() {}
        let misfortune = self.with(|state| {
            let at = state.to_come.iter().position(|misfortune| misfortune.concerns(call))?;
            state.to_come.remove(at)
        });
        if misfortune == Some(Misfortune::Trim)
            && let Some(newest) = self.log.bases()?.last()
        {
            self.log.trim(*newest)?;
        }
        Ok(misfortune)
    }
}

fn unknown(revision: Revision) -> Error {
    EngineError::Unknown { revision, id: None, why: "the answer was lost".to_owned() }.into()
}

impl<L: CommitLog> CommitLog for Adversary<L> {
    fn append(&self, from: Revision, entries: &[Entry]) -> Result<Appended> {
        let newest = entries.last().map_or(from, |entry| entry.revision);
        (self.before)(Call::Append)?;
        self.with(|state| state.newest = state.newest.max(newest));
        match self.strike(Call::Append)? {
            Some(Misfortune::Refuse) => match self.log.read(from, super::READ_BYTES) {
                Err(Error::Log(LogError::Trimmed { .. })) => {
                    Ok(Appended::Behind(Tail { entries: Vec::new(), head: self.log.end()?.0 }))
                }
                read => read.map(Appended::Behind),
            },
            Some(Misfortune::Fail) => Err(EngineError::Failed { doing: "append", why: "as planned".to_owned() }.into()),
            Some(Misfortune::LoseAnswer) => match self.log.append(from, entries)? {
                Appended::Done(_) => Err(unknown(newest)),
                behind @ Appended::Behind(_) => Ok(behind),
            },
            Some(Misfortune::ApplyLate) => {
                self.with(|state| state.late.push_back((from, entries.to_vec())));
                Err(unknown(newest))
            }
            _ => self.log.append(from, entries),
        }
    }

    fn read(&self, after: Revision, most_bytes: usize) -> Result<Tail> {
        (self.before)(Call::Read)?;
        self.strike(Call::Read)?;
        self.log.read(after, most_bytes)
    }

    fn scan(&self, after: Revision, each: &mut EachPiece<'_>) -> Result<Head> {
        (self.before)(Call::Read)?;
        self.strike(Call::Read)?;
        self.log.scan(after, each)
    }

    fn scan_tag(&self, tag: u64, each: &mut EachPiece<'_>) -> Result<()> {
        (self.before)(Call::Read)?;
        self.strike(Call::Read)?;
        self.log.scan_tag(tag, each)
    }

    fn wait(&self, after: Revision, patience: Duration) -> Result<Head> {
        (self.before)(Call::Wait)?;
        let patience = if self.is_shared { Duration::ZERO } else { patience };
        let head = match self.strike(Call::Wait)? {
            // Who waits learns of nothing before the end of its patience.
            Some(Misfortune::DropWake) => {
                std::thread::sleep(patience);
                return self.with(|state| state.last_wake).map_or(Ok(Head::START), Ok);
            }
            Some(Misfortune::WakeEarly) => self.log.wait(after, Duration::ZERO)?,
            Some(Misfortune::RepeatWake) => match self.with(|state| state.last_wake) {
                Some(head) => head,
                None => self.log.wait(after, Duration::ZERO)?,
            },
            _ => self.log.wait(after, patience)?,
        };
        self.with(|state| state.last_wake = Some(head));
        Ok(head)
    }

    fn end(&self) -> Result<(Head, Position)> {
        self.log.end()
    }

    fn oldest(&self) -> Revision {
        self.log.oldest()
    }

    fn check(&self) -> Result<Vec<LogError>> {
        self.log.check()
    }

    fn close(&self) -> Result<()> {
        self.log.close()
    }

    fn sync(&self) -> Result<Revision> {
        if self.strike(Call::Sync)? == Some(Misfortune::FailSync) {
            return Err(unknown(self.with(|state| state.newest)));
        }
        (self.before)(Call::Sync)?;
        self.log.sync()
    }

    fn bases(&self) -> Result<Vec<Revision>> {
        self.log.bases()
    }

    fn read_base(&self, revision: Revision) -> Result<Base> {
        self.log.read_base(revision)
    }

    fn scan_base(&self, revision: Revision, each: &mut EachBasePiece<'_>) -> Result<(Head, u64)> {
        self.log.scan_base(revision, each)
    }

    fn scan_base_tag(&self, revision: Revision, tag: u64, each: &mut EachBasePiece<'_>) -> Result<(Head, u64)> {
        self.log.scan_base_tag(revision, tag, each)
    }

    fn put_base(&self, base: &Base) -> Result<()> {
        self.log.put_base(base)
    }

    fn trim(&self, up_to: Revision) -> Result<()> {
        self.log.trim(up_to)
    }

    fn is_shared(&self) -> bool {
        self.is_shared
    }

    fn heard(&self) -> Option<Instant> {
        self.is_shared.then(Instant::now)
    }
}
