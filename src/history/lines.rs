//! Commits as JSON Lines, and back.
//!
//! ```json
//! {"format":"responsibility-index-log","version":1,"cursor":"9f2c41d07a6b3e5500aa11bb22cc33dd-41"}
//! {"commit":42,"time":"2018-11-05T02:10:00Z","day":"2018-11-05","who":"编办","why":"机构改革","changes":2}
//! {"unit":{"before":{"name":"Roads"},"after":{"name":"Transport","aliases":["Roads"]}}}
//! {"task":"plan/1","before":null,"after":{"lead":"Transport","supporting":["Finance"]},"details":true}
//! ```
//!
//! A head line says how many lines of changes follow, so that a reader takes a commit whole or not at all.

use std::io::{self, BufRead, Read, Write};

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::id::Revision;
use crate::model::{Error, FactChange, InputError, Note, Result, Standing, check_task_key};

use super::commit::{Commit, Lined, TaskLine, UnitChange};
use super::cursor::Cursor;
use super::past::Stamp;

const FORMAT: &str = "responsibility-index-log";
const VERSION: u32 = 1;
/// The longest line that is read, in bytes: a task names at most 4,088 units, of at most 512 bytes each, before and after.
const MAX_LINE: usize = 64 << 20;
/// The most characters of an error about JSON, which may quote the line.
const MAX_REASON: usize = 200;

#[derive(Serialize, Deserialize)]
struct FormatLine {
    format: String,
    version: u32,
    cursor: String,
}

#[derive(Serialize, Deserialize)]
struct HeadLine {
    commit: Revision,
    time: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    day: Option<Date>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    who: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    why: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    loaded: Option<u64>,
    changes: usize,
}

/// A change as it is written.
#[derive(Serialize)]
#[serde(untagged)]
enum FactLine {
    Task {
        task: String,
        before: Option<Standing>,
        after: Option<Standing>,
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        details: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        moved_from: Option<String>,
    },
    Unit {
        unit: UnitChange,
    },
    Fact {
        fact: FactChange,
    },
}

/// Any change as it is read: the fields that it has tell which one it is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AnyFact {
    task: Option<String>,
    before: Option<Standing>,
    after: Option<Standing>,
    #[serde(default)]
    details: bool,
    moved_from: Option<String>,
    unit: Option<UnitChange>,
    fact: Option<FactChange>,
}

impl AnyFact {
    fn fact(self) -> Result<FactLine, String> {
        let AnyFact { task, before, after, details, moved_from, unit, fact } = self;
        let sides = before.is_some() || after.is_some();
        match (task, unit, fact) {
            (Some(task), None, None) if sides => {
                check_task_key(&task).map_err(|why| why.to_string())?;
                Ok(FactLine::Task { task, before, after, details, moved_from })
            }
            (Some(_), None, None) => Err("a task has no standing before and none after".to_owned()),
            (None, ..) if sides || details || moved_from.is_some() => {
                Err("only a task has its sides next to its name".to_owned())
            }
            (None, Some(unit), None) if unit.before.is_some() || unit.after.is_some() => Ok(FactLine::Unit { unit }),
            (None, Some(_), None) => Err("a unit is there neither before nor after".to_owned()),
            (None, None, Some(fact)) if fact.before.is_some() || fact.after.is_some() => Ok(FactLine::Fact { fact }),
            (None, None, Some(_)) => Err("a fact is there neither before nor after".to_owned()),
            _ => Err("a change is that of a task, of a unit or of a fact".to_owned()),
        }
    }
}

impl Cursor {
    /// Writes the first line of a feed that goes on from here: before the [commits](Commit::write_lines).
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn write_line(&self, mut out: impl Write) -> Result<()> {
        write(&mut out, &FormatLine { format: FORMAT.to_owned(), version: VERSION, cursor: self.to_string() })
    }
}

impl Commit {
    /// Writes it as JSON Lines: a head, then a line per change, 0.4 µs each.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn write_lines(&self, mut out: impl Write) -> Result<()> {
        let (units, facts) = (self.units(), self.facts());
        let changes = units.len() + facts.len() + self.tasks().count();
        let Stamp { time, day, note } = self.stamp().clone();
        let Note { why, who } = note;
        let head = HeadLine { commit: self.revision(), time, day, who, why, loaded: self.loaded(), changes };
        write(&mut out, &head)?;
        units.into_iter().try_for_each(|unit| write(&mut out, &FactLine::Unit { unit }))?;
        facts.into_iter().try_for_each(|fact| write(&mut out, &FactLine::Fact { fact }))?;
        self.tasks().try_for_each(|change| {
            let (task, details) = (change.key.to_owned(), change.details);
            let (before, after, moved_from) = (change.before, change.after, change.moved_from.map(str::to_owned));
            write(&mut out, &FactLine::Task { task, before, after, details, moved_from })
        })
    }
}

fn write(out: &mut impl Write, line: &impl Serialize) -> Result<()> {
    let failed = |cause: io::Error| Error::Io { doing: "write the feed", cause };
    serde_json::to_writer(&mut *out, line).map_err(|error| failed(error.into()))?;
    out.write_all(b"\n").map_err(failed)
}

/// Reads commits from JSON Lines: an iterator of whole commits. Made by [`Lines::new`].
///
/// ```
/// use responsibility_index::Index;
/// use responsibility_index::history::Lines;
///
/// let index = Index::in_memory();
/// let mut feed = Vec::new();
/// index.follow(0)?.cursor().write_line(&mut feed)?;
/// index.assign("plan/1", ["Transport", "Finance"])?;
/// for commit in index.commits(..)? {
///     commit?.write_lines(&mut feed)?;
/// }
/// let lines = Lines::new(feed.as_slice())?;
/// let commits = lines.collect::<Result<Vec<_>, _>>()?;
/// assert_eq!(commits.len(), 1);
/// assert_eq!(commits[0].tasks().next().map(|task| task.key.to_owned()).as_deref(), Some("plan/1"));
/// # Ok::<(), responsibility_index::Error>(())
/// ```
///
/// # Errors of items
/// [`InputError::BadLine`] for the first line that can't be used, and for a commit that is cut short; [`Error::Io`]. Nothing
/// follows an error.
pub struct Lines<R> {
    lines: Numbered<R>,
    cursor: Cursor,
    ended: bool,
}

/// Lines with their numbers.
struct Numbered<R> {
    source: R,
    number: usize,
}

impl<R: BufRead> Lines<R> {
    /// Reads the first line.
    ///
    /// # Errors
    /// [`InputError::BadLine`] if it is not the first line of a feed; [`Error::Io`].
    pub fn new(source: R) -> Result<Lines<R>> {
        let mut lines = Numbered { source, number: 0 };
        let line = lines.next()?.ok_or_else(|| lines.bad("the feed is empty"))?;
        let FormatLine { format, version, cursor } = lines.parse(&line)?;
        if (format.as_str(), version) != (FORMAT, VERSION) {
            return Err(lines.bad(format!("it is not a feed of version {VERSION}")));
        }
        let cursor = cursor.parse().map_err(|error: InputError| lines.bad(error.to_string()))?;
        Ok(Lines { lines, cursor, ended: false })
    }

    /// The place of the last commit that was read, or of the beginning of the feed: where to go on.
    #[must_use]
    pub fn cursor(&self) -> Cursor {
        self.cursor
    }

    fn commit(&mut self) -> Result<Option<Commit>> {
        let lines = &mut self.lines;
        let Some(line) = lines.next()? else { return Ok(None) };
        let HeadLine { commit, time, day, who, why, loaded, changes } = lines.parse(&line)?;
        if commit <= self.cursor.revision() {
            return Err(lines.bad(format!("commit {commit} does not come after {}", self.cursor.revision())));
        }
        let mut lined = Lined::default();
        for read in 0..changes {
            let cut = |lines: &Numbered<R>| {
                lines.bad(format!("commit {commit} is cut short: {read} of its {changes} changes are there"))
            };
            let line = lines.next()?.ok_or_else(|| cut(lines))?;
            match lines.parse::<AnyFact>(&line)?.fact().map_err(|why| lines.bad(why))? {
                FactLine::Task { task, before, after, details, moved_from } => {
                    lined.tasks.push(TaskLine { task, before, after, details, moved_from })
                }
                FactLine::Unit { unit } => lined.units.push(unit),
                FactLine::Fact { fact } => lined.facts.push(fact),
            }
        }
        let stamp = Stamp { time, day, note: Note { why, who } };
        self.cursor = Cursor::new(self.cursor.log(), commit);
        Ok(Some(Commit::read(self.cursor, stamp, loaded, lined)))
    }
}

impl<R: BufRead> Numbered<R> {
    /// The next line without its end; `None` at the end of the feed.
    fn next(&mut self) -> Result<Option<String>> {
        let failed = |cause: io::Error| Error::Io { doing: "read the feed", cause };
        let mut line = Vec::new();
        self.source.by_ref().take(MAX_LINE as u64 + 1).read_until(b'\n', &mut line).map_err(failed)?;
        if line.is_empty() {
            return Ok(None);
        }
        self.number += 1;
        match line.pop() {
            Some(b'\n') => {}
            _ if line.len() >= MAX_LINE => return Err(self.bad(format!("it has more than {MAX_LINE} bytes"))),
            _ => return Err(self.bad("it is cut short")),
        }
        String::from_utf8(line).map(Some).map_err(|_| self.bad("it is not UTF-8"))
    }

    fn parse<'l, T: Deserialize<'l>>(&self, line: &'l str) -> Result<T> {
        serde_json::from_str(line).map_err(|error| {
            // A line is one line: where in it says enough.
            let why = error.to_string().replace("at line 1 column", "at byte");
            let why = why.chars().take(MAX_REASON).collect::<String>();
            // JSON with other fields or values than wanted is JSON.
            self.bad(if error.is_data() { why } else { format!("it is not JSON: {why}") })
        })
    }

    fn bad(&self, why: impl Into<String>) -> Error {
        InputError::BadLine { line: self.number.max(1), why: why.into() }.into()
    }
}

impl<R: BufRead> Iterator for Lines<R> {
    type Item = Result<Commit>;

    fn next(&mut self) -> Option<Result<Commit>> {
        if self.ended {
            return None;
        }
        let next = self.commit().transpose();
        self.ended = !matches!(next, Some(Ok(_)));
        next
    }
}

impl<R> std::fmt::Debug for Lines<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lines").field("line", &self.lines.number).field("cursor", &self.cursor).finish_non_exhaustive()
    }
}
