//! Goes from mark to mark of a clause and cuts it into parts.

use super::labels::punctuation;
use super::numbers::Numbers;
use super::parser::{ClauseParser, Known, Reading};
use crate::notice::label;
use crate::notice::lexicon::Part;
use crate::notice::members::{Listed, Mention};
use crate::notice::rule;
use crate::notice::text::Span;
use crate::notice::token::{Kind, Token};

/// Reads `span`, whose marks are `tokens`. `label` is the part that a column gives, and the kind of its lists.
pub(in crate::notice) fn read<'t>(
    text: &'t str,
    known: &mut Known<'t>,
    tokens: &[Token],
    span: Span,
    label: Option<(Part, Listed)>,
    group: u32,
    mentions: &mut Vec<Mention>,
) -> Reading {
    let pending = mentions.len();
    let reading = Reading { labelled: label.is_some(), ..Reading::default() };
    let (label, listed) = label.unzip();
    let mut parser = ClauseParser {
        text,
        known,
        mentions,
        pending,
        label,
        led: false,
        passed: None,
        listed: listed.unwrap_or(Listed::Units),
        after_rule: false,
        group,
        commas: 0,
        reading,
    };
    parser.run(tokens, span);
    parser.close();
    parser.reading.groups = parser.group - group;
    parser.reading
}

impl ClauseParser<'_, '_> {
    fn run(&mut self, tokens: &[Token], span: Span) {
        let (mut at, mut depth, mut ordered) = (span.start, 0_usize, false);
        if !self.begins_with_colon(tokens, at)
            && let Some((part, end)) = label::at_start(span.of(self.text))
        {
            at = self.label_without_colon(span, part, end);
        }
        let mut numbers = Numbers::default();
        let mut rest = tokens;
        while let [token, behind @ ..] = rest {
            rest = behind;
            match token.kind {
                _ if token.at < at => {}
                Kind::Item if self.joins_labels(at, *token, punctuation(behind).next()) => {}
                Kind::Open => depth += 1,
                Kind::Close => depth = depth.saturating_sub(1),
                Kind::Order | Kind::Lead => ordered = true,
                Kind::Item | Kind::Comma | Kind::Semi | Kind::Stop | Kind::Colon if depth == 0 => {
                    let number = if token.kind == Kind::Item { numbers.start(self.text, at, *token) } else { None };
                    self.piece(Span::new(at, number.unwrap_or(token.at)), Some(token.kind), ordered);
                    ordered = false;
                    at = token.end();
                    if let Some(end) = self.everywhere(Span::new(at, span.end)) {
                        at = end;
                    }
                }
                Kind::Circled | Kind::Dot if depth == 0 => {
                    if let Some(start) = numbers.start(self.text, at, *token) {
                        self.piece(Span::new(at, start), Some(Kind::Item), ordered);
                        at = token.end();
                    }
                }
                _ => {}
            }
        }
        self.piece(Span::new(at, span.end), None, ordered);
    }

    /// The end of a sentence that adds units to every later task, if one begins here.
    fn everywhere(&mut self, rest: Span) -> Option<usize> {
        let piece = rest.of(self.text);
        let names = rule::everywhere(piece)?;
        self.reading.everywhere = Some(Span::new(rest.start + names.start, rest.start + names.end));
        self.after_rule = true;
        Some(rest.start + names.end)
    }

    fn piece(&mut self, span: Span, mark: Option<Kind>, ordered: bool) {
        let span = span.trim(self.text);
        if mark == Some(Kind::Colon) {
            self.colon(span);
            return;
        }
        if !span.is_empty() {
            self.part(span, ordered);
        }
        if matches!(mark, Some(Kind::Semi | Kind::Stop)) {
            self.passed = None;
        }
        if matches!(mark, Some(Kind::Comma | Kind::Semi | Kind::Stop)) {
            self.group += 1;
            self.commas += 1;
        }
    }
}
