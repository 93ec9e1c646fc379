//! The history of one task: from its record back through the commits that changed it.

use std::iter::FusedIterator;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::id::{DetailId, Revision};
use crate::model::{Note, Result, Standing};
use crate::state::{Member, State};
use crate::view::View;

/// When a commit was made, from which day it is in force, why and by whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Stamp {
    /// The time of the commit.
    pub time: Timestamp,
    /// The day from which it is in force; `None` where neither it nor a commit before it has one.
    pub day: Option<Date>,
    /// Why it was made, and by whom.
    pub note: Note,
}

impl Stamp {
    pub(super) fn new(stamp: crate::model::Stamp, note: Note) -> Stamp {
        Stamp { time: stamp.time(), day: stamp.day, note }
    }
}

/// A task after one of the commits that changed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Past {
    /// The revision of the commit.
    pub revision: Revision,
    /// The task after it, with the names that units had then; `None` where it was removed.
    pub standing: Option<Standing>,
    /// Whether the commit changed the details. [`Index::view_at`](crate::Index::view_at) has those of then.
    pub details: bool,
    /// The commit; `None` where it is at or below the [horizon](crate::Index::horizon): the task may have been so for
    /// longer.
    pub stamp: Option<Stamp>,
    /// The key under which the task was before the commit, where the commit moved it. Earlier items are those of that key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved_from: Option<String>,
}

impl View {
    /// The history of one task up to this view, newest first: an item per commit that changed it. A task that never existed
    /// has no history. Nothing is scanned: each record names the commit that changed it last, and each commit the one
    /// before. The history of a task that was [moved](crate::Batch::move_task) goes on under its key of then.
    ///
    /// Costs 13 to 16 µs per item, more where a bulk load replaced the task: its entry is searched. See
    /// [`history`](crate::history) for an example.
    #[must_use]
    pub fn history(&self, task: &str) -> History {
        let tasks = &self.state().tasks;
        let next = tasks.find(task).and_then(|id| tasks.record(id)).map(|record| Next {
            changed: record.changed(),
            image: record.is_known().then(|| (record.members().collect(), record.detail())),
        });
        History { view: self.clone(), task: task.to_owned(), next: next.filter(|next| next.changed > 0), horizon: None }
    }
}

/// The history of one task, newest first: see [`View::history`].
///
/// # Errors of items
/// [`Error::Engine`](crate::Error::Engine), [`Error::Log`](crate::Error::Log) and [`Error::Corrupt`](crate::Error::Corrupt)
/// when the log can't be read. Nothing follows an error.
#[derive(Debug)]
pub struct History {
    view: View,
    task: String,
    next: Option<Next>,
    /// Looked up once.
    horizon: Option<Revision>,
}

/// The task after the commit of a revision.
#[derive(Debug)]
struct Next {
    changed: Revision,
    image: Option<(Vec<Member>, DetailId)>,
}

impl Iterator for History {
    type Item = Result<Past>;

    fn next(&mut self) -> Option<Result<Past>> {
        let next = self.next.take()?;
        self.step(next).transpose()
    }
}

impl FusedIterator for History {}

impl History {
    fn step(&mut self, Next { changed, image }: Next) -> Result<Option<Past>> {
        let (state, log) = (self.view.state(), self.view.log());
        let standing = image.as_ref().map(|(members, _)| standing_at(state, members, changed));
        let horizon = match self.horizon {
            Some(horizon) => horizon,
            None => *self.horizon.insert(log.horizon()?),
        };
        if changed <= horizon {
            // What was removed before the horizon is forgotten.
            return Ok(standing.map(|standing| Past {
                revision: changed,
                standing: Some(standing),
                details: false,
                stamp: None,
                moved_from: None,
            }));
        }
        let mut at = log.task_at(changed, &self.task)?;
        let moved_from = at.moved_from.take();
        if let Some(from) = &moved_from {
            // Before the commit the task was under another key, which the same commit changed.
            at = log.task_at(changed, from)?;
            self.task.clone_from(from);
        }
        let detail = |image: &Option<(Vec<Member>, DetailId)>| image.as_ref().map_or(0, |(_, detail)| *detail);
        let details = detail(&image) != detail(&at.was);
        if at.was_changed > 0 {
            self.next = Some(Next { changed: at.was_changed, image: at.was });
        }
        let stamp = Some(Stamp::new(at.stamp, at.note));
        Ok(Some(Past { revision: changed, standing, details, stamp, moved_from }))
    }
}

/// The standing of a task with these units, by the names that they had at a revision.
pub(super) fn standing_at(state: &State, members: &[Member], revision: Revision) -> Standing {
    let name = |member: &Member| {
        let name = state.units.name_at(member.unit(), revision);
        debug_assert!(name.is_some(), "unit {} had a name at revision {revision}", member.unit());
        name.map_or("", |name| name)
    };
    Standing::from_trusted(members.iter().map(|member| (name(member), member.role())))
}
