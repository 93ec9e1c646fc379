//! Bringing notices into an index: the plan, the commit, a second time, a corrected notice.

use responsibility_index::import::{Aliases, Import, ImportError, ImportPlan, text_of};
use responsibility_index::notice::{Notice, Reader};
use responsibility_index::{Error, Index, OpenOptions, UnitKind, UnknownUnits};

const PLAN: &str = include_str!("../seeds/fujian-2016.txt");
const FIRST: &str = "一、任务\n1.甲事。（责任单位：市科技局、财政局；完成时限：2021年底前）\n2.乙事。（市教育局、市民政局牵头，各地区配合）\n3.丙事。（责任单位：市水务局）\n";

fn import<'a>(index: &'a Index, notice: &'a Notice<'a>) -> Import<'a, 'a> {
    Import::new(index, notice, "plan").document("plan.txt")
}

#[test]
fn a_notice_becomes_tasks_units_and_details() {
    let index = Index::in_memory();
    let notice = Notice::read(FIRST);
    let done = import(&index, &notice).note("first import", "office").commit().unwrap();
    assert_eq!((done.tasks(), done.added().count(), done.revision()), (3, 3, 1));
    let view = index.view();
    assert_eq!(view.lead("plan/1/1/1"), Some("市科技局"));
    assert_eq!(view.supporting("plan/1/1/1").collect::<Vec<_>>(), ["市财政局"]);
    let joint = view.assignment("plan/1/2/1").unwrap();
    assert_eq!((joint.co_leads(), joint.supporting()), (&["市民政局".to_owned()][..], &["各地区".to_owned()][..]));
    assert_eq!(view.unit("各地区").unwrap().kind(), UnitKind::Collective);
    assert_eq!(view.unit("市科技局").unwrap().kind(), UnitKind::Body);
    let details = view.details("plan/1/1/1").unwrap().unwrap();
    let source = details.source.unwrap();
    assert_eq!((details.title.as_str(), details.text.as_str()), ("甲事", "甲事。"));
    assert_eq!((source.document.as_str(), source.line, source.column), ("plan.txt", 2, 3));
    assert_eq!(details.fields["clause"], "（责任单位：市科技局、财政局；完成时限：2021年底前）");
    assert_eq!((details.fields["basis"].as_str(), details.fields["deadline"].as_str()), ("convention", "2021年底前"));
}

#[test]
fn a_dry_run_changes_nothing_and_its_plan_is_what_is_carried_out() {
    let index = Index::in_memory();
    let notice = Notice::read(PLAN);
    let plan = import(&index, &notice).plan().unwrap();
    assert_eq!(index.revision(), 0);
    let planned = format!("{plan:?}");
    let done = plan.commit().unwrap();
    assert_eq!(format!("{done:?}"), planned);
    assert_eq!((index.revision(), index.view().len()), (1, 61));
    assert_eq!(done.changes().tasks().count(), 61);
}

#[test]
fn a_plan_is_not_carried_out_on_an_index_that_has_changed_since() {
    let index = Index::in_memory();
    let notice = Notice::read(FIRST);
    let plan = import(&index, &notice).plan().unwrap();
    index.assign("other/1", ["市科技局"]).unwrap();
    assert!(matches!(plan.commit(), Err(ImportError::Index(Error::Conflict(_)))));
    assert_eq!(index.view().len(), 1);
}

#[test]
fn importing_the_same_notice_again_changes_nothing_and_takes_no_revision() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("plan.ri");
    let notice = Notice::read(PLAN);
    let aliases = || Aliases::parse("省发改委 省发展改革委\n").unwrap();
    {
        let index = Index::open(&path).unwrap();
        assert_eq!(import(&index, &notice).aliases(aliases()).commit().unwrap().revision(), 1);
    }
    let index = Index::open(&path).unwrap();
    let again = import(&index, &notice).aliases(aliases()).commit().unwrap();
    assert!(again.is_empty());
    assert_eq!((again.unchanged(), again.revision(), index.revision()), (61, 1, 1));
}

#[test]
fn a_corrected_notice_changes_just_what_differs_and_reports_it() {
    let index = Index::in_memory();
    import(&index, &Notice::read(FIRST)).commit().unwrap();
    let text = FIRST.replace("市教育局、市民政局牵头", "市民政局牵头").replace("丙事", "丁事");
    let second = Notice::read(&text);
    let done = import(&index, &second).commit().unwrap();
    let reassigned: Vec<_> = done.reassigned().collect();
    assert_eq!(reassigned.len(), 1);
    assert_eq!(reassigned[0].key, "plan/1/2/1");
    assert_eq!(reassigned[0].before.as_ref().unwrap().lead(), Some("市教育局"));
    assert_eq!(reassigned[0].after.as_ref().unwrap().lead(), Some("市民政局"));
    assert_eq!(done.reworded().map(|change| change.key).collect::<Vec<_>>(), ["plan/1/3/1"]);
    assert_eq!((done.added().count(), done.unchanged(), done.gone().len()), (0, 1, 0));
    assert_eq!(index.view().details("plan/1/3/1").unwrap().unwrap().text, "丁事。");
}

#[test]
fn tasks_gone_from_the_notice_are_reported_and_unassigned_only_on_demand() {
    let index = Index::in_memory();
    import(&index, &Notice::read(FIRST)).commit().unwrap();
    index.assign("plan2/1", ["市科技局"]).unwrap();
    let text = FIRST.replace("3.丙事。（责任单位：市水务局）\n", "");
    let shorter = Notice::read(&text);
    let kept = import(&index, &shorter).commit().unwrap();
    assert!(kept.is_empty());
    assert_eq!(kept.gone(), ["plan/1/3/1"]);
    assert!(index.lead("plan/1/3/1").is_some());
    let done = import(&index, &shorter).remove_gone(true).commit().unwrap();
    assert_eq!((done.gone().len(), done.removes_gone(), done.is_empty()), (1, true, false));
    assert!(index.lead("plan/1/3/1").is_none());
    assert!(index.lead("plan2/1").is_some());
    assert_eq!((done.unchanged(), done.added().count()), (2, 0));
}

#[test]
fn spellings_are_taken_for_one_unit_and_found_by_each_name() {
    let index = Index::in_memory();
    let notice =
        Notice::read("1.甲事。（责任单位：县人力社保局、县财政局）\n2.乙事。（责任单位：县人社局、县人力社保局）\n");
    let aliases = Aliases::parse("县人力社保局 县人社局\n").unwrap();
    import(&index, &notice).aliases(aliases).commit().unwrap();
    let view = index.view();
    assert_eq!(view.led_by("县人社局").unwrap().len(), 2);
    assert_eq!(view.unit("县人社局").unwrap().name(), "县人力社保局");
    assert_eq!(view.supporting("plan/2/1").count(), 0);
}

#[test]
fn aliases_of_the_index_resolve_in_a_notice() {
    let index = Index::in_memory();
    index.batch().create_unit("县人力资源和社会保障局", UnitKind::Body).commit().unwrap();
    index.batch().add_alias("县人力资源和社会保障局", "县人社局").commit().unwrap();
    let notice = Notice::read("1.甲事。（责任单位：县人社局、县财政局、县人力资源和社会保障局）\n");
    import(&index, &notice).commit().unwrap();
    assert_eq!(index.lead("plan/1/1").as_deref(), Some("县人力资源和社会保障局"));
    assert_eq!(index.supporting("plan/1/1"), ["县财政局"]);
    assert!(import(&index, &notice).plan().unwrap().is_empty());
}

#[test]
fn a_spelling_that_is_another_unit_is_reported_and_left() {
    let index = Index::in_memory();
    index.batch().create_unit("县人社局", UnitKind::Body).commit().unwrap();
    let notice = Notice::read("1.甲事。（责任单位：县人力社保局）\n");
    let aliases = Aliases::parse("县人力社保局 县人社局\n").unwrap();
    let done = import(&index, &notice).aliases(aliases).commit().unwrap();
    assert_eq!(done.names_taken(), ["县人社局"]);
}

#[test]
fn two_name_plates_are_found_by_each() {
    let index = Index::in_memory();
    let notice = Notice::read("1.甲事。（责任单位：市经信局市新经济委、市科技局）\n");
    import(&index, &notice).commit().unwrap();
    assert_eq!(index.view().led_by("市新经济委").unwrap().len(), 1);
    assert_eq!(index.view().led_by("市经信局").unwrap().len(), 1);
    assert!(import(&index, &notice).plan().unwrap().is_empty());
}

#[test]
fn an_index_that_rejects_unknown_units_names_the_one() {
    let index = OpenOptions::new().unknown_units(UnknownUnits::Reject).in_memory();
    let notice = Notice::read("1.甲事。（责任单位：市科技局）\n");
    let error = import(&index, &notice).commit().unwrap_err();
    assert_eq!(
        error.to_string(),
        "plan.txt: 1 of 1 tasks are refused\n  1:3: plan/1/1: no unit is called \"市科技局\""
    );
    assert_eq!(index.revision(), 0);
}

#[test]
fn a_document_that_is_no_text_is_an_error_that_names_it() {
    let error = text_of("a.txt", b"abc\xFF").unwrap_err();
    let expected = "a.txt is neither UTF-8 nor GB18030: byte 3 can't be read; if it is Latin-1, convert it with \
                    iconv -f ISO-8859-1 -t UTF-8 a.txt";
    assert_eq!(error.to_string(), expected);
    let spaced = text_of("my plan.txt", b"R\xE9sum\xE9").unwrap_err().to_string();
    assert!(spaced.ends_with("iconv -f ISO-8859-1 -t UTF-8 'my plan.txt'"), "{spaced}");
    let binary = text_of("a.bin", b"\x7FELF\x02\x00\xFF\xFF").unwrap_err();
    assert_eq!(binary.to_string(), "a.bin is not text: byte 5 is zero");
    for (empty, expected) in
        [("", "is empty"), (" \n\u{3000}\n", "has nothing but white space"), ("\u{FEFF}", "is empty")]
    {
        assert_eq!(text_of("a.txt", empty.as_bytes()).unwrap_err().to_string(), format!("a.txt {expected}"));
    }
    assert_eq!(text_of("a.txt", "\u{FEFF}一、甲".as_bytes()).unwrap(), "一、甲");
}

#[test]
fn a_prefix_may_end_with_one_slash() {
    let index = Index::in_memory();
    let notice = Notice::read("1.甲事。（责任单位：市科技局）\n");
    Import::new(&index, &notice, "plan/").commit().unwrap();
    assert!(index.view().tasks().keys().eq(["plan/1/1"]));
    for (prefix, expected) in
        [("plan//", "the prefix \"plan//\" ends with more than one slash"), ("", "the prefix is empty")]
    {
        let error = Import::new(&index, &notice, prefix).plan().unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
    assert!(Import::new(&index, &notice, "/").plan().is_err());
}

/// A plan can be returned by a function that reads the notice itself.
#[test]
fn a_plan_does_not_borrow_the_notice() {
    fn planned<'i>(index: &'i Index, text: &str) -> ImportPlan<'i> {
        Import::new(index, &Notice::read(text), "plan").plan().unwrap()
    }
    let index = Index::in_memory();
    assert_eq!(planned(&index, "1.甲事。（责任单位：市科技局）\n").commit().unwrap().added().count(), 1);
}

#[test]
fn a_notice_without_a_clause_is_an_error_that_names_it() {
    let index = Index::in_memory();
    let error = import(&index, &Notice::read("一、总则\n做好工作。\n")).plan().unwrap_err();
    assert_eq!(error.to_string(), "plan.txt has no clause that names a responsible unit");
    let notice = Reader::new().accept_convention(false).read("1.甲事。（责任单位：市科技局）\n");
    let error = import(&index, &notice).plan().unwrap_err();
    let expected =
        "plan.txt has no clause that names a responsible unit; 1 have one without a marked lead, which is not accepted";
    assert_eq!(error.to_string(), expected);
    assert_eq!(index.revision(), 0);
}

#[test]
fn a_table_of_spellings_takes_separators_and_comments_and_refuses_a_name_twice() {
    let aliases = Aliases::parse("# comment\n\n甲局 = 乙局，丙局、丁局\t戊局 # more\n己局\n").unwrap();
    assert_eq!(aliases.spellings("甲局").collect::<Vec<_>>(), ["乙局", "丙局", "丁局", "戊局"]);
    assert_eq!(
        (aliases.canonical("戊局"), aliases.canonical("己局"), aliases.canonical("庚局")),
        ("甲局", "己局", "庚局")
    );
    let error = Aliases::parse("甲局 乙局\n丙局 乙局\n").unwrap_err();
    assert_eq!((error.line, error.name.as_str(), error.first), (2, "乙局", 1));
    assert!(error.to_string().contains("line 2") && error.to_string().contains("乙局"));
}
