//! Sections: the path of the headings above a task.

use responsibility_index::notice::Notice;

use crate::{found, sections};

const CLAUSE: &str = "（责任单位：市科技局）\n";

#[test]
fn every_style_of_number_is_a_heading() {
    for (text, expected) in [
        ("第一章 总则\n第二节 任务\n第三条 做好。", "1/2/3"),
        ("一、任务\n（二）做好。", "1/2"),
        ("一、任务\n(二)做好。", "1/2"),
        ("1.做好。", "1"),
        ("1．做好。", "1"),
        ("1、做好。", "1"),
        ("1﹒做好。", "1"),
        ("一、任务\n（一）分项\n1.小项\n（1）细项\n①做好。", "1/1/1/1/1"),
        ("十二、任务\n（二十一）做好。", "12/21"),
        ("一、任务\n1）做好。", "1/1"),
        ("１．做好。", "1"),
        ("　　一、任务\n　　（一）做好。", "1/1"),
        ("第十一条 做好。", "11"),
    ] {
        sections(&format!("{text}{CLAUSE}"), &[expected]);
    }
}

#[test]
fn a_number_straight_before_a_year_is_a_heading() {
    sections(&format!("一、任务\n3．2020年底前做好。{CLAUSE}"), &["1/3"]);
    sections(&format!("一、任务\n2.2021—2023年做好。{CLAUSE}"), &["1/2"]);
}

#[test]
fn a_decimal_is_no_heading() {
    sections(&format!("一、任务\n1.8万平方米建成。{CLAUSE}"), &["1"]);
    sections(&format!("一、任务\n12.5%完成。{CLAUSE}"), &["1"]);
    sections(&format!("一、任务\n一、二等奖发放。{CLAUSE}"), &["1"]);
}

#[test]
fn numbers_restart_or_run_on() {
    let text =
        format!("一、甲\n（一）子。{CLAUSE}（二）丑。{CLAUSE}二、乙\n（三）寅。{CLAUSE}三、丙\n（一）卯。{CLAUSE}");
    sections(&text, &["1/1", "1/2", "2/3", "3/1"]);
    assert!(found(&text, "gap in the numbering").is_empty());
}

#[test]
fn items_in_a_paragraph_are_no_headings() {
    sections(&format!("二、支持。（1）贴息；（2）补贴；（3）算力。{CLAUSE}"), &["2"]);
    sections(&format!("（一）支持。按照本条第（二）项执行。{CLAUSE}"), &["1"]);
}

#[test]
fn an_item_straight_behind_a_clause_is_a_heading_when_it_goes_on_in_the_numbering() {
    sections(
        "1.甲事。（责任单位：市科技局）2.乙事。（责任单位：市财政局）\n3.丙事。（责任单位：市教育局）\n",
        &["1", "2", "3"],
    );
}

#[test]
fn an_upper_heading_ends_the_lower_ones() {
    sections(
        &format!("一、甲\n1.子。{CLAUSE}（一）丑。{CLAUSE}1.寅。{CLAUSE}二、乙。{CLAUSE}"),
        &["1/1", "1/1", "1/1/1", "2"],
    );
}

#[test]
fn tasks_before_any_heading_have_keys_of_their_own() {
    let notice = Notice::read(
        "甲事。（责任单位：市科技局）\n乙事。（责任单位：市财政局）\n一、丙\n丁事。（责任单位：市教育局）\n",
    );
    let keys: Vec<String> = notice.tasks().map(|task| task.key("p")).collect();
    assert_eq!(keys, ["p/1", "p/2", "p/1/1"]);
}

#[test]
fn keys_stay_distinct_when_headings_return() {
    let text = "一、甲\n1.子。（责任单位：市科技局）\n2.丑。（责任单位：市财政局）\n".repeat(3);
    let notice = Notice::read(&text);
    let mut keys: Vec<String> = notice.tasks().map(|task| task.key("p")).collect();
    assert_eq!(keys[2], "p/1/1/2");
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), 6);
}

#[test]
fn gaps_and_returns_in_the_numbering_are_findings() {
    let text = format!("一、甲\n1.子。{CLAUSE}3.丑。{CLAUSE}1.子。{CLAUSE}三、乙\n1.寅。{CLAUSE}");
    assert_eq!(found(&text, "gap in the numbering"), ["3.丑", "1.子", "三、乙"]);
    assert_eq!(found(&text, "heading repeated"), ["1.子"]);
}

#[test]
fn the_uppermost_heading_without_a_task_is_a_finding() {
    let text = format!("一、原则\n（一）甲\n（二）乙\n二、任务\n（一）丙。{CLAUSE}（二）丁\n");
    assert_eq!(found(&text, "heading without a task"), ["一、原则", "（二）丁"]);
}

#[test]
fn headings_have_titles_up_to_the_sentence_or_the_clause() {
    let notice =
        Notice::read("1.新材料产业\n稀土。（责任单位：市科技局）\n2.优化服务。加强培训。（责任单位：市科技局）\n");
    let titles: Vec<_> = notice.tasks().map(|task| (task.heading(), task.title(), task.text())).collect();
    assert_eq!(titles[0], ("新材料产业", "稀土", "稀土。"));
    assert_eq!(titles[1], ("优化服务", "优化服务", "优化服务。加强培训。"));
}
