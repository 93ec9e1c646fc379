//! Looks once over a whole text for what the reading of every clause needs: rules of order, places by name, and whether
//! the line breaks can be trusted. Knows marks, not clauses.

use std::collections::HashSet;

use foldhash::fast::FixedState;

use super::heading::{Style, marker_at, numeral_before};
use super::jurisdiction::place_at;
use super::lex::{Kind, Token};
use super::lexicon::{self, is_space};
use super::rule::{self, Order};
use super::text::Span;

/// What a look over the whole text tells.
#[derive(Debug, Default)]
pub(super) struct Survey<'t> {
    /// Rules of order, with where they stand.
    pub(super) orders: Vec<(Order, Span)>,
    pub(super) places: HashSet<&'t str, FixedState>,
    /// The line breaks are lost, or stand anywhere: headings are to be looked for within lines.
    pub(super) run_on: bool,
}

/// More bytes a line than this, and breaks are lost.
const LONG_LINES: usize = 3000;

pub(super) fn survey<'t>(text: &'t str, tokens: &[Token]) -> Survey<'t> {
    let mut survey = Survey::default();
    let (mut lines, mut at_start, mut within) = (1_usize, 0_usize, 0_usize);
    survey.place(text, 0);
    let mut ruled = 0;
    for token in tokens {
        match token.kind {
            Kind::Newline => lines += 1,
            Kind::Order if token.at >= ruled => {
                if let Some((order, span)) = rule::order_at(text, token.at) {
                    survey.orders.push((order, span));
                    ruled = span.end;
                }
            }
            Kind::Open | Kind::Item => match upper_heading(text, *token) {
                Some(true) => at_start += 1,
                Some(false) => within += 1,
                None => {}
            },
            _ => {}
        }
        survey.place(text, token.end());
    }
    survey.run_on = within > at_start || within > 0 && at_start == 0 || text.len() / lines > LONG_LINES;
    survey
}

impl<'t> Survey<'t> {
    fn place(&mut self, text: &'t str, at: usize) {
        if let Some(place) = place_at(text, at).and_then(|span| text.get(span.start..span.end)) {
            self.places.insert(place);
        }
    }

    /// The rule that holds at a place: the last one stated before it, else the first that comes.
    pub(super) fn order_for(&self, end: usize) -> Option<Order> {
        let before = self.orders.partition_point(|(_, span)| span.start < end);
        self.orders.get(before.saturating_sub(1)).map(|(order, _)| *order)
    }
}

/// Whether an upper heading is at the start of a line, or behind the end of a sentence; `None` when none is here.
fn upper_heading(text: &str, token: Token) -> Option<bool> {
    let start = if token.kind == Kind::Open { token.at } else { numeral_before(text, token.at)? };
    let marker = marker_at(text, start).filter(|m| matches!(m.style, Style::Han | Style::HanInBrackets))?;
    let before = text.get(..marker.span.start)?.chars().rev().find(|c| !is_space(*c) || *c == '\n');
    match before {
        None | Some('\n') => Some(true),
        Some(c) if lexicon::ends_sentence(c) => Some(false),
        Some(c) => {
            (token.kind == Kind::Open && lexicon::is_word(c) && !lexicon::BEFORE_MENTION.contains(c)).then_some(false)
        }
    }
}
