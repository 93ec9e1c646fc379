//! Sets of tasks: their algebra, their order, their pages.

use std::iter::FusedIterator;
use std::ops::{BitAnd, BitAndAssign, BitOr, BitOrAssign, BitXor, BitXorAssign, Sub, SubAssign};
use std::sync::Arc;

use roaring::RoaringBitmap;

use crate::id::{TaskId, UnitId};
use crate::model::Role;
use crate::order::compare_keys;
use crate::state::{KeyListIter, Record};

use super::snapshot::{Snapshot, View};
use super::task_ref::TaskRef;

/// Records that are looked up together, so that their loads from memory overlap: those of one leaf.
const AHEAD: usize = 32;
/// A set with more late tasks than this walks the sorted list of all late tasks instead of sorting its own: sorting a
/// thousand takes a fraction of a millisecond.
const SORTED_EACH_TIME: u64 = 1_000;

/// A set of tasks of one view: `a & b`, `a | b`, `a - b`, `a ^ b`, on sets or on references to them.
///
/// It keeps its view alive and so never changes. Iteration is in [key order](crate::compare_keys): the order of a
/// written plan. Tasks that came in key order (a bulk load, a notice, keys that count up) need no sorting. Others are
/// sorted when iteration starts: a set sorts up to a thousand of them each time, and a view sorts all of them once.
///
/// Sets of different revisions of one index can be combined; the result belongs to the newer view, and tasks that are
/// not known there drop out. A set of another index, or from before a bulk load, is matched by its keys.
///
/// ```
/// use responsibility_index::Index;
///
/// let index = Index::in_memory();
/// for n in 1..=12 {
///     index.assign(&format!("plan/{n}"), ["Transport", if n % 2 == 0 { "Finance" } else { "Police" }])?;
/// }
/// let view = index.view();
/// let even = view.led_by("Transport")? - view.supported_by("Police")?;
/// assert_eq!(even.len(), 6);
/// assert!(even.contains("plan/4") && !even.contains("plan/5"));
///
/// // A page of three, then the next, from the last key seen.
/// let page: Vec<&str> = even.keys().take(3).collect();
/// assert_eq!(page, ["plan/2", "plan/4", "plan/6"]);
/// let page: Vec<&str> = even.keys_after("plan/6").take(3).collect();
/// assert_eq!(page, ["plan/8", "plan/10", "plan/12"]);
/// # Ok::<(), responsibility_index::Error>(())
/// ```
#[derive(Clone)]
pub struct TaskSet {
    view: View,
    ids: Arc<RoaringBitmap>,
    /// The unit that leads just these tasks in the view, so that its list of keys is the set's.
    led_by: Option<UnitId>,
}

impl TaskSet {
    pub(super) fn new(view: View, ids: Arc<RoaringBitmap>) -> TaskSet {
        TaskSet { view, ids, led_by: None }
    }

    /// Says that the set is what a unit leads.
    pub(super) fn with_keys_of(self, unit: UnitId) -> TaskSet {
        TaskSet { led_by: Some(unit), ..self }
    }

    pub(super) fn ids(&self) -> &RoaringBitmap {
        &self.ids
    }

    /// The view that the set belongs to.
    #[must_use]
    pub fn view(&self) -> &View {
        &self.view
    }

    /// The number of tasks in it. Walks containers of 65,536 task numbers, not tasks.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ids.len() as usize
    }

    /// Whether no task is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Whether a task is in it.
    #[must_use]
    pub fn contains(&self, key: &str) -> bool {
        self.view.state().tasks.find(key).is_some_and(|id| self.ids.contains(id))
    }

    /// The keys, in key order.
    #[must_use]
    pub fn keys(&self) -> Keys<'_> {
        Keys(match self.listed() {
            Some(keys) => KeysFrom::List { keys, left: self.len() },
            None => KeysFrom::Walk(Box::new(self.walk(None))),
        })
    }

    /// The keys of the set in a row, if there is such a list and its order is that of the keys.
    fn listed(&self) -> Option<KeyListIter<'_>> {
        let state = self.view.state();
        let in_order = self.ids.max().is_none_or(|last| last < state.tasks.in_order());
        state.units.tasks(self.led_by.filter(|_| in_order)?)?.in_role(Role::Lead).keys()
    }

    /// The keys that come after `key` in key order, whether or not it is in the set: the next page.
    #[must_use]
    pub fn keys_after(&self, key: &str) -> Keys<'_> {
        Keys(KeysFrom::Walk(Box::new(self.walk(Some(key)))))
    }

    /// The keys that come before `key` in key order, the nearest first, whether or not it is in the set: the page before,
    /// from its end.
    ///
    /// ```
    /// use responsibility_index::Index;
    ///
    /// let index = Index::in_memory();
    /// for n in 1..=12 {
    ///     index.assign(&format!("plan/{n}"), ["Transport"])?;
    /// }
    /// let tasks = index.view().tasks();
    /// let mut page: Vec<&str> = tasks.keys_before("plan/9").take(3).collect();
    /// page.reverse();
    /// assert_eq!(page, ["plan/6", "plan/7", "plan/8"]);
    /// # Ok::<(), responsibility_index::Error>(())
    /// ```
    pub fn keys_before(&self, key: &str) -> impl Iterator<Item = &str> {
        let tasks = &self.view.state().tasks;
        let mut early = self.ids.range(..tasks.first_at(key)).rev().filter_map(|id| tasks.record(id)).peekable();
        let mut late = match self.ids.range_cardinality(tasks.in_order()..) {
            0..=SORTED_EACH_TIME => self.sorted_late(|other| compare_keys(other, key).is_lt()),
            _ => tasks.late_before(key).iter().copied().filter(|id| self.ids.contains(*id)).collect(),
        }
        .into_iter()
        .rev()
        .filter_map(|id| tasks.record(id))
        .peekable();
        std::iter::from_fn(move || match (early.peek(), late.peek()) {
            (Some(a), Some(b)) if compare_keys(a.key(), b.key()).is_lt() => late.next(),
            (None, _) => late.next(),
            _ => early.next(),
        })
        .map(Record::key)
    }

    /// Whether each of its tasks is in another set.
    #[must_use]
    pub fn is_subset(&self, other: &TaskSet) -> bool {
        let (_, a, b) = self.together(other);
        a.is_subset(&b)
    }

    /// Whether none of its tasks is in another set.
    #[must_use]
    pub fn is_disjoint(&self, other: &TaskSet) -> bool {
        let (_, a, b) = self.together(other);
        a.is_disjoint(&b)
    }

    /// The tasks, in key order.
    #[must_use]
    pub fn tasks(&self) -> TaskRefs<'_> {
        TaskRefs(self.walk(None))
    }

    /// The tasks that come after `key` in key order.
    #[must_use]
    pub fn tasks_after(&self, key: &str) -> TaskRefs<'_> {
        TaskRefs(self.walk(Some(key)))
    }

    /// A walk over the tasks whose keys come after a key.
    fn walk(&self, after: Option<&str>) -> Walk<'_> {
        let tasks = &self.view.state().tasks;
        let in_order = tasks.in_order();
        let from = after.map_or(0, |after| tasks.first_after(after));
        let late_tasks = self.ids.range_cardinality(in_order..);
        let late = match late_tasks {
            0..=SORTED_EACH_TIME => {
                let comes_after = |key: &str| after.is_none_or(|after| compare_keys(key, after).is_gt());
                Late::Own(self.sorted_late(comes_after).into_iter())
            }
            _ => Late::All(after.map_or_else(|| tasks.late(), |after| tasks.late_after(after)).iter(), &self.ids),
        };
        let early = self.ids.range(from..in_order.max(from));
        let snapshot = self.view.snapshot();
        let late_left = if after.is_none() { late_tasks as usize } else { 0 };
        let mut walk =
            Walk { snapshot, early, ahead: [None; AHEAD], next: 0, found: 0, late, next_late: None, late_left };
        walk.next_late = walk.take_late();
        walk
    }

    /// The tasks that came out of key order and whose keys pass, sorted by key.
    fn sorted_late(&self, passes: impl Fn(&str) -> bool) -> Vec<TaskId> {
        let tasks = &self.view.state().tasks;
        let late = self.ids.range(tasks.in_order()..).filter_map(|id| Some((tasks.record(id)?.key(), id)));
        let mut late: Vec<(&str, TaskId)> = late.filter(|(key, _)| passes(key)).collect();
        late.sort_unstable_by(|a, b| compare_keys(a.0, b.0));
        late.into_iter().map(|(_, id)| id).collect()
    }

    /// The newer of two sets' views, and the numbers of both sets in it.
    fn together<'s>(&'s self, other: &'s TaskSet) -> (&'s View, Arc<RoaringBitmap>, Arc<RoaringBitmap>) {
        let view = if self.view.revision() >= other.view.revision() { &self.view } else { &other.view };
        (view, self.ids_in(view), other.ids_in(view))
    }

    fn ids_in(&self, view: &View) -> Arc<RoaringBitmap> {
        let tasks = &view.state().tasks;
        match (self.has_numbers_of(view), self.view.revision() == view.revision()) {
            (true, true) => Arc::clone(&self.ids),
            (true, false) => Arc::new(tasks.known_among(&self.ids)),
            (false, _) => Arc::new(tasks.known_among(&self.keys().filter_map(|key| tasks.find(key)).collect())),
        }
    }

    /// Whether its task numbers mean the same in a view.
    fn has_numbers_of(&self, view: &View) -> bool {
        self.view.state().numbering == view.state().numbering
    }
}

macro_rules! operator {
    ($trait:ident, $method:ident, $op:tt, $assign:ident, $assigned:ident) => {
        impl $assign<&TaskSet> for TaskSet {
            fn $assigned(&mut self, other: &TaskSet) {
                *self = &*self $op other;
            }
        }
        impl $assign<TaskSet> for TaskSet {
            fn $assigned(&mut self, other: TaskSet) {
                *self = &*self $op &other;
            }
        }
        impl $trait<&TaskSet> for &TaskSet {
            type Output = TaskSet;
            fn $method(self, other: &TaskSet) -> TaskSet {
                let (view, a, b) = self.together(other);
                TaskSet::new(view.clone(), Arc::new(&*a $op &*b))
            }
        }
        impl $trait<TaskSet> for TaskSet {
            type Output = TaskSet;
            fn $method(self, other: TaskSet) -> TaskSet {
                &self $op &other
            }
        }
        impl $trait<&TaskSet> for TaskSet {
            type Output = TaskSet;
            fn $method(self, other: &TaskSet) -> TaskSet {
                &self $op other
            }
        }
        impl $trait<TaskSet> for &TaskSet {
            type Output = TaskSet;
            fn $method(self, other: TaskSet) -> TaskSet {
                self $op &other
            }
        }
    };
}

operator!(BitAnd, bitand, &, BitAndAssign, bitand_assign);
operator!(BitOr, bitor, |, BitOrAssign, bitor_assign);
operator!(BitXor, bitxor, ^, BitXorAssign, bitxor_assign);
operator!(Sub, sub, -, SubAssign, sub_assign);

impl PartialEq for TaskSet {
    /// Whether both hold the same keys.
    fn eq(&self, other: &TaskSet) -> bool {
        if self.has_numbers_of(&other.view) {
            return self.ids == other.ids;
        }
        self.len() == other.len() && self.keys().all(|key| other.contains(key))
    }
}

impl Eq for TaskSet {}

impl std::fmt::Debug for TaskSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.keys()).finish()
    }
}

impl<'s> IntoIterator for &'s TaskSet {
    type Item = &'s str;
    type IntoIter = Keys<'s>;

    fn into_iter(self) -> Keys<'s> {
        self.keys()
    }
}

impl IntoIterator for TaskSet {
    type Item = String;
    type IntoIter = std::vec::IntoIter<String>;

    /// The keys, in key order, as owned values, all made at once.
    fn into_iter(self) -> Self::IntoIter {
        self.keys().map(str::to_owned).collect::<Vec<_>>().into_iter()
    }
}

/// The keys of a [`TaskSet`], in key order.
pub struct Keys<'s>(KeysFrom<'s>);

enum KeysFrom<'s> {
    List { keys: KeyListIter<'s>, left: usize },
    Walk(Box<Walk<'s>>),
}

impl<'s> Iterator for Keys<'s> {
    type Item = &'s str;

    #[inline]
    fn next(&mut self) -> Option<&'s str> {
        match &mut self.0 {
            KeysFrom::List { keys, left } => {
                *left = left.saturating_sub(1);
                keys.next()
            }
            KeysFrom::Walk(walk) => walk.next().map(Record::key),
        }
    }

    #[inline]
    fn fold<B, F: FnMut(B, &'s str) -> B>(self, from: B, mut each: F) -> B {
        match self.0 {
            KeysFrom::List { keys, .. } => keys.fold(from, each),
            KeysFrom::Walk(mut walk) => {
                let mut so_far = from;
                while let Some(record) = walk.next() {
                    so_far = each(so_far, record.key());
                }
                so_far
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match &self.0 {
            KeysFrom::List { left, .. } => (*left, Some(*left)),
            KeysFrom::Walk(walk) => walk.size_hint(),
        }
    }
}

impl FusedIterator for Keys<'_> {}

impl std::fmt::Debug for Keys<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys").field("left", &self.size_hint().0).finish_non_exhaustive()
    }
}

/// The tasks of a [`TaskSet`], in key order.
pub struct TaskRefs<'s>(Walk<'s>);

impl<'s> Iterator for TaskRefs<'s> {
    type Item = TaskRef<'s>;

    #[inline]
    fn next(&mut self) -> Option<TaskRef<'s>> {
        let snapshot = self.0.snapshot;
        self.0.next().map(|record| TaskRef { snapshot, record })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl FusedIterator for TaskRefs<'_> {}

impl std::fmt::Debug for TaskRefs<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TaskRefs").field("left", &self.size_hint().0).finish_non_exhaustive()
    }
}

/// Merges the tasks that came in key order with the sorted others.
struct Walk<'s> {
    snapshot: &'s Snapshot,
    early: roaring::bitmap::Iter<'s>,
    /// Records looked up before they are needed, from `next` to `found`.
    ahead: [Option<Record<'s>>; AHEAD],
    next: usize,
    found: usize,
    late: Late<'s>,
    next_late: Option<Record<'s>>,
    /// At least so many are left, the next one included.
    late_left: usize,
}

/// The numbers of tasks that came out of key order, sorted by key.
enum Late<'s> {
    /// Those of the set.
    Own(std::vec::IntoIter<TaskId>),
    /// Those of the view, and the numbers of the set.
    All(std::slice::Iter<'s, TaskId>, &'s RoaringBitmap),
}

impl<'s> Walk<'s> {
    #[inline]
    fn next(&mut self) -> Option<Record<'s>> {
        if self.next == self.found {
            self.look_ahead();
        }
        let early = self.ahead.get(self.next).copied().flatten().filter(|_| self.next < self.found);
        if self.next_late.is_some() && self.is_late_first(early) {
            let next = self.take_late();
            self.late_left = self.late_left.saturating_sub(1);
            return std::mem::replace(&mut self.next_late, next);
        }
        self.next += usize::from(early.is_some());
        early
    }

    #[cold]
    fn is_late_first(&self, early: Option<Record<'_>>) -> bool {
        early.zip(self.next_late).is_none_or(|(early, late)| compare_keys(late.key(), early.key()).is_lt())
    }

    #[cold]
    fn take_late(&mut self) -> Option<Record<'s>> {
        let id = match &mut self.late {
            Late::Own(ids) => ids.next(),
            Late::All(ids, set) => ids.find(|id| set.contains(**id)).copied(),
        };
        self.snapshot.state.tasks.record(id?)
    }

    fn look_ahead(&mut self) {
        (self.next, self.found) = (0, 0);
        let tasks = &self.snapshot.state.tasks;
        let records = self.early.by_ref().take(AHEAD).filter_map(|id| tasks.record(id));
        for (slot, record) in self.ahead.iter_mut().zip(records) {
            *slot = Some(record);
            self.found += 1;
        }
        // Touches each record, so that their loads from memory overlap.
        for record in self.ahead.iter().take(self.found).flatten() {
            std::hint::black_box(record.is_assigned());
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let early = self.early.len() + self.found - self.next;
        let next = usize::from(self.next_late.is_some());
        match &self.late {
            Late::Own(ids) => (early + next + ids.len(), Some(early + next + ids.len())),
            // How many of all late tasks are in the set is known only for a walk from the beginning.
            Late::All(..) if self.late_left > 0 => (early + self.late_left, Some(early + self.late_left)),
            Late::All(ids, _) => (early + next, Some(early + next + ids.len())),
        }
    }
}
