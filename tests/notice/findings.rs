//! What a reader is told to look at.

use responsibility_index::notice::{FindingKind, Notice};

use crate::{found, has, reads};

#[test]
fn a_finding_says_where_it_stands_what_stands_there_and_what_was_made_of_it() {
    let notice = Notice::read("一、任务\n  做好工作。（责任单位：市科技局、市财政局）\n");
    let finding = notice.findings().find(|f| matches!(f.kind(), FindingKind::LeadByConvention { .. })).unwrap();
    assert_eq!((finding.line(), finding.column(), finding.original()), (2, 8, "（责任单位：市科技局、市财政局）"));
    let expected = "2:8: lead by convention: 市科技局, listed first, leads [（责任单位：市科技局、市财政局）]";
    assert_eq!(finding.to_string(), expected);
}

#[test]
fn a_message_says_plainly_what_is_wrong() {
    let text =
        "1.甲事。（责任单位：市科技局）\n3.甲事。（责任单位：市科技局、市科技局）\n4.乙事。（责任单位：市教育局\n";
    let messages: Vec<String> = Notice::read(text).findings().map(|finding| finding.to_string()).collect();
    let says =
        |wanted: &str| assert!(messages.iter().any(|message| message.contains(wanted)), "{wanted}: {messages:#?}");
    says("2:1: gap in the numbering: expected heading 2, found 3 [");
    says("unit named twice: 市科技局 is named again; kept once, at its first place [");
    says("the same task twice: same text and units as the task at 1:6; kept as a task of its own [");
    says("unclosed bracket: no closing bracket; read up to the end of the line or sentence [");
}

#[test]
fn a_place_behind_the_end_is_the_end() {
    let notice = Notice::read("一\n二三");
    assert_eq!((notice.position(7), notice.position(10), notice.position(usize::MAX)), ((2, 2), (2, 3), (2, 3)));
    assert_eq!(Notice::read("").position(9), (1, 1));
}

#[test]
fn columns_count_characters_also_far_into_a_long_line() {
    let text = format!("{}（责任单位：市科技局）", "字".repeat(2000));
    let notice = Notice::read(&text);
    let finding = notice.findings().next().unwrap();
    assert_eq!((finding.line(), finding.column()), (1, 2001));
}

#[test]
fn a_collective_is_reported_where_it_first_stands() {
    let text = "1.甲事。（市科技局牵头，各地区负责）\n2.乙事。（市科技局牵头，各地区负责）\n";
    assert_eq!(found(text, "collective"), ["各地区"]);
}

#[test]
fn the_same_task_twice_is_read_and_reported() {
    let text = "1.甲事。（责任单位：市科技局）\n2.乙事。（责任单位：市财政局）\n3.甲事。（责任单位：市科技局）\n";
    let notice = Notice::read(text);
    assert_eq!(notice.tasks().len(), 3);
    assert!(has(&notice, |kind| kind == FindingKind::TaskRepeated { task: 2, earlier: 0 }));
}

#[test]
fn the_same_task_with_other_units_is_reported_as_such() {
    let text = "1.甲事。（责任单位：市科技局）\n2.甲事。（责任单位：市财政局）\n";
    assert!(has(&Notice::read(text), |kind| kind == FindingKind::TaskWithOtherUnits { task: 1, earlier: 0 }));
}

#[test]
fn a_clause_without_a_text_is_a_task_and_a_finding() {
    let text = "1.（责任单位：市科技局）\n";
    reads(text, &["市科技局 |  | convention"]);
    assert_eq!(found(text, "clause without a task text"), ["（责任单位：市科技局）"]);
}

#[test]
fn an_unclosed_bracket_is_reported_and_a_clause_in_it_read() {
    let text = "1.甲事。（责任单位：市科技局、市财政局\n2.乙事。（责任单位：市教育局）\n";
    reads(text, &["市科技局 | 市财政局 | convention", "市教育局 |  | convention"]);
    assert_eq!(found(text, "unclosed bracket"), ["（责任单位：市科技局、市财政局"]);
    assert_eq!(found("1.甲事。(市政府办公室、市", "unclosed bracket"), ["(市政府办公室、市"]);
}

#[test]
fn an_unclosed_bracket_does_not_swallow_the_next_clause() {
    reads(
        "1.甲事。（责任单位：市科技局2.乙事。（责任单位：市教育局）\n",
        &["市科技局 |  | convention", "市教育局 |  | convention"],
    );
}

#[test]
fn a_name_that_may_be_another_spelling_is_reported() {
    let text = "1.甲事。（责任单位：县人力社保局）\n2.乙事。（责任单位：县人社局）\n3.丙事。（责任单位：县财政局）\n";
    let notice = Notice::read(text);
    assert!(has(&notice, |kind| kind == FindingKind::NameVariant { unit: 1, other: 0 }));
    assert_eq!(found(text, "perhaps another spelling").len(), 1);
}

#[test]
fn names_of_different_bodies_are_no_spellings_of_each_other() {
    let text = "1.甲事。（责任单位：市科技局、市财政局、市教育局、市委宣传部、市委组织部、市税务局、市审计局）\n";
    assert!(found(text, "perhaps another spelling").is_empty());
}

#[test]
fn a_piece_of_a_clause_that_names_nobody_is_reported() {
    let text = "1.甲事。（责任单位：市科技局，具体工作按有关规定要求由其他的人完成为好）\n";
    reads(text, &["市科技局 |  | convention"]);
    assert_eq!(found(text, "part of a clause not read").len(), 1);
}

#[test]
fn findings_come_in_the_order_of_the_text() {
    let text = include_str!("../../seeds/fujian-2016.txt");
    let notice = Notice::read(text);
    let places: Vec<usize> = notice.findings().map(|finding| finding.span().start).collect();
    assert!(places.is_sorted() && !places.is_empty());
}
