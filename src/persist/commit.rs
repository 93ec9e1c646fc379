//! Commits to the pieces of an entry and back. The only place where changes become bytes.

use std::ops::ControlFlow;
use std::sync::Arc;

use crate::commit_log::{Head, Payload, PieceOf, Tail};
use crate::id::{DetailId, Revision};
use crate::model::{Details, Error, InputError, Note, Result, Stamp, check_task_key, check_unit_name};
use crate::state::{Change, Fact, FactChange, TaskChange, UnitChange, UnitFacts};
use crate::view::TaskAt;

use super::format::facts::FactV1;
use super::format::frame::encode_into;
use super::format::items::{CommitV1, ItemV1, Items, Packer, TasksV1, UnitChangeV1, UnitFactsV1};
use super::format::rows::{DetailsV1, EndedV1};
use super::format::{FormatError, MAX_PAYLOAD};
use super::rows::check_task;

/// A commit as the log has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Commit {
    pub(crate) revision: Revision,
    pub(crate) stamp: Stamp,
    pub(crate) note: Note,
    /// The number of tasks, where it is a bulk load.
    pub(crate) loaded: Option<u64>,
    pub(crate) changes: Vec<Change>,
}

impl Commit {
    /// The pieces of its entry. `next_detail` is the number of the next new details before the commit.
    ///
    /// # Errors
    /// [`InputError::TooLarge`] for edits of more than 64 MiB; a bulk load may have any size.
    pub(crate) fn encode(&self, next_detail: DetailId, details: &[(DetailId, Details)]) -> Result<Payload> {
        let mut packer = Packer::new(next_detail);
        let Note { why, who } = &self.note;
        let bug = |what| Error::Bug { what };
        let tasks = || self.changes.iter().flat_map(Change::tasks);
        let earlier = || tasks().filter(|task| task.was_changed > 0).count() as u64;
        let (stamp, loaded) = (self.stamp.into(), self.loaded);
        let commit = CommitV1 { stamp, why, who, loaded, earlier: loaded.map(|_| earlier()) };
        packer.push(&ItemV1::Commit(commit)).map_err(bug)?;
        if self.loaded.is_some() {
            // Whoever asks for the commit only need not read the tasks that follow.
            packer.flush();
        }
        for change in &self.changes {
            match change {
                Change::Unit(unit) => packer.push(&ItemV1::UnitChange(unit_change(unit))).map_err(bug)?,
                Change::Fact(fact) => packer.push(&fact_change(fact)).map_err(bug)?,
                Change::Tasks(tasks) => packer.push(&ItemV1::Tasks(TasksV1::pack(tasks))).map_err(bug)?,
            }
        }
        let mut bytes = Vec::new();
        for (id, details) in details {
            bytes.clear();
            encode_into(&DetailsV1::from(details), &mut bytes).map_err(bug)?;
            packer.push(&ItemV1::Details(*id, &bytes)).map_err(bug)?;
        }
        let payload = packer.finish();
        if self.loaded.is_none() && payload.len() > MAX_PAYLOAD {
            return Err(InputError::TooLarge { bytes: payload.len(), most: MAX_PAYLOAD }.into());
        }
        Ok(payload)
    }
}

fn unit_change(change: &UnitChange) -> UnitChangeV1<'_> {
    let UnitChange { unit, was, is, at, members_at, .. } = change;
    let (was, is) = (was.as_ref().map(facts_row), is.as_ref().map(facts_row));
    UnitChangeV1 { unit: *unit, was, is, at: *at as u32, members_at: *members_at as u32 }
}

fn facts_row(facts: &UnitFacts) -> UnitFactsV1<'_> {
    UnitFactsV1 {
        name: facts.name.as_deref(),
        kind: facts.kind.map(Into::into),
        aliases: facts.aliases.iter().map(|alias| &**alias).collect(),
        members: facts.members.clone(),
        ended: facts.ended.map(|ended| ended.map(Into::into)),
    }
}

fn fact_change(change: &FactChange) -> ItemV1<'_> {
    let row = |fact: &Option<Arc<Fact>>| fact.as_ref().map(|fact| FactV1::of(fact));
    ItemV1::FactChange(row(&change.was), row(&change.is))
}

/// The change of a fact, if it is one.
fn change_of(was: Option<FactV1>, is: Option<FactV1>) -> Result<FactChange, String> {
    let fact = |row: Option<FactV1>| row.map(|row| row.fact().map(Arc::new)).transpose();
    let (was, is) = (fact(was)?, fact(is)?);
    let key = was.as_ref().or(is.as_ref()).map(|fact| fact.key()).ok_or("the change of a fact says nothing")?;
    Ok(FactChange { key, was, is })
}

/// Reads commits from the pieces of entries, which come in order. Details are skipped.
#[derive(Default)]
pub(crate) struct CommitReader {
    items: Items,
    open: Option<Commit>,
}

impl CommitReader {
    /// Takes the next piece; returns the commit with its last one.
    ///
    /// # Errors
    /// `Corrupt::Row` with the revision, where an entry is whole and its content is not.
    pub(crate) fn add(&mut self, piece: &PieceOf<'_>) -> Result<Option<Commit>> {
        let revision = piece.entry.revision;
        if piece.part == 0 {
            (self.items, self.open) = Default::default();
        }
        let open = &mut self.open;
        let read = self.items.add(piece.bytes, &mut |item| add_item(open, revision, item));
        let ended = read.and_then(|()| match (piece.last, self.items.is_open()) {
            (false, _) => Ok(None),
            (true, true) => Err("a part of an item is missing".to_owned()),
            (true, false) => self.open.take().map(Some).ok_or_else(|| "it does not say what it is".to_owned()),
        });
        Ok(ended.map_err(|why| FormatError::new(name(revision), why))?)
    }
}

/// The name of a commit in errors and findings.
pub(crate) fn name(revision: Revision) -> String {
    format!("commit {revision}")
}

fn add_item(open: &mut Option<Commit>, revision: Revision, item: ItemV1<'_>) -> Result<(), String> {
    match (item, open) {
        (ItemV1::Commit(CommitV1 { stamp, why, who, loaded, .. }), open @ None) => {
            let (stamp, note) = (stamp.stamp()?, Note { why: why.to_owned(), who: who.to_owned() });
            *open = Some(Commit { revision, stamp, note, loaded, changes: Vec::new() });
            Ok(())
        }
        (ItemV1::UnitChange(change), Some(open)) => {
            let UnitChangeV1 { unit, was, is, at, members_at } = change;
            let (was, is) = (was.as_ref().map(facts).transpose()?, is.as_ref().map(facts).transpose()?);
            let (at, members_at) = (at as usize, members_at as usize);
            open.changes.push(Change::Unit(UnitChange { unit, was, is, at, members_at, changed: revision }));
            Ok(())
        }
        (ItemV1::Tasks(tasks), Some(open)) => {
            let tasks = tasks.unpack(revision).ok_or("the lists of its tasks do not fit together")?;
            tasks.iter().try_for_each(check_change)?;
            open.changes.push(Change::Tasks(tasks));
            Ok(())
        }
        (ItemV1::FactChange(was, is), Some(open)) => {
            open.changes.push(Change::Fact(change_of(was, is)?));
            Ok(())
        }
        (ItemV1::Details(..), Some(_)) => Ok(()),
        _ => Err("an item of a commit has no place there".to_owned()),
    }
}

/// Checks the rules that can be checked without a state.
fn check_change(task: TaskChange<'_>) -> Result<(), String> {
    [Some(task.key), task.moved_from]
        .into_iter()
        .flatten()
        .try_for_each(check_task_key)
        .map_err(|why| why.to_string())?;
    let sides = [task.was, task.is].into_iter().flatten();
    sides.into_iter().try_for_each(|image| check_task(task.key, image.members, u32::MAX))
}

fn facts(row: &UnitFactsV1<'_>) -> Result<UnitFacts, String> {
    row.name.iter().chain(&row.aliases).try_for_each(|name| check_unit_name(name)).map_err(|why| why.to_string())?;
    Ok(UnitFacts {
        name: row.name.map(Arc::from),
        kind: row.kind.map(Into::into),
        aliases: row.aliases.iter().map(|alias| Arc::from(*alias)).collect(),
        members: row.members.clone(),
        ended: row.ended.map(|ended| ended.map(EndedV1::ended).transpose()).transpose()?,
    })
}

/// The number of facts in some changes.
pub(crate) fn number_of(changes: &[Change]) -> usize {
    changes.iter().map(|change| change.tasks().count().max(1)).sum()
}

/// The commits of whole entries, each with its place.
pub(crate) fn commits_of(tail: &Tail) -> Result<Vec<(Head, Commit)>> {
    let mut commits = Vec::with_capacity(tail.entries.len());
    for entry in &tail.entries {
        let (mut reader, mut pieces) = (CommitReader::default(), (0..).zip(entry.payload.pieces()).peekable());
        while let Some((part, piece)) = pieces.next() {
            let (entry, previous, last) = (entry.head(), entry.previous, pieces.peek().is_none());
            let piece = PieceOf { entry, previous, part, last, tag: piece.tag, bytes: &piece.bytes };
            commits.extend(reader.add(&piece)?.map(|commit| (entry, commit)));
        }
    }
    Ok(commits)
}

/// The stamp of a commit, and whether it is a bulk load, from the first item of its entry.
pub(super) fn head_of(item: ItemV1<'_>) -> Result<(Stamp, bool), String> {
    match item {
        ItemV1::Commit(CommitV1 { stamp, loaded, .. }) => Ok((stamp.stamp()?, loaded.is_some())),
        _ => Err("it does not say what it is".to_owned()),
    }
}

/// Reads from the pieces of one entry what it did to a task.
pub(super) struct TaskReader<'k> {
    key: &'k str,
    items: Items,
    commit: Option<(Stamp, Note)>,
    /// Whether no task of the commit had been there before.
    all_new: bool,
    found: Option<TaskAt>,
}

impl<'k> TaskReader<'k> {
    pub(super) fn new(key: &'k str) -> TaskReader<'k> {
        TaskReader { key, items: Items::default(), commit: None, all_new: false, found: None }
    }

    /// Takes the next piece; breaks when the task is found.
    pub(super) fn add(&mut self, piece: &PieceOf<'_>) -> Result<ControlFlow<()>> {
        let revision = piece.entry.revision;
        let TaskReader { key, items, commit, all_new, found } = self;
        let read = items.add(piece.bytes, &mut |item| {
            match item {
                ItemV1::Commit(CommitV1 { stamp, why, who, earlier, .. }) => {
                    *commit = Some((stamp.stamp()?, Note { why: why.to_owned(), who: who.to_owned() }));
                    *all_new = earlier == Some(0);
                }
                ItemV1::Tasks(tasks) if found.is_none() && tasks.names(key) => {
                    let tasks = tasks.unpack(revision).ok_or("the lists of its tasks do not fit together")?;
                    let (Some(task), Some((stamp, note))) = (tasks.iter().find(|task| task.key == *key), &commit)
                    else {
                        return Ok(());
                    };
                    let was = task.was.map(|was| (was.members.to_vec(), was.detail));
                    let was_changed = task.was_changed;
                    let moved_from = task.moved_from.map(str::to_owned);
                    *found = Some(TaskAt { stamp: *stamp, note: note.clone(), was, was_changed, moved_from });
                }
                _ => {}
            }
            Ok(())
        });
        read.map_err(|why| FormatError::new(name(revision), why))?;
        let done = found.is_some() || (*all_new && commit.is_some());
        Ok(if done { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    }

    /// The task before the commit, if it was found. All tasks of a load into an index that had none of them are new.
    pub(super) fn finish(self) -> Option<TaskAt> {
        let new = self.commit.filter(|_| self.all_new);
        self.found
            .or_else(|| new.map(|(stamp, note)| TaskAt { stamp, note, was: None, was_changed: 0, moved_from: None }))
    }
}
