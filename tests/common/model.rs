//! A plain model of the index: what every edit does, written as simply as it can be said. Uses nothing of the crate
//! but its plain values.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use responsibility_index::{Details, Role, UnitKind};

/// One edit, in plain values.
#[derive(Clone, Debug)]
pub(crate) enum Op {
    Assign(String, Vec<String>),
    SetLead(String, String),
    AddSupporting(String, String),
    MoveSupporting(String, String, usize),
    RemoveSupporting(String, String),
    Unassign(String),
    Expect(String, Option<Vec<String>>),
    /// Expects what stands, whatever that is when it is carried out.
    ExpectCurrent(String),
    SetDetails(String, Option<Details>),
    CreateUnit(String, UnitKind),
    AddAlias(String, String),
    RemoveAlias(String, String),
    Rename(String, String),
    SetKind(String, UnitKind),
}

/// Why an edit is refused: the name of the error's variant.
pub(crate) type Refusal = &'static str;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ModelUnit {
    pub(crate) name: String,
    pub(crate) aliases: Vec<String>,
    pub(crate) kind: UnitKind,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ModelTask {
    /// Places in the list of units, the lead first.
    pub(crate) units: Vec<usize>,
    pub(crate) details: Option<Details>,
}

#[derive(Clone, Debug)]
pub(crate) struct Model {
    pub(crate) revision: u64,
    pub(crate) create_units: bool,
    pub(crate) units: Vec<ModelUnit>,
    pub(crate) tasks: BTreeMap<String, ModelTask>,
    units_touched: bool,
}

impl Model {
    pub(crate) fn new(create_units: bool) -> Model {
        Model { revision: 0, create_units, units: Vec::new(), tasks: BTreeMap::new(), units_touched: false }
    }

    pub(crate) fn find(&self, name: &str) -> Option<usize> {
        self.units.iter().position(|unit| unit.name == name || unit.aliases.iter().any(|alias| alias == name))
    }

    pub(crate) fn name(&self, unit: usize) -> &str {
        &self.units[unit].name
    }

    /// Canonical names of a task's units, the lead first; none when it is not assigned.
    pub(crate) fn names_of(&self, task: &str) -> Option<Vec<String>> {
        self.tasks.get(task).map(|task| task.units.iter().map(|unit| self.name(*unit).to_owned()).collect())
    }

    pub(crate) fn role(&self, task: &ModelTask, unit: usize) -> Option<Role> {
        let place = task.units.iter().position(|other| *other == unit)?;
        Some(if place == 0 { Role::Lead } else { Role::Support })
    }

    /// Keys of the tasks that pass, in the order in which a reader counts.
    pub(crate) fn keys_where(&self, passes: impl Fn(&str, &ModelTask) -> bool) -> Vec<String> {
        let mut keys: Vec<String> =
            self.tasks.iter().filter(|(key, task)| passes(key, task)).map(|(key, _)| key.clone()).collect();
        keys.sort_by_cached_key(|key| letters(key));
        keys
    }

    /// All edits, or the place (from 1) and reason of the first that is refused. Counts the revision.
    pub(crate) fn commit(&mut self, ops: &[Op]) -> Result<(), (usize, Refusal)> {
        let mut next = self.clone();
        next.units_touched = false;
        for (place, op) in (1..).zip(ops) {
            next.edit(op).map_err(|refusal| (place, refusal))?;
        }
        if next.units_touched || next.tasks != self.tasks {
            next.revision += 1;
        }
        *self = next;
        Ok(())
    }

    pub(crate) fn edit(&mut self, op: &Op) -> Result<(), Refusal> {
        match op {
            Op::Assign(task, names) => {
                let units = self.assigned_units(task, names)?;
                let details = self.tasks.get(task).and_then(|task| task.details.clone());
                self.tasks.insert(task.clone(), ModelTask { units, details });
            }
            Op::SetLead(task, name) => {
                self.assigned(task)?;
                let unit = self.resolve(name)?;
                let units = &mut self.assigned(task)?.units;
                units.remove(0);
                units.retain(|other| *other != unit);
                units.insert(0, unit);
            }
            Op::AddSupporting(task, name) => {
                self.assigned(task)?;
                let unit = self.resolve(name)?;
                let units = &mut self.assigned(task)?.units;
                if units.contains(&unit) {
                    return Err("UnitTwice");
                }
                units.push(unit);
            }
            Op::MoveSupporting(task, name, place) => {
                let unit = self.take_supporting(task, name)?;
                let units = &mut self.assigned(task)?.units;
                if *place >= units.len() {
                    return Err("NoSuchPlace");
                }
                units.insert(place + 1, unit);
            }
            Op::RemoveSupporting(task, name) => drop(self.take_supporting(task, name)?),
            Op::Unassign(task) => {
                check(task, 512)?;
                self.tasks.remove(task);
            }
            Op::Expect(task, expected) => {
                check(task, 512)?;
                let wanted = expected.as_ref().map(|names| names.iter().map(|name| self.find(name)).collect());
                let stands: Option<Vec<Option<usize>>> =
                    self.tasks.get(task).map(|task| task.units.iter().map(|unit| Some(*unit)).collect());
                if wanted != stands {
                    return Err("Assignment");
                }
            }
            Op::ExpectCurrent(task) => check(task, 512)?,
            Op::SetDetails(task, details) => {
                self.assigned(task)?.details = details.clone().filter(|details| *details != Details::default());
            }
            Op::CreateUnit(name, kind) => {
                check(name, 256)?;
                match self.find(name) {
                    None => self.add_unit(name, *kind),
                    Some(unit) if self.units[unit].name == *name && self.units[unit].kind == *kind => {}
                    Some(unit) if self.units[unit].name == *name => return Err("OtherKind"),
                    Some(_) => return Err("NameTaken"),
                }
            }
            Op::AddAlias(unit, alias) => {
                check(alias, 256)?;
                let unit = self.find(unit).ok_or("UnknownUnit")?;
                match self.find(alias) {
                    None => {
                        self.units[unit].aliases.push(alias.clone());
                        self.units_touched = true;
                    }
                    Some(owner) if owner == unit => {}
                    Some(_) => return Err("NameTaken"),
                }
            }
            Op::RemoveAlias(unit, alias) => {
                let unit = self.find(unit).ok_or("UnknownUnit")?;
                let aliases = &mut self.units[unit].aliases;
                let place = aliases.iter().position(|known| known == alias).ok_or("NotAnAlias")?;
                aliases.remove(place);
                self.units_touched = true;
            }
            Op::Rename(unit, name) => self.rename(unit, name)?,
            Op::SetKind(unit, kind) => {
                let unit = self.find(unit).ok_or("UnknownUnit")?;
                if self.units[unit].kind != *kind {
                    self.units[unit].kind = *kind;
                    self.units_touched = true;
                }
            }
        }
        Ok(())
    }

    fn rename(&mut self, unit: &str, name: &str) -> Result<(), Refusal> {
        check(name, 256)?;
        let unit = self.find(unit).ok_or("UnknownUnit")?;
        if self.find(name).is_some_and(|owner| owner != unit) {
            return Err("NameTaken");
        }
        let renamed = &mut self.units[unit];
        if renamed.name != name {
            renamed.aliases.retain(|alias| alias != name);
            let former = std::mem::replace(&mut renamed.name, name.to_owned());
            renamed.aliases.push(former);
            self.units_touched = true;
        }
        Ok(())
    }

    /// The units that a list of names stands for, created as they are met.
    fn assigned_units(&mut self, task: &str, names: &[String]) -> Result<Vec<usize>, Refusal> {
        check(task, 512)?;
        if names.is_empty() {
            return Err("NoUnits");
        }
        let mut units = Vec::new();
        for name in names {
            let unit = self.resolve(name)?;
            if units.contains(&unit) {
                return Err("UnitTwice");
            }
            units.push(unit);
        }
        Ok(units)
    }

    fn assigned(&mut self, task: &str) -> Result<&mut ModelTask, Refusal> {
        check(task, 512)?;
        self.tasks.get_mut(task).ok_or("NotAssigned")
    }

    fn resolve(&mut self, name: &str) -> Result<usize, Refusal> {
        if let Some(unit) = self.find(name) {
            return Ok(unit);
        }
        check(name, 256)?;
        if !self.create_units {
            return Err("UnknownUnit");
        }
        self.add_unit(name, UnitKind::Body);
        Ok(self.units.len() - 1)
    }

    fn add_unit(&mut self, name: &str, kind: UnitKind) {
        self.units.push(ModelUnit { name: name.to_owned(), aliases: Vec::new(), kind });
        self.units_touched = true;
    }

    fn take_supporting(&mut self, task: &str, name: &str) -> Result<usize, Refusal> {
        self.assigned(task)?;
        let unit = self.find(name).ok_or("UnknownUnit")?;
        let units = &mut self.assigned(task)?.units;
        match units.iter().position(|other| *other == unit) {
            Some(place) if place > 0 => Ok(units.remove(place)),
            _ => Err("NotSupporting"),
        }
    }

    /// A bulk load. Tasks that are refused are left out, each with its reason; a key that stands twice refuses all.
    pub(crate) fn load(&mut self, tasks: &[(String, Vec<String>, Option<Details>)]) -> (Vec<Refusal>, Option<Refusal>) {
        // Units get their places in the order in which they are first named, those of refused tasks left out.
        let mut gathered = self.clone();
        let (mut refused, mut accepted) = (Vec::new(), Vec::new());
        for (task, names, details) in tasks {
            match gathered.assigned_units(task, names) {
                Ok(units) => accepted.push((task, units, details)),
                Err(refusal) => refused.push(refusal),
            }
        }
        let keys: BTreeSet<&String> = accepted.iter().map(|(task, ..)| *task).collect();
        if keys.len() < accepted.len() {
            return (refused, Some("TaskTwice"));
        }
        if accepted.is_empty() {
            return (refused, None);
        }
        let named: BTreeSet<usize> = accepted.iter().flat_map(|(_, units, _)| units.iter().copied()).collect();
        let mut places: BTreeMap<usize, usize> = (0..self.units.len()).map(|unit| (unit, unit)).collect();
        for unit in named.into_iter().filter(|unit| *unit >= self.units.len()).collect::<Vec<_>>() {
            places.insert(unit, self.units.len());
            self.units.push(gathered.units[unit].clone());
        }
        for (task, units, details) in accepted {
            let units = units.iter().map(|unit| places[unit]).collect();
            let details = details.clone().filter(|details| *details != Details::default());
            self.tasks.insert(task.clone(), ModelTask { units, details });
        }
        self.revision += 1;
        (refused, None)
    }
}

/// What a key or name may not be.
pub(crate) fn check(name: &str, most: usize) -> Result<(), Refusal> {
    match name {
        "" => Err("Empty"),
        _ if name.len() > most => Err("TooLong"),
        _ if name.chars().any(char::is_control) => Err("ControlCharacter"),
        _ if name.trim() != name => Err("SpaceAround"),
        _ => Ok(()),
    }
}

/// The order of keys, told another way than the crate does: a run of digits is one letter, which stands where digits
/// stand and is ordered by its length without zeros, its digits, its length with them.
pub(crate) fn natural(a: &str, b: &str) -> Ordering {
    letters(a).cmp(&letters(b))
}

pub(crate) fn letters(key: &str) -> Vec<(u8, usize, String, usize)> {
    let mut letters = Vec::new();
    let mut digits = String::new();
    for byte in key.bytes().map(Some).chain([None]) {
        match byte {
            Some(digit) if digit.is_ascii_digit() => digits.push(char::from(digit)),
            other => {
                if !digits.is_empty() {
                    let value = digits.trim_start_matches('0').to_owned();
                    letters.push((b'0', value.len(), value, digits.len()));
                    digits.clear();
                }
                letters.extend(other.map(|byte| (byte, 0, String::new(), 0)));
            }
        }
    }
    letters
}
