//! Forms that offices use and that are easily misread: labels with a word before them, labels that are not known, broken
//! lists, lists of rectifications, marks of Markdown, general nouns, persons, odd marks.

use responsibility_index::UnitKind;
use responsibility_index::notice::Notice;

use crate::{clause, found, reads, sections};

/// Reads a task "repair the roads" with `line` below it.
#[track_caller]
fn line(line: &str, expected: &str) {
    let text = format!("1.修路。\n{line}\n");
    reads(&text, &[expected]);
    assert_eq!(Notice::read(&text).tasks().map(|task| task.text()).collect::<Vec<_>>(), ["修路。"], "{line}");
}

#[test]
fn a_word_straight_before_a_label_belongs_to_it() {
    clause("市级牵头单位：市交通局；县级责任单位：各县区政府", "市交通局 | 各县区政府 | explicit");
    line("整改责任单位：市交通局", "市交通局 |  | convention");
    line("市级责任单位：市交通局\n县级责任单位：各县区政府", "市交通局 | 各县区政府 | convention");
    line("县级牵头部门：县交通局\n配合单位：县财政局", "县交通局 | 县财政局 | explicit");
    // Names, words of prose and titles are none.
    line("责任单位：市交通局责任单位：市财政局", "市交通局 | 市财政局 | convention");
    reads("一、总则\n各市级责任单位：要加强领导，落实责任。\n", &[]);
    let title = Notice::read("修路责任单位：市交通局\n架桥责任单位：市水利局\n");
    assert_eq!(title.tasks().map(|task| task.text()).collect::<Vec<_>>(), ["修路", "架桥"]);
}

#[test]
fn two_labels_joined_to_one_are_one() {
    line("牵头单位及责任单位：市交通局、市财政局", "市交通局 | 市财政局 | convention");
    line("牵头、责任单位：市交通局、市财政局", "市交通局 | 市财政局 | convention");
    line("牵头（责任）单位：市交通局\n配合单位：市财政局", "市交通局 | 市财政局 | explicit");
    line("责任领导及责任单位：张三，市交通局", "市交通局 |  | convention");
}

#[test]
fn second_and_third_responsible_units_support() {
    line("第一责任单位：市财政局\n第二责任单位：市交通局", "市财政局 | 市交通局 | explicit");
    reads("1.修路。（责任单位：市财政局）\n第二责任单位：市交通局\n", &["市财政局 | 市交通局 | explicit"]);
}

#[test]
fn supporting_units_alone_never_lead() {
    for text in [
        "1.修路。\n第二责任单位：市交通局\n",
        "1.修路。\n配合单位：市交通局\n",
        "1.修路。（分管副市长负责，市交通局配合）\n",
    ] {
        reads(text, &[]);
        assert_eq!(found(text, "no lead named").len(), 1, "{text}");
    }
}

#[test]
fn a_bullet_or_a_quotation_mark_before_a_label_is_of_no_task() {
    for mark in ["◆", "> ", "- ", "●", "“", "※ ", "▪ "] {
        line(&format!("{mark}责任单位：市交通局"), "市交通局 |  | convention");
    }
    line("“责任单位：市交通局”", "市交通局 |  | convention");
}

#[test]
fn a_label_that_is_not_known_is_passed_over_with_its_value() {
    for (inside, passed) in [
        ("负责部门：市交通局，适用范围：北山新区", "适用范围：北山新区"),
        ("责任单位：市交通局；联系电话：123456", "联系电话：123456"),
        ("责任单位：市交通局；资金来源：市财政局、市水利局", "资金来源：市财政局、市水利局"),
        ("适用范围：北山新区，责任单位：市交通局", "适用范围：北山新区"),
        ("责任单位：市交通局；监管部门：市财政局", "监管部门：市财政局"),
        ("责任单位：市交通局；施工单位：北山路桥公司", "施工单位：北山路桥公司"),
        ("责任单位：市交通局 联系电话：123456", "联系电话：123456"),
        ("责任单位：市交通局 12345678", "12345678"),
    ] {
        clause(inside, "市交通局 |  | convention");
        assert_eq!(found(&format!("1.做好工作。（{inside}）\n"), "part of a clause not read"), [passed]);
    }
    clause("责任单位：市交通局；资金来源：市财政局；市水利局", "市交通局 | 市水利局 | convention");
    clause("牵头单位：市交通局；资金来源：市财政局，配合单位：市水利局", "市交通局 | 市水利局 | explicit");
    clause("责任单位：市级：市交通局；县级：县水利局", "市交通局 | 县水利局 | convention");
}

#[test]
fn supervisors_and_accepters_have_no_part() {
    clause("责任单位：市交通局；验收单位：市发展改革委", "市交通局 |  | convention");
    clause("责任单位：市交通局；行业主管部门：市住建局", "市交通局 |  | convention");
    clause("责任单位：市交通局；督导责任单位：市住建局", "市交通局 |  | convention");
}

#[test]
fn labels_of_projects_motions_and_districts_are_read() {
    for label in ["主管部门", "主管机关", "建设单位", "分办单位", "责任区县", "权责单位", "分工"]
    {
        line(&format!("{label}：市交通局、市财政局"), "市交通局 | 市财政局 | convention");
    }
    for label in ["部门分工", "分工"] {
        line(&format!("{label}：省发展改革委牵头，各地配合"), "省发展改革委 | 各地 | explicit");
    }
}

#[test]
fn labels_of_plans_of_taiwan_are_read() {
    line("權責單位：交通部", "交通部 |  | convention");
    line("權責機關：交通部", "交通部 |  | convention");
    line("主政單位：交通部", "交通部 |  | convention");
    line("主（協）辦機關：交通部、(內政部)", "交通部 | 內政部 | explicit");
    line("主(協)辦機關：交通部（內政部、衛生福利部）", "交通部 | 內政部 衛生福利部 | explicit");
    reads("1.修路。\n主（協）辦機關：\n", &[]);
    assert_eq!(found("1.修路。\n主（協）辦機關：\n", "not read as a clause").len(), 1);
}

#[test]
fn persons_behind_units_are_set_aside() {
    for (label, value, person) in [
        ("责任单位及责任人", "市交通局张三", "张三"),
        ("责任单位及责任人", "市交通局 张三", "张三"),
        ("责任单位、责任人", "市交通局（张三）", "（张三）"),
        ("责任单位（责任人）", "市交通局、李四", "李四"),
        ("责任单位和负责人", "市交通局局长张三", "局长张三"),
        ("责任单位及责任人", "市交通局 副局长张三", "副局长张三"),
        ("责任单位", "市交通局（王小明）", "（王小明）"),
        ("责任单位", "市交通局（张三、李四）", "（张三、李四）"),
    ] {
        line(&format!("{label}：{value}"), "市交通局 |  | convention");
        assert_eq!(found(&format!("1.修路。\n{label}：{value}\n"), "person set aside"), [person]);
    }
    line("责任单位（人）：市交通局", "市交通局 |  | convention");
    line("责任单位：市政府办（金融）、市发改委（高新办）", "市政府办（金融） | 市发改委（高新办） | convention");
}

#[test]
fn titles_of_persons_are_no_units() {
    let inside = "分管副市长负责，市交通局牵头，市财政局配合";
    clause(inside, "市交通局 | 市财政局 | explicit");
    assert_eq!(found(&format!("1.修路。（{inside}）\n"), "person set aside"), ["分管副市长"]);
    clause("市领导牵头，市交通局负责，市财政局配合", "市交通局 | 市财政局 | explicit");
    clause("市政府秘书长、市交通局局长，市交通局负责", "市交通局 |  | convention");
}

#[test]
fn a_list_broken_in_a_name_goes_on_in_the_next_line() {
    let text = "1.修路。\n责任单位：市交通局、市财政局、市体育\n局、市文旅局\n2.架桥。\n责任单位：市水利局\n";
    reads(text, &["市交通局 | 市财政局 市体育局 市文旅局 | convention", "市水利局 |  | convention"]);
    line("责任单位：市交通局\n、市文旅局", "市交通局 | 市文旅局 | convention");
}

#[test]
fn a_line_of_units_below_a_list_goes_on_with_it_and_is_reported_elsewhere() {
    line("配合单位：市水利局\n          市民政局\n责任单位：市交通局", "市交通局 | 市水利局 市民政局 | explicit");
    let text = "1.修路。\n责任单位：市水利局\n市民政局\n2.架桥。\n责任单位：市交通局\n";
    reads(text, &["市水利局 |  | convention", "市交通局 |  | convention"]);
    assert_eq!(found(text, "line not read"), ["市民政局"]);
}

#[test]
fn a_label_alone_in_its_line_has_its_units_below_it() {
    line("责任单位：\n市交通局\n市财政局\n市水利局", "市交通局 | 市财政局 市水利局 | convention");
}

#[test]
fn prose_before_a_name_is_no_doubtful_name() {
    reads("加强组织领导\n共同推进、市交通局负责\n", &[]);
    reads("1.加强组织领导，由市交通局牵头，市财政局配合。\n", &["市交通局 | 市财政局 | explicit"]);
    let notice = Notice::read("1.加强组织领导，由市交通局牵头，市财政局配合。\n");
    assert_eq!(notice.task(0).unwrap().text(), "加强组织领导，");
}

#[test]
fn measures_belong_to_the_problem_above_them() {
    let text = "（一）问题：河道有垃圾。\n整改措施：\n1.清理河道。\n2.建立制度。\n责任单位：市水利局\n整改时限：6月底\n（二）问题：修路。\n责任单位：市交通局\n";
    reads(text, &["市水利局 |  | convention", "市交通局 |  | convention"]);
    sections(text, &["1", "2"]);
    let notice = Notice::read(text);
    let task = notice.task(0).unwrap();
    assert_eq!(task.text(), "问题：河道有垃圾。\n整改措施：\n1.清理河道。\n2.建立制度。");
    assert_eq!(task.deadline(), Some("6月底"));
}

#[test]
fn measures_with_units_of_their_own_are_headings() {
    let text = "（一）落实政策。\n具体措施：\n1.清理河道。（市水利局负责）\n2.建立制度。（市交通局负责）\n";
    sections(text, &["1/1", "1/2"]);
    let text =
        "（一）问题：河道有垃圾。\n整改措施：\n1.清理河道。\n责任单位：市水利局\n2.建立制度。\n责任单位：市交通局\n";
    sections(text, &["1/1", "1/2"]);
}

#[test]
fn marks_of_markdown_are_of_no_name_and_no_text() {
    line("**责任单位**：市交通局", "市交通局 |  | convention");
    line("**责任单位：**市交通局、市财政局", "市交通局 | 市财政局 | convention");
    line("**牵头单位**：市交通局\n**配合单位**：市财政局", "市交通局 | 市财政局 | explicit");
    line("- **责任单位**：**市交通局**、市财政局", "市交通局 | 市财政局 | convention");
}

#[test]
fn headings_of_markdown_are_headings() {
    sections("## 一、交通\n### 1. 修路\n责任单位：市交通局\n", &["1/1"]);
    sections("- **(一) 修路**\n责任单位：市交通局\n- **(二) 架桥**\n责任单位：市水利局\n", &["1", "2"]);
    let notice = Notice::read("- **(一) 修路**\n责任单位：市交通局\n");
    assert_eq!((notice.task(0).unwrap().text(), notice.task(0).unwrap().heading()), ("修路", "修路"));
}

#[test]
fn a_list_in_brackets_behind_a_quotation_is_a_clause() {
    reads("1.研发推广。」（工信部、公安部）\n", &["工信部 | 公安部 | convention"]);
    reads("1.修好“四横”等。”（公安部）\n", &["公安部 |  | convention"]);
}

#[test]
fn enterprises_and_localities_lead_as_collectives() {
    clause("企业负责，市财政局支持", "企业 | 市财政局 | explicit");
    clause("地方负责，交通运输部指导", "地方 | 交通运输部 | explicit");
    clause("企业、市财政局负责", "企业 | 市财政局 | convention");
    clause("北山区、南山区等地区负责", "北山区 | 南山区 | convention");
    let notice = Notice::read("1.修路。（企业负责，市财政局支持）\n");
    assert_eq!(notice.units().next().unwrap().kind(), UnitKind::Collective);
    reads("一、总则\n企业自行负责。\n", &[]);
}

#[test]
fn a_line_with_one_doubtful_name_is_read_and_the_name_reported() {
    for name in ["共青团中央", "民盟中央", "中国移动", "中石化", "市城投", "自来水厂", "药学部", "第一师", "属地"]
    {
        let text = format!("1.修路。\n教育部、{name}等按职责分工负责\n");
        reads(&text, &[&format!("教育部 | {name} | shared")]);
        assert_eq!(found(&text, "perhaps no unit"), [name]);
        let text = format!("1.修路。（教育部、{name}）\n");
        reads(&text, &[&format!("教育部 | {name} | convention")]);
    }
    reads("1.修路。\n市交通局、中国移动、中石化负责\n", &[]);
    assert_eq!(found("1.修路。\n市交通局、中国移动、中石化负责\n", "line not read").len(), 1);
}

#[test]
fn odd_marks_are_read_as_those_they_stand_for() {
    clause("责任单位∶市交通局、市财政局", "市交通局 | 市财政局 | convention");
    line("责任单位：市交通局\u{B}配合单位：市财政局", "市交通局 | 市财政局 | explicit");
    for list in ["①市交通局②市财政局", "1.市交通局2.市财政局", "1、市交通局2、市财政局", "①市交通局；②市财政局"]
    {
        clause(&format!("责任单位：{list}"), "市交通局 | 市财政局 | convention");
        line(&format!("责任单位：{list}"), "市交通局 | 市财政局 | convention");
    }
    let notice = Notice::read("1.修路。\u{B}责任单位：市交通局\n2.架桥。（责任单位：市水利局）\n");
    assert_eq!(notice.position(notice.task(1).unwrap().text_span().start).0, 2);
}

#[test]
fn a_list_that_only_points_at_another_is_reported() {
    for inside in ["同上", "同第1项", "同前"] {
        for text in [format!("1.修路。（责任单位：{inside}）\n"), format!("1.修路。\n责任单位：{inside}\n")]
        {
            reads(&text, &[]);
            assert_eq!(found(&text, "not read as a clause").len(), 1, "{text}");
        }
    }
}

#[test]
fn the_same_label_directly_behind_a_list_goes_on_with_it() {
    line("责任单位：区政府\n责任单位：商务局", "区政府 | 商务局 | convention");
    line("牵头单位：区政府\n牵头单位：市商务局\n配合单位：市财政局", "区政府+市商务局 | 市财政局 | explicit");
    let text = "1.修路。责任单位：市交通局\n2.架桥。责任单位：市水利局\n";
    reads(text, &["市交通局 |  | convention", "市水利局 |  | convention"]);
}

#[test]
fn institutions_with_names_of_their_own_take_no_jurisdiction() {
    for name in ["北山实验室", "北山研究所", "北山日报社", "北山农垦局", "北山中心", "北山集团"]
    {
        clause(&format!("责任单位：省科技厅、{name}、教育厅"), &format!("省科技厅 | {name} 省教育厅 | convention"));
    }
    clause("责任单位：省科技厅、疾控中心、政务服务中心", "省科技厅 | 省疾控中心 省政务服务中心 | convention");
}

#[test]
fn widths_of_brackets_and_radicals_make_no_second_unit() {
    let text = "1.修路。（责任单位：市工信局（科技办）、市\u{2F2F}信局(科技办)、市\u{2F2F}信局、市工信局）\n";
    reads(text, &["市工信局（科技办） | 市工信局 | convention"]);
}
