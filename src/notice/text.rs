//! Places in a text: spans, lines and columns, and matching of words across spaces and character variants.
//! Knows characters, not notices.

use super::lexicon::{Entry, Words, is_edge, is_leftover, is_space, simplified};
use super::token::{Kind, Token};

/// A piece of the text, in bytes; both ends are on character boundaries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Span {
    /// Where it begins.
    pub start: usize,
    /// Where it ends: the first byte behind it.
    pub end: usize,
}

impl Span {
    pub(super) fn new(start: usize, end: usize) -> Span {
        Span { start, end: end.max(start) }
    }

    /// Whether nothing is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.start >= self.end
    }

    /// This piece of a text; empty when the span is not of that text.
    #[must_use]
    pub fn of<'t>(&self, text: &'t str) -> &'t str {
        text.get(self.start..self.end).unwrap_or("")
    }

    /// Without white space at its ends.
    pub(super) fn trim(self, text: &str) -> Span {
        self.trim_by(text, is_space)
    }

    /// Without white space and punctuation at its ends.
    pub(super) fn trim_edges(self, text: &str) -> Span {
        self.trim_by(text, is_edge)
    }

    /// Without what surrounds the text of a task: space, and separators that a clause before or behind leaves.
    pub(super) fn trim_task(self, text: &str) -> Span {
        self.trim_by(text, is_space).trim_start_by(text, is_leftover)
    }

    /// Without white space and punctuation behind it: what stands before a name can be of meaning.
    pub(super) fn trim_end_edges(self, text: &str) -> Span {
        let piece = self.of(text);
        Span::new(self.start, self.start + piece.trim_end_matches(is_edge).len())
    }

    fn trim_start_by(self, text: &str, unwanted: fn(char) -> bool) -> Span {
        let piece = self.of(text);
        Span::new(self.start + (piece.len() - piece.trim_start_matches(unwanted).len()), self.end)
    }

    fn trim_by(self, text: &str, unwanted: fn(char) -> bool) -> Span {
        let piece = self.of(text);
        let start = self.start + (piece.len() - piece.trim_start_matches(unwanted).len());
        let end = self.start + piece.trim_end_matches(unwanted).len();
        Span::new(start, end)
    }
}

/// The text between two places that were found in it: `start <= end`, both on character boundaries. A place that breaks
/// this is a fault of the reader; it panics in debug builds, and is an empty piece otherwise, since no text may make the
/// reader panic.
#[inline]
pub(super) fn between(text: &str, start: usize, end: usize) -> &str {
    let piece = text.get(start..end);
    debug_assert!(piece.is_some(), "{start}..{end} is no piece of a text of {} bytes", text.len());
    piece.unwrap_or("")
}

/// `at`, or the next character boundary behind it; at most the end of the text.
pub(super) fn boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at += 1;
    }
    at
}

/// How many bytes lie between two counts of characters.
const STEP: usize = 512;

/// Lines and columns of a text. Asking takes about as long as counting the characters of half a kilobyte, however long
/// the line is.
#[derive(Clone, Debug, Default)]
pub(super) struct Lines {
    starts: Vec<usize>,
    counts: Vec<usize>,
}

impl Lines {
    pub(super) fn new(text: &str, tokens: &[Token]) -> Lines {
        let mut starts = vec![0];
        starts.extend(tokens.iter().filter(|token| token.kind == Kind::Newline).map(Token::end));
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
    pub(super) fn position(&self, text: &str, at: usize) -> (u32, u32) {
        let line = self.starts.partition_point(|start| *start <= at);
        let start = self.starts.get(line.saturating_sub(1)).copied().unwrap_or(0);
        let column = self.characters_before(text, at) - self.characters_before(text, start) + 1;
        (u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX))
    }

    fn characters_before(&self, text: &str, at: usize) -> usize {
        let block = at / STEP;
        let rest = text.as_bytes().get(block * STEP..at).unwrap_or(&[]);
        self.counts.get(block).copied().unwrap_or(0) + characters(rest)
    }
}

/// How many characters begin in at most [`STEP`] bytes: sums of two bytes are quicker than wider ones.
fn characters(bytes: &[u8]) -> usize {
    usize::from(bytes.iter().map(|b| u16::from((*b as i8) >= -0x40)).sum::<u16>())
}

/// If a text ends with a word, where the word begins in it. Spaces in the text and traditional characters don't matter.
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

/// If a text starts with a word, where the word ends in it. Spaces and traditional characters don't matter.
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

/// Where a word first stands in a text.
pub(super) fn find(text: &str, word: &str) -> Option<Span> {
    let first = word.chars().next()?;
    text.char_indices().filter(|(_, c)| simplified(*c) == first).find_map(|(at, _)| {
        let rest = text.get(at..)?;
        starts_with(rest, word).map(|end| Span::new(at, at + end))
    })
}

/// Whether one of the words is in a text.
pub(super) fn contains_any<E: Entry>(text: &str, words: &Words<E>) -> bool {
    text.char_indices().any(|(at, c)| {
        let rest = || between(text, at, text.len());
        words.starting_with(simplified(c)).any(|entry| starts_with(rest(), entry.word()).is_some())
    })
}

/// The first of the words in the table with which a text starts, as its end in the text.
pub(super) fn starts_with_any<E: Entry>(text: &str, words: &Words<E>) -> Option<usize> {
    let first = text.chars().find(|c| !is_space(*c)).map(simplified)?;
    words.starting_with(first).find_map(|entry| starts_with(text, entry.word()))
}

/// The first of the words in the table with which a text ends, as its start in the text.
pub(super) fn ends_with_any<E: Entry>(text: &str, words: &Words<E>) -> Option<usize> {
    let last = text.chars().rev().find(|c| !is_space(*c)).map(simplified)?;
    words.ending_with(last).find_map(|entry| ends_with(text, entry.word()))
}

/// How many characters a text has, up to a bound.
pub(super) fn length(text: &str, bound: usize) -> usize {
    text.chars().take(bound).count()
}
