//! The rules for members of collectives and for units that end.

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;

use super::unit_planner::UnitPlanner;
use crate::id::UnitId;
use crate::model::{Error, InputError, MAX_MEMBERS, Result, UnitKind, check_unit_name};
use crate::state::{Ended, Unit};

impl UnitPlanner {
    /// The unit of a name, if it goes on.
    pub(super) fn going_on(&self, name: &str) -> Result<UnitId, InputError> {
        let unit = self.known(name)?;
        self.check_goes_on(unit)?;
        Ok(unit)
    }

    /// The units of some names, found one by one with `find`. A unit that is named twice is refused.
    pub(crate) fn each_once<N: AsRef<str>>(
        &mut self,
        names: &[N],
        mut find: impl FnMut(&mut UnitPlanner, &N) -> Result<UnitId>,
    ) -> Result<Vec<UnitId>> {
        let (mut units, mut seen) = (Vec::with_capacity(names.len()), HashSet::new());
        for name in names {
            let unit = find(self, name)?;
            if !seen.insert(unit) {
                return Err(self.twice(unit, name.as_ref()).into());
            }
            units.push(unit);
        }
        Ok(units)
    }

    pub(crate) fn twice(&self, unit: UnitId, written: &str) -> InputError {
        let unit = self.state.units.name(unit).to_owned();
        InputError::UnitTwice { task: None, unit, written: written.to_owned() }
    }

    /// Refuses a unit that has ended, with those that took its place.
    pub(crate) fn check_goes_on(&self, id: UnitId) -> Result<(), InputError> {
        let units = &self.state.units;
        let Some((unit, ended)) = units.get(id).and_then(|unit| Some((unit, unit.ended?))) else { return Ok(()) };
        let events = units.register().lineage().filter(|event| event.from.contains(&id));
        let successors = events.last().map_or(&[][..], |event| &event.to);
        let successors = successors.iter().map(|successor| units.name(*successor).to_owned());
        Err(InputError::UnitEnded { unit: unit.name.to_string(), day: ended.day, successors: successors.collect() })
    }

    pub(super) fn set_members(&mut self, collective: &str, members: &[String]) -> Result<()> {
        let group = self.collective(collective)?;
        let units = self.each_once(members, |units, name| units.resolve(name))?;
        self.put_members(group, &units)
    }

    pub(super) fn add_member(&mut self, collective: &str, member: &str) -> Result<()> {
        let group = self.collective(collective)?;
        let unit = self.resolve(member)?;
        let members = self.state.units.members(group);
        if members.contains(&unit) { Ok(()) } else { self.put_members(group, &[members, &[unit]].concat()) }
    }

    pub(super) fn remove_member(&mut self, collective: &str, member: &str) -> Result<()> {
        let (group, unit) = (self.known(collective)?, self.known(member)?);
        let mut members = self.state.units.members(group).to_vec();
        let Some(at) = members.iter().position(|member| *member == unit) else {
            let name = |unit| self.state.units.name(unit).to_owned();
            return Err(InputError::NotAMember { unit: name(unit), collective: name(group) }.into());
        };
        members.remove(at);
        self.put_members(group, &members)
    }

    /// The unit of a name, which goes on; created as one of a kind if that is allowed.
    pub(super) fn resolve_as(&mut self, name: &str, kind: UnitKind) -> Result<UnitId> {
        if self.state.units.find(name).is_none() && self.creates() {
            self.create_unit(name, kind)?;
        }
        self.resolve(name)
    }

    /// A collective that goes on, by name; created if it is not known and that is allowed.
    pub(super) fn collective(&mut self, name: &str) -> Result<UnitId> {
        if self.state.units.find(name).is_none() && self.creates() {
            self.create_unit(name, UnitKind::Collective)?;
        }
        let unit = self.going_on(name)?;
        self.check_collective(unit)?;
        Ok(unit)
    }

    pub(crate) fn check_collective(&self, unit: UnitId) -> Result<(), InputError> {
        match self.state.units.get(unit).map(|unit| unit.kind) {
            Some(UnitKind::Collective) => Ok(()),
            _ => Err(InputError::NotACollective { unit: self.state.units.name(unit).to_owned() }),
        }
    }

    /// Gives a collective members, each once, unless it would be one of its own.
    pub(crate) fn put_members(&mut self, group: UnitId, members: &[UnitId]) -> Result<()> {
        self.check_collective(group)?;
        let units = &self.state.units;
        if members.len() > MAX_MEMBERS {
            let of = format!("collective {:?}", units.name(group));
            return Err(InputError::TooManyNamed { of, units: members.len(), most: MAX_MEMBERS }.into());
        }
        let new = members.iter().filter(|member| !units.groups(**member).contains(&group));
        if let Some(path) = new.into_iter().find_map(|member| units.path(*member, group)) {
            let path = [group].into_iter().chain(path).map(|unit| units.name(unit).to_owned());
            return Err(InputError::MemberOfItself { path: path.collect() }.into());
        }
        self.set_unit(group, |unit| unit.set_members(members))
    }

    /// Puts the results in the places of units that end, in every collective that has them. A single result that is a
    /// collective gets the members of the others.
    pub(super) fn replace_members(&mut self, ending: &[UnitId], results: &[UnitId]) -> Result<()> {
        let ends: HashSet<UnitId> = ending.iter().copied().collect();
        let heir = heir_of(results);
        let mut groups: Vec<UnitId> = ending.iter().flat_map(|unit| self.state.units.groups(*unit).to_vec()).collect();
        groups.sort_unstable();
        groups.dedup();
        let mut inherited: Vec<UnitId> = Vec::new();
        for unit in ending.iter().filter(|_| heir.is_some()) {
            let members = self.state.units.members(*unit).to_vec();
            if !members.is_empty() {
                self.put_members(*unit, &[])?;
            }
            inherited.extend(members);
        }
        groups.extend(heir.filter(|heir| !inherited.is_empty() && !groups.contains(heir)));
        for group in groups.into_iter().filter(|group| !ends.contains(group)) {
            let old = self.state.units.members(group).iter().copied();
            let places = old.flat_map(|member| if ends.contains(&member) { results.to_vec() } else { vec![member] });
            let all = places.chain(inherited.iter().copied().filter(|_| heir == Some(group)));
            let mut seen = HashSet::from([group]);
            let members: Vec<UnitId> = all.filter(|member| !ends.contains(member) && seen.insert(*member)).collect();
            self.put_members(group, &members)?;
        }
        Ok(())
    }

    /// Ends a unit. Where one unit takes its place, that one gets its names.
    pub(super) fn end(&mut self, id: UnitId, results: &[UnitId]) -> Result<()> {
        let heir = heir_of(results);
        let names = self.state.units.get(id).filter(|_| heir.is_some()).into_iter().flat_map(Unit::names);
        let names: Vec<String> = names.map(|name| name.to_string()).collect();
        let ended = Ended { revision: self.state.revision + 1, day: self.day, gave_names: heir.is_some() };
        self.set_unit(id, |unit| {
            unit.ended = Some(ended);
            if heir.is_some() {
                unit.aliases = Default::default();
            }
        })?;
        let Some(heir) = heir.map(|heir| self.state.units.name(heir).to_owned()) else { return Ok(()) };
        names.iter().try_for_each(|name| self.add_alias(&heir, name))
    }

    /// The units that gave their names away, by these names, in the order of their numbers.
    pub(crate) fn without_names(&self) -> HashMap<String, Vec<UnitId>> {
        let mut found: HashMap<String, Vec<UnitId>> = HashMap::new();
        for (id, unit) in self.state.units.iter().filter(|(_, unit)| !unit.has_names()) {
            found.entry(unit.name.to_string()).or_default().push(id);
        }
        found
    }

    /// Creates an ended unit that gave its names away.
    pub(crate) fn define_ended(&mut self, name: &str, kind: UnitKind, day: Option<Date>) -> Result<UnitId> {
        check_unit_name(name)?;
        let ended = Ended { revision: self.state.revision + 1, day, gave_names: true };
        self.create(&Unit::new(name.into(), Vec::new(), kind).with(&[], Some(ended)))
    }

    /// Ends a unit that keeps its names; one that has ended stays as it is.
    pub(crate) fn define_end(&mut self, name: &str, day: Option<Date>) -> Result<()> {
        let id = self.known(name)?;
        if self.state.units.has_ended(id) {
            return Ok(());
        }
        let ended = Ended { revision: self.state.revision + 1, day, gave_names: false };
        self.set_unit(id, |unit| unit.ended = Some(ended))
    }

    /// Frees the names of an ended unit for another one.
    pub(super) fn give_names(&mut self, id: UnitId) -> Result<()> {
        self.set_unit(id, |unit| {
            unit.ended = unit.ended.map(|ended| Ended { gave_names: true, ..ended });
            unit.aliases = Default::default();
        })
    }

    pub(super) fn reopen(&mut self, name: &str) -> Result<()> {
        let id = self.known(name)?;
        if !self.state.units.has_ended(id) {
            return Err(InputError::NotEnded { unit: self.state.units.name(id).to_owned() }.into());
        }
        self.set_unit(id, |unit| unit.ended = None)
    }

    /// Changes a unit that there is.
    fn set_unit(&mut self, id: UnitId, change: impl FnOnce(&mut Unit)) -> Result<()> {
        let missing = || Error::Bug { what: format!("unit {id} is missing") };
        let mut unit = self.state.units.get(id).cloned().ok_or_else(missing)?;
        change(&mut unit);
        self.put_unit(id, &unit)
    }
}

/// The unit that takes the place of others alone, if it is one.
pub(super) fn heir_of(results: &[UnitId]) -> Option<UnitId> {
    if let [heir] = results { Some(*heir) } else { None }
}
