//! A text that grows as a page is read: white space is collapsed as browsers do, and marks remember where the characters
//! come from.
//!
//! Input: stretches of the page in order, line breaks. Output: the text and its marks. White space between words is one
//! space; at the ends of a line, and where a line of the page ends between two wide characters, it is nothing.
//! Cost: one pass over the stretches.

use crate::text::boundary;

use super::places::{Mark, STEP, Walker};

/// A growing text with its marks.
#[derive(Clone, Debug, Default)]
pub(super) struct Piece {
    pub(super) text: String,
    pub(super) marks: Vec<Mark>,
    /// White space before the next word; it counts only if a word comes on this line.
    gap: Gap,
    /// The byte of the page at the last mark, while the characters since then are those of the page one by one.
    followed: Option<usize>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Gap {
    #[default]
    None,
    Space,
    /// White space with the end of a line of the page.
    Line,
}

/// The separator of lines within a cell, in place of a line end, which would end the row.
const LINE_SEPARATOR: &str = "\u{2028}";
/// The bytes by which it is longer than a line end.
const LONGER: usize = LINE_SEPARATOR.len() - 1;

fn is_space(b: u8) -> bool {
    matches!(b, b' ' | b'\t' | b'\n' | b'\r' | b'\x0C')
}

/// Whether a character takes two columns, as Chinese characters and their punctuation do. No space is between two of them.
fn is_wide(c: char) -> bool {
    matches!(c, '\u{2E80}'..='\u{D7FF}' | '\u{F900}'..='\u{FAFF}' | '\u{FE30}'..='\u{FE6F}' | '\u{FF01}'..='\u{FF60}'
        | '\u{20000}'..='\u{3FFFF}')
}

impl Piece {
    /// Adds a stretch of the page that begins at `at`, or a character reference at `at` that is decoded.
    pub(super) fn put(&mut self, stretch: &str, mut at: usize, walker: &mut Walker<'_>) {
        let mut rest = stretch;
        while !rest.is_empty() {
            let end = rest.bytes().position(is_space).unwrap_or(rest.len());
            let (word, behind) = rest.split_at(end);
            if !word.is_empty() {
                self.fill_gap(word);
                self.push(word, at, walker);
            }
            let spaces = behind.bytes().position(|b| !is_space(b)).unwrap_or(behind.len());
            let (spaces, next) = behind.split_at(spaces);
            if spaces.contains(['\n', '\r']) {
                self.gap = Gap::Line;
            } else if !spaces.is_empty() && self.gap == Gap::None {
                self.gap = Gap::Space;
            }
            at += word.len() + spaces.len();
            rest = next;
        }
    }

    /// Says that the characters to come are elsewhere in the page than behind those before.
    pub(super) fn jump(&mut self) {
        self.followed = None;
    }

    /// Adds a stretch of preformatted text. In a cell a tab is a space, since tabs separate cells.
    pub(super) fn put_as_is(&mut self, stretch: &str, mut at: usize, in_cell: bool, walker: &mut Walker<'_>) {
        for line in stretch.split_inclusive('\n') {
            let words = line.trim_end_matches(['\n', '\r']);
            for (tabs, word) in words.split('\t').enumerate() {
                if tabs > 0 {
                    self.text.push(if in_cell { ' ' } else { '\t' });
                    at += 1;
                }
                if !word.is_empty() {
                    self.push(word, at, walker);
                    at += word.len();
                }
            }
            at += line.len() - words.len();
            if line.ends_with('\n') {
                self.end_line();
            }
        }
    }

    /// The space before a word, unless none is seen there.
    fn fill_gap(&mut self, word: &str) {
        let gap = std::mem::take(&mut self.gap);
        let before = self.text.chars().next_back();
        let Some(before) = before.filter(|c| *c != '\n' && gap != Gap::None) else { return };
        let wide = gap == Gap::Line && is_wide(before) && word.starts_with(is_wide);
        if !wide {
            self.text.push(' ');
        }
        if gap == Gap::Line {
            self.followed = None;
        }
    }

    /// Adds characters of the page one by one, with marks.
    fn push(&mut self, mut word: &str, mut at: usize, walker: &mut Walker<'_>) {
        while !word.is_empty() {
            let (part, rest) = word.split_at(boundary(word, STEP));
            self.mark(at, part.len(), walker);
            self.text.push_str(part);
            at += part.len();
            word = rest;
        }
    }

    /// Marks the end of the text as the place of byte `at` of the page, unless the last mark tells it.
    fn mark(&mut self, at: usize, length: usize, walker: &mut Walker<'_>) {
        let text = self.text.len();
        if let (Some(from), Some(last)) = (self.followed, self.marks.last())
            && at.checked_sub(from) == Some(text - last.text)
            && text + length - last.text <= STEP
        {
            return;
        }
        let (line, column) = walker.position(at);
        self.marks.push(Mark { text, line, column });
        self.followed = Some(at);
    }

    /// Ends the line if it has begun.
    pub(super) fn fresh_line(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.end_line();
        }
        self.gap = Gap::None;
    }

    /// Ends the line, also an empty one.
    pub(super) fn end_line(&mut self) {
        self.text.push('\n');
        self.gap = Gap::None;
        self.followed = None;
    }

    /// Whether nothing can be seen of the text.
    pub(super) fn is_blank(&self) -> bool {
        self.text.chars().all(char::is_whitespace)
    }

    pub(super) fn has_lines(&self) -> bool {
        self.text.trim().contains('\n')
    }

    /// Moves another text to the end as lines of their own. The other one is empty then.
    pub(super) fn take_lines(&mut self, other: &mut Piece) {
        if !other.is_blank() {
            self.fresh_line();
            let start = self.text.len();
            self.text.push_str(&other.text);
            self.marks.extend(other.marks.iter().map(|mark| Mark { text: start + mark.text, ..*mark }));
            self.fresh_line();
        }
        *other = Piece::default();
    }

    /// Adds another text as a cell in the line.
    pub(super) fn add_cell(&mut self, cell: &Piece) {
        let text = cell.text.trim_end();
        let mut marks = cell.marks.iter().take_while(|mark| mark.text < text.len()).peekable();
        let mut at = text.len() - text.trim_start_matches('\n').len();
        for (line, words) in text.trim_start_matches('\n').split('\n').enumerate() {
            if line > 0 {
                self.text.push_str(LINE_SEPARATOR);
                at += 1;
            }
            let start = self.text.len();
            while let Some(mark) = marks.next_if(|mark| mark.text < at + words.len()) {
                self.marks.push(Mark { text: start + mark.text.saturating_sub(at), ..*mark });
            }
            self.text.push_str(words);
            at += words.len();
        }
        self.followed = None;
    }

    /// Ends a cell in the line.
    pub(super) fn separate(&mut self) {
        self.text.push('\t');
        self.followed = None;
    }

    /// The bytes that a copy in a row takes.
    pub(super) fn cost(&self) -> usize {
        self.text.len() * (1 + LONGER) + 1
    }
}
