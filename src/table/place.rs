//! Lines and columns of a text, for places that are asked in order.
//!
//! Input: places in bytes, none before the one asked last. Output: line and column, both from 1, the column in
//! characters. Cost: one pass over the text for all questions together.

use crate::text::{begins_character, characters};

/// A place in a text, or in a sheet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The line, or the row of a sheet, from 1.
    pub line: u32,
    /// The column in characters, or the column of a sheet, from 1.
    pub column: u32,
}

impl Place {
    /// A place.
    #[must_use]
    pub fn new(line: u32, column: u32) -> Place {
        Place { line, column }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// Walks through a text and counts its lines.
#[derive(Clone, Debug)]
pub(super) struct Places<'t> {
    text: &'t str,
    at: usize,
    place: Place,
    after_return: bool,
}

impl<'t> Places<'t> {
    pub(super) fn new(text: &'t str) -> Places<'t> {
        Places { text, at: 0, place: Place::new(1, 1), after_return: false }
    }

    /// The place of a byte. One before the place asked last is taken for that place.
    pub(super) fn of(&mut self, byte: usize) -> Place {
        let end = byte.clamp(self.at, self.text.len());
        #[expect(clippy::indexing_slicing, reason = "both are places in the text, and `at` is not behind `end`")]
        let passed = &self.text.as_bytes()[self.at..end];
        self.at = end;
        // Breaks are rare.
        let breaks = passed.iter().filter(|b| matches!(b, b'\n' | b'\r')).count();
        if breaks == 0 && !passed.is_empty() {
            self.place.column = self.place.column.saturating_add(characters(passed));
            self.after_return = false;
            return self.place;
        }
        for b in passed {
            match b {
                b'\n' if self.after_return => {}
                b'\n' | b'\r' => self.place = Place::new(self.place.line.saturating_add(1), 1),
                b if begins_character(*b) => self.place.column = self.place.column.saturating_add(1),
                _ => {}
            }
            self.after_return = *b == b'\r';
        }
        // The line break of two characters ends behind its second one.
        self.place
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_every_kind_of_line_break_counts_once() {
        let text = "\u{4E00}a\r\nb\rc\nd";
        let mut places = Places::new(text);
        let shown: Vec<String> =
            ['a', 'b', 'c', 'd'].iter().map(|c| places.of(text.find(*c).unwrap()).to_string()).collect();
        assert_eq!(shown, ["1:2", "2:1", "3:1", "4:1"]);
        assert_eq!(places.of(99), Place::new(4, 2));
    }
}
