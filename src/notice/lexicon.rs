//! The words of the language of notices, as data: labels, role words, levels, endings, numerals. This folder is the only
//! place of text in Chinese; it has no name of a unit or a place, and no code besides look-ups.
//!
//! Tables are in simplified characters; [`simplified`] maps traditional ones to them. A search of a table takes the first
//! of its words that fits: where one word ends or begins with another, the longer one comes first.

mod characters;
pub(super) mod days;
mod labels;
mod persons;
mod words;

pub(super) use self::characters::{
    AFTER_ENUMERATION, AFTER_MENTION, BEFORE_MENTION, BOLD, ORDINAL, RANGE_MARKS, YEAR, circled, closes, closes_book,
    closes_quote, digit, division, ends_sentence, is_bar, is_break, is_bullet, is_clause_comma, is_colon, is_edge,
    is_full_stop, is_item_mark, is_joined_by_is, is_leftover, is_markup, is_number_mark, is_of_date, is_radical,
    is_slash, is_space, is_star, is_stop, is_word, joins, kind_of, may_begin_space, numeral, opens, opens_label,
    opens_quote, simplified,
};
pub(super) use self::labels::{
    DOCUMENTS, LABEL_HEADS, LABEL_NOUNS, LABEL_WORDS, MAIN, MEASURES, NOT_BEFORE_LABEL, NOT_IN_QUALIFIER, Part,
    RESPONSIBILITY, RESPONSIBILITY_NOUN, SAME_LIABILITY, SUBLABELS,
};
pub(super) use self::persons::{PERSON_TITLES, PERSONS, SURNAMES, SURNAMES_LIKE_WORDS};
pub(super) use self::words::{Entry, Words};

/// A role word at the end of a list of units. A `strong` one is stripped from the end of every part; the others can end
/// a name as well, and are stripped only behind a body or before another role word.
pub(super) struct RoleWord {
    pub(super) act: Act,
    pub(super) strong: bool,
}

/// The meaning of a role word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    Lead,
    Support,
    Do,
    Shared,
    /// An adverb, without a meaning of its own.
    How,
}

const fn role(word: &'static str, act: Act, strong: bool) -> (&'static str, RoleWord) {
    (word, RoleWord { act, strong })
}

#[rustfmt::skip]
pub(super) static ROLE_WORDS: Words<(&str, RoleWord)> = Words::with(&[
    role("牵头", Act::Lead, true), role("主办", Act::Lead, true), role("主责", Act::Lead, true),
    role("负责", Act::Do, true), role("承办", Act::Do, false), role("配合", Act::Support, true),
    role("协办", Act::Support, true), role("参与", Act::Support, true), role("参加", Act::Support, true),
    role("协助", Act::Support, true), role("协同", Act::Support, true), role("协作", Act::Support, false),
    role("支持", Act::Support, false), role("业务指导", Act::Support, false), role("指导", Act::Support, false), role("督导", Act::Support, false),
    role("监督", Act::Support, false), role("督促", Act::Support, false), role("督办", Act::Support, false),
    role("协调", Act::Do, false), role("组织实施", Act::Do, false), role("组织落实", Act::Do, false),
    role("组织推进", Act::Do, false), role("贯彻落实", Act::Do, false), role("推进落实", Act::Do, false),
    role("推动落实", Act::Do, false), role("抓好落实", Act::Do, false), role("统筹推进", Act::Do, false),
    role("协调推进", Act::Do, false), role("落实", Act::Do, false), role("实施", Act::Do, false),
    role("推进", Act::Do, false), role("执行", Act::Do, false), role("承担", Act::Do, false),
    role("办理", Act::Do, false), role("完成", Act::Do, false), role("组织", Act::Do, false),
    role("贯彻", Act::Do, false), role("抓好", Act::Do, false), role("做好", Act::Do, false),
    role("分工", Act::Shared, false), role("共同", Act::Shared, false), role("分别", Act::Shared, false),
    role("分头", Act::Shared, false), role("各自", Act::Shared, false), role("密切", Act::How, false),
    role("积极", Act::How, false), role("主动", Act::How, false), role("具体", Act::How, false),
    role("统筹", Act::How, false), role("认真", Act::How, false), role("抓总", Act::How, false),
    role("总", Act::How, false),
]);

/// Ends of names that look like role words.
pub(super) static NOUNS_LIKE_ROLES: Words =
    Words::new(&["社会组织", "行业组织", "党组织", "群团组织", "自治组织", "经济组织", "各组织"]);

/// Last characters of other words that can end a clause with role words in it: labels behind "is", and "centre".
const ENDS_LIKE_ROLE: &str = "位构室人心";

/// Whether a character can end a clause with role words in it, or a part of one. A clause that ends otherwise is read as
/// one only for its label or its marks.
pub(super) fn may_end_role(c: char) -> bool {
    let duty = DUTY_WORDS.end_with(c) && !JOINERS.end_with(c);
    ROLE_WORDS.end_with(c) || duty || ENDS_LIKE_ROLE.contains(c)
}

/// The words of "by division of duties", which follow one of [`BY`] in any order.
pub(super) static DUTY_WORDS: Words =
    Words::new(&["职责", "职能", "分工", "各自", "自身", "权限", "责任", "工作", "任务", "部门", "要求", "和", "及"]);
/// "By", before [`DUTY_WORDS`]. Longer ones first.
pub(super) static BY: Words = Words::new(&["按照", "依照", "依据", "根据", "结合", "按", "依"]);

pub(super) const TOGETHER_WITH: &str = "会同";
pub(super) const BY_WHOM: char = '由';
/// "Is", before a label at the end of a part: "is the lead unit".
pub(super) static IS_WORDS: Words = Words::new(&["作为", "为", "是"]);

/// Words that join two names if both are bodies. Longer ones first.
pub(super) static JOINERS: Words = Words::new(&["以及", "和", "及", "与"]);
/// Common nouns of rooms and the like, which name a body only with more before them.
pub(super) static THINGS: Words = Words::new(&["实验室", "教室", "宿舍", "机房", "车队", "会议室"]);
/// "Annex": a list of annexes can follow the last clause.
pub(super) static ANNEX: Words = Words::new(&["附件", "附表", "附录"]);
pub(super) const AND_OTHERS: char = '等';
/// Characters behind which [`AND_OTHERS`] is a part of a word.
pub(super) const OTHERS_IN_WORD: &str = "高中初平同优";
/// Words before a name that don't belong to it. Longer ones first.
pub(super) static BEFORE_NAME: Words = Words::new(&["分别由", "统一由", "以及", "由", "及", "和", "与", "并", "请"]);
/// Remarks on a list: "the same below", "the order means nothing".
pub(super) static SAME_BELOW: Words = Words::new(&["下同", "以下同", "下略", "以下简称", "排名不分先后", "不分先后"]);

/// Words that make a name a collective of many bodies.
pub(super) static COLLECTIVE: Words =
    Words::new(&["各", "有关", "相关", "其他", "其它", "全体", "所有", "以上", "成员单位", "沿线", "涉及"]);
/// Nouns for bodies that can answer for a task themselves, in texts of the State Council: "enterprises are responsible".
pub(super) static ANSWERABLE: Words = Words::new(&["企业", "地方", "地区", "市县", "区县", "县区"]);
/// Words that point at the units of another task.
pub(super) static SAME_AS: Words = Words::new(&["同上", "同前", "同左", "同第"]);
/// Words of cells that name nobody.
pub(super) static NOBODY: Words = Words::new(&["暂无", "无", "無", "略"]);
pub(super) const EACH: char = '各';
#[rustfmt::skip]
pub(super) static GENERIC: Words = Words::new(&[
    "部门和单位", "单位和部门", "部门及单位", "部门单位", "部门", "单位", "地区", "地方", "机构", "企业",
    "方面", "人员", "个部门", "家单位", "个单位", "部委", "同志", "市县", "区县", "县区",
]);

/// Levels of administration, one character each.
pub(super) const LEVELS: &str = "省市县区州盟旗镇乡";
/// Levels of several characters. Longer ones first.
pub(super) static LONG_LEVELS: Words = Words::new(&["自治区", "自治州", "自治县", "兵团"]);
/// The rank of a level, 0 for the highest; a word that is none is at the bottom.
pub(super) fn rank(level: Option<char>) -> u8 {
    match level.map_or(' ', simplified) {
        '省' => 0,
        '市' | '州' | '盟' | '地' => 1,
        '县' | '区' | '旗' => 2,
        _ => 3,
    }
}
/// Levels between "each" and an ending that they share: "each district, county (city)".
#[rustfmt::skip]
pub(super) static LEVEL_WORDS: Words = Words::new(&[
    "计划单列市", "地级以上市", "省直管市", "省直管县", "县级市", "直管市", "直管县", "市辖区", "管理区", "设区市", "地级市", "直辖市", "自治区", "自治州", "自治县", "开发区", "功能区",
    "街道", "乡镇", "园区", "新区", "街", "省", "市", "县", "区", "州", "盟", "旗", "镇", "乡", "地", "苏木", "社区", "村",
]);
/// Governments, as endings that a list of levels shares.
#[rustfmt::skip]
pub(super) static SHARED_GOVERNMENT: Words = Words::new(&[
    "党委和人民政府", "党委、人民政府", "党委和政府", "党委、政府", "党委及政府", "党委政府", "人民政府", "政府", "办事处",
    "党工委", "党委", "行政公署", "行署",
]);
/// Governments that name none by a level alone: "city people's government".
pub(super) static FULL_GOVERNMENT: Words = Words::new(&["人民政府", "办事处", "行政公署", "行署"]);
/// Committees of the party. With a government of [`BARE_GOVERNMENTS`], which has no name of its own, they are one body.
pub(super) static PARTY_COMMITTEES: Words = Words::new(&["党工委", "党委"]);
pub(super) static BARE_GOVERNMENTS: Words = Words::new(&["人民政府", "政府", "管委会", "办事处"]);

/// Whether a level is a part of another word by the text behind it: "market", "municipal works", "county-wide".
pub(super) fn is_other_word(level: char, rest: &str) -> bool {
    let mut chars = rest.chars().map(simplified);
    let (next, then, last) = (chars.next().unwrap_or(' '), chars.next().unwrap_or(' '), chars.next().unwrap_or(' '));
    match level {
        '市' if next == '政' => !("府协法务数研".contains(then) || (then == '管' && last == '局')),
        '市' | '省' | '县' | '区' if LEVELS.contains(next) => !is_word_of_level(next, then),
        '市' if next == '民' => "中服热卡公文".contains(then),
        '县' if next == '城' => "区镇关".contains(then),
        '市' => "场容舶井".contains(next),
        '省' => "际会份域钱".contains(next),
        '县' => next == '域',
        '区' => "域块划位间别".contains(next),
        '镇' => "域村街乡定".contains(next),
        '乡' => "村镇土情".contains(next),
        '旗' => "舰帜下".contains(next),
        '盟' => "友".contains(next),
        _ => false,
    }
}

/// Levels that follow the name of a place in the name of a body.
pub(super) const AREAS: &str = "省市县区州盟旗";
/// Levels whose places can have one character.
pub(super) const SHORT_PLACES: &str = "县区";
pub(super) const DEPARTMENT: &str = "部门";
/// Areas of several characters with which a shared ending can begin. Longer ones first.
#[rustfmt::skip]
pub(super) static AREA_NOUNS: Words = Words::new(&[
    "开发区", "高新区", "经开区", "保税区", "合作区", "示范区", "度假区", "管理区", "片区", "新区", "园区", "景区", "林区", "街道",
    "组团", "新城",
]);
/// Words that make a name that of a part of an institution, not of a department of a government.
pub(super) const INSTITUTIONS: &[&str] = &["分行", "支行", "公司", "集团", "大学", "海关"];
pub(super) const STREET: &str = "街道";

/// Whether a level makes the word before it known as a place.
#[inline]
pub(super) fn is_place_level(c: char) -> bool {
    matches!(c, '省' | '市' | '县' | '縣' | '州' | '旗')
}

/// Whether the second of two levels in a row begins a word of its own ("market", "regional", "rural"): otherwise the two
/// are a list of levels.
fn is_word_of_level(level: char, next: char) -> bool {
    matches!((level, next), ('市', '场' | '监' | '容' | '政') | ('区', '域' | '块') | ('乡', '村') | ('县', '域'))
}

/// Words that end with a level and name no place. For districts the last two characters count, for the other levels the
/// whole word.
#[rustfmt::skip]
pub(super) const NOT_A_PLACE: &[&str] = &[
    "城市", "都市", "超市", "股市", "门市", "上市", "全省", "本省", "我省", "外省", "跨省", "全市", "本市", "我市",
    "地市", "全县", "本县", "我县", "社区", "地区", "校区", "小区", "景区", "片区", "灾区", "城区", "山区", "林区",
    "湾区", "军区", "牧区", "库区", "市区", "县区", "区县", "市县", "全州", "各省", "各市", "各县", "各区", "辖区",
    "专区", "分区", "新区",
];

/// Beginnings of names that belong to the whole country.
pub(super) static NATIONAL: Words = Words::new(&["国家", "中国", "中央", "全国", "国务院", "中共", "驻", "民航"]);

/// A committee of the party, behind a level; and the ending that at a local level only departments of it have.
pub(super) const COMMITTEE: char = '委';
pub(super) const COMMITTEE_DEPARTMENT: char = '部';
pub(super) const BUREAU: char = '局';
pub(super) const DISTRICT: char = '区';

/// Whether a body takes the jurisdiction spoken before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Takes {
    Always,
    /// If nothing is before the ending: branches of national bodies have their place in the name.
    Alone,
    Never,
}
use Takes::{Alone, Always, Never};

/// The endings of bodies, and whether such a body takes the jurisdiction spoken before it. Companies, banks, schools and
/// townships don't. An ending comes before the endings with which it ends.
#[rustfmt::skip]
pub(super) static ENDINGS: Words<(&str, Takes)> = Words::with(&[
    ("地方金融监督管理局", Always), ("地方金融监管局", Always), ("矿山安全监察局", Alone), ("金融监管分局", Alone),
    ("地方税务局", Always), ("银保监分局", Alone), ("金融监管局", Alone), ("通信管理局", Alone),
    ("邮政管理局", Alone), ("烟草专卖局", Alone), ("外汇管理局", Alone), ("能源监管局", Alone),
    ("能源监管办", Alone), ("管理委员会", Never), ("监管分局", Alone), ("银保监局", Alone), ("纪委监委", Always),
    ("证监局", Alone), ("税务局", Alone), ("气象局", Alone), ("地震局", Alone), ("海事局", Alone),
    ("供电局", Alone), ("调查队", Alone), ("边检站", Alone), ("专员办", Alone), ("博物院", Alone),
    ("办事处", Never), ("村委会", Never), ("居委会", Never), ("管委会", Never), ("执委会", Never),
    ("基金会", Never), ("分公司", Never), ("研究院", Never), ("研究所", Never), ("实验室", Never), ("日报社", Never), ("农垦局", Alone), ("科学院", Never), ("指挥部", Always), ("小学", Never),
    ("商会", Never), ("协会", Never), ("学会", Never), ("管委", Never), ("公司", Never), ("集团", Never),
    ("银行", Never), ("分行", Never), ("支行", Never), ("总行", Never), ("人行", Never), ("海关", Never),
    ("机关", Always), ("大学", Never), ("中学", Never), ("院校", Never), ("高校", Never), ("学校", Never),
    ("学院", Never), ("医院", Never), ("联盟", Never),
    // Kinds of centres are offices of a government; any other centre has a name of its own.
    ("政务服务中心", Always), ("服务中心", Always), ("数据中心", Always), ("管理中心", Always), ("控制中心", Always),
    ("疾控中心", Always), ("信息中心", Always), ("交易中心", Always), ("发展中心", Always), ("指挥中心", Always),
    ("事务中心", Always), ("保障中心", Always), ("促进中心", Always), ("投促中心", Always), ("运服中心", Always),
    ("监测中心", Always), ("审批中心", Always), ("中心", Never), ("政府", Never), ("专班", Always),
    ("企业", Never), ("电网", Never), ("部门", Never), ("单位", Never), ("机构", Never), ("会", Always),
    ("委", Always), ("厅", Always), ("局", Always), ("司", Always), ("团", Always), ("校", Always), ("院", Always),
    ("办", Always), ("部", Always), ("署", Always), ("协", Always), ("联", Always), ("社", Always), ("室", Always),
    ("队", Always), ("台", Always), ("处", Always), ("站", Always), ("所", Always), ("庭", Always), ("馆", Always),
    ("科", Always), ("股", Always),
]);

/// Words that have the ending of a body and are none.
#[rustfmt::skip]
pub(super) static NOT_A_BODY: Words = Words::new(&[
    "社会", "机会", "大会", "全部", "内部", "外部", "干部", "学部", "以上部", "社会团", "到位", "之处", "各处",
    "好处", "场所", "居所", "住所", "全会", "盛会", "展会", "体系", "教科", "文科", "学科", "专科",
]);

/// Areas, which can answer for a task as well.
pub(super) const AREA_ENDINGS: &str = "省市县区州盟旗镇乡";
pub(super) static AREA_WORDS: Words = Words::new(&["街道", "镇街", "地区", "市县", "园区", "地方"]);

/// Whether no name of a unit has this character in it.
#[inline]
pub(super) fn never_in_name(c: char) -> bool {
    matches!(c, '的' | '是' | '将' | '把' | '被' | '由' | '按' | '让' | '给' | '且' | '每' | '均' | '该' | '其')
}
/// "Other", which a name may have in it, with its second character, although [`never_in_name`] has the first.
pub(super) const OTHER: char = '其';
pub(super) const OTHER_ENDS: &str = "他它";
/// Words that no name of a unit has in it.
pub(super) static NOT_IN_NAME_WORDS: Words =
    Words::new(&["负责", "牵头", "配合", "为主", "责任单位", "责任部门", "以下", "同上"]);

/// Words of a rule that tells the lead by its place in the list.
#[rustfmt::skip]
pub(super) static FIRST_WORDS: Words = Words::new(&[
    "第一位", "第一个", "第一家", "第一名", "第一责任", "第一顺位", "第一序位", "第一单位", "第一部门",
    "第一者", "第一的", "第一为", "首位", "首个", "首家", "首名", "首列", "首先列",
]);
pub(super) static COMMA_WORDS: Words = Words::new(&["逗号前", "逗号之前", "逗号以前"]);
pub(super) static LEAD_WORDS: Words =
    Words::new(&["牵头", "主办", "主责", "主要责任", "总负责", "负总责", "第一责任单位"]);
/// Words of parts that follow a rule in its clause and name nobody.
pub(super) static RULE_REST: Words =
    Words::new(&["其他", "其余", "其它", "下同", "均", "多个", "不再", "以下", "单位", "部门", "排名"]);
pub(super) static STAR_RULE: Words = Words::new(&["带星号", "标星号", "加星号", "星号"]);
pub(super) static BOLD_RULE: Words = Words::new(&["加粗", "黑体", "粗体", "下划线"]);

/// Beginnings of a sentence that adds units to every later task: "all below need ... to carry out, not listed again".
#[rustfmt::skip]
pub(super) static EVERYWHERE_STARTS: Words = Words::new(&[
    "以下任务", "以下各项", "以下事项", "以下条款", "以下措施", "以下", "以上各项", "以上任务", "以上",
    "下列任务", "下列", "上述任务", "上述", "各项任务", "各项工作", "所有任务", "全部任务", "每项任务",
]);
pub(super) const EVERYWHERE_NEEDS: &[&str] =
    &["均需要", "均需", "均由", "均须", "均要", "均应由", "均涉及", "都需", "都由", "需", "由"];

#[rustfmt::skip]
pub(super) static TIME_WORDS: Words = Words::new(&[
    "年底前", "月底前", "年底", "月底", "日前", "季度", "上半年", "下半年", "年内", "长期坚持", "持续推进",
    "长期", "持续", "常态化", "立即",
]);
pub(super) const TIME_UNITS: &str = "年月日";

/// Brackets behind a name that give it a part.
pub(super) static LEAD_REMARKS: Words =
    Words::new(&["牵头单位", "牵头部门", "牵头负责", "总牵头", "牵头", "主办", "主责"]);
pub(super) static SUPPORT_REMARKS: Words = Words::new(&["配合单位", "配合部门", "配合", "协办", "参与"]);

/// Titles of the columns of a table that hold the task and its number.
pub(super) static TASK_COLUMNS: Words = Words::new(&[
    "任务", "事项", "内容", "举措", "措施", "项目", "目标", "要求", "问题", "要点", "条款", "工作", "名称", "建议",
]);
pub(super) static NUMBER_COLUMNS: Words = Words::new(&["序号", "编号", "项号", "项次", "号"]);

pub(super) static PROSE_VERBS: Words = Words::new(&["负责", "牵头"]);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notice::Notice;

    #[test]
    fn every_label_gives_its_units_the_part_it_says() {
        let heads = LABEL_HEADS.iter().map(|(word, part)| (format!("{word}单位"), *part));
        let words = LABEL_WORDS.iter().map(|(word, part)| ((*word).to_owned(), *part));
        for (label, part) in heads.chain(words) {
            let named = if part == Part::Time { "2021年6月底前" } else { "丙局" };
            let text = format!("1.做好工作。（{label}：{named}；责任单位：甲局、乙局）");
            let notice = Notice::read(&text);
            let task = notice.tasks().next().unwrap_or_else(|| panic!("{label}"));
            let units: Vec<&str> = task.units().collect();
            match part {
                Part::Lead | Part::Unmarked => assert_eq!(units, ["丙局", "甲局", "乙局"], "{label}"),
                Part::Support => assert_eq!(units, ["甲局", "乙局", "丙局"], "{label}"),
                Part::Time => assert!(task.deadline().is_some() && units == ["甲局", "乙局"], "{label}"),
                Part::Aside => assert_eq!(units, ["甲局", "乙局"], "{label}"),
            }
        }
    }

    #[test]
    fn an_ending_comes_before_the_endings_with_which_it_ends() {
        for (at, (word, _)) in ENDINGS.iter().enumerate() {
            for (longer, _) in ENDINGS.iter().skip(at + 1) {
                assert!(!longer.ends_with(word) || longer == word, "{longer} comes behind {word}");
            }
        }
    }
}
