//! One commit as callers see it: what was and what is, with the names of then.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::commit_log::EntryId;
use crate::edit::TaskChange;
use crate::id::{Revision, UnitId};
use crate::model::{FactChange, Note, Standing, UnitKind};
use crate::persist;
use crate::state::{self, Change};
use crate::view::{View, fact_with};

use super::cursor::Cursor;
use super::filter::Filter;
use super::past::{Stamp, standing_at};

/// A commit: an item of the past and of the feed.
#[derive(Clone)]
pub struct Commit {
    cursor: Cursor,
    stamp: Stamp,
    loaded: Option<u64>,
    facts: Facts,
}

/// The changes of a commit.
#[derive(Clone)]
enum Facts {
    /// As the log has it; the names are in a view of that revision or a newer one.
    Stored { changes: Arc<Vec<Change>>, view: View, filter: Option<Arc<Filter>> },
    /// As it was read from lines.
    Read(Arc<Lined>),
}

/// The changes of a commit as lines have them.
#[derive(Clone, Debug, Default)]
pub(super) struct Lined {
    pub(super) tasks: Vec<TaskLine>,
    pub(super) units: Vec<UnitChange>,
    pub(super) facts: Vec<FactChange>,
}

/// The change of a task, with its own key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TaskLine {
    pub(super) task: String,
    pub(super) before: Option<Standing>,
    pub(super) after: Option<Standing>,
    pub(super) details: bool,
    pub(super) moved_from: Option<String>,
}

/// The change of one unit in a commit. Both sides have the name; of the rest they have the parts that differ, or all where
/// the unit comes or goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UnitChange {
    /// The unit before; `None` where it was created.
    pub before: Option<UnitFacts>,
    /// The unit after; `None` where it was removed.
    pub after: Option<UnitFacts>,
}

/// One side of a [`UnitChange`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UnitFacts {
    /// The canonical name.
    pub name: String,
    /// The kind, where it differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<UnitKind>,
    /// The aliases that the other side does not have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// The members that the other side does not have, or has in another place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<String>,
    /// Whether the unit has ended, where that differs; with the day, if its reform has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<End>,
}

/// Whether a unit goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum End {
    /// It goes on.
    GoesOn,
    /// It has ended, on a day if that is known.
    Ended(Option<Date>),
}

impl Commit {
    pub(crate) fn stored(log: EntryId, commit: persist::Commit, view: View, filter: Option<Arc<Filter>>) -> Commit {
        let persist::Commit { revision, stamp, note, loaded, changes } = commit;
        let facts = Facts::Stored { changes: Arc::new(changes), view, filter };
        Commit { cursor: Cursor::new(log, revision), stamp: Stamp::new(stamp, note), loaded, facts }
    }

    pub(super) fn read(cursor: Cursor, stamp: Stamp, loaded: Option<u64>, lined: Lined) -> Commit {
        Commit { cursor, stamp, loaded, facts: Facts::Read(Arc::new(lined)) }
    }

    /// The revision that it made.
    #[must_use]
    pub fn revision(&self) -> Revision {
        self.cursor.revision()
    }

    /// Its place in the history of the index. A follower that [resumes](crate::Index::resume) there gets the next commit.
    #[must_use]
    pub fn cursor(&self) -> Cursor {
        self.cursor
    }

    /// When it was made, from which day it is in force, why and by whom.
    #[must_use]
    pub fn stamp(&self) -> &Stamp {
        &self.stamp
    }

    /// Its time by the machine's clock, not before that of the commit before.
    #[must_use]
    pub fn time(&self) -> Timestamp {
        self.stamp.time
    }

    /// The day from which it is in force.
    #[must_use]
    pub fn day(&self) -> Option<Date> {
        self.stamp.day
    }

    /// Why it was made, and by whom.
    #[must_use]
    pub fn note(&self) -> &Note {
        &self.stamp.note
    }

    /// The number of tasks of a bulk load; `None` for other commits.
    #[must_use]
    pub fn loaded(&self) -> Option<u64> {
        self.loaded
    }

    /// The tasks that it changed, in key order, each with what was and what is. From a follower with a filter, those that
    /// match it. Costs about 0.1 µs per task.
    pub fn tasks(&self) -> impl Iterator<Item = TaskChange<'_>> {
        let (stored, read) = match &self.facts {
            Facts::Stored { changes, view, filter } => {
                let tasks = changes.iter().flat_map(Change::tasks);
                let passes =
                    move |task: &state::TaskChange<'_>| filter.as_ref().is_none_or(|filter| filter.passes(task));
                let named = move |task| self.named(view, task);
                (Some(tasks.filter(passes).map(named)), None)
            }
            Facts::Read(lined) => (None, Some(lined.tasks.iter().map(TaskLine::change))),
        };
        stored.into_iter().flatten().chain(read.into_iter().flatten())
    }

    fn named<'c>(&self, view: &View, task: state::TaskChange<'c>) -> TaskChange<'c> {
        let (state, revision) = (view.state(), self.revision());
        let before = revision.saturating_sub(1);
        TaskChange {
            key: task.key,
            before: task.was.map(|was| standing_at(state, was.members, before)),
            after: task.is.map(|is| standing_at(state, is.members, revision)),
            details: task.changes_details(),
            moved_from: task.moved_from,
        }
    }

    /// The changes of units, in order. A unit that one commit changed several times has a change for each.
    #[must_use]
    pub fn units(&self) -> Vec<UnitChange> {
        match &self.facts {
            Facts::Stored { changes, view, filter } => {
                let units = changes.iter().filter_map(|change| match change {
                    Change::Unit(unit) if filter.as_ref().is_none_or(|filter| filter.passes_unit(unit)) => Some(unit),
                    _ => None,
                });
                Named { view, revision: self.revision(), names: Vec::new() }.all(units)
            }
            Facts::Read(lined) => lined.units.clone(),
        }
    }

    /// The lineage events, obligations and reports that it changed, in the order in which it did, with the names of then.
    #[must_use]
    pub fn facts(&self) -> Vec<FactChange> {
        match &self.facts {
            Facts::Stored { changes, view, filter } => {
                let facts = changes.iter().filter_map(|change| match change {
                    Change::Fact(fact) if filter.as_ref().is_none_or(|filter| filter.passes_fact(fact)) => Some(fact),
                    _ => None,
                });
                facts.map(|fact| self.named_fact(view, fact)).collect()
            }
            Facts::Read(lined) => lined.facts.clone(),
        }
    }

    fn named_fact(&self, view: &View, change: &state::FactChange) -> FactChange {
        let side = |fact: &Option<Arc<state::Fact>>, revision: Revision| {
            let name = |unit: UnitId| name_at(view, unit, revision);
            fact.as_ref().map(|fact| fact_with(fact, &name))
        };
        let before = side(&change.was, self.revision().saturating_sub(1));
        FactChange { before, after: side(&change.is, self.revision()) }
    }

    /// Whether no change passes the filter of its follower.
    pub(super) fn is_filtered_out(&self) -> bool {
        match &self.facts {
            Facts::Stored { changes, filter: Some(filter), .. } => !changes.iter().any(|change| match change {
                Change::Unit(unit) => filter.passes_unit(unit),
                Change::Fact(fact) => filter.passes_fact(fact),
                Change::Tasks(tasks) => tasks.iter().any(|task| filter.passes(&task)),
            }),
            _ => false,
        }
    }
}

/// Names the units of the changes of one commit, which may rename a unit several times.
struct Named<'v> {
    view: &'v View,
    revision: Revision,
    /// The names that changes so far have given.
    names: Vec<(UnitId, Arc<str>)>,
}

impl Named<'_> {
    fn all<'c>(mut self, units: impl Iterator<Item = &'c state::UnitChange>) -> Vec<UnitChange> {
        units.map(|unit| self.change(unit)).collect()
    }

    fn change(&mut self, change: &state::UnitChange) -> UnitChange {
        let given = self.names.iter().rev().find(|(unit, _)| *unit == change.unit).map(|(_, name)| Arc::clone(name));
        let earlier = || self.view.state().units.name_at(change.unit, self.revision.saturating_sub(1)).cloned();
        let named = |unit: &UnitId| match self.names.iter().rev().find(|(other, _)| other == unit) {
            Some((_, name)) => name.to_string(),
            None => name_at(self.view, *unit, self.revision.saturating_sub(1)),
        };
        let facts = |side: &Option<state::UnitFacts>, name: Option<Arc<str>>| {
            let end = |ended: Option<state::Ended>| ended.map_or(End::GoesOn, |ended| End::Ended(ended.day));
            side.as_ref().map(|side| UnitFacts {
                name: side.name.as_ref().or(name.as_ref()).map_or_else(String::new, |name| name.to_string()),
                kind: side.kind,
                aliases: side.aliases.iter().map(|alias| alias.to_string()).collect(),
                members: side.members.iter().map(named).collect(),
                ended: side.ended.map(end),
            })
        };
        let before = given.or_else(earlier);
        let after = change.is.as_ref().and_then(|is| is.name.clone()).or_else(|| before.clone());
        let (was, is) = (facts(&change.was, before), facts(&change.is, after.clone()));
        self.names.extend(after.map(|name| (change.unit, name)));
        UnitChange { before: was, after: is }
    }
}

/// The name that a unit had at a revision; of one that is named before it was created, or after it was removed, the nearest.
fn name_at(view: &View, unit: UnitId, revision: Revision) -> String {
    let name = view.state().units.name_around(unit, revision);
    name.map_or_else(|| format!("unit {unit}"), |name| name.to_string())
}

impl TaskLine {
    fn change(&self) -> TaskChange<'_> {
        let TaskLine { task, before, after, details, moved_from } = self;
        let moved_from = moved_from.as_deref();
        TaskChange { key: task, before: before.clone(), after: after.clone(), details: *details, moved_from }
    }
}

impl PartialEq for Commit {
    /// Whether both have the same cursor, stamp and changes.
    fn eq(&self, other: &Commit) -> bool {
        (self.cursor, &self.stamp, self.loaded) == (other.cursor, &other.stamp, other.loaded)
            && self.units() == other.units()
            && self.facts() == other.facts()
            && self.tasks().eq(other.tasks())
    }
}

impl Eq for Commit {}

impl fmt::Debug for Commit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Commit");
        debug.field("cursor", &self.cursor).field("stamp", &self.stamp).field("loaded", &self.loaded);
        debug.field("units", &self.units()).field("facts", &self.facts());
        match self.loaded {
            Some(_) => debug.finish_non_exhaustive(),
            None => debug.field("tasks", &self.tasks().collect::<Vec<_>>()).finish(),
        }
    }
}
