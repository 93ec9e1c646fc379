//! No word of responsibility is passed over in silence: what is of no task is a finding, once for each line.

use responsibility_index::notice::Notice;

use crate::{found, reads};

#[test]
fn a_line_that_speaks_of_responsibility_and_is_of_no_task_is_reported_once() {
    for line in [
        "各单位要履行责任，落实责任，配合检查。",
        "修路由市交通局主办",
        "协辦機關由市財政局擔任",
        "属地按职责分工负责",
        "牵头者，市交通局也",
        "市交通局为承办方",
    ] {
        let text = format!("说明\n{line}\n其他\n");
        reads(&text, &[]);
        assert_eq!(found(&text, "line not read"), [line]);
    }
}

#[test]
fn a_line_of_a_task_or_of_another_finding_is_not_reported_again() {
    for text in [
        "1.修路。落实主体责任。（责任单位：市交通局）\n",
        "1.修路。落实主体责任。\n做好配合。\n（责任单位：市交通局）\n",
        "一、总则\n由市科技局负责解释。\n",
        "一、落实责任\n各项工作照旧。\n",
        "序号\t任务\t责任单位\n1\t落实责任\t市交通局\n",
        "北山有限责任公司\n",
        "修路架桥，方便出行。\n",
    ] {
        assert_eq!(found(text, "line not read"), [""; 0], "{text}");
    }
}

#[test]
fn the_title_of_the_document_is_no_line_that_was_not_read() {
    for title in [
        "《北山创新行动计划》工作任务分工方案（任务与责任单位摘编）",
        "关于落实安全生产责任、做好配合工作的意见",
        "# 市级部门责任清单",
        "　　《2021年重点任务责任分工方案》（试行）",
        "**县政府重点工作责任分工**",
        "落實責任工作要點",
    ] {
        let text = format!("\n{title}\n\n1.修路。（责任单位：市交通局）\n");
        reads(&text, &["市交通局 |  | convention"]);
        assert_eq!(found(&text, "line not read"), [""; 0]);
    }
}

#[test]
fn a_first_line_that_is_no_title_is_reported() {
    for line in [
        "各单位要落实责任",
        "各单位要落实责任方案。各自执行本计划",
        "（一）落实责任的办法",
        "修路由市交通局主办，按本方案",
        "市交通局（牵头）修路方案",
        "太仓区负责种树计划",
        "序号\t任务\t牵头者清单",
        "联系人及责任人：张三，见责任清单",
    ] {
        let text = format!("{line}\n1.修路。（责任单位：市交通局）\n");
        let notice = Notice::read(&text);
        assert!(notice.findings().any(|finding| finding.line() == 1), "{line}");
    }
    // Words of the site come before the title of a page. Behind the first number there is none.
    let site = "首页\n责任分工方案\n1.修路。（责任单位：市交通局）\n责任分工方案\n";
    assert_eq!(found(site, "line not read"), ["责任分工方案"]);
    let numbered = "1.修路。（责任单位：市交通局）\n责任分工方案\n";
    assert_eq!(found(numbered, "line not read"), ["责任分工方案"]);
}

#[test]
fn a_gap_in_the_numbering_does_not_hide_a_line() {
    let text = "3.各单位要落实责任\n4.修路。（责任单位：市交通局）\n";
    assert_eq!(found(text, "gap in the numbering").len(), 1);
    assert_eq!(found(text, "heading without a task").len(), 1);
    let text = "一、修路。（责任单位：市交通局）\n（二）各单位要落实责任\n1.种树。（责任单位：市林业局）\n";
    assert_eq!(found(text, "line not read"), ["（二）各单位要落实责任"]);
}

#[test]
fn a_heading_without_a_task_hides_only_the_words_of_its_title() {
    assert_eq!(found("1.落实责任。各项工作照旧。\n", "line not read"), [""; 0]);
    assert_eq!(found("1.修路。责任单位为市交通局。\n", "line not read"), ["1.修路。责任单位为市交通局。"]);
}

#[test]
fn a_header_without_rows_is_reported() {
    assert_eq!(found("序号\t任务\t责任单位\n修路架桥。\n", "line not read"), ["序号\t任务\t责任单位"]);
}

#[test]
fn cells_and_titles_of_columns_that_are_not_read_are_reported() {
    let text = "序号\t任务\t负责情况\t牵头单位\t备注\n1\t修路\t好\t市交通局\t由市公安局负责\n";
    reads(text, &["市交通局 |  | explicit"]);
    assert_eq!(found(text, "line not read"), ["负责情况", "由市公安局负责"]);
    let text = "序号\t任务\t牵头者\n1\t修路\t市交通局\n";
    reads(text, &[]);
    assert_eq!(found(text, "line not read"), ["序号\t任务\t牵头者"]);
}

#[test]
fn tables_without_tabs_and_bars_are_reported() {
    for text in [
        "序号,任务,牵头单位,配合单位\n1,修路,市交通局,市财政局\n",
        "序号，任务，牵头单位，配合单位\n1，修路，市交通局，市财政局\n",
        "序号 任务 牵头单位 参与单位\n1 修路 市交通局 市财政局、市公安局等\n",
        "序号　任务　责任单位及责任人\n1　修路　市交通局张三\n",
    ] {
        reads(text, &[]);
        assert_eq!(found(text, "table not read"), [text.lines().next().unwrap()]);
    }
    let text = "要求，牵头单位，要落实责任。\n";
    assert_eq!((found(text, "table not read").len(), found(text, "line not read").len()), (0, 1));
}

#[test]
fn a_long_line_is_shown_by_its_start() {
    let text = format!("牵头者{}\n", "好".repeat(500));
    let notice = Notice::read(&text);
    let finding = notice.findings().next().unwrap();
    assert_eq!((finding.span().start, finding.span().end), (0, 240));
}
