//! The plain values of the domain: assignments, roles, details, notes, and what a valid name is.
//! Knows nothing of where they are kept.

use std::collections::{BTreeMap, HashSet};
use std::fmt;

use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde::{Deserialize, Serialize};

use crate::error::InputError;

/// The longest task key, in bytes of UTF-8.
pub const MAX_TASK_KEY: usize = 512;
/// The longest unit name or alias, in bytes of UTF-8.
pub const MAX_UNIT_NAME: usize = 256;
/// The longest single text in details or a note, in bytes of UTF-8.
pub const MAX_TEXT: usize = 1 << 20;
/// The longest details of one task altogether, in bytes of UTF-8.
pub const MAX_DETAILS: usize = 8 << 20;
/// The bytes that count for each text of details besides its own: at most what its length takes in a row.
const BYTES_PER_TEXT: usize = 8;
/// The most aliases one unit can have. Its former names count.
pub const MAX_ALIASES: usize = 1024;
/// The most units one task can name.
pub const MAX_UNITS_OF_A_TASK: usize = 4096;

/// What a unit is to a task.
#[doc(alias = "RACI")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The one unit that answers for the task.
    #[doc(alias = "accountable")]
    #[doc(alias = "牵头单位")]
    Lead,
    /// A unit that cooperates.
    #[doc(alias = "配合单位")]
    Support,
}

impl Role {
    pub(crate) const BOTH: [Role; 2] = [Role::Lead, Role::Support];
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Role::Lead => "lead",
            Role::Support => "support",
        })
    }
}

/// Whether a unit is one body or a name for many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnitKind {
    /// One body: a department, a team, a company.
    #[default]
    Body,
    /// A name for several bodies, such as "the member units of the joint conference".
    Collective,
}

impl fmt::Display for UnitKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            UnitKind::Body => "body",
            UnitKind::Collective => "collective",
        })
    }
}

/// A task's lead and its supporting units, in order. Never empty, and no name stands in it twice.
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
    /// it), or a name that stands twice.
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

/// Where a task stood in the document that assigned it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The document: a file name, a document number, an address.
    pub document: String,
    /// The line, counted from 1; 0 when unknown.
    pub line: u32,
    /// The column in characters, counted from 1; 0 when unknown.
    pub column: u32,
}

/// What is known of a task beside its assignment. Kept on disk and read on demand.
///
/// ```
/// use responsibility_index::Details;
///
/// let details = Details::titled("Offshore wind").field("deadline", "2016-11-30");
/// assert_eq!(details.fields["deadline"], "2016-11-30");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Details {
    /// A short title.
    #[serde(default)]
    pub title: String,
    /// The text of the task.
    #[serde(default)]
    pub text: String,
    /// Where the task stood.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// Anything else, by name: a deadline, the clause as written, a link.
    #[serde(default, deserialize_with = "bounded_fields")]
    pub fields: BTreeMap<String, String>,
}

impl Details {
    /// Details with a title and nothing else.
    #[must_use]
    pub fn titled(title: impl Into<String>) -> Details {
        Details { title: title.into(), ..Details::default() }
    }

    /// The same with a text.
    #[must_use]
    pub fn text(mut self, text: impl Into<String>) -> Details {
        self.text = text.into();
        self
    }

    /// The same with a source.
    #[must_use]
    pub fn source(mut self, document: impl Into<String>, line: u32, column: u32) -> Details {
        self.source = Some(Source { document: document.into(), line, column });
        self
    }

    /// The same with one more named field.
    #[must_use]
    pub fn field(mut self, name: impl Into<String>, value: impl Into<String>) -> Details {
        self.fields.insert(name.into(), value.into());
        self
    }

    pub(crate) fn check(&self) -> Result<(), InputError> {
        let source = self.source.as_ref().map(|source| source.document.as_str());
        let fields = self.fields.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()]);
        let mut bytes = 0;
        for text in [self.title.as_str(), self.text.as_str()].into_iter().chain(source).chain(fields) {
            check_text(text)?;
            bytes += text.len() + BYTES_PER_TEXT;
        }
        if bytes > MAX_DETAILS {
            let start = start_of(&self.title);
            return Err(InputError::TooLong { what: "details", start, bytes, most: MAX_DETAILS });
        }
        Ok(())
    }
}

/// Reads the named fields of details up to [`MAX_DETAILS`], so that a text of any length takes bounded memory.
fn bounded_fields<'de, D: Deserializer<'de>>(fields: D) -> Result<BTreeMap<String, String>, D::Error> {
    fields.deserialize_map(FieldsVisitor)
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = BTreeMap<String, String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of texts")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = BTreeMap::new();
        let mut bytes = 0;
        while let Some((name, value)) = map.next_entry::<String, String>()? {
            bytes += name.len() + value.len() + 2 * BYTES_PER_TEXT;
            if bytes > MAX_DETAILS {
                return Err(A::Error::custom(format_args!("the details have more than {MAX_DETAILS} bytes")));
            }
            if fields.contains_key(&name) {
                return Err(A::Error::custom(format_args!("duplicate field {:?} of the details", start_of(&name))));
            }
            fields.insert(name, value);
        }
        Ok(fields)
    }
}

/// Why a commit was made and by whom.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Note {
    /// The reason: a reform, a correction, a document number.
    pub why: String,
    /// The person or office.
    pub who: String,
}

pub(crate) fn check_task_key(key: &str) -> Result<(), InputError> {
    check_name("task key", key, MAX_TASK_KEY)
}

pub(crate) fn check_unit_name(name: &str) -> Result<(), InputError> {
    check_name("unit name", name, MAX_UNIT_NAME)
}

pub(crate) fn check_text(text: &str) -> Result<(), InputError> {
    if text.len() > MAX_TEXT {
        return Err(InputError::TooLong { what: "text", start: start_of(text), bytes: text.len(), most: MAX_TEXT });
    }
    Ok(())
}

fn check_name(what: &'static str, value: &str, most: usize) -> Result<(), InputError> {
    if value.is_empty() {
        return Err(InputError::Empty { what });
    }
    if value.len() > most {
        return Err(InputError::TooLong { what, start: start_of(value), bytes: value.len(), most });
    }
    if let Some((at, control)) = value.char_indices().find(|(_, c)| c.is_control()) {
        return Err(InputError::ControlCharacter { what, value: value.to_owned(), control, at });
    }
    if value.trim() != value {
        return Err(InputError::SpaceAround { what, value: value.to_owned() });
    }
    Ok(())
}

/// Enough of a long value to recognise it by.
fn start_of(value: &str) -> String {
    value.chars().take(32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_refused_for_a_reason_that_names_it() {
        let cases = [("", "is empty"), ("a\tb", "U+0009"), (" a", "\" a\""), ("a\u{3000}", "space")];
        for (name, expected) in cases {
            let message = check_unit_name(name).unwrap_err().to_string();
            assert!(message.contains(expected), "{name:?}: {message}");
        }
        let long = "省".repeat(MAX_UNIT_NAME / 3 + 1);
        let message = check_unit_name(&long).unwrap_err().to_string();
        assert!(message.contains("258 bytes") && message.contains("256"), "{message}");
        assert!(check_unit_name(&"a".repeat(MAX_UNIT_NAME)).is_ok());
        assert!(check_task_key(&"a".repeat(MAX_TASK_KEY)).is_ok());
        assert!(check_task_key(&"a".repeat(MAX_TASK_KEY + 1)).is_err());
    }

    #[test]
    fn details_are_limited_as_a_whole() {
        let field = |n: usize| (n.to_string(), "x".repeat(MAX_TEXT));
        let details = |fields: usize| Details { fields: (0..fields).map(field).collect(), ..Details::default() };
        assert!(details(7).check().is_ok());
        assert!(details(8).check().unwrap_err().to_string().starts_with("the details"));
    }

    #[test]
    fn an_assignment_is_never_empty_and_names_nobody_twice() {
        assert!(matches!(Assignment::new(Vec::<String>::new()), Err(InputError::NoUnits { .. })));
        assert!(matches!(Assignment::new(["a", "b", "a"]), Err(InputError::UnitTwice { .. })));
        assert_eq!(Assignment::new(["a", "b"]).unwrap().to_string(), "a with b");
    }
}
