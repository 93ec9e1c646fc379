//! Places in a text: spans, lines and columns; and words in it, whatever the spaces in them and the variants of their
//! characters.

use crate::text::{begins_character, between};

use super::lexicon::{Entry, Words, is_edge, is_leftover, is_space, simplified};

/// A piece of the text, in bytes; both ends are on character boundaries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The first byte behind the piece.
    pub end: usize,
}

impl Span {
    #[inline]
    pub(super) fn new(start: usize, end: usize) -> Span {
        Span { start, end: end.max(start) }
    }

    /// Whether the piece is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.start >= self.end
    }

    /// This piece of a text; empty if the span is of another text.
    #[must_use]
    pub fn of<'t>(&self, text: &'t str) -> &'t str {
        text.get(self.start..self.end).unwrap_or("")
    }

    /// The piece without white space at its ends.
    pub(super) fn trim(self, text: &str) -> Span {
        self.trim_by(text, is_space)
    }

    /// The piece without white space and punctuation at its ends.
    pub(super) fn trim_edges(self, text: &str) -> Span {
        self.trim_by(text, is_edge)
    }

    /// The piece without white space at its ends and without the separators that a clause before it leaves.
    pub(super) fn trim_task(self, text: &str) -> Span {
        self.trim_by(text, is_space).trim_start_by(text, is_leftover)
    }

    /// The piece without white space and punctuation at its end only: a star before a name has a meaning.
    pub(super) fn trim_end_edges(self, text: &str) -> Span {
        self.trim_end_by(text, is_edge)
    }

    /// The piece without the characters of one kind at its start.
    pub(super) fn trim_start_by(self, text: &str, unwanted: fn(char) -> bool) -> Span {
        let piece = self.of(text);
        Span::new(self.start + (piece.len() - piece.trim_start_matches(unwanted).len()), self.end)
    }

    /// The piece without the characters of one kind at its end.
    pub(super) fn trim_end_by(self, text: &str, unwanted: fn(char) -> bool) -> Span {
        Span::new(self.start, self.start + self.of(text).trim_end_matches(unwanted).len())
    }

    fn trim_by(self, text: &str, unwanted: fn(char) -> bool) -> Span {
        self.trim_start_by(text, unwanted).trim_end_by(text, unwanted)
    }
}

/// The bytes between two counts of characters.
const STEP: usize = 512;

/// Lines and columns of a text. A look-up counts the characters of at most 512 bytes twice, however long the line is.
#[derive(Clone, Debug)]
pub(super) struct Lines {
    /// The start of each line; the first is 0.
    starts: Vec<usize>,
    /// The characters that begin before each multiple of [`STEP`] bytes, up to the end of the text.
    counts: Vec<usize>,
}

impl Lines {
    pub(super) fn new(text: &str) -> Lines {
        let mut starts = vec![0];
        starts.extend(text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(at, _)| at + 1));
        let mut counts = Vec::with_capacity(text.len() / STEP + 2);
        let mut total = 0;
        for block in text.as_bytes().chunks(STEP) {
            counts.push(total);
            total += characters(block);
        }
        counts.push(total);
        Lines { starts, counts }
    }

    /// Line and column, both from 1, the column in characters.
    /// A place behind the end of the text is taken for its end.
    #[expect(
        clippy::indexing_slicing,
        reason = "the first line starts at 0, so that at least one starts at or before `at`"
    )]
    pub(super) fn position(&self, text: &str, at: usize) -> (u32, u32) {
        let at = at.min(text.len());
        let line = self.starts.partition_point(|start| *start <= at);
        let start = self.starts[line - 1];
        let column = self.characters_before(text, at) - self.characters_before(text, start) + 1;
        (u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX))
    }

    #[expect(clippy::indexing_slicing, reason = "`at` is in the text, for which there are counts up to its end")]
    fn characters_before(&self, text: &str, at: usize) -> usize {
        let block = at / STEP;
        self.counts[block] + characters(&text.as_bytes()[block * STEP..at])
    }
}

/// The number of characters that begin in at most [`STEP`] bytes. It fits two bytes, and sums of 16 bits take half the
/// time of wider ones.
fn characters(bytes: &[u8]) -> usize {
    usize::from(bytes.iter().map(|b| u16::from(begins_character(*b))).sum::<u16>())
}

/// The start in a text of the word with which it ends. Spaces in the text and traditional characters don't matter.
#[inline]
pub(super) fn ends_with(text: &str, word: &str) -> Option<usize> {
    let mut there = text.char_indices().rev().filter(|(_, c)| !is_space(*c));
    let mut start = None;
    for wanted in word.chars().rev() {
        let (at, c) = there.next()?;
        if c != wanted && simplified(c) != wanted {
            return None;
        }
        start = Some(at);
    }
    start
}

/// The end in a text of the word with which it starts. Spaces in the text and traditional characters don't matter.
#[inline]
pub(super) fn starts_with(text: &str, word: &str) -> Option<usize> {
    let mut there = text.char_indices().filter(|(_, c)| !is_space(*c));
    let mut end = None;
    for wanted in word.chars() {
        let (at, c) = there.next()?;
        if c != wanted && simplified(c) != wanted {
            return None;
        }
        end = Some(at + c.len_utf8());
    }
    end
}

/// The first place of a word in a text.
pub(super) fn find(text: &str, word: &str) -> Option<Span> {
    let first = word.chars().next()?;
    text.char_indices().filter(|(_, c)| simplified(*c) == first).find_map(|(at, _)| {
        let end = starts_with(between(text, at, text.len()), word)?;
        Some(Span::new(at, at + end))
    })
}

/// The places of the words of a table in a text, in order. Of two that begin at one place, the first in the table.
pub(super) fn places_of<'t, E: Entry>(text: &'t str, words: &'t Words<E>) -> impl Iterator<Item = Span> + 't {
    text.char_indices().filter_map(|(at, c)| {
        let rest = || between(text, at, text.len());
        let end = words.starting_with(simplified(c)).find_map(|entry| starts_with(rest(), entry.word()))?;
        Some(Span::new(at, at + end))
    })
}

/// Whether one of the words is in a text.
pub(super) fn contains_any<E: Entry>(text: &str, words: &Words<E>) -> bool {
    places_of(text, words).next().is_some()
}

/// The first of the words in the table with which a text starts, as its end in the text.
pub(super) fn starts_with_any<E: Entry>(text: &str, words: &Words<E>) -> Option<usize> {
    let first = text.chars().find(|c| !is_space(*c)).map(simplified)?;
    words.starting_with(first).find_map(|entry| starts_with(text, entry.word()))
}

/// Whether a text is one of the words in the table.
pub(super) fn is_any<E: Entry>(text: &str, words: &Words<E>) -> bool {
    starts_with_any(text, words) == Some(text.len())
}

/// The first of the words in the table with which a text ends, as its start in the text.
pub(super) fn ends_with_any<E: Entry>(text: &str, words: &Words<E>) -> Option<usize> {
    let last = text.chars().rev().find(|c| !is_space(*c)).map(simplified)?;
    words.ending_with(last).find_map(|entry| ends_with(text, entry.word()))
}

/// The text behind the first of the words in the table with which it starts.
pub(super) fn after_any<'t, E: Entry>(text: &'t str, words: &Words<E>) -> Option<&'t str> {
    starts_with_any(text, words).map(|end| between(text, end, text.len()))
}

/// The text before the first of the words in the table with which it ends.
pub(super) fn before_any<'t, E: Entry>(text: &'t str, words: &Words<E>) -> Option<&'t str> {
    ends_with_any(text, words).map(|start| between(text, 0, start))
}

/// Whether a text has at least so many characters.
#[inline]
pub(super) fn has_length(text: &str, characters: usize) -> bool {
    length(text, characters) == characters
}

/// The number of characters of a text, at most `bound`.
#[inline]
pub(super) fn length(text: &str, bound: usize) -> usize {
    text.chars().take(bound).count()
}
