//! Findings about a document: what could not be read in it, each with its place in the file.

use std::fmt;

use crate::model::Excerpt;

/// The kind of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FindingKind {
    /// Bytes that the encoding does not have. Each of these places is U+FFFD in the text; the finding is at the first one.
    Undecodable {
        /// The number of places.
        count: usize,
    },
    /// The page declares an encoding in which its bytes make no sense. It is read in the one that it has.
    OtherEncoding,
    /// A character reference of an unknown name or without a number, which is kept as written, or one of a number that no
    /// character has, which is U+FFFD.
    UnknownReference,
    /// The file ends within a tag or a comment: its content is not read.
    UnclosedTag,
    /// The file ends within an element that has no visible text, such as a script: its content is not read.
    UnclosedElement,
    /// A table in tables, deeper than 64: its rows are no rows, its cells are lines.
    TableTooDeep,
    /// Cells that span several rows or columns are not repeated from here on: there would be more copies than text.
    TooManyCopies,
}

/// A finding: its kind, its place in the file, the original text. Shown as one line of English.
#[derive(Clone, PartialEq, Eq)]
pub struct Finding {
    pub(super) kind: FindingKind,
    pub(super) line: u32,
    pub(super) column: u32,
    pub(super) original: Box<str>,
}

impl Finding {
    /// The kind.
    #[must_use]
    pub fn kind(&self) -> FindingKind {
        self.kind
    }

    /// The line of the file, from 1.
    #[must_use]
    pub fn line(&self) -> u32 {
        self.line
    }

    /// The column in characters, from 1.
    #[must_use]
    pub fn column(&self) -> u32 {
        self.column
    }

    /// The beginning of the text at that place, as the file has it.
    #[must_use]
    pub fn original(&self) -> &str {
        &self.original
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.line, self.column)?;
        match self.kind {
            FindingKind::Undecodable { count } => {
                write!(f, "undecodable bytes: {count} places, of which this is the first, are U+FFFD in the text")
            }
            FindingKind::OtherEncoding => {
                f.write_str("other encoding: the bytes make no sense in the one that the page declares; not used")
            }
            FindingKind::UnknownReference => {
                f.write_str("unknown character reference: kept as written, or U+FFFD for a number without a character")
            }
            FindingKind::UnclosedTag => f.write_str("unclosed tag: the file ends within it; not read"),
            FindingKind::UnclosedElement => {
                f.write_str("unclosed element: nothing ends it, so that the rest of the file belongs to it; not read")
            }
            FindingKind::TableTooDeep => f.write_str("table too deep: more than 64 tables in tables; read as lines"),
            FindingKind::TooManyCopies => {
                f.write_str("too many merged cells: those from here on are not repeated in each row and column")
            }
        }?;
        if self.original.is_empty() { Ok(()) } else { write!(f, " [{}]", Excerpt(&self.original)) }
    }
}

impl fmt::Debug for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Finding").field(&self.to_string()).finish()
    }
}
