//! Opening: the rows of the checkpoint and the entries after it, or the log alone where the rows can't be used or another
//! process has them.
//!
//! Revisions: B of the base, C of the checkpoint, H of the log's newest entry, D of the newest entry known to be durable.
//! 1. A durable entry is damaged. If it is at or below C, the rows contain its changes: the damage is only reported. Above C
//!    the opening fails with [`LogError::Damaged`].
//! 2. The log ends before C or D, or is not there: [`LogError::Lost`], [`LogError::Missing`].
//! 3. The log has another entry at C or D: [`LogError::Forked`]; the log is another one: [`LogError::OtherLog`].
//! 4. B ≤ C ≤ H: the state of the rows, then the entries after C.
//! 5. Rows that are missing, unreadable, of another log, or do not answer in time: they are set aside, and the state
//!    comes from the base and the entries. An opening never fails because of rows while the log is whole.
//!
//! 1 to 3 are decided by the log, which is told C and where it ends.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use crate::commit_log::{CommitLog, EntryId, FileLog, FileLogOptions, Head, MemoryLog, Original, Position};
use crate::id::Revision;
use crate::model::{Corrupt, EngineError, Error, LogError, Result, Role};
use crate::state::{Replay, Replayed, State, Tasks, Touched, UnitLists, UnitTasks, Units};
use crate::store::{Directory, RowsPlace, SledStore, bytes_below};
use crate::threads::Worker;

use super::commit::name;
use super::format::rows::HeaderV1;
use super::format::{FormatError, Row};
use super::rebuild::{each_commit, newest, newest_state};
use super::rows::{At, ReadRows, RowLists, Rows};
use super::shortcut::Shortcut;
use super::take_over::TakeOver;

/// How long reading rows may take at least, and how many bytes of them are read per second at least: far more are.
const READ_AT_LEAST: Duration = Duration::from_secs(20);
const READ_BYTES_PER_SECOND: u64 = 10 << 20;

/// The thread that has the rows open; `None` in it before they are.
pub(crate) type RowsWorker = Worker<Option<Rows>>;

/// An index as its rows and its log tell it.
pub(crate) struct Opened {
    pub(crate) state: State,
    pub(crate) log: Arc<dyn CommitLog>,
    /// The place of the state in the log.
    pub(crate) at: At,
    /// The rows, of the owner; `None` for others, and if they can't be used.
    pub(crate) rows: Option<RowsWorker>,
    /// For a guest: how to become the owner.
    pub(crate) take_over: Option<TakeOver>,
    /// The state for those who open the index without the rows.
    pub(crate) shortcut: Option<Shortcut>,
    /// How the state differs from the rows.
    pub(crate) since: Since,
    /// What was wrong and did not prevent the opening.
    pub(crate) troubles: Vec<String>,
}

impl Opened {
    /// Without rows.
    pub(crate) fn new(state: State, log: Arc<dyn CommitLog>, at: At, troubles: Vec<String>) -> Opened {
        let since = Since::default();
        Opened { state, log, at, rows: None, take_over: None, shortcut: None, since, troubles }
    }
}

/// What came after a checkpoint.
#[derive(Default)]
pub(crate) struct Since {
    /// The revision of the checkpoint; 0 before the first one.
    pub(crate) checkpoint: Revision,
    pub(crate) touched: Touched,
    /// The number of facts that changed.
    pub(crate) changes: usize,
}

/// Opens the log and the rows of a directory. The log may be the copy of another one, which then is opened with it.
pub(crate) fn open(
    directory: &Directory,
    options: FileLogOptions,
    original: Option<&Arc<dyn Original>>,
) -> Result<Opened> {
    let mut troubles = Vec::new();
    // What can't be measured can't be read either, and that is reported.
    let bytes = bytes_below(&directory.rows()).map_or(0, |bytes| bytes);
    let patience = READ_AT_LEAST + Duration::from_secs(bytes / READ_BYTES_PER_SECOND);
    let had_rows = directory.had_rows();
    let place = match directory.lock_rows() {
        Ok(Some(place)) => Some(Arc::new(place)),
        Ok(None) => return open_as_guest(directory, options, original),
        Err(why) => {
            troubles.push(why.to_string());
            None
        }
    };
    let found = place.as_ref().map(|place| find_rows(directory, place, patience));
    let mut found = found.and_then(|found| found.map_err(|why| troubles.push(why.to_string())).ok());
    if let Some((_, read)) = &mut found
        && read.as_ref().is_some_and(|read| id_text(EntryId::from_bytes(read.header.log)) != directory.log_id())
    {
        troubles.push("the rows are those of another log".to_owned());
        found = None;
    }
    let known = found.as_ref().and_then(|(_, read)| read.as_ref()).map(|read| known_of(&read.header));
    let (log, id, trouble) = open_own_log(directory, FileLogOptions { known, ..options }, original)?;
    troubles.extend(trouble);
    let again = |troubles: &mut Vec<String>| {
        let place = place.as_ref()?;
        let made = place.set_aside().and_then(|()| find_rows(directory, place, patience));
        made.map_err(|why| troubles.push(why.to_string())).ok().map(|(rows, _)| rows)
    };
    let opened = Sources { log, id, found, had_rows, patience }.open(again, troubles)?;
    Ok(Opened { shortcut: Some(Shortcut::new(directory, id)), ..opened })
}

/// A log, and the rows that belong to it.
pub(crate) struct Sources {
    pub(crate) log: Arc<dyn CommitLog>,
    pub(crate) id: EntryId,
    /// The rows, and what they have, if there is a checkpoint.
    pub(crate) found: Option<(RowsWorker, Option<ReadRows>)>,
    /// Whether there were rows ever: a backup has none before it is opened.
    pub(crate) had_rows: bool,
    /// How long reading them may take.
    pub(crate) patience: Duration,
}

impl Sources {
    /// Makes the newest state. Rows that can't be used are replaced by those that `again` returns.
    pub(crate) fn open(
        self,
        again: impl FnOnce(&mut Vec<String>) -> Option<RowsWorker>,
        mut troubles: Vec<String>,
    ) -> Result<Opened> {
        let Sources { log, id, found, had_rows, patience } = self;
        let (head, position) = log.end()?;
        let at = At { log: id, head, position };
        let mut empty = None;
        match found {
            Some((rows, Some(read))) => match from_rows(&rows, read, &*log, head, patience) {
                Ok((state, since)) => {
                    return Ok(Opened { rows: Some(rows), since, ..Opened::new(state, log, at, troubles) });
                }
                Err(why) => troubles.push(why.to_string()),
            },
            Some((rows, None)) => {
                if head.revision > 0 && had_rows {
                    troubles.push("the rows are missing".to_owned());
                }
                empty = Some(rows);
            }
            None => {}
        }
        let state = newest_state(&*log, head)?;
        let rows = empty.or_else(|| again(&mut troubles));
        let touched = if head.revision > 0 { Touched::everything() } else { Touched::default() };
        let changes = state.tasks.known() + state.units.len();
        let since = Since { checkpoint: 0, touched, changes };
        Ok(Opened { rows, since, ..Opened::new(state, log, at, troubles) })
    }
}

/// What is wrong with a log and does not prevent its opening.
fn troubles_of(log: &FileLog) -> Result<Vec<String>> {
    let mut troubles: Vec<String> = log.damage().map(ToString::to_string).into_iter().collect();
    if log.mark_was_missing() && log.end()?.0.revision > 0 {
        troubles.push("its log has no mark, so it can't be told whether the newest commits were lost".to_owned());
    }
    Ok(troubles)
}

/// Opens a log while another process has its rows.
fn open_as_guest(
    directory: &Directory,
    options: FileLogOptions,
    original: Option<&Arc<dyn Original>>,
) -> Result<Opened> {
    let mut opened = open_log(directory, options, original)?;
    if let Some(shortcut) = &opened.shortcut
        && let Err(why) = shortcut.renew(&*opened.log, &opened.state, opened.at, 0)
    {
        opened.troubles.push(why.to_string());
    }
    let take_over = Some(TakeOver::new(directory, opened.at.log));
    Ok(Opened { take_over, ..opened })
}

/// Opens a log without its rows, which can't be read without changing their files.
pub(crate) fn open_log(
    directory: &Directory,
    options: FileLogOptions,
    original: Option<&Arc<dyn Original>>,
) -> Result<Opened> {
    let id = FileLog::id_of(&directory.log()).map_err(|error| match error {
        Error::Log(why) if original.is_some() => LogError::Copy { why: why.to_string() }.into(),
        other => other,
    });
    let shortcut = Shortcut::new(directory, id?);
    let (found, mut troubles) = match shortcut.read() {
        Ok(found) => (found, Vec::new()),
        Err(why) => (None, vec![why]),
    };
    let known = found.as_ref().map(|found| (found.head, found.position));
    let (log, id, trouble) = open_own_log(directory, FileLogOptions { known, ..options }, original)?;
    troubles.extend(trouble);
    let (state, head, position) = newest(&*log, found.map(|found| (found.state, found.head)))?;
    let at = At { log: id, head, position };
    Ok(Opened { shortcut: Some(shortcut), ..Opened::new(state, log, at, troubles) })
}

/// The id of a log as text.
pub(crate) fn id_text(id: EntryId) -> String {
    format!("{id:?}")
}

/// Opens the log of a directory; returns its id, and what is wrong with it and does not prevent that. One that is another
/// log is not read: it may seem to have lost what the rows are of. A copy that can't be used is
/// [`Copy`](LogError::Copy): it can be fetched again.
fn open_own_log(
    directory: &Directory,
    options: FileLogOptions,
    original: Option<&Arc<dyn Original>>,
) -> Result<(Arc<dyn CommitLog>, EntryId, Vec<String>)> {
    let Some(original) = original else {
        let log = open_files(directory, options)?;
        let (id, troubles) = (log.id(), troubles_of(&log)?);
        return Ok((Arc::new(log), id, troubles));
    };
    let copy = open_files(directory, options).map_err(|error| match error {
        Error::Log(why) if !matches!(why, LogError::Busy { .. }) => LogError::Copy { why: why.to_string() }.into(),
        other => other,
    })?;
    let (id, damage) = (copy.id(), copy.damage().map(ToString::to_string));
    let (log, trouble) = Arc::clone(original).open(copy)?;
    Ok((log, id, damage.into_iter().chain(trouble).collect()))
}

fn open_files(directory: &Directory, options: FileLogOptions) -> Result<FileLog> {
    let path = directory.log();
    let (expected, found) = (directory.log_id().to_owned(), id_text(FileLog::id_of(&path)?));
    if expected == found {
        FileLog::open(&path, options)
    } else {
        Err(LogError::OtherLog { path, expected, found }.into())
    }
}

/// The place of a header in its log.
fn known_of(header: &HeaderV1) -> (Head, Position) {
    let head = Head { revision: header.revision, id: EntryId::from_bytes(header.entry) };
    (head, Position::from_bytes(header.position))
}

/// Opens the rows of a directory, and reads them but for the posting lists. Rows of a first checkpoint that was not finished
/// are set aside: after a power failure the engine may have lost some of them, and more of what it writes to them.
fn find_rows(
    directory: &Directory,
    place: &Arc<RowsPlace>,
    patience: Duration,
) -> Result<(RowsWorker, Option<ReadRows>)> {
    let (worker, read, unfinished) = open_rows(directory, place, patience)?;
    if !unfinished {
        return Ok((worker, read));
    }
    worker.begin(|rows| *rows = None).wait(patience).ok_or_else(|| too_late(patience))?;
    place.set_aside()?;
    open_rows(directory, place, patience).map(|(worker, read, _)| (worker, read))
}

/// The rows as they are, and whether they are those of a first checkpoint that was not finished.
fn open_rows(
    directory: &Directory,
    place: &Arc<RowsPlace>,
    patience: Duration,
) -> Result<(RowsWorker, Option<ReadRows>, bool)> {
    let failed =
        |why: std::io::Error| EngineError::Failed { doing: "start a thread for the rows", why: why.to_string() };
    let worker = RowsWorker::start("rows", None).map_err(failed)?;
    let (place, table) = (Arc::clone(place), directory.identity().to_owned());
    let read = worker.begin(move |rows| {
        let store = SledStore::open(place, &table)?;
        let rows = rows.insert(Rows::new(Box::new(store)));
        let read = rows.read()?;
        let unfinished = read.is_none() && !rows.is_empty()?;
        Ok::<_, Error>((read, unfinished))
    });
    let (read, unfinished) = read.wait(patience).ok_or_else(|| too_late(patience))??;
    Ok((worker, read, unfinished))
}

fn too_late(patience: Duration) -> Error {
    Corrupt::Engine { why: format!("reading them did not end in {patience:?}") }.into()
}

/// The state of rows and of the entries after them.
pub(super) fn from_rows(
    rows: &RowsWorker,
    read: ReadRows,
    log: &dyn CommitLog,
    head: Head,
    patience: Duration,
) -> Result<(State, Since)> {
    let ReadRows { header, units, facts, records, pairs } = read;
    if header.revision > head.revision {
        let why = format!("it is of revision {}, the log ends at {}", header.revision, head.revision);
        return Err(FormatError::new(Row::Header, why).into());
    }
    let mut stamp = header.stamp.stamp().map_err(|why| FormatError::new(Row::Header, why))?;
    let units = Units::of(units, facts).map_err(|(place, why)| FormatError::new(place, why))?;
    let next_detail = header.next_detail.max(1);
    let owned = header.clone();
    let read_lists = move |rows: &mut Option<Rows>| match rows {
        Some(rows) => rows.read_lists(&owned, pairs),
        None => Err(Error::Bug { what: "the rows are closed".to_owned() }),
    };
    let wait = || too_late(patience);
    let (state, since, lists, sum);
    if head.revision == header.revision {
        let other = rows.begin(move |rows| {
            let (lists, sum) = read_lists(rows)?;
            let postings: Vec<UnitTasks> = lists.iter().map(UnitTasks::of).collect();
            Ok::<_, Error>((lists, sum, postings))
        });
        let tasks = Tasks::of(records);
        check_counts(&header, &tasks)?;
        let postings;
        (lists, sum, postings) = other.wait(patience).ok_or_else(wait)??;
        state = State { revision: header.revision, stamp, next_detail, ..State::join(units, tasks, postings) };
        since = Since { checkpoint: header.revision, ..Since::default() };
    } else {
        let mut replay = Replay::new(units, header.revision, next_detail);
        let other = rows.begin(move |_| Tasks::of(records));
        each_commit(log, header.revision, &mut |_, commit| {
            let added = replay.add(commit.revision, &commit.changes);
            added.map_err(|misfit| FormatError::new(name(commit.revision), misfit))?;
            stamp = commit.stamp;
            // Other processes may have committed since the end was looked up: those commits are followed later.
            let is_last = commit.revision >= head.revision;
            Ok(if is_last { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        })?;
        let mut tasks = other.wait(patience).ok_or_else(wait)?;
        check_counts(&header, &tasks)?;
        let changes = replay.count();
        let other = rows.begin(read_lists);
        let put = replay.put_into(&mut tasks).map_err(|misfit| FormatError::new("log", misfit))?;
        let mut read;
        (read, sum) = other.wait(patience).ok_or_else(wait)??;
        put.toggles.apply_to(&mut read);
        lists = read;
        let postings = lists.iter().map(UnitTasks::of).collect();
        let Replayed { revision, next_detail, touched, .. } = put;
        state = State { revision, stamp, next_detail, ..State::join(put.units, tasks, postings) };
        since = Since { checkpoint: header.revision, touched, changes };
    }
    if sum != pairs {
        return Err(disagreement(&state, &lists));
    }
    state.units.check_all_tasks().map_err(|misfit| Corrupt::Directions { why: misfit.to_string() })?;
    Ok((state, since))
}

fn check_counts(header: &HeaderV1, tasks: &Tasks) -> Result<()> {
    let counted = (header.known as usize, header.vacant as usize);
    if counted == (tasks.known(), tasks.vacant()) {
        return Ok(());
    }
    let (known, vacant) = counted;
    let why =
        format!("it counts {known} tasks, {vacant} of them vacant; there are {} and {}", tasks.known(), tasks.vacant());
    Err(FormatError::new(Row::Header, why).into())
}

/// The error for unit→task rows that have other pairs than the task→unit rows: the first list that differs.
fn disagreement(state: &State, lists: &RowLists) -> Error {
    let by_task = UnitLists::of(state.tasks.records(), state.units.numbered());
    for ((id, unit), lists) in state.units.by_number().zip(lists) {
        for (role, list) in Role::ALL.into_iter().zip(lists) {
            let by_task = by_task.ids(id, role);
            if list.as_slice() != by_task {
                let name = unit.map_or_else(|| format!("unit {id}"), |unit| format!("unit {:?}", unit.name));
                let (by_task, by_unit) = (by_task.len(), list.len());
                let why = format!("{name} has {by_unit} tasks as {role} by its own rows, {by_task} by the tasks'");
                return Corrupt::Directions { why }.into();
            }
        }
    }
    Corrupt::Directions { why: "both have other pairs of a task and a unit".to_owned() }.into()
}

/// The state of the rows alone, with its entry; `None` if they can't be used. The rows are closed again.
pub(crate) fn rows_state(directory: &Directory) -> Result<Option<(State, Head)>> {
    let patience = READ_AT_LEAST;
    let Some(place) = directory.lock_rows()?.map(Arc::new) else { return Ok(None) };
    let Ok((rows, Some(read))) = find_rows(directory, &place, patience) else { return Ok(None) };
    let (head, _) = known_of(&read.header);
    let nothing_after = MemoryLog::new();
    let state = from_rows(&rows, read, &nothing_after, head, patience).ok().map(|(state, _)| (state, head));
    // Closed before the next opening.
    let closed = rows.begin(|rows| *rows = None).wait(patience);
    Ok(state.filter(|_| closed.is_some()))
}
