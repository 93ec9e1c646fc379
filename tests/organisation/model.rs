//! A plain model of units, tasks and reforms: lists that are walked. Every law of a reform is written here a second time.

use std::collections::{BTreeMap, BTreeSet};

use responsibility_index::reform::Reform;
use responsibility_index::{Role, UnitKind};

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Unit {
    pub(crate) name: String,
    pub(crate) aliases: Vec<String>,
    pub(crate) kind: UnitKind,
    pub(crate) members: Vec<usize>,
    pub(crate) ended: bool,
    pub(crate) gave_names: bool,
    /// The canonical names that it had.
    pub(crate) former: Vec<String>,
}

pub(crate) type Task = Vec<(usize, Role)>;

#[derive(Clone, Debug, Default)]
pub(crate) struct World {
    pub(crate) units: Vec<Unit>,
    pub(crate) tasks: BTreeMap<String, Task>,
    pub(crate) reforms: Vec<(Vec<usize>, Vec<usize>)>,
}

/// The name of the variant of the error.
pub(crate) type Refusal = &'static str;

#[derive(Clone, Debug)]
pub(crate) enum Rule {
    /// A section, or all tasks that begin with it.
    Give(String, Vec<String>),
    Drop,
    Rest(String),
}

#[derive(Clone, Debug)]
pub(crate) enum Op {
    Assign(String, Vec<String>),
    Vacate(String),
    Create(String, UnitKind),
    SetMembers(String, Vec<String>),
    AddMember(String, String),
    RemoveMember(String, String),
    Reform { sources: Vec<String>, results: Vec<String>, rules: Vec<Rule>, leave: bool },
    Transfer(String, String, String),
    Reopen(String),
}

impl Op {
    pub(crate) fn reform(&self) -> Option<Reform> {
        match self {
            Op::Reform { sources, results, rules, leave } => {
                let reform = Reform::of(sources.clone()).becomes(results.clone());
                let reform = rules.iter().fold(reform, |reform, rule| match rule {
                    Rule::Give(section, to) => reform.give(section.as_str(), to.clone()),
                    Rule::Drop => reform.drop_support(),
                    Rule::Rest(to) => reform.rest(to.clone()),
                });
                Some(if *leave { reform.leave_undecided() } else { reform })
            }
            Op::Transfer(from, to, section) => Some(Reform::transfer(from.clone(), to.clone(), section.as_str())),
            _ => None,
        }
    }
}

impl World {
    pub(crate) fn find(&self, name: &str) -> Option<usize> {
        self.units
            .iter()
            .position(|unit| !unit.gave_names && (unit.name == name || unit.aliases.contains(&name.into())))
    }

    fn known(&self, name: &str) -> Result<usize, Refusal> {
        self.find(name).ok_or("UnknownUnit")
    }

    fn going_on(&self, name: &str) -> Result<usize, Refusal> {
        let unit = self.known(name)?;
        if self.units[unit].ended { Err("UnitEnded") } else { Ok(unit) }
    }

    fn resolve(&mut self, name: &str) -> Result<usize, Refusal> {
        if self.find(name).is_none() {
            self.create(name, UnitKind::Body);
        }
        self.going_on(name)
    }

    fn create(&mut self, name: &str, kind: UnitKind) -> usize {
        let (aliases, members, ended, gave_names, former) = Default::default();
        self.units.push(Unit { name: name.to_owned(), aliases, kind, members, ended, gave_names, former });
        self.units.len() - 1
    }

    /// Carries out an edit, or says why not; the world is then to be thrown away.
    pub(crate) fn apply(&mut self, op: &Op) -> Result<(), Refusal> {
        match op {
            Op::Assign(task, names) => {
                let mut units: Task = Vec::new();
                for name in names {
                    let unit = self.resolve(name)?;
                    if units.iter().any(|(other, _)| *other == unit) {
                        return Err("UnitTwice");
                    }
                    units.push((unit, if units.is_empty() { Role::Lead } else { Role::Support }));
                }
                self.tasks.insert(task.clone(), units);
            }
            Op::Vacate(task) => {
                self.tasks.get_mut(task).ok_or("UnknownTask")?.retain(|(_, role)| *role != Role::Lead);
            }
            Op::Create(name, kind) => match self.find(name) {
                None => drop(self.create(name, *kind)),
                Some(unit) if self.units[unit].name != *name => return Err("NameTaken"),
                Some(unit) if self.units[unit].ended => return Err("UnitEnded"),
                Some(unit) if self.units[unit].kind != *kind => return Err("OtherKind"),
                Some(_) => {}
            },
            Op::SetMembers(collective, members) => {
                let group = self.collective(collective)?;
                let mut units = Vec::new();
                for name in members {
                    let unit = self.resolve(name)?;
                    if units.contains(&unit) {
                        return Err("UnitTwice");
                    }
                    units.push(unit);
                }
                self.put_members(group, units)?;
            }
            Op::AddMember(collective, member) => {
                let group = self.collective(collective)?;
                let unit = self.resolve(member)?;
                let mut members = self.units[group].members.clone();
                if !members.contains(&unit) {
                    members.push(unit);
                }
                self.put_members(group, members)?;
            }
            Op::RemoveMember(collective, member) => {
                let (group, unit) = (self.known(collective)?, self.known(member)?);
                let members = &mut self.units[group].members;
                let at = members.iter().position(|member| *member == unit).ok_or("NotAMember")?;
                members.remove(at);
            }
            Op::Reform { sources, results, rules, leave } => self.reform(sources, results, rules, *leave)?,
            Op::Transfer(from, to, section) => {
                let rules = [Rule::Give(section.clone(), vec![to.clone()])];
                self.reform(std::slice::from_ref(from), std::slice::from_ref(from), &rules, false)?;
            }
            Op::Reopen(unit) => {
                let unit = self.known(unit)?;
                if !std::mem::replace(&mut self.units[unit].ended, false) {
                    return Err("NotEnded");
                }
            }
        }
        Ok(())
    }

    fn collective(&mut self, name: &str) -> Result<usize, Refusal> {
        if self.find(name).is_none() {
            self.create(name, UnitKind::Collective);
        }
        let unit = self.going_on(name)?;
        if self.units[unit].kind == UnitKind::Collective { Ok(unit) } else { Err("NotACollective") }
    }

    fn put_members(&mut self, group: usize, members: Vec<usize>) -> Result<(), Refusal> {
        if members.iter().any(|member| self.below(*member).contains(&group)) {
            return Err("MemberOfItself");
        }
        self.units[group].members = members;
        Ok(())
    }

    /// A unit and all that are below it.
    fn below(&self, unit: usize) -> BTreeSet<usize> {
        let mut below = BTreeSet::from([unit]);
        for member in &self.units[unit].members {
            below.extend(self.below(*member));
        }
        below
    }

    pub(crate) fn bodies(&self, unit: usize) -> Vec<usize> {
        if self.units[unit].members.is_empty() {
            return vec![unit];
        }
        let mut bodies = Vec::new();
        for member in &self.units[unit].members {
            for body in self.bodies(*member) {
                if !bodies.contains(&body) {
                    bodies.push(body);
                }
            }
        }
        bodies
    }

    /// Who answers for a task: unit, role, and the collective that is named.
    pub(crate) fn answer(&self, task: &Task) -> Vec<(usize, Role, Option<usize>)> {
        let named = |unit: &usize| task.iter().any(|(other, _)| other == unit);
        let mut all: Vec<(usize, Role, Option<usize>)> = Vec::new();
        for (unit, role) in task {
            if self.units[*unit].members.is_empty() {
                all.push((*unit, *role, None));
                continue;
            }
            for body in self.bodies(*unit).into_iter().filter(|body| !named(body)) {
                if !all.iter().any(|(other, ..)| *other == body) {
                    all.push((body, *role, Some(*unit)));
                }
            }
        }
        all
    }

    fn reform(&mut self, sources: &[String], results: &[String], rules: &[Rule], leave: bool) -> Result<(), Refusal> {
        let mut old: Vec<usize> = Vec::new();
        for name in sources {
            let unit = self.going_on(name)?;
            if old.contains(&unit) {
                return Err("UnitTwice");
            }
            old.push(unit);
        }
        let kind = self.units[*old.first().ok_or("BadReform")?].kind;
        if old.iter().any(|unit| self.units[*unit].kind != kind) {
            return Err("BadReform");
        }
        if let ([one], [name], []) = (&old[..], results, rules) {
            match self.find(name) {
                None => return self.rename(*one, name),
                Some(unit) if unit == *one && self.units[unit].name != *name => return self.rename(*one, name),
                Some(unit) if self.units[unit].ended || self.is_former(unit, name) => {
                    let names = self.take_names(unit, name)?;
                    self.rename(*one, name)?;
                    self.units[*one].aliases.extend(names);
                    return Ok(());
                }
                Some(_) => {}
            }
        }
        let (mut new, mut created) = (Vec::new(), false);
        for name in results {
            let unit = match self.find(name) {
                Some(unit) if self.units[unit].ended || self.is_former(unit, name) && !old.contains(&unit) => {
                    let names = self.take_names(unit, name)?;
                    let result = self.create(name, kind);
                    self.units[result].aliases = names;
                    created = true;
                    result
                }
                Some(unit) if old.contains(&unit) && self.units[unit].name != *name => {
                    self.units[unit].aliases.retain(|alias| alias != name);
                    created = true;
                    self.create(name, kind)
                }
                Some(unit) if self.units[unit].kind != kind => return Err("BadReform"),
                Some(unit) => unit,
                None => {
                    created = true;
                    self.create(name, kind)
                }
            };
            if new.contains(&unit) {
                return Err("UnitTwice");
            }
            new.push(unit);
        }
        let same: BTreeSet<&usize> = old.iter().collect();
        if rules.is_empty() && same == new.iter().collect() {
            return Err("BadReform");
        }
        let mut given: Vec<(Option<&str>, bool, Vec<usize>)> = Vec::new();
        for rule in rules {
            match rule {
                Rule::Give(section, names) => {
                    let mut units = Vec::new();
                    for name in names {
                        let unit = self.heir(name, kind)?;
                        if units.contains(&unit) {
                            return Err("UnitTwice");
                        }
                        units.push(unit);
                    }
                    if units.is_empty() {
                        return Err("NoUnits");
                    }
                    given.push((Some(section), false, units));
                }
                Rule::Drop => given.push((None, true, Vec::new())),
                Rule::Rest(name) => given.push((None, false, vec![self.heir(name, kind)?])),
            }
        }
        let ends = |unit: &usize| old.contains(unit) && !new.contains(unit);
        if given.iter().any(|(.., heirs)| heirs.iter().any(ends)) {
            return Err("BadReform");
        }
        let mut undecided = false;
        for (key, task) in &mut self.tasks {
            let mut places: Vec<(usize, Role)> = Vec::new();
            for (unit, role) in task.iter().copied() {
                if !old.contains(&unit) {
                    places.push((unit, role));
                    continue;
                }
                let below = |section: &str| key == section || key.starts_with(&format!("{section}/"));
                let rule = given
                    .iter()
                    .find(|(section, not_led, _)| section.is_none_or(below) && (!not_led || role != Role::Lead));
                match (rule, &new[..]) {
                    (Some((.., units)), _) => {
                        for (at, heir) in units.iter().enumerate() {
                            places.push((*heir, if at > 0 && role == Role::Lead { Role::Support } else { role }));
                        }
                    }
                    (None, [one]) => places.push((*one, role)),
                    (None, _) => {
                        undecided |= !new.contains(&unit);
                        places.push((unit, role));
                    }
                }
            }
            // The first place, and the strongest role of all places.
            let mut kept: Vec<(usize, Role)> = Vec::new();
            for (unit, _) in &places {
                if !kept.iter().any(|(other, _)| other == unit) {
                    let roles = places.iter().filter(|(other, _)| other == unit).map(|(_, role)| *role);
                    kept.push((*unit, roles.min().unwrap()));
                }
            }
            kept.sort_by_key(|(_, role)| *role);
            *task = kept;
        }
        if undecided && !leave {
            return Err("Undecided");
        }
        let ending: Vec<usize> = old.iter().copied().filter(|unit| !new.contains(unit)).collect();
        for unit in &ending {
            self.units[*unit].ended = true;
            if let [heir] = new[..] {
                let gone = &mut self.units[*unit];
                gone.gave_names = true;
                let names = [vec![gone.name.clone()], std::mem::take(&mut gone.aliases)].concat();
                self.units[heir].aliases.extend(names);
            }
        }
        // A single result that is a collective gets the members of the sources.
        let mut inherited: Vec<usize> = Vec::new();
        if new.len() == 1 {
            for unit in &ending {
                inherited.append(&mut self.units[*unit].members);
            }
        }
        let concerned = |group: usize, members: &[usize]| {
            members.iter().any(|member| ending.contains(member)) || !inherited.is_empty() && new == [group]
        };
        for group in 0..self.units.len() {
            if !concerned(group, &self.units[group].members) || ending.contains(&group) {
                continue;
            }
            let mut members: Vec<usize> = Vec::new();
            let own = self.units[group].members.clone().into_iter();
            let own = own.flat_map(|member| if ending.contains(&member) { new.clone() } else { vec![member] });
            let more = if new == [group] { inherited.clone() } else { Vec::new() };
            for member in own.chain(more) {
                if member != group && !ending.contains(&member) && !members.contains(&member) {
                    members.push(member);
                }
            }
            self.put_members(group, members)?;
        }
        if created || !ending.is_empty() {
            self.reforms.push((old, new));
        }
        Ok(())
    }

    fn heir(&mut self, name: &str, kind: UnitKind) -> Result<usize, Refusal> {
        if self.find(name).is_none() {
            self.create(name, kind);
        }
        self.going_on(name)
    }

    /// Whether a name is not the present one of a unit, and was its own or that of one of which it took the place.
    fn is_former(&self, unit: usize, name: &str) -> bool {
        let gave_it = |other: &usize| self.units[*other].gave_names && self.units[*other].name == name;
        let mut reforms = self.reforms.iter();
        let got_it = reforms.any(|(from, to)| to.contains(&unit) && from.iter().any(gave_it));
        self.units[unit].name != name && (got_it || self.units[unit].former.iter().any(|former| former == name))
    }

    fn rename(&mut self, unit: usize, name: &str) -> Result<(), Refusal> {
        let unit = &mut self.units[unit];
        unit.aliases.retain(|alias| alias != name);
        let former = std::mem::replace(&mut unit.name, name.to_owned());
        unit.former.push(former.clone());
        unit.aliases.push(former);
        Ok(())
    }

    fn take_names(&mut self, unit: usize, name: &str) -> Result<Vec<String>, Refusal> {
        if !self.units[unit].ended {
            self.units[unit].aliases.retain(|alias| alias != name);
            return Ok(Vec::new());
        }
        if self.tasks.values().flatten().any(|(other, _)| *other == unit) {
            return Err("UnitInUse");
        }
        if self.units.iter().any(|group| group.members.contains(&unit)) {
            return Err("UnitNamed");
        }
        let unit = &mut self.units[unit];
        unit.gave_names = true;
        let mut names = vec![unit.name.clone()];
        names.append(&mut unit.aliases);
        names.retain(|other| other != name);
        Ok(names)
    }
}
