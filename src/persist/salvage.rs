//! Salvage: the newest state that damaged rows and a damaged log still tell, and what they do not tell. Writes nothing.
//!
//! Algorithm: a log that is whole from its beginning, without a bulk load, is replayed; that gives everything. Otherwise
//! the readable rows of the checkpoint are taken, gaps in them are filled from the intact end of the log before the
//! checkpoint, and the commits after it are replayed up to the first one that is damaged or missing: later commits were
//! decided on a state that is not known.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write;
use std::sync::Arc;

use crate::id::{DetailId, Revision, TaskId, UnitId};
use crate::model::{Error, Result, UnitKind};
use crate::state::{Change, Misfit, Record, State, TaskChange, TaskImage, Touched, Unit, UnitChange, UnitFacts, pack};
use crate::store::Store;

use super::defect::{Defect, Mode};
use super::format::Row;
use super::format::blocks::BLOCK;
use super::log::{Logged, read_log};
use super::reader::{self, Lists, Rows};

/// The result of a salvage.
pub(crate) struct Salvaged {
    pub(crate) state: State,
    /// The generation of the rows that were read.
    pub(crate) generation: u32,
    /// The rows that could not be read.
    pub(crate) defects: Vec<Defect>,
    /// The facts in them that are not known any longer.
    pub(crate) unrecovered: Vec<Defect>,
}

/// Saves what the rows of both directions and the log can give.
pub(crate) fn salvage(store: &dyn Store) -> Result<Salvaged> {
    let rows = reader::read(store, Mode::Lenient)?;
    let (lists, lists_defects) = reader::read_lists(store, Mode::Lenient, &rows.extent())?;
    let mut history = History::default();
    let last = read_log(store, None, &mut |revision, logged| {
        history.add(revision, logged);
        Ok(())
    })?;
    let checkpoint = rows.header.as_ref().map_or(history.loaded, |header| header.revision);
    let newest = last.max(checkpoint);
    let mut salvage = Salvage { state: State::empty(), unrecovered: Vec::new() };
    if history.is_everything() && last >= checkpoint {
        for (revision, logged) in &history.commits {
            salvage.replay_one(*revision, logged);
        }
    } else {
        salvage.restore(&rows, &lists, &history, checkpoint)?;
        match rows.header {
            Some(_) => salvage.replay(&history, checkpoint, newest),
            None => salvage.replay_after_unknown(&history, newest),
        }
    }
    let next_detail = salvage.state.next_detail.max(highest_detail(&rows)).saturating_add(1);
    let state = State { revision: newest, next_detail, ..salvage.state };
    let defects = rows.defects.into_iter().chain(lists_defects).chain(history.defects.into_values()).collect();
    Ok(Salvaged { state, generation: rows.generation, defects, unrecovered: salvage.unrecovered })
}

fn highest_detail(rows: &Rows) -> DetailId {
    let header = rows.header.as_ref().map_or(0, |header| header.next_detail);
    rows.records.iter().map(Record::detail).fold(header, DetailId::max)
}

/// The log, with its defects apart.
#[derive(Default)]
struct History {
    commits: BTreeMap<Revision, Logged>,
    defects: BTreeMap<Revision, Defect>,
    /// The revision of the last bulk load, whose tasks are not in the log.
    loaded: Revision,
}

impl History {
    fn add(&mut self, revision: Revision, logged: Result<Logged, Defect>) {
        match logged {
            Ok(logged) => {
                if matches!(logged, Logged::Load) {
                    self.loaded = revision;
                }
                self.commits.insert(revision, logged);
            }
            Err(defect) => drop(self.defects.insert(revision, defect)),
        }
    }

    fn is_everything(&self) -> bool {
        self.loaded == 0 && self.defects.is_empty() && !self.commits.is_empty()
    }

    /// The changes of the commits up to a revision, back to the last one that is not known.
    fn intact_before(&self, revision: Revision) -> impl Iterator<Item = &Change> {
        let damaged = self.defects.range(..=revision).next_back().map_or(0, |(revision, _)| *revision);
        let from = damaged.max(self.loaded) + 1;
        let commits = (from <= revision).then(|| self.commits.range(from..=revision));
        commits.into_iter().flatten().flat_map(|(_, logged)| logged.changes())
    }
}

struct Salvage {
    state: State,
    unrecovered: Vec<Defect>,
}

/// An assigned task.
struct Task {
    units: Vec<UnitId>,
    detail: DetailId,
    changed: Revision,
}

impl Salvage {
    fn lose(&mut self, key: impl ToString, why: impl ToString) {
        self.unrecovered.push(Defect::new(key, why));
    }

    /// Makes the state of the checkpoint.
    fn restore(&mut self, rows: &Rows, lists: &Lists, history: &History, checkpoint: Revision) -> Result<()> {
        let mut changes = self.restore_units(rows, history, checkpoint);
        let tasks = self.restore_tasks(rows, lists, history, checkpoint, &names(&changes));
        let tasks = tasks.iter().map(|(key, task)| {
            let is = TaskImage { units: &task.units, detail: task.detail };
            TaskChange { key, was: None, is: Some(is), was_changed: 0, is_changed: task.changed }
        });
        changes.extend(pack(tasks).into_iter().map(Change::Tasks));
        let (state, _) = self.state.rebuild(&changes).map_err(|misfit| Error::Bug { what: misfit.to_string() })?;
        self.state = state;
        Ok(())
    }

    fn restore_units(&mut self, rows: &Rows, history: &History, checkpoint: Revision) -> Vec<Change> {
        let known = names_in_log(history.intact_before(checkpoint));
        let mut taken: HashSet<Arc<str>> = HashSet::new();
        let mut changes = Vec::new();
        for (id, unit) in (0..).zip(&rows.units) {
            let row = Row::Unit { generation: rows.generation, unit: id };
            let unit = match (unit, known.get(&id)) {
                (Some(unit), _) => unit.clone(),
                (None, Some(known)) if known.whole => known.unit.clone(),
                (None, known) => self.unit_in_doubt(row, id, known),
            };
            let unit = self.with_free_names(row, unit, id, &mut taken);
            changes.extend(UnitChange::between(id, None, Some(&unit)).map(Change::Unit));
        }
        changes
    }

    fn unit_in_doubt(&mut self, row: Row, id: UnitId, known: Option<&Known>) -> Unit {
        match known.filter(|known| !known.unit.name.is_empty()) {
            Some(known) => {
                let why = format!("unit {:?} may have had more aliases", known.unit.name);
                self.lose(row, why);
                known.unit.clone()
            }
            None => {
                let name = name_of_lost(id);
                self.lose(row, format!("its names are lost; it is called {name:?}"));
                Unit { name: name.into(), aliases: Arc::default(), kind: UnitKind::Body }
            }
        }
    }

    /// A name that two units have goes to the one that was created first.
    fn with_free_names(&mut self, row: Row, mut unit: Unit, id: UnitId, taken: &mut HashSet<Arc<str>>) -> Unit {
        if !taken.insert(Arc::clone(&unit.name)) {
            self.lose(row, format!("its name {:?} belongs to another unit", unit.name));
            let names = (1..).map(|n| if n == 1 { name_of_lost(id) } else { format!("{} ({n})", name_of_lost(id)) });
            let free = names.map(Arc::<str>::from).find(|name| taken.insert(Arc::clone(name)));
            unit.name = free.unwrap_or(unit.name);
        }
        let (kept, lost): (Vec<_>, Vec<_>) =
            unit.aliases.iter().cloned().partition(|alias| taken.insert(Arc::clone(alias)));
        for alias in lost {
            self.lose(row, format!("its alias {alias:?} belongs to another unit"));
        }
        Unit { aliases: Arc::new(kept), ..unit }
    }

    /// The readable tasks, and those of lost blocks as the log has them.
    fn restore_tasks(
        &mut self,
        rows: &Rows,
        lists: &Lists,
        history: &History,
        checkpoint: Revision,
        names: &[Arc<str>],
    ) -> BTreeMap<String, Task> {
        let mut tasks = BTreeMap::new();
        let mut seen = HashSet::new();
        let readable = (0..).zip(rows.records.iter()).filter(|(id, _)| !rows.is_lost(*id));
        for record in readable.map(|(_, record)| record) {
            if !seen.insert(record.key()) {
                self.lose(record.key(), "it had two records; the later one is kept");
                tasks.remove(record.key());
            }
            if record.is_assigned() {
                let (units, detail) = (record.units().collect(), record.detail());
                let task = Task { units, detail, changed: record.changed() };
                tasks.insert(record.key().to_owned(), task);
            }
        }
        if !rows.lost_blocks.is_empty() {
            let mut restored = last_states(history.intact_before(checkpoint), names.len());
            restored.retain(|key, _| !seen.contains(key));
            self.lose_tasks(rows, lists, restored.values().flatten(), names);
            let restored = restored.into_iter().filter_map(|(key, task)| Some((key.to_owned(), task?)));
            tasks.extend(restored);
        }
        tasks
    }

    /// Reports what the posting lists still tell of tasks whose keys are lost.
    fn lose_tasks<'t>(
        &mut self,
        rows: &Rows,
        lists: &Lists,
        restored: impl Iterator<Item = &'t Task>,
        names: &[Arc<str>],
    ) {
        let mut accounted: HashMap<Vec<UnitId>, usize> = HashMap::new();
        restored.for_each(|task| *accounted.entry(by_number(task.units.iter().copied())).or_default() += 1);
        let mut in_blocks: BTreeMap<u32, usize> = BTreeMap::new();
        for (task, (lead, support)) in named_by_units(rows, lists) {
            let units = by_number(lead.iter().chain(&support).copied());
            if let Some(count) = accounted.get_mut(&units).filter(|count| **count > 0) {
                *count -= 1;
                continue;
            }
            *in_blocks.entry(task / BLOCK as TaskId).or_default() += 1;
            let mut what = "its key is lost".to_owned();
            for (role, units) in [("led", lead), ("supported", support)] {
                for name in units.iter().filter_map(|unit| names.get(*unit as usize)) {
                    // Writing to a string does not fail.
                    let _ = write!(what, "; {role} by {name:?}");
                }
            }
            self.lose(format!("task number {task}"), what);
        }
        let known = lists.iter().flatten().all(Option::is_some);
        for block in &rows.lost_blocks {
            let row = Row::Block { generation: rows.generation, block: *block };
            match in_blocks.get(block) {
                Some(count) => self.lose(row, format!("{count} of its tasks are lost with their keys")),
                None if !known => self.lose(row, "it can't be told whether tasks of it are lost"),
                None => {}
            }
        }
    }

    /// Applies the log after the checkpoint, up to the first commit that is not known.
    fn replay(&mut self, history: &History, checkpoint: Revision, newest: Revision) {
        for revision in checkpoint + 1..=newest {
            let Some(logged) = history.commits.get(&revision) else {
                let row = Row::Log { revision };
                return self.lose(row, format!("its changes, and those up to revision {newest}, are not applied"));
            };
            self.replay_one(revision, logged);
        }
    }

    /// Applies a commit as far as it fits.
    fn replay_one(&mut self, revision: Revision, logged: &Logged) {
        for change in logged.changes() {
            if let Err(why) = self.apply(&self.based_on_state(change)) {
                self.lose(Row::Log { revision }, format!("a change does not fit: {why}"));
            }
        }
    }

    /// Applies the log after a checkpoint of an unknown revision: the first one after which all commits fit the rows.
    /// Commits up to the last one that is not known can't be applied: older facts would replace newer ones.
    fn replay_after_unknown(&mut self, history: &History, newest: Revision) {
        let damaged = history.defects.keys().next_back().map_or(0, |revision| *revision);
        let from = damaged.max(history.loaded);
        let fitting = (from..=newest).find_map(|revision| Some((revision, self.replayed(history, revision)?)));
        let Some((checkpoint, state)) = fitting else { return };
        self.state = state;
        if damaged > history.loaded || (checkpoint == newest && from < newest) {
            let row = Row::Log { revision: if checkpoint == newest { newest } else { damaged } };
            self.lose(row, "the header is lost, and it can't be told whether the rows have all changes up to it");
        }
    }

    /// The state with all commits after a revision, if they fit exactly.
    fn replayed(&self, history: &History, after: Revision) -> Option<State> {
        let (mut state, mut touched) = (self.state.clone(), Touched::default());
        let commits = history.commits.range(after.saturating_add(1)..);
        for change in commits.flat_map(|(_, logged)| logged.changes()) {
            state.apply_in_place(change, &mut touched).ok()?;
        }
        Some(state)
    }

    fn apply(&mut self, change: &Change) -> Result<(), Misfit> {
        let mut next = self.state.clone();
        next.apply_in_place(change, &mut Touched::default())?;
        self.state = next;
        Ok(())
    }

    /// The change with the tasks of the state as what was: a task may differ from what it was when the commit was made,
    /// and what is counts.
    fn based_on_state(&self, change: &Change) -> Change {
        match change {
            Change::Tasks(tasks) => Change::Tasks(self.state.rebased(tasks)),
            Change::Unit(_) => change.clone(),
        }
    }
}

fn name_of_lost(unit: UnitId) -> String {
    format!("unit {unit}, its name is lost")
}

/// The canonical names that some creations give.
fn names(changes: &[Change]) -> Vec<Arc<str>> {
    let facts = changes.iter().filter_map(|change| match change {
        Change::Unit(unit) => unit.is.as_ref(),
        Change::Tasks(_) => None,
    });
    facts.filter_map(|facts| facts.name.clone()).collect()
}

/// The units with the lead first. Posting lists do not have the order of the others.
fn by_number(units: impl Iterator<Item = UnitId>) -> Vec<UnitId> {
    let mut units: Vec<UnitId> = units.collect();
    if let Some((_, support)) = units.split_first_mut() {
        support.sort_unstable();
    }
    units
}

/// For each task number without a record: the units that list it as lead, and as support.
fn named_by_units(rows: &Rows, lists: &Lists) -> BTreeMap<TaskId, (Vec<UnitId>, Vec<UnitId>)> {
    let mut named: BTreeMap<TaskId, (Vec<UnitId>, Vec<UnitId>)> = BTreeMap::new();
    for (unit, [lead, support]) in (0..).zip(lists) {
        for id in lead.iter().flatten().copied().filter(|id| rows.is_lost(*id)) {
            named.entry(id).or_default().0.push(unit);
        }
        for id in support.iter().flatten().copied().filter(|id| rows.is_lost(*id)) {
            named.entry(id).or_default().1.push(unit);
        }
    }
    named
}

/// Each task's last state in some changes; `None` where it is not assigned.
fn last_states<'c>(changes: impl Iterator<Item = &'c Change>, all_units: usize) -> BTreeMap<&'c str, Option<Task>> {
    let mut states = BTreeMap::new();
    for task in changes.flat_map(Change::tasks) {
        let is = task.is.map(|is| Task { units: is.units.to_vec(), detail: is.detail, changed: task.is_changed });
        if is.iter().flat_map(|is| &is.units).all(|unit| (*unit as usize) < all_units) {
            states.insert(task.key, is);
        }
    }
    states
}

/// The names of a unit, as far as the log has them.
struct Known {
    unit: Unit,
    /// Whether the log has it from its creation on.
    whole: bool,
}

impl Known {
    fn edit(&mut self, was: &UnitFacts, is: &UnitFacts, at: usize) {
        let aliases = Arc::make_mut(&mut self.unit.aliases);
        let range = at..at + was.aliases.len();
        if aliases.get(range.clone()).is_some_and(|aliases| aliases == was.aliases) && self.whole {
            aliases.splice(range, is.aliases.iter().cloned());
        } else {
            aliases.retain(|alias| !was.aliases.contains(alias));
            aliases.extend(is.aliases.iter().cloned());
        }
        self.unit.name = is.name.clone().unwrap_or_else(|| Arc::clone(&self.unit.name));
        self.unit.kind = is.kind.unwrap_or(self.unit.kind);
    }
}

/// The names of units after some changes. A unit without a known name has an empty one.
fn names_in_log<'c>(changes: impl Iterator<Item = &'c Change>) -> HashMap<UnitId, Known> {
    let mut known: HashMap<UnitId, Known> = HashMap::new();
    for change in changes {
        let Change::Unit(UnitChange { unit, was, is, at }) = change else { continue };
        match (was, is) {
            (was, Some(is)) => {
                let whole = was.is_none();
                let fresh = || Known { unit: Unit::default(), whole };
                let none = UnitFacts::default();
                known.entry(*unit).or_insert_with(fresh).edit(was.as_ref().unwrap_or(&none), is, *at);
            }
            (_, None) => drop(known.remove(unit)),
        }
    }
    known
}
