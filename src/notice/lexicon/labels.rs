//! The words of labels: "lead unit:", "supporting units:", "to be completed by:".

use super::Words;

/// The part that a label or role words give to units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::notice) enum Part {
    /// The units lead.
    Lead,
    /// The units support.
    Support,
    /// The units are responsible; none of them is marked as the lead.
    Unmarked,
    /// A time, not units.
    Time,
    /// Persons, supervisors and the like, which have no part in an assignment.
    Aside,
}

/// First halves of labels; a noun of [`LABEL_NOUNS`] follows. A word comes before the words with which it ends.
#[rustfmt::skip]
pub(in crate::notice) static LABEL_HEADS: Words<(&str, Part)> = Words::with(&[
    ("牵头责任", Part::Lead), ("牵头负责", Part::Lead), ("牵头落实", Part::Lead),
    ("牵头实施", Part::Lead), ("牵头组织", Part::Lead), ("牵头承办", Part::Lead),
    ("总牵头", Part::Lead), ("牵头", Part::Lead), ("主办", Part::Lead),
    ("主责", Part::Lead), ("主要责任", Part::Lead), ("首要责任", Part::Lead),
    ("第一责任", Part::Lead), ("第二责任", Part::Support), ("第三责任", Part::Support),
    ("督办责任", Part::Aside), ("督导责任", Part::Aside), ("监督责任", Part::Aside), ("监管责任", Part::Aside),
    ("验收责任", Part::Aside), ("其他责任", Part::Support), ("其它责任", Part::Support),
    ("配合责任", Part::Support), ("协同责任", Part::Support), ("协办责任", Part::Support),
    ("次要责任", Part::Support), ("其他配合", Part::Support), ("参与配合", Part::Support),
    ("协同配合", Part::Support), ("协助配合", Part::Support), ("配合", Part::Support),
    ("协办", Part::Support), ("会办", Part::Support), ("参与", Part::Support),
    ("参加", Part::Support), ("协同", Part::Support), ("协助", Part::Support),
    ("协作", Part::Support), ("支持", Part::Support), ("工作责任", Part::Unmarked),
    ("具体责任", Part::Unmarked), ("主体责任", Part::Unmarked), ("责任", Part::Unmarked),
    // Follow-up of resolutions in Taiwan: "units with power and responsibility", "units that run the matter".
    ("权责", Part::Unmarked), ("主政", Part::Unmarked),
    // Central plans of Taiwan: "main (assisting) bodies in charge"; the assisting ones are in brackets.
    ("主（协）办", Part::Unmarked), ("主(协)办", Part::Unmarked),
    // Lists of counties: "lead (responsible) unit".
    ("牵头（责任）", Part::Lead),
    ("组织实施", Part::Unmarked), ("实施", Part::Unmarked), ("落实", Part::Unmarked),
    ("承办", Part::Unmarked), ("承担", Part::Unmarked), ("负责", Part::Unmarked), ("执行", Part::Unmarked),
    ("完成", Part::Unmarked), ("督办", Part::Aside), ("督导", Part::Aside),
    ("监督", Part::Aside),
]);

/// Second halves of labels. One that is for persons decides alone, whatever the first half is.
#[rustfmt::skip]
pub(in crate::notice) static LABEL_NOUNS: Words<(&str, Option<Part>)> = Words::with(&[
    ("单位和部门", None), ("单位及部门", None), ("部门和单位", None), ("部门及单位", None), ("部门单位", None),
    ("单位", None), ("部门", None), ("机构", None), ("主体", None), ("机关", None), ("处室", None),
    ("科室", None), ("股室", None), ("地区", None), ("负责人", Some(Part::Aside)),
    ("责任人", Some(Part::Aside)), ("联系人", Some(Part::Aside)), ("领导", Some(Part::Aside)),
]);

/// Labels of one piece.
#[rustfmt::skip]
pub(in crate::notice) static LABEL_WORDS: Words<(&str, Part)> = Words::with(&[
    // Lists of projects, of motions, of districts. They are words of prose as well, so that no other noun goes with them.
    ("行业主管部门", Part::Aside), ("主管部门", Part::Unmarked), ("主管机关", Part::Unmarked),
    ("建设单位", Part::Unmarked), ("分办单位", Part::Unmarked), ("责任区县", Part::Unmarked),
    ("责任县区", Part::Unmarked), ("责任乡镇", Part::Unmarked),
    // Lists of rectifications: whoever accepts the work has no part in it.
    ("验收单位", Part::Aside), ("验收部门", Part::Aside), ("销号单位", Part::Aside),
    // Yearly plans of provinces: "division among departments".
    ("部门分工", Part::Unmarked),
    ("职责分工", Part::Unmarked), ("责任分工", Part::Unmarked), ("任务分工", Part::Unmarked), ("分工", Part::Unmarked),
    ("牵头", Part::Lead), ("主办", Part::Lead), ("配合", Part::Support),
    ("协办", Part::Support), ("责任", Part::Unmarked), ("责任人", Part::Aside),
    ("联系人", Part::Aside), ("完成时限", Part::Time), ("完成时间", Part::Time),
    ("完成期限", Part::Time), ("完成日期", Part::Time), ("时限要求", Part::Time),
    ("时间要求", Part::Time), ("工作时限", Part::Time), ("落实时限", Part::Time),
    ("推进时限", Part::Time), ("整改时限", Part::Time), ("办理时限", Part::Time),
    ("办结时限", Part::Time), ("推进时间", Part::Time), ("实施时间", Part::Time),
    ("时间节点", Part::Time), ("时间安排", Part::Time), ("进度安排", Part::Time),
    ("时限", Part::Time),
]);

/// Characters before a label that make its words prose: "each lead unit", "the lead unit of".
pub(in crate::notice) const NOT_BEFORE_LABEL: &str = "各的该由对与及和向为是本请让被其名每个";
/// Labels of the measures against a problem, in lists of rectifications.
pub(in crate::notice) static MEASURES: Words =
    Words::new(&["整改措施", "整改任务", "具体措施", "主要措施", "工作措施"]);

/// "Main", the first character of a label whose assisting units are in brackets.
pub(in crate::notice) const MAIN: char = '主';

/// Characters that no word before a label has, with which it is a label of its own: "city-level lead unit".
pub(in crate::notice) const NOT_IN_QUALIFIER: &str = "各的由该向让被每请将其和与及";

/// Labels within a label's list that say for whom the next names are, and are no labels of other matters: "at the level
/// of the province:".
pub(in crate::notice) static SUBLABELS: Words = Words::new(&["级", "直", "层面", "其中"]);

/// Words that speak of responsibility: a line with one of them is read, or reported.
pub(in crate::notice) static RESPONSIBILITY: Words =
    Words::new(&["责任", "牵头", "主办", "承办", "配合", "协办", "负责"]);
/// "Responsibility", the one of [`RESPONSIBILITY`] that is a noun.
pub(in crate::notice) const RESPONSIBILITY_NOUN: &str = "责任";
/// "Limited", with which "liability" is a word of the names of companies.
pub(in crate::notice) const SAME_LIABILITY: &str = "有限";

/// Nouns for documents, with which titles end: "plan", "opinions", "notice", "list".
#[rustfmt::skip]
pub(in crate::notice) static DOCUMENTS: Words = Words::new(&[
    "方案", "意见", "通知", "清单", "计划", "规划", "分工", "要点", "办法", "措施",
]);
