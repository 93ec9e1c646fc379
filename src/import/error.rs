//! The reasons why a notice can't be imported.

use super::aliases::AliasError;
use crate::document::DocumentError;
use crate::model::Error;

/// The reason why a notice can't be imported. Nothing is changed then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The document can't be read.
    #[error(transparent)]
    Document(#[from] DocumentError),
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
