//! Puts a notice together.
//!
//! Input: a text. Output: a [`Notice`]. The steps, each in a file of its own: marks (`lex`), brackets that hold a label
//! alone (`label`), cells (`cells`), rules, places and line breaks of the whole text (`context`), headings and clauses
//! (`scan`); then for each clause its lead (`lead`) and the full names of its units (`jurisdiction`); then the reports of
//! every year (`yearly`) and the findings about the whole (`review`). Findings are collected on the way and sorted by
//! place at the end; those of one place keep the order in which they were found.
//! Cost: time in proportion to the text; sorting the findings adds a logarithm to their number.

use std::borrow::Cow;
use std::collections::HashMap;

use foldhash::fast::FixedState;

use crate::document::Document;
use crate::model::{UnitKind, folded};

use super::cells;
use super::clause::{self, Known};
use super::context::{Context, Rules};
use super::deadline::{self, Said};
use super::finding_kind::{FindingKind, Found};
use super::jurisdiction::{Completer, Pieces};
use super::label;
use super::lead::{Basis, decide};
use super::lex;
use super::lexicon;
use super::members::Mention;
use super::model::{Notice, Positions, TaskEntry, UnitEntry};
use super::name;
use super::outline::{Outline, Tree};
use super::reader::Reader;
use super::review;
use super::rule::LeadRule;
use super::scan::{Clause, Scan, scan};
use super::text::{Lines, Span};
use super::token::{Token, within};
use super::yearly;

impl Reader {
    /// Reads a text. Takes time in proportion to its length, whatever it says.
    #[must_use]
    pub fn read<'t>(&self, text: &'t str) -> Notice<'t> {
        self.read_at(text, Positions::Text(Lines::new(text)))
    }

    /// Reads the text of a document. Lines and columns are those of its file.
    #[must_use]
    pub fn read_document<'t>(&self, document: &'t Document<'_>) -> Notice<'t> {
        match document.places() {
            Some(places) => self.read_at(document.text(), Positions::File(places)),
            None => self.read(document.text()),
        }
    }

    fn read_at<'t>(&self, text: &'t str, positions: Positions<'t>) -> Notice<'t> {
        let mut tokens = lex::tokens(text);
        label::mark_bracketed(text, &mut tokens);
        cells::mark(text, &mut tokens);
        let Context { orders, places, run_on } = Context::new(text, &tokens);
        let mut scan = scan(text, &tokens, run_on);
        let headers = std::mem::take(&mut scan.headers);
        let mut builder = Builder::new(text, self, positions, Completer::new(text, places));
        builder.take(scan, &tokens, &orders);
        builder.finish(orders, headers)
    }
}

impl<'t> Notice<'t> {
    /// Reads a text, accepting every basis. See [`Reader`] for choices.
    #[must_use]
    pub fn read(text: &'t str) -> Notice<'t> {
        Reader::new().read(text)
    }
}

/// A notice while it is put together.
struct Builder<'t, 'r> {
    reader: &'r Reader,
    completer: Completer<'t>,
    /// The place of each unit in `notice.units`, by its name.
    places: HashMap<Box<str>, u32, FixedState>,
    /// Where each unit is first named; as long as `notice.units`.
    first_named: Vec<Span>,
    /// The last task that each unit was added to; as long as `notice.units`.
    last_task: Vec<Option<usize>>,
    /// The first task with a text, by a hash of the text.
    texts: HashMap<u64, usize, FixedState>,
    /// Sentences that add units to every later task, in the order of the text.
    everywhere: Vec<(Span, Vec<u32>)>,
    outline: Outline,
    notice: Notice<'t>,
    /// Buffers, empty between two uses: names in pieces, units and leads of one clause, a name.
    names: Vec<Pieces<'t>>,
    units: Vec<u32>,
    leads: Vec<bool>,
    name: String,
}

impl<'t, 'r> Builder<'t, 'r> {
    fn new(text: &'t str, reader: &'r Reader, positions: Positions<'t>, completer: Completer<'t>) -> Builder<'t, 'r> {
        let notice = Notice {
            text,
            positions,
            tree: Tree::default(),
            tasks: Vec::new(),
            members: Vec::new(),
            units: Vec::new(),
            found: Vec::new(),
            rules: Vec::new(),
            everywhere: Vec::new(),
            yearly: Vec::new(),
        };
        Builder {
            reader,
            completer,
            places: HashMap::default(),
            first_named: Vec::new(),
            last_task: Vec::new(),
            texts: HashMap::default(),
            everywhere: Vec::new(),
            outline: Outline::default(),
            notice,
            names: Vec::new(),
            units: Vec::new(),
            leads: Vec::new(),
            name: String::new(),
        }
    }

    #[expect(clippy::indexing_slicing, reason = "a clause holds a range of the mentions of its scan")]
    fn take(&mut self, scan: Scan, tokens: &[Token], orders: &Rules) {
        let Scan { outline, clauses, mentions, found, everywhere, .. } = scan;
        self.outline = outline;
        self.notice.found = found;
        for names in everywhere {
            self.take_everywhere(names, tokens);
        }
        self.notice.tasks.reserve(clauses.len());
        for clause in &clauses {
            let mentions = &mentions[clause.mentions.0..clause.mentions.1];
            self.task(clause, mentions, orders.at(clause.span.end));
        }
    }

    /// Takes the units that a sentence adds to every later task, if all of them are bodies.
    fn take_everywhere(&mut self, span: Span, tokens: &[Token]) {
        let mut mentions = Vec::new();
        let tokens = within(tokens, span.start, span.end);
        clause::read(self.notice.text, &mut Known::default(), tokens, span, None, 0, &mut mentions);
        if mentions.is_empty() || mentions.iter().any(|mention| !name::is_body(mention.span.of(self.notice.text))) {
            return;
        }
        let mut units = Vec::new();
        self.resolve(&mentions, false, &mut units);
        self.found(
            FindingKind::UnitsEverywhere { units: units.len(), applied: self.reader.adds_units_everywhere() },
            span,
        );
        self.notice.everywhere.extend(units.iter().copied());
        self.everywhere.push((span, units));
    }

    /// Fills `units` with the units of a list of mentions, one for one.
    fn resolve(&mut self, mentions: &[Mention], commas_join: bool, units: &mut Vec<u32>) {
        let mut names = std::mem::take(&mut self.names);
        self.completer.complete(mentions, commas_join, &mut names);
        units.clear();
        units.extend(names.iter().zip(mentions).map(|(pieces, mention)| self.unit(*pieces, mention.span)));
        self.names = names;
    }

    /// The place of a unit, whose name comes in pieces. White space does not belong to a name. Copies from PDF files have
    /// radicals in place of characters, which are read as those characters.
    fn unit(&mut self, pieces: Pieces<'t>, span: Span) -> u32 {
        self.name.clear();
        for piece in [pieces.before, pieces.own, pieces.behind] {
            if piece.bytes().any(lexicon::may_begin_space) {
                for c in piece.chars().filter(|c| !lexicon::is_space(*c)) {
                    match lexicon::is_radical(c) {
                        true => self.name.push_str(&folded(c.encode_utf8(&mut [0; 4]))),
                        false => self.name.push(c),
                    }
                }
            } else {
                self.name.push_str(piece);
            }
        }
        if let Some(place) = self.places.get(self.name.as_str()) {
            return *place;
        }
        let name = &*self.name;
        if let Cow::Owned(text) = folded(name) {
            // The same name, encoded otherwise.
            match self.places.get(text.as_str()) {
                Some(place) => {
                    let place = *place;
                    self.places.insert(name.into(), place);
                    return place;
                }
                None => drop(self.places.insert(text.into(), self.notice.units.len() as u32)),
            }
        }
        // A name takes more than 64 bytes here: memory ends long before the numbers do.
        let place = self.notice.units.len() as u32;
        let name: Box<str> = self.name.as_str().into();
        let kind = if pieces.collective { UnitKind::Collective } else { UnitKind::Body };
        self.places.insert(name.clone(), place);
        self.notice.units.push(UnitEntry { name, kind, leads: 0, supports: 0 });
        self.first_named.push(span);
        self.last_task.push(None);
        place
    }

    fn task(&mut self, clause: &Clause, mentions: &[Mention], order: Option<LeadRule>) {
        let ordinal = self.outline.count_task(clause.node);
        let mut leads = std::mem::take(&mut self.leads);
        let basis = decide(mentions, clause.shared, order, &mut leads);
        if self.reader.accepts(basis) {
            let task = self.notice.tasks.len();
            let mut units = std::mem::take(&mut self.units);
            self.resolve(mentions, commas_join(mentions, order), &mut units);
            let start = self.notice.members.len();
            let leading = self.add_members(task, mentions, &units, &leads);
            self.units = units;
            self.add_everywhere(task, clause.span.start);
            let members = (start, self.notice.members.len());
            self.count_roles(members);
            let Clause { span, task: text, node, time, .. } = *clause;
            let entry = TaskEntry { clause: span, text, time, node, ordinal, members, leads: leading, basis };
            self.report(task, &entry);
            self.notice.tasks.push(entry);
        } else {
            self.found(FindingKind::LeadRefused { basis }, clause.span);
        }
        self.leads = leads;
    }

    /// Adds the units of a task, leads first, each once. Returns the number of leads.
    fn add_members(&mut self, task: usize, mentions: &[Mention], units: &[u32], leads: &[bool]) -> usize {
        let start = self.notice.members.len();
        let mut leading = 0;
        for wanted in [true, false] {
            for ((unit, mention), lead) in units.iter().zip(mentions).zip(leads) {
                if *lead == wanted && !self.add_member(task, *unit) {
                    self.found(FindingKind::UnitTwice { task, unit: *unit as usize }, mention.span);
                }
            }
            if wanted {
                leading = self.notice.members.len() - start;
            }
        }
        debug_assert!(leading > 0, "task {task} has no lead");
        leading
    }

    /// Adds a unit to the last task; `false` if the task has it already.
    #[expect(clippy::indexing_slicing, reason = "each unit has a last task")]
    fn add_member(&mut self, task: usize, unit: u32) -> bool {
        let new = self.last_task[unit as usize].replace(task) != Some(task);
        if new {
            self.notice.members.push(unit);
        }
        new
    }

    /// Adds the units of every later task to a task whose clause begins at `at`.
    fn add_everywhere(&mut self, task: usize, at: usize) {
        if !self.reader.adds_units_everywhere() {
            return;
        }
        let rules = std::mem::take(&mut self.everywhere);
        for (_, units) in rules.iter().take_while(|(span, _)| span.end < at) {
            for unit in units {
                self.add_member(task, *unit);
            }
        }
        self.everywhere = rules;
    }

    /// Counts one more task for each of its units.
    #[expect(clippy::indexing_slicing, reason = "the range is one of members, and members are places of units")]
    fn count_roles(&mut self, members: (usize, usize)) {
        let Notice { members: all, units, .. } = &mut self.notice;
        for (at, unit) in all[members.0..members.1].iter().enumerate() {
            let unit = &mut units[*unit as usize];
            if at == 0 { unit.leads += 1 } else { unit.supports += 1 }
        }
    }

    fn found(&mut self, kind: FindingKind, span: Span) {
        self.notice.found.push(Found { kind, span });
    }

    /// Reports the doubts about a task, which is not yet among the others.
    fn report(&mut self, task: usize, entry: &TaskEntry) {
        match entry.basis {
            Basis::Convention => self.found(FindingKind::LeadByConvention { task }, entry.clause),
            Basis::Shared => self.found(FindingKind::LeadShared { task }, entry.clause),
            Basis::Explicit | Basis::Rule => {}
        }
        if entry.leads > 1 {
            self.found(FindingKind::JointLeads { task }, entry.clause);
        }
        if let Some(time) = entry.time.filter(|time| deadline::read(time.of(self.notice.text)) == Said::NoSuchDay) {
            self.found(FindingKind::NoSuchDay { task }, time);
        }
        if entry.text.is_empty() {
            self.found(FindingKind::ClauseWithoutText { task }, entry.clause);
        } else {
            self.compare(task, entry);
        }
    }

    /// Reports a task with the text of an earlier one, and the same units or others. Texts of one hash are taken for the
    /// same: of 37 million notices with a million tasks each, one has two different texts of one 64-bit hash.
    #[expect(clippy::indexing_slicing, reason = "an earlier task is among the tasks")]
    fn compare(&mut self, task: usize, entry: &TaskEntry) {
        let hash = hash_of_words(entry.text.of(self.notice.text));
        let earlier = *self.texts.entry(hash).or_insert(task);
        if earlier == task {
            return;
        }
        let other = &self.notice.tasks[earlier];
        let same = other.leads == entry.leads && self.notice.members(other) == self.notice.members(entry);
        let kind = match same {
            true => FindingKind::TaskRepeated { task, earlier },
            false => FindingKind::TaskWithOtherUnits { task, earlier },
        };
        self.found(kind, entry.text);
    }

    /// Adds the findings about the whole notice. `headers` are the lines that were read as the title or as
    /// headers of tables.
    fn finish(mut self, orders: Rules, headers: Vec<Span>) -> Notice<'t> {
        self.notice.tree = self.outline.tree;
        self.notice.rules = orders.0;
        self.notice.yearly = yearly::find_all(self.notice.text);
        review::add_findings(&mut self.notice, &self.first_named, headers);
        self.notice.found.sort_by_key(|found| found.span.start);
        self.notice
    }
}

/// Whether commas separate units here: a comma is between each two of at least three units of one part, and no rule is
/// about commas.
fn commas_join(mentions: &[Mention], order: Option<LeadRule>) -> bool {
    order != Some(LeadRule::BeforeComma)
        && mentions.len() >= 3
        && mentions.iter().all(|mention| mentions.first().is_some_and(|first| first.part == mention.part))
        && mentions.windows(2).all(|pair| matches!(pair, [a, b] if a.group != b.group && a.commas + 1 == b.commas))
}

/// A hash of a text without its white space and control characters, eight bytes at a time.
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
