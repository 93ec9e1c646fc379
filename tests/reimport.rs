//! A second import keeps what others wrote: it changes what the document changed, moves tasks that were renumbered, and shows
//! conflicts.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops at the first failure")]

use responsibility_index::import::{Import, ImportEffect, Part};
use responsibility_index::notice::Notice;
use responsibility_index::{Details, Index, Role};

/// A notice with these tasks: a text and a list of units each.
fn notice(tasks: &[(&str, &str)]) -> String {
    let line = |(at, (text, units)): (usize, &(&str, &str))| format!("{}.{text}。（责任单位：{units}）\n", at + 1);
    tasks.iter().enumerate().map(line).collect()
}

const ROADS: (&str, &str) = ("修好道路", "市交通局、市财政局");
const BRIDGES: (&str, &str) = ("架好桥梁", "市交通局、市水利局");
const SCHOOLS: (&str, &str) = ("办好学校", "市教育局、市财政局");

fn import(index: &Index, tasks: &[(&str, &str)]) -> ImportEffect {
    let text = notice(tasks);
    Import::new(index, &Notice::read(&text), "p").document("p.txt").commit().unwrap()
}

fn imported() -> Index {
    let index = Index::in_memory();
    import(&index, &[ROADS, BRIDGES, SCHOOLS]);
    index
}

fn title(index: &Index, key: &str) -> String {
    index.view().details(key).unwrap().unwrap().title
}

#[test]
fn a_field_and_a_reassignment_of_others_survive_the_same_document() {
    let index = imported();
    index
        .batch()
        .set_field("p/1/1", "status", "done")
        .set_title("p/1/1", "Roads")
        .set_lead("p/1/1", "市公安局", None)
        .commit()
        .unwrap();
    let revision = index.revision();
    let again = import(&index, &[ROADS, BRIDGES, SCHOOLS]);
    assert!(again.is_empty() && again.conflicts().is_empty());
    assert_eq!(index.revision(), revision);
    assert_eq!((index.lead("p/1/1").as_deref(), title(&index, "p/1/1").as_str()), (Some("市公安局"), "Roads"));
}

#[test]
fn what_the_document_changed_comes_and_the_rest_stays() {
    let index = imported();
    index.batch().set_field("p/1/1", "status", "done").commit().unwrap();
    index.batch().set_lead("p/2/1", "市公安局", None).commit().unwrap();
    // The document gives the first task to others, and the second another text.
    let done = import(&index, &[(ROADS.0, "市公路局"), ("架好新桥梁", BRIDGES.1), SCHOOLS]);
    assert_eq!(done.conflicts(), []);
    assert_eq!(done.reassigned().map(|task| task.key.to_owned()).collect::<Vec<_>>(), ["p/1/1"]);
    let view = index.view();
    assert_eq!((view.lead("p/1/1"), view.lead("p/2/1")), (Some("市公路局"), Some("市公安局")));
    assert_eq!(view.details("p/1/1").unwrap().unwrap().fields["status"], "done");
    assert_eq!(title(&index, "p/2/1"), "架好新桥梁");
}

#[test]
fn an_item_inserted_in_front_is_one_added_task_and_the_others_move() {
    let index = imported();
    index.batch().set_field("p/2/1", "status", "done").set_lead("p/3/1", "市公安局", None).commit().unwrap();
    let done = import(&index, &[("修好新路", "市公路局"), ROADS, BRIDGES, SCHOOLS]);
    assert_eq!(done.added().map(|task| task.key.to_owned()).collect::<Vec<_>>(), ["p/1/1"]);
    let moved: Vec<(String, String)> =
        done.moved().map(|task| (task.moved_from.unwrap().to_owned(), task.key.to_owned())).collect();
    let pair = |from: &str, to: &str| (from.to_owned(), to.to_owned());
    assert_eq!(moved, [pair("p/1/1", "p/2/1"), pair("p/2/1", "p/3/1"), pair("p/3/1", "p/4/1")]);
    assert_eq!((done.reassigned().count(), done.reworded().count(), done.conflicts().len()), (0, 0, 0));
    let view = index.view();
    assert_eq!(view.details("p/3/1").unwrap().unwrap().fields["status"], "done");
    assert_eq!(view.lead("p/4/1"), Some("市公安局"));
    assert_eq!(view.history("p/4/1").count(), 3, "imported, reassigned, moved");
    assert_eq!(view.len(), 4);
    assert!(import(&index, &[("修好新路", "市公路局"), ROADS, BRIDGES, SCHOOLS]).is_empty());
}

#[test]
fn a_move_shows_that_its_units_change_too() {
    let index = imported();
    let done = import(&index, &[("修好新路", "市公路局"), ROADS, BRIDGES, (SCHOOLS.0, "市民政局")]);
    let reassigned: Vec<(&str, String, String)> = done
        .reassigned()
        .map(|task| (task.key, task.before.unwrap().to_string(), task.after.unwrap().to_string()))
        .collect();
    assert_eq!(reassigned, [("p/4/1", "市教育局 with 市财政局".to_owned(), "市民政局".to_owned())]);
    assert!(done.moved().all(|task| task.before.is_some()) && done.moved().count() == 3);
    let lines: Vec<String> = done.to_string().lines().map(str::to_owned).collect();
    assert!(lines[0].contains("1 added, 3 moved, 1 with other units"), "{lines:?}");
    assert_eq!(
        lines[1..],
        [
            "  p/1/1 -> p/2/1: moved",
            "  p/2/1 -> p/3/1: moved",
            "  p/3/1 -> p/4/1: moved; 市教育局 with 市财政局 -> 市民政局",
        ]
    );
}

#[test]
fn a_conflict_is_shown_and_not_decided() {
    let index = imported();
    index
        .batch()
        .set_lead("p/1/1", "市公安局", None)
        .set_text("p/2/1", "by hand")
        .set_field("p/3/1", "clause", "mine")
        .commit()
        .unwrap();
    let changed = [(ROADS.0, "市公路局"), ("架好新桥梁", BRIDGES.1), (SCHOOLS.0, "市教育局")];
    let text = notice(&changed);
    let notice = Notice::read(&text);
    let import = || Import::new(&index, &notice, "p").document("p.txt");
    for _ in 0..2 {
        let done = import().commit().unwrap();
        let found: Vec<(&str, Part)> =
            done.conflicts().iter().map(|found| (found.task.as_str(), found.part.clone())).collect();
        assert_eq!(found, [("p/1/1", Part::Units), ("p/2/1", Part::Text), ("p/3/1", Part::Field("clause".to_owned()))]);
        let message = done.conflicts()[0].to_string();
        assert_eq!(message, "p/1/1: units: the document has \"市公路局\", the index \"市公安局 with 市财政局\"");
        assert_eq!(index.lead("p/1/1").as_deref(), Some("市公安局"));
    }
    let taken = import().take(["p/1/1", "p/2/1"]).commit().unwrap();
    assert_eq!(taken.conflicts().len(), 1);
    let view = index.view();
    assert_eq!(view.lead("p/1/1"), Some("市公路局"));
    assert!(view.details("p/2/1").unwrap().unwrap().text.starts_with("架好新桥梁"));
    // Where both agree there is none.
    index.batch().set_field("p/3/1", "clause", "（责任单位：市教育局）").commit().unwrap();
    assert_eq!(import().commit().unwrap().conflicts(), []);
}

#[test]
fn a_task_that_no_import_wrote_is_not_overwritten() {
    let index = Index::in_memory();
    index.assign("p/1/1", ["市公安局"]).unwrap();
    index.batch().declare("p/2/1").commit().unwrap();
    let done = import(&index, &[ROADS, BRIDGES]);
    assert_eq!(done.conflicts().len(), 1);
    assert_eq!((done.conflicts()[0].task.as_str(), &done.conflicts()[0].part), ("p/1/1", &Part::Units));
    assert_eq!(index.lead("p/1/1").as_deref(), Some("市公安局"));
    assert_eq!(title(&index, "p/1/1"), "修好道路", "what the task did not have comes");
    assert_eq!(index.lead("p/2/1").as_deref(), Some("市交通局"));
}

#[test]
fn tasks_that_are_gone_keep_their_keys_or_give_way() {
    let index = imported();
    index.batch().set_field("p/2/1", "status", "done").commit().unwrap();
    let done = import(&index, &[ROADS, SCHOOLS]);
    assert_eq!((done.gone(), done.moved().count(), done.unchanged()), (&["p/2/1".to_owned()][..], 1, 1));
    assert_eq!(
        done.to_string().lines().skip(1).collect::<Vec<_>>(),
        ["  p/3/1 -> p/2/1: moved", "  p/2/1: not in the document any more; kept as p/gone/2/1"]
    );
    assert_eq!((title(&index, "p/2/1"), title(&index, "p/gone/2/1")), ("办好学校".to_owned(), "架好桥梁".to_owned()));
    assert_eq!((index.lead("p/gone/2/1").as_deref(), index.view().len()), (Some("市交通局"), 3));
    assert_eq!(index.view().details("p/gone/2/1").unwrap().unwrap().fields["status"], "done");
    let again = import(&index, &[ROADS, SCHOOLS]);
    assert_eq!((again.is_empty(), again.gone()), (true, &["p/gone/2/1".to_owned()][..]));
    // Another one of the same place is gone, then both come back.
    let done = import(&index, &[ROADS, ("办好医院", "市卫生健康委"), SCHOOLS]);
    assert_eq!((done.added().count(), done.moved().count(), done.gone().len()), (1, 1, 1));
    import(&index, &[ROADS, SCHOOLS]);
    assert_eq!(title(&index, "p/gone/2/1/2"), "办好医院");
    let back = import(&index, &[ROADS, BRIDGES, SCHOOLS]);
    assert_eq!((back.added().count(), back.moved().count(), back.gone().len()), (0, 2, 1));
    assert_eq!(index.view().details("p/2/1").unwrap().unwrap().fields["status"], "done");
    // The last one leaves its key to nobody.
    let done = import(&index, &[ROADS, BRIDGES]);
    assert!(done.gone().contains(&"p/3/1".to_owned()) && done.moved().count() == 0);
    assert!(done.to_string().contains("\n  p/3/1: not in the document any more; kept as it is"), "{done:?}");

    let index = imported();
    index.batch().set_field("p/3/1", "status", "done").commit().unwrap();
    let text = notice(&[ROADS, SCHOOLS]);
    let done = Import::new(&index, &Notice::read(&text), "p").document("p.txt").remove_gone(true).commit().unwrap();
    assert_eq!((done.gone(), done.moved().count()), (&["p/2/1".to_owned()][..], 1));
    let view = index.view();
    assert!(view.tasks().keys().eq(["p/1/1", "p/2/1"]));
    assert_eq!(view.details("p/2/1").unwrap().unwrap().fields["status"], "done");
}

#[test]
fn some_tasks_can_be_left_alone() {
    let index = imported();
    let text = notice(&[(ROADS.0, "市公路局"), (BRIDGES.0, "市公路局")]);
    let notice = Notice::read(&text);
    let done = Import::new(&index, &notice, "p").except(["p/1/1", "p/3/1"]).remove_gone(true).commit().unwrap();
    assert_eq!(done.reassigned().map(|task| task.key.to_owned()).collect::<Vec<_>>(), ["p/2/1"]);
    assert_eq!((index.lead("p/1/1").as_deref(), index.view().len()), (Some("市交通局"), 3));
}

#[test]
fn a_renamed_unit_is_no_change_and_details_of_callers_keep_what_the_document_said() {
    let index = imported();
    index
        .batch()
        .rename_unit("市交通局", "市交通运输局")
        .set_details("p/2/1", Details::titled("mine"))
        .commit()
        .unwrap();
    let again = import(&index, &[ROADS, BRIDGES, SCHOOLS]);
    assert!(again.conflicts().is_empty() && again.reassigned().count() == 0);
    assert_eq!(title(&index, "p/2/1"), "mine", "the document did not change its title");
    index.batch().set_details("p/2/1", None).add("p/2/1", "市公安局", Role::Support).commit().unwrap();
    let again = import(&index, &[ROADS, BRIDGES, SCHOOLS]);
    assert_eq!((again.reassigned().count(), again.conflicts().len()), (0, 0), "{again:?}");
    assert_eq!(title(&index, "p/2/1"), "", "the caller has cleared it");
}
