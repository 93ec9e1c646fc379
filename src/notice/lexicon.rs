//! The words of the language of notices, as data: marks, labels, role words, levels, endings, numerals.
//! No unit and no place stands here, and no code beyond looking a word up. The only file with such literals.
//!
//! Tables are written in simplified characters; [`fold`] brings traditional ones to them.

use super::lex::Kind;

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

/// A word, what it does, and how it is met.
pub(super) struct Marker {
    pub(super) word: &'static str,
    pub(super) part: Part,
    /// Only the table's test reads it; it is there for whoever reads the table.
    #[cfg_attr(not(test), expect(dead_code, reason = "documentation that a test checks"))]
    pub(super) example: &'static str,
}

const fn marker(word: &'static str, part: Part, example: &'static str) -> Marker {
    Marker { word, part, example }
}

/// First characters of [`LABEL_HEADS`].
#[inline]
pub(super) fn starts_label(c: char) -> bool {
    matches!(
        c,
        '牵' | '总'
            | '主'
            | '首'
            | '第'
            | '其'
            | '配'
            | '协'
            | '次'
            | '参'
            | '会'
            | '支'
            | '工'
            | '具'
            | '责'
            | '组'
            | '实'
            | '落'
            | '承'
            | '负'
            | '执'
            | '完'
            | '督'
            | '监'
    )
}

/// First halves of labels; a noun of [`LABEL_NOUNS`] follows. The longer word stands before one it ends with.
pub(super) const LABEL_HEADS: &[Marker] = &[
    marker("牵头责任", Part::Lead, "牵头责任单位：市科技局"),
    marker("牵头负责", Part::Lead, "牵头负责单位：市科技局"),
    marker("牵头落实", Part::Lead, "牵头落实单位：市科技局"),
    marker("牵头实施", Part::Lead, "牵头实施单位：市科技局"),
    marker("牵头组织", Part::Lead, "牵头组织单位：市科技局"),
    marker("牵头承办", Part::Lead, "牵头承办单位：市科技局"),
    marker("总牵头", Part::Lead, "总牵头单位：市科技局"),
    marker("牵头", Part::Lead, "牵头单位：市科技局"),
    marker("主办", Part::Lead, "主办单位：市科技局"),
    marker("主责", Part::Lead, "主责部门：市科技局"),
    marker("主要责任", Part::Lead, "主要责任单位：市科技局"),
    marker("首要责任", Part::Lead, "首要责任单位：市科技局"),
    marker("第一责任", Part::Lead, "第一责任单位：市科技局"),
    marker("其他责任", Part::Support, "其他责任单位：市财政局"),
    marker("其它责任", Part::Support, "其它责任单位：市财政局"),
    marker("配合责任", Part::Support, "配合责任单位：市财政局"),
    marker("协同责任", Part::Support, "协同责任单位：市财政局"),
    marker("协办责任", Part::Support, "协办责任单位：市财政局"),
    marker("次要责任", Part::Support, "次要责任单位：市财政局"),
    marker("其他配合", Part::Support, "其他配合单位：市财政局"),
    marker("参与配合", Part::Support, "参与配合单位：市财政局"),
    marker("协同配合", Part::Support, "协同配合单位：市财政局"),
    marker("协助配合", Part::Support, "协助配合单位：市财政局"),
    marker("配合", Part::Support, "配合单位：市财政局"),
    marker("协办", Part::Support, "协办单位：市财政局"),
    marker("会办", Part::Support, "会办单位：市财政局"),
    marker("参与", Part::Support, "参与单位：市财政局"),
    marker("参加", Part::Support, "参加单位：市财政局"),
    marker("协同", Part::Support, "协同单位：市财政局"),
    marker("协助", Part::Support, "协助单位：市财政局"),
    marker("协作", Part::Support, "协作单位：市财政局"),
    marker("支持", Part::Support, "支持单位：市财政局"),
    marker("工作责任", Part::List, "工作责任单位：市科技局、市财政局"),
    marker("具体责任", Part::List, "具体责任单位：市科技局、市财政局"),
    marker("主体责任", Part::List, "主体责任单位：市科技局、市财政局"),
    marker("责任", Part::List, "责任单位：市科技局、市财政局"),
    marker("组织实施", Part::List, "组织实施单位：市科技局、市财政局"),
    marker("实施", Part::List, "实施单位：市科技局、市财政局"),
    marker("落实", Part::List, "落实单位：市科技局、市财政局"),
    marker("承办", Part::List, "承办单位：市科技局、市财政局"),
    marker("承担", Part::List, "承担单位：市科技局、市财政局"),
    marker("负责", Part::List, "负责单位：市科技局、市财政局"),
    marker("执行", Part::List, "执行单位：市科技局、市财政局"),
    marker("完成", Part::List, "完成单位：市科技局、市财政局"),
    marker("督办", Part::Aside, "督办单位：市政府督查室"),
    marker("督导", Part::Aside, "督导单位：市政府督查室"),
    marker("监督", Part::Aside, "监督单位：市政府督查室"),
];

/// Second halves of labels. Persons are told by theirs, whatever stands before.
pub(super) const LABEL_NOUNS: &[(&str, Option<Part>)] = &[
    ("单位和部门", None),
    ("单位及部门", None),
    ("部门和单位", None),
    ("部门及单位", None),
    ("部门单位", None),
    ("单位", None),
    ("部门", None),
    ("机构", None),
    ("主体", None),
    ("机关", None),
    ("处室", None),
    ("科室", None),
    ("股室", None),
    ("地区", None),
    ("负责人", Some(Part::Aside)),
    ("责任人", Some(Part::Aside)),
    ("联系人", Some(Part::Aside)),
    ("领导", Some(Part::Aside)),
];

/// Last characters of labels.
#[inline]
pub(super) fn ends_label(c: char) -> bool {
    matches!(
        c,
        '位' | '门'
            | '构'
            | '体'
            | '关'
            | '室'
            | '区'
            | '人'
            | '导'
            | '工'
            | '头'
            | '办'
            | '合'
            | '任'
            | '限'
            | '间'
            | '期'
            | '日'
            | '求'
            | '点'
            | '排'
    )
}

/// Labels of one piece.
pub(super) const LABEL_WORDS: &[Marker] = &[
    marker("职责分工", Part::List, "职责分工：市科技局牵头，市财政局配合"),
    marker("责任分工", Part::List, "责任分工：市科技局牵头，市财政局配合"),
    marker("任务分工", Part::List, "任务分工：市科技局牵头，市财政局配合"),
    marker("牵头", Part::Lead, "牵头：市科技局"),
    marker("主办", Part::Lead, "主办：市科技局"),
    marker("配合", Part::Support, "配合：市财政局"),
    marker("协办", Part::Support, "协办：市财政局"),
    marker("责任", Part::List, "责任：市科技局、市财政局"),
    marker("责任人", Part::Aside, "责任人：某某"),
    marker("联系人", Part::Aside, "联系人：某某"),
    marker("完成时限", Part::Time, "完成时限：2021年6月底前"),
    marker("完成时间", Part::Time, "完成时间：2021年6月底前"),
    marker("完成期限", Part::Time, "完成期限：2021年6月底前"),
    marker("完成日期", Part::Time, "完成日期：2021年6月30日"),
    marker("时限要求", Part::Time, "时限要求：2021年6月底前"),
    marker("时间要求", Part::Time, "时间要求：2021年6月底前"),
    marker("工作时限", Part::Time, "工作时限：2021年6月底前"),
    marker("落实时限", Part::Time, "落实时限：2021年6月底前"),
    marker("推进时限", Part::Time, "推进时限：2021年6月底前"),
    marker("整改时限", Part::Time, "整改时限：2021年6月底前"),
    marker("办理时限", Part::Time, "办理时限：2021年6月底前"),
    marker("办结时限", Part::Time, "办结时限：2021年6月底前"),
    marker("推进时间", Part::Time, "推进时间：2021年6月底前"),
    marker("实施时间", Part::Time, "实施时间：2021年6月底前"),
    marker("时间节点", Part::Time, "时间节点：2021年6月底前"),
    marker("时间安排", Part::Time, "时间安排：2021年6月底前"),
    marker("进度安排", Part::Time, "进度安排：2021年6月底前"),
    marker("时限", Part::Time, "时限：2021年6月底前"),
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

pub(super) const ROLE_WORDS: &[RoleWord] = &[
    role("牵头", Act::Lead, true),
    role("主办", Act::Lead, true),
    role("主责", Act::Lead, true),
    role("负责", Act::Do, true),
    role("承办", Act::Do, false),
    role("配合", Act::Support, true),
    role("协办", Act::Support, true),
    role("参与", Act::Support, true),
    role("参加", Act::Support, true),
    role("协助", Act::Support, true),
    role("协同", Act::Support, true),
    role("协作", Act::Support, false),
    role("支持", Act::Support, false),
    role("组织实施", Act::Do, false),
    role("组织落实", Act::Do, false),
    role("组织推进", Act::Do, false),
    role("贯彻落实", Act::Do, false),
    role("推进落实", Act::Do, false),
    role("推动落实", Act::Do, false),
    role("抓好落实", Act::Do, false),
    role("统筹推进", Act::Do, false),
    role("协调推进", Act::Do, false),
    role("落实", Act::Do, false),
    role("实施", Act::Do, false),
    role("推进", Act::Do, false),
    role("执行", Act::Do, false),
    role("承担", Act::Do, false),
    role("办理", Act::Do, false),
    role("完成", Act::Do, false),
    role("组织", Act::Do, false),
    role("贯彻", Act::Do, false),
    role("抓好", Act::Do, false),
    role("做好", Act::Do, false),
    role("分工", Act::Shared, false),
    role("共同", Act::Shared, false),
    role("分别", Act::Shared, false),
    role("分头", Act::Shared, false),
    role("各自", Act::Shared, false),
    role("密切", Act::How, false),
    role("积极", Act::How, false),
    role("主动", Act::How, false),
    role("具体", Act::How, false),
    role("统筹", Act::How, false),
    role("认真", Act::How, false),
    role("抓总", Act::How, false),
    role("总", Act::How, false),
];

/// Names that end in what looks like a role word.
pub(super) const NOUNS_LIKE_ROLES: &[&str] =
    &["社会组织", "行业组织", "党组织", "群团组织", "自治组织", "经济组织", "各组织"];
/// Last characters of role words, of labels behind "is", and of duties.
#[inline]
pub(super) fn ends_role(c: char) -> bool {
    matches!(
        c,
        '任' | '身'
            | '头'
            | '办'
            | '责'
            | '合'
            | '与'
            | '加'
            | '助'
            | '同'
            | '作'
            | '持'
            | '实'
            | '施'
            | '进'
            | '行'
            | '担'
            | '理'
            | '成'
            | '织'
            | '彻'
            | '好'
            | '工'
            | '自'
            | '别'
            | '心'
            | '切'
            | '极'
            | '动'
            | '体'
            | '筹'
            | '真'
            | '总'
            | '能'
            | '限'
            | '务'
            | '门'
            | '求'
            | '位'
            | '构'
            | '室'
            | '人'
            | '导'
    )
}

/// The words of "by division of duties", in any order behind one of [`BY`].
pub(super) const DUTY_WORDS: &[&str] =
    &["职责", "职能", "分工", "各自", "自身", "权限", "责任", "工作", "任务", "部门", "要求", "和", "及"];
/// Longer ones first.
pub(super) const BY: &[&str] = &["按照", "依照", "依据", "根据", "结合", "按", "依"];

pub(super) const TOGETHER_WITH: &str = "会同";
pub(super) const BY_WHOM: char = '由';
pub(super) const IS: &str = "为是";
/// Before a label at the end of a part: "is the lead unit".
pub(super) const IS_WORDS: &[&str] = &["作为", "为", "是"];

/// Words that join two names when both sides stand as bodies. Longer ones first.
pub(super) const JOINERS: &[&str] = &["以及", "和", "及", "与"];
#[inline]
pub(super) fn starts_joiner(c: char) -> bool {
    matches!(c, '以' | '和' | '及' | '与')
}
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
pub(super) const GENERIC: &[&str] = &[
    "部门和单位",
    "单位和部门",
    "部门及单位",
    "部门单位",
    "部门",
    "单位",
    "地区",
    "地方",
    "机构",
    "企业",
    "方面",
    "人员",
    "个部门",
    "家单位",
    "个单位",
    "部委",
    "同志",
    "市县",
    "区县",
    "县区",
];

/// Levels of administration, one character each.
pub(super) const LEVELS: &str = "省市县区州盟旗镇乡";
/// Levels of several characters. Longer ones first.
pub(super) const LONG_LEVELS: &[&str] = &["自治区", "自治州", "自治县", "兵团"];
/// What can stand between "each" and an ending when several levels share it: "each district, county (city)".
pub(super) const LEVEL_WORDS: &[&str] = &[
    "计划单列市",
    "地级以上市",
    "设区市",
    "地级市",
    "直辖市",
    "自治区",
    "自治州",
    "自治县",
    "开发区",
    "功能区",
    "街道",
    "乡镇",
    "园区",
    "新区",
    "省",
    "市",
    "县",
    "区",
    "州",
    "盟",
    "旗",
    "镇",
    "乡",
    "地",
];
/// The ones that a list of levels shares.
pub(super) const SHARED_GOVERNMENT: &[&str] = &["人民政府", "政府", "办事处", "党工委", "党委", "行署"];

/// A level character followed by this is another word: "market", "municipal works", "county-wide".
pub(super) fn is_other_word(level: char, rest: &str) -> bool {
    let mut chars = rest.chars().map(fold);
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
pub(super) const NOT_A_PLACE: &[&str] = &[
    "城市", "都市", "超市", "股市", "门市", "上市", "全省", "本省", "我省", "外省", "跨省", "全市", "本市", "我市",
    "地市", "全县", "本县", "我县", "社区", "地区", "校区", "小区", "景区", "片区", "灾区", "城区", "山区", "林区",
    "湾区", "军区", "牧区", "库区", "市区", "县区", "区县", "市县", "全州", "各省", "各市", "各县", "各区", "辖区",
    "专区", "分区", "新区",
];

/// Names that begin so belong to the whole country.
pub(super) const NATIONAL: &[&str] = &["国家", "中国", "中央", "全国", "国务院", "中共", "驻"];

/// Committee of the party, after a level; and the ending that at a local level only its departments have.
pub(super) const COMMITTEE: char = '委';
pub(super) const COMMITTEE_DEPARTMENT: char = '部';
pub(super) const BUREAU: char = '局';
pub(super) const DISTRICT: char = '区';

/// The ending of a body, and whether such a body takes the jurisdiction spoken before it. Companies, banks, schools and
/// the branches of national bodies don't. The longer ending stands before one it ends with.
pub(super) const ENDINGS: &[(&str, bool)] = &[
    ("管理委员会", false),
    ("纪委监委", true),
    ("管委会", false),
    ("执委会", false),
    ("基金会", false),
    ("分公司", false),
    ("研究院", false),
    ("科学院", false),
    ("指挥部", true),
    ("商会", false),
    ("协会", false),
    ("学会", false),
    ("管委", false),
    ("公司", false),
    ("集团", false),
    ("银行", false),
    ("分行", false),
    ("支行", false),
    ("总行", false),
    ("人行", false),
    ("海关", false),
    ("机关", true),
    ("大学", false),
    ("中学", false),
    ("院校", false),
    ("高校", false),
    ("学校", false),
    ("学院", false),
    ("医院", false),
    ("联盟", false),
    ("中心", true),
    ("政府", false),
    ("专班", true),
    ("企业", false),
    ("电网", false),
    ("部门", false),
    ("单位", false),
    ("机构", false),
    ("会", true),
    ("委", true),
    ("厅", true),
    ("局", true),
    ("司", true),
    ("团", true),
    ("校", true),
    ("院", true),
    ("办", true),
    ("部", true),
    ("署", true),
    ("协", true),
    ("联", true),
    ("社", true),
    ("室", true),
    ("队", true),
    ("台", true),
    ("处", true),
    ("站", true),
    ("所", true),
    ("庭", true),
    ("馆", true),
    ("科", true),
    ("股", true),
];

/// Last characters of [`ENDINGS`].
#[inline]
pub(super) fn is_last_of_ending(c: char) -> bool {
    matches!(
        c,
        '会' | '委'
            | '厅'
            | '局'
            | '司'
            | '团'
            | '集'
            | '行'
            | '关'
            | '学'
            | '校'
            | '院'
            | '办'
            | '部'
            | '署'
            | '协'
            | '联'
            | '盟'
            | '社'
            | '心'
            | '室'
            | '队'
            | '台'
            | '处'
            | '站'
            | '所'
            | '庭'
            | '馆'
            | '科'
            | '股'
            | '府'
            | '班'
            | '业'
            | '网'
            | '门'
            | '位'
            | '构'
    )
}

/// Words that end as a body does and are none.
pub(super) const NOT_A_BODY: &[&str] = &[
    "社会",
    "机会",
    "大会",
    "全部",
    "内部",
    "外部",
    "干部",
    "学部",
    "以上部",
    "社会团",
    "到位",
    "之处",
    "各处",
    "好处",
    "场所",
    "居所",
    "住所",
    "全会",
    "盛会",
    "展会",
    "体系",
    "教科",
    "文科",
    "学科",
    "专科",
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
    matches!(c, '负' | '牵' | '配' | '为' | '责' | '以')
}
pub(super) const NOT_IN_NAME_WORDS: &[&str] = &["负责", "牵头", "配合", "为主", "责任单位", "责任部门", "以下"];

/// An order that a text can give for telling the lead.
pub(super) const FIRST_WORDS: &[&str] = &[
    "第一位",
    "第一个",
    "第一家",
    "第一名",
    "第一责任",
    "第一顺位",
    "第一序位",
    "第一单位",
    "第一部门",
    "第一者",
    "第一的",
    "第一为",
    "首位",
    "首个",
    "首家",
    "首名",
    "首列",
    "首先列",
];
pub(super) const COMMA_WORDS: &[&str] = &["逗号前", "逗号之前", "逗号以前"];
pub(super) const LEAD_WORDS: &[&str] = &["牵头", "主办", "主责", "主要责任", "总负责", "负总责", "第一责任单位"];
/// What follows a rule in the same clause and names nobody.
pub(super) const RULE_REST: &[&str] =
    &["其他", "其余", "其它", "下同", "均", "多个", "不再", "以下", "单位", "部门", "排名"];
pub(super) const STAR_RULE: &[&str] = &["带星号", "标星号", "加星号", "星号"];
pub(super) const BOLD_RULE: &[&str] = &["加粗", "黑体", "粗体", "下划线"];

/// A unit that every later task has: "all below need ... to carry out, not listed again".
pub(super) const EVERYWHERE_STARTS: &[&str] = &[
    "以下任务",
    "以下各项",
    "以下事项",
    "以下条款",
    "以下措施",
    "以下",
    "以上各项",
    "以上任务",
    "以上",
    "下列任务",
    "下列",
    "上述任务",
    "上述",
    "各项任务",
    "各项工作",
    "所有任务",
    "全部任务",
    "每项任务",
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
pub(super) const TIME_WORDS: &[&str] = &[
    "年底前",
    "月底前",
    "年底",
    "月底",
    "日前",
    "季度",
    "上半年",
    "下半年",
    "年内",
    "长期坚持",
    "持续推进",
    "长期",
    "持续",
    "常态化",
    "立即",
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

/// Structural marks. Everything else is text.
#[inline]
pub(super) fn kind_of(c: u32) -> Option<Kind> {
    Some(match c {
        0x3001 => Kind::Item,
        0x3002 | 0xFF01 | 0xFF1F => Kind::Stop,
        0xFF0C => Kind::Comma,
        0xFF1B => Kind::Semi,
        0xFF1A | 0xFE55 | 0xFE30 => Kind::Colon,
        0xFF08 | 0x3014 | 0x3010 | 0xFF3B | 0x3016 => Kind::Open,
        0xFF09 | 0x3015 | 0x3011 | 0xFF3D | 0x3017 => Kind::Close,
        0xFF5C => Kind::Pipe,
        0xFF0E | 0xFE52 => Kind::Dot,
        0x2460..=0x2487 => Kind::Circled,
        0x2605 | 0x2606 | 0x203B | 0xFF0A | 0x25B2 | 0x25CF => Kind::Star,
        0x7275 | 0x727D => Kind::Lead,
        0x8D1F | 0x8CA0 => Kind::Duty,
        0x7B2C | 0x9996 | 0x9017 => Kind::Order,
        0x518D => Kind::Again,
        _ => return None,
    })
}

/// Traditional characters of the words above, brought to simplified ones; full-width digits to ASCII.
#[inline]
pub(super) fn fold(c: char) -> char {
    if c < '\u{4E00}' {
        return c;
    }
    match c {
        '責' => '责',
        '單' => '单',
        '門' => '门',
        '牽' => '牵',
        '頭' => '头',
        '負' => '负',
        '辦' => '办',
        '協' => '协',
        '參' => '参',
        '與' => '与',
        '會' => '会',
        '關' => '关',
        '實' => '实',
        '職' => '职',
        '區' => '区',
        '縣' => '县',
        '廳' => '厅',
        '級' => '级',
        '員' => '员',
        '構' => '构',
        '領' => '领',
        '導' => '导',
        '時' => '时',
        '間' => '间',
        '進' => '进',
        '機' => '机',
        '體' => '体',
        '處' => '处',
        '總' => '总',
        '團' => '团',
        '聯' => '联',
        '隊' => '队',
        '專' => '专',
        '務' => '务',
        '場' => '场',
        '際' => '际',
        '鎮' => '镇',
        '鄉' => '乡',
        '國' => '国',
        '銀' => '银',
        '學' => '学',
        '醫' => '医',
        '據' => '据',
        '結' => '结',
        '執' => '执',
        '擔' => '担',
        '為' => '为',
        '個' => '个',
        '號' => '号',
        '餘' => '余',
        '須' => '须',
        '應' => '应',
        '項' => '项',
        '標' => '标',
        '條' => '条',
        '節' => '节',
        '編' => '编',
        '業' => '业',
        '認' => '认',
        '組' => '组',
        '織' => '织',
        '貫' => '贯',
        '徹' => '彻',
        '別' => '别',
        '積' => '积',
        '極' => '极',
        '動' => '动',
        '統' => '统',
        '籌' => '筹',
        '權' => '权',
        '計' => '计',
        '劃' => '划',
        '設' => '设',
        '開' => '开',
        '發' => '发',
        '黨' => '党',
        '駐' => '驻',
        '兩' => '两',
        '萬' => '万',
        '億' => '亿',
        '從' => '从',
        '將' => '将',
        '給' => '给',
        '讓' => '让',
        '該' => '该',
        '長' => '长',
        '續' => '续',
        '內' => '内',
        '監' => '监',
        '督' => '督',
        '顧' => '顾',
        '館' => '馆',
        '臺' => '台',
        '優' => '优',
        '請' => '请',
        '並' => '并',
        '涉' => '涉',
        '線' => '线',
        '層' => '层',
        '戰' => '战',
        '議' => '议',
        '選' => '选',
        '後' => '后',
        '簡' => '简',
        _ => c,
    }
}

pub(super) fn is_joined_by_is(c: char) -> bool {
    IS.contains(fold(c))
}

/// Marks that separate names beside the structural ones.
pub(super) fn is_slash(c: char) -> bool {
    matches!(c, '/' | '／' | '；' | ';')
}

/// White space in text, also of the kinds that web pages leave behind.
#[inline]
pub(super) fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n' | '\u{A0}' | '\u{3000}' | '\u{FEFF}' | '\u{200B}'..='\u{200D}' | '\u{2002}'..='\u{200A}')
}

/// What can stand around a name and is not of it.
pub(super) fn is_edge(c: char) -> bool {
    is_space(c)
        || matches!(
            c,
            '、' | '，'
                | '。'
                | '；'
                | '：'
                | ','
                | ';'
                | ':'
                | '.'
                | '．'
                | '*'
                | '＊'
                | '★'
                | '☆'
                | '※'
                | '▲'
                | '●'
                | '“'
                | '”'
                | '"'
                | '|'
                | '｜'
                | '!'
                | '?'
                | '！'
                | '？'
                | '-'
                | '—'
                | '–'
                | '·'
                | '•'
                | '…'
                | '_'
                | '\''
        )
}

pub(super) fn digit(c: char) -> Option<u32> {
    match c {
        '0'..='9' => Some(u32::from(c) - u32::from('0')),
        '０'..='９' => Some(u32::from(c) - u32::from('０')),
        _ => None,
    }
}

/// The value of a Chinese numeral character: below 10 a digit, else a place.
pub(super) fn numeral(c: char) -> Option<u32> {
    Some(match c {
        '〇' | '零' => 0,
        '一' => 1,
        '二' => 2,
        '三' => 3,
        '四' => 4,
        '五' => 5,
        '六' => 6,
        '七' => 7,
        '八' => 8,
        '九' => 9,
        '十' => 10,
        '百' => 100,
        _ => return None,
    })
}

/// The value of a numeral in a circle or in brackets of its own, and whether it is a circle.
pub(super) fn circled(c: char) -> Option<(u32, bool)> {
    match c {
        '①'..='⑳' => Some((u32::from(c) - u32::from('①') + 1, true)),
        '⑴'..='⒇' => Some((u32::from(c) - u32::from('⑴') + 1, false)),
        _ => None,
    }
}

/// Words of numbered divisions, with the rank of each.
pub(super) fn division(c: char) -> Option<u8> {
    Some(match fold(c) {
        '编' | '篇' => 0,
        '章' => 1,
        '节' => 2,
        '条' => 3,
        _ => return None,
    })
}
pub(super) const ORDINAL: char = '第';
/// "Article three of", "article three and": a mention, not a heading.
pub(super) const AFTER_MENTION: &str = "的规第款项条至和、或及与所中";
/// Before a numeral in brackets: "item (three) of annex".
pub(super) const BEFORE_MENTION: &str = "第件表图";
/// After "one,": "first, second prize" is no heading.
pub(super) const AFTER_ENUMERATION: &str = "、等类";
pub(super) const YEAR: char = '年';
pub(super) const RANGE_MARKS: &str = "-—–－~～至";

pub(super) fn is_item_mark(c: char) -> bool {
    matches!(c, '、' | '.' | '．' | '﹒' | '，')
}

pub(super) fn is_number_mark(c: char) -> bool {
    matches!(c, '、' | '.' | '．' | '﹒')
}

pub(super) fn opens(c: char) -> bool {
    matches!(c, '(' | '（' | '[' | '〔' | '【' | '［' | '〖')
}

pub(super) fn closes(c: char) -> bool {
    matches!(c, ')' | '）' | ']' | '〕' | '】' | '］' | '〗')
}

pub(super) fn is_clause_comma(c: char) -> bool {
    matches!(c, '，' | ',' | '。' | '；' | ';')
}

pub(super) fn is_star(c: char) -> bool {
    matches!(c, '*' | '＊' | '★' | '☆' | '※' | '▲' | '●')
}

/// Ends a sentence, and not one that a list goes on behind.
pub(super) fn ends_sentence(c: char) -> bool {
    matches!(c, '。' | '！' | '？' | '）' | ')' | '〕' | ']' | '】')
}

pub(super) fn is_of_date(c: char) -> bool {
    digit(c).is_some() || matches!(c, '年' | '月' | '日' | '底' | '前')
}

pub(super) fn is_word(c: char) -> bool {
    ('\u{4E00}'..='\u{9FFF}').contains(&c)
}

pub(super) fn is_full_stop(c: char) -> bool {
    matches!(c, '。' | '；' | ';' | '！')
}

/// A list goes on behind it.
pub(super) fn joins(c: char) -> bool {
    matches!(c, '、' | '，' | ',')
}

/// What a clause leaves behind it, before the text of the next task.
pub(super) fn is_leftover(c: char) -> bool {
    is_space(c) || matches!(c, '。' | '；' | ';' | '，' | ',' | '、' | '：' | ':')
}

pub(super) fn is_stop(c: char) -> bool {
    matches!(c, '。' | '；' | ';' | '！' | '？' | '!' | '?' | '：' | ':')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notice::Notice;

    #[test]
    fn every_label_reads_its_example_as_it_says() {
        for marker in LABEL_HEADS.iter().chain(LABEL_WORDS) {
            let text = format!("1.做好工作。（{}；责任单位：甲局、乙局）", marker.example);
            let notice = Notice::read(&text);
            let task = notice.tasks().next().unwrap_or_else(|| panic!("{}", marker.example));
            let units: Vec<&str> = task.units().collect();
            let led = units.first().is_some_and(|lead| marker.example.contains(lead));
            match marker.part {
                Part::Lead => assert!(led && units.contains(&"甲局"), "{} {units:?}", marker.example),
                Part::Support => assert_eq!(task.lead(), "甲局", "{} {units:?}", marker.example),
                Part::List => assert!(led, "{} {units:?}", marker.example),
                Part::Time => assert!(task.deadline().is_some() && units == ["甲局", "乙局"], "{}", marker.example),
                Part::Aside => assert_eq!(units, ["甲局", "乙局"], "{}", marker.example),
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
