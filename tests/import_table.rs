//! Bringing tables into an index, and tasks that the index can't take: all at once, left out, written back.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops at the first failure")]

use responsibility_index::import::{Aliases, Import, ImportEffect, ImportError, Refusal, write_refused};
use responsibility_index::notice::Notice;
use responsibility_index::table::Rows;
use responsibility_index::{Index, InputError, OpenOptions, UnitKind, UnknownUnits};

const PLAN: &str = "ID,Phase,Task,Lead,Support,Informed,Due\n\
                    roads,Build,Repair the roads,Transport,Finance; Police,Press,2026-11-30\n\
                    bridges,Build,Build the bridges,Transport,Water,,\n\
                    schools,Teach,Open schools,Education,Finance,,\n";

fn rows(text: &str) -> Rows {
    Rows::read(text).unwrap()
}

fn import(index: &Index, text: &str) -> ImportEffect {
    Import::new(index, &rows(text), "plan").document("plan.csv").commit().unwrap()
}

/// An index in which these units are the only ones.
fn strict(units: &[&str]) -> Index {
    let index = OpenOptions::new().unknown_units(UnknownUnits::Reject).in_memory();
    let batch = units.iter().fold(index.batch(), |batch, unit| batch.create_unit(*unit, UnitKind::Body));
    batch.commit().unwrap();
    index
}

#[test]
fn rows_become_tasks_with_all_roles_and_details() {
    let index = Index::in_memory();
    let done = import(&index, PLAN);
    assert_eq!((done.tasks(), done.added().count(), done.refused().len()), (3, 3, 0));
    let view = index.view();
    let roads = view.task("plan/roads").unwrap();
    assert_eq!(roads.standing().to_string(), "Transport with Finance, Police; informed: Press");
    let details = roads.details().unwrap().unwrap();
    let fields: Vec<(&str, &str)> = details.fields.iter().map(|(name, value)| (&**name, &**value)).collect();
    assert_eq!(
        fields,
        [("basis", "explicit"), ("deadline", "2026-11-30"), ("due", "2026-11-30"), ("heading", "Build")]
    );
    let source = details.source.unwrap();
    assert_eq!((source.document.as_str(), source.line, details.title.as_str()), ("plan.csv", 2, "Repair the roads"));
    assert!(import(&index, PLAN).is_empty());
}

#[test]
fn a_row_of_a_given_key_is_that_task_wherever_it_stands_and_whatever_it_says() {
    let index = Index::in_memory();
    import(&index, PLAN);
    index.batch().set_field("plan/bridges", "status", "done").set_lead("plan/schools", "Works", None).commit().unwrap();
    // Another order, another text for bridges with the old text for a new row.
    let done = import(
        &index,
        "ID,Phase,Task,Lead,Support\n\
         schools,Teach,Open schools,Education,Finance\n\
         tunnels,Build,Build the bridges,Transport,Water\n\
         bridges,Build,Build long bridges,Transport,Water\n\
         roads,Build,Repair the roads,Transport,Finance; Police\n",
    );
    assert_eq!(done.added().map(|task| task.key.to_owned()).collect::<Vec<_>>(), ["plan/tunnels"]);
    assert_eq!((done.moved().count(), done.conflicts().len(), done.gone().len()), (0, 0, 0));
    let view = index.view();
    assert_eq!(view.details("plan/bridges").unwrap().unwrap().fields["status"], "done");
    assert_eq!(view.lead("plan/schools"), Some("Works"));
}

#[test]
fn a_row_inserted_in_a_numbered_table_is_one_added_task() {
    let index = Index::in_memory();
    import(&index, "No.,Task,Owner\n1,Roads,Transport\n2,Bridges,Works\n");
    index.batch().set_field("plan/2", "status", "done").commit().unwrap();
    let done = import(&index, "No.,Task,Owner\n1,Tunnels,Works\n2,Roads,Transport\n3,Bridges,Works\n");
    assert_eq!((done.added().count(), done.moved().count()), (1, 2));
    assert_eq!(index.view().details("plan/3").unwrap().unwrap().fields["status"], "done");
}

#[test]
fn rows_below_a_deleted_one_move_whether_or_not_it_is_removed() {
    let row = |at: usize| ["Roads,Ops\n", "Bridges,Dev\n", "Schools,QA\n", "Parks,HR\n"][at];
    let (all, fewer) = (
        format!("What,Owner\n{}{}{}{}", row(0), row(1), row(2), row(3)),
        format!("What,Owner\n{}{}{}", row(1), row(2), row(3)),
    );
    for remove in [false, true] {
        let index = Index::in_memory();
        import(&index, &all);
        let done =
            Import::new(&index, &rows(&fewer), "plan").document("plan.csv").remove_gone(remove).commit().unwrap();
        assert_eq!((done.moved().count(), done.reassigned().count(), done.gone()), (3, 0, &["plan/1".to_owned()][..]));
        let leads: Vec<_> = index.view().tasks().tasks().map(|task| task.lead().unwrap().to_owned()).collect();
        assert_eq!(leads, if remove { &["Dev", "QA", "HR"][..] } else { &["Dev", "QA", "HR", "Ops"][..] });
    }
}

#[test]
fn keys_to_take_or_to_leave_alone_that_nothing_has_are_told() {
    let index = Index::in_memory();
    let plan = rows(PLAN);
    let done = Import::new(&index, &plan, "plan").take(["plan/rods"]).except(["plan/school", "plan/roads"]);
    let done = done.commit().unwrap();
    assert_eq!(done.not_found(), ["plan/rods", "plan/school"]);
    let line = "\n  plan/rods: neither the document nor the index has this task, which was to be taken or left alone";
    assert!(done.to_string().contains(line), "{done}");
    // A task of the index alone can be left alone, and not taken.
    index.batch().declare("plan/old").commit().unwrap();
    let again = Import::new(&index, &rows(PLAN), "plan").take(["plan/old"]).except(["plan/old"]).plan().unwrap();
    assert_eq!(again.not_found(), [""; 0]);
}

#[test]
fn a_table_and_a_notice_that_say_the_same_are_the_same_to_the_index() {
    let index = Index::in_memory();
    let notice = Notice::read("1.修路。（牵头单位：市交通局；配合单位：市财政局、公安局）\n");
    Import::new(&index, &notice, "plan").commit().unwrap();
    let table = "ID,任务,牵头单位,配合单位\nplan/1/1,修路。,市交通局,市财政局、公安局\n";
    let done = Import::new(&index, &rows(table), "plan").commit().unwrap();
    assert_eq!((done.added().count(), done.reassigned().count(), done.conflicts().len()), (0, 0, 0));
}

#[test]
fn vacant_rows_stay_vacant() {
    let index = Index::in_memory();
    import(&index, "Task,Lead,Support\nRoads,,Finance\n");
    assert_eq!((index.view().vacant().len(), index.lead("plan/1")), (1, None));
    assert!(import(&index, "Task,Lead,Support\nRoads,,Finance\n").is_empty());
    import(&index, "Task,Lead,Support\nRoads,Works,Finance\n");
    assert_eq!(index.lead("plan/1").as_deref(), Some("Works"));
}

#[test]
fn unknown_units_are_refused_all_at_once_with_near_names() {
    let index = strict(&["Transport", "Finance", "Police", "Water"]);
    let revision = index.revision();
    let error = Import::new(&index, &rows(PLAN), "plan").document("plan.csv").commit().unwrap_err();
    let message = error.to_string();
    let ImportError::Refused { refused, tasks: 3, .. } = error else { panic!("{message}") };
    let unknown: Vec<(&str, u32, Vec<&str>)> = refused
        .iter()
        .map(|task| {
            let units = task.reasons.iter().map(|reason| match reason {
                Refusal::Input(InputError::UnknownUnit { name, .. }) => name.as_str(),
                other => panic!("{other}"),
            });
            (task.task.as_str(), task.line, units.collect())
        })
        .collect();
    assert_eq!(unknown, [("plan/roads", 2, vec!["Press"]), ("plan/schools", 4, vec!["Education"])]);
    assert!(message.starts_with("plan.csv: 2 of 3 tasks are refused\n  2:"), "{message}");
    assert_eq!(index.revision(), revision);

    let index = strict(&["Transport", "Finanze"]);
    let near = Import::new(&index, &rows("Task,Lead\nRoads,Finance\n"), "plan").commit().unwrap_err().to_string();
    assert!(near.contains("Finanze"), "{near}");
}

#[test]
fn refused_tasks_can_be_left_out_and_written_back_to_be_mended() {
    let index = strict(&["Transport", "Finance", "Police", "Water"]);
    let done = Import::new(&index, &rows(PLAN), "plan").leave_out_refused(true).commit().unwrap();
    assert_eq!((done.tasks(), index.view().len(), done.refused().len()), (1, 1, 2));
    let mut out = Vec::new();
    write_refused(done.refused(), &mut out).unwrap();
    let csv = String::from_utf8(out).unwrap();
    assert!(csv.contains("no unit is called \"\"Press\"\""), "{csv}");
    // The missing units are made, the table is imported as it is: the same as if they had been there.
    index.batch().create_unit("Press", UnitKind::Body).create_unit("Education", UnitKind::Body).commit().unwrap();
    Import::new(&index, &rows(&csv), "plan").commit().unwrap();
    let whole = Index::in_memory();
    import(&whole, PLAN);
    let standings = |index: &Index| {
        index.view().under("plan/").tasks().map(|task| (task.key().to_owned(), task.standing())).collect::<Vec<_>>()
    };
    assert_eq!(standings(&index), standings(&whole));
}

#[test]
fn a_task_that_is_left_out_is_not_gone() {
    let index = strict(&["Transport", "Finance"]);
    let first = "ID,Task,Lead\na,Roads,Transport\nb,Bridges,Finance\n";
    Import::new(&index, &rows(first), "plan").commit().unwrap();
    let next = "ID,Task,Lead\na,Roads,Transport\nb,Bridges,Finanze\n";
    let done = Import::new(&index, &rows(next), "plan").leave_out_refused(true).remove_gone(true).commit().unwrap();
    assert_eq!((done.gone().len(), done.refused().len()), (0, 1));
    assert_eq!(index.lead("plan/b").as_deref(), Some("Finance"));
}

#[test]
fn values_that_the_index_does_not_take_are_refused_by_task() {
    let index = Index::in_memory();
    let (long, huge) = ("k".repeat(600), "t".repeat(2 << 20));
    let text = format!("ID,Task,Lead\n{long},Roads,Transport\nplan/x,Bridges,Works\nx,Again,Works\nz,{huge},Works\n");
    let error = Import::new(&index, &rows(&text), "plan").plan().unwrap_err();
    let ImportError::Refused { refused, .. } = &error else { panic!("{error}") };
    let reasons: Vec<String> = refused.iter().map(|task| task.reasons[0].to_string()).collect();
    assert!(reasons.iter().any(|reason| reason.starts_with("the task on line 3 has this key")), "{reasons:?}");
    assert!(reasons.iter().any(|reason| reason.contains("bytes; at most")), "{reasons:?}");
    assert_eq!(index.revision(), 0);
}

#[test]
fn spellings_with_spaces_stay_whole() {
    let aliases = Aliases::parse("Ministry of Transport = Transport; MoT\n甲局 乙局\n").unwrap();
    assert_eq!(aliases.canonical("MoT"), "Ministry of Transport");
    assert_eq!(aliases.canonical("乙局"), "甲局");
    let index = Index::in_memory();
    Import::new(&index, &rows(PLAN), "plan").aliases(aliases).commit().unwrap();
    let view = index.view();
    assert_eq!(view.lead("plan/roads"), Some("Ministry of Transport"));
    assert_eq!(view.unit("MoT").unwrap().name(), "Ministry of Transport");
}

#[test]
fn a_left_alone_task_brings_no_collective() {
    let index = Index::in_memory();
    let table = "ID,任务,牵头单位\na,修路,市交通局\nb,架桥,各县区政府\n";
    Import::new(&index, &rows(table), "plan").except(["plan/b"]).commit().unwrap();
    assert!(index.view().unit("各县区政府").is_err());
    Import::new(&index, &rows(table), "plan").commit().unwrap();
    assert_eq!(index.view().unit("各县区政府").unwrap().kind(), UnitKind::Collective);
}
