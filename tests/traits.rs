//! What the public types can be used for: held by several threads, across a caught panic, printed, copied, compared.

use std::fmt::Debug;
use std::hash::Hash;
use std::iter::FusedIterator;
use std::panic::{RefUnwindSafe, UnwindSafe};

use responsibility_index::history::{Changed, Commit, Commits, Cursor, Diff, Follower, History, Lines, Past, Stamp};
use responsibility_index::import::{Aliases, Import, ImportEffect, ImportError, ImportPlan};
use responsibility_index::notice::{Finding, Notice, Reader, Span};
use responsibility_index::view::{Cell, InRole, Keys, TaskRefs};
use responsibility_index::{
    Assignment, Batch, BulkLoad, Details, Edits, Effect, Error, Index, InputError, Loaded, Matrix, OpenOptions, Plan,
    Role, Standing, Stats, TaskChange, TaskRef, TaskSet, UnitChange, UnitRef, View,
};

fn shared<T: Send + Sync + Debug>() {}
fn kept_over_a_panic<T: UnwindSafe + RefUnwindSafe>() {}
fn copied<T: Clone>() {}
fn keys<T: Eq + Ord + Hash>() {}
fn iterators<T: FusedIterator + Clone + Debug>() {}

#[test]
fn types_have_the_traits_that_callers_need() {
    shared::<(Index, View, TaskSet, TaskRef<'_>, UnitRef<'_>, Matrix, Cell)>();
    shared::<(OpenOptions, Batch<'_>, Edits, Plan<'_>, Effect, TaskChange<'_>, UnitChange<'_>)>();
    shared::<(Loaded, Stats, Assignment, Standing, Details, Role, Error, InputError)>();
    shared::<(Notice<'_>, Finding<'_>, Reader, Span, Import<'_, '_>, ImportPlan<'_>, ImportEffect, ImportError)>();
    shared::<(Commit, Commits, Cursor, Diff, Follower, Changed, History, Past, Stamp, Lines<&[u8]>)>();
    kept_over_a_panic::<(Index, View, TaskSet, TaskRef<'_>, UnitRef<'_>, Batch<'_>, Plan<'_>, Notice<'_>)>();
    copied::<(Index, View, TaskSet, TaskRef<'_>, UnitRef<'_>, Batch<'_>, Edits, Plan<'_>, Effect, Aliases)>();
    copied::<(ImportPlan<'_>, Import<'_, '_>, OpenOptions, Matrix, Stats)>();
    copied::<(Commit, Cursor, Diff, Past, Stamp)>();
    keys::<(UnitRef<'_>, Role)>();
    iterators::<Keys<'_>>();
    iterators::<TaskRefs<'_>>();
    iterators::<InRole<'_>>();
}

#[test]
fn an_effect_shows_tasks_and_units_by_name() {
    let index = Index::in_memory();
    index.assign("plan/1", ["Roads"]).unwrap();
    let effect = index.batch().assign("plan/1", ["Health", "Roads"]).plan().unwrap();
    let shown = format!("{effect:?}");
    for part in ["revision: 2", "key: \"plan/1\"", "Roads", "Health (leads 1, supports 0)", "before: None"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert!(!shown.contains("Packed") && !shown.contains("Member("), "{shown}");
}

/// Loads hold a state of their own that a panic of the caller may leave half gathered.
#[test]
fn a_load_can_be_sent_to_another_thread() {
    fn sent<T: Send + Debug>() {}
    sent::<BulkLoad<'_>>();
}
