//! Clauses that begin with a label and have no bracket around them. Knows where they begin and end.

use super::{LONGEST_CLAUSE, Scanner};
use crate::notice::clause;
use crate::notice::findings::{FindingKind, Found};
use crate::notice::heading::{marker_at, numeral_before};
use crate::notice::label;
use crate::notice::lex::{Kind, Token};
use crate::notice::lexicon::{self, Part, is_space};
use crate::notice::name;
use crate::notice::text::Span;

/// Clauses without brackets.
impl Scanner<'_> {
    pub(super) fn colon(&mut self, token: Token) {
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
    pub(super) fn labelled(&mut self, from: usize, span: Span) {
        let span = Span::new(span.start, Span::new(span.start, span.end).trim(self.text).end);
        let first = self.tokens.partition_point(|t| t.at < from);
        let last = self.tokens.partition_point(|t| t.at < span.end);
        let Some(tokens) = self.tokens.get(first..last) else { return };
        let items = self.scan.items.len();
        let reading = clause::read(
            self.text,
            &mut self.known,
            tokens,
            Span::new(from, span.end),
            None,
            self.group,
            &mut self.scan.items,
        );
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
