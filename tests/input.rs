//! Bad input: each is an error of its own kind that names the value, and nothing is changed by it.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops at the first failure")]

mod common;

use common::input_error;
use responsibility_index::assignment::{MAX_TASK_KEY, MAX_TEXT, MAX_UNIT_NAME, MAX_UNITS_OF_A_TASK};
use responsibility_index::{
    Assignment, Batch, Details, Error, Index, InputError, OpenOptions, Role, UnitKind, UnknownUnits,
};

/// A small plan: t/1 is led by A, also called Alpha, and supported by B and C.
fn index() -> Index {
    filled(OpenOptions::new().in_memory())
}

fn filled(index: Index) -> Index {
    let mut batch = index.batch();
    for unit in ["A", "B", "C"] {
        batch = batch.create_unit(unit, UnitKind::Body);
    }
    batch = batch.add_alias("A", "Alpha").assign("t/1", ["A", "B", "C"]).set_details("t/1", Details::titled("one"));
    batch.commit().unwrap();
    index
}

/// Everything that can be told from a view, to be compared before and after.
fn told(index: &Index) -> String {
    let view = index.view();
    let units: Vec<_> =
        view.units().map(|unit| (unit.name(), unit.aliases().collect::<Vec<_>>(), unit.kind())).collect();
    let tasks: Vec<_> = view.tasks().tasks().map(|task| (format!("{task:?}"), task.details().unwrap())).collect();
    let sets: Vec<_> = view.units().map(|unit| view.involving(unit.name()).unwrap()).collect();
    format!("{} {units:?} {tasks:?} {sets:?} {:?}", view.revision(), index.stats().unwrap())
}

/// The error of one edit: the same whether planned, committed alone, or in a batch with good ones around it, where its
/// place is told. Nothing is changed by any of them.
fn refused(index: &Index, edit: impl for<'i> Fn(Batch<'i>) -> Batch<'i>) -> InputError {
    let before = told(index);
    let alone = edit(index.batch());
    let (place, planned) = input_error(alone.plan().unwrap_err());
    assert_eq!(place, 0);
    let (place, committed) = input_error(alone.commit().unwrap_err());
    assert_eq!((place, &committed), (0, &planned));
    let among = index.batch().assign("good/1", ["New unit", "A"]).rename_unit("B", "Beta").set_lead("t/1", "C", None);
    let among = edit(among.rename_unit("Beta", "B").assign("t/1", ["A", "B", "C"])).remove("t/1");
    let (place, found) = input_error(among.commit().unwrap_err());
    assert_eq!((place, &found), (6, &planned), "an edit is counted from 1");
    assert_eq!(told(index), before, "{planned}");
    assert_eq!(index.verify().unwrap(), []);
    planned
}

/// What may be no key and no name: a value, the variant that says why, and what the message has to name.
fn bad_names(most: usize) -> Vec<(String, &'static str, String)> {
    let long = "\u{7701}".repeat(most / 3 + 1);
    vec![
        (String::new(), "Empty", "is empty".into()),
        ("a\tb".into(), "ControlCharacter", "U+0009 at byte 1".into()),
        ("line\nbreak".into(), "ControlCharacter", "\"line\\nbreak\"".into()),
        ("\0".into(), "ControlCharacter", "U+0000".into()),
        ("del\u{7F}".into(), "ControlCharacter", "U+007F".into()),
        ("\u{85}".into(), "ControlCharacter", "U+0085".into()),
        (" a".into(), "SpaceAround", "\" a\"".into()),
        ("a ".into(), "SpaceAround", "\"a \"".into()),
        ("\u{3000}a".into(), "SpaceAround", "a\"".into()),
        (" ".into(), "SpaceAround", "\" \"".into()),
        (long.clone(), "TooLong", format!("{} bytes; at most {most}", long.len())),
        ("x".repeat(most + 1), "TooLong", format!("xxx\"... has {} bytes", most + 1)),
    ]
}

fn assert_names(error: &InputError, variant: &str, what: &str, named: &str) {
    let message = error.to_string();
    assert!(format!("{error:?}").starts_with(variant), "{error:?} is no {variant}");
    assert!(message.contains(what) && message.contains(named), "{message:?} should name {what:?} and {named:?}");
    assert!(message.len() < 400, "a message is not as long as its value: {}", message.len());
}

#[test]
fn a_task_key_that_is_not_valid_is_refused_by_every_edit_that_takes_one() {
    let index = index();
    for (key, variant, named) in bad_names(MAX_TASK_KEY) {
        let edits: [&dyn for<'i> Fn(Batch<'i>) -> Batch<'i>; 8] = [
            &|batch| batch.assign(&key, ["A"]),
            &|batch| batch.set_lead(&key, "A", None),
            &|batch| batch.add(&key, "A", Role::Support),
            &|batch| batch.move_to(&key, "A", 0),
            &|batch| batch.withdraw(&key, "A"),
            &|batch| batch.remove(&key),
            &|batch| batch.only_if(&key, None),
            &|batch| batch.set_details(&key, None),
        ];
        for edit in edits {
            assert_names(&refused(&index, edit), variant, "task key", &named);
        }
        let before = told(&index);
        let mut load = index.bulk_load();
        load.add("good", ["A"]).unwrap();
        let (place, error) = input_error(load.add(&key, ["A"]).unwrap_err());
        assert_eq!(place, 2);
        assert_names(&error, variant, "task key", &named);
        drop(load);
        assert_eq!(told(&index), before);
    }
}

#[test]
fn a_unit_name_that_is_not_valid_is_refused_by_every_edit_that_makes_one() {
    let index = index();
    for (name, variant, named) in bad_names(MAX_UNIT_NAME) {
        let edits: [&dyn for<'i> Fn(Batch<'i>) -> Batch<'i>; 7] = [
            &|batch| batch.assign("t/2", [name.as_str()]),
            &|batch| batch.assign("t/2", ["A", &name]),
            &|batch| batch.set_lead("t/1", &name, None),
            &|batch| batch.add("t/1", &name, Role::Support),
            &|batch| batch.create_unit(&name, UnitKind::Body),
            &|batch| batch.add_alias("A", &name),
            &|batch| batch.rename_unit("A", &name),
        ];
        for edit in edits {
            assert_names(&refused(&index, edit), variant, "unit name", &named);
        }
        let (_, error) = input_error(index.bulk_load().add("t/2", ["A", &name]).unwrap_err());
        assert_names(&error, variant, "unit name", &named);
        let error = Assignment::new(["A", &name]).unwrap_err();
        assert_names(&error, variant, "unit name", &named);
    }
}

#[test]
fn the_longest_key_name_and_text_are_taken() {
    let home = common::Home::disk();
    let index = home.open(&OpenOptions::new()).unwrap();
    let (key, name, text) = ("k".repeat(MAX_TASK_KEY), "n".repeat(MAX_UNIT_NAME), "t".repeat(MAX_TEXT));
    index
        .batch()
        .assign(&key, [&name])
        .set_details(&key, Details::titled("x").text(&text))
        .note(&text, "")
        .commit()
        .unwrap();
    drop(index);
    let index = home.open(&OpenOptions::new()).unwrap();
    assert_eq!(index.lead(&key), Some(name));
    assert_eq!(index.view().details(&key).unwrap().unwrap().text, text);
    assert_eq!(index.verify().unwrap(), []);
}

#[test]
fn an_empty_list_of_units_names_the_task() {
    let index = index();
    let nobody: [&str; 0] = [];
    let error = refused(&index, |batch| batch.assign("t/1", nobody));
    assert_eq!(error, InputError::NoUnits { task: Some("t/1".into()) });
    assert!(error.to_string().contains("\"t/1\""));
    assert!(matches!(index.assign("t/1", nobody), Err(Error::Input(InputError::NoUnits { .. }))));
    let (_, loaded) = input_error(index.bulk_load().add("t/1", nobody).unwrap_err());
    assert_eq!(loaded, error);
    assert_eq!(Assignment::new(nobody), Err(InputError::NoUnits { task: None }));
}

#[test]
fn a_unit_twice_in_one_list_is_named_with_the_name_it_came_under() {
    let index = index();
    for (list, unit, written) in [
        (vec!["B", "A", "A"], "A", "A"),
        (vec!["A", "B", "Alpha"], "A", "Alpha"),
        (vec!["Alpha", "A"], "A", "A"),
        (vec!["New", "B", "New"], "New", "New"),
    ] {
        let expected = |task: &str| {
            let (unit, written) = (unit.to_owned(), written.to_owned());
            InputError::UnitTwice { task: Some(task.to_owned()), unit, written }
        };
        let error = refused(&index, |batch| batch.assign("t/2", list.clone()));
        assert_eq!(error, expected("t/2"));
        assert!(
            error.to_string().contains(&format!("{unit:?}")) && error.to_string().contains(&format!("{written:?}"))
        );
        assert_eq!(input_error(index.bulk_load().add("t/2", &list).unwrap_err()), (1, expected("t/2")));
    }
    let error = refused(&index, |batch| batch.add("t/1", "Alpha", Role::Support));
    assert_eq!(error, InputError::UnitTwice { task: Some("t/1".into()), unit: "A".into(), written: "Alpha".into() });
    assert!(Assignment::new(["A", "B", "A"]).is_err());
}

#[test]
fn more_units_than_a_task_can_have_are_refused() {
    let index = index();
    let many = |count: usize| (0..count).map(|n| format!("U{n}"));
    index.assign("t/2", many(MAX_UNITS_OF_A_TASK)).unwrap();
    assert_eq!(index.supporting("t/2").len(), MAX_UNITS_OF_A_TASK - 1);
    let before = told(&index);
    let (task, units, most) = ("t/3".to_owned(), MAX_UNITS_OF_A_TASK + 1, MAX_UNITS_OF_A_TASK);
    let expected = InputError::TooManyUnits { task, units, most };
    assert_eq!(input_error(index.assign("t/3", many(units)).unwrap_err()).1, expected);
    assert_eq!(input_error(index.bulk_load().add("t/3", many(units)).unwrap_err()).1, expected);
    let (_, added) = input_error(index.batch().add("t/2", "One more", Role::Support).commit().unwrap_err());
    assert!(matches!(added, InputError::TooManyUnits { units, .. } if units == most + 1), "{added:?}");
    assert_eq!(told(&index), before);
}

#[test]
fn a_name_that_another_unit_has_is_refused_and_its_owner_named() {
    let index = index();
    let taken = |name: &str, owner: &str| InputError::NameTaken { name: name.into(), owner: owner.into() };
    type Edit<'e> = &'e dyn for<'i> Fn(Batch<'i>) -> Batch<'i>;
    let cases: [(Edit<'_>, InputError); 6] = [
        (&|batch| batch.add_alias("B", "A"), taken("A", "A")),
        (&|batch| batch.add_alias("B", "Alpha"), taken("Alpha", "A")),
        (&|batch| batch.rename_unit("B", "Alpha"), taken("Alpha", "A")),
        (&|batch| batch.rename_unit("B", "C"), taken("C", "C")),
        (&|batch| batch.create_unit("Alpha", UnitKind::Body), taken("Alpha", "A")),
        (
            &|batch| batch.create_unit("A", UnitKind::Collective),
            InputError::OtherKind { unit: "A".into(), kind: UnitKind::Body },
        ),
    ];
    for (edit, expected) in cases {
        assert_eq!(refused(&index, edit), expected);
    }
    assert_eq!(taken("Alpha", "A").to_string(), "the name \"Alpha\" belongs to unit \"A\" already");
}

#[test]
fn edits_of_what_is_not_there_name_it() {
    let index = index();
    let owned = str::to_owned;
    let unassigned = InputError::UnknownTask { task: owned("t/9") };
    let edits: [&dyn for<'i> Fn(Batch<'i>) -> Batch<'i>; 5] = [
        &|batch| batch.set_lead("t/9", "A", None),
        &|batch| batch.add("t/9", "A", Role::Support),
        &|batch| batch.move_to("t/9", "A", 0),
        &|batch| batch.withdraw("t/9", "A"),
        &|batch| batch.set_details("t/9", Details::titled("x")),
    ];
    edits.iter().for_each(|edit| assert_eq!(refused(&index, edit), unassigned));
    let (task, unit) = (owned("t/1"), owned("A"));
    let lead = InputError::IsLead { task, unit };
    assert_eq!(refused(&index, |batch| batch.withdraw("t/1", "A")), lead, "a lead is replaced or vacated");
    assert_eq!(refused(&index, |batch| batch.move_to("t/1", "A", 0)), lead);
    let place = InputError::NoSuchPlace { task: owned("t/1"), place: 2, role: Role::Support, units: 2 };
    assert_eq!(refused(&index, |batch| batch.move_to("t/1", "C", 2)), place);
    let alias = InputError::NotAnAlias { name: owned("Bee"), unit: owned("B") };
    assert_eq!(refused(&index, |batch| batch.remove_alias("B", "Bee")), alias);
    let canonical = InputError::NotAnAlias { name: owned("B"), unit: owned("B") };
    assert_eq!(refused(&index, |batch| batch.remove_alias("B", "B")), canonical);
}

#[test]
fn a_unit_name_that_is_not_known_is_an_error_wherever_it_is_asked_for_and_suggests_near_ones() {
    let index = index();
    index.batch().create_unit("Transport", UnitKind::Body).commit().unwrap();
    let view = index.view();
    let asked: [responsibility_index::Result<()>; 6] = [
        view.led_by("transprot").map(drop),
        view.supported_by("transprot").map(drop),
        view.involving("transprot").map(drop),
        view.role("t/1", "transprot").map(drop),
        view.unit("transprot").map(drop),
        view.shares_tasks_with("transprot").map(drop),
    ];
    for error in asked {
        let (_, error) = input_error(error.unwrap_err());
        assert!(error.to_string().starts_with("no unit is called \"transprot\"; is it \"Transport\""), "{error}");
        assert!(
            matches!(error, InputError::UnknownUnit { name, near, .. } if name == "transprot" && near[0] == "Transport")
        );
    }
    let edits: [&dyn for<'i> Fn(Batch<'i>) -> Batch<'i>; 6] = [
        &|batch| batch.withdraw("t/1", "transprot"),
        &|batch| batch.move_to("t/1", "transprot", 0),
        &|batch| batch.add_alias("transprot", "T"),
        &|batch| batch.remove_alias("transprot", "T"),
        &|batch| batch.rename_unit("transprot", "T"),
        &|batch| batch.set_kind("transprot", UnitKind::Body),
    ];
    for edit in edits {
        let error = refused(&index, edit);
        assert!(matches!(error, InputError::UnknownUnit { name, .. } if name == "transprot"));
    }
    let nothing_near = view.led_by("\u{7701}").unwrap_err().to_string();
    assert_eq!(nothing_near, "no unit is called \"\u{7701}\"");
}

#[test]
fn an_index_that_rejects_unknown_units_creates_none_by_assigning() {
    let index = filled(OpenOptions::new().unknown_units(UnknownUnits::Reject).in_memory());
    let before = told(&index);
    let unknown = |error: Error| matches!(input_error(error).1, InputError::UnknownUnit { name, .. } if name == "D");
    assert!(unknown(index.assign("t/2", ["A", "D"]).unwrap_err()));
    assert!(unknown(index.batch().set_lead("t/1", "D", None).commit().unwrap_err()));
    assert!(unknown(index.batch().add("t/1", "D", Role::Support).commit().unwrap_err()));
    assert!(unknown(index.bulk_load().add("t/2", ["A", "D"]).unwrap_err()));
    assert_eq!(told(&index), before);
    index.batch().create_unit("D", UnitKind::Body).assign("t/2", ["D"]).commit().unwrap();
    assert_eq!(index.lead("t/2").as_deref(), Some("D"));
}

#[test]
fn a_text_that_is_too_long_is_refused_wherever_it_stands() {
    let index = index();
    let long = "x".repeat(MAX_TEXT + 1);
    let details = [
        Details::titled(&long),
        Details::titled("t").text(&long),
        Details::titled("t").source(&long, 1, 1),
        Details::titled("t").field("name", &long),
        Details::titled("t").field(&long, "value"),
    ];
    for details in details {
        let error = refused(&index, |batch| batch.set_details("t/1", details.clone()));
        assert!(matches!(&error, InputError::TooLong { what: "text", most: MAX_TEXT, .. }), "{error:?}");
        assert_eq!(input_error(index.bulk_load().add_with("t/2", ["A"], details).unwrap_err()), (1, error));
    }
    let before = told(&index);
    for (why, who) in [(long.as_str(), "x"), ("x", long.as_str())] {
        let error = index.batch().note(why, who).assign("t/2", ["A"]).commit().unwrap_err();
        assert!(matches!(input_error(error).1, InputError::TooLong { what: "text", .. }));
        let mut load = index.bulk_load();
        load.add("t/2", ["A"]).unwrap();
        load.note(why, who);
        assert!(matches!(input_error(load.commit().unwrap_err()).1, InputError::TooLong { .. }));
    }
    assert_eq!(told(&index), before);
}

/// Each text was within its limit, all together were more than a row can be read back as: they were written, and
/// reading them said that they were damaged.
#[test]
fn details_that_are_too_long_as_a_whole_are_refused() {
    let index = index();
    let mut details = Details::titled("many fields");
    for n in 0..9 {
        details = details.field(format!("field {n}"), "x".repeat(MAX_TEXT));
    }
    let before = told(&index);
    let error = index.batch().set_details("t/1", details.clone()).commit().unwrap_err();
    assert!(matches!(input_error(error).1, InputError::TooLong { what: "details", .. }));
    let error = index.bulk_load().add_with("t/2", ["A"], details).unwrap_err();
    assert!(matches!(input_error(error).1, InputError::TooLong { what: "details", .. }));
    assert_eq!(told(&index), before);
}

#[test]
#[ignore = "takes half a minute and half a gigabyte in debug; run it in release"]
fn a_commit_too_large_for_the_log_is_refused_and_says_what_to_use_instead() {
    let index = index();
    let before = told(&index);
    // They differ at their beginnings, else it is the comparing of them that takes long.
    let key = |n: usize| format!("{n:x<width$}", width = MAX_TASK_KEY);
    let mut batch = index.batch();
    for n in 0..(64 << 20) / MAX_TASK_KEY + 1 {
        batch = batch.assign(key(n), ["A"]);
    }
    let error = batch.commit().unwrap_err();
    assert!(error.to_string().contains("bulk load"), "{error}");
    assert!(matches!(input_error(error).1, InputError::TooLarge { .. }));
    assert_eq!(told(&index), before);
}

#[test]
fn a_load_that_names_a_task_twice_is_refused_as_a_whole() {
    let index = index();
    let before = told(&index);
    let mut load = index.bulk_load();
    for key in ["t/3", "t/10", "t/2", "t/10"] {
        load.add(key, ["A", "New in load"]).unwrap();
    }
    let (_, error) = input_error(load.commit().unwrap_err());
    assert_eq!(error, InputError::TaskTwice { task: "t/10".into() });
    assert_eq!(told(&index), before);
}

#[test]
fn empty_parts_of_keys_count() {
    let index = Index::in_memory();
    let keys = ["/a", "a/", "a//b", "a/b"];
    for (number, key) in keys.iter().enumerate() {
        index.assign(key, [number.to_string()]).unwrap();
    }
    let view = index.view();
    for (number, key) in keys.iter().enumerate() {
        assert_eq!(view.lead(key), Some(number.to_string().as_str()), "{key}");
    }
    assert_eq!(view.lead("a"), None);
    // The section `a`, also written `a/`: what is below it, with the task whose part below it is empty.
    for prefix in ["a", "a/"] {
        assert_eq!(view.section(prefix).unwrap().len(), 3);
    }
}
