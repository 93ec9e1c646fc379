//! Finds the rules that a text states: which of the listed units leads, and which units every task has.
//!
//! Input: a place or a sentence. Output: the rule and its place. Cost: a rule is looked for in a bounded stretch of one
//! sentence.

use crate::text::{between, boundary};

use super::lexicon;
use super::text::{Span, after_any, contains_any, find, starts_with_any};

/// The rule by which a text tells the lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LeadRule {
    /// The first-listed unit leads.
    First,
    /// The units before the first comma lead.
    BeforeComma,
    /// The units with a star lead.
    Starred,
    /// The units in bold type lead: a text without type can't show them.
    Type,
}

/// The most bytes of a sentence that a rule of order takes: 40 Chinese characters.
const LONGEST_RULE: usize = 120;
/// The most bytes of a sentence that adds units to every later task: its names take the most.
const LONGEST_EVERYWHERE: usize = 3 * LONGEST_RULE;
/// "All below" and "need" have at most so many bytes between them: 8 Chinese characters.
const BEFORE_NEED: usize = 24;

/// The rule of order that a sentence states from here on.
pub(super) fn order_at(text: &str, at: usize) -> Option<(LeadRule, Span)> {
    let window = window(text, at, LONGEST_RULE);
    let order = if starts_with_any(window, &lexicon::COMMA_WORDS).is_some() {
        LeadRule::BeforeComma
    } else if starts_with_any(window, &lexicon::FIRST_WORDS).is_some() {
        match contains_any(window, &lexicon::COMMA_WORDS) {
            true => LeadRule::BeforeComma,
            false => LeadRule::First,
        }
    } else {
        return None;
    };
    let lead = lexicon::LEAD_WORDS.iter().filter_map(|word| find_behind_is(window, word)).min()?;
    Some((order, Span::new(at, at + lead)))
}

/// The end of a lead word behind "is": "the first is the lead unit".
fn find_behind_is(window: &str, word: &str) -> Option<usize> {
    let mut from = 0;
    loop {
        let found = find(between(window, from, window.len()), word)?;
        if between(window, 0, from + found.start).chars().any(lexicon::is_joined_by_is) {
            return Some(from + found.end);
        }
        from += found.end;
    }
}

/// The rest of a sentence from a place on, at most `longest` bytes.
fn window(text: &str, at: usize, longest: usize) -> &str {
    let window = between(text, at, boundary(text, at + longest));
    window.split_once(|c| lexicon::is_break(c) || lexicon::is_stop(c)).map_or(window, |(sentence, _)| sentence)
}

/// A rule about a mark that a clause piece or a sentence states: stars, type.
pub(super) fn mark_rule(piece: &str) -> Option<LeadRule> {
    if !contains_any(piece, &lexicon::LEAD_WORDS) {
        None
    } else if contains_any(piece, &lexicon::STAR_RULE) {
        Some(LeadRule::Starred)
    } else if contains_any(piece, &lexicon::BOLD_RULE) {
        Some(LeadRule::Type)
    } else {
        None
    }
}

/// Whether a piece of a clause is the text of a rule, not a list of units.
pub(super) fn is_order_piece(piece: &str) -> bool {
    let ordered = contains_any(piece, &lexicon::FIRST_WORDS) || contains_any(piece, &lexicon::COMMA_WORDS);
    ordered && contains_any(piece, &lexicon::LEAD_WORDS) || mark_rule(piece).is_some()
}

/// The place of the names in a sentence that adds units to every later task.
pub(super) fn everywhere(sentence: &str) -> Option<Span> {
    if !sentence.starts_with(|c| lexicon::EVERYWHERE_STARTS.start_with(lexicon::simplified(c))) {
        return None;
    }
    let sentence = window(sentence, 0, LONGEST_EVERYWHERE);
    let rest = after_any(sentence, &lexicon::EVERYWHERE_STARTS)?;
    let start = sentence.len() - rest.len();
    let need = lexicon::EVERYWHERE_NEEDS.iter().find_map(|word| find(rest, word))?;
    if need.start > BEFORE_NEED {
        return None;
    }
    let names = between(rest, need.end, rest.len());
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
