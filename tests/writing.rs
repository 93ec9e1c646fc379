//! Writing: what each edit does, batches, expectations, notes, what they return.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops at the first failure")]

mod common;

use common::{Home, input_error, keys};
use responsibility_index::error::Conflict;
use responsibility_index::{Assignment, Details, Error, Index, InputError, OpenOptions, Role, Standing, UnitKind};

fn standing(units: &[&str]) -> Option<Standing> {
    Assignment::new(units.iter().copied()).ok().map(Standing::from)
}

fn index() -> Index {
    let index = Index::in_memory();
    index.assign("t/1", ["A", "B", "C", "D"]).unwrap();
    index
}

#[test]
fn assigning_returns_what_was_there_before() {
    let index = Index::in_memory();
    assert_eq!(index.assign("t/1", ["A", "B"]).unwrap(), None);
    assert_eq!(index.assign("t/1", ["B"]).unwrap(), standing(&["A", "B"]));
    assert_eq!(index.remove("t/1").unwrap(), standing(&["B"]));
    assert_eq!(index.remove("t/1").unwrap(), None);
    assert_eq!(index.revision(), 3);
}

#[test]
fn assigning_what_stands_already_takes_no_revision() {
    let index = index();
    assert_eq!(index.assign("t/1", ["A", "B", "C", "D"]).unwrap(), standing(&["A", "B", "C", "D"]));
    assert_eq!(index.revision(), 1);
    index.assign("t/1", ["A", "C", "B", "D"]).unwrap();
    assert_eq!(index.revision(), 2, "the order of supporting units is part of it");
}

#[test]
fn a_task_never_has_two_leads_nor_a_unit_twice_whatever_is_edited() {
    let index = index();
    index.batch().set_lead("t/1", "C", None).commit().unwrap();
    assert_eq!(index.view().standing("t/1"), standing(&["C", "B", "D"]), "a supporting unit moves up, the lead leaves");
    index.batch().set_lead("t/1", "C", None).commit().unwrap();
    index.batch().add("t/1", "A", Role::Support).commit().unwrap();
    index.batch().set_lead("t/1", "New", None).commit().unwrap();
    assert_eq!(index.view().standing("t/1"), standing(&["New", "B", "D", "A"]));
    assert_eq!((index.view().led_by("C").unwrap().len(), index.view().led_by("New").unwrap().len()), (0, 1));
    assert_eq!(index.revision(), 4, "setting the lead that leads is no change");
}

#[test]
fn supporting_units_are_added_moved_and_removed_in_order() {
    let index = index();
    index.batch().add("t/1", "E", Role::Support).commit().unwrap();
    assert_eq!(index.supporting("t/1"), ["B", "C", "D", "E"]);
    for (unit, place, expected) in [
        ("E", 0, ["E", "B", "C", "D"]),
        ("E", 3, ["B", "C", "D", "E"]),
        ("C", 2, ["B", "D", "C", "E"]),
        ("C", 2, ["B", "D", "C", "E"]),
    ] {
        index.batch().move_to("t/1", unit, place).commit().unwrap();
        assert_eq!(index.supporting("t/1"), expected);
    }
    assert_eq!(index.revision(), 5, "moving to where it stands is no change");
    index.batch().withdraw("t/1", "D").commit().unwrap();
    assert_eq!(index.view().standing("t/1"), standing(&["A", "B", "C", "E"]));
    assert!(index.view().supported_by("D").unwrap().is_empty());
}

#[test]
fn an_unassigned_task_is_gone_from_both_sides_and_can_come_back() {
    let index = index();
    index.batch().set_details("t/1", Details::titled("one")).commit().unwrap();
    index.remove("t/1").unwrap();
    let view = index.view();
    assert_eq!((view.len(), view.lead("t/1"), view.assignment("t/1")), (0, None, None));
    assert_eq!((view.supporting("t/1").count(), view.task("t/1").is_none()), (0, true));
    assert_eq!((view.role("t/1", "A").unwrap(), view.details("t/1").unwrap()), (None, None));
    assert!(view.units().all(|unit| view.involving(unit.name()).unwrap().is_empty()));
    assert!(view.under("t/").is_empty() && view.tasks().is_empty());
    index.assign("t/1", ["B"]).unwrap();
    assert_eq!((index.view().standing("t/1"), index.view().details("t/1").unwrap()), (standing(&["B"]), None));
}

#[test]
fn a_batch_is_one_revision_and_later_edits_see_earlier_ones() {
    let index = index();
    let done = index
        .batch()
        .assign("t/2", ["X", "Y"])
        .set_lead("t/2", "Y", None)
        .add("t/2", "X", Role::Support)
        .remove("t/1")
        .assign("t/1", ["Y"])
        .set_details("t/2", Details::titled("two"))
        .commit()
        .unwrap();
    assert_eq!((done.revision(), index.revision()), (2, 2));
    assert_eq!((index.view().standing("t/2"), index.lead("t/1").as_deref()), (standing(&["Y", "X"]), Some("Y")));
    assert_eq!(index.view().details("t/2").unwrap(), Some(Details::titled("two")));
}

#[test]
fn a_batch_with_one_bad_edit_among_good_ones_changes_nothing() {
    let index = index();
    let before = index.view();
    let mut batch = index.batch();
    batch = batch.assign("t/2", ["New"]).remove("t/1").create_unit("U", UnitKind::Body);
    assert_eq!((batch.len(), batch.is_empty()), (3, false));
    batch = batch.set_lead("t/1", "A", None);
    let error = batch.commit().unwrap_err();
    assert_eq!(error.to_string(), "edit 4: there is no task \"t/1\"");
    assert_eq!(index.view().tasks(), before.tasks());
    assert_eq!((index.revision(), index.view().units().count()), (1, 4));
}

#[test]
fn an_empty_batch_and_one_that_undoes_itself_take_no_revision() {
    let index = index();
    assert!(index.batch().is_empty());
    assert_eq!(index.batch().note("why", "who").commit().unwrap().revision(), 1);
    let done = index.batch().remove("t/1").assign("t/1", ["A", "B", "C", "D"]).commit().unwrap();
    assert!(done.is_empty() && done.tasks().next().is_none());
    assert_eq!(index.revision(), 1);
}

#[test]
fn a_batch_can_be_committed_again_and_is_then_measured_against_what_stands() {
    let index = index();
    let mut batch = index.batch();
    batch = batch.add("t/1", "E", Role::Support);
    batch.commit().unwrap();
    batch.commit().unwrap_err();
    index.batch().withdraw("t/1", "E").commit().unwrap();
    assert_eq!(batch.commit().unwrap().revision(), 4);
}

#[test]
fn a_plan_tells_what_would_change_and_changes_nothing() {
    let index = index();
    index.batch().assign("t/10", ["A"]).assign("t/2", ["B"]).commit().unwrap();
    let plan = index
        .batch()
        .assign("t/10", ["Z", "A"])
        .remove("t/2")
        .assign("t/1", ["A", "B", "C", "D"])
        .assign("t/3", ["B"])
        .set_details("t/1", Details::titled("x"))
        .plan()
        .unwrap();
    let told: Vec<_> = plan.tasks().map(|change| (change.key, change.before, change.after, change.details)).collect();
    let same = standing(&["A", "B", "C", "D"]);
    assert_eq!(
        told,
        [
            ("t/1", same.clone(), same, true),
            ("t/2", standing(&["B"]), None, false),
            ("t/3", None, standing(&["B"]), false),
            ("t/10", standing(&["A"]), standing(&["Z", "A"]), false),
        ]
    );
    let units: Vec<_> = plan.units().map(|unit| (unit.before.is_some(), unit.after.unwrap().name())).collect();
    assert_eq!(units, [(false, "Z")]);
    assert_eq!((plan.before().revision(), plan.revision(), index.revision()), (2, 3, 2));
    assert!(index.view().unit("Z").is_err());
}

#[test]
fn compare_and_set_needs_the_very_assignment_that_stands() {
    let index = index();
    let stands = index.view().standing("t/1").unwrap();
    for wrong in [standing(&["A"]), standing(&["A", "C", "B", "D"]), standing(&["B", "A", "C", "D"]), None] {
        match index.assign_if("t/1", wrong.clone(), ["Z"]).unwrap_err() {
            Error::Conflict(Conflict::Standing { task, expected, found }) => {
                assert_eq!((task.as_str(), expected, found), ("t/1", wrong, Some(stands.clone())));
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((index.revision(), index.view().unit("Z").is_err()), (1, true));
    index.assign_if("t/1", Some(stands.clone()), ["Z"]).unwrap();
    index.assign_if("t/2", None, ["Z"]).unwrap();
    let conflict = index.assign_if("t/3", Some(stands.clone()), ["Z"]).unwrap_err();
    assert!(conflict.to_string().contains("is unknown"), "{conflict}");
}

#[test]
fn an_expectation_holds_at_its_point_of_the_batch() {
    let index = index();
    let (first, then) = (standing(&["A", "B", "C", "D"]), standing(&["Z"]));
    let mut batch = index.batch();
    batch = batch
        .only_if("t/1", first.clone())
        .assign("t/1", ["Z"])
        .only_if("t/1", then)
        .remove("t/1")
        .only_if("t/1", None);
    batch.commit().unwrap();
    let late = index.batch().assign("t/1", ["Z"]).only_if("t/1", first).commit().unwrap_err();
    assert!(matches!(late, Error::Conflict(Conflict::Standing { .. })), "{late:?}");
    assert_eq!(index.lead("t/1"), None);
}

#[test]
fn a_batch_at_a_revision_needs_that_revision() {
    let index = index();
    for at in [0, 2, u64::MAX] {
        let error = index.batch().at_revision(at).remove("t/1").commit().unwrap_err();
        assert!(matches!(error, Error::Conflict(Conflict::Revision { expected, found: 1 }) if expected == at));
    }
    index.batch().at_revision(1).remove("t/1").commit().unwrap();
    assert_eq!(index.revision(), 2);
}

#[test]
fn details_are_set_replaced_kept_by_assigning_and_cleared() {
    let index = index();
    let full = Details::titled("title").text("text").source("notice.txt", 12, 3).field("deadline", "2016-11-30");
    index.batch().set_details("t/1", full.clone()).commit().unwrap();
    assert_eq!(index.view().details("t/1").unwrap(), Some(full.clone()));
    index.batch().set_details("t/1", full.clone()).commit().unwrap();
    assert_eq!(index.revision(), 2, "the same details again are no change");
    index.assign("t/1", ["Z"]).unwrap();
    assert_eq!(index.view().details("t/1").unwrap(), Some(full));
    let before = index.view();
    index.batch().set_details("t/1", Details::titled("other")).commit().unwrap();
    assert_eq!(index.view().details("t/1").unwrap(), Some(Details::titled("other")));
    assert_eq!(before.details("t/1").unwrap().unwrap().title, "title", "an older view has the older ones");
    index.batch().set_details("t/1", None).commit().unwrap();
    index.batch().set_details("t/1", Details::default()).commit().unwrap();
    assert_eq!((index.view().details("t/1").unwrap(), index.revision()), (None, 5));
}

#[test]
fn everything_written_is_there_in_another_process_that_opens_it() {
    let home = Home::disk();
    let index = home.open(&OpenOptions::new()).unwrap();
    index.assign("t/1", ["A", "B"]).unwrap();
    index
        .batch()
        .note("reform", "office")
        .set_lead("t/1", "B", None)
        .set_details("t/1", Details::titled("x"))
        .commit()
        .unwrap();
    index.assign("t/2", ["A"]).unwrap();
    index.remove("t/2").unwrap();
    drop(index);
    let index = home.open(&OpenOptions::new()).unwrap();
    assert_eq!((index.revision(), index.view().standing("t/1"), index.lead("t/2")), (4, standing(&["B"]), None));
    assert_eq!(index.view().details("t/1").unwrap(), Some(Details::titled("x")));
    assert_eq!(keys(&index.view().led_by("B").unwrap()), ["t/1"]);
    assert!(index.view().involving("A").unwrap().is_empty());
}

#[test]
fn long_lists_and_many_edits_in_one_batch_go_through() {
    let home = Home::disk();
    let index = home.open(&OpenOptions::new()).unwrap();
    let mut batch = index.batch();
    for n in 0..300 {
        batch = batch.assign(format!("t/{n}"), (0..40).map(|unit| format!("unit {}", (n + unit) % 120)));
    }
    batch.commit().unwrap();
    drop(index);
    let index = home.open(&OpenOptions::new()).unwrap();
    assert_eq!((index.view().len(), index.stats().unwrap().pairs), (300, 12_000));
    assert_eq!(index.view().standing("t/77").unwrap().units().count(), 40);
    assert_eq!(index.verify().unwrap(), []);
}

#[test]
fn parts_of_details_are_set_alone_and_expected() {
    let index = Index::in_memory();
    index.assign("t/1", ["A"]).unwrap();
    let whole = Details::titled("title").text("text").source("notice", 3, 4).field("deadline", "2016");
    index.batch().set_details("t/1", whole.clone()).commit().unwrap();
    let batch = index.batch().only_if_field("t/1", "deadline", Some("2016")).set_field("t/1", "deadline", "2017");
    let batch = batch.set_field("t/1", "state", "open").only_if_field("t/1", "state", Some("open")).set_text("t/1", "");
    batch.commit().unwrap();
    let expected = whole.text("").field("deadline", "2017").field("state", "open");
    assert_eq!(index.view().details("t/1").unwrap(), Some(expected.clone()));
    let late = index.batch().only_if_field("t/1", "deadline", Some("2016")).set_title("t/1", "lost").commit();
    let late = late.unwrap_err();
    assert!(matches!(&late, Error::Conflict(Conflict::Field { found: Some(found), .. }) if found == "2017"));
    let message = "field \"deadline\" of task \"t/1\" is \"2017\", where it was expected to be \"2016\"";
    assert_eq!(late.to_string(), message);
    let absent = index.batch().only_if_field("t/1", "owner", Some("x")).commit().unwrap_err().to_string();
    assert!(absent.contains("is not set, where"), "{absent}");
    // What is there already changes nothing; what empties the details leaves none.
    let revision = index.revision();
    index.batch().set_field("t/1", "state", "open").unset_field("t/1", "none").commit().unwrap();
    assert_eq!((index.revision(), index.view().details("t/1").unwrap()), (revision, Some(expected)));
    index.batch().declare("t/2").set_title("t/2", "x").set_title("t/2", "").commit().unwrap();
    assert_eq!(index.view().details("t/2").unwrap(), None);
    let unknown = index.batch().set_field("t/3", "state", "open").commit().unwrap_err();
    assert!(matches!(input_error(unknown), (_, InputError::UnknownTask { .. })));
}

/// Details are read before the commits wait for each other, so another commit may have set them since.
#[test]
fn fields_that_many_threads_count_up_lose_no_count() {
    let index = Index::in_memory();
    index.batch().declare("t").set_field("t", "count", "0").commit().unwrap();
    std::thread::scope(|threads| {
        for thread in 0..4 {
            let index = &index;
            threads.spawn(move || {
                for n in 0..50 {
                    // A field of its own, which no other thread may undo.
                    index.batch().set_field("t", format!("of {thread}"), n.to_string()).commit().unwrap();
                    loop {
                        let before = index.view().details("t").unwrap().unwrap().fields["count"].clone();
                        let next = (before.parse::<u32>().unwrap() + 1).to_string();
                        let batch = index.batch().only_if_field("t", "count", Some(&before));
                        match batch.set_field("t", "count", next).commit() {
                            Ok(_) => break,
                            Err(Error::Conflict(Conflict::Field { .. })) => {}
                            Err(other) => panic!("{other}"),
                        }
                    }
                }
            });
        }
    });
    let details = index.view().details("t").unwrap().unwrap();
    let of_threads = (0..4).map(|thread| details.fields[&format!("of {thread}")].as_str());
    assert_eq!((details.fields["count"].as_str(), of_threads.collect::<Vec<_>>()), ("200", vec!["49"; 4]));
}
