//! All units of one state: their names, the posting lists of each, and the facts that name them. Knows nothing of how
//! tasks are found.
//!
//! Invariant: `names` has the names of all units, but for those of ended units that gave them away. A removed unit keeps its
//! number, so that older entries of the log mean the same; it has no name, no task and no fact, and is in no collective. A
//! slot has the collectives of which its unit is a member.

use std::collections::HashSet;
use std::sync::Arc;

use super::change::{UnitChange, UnitFacts};
use super::member::{MAX_UNITS, Member};
use super::misfit::Misfit;
use super::names::Names;
use super::posting_list::PostingList;
use super::register::{Fact, FactChange, Register};
use super::slot::{Slot, set_groups};
use super::tasks::Tasks;
use super::tree::DeepTree;
use super::unit::{FormerName, Unit};
use super::unit_tasks::UnitTasks;
use crate::id::{Revision, TaskId, UnitId};
use crate::model::{Role, folded};

/// Elements per branch: copying one counts up to 16 references of names, or some 20 of posting lists.
const UNITS_PER_BRANCH: usize = 8;
const LISTS_PER_BRANCH: usize = 4;

/// Whether a change is carried out, or taken back. A number is given once, so a removed unit keeps it. Taking back a removal
/// gives it to the unit again; taking back a creation frees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Forward,
    Back,
}

/// The units of one state. See the head of this file.
#[derive(Clone, Default)]
pub(crate) struct Units {
    /// By number.
    units: DeepTree<Slot, UNITS_PER_BRANCH>,
    /// The number of units that were not removed.
    count: usize,
    names: Names,
    lists: DeepTree<UnitTasks, LISTS_PER_BRANCH>,
    register: Register,
}

impl Units {
    /// Makes units without tasks, numbered in their order, with the facts that name them. A name that two of them have is an
    /// error. Errors have the place, and why.
    pub(crate) fn of(mut units: Vec<Slot>, facts: Vec<Fact>) -> Result<Units, (String, String)> {
        let of_unit = |(unit, why): (UnitId, String)| (format!("unit {unit}"), why);
        set_groups(&mut units).map_err(of_unit)?;
        let named = (0..)
            .zip(&units)
            .flat_map(|(unit, slot)| slot.unit.iter().flat_map(Unit::names).map(move |name| (name, unit)));
        let names = Names::of(named).map_err(of_unit)?;
        let count = units.iter().filter(|slot| slot.unit.is_some()).count();
        let lists = units.iter().map(|_| UnitTasks::default()).collect();
        let mut register = Register::default();
        for fact in facts {
            let key = fact.key();
            if !register.add(fact) {
                return Err(("facts".to_owned(), format!("{key} is there twice")));
            }
        }
        let units = Units { units: units.into_iter().collect(), count, names, lists, register };
        units.check_all_facts().map_err(|misfit| ("facts".to_owned(), misfit.to_string()))?;
        Ok(units)
    }

    /// The facts that name units.
    pub(crate) fn register(&self) -> &Register {
        &self.register
    }

    /// The same with the reports of other units.
    pub(crate) fn with_reports_of(&self, other: &Units) -> Units {
        let register = self.register.with_reports_of(&other.register, |unit| self.get(unit).is_some());
        Units { register, ..self.clone() }
    }

    /// The number of units.
    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// The number of units that ever were: their numbers are below it.
    pub(crate) fn numbered(&self) -> usize {
        self.units.len()
    }

    /// A unit; `None` if it does not exist, or was removed.
    pub(crate) fn get(&self, id: UnitId) -> Option<&Unit> {
        self.slot(id)?.unit.as_ref()
    }

    /// A number and what is known of its unit; `None` for one that was not given.
    pub(crate) fn slot(&self, id: UnitId) -> Option<&Slot> {
        self.units.get(id as usize).filter(|_| (id as usize) < self.numbered())
    }

    /// The canonical name that a unit had at a revision, also a unit that was removed since. `None` for a number that was
    /// not given.
    pub(crate) fn name_at(&self, id: UnitId, revision: Revision) -> Option<&Arc<str>> {
        let slot = self.slot(id)?;
        let former = slot.former().iter().find(|former| former.until > revision).map(|former| &former.name);
        former.or_else(|| slot.unit.as_ref().map(|unit| &unit.name))
    }

    /// The canonical name that a unit had after a commit; of one that the commit removed, the name before it.
    pub(crate) fn name_around(&self, id: UnitId, revision: Revision) -> Option<&Arc<str>> {
        self.name_at(id, revision).or_else(|| self.name_at(id, revision.saturating_sub(1)))
    }

    /// The canonical name of a unit that there is.
    #[inline]
    pub(crate) fn name(&self, id: UnitId) -> &str {
        let unit = self.units.get(id as usize).and_then(|slot| slot.unit.as_ref());
        debug_assert!(self.get(id).is_some(), "unit {id} is there");
        unit.map_or("", |unit| &unit.name)
    }

    #[inline]
    pub(crate) fn tasks(&self, id: UnitId) -> Option<&UnitTasks> {
        self.lists.get(id as usize).filter(|_| (id as usize) < self.numbered())
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (UnitId, &Unit)> {
        self.by_number().filter_map(|(id, unit)| Some((id, unit?)))
    }

    /// All numbers, with their units; `None` for those that were removed.
    pub(crate) fn by_number(&self) -> impl Iterator<Item = (UnitId, Option<&Unit>)> {
        (0..).zip(self.units.iter().map(|slot| slot.unit.as_ref()))
    }

    /// All numbers with what is known of their units.
    pub(crate) fn slots(&self) -> impl Iterator<Item = &Slot> {
        self.units.iter()
    }

    /// The collectives of which a unit is a direct member, by number.
    pub(crate) fn groups(&self, id: UnitId) -> &[UnitId] {
        self.slot(id).map_or(&[], Slot::groups)
    }

    /// The direct members of a collective, in order; none of another unit.
    pub(crate) fn members(&self, id: UnitId) -> &[UnitId] {
        self.get(id).map_or(&[], Unit::members)
    }

    /// Whether there is a unit that has ended.
    pub(crate) fn has_ended(&self, id: UnitId) -> bool {
        self.get(id).is_some_and(|unit| unit.ended.is_some())
    }

    /// The unit with this canonical name or alias.
    pub(crate) fn find(&self, name: &str) -> Option<UnitId> {
        self.names.find(name)
    }

    /// Carries out a change, or leaves everything as it is where the change does not fit.
    pub(super) fn apply(&mut self, change: &UnitChange, direction: Direction) -> Result<(), Misfit> {
        let has_names = self.get(change.unit).is_none_or(Unit::has_names);
        let (lost, got) = change.names(has_names);
        if let Some((name, owner)) = got.iter().find_map(|name| Some((name, self.find(name)?))) {
            return Err(Misfit::new(format!("the name {name:?} belongs to unit {owner}")));
        }
        self.check_members(change)?;
        self.check_nameless(change, has_names)?;
        let unit = change.unit;
        match (&change.was, &change.is) {
            (None, Some(is)) => {
                let created = Some(self.created(unit, is, direction)?);
                match self.units.get_mut(unit as usize) {
                    Some(slot) => slot.unit = created,
                    None => {
                        self.units.push(Slot::new(created, Vec::new()));
                        self.lists.push(UnitTasks::default());
                    }
                }
                self.count += 1;
            }
            (Some(was), Some(is)) => {
                self.check_was(change, was)?;
                if let Some(Slot { unit: Some(slot), .. }) = self.units.get_mut(unit as usize) {
                    change.replace(slot, was, is);
                }
            }
            (Some(was), None) => {
                self.check_is_whole(change, was)?;
                match direction {
                    Direction::Forward => {
                        if let Some(slot) = self.units.get_mut(unit as usize) {
                            slot.unit = None;
                        }
                    }
                    Direction::Back => self.take_last(unit)?,
                }
                self.count -= 1;
            }
            (None, None) => return Err(Misfit::new(format!("the change of unit {unit} says nothing"))),
        }
        match direction {
            Direction::Forward => self.keep_former(change),
            Direction::Back => self.forget_former(change),
        }
        self.set_groups_of(change);
        lost.iter().for_each(|name| self.names.remove(name));
        got.iter().for_each(|name| self.names.add(name, unit));
        Ok(())
    }

    /// Carries out the change of a fact, or leaves everything as it is where the change does not fit.
    pub(super) fn apply_fact(&mut self, change: &FactChange) -> Result<(), Misfit> {
        self.register.apply(change).map_err(Misfit::new)
    }

    /// Keeps the collectives of the members that a change takes from its unit, or gives it.
    fn set_groups_of(&mut self, change: &UnitChange) {
        let sides = [(&change.was, false), (&change.is, true)];
        for (facts, present_after) in sides {
            for member in facts.iter().flat_map(|facts| &facts.members) {
                if let Some(slot) = self.units.get_mut(*member as usize) {
                    slot.set_group(change.unit, present_after);
                }
            }
        }
    }

    /// Keeps the canonical name that a change takes away.
    fn keep_former(&mut self, change: &UnitChange) {
        if let Some(name) = change.lost_name()
            && let Some(slot) = self.units.get_mut(change.unit as usize)
        {
            let former = FormerName { name: Arc::clone(name), until: change.changed };
            Arc::make_mut(slot.former.get_or_insert_default()).push(former);
        }
    }

    /// Forgets the name that a change had taken away, of which this is the inverse.
    fn forget_former(&mut self, change: &UnitChange) {
        if change.gained_name().is_some()
            && let Some(Slot { former, .. }) = self.units.get_mut(change.unit as usize)
            && let Some(names) = former
        {
            let names = Arc::make_mut(names);
            names.pop();
            if names.is_empty() {
                *former = None;
            }
        }
    }

    fn created(&self, unit: UnitId, is: &UnitFacts, direction: Direction) -> Result<Unit, Misfit> {
        let (number, numbered) = (unit as usize, self.numbered());
        let is_free = match direction {
            Direction::Forward => number == numbered && number < MAX_UNITS,
            Direction::Back => number < numbered && self.get(unit).is_none(),
        };
        if !is_free {
            return Err(Misfit::new(format!("unit {unit} can't be created: there were {numbered} units so far")));
        }
        let mut seen = HashSet::new();
        let (Some(name), Some(kind)) = (&is.name, is.kind) else {
            return Err(Misfit::new(format!("unit {unit} has no name or no kind")));
        };
        if !std::iter::once(name).chain(&is.aliases).all(|name| seen.insert(folded(name))) {
            return Err(Misfit::new(format!("unit {unit} has a name twice")));
        }
        Ok(Unit::new(Arc::clone(name), is.aliases.clone(), kind).with(&is.members, is.ended.flatten()))
    }

    /// Checks that a unit is what a change says that it was.
    fn check_was(&self, change: &UnitChange, was: &UnitFacts) -> Result<(), Misfit> {
        let UnitChange { unit, at, members_at, .. } = *change;
        let old = self.get(unit).ok_or_else(|| Misfit::new(format!("there is no unit {unit}")))?;
        let fits = was.name.as_ref().is_none_or(|name| *name == old.name)
            && was.kind.is_none_or(|kind| kind == old.kind)
            && old
                .members()
                .get(members_at..members_at + was.members.len())
                .is_some_and(|members| members == was.members)
            && was.ended.is_none_or(|ended| ended == old.ended)
            && old.aliases.get(at..at + was.aliases.len()).is_some_and(|aliases| aliases == was.aliases);
        if fits { Ok(()) } else { Err(Misfit::new(format!("unit {unit} is not what it was when it was changed"))) }
    }

    /// Takes back the creation of a unit, which is the newest one.
    fn take_last(&mut self, unit: UnitId) -> Result<(), Misfit> {
        if unit as usize + 1 != self.numbered() {
            return Err(Misfit::new(format!("unit {unit} is not the newest one")));
        }
        self.units.pop();
        self.lists.pop();
        Ok(())
    }

    /// Checks that a unit has the facts of a change that removes it, and no others.
    fn check_is_whole(&self, change: &UnitChange, was: &UnitFacts) -> Result<(), Misfit> {
        let unit = change.unit;
        self.check_was(change, was)?;
        let is_whole = |old: &Unit| {
            old.aliases.len() == was.aliases.len()
                && was.members.len() == old.members().len()
                && was.ended.flatten() == old.ended
        };
        if was.name.is_some() && was.kind.is_some() && self.get(unit).is_some_and(is_whole) {
            return Ok(());
        }
        Err(Misfit::new(format!("unit {unit} is not what it was when it was removed")))
    }

    /// Checks that the units of a task exist.
    pub(super) fn check_names(&self, key: &str, mut named: impl Iterator<Item = Member>) -> Result<(), Misfit> {
        let missing = if self.count == self.numbered() {
            named.find(|member| member.unit() as usize >= self.count)
        } else {
            named.find(|member| self.get(member.unit()).is_none())
        };
        match missing {
            Some(member) => Err(Misfit::no_such_unit(key, member.unit())),
            None => Ok(()),
        }
    }

    /// Checks that a unit exists or has no task.
    pub(super) fn check_tasks(&self, unit: UnitId) -> Result<(), Misfit> {
        let tasks: usize = self.tasks(unit).map_or(0, |tasks| tasks.lists().map(PostingList::len).sum());
        if tasks > 0 && self.get(unit).is_none() {
            return Err(Misfit::new(format!("unit {unit} was removed, and {tasks} tasks name it")));
        }
        Ok(())
    }

    /// Checks that the units of the facts that a change gives exist.
    pub(super) fn check_fact(&self, change: &FactChange) -> Result<(), Misfit> {
        let is = change.is.iter();
        is.into_iter().try_for_each(|fact| Register::check(fact, |unit| self.get(unit).is_some())).map_err(Misfit::new)
    }

    /// Checks that the units of all facts exist.
    pub(super) fn check_all_facts(&self) -> Result<(), Misfit> {
        self.register.check_all(|unit| self.get(unit).is_some()).map_err(Misfit::new)
    }

    /// Checks that removed units have no tasks.
    pub(crate) fn check_all_tasks(&self) -> Result<(), Misfit> {
        let removed = self.by_number().filter(|(_, unit)| unit.is_none());
        removed.into_iter().try_for_each(|(unit, _)| self.check_tasks(unit))
    }

    /// Adds a task to a unit's posting list in a role, or removes it.
    pub(super) fn toggle(&mut self, member: Member, tasks: &Tasks, task: TaskId, present_after: bool) {
        let lists = self.lists.get_mut(member.unit() as usize);
        debug_assert!(lists.is_some(), "unit {} is there", member.unit());
        if let Some(lists) = lists {
            lists.in_role_mut(member.role()).toggle(task, present_after, |task| tasks.key(task));
        }
    }

    /// Adds sorted tasks to a unit's posting list in a role, or removes those that are in it.
    pub(super) fn toggle_all(&mut self, unit: UnitId, role: Role, tasks: &Tasks, sorted: &[TaskId]) {
        let lists = self.lists.get_mut(unit as usize);
        debug_assert!(lists.is_some(), "unit {unit} is there");
        if let Some(lists) = lists {
            lists.in_role_mut(role).toggle_all(sorted, |task| tasks.key(task));
        }
    }

    /// Empties the posting lists of all units.
    pub(super) fn clear_lists(&mut self) {
        self.lists = (0..self.numbered()).map(|_| UnitTasks::default()).collect();
    }

    /// The same units with empty posting lists.
    pub(crate) fn without_lists(&self) -> Units {
        let mut units = self.clone();
        units.clear_lists();
        units
    }

    /// Replaces the posting lists of all units.
    pub(super) fn set_lists(&mut self, lists: Vec<UnitTasks>) {
        debug_assert_eq!(lists.len(), self.numbered());
        self.lists = lists.into_iter().collect();
    }

    /// The number of pairs of a task and a unit.
    pub(crate) fn pairs(&self) -> u64 {
        self.lists.iter().flat_map(UnitTasks::lists).map(|list| list.len() as u64).sum()
    }

    /// Bytes of memory the units take, about.
    pub(crate) fn bytes(&self) -> usize {
        let units = self.units.iter().filter_map(|slot| slot.unit.as_ref());
        let names: usize = units.flat_map(Unit::names).map(|name| name.len() + 32).sum();
        let lists: usize = self.lists.iter().flat_map(UnitTasks::lists).map(PostingList::bytes).sum();
        names + lists + self.register.bytes() + self.units.len() * std::mem::size_of::<UnitTasks>() + self.names.bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::UnitKind;

    fn unit(name: &str, aliases: &[&str]) -> Unit {
        let aliases = aliases.iter().map(|alias| Arc::from(*alias)).collect();
        Unit::new(name.into(), aliases, UnitKind::Body)
    }

    fn change(units: &mut Units, id: UnitId, is: Option<&Unit>) -> UnitChange {
        let change = UnitChange::between(id, units.get(id), is).unwrap();
        units.apply(&change, Direction::Forward).unwrap();
        change
    }

    #[test]
    fn a_name_finds_its_unit_until_it_is_taken_away() {
        let mut units = Units::default();
        change(&mut units, 0, Some(&unit("a", &[])));
        change(&mut units, 1, Some(&unit("b", &[])));
        change(&mut units, 0, Some(&unit("a", &["alpha"])));
        assert_eq!((units.find("a"), units.find("alpha"), units.find("b")), (Some(0), Some(0), Some(1)));
        let before = units.clone();
        change(&mut units, 0, Some(&unit("c", &["alpha"])));
        change(&mut units, 0, Some(&unit("c", &[])));
        assert_eq!((units.find("a"), units.find("alpha"), units.find("c")), (None, None, Some(0)));
        assert_eq!((before.find("a"), before.find("c")), (Some(0), None));
    }

    /// Each alias of a batch copied those before it: a square of their number, in the time of the writer.
    #[test]
    fn aliases_are_copied_only_where_an_older_version_shares_them() {
        let mut units = Units::default();
        change(&mut units, 0, Some(&unit("a", &["x"])));
        let list = |units: &Units| Arc::as_ptr(&units.get(0).unwrap().aliases);
        let place = list(&units);
        change(&mut units, 0, Some(&unit("a", &["x", "y"])));
        assert_eq!(list(&units), place);
        let before = units.clone();
        change(&mut units, 0, Some(&unit("a", &["y"])));
        assert_ne!(list(&units), place);
        assert_eq!((before.get(0).unwrap().aliases.len(), units.get(0).unwrap().aliases.len()), (2, 1));
    }

    #[test]
    fn a_change_that_does_not_fit_changes_nothing() {
        let mut units = Units::default();
        change(&mut units, 0, Some(&unit("a", &["x", "y"])));
        change(&mut units, 1, Some(&unit("b", &[])));
        let between = |id, was: Option<&Unit>, is: Option<&Unit>| UnitChange::between(id, was, is).unwrap();
        let (a, b) = (unit("a", &["x", "y"]), unit("b", &[]));
        for misfit in [
            between(2, None, Some(&unit("x", &[]))),
            between(3, None, Some(&unit("z", &[]))),
            between(2, None, Some(&unit("z", &["z"]))),
            between(1, Some(&b), Some(&unit("b", &["y"]))),
            between(1, Some(&unit("c", &[])), Some(&unit("d", &[]))),
            between(0, Some(&unit("a", &["y", "x"])), Some(&unit("a", &["x"]))),
            between(0, Some(&unit("a", &["x"])), None),
            between(7, Some(&b), Some(&unit("e", &[]))),
        ] {
            assert!(units.apply(&misfit, Direction::Forward).is_err(), "{misfit:?}");
            assert_eq!((units.get(0), units.get(1), units.len()), (Some(&a), Some(&b), 2));
            assert_eq!((units.find("x"), units.find("z"), units.find("e")), (Some(0), None, None));
        }
    }

    #[test]
    fn names_that_come_and_go_take_no_room() {
        let mut units = Units::default();
        change(&mut units, 0, Some(&unit("a", &[])));
        for n in 0..1_000 {
            let alias = format!("alias {n}");
            change(&mut units, 0, Some(&unit("a", &[&alias])));
            assert_eq!(units.find(&alias), Some(0));
        }
        assert!(units.names.labels() <= 3, "{} labels for two names", units.names.labels());
        let created = change(&mut units, 1, Some(&unit("b", &["c"])));
        let removal = UnitChange { was: created.is.clone(), is: None, ..created };
        let again = created;
        units.apply(&removal, Direction::Forward).unwrap();
        let found = |units: &Units| (units.len(), units.find("b"), units.find("c"), units.find("alias 999"));
        assert_eq!((found(&units), units.numbered()), ((1, None, None, Some(0)), 2));
        assert!(units.apply(&again, Direction::Forward).is_err(), "a number is given once");
        let removed = units.clone();
        units.apply(&again, Direction::Back).unwrap();
        assert_eq!((found(&units), units.numbered()), ((2, Some(1), Some(1), Some(0)), 2));
        units.apply(&removal, Direction::Back).unwrap();
        assert_eq!((found(&units), units.numbered()), ((1, None, None, Some(0)), 1));
        units = removed;
        change(&mut units, 2, Some(&unit("b", &[])));
        assert_eq!((found(&units), units.get(1)), ((2, Some(2), None, Some(0)), None));
    }
}
