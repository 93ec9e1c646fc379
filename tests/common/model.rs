//! A plain model of the index: what every edit does, written as simply as it can be said. Uses nothing of the crate
//! but its plain values.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use responsibility_index::{Details, Role, UnitKind};

/// One edit, in plain values.
#[derive(Clone, Debug)]
pub(crate) enum Op {
    /// The first leads, the others support.
    Assign(String, Vec<String>),
    AssignRoles(String, Named),
    SetLead(String, String, Option<Role>),
    Promote(String),
    Vacate(String),
    Add(String, String, Role),
    SetRole(String, String, Role),
    MoveTo(String, String, usize),
    Withdraw(String, String),
    Declare(String),
    Remove(String),
    Expect(String, Option<Named>),
    /// Expects what stands, whatever that is when it is carried out.
    ExpectCurrent(String),
    SetDetails(String, Option<Details>),
    SetTitle(String, String),
    /// `None` takes the field out.
    SetField(String, String, Option<String>),
    ExpectField(String, String, Option<String>),
    CreateUnit(String, UnitKind),
    AddAlias(String, String),
    RemoveAlias(String, String),
    Rename(String, String),
    SetKind(String, UnitKind),
    RemoveUnit(String),
}

/// Names with their roles.
pub(crate) type Named = Vec<(String, Role)>;

/// Why an edit is refused: the name of the error's variant.
pub(crate) type Refusal = &'static str;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ModelUnit {
    /// Never given again.
    pub(crate) number: usize,
    pub(crate) name: String,
    pub(crate) aliases: Vec<String>,
    pub(crate) kind: UnitKind,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ModelTask {
    /// Places in the list of units, with roles: the lead first, and the others in the order of their roles.
    pub(crate) units: Vec<(usize, Role)>,
    pub(crate) details: Option<Details>,
}

impl ModelTask {
    /// Adds a unit after all others whose role comes before or is the same.
    fn put_last(&mut self, unit: usize, role: Role) -> Result<(), Refusal> {
        if role == Role::Lead && self.units.iter().any(|(_, other)| *other == Role::Lead) {
            return Err("TwoLeads");
        }
        self.units.push((unit, role));
        // A stable sort keeps the order within a role.
        self.units.sort_by_key(|(_, role)| *role);
        Ok(())
    }

    fn set_lead(&mut self, unit: usize, former: Option<Role>) {
        let before = self.units.iter().find(|(_, role)| *role == Role::Lead).map(|(before, _)| *before);
        self.units.retain(|(other, role)| *other != unit && *role != Role::Lead);
        if let (Some(before), Some(role)) = (before.filter(|before| *before != unit), former) {
            self.units.insert(0, (before, role));
        }
        self.units.insert(0, (unit, Role::Lead));
        self.units.sort_by_key(|(_, role)| *role);
    }
}

/// The first leads, the others support.
pub(crate) fn led(names: &[String]) -> Named {
    let roles = std::iter::once(Role::Lead).chain(std::iter::repeat(Role::Support));
    names.iter().cloned().zip(roles).collect()
}

#[derive(Clone, Debug)]
pub(crate) struct Model {
    pub(crate) revision: u64,
    pub(crate) create_units: bool,
    pub(crate) units: Vec<ModelUnit>,
    pub(crate) tasks: BTreeMap<String, ModelTask>,
    units_touched: bool,
    /// Of the next unit.
    pub(crate) next_number: usize,
}

impl Model {
    pub(crate) fn new(create_units: bool) -> Model {
        let (units, tasks) = Default::default();
        Model { revision: 0, create_units, units, tasks, units_touched: false, next_number: 0 }
    }

    pub(crate) fn find(&self, name: &str) -> Option<usize> {
        self.units.iter().position(|unit| unit.name == name || unit.aliases.iter().any(|alias| alias == name))
    }

    pub(crate) fn name(&self, unit: usize) -> &str {
        &self.units[unit].name
    }

    /// Canonical names of a task's units with their roles; `None` when it is not known.
    pub(crate) fn names_of(&self, task: &str) -> Option<Named> {
        let named =
            |task: &ModelTask| task.units.iter().map(|(unit, role)| (self.name(*unit).to_owned(), *role)).collect();
        self.tasks.get(task).map(named)
    }

    pub(crate) fn role(&self, task: &ModelTask, unit: usize) -> Option<Role> {
        task.units.iter().find(|(other, _)| *other == unit).map(|(_, role)| *role)
    }

    /// A task with the numbers of its units, which do not change when others are removed.
    pub(crate) fn by_number(&self, task: &ModelTask) -> (Vec<(usize, Role)>, Option<Details>) {
        let units = task.units.iter().map(|(unit, role)| (self.units[*unit].number, *role));
        (units.collect(), task.details.clone())
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
            Op::Assign(task, names) => self.assign(task, &led(names))?,
            Op::AssignRoles(task, named) => self.assign(task, named)?,
            Op::SetLead(task, name, former) => {
                self.known(task)?;
                let unit = self.resolve(name)?;
                let task = self.known(task)?;
                let leads_now = task.units.iter().find(|(_, role)| *role == Role::Lead);
                if *former == Some(Role::Lead) && leads_now.is_some_and(|(lead, _)| *lead != unit) {
                    return Err("TwoLeads");
                }
                task.set_lead(unit, *former);
            }
            Op::Promote(task) => {
                let task = self.known(task)?;
                let next =
                    [Role::CoLead, Role::Support].map(|role| task.units.iter().find(|(_, other)| *other == role));
                let (next, _) = *next.into_iter().flatten().next().ok_or("NoSuccessor")?;
                task.set_lead(next, None);
            }
            Op::Vacate(task) => self.known(task)?.units.retain(|(_, role)| *role != Role::Lead),
            Op::Add(task, name, role) => {
                self.known(task)?;
                let unit = self.resolve(name)?;
                let task = self.known(task)?;
                if task.units.iter().any(|(other, _)| *other == unit) {
                    return Err("UnitTwice");
                }
                task.put_last(unit, *role)?;
            }
            Op::SetRole(task, name, role) => {
                let (task, place) = self.place(task, name)?;
                let (unit, before) = task.units[place];
                if before != *role {
                    // Whether there is a lead already is asked before the unit gives up its role.
                    task.put_last(unit, *role)?;
                    task.units.remove(task.units.iter().position(|other| *other == (unit, before)).unwrap());
                }
            }
            Op::MoveTo(task, name, place) => {
                let (task, at) = self.place(task, name)?;
                let (unit, role) = task.units.remove(at);
                let mut same: Vec<usize> =
                    task.units.iter().filter(|other| other.1 == role).map(|other| other.0).collect();
                if *place > same.len() {
                    return Err("NoSuchPlace");
                }
                same.insert(*place, unit);
                task.units.retain(|(_, other)| *other != role);
                same.into_iter().try_for_each(|unit| task.put_last(unit, role))?;
            }
            Op::Withdraw(task, name) => {
                let (task, place) = self.place(task, name)?;
                task.units.remove(place);
            }
            Op::Declare(task) => {
                check(task, 512)?;
                self.tasks.entry(task.clone()).or_insert(ModelTask { units: Vec::new(), details: None });
            }
            Op::Remove(task) => {
                check(task, 512)?;
                self.tasks.remove(task);
            }
            Op::Expect(task, expected) => {
                check(task, 512)?;
                let wanted = expected
                    .as_ref()
                    .map(|named| named.iter().map(|(name, role)| (self.find(name), *role)).collect::<Vec<_>>());
                let stands = self
                    .tasks
                    .get(task)
                    .map(|task| task.units.iter().map(|(unit, role)| (Some(*unit), *role)).collect::<Vec<_>>());
                if wanted != stands {
                    return Err("Standing");
                }
            }
            Op::ExpectCurrent(task) => check(task, 512)?,
            Op::SetDetails(task, details) => {
                self.known(task)?.details = details.clone().filter(|details| *details != Details::default());
            }
            Op::SetTitle(task, title) => self.change_details(task, |details| details.title = title.clone())?,
            Op::SetField(task, field, value) => self.change_details(task, |details| {
                details.fields.retain(|name, _| name != field);
                details.fields.extend(value.clone().map(|value| (field.clone(), value)));
            })?,
            Op::ExpectField(task, field, expected) => {
                let found = self.known(task)?.details.clone().unwrap_or_default().fields.remove(field);
                if found != *expected {
                    return Err("Field");
                }
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
            Op::RemoveUnit(unit) => {
                let unit = self.find(unit).ok_or("UnknownUnit")?;
                if self.tasks.values().any(|task| self.role(task, unit).is_some()) {
                    return Err("UnitInUse");
                }
                self.units.remove(unit);
                let places = self.tasks.values_mut().flat_map(|task| &mut task.units);
                places.filter(|(place, _)| *place > unit).for_each(|(place, _)| *place -= 1);
                self.units_touched = true;
            }
        }
        Ok(())
    }

    fn change_details(&mut self, task: &str, change: impl FnOnce(&mut Details)) -> Result<(), Refusal> {
        let task = self.known(task)?;
        let mut details = task.details.take().unwrap_or_default();
        change(&mut details);
        task.details = Some(details).filter(|details| *details != Details::default());
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

    fn assign(&mut self, task: &str, named: &Named) -> Result<(), Refusal> {
        let units = self.named_units(task, named)?;
        let details = self.tasks.get(task).and_then(|task| task.details.clone());
        self.tasks.insert(task.to_owned(), ModelTask { units, details });
        Ok(())
    }

    /// The units that a list of names means, created as they are met.
    fn named_units(&mut self, task: &str, named: &Named) -> Result<Vec<(usize, Role)>, Refusal> {
        check(task, 512)?;
        if named.is_empty() {
            return Err("NoUnits");
        }
        let mut units: Vec<(usize, Role)> = Vec::new();
        for (name, role) in named {
            let unit = self.resolve(name)?;
            if units.iter().any(|(other, _)| *other == unit) {
                return Err("UnitTwice");
            }
            units.push((unit, *role));
        }
        Ok(units)
    }

    fn known(&mut self, task: &str) -> Result<&mut ModelTask, Refusal> {
        check(task, 512)?;
        self.tasks.get_mut(task).ok_or("UnknownTask")
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
        let number = self.next_number;
        self.units.push(ModelUnit { number, name: name.to_owned(), aliases: Vec::new(), kind });
        (self.next_number, self.units_touched) = (number + 1, true);
    }

    /// A task, and the place in it of a unit other than the lead.
    fn place(&mut self, task: &str, name: &str) -> Result<(&mut ModelTask, usize), Refusal> {
        self.known(task)?;
        let unit = self.find(name).ok_or("UnknownUnit")?;
        let task = self.known(task)?;
        let place = task.units.iter().position(|(other, _)| *other == unit).ok_or("NotNamed")?;
        if task.units[place].1 == Role::Lead { Err("IsLead") } else { Ok((task, place)) }
    }

    /// A bulk load. Tasks that are refused are left out, each with its reason; a key that stands twice refuses all.
    pub(crate) fn load(&mut self, tasks: &[(String, Vec<String>, Option<Details>)]) -> (Vec<Refusal>, Option<Refusal>) {
        // Units get their places in the order in which they are first named, those of refused tasks left out.
        let mut gathered = self.clone();
        let (mut refused, mut accepted) = (Vec::new(), Vec::new());
        for (task, names, details) in tasks {
            match gathered.named_units(task, &led(names)) {
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
        let units_before = self.units.len();
        let named: BTreeSet<usize> =
            accepted.iter().flat_map(|(_, units, _)| units.iter().map(|(unit, _)| *unit)).collect();
        let mut places: BTreeMap<usize, usize> = (0..self.units.len()).map(|unit| (unit, unit)).collect();
        for unit in named.into_iter().filter(|unit| *unit >= self.units.len()).collect::<Vec<_>>() {
            places.insert(unit, self.units.len());
            let name = gathered.units[unit].name.clone();
            self.add_unit(&name, UnitKind::Body);
        }
        let mut changes = self.units.len() > units_before;
        for (task, units, details) in accepted {
            let units = units.iter().map(|(unit, role)| (places[unit], *role)).collect();
            let details = details.clone().filter(|details| *details != Details::default());
            let task_after = ModelTask { units, details };
            // Details are not compared: a task that has any counts as changed.
            changes |= task_after.details.is_some() || self.tasks.get(task) != Some(&task_after);
            self.tasks.insert(task.clone(), task_after);
        }
        self.revision += u64::from(changes);
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
