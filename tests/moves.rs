//! Tasks that get other keys: units, details, history and obligations go along.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops at the first failure")]

mod common;

use std::collections::BTreeMap;

use common::{Home, Numbers, input_error, keys};
use jiff::civil::date;
use responsibility_index::history::Lines;
use responsibility_index::report::{Due, Obligation, OwedBy};
use responsibility_index::testing;
use responsibility_index::{Details, Index, InputError, OpenOptions, View};

fn exported(view: &View) -> String {
    let mut lines = Vec::new();
    testing::export(view, &mut lines).unwrap();
    String::from_utf8(lines).unwrap()
}

fn list() -> Index {
    let index = Index::in_memory();
    for n in 1..=4 {
        let details = Details::titled(format!("task {n}")).field("status", "open");
        index
            .batch()
            .assign(format!("p/{n}"), [format!("unit {n}")])
            .set_details(format!("p/{n}"), details)
            .commit()
            .unwrap();
    }
    index
}

fn titles(view: &View) -> Vec<(String, String)> {
    let title = |key: &str| view.details(key).unwrap().unwrap().title;
    view.tasks().keys().map(|key| (key.to_owned(), title(key))).collect()
}

#[test]
fn a_list_is_renumbered_in_one_batch_and_everything_goes_along() {
    let index = list();
    index.batch().set_field("p/2", "note", "by hand").commit().unwrap();
    let before = exported(&index.view());
    let batch = index.batch().move_task("p/2", "p/3").move_task("p/3", "p/4").move_task("p/4", "p/5");
    let batch =
        batch.assign("p/2", ["inserted"]).set_details("p/2", Details::titled("new")).set_field("p/3", "status", "done");
    let plan = batch.plan().unwrap();
    let moved: Vec<_> = plan.tasks().map(|task| (task.key.to_owned(), task.moved_from.map(str::to_owned))).collect();
    let from = |key: &str, from: Option<&str>| (key.to_owned(), from.map(str::to_owned));
    assert_eq!(
        moved,
        [from("p/2", None), from("p/3", Some("p/2")), from("p/4", Some("p/3")), from("p/5", Some("p/4"))]
    );
    plan.commit().unwrap();
    let view = index.view();
    let expected = [("p/1", "task 1"), ("p/2", "new"), ("p/3", "task 2"), ("p/4", "task 3"), ("p/5", "task 4")];
    assert_eq!(titles(&view), expected.map(|(key, title)| (key.to_owned(), title.to_owned())));
    let fields = view.details("p/3").unwrap().unwrap().fields;
    assert_eq!((fields["note"].as_str(), fields["status"].as_str()), ("by hand", "done"), "an edit of the new key");
    assert_eq!(view.lead("p/5"), Some("unit 4"));

    // The history goes on under the key of then.
    let past: Vec<_> = view.history("p/3").map(Result::unwrap).collect();
    assert_eq!(past.iter().map(|past| past.revision).collect::<Vec<_>>(), [6, 5, 2]);
    assert_eq!(past[0].moved_from.as_deref(), Some("p/2"));
    assert_eq!(past[2].standing.as_ref().and_then(|standing| standing.lead()), Some("unit 2"));
    assert_eq!(view.history("p/2").map(|past| past.unwrap().revision).collect::<Vec<_>>(), [6, 5, 2]);
    assert_eq!(exported(&index.view_at(5).unwrap()), before);

    // The commit tells the move, also as lines.
    let commit = index.commits(6..=6).unwrap().next().unwrap().unwrap();
    let mut lines = Vec::new();
    index.follow(5).unwrap().cursor().write_line(&mut lines).unwrap();
    commit.write_lines(&mut lines).unwrap();
    let read = Lines::new(lines.as_slice()).unwrap().next().unwrap().unwrap();
    assert_eq!(read, commit);
    assert_eq!(read.tasks().find(|task| task.key == "p/3").unwrap().moved_from, Some("p/2"));

    index.batch().revert(6).commit().unwrap();
    assert_eq!(exported(&index.view()), before);
}

#[test]
fn tasks_can_change_places() {
    let index = list();
    index.batch().move_task("p/1", "p/2").move_task("p/2", "p/1").commit().unwrap();
    let view = index.view();
    assert_eq!(view.leads(&["p/1", "p/2", "p/3"]), [Some("unit 2"), Some("unit 1"), Some("unit 3")]);
    let revisions = |key: &str| view.history(key).map(|past| past.unwrap().revision).collect::<Vec<_>>();
    assert_eq!((revisions("p/1"), revisions("p/2")), (vec![5, 2], vec![5, 1]));
    assert_eq!(index.verify().unwrap(), []);
}

#[test]
fn moves_that_can_not_be_are_refused_with_their_place() {
    let index = list();
    let before = exported(&index.view());
    let refused = |batch: responsibility_index::Batch<'_>| input_error(batch.commit().unwrap_err());
    let task = |name: &str| name.to_owned();
    let unknown = refused(index.batch().assign("q", ["A"]).move_task("p/9", "p/10"));
    assert_eq!(unknown, (2, InputError::UnknownTask { task: task("p/9") }));
    assert_eq!(refused(index.batch().move_task("p/1", "p/2")).1, InputError::KeyTaken { task: task("p/2") });
    let both = index.batch().move_task("p/1", "p/9").move_task("p/2", "p/9");
    assert_eq!(refused(both), (2, InputError::KeyTaken { task: task("p/9") }));
    let twice = index.batch().move_task("p/1", "p/8").move_task("p/1", "p/9");
    assert_eq!(refused(twice), (2, InputError::MovedTwice { task: task("p/1") }));
    assert!(matches!(refused(index.batch().move_task("p/1", "a\tb")).1, InputError::ControlCharacter { .. }));
    assert_eq!(refused(index.batch().move_section("q", "r")).1, InputError::UnknownTask { task: task("q") });
    assert!(matches!(refused(index.batch().move_section("p//", "r")).1, InputError::DoubleSlash { .. }));
    assert_eq!(exported(&index.view()), before);
    index.batch().move_task("p/1", "p/1").commit().unwrap();
    assert_eq!(index.revision(), 4, "a move to its own key changes nothing");
}

#[test]
fn a_section_moves_with_its_tasks_and_obligations() {
    let index = list();
    index.assign("p", ["A"]).unwrap();
    index.assign("pp/1", ["B"]).unwrap();
    let on = |name: &str, section: &str| Obligation::new(name, Due::on([date(2016, 11, 30)])).leads_below(section);
    index
        .batch()
        .set_obligation(on("all", "p"))
        .set_obligation(on("one", "p/2"))
        .set_obligation(on("other", "pp"))
        .commit()
        .unwrap();
    index.batch().move_section("p/", "plan 2017").commit().unwrap();
    let view = index.view();
    assert_eq!(
        keys(view.tasks().keys()),
        ["plan 2017", "plan 2017/1", "plan 2017/2", "plan 2017/3", "plan 2017/4", "pp/1"]
    );
    let section = |name: &str| view.obligation(name).unwrap().value().owed_by;
    let below = |section: &str| [OwedBy::LeadsBelow(section.to_owned())];
    assert_eq!(
        (section("all"), section("one"), section("other")),
        (below("plan 2017").to_vec(), below("plan 2017/2").to_vec(), below("pp").to_vec())
    );
    index.batch().move_task("plan 2017/2", "x").commit().unwrap();
    let value = index.view().obligation("one").unwrap().value();
    assert_eq!(value.owed_by, below("x"), "an obligation about one task goes with it");
    assert_eq!(index.view().obligation("all").unwrap().value().owed_by, below("plan 2017"));
}

/// Random moves and edits, with reopenings; at the end every task has the history of its content.
#[test]
fn random_moves_agree_with_a_model_of_named_contents() {
    for seed in 0..30 {
        let mut numbers = Numbers::new(seed);
        let home = if seed % 6 == 0 { Home::disk() } else { Home::memory() };
        let mut index = home.open(&OpenOptions::new().checkpoint_after(3)).unwrap();
        // To each key its content, and to each content the revisions that changed it, newest first.
        let (mut model, mut pasts): (BTreeMap<String, usize>, Vec<Vec<u64>>) = Default::default();
        let mut exports = vec![exported(&index.view())];
        for step in 0..40 {
            let mut batch = index.batch();
            let mut next = model.clone();
            let mut changed = Vec::new();
            let mut left: Vec<String> = model.keys().cloned().collect();
            for _ in 0..numbers.below(4) {
                if left.is_empty() {
                    break;
                }
                let from = left.remove(numbers.below(left.len()));
                let to = format!("k/{}", numbers.below(9));
                let is_free = !model.contains_key(&to) && !changed.iter().any(|(_, other)| *other == to);
                if is_free {
                    batch = batch.move_task(&from, &to);
                    changed.push((from, to));
                }
            }
            for (from, _) in &changed {
                next.remove(from);
            }
            for (from, to) in &changed {
                next.insert(to.clone(), model[from]);
            }
            let key = format!("k/{}", numbers.below(9));
            let is_moving = changed.iter().any(|(from, _)| *from == key);
            let edited = match (numbers.below(4), next.get(&key)) {
                (0, _) | (_, None) if !is_moving => {
                    let content = *next.entry(key.clone()).or_insert_with(|| {
                        pasts.push(Vec::new());
                        pasts.len() - 1
                    });
                    batch = batch.assign(&key, [format!("unit {step}")]);
                    Some(content)
                }
                _ => None,
            };
            batch.commit().unwrap();
            let revision = index.revision();
            let moved = changed.iter().map(|(_, to)| next[to]);
            let mut touched: Vec<usize> = moved.chain(edited).collect();
            touched.sort_unstable();
            touched.dedup();
            touched.into_iter().for_each(|content| pasts[content].insert(0, revision));
            model = next;
            if numbers.one_in(8) {
                drop(index);
                index = home.open(&OpenOptions::new().checkpoint_after(3)).unwrap();
            }
            if revision as usize == exports.len() {
                exports.push(exported(&index.view()));
            }
        }
        let view = index.view();
        assert_eq!(keys(view.tasks().keys()), model.keys().cloned().collect::<Vec<_>>(), "seed {seed}");
        for (key, content) in &model {
            let revisions: Vec<u64> = view.history(key).map(|past| past.unwrap().revision).collect();
            // A key that was free has a past of its own before the content came: the content's history is what is told.
            assert_eq!(revisions[..pasts[*content].len()], pasts[*content], "seed {seed}: {key}");
        }
        for (revision, export) in exports.iter().enumerate() {
            assert_eq!(exported(&index.view_at(revision as u64).unwrap()), *export);
            assert_eq!(exported(&testing::view_at(&index, revision as u64).unwrap()), *export);
        }
        assert_eq!(index.verify().unwrap(), []);
    }
}
