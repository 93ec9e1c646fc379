//! Tables whose cells are separated by tabs or bars.

use responsibility_index::notice::Notice;

use crate::{reads, sections};

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

/// The outline asks for the next number, which the largest one does not have.
#[test]
fn a_number_without_a_next_one_is_no_number_of_a_row() {
    for number in ["4294967295", "99999999999999999999"] {
        sections(&format!("序号\t任务\t责任单位\n{number}\t推进改革\t市科技局\n2\t优化服务\t市教育局\n"), &["", "2"]);
    }
    sections("序号\t任务\t责任单位\n4294967294\t推进改革\t市科技局\n", &["4294967294"]);
}
