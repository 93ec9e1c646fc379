//! The words of the language of notices, as data: marks, labels, role words, levels, endings, numerals.
//! No unit and no place stands here, and no code beyond looking a word up. Such literals stand here and in
//! `characters` only.
//!
//! Tables are written in simplified characters; [`simplified`] brings traditional ones to them.

mod characters;

pub(super) use self::characters::{
    AFTER_ENUMERATION, AFTER_MENTION, BEFORE_MENTION, ORDINAL, RANGE_MARKS, YEAR, circled, closes, digit, division,
    ends_sentence, is_clause_comma, is_colon, is_edge, is_full_stop, is_item_mark, is_joined_by_is, is_leftover,
    is_number_mark, is_of_date, is_slash, is_space, is_star, is_stop, is_word, joins, kind_of, may_begin_space,
    numeral, opens, opens_label, simplified,
};

/// What a label or a role word makes of the units beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// The units lead.
    Lead,
    /// The units support.
    Support,
    /// The units are responsible; which one leads is not said.
    List,
    /// A time follows, not units.
    Time,
    /// Persons, supervisors and the like follow: they have no part in an assignment.
    Aside,
}

/// A word and what it does.
pub(super) struct Marker {
    pub(super) word: &'static str,
    pub(super) part: Part,
}

const fn marker(word: &'static str, part: Part) -> Marker {
    Marker { word, part }
}

/// First characters of [`LABEL_HEADS`].
#[inline]
#[rustfmt::skip]
pub(super) fn starts_label(c: char) -> bool {
    matches!(c,
        '牵' | '总' | '主' | '首' | '第' | '其' | '配' | '协' | '次' | '参' | '会' | '支' | '工' | '具' | '责'
        | '组' | '实' | '落' | '承' | '负' | '执' | '完' | '督' | '监'
    )
}

/// First halves of labels; a noun of [`LABEL_NOUNS`] follows. The longer word stands before one it ends with.
#[rustfmt::skip]
pub(super) const LABEL_HEADS: &[Marker] = &[
    marker("牵头责任", Part::Lead), marker("牵头负责", Part::Lead), marker("牵头落实", Part::Lead),
    marker("牵头实施", Part::Lead), marker("牵头组织", Part::Lead), marker("牵头承办", Part::Lead),
    marker("总牵头", Part::Lead), marker("牵头", Part::Lead), marker("主办", Part::Lead),
    marker("主责", Part::Lead), marker("主要责任", Part::Lead), marker("首要责任", Part::Lead),
    marker("第一责任", Part::Lead), marker("其他责任", Part::Support), marker("其它责任", Part::Support),
    marker("配合责任", Part::Support), marker("协同责任", Part::Support), marker("协办责任", Part::Support),
    marker("次要责任", Part::Support), marker("其他配合", Part::Support), marker("参与配合", Part::Support),
    marker("协同配合", Part::Support), marker("协助配合", Part::Support), marker("配合", Part::Support),
    marker("协办", Part::Support), marker("会办", Part::Support), marker("参与", Part::Support),
    marker("参加", Part::Support), marker("协同", Part::Support), marker("协助", Part::Support),
    marker("协作", Part::Support), marker("支持", Part::Support), marker("工作责任", Part::List),
    marker("具体责任", Part::List), marker("主体责任", Part::List), marker("责任", Part::List),
    marker("组织实施", Part::List), marker("实施", Part::List), marker("落实", Part::List),
    marker("承办", Part::List), marker("承担", Part::List), marker("负责", Part::List), marker("执行", Part::List),
    marker("完成", Part::List), marker("督办", Part::Aside), marker("督导", Part::Aside),
    marker("监督", Part::Aside),
];

/// Second halves of labels. Persons are told by theirs, whatever stands before.
#[rustfmt::skip]
pub(super) const LABEL_NOUNS: &[(&str, Option<Part>)] = &[
    ("单位和部门", None), ("单位及部门", None), ("部门和单位", None), ("部门及单位", None), ("部门单位", None),
    ("单位", None), ("部门", None), ("机构", None), ("主体", None), ("机关", None), ("处室", None),
    ("科室", None), ("股室", None), ("地区", None), ("负责人", Some(Part::Aside)),
    ("责任人", Some(Part::Aside)), ("联系人", Some(Part::Aside)), ("领导", Some(Part::Aside)),
];

/// Last characters of labels.
#[inline]
#[rustfmt::skip]
pub(super) fn ends_label(c: char) -> bool {
    matches!(c,
        '位' | '门' | '构' | '体' | '关' | '室' | '区' | '人' | '导' | '工' | '头' | '办' | '合' | '任' | '限'
        | '间' | '期' | '日' | '求' | '点' | '排'
    )
}

/// Labels of one piece.
#[rustfmt::skip]
pub(super) const LABEL_WORDS: &[Marker] = &[
    marker("职责分工", Part::List), marker("责任分工", Part::List), marker("任务分工", Part::List),
    marker("牵头", Part::Lead), marker("主办", Part::Lead), marker("配合", Part::Support),
    marker("协办", Part::Support), marker("责任", Part::List), marker("责任人", Part::Aside),
    marker("联系人", Part::Aside), marker("完成时限", Part::Time), marker("完成时间", Part::Time),
    marker("完成期限", Part::Time), marker("完成日期", Part::Time), marker("时限要求", Part::Time),
    marker("时间要求", Part::Time), marker("工作时限", Part::Time), marker("落实时限", Part::Time),
    marker("推进时限", Part::Time), marker("整改时限", Part::Time), marker("办理时限", Part::Time),
    marker("办结时限", Part::Time), marker("推进时间", Part::Time), marker("实施时间", Part::Time),
    marker("时间节点", Part::Time), marker("时间安排", Part::Time), marker("进度安排", Part::Time),
    marker("时限", Part::Time),
];

/// Characters that show, before a label, that the words are prose: "each lead unit", "the lead unit of".
pub(super) const NOT_BEFORE_LABEL: &str = "各的该由对与及和向为是本请让被其名每个";

/// Role words at the end of a list of units. `strong` ones are stripped wherever they end a part, the others only
/// behind a body or before another role word: they can end a name as well.
pub(super) struct RoleWord {
    pub(super) word: &'static str,
    pub(super) act: Act,
    pub(super) strong: bool,
}

/// What a role word says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    Lead,
    Support,
    Do,
    Shared,
    /// An adverb: changes nothing.
    How,
}

const fn role(word: &'static str, act: Act, strong: bool) -> RoleWord {
    RoleWord { word, act, strong }
}

#[rustfmt::skip]
pub(super) const ROLE_WORDS: &[RoleWord] = &[
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
];

/// Names that end in what looks like a role word.
pub(super) const NOUNS_LIKE_ROLES: &[&str] =
    &["社会组织", "行业组织", "党组织", "群团组织", "自治组织", "经济组织", "各组织"];
/// Last characters of role words, of labels behind "is", and of duties.
#[inline]
#[rustfmt::skip]
pub(super) fn ends_role(c: char) -> bool {
    matches!(c,
        '任' | '身' | '头' | '办' | '责' | '合' | '与' | '加' | '助' | '同' | '作' | '持' | '实' | '施' | '进'
        | '行' | '担' | '理' | '成' | '织' | '彻' | '好' | '工' | '自' | '别' | '心' | '切' | '极' | '动' | '体'
        | '筹' | '真' | '总' | '督' | '促' | '调' | '能' | '限' | '务' | '门' | '求' | '位' | '构' | '室' | '人' | '导'
    )
}

/// The words of "by division of duties", in any order behind one of [`BY`].
pub(super) const DUTY_WORDS: &[&str] =
    &["职责", "职能", "分工", "各自", "自身", "权限", "责任", "工作", "任务", "部门", "要求", "和", "及"];
/// Longer ones first.
pub(super) const BY: &[&str] = &["按照", "依照", "依据", "根据", "结合", "按", "依"];

pub(super) const TOGETHER_WITH: &str = "会同";
pub(super) const BY_WHOM: char = '由';
/// Before a label at the end of a part: "is the lead unit".
pub(super) const IS_WORDS: &[&str] = &["作为", "为", "是"];

/// Words that join two names when both sides stand as bodies. Longer ones first.
pub(super) const JOINERS: &[&str] = &["以及", "和", "及", "与"];
#[inline]
pub(super) fn starts_joiner(c: char) -> bool {
    matches!(c, '以' | '和' | '及' | '与')
}
/// Common nouns of rooms and the like, which stand for a body only with more before them.
pub(super) const THINGS: &[&str] = &["实验室", "教室", "宿舍", "机房", "车队", "会议室"];
/// After the last clause a text can go on with its list of annexes.
pub(super) const ANNEX: &[&str] = &["附件", "附表", "附录"];
pub(super) const AND_OTHERS: char = '等';
/// "等" is part of a word behind these.
pub(super) const OTHERS_IN_WORD: &str = "高中初平同优";
/// What may precede a name without being of it.
pub(super) fn starts_before_name(c: char) -> bool {
    matches!(c, '分' | '统' | '以' | '由' | '及' | '和' | '与' | '并' | '请')
}
pub(super) const BEFORE_NAME: &[&str] = &["分别由", "统一由", "以及", "由", "及", "和", "与", "并", "请"];
pub(super) fn starts_same_below(c: char) -> bool {
    matches!(c, '下' | '以' | '排' | '不')
}
pub(super) const SAME_BELOW: &[&str] = &["下同", "以下同", "下略", "以下简称", "排名不分先后", "不分先后"];

/// A name with one of these stands for many bodies.
pub(super) const COLLECTIVE: &[&str] =
    &["各", "有关", "相关", "其他", "其它", "全体", "所有", "以上", "成员单位", "沿线", "涉及"];
/// First characters of [`COLLECTIVE`].
#[inline]
pub(super) fn starts_collective(c: char) -> bool {
    matches!(c, '各' | '有' | '相' | '其' | '全' | '所' | '以' | '成' | '沿' | '涉')
}
pub(super) const EACH: char = '各';
/// Nouns that name no body by themselves.
pub(super) fn ends_generic(c: char) -> bool {
    matches!(c, '门' | '位' | '区' | '方' | '构' | '业' | '面' | '员' | '委' | '志' | '县')
}
#[rustfmt::skip]
pub(super) const GENERIC: &[&str] = &[
    "部门和单位", "单位和部门", "部门及单位", "部门单位", "部门", "单位", "地区", "地方", "机构", "企业",
    "方面", "人员", "个部门", "家单位", "个单位", "部委", "同志", "市县", "区县", "县区",
];

/// Levels of administration, one character each.
pub(super) const LEVELS: &str = "省市县区州盟旗镇乡";
/// Levels of several characters. Longer ones first.
pub(super) const LONG_LEVELS: &[&str] = &["自治区", "自治州", "自治县", "兵团"];
/// How far down a level is; a word that is none is at the bottom.
pub(super) fn rank(level: Option<char>) -> u8 {
    match level.map_or(' ', simplified) {
        '省' => 0,
        '市' | '州' | '盟' | '地' => 1,
        '县' | '区' | '旗' => 2,
        _ => 3,
    }
}
/// What can stand between "each" and an ending when several levels share it: "each district, county (city)".
#[rustfmt::skip]
pub(super) const LEVEL_WORDS: &[&str] = &[
    "计划单列市", "地级以上市", "省直管市", "省直管县", "县级市", "直管市", "直管县", "市辖区", "管理区", "设区市", "地级市", "直辖市", "自治区", "自治州", "自治县", "开发区", "功能区",
    "街道", "乡镇", "园区", "新区", "街", "省", "市", "县", "区", "州", "盟", "旗", "镇", "乡", "地", "苏木", "社区", "村",
];
/// The ones that a list of levels shares.
#[rustfmt::skip]
pub(super) const SHARED_GOVERNMENT: &[&str] = &[
    "党委和人民政府", "党委、人民政府", "党委和政府", "党委、政府", "党委及政府", "党委政府", "人民政府", "政府", "办事处",
    "党工委", "党委", "行政公署", "行署",
];
/// The ones that name no government by themselves, behind a level.
pub(super) const FULL_GOVERNMENT: &[&str] = &["人民政府", "办事处", "行政公署", "行署"];
/// A committee of the party and the government beside it are one body when the second has no name of its own.
pub(super) const PARTY_COMMITTEES: &[&str] = &["党工委", "党委"];
pub(super) const BESIDE_COMMITTEE: &[&str] = &["人民政府", "政府", "管委会", "办事处"];

/// A level character followed by this is another word: "market", "municipal works", "county-wide".
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
/// Levels before which a place can have one character.
pub(super) const SHORT_PLACES: &str = "县区";
pub(super) const DEPARTMENT: &str = "部门";
/// Areas of several characters that a shared ending can begin with. Longer ones first.
#[rustfmt::skip]
pub(super) const AREA_NOUNS: &[&str] = &[
    "开发区", "高新区", "经开区", "保税区", "合作区", "示范区", "度假区", "管理区", "片区", "新区", "园区", "景区", "林区", "街道",
    "组团", "新城",
];
/// What has one of these before its end is a part of it, and no department of a government.
pub(super) const INSTITUTIONS: &[&str] = &["分行", "支行", "公司", "集团", "大学", "海关"];
pub(super) const STREET: &str = "街道";

/// Levels by which a text makes a place known.
#[inline]
pub(super) fn is_place_level(c: char) -> bool {
    matches!(c, '省' | '市' | '县' | '縣' | '州' | '旗')
}

/// Two levels in a row are a list of levels, unless the second begins a word of its own: "market", "regional", "rural".
fn is_word_of_level(level: char, next: char) -> bool {
    matches!((level, next), ('市', '场' | '监' | '容' | '政') | ('区', '域' | '块') | ('乡', '村') | ('县', '域'))
}

/// Words that end in a level character and name no place.
/// For districts the last two characters count, for the other levels the whole.
#[rustfmt::skip]
pub(super) const NOT_A_PLACE: &[&str] = &[
    "城市", "都市", "超市", "股市", "门市", "上市", "全省", "本省", "我省", "外省", "跨省", "全市", "本市", "我市",
    "地市", "全县", "本县", "我县", "社区", "地区", "校区", "小区", "景区", "片区", "灾区", "城区", "山区", "林区",
    "湾区", "军区", "牧区", "库区", "市区", "县区", "区县", "市县", "全州", "各省", "各市", "各县", "各区", "辖区",
    "专区", "分区", "新区",
];

/// Names that begin so belong to the whole country.
pub(super) const NATIONAL: &[&str] = &["国家", "中国", "中央", "全国", "国务院", "中共", "驻", "民航"];

/// Committee of the party, after a level; and the ending that at a local level only its departments have.
pub(super) const COMMITTEE: char = '委';
pub(super) const COMMITTEE_DEPARTMENT: char = '部';
pub(super) const BUREAU: char = '局';
pub(super) const DISTRICT: char = '区';

/// Whether a body takes the jurisdiction spoken before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Takes {
    Always,
    /// With nothing before the ending: branches of national bodies speak their own place.
    Alone,
    Never,
}
use Takes::{Alone, Always, Never};

/// The ending of a body, and whether such a body takes the jurisdiction spoken before it. Companies, banks, schools and
/// townships don't. The longer ending stands before one it ends with.
#[rustfmt::skip]
pub(super) const ENDINGS: &[(&str, Takes)] = &[
    ("地方金融监督管理局", Always), ("地方金融监管局", Always), ("矿山安全监察局", Alone), ("金融监管分局", Alone),
    ("地方税务局", Always), ("银保监分局", Alone), ("金融监管局", Alone), ("通信管理局", Alone),
    ("邮政管理局", Alone), ("烟草专卖局", Alone), ("外汇管理局", Alone), ("能源监管局", Alone),
    ("能源监管办", Alone), ("管理委员会", Never), ("监管分局", Alone), ("银保监局", Alone), ("纪委监委", Always),
    ("证监局", Alone), ("税务局", Alone), ("气象局", Alone), ("地震局", Alone), ("海事局", Alone),
    ("供电局", Alone), ("调查队", Alone), ("边检站", Alone), ("专员办", Alone), ("博物院", Alone),
    ("办事处", Never), ("村委会", Never), ("居委会", Never), ("管委会", Never), ("执委会", Never),
    ("基金会", Never), ("分公司", Never), ("研究院", Never), ("科学院", Never), ("指挥部", Always), ("小学", Never),
    ("商会", Never), ("协会", Never), ("学会", Never), ("管委", Never), ("公司", Never), ("集团", Never),
    ("银行", Never), ("分行", Never), ("支行", Never), ("总行", Never), ("人行", Never), ("海关", Never),
    ("机关", Always), ("大学", Never), ("中学", Never), ("院校", Never), ("高校", Never), ("学校", Never),
    ("学院", Never), ("医院", Never), ("联盟", Never), ("中心", Always), ("政府", Never), ("专班", Always),
    ("企业", Never), ("电网", Never), ("部门", Never), ("单位", Never), ("机构", Never), ("会", Always),
    ("委", Always), ("厅", Always), ("局", Always), ("司", Always), ("团", Always), ("校", Always), ("院", Always),
    ("办", Always), ("部", Always), ("署", Always), ("协", Always), ("联", Always), ("社", Always), ("室", Always),
    ("队", Always), ("台", Always), ("处", Always), ("站", Always), ("所", Always), ("庭", Always), ("馆", Always),
    ("科", Always), ("股", Always),
];

/// Last characters of [`ENDINGS`].
#[inline]
#[rustfmt::skip]
pub(super) fn is_last_of_ending(c: char) -> bool {
    matches!(c,
        '会' | '委' | '厅' | '局' | '司' | '团' | '集' | '行' | '关' | '学' | '校' | '院' | '办' | '部' | '署'
        | '协' | '联' | '盟' | '社' | '心' | '室' | '队' | '台' | '处' | '站' | '所' | '庭' | '馆' | '科' | '股'
        | '府' | '班' | '业' | '网' | '门' | '位' | '构'
    )
}

/// Words that end as a body does and are none.
#[rustfmt::skip]
pub(super) const NOT_A_BODY: &[&str] = &[
    "社会", "机会", "大会", "全部", "内部", "外部", "干部", "学部", "以上部", "社会团", "到位", "之处", "各处",
    "好处", "场所", "居所", "住所", "全会", "盛会", "展会", "体系", "教科", "文科", "学科", "专科",
];

/// Areas, which can answer for a task as well.
pub(super) const AREA_ENDINGS: &str = "省市县区州盟旗镇乡";
pub(super) const AREA_WORDS: &[&str] = &["街道", "镇街", "地区", "市县", "园区", "地方"];

/// What no name of a unit has in it.
#[inline]
pub(super) fn never_in_name(c: char) -> bool {
    matches!(c, '的' | '是' | '将' | '把' | '被' | '由' | '按' | '让' | '给' | '且' | '每' | '均' | '该' | '其')
}
/// "Other", which a name may have in it although its first character is in [`NOT_IN_NAME`].
pub(super) const OTHER: char = '其';
pub(super) const OTHER_ENDS: &str = "他它";
pub(super) fn starts_not_in_name(c: char) -> bool {
    matches!(c, '负' | '牵' | '配' | '为' | '责' | '以' | '同')
}
pub(super) const NOT_IN_NAME_WORDS: &[&str] = &["负责", "牵头", "配合", "为主", "责任单位", "责任部门", "以下", "同上"];

/// An order that a text can give for telling the lead.
#[rustfmt::skip]
pub(super) const FIRST_WORDS: &[&str] = &[
    "第一位", "第一个", "第一家", "第一名", "第一责任", "第一顺位", "第一序位", "第一单位", "第一部门",
    "第一者", "第一的", "第一为", "首位", "首个", "首家", "首名", "首列", "首先列",
];
pub(super) const COMMA_WORDS: &[&str] = &["逗号前", "逗号之前", "逗号以前"];
pub(super) const LEAD_WORDS: &[&str] = &["牵头", "主办", "主责", "主要责任", "总负责", "负总责", "第一责任单位"];
/// What follows a rule in the same clause and names nobody.
pub(super) const RULE_REST: &[&str] =
    &["其他", "其余", "其它", "下同", "均", "多个", "不再", "以下", "单位", "部门", "排名"];
pub(super) const STAR_RULE: &[&str] = &["带星号", "标星号", "加星号", "星号"];
pub(super) const BOLD_RULE: &[&str] = &["加粗", "黑体", "粗体", "下划线"];

/// A unit that every later task has: "all below need ... to carry out, not listed again".
#[rustfmt::skip]
pub(super) const EVERYWHERE_STARTS: &[&str] = &[
    "以下任务", "以下各项", "以下事项", "以下条款", "以下措施", "以下", "以上各项", "以上任务", "以上",
    "下列任务", "下列", "上述任务", "上述", "各项任务", "各项工作", "所有任务", "全部任务", "每项任务",
];
/// First characters of [`EVERYWHERE_STARTS`].
#[inline]
pub(super) fn starts_everywhere(c: char) -> bool {
    matches!(c, '以' | '下' | '上' | '各' | '所' | '全' | '每')
}
pub(super) const EVERYWHERE_NEEDS: &[&str] =
    &["均需要", "均需", "均由", "均须", "均要", "均应由", "均涉及", "都需", "都由", "需", "由"];

/// Times that stand in a clause without a label.
pub(super) fn ends_time(c: char) -> bool {
    matches!(c, '前' | '底' | '度' | '年' | '内' | '持' | '进' | '期' | '续' | '化' | '即')
}
#[rustfmt::skip]
pub(super) const TIME_WORDS: &[&str] = &[
    "年底前", "月底前", "年底", "月底", "日前", "季度", "上半年", "下半年", "年内", "长期坚持", "持续推进",
    "长期", "持续", "常态化", "立即",
];
pub(super) const TIME_UNITS: &str = "年月日";

pub(super) const EVERY_YEAR: &str = "每年";
/// What a bracket behind a name can say of its part.
pub(super) const LEAD_REMARKS: &[&str] = &["牵头单位", "牵头部门", "牵头负责", "总牵头", "牵头", "主办", "主责"];
pub(super) const SUPPORT_REMARKS: &[&str] = &["配合单位", "配合部门", "配合", "协办", "参与"];

/// Columns of a table that hold the task, its number, or nothing a reader needs.
pub(super) const TASK_COLUMNS: &[&str] =
    &["任务", "事项", "内容", "举措", "措施", "项目", "目标", "要求", "问题", "要点", "条款", "工作", "名称", "建议"];
pub(super) const NUMBER_COLUMNS: &[&str] = &["序号", "编号", "项号", "号"];

pub(super) const PROSE_VERBS: &[&str] = &["负责", "牵头"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notice::Notice;

    #[test]
    fn every_label_gives_its_units_the_part_it_says() {
        let heads = LABEL_HEADS.iter().map(|marker| (format!("{}单位", marker.word), marker.part));
        let words = LABEL_WORDS.iter().map(|marker| (marker.word.to_owned(), marker.part));
        for (label, part) in heads.chain(words) {
            let named = if part == Part::Time { "2021年6月底前" } else { "丙局" };
            let text = format!("1.做好工作。（{label}：{named}；责任单位：甲局、乙局）");
            let notice = Notice::read(&text);
            let task = notice.tasks().next().unwrap_or_else(|| panic!("{label}"));
            let units: Vec<&str> = task.units().collect();
            match part {
                Part::Lead | Part::List => assert_eq!(units, ["丙局", "甲局", "乙局"], "{label}"),
                Part::Support => assert_eq!(units, ["甲局", "乙局", "丙局"], "{label}"),
                Part::Time => assert!(task.deadline().is_some() && units == ["甲局", "乙局"], "{label}"),
                Part::Aside => assert_eq!(units, ["甲局", "乙局"], "{label}"),
            }
        }
    }

    #[test]
    fn the_quick_looks_at_first_and_last_characters_miss_no_word() {
        let last = |word: &str| word.chars().next_back().unwrap();
        let first = |word: &str| word.chars().next().unwrap();
        assert!(ROLE_WORDS.iter().all(|role| ends_role(last(role.word))));
        assert!(DUTY_WORDS.iter().all(|word| ends_role(last(word)) || ["和", "及"].contains(word)));
        assert!(LABEL_WORDS.iter().all(|marker| ends_label(last(marker.word))));
        assert!(LABEL_NOUNS.iter().all(|(noun, _)| ends_label(last(noun))));
        assert!(LABEL_HEADS.iter().all(|marker| starts_label(first(marker.word))));
        assert!(ENDINGS.iter().all(|(word, _)| is_last_of_ending(last(word))));
        assert!(COLLECTIVE.iter().all(|word| starts_collective(first(word))));
        assert!(GENERIC.iter().all(|word| ends_generic(last(word))));
        assert!(BEFORE_NAME.iter().all(|word| starts_before_name(first(word))));
        assert!(NOT_IN_NAME_WORDS.iter().all(|word| starts_not_in_name(first(word))));
        assert!(TIME_WORDS.iter().all(|word| ends_time(last(word))));
        assert!(SAME_BELOW.iter().all(|word| starts_same_below(first(word))));
        assert!(EVERYWHERE_STARTS.iter().all(|word| starts_everywhere(first(word))));
        assert!(JOINERS.iter().all(|word| starts_joiner(first(word))));
    }

    #[test]
    fn a_longer_ending_stands_before_one_it_ends_with() {
        for (at, (word, _)) in ENDINGS.iter().enumerate() {
            for (longer, _) in ENDINGS.get(at + 1..).unwrap_or(&[]) {
                assert!(!longer.ends_with(word) || longer == word, "{longer} stands behind {word}");
            }
        }
    }
}
