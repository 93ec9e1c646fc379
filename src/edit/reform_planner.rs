//! Carries out a reform, as part of a plan.
//!
//! Input: the batch so far and a reform. Output: in each task that names a source, the source's places go to the units
//! that the rules say; then sources that are no results end.
//! Order: results are found or made first; then tasks; then sources end, which frees their names; then names, members,
//! obligations; the lineage event last.
//! Cost: some microseconds per task that names a source.

use std::collections::HashSet;

use super::draft::Draft;
use super::plan::{Planner, check_number_of_units};
use super::reform::{Reform, Rule, Selected, Tasks};
use crate::id::UnitId;
use crate::model::{InputError, Result, Role, UnitKind, are_same, check_unit_name, section_name};
use crate::order::compare_keys;
use crate::state::{Member, Unit};

/// A reform whose units are known.
struct Reformed<'r> {
    sources: Vec<UnitId>,
    results: Vec<UnitId>,
    rules: Vec<(Matches<'r>, Vec<UnitId>)>,
}

/// The tasks of a rule.
enum Matches<'r> {
    Section { name: &'r str, below: String },
    Keys(HashSet<&'r str>),
    NotLed,
    All,
}

impl<'r> Matches<'r> {
    fn of(tasks: &'r Tasks) -> Result<Matches<'r>, InputError> {
        Ok(match &tasks.0 {
            Selected::Section(prefix) => {
                let name = section_name(prefix)?;
                Matches::Section { name, below: format!("{name}/") }
            }
            Selected::Keys(keys) => Matches::Keys(keys.iter().map(String::as_str).collect()),
        })
    }

    fn has(&self, task: &str, role: Role) -> bool {
        match self {
            Matches::Section { name, below } => name.is_empty() || task == *name || task.starts_with(below.as_str()),
            Matches::Keys(keys) => keys.contains(task),
            Matches::NotLed => role != Role::Lead,
            Matches::All => true,
        }
    }
}

/// Who gets a place.
enum Heirs<'r> {
    Units(&'r [UnitId]),
    /// The unit itself keeps it.
    Kept,
    /// No rule says.
    Undecided,
}

impl Reformed<'_> {
    fn heirs(&self, task: &str, source: Member) -> Heirs<'_> {
        let rule = self.rules.iter().find(|(tasks, _)| tasks.has(task, source.role()));
        match (rule, self.results.as_slice()) {
            (Some((_, heirs)), _) => Heirs::Units(heirs),
            (None, [one]) => Heirs::Units(std::slice::from_ref(one)),
            (None, results) if results.contains(&source.unit()) => Heirs::Kept,
            (None, _) => Heirs::Undecided,
        }
    }

    /// The units of a task after the reform, and whether a place was lost to a unit that is there already. Hands out the
    /// sources that keep their places since no rule decides.
    fn members(&self, task: &str, draft: &Draft<'_>, undecided: &mut dyn FnMut(UnitId)) -> (Vec<Member>, bool) {
        let mut placed: Vec<Member> = Vec::with_capacity(draft.members.len());
        let mut collapsed = false;
        // The first place counts, and the strongest role.
        let mut place = |unit: UnitId, role: Role| match placed.iter_mut().find(|placed| placed.unit() == unit) {
            Some(first) => {
                *first = Member::new(unit, first.role().min(role));
                collapsed = true;
            }
            None => placed.push(Member::new(unit, role)),
        };
        for member in &draft.members {
            if !self.sources.contains(&member.unit()) {
                place(member.unit(), member.role());
                continue;
            }
            match self.heirs(task, *member) {
                Heirs::Units(heirs) => {
                    for (number, heir) in heirs.iter().enumerate() {
                        let is_second_lead = number > 0 && member.role() == Role::Lead;
                        place(*heir, if is_second_lead { Role::Support } else { member.role() });
                    }
                }
                Heirs::Kept => place(member.unit(), member.role()),
                Heirs::Undecided => {
                    undecided(member.unit());
                    place(member.unit(), member.role());
                }
            }
        }
        placed.sort_by_key(|member| member.role());
        (placed, collapsed)
    }
}

impl<'p> Planner<'p> {
    pub(super) fn reform(&mut self, reform: &'p Reform) -> Result<()> {
        let bad = |why| InputError::BadReform { sources: reform.sources.clone(), why };
        let (sources, kind) = self.sources(reform)?;
        if let ([source], [result], []) = (&sources[..], &reform.results[..], &reform.rules[..])
            && self.is_new_name(*source, result)
        {
            return self.rename_source(*source, result);
        }
        let (results, created) = self.results(reform, &sources, kind)?;
        let ending: Vec<UnitId> = sources.iter().copied().filter(|source| !results.contains(source)).collect();
        if reform.rules.is_empty() && results.len() == sources.len() && ending.is_empty() {
            return Err(bad("its sources and its results are the same units").into());
        }
        let rules = reform.rules.iter().map(|rule| self.rule(rule, kind)).collect::<Result<Vec<_>>>()?;
        if rules.iter().any(|(_, heirs)| heirs.iter().any(|heir| ending.contains(heir))) {
            return Err(bad("a rule gives tasks to a unit that ends").into());
        }
        let reformed = Reformed { sources, results, rules };
        self.reform_tasks(reform, &reformed)?;
        let Reformed { sources, results, .. } = reformed;
        for source in &ending {
            self.units.end(*source, &results)?;
        }
        self.units.replace_members(&ending, &results)?;
        self.units.replace_debtors(&ending, &results)?;
        let is_event = created || !ending.is_empty();
        if is_event { self.units.add_event((sources, results, self.units.day)) } else { Ok(()) }
    }

    /// The units that are reformed, and their kind.
    fn sources(&mut self, reform: &Reform) -> Result<(Vec<UnitId>, UnitKind)> {
        let sources = self.units.each_once(&reform.sources, |units, name| Ok(units.going_on(name)?))?;
        let kind = |unit: &UnitId| self.units.state.units.get(*unit).map(|unit| unit.kind);
        let Some(first) = sources.first().and_then(kind) else {
            return Err(InputError::BadReform { sources: Vec::new(), why: "no unit is named" }.into());
        };
        if sources.iter().any(|unit| kind(unit) != Some(first)) {
            return Err(self.mixed(reform).into());
        }
        Ok((sources, first))
    }

    fn mixed(&self, reform: &Reform) -> InputError {
        InputError::BadReform { sources: reform.sources.clone(), why: "bodies and collectives are mixed" }
    }

    /// Whether a result is a new name of the only source: one that no unit has which goes on, or an alias of the source.
    fn is_new_name(&self, source: UnitId, result: &str) -> bool {
        let units = &self.units.state.units;
        match units.find(result) {
            None => true,
            Some(owner) if owner == source => !are_same(units.name(source), result),
            Some(owner) => units.has_ended(owner) || self.is_former(owner, result),
        }
    }

    /// Whether a name is one that a unit had before, or got from a unit whose place it took.
    fn is_former(&self, owner: UnitId, name: &str) -> bool {
        let units = &self.units.state.units;
        if are_same(units.name(owner), name) {
            return false;
        }
        let had_it =
            units.slot(owner).is_some_and(|slot| slot.former().iter().any(|former| are_same(&former.name, name)));
        let gave_it =
            |unit: &UnitId| units.get(*unit).is_some_and(|unit| !unit.has_names() && are_same(&unit.name, name));
        let mut events = units.register().lineage();
        had_it || events.any(|event| event.to.contains(&owner) && event.from.iter().any(gave_it))
    }

    fn rename_source(&mut self, source: UnitId, result: &str) -> Result<()> {
        check_unit_name(result)?;
        let others = match self.units.state.units.find(result) {
            Some(owner) if owner != source => self.take_names(owner, result)?,
            Some(_) | None => Vec::new(),
        };
        let name = self.units.state.units.name(source).to_owned();
        self.units.rename(&name, result)?;
        others.iter().try_for_each(|alias| self.units.add_alias(result, alias))
    }

    /// Takes a former name from a unit that goes on, or all names from an ended one; returns those other than `name`.
    fn take_names(&mut self, owner: UnitId, name: &str) -> Result<Vec<String>> {
        if !self.units.state.units.has_ended(owner) {
            let owner = self.units.state.units.name(owner).to_owned();
            self.units.remove_alias(&owner, name)?;
            return Ok(Vec::new());
        }
        if let Some(task) = self.task_of(owner) {
            let (unit, task) = (self.units.state.units.name(owner).to_owned(), task.to_owned());
            return Err(InputError::UnitInUse { unit, task }.into());
        }
        if let Some(by) = self.units.needed_by(owner) {
            let unit = self.units.state.units.name(owner).to_owned();
            return Err(InputError::UnitNamed { unit, done: "without its names", by }.into());
        }
        let names = self.units.state.units.get(owner).into_iter().flat_map(Unit::names);
        let others = names.filter(|other| !are_same(other, name)).map(|other| other.to_string()).collect();
        self.units.give_names(owner)?;
        Ok(others)
    }

    /// The units of the results, created where there are none, and whether any was created.
    fn results(&mut self, reform: &Reform, sources: &[UnitId], kind: UnitKind) -> Result<(Vec<UnitId>, bool)> {
        let (mut results, mut created) = (Vec::new(), false);
        for name in &reform.results {
            check_unit_name(name)?;
            let found = self.units.state.units.find(name);
            let known = found.and_then(|unit| Some((unit, self.units.state.units.get(unit)?.clone())));
            let unit = match known {
                Some((owner, unit))
                    if unit.ended.is_some() || self.is_former(owner, name) && !sources.contains(&owner) =>
                {
                    let others = self.take_names(owner, name)?;
                    let result = self.units.add(name, kind)?;
                    others.iter().try_for_each(|alias| self.units.add_alias(name, alias))?;
                    created = true;
                    result
                }
                // A former name of a source comes back as a unit.
                Some((owner, unit)) if sources.contains(&owner) && !are_same(&unit.name, name) => {
                    self.units.remove_alias(&unit.name, name)?;
                    created = true;
                    self.units.add(name, kind)?
                }
                Some((_, unit)) if unit.kind != kind => return Err(self.mixed(reform).into()),
                Some((owner, _)) => owner,
                None => {
                    created = true;
                    self.units.add(name, kind)?
                }
            };
            if results.contains(&unit) {
                return Err(self.units.twice(unit, name).into());
            }
            results.push(unit);
        }
        Ok((results, created))
    }

    /// The tasks of a rule and who gets them; a new unit is of the kind of the sources.
    fn rule(&mut self, rule: &'p Rule, kind: UnitKind) -> Result<(Matches<'p>, Vec<UnitId>)> {
        match rule {
            Rule::Give(tasks, heirs) => {
                let units = self.units.each_once(heirs, |units, name| units.resolve_as(name, kind))?;
                if units.is_empty() {
                    return Err(InputError::NoUnits { task: None }.into());
                }
                Ok((Matches::of(tasks)?, units))
            }
            Rule::DropSupport => Ok((Matches::NotLed, Vec::new())),
            Rule::Rest(name) => Ok((Matches::All, vec![self.units.resolve_as(name, kind)?])),
        }
    }

    fn reform_tasks(&mut self, reform: &Reform, reformed: &Reformed<'_>) -> Result<()> {
        let mut tasks: Vec<&'p str> = reformed.sources.iter().flat_map(|source| self.tasks_of(*source)).collect();
        tasks.sort_unstable_by(|a, b| compare_keys(a, b));
        tasks.dedup();
        let mut undecided: Vec<(UnitId, &'p str)> = Vec::new();
        for task in tasks {
            let draft = self.draft(task);
            let (members, collapsed) = reformed.members(task, draft, &mut |unit| undecided.push((unit, task)));
            check_number_of_units(task, members.len())?;
            draft.members = members;
            if collapsed {
                self.collapsed.insert(task);
            }
        }
        let Some((unit, _)) = undecided.first().filter(|_| !reform.leave_undecided) else { return Ok(()) };
        let tasks = undecided.iter().filter(|(other, _)| other == unit).map(|(_, task)| *task);
        let first = tasks.clone().take(3).map(str::to_owned).collect();
        let (unit, tasks) = (self.units.state.units.name(*unit).to_owned(), tasks.count());
        Err(InputError::Undecided { unit, tasks, first }.into())
    }
}
