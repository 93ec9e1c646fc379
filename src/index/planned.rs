//! Commits that wait to be appended together.

use std::sync::Arc;
use std::time::Instant;

use crate::commit_log::{Entry, Head};
use crate::edit::{Edits, Effect, Rules, StoredDetails, plan};
use crate::model::{Result, clock};
use crate::persist::{Commit, number_of};
use crate::state::{Change, Touched};
use crate::view::View;

/// The edits of one caller.
pub(super) struct Wanted {
    pub(super) edits: Arc<Edits>,
    pub(super) read: StoredDetails,
    /// When the caller began to wait.
    pub(super) since: Instant,
}

/// What they change; `None` if they need details that another commit has set since, which have to be read first.
pub(super) type Answer = Result<Option<Effect>>;

/// Commits that were planned one after the other and are to be appended together.
pub(super) struct Planned {
    /// The newest view, with the commits so far.
    pub(super) view: View,
    head: Head,
    pub(super) entries: Vec<Entry>,
    /// What each of those who asked changes; `None` for who is refused, or has to read details first.
    pub(super) effects: Vec<Option<Effect>>,
    /// The changes of each entry.
    pub(super) changes: Vec<Vec<Change>>,
    pub(super) touched: Touched,
    pub(super) facts: usize,
    /// Whether it is made durable in any case.
    pub(super) sync: bool,
}

impl Planned {
    /// No commit yet.
    pub(super) fn new(view: View, head: Head) -> Planned {
        let (entries, effects, changes) = Default::default();
        Planned { view, head, entries, effects, changes, touched: Touched::default(), facts: 0, sync: false }
    }

    /// One commit that is made durable in any case.
    pub(super) fn one(view: View, head: Head, entry: Entry, changes: Vec<Change>, touched: Touched) -> Planned {
        let facts = number_of(&changes);
        let mut planned = Planned::new(view, head);
        planned.head = entry.head();
        (planned.entries, planned.changes) = (vec![entry], vec![changes]);
        (planned.touched, planned.facts, planned.sync) = (touched, facts, true);
        planned
    }

    /// No commit: the same facts with other task numbers.
    pub(super) fn none(view: View, head: Head, touched: Touched) -> Planned {
        Planned { touched, ..Planned::new(view, head) }
    }

    pub(super) fn add(&mut self, wanted: &Wanted, rules: Rules) -> Answer {
        let Some(mut effect) = plan(&self.view, &wanted.edits, rules, &wanted.read, clock())? else { return Ok(None) };
        if effect.is_empty() {
            return Ok(Some(effect));
        }
        let (revision, stamp) = (effect.revision(), effect.after.state().stamp);
        let commit = Commit { revision, stamp, note: wanted.edits.note.clone(), loaded: None, changes: effect.changes };
        let payload = commit.encode(self.view.state().next_detail, &effect.details)?;
        effect.changes = commit.changes;
        let entry = Entry::after(self.head, payload)?;
        self.head = entry.head();
        self.entries.push(entry);
        self.facts += number_of(&effect.changes);
        self.touched.merge(std::mem::take(&mut effect.touched));
        if cfg!(any(test, feature = "testing")) {
            self.changes.push(effect.changes.clone());
        }
        self.view = effect.after.clone();
        Ok(Some(effect))
    }
}
