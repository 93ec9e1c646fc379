//! The assignment of one task.

use std::collections::HashSet;
use std::fmt;

use super::input_error::InputError;
use super::limits::check_unit_name;

/// A task's lead and its supporting units, in order. Never empty; no name is in it twice.
///
/// ```
/// use responsibility_index::Assignment;
///
/// let assignment = Assignment::new(["Transport", "Finance", "Police"])?;
/// assert_eq!(assignment.lead(), "Transport");
/// assert_eq!(assignment.supporting(), ["Finance", "Police"]);
/// assert!(Assignment::new(["Transport", "Transport"]).is_err());
/// # Ok::<(), responsibility_index::InputError>(())
/// ```
#[doc(alias = "责任单位")]
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Assignment {
    lead: String,
    supporting: Vec<String>,
}

impl Assignment {
    /// The first name leads, the others support.
    ///
    /// # Errors
    /// No name at all, a name that is not valid (empty, too long, with control characters or space around
    /// it), or a name that is given twice.
    pub fn new<I>(units: I) -> Result<Assignment, InputError>
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        let mut units = units.into_iter().map(Into::into);
        let lead = units.next().ok_or(InputError::NoUnits { task: None })?;
        let supporting: Vec<String> = units.collect();
        let mut seen = HashSet::with_capacity(supporting.len() + 1);
        for name in std::iter::once(&lead).chain(&supporting) {
            check_unit_name(name)?;
            if !seen.insert(name.as_str()) {
                return Err(InputError::UnitTwice { task: None, unit: name.clone(), written: name.clone() });
            }
        }
        Ok(Assignment { lead, supporting })
    }

    /// For names that an index has already held to the rules.
    pub(crate) fn from_trusted<'a>(lead: &str, supporting: impl Iterator<Item = &'a str>) -> Assignment {
        Assignment { lead: lead.to_owned(), supporting: supporting.map(str::to_owned).collect() }
    }

    /// The unit that leads.
    #[must_use]
    pub fn lead(&self) -> &str {
        &self.lead
    }

    /// The supporting units, in the order they were named.
    #[must_use]
    pub fn supporting(&self) -> &[String] {
        &self.supporting
    }

    /// The lead, then the supporting units.
    pub fn units(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.lead.as_str()).chain(self.supporting.iter().map(String::as_str))
    }
}

impl fmt::Display for Assignment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.lead)?;
        for (i, unit) in self.supporting.iter().enumerate() {
            write!(f, "{}{unit}", if i == 0 { " with " } else { ", " })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_assignment_is_never_empty_and_names_nobody_twice() {
        assert!(matches!(Assignment::new(Vec::<String>::new()), Err(InputError::NoUnits { .. })));
        assert!(matches!(Assignment::new(["a", "b", "a"]), Err(InputError::UnitTwice { .. })));
        assert_eq!(Assignment::new(["a", "b"]).unwrap().to_string(), "a with b");
    }
}
