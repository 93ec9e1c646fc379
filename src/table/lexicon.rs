//! The words of tables, as data: titles of columns, marks, remarks in cells, in Chinese and English. No code but
//! look-ups. Words are in simplified characters and lower case; [`simplified`] maps traditional characters to them.

use super::meaning::Meaning;

/// Traditional characters of the words below, each with its simplified one.
#[rustfmt::skip]
const TRADITIONAL: &[(char, char)] = &[
    ('責', '责'), ('單', '单'), ('門', '门'), ('牽', '牵'), ('頭', '头'), ('負', '负'), ('辦', '办'), ('協', '协'),
    ('參', '参'), ('與', '与'), ('會', '会'), ('關', '关'), ('實', '实'), ('職', '职'), ('區', '区'), ('縣', '县'),
    ('級', '级'), ('員', '员'), ('構', '构'), ('領', '领'), ('導', '导'), ('時', '时'), ('間', '间'), ('機', '机'),
    ('體', '体'), ('處', '处'), ('總', '总'), ('務', '务'), ('執', '执'), ('擔', '担'), ('權', '权'), ('設', '设'),
    ('項', '项'), ('標', '标'), ('編', '编'), ('號', '号'), ('內', '内'), ('舉', '举'), ('題', '题'), ('聯', '联'),
    ('絡', '络'), ('電', '电'), ('話', '话'), ('類', '类'), ('別', '别'), ('屬', '属'), ('諮', '咨'),
    ('詢', '询'), ('議', '议'), ('監', '监'), ('驗', '验'), ('進', '进'), ('備', '备'), ('註', '注'), ('無', '无'),
    ('點', '点'), ('節', '节'), ('條', '条'), ('計', '计'), ('劃', '划'), ('業', '业'), ('請', '请'),
];

/// The simplified character of a traditional one; others as they are.
pub(super) fn simplified(c: char) -> char {
    if c < '\u{4E00}' {
        return c;
    }
    TRADITIONAL.iter().find(|(traditional, _)| *traditional == c).map_or(c, |(_, simplified)| *simplified)
}

/// Whether a character is of a Chinese word.
pub(super) fn is_han(c: char) -> bool {
    ('\u{3400}'..='\u{9FFF}').contains(&c)
}

/// White space, including the kinds that web pages leave.
pub(super) fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{FEFF}' | '\u{200B}'..='\u{200D}')
}

/// First halves of titles of columns of units; a noun of [`NOUNS`] follows. A word comes before the words with which it
/// ends (CASES 1a, 2 and 4 have the kinds).
#[rustfmt::skip]
pub(super) const HEADS: &[(&str, Meaning)] = &[
    ("牵头责任", Meaning::Lead), ("责任牵头", Meaning::Lead), ("牵头负责", Meaning::Lead), ("牵头落实", Meaning::Lead),
    ("牵头实施", Meaning::Lead), ("牵头组织", Meaning::Lead), ("牵头承办", Meaning::Lead), ("总牵头", Meaning::Lead),
    ("牵头", Meaning::Lead), ("主协办", Meaning::Responsible), ("主办", Meaning::Lead), ("主责", Meaning::Lead),
    ("主要责任", Meaning::Lead), ("首要责任", Meaning::Lead), ("第一责任", Meaning::Lead),
    ("其他责任", Meaning::Support), ("其它责任", Meaning::Support), ("配合责任", Meaning::Support),
    ("责任配合", Meaning::Support), ("协同责任", Meaning::Support), ("协办责任", Meaning::Support),
    ("次要责任", Meaning::Support), ("第二责任", Meaning::Support), ("配合", Meaning::Support), ("协办", Meaning::Support),
    ("会办", Meaning::Support), ("参与", Meaning::Support), ("参加", Meaning::Support), ("协同", Meaning::Support), ("联办", Meaning::Support),
    ("协助", Meaning::Support), ("协作", Meaning::Support), ("支持", Meaning::Support), ("辅助", Meaning::Support),
    ("合作", Meaning::Support), ("责任", Meaning::Responsible), ("权责", Meaning::Responsible),
    ("主政", Meaning::Responsible), ("主管", Meaning::Responsible), ("实施", Meaning::Responsible),
    ("落实", Meaning::Responsible), ("承办", Meaning::Responsible), ("分办", Meaning::Responsible),
    ("承担", Meaning::Responsible), ("负责", Meaning::Responsible), ("执行", Meaning::Responsible),
    ("建设", Meaning::Responsible), ("完成", Meaning::Responsible), ("归口", Meaning::Responsible),
    ("征求意见", Meaning::Consulted), ("会商", Meaning::Consulted), ("咨询", Meaning::Consulted),
    ("知会", Meaning::Informed), ("抄送", Meaning::Informed), ("告知", Meaning::Informed), ("通报", Meaning::Informed),
    ("督办", Meaning::Ignore), ("督导", Meaning::Ignore), ("监督", Meaning::Ignore), ("验收", Meaning::Ignore),
    ("考核", Meaning::Ignore), ("监管", Meaning::Ignore), ("指导", Meaning::Ignore),
];

/// Second halves of titles of columns of units.
#[rustfmt::skip]
pub(super) const NOUNS: &[&str] = &[
    "部门单位", "单位", "部门", "机构", "机关", "主体", "处室", "科室", "股室", "地区", "区县", "县区", "企业", "方",
];

/// Titles of one piece.
#[rustfmt::skip]
pub(super) const ROLE_WORDS: &[(&str, Meaning)] = &[
    ("职责分工", Meaning::Responsible), ("责任分工", Meaning::Responsible), ("任务分工", Meaning::Responsible),
    ("部门分工", Meaning::Responsible), ("分工", Meaning::Responsible), ("牵头", Meaning::Lead), ("主办", Meaning::Lead),
    ("主责", Meaning::Lead), ("领导", Meaning::Lead), ("配合", Meaning::Support), ("协办", Meaning::Support),
    ("协助", Meaning::Support), ("参与", Meaning::Support), ("支持", Meaning::Support), ("相关", Meaning::Support),
    ("责任", Meaning::Responsible), ("负责", Meaning::Responsible), ("承办", Meaning::Responsible),
    ("执行", Meaning::Responsible), ("咨询", Meaning::Consulted), ("知会", Meaning::Informed),
    ("抄送", Meaning::Informed), ("告知", Meaning::Informed),
];

/// Ends of titles of columns of persons. They count as units only where no column has units.
#[rustfmt::skip]
pub(super) const PERSONS: &[&str] = &["责任人", "负责人", "承办人", "经办人", "牵头人", "责任领导", "责任人员"];

/// Ends of titles of columns that no task takes.
#[rustfmt::skip]
pub(super) const ASIDE: &[&str] = &[
    "分管领导", "牵头领导", "市领导", "县领导", "联系领导", "领导", "联系人", "联系电话", "联系方式", "电话", "联络员", "备注", "说明", "进展", "进展情况",
    "完成情况", "状态", "单位性质", "计量单位",
];

/// Words in titles of other columns. The first that the title ends with, or else has in it, tells the meaning.
#[rustfmt::skip]
pub(super) const OTHER_COLUMNS: &[(&str, Meaning)] = &[
    ("序号", Meaning::Number), ("编号", Meaning::Number), ("项号", Meaning::Number), ("时限", Meaning::Deadline),
    ("期限", Meaning::Deadline), ("完成时间", Meaning::Deadline), ("截止时间", Meaning::Deadline),
    ("截止日期", Meaning::Deadline), ("完成日期", Meaning::Deadline), ("时间要求", Meaning::Deadline),
    ("时间节点", Meaning::Deadline), ("时间安排", Meaning::Deadline), ("进度安排", Meaning::Deadline),
    ("推进时间", Meaning::Deadline), ("实施时间", Meaning::Deadline), ("办结时间", Meaning::Deadline),
    ("时间", Meaning::Deadline), ("类别", Meaning::Section), ("分类", Meaning::Section), ("领域", Meaning::Section),
    ("章节", Meaning::Section), ("板块", Meaning::Section), ("标题", Meaning::Title), ("任务", Meaning::Task),
    ("事项", Meaning::Task), ("内容", Meaning::Task), ("举措", Meaning::Task), ("措施", Meaning::Task),
    ("项目", Meaning::Task), ("目标", Meaning::Task), ("要求", Meaning::Task), ("问题", Meaning::Task),
    ("要点", Meaning::Task), ("条款", Meaning::Task), ("工作", Meaning::Task), ("名称", Meaning::Task),
    ("建议", Meaning::Task), ("职能", Meaning::Task), ("要素", Meaning::Task), ("过程", Meaning::Task),
];

/// Characters that join two titles in one cell, after [`JOINED_INSIDE`] is replaced.
pub(super) fn joins_titles(c: char) -> bool {
    matches!(c, '及' | '和' | '与' | '或' | '、' | ',' | '/' | '&' | '|')
}
/// "Main (co-)", of two words in one, and the same without brackets.
pub(super) const BOTH_ROLES: (&str, &str) = ("主(协)办", "主协办");
/// A word with a joiner in it, and a word for it that has none.
pub(super) const JOINED_INSIDE: (&str, &str) = ("参与", "参加");
pub(super) const PERSON: char = '人';

/// Words of responsibility: a line with one of them that belongs to no task is a finding.
#[rustfmt::skip]
pub(super) const DUTY: &[&str] = &[
    "责任单位", "责任部门", "责任人", "责任分工", "牵头", "主办", "协办", "配合", "承办", "负责", "权责",
];

/// A role behind or in a bracket behind a name: the word and its meaning. Longer ones first.
#[rustfmt::skip]
pub(super) const BEHIND_NAME: &[(&str, Meaning)] = &[
    ("按职责分工负责", Meaning::Responsible), ("按照职责分工负责", Meaning::Responsible), ("按职责分工", Meaning::Responsible),
    ("分别负责", Meaning::Responsible), ("共同负责", Meaning::Responsible), ("牵头负责", Meaning::Lead),
    ("总牵头", Meaning::Lead), ("牵头", Meaning::Lead), ("主办", Meaning::Lead), ("主责", Meaning::Lead),
    ("负责", Meaning::Responsible), ("参与配合", Meaning::Support), ("协助配合", Meaning::Support),
    ("配合", Meaning::Support), ("协办", Meaning::Support), ("协助", Meaning::Support), ("参与", Meaning::Support),
];

/// "And others" behind a name; the words behind it that name nobody; the characters before it that make it a part of a
/// word; the beginnings behind it of a name of its own.
pub(super) const AND_OTHERS: char = '等';
pub(super) const OTHERS_IN_WORD: &str = "高中初平同优";
pub(super) const COUNTS: &str = "一二三四五六七八九十几多个家";
pub(super) const NOBODY: &[&str] = &["部门", "单位", "部门和单位", "单位和部门", "机构", "地区", "相关部门单位"];
pub(super) const SOME: &[&str] = &["有关", "相关", "各", "其他", "其它"];

/// Words that make a name a collective of many bodies.
#[rustfmt::skip]
pub(super) const COLLECTIVE: &[&str] =
    &["各", "有关", "相关", "其他", "其它", "全体", "所有", "成员单位", "沿线", "涉及"];
pub(super) const COLLECTIVE_ENGLISH: &[&str] = &["all ", "each ", "every ", "other ", "relevant ", "various "];

/// Cells that say that nothing is in them.
#[rustfmt::skip]
pub(super) const NOTHING: &[&str] = &[
    "-", "--", "---", "—", "——", "–", "/", "／", "无", "无。", "n/a", "na", "none", "nil", "n.a.", ".", "…", "...", "\\",
];
/// Cells that say that a unit is still to be named.
const TO_BE_NAMED: &[&str] = &["tbd", "tba", "tbc", "?", "vacant", "待定", "未定", "空缺"];
/// The longest of them, in bytes.
const LONGEST_TO_BE_NAMED: usize = 6;

/// Whether a cell says that a unit is still to be named.
pub(super) fn is_to_be_named(cell: &str) -> bool {
    let cell = cell.trim_matches(is_space);
    cell.len() <= LONGEST_TO_BE_NAMED && TO_BE_NAMED.contains(&cell.to_lowercase().as_str())
}

/// Marks of charts, strong ones first. The strongest that a chart without a legend has leads.
pub(super) const MARKS: &[char] =
    &['★', '■', '◆', '●', '▲', '◎', '⊙', '☆', '□', '◇', '○', '△', '✔', '✓', '√', '✗', '×'];
/// Two forms of one mark.
#[rustfmt::skip]
const SAME_MARK: &[(char, char)] = &[
    ('⭐', '★'), ('⬛', '■'), ('⚫', '●'), ('⬤', '●'), ('〇', '○'), ('◯', '○'), ('⚪', '○'), ('✅', '✔'), ('☑', '✔'), ('✩', '☆'),
];

/// A mark of a chart in its usual form.
pub(super) fn mark(c: char) -> Option<char> {
    let c = SAME_MARK.iter().find(|(other, _)| *other == c).map_or(c, |(_, mark)| *mark);
    MARKS.contains(&c).then_some(c)
}

/// A star before a name: the unit leads.
pub(super) fn is_star(c: char) -> bool {
    matches!(c, '*' | '＊' | '★')
}

/// Whether names are separated here.
pub(super) fn separates(c: char) -> bool {
    matches!(c, ';' | '；' | '、' | '，' | ',' | '/' | '／' | '\n') || is_circled(c)
}

/// Numbers in circles, which count names.
fn is_circled(c: char) -> bool {
    ('①'..='⑳').contains(&c)
}

pub(super) fn opens(c: char) -> bool {
    matches!(c, '(' | '（' | '[' | '〔' | '【' | '［' | '〖')
}

pub(super) fn closes(c: char) -> bool {
    matches!(c, ')' | '）' | ']' | '〕' | '】' | '］' | '〗')
}

pub(super) fn is_colon(c: char) -> bool {
    matches!(c, ':' | '：' | '﹕' | '︰' | '∶')
}

/// Whether a character can be around a name without belonging to it.
pub(super) fn is_edge(c: char) -> bool {
    is_space(c)
        || matches!(c, '、' | '，' | '。' | '；' | '：' | ',' | ';' | ':' | '•' | '·' | '-' | '–' | '—' | '_' | '|')
}

/// Marks behind the number of an item.
pub(super) fn ends_number(c: char) -> bool {
    matches!(c, '.' | '．' | ')' | '）')
}

pub(super) fn is_full_stop(c: char) -> bool {
    matches!(c, '。' | '.' | '|')
}

/// Between a mark and its meaning in a legend.
pub(super) fn joins_legend(c: char) -> bool {
    is_space(c)
        || is_colon(c)
        || matches!(c, '=' | '-' | '–' | '—' | '为' | '表' | '示' | '指' | '"' | '“' | '”' | '(' | '（' | '*')
}

/// English words of the roles in titles, in the singular.
#[rustfmt::skip]
pub(super) const ENGLISH_ROLES: &[(&str, Meaning)] = &[
    ("lead", Meaning::Lead), ("led", Meaning::Lead), ("opr", Meaning::Lead), ("leading", Meaning::Lead), ("leader", Meaning::Lead), ("owner", Meaning::Lead),
    ("owning", Meaning::Lead), ("owned", Meaning::Lead), ("ownership", Meaning::Lead), ("accountable", Meaning::Lead),
    ("accountability", Meaning::Lead), ("primary", Meaning::Lead), ("principal", Meaning::Lead), ("main", Meaning::Lead),
    ("driver", Meaning::Lead), ("dri", Meaning::Lead), ("coordinating", Meaning::Lead), ("coordinator", Meaning::Lead),
    ("maintainer", Meaning::Lead), ("responsible", Meaning::Responsible), ("implementing", Meaning::Responsible),
    ("implementer", Meaning::Responsible), ("executing", Meaning::Responsible), ("charge", Meaning::Responsible),
    ("who", Meaning::Responsible), ("whom", Meaning::Responsible), ("assignee", Meaning::Person), ("assigned", Meaning::Person), ("pic", Meaning::Person),
    ("co", Meaning::CoLead), ("colead", Meaning::CoLead), ("coowner", Meaning::CoLead), ("joint", Meaning::CoLead),
    ("support", Meaning::Support), ("supporting", Meaning::Support), ("supporter", Meaning::Support),
    ("supported", Meaning::Support), ("contributing", Meaning::Support), ("contributor", Meaning::Support),
    ("cooperating", Meaning::Support), ("collaborating", Meaning::Support), ("collaboration", Meaning::Support), ("collaborator", Meaning::Support),
    ("partner", Meaning::Support), ("partnering", Meaning::Support), ("participating", Meaning::Support), ("participant", Meaning::Support),
    ("assisting", Meaning::Support), ("involved", Meaning::Support), ("secondary", Meaning::Support),
    ("backup", Meaning::Support), ("deputy", Meaning::Support), ("consulted", Meaning::Consulted),
    ("consult", Meaning::Consulted), ("consulting", Meaning::Consulted), ("informed", Meaning::Informed),
    ("inform", Meaning::Informed), ("notified", Meaning::Informed), ("notify", Meaning::Informed), ("cc", Meaning::Informed),
];

/// English words that can be with the word of a role and say nothing more.
#[rustfmt::skip]
pub(super) const ENGLISH_NOUNS: &[&str] = &[
    "agency", "department", "dept", "unit", "team", "organisation", "organization", "org", "entity", "ministry", "office",
    "body", "party", "role", "institution", "authority", "bureau", "division", "group", "partner", "stakeholder", "actor",
    "directorate", "staff", "person", "people", "individual", "name", "function", "member", "owner", "the", "of", "for", "by", "to",
    "be", "is", "in", "and", "or", "other", "key", "s", "with", "responsibility", "officer", "executive",
];

/// English titles of persons and units without a word of a role: used only where no column has one.
pub(super) const ENGLISH_WEAK: &[&str] = &[
    "department",
    "dept",
    "team",
    "agency",
    "unit",
    "organisation",
    "organization",
    "ministry",
    "responsibility",
    "office",
    "division",
    "squad",
];
/// The same in Chinese.
pub(super) const WEAK: &[&str] = &["单位", "部门", "科室", "处室", "机构"];

/// English titles of other columns by their last word, or else their first.
#[rustfmt::skip]
pub(super) const ENGLISH_OTHER: &[(&str, Meaning)] = &[
    ("id", Meaning::Key), ("key", Meaning::Key), ("ref", Meaning::Key), ("reference", Meaning::Key), ("code", Meaning::Key),
    ("#", Meaning::Number), ("no", Meaning::Number), ("nr", Meaning::Number), ("num", Meaning::Number), ("number", Meaning::Number),
    ("sn", Meaning::Number), ("serial", Meaning::Number), ("due", Meaning::Deadline), ("deadline", Meaning::Deadline),
    ("timeline", Meaning::Deadline), ("timeframe", Meaning::Deadline), ("timescale", Meaning::Deadline),
    ("timing", Meaning::Deadline), ("when", Meaning::Deadline), ("frame", Meaning::Deadline),
    ("section", Meaning::Section), ("category", Meaning::Section), ("phase", Meaning::Section), ("theme", Meaning::Section),
    ("domain", Meaning::Section), ("workstream", Meaning::Section), ("stream", Meaning::Section), ("pillar", Meaning::Section),
    ("chapter", Meaning::Section), ("stage", Meaning::Section), ("cluster", Meaning::Section), ("epic", Meaning::Section),
    ("title", Meaning::Title), ("name", Meaning::Title), ("summary", Meaning::Title), ("description", Meaning::Text),
    ("detail", Meaning::Text), ("task", Meaning::Task), ("action", Meaning::Task), ("activity", Meaning::Task),
    ("deliverable", Meaning::Task), ("step", Meaning::Task), ("todo", Meaning::Task), ("duty", Meaning::Task),
    ("decision", Meaning::Task), ("package", Meaning::Task), ("item", Meaning::Task), ("process", Meaning::Task),
];
/// English titles of columns that hold the task where no column of [`ENGLISH_OTHER`] does; before such a column they
/// hold its section.
#[rustfmt::skip]
pub(super) const ENGLISH_THINGS: &[&str] = &[
    "objective", "goal", "recommendation", "strategy", "measure", "milestone", "outcome", "initiative", "project",
    "service", "component", "system", "repository", "repo", "application", "app", "product", "control", "requirement",
    "what", "program", "programme", "policy", "commitment", "output", "issue", "question", "area", "capability",
    "module", "path", "resource", "topic", "scope", "asset", "dataset", "target", "work", "responsibility", "function",
];
/// English words that make "date" or "time" a deadline.
pub(super) const ENGLISH_ENDS: &[&str] =
    &["target", "completion", "end", "finish", "delivery", "due", "complete", "completed", "by"];
/// English titles of columns that no task takes, and whose letters are no marks.
#[rustfmt::skip]
pub(super) const ENGLISH_ASIDE: &[&str] = &[
    "status", "priority", "rag", "type", "note", "notes", "comment", "remark", "progress", "contact", "email", "phone",
    "grade", "rating", "severity", "impact", "budget", "cost", "start", "level",
];
/// Beginnings of lines below a table that are remarks, no sections.
pub(super) const REMARKS: &[&str] = &["注", "备注", "说明", "note", "source", "*", "legend", "合计", "total"];
