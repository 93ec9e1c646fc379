//! The reasons why a document can't be imported.

use super::aliases::AliasError;
use super::refused::RefusedTask;
use crate::model::Error;

/// The reason why a document can't be imported. Nothing is changed then.
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
    /// No clause of a notice names a responsible unit, or none with a lead that is accepted; no row of a table is a task.
    #[error("{document} has no {part} that names a responsible unit{}", with_refused(*not_accepted))]
    NoTask {
        /// The document.
        document: String,
        /// "clause" of a notice, "row" of a table.
        part: &'static str,
        /// The number of clauses whose lead is not accepted.
        not_accepted: usize,
    },
    /// The index can't take some of the tasks.
    #[error("{document}: {} of {tasks} tasks are refused{}", refused.len(), one_per_line(refused))]
    Refused {
        /// The document.
        document: String,
        /// The number of its tasks.
        tasks: usize,
        /// The refused ones.
        refused: Vec<RefusedTask>,
    },
    /// The table of spellings is not valid.
    #[error(transparent)]
    Aliases(#[from] AliasError),
    /// The index refuses the batch.
    #[error(transparent)]
    Index(#[from] Error),
}

fn one_per_line(refused: &[RefusedTask]) -> String {
    refused.iter().map(|task| format!("\n  {task}")).collect()
}

fn with_refused(count: usize) -> String {
    match count {
        0 => String::new(),
        count => format!("; {count} have one without a marked lead, which is not accepted"),
    }
}
