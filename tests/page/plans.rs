//! The page of a plan.

use responsibility_index::export::{PageForm, PageOptions};
use responsibility_index::{Details, Index, Role};

use crate::html::Html;

fn index() -> Index {
    let index = Index::in_memory();
    index.assign("plan/1", ["Transport", "Finance", "Police"]).unwrap();
    index.assign("plan/2", ["Finance", "Transport"]).unwrap();
    index.assign("plan/3", ["Health"]).unwrap();
    index.batch().set_details("plan/1", Details::titled("Bridges")).commit().unwrap();
    index
}

#[test]
fn a_plan_shows_what_changes_before_and_after() {
    let index = index();
    let plan = index
        .batch()
        .set_lead("plan/1", "Finance", Some(Role::Support))
        .remove("plan/3")
        .assign("plan/4", ["Education"])
        .set_details("plan/4", Details::titled("Schools"))
        .rename_unit("Police", "Public security")
        .plan()
        .unwrap();
    let mut page = Vec::new();
    let report = plan.page(&PageOptions::new(), &mut page).unwrap();
    let page = String::from_utf8(page).unwrap();
    let html = Html::read(&page);
    assert_eq!((report.form, report.tasks, report.bytes), (PageForm::Table, 3, page.len() as u64));
    let header = html.header();
    let cell = |task: &str, unit: &str| {
        let row = html.rows_of("task:").find(|row| row.id == format!("task:{task}")).unwrap();
        let at = header.iter().position(|title| *title == unit).unwrap();
        (row.cells[at].class.clone(), row.cells[at].text.clone())
    };
    assert_eq!(cell("plan/1", "Finance"), ("l x".to_owned(), "1L".to_owned()));
    assert_eq!(cell("plan/1", "Public security"), ("s".to_owned(), "2".to_owned()));
    assert_eq!(cell("plan/3", "Health"), ("n x".to_owned(), "L".to_owned()));
    assert_eq!(cell("plan/4", "Education"), ("l x".to_owned(), "L".to_owned()));
    assert!(page.contains("<td class=\"l x\"><del>1</del><ins>L</ins>") && page.contains("<del>Police</del>"));
    let heads: Vec<&str> = html.rows_of("task:").map(|row| row.cells[0].text.as_str()).collect();
    assert_eq!(heads, ["plan/1 Bridges", "plan/3 removed", "plan/4 new Schools"]);
}

#[test]
fn a_large_plan_is_a_list_and_an_empty_one_says_so() {
    let index = index();
    let plan = index.batch().vacate("plan/2").plan().unwrap();
    let mut page = Vec::new();
    let report = plan.page(&PageOptions::new().most_cells(0), &mut page).unwrap();
    let page = String::from_utf8(page).unwrap();
    Html::read(&page);
    assert_eq!(report.form, PageForm::List);
    let expected = "plan/2 <em lang=\"en\">vacant</em>: <del><b>Finance</b> with Transport</del> <ins><em lang=\"en\">vacant</em> with Transport</ins>";
    assert!(page.contains(expected), "{page}");
    let mut nothing = Vec::new();
    let report = index.batch().plan().unwrap().page(&PageOptions::new(), &mut nothing).unwrap();
    let nothing = String::from_utf8(nothing).unwrap();
    Html::read(&nothing);
    assert!(report.tasks == 0 && nothing.contains("Tasks that change: 0"));
}
