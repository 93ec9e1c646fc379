//! The algebra of task sets, by property: the laws, what the operators say of single keys, order and pages, sets of
//! different revisions together, sets across a bulk load and a reopening.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops at the first failure")]

#[path = "../common/mod.rs"]
mod common;

use std::collections::BTreeSet;

use common::{Home, keys, model::natural};
use proptest::prelude::*;
use responsibility_index::{Index, OpenOptions, TaskSet, View, compare_keys};

/// Which of these tasks each of three units leads or supports, and in which order the tasks come in.
const KEYS: [&str; 10] = ["a/1", "a/2", "a/10", "a/02", "a", "b/1/1", "b/1", "b-1", "c", "\u{7701}/3"];

/// For each task, whether units X, Y, Z are in it, and the order of coming.
type Plan = Vec<(usize, [bool; 3])>;

fn plan() -> impl Strategy<Value = Plan> {
    let order = Just((0..KEYS.len()).collect::<Vec<usize>>()).prop_shuffle();
    (order, prop::collection::vec(any::<[bool; 3]>(), KEYS.len()))
        .prop_map(|(order, members)| order.into_iter().zip(members).collect())
}

/// Everything has a lead of its own, so that membership of X, Y and Z is free.
fn units(members: [bool; 3]) -> Vec<&'static str> {
    let named = ["X", "Y", "Z"].into_iter().zip(members).filter(|(_, member)| *member).map(|(name, _)| name);
    std::iter::once("L").chain(named).collect()
}

fn index(plan: &Plan) -> Index {
    let index = Index::in_memory();
    index.batch().assign("z/last", ["L", "X", "Y", "Z"]).remove("z/last").commit().unwrap();
    for (task, members) in plan {
        index.assign(KEYS[*task], units(*members)).unwrap();
    }
    index
}

fn three(view: &View) -> [TaskSet; 3] {
    ["X", "Y", "Z"].map(|unit| view.supported_by(unit).unwrap())
}

/// A set of keys, made without the library's algebra.
fn plain(set: &TaskSet) -> BTreeSet<String> {
    keys(set.keys()).into_iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_laws_of_sets_hold(plan in plan()) {
        let view = index(&plan).view();
        let [x, y, z] = three(&view);
        let empty = &x - &x;
        prop_assert!(empty.is_empty());
        prop_assert_eq!(&x & &y, &y & &x);
        prop_assert_eq!(&x | &y, &y | &x);
        prop_assert_eq!(&(&x & &y) & &z, &x & &(&y & &z));
        prop_assert_eq!(&(&x | &y) | &z, &x | &(&y | &z));
        prop_assert_eq!(&x & &(&y | &z), &(&x & &y) | &(&x & &z));
        prop_assert_eq!(&x | &(&y & &z), &(&x | &y) & &(&x | &z));
        prop_assert_eq!(&x - &(&y | &z), &(&x - &y) & &(&x - &z));
        prop_assert_eq!(&x - &(&y & &z), &(&x - &y) | &(&x - &z));
        prop_assert_eq!(&(&x - &y) | &(&x & &y), x.clone());
        prop_assert_eq!(&x | &empty, x.clone());
        prop_assert_eq!(&x & &x, x.clone());
        prop_assert_eq!((&x | &y).len() + (&x & &y).len(), x.len() + y.len());
        // By value and by reference are the same.
        prop_assert_eq!(x.clone() & y.clone(), &x & &y);
        prop_assert_eq!(x.clone() | &y, &x | &y);
        prop_assert_eq!(&x - y.clone(), &x - &y);
    }

    #[test]
    fn an_operator_says_of_each_key_what_logic_says(plan in plan()) {
        let view = index(&plan).view();
        let [x, y, _] = three(&view);
        for (task, [in_x, in_y, _]) in &plan {
            let key = KEYS[*task];
            prop_assert_eq!((x.contains(key), y.contains(key)), (*in_x, *in_y));
            prop_assert_eq!((&x & &y).contains(key), *in_x && *in_y);
            prop_assert_eq!((&x | &y).contains(key), *in_x || *in_y);
            prop_assert_eq!((&x - &y).contains(key), *in_x && !*in_y);
        }
        prop_assert!(!(&x | &y).contains("absent"));
        prop_assert!(!(&x | &y).contains("z/last"), "a key that is not assigned is in no set");
    }

    #[test]
    fn a_set_is_listed_in_the_order_of_keys_and_counted_without_listing(plan in plan()) {
        let view = index(&plan).view();
        for set in three(&view) {
            let listed = keys(&set);
            prop_assert!(listed.windows(2).all(|pair| natural(&pair[0], &pair[1]).is_lt()), "{:?}", listed);
            prop_assert_eq!(set.len(), listed.len());
            prop_assert_eq!(set.is_empty(), listed.is_empty());
            prop_assert_eq!(set.keys().size_hint(), (listed.len(), Some(listed.len())));
            prop_assert!(set.tasks().all(|task| set.contains(task.key())));
        }
    }

    #[test]
    fn pages_of_any_size_make_up_the_whole(plan in plan(), size in 1_usize..5) {
        let set = index(&plan).view().tasks();
        let mut paged = keys(set.keys().take(size));
        while let Some(last) = paged.last().cloned() {
            let page = keys(set.keys_after(&last).take(size));
            prop_assert!(keys(set.tasks_after(&last).take(size).map(|task| task.key())) == page);
            if page.is_empty() {
                break;
            }
            paged.extend(page);
        }
        prop_assert_eq!(paged, keys(set.keys()));
    }

    #[test]
    fn a_page_resumes_after_any_key_also_one_that_is_not_there(plan in plan(), after in "[ab]?/?[0-9]{0,2}[-/a]?") {
        for set in three(&index(&plan).view()) {
            let expected: Vec<String> =
                keys(&set).into_iter().filter(|key| natural(key, &after).is_gt()).collect();
            prop_assert_eq!(keys(set.keys_after(&after)), expected);
        }
    }

    #[test]
    fn sets_of_different_revisions_go_together_in_the_terms_of_the_newer(old in plan(), new in plan()) {
        let index = index(&old);
        let before = index.view();
        for (task, members) in &new {
            // Some are given to others, some are taken away.
            if members[2] { index.remove(KEYS[*task]).unwrap() } else { index.assign(KEYS[*task], units(*members)).unwrap() };
        }
        let after = index.view();
        assert_together(&before, &after)?;
    }

    #[test]
    fn sets_go_together_across_a_bulk_load(old in plan(), new in plan()) {
        let index = index(&old);
        let before = index.view();
        let mut load = index.bulk_load();
        for (task, members) in new.iter().take(6) {
            load.add(KEYS[*task], units(*members)).unwrap();
        }
        load.commit().unwrap();
        for (task, _) in new.iter().skip(6).take(2) {
            index.remove(KEYS[*task]).unwrap();
        }
        assert_together(&before, &index.view())?;
    }

    #[test]
    fn key_order_is_total_and_the_one_told(a in "[/a0-9-]{0,6}", b in "[/a0-9-]{0,6}", c in "[/a0-9-]{0,6}") {
        prop_assert_eq!(compare_keys(&a, &b), natural(&a, &b));
        prop_assert_eq!(compare_keys(&a, &b), compare_keys(&b, &a).reverse());
        prop_assert_eq!(compare_keys(&a, &b).is_eq(), a == b);
        if compare_keys(&a, &b).is_le() && compare_keys(&b, &c).is_le() {
            prop_assert!(compare_keys(&a, &c).is_le());
        }
    }
}

/// Every operator on an older and a newer set, either way round.
fn assert_together(before: &View, after: &View) -> Result<(), TestCaseError> {
    let assigned = plain(&after.tasks());
    for old in three(before) {
        for new in three(after) {
            // A set belongs to one view, and has only tasks that are assigned there.
            let was: BTreeSet<String> = plain(&old).intersection(&assigned).cloned().collect();
            let is = plain(&new);
            prop_assert_eq!(plain(&(&old & &new)), was.intersection(&is).cloned().collect());
            prop_assert_eq!(plain(&(&new & &old)), was.intersection(&is).cloned().collect());
            prop_assert_eq!(plain(&(&old | &new)), was.union(&is).cloned().collect());
            prop_assert_eq!(plain(&(&old - &new)), was.difference(&is).cloned().collect());
            prop_assert_eq!(plain(&(&new - &old)), is.difference(&was).cloned().collect());
            prop_assert_eq!(old == new, plain(&old) == is);
            let both = &old | &new;
            prop_assert_eq!(both.view().revision(), after.revision());
            for task in both.tasks() {
                prop_assert_eq!(task.lead(), after.lead(task.key()));
            }
        }
    }
    Ok(())
}

/// A task of an older set that was unassigned meanwhile came out of the newer view's set with the first unit of the
/// index as its lead.
#[test]
fn a_task_that_is_no_longer_assigned_drops_out_of_a_newer_set() {
    let index = Index::in_memory();
    index.assign("t/1", ["A", "B"]).unwrap();
    index.assign("t/2", ["A", "B"]).unwrap();
    let old = index.view().supported_by("B").unwrap();
    index.remove("t/1").unwrap();
    let both = &old | &index.view().supported_by("B").unwrap();
    assert_eq!(keys(&both), ["t/2"]);
    assert_eq!(keys(&(&old - &index.view().led_by("B").unwrap())), ["t/2"]);
    assert_eq!(keys(&old), ["t/1", "t/2"], "the older set stays as it was");
    assert_ne!(old, both);
}

#[test]
fn sets_go_together_across_a_reopening() {
    let home = Home::memory();
    let index = home.open(&OpenOptions::new()).unwrap();
    index.assign("t/1", ["A", "B"]).unwrap();
    index.assign("t/2", ["A", "B"]).unwrap();
    let old = index.view().led_by("A").unwrap();
    drop(index);
    let index = home.open(&OpenOptions::new()).unwrap();
    index.batch().set_lead("t/2", "C", None).commit().unwrap();
    assert_eq!(keys(&(&old - &index.view().led_by("A").unwrap())), ["t/2"]);
    assert_eq!(keys(&(old & index.view().led_by("C").unwrap())), ["t/2"]);
}

#[test]
fn sets_of_two_indexes_meet_by_their_keys() {
    let (one, other) = (Index::in_memory(), Index::in_memory());
    for (n, key) in ["t/3", "t/1", "t/2"].iter().enumerate() {
        one.assign(key, ["A"]).unwrap();
        if n > 0 {
            other.assign(key, ["B"]).unwrap();
        }
    }
    let (a, b) = (one.view().led_by("A").unwrap(), other.view().led_by("B").unwrap());
    assert_eq!(keys(&(&a & &b)), ["t/1", "t/2"]);
    assert_eq!(keys(&(&a - &b)), ["t/3"]);
    assert_ne!(a, b);
    other.assign("t/3", ["B"]).unwrap();
    assert_eq!(a, other.view().led_by("B").unwrap());
}

#[test]
fn a_set_outlives_the_index_and_its_view() {
    let index = Index::in_memory();
    index.assign("t/1", ["A"]).unwrap();
    let set = index.view().led_by("A").unwrap();
    drop(index);
    assert_eq!(keys(&set), ["t/1"]);
    assert_eq!(set.view().lead("t/1"), Some("A"));
    assert_eq!(format!("{set:?}"), "{\"t/1\"}");
}

#[test]
fn large_sets_are_listed_and_paged_in_order_wherever_their_tasks_came_in() {
    let index = Index::in_memory();
    let mut load = index.bulk_load();
    (0..20_000).for_each(|n| load.add(&format!("t/{}", n * 2), ["A", if n % 3 == 0 { "B" } else { "C" }]).unwrap());
    load.commit().unwrap();
    let mut batch = index.batch();
    for n in (0..500).rev() {
        batch = batch.assign(format!("t/{}", n * 60 + 1), ["B", "A"]);
    }
    batch.commit().unwrap();
    let all = index.view().involving("B").unwrap();
    let listed = keys(&all);
    assert_eq!((all.len(), listed.len()), (20_000_usize.div_ceil(3) + 500, all.len()));
    assert!(listed.windows(2).all(|pair| compare_keys(&pair[0], &pair[1]).is_lt()));
    for from in [0, 17, 5_000, listed.len() - 2] {
        assert!(all.keys_after(&listed[from]).take(40).eq(listed[from + 1..].iter().take(40)));
    }
}

/// Each page of a set used to sort all keys that had come out of order, so that paging cost their square.
#[test]
fn pages_over_many_late_keys_are_those_of_the_sorted_list_also_while_keys_come_in() {
    let index = Index::in_memory();
    for hundred in (0..30).rev() {
        let mut batch = index.batch();
        for n in hundred * 100..(hundred + 1) * 100 {
            batch = batch.assign(format!("t/{n}"), [["A", "B"][n % 2], "C"]);
        }
        batch.commit().unwrap();
    }
    assert_eq!(index.stats().unwrap().out_of_order, 2_900);
    for (unit, sets) in [("A", 1_500), ("C", 3_000)] {
        let set = index.view().involving(unit).unwrap();
        let listed = keys(&set);
        assert_eq!((set.len(), listed.len(), set.keys().size_hint()), (sets, sets, (sets, Some(sets))));
        assert!(listed.windows(2).all(|pair| compare_keys(&pair[0], &pair[1]).is_lt()));
        let (mut paged, mut last) = (Vec::new(), String::new());
        loop {
            let page = keys(set.keys_after(&last).take(70));
            let hint = set.keys_after(&last).size_hint();
            assert!(hint.0 <= sets - paged.len() && hint.1.is_some_and(|most| most >= sets - paged.len()), "{hint:?}");
            let Some(key) = page.last() else { break };
            last.clone_from(key);
            paged.extend(page);
            // The set keeps its view; later views have the new key in its place.
            index.assign(&format!("t/{}-{unit}", paged.len()), ["D"]).unwrap();
        }
        assert_eq!(paged, listed);
    }
    let all = keys(&index.view().tasks());
    assert_eq!(all.len(), index.view().len());
    assert!(all.windows(2).all(|pair| compare_keys(&pair[0], &pair[1]).is_lt()));
}

#[test]
fn keys_of_what_a_unit_leads_are_the_same_taken_one_by_one_or_all_at_once() {
    let index = Index::in_memory();
    let mut load = index.bulk_load();
    for n in 0..2_000 {
        load.add(&format!("plan/{n}"), [["Transport", "Finance"][n % 3 / 2]]).unwrap();
    }
    load.commit().unwrap();
    // Fewer than are merged into the list at once, and then more.
    for changes in [7, 300] {
        for n in (0..changes).map(|n| n * 6) {
            let unit = if n % 4 == 0 { "Finance" } else { "Transport" };
            index.assign(&format!("plan/{n}"), [unit]).unwrap();
        }
        let view = index.view();
        for unit in ["Transport", "Finance"] {
            let led = view.led_by(unit).unwrap();
            let expected: Vec<String> =
                (0..2_000).map(|n| format!("plan/{n}")).filter(|key| view.lead(key) == Some(unit)).collect();
            let mut one_by_one = led.keys();
            assert_eq!(one_by_one.size_hint(), (led.len(), Some(led.len())));
            let first: Vec<&str> = one_by_one.by_ref().take(10).collect();
            let mut rest = Vec::new();
            one_by_one.for_each(|key| rest.push(key));
            assert_eq!([first, rest].concat(), expected);
            assert!(led.tasks().map(|task| task.key()).eq(expected.iter()));
            assert!((&led | &led).keys().eq(expected.iter()));
        }
    }
}
