//! Sets of tasks: their algebra, their order, their pages.

use std::ops::{BitAnd, BitAndAssign, BitOr, BitOrAssign, BitXor, BitXorAssign, Sub, SubAssign};
use std::sync::Arc;

use roaring::RoaringBitmap;

use crate::id::UnitId;
use crate::model::Role;
use crate::order::compare_keys;
use crate::state::{KeyListIter, Record};

use super::snapshot::View;
use super::walk::{Keys, KeysFrom, SORTED_EACH_TIME, TaskRefs, Walk, sorted_late};

/// A set of tasks of one view: `a & b`, `a | b`, `a - b`, `a ^ b`, on sets or on references to them. `for key in &set` gives
/// keys as `&str`, [`keys`](TaskSet::keys) too, [`tasks`](TaskSet::tasks) the tasks with their units.
///
/// It keeps its view alive and so never changes. Iteration is in [key order](crate::compare_keys): the order of a
/// written plan. Tasks that came in key order (a bulk load, a notice, keys that count up) need no sorting. Others are
/// sorted when iteration starts: a set sorts up to a thousand of them each time, and a view sorts all of them once.
///
/// Sets of different views can be combined. The result belongs to the view with the higher revision; tasks that this view
/// does not know are dropped. Sets of two indexes, or from before and after all tasks were numbered again (a bulk load, a
/// very large batch, [`compact`](crate::Index::compact)), are matched by their keys, which takes longer.
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

    /// Whether a task is in it. One look-up of the key.
    #[must_use]
    pub fn contains(&self, key: &str) -> bool {
        self.view.state().tasks.find(key).is_some_and(|id| self.ids.contains(id))
    }

    /// The keys, in key order. About 20 ns per key; [`View::led_by`](crate::View::led_by) says where it is less.
    #[must_use]
    pub fn keys(&self) -> Keys<'_> {
        Keys(match self.listed() {
            Some(keys) => KeysFrom::List { keys, left: self.len() },
            None => KeysFrom::Walk(Box::new(Walk::new(self.view.snapshot(), &self.ids, None))),
        })
    }

    /// The keys of the set in a row, if there is such a list and its order is that of the keys.
    fn listed(&self) -> Option<KeyListIter<'_>> {
        let state = self.view.state();
        let in_order = self.ids.max().is_none_or(|last| last < state.tasks.in_order());
        state.units.tasks(self.led_by.filter(|_| in_order)?)?.in_role(Role::Lead).keys(|id| state.tasks.key(id))
    }

    /// The keys that come after `key` in key order, whether or not it is in the set: the next page. Begins with a
    /// binary search.
    #[must_use]
    pub fn keys_after(&self, key: &str) -> Keys<'_> {
        Keys(KeysFrom::Walk(Box::new(Walk::new(self.view.snapshot(), &self.ids, Some(key)))))
    }

    /// The keys that come before `key` in key order, the nearest first, whether or not it is in the set: the page before,
    /// from its end. Begins with a binary search.
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
            0..=SORTED_EACH_TIME => sorted_late(tasks, &self.ids, |other| compare_keys(other, key).is_lt()),
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

    /// Whether each of its tasks is in another set. Compares bitmaps.
    #[must_use]
    pub fn is_subset(&self, other: &TaskSet) -> bool {
        let (_, a, b) = self.together(other);
        a.is_subset(&b)
    }

    /// Whether none of its tasks is in another set. Compares bitmaps.
    #[must_use]
    pub fn is_disjoint(&self, other: &TaskSet) -> bool {
        let (_, a, b) = self.together(other);
        a.is_disjoint(&b)
    }

    /// The tasks, in key order. About 20 ns per task, and more for their units where memory must be waited for.
    #[must_use]
    pub fn tasks(&self) -> TaskRefs<'_> {
        TaskRefs(Walk::new(self.view.snapshot(), &self.ids, None).with_units())
    }

    /// The tasks that come after `key` in key order. Begins with a binary search.
    #[must_use]
    pub fn tasks_after(&self, key: &str) -> TaskRefs<'_> {
        TaskRefs(Walk::new(self.view.snapshot(), &self.ids, Some(key)).with_units())
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
