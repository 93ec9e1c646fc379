//! Clauses that begin with a label and have no bracket around them: finds where they end.

use super::scanner::{LONGEST_CLAUSE, Scanner};
use crate::notice::finding_kind::FindingKind;
use crate::notice::heading::{marker_at, numeral_before};
use crate::notice::label::{self, Label};
use crate::notice::lexicon::{self, Part, is_space};
use crate::notice::name;
use crate::notice::text::{Span, ends_with_any};
use crate::notice::token::{Kind, Token, within};

/// The most bytes of a clause that a finding shows: 80 Chinese characters.
const SHOWN: usize = 240;
/// More white space, in bytes, between two labels separates clauses.
const LONGEST_SPACE: usize = 200;
/// The next label of a clause has its colon among so many marks: others are those of a bracket within the label, and stars
/// of bold type around it.
const MARKS_BEFORE_COLON: usize = 7;

impl Scanner<'_> {
    /// A colon: with the label of a clause before it, the clause is read.
    pub(super) fn colon(&mut self, token: Token) {
        let Some(label) = label::before(self.text, token.at, self.sentence_start) else { return };
        let label = self.without_title(label);
        let units = matches!(label.part, Part::Lead | Part::Support | Part::Unmarked);
        if !label::is_free(self.text, label) || !units && !self.label_begins_line(label.span.start) {
            return;
        }
        let end = self.end_of_labels(label, token);
        let before = self.between(self.line_start, label.span.start);
        let bracket = before.chars().next_back().filter(|c| lexicon::opens_label(*c)).map_or(0, char::len_utf8);
        self.labelled(label.span.start, Span::new(label.span.start - bracket, end));
    }

    /// The label without its qualifier where that is the only text that the clause can govern.
    fn without_title(&mut self, label: Label) -> Label {
        if label.qualifier == 0 || label.span.start < self.since || !self.follows_directly(label.span.start) {
            return label;
        }
        Label { span: Span::new(label.span.start + label.qualifier, label.span.end), qualifier: 0, ..label }
    }

    /// Keeps the clause at `span`, whose label begins at `from`, or reports it.
    pub(super) fn labelled(&mut self, from: usize, span: Span) {
        let span = Span::new(span.start, span.trim(self.text).end);
        let tokens = within(self.tokens, from, span.end);
        let reading = self.read(tokens, Span::new(from, span.end));
        if reading.labelled && self.accepts(&reading, true) {
            self.record(span, &reading);
            self.report_next_line(span.end);
        } else if reading.labelled {
            let end = span.end.min(self.boundary(span.start + SHOWN));
            self.found(FindingKind::NotRead, Span::new(span.start, end));
            self.role_at = None;
        }
    }

    /// The end of a clause without brackets: that of its line or sentence, unless another of its labels follows.
    fn end_of_labels(&self, label: Label, colon: Token) -> usize {
        let mut seen = Seen::default();
        seen.add(label, true);
        let enumerated = marker_at(self.text, self.skip_space(colon.end())).is_some_and(|marker| marker.number == 1);
        let (mut depth, mut next, mut named) = (0_usize, self.next, false);
        // The end of the mark before.
        let mut last = colon.end();
        while let Some(token) = self.tokens.get(next).copied() {
            next += 1;
            if token.at - label.span.start > LONGEST_CLAUSE {
                return token.at;
            }
            named |= self.between(last, token.at).chars().any(|c| !is_space(c));
            let behind = last;
            last = token.end();
            match token.kind {
                Kind::Open if depth == 0 && self.ends_before(token) => return token.at,
                Kind::Open => depth += 1,
                Kind::Close => depth = depth.saturating_sub(1),
                Kind::Dot | Kind::Item | Kind::Circled if depth == 0 && !enumerated => {
                    if let Some(start) = self.heading_within(token, label.span.start) {
                        return start;
                    }
                }
                Kind::Colon => {
                    if let Some(end) = self.ends_at_colon(token, behind, &mut seen) {
                        return end;
                    }
                }
                Kind::Stop | Kind::Newline => {
                    let line = Span::new(behind, token.at);
                    let wraps = || token.kind == Kind::Newline && self.wraps(line, label.span.start, colon);
                    let goes_on = self.goes_on(token, named, &seen).or_else(|| wraps().then_some(next));
                    let Some(goes_on) = goes_on else { return token.at };
                    (next, depth) = (goes_on, 0);
                    last = self.tokens.split_at(next).0.last().map_or(last, Token::end);
                }
                _ => {}
            }
        }
        self.text.len()
    }

    /// The end of the clause before a colon. A label that the clause already has begins another clause, except straight
    /// behind a name, where it is repeated; a list of annexes ends it as well.
    fn ends_at_colon(&self, colon: Token, last: usize, seen: &mut Seen) -> Option<usize> {
        if let Some(label) = label::before(self.text, colon.at, last) {
            let before = Span::new(last, label.span.start).trim_edges(self.text);
            let repeated = name::is_body(before.of(self.text)) && before.end == label.span.start;
            return (!seen.add(label, before.is_empty()) && !repeated).then_some(label.span.start);
        }
        let annex = last + ends_with_any(self.between(last, colon.at), &lexicon::ANNEX)?;
        name::is_body(self.between(last, annex)).then_some(annex)
    }

    /// Whether a bracket begins a heading or another clause.
    fn ends_before(&self, token: Token) -> bool {
        marker_at(self.text, token.at).is_some() || self.starts_with_label(token.end())
    }

    /// The start of a heading in the middle of a line, behind the name of a body.
    fn heading_within(&self, token: Token, from: usize) -> Option<usize> {
        let start = if token.kind == Kind::Circled { token.at } else { numeral_before(self.text, token.at)? };
        let marker = marker_at(self.text, start).filter(|m| m.span.end >= token.end() && start > from)?;
        let before = self.between(from, start);
        let tail = before.rsplit_once(lexicon::is_edge).map_or(before, |(_, tail)| tail);
        let behind = tail.is_empty() && before.ends_with(is_space) || name::is_body(tail);
        (behind && self.scan.outline.expects(marker.style, marker.number)).then_some(start)
    }

    /// The place of the mark at which a clause goes on behind the end of a line or sentence, if it does: at another label
    /// for which it has room, or in the next line while its list is not ended.
    fn goes_on(&self, end: Token, named: bool, seen: &Seen) -> Option<usize> {
        let near = self.between(end.end(), self.boundary(end.end() + LONGEST_SPACE + 1));
        let skipped = near.find(|c| !is_space(c)).unwrap_or(near.len());
        if skipped > LONGEST_SPACE {
            return None;
        }
        let at = end.end() + skipped;
        let next = self.tokens.partition_point(|t| t.at < at);
        let mut near = self.tokens.split_at(next).1.iter().take(MARKS_BEFORE_COLON);
        let colon = near.find(|t| t.kind == Kind::Colon);
        if let Some(label) = colon.and_then(|colon| self.label_from(at, colon.at)) {
            return seen.has_room_for(label, true).then_some(next);
        }
        let open_list = self.between(0, end.at).trim_end_matches(is_space).ends_with(lexicon::joins);
        let broken = end.kind == Kind::Newline && (open_list || !named) && !self.starts_block(end.end());
        broken.then_some(next)
    }
}

/// The most labels of one part in a clause without brackets.
const MOST_LABELS: u8 = 8;

/// The labels that a clause without brackets has had.
#[derive(Default)]
struct Seen {
    lead: u8,
    list: u8,
    others: u8,
    /// Whether the first label of a list of responsible units has a qualifier.
    qualified: bool,
}

impl Seen {
    /// Whether a label goes on with the clause. `direct` says that nothing is between it and the list before it: then it
    /// can be one that the clause already has, "city-level responsible units" before "county-level responsible units".
    fn has_room_for(&self, label: Label, direct: bool) -> bool {
        let most = if direct { MOST_LABELS } else { 1 };
        match label.part {
            Part::Lead => self.lead < most,
            Part::Unmarked => self.list < 1 || self.list < most && self.qualified == (label.qualifier > 0),
            Part::Support | Part::Time | Part::Aside => self.others < MOST_LABELS,
        }
    }

    /// Takes one more label; `false` when it begins another clause.
    fn add(&mut self, label: Label, direct: bool) -> bool {
        let room = self.has_room_for(label, direct);
        let count = match label.part {
            Part::Lead => &mut self.lead,
            Part::Unmarked => &mut self.list,
            Part::Support | Part::Time | Part::Aside => &mut self.others,
        };
        if label.part == Part::Unmarked && *count == 0 {
            self.qualified = label.qualifier > 0;
        }
        *count += u8::from(room);
        room
    }
}
