//! All units of one version: their names, and the tasks each leads and supports. Knows nothing of how tasks are found.

use std::sync::Arc;

use foldhash::fast::RandomState;

use super::chunks::Chunks;
use super::keylist::KeyList;
use super::names::{Names, hash};
use super::posting::Posting;
use super::record::Record;
use super::tasks::Tasks;
use super::tree::Tree;
use crate::assignment::{Role, UnitKind};
use crate::id::{TaskId, UnitId};

/// How many names an error suggests at most.
const SUGGESTIONS: usize = 3;

/// How many units, and how many units' tasks, stand in one chunk.
const UNITS: usize = 64;
const POSTINGS: usize = 4;

/// What a unit is called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Unit {
    pub(crate) name: Arc<str>,
    pub(crate) aliases: Arc<Vec<Arc<str>>>,
    pub(crate) kind: UnitKind,
}

impl Unit {
    pub(crate) fn is_called(&self, name: &str) -> bool {
        &*self.name == name || self.aliases.iter().any(|alias| &**alias == name)
    }

    fn names(&self) -> impl Iterator<Item = &Arc<str>> {
        std::iter::once(&self.name).chain(self.aliases.iter())
    }
}

/// The tasks of one unit. The keys of those that it leads are kept in a row: they are what is listed most.
#[derive(Clone)]
pub(crate) struct Postings {
    pub(crate) lead: Posting,
    pub(crate) support: Posting,
}

impl Default for Postings {
    fn default() -> Postings {
        Postings { lead: Posting::default().with_keys(KeyList::default()), support: Posting::default() }
    }
}

impl Postings {
    pub(crate) fn of(&self, role: Role) -> &Posting {
        match role {
            Role::Lead => &self.lead,
            Role::Support => &self.support,
        }
    }

    fn of_mut(&mut self, role: Role) -> &mut Posting {
        match role {
            Role::Lead => &mut self.lead,
            Role::Support => &mut self.support,
        }
    }
}

/// A name and whose it is; empty when it was given up.
#[derive(Clone, Default)]
struct Label {
    text: Arc<str>,
    unit: UnitId,
}

/// The units of one version. A name, canonical or alias, belongs to one unit.
#[derive(Clone, Default)]
pub(crate) struct Units {
    units: Chunks<Unit, UNITS>,
    /// All names, by the numbers that `names` finds.
    labels: Chunks<Label, UNITS>,
    postings: Tree<Postings, POSTINGS>,
    names: Names,
    hasher: RandomState,
}

impl Units {
    pub(crate) fn len(&self) -> usize {
        self.units.len()
    }

    #[inline]
    pub(crate) fn get(&self, id: UnitId) -> Option<&Unit> {
        self.units.get(id as usize)
    }

    #[inline]
    pub(crate) fn name(&self, id: UnitId) -> &str {
        self.get(id).map_or("", |unit| &unit.name)
    }

    #[inline]
    pub(crate) fn postings(&self, id: UnitId) -> Option<&Postings> {
        self.postings.get(id as usize)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (UnitId, &Unit)> {
        (0..).zip(self.units.iter())
    }

    /// The unit with this canonical name or alias.
    pub(crate) fn find(&self, name: &str) -> Option<UnitId> {
        self.names.find(hash(&self.hasher, name.as_bytes()), |number| {
            self.labels.get(number as usize).filter(|label| *label.text == *name).map(|label| label.unit)
        })
    }

    /// Adds a name of a unit. The caller has made sure that it is free.
    fn add_name(&mut self, name: &Arc<str>, unit: UnitId) {
        let number = self.labels.push(Label { text: Arc::clone(name), unit });
        let (hasher, labels) = (&self.hasher, &self.labels);
        self.names.insert(hash(hasher, name.as_bytes()), number as u32, |number| hash_of(hasher, labels, number));
    }

    fn remove_name(&mut self, name: &str) {
        let (hasher, labels) = (&self.hasher, &self.labels);
        let hash = hash(hasher, name.as_bytes());
        let called = |number: &u32| labels.get(*number as usize).is_some_and(|label| *label.text == *name);
        let Some(number) = self.names.find(hash, |number| Some(number).filter(called)) else { return };
        self.names.remove(hash, number, |number| hash_of(hasher, labels, number));
        if let Some(label) = self.labels.get_mut(number as usize) {
            *label = Label::default();
        }
    }

    /// Adds a unit. The caller has made sure that its names are free.
    pub(crate) fn add(&mut self, unit: Unit) -> UnitId {
        let id = self.units.len() as UnitId;
        unit.names().for_each(|name| self.add_name(name, id));
        self.units.push(unit);
        self.postings.push(Postings::default());
        id
    }

    /// Changes what a unit is called.
    pub(crate) fn change(&mut self, id: UnitId, change: impl FnOnce(&mut Unit)) {
        let Some(slot) = self.units.get_mut(id as usize) else { return };
        let before = slot.clone();
        change(slot);
        let after = slot.clone();
        for name in before.names().filter(|name| !after.is_called(name)) {
            self.remove_name(name);
        }
        for name in after.names().filter(|name| !before.is_called(name)) {
            self.add_name(name, id);
        }
    }

    /// Puts a task of these into, or takes it out of, one of a unit's sets.
    pub(crate) fn toggle(&mut self, id: UnitId, role: Role, tasks: &Tasks, task: TaskId, present_after: bool) {
        if let Some(postings) = self.postings.get_mut(id as usize) {
            let key_of = |task| tasks.record(task).map_or("", Record::key);
            postings.of_mut(role).toggle(task, present_after, key_of);
        }
    }

    /// Replaces every unit's sets; those past the end are empty.
    pub(crate) fn set_postings(&mut self, postings: impl IntoIterator<Item = Postings>) {
        let missing = std::iter::repeat_with(Postings::default);
        self.postings = postings.into_iter().chain(missing).take(self.units.len()).collect();
    }

    /// The units whose names or kind changed since an older version, or that are new.
    pub(crate) fn changed_units(&self, older: &Units) -> Vec<UnitId> {
        let changed = self.units.changed(&older.units).filter(|id| self.units.get(*id) != older.units.get(*id));
        changed.map(|id| id as UnitId).collect()
    }

    /// The units and roles whose tasks changed since an older version.
    pub(crate) fn changed_postings(&self, older: &Units) -> Vec<(UnitId, Role)> {
        let ids = self.postings.changed(&older.postings);
        ids.flat_map(|id| [(id as UnitId, Role::Lead), (id as UnitId, Role::Support)])
            .filter(|(id, role)| match (self.postings(*id), older.postings(*id)) {
                (Some(new), Some(old)) => !new.of(*role).is_same_as(old.of(*role)),
                (Some(new), None) => new.of(*role).len() > 0,
                (None, _) => false,
            })
            .collect()
    }

    /// How many pairs of a task and a unit there are.
    pub(crate) fn pairs(&self) -> u64 {
        self.postings.iter().map(|postings| (postings.lead.len() + postings.support.len()) as u64).sum()
    }

    /// Known names like an unknown one, the nearest first.
    pub(crate) fn near(&self, name: &str) -> Vec<String> {
        let mut near: Vec<(f64, &Arc<str>)> = self
            .units
            .iter()
            .flat_map(|unit| unit.names())
            .map(|known| (likeness(name, known), known))
            .filter(|(likeness, _)| *likeness > 0.5)
            .collect();
        near.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
        near.into_iter().take(SUGGESTIONS).map(|(_, name)| name.to_string()).collect()
    }

    pub(crate) fn bytes(&self) -> usize {
        let names: usize = self.units.iter().flat_map(|unit| unit.names()).map(|name| name.len() + 32).sum();
        let postings: usize =
            self.postings.iter().map(|postings| postings.lead.bytes() + postings.support.bytes()).sum();
        names + postings + self.units.len() * std::mem::size_of::<Postings>() + self.names.bytes()
    }
}

fn hash_of(hasher: &RandomState, labels: &Chunks<Label, UNITS>, number: u32) -> u64 {
    hash(hasher, labels.get(number as usize).map_or(&[], |label| label.text.as_bytes()))
}

/// From 0 to 1. A name inside the other counts as near, also where much is missing: people leave out the jurisdiction.
fn likeness(asked: &str, known: &str) -> f64 {
    let (asked, known) = (asked.to_lowercase(), known.to_lowercase());
    let edits = strsim::normalized_damerau_levenshtein(&asked, &known);
    let inside = |short: &str, long: &str| short.chars().nth(1).is_some() && long.contains(short);
    if inside(&asked, &known) || inside(&known, &asked) { 0.5 + edits / 2.0 } else { edits }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> Unit {
        Unit { name: name.into(), ..Unit::default() }
    }

    #[test]
    fn a_name_finds_its_unit_until_it_is_taken_away() {
        let mut units = Units::default();
        let a = units.add(named("a"));
        let b = units.add(named("b"));
        units.change(a, |unit| Arc::make_mut(&mut unit.aliases).push("alpha".into()));
        assert_eq!((units.find("a"), units.find("alpha"), units.find("b")), (Some(a), Some(a), Some(b)));
        let before = units.clone();
        units.change(a, |unit| unit.name = "c".into());
        units.change(a, |unit| Arc::make_mut(&mut unit.aliases).clear());
        assert_eq!((units.find("a"), units.find("alpha"), units.find("c")), (None, None, Some(a)));
        assert_eq!((before.find("a"), before.find("c")), (Some(a), None));
    }

    #[test]
    fn suggestions_are_the_nearest_names() {
        let mut units = Units::default();
        for name in ["省发改委", "省财政厅", "省科技厅", "市发改委", "Transport"] {
            units.add(named(name));
        }
        assert_eq!(units.near("发改委"), ["市发改委", "省发改委"]);
        assert_eq!(units.near("省科学厅"), ["省科技厅"]);
        assert_eq!(units.near("transprot"), ["Transport"]);
        assert!(units.near("Health").is_empty());
        units.add(named("H"));
        assert!(units.near("Health").is_empty(), "a letter is in many names");
    }
}
