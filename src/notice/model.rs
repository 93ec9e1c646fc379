//! A notice after reading: its tasks and units. Plain data and the questions that callers ask of it; `reader` fills it.
//!
//! Invariants: each task has at least one unit; the units of a task are a range of `members`, its leads first; members
//! and headings are places in `units` and `tree`; all spans are pieces of the text.

use crate::document::Places;
use crate::model::UnitKind;

use super::deadline::Deadline;
use super::finding_kind::Found;
use super::lead::Basis;
use super::lexicon;
use super::name;
use super::outline::Tree;
use super::rule::LeadRule;
use super::text::{Lines, Span};
use super::yearly::Yearly;

/// A notice that has been read.
pub struct Notice<'t> {
    pub(super) text: &'t str,
    pub(super) positions: Positions<'t>,
    pub(super) tree: Tree,
    pub(super) tasks: Vec<TaskEntry>,
    /// The units of all tasks, task by task.
    pub(super) members: Vec<u32>,
    pub(super) units: Vec<UnitEntry>,
    pub(super) found: Vec<Found>,
    pub(super) rules: Vec<(LeadRule, Span)>,
    pub(super) everywhere: Vec<u32>,
    pub(super) yearly: Vec<Yearly>,
}

/// Lines and columns: those of the text, or those of the file from which the text was made.
pub(super) enum Positions<'t> {
    Text(Lines),
    File(&'t Places),
}

/// A task as the notice stores it.
#[derive(Clone, Debug)]
pub(super) struct TaskEntry {
    pub(super) clause: Span,
    pub(super) text: Span,
    pub(super) time: Option<Span>,
    pub(super) node: Option<u32>,
    pub(super) ordinal: u32,
    /// Its units, as a range of [`Notice::members`].
    pub(super) members: (usize, usize),
    /// How many of them, from the first on, lead.
    pub(super) leads: usize,
    pub(super) basis: Basis,
}

/// A unit as the notice stores it.
#[derive(Clone, Debug)]
pub(super) struct UnitEntry {
    pub(super) name: Box<str>,
    pub(super) kind: UnitKind,
    pub(super) leads: u32,
    pub(super) supports: u32,
}

impl<'t> Notice<'t> {
    /// The tasks, in the order of the text.
    pub fn tasks(&self) -> impl ExactSizeIterator<Item = Task<'_>> + DoubleEndedIterator {
        self.tasks.iter().map(|entry| Task { notice: self, entry })
    }

    /// A task by its place.
    #[must_use]
    pub fn task(&self, at: usize) -> Option<Task<'_>> {
        self.tasks.get(at).map(|entry| Task { notice: self, entry })
    }

    /// The units, in the order in which the tasks first name them.
    pub fn units(&self) -> impl ExactSizeIterator<Item = Unit<'_>> {
        self.units.iter().map(|entry| Unit { entry })
    }

    /// The task at a place that a finding holds.
    #[expect(clippy::indexing_slicing, reason = "findings hold places of tasks")]
    pub(super) fn found_task(&self, at: usize) -> Task<'_> {
        Task { notice: self, entry: &self.tasks[at] }
    }

    /// The rules of order that the text states, and where.
    pub fn rules(&self) -> impl Iterator<Item = (LeadRule, Span)> + '_ {
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

    /// Line and column of a byte of the text, both from 1, the column in characters. If the text was made of a page, they are
    /// those of the page.
    #[must_use]
    pub fn position(&self, byte: usize) -> (u32, u32) {
        match &self.positions {
            Positions::Text(lines) => lines.position(self.text, byte),
            Positions::File(places) => places.position(self.text, byte),
        }
    }

    #[expect(clippy::indexing_slicing, reason = "members are places of units")]
    fn name(&self, unit: u32) -> &str {
        &self.units[unit as usize].name
    }

    /// The title of a heading; empty before all headings.
    #[expect(clippy::indexing_slicing, reason = "tasks hold places of headings")]
    fn title(&self, node: Option<u32>) -> &'t str {
        node.map_or("", |node| self.tree.nodes[node as usize].title.of(self.text))
    }

    /// The units of a task.
    #[expect(clippy::indexing_slicing, reason = "tasks hold ranges of members")]
    pub(super) fn members(&self, task: &TaskEntry) -> &[u32] {
        &self.members[task.members.0..task.members.1]
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
    /// The numbers of the headings above the task, from the top: `[1, 1, 4]`. [`Notice::heading_of`] gives the heading of
    /// the section, and of each beginning of it.
    #[must_use]
    pub fn section(&self) -> Vec<u32> {
        self.notice.tree.path(self.entry.node)
    }

    /// The place of the task among those under its heading, from 1.
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

    /// The title of the heading straight above the task; empty where there is none.
    #[must_use]
    pub fn heading(&self) -> &'n str {
        self.notice.title(self.entry.node)
    }

    /// The first sentence of the text of the task, or the heading when there is no text.
    #[must_use]
    pub fn title(&self) -> &'n str {
        let text = self.text();
        let first =
            text.split_once(|c| lexicon::is_break(c) || lexicon::is_stop(c)).map_or(text, |(first, _)| first).trim();
        if first.is_empty() { self.heading() } else { first }
    }

    /// The sentences that the clause of the task governs, as written.
    #[must_use]
    pub fn text(&self) -> &'n str {
        self.entry.text.of(self.notice.text)
    }

    /// The clause that names the units, as written.
    #[must_use]
    pub fn clause(&self) -> &'n str {
        self.entry.clause.of(self.notice.text)
    }

    /// The unit that leads.
    #[must_use]
    #[expect(clippy::indexing_slicing, reason = "each task has a unit")]
    pub fn lead(&self) -> &'n str {
        self.notice.name(self.notice.members(self.entry)[0])
    }

    /// Further units that the text marks as leads, in order.
    pub fn joint_leads(&self) -> impl Iterator<Item = &'n str> + use<'n> {
        self.units().take(self.entry.leads).skip(1)
    }

    /// The units that support, in order, without the joint leads.
    pub fn supporting(&self) -> impl Iterator<Item = &'n str> + use<'n> {
        self.units().skip(self.entry.leads)
    }

    /// All units: the lead, the joint leads, the supporting ones.
    pub fn units(&self) -> impl Iterator<Item = &'n str> + use<'n> {
        let notice = self.notice;
        notice.members(self.entry).iter().map(move |unit| notice.name(*unit))
    }

    /// The reason for the choice of the lead.
    #[must_use]
    pub fn basis(&self) -> Basis {
        self.entry.basis
    }

    /// The time by which the task is due, as written in the clause.
    #[must_use]
    pub fn deadline(&self) -> Option<&'n str> {
        self.entry.time.map(|time| time.of(self.notice.text))
    }

    /// The deadline as a day. `None` where there is none, where the text has several days or none that is one, and for a day
    /// that no calendar has, which is a finding.
    ///
    /// ```
    /// use jiff::civil::date;
    /// use responsibility_index::notice::{Deadline, Notice};
    ///
    /// // "Repair the roads. Lead unit: the city's transport bureau; deadline: before the end of June 2021"
    /// let notice = Notice::read("修好道路。牵头单位：市交通局，完成时限：2021年6月底前");
    /// assert_eq!(notice.task(0).and_then(|task| task.due()), Some(Deadline::On(date(2021, 6, 30))));
    /// ```
    #[must_use]
    pub fn due(&self) -> Option<Deadline> {
        Deadline::read(self.deadline()?)
    }

    /// The line on which the text of the task begins, or the clause when there is no text. From 1.
    #[must_use]
    pub fn line(&self) -> u32 {
        self.notice.position(self.start()).0
    }

    /// The column at which the text of the task, or else the clause, begins, in characters, from 1.
    #[must_use]
    pub fn column(&self) -> u32 {
        self.notice.position(self.start()).1
    }

    fn start(&self) -> usize {
        if self.entry.text.is_empty() { self.entry.clause.start } else { self.entry.text.start }
    }

    /// The place of the text of the task.
    #[must_use]
    pub fn text_span(&self) -> Span {
        self.entry.text
    }

    /// The place of the clause.
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
    /// The name, completed by the words that it shares with other names of its clause.
    #[must_use]
    pub fn name(&self) -> &'n str {
        &self.entry.name
    }

    /// The two names of one body, when both are written without a separator.
    #[must_use]
    pub fn two_names(&self) -> Option<(&'n str, &'n str)> {
        let name: &'n str = &self.entry.name;
        name::second_plate(name).and_then(|at| name.split_at_checked(at))
    }

    /// Whether the unit is one body or a collective of many.
    #[must_use]
    pub fn kind(&self) -> UnitKind {
        self.entry.kind
    }

    /// The number of tasks that the unit leads. As a joint lead it supports.
    #[must_use]
    pub fn leads(&self) -> usize {
        self.entry.leads as usize
    }

    /// The number of tasks that the unit supports.
    #[must_use]
    pub fn supports(&self) -> usize {
        self.entry.supports as usize
    }
}
