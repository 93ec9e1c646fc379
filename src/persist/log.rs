//! Commits to rows of the log and back, and the replay of a log.

use std::borrow::Cow;
use std::sync::Arc;

use crate::id::{DetailId, Revision};
use crate::model::{Details, InputError, MAX_UNITS_OF_A_TASK, Note, Result, check_task_key, check_unit_name};
use crate::state::{Change, State, TaskChange, TaskImage, Touched, UnitChange, UnitFacts, pack};
use crate::store::Store;

use super::defect::Defect;
use super::fetch::{each_row, list, whole};
use super::format::keys::all_with;
use super::format::rows::{ChangeV1, CommitV1, DetailsV1, TaskV1, UnitFactsV1, WhatV1};
use super::format::{FormatError, MAX_PAYLOAD, Row, RowBytes, decode, encode};

/// The changes of a commit in the log.
#[derive(Debug)]
pub(super) enum Logged {
    Changes(Vec<Change>),
    /// A bulk load, whose tasks are in the checkpoint of the same revision.
    Load,
}

impl Logged {
    pub(super) fn changes(&self) -> &[Change] {
        match self {
            Logged::Changes(changes) => changes,
            Logged::Load => &[],
        }
    }
}

/// The row of a commit in the log, and the rows of its new details.
pub(crate) fn commit_rows(
    revision: Revision,
    time: u64,
    note: &Note,
    changes: &[Change],
    details: &[(DetailId, Details)],
) -> Result<Vec<RowBytes>> {
    let mut list = Vec::new();
    changes.iter().for_each(|change| add_rows(change, &mut list));
    let mut rows = row(revision, time, note, WhatV1::Changes(list))?;
    rows.extend(details_rows(details)?);
    let bytes: usize = rows.iter().map(|(_, value)| value.len()).sum();
    if bytes > MAX_PAYLOAD {
        return Err(InputError::TooLarge { bytes, most: MAX_PAYLOAD }.into());
    }
    Ok(rows)
}

/// The row of a bulk load in the log.
pub(crate) fn load_rows(revision: Revision, time: u64, note: &Note, tasks: usize) -> Result<Vec<RowBytes>> {
    row(revision, time, note, WhatV1::Load(tasks as u64))
}

/// The rows of new details.
pub(crate) fn details_rows(details: &[(DetailId, Details)]) -> Result<Vec<RowBytes>> {
    let mut rows = Vec::new();
    for (id, details) in details {
        rows.extend(encode(Row::Details { id: *id }, &DetailsV1::from(details))?);
    }
    Ok(rows)
}

fn row(revision: Revision, time: u64, note: &Note, what: WhatV1<'_>) -> Result<Vec<RowBytes>> {
    let commit = CommitV1 { time, why: &note.why, who: &note.who, what };
    Ok(encode(Row::Log { revision }, &commit)?)
}

fn add_rows<'c>(change: &'c Change, rows: &mut Vec<ChangeV1<'c>>) {
    if let Change::Unit(UnitChange { unit, was, is, at }) = change {
        let (was, is) = (was.as_ref().map(facts_row), is.as_ref().map(facts_row));
        rows.push(ChangeV1::Unit { unit: *unit, was, is, at: *at as u32 });
    }
    let image = |image: TaskImage<'c>| TaskV1 { units: Cow::Borrowed(image.units), detail: image.detail };
    let task =
        |task: TaskChange<'c>| ChangeV1::Task { key: task.key, was: task.was.map(image), is: task.is.map(image) };
    rows.extend(change.tasks().map(task));
}

fn facts_row(facts: &UnitFacts) -> UnitFactsV1<'_> {
    UnitFactsV1 {
        name: facts.name.as_deref(),
        kind: facts.kind.map(Into::into),
        aliases: facts.aliases.iter().map(|alias| &**alias).collect(),
    }
}

/// Decodes a row of the log. Its changes keep the rules that can be checked without a state.
fn decode_commit(row: Row, payload: &[u8]) -> Result<Logged> {
    match decode::<CommitV1<'_>>(row, payload)?.what {
        WhatV1::Load(_) => Ok(Logged::Load),
        WhatV1::Changes(rows) => Ok(Logged::Changes(changes(&rows).map_err(|why| FormatError::new(row, why))?)),
    }
}

fn changes(rows: &[ChangeV1<'_>]) -> Result<Vec<Change>, String> {
    let mut changes = Vec::new();
    // Tasks that follow each other are packed into one change.
    for same in rows.chunk_by(|a, b| matches!((a, b), (ChangeV1::Task { .. }, ChangeV1::Task { .. }))) {
        let mut tasks = Vec::new();
        for row in same {
            match row {
                ChangeV1::Task { key, was, is } => {
                    check_task(key, was.as_ref())?;
                    check_task(key, is.as_ref())?;
                    tasks.push(TaskChange { key, was: was.as_ref().map(image), is: is.as_ref().map(image) });
                }
                ChangeV1::Unit { unit, was, is, at } => {
                    let (was, is) = (was.as_ref().map(facts).transpose()?, is.as_ref().map(facts).transpose()?);
                    changes.push(Change::Unit(UnitChange { unit: *unit, was, is, at: *at as usize }));
                }
            }
        }
        changes.extend(pack(tasks).into_iter().map(Change::Tasks));
    }
    Ok(changes)
}

fn image<'t>(row: &'t TaskV1<'_>) -> TaskImage<'t> {
    TaskImage { units: &row.units, detail: row.detail }
}

fn check_task(key: &str, task: Option<&TaskV1<'_>>) -> Result<(), String> {
    check_task_key(key).map_err(|why| why.to_string())?;
    let Some(task) = task else { return Ok(()) };
    let mut sorted = task.units.to_vec();
    sorted.sort_unstable();
    let twice = sorted.windows(2).any(|pair| pair.first() == pair.last());
    if task.units.is_empty() || task.units.len() > MAX_UNITS_OF_A_TASK || twice {
        return Err(format!("task {key:?} names no unit, too many, or one twice"));
    }
    Ok(())
}

fn facts(row: &UnitFactsV1<'_>) -> Result<UnitFacts, String> {
    row.name.iter().chain(&row.aliases).try_for_each(|name| check_unit_name(name)).map_err(|why| why.to_string())?;
    Ok(UnitFacts {
        name: row.name.map(Arc::from),
        kind: row.kind.map(Into::into),
        aliases: row.aliases.iter().map(|alias| Arc::from(*alias)).collect(),
    })
}

/// Applies the log after a state, up to a revision or to its end. Returns the state then, the parts that differ, and the
/// number of changes.
pub(super) fn replay(store: &dyn Store, mut state: State, until: Option<Revision>) -> Result<(State, Touched, usize)> {
    let (mut touched, mut count) = (Touched::default(), 0);
    let (_, end) = all_with(b'l');
    let to = until.map_or(end, |until| Row::Log { revision: until.saturating_add(1) }.part(0));
    each_row(store, &(Row::Log { revision: state.revision + 1 }.part(0), to), &mut |row, payload| {
        let expected = Row::Log { revision: state.revision + 1 };
        if row != expected {
            return Err(FormatError::new(expected, "it is missing").into());
        }
        let Logged::Changes(changes) = decode_commit(row, payload)? else {
            return Err(FormatError::new(row, "a bulk load has no checkpoint of its revision").into());
        };
        // Nobody else has the state, so it is changed in place; after an error it is dropped.
        let mut applied = changes.iter().map(|change| state.apply_in_place(change, &mut touched));
        applied.try_for_each(|fits| fits).map_err(|why| FormatError::new(row, why))?;
        state.revision += 1;
        count += number_of(&changes);
        Ok(())
    })?;
    Ok((state, touched, count))
}

/// The number of facts in some changes.
pub(crate) fn number_of(changes: &[Change]) -> usize {
    changes.iter().map(|change| change.tasks().count().max(1)).sum()
}

/// The most revisions that are asked for by number where the engine can't list the log.
const MOST_UNLISTED: u64 = 1 << 18;

/// Hands out the log, each row by itself, from its first revision to its last, with a defect for each row or range of
/// rows that is damaged or missing. Returns the last revision.
pub(super) fn read_log(
    store: &dyn Store,
    last: Option<Revision>,
    each: &mut dyn FnMut(Revision, Result<Logged, Defect>) -> Result<()>,
) -> Result<Revision> {
    let mut next = 1;
    for revision in listed(store, last)? {
        if revision > next {
            each(revision - 1, Err(missing(next, revision - 1)))?;
        }
        next = revision.saturating_add(1);
        let row = Row::Log { revision };
        let read = whole(store, row).and_then(|payload| match payload {
            Some(payload) => decode_commit(row, &payload),
            None => Err(FormatError::new(row, "it is missing").into()),
        });
        each(revision, tolerated(row, read)?)?;
    }
    if let Some(last) = last.filter(|last| *last >= next) {
        each(last, Err(missing(next, last)))?;
    }
    Ok(last.unwrap_or(next - 1))
}

fn tolerated<T>(row: Row, read: Result<T>) -> Result<Result<T, Defect>> {
    match read {
        Ok(value) => Ok(Ok(value)),
        Err(error) => Defect::of(row, error).map(Err),
    }
}

/// The revisions of the log, in order; where the engine can't list them all, also those that may follow.
fn listed(store: &dyn Store, last: Option<Revision>) -> Result<Vec<Revision>> {
    let mut revisions = Vec::new();
    let all = list(store, &all_with(b'l'), &mut |row| match row {
        Row::Log { revision } if revision > 0 && last.is_none_or(|last| revision <= last) => revisions.push(revision),
        _ => {}
    })?;
    revisions.dedup();
    if !all {
        let next = revisions.last().map_or(1, |revision| revision.saturating_add(1));
        let end = next.saturating_add(MOST_UNLISTED);
        revisions.extend(next..last.map_or(end, |last| end.min(last.saturating_add(1))));
    }
    Ok(revisions)
}

fn missing(from: Revision, to: Revision) -> Defect {
    let why = if from == to { "it is missing".to_owned() } else { format!("it is missing, up to log {to}") };
    Defect::new(Row::Log { revision: from }, why)
}
