//! Commits to rows of the log and back, and the replay of a log on the tasks of a checkpoint.

use std::borrow::Cow;
use std::sync::Arc;

use crate::id::{DetailId, Revision, UnitId};
use crate::model::{Details, InputError, MAX_UNITS_OF_A_TASK, Note, Result, check_task_key, check_unit_name};
use crate::state::{Change, Replay, Replayed, TaskChange, TaskChanges, TaskImage, Tasks, UnitChange, UnitFacts};
use crate::store::Store;

use super::defect::Defect;
use super::fetch::{each_row, list, whole};
use super::format::keys::all_with;
use super::format::rows::{ChangeV1, CommitV1, DetailsV1, TaskV1, UnitFactsV1, WhatV1};
use super::format::units::{names_one_twice, pack, unpack};
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
    let image = |image: TaskImage<'c>| {
        let mut units = Vec::new();
        pack(image.units.iter().copied(), &mut units);
        TaskV1 { units: Cow::Owned(units), detail: image.detail }
    };
    rows.extend(change.tasks().map(|task| ChangeV1::Task {
        key: task.key,
        was: task.was.map(image),
        is: task.is.map(image),
        was_changed: task.was_changed,
    }));
}

fn facts_row(facts: &UnitFacts) -> UnitFactsV1<'_> {
    UnitFactsV1 {
        name: facts.name.as_deref(),
        kind: facts.kind.map(Into::into),
        aliases: facts.aliases.iter().map(|alias| &**alias).collect(),
    }
}

/// Decodes a row of the log. Its changes keep the rules that can be checked without a state.
fn decode_commit(row: Row, revision: Revision, payload: &[u8]) -> Result<Logged> {
    match decode::<CommitV1<'_>>(row, payload)?.what {
        WhatV1::Load(_) => Ok(Logged::Load),
        WhatV1::Changes(rows) => {
            Ok(Logged::Changes(changes(&rows, revision).map_err(|why| FormatError::new(row, why))?))
        }
    }
}

fn changes(rows: &[ChangeV1<'_>], is_changed: Revision) -> Result<Vec<Change>, String> {
    let mut changes = Vec::new();
    // Tasks that follow each other are packed into one change.
    let mut open = TaskChanges::default();
    let (mut was_units, mut is_units) = (Vec::new(), Vec::new());
    for row in rows {
        match row {
            ChangeV1::Task { key, was, is, was_changed } => {
                check_task_key(key).map_err(|why| why.to_string())?;
                let was = image(key, was.as_ref(), &mut was_units)?;
                let is = image(key, is.as_ref(), &mut is_units)?;
                open.push(TaskChange { key, was, is, was_changed: *was_changed, is_changed });
                if open.is_full() {
                    changes.push(Change::Tasks(std::mem::take(&mut open)));
                }
            }
            ChangeV1::Unit { unit, was, is, at } => {
                if !open.is_empty() {
                    changes.push(Change::Tasks(std::mem::take(&mut open)));
                }
                let (was, is) = (was.as_ref().map(facts).transpose()?, is.as_ref().map(facts).transpose()?);
                changes.push(Change::Unit(UnitChange { unit: *unit, was, is, at: *at as usize }));
            }
        }
    }
    if !open.is_empty() {
        changes.push(Change::Tasks(open));
    }
    Ok(changes)
}

/// One side of a task's change, with its units in `units`.
fn image<'u>(
    key: &str,
    task: Option<&TaskV1<'_>>,
    units: &'u mut Vec<UnitId>,
) -> Result<Option<TaskImage<'u>>, String> {
    let Some(task) = task else { return Ok(None) };
    unpack(&task.units, units).ok_or_else(|| format!("task {key:?} has units that are not a lead and its support"))?;
    if units.is_empty() || units.len() > MAX_UNITS_OF_A_TASK || names_one_twice(units) {
        return Err(format!("task {key:?} names no unit, too many, or one twice"));
    }
    Ok(Some(TaskImage { units, detail: task.detail }))
}

fn facts(row: &UnitFactsV1<'_>) -> Result<UnitFacts, String> {
    row.name.iter().chain(&row.aliases).try_for_each(|name| check_unit_name(name)).map_err(|why| why.to_string())?;
    Ok(UnitFacts {
        name: row.name.map(Arc::from),
        kind: row.kind.map(Into::into),
        aliases: row.aliases.iter().map(|alias| Arc::from(*alias)).collect(),
    })
}

/// Whether there is a commit after a revision.
pub(super) fn goes_on_after(store: &dyn Store, revision: Revision) -> Result<bool> {
    Ok(store.get(&Row::Log { revision: revision + 1 }.part(0))?.is_some())
}

/// Collects the log after a checkpoint, up to a revision or to its end.
pub(super) fn collect(store: &dyn Store, mut replay: Replay, until: Option<Revision>) -> Result<Replay> {
    let (_, end) = all_with(b'l');
    let to = until.map_or(end, |until| Row::Log { revision: until.saturating_add(1) }.part(0));
    each_row(store, &(Row::Log { revision: replay.revision() + 1 }.part(0), to), &mut |row, payload| {
        let revision = replay.revision() + 1;
        let expected = Row::Log { revision };
        if row != expected {
            return Err(FormatError::new(expected, "it is missing").into());
        }
        match decode_commit(row, revision, payload)? {
            Logged::Load => Err(FormatError::new(row, "a bulk load has no checkpoint of its revision").into()),
            Logged::Changes(changes) => Ok(replay.add(revision, &changes).map_err(|why| FormatError::new(row, why))?),
        }
    })?;
    Ok(replay)
}

/// Puts what was collected into the tasks of the checkpoint.
pub(super) fn put(replay: Replay, tasks: &mut Tasks) -> Result<Replayed> {
    Ok(replay.put_into(tasks).map_err(|why| FormatError::new("log", why))?)
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
            Some(payload) => decode_commit(row, revision, &payload),
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
