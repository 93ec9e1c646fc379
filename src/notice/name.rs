//! What a single name is: a body, a collective, or no name at all. Knows endings, not lists.

use super::lexicon::{self, Takes, Words, is_space, simplified};
use super::text::{between, contains_any, ends_with, ends_with_any, length, starts_with_any};

/// Longer names than this are sentences.
const LONGEST: usize = 48;

/// Whether a piece of text stands as a body by itself.
pub(super) fn is_body(piece: &str) -> bool {
    let piece = without_bracket(piece);
    match length(piece, 64) {
        0 | 1 => false,
        2 => ending(piece).is_some() && !is_generic(piece) || is_many(piece),
        n => n <= LONGEST && !is_generic(piece) && (ending(piece).is_some() || is_many(piece)),
    }
}

/// A collective that ends as one does: in a noun for bodies or in an area.
fn is_many(piece: &str) -> bool {
    is_collective(piece) && (is_area(piece) || contains_at_end(piece, &lexicon::GENERIC))
}

/// Whether a name stands as a body or an area by itself.
pub(super) fn stands(piece: &str) -> bool {
    is_body(piece) || is_area(piece)
}

/// Whether a name is at least an area, when it is no body: "Wenjiang district".
pub(super) fn is_area(piece: &str) -> bool {
    let piece = without_bracket(piece);
    let last = piece.chars().next_back().map(simplified);
    let long = length(piece, 16);
    let named = last.is_some_and(|c| lexicon::AREA_ENDINGS.contains(c)) && long >= 2;
    (named || contains_at_end(piece, &lexicon::AREA_WORDS)) && long < 16
}

/// Whether the name stands for many bodies.
pub(super) fn is_collective(piece: &str) -> bool {
    piece.len() <= 4 * LONGEST && contains_any(piece, &lexicon::COLLECTIVE)
}

/// "departments", "units": nobody in particular.
pub(super) fn is_generic(piece: &str) -> bool {
    let Some(last) = piece.chars().next_back().map(simplified) else { return false };
    lexicon::GENERIC.ending_with(last).filter_map(|word| ends_with(piece, word)).any(|start| {
        let before = between(piece, 0, start);
        before.chars().all(|c| is_space(c) || is_number(c))
    })
}

fn is_number(c: char) -> bool {
    lexicon::digit(c).is_some() || lexicon::numeral(c).is_some()
}

/// Whether this is a committee of the party beside which a government can stand.
pub(super) fn is_party_committee(name: &str) -> bool {
    let of_each = || {
        let levels = name.strip_suffix(lexicon::COMMITTEE).filter(|_| is_collective(name));
        levels.is_some_and(|levels| levels.ends_with(lexicon::closes) || is_area(levels))
    };
    ends_with_any(name, &lexicon::PARTY_COMMITTEES).is_some() || of_each()
}

/// Whether this is a government without a name of its own.
pub(super) fn is_beside_committee(name: &str) -> bool {
    let name = without_bracket(name);
    starts_with_any(name, &lexicon::BESIDE_COMMITTEE) == Some(name.len())
}

/// The ending of a body, and whether such a body takes the jurisdiction spoken before it.
pub(super) fn ending(piece: &str) -> Option<bool> {
    let last = piece.chars().next_back().map(simplified)?;
    let mut endings = lexicon::ENDINGS.ending_with(last);
    let takes = endings.find_map(|(word, takes)| ends_with(piece, word).map(|start| takes_before(*takes, start)))?;
    (!contains_at_end(piece, &lexicon::NOT_A_BODY)).then_some(takes)
}

/// The ending of a body, as it is in the table.
pub(super) fn ending_word(piece: &str) -> Option<&'static str> {
    let last = piece.chars().next_back()?;
    let mut words = lexicon::ENDINGS.ending_with(last).map(|(word, _)| *word);
    words.find(|word| piece.ends_with(word))
}

fn takes_before(takes: Takes, start: usize) -> bool {
    takes == Takes::Always || takes == Takes::Alone && start == 0
}

fn contains_at_end(piece: &str, words: &Words) -> bool {
    ends_with_any(piece, words).is_some()
}

/// Whether a piece can be a name at all: short, and without the words that sentences have.
pub(super) fn can_be(piece: &str) -> bool {
    let long = length(piece, LONGEST + 1);
    if !(2..=LONGEST).contains(&long) || contains_any(piece, &lexicon::NOT_IN_NAME_WORDS) {
        return false;
    }
    let other = |next: Option<char>| next.is_some_and(|c| lexicon::OTHER_ENDS.contains(c));
    piece.char_indices().all(|(at, c)| match simplified(c) {
        lexicon::OTHER => other(piece.get(at + c.len_utf8()..).and_then(|rest| rest.chars().next())),
        c => !lexicon::never_in_name(c) && (!c.is_control() || is_space(c)),
    })
}

/// The name without the bracket at its end.
pub(super) fn without_bracket(piece: &str) -> &str {
    let trimmed = piece.trim_end_matches(is_space);
    if !trimmed.ends_with(lexicon::closes) {
        return trimmed;
    }
    let mut depth = 0_usize;
    for (at, c) in trimmed.char_indices().rev().take(2 * LONGEST) {
        if lexicon::closes(c) {
            depth += 1;
        } else if lexicon::opens(c) {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                return trimmed.get(..at).unwrap_or(trimmed);
            }
        }
    }
    trimmed
}

/// Where a second name plate begins in a name that is two: a body, and behind it the same level and another body.
pub(super) fn second_plate(name: &str) -> Option<usize> {
    let level = name.chars().next().filter(|c| lexicon::LEVELS.contains(simplified(*c)))?;
    name.char_indices().skip(2).filter(|(_, c)| *c == level).map(|(at, _)| at).find(|at| {
        let (first, second) = name.split_at(*at);
        let rest = second.strip_prefix(level).unwrap_or("");
        !lexicon::is_other_word(simplified(level), rest) && length(rest, 8) >= 2 && is_body(first) && is_body(second)
    })
}

pub(super) fn length_of(span: super::text::Span) -> usize {
    span.end - span.start
}
