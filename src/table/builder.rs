//! Puts tasks together: keys, standings, units, and the findings about them.
//!
//! Input: drafts, each with the parts of its units. Output: [`Rows`]. Units are sorted by part, in a part in their order;
//! a unit that is named twice keeps its strongest part; the first with the part of a lead leads, the others lead jointly.
//! Cost: in proportion to the units, with one look-up for each key.

use std::borrow::Cow;
use std::collections::HashMap;

use foldhash::fast::FixedState;

use crate::model::{Role, Standing, UnitKind, check_task_key, check_unit_name};
use crate::notice::Deadline;

use super::finding_kind::{FindingKind, Found};
use super::grid::Row;
use super::layout::Layout;
use super::letters::Part;
use super::lexicon;
use super::model::{Basis, Piece, Rows, TableColumn, TaskEntry};
use super::names;
use super::place::Place;
use super::units::{Unit, UnitId, Units};

/// A unit of a draft.
#[derive(Clone, Copy, Debug)]
pub(super) struct Member {
    pub(super) unit: UnitId,
    pub(super) part: Part,
    /// Whether the cell itself tells the part.
    pub(super) own: bool,
    pub(super) place: Place,
}

/// A task before its units are sorted.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft<'t> {
    pub(super) key: &'t str,
    pub(super) number: &'t str,
    /// The place of the cell of the key, or else of the number.
    pub(super) key_place: Place,
    /// Whether the number is a copy of that above, or empty in a table that has numbers.
    pub(super) goes_on: bool,
    pub(super) title: &'t str,
    pub(super) text: &'t str,
    pub(super) section: Cow<'t, str>,
    pub(super) deadline: &'t str,
    pub(super) deadline_place: Place,
    pub(super) place: Place,
    /// The place of the cell of the lead, or of the row.
    pub(super) lead_place: Place,
    pub(super) members: Vec<Member>,
    pub(super) convention: bool,
    /// Whether it is a row of a chart.
    pub(super) chart: bool,
    /// The row, for findings.
    pub(super) row: Option<Row<'t>>,
}

/// The most names of a task that are compared with each other.
const FEW: usize = 16;

/// The units of a task with their roles.
#[derive(Debug, Default)]
struct Sorted {
    /// The units in the order of their parts, each once.
    units: Vec<(UnitId, Role)>,
    /// The roles of many units, by their names as folded.
    many: HashMap<UnitId, Role, FixedState>,
}

/// Rows while they are put together.
#[derive(Debug, Default)]
pub(super) struct Builder<'t> {
    rows: Rows,
    /// The names of all units.
    pub(super) units: Units<'t>,
    /// The task that further rows can be added to.
    last: Option<Draft<'t>>,
    /// The list of the units of a former task, empty, for the next.
    free: Vec<Member>,
    sorted: Sorted,
    /// The section of the last task.
    section: Piece,
    /// For each key how many tasks have asked for it.
    keys: HashMap<Cow<'t, str>, usize, FixedState>,
    last_number: Cow<'t, str>,
    /// For each form of deadlines that are no days the place of its finding.
    undated: HashMap<String, usize, FixedState>,
    /// The columns of the widest header.
    pub(super) widest: usize,
}

impl<'t> Builder<'t> {
    pub(super) fn found(&mut self, kind: FindingKind, place: Place, original: &str) {
        self.rows.found.push(Found::new(kind, place, original));
    }

    /// Notes the columns of a table that is read.
    pub(super) fn columns(&mut self, layout: &Layout) {
        let table = self.rows.columns.last().map_or(0, |last| last.table + 1);
        self.rows.columns.extend((1..).zip(&layout.columns).map(|(number, column)| TableColumn {
            table,
            number,
            header: column.title.clone(),
            place: column.place,
            meaning: column.meaning,
        }));
    }

    /// The headers of the tables that are read so far.
    pub(super) fn headers(&self) -> impl Iterator<Item = &str> {
        self.rows.columns.iter().map(|column| column.header.as_str())
    }

    pub(super) fn take_found(&mut self, found: Vec<Found>) {
        self.rows.found.extend(found);
    }

    /// Adds a task.
    pub(super) fn add(&mut self, draft: Draft<'t>) {
        self.flush();
        self.last = Some(draft);
    }

    /// Adds units to the last task; `false` where there is none.
    pub(super) fn add_to_last(&mut self, members: Vec<Member>, place: Place, original: &str) -> bool {
        let task = self.rows.tasks.len();
        let Some(last) = &mut self.last else { return false };
        last.members.extend(members);
        self.found(FindingKind::RowMerged { task }, place, original);
        true
    }

    /// Ends a table: nothing is added to its last task.
    pub(super) fn end_table(&mut self) {
        self.flush();
        self.last_number = Cow::default();
    }

    /// Takes a unit of a chart without a mark, unless a task has it by another column.
    pub(super) fn without_task(&mut self, unit: UnitId, place: Place) {
        let Unit { name, is_valid, .. } = self.units.get(unit);
        let (name, is_valid) = (name.clone(), *is_valid);
        if !is_valid {
            self.no_name(&name, place);
        } else if self.units.take(unit) {
            self.found(FindingKind::UnitWithoutTask, place, &name);
            self.count(unit, place);
        }
    }

    fn flush(&mut self) {
        let Some(mut draft) = self.last.take() else { return };
        let task = self.rows.tasks.len();
        draft.members.sort_by_key(|member| member.part);
        let joint = self.sort(task, &draft.members);
        let has_lead = self.sorted.units.first().is_some_and(|(_, role)| *role == Role::Lead);
        let basis = match (has_lead, draft.convention) {
            (false, _) => Basis::Vacant,
            (true, true) => Basis::Convention,
            (true, false) => Basis::Explicit,
        };
        let original = || draft.row.map_or_else(String::new, |row| row.shown());
        let mut say = |kind| self.found(kind, draft.lead_place, &original());
        match (basis, draft.chart) {
            (Basis::Vacant, true) => say(FindingKind::NoneAccountable { task }),
            (Basis::Vacant, false) => say(FindingKind::LeadEmpty { task }),
            (Basis::Convention, _) => say(FindingKind::LeadByConvention { task }),
            (Basis::Explicit, true) if joint => say(FindingKind::TwoAccountable { task }),
            (Basis::Explicit, false) if joint => say(FindingKind::JointLeads { task }),
            (Basis::Explicit, _) => {}
        }
        let units = &self.units;
        // Each unit is in the list once, and its name is valid: `sort` has seen to it.
        let standing =
            Standing::from_trusted(self.sorted.units.iter().map(|(unit, role)| (&*units.get(*unit).name, *role)));
        if draft.title.is_empty() && draft.text.is_empty() && draft.key.is_empty() {
            self.found(FindingKind::RowWithoutTask { task }, draft.place, &original());
        }
        let (key, given_key) = self.key(task, &draft);
        self.deadline(draft.deadline, draft.deadline_place);
        if self.rows.piece(self.section) != draft.section {
            self.section = self.rows.push(&draft.section);
        }
        let entry = TaskEntry {
            key,
            given_key,
            title: self.rows.push(draft.title),
            text: self.rows.push(draft.text),
            section: self.section,
            deadline: self.rows.push(draft.deadline),
            standing,
            basis,
            place: draft.place,
        };
        self.rows.tasks.push(entry);
        draft.members.clear();
        self.free = draft.members;
    }

    /// Gives the units of a task their roles. They are checked, and counted where they are new. Returns whether several
    /// lead.
    fn sort(&mut self, task: usize, members: &[Member]) -> bool {
        let mut sorted = std::mem::take(&mut self.sorted);
        sorted.units.clear();
        sorted.many.clear();
        let (mut has_lead, mut joint) = (false, false);
        for member in members {
            let unit = self.units.get(member.unit);
            let same = unit.same;
            if !unit.is_valid {
                let name = unit.name.clone();
                self.no_name(&name, member.place);
                continue;
            }
            let role = match member.part {
                Part::Lead if !has_lead => Role::Lead,
                Part::Lead | Part::CoLead => Role::CoLead,
                Part::Responsible | Part::Support => Role::Support,
                Part::Consulted => Role::Consulted,
                Part::Informed => Role::Informed,
            };
            // Comparing a few numbers is quicker than hashing them.
            let kept = match members.len() > FEW {
                true => sorted.many.get(&same).copied(),
                false => {
                    let is_same = |(other, _): &&(UnitId, Role)| self.units.get(*other).same == same;
                    sorted.units.iter().find(is_same).map(|(_, role)| *role)
                }
            };
            if let Some(kept) = kept {
                let name = unit.name.clone();
                self.found(FindingKind::UnitTwice { task, kept }, member.place, &name);
                continue;
            }
            if members.len() > FEW {
                sorted.many.insert(same, role);
            }
            sorted.units.push((member.unit, role));
            has_lead |= role == Role::Lead;
            joint |= member.part == Part::Lead && role == Role::CoLead;
            if self.units.take(member.unit) {
                self.count(member.unit, member.place);
            }
        }
        self.sorted = sorted;
        joint
    }

    /// Reports a name that no unit can have.
    fn no_name(&mut self, name: &str, place: Place) {
        if let Err(why) = check_unit_name(name) {
            self.found(FindingKind::NoName { why: Box::new(why) }, place, name);
        }
    }

    /// Reports a deadline that is no day, once per form.
    fn deadline(&mut self, written: &str, place: Place) {
        if written.is_empty() || Deadline::read(written).is_some() {
            return;
        }
        let at = *self.undated.entry(form(written)).or_insert(self.rows.found.len());
        match self.rows.found.get_mut(at).map(|found| &mut found.kind) {
            Some(FindingKind::DeadlineWithoutDay { cells }) => *cells += 1,
            _ => self.found(FindingKind::DeadlineWithoutDay { cells: 1 }, place, written),
        }
    }

    /// Counts a unit that is named for the first time.
    fn count(&mut self, unit: UnitId, place: Place) {
        let name = self.units.get(unit).name.clone().into_owned();
        let plain = name.to_lowercase();
        let collective = lexicon::COLLECTIVE.iter().any(|word| plain.contains(word))
            || lexicon::COLLECTIVE_ENGLISH.iter().any(|word| plain.starts_with(word));
        if collective {
            self.found(FindingKind::Collective, place, &name);
        }
        let kind = if collective { UnitKind::Collective } else { UnitKind::Body };
        self.rows.units.push((name, kind));
    }

    /// The key of a task, which no other has, and whether the table gives it.
    fn key(&mut self, task: usize, draft: &Draft<'t>) -> (Piece, bool) {
        let written = names::clean(if draft.key.is_empty() { draft.number } else { draft.key });
        let checked = if written.is_empty() { Ok(()) } else { check_task_key(&written) };
        if let Err(why) = &checked {
            self.found(FindingKind::KeyNotTaken { task, why: Box::new(why.clone()) }, draft.key_place, &written);
        }
        let (base, given) = if !written.is_empty() && checked.is_ok() {
            (written, true)
        } else if draft.goes_on && !self.last_number.is_empty() {
            (self.last_number.clone(), false)
        } else {
            (Cow::Owned((task + 1).to_string()), false)
        };
        if !draft.number.is_empty() {
            self.last_number.clone_from(&base);
        }
        let (mut key, mut is_other) = (base.clone(), false);
        loop {
            let asked = self.keys.entry(key.clone()).or_insert(0);
            *asked += 1;
            if *asked == 1 {
                break;
            }
            // Each turn makes the count of the base larger: all tasks together take as many turns as there are keys.
            let count = self.keys.entry(base.clone()).and_modify(|count| *count += usize::from(is_other)).or_insert(1);
            (key, is_other) = (Cow::Owned(format!("{base}/{count}")), true);
        }
        if given && is_other && !draft.goes_on {
            self.found(FindingKind::KeyTwice { task }, draft.place, &base);
        }
        (self.rows.push(&key), given && !draft.key.is_empty())
    }

    /// An empty list for the units of the next task.
    pub(super) fn free(&mut self) -> Vec<Member> {
        std::mem::take(&mut self.free)
    }

    /// The number of tasks that are put together.
    pub(super) fn tasks(&self) -> usize {
        self.rows.tasks.len()
    }

    /// Makes room for the tasks of so many rows.
    pub(super) fn expect(&mut self, rows: usize) {
        self.rows.tasks.reserve(rows);
        self.keys.reserve(rows);
    }

    pub(super) fn finish(mut self) -> Rows {
        self.flush();
        self.rows.found.sort_by_key(|found| found.place);
        self.rows
    }
}

/// The form of a deadline: digits and letters in a row are one each.
fn form(written: &str) -> String {
    let mut form = String::new();
    for c in written.chars() {
        let kind = if c.is_numeric() {
            '0'
        } else if c.is_alphabetic() {
            'a'
        } else {
            c
        };
        if !(matches!(kind, '0' | 'a') && form.ends_with(kind)) {
            form.push(kind);
        }
    }
    form
}
