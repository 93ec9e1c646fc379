//! Walks a text once, from mark to mark, and finds headings and clauses. Knows where clauses stand; what they say is
//! read elsewhere.

mod brackets;
mod headings;
mod labels;
mod sentences;

use super::clause::{Known, Reading};
use super::findings::{FindingKind, Found};
use super::heading::marker_at;
use super::lex::{Kind, Token};
use super::lexicon::{self, Part, is_space};
use super::members::Item;
use super::outline::Outline;
use super::table::Table;
use super::text::Span;

/// A clause as it was found: its place, its task, its units as written.
#[derive(Clone, Debug)]
pub(super) struct Clause {
    pub(super) span: Span,
    pub(super) task: Span,
    pub(super) node: Option<u32>,
    /// Its units among all items.
    pub(super) items: (usize, usize),
    pub(super) shared: bool,
    pub(super) time: Option<Span>,
}

/// What a walk over a text finds.
#[derive(Debug, Default)]
pub(super) struct Scan {
    pub(super) outline: Outline,
    pub(super) clauses: Vec<Clause>,
    pub(super) items: Vec<Item>,
    pub(super) found: Vec<Found>,
    /// Names of units that every later task has, with the end of the sentence that says so.
    pub(super) everywhere: Vec<Span>,
}

/// The longest clause, in bytes.
const LONGEST_CLAUSE: usize = 6000;
/// The longest sentence without a label that can be a clause, in bytes.
const LONGEST_SENTENCE: usize = 600;

pub(super) struct Scanner<'a> {
    pub(super) text: &'a str,
    pub(super) tokens: &'a [Token],
    run_on: bool,
    /// The next mark.
    pub(super) next: usize,
    /// Where the text begins that no clause governs yet.
    since: usize,
    /// Where the last clause ended.
    clause_end: usize,
    line_start: usize,
    sentence_start: usize,
    /// The first character of a role word in this sentence.
    role_at: Option<usize>,
    /// Up to where an unclosed bracket has been reported.
    unclosed_until: usize,
    /// The table that the lines before are rows of.
    table: Option<Table>,
    group: u32,
    pub(super) known: Known<'a>,
    pub(super) scan: Scan,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str, tokens: &'a [Token], run_on: bool) -> Scanner<'a> {
        Scanner {
            text,
            tokens,
            run_on,
            next: 0,
            since: 0,
            clause_end: usize::MAX,
            line_start: 0,
            sentence_start: 0,
            role_at: None,
            unclosed_until: 0,
            table: None,
            group: 0,
            known: Known::default(),
            scan: Scan::default(),
        }
    }

    pub(super) fn run(mut self) -> Scan {
        self.start_line(0);
        while let Some(token) = self.tokens.get(self.next).copied() {
            self.next += 1;
            match token.kind {
                Kind::Newline => {
                    self.end_sentence(token.at, true);
                    self.start_line(token.end());
                }
                Kind::Stop => {
                    self.end_sentence(token.at, self.ends_paragraph(token.end()));
                    self.start_sentence(token.end());
                }
                Kind::Open => self.open(token),
                Kind::Colon => self.colon(token),
                Kind::Dot | Kind::Item | Kind::Circled => self.inline_heading(token),
                Kind::Duty | Kind::Lead => {
                    self.role_at.get_or_insert(token.at);
                }
                Kind::Again => self.everywhere(),
                _ => {}
            }
        }
        self.end_sentence(self.text.len(), true);
        self.scan
    }

    fn start_sentence(&mut self, at: usize) {
        self.sentence_start = at;
        self.role_at = None;
    }

    fn start_line(&mut self, at: usize) {
        self.start_sentence(at);
        self.line_start = at;
        if self.table_line(at) {
            return;
        }
        let mut at = at;
        // "One, (one) ...": a heading can follow a heading.
        for _ in 0..3 {
            let start = self.skip_space(at);
            let Some(marker) = marker_at(self.text, start) else { break };
            self.heading(marker);
            at = marker.span.end;
        }
    }

    /// The next place that isn't a blank, on this line.
    fn skip_space(&self, at: usize) -> usize {
        let rest = self.text.get(at..).unwrap_or("");
        let skipped = rest.find(|c| !is_space(c) || c == '\n').unwrap_or(rest.len());
        at + skipped
    }

    /// Goes on behind a place.
    pub(super) fn go_to(&mut self, at: usize) {
        while self.tokens.get(self.next).is_some_and(|token| token.at < at) {
            self.next += 1;
        }
        while self.next > 0 && self.tokens.get(self.next - 1).is_some_and(|token| token.at >= at) {
            self.next -= 1;
        }
    }

    fn ends_paragraph(&self, at: usize) -> bool {
        let start = self.skip_space(at);
        let rest = self.text.get(start..).unwrap_or("");
        rest.is_empty() || rest.starts_with('\n') || self.run_on && marker_at(self.text, start).is_some()
    }
}

/// Keeping what was found.
impl Scanner<'_> {
    fn keep_everywhere(&mut self, reading: &Reading) {
        if let Some(names) = reading.everywhere {
            self.scan.everywhere.push(names);
        }
    }

    pub(super) fn record(&mut self, span: Span, items: usize, reading: &Reading) {
        self.keep_everywhere(reading);
        if let Some(ignored) = reading.ignored {
            self.scan.found.push(Found { kind: FindingKind::PartIgnored, span: ignored });
        }
        let end = self.scan.items.len();
        self.group = self.scan.items.last().map_or(0, |item| item.group) + 1;
        if !self.joins_last(span, items, reading) {
            let task = self.task_of(span);
            self.push(span, task, (items, end), reading);
        }
        self.after_clause(span);
    }

    pub(super) fn push(&mut self, span: Span, task: Span, items: (usize, usize), reading: &Reading) {
        let node = self.scan.outline.here();
        let shared = reading.said.shared;
        self.scan.clauses.push(Clause { span, task, node, items, shared, time: reading.time });
    }

    fn after_clause(&mut self, span: Span) {
        if let Some(here) = self.scan.outline.here().and_then(|id| self.scan.outline.nodes.get_mut(id as usize))
            && here.title.start < span.start
            && span.start < here.title.end
        {
            here.title = Span::new(here.title.start, span.start).trim_edges(self.text);
        }
        self.since = span.end;
        self.clause_end = span.end;
        self.start_sentence(span.end);
        self.go_to(span.end);
    }

    /// Supporting units straight behind a clause that has none are of it.
    fn joins_last(&mut self, span: Span, items: usize, reading: &Reading) -> bool {
        let support = self.scan.items.get(items..).unwrap_or(&[]).iter().all(|item| item.part == Part::Support);
        if self.clause_end != self.since || !support || reading.said.lead {
            return false;
        }
        let end = self.scan.items.len();
        let Some(last) = self.scan.clauses.last_mut() else { return false };
        let between = self.text.get(last.span.end..span.start).unwrap_or("x");
        if last.items.1 != items || last.span.end > span.start || !between.chars().all(lexicon::is_edge) {
            return false;
        }
        last.items.1 = end;
        last.span.end = span.end;
        last.time = last.time.or(reading.time);
        true
    }

    /// The text that a clause governs: since the clause or the heading number before it; in a paragraph of its own, that.
    fn task_of(&self, clause: Span) -> Span {
        let line = self.line_start.max(self.since);
        let own = Span::new(line, clause.start).trim_edges(self.text);
        if !own.is_empty() {
            return Span::new(self.paragraph_start(line), clause.start).trim_task(self.text);
        }
        Span::new(self.since, clause.start).trim_task(self.text)
    }

    /// The start of a paragraph whose lines are broken in the middle of sentences.
    fn paragraph_start(&self, line: usize) -> usize {
        let mut start = line;
        while start > self.since {
            let before = self.text.get(self.since..start.saturating_sub(1)).unwrap_or("");
            let last = before.trim_end_matches(is_space).chars().next_back();
            let begin = self.since + before.rfind('\n').map_or(0, |at| at + 1);
            let title = begin == self.since && self.scan.outline.here().is_some();
            if title || last.is_none_or(|c| lexicon::is_stop(c) || lexicon::closes(c)) || start - begin < 60 {
                break;
            }
            start = begin;
        }
        start
    }

    fn table_line(&mut self, at: usize) -> bool {
        let rest = self.tokens.get(self.next..).unwrap_or(&[]);
        let first =
            rest.iter().take_while(|t| t.kind != Kind::Newline).any(|t| matches!(t.kind, Kind::Tab | Kind::Pipe));
        if !first {
            self.table = None;
            return false;
        }
        let mut table = self.table.take();
        let read = Table::line(&mut table, self, at);
        self.table = table;
        read
    }

    /// Where the line ends on which the next mark stands.
    pub(super) fn line_end(&self) -> usize {
        let rest = self.tokens.get(self.next..).unwrap_or(&[]);
        rest.iter().find(|t| t.kind == Kind::Newline).map_or(self.text.len(), |t| t.at)
    }

    pub(super) fn next_group(&mut self) -> u32 {
        self.group += 1;
        self.group
    }

    /// Goes on behind a row of a table.
    pub(super) fn after_row(&mut self, end: usize) {
        self.since = end;
        self.clause_end = usize::MAX;
        self.start_sentence(end);
        self.go_to(end);
    }
}
