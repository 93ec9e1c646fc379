//! Tables whose cells are separated by tabs or bars.

use responsibility_index::notice::Notice;

use crate::{found, reads, sections};

#[test]
fn rows_under_a_header_are_tasks() {
    let text = "重点任务清单\n序号\t任务\t牵头单位\t配合单位\t完成时限\n1\t推进改革。\t市科技局\t市财政局、教育局\t2021年6月底\n2\t优化服务\t市教育局、市民政局\t各县（市、区）政府\t持续推进\n";
    reads(text, &["市科技局 | 市财政局 市教育局 | explicit", "市教育局+市民政局 | 各县（市、区）政府 | explicit"]);
    sections(text, &["1", "2"]);
    let notice = Notice::read(text);
    let task = notice.task(0).unwrap();
    assert_eq!(
        (task.text(), task.clause(), task.deadline()),
        ("推进改革。", "市科技局\t市财政局、教育局\t2021年6月底", Some("2021年6月底"))
    );
}

#[test]
fn bars_separate_as_tabs_do() {
    let text = "| 序号 | 工作任务 | 责任单位 |\n|---|---|---|\n| 1 | 推进改革 | 市科技局、市财政局 |\n| 2 | 优化服务 | 市教育局 |\n";
    reads(text, &["市科技局 | 市财政局 | convention", "市教育局 |  | convention"]);
}

#[test]
fn a_table_stands_under_the_headings_before_it_and_ends_where_lines_have_no_cells() {
    let text =
        "二、任务清单\n序号｜重点任务｜责任单位\n1｜推进改革｜市科技局\n三、要求\n1.落实。（责任单位：市财政局）\n";
    sections(text, &["2/1", "3/1"]);
}

#[test]
fn cells_hold_role_words_as_well() {
    let text =
        "序号\t任务\t责任单位\n1\t推进改革\t市科技局牵头，市财政局配合\n2\t优化服务\t市教育局（牵头）、市民政局\n";
    reads(text, &["市科技局 | 市财政局 | explicit", "市教育局 | 市民政局 | explicit"]);
}

#[test]
fn a_row_without_a_number_is_of_the_row_before() {
    let text = "序号\t任务\t责任单位\n1\t推进改革\t市科技局\n\t优化服务\t市教育局\n";
    sections(text, &["1", "1"]);
}

#[test]
fn tabs_outside_a_table_change_nothing() {
    reads("一、\t总则\n1.\t推进改革。\t（责任单位：市科技局）\n", &["市科技局 |  | convention"]);
}

/// A sentence that is a clause ends before the tab at the end of its line. That tab is of the line of the sentence; the
/// next line begins behind the line break.
#[test]
fn a_tab_behind_a_sentence_is_not_of_the_next_line() {
    reads("\t责任单位\n甲局负责\t\n", &["甲局 |  | convention"]);
    let text = "序号\t任务\t责任单位\n市公安局负责\t\n1\t修路\t市交通局\n";
    let notice = Notice::read(text);
    assert_eq!(notice.tasks().map(|task| task.lead()).collect::<Vec<_>>(), ["市公安局", "市交通局"]);
}

/// The outline asks for the next number, which the largest one does not have.
#[test]
fn a_number_without_a_next_one_is_no_number_of_a_row() {
    for number in ["4294967295", "99999999999999999999"] {
        sections(&format!("序号\t任务\t责任单位\n{number}\t推进改革\t市科技局\n2\t优化服务\t市教育局\n"), &["", "2"]);
    }
    sections("序号\t任务\t责任单位\n4294967294\t推进改革\t市科技局\n", &["4294967294"]);
}

#[test]
fn titles_of_columns_have_words_before_and_remarks_behind() {
    for title in [
        "责任部门（单位）",
        "责任单位（责任人）",
        "责任单位及责任人",
        "责任单位、责任人",
        "整改责任单位",
        "**责任单位**",
    ] {
        let text = format!("序号\t任务\t{title}\n1\t修路\t市交通局、市财政局\n");
        reads(&text, &["市交通局 | 市财政局 | convention"]);
    }
    for lead in ["市级牵头单位", "牵头（责任）单位", "牵头部门（单位）"] {
        for support in ["县级责任单位", "配合单位（部门）", "县级配合单位"] {
            let text = format!("序号\t任务\t{lead}\t{support}\n1\t修路\t市交通局\t各县区政府\n");
            reads(&text, &["市交通局 | 各县区政府 | explicit"]);
        }
    }
}

#[test]
fn persons_in_cells_are_set_aside() {
    for cell in ["市交通局（张三）", "市交通局 张三", "市交通局、张三", "市交通局张三"] {
        let text = format!("序号\t任务\t责任单位及责任人\n1\t修路\t{cell}\n");
        reads(&text, &["市交通局 |  | convention"]);
        assert_eq!(found(&text, "person set aside").len(), 1, "{cell}");
    }
}

#[test]
fn lines_of_a_form_are_labels_and_values() {
    for text in [
        "责任单位\t市交通局\n完成时限\t6月底\n",
        "| 责任单位 | 市交通局 |\n| 完成时限 | 6月底 |\n",
        "责任单位\t市交通局\t完成时限\t6月底\n",
        "责任单位：\t\t市交通局\n完成时限：\t\t6月底\n",
    ] {
        reads(text, &["市交通局 |  | convention"]);
        assert_eq!(Notice::read(text).task(0).unwrap().deadline(), Some("6月底"), "{text}");
    }
    reads("修路。\n牵头单位\t市交通局\n配合单位\t市财政局、教育局\n", &["市交通局 | 市财政局 市教育局 | explicit"]);
    // Titles of two columns are no label and value.
    reads("责任单位\t工作任务\n市交通局\t修路\n", &["市交通局 |  | convention"]);
}

#[test]
fn a_quoted_cell_has_several_lines() {
    let text = "序号\t任务\t责任单位\n1\t修路\t\"市交通局\n市财政局\"\n2\t架桥\t\"市水利局\n市林业局\"\t备注\n3\t种树\t市林业局\n";
    reads(text, &["市交通局 | 市财政局 | convention", "市水利局 | 市林业局 | convention", "市林业局 |  | convention"]);
    sections(text, &["1", "2", "3"]);
    assert_eq!(Notice::read(text).task(1).unwrap().line(), 4);
}

#[test]
fn a_tag_of_a_line_break_separates_units() {
    for tag in ["<br>", "<br/>", "<BR />", "\u{2028}"] {
        let text = format!("| 序号 | 任务 | 责任单位 |\n|---|---|---|\n| 1 | 修路 | 市交通局{tag}市财政局 |\n");
        reads(&text, &["市交通局 | 市财政局 | convention"]);
    }
}

#[test]
fn a_supporter_in_a_row_without_a_lead_does_not_lead() {
    let text = "序号\t任务\t牵头单位\t配合单位\n1\t修路\t市交通局\t市财政局\n2\t架桥\t\t市公安局\n3\t种树\t\t\n";
    reads(text, &["市交通局 | 市财政局 | explicit"]);
    assert_eq!(found(text, "lead cell empty"), ["市公安局", "种树"]);
}

#[test]
fn cells_that_say_nobody_name_nobody() {
    let text = "序号\t任务\t牵头单位\t参与单位\n1\t修路\t市交通局\t无\n2\t架桥\t—\t市公安局\n3\t种树\t同上\t\n";
    reads(text, &["市交通局 |  | explicit"]);
    assert_eq!(found(text, "part of a clause not read"), ["同上"]);
    assert_eq!(found(text, "lead cell empty").len(), 2);
}

#[test]
fn tables_of_central_plans_of_taiwan_are_read() {
    let text = "項次\t應辦事項\t主（協）辦機關\n1\t修路\t交通部、(內政部)\n";
    reads(text, &["交通部 | 內政部 | explicit"]);
    sections(text, &["1"]);
}
