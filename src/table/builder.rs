//! Puts tasks together: keys, standings, units, and the findings about them.
//!
//! Input: drafts, each with the parts of its units. Output: [`Rows`]. Units are sorted by part, in a part in their order;
//! a unit that is named twice keeps its strongest part; the first with the part of a lead leads, the others lead jointly.
//! Cost: in proportion to the units, with one look-up for each.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use foldhash::fast::FixedState;

use crate::model::{Role, Standing, UnitKind, check_task_key, check_unit_name, folded};

use super::finding_kind::{FindingKind, Found};
use super::grid::Row;
use super::letters::Part;
use super::lexicon;
use super::model::{Basis, Rows, TaskEntry};
use super::names;
use super::place::Place;

/// A unit of a draft.
#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) name: String,
    pub(super) part: Part,
    pub(super) place: Place,
}

/// A task before its units are sorted.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft<'t> {
    pub(super) key: String,
    pub(super) number: String,
    /// Whether the number is a copy of that above, or empty in a table that has numbers.
    pub(super) goes_on: bool,
    pub(super) title: String,
    pub(super) text: String,
    pub(super) section: String,
    pub(super) deadline: String,
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

/// The units of a task by their roles.
struct Sorted {
    lead: Option<String>,
    others: Vec<(Role, Vec<String>)>,
    /// Whether several units lead.
    joint: bool,
}

/// Rows while they are put together.
#[derive(Debug, Default)]
pub(super) struct Builder<'t> {
    rows: Rows,
    /// The task that further rows can be added to.
    last: Option<Draft<'t>>,
    units: HashSet<String, FixedState>,
    /// For each key how many tasks have asked for it.
    keys: HashMap<String, usize, FixedState>,
    last_number: String,
}

impl<'t> Builder<'t> {
    pub(super) fn found(&mut self, kind: FindingKind, place: Place, original: &str) {
        self.rows.found.push(Found::new(kind, place, original));
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
        self.last_number.clear();
    }

    fn flush(&mut self) {
        let Some(mut draft) = self.last.take() else { return };
        let task = self.rows.tasks.len();
        draft.members.sort_by_key(|member| member.part);
        let Sorted { lead, others, joint } = self.sorted(task, &draft);
        let basis = match (&lead, draft.convention) {
            (None, _) => Basis::Vacant,
            (Some(_), true) => Basis::Convention,
            (Some(_), false) => Basis::Explicit,
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
        let standing = Standing::of(lead, others.into_iter().filter(|(_, names)| !names.is_empty()));
        debug_assert!(standing.is_ok(), "{standing:?}");
        let standing = standing.unwrap_or_else(|_| Standing::Vacant(Vec::new()));
        if draft.title.is_empty() && draft.text.is_empty() && draft.key.is_empty() {
            self.found(FindingKind::RowWithoutTask { task }, draft.place, &original());
        }
        let (key, given_key) = self.key(task, &draft);
        let Draft { title, text, section, deadline, place, .. } = draft;
        self.rows.tasks.push(TaskEntry { key, given_key, title, text, section, deadline, standing, basis, place });
    }

    /// The units of a task by their roles. They are checked, and counted where they are new.
    fn sorted(&mut self, task: usize, draft: &Draft<'_>) -> Sorted {
        let mut lead = None;
        let mut joint = false;
        let mut others: Vec<(Role, Vec<String>)> =
            Role::ALL.into_iter().skip(1).map(|role| (role, Vec::new())).collect();
        // Comparing a few names is quicker than hashing them.
        let mut few: Vec<(Cow<'_, str>, Role)> = Vec::new();
        let mut seen: Option<HashMap<Cow<'_, str>, Role, FixedState>> =
            (draft.members.len() > FEW).then(HashMap::default);
        for member in &draft.members {
            if check_unit_name(&member.name).is_err() {
                self.found(FindingKind::NoName, member.place, &member.name);
                continue;
            }
            let role = match member.part {
                Part::Lead if lead.is_none() => Role::Lead,
                Part::Lead | Part::CoLead => Role::CoLead,
                Part::Responsible | Part::Support => Role::Support,
                Part::Consulted => Role::Consulted,
                Part::Informed => Role::Informed,
            };
            let name = folded(&member.name);
            let kept = match &seen {
                Some(seen) => seen.get(&*name).copied(),
                None => few.iter().find(|(other, _)| *other == name).map(|(_, role)| *role),
            };
            if let Some(kept) = kept {
                self.found(FindingKind::UnitTwice { task, kept }, member.place, &member.name);
                continue;
            }
            match &mut seen {
                Some(seen) => drop(seen.insert(name, role)),
                None => few.push((name, role)),
            }
            joint |= member.part == Part::Lead && role == Role::CoLead;
            self.unit(member);
            match others.iter_mut().find(|(of, _)| *of == role) {
                Some((_, names)) => names.push(member.name.clone()),
                None => lead = Some(member.name.clone()),
            }
        }
        Sorted { lead, others, joint }
    }

    /// Counts a unit that is named for the first time.
    fn unit(&mut self, member: &Member) {
        if self.units.contains(&member.name) {
            return;
        }
        self.units.insert(member.name.clone());
        let name = member.name.to_lowercase();
        let collective = lexicon::COLLECTIVE.iter().any(|word| name.contains(word))
            || lexicon::COLLECTIVE_ENGLISH.iter().any(|word| name.starts_with(word));
        if collective {
            self.found(FindingKind::Collective, member.place, &member.name);
        }
        let kind = if collective { UnitKind::Collective } else { UnitKind::Body };
        self.rows.units.push((member.name.clone(), kind));
    }

    /// The key of a task, which no other has, and whether the table gives it.
    fn key(&mut self, task: usize, draft: &Draft<'_>) -> (String, bool) {
        let written = names::clean(if draft.key.is_empty() { &draft.number } else { &draft.key });
        let (base, given) = if !written.is_empty() && check_task_key(&written).is_ok() {
            (written, true)
        } else if draft.goes_on && !self.last_number.is_empty() {
            (self.last_number.clone(), false)
        } else {
            ((task + 1).to_string(), false)
        };
        if !draft.number.is_empty() {
            self.last_number.clone_from(&base);
        }
        let mut key = base.clone();
        loop {
            let asked = self.keys.entry(key.clone()).or_insert(0);
            *asked += 1;
            if *asked == 1 {
                break;
            }
            // Each turn makes the count of the base larger: all tasks together take as many turns as there are keys.
            let count =
                self.keys.entry(base.clone()).and_modify(|count| *count += usize::from(key != base)).or_insert(1);
            key = format!("{base}/{count}");
        }
        if given && key != base && !draft.goes_on {
            self.found(FindingKind::KeyTwice { task }, draft.place, &base);
        }
        (key, given && !draft.key.is_empty())
    }

    pub(super) fn finish(mut self) -> Rows {
        self.flush();
        self.rows.found.sort_by_key(|found| found.place);
        self.rows
    }
}
