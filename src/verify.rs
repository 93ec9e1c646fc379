//! The findings of [`Index::verify`](crate::Index::verify) and of repairs: plain values.

use std::fmt;

/// A rule of the index that is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// Every row can be read, and each task in it names a unit once.
    RowsAreReadable,
    /// A key has one record.
    KeysAreDistinct,
    /// The posting lists of units are those that the tasks make.
    DirectionsAgree,
    /// The counts in the header are those of the rows.
    CountsAgree,
    /// The log has every revision, and each commit fits the state before it.
    LogIsWhole,
    /// The view is the state that the rows and the log make.
    ViewAgrees,
    /// The details of a task exist.
    DetailsAreThere,
    /// No durable commit is lost.
    NothingIsLost,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Rule::RowsAreReadable => "every row can be read",
            Rule::KeysAreDistinct => "a task key has one record",
            Rule::DirectionsAgree => "both directions agree",
            Rule::CountsAgree => "the counts are right",
            Rule::LogIsWhole => "the log is whole",
            Rule::ViewAgrees => "the view is the state on disk",
            Rule::DetailsAreThere => "the details of a task exist",
            Rule::NothingIsLost => "no durable commit is lost",
        })
    }
}

/// One place where a rule is broken.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Disagreement {
    /// The rule.
    pub rule: Rule,
    /// The row, task or unit where it is broken.
    pub key: String,
    /// How.
    pub what: String,
}

impl fmt::Display for Disagreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} (rule: {})", self.key.escape_debug(), self.what.escape_debug(), self.rule)
    }
}

/// The result of a repair.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Repair {
    /// Findings that are mended.
    pub restored: Vec<Disagreement>,
    /// Findings that could not be mended, and facts that could not be recovered, each with its key as far as it is known.
    pub lost: Vec<Disagreement>,
}
