//! Tells from a single name whether it is a body, an area, a collective, or no name at all.
//!
//! Input: a piece of text. A body ends with one of the endings of the lexicon, an area with a level, a collective has a
//! word like "each" in it. Cost: the tables are searched only if the last character of a name ends one of their words.

use crate::text::between;

use super::lexicon::{self, Takes, is_space, simplified};
use super::text::{contains_any, ends_with, ends_with_any, is_any, length};

/// The longest name, in characters. In thirteen notices the longest of 259 names has 18; 99 in 100 have at most 12.
const LONGEST: usize = 48;
/// The longest area, in characters.
const LONGEST_AREA: usize = 15;

/// Whether a piece of text is a body by itself.
pub(super) fn is_body(piece: &str) -> bool {
    let piece = without_bracket(piece);
    match length(piece, LONGEST + 1) {
        0 | 1 => false,
        2 => ending(piece).is_some() && !is_generic(piece) || is_many(piece),
        n => n <= LONGEST && !is_generic(piece) && (ending(piece).is_some() || is_many(piece)),
    }
}

/// Whether a name is a collective by its beginning and its end: a noun for bodies or an area.
fn is_many(piece: &str) -> bool {
    says_many(piece) && (is_area(piece) || ends_with_any(piece, &lexicon::GENERIC).is_some())
}

/// Whether a name is a body or an area by itself.
pub(super) fn is_whole(piece: &str) -> bool {
    is_body(piece) || is_area(piece)
}

/// Whether a name is an area: "Wenjiang district".
pub(super) fn is_area(piece: &str) -> bool {
    let piece = without_bracket(piece);
    let last = piece.chars().next_back().map(simplified);
    let length = length(piece, LONGEST_AREA + 1);
    let named = last.is_some_and(|c| lexicon::AREA_ENDINGS.contains(c)) && length >= 2;
    (named || ends_with_any(piece, &lexicon::AREA_WORDS).is_some()) && length <= LONGEST_AREA
}

/// Whether the name is a collective of many bodies.
pub(super) fn is_collective(piece: &str) -> bool {
    says_many(piece) || may_answer(piece)
}

fn says_many(piece: &str) -> bool {
    piece.len() <= 4 * LONGEST && contains_any(piece, &lexicon::COLLECTIVE)
}

/// Whether a piece is a noun for bodies that can answer for a task: "enterprises".
pub(super) fn may_answer(piece: &str) -> bool {
    is_any(piece, &lexicon::ANSWERABLE)
}

/// Whether a piece is the title of a person.
pub(super) fn is_title(piece: &str) -> bool {
    ends_with_any(piece, &lexicon::PERSON_TITLES).is_some()
}

/// Whether a piece is the name of a person: two or three characters, a surname first, and not the end of a body.
pub(super) fn is_of_person(piece: &str) -> bool {
    let Some(first) = piece.chars().next() else { return false };
    let fits = match length(piece, 4) {
        2 => lexicon::SURNAMES.contains(first),
        3 => lexicon::SURNAMES.contains(first) || lexicon::SURNAMES_LIKE_WORDS.contains(first),
        _ => false,
    };
    fits && piece.chars().all(lexicon::is_word) && ending(piece).is_none() && !is_area(piece)
}

/// Whether a piece is a noun for bodies and a number at most: "departments", "the three units".
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

/// Whether this is a committee of the party, which a government can follow.
pub(super) fn is_party_committee(name: &str) -> bool {
    let of_each = || {
        let levels = name.strip_suffix(lexicon::COMMITTEE).filter(|_| is_collective(name));
        levels.is_some_and(|levels| levels.ends_with(lexicon::closes) || is_area(levels))
    };
    ends_with_any(name, &lexicon::PARTY_COMMITTEES).is_some() || of_each()
}

/// Whether this is a government without a name of its own, as it follows a committee of the party.
pub(super) fn is_bare_government(name: &str) -> bool {
    let name = without_bracket(name);
    is_any(name, &lexicon::BARE_GOVERNMENTS)
}

/// The ending of a body, and whether such a body takes the jurisdiction spoken before it.
pub(super) fn ending(piece: &str) -> Option<bool> {
    let last = piece.chars().next_back().map(simplified)?;
    let mut endings = lexicon::ENDINGS.ending_with(last);
    let takes = endings.find_map(|(word, takes)| ends_with(piece, word).map(|start| takes_before(*takes, start)))?;
    ends_with_any(piece, &lexicon::NOT_A_BODY).is_none().then_some(takes)
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

/// Whether a piece can be a name at all: short, and without the words and characters that only sentences have.
pub(super) fn can_be(piece: &str) -> bool {
    if !(2..=LONGEST).contains(&length(piece, LONGEST + 1)) || contains_any(piece, &lexicon::NOT_IN_NAME_WORDS) {
        return false;
    }
    let other = |next: Option<char>| next.is_some_and(|c| lexicon::OTHER_ENDS.contains(c));
    piece.char_indices().all(|(at, c)| match simplified(c) {
        lexicon::OTHER => other(between(piece, at, piece.len()).chars().nth(1)),
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
                return between(trimmed, 0, at);
            }
        }
    }
    trimmed
}

/// The start of the second name in a name that is two of one body: the second begins with the same level.
pub(super) fn second_plate(name: &str) -> Option<usize> {
    let level = name.chars().next().filter(|c| lexicon::LEVELS.contains(simplified(*c)))?;
    name.char_indices().skip(2).filter(|(_, c)| *c == level).map(|(at, _)| at).find(|at| {
        let (first, second) = name.split_at(*at);
        let named = |rest: &str| !lexicon::is_other_word(simplified(level), rest) && length(rest, 2) == 2;
        second.strip_prefix(level).is_some_and(named) && is_body(first) && is_body(second)
    })
}
