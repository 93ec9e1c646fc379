//! Puts a notice together: scans the text, completes names, decides leads, compares tasks. Knows the order of the work;
//! each step is elsewhere.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use crate::assignment::UnitKind;

use super::clause::{self, Known};
use super::context::{Context, Orders};
use super::finding_kind::{FindingKind, Found};
use super::jurisdiction::{Completer, Pieces};
use super::label;
use super::lead::{Basis, decide};
use super::lex;
use super::lexicon;
use super::members::Item;
use super::model::{Notice, TaskEntry, UnitEntry};
use super::name;
use super::outline::Outline;
use super::rule::Order;
use super::scan::{Clause, Scan, scan};
use super::text::{Lines, Span};
use super::token::Token;
use super::variants::variants;

/// How a notice is to be read.
#[derive(Clone, Debug)]
pub struct Reader {
    convention: bool,
    shared: bool,
    everywhere: bool,
}

impl Default for Reader {
    fn default() -> Reader {
        Reader { convention: true, shared: true, everywhere: false }
    }
}

impl Reader {
    /// Accepts every basis; reports units of every later task and doesn't add them.
    #[must_use]
    pub fn new() -> Reader {
        Reader::default()
    }

    /// Whether a clause in which nothing tells the lead is a task. If not, it is a finding.
    #[must_use]
    pub fn accept_convention(mut self, accept: bool) -> Reader {
        self.convention = accept;
        self
    }

    /// Whether a clause whose units share the task, none of them marked, is a task. If not, it is a finding.
    #[must_use]
    pub fn accept_shared(mut self, accept: bool) -> Reader {
        self.shared = accept;
        self
    }

    /// Whether units that the text adds to every later task are added.
    #[must_use]
    pub fn add_units_everywhere(mut self, add: bool) -> Reader {
        self.everywhere = add;
        self
    }

    fn accepts(&self, basis: Basis) -> bool {
        match basis {
            Basis::Explicit | Basis::Rule => true,
            Basis::Convention => self.convention,
            Basis::Shared => self.shared,
        }
    }

    /// Reads a text. Takes time in proportion to its length, whatever it says.
    #[must_use]
    pub fn read<'t>(&self, text: &'t str) -> Notice<'t> {
        let mut tokens = lex::tokens(text);
        label::mark_bracketed(text, &mut tokens);
        let Context { orders, places, run_on } = Context::new(text, &tokens);
        let scan = scan(text, &tokens, run_on);
        let mut builder = Builder::new(text, self, Lines::new(text, &tokens), Completer::new(text, places));
        builder.take(scan, &tokens, &orders);
        builder.finish(orders)
    }
}

impl<'t> Notice<'t> {
    /// Reads a text, accepting every basis. See [`Reader`] for choices.
    #[must_use]
    pub fn read(text: &'t str) -> Notice<'t> {
        Reader::new().read(text)
    }
}

/// A notice in the making.
struct Builder<'t, 'r> {
    reader: &'r Reader,
    completer: Completer<'t>,
    ids: HashMap<Box<str>, u32, FixedState>,
    /// The first task with a text, by the hash of that.
    texts: HashMap<u64, usize, FixedState>,
    /// Units with a place where they first stand.
    first: Vec<Span>,
    everywhere: Vec<(Span, Vec<u32>)>,
    notice: Notice<'t>,
    outline: Outline,
    /// A unit's number when the task at hand has it already.
    seen: Vec<usize>,
    names: Vec<Pieces<'t>>,
    units: Vec<u32>,
    leads: Vec<bool>,
    scratch: String,
}

impl<'t, 'r> Builder<'t, 'r> {
    fn new(text: &'t str, reader: &'r Reader, lines: Lines, completer: Completer<'t>) -> Builder<'t, 'r> {
        let notice = Notice {
            text,
            lines,
            nodes: Vec::new(),
            tasks: Vec::new(),
            members: Vec::new(),
            units: Vec::new(),
            found: Vec::new(),
            rules: Vec::new(),
            everywhere: Vec::new(),
        };
        Builder {
            reader,
            completer,
            ids: HashMap::default(),
            texts: HashMap::default(),
            first: Vec::new(),
            everywhere: Vec::new(),
            notice,
            outline: Outline::default(),
            seen: Vec::new(),
            names: Vec::new(),
            units: Vec::new(),
            leads: Vec::new(),
            scratch: String::new(),
        }
    }

    fn take(&mut self, scan: Scan, tokens: &[Token], orders: &Orders) {
        let Scan { outline, clauses, items, found, everywhere } = scan;
        self.outline = outline;
        self.notice.found = found;
        for names in everywhere {
            self.take_everywhere(names, tokens);
        }
        self.notice.tasks.reserve(clauses.len());
        for clause in &clauses {
            let members = items.get(clause.items.0..clause.items.1).unwrap_or(&[]);
            self.task(clause, members, orders.at(clause.span.end));
        }
    }

    /// The units that a sentence adds to every later task.
    fn take_everywhere(&mut self, span: Span, tokens: &[Token]) {
        let first = tokens.partition_point(|t| t.at < span.start);
        let last = tokens.partition_point(|t| t.at < span.end);
        let mut items = Vec::new();
        let tokens = tokens.get(first..last).unwrap_or(&[]);
        clause::read(self.notice.text, &mut Known::default(), tokens, span, None, 0, &mut items);
        if items.is_empty() || items.iter().any(|item| !name::is_body(item.span.of(self.notice.text))) {
            return;
        }
        let mut units = Vec::new();
        self.resolve(&items, false, &mut units);
        let kind = FindingKind::UnitsEverywhere { units: units.len(), applied: self.reader.everywhere };
        self.notice.found.push(Found { kind, span });
        self.notice.everywhere.extend(units.iter().copied());
        self.everywhere.push((span, units));
    }

    /// The units of a list, one for one.
    fn resolve(&mut self, items: &[Item], commas_join: bool, units: &mut Vec<u32>) {
        let mut names = std::mem::take(&mut self.names);
        self.completer.complete(items, commas_join, &mut names);
        units.clear();
        units.extend(names.iter().zip(items).map(|(pieces, item)| self.unit(*pieces, item.span)));
        self.names = names;
    }

    /// The number of a unit, whose name comes in pieces.
    fn unit(&mut self, pieces: Pieces<'t>, span: Span) -> u32 {
        self.scratch.clear();
        for piece in [pieces.before, pieces.own, pieces.behind] {
            if piece.bytes().any(lexicon::may_begin_space) {
                self.scratch.extend(piece.chars().filter(|c| !lexicon::is_space(*c)));
            } else {
                self.scratch.push_str(piece);
            }
        }
        if let Some(id) = self.ids.get(self.scratch.as_str()) {
            return *id;
        }
        let id = u32::try_from(self.notice.units.len()).unwrap_or(u32::MAX);
        let name: Box<str> = self.scratch.as_str().into();
        let kind = if pieces.collective { UnitKind::Collective } else { UnitKind::Body };
        self.ids.insert(name.clone(), id);
        self.notice.units.push(UnitEntry { name, kind, leads: 0, supports: 0 });
        self.first.push(span);
        self.seen.push(usize::MAX);
        id
    }

    fn task(&mut self, clause: &Clause, items: &[Item], order: Option<Order>) {
        let ordinal = self.outline.count_task(clause.node);
        let mut leads = std::mem::take(&mut self.leads);
        let basis = decide(items, clause.shared, order, &mut leads);
        if self.reader.accepts(basis) {
            let task = self.notice.tasks.len();
            let mut units = std::mem::take(&mut self.units);
            self.resolve(items, commas_join(items, order), &mut units);
            let start = self.notice.members.len();
            let count = self.keep_members(task, items, &units, &leads);
            self.units = units;
            self.add_everywhere(task, clause.span.start);
            let members = (start, self.notice.members.len());
            self.count_roles(members);
            let Clause { span, task: text, node, time, .. } = *clause;
            let entry = TaskEntry { clause: span, text, time, node, ordinal, members, leads: count, basis };
            self.notice.tasks.push(entry);
            self.report(task, basis);
        } else {
            self.found(FindingKind::LeadRefused { basis }, clause.span);
        }
        self.leads = leads;
    }

    /// Keeps the units of a task, leads first, each once. How many lead.
    fn keep_members(&mut self, task: usize, items: &[Item], ids: &[u32], leads: &[bool]) -> usize {
        let start = self.notice.members.len();
        let mut count = 0;
        for wanted in [true, false] {
            for ((id, item), lead) in ids.iter().zip(items).zip(leads) {
                if *lead == wanted && !self.keep(task, *id) {
                    let kind = FindingKind::UnitTwice { task, unit: *id as usize };
                    self.found(kind, item.span);
                }
            }
            if wanted {
                count = self.notice.members.len() - start;
            }
        }
        count
    }

    fn keep(&mut self, task: usize, id: u32) -> bool {
        let Some(seen) = self.seen.get_mut(id as usize) else { return false };
        let new = std::mem::replace(seen, task) != task;
        if new {
            self.notice.members.push(id);
        }
        new
    }

    fn add_everywhere(&mut self, task: usize, at: usize) {
        if !self.reader.everywhere {
            return;
        }
        let rules = std::mem::take(&mut self.everywhere);
        for (span, units) in rules.iter().take_while(|(span, _)| span.end < at) {
            debug_assert!(span.start < at);
            for unit in units {
                self.keep(task, *unit);
            }
        }
        self.everywhere = rules;
    }

    fn count_roles(&mut self, members: (usize, usize)) {
        for (at, unit) in self.notice.members.get(members.0..members.1).unwrap_or(&[]).iter().enumerate() {
            if let Some(unit) = self.notice.units.get_mut(*unit as usize) {
                if at == 0 { unit.leads += 1 } else { unit.supports += 1 }
            }
        }
    }

    fn found(&mut self, kind: FindingKind, span: Span) {
        self.notice.found.push(Found { kind, span });
    }

    fn report(&mut self, task: usize, basis: Basis) {
        let Some(entry) = self.notice.tasks.get(task).cloned() else { return };
        match basis {
            Basis::Convention => self.found(FindingKind::LeadByConvention { task }, entry.clause),
            Basis::Shared => self.found(FindingKind::LeadShared { task }, entry.clause),
            _ => {}
        }
        if entry.leads > 1 {
            self.found(FindingKind::JointLeads { task }, entry.clause);
        }
        if entry.text.is_empty() {
            self.found(FindingKind::ClauseWithoutText { task }, entry.clause);
        } else {
            self.compare(task, &entry);
        }
    }

    /// Whether the text stood before, with the same units or with others.
    fn compare(&mut self, task: usize, entry: &TaskEntry) {
        let hash = hash_of_words(entry.text.of(self.notice.text));
        let earlier = *self.texts.entry(hash).or_insert(task);
        if earlier == task {
            return;
        }
        let Some(other) = self.notice.tasks.get(earlier) else { return };
        let units = |members: (usize, usize)| self.notice.members.get(members.0..members.1);
        let kind = match other.leads == entry.leads && units(other.members) == units(entry.members) {
            true => FindingKind::TaskRepeated { task, earlier },
            false => FindingKind::TaskWithOtherUnits { task, earlier },
        };
        self.found(kind, entry.text);
    }

    fn finish(mut self, orders: Orders) -> Notice<'t> {
        self.report_units();
        self.notice.nodes = std::mem::take(&mut self.outline.nodes);
        for (order, span) in &orders.0 {
            self.notice.found.push(Found { kind: FindingKind::RuleFound { order: *order }, span: *span });
        }
        self.report_headings();
        self.notice.rules = orders.0;
        self.notice.found.sort_by_key(|found| found.span.start);
        self.notice
    }

    fn report_units(&mut self) {
        let names: Vec<&str> = self.notice.units.iter().map(|unit| &*unit.name).collect();
        let pairs = variants(&names);
        let mut found = Vec::new();
        for (at, (unit, span)) in self.notice.units.iter().zip(&self.first).enumerate() {
            if unit.kind == UnitKind::Collective {
                found.push(Found { kind: FindingKind::Collective { unit: at }, span: *span });
            } else if let Some(second) = name::second_plate(&unit.name) {
                found.push(Found { kind: FindingKind::TwoNames { unit: at, second }, span: *span });
            }
        }
        for (other, unit) in pairs {
            let span = self.first.get(unit).copied().unwrap_or_default();
            found.push(Found { kind: FindingKind::NameVariant { unit, other }, span });
        }
        self.notice.found.append(&mut found);
    }

    /// The uppermost headings under which nothing is.
    fn report_headings(&mut self) {
        let nodes = &self.notice.nodes;
        let busy = |node: Option<u32>| node.and_then(|id| nodes.get(id as usize)).is_none_or(|node| node.busy);
        let empty = nodes.iter().filter(|node| !node.busy && busy(node.parent));
        let found = empty.map(|node| {
            let span = Span::new(node.marker.start, node.title.end.max(node.marker.end));
            Found { kind: FindingKind::HeadingWithoutTask, span }
        });
        let found: Vec<Found> = found.collect();
        self.notice.found.extend(found);
    }
}

/// Whether commas stand for what joins elsewhere: every unit is behind one, and no rule speaks of commas.
fn commas_join(items: &[Item], order: Option<Order>) -> bool {
    order != Some(Order::BeforeComma)
        && items.len() > 2
        && items.iter().all(|item| item.part == items.first().map_or(item.part, |first| first.part))
        && items.windows(2).all(|pair| matches!(pair, [a, b] if a.group != b.group && a.commas + 1 == b.commas))
}

/// A hash of the words of a text, whatever its spaces and line breaks.
fn hash_of_words(text: &str) -> u64 {
    use std::hash::{BuildHasher, Hasher};
    let mut hasher = FixedState::default().build_hasher();
    let (mut word, mut count) = (0_u64, 0);
    for b in text.bytes().filter(|b| *b > b' ') {
        word = word << 8 | u64::from(b);
        count += 1;
        if count % 8 == 0 {
            hasher.write_u64(word);
        }
    }
    hasher.write_u64(word);
    hasher.write_u64(count);
    hasher.finish()
}
