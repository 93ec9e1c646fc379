//! Who leads, and on what that rests.

use responsibility_index::notice::{Basis, FindingKind, LeadRule, Notice, Reader};

use crate::{clause, found, found_with, has, reads};

const RULES: [&str; 12] = [
    "列第一位的为牵头单位",
    "列第一位者为牵头单位",
    "排在第一位的部门为牵头部门",
    "排第一位的单位为牵头单位",
    "排名第一的为牵头单位",
    "各项任务中排在首位的部门为牵头部门",
    "责任单位中第一个为牵头单位",
    "第一家单位为牵头单位",
    "列为第一责任单位的为牵头单位",
    "首家单位为牵头单位",
    "第一责任单位为牵头单位",
    "排列第一位的单位作为牵头单位",
];

#[test]
fn a_rule_in_a_clause_tells_the_lead_there_and_below() {
    for rule in RULES {
        let text = format!(
            "1.甲事。（市科技局、市财政局负责，{rule}，下同）\n2.乙事。（市教育局、市民政局按职责分工负责）\n3.丙事。（市水务局负责）\n"
        );
        reads(&text, &["市科技局 | 市财政局 | rule", "市教育局 | 市民政局 | rule", "市水务局 |  | rule"]);
    }
}

#[test]
fn a_rule_anywhere_in_the_text_tells_the_lead_everywhere() {
    for rule in RULES {
        reads(
            &format!("{rule}，其他责任单位配合。\n1.甲事。（责任单位：市科技局、市财政局）\n"),
            &["市科技局 | 市财政局 | rule"],
        );
        reads(&format!("1.甲事。（责任单位：市科技局、市财政局）\n注：{rule}。\n"), &["市科技局 | 市财政局 | rule"]);
    }
}

#[test]
fn rule_text_behind_a_full_stop_in_a_clause_names_no_unit() {
    clause("市科技局、市财政局负责。列第一位者为牵头单位，下同", "市科技局 | 市财政局 | rule");
    clause("责任单位：市科技局、市财政局；排名第一的为牵头单位，其他为配合单位，下同", "市科技局 | 市财政局 | rule");
}

#[test]
fn the_units_before_the_first_comma_lead_where_the_rule_says_so() {
    let text = "1.甲事。（责任单位：市科技局、市数据局，市委网信办、市财政局；第一个逗号前为牵头单位，多个牵头部门的按照职责分工负责，下同）\n2.乙事。（责任单位：市数据局，市科技局）\n3.丙事。（责任单位：市科技局、市经信局）\n";
    reads(
        text,
        &[
            "市科技局+市数据局 | 市委网信办 市财政局 | rule",
            "市数据局 | 市科技局 | rule",
            "市科技局+市经信局 |  | rule",
        ],
    );
}

#[test]
fn a_marked_lead_stands_before_the_rule() {
    let text = "1.甲事。（市科技局、市财政局负责，列第一位的为牵头单位，下同）\n2.乙事。（市教育局配合，市民政局牵头）\n3.丙事。（责任单位：市水务局、*市农业农村局）\n";
    reads(
        text,
        &["市科技局 | 市财政局 | rule", "市民政局 | 市教育局 | explicit", "市农业农村局 | 市水务局 | explicit"],
    );
}

#[test]
fn stars_and_brackets_mark_leads() {
    clause("责任单位：*县人社局、县科技局", "县人社局 | 县科技局 | explicit");
    clause("责任单位：县人社局、★县科技局、县财政局", "县科技局 | 县人社局 县财政局 | explicit");
    clause("责任单位：县人社局、县科技局*、县财政局", "县科技局 | 县人社局 县财政局 | explicit");
    clause("责任单位：县人社局（牵头）、县科技局", "县人社局 | 县科技局 | explicit");
    clause("责任单位：县科技局、县人社局（牵头单位）、县财政局（配合）", "县人社局 | 县科技局 县财政局 | explicit");
}

#[test]
fn several_marked_leads_are_joint() {
    clause("市科技局、市财政局牵头，市教育局配合", "市科技局+市财政局 | 市教育局 | explicit");
    clause("牵头单位：市科技局、市财政局、团市委", "市科技局+市财政局+团市委 |  | explicit");
    let text = "1.做好工作。（市科技局、市财政局牵头，市教育局配合）\n";
    let notice = Notice::read(text);
    let units: Vec<_> = notice.units().map(|unit| (unit.name(), unit.leads(), unit.supports())).collect();
    assert_eq!(units, [("市科技局", 1, 0), ("市财政局", 0, 1), ("市教育局", 0, 1)]);
    assert!(has(&notice, |kind| matches!(kind, FindingKind::JointLeads { task: 0 })));
}

#[test]
fn responsible_units_beside_a_lead_support_and_alone_are_the_whole_list() {
    clause("牵头单位：市科技局，责任单位：市财政局、市教育局", "市科技局 | 市财政局 市教育局 | explicit");
    clause("责任单位：市科技局、市财政局", "市科技局 | 市财政局 | convention");
}

#[test]
fn main_and_other_responsible_units_are_lead_and_support() {
    clause("主要责任单位：市科技局；其他责任单位：市财政局、市教育局", "市科技局 | 市财政局 市教育局 | explicit");
}

#[test]
fn a_list_before_supporting_units_leads_jointly() {
    clause("市科技局、市财政局，配合部门：市教育局", "市科技局+市财政局 | 市教育局 | explicit");
    clause("责任单位：市科技局；配合单位：市财政局", "市科技局 | 市财政局 | explicit");
    clause("市科技局负责，市财政局配合", "市科技局 | 市财政局 | explicit");
}

#[test]
fn joint_action_marks_the_first_as_lead() {
    clause("市科技局会同市财政局、市教育局", "市科技局 | 市财政局 市教育局 | explicit");
    clause("市科技局、市财政局会同市教育局等有关部门负责", "市科技局+市财政局 | 市教育局 有关部门 | explicit");
}

#[test]
fn what_is_not_accepted_is_a_finding_and_no_task() {
    let text = "1.甲事。（责任单位：市科技局、市财政局）\n2.乙事。（市教育局、市民政局按职责分工负责）\n3.丙事。（市水务局牵头）\n";
    let bases =
        |reader: Reader| reader.read(text).tasks().map(|task| (task.key("p"), task.basis())).collect::<Vec<_>>();
    let all = [
        ("p/1/1".to_owned(), Basis::Convention),
        ("p/2/1".to_owned(), Basis::Shared),
        ("p/3/1".to_owned(), Basis::Explicit),
    ];
    assert_eq!(bases(Reader::new()), all);
    assert_eq!(bases(Reader::new().accept_convention(false)), all[1..]);
    assert_eq!(bases(Reader::new().accept_convention(false).accept_shared(false)), all[2..]);
    let refused = found_with(Reader::new().accept_shared(false), text, "lead not accepted");
    assert_eq!(refused, ["（市教育局、市民政局按职责分工负责）"]);
}

#[test]
fn the_basis_is_a_finding_where_nothing_marks_the_lead() {
    assert_eq!(
        found("1.甲事。（责任单位：市科技局、市财政局）\n", "lead by convention"),
        ["（责任单位：市科技局、市财政局）"]
    );
    assert_eq!(found("1.甲事。（市科技局、市财政局按职责分工负责）\n", "lead of a shared task").len(), 1);
}

#[test]
fn a_rule_is_reported_with_its_place() {
    let notice = Notice::read("注：\n列第一位的为牵头单位。\n1.甲事。（责任单位：市科技局）\n");
    let rules: Vec<_> = notice.rules().map(|(order, span)| (order, notice.position(span.start))).collect();
    assert_eq!(rules, [(LeadRule::First, (2, 2))]);
    assert!(has(&notice, |kind| kind == FindingKind::RuleFound { rule: LeadRule::First }));
}

#[test]
fn prose_about_the_first_is_no_rule() {
    for text in [
        "第一批项目的牵头单位给予奖励。",
        "第一，牵头单位要落实责任。",
        "首批试点单位为市科技局。",
        "第一个项目由市科技局牵头。",
    ] {
        assert_eq!(Notice::read(text).rules().count(), 0, "{text}");
    }
}

#[test]
fn units_of_every_later_task_are_reported_or_added() {
    let text = "1.甲事。[责任单位：市科技局、市财政局，各区、县（市）政府。以下均需各区、县（市）政府落实，不再列出]\n2.乙事。（责任单位：市教育局）\n3.丙事。（责任单位：市民政局）\n";
    reads(
        text,
        &[
            "市科技局 | 市财政局 各区、县（市）政府 | convention",
            "市教育局 |  | convention",
            "市民政局 |  | convention",
        ],
    );
    let notice = Reader::new().add_units_everywhere(true).read(text);
    let supporting: Vec<Vec<&str>> = notice.tasks().map(|task| task.supporting().collect()).collect();
    assert_eq!(
        supporting,
        [vec!["市财政局", "各区、县（市）政府"], vec!["各区、县（市）政府"], vec!["各区、县（市）政府"]]
    );
    assert!(has(&notice, |kind| kind == FindingKind::UnitsEverywhere { units: 1, applied: true }));
    assert!(has(&Notice::read(text), |kind| kind == FindingKind::UnitsEverywhere { units: 1, applied: false }));
}

#[test]
fn units_of_every_later_task_may_be_told_outside_a_clause() {
    let text = "以下任务均需各县（市、区）人民政府落实，不再一一列出。\n1.甲事。（市科技局牵头）\n";
    let notice = Reader::new().add_units_everywhere(true).read(text);
    assert_eq!(notice.task(0).unwrap().supporting().collect::<Vec<_>>(), ["各县（市、区）人民政府"]);
    assert_eq!(notice.units_everywhere().collect::<Vec<_>>(), ["各县（市、区）人民政府"]);
}
