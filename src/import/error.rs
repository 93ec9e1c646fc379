//! The reasons why a notice can't be imported.

use super::aliases::AliasError;
use crate::model::Error;

/// The reason why a notice can't be imported. Nothing is changed then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The document is something else than plain text in UTF-8.
    #[error("{document} is {found}, not plain text in UTF-8: {advice}")]
    NotText {
        /// The document.
        document: String,
        /// What it is.
        found: &'static str,
        /// How to get its text.
        advice: &'static str,
    },
    /// The document is not in UTF-8.
    #[error("{document} is not UTF-8: byte {at} can't be read")]
    NotUtf8 {
        /// The document.
        document: String,
        /// The first byte that can't be read, counted from 0.
        at: usize,
    },
    /// The document has no text.
    #[error("{document} {}", if *bytes == 0 { "is empty" } else { "has nothing but white space" })]
    Empty {
        /// The document.
        document: String,
        /// The bytes of white space in it.
        bytes: usize,
    },
    /// No clause names a responsible unit, or none with a lead that is accepted.
    #[error("{document} has no clause that names a responsible unit{}", refused(*not_accepted))]
    NoClause {
        /// The document.
        document: String,
        /// The number of clauses whose lead is not accepted.
        not_accepted: usize,
    },
    /// The table of spellings is not valid.
    #[error(transparent)]
    Aliases(#[from] AliasError),
    /// The index refuses the batch.
    #[error(transparent)]
    Index(#[from] Error),
}

fn refused(count: usize) -> String {
    match count {
        0 => String::new(),
        count => format!("; {count} have one without a marked lead, which is not accepted"),
    }
}
