//! The reasons why a document can't be imported.

use super::aliases::AliasError;
use super::refused::RefusedTask;
use crate::document::DocumentError;
use crate::model::Error;

/// The reason why a document can't be imported. Nothing is changed then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The document can't be read.
    #[error(transparent)]
    Document(#[from] DocumentError),
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
