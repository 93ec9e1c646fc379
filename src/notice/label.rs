//! Reads labels: "lead unit:", "supporting units:", "to be completed by:".
//!
//! A label is a head ("lead") and a noun ("unit"), or a word of its own; a short qualifier can be before it ("city-level
//! lead unit"). Input: the text before a colon, or at the start of a clause. Output: the part that the label gives to the
//! units behind it, and its place.
//! Cost: at most 96 bytes are looked at, and the tables only if the last character can end a label.

use crate::text::{between, boundary};

use super::lexicon::{self, Part, is_space, simplified};
use super::name;
use super::text::{Span, before_any, ends_with, ends_with_any, has_length, starts_with};
use super::token::{Kind, Token};

/// A label: its place, and the part that it gives to the units behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Label {
    pub(super) part: Part,
    pub(super) span: Span,
    /// The bytes of the qualifier with which it begins.
    pub(super) qualifier: usize,
}

/// The most bytes between the start of a label and its colon: 32 Chinese characters, since labels can be spaced out and
/// have a remark.
const LONGEST_LABEL: usize = 96;

/// The label that ends at a colon and begins at `floor` or behind it.
pub(super) fn before(text: &str, colon: usize, floor: usize) -> Option<Label> {
    let start = boundary(text, floor.max(colon.saturating_sub(LONGEST_LABEL)));
    if start > colon {
        return None;
    }
    let piece = between(text, start, colon).trim_end_matches(is_around);
    let ended = at_end(piece).or_else(|| at_end(without_remark(piece)?)).or_else(|| at_end(in_bracket(piece)?))?;
    let at = start + ended.1;
    if let Some((part, joined)) =
        joined_at(between(text, start, at)).filter(|(_, s)| begins_piece(text, start, start + s))
    {
        let part = if part == ended.0 || part == Part::Aside { ended.0 } else { Part::Unmarked };
        return Some(Label { part, span: Span::new(start + joined, colon), qualifier: 0 });
    }
    let begin = if has_noun(piece) { qualified_from(text, start, at) } else { at };
    Some(Label { part: ended.0, span: Span::new(begin, colon), qualifier: at - begin })
}

/// The label that "and" joins to the one behind a piece, and its start: "lead unit and responsible unit".
fn joined_at(piece: &str) -> Option<(Part, usize)> {
    let piece = piece.trim_end_matches(is_space);
    at_end(before_any(piece, &lexicon::JOINERS).or_else(|| piece.strip_suffix(lexicon::is_item_mark))?)
}

/// Whether a character can be between a label and its colon: blanks, and the marks of Markdown.
fn is_around(c: char) -> bool {
    is_space(c) || lexicon::is_markup(c)
}

/// Whether a label ends with a noun for units, with or without a remark behind it: only such a label takes a qualifier.
fn has_noun(piece: &str) -> bool {
    let noun = |piece: &str| ends_with_any(piece, &lexicon::LABEL_NOUNS).is_some();
    noun(piece) || without_remark(piece).is_some_and(noun)
}

/// The longest qualifier, in characters.
const LONGEST_QUALIFIER: usize = 6;

/// The start of the qualifier straight before the label that begins at `label`, not before `floor`; `label` if there is
/// none. A qualifier begins its line, its sentence, or a piece of a clause.
fn qualified_from(text: &str, floor: usize, label: usize) -> usize {
    let before = between(text, floor, label);
    let word = before.chars().rev().take(LONGEST_QUALIFIER + 1).take_while(|c| lexicon::is_word(*c));
    let start = label - word.map(char::len_utf8).sum::<usize>();
    match is_qualifier(between(text, start, label)) && begins_piece(text, floor, start) {
        true => start,
        false => label,
    }
}

/// Whether a word can be a qualifier of a label: short, no unit, no label, no word of prose.
fn is_qualifier(word: &str) -> bool {
    let fits = |c: char| lexicon::is_word(c) && !lexicon::NOT_IN_QUALIFIER.contains(simplified(c));
    !word.is_empty()
        && !has_length(word, LONGEST_QUALIFIER + 1)
        && word.chars().all(fits)
        && !name::is_body(word)
        && at_end(word).is_none()
}

/// Whether a piece of a clause or a line can begin at `start`: behind an opening mark, or at `floor`, but not behind the
/// number of a heading, whose title it is.
fn begins_piece(text: &str, floor: usize, start: usize) -> bool {
    let before = between(text, 0, start);
    let mut last = before.chars().rev().filter(|c| !is_space(*c) || lexicon::is_break(*c));
    let Some(mark) = last.next() else { return true };
    let mut numbered = || last.next().is_some_and(|c| lexicon::digit(c).is_some() || lexicon::numeral(c).is_some());
    match mark {
        c if lexicon::is_break(c) || lexicon::opens(c) || lexicon::is_bullet(c) => true,
        c if lexicon::is_number_mark(c) => floor == start && !numbered(),
        c if lexicon::closes(c) => false,
        c => floor == start || lexicon::is_slash(c),
    }
}

/// The part of a label without a list, such as the title of a column. Qualifier and remarks don't matter.
pub(super) fn alone(piece: &str) -> Option<Part> {
    let piece = piece.trim_matches(lexicon::is_edge);
    let whole = |piece: &str| {
        let (part, start) = at_end(piece)?;
        let before = between(piece, 0, start).trim_end_matches(is_space);
        (start == 0 || has_noun(piece) && is_qualifier(before)).then_some(part)
    };
    whole(piece).or_else(|| piece.contains(lexicon::opens).then(|| whole(&without_brackets(piece)))?)
}

/// A short text without its brackets and their content.
fn without_brackets(piece: &str) -> String {
    let mut depth = 0_usize;
    let outside = |c: &char| {
        depth += usize::from(lexicon::opens(*c));
        let outside = depth == 0;
        depth = depth.saturating_sub(usize::from(lexicon::closes(*c)));
        outside
    };
    piece.chars().filter(outside).collect()
}

/// The text of a label with a bracket around it, up to the closing bracket.
fn in_bracket(piece: &str) -> Option<&str> {
    piece.trim_end_matches(is_space).strip_suffix(lexicon::closes)
}

/// The text before a remark between label and colon: "responsible units (the first leads):".
fn without_remark(piece: &str) -> Option<&str> {
    let inner = piece.trim_end_matches(is_space).strip_suffix(lexicon::closes)?;
    inner.rsplit_once(lexicon::opens).map(|(before, _)| before)
}

/// The label with which a piece of text ends, and its start there.
pub(super) fn at_end(piece: &str) -> Option<(Part, usize)> {
    let last = piece.trim_end_matches(is_space).chars().next_back().map(simplified)?;
    if !lexicon::LABEL_NOUNS.may_end_with(last) && !lexicon::LABEL_WORDS.may_end_with(last) {
        return None;
    }
    // Most labels are in simplified characters without spaces: comparing bytes finds them. Others need the search below.
    if let Some(found) = exactly_at_end(piece) {
        return Some(found);
    }
    for (noun, part) in lexicon::LABEL_NOUNS.ending_with(last) {
        let Some(at) = ends_with(piece, noun) else { continue };
        let head = between(piece, 0, at);
        let last = head.trim_end_matches(is_space).chars().next_back().map(simplified);
        for (word, of_head) in last.into_iter().flat_map(|last| lexicon::LABEL_HEADS.ending_with(last)) {
            if let Some(start) = ends_with(head, word) {
                return Some((part.unwrap_or(*of_head), start));
            }
        }
        if *part == Some(Part::Aside) {
            return with_persons(head).or(Some((Part::Aside, at)));
        }
    }
    let mut words = lexicon::LABEL_WORDS.ending_with(last);
    words.find_map(|(word, part)| ends_with(piece, word).map(|start| (*part, start)))
}

/// The label of units before a label of persons: "responsible unit and responsible person".
fn with_persons(before: &str) -> Option<(Part, usize)> {
    let before = before.trim_end_matches(is_space);
    let units = before_any(before, &lexicon::JOINERS).or_else(|| before.strip_suffix(is_joining))?;
    let (part, start) = at_end(units)?;
    (part != Part::Aside && has_noun(units)).then_some((part, start))
}

fn is_joining(c: char) -> bool {
    lexicon::joins(c) || lexicon::is_slash(c)
}

fn exactly_at_end(piece: &str) -> Option<(Part, usize)> {
    // Comparing a byte first is much quicker than comparing words.
    let last = piece.as_bytes().last();
    let mut nouns = lexicon::LABEL_NOUNS.iter().filter(|(noun, _)| noun.as_bytes().last() == last);
    let (noun, part) = nouns.find(|(noun, _)| piece.ends_with(noun))?;
    let head = piece.strip_suffix(noun)?;
    let last = head.as_bytes().last();
    let mut heads = lexicon::LABEL_HEADS.iter().filter(|(word, _)| word.as_bytes().last() == last);
    let (word, of_head) = heads.find(|(word, _)| head.ends_with(word))?;
    Some((part.unwrap_or(*of_head), head.len() - word.len()))
}

/// The label without a colon with which a clause starts, and its end there.
pub(super) fn at_start(piece: &str) -> Option<(Part, usize)> {
    let first = piece.trim_start_matches(is_space).chars().next().map(simplified)?;
    for (word, of_head) in lexicon::LABEL_HEADS.starting_with(first) {
        let Some(head) = starts_with(piece, word) else { continue };
        let rest = between(piece, head, piece.len());
        for (noun, part) in lexicon::LABEL_NOUNS.iter() {
            if let Some(end) = starts_with(rest, noun) {
                return Some((part.unwrap_or(*of_head), head + end));
            }
        }
    }
    None
}

/// Changes the marks of brackets that hold a label alone to those of a label and its colon.
pub(super) fn mark_bracketed(text: &str, tokens: &mut [Token]) {
    let mut rest = tokens;
    while let [open, tail @ ..] = rest {
        if open.kind == Kind::Open
            && let Some(close) = tail.iter_mut().take(MARKS_INSIDE + 1).find(|token| token.kind == Kind::Close)
            && close.at - open.at <= LONGEST_BRACKETED
            && let Some(kind) = bracketed(text, *open, *close)
        {
            (open.kind, close.kind) = (Kind::Semi, kind);
        }
        rest = tail;
    }
}

/// A bracket with a label alone has at most two marks in it.
const MARKS_INSIDE: usize = 2;
/// The longest bracket that holds a label alone, in bytes: 14 Chinese characters, two brackets.
const LONGEST_BRACKETED: usize = 48;

/// The mark that replaces the closing bracket of a bracket that holds a label alone: a colon, or a star, which is passed
/// over, if a colon follows. Round brackets before names are no labels: they are remarks on the name before them.
fn bracketed(text: &str, open: Token, close: Token) -> Option<Kind> {
    let next = between(text, close.end(), text.len()).chars().next()?;
    let kind = if lexicon::is_colon(next) { Kind::Star } else { Kind::Colon };
    let heavy = || between(text, open.at, open.end()).starts_with(lexicon::opens_label);
    let names = || heavy() && (next == ' ' || !lexicon::is_edge(next) && !lexicon::closes(next));
    let inside = between(text, open.end(), close.at);
    // A round bracket behind a label is a remark on it: "responsible unit (person):".
    let near = boundary(text, open.at.saturating_sub(LONGEST_LABEL));
    let remark = || at_end(between(text, near, open.at)).is_some() && !heavy();
    let label = || !inside.contains(lexicon::opens) && alone(inside).is_some() && !remark();
    ((kind == Kind::Star || names()) && label()).then_some(kind)
}

/// Whether a label in running text begins a clause and is no word of a sentence, as in "each lead unit:".
pub(super) fn is_free(text: &str, label: Label) -> bool {
    let before = between(text, 0, label.span.start);
    let last = before.chars().rev().take(4).find(|c| !is_space(*c) || lexicon::is_break(*c));
    last.is_none_or(|c| !lexicon::NOT_BEFORE_LABEL.contains(simplified(c)))
}
