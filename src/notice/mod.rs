//! Reads notices: text in; tasks, units and findings out.
//!
//! A notice is a document in Chinese that divides work: each task ends with a *clause* that names the responsible units.
//! [`Notice::read`] finds the clauses, tells who leads each task and on which [`Basis`], and completes the names. Every
//! assumption and every doubtful passage is a [`Finding`]. [`Reader`] has options.
//!
//! ```
//! use responsibility_index::notice::{Basis, Notice};
//!
//! // "1. Roads. Repair the roads. (Led by the city's transport bureau; finance bureau and counties cooperate)"
//! let text = "1.道路。修好道路。（市交通局牵头，市财政局、各县（市、区）政府配合）";
//! let notice = Notice::read(text);
//! let task = notice.task(0).expect("one task");
//! assert_eq!(task.key("plan"), "plan/1/1");
//! assert_eq!((task.lead(), task.basis()), ("市交通局", Basis::Explicit));
//! assert_eq!(task.supporting().collect::<Vec<_>>(), ["市财政局", "各县（市、区）政府"]);
//! assert_eq!(task.text(), "道路。修好道路。");
//! ```
//!
//! # The grammar
//!
//! Traditional characters and half-width punctuation are read as the simplified and full-width ones below. In the
//! examples 甲局, 乙局, 丙局 are bureaus A, B, C.
//!
//! ## Clauses
//! | form | example | read as |
//! | --- | --- | --- |
//! | a label in brackets of any kind: （） () 〔〕 \[\] 【】 | （责任单位：甲局、乙局） "responsible units" | A leads by convention, B supports |
//! | labels of lead and support | 牵头单位：甲局；配合单位：乙局 "lead unit; supporting unit" | A leads, B supports |
//! | lead and responsible | 牵头单位：甲局，责任单位：乙局 | A leads, B supports |
//! | main and other | 主要责任单位：甲局；其他责任单位：乙局 | A leads, B supports |
//! | a word before a label | 市级牵头单位：甲局；县级责任单位：乙局 "city-level lead unit; county-level responsible unit" | A leads, B supports |
//! | units and persons | 责任单位及责任人：甲局张三 "responsible unit and person" | A leads; the person is set aside, and a finding |
//! | main and assisting, in Taiwan | 主（協）辦機關：甲局、（乙局） | A leads, B supports |
//! | a label that is not known | 责任单位：甲局；资金来源：乙局 "source of funds" | A leads; the label and its value are passed over, and a finding |
//! | a label in a bracket of its own | 【责任单位】甲局、乙局 | up to the end of its line or sentence |
//! | a line of its own; labelled lines | 牵头单位：甲局 ⏎ 配合单位：乙局 ⏎ 完成时限：6月底 "deadline" | one clause |
//! | running text | 做好工作。责任单位：甲局。 | up to the full stop |
//! | repeated, spaced out, no colon | 责 任 单 位：甲局责任单位：乙局 | as the plain label |
//! | units and role words | 甲局牵头，乙局、丙局配合 "A leads, B and C cooperate" | A leads, B and C support |
//! | responsible | 甲局、乙局负责 "A and B are responsible" | A leads by convention |
//! | guiding, overseeing, helping | 甲局负责，乙局指导 "A is responsible, B guides" | A leads, B supports |
//! | a sentence after the text | 修好道路。甲局负责。 | A leads by convention |
//! | by division of duties | 甲局、乙局按职责分工负责 | shared: A, listed first, leads |
//! | together with | 甲局会同乙局负责 | A leads, B supports |
//! | a list before supporting units | 甲局、乙局，配合部门：丙局 | A and B lead jointly |
//! | a time | 完成时限：2021年6月底前 "before the end of June 2021" | the [deadline](Task::deadline) as written, and as a [day](Task::due) |
//! | rows of tables, by tab or bar | 序号 \| 任务 \| 牵头单位 \| 配合单位 | by the header's columns; a row without a lead is a finding |
//! | lines of forms, by tab or bar | 责任单位 \| 甲局 | as a label and its list |
//! | persons | 责任领导：张三 "responsible leader" | passed over |
//! | measures against a problem | 整改措施： ⏎ 1.… ⏎ 2.… ⏎ 责任单位：甲局 "measures" | one clause, of the problem above them |
//! | a line broken in a list | 责任单位：甲局、乙 ⏎ 局、丙局 | one list |
//!
//! Each clause governs the sentences since the one before it, or since the number of its heading. Prose is no clause:
//! 由甲局负责解释 "A is responsible for the interpretation" is a finding. So is every other line or cell with a word such as
//! 责任, 牵头, 配合 "responsibility", "lead", "support" that is of no task and not the title of the document: nothing of that
//! kind is passed over in silence.
//! Tables whose columns are separated by commas or spaces are not read, which is a finding as well.
//!
//! ## Who leads
//! | basis | what tells it | example |
//! | --- | --- | --- |
//! | [`Explicit`](Basis::Explicit) | a label, a role word, a star, a bracket, a split in two | \*甲局、乙局; 甲局（牵头）、乙局 |
//! | [`Rule`](Basis::Rule) | a rule anywhere in the text | 列第一位的为牵头单位 "the first-listed leads"; 第一个逗号前为牵头单位 "those before the first comma lead" |
//! | [`Shared`](Basis::Shared) | by division of duties, none marked | 甲局、乙局按职责分工负责 |
//! | [`Convention`](Basis::Convention) | nothing: the first-listed leads | 责任单位：甲局、乙局 |
//!
//! ## Names
//! | form | example | units |
//! | --- | --- | --- |
//! | a jurisdiction spoken once | 省科技厅、财政厅 | 省科技厅, 省财政厅 |
//! | after the party's committee | 省委宣传部、教育厅 | 省委宣传部, 省教育厅 |
//! | an ending spoken once | 广州、深圳市政府 | 广州市政府, 深圳市政府 |
//! | behind levels of their own | 昆明市、大理州人民政府 | 昆明市人民政府, 大理州人民政府 |
//! | behind an area | 昆明、红河片区管委会 | 昆明片区管委会, 红河片区管委会 |
//! | "and" between bodies, and in a name | 银保监会及各地区; 文化和旅游部 | two; one |
//! | "and others" | 甲局等有关部门 | 甲局, 有关部门 (a collective) |
//! | a bracket in a name | 市委组织部（人才办） | one |
//! | persons, by title or name | 分管副市长; 甲局（张三） "the vice mayor in charge" | none; A. Set aside, and a finding |
//! | general nouns that are responsible | 企业负责，甲局支持 "enterprises are responsible, A supports" | 企业, a collective; A |
//! | numbered | ①甲局②乙局 | two |
//! | names of no known ending | 甲局、共青团中央负责 | two; the second is a finding |
//! | several levels, one government or none | 各区、县（市）政府; 各市、县; 各市、县教育局 | one collective each |
//! | a committee and its government | 各区县党委和政府 | one |
//! | collectives | 各地区、各部门 | two, of the kind [`Collective`](crate::UnitKind::Collective) |
//! | two name plates | 市经信局市新经济委 | one; [both names](Unit::two_names) are known |
//! | companies, national branches, townships, institutions | 省财政厅、投资开发集团、湛江海关、北山实验室 | take no jurisdiction |
//! | units of every later task | 以下均需各区政府落实，不再列出 "all below need ..., not listed again" | reported, or [added](Reader::add_units_everywhere) |
//!
//! ## Reports
//! A sentence such as 并于每年11月底前向省政府报告，同时抄送办公室 "and report to the provincial government before the end of November of
//! every year, with a copy to the office" is a finding, with a [value](YearlyReport) of which an obligation can be made.
//!
//! ## Headings
//! 第一部分 (篇, 编), 第一章, 第二节, 第三条, 一、, （一）, 1. 1． 1、 1﹒, （1）, 1）, ①, nesting in this order, restarting or running on. A number
//! straight before a year is one (3．2020年底前); a decimal is none (1.8万). Headings within lines are found where line
//! breaks are lost, and behind the marks of Markdown: `### 1. `. A task's [section](Task::section) is the path of the
//! numbers above it; [`Notice::headings`] has the title of each section.
//!
//! # Cost
//! Reading takes time in proportion to the text, for every text. Names of units are copied, the text is not.

#![cfg_attr(
    not(feature = "notice"),
    allow(dead_code, unreachable_pub, unused_imports, reason = "the reader uses the rest")
)]

#[cfg(feature = "notice")]
mod builder;
#[cfg(feature = "notice")]
mod cells;
#[cfg(feature = "notice")]
mod clause;
mod complete;
#[cfg(feature = "notice")]
mod context;
mod deadline;
#[cfg(feature = "notice")]
mod finding_kind;
#[cfg(feature = "notice")]
mod findings;
#[cfg(feature = "notice")]
mod heading;
#[cfg(feature = "notice")]
mod headings;
mod jurisdiction;
#[cfg(feature = "notice")]
mod label;
#[cfg(feature = "notice")]
mod lead;
#[cfg(feature = "notice")]
mod lex;
mod lexicon;
mod members;
#[cfg(feature = "notice")]
mod model;
mod name;
#[cfg(feature = "notice")]
mod outline;
#[cfg(feature = "notice")]
mod reader;
#[cfg(feature = "notice")]
mod report;
#[cfg(feature = "notice")]
mod review;
#[cfg(feature = "notice")]
mod role;
#[cfg(feature = "notice")]
mod rule;
#[cfg(feature = "notice")]
mod scan;
mod text;
#[cfg(feature = "notice")]
mod title;
mod token;
#[cfg(feature = "notice")]
mod unread;
#[cfg(feature = "notice")]
mod variants;
#[cfg(feature = "notice")]
mod yearly;

pub(crate) use self::complete::NameCompleter;
pub use self::complete::complete_names;
pub use self::deadline::Deadline;
#[cfg(feature = "notice")]
pub use self::finding_kind::FindingKind;
#[cfg(feature = "notice")]
pub use self::findings::Finding;
#[cfg(feature = "notice")]
pub use self::headings::Heading;
#[cfg(feature = "notice")]
pub use self::lead::Basis;
#[cfg(feature = "notice")]
pub use self::model::{Notice, Task, Unit};
#[cfg(feature = "notice")]
pub use self::reader::Reader;
#[cfg(feature = "notice")]
pub use self::report::YearlyReport;
#[cfg(feature = "notice")]
pub use self::rule::LeadRule;
#[cfg(feature = "notice")]
pub use self::text::Span;
