//! The state of a pass over a text: its place, the text that no clause governs yet, and everything found so far.

use super::columns::Table;
use crate::notice::clause::{self, Known, Reading};
use crate::notice::finding_kind::{FindingKind, Found};
use crate::notice::heading::Style;
use crate::notice::lexicon;
use crate::notice::members::Mention;
use crate::notice::outline::Outline;
use crate::notice::text::Span;
use crate::notice::token::Token;
use crate::text::between;

/// A clause: its place, its task, its units as written.
#[derive(Clone, Debug)]
pub(in crate::notice) struct Clause {
    pub(in crate::notice) span: Span,
    pub(in crate::notice) task: Span,
    /// The heading above it.
    pub(in crate::notice) node: Option<u32>,
    /// Its units, as a range of [`Scan::mentions`]; never empty. The ranges of all clauses follow each other.
    pub(in crate::notice) mentions: (usize, usize),
    pub(in crate::notice) shared: bool,
    pub(in crate::notice) time: Option<Span>,
}

/// The result of a pass over a text.
#[derive(Debug, Default)]
pub(in crate::notice) struct Scan {
    pub(in crate::notice) outline: Outline,
    pub(in crate::notice) clauses: Vec<Clause>,
    pub(in crate::notice) mentions: Vec<Mention>,
    pub(in crate::notice) found: Vec<Found>,
    /// Lines that were read and are no clauses: the title of the document, headers of tables that have rows.
    pub(in crate::notice) headers: Vec<Span>,
    /// Names of units that a sentence adds to every later task.
    pub(in crate::notice) everywhere: Vec<Span>,
}

/// The longest clause, in bytes: 15 times that of thirteen real notices, of which the longest has 390 bytes and 99 in 100
/// have at most 250.
pub(super) const LONGEST_CLAUSE: usize = 6000;
/// The longest sentence without a label that can be a clause, in bytes: 200 Chinese characters.
pub(super) const LONGEST_SENTENCE: usize = 600;

/// The stretch of characters of one kind from a place on. The places asked for only rise, so that all questions together
/// read each character once.
#[derive(Debug, Default)]
pub(super) struct Run(Option<Span>);

impl Run {
    fn end(&mut self, text: &str, start: usize, is_of_kind: impl Fn(char) -> bool) -> usize {
        if let Some(known) = self.0.filter(|known| (known.start..=known.end).contains(&start)) {
            return known.end;
        }
        debug_assert!(self.0.is_none_or(|known| known.end < start), "a run is asked for a place before the last one");
        let rest = between(text, start, text.len());
        let end = start + rest.find(|c| !is_of_kind(c)).unwrap_or(rest.len());
        self.0 = Some(Span::new(start, end));
        end
    }
}

/// The state between two marks. Every place in it is a byte of the text on a character boundary.
///
/// Invariants: `since <= sentence_start`, `line_start <= sentence_start`, and `role_at >= sentence_start` where it is
/// given. `since` never falls. [`Scanner::go_on`] is the only way to move `since`.
pub(super) struct Scanner<'a> {
    pub(super) text: &'a str,
    /// All marks of the text, in order; they don't overlap.
    pub(super) tokens: &'a [Token],
    /// Whether headings stand within lines.
    pub(super) run_on: bool,
    /// The next mark, at most `tokens.len()`.
    pub(super) next: usize,
    /// The end of the last clause, heading number or table row: a clause to come governs text from here on only.
    pub(super) since: usize,
    /// Whether a clause ends at `since`; otherwise a heading number or a row does, or the text begins there.
    pub(super) behind_clause: bool,
    /// The start of the line on which the pass last arrived by way of a newline. A clause over several lines leaves it
    /// behind, so that it may lie before `since`.
    pub(super) line_start: usize,
    /// White space and punctuation from `since` on.
    edges: Run,
    /// The same from `line_start` on.
    line_edges: Run,
    /// The same from `line_start` on, with the brackets that can hold a label alone.
    line_marks: Run,
    /// The start of the sentence: behind the last newline or stop passed, or at `since`.
    pub(super) sentence_start: usize,
    /// The first character of the first role word of the sentence.
    pub(super) role_at: Option<usize>,
    /// The end of the sentence in which an unclosed bracket was last reported.
    pub(super) unclosed_until: usize,
    /// The style of numbers that are measures against a problem, not headings.
    pub(super) measures: Option<Style>,
    /// The table of which the lines before are rows.
    pub(super) table: Option<Table>,
    /// The number of the next group of units: greater than that of any unit kept in a clause.
    pub(super) group: u32,
    /// Names that were read before as one unit.
    pub(super) known: Known<'a>,
    /// The units of the clause that is being read. They are moved to `scan.mentions` if the clause is kept.
    pub(super) draft: Vec<Mention>,
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
            behind_clause: false,
            line_start: 0,
            edges: Run::default(),
            line_edges: Run::default(),
            line_marks: Run::default(),
            sentence_start: 0,
            role_at: None,
            unclosed_until: 0,
            measures: None,
            table: None,
            group: 0,
            known: Known::default(),
            draft: Vec::new(),
            scan: Scan::default(),
        }
    }

    /// The marks from the next one on.
    #[inline]
    pub(super) fn rest(&self) -> &'a [Token] {
        self.tokens.split_at(self.next).1
    }

    #[inline]
    pub(super) fn between(&self, start: usize, end: usize) -> &'a str {
        between(self.text, start, end)
    }

    #[inline]
    pub(super) fn after(&self, start: usize) -> &'a str {
        between(self.text, start, self.text.len())
    }

    /// Whether nothing but white space and punctuation is between `since` and a place behind it.
    pub(super) fn follows_directly(&mut self, at: usize) -> bool {
        debug_assert!(self.since <= at, "the place is before the text that is left");
        self.edges.end(self.text, self.since, lexicon::is_edge) >= at
    }

    /// Whether nothing but white space and punctuation is before a place on its line.
    pub(super) fn begins_line(&mut self, at: usize) -> bool {
        self.line_edges.end(self.text, self.line_start, lexicon::is_edge) >= at
    }

    /// The same where brackets that can hold a label alone can be before the place as well.
    pub(super) fn label_begins_line(&mut self, at: usize) -> bool {
        let is_mark = |c| lexicon::is_edge(c) || lexicon::opens_label(c);
        self.line_marks.end(self.text, self.line_start, is_mark) >= at
    }

    #[inline]
    pub(super) fn start_sentence(&mut self, at: usize) {
        debug_assert!(self.since <= at && self.line_start <= at, "a sentence starts before the text that is left");
        self.sentence_start = at;
        self.role_at = None;
    }

    /// Makes the mark at `at`, or the first one behind it, the next. Goes both ways.
    pub(super) fn go_to(&mut self, at: usize) {
        while self.rest().first().is_some_and(|token| token.at < at) {
            self.next += 1;
        }
        while self.next > 0 && self.tokens.split_at(self.next).0.last().is_some_and(|token| token.at >= at) {
            self.next -= 1;
        }
    }

    /// Goes on behind a clause, a heading number or a row, which ends at `at`.
    pub(super) fn go_on(&mut self, at: usize, behind_clause: bool) {
        debug_assert!(self.since <= at, "the pass goes back from {} to {at}", self.since);
        self.since = at;
        self.behind_clause = behind_clause;
        self.start_sentence(at);
        self.go_to(at);
    }

    /// Reads a clause, whose units then are the draft.
    pub(super) fn read(&mut self, tokens: &[Token], span: Span) -> Reading {
        self.draft.clear();
        clause::read(self.text, &mut self.known, tokens, span, None, self.group, &mut self.draft)
    }

    pub(super) fn found(&mut self, kind: FindingKind, span: Span) {
        self.scan.found.push(Found { kind, span });
    }
}
