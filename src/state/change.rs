//! The facts of a commit, each with what was and what is, and their inverses. Knows neither states nor rows.

use std::collections::HashSet;
use std::sync::Arc;

use crate::id::{DetailId, Revision, UnitId};
use crate::model::{UnitKind, folded};

use super::member::Member;
use super::register::FactChange;
use super::unit::{Ended, Unit};

/// One fact of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Tasks(TaskChanges),
    Unit(UnitChange),
    Fact(FactChange),
}

impl Change {
    /// The change that takes this one back.
    pub(crate) fn inverse(&self) -> Change {
        match self {
            Change::Tasks(tasks) => {
                let mut inverse = TaskChanges::default();
                tasks.iter().for_each(|task| inverse.push(task.inverse()));
                Change::Tasks(inverse)
            }
            Change::Unit(unit) => Change::Unit(unit.inverse()),
            Change::Fact(fact) => Change::Fact(fact.inverse()),
        }
    }

    /// The tasks that it changes.
    pub(crate) fn tasks(&self) -> impl Iterator<Item = TaskChange<'_>> {
        match self {
            Change::Tasks(tasks) => Some(tasks.iter()),
            Change::Unit(_) | Change::Fact(_) => None,
        }
        .into_iter()
        .flatten()
    }
}

/// Packs task changes, in their order, into as few blocks as hold them.
pub(crate) fn pack<'c>(tasks: impl IntoIterator<Item = TaskChange<'c>>) -> Vec<TaskChanges> {
    let mut packed = Vec::new();
    let mut open = TaskChanges::default();
    for task in tasks {
        open.push(task);
        if open.is_full() {
            packed.push(std::mem::take(&mut open));
        }
    }
    if !open.is_empty() {
        packed.push(open);
    }
    packed
}

/// The units of a known task in the order of their roles, and the number of its details, 0 for none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TaskImage<'c> {
    pub(crate) members: &'c [Member],
    pub(crate) detail: DetailId,
}

/// The units and the details of one side of a change; none of either where the task is not known.
pub(super) fn parts(image: Option<TaskImage<'_>>) -> (&[Member], DetailId) {
    image.map_or((&[], 0), |image| (image.members, image.detail))
}

/// One task before and after; `None` where it is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TaskChange<'c> {
    pub(crate) key: &'c str,
    pub(crate) was: Option<TaskImage<'c>>,
    pub(crate) is: Option<TaskImage<'c>>,
    /// The revision that had changed the task last: 0 where it never existed, and where its removal is forgotten.
    pub(crate) was_changed: Revision,
    /// The revision of this change.
    pub(crate) is_changed: Revision,
    /// The key under which the task was before, where it is one that was moved: the same commit changes that key, too.
    pub(crate) moved_from: Option<&'c str>,
}

impl TaskChange<'_> {
    /// The numbers of the details before and after, 0 for none.
    pub(crate) fn details(&self) -> [DetailId; 2] {
        [self.was, self.is].map(|image| parts(image).1)
    }

    /// Whether the details differ.
    pub(crate) fn changes_details(&self) -> bool {
        let [was, is] = self.details();
        was != is
    }

    pub(super) fn inverse(self) -> Self {
        let TaskChange { key, was, is, was_changed, is_changed, .. } = self;
        TaskChange { key, was: is, is: was, was_changed: is_changed, is_changed: was_changed, moved_from: None }
    }

    /// Whether this change begins where another change of the same task ended.
    pub(super) fn follows(&self, before: &TaskChange<'_>) -> bool {
        self.was == before.is && (self.was.is_none() || self.was_changed == before.is_changed)
    }
}

/// The changes of up to 256 tasks, packed: a bulk load has millions of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TaskChanges {
    /// The keys, one after the other.
    keys: String,
    /// For each task the units before, then the units after.
    members: Vec<Member>,
    tasks: Vec<Packed>,
    /// For each task `was_changed` and `is_changed`. One element counts for all tasks while they have the same, as those of
    /// a load into an empty index do.
    changed: Vec<[Revision; 2]>,
    /// The places of tasks that were moved, by rising places, and the keys under which they were.
    moved: Vec<(u32, Box<str>)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Packed {
    keys_end: u32,
    members_end: u32,
    was: Count,
    is: Count,
    was_detail: DetailId,
    is_detail: DetailId,
}

/// The number of units of a task plus 1; 0 where the task is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Count(u16);

impl Count {
    fn of(image: Option<TaskImage<'_>>) -> Count {
        Count(image.map_or(0, |image| image.members.len() as u16 + 1))
    }

    fn members(self) -> usize {
        usize::from(self.0.saturating_sub(1))
    }

    fn is_known(self) -> bool {
        self.0 > 0
    }
}

impl TaskChanges {
    /// As many tasks as two leaves and more of records have, so that a load of a million has 4,000 blocks.
    const MOST: usize = 256;

    pub(crate) fn push(&mut self, task: TaskChange<'_>) {
        let TaskChange { key, was, is, was_changed, is_changed, moved_from } = task;
        self.moved.extend(moved_from.map(|from| (self.tasks.len() as u32, from.into())));
        self.keys.push_str(key);
        let ((before, was_detail), (after, is_detail)) = (parts(was), parts(is));
        self.members.reserve(before.len() + after.len());
        self.members.extend_from_slice(before);
        self.members.extend_from_slice(after);
        let changed = [was_changed, is_changed];
        match self.changed.as_slice() {
            [] => self.changed.push(changed),
            [all] if *all == changed => {}
            [all] => {
                self.changed.resize(self.tasks.len(), *all);
                self.changed.push(changed);
            }
            _ => self.changed.push(changed),
        }
        let (keys_end, members_end) = (self.keys.len() as u32, self.members.len() as u32);
        let (was, is) = (Count::of(was), Count::of(is));
        self.tasks.push(Packed { keys_end, members_end, was, is, was_detail, is_detail });
    }

    pub(crate) fn len(&self) -> usize {
        self.tasks.len()
    }

    pub(crate) fn is_full(&self) -> bool {
        self.len() >= Self::MOST
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }

    #[expect(clippy::indexing_slicing, reason = "`push` wrote each end with the keys and units that it ends")]
    pub(crate) fn get(&self, at: usize) -> Option<TaskChange<'_>> {
        let packed = self.tasks.get(at)?;
        let start = at.checked_sub(1).map_or(0, |before| self.tasks[before].keys_end as usize);
        let end = packed.members_end as usize;
        let (was_len, is_len) = (packed.was.members(), packed.is.members());
        let (was, is) = self.members[end - is_len - was_len..end].split_at(was_len);
        let image = |members, detail| TaskImage { members, detail };
        let [was_changed, is_changed] = *self.changed.get(at).or_else(|| self.changed.first())?;
        Some(TaskChange {
            key: &self.keys[start..packed.keys_end as usize],
            was: packed.was.is_known().then_some(image(was, packed.was_detail)),
            is: packed.is.is_known().then_some(image(is, packed.is_detail)),
            was_changed,
            is_changed,
            moved_from: self.moved_from(at),
        })
    }

    /// The key under which the task at a place was before.
    fn moved_from(&self, at: usize) -> Option<&str> {
        let found = self.moved.binary_search_by_key(&at, |(place, _)| *place as usize).ok()?;
        self.moved.get(found).map(|(_, from)| &**from)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = TaskChange<'_>> + Clone {
        (0..self.tasks.len()).filter_map(|at| self.get(at))
    }

    /// The units of all its tasks, one after the other.
    pub(crate) fn members(&self) -> &[Member] {
        &self.members
    }

    /// Gives units and details other numbers, and all changes a revision.
    pub(crate) fn renumber(
        &mut self,
        unit: impl Fn(UnitId) -> UnitId,
        detail: impl Fn(DetailId) -> DetailId,
        revision: Revision,
    ) {
        self.changed.iter_mut().for_each(|[_, is_changed]| *is_changed = revision);
        if self.changed.windows(2).all(|pair| pair.first() == pair.last()) {
            self.changed.truncate(1);
        }
        self.members.iter_mut().for_each(|member| *member = member.of_unit(unit(member.unit())));
        for task in &mut self.tasks {
            task.is_detail = detail(task.is_detail);
        }
    }

    /// The last task.
    pub(crate) fn last(&self) -> Option<TaskChange<'_>> {
        self.get(self.tasks.len().checked_sub(1)?)
    }

    /// Sets the number of the last task's details.
    pub(crate) fn set_last_detail(&mut self, detail: DetailId) {
        if let Some(last) = self.tasks.last_mut() {
            last.is_detail = detail;
        }
    }
}

/// The difference in one unit. The facts are whole where the unit comes or goes.
///
/// Only differences are kept, since a unit can have a thousand aliases or members and most changes touch one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UnitChange {
    pub(crate) unit: UnitId,
    /// `None` where the unit did not exist.
    pub(crate) was: Option<UnitFacts>,
    /// `None` where the unit is removed.
    pub(crate) is: Option<UnitFacts>,
    /// The place among the aliases where those of `was` give way to those of `is`.
    pub(crate) at: usize,
    /// The same among the members.
    pub(crate) members_at: usize,
    /// The revision of the commit.
    pub(crate) changed: Revision,
}

/// One side of a unit's change: the facts that the other side has otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct UnitFacts {
    /// Also where the same name finds the unit on one side only.
    pub(crate) name: Option<Arc<str>>,
    pub(crate) kind: Option<UnitKind>,
    pub(crate) aliases: Vec<Arc<str>>,
    pub(crate) members: Vec<UnitId>,
    pub(crate) ended: Option<Option<Ended>>,
}

impl UnitFacts {
    fn whole(unit: &Unit) -> UnitFacts {
        UnitFacts {
            name: Some(Arc::clone(&unit.name)),
            kind: Some(unit.kind),
            aliases: unit.aliases.iter().cloned().collect(),
            members: unit.members().to_vec(),
            ended: unit.ended.map(Some),
        }
    }

    /// The names that find the unit; its aliases alone where it gave its name away.
    fn names(&self, has_name: bool) -> impl Iterator<Item = &Arc<str>> {
        self.name.iter().filter(move |_| has_name).chain(&self.aliases)
    }
}

impl UnitChange {
    /// The change that takes this one back.
    pub(crate) fn inverse(&self) -> UnitChange {
        UnitChange { was: self.is.clone(), is: self.was.clone(), ..*self }
    }

    /// Changes a unit in place: its lists are copied once, however many changes of a batch follow each other.
    pub(super) fn replace(&self, unit: &mut Unit, was: &UnitFacts, is: &UnitFacts) {
        if was.aliases != is.aliases {
            let aliases = self.at..self.at + was.aliases.len();
            Arc::make_mut(&mut unit.aliases).splice(aliases, is.aliases.iter().cloned());
        }
        if was.members != is.members {
            unit.splice_members(self.members_at..self.members_at + was.members.len(), &is.members);
        }
        if let Some(name) = &is.name {
            unit.name = Arc::clone(name);
        }
        unit.kind = is.kind.unwrap_or(unit.kind);
        unit.ended = is.ended.unwrap_or(unit.ended);
    }

    /// The same with other numbers of the members.
    pub(crate) fn renumbered(&self, number: &impl Fn(UnitId) -> UnitId) -> UnitChange {
        let mut change = self.clone();
        let members = [&mut change.was, &mut change.is].into_iter().flatten().flat_map(|side| &mut side.members);
        members.for_each(|member| *member = number(*member));
        change
    }

    /// The canonical name that the unit loses.
    pub(super) fn lost_name(&self) -> Option<&Arc<str>> {
        lost_name(self.was.as_ref(), self.is.as_ref())
    }

    /// The canonical name that the unit loses when the change is taken back.
    pub(super) fn gained_name(&self) -> Option<&Arc<str>> {
        lost_name(self.is.as_ref(), self.was.as_ref())
    }

    /// The change from one unit to another, of revision 0; `None` when they are the same. Costs a look at each alias and
    /// member.
    pub(crate) fn between(unit: UnitId, was: Option<&Unit>, is: Option<&Unit>) -> Option<UnitChange> {
        let changed = 0;
        let (Some(old), Some(new)) = (was, is) else {
            let (was, is) = (was.map(UnitFacts::whole), is.map(UnitFacts::whole));
            let change = UnitChange { unit, was, is, at: 0, members_at: 0, changed };
            return (change.was.is_some() || change.is.is_some()).then_some(change);
        };
        let same = |a: &Arc<str>, b: &Arc<str>| Arc::ptr_eq(a, b) || a == b;
        let aliases = difference(&old.aliases, &new.aliases, same);
        let members = difference(old.members(), new.members(), |a, b| a == b);
        let facts = |unit: &Unit, (aliases, members): (&[Arc<str>], &[UnitId])| UnitFacts {
            name: (old.name != new.name || old.has_names() != new.has_names()).then(|| Arc::clone(&unit.name)),
            kind: (old.kind != new.kind).then_some(unit.kind),
            aliases: aliases.to_vec(),
            members: members.to_vec(),
            ended: (old.ended != new.ended).then_some(unit.ended),
        };
        let (was, is) = (facts(old, (aliases.was, members.was)), facts(new, (aliases.is, members.is)));
        let (at, members_at) = (aliases.at, members.at);
        (was != is).then_some(UnitChange { unit, was: Some(was), is: Some(is), at, members_at, changed })
    }

    /// The names that stop finding the unit, and those that begin to. `has_names` says whether its name finds it before.
    pub(crate) fn names(&self, has_names: bool) -> (Vec<&Arc<str>>, Vec<&Arc<str>>) {
        let has_names_after = self.has_names_after(has_names);
        let lost = names_without((&self.was, has_names), (&self.is, has_names_after));
        (lost, names_without((&self.is, has_names_after), (&self.was, has_names)))
    }

    /// Whether the name of the unit finds it after the change.
    pub(super) fn has_names_after(&self, has_names: bool) -> bool {
        let ended = self.is.as_ref().and_then(|is| is.ended);
        ended.map_or(has_names, |ended| !ended.is_some_and(|ended| ended.gave_names))
    }
}

/// The names of one side of a change that the other side does not have.
fn names_without<'f>(
    (side, has_name): (&'f Option<UnitFacts>, bool),
    (other, other_has_name): (&'f Option<UnitFacts>, bool),
) -> Vec<&'f Arc<str>> {
    let other: HashSet<_> = other.iter().flat_map(|side| side.names(other_has_name)).map(|name| folded(name)).collect();
    side.iter().flat_map(|side| side.names(has_name)).filter(|name| !other.contains(&folded(name))).collect()
}

/// The part in which two lists differ, and its place.
struct Difference<'l, T> {
    at: usize,
    was: &'l [T],
    is: &'l [T],
}

#[expect(clippy::indexing_slicing, reason = "what both lists share at either end is no longer than either of them")]
fn difference<'l, T>(was: &'l [T], is: &'l [T], same: impl Fn(&T, &T) -> bool) -> Difference<'l, T> {
    let at = was.iter().zip(is).take_while(|(a, b)| same(a, b)).count();
    let rest = was.len().min(is.len()) - at;
    let tail = was.iter().rev().zip(is.iter().rev()).take(rest).take_while(|(a, b)| same(a, b)).count();
    Difference { at, was: &was[at..was.len() - tail], is: &is[at..is.len() - tail] }
}

/// The canonical name of one side of a change that the other side does not have.
fn lost_name<'f>(from: Option<&'f UnitFacts>, to: Option<&UnitFacts>) -> Option<&'f Arc<str>> {
    let lost = from?.name.as_ref()?;
    let is_lost = to.is_none_or(|to| to.name.as_ref().is_some_and(|name| name != lost));
    is_lost.then_some(lost)
}

#[cfg(test)]
mod tests {
    use super::super::member::led;
    use super::*;

    fn unit(name: &str, aliases: &[&str]) -> Unit {
        let aliases = aliases.iter().map(|alias| Arc::from(*alias)).collect();
        Unit::new(name.into(), aliases, UnitKind::Body)
    }

    #[test]
    fn a_unit_change_has_only_the_difference() {
        let change = |was: &[&str], is: &[&str]| {
            let change = UnitChange::between(3, Some(&unit("u", was)), Some(&unit("u", is)))?;
            let aliases = |facts: &Option<UnitFacts>| {
                facts.as_ref().unwrap().aliases.iter().map(|alias| alias.to_string()).collect::<Vec<_>>().join("")
            };
            Some((change.at, aliases(&change.was), aliases(&change.is)))
        };
        let told = |at, was: &str, is: &str| Some((at, was.to_owned(), is.to_owned()));
        assert_eq!(change(&["a", "b"], &["a", "b"]), None);
        assert_eq!(change(&["a", "b"], &["a", "b", "c"]), told(2, "", "c"));
        assert_eq!(change(&["a", "b", "c"], &["a", "c"]), told(1, "b", ""));
        assert_eq!(change(&["a", "a"], &["a"]), told(1, "a", ""));
        assert_eq!(change(&["a", "b", "c"], &["a", "c", "d"]), told(1, "bc", "cd"));
        let renamed = UnitChange::between(3, Some(&unit("u", &["a", "v"])), Some(&unit("v", &["a", "u"]))).unwrap();
        assert_eq!(renamed.names(true), (vec![], vec![]), "the same names, in other places");
    }

    #[test]
    fn task_changes_give_back_what_was_pushed() {
        let lists = [led(&[1, 2]), led(&[2]), led(&[3, 1]), led(&[1, 3, 4]), led(&[2, 3])];
        let image = |at: usize, detail| Some(TaskImage { members: &lists[at], detail });
        let vacant = Some(TaskImage { members: &lists[3][1..], detail: 4 });
        let none = Some(TaskImage { members: &[], detail: 0 });
        let pushed = [
            TaskChange { key: "a", was: None, is: image(0, 0), was_changed: 0, is_changed: 7, moved_from: None },
            TaskChange { key: "c", was: None, is: image(0, 0), was_changed: 0, is_changed: 7, moved_from: None },
            TaskChange { key: "bb", was: image(1, 9), is: None, was_changed: 3, is_changed: 7, moved_from: None },
            TaskChange {
                key: "",
                was: image(2, 0),
                is: image(3, 8),
                was_changed: 6,
                is_changed: 7,
                moved_from: Some("bb"),
            },
            TaskChange { key: "d", was: vacant, is: none, was_changed: 6, is_changed: 7, moved_from: None },
        ];
        let changes: Vec<Change> = pack(pushed).into_iter().map(Change::Tasks).collect();
        assert_eq!(changes.len(), 1);
        assert!(changes[0].tasks().eq(pushed));
        let unmoved = pushed.map(|task| TaskChange { moved_from: None, ..task });
        assert!(changes[0].inverse().inverse().tasks().eq(unmoved));
        assert!(changes[0].inverse().tasks().all(|task| pushed.iter().any(|p| (p.key, p.was) == (task.key, task.is))));
        let many = pack((0..600).map(|_| pushed[0]));
        assert_eq!(many.iter().map(|tasks| tasks.iter().count()).collect::<Vec<_>>(), [256, 256, 88]);
        let mut renumbered = many[0].clone();
        renumbered.renumber(|unit| unit + 1, |detail| detail + 1, 9);
        let first = TaskChange { is: image(4, 1), is_changed: 9, ..pushed[0] };
        assert!(renumbered.iter().all(|task| task == first) && renumbered.changed.len() == 1);
    }
}
