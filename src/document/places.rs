//! Maps places of a text to lines and columns of the file from which the text was made.
//!
//! Input: marks, each a place of the text with the line and column of the file at which the characters from there on are.
//! Between two marks text and file have the same characters. Output: line and column of a place.
//! Invariants: the places of marks rise strictly; no stretch of text between two marks is longer than [`STEP`] bytes and a
//! character, unless the text between them is not in the file. Cost: 16 bytes per mark; a look-up is a binary search and
//! counts the characters of one stretch.

use crate::text::characters;

/// The longest stretch of text without a mark, in bytes.
pub(super) const STEP: usize = 512;

/// A place of the text and the place of the same character in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) text: usize,
    pub(super) line: u32,
    pub(super) column: u32,
}

/// The places of a text in its file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Places {
    marks: Vec<Mark>,
}

impl Places {
    pub(super) fn new(marks: Vec<Mark>) -> Places {
        debug_assert!(marks.is_sorted_by(|a, b| a.text < b.text), "marks out of order");
        Places { marks }
    }

    /// Line and column in the file of a place of the text, both from 1, the column in characters. A place before all marks
    /// is the beginning of the file.
    pub(crate) fn position(&self, text: &str, at: usize) -> (u32, u32) {
        let (before, _) = self.marks.split_at(self.marks.partition_point(|mark| mark.text <= at));
        let Some(mark) = before.last() else { return (1, 1) };
        let stretch = text.as_bytes().split_at(at.min(text.len())).0.split_at(mark.text).1;
        (mark.line, mark.column.saturating_add(characters(stretch)))
    }
}

/// Counts the lines and columns of a file, for places that are asked in order.
#[derive(Clone, Debug)]
pub(super) struct Walker<'s> {
    source: &'s [u8],
    at: usize,
    line: u32,
    column: u32,
}

impl<'s> Walker<'s> {
    pub(super) fn new(source: &'s str) -> Walker<'s> {
        Walker { source: source.as_bytes(), at: 0, line: 1, column: 1 }
    }

    /// Whether a byte lies before the one that was asked last.
    pub(super) fn has_passed(&self, at: usize) -> bool {
        at < self.at
    }

    /// Line and column of a byte. One before the byte asked last is taken for that byte.
    pub(super) fn position(&mut self, at: usize) -> (u32, u32) {
        let at = at.min(self.source.len()).max(self.at);
        let mut rest = self.source.split_at(at).0.split_at(self.at).1;
        self.at = at;
        while let Some(end) = rest.iter().position(|b| *b == b'\n') {
            (self.line, self.column) = (self.line.saturating_add(1), 1);
            rest = rest.split_at(end + 1).1;
        }
        self.column = self.column.saturating_add(characters(rest));
        (self.line, self.column)
    }
}
