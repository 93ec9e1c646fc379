//! More than two roles, succession, and tasks without a lead.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops at the first failure")]

use responsibility_index::{Assignment, Batch, Details, Error, Index, InputError, Role, Standing};

/// t/1 has a unit in every role, and two that support.
fn index() -> Index {
    let index = Index::in_memory();
    index.assign("t/1", every_role()).unwrap();
    index
}

fn every_role() -> Assignment {
    Assignment::led_by("Lead")
        .and_then(|assignment| assignment.and(Role::CoLead, ["Co"]))
        .and_then(|assignment| assignment.and(Role::Support, ["S1", "S2"]))
        .and_then(|assignment| assignment.and(Role::Consulted, ["C"]))
        .and_then(|assignment| assignment.and(Role::Informed, ["I"]))
        .unwrap()
}

/// The standing of t/1 after some edits.
fn after(edit: impl for<'i> FnOnce(Batch<'i>) -> Batch<'i>) -> String {
    let index = index();
    let batch = edit(index.batch());
    batch.commit().unwrap();
    assert_eq!(index.verify().unwrap(), []);
    index.view().standing("t/1").unwrap().to_string()
}

fn refused(edit: impl for<'i> FnOnce(Batch<'i>) -> Batch<'i>) -> InputError {
    let index = index();
    let batch = edit(index.batch());
    let error = batch.commit().unwrap_err();
    assert_eq!((index.revision(), index.view().units().count()), (1, 6), "nothing changed");
    match error {
        Error::Input(error) => error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_task_is_found_from_each_unit_in_its_role_and_in_no_other() {
    let view = index().view();
    for (unit, role) in every_role().units() {
        for other in Role::ALL {
            assert_eq!(view.tasks_of(unit, [other]).unwrap().len(), usize::from(other == role), "{unit} as {other}");
        }
        assert_eq!((view.role("t/1", unit).unwrap(), view.involving(unit).unwrap().len()), (Some(role), 1));
    }
    assert_eq!(view.led_by("Co").unwrap().len(), 0, "a co-lead is not the lead");
    assert_eq!(view.supported_by("C").unwrap().len(), 0, "who is consulted does not support");
    let cell = view.matrix("t/", 1).cell("Co", "t/1");
    assert_eq!((cell.leads, cell.co_leads, cell.supports), (0, 1, 0));
}

#[test]
fn a_former_lead_leaves_or_takes_the_role_that_the_caller_says() {
    let leaves = after(|batch| batch.set_lead("t/1", "New", None));
    assert_eq!(leaves, "New; co-lead: Co with S1, S2; consulted: C; informed: I");
    let supports = after(|batch| batch.set_lead("t/1", "S2", Some(Role::Support)));
    assert_eq!(supports, "S2; co-lead: Co with Lead, S1; consulted: C; informed: I");
    let same = after(|batch| batch.set_lead("t/1", "Lead", Some(Role::Informed)).add("t/1", "X", Role::Informed));
    assert_eq!(same, "Lead; co-lead: Co with S1, S2; consulted: C; informed: I, X");
    let lead = |error| matches!(error, InputError::TwoLeads { lead, .. } if lead == "Lead");
    assert!(lead(refused(|batch| batch.set_lead("t/1", "S1", Some(Role::Lead)))));
    assert!(lead(refused(|batch| batch.add("t/1", "New", Role::Lead))));
    assert!(lead(refused(|batch| batch.set_role("t/1", "S1", Role::Lead))));
}

#[test]
fn succession_goes_from_co_leads_to_supporting_units_and_no_further() {
    assert_eq!(after(|batch| batch.promote("t/1")), "Co with S1, S2; consulted: C; informed: I");
    assert_eq!(after(|batch| batch.promote("t/1").promote("t/1")), "S1 with S2; consulted: C; informed: I");
    let vacated = after(|batch| batch.vacate("t/1").promote("t/1"));
    assert_eq!(vacated, "Co with S1, S2; consulted: C; informed: I");
    let index = index();
    index.assign("t/2", Assignment::led_by("Lead").unwrap().and(Role::Consulted, ["C"]).unwrap()).unwrap();
    let error = index.batch().promote("t/2").commit().unwrap_err();
    assert!(matches!(error, Error::Input(InputError::NoSuccessor { task }) if task == "t/2"));
}

#[test]
fn a_vacant_task_keeps_its_other_units_and_its_details_and_can_be_found() {
    let index = index();
    index.batch().set_details("t/1", Details::titled("bridges")).vacate("t/1").declare("t/2").commit().unwrap();
    let view = index.view();
    assert_eq!((view.lead("t/1"), view.assignment("t/1"), view.len()), (None, None, 2));
    assert!(view.vacant().keys().eq(["t/1", "t/2"]) && view.tasks().keys().eq(["t/1", "t/2"]));
    assert!(view.supporting("t/1").eq(["S1", "S2"]) && view.under("t/").len() == 2);
    assert_eq!(view.details("t/1").unwrap().unwrap().title, "bridges");
    assert_eq!(view.standing("t/2"), Some(Standing::Vacant(Vec::new())));
    assert!(view.idle_units().map(|unit| unit.name()).eq(["Lead"]));
    index.batch().add("t/2", "Lead", Role::Lead).set_role("t/1", "S1", Role::Lead).commit().unwrap();
    assert_eq!((index.lead("t/2").as_deref(), index.lead("t/1").as_deref()), (Some("Lead"), Some("S1")));
    assert_eq!(index.view().vacant().len(), 0);
    assert_eq!(index.remove("t/1").unwrap().unwrap().lead(), Some("S1"));
    assert_eq!(
        (index.view().standing("t/1"), index.view().details("t/1").unwrap(), index.view().len()),
        (None, None, 1)
    );
    assert!(view.vacant().contains("t/1"), "a view stays as it was");
}

#[test]
fn a_task_that_is_declared_again_stays_as_it_is() {
    let index = index();
    index.batch().declare("t/1").commit().unwrap();
    assert_eq!((index.revision(), index.lead("t/1").as_deref()), (1, Some("Lead")));
}

#[test]
fn units_change_their_role_and_their_place_in_it() {
    let role = after(|batch| batch.set_role("t/1", "C", Role::Support).set_role("t/1", "S1", Role::Informed));
    assert_eq!(role, "Lead; co-lead: Co with S2, C; informed: I, S1");
    assert_eq!(
        after(|batch| batch.move_to("t/1", "S2", 0)),
        "Lead; co-lead: Co with S2, S1; consulted: C; informed: I"
    );
    assert_eq!(after(|batch| batch.withdraw("t/1", "Co").withdraw("t/1", "C")), "Lead with S1, S2; informed: I");
    assert_eq!(
        refused(|batch| batch.move_to("t/1", "C", 1)).to_string(),
        "task \"t/1\" has 1 units in the role consulted; there is no place 1"
    );
    let (task, unit) = ("t/1".to_owned(), "Lead".to_owned());
    let is_lead = InputError::IsLead { task, unit };
    assert_eq!(refused(|batch| batch.withdraw("t/1", "Lead")), is_lead);
    assert_eq!(refused(|batch| batch.set_role("t/1", "Lead", Role::Support)), is_lead);
}

#[test]
fn a_unit_has_one_role_in_a_task_also_under_its_other_names() {
    let index = index();
    index.batch().add_alias("Co", "Also Co").commit().unwrap();
    let twice = Assignment::led_by("Co").unwrap().and(Role::Informed, ["Also Co"]).unwrap();
    let error = index.assign("t/2", twice).unwrap_err().to_string();
    assert_eq!(error, "unit \"Co\" is named twice for task \"t/2\" (the second time as \"Also Co\")");
    let error = index.batch().add("t/1", "Also Co", Role::Consulted).commit().unwrap_err().to_string();
    assert!(error.contains("named twice for task \"t/1\""), "{error}");
}

#[test]
fn roles_and_vacant_tasks_come_back_from_disk_and_from_lines() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("plan.ri");
    let index = Index::open(&path).unwrap();
    let mut load = index.bulk_load();
    load.add("t/1", every_role()).unwrap();
    load.add("t/2", ["S1", "S2"]).unwrap();
    load.commit().unwrap();
    index.batch().vacate("t/2").declare("t/3").commit().unwrap();
    index.checkpoint().unwrap();
    index.batch().set_role("t/1", "I", Role::CoLead).commit().unwrap();
    let lines = |index: &Index| {
        let mut lines = Vec::new();
        index.export_jsonl(&mut lines).unwrap();
        String::from_utf8(lines).unwrap()
    };
    let before = lines(&index);
    assert!(before.contains(r#"{"task":"t/3","lead":null}"#), "{before}");
    drop(index);
    let again = Index::open(&path).unwrap();
    assert_eq!((lines(&again), again.verify().unwrap()), (before.clone(), vec![]));
    let copy = Index::in_memory();
    copy.import_jsonl(&mut before.as_bytes()).unwrap();
    assert_eq!(lines(&copy), before);
}
