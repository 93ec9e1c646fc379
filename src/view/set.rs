//! Sets of tasks: their algebra, their order, their pages.

use std::ops::{BitAnd, BitOr, Sub};
use std::sync::Arc;

use roaring::RoaringBitmap;

use crate::assignment::Role;
use crate::id::{TaskId, UnitId};
use crate::order::compare_keys;

use super::posting::{Listed, PostingKeys};
use super::record::Record;
use super::tasks::Tasks;
use super::{TaskRef, Version, View};

/// How many tasks are looked up together, so that their memory arrives while others are looked up.
const AHEAD: usize = 32;

/// A set of tasks of one view: `a & b`, `a | b`, `a - b`, on sets or on references to them.
///
/// It keeps its view alive and so never changes. Iteration is in [key order](crate::compare_keys): the order of a
/// plan as written. Tasks that came in key order (a bulk load, a notice, keys that count up) are handed out as they
/// are found; others are sorted first, when iteration starts.
///
/// Sets of different revisions of one index go together; the result belongs to the newer view, and tasks that are not
/// assigned there drop out. A set of another index, or from before a bulk load, is taken over by its keys.
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
    /// The unit that leads just these tasks in the view, so that its list of keys is that of the set.
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

    /// How many tasks are in it. Walks containers of 65,536 task numbers, not tasks.
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
        self.view.0.tasks.find(key).is_some_and(|id| self.ids.contains(id))
    }

    /// The keys, in key order.
    #[must_use]
    pub fn keys(&self) -> Keys<'_> {
        let keys = match self.listed() {
            Some(listed) => KeysFrom::List { listed, tasks: &self.view.0.tasks, left: self.len() },
            None => KeysFrom::Walk(Box::new(self.walk(0, None))),
        };
        Keys(keys)
    }

    /// The keys of the set in a row, if there is such a list and its order is that of the keys.
    fn listed(&self) -> Option<PostingKeys<'_>> {
        let version = &*self.view.0;
        let in_order = self.ids.max().is_none_or(|last| last < version.tasks.in_order());
        version.units.postings(self.led_by.filter(|_| in_order)?)?.of(Role::Lead).keys()
    }

    /// The keys that come after `key` in key order, whether or not it is in the set: the next page.
    #[must_use]
    pub fn keys_after(&self, key: &str) -> Keys<'_> {
        let from = self.view.0.tasks.first_after(key);
        Keys(KeysFrom::Walk(Box::new(self.walk(from, Some(key)))))
    }

    /// The tasks, in key order.
    #[must_use]
    pub fn tasks(&self) -> TaskRefs<'_> {
        TaskRefs(self.walk(0, None))
    }

    /// The tasks that come after `key` in key order.
    #[must_use]
    pub fn tasks_after(&self, key: &str) -> TaskRefs<'_> {
        TaskRefs(self.walk(self.view.0.tasks.first_after(key), Some(key)))
    }

    /// Starts at a number among those in key order; of the others only those after a key are taken.
    fn walk(&self, from: TaskId, after: Option<&str>) -> Walk<'_> {
        let version = &*self.view.0;
        let in_order = version.tasks.in_order();
        let mut late: Vec<Record<'_>> = self
            .ids
            .range(in_order..)
            .filter_map(|id| version.tasks.record(id))
            .filter(|record| after.is_none_or(|after| compare_keys(record.key(), after).is_gt()))
            .collect();
        late.sort_unstable_by(|a, b| compare_keys(b.key(), a.key()));
        Walk { version, early: self.ids.range(from..in_order.max(from)), ahead: [None; AHEAD], next: 0, found: 0, late }
    }

    /// This set's numbers and the other's, both in the newer view's terms, and that view.
    fn together<'s>(&'s self, other: &'s TaskSet) -> (&'s View, Arc<RoaringBitmap>, Arc<RoaringBitmap>) {
        let view = if self.view.0.revision >= other.view.0.revision { &self.view } else { &other.view };
        (view, self.ids_in(view), other.ids_in(view))
    }

    fn ids_in(&self, view: &View) -> Arc<RoaringBitmap> {
        let tasks = &view.0.tasks;
        match (self.view.0.lineage == view.0.lineage, self.view.0.revision == view.0.revision) {
            (true, true) => Arc::clone(&self.ids),
            (true, false) => Arc::new(tasks.assigned_among(&self.ids)),
            (false, _) => Arc::new(tasks.assigned_among(&self.keys().filter_map(|key| tasks.find(key)).collect())),
        }
    }
}

macro_rules! operator {
    ($trait:ident, $method:ident, $op:tt) => {
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

operator!(BitAnd, bitand, &);
operator!(BitOr, bitor, |);
operator!(Sub, sub, -);

impl PartialEq for TaskSet {
    /// Whether both hold the same keys.
    fn eq(&self, other: &TaskSet) -> bool {
        if self.view.0.lineage == other.view.0.lineage {
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

/// The keys of a [`TaskSet`], in key order.
pub struct Keys<'s>(KeysFrom<'s>);

enum KeysFrom<'s> {
    List { listed: PostingKeys<'s>, tasks: &'s Tasks, left: usize },
    Walk(Box<Walk<'s>>),
}

impl<'s> Iterator for Keys<'s> {
    type Item = &'s str;

    #[inline]
    fn next(&mut self) -> Option<&'s str> {
        match &mut self.0 {
            KeysFrom::List { listed, tasks, left } => {
                *left = left.saturating_sub(1);
                match listed.next()? {
                    Listed::Key(key) => Some(key),
                    Listed::Number(id) => tasks.record(id).map(Record::key),
                }
            }
            KeysFrom::Walk(walk) => walk.next().map(Record::key),
        }
    }

    #[inline]
    fn fold<B, F: FnMut(B, &'s str) -> B>(self, from: B, mut each: F) -> B {
        match self.0 {
            KeysFrom::List { listed, tasks, .. } => listed.fold(from, |so_far, listed| match listed {
                Listed::Key(key) => each(so_far, key),
                Listed::Number(id) => each(so_far, tasks.record(id).map_or("", Record::key)),
            }),
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

/// The tasks of a [`TaskSet`], in key order.
pub struct TaskRefs<'s>(Walk<'s>);

impl<'s> Iterator for TaskRefs<'s> {
    type Item = TaskRef<'s>;

    #[inline]
    fn next(&mut self) -> Option<TaskRef<'s>> {
        let version = self.0.version;
        self.0.next().map(|record| TaskRef { version, record })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

/// Merges the tasks that came in key order with the sorted others.
struct Walk<'s> {
    version: &'s Version,
    early: roaring::bitmap::Iter<'s>,
    /// Records looked up before they are needed, from `next` to `found`.
    ahead: [Option<Record<'s>>; AHEAD],
    next: usize,
    found: usize,
    /// The others, the next one last.
    late: Vec<Record<'s>>,
}

impl<'s> Walk<'s> {
    #[inline]
    fn next(&mut self) -> Option<Record<'s>> {
        if self.next == self.found {
            self.look_ahead();
        }
        let early = self.ahead.get(self.next).copied().flatten().filter(|_| self.next < self.found);
        if !self.late.is_empty() && self.is_late_first(early) {
            return self.late.pop();
        }
        self.next += usize::from(early.is_some());
        early
    }

    #[cold]
    fn is_late_first(&self, early: Option<Record<'_>>) -> bool {
        let late = self.late.last();
        early.zip(late).is_none_or(|(early, late)| compare_keys(late.key(), early.key()).is_lt())
    }

    fn look_ahead(&mut self) {
        (self.next, self.found) = (0, 0);
        let tasks = &self.version.tasks;
        let records = self.early.by_ref().take(AHEAD).filter_map(|id| tasks.record(id));
        for (slot, record) in self.ahead.iter_mut().zip(records) {
            *slot = Some(record);
            self.found += 1;
        }
        // Touches each, so that their memory arrives together.
        for record in self.ahead.iter().take(self.found).flatten() {
            std::hint::black_box(record.is_assigned());
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.early.len() + self.found - self.next + self.late.len();
        (left, Some(left))
    }
}
