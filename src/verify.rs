//! The findings of [`Index::verify`](crate::Index::verify) and of repairs: plain values.

use std::fmt;

/// A rule that an index keeps. Each variant states the rule; a [`Disagreement`] says where it is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// Every row of the checkpoint can be read, and is the one that the newest view makes.
    RowsAreReadable,
    /// The log has every revision, and each commit fits the state before it.
    LogIsWhole,
    /// The newest view equals the state that the log gives, and both of its directions agree.
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
            Rule::LogIsWhole => "the log is whole",
            Rule::ViewAgrees => "the view is the state that the log gives",
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
        write!(f, "{}: {} (rule: {})", Escaped(&self.key), Escaped(&self.what), self.rule)
    }
}

/// A text with its control characters escaped, so that it is one line. Quotes stay as they are.
struct Escaped<'t>(&'t str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|c| match c.is_control() {
            true => write!(f, "{}", c.escape_default()),
            false => write!(f, "{c}"),
        })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disagreement_is_one_line_with_its_quotes_as_they_are() {
        let key = "a\n\u{7}".to_owned();
        let disagreement = Disagreement { rule: Rule::LogIsWhole, key, what: "\"/x/log\" it's".to_owned() };
        assert_eq!(disagreement.to_string(), "a\\n\\u{7}: \"/x/log\" it's (rule: the log is whole)");
    }
}
