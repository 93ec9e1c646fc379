//! The reasons why a document can't be read.

use super::file_type::quoted;

/// The reason why a document can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DocumentError {
    /// The document is a file whose text another program has to take out.
    #[error("{document} is {found}, not text: {advice}")]
    NotText {
        /// The document.
        document: String,
        /// The type of the file.
        found: &'static str,
        /// The command that makes text of it.
        advice: String,
    },
    /// The document is neither text nor a file of a known type: it has bytes that are zero.
    #[error("{document} is not text: byte {at} is zero")]
    Binary {
        /// The document.
        document: String,
        /// The first byte that is zero, counted from 0.
        at: usize,
    },
    /// The document tells no encoding, and its bytes are valid in none of those that are tried.
    #[error(
        "{document} is neither UTF-8 nor GB18030: byte {at} can't be read; if it is Latin-1, convert it \
         with iconv -f ISO-8859-1 -t UTF-8 {}",
        quoted(document)
    )]
    UnknownEncoding {
        /// The document.
        document: String,
        /// The first byte that is not UTF-8, counted from 0.
        at: usize,
    },
    /// The document has bytes that its own encoding does not have. Only [`text_of`](crate::import::text_of) refuses it.
    #[error("{document} has {count} places that can't be decoded, the first at {line}:{column}")]
    Undecodable {
        /// The document.
        document: String,
        /// The number of places.
        count: usize,
        /// The line of the first place, from 1.
        line: u32,
        /// Its column in characters, from 1.
        column: u32,
    },
    /// The document has no text.
    #[error("{document} {}", if *bytes == 0 { "is empty" } else { "has nothing but white space" })]
    Empty {
        /// The document.
        document: String,
        /// The bytes of white space in it.
        bytes: usize,
    },
    /// The document is a page without text.
    #[error("{document} is a page without text")]
    EmptyPage {
        /// The document.
        document: String,
    },
}
