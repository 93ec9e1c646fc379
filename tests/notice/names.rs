//! Which units a list names.

use responsibility_index::UnitKind;
use responsibility_index::notice::Notice;

use crate::{clause, found};

#[track_caller]
fn names(list: &str, expected: &[&str]) {
    let text = format!("1.做好工作。（责任单位：{list}）\n");
    let notice = Notice::read(&text);
    let units: Vec<&str> = notice.tasks().flat_map(|task| task.units()).collect();
    assert_eq!(units, expected, "{list}");
}

#[test]
fn and_joins_only_where_both_sides_are_bodies() {
    names("省政务和数据局、文化和旅游厅", &["省政务和数据局", "省文化和旅游厅"]);
    names("文化和旅游部、工业和信息化部、住房和城乡建设部", &["文化和旅游部", "工业和信息化部", "住房和城乡建设部"]);
    names("银保监会及各地区", &["银保监会", "各地区"]);
    names("财政部和税务总局", &["财政部", "税务总局"]);
    names("市城市运行和政务服务办以及市财政局", &["市城市运行和政务服务办", "市财政局"]);
    names("省委宣传部和文化和旅游厅", &["省委宣传部", "省文化和旅游厅"]);
    names("市科技局与市财政局", &["市科技局", "市财政局"]);
    names("各有关部门和单位", &["各有关部门和单位"]);
    names("国务院相关部门和单位，各省级人民政府", &["国务院相关部门和单位", "各省级人民政府"]);
    names("国家发展和改革委员会、国家卫生和计划生育委员会", &["国家发展和改革委员会", "国家卫生和计划生育委员会"]);
    names("各级人力资源和社会保障部门", &["各级人力资源和社会保障部门"]);
}

#[test]
fn others_are_dropped_or_a_collective() {
    names("财政部等和各省级人民政府", &["财政部", "各省级人民政府"]);
    names("商务部、海关总署等有关部门", &["商务部", "海关总署", "有关部门"]);
    names("司法部等国务院相关部门及各地区", &["司法部", "国务院相关部门", "各地区"]);
    names("市税务局等相关单位", &["市税务局", "相关单位"]);
    names("市科技局、市财政局等", &["市科技局", "市财政局"]);
    names("市科技局、市财政局等部门", &["市科技局", "市财政局"]);
    names("市科技局、市财政局等12个部门", &["市科技局", "市财政局"]);
    names("省教育厅高等教育处", &["省教育厅高等教育处"]);
}

#[test]
fn a_jurisdiction_spoken_once_is_shared() {
    names("省科技厅、工业和信息化厅、财政厅", &["省科技厅", "省工业和信息化厅", "省财政厅"]);
    names("市发改委、科技局、市场监管局", &["市发改委", "市科技局", "市市场监管局"]);
    names("福建省科技厅、财政厅", &["福建省科技厅", "福建省财政厅"]);
    names("自治区发展改革委、财政厅", &["自治区发展改革委", "自治区财政厅"]);
    names("县农业农村局、乡村振兴局", &["县农业农村局", "县乡村振兴局"]);
    names("区教育局、卫健局", &["区教育局", "区卫健局"]);
}

#[test]
fn a_shared_jurisdiction_ends_with_its_group_or_the_next_one_spoken() {
    names("省科技厅、财政厅，税务总局", &["省科技厅", "省财政厅", "税务总局"]);
    names("省科技厅、市财政局、教育局", &["省科技厅", "市财政局", "市教育局"]);
    clause("牵头单位：省科技厅；配合单位：财政部", "省科技厅 | 财政部 | explicit");
}

#[test]
fn behind_a_department_of_the_committee_the_level_is_shared() {
    names("省委宣传部、教育厅", &["省委宣传部", "省教育厅"]);
    names("市委人才办、人社局", &["市委人才办", "市人社局"]);
    names("省委组织部、宣传部、财政厅", &["省委组织部", "省委宣传部", "省财政厅"]);
}

#[test]
fn a_word_that_begins_like_a_level_is_none() {
    names("市场监管局、教育局", &["市场监管局", "教育局"]);
    names("市政管理局、教育局", &["市政管理局", "教育局"]);
    names("市政府办公室、教育局", &["市政府办公室", "市教育局"]);
    names("乡村振兴局、教育局", &["乡村振兴局", "教育局"]);
    names("县市监局、财政局", &["县市监局", "县财政局"]);
    names("省市场监管局、财政厅", &["省市场监管局", "省财政厅"]);
    names("城市管理局、教育局", &["城市管理局", "教育局"]);
    names("住房城乡建设部、交通运输部", &["住房城乡建设部", "交通运输部"]);
}

#[test]
fn companies_and_branches_of_national_bodies_take_no_jurisdiction() {
    names("市科技局、中国移动南充分公司、财政局", &["市科技局", "中国移动南充分公司", "市财政局"]);
    names("省财政厅、投资开发集团", &["省财政厅", "投资开发集团"]);
    names("市国资委、杭州资本、市财政局", &["市国资委", "杭州资本", "市财政局"]);
    names("省财政厅、人民银行福州中心支行", &["省财政厅", "人民银行福州中心支行"]);
    names("省财政厅、国家税务总局福建省税务局", &["省财政厅", "国家税务总局福建省税务局"]);
    names("市科技局、高新区、团市委", &["市科技局", "高新区", "团市委"]);
    names("省市场监管局、省法院、省工商联、广东金融监管局", &["省市场监管局", "省法院", "省工商联", "广东金融监管局"]);
}

#[test]
fn a_place_that_the_text_names_is_not_put_behind_a_jurisdiction() {
    let notice = Notice::read("广东省人民政府文件\n1.做好工作。（责任单位：省财政厅、教育厅、广东证监局）\n");
    assert_eq!(notice.task(0).unwrap().units().collect::<Vec<_>>(), ["省财政厅", "省教育厅", "广东证监局"]);
}

#[test]
fn an_ending_spoken_once_is_shared() {
    names("广州、深圳市政府", &["广州市政府", "深圳市政府"]);
    names(
        "广州、深圳、东莞市政府，横琴粤澳深度合作区执委会",
        &["广州市政府", "深圳市政府", "东莞市政府", "横琴粤澳深度合作区执委会"],
    );
    names("福州市、厦门市人民政府", &["福州市人民政府", "厦门市人民政府"]);
}

#[test]
fn a_bracket_inside_a_name_belongs_to_it() {
    names("市委组织部（人才办）、市政府办（金融）、人社局", &["市委组织部（人才办）", "市政府办（金融）", "市人社局"]);
    names("市发展改革委（市数据局、市能源局）、市财政局", &["市发展改革委（市数据局、市能源局）", "市财政局"]);
}

#[test]
fn levels_that_share_a_government_are_one_body() {
    for name in [
        "各区、县（市）政府",
        "各县（市、区）政府",
        "各区县（市）政府",
        "各县（市、区）人民政府",
        "各市、县（区）人民政府",
        "各省、自治区、直辖市人民政府",
        "各设区市、县（市、区）政府",
        "各镇、街道",
        "各縣市區政府",
    ] {
        names(&format!("市科技局、{name}"), &["市科技局", name]);
    }
}

#[test]
fn two_collectives_are_two_units() {
    names("各地区、各部门", &["各地区", "各部门"]);
    names("各地区各部门", &["各地区各部门"]);
    names("各市、县（区）政府，各有关部门", &["各市、县（区）政府", "各有关部门"]);
    names("各县（市、区）政府、各开发区管委会", &["各县（市、区）政府", "各开发区管委会"]);
}

#[test]
fn two_name_plates_are_two_names_of_one_body() {
    names("市经信局市新经济委、市科技局", &["市经信局市新经济委", "市科技局"]);
    let text = "1.做好工作。（责任单位：市经信局市新经济委、市科技局）\n";
    let notice = Notice::read(text);
    assert_eq!(notice.units().next().unwrap().two_names(), Some(("市经信局", "市新经济委")));
    assert_eq!(found(text, "two names of one body"), ["市经信局市新经济委"]);
}

#[test]
fn collectives_are_units_of_that_kind() {
    for name in [
        "各地区",
        "有关部门",
        "国务院相关部门",
        "各成员单位",
        "省直有关单位",
        "市级各有关部门",
        "各区镇",
        "相关县区政府",
        "其他成员单位",
    ] {
        let text = format!("1.做好工作。（责任单位：财政部、{name}）\n");
        let notice = Notice::read(&text);
        let kinds: Vec<_> = notice.units().map(|unit| (unit.name(), unit.kind())).collect();
        assert_eq!(kinds, [("财政部", UnitKind::Body), (name, UnitKind::Collective)]);
    }
}

#[test]
fn a_lead_with_the_other_members_of_a_conference_is_read() {
    names("省科技厅及其他省创新发展厅际联席会议成员单位", &["省科技厅", "其他省创新发展厅际联席会议成员单位"]);
}

#[test]
fn spaces_join_a_broken_name_and_part_whole_ones() {
    names("市科技局 市财政局 市教育局", &["市科技局", "市财政局", "市教育局"]);
    names("市科 技局、市财\n政局", &["市科技局", "市财政局"]);
    names("市科技局/市财政局", &["市科技局", "市财政局"]);
}

#[test]
fn a_unit_named_twice_is_kept_once() {
    names("市科技局、市财政局、市科技局", &["市科技局", "市财政局"]);
    assert_eq!(found("1.甲事。（责任单位：市科技局、科技局）\n", "unit named twice"), ["科技局"]);
}

#[test]
fn commas_share_a_jurisdiction_where_nothing_else_separates() {
    names("省科技厅，财政厅，教育厅", &["省科技厅", "省财政厅", "省教育厅"]);
}
