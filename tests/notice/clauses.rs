//! Where a clause stands and how it is written.

use responsibility_index::notice::Notice;

use crate::{clause, found, reads};

#[test]
fn every_label_in_brackets_is_read() {
    for label in ["责任单位", "责任部门", "责任主体", "实施单位", "落实单位", "承办单位", "工作责任单位"]
    {
        clause(&format!("{label}：市科技局、市财政局"), "市科技局 | 市财政局 | convention");
    }
    for label in [
        "牵头单位",
        "牵头部门",
        "主办单位",
        "主办部门",
        "主要责任单位",
        "第一责任单位",
        "牵头责任单位",
        "牵头",
        "主责部门",
    ] {
        clause(&format!("{label}：市科技局；配合单位：市财政局"), "市科技局 | 市财政局 | explicit");
    }
    for label in [
        "配合单位",
        "协办单位",
        "参与单位",
        "协同单位",
        "其他责任单位",
        "参加单位",
        "协助单位",
        "支持单位",
        "配合",
        "责任单位",
        "协同配合单位",
    ] {
        clause(&format!("牵头单位：市科技局；{label}：市财政局、市教育局"), "市科技局 | 市财政局 市教育局 | explicit");
    }
}

#[test]
fn brackets_of_every_kind_and_width_hold_clauses() {
    for (open, close) in
        [("（", "）"), ("(", ")"), ("〔", "〕"), ("[", "]"), ("【", "】"), ("［", "］"), ("（", ")"), ("(", "）")]
    {
        let text = format!("1.做好工作。{open}责任单位：市科技局、市委组织部（人才办）、各县（市、区）政府{close}\n");
        reads(&text, &["市科技局 | 市委组织部（人才办） 各县（市、区）政府 | convention"]);
    }
}

#[test]
fn half_width_punctuation_separates_as_full_width_does() {
    reads("1.做好工作。(牵头单位:市科技局;配合单位:市财政局,市教育局)\n", &["市科技局 | 市财政局 市教育局 | explicit"]);
}

#[test]
fn traditional_characters_are_read() {
    reads("1.做好工作。(責任單位:市科技局、市財政局)\n", &["市科技局 | 市財政局 | convention"]);
    reads(
        "1.做好工作。（牽頭單位：省發展改革委，配合單位：省財政廳、教育廳）\n",
        &["省發展改革委 | 省財政廳 省教育廳 | explicit"],
    );
    reads("1.做好工作。（市財政局負責，排在第一位的部門為牽頭部門，下同）\n", &["市財政局 |  | rule"]);
    reads("1.做好工作。（市財政局會同市教育局及各縣區政府負責）\n", &["市財政局 | 市教育局 各縣區政府 | explicit"]);
}

#[test]
fn a_label_on_a_line_of_its_own_is_a_clause() {
    let text = "1．打造创业带。建设平台。\n责任单位：市科技局、市工信局，各开发区管委会，各区县（市）政府\n2．建设社区。\n责任单位：各区县（市）政府\n";
    reads(
        text,
        &["市科技局 | 市工信局 各开发区管委会 各区县（市）政府 | convention", "各区县（市）政府 |  | convention"],
    );
    let notice = Notice::read(text);
    assert_eq!(notice.task(0).unwrap().clause(), "责任单位：市科技局、市工信局，各开发区管委会，各区县（市）政府");
    assert_eq!(notice.task(0).unwrap().text(), "打造创业带。建设平台。");
}

#[test]
fn labelled_lines_one_under_another_are_one_clause() {
    let text = "1.推进改革。\n牵头单位：市发展改革委\n配合单位：市财政局、市教育局\n完成时限：2021年6月底前\n2.优化服务。\n牵头单位：市科技局\n责任单位：市财政局\n";
    reads(text, &["市发展改革委 | 市财政局 市教育局 | explicit", "市科技局 | 市财政局 | explicit"]);
    let notice = Notice::read(text);
    assert_eq!(notice.task(0).unwrap().deadline(), Some("2021年6月底前"));
    assert_eq!(
        notice.task(0).unwrap().clause(),
        "牵头单位：市发展改革委\n配合单位：市财政局、市教育局\n完成时限：2021年6月底前"
    );
    assert_eq!(notice.task(1).unwrap().text(), "优化服务。");
}

#[test]
fn a_label_and_its_units_may_stand_on_two_lines() {
    reads("1.推进改革。\n责任单位：\n市科技局、市财政局\n2.下一项。\n", &["市科技局 | 市财政局 | convention"]);
    reads("1.推进改革。\n责任单位：市科技局、\n市财政局\n2.下一项。\n", &["市科技局 | 市财政局 | convention"]);
}

#[test]
fn a_label_in_running_text_is_a_clause() {
    reads("1.推进改革，优化服务。责任单位：市科技局、市财政局。\n2.其他。\n", &["市科技局 | 市财政局 | convention"]);
    reads("1.推进改革。牵头单位：市科技局。配合单位：市财政局。\n2.其他。\n", &["市科技局 | 市财政局 | explicit"]);
    reads("1.推进改革 责任单位：市科技局\n", &["市科技局 |  | convention"]);
}

#[test]
fn several_labels_stand_in_one_clause() {
    clause(
        "牵头单位：市科技局，责任单位：市财政局、市教育局，配合单位：各区县政府",
        "市科技局 | 市财政局 市教育局 各区县政府 | explicit",
    );
    clause("责任领导：张三；牵头单位：市科技局；配合单位：市财政局；责任人：李四", "市科技局 | 市财政局 | explicit");
    clause("牵头单位：市科技局 配合单位：市财政局 市教育局", "市科技局 | 市财政局 市教育局 | explicit");
}

#[test]
fn a_label_without_a_colon_or_with_is_in_its_place_is_read() {
    clause("责任单位 市科技局、市财政局", "市科技局 | 市财政局 | convention");
    clause("牵头单位为市科技局，配合单位：市财政局", "市科技局 | 市财政局 | explicit");
    clause("市科技局为牵头单位，市财政局、市教育局为配合单位", "市科技局 | 市财政局 市教育局 | explicit");
}

#[test]
fn a_label_repeated_without_a_separator_is_read() {
    clause("责任单位：责任单位：市科技局、市财政局", "市科技局 | 市财政局 | convention");
    clause("牵头单位：市科技局配合单位：市财政局、市教育局", "市科技局 | 市财政局 市教育局 | explicit");
}

#[test]
fn a_label_spaced_out_is_read() {
    clause("责 任 单 位：市科技局、市财政局", "市科技局 | 市财政局 | convention");
    reads("1.做好工作。\n牵　头　单　位：市科技局\n配 合 单 位：市财政局\n", &["市科技局 | 市财政局 | explicit"]);
}

#[test]
fn a_label_with_a_remark_before_its_colon_is_read() {
    clause("责任单位（列第一位的为牵头单位）：市科技局、市财政局", "市科技局 | 市财政局 | rule");
    clause("牵头单位（部门）：市科技局，配合单位（排名不分先后）：市财政局", "市科技局 | 市财政局 | explicit");
}

#[test]
fn sentences_of_units_and_role_words_are_clauses() {
    clause("市科技局牵头", "市科技局 |  | explicit");
    clause("市科技局牵头负责", "市科技局 |  | explicit");
    clause("市科技局、市财政局负责", "市科技局 | 市财政局 | convention");
    clause("市科技局牵头，市财政局、市教育局配合", "市科技局 | 市财政局 市教育局 | explicit");
    clause("市科技局牵头，市财政局按职责分工负责", "市科技局 | 市财政局 | explicit");
    clause("市科技局、市财政局按职责分工负责", "市科技局 | 市财政局 | shared");
    clause("市科技局会同市财政局负责", "市科技局 | 市财政局 | explicit");
    clause("市科技局、市财政局等负责", "市科技局 | 市财政局 | convention");
}

#[test]
fn role_words_come_in_many_phrases() {
    clause("由市科技局牵头，市财政局参与", "市科技局 | 市财政局 | explicit");
    clause("市科技局牵头，会同市财政局、市教育局组织实施", "市科技局 | 市财政局 市教育局 | explicit");
    clause("市科技局牵头、市财政局配合", "市科技局 | 市财政局 | explicit");
    clause("市科技局牵头，市财政局、市教育局按照各自职责分工配合落实", "市科技局 | 市财政局 市教育局 | explicit");
    clause("市科技局、市财政局按照各自职责分别负责", "市科技局 | 市财政局 | shared");
    clause("市科技局、市财政局依职责分工落实", "市科技局 | 市财政局 | shared");
    clause("市科技局、市财政局根据职责负责", "市科技局 | 市财政局 | shared");
    clause("市科技局总牵头，市财政局、市教育局密切配合", "市科技局 | 市财政局 市教育局 | explicit");
    clause("市科技局、市财政局，按职责分工负责", "市科技局 | 市财政局 | shared");
    clause("市科技局负责牵头落实，市财政局等单位配合", "市科技局 | 市财政局 | explicit");
}

#[test]
fn a_role_word_governs_all_groups_before_it() {
    clause(
        "省发展改革委牵头负责，省科技厅、财政厅，广东证监局，各地级以上市人民政府配合",
        "省发展改革委 | 省科技厅 省财政厅 广东证监局 各地级以上市人民政府 | explicit",
    );
    clause("财政部、税务总局，各省级人民政府按职责分工负责", "财政部 | 税务总局 各省级人民政府 | shared");
}

#[test]
fn units_behind_a_lead_and_without_a_role_word_support() {
    clause("市科技局牵头，市财政局、市教育局", "市科技局 | 市财政局 市教育局 | explicit");
}

#[test]
fn a_label_and_role_words_mix() {
    clause("责任单位：市科技局牵头，市财政局、市教育局配合", "市科技局 | 市财政局 市教育局 | explicit");
    clause("责任分工：由市科技局牵头，市财政局配合", "市科技局 | 市财政局 | explicit");
    clause("责任单位：市科技局、市财政局按职责分工负责", "市科技局 | 市财政局 | shared");
}

#[test]
fn a_sentence_on_a_line_of_its_own_is_a_clause() {
    reads(
        "1.推进改革。\n市科技局牵头，市财政局、市教育局配合。\n2.其他。\n",
        &["市科技局 | 市财政局 市教育局 | explicit"],
    );
    reads("1.推进改革。\n市科技局、市财政局负责\n", &["市科技局 | 市财政局 | convention"]);
}

#[test]
fn a_sentence_at_the_end_of_a_paragraph_is_a_clause() {
    reads("1.推进改革，优化服务。由市科技局牵头，市财政局配合。\n", &["市科技局 | 市财政局 | explicit"]);
    reads(
        "1.推进改革，优化服务，由市科技局牵头，市财政局、市教育局配合。\n",
        &["市科技局 | 市财政局 市教育局 | explicit"],
    );
}

#[test]
fn a_deadline_in_a_clause_is_kept_as_written() {
    for (inside, deadline) in [
        ("责任单位：市科技局；完成时限：2021年6月底前", "2021年6月底前"),
        ("完成时限：2021年6月底前；责任单位：市科技局", "2021年6月底前"),
        ("责任单位：市科技局，时限要求：2021年6月底前，持续推进", "2021年6月底前，持续推进"),
        ("市科技局负责，2021年底前完成", "2021年底前完成"),
        ("2021年底前完成，市科技局负责", "2021年底前完成"),
        ("责任单位：市科技局；长期坚持", "长期坚持"),
        ("责任单位：市科技局，时间节点：长期", "长期"),
    ] {
        let text = format!("1.做好工作。（{inside}）\n");
        let notice = Notice::read(&text);
        let task = notice.task(0).unwrap_or_else(|| panic!("{inside}: {notice:?}"));
        assert_eq!((task.lead(), task.units().count(), task.deadline()), ("市科技局", 1, Some(deadline)), "{inside}");
    }
}

#[test]
fn each_of_several_clauses_in_a_paragraph_governs_the_sentences_since_the_one_before() {
    let text = "2.提供支持。给予资助。（责任单位：市人社局）对人才给予补贴。每年选拔一批。（责任单位：市委人才办）建设基地。（责任单位：市教育局）\n";
    let notice = Notice::read(text);
    let tasks: Vec<(String, &str)> = notice.tasks().map(|task| (task.key("p"), task.text())).collect();
    assert_eq!(
        tasks,
        [
            ("p/2/1".into(), "提供支持。给予资助。"),
            ("p/2/2".into(), "对人才给予补贴。每年选拔一批。"),
            ("p/2/3".into(), "建设基地。"),
        ]
    );
}

#[test]
fn a_clause_behind_paragraphs_governs_its_own_paragraph_or_all_when_it_stands_alone() {
    let notice = Notice::read("（一）打造社区。立足定位。\n“一核”：建设园区。（责任单位：市科技局）\n");
    assert_eq!(notice.task(0).unwrap().text(), "“一核”：建设园区。");
    let notice = Notice::read("（一）打造社区。立足定位。\n“一核”：建设园区。\n（责任单位：市科技局）\n");
    assert_eq!(notice.task(0).unwrap().text(), "打造社区。立足定位。\n“一核”：建设园区。");
}

#[test]
fn parents_and_their_items_both_have_clauses() {
    let text = "（一）推进改革。（市科技局牵头，市财政局配合）\n1.简化手续。（市财政局负责）\n2.优化服务。（市教育局负责）\n（二）扩大开放（市商务局牵头）\n1.引进外资。（市商务局负责）\n";
    let notice = Notice::read(text);
    let keys: Vec<String> = notice.tasks().map(|task| task.key("p")).collect();
    assert_eq!(keys, ["p/1/1", "p/1/1/1", "p/1/2/1", "p/2/1", "p/2/1/1"]);
    assert_eq!(notice.task(3).unwrap().heading(), "扩大开放");
}

#[test]
fn a_text_that_lost_its_line_breaks_is_read() {
    let text = "现制定如下方案。一、深化改革，提高精准性（一）落实政策，提供支撑。（财政部、税务总局等国务院相关部门及各地区按职责分工负责）具体措施：1．总结经验。（财政部牵头，国务院相关部门及各地区按职责分工负责）2．2021年6月底前简化程序，压减8.5%的时间。（税务总局负责）（二）扩大融资。（人民银行牵头）1．推行便捷服务。（人民银行负责）二、放管结合（三）精简审批。（国务院办公厅牵头，各地区、各部门负责）";
    let notice = Notice::read(text);
    let keys: Vec<String> = notice.tasks().map(|task| task.key("p")).collect();
    assert_eq!(keys, ["p/1/1/1", "p/1/1/1/1", "p/1/1/2/1", "p/1/2/1", "p/1/2/1/1", "p/2/3/1"]);
    assert_eq!(notice.task(2).unwrap().text(), "2021年6月底前简化程序，压减8.5%的时间。");
}

#[test]
fn labels_without_brackets_end_at_the_next_heading_when_breaks_are_lost() {
    let text = "二、举措（一）优化布局1．打造创业带。建设平台。责任单位：市科技局、市工信局，各区县（市）政府2．建设社区。布局设施。责任单位：各开发区管委会，各区县（市）政府（二）创新模式3．打造平台。责任单位：市工信局三、保障措施加强协调。";
    reads(
        text,
        &[
            "市科技局 | 市工信局 各区县（市）政府 | convention",
            "各开发区管委会 | 各区县（市）政府 | convention",
            "市工信局 |  | convention",
        ],
    );
}

#[test]
fn a_bracket_over_broken_lines_is_read() {
    reads(
        "1.做好工作。（责任单位：市科技局、市\n财政局、市教育局）\n2.其他。\n",
        &["市科技局 | 市财政局 市教育局 | convention"],
    );
}

#[test]
fn support_in_a_bracket_of_its_own_is_of_the_clause_before() {
    reads("1.做好工作。（牵头单位：市科技局）（配合单位：市财政局）\n", &["市科技局 | 市财政局 | explicit"]);
}

#[test]
fn a_list_of_bodies_in_brackets_behind_a_paragraph_is_a_clause() {
    reads("1.做好工作。（市科技局、市财政局）\n2.其他。\n", &["市科技局 | 市财政局 | convention"]);
}

#[test]
fn prose_is_no_clause() {
    for text in [
        "本办法由市科技局负责解释。",
        "由市科技局负责解释。",
        "（由市科技局负责解释）",
        "市科技局会同市财政局、市教育局等部门，组织开展评选活动。",
        "市科技局要会同有关部门组织开展检查。",
        "对揭榜单位的牵头单位给予奖励。",
        "各牵头单位要切实履行职责，各配合单位要主动配合。",
        "各责任单位：要加强领导，落实责任。",
        "海关总署要继续做好牵头工作，会同有关部门建立机制。",
        "市发改局负责优化要素配置；市工信局负责产业链培育；市人社局负责创业就业。",
        "建立由政府负责人牵头、相关部门共同参与的工作机制，因地制宜。",
        "由一家牵头部门统一受理、配合部门分头办理，实行一表申请。",
        "各部门按照职责分工负责。",
        "（此件公开发布）",
        "（一人公司）是指个人创业者（含团队）。",
        "实行党政同责、一岗双责（谁主管谁负责）。",
        "企业自行负责。",
        "联系人：张三，电话：12345。",
        "强化省发展改革委牵头抓总作用，健全机制。",
    ] {
        reads(&format!("一、总则\n{text}\n"), &[]);
    }
}

#[test]
fn what_looks_like_a_clause_and_is_none_is_a_finding() {
    assert_eq!(found("一、总则\n由市科技局负责解释。\n", "not read as a clause"), ["由市科技局负责解释"]);
    assert_eq!(
        found("一、总则\n做好工作（由市科技局负责解释）。\n", "not read as a clause"),
        ["（由市科技局负责解释）"]
    );
    assert_eq!(found("一、总则\n（责任单位：）\n", "not read as a clause"), ["（责任单位：）"]);
}
