//! Reads once over a whole text to find facts on which all clauses depend: rules of order, places by name, and whether the
//! line breaks can be trusted.
//!
//! Input: the text and its marks. Output: a [`Context`]. Cost: one pass over the marks, with a bounded look at each.

use std::collections::HashSet;

use foldhash::fast::FixedState;

use crate::text::between;

use super::heading::{Style, marker_at, numeral_before};
use super::jurisdiction::place_at_start;
use super::lexicon::{self, is_space};
use super::rule::{self, LeadRule};
use super::text::Span;
use super::token::{Kind, Token};

/// Facts about a whole text.
#[derive(Debug)]
pub(super) struct Context<'t> {
    pub(super) orders: Rules,
    /// Places that the text names with their level, without it.
    pub(super) places: HashSet<&'t str, FixedState>,
    /// The line breaks are lost, or stand anywhere: headings have to be looked for within lines.
    pub(super) run_on: bool,
}

/// The rules of order that a text states, and where, in the order of the text.
#[derive(Debug, Default)]
pub(super) struct Rules(pub(super) Vec<(LeadRule, Span)>);

/// With more bytes per line than this (1000 Chinese characters) the breaks are lost.
const LONG_LINES: usize = 3000;
/// A longer line, in bytes (53 Chinese characters), that is most of a text holds several of its paragraphs.
const LONG_PARAGRAPH: usize = 160;

impl<'t> Context<'t> {
    pub(super) fn new(text: &'t str, tokens: &[Token]) -> Context<'t> {
        let mut orders = Rules::default();
        let mut places = HashSet::default();
        let (mut lines, mut at_start, mut within) = (1_usize, 0_usize, 0_usize);
        let mut ruled = 0;
        places.extend(place_at_start(text));
        for token in tokens {
            match token.kind {
                Kind::Newline => lines += 1,
                Kind::Order if token.at >= ruled => {
                    if let Some((order, span)) = rule::order_at(text, token.at) {
                        orders.0.push((order, span));
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
            if let Some(place) = place_at_start(between(text, token.end(), text.len())) {
                places.insert(place);
            }
        }
        let lost = text.len() / lines > LONG_LINES || is_mostly_one_line(text);
        Context { orders, places, run_on: within > at_start || within > 0 && at_start == 0 || lost }
    }
}

impl Rules {
    /// The rule that holds at a place: the last one stated before it, else the first that comes.
    pub(super) fn at(&self, place: usize) -> Option<LeadRule> {
        let before = self.0.partition_point(|(_, span)| span.start < place);
        self.0.get(before.saturating_sub(1)).map(|(order, _)| *order)
    }
}

/// Whether one line takes more than three fifths of a text and is too long for a paragraph.
fn is_mostly_one_line(text: &str) -> bool {
    text.split(lexicon::is_break).any(|line| line.len() > LONG_PARAGRAPH && line.len() > text.len() / 5 * 3)
}

/// Whether an upper heading is at the start of a line, or behind the end of a sentence; `None` when none is here.
fn upper_heading(text: &str, token: Token) -> Option<bool> {
    let start = if token.kind == Kind::Open { token.at } else { numeral_before(text, token.at)? };
    let marker = marker_at(text, start).filter(|m| matches!(m.style, Style::Han | Style::HanInBrackets))?;
    let before = between(text, 0, marker.span.start).chars().rev().find(|c| !is_space(*c) || lexicon::is_break(*c));
    match before {
        None => Some(true),
        Some(c) if lexicon::is_break(c) => Some(true),
        Some(c) if lexicon::ends_sentence(c) => Some(false),
        Some(c) => {
            (token.kind == Kind::Open && lexicon::is_word(c) && !lexicon::BEFORE_MENTION.contains(c)).then_some(false)
        }
    }
}
