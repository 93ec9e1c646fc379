//! Reads notices: text in; tasks, units and findings out. Knows nothing of storage.
//!
//! A notice is a document in Chinese that divides work: each task ends in a *clause* that names the responsible units.
//! [`Notice::read`] finds the clauses, tells who leads each task and on which [`Basis`], completes the names, and lists
//! as [`Finding`]s what it took for granted and what is odd. [`Reader`] has choices.
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
//! Traditional characters and half-width punctuation are read as the simplified and full-width ones below. Names in
//! the examples: 甲局, 乙局, 丙局 are bureaus A, B, C.
//!
//! ## Clauses
//! | form | example | read as |
//! | --- | --- | --- |
//! | a label in brackets of any kind: （） () 〔〕 \[\] 【】 | （责任单位：甲局、乙局） "responsible units" | A leads by convention, B supports |
//! | labels of lead and support | 牵头单位：甲局；配合单位：乙局 "lead unit; supporting unit" | A leads, B supports |
//! | responsible beside lead | 牵头单位：甲局，责任单位：乙局 | A leads, B supports |
//! | main and other | 主要责任单位：甲局；其他责任单位：乙局 | A leads, B supports |
//! | a line of its own; labelled lines | 牵头单位：甲局 ⏎ 配合单位：乙局 ⏎ 完成时限：6月底 "deadline" | one clause |
//! | running text | 做好工作。责任单位：甲局。 | up to the full stop |
//! | repeated, spaced out, no colon | 责 任 单 位：甲局 | as the plain label |
//! | units and role words | 甲局牵头，乙局、丙局配合 "A leads, B and C cooperate" | A leads, B and C support |
//! | responsible | 甲局、乙局负责 "A and B are responsible" | A leads by convention |
//! | by division of duties | 甲局、乙局按职责分工负责 | shared: A, listed first, leads |
//! | together with | 甲局会同乙局负责 | A leads, B supports |
//! | a list before supporting units | 甲局、乙局，配合部门：丙局 | A and B lead jointly |
//! | a time | 完成时限：2021年6月底前 | the [deadline](Task::deadline) as written |
//! | rows of tables, by tab or bar | 序号 \| 任务 \| 牵头单位 \| 配合单位 | by the header's columns |
//! | persons | 责任领导：张三 "responsible leader" | passed over |
//!
//! Each clause governs the sentences since the one before it, or since the number of its heading. Prose is no clause:
//! 由甲局负责解释 "A is responsible for the interpretation" is a finding.
//!
//! ## Who leads
//! | basis | what tells it | example |
//! | --- | --- | --- |
//! | [`Explicit`](Basis::Explicit) | a label, a role word, a star, a bracket, a split in two | \*甲局、乙局; 甲局（牵头）、乙局 |
//! | [`Rule`](Basis::Rule) | a rule anywhere in the text | 列第一位的为牵头单位 "the first-listed leads"; 第一个逗号前为牵头单位 "those before the first comma lead" |
//! | [`Shared`](Basis::Shared) | by division of duties, none marked | 甲局、乙局按职责分工负责 |
//! | [`Convention`](Basis::Convention) | nothing: the first-listed | 责任单位：甲局、乙局 |
//!
//! ## Names
//! | form | example | units |
//! | --- | --- | --- |
//! | a jurisdiction spoken once | 省科技厅、财政厅 | 省科技厅, 省财政厅 |
//! | after the party's committee | 省委宣传部、教育厅 | 省委宣传部, 省教育厅 |
//! | an ending spoken once | 广州、深圳市政府 | 广州市政府, 深圳市政府 |
//! | "and" between bodies, and in a name | 银保监会及各地区; 文化和旅游部 | two; one |
//! | "and others" | 甲局等有关部门 | 甲局, 有关部门 (a collective) |
//! | a bracket in a name | 市委组织部（人才办） | one |
//! | several levels, one government | 各区、县（市）政府 | one collective |
//! | collectives | 各地区、各部门 | two, of the kind [`Collective`](UnitKind::Collective) |
//! | two name plates | 市经信局市新经济委 | one; [both names](Unit::two_names) are known |
//! | companies, national branches | 省财政厅、投资开发集团 | take no jurisdiction |
//! | units of every later task | 以下均需各区政府落实，不再列出 "all below need ..., not listed again" | reported, or [added](Reader::add_units_everywhere) |
//!
//! ## Headings
//! 第一章, 第二节, 第三条, 一、, （一）, 1. 1． 1、 1﹒, （1）, 1）, ①, nesting in this order, restarting or running on. A number
//! straight before a year is one (3．2020年底前); a decimal is none (1.8万). Within lines they are looked for where line
//! breaks are lost. A task's [section](Task::section) is the path of the numbers above it.
//!
//! # Cost
//! Reading takes time in proportion to the text, whatever it says. Nothing of the text is copied; names of units are.

mod clause;
mod findings;
mod heading;
mod jurisdiction;
mod label;
mod lead;
mod lex;
mod lexicon;
mod members;
mod name;
mod outline;
mod reader;
mod role;
mod rule;
mod scan;
mod survey;
mod table;
mod text;
mod variants;

use crate::assignment::UnitKind;

pub use self::findings::{Finding, FindingKind};
pub use self::lead::Basis;
pub use self::reader::Reader;
pub use self::rule::Order;
pub use self::text::Span;

use self::findings::Found;
use self::outline::Node;
use self::text::Lines;

/// A notice that has been read.
pub struct Notice<'t> {
    text: &'t str,
    lines: Lines,
    nodes: Vec<Node>,
    tasks: Vec<TaskEntry>,
    /// Units of all tasks, leads first.
    members: Vec<u32>,
    units: Vec<UnitEntry>,
    found: Vec<Found>,
    rules: Vec<(Order, Span)>,
    everywhere: Vec<u32>,
}

/// A task as it is kept.
#[derive(Clone, Debug)]
struct TaskEntry {
    clause: Span,
    text: Span,
    time: Option<Span>,
    node: Option<u32>,
    ordinal: u32,
    members: (usize, usize),
    leads: usize,
    basis: Basis,
}

/// A unit as it is kept.
#[derive(Clone, Debug)]
struct UnitEntry {
    name: Box<str>,
    kind: UnitKind,
    leads: u32,
    supports: u32,
}

impl<'t> Notice<'t> {
    /// Reads a text, accepting every basis. See [`Reader`] for choices.
    #[must_use]
    pub fn read(text: &'t str) -> Notice<'t> {
        Reader::new().read(text)
    }

    /// The tasks, in the order of the text.
    pub fn tasks(&self) -> impl ExactSizeIterator<Item = Task<'_>> + DoubleEndedIterator {
        self.tasks.iter().map(|entry| Task { notice: self, entry })
    }

    /// One of the tasks, by its place.
    #[must_use]
    pub fn task(&self, at: usize) -> Option<Task<'_>> {
        self.tasks.get(at).map(|entry| Task { notice: self, entry })
    }

    /// The units, in the order in which they first stand.
    pub fn units(&self) -> impl ExactSizeIterator<Item = Unit<'_>> {
        self.units.iter().map(|entry| Unit { entry })
    }

    /// What a reader should look at, in the order of the text.
    pub fn findings(&self) -> impl ExactSizeIterator<Item = Finding<'_>> {
        self.found.iter().map(|found| Finding { notice: self, found })
    }

    /// The rules of order that the text states, and where.
    pub fn rules(&self) -> impl Iterator<Item = (Order, Span)> + '_ {
        self.rules.iter().copied()
    }

    /// Units that the text adds to every later task.
    pub fn units_everywhere(&self) -> impl Iterator<Item = &str> {
        self.everywhere.iter().map(|unit| self.name(*unit))
    }

    /// The text that was read.
    #[must_use]
    pub fn text(&self) -> &'t str {
        self.text
    }

    /// Line and column of a byte of the text, both from 1, the column in characters.
    #[must_use]
    pub fn position(&self, byte: usize) -> (u32, u32) {
        self.lines.position(self.text, byte)
    }

    fn name(&self, unit: u32) -> &str {
        self.units.get(unit as usize).map_or("", |unit| &unit.name)
    }

    fn title(&self, node: Option<u32>) -> &'t str {
        node.and_then(|node| self.nodes.get(node as usize)).map_or("", |node| node.title.of(self.text))
    }
}

impl std::fmt::Debug for Notice<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Notice")
            .field("tasks", &self.tasks.len())
            .field("units", &self.units.len())
            .field("findings", &self.found.len())
            .finish()
    }
}

/// One task of a notice.
#[derive(Clone, Copy)]
pub struct Task<'n> {
    notice: &'n Notice<'n>,
    entry: &'n TaskEntry,
}

impl<'n> Task<'n> {
    /// The numbers of the headings above it, from the top: `[1, 1, 4]`.
    #[must_use]
    pub fn section(&self) -> Vec<u32> {
        outline::path(&self.notice.nodes, self.entry.node)
    }

    /// Which task it is under that heading, from 1.
    #[must_use]
    pub fn ordinal(&self) -> u32 {
        self.entry.ordinal
    }

    /// A key: the prefix, the section, the ordinal, with slashes between: `plan/1/1/4/2`.
    #[must_use]
    pub fn key(&self, prefix: &str) -> String {
        let mut key = prefix.to_owned();
        for number in self.section().into_iter().chain([self.entry.ordinal]) {
            key.push('/');
            key.push_str(&number.to_string());
        }
        key
    }

    /// The words of the heading it stands under; empty where there is none.
    #[must_use]
    pub fn heading(&self) -> &'n str {
        self.notice.title(self.entry.node)
    }

    /// The first sentence of its text, or the heading when it has none.
    #[must_use]
    pub fn title(&self) -> &'n str {
        let text = self.text();
        let end = text.find(|c| c == '\n' || lexicon::is_stop(c)).unwrap_or(text.len());
        let first = text.get(..end).unwrap_or("").trim();
        if first.is_empty() { self.heading() } else { first }
    }

    /// The sentences that its clause governs, as they stand.
    #[must_use]
    pub fn text(&self) -> &'n str {
        self.entry.text.of(self.notice.text)
    }

    /// The clause that names its units, as it stands.
    #[must_use]
    pub fn clause(&self) -> &'n str {
        self.entry.clause.of(self.notice.text)
    }

    /// The unit that leads.
    #[must_use]
    pub fn lead(&self) -> &'n str {
        self.units().next().unwrap_or("")
    }

    /// Further units that the text marks as leads, in order.
    pub fn joint_leads(&self) -> impl Iterator<Item = &'n str> + use<'n> {
        self.units().take(self.entry.leads).skip(1)
    }

    /// The units that support, in order, without the joint leads.
    pub fn supporting(&self) -> impl Iterator<Item = &'n str> + use<'n> {
        self.units().skip(self.entry.leads)
    }

    /// All its units: the lead, the joint leads, the supporting ones.
    pub fn units(&self) -> impl Iterator<Item = &'n str> + use<'n> {
        let (start, end) = self.entry.members;
        let notice = self.notice;
        notice.members.get(start..end).unwrap_or(&[]).iter().map(move |unit| notice.name(*unit))
    }

    /// On what the choice of the lead rests.
    #[must_use]
    pub fn basis(&self) -> Basis {
        self.entry.basis
    }

    /// When it is to be done, as its clause says it.
    #[must_use]
    pub fn deadline(&self) -> Option<&'n str> {
        self.entry.time.map(|time| time.of(self.notice.text))
    }

    /// The line on which its text begins, or its clause when it has none. From 1.
    #[must_use]
    pub fn line(&self) -> u32 {
        self.notice.position(self.start()).0
    }

    /// The column at which its text begins, in characters, from 1.
    #[must_use]
    pub fn column(&self) -> u32 {
        self.notice.position(self.start()).1
    }

    fn start(&self) -> usize {
        if self.entry.text.is_empty() { self.entry.clause.start } else { self.entry.text.start }
    }

    /// Where its text stands.
    #[must_use]
    pub fn text_span(&self) -> Span {
        self.entry.text
    }

    /// Where its clause stands.
    #[must_use]
    pub fn clause_span(&self) -> Span {
        self.entry.clause
    }
}

impl std::fmt::Debug for Task<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Task")
            .field("key", &self.key(""))
            .field("lead", &self.lead())
            .field("joint_leads", &self.joint_leads().collect::<Vec<_>>())
            .field("supporting", &self.supporting().collect::<Vec<_>>())
            .field("basis", &self.basis())
            .field("clause", &self.clause())
            .finish()
    }
}

/// One unit of a notice.
#[derive(Clone, Copy, Debug)]
pub struct Unit<'n> {
    entry: &'n UnitEntry,
}

impl<'n> Unit<'n> {
    /// Its name, completed by what it shares with others.
    #[must_use]
    pub fn name(&self) -> &'n str {
        &self.entry.name
    }

    /// The two names that it is, when two name plates of one body stand without a separator.
    #[must_use]
    pub fn two_names(&self) -> Option<(&'n str, &'n str)> {
        let name: &'n str = &self.entry.name;
        name::second_plate(name).and_then(|at| name.split_at_checked(at))
    }

    /// Whether it is one body or stands for many.
    #[must_use]
    pub fn kind(&self) -> UnitKind {
        self.entry.kind
    }

    /// How many tasks it leads; as a joint lead it supports.
    #[must_use]
    pub fn leads(&self) -> usize {
        self.entry.leads as usize
    }

    /// How many tasks it supports.
    #[must_use]
    pub fn supports(&self) -> usize {
        self.entry.supports as usize
    }
}
