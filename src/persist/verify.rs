//! Compares all that is kept twice: the rows of both directions, the counts, the log, and the view. Changes nothing.

use std::collections::HashSet;

use crate::id::{Revision, TaskId};
use crate::model::{Corrupt, Error, Result, Role};
use crate::state::{Change, Record, Replay, State, Tasks, UnitLists, Units};
use crate::store::Store;
use crate::verify::{Disagreement, Repair, Rule};
use crate::view::View;

use super::defect::{Defect, Mode};
use super::format::Row;
use super::log::{Logged, collect, put, read_log};
use super::reader::{self, Lists, Rows};

fn unreadable(defect: Defect) -> Disagreement {
    Disagreement { rule: Rule::RowsAreReadable, key: defect.key, what: defect.why }
}

/// The report of a repair: the rows found unreadable before, the facts that were not recovered, and the findings after.
pub(crate) fn report(defects: Vec<Defect>, unrecovered: Vec<Defect>, remaining: Vec<Disagreement>) -> Repair {
    let lost: Vec<_> = unrecovered.into_iter().map(unreadable).chain(remaining).collect();
    let found = defects.into_iter().map(unreadable);
    let restored = found.filter(|finding| !lost.iter().any(|lost| lost.key == finding.key)).collect();
    Repair { restored, lost }
}

/// Lists every disagreement in the store up to a view's revision, and of the store with the view. `durability` tells
/// whether a durable commit was missing when the view was taken.
pub(crate) fn verify(store: &dyn Store, view: &View, durability: Result<()>) -> Result<Vec<Disagreement>> {
    let mut findings = Findings::default();
    let rows = reader::read(store, Mode::Lenient)?;
    let (lists, list_defects) = reader::read_lists(store, Mode::Lenient, &rows.extent())?;
    let readable = rows.defects.is_empty() && list_defects.is_empty();
    findings.list.extend(rows.defects.iter().cloned().chain(list_defects).map(unreadable));
    findings.tasks(&rows);
    findings.directions(&rows, &lists);
    let checkpoint = rows.header.as_ref().map_or(0, |header| header.revision);
    let log_is_readable = findings.log(store, checkpoint, view)?;
    if readable {
        findings.rows(rows, store, view, log_is_readable)?;
    }
    findings.view(view)?;
    match durability {
        Ok(()) => {}
        Err(Error::Corrupt(corrupt)) => findings.add(Rule::NothingIsLost, "store", corrupt),
        Err(other) => return Err(other),
    }
    Ok(findings.list)
}

/// The state that tasks of a checkpoint and the log after it make.
fn replayed(store: &dyn Store, mut tasks: Tasks, replay: Replay, until: Revision) -> Result<State> {
    let replayed = put(collect(store, replay, Some(until))?, &mut tasks)?;
    let mut lists = UnitLists::of(tasks.records(), replayed.units.len());
    Ok(State::join(replayed.units, tasks, &mut lists))
}

#[derive(Default)]
struct Findings {
    list: Vec<Disagreement>,
}

impl Findings {
    fn add(&mut self, rule: Rule, key: impl ToString, what: impl ToString) {
        self.list.push(Disagreement { rule, key: key.to_string(), what: what.to_string() });
    }

    fn tasks(&mut self, rows: &Rows) {
        let mut keys = HashSet::new();
        let readable = (0..).zip(rows.records.iter()).filter(|(id, _)| !rows.is_lost(*id));
        for (_, record) in readable {
            if !keys.insert(record.key()) {
                self.add(Rule::KeysAreDistinct, record.key(), "it has two records");
            }
        }
    }

    /// Compares the two directions as far as both can be read.
    fn directions(&mut self, rows: &Rows, lists: &Lists) {
        let mut by_task = vec![[HashSet::new(), HashSet::new()]; lists.len()];
        for (id, record) in (0..).zip(rows.records.iter()) {
            let roles = std::iter::once(0).chain(std::iter::repeat(1));
            for (unit, role) in record.units().zip(roles) {
                if let Some(ids) = by_task.get_mut(unit as usize).and_then(|both| both.get_mut(role)) {
                    ids.insert(id);
                }
            }
        }
        for ((unit, by_task), lists) in rows.units.iter().zip(by_task).zip(lists) {
            for ((role, by_task), list) in Role::BOTH.into_iter().zip(by_task).zip(lists) {
                let (Some(unit), Some(list)) = (unit, list) else { continue };
                self.direction(rows, &unit.name, role, &by_task, list);
            }
        }
    }

    fn direction(&mut self, rows: &Rows, unit: &str, role: Role, by_task: &HashSet<TaskId>, list: &[TaskId]) {
        let key = |task: TaskId| rows.records.get(task).filter(|_| !rows.is_lost(task)).map(Record::key);
        let own: HashSet<TaskId> = list.iter().copied().collect();
        let mut only_by_task: Vec<TaskId> = by_task.difference(&own).copied().collect();
        only_by_task.sort_unstable();
        for task in only_by_task.into_iter().filter_map(key) {
            let what = format!("task {task:?} names it as {role}, but its own rows do not have the task");
            self.add(Rule::DirectionsAgree, unit, what);
        }
        // A task in a block that can't be read can't be compared.
        let only_by_unit = list.iter().filter(|task| !by_task.contains(task));
        for task in only_by_unit.filter_map(|task| key(*task)) {
            let what = format!("its own rows have task {task:?} as {role}, but the task does not name it so");
            self.add(Rule::DirectionsAgree, unit, what);
        }
    }

    /// Reads the whole log and, where it has all changes, compares the state that they make with the view. Returns
    /// whether all of it after the checkpoint can be read.
    fn log(&mut self, store: &dyn Store, checkpoint: Revision, view: &View) -> Result<bool> {
        let mut whole = Some(State::empty());
        let mut after_checkpoint = true;
        read_log(store, Some(view.revision()), &mut |revision, logged| {
            let row = Row::Log { revision };
            match logged {
                Ok(Logged::Load) => {
                    whole = None;
                    if revision > checkpoint {
                        self.add(Rule::LogIsWhole, row, "a bulk load has no checkpoint of its revision");
                    }
                }
                Ok(Logged::Changes(changes)) => {
                    self.units_exist(row, &changes, &view.state().units);
                    match whole.take().map(|state| state.apply(&changes)) {
                        Some(Ok((state, _))) => whole = Some(state),
                        Some(Err(misfit)) => self.add(Rule::LogIsWhole, row, misfit),
                        None => {}
                    }
                }
                Err(defect) => {
                    after_checkpoint &= revision <= checkpoint;
                    whole = None;
                    self.add(Rule::LogIsWhole, defect.key, defect.why);
                }
            }
            Ok(())
        })?;
        if let Some(state) = whole {
            self.states(&state, view.state(), "the log makes");
        }
        Ok(after_checkpoint)
    }

    fn units_exist(&mut self, row: Row, changes: &[Change], units: &Units) {
        let in_tasks = changes.iter().flat_map(Change::tasks).filter_map(|task| task.is).flat_map(|is| is.units);
        let unit = changes.iter().filter_map(|change| match change {
            Change::Unit(unit) => Some(&unit.unit),
            Change::Tasks(_) => None,
        });
        if let Some(unit) = in_tasks.chain(unit).find(|unit| **unit as usize >= units.len()) {
            self.add(Rule::LogIsWhole, row, format!("it names unit {unit}, which does not exist"));
        }
    }

    /// Makes the state of the rows and of the log after them, as an opening does, and compares it with the view.
    fn rows(&mut self, rows: Rows, store: &dyn Store, view: &View, log_is_readable: bool) -> Result<()> {
        let Some(header) = rows.header else { return Ok(()) };
        let units = match Units::of(rows.units.into_iter().flatten().collect()) {
            Ok(units) => units,
            Err((unit, why)) => {
                self.add(Rule::RowsAreReadable, Row::Unit { generation: header.generation, unit }, why);
                return Ok(());
            }
        };
        let tasks = Tasks::of(rows.records);
        for (what, counted, there) in [
            ("assigned tasks", u64::from(header.assigned), tasks.assigned() as u64),
            ("pairs of a task and a unit", header.pairs, rows.pairs),
        ] {
            if counted != there {
                self.add(Rule::CountsAgree, Row::Header, format!("it counts {counted} {what}, there are {there}"));
            }
        }
        if !log_is_readable || header.revision > view.revision() {
            return Ok(());
        }
        let replay = Replay::new(units, header.revision, header.next_detail);
        match replayed(store, tasks, replay, view.revision()) {
            Ok(state) => self.states(&state, view.state(), "the rows make"),
            Err(Error::Corrupt(Corrupt::Row { key, why })) => self.add(Rule::LogIsWhole, key, why),
            Err(Error::Corrupt(corrupt)) => self.add(Rule::LogIsWhole, "log", corrupt),
            Err(other) => return Err(other),
        }
        Ok(())
    }

    /// Reports where the view differs from a state.
    fn states(&mut self, state: &State, view: &State, source: &str) {
        for change in state.diff(view) {
            for task in change.tasks() {
                let what =
                    format!("the view has another assignment, other details or another last change than {source}");
                self.add(Rule::ViewAgrees, task.key, what);
            }
            if let Change::Unit(unit) = change {
                let name = state.units.get(unit.unit).or_else(|| view.units.get(unit.unit)).map(|unit| &unit.name);
                let key = name.map_or_else(|| format!("unit {}", unit.unit), |name| name.to_string());
                self.add(Rule::ViewAgrees, key, format!("the view has another unit than {source}"));
            }
        }
    }

    /// Compares both directions of the view, and reads all details.
    fn view(&mut self, view: &View) -> Result<()> {
        for (unit, role, how) in view.state().disagreements() {
            let what = format!("the view has other tasks of it as {role} than its tasks make: {how}");
            self.add(Rule::ViewAgrees, view.state().units.name(unit), what);
        }
        for task in view.tasks().tasks() {
            match task.details() {
                Ok(_) => {}
                Err(Error::Corrupt(corrupt)) => self.add(Rule::DetailsAreThere, task.key(), corrupt),
                Err(other) => return Err(other),
            }
        }
        Ok(())
    }
}
