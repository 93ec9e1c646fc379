//! Walks a text once, from mark to mark, and finds headings and clauses. Knows where clauses stand; what they say is
//! read elsewhere.

use super::clause::{self, Reading};
use super::findings::{FindingKind, Found};
use super::heading::{Marker, Style, marker_at, numeral_before};
use super::label;
use super::lead::says_a_part;
use super::lex::{Kind, Token};
use super::lexicon::{self, Part, fold, is_space};
use super::members::Item;
use super::name;
use super::outline::{Oddity, Outline};
use super::role;
use super::rule;
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

/// The longest bracket that can be a clause, in bytes and in marks, and how deep brackets nest in it.
const LONGEST_CLAUSE: usize = 6000;
const MOST_MARKS: usize = 1200;
const DEEPEST: usize = 6;
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

/// Headings.
impl Scanner<'_> {
    pub(super) fn heading(&mut self, marker: Marker) {
        let title = self.title(marker.span.end);
        let words = hash_of_start(title.of(self.text));
        for oddity in self.scan.outline.enter(marker, words) {
            let kind = match oddity {
                Oddity::Gap { expected } => FindingKind::NumberingGap { expected, found: marker.number },
                Oddity::Returns { first } => FindingKind::HeadingRepeated { first },
            };
            self.scan.found.push(Found { kind, span: Span::new(marker.span.start, title.end) });
        }
        if let Some(here) = self.scan.outline.here().and_then(|id| self.scan.outline.nodes.get_mut(id as usize))
            && here.title.is_empty()
        {
            here.title = title;
        }
        self.since = marker.span.end;
        self.clause_end = usize::MAX;
        self.start_sentence(marker.span.end);
        self.go_to(marker.span.end);
    }

    /// What stands behind a number, up to the end of the sentence or the line.
    fn title(&self, at: usize) -> Span {
        let rest = self.text.get(at..).unwrap_or("");
        let mut end = rest.len();
        for (count, (offset, c)) in rest.char_indices().enumerate() {
            if c == '\n' || lexicon::is_stop(c) || count >= 60 {
                end = offset;
                break;
            }
        }
        Span::new(at, at + end).trim(self.text)
    }

    fn inline_heading(&mut self, token: Token) {
        let start = match token.kind {
            Kind::Circled => Some(token.at),
            _ => numeral_before(self.text, token.at),
        };
        let marker = start.and_then(|start| marker_at(self.text, start)).filter(|m| m.span.end >= token.end());
        if let Some(marker) = marker.filter(|marker| self.is_inline_heading(*marker)) {
            self.end_sentence(marker.span.start, true);
            self.heading(marker);
        }
    }

    fn is_inline_heading(&self, marker: Marker) -> bool {
        let start = marker.span.start;
        if start < self.since {
            return false;
        }
        let before = self.text.get(self.since..start).unwrap_or("");
        let expected = self.scan.outline.expects(marker.style, marker.number);
        if self.clause_end == self.since && before.chars().all(lexicon::is_edge) {
            return self.run_on || expected && self.scan.outline.is_open(marker.style);
        }
        if !self.run_on {
            return false;
        }
        let last = before.chars().rev().find(|c| !is_space(*c));
        let ended = last.is_none_or(|c| lexicon::is_stop(c) || lexicon::closes(c));
        let mention = last.is_some_and(|c| lexicon::BEFORE_MENTION.contains(c));
        let chained = self.sentence_start <= self.since && before.len() <= 180;
        match marker.style {
            Style::HanInBrackets => !mention && (ended || expected),
            Style::Han => ended || chained && self.chains(marker.span.end),
            _ => ended || expected && chained && before.len() < 120,
        }
    }

    /// Whether a heading of the next level follows before the sentence ends.
    fn chains(&self, at: usize) -> bool {
        let rest = self.text.get(at..).unwrap_or("");
        let mut chars = rest.char_indices().take(60).take_while(|(_, c)| *c != '\n' && !lexicon::is_stop(*c));
        chars.any(|(offset, c)| {
            lexicon::opens(c)
                && marker_at(self.text, at + offset).is_some_and(|m| m.style == Style::HanInBrackets && m.number == 1)
        })
    }
}

/// Clauses in brackets.
impl Scanner<'_> {
    fn open(&mut self, token: Token) {
        if let Some(marker) = marker_at(self.text, token.at) {
            if self.is_inline_heading(marker) {
                self.end_sentence(marker.span.start, true);
                self.heading(marker);
            } else {
                self.go_to(marker.span.end);
            }
            return;
        }
        let first = self.next;
        match self.close_of(first, token) {
            Some(close) => self.bracket(token, first, close),
            None => self.unclosed(token, first),
        }
    }

    /// The mark that closes a bracket. A bracket ends at the latest where the paragraph does; one that holds a label may
    /// go on over broken lines.
    fn close_of(&self, first: usize, open: Token) -> Option<usize> {
        let start = self.text.get(open.end()..self.boundary(open.end() + 96)).unwrap_or("");
        let labelled = label::at_start(start).is_some() || self.starts_with_label(open.end());
        let (mut depth, mut lines) = (1, 0);
        for (offset, token) in self.tokens.get(first..)?.iter().take(MOST_MARKS).enumerate() {
            match token.kind {
                Kind::Open if depth >= DEEPEST || labelled && self.starts_with_label(token.end()) => return None,
                Kind::Open => depth += 1,
                Kind::Close => depth -= 1,
                Kind::Newline => lines += 1,
                _ => {}
            }
            if depth == 0 {
                return Some(first + offset);
            }
            let over = token.at - open.at > LONGEST_CLAUSE || lines > if labelled { 3 } else { 0 };
            if over || token.kind == Kind::Newline && self.starts_block(token.end()) {
                return None;
            }
        }
        None
    }

    fn starts_with_label(&self, at: usize) -> bool {
        let next = self.tokens.partition_point(|token| token.at < at);
        let colon = self.tokens.get(next..).and_then(|t| t.iter().take(4).find(|t| t.kind == Kind::Colon));
        colon.is_some_and(|colon| self.label_from(at, colon.at).is_some())
    }

    /// The label that begins at a place and ends at a colon.
    fn label_from(&self, at: usize, colon: usize) -> Option<label::Label> {
        if colon.saturating_sub(at) > 120 {
            return None;
        }
        let label = label::before(self.text, colon, at)?;
        let between = self.text.get(at..label.span.start)?;
        between.chars().all(lexicon::is_edge).then_some(label)
    }

    /// Whether a heading or an empty line begins at a place.
    fn starts_block(&self, at: usize) -> bool {
        let start = self.skip_space(at);
        self.text.get(start..).is_some_and(|rest| rest.starts_with('\n')) || marker_at(self.text, start).is_some()
    }

    fn bracket(&mut self, open: Token, first: usize, close: usize) {
        let (Some(tokens), Some(end)) = (self.tokens.get(first..close), self.tokens.get(close).copied()) else {
            return;
        };
        let inside = Span::new(open.end(), end.at);
        let marked = tokens.iter().any(|t| matches!(t.kind, Kind::Colon | Kind::Lead | Kind::Duty));
        let piece = inside.of(self.text);
        if !marked && !role::may_end(piece) && label::at_start(piece).is_none() && !self.is_bare_place(open, end) {
            return;
        }
        let items = self.scan.items.len();
        let reading = clause::read(self.text, tokens, inside, None, self.group, &mut self.scan.items);
        let span = Span::new(open.at, end.end());
        if self.accepts(&reading, items, false) || self.is_bare_list(&reading, items, open, end) {
            self.record(span, items, &reading);
            return;
        }
        self.scan.items.truncate(items);
        self.keep_everywhere(&reading);
        let rule = rule::is_order_piece(piece);
        let roles = tokens.iter().any(|t| matches!(t.kind, Kind::Lead | Kind::Duty));
        if !rule
            && reading.everywhere.is_none()
            && (reading.labelled || roles && inside.end - inside.start < LONGEST_SENTENCE)
        {
            self.scan.found.push(Found { kind: FindingKind::NotRead, span });
            self.go_to(span.end);
        }
    }

    /// Whether what was read is a clause. Without a label all units have to stand as such.
    fn accepts(&self, reading: &Reading, items: usize, strict: bool) -> bool {
        let members = self.scan.items.get(items..).unwrap_or(&[]);
        if members.is_empty() || !says_a_part(reading) {
            return false;
        }
        let stand = |item: &Item| {
            let name = item.span.of(self.text);
            name::is_body(name) || name::is_area(name)
        };
        let standing = members.iter().filter(|item| stand(item)).count();
        if reading.labelled {
            return !strict || standing > 0;
        }
        reading.ignored.is_none()
            && if strict { standing == members.len() } else { 2 * standing >= members.len() && standing > 0 }
    }

    /// At the end of a paragraph, behind a whole sentence.
    fn is_bare_place(&self, open: Token, close: Token) -> bool {
        let before = self.text.get(..open.at).unwrap_or("").chars().next_back();
        before.is_some_and(lexicon::is_full_stop) && self.ends_paragraph(close.end())
    }

    /// A bracket with nothing but bodies where a clause would stand.
    fn is_bare_list(&self, reading: &Reading, items: usize, open: Token, close: Token) -> bool {
        let members = self.scan.items.get(items..).unwrap_or(&[]);
        let bodies = members.iter().all(|item| name::is_body(item.span.of(self.text)));
        !members.is_empty() && bodies && reading.ignored.is_none() && self.is_bare_place(open, close)
    }

    /// A bracket that nothing closes: a label makes it a clause up to the end of the line. One sentence is reported once.
    fn unclosed(&mut self, open: Token, first: usize) {
        let labelled = self.starts_with_label(open.end());
        if !labelled && open.at < self.unclosed_until {
            return;
        }
        let ends = |t: &&Token| {
            matches!(t.kind, Kind::Newline | Kind::Stop)
                || labelled && t.kind == Kind::Open && self.starts_with_label(t.end())
        };
        let rest = self.tokens.get(first..).unwrap_or(&[]);
        let end = rest.iter().take(MOST_MARKS).find(ends).map(|t| t.at);
        let end = end.unwrap_or_else(|| rest.get(MOST_MARKS).map_or(self.text.len(), |t| t.at));
        let shown = Span::new(open.at, end.min(self.boundary(open.at + 90)));
        self.scan.found.push(Found { kind: FindingKind::UnclosedBracket, span: shown });
        self.unclosed_until = end;
        if labelled && end - open.at <= LONGEST_CLAUSE {
            self.labelled(open.end(), Span::new(open.at, end));
        }
    }

    fn boundary(&self, at: usize) -> usize {
        let mut at = at.min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at += 1;
        }
        at
    }
}

/// Clauses without brackets.
impl Scanner<'_> {
    fn colon(&mut self, token: Token) {
        let floor = self.since.max(self.line_start).max(self.sentence_start);
        let Some(label) = label::before(self.text, token.at, floor) else { return };
        let units = matches!(label.part, Part::Lead | Part::Support | Part::List);
        let at_line_start =
            self.text.get(self.line_start..label.span.start).is_some_and(|s| s.chars().all(lexicon::is_edge));
        if !label::stands_free(self.text, label) || !units && !at_line_start {
            return;
        }
        let end = self.end_of_labels(label, token);
        self.labelled(label.span.start, Span::new(label.span.start, end));
    }

    /// Reads a clause whose label begins at `from`.
    fn labelled(&mut self, from: usize, span: Span) {
        let span = Span::new(span.start, Span::new(span.start, span.end).trim(self.text).end);
        let first = self.tokens.partition_point(|t| t.at < from);
        let last = self.tokens.partition_point(|t| t.at < span.end);
        let Some(tokens) = self.tokens.get(first..last) else { return };
        let items = self.scan.items.len();
        let reading =
            clause::read(self.text, tokens, Span::new(from, span.end), None, self.group, &mut self.scan.items);
        if reading.labelled && self.accepts(&reading, items, true) {
            self.record(span, items, &reading);
            return;
        }
        self.scan.items.truncate(items);
        if reading.labelled {
            let shown = Span::new(span.start, span.end.min(self.boundary(span.start + 240)));
            self.scan.found.push(Found { kind: FindingKind::NotRead, span: shown });
            self.role_at = None;
        }
    }

    /// Where a clause without brackets ends: at the end of its line or sentence, unless another of its labels follows.
    fn end_of_labels(&self, label: label::Label, colon: Token) -> usize {
        let mut seen = Seen::default();
        seen.add(label.part);
        let (mut depth, mut at, mut named) = (0_usize, self.next, false);
        let mut last = colon.end();
        while let Some(token) = self.tokens.get(at).copied() {
            at += 1;
            if token.at - label.span.start > LONGEST_CLAUSE {
                return token.at;
            }
            named |= self.text.get(last..token.at).is_some_and(|s| s.chars().any(|c| !is_space(c)));
            match token.kind {
                Kind::Open if depth == 0 && self.ends_before(token) => return token.at,
                Kind::Open => depth += 1,
                Kind::Close => depth = depth.saturating_sub(1),
                Kind::Dot | Kind::Item | Kind::Circled if depth == 0 => {
                    if let Some(start) = self.heading_within(token, label.span.start) {
                        return start;
                    }
                }
                Kind::Colon => {
                    if let Some(more) = label::before(self.text, token.at, last)
                        && !seen.add(more.part)
                    {
                        return more.span.start;
                    }
                }
                Kind::Stop | Kind::Newline => match self.goes_on(token, named, &seen) {
                    Some(next) => (at, depth) = (next, 0),
                    None => return token.at,
                },
                _ => {}
            }
            last = self.tokens.get(at - 1).map_or(last, Token::end);
        }
        self.text.len()
    }

    /// A bracket that begins a heading or another clause.
    fn ends_before(&self, token: Token) -> bool {
        marker_at(self.text, token.at).is_some() || self.starts_with_label(token.end())
    }

    /// A heading in the middle of a line, behind the name of a body.
    fn heading_within(&self, token: Token, from: usize) -> Option<usize> {
        let start = if token.kind == Kind::Circled { token.at } else { numeral_before(self.text, token.at)? };
        let marker = marker_at(self.text, start).filter(|m| m.span.end >= token.end() && start > from)?;
        let before = self.text.get(from..start)?;
        let tail = before.rsplit(lexicon::is_edge).next().unwrap_or("");
        let behind = tail.is_empty() && before.ends_with(is_space) || name::is_body(tail);
        (behind && self.scan.outline.expects(marker.style, marker.number)).then_some(start)
    }

    /// Behind the end of a line or sentence: where to go on when the clause does.
    fn goes_on(&self, end: Token, named: bool, seen: &Seen) -> Option<usize> {
        let rest = self.text.get(end.end()..)?;
        let skipped = rest.find(|c| !is_space(c)).unwrap_or(rest.len());
        if skipped > 200 {
            return None;
        }
        let at = end.end() + skipped;
        let next = self.tokens.partition_point(|t| t.at < at);
        let colon = self.tokens.get(next..)?.iter().take(3).position(|t| t.kind == Kind::Colon).map(|p| next + p);
        let label = colon.and_then(|c| self.tokens.get(c)).and_then(|c| self.label_from(at, c.at));
        if let Some(label) = label {
            return seen.has_room_for(label.part).then_some(next);
        }
        let open_list = self.text.get(..end.at)?.trim_end_matches(is_space).ends_with(lexicon::joins);
        let broken = end.kind == Kind::Newline && (open_list || !named) && !self.starts_block(end.end());
        broken.then_some(next)
    }

    /// At the end of a sentence: is it a clause of its own, or does it only look like one?
    fn end_sentence(&mut self, end: usize, last: bool) {
        let start = self.sentence_start.max(self.since);
        let role_at = self.role_at.take().filter(|at| *at >= start);
        let span = Span::new(start, end).trim(self.text);
        let piece = span.of(self.text);
        if span.end - span.start > LONGEST_SENTENCE || role_at.is_none() && !role::may_end(piece) {
            return;
        }
        if last && self.sentence_clause(span) {
            return;
        }
        if let Some(role_at) = role_at.filter(|at| self.looks_like_a_clause(*at, start)) {
            let from = self.boundary(role_at.saturating_sub(60).max(span.start));
            let to = self.boundary(role_at + 60).min(span.end);
            self.scan.found.push(Found { kind: FindingKind::NotRead, span: Span::new(from, to) });
        }
    }

    /// A sentence of units and role words, or the last parts of one.
    fn sentence_clause(&mut self, span: Span) -> bool {
        let first = self.tokens.partition_point(|t| t.at < span.start);
        let last = self.tokens.partition_point(|t| t.at < span.end);
        let tokens = self.tokens.get(first..last).unwrap_or(&[]);
        let mut depth = 0_usize;
        let mut starts = vec![span.start];
        for token in tokens {
            match token.kind {
                Kind::Open => depth += 1,
                Kind::Close => depth = depth.saturating_sub(1),
                Kind::Comma | Kind::Semi if depth == 0 => starts.push(token.end()),
                _ => {}
            }
        }
        let skip = starts.len().saturating_sub(6);
        let whole = self.stands_alone(span);
        for (at, start) in starts.into_iter().enumerate().skip(skip) {
            let from = tokens.partition_point(|t| t.at < start);
            let part = Span::new(start, span.end);
            if self.try_sentence(part, tokens.get(from..).unwrap_or(&[]), at == 0 && whole) {
                return true;
            }
        }
        false
    }

    /// Whether a sentence is a line of its own.
    fn stands_alone(&self, span: Span) -> bool {
        self.text.get(self.line_start..span.start).is_some_and(|s| s.chars().all(lexicon::is_edge))
    }

    fn try_sentence(&mut self, span: Span, tokens: &[Token], whole: bool) -> bool {
        let span = span.trim_edges(self.text);
        let items = self.scan.items.len();
        let reading = clause::read(self.text, tokens, span, None, self.group, &mut self.scan.items);
        let members = self.scan.items.get(items..).unwrap_or(&[]);
        let bodies = members.iter().any(|item| !name::is_collective(item.span.of(self.text)));
        let marked = reading.said.lead || whole && reading.said.duty || members.len() > 1 && reading.said.duty;
        if bodies && marked && !reading.labelled && self.accepts(&reading, items, true) {
            self.record(span, items, &reading);
            return true;
        }
        self.scan.items.truncate(items);
        false
    }

    /// A body and a role word, with more behind: "the bureau is responsible for ...".
    fn looks_like_a_clause(&self, role_at: usize, start: usize) -> bool {
        let from = self.boundary(role_at.saturating_sub(45).max(start));
        let before = self.text.get(from..role_at).unwrap_or("");
        let tail = before.rsplit(lexicon::is_edge).next().unwrap_or("");
        let behind = self.text.get(role_at..).unwrap_or("");
        let verb = super::text::starts_with_any(behind, lexicon::PROSE_VERBS).is_some();
        verb && name::ending(tail).is_some() && !tail.chars().any(|c| fold(c) == lexicon::EACH)
    }

    /// A sentence outside clauses that adds units to every later task.
    fn everywhere(&mut self) {
        let start = self.sentence_start.max(self.since);
        let end = self.tokens.get(self.next.saturating_sub(1)).map_or(start, |t| t.at);
        let sentence = Span::new(start, end.min(self.boundary(start + LONGEST_SENTENCE))).trim_edges(self.text);
        if let Some(names) = rule::everywhere(sentence.of(self.text)) {
            self.scan.everywhere.push(Span::new(sentence.start + names.start, sentence.start + names.end));
        }
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

/// Which parts a clause without brackets has had.
#[derive(Default)]
struct Seen {
    lead: u8,
    list: u8,
    others: u8,
}

impl Seen {
    fn has_room_for(&self, part: Part) -> bool {
        match part {
            Part::Lead => self.lead < 1,
            Part::List => self.list < 1,
            Part::Support | Part::Time | Part::Aside => self.others < 8,
        }
    }

    /// Takes one more label; `false` when it begins another clause.
    fn add(&mut self, part: Part) -> bool {
        let room = self.has_room_for(part);
        match part {
            Part::Lead => self.lead += u8::from(room),
            Part::List => self.list += u8::from(room),
            Part::Support | Part::Time | Part::Aside => self.others += u8::from(room),
        }
        room
    }
}

/// A hash of the first letters: enough to know a heading again when other text follows it. Dates begin many headings.
fn hash_of_start(title: &str) -> u64 {
    use std::hash::{BuildHasher, Hasher};
    let mut hasher = foldhash::fast::FixedState::default().build_hasher();
    for c in title.chars().filter(|c| !is_space(*c) && !lexicon::is_of_date(*c)).take(6) {
        hasher.write_u32(u32::from(c));
    }
    hasher.finish()
}
