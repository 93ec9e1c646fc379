//! Finds the rules that a text states: which of the listed units leads, and which units every task has.
//! Knows sentences, not clauses.

use super::lexicon;
use super::text::{Span, contains_any, find, starts_with_any};

/// How a text says that the lead is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Order {
    /// The first-listed unit leads.
    First,
    /// The units before the first comma lead.
    BeforeComma,
    /// The units with a star lead.
    Starred,
    /// The units in bold type lead: a text without type can't show them.
    Type,
}

/// How many bytes of a sentence a rule can take.
const REACH: usize = 120;

/// The rule of order that a sentence states from here on.
pub(super) fn order_at(text: &str, at: usize) -> Option<(Order, Span)> {
    let window = window(text, at, REACH);
    let order = if starts_with_any(window, &lexicon::COMMA_WORDS).is_some() {
        Order::BeforeComma
    } else if starts_with_any(window, &lexicon::FIRST_WORDS).is_some() {
        match contains_any(window, &lexicon::COMMA_WORDS) {
            true => Order::BeforeComma,
            false => Order::First,
        }
    } else {
        return None;
    };
    let lead = lexicon::LEAD_WORDS.iter().filter_map(|word| find_behind_is(window, word)).min()?;
    Some((order, Span::new(at, at + lead)))
}

/// A lead word behind "is", as its end: "the first is the lead unit".
fn find_behind_is(window: &str, word: &str) -> Option<usize> {
    let mut from = 0;
    while let Some(found) = window.get(from..).and_then(|rest| find(rest, word)) {
        let before = window.get(..from + found.start)?;
        if before.chars().any(lexicon::is_joined_by_is) {
            return Some(from + found.end);
        }
        from += found.end;
    }
    None
}

fn window(text: &str, at: usize, reach: usize) -> &str {
    let mut end = (at + reach).min(text.len());
    while !text.is_char_boundary(end) {
        end += 1;
    }
    let window = text.get(at..end).unwrap_or("");
    let stop = window.find(|c| c == '\n' || lexicon::is_stop(c)).unwrap_or(window.len());
    window.get(..stop).unwrap_or("")
}

/// A rule about a mark that a clause piece or a sentence states: stars, type.
pub(super) fn mark_rule(piece: &str) -> Option<Order> {
    if !contains_any(piece, &lexicon::LEAD_WORDS) {
        None
    } else if contains_any(piece, &lexicon::STAR_RULE) {
        Some(Order::Starred)
    } else if contains_any(piece, &lexicon::BOLD_RULE) {
        Some(Order::Type)
    } else {
        None
    }
}

/// Whether a piece of a clause is the text of a rule, not a list of units.
pub(super) fn is_order_piece(piece: &str) -> bool {
    let ordered = contains_any(piece, &lexicon::FIRST_WORDS) || contains_any(piece, &lexicon::COMMA_WORDS);
    ordered && contains_any(piece, &lexicon::LEAD_WORDS) || mark_rule(piece).is_some()
}

/// A sentence that adds units to every later task: the place of their names.
pub(super) fn everywhere(sentence: &str) -> Option<Span> {
    if !sentence.starts_with(|c| lexicon::EVERYWHERE_STARTS.start_with(lexicon::simplified(c))) {
        return None;
    }
    let sentence = window(sentence, 0, 3 * REACH);
    let start = starts_with_any(sentence, &lexicon::EVERYWHERE_STARTS)?;
    let rest = sentence.get(start..)?;
    let need = lexicon::EVERYWHERE_NEEDS.iter().find_map(|word| find(rest, word))?;
    if need.start > 24 {
        return None;
    }
    let names = rest.get(need.end..)?;
    let mut depth = 0_usize;
    let mut end = names.len();
    for (at, c) in names.char_indices() {
        if lexicon::opens(c) {
            depth += 1;
        } else if lexicon::closes(c) {
            depth = depth.saturating_sub(1);
        } else if depth == 0 && lexicon::is_clause_comma(c) {
            end = at;
            break;
        }
    }
    Some(Span::new(start + need.end, start + need.end + end))
}
