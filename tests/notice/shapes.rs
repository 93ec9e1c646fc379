//! Longer texts in the shapes that whole notices have.

use responsibility_index::notice::Notice;

use crate::{reads, sections};

#[test]
fn an_opinion_of_the_state_council_is_read() {
    let text = "国务院关于促进工作的若干意见\n国发〔2019〕3号\n\n各省、自治区、直辖市人民政府，国务院各部委、各直属机构：\n现提出以下意见：\n一、指导思想\n坚持稳中求进。\n二、主要任务\n（一）统筹市场。\n1.拓展市场。积极推广试点。（税务总局、财政部、海关总署负责，排在第一位的部门为牵头部门，下同）\n2.提前适用政策。（海关总署、商务部等有关部门负责）\n（二）推动创新。\n3.建设高地。（发展改革委、科技部、文化和旅游部及各省级人民政府负责）\n三、有关要求\n海关总署要继续做好牵头工作。\n国务院\n2019年1月12日\n（此件公开发布）\n";
    reads(
        text,
        &[
            "税务总局 | 财政部 海关总署 | rule",
            "海关总署 | 商务部 有关部门 | rule",
            "发展改革委 | 科技部 文化和旅游部 各省级人民政府 | rule",
        ],
    );
    sections(text, &["2/1/1", "2/1/2", "2/2/3"]);
}

#[test]
fn a_county_list_with_persons_is_read() {
    let text = "一、重点工作\n1.实施改造工程，完成投资5亿元。\n责任领导：张三\n牵头单位：县住建局\n责任单位：县财政局、自然资源局，各乡镇人民政府\n完成时限：2023年12月底\n2.建设学校。\n责任领导：李四\n牵头单位：县教育局\n";
    reads(text, &["县住建局 | 县财政局 县自然资源局 各乡镇人民政府 | explicit", "县教育局 |  | explicit"]);
    sections(text, &["1/1", "1/2"]);
    let notice = Notice::read(text);
    assert_eq!(notice.task(0).unwrap().text(), "实施改造工程，完成投资5亿元。");
    assert_eq!(notice.task(0).unwrap().deadline(), Some("2023年12月底"));
}

#[test]
fn a_division_of_work_in_sentences_is_read() {
    let text = "一、任务分工\n（一）完善制度。由省发展改革委牵头，省财政厅、司法厅配合。\n（二）加强监管。省市场监管局牵头，省公安厅等部门按职责分工负责，2022年底前完成。\n（三）强化宣传。省委宣传部、网信办负责。\n";
    reads(
        text,
        &[
            "省发展改革委 | 省财政厅 省司法厅 | explicit",
            "省市场监管局 | 省公安厅 | explicit",
            "省委宣传部 | 省网信办 | convention",
        ],
    );
    sections(text, &["1/1", "1/2", "1/3"]);
}

#[test]
fn a_plan_in_articles_is_read() {
    let text = "第一章 总则\n第一条 为做好工作，制定本办法。\n第二章 任务\n第一节 改革\n第二条 简化手续。【牵头单位：市政务服务局；配合单位：市市场监管局、市税务局】\n第三条 本办法由市政务服务局负责解释。\n";
    reads(text, &["市政务服务局 | 市市场监管局 市税务局 | explicit"]);
    sections(text, &["2/1/2"]);
}
