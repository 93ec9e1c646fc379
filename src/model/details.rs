//! The details of a task, and the note of a commit.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde::{Deserialize, Serialize};

use super::input_error::InputError;
use super::limits::{MAX_DETAILS, check_text, start_of};

/// The bytes that count for each text of details besides its own: at most what its length takes in a row.
const BYTES_PER_TEXT: usize = 8;

/// The place of a task in the document that assigned it.
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

/// The details of a task: all but its assignment. Kept on disk and read on demand.
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
    /// The place of the task in its document.
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

/// The reason of a commit, and who made it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// The reason: a reform, a correction, a document number.
    pub why: String,
    /// The person or office.
    pub who: String,
}

#[cfg(test)]
mod tests {
    use super::super::limits::MAX_TEXT;
    use super::*;

    #[test]
    fn details_are_limited_as_a_whole() {
        let field = |n: usize| (n.to_string(), "x".repeat(MAX_TEXT));
        let details = |fields: usize| Details { fields: (0..fields).map(field).collect(), ..Details::default() };
        assert!(details(7).check().is_ok());
        assert!(details(8).check().unwrap_err().to_string().starts_with("the details"));
    }
}
