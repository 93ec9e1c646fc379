//! Units: creating, aliases, renaming, kinds.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops at the first failure")]

mod common;

use common::{Home, input_error, keys};
use responsibility_index::error::Conflict;
use responsibility_index::{Assignment, Error, Index, InputError, OpenOptions, Role, UnitKind};

fn names(index: &Index) -> Vec<String> {
    index.view().units().map(|unit| unit.name().to_owned()).collect()
}

fn aliases(index: &Index, unit: &str) -> Vec<String> {
    keys(index.view().unit(unit).unwrap().aliases())
}

#[test]
fn units_come_in_the_order_in_which_they_are_first_named() {
    let index = Index::in_memory();
    index.batch().create_unit("Z", UnitKind::Body).commit().unwrap();
    index.batch().assign("t/9", ["M", "A"]).assign("t/1", ["A", "B", "Z"]).commit().unwrap();
    assert_eq!(names(&index), ["Z", "M", "A", "B"]);
}

#[test]
fn a_unit_can_be_there_without_a_task() {
    let index = Index::in_memory();
    index.batch().create_unit("Idle", UnitKind::Body).commit().unwrap();
    let view = index.view();
    assert!(view.involving("Idle").unwrap().is_empty());
    let unit = view.unit("Idle").unwrap();
    assert_eq!((unit.leads(), unit.supports(), unit.kind()), (0, 0, UnitKind::Body));
    assert!(view.shares_tasks_with("Idle").unwrap().is_empty());
}

#[test]
fn creating_a_unit_again_as_it_is_changes_nothing() {
    let index = Index::in_memory();
    index.batch().create_unit("A", UnitKind::Collective).commit().unwrap();
    index.batch().create_unit("A", UnitKind::Collective).commit().unwrap();
    assert_eq!((index.revision(), names(&index).len()), (1, 1));
}

#[test]
fn an_alias_resolves_wherever_a_name_is_taken() {
    let index = Index::in_memory();
    index.batch().assign("t/1", ["A", "B", "C"]).add_alias("A", "Alpha").add_alias("B", "Beta").commit().unwrap();
    let view = index.view();
    assert_eq!(view.unit("Alpha").unwrap().name(), "A");
    assert_eq!(view.role("t/1", "Beta").unwrap(), Some(Role::Support));
    assert_eq!(view.led_by("Alpha").unwrap(), view.led_by("A").unwrap());
    assert_eq!(keys(&view.supported_by("Beta").unwrap()), ["t/1"]);
    assert_eq!(keys(&view.involving("Alpha").unwrap()), ["t/1"]);
    assert_eq!(view.shares_tasks_with("Alpha").unwrap().len(), 2);
    index.batch().add_alias("Alpha", "First").commit().unwrap();
    index.batch().set_kind("First", UnitKind::Collective).commit().unwrap();
    index
        .batch()
        .assign("t/2", ["Beta", "First"])
        .set_lead("t/2", "Alpha", None)
        .add("t/2", "Beta", Role::Support)
        .commit()
        .unwrap();
    assert_eq!(index.view().assignment("t/2"), Assignment::new(["A", "B"]).ok(), "answers have the canonical names");
    index.batch().move_to("t/1", "Beta", 1).commit().unwrap();
    assert_eq!(index.supporting("t/1"), ["C", "B"]);
    index.batch().withdraw("t/1", "Beta").commit().unwrap();
    index.batch().remove_alias("First", "Alpha").commit().unwrap();
    assert_eq!(aliases(&index, "A"), ["First"]);
    let expected = Assignment::new(["First", "Beta"]).unwrap();
    index.assign_if("t/2", Some((&expected).into()), ["Beta"]).unwrap();
    assert_eq!(names(&index), ["A", "B", "C"], "no alias made a unit of its own");
}

#[test]
fn an_alias_taken_away_is_free_for_another_unit() {
    let index = Index::in_memory();
    index.batch().assign("t/1", ["A", "B"]).add_alias("A", "Office").commit().unwrap();
    index.batch().remove_alias("A", "Office").add_alias("B", "Office").commit().unwrap();
    assert_eq!(index.view().unit("Office").unwrap().name(), "B");
    assert!(aliases(&index, "A").is_empty());
    index.batch().remove_alias("B", "Office").commit().unwrap();
    assert!(index.view().unit("Office").is_err());
    index.assign("t/2", ["Office"]).unwrap();
    assert_eq!(names(&index), ["A", "B", "Office"]);
}

#[test]
fn adding_an_alias_that_the_unit_has_changes_nothing() {
    let index = Index::in_memory();
    index.batch().create_unit("A", UnitKind::Body).add_alias("A", "Alpha").commit().unwrap();
    index.batch().add_alias("A", "Alpha").commit().unwrap();
    index.batch().add_alias("Alpha", "A").commit().unwrap();
    assert_eq!((index.revision(), aliases(&index, "A")), (1, vec!["Alpha".to_owned()]));
}

#[test]
fn a_renamed_unit_keeps_its_tasks_and_is_found_by_its_former_name() {
    let index = Index::in_memory();
    index.batch().assign("t/1", ["A", "B"]).assign("t/2", ["B", "A"]).commit().unwrap();
    let before = index.view();
    index.batch().rename_unit("A", "New A").commit().unwrap();
    assert_eq!(index.lead("t/1").as_deref(), Some("New A"));
    assert_eq!(index.supporting("t/2"), ["New A"]);
    for name in ["A", "New A"] {
        assert_eq!(keys(&index.view().led_by(name).unwrap()), ["t/1"]);
    }
    assert_eq!(aliases(&index, "A"), ["A"]);
    assert_eq!(names(&index), ["New A", "B"], "it keeps its place");
    assert_eq!((before.lead("t/1"), before.unit("New A").is_err()), (Some("A"), true));
    assert_eq!(index.revision(), 2, "one commit, however many tasks");
}

#[test]
fn a_unit_can_be_renamed_to_its_alias_and_back() {
    let index = Index::in_memory();
    index.batch().create_unit("A", UnitKind::Body).add_alias("A", "B").add_alias("A", "C").commit().unwrap();
    index.batch().rename_unit("A", "B").commit().unwrap();
    assert_eq!((names(&index), aliases(&index, "A")), (vec!["B".to_owned()], keys(["C", "A"])));
    index.batch().rename_unit("B", "B").commit().unwrap();
    assert_eq!(index.revision(), 2);
    index.batch().rename_unit("C", "A").commit().unwrap();
    assert_eq!((names(&index), aliases(&index, "A")), (vec!["A".to_owned()], keys(["C", "B"])));
}

#[test]
fn two_units_can_exchange_names_in_one_batch() {
    let index = Index::in_memory();
    index.batch().assign("t/1", ["A"]).assign("t/2", ["B"]).commit().unwrap();
    let mut batch = index.batch();
    batch = batch.rename_unit("A", "tmp").remove_alias("tmp", "A");
    batch = batch.rename_unit("B", "A").remove_alias("A", "B");
    batch = batch.rename_unit("tmp", "B").remove_alias("B", "tmp");
    batch.commit().unwrap();
    assert_eq!((index.lead("t/1").as_deref(), index.lead("t/2").as_deref()), (Some("B"), Some("A")));
    assert!(index.view().unit("tmp").is_err());
    assert_eq!(index.verify().unwrap(), []);
}

#[test]
fn a_collective_is_a_unit_that_says_so() {
    let index = Index::in_memory();
    let members = "\u{6210}\u{5458}\u{5355}\u{4F4D}";
    index.batch().create_unit(members, UnitKind::Collective).assign("t/1", ["A", members]).commit().unwrap();
    let kinds: Vec<UnitKind> = index.view().units().map(|unit| unit.kind()).collect();
    assert_eq!(kinds, [UnitKind::Collective, UnitKind::Body]);
    index.batch().set_kind("A", UnitKind::Collective).commit().unwrap();
    index.batch().set_kind("A", UnitKind::Collective).commit().unwrap();
    assert_eq!((index.view().unit("A").unwrap().kind(), index.revision()), (UnitKind::Collective, 2));
    assert_eq!((UnitKind::Body.to_string(), UnitKind::Collective.to_string()), ("body".into(), "collective".into()));
}

#[test]
fn a_later_edit_of_a_batch_sees_the_names_an_earlier_one_made() {
    let index = Index::in_memory();
    let mut batch = index.batch();
    batch = batch.create_unit("A", UnitKind::Body).add_alias("A", "Alpha").rename_unit("Alpha", "Z");
    batch = batch.assign("t/1", ["Alpha", "B"]).set_lead("t/1", "B", None).add("t/1", "A", Role::Support);
    let done = batch.commit().unwrap();
    assert_eq!(done.revision(), 1);
    assert_eq!(index.view().assignment("t/1"), Assignment::new(["B", "Z"]).ok());
    let (place, error) =
        input_error(index.batch().remove_alias("Z", "A").set_kind("A", UnitKind::Body).commit().unwrap_err());
    assert!(place == 2 && matches!(error, InputError::UnknownUnit { name, .. } if name == "A"));
}

#[test]
fn names_that_differ_to_the_eye_are_two() {
    let index = Index::in_memory();
    for (n, name) in ["\u{E9}", "\u{E8}", "E", "e", "F", "a b", "a  b"].iter().enumerate() {
        index.assign(&format!("t/{n}"), [*name]).unwrap();
    }
    assert_eq!(index.view().units().count(), 7);
    assert_eq!(keys(&index.view().led_by("e").unwrap()), ["t/3"]);
}

#[test]
fn expectations_go_by_the_units_that_names_stand_for() {
    let index = Index::in_memory();
    index.batch().assign("t/1", ["A", "B"]).commit().unwrap();
    let stood = index.view().assignment("t/1").unwrap();
    index.batch().rename_unit("A", "Z").commit().unwrap();
    index.assign_if("t/1", Some((&stood).into()), ["Z", "B", "C"]).unwrap();
    let unknown = Assignment::new(["Nobody", "B"]).unwrap();
    let conflict = index.assign_if("t/1", Some((&unknown).into()), ["A"]).unwrap_err();
    assert!(matches!(conflict, Error::Conflict(Conflict::Standing { .. })), "{conflict:?}");
}

#[test]
fn names_aliases_and_kinds_are_there_after_a_fold_and_without_one() {
    for home in [Home::memory(), Home::disk()] {
        for checkpoint in [false, true] {
            let index = home.open(&OpenOptions::new()).unwrap();
            if index.revision() == 0 {
                index
                    .batch()
                    .assign("t/1", ["A", "B"])
                    .add_alias("A", "Alpha")
                    .rename_unit("B", "Beta")
                    .commit()
                    .unwrap();
                index.batch().set_kind("B", UnitKind::Collective).remove_alias("Beta", "B").commit().unwrap();
            }
            if checkpoint {
                index.checkpoint().unwrap();
            }
            drop(index);
            let index = home.open(&OpenOptions::new()).unwrap();
            assert_eq!((names(&index), aliases(&index, "A")), (keys(["A", "Beta"]), keys(["Alpha"])));
            assert_eq!(index.view().unit("Beta").unwrap().kind(), UnitKind::Collective);
            assert!(index.view().unit("B").is_err());
        }
    }
}

#[test]
fn many_units_are_all_found_by_all_their_names() {
    let index = Index::in_memory();
    let mut batch = index.batch();
    for n in 0..1_500 {
        batch =
            batch.assign(format!("t/{n}"), [format!("unit {n}")]).add_alias(format!("unit {n}"), format!("alias {n}"));
    }
    batch.commit().unwrap();
    let mut batch = index.batch();
    for n in (0..1_500).step_by(3) {
        batch = batch.rename_unit(format!("alias {n}"), format!("renamed {n}"));
    }
    batch.commit().unwrap();
    let view = index.view();
    for n in 0..1_500 {
        let name = if n % 3 == 0 { format!("renamed {n}") } else { format!("unit {n}") };
        for asked in [&name, &format!("unit {n}"), &format!("alias {n}")] {
            assert_eq!(view.unit(asked).unwrap().name(), name);
        }
        assert_eq!(view.lead(&format!("t/{n}")), Some(name.as_str()));
    }
}

#[test]
fn a_unit_that_no_task_names_can_be_removed_and_its_names_become_free() {
    let home = Home::disk();
    let index = home.open(&OpenOptions::new()).unwrap();
    index.batch().assign("t/1", ["A", "B"]).assign("t/2", ["B"]).add_alias("A", "alpha").commit().unwrap();
    let refused = index.batch().remove_unit("B").commit().unwrap_err();
    assert_eq!(refused.to_string(), "task \"t/1\" names unit \"B\": only a unit without tasks can be removed");
    // The tasks as the batch has left them count.
    index.batch().assign("t/1", ["B"]).remove_unit("alpha").commit().unwrap();
    assert_eq!((names(&index), index.stats().unwrap().units), (vec!["B".to_owned()], 1));
    for gone in ["A", "alpha"] {
        let unknown = index.view().led_by(gone).unwrap_err();
        assert!(matches!(input_error(unknown), (_, InputError::UnknownUnit { .. })));
    }
    let in_use = index.batch().assign("t/3", ["C"]).remove_unit("C").commit();
    assert!(matches!(in_use, Err(Error::Edit { position: 2, mistake: InputError::UnitInUse { .. }, .. })));
    // The names in the same batch: of a new unit, and of another one.
    let merged = index.batch().create_unit("D", UnitKind::Body).remove_unit("D").add_alias("B", "D");
    merged.create_unit("A", UnitKind::Collective).assign("t/4", ["A"]).commit().unwrap();
    let (before, after) = (names(&index), index.view());
    assert_eq!(
        (before, keys(after.led_by("D").unwrap().keys())),
        (vec!["B".to_owned(), "A".to_owned()], keys(after.led_by("B").unwrap().keys()))
    );
    let swapped = index.batch().assign("t/4", ["B"]).remove_unit("A").assign("t/4", ["A"]).commit().unwrap();
    let units: Vec<_> =
        swapped.units().map(|unit| (unit.before.map(|unit| unit.name()), unit.after.map(|unit| unit.name()))).collect();
    assert_eq!(units, [(Some("A"), None), (None, Some("A"))]);
    assert_eq!(index.view().unit("A").unwrap().kind(), UnitKind::Body);
    assert_eq!(index.verify().unwrap(), []);
    let exported = |index: &Index| {
        let mut lines = Vec::new();
        index.export_jsonl(&mut lines).unwrap();
        String::from_utf8(lines).unwrap()
    };
    let expected = exported(&index);
    assert!(expected.contains("\"A\"") && !expected.contains("alpha"));
    drop(index);
    let index = home.open(&OpenOptions::new()).unwrap();
    assert_eq!((exported(&index), index.stats().unwrap().troubles), (expected.clone(), vec![]));
    // Units that are created later get other numbers, also after a base.
    index.trim(index.revision()).unwrap();
    let copy = tempfile::tempdir().unwrap();
    index.backup(copy.path().join("copy.ri")).unwrap();
    let copy = Index::open(copy.path().join("copy.ri")).unwrap();
    assert_eq!((exported(&copy), copy.verify().unwrap()), (expected, vec![]));
    copy.assign("t/5", ["alpha"]).unwrap();
    assert_eq!(copy.verify().unwrap(), []);
}

/// "省教育厅（省委教育工委）", the education department, was a second unit where its brackets were half-width.
#[test]
fn names_that_look_alike_are_one_unit() {
    let wide = "\u{7701}\u{6559}\u{80B2}\u{5385}\u{FF08}\u{7701}\u{59D4}\u{FF09}";
    let narrow = "\u{7701}\u{6559}\u{80B2}\u{5385}(\u{7701}\u{59D4})";
    let hidden = "\u{7701}\u{6559}\u{80B2}\u{200B}\u{5385}\u{FF08}\u{7701}\u{59D4}\u{FF09}";
    let home = Home::disk();
    let index = home.open(&OpenOptions::new()).unwrap();
    index.batch().assign("t/1", [wide, "Caf\u{e9}"]).assign("t/2", [narrow, "Cafe\u{301}"]).commit().unwrap();
    assert_eq!(names(&index), [wide, "Caf\u{e9}"], "as they were first written");
    let view = index.view();
    assert_eq!((view.lead("t/2"), view.led_by(hidden).unwrap().len()), (Some(wide), 2));
    assert_eq!(view.role("t/1", "Cafe\u{301}").unwrap(), Some(Role::Support));
    let (_, twice) = input_error(index.assign("t/3", [wide, hidden]).unwrap_err());
    assert!(matches!(&twice, InputError::UnitTwice { written, .. } if written == hidden), "{twice}");
    let mut load = index.bulk_load();
    assert!(load.add("t/4", [narrow, wide]).is_err());
    load.add("t/4", [narrow]).unwrap();
    load.commit().unwrap();
    assert_eq!(index.view().lead("t/4"), Some(wide));
    // Nothing changes where the name is one that the unit has.
    let revision = index.revision();
    index.batch().create_unit(narrow, UnitKind::Body).add_alias(wide, hidden).commit().unwrap();
    assert_eq!(index.revision(), revision);
    let taken = index.batch().create_unit("Other", UnitKind::Body).add_alias("Other", hidden).commit().unwrap_err();
    assert!(matches!(input_error(taken), (_, InputError::NameTaken { owner, .. }) if owner == wide));
    // Another spelling of the name is a rename that leaves no alias.
    index.batch().rename_unit(wide, narrow).commit().unwrap();
    assert_eq!((names(&index)[0].as_str(), aliases(&index, wide)), (narrow, vec![]));
    index.batch().add_alias(narrow, "\u{FF25}du").rename_unit(hidden, "Edu").commit().unwrap();
    assert_eq!((names(&index)[0].as_str(), aliases(&index, "\u{FF25}\u{FF44}u")), ("Edu", vec![narrow.to_owned()]));
    index.batch().remove_alias("Edu", wide).commit().unwrap();
    assert!(index.view().unit(narrow).is_err());
    assert_eq!(index.verify().unwrap(), []);
    drop(index);
    let index = home.open(&OpenOptions::new()).unwrap();
    assert_eq!((index.view().lead("t/1"), index.verify().unwrap()), (Some("Edu"), vec![]));
}

#[test]
fn a_name_of_nothing_visible_is_refused() {
    let index = Index::in_memory();
    for name in ["\u{200B}", "\u{FEFF}\u{2060}", "\u{3164}"] {
        let (_, error) = input_error(index.assign("t/1", [name]).unwrap_err());
        assert!(error.to_string().contains("has nothing visible"), "{error}");
        assert!(matches!(input_error(index.assign(name, ["A"]).unwrap_err()), (_, InputError::Invisible { .. })));
    }
}
