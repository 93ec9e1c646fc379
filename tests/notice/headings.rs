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

/// Path, mark, title and place of each heading.
fn shown(text: &str) -> Vec<String> {
    let notice = Notice::read(text);
    let path = |path: &[u32]| path.iter().map(u32::to_string).collect::<Vec<_>>().join("/");
    let shown = notice.headings().map(|heading| {
        let place = (heading.line(), heading.column());
        format!("{} {}|{} {}:{}", path(heading.path()), heading.mark(), heading.title(), place.0, place.1)
    });
    shown.collect()
}

#[test]
fn all_headings_are_given_with_their_titles_in_the_order_of_the_text() {
    let text = format!(
        "方案\n第一章 总则\n一、甲事\n  （一） 子：丑。\n1.寅。{CLAUSE}（二）\n### ① **卯**\n二、辰{CLAUSE}第二章 附则\n"
    );
    assert_eq!(
        shown(&text),
        [
            "1 第一章|总则 2:1",
            "1/1 一、|甲事 3:1",
            "1/1/1 （一）|子 4:3",
            "1/1/1/1 1.|寅 5:1",
            "1/1/2 （二）| 6:1",
            "1/1/2/1 ①|卯 7:5",
            "1/2 二、|辰 8:1",
            "2 第二章|附则 9:1",
        ]
    );
    assert_eq!(shown("方案\n修路。（责任单位：市科技局）\n"), [""; 0]);
}

#[test]
fn a_heading_that_returns_is_given_once_with_its_first_title() {
    let text = format!("一、甲\n1.子。{CLAUSE}一、乙\n1.子。{CLAUSE}2.丑。{CLAUSE}");
    assert_eq!(shown(&text), ["1 一、|甲 1:1", "1/1 1.|子 2:1", "1/2 2.|丑 5:1"]);
}

#[test]
fn the_title_of_a_row_is_the_task_in_its_cell() {
    let header = "序号\t牵头单位\t任务\t目标\n";
    assert_eq!(shown(&format!("{header}1\t市科技局\t修路。架桥。\t十处\n")), ["1 1|修路 2:1"]);
    assert_eq!(shown(&format!("{header}\t市科技局\t2.修路\t十处\n")), ["2 2.|修路 2:7"]);
    assert_eq!(shown(&format!("{header}\t市科技局\t3.\t十处\n")), ["3 3.|十处 2:7"]);
    assert_eq!(shown("任务\t序号\t责任单位\n修路\t4\t市科技局\n"), ["4 4|修路 2:4"]);
}

/// The text of the task was taken to begin behind the number.
#[test]
fn a_row_may_have_its_number_behind_its_task() {
    let notice = Notice::read("任务\t序号\t责任单位\n修路\t4\t市科技局\n");
    assert_eq!(notice.task(0).map(|task| (task.text(), task.section())), Some(("修路", vec![4])));
}

#[test]
fn each_section_has_its_heading() {
    let text = format!("一、甲\n（二）乙\n3.丙。{CLAUSE}");
    let notice = Notice::read(&text);
    let title = |section: &[u32]| notice.heading_of(section).map(|heading| heading.title().to_owned());
    assert_eq!(title(&[1, 2, 3]).as_deref(), Some("丙"));
    assert_eq!(title(&[1, 2]).as_deref(), Some("乙"));
    assert_eq!(title(&[1]).as_deref(), Some("甲"));
    for section in [&[][..], &[2], &[1, 3], &[1, 2, 3, 1], &[u32::MAX]] {
        assert_eq!(title(section), None, "{section:?}");
    }
}

#[test]
fn parts_stand_above_all_other_headings() {
    for part in ["部分", "篇", "编"] {
        let text = format!("第一{part} 总论\n一、甲\n（一）子。{CLAUSE}第二{part} 分论\n一、乙\n（一）丑。{CLAUSE}");
        sections(&text, &["1/1/1", "2/1/1"]);
    }
    sections(&format!("一、甲\n第一部分的工作。{CLAUSE}"), &["1"]);
}

#[test]
fn headings_are_found_in_text_without_line_breaks_and_brackets() {
    sections(
        "一、主要工作1、修路。铺设管网 责任单位：市交通局、市住建局2、种树。绿化荒山 责任单位：市林业局二、组织保障1、检查 责任单位：市审计局",
        &["1/1", "1/2", "2/1"],
    );
    sections(
        "制定本方案。1.修路。铺设管网100公里。责任单位：市交通局2.种树。绿化荒山。责任单位：市林业局、市水务局3.检查。责任单位：市审计局",
        &["1", "2", "3"],
    );
    sections(
        "一、建设。修路铺网，建成10处。市交通局负责。二、绿化。种树护林。市林业局牵头，各区配合。（一）检查。由市审计局负责。",
        &["1", "2", "2/1"],
    );
    sections(
        "第一章 总则以人为本。第二章 任务第一节 修路铺设管网。责任单位：市交通局。第二节 种树 绿化荒山。责任单位：市林业局。第三章 保障加强检查。责任单位：市审计局。",
        &["2/1", "2/2", "3"],
    );
    sections(
        "关于印发要点的通知\n一、建设（一）修路。铺设管网，改善出行，方便群众。责任单位：市交通局（二）种树。绿化荒山。责任单位：市林业局二、保障（三）检查。责任单位：市审计局附件：1.清单2.表格\n",
        &["1/1", "1/2", "2/3"],
    );
}
