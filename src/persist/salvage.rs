//! Salvage: the newest state that a damaged log and the rows still tell, as the base of a new log. Changes nothing that
//! there is.
//!
//! Algorithm: the state of the newest base that can be read (or the empty one) and all entries after it that follow each
//! other; or, if that is newer, the state of the rows and the entries after it. Entries after a gap were decided on a
//! state that is not known, so they are lost. Details are taken wherever they can be read.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use crate::commit_log::{
    Base, EntryId, Head, PieceOf, SalvagedPiece, salvage as salvage_log, salvage_base, salvaged_bases, salvaged_mark,
};
use crate::id::{DetailId, Revision};
use crate::model::{Error, LogError, Result};
use crate::state::{Change, State, TaskChange, TaskImage, pack};
use crate::verify::{Disagreement, Rule};

use super::base::{BaseReader, DetailsReader, base_of, details_of};
use super::commit::{Commit, CommitReader, name};
use super::rebuild::Rebuild;

/// The result of a salvage.
pub(crate) struct Salvaged {
    /// The base of a new log; `None` if nothing is left.
    pub(crate) base: Option<Base>,
    /// What was found to be wrong.
    pub(crate) found: Vec<Disagreement>,
    /// What can't be recovered.
    pub(crate) lost: Vec<Disagreement>,
}

/// A commit with its place among the others.
struct Placed {
    head: Head,
    previous: EntryId,
    commit: Commit,
}

#[derive(Default)]
struct Found {
    bases: Vec<(Head, State)>,
    commits: BTreeMap<Revision, Placed>,
    details: BTreeMap<DetailId, Vec<u8>>,
    /// Entries and bases that are whole and can't be understood.
    wrong: Vec<Disagreement>,
}

/// Saves what a log and the state of the rows give. `rows` is the newest state that the rows alone give, with its entry.
pub(crate) fn salvage(log: &Path, rows: Option<(State, Head)>) -> Result<Salvaged> {
    let (found, damage) = read(log)?;
    let mut lost = Vec::new();
    let from_log = found.bases.iter().rev().cloned().chain([(Head::START, State::empty())]);
    let candidates = from_log.chain(rows.map(|(state, head)| (head, state)));
    let reached: Vec<(Head, State)> =
        candidates.into_iter().filter_map(|(head, state)| found.follow(head, state)).collect();
    let newest = reached.into_iter().enumerate().max_by_key(|(at, (head, _))| (head.revision, usize::MAX - at));
    let (head, state) = newest.map_or((Head::START, State::empty()), |(_, newest)| newest);
    let seen = found.commits.keys().next_back().map_or(0, |revision| *revision);
    let durable = damage.iter().map(durable_of).fold(seen, Revision::max);
    if durable > head.revision {
        let key = name(head.revision + 1);
        let what = format!("commits {} to {durable} can't be applied", head.revision + 1);
        lost.push(Disagreement { rule: Rule::NothingIsLost, key, what });
    } else if !damage.is_empty() && salvaged_mark(log).is_none() {
        let revision = head.revision;
        let what = format!("commits after revision {revision} may be lost: nothing tells how far the log was durable");
        lost.push(Disagreement { rule: Rule::NothingIsLost, key: "log".to_owned(), what });
    }
    let state = without_lost_details(state, &found.details, &mut lost)?;
    let base = if head.revision == 0 {
        None
    } else {
        Some(base_of(&state, head, &mut |give| found.details.iter().try_for_each(|(id, bytes)| give(*id, bytes)))?)
    };
    let damaged = damage.iter().map(|damage| {
        let key = if let LogError::Damaged { revision, .. } = damage { name(*revision) } else { "log".to_owned() };
        Disagreement { rule: Rule::LogIsWhole, key, what: damage.to_string() }
    });
    let wrong = damaged.chain(found.wrong).collect();
    Ok(Salvaged { base, found: wrong, lost })
}

/// The newest revision that damage says was durable.
fn durable_of(damage: &LogError) -> Revision {
    match damage {
        LogError::Damaged { revision, .. } => *revision,
        LogError::Lost { durable, .. } => *durable,
        _ => 0,
    }
}

impl Found {
    /// The state after the entries that follow each other from `head` on; `None` if one of them does not fit.
    fn follow(&self, mut head: Head, state: State) -> Option<(Head, State)> {
        let mut rebuild = Rebuild::new(State { revision: head.revision, ..state });
        while let Some(next) = self.commits.get(&(head.revision + 1)).filter(|next| next.previous == head.id) {
            rebuild.add(&next.commit).ok()?;
            head = next.head;
        }
        Some((head, rebuild.finish().ok()?))
    }
}

/// Reads everything that can be read.
fn read(log: &Path) -> Result<(Found, Vec<LogError>)> {
    let mut found = Found::default();
    if fs::symlink_metadata(log).is_err_and(|error| error.kind() == ErrorKind::NotFound) {
        return Ok((found, vec![LogError::Missing { path: log.to_owned() }]));
    }
    let mut damage = found.read_bases(log)?;
    let (mut commits, mut next) = (CommitReader::default(), 0);
    let mut details = DetailsReader::new("log".to_owned());
    // Those of an append whose last frame did not come so far.
    let mut open: Vec<Placed> = Vec::new();
    let mut durable = 0;
    damage.extend(salvage_log(log, &mut |piece| {
        let SalvagedPiece { piece, last_of_append, durable: seen } = piece;
        let PieceOf { entry, previous, part, bytes, .. } = piece;
        durable = durable.max(seen);
        // A part after a gap begins nothing.
        let follows = part == 0 || part == next;
        next = if follows { part + 1 } else { 0 };
        if follows {
            found.read_details(&mut details, part == 0, bytes);
            match commits.add(&piece) {
                Ok(Some(commit)) => open.push(Placed { head: entry, previous, commit }),
                Ok(None) => {}
                Err(why) => found.note(name(entry.revision), why),
            }
        }
        if last_of_append {
            found.commits.extend(open.drain(..).map(|placed| (placed.head.revision, placed)));
        }
        Ok(())
    })?);
    // An append without its last frame was never acknowledged, unless a later one says so.
    let acknowledged = open.into_iter().filter(|placed| placed.head.revision <= durable);
    found.commits.extend(acknowledged.map(|placed| (placed.head.revision, placed)));
    Ok((found, damage))
}

impl Found {
    fn read_bases(&mut self, log: &Path) -> Result<Vec<LogError>> {
        let mut damage = Vec::new();
        for revision in salvaged_bases(log)? {
            let (mut reader, mut wrong) = (BaseReader::default(), None);
            let mut details = DetailsReader::new(format!("base {revision}"));
            let mut first = true;
            let base = salvage_base(log, revision, &mut |_, bytes| {
                self.read_details(&mut details, std::mem::take(&mut first), bytes);
                wrong = wrong.take().or_else(|| reader.add(bytes).err());
                Ok(())
            })?;
            let whole = base.defects.is_empty();
            damage.extend(base.defects);
            match (base.head, wrong.map_or_else(|| reader.finish(), Err)) {
                (Some((head, _)), Ok(state)) if whole => self.bases.push((head, State { revision, ..state })),
                (_, Err(why)) if whole => self.note(format!("base {revision}"), why),
                _ => {}
            }
        }
        Ok(damage)
    }

    /// Keeps the details in a piece that can be read, whatever becomes of their commit.
    fn read_details(&mut self, reader: &mut DetailsReader, first: bool, bytes: &[u8]) {
        let read = reader.add(first, bytes, &mut |id, bytes| {
            self.details.insert(id, bytes.to_vec());
            Ok(())
        });
        // What can't be read is noted with its commit or base.
        drop(read);
    }

    fn note(&mut self, key: String, why: impl ToString) {
        self.wrong.push(Disagreement { rule: Rule::LogIsWhole, key, what: why.to_string() });
    }
}

/// The state with no details where they are lost, which are reported.
fn without_lost_details(
    state: State,
    details: &BTreeMap<DetailId, Vec<u8>>,
    lost: &mut Vec<Disagreement>,
) -> Result<State> {
    if details_of(&state).iter().all(|id| details.contains_key(id)) {
        return Ok(state);
    }
    let records = state.tasks.records().iter().filter(|record| record.is_known());
    let affected = records.filter(|record| record.detail() > 0 && !details.contains_key(&record.detail()));
    let mut changes = Vec::new();
    for record in affected {
        let members: Vec<_> = record.members().collect();
        changes.push((record.key().to_owned(), members, record.detail(), record.changed()));
    }
    for (key, _, detail, _) in &changes {
        let what = format!("its details (number {detail}) can't be read");
        lost.push(Disagreement { rule: Rule::DetailsAreThere, key: key.clone(), what });
    }
    let tasks = changes.iter().map(|(key, members, detail, changed)| TaskChange {
        key,
        was: Some(TaskImage { members, detail: *detail }),
        is: Some(TaskImage { members, detail: 0 }),
        was_changed: *changed,
        is_changed: *changed,
        moved_from: None,
    });
    let changes: Vec<Change> = pack(tasks).into_iter().map(Change::Tasks).collect();
    let revision = state.revision;
    let (state, _) = state.apply(&changes).map_err(|misfit| Error::Bug { what: misfit.to_string() })?;
    Ok(State { revision, ..state })
}
