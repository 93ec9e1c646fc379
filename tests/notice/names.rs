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
    names("市水务局、市林业局等部门和各区县政府", &["市水务局", "市林业局", "各区县政府"]);
    names("市水务局、市林业局等单位以及各区县", &["市水务局", "市林业局", "各区县"]);
    names("江南大学、南通大学等高校", &["江南大学", "南通大学"]);
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
fn a_name_with_a_level_of_its_own_shares_what_stands_behind_the_level() {
    names("大理州、曲靖市人民政府", &["大理州人民政府", "曲靖市人民政府"]);
    names("兴义市、册亨县、盘州市人民政府", &["兴义市人民政府", "册亨县人民政府", "盘州市人民政府"]);
    names("罗湖区、坪山区政府", &["罗湖区政府", "坪山区政府"]);
    names("玉树州、果洛藏族自治州人民政府", &["玉树州人民政府", "果洛藏族自治州人民政府"]);
    names("苏州、宿迁市政府", &["苏州市政府", "宿迁市政府"]);
}

#[test]
fn an_ending_that_begins_with_an_area_is_shared_as_a_whole() {
    names("大理、丽江、怒江片区管委会", &["大理片区管委会", "丽江片区管委会", "怒江片区管委会"]);
    names("移动、联通、电信、铁塔县公司", &["移动县公司", "联通县公司", "电信县公司", "铁塔县公司"]);
    names("移动、电信公司", &["移动公司", "电信公司"]);
    names("东山、西山街道办事处", &["东山街道办事处", "西山街道办事处"]);
    names("市国资委、宁波资本、城投集团", &["市国资委", "宁波资本", "城投集团"]);
}

#[test]
fn what_speaks_a_place_of_its_own_takes_no_jurisdiction() {
    for name in [
        "沈阳故宫博物院",
        "贵州银保监局",
        "青海证监局",
        "民航甘肃监管局",
        "湛江海关",
        "人民银行西宁中心支行",
        "山西通信管理局",
        "甘肃税务局",
        "桂林供电局",
        "虹桥街道办事处",
        "虹桥街道党工委",
        "柳林镇人民政府",
        "柳林镇党委",
        "兰州大学第二医院",
        "人行南京分行营业部",
    ] {
        names(&format!("省民政厅、{name}、水利厅"), &["省民政厅", name, "省水利厅"]);
    }
    names("省民政厅、证监局、地方金融监管局", &["省民政厅", "省证监局", "省地方金融监管局"]);
}

#[test]
fn a_room_and_a_thing_managed_together_are_one_office() {
    names("科研处、实验室与设备管理处", &["科研处", "实验室与设备管理处"]);
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
fn levels_alone_are_one_body() {
    for name in [
        "各区、县级市",
        "各市、县",
        "各市州、县市区",
        "各市、州、直管市及神农架林区人民政府",
        "各市、州、神农架林区人民政府",
        "各省、自治区、直辖市及新疆生产建设兵团",
        "各旗县市区、苏木乡镇",
        "各镇街、村社区",
        "各市、县、自治县人民政府",
        "各盟行政公署、市人民政府",
        "各乡镇人民政府、街道办事处",
        "各市、州发展改革委",
        "各市、县（区）教育局",
    ] {
        names(&format!("省水利厅、{name}"), &["省水利厅", name]);
    }
}

#[test]
fn a_higher_level_or_another_word_is_not_of_the_levels_before_it() {
    names("各区县、市水务局、市市场监管局", &["各区县", "市水务局", "市市场监管局"]);
    names("各区、市场监管局", &["各区", "市场监管局"]);
    names("各镇街、区档案局", &["各镇街", "区档案局"]);
    names("各县区，市水务局", &["各县区", "市水务局"]);
}

#[test]
fn a_committee_and_its_government_are_one_body() {
    for name in [
        "各区县党委和政府",
        "各镇党委、政府",
        "各市（州）、县（市、区）党委和政府",
        "各街道党工委、办事处",
        "各开发区党工委和管委会",
        "各县（市、区）委和人民政府",
        "各地（州、市）党委和政府（行署）",
    ] {
        names(&format!("省审计厅、{name}"), &["省审计厅", name]);
    }
    names("市委、市政府", &["市委", "市政府"]);
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

/// Texts taken out of PDF files have radicals in place of characters, and brackets of either width.
#[test]
fn names_that_look_alike_are_one_unit() {
    let text = "1.做好工作。（责任单位：省教育厅（省委教育工委）、省工业厅）\n\
                2.再做。（责任单位：省\u{2F2F}业厅、省教育厅(省委教育工委)）\n";
    let notice = Notice::read(text);
    assert!(notice.units().map(|unit| unit.name()).eq(["省教育厅（省委教育工委）", "省工业厅"]));
    let second = notice.tasks().nth(1).unwrap();
    assert_eq!(
        (second.lead(), second.supporting().collect::<Vec<_>>()),
        ("省工业厅", vec!["省教育厅（省委教育工委）"])
    );
}
