//! The rules for names, aliases and kinds of units, for batches and bulk loads alike. Each change takes effect at once,
//! so that later edits see it.

use std::sync::Arc;

use jiff::civil::Date;

use crate::id::UnitId;
use crate::model::{Error, InputError, MAX_ALIASES, Result, UnitKind, are_same, check_unit_name};
use crate::state::{Change, MAX_UNITS, Misfit, Obligation, OwedBy, State, Touched, Unit, UnitChange, UnitFacts};
use crate::view::unknown;

/// Decides changes of units on a state of its own.
pub(crate) struct UnitPlanner {
    pub(crate) state: State,
    /// Whether naming an unknown unit creates it.
    create: bool,
    /// The day of the commit.
    pub(super) day: Option<Date>,
    pub(crate) changes: Vec<Change>,
    pub(crate) touched: Touched,
}

/// The error for a change that was decided on a state and does not fit it.
pub(crate) fn bug(misfit: Misfit) -> Error {
    Error::Bug { what: misfit.to_string() }
}

impl UnitPlanner {
    pub(crate) fn new(state: State, create: bool, day: Option<Date>) -> UnitPlanner {
        UnitPlanner { state, create, day, changes: Vec::new(), touched: Touched::default() }
    }

    pub(super) fn creates(&self) -> bool {
        self.create
    }

    /// The unit of a name. The error has no suggestions: looking for them takes long, and others may wait.
    pub(crate) fn known(&self, name: &str) -> Result<UnitId, InputError> {
        self.state.units.find(name).ok_or_else(|| unknown(name))
    }

    fn unit(&self, name: &str) -> Result<(UnitId, &Unit)> {
        let id = self.known(name)?;
        let unit = self.state.units.get(id).ok_or_else(|| Error::Bug { what: format!("unit {id} is missing") })?;
        Ok((id, unit))
    }

    /// The unit of a name, which goes on; created if that is allowed.
    pub(crate) fn resolve(&mut self, name: &str) -> Result<UnitId> {
        let unit = self.resolve_any(name)?;
        self.check_goes_on(unit)?;
        Ok(unit)
    }

    /// The unit of a name, also one that has ended; created if that is allowed.
    pub(crate) fn resolve_any(&mut self, name: &str) -> Result<UnitId> {
        if let Some(unit) = self.state.units.find(name) {
            return Ok(unit);
        }
        check_unit_name(name)?;
        if self.create { self.add(name, UnitKind::Body) } else { Ok(self.known(name)?) }
    }

    /// Adds a unit under a valid name that is free.
    pub(super) fn add(&mut self, name: &str, kind: UnitKind) -> Result<UnitId> {
        self.create(&Unit::new(name.into(), Vec::new(), kind))
    }

    pub(super) fn create(&mut self, unit: &Unit) -> Result<UnitId> {
        let id = self.state.units.numbered();
        if id >= MAX_UNITS {
            return Err(InputError::IndexFull { name: unit.name.to_string(), most: MAX_UNITS }.into());
        }
        self.put_unit(id as UnitId, unit)?;
        Ok(id as UnitId)
    }

    /// Takes back a change of a unit that is there before and after it; of a removed one, creates a unit with the same facts.
    pub(super) fn take_back(&mut self, change: &UnitChange) -> Result<UnitId, Misfit> {
        let mut inverse = change.inverse();
        if inverse.was.is_none() {
            inverse.unit = self.state.units.numbered() as UnitId;
        }
        let unit = inverse.unit;
        self.apply_unit(inverse)?;
        Ok(unit)
    }

    fn change(&mut self, change: UnitChange) -> Result<()> {
        self.apply_unit(change).map_err(bug)
    }

    fn apply_unit(&mut self, change: UnitChange) -> Result<(), Misfit> {
        self.apply(Change::Unit(UnitChange { changed: self.state.revision + 1, ..change }))
    }

    pub(super) fn apply(&mut self, change: Change) -> Result<(), Misfit> {
        self.state.apply_in_place(&change, &mut self.touched)?;
        self.changes.push(change);
        Ok(())
    }

    /// Changes a unit, where the facts that differ were and are.
    fn replace(&mut self, unit: UnitId, was: UnitFacts, is: UnitFacts, at: usize) -> Result<()> {
        self.change(UnitChange { unit, was: Some(was), is: Some(is), at, members_at: 0, changed: 0 })
    }

    fn taken(&self, name: &str, owner: UnitId) -> Error {
        InputError::NameTaken { name: name.to_owned(), owner: self.state.units.name(owner).to_owned() }.into()
    }

    pub(super) fn create_unit(&mut self, name: &str, kind: UnitKind) -> Result<()> {
        check_unit_name(name)?;
        let Some(owner) = self.state.units.find(name) else {
            return self.add(name, kind).map(drop);
        };
        match self.state.units.get(owner) {
            Some(unit) if !are_same(&unit.name, name) => Err(self.taken(name, owner)),
            Some(unit) if unit.ended.is_some() => Ok(self.check_goes_on(owner)?),
            Some(unit) if unit.kind != kind => {
                Err(InputError::OtherKind { unit: name.to_owned(), kind: unit.kind }.into())
            }
            _ => Ok(()),
        }
    }

    /// Creates a unit or sets its kind: what a line of an import says.
    pub(crate) fn define(&mut self, name: &str, kind: UnitKind) -> Result<()> {
        check_unit_name(name)?;
        match self.state.units.find(name) {
            None => self.add(name, kind).map(drop),
            Some(owner) if !are_same(self.state.units.name(owner), name) => Err(self.taken(name, owner)),
            Some(_) => self.set_kind(name, kind),
        }
    }

    pub(crate) fn add_alias(&mut self, unit: &str, alias: &str) -> Result<()> {
        check_unit_name(alias)?;
        let (id, unit) = self.unit(unit)?;
        match self.state.units.find(alias) {
            Some(owner) if owner == id => Ok(()),
            Some(owner) => Err(self.taken(alias, owner)),
            None => {
                check_room_for_alias(unit)?;
                let at = unit.aliases.len();
                self.replace(id, UnitFacts::default(), aliases([alias.into()]), at)
            }
        }
    }

    pub(super) fn remove_alias(&mut self, name: &str, alias: &str) -> Result<()> {
        let (id, unit) = self.unit(name)?;
        let Some((at, alias)) = unit.aliases.iter().enumerate().find(|(_, known)| are_same(known, alias)) else {
            return Err(InputError::NotAnAlias { name: alias.to_owned(), unit: name.to_owned() }.into());
        };
        let was = aliases([Arc::clone(alias)]);
        self.replace(id, was, UnitFacts::default(), at)
    }

    /// Gives a unit another canonical name. The former one becomes its last alias.
    pub(super) fn rename(&mut self, unit: &str, name: &str) -> Result<()> {
        check_unit_name(name)?;
        let (id, unit) = self.unit(unit)?;
        match self.state.units.find(name) {
            Some(owner) if owner != id => Err(self.taken(name, owner)),
            _ if *unit.name == *name => Ok(()),
            _ => {
                let was = Some(Arc::clone(&unit.name));
                let is = Some(name.into());
                if are_same(&unit.name, name) {
                    // Another spelling of the same name.
                    let name = |name| UnitFacts { name, ..UnitFacts::default() };
                    return self.replace(id, name(was), name(is), 0);
                }
                let place = unit.aliases.iter().position(|alias| are_same(alias, name));
                if place.is_none() {
                    check_room_for_alias(unit)?;
                }
                let at = place.map_or(unit.aliases.len(), |place| place);
                let (_, from) = unit.aliases.split_at(at);
                let kept = from.iter().skip(usize::from(place.is_some())).cloned();
                let was = UnitFacts { name: was, ..aliases(from.iter().cloned()) };
                let is = UnitFacts { name: is, ..aliases(kept.chain([Arc::clone(&unit.name)])) };
                self.replace(id, was, is, at)
            }
        }
    }

    /// Removes a unit that no task names, unless something else does.
    pub(super) fn remove(&mut self, unit: UnitId) -> Result<()> {
        if let Some(by) = self.named_by(unit) {
            let (unit, done) = (self.state.units.name(unit).to_owned(), "removed");
            return Err(InputError::UnitNamed { unit, done, by }.into());
        }
        match UnitChange::between(unit, self.state.units.get(unit), None) {
            Some(change) => self.change(change),
            None => Ok(()),
        }
    }

    /// Gives a unit the facts of this one.
    pub(super) fn put_unit(&mut self, id: UnitId, unit: &Unit) -> Result<()> {
        match UnitChange::between(id, self.state.units.get(id), Some(unit)) {
            Some(change) => self.change(change),
            None => Ok(()),
        }
    }

    pub(super) fn set_kind(&mut self, unit: &str, kind: UnitKind) -> Result<()> {
        let (id, unit) = self.unit(unit)?;
        let was = unit.kind;
        if was == kind {
            return Ok(());
        }
        if !unit.members().is_empty() {
            let (unit, members) = (unit.name.to_string(), unit.members().len());
            return Err(InputError::HasMembers { unit, members }.into());
        }
        let members_of = |(_, obligation): &(_, &Obligation)| obligation.owed_by.contains(&OwedBy::MembersOf(id));
        if let Some((name, _)) = self.state.units.register().obligations().find(members_of) {
            let (unit, by) = (self.state.units.name(id).to_owned(), format!("obligation {name:?}"));
            return Err(InputError::UnitNamed { unit, done: "a body", by }.into());
        }
        let facts = |kind| UnitFacts { kind: Some(kind), ..UnitFacts::default() };
        self.replace(id, facts(was), facts(kind), 0)
    }
}

fn aliases(aliases: impl IntoIterator<Item = Arc<str>>) -> UnitFacts {
    UnitFacts { aliases: aliases.into_iter().collect(), ..UnitFacts::default() }
}

fn check_room_for_alias(unit: &Unit) -> Result<(), InputError> {
    if unit.aliases.len() >= MAX_ALIASES {
        return Err(InputError::TooManyAliases { unit: unit.name.to_string(), most: MAX_ALIASES });
    }
    Ok(())
}
