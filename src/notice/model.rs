//! A notice after reading: its tasks and units. Plain data and the questions that callers ask of it; `reader` fills it.
//!
//! Tasks and units name each other by their places in [`Notice::tasks`] and [`Notice::units`].

use crate::assignment::UnitKind;

use super::finding_kind::Found;
use super::lead::Basis;
use super::lexicon;
use super::name;
use super::outline::{self, Node};
use super::rule::Order;
use super::text::{Lines, Span};

/// A notice that has been read.
pub struct Notice<'t> {
    pub(super) text: &'t str,
    pub(super) lines: Lines,
    pub(super) nodes: Vec<Node>,
    pub(super) tasks: Vec<TaskEntry>,
    /// Units of all tasks, leads first.
    pub(super) members: Vec<u32>,
    pub(super) units: Vec<UnitEntry>,
    pub(super) found: Vec<Found>,
    pub(super) rules: Vec<(Order, Span)>,
    pub(super) everywhere: Vec<u32>,
}

/// A task as it is kept.
#[derive(Clone, Debug)]
pub(super) struct TaskEntry {
    pub(super) clause: Span,
    pub(super) text: Span,
    pub(super) time: Option<Span>,
    pub(super) node: Option<u32>,
    pub(super) ordinal: u32,
    pub(super) members: (usize, usize),
    pub(super) leads: usize,
    pub(super) basis: Basis,
}

/// A unit as it is kept.
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

    /// One of the tasks, by its place.
    #[must_use]
    pub fn task(&self, at: usize) -> Option<Task<'_>> {
        self.tasks.get(at).map(|entry| Task { notice: self, entry })
    }

    /// The units, in the order in which they first stand.
    pub fn units(&self) -> impl ExactSizeIterator<Item = Unit<'_>> {
        self.units.iter().map(|entry| Unit { entry })
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
