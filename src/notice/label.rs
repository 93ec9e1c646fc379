//! Reads labels: "lead unit:", "supporting units:", "to be completed by:".
//!
//! A label is a head ("lead") and a noun ("unit"), or a word of its own. Input: the text before a colon, or at the start
//! of a clause. Output: the part that the label gives to the units behind it, and its place.
//! Cost: at most 96 bytes are looked at, and the tables only if the last character can end a label.

use super::lexicon::{self, Part, is_space, simplified};
use super::text::{Span, between, boundary, ends_with, starts_with};
use super::token::{Kind, Token};

/// A label: its place, and the part that it gives to the units behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Label {
    pub(super) part: Part,
    pub(super) span: Span,
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
    let piece = between(text, start, colon);
    let ended = at_end(piece).or_else(|| at_end(without_remark(piece)?)).or_else(|| at_end(in_bracket(piece)?))?;
    Some(Label { part: ended.0, span: Span::new(start + ended.1, colon) })
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
            return Some((Part::Aside, at));
        }
    }
    let mut words = lexicon::LABEL_WORDS.ending_with(last);
    words.find_map(|(word, part)| ends_with(piece, word).map(|start| (*part, start)))
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
    let label = || at_end(between(text, open.end(), close.at)).is_some_and(|(_, start)| start == 0);
    ((kind == Kind::Star || names()) && label()).then_some(kind)
}

/// Whether a label in running text begins a clause and is no word of a sentence, as in "each lead unit:".
pub(super) fn is_free(text: &str, label: Label) -> bool {
    let before = between(text, 0, label.span.start);
    let last = before.chars().rev().take(4).find(|c| !is_space(*c) || *c == '\n');
    last.is_none_or(|c| !lexicon::NOT_BEFORE_LABEL.contains(simplified(c)))
}
