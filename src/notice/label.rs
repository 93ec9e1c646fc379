//! Reads labels: "lead unit:", "supporting units:", "to be completed by:". Knows words, not clauses.

use super::lexicon::{self, Part, fold, is_space};
use super::text::{Span, ends_with, starts_with};

/// A label and what it says of the units behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Label {
    pub(super) part: Part,
    pub(super) span: Span,
}

/// How far back from a colon a label can begin, in bytes: labels may be spaced out.
const REACH: usize = 96;

/// The label that ends where a colon stands. `floor` is where it may begin at the earliest.
pub(super) fn before(text: &str, colon: usize, floor: usize) -> Option<Label> {
    let mut start = floor.max(colon.saturating_sub(REACH));
    while !text.is_char_boundary(start) {
        start += 1;
    }
    let piece = text.get(start..colon)?;
    let ended = at_end(piece).or_else(|| at_end(without_remark(piece)?))?;
    Some(Label { part: ended.0, span: Span::new(start + ended.1, colon) })
}

/// A label with a remark between it and the colon: "responsible units (the first leads):".
fn without_remark(piece: &str) -> Option<&str> {
    let trimmed = piece.trim_end_matches(is_space);
    let inner = trimmed.strip_suffix(lexicon::closes)?;
    inner.rfind(lexicon::opens).and_then(|open| trimmed.get(..open))
}

/// The label that a piece of text ends with, and where it begins there.
pub(super) fn at_end(piece: &str) -> Option<(Part, usize)> {
    let last = piece.trim_end_matches(is_space).chars().next_back().map(fold)?;
    if !lexicon::ends_label(last) {
        return None;
    }
    // As they are mostly written, byte for byte; below, spaced out and in traditional characters.
    if let Some(found) = exactly_at_end(piece) {
        return Some(found);
    }
    for (noun, part) in lexicon::LABEL_NOUNS.iter().filter(|(noun, _)| noun.ends_with(last)) {
        let Some(at) = ends_with(piece, noun) else { continue };
        let head = piece.get(..at)?;
        let last = head.trim_end_matches(is_space).chars().next_back().map(fold);
        let ends = |marker: &&lexicon::Marker| marker.word.chars().next_back() == last;
        for marker in lexicon::LABEL_HEADS.iter().filter(ends) {
            if let Some(start) = ends_with(head, marker.word) {
                return Some((part.unwrap_or(marker.part), start));
            }
        }
        if *part == Some(Part::Aside) {
            return Some((Part::Aside, at));
        }
    }
    lexicon::LABEL_WORDS
        .iter()
        .filter(|marker| marker.word.ends_with(last))
        .find_map(|marker| ends_with(piece, marker.word).map(|start| (marker.part, start)))
}

fn exactly_at_end(piece: &str) -> Option<(Part, usize)> {
    let (noun, part) = lexicon::LABEL_NOUNS.iter().find(|(noun, _)| piece.ends_with(noun))?;
    let head = piece.strip_suffix(noun)?;
    let marker = lexicon::LABEL_HEADS.iter().find(|marker| head.ends_with(marker.word))?;
    Some((part.unwrap_or(marker.part), head.len() - marker.word.len()))
}

/// A label without a colon at the start of a clause, and where it ends there.
pub(super) fn at_start(piece: &str) -> Option<(Part, usize)> {
    let first = piece.trim_start_matches(is_space).chars().next().map(fold).filter(|c| lexicon::starts_label(*c))?;
    for marker in lexicon::LABEL_HEADS.iter().filter(|marker| marker.word.starts_with(first)) {
        let Some(head) = starts_with(piece, marker.word) else { continue };
        let rest = piece.get(head..)?;
        for (noun, part) in lexicon::LABEL_NOUNS {
            if let Some(end) = starts_with(rest, noun) {
                return Some((part.unwrap_or(marker.part), head + end));
            }
        }
    }
    None
}

/// Whether a label in running text is one and not of a sentence: "each lead unit:" is not.
pub(super) fn stands_free(text: &str, label: Label) -> bool {
    let before = text.get(..label.span.start).unwrap_or("");
    let last = before.chars().rev().take(4).find(|c| !is_space(*c) || *c == '\n');
    last.is_none_or(|c| !lexicon::NOT_BEFORE_LABEL.contains(fold(c)))
}
